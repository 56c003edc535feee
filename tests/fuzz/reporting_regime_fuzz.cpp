// The reader of reporting regimes on any text: faults are reported, or clocks, proposals and drafts can be had from it.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "record/reporting/draft.h"
#include "record/reporting/significance.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::reporting;
  nw::Diagnostics diagnostics;
  const auto regime = ReportingRegime::load(std::string{data, data + size}, "fuzz.yaml", diagnostics);
  NW_CHECK((regime != nullptr) == diagnostics.ok());
  if (!regime) return 0;
  NW_CHECK(!regime->stages.empty());
  ReportedIncident incident;
  const nw::Timestamp begin = nw::from_unix_nanoseconds(1'790'000'000'000'000'000);
  for (std::size_t i = 0; i < kMoments.size(); ++i) incident.times.at[i] = begin + std::chrono::hours{i};
  for (const ReportingStage& stage : regime->stages)
    if (stage.id.size() % 2 == 0) incident.times.sent[stage.id].push_back(begin + std::chrono::hours{30});
  for (const FactSpec& fact : regime->facts) {
    if (fact.number)
      incident.facts.values[fact.id] = 1.0;
    else if (fact.id.size() % 2 == 0)
      incident.facts.values[fact.id] = true;
  }
  for (const auto now : {begin - std::chrono::hours{1}, begin + std::chrono::hours{24 * 40}, nw::Timestamp::max()}) {
    const auto all = deadlines(*regime, incident.times, incident.facts, now);
    NW_CHECK(all.size() == regime->stages.size());
    for (const Deadline& one : all) {
      NW_CHECK(!one.left || one.due);
      NW_CHECK(one.state != DeadlineState::overdue || *one.left < nw::Nanoseconds{0});
      NW_CHECK(one.state != DeadlineState::done_late || *one.sent > *one.due);
    }
    (void)implausible(*regime, incident.times, now);
  }
  NW_CHECK(!propose_significance(*regime, incident.facts).reasons.empty());
  for (const ReportingStage& stage : regime->stages) {
    const auto draft = draft_report(*regime, stage.id, incident, nullptr, nullptr);
    NW_CHECK(draft.has_value() == !stage.body.empty());
    if (draft) NW_CHECK(draft->subject.find('\n') == std::string::npos && draft->subject.starts_with("TLP:RED DRAFT"));
  }
  return 0;
}
