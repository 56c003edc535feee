// Filter documents: which rules they are joined to, what they change, and what is said of them.
#include "detect/sigma/filter.h"

#include <gtest/gtest.h>

#include "detect/sigma/check.h"
#include "detect/sigma/limits.h"
#include "harness.h"

namespace nw::sigma {
namespace {

constexpr std::string_view kOther = "11111111-2222-4333-8444-555555555556";

// A filter of log source `product: test`; `body` stands under `filter:`, indented by two.
std::string filter_text(std::string_view body, std::string_view extra = {},
                        std::string_view log_source = "{product: test}") {
  return "title: A filter\nlogsource: " + std::string{log_source} + "\nfilter:\n" + std::string{body} + "\n" +
         std::string{extra};
}

std::string any_but(std::string_view selection) {
  return filter_text("  rules: any\n  sel:\n    " + std::string{selection} + "\n  condition: not sel");
}

std::string codes(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics.all()) out += (out.empty() ? "" : " ") + d.code;
  return out;
}

// The numbers of the rules that fire.
std::string fired(Bench& bench, const std::shared_ptr<const RuleSet>& rules, std::string_view map) {
  Matcher matcher{rules};
  event::Event event;
  bench.fill(event, map);
  std::string out;
  for (const Hit& hit : matcher.match(event)) out += std::to_string(hit.rule);
  return out;
}

TEST(SigmaFilter, JoinsConditions) {
  const std::string two = rule_text("  sel: {f: a}\n  condition: sel") + "name: first\n---\n" +
                          rule_text("  sel: {f: [a, b]}\n  flt: {h: 1}\n  condition: sel and not 1 of flt*", kOther);
  static const struct {
    const char* name;
    std::string filter;
    const char* event;
    const char* want;
  } kCases[] = {
      {"does not hold", any_but("g: x"), "{f: a, g: y}", "01"},
      {"suppresses all", any_but("g: x"), "{f: a, g: X}", ""},
      {"an absent field suppresses nothing", any_but("g: x"), "{f: a}", "01"},
      {"as written: without not it restricts", filter_text("  rules: any\n  sel: {g: x}\n  condition: sel"), "{f: a}",
       ""},
      {"all is any", filter_text("  rules: ALL\n  sel: {g: x}\n  condition: not sel"), "{f: a, g: x}", ""},
      {"by id", filter_text("  rules: [" + std::string{kOther} + "]\n  sel: {g: x}\n  condition: not sel"),
       "{f: a, g: x}", "0"},
      {"by name", filter_text("  rules: [first]\n  sel: {g: x}\n  condition: not sel"), "{f: a, g: x}", "1"},
      {"one name without a list", filter_text("  rules: first\n  sel: {g: x}\n  condition: not sel"), "{f: a, g: x}",
       "1"},
      {"by id and name, joined once",
       filter_text("  rules: [first, " + std::string{kId} + "]\n  sel: {g: x}\n  condition: not sel"), "{f: a, g: x}",
       "1"},
      {"its names are its own: sel of the rule", any_but("f: b"), "{f: b}", ""},
      {"its patterns mean its own identifiers",
       filter_text("  rules: any\n  flt_1: {g: x}\n  flt_2: {g: y}\n  condition: not 1 of flt_*"), "{f: a, g: y}", ""},
      {"the rule's patterns do not reach it",
       filter_text("  rules: any\n  flt_1: {g: x}\n  sel: {h: 9}\n  condition: not sel and not flt_1"), "{f: b}", "1"},
      {"them are its own", filter_text("  rules: any\n  a: {g: x}\n  _b: {f: a}\n  condition: not 1 of them"),
       "{f: a, g: y}", "01"},
      {"a list of conditions", filter_text("  rules: any\n  a: {g: x}\n  b: {g: y}\n  condition: [not a, not b]"),
       "{f: a, g: x}", "01"},
      {"several filters", any_but("g: x") + "---\n" + any_but("g: y"), "{f: a, g: y}", ""},
      {"before its rules", any_but("g: x") + "---\n", "{f: a, g: x}", ""},
      {"another log source", filter_text("  rules: any\n  sel: {g: x}\n  condition: not sel", "", "{product: other}"),
       "{f: a, g: x}", "01"},
      {"more than the rule gives",
       filter_text("  rules: any\n  sel: {g: x}\n  condition: not sel", "", "{product: test, service: s}"),
       "{f: a, g: x}", "01"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench;
    const bool first = c.filter.ends_with("---\n");
    const auto rules = bench.compile(first ? c.filter + two : two + "---\n" + c.filter);
    ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
    EXPECT_EQ(fired(bench, rules, c.event), c.want) << bench.diagnostics.to_string();
  }
}

// The rule's `1 of _*` must not take in what a filter looks for.
TEST(SigmaFilter, HiddenIdentifiersStayApart) {
  Bench bench;
  const auto rules = bench.compile(rule_text("  _a: {f: a}\n  condition: 1 of _*") + "---\n" +
                                   filter_text("  rules: any\n  _n: {g: x}\n  condition: not _n"));
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  EXPECT_EQ(fired(bench, rules, "{g: x}"), "");
  EXPECT_EQ(fired(bench, rules, "{f: a}"), "0");
  EXPECT_EQ(fired(bench, rules, "{f: a, g: x}"), "");
}

TEST(SigmaFilter, AcrossFiles) {
  Bench bench;
  const std::array<RuleText, 2> texts{RuleText{"filter.yml", any_but("g: x")}, RuleText{"rule.yml", item_text("f: a")}};
  const auto rules = RuleSet::compile(texts, bench.schema, {}, bench.diagnostics);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(bench.diagnostics.to_string(), "");
  EXPECT_EQ(fired(bench, rules, "{f: a, g: x}"), "");
  EXPECT_EQ(rules->size(), 1U);  // a filter is no rule
  EXPECT_EQ(rules->info(0).filters, (std::vector<std::string>{"A filter"}));
  EXPECT_EQ(rules->filters().active, 1U);
  EXPECT_TRUE(rules->interest().wants(bench.type(), *bench.schema.find_field("g")));
}

TEST(SigmaFilter, Expires) {
  static constexpr struct {
    const char* name;
    const char* expires;
    const char* now;  // empty: none
    bool active;
  } kCases[] = {
      {"the last moment of its day", "2026-12-31", "2026-12-31T23:59:59.999999999Z", true},
      {"the next day", "2026-12-31", "2027-01-01T00:00:00Z", false},
      {"a moment", "2026-12-31T12:00:00+02:00", "2026-12-31T09:59:59Z", true},
      {"that moment", "2026-12-31T12:00:00+02:00", "2026-12-31T10:00:00Z", false},
      {"no clock", "1999-12-31", "", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench;
    CompileOptions options;
    if (*c.now != '\0') options.now = *parse_rfc3339(c.now);
    const auto rules = bench.compile(item_text("f: a") + "---\n" + any_but("g: x") +
                                         "normwatch: {owner: Ann, ticket: T-1, expires: " + c.expires + "}\n",
                                     options);
    ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
    EXPECT_EQ(fired(bench, rules, "{f: a, g: x}"), c.active ? "" : "0");
    EXPECT_EQ(rules->filters().active, c.active ? 1U : 0U);
    EXPECT_EQ(rules->filters().expired, c.active ? 0U : 1U);
    EXPECT_EQ(rules->filters().next_expiry.has_value(), c.active);
    EXPECT_EQ(rules->info(0).filters.size(), c.active ? 1U : 0U);
    const std::string said = bench.diagnostics.to_string();
    EXPECT_EQ(codes(bench.diagnostics), c.active ? "" : "filter-expired");
    if (c.active) continue;
    EXPECT_NE(said.find("rule.yml:17:47: filter-expired"), std::string::npos) << said;
    EXPECT_NE(said.find("Ann"), std::string::npos) << said;
    EXPECT_NE(said.find("T-1"), std::string::npos) << said;
  }
}

TEST(SigmaFilter, NextExpiryIsTheFirst) {
  Bench bench;
  const auto rules =
      bench.compile(item_text("f: a") + "---\n" + any_but("g: x") + "normwatch: {expires: 2027-06-01}\n---\n" +
                    any_but("g: y") + "normwatch: {expires: 2027-01-01}\n");
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  EXPECT_EQ(rules->filters().next_expiry, *parse_rfc3339("2027-01-02T00:00:00Z"));
}

// What is kept on disk is what was read; whether a filter has expired is asked each time.
TEST(SigmaFilter, ComesBackFromTheCache) {
  const std::string text = item_text("f: a") + "---\n" + any_but("g: x") + "normwatch: {expires: 2026-12-31}\n";
  CompileCache cache;
  CompileOptions options;
  options.cache = &cache;
  options.now = *parse_rfc3339("2026-12-31T00:00:00Z");
  Bench first;
  ASSERT_NE(first.compile(text, options), nullptr) << first.diagnostics.to_string();
  ASSERT_TRUE(cache.changed);
  cache.changed = false;
  Bench second;
  const auto rules = second.compile(text, options);
  ASSERT_NE(rules, nullptr);
  EXPECT_FALSE(cache.changed);
  EXPECT_EQ(fired(second, rules, "{f: a, g: x}"), "");
  EXPECT_EQ(rules->filters().next_expiry, *parse_rfc3339("2027-01-01T00:00:00Z"));
  options.now = *parse_rfc3339("2027-01-01T00:00:00Z");
  Bench later;
  const auto alone = later.compile(text, options);
  ASSERT_NE(alone, nullptr);
  EXPECT_EQ(fired(later, alone, "{f: a, g: x}"), "0");
  EXPECT_EQ(codes(later.diagnostics), "filter-expired");
}

TEST(SigmaFilter, WhatIsSaid) {
  const std::string id{kOther};
  static const struct {
    const char* name;
    std::string filter;
    const char* codes;
    bool loads;
  } kCases[] = {
      {"sound", any_but("g: x"), "", true},
      {"sound, with an id and what Sigma lets it say",
       any_but("g: x") + "id: " + id + "\ndescription: d\ndate: 2026-01-01\nauthor: a\n", "", true},
      {"no not", filter_text("  rules: any\n  sel: {g: x}\n  condition: sel"), "filter-restricts", true},
      {"a rule that is not loaded", filter_text("  rules: [" + id + "]\n  sel: {g: x}\n  condition: not sel"),
       "filter-rule filter-unused", true},
      {"a rule of another log source",
       filter_text("  rules: [" + std::string{kId} + "]\n  sel: {g: x}\n  condition: not sel", "", "{service: s}"),
       "filter-rule filter-unused", true},
      {"nothing of its log source",
       filter_text("  rules: any\n  sel: {g: x}\n  condition: not sel", "", "{service: s}"), "filter-unused", true},
      {"a key of its author", any_but("g: x") + "team: blue\n", "unknown-key", true},
      {"no rules", filter_text("  sel: {g: x}\n  condition: not sel"), "missing-key", false},
      {"an empty list", filter_text("  rules: []\n  sel: {g: x}\n  condition: not sel"), "wrong-type", false},
      {"a map", filter_text("  rules: {a: b}\n  sel: {g: x}\n  condition: not sel"), "wrong-type", false},
      {"a list in the list", filter_text("  rules: [[a]]\n  sel: {g: x}\n  condition: not sel"), "wrong-type", false},
      {"no condition", filter_text("  rules: any\n  sel: {g: x}"), "missing-key", false},
      {"no selection", filter_text("  rules: any\n  condition: not sel"), "empty-detection", false},
      {"an unknown name", filter_text("  rules: any\n  sel: {g: x}\n  condition: not sle"),
       "unknown-identifier unused-identifier", false},
      {"nothing that exists", filter_text("  rules: any\n  sel: {g: x}\n  condition: not 1 of x*"),
       "selector-empty condition-empty unused-identifier", false},
      {"a regex that is none", any_but("g|re: '('"), "bad-regex", false},
      {"no log source", "title: A filter\nfilter:\n  rules: any\n  sel: {g: x}\n  condition: not sel\n", "missing-key",
       false},
      {"no map", "title: A filter\nlogsource: {product: test}\nfilter: any\n", "wrong-type missing-key", false},
      {"no date", any_but("g: x") + "normwatch: {expires: soon}\n", "bad-date", false},
      {"an unknown key of ours", any_but("g: x") + "normwatch: {expire: 2027-01-01}\n", "unknown-key", false},
      {"one id twice", any_but("g: x") + "id: " + id + "\n---\n" + any_but("g: y") + "id: " + id + "\n", "duplicate-id",
       false},
      {"no id", any_but("g: x") + "id: 7\n", "bad-id", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench;
    EXPECT_EQ(bench.compile(item_text("f: a") + "---\n" + c.filter) != nullptr, c.loads);
    EXPECT_EQ(codes(bench.diagnostics), c.codes) << bench.diagnostics.to_string();
    // A permissive set goes on, and says that the rules alert without the filter.
    Bench permissive;
    CompileOptions options;
    options.permissive = true;
    const auto rules = permissive.compile(item_text("f: a") + "---\n" + c.filter, options);
    ASSERT_NE(rules, nullptr);
    EXPECT_EQ(rules->size(), 1U);
    EXPECT_EQ(rules->refused(), c.loads ? 0U : 1U);
    EXPECT_EQ(rules->filters().refused, c.loads ? 0U : 1U);
    EXPECT_EQ(codes(permissive.diagnostics).ends_with("filter-refused"), !c.loads);
    if (c.loads || std::string_view{c.name} == "one id twice") continue;
    EXPECT_EQ(fired(permissive, rules, "{f: a, g: x}"), "0");
  }
}

TEST(SigmaFilter, Limits) {
  const auto targets = [](std::size_t n) {
    std::string list;
    for (std::size_t i = 0; i < n; ++i) list += "r,";
    return item_text("f: a") + "---\n" + filter_text("  rules: [" + list + "]\n  sel: {g: x}\n  condition: not sel");
  };
  Bench good, bad;
  EXPECT_NE(good.compile(targets(kFilterTargetsMax)), nullptr);
  EXPECT_EQ(bad.compile(targets(kFilterTargetsMax + 1)), nullptr);

  std::string many = item_text("f: a");
  for (std::size_t i = 0; i < kFiltersMax; ++i) many += "---\n" + any_but("g: x");
  Bench all;
  EXPECT_NE(all.compile(many), nullptr) << all.diagnostics.all().front().to_string();
  Bench more;
  EXPECT_EQ(more.compile(many + "---\n" + any_but("g: x")), nullptr);
  EXPECT_EQ(codes(more.diagnostics), "limit");

  // Six filters of about 18,000 comparisons are more than a rule may have; the rule goes, and says so.
  std::string large = item_text("f: a") + "---\n" + rule_text("  s: {f: b}\n  condition: s", kOther) + "name: second\n";
  std::string values;
  for (std::size_t i = 0; i < 9'000; ++i) values += std::to_string(i) + ",";
  for (int i = 0; i < 6; ++i)
    large += "---\n" + filter_text("  rules: second\n  sel: {g: [" + values + "x]}\n  condition: not sel");
  CompileOptions options;
  options.permissive = true;
  Bench nodes;
  const auto rules = nodes.compile(large, options);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(codes(nodes.diagnostics), "limit");
  EXPECT_EQ(rules->size(), 1U);
  EXPECT_EQ(rules->refused(), 1U);
}

}  // namespace
}  // namespace nw::sigma
