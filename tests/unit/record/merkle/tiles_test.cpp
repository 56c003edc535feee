#include "record/merkle/tiles.h"

#include <gtest/gtest.h>
#include <map>

#include "unit/record/merkle/support.h"

namespace nw::merkle {
namespace {

using test::MemoryTree;

TEST(Tiles, Paths) {
  static constexpr struct {
    Tile tile;
    const char* path;
  } kCases[] = {
      {{0, 0, 256}, "tile/0/000"},
      {{0, 999, 256}, "tile/0/999"},
      {{1, 1000, 256}, "tile/1/x001/000"},
      {{0, 1'234'067, 256}, "tile/0/x001/x234/067"},
      {{2, 1'234'067, 1}, "tile/2/x001/x234/067.p/1"},
      {{63, 5, 255}, "tile/63/005.p/255"},
      {{0, kTreeSizeMax, 256}, "tile/0/x009/x223/x372/x036/x854/x775/807"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(tile_path(c.tile), c.path);
    const auto parsed = parse_tile_path(c.path);
    ASSERT_TRUE(parsed) << c.path;
    EXPECT_FALSE(parsed->entries);
    EXPECT_EQ(parsed->tile, c.tile) << c.path;
  }
  EXPECT_EQ(bundle_path(1'234'067), "tile/entries/x001/x234/067");
  EXPECT_EQ(bundle_path(0, 5), "tile/entries/000.p/5");
  const auto bundle = parse_tile_path("tile/entries/000.p/5");
  ASSERT_TRUE(bundle);
  EXPECT_TRUE(bundle->entries);
  EXPECT_EQ(bundle->tile, (Tile{0, 0, 5}));
}

TEST(Tiles, RefusesPaths) {
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "/tile/0/000",
                           "tile/8/0/000",
                           "tile/64/000",
                           "tile/00/000",
                           "tile/-1/000",
                           "tile/+1/000",
                           "tile/x/000",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/00a",
                           "tile/0/x000",
                           "tile/0/x000/001",
                           "tile/0/001/002",
                           "tile/0/x001",
                           "tile/0/x001/x002",
                           "tile/0/X001/002",
                           "tile/0/x01/002",
                           "tile/0/000.p",
                           "tile/0/000.p/",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/-1",
                           "tile/0/000.p/1/",
                           "tile/0/000.p/1.p/1",
                           "tile/0/000/",
                           "tile/0//000",
                           "tile/entries/",
                           "tile/data/000",
                           "tile/0/000 ",
                           "tile/0/x009/x223/x372/x036/x854/x775/808",
                           "tile/0/x999/x999/x999/x999/x999/x999/999",
                           "tile/0/x001/x000/x000/x000/x000/x000/x000/x000/x000/000",
                           "tile/0/../000"}) {
    const auto parsed = parse_tile_path(path);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().what.find("tile path '"), 0U);
  }
}

