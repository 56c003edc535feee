#include "base/yaml.h"

#include <array>
#include <gtest/gtest.h>

namespace nw {
namespace {

TEST(ParseYaml, KeepsTypesQuotesAndPlaces) {
  Diagnostics diagnostics;
  const auto documents = parse_yaml("a: 1\nb: '1'\nc: [true, ~, 2.5, 0x10]\n---\nd: |\n  text\n", "f.yml", diagnostics);
  ASSERT_TRUE(diagnostics.ok()) << diagnostics.to_string();
  ASSERT_EQ(documents.size(), 2U);
  const YamlNode& first = documents[0];
  EXPECT_EQ(first.find("a")->as_int(), 1);
  EXPECT_FALSE(first.find("a")->quoted);
  EXPECT_TRUE(first.find("b")->quoted);
  EXPECT_EQ(first.find("b")->as_int(), std::nullopt);
  const auto& list = first.find("c")->items;
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0].as_bool(), true);
  EXPECT_EQ(list[1].kind, YamlNode::Kind::null);
  EXPECT_EQ(list[2].as_real(), 2.5);
  EXPECT_EQ(list[3].as_int(), 16);
  EXPECT_EQ(first.find("b")->mark.line, 2U);
  EXPECT_EQ(first.find("b")->mark.column, 4U);
  EXPECT_TRUE(documents[1].find("d")->quoted);
  EXPECT_EQ(documents[1].find("d")->scalar, "text\n");
}

TEST(ParseYaml, SaysWhatIsWrong) {
  static constexpr struct {
    const char* name;
    const char* text;
    const char* code;
    std::size_t line;
  } kCases[] = {
      {"duplicate key", "a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3},
      {"unclosed", "a: [1, 2\n", "yaml-syntax", 2},
      {"a map as a key", "{a: 1}: 2\n", "yaml-key", 1},
      {"tab indent", "a:\n\tb: 1\n", "yaml-syntax", 2},
      {"unknown alias", "a: *nobody\n", "yaml-syntax", 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    parse_yaml(c.text, "f.yml", diagnostics);
    ASSERT_FALSE(diagnostics.ok());
    EXPECT_EQ(diagnostics.all()[0].code, c.code);
    EXPECT_EQ(diagnostics.all()[0].mark.line, c.line);
  }
}

// No more documents than the text has room for, however many the library finds.
TEST(ParseYaml, CountsDocumentsByTheText) {
  static const struct {
    std::string text;
    std::size_t want;
  } kCases[] = {{"", 0}, {"a", 1}, {"--- a", 1}, {"---\n---", 2}, {"---\n---\n---\n", 3}, {"a\n...\n---\nb", 2}};
  for (const auto& c : kCases) {
    Diagnostics diagnostics;
    EXPECT_EQ(parse_yaml(c.text, "f", diagnostics).size(), c.want) << c.text;
    EXPECT_TRUE(diagnostics.ok()) << c.text;
  }
  const std::string endless =
      "- {a: x, b: c:d}\n---\n,action: global\nt: A #o\nl: {p: n, s:om d}\nd: {b: {a: x}, c: b and own}\n---\n"
      "x} y\n";
  Diagnostics diagnostics;
  EXPECT_LE(parse_yaml(endless, "f", diagnostics).size(), endless.size() / 4 + 1);
}

TEST(ParseYaml, HoldsItsLimits) {
  // Each level of aliases doubles the tree: 2^24 nodes from a few lines.
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i <= 24; ++i)
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + ", *a" +
            std::to_string(i - 1) + "]\n";
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  // Found by fuzzing: the library reports empty documents without end.
  const std::string endless =
      " secversion: 1\n!l0ots:gsv.tax, c:[ (5}, #etworks:rsi\357n: 1\n!l0ots:gsv.tax, c: (5}, #etworks: "
      "[0.0.0n: 2\nassets\2132ame: last}]}_* [0.0.0n: 2\nassets\2132ame: last}]}_*";
  YamlLimits small;
  small.bytes_max = 10;
  const struct {
    const char* code;
    std::string text;
    YamlLimits limits;
  } cases[] = {{"yaml-too-large", bomb, {}},
               {"yaml-too-deep", deep, {}},
               {"yaml-too-large", endless, {}},
               {"yaml-too-large", "a: 12345678901\n", small}};
  for (const auto& c : cases) {
    Diagnostics diagnostics;
    parse_yaml(c.text, "f.yml", diagnostics, c.limits);
    ASSERT_EQ(diagnostics.errors(), 1U);
    EXPECT_EQ(diagnostics.all()[0].code, c.code);
  }
}

TEST(YamlMap, ReadsStrictly) {
  Diagnostics diagnostics;
  const auto documents =
      parse_yaml("name: x\nsnaplan: 5\nsize: 16MiB\nwait: 5 minutes\nlevel: hihg\nflag: yes\n", "f.yml", diagnostics);
  YamlMap map{documents[0], "a thing", "f.yml", diagnostics};
  EXPECT_EQ(map.require_text("name"), "x");
  EXPECT_EQ(map.integer("snaplen", 7, 1, 10), 7);
  EXPECT_EQ(map.bytes("size", 1, 1, 1U << 30), 16U << 20);
  EXPECT_EQ(map.duration("wait", std::chrono::seconds{1}), std::chrono::seconds{1});
  static constexpr std::array<std::string_view, 2> kLevels{"low", "high"};
  EXPECT_EQ(map.choice("level", 0, kLevels), 0U);
  EXPECT_FALSE(map.boolean("flag", false));  // YAML 1.2: yes is text
  map.require("missing");
  map.finish();
  std::vector<std::string> lines;
  for (const Diagnostic& d : diagnostics.all()) lines.push_back(d.to_string());
  ASSERT_EQ(lines.size(), 5U) << diagnostics.to_string();
  EXPECT_EQ(lines[0], "f.yml:4:7: wrong-type: 'wait' must be a duration: write for example 30s, 15m or 2h");
  EXPECT_NE(lines[1].find("did you mean 'high'?"), std::string::npos);
  EXPECT_NE(lines[3].find("f.yml:1:1: missing-key: a thing needs the key 'missing'"), std::string::npos);
  EXPECT_NE(lines[4].find("f.yml:2:1: unknown-key: unknown key 'snaplan' in a thing (did you mean 'snaplen'?)"),
            std::string::npos)
      << lines[4];
}

TEST(YamlMap, RefusesWhatIsNoMap) {
  Diagnostics diagnostics;
  const auto documents = parse_yaml("- a\n", "f.yml", diagnostics);
  YamlMap map{documents[0], "a thing", "f.yml", diagnostics};
  EXPECT_FALSE(map.ok());
  EXPECT_EQ(map.text("a", "b"), "b");
  map.finish();
  EXPECT_EQ(diagnostics.errors(), 1U);
}

}  // namespace
}  // namespace nw
