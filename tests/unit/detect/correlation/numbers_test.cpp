// value_avg, value_percentile and value_sum at their edges; beacons and rates by their numbers.
#include <algorithm>

#include "unit/detect/correlation/harness.h"

namespace nw::correlation {
namespace {

constexpr std::string_view kOver = "22222222-2222-4333-8444-555555555555";
using Times = std::vector<std::int64_t>;

struct Numbered {
  std::int64_t time = 0;
  std::string value;
};

// Within ten seconds, all of one group.
Bench asked(std::string_view type, std::string_view condition, const std::vector<Numbered>& found) {
  Bench bench{seen_rule("") + over_rule("{type: " + std::string{type} + ", rules: [seen], timespan: 10s, condition: {" +
                                            "field: n, " + std::string{condition} + "}}",
                                        kOver)};
  for (const Numbered& event : found) bench.event(event.time, {{"n", event.value}});
  bench.clock(1000);
  return bench;
}

TEST(Average, IsOfTheNumbersInTheWindow) {
  const std::vector<Numbered> rising{{0, "1"}, {1, "2"}, {2, "6"}};
  const Bench three = asked("value_avg", "gte: 3", rising);
  EXPECT_EQ(three.times(), Times{2});
  EXPECT_EQ(three.firings[0].value, 3);
  EXPECT_EQ(three.firings[0].events, 3U);
  EXPECT_EQ(three.firings[0].first, at(0));
  EXPECT_EQ(asked("value_avg", "gt: 3", rising).times(), Times{});
  // What has left counts no more; what is just ten seconds old does.
  EXPECT_EQ(asked("value_avg", "gte: 5", {{0, "0"}, {10, "9"}, {11, "1"}}).times(), Times{11});
  EXPECT_EQ(asked("value_avg", "lte: -1", {{0, "1"}, {1, "-1.5"}, {2, "-3"}}).times(), Times{2});
}

TEST(Average, OfNothingIsNoNumber) {
  // One that holds for nothing does not fire when the window is empty.
  EXPECT_EQ(asked("value_avg", "lt: 5", {{0, "9"}}).times(), Times{});
  EXPECT_EQ(asked("value_percentile", "lt: 5", {{0, "9"}}).times(), Times{});
  EXPECT_EQ(asked("value_avg", "lt: 5", {{0, "1"}}).times(), Times{0});
}

TEST(Average, CountsNumbersOnly) {
  const std::vector<Numbered> odd{{0, "many"}, {1, ""},      {2, "inf"},   {3, "nan"},
                                  {4, "5 "},   {5, "1e999"}, {6, "0x999"}, {7, "-7.5e0"}};
  const Bench bench = asked("value_avg", "neq: 0", odd);
  ASSERT_EQ(bench.times(), Times{7});
  EXPECT_EQ(bench.firings[0].value, -7.5);
  EXPECT_EQ(bench.firings[0].events, 1U);
}

// 10, 20, 30 and 40 come one a second: what the percentile is after each.
TEST(Percentile, IsByNearestRank) {
  static constexpr struct {
    int percentile;
    std::array<int, 4> values;
  } kCases[] = {
      {0, {10, 10, 10, 10}},  {1, {10, 10, 10, 10}},  {25, {10, 10, 10, 10}},
      {26, {10, 10, 10, 20}}, {50, {10, 10, 20, 20}}, {51, {10, 20, 20, 30}},
      {75, {10, 20, 30, 30}}, {76, {10, 20, 30, 40}}, {100, {10, 20, 30, 40}},
  };
  for (const auto& c : kCases)
    for (const int limit : {10, 20, 30, 40}) {
      SCOPED_TRACE(std::to_string(c.percentile) + " meets " + std::to_string(limit));
      const Bench bench =
          asked("value_percentile", "gte: " + std::to_string(limit) + ", percentile: " + std::to_string(c.percentile),
                {{0, "10"}, {1, "20"}, {2, "30"}, {3, "40"}});
      const auto first = std::ranges::find_if(c.values, [&](int value) { return value >= limit; });
      if (first == c.values.end()) {
        EXPECT_TRUE(bench.firings.empty());
        continue;
      }
      EXPECT_EQ(bench.times(), Times{first - c.values.begin()});
      EXPECT_EQ(bench.firings[0].value, *first);
    }
}

// 7 of a hundred are the 7th, though 0.07 times 100 is a little more than 7.
TEST(Percentile, IsExact) {
  for (int percentile = 1; percentile <= 100; ++percentile) {
    std::vector<Numbered> hundred;
    for (int i = 1; i <= 100; ++i) hundred.push_back({0, std::to_string(i)});
    const std::string limit = std::to_string(percentile);
    // Of the first 99, it is one less; rounded up to the same only from 100 on.
    const Bench bench = asked("value_percentile", "gte: " + limit + ", percentile: " + limit, hundred);
    ASSERT_EQ(bench.firings.size(), 1U) << percentile;
    EXPECT_EQ(bench.firings[0].value, percentile);
    const std::string more = std::to_string(percentile + 1);
    EXPECT_TRUE(asked("value_percentile", "gte: " + more + ", percentile: " + limit, hundred).firings.empty()) << limit;
  }
}

TEST(Sum, CanBeTooLittle) {
  // Not before a whole window has passed since the group opened, and a nanosecond after what has left it.
  const Bench bench = asked("value_sum", "lt: 5", {{0, "1"}, {4, "3"}, {8, "2"}});
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].time, at(14) + Nanoseconds{1});
  EXPECT_EQ(bench.firings[0].value, 2);
}

