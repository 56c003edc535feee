// ROC Plus, what Emerson's flow computers speak (ROC Plus Protocol Specifications Manual, A6127):
// | destination unit u8, group u8 | source unit u8, group u8 | opcode u8 | length u8 | data | CRC-16, low octet first |
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum : std::uint8_t {
  kRocSystemConfig = 6,
  kRocReadClock = 7,
  kRocSetClock = 8,
  kRocReadOpcodeTable = 10,
  kRocWriteOpcodeTable = 11,
  kRocLogin = 17,
  kRocForward = 24,
  kRocSetPoint = 166,
  kRocReadPoint = 167,
  kRocReadParameters = 180,
  kRocWriteParameters = 181,
  kRocFile = 203,
  kRocError = 255,
};

struct RocFrame {
  std::array<std::uint8_t, 2> destination{}, source{};  // unit, group
  std::uint8_t opcode = 0, crc_low = 0, crc_high = 0;
  Bytes data;  // views the input
};

// `truncated` asks for more bytes; `reader` moves only past a whole frame whose CRC is right.
std::optional<DecodeError> read_roc_frame(ByteReader& reader, RocFrame& out);

// Whether it asks, of what tells so by itself: all that changes a device does.
std::optional<bool> roc_asks(const RocFrame& frame);

// What stands in the data. `texts`: target and value are wanted, too.
struct RocBody {
  IcsCommand command;
  Bytes user, path, file;
  std::optional<std::uint8_t> access, mode, type, file_command;
  bool password = false, logout = false;
  IcsText clock;
  Bytes errors;  // pairs of code and offset
};
// False when it is malformed: what was readable is in `out`. What is to be forwarded is told as what it carries.
bool read_roc_request(const RocFrame& sent, bool texts, RocBody& out);
bool read_roc_response(const RocFrame& frame, bool texts, RocBody& out);

// Empty when the number has no name.
std::string_view roc_opcode_name(std::uint8_t opcode);
std::string_view roc_error_name(std::uint8_t code);
std::string_view roc_device_name(std::uint8_t type);
std::string_view roc_file_command_name(std::uint8_t command);
IcsOperation roc_operation(std::uint8_t opcode);

}  // namespace nw::network
