// What the rest of the daemon sees: info, states, interest, hits, and the cost of an event that fires nothing.
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

#include "detect/sigma/compile.h"
#include "harness.h"

// GCC takes the pair below for a mismatch when it inlines one of them only.
#pragma GCC diagnostic push
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
namespace {
std::size_t allocations = 0;
}
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
// The sanitizer has its own, whose memory is not for free(); libraries call it.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#pragma GCC diagnostic pop

namespace nw::sigma {
namespace {

std::string second_id(std::string text, char last) {
  const std::size_t at = text.find(kId);
  text[at + kId.size() - 1] = last;
  return text;
}

TEST(SigmaRuleSet, Info) {
  Bench bench;
  const auto rules = bench.compile(
      "title: Stop\nid: 5B0F0D1E-6A6C-4D0A-9B0E-1F0000000001\nstatus: test\ndescription: d\nauthor: a\n"
      "date: 2026-01-02\nreferences:\n  - r\nfalsepositives: [x, y]\nlevel: critical\n"
      "tags: [norm.13f, attack.t0858, attack.t0816]\nlogsource: {product: Test}\n"
      "detection: {s: {f: 1}, condition: s}\nnormwatch: {role: harm, regime: any, ihl: by-flag, evidence: payload}\n");
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  ASSERT_EQ(rules->size(), 1U);
  const RuleInfo& info = rules->info(0);
  EXPECT_EQ(info.id, "5b0f0d1e-6a6c-4d0a-9b0e-1f0000000001");
  EXPECT_EQ(info.title, "Stop");
  EXPECT_EQ(info.status, "test");
  EXPECT_EQ(info.date, "2026-01-02");
  EXPECT_EQ(info.level, Level::critical);
  EXPECT_EQ(to_string(info.level), "critical");
  EXPECT_EQ(parse_level("critical"), Level::critical);
  EXPECT_EQ(parse_level("fatal"), std::nullopt);
  EXPECT_EQ(info.norm, "13f");
  EXPECT_EQ(info.role, "harm");
  EXPECT_EQ(info.attack(), (std::vector<std::string>{"t0858", "t0816"}));
  EXPECT_EQ(info.falsepositives.size(), 2U);
  EXPECT_EQ(info.log_source.to_string(), "product=test");
  EXPECT_EQ(info.file, "rule.yml");
  EXPECT_EQ(info.mark.line, 1U);
}

TEST(SigmaRuleSet, NameAndShadow) {
  event::Schema schema;
  const std::array<RuleText, 2> texts{
      RuleText{"own.yml", item_text("f: a") + "name: first\nstatus: shadow\n---\n" + second_id(item_text("f: b"), '6'),
               false},
      RuleText{"pack.yml", second_id(item_text("f: c"), '7') + "status: stable\n", true}};
  Diagnostics diagnostics;
  const auto rules = RuleSet::compile(texts, schema, {}, diagnostics);
  ASSERT_NE(rules, nullptr) << diagnostics.to_string();
  EXPECT_EQ(rules->info(0).name, "first");
  EXPECT_EQ(rules->info(0).status, "shadow");
  EXPECT_TRUE(rules->info(0).shadow);
  EXPECT_FALSE(rules->info(1).shadow);
  EXPECT_EQ(rules->info(2).status, "stable");
  EXPECT_TRUE(rules->info(2).shadow);
}

// The id that a rule without one gets lasts: it depends on the title and the log source alone.
TEST(SigmaRuleSet, MadeIds) {
  const auto made = [](std::string_view title, std::string_view source, std::string_view value) {
    Bench bench;
    const auto rules = bench.compile("title: " + std::string{title} + "\nlogsource: {" + std::string{source} +
                                     "}\ndetection: {s: {f: " + std::string{value} + "}, condition: s}\n");
    EXPECT_NE(rules, nullptr) << bench.diagnostics.to_string();
    EXPECT_EQ(bench.diagnostics.all().front().code, "missing-id");
    return rules->info(0).id;
  };
  const std::string id = made("A", "product: test", "1");
  ASSERT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '8');
  EXPECT_NE(std::string_view{"89ab"}.find(id[19]), std::string_view::npos);
  EXPECT_EQ(made("A", "product: test", "2"), id);
  EXPECT_NE(made("B", "product: test", "1"), id);
  EXPECT_NE(made("A", "product: test, service: x", "1"), id);
}

TEST(SigmaRuleSet, LogSourceRouting) {
  static constexpr struct {
    const char* name;
    const char* log_source;
    bool want;
  } kCases[] = {
      {"product", "{product: windows}", true},
      {"case does not matter", "{product: Windows, category: PROCESS_creation}", true},
      {"category alone", "{category: process_creation}", true},
      {"one of several services", "{service: sysmon}", true},
      {"all three", "{product: windows, service: security, category: process_creation}", true},
      {"another product", "{product: linux}", false},
      {"right product, another category", "{product: windows, category: file_event}", false},
      {"right category, another service", "{service: system, category: process_creation}", false},
  };
  static constexpr std::array<std::string_view, 2> kServices{"Security", "sysmon"};
  static constexpr std::array<std::string_view, 1> kCategories{"process_creation"};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    event::Schema schema;
    const auto type = schema.add_type({"w", "Windows", kServices, kCategories, {}, true});
    const std::array<RuleText, 1> texts{RuleText{"r", "title: t\nid: " + std::string{kId} + "\nlogsource: " +
                                                          c.log_source + "\ndetection: {s: {f: 1}, condition: s}\n"}};
    Diagnostics diagnostics;
    const auto rules = RuleSet::compile(texts, schema, {}, diagnostics);
    ASSERT_NE(rules, nullptr) << diagnostics.to_string();
    EXPECT_EQ(rules->state(0) == RuleState::live, c.want);
    EXPECT_EQ(rules->interest().wants(type), c.want);
    event::Event event;
    event.begin(type, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
    event.set(schema.add_field("f"), event::Value::integer(1));
    Matcher matcher{rules};
    EXPECT_EQ(matcher.match(event).size(), c.want ? 1U : 0U);
  }
}

// Rules for events that a later part will make: looked at like all others, and no coverage until somebody feeds them.
TEST(SigmaRuleSet, NotFedYet) {
  static constexpr std::array<std::string_view, 1> kLedger{"ledger"};
  static constexpr std::array<event::FieldSpec, 1> kFields{event::FieldSpec{"phase", "text", ""}};
  static constexpr event::TypeSpec kType{"ledger.reveal", "normwatch", kLedger, {}, kFields};
  const std::string base =
      "title: t\nid: " + std::string{kId} + "\nname: asked\nlogsource: {service: ledger}\ndetection: {s: {";
  const std::string over =
      "title: many\nid: 5b0f0d1e-6a6c-4d0a-9b0e-1f00000000ab\n"
      "correlation: {type: event_count, rules: [asked], timespan: 1m, condition: {gte: 2}}\nlevel: low\n";
  for (const bool fed : {false, true})
    for (const bool typo : {false, true}) {
      SCOPED_TRACE(std::string{fed ? "fed" : "not fed"} + (typo ? ", a field misspelt" : ""));
      event::Schema schema;
      const auto type = fed ? schema.add_type(kType) : schema.add_later(kType);
      const std::array<RuleText, 2> texts{
          RuleText{"r", base + (typo ? "phases" : "phase") + ": request}, condition: s}\n"}, RuleText{"m", over}};
      Diagnostics diagnostics;
      const auto rules = RuleSet::compile(texts, schema, {}, diagnostics);
      ASSERT_NE(rules, nullptr) << diagnostics.to_string();
      const RuleState want = typo ? RuleState::dormant_no_field : fed ? RuleState::live : RuleState::dormant_not_fed;
      EXPECT_EQ(rules->state(0), want);
      EXPECT_EQ(rules->state(1), want) << "and the rules over it";
      EXPECT_EQ(rules->missing_fields(0), typo ? std::vector<std::string>{"phases"} : std::vector<std::string>{});
      event::Event event;
      event.begin(type, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
      event.set(schema.add_field("phase"), event::Value::text("request"));
      Matcher matcher{rules};
      EXPECT_EQ(matcher.match(event).size(), typo ? 0U : 1U) << "tests beside rules have such events";
    }
}

TEST(SigmaRuleSet, DormantFields) {
  static const struct {
    const char* name;
    const char* detection;
    RuleState want;
    std::vector<std::string> missing;
  } kCases[] = {
      {"its own field", "s: {func: a}, condition: s", RuleState::live, {}},
      {"a common field", "s: {id.orig_h: a}, condition: s", RuleState::live, {}},
      {"a produced field", "s: {nw.dst.role: plc}, condition: s", RuleState::live, {}},
      {"a field of nobody", "s: {nothing: a}, condition: s", RuleState::dormant_no_field, {"nothing"}},
      {"and", "s: {func: a, nothing: a}, condition: s", RuleState::dormant_no_field, {"nothing"}},
      {"or", "s: [{func: a}, {nothing: a}], condition: s", RuleState::live, {}},
      {"or of two", "s: [{other: a}, {nothing: a}], condition: s", RuleState::dormant_no_field, {"nothing", "other"}},
      {"not", "s: {func: a}, n: {nothing: a}, condition: s and not n", RuleState::live, {}},
      {"null holds without it", "s: {nothing: null}, condition: s", RuleState::live, {}},
      {"not null cannot", "s: {nothing: null}, condition: not s", RuleState::dormant_no_field, {"nothing"}},
      {"exists false holds", "s: {nothing|exists: false}, condition: s", RuleState::live, {}},
      {"exists true cannot", "s: {nothing|exists: true}, condition: s", RuleState::dormant_no_field, {"nothing"}},
      {"neq needs it", "s: {nothing|neq: a}, condition: s", RuleState::dormant_no_field, {"nothing"}},
      {"fieldref needs both", "s: {func|fieldref: nothing}, condition: s", RuleState::dormant_no_field, {"nothing"}},
      {"2 of, one cannot",
       "s1: {func: a}, s2: {nothing: a}, condition: 2 of s*",
       RuleState::dormant_no_field,
       {"nothing"}},
      {"1 of, one cannot", "s1: {func: a}, s2: {nothing: a}, condition: 1 of s*", RuleState::live, {}},
      {"keywords need none", "s: [evil], condition: s", RuleState::live, {}},
      {"below an open name", "s: {sd.a.b: x}, condition: s", RuleState::live, {}},
      {"below an open name, known before", "s: {sd.known: x}, condition: s", RuleState::live, {}},
      {"not below it", "s: {sd: x}, condition: s", RuleState::dormant_no_field, {"sd"}},
  };
  static constexpr std::array<event::FieldSpec, 1> kFields{event::FieldSpec{"func", "text", ""}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    event::Schema schema;
    schema.add_type({"modbus", "test", {}, {}, kFields, false, false, "sd."});
    schema.add_field("sd.known");
    const std::array<RuleText, 1> texts{RuleText{
        "r", "title: t\nid: " + std::string{kId} + "\nlogsource: {product: test}\ndetection: {" + c.detection + "}\n"}};
    Diagnostics diagnostics;
    CompileOptions options;
    options.produced_fields = {"nw.dst.role"};
    const auto rules = RuleSet::compile(texts, schema, options, diagnostics);
    ASSERT_NE(rules, nullptr) << diagnostics.to_string();
    EXPECT_EQ(to_string(rules->state(0)), to_string(c.want));
    EXPECT_EQ(rules->missing_fields(0), c.missing);
  }
}

TEST(SigmaRuleSet, Interest) {
  Bench bench;
  static constexpr std::array<event::FieldSpec, 2> kFields{event::FieldSpec{"a", "text", ""},
                                                           event::FieldSpec{"b", "text", ""}};
  const auto other = bench.schema.add_type({"other", "other", {}, {}, kFields, false});
  std::string keyword = second_id(rule_text("  k: [evil]\n  condition: k"), '6');
  keyword.replace(keyword.find("product: test"), 13, "product: other");
  const auto rules = bench.compile(item_text("f|fieldref: g") + "---\n" + keyword);
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  const event::Interest& interest = rules->interest();
  EXPECT_TRUE(interest.wants(bench.type(), *bench.schema.find_field("f")));
  EXPECT_TRUE(interest.wants(bench.type(), *bench.schema.find_field("g")));
  EXPECT_FALSE(interest.wants(bench.type(), *bench.schema.find_field("a")));
  EXPECT_FALSE(interest.wants_all(bench.type()));
  EXPECT_TRUE(interest.wants_all(other));
}

TEST(SigmaRuleSet, StrictAndPermissive) {
  const std::string text = item_text("f: a") + "---\n" + second_id(item_text("f|contian: a"), '6') + "---\n" +
                           second_id(item_text("f|re: '('"), '7');
  Bench strict;
  const std::size_t fields = strict.schema.field_count();
  EXPECT_EQ(strict.compile(text), nullptr);
  EXPECT_EQ(strict.diagnostics.errors(), 2U);
  EXPECT_EQ(strict.schema.field_count(), fields);  // as it was

  Bench permissive;
  CompileOptions options;
  options.permissive = true;
  const auto rules = permissive.compile(text, options);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(rules->size(), 1U);
  EXPECT_EQ(rules->refused(), 2U);
  EXPECT_EQ(permissive.diagnostics.errors(), 2U);
}

TEST(SigmaRuleSet, AtomsAreShared) {
  Bench bench;
  const auto rules = bench.compile(item_text("f: [a, b]") + "---\n" + second_id(item_text("f: [b, a, c]"), '6'));
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(rules->data().atoms.size(), 3U);
}

std::string describe(const Hit& hit) {
  std::string out;
  for (const MatchedAtom& atom : hit.atoms)
    out += (out.empty() ? "" : "; ") + atom.field + ' ' + atom.op + ' ' + atom.pattern + " <- " + atom.value;
  return out;
}

TEST(SigmaRuleSet, HitsSayWhy) {
  static constexpr struct {
    const char* name;
    const char* detection;
    const char* event;
    const char* want;
  } kCases[] = {
      {"filters are left out", "  s: {f|contains: B}\n  n: {g: 1}\n  condition: s and not n", "{f: abc, g: 2}",
       "f contains B <- abc"},
      {"only what held", "  s:\n    f: [x, 'a*', y]\n  condition: s", "{f: Abc}", "f equals a* <- Abc"},
      {"in the rule's order", "  s: {g: 1, f|startswith: a}\n  condition: s", "{f: abc, g: 1}",
       "g equals 1 <- 1; f startswith a <- abc"},
      {"each atom once", "  s1: {f: a}\n  s2: {f: a}\n  condition: s1 and s2", "{f: a}", "f equals a <- a"},
      {"not not", "  s: {f: a}\n  condition: not (not s)", "{f: a}", "f equals a <- a"},
      {"only negations", "  s: {f: a}\n  condition: not s", "{f: b}", ""},
      {"every side of an or that holds", "  s: {f: a}\n  t: {g: b}\n  condition: s or t", "{f: a, g: b}",
       "f equals a <- a; g equals b <- b"},
      {"the element that matched", "  s: {f|re: '^b'}\n  condition: s", "{f: [a, bc]}", "f re ^b <- bc"},
      {"numbers", "  s: {f|gte: 5}\n  condition: s", "{f: 7.5}", "f gte 5 <- 7.5"},
      {"cidr", "  s: {f|cidr: 10.0.0.0/8}\n  condition: s", "{f: 'ip 10.1.1.1'}", "f cidr 10.0.0.0/8 <- 10.1.1.1"},
      {"null", "  s: {f: null, g: 1}\n  condition: s", "{g: 1}", "f null null <- ; g equals 1 <- 1"},
      {"exists", "  s: {f|exists: true}\n  condition: s", "{f: [a, b]}", "f exists true <- a,b"},
      {"neq", "  s: {f|neq: a}\n  condition: s", "{f: b}", "f neq a <- b"},
      {"fieldref", "  s: {f|fieldref: g}\n  condition: s", "{f: a, g: A}", "f fieldref g <- a"},
      {"keyword", "  s: [evil]\n  condition: s", "{f: 'an Evil'}", " contains evil <- an Evil"},
      {"2 of", "  s1: {f: a}\n  s2: {g: b}\n  s3: {h: c}\n  condition: 2 of s*", "{f: a, h: c}",
       "f equals a <- a; h equals c <- c"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench;
    const auto rules = bench.compile(rule_text(c.detection));
    ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
    Matcher matcher{rules};
    event::Event event;
    bench.fill(event, c.event);
    const auto hits = matcher.match(event);
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(describe(hits.front()), c.want);
  }
}

// `downgrade_when`: the level belongs to the event, not to the rule.
TEST(SigmaRuleSet, LowersTheLevel) {
  static constexpr struct {
    const char* name;
    const char* when;
    const char* event;
    Level want;
  } kCases[] = {
      {"it holds", "nw.maint: true, to: low", "{f: a, nw.maint: true}", Level::low},
      {"it does not", "nw.maint: true, to: low", "{f: a, nw.maint: false}", Level::high},
      {"the field is not there", "nw.maint: true, to: low", "{f: a}", Level::high},
      {"all of it", "nw.maint: true, g|startswith: [x, y], to: medium", "{f: a, nw.maint: true, g: Yes}",
       Level::medium},
      {"not all of it", "nw.maint: true, g|startswith: [x, y], to: medium", "{f: a, nw.maint: true, g: no}",
       Level::high},
      {"a field that the detection asks, too", "f: a, to: informational", "{f: a}", Level::informational},
      {"absence", "g: null, to: low", "{f: a}", Level::low},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench;
    const std::string other = "---\n" + second_id(item_text("f: b"), '6');  // `f` is looked up in an index
    const auto rules =
        bench.compile(item_text("f: a") + "level: high\nnormwatch: {downgrade_when: {" + c.when + "}}\n" + other);
    ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
    EXPECT_TRUE(rules->interest().wants(bench.type(), *bench.schema.find_field(c.when[0] == 'g' ? "g" : "f")));
    Matcher matcher{rules};
    event::Event event;
    bench.fill(event, c.event);
    const auto hits = matcher.match(event);
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(hits[0].level, c.want);
    EXPECT_EQ(describe(hits[0]), "f equals a <- a") << "why it fired is the detection alone";
    EXPECT_EQ(rules->info(0).level, Level::high);
  }
}

// A list of maps: one of them has to find the event.
TEST(SigmaRuleSet, LowersTheLevelOfSeveralKindsOfEvents) {
  static constexpr struct {
    const char* event;
    Level want;
  } kCases[] = {
      {"{f: a, g: x}", Level::low},
      {"{f: a, h: y, i: z}", Level::low},
      {"{f: a, h: y}", Level::high},
      {"{f: a}", Level::high},
  };
  Bench bench;
  const auto rules = bench.compile(item_text("f: a") +
                                   "level: high\nnormwatch:\n  downgrade_when:\n    - {g: x, to: low}\n"
                                   "    - {h: y, i: z, to: low}\n");
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  Matcher matcher{rules};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.event);
    event::Event event;
    bench.fill(event, c.event);
    const auto hits = matcher.match(event);
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(hits[0].level, c.want);
  }
}

TEST(SigmaRuleSet, ShownValuesAreCut) {
  Bench bench;
  const auto rules = bench.compile(item_text("f|contains: a"));
  ASSERT_NE(rules, nullptr);
  Matcher matcher{rules};
  event::Event event;
  bench.fill(event, "{}");
  std::string value(255, 'a');
  value += "\xc3\x84\xc3\x84";  // the cut would fall into the first one
  event.set(*bench.schema.find_field("f"), event::Value::text(value));
  const auto hits = matcher.match(event);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits.front().atoms.front().value, std::string(255, 'a'));
}