// Every 30 seconds, with a value each.
Bench beating(std::string_view keys, const std::vector<std::string>& values, int gap = 30) {
  Bench bench{seen_rule("normwatch:\n  beacon: {key: [host], count: 5, " + std::string{keys} + "}\n")};
  for (std::size_t i = 0; i < values.size(); ++i) {
    Bench::Fields fields{{"host", "pump"}};
    if (!values[i].empty()) fields["n"] = values[i];
    bench.event(static_cast<std::int64_t>(i) * gap, fields);
  }
  bench.engine.finish(bench);
  return bench;
}

TEST(Beacon, MayHaveToBeSteadyInItsValuesToo) {
  const std::string steady = "over: 1m, steady: n, spread: 0.1";
  EXPECT_EQ(beating(steady, {"100", "105", "95", "100", "100"}).times(), Times{120});
  EXPECT_EQ(beating(steady, {"100", "100", "100", "100", "110"}).times(), Times{120});
  // The mean is 96 and 88: at most 10 % from it.
  EXPECT_EQ(beating(steady, {"100", "100", "100", "100", "80"}).times(), Times{});
  EXPECT_EQ(beating(steady, {"100", "100", "100", "100", "40", "100"}).times(), Times{});
  EXPECT_EQ(beating("over: 1m", {"100", "100", "100", "100", "40"}).times(), Times{120});
  // Ten percent when nothing is said; one whose value is missing or no number has 0.
  EXPECT_EQ(beating("over: 1m, steady: n", {"100", "100", "100", "100", "80"}).times(), Times{});
  EXPECT_EQ(beating("over: 1m, steady: n", {"100", "100", "100", "100", "90"}).times(), Times{120});
  EXPECT_EQ(beating(steady, {"100", "100", "100", "100", ""}).times(), Times{});
  EXPECT_EQ(beating(steady, {"100", "100", "100", "100", "many"}).times(), Times{});
  EXPECT_EQ(beating(steady, {"-100", "-105", "-95", "-100", "-100"}).times(), Times{120});
  // It becomes steady when the odd one is no longer among the last five.
  EXPECT_EQ(beating(steady, {"40", "100", "100", "100", "100", "100"}).times(), Times{150});
}

