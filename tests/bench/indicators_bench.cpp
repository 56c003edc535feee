// Ten million indicators: how much memory they take beside the size of their text, and what a look-up costs when it
// finds something and when it does not. The peers hold the same names as std::string: a hash set, and a sorted array.
//
// Counters: bytes_per_text (the claim: at most 1.5), bytes_each. Names have 2 to 4 labels, as feeds have them.
// NW_BENCH_INDICATORS: another number of them.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "context/indicators/set.h"

namespace {

using nw::context::IndicatorKind;

constexpr std::size_t kAsked = 1U << 16U;

std::size_t count() {
  const char* text = std::getenv("NW_BENCH_INDICATORS");
  return text == nullptr ? 10'000'000 : std::strtoull(text, nullptr, 10);
}

std::string name_of(std::uint64_t i) {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  std::uint64_t bits = nw::mix64(i);
  std::string out;
  const auto label = [&](std::size_t size) {
    for (std::size_t n = 0; n < size; ++n) {
      out += kLetters[bits % 36];
      bits = nw::mix64(bits);
    }
  };
  for (std::size_t labels = i % 4 == 0 ? 1 : 0; labels > 0; --labels) {
    label(3 + bits % 6);
    out += '.';
  }
  label(8 + bits % 11);
  static constexpr const char* kEnds[] = {".com", ".net", ".example.org", ".info", ".xyz", ".ru", ".co.uk"};
  return out + kEnds[i % 7];
}

std::string address_of(std::uint64_t i) {
  return nw::IpAddress::v4(static_cast<std::uint32_t>(nw::mix64(i))).to_string();
}

std::string digest_of(std::uint64_t i) {
  std::string out;
  for (std::uint64_t part = 0; part < 4; ++part) {
    const std::uint64_t word = nw::mix64(i * 4 + part);
    for (unsigned n = 0; n < 16; ++n) out += "0123456789abcdef"[(word >> (n * 4)) & 15U];
  }
  return out;
}

struct Kind {
  IndicatorKind kind;
  std::string (*make)(std::uint64_t i);
};
constexpr Kind kNames{IndicatorKind::domain, name_of}, kAddresses{IndicatorKind::address, address_of},
    kDigests{IndicatorKind::sha256, digest_of};

struct World {
  std::shared_ptr<const nw::context::IndicatorSet> set;
  std::size_t text_bytes = 0;
};

World make_world(const Kind& kind) {
  nw::context::IndicatorBuilder builder{nw::context::IndicatorBuilder::kBytesMost, 7};
  std::vector<std::uint32_t> records;
  for (int feed = 0; feed < 20; ++feed) {
    nw::context::IndicatorRecord record;
    record.source = "feed-" + std::to_string(feed);
    record.labels = {"c2"};
    records.push_back(*builder.record(record));
  }
  World world;
  nw::context::IndicatorKey key;
  for (std::size_t i = 0; i < count(); ++i) {
    const std::string text = kind.make(i);
    IndicatorKind what = kind.kind;
    NW_CHECK(nw::context::indicator_key(what, text, key) == nw::context::Refusal::none);
    NW_CHECK(builder.add(what, key.view(), records[i % records.size()]));
    world.text_bytes += text.size();
  }
  std::uint64_t left_out = 0;
  world.set = builder.finish(left_out);
  NW_CHECK(left_out == 0);
  return world;
}

// Built once for the two benchmarks of a kind; one kind at a time.
const World& world_of(const Kind& kind) {
  static const Kind* built = nullptr;
  static World world;
  if (built != &kind) {
    world = {};
    world = make_world(kind);
    built = &kind;
  }
  return world;
}

enum class Ask { hits, misses };

std::vector<std::string> questions(const Kind& kind, Ask ask) {
  std::vector<std::string> asked;
  for (std::uint64_t i = 0; i < kAsked; ++i)
    asked.push_back(kind.make(ask == Ask::hits ? nw::mix64(i) % count() : (i + 1) << 40U));
  return asked;
}

void find(benchmark::State& state, const Kind& kind, Ask ask) {
  const World& world = world_of(kind);
  const std::vector<std::string> asked = questions(kind, ask);
  std::vector<nw::IpAddress> addresses(asked.size());
  if (kind.kind == IndicatorKind::address)
    for (std::size_t i = 0; i < asked.size(); ++i) NW_CHECK(nw::IpAddress::parse_into(asked[i], addresses[i]));
  std::size_t at = 0;
  std::uint64_t found = 0;
  const auto sink = [&found](const nw::context::IndicatorHit&) { ++found; };
  const nw::Timestamp now{};
  for (auto _ : state) {
    if (kind.kind == IndicatorKind::address)
      world.set->find_address(addresses[at], now, sink);
    else if (kind.kind == IndicatorKind::domain)
      world.set->find_name(asked[at], now, sink);
    else
      world.set->find_text(kind.kind, asked[at], now, sink);
    at = (at + 1) % kAsked;
  }
  benchmark::DoNotOptimize(found);
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes_each"] = static_cast<double>(world.set->bytes()) / static_cast<double>(count());
  state.counters["bytes_per_text"] = static_cast<double>(world.set->bytes()) / static_cast<double>(world.text_bytes);
  state.counters["found"] = static_cast<double>(found) / static_cast<double>(state.iterations());
}

BENCHMARK_CAPTURE(find, domain_hit, kNames, Ask::hits);
BENCHMARK_CAPTURE(find, domain_miss, kNames, Ask::misses);
BENCHMARK_CAPTURE(find, address_hit, kAddresses, Ask::hits);
BENCHMARK_CAPTURE(find, address_miss, kAddresses, Ask::misses);
BENCHMARK_CAPTURE(find, sha256_hit, kDigests, Ask::hits);
BENCHMARK_CAPTURE(find, sha256_miss, kDigests, Ask::misses);

// The peers answer whole names only, without feed, validity or the domains above.
void hash_set(benchmark::State& state, Ask ask) {
  static const std::unordered_set<std::string> kSet = [] {
    std::unordered_set<std::string> set;
    set.reserve(count());
    for (std::size_t i = 0; i < count(); ++i) set.insert(name_of(i));
    return set;
  }();
  const std::vector<std::string> asked = questions(kNames, ask);
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(kSet.contains(asked[at]));
    at = (at + 1) % kAsked;
  }
  state.SetItemsProcessed(state.iterations());
  // A node: pointer, string, hash; its malloc header; its bucket. What is longer than 15 bytes lies elsewhere.
  double bytes = static_cast<double>(kSet.bucket_count()) * 8, text = 0;
  for (const std::string& name : kSet) {
    bytes += 48 + 16 + (name.size() > 15 ? static_cast<double>((name.size() + 1 + 8 + 15) / 16 * 16) : 0);
    text += static_cast<double>(name.size());
  }
  state.counters["bytes_each"] = bytes / static_cast<double>(kSet.size());
  state.counters["bytes_per_text"] = bytes / text;
}
BENCHMARK_CAPTURE(hash_set, hit, Ask::hits);
BENCHMARK_CAPTURE(hash_set, miss, Ask::misses);

