// What a log sends to its witness: C2SP tlog-witness v1.0.0, the body of POST <prefix>/add-checkpoint.
//
//   old <size>            of the head that the witness signed last
//   <Base64 hash>...      at most 63: the tree of that size is the beginning of the new one
//
//   <checkpoint>          a signed note
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "record/merkle/note.h"
#include "record/merkle/proofs.h"

namespace nw::witness {

constexpr std::string_view kAddPath = "/add-checkpoint";
// 63 hashes have 3 KiB, a checkpoint with as many signatures as a note may have, of ordinary names, 20 KiB.
constexpr std::size_t kRequestBytesMax = std::size_t{64} << 10U;
// What a witness takes of a checkpoint: the log's own signatures are enough. Two of them, as evidence of two histories,
// must fit one entry of the ledger.
constexpr std::size_t kCheckpointBytesMax = std::size_t{4} << 10U;

struct AddRequest {
  std::uint64_t old_size = 0;
  merkle::Proof proof;
  merkle::Note checkpoint;

  // `malformed`, with the line.
  static Result<AddRequest> parse(std::string_view bytes);
  [[nodiscard]] std::string to_string() const;
};

// Names a log in files and paths: the hexadecimal SHA-256 of its origin.
std::string log_id(std::string_view origin);
// Where a witness shows what it signed last of a log.
std::string shown_path(std::string_view origin);

}  // namespace nw::witness
