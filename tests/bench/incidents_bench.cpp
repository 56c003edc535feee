// Alerts per second into the incident store, in batches of 256, as the daemon applies them. NW_BENCH_DIR chooses the
// disk.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>
#include <stdlib.h>
#include <string>
#include <vector>

#include "record/alert.h"
#include "record/entry.h"
#include "record/incidents/store.h"

namespace nw::record {
namespace {

constexpr std::size_t kBatch = 256;

// `groups`: over how many rules, and so incidents, the alerts spread.
void store_apply(benchmark::State& state) {
  const char* parent = std::getenv("NW_BENCH_DIR");
  std::string name = std::string{parent != nullptr ? parent : "."} + "/nw-incidents-bench-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) return state.SkipWithError("no directory");
  {
    IncidentOptions options;
    options.file = std::filesystem::path{name} / "incidents.sqlite";
    auto store = IncidentStore::open(options);
    if (!store) return state.SkipWithError("no store");
    std::uint64_t next = 0;
    std::vector<Entry> batch(kBatch);
    for (auto _ : state) {
      state.PauseTiming();
      for (Entry& entry : batch) {
        Alert alert;
        alert.id = std::to_string(next * 0x9e3779b97f4a7c15ULL);
        alert.rule_id = "rule-" + std::to_string(next % static_cast<std::uint64_t>(state.range(0)));
        alert.asset = "water-07";
        alert.level = "high";
        alert.event_time = alert.receive_time = from_unix_nanoseconds(1'768'464'005'000'000'000);
        alert.fields = {{"func", "WRITE_SINGLE_COIL"}, {"nw.dst.asset", "water-07"}, {"id.orig_h", "192.0.2.7"}};
        entry = {next++, make_alert_entry(alert.receive_time, GuardedAlert::of_ledger(alert))};
      }
      state.ResumeTiming();
      if (!(*store)->apply(batch)) state.SkipWithError("the store refused");
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  std::error_code ignored;
  std::filesystem::remove_all(name, ignored);
}
BENCHMARK(store_apply)->Arg(10)->Arg(10'000)->UseRealTime();

}  // namespace
}  // namespace nw::record
