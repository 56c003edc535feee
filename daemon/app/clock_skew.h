// How far the clock of a source is behind ours: the median of receive time minus the time that its events state. What
// lines take to come is in it; the median keeps out single lines that were held up, and single hosts that are wrong.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace nw::app {

class ClockSkew {
 public:
  static constexpr std::size_t kSamples = 64;
  static constexpr Nanoseconds kApart = std::chrono::seconds{1};  // so that a burst is one sample
  static constexpr Nanoseconds kOldest = std::chrono::hours{1};   // than the newest; older ones say nothing of today

  // Of every event that states its time, by the receive time.
  void add(Timestamp stated, Timestamp received) noexcept {
    if (count_ != 0 && received >= last_ && between(last_, received) < kApart) return;
    last_ = received;
    samples_[count_++ % kSamples] = {received, between(stated, received)};
  }
  // None: no event has stated a time yet.
  [[nodiscard]] std::optional<Nanoseconds> median() const {
    std::array<Nanoseconds, kSamples> skews{};
    std::size_t size = 0;
    for (std::size_t i = 0; i < std::min<std::uint64_t>(count_, kSamples); ++i)
      if (between(samples_[i].received, last_) <= kOldest) skews[size++] = samples_[i].skew;
    if (size == 0) return std::nullopt;
    const auto middle = skews.begin() + static_cast<std::ptrdiff_t>(size / 2);
    std::nth_element(skews.begin(), middle, skews.begin() + static_cast<std::ptrdiff_t>(size));
    return *middle;
  }

 private:
  // Lines state times that are centuries apart.
  static Nanoseconds between(Timestamp from, Timestamp to) noexcept {
    std::int64_t difference = 0;
    const std::int64_t a = to_unix_nanoseconds(from), b = to_unix_nanoseconds(to);
    if (__builtin_sub_overflow(b, a, &difference)) return a < b ? Nanoseconds::max() : Nanoseconds::min();
    return Nanoseconds{difference};
  }

  struct Sample {
    Timestamp received;
    Nanoseconds skew;
  };
  std::array<Sample, kSamples> samples_{};
  std::uint64_t count_ = 0;
  Timestamp last_{};
};

}  // namespace nw::app
