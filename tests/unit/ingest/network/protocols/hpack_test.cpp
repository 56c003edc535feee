#include "ingest/network/protocols/hpack.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace nw::network {
namespace {

// "name=value" lines.
class Lines final : public HpackTaker {
 public:
  void header(std::string_view name, std::string_view value) override {
    text += std::string{name} + "=" + std::string{value} + "\n";
  }
  std::string text;
};

// What the decoder makes of a block, or "broken".
std::string read(HpackDecoder& decoder, std::string_view hex) {
  Lines lines;
  return decoder.read(from_hex(hex), lines) ? lines.text : "broken";
}
std::string read(std::string_view hex) {
  HpackDecoder decoder;
  return read(decoder, hex);
}

// RFC 7541 appendix C.2.
TEST(Hpack, Literals) {
  EXPECT_EQ(read("40 0a 'custom-key' 0d 'custom-header'"), "custom-key=custom-header\n");
  EXPECT_EQ(read("04 0c '/sample/path'"), ":path=/sample/path\n");
  EXPECT_EQ(read("10 08 'password' 06 'secret'"), "password=secret\n");
  EXPECT_EQ(read("82"), ":method=GET\n");
}

constexpr const char* kFirst = ":method=GET\n:scheme=http\n:path=/\n:authority=www.example.com\n";
constexpr const char* kSecond =
    ":method=GET\n:scheme=http\n:path=/\n:authority=www.example.com\ncache-control=no-cache\n";
constexpr const char* kThird =
    ":method=GET\n:scheme=https\n:path=/index.html\n:authority=www.example.com\ncustom-key=custom-value\n";

// Appendix C.3.
TEST(Hpack, RequestsOnOneConnection) {
  HpackDecoder decoder;
  EXPECT_EQ(read(decoder, "828684 41 0f 'www.example.com'"), kFirst);
  EXPECT_EQ(read(decoder, "828684be 58 08 'no-cache'"), kSecond);
  EXPECT_EQ(read(decoder, "828785bf 40 0a 'custom-key' 0c 'custom-value'"), kThird);
}

// Appendix C.4.
TEST(Hpack, RequestsInHuffmansCode) {
  HpackDecoder decoder;
  EXPECT_EQ(read(decoder, "828684418cf1e3c2e5f23a6ba0ab90f4ff"), kFirst);
  EXPECT_EQ(read(decoder, "828684be5886a8eb10649cbf"), kSecond);
  EXPECT_EQ(read(decoder, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"), kThird);
}

// Appendix C.6, with a table of 256 octets.
TEST(Hpack, ResponsesThatDropOlderHeaders) {
  const std::string rest =
      "cache-control=private\ndate=Mon, 21 Oct 2013 20:13:21 GMT\nlocation=https://www.example.com\n";
  HpackDecoder decoder;
  EXPECT_EQ(read(decoder,
                 "3fe101 488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f"
                 "0b97c8e9ae82ae43d3"),
            ":status=302\n" + rest);
  EXPECT_EQ(read(decoder, "4883640effc1c0bf"), ":status=307\n" + rest);
  EXPECT_EQ(read(decoder,
                 "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b"
                 "3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"),
            ":status=200\ncache-control=private\ndate=Mon, 21 Oct 2013 20:13:22 GMT\nlocation=https://www.example.com\n"
            "content-encoding=gzip\nset-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1\n");
}

TEST(Hpack, BrokenBlocks) {
  const struct {
    const char *name, *hex;
  } kCases[] = {
      {"index 0", "80"},
      {"index of nothing", "be"},
      {"index of nothing, for a name", "7e 01 'a'"},
      {"integer that never ends", "ff ffffffffff"},
      {"integer cut", "ff 80"},
      {"integer beyond 2^31", "ff ffffffff 7f"},
      {"name cut", "40 05 'ab'"},
      {"value cut", "40 01 'a' 05 'b'"},
      {"no value", "40 01 'a'"},
      {"table beyond what we keep", "3fe2ff03"},
      {"Huffman: zeros behind the end", "40 01 'a' 81 18"},
      {"Huffman: eight bits and more of padding", "40 01 'a' 82 1f ff"},
      {"Huffman: the end's own code", "40 01 'a' 84 ffffffff"},
  };
  for (const auto& c : kCases) EXPECT_EQ(read(c.hex), "broken") << c.name;
  EXPECT_EQ(read("3fe1ff03"), "");  // 64 KiB
  EXPECT_EQ(read(""), "");
}

// Appendix B, all codes in a row.
TEST(Hpack, EveryOctetHasACode) {
  constexpr const char* kAll =
      "ffc7fffd8fffffe2fffffe3fffffe4fffffe5fffffe6fffffe7fffffe8ffffeafffffff3fffffa7fffffabffffffdfffffebfffffe"
      "cfffffedfffffeefffffefffffff0ffffff1ffffff2fffffffbfffffcffffffd3fffffd7fffffdbfffffdffffffe3fffffe7fffffe"
      "bfffffed4fe3f9ffaffcabf1febfafefe7fdfd2cbb00089969b71d79fb9f7fff20ffbff3ff50ddbd7f061c58f265cd9f469d5af66d"
      "ddbf871e5f9cff7ff7fffc3ff9ffe45fff4719242cb34e6e9d68a6a3d7dac426defe3cfaf7fffbfe7ffbffdffffffcfffe6ffff4bf"
      "ff9ffffa3fffd3ffff53fffd5ffffb3fffeb7fffdaffffb7ffff73fffeeffffdeffffebffffbfffffd9ffffdbfffebffffe0ffffee"
      "ffffc3ffff8bffff1ffffe4fffee7fffb1ffff97fffd9ffffcdffff9fffffbffffdafffeeffff4ffffb7fffee7fffe8ffffd3fffde"
      "ffffd5fffeeffffbdffffe1fffdfffff7fffff5ffffecffff07fff87fffe0ffff17fffedffff87ffff77fffeffffeaffff8bfffe3f"
      "fff93ffff87fffcbffff37ffff1fffff83ffffe1fffebfffe3ffff3fffff2ffffa3ffffd9fffff17ffffc7fffff27ffffdefffffbf"
      "fffff2fffff8fffffb7fff97fff8fffffe6fffffc1fffff87ffffe7fffffc5ffffe5fffe4ffff2fffffd1fffff4ffffffefffffe3f"
      "ffffc9fffff97fffb3ffffcffffb7fffcdffff4ffff9ffffd1ffffcffffeaffffafffffddffffeffffff4fffff5fffffabffffa7ff"
      "ffd7fffff9bffffecfffffb7fffff3fffffe8fffffd3fffffabfffff5fffffff7ffffecfffffdbfffffbbfffff7ffffff0fffffbbf";
  std::string out, want;
  for (int octet = 0; octet < 256; ++octet) want += static_cast<char>(octet);
  EXPECT_TRUE(append_huffman(from_hex(kAll), out));
  EXPECT_EQ(out, want);
}

// A header of 4 KiB, then an octet for each time that it is said again.
TEST(Hpack, WhatABlockSaysIsBounded) {
  const std::string once = "40 01 'n' 7fa11e '" + std::string(4000, 'v') + "'";
  const auto times = [&](std::size_t count) {
    std::string hex = once;
    for (std::size_t i = 1; i < count; ++i) hex += "be";
    return read(hex);
  };
  constexpr std::size_t kFits = HpackDecoder::kListMax / (1 + 4000 + HpackTable::kOverhead);
  EXPECT_EQ(times(kFits).size(), kFits * (1 + 1 + 4000 + 1));
  EXPECT_EQ(times(kFits + 1), "broken");
  // Each block has its own.
  HpackDecoder decoder;
  for (int i = 0; i < 100; ++i) EXPECT_NE(read(decoder, once), "broken");
}

TEST(HpackTable, KeepsTheNewest) {
  HpackTable table;
  table.resize(100);  // room for two of 34 octets
  for (const char* name : {"a", "b", "c", "d"}) table.add(name, "1");
  HpackTable::Header found;
  ASSERT_TRUE(table.find(0, found));
  EXPECT_EQ(found.name, "d");
  ASSERT_TRUE(table.find(1, found));
  EXPECT_EQ(found.name, "c");
  EXPECT_FALSE(table.find(2, found));
  table.add(std::string(100, 'x'), "");  // larger than all: empties it
  EXPECT_EQ(table.count(), 0U);
  table.add("e", "2");
  ASSERT_TRUE(table.find(0, found));
  EXPECT_EQ(found.value, "2");
  table.resize(0);
  EXPECT_EQ(table.count(), 0U);
}

// Few large headers, of which each drops the one before: their text is not kept either.
TEST(HpackTable, TextIsBounded) {
  HpackTable table;
  table.resize(HpackDecoder::kTableMax);
  for (int i = 0; i < 40; ++i) {
    table.add("name", std::string(60'000, 'v'));
    ASSERT_LE(table.held(), 2 * HpackDecoder::kTableMax);
  }
  HpackTable::Header found;
  ASSERT_TRUE(table.find(0, found));
  EXPECT_EQ(found.value.size(), 60'000U);
}

// What was dropped is forgotten, however long it goes on.
TEST(HpackTable, ManyHeaders) {
  HpackTable table;
  HpackTable::Header found;
  for (int i = 0; i < 100'000; ++i) {
    const std::string name = "name-" + std::to_string(i);
    table.add(name, "value");
    ASSERT_TRUE(table.find(0, found));
    ASSERT_EQ(found.name, name);
    ASSERT_LE(table.count(), HpackTable::kBytesDefault / HpackTable::kOverhead);
  }
  ASSERT_TRUE(table.find(table.count() - 1, found));
  EXPECT_EQ(found.name, "name-" + std::to_string(100'000 - table.count()));
}

}  // namespace
}  // namespace nw::network
