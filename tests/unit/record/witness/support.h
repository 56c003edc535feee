// What the tests of record/witness share: a log that grows in memory, with its signed heads.
#pragma once

#include <string>
#include <vector>

#include "record/merkle/checkpoint.h"
#include "record/merkle/cosignature.h"
#include "record/merkle/hash.h"
#include "record/merkle/note.h"
#include "record/merkle/policy.h"
#include "record/merkle/proofs.h"
#include "record/witness/request.h"
#include "record/witness/state.h"
#include "unit/record/ledger/ledger_support.h"
#include "unit/record/merkle/support.h"

namespace nw::witness::test {

using merkle::test::kOrigin;
using merkle::test::log_signer;
using merkle::test::witness_signer;
using record::test::TempDir;

inline constexpr Timestamp kNow{std::chrono::seconds{1'768'471'200}};

// A log of numbered entries; `story` makes it another history from `from` on.
class TestLog {
 public:
  explicit TestLog(std::size_t size, std::string story = {}, std::size_t from = 0) {
    std::vector<merkle::Hash> leaves;
    for (std::size_t i = 0; i < size; ++i)
      leaves.push_back(merkle::leaf_hash((i >= from ? story : "") + "entry " + std::to_string(i)));
    tree_.emplace(std::move(leaves));
  }

  [[nodiscard]] merkle::Checkpoint checkpoint(std::uint64_t size) const {
    return {std::string{kOrigin}, {size, size == 0 ? merkle::empty_root() : tree_->root(size)}, {}};
  }
  [[nodiscard]] merkle::Note head(std::uint64_t size, const merkle::SignerKey& key = log_signer()) const {
    merkle::Note note{*checkpoint(size).to_text(), {}};
    note.signatures.push_back(*merkle::sign_note(note.text, key));
    return note;
  }
  [[nodiscard]] Result<merkle::Proof> proof(std::uint64_t old_size, std::uint64_t size) const {
    return merkle::consistency_proof(old_size, size, *tree_);
  }
  // What an honest log sends.
  [[nodiscard]] AddRequest request(std::uint64_t old_size, std::uint64_t size) const {
    AddRequest out{old_size, {}, head(size)};
    if (old_size != 0 && old_size < size) out.proof = *proof(old_size, size);
    return out;
  }

 private:
  std::optional<merkle::test::MemoryTree> tree_;
};

inline std::vector<merkle::PolicyLog> known_logs() { return {{log_signer().verifier(), ""}}; }

}  // namespace nw::witness::test
