#include "detect/liveness/scope.h"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace nw::liveness {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnFields =
    std::to_array<event::FieldSpec>({{"orig_pkts", "integer", ""}, {"resp_pkts", "integer", ""}});

struct Bench {
  Bench() {
    conn = schema.add_type({"conn", "normwatch", {}, {}, kConnFields, false});
    dns = schema.add_type({"dns", "normwatch", {}, {}, kConnFields, false});
    declare_scope(schema);
    for (const char* name : {"nw.src.asset", "nw.dst.asset"}) schema.add_field(name);
    for (std::size_t i = 0; i < schema.type_count(); ++i)
      if (schema.type(static_cast<event::TypeId>(i)).path == "scope") scope = static_cast<event::TypeId>(i);
  }
  void see(event::TypeId type, std::uint16_t source, std::int64_t packets, const char* asset) {
    event.begin(type, event::SourceId{source}, Timestamp{}, Timestamp{}, event::TimeQuality::received);
    event.set(schema.add_field("orig_pkts"), event::Value::integer(packets - 1));
    event.set(schema.add_field("resp_pkts"), event::Value::integer(1));
    if (asset != nullptr) event.set(schema.add_field(asset), event::Value::text("w4t3r1"));
    counter.see(event);
  }

  event::Schema schema;
  event::TypeId conn{}, dns{}, scope{};
  event::Event event;
  ScopeCounter counter{2};
};

TEST(Scope, CountsFlowsByWhetherAnEndIsDesignated) {
  Bench bench;
  event::Interest interest;
  interest.want(bench.scope);
  ScopeCounter::subscribe(interest, bench.schema);
  for (const char* name : {"orig_pkts", "resp_pkts", "nw.src.asset", "nw.dst.asset"})
    EXPECT_TRUE(interest.wants(bench.conn, *bench.schema.find_field(name))) << name;
  EXPECT_FALSE(interest.wants(bench.dns));
  bench.counter.use(bench.schema, interest);
  bench.see(bench.conn, 0, 100, "nw.src.asset");
  bench.see(bench.conn, 0, 10, "nw.dst.asset");
  bench.see(bench.conn, 0, 7, nullptr);
  bench.see(bench.dns, 0, 1000, nullptr);
  bench.see(bench.conn, 1, 3, nullptr);
  bench.see(bench.conn, 2, 3, nullptr);  // a source that it does not know
  EXPECT_EQ(bench.counter.tallies()[0].packets, 117U);
  EXPECT_EQ(bench.counter.tallies()[0].outside, 7U);
  EXPECT_EQ(bench.counter.tallies()[1].packets, 3U);
  EXPECT_EQ(bench.counter.tallies()[1].outside, 3U);
}

TEST(Scope, CountsNothingWhenNoRuleAsks) {
  Bench bench;
  event::Interest interest;
  interest.want(bench.conn);
  ScopeCounter::subscribe(interest, bench.schema);
  EXPECT_FALSE(interest.wants(bench.conn, *bench.schema.find_field("orig_pkts")));
  bench.counter.use(bench.schema, interest);
  bench.see(bench.conn, 0, 100, nullptr);
  EXPECT_EQ(bench.counter.tallies()[0].packets, 0U);
  // Rules come and go; what was counted stays.
  event::Interest asking;
  asking.want(bench.scope);
  bench.counter.use(bench.schema, asking);
  bench.see(bench.conn, 0, 100, nullptr);
  bench.counter.use(bench.schema, interest);
  bench.see(bench.conn, 0, 100, nullptr);
  EXPECT_EQ(bench.counter.tallies()[0].outside, 100U);
}

TEST(Scope, IsToldOncePerWindow) {
  ScopeWatch watch;
  const std::vector<std::string> names{"span1", "span2"};
  std::vector<ScopeTally> tallies{{1000, 900}, {0, 0}};
  EXPECT_TRUE(watch.look(tallies, names, Timestamp{0s}, 5s).empty());
  tallies[0] = {3000, 1000};
  EXPECT_TRUE(watch.look(tallies, names, Timestamp{599s}, 604s).empty());
  const auto told = watch.look(tallies, names, Timestamp{600s}, 605s);
  ASSERT_EQ(told.size(), 1U) << "who had no packet says nothing";
  EXPECT_EQ(told[0].source, "span1");
  EXPECT_EQ(told[0].tally.packets, 3000U);
  EXPECT_EQ(told[0].over, Nanoseconds{600s});
  tallies[0] = {3500, 1100};
  EXPECT_TRUE(watch.look(tallies, names, Timestamp{700s}, 705s).empty());
  const auto again = watch.look(tallies, names, Timestamp{1200s}, 1205s);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].tally.packets, 500U);
  EXPECT_EQ(again[0].tally.outside, 100U);
  EXPECT_TRUE(watch.look(tallies, names, Timestamp{1800s}, 1805s).empty());
}

TEST(Scope, IsAnEventWithItsFigures) {
  Bench bench;
  event::Event event;
  const ScopeShare share{"span1", Timestamp{9s}, {400, 100}, 600s};  // borrowed
  fill(share, bench.schema, event::SourceId{7}, event);
  EXPECT_EQ(event.type(), bench.scope);
  EXPECT_EQ(event.event_time(), Timestamp{9s});
  const struct {
    const char *name, *text;
  } wanted[] = {{"source_name", "span1"},   {"host", "span1"},         {"packets", "400"},
                {"outside_packets", "100"}, {"outside_percent", "25"}, {"window_seconds", "600"}};
  for (const auto& [name, text] : wanted) {
    const event::Value* value = event.get(*bench.schema.find_field(name));
    ASSERT_NE(value, nullptr) << name;
    EXPECT_EQ(value->kind() == event::Value::Kind::real ? std::to_string(static_cast<int>(value->as_real()))
                                                        : value->to_text(),
              text)
        << name;
  }
}

}  // namespace
}  // namespace nw::liveness
