// Conditions over rules, aliases and chains: who counts for whom, and when it is asked.
#include "detect/sigma/limits.h"
#include "unit/detect/correlation/every_type.h"
#include "unit/detect/correlation/harness.h"

namespace nw::correlation {
namespace {

constexpr std::string_view kOver = "22222222-2222-4333-8444-555555555555";
constexpr std::string_view kChained = "33333333-2222-4333-8444-555555555555";
using Times = std::vector<std::int64_t>;

// `{name, seconds}` of the rules a, b and c, within ten seconds, all of one group.
struct Found {
  std::string_view rule;
  std::int64_t time = 0;
};
Times fire(std::string_view condition, const std::vector<Found>& found) {
  Bench bench{
      seen_rules({"a", "b", "c"}) +
      over_rule("{type: temporal, rules: [a, b, c], timespan: 10s, condition: " + std::string{condition} + "}", kOver) +
      "normwatch: {sigma: 2.2}\n"};
  for (const Found& event : found) bench.event_of(event.rule, event.time);
  bench.clock(1000);
  return bench.times();
}

TEST(Conditions, WithoutNotAreAskedAtEvents) {
  EXPECT_EQ(fire("a and b", {{"a", 0}, {"b", 10}}), Times{10});
  EXPECT_EQ(fire("a and b", {{"a", 0}, {"b", 11}}), Times{});
  EXPECT_EQ(fire("a and (b or c)", {{"a", 0}, {"c", 3}, {"b", 5}}), Times{3});
  EXPECT_EQ(fire("a or b", {{"c", 0}, {"b", 2}, {"a", 4}}), Times{2});
  // Once, until it was false at some event, or the group has closed.
  EXPECT_EQ(fire("a and b", {{"a", 0}, {"b", 1}, {"a", 2}, {"b", 13}}), Times{1});
  EXPECT_EQ(fire("a and b", {{"a", 0}, {"b", 1}, {"c", 11}, {"a", 12}, {"b", 13}}), (Times{1, 13}));
  EXPECT_EQ(fire("a and b", {{"a", 0}, {"b", 1}, {"b", 12}, {"a", 13}}), (Times{1, 13}));
}

TEST(Conditions, WithNotAreAskedWhenWindowsEnd) {
  EXPECT_EQ(fire("a and not b", {{"a", 0}}), Times{10});
  // Both ends are in.
  EXPECT_EQ(fire("a and not b", {{"a", 0}, {"b", 10}}), Times{});
  EXPECT_EQ(fire("a and not b", {{"a", 0}, {"b", 11}}), Times{10});
  // Each event opens a window of its own: the one that b opened has no a in it.
  EXPECT_EQ(fire("a and not b", {{"b", 0}, {"a", 5}}), Times{15});
  EXPECT_EQ(fire("not a", {{"b", 0}, {"a", 20}}), Times{10});
  // Once, until it was false at some window's end.
  EXPECT_EQ(fire("a and not b", {{"a", 0}, {"a", 5}}), Times{10});
  EXPECT_EQ(fire("a and not b", {{"a", 0}, {"a", 5}, {"b", 12}, {"a", 23}}), (Times{10, 33}));
  // Of equal times both ask the same.
  EXPECT_EQ(fire("a and not b", {{"a", 0}, {"c", 0}}), Times{10});
  EXPECT_EQ(fire("a and not (b or c)", {{"a", 0}, {"c", 4}}), Times{});
}

TEST(Conditions, WithNotTellWhenAndOfWhom) {
  Bench bench{
      seen_rules({"a", "b"}) +
      over_rule("{type: temporal, rules: [a, b], group-by: [host], timespan: 10s, condition: a and not b}", kOver) +
      "normwatch: {sigma: 2.2}\n"};
  bench.event_of("a", 0, {{"host", "pump"}});
  bench.event_of("a", 0, {{"host", "valve"}});
  bench.event_of("b", 1, {{"host", "valve"}});
  bench.clock(1000);
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].time, at(10));
  EXPECT_EQ(bench.firings[0].first, at(0));
  EXPECT_EQ(bench.firings[0].key, (std::vector<std::pair<std::string, std::string>>{{"host", "pump"}}));
}

