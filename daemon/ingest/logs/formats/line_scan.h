// Small cuts that the message formats share. Pure; nothing here allocates. Inner to this folder.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "event/value.h"
#include "ingest/logs/formats/log_time.h"

namespace nw::logs {

// Consumes `prefix` at the front of `text`, or leaves it as it is.
inline bool eat(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

inline void skip_spaces(std::string_view& text) noexcept {
  while (text.starts_with(' ')) text.remove_prefix(1);
}

// The text up to the next space, and behind it all spaces, consumed; all of it when there is no space.
std::string_view take_word(std::string_view& text) noexcept;

// What stands before `mark`, both consumed. False, and nothing consumed, when there is no mark.
bool take_until(std::string_view& text, std::string_view mark, std::string_view& out) noexcept;

// All of `text` as a decimal number that fits; no sign, at most 18 digits.
bool parse_digits(std::string_view text, std::int64_t& out) noexcept;

// A number that fits as an integer, else the text as it came; never a number whose leading zeros would be lost.
event::Value number_or_text(std::string_view text) noexcept;
// An address, else the text as it came: devices write names in the place of addresses.
event::Value address_or_text(std::string_view text) noexcept;
// "0:02:04", "1d2h", "0h:32m:16s" as an interval, else the text as it came.
event::Value interval_or_text(std::string_view text) noexcept;

// TCP, 6, "icmp6": the name in small letters as Zeek's `proto` has it, or empty for what is none of tcp, udp, icmp.
std::string_view transport_name(std::string_view protocol) noexcept;

// Each reads a time at the front of `text` and consumes it when it returns `good`, as the scans of log_time.h do.
// "26/Dec/2026:16:16:28 +0200": %t of Apache, $time_local of nginx; the zone may be missing (guessed).
TimeScan scan_clf_time(std::string_view& text, std::chrono::minutes zone, LogTime& out);
// "Mon Dec 26 16:15:55.103522 2026": Apache's error log.
TimeScan scan_ctime(std::string_view& text, Timestamp received, std::chrono::minutes zone, LogTime& out);
// "2026/10/25 14:49:34": nginx's error log.
TimeScan scan_slash_time(std::string_view& text, std::chrono::minutes zone, LogTime& out);
// "19-Oct-2026 05:34:02.425": BIND.
TimeScan scan_dash_time(std::string_view& text, std::chrono::minutes zone, LogTime& out);

// Apache's and nginx's escapes undone: \" \\ \b \n \r \t \v \f \xhh. The text itself when it has none, or when the
// arena's budget is spent.
std::string_view unescape(std::string_view text, Arena& arena);

}  // namespace nw::logs
