// What a decoder makes of packets within packets.
#include <gtest/gtest.h>

#include "ingest/network/tunnel.h"
#include "ingest/network/tunnel_parents.h"
#include "unit/ingest/network/harness.h"
#include "unit/ingest/network/tunnel_frames.h"

namespace nw::network {
namespace {

using frames::Frame;
using frames::v4;
using frames::v6;

const frames::Endpoint kFrom = v4(101, 5000), kTo = v4(102, 4789);  // the tunnel's ends
const frames::Endpoint kPeer = v4(3, 9000), kOther = v4(4, 9001);   // within

Frame inner_packet(std::string_view text = "E x") {
  return frames::ip(kPeer, kOther, 17, frames::udp(kPeer.port, kOther.port, text));
}
Frame inner_answer() { return frames::ip(kOther, kPeer, 17, frames::udp(kOther.port, kPeer.port, "E y")); }
Frame in_vxlan(std::uint32_t network, const Frame& packet) {
  return frames::over_udp(kFrom, kTo, frames::vxlan(network, frames::ethernet(packet)));
}

TEST(Tunnelled, EveryKindCarriesAFlow) {
  const auto t6 = frames::teredo_client(9, 9000);
  const Frame teredo = frames::ip(t6, v6(4, 9001), 17, frames::udp(9000, 9001, "E x"));
  const struct {
    const char* name;
    Frame frame;
    const char *type, *proto, *service;
  } kCases[] = {
      {"4in4", frames::over_ip(kFrom, kTo, 4, inner_packet()), "Tunnel::IP", "ipv4", "-"},
      {"6in4", frames::over_ip(kFrom, kTo, 41, teredo), "Tunnel::IP", "ipv6", "-"},
      {"4in6", frames::over_ip(v6(1, 0), v6(2, 0), 4, inner_packet()), "Tunnel::IP", "ipv4", "-"},
      {"6in6", frames::over_ip(v6(1, 0), v6(2, 0), 41, teredo), "Tunnel::IP", "ipv6", "-"},
      {"GRE", frames::over_ip(kFrom, kTo, 47, frames::gre(0x0800, inner_packet())), "Tunnel::GRE", "gre", "-"},
      {"PPTP", frames::over_ip(kFrom, kTo, 47, frames::pptp(frames::with({0xff, 3, 0, 0x21}, inner_packet()))),
       "Tunnel::GRE", "gre", "-"},
      {"ERSPAN", frames::over_ip(kFrom, kTo, 47, frames::erspan2(frames::ethernet(inner_packet()))), "Tunnel::GRE",
       "gre", "-"},
      {"VXLAN", in_vxlan(1, inner_packet()), "Tunnel::VXLAN", "udp", "vxlan"},
      {"Geneve", frames::over_udp(kFrom, v4(102, 6081), frames::geneve(1, 0x0800, inner_packet())), "Tunnel::GENEVE",
       "udp", "geneve"},
      {"GTP-U", frames::over_udp(kFrom, v4(102, 2152), frames::gtp(inner_packet())), "Tunnel::GTPv1", "udp", "gtpv1"},
      {"Teredo", frames::over_udp(kFrom, v4(102, 3544), teredo), "Tunnel::TEREDO", "udp", "teredo"},
      {"TZSP", frames::over_udp(kFrom, v4(102, 37008), frames::tzsp(frames::ethernet(inner_packet()))), "Tunnel::TZSP",
       "udp", "tzsp"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Harness h;
    h.send(c.frame);
    h.send(c.frame);
    EXPECT_EQ(h.decoder->flows(), 2U);
    EXPECT_EQ(h.all("tunnel", "action"), "Tunnel::DISCOVER");
    h.finish();
    EXPECT_EQ(h.all("tunnel", "tunnel_type"), std::string{c.type} + "," + c.type);
    EXPECT_EQ(h.all("tunnel", "action"), "Tunnel::DISCOVER,Tunnel::CLOSE");
    const std::string outer = h.events.front().at("uid");
    // Both flows began with the same packet, so their order is their uids'.
    std::map<std::string, std::map<std::string, std::string>> conns;
    for (const auto& event : h.events)
      if (event.at("_path") == "conn") conns[event.at("id.resp_p") == "9001" ? "inner" : "outer"] = event;
    ASSERT_EQ(conns.size(), 2U);
    EXPECT_EQ(conns["outer"].at("uid"), outer);
    EXPECT_EQ(conns["outer"].count("tunnel_parents"), 0U);
    EXPECT_EQ(conns["outer"].at("proto"), c.proto);
    EXPECT_EQ(conns["outer"].count("service") == 0 ? "-" : conns["outer"].at("service"), c.service);
    EXPECT_EQ(conns["inner"].at("tunnel_parents"), outer);
    EXPECT_EQ(conns["inner"].at("orig_pkts"), "2");
    EXPECT_EQ(h.all("echo", "line"), "x,x,end");
    EXPECT_EQ(h.all("echo", "tunnel_parents"), outer + "," + outer + "," + outer);
    EXPECT_EQ(h.counters().packets, 2U);
    EXPECT_EQ(h.counters().decoded, 2U);
    EXPECT_EQ(h.counters().tunnelled.packets, 2U);
    EXPECT_EQ(h.counters().tunnelled.decoded, 2U);
    EXPECT_TRUE(h.adds_up());
    // Every event has its own name, though two flows had the same packet.
    std::vector<std::string> names;
    for (const auto& event : h.events) names.push_back(event.at("_id"));
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  }
}

TEST(Tunnelled, BothDirectionsAreOneFlowWithBothParents) {
  Harness h;
  h.send(in_vxlan(1, inner_packet()));
  h.send(frames::over_udp(v4(102, 6000), v4(101, 4789), frames::vxlan(1, frames::ethernet(inner_answer()))));
  h.finish();
  std::string parents;
  for (const auto& event : h.events) {
    if (event.at("_path") != "conn" || event.at("id.resp_p") != "9001") continue;
    parents = event.at("tunnel_parents");
    EXPECT_EQ(event.at("resp_pkts"), "1");
  }
  EXPECT_EQ(parents.size(), 2 * 18 + 1U);
  EXPECT_EQ(h.counters().flows_opened, 3U);
}

TEST(Tunnelled, ParentsAreBounded) {
  TunnelParents parents;
  std::uint32_t slot = kNoSlot;
  for (char c = 'a'; c < 'a' + 9; ++c) {
    Uid uid{};
    uid[1] = c;
    slot = parents.add(slot, uid);
    slot = parents.add(slot, uid);
  }
  EXPECT_EQ(parents[slot].size(), kTunnelParentsMax);
  EXPECT_EQ(parents[slot][0][1], 'a');
  parents.close(slot);
  EXPECT_EQ(parents.add(kNoSlot, Uid{}), slot);  // its memory is used again
  EXPECT_EQ(parents[slot].size(), 1U);
}

// The same addresses within and without, in two networks, and between other hosts are different flows.
TEST(Tunnelled, EqualAddressesInDifferentTunnelsAreApart) {
  Harness h;
  h.send(frames::ethernet(inner_packet()));
  h.send(in_vxlan(1, inner_packet()));
  h.send(in_vxlan(2, inner_packet()));
  h.send(frames::over_udp(v4(103, 5000), kTo, frames::vxlan(1, frames::ethernet(inner_packet()))));
  EXPECT_EQ(h.decoder->flows(), 4U + 2U);
  h.finish();
  std::map<std::string, int> uids;
  for (const auto& event : h.events)
    if (event.at("_path") == "conn") ++uids[event.at("uid")];
  EXPECT_EQ(uids.size(), 6U);
}

TEST(Tunnelled, DepthIsBounded) {
  const auto nested = [](unsigned depth) {
    Frame packet = inner_packet();
    for (unsigned i = 0; i < depth; ++i) packet = frames::ip(v4(20 + i, 0), v4(40 + i, 0), 4, packet);
    return frames::ethernet(packet);
  };
  Harness h;
  h.send(nested(kTunnelDepthMax));
  EXPECT_EQ(h.all("echo", "line"), "x");
  EXPECT_EQ(h.counters().tunnelled.decoded, kTunnelDepthMax);
  h.send(nested(kTunnelDepthMax + 1));
  EXPECT_EQ(h.counters().tunnelled.malformed[malformed_index(Outcome::exceeded_tunnel_max_depth)], 1U);
  EXPECT_EQ(h.all("weird", "name"), "exceeded_tunnel_max_depth");
  h.finish();
  EXPECT_EQ(h.all("echo", "line"), "x,end");
  EXPECT_TRUE(h.adds_up());
}

TEST(Tunnelled, ParentsAreThoseDirectlyAround) {
  Harness h;
  h.send(frames::over_ip(v4(30, 0), v4(31, 0), 47, frames::gre(0x0800, frames::ip(kFrom, kTo, 4, inner_packet()))));
  h.finish();
  std::map<std::string, std::pair<std::string, std::string>> by_proto;  // uid, parents
  for (const auto& event : h.events) {
    if (event.at("_path") != "conn") continue;
    by_proto[event.at("proto")] = {event.at("uid"),
                                   event.count("tunnel_parents") != 0 ? event.at("tunnel_parents") : ""};
  }
  EXPECT_EQ(by_proto["gre"].second, "");
  EXPECT_EQ(by_proto["ipv4"].second, by_proto["gre"].first);
  EXPECT_EQ(by_proto["udp"].second, by_proto["ipv4"].first);
}

// The same two hosts around themselves: a flow of each level, and none that carries itself or what carries it.
TEST(Tunnelled, NoFlowCarriesItself) {
  const auto a = v4(20, 0), b = v4(21, 0);
  Frame packet = inner_packet();
  for (unsigned i = 0; i < kTunnelDepthMax; ++i) packet = frames::ip(a, b, 4, packet);
  Harness h;
  h.send(frames::ethernet(packet));
  EXPECT_EQ(h.decoder->flows(), kTunnelDepthMax + 1U);
  h.finish();
  std::map<std::string, std::string> around;
  std::string at;
  for (const auto& event : h.events) {
    if (event.at("_path") != "conn") continue;
    if (event.at("proto") == "udp") at = event.at("uid");
    around[event.at("uid")] = event.count("tunnel_parents") == 0 ? "" : event.at("tunnel_parents");
  }
  unsigned levels = 0;
  for (; !at.empty() && levels <= kTunnelDepthMax; ++levels) at = std::string{around.at(at)};
  EXPECT_EQ(levels, kTunnelDepthMax + 1U);
  EXPECT_EQ(at, "");
}

TEST(Tunnelled, ATunnelIsTold) {
  Frame bare{0, 1, 8, 0, 6, 4, 0, 1};  // a request
  bare.resize(28, 7);
  const Frame arp = frames::with({2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 8, 6}, bare);
  const struct {
    const char* name;
    Frame frame;
    const char* other;  // what else is told
  } kCases[] = {
      {"with ARP", frames::over_udp(kFrom, kTo, frames::vxlan(1, arp)), "arp"},
      {"with ARP alone", frames::over_udp(kFrom, v4(102, 6081), frames::geneve(1, 0x0806, bare)), "arp"},
      {"with a broken packet", frames::over_ip(kFrom, kTo, 4, Frame{0x45, 0, 0}), "weird"},
      {"with a cut frame", frames::over_udp(kFrom, v4(102, 6081), frames::geneve(1, 0x6558, Frame(13))), "weird"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Harness h;
    h.send(c.frame);
    h.send(c.frame);
    EXPECT_EQ(h.all("tunnel", "action"), "Tunnel::DISCOVER");
    const std::string uid = h.all("tunnel", "uid");
    EXPECT_EQ(h.all(c.other, "tunnel_parents"), uid + "," + uid);
    h.finish();
    EXPECT_EQ(h.all("tunnel", "action"), "Tunnel::DISCOVER,Tunnel::CLOSE");
    EXPECT_TRUE(h.adds_up());
  }
}

TEST(Tunnelled, WhatIsNoIpOrBrokenCountsOnItsOwn) {
  Frame lldp(12, 2);
  frames::put(lldp, Frame{0x88, 0xcc, 0, 1});
  Harness h;
  h.send(frames::over_udp(kFrom, kTo, frames::vxlan(1, lldp)));
  EXPECT_EQ(h.counters().tunnelled.ignored, 1U);
  EXPECT_EQ(h.all("tunnel", "action"), "");  // nothing that we follow was found in it
  h.send(frames::over_ip(kFrom, kTo, 4, Frame{0x45, 0, 0}));
  EXPECT_EQ(h.counters().tunnelled.malformed[malformed_index(Outcome::truncated_ip)], 1U);
  EXPECT_EQ(h.counters().decoded, 2U);
  h.finish();
  EXPECT_EQ(h.all("conn", "service"), "vxlan,-");
  EXPECT_TRUE(h.adds_up());
}

// Pieces of the outer datagram, and of the inner one: both within one tunnel.
TEST(Tunnelled, FragmentsWithinAndWithout) {
  const Frame whole = frames::udp(kPeer.port, kOther.port, "E " + std::string(100, 'z'));
  const Bytes bytes{whole};
  const auto piece = [&](Bytes part, frames::Piece p) {
    return frames::ipv4(kPeer.address, kOther.address, 17, part, p);
  };
  const Frame first = frames::gre(0x0800, piece(bytes.first(64), {.id = 1, .more = true}));
  const Frame second = frames::gre(0x0800, piece(bytes.subspan(64), {.id = 1, .offset = 64}));
  Harness h;
  // The second tunnel packet comes in two pieces itself.
  h.send(frames::over_ip(kFrom, kTo, 47, first));
  const Bytes carried{second};
  h.send(frames::ethernet(frames::ipv4(kFrom.address, kTo.address, 47, carried.first(40), {.id = 9, .more = true})));
  // The same piece between other hosts, or in no tunnel, is none of it.
  h.send(frames::ethernet(piece(bytes.subspan(64), {.id = 1, .offset = 64})));
  h.send(frames::over_ip(v4(77, 0), kTo, 47, second));
  EXPECT_EQ(h.all("echo", "line"), "");
  h.send(frames::ethernet(frames::ipv4(kFrom.address, kTo.address, 47, carried.subspan(40), {.id = 9, .offset = 40})));
  EXPECT_EQ(h.all("echo", "line"), std::string(100, 'z'));
  h.finish();
  EXPECT_TRUE(h.adds_up());
}

TEST(Tunnelled, AFullTableEvictsTheTunnelToo) {
  Harness h{{.flows_max = 1}};
  for (int i = 0; i < 3; ++i) h.send(in_vxlan(1, inner_packet()));
  EXPECT_EQ(h.decoder->flows(), 1U);
  h.finish();
  EXPECT_TRUE(h.adds_up());
  EXPECT_EQ(h.all("tunnel", "action"),
            "Tunnel::DISCOVER,Tunnel::CLOSE,Tunnel::DISCOVER,Tunnel::CLOSE,Tunnel::DISCOVER,Tunnel::CLOSE");
}

TEST(Tunnelled, EveryPrefixIsCounted) {
  const std::vector<Frame> all{
      in_vxlan(1, inner_packet()),
      frames::over_ip(kFrom, kTo, 47, frames::gre_full(0x6558, 7, frames::ethernet(inner_packet(), {5}))),
      frames::over_ip(kFrom, kTo, 47, frames::erspan3(0, true, frames::ethernet(inner_packet()))),
      frames::over_udp(kFrom, v4(102, 2152), frames::gtp(inner_packet(), 2)),
      frames::over_udp(kFrom, v4(102, 6081), frames::geneve(1, 0x6558, frames::ethernet(inner_packet()), 2)),
      frames::over_ip(kFrom, kTo, 4, frames::ip(kFrom, kTo, 4, inner_packet())),
  };
  Harness h;
  for (const Frame& frame : all) {
    for (std::size_t cut = 0; cut <= frame.size(); ++cut) {
      const Frame part(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(cut));
      h.send(part);  // as if the wire had ended there
      h.decoder->packet(part, static_cast<std::uint32_t>(frame.size()), h.start + h.clock, 1, h.ordinal++, h);
      ASSERT_TRUE(h.adds_up());
      const std::uint64_t hash = flow_hash(part, 1);
      EXPECT_TRUE(hash == 0 || hash == flow_hash(frame, 1));
    }
  }
  h.finish();
  EXPECT_TRUE(h.adds_up());
  EXPECT_GT(h.counters().tunnelled.decoded, all.size());
}

TEST(Tunnelled, LayersAreCounted) {
  Harness h;
  h.send(in_vxlan(1, inner_packet()));
  const auto layer = [&](Layer which) { return h.counters().layers[static_cast<std::size_t>(which)]; };
  EXPECT_EQ(layer(Layer::ethernet), 2U);
  EXPECT_EQ(layer(Layer::ipv4), 2U);
  EXPECT_EQ(layer(Layer::udp), 2U);
  EXPECT_EQ(layer(Layer::vxlan), 1U);
  EXPECT_EQ(layer(Layer::gre), 0U);
}

TEST(Sctp, AnAssociationIsAFlow) {
  const auto sctp_frame = [](const frames::Endpoint& from, const frames::Endpoint& to, unsigned chunk) {
    return frames::ethernet(frames::ip(from, to, 132, frames::sctp(from.port, to.port, chunk, "abcd")));
  };
  Harness h;
  h.send(sctp_frame(kPeer, kOther, SctpChunk::kInit));
  h.send(sctp_frame(kOther, kPeer, SctpChunk::kInitAck));
  h.send(sctp_frame(v4(8, 1), v4(7, 2), SctpChunk::kInitAck));  // the first packet is the answer
  h.finish();
  EXPECT_EQ(h.all("conn", "proto"), "sctp,sctp");
  EXPECT_EQ(h.all("conn", "id.orig_h"), "10.0.0.3,10.0.0.7");
  EXPECT_EQ(h.all("conn", "conn_state"), "SF,SHR");
  EXPECT_EQ(h.all("conn", "history"), "Dd,^d");
  EXPECT_EQ(h.all("conn", "orig_bytes"), "8,0");
}

TEST(IcmpError, SaysWhoseFlow) {
  const Frame quoted = frames::ip(kPeer, kOther, 17, frames::udp(kPeer.port, kOther.port, "E x"));
  const std::string text{frames::text_of(quoted)};
  Harness h;
  h.send(frames::ethernet(quoted));
  h.send(frames::ethernet(frames::ip(v4(9, 0), kPeer, 1, frames::icmp(3, 3, text))));
  h.send(frames::ethernet(frames::ip(v4(9, 0), kPeer, 1, frames::icmp(8, 0, text))));  // no error
  h.send(frames::ethernet(frames::ip(v4(9, 0), kPeer, 1, frames::icmp(11, 0, "no packet"))));
  h.finish();
  EXPECT_EQ(h.all("icmp_error", "icmp_type"), "3");
  EXPECT_EQ(h.all("icmp_error", "icmp_code"), "3");
  EXPECT_EQ(h.all("icmp_error", "id.orig_h"), "10.0.0.9");
  EXPECT_EQ(h.all("icmp_error", "quoted.orig_h"), "10.0.0.3");
  EXPECT_EQ(h.all("icmp_error", "quoted.orig_p"), "9000");
  EXPECT_EQ(h.all("icmp_error", "quoted.resp_h"), "10.0.0.4");
  EXPECT_EQ(h.all("icmp_error", "quoted.resp_p"), "9001");
  EXPECT_EQ(h.all("icmp_error", "quoted.proto"), "udp");
  EXPECT_EQ(h.all("icmp_error", "quoted.uid"), h.all("echo", "uid").substr(0, 18));
}

TEST(Weird, TellsWhoAndIsLimited) {
  Harness h;
  const Frame broken = frames::ethernet(frames::ipv4(kPeer.address, kOther.address, 17, Frame(7)));
  constexpr int kMany = 25;
  for (int i = 0; i < kMany; ++i) h.at(std::chrono::milliseconds{i}, broken);
  h.at(std::chrono::milliseconds{50}, Frame(3));  // another reason has its own limit
  h.at(std::chrono::minutes{2}, broken);
  std::string names = h.all("weird", "name");
  EXPECT_EQ(std::count(names.begin(), names.end(), ','), 11);
  EXPECT_EQ(names.substr(names.rfind(',') + 1), "truncated_transport");
  EXPECT_EQ(h.events.front().at("id.orig_h"), "10.0.0.3");
  EXPECT_EQ(h.events.front().at("id.resp_h"), "10.0.0.4");
  EXPECT_EQ(h.events.front().count("addl"), 0U);
  EXPECT_EQ(h.events.back().at("addl"), "15");
  EXPECT_EQ(h.counters().weirds_left_out, 15U);
  EXPECT_TRUE(h.adds_up());
}

TEST(Weird, WithinATunnelNamesTheTunnel) {
  Harness h;
  h.send(frames::over_ip(kFrom, kTo, 4, Frame{0x45, 0, 0}));
  h.finish();
  EXPECT_EQ(h.all("weird", "tunnel_parents"), h.all("conn", "uid"));
  EXPECT_EQ(h.all("weird", "id.orig_h"), "-");
}

TEST(Weird, OfAnUnknownLinkTypeOnly) {
  Harness h{{}, echo_table(), true, false};  // nobody wants it
  h.at(std::chrono::milliseconds{0}, Frame(10), 147);
  EXPECT_TRUE(h.events.empty());
  EXPECT_EQ(h.counters().weirds_left_out, 0U);
  EXPECT_EQ(h.counters().malformed[malformed_index(Outcome::unknown_link_type)], 1U);
}

}  // namespace
}  // namespace nw::network
