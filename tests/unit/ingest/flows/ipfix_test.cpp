// IPFIX: lengths that vary, enterprises, options, structured data, clocks, withdrawal, files.
#include <gtest/gtest.h>

#include "unit/ingest/flows/flow_play.h"

namespace nw::flows {
namespace {

// Plays one record of a template of these fields.
std::string record(const std::vector<Field>& list, const Octets& octets, Play& play) {
  Octets sets = template10(256, list);
  return play.play(ipfix(sets.add(set(256, octets))));
}
std::string record(const std::vector<Field>& list, const Octets& octets) {
  Play play;
  return record(list, octets, play);
}

TEST(Ipfix, VariableLength) {
  Octets octets = Octets{}.u8(4).text("anna").ip("10.0.0.1");
  octets.u8(255).u16(300).text("h").zeros(299).u16(80);
  EXPECT_EQ(record({{371, 65535}, {8, 4}, {460, 65535}, {11, 2}}, octets),
            R"({"id.orig_h":"10.0.0.1","id.resp_p":80,"http_host":"h","username":"anna"})"
            "\n");
  EXPECT_EQ(record({{371, 65535}, {8, 4}}, Octets{}.u8(0).ip("10.0.0.1")), "{\"id.orig_h\":\"10.0.0.1\"}\n");
  // Longer than the set.
  EXPECT_EQ(record({{371, 65535}, {8, 4}}, Octets{}.u8(9).ip("10.0.0.1")), "fault: truncated\n");
  EXPECT_EQ(record({{371, 65535}, {8, 4}}, Octets{}.u8(255).u16(9).ip("10.0.0.1")), "fault: truncated\n");
}

TEST(Ipfix, EnterpriseAndReverseElements) {
  EXPECT_EQ(
      record({{8, 4}, {1, 8}, {2, 4}, {1, 8, 29305}, {2, 4, 29305}, {6, 1, 29305}, {12, 2, 9999}, {13, 65535, 9999}},
             Octets{}.ip("10.0.0.1").u64(10).u32(1).u64(20).u32(2).u8(0x12).u16(5).u8(10).text("0123456789")),
      R"({"id.orig_h":"10.0.0.1","orig_bytes":10,"orig_ip_bytes":10,"reported_bytes":10,"orig_pkts":1,)"
      R"("reported_pkts":1,"resp_bytes":20,"resp_ip_bytes":20,"resp_pkts":2,"resp_tcp_flags":"SA",)"
      R"("ipfix.9999.12":5,"ipfix.9999.13":"30313233343536373839"})"
      "\n");
}

// RFC 7011 section 6.2: fewer octets than the type has.
TEST(Ipfix, ShortenedNumbers) {
  EXPECT_EQ(record({{1, 3}, {10, 1}, {4, 1}}, Octets{}.u8(1).u16(0).u8(9).u8(6)),
            R"({"proto":"tcp","ip_proto":6,"input_interface":9,"orig_bytes":65536,"orig_ip_bytes":65536,)"
            R"("reported_bytes":65536})"
            "\n");
  Play play;
  EXPECT_EQ(record({{8, 5}, {56, 4}, {4, 1}}, Octets{}.zeros(9).u8(17), play), "{\"proto\":\"udp\",\"ip_proto\":17}\n");
  EXPECT_EQ(play.decoder.counters().values_unreadable, 2U);
}

TEST(Ipfix, Times) {
  constexpr std::uint64_t kNtp = 2'208'988'800 + std::uint64_t{kNow};
  struct Case {
    const char* name;
    std::vector<Field> fields;
    Octets octets;
    const char* want;
  };
  const std::vector<Case> cases{
      {"seconds",
       {{150, 4}, {151, 4}},
       Octets{}.u32(kNow - 9).u32(kNow - 5),
       R"({"ts":1768463995.000000,"start":1768463991.000000,"duration":4.000000})"},
      {"milliseconds",
       {{152, 8}, {153, 8}},
       Octets{}.u64(kNow * 1000ULL - 2500).u64(kNow * 1000ULL - 500),
       R"({"ts":1768463999.500000,"start":1768463997.500000,"duration":2.000000})"},
      {"microseconds, as NTP",
       {{154, 8}, {155, 8}},
       Octets{}.u64((kNtp - 2) << 32U).u64((kNtp - 1) << 32U | 0x8000'0000),
       R"({"ts":1768463999.500000,"start":1768463998.000000,"duration":1.500000})"},
      {"nanoseconds, in the era from 2036",
       {{157, 8}},
       Octets{}.u64(std::uint64_t{10} << 32U),
       R"({"ts":2085978506.000000})"},
      {"before the export",
       {{158, 4}, {159, 4}},
       Octets{}.u32(3'000'000).u32(1'000'000),
       R"({"ts":1768463999.000000,"start":1768463997.000000,"duration":2.000000})"},
      {"a start and a length",
       {{152, 8}, {161, 4}},
       Octets{}.u64(kNow * 1000ULL - 2500).u32(1000),
       R"({"ts":1768463998.500000,"start":1768463997.500000,"duration":1.000000})"},
      {"an end and a length",
       {{153, 8}, {162, 4}},
       Octets{}.u64(kNow * 1000ULL - 2500).u32(1000),
       R"({"ts":1768463997.500000,"start":1768463997.499000,"duration":0.001000})"},
      {"uptimes, and when it began",
       {{160, 8}, {22, 4}, {21, 4}},
       Octets{}.u64(kNow * 1000ULL - 9000).u32(1000).u32(4000),
       R"({"ts":1768463995.000000,"start":1768463992.000000,"duration":3.000000})"},
      {"uptimes that wrapped since it began",
       {{160, 8}, {22, 4}, {21, 4}},
       Octets{}.u64(kNow * 1000ULL - (1ULL << 32U) - 9000).u32(1000).u32(4000),
       R"({"ts":1768463995.000000,"start":1768463992.000000,"duration":3.000000})"},
      {"uptimes alone", {{22, 4}, {21, 4}}, Octets{}.u32(1000).u32(4000), R"({"duration":3.000000})"},
      {"observed", {{323, 8}}, Octets{}.u64(kNow * 1000ULL - 250), R"({"ts":1768463999.750000})"},
      {"none", {{4, 1}}, Octets{}.u8(6), R"({"proto":"tcp","ip_proto":6})"},
      {"zeros say nothing", {{152, 8}, {153, 8}}, Octets{}.u64(0).u64(0), R"({"ts":1768464000.000000})"},
      {"beyond what a time can be", {{153, 8}}, Octets{}.u64(0xffff'ffff'ffff'ffff), R"({"ts":1768464000.000000})"},
      {"a start behind the export",
       {{152, 8}},
       Octets{}.u64(kNow * 1000ULL + 148),
       R"({"ts":1768464000.148000,"start":1768464000.148000,"duration":0.000000})"},
      {"a start behind the end",
       {{152, 8}, {153, 8}},
       Octets{}.u64(kNow * 1000ULL + 148).u64(kNow * 1000ULL + 1),
       R"({"ts":1768464000.001000,"start":1768464000.001000,"duration":0.000000})"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(record(c.fields, c.octets), std::string{c.want} + '\n');
  }
}

TEST(Ipfix, Sampling) {
  struct Case {
    const char* name;
    std::vector<Field> fields;
    Octets octets;
    const char* want;
  };
  const std::vector<Case> cases{
      {"interval", {{34, 4}, {1, 4}}, Octets{}.u32(10).u32(7), R"("orig_bytes":70,)"},
      {"one, and a space of 99", {{305, 4}, {306, 4}, {1, 4}}, Octets{}.u32(1).u32(99).u32(7), R"("orig_bytes":700,)"},
      {"size and population", {{309, 4}, {310, 4}, {1, 4}}, Octets{}.u32(5).u32(100).u32(7), R"("orig_bytes":140,)"},
      {"probability", {{311, 8}, {1, 4}}, Octets{}.u64(0x3fb9'9999'9999'999a).u32(7), R"("orig_bytes":70,)"},
      {"none of these says anything",
       {{34, 4}, {311, 8}, {309, 4}, {310, 4}, {1, 4}},
       Octets{}.u32(0).u64(0).u32(0).u32(9).u32(7),
       R"("orig_bytes":7,"orig_ip_bytes":7,"reported_bytes":7})"},
      {"more than can be counted",
       {{34, 4}, {1, 8}},
       Octets{}.u32(10).u64(0x7fff'ffff'ffff'ffff),
       R"("orig_bytes":9223372036854775807,)"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string told = record(c.fields, c.octets);
    EXPECT_TRUE(holds(told, c.want)) << told;
  }
}

Octets options10(std::uint16_t id, std::uint16_t scope, const std::vector<Field>& list) {
  return set(3, Octets{}.u16(id).u16(list.size()).u16(scope).add(fields(list)));
}

TEST(Ipfix, OptionsTellRatesAndNames) {
  Play play;
  Octets sets = options10(300, 1, {{302, 8}, {305, 4}, {306, 4}});
  sets.add(options10(301, 1, {{10, 4}, {82, 65535}, {34, 4}}));
  sets.add(options10(302, 1, {{149, 4}, {160, 8}}));
  sets.add(set(300, Octets{}.u64(1).u32(1).u32(9)));
  sets.add(set(301, Octets{}.u32(4).u8(4).text("eth4").u32(50)));
  sets.add(set(302, Octets{}.u32(7).u64((kNow - 100) * 1000ULL)));
  EXPECT_EQ(play.play(ipfix(sets)), "");
  EXPECT_EQ(play.decoder.counters().options, 3U);
  EXPECT_EQ(record({{302, 8}, {1, 4}, {21, 4}}, Octets{}.u64(1).u32(7).u32(40'000), play),
            R"({"ts":1768463940.000000,"orig_bytes":70,"orig_ip_bytes":70,"reported_bytes":7,"sampled":true,)"
            R"("sampling_rate":10})"
            "\n");
  EXPECT_EQ(record({{10, 4}, {1, 4}}, Octets{}.u32(4).u32(7), play),
            R"({"input_interface":4,"orig_bytes":350,"orig_ip_bytes":350,"reported_bytes":7,"sampled":true,)"
            R"("sampling_rate":50,"input_name":"eth4"})"
            "\n");
  // Of this domain only.
  Octets other = template10(256, {{10, 4}, {1, 4}});
  EXPECT_TRUE(holds(play.play(ipfix(other.add(set(256, Octets{}.u32(4).u32(7))), 0, 8)), R"("orig_bytes":7,)"));
}

// RFC 6313: stepped over and counted, and what stands behind them is read.
TEST(Ipfix, StructuredData) {
  Play play;
  EXPECT_EQ(record({{291, 65535}, {8, 4}, {292, 65535}, {293, 65535}, {11, 2}},
                   Octets{}.u8(3).zeros(3).ip("10.0.0.1").u8(0).u8(5).zeros(5).u16(53), play),
            "{\"id.orig_h\":\"10.0.0.1\",\"id.resp_p\":53}\n");
  EXPECT_EQ(play.decoder.counters().lists_skipped, 3U);
}

// Some send both kinds of address in each record, one of them empty.
TEST(Ipfix, ZerosGiveWay) {
  const std::vector<Field> list{{8, 4}, {27, 16}, {7, 2}, {180, 2}, {182, 2}};
  EXPECT_EQ(record(list, Octets{}.ip("10.0.0.1").ip("::").u16(53).u16(0).u16(0)),
            "{\"id.orig_h\":\"10.0.0.1\",\"id.orig_p\":53}\n");
  EXPECT_EQ(record(list, Octets{}.ip("0.0.0.0").ip("2001:db8::1").u16(0).u16(0).u16(443)),
            "{\"id.orig_h\":\"2001:db8::1\",\"id.orig_p\":443}\n");
}

TEST(Ipfix, Words) {
  EXPECT_EQ(
      record({{230, 1}, {225, 4}, {226, 4}, {228, 2}, {136, 1}, {61, 1}, {58, 2}, {254, 2}, {351, 8}, {89, 1}},
             Octets{}.u8(4).ip("192.0.2.7").ip("192.0.2.8").u16(443).u8(2).u8(0).u16(100).u16(200).u64(5000).u8(64)),
      R"({"vlan":100,"post_vlan":200,"nat_orig_h":"192.0.2.7","nat_resp_h":"192.0.2.8",)"
      R"("nat_resp_p":443,"forwarding_status":64,"segment_id":5000,"flow_direction":"ingress",)"
      R"("end_reason":"active_timeout","event":"nat44_create"})"
      "\n");
  EXPECT_EQ(
      record({{56, 6}, {80, 6}, {461, 65535}, {95, 9}}, Octets{}
                                                            .mac(0x0200'5e00'5301)
                                                            .mac(0x0200'5e00'5302)
                                                            .u8(35)
                                                            .text("http://u:secret@plant.example/a?b=c")
                                                            .u8(20)
                                                            .u64(0x3044'0000'bb34)),
      R"({"orig_l2_addr":"02:00:5e:00:53:01","resp_l2_addr":"02:00:5e:00:53:02","url":"http://plant.example/a?b=c",)"
      R"("app_id":"20:53068615957300"})"
      "\n");
}

// RFC 7011 section 8.4: over UDP a withdrawal is not to be believed; in a file it is one.
TEST(Ipfix, Withdrawal) {
  const Octets some = template10(256, {{8, 4}});
  const Octets away = set(2, Octets{}.u16(256).u16(0)), all = set(2, Octets{}.u16(2).u16(0));
  const Octets data = set(256, Octets{}.ip("10.0.0.1"));
  Play udp;
  udp.play(ipfix(some));
  udp.play(ipfix(away));
  EXPECT_NE(udp.play(ipfix(data)), "");
  EXPECT_EQ(udp.decoder.counters().withdrawals_refused, 1U);
  for (const Octets& withdrawal : {away, all}) {
    Play file{{}, Carrier::file};
    file.play(ipfix(some));
    file.play(ipfix(set(3, Octets{}.u16(300).u16(1).u16(1).u16(10).u16(4))));
    file.play(ipfix(withdrawal));
    EXPECT_EQ(file.play(ipfix(data)), "");
    EXPECT_EQ(file.decoder.counters().templates_held, 1U);
    EXPECT_EQ(file.decoder.counters().store.withdrawn, 1U);
  }
}

TEST(Ipfix, Lengths) {
  Play play;
  Octets sets = template10(256, {{8, 4}});
  sets.add(set(256, Octets{}.ip("10.0.0.1")));
  const Octets whole = ipfix(sets);
  EXPECT_EQ(play.play(Octets{}.add(whole).zeros(3)), "{\"id.orig_h\":\"10.0.0.1\"}\n");
  EXPECT_EQ(play.decoder.counters().trailing_octets, 3U);
  EXPECT_EQ(play.play(Octets{}.u16(10).u16(15).zeros(12)), "fault: bad_length\n");
  EXPECT_EQ(play.play(Octets{}.u16(10).u16(17).zeros(12)), "fault: truncated\n");
  EXPECT_EQ(play.play(Octets{}.u16(10).u16(16)), "fault: too_short\n");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::uint8_t> cut{whole.bytes().begin(),
                                        whole.bytes().begin() + static_cast<std::ptrdiff_t>(size)};
    Play one;
    one.play(Bytes{cut});
    EXPECT_NE(one.last.fault, Fault::none) << size;
  }
  Octets two = whole;
  two.add(whole);
  EXPECT_EQ(message_octets(two.bytes()), whole.size());
  EXPECT_EQ(message_octets(two.bytes().first(whole.size() - 1)), 0U);
  EXPECT_EQ(message_octets(Octets{}.u16(5).u16(1).zeros(100).bytes()), 72U);
  EXPECT_EQ(message_octets(Octets{}.u16(9).u16(1).zeros(100).bytes()), 0U);
  EXPECT_EQ(message_octets({}), 0U);
}

}  // namespace
}  // namespace nw::flows
