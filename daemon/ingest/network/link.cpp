// Ethernet (IEEE 802.3 with LLC/SNAP, 802.1Q tags, 802.1ah, 802.1CB), HSR (IEC 62439-3), MPLS (RFC 3032), PPPoE (RFC
// 2516), PPP (RFC 1661, 1662).
#include "ingest/network/link.h"

namespace nw::network {
namespace {

constexpr std::uint16_t kRarp = 0x8035;
constexpr std::uint16_t kServiceVlan = 0x88a8, kOldServiceVlan = 0x9100;
constexpr std::uint16_t kMpls = 0x8847, kMplsMulticast = 0x8848;
constexpr std::uint16_t kProviderBridge = 0x88e7;
constexpr std::uint16_t kHsr = 0x892f, kRedundancy = 0xf1c1;
constexpr std::uint32_t kCisco = 0x00000c;
constexpr std::uint16_t kCdp = 0x2000;

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
      case EtherType::kVlan:
      case kServiceVlan:
      case kOldServiceVlan: return vlan();
      case kMpls:
      case kMplsMulticast: return mpls();
      case EtherType::kPppoeSession: return pppoe();
      case EtherType::kPpp: return ppp();
      case kProviderBridge: return provider_bridge();
      case kHsr:
      case kRedundancy: return redundant();
      case EtherType::kArp:
      case kRarp: return arp();
      default: return type_ <= EtherType::kLengthMax ? llc() : other();
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

  // A protocol may be at home right here.
  Outcome other() noexcept {
    out_.payload = in_.rest();
    out_.ether_type = type_;
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

  // HSR (IEC 62439-3): | path:4 size:12 | sequence u16 | type u16 |; IEEE 802.1CB: | 0 u16 | sequence u16 | type u16 |.
  Outcome redundant() noexcept {
    in_.u32be();
    type_ = in_.u16be();
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
      case EtherType::kArp:
      case EtherType::kVlan:
      case kServiceVlan:
      case kOldServiceVlan:
      case kMpls:
      case EtherType::kPppoeSession: return true;
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

  // | 0xaa | 0xaa | 0x03 | organisation 3 | type u16 |: SNAP (RFC 1042). Other LLC carries nothing that we read.
  Outcome llc() noexcept {
    out_.layers.add(Layer::llc);
    const std::uint32_t head = in_.u16be();
    const auto control = in_.u8();
    if (!in_.ok()) return Outcome::truncated_link;
    if (head != 0xaaaa || control != 0x03) return Outcome::ignored;
    const std::uint32_t organisation = std::uint32_t{in_.u16be()} << 8U | in_.u8();
    type_ = in_.u16be();
    if (!in_.ok()) return Outcome::truncated_link;
    // Cisco's number of its discovery protocol; nobody has it as an EtherType.
    if (organisation == kCisco && type_ == kCdp) return other();
    // The types are EtherTypes for these two only: RFC 1042, and bridges' 0x0000f8 (IEEE 802.1H).
    if (organisation != 0 && organisation != 0xf8) return Outcome::ignored;
    return type_ > EtherType::kLengthMax ? Outcome::decoded : Outcome::ignored;
  }

  ByteReader in_;
  std::uint16_t type_;
  LinkFrame& out_;
  Bytes hosts_;  // of the innermost Ethernet frame
  int tags_ = 0;
};

}  // namespace

Outcome parse_ether_type(Bytes bytes, std::uint16_t type, LinkFrame& out) noexcept {
  return Walk{ByteReader{bytes}, type, out}.run();
}

}  // namespace nw::network
