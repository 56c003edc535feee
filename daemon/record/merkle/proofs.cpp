#include "record/merkle/proofs.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>

namespace nw::merkle {
namespace {

// The largest power of two below `leaves`, which is at least 2.
std::uint64_t split_of(std::uint64_t leaves) { return std::bit_floor(leaves - 1); }

// The root over the leaves [begin, end), where `begin` is a multiple of every perfect tree in there: true of each range
// that splitting a tree gives.
Result<Hash> range_root(std::uint64_t begin, std::uint64_t end, NodeSource nodes) {
  std::vector<Hash> peaks;
  while (begin < end) {
    const std::uint64_t leaves = std::bit_floor(end - begin);
    const auto level = static_cast<unsigned>(std::countr_zero(leaves));
    auto node = nodes(NodeId{level, begin >> level});
    if (!node) return node.error();
    peaks.push_back(*node);
    begin += leaves;
  }
  if (peaks.empty()) return empty_root();
  Hash out = peaks.back();
  for (std::size_t i = peaks.size() - 1; i-- > 0;) out = node_hash(peaks[i], out);
  return out;
}

Error too_large(std::uint64_t size) {
  return {Errc::invalid_argument, "a tree of " + std::to_string(size) + " entries is larger than 2^63-1"};
}

Error wrong_length(std::size_t hashes, const char* more_or_fewer) {
  return {Errc::malformed, "the proof has " + std::to_string(hashes) + " hashes, which is too " + more_or_fewer};
}

// Collects the subtrees that a proof names, from the root down; a proof lists them from the bottom up.
class Steps {
 public:
  explicit Steps(NodeSource nodes) : nodes_{nodes} {}
  void take(std::uint64_t begin, std::uint64_t end) {
    if (error_) return;
    auto hash = range_root(begin, end, nodes_);
    if (hash)
      proof_.push_back(*hash);
    else
      error_ = hash.error();
  }
  Result<Proof> finish() {
    if (error_) return *error_;
    std::reverse(proof_.begin(), proof_.end());
    return std::move(proof_);
  }

 private:
  NodeSource nodes_;
  Proof proof_;
  std::optional<Error> error_;
};

// Where a verifier stands: `fn` in the tree that is proved about, `sn` in the last leaf's column (RFC 9162).
struct Climb {
  std::uint64_t fn, sn;
  // Whether the next hash stands to the left.
  [[nodiscard]] bool from_left() const { return (fn & 1U) != 0 || fn == sn; }
  void up() { fn >>= 1U, sn >>= 1U; }
  // At the right edge a node that has no sibling is passed up as it is.
  void up_to_odd() {
    while ((fn & 1U) == 0 && fn != 0) up();
  }
};

}  // namespace

Result<Hash> root_of(std::uint64_t size, NodeSource nodes) {
  if (size > kTreeSizeMax) return too_large(size);
  return range_root(0, size, nodes);
}

Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, NodeSource nodes) {
  if (size > kTreeSizeMax) return too_large(size);
  if (index >= size)
    return Error{Errc::invalid_argument,
                 "entry " + std::to_string(index) + " is not in a tree of " + std::to_string(size) + " entries"};
  Steps steps{nodes};
  std::uint64_t begin = 0, end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    if (index < middle) {
      steps.take(middle, end);
      end = middle;
    } else {
      steps.take(begin, middle);
      begin = middle;
    }
  }
  return steps.finish();
}

Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, NodeSource nodes) {
  if (size > kTreeSizeMax) return too_large(size);
  if (old_size == 0 || old_size > size)
    return Error{Errc::invalid_argument, "no proof leads from " + std::to_string(old_size) + " to " +
                                             std::to_string(size) + " entries: the older tree has 1 to " +
                                             std::to_string(size)};
  Steps steps{nodes};
  std::uint64_t begin = 0, end = size;
  while (old_size != end) {
    const std::uint64_t middle = begin + split_of(end - begin);
    if (old_size <= middle) {
      steps.take(middle, end);
      end = middle;
    } else {
      steps.take(begin, middle);
      begin = middle;
    }
  }
  // A perfect old tree is known by its root.
  if (begin != 0) steps.take(begin, end);
  return steps.finish();
}

Result<> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof,
                          const Hash& root) {
  if (size > kTreeSizeMax) return too_large(size);
  if (index >= size)
    return Error{Errc::malformed,
                 "entry " + std::to_string(index) + " is not in a tree of " + std::to_string(size) + " entries"};
  Climb at{index, size - 1};
  Hash hash = leaf;
  for (const Hash& step : proof) {
    if (at.sn == 0) return wrong_length(proof.size(), "many");
    if (at.from_left()) {
      hash = node_hash(step, hash);
      at.up_to_odd();
    } else {
      hash = node_hash(hash, step);
    }
    at.up();
  }
  if (at.sn != 0) return wrong_length(proof.size(), "few");
  if (hash != root)
    return Error{Errc::malformed, "entry " + std::to_string(index) + " is not under the root " + to_base64(root) +
                                      ": the proof leads to " + to_base64(hash)};
  return {};
}

Result<> verify_consistency(const TreeHead& older, const TreeHead& newer, std::span<const Hash> proof) {
  if (newer.size > kTreeSizeMax) return too_large(newer.size);
  if (older.size == 0) return Error{Errc::malformed, "a proof from 0 entries says nothing"};
  if (older.size > newer.size)
    return Error{Errc::malformed, "the tree has shrunk from " + std::to_string(older.size) + " to " +
                                      std::to_string(newer.size) + " entries"};
  if (older.size == newer.size) {
    if (!proof.empty()) return wrong_length(proof.size(), "many");
    if (older.root != newer.root)
      return Error{Errc::malformed, "two trees of " + std::to_string(older.size) +
                                        " entries have different roots: the log was forked or rewritten"};
    return {};
  }
  if (proof.empty()) return wrong_length(0, "few");
  const bool perfect = std::has_single_bit(older.size);
  const Hash& start = perfect ? older.root : proof.front();
  Climb at{older.size - 1, newer.size - 1};
  while ((at.fn & 1U) != 0) at.up();
  Hash old_hash = start, new_hash = start;
  for (const Hash& step : perfect ? proof : proof.subspan(1)) {
    if (at.sn == 0) return wrong_length(proof.size(), "many");
    if (at.from_left()) {
      old_hash = node_hash(step, old_hash);
      new_hash = node_hash(step, new_hash);
      at.up_to_odd();
    } else {
      new_hash = node_hash(new_hash, step);
    }
    at.up();
  }
  if (at.sn != 0) return wrong_length(proof.size(), "few");
  if (old_hash != older.root || new_hash != newer.root)
    return Error{Errc::malformed,
                 "the tree of " + std::to_string(newer.size) + " entries does not continue the one of " +
                     std::to_string(older.size) +
                     (old_hash != older.root ? ": the older root differs" : ": the newer root differs")};
  return {};
}

}  // namespace nw::merkle
