#include "base/time.h"

#include <gtest/gtest.h>

namespace nw {
namespace {

TEST(ParseRfc3339, Reads) {
  static constexpr struct {
    const char* text;
    std::int64_t ns;
  } kCases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2026-01-15T08:00:00Z", 1'768'464'000'000'000'000},
      {"2026-01-15T08:00:00.5Z", 1'768'464'000'500'000'000},
      {"2026-01-15T08:00:00.123456789Z", 1'768'464'000'123'456'789},
      {"2026-01-15 09:00:00+01:00", 1'768'464'000'000'000'000},
      {"2026-01-15t02:30:00-05:30", 1'768'464'000'000'000'000},
      {"2024-02-29T00:00:00z", 1'709'164'800'000'000'000},
      {"2016-12-31T23:59:60Z", 1'483'228'800'000'000'000},
      {"1969-12-31T23:59:59.999999999Z", -1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_rfc3339(c.text);
    ASSERT_TRUE(got);
    EXPECT_EQ(to_unix_nanoseconds(*got), c.ns);
  }
}

TEST(ParseRfc3339, RefusesEveryCutAndEveryOddity) {
  static constexpr const char* kBad[] = {"2023-02-29T00:00:00Z",
                                         "2026-13-01T00:00:00Z",
                                         "2026-01-15T24:00:00Z",
                                         "2026-01-15T08:60:00Z",
                                         "2026-01-15T08:00:00",
                                         "2026-01-15T08:00:00.Z",
                                         "2026-01-15T08:00:00.1234567890Z",
                                         "2026-01-15T08:00:00+1:00",
                                         "2026-01-15T08:00:00+24:00",
                                         "2026-01-15T08:00:00Zx",
                                         "2026/01/15T08:00:00Z",
                                         "1600-01-01T00:00:00Z",
                                         "2300-01-01T00:00:00Z",
                                         "x026-01-15T08:00:00Z"};
  for (const char* text : kBad) EXPECT_FALSE(parse_rfc3339(text)) << text;
  const std::string_view whole = "2026-01-15T08:00:00.25+01:00";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) EXPECT_FALSE(parse_rfc3339(whole.substr(0, cut))) << cut;
}

TEST(Rfc3339, RoundTrips) {
  for (const std::int64_t ns : {0LL, 1'768'464'000'123'456'789LL, -1LL, 951'782'400'000'000'000LL}) {
    const auto back = parse_rfc3339(to_rfc3339(from_unix_nanoseconds(ns), 9));
    ASSERT_TRUE(back);
    EXPECT_EQ(to_unix_nanoseconds(*back), ns);
  }
  EXPECT_EQ(to_rfc3339(from_unix_nanoseconds(1'768'464'000'999'999'999), 3), "2026-01-15T08:00:00.999Z");
  EXPECT_EQ(to_rfc3339(from_unix_nanoseconds(0), 0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_unix_nanoseconds(-1), 9), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(to_rfc3339(from_unix_nanoseconds(5'000'000), 1), "1970-01-01T00:00:00.0Z");
  EXPECT_EQ(to_rfc3339(Timestamp::max(), 12), "2262-04-11T23:47:16.854775807Z");
}

TEST(AppendSeconds, IsZeeksForm) {
  const auto text = [](std::int64_t ns) {
    std::string out;
    append_seconds(Nanoseconds{ns}, out);
    return out;
  };
  EXPECT_EQ(text(1'093'521'678'945'447'000), "1093521678.945447");
  EXPECT_EQ(text(999), "0.000000");
  EXPECT_EQ(text(-1'500'000'000), "-1.500000");
}

TEST(Duration, ReadsWhatItWrites) {
  static constexpr struct {
    const char* text;
    std::int64_t ns;
  } kCases[] = {{"0s", 0},
                {"250ms", 250'000'000},
                {"30s", 30'000'000'000},
                {"15m", 900'000'000'000},
                {"2h", 7'200'000'000'000},
                {"1d", 86'400'000'000'000}};
  for (const auto& c : kCases) {
    const auto got = parse_duration(c.text);
    ASSERT_TRUE(got) << c.text;
    EXPECT_EQ(got->count(), c.ns);
    EXPECT_EQ(format_duration(Nanoseconds{c.ns}), c.text);
  }
  for (const char* bad : {"", "5", "s", "-5s", "1.5s", "5 s", "5sec", "99999999999999999999s", "9999999999d"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

}  // namespace
}  // namespace nw
