// S7comm-plus, which controllers S7-1200 and S7-1500 speak. Siemens does not publish it; what is here is known from
// public analyses. No state; what views the input says so.
// | 72 | version u8 | length u16 | version 3: digest's length u8, digest | opcode u8 | 0 u16 | function u16 | 0 u16 |
// sequence u16 | request: session u32 | flags u8 | ... | trailer: 72 | version u8 | 0 u16 |
// A PDU without a trailer goes on in the next one of its direction.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

constexpr std::uint8_t kS7PlusProtocol = 0x72;

enum S7PlusOpcode : std::uint8_t {
  kS7PlusRequest = 0x31,
  kS7PlusResponse = 0x32,
  kS7PlusNotification = 0x33,
  kS7PlusResponse2 = 0x02,  // to requests that want a short answer
};

struct S7PlusPdu {
  std::uint8_t version = 0;
  bool goes_on = false;    // no trailer
  bool has_opcode = true;  // not of system events and keep-alives, versions 0xFD to 0xFF
  std::uint8_t opcode = 0;
  std::uint16_t function = 0, sequence = 0;  // of requests and responses
  std::optional<std::uint32_t> session;      // of requests; of notifications the subscription
  Bytes body;                                // behind all that; views the input
};
// False when it is malformed; filled as far as it could be read. `content` is the PDU's part of a message.
bool read_s7_plus(Bytes message, S7PlusPdu& out, Bytes& content) noexcept;
// The same of a message's content, from its opcode on; it need not be whole.
bool read_s7_plus_content(Bytes content, S7PlusPdu& out) noexcept;

// 0x31: Request, ...; empty when the number has no name.
std::string_view s7_plus_opcode_name(std::uint8_t opcode);
std::string_view s7_plus_function_name(std::uint16_t function);

// What a request does, with the texts only when `texts`: `object/attribute`, or DB1/number.number for a variable.
IcsCommand s7_plus_command(const S7PlusPdu& pdu, bool texts);
// How a response ended: 0, or the error, below it. Absent when it cannot be read.
std::optional<std::int16_t> s7_plus_result(const S7PlusPdu& pdu) noexcept;
// "1;6ES7 214-1AG40-0XB0 ;V4.2" somewhere in the opening's answer: order number and firmware. Views the input.
struct S7PlusDevice {
  std::string_view order_number, firmware;
};
std::optional<S7PlusDevice> s7_plus_device(Bytes body) noexcept;

}  // namespace nw::network
