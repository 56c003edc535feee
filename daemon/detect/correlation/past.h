// How large a key's slices of time used to be: a histogram whose steps grow by 2 %, so that what it says of a
// percentile is within 1 % of a slice that there was, in a few bytes for each size that occurs. The idea of DDSketch
// (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 2019).
// The past fades by halves: what is older than the whole of it never counts, what is younger than half of it always.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace nw::correlation {

class Past {
 public:
  static constexpr std::size_t kStepsPerDoubling = 35;  // each 2.0 % larger than the one before
  static constexpr double kMost = 9.2e18;               // of one slice; below 1 counts as nothing
  static constexpr std::size_t kSteps = 1 + 63 * kStepsPerDoubling + 1;
  static constexpr std::int64_t kSlicesMost = 1'000'000'000;  // of half a past

  // Slice number `slice` is over and had `amount`; those between it and `next` had nothing. `half`: slices in half a
  // past.
  void close(std::int64_t slice, double amount, std::int64_t next, std::int64_t half);
  // By nearest rank; of no slices, nothing.
  [[nodiscard]] double percentile(double percent) const;
  [[nodiscard]] std::uint64_t slices() const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept;
  // Restored: can it have been saved, with halves of so many slices?
  [[nodiscard]] bool fits(std::int64_t half) const;

 private:
  using Sizes = std::vector<std::pair<std::uint16_t, std::uint32_t>>;  // slices by step, sorted; none without slices
  static void note(Sizes& sizes, double amount, std::int64_t slices);

  template <class Archive, class T>
  requires std::same_as<std::remove_const_t<T>, Past>
  friend void members(Archive& archive, T& past) { archive(past.before_, past.now_); }

  Sizes before_, now_;  // the half of a past that is over, and the one that is not
};

}  // namespace nw::correlation
