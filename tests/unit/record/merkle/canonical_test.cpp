#include "record/merkle/canonical.h"

#include <bit>
#include <boost/json/parse.hpp>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "record/merkle/exact_json.h"
#include "unit/record/merkle/support.h"

namespace nw::merkle {
namespace {

namespace json = boost::json;

std::string canonical(const std::string& text) {
  const auto value = parse_exact_json(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().what);
  if (!value) return {};
  const auto out = canonical_json(*value);
  EXPECT_TRUE(out) << (out ? "" : out.error().what);
  return out ? *out : std::string{};
}

// RFC 8785, appendix B.
TEST(Canonical, NumbersOfTheRfc) {
  static constexpr struct {
    std::uint64_t bits;
    const char* text;
  } kCases[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& c : kCases) EXPECT_EQ(*canonical_number(std::bit_cast<double>(c.bits)), c.text);
  EXPECT_FALSE(canonical_number(std::bit_cast<double>(0x7fffffffffffffffULL)));
  EXPECT_FALSE(canonical_number(std::bit_cast<double>(0x7ff0000000000000ULL)));
  EXPECT_FALSE(canonical_number(-std::numeric_limits<double>::infinity()));
}

TEST(Canonical, MoreNumbers) {
  static constexpr struct {
    double number;
    const char* text;
  } kCases[] = {
      {1, "1"},
      {-1, "-1"},
      {0.1, "0.1"},
      {1.5, "1.5"},
      {100, "100"},
      {1e20, "100000000000000000000"},
      {1e21, "1e+21"},
      {1.5e300, "1.5e+300"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {1.25e-7, "1.25e-7"},
      {123456.789, "123456.789"},
      {-0.5, "-0.5"},
  };
  for (const auto& c : kCases) EXPECT_EQ(*canonical_number(c.number), c.text);
}

// Whatever the bits: the text reads back as the same number, and no shorter run of digits does.
TEST(Canonical, NumbersReadBack) {
  std::mt19937_64 random{20'260'115};
  for (int i = 0; i < 200'000; ++i) {
    const auto number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    const std::string text = *canonical_number(number);
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), number) << text;
    ASSERT_LE(text.size(), 25U);
  }
}

// RFC 8785, section 3.2.2 and its result in 3.2.4.
TEST(Canonical, ExampleOfTheRfc) {
  const std::string in = R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  })";
  EXPECT_EQ(canonical(in), R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
                           R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
}

// RFC 8785, section 3.2.3: by UTF-16 code units, so that the emoji (D83D) stands before U+FB33.
TEST(Canonical, OrderOfMembers) {
  EXPECT_EQ(canonical(R"({
    "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"})"),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"\u00f6\":\"Latin Small Letter O With "
            "Diaeresis\","
            "\"\u20ac\":\"Euro Sign\",\"\U0001F600\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With "
            "Dagesh\"}");
}

TEST(Canonical, OrderOfPrefixesAndCase) {
  EXPECT_EQ(canonical(R"({"b":1,"ab":2,"a":3,"":4,"B":5,"aa":6,"a\u0000":7})"),
            R"({"":4,"B":5,"a":3,"a\u0000":7,"aa":6,"ab":2,"b":1})");
}

TEST(Canonical, Texts) {
  json::string all;
  for (char c = 0; c < 0x20; ++c) all.push_back(c);
  all.append("\x7f/\u2028");
  EXPECT_EQ(*canonical_json(json::value(all)),
            R"("\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f)"
            R"(\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f)"
            "\x7f/\u2028\"");
}

TEST(Canonical, NestedAndEmpty) {
  EXPECT_EQ(canonical(R"( [ ] )"), "[]");
  EXPECT_EQ(canonical(R"({"b":{"d":[{"f":1,"e":[]}],"c":{}},"a":""})"),
            R"({"a":"","b":{"c":{},"d":[{"e":[],"f":1}]}})");
  EXPECT_EQ(canonical("[9007199254740991,-9007199254740991,0,-0,18]"), "[9007199254740991,-9007199254740991,0,0,18]");
}

// The ledger's entries of the worked example are written with their members in another order.
TEST(Canonical, IsAFixedPoint) {
  for (const std::string& entry : test::kEntries) {
    const std::string once = canonical(entry);
    EXPECT_EQ(canonical(once), once);
    EXPECT_EQ(json::parse(once), json::parse(entry));
  }
}

