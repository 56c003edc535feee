// Proofs over a tree of RFC 6962: that an entry is in it, and that a tree is the beginning of a larger one. Made by the
// definition (sections 2.1.1 and 2.1.2), checked by the loops of RFC 9162 (sections 2.1.3.2 and 2.1.4.2).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"
#include "record/merkle/hash.h"

namespace nw::merkle {

// A path from a leaf to a root has at most this many steps.
constexpr std::size_t kProofHashesMax = 63;
using Proof = std::vector<Hash>;

// Gives the hash of a complete node: one whose leaves are all in the tree that is asked about. Its errors are handed
// on.
using NodeSource = FunctionRef<Result<Hash>(NodeId)>;

// The root of the first `size` leaves.
Result<Hash> root_of(std::uint64_t size, NodeSource nodes);
// From the leaf's sibling up to the root's child. `invalid_argument` unless index < size.
Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, NodeSource nodes);
// `invalid_argument` unless 0 < old_size <= size: every tree begins with the empty one, there is nothing to prove.
Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, NodeSource nodes);

// `malformed`: the proof has not the length or the order that index and size ask for, or leads to another root.
// A root does not commit to its size: who takes `size` from anywhere but a signed checkpoint learns nothing about it.
Result<> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof,
                          const Hash& root);
// `old_size` 0 is refused, as it says nothing; whoever takes it (the witness protocol does) asks for an empty proof.
struct TreeHead {
  std::uint64_t size = 0;
  Hash root{};
  bool operator==(const TreeHead&) const = default;
};
Result<> verify_consistency(const TreeHead& older, const TreeHead& newer, std::span<const Hash> proof);

}  // namespace nw::merkle
