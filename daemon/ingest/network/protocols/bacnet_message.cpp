#include "ingest/network/protocols/bacnet_message.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::uint8_t kBacnetIp = 0x81, kVersion = 1;
constexpr std::size_t kLinkBytes = 4;
constexpr std::uint8_t kHasDestination = 0x20, kHasSource = 0x08;
constexpr std::uint8_t kFirstOfVendors = 128;  // of the network layer's messages

DecodeError why(const ByteReader& in) { return in.ok() ? DecodeError::bad_value : DecodeError::truncated; }

// False when it is longer than any.
bool read_address(ByteReader& in, BacnetAddress& out) {
  out.network = in.u16be();
  const Bytes octets = in.bytes(in.u8());
  if (octets.size() > out.octets.size()) return false;
  out.size = static_cast<std::uint8_t>(octets.size());
  std::ranges::copy(octets, out.octets.begin());
  return true;
}

// False when the type is none, or the head is cut.
bool read_apdu(ByteReader& in, std::optional<BacnetApdu>& apdu) {
  const std::uint8_t first = in.u8();
  if (!in.ok()) return false;
  BacnetApdu& out = apdu.emplace();
  out.type = first >> 4U;
  out.flags = first & 0x0FU;
  if (out.type > kBacnetAbort) return false;
  if (out.type == kBacnetConfirmed) in.u8();  // how much of an answer it takes
  const auto octet = [&in](std::optional<std::uint8_t>& value) {
    if (const std::uint8_t read = in.u8(); in.ok()) value = read;
  };
  if (out.type != kBacnetUnconfirmed) octet(out.invoke_id);
  if (out.segmented() || out.type == kBacnetSegmentAck) {
    octet(out.sequence);
    octet(out.window);
  }
  if (out.type == kBacnetReject || out.type == kBacnetAbort)
    octet(out.reason);
  else if (out.type != kBacnetSegmentAck)
    octet(out.service);
  out.body = in.rest();
  out.whole_head = in.ok();
  return in.ok();
}

bool read_network(ByteReader& in, BacnetMessage& out) {
  if (in.u8() != kVersion) return false;
  const std::uint8_t control = in.u8();
  if (!in.ok()) return false;
  out.control = control;
  if ((control & kHasDestination) != 0 && !read_address(in, out.destination)) return false;
  if ((control & kHasSource) != 0 && !read_address(in, out.source)) return false;
  if ((control & kHasDestination) != 0) out.hop_count = in.u8();
  if (!in.ok()) return false;
  if ((control & kBacnetNetworkMessage) == 0) return read_apdu(in, out.apdu);
  const std::uint8_t type = in.u8();
  if (!in.ok()) return false;
  out.network_message = type;
  if (*out.network_message >= kFirstOfVendors) out.network_vendor = in.u16be();
  out.network_data = in.rest();
  return in.ok();
}

}  // namespace

bool read_bacnet_link(ByteReader& in, std::uint8_t& function, std::uint16_t& length) {
  const std::uint8_t type = in.u8();
  function = in.u8();
  length = in.u16be();
  return in.ok() && type == kBacnetIp && function <= kBacnetSecure && length >= kLinkBytes;
}

std::optional<DecodeError> read_bacnet(Bytes datagram, BacnetMessage& out) {
  ByteReader in{datagram};
  std::uint16_t length = 0;
  if (!read_bacnet_link(in, out.function, length)) return why(in);
  out.is_bacnet = true;
  bool good = true;
  switch (out.function) {
    case kBacnetResult:
      if (const std::uint16_t result = in.u16be(); in.ok()) out.result = result;
      break;
    case kBacnetRegister:
      if (const std::uint16_t lifetime = in.u16be(); in.ok()) out.lifetime = lifetime;
      break;
    case kBacnetForwarded: {
      const Bytes from = in.bytes(4);
      out.forwarded_port = in.u16be();
      if (in.ok()) out.forwarded_for = IpAddress::from_bytes(from);
      good = read_network(in, out);
      break;
    }
    case kBacnetDistribute:
    case kBacnetUnicast:
    case kBacnetBroadcast: good = read_network(in, out); break;
    default: out.link_data = in.rest();
  }
  if (length > datagram.size()) return DecodeError::truncated;
  if (!good || !in.ok()) return why(in);
  if (length < datagram.size()) return DecodeError::bad_value;
  return {};
}

}  // namespace nw::network
