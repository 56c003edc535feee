// TriStation, what programs Triconex safety controllers (Schneider Electric). Never published: known from public
// analyses of the TRITON (TRISIS, HatMan) malware, which speaks it. Low octets first: | type u8 | channel u8 | length
// u16 | payload | CRC-16 of all before | payload of type 5: | direction u8 | connection u8 | function u8 | counter u8 |
// u16 | checksum u16 | length u16 | data |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum : std::uint8_t {
  kTsConnect = 1,
  kTsConnected = 2,
  kTsDisconnected = 3,
  kTsDisconnect = 4,
  kTsCommand = 5,
  kTsPing = 6,
  kTsLimitReached = 7,  // it and those behind it refuse
};
enum : std::uint8_t {
  kTsStartChange = 1,
  kTsMpStatus = 29,
  kTsAllocateProgram = 55,
  kTsAllocateFunction = 56,
  kTsStartDownload = 59,
  kTsUploadProgram = 65,
  kTsUploadFunction = 66,
  kTsRejected = 100,  // it and those behind it answer
  kTsCpStatus = 108,
};

// Views the input.
struct TsMessage {
  std::uint8_t type = 0, channel = 0, direction = 0, connection = 0, counter = 0;
  Bytes payload, data;                   // `data` is that of a command
  std::optional<std::uint8_t> function;  // of type 5, when its head is there
  bool sound = true;                     // a command's checksum and length fit

  [[nodiscard]] bool answers() const noexcept { return function && *function >= kTsRejected; }
};

// What is no message, or has a wrong CRC, is not read; `reader` moves past one.
std::optional<DecodeError> read_tristation(ByteReader& reader, TsMessage& out);

// What stands in the data of a command, as far as it is known.
struct TsBody {
  IcsCommand command;
  std::optional<std::uint8_t> reject, key, state, load, implant, processor;
  std::optional<bool> valid;
  Bytes project;
  std::optional<std::uint16_t> minor, major, functions, programs, id, offset, words;
  std::optional<std::uint32_t> address, octets;
};
// False when it is cut. `texts`: target and value are wanted, too.
bool read_tristation_body(const TsMessage& message, bool texts, TsBody& out);

// Empty when the number has no name.
std::string_view ts_type_name(std::uint8_t type);
std::string_view ts_function_name(std::uint8_t function);
std::string_view ts_reject_name(std::uint8_t code);
std::string_view ts_key_name(std::uint8_t key);
std::string_view ts_state_name(std::uint8_t state);
// What TRITON's implant takes a request for the processors' status for, by its first octet.
std::string_view ts_implant_name(std::uint8_t command);
// Of a response that of the request which it answers.
IcsOperation ts_operation(std::uint8_t function);

}  // namespace nw::network
