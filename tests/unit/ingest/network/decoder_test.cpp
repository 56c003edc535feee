#include "ingest/network/decoder.h"

#include <gtest/gtest.h>
#include <random>

#include "unit/ingest/network/harness.h"

namespace nw::network {
namespace {

using frames::kA;
using frames::kF;
using frames::kR;
using frames::kS;
using frames::tcp_frame;
using frames::udp_frame;
using frames::v4;
using frames::v6;
using std::chrono::milliseconds;
using std::chrono::seconds;

const frames::Endpoint kClient = v4(1, 40000), kServer = v4(2, 7);  // 7 is a port of the echo protocol
const frames::Endpoint kPeer = v4(3, 9000), kOther = v4(4, 9001);   // no protocol's ports

std::size_t malformed(const Harness& h, std::string_view reason) {
  for (std::size_t i = 0; i < malformed_reasons().size(); ++i)
    if (malformed_reasons()[i] == reason) return h.counters().malformed[i];
  ADD_FAILURE() << "no such reason: " << reason;
  return 0;
}

TEST(Decoder, AConnectionBecomesAConnEvent) {
  Harness h;
  Connection c{kPeer, kOther};
  for (const auto& frame : c.handshake()) h.send(frame);
  h.send(c.say(0, "hello"));
  h.send(c.say(1, "you"));
  h.send(c.say(0, "", kF | kA));
  h.send(c.say(1, "", kF | kA));
  h.send(c.say(0, ""));
  h.finish();
  ASSERT_EQ(h.events.size(), 1U);
  const std::map<std::string, std::string> want{
      {"_path", "conn"},
      {"_id", "7.0"},
      {"ts", "1700000000.001000"},
      {"uid", h.events[0].at("uid")},
      {"id.orig_h", "10.0.0.3"},
      {"id.orig_p", "9000"},
      {"id.resp_h", "10.0.0.4"},
      {"id.resp_p", "9001"},
      {"proto", "tcp"},
      {"community_id", h.events[0].at("community_id")},
      {"duration", "0.006000"},
      {"orig_bytes", "5"},
      {"resp_bytes", "3"},
      {"conn_state", "SF"},
      {"missed_bytes", "0"},
      {"history", "ShADdFf"},
      {"orig_pkts", "5"},
      {"orig_ip_bytes", "205"},
      {"resp_pkts", "3"},
      {"resp_ip_bytes", "123"},
      {"ip_proto", "6"},
  };
  EXPECT_EQ(h.events[0], want);
  EXPECT_TRUE(h.adds_up());
}

TEST(Decoder, WhoIsTheOriginator) {
  const struct {
    const char* name;
    frames::Frame frame;
    const char *orig, *history;
  } kCases[] = {
      {"SYN", tcp_frame(kPeer, kOther, {.flags = kS}), "10.0.0.3", "S"},
      {"SYN from a protocol's port", tcp_frame(kServer, kClient, {.flags = kS}), "10.0.0.2", "S"},
      {"SYN-ACK", tcp_frame(kPeer, kOther, {.flags = kS | kA}), "10.0.0.4", "^h"},
      {"middle, sender has the port", tcp_frame(kServer, kClient, {.payload = "x"}), "10.0.0.1", "^d"},
      {"middle, receiver has the port", tcp_frame(kClient, kServer, {.payload = "x"}), "10.0.0.1", "D"},
      {"middle, no port", tcp_frame(kOther, kPeer, {.payload = "x"}), "10.0.0.4", "D"},
      {"middle, both have the port", tcp_frame(v4(2, 7), v4(1, 7), {.payload = "x"}), "10.0.0.2", "D"},
      {"UDP, sender has the port", udp_frame(kServer, kClient, "x"), "10.0.0.1", "^d"},
      {"UDP, no port", udp_frame(kOther, kPeer, "x"), "10.0.0.4", "D"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Harness h;
    h.send(c.frame);
    h.finish();
    EXPECT_EQ(h.all("conn", "id.orig_h"), c.orig);
    EXPECT_EQ(h.all("conn", "history"), c.history);
  }
}

TEST(Decoder, UdpStates) {
  Harness h;
  h.send(udp_frame(kPeer, kOther, "abc"));
  h.send(udp_frame(v6(1, 5), v6(2, 6), "abcd"));
  h.send(udp_frame(v6(2, 6), v6(1, 5), "ef"));
  h.send(udp_frame(v4(9, 7), v4(8, 1234), "g"));
  h.finish();
  EXPECT_EQ(h.all("conn", "conn_state"), "S0,SF,SHR");
  EXPECT_EQ(h.all("conn", "orig_bytes"), "3,4,0");
  EXPECT_EQ(h.all("conn", "resp_bytes"), "0,2,1");
  EXPECT_EQ(h.all("conn", "id.orig_h"), "10.0.0.3,2001::1,10.0.0.8");
}

TEST(Decoder, Icmp) {
  Harness h;
  h.send(frames::icmp_frame(kPeer, kOther, 8, 0));
  h.send(frames::icmp_frame(kOther, kPeer, 0, 0));
  h.send(frames::icmp_frame(kPeer, kOther, 3, 3));  // one way: the other side's same message is its own flow
  h.send(frames::icmp_frame(kOther, kPeer, 3, 3));
  h.send(frames::icmp_frame(v6(1, 0), v6(2, 0), 135, 0));
  h.finish();
  EXPECT_EQ(h.all("conn", "proto"), "icmp,icmp,icmp,icmp");
  EXPECT_EQ(h.all("conn", "id.orig_p"), "8,3,3,135");
  EXPECT_EQ(h.all("conn", "id.resp_p"), "0,3,3,136");
  EXPECT_EQ(h.all("conn", "resp_pkts"), "1,0,0,0");
  EXPECT_EQ(h.all("conn", "conn_state"), "OTH,OTH,OTH,OTH");
}

TEST(Decoder, VlanTags) {
  Harness h;
  h.send(frames::ethernet(frames::ip(kPeer, kOther, 17, frames::udp(1, 2, "x")), {100, 200}));
  h.send(udp_frame(v4(7, 1), v4(8, 2), "x"));
  h.finish();
  EXPECT_EQ(h.all("conn", "vlan"), "100,-");
  EXPECT_EQ(h.all("conn", "inner_vlan"), "200,-");
}

TEST(Decoder, IdleFlowsEnd) {
  const struct {
    const char* name;
    frames::Frame first, later;
    seconds idle;
  } kCases[] = {
      {"TCP attempt", tcp_frame(kPeer, kOther, {.flags = kS}), tcp_frame(kPeer, kOther, {.flags = kS}), seconds{5}},
      {"TCP", tcp_frame(kPeer, kOther, {.payload = "x"}), tcp_frame(kPeer, kOther, {.payload = "x"}), seconds{300}},
      {"TCP closing", tcp_frame(kPeer, kOther, {.flags = kR}), tcp_frame(kOther, kPeer, {}), seconds{5}},
      {"UDP", udp_frame(kPeer, kOther, "x"), udp_frame(kOther, kPeer, "x"), seconds{60}},
      {"ICMP", frames::icmp_frame(kPeer, kOther, 8, 0), frames::icmp_frame(kOther, kPeer, 0, 0), seconds{60}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Harness h;
    h.at(milliseconds{0}, c.first);
    h.at(c.idle, c.later);  // just in time
    EXPECT_EQ(h.counters().flows_opened, 1U);
    h.at(2 * c.idle + milliseconds{1}, c.first);  // too late, though nobody swept
    EXPECT_EQ(h.counters().flows_opened, 2U);
    EXPECT_EQ(h.counters().flows_closed, 1U);
    h.decoder->advance(h.start + 3 * c.idle + milliseconds{1} + NetworkDecoder::kLateness, h);
    EXPECT_EQ(h.decoder->flows(), 1U);
    h.decoder->advance(h.start + 3 * c.idle + milliseconds{2} + NetworkDecoder::kLateness, h);
    EXPECT_EQ(h.decoder->flows(), 0U);
    EXPECT_TRUE(h.adds_up());
  }
}

// A mix of flows whose packets come with gaps around the timeouts, partly out of order by less than kLateness.
std::vector<std::pair<milliseconds, frames::Frame>> make_traffic(unsigned seed) {
  std::mt19937 random{seed};
  std::vector<std::pair<milliseconds, frames::Frame>> out;
  std::int64_t now = 5000;
  for (int i = 0; i < 1500; ++i) {
    now += static_cast<std::int64_t>(random() % (random() % 20 == 0 ? 30'000 : 900));
    const frames::Endpoint a = v4(1 + static_cast<std::uint32_t>(random() % 6), 7);
    const frames::Endpoint b = v4(10, static_cast<std::uint16_t>(9000 + random() % 3));
    const bool forth = random() % 2 == 0;
    const auto& from = forth ? a : b;
    const auto& to = forth ? b : a;
    const milliseconds at{now - static_cast<std::int64_t>(random() % 900)};
    static constexpr unsigned kFlags[] = {kA, kA, kA, kS, kS | kA, kF | kA, kR};
    if (random() % 3 == 0) {
      out.emplace_back(at, udp_frame(from, to, "E udp"));
    } else {
      out.emplace_back(at, tcp_frame(from, to,
                                     {.flags = kFlags[random() % 7],
                                      .sequence = static_cast<std::uint32_t>(random() % 40),
                                      .acknowledgement = static_cast<std::uint32_t>(random() % 40),
                                      .payload = "E tcp\n"}));
    }
  }
  return out;
}

TEST(Decoder, AFlowThatLivesOnIsToldNowAndThen) {
  Harness h{{.conn_interim = std::chrono::seconds{10}}};
  for (const int second : {0, 9, 10, 11, 19, 45, 46}) {
    h.at(std::chrono::seconds{second}, udp_frame(kPeer, kOther, "x"));
  }
  EXPECT_EQ(h.all("conn", "interim"), "true,true");
  EXPECT_EQ(h.all("conn", "orig_pkts"), "3,6");
  EXPECT_EQ(h.all("conn", "duration"), "10.000000,45.000000");
  h.finish();
  EXPECT_EQ(h.all("conn", "interim"), "true,true,-");
  EXPECT_EQ(h.all("conn", "orig_pkts"), "3,6,7");
  EXPECT_EQ(h.all("conn", "uid").substr(0, 18), h.events.back().at("uid"));
}

TEST(Decoder, EventsDoNotDependOnTheSweepsNorTheSeed) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto traffic = make_traffic(seed);
    std::vector<std::vector<std::string>> results;
    for (const std::size_t every : {0U, 1U, 7U, 100U}) {
      Harness h{{}, echo_table(), true, true, seed * 17 + every};
      Timestamp latest{};
      for (std::size_t i = 0; i < traffic.size(); ++i) {
        h.at(traffic[i].first, traffic[i].second);
        latest = std::max(latest, h.start + traffic[i].first);
        if (every != 0 && i % every == 0) h.decoder->advance(latest, h);
      }
      h.finish();
      EXPECT_TRUE(h.adds_up());
      auto& all = results.emplace_back();
      for (std::size_t i = 0; i < h.events.size(); ++i) all.push_back(h.events[i].at("_id") + " " + h.lines[i]);
      // Sweeps only change when an event is told, so each is known by its packet and part.
      std::sort(all.begin(), all.end());
      EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
    }
    EXPECT_GT(results[0].size(), 200U);
    for (const auto& other : results) EXPECT_EQ(other, results[0]);
  }
}

TEST(Decoder, FlowsEndInAFixedOrder) {
  std::vector<std::string> first;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    Harness h{{}, echo_table(), true, true, seed};
    for (std::uint32_t i = 0; i < 50; ++i) h.at(milliseconds{100 - i / 2}, udp_frame(v4(i + 1, 5), kOther, "x"));
    h.finish();
    if (first.empty()) first = h.lines;
    EXPECT_EQ(h.lines, first);
    EXPECT_TRUE(std::is_sorted(h.events.begin(), h.events.end(), [](const auto& a, const auto& b) {
      return std::pair{a.at("ts"), a.at("uid")} < std::pair{b.at("ts"), b.at("uid")};
    }));
  }
}

TEST(Decoder, AFullTableEvictsTheLongestIdle) {
  Harness h{{.flows_max = 3}};
  for (std::uint16_t i = 0; i < 5; ++i) h.send(udp_frame(v4(1, static_cast<std::uint16_t>(100 + i)), kOther, "x"));
  EXPECT_EQ(h.decoder->flows(), 3U);
  EXPECT_EQ(h.counters().flows_evicted, 2U);
  EXPECT_EQ(h.all("conn", "id.orig_p"), "100,101");
  h.send(udp_frame(v4(1, 102), kOther, "x"));  // now 103 is the oldest
  h.send(udp_frame(v4(1, 105), kOther, "x"));
  EXPECT_EQ(h.all("conn", "id.orig_p"), "100,101,103");
  EXPECT_TRUE(h.adds_up());
}

TEST(Decoder, WhenASynOpensANewFlow) {
  const auto syn = [](std::uint32_t sequence) { return tcp_frame(kPeer, kOther, {.flags = kS, .sequence = sequence}); };
  const auto data = tcp_frame(kPeer, kOther, {.sequence = 11, .payload = "x"});
  const auto answer = tcp_frame(kOther, kPeer, {.flags = kS | kA, .sequence = 99, .acknowledgement = 11});
  const auto other = tcp_frame(kOther, kPeer, {.sequence = 100, .acknowledgement = 12});
  const auto reset = tcp_frame(kOther, kPeer, {.flags = kR | kA, .acknowledgement = 11});
  const struct {
    const char* name;
    std::vector<std::pair<int, frames::Frame>> before;
    int at;
    std::uint32_t sequence;
    std::uint64_t flows;
  } kCases[] = {
      {"a repetition", {{0, syn(10)}, {100, answer}}, 1000, 10, 1},
      {"after a reset", {{0, syn(10)}, {100, reset}}, 200, 10, 2},
      {"seen from the middle", {{0, data}}, 100, 50, 2},
      {"forged into a busy connection", {{0, syn(10)}, {100, answer}, {200, data}}, 300, 50, 1},
      {"the end was missed, and one side alone is seen", {{0, syn(10)}, {200, data}}, 6000, 50, 2},
      {"the other end decides", {{0, syn(10)}, {100, answer}, {200, data}}, 6000, 50, 1},
      {"seen from the middle, from both sides", {{0, data}, {10, other}}, 100, 50, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Harness h;
    for (const auto& [at, frame] : c.before) h.at(milliseconds{at}, frame);
    h.at(milliseconds{c.at}, syn(c.sequence));
    EXPECT_EQ(h.counters().flows_opened, c.flows);
  }
}

// What the other end says to a SYN in a connection that may go on tells whether it does.
TEST(Decoder, TheOtherEndOpensTheNewFlow) {
  const auto syn = [](std::uint32_t sequence) {
    return tcp_frame(kPeer, kServer, {.flags = kS, .sequence = sequence});
  };
  const auto from_server = [](unsigned flags, std::uint32_t sequence, std::uint32_t acknowledgement) {
    return tcp_frame(kServer, kPeer, {.flags = flags, .sequence = sequence, .acknowledgement = acknowledgement});
  };
  const auto begin = [&](Harness& h) {
    h.at(milliseconds{0}, syn(10));
    h.at(milliseconds{1}, from_server(kS | kA, 99, 11));
    h.at(milliseconds{2}, tcp_frame(kPeer, kServer, {.sequence = 11, .acknowledgement = 100, .payload = "E a\n"}));
    h.at(milliseconds{3}, from_server(kA, 100, 15));
  };
  {
    SCOPED_TRACE("it begins another");
    Harness h;
    begin(h);
    h.at(milliseconds{7000}, syn(5000));
    EXPECT_EQ(h.counters().flows_opened, 1U);
    h.at(milliseconds{7001}, from_server(kS | kA, 700, 5001));
    EXPECT_EQ(h.counters().flows_opened, 2U);
    h.at(milliseconds{7002}, tcp_frame(kPeer, kServer, {.sequence = 5001, .acknowledgement = 701, .payload = "E b\n"}));
    h.finish();
    EXPECT_EQ(h.all("conn", "history"), "ShDa,ShD");
    EXPECT_EQ(h.all("conn", "orig_bytes"), "4,4");
    EXPECT_EQ(h.all("echo", "line"), "a,end,b,end");
  }
  {
    SCOPED_TRACE("it cannot do so alone");
    Harness h;
    begin(h);
    h.at(milliseconds{7000}, syn(5000));
    h.at(milliseconds{7001}, syn(6000));
    h.at(milliseconds{7002},
         tcp_frame(kPeer, kServer, {.flags = kS | kA, .sequence = 0xc0000000, .acknowledgement = 0xc0000000}));
    h.at(milliseconds{7003}, tcp_frame(kPeer, kServer, {.sequence = 15, .acknowledgement = 100, .payload = "E b\n"}));
    h.finish();
    EXPECT_EQ(h.counters().flows_opened, 1U);
    EXPECT_EQ(h.all("echo", "line"), "a,b,end");
  }
  // More SYNs, from either end, do not hide the one that is answered.
  for (const bool by_server : {false, true}) {
    SCOPED_TRACE(by_server);
    Harness h;
    begin(h);
    h.at(milliseconds{7000}, syn(5000));
    h.at(milliseconds{7001}, by_server ? from_server(kS, 0x60000000, 0) : syn(0x60000000));
    h.at(milliseconds{7002}, from_server(kS | kA, 99, 11));  // the old one's, late
    EXPECT_EQ(h.counters().flows_opened, 1U);
    h.at(milliseconds{7003}, from_server(kS | kA, 700, 5001));
    EXPECT_EQ(h.counters().flows_opened, 2U);
    h.at(milliseconds{7004}, tcp_frame(kPeer, kServer, {.sequence = 5001, .acknowledgement = 701, .payload = "E b\n"}));
    h.finish();
    EXPECT_EQ(h.all("conn", "orig_bytes"), "4,4");
    EXPECT_EQ(h.all("echo", "line"), "a,end,b,end");
  }
  {
    SCOPED_TRACE("it knows no such connection");
    Harness h;
    begin(h);
    h.at(milliseconds{7000}, syn(5000));
    h.at(milliseconds{7001}, from_server(kR | kA, 0, 5001));
    h.finish();
    EXPECT_EQ(h.all("conn", "conn_state"), "S1,REJ");
  }
  {
    // RFC 5961: resets out of place and SYNs are answered with an acknowledgement, and the connection goes on.
    SCOPED_TRACE("it goes on");
    Harness h;
    begin(h);
    h.at(milliseconds{10}, tcp_frame(kPeer, kServer, {.flags = kR, .sequence = 15 + 500}));
    h.at(milliseconds{11}, syn(0x40000000));
    h.at(milliseconds{12}, from_server(kA, 100, 15));
    h.at(milliseconds{13}, tcp_frame(kPeer, kServer, {.sequence = 15, .acknowledgement = 100, .payload = "E c\n"}));
    h.at(milliseconds{14}, from_server(kS | kA, 700, 0x40000001U + 1));  // to another SYN
    h.finish();
    EXPECT_EQ(h.counters().flows_opened, 1U);
    EXPECT_EQ(h.all("echo", "line"), "a,c,end");
  }
}

// Neither bytes that nobody takes nor acknowledgements of bytes that nobody sent blind the analysis, or make losses.
TEST(Decoder, WhatTheReceiverDropsIsNotTheStream) {
  Harness h;
  const auto server = [](std::uint32_t acknowledgement, std::string_view payload = "", std::uint32_t sequence = 100) {
    return tcp_frame(kServer, kPeer, {.sequence = sequence, .acknowledgement = acknowledgement, .payload = payload});
  };
  const auto client = [](std::uint32_t sequence, std::uint32_t acknowledgement, std::string_view payload) {
    return tcp_frame(kPeer, kServer, {.sequence = sequence, .acknowledgement = acknowledgement, .payload = payload});
  };
  std::string junk;
  while (junk.size() < 1400) junk += "E j\n";
  h.at(milliseconds{0}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 10}));
  h.at(milliseconds{1}, tcp_frame(kServer, kPeer, {.flags = kS | kA, .sequence = 99, .acknowledgement = 11}));
  for (std::uint32_t i = 0; i < 3; ++i) h.at(milliseconds{2}, client(0x40000000 + i * 1400, 100, junk));
  h.at(milliseconds{3}, server(11));
  // Within the window there is no room for so much; it waits for its hole.
  for (std::uint32_t i = 0; i < 40; ++i) h.at(milliseconds{4}, client(21 + i * 1400, 100, junk));
  h.at(milliseconds{5}, server(11));
  for (std::uint32_t i = 1; i < 5; ++i) h.at(milliseconds{6}, client(11, 100 + i * 0x3fffffffU, ""));
  h.at(milliseconds{7}, server(11));
  h.at(milliseconds{8}, client(11, 100, "E request"));
  h.at(milliseconds{9}, client(20, 100, "\n"));
  h.at(milliseconds{10}, server(20, "E answer\n"));
  h.finish();
  EXPECT_EQ(h.counters().tcp_unacceptable, 3U);
  EXPECT_EQ(h.all("conn", "missed_bytes"), "0");
  EXPECT_EQ(h.all("conn", "resp_bytes"), "9");
  EXPECT_EQ(h.counters().stream_gap_bytes, 0U);
  EXPECT_NE(h.all("echo", "line").find("answer"), std::string::npos);
}

// A capture that loses the other side for good goes on with the one that is left.
TEST(Decoder, ASideThatIsNeverHeardAgainIsNotAsked) {
  Harness h;
  h.at(milliseconds{0}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 10}));
  h.at(milliseconds{1}, tcp_frame(kServer, kPeer, {.flags = kS | kA, .sequence = 99, .acknowledgement = 11}));
  for (std::uint32_t i = 0; i < 10; ++i) {
    const std::uint32_t sequence = 11 + 1000000 + i * 4;
    h.at(milliseconds{500 * i + 10},
         tcp_frame(kPeer, kServer, {.sequence = sequence, .acknowledgement = 100, .payload = "E x\n"}));
  }
  h.finish();
  EXPECT_EQ(h.counters().tcp_unacceptable, 8U);  // five seconds' worth, the fifth is believed
  EXPECT_EQ(h.all("echo", "line"), "x,x,end");
  EXPECT_EQ(h.counters().stream_gap_bytes, 1000032U);
}

