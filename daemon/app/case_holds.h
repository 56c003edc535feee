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

// Errors: then nothing is known, and nothing may be deleted. `unavailable`: the store has not taken in the first
// `ledger_size` entries yet, so ask again later; `malformed`: it does not know an incident that a hold names; else the
// store's own. `beat`: called between two cases; false: there is no time for more, which is `unavailable`, too.
Result<CaseHolds> case_holds(const record::IncidentStore& store, const reveals::Holds& holds, std::uint64_t ledger_size,
                             Timestamp now, FunctionRef<bool()> beat);

// What people hold, without what cases hold of themselves: alerts, and those of incidents and of what these were merged
// into. `case_file`: IncidentStore::case_file(), of a store that has caught up.
Result<CaseHolds> named_holds(const reveals::Holds& holds,
                              FunctionRef<Result<record::CaseFile>(const std::string& id)> case_file,
                              FunctionRef<bool()> beat);

}  // namespace nw::app
