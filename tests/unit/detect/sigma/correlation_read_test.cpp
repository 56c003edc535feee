// Rules over time as they are read and joined to what they are over: every key, every bound, and who is refused.
#include <gtest/gtest.h>

#include "detect/sigma/limits.h"
#include "harness.h"

namespace nw::sigma {
namespace {

using namespace std::chrono_literals;

std::string id_of(std::size_t number) {
  std::string digits = std::to_string(number);
  return "22222222-2222-4333-8444-" + std::string(12 - digits.size(), '0') + digits;
}

// A detection of `product: test`, called `name`; `more` are lines at its top.
std::string seen(std::string_view name, std::size_t number, std::string_view more = {}) {
  return "---\n" + rule_text("  sel: {f: x}\n  condition: sel", id_of(number)) + "name: " + std::string{name} + '\n' +
         std::string{more};
}

// A correlation whose keys are `keys`: a YAML map in one line.
std::string over(std::string_view name, std::size_t number, std::string_view keys, std::string_view more = {}) {
  return "---\ntitle: Over\nid: " + id_of(number) + "\nname: " + std::string{name} +
         "\ncorrelation: " + std::string{keys} + '\n' + std::string{more};
}

std::string counting(std::string_view name, std::size_t number, std::string_view of) {
  return over(name, number, "{type: event_count, rules: [" + std::string{of} + "], timespan: 5m, condition: {gte: 3}}");
}

std::string numbered(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "f" : ",f") + std::to_string(i);
  return out;
}

// The codes of the errors, each with a blank behind it.
std::string errors(const std::string& text) {
  Bench bench;
  const auto rules = bench.compile(text);
  std::string out;
  for (const Diagnostic& d : bench.diagnostics.all())
    if (d.severity == Severity::error) out += d.code + ' ';
  EXPECT_EQ(rules != nullptr, out.empty()) << text;
  return out;
}

struct Read {
  explicit Read(const std::string& text, bool permissive = false) {
    CompileOptions options;
    options.permissive = permissive;
    rules = bench.compile(text, options);
    EXPECT_NE(rules, nullptr) << bench.diagnostics.to_string();
    if (rules == nullptr) rules = Bench{}.compile("");
  }
  [[nodiscard]] std::size_t number(std::string_view name) const {
    for (std::size_t i = 0; i < rules->size(); ++i)
      if (rules->info(i).name == name) return i;
    ADD_FAILURE() << "no rule " << name;
    return 0;
  }
  [[nodiscard]] const Correlation& of(std::string_view name) const {
    static const Correlation kNone;
    const Correlation* found = rules->size() == 0 ? nullptr : rules->correlation(number(name));
    EXPECT_NE(found, nullptr) << name;
    return found == nullptr ? kNone : *found;
  }
  Bench bench;
  std::shared_ptr<const RuleSet> rules;
};

TEST(CorrelationRead, EveryKeyOfADocument) {
  const Read read{seen("a", 1) + seen("b", 2) +
                  over("c", 3,
                       "{type: value_count, rules: [a, b], group-by: [host, user], aliases: {user: {a: u1, b: u2}}, "
                       "timespan: 2h, generate: true, condition: {field: [f, g], gt: 1, gte: 2, lt: 9, lte: 8, "
                       "eq: 3, neq: 4}}")};
  const Correlation& c = read.of("c");
  EXPECT_EQ(c.type, CorrelationType::value_count);
  EXPECT_EQ(c.group_by, (std::vector<std::string>{"host", "user"}));
  EXPECT_EQ(group_field(c, 0, "user"), "u1");
  EXPECT_EQ(group_field(c, 1, "user"), "u2");
  EXPECT_EQ(group_field(c, 0, "host"), "host");
  EXPECT_EQ(c.timespan, 2h);
  EXPECT_TRUE(c.generate);
  EXPECT_EQ(c.fields, (std::vector<std::string>{"f", "g"}));
  using Op = Bound::Op;
  EXPECT_EQ(c.bounds,
            (std::vector<Bound>{{Op::gt, 1}, {Op::gte, 2}, {Op::lt, 9}, {Op::lte, 8}, {Op::eq, 3}, {Op::neq, 4}}));
  ASSERT_EQ(c.inputs.size(), 2U);
  EXPECT_EQ(c.inputs[1].rule, read.number("b"));
  EXPECT_EQ(c.inputs[1].reference, 1U);
}

TEST(CorrelationRead, TypesAndTheirDefaults) {
  for (const char* type : {"value_sum", "value_avg", "value_percentile"})
    EXPECT_EQ(errors(seen("a", 1) +
                     over("c", 2,
                          std::string{"{type: "} + type + ", rules: a, timespan: 1d, condition: {field: n, gte: 1}}")),
              "");
  const std::string both = seen("a", 1) + seen("b", 2);
  const Read ordered{both + over("c", 3, "{type: temporal_ordered, rules: [a, b], timespan: 30s}")};
  EXPECT_EQ(ordered.of("c").bounds, (std::vector<Bound>{{Bound::Op::gte, 2}}));
  const Read half{seen("a", 1) + over("c", 2,
                                      "{type: value_percentile, rules: a, timespan: 1w, "
                                      "condition: {field: n, gte: 1, percentile: 95}}")};
  EXPECT_EQ(half.of("c").percentile, 95);
  EXPECT_EQ(half.of("c").timespan, 7 * 24h);
  const Read words{both + over("c", 3, "{type: temporal, rules: [a, b], timespan: 5m, condition: a and not b}",
                               "normwatch: {sigma: 2.2}\n")};
  EXPECT_TRUE(words.of("c").extended);
  EXPECT_TRUE(words.of("c").bounds.empty());
}

TEST(CorrelationRead, StatesOfARule) {
  const auto state = [](std::string_view keys) { return seen("a", 1, "normwatch: {" + std::string{keys} + "}\n"); };
  const Read silent{
      state("absence: {key: [host], for: {median_gap: 7, min: 90s}, expect: register, "
            "unless: segment_down}")};
  const Correlation& absence = silent.of("a");
  EXPECT_EQ(absence.type, CorrelationType::absence);
  EXPECT_EQ(absence.median_gap, 7);
  EXPECT_EQ(absence.least, 90s);
  EXPECT_TRUE(absence.only_registered && absence.unless_segment && !absence.unless_blind);
  ASSERT_EQ(absence.inputs.size(), 1U);
  EXPECT_EQ(absence.inputs[0].rule, 0U);
  EXPECT_TRUE(silent.rules->feeds(0));
  EXPECT_FALSE(silent.rules->silent(0));
  EXPECT_EQ(Read{state("absence: {for: 10m}")}.of("a").timespan, 10min);

  const Read fresh{state("newvalue: {key: host, field: [f, g], learn: 3d}")};
  EXPECT_EQ(fresh.of("a").fields.size(), 2U);
  EXPECT_EQ(fresh.of("a").learn, 72h);
  const Read beacon{state("beacon: {key: host, count: 20, variation: 0.2, over: 2h, steady: n, spread: 0.3}")};
  EXPECT_EQ(beacon.of("a").count, 20U);
  EXPECT_EQ(beacon.of("a").least, 2h);
  EXPECT_EQ(beacon.of("a").spread, 0.3);
  const Read ratio{state("ratio: {over: {rcode: FAIL}, under: count, timespan: 1h, at_least: 5, gte: 0.5}")};
  EXPECT_EQ(ratio.of("a").over.value, "FAIL");
  EXPECT_TRUE(ratio.of("a").under.counted);
  EXPECT_EQ(ratio.of("a").bounds.size(), 1U);
  const Read rate{state("rate: {timespan: 5m, percentile: 95, times: 4, at_least: 30, learn: 2d}")};
  EXPECT_EQ(rate.of("a").times, 4);
  EXPECT_EQ(rate.of("a").learn, 48h);
  EXPECT_EQ(rate.of("a").least, 720h) << "30 days, where 'past' is not said";
  EXPECT_TRUE(rate.of("a").fields.empty());
  const Read sums{state("rate: {timespan: 1h, past: 7d, of: [rows, bytes]}")};
  EXPECT_EQ(sums.of("a").least, 168h);
  EXPECT_EQ(sums.of("a").fields, (std::vector<std::string>{"rows", "bytes"}));
  EXPECT_EQ((Read{state("rate: {timespan: 60d}")}.of("a").least), 2880h);
  EXPECT_EQ(errors(state("rate: {timespan: 1h, past: 90m}")), "correlation-timespan ");
  EXPECT_EQ(errors(state("rate: {timespan: 1h, past: 0s}")), "correlation-timespan ");

  const Read part{state("absence: {key: [host, unit, line], segment: [host, unit], for: 10m, unless: segment_down}")};
  EXPECT_EQ(part.of("a").segment, (std::vector<std::string>{"host", "unit"}));

  EXPECT_EQ(errors(state("absence: {for: 10m, unless: rain}")), "wrong-type ");
  for (const char* const segment : {"unit", "[unit, host]", "[host, unit]", "[host, unit, line]"})
    EXPECT_EQ(errors(state("absence: {key: [host, unit], for: 10m, unless: segment_down, segment: " +
                           std::string{segment} + "}")),
              "correlation-field ")
        << segment;
  EXPECT_EQ(errors(state("absence: {key: [host, unit], for: 10m, segment: host}")), "correlation-field ");
  EXPECT_EQ(errors(state("beacon: {count: 3}")), "wrong-type ");
  EXPECT_EQ(errors(state("ratio: {over: '', under: count, timespan: 1h, gte: 1}")), "correlation-field ");
  EXPECT_EQ(errors(state("ratio: {over: {f: [1]}, under: count, timespan: 1h, gte: 1}")), "correlation-field ");
}

TEST(CorrelationRead, Bounds) {
  const auto rules = [](std::size_t count) {
    std::string text, names;
    for (std::size_t i = 0; i < count; ++i) {
      text += seen("r" + std::to_string(i), i + 1);
      names += (i == 0 ? "r" : ",r") + std::to_string(i);
    }
    return text + counting("c", 9999, names);
  };
  EXPECT_EQ(errors(rules(kCorrelationRulesMax)), "");
  EXPECT_EQ(errors(rules(kCorrelationRulesMax + 1)), "correlation-rules ");
  EXPECT_EQ(errors(counting("c", 1, "")), "correlation-rules ");
  const auto grouped = [](const std::string& names) {
    return seen("a", 1) +
           over("c", 2, "{type: event_count, rules: a, group-by: [" + names + "], timespan: 5m, condition: {gte: 3}}");
  };
  EXPECT_EQ(errors(grouped(numbered(kGroupFieldsMax))), "");
  EXPECT_EQ(errors(grouped(numbered(kGroupFieldsMax + 1))), "limit ");
  EXPECT_EQ(errors(grouped(std::string(kFieldBytesMax, 'f'))), "");
  EXPECT_EQ(errors(grouped(std::string(kFieldBytesMax + 1, 'f'))), "limit ");
  const auto counted = [](const std::string& names) {
    return seen("a", 1) +
           over("c", 2, "{type: value_count, rules: a, timespan: 5m, condition: {gte: 3, field: [" + names + "]}}");
  };
  EXPECT_EQ(errors(counted(numbered(kGroupFieldsMax))), "");
  EXPECT_EQ(errors(counted(numbered(kGroupFieldsMax + 1))), "limit ");
  EXPECT_EQ(errors(counted(std::string(kFieldBytesMax + 1, 'f'))), "limit ");
  // What a window never counts up to would never fire.
  const auto limit = [](std::string_view type, std::size_t value) {
    return seen("a", 1) + over("c", 2,
                               "{type: " + std::string{type} + ", rules: a, timespan: 5m, condition: {gte: " +
                                   std::to_string(value) + (type == "event_count" ? "}}" : ", field: f}}"));
  };
  for (const char* type : {"event_count", "value_count"}) {
    EXPECT_EQ(errors(limit(type, kWindowEventsMax)), "");
    EXPECT_EQ(errors(limit(type, kWindowEventsMax + 1)), "limit ");
  }
  EXPECT_EQ(errors(limit("value_sum", kWindowEventsMax + 1)), "");
  const auto part = [](std::size_t bytes) {
    return seen(
        "a", 1,
        "normwatch: {ratio: {over: {f: " + std::string(bytes, 'v') + "}, under: count, timespan: 1h, gte: 1}}\n");
  };
  EXPECT_EQ(errors(part(kValueBytesMax)), "");
  EXPECT_EQ(errors(part(kValueBytesMax + 1)), "limit ");
}

TEST(CorrelationRead, ChainsAreBounded) {
  const auto chain = [](std::size_t length, bool backwards) {
    std::string text;
    for (std::size_t i = 1; i <= length; ++i) {
      const std::string one = counting("c" + std::to_string(i), i, "c" + std::to_string(i - 1));
      text = backwards ? one + text : text + one;
    }
    return seen("c0", 9999) + text;
  };
  for (const bool backwards : {false, true}) {
    EXPECT_EQ(errors(chain(kCorrelationDepthMax, backwards)), "");
    // The one that is too much, and the one that is over it.
    EXPECT_EQ(errors(chain(kCorrelationDepthMax + 2, backwards)), "limit correlation-cycle ");
  }
}

// One name may mean many rules: what correlations are over is counted for the whole set.
TEST(CorrelationRead, InputsAreBounded) {
  constexpr std::size_t kSame = 2'000;
  std::string text;
  for (std::size_t i = 0; i < kSame; ++i) text += seen("same", i);
  for (std::size_t i = 0; i <= kCorrelationInputsMax / kSame; ++i)
    text += counting("c" + std::to_string(i), 100'000 + i, "same");
  const Read read{text, true};
  EXPECT_EQ(read.rules->refused(), 1U);
  EXPECT_EQ(read.rules->size(), kSame + kCorrelationInputsMax / kSame);
}

TEST(CorrelationRead, SchemaIsNotOverrun) {
  const std::string grouped =
      "{type: event_count, rules: a, group-by: [new1, new2], timespan: 5m, condition: {gte: 3}}";
  for (const std::string& text :
       {seen("a", 1) + over("c", 2, grouped),
        seen("a", 1) + seen("b", 2, "normwatch: {absence: {key: [new1, new2], for: 5m}}\n")}) {
    Bench bench;
    bench.schema.add_field("f");
    while (bench.schema.field_count() < kFieldsMax - 1)
      bench.schema.add_field("x" + std::to_string(bench.schema.field_count()));
    CompileOptions options;
    options.permissive = true;
    const auto rules = bench.compile(text, options);
    ASSERT_NE(rules, nullptr);
    EXPECT_EQ(rules->size(), 1U);
    EXPECT_EQ(rules->refused(), 1U);
    EXPECT_LE(bench.schema.field_count(), kFieldsMax);
  }
}

TEST(CorrelationRead, References) {
  std::string upper = id_of(0xab);
  upper.replace(0, 8, "ABCDEFAB");
  std::string rule = seen("a", 0xab);
  rule.replace(rule.find(id_of(0xab)), 8, "abcdefab");
  const Read by_id{rule + counting("c", 2, upper)};
  ASSERT_EQ(by_id.of("c").inputs.size(), 1U);
  EXPECT_EQ(by_id.of("c").inputs[0].rule, by_id.number("a"));
  // Before and behind it, and a name that two rules share means both.
  const Read both{seen("a", 1) + counting("c", 2, "a") + seen("a", 3)};
  EXPECT_EQ(both.of("c").inputs.size(), 2U);
  EXPECT_EQ(errors(seen("a", 1) + counting("c", 2, "A")), "correlation-rules ");
  EXPECT_EQ(errors(seen("a", 1) + counting("c", 2, "a, a")), "correlation-rules ");
}

TEST(CorrelationRead, NothingIsRefusedInSilence) {
  EXPECT_EQ(errors(counting("c", 1, "c")), "correlation-cycle ");
  EXPECT_EQ(errors(counting("c", 1, id_of(1))), "correlation-cycle ");
  EXPECT_EQ(errors(seen("a", 1) + counting("c", 2, "d") + counting("d", 3, "c")),
            "correlation-cycle correlation-cycle ");
  // Its own name means itself too, though a rule has it.
  EXPECT_EQ(errors(seen("a", 1) + counting("a", 2, "a")), "correlation-cycle ");
  // Likewise that of another that is refused.
  EXPECT_EQ(errors(seen("a", 1) + counting("a", 2, "nobody") + counting("c", 3, "a")),
            "correlation-rules correlation-cycle ");
}

TEST(CorrelationRead, PermissiveSetsRefuseWhatIsOverTheRefused) {
  const std::string bad = "---\n" + rule_text("  sel: {f|nonsense: x}\n  condition: sel", id_of(1)) + "name: bad\n";
  const Read read{
      bad + seen("good", 2) + counting("c", 3, "good, bad") + counting("d", 4, "c") + counting("e", 5, "good"), true};
  EXPECT_EQ(read.rules->size(), 2U);
  EXPECT_EQ(read.rules->refused(), 3U);
  const std::string told = read.bench.diagnostics.to_string();
  EXPECT_NE(told.find("correlation-rules: no rule 'bad'"), std::string::npos) << told;
  EXPECT_NE(told.find("correlation-cycle: 'c'"), std::string::npos) << told;
  EXPECT_FALSE(read.of("e").inputs.empty());
}

TEST(CorrelationRead, WhoAlertsByItself) {
  const auto set = [](bool first, bool second) {
    const auto one = [](std::string_view name, std::size_t number, bool generate) {
      return over(name, number,
                  std::string{"{type: event_count, rules: a, timespan: 5m, condition: {gte: 3}, generate: "} +
                      (generate ? "true}" : "false}"));
    };
    return seen("a", 1) + one("c", 2, first) + one("d", 3, second);
  };
  EXPECT_TRUE(Read{set(false, false)}.rules->silent(0));
  EXPECT_FALSE(Read{set(true, false)}.rules->silent(0));
  EXPECT_FALSE(Read{set(false, true)}.rules->silent(0));
  const Read chained{seen("a", 1) + counting("c", 2, "a") + counting("d", 3, "c")};
  EXPECT_TRUE(chained.rules->silent(chained.number("c")));
  EXPECT_FALSE(chained.rules->silent(chained.number("d")));
  EXPECT_FALSE(chained.rules->feeds(chained.number("d")));
}

TEST(CorrelationRead, FieldsAreReadWhereTheTypeCarriesThem) {
  Bench bench;
  const event::FieldId named = bench.schema.add_field("User"), carried = bench.schema.add_field("user.name");
  bench.schema.add_alias(bench.type(), {named, carried});
  const auto rules = bench.compile(
      seen("a", 1) + over("c", 2,
                          "{type: value_count, rules: a, group-by: [who, host], aliases: {who: {a: User}}, "
                          "timespan: 5m, condition: {field: g, gte: 3}}"));
  ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
  const auto fields = rules->read_fields(0);
  EXPECT_EQ((std::vector<std::string>{fields.begin(), fields.end()}), (std::vector<std::string>{"User", "host", "g"}));
  const auto ids = rules->read_ids(0, bench.type());
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], carried);
  EXPECT_EQ(ids[1], bench.schema.add_field("host"));
}

