// The matcher against the reference interpreter over generated rules and events (README.md of tests/).
//   NW_SEED                 the first set's seed; the following sets count up from it
//   NW_DIFFERENTIAL_CASES   (rule set, event) pairs
#include <algorithm>
#include <array>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <optional>

#include "detect/sigma/check.h"
#include "detect/sigma/read.h"
#include "differential/generate.h"
#include "reference/sigma.h"

namespace nw::differential {
namespace {

using sigma::Matcher;
using sigma::Reference;
using sigma::RuleSet;
using sigma::RuleText;

constexpr std::size_t kEventsPerSet = 20;
constexpr std::size_t kDifferencesMax = 5;  // told before the test ends

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// One set of rules on both sides.
class Sides {
 public:
  explicit Sides(const std::string& rules) {
    add_types(schema);
    const std::array<RuleText, 1> texts{RuleText{"rules.yml", rules}};
    const sigma::CompileOptions options = compile_options();
    Diagnostics found;
    set = RuleSet::compile(texts, schema, options, found);
    Diagnostics again;
    sigma::ReadResult read = sigma::read_rules(texts[0], options, again);
    refused = read.refused + sigma::check_rules(read.rules, again);
    trees = std::move(read.rules);
    for (const sigma::Rule& rule : trees) references.emplace_back(rule, options);
    if (set != nullptr) matcher.emplace(set);
    diagnostics = found.to_string();
  }

  // By rule: what the matcher says.
  std::vector<bool> matched(const EventData& data) {
    data.fill(event, schema);
    std::vector<bool> out(trees.size(), false);
    std::size_t last = 0;
    for (const sigma::Hit& hit : matcher->match(event)) {
      EXPECT_TRUE(hit.rule < trees.size() && (last <= hit.rule)) << "hits out of order";
      last = hit.rule;
      if (hit.rule < out.size()) out[hit.rule] = true;
    }
    return out;
  }
  // Of the event that matched() saw last.
  [[nodiscard]] bool expected(std::size_t rule) const { return references[rule].fires(event, schema); }

  event::Schema schema;
  std::shared_ptr<const RuleSet> set;
  std::vector<sigma::Rule> trees;
  std::vector<Reference> references;
  std::optional<Matcher> matcher;
  event::Event event;
  std::size_t refused = 0;
  std::string diagnostics;
};

// Whether the rule alone, asked afresh, comes out differently.
bool differs(const std::string& rule, const EventData& event) {
  Sides sides{rule};
  if (sides.set == nullptr || sides.trees.size() != 1 || sides.set->size() != 1) return false;
  return sides.matched(event)[0] != sides.expected(0);
}

std::string without_line(const std::string& text, std::size_t number) {
  std::size_t at = 0;
  for (; number > 0 && at < text.size(); --number) at = text.find('\n', at) + 1;
  const std::size_t end = text.find('\n', at);
  return text.substr(0, at) + (end == std::string::npos ? "" : text.substr(end + 1));
}

// Smaller as long as the difference stays: lines of the rule, fields of the event, ends of its texts.
void shrink(std::string& rule, EventData& event) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    const auto keep = [&](const std::string& less_rule, const EventData& less_event) {
      if (!differs(less_rule, less_event)) return false;
      rule = less_rule;
      event = less_event;
      return smaller = true;
    };
    const auto lines = static_cast<std::size_t>(std::count(rule.begin(), rule.end(), '\n'));
    for (std::size_t i = 4; i < lines; ++i) static_cast<void>(keep(without_line(rule, i), event));
    for (const std::string_view condition : {"sel_a", "sel_b", "filter-1", "_hidden"})
      if (const std::size_t at = rule.find("  condition: "); rule.size() - at > 13 + condition.size() + 1)
        static_cast<void>(keep(rule.substr(0, at) + "  condition: " + std::string{condition} + '\n', event));
    for (std::size_t i = event.fields.size(); i-- > 0;) {
      EventData less = event;
      less.fields.erase(less.fields.begin() + static_cast<std::ptrdiff_t>(i));
      if (keep(rule, less)) continue;
      for (const bool front : {true, false}) {
        less = event;
        std::string& text = less.fields[i].second.text;
        if (text.empty() || less.fields[i].second.kind != event::Value::Kind::text) continue;
        text = front ? text.substr(1) : text.substr(0, text.size() - 1);
        static_cast<void>(keep(rule, less));
      }
    }
  }
}

std::string shown(const EventData& data) {
  event::Schema schema;
  add_types(schema);
  event::Event event;
  data.fill(event, schema);
  std::string out;
  append_ndjson(event, schema, out);
  for (const auto& [name, value] : data.fields)
    if (value.kind == event::Value::Kind::text) {
      out += "\n    " + name + " in bytes:";
      for (const char c : value.text) {
        static constexpr std::string_view kDigits = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        ((out += ' ') += kDigits[byte >> 4U]) += kDigits[byte & 15U];
      }
    }
  return data.raw.empty() ? out : out + "\n    its line: " + data.raw;
}

