// Ethernet (IEEE 802.3 with LLC/SNAP, 802.1Q tags, 802.1ah), MPLS (RFC 3032), PPPoE (RFC 2516), PPP (RFC 1661, 1662),
// Cisco HDLC, Linux cooked capture v1 and v2, BSD loopback, raw IP. Link types are libpcap's DLT_ values; see
// "Link-layer header types" of tcpdump.org for each layout.
#include "ingest/network/link.h"

namespace nw::network {
namespace {

constexpr std::uint16_t kArp = 0x0806, kRarp = 0x8035;
constexpr std::uint16_t kVlan = 0x8100, kServiceVlan = 0x88a8, kOldServiceVlan = 0x9100;
constexpr std::uint16_t kMpls = 0x8847, kMplsMulticast = 0x8848;
constexpr std::uint16_t kPppoeSession = 0x8864, kProviderBridge = 0x88e7;
constexpr std::uint16_t kLengthMax = 1500;  // below: no type but a length, LLC follows (IEEE 802.3 3.2.6)
constexpr std::uint16_t kLlc = 4;           // any length will do; this one is ETH_P_802_2 of Linux

// One link layer after the other; `type` is the EtherType of what `in` stands before.
class Walk {
 public:
  Walk(ByteReader in, std::uint16_t type, LinkFrame& out) noexcept : in_{in}, type_{type}, out_{out} {}

  Outcome run() noexcept {
    for (int layers = 0; layers < kLinkLayersMax; ++layers) {
      if (type_ == EtherType::kIpv4 || type_ == EtherType::kIpv6) {
        out_.version = type_ == EtherType::kIpv4 ? 4 : 6;
        out_.ip = in_.rest();
        return Outcome::decoded;
      }
      if (const Outcome outcome = step(); outcome != Outcome::decoded) return outcome;
    }
    return Outcome::too_many_layers;
  }

 private:
  Outcome step() noexcept {
    switch (type_) {
      case EtherType::kEthernet: return ethernet();
      case kVlan:
      case kServiceVlan:
      case kOldServiceVlan: return vlan();
      case kMpls:
      case kMplsMulticast: return mpls();
      case kPppoeSession: return pppoe();
      case EtherType::kPpp: return ppp();
      case kProviderBridge: return provider_bridge();
      case kArp:
      case kRarp: return arp();
      default: return type_ <= kLengthMax ? llc() : Outcome::ignored;
    }
  }

  [[nodiscard]] Outcome read() const noexcept { return in_.ok() ? Outcome::decoded : Outcome::truncated_link; }

  // | destination 6 | source 6 | type u16 |
  Outcome ethernet() noexcept {
    out_.layers.add(Layer::ethernet);
    hosts_ = in_.bytes(12);
    type_ = in_.u16be();
    return read();
  }

  Outcome arp() noexcept {
    out_.layers.add(Layer::arp);
    out_.arp = in_.rest();
    out_.ethernet = hosts_;
    return Outcome::ignored;
  }

  // | priority:3 drop:1 id:12 | type u16 |
  Outcome vlan() noexcept {
    if (tags_ == kVlanTagsMax) return Outcome::too_many_vlan_tags;
    out_.layers.add(Layer::vlan);
    const auto id = static_cast<std::uint16_t>(in_.u16be() & 0x0fffU);
    type_ = in_.u16be();
    if (in_.ok() && tags_ == 0) out_.vlan = id;
    if (in_.ok() && tags_ == 1) out_.inner_vlan = id;
    ++tags_;
    return read();
  }

  // IEEE 802.1ah: | priority, service id u32 | a customer's frame |
  Outcome provider_bridge() noexcept {
    out_.layers.add(Layer::provider_bridge);
    in_.u32be();
    type_ = EtherType::kEthernet;
    return read();
  }

  // | label:20 class:3 last:1 TTL:8 |, then what only the routers know. IP shows in its first nibble; a pseudo-wire
  // puts a control word of zeroes before the frame, or none (RFC 4385, 4448).
  Outcome mpls() noexcept {
    out_.layers.add(Layer::mpls);
    for (int labels = 0;; ++labels) {
      if (labels == kMplsLabelsMax) return Outcome::too_many_mpls_labels;
      const std::uint32_t label = in_.u32be();
      if (!in_.ok()) return Outcome::truncated_link;
      if ((label & 0x100U) != 0) break;
    }
    if (in_.empty()) return Outcome::truncated_link;
    const unsigned nibble = in_.rest()[0] >> 4U;
    type_ = EtherType::kEthernet;
    if (nibble == 4 || nibble == 6) {
      type_ = nibble == 4 ? EtherType::kIpv4 : EtherType::kIpv6;
    } else if (nibble == 0 && looks_like_ethernet(4)) {
      in_.u32be();
    } else if (!looks_like_ethernet(0)) {
      return Outcome::ignored;
    }
    return Outcome::decoded;
  }