// Where both ends agree on a number that is far away, the capture lost what lies between.
TEST(Decoder, WhatBothSidesSayIsTheStream) {
  Harness h;
  h.at(milliseconds{0}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 10}));
  h.at(milliseconds{1}, tcp_frame(kServer, kPeer, {.flags = kS | kA, .sequence = 99, .acknowledgement = 11}));
  std::uint32_t at = 11;
  std::uint64_t lost = 0;
  for (const std::uint32_t jump : {1'000'000U, 1'900'000'000U, 1'900'000'000U}) {
    at += jump;
    lost += jump;
    h.at(milliseconds{2}, tcp_frame(kPeer, kServer, {.sequence = at, .payload = "E b\n"}));
    h.at(milliseconds{3}, tcp_frame(kServer, kPeer, {.sequence = 100, .acknowledgement = at}));
    at += 4;
    h.at(milliseconds{4}, tcp_frame(kPeer, kServer, {.sequence = at, .payload = "E c\n"}));
    at += 4;
    lost += 4;  // what was said too far away
  }
  h.finish();
  EXPECT_EQ(h.counters().tcp_unacceptable, 3U);
  EXPECT_EQ(h.all("conn", "missed_bytes"), std::to_string(lost));
  EXPECT_EQ(h.all("conn", "orig_bytes"), std::to_string(at - 11));
}

