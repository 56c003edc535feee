// What rules remember: absence by medians and with excuses, beacons, ratios.
#include "unit/detect/correlation/harness.h"

namespace nw::correlation {
namespace {

TEST(Absence, GoesByTheMedianOfTheGaps) {
  Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: {median_gap: 5, min: 60s}, unless: []}\n")};
  for (int i = 0; i < 10; ++i) bench.event(i * 20, {{"host", "pump"}});
  bench.clock(1000);
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_GE(bench.firings[0].time, at(280));
  EXPECT_LE(bench.firings[0].time, at(281));
}

TEST(Absence, IsExcusedWhenNoOtherKeyWasHeard) {
  Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: 60s, unless: [segment_down]}\n")};
  bench.event(0, {{"host", "pump"}});
  bench.event(0, {{"host", "valve"}});
  bench.clock(1000);
  EXPECT_TRUE(bench.firings.empty());
  EXPECT_EQ(bench.engine.counters().blind, 2U);
}

// The segment was down, and is back without one of them.
TEST(Absence, IsFoundWhenTheOthersAreBack) {
  Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: 60s, unless: [segment_down]}\n")};
  bench.event(0, {{"host", "pump"}});
  bench.event(0, {{"host", "valve"}});
  bench.event(300, {{"host", "valve"}});
  bench.clock(390);
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].key[0].second, "pump");
  EXPECT_EQ(bench.firings[0].value, 300);
}

// Each silence once, however often it is looked at; the next one anew.
TEST(Absence, ExcusesAreCountedOncePerSilence) {
  Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: 60s}\n")};
  bench.engine.alive(0, at(0));
  bench.event(0, {{"host", "pump"}});
  bench.clock(1000);
  EXPECT_EQ(bench.engine.counters().blind, 1U);
  bench.engine.alive(0, at(1000));
  bench.event(1000, {{"host", "pump"}});
  bench.clock(2000);
  EXPECT_EQ(bench.engine.counters().blind, 2U);
  EXPECT_TRUE(bench.firings.empty());
}

TEST(Absence, MayBeOfRegisteredKeysOnly) {
  Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: 60s, expect: register, unless: []}\n")};
  bench.event(0, {{"host", "stranger"}});
  bench.event(0, {{"host", "pump"}}, true);
  bench.clock(1000);
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].key[0].second, "pump");
}

TEST(Beacon, FiresForEvenGapsOnly) {
  Bench even{seen_rule("normwatch:\n  beacon: {key: [host], count: 5, over: 1m}\n")};
  for (int i = 0; i < 8; ++i) even.event(i * 30, {{"host", "pump"}});
  even.engine.finish(even);
  EXPECT_EQ(even.firings.size(), 1U);
  Bench uneven{seen_rule("normwatch:\n  beacon: {key: [host], count: 5, over: 1m}\n")};
  for (int i = 0; i < 8; ++i) uneven.event(i * i * 10, {{"host", "pump"}});
  uneven.engine.finish(uneven);
  EXPECT_TRUE(uneven.firings.empty());
}

TEST(Ratio, FiresWhenTheLimitIsMet) {
  Bench bench{
      seen_rule("normwatch:\n  ratio: {key: [host], over: out, under: in, timespan: 1m, gte: 10, at_least: 50}\n")};
  bench.event(0, {{"host", "pump"}, {"out", "20"}, {"in", "2"}});
  bench.event(1, {{"host", "pump"}, {"out", "40"}, {"in", "2"}});
  bench.engine.finish(bench);
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].value, 15);
}

}  // namespace
}  // namespace nw::correlation
