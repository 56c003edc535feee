// An incident out of the store, as a bundle wants it.
#include <boost/json/array.hpp>

#include "app/evidence_files.h"
#include "record/incidents/case_file.h"
#include "record/incidents/store.h"

namespace nw::app {

Result<bundle::Wanted> read_case(const std::string& state_directory, const std::string& incident) {
  const auto store = record::IncidentStore::open_read_only(state_directory + "/incidents.sqlite");
  if (!store) return store.error();
  const auto file = (*store)->case_file(incident);
  if (!file) return file.error();
  const record::Incident& row = file->incident;
  if (!row.merged_into.empty())
    return Error{Errc::invalid_argument, incident + " was merged into " + row.merged_into + ": export that one"};
  if (file->alerts_left_out != 0)
    return Error{Errc::full, incident + " has more alerts than a bundle holds: split it (normwatch incidents split)"};
  bundle::Wanted out;
  out.incident = row.id;
  out.merged = file->merged;
  for (const record::CaseAlert& alert : file->alerts) out.alerts.push_back({alert.id, alert.entry});
  boost::json::array shared;
  for (const std::string& with : file->shared_with) shared.emplace_back(with);
  out.row = {{"id", row.id},
             {"state", row.state},
             {"level", row.level},
             {"norm", row.norm},
             {"rule_id", row.rule_id},
             {"rule_title", row.rule_title},
             {"asset", row.asset},
             {"sector", row.sector},
             {"tlp", row.tlp},
             {"pap", row.pap},
             {"exercise", row.exercise},
             {"alerts", row.alerts},
             {"first_event", to_rfc3339(row.first_event)},
             {"last_event", to_rfc3339(row.last_event)},
             {"opened_at", to_rfc3339(row.opened_at)},
             {"withheld", file->withheld},
             {"shared_with", std::move(shared)}};
  return out;
}

}  // namespace nw::app
