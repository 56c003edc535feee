#include "ingest/logs/formats/stated_time.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::logs {
namespace {

using event::TimeQuality;

constexpr auto kReceived = from_unix_nanoseconds(1'768'464'000'000'000'000);  // 2026-01-15T08:00:00Z

TEST(StatedTime, Reads) {
  struct Case {
    const char *text, *want;
    TimeQuality quality;
  };
  static constexpr Case kCases[] = {
      {"1768464123", "2026-01-15T08:02:03.000Z", TimeQuality::stated},
      {"1768464123456", "2026-01-15T08:02:03.456Z", TimeQuality::stated},
      {"1768464123456789012", "2026-01-15T08:02:03.456Z", TimeQuality::stated},
      {"1768464123.5", "2026-01-15T08:02:03.500Z", TimeQuality::stated},
      {"2026-01-15T09:02:03.25+01:00", "2026-01-15T08:02:03.250Z", TimeQuality::stated},
      {"2026-01-15 08:02:03", "2026-01-15T07:32:03.000Z", TimeQuality::guessed},
      {"2026/01/15 08:02:03", "2026-01-15T07:32:03.000Z", TimeQuality::guessed},
      {"2026/01/15 08:02:03 UTC", "2026-01-15T08:02:03.000Z", TimeQuality::stated},
      {"Jan 15 2026 08:02:03", "2026-01-15T07:32:03.000Z", TimeQuality::guessed},
      {"Jan 15 2026 08:02:03.125 GMT+02:00", "2026-01-15T06:02:03.125Z", TimeQuality::stated},
      {"Jan 15 2026 08:02:03 CEST", "2026-01-15T07:32:03.000Z", TimeQuality::guessed},
      {"Jan 14 08:02:03", "2026-01-14T07:32:03.000Z", TimeQuality::guessed},
      {"Jan 14 08:02:03 UTC", "2026-01-14T08:02:03.000Z", TimeQuality::guessed},
      {"  1768464123 ", "2026-01-15T08:02:03.000Z", TimeQuality::stated},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    LogTime got;
    ASSERT_TRUE(parse_stated_time(c.text, kReceived, std::chrono::minutes{30}, got));
    EXPECT_EQ(to_rfc3339(got.time), c.want);
    EXPECT_EQ(got.quality, c.quality);
  }
}

TEST(StatedTime, Refuses) {
  for (const std::string& text :
       {std::string{}, std::string{"12345"}, std::string{"08:02:03"}, std::string{"yesterday"},
        std::string{"2026-02-30 08:02:03"}, std::string{"2026/01/15 25:02:03"},
        std::string{"2026-01-15 08:02:03 or so"}, std::string{"1768464123x"}, std::string{"000000000"},
        std::string{"1970-01-01T01:00:00.000+01:00"}, std::string(65, '1')}) {
    SCOPED_TRACE(text);
    LogTime got;
    EXPECT_FALSE(parse_stated_time(text, kReceived, std::chrono::minutes{0}, got));
  }
}

TEST(StatedTime, Zones) {
  struct Case {
    const char* text;
    int minutes;
  };
  static constexpr Case kCases[] = {{"UTC", 0},       {"GMT", 0},         {"Z", 0},
                                    {"+0100", 60},    {"-05:30", -330},   {"GMT+1", 60},
                                    {"UTC-03", -180}, {"GMT+05:45", 345}, {"+1:00", 60}};
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    std::chrono::minutes got{7};
    ASSERT_TRUE(parse_stated_zone(c.text, got));
    EXPECT_EQ(got.count(), c.minutes);
  }
  for (const char* text : {"", "CET", "UTC1", "+", "+1500", "+0160", "+123", "+01000", "-a"}) {
    SCOPED_TRACE(text);
    std::chrono::minutes got{7};
    EXPECT_FALSE(parse_stated_zone(text, got));
  }
}

TEST(StatedTime, TheBetterOfTwo) {
  using std::chrono::minutes;
  struct Case {
    const char* name;
    LogTime own, envelope, want;
  };
  static constexpr auto kOwn = kReceived, kNear = kReceived + minutes{14}, kFar = kReceived - minutes{60};
  static constexpr Case kCases[] = {
      {"both know", {kOwn, TimeQuality::stated}, {kFar, TimeQuality::stated}, {kOwn, TimeQuality::stated}},
      {"none knows", {kOwn, TimeQuality::guessed}, {kFar, TimeQuality::guessed}, {kOwn, TimeQuality::guessed}},
      {"no envelope", {kOwn, TimeQuality::guessed}, {kFar, TimeQuality::received}, {kOwn, TimeQuality::guessed}},
      {"the zone was right", {kOwn, TimeQuality::guessed}, {kNear, TimeQuality::stated}, {kOwn, TimeQuality::stated}},
      {"the zone was wrong", {kOwn, TimeQuality::guessed}, {kFar, TimeQuality::stated}, {kFar, TimeQuality::stated}},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const LogTime got = better_time(c.own, c.envelope);
    EXPECT_EQ(got.time, c.want.time);
    EXPECT_EQ(got.quality, c.want.quality);
  }
}

}  // namespace
}  // namespace nw::logs
