#include "ingest/network/community_id.h"

#include <gtest/gtest.h>

namespace nw::network {
namespace {

IpAddress address(std::string_view text) { return *IpAddress::parse(text); }

// Values made with Python's hashlib from the specification's layout.
TEST(CommunityId, IsTheSpecifiedDigest) {
  static constexpr struct {
    const char* name;
    std::uint16_t seed;
    const char *from, *to;
    std::uint16_t from_port, to_port;
    std::uint8_t protocol;
    bool one_way;
    const char* want;
  } kCases[] = {
      {"tcp", 0, "10.1.2.3", "10.1.2.4", 40000, 502, 6, false, "1:Lwdv2oYcMTVE9sdgM0xhbnmxdV8="},
      {"tcp, the other way", 0, "10.1.2.4", "10.1.2.3", 502, 40000, 6, false, "1:Lwdv2oYcMTVE9sdgM0xhbnmxdV8="},
      {"one address, ports decide", 0, "10.0.0.1", "10.0.0.1", 9000, 53, 17, false, "1:gsvseNjZeD/je780tc9X9gEKAxo="},
      {"udp 6", 0, "2001:db8::5", "2001:db8::1", 5353, 53, 17, false, "1:DcMb9+Z9j0+/2U3d8jmC+YDk9HI="},
      {"seed", 7, "10.1.2.3", "10.1.2.4", 40000, 502, 6, false, "1:lIJVZWFwl2/bn7QokoprCxW8VrE="},
      {"echo", 0, "10.9.0.1", "10.2.0.1", 8, 0, 1, false, "1:RWu2t9one/o5aJaGSO2SlcTw5hg="},
      {"echo reply", 0, "10.2.0.1", "10.9.0.1", 0, 8, 1, false, "1:RWu2t9one/o5aJaGSO2SlcTw5hg="},
      {"unreachable is one way", 0, "10.9.0.1", "10.2.0.1", 3, 1, 1, true, "1:D661Tjz8sNjxI3Xa3zIlbba18As="},
      {"echo 6", 0, "2001:db8::5", "2001:db8::1", 128, 129, 58, false, "1:Eax4XiLm8sKj/YiaSx4G//lg1H4="},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    CommunityIdHasher hasher{c.seed};
    CommunityId id;
    const FlowKey key = make_key(address(c.from), c.from_port, address(c.to), c.to_port, c.protocol, c.one_way).key;
    ASSERT_TRUE(hasher.make(key, id));
    EXPECT_EQ(text(id), c.want);
    // The context is used again and again.
    ASSERT_TRUE(hasher.make(key, id));
    EXPECT_EQ(text(id), c.want);
  }
}

}  // namespace
}  // namespace nw::network
