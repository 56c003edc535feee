// How rules and what they cost are printed.
#include "app/rule_text.h"

#include <gtest/gtest.h>

#include "app/event_file.h"
#include "app/rule_costs.h"

namespace nw::app {
namespace {

sigma::ProgramLine line(std::size_t depth, std::string text, bool atom, bool holds, std::string value = {}) {
  sigma::ProgramLine out;
  out.depth = depth;
  out.text = std::move(text);
  out.atom = atom;
  out.holds = holds;
  out.value = std::move(value);
  return out;
}

TEST(RuleTree, FoldsWhatDoesNotHold) {
  std::vector<sigma::ProgramLine> lines{line(0, "any of", false, true)};
  lines[0].label = "sel";
  lines.push_back(line(1, "A contains 'x'", true, true, "'xyz'"));
  for (const char* each : {"a", "b", "c", "d"})
    lines.push_back(line(1, std::string{"A contains '"} + each + '\'', true, false, "'xyz'"));
  EXPECT_EQ(tree_text(lines, {TreeKind::verdict, false}),
            "  yes  sel: any of\n"
            "  yes    A contains 'x' (is 'xyz')\n"
            "  no     A contains none of 4 values (is 'xyz')\n");
  lines.pop_back();
  // Few enough to be told one by one.
  EXPECT_NE(tree_text(lines, {TreeKind::verdict, false}).find("contains 'c'"), std::string::npos);
}

TEST(RuleTree, CutsLongLists) {
  std::vector<sigma::ProgramLine> lines{line(0, "any of", false, false)};
  for (std::size_t i = 0; i < kOperandsShown + 2; ++i)
    lines.push_back(line(1, "A equals '" + std::to_string(i) + '\'', true, false));
  lines[1].trigger = true;
  lines[1].way = "hash";
  const std::string cut = tree_text(lines, {TreeKind::plan, false});
  EXPECT_NE(cut.find("A equals '0'  <- hash\n"), std::string::npos) << cut;
  EXPECT_NE(cut.find("    and 2 more\n"), std::string::npos) << cut;
  EXPECT_EQ(tree_text(lines, {TreeKind::plan, true}).find("more"), std::string::npos);
}

TEST(ObjectsAsLines, OnlyWhatSpreadsOverLines) {
  static constexpr struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"one object", "{\n \"a\": \"b c\"\n}\n", "{\"a\":\"b c\"}\n"},
      {"two objects", "{\n\"a\":1}\n{\"b\":\n2}", "{\"a\":1}\n{\"b\":2}\n"},
      {"lines already", "{\"a\":1}\n{\"b\":2}\n", ""},
      {"cut off", "{\n\"a\":1", ""},
      {"no JSON", "Jan 1 host: text", ""},
      {"empty", "", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(objects_as_lines(c.text), c.want) << c.name;
}

TEST(RuleCosts, DearestFirst) {
  // By time, then by evaluations; what was never evaluated is left out.
  const std::vector<sigma::RuleCost> costs{{5, 0, 0}, {0, 0, 0}, {9, 1, 50}, {7, 0, 0}};
  EXPECT_EQ(dearest(costs, 10), (std::vector<std::size_t>{2, 3, 0}));
  EXPECT_EQ(dearest(costs, 1), (std::vector<std::size_t>{2}));
}

}  // namespace
}  // namespace nw::app
