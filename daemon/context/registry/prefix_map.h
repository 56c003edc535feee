// Longest-prefix match for a set that is built once and asked for every event.
//
// Prefixes are nested or disjoint, so they cut the address space into ranges, each with one answer. We keep where each
// range begins, sorted, and a coarse table over the part of the space that is in use, which leaves a handful of
// candidates for the binary search. Against a trie: one array, no pointers, and the cost does not grow with the length
// of the prefix. IPv4 has its own table, with 4-byte keys.
#pragma once

#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>
#include <vector>

#include "base/ip.h"

namespace nw::context {

// The 128-bit form of an address as a number.
struct WideKey {
  std::uint64_t high = 0, low = 0;
  friend constexpr auto operator<=>(const WideKey&, const WideKey&) noexcept = default;
};
WideKey wide_key(const IpAddress& address) noexcept;
// The last address of the prefix.
WideKey last_key(const IpPrefix& prefix) noexcept;

// A half of the map: sorted range starts, the first of which is the lowest key there is.
template <class Key>
class RangeTable {
 public:
  void add(Key start, std::uint32_t answer) {
    if (!ranges_.empty() && ranges_.back().answer == answer) return;  // the range before goes on
    ranges_.push_back({start, answer});
  }
  // After the last add().
  void finish() {
    const std::uint64_t count = ranges_.size();
    // What lies below `first_` shares bucket 0 with it.
    const auto used =
        std::find_if(ranges_.begin(), ranges_.end(), [](const Range& range) { return coarse(range.start) > 0; });
    first_ = used == ranges_.end() ? 0 : coarse(used->start);
    const std::uint64_t width = used == ranges_.end() ? 0 : coarse(ranges_.back().start) - first_;
    // About two buckets a range; the last may reach beyond `width` and then takes every key above it.
    const auto bits = static_cast<unsigned>(std::min<std::uint64_t>(std::bit_width(count) + 1U, kBucketBitsMax));
    const auto needed = static_cast<unsigned>(std::bit_width(width));
    shift_ = needed > bits ? needed - bits : 0;
    buckets_.assign((width >> shift_) + 2, 0);
    for (const Range& range : ranges_) ++buckets_[bucket(range.start) + 1];
    for (std::size_t i = 1; i < buckets_.size(); ++i) buckets_[i] += buckets_[i - 1];
  }

  [[nodiscard]] std::uint32_t find(Key key) const noexcept {
    const std::size_t at = bucket(key);
    const Range* from = ranges_.data() + buckets_[at];
    std::size_t left = buckets_[at + 1] - buckets_[at];
    while (left > 0) {  // the first start above `key`
      const std::size_t half = left / 2;
      if (from[half].start <= key) {
        from += half + 1;
        left -= half + 1;
      } else {
        left = half;
      }
    }
    return from[-1].answer;
  }
  [[nodiscard]] std::size_t size() const noexcept { return ranges_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return ranges_.capacity() * sizeof(Range) + buckets_.capacity() * sizeof(std::uint32_t);
  }

 private:
  static constexpr std::uint64_t kBucketBitsMax = 18;  // 1 MiB of table at most

  static constexpr std::uint64_t coarse(std::uint32_t key) noexcept { return key; }
  static constexpr std::uint64_t coarse(const WideKey& key) noexcept { return key.high; }
  [[nodiscard]] std::size_t bucket(const Key& key) const noexcept {
    const std::uint64_t at = coarse(key);
    if (at < first_) return 0;
    return std::min<std::size_t>((at - first_) >> shift_, buckets_.size() - 2);
  }

  // Together: what is found is in the cache line that was searched.
  struct Range {
    Key start;
    std::uint32_t answer;
  };
  std::vector<Range> ranges_;
  std::vector<std::uint32_t> buckets_;  // how many starts lie in the buckets before
  std::uint64_t first_ = 0;
  unsigned shift_ = 0;
};

// Answers are the caller's numbers. Ranges come in order, without holes, the first at the lowest address.
class PrefixMap {
 public:
  void add(const WideKey& start, std::uint32_t answer);
  void finish();

  [[nodiscard]] std::uint32_t find(const IpAddress& address) const noexcept;
  [[nodiscard]] std::size_t ranges() const noexcept { return narrow_.size() + wide_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return narrow_.bytes() + wide_.bytes(); }

 private:
  RangeTable<std::uint32_t> narrow_;  // ::ffff:0:0/96
  RangeTable<WideKey> wide_;          // everything; what lies in that block is never asked here
  std::uint32_t last_ = 0;            // the answer of the range added last
  bool in_block_ = false, past_block_ = false;
};

}  // namespace nw::context
