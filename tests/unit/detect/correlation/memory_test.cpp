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

// Nobody falls silent at the same moment: the link goes down between one poll and the next.
TEST(Absence, IsExcusedWhenAllFellSilentWithinHalfOfTheTime) {
  static constexpr struct {
    std::int64_t valve;  // when it was last heard
    std::size_t silent;
  } kCases[] = {{0, 0}, {1, 0}, {29, 0}, {31, 1}, {50, 1}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.valve);
    Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: 60s, unless: [segment_down]}\n")};
    bench.event(0, {{"host", "pump"}});
    bench.event(c.valve, {{"host", "valve"}});
    bench.clock(1000);
    ASSERT_EQ(bench.firings.size(), c.silent);
    for (const Firing& firing : bench.firings) EXPECT_EQ(firing.key[0].second, "pump");
  }
}

// However long nobody listened: what comes out is what came out of looking at each minute.
TEST(Absence, AYearWithoutASensorIsNoWork) {
  constexpr std::int64_t kYear = 365 * 86'400;
  Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: 60s}\n")};
  for (int i = 0; i < 1'000; ++i) bench.event(0, {{"host", "host " + std::to_string(i)}});
  bench.engine.alive(0, at(0));
  for (int i = 0; i < 60; ++i) bench.engine.alive(0, at(kYear + i * 5));
  bench.clock(kYear + 300);
  ASSERT_EQ(bench.firings.size(), 1'000U);
  EXPECT_EQ((bench.firings[0].time - at(0)) / std::chrono::seconds{60}, kYear / 60);
  EXPECT_EQ(bench.engine.counters().blind, 1'000U);
}

// The state is of sources by their numbers; over a restart these may change.
TEST(Absence, GoesWithItsSource) {
  const std::string rule = seen_rule("normwatch:\n  absence: {key: [host], for: 60s, unless: []}\n");
  Bench before{rule};
  before.event_from(0, 0, {{"host", "pump"}});
  before.event_from(1, 0, {{"host", "valve"}});
  before.event_from(1, 20, {{"host", "tank"}});  // still waits for its turn
  before.clock(40);
  Bench after{rule};
  ASSERT_TRUE(after.engine.restore(before.engine.save()));
  constexpr std::array<std::uint16_t, 2> kNumbers{UINT16_MAX, 0};
  after.engine.renumber(kNumbers);
  after.event_from(0, 70, {{"host", "tank"}});
  after.clock(1000);
  ASSERT_EQ(after.firings.size(), 2U) << "nobody is left to hear of the pump";
  EXPECT_EQ(after.firings[0].key[0].second, "valve");
  EXPECT_EQ(after.firings[1].key[0].second, "tank");
  EXPECT_EQ(after.firings[1].events, 2U);
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

// One of several devices behind one address: only another one of them shows that the way to it is open.
TEST(Absence, MayBeJudgedByTheRestOfItsOwnSegment) {
  const std::string rule =
      seen_rule("normwatch:\n  absence: {key: [host, unit], segment: host, for: 60s, unless: [segment_down]}\n");
  static constexpr struct {
    const char *name, *host, *unit;  // who goes on
    std::size_t silent;
  } kCases[] = {
      {"another one behind the same gateway", "gateway", "2", 1},
      {"one elsewhere", "other", "1", 0},
      {"nobody", "gateway", "", 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench{rule};
    bench.event(0, {{"host", "gateway"}, {"unit", "1"}});
    bench.event(0, {{"host", "gateway"}, {"unit", "2"}});
    for (int i = 1; i < 30 && *c.unit != '\0'; ++i) bench.event(i * 10, {{"host", c.host}, {"unit", c.unit}});
    bench.clock(325);
    ASSERT_EQ(bench.firings.size(), c.silent);
    if (c.silent == 0) continue;
    EXPECT_EQ(bench.times()[0], 60);
    EXPECT_EQ(bench.firings[0].key,
              (std::vector<std::pair<std::string, std::string>>{{"host", "gateway"}, {"unit", "1"}}));
  }
}

// Alone in its segment it has nobody who shows that; that is another rule's.
TEST(Absence, NobodyIsFoundWhoIsAloneInItsSegment) {
  Bench bench{
      seen_rule("normwatch:\n  absence: {key: [host, unit], segment: host, for: 60s, unless: [segment_down]}\n")};
  bench.event(0, {{"host", "pump"}, {"unit", "1"}});
  for (int i = 0; i < 30; ++i) bench.event(i * 10, {{"host", "valve"}, {"unit", "1"}});
  bench.clock(325);
  EXPECT_TRUE(bench.firings.empty());
}

// Invented segments are forgotten with their keys, and saved ones are known again.
TEST(Absence, SegmentsStayWithinTheBudget) {
  const std::string rule =
      seen_rule("normwatch:\n  absence: {key: [host, unit], segment: host, for: 60s, unless: [segment_down]}\n");
  EngineOptions options;
  options.bytes_per_rule = 20'000;
  Bench flooded{rule, options};
  for (int i = 0; i < 5'000; ++i) flooded.event(0, {{"host", "host " + std::to_string(i)}, {"unit", "1"}});
  for (const char* const unit : {"1", "2"}) flooded.event(1, {{"host", "gateway"}, {"unit", unit}});
  flooded.clock(32);
  EXPECT_GT(flooded.engine.counters(0).evicted, 0U);
  EXPECT_LE(flooded.engine.counters(0).bytes, options.bytes_per_rule / 2);
  Bench bench{rule, options};
  ASSERT_TRUE(bench.engine.restore(flooded.engine.save()));
  for (int i = 1; i < 20; ++i) bench.event(30 + i * 10, {{"host", "gateway"}, {"unit", "2"}});
  bench.clock(200);
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].key[1].second, "1");
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
