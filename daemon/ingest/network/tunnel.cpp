// GRE: RFC 2784, 2890 (key, sequence), 2637 (version 1). | flags:13 version:3 | type u16 | by flag: checksum u32, key
// u32, sequence u32, acknowledgement u32 |
// VXLAN: RFC 7348 section 5. | flags u8 | reserved 3 | network u24 | 0 u8 | Ethernet |; its generic extension says in
// the fourth byte what it carries (draft-ietf-nvo3-vxlan-gpe section 3.1). Geneve: RFC 8926 section 3.4. | version:2
// options:6 | O C 0:6 | type u16 | network u24 | 0 u8 | options | payload | GTP-U: 3GPP TS 29.281 section 5. |
// version:3 PT 0 E S PN | message u8 | length u16 | endpoint u32 | by flag: sequence u16, number u8, next u8 |
// extension headers | IP | Teredo: RFC 4380 section 5.1.1. | authentication | origin | IPv6 | TZSP: | version u8 = 1 |
// packet type u8 | encapsulated u16 | tags | frame |
#include "ingest/network/tunnel.h"

#include <algorithm>
#include <array>

#include "ingest/network/link.h"

namespace nw::network {
namespace {

constexpr std::uint16_t kVxlanPort = 4789, kVxlanGpePort = 4790, kGenevePort = 6081, kGtpPort = 2152,
                        kTeredoPort = 3544, kTzspPort = 37008;
constexpr std::uint16_t kErspan = 0x88be, kErspan3 = 0x22eb, kWccp = 0x883e;
constexpr std::size_t kEthernetHeader = 14, kIpv6Header = 40;
// A mirror that cut the frame says so, but not by how much.
constexpr std::size_t kMirrorCutMax = 65'535;

// The EtherType of an IP packet, by its first nibble; 0 for what is none.
std::uint16_t ip_ether_type(Bytes bytes) noexcept {
  const unsigned version = bytes.empty() ? 0 : bytes[0] >> 4U;
  if (version == 4) return EtherType::kIpv4;
  return version == 6 ? EtherType::kIpv6 : std::uint16_t{0};
}

// | version:4 = 1 vlan:12 | class:3 encapsulation:2 truncated:1 session:10 | 0:12 index:20 | Ethernet |; type I has no
// header of its own, and no GRE sequence number.
void erspan(ByteReader in, bool sequenced, Tunnel& out) noexcept {
  out.layers.add(Layer::erspan);
  if (sequenced) {
    const unsigned version = in.u16be() >> 12U;
    if ((in.u16be() & 0x0400U) != 0) out.cut += kMirrorCutMax;
    in.u32be();
    if (!in.ok() || version != 1) return;
  }
  out.ether_type = EtherType::kEthernet;
  out.inner = in.rest();
}

// | version:4 = 2 vlan:12 | as above | timestamp u32 | group u16 | P frame type:5 hardware:6 D granularity:2 O | by O:
// 8 |
void erspan3(ByteReader in, Tunnel& out) noexcept {
  out.layers.add(Layer::erspan);
  const unsigned version = in.u16be() >> 12U;
  if ((in.u16be() & 0x0400U) != 0) out.cut += kMirrorCutMax;
  in.bytes(6);
  const unsigned flags = in.u16be();
  if ((flags & 1U) != 0) in.bytes(8);
  if (!in.ok() || version != 2) return;
  const unsigned frame_type = flags >> 10U & 0x1fU;
  if (frame_type == 0) out.ether_type = EtherType::kEthernet;
  if (frame_type == 2) out.ether_type = ip_ether_type(in.rest());
  out.inner = in.rest();
}

// What GRE carries.
void gre_payload(ByteReader in, std::uint16_t type, bool sequenced, Tunnel& out) noexcept {
  switch (type) {
    case kErspan: return erspan(in, sequenced, out);
    case kErspan3: return erspan3(in, out);
    case kWccp:
      // Version 2 puts a redirect header of four bytes before the packet.
      if (ip_ether_type(in.rest()) != EtherType::kIpv4) in.u32be();
      out.ether_type = ip_ether_type(in.rest());
      break;
    default: out.ether_type = type; break;  // 0, a keep-alive, opens nothing
  }
  out.inner = in.rest();
}

Outcome gre(Bytes payload, Tunnel& out) noexcept {
  ByteReader in{payload};
  const unsigned flags = in.u16be();
  const auto type = in.u16be();
  const bool checksum = (flags & 0x8000U) != 0, routing = (flags & 0x4000U) != 0, key = (flags & 0x2000U) != 0,
             sequence = (flags & 0x1000U) != 0, acknowledgement = (flags & 0x0080U) != 0;
  const unsigned version = flags & 7U;
  if (in.ok() && (version > 1 || routing || (version == 1 && (type != EtherType::kPpp || !key)))) {
    return Outcome::bad_gre_header;
  }
  if (checksum) in.u32be();
  const std::uint32_t key_value = key ? in.u32be() : 0;
  if (sequence) in.u32be();
  if (version == 1 && acknowledgement) in.u32be();
  if (!in.ok()) return Outcome::truncated_transport;
  out.type = TunnelType::gre;
  out.layers.add(Layer::gre);
  if (in.empty()) return Outcome::decoded;
  // NVGRE (RFC 7637): the network is the upper part of the key.
  if (key && type == EtherType::kEthernet) out.network = (key_value >> 8U) + 1;
  gre_payload(in, type, sequence, out);
  return Outcome::decoded;
}

// Reserved bits are to be ignored (RFC 7348 section 5, RFC 8926 section 3.4), and who sets one must not hide what is
// within. But the strictness of a header that uses them is gone, so what is within has to look like what it says.
bool looks_like(std::uint16_t type, Bytes inner) noexcept {
  switch (type) {
    case EtherType::kIpv4:
    case EtherType::kIpv6: return ip_ether_type(inner) == type;
    case EtherType::kArp: return inner.size() >= 2 && inner[0] == 0 && inner[1] == 1;
    case EtherType::kVlan: return true;
    case EtherType::kEthernet: break;
    default: return false;
  }
  if (inner.size() < kEthernetHeader) return false;
  ByteReader frame{inner.subspan(kEthernetHeader - 2)};
  const auto within = frame.u16be();
  return within != EtherType::kEthernet && looks_like(within, frame.rest());
}

void open_vxlan(std::uint32_t network, std::uint16_t type, Bytes inner, Tunnel& out) noexcept {
  out.type = TunnelType::vxlan;
  out.layers.add(Layer::vxlan);
  out.network = (network >> 8U) + 1;
  out.inner = inner;
  if (!inner.empty()) out.ether_type = type;
}

// What the generic extension says it carries; 0 when this is none: the I and P flags and version 0 make one, and O is
// for what is no user's packet.
std::uint16_t gpe_type(std::uint32_t flags) noexcept {
  static constexpr std::array<std::uint16_t, 4> kNext{0, EtherType::kIpv4, EtherType::kIpv6, EtherType::kEthernet};
  const std::size_t next = flags & 0xffU;
  return (flags >> 24U & 0x3dU) == 0x0cU && next < kNext.size() ? kNext[next] : std::uint16_t{0};
}

void vxlan_gpe(ByteReader in, Tunnel& out) noexcept {
  const auto flags = in.u32be();
  const auto network = in.u32be();
  const std::uint16_t type = gpe_type(flags);
  if (!in.ok() || type == 0) return;
  const bool strict = flags >> 8U == 0x0c0000U && (network & 0xffU) == 0;
  if (strict || looks_like(type, in.rest())) open_vxlan(network, type, in.rest(), out);
}

void vxlan(ByteReader in, Tunnel& out) noexcept {
  const auto flags = in.u32be();
  const auto network = in.u32be();
  if (!in.ok()) return;
  // The port has seen the extension too; P is one of the bits that VXLAN reserves.
  if (const std::uint16_t type = gpe_type(flags); looks_like(type, in.rest())) {
    return open_vxlan(network, type, in.rest(), out);
  }
  if ((flags & 0x08000000U) == 0 || in.rest().size() < kEthernetHeader) return;
  // Only the I flag; or I and G with D, A and a group (draft-smith-vxlan-group-policy).
  const bool plain = flags == 0x08000000U, grouped = (flags & 0xffb70000U) == 0x88000000U;
  const bool strict = (plain || grouped) && (network & 0xffU) == 0;
  if (!strict && !looks_like(EtherType::kEthernet, in.rest())) return;
  open_vxlan(network, EtherType::kEthernet, in.rest(), out);
}

void geneve(ByteReader in, Tunnel& out) noexcept {
  const unsigned head = in.u16be();
  const auto type = in.u16be();
  const auto network = in.u32be();
  in.bytes((head >> 8U & 0x3fU) * std::size_t{4});
  if (!in.ok() || head >> 14U != 0) return;
  if (type != EtherType::kEthernet && type != EtherType::kIpv4 && type != EtherType::kIpv6 && type != EtherType::kArp)
    return;
  const bool strict = (head & 0x3fU) == 0 && (network & 0xffU) == 0;
  if (!strict && !looks_like(type, in.rest())) return;
  out.type = TunnelType::geneve;
  out.layers.add(Layer::geneve);
  out.network = (network >> 8U) + 1;
  out.inner = in.rest();
  if (!out.inner.empty()) out.ether_type = type;
}

// | length u8, in units of 4 bytes, itself and the next type included | content | next u8 |
bool skip_gtp_extensions(ByteReader& in, std::uint8_t next) noexcept {
  for (int headers = 0; next != 0; ++headers) {
    if (headers == kGtpExtensionHeadersMax) return false;
    const std::size_t length = in.u8() * std::size_t{4};
    if (length == 0) return false;
    in.bytes(length - 2);
    next = in.u8();
  }
  return in.ok();
}

void gtp(ByteReader in, std::size_t payload_bytes, Tunnel& out) noexcept {
  constexpr std::size_t kHeader = 8;
  constexpr std::uint8_t kGpdu = 0xff;  // a user's packet; other messages are the tunnel's own
  const unsigned flags = in.u8();
  const auto message = in.u8();
  const std::size_t length = in.u16be();
  in.u32be();
  // Version 1, protocol type GTP, the spare bit 0.
  if (!in.ok() || flags >> 3U != 0x06U || message != kGpdu || length + kHeader != payload_bytes) return;
  if ((flags & 7U) != 0) {
    in.bytes(3);
    const auto next = in.u8();
    if ((flags & 4U) != 0 && !skip_gtp_extensions(in, next)) return;
  }
  const std::uint16_t type = ip_ether_type(in.rest());
  if (!in.ok() || type == 0) return;
  out.type = TunnelType::gtp;
  out.layers.add(Layer::gtp);
  out.ether_type = type;
  out.inner = in.rest();
}

// 2001::/32 (RFC 4380 section 2.6), or a link-local address in router discovery.
bool is_teredo_address(Bytes address) noexcept {
  static constexpr std::array<std::uint8_t, 4> kPrefix{0x20, 0x01, 0, 0};
  return std::ranges::equal(address.first(4), kPrefix) || (address[0] == 0xfe && (address[1] & 0xc0U) == 0x80);
}

void teredo(ByteReader in, std::size_t cut, Tunnel& out) noexcept {
  ByteReader look = in;
  if (look.u16be() == 1 && look.ok()) {
    // | 1 u16 | length of identifier u8 | of authentication u8 | both | nonce 8 | confirmation u8 |
    const std::size_t identifier = look.u8(), authentication = look.u8();
    look.bytes(identifier + authentication + 9);
    in = look;
  }
  look = in;
  if (look.u16be() == 0 && look.ok()) {
    in = look;
    in.bytes(6);  // | 0 u16 | port u16 | address 4 |
  }
  look = in;
  const std::size_t available = in.rest().size() + cut;
  const unsigned version = look.u32be() >> 28U;
  const std::size_t length = look.u16be();
  look.u16be();
  const Bytes source = look.bytes(16), destination = look.bytes(16);
  if (!look.ok() || version != 6 || length + kIpv6Header != available) return;
  if (!is_teredo_address(source) && !is_teredo_address(destination)) return;
  out.type = TunnelType::teredo;
  out.layers.add(Layer::teredo);
  out.ether_type = EtherType::kIpv6;
  out.inner = in.rest();
}

void tzsp(ByteReader in, Tunnel& out) noexcept {
  constexpr std::uint8_t kPadding = 0, kEnd = 1;
  constexpr std::uint16_t kEthernetFrame = 1;
  const auto version = in.u8();
  const auto packet = in.u8();
  const auto frame = in.u16be();
  // Received, or sent: the other types carry no frame.
  if (!in.ok() || version != 1 || packet > 1) return;
  for (int tags = 0;; ++tags) {
    if (tags == kTzspTagsMax) return;
    const auto tag = in.u8();
    if (!in.ok()) return;
    if (tag == kEnd) break;
    if (tag != kPadding) in.bytes(in.u8());
  }
  out.type = TunnelType::tzsp;
  out.layers.add(Layer::tzsp);
  out.inner = in.rest();
  if (frame == kEthernetFrame && out.inner.size() >= kEthernetHeader) out.ether_type = EtherType::kEthernet;
}

void over_udp(const TransportHeader& header, Tunnel& out) noexcept {
  const ByteReader in{header.payload};
  switch (header.destination_port) {
    case kVxlanPort: return vxlan(in, out);
    case kVxlanGpePort: return vxlan_gpe(in, out);
    case kGenevePort: return geneve(in, out);
    case kTzspPort: return tzsp(in, out);
    case kGtpPort: return gtp(in, header.payload_bytes, out);
    case kTeredoPort: return teredo(in, out.cut, out);
    default: break;
  }
  // These two are answered from their port.
  if (header.source_port == kGtpPort) return gtp(in, header.payload_bytes, out);
  if (header.source_port == kTeredoPort) return teredo(in, out.cut, out);
}

}  // namespace

std::string_view zeek_name(TunnelType type) noexcept {
  static constexpr std::array<std::string_view, 8> kNames{
      "Tunnel::NONE",   "Tunnel::IP",    "Tunnel::GRE",    "Tunnel::VXLAN",
      "Tunnel::GENEVE", "Tunnel::GTPv1", "Tunnel::TEREDO", "Tunnel::TZSP",
  };
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view service_name(TunnelType type) noexcept {
  static constexpr std::array<std::string_view, 8> kNames{"", "", "", "vxlan", "geneve", "gtpv1", "teredo", "tzsp"};
  return kNames[static_cast<std::size_t>(type)];
}

Outcome find_tunnel(const TransportHeader& header, Tunnel& out) noexcept {
  out.cut = header.payload_bytes - header.payload.size();
  switch (header.protocol) {
    case kUdp: over_udp(header, out); return Outcome::decoded;
    case kGre: return gre(header.payload, out);
    case kIpv4InIp:
    case kIpv6InIp:
      out.type = TunnelType::ip;
      out.layers.add(Layer::ip_in_ip);
      out.ether_type = header.protocol == kIpv4InIp ? EtherType::kIpv4 : EtherType::kIpv6;
      out.inner = header.payload;
      return Outcome::decoded;
    default: return Outcome::decoded;
  }
}

}  // namespace nw::network
