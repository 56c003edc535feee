#include "ingest/logs/formats/stated_time.h"

#include <array>

#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::size_t kTimeBytesMax = 64;
constexpr std::chrono::minutes kZoneStep{15};  // no two zones are closer
// What is not set says 1970; two days, for whatever the zone.
constexpr Timestamp kUnset = from_unix_nanoseconds(0) + std::chrono::hours{48};

// Takes " UTC" and the like off the end. False: what stands there is no zone that is known.
bool take_zone(std::string_view& text, std::chrono::minutes& zone) {
  const std::size_t at = text.rfind(' ');
  if (at == std::string_view::npos || !parse_stated_zone(text.substr(at + 1), zone)) return false;
  text = text.substr(0, at);
  return true;
}

// A name of a zone that says nothing certain, " CEST", off the end.
void drop_zone_name(std::string_view& text) {
  const std::size_t at = text.rfind(' ');
  if (at == std::string_view::npos || text.size() - at < 3 || text.size() - at > 6) return;
  for (const char c : text.substr(at + 1))
    if (c < 'A' || c > 'Z') return;
  text = text.substr(0, at);
}

// Whether a word of four digits stands there.
bool has_year(std::string_view text) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && ascii_digit(text[i])) {
      ++digits;
      continue;
    }
    if (digits == 4 && (i == 4 || text[i - 5] == ' ')) return true;
    digits = 0;
  }
  return false;
}

}  // namespace

bool parse_stated_zone(std::string_view text, std::chrono::minutes& out) {
  if (text.starts_with("UTC") || text.starts_with("GMT")) {
    text.remove_prefix(3);
    if (text.empty()) {
      out = std::chrono::minutes{0};
      return true;
    }
  } else if (text == "Z") {
    out = std::chrono::minutes{0};
    return true;
  }
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return false;
  const bool west = text[0] == '-';
  text.remove_prefix(1);
  std::array<int, 4> digit{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':' && (i == 1 || i == 2)) {
      if (i == 1) {  // "+1:00"
        digit[1] = digit[0];
        digit[0] = 0;
        count = 2;
      }
      continue;
    }
    if (!ascii_digit(text[i]) || count == digit.size()) return false;
    digit[count++] = text[i] - '0';
  }
  if (count == 1) {  // "GMT+1"
    digit[1] = digit[0];
    digit[0] = 0;
  } else if (count != 2 && count != 4) {
    return false;
  }
  const int hours = digit[0] * 10 + digit[1], minutes = digit[2] * 10 + digit[3];
  if (hours > 14 || minutes > 59) return false;
  out = std::chrono::minutes{(hours * 60 + minutes) * (west ? -1 : 1)};
  return true;
}

bool parse_stated_time(std::string_view text, Timestamp received, std::chrono::minutes zone, LogTime& out) {
  using event::TimeQuality;
  text = trim(text);
  if (text.empty() || text.size() > kTimeBytesMax) return false;
  LogTime read;
  // A short number is a count of something.
  if (text.size() >= 9 && parse_epoch(text, read.time)) {
    if (read.time < kUnset) return false;
    out = {read.time, TimeQuality::stated};
    return true;
  }
  const bool zoned = take_zone(text, zone);
  if (!zoned) drop_zone_name(text);
  std::array<char, kTimeBytesMax> copy{};
  if (text.size() > 10 && text[4] == '/' && text[7] == '/') {
    text.copy(copy.data(), text.size());
    copy[4] = copy[7] = '-';
    text = {copy.data(), text.size()};
  }
  const bool dated = has_year(text);
  TimeScan scan = scan_iso_time(text, zone, read);
  if (scan == TimeScan::none) scan = scan_bsd_time(text, received, zone, read);
  if (scan != TimeScan::good || !text.empty() || read.time < kUnset) return false;
  if (zoned && dated) read.quality = TimeQuality::stated;
  out = read;
  return true;
}

LogTime better_time(const LogTime& own, const LogTime& envelope) {
  using event::TimeQuality;
  if (own.quality != TimeQuality::guessed || envelope.quality != TimeQuality::stated) return own;
  const Nanoseconds apart = own.time < envelope.time ? envelope.time - own.time : own.time - envelope.time;
  return apart < kZoneStep ? LogTime{own.time, TimeQuality::stated} : envelope;
}

}  // namespace nw::logs
