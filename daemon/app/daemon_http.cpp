// What the daemon answers: metrics and health to everybody on the HTTP address, status and reload on the control
// socket.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "app/daemon.h"
#include "app/version.h"
#include "base/clock.h"
#include "export/metrics/metrics.h"

namespace nw::app {

namespace {

constexpr std::string_view kLanding =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>normwatch</title>"
    "<h1>normwatch</h1><p>Watches designated critical infrastructure.</p>"
    "<ul><li><a href=\"/metrics\">/metrics</a> for Prometheus</li><li><a href=\"/-/healthy\">/-/healthy</a></li>"
    "<li><a href=\"/-/ready\">/-/ready</a></li></ul></html>\n";

using Done = std::function<void(console::HttpResponse)>;

console::HttpResponse text(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", std::move(body)};
}

boost::json::object source_json(const SourceConfig& config, const SourceReport& report) {
  boost::json::object out;
  out["name"] = config.name;
  out["received"] = report.received;
  out["matched"] = report.flow.matched;
  out["unmatched"] = report.flow.unmatched + report.feed.unwanted + report.feed.unread;
  if (report.flow.last_received != Timestamp{}) out["last_received"] = to_rfc3339(report.flow.last_received);
  if (report.packets) {
    out["packets"] = report.network.packets;
    out["dropped"] = report.capture.kernel_dropped + report.capture.interface_dropped;
    out["flows"] = report.flows;
  }
  if (report.lines) {
    out["lines"] = report.feed.lines;
    out["unparsed"] = report.feed.lines - report.feed.faults[0];
  }
  if (report.finished) out["finished"] = true;
  if (!report.fault.empty()) out["fault"] = report.fault;
  return out;
}

boost::json::array unwell_json(const std::vector<LivenessKeeper::Unwell>& sources) {
  boost::json::array out;
  for (const LivenessKeeper::Unwell& one : sources) {
    boost::json::object each{{"kind", one.kind},
                             {"name", one.source},
                             {"state", one.state},
                             {"since", to_rfc3339(one.change.since, 0)},
                             {"expected", one.change.expected},
                             {"seen", one.change.seen},
                             {"unit", one.unit},
                             {"blind_rule_count", one.blind_rule_count}};
    boost::json::array rules;
    for (const std::string& title : one.blind_rules) rules.emplace_back(title);
    each["blind_rules"] = std::move(rules);
    out.push_back(std::move(each));
  }
  return out;
}

}  // namespace

std::string Daemon::status_json() const {
  boost::json::object out;
  out["version"] = std::string{version()};
  out["revision"] = std::string{revision()};
  out["site"] = config_.site;
  out["started"] = to_rfc3339(started_);
  out["ready"] = ready_;
  out["workers"] = workers_.size();
  std::size_t dormant = 0;
  for (std::size_t i = 0; i < snapshot_->rules->size(); ++i)
    dormant += snapshot_->rules->state(i) == sigma::RuleState::live ? 0U : 1U;
  out["rules"] = boost::json::object{{"loaded", snapshot_->rules->size()},
                                     {"dormant", dormant},
                                     {"blind", liveness_.blind_rules()},
                                     {"refused", snapshot_->rules->refused()}};
  out["regime"] = regime_status();
  out["privacy"] = privacy_status();
  out["reveals"] = reveals_status();
  out["evidence"] = evidence_status();
  if (attestation_) out["attestation"] = attestation_->status();
  if (reporting_) out["reporting"] = reporting_->status();
  out["assets"] = snapshot_->registry->assets().size();
  out["reload"] = boost::json::object{
      {"successful", reload_.successful}, {"last_success", to_rfc3339(reload_.success_time)}, {"told", reload_.told}};
  boost::json::array sources;
  const std::vector<SourceReport> reports = add_up(workers_, config_.sources.size());
  for (std::size_t i = 0; i < reports.size(); ++i) sources.push_back(source_json(config_.sources[i], reports[i]));
  out["sources"] = std::move(sources);
  out["unwell_sources"] = unwell_json(liveness_.unwell());
  out["ledger"] = boost::json::object{{"entries", ledger_->size()},
                                      {"bytes", ledger_->bytes()},
                                      {"waiting", recorder_->queued()},
                                      {"failing", recorder_->failing()}};
  out["tree"] = tree_status();
  const auto totals = feeder_ ? feeder_->totals() : record::IncidentStore::Totals{};
  out["incidents"] =
      boost::json::object{{"incidents", totals.incidents},
                          {"alerts", totals.alerts},
                          {"behind", ledger_->size() - std::min(ledger_->size(), feeder_ ? feeder_->next() : 0)}};
  out["cases"] = cases_status();
  boost::json::array outputs;
  for (const auto& output : outputs_.runners()) {
    const exporter::OutputCounters& counters = output->counters();
    outputs.push_back(
        boost::json::object{{"name", output->name()},
                            {"delivered", counters.delivered.load()},
                            {"failures", counters.failures.load()},
                            {"behind", ledger_->size() - std::min(ledger_->size(), counters.next.load())}});
  }
  out["outputs"] = std::move(outputs);
  return boost::json::serialize(out);
}

std::string Daemon::costs_json() const {
  return boost::json::serialize(
      to_json(add_up_costs(workers_, *snapshot_), *snapshot_->rules, *snapshot_->schema, kDearestMax));
}

std::vector<console::Route> Daemon::routes(bool control) {
  std::vector<console::Route> routes;
  const auto get = [&routes](std::string path, std::function<console::HttpResponse()> answer) {
    routes.push_back({"GET", std::move(path),
                      [answer = std::move(answer)](const console::HttpRequest&, const Done& done) { done(answer()); }});
  };
  for (const char* path : {"/-/healthy", "/livez"})
    get(path, [this] {
      return alive_or_starting() ? text(200, "normwatch is alive.\n")
                                 : text(503, "A thread of the pipeline is stuck; see the log.\n");
    });
  for (const char* path : {"/-/ready", "/readyz"})
    get(path, [this] {
      return ready_ ? text(200, "normwatch is ready.\n") : text(503, "normwatch is still opening its sources.\n");
    });
  get("/metrics", [this] {
    return console::HttpResponse{200, std::string{metrics::kTextContentType}, metrics_->scrape()};
  });
  get("/", [] { return console::HttpResponse{200, "text/html; charset=utf-8", std::string{kLanding}}; });
  add_tree_routes(routes, control);
  add_witness_routes(routes, control);
  if (!control) return routes;
  get("/status", [this] { return console::HttpResponse{200, "application/json", status_json() + '\n'}; });
  add_reporting_routes(routes);
  get("/rules/costs", [this] { return console::HttpResponse{200, "application/json", costs_json() + '\n'}; });
  get("/baseline", [this] {
    return snapshot_->baseline ? console::HttpResponse{200, "application/yaml", snapshot_->baseline->to_yaml()}
                               : text(404, "no baseline is configured; set 'baseline.file' and reload\n");
  });
  routes.push_back({"POST", "/baseline/approve", [this](const console::HttpRequest& request, const Done& done) {
                      done(approve_baseline(request.body));
                    }});
  add_regime_routes(routes);
  add_privacy_routes(routes);
  add_case_routes(routes);
  add_operator_route(routes);
  routes.push_back({"POST", "/reload", [this](const console::HttpRequest&, const Done& done) {
                      reload([done](bool good, const std::string& told) { done(text(good ? 200 : 409, told)); });
                    }});
  return routes;
}

}  // namespace nw::app