TEST(Beacon, HasToGoOnForSoLong) {
  const std::vector<std::string> twelve(12, "1");
  EXPECT_EQ(beating("over: 1m", twelve).times(), Times{120});
  EXPECT_EQ(beating("over: 5m", twelve).times(), Times{300});
  EXPECT_EQ(beating("over: 331s", twelve).times(), Times{});
  // More than one a second is traffic.
  EXPECT_EQ(beating("over: 1s", twelve, 1).times(), Times{4});
  EXPECT_EQ(beating("over: 1s", twelve, 0).times(), Times{});
}

TEST(Beacon, MayVaryALittle) {
  const auto varied = [](const char* variation) {
    Bench bench{seen_rule(
        "normwatch:\n  beacon: {key: [host], count: 5, over: 1m, variation: " + std::string{variation} + "}\n")};
    // Gaps of 27, 33, 27 and 33 seconds: a coefficient of variation of 0.1.
    for (const int time : {0, 27, 60, 87, 120}) bench.event(time, {{"host", "pump"}});
    bench.engine.finish(bench);
    return bench.firings.size();
  };
  EXPECT_EQ(varied("0.11"), 1U);
  EXPECT_EQ(varied("0.09"), 0U);
}

// A slice is a minute; they begin at 40, 100, 160 and so on.
struct Slices {
  explicit Slices(std::string_view keys)
      : bench{seen_rule("normwatch:\n  rate: {key: [host], timespan: 1m, " + std::string{keys} + "}\n")} {}
  void add(int events) {
    for (int i = 0; i < events; ++i) bench.event(begin + i, {{"host", "pump"}});
    begin += 60;
  }
  // An event with this value in `n`.
  void add(const char* n) {
    bench.event(begin, {{"host", "pump"}, {"n", n}});
    begin += 60;
  }
  // The count at which each that fired did.
  std::vector<double> fired() {
    bench.engine.finish(bench);
    std::vector<double> out;
    for (const Firing& firing : bench.firings) out.push_back(firing.value);
    return out;
  }
  Bench bench;
  std::int64_t begin = 40;
};

TEST(Rate, IsAgainstTheKeysOwnPast) {
  Slices slices{"percentile: 50, times: 3, at_least: 1, learn: 5m"};
  for (int i = 0; i < 6; ++i) slices.add(2);
  slices.add(6);  // 2 is kept as 2.02, of which three are 6.06
  slices.add(20);
  slices.add(20);
  EXPECT_EQ(slices.fired(), (std::vector<double>{7, 7}));
  EXPECT_EQ(slices.bench.firings[0].first, at(460));
}

TEST(Rate, IsNotAskedBeforeItHasLearnt) {
  Slices slices{"percentile: 50, times: 3, at_least: 1, learn: 5m"};
  slices.add(2);
  for (int i = 0; i < 4; ++i) slices.add(20);
  EXPECT_EQ(slices.fired(), std::vector<double>{});
}

TEST(Rate, HasALeast) {
  Slices slices{"percentile: 50, times: 3, at_least: 15, learn: 5m"};
  for (int i = 0; i < 6; ++i) slices.add(2);
  slices.add(14);
  slices.add(20);
  EXPECT_EQ(slices.fired(), std::vector<double>{15});
}

// Slices without events are of its past, too: they bring the median to nothing.
TEST(Rate, CountsEmptySlices) {
  const auto after = [](int empty) {
    Slices slices{"percentile: 50, times: 3, at_least: 4, learn: 5m"};
    for (int i = 0; i < 6; ++i) slices.add(8);
    for (int i = 0; i < empty; ++i) slices.add(0);
    slices.add(30);
    return slices.fired();
  };
  EXPECT_EQ(after(5), (std::vector<double>{25}));  // 8 is kept as 8.08
  EXPECT_EQ(after(6), (std::vector<double>{4}));
}

