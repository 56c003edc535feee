// One file that shows an entry to be in a log, with no network: C2SP tlog-proof (a draft), suffix .tlog-proof.
//
//   c2sp.org/tlog-proof@v1
//   [extra <Base64>]       the application's; nobody signs it
//   index <n>
//   <hash>...              from the leaf's sibling upwards
//
//   <checkpoint>           a signed note
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "record/merkle/note.h"
#include "record/merkle/policy.h"
#include "record/merkle/proofs.h"

namespace nw::merkle {

constexpr std::size_t kLogProofBytesMax = kNoteBytesMax + (std::size_t{64} << 10U);

struct LogProof {
  std::optional<std::string> extra;  // its bytes, not empty
  std::uint64_t index = 0;
  Proof hashes;
  Note checkpoint;

  // `malformed`, with the line.
  static Result<LogProof> parse(std::string_view bytes);
  // parse() reads it back when the checkpoint can be read back.
  [[nodiscard]] std::string to_string() const;

  // The entry is in the log, and the policy accepts the log's checkpoint. Errors are those of Policy::check() and
  // verify_inclusion().
  [[nodiscard]] Result<AcceptedCheckpoint> verify(const Hash& leaf, const Policy& policy) const;
};

}  // namespace nw::merkle
