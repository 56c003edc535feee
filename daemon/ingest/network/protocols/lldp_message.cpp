#include "ingest/network/protocols/lldp_message.h"

#include <algorithm>

namespace nw::network {

namespace {

enum LldpTlv : unsigned { kEnd, kChassis, kPort, kTtl, kPortDescription, kName, kDescription, kAbilities, kManagement };

// Devices without one say that it is 0.0.0.0; CDP says the same twice.
void add_address(const std::optional<IpAddress>& address, LldpMessage& out) {
  if (!address || *address == IpAddress::v4(0) || out.addresses == out.where.size()) return;
  const auto end = out.where.begin() + static_cast<std::ptrdiff_t>(out.addresses);
  if (std::find(out.where.begin(), end, *address) == end) out.where[out.addresses++] = *address;
}

// | kind u8 | 1 to 255 octets |
bool read_id(Bytes value, LldpMessage::Id& out) {
  constexpr std::size_t kMost = 256;
  if (value.size() < 2 || value.size() > kMost) return false;
  out = {value.front(), value.subspan(1)};
  return true;
}

// | length u8, with the family | family u8 | address | numbering u8 | interface u32 | length u8 | OID |
bool read_management(ByteReader in, LldpMessage& out) {
  const Bytes address = in.bytes(in.u8());
  in.bytes(5);
  in.bytes(in.u8());
  if (!in.ok() || address.size() < 2) return false;
  add_address(read_lldp_address(address), out);
  return true;
}

// False when its length does not fit.
bool read_tlv(unsigned kind, Bytes value, LldpMessage& out) {
  ByteReader in{value};
  switch (kind) {
    case kChassis: return read_id(value, out.chassis);
    case kPort: return read_id(value, out.port);
    case kTtl: out.ttl = in.u16be(); break;
    case kPortDescription: out.port_description = value; break;
    case kName: out.system_name = value; break;
    case kDescription: out.system_description = value; break;
    case kAbilities:
      out.can = in.u16be();
      out.does = in.u16be();
      break;
    case kManagement: return read_management(in, out);
    default: break;  // the organisations' own (127), and reserved ones
  }
  return in.ok();
}

// | protocol: kind u8, length u8, octets | length u16 | address |, so many times: u32.
bool read_cdp_addresses(ByteReader in, LldpMessage& out) {
  constexpr std::size_t kMost = 64;
  const std::size_t count = in.u32be();
  if (!in.ok() || count > kMost) return false;
  for (std::size_t i = 0; i < count; ++i) {
    in.u8();
    in.bytes(in.u8());
    const Bytes address = in.bytes(in.u16be());
    if (!in.ok()) return false;
    if (address.size() == 4 || address.size() == 16) add_address(IpAddress::from_bytes(address), out);
  }
  return true;
}

bool read_cdp_tlv(unsigned kind, Bytes value, LldpMessage& out) {
  ByteReader in{value};
  switch (kind) {
    case 0x01: out.chassis = {{}, value}; return !value.empty();
    case 0x03: out.port = {{}, value}; return !value.empty();
    case 0x04: out.can = in.u32be(); return in.ok();
    case 0x05: out.system_description = value; return true;
    case 0x06: out.platform = value; return true;
    case 0x02:
    case 0x16: return read_cdp_addresses(in, out);
    default: return true;
  }
}

}  // namespace

std::optional<IpAddress> read_lldp_address(Bytes in) {
  constexpr std::uint8_t kIpv4 = 1, kIpv6 = 2;
  if (in.size() == 5 && in.front() == kIpv4) return IpAddress::from_bytes(in.subspan(1));
  if (in.size() == 17 && in.front() == kIpv6) return IpAddress::from_bytes(in.subspan(1));
  return {};
}

// | kind:7 length:9 | value |, again and again; the first three are the chassis, the port and the time to live, in this
// order. The end is a kind of its own, but may be left out.
std::optional<DecodeError> read_lldp(Bytes in, LldpMessage& out) {
  ByteReader reader{in};
  for (unsigned read = 0; !reader.empty(); ++read) {
    if (read == LldpMessage::kTlvsMax) return DecodeError::limit;
    const unsigned head = reader.u16be();
    const unsigned kind = head >> 9U;
    const Bytes value = reader.bytes(head & 0x1ffU);
    if (!reader.ok()) return DecodeError::truncated;
    const bool is_first_three = kind >= kChassis && kind <= kTtl;
    if (read < kTtl ? kind != read + 1 : is_first_three) return DecodeError::bad_value;
    if (kind == kEnd) return {};
    if (!read_tlv(kind, value, out)) return DecodeError::bad_value;
  }
  if (!out.ttl) return DecodeError::truncated;
  return {};
}

// | version u8 | time to live u8 | checksum u16 |, then | kind u16 | length u16, with these four | value |, again and
// again.
std::optional<DecodeError> read_cdp(Bytes in, LldpMessage& out) {
  constexpr std::size_t kHead = 4;
  constexpr unsigned kVersionMax = 2;
  out.cdp = true;
  ByteReader reader{in};
  const unsigned version = reader.u8();
  const std::uint8_t ttl = reader.u8();
  reader.u16be();
  if (!reader.ok()) return DecodeError::truncated;
  if (version == 0 || version > kVersionMax) return DecodeError::bad_value;
  out.ttl = ttl;
  for (std::size_t read = 0; !reader.empty(); ++read) {
    if (read == LldpMessage::kTlvsMax) return DecodeError::limit;
    const Bytes rest = reader.rest();
    if (std::ranges::all_of(rest.first(std::min(rest.size(), kHead)), [](std::uint8_t octet) { return octet == 0; }))
      break;  // the frame's padding
    const unsigned kind = reader.u16be();
    const std::size_t length = reader.u16be();
    if (!reader.ok()) return DecodeError::truncated;
    if (length < kHead) return DecodeError::bad_value;
    const Bytes value = reader.bytes(length - kHead);
    if (!reader.ok()) return DecodeError::truncated;
    if (!read_cdp_tlv(kind, value, out)) return DecodeError::bad_value;
  }
  if (out.chassis.octets.empty()) return DecodeError::truncated;
  return {};
}

}  // namespace nw::network
