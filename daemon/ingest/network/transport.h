// TCP, UDP and ICMP headers.
#pragma once

#include <cstdint>

#include "base/byte_reader.h"
#include "ingest/network/ip_layer.h"
#include "ingest/network/outcome.h"

namespace nw::network {

// IP protocol numbers of what we follow (IANA).
constexpr std::uint8_t kIcmp = 1, kTcp = 6, kUdp = 17, kIcmp6 = 58;

struct TcpFlags {
  static constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;
};

// Views the packet it was read from.
struct TransportHeader {
  std::uint8_t protocol = 0;
  // ICMP as in Zeek: the type, then the type that answers it, or the code when nothing answers (`one_way`).
  std::uint16_t source_port = 0, destination_port = 0;
  bool one_way = false;
  Bytes payload;                    // as captured
  std::uint32_t payload_bytes = 0;  // as the headers say
  std::uint32_t sequence = 0, acknowledgement = 0;
  std::uint16_t window = 0;
  std::uint8_t flags = 0;

  [[nodiscard]] bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
};

// `ignored` for protocols that are not followed.
Outcome parse_transport(const IpPacket& packet, TransportHeader& out) noexcept;

}  // namespace nw::network