// Of two SYNs the one that is answered counts; and neither a SYN nor an old FIN moves what is known of a connection.
TEST(Decoder, OnlyWhatFitsMovesTheNumbers) {
  const auto server = [](unsigned flags, std::uint32_t acknowledgement) {
    return tcp_frame(kServer, kPeer,
                     {.flags = flags, .sequence = flags == kA ? 100U : 99U, .acknowledgement = acknowledgement});
  };
  {
    SCOPED_TRACE("two SYNs");
    Harness h;
    h.at(milliseconds{0}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 10}));
    h.at(milliseconds{1}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 0x60000000}));
    h.at(milliseconds{2}, server(kS | kA, 0x60000001));
    h.at(milliseconds{3}, tcp_frame(kPeer, kServer, {.sequence = 0x60000001, .payload = "E a\n"}));
    h.finish();
    EXPECT_EQ(h.all("echo", "line"), "a,end");
  }
  {
    SCOPED_TRACE("three SYNs, and the second is answered");
    Harness h;
    h.at(milliseconds{0}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 10}));
    h.at(milliseconds{1}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 0x60000000}));
    h.at(milliseconds{2}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 0x30000000}));
    h.at(milliseconds{3}, server(kS | kA, 0x60000001));
    h.at(milliseconds{4}, tcp_frame(kPeer, kServer, {.sequence = 0x60000001, .payload = "E a\n"}));
    h.finish();
    EXPECT_EQ(h.all("echo", "line"), "a,end");
  }
  {
    SCOPED_TRACE("a SYN into a connection that was met in its middle");
    Harness h;
    h.at(milliseconds{0}, tcp_frame(kPeer, kServer, {.sequence = 1000, .payload = "E a\n"}));
    h.at(milliseconds{1}, server(kA, 1004));
    h.at(milliseconds{2}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 1000U - 0x60000000U}));
    h.at(milliseconds{3}, server(kA, 1004));
    h.at(milliseconds{4}, tcp_frame(kPeer, kServer, {.sequence = 1004, .payload = "E b\n"}));
    h.finish();
    EXPECT_EQ(h.all("echo", "line"), "a,b,end");
    EXPECT_EQ(h.all("conn", "orig_bytes"), "8");
    EXPECT_EQ(h.all("conn", "missed_bytes"), "0");
  }
  {
    SCOPED_TRACE("the SYN-ACK was not captured");
    Harness h;
    h.at(milliseconds{0}, tcp_frame(kPeer, kServer, {.sequence = 1000, .payload = "E a\n"}));
    h.at(milliseconds{1}, server(kA, 1004));
    h.at(milliseconds{2}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 0x60000000}));
    h.at(milliseconds{3}, tcp_frame(kPeer, kServer, {.sequence = 0x60000001, .payload = "E b\n"}));
    h.at(milliseconds{4}, server(kA, 0x60000005));
    h.at(milliseconds{5}, tcp_frame(kPeer, kServer, {.sequence = 0x60000005, .payload = "E c\n"}));
    h.finish();
    EXPECT_EQ(h.counters().flows_opened, 2U);
    EXPECT_EQ(h.all("conn", "orig_bytes"), "4,8");
  }
  {
    SCOPED_TRACE("a FIN before what was acknowledged");
    Harness h;
    h.at(milliseconds{0}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 10}));
    h.at(milliseconds{1}, server(kS | kA, 11));
    h.at(milliseconds{2}, tcp_frame(kPeer, kServer, {.sequence = 11, .payload = "E abc\n"}));
    h.at(milliseconds{3}, server(kA, 17));
    h.at(milliseconds{4}, tcp_frame(kPeer, kServer, {.flags = frames::kF | kA, .sequence = 11}));
    h.at(milliseconds{5}, tcp_frame(kPeer, kServer, {.sequence = 17, .payload = "E d\n"}));
    h.finish();
    EXPECT_EQ(h.all("conn", "orig_bytes"), "10");
    EXPECT_EQ(h.all("conn", "conn_state"), "S1");
  }
}

