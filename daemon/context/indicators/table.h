// Very many short byte strings, each with a number, in hardly more memory than the strings themselves.
//
//   filter:   | u64 | u64 | ...                      eight entries each: three bits of a word say that one may be there
//   buckets:  | offset u32 | offset u32 | ...        four entries each, on average
//   entries:  | tag u8 | size varint | number varint | bytes |  ...one after the other
//
// A look-up hashes and reads one word of the filter, where most strangers end (Putze, Sanders, Singler: Cache-, Hash-
// and Space-Efficient Bloom Filters, 2007); else one offset, and a bucket that mostly lies in two cache lines. The tag
// (eight more bits of the hash) spares the comparison of most strangers; what is said to be there has been compared
// byte by byte. Strings of one size have neither tag nor size. Peers, measured at ten million names
// (tests/bench/indicators_bench.cpp): a hash set of std::string takes several times the memory, a sorted array with
// bisection several times the time.
//
// Immutable, so that any number of threads may look.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace nw::context {

// What goes into a table, in the order it comes.
class TableInput {
 public:
  // `size`: of every string; 0: they differ, up to 65535.
  explicit TableInput(std::size_t size) : fixed_{size} {}
  void add(std::string_view bytes, std::uint32_t number);
  [[nodiscard]] std::size_t size() const noexcept { return fixed_; }  // of every string
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }  // of memory

 private:
  friend class CompactTable;
  static constexpr std::size_t kBlock = std::size_t{1} << 20;  // an entry lies in one block

  std::size_t fixed_, count_ = 0, bytes_ = 0;
  std::vector<std::string> blocks_;
};

class CompactTable {
 public:
  // Of one string at most so many numbers; the others are left out.
  static constexpr std::size_t kNumbersMax = 64;

  CompactTable() = default;
  // The same string with the same number is held once. Takes as much memory again as the input while it works.
  // `left_out` grows by the entries that kNumbersMax keeps out. The seed keeps strangers from filling one bucket.
  CompactTable(const TableInput& input, std::uint64_t seed, std::uint64_t& left_out);

  // Calls `each(number)` for every number of `bytes`.
  template <class Each>
  void find(std::string_view bytes, Each&& each) const {
    if (count_ == 0 || (fixed_ != 0 && bytes.size() != fixed_)) return;
    const std::uint64_t hash = hash64(bytes, seed_);
    if ((filter_[share(hash, filter_.size())] & mask_of(hash)) != mask_of(hash)) return;
    const std::size_t bucket = bucket_of(hash);
    const char* at = entries_.data() + offsets_[bucket];
    const char* const end = entries_.data() + offsets_[bucket + 1];
    while (at != end) {
      std::uint8_t tag = tag_of(hash);
      std::size_t size = fixed_;
      if (fixed_ == 0) {
        tag = static_cast<std::uint8_t>(*at++);
        size = varint(at);
      }
      const std::uint32_t number = varint(at);
      if (tag == tag_of(hash) && size == bytes.size() && std::memcmp(at, bytes.data(), size) == 0) each(number);
      at += size;
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept {  // of memory
    return entries_.capacity() + offsets_.capacity() * sizeof(std::uint32_t) +
           filter_.capacity() * sizeof(std::uint64_t);
  }

 private:
  [[nodiscard]] std::size_t bucket_of(std::uint64_t hash) const noexcept { return share(hash, offsets_.size() - 1); }
  // The upper half of the hash picks the place, the lower half makes the mask and the tag.
  static std::size_t share(std::uint64_t hash, std::size_t count) noexcept {
    return static_cast<std::size_t>(((hash >> 32U) * count) >> 32U);
  }
  static std::uint64_t mask_of(std::uint64_t hash) noexcept {
    constexpr std::uint64_t kOne = 1;
    return kOne << ((hash >> 8U) & 63U) | kOne << ((hash >> 14U) & 63U) | kOne << ((hash >> 20U) & 63U);
  }
  static std::uint8_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint8_t>(hash); }
  // Our own bytes: written by put_varint(), at most five.
  static std::uint32_t varint(const char*& at) noexcept {
    std::uint32_t value = static_cast<unsigned char>(*at++);
    if (value < 0x80U) return value;
    value &= 0x7fU;
    for (unsigned shift = 7;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at++);
      value |= (byte & 0x7fU) << shift;
      if (byte < 0x80U) return value;
    }
  }
  void tidy(std::uint64_t& left_out);

  std::size_t fixed_ = 0, count_ = 0;
  std::uint64_t seed_ = 0;
  std::vector<std::uint64_t> filter_;
  std::vector<std::uint32_t> offsets_;  // one more than there are buckets
  std::vector<char> entries_;
};

}  // namespace nw::context
