#include "ingest/network/protocols/octet_set.h"

#include <gtest/gtest.h>

namespace nw::network {
namespace {

TEST(OctetSet, HasWhatItWasGiven) {
  const auto count = [](const OctetSet& set) {
    unsigned out = 0;
    for (unsigned octet = 0; octet < 256; ++octet) out += set.has(static_cast<std::uint8_t>(octet)) ? 1U : 0U;
    return out;
  };
  constexpr OctetSet kEnds{0x00, 0x3f, 0x40, 0xff};
  for (const unsigned octet : {0x00U, 0x3fU, 0x40U, 0xffU})
    EXPECT_TRUE(kEnds.has(static_cast<std::uint8_t>(octet))) << octet;
  EXPECT_EQ(count(kEnds), 4U);
  EXPECT_EQ(count({}), 0U);
  EXPECT_EQ(count(OctetSet::all()), 256U);
  EXPECT_EQ(count(OctetSet::between(0x3f, 0x80)), 0x42U);
  EXPECT_EQ(count(OctetSet::between('a', 'z') | OctetSet{'z', '0'}), 27U);
  static_assert(OctetSet::between('a', 'z').has('m') && !OctetSet::between('a', 'z').has('M'));
}

}  // namespace
}  // namespace nw::network