// The window of a SYN says how far, RFC 7323.
TEST(Decoder, WindowsAreScaledWhenBothSay) {
  for (const bool scaled : {true, false}) {
    Harness h;
    h.at(milliseconds{0}, tcp_frame(kPeer, kServer, {.flags = kS, .sequence = 10, .scale = 7}));
    h.at(milliseconds{1},
         tcp_frame(
             kServer, kPeer,
             {.flags = kS | kA, .sequence = 99, .acknowledgement = 11, .window = 60000, .scale = scaled ? 7 : -1}));
    h.at(milliseconds{2}, tcp_frame(kServer, kPeer, {.sequence = 100, .acknowledgement = 11, .window = 60000}));
    h.at(milliseconds{3}, tcp_frame(kPeer, kServer, {.sequence = 11 + 1000000, .payload = "x"}));
    EXPECT_EQ(h.counters().tcp_unacceptable, scaled ? 0U : 1U);
  }
}

// A flood of attempts does not push out those who were answered.
TEST(Decoder, AttemptsMakeWayFirst) {
  NetworkLimits limits;
  limits.flows_max = 8;
  Harness h{limits};
  h.send(udp_frame(kPeer, kServer, "E a\n"));
  for (std::uint16_t i = 0; i < 100; ++i) {
    h.send(tcp_frame(v4(1, static_cast<std::uint16_t>(1000 + i)), kOther, {.flags = kS}));
  }
  h.send(udp_frame(kPeer, kServer, "E b\n"));
  EXPECT_EQ(h.counters().flows_opened, 101U);
  EXPECT_EQ(h.counters().flows_evicted, 93U);
}

