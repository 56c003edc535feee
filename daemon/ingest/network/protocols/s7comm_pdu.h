// The inside of an S7comm PDU, as far as Siemens' protocol, which is unpublished, is known from public analyses. No
// state; what views the input says so.
// | 32 | ROSCTR u8 | 0 u16 | reference u16 | parameters' length u16 | data's length u16 | ROSCTR 2 and 3: error class
// u8, code u8 | parameters | data |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/s7comm_names.h"

namespace nw::network {

constexpr std::uint8_t kS7Protocol = 0x32;

struct S7Pdu {
  S7Rosctr rosctr{};
  std::uint16_t reference = 0;
  std::optional<std::uint16_t> error;  // class and code
  Bytes parameters, data;              // view the input; cut when it is cut
};
// `bad_value`: it is none. `truncated`: its lengths say more, or less, than there is; filled as far as that goes.
std::optional<DecodeError> read_s7_pdu(Bytes message, S7Pdu& out) noexcept;

// Parameters of user data:
// | 00 01 12 | length u8 | method u8 | kind and group u8 | subfunction u8 | sequence u8 |,
// behind it in responses | unit u8 | last unit u8 | error u16 |
struct S7Userdata {
  std::uint8_t group = 0;  // with the kind in its upper four bits
  std::uint8_t subfunction = 0, sequence = 0;
  std::uint8_t method = 0;
  bool more = false;  // the answer goes on in another PDU
  std::uint8_t unit = 0;
  std::optional<std::uint16_t> error;

  [[nodiscard]] std::uint8_t number() const noexcept { return group & 0x0FU; }
  [[nodiscard]] bool request() const noexcept { return (group & 0xF0U) == 0x40; }
  [[nodiscard]] bool response() const noexcept { return (group & 0xF0U) == 0x80; }
};
bool read_s7_userdata(Bytes parameters, S7Userdata& out) noexcept;

// One piece of data: | return code u8 | kind u8 | length u16, in bits or octets by the kind | octets |, filled up to an
// even number but for the last.
struct S7Data {
  std::uint8_t code = 0, kind = 0;
  Bytes octets;  // views the input
};
bool read_s7_data(ByteReader& in, S7Data& out) noexcept;

// One point that is read or written: | 12 | length u8 | syntax u8 | ... |. Views the input.
struct S7Item {
  std::uint8_t syntax = 0;
  std::uint8_t size = 0;  // transport size: 1 bit, 2 byte, 4 word, ...
  std::uint16_t count = 0, db = 0;
  std::uint8_t area = 0;
  std::uint32_t address = 0;  // in bits; a number of timers and counters
  Bytes rest;                 // of other syntaxes than S7ANY
};
bool read_s7_item(ByteReader& in, S7Item& out) noexcept;
// In Siemens' notation: DB10.DBX0.0, DB10.DBB4:3, M10.1, IW2, T5.
void append_s7_item(const S7Item& item, IcsText& text);

// What values are read by: the first points of a request, kept for its response.
struct S7Shape {
  std::uint8_t size = 0;  // 0: not known
  bool several = false;
};
// One value as a number or a text, several and what is not known as octets in hexadecimal.
void append_s7_value(const S7Data& data, S7Shape shape, IcsText& text);

// A block's file: | _ or nothing | type, 2 digits | number, 5 digits | P, A or B |. Views the input.
struct S7File {
  std::string_view name, type, number;
  char filesystem = 0;
};
bool read_s7_file(Bytes name, S7File& out) noexcept;
// DB1, OB100, SDB0; the name as it is when it is none of a block.
void append_s7_block(Bytes name, IcsText& text);

// The parameters of loading blocks, either way:
// | function u8 | status u8 | u16 | session u32 | name's length u8 | name | length u8 | '1', load memory's octets and
// code's in 6 digits each |; responses to the start of an upload have the block's octets in digits for the name.
struct S7Transfer {
  std::uint8_t status = 0;
  std::optional<std::uint32_t> session;
  std::optional<std::int64_t> length;
  Bytes name;  // views the input
};
bool read_s7_transfer(const S7Pdu& pdu, S7Transfer& out) noexcept;

// | 28 | 7 octets | length u16 | argument | length u8 | service |, of PLC stop | 29 | 5 octets | length u8 | service |.
// Both view the input.
struct S7Service {
  Bytes argument;
  std::string_view name;
};
bool read_s7_service(Bytes parameters, S7Service& out) noexcept;
// The blocks that _INSE, _DELE and the like name: | count u8 | 0 | names of 8 octets |. False when there are none.
bool append_s7_blocks(Bytes argument, IcsText& text);

// | 0 | century | year | month | day | hour | minute | second | ... |, in BCD: 2014-08-20T11:59:33.
bool append_s7_time(Bytes clock, IcsText& text);

}  // namespace nw::network
