// The messages that open a Remote Desktop connection (MS-RDPBCGR sections 2.2.1.1 to 2.2.1.4), read without keys:
// TPKT (RFC 1006) | X.224 | negotiation, or MCS (T.125) | GCC (T.124) | settings |.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

// A TPKT packet: 03 00 | length u16 | X.224 |.
struct RdpPacket {
  enum class Kind : std::uint8_t { request, confirm, data, other } kind = Kind::other;
  Bytes user;  // behind the X.224 header
};
// `truncated` asks for more bytes; `reader` moves only past a whole packet.
std::optional<DecodeError> read_rdp_packet(ByteReader& reader, RdpPacket& out) noexcept;

// What a client asks with its connection request. All of it may be absent.
struct RdpRequest {
  Bytes cookie;         // a user's name, cut by the client
  Bytes routing_token;  // of a load balancer
  std::optional<std::uint32_t> protocols;
  bool restricted_admin = false;
};
// False when the bytes are another user of X.224, as S7comm: a parameter of ISO 8073 stands where none of RDP's may.
bool read_rdp_request(Bytes user, RdpRequest& out) noexcept;

struct RdpConfirm {
  std::optional<std::uint32_t> protocol, failure;
};
bool read_rdp_confirm(Bytes user, RdpConfirm& out) noexcept;

// What the client tells of itself. Views the input.
struct RdpClient {
  std::optional<std::uint16_t> width, height, color_depth;
  std::optional<std::uint32_t> keyboard, build;
  bool wants_32_bits = false;
  Bytes name, product;  // UTF-16, up to a zero
  Bytes channels;       // | name, 8 bytes | options u32 | each
};
// What the server answers.
struct RdpServer {
  std::optional<std::uint8_t> result;
  std::optional<std::uint32_t> encryption_method, encryption_level;
  std::optional<std::uint32_t> certificate_type;
  bool certificate_permanent = false;
  std::uint32_t certificates = 0;
};
// Whether an MCS message opens a connection: Connect-Initial, Connect-Response.
bool is_rdp_client(Bytes user) noexcept;
bool is_rdp_server(Bytes user) noexcept;
// False when malformed; what stands before the fault is there.
bool read_rdp_client(Bytes user, RdpClient& out) noexcept;
bool read_rdp_server(Bytes user, RdpServer& out) noexcept;

// UTF-16 in little-endian order, up to a zero.
void append_utf16(Bytes text, TextBuffer& out);

// Names as in Zeek's rdp.log; those without one are their number behind a prefix.
namespace rdp_protocol_bit {
constexpr std::uint32_t kSsl = 1, kHybrid = 2, kRdsTls = 4, kHybridEx = 8, kAzure = 16;
}
std::string_view rdp_security_name(std::uint32_t protocol) noexcept;
std::string_view rdp_failure_name(std::uint32_t code) noexcept;
std::string_view rdp_result_name(std::uint32_t result) noexcept;
std::string_view rdp_build_name(std::uint32_t build) noexcept;
std::string_view rdp_color_name(std::uint32_t depth) noexcept;
std::string_view rdp_certificate_name(std::uint32_t type) noexcept;
std::string_view rdp_encryption_method_name(std::uint32_t method) noexcept;
std::string_view rdp_encryption_level_name(std::uint32_t level) noexcept;
std::string_view rdp_keyboard_name(std::uint32_t layout) noexcept;

}  // namespace nw::network
