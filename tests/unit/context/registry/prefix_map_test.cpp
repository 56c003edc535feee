#include "context/registry/prefix_map.h"

#include <gtest/gtest.h>
#include <random>

namespace nw::context {
namespace {

IpAddress address(std::string_view text) {
  IpAddress out;
  EXPECT_TRUE(IpAddress::parse_into(text, out)) << text;
  return out;
}

TEST(PrefixMap, LastKeyOfAPrefix) {
  static constexpr struct {
    const char *prefix, *last;
  } kCases[] = {
      {"0.0.0.0/0", "255.255.255.255"},
      {"192.0.2.0/24", "192.0.2.255"},
      {"192.0.2.7/32", "192.0.2.7"},
      {"::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"2001:db8::/63", "2001:db8:0:1:ffff:ffff:ffff:ffff"},
      {"2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff"},
      {"2001:db8::/65", "2001:db8::7fff:ffff:ffff:ffff"},
      {"2001:db8::1/128", "2001:db8::1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.prefix);
    const auto prefix = IpPrefix::parse(c.prefix);
    ASSERT_TRUE(prefix);
    EXPECT_EQ(last_key(*prefix), wide_key(address(c.last)));
  }
}

TEST(PrefixMap, OneRangeAnswersEverywhere) {
  PrefixMap map;
  map.add(WideKey{}, 7);
  map.finish();
  for (const char* text :
       {"::", "0.0.0.0", "255.255.255.255", "::1:0:0:0", "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
    EXPECT_EQ(map.find(address(text)), 7U) << text;
}

TEST(PrefixMap, ARangeMayReachOverTheIpv4Block) {
  PrefixMap map;
  map.add(WideKey{}, 1);
  map.add(wide_key(address("::fffe:0:0")), 2);  // before the block, and through it
  map.add(wide_key(address("2001::")), 3);
  map.finish();
  EXPECT_EQ(map.find(address("::1")), 1U);
  EXPECT_EQ(map.find(address("::fffe:0:1")), 2U);
  EXPECT_EQ(map.find(address("0.0.0.0")), 2U);
  EXPECT_EQ(map.find(address("255.255.255.255")), 2U);
  EXPECT_EQ(map.find(address("::1:0:0:0")), 2U);
  EXPECT_EQ(map.find(address("2001::5")), 3U);
}

TEST(PrefixMap, ARangeMayBeginInsideTheIpv4BlockAndGoOnBehindIt) {
  PrefixMap map;
  map.add(WideKey{}, 1);
  map.add(wide_key(address("128.0.0.0")), 2);
  map.finish();
  EXPECT_EQ(map.find(address("127.255.255.255")), 1U);
  EXPECT_EQ(map.find(address("128.0.0.0")), 2U);
  EXPECT_EQ(map.find(address("255.255.255.255")), 2U);
  EXPECT_EQ(map.find(address("::1:0:0:0")), 2U);
  EXPECT_EQ(map.find(address("::fffe:ffff:ffff")), 1U);
}

TEST(PrefixMap, ABoundaryAtEachEndOfTheIpv4Block) {
  PrefixMap map;
  map.add(WideKey{}, 1);
  map.add(wide_key(address("0.0.0.0")), 2);
  map.add(wide_key(address("::1:0:0:0")), 3);
  map.finish();
  EXPECT_EQ(map.find(address("::fffe:ffff:ffff")), 1U);
  EXPECT_EQ(map.find(address("0.0.0.0")), 2U);
  EXPECT_EQ(map.find(address("255.255.255.255")), 2U);
  EXPECT_EQ(map.find(address("::1:0:0:0")), 3U);
}

// The bucket table against std::upper_bound, over keys that crowd together and keys that are far apart.
TEST(PrefixMap, AgreesWithAPlainBinarySearch) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random{seed};
  for (const std::size_t count : {2U, 3U, 10U, 1000U, 20000U}) {
    for (const unsigned spread : {10U, 24U, 32U}) {
      std::vector<std::uint32_t> starts{0};
      const auto base = static_cast<std::uint32_t>(random());
      for (std::size_t i = 1; i < count; ++i)
        starts.push_back(base + static_cast<std::uint32_t>(random() >> (64U - spread)));
      std::sort(starts.begin(), starts.end());
      starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
      PrefixMap map;
      map.add(WideKey{}, 1'000'000);
      for (std::size_t i = 0; i < starts.size(); ++i)
        map.add(wide_key(IpAddress::v4(starts[i])), static_cast<std::uint32_t>(i));
      map.finish();
      for (int i = 0; i < 2000; ++i) {
        const std::uint32_t near = starts[random() % starts.size()] + static_cast<std::uint32_t>(random() % 3) - 1;
        const std::uint32_t key = i % 2 == 0 ? near : static_cast<std::uint32_t>(random());
        const auto above = std::upper_bound(starts.begin(), starts.end(), key);
        ASSERT_EQ(map.find(IpAddress::v4(key)), static_cast<std::uint32_t>(above - starts.begin() - 1)) << key;
      }
    }
  }
}

}  // namespace
}  // namespace nw::context
