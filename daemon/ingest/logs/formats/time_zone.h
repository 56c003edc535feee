// A time zone as its offsets over the years, for times that state none. Where it comes from: app/time_zone.cpp.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/time.h"

namespace nw::logs {

struct FormatOptions;

class TimeZone {
 public:
  // From `from` on, clocks are `offset` ahead of UTC.
  struct Change {
    Timestamp from;
    std::chrono::minutes offset;
  };
  // Growing, at least one; the first holds before it, too.
  explicit TimeZone(std::vector<Change> changes);

  struct Period {
    Timestamp from = Timestamp::max(), until = Timestamp::min();  // `until` is outside
    std::chrono::minutes offset{0};
  };
  [[nodiscard]] Period period(Timestamp t) const noexcept;

 private:
  std::vector<Change> changes_;
};

// A source's zone: mostly the period of one line is that of the line before.
class ZoneClock {
 public:
  explicit ZoneClock(const FormatOptions& options);
  [[nodiscard]] std::chrono::minutes offset(Timestamp t) noexcept {
    if (zone_ && (t < period_.from || t >= period_.until)) period_ = zone_->period(t);
    return period_.offset;
  }

 private:
  std::shared_ptr<const TimeZone> zone_;  // null: always the same offset
  TimeZone::Period period_;
};

}  // namespace nw::logs
