// Every entry in order, read beside a daemon that writes: no lock is taken and nothing is changed.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/function_ref.h"
#include "base/result.h"

namespace nw::record {

// The number of entries. `see` gets each payload, which is valid during the call. A torn end, or what a daemon is just
// writing there, is passed over; `malformed` names a damaged file.
Result<std::uint64_t> walk(const std::filesystem::path& directory, FunctionRef<void(std::string_view payload)> see);

}  // namespace nw::record
