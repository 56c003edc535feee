#include "record/merkle/hash.h"

#include <bit>
#include <gtest/gtest.h>
#include <map>

#include "record/merkle/base64.h"
#include "unit/record/merkle/support.h"

namespace nw::merkle {
namespace {

using test::MemoryTree;
using test::unhex;

TEST(MerkleHash, PublishedVectors) {
  EXPECT_EQ(to_hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(leaf_hash("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(to_hex(leaf_hash("L123456")), "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  EXPECT_EQ(to_base64(leaf_hash("hello world")), "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=");  // x/mod's tlog
  // The vector's two sides have four bytes each, which no node of a tree has.
  EXPECT_EQ(to_hex(sha256("\1N123N456")), "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2
  const Hash a = leaf_hash("a"), b = leaf_hash("b");
  EXPECT_EQ(node_hash(a, b), sha256("\1" + std::string{as_text(a)} + std::string{as_text(b)}));
  EXPECT_NE(node_hash(a, b), node_hash(b, a));
}

// The tree of Certificate Transparency's own tests.
TEST(MerkleHash, ReferenceTree) {
  static constexpr struct {
    const char* leaf;
    const char* root;
  } kCases[] = {
      {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
      {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
      {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
      {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
      {"606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
  };
  CompactRange range;
  EXPECT_EQ(range.root(), empty_root());
  for (const auto& c : kCases) {
    range.append(leaf_hash(unhex(c.leaf)));
    EXPECT_EQ(to_hex(range.root()), c.root) << range.size();
  }
}

TEST(MerkleHash, WorkedExample) {
  CompactRange range;
  for (std::size_t i = 0; i < test::kEntries.size(); ++i) {
    EXPECT_EQ(to_hex(leaf_hash(test::kEntries[i])), test::kLeaves[i]);
    range.append(leaf_hash(test::kEntries[i]));
    EXPECT_EQ(to_hex(range.root()), test::kRoots[i]);
  }
}

TEST(MerkleHash, FromBytesAndBase64) {
  const Hash hash = leaf_hash("x");
  EXPECT_EQ(*hash_from_bytes(as_text(hash)), hash);
  EXPECT_EQ(*hash_from_base64(to_base64(hash)), hash);
  for (const std::size_t size : {0U, 31U, 33U, 64U}) {
    EXPECT_FALSE(hash_from_bytes(std::string(size, 'x'))) << size;
    EXPECT_FALSE(hash_from_base64(encode_base64(std::string(size, 'x')))) << size;
  }
  EXPECT_FALSE(hash_from_base64("not Base64"));
}

TEST(CompactRange, IsTheDefinitionAtEverySize) {
  const MemoryTree tree = MemoryTree::numbered(300);
  CompactRange range;
  for (std::size_t size = 0; size < 300; ++size) {
    ASSERT_EQ(range.size(), size);
    ASSERT_EQ(range.root(), tree.root(size)) << size;
    ASSERT_EQ(range.peaks().size(), static_cast<std::size_t>(std::popcount(size)));
    range.append(tree.leaves()[size]);
  }
}

// Each complete node of the tree is told once, with the hash that the definition gives.
TEST(CompactRange, TellsEveryNode) {
  const MemoryTree tree = MemoryTree::numbered(100);
  std::map<std::pair<unsigned, std::uint64_t>, Hash> nodes;
  CompactRange range;
  for (const Hash& leaf : tree.leaves())
    range.append(leaf, [&](NodeId node, const Hash& hash) {
      EXPECT_TRUE(nodes.emplace(std::pair{node.level, node.index}, hash).second);
    });
  std::size_t complete = 0;
  for (unsigned level = 0; level < 7; ++level) complete += 100U >> level;
  EXPECT_EQ(nodes.size(), complete);
  for (const auto& [node, hash] : nodes) EXPECT_EQ(hash, *tree(NodeId{node.first, node.second}));
}

TEST(CompactRange, SavesAndRestores) {
  CompactRange range;
  for (int i = 0; i < 70; ++i) {
    const auto again = CompactRange::restore(range.save());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->size(), range.size());
    CompactRange copy = *again;
    copy.append(leaf_hash("next"));
    range.append(leaf_hash("next"));
    EXPECT_EQ(copy.root(), range.root());
  }
}

TEST(CompactRange, RestoresNothingElse) {
  CompactRange range;
  for (int i = 0; i < 7; ++i) range.append(leaf_hash("x"));
  const std::string saved = range.save();
  ASSERT_EQ(saved.size(), 8U + 3 * 32);
  for (std::size_t size = 0; size < saved.size(); ++size) EXPECT_FALSE(CompactRange::restore(saved.substr(0, size)));
  EXPECT_FALSE(CompactRange::restore(saved + "x"));
  std::string other = saved;
  other[7] = 8;  // one peak only
  EXPECT_FALSE(CompactRange::restore(other));
  EXPECT_FALSE(CompactRange::restore("\x80" + std::string(7, '\0') + std::string(32, 'x')));  // 2^63
}

TEST(MerkleBase64, Rfc4648) {
  static constexpr struct {
    const char* bytes;
    const char* text;
  } kCases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(encode_base64(c.bytes), c.text);
    EXPECT_EQ(decode_base64(c.text), c.bytes);
  }
  EXPECT_EQ(encode_base64("\xfb\xff\xfe"), "+//+");
}

TEST(MerkleBase64, Refuses) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zm9vZg", "Zg==Zg==", "Z===", "====", "Zm8=\n", "Zm 8", "Zm9-", "Zm9_",
                           "Zh==", "Zm9=", "=Zm9", "Z=m9"})
    EXPECT_FALSE(decode_base64(text)) << text;
}

}  // namespace
}  // namespace nw::merkle