TEST(CorrelationRead, LiveOnlyWhenItCanFire) {
  const std::string elsewhere = "---\ntitle: Elsewhere\nid: " + id_of(1) +
                                "\nname: away\nlogsource: {product: other}\ndetection: {sel: {f: x}, condition: sel}\n";
  const auto state = [&](const std::string& keys, std::string_view more = {}) {
    const Read read{elsewhere + seen("here", 2) + seen("too", 3) +
                    over("c", 4, "{rules: [here, too, away], timespan: 5m, " + keys + "}", more)};
    return read.rules->state(read.number("c"));
  };
  const RuleState live = RuleState::live, dormant = RuleState::dormant_no_source;
  EXPECT_EQ(state("type: event_count, condition: {gte: 3}"), live);
  EXPECT_EQ(state("type: temporal"), dormant);
  EXPECT_EQ(state("type: temporal_ordered"), dormant);
  EXPECT_EQ(state("type: temporal, condition: {gte: 2}"), live);
  EXPECT_EQ(state("type: temporal, condition: {gte: 3}"), dormant);
  EXPECT_EQ(state("type: temporal, condition: {eq: 1}"), live);
  EXPECT_EQ(state("type: temporal, condition: here or away", "normwatch: {sigma: 2.2}\n"), live);
  const Read chain{elsewhere + counting("c", 4, "away") + counting("d", 5, "c")};
  EXPECT_EQ(chain.rules->state(chain.number("c")), dormant);
  EXPECT_EQ(chain.rules->state(chain.number("d")), dormant);
}

