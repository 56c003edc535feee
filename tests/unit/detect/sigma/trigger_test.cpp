// What sets a rule off: a set that is met whenever the rule can fire, the cheapest of its kind.
#include "detect/sigma/trigger.h"

#include <gtest/gtest.h>

#include "harness.h"

namespace nw::sigma {
namespace {

// The trigger's atoms as "field op value", in the order of the rule; "none" when nothing positive must hold.
std::string trigger(std::string_view detection) {
  Bench bench;
  const auto rules = bench.compile(rule_text(detection));
  EXPECT_NE(rules, nullptr) << bench.diagnostics.to_string();
  if (!rules) return {};
  const RuleSet::Data& data = rules->data();
  const TypePlan& plan = data.types[event::index(bench.type())];
  if (plan.rules.empty()) return "not placed";
  const auto chosen = choose_trigger(data.nodes, data.atoms, plan.rules[0].first, {});
  if (!chosen) return "none";
  std::string out;
  for (const std::uint32_t atom : chosen->atoms)
    out += (out.empty() ? "" : ", ") + data.atoms[atom].field_name + ' ' + std::string{data.atoms[atom].op} + ' ' +
           data.atoms[atom].written;
  return out;
}

TEST(SigmaTrigger, Chooses) {
  static constexpr struct {
    const char* name;
    const char* detection;
    const char* want;
  } kCases[] = {
      {"one", "  s: {f: cmd}\n  condition: s", "f equals cmd"},
      {"and: the rarer", "  s: {f|contains: ab, g|contains: abcdefgh}\n  condition: s", "g contains abcdefgh"},
      {"or: all of them", "  s: {f: [one, two]}\n  condition: s", "f equals one, f equals two"},
      {"not is left out", "  s: {f: a}\n  n: {g: b}\n  condition: s and not n", "f equals a"},
      {"nothing positive", "  n: {g: b}\n  condition: not n", "none"},
      {"absence", "  s: {f: null}\n  condition: s", "none"},
      {"one way without a trigger", "  s: {f: a}\n  n: {f: null}\n  condition: s or n", "none"},
      {"a way out of the or", "  s: {f: a}\n  n: {f: null}\n  t: {g: rare-text}\n  condition: (s or n) and t",
       "g equals rare-text"},
      {"not not", "  s: {f: a}\n  condition: not not s", "f equals a"},
      {"de Morgan", "  s: {f: a}\n  t: {g: b}\n  n: {h: c}\n  condition: not (n or not s or not t)", "f equals a"},
      {"2 of 3: two watched", "  a: {f: aaaa}\n  b: {g: bbbbb}\n  c: {h: cc}\n  condition: 2 of them",
       "f equals aaaa, g equals bbbbb"},
      {"2 of 3, one cannot be watched", "  a: {f: aaaa}\n  b: {g: bbbbb}\n  c: {h: null}\n  condition: 2 of them",
       "f equals aaaa, g equals bbbbb"},
      {"1 of 2, one cannot be watched", "  a: {f: aaaa}\n  c: {h: null}\n  condition: 1 of them", "none"},
      {"neq is asked", "  s: {f|neq: a}\n  condition: s", "none"},
      {"exists is asked", "  s: {f|exists: true}\n  condition: s", "none"},
      {"keywords", "  s: [evil]\n  condition: s", " contains evil"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(trigger(c.detection), c.want);
  }
}

TEST(SigmaTrigger, MoreThanThereIsNeverFires) {
  EXPECT_EQ(trigger("  a: {f: x}\n  b: {g: y}\n  condition: 3 of them"), "not placed");
}

}  // namespace
}  // namespace nw::sigma
