// The inside of a Modbus PDU: what follows the function code. MODBUS Application Protocol V1.1b3, section 6.
// No state; the names are Zeek's and ICSNPP's where they have one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "base/byte_reader.h"
#include "event/value.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

constexpr std::uint8_t kMeiDeviceIdentification = 0x0E;

// What a PDU says. Lists and texts live in the arena or in the PDU.
struct ModbusBody {
  std::optional<std::uint16_t> address, quantity;            // of 0x17: its write part
  std::optional<std::uint16_t> read_address, read_quantity;  // of 0x17: its read part
  std::optional<std::uint16_t> and_mask, or_mask;
  std::optional<std::uint16_t> subfunction;  // diagnostics
  std::optional<std::uint8_t> mei;           // encapsulated interface
  std::optional<std::uint8_t> umas;          // function of Schneider's protocol inside 0x5A
  std::optional<std::uint8_t> exception;
  ValueList values;                     // registers, coils (0 or 1), status words
  ValueList files, records, lengths;    // file records: file, first record, registers
  ValueList object_ids, object_values;  // device identification
};

// The part of a request that its response is read by.
struct ModbusRequestPart {
  std::optional<std::uint16_t> address, quantity, read_quantity;
};

// Fill `out` as far as the body goes; false when the body is not what the function asks for (too short, too long, a
// count that does not fit). Functions without a public structure are taken as they are.
bool read_modbus_request(std::uint8_t function, Bytes body, Arena& arena, ModbusBody& out);
// `request` is the request answered, or null when it was not seen. A set top bit in `function` is an exception.
bool read_modbus_response(std::uint8_t function, Bytes body, const ModbusRequestPart* request, Arena& arena,
                          ModbusBody& out);

// Empty when the number has no name.
std::string_view modbus_function_name(std::uint8_t function);  // 0 to 127
std::string_view modbus_exception_name(std::uint8_t code);
std::string_view modbus_subfunction_name(std::uint16_t subfunction);
std::string_view modbus_mei_name(std::uint8_t mei);
std::string_view umas_function_name(std::uint8_t function);
// What a request of this function does to the device.
IcsOperation modbus_operation(std::uint8_t function, const ModbusBody& body);
// Which of the device's tables its addresses are of: coil, discrete_input, holding_register, input_register or fifo.
std::string_view modbus_table(std::uint8_t function);

}  // namespace nw::network
