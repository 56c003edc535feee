#include "ingest/logs/formats/message_pattern.h"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace nw::logs {
namespace {

constexpr auto kFields =
    std::to_array<event::FieldSpec>({{"a", "text", ""}, {"b", "text", ""}, {"c", "text", ""}, {"d", "text", ""}});
constexpr std::array<std::string_view, 1> kSpecials{"s"};

// "a=1 b=2", or "no".
std::string caught(std::string_view pattern, std::string_view text) {
  const PatternRow row{"k", pattern};
  const PatternTable table{{&row, 1}, kFields, kSpecials};
  Captures captures;
  if (table.match("k", text, captures) == nullptr) return captures.size() == 0 ? "no" : "left over";
  std::string out;
  for (const Capture& capture : captures.all()) {
    if (!out.empty()) out += ' ';
    out += capture.name < kFields.size() ? std::string{kFields[capture.name].name} : "s";
    out += '=';
    out += capture.text;
  }
  return out;
}

TEST(MessagePattern, Catches) {
  static constexpr struct {
    const char *pattern, *text, *want;
  } kCases[] = {
      {"x", "x", ""},
      {"x", "y", "no"},
      {"x", "xyz", ""},  // what follows is not looked at
      {"x {a} y", "x 1 2 y", "a=1 2"},
      {"x {a} y", "x 1 2 z", "no"},
      {"x {a}", "x 1 2 ", "a=1 2"},
      {"x {a}", "x ", ""},
      {"{a}: {b}", "1: 2: 3", "a=1 b=2: 3"},
      {"'{a}' x", "'1'2' x", "a=1'2"},
      {"'{a}'", "'1'2'", "a=1"},
      {"'{a:l}'", "'1'2'", "a=1'2"},
      {"'{a:l}'", "'1", "no"},
      {"{a:w} {b:w}", "1  2 3", "a=1 b=2"},
      {"{a:w}, {b:w};", "1, 2;", "a=1 b=2"},
      {"\"{a:w}\"", "\"1\"", "a=1"},
      {"x {a:w}", "x ", "no"},
      {"x {_:w} {_} y {a}", "x 1 2 y 3", "a=3"},
      {"x  y", "x y", "no"},
      {"x y", "x    y", ""},
      {"{s} y", "1 y", "s=1"},
      // Optional parts.
      {"x{? {a:w}?} y", "x 1 y", "a=1"},
      {"x{? {a:w}?} y", "x y", ""},
      {"x{? {a:w}?} y", "x 1 2 y", "no"},
      {"x{? {a:w}?}{?, {b:w}?}", "x, 2", "b=2"},
      {"x{? {a:w}?}{?, {b:w}?}", "x 1, 2", "a=1 b=2"},
      {"{a}{? (by {b})?}", "1 2 (by 3)", "a=1 2 b=3"},
      {"{a}{? (by {b})?}", "1 2", "a=1 2"},
      {"{?A = {a}, ?}{?B = {b}, ?}{c}", "A = 1, B = 2, 3", "a=1 b=2 c=3"},
      {"{?A = {a}, ?}{?B = {b}, ?}{c}", "B = 2, 3, 4", "b=2 c=3, 4"},
      {"{?A = {a}, ?}{c}", "A = 1", "c=A = 1"},  // begun, and taken back
      {"g {?<?}{a}{?>?} u", "g <1 2> u", "a=1 2"},
      {"g {?<?}{a}{?>?} u", "g 1 u", "a=1"},
      // Endpoints.
      {"{a:e} to {b:e}", "i:1.2.3.4/5 (6.7.8.9/10)(LOCAL\\x y) to 1.1.1.1",
       "a=i:1.2.3.4/5 (6.7.8.9/10)(LOCAL\\x y) b=1.1.1.1"},
      {"{a:e}{? ?}(type {b})", "i:1.2.3.4(type 8)", "a=i:1.2.3.4 b=8"},
      {"{a:e}{? ?}(type {b})", "i:1.2.3.4 (type 8)", "a=i:1.2.3.4 b=8"},
      {"{a:e} ({b}/{c})", "1.2.3.4 (8/0)", "a=1.2.3.4 b=8 c=0"},
      {"{a:e}: x", "1.2.3.4: x", "a=1.2.3.4"},
      {"({a:e}) x", "(1.2.3.4) x", "a=1.2.3.4"},
      {"x {a:e}", "x fe80::", "a=fe80::"},
      {"x {a:e}", "x 1.2.3.4.", "a=1.2.3.4"},
      {"x {a:e}", "x ", "no"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.pattern} + " | " + c.text);
    EXPECT_EQ(caught(c.pattern, c.text), c.want);
  }
}

TEST(MessagePattern, TriesTheRowsOfAKeyInOrder) {
  static constexpr auto kRows = std::to_array<PatternRow>({
      {"1 2", "x {a}", "first", 7},
      {"2", "{b}", "second"},
      {"1", "{c} y", "third"},
  });
  const PatternTable table{kRows, kFields};
  Captures captures;
  EXPECT_EQ(table.match("1", "x 5", captures)->action, "first");
  EXPECT_EQ(table.match("1", "x 5", captures)->kind, 7);
  EXPECT_EQ(table.match("2", "z", captures)->action, "second");
  EXPECT_EQ(table.match("1", "5 y", captures)->action, "third");
  EXPECT_EQ(table.match("1", "z", captures), nullptr);
  EXPECT_EQ(table.match("3", "x 5", captures), nullptr);
  EXPECT_EQ(table.match("", "x 5", captures), nullptr);
  EXPECT_EQ(table.first("2")->action, "first");
  EXPECT_EQ(table.first("3"), nullptr);
}

TEST(MessagePatternDeathTest, RefusesWhatIsNotWellFormed) {
  for (const char* pattern : {"{nobody}", "{a", "{a}{b}", "{? x", "x ?}", "{? {? x ?} ?}", "{a:z}"}) {
    SCOPED_TRACE(pattern);
    EXPECT_DEATH(caught(pattern, ""), "");
  }
}

}  // namespace
}  // namespace nw::logs
