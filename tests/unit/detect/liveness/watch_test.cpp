#include "detect/liveness/watch.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <random>

#include "base/hash.h"

namespace nw::liveness {
namespace {

using namespace std::chrono_literals;

// A Monday, 00:00 UTC.
constexpr Timestamp kMonday = from_unix_nanoseconds(1'767'571'200'000'000'000);
constexpr Nanoseconds kDay = 24h, kWeek = 7 * kDay;

// A watched source over simulated time, a look each second.
class Simulation {
 public:
  // What the source gives in the second that begins `at`, since kMonday.
  using Source = std::function<std::uint64_t(Nanoseconds at)>;

  explicit Simulation(const Expect& expect = {}) : watch_{expect} {}

  void run(Nanoseconds time, const Source& source) {
    for (const Nanoseconds end = at_ + time; at_ < end; at_ += 1s) {
      look_.records += source(at_);
      look_.wall = kMonday + at_ + 1s;
      look_.steady += 1s;
      watch_.look(look_, changes_);
    }
  }
  void restart() {
    const std::string saved = watch_.save();
    watch_ = Watch{Expect{}};
    ASSERT_TRUE(watch_.restore(saved));
    look_ = Look{};
  }

  // "silent begins +90", "silent ends": from `from` on.
  [[nodiscard]] std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (const Change& change : changes_)
      out.push_back(std::string{to_string(change.state)} + (change.begins ? " begins" : " ends"));
    return out;
  }

  Watch watch_;
  Look look_;
  Nanoseconds at_{};
  std::vector<Change> changes_;
};

using Told = std::vector<std::string>;

constexpr auto kNothing = [](Nanoseconds) -> std::uint64_t { return 0; };

Simulation::Source steady() {
  return [](Nanoseconds) -> std::uint64_t { return 5; };
}
Simulation::Source heartbeat() {
  return [](Nanoseconds at) -> std::uint64_t { return at % 5min == 0s ? 1 : 0; };
}
// Weekdays, from some time after eight until some time after five; `shift`: of the clock on the wall.
Simulation::Source office(unsigned seed, Nanoseconds shift = 0s) {
  struct Office {
    std::mt19937_64 random;
    std::int64_t day = -1;
    Nanoseconds opens{}, closes{};
  };
  const auto office = std::make_shared<Office>();
  office->random.seed(seed);
  return [office, shift](Nanoseconds time) -> std::uint64_t {
    const Nanoseconds at = time + shift;
    if (at / kDay != office->day) {
      office->day = at / kDay;
      office->opens = 8h + std::chrono::seconds{office->random() % 2400};
      office->closes = 17h + std::chrono::seconds{office->random() % 2400};
    }
    const Nanoseconds of_day = at % kDay;
    if (office->day % 7 >= 5 || of_day < office->opens || of_day >= office->closes) return 0;
    return std::poisson_distribution<std::uint64_t>{0.5}(office->random);
  };
}
// Nothing for twenty minutes on average, then some minutes of many.
Simulation::Source bursts(unsigned seed) {
  struct Bursts {
    std::mt19937_64 random;
    bool on = false;
    Nanoseconds until{};
  };
  const auto state = std::make_shared<Bursts>();
  state->random.seed(seed);
  return [state](Nanoseconds at) -> std::uint64_t {
    if (at >= state->until) {
      state->on = !state->on;
      std::exponential_distribution<double> length{state->on ? 1 / 480.0 : 1 / 1200.0};
      state->until = at + std::chrono::seconds{1 + static_cast<int>(length(state->random))};
    }
    return state->on ? state->random() % 20 : 0;
  };
}
// At three in the night, half a minute early or late.
Simulation::Source nightly(unsigned seed) {
  struct Job {
    std::mt19937_64 random;
    std::int64_t day = -1;
    Nanoseconds starts{};
  };
  const auto job = std::make_shared<Job>();
  job->random.seed(seed);
  return [job](Nanoseconds at) -> std::uint64_t {
    if (at / kDay != job->day) {
      job->day = at / kDay;
      job->starts = 3h + std::chrono::seconds{static_cast<int>(job->random() % 60) - 30};
    }
    const Nanoseconds of_day = at % kDay;
    return of_day >= job->starts && of_day < job->starts + 10s ? 4 : 0;
  };
}

struct Case {
  const char* name;
  Simulation::Source (*source)(unsigned seed);
  Nanoseconds stops;  // after four weeks
  Nanoseconds told_after;
};
const Case kCases[] = {
    {"steady", [](unsigned) { return steady(); }, 11h, 62s},
    {"a beat each five minutes", [](unsigned) { return heartbeat(); }, 11h, 20min},
    {"an office, in its day", [](unsigned seed) { return office(seed); }, 11h, 5min},
    {"an office, in its night: told in the morning", [](unsigned seed) { return office(seed); }, 22h, 12h + 5min},
    {"bursts", [](unsigned seed) { return bursts(seed); }, 11h, 26h},
    {"once a day: told when two hours have gone by", [](unsigned seed) { return nightly(seed); }, 11h, 18h + 1min},
};

// The sanitizers make half a year of seconds take minutes.
#ifdef NW_SANITIZED
constexpr unsigned kSeeds = 1;
#else
constexpr unsigned kSeeds = 2;
#endif

TEST(Liveness, NoFalseAlarmInFourWeeksAndAnOutageIsTold) {
  for (const Case& c : kCases)
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(std::string{c.name} + ", seed " + std::to_string(seed));
      Simulation run;
      const Simulation::Source source = c.source(seed);
      run.run(4 * kWeek + c.stops, source);
      EXPECT_EQ(run.told(), Told{});
      run.run(c.told_after, kNothing);
      ASSERT_EQ(run.told(), Told{"silent begins"});
      const Change silent = run.changes_[0];
      EXPECT_GE(silent.seen, silent.expected);
      EXPECT_GE(silent.expected, 60);
      EXPECT_LE(silent.since, kMonday + 4 * kWeek + c.stops);
      run.run(kWeek, source);
      EXPECT_EQ(run.told(), (Told{"silent begins", "silent ends"}));
    }
}

