// IPv4: RFC 791 section 3.1.
// | version:4 IHL:4 | DSCP u8 | total length u16 | id u16 | 0 DF MF offset:13 | TTL u8 | protocol u8 | checksum u16 |
// | source 4 | destination 4 | options |
// IPv6: RFC 8200 section 3.
// | version:4 class:8 label:20 | payload length u16 | next header u8 | hop limit u8 | source 16 | destination 16 |
#include "ingest/network/ip_layer.h"

#include <algorithm>

namespace nw::network {
namespace {

constexpr std::size_t kIpv4HeaderMin = 20, kIpv6Header = 40;
// Ethernet pads short packets to this: behind an IPv6 length of 0 so few bytes mean nothing.
constexpr std::size_t kEthernetPayloadMin = 46;
constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kAuthentication = 51, kDestinationOptions = 60,
                       kMobility = 135, kHostIdentity = 139, kShim6 = 140;

// Leaves the `length` bytes that the header promises, or what the capture kept of them.
Outcome set_payload(IpPacket& out, Bytes rest, std::size_t length, std::size_t cut) noexcept {
  if (length > rest.size() + cut) return Outcome::truncated_ip;
  out.payload = rest.first(std::min(length, rest.size()));
  out.payload_bytes = static_cast<std::uint32_t>(length);
  return Outcome::decoded;
}

// One look at the length of a fixed header: reads within it are then known to be there.
Outcome parse_ipv4(Bytes bytes, std::size_t cut, IpPacket& out) noexcept {
  if (bytes.size() < kIpv4HeaderMin) return Outcome::truncated_ip;
  ByteReader in{bytes.first(kIpv4HeaderMin)};
  const auto version_length = in.u8();
  in.u8();
  std::size_t total = in.u16be();
  out.fragment_id = in.u16be();
  const auto flags = in.u16be();
  in.u8();
  out.protocol = in.u8();
  in.u16be();
  out.source = IpAddress::v4(in.u32be());
  out.destination = IpAddress::v4(in.u32be());
  const std::size_t header = (version_length & 0x0fU) * std::size_t{4};
  if (version_length >> 4U != 4 || header < kIpv4HeaderMin) return Outcome::bad_ip_header;
  // Segmentation offload: the card fills the length in after the capture point.
  if (total == 0) total = bytes.size() + cut;
  if (total < header) return Outcome::bad_ip_length;
  if (header > bytes.size()) return Outcome::truncated_ip;
  out.ip_bytes = static_cast<std::uint32_t>(total);
  out.more_fragments = (flags & 0x2000U) != 0;
  out.fragment_offset = (flags & 0x1fffU) * 8U;
  out.fragment = out.more_fragments || out.fragment_offset != 0;
  return set_payload(out, bytes.subspan(header), total - header, cut);
}

Outcome parse_ipv6(Bytes bytes, std::size_t cut, IpPacket& out) noexcept {
  ByteReader in{bytes};
  const auto version_label = in.u32be();
  std::size_t length = in.u16be();
  out.protocol = in.u8();
  in.u8();
  out.source = IpAddress::from_bytes(in.bytes(16));
  out.destination = IpAddress::from_bytes(in.bytes(16));
  if (!in.ok()) return Outcome::truncated_ip;
  if (version_label >> 28U != 6) return Outcome::bad_ip_header;
  const std::size_t behind = in.rest().size() + cut;
  // A jumbogram (RFC 2675), or offload as above.
  if (length == 0 && behind > kEthernetPayloadMin) length = behind;
  out.ip_bytes = static_cast<std::uint32_t>(kIpv6Header + length);
  const Outcome outcome = set_payload(out, in.rest(), length, cut);
  return outcome == Outcome::decoded ? skip_extensions(out) : outcome;
}

// Drops `count` bytes at the front. False when they are not all there.
bool drop(IpPacket& packet, std::size_t count) noexcept {
  if (count > packet.payload.size()) return false;
  packet.payload = packet.payload.subspan(count);
  packet.payload_bytes -= static_cast<std::uint32_t>(count);
  return true;
}

// | next u8 | 0 u8 | offset:13 0:2 M:1 | id u32 |
Outcome fragment_header(IpPacket& packet) noexcept {
  ByteReader in{packet.payload};
  packet.protocol = in.u8();
  in.u8();
  const auto place = in.u16be();
  packet.fragment_id = in.u32be();
  if (!in.ok() || !drop(packet, 8)) return Outcome::truncated_ip;
  packet.fragment_offset = place & 0xfff8U;
  packet.more_fragments = (place & 1U) != 0;
  // Offset 0 without more is an atomic fragment (RFC 6946): a whole packet.
  packet.fragment = packet.more_fragments || packet.fragment_offset != 0;
  return Outcome::decoded;
}

}  // namespace

Outcome skip_extensions(IpPacket& packet) noexcept {
  for (int headers = 0;; ++headers) {
    std::size_t unit = 8, more = 1;
    switch (packet.protocol) {
      case kFragment: {
        if (headers == kExtensionHeadersMax) return Outcome::too_many_extension_headers;
        const Outcome outcome = fragment_header(packet);
        if (outcome != Outcome::decoded || packet.fragment) return outcome;
        continue;
      }
      // | next u8 | length u8, in units of 4 bytes, less 2 |, RFC 4302 section 2
      case kAuthentication:
        unit = 4;
        more = 2;
        break;
      // | next u8 | length u8, in units of 8 bytes, less 1 |
      case kHopByHop:
      case kRouting:
      case kDestinationOptions:
      case kMobility:
      case kHostIdentity:
      case kShim6: break;
      default: return Outcome::decoded;
    }
    if (headers == kExtensionHeadersMax) return Outcome::too_many_extension_headers;
    ByteReader in{packet.payload};
    const auto next = in.u8();
    const std::size_t length = (in.u8() + more) * unit;
    if (!in.ok() || !drop(packet, length)) return Outcome::truncated_ip;
    packet.protocol = next;
  }
}

Outcome parse_ip(Bytes bytes, unsigned version, std::size_t cut, IpPacket& out) noexcept {
  out.version = static_cast<std::uint8_t>(version);
  return version == 4 ? parse_ipv4(bytes, cut, out) : parse_ipv6(bytes, cut, out);
}

bool parse_addresses(Bytes bytes, unsigned version, IpAddress& source, IpAddress& destination) noexcept {
  ByteReader in{bytes};
  in.bytes(version == 4 ? 12 : 8);
  const std::size_t width = version == 4 ? 4 : 16;
  source = IpAddress::from_bytes(in.bytes(width));
  destination = IpAddress::from_bytes(in.bytes(width));
  return in.ok();
}

}  // namespace nw::network
