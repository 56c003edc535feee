// What one S7comm PDU means: the function, what it does to the device, how it ended. No state.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/s7comm_pdu.h"

namespace nw::network {

// The points of a request, for reading its response.
struct S7Shapes {
  static constexpr std::size_t kMost = 20;  // as many as most controllers answer in a PDU
  std::array<S7Shape, kMost> known{};

  void set(std::size_t index, const S7Item& item) {
    if (index < kMost && item.syntax == 0x10) known[index] = {item.size, item.count > 1};
  }
  [[nodiscard]] S7Shape operator[](std::size_t index) const { return index < kMost ? known[index] : S7Shape{}; }
};

// Views the PDU.
struct S7Message {
  S7Pdu pdu;
  S7Userdata userdata;
  std::optional<std::uint8_t> function;  // of user data kind and group
  bool is_userdata = false, request = false, response = false;
  bool good = true;  // its lengths and what was read fit
  S7Transfer transfer;
  S7Service service;
  std::optional<S7Data> data;           // of user data
  std::optional<std::uint32_t> szl;     // list and index
  std::optional<std::uint16_t> length;  // of a PDU, in setup
  std::optional<std::uint8_t> items;
  std::uint8_t failed = 0xFF;  // the first return code that is no success
  S7Shapes shapes;
  IcsCommand command;

  [[nodiscard]] bool transfers() const noexcept {
    return !is_userdata && function && *function >= kS7RequestDownload && *function <= kS7EndUpload;
  }
  [[nodiscard]] bool is(std::uint8_t group, std::uint8_t subfunction) const noexcept {
    return is_userdata && userdata.number() == group && userdata.subfunction == subfunction;
  }
  // The answer's next part is asked for, or is what comes.
  [[nodiscard]] bool asks_for_more() const noexcept { return is_userdata && request && userdata.method == 0x12; }
};

// Everything but what only the request tells. `texts`: target and value are wanted. False: it is no S7comm.
bool read_s7_message(Bytes message, bool texts, S7Message& out);
// The values of a response, read as its request asked for them; and its return codes.
void read_s7_response(const S7Shapes& shapes, bool texts, S7Message& out);
// For each return code of a response to reading or writing, in order; false when one could not be read.
bool for_each_return(const S7Message& message, auto&& take) {
  ByteReader in{message.pdu.data};
  const unsigned count = message.items.value_or(0);
  for (unsigned i = 0; i < count; ++i) {
    S7Data data;
    if (message.function == kS7Write) {
      data.code = in.u8();
    } else if (!read_s7_data(in, data)) {
      return false;
    }
    if (!in.ok()) return false;
    take(i, data);
  }
  return true;
}

// Of a response; the reason is empty when it is ok, or when nothing has a name.
struct S7Ending {
  IcsOutcome outcome = IcsOutcome::ok;
  std::string_view reason;
};
S7Ending s7_ending(const S7Message& message);

}  // namespace nw::network