TEST(SigmaRuleSet, RulesFireInOrder) {
  Bench bench;
  const auto rules = bench.compile(item_text("f: a") + "---\n" + second_id(item_text("f: b"), '6') + "---\n" +
                                   second_id(item_text("f: 'a*'"), '7'));
  ASSERT_NE(rules, nullptr);
  Matcher matcher{rules};
  for (int round = 0; round < 3; ++round) {
    event::Event event;
    bench.fill(event, round == 1 ? "{f: b}" : "{f: a}");
    std::vector<std::size_t> fired;
    for (const Hit& hit : matcher.match(event)) fired.push_back(hit.rule);
    EXPECT_EQ(fired, round == 1 ? std::vector<std::size_t>{1} : (std::vector<std::size_t>{0, 2}));
  }
}

TEST(SigmaRuleSet, NothingFiresNothingAllocated) {
  Bench bench;
  const auto rules =
      bench.compile(item_text("f|contains: ['evil', 'x*y?z', 'Ä']") + "---\n" + second_id(item_text("g|gt: 10"), '6') +
                    "---\n" + second_id(item_text("f|re: '^never$'"), '7') + "---\n" +
                    second_id(rule_text("  k: [nowhere]\n  n: {h|cidr: 192.0.2.0/24}\n  condition: k or n"), '8'));
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  Matcher matcher{rules};
  event::Event event;
  bench.fill(event, "{f: ['Some TEXT with ÄÖ'], g: 3, h: 'ip 10.0.0.1', i: 2.5}");
  event.set(*bench.schema.find_field("f"),
            event::Value::text("Some longer TEXT with \xc3\x96, but nothing else in it"));
  event.raw = "<13>Nov 1 12:00:00 host app[12]: A Raw Line";
  ASSERT_TRUE(matcher.match(event).empty());  // warms up
  const std::size_t before = allocations;
  bool fired = false;
  for (int round = 0; round < 100; ++round) fired = fired || !matcher.match(event).empty();
  EXPECT_EQ(allocations, before);
  EXPECT_FALSE(fired);
}

TEST(SigmaRuleSet, EventsOfTypesThatCameLater) {
  Bench bench;
  const auto rules = bench.compile(item_text("f: null"));
  ASSERT_NE(rules, nullptr);
  const auto later = bench.schema.add_type({"later", "test", {}, {}, {}, true});
  event::Event event;
  event.begin(later, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
  Matcher matcher{rules};
  EXPECT_TRUE(matcher.match(event).empty());
}

}  // namespace
}  // namespace nw::sigma
