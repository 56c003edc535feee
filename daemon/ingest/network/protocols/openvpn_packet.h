// OpenVPN's packets as far as they are in the clear ("OpenVPN Wire Protocol", draft of its developers).
// [length u16, over TCP] | opcode u5, key u3 | of control packets: session 8 bytes | wrapping | how many u8,
// acknowledged u32 each, whose session 8 bytes if any | number u32, not of mere acknowledgements | a piece of TLS |
// Wrapping: none; with tls-auth | HMAC | number u32 | time u32 |; with tls-crypt | number u32 | time u32 | tag 32 |,
// and all behind it is encrypted.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::network {

enum class OpenvpnOpcode : std::uint8_t {
  hard_reset_client_v1 = 1,
  hard_reset_server_v1,
  soft_reset_v1,
  control_v1,
  acknowledge_v1,
  data_v1,
  hard_reset_client_v2,
  hard_reset_server_v2,
  data_v2,
  hard_reset_client_v3,
  control_with_key_v1,
};

struct OpenvpnWrapping {
  enum class Kind : std::uint8_t { none, hmac, crypt, crypt_v2 } kind = Kind::none;
  std::size_t hmac_bytes = 0;
};
std::string_view to_string(OpenvpnWrapping::Kind kind) noexcept;

struct OpenvpnPacket {
  OpenvpnOpcode opcode{};
  Bytes session;  // of control packets
  std::uint32_t number = 0;
  Bytes tls;
  [[nodiscard]] bool is_data() const noexcept {
    return opcode == OpenvpnOpcode::data_v1 || opcode == OpenvpnOpcode::data_v2;
  }
  [[nodiscard]] bool is_control() const noexcept { return !is_data(); }
  // Begins a session; by a client or by a server.
  [[nodiscard]] bool is_client_reset() const noexcept;
  [[nodiscard]] bool is_server_reset() const noexcept;
};

// Opcode and session. False when there is no such opcode or not enough.
bool read_openvpn_head(Bytes packet, OpenvpnPacket& out) noexcept;
// How a hard reset is wrapped, from its length and its zeros; nothing when it fits no way.
std::optional<OpenvpnWrapping> openvpn_wrapping(Bytes packet) noexcept;
// Number and piece of TLS of a control packet whose head was read and that is not encrypted. False when it is too
// short.
bool read_openvpn_control(Bytes packet, OpenvpnWrapping wrapping, OpenvpnPacket& out) noexcept;

}  // namespace nw::network