// Of the chains that have come, the one that began last.
TEST(Ordered, TellsWhereTheChainBegan) {
  Bench bench{seen_rules({"a", "b", "c"}) +
              over_rule("{type: temporal_ordered, rules: [a, b, c], timespan: 10s}", kOver)};
  for (const auto& [rule, time] : std::vector<Found>{{"a", 0}, {"a", 2}, {"b", 3}, {"a", 4}, {"c", 5}})
    bench.event_of(rule, time);
  bench.engine.finish(bench);
  ASSERT_EQ(bench.times(), Times{5});
  EXPECT_EQ(bench.firings[0].first, at(2));
  EXPECT_EQ(bench.firings[0].value, 3);
}

TEST(Aliases, JoinFieldsOfDifferentNames) {
  Bench bench{seen_rules({"a", "b"}) +
              over_rule("{type: temporal, rules: [a, b], group-by: [who], aliases: {who: {a: source, b: target}}, "
                        "timespan: 10s}",
                        kOver)};
  bench.event_of("a", 0, {{"source", "10.0.0.1"}, {"target", "10.0.0.2"}, {"who", "x"}});
  bench.event_of("b", 1, {{"source", "10.0.0.1"}, {"target", "10.0.0.3"}, {"who", "x"}});
  bench.event_of("b", 2, {{"source", "10.0.0.1"}, {"who", "10.0.0.1"}});
  bench.clock(100);
  EXPECT_TRUE(bench.firings.empty());
  bench.event_of("a", 100, {{"source", "Host"}});
  bench.event_of("b", 101, {{"target", "HOST"}});
  bench.clock(1000);
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].time, at(101));
  EXPECT_EQ(bench.firings[0].key, (std::vector<std::pair<std::string, std::string>>{{"who", "HOST"}}));
}

// What comes out of a correlation carries the names of its group, aliases among them.
TEST(Aliases, GoOnAlongChains) {
  Bench bench{seen_rules({"a", "b"}) +
              over_rule("{type: temporal, rules: [a, b], group-by: [who], aliases: {who: {a: source, b: target}}, "
                        "timespan: 10s}",
                        kOver) +
              over_rule("{type: event_count, rules: [over], group-by: [who], timespan: 1h, condition: {gte: 2}}",
                        kChained, "twice")};
  for (const auto& [time, who] : std::vector<std::pair<int, std::string>>{{0, "ann"}, {100, "bob"}, {200, "ann"}}) {
    bench.event_of("a", time, {{"source", who}});
    bench.event_of("b", time + 1, {{"target", who}});
  }
  bench.engine.finish(bench);
  const std::size_t twice = bench.number("twice");
  std::erase_if(bench.firings, [&](const Firing& firing) { return firing.rule != twice; });
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].time, at(201));
  EXPECT_EQ(bench.firings[0].key[0].second, "ann");
}

std::string chain(std::size_t length) {
  std::string text = seen_rules({"c0"});
  for (std::size_t i = 1; i <= length; ++i)
    text += over_rule("{type: event_count, rules: [c" + std::to_string(i - 1) +
                          "], group-by: [host], timespan: 1h, condition: {gte: 1}}",
                      "22222222-2222-4333-8444-0000000000" + std::to_string(10 + i), "c" + std::to_string(i));
  return text;
}

TEST(Chains, CarryAsFarAsTheyMayBeLong) {
  ASSERT_EQ(sigma::kCorrelationDepthMax, 16U);
  Bench bench{chain(16)};
  bench.event(7, {{"host", "pump"}});
  bench.engine.finish(bench);
  ASSERT_EQ(bench.firings.size(), 16U);
  EXPECT_EQ(bench.firings.back().rule, bench.number("c16"));
  EXPECT_EQ(bench.firings.back().time, at(7));
  EXPECT_EQ(bench.firings.back().key[0].second, "pump");
}

// Of a rule with a memory others count what it says, not what its detection finds.
TEST(Chains, CountWhatARuleWithAMemorySays) {
  Bench bench{
      seen_rule("normwatch:\n  newvalue: {key: [host], field: func, learn: 60s}\n") +
      over_rule("{type: event_count, rules: [seen], group-by: [host], timespan: 1h, condition: {gte: 2}}", kOver)};
  for (int i = 0; i < 6; ++i) bench.event(i * 10, {{"host", "pump"}, {"func", i == 0 ? "read" : "poll"}});
  bench.event(100, {{"host", "pump"}, {"func", "write"}});
  bench.event(105, {{"host", "pump"}, {"func", "write"}});
  bench.event(110, {{"host", "pump"}, {"func", "stop"}});
  bench.engine.finish(bench);
  EXPECT_EQ(bench.times(), (Times{100, 110, 110}));
  EXPECT_EQ(bench.firings.back().rule, bench.number("over"));
  EXPECT_EQ(bench.firings.back().value, 2);
  EXPECT_EQ(bench.firings.back().key, (std::vector<std::pair<std::string, std::string>>{{"host", "pump"}}));
}

