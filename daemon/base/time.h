// Time as the daemon sees it: UTC, nanoseconds. Pure code takes it as an argument; only I/O folders ask clock.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nw {

using Nanoseconds = std::chrono::nanoseconds;
using Timestamp = std::chrono::sys_time<Nanoseconds>;

constexpr Timestamp from_unix_nanoseconds(std::int64_t ns) noexcept { return Timestamp{Nanoseconds{ns}}; }
constexpr std::int64_t to_unix_nanoseconds(Timestamp t) noexcept { return t.time_since_epoch().count(); }

// "2026-01-15T08:00:00.123Z": UTC, `digits` decimals of a second (0 to 9), truncated. RFC 3339 section 5.6.
std::string to_rfc3339(Timestamp t, int digits = 3);

// RFC 3339 section 5.6 with 0 to 9 decimals and `Z` or a numeric offset; ' ' is taken for 'T'. `malformed` otherwise.
Result<Timestamp> parse_rfc3339(std::string_view text);

// "1093521678.945447": seconds since the epoch with six decimals, truncated, as in Zeek's logs. Appends to `out`.
void append_seconds(Nanoseconds t, std::string& out);

// "90s", "15m", "2h", "1d", "250ms": a whole number and one unit. `invalid_argument` otherwise.
Result<Nanoseconds> parse_duration(std::string_view text);
// The shortest exact form that parse_duration() reads back.
std::string format_duration(Nanoseconds d);

}  // namespace nw
