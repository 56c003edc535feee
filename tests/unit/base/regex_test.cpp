#include "base/regex.h"

#include <array>
#include <gtest/gtest.h>

namespace nw {
namespace {

std::unique_ptr<const Regex> compiled(std::string_view pattern) {
  RegexFault fault;
  auto regex = Regex::compile(pattern, {}, fault);
  EXPECT_NE(regex, nullptr) << fault.text;
  return regex;
}

TEST(Regex, TellsWhatItsGroupsTook) {
  const auto regex = compiled(R"((?<pump>\d+)(?: at (?<speed>[\d.]+))?(;)?)");
  using Groups = std::vector<std::pair<std::string, std::size_t>>;
  EXPECT_EQ(regex->named_groups(), (Groups{{"pump", 1}, {"speed", 2}}));
  RegexScratch scratch{3};
  std::array<std::string_view, 3> groups{};
  ASSERT_EQ(regex->search("pump 3 at 1.5", scratch, groups), Regex::Outcome::yes);
  EXPECT_EQ(groups[0], "3");
  EXPECT_EQ(groups[1], "1.5");
  EXPECT_EQ(groups[2].data(), nullptr);
  ASSERT_EQ(regex->search("pump 4;", scratch, groups), Regex::Outcome::yes);
  EXPECT_EQ(groups[0], "4");
  EXPECT_EQ(groups[1].data(), nullptr);
  EXPECT_EQ(groups[2], ";");
  EXPECT_EQ(regex->search("pump", scratch, groups), Regex::Outcome::no);
}

TEST(Regex, AnEmptyGroupIsThere) {
  const auto regex = compiled("a(?<x>b*)c");
  RegexScratch scratch{1};
  std::array<std::string_view, 1> groups{};
  ASSERT_EQ(regex->search("ac", scratch, groups), Regex::Outcome::yes);
  EXPECT_NE(groups[0].data(), nullptr);
  EXPECT_TRUE(groups[0].empty());
}

TEST(Regex, RoomForFewerGroups) {
  const auto regex = compiled("(a)(b)(c)");
  RegexScratch scratch{1};
  std::array<std::string_view, 3> groups{};
  ASSERT_EQ(regex->search("abc", scratch, groups), Regex::Outcome::yes);
  EXPECT_EQ(groups[0], "a");
  EXPECT_EQ(groups[1].data(), nullptr);
  RegexScratch none;
  EXPECT_EQ(regex->search("abc", none), Regex::Outcome::yes);
}

TEST(Regex, BrokenUtf8IsMatchedByNothing) {
  const auto regex = compiled("a(?<x>.)b");
  RegexScratch scratch{1};
  std::array<std::string_view, 1> groups{};
  EXPECT_EQ(regex->search("a\xff"
                          "b a\xC3\xA4"
                          "b",
                          scratch, groups),
            Regex::Outcome::yes);
  EXPECT_EQ(groups[0], "\xC3\xA4");
}

TEST(Regex, GivesUp) {
  const auto regex = compiled("(a+)+(a+)+$");
  RegexScratch scratch{1};
  std::array<std::string_view, 1> groups{};
  EXPECT_EQ(regex->search(std::string(200, 'a') + "b", scratch, groups), Regex::Outcome::limit);
}

}  // namespace
}  // namespace nw
