#include "ingest/network/link.h"

#include <gtest/gtest.h>
#include <vector>

namespace nw::network {
namespace {

using Frame = std::vector<std::uint8_t>;

Frame behind(Frame first, const Frame& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// An IEEE 802.11 header, what stands behind its addresses, and SNAP of IPv4.
Frame wireless(std::uint8_t control, std::uint8_t flags, const Frame& more, std::uint8_t sequence = 0) {
  Frame out{control, flags};
  out.insert(out.end(), 20, 2);
  out.insert(out.end(), {sequence, 0});
  return behind(behind(out, more), {0xaa, 0xaa, 3, 0, 0, 0, 8, 0});
}

TEST(ParseLink, FindsTheIpPacket) {
  static const struct {
    const char* name;
    int type;
    Frame head;
    std::uint8_t ip;  // the first byte behind
    unsigned version;
    std::uint16_t vlan, inner;
  } kCases[] = {
      {"ethernet v4", 1, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x08, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"ethernet v6", 1, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x86, 0xdd}, 0x60, 6, kNoVlan, kNoVlan},
      {"one tag, priority bits off",
       1,
       {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x81, 0, 0xe0, 7, 8, 0},
       0x45,
       4,
       7,
       kNoVlan},
      {"stacked", 1, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x88, 0xa8, 0, 5, 0x81, 0, 0, 9, 8, 0}, 0x45, 4, 5, 9},
      {"HSR", 1, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x89, 0x2f, 0, 52, 0, 1, 8, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"802.1CB behind a tag",
       1,
       {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x81, 0, 0, 7, 0xf1, 0xc1, 0, 0, 0, 1, 8, 0},
       0x45,
       4,
       7,
       kNoVlan},
      {"service tags of old",
       1,
       {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x91, 0, 0, 5, 0x88, 0xa8, 0, 9, 8, 0},
       0x45,
       4,
       5,
       9},
      {"SNAP", 1, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 40, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"SNAP of bridges behind a tag",
       1,
       {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x81, 0, 0, 3, 0, 40, 0xaa, 0xaa, 3, 0, 0, 0xf8, 0x86, 0xdd},
       0x60,
       6,
       3,
       kNoVlan},
      {"PPPoE",
       1,
       {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x88, 0x64, 0x11, 0, 0, 1, 0, 42, 0, 0x21},
       0x45,
       4,
       kNoVlan,
       kNoVlan},
      {"PPPoE behind a tag, short protocol, v6",
       1,
       {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x81, 0, 0, 3, 0x88, 0x64, 0x11, 0, 0, 1, 0, 41, 0x57},
       0x60,
       6,
       3,
       kNoVlan},
      {"PPPoE link type", 51, {0x11, 0, 0, 1, 0, 42, 0, 0x21}, 0x45, 4, kNoVlan, kNoVlan},
      {"802.1ah",
       1,
       {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x88, 0xa8, 0,    5, 0x88, 0xe7, 0, 0,
        0, 9, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,    3,    0x81, 0, 0,    6,    8, 0},
       0x45,
       4,
       5,
       6},
      {"PPP", 9, {0, 0x21}, 0x45, 4, kNoVlan, kNoVlan},
      {"PPP with address and control", 50, {0xff, 3, 0, 0x57}, 0x60, 6, kNoVlan, kNoVlan},
      {"PPP of a router on the same link type", 50, {0x0f, 0, 8, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"Cisco HDLC", 104, {0x0f, 0, 0x86, 0xdd}, 0x60, 6, kNoVlan, kNoVlan},
      {"PPP with direction", 204, {1, 0xff, 3, 0, 0x21}, 0x45, 4, kNoVlan, kNoVlan},
      {"cooked LLC",
       113,
       {0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0, 4, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0},
       0x45,
       4,
       kNoVlan,
       kNoVlan},
      {"frame relay", 107, {0x18, 0x41, 3, 0xcc}, 0x45, 4, kNoVlan, kNoVlan},
      {"frame relay, long address, padded, v6", 107, {0x18, 0x40, 0x40, 0x41, 3, 0, 0x8e}, 0x60, 6, kNoVlan, kNoVlan},
      {"frame relay SNAP", 107, {0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"frame relay of Cisco", 107, {0x18, 0x41, 8, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"802.11", 105, wireless(0x08, 1, {}), 0x45, 4, kNoVlan, kNoVlan},
      {"802.11 between access points", 105, wireless(0x08, 3, {4, 4, 4, 4, 4, 4}), 0x45, 4, kNoVlan, kNoVlan},
      {"802.11 QoS", 105, wireless(0x88, 2, {0, 0}), 0x45, 4, kNoVlan, kNoVlan},
      {"802.11 QoS with HT control", 105, wireless(0x88, 0x82, {0, 0, 1, 1, 1, 1}), 0x45, 4, kNoVlan, kNoVlan},
      {"radiotap", 127, behind({0, 0, 8, 0, 0, 0, 0, 0}, wireless(0x08, 1, {})), 0x45, 4, kNoVlan, kNoVlan},
      {"radiotap with time, more words, padding", 127,
       behind({0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 9, 9, 9, 9, 7, 7, 7, 7, 7, 7, 7, 7, 0x20},
              wireless(0x88, 1, {0, 0, 0, 0})),
       0x45, 4, kNoVlan, kNoVlan},
      {"token ring",
       6,
       {0x10, 0x40, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0},
       0x45,
       4,
       kNoVlan,
       kNoVlan},
      {"token ring with a route",
       6,
       {0x10, 0x40, 2, 2, 2, 2, 2, 2, 0x82, 2, 2, 2, 2, 2, 4, 0, 1, 1, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0},
       0x45,
       4,
       kNoVlan,
       kNoVlan},
      {"FDDI", 10, {0x50, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"netfilter log", 239, {2, 0, 0, 5, 6, 0, 10, 0, 'a', 0, 0, 0, 5, 0, 9, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"netfilter log v6, big end first", 239, {10, 0, 0, 5, 0, 5, 0, 9}, 0x60, 6, kNoVlan, kNoVlan},
      {"802.3br",
       274,
       {0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 8, 0},
       0x45,
       4,
       kNoVlan,
       kNoVlan},
      {"null, big end first", 0, {0, 0, 0, 2}, 0x45, 4, kNoVlan, kNoVlan},
      {"null, little end first", 0, {2, 0, 0, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"loop v6", 108, {0, 0, 0, 24}, 0x60, 6, kNoVlan, kNoVlan},
      {"null v6 of macOS", 0, {30, 0, 0, 0}, 0x60, 6, kNoVlan, kNoVlan},
      {"raw v4", 12, {}, 0x45, 4, kNoVlan, kNoVlan},
      {"raw of OpenBSD v6", 14, {}, 0x60, 6, kNoVlan, kNoVlan},
      {"raw link type", 101, {}, 0x45, 4, kNoVlan, kNoVlan},
      {"raw v4 only", 228, {}, 0x45, 4, kNoVlan, kNoVlan},
      {"raw v6 only", 229, {}, 0x60, 6, kNoVlan, kNoVlan},
      {"cooked", 113, {0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0}, 0x45, 4, kNoVlan, kNoVlan},
      {"cooked 2", 276, {0x86, 0xdd, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0}, 0x60, 6, kNoVlan, kNoVlan},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Frame frame = c.head;
    frame.push_back(c.ip);
    LinkFrame out;
    ASSERT_EQ(parse_link(frame, c.type, out), Outcome::decoded);
    EXPECT_EQ(out.version, c.version);
    EXPECT_EQ(out.vlan, c.vlan);
    EXPECT_EQ(out.inner_vlan, c.inner);
    ASSERT_EQ(out.ip.size(), 1U);
    EXPECT_EQ(out.ip[0], c.ip);
    for (std::size_t cut = 0; cut < c.head.size(); ++cut) {
      LinkFrame none;
      EXPECT_EQ(parse_link(Bytes{frame}.first(cut), c.type, none), Outcome::truncated_link) << cut;
    }
  }
}

// | label:20 class:3 last:1 TTL:8 |
void put_label(Frame& out, bool last) { out.insert(out.end(), {0, 1, static_cast<std::uint8_t>(last ? 1 : 0), 64}); }

Frame with_type(std::initializer_list<std::uint8_t> type) {
  Frame out(12, 2);
  out.insert(out.end(), type);
  return out;
}

TEST(ParseLink, Mpls) {
  const Frame wire = with_type({8, 0, 0x45});
  const struct {
    const char* name;
    int labels;
    Frame behind;
    Outcome want;
    unsigned version;
  } kCases[] = {
      {"v4", 1, {0x45}, Outcome::decoded, 4},
      {"v6 under two labels", 2, {0x60}, Outcome::decoded, 6},
      {"as many labels as we read", kMplsLabelsMax, {0x45}, Outcome::decoded, 4},
      {"more", kMplsLabelsMax + 1, {0x45}, Outcome::too_many_mpls_labels, 0},
      {"a pseudo-wire", 1, wire, Outcome::decoded, 4},
      {"a pseudo-wire with control word", 1,
       [&] {
         Frame out{0, 0, 0, 7};
         out.insert(out.end(), wire.begin(), wire.end());
         return out;
       }(),
       Outcome::decoded, 4},
      {"something else", 1, {0x10, 0, 0, 0}, Outcome::ignored, 0},
      {"nothing", 1, {}, Outcome::truncated_link, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Frame frame = with_type({0x88, 0x47});
    for (int i = 1; i <= c.labels; ++i) put_label(frame, i == c.labels);
    frame.insert(frame.end(), c.behind.begin(), c.behind.end());
    LinkFrame out;
    ASSERT_EQ(parse_link(frame, 1, out), c.want);
    EXPECT_TRUE(out.layers.has(Layer::mpls));
    if (c.want != Outcome::decoded) continue;
    EXPECT_EQ(out.version, c.version);
    EXPECT_EQ(out.ip.size(), 1U);
  }
}

TEST(ParseLink, SaysWhichLayers) {
  LinkFrame out;
  Frame frame = with_type({0x81, 0, 0, 1, 0x88, 0x64, 0x11, 0, 0, 1, 0, 42, 0x02, 0x81, 0, 1, 1, 64, 0x45});
  ASSERT_EQ(parse_link(frame, 1, out), Outcome::decoded);
  for (std::size_t i = 0; i < kLayers; ++i) {
    const auto layer = static_cast<Layer>(i);
    const bool want = layer == Layer::ethernet || layer == Layer::vlan || layer == Layer::pppoe ||
                      layer == Layer::ppp || layer == Layer::mpls;
    EXPECT_EQ(out.layers.has(layer), want) << layer_names()[i];
  }
}

TEST(ParseLink, StopsAtSoManyLayers) {
  // Frames within frames of a provider's bridge: two layers each.
  const auto nested = [](int bridges) {
    Frame out;
    for (int i = 0; i < bridges; ++i) {
      out.insert(out.end(), 12, 2);
      out.insert(out.end(), {0x88, 0xe7, 0, 0, 0, 1});
    }
    out.insert(out.end(), 12, 2);
    out.insert(out.end(), {8, 0, 0x45});
    return out;
  };
  LinkFrame out;
  EXPECT_EQ(parse_link(nested(kLinkLayersMax / 2 - 1), 1, out), Outcome::decoded);
  EXPECT_EQ(parse_link(nested(kLinkLayersMax / 2), 1, out), Outcome::too_many_layers);
}

TEST(ParseLink, RefusesOrIgnores) {
  Frame tags(12, 2);
  for (int i = 0; i < 5; ++i) tags.insert(tags.end(), {0x81, 0, 0, 1});
  tags.insert(tags.end(), {8, 0});
  Frame many_attributes{2, 0, 0, 5};
  for (int i = 0; i < 33; ++i) many_attributes.insert(many_attributes.end(), {4, 0, 1, 0});
  const struct {
    const char* name;
    int type;
    Frame frame;
    Outcome want;
  } kCases[] = {
      {"unknown link type", 147, {1, 2, 3}, Outcome::unknown_link_type},
      {"five tags", 1, tags, Outcome::too_many_vlan_tags},
      {"ARP", 1, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 8, 6}, Outcome::ignored},
      {"spanning tree", 1, with_type({0, 38, 0x42, 0x42, 3}), Outcome::ignored},
      {"SNAP of another organisation", 1, with_type({0, 38, 0xaa, 0xaa, 3, 0, 0, 0xc, 0x20, 0}), Outcome::ignored},
      {"SNAP that says a length", 1, with_type({0, 38, 0xaa, 0xaa, 3, 0, 0, 0, 0, 4}), Outcome::ignored},
      {"LLC cut", 1, with_type({0, 38, 0xaa}), Outcome::truncated_link},
      {"PPPoE discovery", 1, with_type({0x88, 0x63, 0x11, 9, 0, 0, 0, 0}), Outcome::ignored},
      {"PPPoE of another version", 1, with_type({0x88, 0x64, 0x21, 0, 0, 1, 0, 2, 0, 0x21}), Outcome::bad_pppoe_header},
      {"PPPoE with a code", 1, with_type({0x88, 0x64, 0x11, 7, 0, 1, 0, 2, 0, 0x21}), Outcome::bad_pppoe_header},
      {"PPPoE without payload", 1, with_type({0x88, 0x64, 0x11, 0, 0, 1, 0, 0, 0, 0x21}), Outcome::bad_pppoe_header},
      {"PPP link control", 9, {0xc0, 0x21, 1}, Outcome::ignored},
      {"Cisco HDLC keepalive", 104, {0x8f, 0, 0x80, 0x35}, Outcome::ignored},
      {"frame relay, other", 107, {0x18, 0x41, 3, 0x81, 1}, Outcome::ignored},
      {"frame relay, address without end", 107, {0, 0, 0, 0, 0, 1}, Outcome::truncated_link},
      {"802.11 beacon", 105, wireless(0x80, 0, {}), Outcome::ignored},
      {"802.11 without data", 105, wireless(0x48, 0, {}), Outcome::ignored},
      {"802.11 encrypted", 105, wireless(0x08, 0x41, {}), Outcome::ignored},
      {"802.11 first fragment", 105, wireless(0x08, 5, {}), Outcome::ignored},
      {"802.11 last fragment", 105, wireless(0x08, 1, {}, 1), Outcome::ignored},
      {"802.11 aggregate", 105, wireless(0x88, 1, {0x80, 0}), Outcome::ignored},
      {"radiotap of another version", 127, {1, 0, 8, 0, 0, 0, 0, 0}, Outcome::truncated_link},
      {"radiotap of many words", 127, behind({0, 0, 200, 0}, Frame(200, 0xff)), Outcome::truncated_link},
      {"radiotap shorter than its words", 127, {0, 0, 8, 0, 0, 0, 0, 0x80, 0, 0, 0, 0}, Outcome::truncated_link},
      {"token ring management", 6, Frame(30, 0), Outcome::ignored},
      {"token ring, route too short", 6, Frame(30, 0x81), Outcome::truncated_link},
      {"FDDI management", 10, Frame(30, 0x41), Outcome::ignored},
      {"netfilter log of another family", 239, {7, 0, 0, 5, 5, 0, 9, 0, 0x45}, Outcome::ignored},
      {"netfilter log, attribute too short", 239, {2, 0, 0, 5, 3, 0, 9, 0, 0x45}, Outcome::truncated_link},
      {"netfilter log of many attributes", 239, many_attributes, Outcome::ignored},
      {"802.3br, a piece", 274, Frame(40, 0xe6), Outcome::ignored},
      {"cooked CAN",
       113,
       {0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0xc, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0},
       Outcome::ignored},
      {"loopback family", 0, {0, 0, 0, 23}, Outcome::ignored},
      {"raw empty", 12, {}, Outcome::truncated_ip},
      {"raw version 5", 12, {0x55}, Outcome::bad_ip_header},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    LinkFrame out;
    EXPECT_EQ(parse_link(c.frame, c.type, out), c.want);
  }
}

}  // namespace
}  // namespace nw::network
