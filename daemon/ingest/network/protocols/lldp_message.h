// What a station says of itself to whom its cable leads to, read into views: LLDP (IEEE 802.1AB-2016, chapter 8), and
// Cisco's older CDP.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct LldpMessage {
  static constexpr std::size_t kTlvsMax = 256, kAddressesMax = 8;

  // An identifier, and what kind of one it is. CDP's are texts, of no kind.
  struct Id {
    std::optional<std::uint8_t> kind;
    Bytes octets;
  };

  bool cdp = false;
  Id chassis, port;
  std::optional<std::uint16_t> ttl;  // seconds; 0: forget me
  Bytes port_description, system_name, system_description;
  Bytes platform;                              // CDP's only: what device it is
  std::optional<std::uint32_t> can, does;      // bits; of CDP `can` is what it does
  std::array<IpAddress, kAddressesMax> where;  // where it is managed
  std::size_t addresses = 0;
};

// Of the kinds of an identifier that are told in other words than text.
struct LldpChassisKind {
  static constexpr std::uint8_t kMac = 4, kAddress = 5;
};
struct LldpPortKind {
  static constexpr std::uint8_t kMac = 3, kAddress = 4;
};

// A fault leaves `out` with what was good before it. Padding may be behind the message.
std::optional<DecodeError> read_lldp(Bytes in, LldpMessage& out);
std::optional<DecodeError> read_cdp(Bytes in, LldpMessage& out);

// | family u8 (IANA) | address |: IPv4 or IPv6; nothing for others.
std::optional<IpAddress> read_lldp_address(Bytes in);

}  // namespace nw::network
