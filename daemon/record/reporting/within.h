// A period of time as laws write it: hours, days, calendar months. Computed in UTC; a zone is for showing only.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace nw::reporting {

// Where a month has no such day: 31 January and one month is 28 (29) February, or 1 March.
enum class MonthEnd : unsigned char { last_day, next_day };

struct Within {
  int months = 0;       // either these
  Nanoseconds time{0};  // or this
  bool operator==(const Within&) const = default;
};

// "24h", "72h", "14d", "1 month", "3 months"; more than nothing, at most ten years. Error: invalid_argument.
Result<Within> parse_within(std::string_view text);
// "24 hours", "14 days", "1 month".
std::string to_text(const Within& within);
// Months keep the day and the time of day. Clamped to the last time that a Timestamp can hold.
Timestamp add(Timestamp from, const Within& within, MonthEnd month_end) noexcept;

}  // namespace nw::reporting
