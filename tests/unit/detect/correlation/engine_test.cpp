#include "unit/detect/correlation/harness.h"

namespace nw::correlation {
namespace {

constexpr std::string_view kOver = "22222222-2222-4333-8444-555555555555";
const std::string kThree =
    seen_rule("") +
    over_rule("{type: event_count, rules: [seen], group-by: [user], timespan: 10s, condition: {gte: 3}}", kOver);

TEST(Engine, LateEventsAreKeptAside) {
  Bench bench{kThree};
  bench.clock(100);
  EXPECT_TRUE(bench.event(70, {{"user", "ann"}}));
  EXPECT_FALSE(bench.event(69, {{"user", "ann"}}));
  EXPECT_EQ(bench.engine.counters().late, 1U);
}

TEST(Engine, TooManyWaitingAreHurried) {
  EngineOptions options;
  options.pending_bytes = 10'000;
  Bench bench{kThree, options};
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(bench.event(i % 20, {{"user", "ann"}}));
  bench.clock(20);
  EXPECT_GT(bench.engine.counters().hurried, 0U);
  EXPECT_FALSE(bench.event(0, {{"user", "ann"}}));
  EXPECT_LT(bench.engine.counters().pending, 1000U);
}

// Lines can claim one time for all of them: none may wait beyond the budget, and each is counted once.
TEST(Engine, TooManyWaitingOfOneTimeAreHurriedToo) {
  EngineOptions options;
  options.pending_bytes = 10'000;
  Bench bench{kThree, options};
  for (int turn = 0; turn < 10; ++turn) {
    for (int i = 0; i < 1000; ++i)
      static_cast<void>(bench.event(turn == 0 && i == 0 ? 19 : 20, {{"user", std::to_string(i)}}));
    bench.clock(20);
    EXPECT_EQ(bench.engine.counters().pending, 0U) << turn;
  }
  const EngineCounters& counted = bench.engine.counters();
  EXPECT_EQ(counted.hurried, 1000U);
  EXPECT_EQ(counted.late, 9000U);
  EXPECT_EQ(counted.taken, counted.hurried + counted.late);
}

// Lines may claim to be from a moment that is still to come; what others say then is not late for it.
TEST(Engine, AFloodFromTheFutureDoesNotMakeTheOthersLate) {
  EngineOptions options;
  options.pending_bytes = 10'000;
  Bench bench{kThree, options};
  for (int i = 0; i < 1000; ++i) static_cast<void>(bench.event(79, {{"user", std::to_string(i)}}));
  bench.clock(20);
  EXPECT_EQ(bench.engine.counters().pending, 0U);
  EXPECT_EQ(bench.engine.counters().hurried, 1000U);
  EXPECT_LE(bench.engine.done(), at(21));
  EXPECT_TRUE(bench.event(21, {{"user", "ann"}}));
}

// A reload may list a host that has been heard of before.
TEST(Engine, AKeyIsProtectedAsSoonAsTheRegisterKnowsIt) {
  for (const bool listed : {false, true}) {
    EngineOptions options;
    options.bytes_per_rule = 20'000;
    Bench bench{kThree, options};
    bench.event(0, {{"user", "ann"}}, false);
    bench.event(0, {{"user", "ann"}}, listed);
    for (int i = 0; i < 5000; ++i) bench.event(1, {{"user", "invented " + std::to_string(i)}});
    bench.event(2, {{"user", "ann"}}, listed);
    bench.engine.finish(bench);
    EXPECT_EQ(bench.firings.size(), listed ? 1U : 0U);
  }
}

TEST(Engine, InventedKeysDoNotPushOutWhatTheRegisterKnows) {
  EngineOptions options;
  options.bytes_per_rule = 20'000;
  Bench bench{kThree, options};
  bench.event(0, {{"user", "ann"}}, true);
  bench.event(0, {{"user", "ann"}}, true);
  for (int i = 0; i < 5000; ++i) {
    bench.event(1, {{"user", "invented " + std::to_string(i)}});
    if (i % 100 == 0) bench.clock(1);
  }
  bench.clock(32);
  EXPECT_GT(bench.engine.counters(1).evicted, 0U);
  EXPECT_EQ(bench.engine.counters(1).evicted_registered, 0U);
  EXPECT_LE(bench.engine.counters(1).bytes, options.bytes_per_rule);
  bench.event(2, {{"user", "ann"}}, true);
  bench.engine.finish(bench);
  EXPECT_EQ(bench.firings.size(), 1U);
}

TEST(Engine, ChainsAndSaysWhichAreSilent) {
  Bench bench{kThree +
              over_rule("{type: event_count, rules: [over], timespan: 1m, condition: {gte: 2}, generate: true}",
                        "33333333-2222-4333-8444-555555555555", "twice")};
  for (const char* user : {"ann", "bob"})
    for (int i = 0; i < 3; ++i) bench.event(i, {{"user", user}});
  bench.engine.finish(bench);
  ASSERT_EQ(bench.firings.size(), 3U);
  EXPECT_EQ(bench.firings.back().value, 2);
  EXPECT_TRUE(bench.rules->silent(0));
  EXPECT_FALSE(bench.rules->silent(1));
  EXPECT_FALSE(bench.rules->silent(2));
}

// Each truncation and each flipped byte: refused, and the engine goes on.
TEST(Engine, RefusesDamagedBytes) {
  Bench bench{kThree};
  for (int i = 0; i < 5; ++i) bench.event(i * 10, {{"user", "ann"}});
  bench.clock(60);
  const std::string bytes = bench.engine.save();
  EXPECT_TRUE(bench.engine.restore(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(bench.engine.restore(std::string_view{bytes}.substr(0, i))) << i;
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x55);
    EXPECT_FALSE(bench.engine.restore(flipped)) << i;
  }
  EXPECT_EQ(bench.engine.save(), bytes);
}

TEST(Absence, FiresOnceWhenTheKeyIsSilent) {
  Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: 60s, unless: []}\n")};
  bench.event(0, {{"host", "pump"}});
  bench.event(60, {{"host", "pump"}});
  bench.clock(1000);
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_GE(bench.firings[0].time, at(120));
  EXPECT_LE(bench.firings[0].time, at(121));
}

TEST(Absence, IsExcusedWhenTheSensorIsBlind) {
  Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: 60s}\n")};
  bench.engine.alive(0, at(0));
  bench.event(0, {{"host", "pump"}});
  bench.clock(1000);
  EXPECT_TRUE(bench.firings.empty());
  EXPECT_GT(bench.engine.counters().blind, 0U);
}

TEST(NewValue, FiresForEachOnceTheKeyIsKnown) {
  Bench bench{seen_rule("normwatch:\n  newvalue: {key: [host], field: func, learn: 60s}\n")};
  bench.event(0, {{"host", "pump"}, {"func", "read"}});
  bench.event(30, {{"host", "pump"}, {"func", "poll"}});
  bench.event(100, {{"host", "pump"}, {"func", "READ"}});
  bench.event(110, {{"host", "pump"}, {"func", "write"}});
  bench.event(120, {{"host", "pump"}, {"func", "write"}});
  bench.engine.finish(bench);
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].time, at(110));
}

}  // namespace
}  // namespace nw::correlation
