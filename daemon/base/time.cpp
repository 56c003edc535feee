#include "base/time.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

namespace nw {

namespace {

// Two or more decimal digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// The last `count` digits of a number that is not negative.
void append_padded(std::string& out, std::int64_t number, std::size_t count) {
  out.resize(out.size() + count);
  for (auto at = out.end(); count > 0; --count, number /= 10) *--at = static_cast<char>('0' + number % 10);
}

Error bad_time(std::string_view text) {
  return Error{Errc::malformed, "not an RFC 3339 time: '" + std::string{text.substr(0, 64)} + "'"};
}

}  // namespace

std::string to_rfc3339(Timestamp t, int digits_after) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<Nanoseconds> time{t - day};
  std::string out;
  out.reserve(sizeof "2026-01-15T08:00:00.123456789Z");
  append_padded(out, static_cast<int>(date.year()), 4);  // a Timestamp's are 1677 to 2262
  append_padded(out += '-', static_cast<unsigned>(date.month()), 2);
  append_padded(out += '-', static_cast<unsigned>(date.day()), 2);
  append_padded(out += 'T', time.hours().count(), 2);
  append_padded(out += ':', time.minutes().count(), 2);
  append_padded(out += ':', time.seconds().count(), 2);
  if (digits_after > 0) {
    append_padded(out += '.', time.subseconds().count(), 9);
    if (digits_after < 9) out.resize(out.size() - static_cast<std::size_t>(9 - digits_after));
  }
  out += 'Z';
  return out;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return bad_time(text);
  if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return bad_time(text);
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return bad_time(text);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  // A leap second (60) is taken for the first second of the next minute. Years 1678..2261 fit in 64-bit nanoseconds.
  if (!date.ok() || year < 1678 || year > 2261 || hour > 23 || minute > 59 || second > 60) return bad_time(text);
  std::size_t at = 19;
  std::int64_t nanoseconds = 0;
  if (at < text.size() && text[at] == '.') {
    std::int64_t scale = 100'000'000;
    std::size_t count = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++count) {
      nanoseconds += (text[at] - '0') * scale;
      scale /= 10;
    }
    if (count == 0 || count > 9) return bad_time(text);
  }
  if (at >= text.size()) return bad_time(text);
  std::chrono::minutes offset{0};
  if (text[at] == 'Z' || text[at] == 'z') {
    ++at;
  } else {
    const int hours = digits(text, at + 1, 2), minutes = digits(text, at + 4, 2);
    if ((text[at] != '+' && text[at] != '-') || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 ||
        text[at + 3] != ':')
      return bad_time(text);
    offset = std::chrono::minutes{hours * 60 + minutes};
    if (text[at] == '-') offset = -offset;
    at += 6;
  }
  if (at != text.size()) return bad_time(text);
  const auto seconds = std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                       std::chrono::seconds{second} - offset;
  return Timestamp{seconds} + Nanoseconds{nanoseconds};
}

void append_seconds(Nanoseconds t, std::string& out) {
  const bool negative = t.count() < 0;
  const std::uint64_t micros =
      (negative ? 0 - static_cast<std::uint64_t>(t.count()) : static_cast<std::uint64_t>(t.count())) / 1000;
  std::array<char, 40> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s%llu.%06llu", negative ? "-" : "",
                                   static_cast<unsigned long long>(micros / 1'000'000),
                                   static_cast<unsigned long long>(micros % 1'000'000));
  out.append(text.data(), static_cast<std::size_t>(length));
}

namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
// Longest first, so that format_duration() finds the shortest form.
constexpr auto kUnits = std::to_array<Unit>({{"d", 86'400'000'000'000},
                                             {"h", 3'600'000'000'000},
                                             {"m", 60'000'000'000},
                                             {"s", 1'000'000'000},
                                             {"ms", 1'000'000},
                                             {"us", 1'000},
                                             {"ns", 1}});

}  // namespace

Result<Nanoseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error == std::errc{} && count >= 0) {
    for (const Unit& known : kUnits) {
      if (unit == known.name && count <= std::numeric_limits<std::int64_t>::max() / known.nanoseconds)
        return Nanoseconds{count * known.nanoseconds};
    }
  }
  return Error{Errc::invalid_argument,
               "not a duration: '" + std::string{text.substr(0, 32)} + "'; write for example 30s, 15m, 2h or 250ms"};
}

std::string format_duration(Nanoseconds d) {
  if (d.count() == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (d.count() % unit.nanoseconds == 0) return std::to_string(d.count() / unit.nanoseconds) + std::string{unit.name};
  }
  return std::to_string(d.count()) + "ns";
}

}  // namespace nw
