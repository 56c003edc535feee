// Incidents and cases as JSON and as text for a terminal.
#pragma once

#include <string>
#include <vector>

#include "record/alert.h"
#include "record/incidents/case_file.h"

namespace nw::app {

std::string to_json(const record::Incident& incident, const std::vector<record::CaseGroup>& groups);
std::string to_json(const record::CaseFile& file);
// One line, without its end.
std::string line_of(const record::Incident& incident);
// Several lines. `alerts`: some of its alerts, as the ledger has them, with their index; wording contract of norms.md.
std::string to_text(const record::CaseFile& file, const std::vector<std::pair<std::uint64_t, record::Alert>>& alerts);
// What norm 13b still wants before it is closed; empty: nothing, or it is closed.
std::string missing_before_closing(const record::CaseFile& file);

}  // namespace nw::app
