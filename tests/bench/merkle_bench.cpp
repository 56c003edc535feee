// What it costs to make evidence of an entry: hashing, the tree, proofs, and signatures of its heads.
#include <benchmark/benchmark.h>
#include <string>
#include <vector>

#include "record/merkle/cosignature.h"
#include "record/merkle/proofs.h"
#include "record/merkle/tiles.h"

namespace nw::merkle {
namespace {

constexpr std::size_t kMillion = 1'000'000;

std::string entry() { return std::string(900, 'x'); }  // as long as an alert's, about
std::string seed() { return std::string(32, 's'); }
std::string head_text() { return "normwatch.example/ledger/demo-01\n1000000\n" + to_base64(leaf_hash("x")) + "\n"; }

void hash_of_an_entry(benchmark::State& state) {
  const std::string bytes = entry();
  for (auto _ : state) benchmark::DoNotOptimize(leaf_hash(bytes));
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(hash_of_an_entry);

void hash_of_a_node(benchmark::State& state) {
  Hash hash = leaf_hash("x");
  for (auto _ : state) hash = node_hash(hash, hash);
  benchmark::DoNotOptimize(hash);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hash_of_a_node);

// An entry appended, its leaf hashed, every node kept as a writer of tiles does.
void leaves_appended(benchmark::State& state) {
  const std::string bytes = entry();
  CompactRange range;
  std::vector<std::string> levels(8);
  for (auto _ : state) {
    range.append(leaf_hash(bytes), [&](NodeId node, const Hash& hash) {
      if (node.level % kTileLevels == 0) levels[node.level / kTileLevels] += as_text(hash);
    });
    if (levels[0].size() >= kTileBytesMax) levels[0].clear();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(leaves_appended);

void root_of_a_million(benchmark::State& state) {
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < kMillion; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
  for (auto _ : state) {
    CompactRange range;
    for (const Hash& leaf : leaves) range.append(leaf);
    benchmark::DoNotOptimize(range.root());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kMillion));
}
BENCHMARK(root_of_a_million)->Unit(benchmark::kMillisecond);

// Out of tiles in memory, each node computed from its tile as it is asked for.
void proof_out_of_tiles(benchmark::State& state) {
  std::vector<std::string> levels(8);
  CompactRange range;
  for (std::size_t i = 0; i < kMillion; ++i)
    range.append(leaf_hash(std::to_string(i)), [&](NodeId node, const Hash& hash) {
      if (node.level % kTileLevels == 0) levels[node.level / kTileLevels] += as_text(hash);
    });
  const auto nodes = [&](NodeId node) {
    return node_from_tiles(node, kMillion, [&](const Tile& tile) -> Result<std::string_view> {
      return std::string_view{levels[tile.level]}.substr(tile.index * kTileBytesMax, tile.width * kHashBytes);
    });
  };
  std::uint64_t index = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(inclusion_proof(index, kMillion, nodes));
    index = (index + 7919) % kMillion;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(proof_out_of_tiles)->Unit(benchmark::kMicrosecond);

void proof_verified(benchmark::State& state) {
  const auto nodes = [](NodeId) -> Result<Hash> { return leaf_hash("x"); };
  const auto proof = inclusion_proof(0, kMillion, nodes);
  Hash root = leaf_hash("x");
  for (const Hash& step : *proof) root = node_hash(root, step);
  for (auto _ : state)
    if (!verify_inclusion(0, kMillion, leaf_hash("x"), *proof, root)) state.SkipWithError("the proof is wrong");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(proof_verified);

void head_signed(benchmark::State& state) {
  const auto key = SignerKey::make("normwatch.example/ledger/demo-01", KeyType::note, seed());
  const std::string text = head_text();
  for (auto _ : state) benchmark::DoNotOptimize(sign_note(text, *key));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(head_signed)->Unit(benchmark::kMicrosecond);

void head_cosigned(benchmark::State& state) {
  const auto key = SignerKey::make("witness.example/w1", KeyType::cosignature, seed());
  const std::string text = head_text();
  for (auto _ : state) benchmark::DoNotOptimize(cosign(text, *key, 1'768'471'200));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(head_cosigned)->Unit(benchmark::kMicrosecond);

void head_verified(benchmark::State& state) {
  const auto key = SignerKey::make("normwatch.example/ledger/demo-01", KeyType::note, seed());
  const std::string text = head_text();
  const std::string bytes = Note{text, {*sign_note(text, *key)}}.to_string();
  const std::vector<VerifierKey> known{key->verifier()};
  for (auto _ : state) {
    const auto note = Note::parse(bytes);
    if (!note || !verify_note(*note, known)) state.SkipWithError("the signature is wrong");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(head_verified)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace nw::merkle