// What comes out of a rule over time has the fields of its group, and no others.
TEST(CorrelationRead, LiveOnlyWhenFiringsHaveTheFields) {
  static constexpr struct {
    const char *keys, *missing;  // empty: it is live
  } kCases[] = {
      {"type: event_count, rules: a, condition: {gte: 3}", ""},
      {"type: event_count, rules: a, group-by: [host], condition: {gte: 3}", ""},
      {"type: event_count, rules: a, group-by: [user, host], condition: {gte: 3}", ""},
      {"type: event_count, rules: a, group-by: [who], aliases: {who: {a: host}}, condition: {gte: 3}", ""},
      {"type: value_count, rules: a, condition: {field: host, gte: 3}", ""},
      {"type: event_count, rules: a, group-by: [user], condition: {gte: 3}", "user "},
      {"type: event_count, rules: a, group-by: [who], aliases: {who: {a: user}}, condition: {gte: 3}", "user "},
      {"type: value_count, rules: a, group-by: [host], condition: {field: g, gte: 3}", "g "},
      {"type: event_count, rules: c, group-by: [host], condition: {gte: 3}", "host "},
      {"type: event_count, rules: [c, b], group-by: [host], condition: {gte: 3}", ""},
      {"type: temporal, rules: [a, b], group-by: [user]", "user "},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.keys);
    const Read read{seen("a", 1, "normwatch: {newvalue: {key: [host], field: g}}\n") + seen("b", 2) +
                    counting("c", 3, "b") + over("d", 4, "{timespan: 5m, " + std::string{c.keys} + "}")};
    const std::size_t rule = read.number("d");
    const bool live = *c.missing == '\0';
    EXPECT_EQ(read.rules->state(rule), live ? RuleState::live : RuleState::dormant_no_field);
    std::string missing;
    for (const std::string& name : read.rules->missing_fields(rule)) missing += name + ' ';
    EXPECT_EQ(missing, c.missing);
  }
}

