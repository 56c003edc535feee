// Drafts of reports. Nothing here sends: a person completes a draft, answers for it, and sends it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context/norms/wording_gate.h"
#include "record/reporting/incident.h"

namespace nw::reporting {

struct Draft {
  std::string stage, tlp;  // tlp: "TLP:AMBER+STRICT"
  std::string subject;     // one line; the label and "DRAFT" stand first
  std::string body;        // the label stands in the first and in the last line
  std::vector<std::string> recipients;
  std::vector<std::string> missing;  // titles of the fields that nobody has stated
  std::vector<std::string> held;     // words that must not go out, as they stand there; a person replaces them
  [[nodiscard]] bool may_go() const noexcept { return missing.empty() && held.empty(); }
};

// `not_found`: the regime has no such stage, or no template for it. `gate` may be null; then only the words of
// context/norms/wording.h are held. The due time is that of `deadline`, when it is given.
Result<Draft> draft_report(const ReportingRegime& regime, std::string_view stage, const ReportedIncident& incident,
                           const Deadline* deadline, const context::WordingGate* gate);

}  // namespace nw::reporting
