// Pieces of bytes one after the other in a file, each with its length and a sum: what a crash cut off is seen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nw::app {

// | length u64 | hash64 u64 | body |, in the machine's byte order: these files stay where they are.
std::string framed(std::string_view body);
// Calls `take` with each body, up to the first that is not whole; the bytes of those that are.
std::size_t read_frames(std::string_view bytes, const std::function<void(std::string_view)>& take);
// The bytes of a file up to its last whole frame: what is written there can be read back. 0 when there is no file.
Result<std::uint64_t> whole_frames(const std::filesystem::path& file);
// The whole file, at most 8 GiB. Errors: not_found, no_permission, io, malformed (too large).
Result<std::string> read_whole(const std::filesystem::path& file);

}  // namespace nw::app
