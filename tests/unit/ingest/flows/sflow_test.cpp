// sFlow v5: samples of packets and counters.
#include <gtest/gtest.h>

#include "ingest/flows/packet_header.h"
#include "unit/ingest/flows/flow_play.h"

namespace nw::flows {
namespace {

Octets datagram(const std::vector<Octets>& samples, std::uint32_t sequence = 1, std::uint32_t uptime = 5000) {
  Octets out;
  out.u32(5).u32(1).ip("198.51.100.9").u32(3).u32(sequence).u32(uptime).u32(samples.size());
  for (const Octets& sample : samples) out.add(sample);
  return out;
}
Octets block(std::uint32_t format, const Octets& body) { return Octets{}.u32(format).u32(body.size()).add(body); }

Octets flow_sample(const std::vector<Octets>& records, std::uint32_t rate = 512, std::uint32_t drops = 0) {
  Octets out = Octets{}.u32(1).u32(4).u32(rate).u32(1000).u32(drops).u32(4).u32(0x3fff'ffff).u32(records.size());
  for (const Octets& record : records) out.add(record);
  return block(1, out);
}
Octets expanded_sample(const std::vector<Octets>& records) {
  Octets out = Octets{}.u32(1).u32(0).u32(4).u32(512).u32(1000).u32(0).u32(0).u32(4).u32(0).u32(5).u32(records.size());
  for (const Octets& record : records) out.add(record);
  return block(3, out);
}
Octets raw(std::uint32_t protocol, const Octets& header, std::uint32_t frame) {
  Octets out = Octets{}.u32(protocol).u32(frame).u32(4).u32(header.size()).add(header);
  return block(1, out.zeros((4 - header.size() % 4) % 4));
}

Octets tcp() { return Octets{}.u16(40'000).u16(502).u32(1).u32(2).u16(0x5018).u16(1024).u16(0).u16(0); }
Octets ipv4(std::uint8_t protocol, const Octets& payload, std::uint16_t fragment = 0) {
  return Octets{}
      .u8(0x45)
      .u8(16)
      .u16(1480)
      .u16(7)
      .u16(fragment)
      .u8(63)
      .u8(protocol)
      .u16(0)
      .ip("10.0.0.1")
      .ip("10.0.0.2")
      .add(payload);
}
Octets ethernet(std::uint16_t type, const Octets& payload) {
  return Octets{}.mac(0x0200'5e00'5302).mac(0x0200'5e00'5301).u16(type).add(payload);
}

TEST(Sflow, RawHeader) {
  Play play;
  EXPECT_EQ(play.play(datagram({flow_sample({raw(1, ethernet(0x0800, ipv4(6, tcp())), 1498)})})),
            R"({"id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","proto":"tcp","id.orig_p":40000,"id.resp_p":502,)"
            R"("ip_proto":6,"tos":16,"ttl_min":63,"ttl_max":63,"orig_l2_addr":"02:00:5e:00:53:01",)"
            R"("resp_l2_addr":"02:00:5e:00:53:02","input_interface":4,"frame_bytes":1498,"orig_bytes":757760,)"
            R"("orig_ip_bytes":757760,"reported_bytes":1480,"orig_pkts":512,"reported_pkts":1,"sampled":true,)"
            R"("sampling_rate":512,"tcp_flags":"PA","agent":"198.51.100.9","exporter_protocol":"sflow5",)"
            R"("observation_domain":3})"
            "\n");
  // No clock in it.
  EXPECT_EQ(play.quality, event::TimeQuality::received);
  EXPECT_EQ(play.event_time, at());
}

TEST(Sflow, Headers) {
  const Octets v6 = Octets{}.u32(0x6ab0'0000).u16(60).u8(0).u8(64).ip("2001:db8::1").ip("2001:db8::2");
  const Octets udp = Octets{}.u16(53).u16(5353).u16(20).u16(0);
  struct Case {
    const char* name;
    std::uint32_t protocol;
    Octets header;
    const char* want;
    const char* without;
  };
  const std::vector<Case> cases{
      {"tagged twice", 1, ethernet(0x88a8, Octets{}.u16(0x6064).u16(0x8100).u16(200).u16(0x0800).add(ipv4(6, tcp()))),
       R"("vlan":100,)", "ether_type"},
      {"MPLS", 1, ethernet(0x8847, Octets{}.u32(0x0001'00ff).u32(0x0002'01ff).add(ipv4(6, tcp()))), R"("mpls_top":16)",
       "ether_type"},
      {"IPv6 behind options", 1, ethernet(0x86dd, Octets{}.add(v6).u8(17).u8(0).zeros(6).add(udp)),
       R"("id.orig_h":"2001:db8::1","id.resp_h":"2001:db8::2","proto":"udp","id.orig_p":53,"id.resp_p":5353)",
       "ether_type"},
      {"IPv6's length and class", 12, Octets{}.add(v6).u8(17).u8(0).zeros(6).add(udp), R"("tos":171)", "l2_addr"},
      {"IPv4 alone", 11, ipv4(17, udp), R"("reported_bytes":1480)", "l2_addr"},
      {"a later fragment has no ports", 11, ipv4(17, udp, 0x2001), R"("proto":"udp","ip_proto":17)", "id.orig_p"},
      {"ICMP", 11, ipv4(1, Octets{}.u8(3).u8(1)), R"("id.orig_p":3,"icmp_type":3,"id.resp_p":1,"icmp_code":1)",
       "l2_addr"},
      {"ARP", 1, ethernet(0x0806, Octets{}.zeros(28)), R"("ether_type":2054,)", "proto\":\"tcp"},
      {"IEEE 802.3", 1, ethernet(38, Octets{}.zeros(38)), R"("reported_bytes":64)", "ether_type"},
      {"cut in the TCP header", 11, ipv4(6, Octets{}.u16(1).u16(2)), R"("id.orig_p":1,"id.resp_p":2)", "tcp_flags"},
      {"cut in the IP header", 1, ethernet(0x0800, Octets{}.u8(0x45).u8(0)), R"("reported_bytes":64)", "id.orig_h"},
      {"no IPv4", 11, Octets{}.zeros(40), R"("reported_bytes":64)", "id.orig_h"},
      {"an unknown kind of header", 5, Octets{}.zeros(40), R"("frame_bytes":64)", "id.orig_h"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Play play;
    const std::string told = play.play(datagram({flow_sample({raw(c.protocol, c.header, 64)})}));
    EXPECT_TRUE(holds(told, c.want)) << told;
    EXPECT_FALSE(holds(told, c.without)) << told;
  }
}

TEST(Sflow, ExtendedData) {
  Play play;
  const Octets header = raw(1, ethernet(0x0800, ipv4(6, tcp())), 1498);
  const Octets gateway = Octets{}
                             .u32(1)
                             .ip("10.9.9.9")
                             .u32(64'500)
                             .u32(64'501)
                             .u32(64'502)
                             .u32(1)
                             .u32(2)
                             .u32(2)
                             .u32(64'503)
                             .u32(64'504)
                             .u32(0)
                             .u32(100);
  const std::string told = play.play(
      datagram({expanded_sample({header, block(1001, Octets{}.u32(10).u32(0).u32(20).u32(0)),
                                 block(1002, Octets{}.u32(1).ip("10.8.8.8").u32(24).u32(16)), block(1003, gateway),
                                 block(1004, Octets{}.u32(106).u32(4).text("anna").u32(106).u32(0)),
                                 block(1005, Octets{}.u32(1).u32(2).text("/a").zeros(2).u32(1).text("h").zeros(3)),
                                 block(1007, Octets{}.u32(1).ip("192.0.2.8").u32(1).ip("192.0.2.9")),
                                 block(1020, Octets{}.u32(1).u32(2)), block(4300, Octets{}.u32(9))})}));
  for (const char* want : {R"("vlan":10,"post_vlan":20)", R"("input_interface":4,"output_interface":5)",
                           R"("src_as":64501,"dst_as":64504)",
                           R"("src_mask":24,"dst_mask":16,"next_hop":"10.8.8.8","bgp_next_hop":"10.9.9.9")",
                           R"("nat_orig_h":"192.0.2.8","nat_orig_p":1,"nat_resp_h":"192.0.2.9","nat_resp_p":2)",
                           R"("http_host":"h","url":"/a","username":"anna")"}) {
    EXPECT_TRUE(holds(told, want)) << want << "\n" << told;
  }
  EXPECT_EQ(play.decoder.counters().samples_skipped, 1U);
}

TEST(Sflow, SampledHeads) {
  Play play;
  const Octets four = Octets{}.u32(100).u32(17).ip("10.0.0.1").ip("10.0.0.2").u32(53).u32(5353).u32(0).u32(8);
  std::string told = play.play(datagram({flow_sample({block(3, four)})}));
  EXPECT_TRUE(
      holds(told, R"("id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","proto":"udp","id.orig_p":53,"id.resp_p":5353)"))
      << told;
  const Octets six = Octets{}.u32(100).u32(6).ip("2001:db8::1").ip("2001:db8::2").u32(53).u32(5353).u32(2).u32(8);
  told = play.play(datagram({flow_sample({block(4, six)})}));
  EXPECT_TRUE(holds(told, R"("id.orig_h":"2001:db8::1")") && holds(told, R"("tcp_flags":"S")")) << told;
  const Octets frame = Octets{}.u32(60).mac(0x0200'5e00'5301).u16(0).mac(0x0200'5e00'5302).u16(0).u32(0x0806);
  told = play.play(datagram({flow_sample({block(2, frame)})}));
  EXPECT_TRUE(holds(told, R"("ether_type":2054,"orig_l2_addr":"02:00:5e:00:53:01")")) << told;
}

Octets counters() {
  Octets out = Octets{}.u32(4).u32(6).u64(1'000'000'000).u32(1).u32(3).u64(100);
  for (const std::uint32_t v : {1U, 2U, 3U, 4U, 5U, 0U}) out.u32(v);
  out.u64(200);
  for (const std::uint32_t v : {6U, 7U, 8U, 9U, 0xffff'ffffU, 0U}) out.u32(v);
  return out;
}

TEST(Sflow, Counters) {
  Play play;
  const Octets sample = Octets{}.u32(1).u32(4).u32(2).add(block(1, counters())).add(block(2, Octets{}.zeros(52)));
  EXPECT_EQ(play.play(datagram({block(2, sample)})),
            R"({"_path":"netflow.counters","agent":"198.51.100.9","observation_domain":3,"interface":4,)"
            R"("interface_type":6,"speed":1000000000,"admin_up":true,"oper_up":true,"in_bytes":100,"in_unicast":1,)"
            R"("in_multicast":2,"in_broadcast":3,"in_discards":4,"in_errors":5,"out_bytes":200,"out_unicast":6,)"
            R"("out_multicast":7,"out_broadcast":8,"out_discards":9})"
            "\n");
  EXPECT_EQ(play.decoder.counters().counter_samples, 1U);
  EXPECT_EQ(play.decoder.counters().samples_skipped, 1U);
  const Octets expanded = Octets{}.u32(1).u32(0).u32(4).u32(1).add(block(1, counters()));
  EXPECT_NE(play.play(datagram({block(4, expanded)}, 2)), "");
}

// Too short is too short, whether or not somebody asks for counters.
TEST(Sflow, ShortCounters) {
  const Octets sample = Octets{}.u32(1).u32(4).u32(1).add(block(1, Octets{}.zeros(84)));
  Play all, none{{}, Carrier::udp, {"orig_bytes"}};
  EXPECT_EQ(all.play(datagram({block(2, sample)})), "fault: truncated\n");
  EXPECT_EQ(none.play(datagram({block(2, sample)})), "fault: truncated\n");
}

TEST(Sflow, CountsWhatTheSwitchDropped) {
  Play play;
  const Octets header = raw(11, ipv4(6, tcp()), 1498);
  for (const std::uint32_t drops : {7U, 9U, 2U, 5U}) play.play(datagram({flow_sample({header}, 1, drops)}));
  EXPECT_EQ(play.decoder.counters().switch_drops, 5U);
}

TEST(Sflow, Refuses) {
  Play play;
  EXPECT_EQ(play.play(Octets{}.u32(5).u32(3).zeros(40)), "fault: too_short\n");
  EXPECT_EQ(play.play(Octets{}.u32(5).u32(1).ip("10.0.0.1")), "fault: too_short\n");
  EXPECT_EQ(play.play(datagram({Octets{}.u32(1).u32(99)})), "fault: truncated\n");
  EXPECT_EQ(play.play(datagram({block(9, Octets{}.u32(1))})), "");
  // Numbers of records and of path segments that lie.
  EXPECT_EQ(play.play(datagram({block(1, Octets{}.u32(1).u32(4).u32(1).u32(1).u32(0).u32(1).u32(1).u32(0xffff'ffff))})),
            "fault: truncated\n");
  EXPECT_EQ(play.play(datagram({flow_sample({block(1003, Octets{}.u32(1).ip("10.0.0.1").zeros(12).u32(0xffff'ffff))})}))
                .find("src_as"),
            std::string::npos);
  const Octets whole = datagram({flow_sample({raw(1, ethernet(0x0800, ipv4(6, tcp())), 1498),
                                              block(1004, Octets{}.u32(106).u32(4).text("anna").u32(106).u32(0))}),
                                 block(2, Octets{}.u32(1).u32(4).u32(1).add(block(1, counters())))});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::uint8_t> cut{whole.bytes().begin(),
                                        whole.bytes().begin() + static_cast<std::ptrdiff_t>(size)};
    Play one;
    one.play(Bytes{cut});
    EXPECT_NE(one.last.fault, Fault::none) << size;
  }
}

}  // namespace
}  // namespace nw::flows
