// What it costs to ask the register, by the number of prefixes: one look-up, and the enrichment of a whole event; and
// what stands behind an asset. A third of the addresses asked lies in the register, as on a mirror port that sees
// mostly the protected side. `bytes`: of the index.
#include <algorithm>
#include <array>
#include <benchmark/benchmark.h>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "context/registry/impact.h"
#include "context/registry/registry.h"

namespace {

using nw::IpAddress;
using nw::IpPrefix;

constexpr std::size_t kAsked = 1U << 16U;

IpAddress random_v4(std::mt19937_64& random) { return IpAddress::v4(static_cast<std::uint32_t>(random())); }

IpAddress random_v6(std::mt19937_64& random) {
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
  for (std::size_t i = 4; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(random());
  return IpAddress::from_bytes(bytes);
}

struct World {
  std::shared_ptr<const nw::context::Registry> registry;
  std::vector<IpAddress> asked;
};

World make_world(std::size_t prefixes, bool v6) {
  std::mt19937_64 random{1};
  std::string text = "version: 1\nassets:\n";
  std::vector<IpPrefix> networks;
  for (std::size_t i = 0; i < prefixes; ++i) {
    const unsigned bits =
        v6 ? 40U + static_cast<unsigned>(random() % 25) : 96U + 16U + static_cast<unsigned>(random() % 14);
    networks.emplace_back(v6 ? random_v6(random) : random_v4(random), bits);
  }
  std::sort(networks.begin(), networks.end());
  networks.erase(std::unique(networks.begin(), networks.end()), networks.end());
  for (std::size_t i = 0; i < networks.size(); ++i) {
    if (i % 16 == 0)
      text += "  - asset: a" + std::to_string(i) +
              "\n    sector: gov.admin\n    class: {a: C1, i: C2, c: C3}\n    networks:\n";
    text += "      - '" + networks[i].to_string() + "'\n";
  }
  nw::Diagnostics diagnostics;
  World world;
  world.registry = nw::context::Registry::load(text, "bench.yaml", diagnostics);
  NW_CHECK(world.registry != nullptr);
  for (std::size_t i = 0; i < kAsked; ++i)
    world.asked.push_back(i % 3 == 0 ? networks[random() % networks.size()].address()
                                     : (v6 ? random_v6(random) : random_v4(random)));
  std::shuffle(world.asked.begin(), world.asked.end(), random);
  return world;
}

// `asked`: a power of two. Few stay in the first cache, as the stations of one network do; many do not.
void find(benchmark::State& state, bool v6, std::size_t asked) {
  const World world = make_world(static_cast<std::size_t>(state.range(0)), v6);
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(world.registry->find(world.asked[at]).asset);
    at = (at + 1) & (asked - 1);
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["prefixes"] = static_cast<double>(world.registry->prefix_count());
  state.counters["bytes"] = static_cast<double>(world.registry->index_bytes());
}

void find_v4(benchmark::State& state) { find(state, false, kAsked); }
void find_v6(benchmark::State& state) { find(state, true, kAsked); }
void find_few_v4(benchmark::State& state) { find(state, false, 64); }
void find_few_v6(benchmark::State& state) { find(state, true, 64); }
BENCHMARK(find_v4)->Arg(100)->Arg(10'000)->Arg(100'000);
BENCHMARK(find_v6)->Arg(100)->Arg(10'000)->Arg(100'000);
BENCHMARK(find_few_v4)->Arg(100'000);
BENCHMARK(find_few_v6)->Arg(100'000);

void enrich(benchmark::State& state) {
  const World world = make_world(static_cast<std::size_t>(state.range(0)), false);
  nw::event::Schema schema;
  const nw::context::Enricher enricher{schema};
  nw::event::TypeSpec spec;
  spec.path = "conn";
  spec.product = "normwatch";
  const auto type = schema.add_type(spec);
  nw::event::Interest interest;
  interest.want_all(type);
  nw::context::Enrichment enrichment{enricher, *world.registry, interest};
  nw::event::Event event;
  std::size_t at = 0;
  for (auto _ : state) {
    event.begin(type, nw::event::SourceId{0}, {}, {}, nw::event::TimeQuality::capture);
    event.set(common(nw::event::Common::orig_h), nw::event::Value::address(world.asked[at]));
    event.set(common(nw::event::Common::resp_h), nw::event::Value::address(world.asked[(at + 7) % kAsked]));
    enrichment.enrich(event);
    benchmark::DoNotOptimize(event.entries().size());
    at = (at + 1) % kAsked;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(enrich)->Arg(100)->Arg(100'000);

// Four needs each, within a thousand neighbours, one in four of a group.
std::shared_ptr<const nw::context::Registry> make_dependencies(std::size_t assets) {
  std::mt19937_64 random{1};
  std::string text = "version: 1\nassets:\n";
  for (std::size_t i = 0; i < assets; ++i) {
    text += "  - {asset: a" + std::to_string(i) +
            ", sector: gov.admin, functions: [serve], class: {a: C1, i: C2, c: C3}, networks: [10." +
            std::to_string(i >> 8U) + '.' + std::to_string(i & 255U) + ".0/32], dependencies: [";
    std::vector<std::size_t> on;
    while (on.size() < 4) {
      const std::size_t other = (i + 1 + random() % 1'000) % assets;
      if (other == i || std::find(on.begin(), on.end(), other) != on.end()) continue;
      text += (on.empty() ? "{on: a" : ", {on: a") + std::to_string(other) +
              ", kind: cyber, buffer_minutes: " + std::to_string(random() % 120) +
              (on.size() < 2 ? ", group: g}" : "}");
      on.push_back(other);
    }
    text += "]}\n";
  }
  nw::Diagnostics diagnostics;
  auto registry = nw::context::Registry::load(text, "bench.yaml", diagnostics);
  NW_CHECK(registry != nullptr);
  return registry;
}

// Everything within a week, as a graph wants it.
void impact_all(benchmark::State& state) {
  const auto registry = make_dependencies(static_cast<std::size_t>(state.range(0)));
  std::size_t at = 0, lost = 0;
  for (auto _ : state) {
    lost += registry->impact(registry->assets()[at], {}).size();
    at = (at + 7'919) % registry->assets().size();
  }
  state.counters["lost"] = static_cast<double>(lost) / static_cast<double>(state.iterations());
}
BENCHMARK(impact_all)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

// What every alert about an asset pays.
void impact_texts(benchmark::State& state) {
  const auto registry = make_dependencies(static_cast<std::size_t>(state.range(0)));
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(nw::context::impact_texts(*registry, registry->assets()[at]).size());
    at = (at + 7'919) % registry->assets().size();
  }
}
BENCHMARK(impact_texts)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