// What is judged before a week has been seen.
TEST(Liveness, IsLearnedInADayByWhoNeverRestsAndInAWeekByOthers) {
  Simulation restless, rests;
  restless.run(kDay - 1h, steady());
  EXPECT_EQ(restless.watch_.silence_limit(), Watch::kUnlearned);
  restless.run(2h, steady());
  EXPECT_EQ(restless.watch_.silence_limit(), 60s);
  const Simulation::Source source = office(1);
  rests.run(kWeek - 1h, source);
  EXPECT_EQ(rests.watch_.silence_limit(), Watch::kUnlearned);
  rests.run(kWeek + 11h, source);
  EXPECT_LE(rests.watch_.silence_limit(), 5min);
  EXPECT_EQ(rests.told(), Told{});
}

TEST(Liveness, SummerTimeIsNoOutage) {
  for (const Nanoseconds shift : {Nanoseconds{1h}, Nanoseconds{-1h}}) {
    Simulation run;
    run.run(4 * kWeek, office(5));
    run.run(3 * kWeek, office(6, shift));
    EXPECT_EQ(run.told(), Told{}) << shift.count();
  }
}

TEST(Liveness, ARestartKeepsWhatWasLearnedAndBeginsTheSilenceAnew) {
  Simulation run;
  run.run(3 * kDay, steady());
  run.run(50s, kNothing);
  run.restart();
  run.run(59s, kNothing);
  EXPECT_EQ(run.told(), Told{});
  run.run(5s, kNothing);
  EXPECT_EQ(run.told(), Told{"silent begins"});
}

