#include "ingest/network/protocols/ber.h"

#include <gtest/gtest.h>
#include <limits>

#include "unit/ingest/network/protocols/fake_context.h"

namespace nw::network {
namespace {

TEST(Ber, Lengths) {
  static constexpr struct {
    const char *name, *hex;
    bool good;
  } kCases[] = {
      {"short", "04 01 aa", true},
      {"long", "04 81 01 aa", true},
      {"three octets", "04 83 000001 aa", true},
      {"four octets", "04 84 00000001 aa", true},
      {"zeros before it", "04 85 0000000001 aa", true},
      {"many zeros before it", "04 8a 00000000000000000001 aa", true},
      {"five octets", "04 85 0100000001 aa", false},
      {"the most octets", "04 88 ffffffffffffffff aa", false},
      {"indefinite", "04 80 aa 0000", false},
      {"past the end", "04 02 aa", false},
      {"cut in the length", "04 82 01", false},
      {"a long tag", "1f 01 01 aa", false},
      {"nothing", "", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    BerReader reader{bytes};
    const auto value = reader.next();
    EXPECT_EQ(value.has_value(), c.good);
    EXPECT_TRUE(reader.empty());
    EXPECT_EQ(value ? value->contents.size() : 1U, 1U);
  }
}

TEST(Ber, TagsOfSeveralOctets) {
  static constexpr struct {
    const char *name, *hex;
    bool good;
    unsigned tag, number;
  } kCases[] = {
      {"one octet", "a4 01 aa", true, 0xa4, 4},
      {"two", "9f 25 01 aa", true, 0x9f, 37},
      {"the least", "bf 1f 01 aa", true, 0xbf, 31},
      {"one that needs but one", "bf 05 01 aa", true, 0xa5, 5},
      {"zeros before it", "bf 80 80 25 01 aa", true, 0xbf, 37},
      {"too large", "bf 81 01 01 aa", false, 0, 0},
      {"far too large", "bf ff ff ff ff ff ff ff ff ff ff 7f 01 aa", false, 0, 0},
      {"cut", "bf", false, 0, 0},
      {"cut in front of the length", "bf 25", false, 0, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    OsiBerReader reader{bytes};
    const auto value = reader.next();
    EXPECT_TRUE(reader.empty());
    ASSERT_EQ(value.has_value(), c.good);
    if (!value) continue;
    EXPECT_EQ(value->tag, c.tag);
    EXPECT_EQ(value->number, c.number);
    EXPECT_EQ(value->contents.size(), 1U);
    EXPECT_EQ(value->whole.size(), bytes.size());
  }
}

TEST(Ber, ATagIsAskedForAsItIsMeant) {
  const auto bytes = from_hex("bf 05 01 aa 02 05");
  OsiBerReader reader{bytes};
  EXPECT_FALSE(reader.next(0xbf).has_value());
  EXPECT_TRUE(reader.next(0xa5).has_value());
  EXPECT_FALSE(reader.next(0x02).has_value());  // it does not fit
  EXPECT_TRUE(reader.empty());
}

TEST(Ber, IndefiniteLengthsBecomeDefinite) {
  static constexpr struct {
    const char *name, *hex, *want;
  } kCases[] = {
      {"none", "30 03 02 01 05", "30 03 02 01 05"},
      {"one", "30 80 02 01 05 0000", "30 82 0003 02 01 05"},
      {"one in another", "61 80 bf25 80 02 01 80 0000 0000", "61 82 0008 bf25 82 0003 02 01 80"},
      {"one in a definite one", "30 07 a1 80 02 01 05 0000", "30 07 a1 82 0003 02 01 05"},
      {"something behind it", "30 80 0000 ff", "30 82 0000 ff"},
      {"something behind it, within", "30 06 a1 80 0000 05 09", "30 06 a1 82 0000 05 09"},
      {"without an end", "02 01 80 30 80 02 01 05", "02 01 80 30 80 02 01 05"},
      {"half an end", "30 80 02 01 05 00", "30 80 02 01 05 00"},
      {"what does not fit in it", "30 80 02 09 0000", "30 80 02 09 0000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    std::vector<std::uint8_t> room;
    const Bytes got = ber_definite(bytes, room);
    EXPECT_EQ(std::vector<std::uint8_t>(got.begin(), got.end()), from_hex(c.want));
  }
}

TEST(Ber, IndefiniteLengthsAreNotFollowedForEver) {
  std::vector<std::uint8_t> bytes;
  for (unsigned depth = 0; depth < 10'000; ++depth) bytes.insert(bytes.end(), {0x30, 0x80});
  bytes.resize(40'000);
  std::vector<std::uint8_t> room;
  const Bytes got = ber_definite(bytes, room);
  EXPECT_EQ(std::vector<std::uint8_t>(got.begin(), got.end()), bytes);
}

TEST(Ber, WhatIsDefiniteIsNotCopied) {
  const auto bytes = from_hex("30 80 02 01 05 0000 30 06 a1 04 80 02 01 80");
  std::vector<std::uint8_t> room;
  const Bytes definite = Bytes{bytes}.subspan(7);
  EXPECT_EQ(ber_definite(definite, room).data(), definite.data());
  const Bytes copied = ber_definite(bytes, room);
  EXPECT_EQ(copied.data(), room.data());
}

TEST(Ber, WellFormed) {
  static constexpr struct {
    const char *name, *hex;
    unsigned depth;  // that is enough; 0: none is
  } kCases[] = {
      {"nothing", "", 1},
      {"primitives", "02 01 05 04 00", 1},
      {"one in another", "30 03 02 01 05", 2},
      {"one without members", "30 02 a0 00", 3},
      {"a long length, a long tag", "bf25 81 03 02 01 05", 2},
      {"cut", "30 03 02 01", 0},
      {"a member that is too long", "30 03 02 02 05 00", 0},
      {"half a member", "30 01 02", 0},
      {"indefinite", "30 80 02 01 05 0000", 0},
      {"a broken one behind a good one", "02 01 05 30 01 02", 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    EXPECT_EQ(ber_well_formed(bytes, 50), c.depth != 0);
    if (c.depth == 0) continue;
    EXPECT_TRUE(ber_well_formed(bytes, c.depth));
    EXPECT_FALSE(ber_well_formed(bytes, c.depth - 1));
  }
}

TEST(Ber, Integers) {
  static constexpr struct {
    const char* hex;
    std::optional<std::int64_t> value;
  } kCases[] = {
      {"00", 0},
      {"7f", 127},
      {"ff", -1},
      {"0080", 128},
      {"8000000000000000", std::numeric_limits<std::int64_t>::min()},
      {"", {}},
      {"000000000000000001", {}},
  };
  for (const auto& c : kCases) EXPECT_EQ(ber_integer(from_hex(c.hex)), c.value) << c.hex;
}

}  // namespace
}  // namespace nw::network
