#include "ingest/logs/formats/log_time.h"

#include <array>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace nw::logs {

namespace {

// Whole years of which every moment fits in 64-bit nanoseconds.
constexpr int kYearMin = 1678, kYearMax = 2261;

// `count` digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at > text.size() || count > text.size() - at) return -1;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (!ascii_digit(c)) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool is_at(std::string_view text, std::size_t at, char c) { return at < text.size() && text[at] == c; }

struct Clock {
  int hour = 0, minute = 0, second = 0;
  std::int64_t nanoseconds = 0;
  // 60 is a leap second: it is taken for the first second of the next minute.
  [[nodiscard]] bool ok() const { return hour < 24 && minute < 60 && second <= 60; }
};

// "8:00:00", "08:00:00.123", "08:00:00,123" at `at`, which moves past it.
bool scan_clock(std::string_view text, std::size_t& at, Clock& out) {
  std::size_t i = at;
  const std::size_t hour_digits = is_at(text, i + 1, ':') ? 1 : 2;
  out.hour = digits(text, i, hour_digits);
  i += hour_digits;
  out.minute = digits(text, i + 1, 2);
  out.second = digits(text, i + 4, 2);
  if (out.hour < 0 || out.minute < 0 || out.second < 0 || text[i] != ':' || text[i + 3] != ':') return false;
  i += 6;
  out.nanoseconds = 0;
  if (i + 1 < text.size() && (text[i] == '.' || text[i] == ',') && ascii_digit(text[i + 1])) {
    std::int64_t scale = 100'000'000;  // decimals past the ninth have no weight
    for (++i; i < text.size() && ascii_digit(text[i]); ++i, scale /= 10) out.nanoseconds += (text[i] - '0') * scale;
  }
  at = i;
  return true;
}

std::optional<Timestamp> join(int year, int month, int day, const Clock& clock, std::chrono::minutes zone) {
  if (year < kYearMin || year > kYearMax || month < 1 || day < 1 || !clock.ok()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const auto seconds = std::chrono::sys_days{date} + std::chrono::hours{clock.hour} +
                       std::chrono::minutes{clock.minute} + std::chrono::seconds{clock.second} - zone;
  return Timestamp{seconds} + Nanoseconds{clock.nanoseconds};
}

// "Z", "+01:00", "+0100" at `at`, which moves past it; a space may stand before the numeric ones.
bool scan_zone(std::string_view text, std::size_t& at, std::chrono::minutes& out) {
  if (is_at(text, at, 'Z') || is_at(text, at, 'z')) {
    out = std::chrono::minutes{0};
    ++at;
    return true;
  }
  std::size_t i = is_at(text, at, ' ') ? at + 1 : at;
  if (!is_at(text, i, '+') && !is_at(text, i, '-')) return false;
  const bool west = text[i] == '-';
  const int hours = digits(text, i + 1, 2);
  i += is_at(text, i + 3, ':') ? 4U : 3U;
  const int minutes = digits(text, i, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
  out = std::chrono::minutes{(hours * 60 + minutes) * (west ? -1 : 1)};
  at = i + 2;
  return true;
}

// 1 to 12, or 0.
int month_at(std::string_view text) {
  static constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (text.size() < 3) return 0;
  const std::array<char, 3> name{ascii_lower(text[0]), ascii_lower(text[1]), ascii_lower(text[2])};
  for (std::size_t i = 0; i < 12; ++i)
    if (kMonths.substr(i * 3, 3) == std::string_view{name.data(), name.size()}) return static_cast<int>(i) + 1;
  return 0;
}

// Of the years around `middle`, the candidate that is nearest to `received`.
std::optional<Timestamp> nearest_within(int middle, int years, int month, int day, const Clock& clock,
                                        std::chrono::minutes zone, Timestamp received) {
  std::optional<Timestamp> best;
  Nanoseconds best_distance = Nanoseconds::max();
  for (int year = middle - years; year <= middle + years; ++year) {
    const auto candidate = join(year, month, day, clock, zone);
    if (!candidate) continue;
    const Nanoseconds distance = *candidate < received ? received - *candidate : *candidate - received;
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

// The year is not stated. Nine years each way hold a 29 February even around 2100, which has none; one that is within a
// year of `received` is nearer than any outside.
std::optional<Timestamp> nearest(int month, int day, const Clock& clock, std::chrono::minutes zone,
                                 Timestamp received) {
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(received)};
  const int middle = static_cast<int>(today.year());
  const auto near = nearest_within(middle, 1, month, day, clock, zone, received);
  return near ? near : nearest_within(middle, 9, month, day, clock, zone, received);
}

void skip_spaces(std::string_view text, std::size_t& at) {
  while (is_at(text, at, ' ')) ++at;
}

// A year of four digits with " " or ": " behind it, or 0: "2001:db8::7" is a host.
int year_at(std::string_view text, std::size_t at) {
  const int year = digits(text, at, 4);
  const bool ends = is_at(text, at + 4, ' ') || (is_at(text, at + 4, ':') && is_at(text, at + 5, ' '));
  return ends && year >= 1970 && year <= kYearMax ? year : 0;
}

// Cisco: " UTC: ", " CEST: " at `at`, which moves to the ':'. True when it means UTC; other abbreviations are
// ambiguous. Zones end in T, but for a few; "CEF:", "DENY:", "CRON:" begin messages of devices that write no host.
bool scan_zone_word(std::string_view text, std::size_t& at) {
  if (!is_at(text, at, ' ')) return false;
  std::size_t end = at + 1;
  while (end < text.size() && text[end] >= 'A' && text[end] <= 'Z' && end - at <= 5) ++end;
  if (end < at + 3 || !is_at(text, end, ':') || (end + 1 < text.size() && text[end + 1] != ' ')) return false;
  const std::string_view word = text.substr(at + 1, end - at - 1);
  const bool zone = word.size() <= 4 && word.ends_with('T');
  if (!zone && word != "UTC" && word != "MSK" && word != "WIB") return false;
  at = end;
  return word == "UTC" || word == "GMT";
}

}  // namespace

TimeScan scan_iso_time(std::string_view& text, std::chrono::minutes zone, LogTime& out) {
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') return TimeScan::none;
  if (!is_at(text, 10, 'T') && !is_at(text, 10, 't') && !is_at(text, 10, ' ')) return TimeScan::none;
  std::size_t at = 11;
  Clock clock;
  if (!scan_clock(text, at, clock)) return TimeScan::none;
  const bool stated = scan_zone(text, at, zone);
  const auto time = join(year, month, day, clock, zone);
  if (!time) return TimeScan::bad;
  out = {*time, stated ? event::TimeQuality::stated : event::TimeQuality::guessed};
  text.remove_prefix(at);
  return TimeScan::good;
}

TimeScan scan_bsd_time(std::string_view& text, Timestamp received, std::chrono::minutes zone, LogTime& out) {
  // NX-OS has the year first.
  const int first = digits(text, 0, 4) >= kYearMin && is_at(text, 4, ' ') ? digits(text, 0, 4) : 0;
  std::size_t at = first != 0 ? 5 : 0;
  const int month = month_at(text.substr(at));
  if (month == 0 || !is_at(text, at + 3, ' ')) return TimeScan::none;
  at += 3;
  skip_spaces(text, at);
  const std::size_t day_digits = at + 1 < text.size() && ascii_digit(text[at + 1]) ? 2 : 1;
  const int day = digits(text, at, day_digits);
  at += day_digits;
  if (day < 0 || !is_at(text, at, ' ')) return TimeScan::none;
  skip_spaces(text, at);
  int year = first != 0 ? first : year_at(text, at);
  if (first == 0 && year != 0) at += 5;
  Clock clock;
  if (!scan_clock(text, at, clock)) return TimeScan::none;
  if (year == 0 && is_at(text, at, ' ')) {
    year = year_at(text, at + 1);
    if (year != 0) at += 5;
  }
  const bool utc = scan_zone_word(text, at);
  if (at < text.size() && text[at] != ' ' && text[at] != ':') return TimeScan::none;
  if (utc) zone = std::chrono::minutes{0};
  const auto time = year != 0 ? join(year, month, day, clock, zone) : nearest(month, day, clock, zone, received);
  if (!time) return TimeScan::bad;
  out = {*time, year != 0 && utc ? event::TimeQuality::stated : event::TimeQuality::guessed};
  text.remove_prefix(at);
  return TimeScan::good;
}

bool parse_epoch(std::string_view number, Timestamp& out) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  std::uint64_t digits_read = 0;
  std::int64_t fraction = 0, scale = 100'000'000;
  std::size_t at = 0;
  for (; at < number.size() && ascii_digit(number[at]); ++at) {
    if (at >= 19) return false;
    digits_read = digits_read * 10 + static_cast<std::uint64_t>(number[at] - '0');
  }
  if (at == 0) return false;
  if (is_at(number, at, '.')) {
    const std::size_t point = at;
    for (++at; at < number.size() && ascii_digit(number[at]); ++at, scale /= 10) fraction += (number[at] - '0') * scale;
    if (at == point + 1) return false;
  }
  if (at != number.size() || digits_read > static_cast<std::uint64_t>(INT64_MAX)) return false;
  const auto whole = static_cast<std::int64_t>(digits_read);
  // Seconds up to the year 2261 stay below 10^10; milliseconds pass it after four months of 1970.
  std::int64_t unit = 1'000'000'000;
  for (std::int64_t past = whole / 10'000'000'000; past > 0 && unit > 1; past /= 1000) unit /= 1000;
  if (whole > (INT64_MAX - 1'000'000'000) / unit) return false;
  const std::int64_t total = whole * unit + fraction * unit / 1'000'000'000;
  out = from_unix_nanoseconds(negative ? -total : total);
  return true;
}

}  // namespace nw::logs
