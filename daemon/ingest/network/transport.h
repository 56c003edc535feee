// TCP, UDP, ICMP and SCTP headers, and what carries packets: IP within IP, GRE.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/ip_layer.h"
#include "ingest/network/outcome.h"

namespace nw::network {

// IP protocol numbers of what we follow (IANA).
constexpr std::uint8_t kIcmp = 1, kIpv4InIp = 4, kTcp = 6, kUdp = 17, kIpv6InIp = 41, kGre = 47, kIcmp6 = 58,
                       kSctp = 132;

constexpr bool is_icmp(std::uint8_t protocol) noexcept { return protocol == kIcmp || protocol == kIcmp6; }

// IANA's keyword; "icmp" for both of its versions, as in Zeek.
std::string_view protocol_name(std::uint8_t protocol) noexcept;

struct TcpFlags {
  static constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;
};
struct SctpChunk {
  static constexpr std::uint8_t kData = 0, kInit = 1, kInitAck = 2, kCookieEcho = 10, kCookieAck = 11;
};

constexpr std::uint8_t kNoWindowScale = 15, kWindowScaleMax = 14;

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
  std::uint8_t window_scale = kNoWindowScale;  // of a SYN: RFC 7323 section 2.2, at most 14
  std::uint8_t flags = 0;                      // SCTP: the type of the first chunk

  [[nodiscard]] bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
};

// `ignored` for protocols that are not followed.
Outcome parse_transport(const IpPacket& packet, TransportHeader& out) noexcept;

// An ICMP message that quotes the packet it is about.
bool is_icmp_error(std::uint8_t protocol, std::uint16_t type) noexcept;

// The packet that an ICMP error quotes: its start, of which RFC 792 asks 8 bytes behind the IP header.
struct QuotedPacket {
  IpAddress source, destination;
  std::uint8_t protocol = 0;
  std::uint16_t source_port = 0, destination_port = 0;  // as in TransportHeader; 0 where they are not quoted
  bool one_way = false;
};
// False when there is no IP header that can be read.
bool parse_quoted(const TransportHeader& error, QuotedPacket& out) noexcept;

}  // namespace nw::network
