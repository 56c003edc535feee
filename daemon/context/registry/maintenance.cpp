#include "context/registry/maintenance.h"

#include <algorithm>
#include <libical/ical.h>
#include <memory>

#include "context/registry/zone_name.h"

namespace nw::context {

namespace {

constexpr std::int64_t kLastSecond = 9'000'000'000;  // the year 2255: nanoseconds still fit in 64 bits

Error wrong(std::string_view what) { return Error{Errc::invalid_argument, std::string{what}}; }

struct IteratorFree {
  void operator()(icalrecur_iterator* iterator) const noexcept { icalrecur_iterator_free(iterator); }
};

}  // namespace

Result<MaintenanceWindow> MaintenanceWindow::make(const MaintenanceText& text) {
  if (text.minutes < 1 || text.minutes > kWindowMinutesMax) return wrong("minutes: not between 1 and 44640");
  // Read as if UTC: the zone is applied to each occurrence, for its offset changes over the year.
  const auto local = text.start.size() == 19 ? parse_rfc3339(std::string{text.start} + 'Z')
                                             : Result<Timestamp>{wrong("start: not like 2026-12-01T22:00:00")};
  if (!local) return wrong("start: not like 2026-12-01T22:00:00");
  icaltimezone* zone = icaltimezone_get_utc_timezone();
  if (!text.timezone.empty() && text.timezone != "UTC") {
    zone =
        is_zone_name(text.timezone) ? icaltimezone_get_builtin_timezone(std::string{text.timezone}.c_str()) : nullptr;
    if (zone == nullptr) return wrong("timezone: not known; write for example Europe/Vienna");
  }
  const std::int64_t seconds = to_unix_nanoseconds(*local) / 1'000'000'000;
  const icaltimetype first = icaltime_from_timet_with_zone(static_cast<time_t>(seconds), 0, nullptr);

  MaintenanceWindow window;
  const auto add = [&](const icaltimetype& at) {
    const std::int64_t begin = icaltime_as_timet_with_zone(at, zone);
    if (begin > kLastSecond) return false;
    const Timestamp start = from_unix_nanoseconds(begin * 1'000'000'000);
    window.occurrences_.push_back({start, start + std::chrono::minutes{text.minutes}});
    return true;
  };
  if (text.rrule.empty()) {
    if (!add(first)) return wrong("start: after the year 2255");
    return window;
  }
  if (text.rrule.size() > kRecurrenceBytesMax) return wrong("rrule: longer than 256 bytes");
  icalrecurrencetype rule = icalrecurrencetype_from_string(std::string{text.rrule}.c_str());
  if (rule.freq < ICAL_DAILY_RECURRENCE || rule.freq > ICAL_YEARLY_RECURRENCE ||
      rule.by_hour[0] != ICAL_RECURRENCE_ARRAY_MAX || rule.by_minute[0] != ICAL_RECURRENCE_ARRAY_MAX ||
      rule.by_second[0] != ICAL_RECURRENCE_ARRAY_MAX)
    return wrong("rrule: not a recurrence by days, weeks, months or years; the time of day stands in start");
  // The library compares UNTIL, a time of UTC, with the local times that it makes.
  if (icaltime_is_utc(rule.until)) {
    rule.until = icaltime_convert_to_zone(rule.until, zone);
    rule.until.zone = nullptr;
  }
  const std::unique_ptr<icalrecur_iterator, IteratorFree> iterator{icalrecur_iterator_new(rule, first)};
  if (!iterator) return wrong("rrule: cannot be followed");
  for (;;) {
    const icaltimetype at = icalrecur_iterator_next(iterator.get());
    if (icaltime_is_null_time(at)) break;
    window.goes_on_ = window.occurrences_.size() == kOccurrencesMax;
    if (window.goes_on_ || !add(at)) break;
  }
  if (window.occurrences_.empty()) return wrong("rrule: never happens");
  std::sort(window.occurrences_.begin(), window.occurrences_.end(),
            [](const Occurrence& a, const Occurrence& b) { return a.start < b.start; });
  return window;
}

const MaintenanceWindow::Occurrence* MaintenanceWindow::open(Timestamp t) const noexcept {
  const auto after = std::upper_bound(occurrences_.begin(), occurrences_.end(), t,
                                      [](Timestamp time, const Occurrence& o) { return time < o.start; });
  if (after == occurrences_.begin()) return nullptr;
  const Occurrence& last = *std::prev(after);
  return t < last.end ? &last : nullptr;
}

}  // namespace nw::context
