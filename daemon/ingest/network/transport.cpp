// TCP: RFC 9293 section 3.1.
// | source u16 | destination u16 | sequence u32 | acknowledgement u32 | offset:4 0:4 | flags u8 | window u16 |
// | checksum u16 | urgent u16 | options |
// UDP: RFC 768. | source u16 | destination u16 | length u16 | checksum u16 |
// ICMP: RFC 792, RFC 4443. | type u8 | code u8 | checksum u16 | 4 bytes by type |
// SCTP: RFC 9260 section 3.1. | source u16 | destination u16 | tag u32 | checksum u32 | chunk type u8 | ...
#include "ingest/network/transport.h"

#include <algorithm>

namespace nw::network {
namespace {

constexpr std::size_t kTcpHeaderMin = 20, kUdpHeader = 8, kIcmpHeader = 8, kSctpHeader = 12;

// Which type answers this one, or -1. The pairs are those of the Community ID v1 specification, and Zeek's.
int icmp_answer(std::uint8_t type) noexcept {
  switch (type) {
    case 0: return 8;  // echo
    case 8: return 0;
    case 9: return 10;  // router advertisement, solicitation
    case 10: return 9;
    case 13: return 14;  // timestamp
    case 14: return 13;
    case 15: return 16;  // information
    case 16: return 15;
    case 17: return 18;  // address mask
    case 18: return 17;
    default: return -1;
  }
}

int icmp6_answer(std::uint8_t type) noexcept {
  switch (type) {
    case 128: return 129;  // echo
    case 129: return 128;
    case 130: return 131;  // multicast listener
    case 131: return 130;
    case 133: return 134;  // router
    case 134: return 133;
    case 135: return 136;  // neighbour
    case 136: return 135;
    case 139: return 140;  // node information
    case 140: return 139;
    case 144: return 145;  // home agent address
    case 145: return 144;
    default: return -1;
  }
}

// The payload behind a header of `header` bytes; the capture may have cut it.
void set_payload(const IpPacket& packet, std::size_t header, std::size_t end, TransportHeader& out) noexcept {
  const Bytes whole = packet.payload.first(std::min(end, packet.payload.size()));
  out.payload = whole.subspan(std::min(header, whole.size()));
  out.payload_bytes = static_cast<std::uint32_t>(end - header);
}

// Options: | kind u8 | length u8 | ... |, but kinds 0 (the end) and 1 (nothing) are one byte.
std::uint8_t window_scale(Bytes options) noexcept {
  constexpr std::uint8_t kEnd = 0, kNothing = 1, kWindowScale = 3;
  ByteReader in{options};
  while (in.rest().size() > 1) {
    const std::uint8_t kind = in.u8();
    if (kind == kEnd) break;
    if (kind == kNothing) continue;
    const std::uint8_t length = in.u8();
    if (length < 2) break;
    if (kind == kWindowScale && length == 3) {
      const std::uint8_t scale = in.u8();
      return in.ok() ? std::min(scale, kWindowScaleMax) : kNoWindowScale;
    }
    in.bytes(length - 2U);
    if (!in.ok()) break;
  }
  return kNoWindowScale;
}

// One look at the length of a fixed header: reads within it are then known to be there.
Outcome parse_tcp(const IpPacket& packet, TransportHeader& out) noexcept {
  if (packet.payload.size() < kTcpHeaderMin) return Outcome::truncated_transport;
  ByteReader in{packet.payload.first(kTcpHeaderMin)};
  out.source_port = in.u16be();
  out.destination_port = in.u16be();
  out.sequence = in.u32be();
  out.acknowledgement = in.u32be();
  const std::size_t header = (in.u8() >> 4U) * std::size_t{4};
  out.flags = in.u8();
  out.window = in.u16be();
  if (header < kTcpHeaderMin || header > packet.payload_bytes) return Outcome::bad_tcp_header;
  if (out.has(TcpFlags::kSyn)) {
    const Bytes whole = packet.payload.first(std::min(header, packet.payload.size()));
    out.window_scale = window_scale(whole.subspan(kTcpHeaderMin));
    // The capture cut it off: it may have said anything.
    if (out.window_scale == kNoWindowScale && whole.size() < header) out.window_scale = kWindowScaleMax;
  }
  set_payload(packet, header, packet.payload_bytes, out);
  return Outcome::decoded;
}

Outcome parse_udp(const IpPacket& packet, TransportHeader& out) noexcept {
  if (packet.payload.size() < kUdpHeader) return Outcome::truncated_transport;
  ByteReader in{packet.payload.first(kUdpHeader)};
  out.source_port = in.u16be();
  out.destination_port = in.u16be();
  std::size_t length = in.u16be();
  if (length == 0) length = packet.payload_bytes;  // a jumbogram, RFC 2675 section 4
  if (length < kUdpHeader || length > packet.payload_bytes) return Outcome::bad_udp_length;
  set_payload(packet, kUdpHeader, length, out);
  return Outcome::decoded;
}

// Which type stands in for the destination port.
void set_icmp_ports(std::uint8_t protocol, std::uint8_t type, std::uint8_t code, std::uint16_t& source,
                    std::uint16_t& destination, bool& one_way) noexcept {
  const int answer = protocol == kIcmp ? icmp_answer(type) : icmp6_answer(type);
  source = type;
  one_way = answer < 0;
  destination = one_way ? code : static_cast<std::uint16_t>(answer);
}

Outcome parse_icmp(const IpPacket& packet, TransportHeader& out) noexcept {
  ByteReader in{packet.payload};
  const auto type = in.u8();
  const auto code = in.u8();
  in.bytes(kIcmpHeader - 2);
  if (!in.ok()) return Outcome::truncated_transport;
  set_icmp_ports(packet.protocol, type, code, out.source_port, out.destination_port, out.one_way);
  set_payload(packet, kIcmpHeader, packet.payload_bytes, out);
  return Outcome::decoded;
}

Outcome parse_sctp(const IpPacket& packet, TransportHeader& out) noexcept {
  ByteReader in{packet.payload};
  out.source_port = in.u16be();
  out.destination_port = in.u16be();
  in.u32be();
  in.u32be();
  out.flags = in.u8();
  if (!in.ok()) return Outcome::truncated_transport;
  set_payload(packet, kSctpHeader, packet.payload_bytes, out);
  return Outcome::decoded;
}

// No ports: both ends' tunnel is one flow.
Outcome parse_carrier(const IpPacket& packet, TransportHeader& out) noexcept {
  set_payload(packet, 0, packet.payload_bytes, out);
  return Outcome::decoded;
}

}  // namespace

std::string_view protocol_name(std::uint8_t protocol) noexcept {
  switch (protocol) {
    case kTcp: return "tcp";
    case kUdp: return "udp";
    case kIcmp:
    case kIcmp6: return "icmp";
    case kSctp: return "sctp";
    case kGre: return "gre";
    case kIpv4InIp: return "ipv4";
    case kIpv6InIp: return "ipv6";
    default: return {};
  }
}

Outcome parse_transport(const IpPacket& packet, TransportHeader& out) noexcept {
  out.protocol = packet.protocol;
  switch (packet.protocol) {
    case kTcp: return parse_tcp(packet, out);
    case kUdp: return parse_udp(packet, out);
    case kIcmp:
    case kIcmp6: return parse_icmp(packet, out);
    case kSctp: return parse_sctp(packet, out);
    case kGre:
    case kIpv4InIp:
    case kIpv6InIp: return parse_carrier(packet, out);
    default: return Outcome::ignored;
  }
}

bool is_icmp_error(std::uint8_t protocol, std::uint16_t type) noexcept {
  // Unreachable, quench, redirect, time exceeded, parameter problem; RFC 4443: types 1 to 4.
  if (protocol == kIcmp) return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
  return protocol == kIcmp6 && type >= 1 && type <= 4;
}

bool parse_quoted(const TransportHeader& error, QuotedPacket& out) noexcept {
  constexpr std::size_t kQuoteCut = 65'535;  // how much the router left off is nobody's business
  if (error.payload.empty()) return false;
  const unsigned version = error.payload[0] >> 4U;
  IpPacket packet;
  if (version != 4 && version != 6) return false;
  if (parse_ip(error.payload, version, kQuoteCut, packet) != Outcome::decoded) return false;
  out.source = packet.source;
  out.destination = packet.destination;
  out.protocol = packet.protocol;
  ByteReader in{packet.payload};
  if (packet.fragment_offset != 0 || packet.payload.size() < 4) return true;
  switch (packet.protocol) {
    case kTcp:
    case kUdp:
    case kSctp:
      out.source_port = in.u16be();
      out.destination_port = in.u16be();
      break;
    case kIcmp:
    case kIcmp6: {
      const auto type = in.u8(), code = in.u8();
      set_icmp_ports(packet.protocol, type, code, out.source_port, out.destination_port, out.one_way);
      break;
    }
    default: break;
  }
  return true;
}

}  // namespace nw::network
