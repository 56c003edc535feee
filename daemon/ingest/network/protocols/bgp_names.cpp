// IANA's list of BGP error codes and subcodes (RFC 4271, 4486, 5492, 6608, 7313, 8538, 9234, 9384).
#include <array>
#include <span>

#include "ingest/network/protocols/bgp_message.h"

namespace nw::network {

std::string_view bgp_error_name(unsigned code) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"", "Message Header Error", "OPEN Message Error", "UPDATE Message Error", "Hold Timer Expired",
       "Finite State Machine Error", "Cease", "ROUTE-REFRESH Message Error"});
  return code < kNames.size() ? kNames[code] : std::string_view{};
}

std::string_view bgp_error_detail(unsigned code, unsigned subcode) {
  static constexpr auto kHeader =
      std::to_array<std::string_view>({"", "Connection Not Synchronized", "Bad Message Length", "Bad Message Type"});
  static constexpr auto kOpen = std::to_array<std::string_view>(
      {"", "Unsupported Version Number", "Bad Peer AS", "Bad BGP Identifier", "Unsupported Optional Parameter", "",
       "Unacceptable Hold Time", "Unsupported Capability", "", "", "", "Role Mismatch"});
  static constexpr auto kUpdate = std::to_array<std::string_view>(
      {"", "Malformed Attribute List", "Unrecognized Well-known Attribute", "Missing Well-known Attribute",
       "Attribute Flags Error", "Attribute Length Error", "Invalid ORIGIN Attribute", "", "Invalid NEXT_HOP Attribute",
       "Optional Attribute Error", "Invalid Network Field", "Malformed AS_PATH"});
  static constexpr auto kState = std::to_array<std::string_view>(
      {"", "Unexpected Message in OpenSent", "Unexpected Message in OpenConfirm", "Unexpected Message in Established"});
  static constexpr auto kCease = std::to_array<std::string_view>(
      {"", "Maximum Number of Prefixes Reached", "Administrative Shutdown", "Peer De-configured",
       "Administrative Reset", "Connection Rejected", "Other Configuration Change", "Connection Collision Resolution",
       "Out of Resources", "Hard Reset", "BFD Down"});
  static constexpr auto kRefresh = std::to_array<std::string_view>({"", "Invalid Message Length"});
  static constexpr std::array<std::span<const std::string_view>, 8> kDetails{
      {{}, kHeader, kOpen, kUpdate, {}, kState, kCease, kRefresh}};
  if (code >= kDetails.size() || subcode >= kDetails[code].size()) return {};
  return kDetails[code][subcode];
}

}  // namespace nw::network
