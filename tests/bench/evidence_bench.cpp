// Evidence per second: objects of 1 KiB, sealed, one sync per 256; and finding them again at the start. NW_BENCH_DIR
// chooses the disk; without it, the present directory's.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "record/evidence/evidence.h"

namespace nw::record {
namespace {

constexpr std::size_t kGroup = 256, kBytes = 1024;
const Timestamp kStored = from_unix_nanoseconds(1'768'464'005'123'456'789);

struct BenchStore {
  BenchStore() {
    const char* parent = std::getenv("NW_BENCH_DIR");
    options.directory = std::filesystem::path{parent != nullptr ? parent : "."} / "nw-evidence-bench";
    std::filesystem::remove_all(options.directory);
    open();
  }
  ~BenchStore() {
    store.reset();
    std::filesystem::remove_all(options.directory);
  }
  BenchStore(const BenchStore&) = delete;
  BenchStore& operator=(const BenchStore&) = delete;
  void open() {
    store.reset();
    store = std::move(*EvidenceStore::open(options));
    const auto keys = privacy::make_custodian_keys([](std::span<std::uint8_t> out) { std::ranges::fill(out, 7); });
    store->use({2026, 1}, keys.public_key);
  }
  void put_group(std::size_t first) {
    const std::string bytes(kBytes, 'x');
    for (std::size_t i = first; i < first + kGroup; ++i) {
      const std::string id = "00112233445566778899aabb" + std::to_string(10'000'000 + i);
      if (!store->put(id, EvidenceKind::values, {}, bytes, kStored)) std::abort();
    }
    if (!store->sync()) std::abort();
  }

  EvidenceStore::Options options;
  std::unique_ptr<EvidenceStore> store;
};

void evidence_put(benchmark::State& state) {
  BenchStore bench;
  std::size_t put = 0;
  for (auto _ : state) {
    bench.put_group(put);
    put += kGroup;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(put));
  state.SetBytesProcessed(static_cast<std::int64_t>(put * kBytes));
}
BENCHMARK(evidence_put)->UseRealTime();

void evidence_find_again(benchmark::State& state) {
  BenchStore bench;
  constexpr std::size_t kObjects = 100 * kGroup;
  for (std::size_t put = 0; put < kObjects; put += kGroup) bench.put_group(put);
  for (auto _ : state) bench.open();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kObjects));
}
BENCHMARK(evidence_find_again)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nw::record