TEST(Decoder, FlowsOfOneKeyAndTimeHaveTheirOwnUid) {
  Harness h;
  for (int i = 0; i < 3; ++i) {
    h.at(milliseconds{5}, tcp_frame(kPeer, kOther, {.flags = kS}));
    h.at(milliseconds{5}, tcp_frame(kOther, kPeer, {.flags = kR}));
  }
  h.finish();
  ASSERT_EQ(h.events.size(), 3U);
  EXPECT_NE(h.events[0].at("uid"), h.events[1].at("uid"));
  EXPECT_NE(h.events[1].at("uid"), h.events[2].at("uid"));
}

TEST(Decoder, FragmentsBecomeOneDatagram) {
  Harness h;
  const frames::Frame whole = frames::udp(40000, 7, "E " + std::string(2000, 'x'));
  const Bytes bytes{whole};
  h.send(frames::ethernet(
      frames::ipv4(kClient.address, kServer.address, 17, bytes.subspan(1480), {.id = 5, .offset = 1480})));
  h.send(
      frames::ethernet(frames::ipv4(kClient.address, kServer.address, 17, bytes.first(1480), {.id = 5, .more = true})));
  // IPv6, with destination options inside the fragmented part.
  const frames::Frame inner = frames::extension(17, whole);
  const Bytes six{inner};
  const auto a = v6(1, 0).address, b = v6(2, 0).address;
  h.send(frames::ethernet(frames::ipv6(a, b, 44, frames::fragment6(60, {.id = 9, .more = true}, six.first(1000)))));
  h.send(frames::ethernet(frames::ipv6(a, b, 44, frames::fragment6(60, {.id = 9, .offset = 1000}, six.subspan(1000)))));
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), std::string(2000, 'x') + "," + std::string(2000, 'x') + ",end,end");
  EXPECT_EQ(h.all("conn", "orig_ip_bytes"), "2030,2058");
  EXPECT_EQ(h.counters().decoded, 4U);
  EXPECT_EQ(h.decoder->bytes_held(), 0U);
}

