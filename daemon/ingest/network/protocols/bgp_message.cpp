#include "ingest/network/protocols/bgp_message.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::uint16_t kIpv4 = 1, kIpv6 = 2;  // families of addresses
constexpr std::uint8_t kUnicast = 1, kMulticast = 2, kLabelled = 4, kVpn = 128;

// | code u8 | length u8 | value |, again and again: RFC 5492.
std::optional<DecodeError> read_capabilities(Bytes in, BgpOpen& out) {
  constexpr std::uint8_t kLongMessages = 6, kWideNumbers = 65, kPathIds = 69;
  ByteReader reader{in};
  while (!reader.empty()) {
    const std::uint8_t code = reader.u8();
    const Bytes value = reader.bytes(reader.u8());
    if (!reader.ok()) return DecodeError::truncated;
    if (out.capability_count == BgpOpen::kCapabilitiesMax) return DecodeError::limit;
    out.capabilities[out.capability_count++] = code;
    ByteReader inside{value};
    if (code == kLongMessages) out.abilities.long_messages = true;
    if (code == kWideNumbers && value.size() == 4) {
      out.abilities.wide_numbers = true;
      out.as = inside.u32be();
    }
    while (code == kPathIds && inside.rest().size() >= 4) {
      const std::uint16_t family = inside.u16be();
      const std::uint8_t kind = inside.u8(), what = inside.u8();
      if ((family == kIpv4 || family == kIpv6) && kind == kUnicast) out.abilities.path_ids[family - 1] = what & 3U;
    }
  }
  return {};
}

// | kind u8 | length u8, with `wide` u16 | value |, again and again.
std::optional<DecodeError> read_parameters(Bytes in, bool wide, BgpOpen& out) {
  constexpr std::uint8_t kCapabilities = 2;
  ByteReader reader{in};
  while (!reader.empty()) {
    const std::uint8_t kind = reader.u8();
    const Bytes value = reader.bytes(wide ? reader.u16be() : reader.u8());
    if (!reader.ok()) return DecodeError::truncated;
    if (kind != kCapabilities) continue;
    if (const auto fault = read_capabilities(value, out)) return fault;
  }
  return {};
}

class UpdateReader {
 public:
  UpdateReader(const std::array<bool, 2>& path_ids, BgpUpdate& out) : path_ids_{path_ids}, out_{out} {}

  // | flags u8 | kind u8 | length u8, with flag 16 u16 | value |, again and again.
  std::optional<DecodeError> attributes(Bytes in) {
    constexpr unsigned kLong = 0x10;
    ByteReader reader{in};
    for (std::size_t read = 0; !reader.empty(); ++read) {
      if (read == BgpUpdate::kAttributesMax) return DecodeError::limit;
      const unsigned flags = reader.u8();
      const std::uint8_t kind = reader.u8();
      const Bytes value = reader.bytes((flags & kLong) != 0 ? reader.u16be() : reader.u8());
      if (!reader.ok()) return DecodeError::truncated;
      if (!attribute(kind, value)) return DecodeError::bad_value;
    }
    return {};
  }

 private:
  // False when its length does not fit.
  bool attribute(std::uint8_t kind, Bytes value) {
    ByteReader reader{value};
    switch (kind) {
      case 1: out_.origin = reader.u8(); break;
      case 2: out_.as_path = value; return true;
      case 3:
        if (out_.next_hop.empty()) out_.next_hop = value;
        return value.size() == 4;
      case 4: out_.med = reader.u32be(); break;
      case 5: out_.local_preference = reader.u32be(); break;
      case 14: return reach(reader);
      case 15: return many(reader.u16be(), reader, out_.withdrawn[1]);
      case 17: out_.as4_path = value; return true;
      default: return true;
    }
    return reader.ok() && reader.empty();
  }

  // RFC 4760 section 3: | family u16 | kind u8 | length u8 | next hop | reserved u8 | prefixes |
  bool reach(ByteReader& reader) {
    const std::uint16_t family = reader.u16be();
    const std::uint8_t kind = reader.u8();
    Bytes hop = reader.bytes(reader.u8());
    reader.u8();
    // A second address is of the link only; of a VPN an identifier comes first.
    if (kind == kVpn && hop.size() >= 8) hop = hop.subspan(8);
    if (hop.size() == 32) hop = hop.first(16);
    if (hop.size() == 4 || hop.size() == 16) out_.next_hop = hop;
    return prefixes(family, kind, reader, out_.announced[1]);
  }

