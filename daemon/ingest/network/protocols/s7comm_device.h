// Who a controller of the S7 family is, as two lists of its system state say (Siemens, System Software for S7-300/400,
// Reference Manual, chapter 33).
#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"
#include "ingest/network/protocols/known_device.h"

namespace nw::network {

// Puts lists together that come in several PDUs, one after the other.
class S7Lists {
 public:
  // The octets of a response's data: the list, when it ends with them; empty while it goes on, or when it is too long.
  // Valid until the next call.
  Bytes take(Bytes octets, std::uint8_t sequence, bool more);
  void forget() noexcept { pieces_.clear(); }

  static constexpr std::size_t kListMax = 4096;

 private:
  std::vector<std::uint8_t> pieces_;  // of a list that has not ended; its memory is kept
  std::uint8_t sequence_ = 0;
  bool whole_ = false;  // `pieces_` was handed on
};

// Tells a list if it is about the device: module identification (0x0011), component identification (0x001C).
void tell_s7_device(Bytes list, KnownDevices& devices, std::size_t type, Direction from, Context& context);

}  // namespace nw::network
