// A tree and its entries as files that never change: C2SP tlog-tiles. (Go's sumdb has the tile's height as one more
// element of the path: tile/8/0/000; here it is always 8.)
//
//   tile/<L>/<N>[.p/<W>]         W hashes of level 8 * L, from the N * 256th on; a full tile has 256 and no .p
//   tile/entries/<N>[.p/<W>]     the entries of tile/0/<N>:   | length u16be | entry |   again and again
//
// N is written in groups of three digits, all but the last with an x before it: 1234067 is x001/x234/067.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"
#include "record/merkle/hash.h"

namespace nw::merkle {

constexpr unsigned kTileLevels = 8;  // levels of the tree in one tile
constexpr unsigned kTileWidth = 256;
constexpr unsigned kTileLevelMax = 63;  // of L, in a path
constexpr std::size_t kTileBytesMax = kTileWidth * kHashBytes;
constexpr std::size_t kBundleEntryBytesMax = 65'535;
constexpr std::size_t kNewTilesMax = std::size_t{1} << 20U;

struct Tile {
  unsigned level = 0;
  std::uint64_t index = 0;
  unsigned width = kTileWidth;  // 1 to 256; below 256 it is a partial one
  bool operator==(const Tile&) const = default;
};

std::string tile_path(const Tile& tile);
// The bundle of the entries whose hashes are in the tile of level 0 with this index and width.
std::string bundle_path(std::uint64_t index, unsigned width = kTileWidth);

struct TilePath {
  bool entries = false;  // a bundle; the tile's level is 0
  Tile tile;
};
// Takes what the two functions above write and nothing else; `malformed` says what is wrong.
Result<TilePath> parse_tile_path(std::string_view path);

// Full tiles of a level in a tree of `size`, and the hashes of the partial one behind them: 0 when there is none.
std::uint64_t full_tiles(unsigned level, std::uint64_t size);
unsigned partial_width(unsigned level, std::uint64_t size);

// The tiles that a tree has to write which grows from `from` to `to` entries, level by level: each that has more hashes
// now than it had. Bundles go with those of level 0. `invalid_argument` when to < from; `full` when there would be more
// than kNewTilesMax: grow in steps.
Result<std::vector<Tile>> new_tiles(std::uint64_t from, std::uint64_t to);

// The tile that has what is needed for the hash of a node, as wide as it is in a tree of `size`. `invalid_argument`
// when the node is not complete in that tree.
Result<Tile> tile_of(NodeId node, std::uint64_t size);
// The node's hash out of that tile, or a wider one. Between the tiles' own levels it is computed.
Result<Hash> node_from_tile(NodeId node, const Tile& tile, std::string_view bytes);
// Both: the bytes of a tile come from `tiles` and are borrowed until it is asked again.
using TileSource = FunctionRef<Result<std::string_view>(const Tile&)>;
Result<Hash> node_from_tiles(NodeId node, std::uint64_t size, TileSource tiles);

// One entry behind the others. `invalid_argument` when it is longer than 65,535 bytes; nothing is appended then.
Result<> append_to_bundle(std::string& bundle, std::string_view entry);
// The entries, which view `bytes`. `malformed` unless there are exactly `width` of them and nothing behind.
Result<std::vector<std::string_view>> parse_bundle(std::string_view bytes, unsigned width);

}  // namespace nw::merkle
