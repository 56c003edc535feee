#include "ingest/logs/formats/line_scan.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::logs {
namespace {

TEST(LineScan, TakesWords) {
  std::string_view text = "a  bc d";
  EXPECT_EQ(take_word(text), "a");
  EXPECT_EQ(take_word(text), "bc");
  EXPECT_EQ(text, "d");
  EXPECT_EQ(take_word(text), "d");
  EXPECT_EQ(take_word(text), "");
}

TEST(LineScan, TakesUntilAMark) {
  std::string_view text = "a: b: c", part;
  EXPECT_TRUE(take_until(text, ": ", part));
  EXPECT_EQ(part, "a");
  EXPECT_FALSE(take_until(text, "x", part));
  EXPECT_EQ(text, "b: c");
}

TEST(LineScan, MakesValues) {
  EXPECT_EQ(number_or_text("12"), event::Value::integer(12));
  EXPECT_EQ(number_or_text("0"), event::Value::integer(0));
  EXPECT_EQ(number_or_text("007"), event::Value::text("007"));
  EXPECT_EQ(number_or_text("-1"), event::Value::text("-1"));
  EXPECT_EQ(number_or_text(""), event::Value::text(""));
  EXPECT_EQ(number_or_text("1234567890123456789"), event::Value::text("1234567890123456789"));
  EXPECT_EQ(address_or_text("192.0.2.1").kind(), event::Value::Kind::address);
  EXPECT_EQ(address_or_text("plc7").kind(), event::Value::Kind::text);
}

TEST(LineScan, ReadsIntervals) {
  static constexpr struct {
    const char* text;
    std::int64_t seconds;  // -1: it is none
  } kCases[] = {{"45", 45},
                {"0:02:04", 124},
                {"100:00:00", 360'000},
                {"0h:32m:16s", 1936},
                {"1d2h", 93'600},
                {"7s", 7},
                {"", -1},
                {"x", -1},
                {"1:2:3:4", -1},
                {"1:", -1},
                {"5x", -1},
                {"99999999999:00:00", -1},
                {"999999999d", -1},
                {"9999999999999999999", -1}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const event::Value value = interval_or_text(c.text);
    if (c.seconds < 0)
      EXPECT_EQ(value, event::Value::text(c.text));
    else
      EXPECT_EQ(value, event::Value::interval(std::chrono::seconds{c.seconds}));
  }
}

TEST(LineScan, NamesTransports) {
  EXPECT_EQ(transport_name("TCP"), "tcp");
  EXPECT_EQ(transport_name("17"), "udp");
  EXPECT_EQ(transport_name("IPv6-ICMP"), "icmp");
  EXPECT_EQ(transport_name("gre"), "");
  EXPECT_EQ(transport_name(""), "");
  EXPECT_EQ(transport_name("a protocol of a very long name"), "");
}

TEST(LineScan, ReadsTimes) {
  enum Shape { clf, ctime, slash, dash };
  static constexpr struct {
    Shape shape;
    const char *text, *want, *rest;  // "none", "bad"
  } kCases[] = {
      {clf, "26/Dec/2025:16:16:28 +0200] x", "2025-12-26T14:16:28.000Z", "] x"},
      {clf, "6/Dec/2025:16:16:28]", "2025-12-06T16:16:28.000Z", "]"},
      {clf, "26/Dez/2025:16:16:28 +0200", "none", ""},
      {clf, "31/Feb/2025:16:16:28 +0200", "bad", ""},
      {clf, "26/Dec/2025:16:16", "none", ""},
      {ctime, "Fri Dec 26 16:15:55.250 2025] x", "2025-12-26T16:15:55.250Z", "] x"},
      {ctime, "Sat Dec  6 16:15:55 2025]", "2025-12-06T16:15:55.000Z", "]"},
      {ctime, "Fri Dec 26 16:15:55] x", "2025-12-26T16:15:55.000Z", "] x"},
      {ctime, "Fry Dec 26 16:15:55 2025]", "none", ""},
      {ctime, "Fri Feb 31 16:15:55 2025]", "bad", ""},
      {slash, "2025/10/25 14:49:34 [error]", "2025-10-25T14:49:34.000Z", " [error]"},
      {slash, "2025/13/25 14:49:34 ", "bad", ""},
      {slash, "2025/99/25 14:49:34 ", "bad", ""},
      {slash, "2025-10-25 14:49:34", "none", ""},
      {dash, "19-Oct-2025 05:34:02.425 x", "2025-10-19T05:34:02.425Z", " x"},
      {dash, "19-Okt-2025 05:34:02.425 x", "none", ""},
      {dash, "30-Feb-2025 05:34:02.425 x", "bad", ""},
      {dash, "19-Oct-2025", "none", ""},
  };
  const Timestamp received = from_unix_nanoseconds(1'768'464'000'000'000'000);
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    std::string_view text = c.text;
    LogTime time;
    const std::chrono::minutes utc{0};
    const TimeScan scan = c.shape == clf     ? scan_clf_time(text, utc, time)
                          : c.shape == ctime ? scan_ctime(text, received, utc, time)
                          : c.shape == slash ? scan_slash_time(text, utc, time)
                                             : scan_dash_time(text, utc, time);
    const std::string got = scan == TimeScan::none ? "none" : scan == TimeScan::bad ? "bad" : to_rfc3339(time.time);
    EXPECT_EQ(got, c.want);
    EXPECT_EQ(text, scan == TimeScan::good ? std::string_view{c.rest} : std::string_view{c.text});
  }
}

TEST(LineScan, UndoesEscapes) {
  Arena arena;
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {{"plain", "plain"},        {R"(a\"b)", "a\"b"},     {R"(a\\b)", R"(a\b)"},
                {R"(a\x22\x0A)", "a\"\n"}, {R"(\t\n\r)", "\t\n\r"}, {R"(\xZZ)", R"(\xZZ)"},
                {R"(\x4)", R"(\x4)"},      {R"(\q)", R"(\q)"},      {"a\\", "a\\"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(unescape(c.text, arena), c.want);
  }
  Arena small{2};
  EXPECT_EQ(unescape(R"(a\"b)", small), R"(a\"b)");
}

}  // namespace
}  // namespace nw::logs
