// What the indexes find is no less than what the asking code accepts: values at the edges of both.
#include "detect/sigma/index.h"

#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "base/regex.h"
#include "detect/sigma/explain.h"
#include "detect/sigma/limits.h"
#include "harness.h"

namespace nw::sigma {
namespace {

// Whether the rule fires on an event with `value` as `f`; the matcher and explain(), which looks nothing up, agree.
bool fires_on(const std::string& item, const event::Value& value) {
  Bench bench;
  const auto rules = bench.compile(item_text(item));
  EXPECT_NE(rules, nullptr) << item << bench.diagnostics.to_string();
  if (rules == nullptr) return false;
  event::Event event;
  bench.fill(event, "{}");
  event.set(bench.schema.add_field("f"), value);
  Matcher matcher{rules};
  const bool fires = !matcher.match(event).empty();
  EXPECT_EQ(fires, explain(*rules, 0, event, bench.schema).fires) << item;
  return fires;
}

TEST(SigmaIndex, ARegexSeesNoFurtherThanItIsAsked) {
  const std::string head(kRegexSubjectBytesMax - 3, 'x');
  const std::string at_cut = head + "foo", over = at_cut + "bar";
  EXPECT_TRUE(fires_on("f|re: foo$", event::Value::text(at_cut)));
  EXPECT_TRUE(fires_on("f|re: foo$", event::Value::text(over)));  // as if the text ended there
  EXPECT_TRUE(fires_on("f|re: foo(?!bar)", event::Value::text(over)));
  EXPECT_TRUE(fires_on("f|re: 'foo\\b'", event::Value::text(over)));
  EXPECT_FALSE(fires_on("f|re: foobar", event::Value::text(over)));
}

TEST(SigmaIndex, NumbersOfEveryKind) {
  using event::Value;
  constexpr std::int64_t kBig = (std::int64_t{1} << 53) + 1, kMin = std::numeric_limits<std::int64_t>::min();
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  static const struct {
    const char* item;
    Value value;
    bool want;
  } kCases[] = {
      {"f: 7", Value::integer(7), true},
      {"f: 7", Value::real(7), true},
      {"f: 7", Value::text("7"), true},
      {"f: 7", Value::text("07"), false},
      {"f: 7", Value::interval(std::chrono::seconds{7}), true},
      {"f: 7", Value::time(Timestamp{std::chrono::seconds{7}}), true},
      {"f: 0", Value::real(-0.0), true},
      {"f: 9007199254740993", Value::integer(kBig), true},
      {"f: 9007199254740993", Value::integer(kBig - 1), false},
      {"f: 9007199254740993", Value::real(9007199254740992.0), true},
      {"f: 9007199254740992.0", Value::integer(kBig), true},
      {"f: -9223372036854775808", Value::integer(kMin), true},
      {"f|gt: 9007199254740992", Value::integer(kBig), true},
      {"f|lt: 9007199254740993", Value::integer(kBig), false},
      {"f|gte: 0.5", Value::text("0.50"), true},
      {"f|gte: 0.5", Value::real(inf), true},
      {"f|gte: 0.5", Value::real(nan), false},
      {"f|lt: 0.5", Value::real(nan), false},
      {"f: 0", Value::real(nan), false},
      {"f: 0.5", Value::real(inf), false},
      {"f|lte: 0", Value::boolean(false), false},
      {"f: 0", Value::boolean(false), false},
      {"f: false", Value::boolean(false), true},
      {"f: true", Value::text("TRUE"), true},
      {"f: ''", Value::text(""), true},
      {"f: '*'", Value::text(""), true},
      {"f|re: '^$'", Value::text(""), true},
      {"f: ''", Value{}, false},
      {"f: '\xc3\xa4'", Value::text("\xc3\x84"), true},
      {"f|contains: b",
       Value::text("\xff"
                   "B\xc3"),
       true},
      {"f|re: b",
       Value::text("\xff"
                   "b\xc3"),
       true},
  };
  for (const auto& c : kCases) EXPECT_EQ(fires_on(c.item, c.value), c.want) << c.item << ' ' << c.value.to_text();
}

TEST(SigmaIndex, ListsAndAddresses) {
  using event::Value;
  IpAddress v4, v6, mapped;
  ASSERT_TRUE(IpAddress::parse_into("10.1.2.3", v4) && IpAddress::parse_into("2001:db8::1", v6) &&
              IpAddress::parse_into("::ffff:10.1.2.3", mapped));
  const std::vector<Value> inner{Value{}, Value::address(v4), Value::text("x")}, nested{Value::list(inner)}, none;
  static const struct {
    const char* item;
    Value value;
    bool want;
  } kCases[] = {
      {"f: 10.1.2.3", Value::address(mapped), true},
      {"f: '::ffff:10.1.2.3'", Value::address(v4), true},
      {"f: '2001:DB8:0::1'", Value::address(v6), true},
      {"f: '2001:DB8:0::1'", Value::text("2001:db8::1"), false},
      {"f|startswith: '10.1.'", Value::address(v4), true},
      {"f|cidr: 10.0.0.0/8", Value::list(nested), true},
      {"f|cidr: 0.0.0.0/0", Value::address(v6), false},
      {"f|cidr: '::/0'", Value::address(v4), true},
      {"f|cidr: '::/0'", Value::text("no address"), false},
      {"f: x", Value::list(nested), true},
      {"f: x", Value::list(none), false},
      {"f|re: '^10'", Value::list(nested), true},
      {"f|neq: x", Value::list(nested), false},
      {"f: null", Value::list(nested), true},
      {"f|exists: true", Value::list(none), true},
  };
  for (const auto& c : kCases) EXPECT_EQ(fires_on(c.item, c.value), c.want) << c.item << ' ' << c.value.to_text();
}

// Hyperscan is asked first, PCRE2 confirms: what PCRE2 finds must be a candidate. Expressions put together by chance.
TEST(SigmaIndex, WhatPcreFindsIsACandidate) {
  static constexpr std::array<std::string_view, 58> kTokens{
      "a",           "b",           "k",      "S",        " ",     "\\n",  ".",     "^",     "$",     "\\b",
      "\\B",         "\\s",         "\\S",    "\\d",      "\\w",   "\\W",  "\\h",   "\\v",   "\\R",   "\\N",
      "\\A",         "\\Z",         "\\z",    "|",        "(?:",   "(",    ")",     ")?",    "*",     "+",
      "?",           "*?",          "++",     "{2}",      "{1,3}", "{,2}", "{2,}",  "[ab]",  "[^a]",  "[\\s]",
      "[[:space:]]", "[[:punct:]]", "[^\\n]", "(?i)",     "(?s)",  "(?m)", "(?x)",  "(?=b)", "(?!b)", "(?<=a)",
      "(?<!a)",      "(?>a|ab)",    "\\x0b",  "\\Qa.\\E", "\\1",   "\\K",  "(?#c)", "\\t"};
  static constexpr std::string_view kLetters = "aabbkKsS 1_.\n\t\x0b\r-";
  std::mt19937_64 random{11};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  RegexScratch scratch;
  std::size_t compiled = 0, found = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string pattern;
    for (std::size_t i = 1 + below(7); i != 0; --i) pattern += kTokens[below(kTokens.size())];
    const RegexFlags flags{below(3) == 0, below(3) == 0, below(3) == 0};
    RegexFault fault;
    const auto regex = Regex::compile(pattern, flags, fault);
    if (regex == nullptr) continue;
    ++compiled;
    const auto scanner = Scanner::of_regexes({{pattern, flags}});
    ScanScratch scan;
    scanner->make_room(scan);
    for (int i = 0; i < 40; ++i) {
      std::string text;
      for (std::size_t size = below(12); size != 0; --size) text += kLetters[below(kLetters.size())];
      if (regex->search(text, scratch) != Regex::Outcome::yes) continue;
      ++found;
      bool candidate = false;
      scanner->scan(text, scan, [&](std::uint32_t) { candidate = true; });
      ASSERT_TRUE(candidate) << pattern << " on '" << text << "' " << flags.ignore_case << flags.multiline
                             << flags.dotall;
    }
  }
  EXPECT_GT(compiled, 300U);
  EXPECT_GT(found, 3000U);
}

}  // namespace
}  // namespace nw::sigma
