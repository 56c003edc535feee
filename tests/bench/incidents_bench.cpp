// Alerts per second into the incident store, in batches of 256, as the daemon applies them; and entries per second of
// a rebuild from the ledger. NW_BENCH_DIR chooses the disk.
#include <benchmark/benchmark.h>
#include <cstdio>
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

// A ledger of alerts over `range` incidents, of which each tenth entry is an act.
void store_rebuild(benchmark::State& state) {
  constexpr std::uint64_t kEntries = 100'000;
  const char* parent = std::getenv("NW_BENCH_DIR");
  std::string name = std::string{parent != nullptr ? parent : "."} + "/nw-incidents-bench-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) return state.SkipWithError("no directory");
  {
    LedgerOptions ledger_options;
    ledger_options.directory = std::filesystem::path{name} / "ledger";
    auto ledger = Ledger::open(ledger_options);
    if (!ledger) return state.SkipWithError("no ledger");
    const auto incidents = static_cast<std::uint64_t>(state.range(0));
    const Timestamp now = from_unix_nanoseconds(1'768'464'005'000'000'000);
    std::vector<std::string> payloads;
    for (std::uint64_t i = 0; i < kEntries; ++i) {
      if (i % 10 == 9 && i > incidents * 2) {
        Act act;
        char id[32];
        std::snprintf(id, sizeof id, "NW-2026-%06llu", static_cast<unsigned long long>(1 + i % incidents));
        act.incident = id;
        act.by = "s-17";
        act.values = {{"text", "seen, and asked the operator about it"}};
        payloads.push_back(make_entry(kEntryIncident, now, act.to_json()));
      } else {
        Alert alert;
        alert.id = std::to_string(i * 0x9e3779b97f4a7c15ULL);
        alert.rule_id = "rule-" + std::to_string(i % incidents);
        alert.asset = "water-07";
        alert.level = "high";
        alert.event_time = alert.receive_time = now;
        alert.fields = {{"func", "WRITE_SINGLE_COIL"}, {"nw.dst.asset", "water-07"}, {"id.orig_h", "192.0.2.7"}};
        payloads.push_back(make_alert_entry(now, GuardedAlert::of_ledger(alert)));
      }
      if (payloads.size() < 4096 && i + 1 < kEntries) continue;
      if (!(*ledger)->append(payloads)) return state.SkipWithError("the ledger refused");
      payloads.clear();
    }
    IncidentOptions options;
    options.file = std::filesystem::path{name} / "incidents.sqlite";
    for (auto _ : state) {
      const auto made = rebuild(**ledger, options);
      if (!made || made->entries != kEntries || made->totals.unreadable != 0) state.SkipWithError("not rebuilt");
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kEntries));
  }
  std::error_code ignored;
  std::filesystem::remove_all(name, ignored);
}
BENCHMARK(store_rebuild)->Arg(10)->Arg(10'000)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nw::record
