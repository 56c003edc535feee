// Rules over time: contributions a second beside the matcher that found them, and what a million keys take.
#include <benchmark/benchmark.h>
#include <fstream>
#include <string>
#include <unistd.h>

#include "base/check.h"
#include "detect/correlation/engine.h"
#include "detect/sigma/rule_set.h"

namespace {

using namespace nw;

constexpr std::array<event::FieldSpec, 2> kFields{{{"key", "text", ""}, {"kind", "text", ""}}};
constexpr std::array<std::string_view, 1> kServices{"bench"};

struct Set {
  event::Schema schema;
  event::TypeId type{};
  std::shared_ptr<const sigma::RuleSet> rules;

  Set() {
    type = schema.add_type({"bench", "normwatch", kServices, {}, kFields});
    const sigma::RuleText text{"bench.yml", R"(
title: Base
name: base
id: 30000000-0000-4000-8000-000000000001
status: test
logsource: {product: normwatch, service: bench}
detection: {s: {kind: attempt}, condition: s}
---
title: Count
id: 30000000-0000-4000-8000-000000000002
status: test
correlation: {type: event_count, rules: [base], group-by: [key], timespan: 1h, condition: {gte: 20}}
)"};
    Diagnostics diagnostics;
    rules = sigma::RuleSet::compile({&text, 1}, schema, {}, diagnostics);
    NW_CHECK(rules != nullptr);
  }
};

class Nobody final : public correlation::FiringSink {
 public:
  void fired(const correlation::Firing&) override { ++count; }
  std::uint64_t count = 0;
};

correlation::Contribution contribution(std::uint64_t number, std::uint64_t key) {
  correlation::Contribution out;
  out.time = from_unix_nanoseconds(1'000'000'000'000'000'000 + static_cast<std::int64_t>(number) * 1'000);
  out.rule = 0;
  out.origin.ordinal = number;
  out.fields.push_back(
      {true, false,
       "10." + std::to_string(key >> 16U) + '.' + std::to_string(key >> 8U & 255U) + '.' + std::to_string(key & 255U)});
  return out;
}

std::uint64_t resident_bytes() {
  std::ifstream in{"/proc/self/statm"};
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// `range(0)` distinct keys in one event_count rule.
void BM_EventCount(benchmark::State& state) {
  const Set set;
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  correlation::EngineOptions options;
  options.bytes_per_rule = static_cast<std::size_t>(state.range(1)) << 20U;
  for (auto _ : state) {
    const std::uint64_t before = resident_bytes();
    correlation::Engine engine{set.rules, options};
    Nobody sink;
    const std::uint64_t events = std::max<std::uint64_t>(keys, 1'000'000);
    for (std::uint64_t i = 0; i < events; ++i) {
      static_cast<void>(engine.add(contribution(i, i * 7919 % keys)));
      if (i % 4096 == 0)
        engine.advance(from_unix_nanoseconds(1'000'000'000'000'000'000 + static_cast<std::int64_t>(i) * 1'000 +
                                             options.lateness.count()),
                       sink);
    }
    engine.finish(sink);
    const correlation::RuleCounters counters = engine.counters(1);
    state.counters["keys"] = static_cast<double>(counters.keys);
    state.counters["evicted"] = static_cast<double>(counters.evicted);
    state.counters["budgeted_MB"] = static_cast<double>(counters.bytes) / 1e6;
    state.counters["resident_MB"] = static_cast<double>(resident_bytes() - before) / 1e6;
    state.SetItemsProcessed(state.items_processed() + static_cast<std::int64_t>(events));
  }
}
BENCHMARK(BM_EventCount)
    ->Args({1'000, 64})
    ->Args({1'000'000, 256})
    ->Args({4'000'000, 64})
    ->Unit(benchmark::kMillisecond);

// The floor: finding the events in the first place.
void BM_Matcher(benchmark::State& state) {
  const Set set;
  sigma::Matcher matcher{set.rules};
  event::Event event;
  const auto key = *set.schema.find_field("key");
  const auto kind = *set.schema.find_field("kind");
  std::uint64_t found = 0;
  for (auto _ : state) {
    event.begin(set.type, {}, {}, {}, event::TimeQuality::capture);
    event.set(key, event::Value::text("10.0.0.1"));
    event.set(kind, event::Value::text("attempt"));
    found += matcher.match(event).size();
  }
  NW_CHECK(found != 0);
  state.SetItemsProcessed(static_cast<std::int64_t>(found));
}
BENCHMARK(BM_Matcher);

}  // namespace
