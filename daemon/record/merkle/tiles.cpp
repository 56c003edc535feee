#include "record/merkle/tiles.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/byte_reader.h"
#include "base/check.h"
#include "base/text.h"

namespace nw::merkle {
namespace {

constexpr std::string_view kPrefix = "tile/";
constexpr std::string_view kEntries = "entries";

// Hashes at a tile level of a tree of `size`: the complete nodes of that level.
std::uint64_t hashes_at(unsigned level, std::uint64_t size) {
  return level * kTileLevels >= 64 ? 0 : size >> level * kTileLevels;
}

std::string index_and_width(std::uint64_t index, unsigned width) {
  std::string out;
  for (bool last = true; last || index > 0; index /= 1000, last = false) {
    const std::string digits = std::to_string(1000 + index % 1000).substr(1);
    out.insert(0, last ? digits : "x" + digits + "/");
  }
  if (width < kTileWidth) out += ".p/" + std::to_string(width);
  return out;
}

// Decimal without leading zeros, at most `most`.
std::optional<unsigned> small_number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

Error bad_path(std::string_view path, const char* what) {
  return {Errc::malformed, "tile path '" + printable(path) + "': " + what};
}

// "x001/x234/067": nothing unless it is the one spelling of a number up to kTreeSizeMax.
std::optional<std::uint64_t> index_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto groups = split(text, '/');
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::string_view digits = groups[i];
    const bool last = i + 1 == groups.size();
    if (!last) {
      if (!digits.starts_with('x')) return std::nullopt;
      digits.remove_prefix(1);
    }
    if (digits.size() != 3 || !std::all_of(digits.begin(), digits.end(), ascii_digit)) return std::nullopt;
    if (i == 0 && !last && digits == "000") return std::nullopt;
    if (value > kTreeSizeMax / 1000) return std::nullopt;
    value *= 1000;
    for (std::uint64_t place = 100; const char digit : digits) {
      value += place * static_cast<std::uint64_t>(digit - '0');
      place /= 10;
    }
  }
  return value > kTreeSizeMax ? std::nullopt : std::optional{value};
}

}  // namespace

std::string tile_path(const Tile& tile) {
  NW_CHECK(tile.level <= kTileLevelMax && tile.width >= 1 && tile.width <= kTileWidth);
  return std::string{kPrefix} + std::to_string(tile.level) + "/" + index_and_width(tile.index, tile.width);
}

std::string bundle_path(std::uint64_t index, unsigned width) {
  NW_CHECK(width >= 1 && width <= kTileWidth);
  return std::string{kPrefix} + std::string{kEntries} + "/" + index_and_width(index, width);
}

Result<TilePath> parse_tile_path(std::string_view path) {
  std::string_view rest = path;
  if (!rest.starts_with(kPrefix)) return bad_path(path, "does not begin with tile/");
  rest.remove_prefix(kPrefix.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return bad_path(path, "has no index");
  TilePath out;
  const std::string_view level = rest.substr(0, slash);
  out.entries = level == kEntries;
  if (!out.entries) {
    const auto number = small_number(level, kTileLevelMax);
    if (!number) return bad_path(path, "the level is 0 to 63, without leading zeros, or 'entries'");
    out.tile.level = *number;
  }
  rest.remove_prefix(slash + 1);
  constexpr std::string_view kPartial = ".p/";
  if (const std::size_t partial = rest.find(kPartial); partial != std::string_view::npos) {
    const auto width = small_number(rest.substr(partial + kPartial.size()), kTileWidth - 1);
    if (!width || *width == 0) return bad_path(path, "a partial tile's width is 1 to 255, without leading zeros");
    out.tile.width = *width;
    rest = rest.substr(0, partial);
  }
  const auto index = index_of(rest);
  if (!index) return bad_path(path, "the index is groups of three digits, as in x001/x234/067");
  out.tile.index = *index;
  return out;
}

std::uint64_t full_tiles(unsigned level, std::uint64_t size) { return hashes_at(level, size) / kTileWidth; }
unsigned partial_width(unsigned level, std::uint64_t size) {
  return static_cast<unsigned>(hashes_at(level, size) % kTileWidth);
}

Result<std::vector<Tile>> new_tiles(std::uint64_t from, std::uint64_t to) {
  if (to < from || to > kTreeSizeMax)
    return Error{Errc::invalid_argument,
                 "a tree does not grow from " + std::to_string(from) + " to " + std::to_string(to) + " entries"};
  std::vector<Tile> out;
  for (unsigned level = 0; hashes_at(level, to) > 0; ++level) {
    const std::uint64_t before = hashes_at(level, from), now = hashes_at(level, to);
    if (before == now) break;  // nor has a higher level changed
    const std::uint64_t first = before / kTileWidth, last = (now - 1) / kTileWidth;
    if (last - first >= kNewTilesMax - out.size())
      return Error{Errc::full, "growing from " + std::to_string(from) + " to " + std::to_string(to) +
                                   " entries at once would write over " + std::to_string(kNewTilesMax) +
                                   " tiles; grow in steps"};
    for (std::uint64_t index = first; index <= last; ++index) {
      const std::uint64_t width = std::min<std::uint64_t>(kTileWidth, now - index * kTileWidth);
      out.push_back(Tile{level, index, static_cast<unsigned>(width)});
    }
  }
  return out;
}

namespace {

// Where a node stands in its tile: its hashes at the tile's own level.
struct Place {
  Tile tile;  // as narrow as can be
  std::size_t first = 0, count = 1;
};

// `node` is one of a tree that is not too large.
Place place_of(NodeId node) {
  const unsigned inside = node.level % kTileLevels;
  const std::uint64_t first = node.index << inside;
  Place out;
  out.count = std::size_t{1} << inside;
  out.first = static_cast<std::size_t>(first % kTileWidth);
  out.tile = Tile{node.level / kTileLevels, first / kTileWidth, static_cast<unsigned>(out.first + out.count)};
  return out;
}

bool complete_in(NodeId node, std::uint64_t size) {
  return size <= kTreeSizeMax && node.level < 63 && node.index < size >> node.level;
}

}  // namespace

Result<Tile> tile_of(NodeId node, std::uint64_t size) {
  if (!complete_in(node, size))
    return Error{Errc::invalid_argument, "node " + std::to_string(node.index) + " of level " +
                                             std::to_string(node.level) + " is not complete in a tree of " +
                                             std::to_string(size) + " entries"};
  Tile tile = place_of(node).tile;
  const std::uint64_t behind = hashes_at(tile.level, size) - tile.index * kTileWidth;
  tile.width = static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, behind));
  return tile;
}

