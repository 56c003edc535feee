#include "ingest/logs/formats/log_time.h"

#include <gtest/gtest.h>

namespace nw::logs {
namespace {

using event::TimeQuality;

TEST(ScanIsoTime, Reads) {
  static constexpr struct {
    const char* name;
    const char* text;
    const char* want;
    TimeQuality quality;
    const char* rest;
  } kCases[] = {
      {"utc", "2026-01-15T08:00:00Z x", "2026-01-15T08:00:00.000000000Z", TimeQuality::stated, " x"},
      {"offset", "2026-01-15T08:00:00+01:30", "2026-01-15T06:30:00.000000000Z", TimeQuality::stated, ""},
      {"offset without colon", "2026-01-15T08:00:00.5-0100", "2026-01-15T09:00:00.500000000Z", TimeQuality::stated, ""},
      {"space before the offset", "2026-01-15 08:00:00 +0100|", "2026-01-15T07:00:00.000000000Z", TimeQuality::stated,
       "|"},
      {"comma decimals, no zone", "2026-01-15 08:00:00,124 h", "2026-01-15T07:00:00.124000000Z", TimeQuality::guessed,
       " h"},
      {"twelve decimals", "2026-01-15T08:00:00.123456789999Z", "2026-01-15T08:00:00.123456789Z", TimeQuality::stated,
       ""},
      {"leap day", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000000Z", TimeQuality::stated, ""},
      {"leap second", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000000Z", TimeQuality::stated, ""},
      {"lower case", "2026-01-15t08:00:00z", "2026-01-15T08:00:00.000000000Z", TimeQuality::stated, ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string_view text = c.text;
    LogTime got;
    ASSERT_EQ(scan_iso_time(text, std::chrono::minutes{60}, got), TimeScan::good);
    EXPECT_EQ(to_rfc3339(got.time, 9), c.want);
    EXPECT_EQ(got.quality, c.quality);
    EXPECT_EQ(text, c.rest);
  }
}

TEST(ScanIsoTime, Refuses) {
  static constexpr struct {
    const char* name;
    const char* text;
    TimeScan want;
  } kCases[] = {
      {"empty", "", TimeScan::none},
      {"date only", "2026-01-15", TimeScan::none},
      {"no seconds", "2026-01-15T08:00", TimeScan::none},
      {"slashes", "2026/01/15 08:00:00", TimeScan::none},
      {"month 13", "2026-13-01T08:00:00Z", TimeScan::bad},
      {"30 February", "2026-02-30T08:00:00Z", TimeScan::bad},
      {"29 February of no leap year", "2026-02-29T08:00:00Z", TimeScan::bad},
      {"hour 24", "2026-01-15T24:00:00Z", TimeScan::bad},
      {"minute 60", "2026-01-15T23:60:00Z", TimeScan::bad},
      {"second 61", "2026-01-15T23:00:61Z", TimeScan::bad},
      {"before 64-bit nanoseconds", "1677-12-31T23:00:00Z", TimeScan::bad},
      {"after 64-bit nanoseconds", "2262-01-01T00:00:00Z", TimeScan::bad},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string_view text = c.text;
    LogTime got;
    EXPECT_EQ(scan_iso_time(text, std::chrono::minutes{0}, got), c.want);
    EXPECT_EQ(text, c.text);
  }
}

TEST(ScanBsdTime, Reads) {
  static constexpr struct {
    const char* name;
    const char* text;
    const char* received;
    const char* want;
    TimeQuality quality;
  } kCases[] = {
      {"same day", "Mar  1 11:59:58", "2026-03-01T12:00:00Z", "2026-03-01T11:59:58.000Z", TimeQuality::guessed},
      {"day without padding", "Mar 1 11:59:58", "2026-03-01T12:00:00Z", "2026-03-01T11:59:58.000Z",
       TimeQuality::guessed},
      {"two-digit day", "Mar 01 11:59:58", "2026-03-01T12:00:00Z", "2026-03-01T11:59:58.000Z", TimeQuality::guessed},
      {"December read in January", "Dec 31 23:59:59", "2026-01-01T00:00:05Z", "2025-12-31T23:59:59.000Z",
       TimeQuality::guessed},
      {"January read in December", "Jan  1 00:00:01", "2025-12-31T23:59:50Z", "2026-01-01T00:00:01.000Z",
       TimeQuality::guessed},
      {"half a year back", "Sep 10 00:00:00", "2026-03-01T00:00:00Z", "2025-09-10T00:00:00.000Z", TimeQuality::guessed},
      {"half a year ahead", "Aug 20 00:00:00", "2026-03-01T00:00:00Z", "2026-08-20T00:00:00.000Z",
       TimeQuality::guessed},
      {"leap day in a leap year", "Feb 29 10:00:00", "2024-03-01T00:00:00Z", "2024-02-29T10:00:00.000Z",
       TimeQuality::guessed},
      {"leap day read a year later", "Feb 29 10:00:00", "2025-01-10T00:00:00Z", "2024-02-29T10:00:00.000Z",
       TimeQuality::guessed},
      {"leap day read nearly two years later", "Feb 29 10:00:00", "2025-12-31T00:00:00Z", "2024-02-29T10:00:00.000Z",
       TimeQuality::guessed},
      {"leap day two years off", "Feb 29 10:00:00", "2026-02-01T00:00:00Z", "2024-02-29T10:00:00.000Z",
       TimeQuality::guessed},
      {"leap day around 2100", "Feb 29 10:00:00", "2100-06-01T00:00:00Z", "2104-02-29T10:00:00.000Z",
       TimeQuality::guessed},
      {"milliseconds", "Mar  1 11:59:58.125", "2026-03-01T12:00:00Z", "2026-03-01T11:59:58.125Z", TimeQuality::guessed},
      {"year before the clock", "Jul 19 2021 15:01:23", "2026-03-01T12:00:00Z", "2021-07-19T15:01:23.000Z",
       TimeQuality::guessed},
      {"year behind the clock", "Jul 19 15:01:23 2021 h", "2026-03-01T12:00:00Z", "2021-07-19T15:01:23.000Z",
       TimeQuality::guessed},
      {"year and UTC", "Jul 19 2021 15:01:23.5 UTC: x", "2026-03-01T12:00:00Z", "2021-07-19T15:01:23.500Z",
       TimeQuality::stated},
      {"UTC without a year", "Mar  1 11:00:00 UTC: x", "2026-03-01T12:00:00Z", "2026-03-01T11:00:00.000Z",
       TimeQuality::guessed},
      {"an ambiguous zone", "Jul 19 2021 15:01:23 IST: x", "2026-03-01T12:00:00Z", "2021-07-19T15:01:23.000Z",
       TimeQuality::guessed},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string_view text = c.text;
    LogTime got;
    ASSERT_EQ(scan_bsd_time(text, *parse_rfc3339(c.received), std::chrono::minutes{0}, got), TimeScan::good);
    EXPECT_EQ(to_rfc3339(got.time), c.want);
    EXPECT_EQ(got.quality, c.quality);
  }
}

TEST(ScanBsdTime, KeepsTheZoneOfTheSource) {
  std::string_view text = "Jan  1 00:30:00 h";
  LogTime got;
  ASSERT_EQ(scan_bsd_time(text, *parse_rfc3339("2025-12-31T23:31:00Z"), std::chrono::minutes{60}, got), TimeScan::good);
  EXPECT_EQ(to_rfc3339(got.time), "2025-12-31T23:30:00.000Z");
  EXPECT_EQ(text, " h");
}

TEST(ScanBsdTime, Refuses) {
  static constexpr struct {
    const char* name;
    const char* text;
    TimeScan want;
  } kCases[] = {
      {"empty", "", TimeScan::none},
      {"no month", "Foo  1 10:00:00", TimeScan::none},
      {"no clock", "Mar  1", TimeScan::none},
      {"no seconds", "Mar  1 10:00", TimeScan::none},
      {"glued", "Mar  1 10:00:00x", TimeScan::none},
      {"30 February", "Feb 30 10:00:00", TimeScan::bad},
      {"day 0", "Feb 00 10:00:00", TimeScan::bad},
      {"hour 24", "Feb  1 24:00:00", TimeScan::bad},
      {"29 February of a stated year without one", "Feb 29 2023 10:00:00", TimeScan::bad},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string_view text = c.text;
    LogTime got;
    EXPECT_EQ(scan_bsd_time(text, *parse_rfc3339("2026-03-01T00:00:00Z"), std::chrono::minutes{0}, got), c.want);
  }
}

TEST(ParseEpoch, Reads) {
  static constexpr struct {
    const char* text;
    const char* want;
  } kCases[] = {
      {"1093521678.945447", "2004-08-26T12:01:18.945447000Z"},
      {"1768464000", "2026-01-15T08:00:00.000000000Z"},
      {"1768464000123", "2026-01-15T08:00:00.123000000Z"},
      {"1768464000123456", "2026-01-15T08:00:00.123456000Z"},
      {"1768464000123456789", "2026-01-15T08:00:00.123456789Z"},
      {"1768464000123.5", "2026-01-15T08:00:00.123500000Z"},
      {"0", "1970-01-01T00:00:00.000000000Z"},
      {"-1.5", "1969-12-31T23:59:58.500000000Z"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    Timestamp got;
    ASSERT_TRUE(parse_epoch(c.text, got));
    EXPECT_EQ(to_rfc3339(got, 9), c.want);
  }
}

TEST(ParseEpoch, Refuses) {
  for (const char* text :
       {"", "-", ".5", "1.", "1e9", "12a", "0x10", "99999999999999999999999", "9223372036854775808"}) {
    SCOPED_TRACE(text);
    Timestamp got;
    EXPECT_FALSE(parse_epoch(text, got));
  }
}

}  // namespace
}  // namespace nw::logs
