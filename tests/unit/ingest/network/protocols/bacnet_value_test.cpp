#include <algorithm>
#include <gtest/gtest.h>

#include "fake_context.h"
#include "ingest/network/protocols/bacnet_names.h"
#include "ingest/network/protocols/bacnet_service.h"

namespace nw::network {
namespace {

TEST(BacnetValue, OfEveryKind) {
  static constexpr struct {
    const char *tags, *text;
  } kCases[] = {
      {"00", "null"},
      {"10", "false"},
      {"11", "true"},
      {"12", "true"},
      {"1500", "false"},
      {"15fe0100 2101", "true,1"},
      {"03 2101", "null,1"},
      {"36 2101 37", "{1}"},
      {"2100", "0"},
      {"24ffffffff", "4294967295"},
      {"250b0000000000000000000102", "258"},
      {"2509010000000000000000", ""},
      {"31ff", "-1"},
      {"3509000000000000000001", ""},
      {"328000", "-32768"},
      {"4442f60000", "123"},
      {"443dcccccd", "0.1"},
      {"5508405edccccccccccd", "123.45"},
      {"6301ff00", "0x01ff00"},
      {"750400'abc'", "abc"},
      {"7300c3a4", "ä"},
      {"750405'a'e4'b'", "aäb"},
      {"7504 01 0352 'A'", "A"},
      {"7505 03 0001f525", "🔥"},
      {"7505 04 d83ddd25", "🔥"},
      {"7503 04 00e4", "ä"},
      {"7503 04 d83d", "\xEF\xBF\xBD"},
      {"7402 'abc'", "abc"},
      {"8204f0", "1111"},
      {"8100", ""},
      {"8109", ""},
      {"9103", "3"},
      {"a4ff0b1d07", "*-11-29"},
      {"b40d1e00ff", "13:30:00.*"},
      {"c402000061", "device/97"},
      {"c3020000", ""},
      {"d101", "0x01"},
      {"2101 2102", "1,2"},
      {"0e 2101 2102 0f 1e 1f", "{1,2},{}"},
      {"1901", "0x01"},
      {"2101 75ff", "1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.tags);
    IcsText text;
    append_bacnet_values(text, from_hex(c.tags));
    EXPECT_EQ(text.view(), c.text);
  }
}

TEST(BacnetValue, LongLengthsAndNumbers) {
  ByteReader longest{{}};
  const auto read = [&](std::string hex, std::size_t zeros, BacnetTag& tag) {
    static std::vector<std::uint8_t> bytes;
    bytes = from_hex(hex + std::string(2 * zeros, '0'));
    longest = ByteReader{bytes};
    return read_bacnet_tag(longest, tag);
  };
  BacnetTag tag;
  EXPECT_TRUE(read("6500", 0, tag));
  EXPECT_TRUE(read("65fd", 253, tag));
  EXPECT_EQ(tag.contents.size(), 253U);
  EXPECT_TRUE(read("65fe00ff", 255, tag));
  EXPECT_EQ(tag.contents.size(), 255U);
  EXPECT_TRUE(read("65ff00010000", 65536, tag));
  EXPECT_EQ(tag.contents.size(), 65536U);
  EXPECT_FALSE(read("65ffffffffff", 100, tag));
  EXPECT_TRUE(read("f923 01", 0, tag));
  EXPECT_EQ(tag.number, 0x23);
  EXPECT_TRUE(tag.context);
  EXPECT_TRUE(read("fe23", 0, tag));
  EXPECT_TRUE(tag.opening);
  EXPECT_FALSE(read("", 0, tag));
}

TEST(BacnetValue, BracketsAreBounded) {
  const auto bracket = [](std::size_t depth) {
    std::string hex;
    for (std::size_t i = 0; i < depth; ++i) hex += "0e";
    for (std::size_t i = 0; i < depth; ++i) hex += "0f";
    return hex + "0f 2101";
  };
  for (const std::size_t depth : {0U, 1U, 15U, 16U}) {
    const auto bytes = from_hex(bracket(depth));
    ByteReader in{bytes};
    Bytes inside;
    EXPECT_EQ(read_bacnet_bracket(in, inside), depth < 16) << depth;
    if (depth < 16) {
      EXPECT_EQ(inside.size(), 2 * depth);
      EXPECT_EQ(in.rest().size(), 2U);
    }
  }
}

TEST(BacnetNames, TablesAreInPlace) {
  EXPECT_EQ(bacnet_property_name(0), "acked-transitions");
  EXPECT_EQ(bacnet_property_name(112), "system-status");
  EXPECT_EQ(bacnet_property_name(209), "structured-object-list");
  EXPECT_EQ(bacnet_property_name(507), "device-uuid");
  EXPECT_EQ(bacnet_property_name(508), "");
  EXPECT_EQ(bacnet_object_name(8), "device");
  EXPECT_EQ(bacnet_object_name(64), "color-temperature");
  EXPECT_EQ(bacnet_error_code_name(45), "optional-functionality-not-supported");
  EXPECT_EQ(bacnet_vendor_name(251), "WILO SE");
  EXPECT_EQ(bacnet_vendor_name(1), "");
}

TEST(BacnetService, EveryLayoutIsWalked) {
  std::string hex;
  for (int number = 0; number < 15; ++number) {
    char tag[16];
    std::snprintf(tag, sizeof tag, "%x901", static_cast<unsigned>(number));
    hex += tag;
  }
  BacnetApdu apdu;
  const auto body = from_hex(hex);
  apdu.body = body;
  BacnetContents contents;
  for (const std::uint8_t type : {kBacnetConfirmed, kBacnetUnconfirmed, kBacnetComplexAck}) {
    apdu.type = type;
    unsigned services = 0;
    for (unsigned choice = 0; choice < 256; ++choice) {
      apdu.service = static_cast<std::uint8_t>(choice);
      const BacnetServiceKind* kind = bacnet_service(apdu);
      contents.read(apdu);
      if (kind == nullptr) continue;
      ++services;
      EXPECT_FALSE(kind->name.empty());
    }
    EXPECT_EQ(services, type == kBacnetUnconfirmed ? 15U : 34U);
  }
}

// A flow that rests holds little, whatever its last message had.
TEST(BacnetContents, KeepsLittleMemory) {
  std::string hex = "0c000000011e";
  for (int property = 0; property < 700; ++property) hex += "0955";
  const auto body = from_hex(hex + "1f");
  BacnetApdu apdu;
  apdu.type = kBacnetConfirmed;
  apdu.service = kBacnetReadMultiple;
  apdu.body = body;
  BacnetContents contents;
  contents.read(apdu);
  EXPECT_EQ(contents.properties().size(), 700U);
  EXPECT_GT(contents.bytes_held(), 700 * sizeof(BacnetProperty) - 1);
  contents.clear();
  EXPECT_LE(contents.bytes_held(), BacnetContents::kPropertiesKept * sizeof(BacnetProperty));
}

TEST(BacnetLayout, LettersBecomeTables) {
  static constexpr BacnetLayout kLayout{"op|a(b(cd).)e"};
  static constexpr BacnetLayout kNothing{""};
  EXPECT_TRUE(kNothing.empty());
  EXPECT_FALSE(kLayout.empty());
  const auto& outer = kLayout.level(0);
  std::uint8_t at = 0;
  for (const char role : {'o', 'p', 'o'}) EXPECT_EQ(kLayout.plain(outer, at).role, role);
  EXPECT_EQ(kLayout.numbered(outer, 0).role, 'a');
  EXPECT_EQ(kLayout.numbered(outer, 0).inside, 0U);
  EXPECT_EQ(kLayout.numbered(outer, 2).role, 'e');
  EXPECT_EQ(kLayout.numbered(outer, 3).role, kBacnetNotRead);
  const auto& inner = kLayout.level(kLayout.numbered(outer, 1).inside);
  EXPECT_EQ(kLayout.numbered(inner, 0).role, 'b');
  EXPECT_EQ(kLayout.plain(inner, at).role, kBacnetNotRead);
  const auto& innermost = kLayout.level(kLayout.numbered(inner, 1).inside);
  EXPECT_EQ(kLayout.numbered(innermost, 1).role, 'd');
  EXPECT_EQ(kLayout.numbered(innermost, 2).role, kBacnetNotRead);
}

// What one message said is not said by the next.
TEST(BacnetContents, AreOfOneMessage) {
  BacnetApdu write, who_is;
  write.type = kBacnetConfirmed;
  write.service = kBacnetWriteProperty;
  const auto body = from_hex("0c04000001 195a 3e 9103 3f");
  write.body = body;
  who_is.type = kBacnetUnconfirmed;
  who_is.service = kBacnetWhoIs;
  BacnetContents contents;
  contents.read(write);
  EXPECT_EQ(contents.objects().size(), 1U);
  ASSERT_EQ(contents.properties().size(), 1U);
  EXPECT_EQ(contents.properties()[0].object, 0x04000001U);
  EXPECT_EQ(contents.properties()[0].property, 90U);
  EXPECT_EQ(contents.write_operation(), IcsOperation::stop);
  contents.read(who_is);
  EXPECT_TRUE(contents.objects().empty());
  EXPECT_TRUE(contents.properties().empty());
  EXPECT_FALSE(contents.has(kBacnetObjectRole));
  EXPECT_EQ(contents.write_operation(), IcsOperation::write);
}

// Of properties that are too many, what was written and whether all failed is still known.
TEST(BacnetContents, AreBounded) {
  std::string hex = "0c04000001 1e";
  for (std::size_t i = 0; i < BacnetContents::kPropertiesMax; ++i) hex += "0955";
  const auto just = from_hex(hex + "1f"), more = from_hex(hex + "095a 2e 9103 2f 1f");
  BacnetApdu apdu;
  apdu.type = kBacnetConfirmed;
  apdu.service = kBacnetWriteMultiple;
  apdu.body = just;
  BacnetContents contents;
  contents.read(apdu);
  EXPECT_EQ(contents.properties().size(), BacnetContents::kPropertiesMax);
  EXPECT_FALSE(contents.more_properties());
  EXPECT_EQ(contents.write_operation(), IcsOperation::write);
  apdu.body = more;
  contents.read(apdu);
  EXPECT_EQ(contents.properties().size(), BacnetContents::kPropertiesMax);
  EXPECT_TRUE(contents.more_properties());
  EXPECT_EQ(contents.write_operation(), IcsOperation::stop);
}

TEST(BacnetContents, AllFailedWhenNoneFits) {
  BacnetApdu apdu;
  apdu.type = kBacnetComplexAck;
  apdu.service = kBacnetReadMultiple;
  const auto read = [&apdu](const char* hex) {
    const auto body = from_hex(hex);
    apdu.body = body;
    BacnetContents contents;
    contents.read(apdu);
    return contents.all_failed();
  };
  const auto failure = read("0c02000061 1e 292c 5e 9102 9120 5f 2946 5e 9102 911b 5f 1f");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, 0x20U);
  EXPECT_FALSE(read("0c02000061 1e 292c 5e 9102 9120 5f 2946 4e 2101 4f 1f"));
  EXPECT_FALSE(read(""));
}

}  // namespace
}  // namespace nw::network
