#include "ingest/logs/formats/xml_reader.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::logs {
namespace {

using Token = XmlReader::Token;

// "<a x=1>" for an element opened, "</a>" closed, text as it stands, "!" literal; at the end why it ended.
std::string told(std::string_view text) {
  XmlReader xml{text};
  std::string out;
  for (;;) {
    switch (xml.next()) {
      case Token::open:
        out += '<' + std::string{xml.name()};
        for (const auto& attribute : xml.attributes())
          out += ' ' + std::string{attribute.name} + '=' + std::string{attribute.raw};
        out += '>';
        break;
      case Token::close: out += "</" + std::string{xml.name()} + '>'; break;
      case Token::text: out += (xml.literal() ? "!" : "") + std::string{xml.raw()}; break;
      case Token::end: return out + "|end";
      case Token::cut: return out + "|cut";
      case Token::malformed: return out + "|malformed";
      case Token::too_deep: return out + "|too_deep";
    }
  }
}

TEST(XmlReader, Reads) {
  static const struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"nothing", "", "|end"},
      {"no element", " - \n", "|end"},
      {"an element", "<a>x</a>", "<a>x</a>|end"},
      {"an empty element", "<a/><b />", "<a></a><b></b>|end"},
      {"attributes", "<a x='1' y = \"2>'\"\n/>", "<a x=1 y=2>'></a>|end"},
      {"nested", "<a> <b>x</b> </a>", "<a> <b>x</b> </a>|end"},
      {"a prefix", "<p:a p:x='1'></p:a >", "<p:a p:x=1></p:a>|end"},
      {"references stay", "<a>&lt;&#9;</a>", "<a>&lt;&#9;</a>|end"},
      {"declaration and comments", "\xEF\xBB\xBF<?xml version='1.0'?><!-- <z> --><a>x<!--y-->z</a>", "<a>xz</a>|end"},
      {"CDATA", "<a><![CDATA[<b>&]]></a>", "<a>!<b>&</a>|end"},
      {"text around", "- <a/> x", "<a></a>|end"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(told(c.text), c.want);
  }
}

TEST(XmlReader, Refuses) {
  static const struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"a DTD", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "|malformed"},
      {"another end", "<a></b>", "<a>|malformed"},
      {"an end without a start", "</a>", "|malformed"},
      {"no name", "<>", "|malformed"},
      {"no value", "<a x>", "|malformed"},
      {"a value without quotes", "<a x=1>", "|malformed"},
      {"a slash inside", "<a / x>", "|malformed"},
      {"CDATA outside", "<![CDATA[x]]>", "|malformed"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(told(c.text), c.want);
  }
}

TEST(XmlReader, EveryPrefixIsCut) {
  const std::string text = "<a x='1'><b>t&amp;</b><!-- c --><![CDATA[d]]><?p i?><e/></a>";
  for (std::size_t size = 1; size < text.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_TRUE(told(text.substr(0, size)).ends_with("|cut"));
  }
  EXPECT_TRUE(told(text).ends_with("|end"));
}

TEST(XmlReader, Bounds) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "<a>";
    for (std::size_t i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  EXPECT_TRUE(told(nested(32)).ends_with("|end"));
  EXPECT_TRUE(told(nested(33)).ends_with("|too_deep"));
  const auto attributes = [](std::size_t count) {
    std::string text = "<a";
    for (std::size_t i = 0; i < count; ++i) text += " x='1'";
    return text + "/>";
  };
  EXPECT_TRUE(told(attributes(32)).ends_with("|end"));
  EXPECT_TRUE(told(attributes(33)).ends_with("|too_deep"));
  EXPECT_TRUE(told('<' + std::string(256, 'n') + "/>").ends_with("|end"));
  EXPECT_TRUE(told('<' + std::string(257, 'n') + "/>").ends_with("|malformed"));
  EXPECT_TRUE(told("<a " + std::string(257, 'n') + "='1'/>").ends_with("|malformed"));
}

TEST(XmlDecode, References) {
  static const struct {
    std::string raw, want;
  } kCases[] = {
      {"", ""},
      {"plain", "plain"},
      {"&lt;&gt;&amp;&quot;&apos;", "<>&\"'"},
      {"a&#9;b&#x41;&#x20ac;&#128512;", "a\tbA\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {"&#0;&#xd800;&#x110000;&#99999999;", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"&nbsp;&&;&#;&#x;&#1x;&lt", "&nbsp;&&;&#;&#x;&#1x;&lt"},
      {"&amp;lt;", "&lt;"},
  };
  for (const auto& c : kCases) {
    std::string out(c.raw.size(), '?');
    out.resize(xml_decode(c.raw, out.data()));
    EXPECT_EQ(out, c.want);
  }
}

}  // namespace
}  // namespace nw::logs
