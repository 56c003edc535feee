// The seeds of tests/fuzz/packet_fuzz.cpp are made from these frames; NW_UPDATE_GOLDEN=1 rewrites them.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "source_directory.h"
#include "unit/ingest/network/harness.h"
#include "unit/ingest/network/tunnel_frames.h"

namespace nw::network {
namespace {

using frames::Frame;

struct Seed {
  const char* name;
  std::uint8_t link;  // place in the fuzzer's list of link types
  std::vector<Frame> frames;
};

std::vector<Seed> make_seeds() {
  const frames::Endpoint a = frames::v4(1, 40000), dns = frames::v4(2, 53), plc = frames::v4(3, 502);
  const frames::Endpoint a6 = frames::v6(1, 40000), b6 = frames::v6(2, 502);
  // MODBUS: read two holding registers, and the answer.
  const std::string ask{"\0\1\0\0\0\6\1\3\0\0\0\2", 12}, answer{"\0\1\0\0\0\7\1\3\4\0\1\0\2", 13};
  const std::string query{"\x12\x34\1\0\0\1\0\0\0\0\0\0\4test\0\0\1\0\1", 22};
  Connection c{a, plc};
  std::vector<Frame> tcp = c.handshake();
  tcp.push_back(c.say(0, ask));
  tcp.push_back(c.say(1, answer));
  const Frame late = c.say(0, ask);
  tcp.push_back(c.say(0, ask));  // out of order
  tcp.push_back(late);
  tcp.push_back(c.say(0, "", frames::kF | frames::kA));
  tcp.push_back(c.say(1, "", frames::kF | frames::kA));
  const Frame whole = frames::udp(40000, 53, query);
  const Bytes bytes{whole};
  const auto piece = [&](Bytes part, frames::Piece p) {
    return frames::ipv6(a6.address, b6.address, 44, frames::fragment6(17, p, part));
  };
  Frame cooked(14);
  frames::put16(cooked, 0x0800);
  frames::put(cooked, frames::ip(a, dns, 17, whole));
  const Frame inner = frames::ip(a, dns, 17, whole), wire = frames::ethernet(inner);
  const auto teredo = frames::teredo_client(9, 40000);
  Frame mpls(12, 2);
  frames::put(mpls, Frame{0x88, 0x47, 0, 1, 0, 64, 0, 1, 1, 64});
  Frame arp(12, 2);
  frames::put(arp, Frame{8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 2, 2, 2, 2, 2, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2});
  Frame snap(12, 2);
  frames::put(snap, Frame{0x88, 0xa8, 0, 5, 0, 100, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0});
  return {
      {"tcp", 0, tcp},
      {"udp", 0, {frames::udp_frame(a, dns, query), frames::udp_frame(dns, a, query)}},
      {"icmp", 0, {frames::icmp_frame(a, dns, 8, 0), frames::icmp_frame(a6, b6, 128, 0)}},
      {"vlan", 0, {frames::ethernet(frames::ip(a6, b6, 6, frames::tcp(5, 502, {.payload = ask})), {1, 2})}},
      {"fragments4",
       2,
       {frames::ipv4(a.address, dns.address, 17, bytes.subspan(16), {.id = 1, .offset = 16}),
        frames::ipv4(a.address, dns.address, 17, bytes.first(16), {.id = 1, .more = true})}},
      {"fragments6",
       2,
       {piece(bytes.first(24), {.id = 1, .more = true}), piece(bytes.subspan(24), {.id = 1, .offset = 24})}},
      {"extensions", 8, {frames::ipv6(a6.address, b6.address, 0, frames::extension(17, whole))}},
      {"cooked", 6, {cooked}},
      {"mpls", 0, {frames::with(mpls, inner)}},
      {"snap", 0, {frames::with(snap, inner)}},
      {"pppoe", 13, {frames::with({0x11, 0, 0, 1, 0, 99, 0, 0x21}, inner)}},
      {"ppp", 12, {frames::with({0xff, 3, 0, 0x21}, inner)}},
      {"ip_in_ip", 2, {frames::ip(a, plc, 4, frames::ip(a6, b6, 41, inner)), frames::ip(a, plc, 41, inner)}},
      {"gre",
       2,
       {frames::ip(a, plc, 47, frames::gre_full(0x6558, 7, wire)),
        frames::ip(a, plc, 47, frames::pptp(frames::with({0x21}, inner)))}},
      {"erspan",
       2,
       {frames::ip(a, plc, 47, frames::erspan2(wire)), frames::ip(a, plc, 47, frames::erspan3(0, true, wire))}},
      {"vxlan", 0, {frames::over_udp(a, frames::v4(3, 4789), frames::vxlan(1, wire))}},
      {"geneve", 0, {frames::over_udp(a, frames::v4(3, 6081), frames::geneve(1, 0x6558, wire, 2))}},
      {"gtp", 0, {frames::over_udp(a, frames::v4(3, 2152), frames::gtp(inner, 2))}},
      {"teredo",
       0,
       {frames::over_udp(a, frames::v4(3, 3544),
                         frames::with(frames::teredo_authentication(), frames::ip(teredo, b6, 17, whole)))}},
      {"tzsp", 0, {frames::over_udp(a, frames::v4(3, 37008), frames::tzsp(wire, 3))}},
      {"arp", 0, {arp}},
      {"sctp", 2, {frames::ip(a, plc, 132, frames::sctp(5, 6, 1, "init"))}},
      {"icmp_error", 2, {frames::ip(plc, a, 1, frames::icmp(3, 3, frames::text_of(inner)))}},
  };
}

std::string encode(const Seed& seed) {
  Frame out{seed.link};
  for (const Frame& frame : seed.frames) {
    frames::put8(out, static_cast<unsigned>(frame.size()));  // all are below 255 bytes
    frames::put8(out, 1);
    frames::put(out, frame);
  }
  return {out.begin(), out.end()};
}

TEST(PacketSeeds, AreWhatTheFuzzerBeginsWith) {
  for (const Seed& seed : make_seeds()) {
    SCOPED_TRACE(seed.name);
    const std::string want = encode(seed);
    const std::string path = std::string{source_directory()} + "/tests/fuzz/seeds/packet/" + seed.name;
    if (std::getenv("NW_UPDATE_GOLDEN") != nullptr) std::ofstream{path, std::ios::binary} << want;
    std::ifstream file{path, std::ios::binary};
    const std::string have{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(have, want);
  }
}

// Seeds that are refused would teach the fuzzer little.
TEST(PacketSeeds, AreDecoded) {
  static constexpr int kLinks[] = {1, 0, 12, 14, 101, 108, 113, 228, 229, 276, 147, 9, 50, 51, 104, 204};
  for (const Seed& seed : make_seeds()) {
    SCOPED_TRACE(seed.name);
    Harness h{{}, protocols()};
    for (const Frame& frame : seed.frames) {
      ASSERT_LT(frame.size(), 255U);
      h.at(h.clock += std::chrono::milliseconds{1}, frame, kLinks[seed.link]);
    }
    h.finish();
    EXPECT_EQ(h.counters().decoded, seed.frames.size());
    EXPECT_GT(h.events.size(), 0U);
  }
}

}  // namespace
}  // namespace nw::network
