// What stands before an EtherType, or in its place, for each kind of capture: Linux cooked v1 and v2, BSD loopback, raw
// IP, PPP and Cisco HDLC on a serial line, frame relay (RFC 2427), IEEE 802.11 with and without radiotap, Token Ring
// and FDDI, NFLOG, IEEE 802.3br. Link types are libpcap's DLT_ values; see "Link-layer header types" of tcpdump.org for
// each layout.
#include <algorithm>

#include "ingest/network/link.h"

namespace nw::network {
namespace {

// Linux says in place of an EtherType what has none; of those only LLC can carry IP.
Outcome cooked(ByteReader in, std::uint16_t type, LinkFrame& out) noexcept {
  if (!in.ok()) return Outcome::truncated_link;
  out.layers.add(Layer::cooked);
  return type <= EtherType::kLengthMax && type != EtherType::kLlc ? Outcome::ignored
                                                                  : parse_ether_type(in.rest(), type, out);
}

// | packet type u16 | ARPHRD u16 | address length u16 | address 8 | protocol u16 |
Outcome cooked_v1(ByteReader in, LinkFrame& out) noexcept {
  in.bytes(14);
  const auto type = in.u16be();
  return cooked(in, type, out);
}

// | protocol u16 | 0 u16 | interface u32 | ARPHRD u16 | packet type u8 | address length u8 | address 8 |
Outcome cooked_v2(ByteReader in, LinkFrame& out) noexcept {
  const auto type = in.u16be();
  in.bytes(18);
  return cooked(in, type, out);
}

// | address family u32 |: NULL in the order of the capturing host, LOOP in network order. No family needs more than 16
// bits, so the order shows.
Outcome loopback(ByteReader in, LinkFrame& out) noexcept {
  std::uint32_t family = in.u32be();
  if (!in.ok()) return Outcome::truncated_link;
  out.layers.add(Layer::loopback);
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

// Cisco HDLC: | address u8 | 0 u8 | EtherType u16 |; but RARP's number is that of the router's own keep-alives.
Outcome cisco_hdlc(ByteReader in, LinkFrame& out) noexcept {
  constexpr std::uint16_t kKeepAlive = 0x8035;
  in.u16be();
  const auto type = in.u16be();
  if (!in.ok()) return Outcome::truncated_link;
  if (type <= EtherType::kLengthMax || type == kKeepAlive) return Outcome::ignored;
  return parse_ether_type(in.rest(), type, out);
}

// PPP in HDLC-like framing, or Cisco HDLC: the address tells (0x0f unicast, 0x8f multicast).
Outcome serial(Bytes frame, LinkFrame& out) noexcept {
  const bool cisco = !frame.empty() && (frame[0] == 0x0f || frame[0] == 0x8f);
  return cisco ? cisco_hdlc(ByteReader{frame}, out) : parse_ether_type(frame, EtherType::kPpp, out);
}

// | direction u8 | PPP |
Outcome ppp_with_direction(ByteReader in, LinkFrame& out) noexcept {
  in.u8();
  return in.ok() ? parse_ether_type(in.rest(), EtherType::kPpp, out) : Outcome::truncated_link;
}

// RFC 2427: | address, until a byte is odd | 0x03 | padding 0 | NLPID u8 | packet |; Cisco's own: | address | EtherType
// |.
Outcome frame_relay(ByteReader in, LinkFrame& out) noexcept {
  constexpr int kAddressMax = 4;
  constexpr std::uint8_t kUnnumbered = 0x03, kIpv4 = 0xcc, kIpv6 = 0x8e, kSnap = 0x80;
  for (int bytes = 0; (in.u8() & 1U) == 0; ++bytes) {
    if (!in.ok() || bytes + 1 == kAddressMax) return Outcome::truncated_link;
  }
  ByteReader look = in;
  std::uint8_t kind = 0;
  if (look.u8() == kUnnumbered) {
    kind = look.u8();
    if (kind == 0) kind = look.u8();
  } else {
    const auto type = in.u16be();
    if (!in.ok()) return Outcome::truncated_link;
    return type <= EtherType::kLengthMax ? Outcome::ignored : parse_ether_type(in.rest(), type, out);
  }
  if (!look.ok()) return Outcome::truncated_link;
  switch (kind) {
    case kIpv4: return parse_ether_type(look.rest(), EtherType::kIpv4, out);
    case kIpv6: return parse_ether_type(look.rest(), EtherType::kIpv6, out);
    case kSnap: break;
    default: return Outcome::ignored;
  }
  const std::uint32_t organisation = std::uint32_t{look.u16be()} << 8U | look.u8();
  const auto type = look.u16be();
  if (!look.ok()) return Outcome::truncated_link;
  return organisation == 0 && type > EtherType::kLengthMax ? parse_ether_type(look.rest(), type, out)
                                                           : Outcome::ignored;
}

// IEEE 802.11-2020 9.2.3: | version:2 type:2 subtype:4 | flags u8 | duration u16 | address 6, 6, 6 | sequence u16 |
// address 6, between access points | QoS u16, +4 by flag | LLC |. Only data in the clear, whole, one to a frame.
Outcome wireless(ByteReader in, bool padded, LinkFrame& out) noexcept {
  constexpr unsigned kData = 2, kNoData = 4, kQos = 8;  // type, and bits of the subtype
  constexpr unsigned kBetweenAccessPoints = 3, kMoreFragments = 4, kProtected = 0x40, kOrder = 0x80, kAggregate = 0x80;
  const std::size_t before = in.rest().size();
  const unsigned control = in.u8(), flags = in.u8();
  in.bytes(20);
  const unsigned fragment = in.u8() & 0x0fU;
  in.u8();
  if (!in.ok()) return Outcome::truncated_link;
  const unsigned subtype = control >> 4U;
  if ((control & 3U) != 0 || (control >> 2U & 3U) != kData || (subtype & kNoData) != 0) return Outcome::ignored;
  if ((flags & (kMoreFragments | kProtected)) != 0 || fragment != 0) return Outcome::ignored;
  if ((flags & kBetweenAccessPoints) == kBetweenAccessPoints) in.bytes(6);
  if ((subtype & kQos) != 0) {
    const unsigned qos = in.u8();
    in.u8();
    if ((qos & kAggregate) != 0) return Outcome::ignored;
    if ((flags & kOrder) != 0) in.bytes(4);
  }
  if (padded) in.bytes((before - in.rest().size()) % 4 == 0 ? 0 : 4 - (before - in.rest().size()) % 4);
  return in.ok() ? parse_ether_type(in.rest(), EtherType::kLlc, out) : Outcome::truncated_link;
}

// radiotap.org, everything little endian: | version u8 = 0 | 0 u8 | length u16 | present u32, more while bit 31 is set
// | by bit 0: time u64, aligned | by bit 1: flags u8 | ...
Outcome radiotap(ByteReader in, LinkFrame& out) noexcept {
  constexpr int kPresentMax = 16;
  constexpr unsigned kPadded = 0x20;
  ByteReader head = in;
  const auto version = head.u8();
  head.u8();
  const std::size_t length = head.u16le();
  const std::uint32_t present = head.u32le();
  std::size_t at = 8;
  for (std::uint32_t more = present; (more >> 31U) != 0 && head.ok(); at += 4) {
    if (at == 8 + 4 * kPresentMax) return Outcome::truncated_link;
    more = head.u32le();
  }
  if ((present & 1U) != 0) head.bytes(at % 8 == 0 ? 8 : 12);
  const unsigned flags = (present & 2U) != 0 ? head.u8() : 0;
  in.bytes(length);
  if (version != 0 || !head.ok() || !in.ok() || length < at) return Outcome::truncated_link;
  return wireless(in, (flags & kPadded) != 0, out);
}

// | access control u8 | frame control u8 | destination 6 | source 6 | route, when the source's first bit says so | LLC
// |
Outcome token_ring(ByteReader in, LinkFrame& out) noexcept {
  in.u8();
  const unsigned control = in.u8();
  in.bytes(6);
  const bool routed = (in.u8() & 0x80U) != 0;
  in.bytes(5);
  if (routed) {
    const std::size_t length = in.u8() & 0x1fU;
    if (length < 2) return Outcome::truncated_link;
    in.bytes(length - 1);
  }
  if (!in.ok()) return Outcome::truncated_link;
  return control >> 6U == 1 ? parse_ether_type(in.rest(), EtherType::kLlc, out) : Outcome::ignored;
}

// | frame control u8 | destination 6 | source 6 | LLC |
Outcome fddi(ByteReader in, LinkFrame& out) noexcept {
  const unsigned control = in.u8();
  in.bytes(12);
  if (!in.ok()) return Outcome::truncated_link;
  return (control & 0xf0U) == 0x50 ? parse_ether_type(in.rest(), EtherType::kLlc, out) : Outcome::ignored;
}

// Linux's netfilter log: | family u8 | version u8 = 0 | group u16 | attributes |, each | length u16 | type u16 | value
// | in the order of the capturing host, padded to 4 bytes.
Outcome netfilter_log(ByteReader in, LinkFrame& out) noexcept {
  constexpr int kAttributesMax = 32;
  constexpr unsigned kPayload = 9, kInet = 2, kInet6 = 10;
  const unsigned family = in.u8();
  const unsigned version = in.u8();
  in.u16be();
  if (!in.ok()) return Outcome::truncated_link;
  if (version != 0 || (family != kInet && family != kInet6)) return Outcome::ignored;
  for (int attributes = 0; attributes < kAttributesMax && !in.empty(); ++attributes) {
    ByteReader look = in;
    std::size_t length = in.u16le();
    unsigned type = in.u16le();
    // Types are small and never 0: one without its lower byte was read the wrong way round.
    if ((type & 0xffU) == 0) {
      length = look.u16be();
      type = look.u16be();
    }
    if (!in.ok() || length < 4) return Outcome::truncated_link;
    if ((type & 0x7fffU) == kPayload) {
      const Bytes payload = in.rest();
      return parse_ether_type(payload.first(std::min(length - 4, payload.size())),
                              family == kInet ? EtherType::kIpv4 : EtherType::kIpv6, out);
    }
    in.bytes((length - 1) / 4 * 4);
    if (!in.ok()) return Outcome::truncated_link;
  }
  return in.empty() ? Outcome::truncated_link : Outcome::ignored;
}

// IEEE 802.3br: | preamble 7 | start u8 | Ethernet |; other starts than an express frame's are pieces of frames.
Outcome ethernet_with_preamble(ByteReader in, LinkFrame& out) noexcept {
  constexpr std::uint8_t kExpress = 0xd5;
  in.bytes(7);
  const auto start = in.u8();
  if (!in.ok()) return Outcome::truncated_link;
  return start == kExpress ? parse_ether_type(in.rest(), EtherType::kEthernet, out) : Outcome::ignored;
}

}  // namespace

Outcome parse_link(Bytes frame, int link_type, LinkFrame& out) noexcept {
  switch (link_type) {
    case 1: return parse_ether_type(frame, EtherType::kEthernet, out);
    case 0:
    case 108: return loopback(ByteReader{frame}, out);
    case 6: return token_ring(ByteReader{frame}, out);
    case 10: return fddi(ByteReader{frame}, out);
    case 9:
    case 50: return serial(frame, out);
    case 51: return parse_ether_type(frame, EtherType::kPppoeSession, out);
    case 104: return cisco_hdlc(ByteReader{frame}, out);
    case 204: return ppp_with_direction(ByteReader{frame}, out);
    case 12:  // DLT_RAW
    case 14:  // the same on OpenBSD
    case 101:
    case 228:
    case 229: return raw(frame, out);
    case 105: return wireless(ByteReader{frame}, false, out);
    case 107: return frame_relay(ByteReader{frame}, out);
    case 127: return radiotap(ByteReader{frame}, out);
    case 239: return netfilter_log(ByteReader{frame}, out);
    case 274: return ethernet_with_preamble(ByteReader{frame}, out);
    case 113: return cooked_v1(ByteReader{frame}, out);
    case 276: return cooked_v2(ByteReader{frame}, out);
    default: return Outcome::unknown_link_type;
  }
}

}  // namespace nw::network