// By its id and by its name: an event of it is one.
TEST(CorrelationRead, ARuleThatIsListedTwiceCountsOnce) {
  const auto inputs = [](std::string_view type) {
    const Read read{seen("a", 1) + over("c", 2,
                                        "{rules: [a, " + id_of(1) +
                                            "], timespan: 5m, condition: {gte: 2}, type: " + std::string{type} + "}")};
    return read.rules->correlation(read.number("c"))->inputs.size();
  };
  EXPECT_EQ(inputs("event_count"), 1U);
  EXPECT_EQ(inputs("temporal"), 2U);
}

TEST(CorrelationRead, TheCacheKeepsThem) {
  const std::string text =
      seen("a", 1) + seen("b", 2, "normwatch: {ratio: {over: {f: V}, under: count, timespan: 1h, gte: 0.5}}\n") +
      seen("e", 5, "normwatch: {absence: {key: [f, g], segment: f, for: 5m, unless: segment_down}}\n") +
      over("c", 3,
           "{type: value_count, rules: [a, b], group-by: [who], aliases: {who: {a: u1, b: u2}}, timespan: 2h, "
           "generate: true, condition: {field: [f, g], gte: 2}}") +
      over("d", 4, "{type: temporal, rules: [a, c], timespan: 5m, condition: a and not c}",
           "normwatch: {sigma: 2.2}\n");
  CompileCache cache{"k", {}, false};
  CompileOptions options;
  options.cache = &cache;
  Bench first, second;
  const auto fresh = first.compile(text, options);
  ASSERT_NE(fresh, nullptr) << first.diagnostics.to_string();
  cache.changed = false;
  const auto kept = second.compile(text, options);
  ASSERT_NE(kept, nullptr);
  EXPECT_FALSE(cache.changed);
  ASSERT_EQ(kept->size(), fresh->size());
  for (std::size_t i = 0; i < fresh->size(); ++i) {
    EXPECT_EQ(kept->info(i).id, fresh->info(i).id);
    EXPECT_EQ(kept->silent(i), fresh->silent(i));
    const auto a = fresh->read_fields(i), b = kept->read_fields(i);
    EXPECT_TRUE(std::ranges::equal(a, b));
    const Correlation *was = fresh->correlation(i), *is = kept->correlation(i);
    ASSERT_EQ(is != nullptr, was != nullptr);
    if (was == nullptr) continue;
    EXPECT_EQ(fingerprint(*is), fingerprint(*was));
    EXPECT_EQ(is->generate, was->generate);
    EXPECT_EQ(is->inputs.size(), was->inputs.size());
  }
}

}  // namespace
}  // namespace nw::sigma
