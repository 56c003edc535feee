// What a rule's tree promises before it is compiled, what a regex must hold, and the ATT&CK taxonomy that ships.
#include "detect/sigma/lint.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "detect/sigma/grip.h"
#include "harness.h"
#include "source_directory.h"

namespace nw::sigma {
namespace {

TEST(Grip, OfConditions) {
  static constexpr struct {
    const char* name;
    const char* detection;
    Grip want;
  } kCases[] = {
      {"a value", "  sel: {f: a}\n  condition: sel", Grip::firm},
      {"a number", "  sel: {f: 1}\n  condition: sel", Grip::firm},
      {"a network", "  sel: {f|cidr: 10.0.0.0/8}\n  condition: sel", Grip::firm},
      {"three bytes", "  sel: {f|contains: abc}\n  condition: sel", Grip::firm},
      {"two bytes", "  sel: {f|contains: ab}\n  condition: sel", Grip::loose},
      {"two bytes at a wildcard", "  sel: {f|contains: 'ab*cd'}\n  condition: sel", Grip::loose},
      {"anything", "  sel: {f: '*'}\n  condition: sel", Grip::loose},
      {"one weak value of two", "  sel: {f|contains: [abcd, ab]}\n  condition: sel", Grip::loose},
      {"all of two", "  sel: {f|contains|all: [abcd, ab]}\n  condition: sel", Grip::firm},
      {"keywords", "  sel: [ab, abcd]\n  condition: sel", Grip::loose},
      {"two fields", "  sel: {f|re: '.', g: a}\n  condition: sel", Grip::firm},
      {"either field", "  sel: [{f|re: '.'}, {g: a}]\n  condition: sel", Grip::loose},
      {"not", "  sel: {f: a}\n  condition: not sel", Grip::none},
      {"not not", "  sel: {f: a}\n  condition: not (not sel)", Grip::firm},
      {"and not", "  sel: {f: a}\n  fil: {g: b}\n  condition: sel and not fil", Grip::firm},
      {"or not", "  sel: {f: a}\n  fil: {g: b}\n  condition: sel or not fil", Grip::none},
      {"not (a and not b) leaves b or not a", "  a: {f: a}\n  b: {g: b}\n  condition: not (a and not b)", Grip::none},
      {"not (not a or not b) is both", "  a: {f: a}\n  b: {g|re: .}\n  condition: not (not a or not b)", Grip::firm},
      {"absent", "  sel: {f: null}\n  condition: sel", Grip::none},
      {"not absent", "  sel: {f: null}\n  condition: not sel", Grip::loose},
      {"exists", "  sel: {f|exists: true}\n  condition: sel", Grip::loose},
      {"exists not", "  sel: {f|exists: false}\n  condition: sel", Grip::none},
      {"another field", "  sel: {f|fieldref: g}\n  condition: sel", Grip::loose},
      {"1 of", "  a: {f: a}\n  b: {f|re: .}\n  condition: 1 of them", Grip::loose},
      {"2 of", "  a: {f: a}\n  b: {f|re: .}\n  condition: 2 of them", Grip::firm},
      {"all of", "  a: {f: a}\n  b: {f: null}\n  condition: all of them", Grip::firm},
      {"3 of two never holds", "  a: {f: a}\n  b: {f: null}\n  condition: 3 of them", Grip::firm},
      {"not 1 of", "  a: {f: null}\n  b: {g: null}\n  condition: not 1 of them", Grip::loose},
      {"a selector that names nothing", "  a: {f: abc}\n  condition: a and not 1 of x*", Grip::firm},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    const ReadResult read = read_rules({"r.yml", rule_text(c.detection)}, {}, diagnostics);
    ASSERT_EQ(read.rules.size(), 1U) << diagnostics.to_string();
    EXPECT_EQ(grip(read.rules[0]), c.want);
  }
}

TEST(Grip, OfRegularExpressions) {
  static constexpr struct {
    const char* expression;
    std::size_t want;
  } kCases[] = {
      {"", 0},          {"abc", 3},        {"^abc$", 3},     {"ab.cde", 3},    {"abc?d", 2},   {"abc*", 2},
      {"ab+c", 2},      {"abc{2}", 3},     {"abc{0,1}", 2},  {"abc{,3}", 2},   {"a{b", 3},     {"abc|de", 2},
      {"abc|", 0},      {"(abc)de", 2},    {"ab(c|d)ef", 2}, {"(?i)abcd", 4},  {"ab\\.cd", 5}, {"ab\\dcd", 2},
      {"ab[cd]efg", 3}, {"ab[]x]efg", 3},  {"ab[^]]cde", 3}, {"a[\\]b]cd", 2}, {"\\", 0},      {"(abc", 0},
      {"[abc", 0},      {"a(\\)b)cde", 3}, {"abc+?de", 3},   {"abc\\\\", 4},   {"a{2", 1},
  };
  for (const auto& c : kCases) EXPECT_EQ(regex_literal(c.expression), c.want) << c.expression;
}

TEST(Attack, NamesAndNumbers) {
  for (const char* name : {"t1059", "t1059.001", "t0855"}) EXPECT_TRUE(is_technique(name)) << name;
  for (const char* name : {"", "t", "t105", "t1059.", "t1059.01", "t1059.0011", "s1059", "t10590"})
    EXPECT_FALSE(is_technique(name)) << name;
  for (const char* name : {"g0016", "s0002", "c0001", "ta0006", "ds0009", "t1059"})
    EXPECT_TRUE(is_attack_number(name)) << name;
  for (const char* name : {"", "g16", "impact", "ta06"}) EXPECT_FALSE(is_attack_number(name)) << name;
}

std::string shipped() {
  std::ifstream in{std::string{source_directory()} + "/config/taxonomy/attack.yaml", std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(Attack, TheShippedTaxonomyIsSound) {
  Diagnostics diagnostics;
  const auto attack = Attack::load(shipped(), "attack.yaml", diagnostics);
  ASSERT_TRUE(attack) << diagnostics.to_string();
  EXPECT_GE(attack->tactics.size(), 17U);
  EXPECT_GE(attack->revoked.size(), 140U);
  EXPECT_EQ(attack->revoked.at("t1562.001"), "t1685");
  EXPECT_EQ(attack->revoked.at("t0855"), "t1692.001");
  EXPECT_EQ(attack->misp_tag("t1692.001"), "misp-galaxy:mitre-attack-pattern=\"Command Message - T1692.001\"");
  EXPECT_EQ(attack->misp_tag("t0855"), attack->misp_tag("t1692.001"));  // of its successor
  EXPECT_EQ(attack->misp_tag("t9999"), "");
  for (const auto& [technique, name] : attack->names)  // a name of what is gone would bring it back
    EXPECT_FALSE(attack->revoked.contains(technique) || attack->deprecated.contains(technique)) << technique;
  for (const std::string& gone : attack->deprecated) EXPECT_TRUE(is_technique(gone)) << gone;
  for (const auto& [old, now] : attack->renamed_tactics)
    for (const std::string& tactic : now)
      EXPECT_NE(std::ranges::find(attack->tactics, tactic), attack->tactics.end()) << old;
}

// What an alert cites has a name, and a part has a whole.
TEST(Attack, EveryTechniqueThatAShippedRuleCitesHasAName) {
  Diagnostics diagnostics;
  const auto attack = Attack::load(shipped(), "attack.yaml", diagnostics);
  ASSERT_TRUE(attack) << diagnostics.to_string();
  std::set<std::string> cited;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{std::string{source_directory()} + "/rules"}) {
    if (entry.path().extension() != ".yml") continue;
    std::ifstream in{entry.path()};
    for (std::string line; std::getline(in, line);)
      if (const std::size_t at = line.find("- attack.t"); at != std::string::npos) {
        const std::size_t from = at + 9;
        const std::string tag = line.substr(from, line.find_first_not_of("t0123456789.", from) - from);
        if (is_technique(tag)) cited.insert(tag);
      }
  }
  EXPECT_GE(cited.size(), 100U);
  for (const std::string& technique : cited) EXPECT_NE(attack->misp_tag(technique), "") << technique;
  for (const auto& [old, now] : attack->revoked) EXPECT_TRUE(attack->names.contains(now)) << old << ' ' << now;
  for (const auto& [technique, name] : attack->names)
    EXPECT_TRUE(attack->names.contains(technique.substr(0, 5))) << technique;
}

TEST(Attack, RefusesWhatWouldMislead) {
  static constexpr struct {
    const char* name;
    const char* text;
  } kCases[] = {
      {"empty", ""},
      {"no version", "tactics: [impact]\n"},
      {"unknown key", "version: '1'\ntactis: []\n"},
      {"no technique", "version: '1'\nrevoked: {t1: t1059}\n"},
      {"a name of nothing", "version: '1'\nnames: {impact: X}\n"},
      {"no name", "version: '1'\nnames: {t1059: ''}\n"},
      {"a chain", "version: '1'\nrevoked: {t1001: t1002, t1002: t1003}\n"},
      {"to one without successor", "version: '1'\nrevoked: {t1001: t1002}\ndeprecated: [t1002]\n"},
  };
  for (const auto& c : kCases) {
    Diagnostics diagnostics;
    EXPECT_FALSE(Attack::load(c.text, "a.yaml", diagnostics)) << c.name;
    EXPECT_FALSE(diagnostics.ok()) << c.name;
  }
}

// A collection's documents complete each other, so nothing is missing from one of them.
TEST(Lint, LeavesCollectionsWhole) {
  const std::array<RuleText, 1> texts{RuleText{
      "c.yml", "action: global\nlevel: low\nstatus: test\n---\ntitle: A\ndetection: {sel: {f: a}, condition: sel}\n"}};
  Diagnostics diagnostics;
  lint_rules(texts, {}, {}, diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
}

}  // namespace
}  // namespace nw::sigma