TEST(Decoder, MalformedPacketsAreCountedByReason) {
  Harness h;
  h.at(milliseconds{0}, frames::Frame(10), 1);
  h.at(milliseconds{0}, frames::Frame(10), 999);
  h.at(milliseconds{0}, frames::ethernet(frames::ipv4(kPeer.address, kOther.address, 6, frames::Frame(8))));
  h.at(milliseconds{0}, frames::ethernet(frames::ipv4(kPeer.address, kOther.address, 50, frames::Frame(8))));
  h.at(milliseconds{0},
       frames::ethernet(frames::ipv4(kPeer.address, kOther.address, 17, frames::Frame(7), {.more = true})));
  EXPECT_EQ(malformed(h, "truncated_link"), 1U);
  EXPECT_EQ(malformed(h, "unknown_link_type"), 1U);
  EXPECT_EQ(malformed(h, "truncated_transport"), 1U);
  EXPECT_EQ(malformed(h, "bad_fragment"), 1U);
  EXPECT_EQ(h.counters().ignored, 1U);
  EXPECT_EQ(h.counters().decoded, 0U);
  EXPECT_TRUE(h.adds_up());
}

TEST(Decoder, EveryPrefixOfEveryFrameIsCounted) {
  const frames::Frame inner = frames::extension(17, frames::udp(5, 7, "E x"));
  const std::vector<frames::Frame> all{
      tcp_frame(kClient, kServer, {.flags = kS}),
      tcp_frame(v6(1, 5), v6(2, 7), {.payload = "E hello\n"}),
      udp_frame(kClient, kServer, "E hello"),
      frames::icmp_frame(kPeer, kOther, 8, 0),
      frames::ethernet(frames::ipv6(v6(1, 0).address, v6(2, 0).address, 60, inner), {1, 2}),
      frames::ethernet(frames::ipv4(kPeer.address, kOther.address, 17, frames::Frame(16), {.id = 1, .more = true})),
  };
  Harness h;
  for (const auto& frame : all) {
    for (std::size_t cut = 0; cut <= frame.size(); ++cut) {
      const frames::Frame part(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(cut));
      h.send(part);  // as if the wire had ended there
      // As if the capture had ended there.
      h.decoder->packet(part, static_cast<std::uint32_t>(frame.size()), h.start + h.clock, 1, h.ordinal++, h);
      ASSERT_TRUE(h.adds_up());
      const std::uint64_t hash = flow_hash(part, 1);
      EXPECT_TRUE(hash == 0 || hash == flow_hash(frame, 1));
    }
  }
  h.finish();
  EXPECT_TRUE(h.adds_up());
  EXPECT_GT(h.counters().decoded, all.size());
}

