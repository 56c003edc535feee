// The privacy desk in the running daemon: its routes on the control socket, status and metrics.
#include <boost/asio/post.hpp>
#include <boost/json/object.hpp>

#include "app/daemon.h"
#include "export/metrics/metrics.h"

namespace nw::app {

void Daemon::start_privacy_desk() {
  PrivacyDesk::Parts parts;
  parts.ledger = ledger_.get();
  parts.note = [this](std::string type, std::string body) { recorder_->note(std::move(type), std::move(body)); };
  parts.tell = [this](OwnEvent own) { workers_.front()->tell(std::move(own)); };
  parts.evidence = evidence_store_.get();
  parts.evidence_closed = evidence_closed_;
  parts.incidents = store_.get();
  parts.state = config_.state_directory;
  parts.epochs = std::filesystem::path{config_.state_directory} / "keys" / "epochs";
  parts.privacy = config_.record.privacy;
  parts.retention = config_.record.retention;
  parts.custodians = snapshot_->custodians;
  privacy_desk_ = std::make_unique<PrivacyDesk>(std::move(parts));
}

void Daemon::add_privacy_routes(std::vector<console::Route>& routes) {
  using Done = std::function<void(console::HttpResponse)>;
  using What = PrivacyDesk::What;
  const auto ask = [this](What what, std::string body, std::int64_t uid, const Done& done) {
    if (!privacy_desk_) return done({503, "text/plain; charset=utf-8", "the daemon is still starting\n"});
    // The answer comes on the desk's thread; the server wants it on this one.
    privacy_desk_->ask(what, std::move(body), uid, [this, done](console::HttpResponse answer) {
      boost::asio::post(io_, [done, answer = std::move(answer)] { done(answer); });
    });
  };
  for (const auto& [path, what] : {std::pair{"/privacy/reveals", What::list}, {"/privacy/holds", What::holds}})
    routes.push_back(
        {"GET", path, [ask, what = what](const console::HttpRequest&, const Done& done) { ask(what, {}, -1, done); }});
  for (const auto& [path, what] : {std::pair{"/privacy/request", What::request},
                                   {"/privacy/document", What::document},
                                   {"/privacy/approve", What::approve},
                                   {"/privacy/deny", What::deny},
                                   {"/privacy/fetch", What::fetch},
                                   {"/privacy/erase", What::erase},
                                   {"/privacy/destroy", What::destroy},
                                   {"/privacy/hold", What::hold},
                                   {"/privacy/release", What::release}})
    routes.push_back({"POST", path, [ask, what = what](const console::HttpRequest& request, const Done& done) {
                        ask(what, request.body, request.peer_uid, done);
                      }});
}

boost::json::object Daemon::reveals_status() const {
  if (!privacy_desk_) return {};
  const PrivacyDesk::Report report = privacy_desk_->report();
  boost::json::object out{{"read", report.caught_up},
                          {"waiting", report.requests_waiting},
                          {"holds", report.holds},
                          {"erased", report.erased},
                          {"deletions_unfinished", report.unfinished}};
  if (report.purged != Timestamp{}) out["last_purge"] = to_rfc3339(report.purged, 0);
  for (std::size_t i = 0; i < report.retention.size(); ++i)
    if (!report.retention[i].fault.empty())
      out["fault_" + std::string{kRetentionClasses[i]}] = report.retention[i].fault;
  return out;
}

void Daemon::fill_reveals(metrics::Snapshot& out) const {
  if (!privacy_desk_) return;
  const PrivacyDesk::Report report = privacy_desk_->report();
  const auto real = [](std::uint64_t count) { return static_cast<double>(count); };
  for (std::size_t i = 0; i < report.retention.size(); ++i) {
    out.set("normwatch_retention_overdue", {kRetentionClasses[i]}, real(report.retention[i].overdue));
    out.set("normwatch_retention_held", {kRetentionClasses[i]}, real(report.retention[i].held));
    out.set("normwatch_purged_total", {kRetentionClasses[i]}, real(report.retention[i].removed));
  }
  if (report.purged != Timestamp{})
    out.set("normwatch_purge_timestamp_seconds", {}, static_cast<double>(to_unix_nanoseconds(report.purged)) / 1e9);
  for (std::size_t i = 0; i < report.steps.size(); ++i)
    out.set("normwatch_reveal_steps_total", {kRevealSteps[i]}, real(report.steps[i]));
  out.set("normwatch_reveals_waiting", {}, real(report.requests_waiting));
  out.set("normwatch_holds", {}, real(report.holds));
  out.set("normwatch_evidence_erased_total", {}, real(report.erased));
  out.set("normwatch_deletions_unfinished", {}, real(report.unfinished));
}

}  // namespace nw::app
