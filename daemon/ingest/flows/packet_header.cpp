#include "ingest/flows/packet_header.h"

namespace nw::flows {

namespace {

using event::Value;

constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kMpls = 0x8847, kMplsMulticast = 0x8848;
constexpr std::uint16_t kVlanTag = 0x8100, kServiceTag = 0x88a8, kOldServiceTag = 0x9100;
constexpr int kTagsMax = 4, kLabelsMax = 8, kExtensionsMax = 8;
constexpr std::uint8_t kTcp = 6, kUdp = 17, kSctp = 132, kIcmp = 1, kIcmp6 = 58;

void address(std::size_t slot, Bytes octets, Record& record) {
  if (!octets.empty()) record.set(slot, Value::address(IpAddress::from_bytes(octets)));
}

void transport(std::uint8_t protocol, ByteReader in, Record& record) {
  switch (protocol) {
    case kTcp:
    case kUdp:
    case kSctp: {
      const std::uint16_t source = in.u16be(), destination = in.u16be();
      if (!in.ok()) return;
      record.set_number(kOrigP, source);
      record.set_number(kRespP, destination);
      if (protocol != kTcp) return;
      // RFC 9293 section 3.1: sequence, acknowledgement, then offset, reserved bits and the flags.
      in.bytes(8);
      const std::uint16_t flags = in.u16be() & 0x1ffU;
      if (in.ok()) record.set_number(kTcpBits, flags);
      return;
    }
    case kIcmp:
    case kIcmp6: {
      const std::uint8_t type = in.u8(), code = in.u8();
      if (!in.ok()) return;
      record.set_number(kIcmpType, type);
      record.set_number(kIcmpCode, code);
      return;
    }
    default: return;
  }
}

// RFC 791 section 3.1.
void ipv4(ByteReader in, Record& record) {
  const std::uint8_t first = in.u8(), tos = in.u8();
  const std::uint16_t octets = in.u16be();
  in.u16be();
  const std::uint16_t fragment = in.u16be() & 0x1fffU;
  const std::uint8_t ttl = in.u8(), protocol = in.u8();
  in.u16be();
  const Bytes source = in.bytes(4), destination = in.bytes(4);
  const std::size_t options = 4U * (first & 15U);
  if (!in.ok() || first >> 4U != 4 || options < 20) return;
  record.set_number(kTos, tos);
  record.set_number(kTtlMin, ttl);
  record.set_number(kTtlMax, ttl);
  record.set_number(kIpProto, protocol);
  // Zero where the sender's network card cuts segments.
  if (octets >= 20) record.set_number(kBytes, octets);
  address(kOrigH, source, record);
  address(kRespH, destination, record);
  in.bytes(options - 20);
  if (fragment == 0) transport(protocol, in, record);
}

// RFC 8200 sections 3 and 4.
void ipv6(ByteReader in, Record& record) {
  const std::uint32_t first = in.u32be();
  const std::uint16_t octets = in.u16be();
  std::uint8_t next = in.u8();
  const std::uint8_t ttl = in.u8();
  const Bytes source = in.bytes(16), destination = in.bytes(16);
  if (!in.ok() || first >> 28U != 6) return;
  record.set_number(kTos, first >> 20U & 0xffU);
  record.set_number(kTtlMin, ttl);
  record.set_number(kTtlMax, ttl);
  if (octets != 0) record.set_number(kBytes, octets + 40U);
  address(kOrigH, source, record);
  address(kRespH, destination, record);
  constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kOptions = 60;
  bool later_fragment = false;
  for (int i = 0; i < kExtensionsMax; ++i) {
    if (next == kFragment) {
      next = in.u8();
      in.u8();
      later_fragment = in.u16be() >> 3U != 0;
      in.u32be();
    } else if (next == kHopByHop || next == kRouting || next == kOptions) {
      next = in.u8();
      in.bytes(in.u8() * std::size_t{8} + 6);
    } else {
      break;
    }
    if (!in.ok()) return;
  }
  record.set_number(kIpProto, next);
  if (!later_fragment) transport(next, in, record);
}

void network(std::uint16_t type, ByteReader in, Record& record) {
  if (type == kMpls || type == kMplsMulticast) {
    // RFC 3032 section 2.1: label u20, class u3, bottom u1, time to live u8. What is below shows by its version.
    std::uint32_t label = 0;
    for (int i = 0; i < kLabelsMax && (label & 0x100U) == 0; ++i) {
      label = in.u32be();
      if (!in.ok()) return;
      if (i == 0) record.set_number(kMplsTop, label >> 12U);
    }
    const std::uint8_t version = in.empty() ? 0 : in.rest().front() >> 4U;
    type = version == 4 ? kIpv4 : version == 6 ? kIpv6 : 0;
  }
  if (type == kIpv4)
    ipv4(in, record);
  else if (type == kIpv6)
    ipv6(in, record);
  else if (type != 0)
    record.set_number(kEtherType, type);
}

void ethernet(ByteReader in, Record& record) {
  const Bytes destination = in.bytes(6), source = in.bytes(6);
  std::uint16_t type = in.u16be();
  if (!in.ok()) return;
  record.set(kRespL2, Value::text(as_text(destination)));
  record.set(kOrigL2, Value::text(as_text(source)));
  for (int i = 0; i < kTagsMax && (type == kVlanTag || type == kServiceTag || type == kOldServiceTag); ++i) {
    const std::uint16_t tag = in.u16be() & 0xfffU;
    type = in.u16be();
    if (!in.ok()) return;
    if (i == 0) record.set_number(kVlan, tag);
  }
  constexpr std::uint16_t kLengthMost = 1500;  // IEEE 802.3: up to here it is a length, and LLC follows
  if (type > kLengthMost) network(type, in, record);
}

}  // namespace

bool read_header(std::uint32_t protocol, Bytes header, Record& record) {
  const ByteReader in{header};
  switch (static_cast<HeaderProtocol>(protocol)) {
    case HeaderProtocol::ethernet: ethernet(in, record); return true;
    case HeaderProtocol::ipv4: ipv4(in, record); return true;
    case HeaderProtocol::ipv6: ipv6(in, record); return true;
  }
  return false;
}

}  // namespace nw::flows
