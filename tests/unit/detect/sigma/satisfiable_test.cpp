// What can be proven never to hold, what cannot, and that a proof never claims too much.
#include "detect/sigma/satisfiable.h"

#include <chrono>
#include <gtest/gtest.h>
#include <random>

#include "harness.h"

namespace nw::sigma {
namespace {

bool can_hold(const std::string& detection) {
  Diagnostics diagnostics;
  const ReadResult read = read_rules({"r.yml", rule_text(detection)}, {}, diagnostics);
  EXPECT_EQ(read.rules.size(), 1U) << diagnostics.to_string();
  return read.rules.empty() || satisfiable(read.rules[0]);
}

TEST(Satisfiable, Cases) {
  static constexpr struct {
    const char* name;
    const char* detection;
    bool want;
  } kCases[] = {
      {"a value", "  s: {f: a}\n  condition: s", true},
      {"itself and not itself", "  s: {f: a}\n  condition: s and not s", false},
      {"equal comparisons under two names", "  s: {f: a}\n  t: {f: A}\n  condition: s and not t", false},
      {"another case, where case counts", "  s: {f|cased: a}\n  t: {f|cased: A}\n  condition: s and not t", true},
      {"two values: a field may hold a list", "  s: {f|all: [a, b]}\n  condition: s", true},
      {"null and a value: a list may hold both", "  s: {f: a}\n  t: {f: null}\n  condition: s and t", true},
      {"there and not there", "  s: {f|exists: true}\n  t: {f|exists: false}\n  condition: s and t", false},
      {"a value and not there", "  s: {f: a}\n  t: {f|exists: false}\n  condition: s and t", false},
      {"a regex and not there", "  s: {f|re: a}\n  t: {f|exists: false}\n  condition: s and t", false},
      {"not there is null", "  s: {f|exists: false}\n  t: {f: null}\n  condition: s and not t", false},
      {"there and null", "  s: {f|exists: true}\n  t: {f: null}\n  condition: s and t", true},
      {"neq and the value", "  s: {f|neq: a}\n  t: {f: a}\n  condition: s and t", false},
      {"neq and another value", "  s: {f|neq: a}\n  t: {f: b}\n  condition: s and t", true},
      {"neq and not there", "  s: {f|neq: a}\n  t: {f|exists: false}\n  condition: s and t", false},
      {"neither neq nor the value: not there", "  s: {f|neq: a}\n  t: {f: a}\n  condition: not s and not t", true},
      {"the filter takes all: its end",
       "  s: {f|endswith: '\\cmd.exe'}\n  t: {f|contains: cmd}\n  condition: s and not t", false},
      {"the filter takes all: its beginning", "  s: {f: abcd}\n  t: {f|startswith: AB}\n  condition: s and not t",
       false},
      {"the filter takes all: any text", "  s: {f|contains: a}\n  t: {f: '*'}\n  condition: s and not t", false},
      {"the filter takes all: every value", "  s: {f: [abc, abd]}\n  t: {f|startswith: ab}\n  condition: s and not t",
       false},
      {"the filter leaves one value", "  s: {f: [abc, xyz]}\n  t: {f|startswith: ab}\n  condition: s and not t", true},
      {"narrower filter", "  s: {f|contains: cmd}\n  t: {f|endswith: cmd}\n  condition: s and not t", true},
      {"across a wildcard", "  s: {f: 'ab*cd'}\n  t: {f|contains: bc}\n  condition: s and not t", true},
      {"a wildcard for a wildcard", "  s: {f: 'ab*cd'}\n  t: {f: 'a*d'}\n  condition: s and not t", false},
      {"one character is not any", "  s: {f: 'a*'}\n  t: {f: 'a?'}\n  condition: s and not t", true},
      {"narrower in case only", "  s: {f|cased: abc}\n  t: {f: ABC}\n  condition: s and not t", false},
      {"wider in case", "  s: {f: abc}\n  t: {f|cased: abc}\n  condition: s and not t", true},
      {"an address has many spellings",
       "  s: {f: '::ffff:10.0.0.1'}\n  t: {f|contains: 'ffff'}\n  condition: s and not t", true},
      {"another field", "  s: {f: a}\n  t: {g: a}\n  condition: s and not t", true},
      {"more than there are", "  s: {f: a}\n  t: {f: b}\n  condition: 3 of them", false},
      {"or something else", "  s: {f: a}\n  t: {g: b}\n  condition: (s and not s) or t", true},
      {"all of them and not one", "  s: {f: a}\n  t: {g: b}\n  condition: all of them and not 1 of s*", false},
      {"1 of them and not one", "  s: {f: a}\n  t: {g: b}\n  condition: 1 of them and not s", true},
      {"keywords", "  s: [abcd]\n  t: [bc]\n  condition: s and not t", false},
      {"not (s or not s)", "  s: {f: a}\n  condition: not (s or not s)", false},
      {"a selector that names nothing", "  s: {f: a}\n  condition: s and not 1 of x*", true},
      {"numbers", "  s: {f: 1}\n  t: {f: 1}\n  condition: s and not t", false},
      {"the hour is not the field", "  s: {f|hour: 1}\n  t: {f: 1}\n  condition: s and not t", true},
      {"an hour and not there", "  s: {f|hour: 1}\n  t: {f|exists: false}\n  condition: s and t", false},
      {"base64offset: any of three", "  s: {f|base64offset|contains: secret}\n  condition: s and not s", false},
  };
  for (const auto& c : kCases) EXPECT_EQ(can_hold(c.detection), c.want) << c.name;
}

TEST(Satisfiable, GivesUpAtItsBounds) {
  std::string values;
  for (std::size_t i = 0; i <= kProofAtomsMax; ++i) values += (i == 0 ? "" : ", ") + std::to_string(i) + "x";
  EXPECT_TRUE(can_hold("  s: {f: [" + values + "]}\n  condition: s and not s"));
  values.resize(values.rfind(','));
  EXPECT_FALSE(can_hold("  s: {f: [" + values + "]}\n  condition: s and not s"));
  std::string condition = "s and not s";
  for (std::size_t i = 0; i < kProofNodesMax / 2; ++i) condition += " and s";
  EXPECT_TRUE(can_hold("  s: {f: a}\n  condition: " + condition));
  // A pigeonhole: more steps than it may take.
  std::string detection, hard;
  constexpr int kHoles = 6;
  for (int p = 0; p <= kHoles; ++p) {
    std::string any;
    for (int h = 0; h < kHoles; ++h) {
      const std::string name = "p" + std::to_string(p) + "h" + std::to_string(h);
      detection += "  " + name + ": {" + name + ": a}\n";
      any += (h == 0 ? "" : " or ") + name;
      for (int q = 0; q < p; ++q)
        hard += " and not (" + name + " and p" + std::to_string(q) + "h" + std::to_string(h) + ")";
    }
    hard = (p == 0 ? "(" + any + ")" : hard + " and (" + any + ")");
  }
  const auto before = std::chrono::steady_clock::now();
  EXPECT_TRUE(can_hold(detection + "  condition: " + hard));
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{5});
}

// Whatever fires on some event was not proven impossible.
TEST(Satisfiable, NeverContradictsTheMatcher) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random{seed};
  static constexpr std::array<const char*, 14> kItems{
      "f: a",       "f: 'a*'",       "f|contains: a",   "f|endswith: b",  "f: null", "f|exists: true",
      "f|neq: a",   "f|neq: [a, b]", "f|exists: false", "f|all: [a, ab]", "f|re: a", "f|contains: [b, c]",
      "f|cased: A", "f: ''"};
  static constexpr std::array<const char*, 9> kEvents{"{}",      "{f: null}",      "{f: a}", "{f: ab}", "{f: [a, b]}",
                                                      "{f: ''}", "{f: [null, a]}", "{f: A}", "{f: cab}"};
  static constexpr std::array<const char*, 6> kConditions{
      "s and not t", "s and t", "not s and not t", "s and (not t or u)", "2 of them and not u", "not (s or t) and u"};
  std::size_t proven = 0;
  for (int round = 0; round < 2'000; ++round) {
    const auto item = [&] { return std::string{kItems[random() % kItems.size()]}; };
    const std::string text = rule_text("  s: {" + item() + "}\n  t: {" + item() + "}\n  u: {" + item() +
                                       "}\n  condition: " + kConditions[random() % kConditions.size()]);
    Diagnostics diagnostics;
    const ReadResult read = read_rules({"r.yml", text}, {}, diagnostics);
    ASSERT_EQ(read.rules.size(), 1U);
    if (satisfiable(read.rules[0])) continue;
    ++proven;
    Bench bench;
    const auto rules = bench.compile(text);
    ASSERT_TRUE(rules) << bench.diagnostics.to_string();
    EXPECT_EQ(rules->state(0), RuleState::unsatisfiable);
  }
  EXPECT_GT(proven, 50U) << "seed " << seed;
  // The state keeps such a rule from being evaluated at all, so the matcher is asked through a twin that is not.
  for (const char* a : kItems)
    for (const char* b : kItems)
      for (const char* event : kEvents) {
        const auto rule = [&](const std::string& condition) {
          return rule_text("  s: {" + std::string{a} + "}\n  t: {" + std::string{b} + "}\n  condition: " + condition);
        };
        // s and not t, by parts.
        Diagnostics diagnostics;
        const ReadResult read = read_rules({"r.yml", rule("s and not t")}, {}, diagnostics);
        ASSERT_EQ(read.rules.size(), 1U);
        if (satisfiable(read.rules[0])) continue;
        EXPECT_FALSE(fires(item_text(a), event) && !fires(item_text(b), event))
            << a << " and not " << b << ": " << event;
      }
}

}  // namespace
}  // namespace nw::sigma
