// The heads of a BACnet/IP message: ANSI/ASHRAE 135-2020, annex J and clauses 6 and 20.1. No state.
// BVLC: | type u8 = 0x81 | function u8 | length u16, of all | forwarded NPDU: from IPv4, port u16 | NPDU |
// NPDU: | version u8 = 1 | control u8 | [DNET u16 | DLEN u8 | DADR] [SNET u16 | SLEN u8 | SADR] [hop count u8] | APDU |
//       control 0x80: a message of the network layer instead, | type u8 | [vendor u16] | data |; 0x20 DNET, 0x08 SNET
// APDU: | type 4 bits | flags 4 bits | ... | service u8 | parameters |, by type
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/byte_reader.h"
#include "base/ip.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum BacnetFunction : std::uint8_t {
  kBacnetResult,
  kBacnetWriteDistribution,
  kBacnetReadDistribution,
  kBacnetReadDistributionAck,
  kBacnetForwarded,
  kBacnetRegister,
  kBacnetReadForeign,
  kBacnetReadForeignAck,
  kBacnetDeleteForeign,
  kBacnetDistribute,
  kBacnetUnicast,
  kBacnetBroadcast,
  kBacnetSecure,
};

enum BacnetPdu : std::uint8_t {
  kBacnetConfirmed,
  kBacnetUnconfirmed,
  kBacnetSimpleAck,
  kBacnetComplexAck,
  kBacnetSegmentAck,
  kBacnetError,
  kBacnetReject,
  kBacnetAbort,
};

// A device behind a router.
struct BacnetAddress {
  static constexpr std::size_t kOctetsMax = 18;  // an IPv6 address and its port

  std::uint16_t network = 0;  // 0: no router; 0xFFFF: all
  std::uint8_t size = 0;      // 0: a broadcast
  std::array<std::uint8_t, kOctetsMax> octets{};

  [[nodiscard]] Bytes bytes() const noexcept { return Bytes{octets}.first(size); }
  bool operator==(const BacnetAddress&) const = default;
};

struct BacnetApdu {
  std::uint8_t type = 0, flags = 0;
  std::optional<std::uint8_t> service, invoke_id, sequence, window;
  std::optional<std::uint8_t> reason;  // of a reject or an abort
  Bytes body;                          // views the datagram
  bool whole_head = false;

  [[nodiscard]] bool request() const noexcept { return type <= kBacnetUnconfirmed; }
  [[nodiscard]] bool segmented() const noexcept {
    return (type == kBacnetConfirmed || type == kBacnetComplexAck) && (flags & 0x08U) != 0;
  }
  [[nodiscard]] bool more_follows() const noexcept { return segmented() && (flags & 0x04U) != 0; }
  // A piece behind the first, which has no beginning to read.
  [[nodiscard]] bool later_segment() const noexcept { return segmented() && sequence.value_or(0) != 0; }
  // It carries on what was told already, and does nothing of its own.
  [[nodiscard]] bool carries_on() const noexcept { return type == kBacnetSegmentAck || later_segment(); }
  // Of a segment's acknowledgement and an abort, which either side may send.
  [[nodiscard]] bool from_server() const noexcept { return (flags & 0x01U) != 0; }
};

struct BacnetMessage {
  bool is_bacnet = false;  // else nothing here was read
  std::uint8_t function = 0;
  std::optional<std::uint16_t> result;     // of BVLC_Result
  std::optional<IpAddress> forwarded_for;  // who sent it first
  std::uint16_t forwarded_port = 0;
  std::optional<std::uint16_t> lifetime;  // s, of Register_Foreign_Device
  Bytes link_data;                        // what other functions carry; views the datagram

  std::optional<std::uint8_t> control;  // there is an NPDU
  BacnetAddress destination, source;
  std::optional<std::uint8_t> hop_count;
  std::optional<std::uint8_t> network_message;
  std::optional<std::uint16_t> network_vendor;  // whose message it is, from 128 on
  Bytes network_data;                           // views the datagram

  std::optional<BacnetApdu> apdu;

  [[nodiscard]] bool broadcast() const noexcept {
    return function == kBacnetBroadcast || function == kBacnetDistribute || function == kBacnetForwarded ||
           (destination.network != 0 && destination.size == 0);
  }
};

constexpr std::uint8_t kBacnetNetworkMessage = 0x80, kBacnetExpectsReply = 0x04;  // in the control octet

// The first octets, which every message has; false when they are not BACnet/IP's. `length` is what it says of itself.
bool read_bacnet_link(ByteReader& in, std::uint8_t& function, std::uint16_t& length);
// Fills `out` as far as it goes, and says what is wrong. A length that lies is told, and the datagram's own is read:
// devices were seen that count wrong, and are understood.
std::optional<DecodeError> read_bacnet(Bytes datagram, BacnetMessage& out);

}  // namespace nw::network
