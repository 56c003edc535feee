// The frames of IEC 60870-5-104, section 5:
// | 0x68 | length u8 | control 4 octets | ASDU |, `length` counts from the control field on. Control field:
//   I (numbered information): | send number 15 bits, 0 | receive number 15 bits, 0 |
//   S (acknowledgement):      | 1 | 0 | receive number 15 bits, 0 |
//   U (unnumbered):           | function, one bit of six, and 3 | 0 | 0 | 0 |
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum class Iec104Format : std::uint8_t { i, s, u };

enum : std::uint8_t {
  kIec104StartAct = 0x07,
  kIec104StartCon = 0x0B,
  kIec104StopAct = 0x13,
  kIec104StopCon = 0x23,
  kIec104TestAct = 0x43,
  kIec104TestCon = 0x83,
};

struct Iec104Apdu {
  Iec104Format format = Iec104Format::i;
  std::uint8_t function = 0;            // of U
  std::uint16_t send = 0, receive = 0;  // of I; of I and S
  std::size_t length = 0;
  bool exact = false;  // nothing stands where nothing may
  Bytes asdu;          // views the input; its beginning, while the rest has not come
};

// `truncated` asks for more bytes; `reader` moves only past a whole APDU. `strict`: an APDU that is not exact is none.
// Else one that is too long is one too, since stations (lib60870) go by any length.
std::optional<DecodeError> read_iec104_apdu(ByteReader& reader, bool strict, Iec104Apdu& out);

// Could these octets, met anywhere, be an APDU? An I frame must carry something known. Of one that is not whole its
// beginning counts.
bool is_plausible_iec104(const Iec104Apdu& apdu);

// Empty when the number has no name.
std::string_view iec104_function_name(std::uint8_t function);

}  // namespace nw::network