// One blob and offsets: the least that bisection can do with.
void sorted_array(benchmark::State& state, Ask ask) {
  struct Sorted {
    std::string blob;
    std::vector<std::uint32_t> at;
    [[nodiscard]] std::string_view name(std::size_t i) const {
      return std::string_view{blob}.substr(at[i], at[i + 1] - at[i]);
    }
  };
  static const Sorted kSorted = [] {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count(); ++i) names.push_back(name_of(i));
    std::ranges::sort(names);
    Sorted sorted;
    for (const std::string& name : names) {
      sorted.at.push_back(static_cast<std::uint32_t>(sorted.blob.size()));
      sorted.blob += name;
    }
    sorted.at.push_back(static_cast<std::uint32_t>(sorted.blob.size()));
    return sorted;
  }();
  const std::vector<std::string> asked = questions(kNames, ask);
  std::size_t at = 0;
  for (auto _ : state) {
    std::size_t low = 0, high = kSorted.at.size() - 1;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (kSorted.name(middle) < asked[at])
        low = middle + 1;
      else
        high = middle;
    }
    benchmark::DoNotOptimize(low + 1 < kSorted.at.size() && kSorted.name(low) == asked[at]);
    at = (at + 1) % kAsked;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes_per_text"] = static_cast<double>(kSorted.blob.capacity() + kSorted.at.capacity() * 4) /
                                     static_cast<double>(kSorted.blob.size());
}
BENCHMARK_CAPTURE(sorted_array, hit, Ask::hits);
BENCHMARK_CAPTURE(sorted_array, miss, Ask::misses);

}  // namespace
