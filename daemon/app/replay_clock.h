// Keeps several replayed files in step: event time t of any of them is played at start + (t - earliest) / pace.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/time.h"

namespace nw::app {

class ReplayClock {
 public:
  // The first event time of one file; before start(), from one thread.
  void propose(Timestamp first) { earliest_ = earliest_ ? std::min(*earliest_, first) : first; }
  void start() { started_ = std::chrono::steady_clock::now(); }

  // How long to wait until `t` is due at `times_real` times real time; zero or less: now. Any thread after start().
  [[nodiscard]] Nanoseconds wait_for(Timestamp t, double times_real) const {
    if (times_real <= 0 || !earliest_) return Nanoseconds{0};
    constexpr double kYear = 3.2e16;  // more than anyone waits, and less than overflows
    const double offset = std::min(static_cast<double>((t - *earliest_).count()) / times_real, kYear);
    const auto passed = std::chrono::steady_clock::now() - started_;
    return Nanoseconds{static_cast<std::int64_t>(offset)} - std::chrono::duration_cast<Nanoseconds>(passed);
  }

 private:
  std::optional<Timestamp> earliest_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace nw::app
