#include "detect/sigma/time_part.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/text.h"
#include "base/time.h"

namespace nw::sigma {

namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 7> kNames{"", "minute", "hour", "day", "week", "month", "year"};
constexpr std::array<TimePartRange, 7> kRanges{{{0, 0}, {0, 59}, {0, 23}, {1, 31}, {1, 53}, {1, 12}, {0, 9999}}};

// A date, and a time of day where there is one.
struct Civil {
  chrono::year_month_day date;
  bool has_time = false;
  int hour = 0, minute = 0;
};

// ISO 8601: the week of the year that holds the date's Thursday.
std::int64_t week_of(const chrono::year_month_day& date) {
  const chrono::sys_days day{date};
  const int from_monday = static_cast<int>(chrono::weekday{day}.iso_encoding()) - 1;
  const chrono::sys_days thursday = day + chrono::days{3 - from_monday};
  const chrono::sys_days first{chrono::year_month_day{thursday}.year() / chrono::January / 1};
  return (thursday - first).count() / 7 + 1;
}

std::optional<std::int64_t> pick(TimePart part, const Civil& civil) {
  switch (part) {
    case TimePart::minute: return civil.has_time ? std::optional<std::int64_t>{civil.minute} : std::nullopt;
    case TimePart::hour: return civil.has_time ? std::optional<std::int64_t>{civil.hour} : std::nullopt;
    case TimePart::day: return static_cast<unsigned>(civil.date.day());
    case TimePart::week: return week_of(civil.date);
    case TimePart::month: return static_cast<unsigned>(civil.date.month());
    case TimePart::year: return static_cast<int>(civil.date.year());
    case TimePart::none: break;
  }
  return std::nullopt;
}

Civil civil_of(chrono::sys_seconds time) {
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::hh_mm_ss clock{time - day};
  return {chrono::year_month_day{day}, true, static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count())};
}

// Since 1970; the unit follows from the size. Smaller numbers are no times: an id or a count must not pass for one.
std::optional<Civil> civil_of(double number) {
  constexpr double kLeast = 1e8, kThousand = 1e3;
  constexpr std::array<double, 4> kUnits{1, 1e3, 1e6, 1e9};
  // Nanoseconds end where 64 bits do.
  constexpr double kMost = 9.2e18;
  if (!(number >= kLeast && number <= kMost)) return std::nullopt;
  for (const double unit : kUnits)
    if (number < kLeast * kThousand * unit || unit == kUnits.back())
      return civil_of(chrono::sys_seconds{chrono::seconds{static_cast<std::int64_t>(std::floor(number / unit))}});
  return std::nullopt;
}

// Reads from the front of a text.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_{text} {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  int take(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_.empty() || !ascii_digit(rest_.front())) {
        ok_ = false;
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  void skip_digits() {
    while (!rest_.empty() && ascii_digit(rest_.front())) rest_.remove_prefix(1);
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// `Z`, `+02:00`, `+0200`, `+02`, or nothing.
bool zone(Digits& in) {
  in.skip(' ');
  if (in.skip('Z') || in.skip('z') || in.empty()) return in.empty();
  if (!in.skip('+') && !in.skip('-')) return false;
  in.take(2);
  if (in.ok() && !in.empty()) {
    in.skip(':');
    in.take(2);
  }
  return in.ok() && in.empty();
}

std::optional<Civil> civil_of(std::string_view text) {
  Digits in{text};
  const int year = in.take(4);
  const bool dashes = in.skip('-');
  const auto month = static_cast<unsigned>(in.take(2));
  if (dashes && !in.skip('-')) return std::nullopt;
  const auto day = static_cast<unsigned>(in.take(2));
  const chrono::year_month_day date{chrono::year{year}, chrono::month{month}, chrono::day{day}};
  if (!in.ok() || !date.ok()) return std::nullopt;
  // Eight digits alone may be any number.
  if (in.empty()) return dashes ? std::optional<Civil>{{date, false, 0, 0}} : std::nullopt;
  if (!in.skip('T') && !in.skip('t') && !in.skip(' ')) return std::nullopt;
  const int hour = in.take(2);
  const bool colons = in.skip(':');
  const int minute = in.take(2);
  if (!in.ok() || hour > 23 || minute > 59) return std::nullopt;
  if (in.skip(':') || !colons) {
    const int second = in.take(2);
    if (!in.ok() || second > 60) return std::nullopt;
    if (in.skip('.') || in.skip(',')) in.skip_digits();
  }
  if (!zone(in)) return std::nullopt;
  return Civil{date, true, hour, minute};
}

std::optional<Civil> civil_of(const event::Value& value) {
  using Kind = event::Value::Kind;
  switch (value.kind()) {
    case Kind::time: return civil_of(chrono::floor<chrono::seconds>(value.as_time()));
    case Kind::integer: return civil_of(static_cast<double>(value.as_integer()));
    case Kind::real: return civil_of(value.as_real());
    case Kind::text: {
      const std::string_view text = trim(value.as_text());
      double number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc{} && end == text.data() + text.size()) return civil_of(number);
      return civil_of(text);
    }
    default: return std::nullopt;
  }
}

}  // namespace

std::string_view to_string(TimePart part) { return kNames[static_cast<std::size_t>(part)]; }

TimePartRange range_of(TimePart part) { return kRanges[static_cast<std::size_t>(part)]; }

std::optional<std::int64_t> part_of(TimePart part, const event::Value& value) {
  const auto civil = civil_of(value);
  return civil ? pick(part, *civil) : std::nullopt;
}

}  // namespace nw::sigma
