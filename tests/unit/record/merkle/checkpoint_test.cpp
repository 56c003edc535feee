#include "record/merkle/checkpoint.h"

#include <gtest/gtest.h>

#include "record/merkle/note.h"
#include "unit/record/merkle/support.h"

namespace nw::merkle {
namespace {

const std::string kRoot = "yI/czchxM0b3dpgINB9TH2OSOg+ChBOKHJpWGgd/YbI=";

TEST(Checkpoints, WorkedExample) {
  const auto tree = test::MemoryTree::worked();
  for (const auto& [note, size] : {std::pair{test::kCheckpoint5, 5U}, std::pair{test::kCheckpoint3, 3U}}) {
    const auto parsed = Note::parse(note);
    ASSERT_TRUE(parsed);
    const auto checkpoint = Checkpoint::parse(parsed->text);
    ASSERT_TRUE(checkpoint) << checkpoint.error().what;
    EXPECT_EQ(checkpoint->origin, test::kOrigin);
    EXPECT_EQ(checkpoint->head, (TreeHead{size, tree.root(size)}));
    EXPECT_TRUE(checkpoint->extensions.empty());
    EXPECT_EQ(*checkpoint->to_text(), parsed->text);
  }
}

TEST(Checkpoints, SpecificationsExample) {
  const auto checkpoint =
      Checkpoint::parse("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n");
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->head.size, 20'852'163U);
}

TEST(Checkpoints, Extensions) {
  const std::string text = "an origin with spaces+plus\n7\n" + kRoot + "\none\n\u00e9 two\n";
  const auto checkpoint = Checkpoint::parse(text);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->extensions, (std::vector<std::string>{"one", "\u00e9 two"}));
  EXPECT_EQ(*checkpoint->to_text(), text);
}

TEST(Checkpoints, EmptyTree) {
  const std::string empty = to_base64(empty_root());
  EXPECT_EQ(Checkpoint::parse("o\n0\n" + empty + "\n")->head, (TreeHead{0, empty_root()}));
  EXPECT_FALSE(Checkpoint::parse("o\n0\n" + kRoot + "\n"));
}

TEST(Checkpoints, Malformed) {
  const struct {
    const char* name;
    std::string text;
    const char* told;
  } kCases[] = {
      {"empty", "", "ends in a newline"},
      {"no final newline", "o\n5\n" + kRoot, "ends in a newline"},
      {"origin only", "o\n", "line 1: ends here"},
      {"no root", "o\n5\n", "line 2: ends here"},
      {"empty origin", "\n5\n" + kRoot + "\n", "line 1: the origin is empty"},
      {"empty size", "o\n\n" + kRoot + "\n", "line 2: the tree's size '' is no decimal"},
      {"leading zero", "o\n05\n" + kRoot + "\n", "line 2: the tree's size '05' has leading zeros"},
      {"two zeros", "o\n00\n" + kRoot + "\n", "line 2: the tree's size '00' has leading zeros"},
      {"plus", "o\n+5\n" + kRoot + "\n", "line 2: "},
      {"minus", "o\n-5\n" + kRoot + "\n", "line 2: "},
      {"space", "o\n5 \n" + kRoot + "\n", "line 2: "},
      {"hexadecimal", "o\n0x5\n" + kRoot + "\n", "line 2: "},
      {"2^63", "o\n9223372036854775808\n" + kRoot + "\n", "is over 2^63-1"},
      {"2^64 and more", "o\n99999999999999999999\n" + kRoot + "\n", "is over 2^63-1"},
      {"empty root", "o\n5\n\n", "line 3: the root: a SHA-256 hash has 32 bytes, this one has 0"},
      {"short root", "o\n5\nAAAA\n", "line 3: the root: a SHA-256 hash has 32 bytes, this one has 3"},
      {"root without padding", "o\n5\n" + kRoot.substr(0, 43) + "\n", "line 3: the root: no Base64"},
      {"root with spare bits", "o\n5\n" + kRoot.substr(0, 42) + "J=\n", "line 3: the root: no Base64"},
      {"space behind the root", "o\n5\n" + kRoot + " \n", "line 3: "},
      {"empty extension", "o\n5\n" + kRoot + "\n\n", "line 4: an extension line is empty"},
      {"empty extension in between", "o\n5\n" + kRoot + "\na\n\nb\n", "line 5: an extension line is empty"},
      {"carriage returns", "o\r\n5\r\n" + kRoot + "\r\n", "line 1: holds the control character \\x0d"},
  };
  for (const auto& c : kCases) {
    const auto parsed = Checkpoint::parse(c.text);
    ASSERT_FALSE(parsed) << c.name;
    EXPECT_EQ(parsed.error().code, Errc::malformed) << c.name;
    EXPECT_NE(parsed.error().what.find(c.told), std::string::npos) << c.name << ": " << parsed.error().what;
  }
}

TEST(Checkpoints, LargestSize) {
  EXPECT_EQ(Checkpoint::parse("o\n9223372036854775807\n" + kRoot + "\n")->head.size, kTreeSizeMax);
}

TEST(Checkpoints, WritesOnlyWhatCanBeRead) {
  const Checkpoint good{"o", {5, leaf_hash("x")}, {}};
  EXPECT_TRUE(good.to_text());
  for (const char* origin : {"", "a\nb", "a\x01", "\xff"}) {
    Checkpoint bad = good;
    bad.origin = origin;
    EXPECT_EQ(bad.to_text().error().code, Errc::invalid_argument) << origin;
  }
  for (const char* extension : {"", "a\nb", "a\x01", "\xff"}) {
    Checkpoint bad = good;
    bad.extensions = {extension};
    EXPECT_EQ(bad.to_text().error().code, Errc::invalid_argument) << extension;
  }
  Checkpoint bad = good;
  bad.head.size = kTreeSizeMax + 1;
  EXPECT_FALSE(bad.to_text());
  bad.head = {0, leaf_hash("x")};
  EXPECT_FALSE(bad.to_text());
  // An origin that would pass for other lines.
  bad = {"o\n4\n" + kRoot, {5, leaf_hash("x")}, {}};
  EXPECT_FALSE(bad.to_text());
}

}  // namespace
}  // namespace nw::merkle