void tell(std::uint64_t seed, const Case& made, const std::string& id, EventData event, bool matcher) {
  std::string rule;
  for (const std::string& each : made.rules)
    if (each.find(id) != std::string::npos) rule = each;
  const bool alone = differs(rule, event);
  if (alone) shrink(rule, event);
  ADD_FAILURE() << "NW_SEED=" << seed << ": the matcher says " << (matcher ? "fires" : "silent")
                << ", the reference the opposite"
                << (alone ? "" : ", but only beside other rules or after other events") << "\n"
                << rule << "    on " << shown(event);
}

TEST(Differential, GeneratedRulesAndEvents) {
  const std::uint64_t seed = setting("NW_SEED", std::random_device{}());
  const std::uint64_t cases = setting("NW_DIFFERENTIAL_CASES", 100'000);
  std::cout << "NW_SEED=" << seed << " NW_DIFFERENTIAL_CASES=" << cases << std::endl;
  std::size_t asked = 0, fired = 0, rules = 0, once = 0, refused = 0, differences = 0;
  for (std::uint64_t set = 0; set * kEventsPerSet < cases && differences < kDifferencesMax; ++set) {
    const Case made = Generator{seed + set}.make(kEventsPerSet);
    std::string text;
    for (const std::string& rule : made.rules) text += (text.empty() ? "" : "---\n") + rule;
    Sides sides{text};
    ASSERT_NE(sides.set, nullptr) << sides.diagnostics;
    ASSERT_EQ(sides.set->size(), sides.trees.size()) << "NW_SEED=" << seed + set << '\n' << sides.diagnostics;
    rules += made.rules.size();
    refused += sides.refused;
    std::vector<bool> ever(sides.trees.size(), false);
    for (const EventData& event : made.events) {
      const std::vector<bool> matched = sides.matched(event);
      for (std::size_t i = 0; i < matched.size(); ++i) {
        const bool expected = sides.expected(i);
        ++asked;
        if (expected) {
          ++fired;
          if (!ever[i]) ++once;
          ever[i] = true;
        }
        if (expected == matched[i] || differences == kDifferencesMax) continue;
        ++differences;
        tell(seed + set, made, sides.trees[i].info.id, event, matched[i]);
      }
    }
  }
  std::cout << asked << " verdicts of " << rules << " rules, " << refused << " refused; " << fired * 100 / (asked + 1)
            << "% of the verdicts are that it fires, " << once * 100 / (rules + 1) << "% of the rules fire at all\n";
  // The generator keeps its aim, or the test would prove little.
  EXPECT_LT(refused * 20, rules + 20);
  EXPECT_GT(once * 4, rules);
  EXPECT_LT(once * 10, rules * 9 + 10);
}

// Few values at once, and each of them at the end of a long text, wherever the text lies in memory: what a scanner that
// works in blocks can overlook.
TEST(Differential, EndsOfLongTexts) {
  if (!sigma::kMatcherFindsTails) GTEST_SKIP() << "the matcher's scanner overlooks some";
  static constexpr auto kItems = std::to_array<std::array<std::string_view, 2>>({
      {"'f0|contains': [cmd.exe, powershell]", "powershell"},
      {"'f0|contains': [/xa, a]", "a"},
      {"'f0|contains|all': ['\\wmic', bitsadmin]", "\\wmic bitsadmin"},
      {"'f0|re': 'z[ab]'", "za"},
      {"'f0|re': '[^a]a'", "za"},
      {"'f0|re': 'z.?a'", "zqa"},
      {"'f0|re': '(foo|z)a'", "fooa"},
  });
  for (const auto& [item, needle] : kItems) {
    std::size_t missed = 0;
    Sides sides{
        "title: A rule\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {product: alpha}\ndetection:\n  sel: {" +
        std::string{item} + "}\n  condition: sel\n"};
    ASSERT_EQ(sides.trees.size(), 1U) << sides.diagnostics;
    const event::FieldId field = sides.schema.add_field("f0");
    for (std::size_t length = 60; length < 200; ++length)
      for (std::size_t shift = 0; shift < 64; shift += 3)
        for (std::size_t after = 0; after < 32; after += 5) {
          std::string bytes(shift + length, 'q');
          bytes.replace(bytes.size() - after - needle.size(), needle.size(), needle);
          sides.event.begin(event::TypeId{0}, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
          sides.event.set(field, event::Value::text(std::string_view{bytes}.substr(shift)));
          EXPECT_TRUE(sides.expected(0)) << item;
          if (sides.matcher->match(sides.event).empty()) ++missed;
        }
    EXPECT_EQ(missed, 0U) << item;
  }
}

}  // namespace
}  // namespace nw::differential