TEST(Canonical, Refuses) {
  const auto told = [](const json::value& value) {
    const auto out = canonical_json(value);
    return out ? std::string{} : out.error().what;
  };
  EXPECT_NE(told(json::parse("[1,{\"a\":9007199254740992}]")).find("at '/1/a': the integer is beyond 2^53-1"),
            std::string::npos);
  EXPECT_NE(told(json::parse("-9007199254740992")).find("beyond 2^53-1"), std::string::npos);
  EXPECT_NE(told(json::value(std::numeric_limits<std::uint64_t>::max())).find("beyond 2^53-1"), std::string::npos);
  EXPECT_NE(told(json::value(std::numeric_limits<std::int64_t>::min())).find("beyond 2^53-1"), std::string::npos);
  EXPECT_NE(told(json::value{std::nan("")}).find("not finite"), std::string::npos);
  EXPECT_NE(told(json::value{"\xff"}).find("no UTF-8"), std::string::npos);
  json::object object;
  object["\xed\xa0\x80"] = 1;
  EXPECT_NE(told(object).find("name of a member is no UTF-8"), std::string::npos);
  json::value deep = 1;
  for (std::size_t i = 0; i < kCanonicalDepthMax; ++i) deep = json::array{std::move(deep)};
  EXPECT_EQ(told(deep), "");
  deep = json::array{std::move(deep)};
  EXPECT_NE(told(deep).find("over 64 objects and arrays"), std::string::npos);
}

TEST(ExactJson, ReadsEveryNumberAsTheNearestDouble) {
  std::mt19937_64 random{20'260'116};
  for (int i = 0; i < 50'000; ++i) {
    const auto number = std::bit_cast<double>(random());
    if (!std::isfinite(number) || std::abs(number) < std::numeric_limits<double>::min()) continue;
    // Written without a point, which reads as an integer beyond the limit.
    if (std::abs(number) >= 0x1p53 && std::abs(number) < 1e21) continue;
    const std::string text = "[" + *canonical_number(number) + "]";
    ASSERT_EQ(canonical(text), text);
  }
  // Long runs of digits, and what lies between two doubles.
  EXPECT_EQ(canonical("0.1000000000000000055511151231257827021181583404541015625"), "0.1");
  EXPECT_EQ(canonical("[1.7976931348623157e308,5e-324,0.5]"), "[1.7976931348623157e+308,5e-324,0.5]");
}

TEST(ExactJson, Refuses) {
  static const struct {
    const char* name;
    std::string text;
    const char* told;
  } kCases[] = {
      {"empty", "", "at byte 0"},
      {"cut", "{\"a\":", "at byte 5"},
      {"two values", "1 2", "at byte 2"},
      {"a name twice", R"({"a":1,"b":{"a":1},"a":2})", "a member's name stands twice"},
      {"a name twice, once escaped", R"({"a":1,"\u0061":2})", "a member's name stands twice"},
      {"too large a number", "1e999", "a number is no double"},
      {"too small a number", "1e-999", "a number is no double"},
      {"leading zero", "01", "at byte"},
      {"comment", "/* */ 1", "at byte"},
      {"trailing comma", "[1,]", "at byte"},
      {"not a number", "NaN", "at byte"},
      {"no UTF-8", "\"\xff\"", "at byte"},
      {"a lone surrogate", R"("\ud800")", "at byte"},
      {"too deep", std::string(kCanonicalDepthMax + 1, '[') + std::string(kCanonicalDepthMax + 1, ']'), "at byte"},
      {"too long", std::string(kExactJsonBytesMax + 1, ' '), "at most 1 MiB"},
  };
  for (const auto& c : kCases) {
    const auto value = parse_exact_json(c.text);
    ASSERT_FALSE(value) << c.name;
    EXPECT_NE(value.error().what.find(c.told), std::string::npos) << c.name << ": " << value.error().what;
  }
  EXPECT_TRUE(parse_exact_json(R"([{"a":1},{"a":2}])"));
  EXPECT_TRUE(parse_exact_json(" 1 "));
}

}  // namespace
}  // namespace nw::merkle
