// The time modifiers minute, hour, day, week, month and year: a part of a timestamp, taken as it is written. Sigma 2.1
// converts no time zones, so `2026-01-15T23:30:00+02:00` is of hour 23; numbers and times of the daemon are UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "event/value.h"

namespace nw::sigma {

enum class TimePart : std::uint8_t { none, minute, hour, day, week, month, year };
std::string_view to_string(TimePart part);

// The least and the greatest value of a part. Weeks are those of ISO 8601, so there can be 53.
struct TimePartRange {
  std::int64_t least, most;
};
TimePartRange range_of(TimePart part);

// Of a time; of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size (between 1973
// and 5138, or 2262 for nanoseconds), as a number or as its text; and of ISO 8601 text: `2020-10-19T03:30:41.104Z`,
// with a space or `T`, with or without seconds, fraction and offset, `20201019T033041Z`, `2020-10-19` (which has no
// hour and no minute). Nothing for anything else.
std::optional<std::int64_t> part_of(TimePart part, const event::Value& value);

}  // namespace nw::sigma