TEST(Rate, GoesByTheHighSlices) {
  const auto percentile = [](const char* percent) {
    Slices slices{"percentile: " + std::string{percent} + ", times: 2, at_least: 1, learn: 5m"};
    for (int i = 0; i < 9; ++i) slices.add(1);
    slices.add(16);
    slices.add(40);
    return slices.fired();
  };
  EXPECT_EQ(percentile("90"), (std::vector<double>{3, 3}));   // 1 is kept as 1.01
  EXPECT_EQ(percentile("91"), (std::vector<double>{3, 33}));  // 16 as 16.16
}

TEST(Rate, SaysWhatIsUsual) {
  Slices slices{"percentile: 50, times: 3, at_least: 1, learn: 5m"};
  for (int i = 0; i < 6; ++i) slices.add(2);
  slices.add(7);
  slices.fired();
  EXPECT_EQ(slices.bench.firings[0].what, "usually at most 2");
}

TEST(Rate, AddsUpAField) {
  Slices slices{"of: n, percentile: 50, times: 3, at_least: 10, learn: 5m"};
  for (int i = 0; i < 6; ++i) slices.add("1000");
  for (const char* const none : {"many", "", "-5000", "inf"}) slices.add(none);  // events without a number do not count
  slices.add("2900");
  slices.add("3100.5");
  EXPECT_EQ(slices.fired(), std::vector<double>{3100.5});
  EXPECT_EQ(slices.bench.firings[0].events, 1U);
}

TEST(Rate, AddsUpSeveralFields) {
  Bench bench{
      seen_rule("normwatch:\n  rate: {key: [host], of: [n, m], timespan: 1m, percentile: 50, times: 3, at_least: 1, "
                "learn: 5m}\n")};
  for (int i = 0; i < 7; ++i) bench.event(40 + 60 * i, {{"host", "pump"}, {"n", "40"}, {"m", "60"}});
  bench.event(460, {{"host", "pump"}, {"m", "250"}});
  bench.event(461, {{"host", "pump"}, {"n", "60"}, {"m", "none"}});
  bench.engine.finish(bench);
  ASSERT_EQ(bench.times(), Times{461});
  EXPECT_EQ(bench.firings[0].value, 310);
}

// What is as old as the whole past counts no more, and a single large slice has not stayed for ever.
TEST(Rate, ForgetsWhatIsOlderThanItsPast) {
  const auto after = [](int slices_later) {
    Slices slices{"percentile: 100, times: 2, at_least: 4, learn: 5m, past: 20m"};
    slices.add(50);
    for (int i = 0; i < slices_later; ++i) slices.add(2);
    slices.add(20);
    return slices.fired().size();
  };
  EXPECT_EQ(after(8), 0U) << "younger than half the past";
  EXPECT_EQ(after(20), 1U);
  Slices silent{"percentile: 50, times: 2, at_least: 4, learn: 5m, past: 20m"};
  for (int i = 0; i < 12; ++i) silent.add(50);
  for (int i = 0; i < 100; ++i) silent.add(0);
  silent.add(5);
  EXPECT_EQ(silent.fired(), std::vector<double>{4}) << "a past without anything";
}

// What it knows goes on over a restart, and bytes that it cannot have saved are refused.
TEST(Rate, OutlivesARestart) {
  const std::string rule = seen_rule(
      "normwatch:\n  rate: {key: [host], of: n, timespan: 1m, percentile: 99, times: 3, at_least: 1, learn: 5m}\n");
  Bench before{rule};
  for (int i = 0; i < 10; ++i) before.event(40 + 60 * i, {{"host", "pump"}, {"n", "100"}});
  before.event(640, {{"host", "pump"}, {"n", "290"}});
  before.clock(700);
  const std::string saved = before.engine.save();
  Bench after{rule};
  ASSERT_TRUE(after.engine.restore(saved));
  EXPECT_EQ(after.engine.save(), saved);
  after.event(671, {{"host", "pump"}, {"n", "20"}});
  after.engine.finish(after);
  ASSERT_EQ(after.firings.size(), 1U);
  EXPECT_EQ(after.firings[0].value, 310);
  EXPECT_EQ(after.firings[0].what, "usually at most 100");
}

}  // namespace
}  // namespace nw::correlation
