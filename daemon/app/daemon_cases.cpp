// Cases in the running daemon: what people do with incidents over the control socket, status and metrics.
#include <array>
#include <boost/json/object.hpp>
#include <map>

#include "app/daemon.h"
#include "app/taxonomies.h"
#include "base/clock.h"
#include "export/metrics/metrics.h"
#include "record/incidents/case_state.h"

namespace nw::app {

void Daemon::open_cases() {
  const auto tell = [this](OwnEvent event) { workers_.front()->tell(std::move(event)); };
  CaseDesk::Parts parts;
  parts.store = store_.get();
  parts.ledger = ledger_.get();
  parts.note = [this](std::string type, std::string body) { recorder_->note(std::move(type), std::move(body)); };
  parts.tell = tell;
  parts.guard = [this](std::string_view text) { return guard_->door().text(text, wall_now()); };
  Diagnostics diagnostics;  // it comes with the program, and a test reads it
  parts.rsit = load_rsit(diagnostics);
  case_desk_ = std::make_unique<CaseDesk>(io_.get_executor(), std::move(parts));
  case_teller_ = std::make_unique<CaseTeller>(config_.state_directory + "/outputs/.cases.cursor", *store_, *ledger_,
                                              [this](std::vector<OwnEvent> events, std::function<void()> safe) {
                                                workers_.front()->tell(std::move(events), std::move(safe));
                                              });
}

void Daemon::add_case_routes(std::vector<console::Route>& routes) {
  routes.push_back({"POST", "/incidents/act",
                    [this](const console::HttpRequest& request, std::function<void(console::HttpResponse)> done) {
                      if (case_desk_) return case_desk_->act(request.body, request.peer_uid, std::move(done));
                      done({503, "text/plain; charset=utf-8", "the daemon is still starting; try again\n"});
                    }});
}

boost::json::object Daemon::cases_status() const {
  boost::json::object out;
  std::map<std::string, std::uint64_t> by_state;
  for (const auto& tally : feeder_ ? feeder_->totals().tallies : std::vector<record::IncidentStore::Tally>{})
    by_state[tally.state] += tally.count;
  for (const auto& [state, count] : by_state) out[state] = count;
  if (case_desk_) out["refused_acts"] = case_desk_->refused();
  if (case_teller_) out["told"] = case_teller_->told();
  return out;
}

void Daemon::fill_cases(metrics::Snapshot& out) const {
  constexpr std::array<std::string_view, 5> kLevels{"informational", "low", "medium", "high", "critical"};
  if (!feeder_) return;
  const auto totals = feeder_->totals();
  std::vector<std::string_view> states{record::kCaseStates.begin(), record::kCaseStates.end()};
  states.push_back(record::kStateMerged);
  for (const std::string_view state : states)
    for (const std::string_view level : kLevels) {
      std::uint64_t count = 0;
      for (const auto& tally : totals.tallies)
        if (tally.state == state && tally.level == level) count = tally.count;
      out.set("normwatch_incidents", {state, level}, static_cast<double>(count));
    }
  for (const std::string_view act : record::kActs) {
    std::uint64_t count = 0;
    for (const auto& [kind, acts] : totals.acts)
      if (kind == act) count = acts;
    out.set("normwatch_incident_acts_total", {act}, static_cast<double>(count));
  }
  if (case_desk_) out.set("normwatch_incident_acts_refused_total", {}, static_cast<double>(case_desk_->refused()));
}

}  // namespace nw::app