TEST(Liveness, NeverHeardIsTakenForWhatItIs) {
  Simulation run;
  run.run(kDay - 1min, kNothing);
  EXPECT_EQ(run.told(), Told{});
  run.run(2min, kNothing);
  EXPECT_EQ(run.told(), Told{"never_heard begins"});
  run.run(2min, steady());
  EXPECT_EQ(run.told(), (Told{"never_heard begins", "never_heard ends"}));
  // Heard once and for a while: it is silent, after a long weekend.
  run.run(Watch::kUnlearned + 2s, kNothing);
  EXPECT_EQ(run.told().back(), "silent begins");
}

// What came before the first look counts.
TEST(Liveness, HeardInTheFirstSecondIsHeard) {
  Simulation run;
  run.look_.records = 1;
  run.run(kDay + 1min, kNothing);
  EXPECT_EQ(run.told(), Told{});
  EXPECT_EQ(run.watch_.silence_limit(), Watch::kUnlearned);
}

TEST(Liveness, DeclaredSilenceIsKeptToTheSecond) {
  Expect expect;
  expect.silent_after = 2s;
  Simulation run{expect};
  run.run(1s, kNothing);
  EXPECT_EQ(run.told(), Told{});
  run.run(2s, kNothing);
  EXPECT_EQ(run.told(), Told{"silent begins"});  // also of what was never heard
  EXPECT_EQ(run.changes_[0].expected, 2);
  run.run(2s, steady());
  EXPECT_EQ(run.told().size(), 1U);  // not at the first word
  run.run(2s, steady());
  EXPECT_EQ(run.told(), (Told{"silent begins", "silent ends"}));
  // One word is no rhythm.
  run.run(3s, kNothing);
  run.run(1s, steady());
  run.run(100s, kNothing);
  EXPECT_EQ(run.told().size(), 3U);
}

TEST(Liveness, WhatIsOffIsNotWatched) {
  Expect expect;
  expect.off = true;
  Simulation run{expect};
  run.run(2 * kDay, kNothing);
  EXPECT_EQ(run.told(), Told{});
}

TEST(Liveness, AnInputThatFailedIsSilentAtOnce) {
  Simulation run;
  run.run(10s, steady());
  run.look_.failed = true;
  run.run(1s, kNothing);
  EXPECT_EQ(run.told(), Told{"silent begins"});
  ASSERT_NE(run.watch_.standing(State::silent), nullptr);
}

// Somebody stopped us, or the disk did: nobody looked, so nothing was silent.
TEST(Liveness, TimeInWhichNobodyLookedIsNoSilence) {
  Simulation run;
  run.run(3 * kDay, steady());
  run.look_.steady += 1h;
  run.at_ += 1h;
  run.run(30s, kNothing);
  EXPECT_EQ(run.told(), Told{});
  run.run(40s, kNothing);
  EXPECT_EQ(run.told(), Told{"silent begins"});
}

TEST(Liveness, FlappingIsBounded) {
  Simulation run;
  run.run(3 * kDay, steady());
  // Speaks for seventy seconds, then not for seventy.
  run.run(kDay, [](Nanoseconds at) -> std::uint64_t { return at % 140s < 70s ? 5 : 0; });
  EXPECT_LE(run.told().size(), 60U);  // 617 times otherwise
  EXPECT_GE(run.told().size(), 2U);
}

TEST(Liveness, VolumeCollapsesWhenATenthIsLeft) {
  Simulation run;
  const auto most = [](Nanoseconds) -> std::uint64_t { return 5; };
  const auto few = [](Nanoseconds at) -> std::uint64_t { return at % 40s == 0s ? 1 : 0; };
  run.run(4 * kDay, most);
  run.run(20min, few);
  EXPECT_EQ(run.told(), Told{});
  run.run(20min, few);
  ASSERT_EQ(run.told(), Told{"volume_collapse begins"});
  EXPECT_NEAR(run.changes_[0].expected, 18'000, 4'000);
  EXPECT_NEAR(run.changes_[0].seen, 90, 10);
  EXPECT_NEAR(std::chrono::duration<double>(run.changes_[0].since - kMonday - 4 * kDay).count(), 0, 601);
  run.run(20min, most);
  EXPECT_EQ(run.told().size(), 1U);
  run.run(10min, most);
  EXPECT_EQ(run.told(), (Told{"volume_collapse begins", "volume_collapse ends"}));
}

