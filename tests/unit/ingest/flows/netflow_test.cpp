// The fixed versions, and NetFlow v9.
#include <gtest/gtest.h>

#include "unit/ingest/flows/flow_play.h"

namespace nw::flows {
namespace {

// A TCP flow of 5 packets, from 99 to 100 seconds after the exporter began.
Octets record5() {
  return Octets{}
      .ip("10.0.0.1")
      .ip("10.0.0.2")
      .ip("10.0.0.3")
      .u16(4)
      .u16(5)
      .u32(5)
      .u32(600)
      .u32(99'000)
      .u32(100'000)
      .u16(40'000)
      .u16(502)
      .u8(0)
      .u8(0x1b)
      .u8(6)
      .u8(16)
      .u16(64'500)
      .u16(64'501)
      .u8(24)
      .u8(16)
      .u16(0);
}
Octets netflow5(const std::vector<Octets>& records, std::uint32_t sequence = 0, std::uint32_t uptime = 101'000,
                std::uint16_t sampling = 0, std::uint16_t engine = 0x0102) {
  Octets out;
  out.u16(5).u16(records.size()).u32(uptime).u32(kNow).u32(500'000'000).u32(sequence).u16(engine).u16(sampling);
  for (const Octets& record : records) out.add(record);
  return out;
}

TEST(Netflow5, Record) {
  Play play;
  EXPECT_EQ(
      play.play(netflow5({record5()})),
      R"({"ts":1768463999.500000,"id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","proto":"tcp","id.orig_p":40000,)"
      R"("id.resp_p":502,"start":1768463998.500000,"duration":1.000000,"ip_proto":6,"tos":16,"input_interface":4,)"
      R"("output_interface":5,"src_as":64500,"dst_as":64501,"src_mask":24,"dst_mask":16,"next_hop":"10.0.0.3",)"
      R"("orig_bytes":600,"orig_ip_bytes":600,"reported_bytes":600,"orig_pkts":5,"reported_pkts":5,)"
      R"("tcp_flags":"FSPA","exporter_protocol":"netflow5","observation_domain":258})"
      "\n");
  EXPECT_EQ(play.quality, event::TimeQuality::stated);
  EXPECT_EQ(play.known_at, play.event_time);
  EXPECT_EQ(play.receive_time, at());
  EXPECT_EQ(play.decoder.counters().flows[1], 1U);
}

TEST(Netflow5, Sampling) {
  Play play;
  const std::string told = play.play(netflow5({record5()}, 0, 101'000, 0x4000 | 100));
  EXPECT_TRUE(holds(
      told,
      R"("orig_bytes":60000,"orig_ip_bytes":60000,"reported_bytes":600,"orig_pkts":500,"reported_pkts":5,"sampled":true,"sampling_rate":100)"))
      << told;
  EXPECT_TRUE(holds(play.play(netflow5({record5()}, 1, 101'000, 0x4001)), R"("sampled":false,"sampling_rate":1)"));
}

TEST(Netflow5, PartsAreNumbered) {
  Play play;
  play.play(netflow5({record5(), record5(), record5()}));
  EXPECT_EQ(play.part, 2U);
  EXPECT_EQ(play.last.told, 3U);
}

TEST(Netflow5, Refuses) {
  struct Case {
    const char* name;
    Octets datagram;
    const char* want;
  };
  Octets many = netflow5({});
  const std::vector<Case> cases{
      {"nothing", {}, "too_short"},
      {"a version alone", Octets{}.u16(5), "too_short"},
      {"half a header", Octets{}.u16(5).u16(1).u32(0).u32(0), "too_short"},
      {"more records than there may be", Octets{}.u16(5).u16(31).zeros(20 + 31 * 48), "bad_count"},
      {"version 8", Octets{}.u16(8).zeros(60), "unknown_version"},
      {"sFlow 4", Octets{}.u32(4).zeros(60), "unknown_version"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Play play;
    EXPECT_EQ(play.play(c.datagram), "fault: " + std::string{c.want} + '\n');
  }
  Play play;
  Octets cut = netflow5({record5(), record5()});
  EXPECT_TRUE(play.play(cut.bytes().first(cut.size() - 1)).ends_with("}\nfault: truncated\n"));
  EXPECT_EQ(play.last.told, 1U);
  EXPECT_EQ(play.play(Octets{}.add(netflow5({})).zeros(9)), "");
  EXPECT_EQ(play.decoder.counters().trailing_octets, 9U);
}

TEST(Netflow1And7, Records) {
  const Octets head = Octets{}
                          .ip("10.0.0.1")
                          .ip("10.0.0.2")
                          .ip("0.0.0.0")
                          .u16(4)
                          .u16(5)
                          .u32(5)
                          .u32(600)
                          .u32(99'000)
                          .u32(100'000)
                          .u16(53)
                          .u16(40'000);
  Play play;
  Octets one = Octets{}.u16(1).u16(1).u32(100'000).u32(kNow).u32(0);
  one.add(head).u16(0).u8(17).u8(0).u8(0).zeros(11);
  EXPECT_EQ(play.play(one),
            R"({"id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","proto":"udp","id.orig_p":53,"id.resp_p":40000,)"
            R"("start":1768463999.000000,"duration":1.000000,"ip_proto":17,"tos":0,"input_interface":4,)"
            R"("output_interface":5,"next_hop":"0.0.0.0","orig_bytes":600,"orig_ip_bytes":600,)"
            R"("reported_bytes":600,"orig_pkts":5,"reported_pkts":5,"exporter_protocol":"netflow1",)"
            R"("observation_domain":0})"
            "\n");
  Octets seven = Octets{}.u16(7).u16(1).u32(100'000).u32(kNow).u32(0).u32(1).u32(0xffff'ffff);
  seven.add(head).u8(0).u8(2).u8(6).u8(8).u16(1).u16(2).u8(3).u8(4).u16(0).u32(0);
  const std::string told = play.play(seven);
  EXPECT_TRUE(holds(told, R"("src_as":1,"dst_as":2,"src_mask":3,"dst_mask":4)")) << told;
  EXPECT_TRUE(holds(told, R"("tcp_flags":"S","exporter_protocol":"netflow7","observation_domain":0)")) << told;
}

const std::vector<Field> kSmall{{8, 4}, {12, 4}, {7, 2}, {11, 2}, {4, 1}, {1, 4}, {2, 4}, {22, 4}, {21, 4}};
Octets small(std::string_view from, std::uint32_t first = 90'000, std::uint32_t last = 95'000) {
  return Octets{}.ip(from).ip("10.0.0.2").u16(1000).u16(53).u8(17).u32(80).u32(1).u32(first).u32(last);
}
constexpr const char* kTold =
    R"("id.resp_h":"10.0.0.2","proto":"udp","id.orig_p":1000,"id.resp_p":53,"start":1768463990.000000,)"
    R"("duration":5.000000,"ip_proto":17,"orig_bytes":80,"orig_ip_bytes":80,"reported_bytes":80,"orig_pkts":1,)"
    R"("reported_pkts":1})";
std::string told(std::string_view from) {
  return R"({"ts":1768463995.000000,"id.orig_h":")" + std::string{from} + "\"," + kTold + '\n';
}

TEST(Netflow9, TemplateThenData) {
  Play play;
  Octets both = template9(256, kSmall);
  both.add(set(256, Octets{}.add(small("10.0.0.1")).add(small("10.0.0.7")).zeros(2)));
  EXPECT_EQ(play.play(netflow9(both)), told("10.0.0.1") + told("10.0.0.7"));
  EXPECT_EQ(play.play(netflow9(set(256, small("10.0.0.8")), 1)), told("10.0.0.8"));
  const Counters counters = play.decoder.counters();
  EXPECT_EQ(counters.flows[3], 3U);
  EXPECT_EQ(counters.templates_held, 1U);
  EXPECT_EQ(counters.sequence[3].lost, 0U);
}

// Each source id, and each exporter, has templates of its own.
TEST(Netflow9, TemplatesAreOfTheirExporterAndDomain) {
  Play play;
  EXPECT_EQ(play.play(netflow9(template9(256, kSmall))), "");
  EXPECT_EQ(play.play(netflow9(set(256, small("10.0.0.1")), 0, 8)), "");
  EXPECT_EQ(play.play(netflow9(set(256, small("10.0.0.1"))), 0, "192.0.2.2"), "");
  EXPECT_EQ(play.play(ipfix(set(256, small("10.0.0.1")))), "");
  EXPECT_EQ(play.decoder.counters().waiting.added, 3U);
  EXPECT_EQ(play.play(netflow9(set(256, small("10.0.0.1")), 1)), told("10.0.0.1"));
}

// With its own receive time, and the clocks of its own datagram.
TEST(Netflow9, DataWaitsForItsTemplate) {
  Play play;
  EXPECT_EQ(play.play(netflow9(set(256, small("10.0.0.1")))), "");
  EXPECT_EQ(play.last.told, 0U);
  EXPECT_EQ(play.last.unwanted, 0U);
  Octets later = template9(300, kSmall);
  later.add(template9(256, kSmall));
  EXPECT_EQ(play.play(netflow9(later, 1, 7, 160'000, kNow + 60), 60), told("10.0.0.1"));
  EXPECT_EQ(play.receive_time, at());
  EXPECT_EQ(play.ordinal, 0U);
  EXPECT_EQ(play.part, 0x10000U);
  EXPECT_EQ(play.decoder.counters().waiting.decoded, 1U);
  EXPECT_EQ(play.decoder.counters().waiting_bytes, 0U);
}

TEST(Netflow9, ChangedTemplate) {
  Play play;
  EXPECT_EQ(play.play(netflow9(template9(256, kSmall))), "");
  EXPECT_EQ(play.play(netflow9(template9(256, {{8, 4}, {12, 4}}), 1)), "");
  EXPECT_EQ(play.play(netflow9(set(256, Octets{}.ip("10.0.0.1").ip("10.0.0.2")), 2)),
            "{\"id.orig_h\":\"10.0.0.1\",\"id.resp_h\":\"10.0.0.2\"}\n");
  EXPECT_EQ(play.decoder.counters().store.changed, 1U);
  EXPECT_EQ(play.decoder.counters().store.learned, 1U);
}

TEST(Netflow9, TemplatesExpire) {
  Play play;
  constexpr std::int64_t kDay = 24 * 3600;
  EXPECT_EQ(play.play(netflow9(template9(256, kSmall))), "");
  EXPECT_NE(play.play(netflow9(set(256, small("10.0.0.1"))), kDay), "");
  EXPECT_EQ(play.play(netflow9(set(256, small("10.0.0.1"))), kDay + 1), "");
  EXPECT_EQ(play.decoder.counters().store.expired, 1U);
  EXPECT_EQ(play.decoder.counters().waiting.added, 1U);
}

// 32 bits of milliseconds: the flow began before the wrap and ended behind it.
TEST(Netflow9, UptimeWraps) {
  Play play;
  play.play(netflow9(template9(256, kSmall)));
  const std::string text = play.play(netflow9(set(256, small("10.0.0.1", 0xffff'fc18, 500)), 1, 7, 1500));
  EXPECT_TRUE(holds(text, R"("ts":1768463999.000000)")) << text;
  EXPECT_TRUE(holds(text, R"("start":1768463997.500000,"duration":1.500000)")) << text;
}

TEST(Netflow9, WithoutAClock) {
  Play play;
  play.play(netflow9(template9(256, kSmall)));
  EXPECT_EQ(play.play(netflow9(set(256, small("10.0.0.1")), 1, 7, 100'000, 0)), told("10.0.0.1"));
  EXPECT_EQ(play.quality, event::TimeQuality::received);
}

// A sampler's rate from options data; one that comes later holds from then on.
TEST(Netflow9, Samplers) {
  Play play;
  const Octets options = set(1, Octets{}.u16(257).u16(4).u16(8).u16(1).u16(4).u16(48).u16(1).u16(50).u16(4).zeros(2));
  Octets sets = template9(256, {{8, 4}, {1, 4}, {2, 4}, {48, 1}});
  sets.add(options).add(set(256, Octets{}.ip("10.0.0.1").u32(100).u32(2).u8(3)));
  const std::string before = play.play(netflow9(sets));
  EXPECT_TRUE(holds(before, R"("orig_bytes":100,)") && !holds(before, "sampled")) << before;
  Octets data = set(257, Octets{}.u32(0).u8(3).u32(1000));
  data.add(set(256, Octets{}.ip("10.0.0.1").u32(100).u32(2).u8(3)));
  const std::string after = play.play(netflow9(data, 1));
  EXPECT_TRUE(holds(after, R"("orig_bytes":100000,)") && holds(after, R"("sampled":true,"sampling_rate":1000)"))
      << after;
  EXPECT_TRUE(holds(after, R"("sampler_id":3)")) << after;
  EXPECT_EQ(play.decoder.counters().options, 1U);
}

TEST(Netflow9, NamesOfInterfacesAndApplications) {
  Play play;
  // Scope: interface; its name. Then applications, whose scope is the whole device.
  Octets sets = set(1, Octets{}.u16(257).u16(4).u16(4).u16(2).u16(4).u16(82).u16(8));
  sets.add(set(1, Octets{}.u16(258).u16(4).u16(8).u16(1).u16(4).u16(95).u16(4).u16(96).u16(6)));
  sets.add(set(257, Octets{}.u32(4).text("Gi0/4").zeros(3)));
  sets.add(set(258, Octets{}.u32(0).u32(0x0300'0050).text("http").zeros(2)));
  sets.add(template9(256, {{8, 4}, {10, 4}, {14, 4}, {95, 4}}));
  sets.add(set(256, Octets{}.ip("10.0.0.1").u32(4).u32(5).u32(0x0300'0050)));
  EXPECT_EQ(play.play(netflow9(sets)),
            R"({"id.orig_h":"10.0.0.1","input_interface":4,"output_interface":5,"app_id":"3:80","app_name":"http",)"
            R"("input_name":"Gi0/4"})"
            "\n");
}

// Cisco's "NetFlow Secure Event Logging": v9 with numbers of its own.
TEST(Netflow9, FirewallEvents) {
  Play play;
  Octets sets = template9(256, {{8, 4},
                                {12, 4},
                                {4, 1},
                                {225, 4},
                                {227, 2},
                                {233, 1},
                                {33002, 2},
                                {323, 8},
                                {152, 8},
                                {40000, 8},
                                {33000, 12},
                                {231, 4},
                                {232, 4}});
  sets.add(set(256, Octets{}
                        .ip("10.0.0.1")
                        .ip("10.0.0.2")
                        .u8(6)
                        .ip("192.0.2.9")
                        .u16(4000)
                        .u8(3)
                        .u16(1001)
                        .u64(std::uint64_t{kNow} * 1000 - 1000)
                        .u64(std::uint64_t{kNow} * 1000 - 3000)
                        .text("anna")
                        .zeros(4)
                        .u32(1)
                        .u32(2)
                        .u32(3)
                        .u32(70)
                        .u32(80)));
  EXPECT_EQ(play.play(netflow9(sets)),
            R"({"ts":1768463999.000000,"id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","proto":"tcp",)"
            R"("start":1768463997.000000,"duration":2.000000,"ip_proto":6,"nat_orig_h":"192.0.2.9","nat_orig_p":4000,)"
            R"("event_code":1001,"username":"anna","input_acl":"000000010000000200000003","orig_bytes":70,)"
            R"("orig_ip_bytes":70,"reported_bytes":70,"resp_bytes":80,"resp_ip_bytes":80,"event":"flow_denied"})"
            "\n");
}

// As in Zeek, ICMP's type and code stand where the ports do.
TEST(Netflow9, Icmp) {
  struct Case {
    const char* name;
    std::uint8_t protocol;
    std::uint16_t port;
    const char* want;
  };
  static constexpr Case kCases[] = {
      {"unreachable, port", 1, 0x0303, R"("id.orig_p":3,"icmp_type":3,"id.resp_p":3,"icmp_code":3)"},
      {"echo reply", 1, 0, R"("id.orig_p":0,"icmp_type":0,"id.resp_p":0,"icmp_code":0)"},
      {"the type alone", 58, 135, R"("proto":"icmp","id.orig_p":135,"icmp_type":135,"ip_proto")"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Play play;
    Octets sets = template9(256, {{4, 1}, {7, 2}, {11, 2}});
    const std::string text = play.play(netflow9(sets.add(set(256, Octets{}.u8(c.protocol).u16(0).u16(c.port)))));
    EXPECT_TRUE(holds(text, c.want)) << text;
  }
}

TEST(Netflow9, Refuses) {
  struct Case {
    const char* name;
    Octets sets;
    const char* want;
  };
  const std::vector<Case> cases{
      {"a template's id below 256", set(0, Octets{}.u16(255).u16(1).u16(8).u16(4)), "bad_template"},
      {"more fields than there may be", set(0, Octets{}.u16(256).u16(1025).zeros(4100)), "bad_template"},
      {"fields that are not there", set(0, Octets{}.u16(256).u16(3).u16(8).u16(4)), "truncated"},
      {"variable length", set(0, Octets{}.u16(256).u16(1).u16(8).u16(65535)), "bad_template"},
      {"a set shorter than its head", Octets{}.u16(0).u16(3).u32(0), "bad_length"},
      {"a set longer than the datagram", Octets{}.u16(0).u16(9).u32(0), "truncated"},
      {"options without fields", set(1, Octets{}.u16(256).u16(0).u16(0).u16(1)), "bad_template"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Play play;
    EXPECT_EQ(play.play(netflow9(c.sets)), "fault: " + std::string{c.want} + '\n');
    EXPECT_EQ(play.decoder.counters().templates_held, 0U);
  }
  Play play;
  EXPECT_EQ(play.play(netflow9(Octets{}.zeros(40))), "") << "a datagram filled up with zeros";
  EXPECT_EQ(play.play(netflow9(set(100, Octets{}.u32(1)))), "");
  EXPECT_EQ(play.play(netflow9(template9(256, {{8, 0}}).add(set(256, Octets{}.u32(1))))), "");
  EXPECT_EQ(play.decoder.counters().sets_skipped, 2U);
}

TEST(Netflow9, ATemplateOfAsManyFieldsAsThereMayBe) {
  Play play;
  std::vector<Field> list(kFieldsMax, Field{210, 1});
  list.back() = {8, 4};
  play.play(netflow9(template9(256, list)));
  EXPECT_EQ(play.play(netflow9(set(256, Octets{}.zeros(kFieldsMax - 1).ip("10.0.0.1")), 1)),
            "{\"id.orig_h\":\"10.0.0.1\"}\n");
}

// What nobody asks for is counted and not told; what is asked for by name is there.
TEST(Netflow9, OnlyWhatIsWanted) {
  Play play{{}, Carrier::udp, {"orig_bytes", "ipfix.0.456"}};
  Octets sets = template9(256, {{8, 4}, {1, 4}, {5, 1}, {456, 2}, {457, 2}});
  sets.add(set(256, Octets{}.ip("10.0.0.1").u32(100).u8(9).u16(77).u16(78)));
  EXPECT_EQ(play.play(netflow9(sets)), "{\"id.orig_h\":\"10.0.0.1\",\"orig_bytes\":100,\"ipfix.0.456\":77}\n");
}

// Every length from nothing to whole: never a crash, never more events than records.
TEST(Netflow9, CutAnywhere) {
  Octets sets = template9(256, kSmall);
  sets.add(set(1, Octets{}.u16(257).u16(4).u16(8).u16(1).u16(4).u16(48).u16(1).u16(50).u16(4)));
  sets.add(set(256, Octets{}.add(small("10.0.0.1")).add(small("10.0.0.7"))));
  sets.add(set(257, Octets{}.u32(0).u8(3).u32(1000)));
  for (const Octets& whole : {netflow9(sets), netflow5({record5(), record5()})}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      Play play;
      // In memory of its own, so that the sanitizers see a step too far.
      const std::vector<std::uint8_t> cut{whole.bytes().begin(),
                                          whole.bytes().begin() + static_cast<std::ptrdiff_t>(size)};
      play.play(Bytes{cut});
      EXPECT_LE(play.events, 2U);
    }
  }
}

}  // namespace
}  // namespace nw::flows
