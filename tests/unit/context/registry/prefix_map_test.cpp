#include "context/registry/prefix_map.h"

#include <array>
#include <gtest/gtest.h>
#include <map>
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

IpAddress from_key(const WideKey& key) {
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(key.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(key.low >> (56 - 8 * i));
  }
  return IpAddress::from_bytes(bytes);
}

WideKey key_after(WideKey key) {
  if (++key.low == 0) ++key.high;
  return key;
}

WideKey key_before(WideKey key) {
  if (key.low-- == 0) --key.high;
  return key;
}

// Both families against a map of the same starts: crowds that share up to `shared` bits, however deep, so that every
// kind of step is made; asked at, before and after each start, and anywhere.
TEST(PrefixMap, AgreesWithAPlainMapOfStartsInBothFamilies) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random{seed};
  for (const std::size_t count : {1U, 4U, 5U, 24U, 26U, 300U, 5000U}) {
    for (const unsigned shared : {0U, 16U, 31U, 60U, 96U, 104U, 118U, 124U}) {
      for (const unsigned crowds : {1U, 3U, 40U}) {
        std::vector<WideKey> middles;
        // Crowds of the same family as their shared bits say: from 96 on in the IPv4 block.
        for (unsigned i = 0; i < crowds; ++i)
          middles.push_back(shared >= 96 && i % 2 == 0 ? WideKey{0, 0xffff'0000'0000 | random() >> 32U}
                                                       : WideKey{random(), random()});
        std::map<WideKey, std::uint32_t> starts{{WideKey{}, 0}};
        for (std::uint32_t i = 1; i <= count; ++i) {
          const unsigned keep = shared + static_cast<unsigned>(random() % 5);
          const unsigned zeros = static_cast<unsigned>(random() % (129 - std::min(keep, 128U)));
          const IpAddress middle = from_key(middles[random() % crowds]);
          std::array<std::uint8_t, 16> bytes = middle.bytes();
          for (unsigned bit = std::min(keep, 128U); bit < 128; ++bit) {
            const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
            bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] & ~mask);
            if (bit < 128 - zeros && random() % 2 == 0) bytes[bit / 8] |= mask;
          }
          starts.insert_or_assign(wide_key(IpAddress::from_bytes(bytes)), i);
        }
        PrefixMap map;
        for (const auto& [start, answer] : starts) map.add(start, answer);
        map.finish();
        const auto agrees = [&](const WideKey& key) {
          const auto above = starts.upper_bound(key);
          ASSERT_EQ(map.find(from_key(key)), std::prev(above)->second)
              << from_key(key).to_string() << ' ' << count << ' ' << shared << ' ' << crowds;
        };
        for (const auto& [start, answer] : starts) {
          agrees(start);
          agrees(key_after(start));
          agrees(key_before(start));
        }
        for (int i = 0; i < 300; ++i) {
          agrees({random(), random()});
          agrees({0, 0xffff'0000'0000 | random() >> 32U});
          const WideKey middle = middles[random() % crowds];
          agrees({middle.high, middle.low ^ random() >> (random() % 64)});
          agrees({middle.high ^ random() >> (random() % 64), random()});
        }
      }
    }
  }
}

// However the starts lie, a range costs no more than a few lines.
TEST(PrefixMap, StaysSmall) {
  std::mt19937_64 random{1};
  for (const unsigned spread : {12U, 20U, 32U, 60U, 63U}) {
    std::map<WideKey, std::uint32_t> starts{{WideKey{}, 0}};
    for (std::uint32_t i = 1; i <= 20'000; ++i)
      starts.insert_or_assign(WideKey{0x2001'0db8'0000'0000 | random() >> spread, random() % 2 == 0 ? random() : 0}, i);
    PrefixMap map;
    for (const auto& [start, answer] : starts) map.add(start, answer);
    map.finish();
    EXPECT_LE(map.bytes(), map.ranges() * 200 + 4096) << spread;
  }
}

// The table against std::upper_bound, over keys that crowd together and keys that are far apart.
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
