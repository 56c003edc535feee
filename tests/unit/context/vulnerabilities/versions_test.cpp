#include "context/vulnerabilities/versions.h"

#include <gtest/gtest.h>

namespace nw::vulnerabilities {
namespace {

TEST(Versions, AreOrdered) {
  // Each is before the next.
  static constexpr const char* kChains[][6] = {
      {"1.0-rc1", "1.0", "1.0.1", "1.2", "1.10", "2"},
      {"1.0.2", "1.0.2k", "1.0.2u", "1.0.3", "1.1.0", "V2"},
      {"V2.9", "V2.9.1", "V2.9.4", "V2.9.4 HF1", "V2.9.4 HF2", "V3.0"},
      {"V16", "V16 Update 2", "V16 Update 10", "V16.1", "V17", "V17.1"},
      {"0.9", "0.10", "2024.1", "2024.2.B", "20240301", "100000000000000000000000000001"},
      {"A.03.11", "A.03.12", "A.4", "B.01", "B.01.1", "C.0"},
  };
  for (const auto& chain : kChains)
    for (std::size_t i = 0; i < std::size(chain); ++i)
      for (std::size_t j = 0; j < std::size(chain); ++j) {
        const auto a = Version::parse(chain[i]), b = Version::parse(chain[j]);
        ASSERT_TRUE(a && b) << chain[i] << ' ' << chain[j];
        EXPECT_EQ(*a <=> *b, i <=> j) << chain[i] << ' ' << chain[j];
      }
}

TEST(Versions, SameInOtherWords) {
  for (const auto& [a, b] : {std::pair{"2.0", "2.0.0"},
                             {"V4.5", "4.5"},
                             {"v4.5", "V4.5"},
                             {"Version 4.5", "4.5"},
                             {"1.02", "1.2"},
                             {"1.0 SP1", "1.0-sp1"},
                             {"R3", "3"},
                             {" 7 ", "7"}})
    EXPECT_TRUE(Version::parse(a) == Version::parse(b)) << a << ' ' << b;
}

TEST(Versions, WhatIsNone) {
  for (const char* text : {"", "latest", "2.0 or 3.1", "OpenSSH_7.4", "2.0 with feature X", "1.0 2.0", "-", "V"})
    EXPECT_FALSE(Version::parse(text)) << text;
  EXPECT_TRUE(Version::parse(std::string(128, '1')));
  EXPECT_FALSE(Version::parse(std::string(129, '1')));
  std::string parts = "1";
  for (int i = 1; i < 32; ++i) parts += ".1";
  EXPECT_TRUE(Version::parse(parts));
  EXPECT_FALSE(Version::parse(parts + ".1"));
}

struct Held {
  const char *set, *version;
  Within want;
};
constexpr auto kYes = Within::yes, kNo = Within::no, kUnknown = Within::unknown;

TEST(VersionRanges, Hold) {
  static constexpr Held kCases[] = {
      {"< V4.5", "V4.4.9", kYes},
      {"< V4.5", "V4.5", kNo},
      {"<V4.5", "4.5", kNo},
      {"<=2.1", "2.1", kYes},
      {"<=2.1", "2.1.1", kNo},
      {"\xe2\x89\xa4 2.1", "2.1", kYes},
      {">=1.0|<2.0", "1.5", kYes},
      {">=1.0|<2.0", "0.9", kNo},
      {">= V1.0 < V2.0", "1.0", kYes},
      {">= V1.0, < V2.0", "2.0", kNo},
      {"vers:generic/>=1.0|<2.0", "1.9.9", kYes},
      {"vers:generic/<2.0|>=1.0", "0.5", kNo},  // not in its order: sorted all the same
      {"vers:generic/>=1.0|<2.0|>=3.0|<4.0", "2.5", kNo},
      {"vers:generic/>=1.0|<2.0|>=3.0|<4.0", "3.5", kYes},
      {"vers:generic/>=1.0|<2.0|>=3.0", "9", kYes},
      {"vers:generic/>=1.0|<2.0|<3.0", "0.5", kNo},
      {"vers:generic/>=1.0|!=1.5|<2.0", "1.5", kNo},
      {"vers:generic/1.0|1.2", "1.2", kYes},
      {"vers:generic/1.0|1.2", "1.1", kNo},
      {"vers:generic/!=1.0", "1.1", kYes},
      {"vers:generic/!=1.0", "1.0", kNo},
      {"vers:generic/1.0%2B5", "1.0+5", kYes},
      {"vers:all/*", "anything", kYes},
      {"*", "", kYes},
      {"All versions", "", kYes},
      {"all versions", "7", kYes},
      {"All versions < V2.3", "V2.2", kYes},
      {"All versions < V2.3", "V2.3", kNo},
      {"All versions prior to 2.3", "2.2", kYes},
      {"versions before 2.3", "2.3", kNo},
      {"2.1 and earlier", "2.0", kYes},
      {"2.1 and earlier", "2.2", kNo},
      {"Versions 2.1 and prior", "2.1", kYes},
      {"2.1 and later", "2.0", kNo},
      {"2.1 or higher", "3", kYes},
      {"1.0 to 1.5", "1.5", kYes},
      {"1.0 through 1.5", "1.6", kNo},
      {"from 1.0 through 1.5", "1.2", kYes},
      {"< V16 Update 3", "V16 Update 2", kYes},
      {"< V16 Update 3", "V16 Update 3", kNo},
      {"V3.1", "3.1", kYes},
      {"V3.1", "3.2", kNo},
      // The device's version is not known, or cannot be compared.
      {"< V4.5", "", kUnknown},
      {"< V4.5", "latest", kUnknown},
      // Nobody would guess what these mean.
      {"All versions < V4.5 with PROFINET", "V4.4", kUnknown},
      {"see the vendor's page", "1.0", kUnknown},
      {"< ", "1.0", kUnknown},
      {"vers:generic", "1.0", kUnknown},
      {"V4 with CP", "V4 with CP", kYes},  // the same words
      {"< V16 Update 3", "V16 SP1", kUnknown},
      {"< V16 Update 3", "V17 SP1", kNo},
      // A distribution's own numbers and orders.
      {"< 9.0", "8.4p1-5+deb11u1", kUnknown},
      {"< 9.0", "1:8.4", kUnknown},
      {"vers:deb/<9.0", "8.4", kUnknown},
      {"vers:deb/9.0", "9.0", kYes},
      {"vers:rpm/1.0-2.el8|1.0-3.el8", "1.0-3.el8", kYes},
  };
  for (const Held& c : kCases)
    EXPECT_EQ(VersionSet::range(c.set).holds(c.version), c.want) << c.set << " | " << c.version;
}

TEST(VersionRanges, OneVersion) {
  static constexpr Held kCases[] = {
      {"2.1", "V2.1", kYes},
      {"2.1", "2.1.1", kNo},
      {"Model-B", "model-b", kYes},
      {"Model-B", "2.1", kUnknown},
      {"< 2.1", "2.0", kYes},
      {"2.1", "", kUnknown},
      {"8.4p1-5+deb11u1", "8.4p1-5+deb11u1", kYes},
  };
  for (const Held& c : kCases)
    EXPECT_EQ(VersionSet::exact(c.set).holds(c.version), c.want) << c.set << " | " << c.version;
}

TEST(VersionRanges, Bounds) {
  std::string text = "vers:generic/0";
  for (int i = 1; i < 64; ++i) text += "|" + std::to_string(i);
  EXPECT_TRUE(VersionSet::range(text).understood());
  EXPECT_FALSE(VersionSet::range(text + "|64").understood());
  EXPECT_FALSE(VersionSet::range("< 1" + std::string(1024, ' ') + "|< 2").understood());
  EXPECT_EQ(VersionSet{}.holds("1"), kUnknown);
}

}  // namespace
}  // namespace nw::vulnerabilities