  bool many(std::uint16_t family, ByteReader& reader, BgpPrefixes& into) {
    const std::uint8_t kind = reader.u8();
    return prefixes(family, kind, reader, into);
  }

  // Other kinds than these (EVPN, flow specifications, ...) are no prefixes, and not counted.
  bool prefixes(std::uint16_t family, std::uint8_t kind, const ByteReader& reader, BgpPrefixes& into) const {
    if (!reader.ok()) return false;
    const bool known = kind == kUnicast || kind == kMulticast || kind == kLabelled || kind == kVpn;
    if ((family != kIpv4 && family != kIpv6) || !known) return true;
    into.list = reader.rest();
    into.address_bytes = family == kIpv4 ? 4 : 16;
    into.shown = kind == kUnicast || kind == kMulticast;
    into.with_ids = kind == kUnicast && path_ids_[family - 1U];
    return true;
  }

  const std::array<bool, 2>& path_ids_;
  BgpUpdate& out_;
};

}  // namespace

Verdict read_bgp_header(Bytes in, std::size_t length_max, BgpHeader& out) {
  constexpr std::size_t kMarker = 16;
  constexpr std::uint8_t kOnes = 0xff;
  if (!std::ranges::all_of(in.first(std::min(in.size(), kMarker)), [](std::uint8_t c) { return c == kOnes; }))
    return Verdict::no;
  if (in.size() < BgpHeader::kBytes) return Verdict::unsure;
  ByteReader reader{in.subspan(kMarker)};
  out.length = reader.u16be();
  const std::uint8_t type = reader.u8();
  if (type < 1 || type > 5 || out.length < BgpHeader::kBytes || out.length > length_max) return Verdict::no;
  out.type = static_cast<BgpType>(type);
  return Verdict::yes;
}

// | version u8 | AS u16 | hold time u16 | id u32 | length u8 | parameters |
std::optional<DecodeError> read_bgp_open(Bytes body, BgpOpen& out) {
  constexpr unsigned kVersion = 4;
  constexpr std::uint8_t kLonger = 255;  // RFC 9072: then | 255 u8 | length u16 | parameters with wide lengths |
  ByteReader reader{body};
  const unsigned version = reader.u8();
  out.as = reader.u16be();
  out.hold_seconds = reader.u16be();
  out.id = reader.u32be();
  std::size_t length = reader.u8();
  if (!reader.ok()) return DecodeError::truncated;
  if (version == 0 || version > kVersion) return DecodeError::bad_value;
  out.version = version;
  const bool wide = length == kLonger && !reader.empty() && reader.rest().front() == kLonger;
  if (wide) {
    reader.u8();
    length = reader.u16be();
  }
  const Bytes parameters = reader.bytes(length);
  if (!reader.ok()) return DecodeError::truncated;
  return read_parameters(parameters, wide, out);
}

std::optional<BgpPrefix> read_bgp_prefix(ByteReader& reader, const BgpPrefixes& of) {
  if (of.with_ids) reader.u32be();
  BgpPrefix prefix;
  prefix.bits = reader.u8();
  prefix.octets = reader.bytes((prefix.bits + 7) / 8);
  if (!reader.ok() || (of.shown && prefix.bits > of.address_bytes * 8)) return {};
  return prefix;
}

// | length u16 | withdrawn prefixes | length u16 | attributes | announced prefixes |
std::optional<DecodeError> read_bgp_update(Bytes body, const std::array<bool, 2>& path_ids, BgpUpdate& out) {
  ByteReader reader{body};
  out.withdrawn[0].list = reader.bytes(reader.u16be());
  const Bytes attributes = reader.bytes(reader.u16be());
  if (!reader.ok()) return DecodeError::truncated;
  out.announced[0].list = reader.rest();
  out.withdrawn[0].with_ids = out.announced[0].with_ids = path_ids[0];
  return UpdateReader{path_ids, out}.attributes(attributes);
}

}  // namespace nw::network
