#include "ingest/network/link.h"

#include <gtest/gtest.h>
#include <vector>

namespace nw::network {
namespace {

using Frame = std::vector<std::uint8_t>;

TEST(ParseLink, FindsTheIpPacket) {
  const Frame mac(12, 2);
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

TEST(ParseLink, RefusesOrIgnores) {
  Frame tags(12, 2);
  for (int i = 0; i < 5; ++i) tags.insert(tags.end(), {0x81, 0, 0, 1});
  tags.insert(tags.end(), {8, 0});
  const struct {
    const char* name;
    int type;
    Frame frame;
    Outcome want;
  } kCases[] = {
      {"unknown link type", 147, {1, 2, 3}, Outcome::unknown_link_type},
      {"five tags", 1, tags, Outcome::too_many_vlan_tags},
      {"ARP", 1, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 8, 6}, Outcome::ignored},
      {"802.3 length", 1, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 38}, Outcome::ignored},
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
