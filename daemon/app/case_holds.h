// Which alerts' evidence cases keep from being deleted: those that people work on, those that were closed less than 30
// days ago, and those that a hold names. An incident that nobody ever took up keeps nothing: machines open incidents,
// and evidence would else stay for good.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/function_ref.h"
#include "record/evidence/evidence.h"
#include "record/incidents/store.h"
#include "record/reveals/holds.h"

namespace nw::app {

constexpr Nanoseconds kHeldAfterClosing = std::chrono::hours{24 * 30};

struct CaseHolds {
  std::set<std::string, std::less<>> alerts;
  // Of incidents with more alerts than a case file lists: whatever was stored in their time.
  std::vector<std::pair<Timestamp, Timestamp>> times;

  [[nodiscard]] bool held(const record::EvidenceObject& object) const;
};

// Errors of the store: then nothing is known, and nothing may be deleted. `beat`: called between two cases.
Result<CaseHolds> case_holds(const record::IncidentStore& store, const reveals::Holds& holds, Timestamp now,
                             FunctionRef<void()> beat);

}  // namespace nw::app
