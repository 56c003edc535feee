#include "app/time_zone.h"

#include <gtest/gtest.h>

namespace nw::app {
namespace {

TEST(FindTimeZone, KnowsTheYears) {
  static constexpr struct {
    const char *zone, *time;
    int minutes;
  } kCases[] = {
      {"UTC", "2026-07-01T00:00:00Z", 0},
      {"Europe/Vienna", "2026-01-01T00:00:00Z", 60},
      {"Europe/Vienna", "2026-03-29T00:59:59Z", 60},
      {"Europe/Vienna", "2026-03-29T01:00:00Z", 120},
      {"Europe/Vienna", "2026-10-25T00:59:59Z", 120},
      {"Europe/Vienna", "2026-10-25T01:00:00Z", 60},
      {"Europe/Vienna", "2060-07-01T00:00:00Z", 120},  // by the rule that goes on
      {"Asia/Kolkata", "2026-07-01T00:00:00Z", 330},
      {"America/St_Johns", "2026-01-01T00:00:00Z", -210},
      {"America/New_York", "2006-04-01T12:00:00Z", -300},  // in 2006 April, since 2007 March
      {"America/New_York", "2007-04-01T00:00:00Z", -240},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.zone} + ' ' + c.time);
    const auto zone = find_time_zone(c.zone);
    ASSERT_TRUE(zone);
    EXPECT_EQ((*zone)->period(*parse_rfc3339(c.time)).offset.count(), c.minutes);
  }
}

TEST(FindTimeZone, Refuses) {
  for (const char* name : {"", "Nowhere/Town", "../../etc/passwd", "/etc/localtime", "Europe/Vienna\n"}) {
    SCOPED_TRACE(name);
    const auto zone = find_time_zone(name);
    ASSERT_FALSE(zone);
    EXPECT_EQ(zone.error().code, Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace nw::app
