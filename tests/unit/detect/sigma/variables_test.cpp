// What a site sets in rules that let it: where values go, what is refused, and that everything after reading sees them.
#include "detect/sigma/variables.h"

#include <gtest/gtest.h>

#include "detect/sigma/cache.h"
#include "detect/sigma/limits.h"
#include "harness.h"

namespace nw::sigma {
namespace {

// A search that a list, a number and a text of can be set, and a count over it.
constexpr std::string_view kRules = R"(title: Read
name: read
id: 11111111-2222-4333-8444-555555555551
logsource: {product: test}
detection:
  sel:
    id.resp_p: [102, 502]
    bytes|gt: 100
    zone: ot
    on: true
  condition: sel
normwatch:
  variables:
    ports: {at: detection.sel.id.resp_p, help: ports}
    bytes: {at: detection.sel.bytes|gt, help: bytes}
    zone: {at: detection.sel.zone, help: zone}
    'on': {at: detection.sel.on, help: switch}
---
title: Many reads
name: many_reads
id: 11111111-2222-4333-8444-555555555552
correlation:
  type: event_count
  rules: [read]
  timespan: 1m
  condition: {gte: 10}
normwatch:
  variables:
    reads: {at: correlation.condition.gte, help: reads}
    within: {at: correlation.timespan, help: time}
---
title: Silent
name: silent
id: 11111111-2222-4333-8444-555555555553
status: unsupported
logsource: {product: test}
detection:
  sel: {f: a}
  also: {f: a, g: [b]}
  condition: sel or also
normwatch:
  absence: {key: [h], for: {median_gap: 5, min: 60s}}
  variables:
    least: {at: normwatch.absence.for.min, help: time}
    gaps: {at: normwatch.absence.for.median_gap, help: gaps}
    value: {at: [detection.sel.f, detection.also.f], help: both}
)";

struct Site {
  std::shared_ptr<const RuleSet> rules;
  Bench bench;
  std::string told;
  explicit Site(std::string_view settings, bool permissive = false) {
    CompileOptions options;
    options.permissive = permissive;
    parse_variable_settings(settings, "site.yaml", options.variables, bench.diagnostics);
    const std::array<RuleText, 1> texts{RuleText{"folder/reads.yml", std::string{kRules}}};
    rules = RuleSet::compile(texts, bench.schema, options, bench.diagnostics);
    told = bench.diagnostics.to_string();
  }
  [[nodiscard]] std::string value(std::size_t rule, std::size_t variable) const {
    const Variable& found = rules->info(rule).variables[variable];
    return found.name + '=' + found.value + (found.set ? " not " + found.usual : "");
  }
  bool fires(std::string_view event) {
    event::Event filled;
    bench.fill(filled, event);
    Matcher matcher{rules};
    return !matcher.match(filled).empty();
  }
};

TEST(SigmaVariables, WithoutTheSiteTheRuleIsAsWritten) {
  Site read{""};
  ASSERT_TRUE(read.rules) << read.told;
  EXPECT_EQ(read.told, "");
  ASSERT_EQ(read.rules->size(), 3U);
  // Rules over rules come last.
  EXPECT_EQ(read.value(0, 0), "ports=[102, 502]");
  EXPECT_EQ(read.value(0, 3), "on=true");
  EXPECT_EQ(read.value(2, 1), "within=1m");
  EXPECT_EQ(read.value(1, 1), "gaps=5");
  EXPECT_EQ(read.value(1, 2), "value=a");
  EXPECT_TRUE(read.fires("{id.resp_p: 502, bytes: 101, zone: ot, on: true}"));
  EXPECT_FALSE(read.fires("{id.resp_p: 503, bytes: 101, zone: ot, on: true}"));
}

TEST(SigmaVariables, EverythingAfterSeesTheValue) {
  // By name, by id in any case, and by the name of the file, where only one document has such a variable.
  Site read{
      "read: {ports: [503], bytes: 7, zone: plant}\n"
      "11111111-2222-4333-8444-555555555552: {reads: 50, within: 5m}\n"
      "reads: {least: 2h, gaps: 8, value: c}\n"};
  ASSERT_TRUE(read.rules) << read.told;
  EXPECT_EQ(read.told, "");
  EXPECT_EQ(read.value(0, 0), "ports=[503] not [102, 502]");
  EXPECT_TRUE(read.fires("{id.resp_p: 503, bytes: 8, zone: plant, on: true}"));
  EXPECT_FALSE(read.fires("{id.resp_p: 502, bytes: 8, zone: plant, on: true}"));
  EXPECT_FALSE(read.fires("{id.resp_p: 503, bytes: 7, zone: plant, on: true}"));
  const Correlation* many = read.rules->correlation(2);
  ASSERT_NE(many, nullptr);
  EXPECT_EQ(many->bounds[0].value, 50);
  EXPECT_EQ(many->timespan, std::chrono::minutes{5});
  const Correlation* silent = read.rules->correlation(1);
  ASSERT_NE(silent, nullptr);
  EXPECT_EQ(silent->least, std::chrono::hours{2});
  EXPECT_EQ(silent->median_gap, 8);
  // Both places of one variable.
  EXPECT_TRUE(read.fires("{f: c, h: x}"));
  EXPECT_FALSE(read.fires("{f: a, g: b, h: x}"));
}

TEST(SigmaVariables, Refused) {
  static constexpr struct {
    const char* settings;
    const char* told;  // a part of it
  } kCases[] = {
      {"rad: {ports: [1]}", "site.yaml:1:1: variable-unknown: no rule is called 'rad' (did you mean 'read'?)"},
      {"read: {prts: [1]}",
       "site.yaml:1:8: variable-unknown: the rule 'read' has no variable 'prts' (did you mean "
       "'ports'?): it has: ports, bytes, zone, on"},
      {"many_reads: {ports: [1]}", "it has: reads, within"},
      {"read: {ports: 502}", "site.yaml:1:8: variable-value: the variable 'ports' of 'read' must be a list of values"},
      {"read: {ports: []}", "must be a list of values, each a number"},
      {"read: {ports: [502, http]}", "must be a list of values, each a number"},
      {"read: {ports: [[502]]}", "must be a list of values, each a number"},
      {"read: {ports: {a: 1}}", "must be a list of values, each a number"},
      {"read: {ports: ['502']}", "must be a list of values, each a number"},
      {"read: {bytes: many}", "must be a number, as 100 is"},
      {"read: {bytes: '100'}", "must be a number, as 100 is"},
      {"read: {bytes: }", "must be a number, as 100 is"},
      {"read: {bytes: [100]}", "must be a number, as 100 is"},
      {"read: {zone: 7}", "must be a text, as ot is"},
      {"read: {'on': 1}", "must be true or false, as true is"},
      {"many_reads: {within: 5}", "must be a duration, such as 30s, 15m or 2h, as 1m is"},
      {"many_reads: {within: soon}", "must be a duration"},
      {"many_reads: {reads: 1m}", "must be a number, as 10 is"},
      // The kind fits and the rule does not: its own fault with its place, and whose value it is.
      {"many_reads: {reads: 20000}", "site.yaml:1:14: variable-value: with this value of 'reads' a rule is refused"},
      {"many_reads: {within: 99y}", "correlation-timespan"},
      {"silent: {gaps: -1}", "variable-value: with this value of 'gaps'"},
      {"read: {bytes: 1}\nread: {zone: x}", "yaml-duplicate-key"},
      {"read: {bytes: 1}\n11111111-2222-4333-8444-555555555551: {bytes: 2}",
       "site.yaml:2:40: variable-value: the variable 'bytes' of this rule is set under another of its names, too"},
      {"read: 5", "the variables of 'read' must be a map"},
      {"[read]", "the variables must be a map"},
      {"'': {bytes: 1}", "no rule is called ''"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.settings);
    const Site read{c.settings};
    EXPECT_NE(read.bench.diagnostics.errors(), 0U);
    EXPECT_NE(read.told.find(c.told), std::string::npos) << read.told;
  }
}

TEST(SigmaVariables, APermissiveSetTellsWhatNobodyTook) {
  const Site read{"rad: {ports: [1]}", true};
  ASSERT_TRUE(read.rules);
  EXPECT_EQ(read.rules->size(), 3U);
  EXPECT_NE(read.told.find("variable-unknown"), std::string::npos) << read.told;
}

// One variable of one rule, documented so.
std::string told_of(std::string_view variable,
                    std::string_view detection = "  sel: {a.b: 1, c: [x]}\n  condition: sel") {
  Bench bench;
  const auto rules =
      bench.compile(rule_text(detection) + "normwatch: {variables: {v: " + std::string{variable} + "}}\n");
  EXPECT_EQ(rules != nullptr, bench.diagnostics.ok());
  return bench.diagnostics.to_string();
}

TEST(SigmaVariables, WhereAPathLeads) {
  static constexpr struct {
    const char* variable;
    const char* told;  // empty: nothing
  } kCases[] = {
      {"{at: detection.sel.a.b, help: x}", ""},
      {"{at: detection.sel.c, help: x}", ""},
      {"{at: detection.sel.c.0, help: x}", ""},
      {"{at: detection.sel.c.1, help: x}", "variable-at: 'detection.sel.c.1' leads to no value"},
      {"{at: detection.sel.c.x, help: x}", "'detection.sel.c.x' leads to no value that can be set (did you mean "},
      {"{at: detection.sel.a, help: x}", "variable-at"},
      {"{at: detection.sel, help: x}", "variable-at"},
      {"{at: detection.condition, help: x}", "variable-at"},
      {"{at: title, help: x}", "variable-at"},
      {"{at: normwatch.variables.v.help, help: x}", "variable-at"},
      {"{at: detection.sel.c., help: x}", "variable-at"},
      {"{at: '', help: x}", "variable-at"},
      {"{at: [detection.sel.a.b, detection.sel.c], help: x}", "variable-at: 'detection.sel.c' has another value"},
      {"{at: detection.sel.c}", "a variable needs the key 'help'"},
      {"{help: x}", "a variable needs the key 'at'"},
      {"{at: detection.sel.c, help: x, hlep: y}", "unknown key 'hlep' in a variable (did you mean 'help'?)"},
      {"5", "a variable must be a map"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.variable);
    const std::string told = told_of(c.variable);
    EXPECT_EQ(told.empty(), std::string_view{c.told}.empty()) << told;
    EXPECT_NE(told.find(c.told), std::string::npos) << told;
  }
  // The longest key first, and a shorter one where that leads nowhere.
  const std::string told = told_of("{at: detection.a.b.c, help: x}", "  a: {b.c: 1}\n  a.b: {d: 1}\n  condition: a");
  EXPECT_EQ(told.find("variable-at"), std::string::npos) << told;
}

TEST(SigmaVariables, Bounds) {
  std::string many = "normwatch:\n  variables:\n";
  for (std::size_t i = 0; i <= kVariablesMax; ++i)
    many += "    v" + std::to_string(i) + ": {at: detection.sel.f, help: x}\n";
  Bench bench;
  EXPECT_EQ(bench.compile(item_text("f: 1") + many), nullptr);
  EXPECT_NE(bench.diagnostics.to_string().find("'variables' is a map of 1 to 64 names"), std::string::npos);

  std::string list = "read: {ports: [0";
  for (std::size_t i = 0; i < kVariableItemsMax; ++i) list += ",1";
  EXPECT_NE(Site{list + "]}"}.told.find("has 4097 values, at most 4096"), std::string::npos);

  std::string settings = "read:\n";
  for (std::size_t i = 0; i <= kVariableSettingsMax; ++i) settings += "  v" + std::to_string(i) + ": 1\n";
  VariableSettings out;
  Diagnostics diagnostics;
  parse_variable_settings(settings, "site.yaml", out, diagnostics);
  EXPECT_EQ(out.size(), kVariableSettingsMax);
  EXPECT_NE(diagnostics.to_string().find("limit: more than 10000 variables are set"), std::string::npos);
  // The same rule and variable in the configuration and in its file.
  parse_variable_settings("read: {v0: 2}", "more.yaml", out, diagnostics);
  EXPECT_NE(diagnostics.to_string().find("more.yaml:1:8: duplicate-name"), std::string::npos);

  EXPECT_NE(told_of("{at: " + std::string(kVariablePathBytesMax + 1, 'x') + ", help: x}").find("variable-at"),
            std::string::npos);
}

TEST(SigmaVariables, ComeBackFromTheCache) {
  const std::string text = item_text("f: 1") +
                           "normwatch: {detection_id: NW-F-05, variables: {v: {at: "
                           "detection.sel.f, help: what}}}\n";
  CompileCache cache{"k", {}, false};
  CompileOptions options;
  options.cache = &cache;
  parse_variable_settings("rule: {v: 7}", "site.yaml", options.variables, *std::make_unique<Diagnostics>());
  for (const bool again : {false, true}) {
    Bench bench;
    cache.changed = false;
    const auto rules = bench.compile(text, options);
    ASSERT_TRUE(rules) << bench.diagnostics.to_string();
    EXPECT_EQ(cache.changed, !again);
    const RuleInfo& info = rules->info(0);
    EXPECT_EQ(info.detection_id, "NW-F-05");
    ASSERT_EQ(info.variables.size(), 1U);
    const Variable& v = info.variables[0];
    EXPECT_EQ(v.name + v.help + v.usual + v.value + v.at[0], "vwhat17detection.sel.f");
    EXPECT_TRUE(v.set);
  }
}

TEST(SigmaVariables, AsText) {
  Diagnostics diagnostics;
  const auto documents = parse_yaml("[1, '1', a, 'true', yes, 0.5]", "x", diagnostics);
  EXPECT_EQ(variable_text(documents[0]), "[1, '1', a, 'true', yes, 0.5]");
}

}  // namespace
}  // namespace nw::sigma
