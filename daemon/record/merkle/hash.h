// The hashes of a transparency log's tree: RFC 6962 section 2.1 (the same in RFC 9162 section 2.1.1), SHA-256.
//
//   leaf = SHA-256(0x00 | entry)     node = SHA-256(0x01 | left | right)     root of no entries = SHA-256("")
//
// n leaves are split at the largest power of two below n: the left part is a perfect tree, the right part is split
// again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"

namespace nw::merkle {

constexpr std::size_t kHashBytes = 32;
using Hash = std::array<std::uint8_t, kHashBytes>;

// Tree sizes stay in what every client's signed 64 bits can hold.
constexpr std::uint64_t kTreeSizeMax = (std::uint64_t{1} << 63U) - 1;

Hash sha256(std::string_view bytes);
Hash leaf_hash(std::string_view entry);
Hash node_hash(const Hash& left, const Hash& right);
// The root of the tree without entries.
Hash empty_root();

std::string_view as_text(const Hash& hash);  // its 32 bytes; borrowed
std::string to_hex(const Hash& hash);
std::string to_base64(const Hash& hash);
// `malformed` unless there are exactly 32 bytes.
Result<Hash> hash_from_bytes(std::string_view bytes);
// `malformed` unless it is the Base64 of 32 bytes.
Result<Hash> hash_from_base64(std::string_view text);

// A node that stands for the 2^level leaves from index * 2^level on: level 0 are the leaves.
struct NodeId {
  unsigned level = 0;
  std::uint64_t index = 0;
  bool operator==(const NodeId&) const = default;
};

// A tree that only grows, as its right edge: the roots of its perfect subtrees, largest first. At most 63 hashes,
// whatever the size (RFC 9162 section 2.1.2 keeps the same stack).
class CompactRange {
 public:
  // Adds a leaf's hash. `sink` gets every node that this completes, the leaf first, then upwards: what a writer of
  // tiles has to keep.
  using NodeSink = FunctionRef<void(NodeId, const Hash&)>;
  void append(const Hash& leaf, NodeSink sink);
  void append(const Hash& leaf);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] Hash root() const;
  [[nodiscard]] const std::vector<Hash>& peaks() const noexcept { return peaks_; }

  // | size u64be | peaks, 32 bytes each, largest first |
  [[nodiscard]] std::string save() const;
  // `malformed` unless there are as many peaks as the size has bits set. Whether they are the right ones only the
  // signed root tells: compare root() with it.
  static Result<CompactRange> restore(std::string_view saved);

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;
};

}  // namespace nw::merkle
