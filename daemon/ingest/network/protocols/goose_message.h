// One GOOSE message, read: IEC 61850-8-1, annex A.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ingest/network/protocols/iec61850_frame.h"

namespace nw::network {

// Views the frame. What is absent was not there, or could not be read.
struct GooseMessage {
  Iec61850Frame head;
  Bytes gocb_ref, dat_set, go_id;
  std::optional<std::uint64_t> time_allowed_to_live;  // in ms
  std::optional<Timestamp> timestamp;                 // when stNum last grew, by the publisher's clock
  std::uint8_t quality = 0;                           // of that clock
  std::optional<std::uint64_t> st_num, sq_num, conf_rev, entries;
  std::optional<bool> simulation, needs_commissioning;
  std::optional<Bytes> all_data;  // one value of MMS after the other
};

// What was read stays when an error is returned; what nobody knows is passed over.
std::optional<DecodeError> read_goose(Bytes payload, GooseMessage& out) noexcept;
// The same of a message whose head is read, with what was wrong there.
std::optional<DecodeError> read_goose_fields(std::optional<DecodeError> wrong, GooseMessage& out) noexcept;

// The values of a data set, one at each call of next(): as true, -5, 1.5, 0b0110, 0x00ff or text; a structure as
// {a,b}, an array as [a,b].
class GooseValues {
 public:
  static constexpr std::size_t kBytesMax = 256;  // of one value's text; beyond, it is cut
  static constexpr unsigned kDepthMax = 4;       // of structures in structures; deeper ones are "..."

  explicit GooseValues(Bytes all_data) noexcept : reader_{all_data} {}
  // Replaces `out`. False at the end.
  bool next(std::string& out);
  // Something at the end is no value.
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  BerReader reader_;
  bool broken_ = false;
};

}  // namespace nw::network
