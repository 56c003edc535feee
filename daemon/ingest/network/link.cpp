// Ethernet (IEEE 802.3, 802.1Q tags), Linux cooked capture v1 and v2, BSD loopback, raw IP. Link types are libpcap's
// DLT_ values; see "Link-layer header types" of tcpdump.org for each layout.
#include "ingest/network/link.h"

namespace nw::network {
namespace {

constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd;
constexpr std::uint16_t kVlan = 0x8100, kServiceVlan = 0x88a8, kOldServiceVlan = 0x9100;
constexpr int kVlanTagsMax = 4;  // two are usual; more than four is no network

constexpr bool is_vlan(std::uint16_t type) noexcept {
  return type == kVlan || type == kServiceVlan || type == kOldServiceVlan;
}

Outcome by_ether_type(ByteReader in, std::uint16_t type, LinkFrame& out) noexcept {
  for (int tags = 0; is_vlan(type); ++tags) {
    if (tags == kVlanTagsMax) return Outcome::too_many_vlan_tags;
    const auto id = static_cast<std::uint16_t>(in.u16be() & 0x0fffU);
    type = in.u16be();
    if (!in.ok()) return Outcome::truncated_link;
    if (tags == 0) out.vlan = id;
    if (tags == 1) out.inner_vlan = id;
  }
  if (type != kIpv4 && type != kIpv6) return Outcome::ignored;
  out.version = type == kIpv4 ? 4 : 6;
  out.ip = in.rest();
  return Outcome::decoded;
}

// | destination 6 | source 6 | type u16 |
Outcome ethernet(ByteReader in, LinkFrame& out) noexcept {
  in.bytes(12);
  const auto type = in.u16be();
  return in.ok() ? by_ether_type(in, type, out) : Outcome::truncated_link;
}

// | packet type u16 | ARPHRD u16 | address length u16 | address 8 | protocol u16 |
Outcome cooked_v1(ByteReader in, LinkFrame& out) noexcept {
  in.bytes(14);
  const auto type = in.u16be();
  return in.ok() ? by_ether_type(in, type, out) : Outcome::truncated_link;
}

// | protocol u16 | 0 u16 | interface u32 | ARPHRD u16 | packet type u8 | address length u8 | address 8 |
Outcome cooked_v2(ByteReader in, LinkFrame& out) noexcept {
  const auto type = in.u16be();
  in.bytes(18);
  return in.ok() ? by_ether_type(in, type, out) : Outcome::truncated_link;
}

// | address family u32 |: NULL in the order of the capturing host, LOOP in network order. No family needs more than 16
// bits, so the order shows.
Outcome loopback(ByteReader in, LinkFrame& out) noexcept {
  std::uint32_t family = in.u32be();
  if (!in.ok()) return Outcome::truncated_link;
  if (family > 0xffff) {
    family = (family >> 24U) | (family >> 8U & 0xff00U) | (family << 8U & 0xff0000U) | (family << 24U);
  }
  switch (family) {
    case 2: out.version = 4; break;
    // AF_INET6 of Linux, of NetBSD and OpenBSD, of FreeBSD, of macOS.
    case 10:
    case 24:
    case 28:
    case 30: out.version = 6; break;
    default: return Outcome::ignored;
  }
  out.ip = in.rest();
  return Outcome::decoded;
}

Outcome raw(Bytes frame, LinkFrame& out) noexcept {
  if (frame.empty()) return Outcome::truncated_ip;
  out.version = static_cast<std::uint8_t>(frame[0] >> 4U);
  out.ip = frame;
  return out.version == 4 || out.version == 6 ? Outcome::decoded : Outcome::bad_ip_header;
}

}  // namespace

Outcome parse_link(Bytes frame, int link_type, LinkFrame& out) noexcept {
  switch (link_type) {
    case 1: return ethernet(ByteReader{frame}, out);
    case 0:
    case 108: return loopback(ByteReader{frame}, out);
    case 12:  // DLT_RAW
    case 14:  // the same on OpenBSD
    case 101:
    case 228:
    case 229: return raw(frame, out);
    case 113: return cooked_v1(ByteReader{frame}, out);
    case 276: return cooked_v2(ByteReader{frame}, out);
    default: return Outcome::unknown_link_type;
  }
}

}  // namespace nw::network