  // Behind `skip` bytes stands an Ethernet frame of a type that we could go on with.
  [[nodiscard]] bool looks_like_ethernet(std::size_t skip) const noexcept {
    ByteReader in = in_;
    in.bytes(skip + 12);
    switch (in.u16be()) {
      case EtherType::kIpv4:
      case EtherType::kIpv6:
      case kArp:
      case kVlan:
      case kServiceVlan:
      case kOldServiceVlan:
      case kMpls:
      case kPppoeSession: return true;
      default: return false;
    }
  }

  // | version:4 = 1 type:4 = 1 | code u8 = 0 | session u16 | length u16 | PPP |
  Outcome pppoe() noexcept {
    out_.layers.add(Layer::pppoe);
    const auto version_type = in_.u8();
    const auto code = in_.u8();
    in_.u16be();
    const auto length = in_.u16be();
    if (!in_.ok()) return Outcome::truncated_link;
    if (version_type != 0x11 || code != 0 || length == 0) return Outcome::bad_pppoe_header;
    type_ = EtherType::kPpp;
    return Outcome::decoded;
  }

  // | 0xff | 0x03 | protocol u16, or u8 when it is odd |; the first two may be left out (RFC 1661 section 6.6).
  Outcome ppp() noexcept {
    out_.layers.add(Layer::ppp);
    std::uint16_t protocol = in_.u8();
    if (protocol == 0xff) {
      in_.u8();
      protocol = in_.u8();
    }
    if ((protocol & 1U) == 0) protocol = static_cast<std::uint16_t>(protocol << 8U | in_.u8());
    if (!in_.ok()) return Outcome::truncated_link;
    switch (protocol) {
      case 0x0021: type_ = EtherType::kIpv4; break;
      case 0x0057: type_ = EtherType::kIpv6; break;
      case 0x0281: type_ = kMpls; break;
      case 0x0283: type_ = kMplsMulticast; break;
      default: return Outcome::ignored;  // link control, compressed or encrypted packets
    }
    return Outcome::decoded;
  }

  // | 0xaa | 0xaa | 0x03 | organisation 3 | type u16 |: SNAP (RFC 1042). Other LLC carries no IP.
  Outcome llc() noexcept {
    out_.layers.add(Layer::llc);
    const std::uint32_t head = in_.u16be();
    const auto control = in_.u8();
    if (!in_.ok()) return Outcome::truncated_link;
    if (head != 0xaaaa || control != 0x03) return Outcome::ignored;
    const std::uint32_t organisation = std::uint32_t{in_.u16be()} << 8U | in_.u8();
    type_ = in_.u16be();
    if (!in_.ok()) return Outcome::truncated_link;
    // The types are EtherTypes for these two only: RFC 1042, and bridges' 0x0000f8 (IEEE 802.1H).
    if (organisation != 0 && organisation != 0xf8) return Outcome::ignored;
    return type_ > kLengthMax ? Outcome::decoded : Outcome::ignored;
  }

  ByteReader in_;
  std::uint16_t type_;
  LinkFrame& out_;
  Bytes hosts_;  // of the innermost Ethernet frame
  int tags_ = 0;
};

// Linux says in place of an EtherType what has none; of those only LLC can carry IP.
Outcome cooked(ByteReader in, std::uint16_t type, LinkFrame& out) noexcept {
  if (!in.ok()) return Outcome::truncated_link;
  out.layers.add(Layer::cooked);
  return type <= kLengthMax && type != kLlc ? Outcome::ignored : Walk{in, type, out}.run();
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

// Cisco HDLC: | address u8 | 0 u8 | EtherType u16 |
Outcome cisco_hdlc(ByteReader in, LinkFrame& out) noexcept {
  in.u16be();
  const auto type = in.u16be();
  if (!in.ok()) return Outcome::truncated_link;
  return type <= kLengthMax ? Outcome::ignored : Walk{in, type, out}.run();
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

}  // namespace

Outcome parse_ether_type(Bytes bytes, std::uint16_t type, LinkFrame& out) noexcept {
  return Walk{ByteReader{bytes}, type, out}.run();
}

Outcome parse_link(Bytes frame, int link_type, LinkFrame& out) noexcept {
  switch (link_type) {
    case 1: return parse_ether_type(frame, EtherType::kEthernet, out);
    case 0:
    case 108: return loopback(ByteReader{frame}, out);
    case 9:
    case 50: return serial(frame, out);
    case 51: return parse_ether_type(frame, kPppoeSession, out);
    case 104: return cisco_hdlc(ByteReader{frame}, out);
    case 204: return ppp_with_direction(ByteReader{frame}, out);
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
