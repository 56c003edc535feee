// RFC 826: | hardware u16 | protocol u16 | hardware length u8 | protocol length u8 | operation u16 | sender: hardware,
// address | target: hardware, address |. RARP (RFC 903) and InARP (RFC 2390) are operations of the same.
#include "ingest/network/arp_event.h"

#include <array>
#include <charconv>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/link.h"

namespace nw::network {
namespace {

constexpr std::size_t kHardwareBytes = 6, kAddressBytes = 4;

enum Field : std::size_t { kOperation, kFrameSource, kFrameDestination, kSpa, kSha, kTpa, kTha };

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"op", "text",
     "request, reply, reverse_request, reverse_reply, inverse_request, inverse_reply, or a number (ours)"},
    {"mac_src", "text", "who sent the frame, by its Ethernet header (ours)"},
    {"mac_dst", "text", "to whom (ours)"},
    {"spa", "address", "the sender's IPv4 address, as the message says (ours)"},
    {"sha", "text", "the hardware address that the message gives it (ours)"},
    {"tpa", "address", "the target's IPv4 address (ours)"},
    {"tha", "text", "the target's hardware address, 00:00:00:00:00:00 in a request (ours)"},
});
static_assert(kFields[kTha].name == "tha");

constexpr std::array<std::string_view, 1> kServices{"arp"};

// By number; the empty ones are told as numbers.
constexpr std::array<std::string_view, 10> kOperations{
    "", "request", "reply", "reverse_request", "reverse_reply", "", "", "", "inverse_request", "inverse_reply",
};

event::Value operation(std::uint16_t number, event::Event& event) {
  if (number < kOperations.size() && !kOperations[number].empty()) return event::Value::text(kOperations[number]);
  std::array<char, 5> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return event::Value::text(event.keep({digits.data(), static_cast<std::size_t>(end - digits.data())}));
}

// "aa:bb:cc:dd:ee:ff"
event::Value hardware(Bytes bytes, event::Event& event) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::array<char, kHardwareBytes * 3> out;
  for (std::size_t i = 0; i < kHardwareBytes; ++i) {
    out[i * 3] = kHex[bytes[i] >> 4U];
    out[i * 3 + 1] = kHex[bytes[i] & 0xfU];
    out[i * 3 + 2] = ':';
  }
  return event::Value::text(event.keep({out.data(), out.size() - 1}));
}

}  // namespace

const event::TypeSpec& arp_type() {
  static constexpr event::TypeSpec kType{"arp", "normwatch", kServices, {}, kFields, false};
  return kType;
}

Outcome parse_arp(Bytes packet, Arp& out) noexcept {
  constexpr std::uint16_t kEthernetHardware = 1;
  ByteReader in{packet};
  const auto hardware = in.u16be();
  const auto protocol = in.u16be();
  const std::size_t hardware_bytes = in.u8(), address_bytes = in.u8();
  out.operation = in.u16be();
  const Bytes sender_hardware = in.bytes(hardware_bytes), sender = in.bytes(address_bytes);
  const Bytes target_hardware = in.bytes(hardware_bytes), target = in.bytes(address_bytes);
  if (!in.ok()) return Outcome::bad_arp;
  if (hardware != kEthernetHardware || protocol != EtherType::kIpv4) return Outcome::ignored;
  if (hardware_bytes != kHardwareBytes || address_bytes != kAddressBytes) return Outcome::bad_arp;
  out.sender = IpAddress::from_bytes(sender);
  out.target = IpAddress::from_bytes(target);
  out.sender_hardware = sender_hardware;
  out.target_hardware = target_hardware;
  return Outcome::decoded;
}

void emit_arp(const Arp& arp, Bytes ethernet, const Uid* parent, const PacketPlace& place, FlowContext& context) {
  using event::Common;
  using event::Value;
  EventWriter out = context.begin_own(OwnEvent::arp, place);
  event::Event& event = out.event();
  event.set(common(Common::orig_h), Value::address(arp.sender));
  event.set(common(Common::resp_h), Value::address(arp.target));
  context.set_parent(parent);
  out.set(kOperation, operation(arp.operation, event));
  if (ethernet.size() == 2 * kHardwareBytes) {
    out.set(kFrameDestination, hardware(ethernet.first(kHardwareBytes), event));
    out.set(kFrameSource, hardware(ethernet.last(kHardwareBytes), event));
  }
  out.set(kSpa, Value::address(arp.sender));
  out.set(kSha, hardware(arp.sender_hardware, event));
  out.set(kTpa, Value::address(arp.target));
  out.set(kTha, hardware(arp.target_hardware, event));
  context.emit_own(place);
}

}  // namespace nw::network
