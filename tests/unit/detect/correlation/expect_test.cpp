// Absence of those whom the register designates: watched from the start, though never heard of.
#include "unit/detect/correlation/harness.h"

namespace nw::correlation {
namespace {

std::string absence(std::string_view keys) {
  return seen_rule("normwatch:\n  absence: {key: [host], expect: register, " + std::string{keys} + "}\n");
}
const std::string kMinute = absence("for: 60s, unless: []");

Expectation of(const std::vector<std::string>& hosts) {
  Expectation out;
  out.sources = {0};
  for (const std::string& host : hosts) out.keys.push_back({{host}, true});
  return out;
}

class Watch : public Bench {
 public:
  using Bench::Bench;
  void expect(const std::vector<std::string>& hosts, std::int64_t seconds) {
    const std::array<Expectation, 1> all{of(hosts)};
    engine.expect(all, at(seconds));
  }
  void hear(std::int64_t seconds, const std::string& host) { event(seconds, {{"host", host}}, true); }
  void live(std::int64_t first, std::int64_t last, std::uint16_t source = 0) {
    for (; first <= last; ++first) engine.alive(source, at(first));
  }
  [[nodiscard]] std::vector<std::string> silent() const {
    std::vector<std::string> out;
    for (const Firing& firing : firings) out.push_back(firing.key[0].second);
    return out;
  }
};
using Hosts = std::vector<std::string>;

TEST(Expect, WhoWasNeverHeardOfIsSilentAfterTheTime) {
  Watch watch{kMinute};
  watch.expect({"pump", "Valve"}, 0);
  watch.hear(30, "pump");
  watch.clock(90);  // 30 seconds behind it, everything is in its place
  EXPECT_EQ(watch.silent(), Hosts{});
  watch.clock(91);
  ASSERT_EQ(watch.silent(), Hosts{"valve"});
  EXPECT_EQ(watch.firings[0].time, at(60));
  EXPECT_EQ(watch.firings[0].first, at(0));
  EXPECT_EQ(watch.firings[0].events, 0U);
  EXPECT_EQ(watch.firings[0].value, 60);
  EXPECT_EQ(watch.firings[0].what, "not heard of in 1m");
  // Once; and pump as always, by its last event.
  watch.clock(1000);
  EXPECT_EQ(watch.silent(), (Hosts{"valve", "pump"}));
  EXPECT_EQ(watch.firings[1].time, at(90));
}

TEST(Expect, OnceHeardOfItIsAsAnyOther) {
  Watch watch{kMinute};
  watch.expect({"pump"}, 0);
  watch.hear(50, "PUMP");
  watch.hear(100, "pump");
  watch.clock(189);
  EXPECT_EQ(watch.silent(), Hosts{});
  watch.clock(1000);
  ASSERT_EQ(watch.silent(), Hosts{"pump"});
  EXPECT_EQ(watch.firings[0].first, at(50));
  EXPECT_EQ(watch.firings[0].events, 2U);
}

TEST(Expect, ABlindSensorExcuses) {
  Watch watch{absence("for: 60s")};
  watch.expect({"pump"}, 0);
  watch.live(0, 500, 1);  // another source, which could not hear it
  watch.clock(500);
  EXPECT_EQ(watch.silent(), Hosts{});
  EXPECT_EQ(watch.engine.counters().blind, 1U);
  watch.live(500, 700);
  watch.clock(700);
  EXPECT_EQ(watch.silent(), Hosts{"pump"});
}

TEST(Expect, ASegmentThatIsDownExcuses) {
  Watch watch{absence("for: 60s, unless: [segment_down]")};
  watch.expect({"pump", "valve", "tank"}, 0);
  watch.clock(300);
  EXPECT_EQ(watch.silent(), Hosts{});
  EXPECT_EQ(watch.engine.counters().blind, 3U);
  // The one that is there says that the others could be.
  watch.hear(301, "tank");
  watch.clock(391);
  EXPECT_EQ(watch.silent(), (Hosts{"pump", "valve"}));
  // Of the others nobody has ever been heard: it is as if it stood alone.
  watch.clock(1000);
  EXPECT_EQ(watch.silent(), (Hosts{"pump", "valve", "tank"}));
}

TEST(Expect, AfterAReloadTheRemovedLeaveAndNewOnesBegin) {
  Watch watch{kMinute};
  watch.expect({"pump", "valve"}, 0);
  watch.hear(10, "pump");
  watch.hear(20, "valve");
  watch.hear(40, "valve");
  watch.clock(50);  // the last event still waits for its turn
  EXPECT_TRUE(watch.engine.swap(watch.rules));
  watch.expect({"pump", "tank"}, 50);
  watch.clock(1000);
  EXPECT_EQ(watch.silent(), (Hosts{"pump", "tank"}));
  EXPECT_EQ(watch.firings[0].time, at(70));
  EXPECT_EQ(watch.firings[1].time, at(110));
}

// With the others gone it stands alone, and nobody is left who could say that the segment is there.
TEST(Expect, TheLastOneIsAlertedOf) {
  Watch watch{absence("for: 60s, unless: [segment_down]")};
  watch.expect({"pump", "valve"}, 0);
  watch.hear(10, "pump");
  watch.hear(10, "valve");
  watch.clock(41);
  EXPECT_TRUE(watch.engine.swap(watch.rules));
  watch.expect({"pump"}, 41);
  watch.clock(1000);
  EXPECT_EQ(watch.silent(), Hosts{"pump"});
}

TEST(Expect, TheWatchOutlivesARestart) {
  Watch watch{kMinute};
  watch.expect({"pump", "valve"}, 0);
  watch.hear(10, "valve");
  watch.clock(45);
  const std::string saved = watch.engine.save();
  Watch after{kMinute};
  EXPECT_TRUE(after.engine.restore(saved));
  EXPECT_EQ(after.engine.save(), saved);
  after.expect({"pump", "valve"}, 50);
  after.clock(1000);
  EXPECT_EQ(after.silent(), (Hosts{"pump", "valve"}));
  EXPECT_EQ(after.firings[0].time, at(60));
  EXPECT_EQ(after.firings[1].time, at(70));
  // Who has been told of as silent is not told of again.
  Watch third{kMinute};
  EXPECT_TRUE(third.engine.restore(after.engine.save()));
  third.expect({"pump", "valve"}, 1000);
  third.clock(5000);
  EXPECT_EQ(third.silent(), Hosts{});
}

TEST(Expect, WhatHasBeenWorkedOffIsNotWatchedAnew) {
  Watch watch{kMinute};
  watch.clock(1000);
  watch.expect({"pump"}, 10);  // a clock that was put back
  watch.clock(1059);
  EXPECT_EQ(watch.silent(), Hosts{});
  watch.clock(1061);
  EXPECT_EQ(watch.firings.at(0).time, at(1030));
}

TEST(Expect, ARhythmMustBeKnown) {
  Watch watch{absence("for: {median_gap: 2, min: 1s}, unless: []")};
  watch.expect({"pump"}, 0);
  watch.clock(100'000);
  EXPECT_EQ(watch.silent(), Hosts{});
  for (int i = 0; i < 5; ++i) watch.hear(100'000 + i * 10, "pump");
  watch.hear(100'000, "stranger");  // none of the register's
  watch.clock(200'000);
  EXPECT_EQ(watch.silent(), Hosts{"pump"});
}

TEST(Expect, SomeAreDesignatedOnly) {
  Watch watch{kMinute};
  Expectation expectation = of({"pump"});
  expectation.keys.push_back({{"10.0.0.7"}, false});
  const std::array<Expectation, 1> all{expectation};
  watch.engine.expect(all, at(0));
  watch.hear(500, "10.0.0.7");
  watch.clock(1000);
  EXPECT_EQ(watch.silent(), (Hosts{"pump", "10.0.0.7"}));
}

TEST(Expect, StaysWithinTheBudget) {
  EngineOptions options;
  options.bytes_per_rule = 20'000;
  Watch watch{kMinute, options};
  Hosts hosts;
  for (int i = 0; i < 1000; ++i) hosts.push_back(std::to_string(i));
  watch.expect(hosts, 0);
  EXPECT_GT(watch.engine.counters(0).evicted_registered, 0U);
  EXPECT_LE(watch.engine.counters(0).bytes, options.bytes_per_rule);
  watch.clock(1000);
  EXPECT_EQ(watch.silent().size(), watch.engine.counters(0).keys);
}

}  // namespace
}  // namespace nw::correlation
