// One BGP message (RFC 4271 section 4), read into views: what its header, OPEN, UPDATE and NOTIFICATION say.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum class BgpType : std::uint8_t { open = 1, update, notification, keepalive, route_refresh };

// | marker 16, all ones | length u16, of the whole | type u8 |
struct BgpHeader {
  static constexpr std::size_t kBytes = 19;
  static constexpr std::size_t kLengthMax = 4096, kLengthMaxExtended = 65'535;  // the latter: RFC 8654

  std::size_t length = 0;
  BgpType type = BgpType::keepalive;
};
// `unsure`: it may be one, once there is more of it.
Verdict read_bgp_header(Bytes in, std::size_t length_max, BgpHeader& out);

// What is agreed on in both OPENs decides how UPDATEs are read.
struct BgpAbilities {
  bool wide_numbers = false;      // AS numbers of 32 bits: RFC 6793
  bool long_messages = false;     // RFC 8654
  unsigned path_ids[2] = {0, 0};  // IPv4 and IPv6 unicast, RFC 7911: 1 takes paths with a number, 2 sends them
};

struct BgpOpen {
  static constexpr std::size_t kCapabilitiesMax = 64;

  unsigned version = 0, hold_seconds = 0;
  std::uint32_t as = 0, id = 0;
  std::array<std::uint8_t, kCapabilitiesMax> capabilities{};
  std::size_t capability_count = 0;
  BgpAbilities abilities;
};
// `body` is what follows the header. Only with a fault in the parameters is `out` of use in spite of it (version is
// set).
std::optional<DecodeError> read_bgp_open(Bytes body, BgpOpen& out);

// Prefixes one after the other: | bits u8 | as many octets as they need |, perhaps a path's number u32 before each.
struct BgpPrefixes {
  Bytes list;
  std::size_t address_bytes = 4;
  bool shown = true;      // plain addresses; else labels and other things are in them
  bool with_ids = false;  // a path's number comes first
};
struct BgpPrefix {
  unsigned bits = 0;
  Bytes octets;
};
// The next of `reader`, which then is behind it; nothing when it is broken.
std::optional<BgpPrefix> read_bgp_prefix(ByteReader& reader, const BgpPrefixes& of);

struct BgpUpdate {
  static constexpr std::size_t kAttributesMax = 256;

  // By the fields of RFC 4271, and by the attributes of RFC 4760.
  std::array<BgpPrefixes, 2> announced, withdrawn;
  Bytes next_hop, as_path, as4_path;
  std::optional<std::uint8_t> origin;
  std::optional<std::uint32_t> med, local_preference;
};
// A fault leaves `out` with what was good before it. `path_ids` says of IPv4 and IPv6 whether paths have numbers.
std::optional<DecodeError> read_bgp_update(Bytes body, const std::array<bool, 2>& path_ids, BgpUpdate& out);

// What IANA calls the numbers. Empty when one has no name.
std::string_view bgp_error_name(unsigned code);
std::string_view bgp_error_detail(unsigned code, unsigned subcode);

}  // namespace nw::network
