// Each bound of what rules over time remember, reached.
#include "detect/correlation/kinds.h"
#include "unit/detect/correlation/harness.h"

namespace nw::correlation {
namespace {

constexpr std::string_view kOver = "22222222-2222-4333-8444-555555555555";

std::string counting(std::string_view keys) {
  return seen_rule("") + over_rule("{rules: [seen], timespan: 10s, " + std::string{keys} + "}", kOver);
}

EngineOptions budget(std::size_t bytes) {
  EngineOptions options;
  options.bytes_per_rule = bytes;
  return options;
}

TEST(Bounds, TheColdestKeyLeaves) {
  const std::string rules = counting("type: event_count, group-by: [host], condition: {gte: 2}");
  // As many keys as 20,000 bytes hold.
  std::size_t fit = 0;
  for (; fit < 1000; ++fit) {
    Bench bench{rules, budget(20'000)};
    for (std::size_t i = 0; i <= fit; ++i) bench.event(0, {{"host", std::to_string(i)}});
    bench.clock(40);
    EXPECT_LE(bench.engine.counters(1).bytes, 20'000U);
    if (bench.engine.counters(1).evicted > 0) break;
  }
  ASSERT_GT(fit, 10U);
  ASSERT_LT(fit, 1000U);
  Bench bench{rules, budget(20'000)};
  for (std::size_t i = 0; i < fit; ++i) bench.event(0, {{"host", std::to_string(i)}});
  bench.event(1, {{"host", "0"}});    // is touched again, and fires
  bench.event(2, {{"host", "new"}});  // "1" has to leave
  bench.event(3, {{"host", "1"}});    // begins anew
  bench.event(4, {{"host", std::to_string(fit - 1)}});
  bench.clock(40);
  EXPECT_GE(bench.engine.counters(1).evicted, 2U);
  EXPECT_GE(bench.engine.counters(1).keys, fit - 2);
  EXPECT_EQ(bench.times(), (std::vector<std::int64_t>{1, 4}));
}

TEST(Bounds, RegisteredKeysLeaveOnlyForEachOther) {
  Bench bench{counting("type: event_count, group-by: [host], condition: {gte: 2}"), budget(20'000)};
  bench.event(0, {{"host", "invented"}});
  for (int i = 0; i < 1000; ++i) bench.event(0, {{"host", std::to_string(i)}}, true);
  bench.clock(40);
  const RuleCounters counters = bench.engine.counters(1);
  EXPECT_GT(counters.evicted_registered, 0U);
  EXPECT_EQ(counters.evicted, counters.evicted_registered + 1);
  EXPECT_LE(counters.bytes, 20'000U);
}

// What has left takes its bytes along, those of its place in the queue too: else less and less would fit.
TEST(Bounds, AFloodLeavesRoomForAsManyAsBefore) {
  for (const char* keys : {"type: event_count, group-by: [host], condition: {lt: 2}",
                           "type: event_count, group-by: [host], condition: {gte: 2}"}) {
    const auto fit = [&](int flood) {
      Bench bench{counting(keys), budget(20'000)};
      for (int i = 0; i < flood; ++i) bench.event(0, {{"host", std::to_string(i)}});
      bench.clock(31);
      EXPECT_GT(bench.engine.counters(1).evicted, 0U);
      return bench.engine.counters(1).keys;
    };
    EXPECT_EQ(fit(5'000), fit(500)) << keys;
  }
}

// Neither can the one key that there is be without end.
TEST(Bounds, OneKeyHoldsSoManyEvents) {
  EXPECT_EQ(kEventsPerKey, 16'384U);  // as rules/README.md says
  for (const char* keys : {"type: value_sum, condition: {lt: -1, field: n}", "type: event_count, condition: {neq: 3}",
                           "type: value_count, condition: {neq: 3, field: n}"}) {
    SCOPED_TRACE(keys);
    const auto cut = [&](std::size_t events) {
      Bench bench{counting(keys)};
      for (std::size_t i = 0; i < events; ++i) bench.event(0, {{"n", std::to_string(i)}});
      bench.engine.finish(bench);
      return bench.engine.counters(1).cut;
    };
    EXPECT_EQ(cut(kEventsPerKey), 0U);
    EXPECT_EQ(cut(kEventsPerKey + 1), 1U);
  }
}

TEST(Bounds, OneKeyKnowsSoManyValues) {
  Bench bench{seen_rule("normwatch:\n  newvalue: {key: [host], field: n, learn: 1s}\n")};
  for (int i = 0; i < 4'096; ++i) bench.event(i / 4'095, {{"host", "pump"}, {"n", std::to_string(i)}});
  bench.clock(1000);
  EXPECT_EQ(bench.firings.size(), 1U);  // the last, a second after the first
  EXPECT_EQ(bench.engine.counters(0).cut, 0U);
  bench.event(1000, {{"host", "pump"}, {"n", "one more"}});
  bench.event(1000, {{"host", "pump"}, {"n", "17"}});
  bench.engine.finish(bench);
  EXPECT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.engine.counters(0).cut, 1U);
}

// What is longer goes on as its beginning and two sums of the whole: still told apart, case and all.
TEST(Bounds, LongValuesAreTold) {
  Bench bench{counting("type: value_count, condition: {gte: 3, field: n}")};
  const std::string most(kValueBytes, 'x'), more(kValueBytes + 1, 'x');
  bench.event(0, {{"n", most}});
  bench.event(1, {{"n", more + "a"}});
  bench.event(2, {{"n", more + "a"}});
  bench.clock(40);
  EXPECT_TRUE(bench.firings.empty());
  EXPECT_LT(bench.engine.counters(1).bytes, 2'000U);
  Bench third{counting("type: value_count, condition: {gte: 3, field: n}")};
  third.event(0, {{"n", most}});
  third.event(1, {{"n", more + "a"}});
  third.event(2, {{"n", more + "b"}});
  third.engine.finish(third);
  EXPECT_EQ(third.firings.size(), 1U);
}

// A source that takes more breaks than are remembered: the first ones are forgotten, and count as life.
TEST(Bounds, SourcesTakeSoManyBreaks) {
  Bench bench{counting("type: event_count, condition: {gte: 2}")};
  for (int i = 0; i < 70'000; ++i) bench.engine.alive(0, at(i * 10));
  const std::size_t bytes = bench.engine.save().size();
  for (int i = 70'000; i < 80'000; ++i) bench.engine.alive(0, at(i * 10));
  EXPECT_EQ(bench.engine.save().size(), bytes);
}

}  // namespace
}  // namespace nw::correlation
