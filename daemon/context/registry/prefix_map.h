// Longest-prefix match for a set that is built once and asked for every event.
//
// Prefixes are nested or disjoint, so they cut the address space into ranges, each with one answer. What costs time in
// a large set is not the work but the waiting: for memory that no cache holds, and, worse, for a branch that was
// guessed wrong while it waited. So a step does the same few instructions whatever it finds: bits of the address choose
// a line, and the starts in it that are not above the next 16 bits are counted; that many answers in stands what was
// sought. A /8 that nobody divided and a street of /29 are one line each. Only where a line does not suffice does the
// answer name a further step. Most addresses need one step, whose two reads from memory are all they wait for, in a
// register whose networks lie all over the space; where they crowd together, two. Bits that all have in common are
// compared at once, which keeps IPv6 as short as IPv4: they are one mechanism.
#pragma once

#include <compare>
#include <cstdint>
#include <unordered_map>
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

// A half of the map. Shorter keys stand at the top of the key.
class RangeTable {
 public:
  // In order; the first is the lowest key there is.
  void add(const WideKey& start, std::uint32_t answer) {
    if (!ranges_.empty() && ranges_.back().answer == answer) return;  // the range before goes on
    ranges_.push_back({start, answer});
  }
  // After the last add().
  void finish();

  [[nodiscard]] std::uint32_t find(WideKey key) const noexcept {
    // Plain pointers: the indices are our own, made by finish(), and a check of each would be half of the work.
    const Step* const steps = steps_.data();
    const std::uint32_t* const choices = choices_.data();
    const Line* const lines = lines_.data();
    for (const Step* step = steps + root_;;) {
      std::uint32_t answer = 0;
      const std::uint64_t guarded = bits_from(key, step->position);
      if (top_bits(guarded ^ step->same, step->skip) == 0) [[likely]] {
        const std::uint64_t ahead = bits_from(key, step->position + step->skip);
        const Line& line = lines[choices[step->first + top_bits(ahead, step->bits)]];
        const auto piece = static_cast<std::uint16_t>(ahead << step->bits >> 48U);
        const auto begun = [&](std::size_t i) { return line.starts[i] <= piece ? std::size_t{1} : std::size_t{0}; };
        answer = line.answers[begun(0) + begun(1) + begun(2) + begun(3)];
      } else {
        answer = guarded < step->same ? step->below : step->above;
      }
      if ((answer & kFurther) == 0) return answer;
      step = steps + (answer & ~kFurther);
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return steps_.capacity() * sizeof(Step) + choices_.capacity() * sizeof(std::uint32_t) +
           lines_.capacity() * sizeof(Line);
  }

 private:
  static constexpr std::uint32_t kFurther = 1U << 31U;  // on an answer: the number of a step
  static constexpr std::size_t kStartsMax = 4;
  static constexpr unsigned kBitsMax = 18;  // 1 MiB of choices at most

  struct Range {
    WideKey start;
    std::uint32_t answer;
  };
  // Where all that begins here has `skip` bits in common from `position` on, they are compared at once (with the top
  // of `same`). The `bits` after them choose among the choices from `first` on; none of them: there is one.
  struct Step {
    std::uint64_t same = 0;
    std::uint32_t below = 0, above = 0;  // the answers for keys without these bits
    std::uint32_t first = 0;
    std::uint8_t position = 0, skip = 0, bits = 0;
  };
  // Half a cache line: with twice as much in each, what is asked for often no longer fits the nearer caches. The last
  // start and its answer are repeated to the end.
  struct alignas(32) Line {
    std::uint16_t starts[kStartsMax];
    std::uint32_t answers[kStartsMax + 1];
  };
  // A place where the answer changes, in the 16 bits that a line looks at. `further`: it changes again within this one
  // value; the ranges [in_force, end) are there.
  struct Change {
    std::uint16_t piece;
    bool further;
    std::uint32_t in_force, end;
  };
  struct Stop {
    std::uint16_t piece;
    std::uint32_t answer;
  };

  // 64 bits of the key, from `position` (at most 127) on.
  static constexpr std::uint64_t bits_from(WideKey key, unsigned position) noexcept {
    if (position >= 64) return key.low << (position - 64);
    return key.high << position | key.low >> 1U >> (63 - position);
  }
  static constexpr std::uint64_t top_bits(std::uint64_t word, unsigned bits) noexcept {  // below 64
    return word >> 1U >> (63 - bits);
  }

  // Each is about the part of the space that begins at `position` with what stands before it in the key: the range
  // `in_force` holds at its first key, those after it and before `end` begin within.
  [[nodiscard]] std::vector<Change> changes(unsigned position, std::uint32_t in_force, std::uint32_t end) const;
  std::uint32_t step_for(unsigned position, std::uint32_t in_force, std::uint32_t end);
  std::uint32_t line_for(unsigned position, std::uint32_t in_force, std::uint32_t end);
  void choose(Step& step, std::uint32_t in_force, std::uint32_t end);
  std::uint32_t line_of(unsigned position, std::uint32_t before, const Stop* from, std::size_t count);
  std::uint32_t plain_line(std::uint32_t answer);
  std::uint32_t add_step(Step step);

  std::uint32_t root_ = 0;
  std::vector<Step> steps_;
  std::vector<std::uint32_t> choices_;
  std::vector<Line> lines_;
  std::size_t count_ = 0;
  // Until finish().
  std::vector<Range> ranges_;
  std::unordered_map<std::uint32_t, std::uint32_t> plain_;  // the line that has only this answer
};

// Answers are the caller's numbers, below 2^31. Ranges come in order, without holes, the first at the lowest address.
class PrefixMap {
 public:
  void add(const WideKey& start, std::uint32_t answer);
  void finish();

  [[nodiscard]] std::uint32_t find(const IpAddress& address) const noexcept;
  [[nodiscard]] std::size_t ranges() const noexcept { return narrow_.size() + wide_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return narrow_.bytes() + wide_.bytes(); }

 private:
  RangeTable narrow_;       // ::ffff:0:0/96
  RangeTable wide_;         // everything; what lies in that block is never asked here
  std::uint32_t last_ = 0;  // the answer of the range added last
  bool in_block_ = false, past_block_ = false;
};

}  // namespace nw::context
