// The runner of the tests that lie beside rules.
#include <gtest/gtest.h>

#include "harness.h"

namespace nw::sigma {
namespace {

constexpr std::string_view kRules =
    "title: Write\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {product: normwatch, service: modbus}\n"
    "detection:\n  s: {func|startswith: WRITE, id.orig_h|cidr: 10.0.0.0/8}\n  f: {nw.dst.role: plc}\n"
    "  condition: s and not f\n"
    "level: high\nnormwatch: {downgrade_when: {id.orig_h: 10.0.0.9, to: low}}\n"
    "---\n"
    "title: Word\nid: 11111111-2222-4333-8444-555555555556\nlogsource: {product: linux}\n"
    "detection:\n  k: [segfault]\n  condition: k\n";

class RuleTests : public ::testing::Test {
 protected:
  void SetUp() override {
    static constexpr std::array<std::string_view, 1> kModbus{"modbus"}, kAuth{"auth"};
    static constexpr std::array<event::FieldSpec, 1> kFields{event::FieldSpec{"func", "text", ""}};
    schema_.add_type({"modbus", "normwatch", kModbus, {}, kFields, false});
    schema_.add_type({"syslog", "linux", kAuth, {}, {}, true});
    const std::array<RuleText, 1> texts{RuleText{"pack/rules.yml", std::string{kRules}}};
    CompileOptions options;
    options.produced_fields = {"nw.dst.role"};
    rules_ = RuleSet::compile(texts, schema_, options, diagnostics_);
    ASSERT_NE(rules_, nullptr) << diagnostics_.to_string();
  }
  RuleTestReport run(std::string_view tests) {
    const std::array<RuleText, 1> texts{RuleText{"rules.test.yml", std::string{tests}}};
    return run_rule_tests(*rules_, schema_, texts, diagnostics_);
  }
  event::Schema schema_;
  Diagnostics diagnostics_;
  std::shared_ptr<const RuleSet> rules_;
};

TEST_F(RuleTests, Pass) {
  const auto report =
      run("rule: 11111111-2222-4333-8444-555555555555\ntests:\n"
          "  - name: a write\n    match: true\n    atoms: [func, id.orig_h]\n"
          "    event: {func: WRITE_SINGLE_COIL, id: {orig_h: 10.0.0.5}}\n"
          "  - {name: a read, match: false, event: {func: READ_COILS, id.orig_h: 10.0.0.5}}\n"
          "  - {name: lowered, match: true, level: low, event: {func: WRITE, id.orig_h: 10.0.0.9}}\n"
          "  - {name: not lowered, match: true, level: high, event: {func: WRITE, id.orig_h: 10.0.0.8}}\n"
          "  - {name: filtered, match: false, event: {func: WRITE, id.orig_h: 10.0.0.5, nw.dst.role: plc}}\n"
          "---\n"
          "rule: 11111111-2222-4333-8444-555555555556\ntests:\n"
          "  - {name: raw, match: true, raw: 'kernel: x[1]: segfault at 0'}\n"
          "  - {name: any field, match: true, event: {whatever: [a, segfault]}, log_source: {product: linux, service: "
          "auth}}\n"
          "  - {name: other, match: false, event: {message: fine}}\n");
  EXPECT_TRUE(diagnostics_.ok()) << diagnostics_.to_string();
  EXPECT_EQ(report.cases, 8U);
  EXPECT_EQ(report.rules_tested, 2U);
  EXPECT_TRUE(report.failures.empty());
  EXPECT_TRUE(report.untested.empty());
}

TEST_F(RuleTests, Fail) {
  static constexpr struct {
    const char* name;
    const char* test;
    const char* want;
  } kCases[] = {
      {"must fire", "{name: c, match: true, event: {func: READ}}", "Write: 'c': must fire, but does not"},
      {"must not fire", "{name: c, match: false, event: {func: WRITE, id.orig_h: 10.0.0.5}}",
       "Write: 'c': must not fire, but does: func startswith 'WRITE', id.orig_h cidr '10.0.0.0/8'"},
      {"another reason",
       "{name: c, match: true, atoms: [func, id.orig_h, proto], event: {func: WRITE, id.orig_h: 10.0.0.5}}",
       "Write: 'c': fires, but not because of 'proto'"},
      {"a reason more", "{name: c, match: true, atoms: [func], event: {func: WRITE, id.orig_h: 10.0.0.5}}",
       "Write: 'c': fires because of 'id.orig_h' too"},
      {"another level", "{name: c, match: true, level: low, event: {func: WRITE, id.orig_h: 10.0.0.5}}",
       "Write: 'c': must fire at the level low, but does at high"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto report = run("rule: 11111111-2222-4333-8444-555555555555\ntests:\n  - " + std::string{c.test} + "\n");
    EXPECT_TRUE(diagnostics_.ok()) << diagnostics_.to_string();
    ASSERT_EQ(report.failures.size(), 1U);
    EXPECT_EQ(report.failures.front().text, c.want);
    EXPECT_EQ(report.failures.front().file, "rules.test.yml");
    EXPECT_EQ(report.failures.front().mark.line, 3U);
    EXPECT_EQ(report.untested.size(), 2U);  // one side only, and the other rule
  }
}

TEST_F(RuleTests, Faults) {
  static constexpr struct {
    const char* name;
    const char* text;
    const char* want;
  } kCases[] = {
      {"unknown field",
       "rule: 11111111-2222-4333-8444-555555555555\ntests: [{name: c, match: true, event: {fnc: x}}]\n",
       "rules.test.yml:2:40: test-unknown-field: events of 'modbus' have no field 'fnc' (did you mean 'func'?): use a "
       "field "
       "that the log source produces\n"},
      {"unknown rule", "rule: nosuch.yml\ntests: []\n",
       "rules.test.yml:1:7: test-unknown-rule: no rule 'nosuch.yml' is loaded: give the rule's id\n"},
      {"file with two rules", "rule: rules.yml\ntests: []\n",
       "rules.test.yml:1:7: test-unknown-rule: 'rules.yml' holds 2 rules: give the rule's id\n"},
      {"no such source",
       "rule: 11111111-2222-4333-8444-555555555555\n"
       "tests: [{name: c, match: true, raw: x, log_source: {product: windows}}]\n",
       "rules.test.yml:2:9: test-no-source: no kind of event is of the log source product=windows: name another "
       "'log_source', or enable what produces it\n"},
      {"unknown key", "rule: 11111111-2222-4333-8444-555555555556\ntests: [{name: c, match: true, raw: x, evnt: {}}]\n",
       "rules.test.yml:2:40: unknown-key: unknown key 'evnt' in a test (did you mean 'event'?): known keys: atoms, "
       "event, "
       "level, log_source, match, name, raw\n"},
      {"no event", "rule: 11111111-2222-4333-8444-555555555556\ntests: [{name: c, match: true}]\n",
       "rules.test.yml:2:9: missing-key: a test needs the key 'event', or 'raw'\n"},
      {"no map", "rule: 11111111-2222-4333-8444-555555555556\ntests: [x]\n",
       "rules.test.yml:2:9: wrong-type: a test must be a map of keys and values\n"},
      {"match is no boolean", "rule: 11111111-2222-4333-8444-555555555556\ntests: [{name: c, match: yes, raw: x}]\n",
       "rules.test.yml:2:26: wrong-type: 'match' must be true or false\n"},
      {"event is no map", "rule: 11111111-2222-4333-8444-555555555556\ntests: [{name: c, match: true, event: x}]\n",
       "rules.test.yml:2:39: wrong-type: 'event' must be a map of fields and values\n"},
      {"tests is no list", "rule: 11111111-2222-4333-8444-555555555556\ntests: x\n",
       "rules.test.yml:2:8: wrong-type: 'tests' must be a list of cases\n"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    diagnostics_ = {};
    const auto report = run(c.text);
    EXPECT_EQ(diagnostics_.to_string(), c.want);
    EXPECT_EQ(report.cases, 0U);
    EXPECT_EQ(report.untested.size(), 2U);
  }
}

TEST_F(RuleTests, EveryPrefix) {
  constexpr std::string_view kText =
      "rule: 11111111-2222-4333-8444-555555555555\ntests:\n"
      "  - {name: a, match: false, event: {func: [READ, null, 1, 2.5, true], id: {orig_h: 10.0.0.5}}, atoms: [func]}\n";
  for (std::size_t n = 0; n <= kText.size(); ++n) {
    diagnostics_ = {};
    const auto report = run(kText.substr(0, n));
    EXPECT_TRUE(report.failures.empty()) << n;
    EXPECT_LE(report.cases, 1U);
  }
}

}  // namespace
}  // namespace nw::sigma
