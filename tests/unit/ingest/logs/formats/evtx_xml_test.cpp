#include "ingest/logs/formats/evtx_xml.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace nw::logs {
namespace {

using Fault = EvtxXml::Fault;

// A chunk that is being written; what is read begins where the last mark was set.
class Chunk {
 public:
  Chunk& u8(unsigned value) { return put(value, 1); }
  Chunk& u16(std::size_t value) { return put(value, 2); }
  Chunk& u32(std::size_t value) { return put(value, 4); }
  Chunk& utf16(std::string_view ascii) {
    for (const char c : ascii) u16(static_cast<unsigned char>(c));
    return *this;
  }
  // A name that stands here.
  Chunk& name(std::string_view ascii) {
    u32(bytes_.size() + 4);
    return u32(0).u16(0).u16(ascii.size()).utf16(ascii).u16(0);
  }
  Chunk& text(std::string_view ascii) { return u8(0x05).u8(0x01).u16(ascii.size()).utf16(ascii); }
  Chunk& open(std::string_view tag) { return u8(0x01).u16(0xffff).u32(0).name(tag); }
  // A template whose definition, `body`, stands here. The number of its values and they follow.
  Chunk& define(const Chunk& body) {
    u8(0x0c).u8(1).u32(0);
    const std::size_t at = bytes_.size() + 4;
    u32(at).u32(0).u32(0).u32(0).u32(0).u32(0).u32(body.bytes_.size());
    bytes_.insert(bytes_.end(), body.bytes_.begin(), body.bytes_.end());
    return *this;
  }
  Chunk& use(std::size_t definition) { return u8(0x0c).u8(1).u32(0).u32(definition); }
  Chunk& mark() {
    mark_ = bytes_.size();
    return *this;
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  // What is behind the mark, as text; the fault behind it.
  [[nodiscard]] std::string read() const {
    EvtxXml xml;
    const Bytes all{bytes_};
    switch (xml.read(all, all.subspan(mark_))) {
      case Fault::none: return xml.out();
      case Fault::malformed: return xml.out() + "|malformed";
      case Fault::too_deep: return "|too_deep";
      case Fault::too_long: return "|too_long";
    }
    return "?";
  }
  [[nodiscard]] std::string read_first(std::size_t size) const {
    EvtxXml xml;
    const Bytes all{bytes_};
    return xml.read(all.first(size), all.first(size)) == Fault::none ? "none" : "fault";
  }

 private:
  Chunk& put(std::size_t value, int width) {
    for (int i = 0; i < width; ++i, value >>= 8U) bytes_.push_back(static_cast<std::uint8_t>(value & 0xff));
    return *this;
  }
  std::vector<std::uint8_t> bytes_;
  std::size_t mark_ = 0;
};

// <a>, what is in it, </a>.
Chunk in_a() {
  Chunk chunk;
  chunk.u8(0x0f).u8(1).u8(1).u8(0).open("a").u8(0x02);
  return chunk;
}

TEST(EvtxXml, ReadsTokens) {
  EXPECT_EQ(Chunk{}.read(), "");
  EXPECT_EQ(Chunk{}.u8(0x0f).u8(1).u8(1).u8(0).u8(0).read(), "");
  EXPECT_EQ(Chunk{}.open("a").u8(0x03).u8(0).read(), "<a/>");
  EXPECT_EQ(in_a().text("x<").text("y").u8(0x04).u8(0).read(), "<a>x&lt;y</a>");
  EXPECT_EQ(in_a().u8(0x47).u16(2).utf16("&b").u8(0x08).u16(10).u8(0x49).name("lt").u8(0x04).read(),
            "<a>&amp;b&#10;&lt;</a>");
  EXPECT_EQ(in_a().u8(0x0a).name("p").u8(0x0b).u16(1).utf16("q").open("b").u8(0x03).u8(0x04).read(), "<a><b/></a>");
  Chunk attributes;
  attributes.u8(0x41).u16(0).u32(0).name("a").u32(0);
  attributes.u8(0x46).name("x").text("1\"").u8(0x06).name("y").u8(0x08).u16(65).u8(0x03);
  EXPECT_EQ(attributes.read(), "<a x=\"1&quot;\" y=\"&#65;\"/>");
}

TEST(EvtxXml, NamesStandWhereTheyWereFirst) {
  Chunk chunk;
  const std::size_t where = chunk.size() + 4;
  chunk.name("pump").mark().u8(0x01).u16(0).u32(0).u32(where).u8(0x02).u8(0x01).u16(0).u32(0).u32(where).u8(0x03).u8(
      0x04);
  EXPECT_EQ(chunk.read(), "<pump><pump/></pump>");
}

TEST(EvtxXml, TemplatesTakeValues) {
  Chunk body;
  body.u8(0x0f).u8(1).u8(1).u8(0);
  // In a definition names are by their place in the chunk: this one stands before it.
  Chunk chunk;
  const std::size_t where = chunk.size() + 4;
  chunk.name("v").mark();
  const auto element = [&](Chunk& to) -> Chunk& { return to.u8(0x01).u16(0).u32(0).u32(where).u8(0x02); };
  element(body).u8(0x0d).u16(0).u8(0x08);  // a value
  element(body).u8(0x0e).u16(1).u8(0x01);  // one that is not there takes its element with it
  body.u8(0x04);
  element(body).u8(0x0d).u16(1).u8(0x01).u8(0x04);  // but not when it is no optional one
  element(body).u8(0x0d).u16(2).u8(0x86).u8(0x04);  // an element for each
  element(body).u8(0x0d).u16(9).u8(0x01).u8(0x04);  // there is no such value
  body.u8(0x04).u8(0);
  chunk.define(body).u32(3);
  chunk.u16(4).u8(0x08).u8(0).u16(0).u8(0x00).u8(0).u16(6).u8(0x86).u8(0);
  chunk.u32(7).u16(1).u16(2).u16(3).u8(0);
  EXPECT_EQ(chunk.read(), "<v>7<v></v><v>1</v><v>2</v><v>3</v><v></v></v>");
  // The same definition once more.
  const std::size_t definition = where + 4 + 2 + 2 + 2 + 2 + 10;
  chunk.mark().use(definition).u32(1).u16(1).u8(0x04).u8(0).u8(9).u8(0);
  EXPECT_EQ(chunk.read(), "<v>9<v></v><v></v><v></v></v>");
}

// Binary XML as a value: elements in it have no dependency.
TEST(EvtxXml, ValuesAreXml) {
  Chunk value;
  value.u8(0x0f).u8(1).u8(1).u8(0);
  Chunk chunk;
  const std::size_t where = chunk.size() + 4;
  chunk.name("v").mark();
  value.u8(0x01).u32(0).u32(where).u8(0x02).u8(0x01).u32(0).u32(where).u8(0x03).u8(0x04).u8(0);
  Chunk body;
  body.u8(0x01).u16(0).u32(0).u32(where).u8(0x02).u8(0x0d).u16(0).u8(0x21).u8(0x04).u8(0);
  chunk.define(body).u32(1).u16(value.size()).u8(0x21).u8(0);
  chunk.u8(0x0f).u8(1).u8(1).u8(0).u8(0x01).u32(0).u32(where).u8(0x02).u8(0x01).u32(0).u32(where).u8(0x03).u8(0x04).u8(
      0);
  EXPECT_EQ(chunk.read(), "<v><v><v/></v></v>");
}

TEST(EvtxXml, Refuses) {
  EXPECT_EQ(Chunk{}.u8(0x13).read(), "|malformed");
  EXPECT_EQ(Chunk{}.u8(0x05).read(), "|malformed");
  EXPECT_EQ(Chunk{}.open("").u8(0x03).read(), "|malformed");
  EXPECT_EQ(Chunk{}.open("a b").u8(0x03).read(), "|malformed");
  EXPECT_EQ(Chunk{}.open("a><b").u8(0x03).read(), "|malformed");
  EXPECT_EQ(Chunk{}.open("!--a").u8(0x03).read(), "|malformed");
  EXPECT_EQ(Chunk{}.u8(0x01).u16(0).u32(0).u32(70'000).u8(0x03).read(), "|malformed");
  EXPECT_EQ(in_a().u8(0x02).read(), "<a>|malformed");
  EXPECT_EQ(in_a().text("x").u8(0x00).read(), "<a>x|malformed");
  EXPECT_EQ(in_a().u8(0x05).u8(0x02).u16(0).read(), "<a>|malformed");
  EXPECT_EQ(in_a().u8(0x05).u8(0x01).u16(9).utf16("x").read(), "<a>|malformed");
  EXPECT_EQ(Chunk{}.use(70'000).u32(0).read(), "|malformed");
  EXPECT_EQ(Chunk{}.use(0).u32(0).read(), "|malformed");
  EXPECT_EQ(Chunk{}.define(Chunk{}.u8(0)).u32(2).u16(1).u8(1).u8(0).read(), "|malformed");
}

TEST(EvtxXml, EveryPrefixIsAFault) {
  Chunk chunk = in_a();
  chunk.text("x").define(Chunk{}.u8(0)).u32(1).u16(2).u8(0x01).u8(0).utf16("y").u8(0x04).u8(0);
  ASSERT_EQ(chunk.read_first(chunk.size()), "none");
  for (std::size_t size = 5; size + 1 < chunk.size(); ++size) EXPECT_EQ(chunk.read_first(size), "fault") << size;
}

TEST(EvtxXml, Bounds) {
  const auto nested = [](std::size_t depth) {
    Chunk chunk;
    for (std::size_t i = 0; i < depth; ++i) chunk.open("a").u8(0x02);
    for (std::size_t i = 0; i < depth; ++i) chunk.u8(0x04);
    return chunk.read();
  };
  EXPECT_NE(nested(64), "|too_deep");
  EXPECT_EQ(nested(65), "|too_deep");
  EXPECT_NE(Chunk{}.open(std::string(256, 'n')).u8(0x03).read(), "|malformed");
  EXPECT_EQ(Chunk{}.open(std::string(257, 'n')).u8(0x03).read(), "|malformed");
  EXPECT_EQ(Chunk{}.define(Chunk{}.u8(0)).u32(8193).read(), "|too_deep");
  // A template that uses its one value again and again.
  const auto uses = [](std::size_t times, std::size_t bytes) {
    Chunk chunk;
    const std::size_t where = chunk.size() + 4;
    chunk.name("v").mark();
    Chunk body;
    body.u8(0x01).u16(0).u32(0).u32(where).u8(0x02);
    for (std::size_t i = 0; i < times; ++i) body.u8(0x0d).u16(0).u8(0x01);
    body.u8(0x04).u8(0);
    chunk.define(body).u32(1).u16(bytes).u8(0x0e).u8(0);
    for (std::size_t i = 0; i < bytes; ++i) chunk.u8(1);
    return chunk.read();
  };
  EXPECT_EQ(uses(10, 1000).size(), 2U * 10 * 1000 + 7);
  EXPECT_EQ(uses(300, 1000), "|too_long");
  EXPECT_EQ(uses(65'000, 0), "<v></v>");
  EXPECT_EQ(uses(66'000, 0), "|too_deep");
}

// A definition that uses itself comes to an end.
TEST(EvtxXml, ATemplateInItself) {
  Chunk chunk;
  chunk.u8(0x0c).u8(1).u32(0).u32(10).u32(0).u32(0).u32(0).u32(0).u32(0).u32(15);
  chunk.use(10).u32(0).u8(0).u32(0);
  EXPECT_EQ(chunk.read(), "|too_deep");
}

}  // namespace
}  // namespace nw::logs
