#include "ingest/network/protocols/openvpn_packet.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

constexpr std::size_t kHead = 1 + 8, kNumbering = 4 + 4, kCryptTag = 32;
// An empty list of acknowledgements or one with one entry, and the packet's number.
constexpr std::size_t kClientTail = 1 + 4, kServerTail = 1 + 4 + 8 + 4;

bool all_zero(Bytes bytes) noexcept {
  return std::ranges::all_of(bytes, [](std::uint8_t octet) { return octet == 0; });
}

// The end of a reset in the clear: numbers are zero, since both sides only begin.
bool is_tail(Bytes tail, bool by_client) noexcept {
  if (by_client) return all_zero(tail);
  return tail[0] == 1 && all_zero(tail.subspan(1, 4)) && all_zero(tail.last(4));
}

}  // namespace

std::string_view to_string(OpenvpnWrapping::Kind kind) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{"none", "tls-auth", "tls-crypt", "tls-crypt-v2"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool OpenvpnPacket::is_client_reset() const noexcept {
  return opcode == OpenvpnOpcode::hard_reset_client_v1 || opcode == OpenvpnOpcode::hard_reset_client_v2 ||
         opcode == OpenvpnOpcode::hard_reset_client_v3;
}

bool OpenvpnPacket::is_server_reset() const noexcept {
  return opcode == OpenvpnOpcode::hard_reset_server_v1 || opcode == OpenvpnOpcode::hard_reset_server_v2;
}

bool read_openvpn_head(Bytes packet, OpenvpnPacket& out) noexcept {
  out = {};
  ByteReader reader{packet};
  const unsigned opcode = reader.u8() >> 3U;
  if (opcode < 1 || opcode > 11) return false;
  out.opcode = OpenvpnOpcode{static_cast<std::uint8_t>(opcode)};
  if (out.is_control()) out.session = reader.bytes(8);
  return reader.ok();
}

std::optional<OpenvpnWrapping> openvpn_wrapping(Bytes packet) noexcept {
  using Kind = OpenvpnWrapping::Kind;
  constexpr std::array<std::size_t, 6> kDigests{16, 20, 28, 32, 48, 64};
  // Of tls-crypt: 1, or what says that the client can be answered without keeping a state.
  constexpr std::uint32_t kFirst = 1, kStateless = 0x0f00'0001;
  OpenvpnPacket head;
  if (!read_openvpn_head(packet, head) || !(head.is_client_reset() || head.is_server_reset())) return {};
  const bool by_client = head.is_client_reset();
  const std::size_t tail = by_client ? kClientTail : kServerTail;
  if (packet.size() < kHead + tail) return {};
  const bool clear = is_tail(packet.last(tail), by_client);
  const std::size_t around = packet.size() - kHead - tail;
  if (clear && around == 0) return OpenvpnWrapping{};
  if (clear && around > kNumbering && std::ranges::find(kDigests, around - kNumbering) != kDigests.end())
    return OpenvpnWrapping{Kind::hmac, around - kNumbering};
  if (around < kNumbering + kCryptTag) return {};
  const std::uint32_t number = ByteReader{packet.subspan(kHead)}.u32be();
  if (number != kFirst && number != kStateless) return {};
  // The second version brings its key along, encrypted.
  if (head.opcode == OpenvpnOpcode::hard_reset_client_v3) return OpenvpnWrapping{Kind::crypt_v2};
  if (around == kNumbering + kCryptTag) return OpenvpnWrapping{Kind::crypt};
  return {};
}

bool read_openvpn_control(Bytes packet, OpenvpnWrapping wrapping, OpenvpnPacket& out) noexcept {
  ByteReader reader{packet};
  reader.bytes(kHead);
  if (wrapping.kind == OpenvpnWrapping::Kind::hmac) reader.bytes(wrapping.hmac_bytes + kNumbering);
  const std::size_t acknowledged = reader.u8();
  reader.bytes(acknowledged * 4 + (acknowledged == 0 ? 0 : 8));
  if (out.opcode != OpenvpnOpcode::acknowledge_v1) out.number = reader.u32be();
  out.tls = reader.rest();
  return reader.ok();
}

}  // namespace nw::network
