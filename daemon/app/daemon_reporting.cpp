// Reporting clocks in the running daemon: the desk over the incident store, and what commands tell of drafts and
// reports.
#include "app/daemon.h"
#include "app/report_export.h"
#include "app/reporting_store.h"
#include "base/clock.h"
#include "base/log.h"
#include "record/entry.h"

namespace nw::app {

void Daemon::start_reporting() {
  reporting_ = std::make_unique<ReportingDesk>(
      case_reader(config_.state_directory + "/incidents.sqlite"),
      [this] { return feeder_ ? feeder_->next() : std::uint64_t{0}; }, snapshot_->reporting);
  reporting_->start();
}

console::HttpResponse Daemon::note_export(const console::HttpRequest& request) {
  auto told = ReportExport::from_json(request.body);
  if (!told) return {400, "text/plain; charset=utf-8", told.error().what};
  told->uid = request.peer_uid;
  recorder_->note(std::string{record::kEntryOperator}, told->entry());
  const Timestamp now = wall_now();
  if (auto event = told->event(now)) workers_.front()->tell(std::move(*event));
  log_info("report_noted", "a draft or report of an incident; the ledger has it",
           {{"incident", told->incident},
            {"regime", told->regime},
            {"stage", told->stage},
            {"outcome", std::string{ReportExport::kOutcomes[static_cast<std::size_t>(told->outcome)]}}});
  return {200, "text/plain; charset=utf-8", {}};
}

void Daemon::add_reporting_routes(std::vector<console::Route>& routes) {
  using Done = std::function<void(console::HttpResponse)>;
  routes.push_back({"POST", "/reporting/export",
                    [this](const console::HttpRequest& request, const Done& done) { done(note_export(request)); }});
}

}  // namespace nw::app
