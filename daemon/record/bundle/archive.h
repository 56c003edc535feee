// A bundle as one file: a tar of the POSIX ustar kind, whose bytes follow from its content. Files stand in the order of
// their names, with one owner, one mode and one time, and nothing lies between, behind or beside them: whatever is in
// the archive is in the MANIFEST, too (manifest.h).
//
//   | header 512 | bytes, padded with zeros to 512 |   again and again   | zeros, 1024 |
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nw::bundle {

// By path; the bytes of each.
using Files = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kPathBytesMax = 100;  // what a ustar header holds in one piece
constexpr std::size_t kFilesMax = 65'536;
constexpr std::size_t kFileBytesMax = std::size_t{96} << 20;  // an object of evidence, sealed, and some
constexpr std::size_t kArchiveBytesMax = std::size_t{1} << 30;

// Letters, digits and . _ - in parts with / between; no part begins with a dot or is empty. So it stays below the
// folder that it is unpacked in.
bool is_path(std::string_view path) noexcept;

// `invalid_argument`: a path that is none; `full`: more than the limits above.
Result<std::string> write_archive(const Files& files);
// `malformed`: anything that write_archive() does not write, with the file where it stands; `full`: more than the
// limits above, before it is read.
Result<Files> read_archive(std::string_view bytes);

}  // namespace nw::bundle
