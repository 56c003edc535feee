// What is remembered, how much of it, for how long, and across a restart; and what sequence numbers tell.
#include <gtest/gtest.h>

#include "unit/ingest/flows/flow_play.h"

namespace nw::flows {
namespace {

const Octets kAddress = Octets{}.ip("10.0.0.1");
const std::string kTold = "{\"id.orig_h\":\"10.0.0.1\"}\n";
Octets simple(unsigned id) { return template9(static_cast<std::uint16_t>(id), {{8, 4}}); }
Octets data(unsigned id) { return set(static_cast<std::uint16_t>(id), kAddress); }

TEST(FlowTemplates, LeastRecentlyUsedOfAnExporterGoes) {
  Limits limits;
  limits.templates = 3;
  Play play{limits};
  for (const unsigned id : {256U, 257U, 258U}) play.play(netflow9(simple(id)));
  EXPECT_EQ(play.play(netflow9(data(256))), kTold);
  play.play(netflow9(simple(259)));
  EXPECT_EQ(play.decoder.counters().templates_held, 3U);
  EXPECT_EQ(play.decoder.counters().store.templates_evicted, 1U);
  EXPECT_EQ(play.play(netflow9(data(256))), kTold);
  EXPECT_EQ(play.play(netflow9(data(257))), "");
  EXPECT_EQ(play.play(netflow9(data(258))), kTold);
}

TEST(FlowTemplates, LeastRecentlyHeardExporterMakesRoom) {
  Limits limits;
  limits.templates_all = 2;
  Play play{limits};
  play.play(netflow9(simple(256)), 0, "192.0.2.1");
  play.play(netflow9(simple(256)), 0, "192.0.2.2");
  play.play(netflow9(simple(256)), 0, "192.0.2.3");
  EXPECT_EQ(play.decoder.counters().store.exporters_evicted, 1U);
  EXPECT_EQ(play.play(netflow9(data(256)), 0, "192.0.2.1"), "");
  EXPECT_EQ(play.decoder.counters().exporters_held, 3U);
  // Alone, an exporter makes room among its own.
  Play alone{limits};
  for (const unsigned id : {256U, 257U, 258U}) alone.play(netflow9(simple(id)));
  EXPECT_EQ(alone.decoder.counters().templates_held, 2U);
  EXPECT_EQ(alone.decoder.counters().store.templates_evicted, 1U);
}

TEST(FlowTemplates, ExportersAndDomainsAreBounded) {
  Limits limits;
  limits.exporters = limits.domains = 2;
  Play play{limits};
  for (const char* peer : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) play.play(netflow9(simple(256)), 0, peer);
  EXPECT_EQ(play.decoder.counters().exporters_held, 2U);
  EXPECT_EQ(play.decoder.counters().templates_held, 2U);
  for (const std::uint32_t domain : {1U, 2U, 3U}) play.play(netflow9(simple(256), 0, domain), 0, "192.0.2.3");
  EXPECT_EQ(play.decoder.counters().store.domains_evicted, 2U);
  EXPECT_EQ(play.decoder.counters().templates_held, 3U);
}

TEST(FlowTemplates, AreForgottenWithTheirExporter) {
  Play play;
  play.play(netflow9(simple(256)));
  play.decoder.flush(at(48 * 3600), false);
  EXPECT_EQ(play.decoder.counters().templates_held, 1U);
  play.decoder.flush(at(48 * 3600 + 1), false);
  EXPECT_EQ(play.decoder.counters().templates_held, 0U);
  EXPECT_EQ(play.decoder.counters().exporters_held, 0U);
}

Octets sampler_options() { return set(1, Octets{}.u16(300).u16(4).u16(8).u16(1).u16(4).u16(48).u16(1).u16(50).u16(4)); }
Octets sampler(unsigned id, std::uint32_t rate) { return set(300, Octets{}.u32(0).u8(id).u32(rate)); }

TEST(FlowOptions, AreBounded) {
  Limits limits;
  limits.entries = 2;
  Play play{limits};
  play.play(netflow9(sampler_options()));
  for (const unsigned id : {1U, 2U, 3U, 2U}) play.play(netflow9(sampler(id, 10U * id)));
  EXPECT_EQ(play.decoder.counters().store.entries_refused, 1U);
  limits.entries = 100;
  limits.entries_all = 2;
  Play all{limits};
  for (const char* peer : {"192.0.2.1", "192.0.2.2"}) {
    all.play(netflow9(sampler_options()), 0, peer);
    for (const unsigned id : {1U, 2U}) all.play(netflow9(sampler(id, 10)), 0, peer);
  }
  EXPECT_EQ(all.decoder.counters().exporters_held, 1U);
  EXPECT_EQ(all.decoder.counters().store.entries_refused, 0U);
}

TEST(FlowWaiting, IsBoundedForEachExporterAndForAll) {
  Limits limits;
  limits.waiting_bytes = 1000;
  limits.waiting_bytes_all = 1500;
  Play play{limits};
  // Two sets of an exporter fit, three of all.
  for (const unsigned id : {256U, 257U, 258U}) play.play(netflow9(data(id)));
  EXPECT_EQ(play.decoder.counters().waiting.dropped, 1U);
  EXPECT_EQ(play.play(netflow9(simple(256))), "") << "the oldest is gone";
  for (const char* peer : {"192.0.2.2", "192.0.2.3"}) play.play(netflow9(data(256)), 0, peer);
  EXPECT_EQ(play.decoder.counters().waiting.dropped, 2U);
  EXPECT_EQ(play.play(netflow9(simple(257))), "") << "the oldest of all is gone";
  EXPECT_EQ(play.play(netflow9(simple(258))), kTold);
  EXPECT_LE(play.decoder.counters().waiting_bytes, 1500U);
  play.play(netflow9(set(400, Octets{}.zeros(1000))));
  EXPECT_EQ(play.decoder.counters().waiting.dropped, 3U) << "larger than there is room at all";
}

TEST(FlowWaiting, DoesNotWaitForEver) {
  Play play;
  play.play(netflow9(data(256)));
  play.decoder.flush(at(300), false);
  EXPECT_EQ(play.decoder.counters().waiting.expired, 0U);
  play.decoder.flush(at(301), false);
  EXPECT_EQ(play.decoder.counters().waiting.expired, 1U);
  play.play(netflow9(data(256)));
  play.decoder.flush(at(), true);
  EXPECT_EQ(play.decoder.counters().waiting.expired, 2U);
  EXPECT_EQ(play.decoder.counters().waiting_bytes, 0U);
}

TEST(FlowSubscription, PlansFollowIt) {
  Play play{{}, Carrier::udp, {"tcp_flags"}};
  Octets sets = template9(256, {{8, 4}, {1, 4}});
  EXPECT_EQ(play.play(netflow9(sets.add(set(256, Octets{}.ip("10.0.0.1").u32(5))))), kTold);
  Play wider;
  wider.play(netflow9(template9(256, {{8, 4}, {1, 4}})));
  wider.subscribe();
  EXPECT_TRUE(holds(wider.play(netflow9(set(256, Octets{}.ip("10.0.0.1").u32(5)))), R"("orig_bytes":5)"));
}

// Templates, rates and names.
void teach(Play& play) {
  Octets sets = sampler_options();
  sets.add(sampler(3, 100));
  sets.add(set(1, Octets{}.u16(301).u16(4).u16(4).u16(2).u16(4).u16(82).u16(5)));
  sets.add(set(1, Octets{}.u16(302).u16(4).u16(8).u16(1).u16(4).u16(95).u16(4).u16(96).u16(4)));
  sets.add(set(301, Octets{}.u32(4).text("Gi0/4")));
  sets.add(set(302, Octets{}.u32(0).u32(0x0300'0050).text("http")));
  sets.add(template9(256, {{8, 4}, {1, 4}, {48, 1}, {10, 4}, {95, 4}}));
  play.play(netflow9(sets));
  play.play(ipfix(template10(256, {{8, 4}, {371, 65535}, {1, 8, 29305}}), 0, 9), 0, "2001:db8::9");
}
std::string ask(Play& play) {
  Octets sets = set(256, Octets{}.ip("10.0.0.1").u32(5).u8(3).u32(4).u32(0x0300'0050));
  std::string out = play.play(netflow9(sets, 1));
  return out + play.play(ipfix(set(256, Octets{}.ip("10.0.0.1").u8(4).text("anna").u64(6)), 0, 9), 0, "2001:db8::9");
}

TEST(FlowState, RoundTrip) {
  Play before;
  teach(before);
  const std::string state = before.decoder.state();
  const std::string want = ask(before);
  EXPECT_TRUE(holds(want, R"("sampling_rate":100,"app_id":"3:80","app_name":"http","input_name":"Gi0/4")")) << want;
  EXPECT_TRUE(holds(want, R"("resp_bytes":6)") && holds(want, R"("username":"anna")")) << want;
  Play after;
  ASSERT_TRUE(after.decoder.restore(state));
  EXPECT_EQ(after.decoder.counters().templates_held, 5U);
  EXPECT_EQ(after.decoder.counters().store.learned, 0U);
  EXPECT_EQ(after.decoder.state(), state);
  EXPECT_EQ(ask(after), want);
  Play empty;
  EXPECT_TRUE(after.decoder.restore(empty.decoder.state()));
  EXPECT_EQ(after.decoder.counters().templates_held, 0U);
}

// Nothing of it is believed, and what is known already stays.
TEST(FlowState, DamagedIsRefused) {
  Play before;
  teach(before);
  const std::string state = before.decoder.state();
  Play play;
  play.play(netflow9(simple(400)));
  std::uint64_t refused = 0;
  for (std::size_t i = 0; i < state.size(); ++i) {
    std::string damaged = state;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    EXPECT_FALSE(play.decoder.restore(damaged)) << i;
    EXPECT_FALSE(play.decoder.restore(std::string_view{state}.substr(0, i))) << i;
    refused += 2;
  }
  EXPECT_EQ(play.decoder.counters().states_refused, refused);
  EXPECT_EQ(play.play(netflow9(data(400))), kTold);
  // More than is allowed, though it fits its checksum.
  Limits limits;
  limits.entries = 1;
  EXPECT_FALSE(Play{limits}.decoder.restore(state));
  limits = {};
  limits.exporters = 1;
  EXPECT_FALSE(Play{limits}.decoder.restore(state));
  limits = {};
  limits.templates = 3;
  EXPECT_FALSE(Play{limits}.decoder.restore(state));
}

struct Step {
  std::uint32_t at;
  std::optional<std::uint32_t> units = {}, seconds = {}, uptime = {};
};
SequenceCounters run(const std::vector<Step>& steps) {
  Sequence sequence;
  SequenceCounters out;
  for (const Step& step : steps) sequence.see(step.at, step.units, step.seconds, step.uptime, out);
  return out;
}

TEST(FlowSequence, Tells) {
  struct Case {
    const char* name;
    std::vector<Step> steps;
    std::uint64_t lost, reordered, restarts;
  };
  constexpr std::uint32_t kMost = 0xffff'ffff;
  const std::vector<Case> cases{
      {"in order", {{10, 1}, {11, 1}, {12, 1}}, 0, 0, 0},
      {"by flows", {{0, 30}, {30, 30}, {60, 1}}, 0, 0, 0},
      {"a gap", {{10, 1}, {13, 1}, {14, 1}}, 2, 0, 0},
      {"over the wrap", {{kMost, 1}, {1, 1}}, 1, 0, 0},
      {"late is not lost", {{10, 1}, {12, 1}, {11, 1}, {13, 1}}, 0, 1, 0},
      {"twice", {{10, 1}, {11, 1}, {11, 1}, {12, 1}}, 0, 1, 0},
      {"of unknown size", {{10, 5}, {15, std::nullopt}, {99, 1}, {100, 1}}, 0, 0, 0},
      {"counts anew", {{5'000'000, 1}, {0, 1}, {1, 1}}, 0, 0, 1},
      {"a leap", {{10, 1}, {2'000'000, 1}}, 0, 0, 1},
      {"began anew", {{10, 1, 1000, 900'000}, {0, 1, 1100, 5'000}}, 0, 0, 1},
      {"began anew, and goes on counting higher", {{10, 1, 1000, 900'000}, {500, 1, 1100, 5'000}}, 0, 0, 1},
      {"late, by its clock", {{10, 1, 1000, 900'000}, {12, 1, 1020, 920'000}, {11, 1, 1010, 910'000}}, 0, 1, 0},
      {"the uptime wrapped", {{10, 1, 1000, kMost - 500}, {13, 1, 1002, 1'499}}, 2, 0, 0},
      {"began anew, without a clock", {{10, 1, std::nullopt, 900'000}, {1, 1, std::nullopt, 5'000}}, 0, 0, 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const SequenceCounters got = run(c.steps);
    EXPECT_EQ(got.lost, c.lost);
    EXPECT_EQ(got.reordered, c.reordered);
    EXPECT_EQ(got.restarts, c.restarts);
  }
}

TEST(FlowSequence, UnitsOfEachProtocol) {
  Play play;
  play.play(netflow9(simple(256), 100));
  play.play(netflow9(data(256), 103));
  EXPECT_EQ(play.decoder.counters().sequence[3].lost, 2U);
  // IPFIX counts records; those of options data too, templates not.
  Octets sets = template10(256, {{8, 4}});
  play.play(ipfix(sets.add(set(256, Octets{}.add(kAddress).add(kAddress))), 50));
  play.play(ipfix(set(256, kAddress), 52));
  EXPECT_EQ(play.decoder.counters().sequence[4].lost, 0U);
  play.play(ipfix(set(256, kAddress), 60));
  EXPECT_EQ(play.decoder.counters().sequence[4].lost, 7U);
  // How many records wait is not known: the count begins anew behind them.
  play.play(ipfix(set(999, kAddress), 61));
  play.play(ipfix(set(256, kAddress), 70));
  EXPECT_EQ(play.decoder.counters().sequence[4].lost, 7U);
}

}  // namespace
}  // namespace nw::flows
