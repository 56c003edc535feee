// PDUs of DCE 1.1 RPC over connections (C706 chapter 12, [MS-RPCE] 2.2.2), and the header of datagrams. Every PDU of a
// connection begins
// | version u8 = 5 | minor u8 | type u8 | flags u8 | data representation 4 | fragment length u16 | authentication
// length
//   u16 | call u32 |
// in the sender's byte order, which the first octet of the data representation says. All views are into the input.
#pragma once

#include <optional>
#include <vector>

#include "ingest/network/protocols/dce_rpc_names.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum class DceRpcType : std::uint8_t {
  request = 0,
  response = 2,
  fault = 3,
  reject = 6,  // in datagrams: the server did not run the call
  bind = 11,
  bind_ack = 12,
  bind_nak = 13,
  alter_context = 14,
  alter_context_response = 15,
  auth3 = 16,
};

struct DceRpcHeader {
  static constexpr std::size_t kBytes = 16;
  static constexpr std::uint8_t kFirstFragment = 1, kObject = 0x80;

  DceRpcType type{};
  std::uint8_t flags = 0;
  bool little_endian = false;
  std::size_t length = 0;          // of the fragment with this header
  std::size_t authentication = 0;  // bytes of the token at its end
  std::uint32_t call = 0;
};

// A datagram's header (C706 12.5.1.1), 80 bytes; several together are one PDU.
struct DceRpcDatagram {
  static constexpr std::size_t kBytes = 80;
  static constexpr std::uint8_t kLastFragment = 2, kFragment = 4;

  DceRpcType type{};
  std::uint8_t flags = 0;
  bool little_endian = false;
  bool profinet = false;  // the interface is one of PROFINET's
  bool odd = false;       // not as C706 has it, but devices of PROFINET take it
  std::uint16_t operation = 0, fragment = 0;
  std::uint32_t sequence = 0;
  std::size_t length = 0;  // of the stub behind it, which may be shorter when it is odd
  Uuid object{};
  Uuid interface {};
  Uuid activity{};

  // Others acknowledge, ask whether a call goes on, end it.
  [[nodiscard]] bool has_stub() const noexcept {
    return type == DceRpcType::request || type == DceRpcType::response || type == DceRpcType::fault ||
           type == DceRpcType::reject;
  }
  // Without the flag the fragment's number means nothing (C706 12.5.1.1).
  [[nodiscard]] bool in_fragments() const noexcept { return (flags & kFragment) != 0; }
};

// One context of a bind: under `id`, requests are for this interface.
struct DceRpcContext {
  std::uint16_t id = 0;
  Uuid interface {};
};

// A reader in the byte order that a data representation states.
class DceRpcReader {
 public:
  DceRpcReader(Bytes in, bool little_endian) noexcept : reader_{in}, little_endian_{little_endian} {}
  std::uint8_t u8() noexcept { return reader_.u8(); }
  std::uint16_t u16() noexcept { return little_endian_ ? reader_.u16le() : reader_.u16be(); }
  std::uint32_t u32() noexcept { return little_endian_ ? reader_.u32le() : reader_.u32be(); }
  Bytes bytes(std::size_t count) noexcept { return reader_.bytes(count); }
  Uuid uuid() noexcept;
  [[nodiscard]] bool ok() const noexcept { return reader_.ok(); }
  [[nodiscard]] Bytes rest() const noexcept { return reader_.rest(); }

 private:
  ByteReader reader_;
  bool little_endian_;
};

// `truncated` asks for more bytes.
std::optional<DecodeError> read_dce_rpc_header(Bytes in, DceRpcHeader& out) noexcept;
// Devices of PROFINET look at little of the header: what they take is read, and `odd`, where others refuse it.
std::optional<DecodeError> read_dce_rpc_datagram(Bytes in, DceRpcDatagram& out) noexcept;
// Whether a stub begins as a request of PROFINET does, whatever interface it is for.
bool begins_profinet_request(Bytes stub) noexcept;

// The contexts of a whole bind or alter context; `limit` when there are more than `contexts_max`, which are left out.
std::optional<DecodeError> read_dce_rpc_contexts(Bytes pdu, const DceRpcHeader& header, std::size_t contexts_max,
                                                 std::vector<DceRpcContext>& out);
// The secondary address of a whole bind ack, without its NUL: a port or a pipe.
Bytes dce_rpc_secondary_address(Bytes pdu, const DceRpcHeader& header) noexcept;
// The security token of a whole PDU, of whatever mechanism; empty when there is none or its length lies.
Bytes dce_rpc_token(Bytes pdu, const DceRpcHeader& header) noexcept;

}  // namespace nw::network
