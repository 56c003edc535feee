#include "app/time_zone.h"

#include <libical/ical.h>

#include "context/registry/zone_name.h"

namespace nw::app {

namespace {

constexpr std::int64_t kDay = 86'400, kYears = 130;  // 1970 to 2100

int offset_at(icaltimezone* zone, std::int64_t seconds) {
  icaltimetype utc = icaltime_from_timet_with_zone(static_cast<time_t>(seconds), 0, icaltimezone_get_utc_timezone());
  int daylight = 0;
  return icaltimezone_get_utc_offset_of_utc_time(zone, &utc, &daylight);
}

}  // namespace

Result<std::shared_ptr<const logs::TimeZone>> find_time_zone(const std::string& name) {
  icaltimezone* const zone = name == "UTC"                 ? icaltimezone_get_utc_timezone()
                             : context::is_zone_name(name) ? icaltimezone_get_builtin_timezone(name.c_str())
                                                           : nullptr;
  if (zone == nullptr) return Error{Errc::invalid_argument, "no time zone is called '" + name + "'"};
  std::vector<logs::TimeZone::Change> changes;
  const auto add = [&](std::int64_t from, int offset) {
    changes.push_back({from_unix_nanoseconds(from * 1'000'000'000),
                       std::chrono::round<std::chrono::minutes>(std::chrono::seconds{offset})});
  };
  int offset = offset_at(zone, 0);
  add(0, offset);
  // The library tells the offset at a time, not when it changes: once a day at most.
  for (std::int64_t day = 1; day <= kYears * 36525 / 100; ++day) {
    if (offset_at(zone, day * kDay) == offset) continue;
    std::int64_t before = (day - 1) * kDay, after = day * kDay;
    while (after - before > 1) {
      const std::int64_t middle = before + (after - before) / 2;
      (offset_at(zone, middle) == offset ? before : after) = middle;
    }
    offset = offset_at(zone, after);
    add(after, offset);
  }
  return std::make_shared<const logs::TimeZone>(std::move(changes));
}

}  // namespace nw::app
