// PROFINET's context management (IEC 61158-6-10, sections 5.1 and 5.2): what the stub of a call says.
//   request:  | room for the response u32 | length u32 | array: room u32, offset u32, length u32 | blocks |
//   response: | PNIOStatus u32 | length u32 | array | blocks |
// in the byte order of DCE/RPC, but blocks are big endian:
//   | type u16 | length u16, of what follows | version u8, u8 | contents |
// Behind a block that writes, or answers a read, is the record.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ingest/network/protocols/dce_rpc_stubs.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

enum class IoCmOperation : std::uint16_t { connect, release, read, write, control, read_implicit };

// A record's place: by it parameters, diagnoses, identities are read and written.
struct IoCmPlace {
  std::uint32_t api = 0;
  std::uint16_t slot = 0, subslot = 0, index = 0;
};

// What a controller expects to be plugged.
struct IoCmSubmodule {
  std::uint32_t api = 0;
  std::uint16_t slot = 0, subslot = 0;
  std::uint32_t module = 0, kind = 0;
};

// What a device has instead: a module's state, or of a module that is as expected the state of a submodule.
struct IoCmDifference {
  std::uint32_t api = 0;
  std::uint16_t slot = 0, subslot = 0, state = 0;
  bool of_module = false;
};

// Cyclic data that a connection brings; a response tells the frame id alone.
struct IoCmExchange {
  std::uint16_t kind = 0, frame_id = 0, octets = 0;
  std::uint32_t cycle = 0;  // in 31.25 us; 0: not told
};

// The first few; what is more is left out.
template <class T, std::size_t kMost>
class IoCmList {
 public:
  void add(const T& one) noexcept {
    if (size_ < kMost) all_[size_++] = one;
  }
  [[nodiscard]] std::span<const T> all() const noexcept { return std::span{all_}.first(size_); }

 private:
  std::array<T, kMost> all_;
  std::size_t size_ = 0;
};

// What is malformed though devices may take it: bits.
struct IoCmOdd {
  static constexpr std::uint8_t kHead = 1, kCounts = 2, kBlock = 4, kRecord = 8, kFragments = 16;
  static constexpr std::array<std::string_view, 5> kNames{"head", "counts", "block", "record", "fragments"};
};

// Views the stub.
struct IoCmContents {
  IoCmList<std::uint16_t, 64> blocks;
  IoCmList<IoCmSubmodule, 64> submodules;
  IoCmList<IoCmDifference, 64> differences;
  IoCmList<IoCmExchange, 16> exchanges;
  std::optional<Uuid> relation;  // which application relation (AR) it is about
  std::optional<std::uint16_t> relation_kind, alarm_end;
  IcsText commands;                          // of all blocks of control
  bool writes = false, releases = false;     // a request to write, or one to release, is among the blocks
  Uuid initiator{};                          // of a Connect: the controller's object
  Bytes initiator_name{}, responder_name{};  // names of stations
  std::optional<IoCmPlace> place;            // of the first record
  std::uint32_t record_length = 0;           // its octets, or how many are asked for
  Bytes record{};                            // that a response brings
  std::uint32_t status = 0;                  // the first that is not success
  IcsText target, value;
  std::uint8_t odd = 0;
};

inline bool is_zero(Bytes bytes) noexcept {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// What was readable stays when it is odd. Targets and values are gathered if `texts`.
void read_io_cm(const DceRpcStub& stub, bool texts, IoCmContents& out);

// What an operation does, by the record's place and the control command.
IcsOperation io_cm_effect(std::uint16_t operation, const IoCmContents& contents) noexcept;

// Identification and maintenance: what a submodule says of itself. Views the record, texts with the blanks that fill
// them up taken away.
struct IoCmIdentity {
  std::uint16_t vendor = 0, hardware = 0;
  Bytes order_number{}, serial_number{}, function{}, location{}, description{};
  std::uint8_t prefix = 0;  // of the software's version: 'V' for released
  std::array<std::uint8_t, 3> software{};
};
// False when the record is no such block.
bool read_io_cm_identity(Bytes record, IoCmIdentity& out) noexcept;

}  // namespace nw::network
