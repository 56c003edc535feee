// Single entries, read beside a daemon that writes: no lock is taken and nothing is changed.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "record/ledger/ledger.h"

namespace nw::record {

// The entries of these indices, which ascend. Walks each file that holds one from its beginning. `not_found`: the
// journal is not that long; `malformed` names a damaged file.
Result<std::vector<Entry>> peek(const std::filesystem::path& directory, std::span<const std::uint64_t> indices);

}  // namespace nw::record
