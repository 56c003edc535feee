// The tree beside the recorder: entries a second that advance() takes in, alone and while groups are appended with
// their syncs on the same disk; and the check of a whole ledger. NW_BENCH_DIR chooses the disk; NW_BENCH_ENTRIES the
// entries of the check (100,000; the target is told for 1,000,000).
#include <atomic>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>
#include <stdlib.h>
#include <string>
#include <thread>
#include <vector>

#include "record/ledger/tree.h"

namespace nw::record {
namespace {

constexpr std::size_t kGroup = 256, kEntryBytes = 1'600;  // as alerts of the ledger's own benchmark
constexpr std::size_t kStep = 8192;                       // entries that the daemon gives a head at once

class TreeDir {
 public:
  TreeDir() {
    const char* parent = std::getenv("NW_BENCH_DIR");
    std::string name = std::string{parent != nullptr ? parent : "."} + "/nw-tree-bench-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
    LedgerOptions options;
    options.directory = path;
    ledger = *Ledger::open(options);
    tree = *Tree::open(path, *ledger, key);
  }
  ~TreeDir() {
    tree.reset();
    ledger.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TreeDir(const TreeDir&) = delete;
  TreeDir& operator=(const TreeDir&) = delete;

  void append() {
    std::vector<std::string> group;
    for (std::size_t i = 0; i < kGroup; ++i) {
      std::string entry = "{\"n\":" + std::to_string(ledger->size() + i) + ",\"x\":\"";
      entry.resize(kEntryBytes - 2, 'x');
      group.push_back(entry + "\"}");
    }
    if (!ledger->append(group)) std::abort();
  }

  merkle::SignerKey key = *merkle::SignerKey::make("bench.example/1", merkle::KeyType::note, std::string(32, 'k'));
  std::filesystem::path path;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Tree> tree;
};

void tree_advance(benchmark::State& state) {
  TreeDir dir;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::size_t i = 0; i < kStep / kGroup; ++i) dir.append();
    state.ResumeTiming();
    if (!dir.tree->advance(kStep)) state.SkipWithError("the tree refused");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kStep));
}
BENCHMARK(tree_advance)->UseRealTime();

// A head a second over what a steady second brings: the cost of one that is nearly empty.
void tree_small_head(benchmark::State& state) {
  TreeDir dir;
  for (auto _ : state) {
    state.PauseTiming();
    if (!dir.ledger->append(std::vector<std::string>{"{\"n\":1}"})) std::abort();
    state.ResumeTiming();
    if (!dir.tree->advance(kStep)) state.SkipWithError("the tree refused");
  }
}
BENCHMARK(tree_small_head)->UseRealTime();

// The recorder's groups come as fast as the disk takes them; what is told is the tree's pace, and how far behind it is.
void tree_beside_the_recorder(benchmark::State& state) {
  TreeDir dir;
  std::atomic<bool> ended{false};
  std::thread recorder{[&] {
    while (!ended) dir.append();
  }};
  std::uint64_t done = 0;
  for (auto _ : state) {
    dir.ledger->wait(done + kStep - 1, std::chrono::seconds{1});
    const auto size = dir.tree->advance(kStep);
    if (!size) state.SkipWithError("the tree refused");
    done = size ? *size : done;
  }
  ended = true;
  recorder.join();
  state.SetItemsProcessed(static_cast<std::int64_t>(done));
  state.counters["behind"] = static_cast<double>(dir.ledger->size() - done);
}
BENCHMARK(tree_beside_the_recorder)->UseRealTime();

void tree_verify(benchmark::State& state) {
  TreeDir dir;
  const char* asked = std::getenv("NW_BENCH_ENTRIES");
  const std::uint64_t entries = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 100'000;
  while (dir.ledger->size() < entries) dir.append();
  while (dir.tree->size() < dir.ledger->size())
    if (!dir.tree->advance(65'536)) return state.SkipWithError("the tree refused");
  for (auto _ : state)
    if (!verify_tree(dir.path, dir.key.verifier())) state.SkipWithError("the check failed");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(dir.ledger->size()));
}
BENCHMARK(tree_verify)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nw::record
