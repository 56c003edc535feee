// A rule explained: every line of the program, what holds, what the event has, and how it is run.
#include "detect/sigma/explain.h"

#include <gtest/gtest.h>

#include "harness.h"

namespace nw::sigma {
namespace {

constexpr std::string_view kDetection = R"(  selection:
    CommandLine|contains: [' -enc ', ' -e ']
    Image|endswith: \powershell.exe
  filter:
    User: null
  condition: selection and not filter)";

std::string lines_of(const std::vector<ProgramLine>& lines, bool plan) {
  std::string out;
  for (const ProgramLine& line : lines) {
    out += std::string(2 * line.depth, ' ') + (line.label.empty() ? "" : line.label + ": ") + line.text;
    if (plan && line.atom) out += line.trigger ? " <" + std::string{line.way} + '>' : "";
    if (!plan) out += line.holds ? " = yes" : " = no";
    if (!line.value.empty()) out += " [" + line.value + ']';
    out += '\n';
  }
  return out;
}

TEST(SigmaExplain, SaysWhatLowersTheLevel) {
  Bench bench;
  const auto rules = bench.compile(rule_text(kDetection) +
                                   "level: high\nnormwatch: {downgrade_when: {User: [admin, root], to: low}}\n");
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  event::Event event;
  bench.fill(event, R"({CommandLine: 'x -enc y', Image: 'C:\powershell.exe', User: root})");
  const Explanation lowered = explain(*rules, 0, event, bench.schema);
  EXPECT_EQ(lowered.level, Level::low);
  EXPECT_EQ(lines_of(lowered.lowers, false), R"(downgrade_when: any of = yes
  User equals 'admin' = no ['root']
  User equals 'root' = yes ['root']
)");
  bench.fill(event, R"({CommandLine: 'x -enc y', Image: 'C:\powershell.exe', User: guest})");
  EXPECT_EQ(explain(*rules, 0, event, bench.schema).level, Level::high);
  EXPECT_FALSE(plans(*rules, 0, bench.schema)[0].lowers.empty());
}

TEST(SigmaExplain, SaysWhyAndWhyNot) {
  Bench bench;
  const auto rules = bench.compile(rule_text(kDetection));
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  event::Event event;
  bench.fill(event, R"({CommandLine: 'x -ENC y', Image: 'C:\PowerShell.exe', User: root})");
  const Explanation why = explain(*rules, 0, event, bench.schema);
  EXPECT_TRUE(why.of_log_source);
  EXPECT_TRUE(why.fires);
  EXPECT_EQ(lines_of(why.lines, false), R"(all of = yes
  selection: all of = yes
    any of = yes
      CommandLine contains ' -enc ' = yes ['x -ENC y']
      CommandLine contains ' -e ' = no ['x -ENC y']
    Image endswith '\powershell.exe' = yes ['C:\PowerShell.exe']
  not = yes
    filter: User null = no ['root']
)");
  bench.fill(event, R"({CommandLine: 'x -ENC y', User: null})");
  const Explanation why_not = explain(*rules, 0, event, bench.schema);
  EXPECT_FALSE(why_not.fires);
  EXPECT_EQ(lines_of(why_not.lines, false), R"(all of = no
  selection: all of = no
    any of = yes
      CommandLine contains ' -enc ' = yes ['x -ENC y']
      CommandLine contains ' -e ' = no ['x -ENC y']
    Image endswith '\powershell.exe' = no [absent]
  not = no
    filter: User null = yes [null]
)");
}

TEST(SigmaExplain, AnotherLogSource) {
  Bench bench;
  const auto other = bench.schema.add_type({"other", "other", {}, {}, {}, true});
  const auto rules = bench.compile(rule_text(kDetection));
  ASSERT_NE(rules, nullptr);
  event::Event event;
  event.begin(other, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
  const Explanation got = explain(*rules, 0, event, bench.schema);
  EXPECT_FALSE(got.of_log_source);
  EXPECT_TRUE(got.lines.empty());
}

TEST(SigmaExplain, AgreesWithTheMatcherOnAliases) {
  Bench bench;
  bench.schema.add_alias(bench.type(), {bench.schema.add_field("Image"), bench.schema.add_field("NewProcessName")});
  const auto rules = bench.compile(item_text(R"(Image|endswith: \cmd.exe)"));
  ASSERT_NE(rules, nullptr);
  EXPECT_TRUE(rules->interest().wants(bench.type(), *bench.schema.find_field("NewProcessName")));
  EXPECT_FALSE(rules->interest().wants(bench.type(), *bench.schema.find_field("Image")));
  event::Event event;
  bench.fill(event, R"({NewProcessName: 'C:\cmd.exe'})");
  Matcher matcher{rules};
  EXPECT_EQ(matcher.match(event).size(), 1U);
  const Explanation got = explain(*rules, 0, event, bench.schema);
  EXPECT_TRUE(got.fires);
  EXPECT_EQ(got.lines[0].text, R"(Image (here NewProcessName) endswith '\cmd.exe')");
  bench.fill(event, R"({Image: 'C:\cmd.exe'})");
  EXPECT_TRUE(matcher.match(event).empty());
}

TEST(SigmaExplain, PlansSayHow) {
  Bench bench;
  const auto rules = bench.compile(rule_text(kDetection));
  ASSERT_NE(rules, nullptr);
  const auto got = plans(*rules, 0, bench.schema);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].type, "test");
  EXPECT_EQ(got[0].cost, CostClass::hashed);
  EXPECT_EQ(lines_of(got[0].lines, true), R"(all of
  selection: all of
    any of
      CommandLine contains ' -enc '
      CommandLine contains ' -e '
    Image endswith '\powershell.exe' <trie of ends>
  not
    filter: User null
)");
}

