#include "base/ip.h"

#include <gtest/gtest.h>
#include <random>

namespace nw {
namespace {

TEST(IpAddress, ParsesAndPrints) {
  static constexpr struct {
    const char* text;
    const char* printed;
    bool v4;
  } kCases[] = {{"192.0.2.1", "192.0.2.1", true},
                {"0.0.0.0", "0.0.0.0", true},
                {"::ffff:10.0.0.1", "10.0.0.1", true},
                {"2001:DB8::1", "2001:db8::1", false},
                {"::", "::", false}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto got = IpAddress::parse(c.text);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->to_string(), c.printed);
    EXPECT_EQ(got->is_v4(), c.v4);
    EXPECT_EQ(IpAddress::from_bytes(got->native()), *got);
  }
  for (const char* bad :
       {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", "fe80::1%eth0", "2001:db8::g", "0x7f.1.1.1", "01.2.3.4444"})
    EXPECT_FALSE(IpAddress::parse(bad)) << bad;
}

TEST(IpPrefix, Contains) {
  static constexpr struct {
    const char* prefix;
    const char* address;
    bool inside;
  } kCases[] = {{"10.0.0.0/8", "10.255.255.255", true},      {"10.0.0.0/8", "11.0.0.0", false},
                {"10.0.0.0/8", "::ffff:10.1.1.1", true},     {"192.0.2.1", "192.0.2.1", true},
                {"192.0.2.1", "192.0.2.2", false},           {"0.0.0.0/0", "203.0.113.1", true},
                {"0.0.0.0/0", "2001:db8::1", false},         {"::/0", "203.0.113.1", true},
                {"2001:db8::/33", "2001:db8:7fff::1", true}, {"2001:db8::/33", "2001:db8:8000::1", false},
                {"192.0.2.77/25", "192.0.2.1", true},        {"192.0.2.77/25", "192.0.2.128", false}};
  for (const auto& c : kCases) {
    const auto prefix = IpPrefix::parse(c.prefix);
    const auto address = IpAddress::parse(c.address);
    ASSERT_TRUE(prefix && address) << c.prefix;
    EXPECT_EQ(prefix->contains(*address), c.inside) << c.prefix << ' ' << c.address;
  }
  for (const char* bad : {"10.0.0.0/33", "2001:db8::/129", "10.0.0.0/", "10.0.0.0/x", "/8", "10.0.0.0/8/8", ""})
    EXPECT_FALSE(IpPrefix::parse(bad)) << bad;
}

// Against the definition, bit by bit.
TEST(IpPrefix, AgreesWithBitByBit) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  for (int round = 0; round < 5000; ++round) {
    std::array<std::uint8_t, 16> a{}, b{};
    for (auto& byte : a) byte = static_cast<std::uint8_t>(random());
    b = a;
    const auto flip = static_cast<unsigned>(random() % 128);
    b[flip / 8] = static_cast<std::uint8_t>(b[flip / 8] ^ (0x80U >> (flip % 8)));
    const auto bits = static_cast<unsigned>(random() % 129);
    const IpPrefix prefix{IpAddress::from_bytes(a), bits};
    EXPECT_TRUE(prefix.contains(IpAddress::from_bytes(a)));
    EXPECT_EQ(prefix.contains(IpAddress::from_bytes(b)), flip >= bits);
  }
}

TEST(IpPrefix, PrintsWhatItReads) {
  for (const char* text : {"10.0.0.0/8", "192.0.2.128/26", "2001:db8::/32", "192.0.2.1/32", "::/0"}) {
    const auto prefix = IpPrefix::parse(text);
    ASSERT_TRUE(prefix);
    EXPECT_EQ(prefix->to_string(), text);
  }
}

}  // namespace
}  // namespace nw
