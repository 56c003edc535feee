#include "ingest/network/tunnel.h"

#include <gtest/gtest.h>

#include "ingest/network/link.h"
#include "unit/ingest/network/tunnel_frames.h"

namespace nw::network {
namespace {

using frames::Frame;

const Frame kInner = frames::ip(frames::v4(1, 5), frames::v4(2, 6), 17, frames::udp(5, 6, "x"));
const Frame kInner6 = frames::ip(frames::teredo_client(1, 5), frames::v6(2, 6), 17, frames::udp(5, 6, "x"));
const Frame kInnerFrame = frames::ethernet(kInner);
const Frame kArp{0, 1, 8, 0, 6, 4, 0, 1};  // its beginning
const Frame kArpFrame = frames::with({2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 8, 6}, kArp);

TransportHeader around(unsigned protocol, std::uint16_t from, std::uint16_t to, const Frame& payload) {
  TransportHeader header;
  header.protocol = static_cast<std::uint8_t>(protocol);
  header.source_port = from;
  header.destination_port = to;
  header.payload = payload;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  return header;
}

TEST(FindTunnel, Finds) {
  Frame reserved_vxlan = frames::vxlan(7, kInnerFrame, 0x08000100);
  Frame reserved_geneve = frames::geneve(1, 0x6558, kInnerFrame);
  reserved_vxlan[7] = reserved_geneve[7] = reserved_geneve[1] = 1;
  const struct {
    const char* name;
    unsigned protocol;
    std::uint16_t from, to;
    Frame payload;
    TunnelType type;
    std::uint16_t ether_type;
    std::size_t inner;
    std::uint32_t network;
  } kCases[] = {
      {"4 in IP", 4, 0, 0, kInner, TunnelType::ip, 0x0800, kInner.size(), 0},
      {"6 in IP", 41, 0, 0, kInner6, TunnelType::ip, 0x86dd, kInner6.size(), 0},
      {"GRE", 47, 0, 0, frames::gre(0x0800, kInner), TunnelType::gre, 0x0800, kInner.size(), 0},
      {"GRE, all fields", 47, 0, 0, frames::gre_full(0x86dd, 1, kInner6), TunnelType::gre, 0x86dd, kInner6.size(), 0},
      {"GRE, MPLS", 47, 0, 0, frames::gre(0x8847, kInner), TunnelType::gre, 0x8847, kInner.size(), 0},
      {"NVGRE", 47, 0, 0, frames::gre_full(0x6558, 0x1234ff, kInnerFrame), TunnelType::gre, 0x6558, 60, 0x1235},
      {"GRE, keep-alive", 47, 0, 0, frames::gre(0, {}), TunnelType::gre, 0, 0, 0},
      {"PPTP", 47, 0, 0, frames::pptp(kInner), TunnelType::gre, 0x880b, kInner.size(), 0},
      {"WCCP 1", 47, 0, 0, frames::gre(0x883e, kInner), TunnelType::gre, 0x0800, kInner.size(), 0},
      {"WCCP 2", 47, 0, 0, frames::gre(0x883e, frames::with(Frame(4), kInner)), TunnelType::gre, 0x0800, kInner.size(),
       0},
      {"ERSPAN I", 47, 0, 0, frames::gre(0x88be, kInnerFrame), TunnelType::gre, 0x6558, 60, 0},
      {"ERSPAN II", 47, 0, 0, frames::erspan2(kInnerFrame), TunnelType::gre, 0x6558, 60, 0},
      {"ERSPAN III", 47, 0, 0, frames::erspan3(0, false, kInnerFrame), TunnelType::gre, 0x6558, 60, 0},
      {"ERSPAN III, with more", 47, 0, 0, frames::erspan3(0, true, kInnerFrame), TunnelType::gre, 0x6558, 60, 0},
      {"ERSPAN III, IP", 47, 0, 0, frames::erspan3(2, false, kInner6), TunnelType::gre, 0x86dd, kInner6.size(), 0},
      {"VXLAN", 17, 999, 4789, frames::vxlan(7, kInnerFrame), TunnelType::vxlan, 0x6558, 60, 8},
      {"VXLAN, group", 17, 999, 4789, frames::vxlan(7, kInnerFrame, 0x88080005), TunnelType::vxlan, 0x6558, 60, 8},
      {"VXLAN-GPE", 17, 999, 4790, frames::vxlan(7, kInner, 0x0c000001), TunnelType::vxlan, 0x0800, kInner.size(), 8},
      {"VXLAN-GPE on VXLAN's port", 17, 999, 4789, frames::vxlan(7, kInner, 0x0c000001), TunnelType::vxlan, 0x0800,
       kInner.size(), 8},
      {"VXLAN-GPE, Ethernet on VXLAN's port", 17, 999, 4789, frames::vxlan(7, kInnerFrame, 0x0c000003),
       TunnelType::vxlan, 0x6558, 60, 8},
      {"VXLAN-GPE, reserved bits", 17, 999, 4790, frames::vxlan(7, kInner, 0x0e000101), TunnelType::vxlan, 0x0800,
       kInner.size(), 8},
      {"VXLAN, a reserved flag", 17, 999, 4789, frames::vxlan(7, kInnerFrame, 0x0c000000), TunnelType::vxlan, 0x6558,
       60, 8},
      {"VXLAN, a reserved flag and ARP", 17, 999, 4789, frames::vxlan(7, kArpFrame, 0x0a000000), TunnelType::vxlan,
       0x6558, kArpFrame.size(), 8},
      {"VXLAN, reserved bytes", 17, 999, 4789, reserved_vxlan, TunnelType::vxlan, 0x6558, 60, 8},
      {"Geneve, reserved bits", 17, 999, 6081, reserved_geneve, TunnelType::geneve, 0x6558, 60, 2},
      {"Geneve, ARP", 17, 999, 6081, frames::geneve(1, 0x0806, kArp), TunnelType::geneve, 0x0806, kArp.size(), 2},
      {"Geneve", 17, 999, 6081, frames::geneve(0, 0x6558, kInnerFrame), TunnelType::geneve, 0x6558, 60, 1},
      {"Geneve, options", 17, 999, 6081, frames::geneve(1, 0x86dd, kInner6, 63), TunnelType::geneve, 0x86dd,
       kInner6.size(), 2},
      {"GTP-U", 17, 2152, 2152, frames::gtp(kInner), TunnelType::gtp, 0x0800, kInner.size(), 0},
      {"GTP-U, from its port", 17, 2152, 9, frames::gtp(kInner6), TunnelType::gtp, 0x86dd, kInner6.size(), 0},
      {"GTP-U, extensions", 17, 9, 2152, frames::gtp(kInner, kGtpExtensionHeadersMax), TunnelType::gtp, 0x0800,
       kInner.size(), 0},
      {"Teredo", 17, 9, 3544, kInner6, TunnelType::teredo, 0x86dd, kInner6.size(), 0},
      {"Teredo, answered", 17, 3544, 9, frames::with(frames::teredo_origin(), kInner6), TunnelType::teredo, 0x86dd,
       kInner6.size(), 0},
      {"Teredo, authenticated", 17, 9, 3544,
       frames::with(frames::with(frames::teredo_authentication(), frames::teredo_origin()), kInner6),
       TunnelType::teredo, 0x86dd, kInner6.size(), 0},
      {"TZSP", 17, 9, 37008, frames::tzsp(kInnerFrame, kTzspTagsMax - 2), TunnelType::tzsp, 0x6558, 60, 0},
      {"TZSP, radio", 17, 9, 37008, frames::tzsp(kInnerFrame, 0, 18), TunnelType::tzsp, 0, 60, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Tunnel out;
    ASSERT_EQ(find_tunnel(around(c.protocol, c.from, c.to, c.payload), out), Outcome::decoded);
    EXPECT_EQ(out.type, c.type);
    EXPECT_EQ(out.ether_type, c.ether_type);
    EXPECT_EQ(out.inner.size(), c.inner);
    EXPECT_EQ(out.network, c.network);
    EXPECT_EQ(out.cut, 0U);
    for (std::size_t cut = 0; cut < c.payload.size(); ++cut) {  // as if the wire had ended there
      Tunnel part;
      const Frame cut_payload(c.payload.begin(), c.payload.begin() + static_cast<std::ptrdiff_t>(cut));
      const Outcome outcome = find_tunnel(around(c.protocol, c.from, c.to, cut_payload), part);
      EXPECT_TRUE(outcome == Outcome::decoded || (c.protocol == 47 && outcome == Outcome::truncated_transport));
      EXPECT_LE(part.inner.size(), cut);
    }
  }
}

TEST(FindTunnel, StaysPlainUdp) {
  Frame version = frames::geneve(1, 0x6558, kInnerFrame);
  version[0] = 0x40;
  // Reserved bits are ignored only around what looks like a frame.
  Frame reserved = frames::geneve(1, 0x6558, Frame(60, 0x55)), reserved_vxlan = frames::vxlan(1, Frame(60, 0x55));
  reserved[7] = reserved_vxlan[7] = 1;
  Frame gtp_prime = frames::gtp(kInner);
  gtp_prime[0] = 0x20;
  Frame longer = frames::gtp(kInner);
  longer.push_back(0);
  Frame tail = kInner6;
  tail.push_back(0);
  const IpAddress a = *IpAddress::parse("2001:db8::1"), b = *IpAddress::parse("2001:db8::2");
  const Frame strangers = frames::ipv6(a, b, 17, frames::udp(5, 6, "x"));
  const struct {
    const char* name;
    std::uint16_t from, to;
    Frame payload;
  } kCases[] = {
      {"VXLAN on another port", 1, 4790, frames::vxlan(1, kInnerFrame)},
      {"VXLAN-GPE with an unknown protocol", 1, 4790, frames::vxlan(1, kInnerFrame, 0x0c000004)},
      {"VXLAN-GPE with nothing", 1, 4790, frames::vxlan(1, kInnerFrame, 0x0c000000)},
      {"VXLAN-GPE of another version", 1, 4790, frames::vxlan(1, kInnerFrame, 0x1c000003)},
      {"VXLAN from its port", 4789, 1, frames::vxlan(1, kInnerFrame)},
      {"VXLAN without the flag", 1, 4789, frames::vxlan(1, kInnerFrame, 0)},
      {"VXLAN with a reserved flag", 1, 4789, frames::vxlan(1, Frame(60, 0x55), 0x0c000000)},
      {"VXLAN with a reserved byte", 1, 4789, reserved_vxlan},
      {"VXLAN-GPE on VXLAN's port, no IP", 1, 4789, frames::vxlan(1, Frame(60, 0x55), 0x0c000001)},
      {"VXLAN-GPE of an operator", 1, 4790, frames::vxlan(1, kInnerFrame, 0x0d000003)},
      {"VXLAN with no frame", 1, 4789, frames::vxlan(1, Frame(13))},
      {"Geneve of another version", 1, 6081, version},
      {"Geneve, reserved byte", 1, 6081, reserved},
      {"Geneve of an unknown type", 1, 6081, frames::geneve(1, 0x88cc, kInnerFrame)},
      {"Geneve, options past the end", 1, 6081, Frame{1, 0, 0x65, 0x58, 0, 0, 0, 0}},
      {"GTP echo", 2152, 2152, frames::gtp(kInner, 0, 1)},
      {"GTP prime", 2152, 2152, gtp_prime},
      {"GTP, another length", 2152, 2152, longer},
      {"GTP, no IP", 2152, 2152, frames::gtp(Frame(20))},
      {"GTP, one extension too many", 2152, 2152, frames::gtp(kInner, kGtpExtensionHeadersMax + 1)},
      {"Teredo with a tail", 9, 3544, tail},
      {"Teredo between strangers", 9, 3544, strangers},
      {"Teredo with IPv4", 9, 3544, kInner},
      {"TZSP, one tag too many", 9, 37008, frames::tzsp(kInnerFrame, kTzspTagsMax - 1)},
      {"TZSP of another version", 9, 37008, Frame{2, 0, 0, 1, 1}},
      {"TZSP keep-alive", 9, 37008, Frame{1, 4, 0, 1, 1}},
      {"any payload", 4789, 4789, Frame(100, 0x55)},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Tunnel out;
    EXPECT_EQ(find_tunnel(around(17, c.from, c.to, c.payload), out), Outcome::decoded);
    EXPECT_EQ(out.type, TunnelType::none);
    EXPECT_FALSE(out.opens());
  }
}

TEST(FindTunnel, GreRefusesOrOpensNothing) {
  Frame routing = frames::gre(0x0800, kInner), version2 = routing, pptp_key = frames::pptp(kInner);
  routing[0] = 0x40;
  version2[1] = 2;
  pptp_key[0] = 0x10;
  Frame erspan_version = frames::erspan2(kInnerFrame), erspan3_version = frames::erspan3(0, false, kInnerFrame);
  erspan_version[8] = 0x20;
  erspan3_version[8] = 0x10;
  const struct {
    const char* name;
    Frame payload;
    Outcome want;
  } kCases[] = {
      {"source routing", routing, Outcome::bad_gre_header},
      {"version 2", version2, Outcome::bad_gre_header},
      {"PPTP without key", pptp_key, Outcome::bad_gre_header},
      {"cut", {0}, Outcome::truncated_transport},
      {"ERSPAN II says III", erspan_version, Outcome::decoded},
      {"ERSPAN III says II", erspan3_version, Outcome::decoded},
      {"ERSPAN III, infiniband", frames::erspan3(1, false, kInnerFrame), Outcome::decoded},
      {"ERSPAN III, IP that is none", frames::erspan3(2, false, Frame(20)), Outcome::decoded},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Tunnel out;
    EXPECT_EQ(find_tunnel(around(47, 0, 0, c.payload), out), c.want);
    EXPECT_FALSE(out.opens());
  }
}

TEST(FindTunnel, SaysWhatIsCut) {
  const Frame whole = frames::vxlan(1, kInnerFrame);
  TransportHeader header = around(17, 1, 4789, whole);
  header.payload = header.payload.first(40);
  Tunnel out;
  ASSERT_EQ(find_tunnel(header, out), Outcome::decoded);
  EXPECT_EQ(out.inner.size(), 32U);
  EXPECT_EQ(out.cut, whole.size() - 40);
  Tunnel mirrored;
  ASSERT_EQ(find_tunnel(around(47, 0, 0, frames::erspan2(kInnerFrame, true)), mirrored), Outcome::decoded);
  EXPECT_GT(mirrored.cut, 1500U);
}

}  // namespace
}  // namespace nw::network