TEST(SigmaExplain, CostClasses) {
  static constexpr struct {
    const char* item;
    CostClass want;
  } kCases[] = {
      {"f: a", CostClass::hashed},
      {"f|startswith: abc", CostClass::hashed},
      {"f|gt: 7", CostClass::hashed},
      {"f|cidr: 10.0.0.0/8", CostClass::hashed},
      {"f|contains: abc", CostClass::scanned},
      {"f|re: 'ab+c'", CostClass::confirmed},
      {"f: 'a*b?c'", CostClass::confirmed},
      {"f|contains|cased: abc", CostClass::confirmed},
      {"f: null", CostClass::always},
      {"f|neq: a", CostClass::always},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.item);
    Bench bench;
    const auto rules = bench.compile(item_text(c.item));
    ASSERT_NE(rules, nullptr);
    const auto got = plans(*rules, 0, bench.schema);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].cost, c.want);
  }
}

TEST(SigmaCost, OneEventInMany) {
  Bench bench;
  const auto rules = bench.compile(item_text("f: a"));
  ASSERT_NE(rules, nullptr);
  static std::uint64_t now = 0;
  Matcher matcher{rules, [] { return now += 5; }};
  event::Event event;
  bench.fill(event, "{f: a}");
  for (std::uint64_t i = 0; i < 2 * kCostSample; ++i) ASSERT_EQ(matcher.match(event).size(), 1U);
  EXPECT_EQ(matcher.costs()[0].evaluations, 2 * kCostSample);
  EXPECT_EQ(matcher.costs()[0].sampled, 2U);
  EXPECT_EQ(matcher.costs()[0].ticks, 10U);
  EXPECT_EQ(matcher.counters().sampled_events, 2U);
  EXPECT_EQ(matcher.counters().look_up_ticks, 10U);
  bench.fill(event, "{f: b}");
  static_cast<void>(matcher.match(event));
  EXPECT_EQ(matcher.costs()[0].evaluations, 2 * kCostSample);  // nothing set it off
}

}  // namespace
}  // namespace nw::sigma
