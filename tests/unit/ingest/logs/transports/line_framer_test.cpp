#include "ingest/logs/transports/line_framer.h"

#include <gtest/gtest.h>
#include <vector>

namespace nw::logs {
namespace {

using Mode = LineFramer::Mode;
using Got = std::vector<std::string>;  // a line that was too long has a '!' before it

struct Case {
  const char* name;
  Mode mode;
  std::string stream;
  Got want;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases{
      {"lines", Mode::lines, "ab\ncd\n", {"ab", "cd"}},
      {"carriage returns", Mode::lines, "ab\r\ncd\r\n", {"ab", "cd"}},
      {"empty lines", Mode::lines, "\n\r\nab\n\n", {"ab"}},
      {"half a line at the end", Mode::lines, "ab\ncd", {"ab", "cd"}},
      {"counts mean nothing in files", Mode::lines, "5 <1>ab\n", {"5 <1>ab"}},
      {"NUL is a byte like any other", Mode::lines, std::string{"a\0b\n", 4}, {std::string{"a\0b", 3}}},
      {"exactly the limit", Mode::lines, "0123456789ab\nx\n", {"0123456789ab", "x"}},
      {"one past the limit", Mode::lines, "0123456789abc\nx\n", {"!0123456789ab", "x"}},
      {"far past the limit", Mode::lines, std::string(99, 'z') + "\nx\n", {"!zzzzzzzzzzzz", "x"}},
      {"past the limit at the end", Mode::lines, std::string(99, 'z'), {"!zzzzzzzzzzzz"}},

      {"line feeds over TCP", Mode::syslog, "<1>ab\n<1>cd\n", {"<1>ab", "<1>cd"}},
      {"counted", Mode::syslog, "5 <1>ab5 <1>cd", {"<1>ab", "<1>cd"}},
      {"counted JSON", Mode::syslog, "2 {}7 {\"a\":1}", {"{}", "{\"a\":1}"}},
      {"a line feed inside", Mode::syslog, "7 <1>a\nbc<1>d\n", {"<1>a\nbc", "<1>d"}},
      {"counted, then a line feed all the same", Mode::syslog, "5 <1>ab\n5 <1>cd\n", {"<1>ab", "<1>cd"}},
      {"counted with its line feed", Mode::syslog, "6 <1>ab\n<1>cd\n", {"<1>ab", "<1>cd"}},
      {"both in turn", Mode::syslog, "5 <1>ab<1>cd\n{}\n5 <1>ef", {"<1>ab", "<1>cd", "{}", "<1>ef"}},
      {"a line that begins with a number", Mode::syslog, "12 monkeys\n5 <1>ab", {"12 monkeys", "<1>ab"}},
      {"a year", Mode::syslog, "2026-01-01 x\n", {"2026-01-01 x"}},
      {"only a number", Mode::syslog, "123\n", {"123"}},
      {"a number that ends", Mode::syslog, "123 ", {"123 "}},
      {"ten digits", Mode::syslog, "1234567890 <\n", {"1234567890 <"}},
      {"a leading zero", Mode::syslog, "05 <1>ab\n", {"05 <1>ab"}},
      {"counted, cut short", Mode::syslog, "50 <1>ab", {"<1>ab"}},
      {"counted, exactly the limit", Mode::syslog, "12 <1>456789abc5 <1>cd", {"<1>456789abc", "<1>cd"}},
      {"counted, past the limit", Mode::syslog, "13 <1>456789abcX5 <1>cd", {"!<1>456789abc", "<1>cd"}},
      {"counted, far past the limit",
       Mode::syslog,
       "99 <" + std::string(98, 'z') + "5 <1>cd",
       {"!<zzzzzzzzzzz", "<1>cd"}},
  };
  return kCases;
}

Got frame(const Case& c, std::size_t first, std::size_t second) {
  LineFramer framer{c.mode, 12};
  Got got;
  const auto take = [&](std::string_view line, bool too_long) {
    got.push_back((too_long ? "!" : "") + std::string{line});
  };
  const std::string_view stream{c.stream};
  for (const std::string_view part :
       {stream.substr(0, first), stream.substr(first, second - first), stream.substr(second)}) {
    const std::string own{part};
    framer.feed(own, take);
    EXPECT_LE(framer.held(), 12U);
  }
  framer.finish(take);
  EXPECT_EQ(framer.held(), 0U);
  return got;
}

// Two cuts, everywhere: what comes out does not depend on how the bytes came in.
TEST(LineFramer, AnyCut) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    for (std::size_t first = 0; first <= c.stream.size(); ++first)
      for (std::size_t second = first; second <= c.stream.size(); ++second) {
        ASSERT_EQ(frame(c, first, second), c.want) << first << " " << second;
      }
  }
}

TEST(LineFramer, FinishStartsAnew) {
  LineFramer framer{Mode::syslog, 12};
  Got got;
  const auto take = [&](std::string_view line, bool) { got.emplace_back(line); };
  framer.feed("50 <1>ab", take);
  framer.finish(take);
  framer.feed("<1>cd\n", take);
  EXPECT_EQ(got, (Got{"<1>ab", "<1>cd"}));
}

TEST(LineFramer, GoesOnSkipping) {
  LineFramer framer{Mode::lines, 12};
  Got got;
  const auto take = [&](std::string_view line, bool) { got.emplace_back(line); };
  framer.start_skipping();
  EXPECT_TRUE(framer.skipping());
  framer.feed("the rest of it\nab\n", take);
  EXPECT_EQ(got, (Got{"ab"}));
  EXPECT_FALSE(framer.skipping());
}

}  // namespace
}  // namespace nw::logs
