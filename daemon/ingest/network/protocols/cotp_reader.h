// ISO transport over TCP, for every protocol that it carries (S7comm, S7comm-plus, MMS). RFC 1006 section 6, RFC 905
// (ISO 8073) section 13, class 0:
// TPKT | 03 | 00 | length u16 | TPDU |, `length` counts the four octets before the TPDU, too
// TPDU | header's octets behind this one u8 | code u8 | ... | user data |
// DT   | 02 | F0 | last of a message: bit 7 | user data |
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_reader.h"
#include "ingest/network/protocols/placed_stream.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// The upper four bits of a TPDU's code.
enum class CotpKind : std::uint8_t {
  unknown = 0x0,  // or its header does not fit into the packet
  expedited = 0x1,
  expedited_ack = 0x2,
  reject = 0x5,
  data_ack = 0x6,
  error = 0x7,
  disconnect = 0x8,
  disconnect_confirm = 0xC,
  confirm = 0xD,
  request = 0xE,
  data = 0xF,
};

struct CotpPdu {
  CotpKind kind{};
  bool last = true;  // data: the message ends with it
  Bytes header;      // behind the code; views the input
  Bytes user;        // views the input
};

// `truncated` asks for more bytes; `reader` moves only past a whole packet. `in_place`: one begins here for certain, so
// the reserved octet, at which receivers do not look, may be anything, and one that holds no TPDU is `unknown`.
std::optional<DecodeError> read_cotp_pdu(ByteReader& reader, CotpPdu& out, bool in_place = false) noexcept;

// One direction of a connection.
class CotpReader {
 public:
  // A message put together of several TPDUs.
  static constexpr std::size_t kMessageMax = std::size_t{64} * 1024;

  // What waits in the direction: returns as Analyzer::stream() does. `control` takes each CotpPdu that is no data,
  // `message` the Bytes of each message; both views end with the call.
  std::size_t read(Bytes bytes, Context& context, auto&& control, auto&& message) {
    CotpPdu pdu;
    const auto read = [&](ByteReader& reader, bool in_place) { return next(reader, pdu, in_place); };
    const auto take = [&] {
      if (pdu.kind == CotpKind::unknown) return context.refused(DecodeError::bad_value);
      if (pdu.kind != CotpKind::data) return control(pdu);
      if (const Bytes whole = join(pdu, context); !whole.empty()) message(whole);
    };
    const std::size_t done = stream_.read(bytes, context, read, take, [&] { return certain(pdu); });
    return done;
  }
  void gap() noexcept {
    stream_.gap();
    drop();
  }

 private:
  std::optional<DecodeError> next(ByteReader& reader, CotpPdu& pdu, bool in_place);
  static bool certain(const CotpPdu& pdu) noexcept;
  void drop() noexcept {
    dropping_ = false;
    pieces_.clear();
  }
  Bytes join(const CotpPdu& pdu, Context& context);

  PlacedStream stream_;
  std::vector<std::uint8_t> pieces_;  // of a message that has not ended; its memory is kept
  bool dropping_ = false;             // up to the end of a message that is too long
  bool joined_ = false;               // `pieces_` was handed on
};

}  // namespace nw::network
