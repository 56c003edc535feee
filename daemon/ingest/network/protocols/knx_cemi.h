// KNX's common message interface, cEMI (KNX standard 3/6/3, 4.1), which KNXnet/IP carries.
// Telegrams of the bus: | code u8 | octets of more information u8, and these | control u8 | control u8 | source u16 |
// destination u16 | octets behind the next u8 | transport and application control u16 | data |. Raw ones stand as on
// the twisted pair. The server's own properties: | code u8 | type u16 | instance u8 | property u8 | count 4 bits, start
// 12 bits | data |.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum CemiCode : std::uint8_t {
  kCemiRawRequest = 0x10,
  kCemiDataRequest = 0x11,
  kCemiDataIndication = 0x29,
  kCemiMonitor = 0x2B,
  kCemiRawIndication = 0x2D,
  kCemiDataConfirmation = 0x2E,
  kCemiRawConfirmation = 0x2F,
  kCemiIndividualRequest = 0x4A,
  kCemiConnectedRequest = 0x41,
  kCemiConnectedIndication = 0x89,
  kCemiIndividualIndication = 0x94,
  kCemiResetIndication = 0xF0,
  kCemiResetRequest = 0xF1,
  kCemiWriteConfirmation = 0xF5,
  kCemiWriteRequest = 0xF6,
  kCemiPropertyIndication = 0xF7,
  kCemiCommandRequest = 0xF8,
  kCemiStateRequest = 0xF9,
  kCemiFunctionConfirmation = 0xFA,
  kCemiReadConfirmation = 0xFB,
  kCemiReadRequest = 0xFC,
};

// What an application message does. What stands behind its control has a letter for each part: o object's index u8, t
// object's type u16, O that, instance 12 bits and property 12 bits, p property u8, P property 12 bits of 16, e count
// and start of elements 4 and 12 bits, E the same u8 and u16, c count u8, m memory u16, u more of its address and count
// 4 bits each, M count u8 and memory 24 bits, a individual address, n serial number of six octets, k what is not told,
// x data.
struct KnxService {
  std::uint16_t code = 0;
  std::string_view name;
  IcsOperation operation = IcsOperation::other;
  std::string_view object, layout;
  std::uint16_t answer = 0;  // by which code it is answered; 0: it is not
};

struct CemiMessage {
  std::uint8_t code = 0, control = 0, control2 = 0;
  bool telegram = false;  // the bus's, with addresses
  bool failed = false;    // of a confirmation; of properties
  std::uint16_t source = 0, destination = 0;
  std::optional<std::uint8_t> transport;  // its control octet, of telegrams without application
  std::optional<std::uint16_t> service;   // the application's control
  const KnxService* known = nullptr;      // of that; null: nobody published it
  std::uint8_t small = 0;                 // the six bits in the control: a value, a count, a kind
  std::optional<std::uint16_t> object, type, instance, property, count, start, address;
  std::optional<std::uint32_t> memory;
  Bytes serial{}, data{};  // views the input

  [[nodiscard]] bool group() const noexcept { return (control2 & 0x80U) != 0; }
  [[nodiscard]] unsigned priority() const noexcept { return control >> 2U & 3U; }
  [[nodiscard]] unsigned hops() const noexcept { return control2 >> 4U & 7U; }
  // What a client asks the server for, to be confirmed.
  [[nodiscard]] bool asks() const noexcept;
  // The server's confirmation of that.
  [[nodiscard]] bool confirms() const noexcept;
  // Whether the application's message answers another.
  [[nodiscard]] bool answers() const noexcept;
  // Which device of the bus it is about; for groups it means nothing.
  [[nodiscard]] std::uint16_t device() const noexcept { return answers() ? source : destination; }
};
// False when it is not whole; what could be read is there.
bool read_cemi(Bytes bytes, CemiMessage& out);
// Of routing, which carries telegrams alone: some devices take them whatever their code says.
bool read_routed_cemi(Bytes bytes, CemiMessage& out);

std::string_view cemi_code_name(std::uint8_t code);
// By which code the server confirms a request; 0: by none.
std::uint8_t cemi_confirmation(std::uint8_t code);
std::string_view cemi_error_name(std::uint8_t error);
const KnxService* find_knx_service(std::uint16_t code);
bool knx_answers(std::uint16_t code);
IcsOperation cemi_operation(const CemiMessage& cemi);
std::string_view knx_transport_name(std::uint8_t control);
std::string_view knx_priority_name(unsigned priority);
// Empty when we do not know it.
std::string_view knx_maker_name(std::uint16_t maker);

// "1.1.4".
void append_knx_address(IcsText& out, std::uint16_t address);
// "1/2/3".
void append_knx_group(IcsText& out, std::uint16_t address);
// What it is about, on the bus or on the server.
void describe_cemi(const CemiMessage& cemi, bool texts, IcsCommand& out);

}  // namespace nw::network
