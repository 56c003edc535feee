// Paths of tiles, bundles, saved trees, and proofs over tiles that hold anything. The first byte says which, or how
// wide.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "record/merkle/proofs.h"
#include "record/merkle/tiles.h"

namespace {

using namespace nw;
using namespace nw::merkle;

void check_path(std::string_view bytes) {
  const auto path = parse_tile_path(bytes);
  if (!path) return;
  NW_CHECK((path->entries ? bundle_path(path->tile.index, path->tile.width) : tile_path(path->tile)) == bytes);
}

void check_bundle(std::string_view bytes, unsigned width) {
  const auto entries = parse_bundle(bytes, width);
  if (!entries) return;
  std::string again;
  for (const std::string_view entry : *entries) NW_CHECK(append_to_bundle(again, entry));
  NW_CHECK(again == bytes && entries->size() == width);
}

void check_saved(std::string_view bytes) {
  auto range = CompactRange::restore(bytes);
  if (!range) return;
  NW_CHECK(range->save() == bytes);
  if (range->size() == kTreeSizeMax) return;
  const std::uint64_t size = range->size();
  range->append(leaf_hash("x"));
  NW_CHECK(range->size() == size + 1 && CompactRange::restore(range->save())->root() == range->root());
}

// A tree of a size from the input over one tile's bytes: the proofs that come of it fit the root that comes of it.
void check_proofs(std::string_view bytes) {
  const std::size_t size = std::min<std::size_t>(bytes.size() / kHashBytes, kTileWidth);
  if (size == 0) return;
  const auto nodes = [&](NodeId node) {
    return node_from_tiles(node, size, [&](const Tile& tile) -> Result<std::string_view> {
      // Level 1 of a tree of 256 has one hash: any.
      return bytes.substr(0, tile.width * kHashBytes);
    });
  };
  if (size == kTileWidth) return;
  const auto root = root_of(size, nodes);
  NW_CHECK(root);
  const std::uint64_t index = static_cast<unsigned char>(bytes.back()) % size;
  const auto proof = inclusion_proof(index, size, nodes);
  NW_CHECK(proof && verify_inclusion(index, size, *nodes(NodeId{0, index}), *proof, *root));
  const auto older = root_of(index + 1, nodes);
  const auto longer = consistency_proof(index + 1, size, nodes);
  NW_CHECK(older && longer && verify_consistency({index + 1, *older}, {size, *root}, *longer));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  check_path(bytes);
  check_bundle(bytes, data[0]);
  check_saved(bytes);
  check_proofs(bytes);
  return 0;
}
