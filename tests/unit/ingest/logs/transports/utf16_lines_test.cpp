#include "ingest/logs/transports/utf16_lines.h"

#include <gtest/gtest.h>

#include "unit/ingest/logs/transports/file_tail_test_support.h"

namespace nw::logs {
namespace {

std::string utf16(std::u16string_view text, bool little) {
  std::string out;
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xffU), high = static_cast<char>(unit >> 8U);
    out.append({little ? low : high, little ? high : low});
  }
  return out;
}

struct Line {
  std::string text;
  std::uint64_t at;
  bool too_long;
  friend bool operator==(const Line&, const Line&) = default;
};

// U+0A0A has two line feeds in it that are none; U+1F600 takes two units; a surrogate alone is replaced.
constexpr std::u16string_view kText = u"one\r\n\u0a0a\u010a\u0a01\n\n\U0001f600\xd800x\nrest";
const std::vector<Line> kWant = {
    {"one", 0, false}, {"\u0a0a\u010a\u0a01", 10, false}, {"\U0001f600\ufffdx", 20, false}, {"rest", 30, false}};

TEST(Utf16Lines, AtEveryCut) {
  for (const bool little : {true, false}) {
    const std::string bytes = utf16(kText, little);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      for (std::size_t second = cut; second <= std::min(bytes.size(), cut + 3); ++second) {
        SCOPED_TRACE(std::to_string(cut) + " " + std::to_string(second));
        Utf16Lines lines{little ? Utf16Lines::Order::little : Utf16Lines::Order::big, 100};
        std::vector<Line> got;
        const auto take = [&](std::string_view text, bool too_long) {
          got.push_back({std::string{text}, lines.line_at(), too_long});
        };
        lines.feed(std::string_view{bytes}.substr(0, cut), take);
        lines.feed(std::string_view{bytes}.substr(cut, second - cut), take);
        lines.feed(std::string_view{bytes}.substr(second), take);
        EXPECT_EQ(lines.held(), 8U);
        lines.finish(take);
        EXPECT_EQ(got, kWant);
        EXPECT_EQ(lines.held(), 0U);
      }
    }
  }
}

TEST(Utf16Lines, TooLong) {
  Utf16Lines lines{Utf16Lines::Order::little, 4};
  std::vector<Line> got;
  const auto take = [&](std::string_view text, bool too_long) {
    got.push_back({std::string{text}, lines.line_at(), too_long});
  };
  lines.feed(utf16(u"abcd\nabcdefgh\n\u20ac\u20ac\nabcdefgh", true), take);
  EXPECT_TRUE(lines.skipping());
  lines.feed(utf16(u"ijk\nx\n", true), take);
  EXPECT_EQ(got,
            (std::vector<Line>{
                {"abcd", 0, false}, {"abcd", 10, true}, {"\u20ac", 28, true}, {"abcd", 34, true}, {"x", 58, false}}));
}

TEST(Utf16Lines, InAFile) {
  for (const bool little : {true, false}) {
    TailBench bench;
    append(bench.log, utf16(u"\ufeff", little).substr(0, 1));  // half a byte order mark
    bench.open();
    run_for(bench.io, std::chrono::milliseconds{20});
    append(bench.log, utf16(u"\ufeff", little).substr(1) + utf16(u"eins\r\nzw\u00f6lf\r\nha", little));
    ASSERT_TRUE(bench.wait(2));
    bench.close();
    append(bench.log, utf16(u"lb\r\ndrei\r\n", little));
    bench.open();
    ASSERT_TRUE(bench.wait(4));
    EXPECT_EQ(bench.lines.all, (Got{"eins", "zw\u00f6lf", "halb", "drei"}));
    EXPECT_EQ(bench.different_places(), 4U);
  }
}

TEST(Utf16Lines, Utf8MarkIsPassedOver) {
  TailBench bench;
  append(bench.log, "\xef\xbb");
  bench.open();
  run_for(bench.io, std::chrono::milliseconds{20});
  append(bench.log, "\xbf{\"a\":1}\n\xef\xbb\xbfnot at the start\n");
  ASSERT_TRUE(bench.wait(2));
  EXPECT_EQ(bench.lines.all, (Got{"{\"a\":1}", "\xef\xbb\xbfnot at the start"}));
}

}  // namespace
}  // namespace nw::logs
