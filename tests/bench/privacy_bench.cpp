// What the privacy guard costs: one address, one name, one point. Floor: one AES block through the same library, and
// the two calls over 512 bytes that a pseudonym of an IPv4 address cannot do without.
#include <array>
#include <benchmark/benchmark.h>
#include <string>

#include "base/check.h"
#include "base/hash.h"
#include "record/privacy/minimise.h"
#include "record/privacy/oprf.h"
#include "record/privacy/sealing.h"

namespace {

using namespace nw::privacy;
using nw::IpAddress;

class Dice {
 public:
  void operator()(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(nw::mix64(state_++));
  }

 private:
  std::uint64_t state_ = 20'260'115;
};

EpochKeys keys() {
  Dice dice;
  auto made = EpochKeys::derive(Key32::random(dice), "bench", {2026, 1});
  NW_CHECK(made.has_value());
  return std::move(*made);
}

Pfx pfx() {
  auto made = Pfx::create(keys().pfx);
  NW_CHECK(made.has_value());
  return std::move(*made);
}

IpAddress v4(std::uint64_t n) { return IpAddress::v4(static_cast<std::uint32_t>(nw::mix64(n))); }
IpAddress v6(std::uint64_t n) {
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
  for (std::size_t i = 4; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(nw::mix64(n * 16 + i));
  return IpAddress::from_bytes(bytes);
}

void BM_FloorAesBlock(benchmark::State& state) {
  BlockCipher cipher{keys().deterministic.bytes(), BlockCipher::Way::encrypt};
  std::array<std::uint8_t, 16> block{};
  for (auto _ : state) {
    cipher.run(block, block);
    benchmark::DoNotOptimize(block);
  }
}
BENCHMARK(BM_FloorAesBlock);

void BM_FloorAesTwice(benchmark::State& state) {
  BlockCipher cipher{keys().deterministic.bytes(), BlockCipher::Way::encrypt};
  std::vector<std::uint8_t> blocks(static_cast<std::size_t>(state.range(0)) * 16);
  for (auto _ : state) {
    cipher.run(blocks, blocks);
    cipher.run(blocks, blocks);
    benchmark::DoNotOptimize(blocks.data());
  }
}
BENCHMARK(BM_FloorAesTwice)->Arg(32)->Arg(128);

template <IpAddress (*kMake)(std::uint64_t)>
void BM_PfxEncrypt(benchmark::State& state) {
  Pfx cipher = pfx();
  std::uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(cipher.encrypt(kMake(n++)));
}
BENCHMARK_TEMPLATE(BM_PfxEncrypt, v4);
BENCHMARK_TEMPLATE(BM_PfxEncrypt, v6);

template <IpAddress (*kMake)(std::uint64_t)>
void BM_PfxDecrypt(benchmark::State& state) {
  Pfx cipher = pfx();
  std::uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(cipher.decrypt(kMake(n++)));
}
BENCHMARK_TEMPLATE(BM_PfxDecrypt, v4);
BENCHMARK_TEMPLATE(BM_PfxDecrypt, v6);

void BM_Ndx(benchmark::State& state) {
  auto cipher = Ndx::create(keys().ndx);
  NW_CHECK(cipher.has_value());
  std::uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(cipher->encrypt(v4(n++), {}));
}
BENCHMARK(BM_Ndx);

void BM_Nd(benchmark::State& state) {
  const Nd cipher{keys().nd};
  std::uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(cipher.encrypt(v4(n++), {}));
}
BENCHMARK(BM_Nd);

void BM_TokenOfAddress(benchmark::State& state) {
  const Tokens tokens{keys()};
  std::uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(tokens.of(v4(n++)));
}
BENCHMARK(BM_TokenOfAddress);

void BM_TokenOfUser(benchmark::State& state) {
  const Tokens tokens{keys()};
  for (auto _ : state) benchmark::DoNotOptimize(tokens.of(TokenKind::user, "CORP\\Administrator"));
}
BENCHMARK(BM_TokenOfUser);

class Nothing final : public Known {
 public:
  std::string_view asset_of(const IpAddress&) const override { return {}; }
  std::string_view asset_of_host(std::string_view) const override { return {}; }
  bool is_open_domain(std::string_view) const override { return false; }
};

// A line of sshd with its user, as text.
void BM_MinimiseSentence(benchmark::State& state) {
  const Policy policy;
  const Nothing known;
  Pfx cipher = pfx();
  const Tokens tokens{keys()};
  Dice dice;
  for (auto _ : state) {
    Context context{policy, known, cipher, tokens, dice, false, {}, 0, {}};
    benchmark::DoNotOptimize(minimise("user", nw::event::Value::text("alice"), context));
    benchmark::DoNotOptimize(minimise(
        "message", nw::event::Value::text("Failed password for alice from 203.0.113.7 port 50022 ssh2"), context));
  }
}
BENCHMARK(BM_MinimiseSentence);

void BM_OprfBlind(benchmark::State& state) {
  Dice dice;
  const Scalar blind = random_scalar(dice);
  const std::string input = "192.0.2.1";
  for (auto _ : state) benchmark::DoNotOptimize(oprf_blind(OprfMode::voprf, bytes_of(input), blind));
}
BENCHMARK(BM_OprfBlind);

void BM_OprfEvaluate(benchmark::State& state) {
  Dice dice;
  const Scalar blind = random_scalar(dice), key = random_scalar(dice);
  const std::string input = "192.0.2.1";
  const auto blinded = oprf_blind(OprfMode::voprf, bytes_of(input), blind);
  NW_CHECK(blinded.has_value());
  for (auto _ : state) benchmark::DoNotOptimize(oprf_evaluate(key, *blinded));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_OprfEvaluate);

void BM_OprfFinalize(benchmark::State& state) {
  Dice dice;
  const Scalar blind = random_scalar(dice);
  const std::string input = "192.0.2.1";
  const auto blinded = oprf_blind(OprfMode::voprf, bytes_of(input), blind);
  NW_CHECK(blinded.has_value());
  for (auto _ : state) benchmark::DoNotOptimize(oprf_finalize(bytes_of(input), blind, *blinded));
}
BENCHMARK(BM_OprfFinalize);

void BM_SealForFive(benchmark::State& state) {
  Dice dice;
  const Key32 key = Key32::random(dice);
  std::vector<Custodian> custodians;
  for (std::size_t i = 0; i < 5; ++i)
    custodians.push_back({"c" + std::to_string(i), "body", make_custodian_keys(dice).public_key});
  for (auto _ : state) benchmark::DoNotOptimize(SealedKey::seal(key, "bench", {2026, 1}, custodians, dice));
}
BENCHMARK(BM_SealForFive);

}  // namespace
