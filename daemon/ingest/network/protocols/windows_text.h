// Text, times and long numbers as Windows puts them on the wire: UTF-16 in little endian ([MS-DTYP] 2.3.2), a code page
// that nobody names ("OEM"), and FILETIME ([MS-DTYP] 2.3.3).
#pragma once

#include <optional>
#include <string>

#include "base/byte_reader.h"
#include "base/time.h"

namespace nw::network {

// As UTF-8 of at most `bytes_max` bytes. A lone surrogate is U+FFFD, a control character \xNN; NULs at the end are
// padding. Backslashes stay as they are, because paths are made of them.
std::string text_of_utf16(Bytes bytes, std::size_t bytes_max);
// ASCII as it is; any other byte as \xNN.
std::string text_of_oem(Bytes bytes, std::size_t bytes_max);

constexpr std::uint64_t u64le(ByteReader& reader) noexcept {
  const std::uint64_t low = reader.u32le();
  return std::uint64_t{reader.u32le()} << 32U | low;
}

// Steps of 100 ns since 1601. Nothing for "not set" (0 and -1), and for what 64 bits of nanoseconds do not hold.
std::optional<Timestamp> time_of_filetime(std::uint64_t filetime) noexcept;

}  // namespace nw::network