TEST(Liveness, VolumeOfAnHourMayBeDeclared) {
  Expect expect;
  expect.least_per_hour = 10;
  expect.silent_after = 2h;
  Simulation run{expect};
  run.run(59min, heartbeat());
  EXPECT_EQ(run.told(), Told{});
  run.run(3h, heartbeat());  // twelve an hour
  EXPECT_EQ(run.told(), Told{});
  run.run(1h, [](Nanoseconds at) -> std::uint64_t { return at % 10min == 0s ? 1 : 0; });
  ASSERT_EQ(run.told(), Told{"volume_collapse begins"});
  EXPECT_EQ(run.changes_[0].expected, 10);
  EXPECT_LT(run.changes_[0].seen, 10);
  run.run(90min, heartbeat());
  EXPECT_EQ(run.told(), (Told{"volume_collapse begins", "volume_collapse ends"}));
}

// `unread` of a hundred lines, each second.
void read_badly(Simulation& run, Nanoseconds time, std::uint64_t unread) {
  run.run(time, [&](Nanoseconds) -> std::uint64_t {
    run.look_.unread += unread;
    return 100;
  });
}

TEST(Liveness, ParseFailures) {
  Simulation learned;
  read_badly(learned, 2h, 4);
  EXPECT_EQ(learned.told(), Told{});
  read_badly(learned, 11min, 50);
  ASSERT_EQ(learned.told(), Told{"parse_failures begins"});
  EXPECT_NEAR(learned.changes_[0].expected, 11, 0.1);  // half as many again, and five
  EXPECT_GT(learned.changes_[0].seen, 40);
  read_badly(learned, 25min, 4);
  EXPECT_EQ(learned.told(), (Told{"parse_failures begins", "parse_failures ends"}));

  Expect expect;
  expect.parse_failures_max = 1;
  Simulation declared{expect};
  read_badly(declared, 2h, 1);
  EXPECT_EQ(declared.told(), Told{});
  read_badly(declared, 11min, 2);
  EXPECT_EQ(declared.told(), Told{"parse_failures begins"});

  // Some lines of a quiet source say nothing.
  Simulation few;
  few.run(2h, [&](Nanoseconds at) -> std::uint64_t {
    few.look_.unread += at % 1h == 0s ? 1U : 0U;
    return at % 1h == 0s ? 1 : 0;
  });
  EXPECT_EQ(few.told(), Told{});
}

void lose(Simulation& run, Nanoseconds time, std::uint64_t lost) {
  run.run(time, [&](Nanoseconds) -> std::uint64_t {
    run.look_.lost += lost;
    return 100;
  });
}

TEST(Liveness, LosingMoreThanAPercentForFiveMinutes) {
  Simulation run;
  lose(run, 1h, 1);
  EXPECT_EQ(run.told(), Told{});
  lose(run, 3min, 5);
  lose(run, 2min, 0);
  EXPECT_EQ(run.told(), Told{});
  lose(run, 7min, 5);
  ASSERT_EQ(run.told(), Told{"losing begins"});
  EXPECT_NEAR(run.changes_[0].seen, 100 * 5 / 105.0, 0.1);
  lose(run, 7min, 0);
  EXPECT_EQ(run.told(), (Told{"losing begins", "losing ends"}));
}

