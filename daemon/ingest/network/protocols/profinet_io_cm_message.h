// PROFINET's context management (IEC 61158-6-10, sections 5.1 and 5.2): what the stub of a call says.
//   request:  | room for the response u32 | length u32 | array: room u32, offset u32, length u32 | blocks |
//   response: | PNIOStatus u32 | length u32 | array | blocks |
// in the byte order of DCE/RPC, but blocks are big endian:
//   | type u16 | length u16, of what follows | version u8, u8 | contents |
// Behind a block that writes, or answers a read, is the record.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

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

// Views the stub.
struct IoCmContents {
  static constexpr std::size_t kBlocksMax = 64, kSubmodulesMax = 64;

  std::optional<Uuid> relation;  // which application relation (AR) it is about
  std::optional<std::uint16_t> relation_kind, command;
  Uuid initiator{};                          // of a Connect: the controller's object
  Bytes initiator_name{}, responder_name{};  // names of stations
  std::optional<IoCmPlace> place;            // of the first record
  std::uint32_t record_length = 0;           // its octets, or how many are asked for
  Bytes record{};                            // that a response brings
  std::uint32_t status = 0;                  // the first that is not success
  IcsText target, value;
  bool broken = false;

  [[nodiscard]] std::span<const std::uint16_t> blocks() const noexcept {
    return std::span{blocks_}.first(block_count_);
  }
  [[nodiscard]] std::span<const IoCmSubmodule> submodules() const noexcept {
    return std::span{submodules_}.first(submodule_count_);
  }
  // What is more is left out.
  void add(std::uint16_t block) noexcept {
    if (block_count_ < kBlocksMax) blocks_[block_count_++] = block;
  }
  void add(const IoCmSubmodule& submodule) noexcept {
    if (submodule_count_ < kSubmodulesMax) submodules_[submodule_count_++] = submodule;
  }

 private:
  std::array<std::uint16_t, kBlocksMax> blocks_;          // set up to block_count_
  std::array<IoCmSubmodule, kSubmodulesMax> submodules_;  // set up to submodule_count_
  std::size_t block_count_ = 0, submodule_count_ = 0;
};

// What was readable stays when it is broken. Targets and values are gathered if `texts`.
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