TEST(Decoder, AbsurdTimesAreHarmless) {
  Harness h;
  for (const std::int64_t time : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX, std::int64_t{1}}) {
    const auto frame = udp_frame(kPeer, kOther, "x");
    h.decoder->packet(frame, 60, from_unix_nanoseconds(time), 1, 0, h);
    h.decoder->advance(from_unix_nanoseconds(time), h);
  }
  h.finish();
  EXPECT_TRUE(h.adds_up());
}

TEST(FlowHash, IsTheSameForAllThatBelongsTogether) {
  const std::uint64_t hash = flow_hash(tcp_frame(kClient, kServer, {.flags = kS}), 1);
  EXPECT_NE(hash, 0U);
  EXPECT_EQ(flow_hash(tcp_frame(kServer, kClient, {}), 1), hash);
  const auto piece = frames::ipv4(kClient.address, kServer.address, 6, frames::Frame(8), {.id = 1, .offset = 800});
  EXPECT_EQ(flow_hash(frames::ethernet(piece, {5}), 1), hash);
  EXPECT_EQ(flow_hash(piece, 12), hash);
  EXPECT_NE(flow_hash(tcp_frame(kClient, kOther, {}), 1), hash);
  EXPECT_EQ(flow_hash(frames::Frame(60), 1), 0U);
  EXPECT_EQ(flow_hash(piece, 999), 0U);
}

}  // namespace
}  // namespace nw::network