Result<Hash> node_from_tile(NodeId node, const Tile& tile, std::string_view bytes) {
  if (tile.width > kTileWidth || bytes.size() != tile.width * kHashBytes)
    return Error{Errc::malformed, tile_path(tile) + ": has " + std::to_string(bytes.size()) + " bytes instead of " +
                                      std::to_string(tile.width * kHashBytes)};
  if (!complete_in(node, kTreeSizeMax))
    return Error{Errc::invalid_argument,
                 "no tree has a node " + std::to_string(node.index) + " of level " + std::to_string(node.level)};
  const Place place = place_of(node);
  if (place.tile.level != tile.level || place.tile.index != tile.index || place.tile.width > tile.width)
    return Error{Errc::invalid_argument, "node " + std::to_string(node.index) + " of level " +
                                             std::to_string(node.level) + " is in " + tile_path(place.tile) +
                                             ", not in " + tile_path(tile)};
  std::vector<Hash> hashes(place.count);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const std::string_view hash = bytes.substr((place.first + i) * kHashBytes, kHashBytes);
    std::copy(hash.begin(), hash.end(), hashes[i].begin());
  }
  for (; hashes.size() > 1; hashes.resize(hashes.size() / 2))
    for (std::size_t i = 0; i < hashes.size() / 2; ++i) hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
  return hashes.front();
}

Result<Hash> node_from_tiles(NodeId node, std::uint64_t size, TileSource tiles) {
  const auto tile = tile_of(node, size);
  if (!tile) return tile.error();
  const auto bytes = tiles(*tile);
  if (!bytes) return bytes.error();
  return node_from_tile(node, *tile, *bytes);
}

Result<> append_to_bundle(std::string& bundle, std::string_view entry) {
  if (entry.size() > kBundleEntryBytesMax)
    return Error{Errc::invalid_argument,
                 "an entry has at most 65535 bytes, this one has " + std::to_string(entry.size())};
  bundle += static_cast<char>(entry.size() >> 8U);
  bundle += static_cast<char>(entry.size() & 0xffU);
  bundle += entry;
  return {};
}

Result<std::vector<std::string_view>> parse_bundle(std::string_view bytes, unsigned width) {
  if (width < 1 || width > kTileWidth)
    return Error{Errc::invalid_argument, "a bundle has 1 to 256 entries, not " + std::to_string(width)};
  std::vector<std::string_view> out;
  ByteReader reader{Bytes{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}};
  while (out.size() < width) {
    const Bytes entry = reader.bytes(reader.u16be());
    if (!reader.ok())
      return Error{Errc::malformed,
                   "the bundle ends within entry " + std::to_string(out.size()) + " of " + std::to_string(width)};
    out.push_back(entry.empty() ? std::string_view{}
                                : std::string_view{reinterpret_cast<const char*>(entry.data()), entry.size()});
  }
  if (!reader.empty())
    return Error{Errc::malformed, "the bundle has " + std::to_string(reader.rest().size()) + " bytes behind its " +
                                      std::to_string(width) + " entries"};
  return out;
}

}  // namespace nw::merkle
