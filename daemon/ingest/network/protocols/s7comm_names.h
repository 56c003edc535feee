// What numbers of S7comm are called, and what its functions do. Spelled as in ICSNPP's logs where those have a name.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

enum class S7Rosctr : std::uint8_t { job = 1, ack = 2, ack_data = 3, userdata = 7 };

enum S7Function : std::uint8_t {
  kS7Read = 0x04,
  kS7Write = 0x05,
  kS7RequestDownload = 0x1A,
  kS7DownloadBlock = 0x1B,
  kS7DownloadEnded = 0x1C,
  kS7StartUpload = 0x1D,
  kS7Upload = 0x1E,
  kS7EndUpload = 0x1F,
  kS7Control = 0x28,
  kS7Stop = 0x29,
  kS7Setup = 0xF0,
};

// Groups of functions of user data.
enum S7Group : std::uint8_t {
  kS7Mode = 0x0,
  kS7Programmer = 0x1,
  kS7Cyclic = 0x2,
  kS7Blocks = 0x3,
  kS7Cpu = 0x4,
  kS7Security = 0x5,
  kS7Time = 0x7,
};

// All are empty when the number has no name.
std::string_view s7_rosctr_name(std::uint8_t rosctr);
std::string_view s7_function_name(std::uint8_t function);
// `group` as on the wire: request, response or push in its upper four bits.
std::string_view s7_group_name(std::uint8_t group);
std::string_view s7_subfunction_name(std::uint8_t group, std::uint8_t subfunction);
std::string_view s7_service_name(std::string_view service);  // of PLC control
std::string_view s7_error_class_name(std::uint8_t error_class);
std::string_view s7_error_name(std::uint16_t error);  // class and code
std::string_view s7_return_name(std::uint8_t code);
std::string_view s7_szl_name(std::uint16_t id);
// "08" is an Organization Block, and OB for short.
std::string_view s7_block_name(std::string_view type);
std::string_view s7_block_short(std::string_view type);

IcsOperation s7_operation(std::uint8_t function);
IcsOperation s7_group_operation(std::uint8_t group, std::uint8_t subfunction);
// `argument` of P_PROGRAM: "C " starts cold, nothing warm.
IcsOperation s7_service_operation(std::string_view service, std::string_view argument);
// Of reading a list of the system's state.
IcsOperation s7_szl_operation(std::uint16_t id);

}  // namespace nw::network
