// The ways in which log lines write the time. Pure; nothing here allocates.
#pragma once

#include <chrono>
#include <string_view>

#include "base/time.h"
#include "event/event.h"

namespace nw::logs {

struct LogTime {
  Timestamp time{};
  event::TimeQuality quality = event::TimeQuality::received;
};

enum class TimeScan : unsigned char {
  none,  // it does not look like a time; nothing was consumed
  good,
  bad,  // the shape is right, the value is not: 30 February, 25 o'clock
};

// Each reads a time at the front of `text` and consumes it when it returns `good`. `zone` is minutes east of UTC and
// serves times that state no zone of their own.

// "2026-01-15T08:00:00.123456+01:00"; also ' ' for 'T', ',' before the decimals, "+0100", or no zone at all (guessed).
TimeScan scan_iso_time(std::string_view& text, std::chrono::minutes zone, LogTime& out);

// "Jan  5 08:00:00", RFC 3164 section 4.1.2; also with decimals, with a year before or after the clock or in front, and
// with Cisco's zone (" UTC:"). A missing year is the one that brings the time nearest to `received`. Stated only when
// both year and zone (UTC or GMT) stand there, else guessed.
TimeScan scan_bsd_time(std::string_view& text, Timestamp received, std::chrono::minutes zone, LogTime& out);

// All of `number` as seconds since 1970, or, by its size, milli-, micro- or nanoseconds. Exact for plain decimals, as
// Zeek writes them. False when it is no such number, or outside 1678..2261.
bool parse_epoch(std::string_view number, Timestamp& out);

}  // namespace nw::logs
