// From a case file to what reporting computes with: times, facts, deadlines, the incident that a draft tells of.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/reporting_files.h"
#include "record/alert.h"
#include "record/incidents/case_file.h"
#include "record/reporting/clock.h"
#include "record/reporting/incident.h"
#include "record/reporting/significance.h"
#include "record/reporting/statistics.h"

namespace nw::app {

using ReadCase = std::function<Result<record::CaseFile>(const std::string& id)>;

// The case, and what people said of incidents before they were merged into it: a merge must not make a clock vanish. Of
// each moment the earliest counts (handling is that of the case alone); its own facts and decisions go before. A mark
// as an exercise is each incident's own: nothing is taken of those that have it, and the whole is one only when all
// are. At most kMergedMax of them are read.
constexpr std::size_t kMergedMax = 1'000;
Result<record::CaseFile> read_whole_case(const std::string& id, const ReadCase& read);
void take_over(const record::CaseFile& merged, record::CaseFile& into);

// Whether clocks run for it: not when it turned out to be nothing, or counts elsewhere.
bool has_clocks(const record::CaseFile& file);

// occurred_at and detected_at are those of its alerts until a person states others. The rest is what people stated:
// awareness and classification are never inferred.
reporting::IncidentTimes times_of(const record::CaseFile& file, std::string_view regime);
// What the regime asks for, of what people stated. A value that is no answer to the regime's question is left out and
// named in `warnings`.
reporting::Facts facts_of(const record::CaseFile& file, const reporting::ReportingRegime& regime,
                          const std::vector<std::string>& roles, std::vector<std::string>& warnings);
// The latest decision under the regime; null: nobody has decided.
const record::CaseSignificance* decision_of(const record::CaseFile& file, std::string_view regime) noexcept;

struct CaseClocks {
  std::shared_ptr<const reporting::ReportingRegime> regime;
  std::vector<reporting::Deadline> deadlines;  // none is needed once a person decided that it is not significant
  std::optional<bool> significant;             // as a person decided
  std::vector<std::string> warnings;
};
CaseClocks clocks_of(const record::CaseFile& file, std::shared_ptr<const reporting::ReportingRegime> regime,
                     const std::vector<std::string>& roles, Timestamp now);

// What the ledger adds to a case file for drafts.
struct CaseEvidence {
  std::vector<record::Alert> alerts;  // as they may be told (record::for_export)
  std::uint64_t left_out = 0;
  std::optional<std::uint64_t> checkpoint;  // entries under the last signed head; nothing: none is known
};
// Titles, ids and words of catalogues; no address, no name, no value of a field. Texts come from what people wrote:
// impact from the factor `scope`, mitigation from the reasons of `contain`. TLP: the strictest of the case and its
// alerts.
reporting::ReportedIncident reported(const record::CaseFile& file, const reporting::ReportingRegime& regime,
                                     const std::vector<std::string>& roles, const CaseEvidence& evidence);

// For the year's statistics.
reporting::CountedIncident counted(const record::CaseFile& file, const ReportingBook& book, Timestamp now);

}  // namespace nw::app
