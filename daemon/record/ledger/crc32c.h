// CRC-32C (Castagnoli), the checksum of the journal's records. RFC 3720 appendix B.4 has test values.
#pragma once

#include <cstdint>
#include <string_view>

namespace nw::record {

// `before`: the checksum of what stood in front, to go on from there.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

}  // namespace nw::record
