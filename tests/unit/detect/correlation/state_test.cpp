// What is saved and restored, of every type. The fuzzer begins with it: tests/fuzz/seeds/correlation_state.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/hash.h"
#include "source_directory.h"
#include "unit/detect/correlation/every_type.h"
#include "unit/detect/correlation/harness.h"

namespace nw::correlation {
namespace {

constexpr std::int64_t kBegin = 1'700'000'000;

std::string body_of(const std::string& saved) { return saved.substr(saved.find('\n') + 1 + sizeof(std::uint64_t)); }

bool restore(Engine& engine, const std::string& saved, const std::string& body) {
  const std::uint64_t sum = hash64(body);
  return engine.restore(saved.substr(0, saved.find('\n') + 1) +
                        std::string{reinterpret_cast<const char*>(&sum), sizeof sum} + body);
}

TEST(State, GoesOnWhereItWasSaved) {
  const auto times = [](bool broken) {
    Bench bench{rules_of(std::string::npos)};
    play(bench.engine, kBegin, bench);
    if (broken) {
      const std::string saved = bench.engine.save();
      bench.engine = Engine{bench.rules, {}};
      EXPECT_TRUE(bench.engine.restore(saved));
      EXPECT_EQ(bench.engine.save(), saved);
    }
    play(bench.engine, kBegin + 500, bench);
    bench.engine.advance(at(90LL * 86'400), bench);
    std::vector<std::pair<std::uint32_t, std::int64_t>> out;
    for (const Firing& firing : bench.firings) out.emplace_back(firing.rule, to_unix_nanoseconds(firing.time));
    return out;
  };
  const auto whole = times(false);
  EXPECT_EQ(times(true), whole);
  // It would prove little of rules that are asleep.
  std::set<std::uint32_t> fired;
  for (const auto& [rule, time] : whole) fired.insert(rule);
  EXPECT_GE(fired.size(), kEveryType.size() / 2);
}

// The checksum fits, the body does not: refused, or an engine that goes on within its bounds.
TEST(State, ForgedIsRefusedOrHarmless) {
  for (std::size_t type = 0; type < kEveryType.size(); ++type) {
    SCOPED_TRACE(kEveryType[type].name);
    Bench bench{rules_of(type)};
    play(bench.engine, kBegin, bench);
    const std::string saved = bench.engine.save(), body = body_of(saved);
    std::size_t refused = 0;
    for (std::size_t i = 0; i < body.size(); ++i)
      for (const int flip : {0x01, 0x55, 0x80, 0xFF}) {
        std::string forged = body;
        forged[i] = static_cast<char>(forged[i] ^ flip);
        Engine engine{bench.rules, {}};
        if (!restore(engine, saved, forged)) {
          ++refused;
          continue;
        }
        const std::string again = engine.save();
        Engine second{bench.rules, {}};
        EXPECT_TRUE(second.restore(again)) << i;
        EXPECT_EQ(second.save(), again) << i;
        if (i % 16 == 0) play(second, kBegin + 500, bench);
      }
    EXPECT_GT(refused, 0U);
  }
}

TEST(State, SeedsAreUpToDate) {
  const std::filesystem::path seeds = std::filesystem::path{source_directory()} / "tests/fuzz/seeds/correlation_state";
  for (std::size_t type = 0; type < kEveryType.size(); ++type) {
    Bench bench{rules_of(type)};
    play(bench.engine, kBegin, bench);
    const std::string body = body_of(bench.engine.save());
    const std::filesystem::path path = seeds / kEveryType[type].name;
    if (std::getenv("NW_UPDATE_GOLDEN") != nullptr) {
      std::filesystem::create_directories(seeds);
      std::ofstream{path, std::ios::binary} << body;
    }
    std::ifstream file{path, std::ios::binary};
    const std::string there{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(there, body) << path << ": NW_UPDATE_GOLDEN=1 rewrites it";
  }
}

// The longest way that two times can be apart.
TEST(State, TimesAreKeptWithinTheirRange) {
  Bench bench{rules_of(std::string::npos)};
  for (const std::int64_t seconds : {INT64_MIN / kSecond, std::int64_t{-1}, INT64_MAX / kSecond}) {
    for (std::size_t rule = 0; rule < bench.rules->size(); ++rule)
      if (bench.rules->feeds(rule))
        bench.add(rule, from_unix_nanoseconds(seconds * kSecond), {{"host", "pump"}, {"n", "1"}}, false);
    bench.engine.finish(bench);
  }
  const std::string saved = bench.engine.save();
  EXPECT_TRUE(bench.engine.restore(saved));
  EXPECT_EQ(bench.engine.save(), saved);
}

}  // namespace
}  // namespace nw::correlation
