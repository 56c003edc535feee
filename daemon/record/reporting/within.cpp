#include "record/reporting/within.h"

#include <charconv>

#include "base/text.h"

namespace nw::reporting {

namespace {

constexpr int kMonthsMax = 120;
constexpr std::chrono::hours kTimeMax{24 * 3'660};

std::string counted(std::int64_t count, std::string_view unit) {
  return std::to_string(count) + ' ' + std::string{unit} + (count == 1 ? "" : "s");
}

}  // namespace

Result<Within> parse_within(std::string_view text) {
  const auto bad = [&] {
    return Error{Errc::invalid_argument,
                 '\'' + printable(text, 32) + "' is no period; write 24h, 14d or 1 month, at most ten years"};
  };
  if (const std::size_t blank = text.find(' '); blank != std::string_view::npos) {
    const std::string_view unit = text.substr(blank + 1);
    int months = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + blank, months);
    if (error != std::errc{} || end != text.data() + blank || months < 1 || months > kMonthsMax) return bad();
    if (unit != "month" && unit != "months") return bad();
    return Within{months, {}};
  }
  const auto time = parse_duration(text);
  if (!time || *time <= Nanoseconds{0} || *time > kTimeMax) return bad();
  return Within{0, *time};
}

std::string to_text(const Within& within) {
  using std::chrono::duration_cast;
  if (within.months != 0) return counted(within.months, "month");
  const auto hours = duration_cast<std::chrono::hours>(within.time);
  // Laws write 24 and 72 hours, but 14 days.
  if (hours == within.time && hours.count() % 24 == 0 && hours.count() > 96) return counted(hours.count() / 24, "day");
  if (hours == within.time) return counted(hours.count(), "hour");
  const auto minutes = duration_cast<std::chrono::minutes>(within.time);
  return minutes == within.time ? counted(minutes.count(), "minute") : format_duration(within.time);
}

Timestamp add(Timestamp from, const Within& within, MonthEnd month_end) noexcept {
  using namespace std::chrono;
  if (within.months == 0) return Timestamp::max() - from < within.time ? Timestamp::max() : from + within.time;
  const sys_days day = floor<days>(from);
  const Nanoseconds of_day = from - Timestamp{day};
  year_month_day date = year_month_day{day} + months{within.months};
  if (!date.ok()) {
    if (month_end == MonthEnd::last_day)
      date = year_month_day{date.year() / date.month() / last};
    else
      date = year_month_day{date.year() / date.month() / std::chrono::day{1}} + months{1};
  }
  // In seconds first: nanoseconds end in the year 2262.
  const auto at = sys_seconds{sys_days{date}};
  if (at >= floor<seconds>(Timestamp::max()) - hours{24}) return Timestamp::max();
  return Timestamp{at} + of_day;
}

}  // namespace nw::reporting
