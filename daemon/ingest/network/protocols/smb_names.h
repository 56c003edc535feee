// Names of SMB's numbers, as Zeek's logs spell them. Empty when a number has none.
#pragma once

#include <cstdint>
#include <string_view>

namespace nw::network {

constexpr std::uint16_t kSmb1Transaction2 = 0x32;

std::string_view smb1_command_name(std::uint16_t command) noexcept;
// Of TRANSACTION2 ([MS-CIFS] 2.2.6).
std::string_view smb1_transaction2_name(std::uint16_t sub_command) noexcept;
std::string_view smb2_command_name(std::uint16_t command) noexcept;
// "2.02", "3.11", ...
std::string_view smb2_dialect_name(std::uint16_t dialect) noexcept;
// Of an NTSTATUS ([MS-ERREF] 2.3.1), without STATUS_ before it.
std::string_view nt_status_name(std::uint32_t status) noexcept;

}  // namespace nw::network
