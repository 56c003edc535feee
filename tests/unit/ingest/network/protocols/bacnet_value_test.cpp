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
      {"2100", "0"},
      {"24ffffffff", "4294967295"},
      {"31ff", "-1"},
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
  EXPECT_FALSE(read("66", 0, tag));  // an application's tag opens nothing
  EXPECT_FALSE(read("12", 0, tag));  // a boolean is 0 or 1
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
  const auto body = from_hex(hex);
  for (const bool confirmed : {true, false}) {
    unsigned services = 0;
    for (unsigned choice = 0; choice < 256; ++choice) {
      const BacnetServiceKind* kind = bacnet_service(confirmed, static_cast<std::uint8_t>(choice));
      if (kind == nullptr) continue;
      ++services;
      EXPECT_FALSE(kind->name.empty());
      for (const std::string_view layout : {kind->request, kind->answer}) {
        EXPECT_EQ(std::ranges::count(layout, '('), std::ranges::count(layout, ')')) << kind->name;
        BacnetFields fields{layout, body};
        for (BacnetField field; fields.next(field);) EXPECT_NE(field.role, '.');
      }
    }
    EXPECT_EQ(services, confirmed ? 34U : 15U);
  }
}

}  // namespace
}  // namespace nw::network
