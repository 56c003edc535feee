// Interfaces of DCE/RPC and their operations, by number. Names are those of Microsoft's open specifications ([MS-SCMR],
// [MS-SAMR], [MS-DRSR], ...) and, for endpoints, of Zeek's dce_rpc.log.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace nw::network {

// In the order in which it is written.
using Uuid = std::array<std::uint8_t, 16>;

std::string to_text(const Uuid& uuid);

struct DceRpcInterface {
  std::string_view uuid;
  std::string_view endpoint;
  std::string_view operations;  // by number, with a space between; "-" where a number has none
};

// Null when it is not listed.
const DceRpcInterface* find_dce_rpc_interface(const Uuid& uuid) noexcept;
// Empty when the number has no name.
std::string_view dce_rpc_operation(const DceRpcInterface& interface, std::uint16_t number) noexcept;

}  // namespace nw::network
