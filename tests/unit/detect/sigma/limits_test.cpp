// Every named bound of limits.h that input can reach: one below it passes, one above is refused or counted.
#include "detect/sigma/limits.h"

#include <gtest/gtest.h>

#include "detect/sigma/check.h"
#include "detect/sigma/compile.h"
#include "harness.h"

namespace nw::sigma {
namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string numbered(std::size_t count, std::string_view before, std::string_view after) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += std::string{before} + std::to_string(i) + std::string{after};
  return out;
}

// The code of the first error; empty when the text compiles.
std::string first_error(const std::string& text) {
  Bench bench;
  static_cast<void>(bench.compile(text));
  for (const Diagnostic& d : bench.diagnostics.all())
    if (d.severity == Severity::error) return d.code;
  return {};
}

TEST(SigmaLimits, Reading) {
  const auto identifiers = [](std::size_t n) {
    return rule_text(numbered(n, "  s", ": {f: 1}\n") + "  condition: 1 of them");
  };
  const auto fields = [](std::size_t n) {
    return rule_text("  s:\n" + numbered(n, "    f", ": 1\n") + "  condition: s");
  };
  const auto values = [](std::size_t n) { return item_text("f: [" + numbered(n, "", ",") + "x]"); };
  const auto nested = [](std::size_t n) {
    return rule_text("  s: " + repeat("[", n) + "{f: 1}" + repeat("]", n) + "\n  condition: s");
  };
  const auto field = [](std::size_t n) { return item_text(repeat("f", n) + ": 1"); };
  const auto value = [](std::size_t n) { return item_text("f: " + repeat("a", n)); };
  const auto wildcards = [](std::size_t n) { return item_text("f: '" + repeat("?", n) + "'"); };
  const auto regex = [](std::size_t n) { return item_text("f|re: " + repeat("a", n)); };
  const auto parentheses = [](std::size_t n) {
    return rule_text("  s: {f: 1}\n  condition: " + repeat("(", n) + "s" + repeat(")", n));
  };
  const auto nots = [](std::size_t n) { return rule_text("  s: {f: 1}\n  condition: " + repeat("not ", n) + "s"); };
  const auto conditions = [](std::size_t n) {
    return rule_text("  s: {f: 1}\n  condition: [" + repeat("s,", n) + "]");
  };
  const struct {
    const char* name;
    std::string good, bad;
    const char* code;
  } cases[] = {
      {"identifiers", identifiers(kIdentifiersMax), identifiers(kIdentifiersMax + 1), "limit"},
      {"fields", fields(kItemsMax), fields(kItemsMax + 1), "limit"},
      {"values", values(kValuesMax - 1), values(kValuesMax), "limit"},
      {"detection depth", nested(kDetectionDepthMax - 1), nested(kDetectionDepthMax), "limit"},
      {"field name", field(kFieldBytesMax), field(kFieldBytesMax + 1), "limit"},
      {"value", value(kValueBytesMax), value(kValueBytesMax + 1), "limit"},
      {"wildcards", wildcards(kWildcardsMax), wildcards(kWildcardsMax + 1), "limit"},
      {"regex", regex(kRegexBytesMax), regex(kRegexBytesMax + 1), "limit"},
      {"parentheses", parentheses(kConditionDepthMax), parentheses(kConditionDepthMax + 1), "condition-depth"},
      {"nots", nots(kConditionDepthMax), nots(kConditionDepthMax + 1), "condition-depth"},
      {"conditions", conditions(kConditionsMax), conditions(kConditionsMax + 1), "condition-syntax"},
      {"condition", rule_text("  s: {f: 1}\n  condition: s" + repeat(" or s", (kConditionBytesMax - 1) / 5)),
       rule_text("  s: {f: 1}\n  condition: s" + repeat(" or s", kConditionBytesMax / 5 + 1)), "condition-depth"},
      {"nodes", rule_text("  s: {f: [1, 2]}\n  condition: s"),
       rule_text("  s: {f: [" + numbered(2000, "", ",") + "x]}\n  condition: s" + repeat(" or s", 60)), "limit"},
      {"documents", "--- \n" + item_text("f: 1"), repeat("---\nx\n", kDocumentsMax + 1), "limit"},
      {"YAML depth", item_text("f: 1"), repeat("[", 65) + repeat("]", 65), "yaml-too-deep"},
      {"file", item_text("f: 1"), "# " + repeat("x", std::size_t{8} << 20), "yaml-too-large"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(first_error(c.good), "");
    EXPECT_EQ(first_error(c.bad), c.code);
  }
}

TEST(SigmaLimits, SchemaIsNotOverrun) {
  Bench bench;
  while (bench.schema.field_count() < kFieldsMax - 1)
    bench.schema.add_field("x" + std::to_string(bench.schema.field_count()));
  CompileOptions options;
  options.permissive = true;
  std::string other = item_text("g: 1");
  other.replace(other.find(kId), kId.size(), "11111111-2222-4333-8444-555555555556");
  const auto rules = bench.compile(item_text("f: 1") + "---\n" + other, options);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(rules->size(), 1U);
  EXPECT_EQ(rules->refused(), 1U);
  EXPECT_EQ(bench.schema.field_count(), kFieldsMax);
}

// `uses` times one comparison, joined by or.
Rule made_rule(std::size_t number, std::size_t uses) {
  Rule rule;
  rule.info.id = std::to_string(number);
  Identifier& identifier = rule.identifiers.emplace_back();
  identifier.name = "s";
  identifier.detection.kind = Detection::Kind::item;
  identifier.detection.item.field = "f";
  RuleValue& value = identifier.detection.item.values.emplace_back();
  value.kind = RuleValue::Kind::integer;
  Condition name;
  name.kind = Condition::Kind::identifier;
  name.name = "s";
  rule.condition.kind = Condition::Kind::disjunction;
  rule.condition.children.assign(uses, name);
  return rule;
}

TEST(SigmaLimits, RulesOfOneSet) {
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < kRulesMax + 2; ++i) rules.push_back(made_rule(i, 1));
  Diagnostics diagnostics;
  EXPECT_EQ(check_rules(rules, diagnostics), 2U);
  EXPECT_EQ(rules.size(), kRulesMax);
  ASSERT_EQ(diagnostics.errors(), 2U);
  EXPECT_EQ(diagnostics.all().front().code, "limit");
}