TEST(Tiles, WidthsOfTheSpecification) {
  EXPECT_EQ(full_tiles(0, 70'000), 273U);
  EXPECT_EQ(partial_width(0, 70'000), 112U);
  EXPECT_EQ(full_tiles(1, 70'000), 1U);
  EXPECT_EQ(partial_width(1, 70'000), 17U);
  EXPECT_EQ(full_tiles(2, 70'000), 0U);
  EXPECT_EQ(partial_width(2, 70'000), 1U);
  EXPECT_EQ(partial_width(3, 70'000), 0U);
  EXPECT_EQ(full_tiles(0, 256), 1U);
  EXPECT_EQ(partial_width(0, 256), 0U);
  EXPECT_EQ(partial_width(1, 256), 1U);
  EXPECT_EQ(full_tiles(8, kTreeSizeMax), 0U);
  EXPECT_EQ(partial_width(63, kTreeSizeMax), 0U);
  EXPECT_EQ(partial_width(7, kTreeSizeMax), 127U);
}

TEST(Tiles, NewTiles) {
  using List = std::vector<Tile>;
  EXPECT_EQ(*new_tiles(0, 0), List{});
  EXPECT_EQ(*new_tiles(5, 5), List{});
  EXPECT_EQ(*new_tiles(0, 5), (List{{0, 0, 5}}));
  EXPECT_EQ(*new_tiles(5, 6), (List{{0, 0, 6}}));
  EXPECT_EQ(*new_tiles(255, 256), (List{{0, 0, 256}, {1, 0, 1}}));
  EXPECT_EQ(*new_tiles(256, 257), (List{{0, 1, 1}}));
  EXPECT_EQ(*new_tiles(255, 513), (List{{0, 0, 256}, {0, 1, 256}, {0, 2, 1}, {1, 0, 2}}));
  EXPECT_EQ(*new_tiles(65'535, 65'536), (List{{0, 255, 256}, {1, 0, 256}, {2, 0, 1}}));
  EXPECT_EQ(new_tiles(0, 70'000)->size(), 274U + 2 + 1);
  EXPECT_EQ(new_tiles(6, 5).error().code, Errc::invalid_argument);
  EXPECT_EQ(new_tiles(0, kTreeSizeMax + 1).error().code, Errc::invalid_argument);
  EXPECT_EQ(new_tiles(0, kTreeSizeMax).error().code, Errc::full);
  EXPECT_EQ(new_tiles(kTreeSizeMax - 1, kTreeSizeMax)->size(), 1U);
  // The bound itself.
  const std::uint64_t most = std::uint64_t{kNewTilesMax - kNewTilesMax / 256 - 64} * 256;
  EXPECT_LE(new_tiles(0, most)->size(), kNewTilesMax);
  EXPECT_EQ(new_tiles(0, std::uint64_t{kNewTilesMax} * 256 + 1).error().code, Errc::full);
}

// Writes the tiles of a tree that grows in uneven steps, as a log does: from the nodes that CompactRange tells.
class TileStore {
 public:
  void grow(std::size_t to) {
    const std::uint64_t from = range_.size();
    while (range_.size() < to)
      range_.append(leaf_hash("entry " + std::to_string(range_.size())), [&](NodeId node, const Hash& hash) {
        if (node.level % kTileLevels == 0) hashes_[node.level / kTileLevels] += as_text(hash);
      });
    const auto tiles = new_tiles(from, to);
    for (const Tile& tile : *tiles) {
      const std::string& level = hashes_[tile.level];
      tiles_[tile_path(tile)] = level.substr(tile.index * kTileBytesMax, tile.width * kHashBytes);
    }
  }
  Result<std::string_view> operator()(const Tile& tile) const {
    const auto found = tiles_.find(tile_path(tile));
    if (found == tiles_.end()) return Error{Errc::not_found, tile_path(tile) + " was never written"};
    return std::string_view{found->second};
  }
  [[nodiscard]] Hash root() const { return range_.root(); }
  [[nodiscard]] std::map<std::string, std::string>& files() { return tiles_; }

 private:
  CompactRange range_;
  std::map<unsigned, std::string> hashes_;
  std::map<std::string, std::string> tiles_;
};

TEST(Tiles, EveryNodeAndProofOutOfTiles) {
  TileStore store;
  const MemoryTree tree = MemoryTree::numbered(1'300);
  for (const std::size_t size : {1U, 2U, 5U, 200U, 255U, 256U, 257U, 511U, 512U, 700U, 1'024U, 1'300U}) {
    store.grow(size);
    const auto nodes = [&](NodeId node) { return node_from_tiles(node, size, store); };
    ASSERT_EQ(*root_of(size, nodes), store.root()) << size;
    for (unsigned level = 0; size >> level > 0; ++level)
      for (const std::size_t index : {std::size_t{0}, (size >> level) / 2, (size >> level) - 1}) {
        const auto got = nodes(NodeId{level, index});
        ASSERT_TRUE(got) << got.error().what;
        ASSERT_EQ(*got, *tree(NodeId{level, index})) << level << "/" << index << " of " << size;
      }
    for (const std::size_t index : {std::size_t{0}, size / 3, size - 1}) {
      const auto proof = inclusion_proof(index, size, nodes);
      ASSERT_TRUE(proof);
      EXPECT_TRUE(verify_inclusion(index, size, tree.leaves()[index], *proof, store.root()));
      const auto longer = consistency_proof(index + 1, size, nodes);
      ASSERT_TRUE(longer);
      EXPECT_TRUE(verify_consistency({index + 1, tree.root(index + 1)}, {size, store.root()}, *longer));
    }
  }
}

// 70,000 leaves: three levels of tiles.
TEST(Tiles, ThreeLevels) {
  TileStore store;
  store.grow(70'000);
  ASSERT_EQ(store.files().size(), 277U);
  EXPECT_TRUE(store.files().contains("tile/2/000.p/1"));
  EXPECT_TRUE(store.files().contains("tile/1/001.p/17"));
  EXPECT_TRUE(store.files().contains("tile/0/273.p/112"));
  const auto nodes = [&](NodeId node) { return node_from_tiles(node, 70'000, store); };
  EXPECT_EQ(*root_of(70'000, nodes), store.root());
  const auto proof = inclusion_proof(12'345, 70'000, nodes);
  ASSERT_TRUE(proof);
  EXPECT_TRUE(verify_inclusion(12'345, 70'000, leaf_hash("entry 12345"), *proof, store.root()));
  store.files()["tile/0/048"][57 * kHashBytes] ^= 1;  // the entry's own hash: 48 * 256 + 57
  EXPECT_NE(*node_from_tiles(NodeId{0, 12'345}, 70'000, store), leaf_hash("entry 12345"));
}

TEST(Tiles, RefusesNodesAndBytes) {
  EXPECT_EQ(tile_of(NodeId{0, 5}, 5).error().code, Errc::invalid_argument);
  EXPECT_EQ(tile_of(NodeId{3, 0}, 7).error().code, Errc::invalid_argument);
  EXPECT_EQ(tile_of(NodeId{63, 0}, kTreeSizeMax).error().code, Errc::invalid_argument);
  EXPECT_EQ(tile_of(NodeId{200, 0}, kTreeSizeMax).error().code, Errc::invalid_argument);
  EXPECT_EQ(*tile_of(NodeId{3, 0}, 8), (Tile{0, 0, 8}));
  EXPECT_EQ(*tile_of(NodeId{8, 0}, 300), (Tile{1, 0, 1}));
  EXPECT_EQ(*tile_of(NodeId{0, 299}, 300), (Tile{0, 1, 44}));
  const std::string five(5 * kHashBytes, 'x');
  EXPECT_TRUE(node_from_tile(NodeId{0, 4}, Tile{0, 0, 5}, five));
  EXPECT_EQ(node_from_tile(NodeId{0, 5}, Tile{0, 0, 5}, five).error().code, Errc::invalid_argument);
  EXPECT_EQ(node_from_tile(NodeId{0, 256}, Tile{0, 0, 5}, five).error().code, Errc::invalid_argument);
  EXPECT_EQ(node_from_tile(NodeId{8, 0}, Tile{0, 0, 5}, five).error().code, Errc::invalid_argument);
  EXPECT_EQ(node_from_tile(NodeId{90, 0}, Tile{0, 0, 5}, five).error().code, Errc::invalid_argument);
  EXPECT_EQ(node_from_tile(NodeId{0, 4}, Tile{0, 0, 5}, five.substr(1)).error().code, Errc::malformed);
  EXPECT_EQ(node_from_tile(NodeId{0, 4}, Tile{0, 0, 5}, five + "x").error().code, Errc::malformed);
  EXPECT_EQ(node_from_tile(NodeId{0, 4}, Tile{0, 0, 256}, five).error().code, Errc::malformed);
}

TEST(Bundles, WorkedExample) {
  std::string bundle, tile;
  for (const std::string& entry : test::kEntries) {
    ASSERT_TRUE(append_to_bundle(bundle, entry));
    tile += as_text(leaf_hash(entry));
  }
  EXPECT_EQ(bundle.size(), 489U);
  EXPECT_EQ(bundle.substr(0, 4), test::unhex("005c7b22"));
  EXPECT_EQ(to_hex(sha256(bundle)), "18180081bd99375d0c161e0cce48ff29d1b043b27d6393cab8c15ec6796291d6");
  EXPECT_EQ(tile.size(), 160U);
  const auto entries = parse_bundle(bundle, 5);
  ASSERT_TRUE(entries);
  EXPECT_TRUE(std::equal(entries->begin(), entries->end(), test::kEntries.begin(), test::kEntries.end()));
}

TEST(Bundles, Bounds) {
  std::string bundle;
  ASSERT_TRUE(append_to_bundle(bundle, ""));
  ASSERT_TRUE(append_to_bundle(bundle, std::string(kBundleEntryBytesMax, 'x')));
  const std::string before = bundle;
  EXPECT_EQ(append_to_bundle(bundle, std::string(kBundleEntryBytesMax + 1, 'x')).error().code, Errc::invalid_argument);
  EXPECT_EQ(bundle, before);
  const auto entries = parse_bundle(bundle, 2);
  ASSERT_TRUE(entries);
  EXPECT_EQ((*entries)[0], "");
  EXPECT_EQ((*entries)[1].size(), kBundleEntryBytesMax);
  EXPECT_EQ(parse_bundle(bundle, 0).error().code, Errc::invalid_argument);
  EXPECT_EQ(parse_bundle(bundle, 257).error().code, Errc::invalid_argument);
  EXPECT_EQ(parse_bundle(bundle, 1).error().code, Errc::malformed);
  EXPECT_EQ(parse_bundle(bundle, 3).error().code, Errc::malformed);
  EXPECT_EQ(parse_bundle(bundle + "x", 2).error().code, Errc::malformed);
}

TEST(Bundles, EveryPrefixIsRefused) {
  std::string bundle;
  for (const std::string& entry : test::kEntries) ASSERT_TRUE(append_to_bundle(bundle, entry));
  for (std::size_t size = 0; size < bundle.size(); ++size)
    EXPECT_FALSE(parse_bundle(bundle.substr(0, size), 5)) << size;
}

}  // namespace
}  // namespace nw::merkle
