#include "ingest/logs/formats/time_zone.h"

#include <gtest/gtest.h>

#include "unit/ingest/logs/formats/log_test_support.h"

namespace nw::logs {
namespace {

using std::chrono::minutes;

Timestamp at(std::string_view text) { return *parse_rfc3339(text); }

// Middle Europe in 2026.
std::shared_ptr<const TimeZone> zone() {
  return std::make_shared<const TimeZone>(std::vector<TimeZone::Change>{{at("1970-01-01T00:00:00Z"), minutes{60}},
                                                                        {at("2026-03-29T01:00:00Z"), minutes{120}},
                                                                        {at("2026-10-25T01:00:00Z"), minutes{60}}});
}

TEST(TimeZone, ThePeriodOfATime) {
  static constexpr struct {
    const char* time;
    int offset;
  } kCases[] = {
      {"1969-07-20T20:17:00Z", 60},  {"1970-01-01T00:00:00Z", 60},  {"2026-03-29T00:59:59Z", 60},
      {"2026-03-29T01:00:00Z", 120}, {"2026-10-25T00:59:59Z", 120}, {"2026-10-25T01:00:00Z", 60},
      {"2100-01-01T00:00:00Z", 60},
  };
  const auto europe = zone();
  FormatOptions options;
  options.time_zone = europe;
  ZoneClock forth{options}, back{options};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.time);
    const TimeZone::Period period = europe->period(at(c.time));
    EXPECT_EQ(period.offset.count(), c.offset);
    EXPECT_LE(period.from, at(c.time));
    EXPECT_GT(period.until, at(c.time));
    EXPECT_EQ(forth.offset(at(c.time)).count(), c.offset);
  }
  for (auto c = std::rbegin(kCases); c != std::rend(kCases); ++c)
    EXPECT_EQ(back.offset(at(c->time)).count(), c->offset);
}

TEST(TimeZone, NoneIsTheFixedOffset) {
  FormatOptions options;
  options.zone = minutes{-90};
  ZoneClock clock{options};
  EXPECT_EQ(clock.offset(at("2026-07-01T00:00:00Z")).count(), -90);
}

// The offset is that of the line's own time, not of when it came.
TEST(TimeZone, LinesAreReadInTheirOwnHalfOfTheYear) {
  static constexpr struct {
    const char *format, *line, *received, *want;
  } kCases[] = {
      {"syslog", "Jul  1 12:00:00 gw x: y", "2026-07-01T10:00:05Z", "2026-07-01T10:00:00.000Z"},
      {"syslog", "Jul  1 12:00:00 gw x: y", "2026-12-01T00:00:00Z", "2026-07-01T10:00:00.000Z"},
      {"syslog", "Jan  5 12:00:00 gw x: y", "2026-06-01T00:00:00Z", "2026-01-05T11:00:00.000Z"},
      {"syslog", "2026-07-01T12:00:00 gw x: y", "2026-12-01T00:00:00Z", "2026-07-01T10:00:00.000Z"},
      {"syslog", "2026-07-01T12:00:00Z gw x: y", "2026-12-01T00:00:00Z", "2026-07-01T12:00:00.000Z"},
      {"syslog", "no time x[1]: y", "2026-12-01T00:00:00Z", "2026-12-01T00:00:00.000Z"},
      // Both 02:30s of the night of the change: the one that it is by our clock.
      {"syslog", "Oct 25 02:30:00 gw x: y", "2026-10-25T00:30:01Z", "2026-10-25T00:30:00.000Z"},
      {"syslog", "Oct 25 02:30:00 gw x: y", "2026-10-25T01:30:01Z", "2026-10-25T01:30:00.000Z"},
      {"json", R"({"time":"2026-07-01 12:00:00"})", "2026-12-01T00:00:00Z", "2026-07-01T10:00:00.000Z"},
      {"json", R"({"time":"2026-01-05 12:00:00"})", "2026-06-01T00:00:00Z", "2026-01-05T11:00:00.000Z"},
      {"json", R"({"time":"2026-07-01T12:00:00Z"})", "2026-12-01T00:00:00Z", "2026-07-01T12:00:00.000Z"},
      {"auto", R"({"time":"2026-07-01 12:00:00"})", "2026-12-01T00:00:00Z", "2026-07-01T10:00:00.000Z"},
  };
  FormatOptions options;
  options.time_zone = zone();
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.format} + ": " + c.line);
    Bench bench{c.format, options, Wants::types};
    (void)bench.line(c.line, c.received);
    EXPECT_EQ(to_rfc3339(bench.last().event_time), c.want);
  }
}

}  // namespace
}  // namespace nw::logs