TEST(Liveness, AClockThatJumps) {
  Simulation run;
  run.look_.skew = 1h;  // a wrong zone is no jump
  run.run(10min, steady());
  run.look_.skew = 1h + 4min;
  run.run(10min, steady());
  EXPECT_EQ(run.told(), Told{});
  run.look_.skew = 0s;
  run.run(3s, steady());
  EXPECT_EQ(run.told(), Told{});  // a line or two
  run.run(10s, steady());
  ASSERT_EQ(run.told(), Told{"clock_jump begins"});
  EXPECT_NEAR(run.changes_[0].seen, -3600, 60);
  EXPECT_GE(run.changes_[0].expected, 300);
  run.look_.skew = 1h;
  run.run(10s, steady());
  EXPECT_EQ(run.told(), (Told{"clock_jump begins", "clock_jump ends"}));
  // What has stood for a day is how it is.
  run.look_.skew = -2h;
  run.run(kDay + 1min, steady());
  EXPECT_EQ(run.told().size(), 4U);
  run.run(kDay, steady());
  EXPECT_EQ(run.told().size(), 4U);
}

TEST(Liveness, OurOwnJumpIsNotTheirs) {
  OwnClock clock;
  EXPECT_FALSE(clock.look(kMonday, 100s));
  EXPECT_FALSE(clock.look(kMonday + 5s, 101s));
  const auto jump = clock.look(kMonday + 5s + 20min, 101s);
  ASSERT_TRUE(jump);
  EXPECT_EQ(*jump, 20min);
  EXPECT_FALSE(clock.look(kMonday + 6s + 20min, 102s));
  EXPECT_EQ(clock.look(kMonday + 7s, 103s), std::optional<Nanoseconds>{-20min});

  for (const bool told : {true, false}) {
    Simulation run;
    run.look_.skew = 0s;
    run.run(1h, steady());
    if (told) run.watch_.own_jump(20min);
    run.run(1min, steady());  // the median is of before
    run.look_.skew = 20min;
    run.run(5h, steady());
    EXPECT_EQ(run.told(), told ? Told{} : Told{"clock_jump begins"});
    // Another jump is theirs.
    run.look_.skew = 0s;
    run.run(1min, steady());
    EXPECT_EQ(run.told().size(), told ? 1U : 2U);
  }
}

TEST(Liveness, WhatWasLearnedIsKept) {
  Simulation run;
  run.look_.skew = 7s;
  run.run(2 * kWeek, office(9));
  const std::string saved = run.watch_.save();
  EXPECT_LE(saved.size(), 16U << 10);
  Watch other{Expect{}};
  ASSERT_TRUE(other.restore(saved));
  EXPECT_EQ(other.save(), saved);
}

TEST(Liveness, DamageIsSeen) {
  Simulation run;
  run.run(2 * kDay, steady());
  const std::string saved = run.watch_.save();
  Watch fresh{Expect{}};
  const std::string empty = fresh.save();
  for (std::size_t i = 0; i < saved.size(); i += 7) {
    std::string cut = saved.substr(0, i), changed = saved;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    for (const std::string& bad : {cut, changed}) {
      const auto restored = fresh.restore(bad);
      ASSERT_FALSE(restored) << i;
      EXPECT_EQ(restored.error().code, Errc::malformed);
    }
  }
  EXPECT_FALSE(fresh.restore(saved + '\0'));
  EXPECT_EQ(fresh.save(), empty);  // it learns anew
  // A good sum over numbers that cannot be.
  for (const double impossible : {std::nan(""), -1.0, 1e300}) {
    std::string bad = saved.substr(0, saved.size() - 8);
    std::string number;
    put_number(impossible, number);
    bad.replace(bad.size() - 8, 8, number);
    put_number(hash64(bad), bad);
    EXPECT_FALSE(fresh.restore(bad)) << impossible;
  }
}

TEST(Liveness, HoursOfTheWeek) {
  EXPECT_EQ(hour_of_week(kMonday), 0U);
  EXPECT_EQ(hour_of_week(kMonday - 1ns), 167U);
  EXPECT_EQ(hour_of_week(kMonday + kDay + 61min), 25U);
  EXPECT_EQ(hour_of_week(Timestamp{}), 72U);
  EXPECT_EQ(hour_of_week(Timestamp{-1h}), 71U);
}

}  // namespace
}  // namespace nw::liveness
