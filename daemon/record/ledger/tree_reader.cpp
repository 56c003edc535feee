// Reading a tree beside its writer. What a head covers never changes; only the partial tiles of the last head come and
// go, so a reader that misses one looks again which head is the last.
#include <algorithm>
#include <map>
#include <utility>

#include "record/ledger/tree_files.h"

namespace nw::record {

using merkle::kTileLevels;
using merkle::kTileWidth;
using merkle::Tile;

namespace {

// Heads come once a second at the most, so a second look suffices; more are for a machine that stood still.
constexpr int kLooks = 8;

std::string path_of(bool entries, const Tile& tile) {
  return entries ? merkle::bundle_path(tile.index, tile.width) : merkle::tile_path(tile);
}

// The first `width` of a bundle's entries, as they lie there.
Result<std::string> first_entries(std::string bytes, unsigned has, unsigned width, const std::string& name) {
  if (has == width) return bytes;
  const auto entries = merkle::parse_bundle(bytes, has);
  if (!entries) return Error{Errc::malformed, name + ": " + entries.error().what};
  std::string out;
  for (unsigned i = 0; i < width; ++i)
    if (auto added = merkle::append_to_bundle(out, (*entries)[i]); !added) return added.error();
  return out;
}

}  // namespace

// A tile or bundle as it is on disk.
struct TreeReader::Wide {
  Tile tile;
  std::string name, bytes;
};

Result<TreeReader> TreeReader::open(const std::filesystem::path& directory) {
  TreeReader reader{tree_folder(directory)};
  const auto head = read_head(system_files(), checkpoint_file(reader.directory_));
  if (!head) return head.error();
  return reader;
}

Result<merkle::Note> TreeReader::checkpoint() const {
  auto head = read_head(system_files(), checkpoint_file(directory_));
  if (!head) return head.error();
  return std::move(head->note);
}

Result<std::vector<std::uint64_t>> TreeReader::heads() const { return kept_heads(directory_); }

Result<merkle::Note> TreeReader::head(std::uint64_t size) const {
  const auto file = kept_head_file(directory_, size);
  auto head = read_head(system_files(), file);
  if (!head) return head.error();
  if (head->checkpoint.head.size != size)
    return Error{Errc::malformed, file.string() + ": is the head of " + std::to_string(head->checkpoint.head.size) +
                                      " entries, not of those in its name"};
  return std::move(head->note);
}

// With at least `least` entries of it.
Result<TreeReader::Wide> TreeReader::widest(bool entries, unsigned level, std::uint64_t index, unsigned least) const {
  FileOps& files = system_files();
  std::string missing;
  for (int look = 0; look < kLooks; ++look) {
    const auto head = read_head(files, checkpoint_file(directory_));
    if (!head) return head.error();
    const std::uint64_t size = head->checkpoint.head.size;
    const std::uint64_t hashes = level * kTileLevels < 64 ? size >> level * kTileLevels : 0;
    const std::uint64_t behind = index <= hashes / kTileWidth ? hashes - index * kTileWidth : 0;
    Wide out{Tile{level, index, static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, behind))}, {}, {}};
    if (out.tile.width < least)
      return Error{Errc::not_found, path_of(entries, Tile{level, index, least}) + ": is not covered by the head of " +
                                        std::to_string(size) + " entries"};
    const auto file = directory_ / path_of(entries, out.tile);
    out.name = file.string();
    if (out.name == missing) break;  // the head has not moved: it is really not there
    auto bytes = read_file(files, file, entries ? kBundleBytesMax : merkle::kTileBytesMax);
    if (!bytes && bytes.error().code == Errc::not_found) {
      missing = out.name;
      continue;
    }
    if (!bytes) return bytes.error();
    if (!entries && bytes->size() != out.tile.width * merkle::kHashBytes)
      return Error{Errc::malformed, out.name + ": has " + std::to_string(bytes->size()) + " bytes instead of " +
                                        std::to_string(out.tile.width * merkle::kHashBytes)};
    out.bytes = std::move(*bytes);
    return out;
  }
  return Error{Errc::not_found, missing + ": is missing, though the signed head covers it"};
}

Result<std::string> TreeReader::file(std::string_view path) const {
  if (path == "checkpoint") return read_file(system_files(), checkpoint_file(directory_), merkle::kNoteBytesMax);
  const auto wanted = merkle::parse_tile_path(path);
  if (!wanted) return wanted.error();
  auto wide = widest(wanted->entries, wanted->tile.level, wanted->tile.index, wanted->tile.width);
  if (!wide) return wide.error();
  if (wanted->entries) return first_entries(std::move(wide->bytes), wide->tile.width, wanted->tile.width, wide->name);
  wide->bytes.resize(wanted->tile.width * merkle::kHashBytes);
  return std::move(wide->bytes);
}

Result<> TreeReader::covers(std::uint64_t size) const {
  const auto head = read_head(system_files(), checkpoint_file(directory_));
  if (!head) return head.error();
  if (size <= head->checkpoint.head.size) return {};
  return Error{Errc::invalid_argument, "no signed head covers " + std::to_string(size) + " entries yet; the last has " +
                                           std::to_string(head->checkpoint.head.size)};
}

// The nodes of one proof; a tile is read once for all that are in it.
class TreeReader::Nodes {
 public:
  Nodes(const TreeReader& reader, std::uint64_t size) : reader_{reader}, size_{size} {}
  Result<merkle::Hash> operator()(merkle::NodeId node) {
    const auto tile = merkle::tile_of(node, size_);
    if (!tile) return tile.error();
    auto at = read_.find({tile->level, tile->index});
    if (at == read_.end()) {
      auto wide = reader_.widest(false, tile->level, tile->index, tile->width);
      if (!wide) return wide.error();
      at = read_.emplace(std::pair{tile->level, tile->index}, std::move(*wide)).first;
    }
    return merkle::node_from_tile(node, at->second.tile, at->second.bytes);
  }

 private:
  const TreeReader& reader_;
  std::uint64_t size_;
  std::map<std::pair<unsigned, std::uint64_t>, Wide> read_;
};

Result<merkle::Proof> TreeReader::inclusion(std::uint64_t index, std::uint64_t size) const {
  if (auto covered = covers(size); !covered) return covered.error();
  Nodes nodes{*this, size};
  return merkle::inclusion_proof(index, size, nodes);
}

Result<merkle::Proof> TreeReader::consistency(std::uint64_t old_size, std::uint64_t size) const {
  if (auto covered = covers(size); !covered) return covered.error();
  Nodes nodes{*this, size};
  return merkle::consistency_proof(old_size, size, nodes);
}

Result<std::string> TreeReader::entry(std::uint64_t index, std::uint64_t size) const {
  if (index >= size)
    return Error{Errc::invalid_argument,
                 "entry " + std::to_string(index) + " is not in a tree of " + std::to_string(size) + " entries"};
  if (auto covered = covers(size); !covered) return covered.error();
  const auto at = static_cast<unsigned>(index % kTileWidth);
  const auto wide = widest(true, 0, index / kTileWidth, at + 1);
  if (!wide) return wide.error();
  const auto entries = merkle::parse_bundle(wide->bytes, wide->tile.width);
  if (!entries) return Error{Errc::malformed, wide->name + ": " + entries.error().what};
  return std::string{(*entries)[at]};
}

}  // namespace nw::record
