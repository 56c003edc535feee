// EtherCAT (ETG.1000.4): reading one frame. Numbers are little-endian.
//   | length:11 reserved:1 type:4 | datagrams |
//   datagram: | command u8 | index u8 | address u32 | length:11 reserved:4 more:1 | interrupts u16 | data | counter u16
//   |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// Views the frame.
struct EthercatDatagram {
  std::uint8_t command = 0, index = 0;
  std::uint16_t slave = 0, offset = 0;  // of a logical address its two halves
  Bytes data;
  std::uint16_t working_counter = 0;  // each slave that did it adds to it

  [[nodiscard]] bool logical() const noexcept { return command >= 10 && command <= 12; }
  [[nodiscard]] bool broadcast() const noexcept { return command >= 7 && command <= 9; }
  [[nodiscard]] bool writes() const noexcept;
};

class EthercatDatagrams {
 public:
  explicit EthercatDatagrams(Bytes payload) noexcept;
  // False at the end, or at one that is cut.
  bool next(EthercatDatagram& out) noexcept;
  // None as long as nothing was wrong.
  [[nodiscard]] std::optional<DecodeError> error() const noexcept { return error_; }
  // Of the frame: 1 datagrams, 4 network variables, 5 mailboxes; only the first are read.
  [[nodiscard]] unsigned type() const noexcept { return type_; }

 private:
  ByteReader in_;
  unsigned type_ = 0;
  bool more_ = false;
  std::optional<DecodeError> error_;
};

// What a write to a mailbox says: | length u16 | address u16 | channel u8 | type:4 counter:4 | ... |
struct EthercatMailbox {
  std::uint8_t type = 0;               // 1 AoE, 2 EoE, 3 CoE, 4 FoE, 5 SoE
  std::optional<std::uint16_t> index;  // of a CoE SDO request
  std::uint8_t subindex = 0;
  bool download = false;  // it writes
};
// None when the data cannot be one.
std::optional<EthercatMailbox> read_ethercat_mailbox(Bytes data) noexcept;

// Empty for what nobody published.
std::string_view ethercat_command_name(std::uint8_t command) noexcept;
std::string_view ethercat_mailbox_name(std::uint8_t type) noexcept;
std::string_view ethercat_state_name(std::uint8_t state) noexcept;

}  // namespace nw::network
