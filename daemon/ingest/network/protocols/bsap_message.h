// BSAP over IP, Bristol's protocol of remote controllers (Emerson ControlWave), over UDP. Emerson documents what it
// carries (BSAP Communications Application Programmer's Reference, D4052); its envelope for IP is as seen:
// | header size u16, 14 or more | messages u16 | type u16 | sequence u32 | sequence that is acknowledged u32 |
// and for each message
// | length u32, with itself | 0x0C | sequence u32 | function u8 | node status u8 | data |, of a response
// | length u32, with itself | 0x0C | sequence u32 | error u8 | count u8 | elements |.
// All numbers are little-endian. Function 0xA0 reaches the remote database:
// read by name:     | 0x04 | fields 0x03 0xD0 0x01 | security | count | names, each with a zero |
// read by address:  | 0x00 | fields | version u16 | security | count | addresses u16 |
// write by address: | 0x80 | version u16 | security | count | address u16, descriptor, value as it says |
// write by name:    | 0x84 | security | count | name with a zero, descriptor, value |
// elements that fields 0x03 0xD0 0x01 bring: | type u8 | value, 1 octet for type 0, a float for 2 | address | version |
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/byte_reader.h"
#include "event/event.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct BsapHead {
  std::uint16_t size = 0, messages = 0, type = 0;
  std::uint32_t sequence = 0, acknowledged = 0;
  [[nodiscard]] bool response() const noexcept { return type == 1 || type == 5; }
  // As those that were seen.
  [[nodiscard]] bool plausible() const noexcept;
};
// An unfragmented datagram has no more messages.
inline constexpr std::size_t kBsapMessagesMax = 256;

// `reader` moves past the header.
std::optional<DecodeError> read_bsap_head(ByteReader& reader, BsapHead& out);

struct BsapMessage {
  std::uint32_t length = 0, sequence = 0;
  std::uint8_t header_size = 0;
  std::uint8_t first = 0, second = 0;  // function and node status; of a response error and count
  Bytes data;                          // views the input
  std::optional<DecodeError> fault;    // of its sizes; when the length lies, `data` are all that there is
};
// `reader` moves past the message. False when not even its head is there.
bool read_bsap_message(ByteReader& reader, BsapMessage& out);

enum : std::uint8_t { kBsapDatabase = 0xA0, kBsapExtension = 0xA1 };

// What is kept of a request for its response.
struct BsapAsked {
  std::uint8_t function = 0;
  std::optional<std::uint16_t> command;  // of the database or its extension, when it is there
};

// A message's inside; lists have no more than 255, as its count, and view the event's arena.
struct BsapBody {
  BsapAsked asked;
  std::optional<std::uint8_t> count;
  std::span<const event::Value> names, values;  // of requests with the kind before them: signal/@GV.DS1, address/0x11
};
// False when it is malformed: what was readable is in `out`. Of responses only those elements are read that fill them
// exactly in the way above, as the fields that a request wants are known in part.
bool read_bsap_request(const BsapMessage& message, Arena& arena, BsapBody& out);
void read_bsap_response(const BsapMessage& message, Arena& arena, BsapBody& out);

// Empty when the number has no name.
std::string_view bsap_type_name(std::uint16_t type);
std::string_view bsap_function_name(std::uint8_t function);
std::string_view bsap_command_name(std::uint16_t command);
std::string_view bsap_extension_name(std::uint16_t command);
IcsOperation bsap_operation(const BsapAsked& asked);

}  // namespace nw::network
