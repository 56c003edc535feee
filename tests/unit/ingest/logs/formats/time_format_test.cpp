#include "ingest/logs/formats/time_format.h"

#include <gtest/gtest.h>

namespace nw::logs {
namespace {

TEST(TimeFormat, Reads) {
  static constexpr struct {
    const char *format, *text, *want;  // empty: it cannot be read
    bool stated;
  } kCases[] = {
      {"iso", "2026-01-15T08:00:00.5+01:00", "2026-01-15T07:00:00.500000Z", true},
      {"iso", "2026-01-15 08:00:00 x", "", false},
      {"bsd", "Jan 14 08:00:00", "2026-01-14T08:00:00.000000Z", false},
      {"epoch", "1768464000.25", "2026-01-15T08:00:00.250000Z", true},
      {"epoch", "soon", "", false},
      {"%Y-%m-%d %H:%M:%S", "2026-01-15 08:00:07", "2026-01-15T08:00:07.000000Z", false},
      {"%d.%m.%Y %H:%M:%S,%f", "5.1.2026 8:00:07,25", "2026-01-05T08:00:07.250000Z", false},
      {"%Y%m%d%H%M%S", "20260115080007", "2026-01-15T08:00:07.000000Z", false},
      {"%y%m%d-%H%M", "260115-0800", "2026-01-15T08:00:00.000000Z", false},
      {"%y%m%d-%H%M", "990115-0800", "1999-01-15T08:00:00.000000Z", false},
      {"%d/%b/%Y:%H:%M:%S %z", "15/jan/2026:08:00:07 -0130", "2026-01-15T09:30:07.000000Z", true},
      {"[%b %d %I:%M:%S %p]", "[Jan  9 12:30:00 am]", "2026-01-09T00:30:00.000000Z", false},
      {"%m/%d/%Y %I:%M %p", "01/15/2026 08:30 PM", "2026-01-15T20:30:00.000000Z", false},
      {"%m/%d/%Y %I:%M %p", "01/15/2026 13:30 PM", "", false},
      {"%b %d %H:%M", "Dec 31 23:59", "2025-12-31T23:59:00.000000Z", false},
      {"100%% %Y-%m-%dT%H", "100% 2026-01-15T08", "2026-01-15T08:00:00.000000Z", false},
      {"%Y-%m-%d %H:%M:%S", "2026-02-30 08:00:00", "", false},
      {"%Y-%m-%d %H:%M:%S", "2026-13-01 08:00:00", "", false},
      {"%Y-%m-%d %H:%M:%S", "2026-01-15 08:00", "", false},
      {"%Y-%m-%d %H:%M:%S", "2026-01-15 08:00:00 ", "", false},
      {"%Y-%m-%d %H:%M:%S %z", "2026-01-15 08:00:00 +1", "", false},
      {"%Y-%m-%d %H:%M:%S.%f", "2026-01-15 08:00:00.123456789123", "2026-01-15T08:00:00.123456Z", false},
  };
  const Timestamp received = from_unix_nanoseconds(1'768'464'000'000'000'000);  // 2026-01-15T08:00:00Z
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto format = TimeFormat::parse(c.format);
    ASSERT_TRUE(format);
    LogTime out;
    const bool read = format->read(c.text, received, std::chrono::minutes{0}, out);
    ASSERT_EQ(read, *c.want != '\0');
    if (!read) continue;
    EXPECT_EQ(to_rfc3339(out.time, 6), c.want);
    EXPECT_EQ(out.quality, c.stated ? event::TimeQuality::stated : event::TimeQuality::guessed);
  }
}

TEST(TimeFormat, TakesTheZoneOfTheSource) {
  LogTime out;
  const auto format = TimeFormat::parse("%Y-%m-%d %H:%M");
  ASSERT_TRUE(format->read("2026-01-15 08:00", {}, std::chrono::minutes{60}, out));
  EXPECT_EQ(to_rfc3339(out.time, 6), "2026-01-15T07:00:00.000000Z");
}

TEST(TimeFormat, Refuses) {
  for (const char* text :
       {"", "rfc3339", "%Y-%m-%d", "%H:%M:%S", "%Y %H:%M", "%Y-%m-%d %I:%M", "%Y-%m-%d %H:%M:%Q", "%Y-%m-%d %H:%M:%S%"})
    EXPECT_FALSE(TimeFormat::parse(text)) << text;
  EXPECT_FALSE(TimeFormat::parse("%Y-%m-%d %H" + std::string(120, ' ')));
}

}  // namespace
}  // namespace nw::logs
