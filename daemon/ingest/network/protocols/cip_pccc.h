// PCCC, what PLC-5 and SLC 500 speak, in CIP's service 0x4B: DF1 Protocol and Command Set (1770-6.5.16), chapter 7.
// | requestor: length u8, vendor u16, serial u32 | command u8 | status u8 | transaction u16 | [function u8] | data |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

struct PcccMessage {
  std::uint8_t command = 0;  // without the response bit
  std::uint8_t status = 0;
  std::uint16_t transaction = 0;
  std::optional<std::uint8_t> function{};  // of requests
  Bytes data;
};

// Nothing when it is cut.
std::optional<PcccMessage> read_pccc(Bytes data, bool response);

// Both are empty when the number has no name.
std::string_view pccc_function_name(const PcccMessage& message);
std::string_view pccc_status_name(std::uint8_t status);

// What a request asks for: `N7:0`, and what it writes.
IcsOperation pccc_operation(const PcccMessage& request);
void describe_pccc(const PcccMessage& request, IcsCommand& command);
// The type of the file that is read, when the answer is its values.
std::optional<std::uint8_t> pccc_read_type(const PcccMessage& request);
void append_pccc_values(IcsText& out, std::uint8_t type, Bytes data);

}  // namespace nw::network