TEST(SigmaLimits, NodesOfOneSet) {
  constexpr std::size_t kUses = 100'000;
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < kSetNodesMax / kUses + 2; ++i) rules.push_back(made_rule(i, kUses));
  event::Schema schema;
  schema.add_type({"test", "test", {}, {}, {}, true});
  Diagnostics diagnostics;
  ScannerPool pool;
  const std::size_t total = rules.size();
  const auto data = compile_rules(std::move(rules), schema, {}, pool, diagnostics);
  EXPECT_EQ(diagnostics.errors(), data->refused);
  EXPECT_GE(data->refused, 1U);
  EXPECT_EQ(data->rules.size() + data->refused, total);
  EXPECT_LE(data->nodes.size(), kSetNodesMax + kUses + 1);
}

struct Outcome {
  bool fired;
  MatchCounters counters;
};

Outcome match(std::string_view item, const event::Value& value) {
  Bench bench;
  const auto rules = bench.compile(item_text(item));
  EXPECT_NE(rules, nullptr) << bench.diagnostics.to_string();
  Matcher matcher{rules};
  event::Event event;
  bench.fill(event, "{}");
  event.set(bench.schema.add_field("f"), value);
  const bool fired = !matcher.match(event).empty();
  return {fired, matcher.counters()};
}

TEST(SigmaLimits, RegexSteps) {
  // Doubles its work with every letter, and has no letter in common with the subject that could end it early.
  // What is not ASCII is not scanned first: PCRE2 has to say.
  const std::string subject = repeat("a", 80) + "\xc3\xa4!";
  const Outcome worse = match("f|re: '^(a?){30}(a|aa)*[b]$|(?:(a+)+)+[xy]z'", event::Value::text(subject));
  EXPECT_FALSE(worse.fired);
  EXPECT_EQ(worse.counters.regex_limits, 1U);
}

TEST(SigmaLimits, RegexSubject) {
  const std::string inside = repeat("a", kRegexSubjectBytesMax - 1) + "b";
  const Outcome good = match("f|re: 'b$'", event::Value::text(inside));
  EXPECT_TRUE(good.fired);
  EXPECT_EQ(good.counters.regex_cuts, 0U);
  const std::string beyond = "a" + inside;
  const Outcome cut = match("f|re: 'b$'", event::Value::text(beyond));
  EXPECT_FALSE(cut.fired);
  EXPECT_EQ(cut.counters.regex_cuts, 1U);
  // One greedy run over the longest subject stays below the step limit.
  const Outcome run = match("f|re: '^.*aaab$'", event::Value::text(inside));
  EXPECT_TRUE(run.fired);
  EXPECT_EQ(run.counters.regex_limits, 0U);
}

TEST(SigmaLimits, TextOfOneEvent) {
  const std::string fits = repeat("A", kTextBytesMax / 2) + "END";
  EXPECT_TRUE(match("f|endswith: end", event::Value::text(fits)).fired);
  const std::string big = repeat("A", kTextBytesMax);
  const Outcome got = match("f|contains: b", event::Value::text(big));
  EXPECT_FALSE(got.fired);
  EXPECT_EQ(got.counters.text_cuts, 1U);
}

TEST(SigmaLimits, Elements) {
  std::vector<event::Value> values(kElementsMax, event::Value::integer(1));
  values.back() = event::Value::integer(2);
  EXPECT_TRUE(match("f: 2", event::Value::list(values)).fired);
  values.push_back(event::Value::integer(3));
  const Outcome got = match("f: 3", event::Value::list(values));
  EXPECT_FALSE(got.fired);
  EXPECT_EQ(got.counters.text_cuts, 1U);
}

TEST(SigmaLimits, ListDepth) {
  std::vector<std::array<event::Value, 1>> levels(kListDepthMax + 1);
  levels[0][0] = event::Value::text("deep");
  for (std::size_t i = 1; i < levels.size(); ++i) levels[i][0] = event::Value::list(levels[i - 1]);
  EXPECT_TRUE(match("f: deep", event::Value::list(levels[kListDepthMax - 1])).fired);
  const Outcome got = match("f: deep", event::Value::list(levels[kListDepthMax]));
  EXPECT_FALSE(got.fired);
  EXPECT_EQ(got.counters.text_cuts, 1U);
}

}  // namespace
}  // namespace nw::sigma
