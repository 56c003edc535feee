// Makes ledgers and bundles as files, and checks bundles, for tests/integration/tampering_test.py: test keys, made-up
// entries.
//
//   bundle_dump make DIRECTORY SEED ENTRIES [FORK [KEY]]    FORK: from this entry on another history; KEY: another log
//   key
//     ledger/journal, ledger/tree    as a daemon leaves them, with a kept head of half of the entries and one of all
//     case.nwbundle, policy, key (the log's vkey), giver (a vkey), old-checkpoint (the kept head)
//   bundle_dump verify POLICY OLD FILE...    OLD: a checkpoint or "-"; for each file its name, then its claims, line by
//   line
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "record/ledger/ledger.h"
#include "record/merkle/tiles.h"
#include "unit/record/bundle/support.h"

namespace {

using namespace nw;
using namespace nw::bundle;
using namespace nw::bundle::test;
namespace fs = std::filesystem;

void write_file(const fs::path& file, std::string_view bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) std::abort();
}

std::string read_file(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) std::abort();
  return {std::istreambuf_iterator<char>{in}, {}};
}

// The tiles of the last head, as record/ledger/tree.h lays them out.
void write_tree(const SampleLedger& ledger, const fs::path& tree) {
  std::map<unsigned, std::string> levels;
  merkle::CompactRange range;
  for (const merkle::Hash& leaf : ledger.leaves())
    range.append(leaf, [&](merkle::NodeId node, const merkle::Hash& hash) {
      if (node.level % merkle::kTileLevels == 0) levels[node.level / merkle::kTileLevels] += merkle::as_text(hash);
    });
  const auto tiles = need(merkle::new_tiles(0, ledger.all().size()));
  for (const merkle::Tile& tile : tiles) {
    write_file(tree / merkle::tile_path(tile),
               std::string_view{levels[tile.level]}.substr(tile.index * merkle::kTileBytesMax,
                                                           tile.width * merkle::kHashBytes));
    if (tile.level != 0) continue;
    std::string entries;
    for (std::size_t i = 0; i < tile.width; ++i)
      if (!merkle::append_to_bundle(entries, ledger.all()[tile.index * merkle::kTileWidth + i])) std::abort();
    write_file(tree / merkle::bundle_path(tile.index, tile.width), entries);
  }
  for (const auto& [size, note] : ledger.kept()) {
    char name[24];
    std::snprintf(name, sizeof name, "%020llu", static_cast<unsigned long long>(size));
    write_file(tree / "heads" / name, note.to_string());
  }
  write_file(tree / "checkpoint", ledger.checkpoint()->to_string());
}

int make(const fs::path& directory, std::uint64_t seed, std::uint64_t entries, std::uint64_t fork, int key) {
  SampleLedger ledger{seed};
  ledger.sign_with(key);
  const auto grow = [&](std::uint64_t to) {
    if (fork > ledger.all().size() && fork < to) ledger.grow(fork);
    if (ledger.all().size() == fork) ledger.go_another_way();
    ledger.grow(to);
  };
  grow(entries / 2);
  ledger.keep_head();
  const merkle::Note old = *ledger.checkpoint();
  ledger.reveal();
  grow(entries - 1);
  ledger.stamp_head();
  ledger.note_stamp(entries - 1);
  ledger.keep_head();
  {
    record::LedgerOptions options;
    options.directory = directory / "ledger";
    options.segment_bytes_max = 32U << 10;
    const auto journal = need(record::Ledger::open(options));
    for (const std::string& entry : ledger.all()) need(journal->append(std::span{&entry, 1}));
  }
  write_tree(ledger, directory / "ledger/tree");
  write_file(directory / "policy", policy_text());
  write_file(directory / "key", log_key().verifier().to_string());
  write_file(directory / "giver", giver_key().verifier().to_string());
  write_file(directory / "old-checkpoint", old.to_string());
  write_file(directory / "case.nwbundle", need(write_archive(full_bundle(ledger, &old))));
  return 0;
}

int verify_all(std::span<char*> arguments) {
  Diagnostics diagnostics;
  auto policy = merkle::Policy::parse(read_file(arguments[0]), arguments[0], diagnostics);
  if (!policy) return std::fprintf(stderr, "%s", diagnostics.to_string().c_str()), 1;
  Held own;
  own.policy = std::move(*policy);
  own.now = seconds_in(1'000'000'000);
  if (std::string_view{arguments[1]} != "-") own.old_checkpoint = need(merkle::Note::parse(read_file(arguments[1])));
  for (const char* file : arguments.subspan(2)) {
    std::printf("%s\n", file);
    for (const Claim& claim : verify_archive(read_file(file), own)) std::fputs(to_line(claim).c_str(), stdout);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::span<char*> all{arguments, static_cast<std::size_t>(count)};
  const auto number = [&](std::size_t at, std::uint64_t otherwise) {
    return at < all.size() ? std::strtoull(all[at], nullptr, 10) : otherwise;
  };
  if (count >= 5 && std::string_view{all[1]} == "make")
    return make(all[2], number(3, 1), number(4, 60), number(5, ~std::uint64_t{0}), static_cast<int>(number(6, 0)));
  if (count >= 4 && std::string_view{all[1]} == "verify") return verify_all(all.subspan(2));
  std::fputs("usage: bundle_dump make DIRECTORY SEED ENTRIES [FORK [KEY]] | verify POLICY OLD FILE...\n", stderr);
  return 2;
}
