#include "base/yaml_text.h"

#include <gtest/gtest.h>
#include <random>

#include "base/text.h"
#include "base/yaml.h"

namespace nw {
namespace {

// Read back as an item, a value and a key, also in a flow list.
void expect_same(const std::string& text) {
  const std::string written = yaml_text(text);
  Diagnostics diagnostics;
  const auto documents = parse_yaml(
      "a:\n  - " + written + "\nb: " + written + " # c\n" + written + ": [x, " + written + "]\n", "t", diagnostics);
  ASSERT_EQ(documents.size(), 1U) << written << ' ' << diagnostics.to_string();
  const YamlNode& root = documents[0];
  ASSERT_EQ(root.members.size(), 3U) << written;
  for (const YamlNode* node : {&root.members[0].second.items[0], &root.members[1].second, &root.members[2].first,
                               &root.members[2].second.items[1]}) {
    EXPECT_EQ(node->kind, YamlNode::Kind::scalar) << written;
    EXPECT_EQ(node->scalar, text) << written;
    EXPECT_FALSE(node->as_bool()) << written;
    EXPECT_FALSE(node->as_real()) << written;
  }
}

TEST(YamlText, IsReadBackAsTheSameText) {
  for (const char* text : {"",
                           "no",
                           "NO",
                           "y",
                           "null",
                           "~",
                           "1e3",
                           "0x10",
                           "1.5",
                           ".inf",
                           "- a",
                           "-",
                           "a: b",
                           "a:",
                           ": a",
                           "#a",
                           "a #b",
                           " a",
                           "a ",
                           "'a'",
                           "\"a\"",
                           "a\"b",
                           "a\\b",
                           "{a",
                           "[a]",
                           "a, b",
                           "&a",
                           "*a",
                           "!a",
                           "|",
                           ">",
                           "%a",
                           "@a",
                           "`a",
                           "?",
                           "? a",
                           "---",
                           "...",
                           "<<",
                           "=",
                           "true",
                           "2026-01-01",
                           "12:30:45",
                           "a\nb",
                           "a\tb",
                           "192.0.2.0/24",
                           "192.0.2",
                           "10.0",
                           "2001:db8::/32",
                           "water.supply",
                           "Wasserwerk S\xC3\xBC"
                           "d",
                           "e1",
                           "x",
                           "a/b-c_d.e",
                           "1.2.3.4."})
    expect_same(text);
}

TEST(YamlText, LeavesPlainWhatIsPlain) {
  EXPECT_EQ(yaml_text("water.supply"), "water.supply");
  EXPECT_EQ(yaml_text("192.0.2.0/24"), "192.0.2.0/24");
  EXPECT_EQ(yaml_text("2001:db8::/32"), "\"2001:db8::/32\"");
  EXPECT_EQ(yaml_text("No"), "\"No\"");
  EXPECT_EQ(yaml_text("a b"), "\"a b\"");
  EXPECT_EQ(yaml_comment("a\nb: \x01"), "a\\x0ab: \\x01");
}

TEST(YamlText, OfAnyAsciiText) {
  std::mt19937 random{20261130};
  for (int i = 0; i < 3000; ++i) {
    std::string text(random() % 8, ' ');
    for (char& c : text) c = static_cast<char>(1 + random() % 126);
    SCOPED_TRACE(printable(text));
    expect_same(text);
  }
}

}  // namespace
}  // namespace nw
