// Writes a log as files, for verifiers that are not ours (tests/integration/go_verifies_test.py): test keys, made-up
// entries, the tree growing in uneven steps, at each of which a checkpoint is signed and cosigned.
//
//   merkle_dump DIRECTORY SIZE...            sizes rise
//
//   keys                 the log's vkey, then the witness's
//   tile/...             tiles and bundles, partial ones too
//   checkpoint-<size>    a signed note
//   inclusion-<size>-<index>.tlog-proof      of some entries
//   consistency-<old>-<new>                  hashes in Base64, a line each
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "record/merkle/cosignature.h"
#include "record/merkle/log_proof.h"
#include "record/merkle/tiles.h"

namespace {

using namespace nw;
using namespace nw::merkle;

constexpr std::string_view kOrigin = "normwatch.example/ledger/demo-01";

// A test tool may stop where it stands.
template <class T>
T need(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "merkle_dump: %s\n", result.error().what.c_str());
    std::exit(1);
  }
  return *std::move(result);
}

void write_file(const std::filesystem::path& file, std::string_view bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) {
    std::fprintf(stderr, "merkle_dump: cannot write %s\n", file.c_str());
    std::exit(1);
  }
}

std::string seed(int first) {
  std::string out;
  for (int i = 0; i < 32; ++i) out += static_cast<char>(first + i);
  return out;
}

class Log {
 public:
  explicit Log(std::filesystem::path directory) : directory_{std::move(directory)} {
    write_file(directory_ / "keys", log_.verifier().to_string() + "\n" + witness_.verifier().to_string() + "\n");
  }

  void grow(std::uint64_t to) {
    const std::uint64_t from = range_.size();
    while (range_.size() < to) {
      entries_.push_back("{\"v\":1,\"type\":\"test\",\"number\":" + std::to_string(range_.size()) + "}");
      range_.append(leaf_hash(entries_.back()), [&](NodeId node, const Hash& hash) {
        if (node.level % kTileLevels == 0) levels_[node.level / kTileLevels] += as_text(hash);
      });
    }
    const auto tiles = need(new_tiles(from, to));
    for (const Tile& tile : tiles) {
      write_file(directory_ / tile_path(tile), bytes_of(tile));
      if (tile.level == 0) write_file(directory_ / bundle_path(tile.index, tile.width), bundle_of(tile));
    }
    const auto nodes = [&](NodeId node) {
      return node_from_tiles(node, to, [&](const Tile& tile) -> Result<std::string_view> { return bytes_of(tile); });
    };
    const Checkpoint head{std::string{kOrigin}, {to, need(root_of(to, nodes))}, {}};
    if (head.head.root != range_.root()) std::abort();
    Note note{need(head.to_text()), {}};
    note.signatures.push_back(need(sign_note(note.text, log_)));
    note.signatures.push_back(need(cosign(note.text, witness_, 1'768'471'200 + to)));
    write_file(directory_ / ("checkpoint-" + std::to_string(to)), note.to_string());
    for (const std::uint64_t index : {std::uint64_t{0}, to / 3, to / 2, to - 1}) {
      const LogProof proof{"made by a test", index, need(inclusion_proof(index, to, nodes)), note};
      write_file(directory_ / ("inclusion-" + std::to_string(to) + "-" + std::to_string(index) + ".tlog-proof"),
                 proof.to_string());
    }
    for (const std::uint64_t old : sizes_) {
      std::string lines;
      const Proof proof = need(consistency_proof(old, to, nodes));
      for (const Hash& hash : proof) lines += to_base64(hash) + "\n";
      write_file(directory_ / ("consistency-" + std::to_string(old) + "-" + std::to_string(to)), lines);
    }
    sizes_.push_back(to);
  }

 private:
  std::string_view bytes_of(const Tile& tile) {
    return std::string_view{levels_[tile.level]}.substr(tile.index * kTileBytesMax, tile.width * kHashBytes);
  }
  std::string bundle_of(const Tile& tile) {
    std::string out;
    for (std::size_t i = 0; i < tile.width; ++i) {
      if (!append_to_bundle(out, entries_[tile.index * kTileWidth + i])) std::abort();
    }
    return out;
  }

  std::filesystem::path directory_;
  SignerKey log_ = need(SignerKey::make(kOrigin, KeyType::note, seed(0)));
  SignerKey witness_ = need(SignerKey::make("witness.example/w1", KeyType::cosignature, seed(32)));
  CompactRange range_;
  std::vector<std::string> entries_;
  std::map<unsigned, std::string> levels_;
  std::vector<std::uint64_t> sizes_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fputs("usage: merkle_dump DIRECTORY SIZE...\n", stderr);
    return 2;
  }
  Log log{arguments[1]};
  for (int i = 2; i < count; ++i) log.grow(std::strtoull(arguments[i], nullptr, 10));
  return 0;
}
