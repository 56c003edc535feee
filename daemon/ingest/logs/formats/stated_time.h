// A time that stands in a field of its own, in any of the ways that appliances write it. Pure; nothing here allocates.
#pragma once

#include <string_view>

#include "ingest/logs/formats/log_time.h"

namespace nw::logs {

// All of `text`: seconds, milli-, micro- or nanoseconds since 1970 (stated); "2026-01-15T08:00:00.123+01:00",
// "2026/01/15 08:00:00"; "Jan 15 2026 08:00:00.123 UTC", also without the year; a zone behind a space as in
// parse_stated_zone(). `zone` is for times that state none; those are guessed. False, and `out` as it was: it is no
// time that exists, or 1970, which says that none was set.
bool parse_stated_time(std::string_view text, Timestamp received, std::chrono::minutes zone, LogTime& out);

// All of `text`: "UTC", "GMT", "Z", "+0100", "-05:00", "GMT+1", "UTC+01:00". Other names of zones are ambiguous.
bool parse_stated_zone(std::string_view text, std::chrono::minutes& out);

// Which of two an event has: what the message itself says. Where that is guesswork and the envelope states the time,
// the two must agree but for less than any zone is wide; then nothing is left to guess. Else the envelope's.
LogTime better_time(const LogTime& own, const LogTime& envelope);

}  // namespace nw::logs
