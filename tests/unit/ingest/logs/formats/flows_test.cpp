// Flow records as a log format: what becomes of a datagram as a line. What is in them: tests/unit/ingest/flows.
#include <gtest/gtest.h>

#include "ingest/flows/decoder.h"
#include "unit/ingest/flows/flow_play.h"
#include "unit/ingest/logs/formats/log_test_support.h"

namespace nw::logs {
namespace {

using flows::kNow;
using flows::Octets;

constexpr const char* kReceived = "2026-01-15T08:00:00Z";
const std::optional<IpAddress> kPeer = IpAddress::v4(0xc000'0201);

Octets templates() { return flows::netflow9(flows::template9(256, {{8, 4}, {1, 4}})); }
Octets data() { return flows::netflow9(flows::set(256, Octets{}.ip("10.0.0.1").u32(5)), 1); }
LineFault play(Bench& bench, const Octets& datagram) { return bench.line(datagram.view(), kReceived, kPeer); }

TEST(Flows, Events) {
  Bench bench{"flows", {}, Wants::types, {"orig_bytes"}};
  EXPECT_EQ(play(bench, templates()), LineFault::none);
  EXPECT_EQ(bench.parser->joined(), 1U);
  EXPECT_EQ(play(bench, data()), LineFault::none);
  EXPECT_EQ(bench.parser->joined(), 1U);
  ASSERT_EQ(bench.sink->seen.size(), 1U);
  EXPECT_EQ(bench.last().path, "netflow");
  EXPECT_EQ(bench.fields(), R"({"host":"192.0.2.1","id.orig_h":"10.0.0.1","orig_bytes":5})");
  EXPECT_EQ(bench.last().quality, event::TimeQuality::stated);
  EXPECT_EQ(bench.last().ordinal, 1U);
  EXPECT_EQ(bench.last().raw, "");
}

TEST(Flows, NobodyAsks) {
  Bench bench{"flows", {}, Wants::nothing};
  play(bench, templates());
  EXPECT_EQ(bench.parser->joined(), 1U);
  // What holds a record that nobody wants is not joined with anything.
  EXPECT_EQ(play(bench, data()), LineFault::none);
  EXPECT_EQ(bench.parser->joined(), 1U);
  EXPECT_TRUE(bench.sink->seen.empty());
}

TEST(Flows, UnparsedShowsItsFirstOctets) {
  Bench bench{"flows", {}, Wants::types};
  EXPECT_EQ(play(bench, Octets{}.u16(8).u8(0xff).u8(0)), LineFault::bad_flow);
  EXPECT_EQ(bench.last().path, "unparsed");
  EXPECT_EQ(bench.last().raw, "0008ff00");
  EXPECT_EQ(bench.fields(), R"({"message":"0008ff00","reason":"bad_flow","host":"192.0.2.1"})");
  EXPECT_EQ(play(bench, Octets{}.u16(8).zeros(500)), LineFault::bad_flow);
  EXPECT_EQ(bench.last().raw.size(), 128U);
  EXPECT_EQ(bench.line(""), LineFault::empty);
  EXPECT_EQ(bench.line(std::string(kLineBytesMax + 1, '\0')), LineFault::too_long);
  // What could be read of a datagram is told besides.
  play(bench, templates());
  const std::size_t before = bench.sink->seen.size();
  const Octets cut = data();
  EXPECT_EQ(play(bench, Octets{}.add(cut).u16(256).u16(99)), LineFault::bad_flow);
  EXPECT_EQ(bench.sink->seen.size(), before + 2);
}

TEST(Flows, Named) {
  FormatOptions options;
  options.product = "router";
  options.service = "edge";
  Bench bench{"flows", options, Wants::types};
  play(bench, templates());
  play(bench, data());
  EXPECT_EQ(bench.last().path, "netflow:edge");
  bool found = false;
  for (std::size_t i = 0; i < bench.schema->type_count(); ++i) {
    const event::Type& type = bench.schema->type(static_cast<event::TypeId>(i));
    EXPECT_EQ(type.product, "router");
    found =
        found || (type.path == "netflow:edge" && type.services == std::vector<std::string>{"flow", "netflow", "edge"});
  }
  EXPECT_TRUE(found);
}

TEST(Flows, StateAcrossARestart) {
  Bench before{"flows", {}, Wants::types};
  play(before, templates());
  Bench after{"flows", {}, Wants::types};
  ASSERT_TRUE(after.parser->restore(before.parser->state()));
  EXPECT_EQ(play(after, data()), LineFault::none);
  EXPECT_EQ(after.sink->seen.size(), 1U);
  EXPECT_FALSE(after.parser->restore("nwflows"));
  flows::Counters counters;
  ASSERT_TRUE(after.parser->flow_counters(counters));
  EXPECT_EQ(counters.states_refused, 1U);
  EXPECT_EQ(counters.flows[3], 1U);
  // Formats that remember nothing take nothing ill.
  Bench json{"json", {}, Wants::types};
  EXPECT_FALSE(find_format("json")->datagrams);
  EXPECT_TRUE(find_format("flows")->datagrams);
}

TEST(Flows, WaitingEndsWithTheSource) {
  Bench bench{"flows", {}, Wants::types};
  play(bench, data());
  EXPECT_EQ(bench.parser->joined(), 1U);
  bench.parser->flush(*parse_rfc3339(kReceived), true, *bench.sink);
  flows::Counters counters;
  bench.parser->flow_counters(counters);
  EXPECT_EQ(counters.waiting.expired, 1U);
}

}  // namespace
}  // namespace nw::logs
