// Alerts per second through the folding of storms: a million that differ, a million repeats, beside what every alert
// costs anyway before it is asked (its JSON); and what it takes to begin with a ledger's tail.
#include <benchmark/benchmark.h>
#include <string>
#include <vector>

#include "record/entry.h"
#include "record/fold.h"

namespace nw::record {
namespace {

constexpr std::int64_t kAlerts = 1'000'000;
constexpr std::int64_t kTail = 16'384;

enum class Actors { one, each_its_own };

void change(Alert& alert, std::int64_t number, Actors actors) {
  alert.id = std::to_string(10'000'000 + number).append(24, 'a');
  alert.ordinal = static_cast<std::uint64_t>(number);
  if (actors == Actors::each_its_own) alert.source_address = "192.0.2." + std::to_string(number);
}

Alert first_alert() {
  Alert alert;
  alert.source = "mirror";
  alert.path = "modbus";
  alert.rule_id = "5f6f2c8e-0c6e-4a9c-9a3b-1c1d6a1f0a11";
  alert.rule_title = "Modbus write from a station that is not designated";
  alert.level = "high";
  alert.norm = "13f";
  alert.asset = "water-07";
  alert.sector = "water";
  alert.source_address = "192.0.2.7";
  alert.destination_address = "198.51.100.10";
  alert.event_time = alert.receive_time = from_unix_nanoseconds(1'768'464'005'000'000'000);
  alert.atoms = {{"func", "contains", "WRITE", "WRITE_SINGLE_COIL"}};
  alert.fields = {{"func", "WRITE_SINGLE_COIL"}, {"nw.dst.asset", "water-07"}, {"id.orig_h", "192.0.2.7"}};
  return alert;
}

void plain(benchmark::State& state) {
  Alert alert = first_alert();
  for (auto _ : state)
    for (std::int64_t i = 0; i < kAlerts; ++i) {
      change(alert, i, Actors::each_its_own);
      benchmark::DoNotOptimize(make_alert_entry(alert.receive_time, GuardedAlert::of_ledger(alert)));
    }
  state.SetItemsProcessed(state.iterations() * kAlerts);
}

// What the worker does (Fold::of()) and what the recorder's one thread does (take(), 1,000 alerts a second).
void folded(benchmark::State& state, Actors actors) {
  Alert alert = first_alert();
  std::uint64_t passed = 0, summed = 0;
  for (auto _ : state) {
    Folder folder{FoldOptions{}};
    std::vector<Fold> summaries;
    for (std::int64_t i = 0; i < kAlerts; ++i) {
      change(alert, i, actors);
      if (folder.take(Fold::of(GuardedAlert::of_ledger(alert)), std::chrono::milliseconds{i}, summaries)) ++passed;
      if (i % 1000 == 0) folder.tick(std::chrono::milliseconds{i}, Timestamp{}, summaries);
    }
    folder.finish(summaries);
    summed += summaries.size();
  }
  state.SetItemsProcessed(state.iterations() * kAlerts);
  const auto each = [&](std::uint64_t all) {
    return static_cast<double>(all) / static_cast<double>(state.iterations());
  };
  state.counters["written"] = each(passed);
  state.counters["summaries"] = each(summed);
}
void distinct(benchmark::State& state) { folded(state, Actors::each_its_own); }
void repeats(benchmark::State& state) { folded(state, Actors::one); }

void tail(benchmark::State& state) {
  std::vector<std::string> entries;
  Alert alert = first_alert();
  for (std::int64_t i = 0; i < kTail; ++i) {
    change(alert, i, Actors::each_its_own);
    entries.push_back(make_alert_entry(alert.receive_time, GuardedAlert::of_ledger(alert)));
  }
  for (auto _ : state) {
    Folder folder{FoldOptions{}};
    for (const std::string& entry : entries)
      folder.remember(Fold::of(GuardedAlert::of_ledger(*Alert::from_json(parse_entry(entry)->body))), Nanoseconds{0});
    benchmark::DoNotOptimize(folder.open());
  }
  state.SetItemsProcessed(state.iterations() * kTail);
}

BENCHMARK(plain)->Unit(benchmark::kMillisecond);
BENCHMARK(distinct)->Unit(benchmark::kMillisecond);
BENCHMARK(repeats)->Unit(benchmark::kMillisecond);
BENCHMARK(tail)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nw::record
