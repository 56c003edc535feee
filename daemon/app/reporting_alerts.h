// What a draft needs of the ledger, read beside a daemon that writes it: alerts by their indices, and how far the last
// signed head goes.
#pragma once

#include <filesystem>

#include "app/reporting_case.h"

namespace nw::app {

// At most so many alerts are read, the first ones; of the others a draft says how many they are.
inline constexpr std::size_t kEvidenceAlertsMax = 1'000;

// `ledger`: its directory. Errors: those of the journal; `malformed` when an entry that the case names is no alert. A
// head that cannot be read counts as not known.
Result<CaseEvidence> read_evidence(const std::filesystem::path& ledger, const record::CaseFile& file);

}  // namespace nw::app
