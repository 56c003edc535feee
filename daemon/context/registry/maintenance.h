// A maintenance window: when work under a change ticket is expected at an asset. Every occurrence is worked out once,
// when the register is read, so that asking costs a bisection and workers share the answer without a lock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "base/time.h"

namespace nw::context {

constexpr std::size_t kOccurrencesMax = 4096;  // of one window; a daily one then ends after eleven years
constexpr std::int64_t kWindowMinutesMax = 31 * 24 * 60;
constexpr std::size_t kRecurrenceBytesMax = 256;

// As it is written in the register.
struct MaintenanceText {
  std::string_view start;     // 2026-12-01T22:00:00, in `timezone`
  std::string_view timezone;  // Europe/Vienna; empty: UTC
  std::string_view rrule;     // RFC 5545 section 3.3.10, no more often than daily; empty: once
  std::int64_t minutes = 0;
};

class MaintenanceWindow {
 public:
  struct Occurrence {
    Timestamp start, end;  // `end` is outside
  };

  // `invalid_argument` says which of the texts is wrong.
  static Result<MaintenanceWindow> make(const MaintenanceText& text);

  // The latest occurrence that holds `t`, or null.
  [[nodiscard]] const Occurrence* open(Timestamp t) const noexcept;
  [[nodiscard]] const std::vector<Occurrence>& occurrences() const noexcept { return occurrences_; }
  // The recurrence goes on after the last of occurrences(): they are kOccurrencesMax.
  [[nodiscard]] bool goes_on() const noexcept { return goes_on_; }

 private:
  std::vector<Occurrence> occurrences_;  // by start
  bool goes_on_ = false;
};

}  // namespace nw::context
