#include "context/registry/maintenance.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::context {
namespace {

Timestamp at(std::string_view text) { return *parse_rfc3339(text); }

TEST(MaintenanceWindow, KeepsLocalTimeOverDaylightSaving) {
  const auto window = MaintenanceWindow::make({"2026-03-22T01:00:00", "Europe/Vienna", "FREQ=WEEKLY;COUNT=2", 120});
  ASSERT_TRUE(window);
  ASSERT_EQ(window->occurrences().size(), 2U);
  EXPECT_EQ(window->open(at("2026-03-21T23:59:59Z")), nullptr);
  EXPECT_NE(window->open(at("2026-03-22T00:00:00Z")), nullptr);
  EXPECT_EQ(window->open(at("2026-03-22T02:00:00Z")), nullptr);  // the end is outside
  // 01:00 on the day of the change is still winter time; the window lasts its minutes, whatever the clocks show.
  EXPECT_EQ(window->occurrences()[1].end, at("2026-03-29T02:00:00Z"));
  const auto summer = MaintenanceWindow::make({"2026-03-22T22:00:00", "Europe/Vienna", "FREQ=WEEKLY;COUNT=2", 60});
  ASSERT_TRUE(summer);
  EXPECT_EQ(summer->occurrences()[0].start, at("2026-03-22T21:00:00Z"));
  EXPECT_EQ(summer->occurrences()[1].start, at("2026-03-29T20:00:00Z"));
}

TEST(MaintenanceWindow, FarTimes) {
  const auto window = MaintenanceWindow::make({"2026-12-01T22:00:00", "", "FREQ=DAILY", 1});
  ASSERT_TRUE(window);
  EXPECT_EQ(window->occurrences().size(), kOccurrencesMax);
  EXPECT_EQ(window->open(Timestamp::min()), nullptr);
  EXPECT_EQ(window->open(Timestamp::max()), nullptr);
}

TEST(MaintenanceWindow, Refuses) {
  const std::string long_rule = "FREQ=DAILY;BYDAY=" + std::string(kRecurrenceBytesMax, 'M');
  const struct {
    const char* name;
    MaintenanceText text;
    const char* part;
  } cases[] = {
      {"no minutes", {"2026-12-01T22:00:00", "", "", 0}, "minutes"},
      {"too many minutes", {"2026-12-01T22:00:00", "", "", kWindowMinutesMax + 1}, "minutes"},
      {"no time", {"tomorrow", "", "", 1}, "start"},
      {"no such day", {"2026-02-30T22:00:00", "", "", 1}, "start"},
      {"a zone outside its directory", {"2026-12-01T22:00:00", "../../etc/passwd", "", 1}, "timezone"},
      {"no such zone", {"2026-12-01T22:00:00", "Europe/Nowhere", "", 1}, "timezone"},
      {"every second", {"2026-12-01T22:00:00", "", "FREQ=SECONDLY", 1}, "rrule"},
      {"no rule", {"2026-12-01T22:00:00", "", "weekly", 1}, "rrule"},
      {"rule too long", {"2026-12-01T22:00:00", "", long_rule, 1}, "rrule"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got = MaintenanceWindow::make(c.text);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().what.substr(0, std::string_view{c.part}.size()), c.part);
  }
}

}  // namespace
}  // namespace nw::context