TEST(Chains, CountSilences) {
  Bench bench{seen_rule("normwatch:\n  absence: {key: [host], for: 60s, unless: []}\n") +
              over_rule("{type: event_count, rules: [seen], timespan: 10m, condition: {gte: 2}}", kOver)};
  for (int i = 0; i < 4; ++i) bench.event(i * 10, {{"host", "pump"}});
  bench.event(50, {{"host", "valve"}});
  bench.clock(1000);
  EXPECT_EQ(bench.times(), (Times{90, 110, 110}));
  EXPECT_EQ(bench.firings.back().rule, bench.number("over"));
}

TEST(Chains, CountEveryMemory) {
  class Sink final : public FiringSink {
   public:
    void fired(const Firing& firing) override { ++counts[firing.rule]; }
    std::map<std::uint32_t, std::size_t> counts;
  };
  std::size_t fired = 0;
  for (std::size_t type = 0; type < kEveryType.size(); ++type) {
    if (kEveryType[type].document.starts_with("correlation")) continue;
    SCOPED_TRACE(kEveryType[type].name);
    const std::string counting = "correlation: {type: event_count, rules: [" + std::string{kEveryType[type].name} +
                                 "], group-by: [host], timespan: 1s, condition: {gte: 1}}\n";
    Bench bench{rules_of(type) + document_of(82, "counting", counting)};
    Sink sink;
    play(bench.engine, 1'700'000'000, sink);
    bench.engine.finish(sink);
    const auto of = [&](std::string_view name) { return sink.counts[static_cast<std::uint32_t>(bench.number(name))]; };
    EXPECT_EQ(of("counting"), of(kEveryType[type].name));
    fired += of("counting");
  }
  EXPECT_GT(fired, 0U);
}

// A window that is over is judged before what comes after it counts, though both are found at the same moment.
TEST(Chains, AWindowEndsBeforeWhatIsLater) {
  Bench bench{
      seen_rules({"a", "b"}) +
      over_rule("{type: event_count, rules: [a], timespan: 10s, condition: {lt: 1}}", kOver, "few") +
      over_rule("{type: temporal, rules: [b, few], timespan: 10s, condition: b and not few}", kChained, "alone") +
      "normwatch: {sigma: 2.2}\n"};
  bench.event_of("a", 0);
  bench.event_of("b", 0);
  bench.engine.advance(at(45), bench);
  const std::size_t alone = bench.number("alone");
  std::erase_if(bench.firings, [&](const Firing& firing) { return firing.rule != alone; });
  ASSERT_EQ(bench.firings.size(), 1U);
  EXPECT_EQ(bench.firings[0].time, at(10));
}

// What is found late is told in its order, so that a state holds times in their order.
TEST(Chains, KeepTheOrderOfTime) {
  Bench bench{
      seen_rules({"a", "b", "c"}) +
      over_rule("{type: event_count, rules: [a], timespan: 10s, condition: {lt: 1}}", kOver, "few") +
      over_rule("{type: temporal, rules: [b, c], timespan: 10s, condition: b and not c}",
                "44444444-2222-4333-8444-555555555555", "alone") +
      "normwatch: {sigma: 2.2}\n" +
      over_rule("{type: event_count, rules: [few, alone], timespan: 1m, condition: {gte: 9}}", kChained, "both")};
  bench.event_of("a", 0);
  bench.event_of("b", 0);
  bench.clock(45);
  ASSERT_EQ(bench.firings.size(), 2U);
  EXPECT_EQ(bench.firings[0].time, at(10));
  EXPECT_EQ(bench.firings[1].time, at(10) + Nanoseconds{1});
  EXPECT_TRUE(bench.engine.restore(bench.engine.save()));
}

TEST(Chains, AreNoLonger) {
  event::Schema schema;
  schema.add_type({"test", "test", {}, {}, {}, true});
  Diagnostics found;
  const std::string text = chain(17);
  const std::array<sigma::RuleText, 1> texts{sigma::RuleText{"rules.yml", text}};
  EXPECT_EQ(sigma::RuleSet::compile(texts, schema, {}, found), nullptr);
  EXPECT_NE(found.to_string().find("limit: more than 16 correlations"), std::string::npos) << found.to_string();
}

}  // namespace
}  // namespace nw::correlation
