#include "context/registry/impact.h"

#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

namespace nw::context {
namespace {

// Assets with what they need. The impact is worked out from these members alone.
Asset asset(std::string id, std::vector<Dependency> needs = {}, std::string disclosure = "restricted") {
  Asset out;
  out.id = std::move(id);
  out.sector = "gov.tax";
  out.functions = {"serve"};
  out.disclosure = std::move(disclosure);
  out.dependencies = std::move(needs);
  return out;
}

Dependency need(std::string on, std::int64_t minutes = 0, std::string group = {}) {
  Dependency out;
  out.on = std::move(on);
  out.buffer_minutes = minutes;
  out.group = std::move(group);
  return out;
}

// "b 30 via a, c 40 via b"
std::string told(const std::vector<LostAsset>& lost) {
  std::string out;
  for (const LostAsset& one : lost)
    out += (out.empty() ? "" : ", ") + one.asset->id + ' ' + std::to_string(one.minutes) + " via " + one.via->id;
  return out;
}

TEST(ImpactMap, SaysWhatIsLostAndWhen) {
  const struct {
    const char* name;
    std::vector<Asset> assets;  // the first one fails
    const char* lost;
  } kCases[] = {
      {"nobody needs it", {asset("a"), asset("b")}, ""},
      {"a chain", {asset("a"), asset("b", {need("a", 30)}), asset("c", {need("b", 10)})}, "b 30 via a, c 40 via b"},
      {"the shorter way",
       {asset("a"), asset("b", {need("a", 30)}), asset("c", {need("b", 10), need("a", 100)})},
       "b 30 via a, c 40 via b"},
      {"a detour is later",
       {asset("a"), asset("b", {need("a", 30)}), asset("c", {need("b", 10), need("a", 35)})},
       "b 30 via a, c 35 via a"},
      {"at one time by id", {asset("a"), asset("c", {need("a")}), asset("b", {need("a")})}, "b 0 via a, c 0 via a"},
      {"a cycle", {asset("a", {need("b", 5)}), asset("b", {need("a", 60)})}, "b 60 via a"},
      {"a cycle beyond it",
       {asset("a"), asset("b", {need("a", 1), need("c", 1)}), asset("c", {need("b", 1)})},
       "b 1 via a, c 2 via b"},
      {"one of a group is enough", {asset("a"), asset("b"), asset("c", {need("a", 1, "g"), need("b", 1, "g")})}, ""},
      {"all of a group, the last one counts",
       {asset("a"), asset("b", {need("a", 50)}), asset("c", {need("a", 60, "g"), need("b", 5, "g")})},
       "b 50 via a, c 60 via b"},
      {"a group beside a need of its own",
       {asset("a"), asset("b"), asset("c", {need("b", 1, "g"), need("a", 9)})},
       "c 9 via a"},
      {"two groups, the sooner one counts",
       {asset("a"), asset("c", {need("a", 70, "g"), need("b", 3, "h")}), asset("b", {need("a", 20)})},
       "b 20 via a, c 23 via b"},
      {"groups of one name in two assets",
       {asset("a"), asset("x"), asset("b", {need("a", 1, "g")}), asset("c", {need("a", 2, "g"), need("x", 2, "g")})},
       "b 1 via a"},
      {"a group that waits for itself",
       {asset("a"), asset("b", {need("a", 1, "g"), need("c", 1, "g")}), asset("c", {need("b", 1)})},
       ""},
      {"up to a week", {asset("a"), asset("b", {need("a", 10'080)}), asset("c", {need("a", 10'081)})}, "b 10080 via a"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const ImpactMap map{c.assets};
    EXPECT_EQ(told(map.of(c.assets.front())), c.lost);
  }
}

TEST(ImpactMap, KeepsToItsLimits) {
  const std::vector<Asset> assets{asset("a"), asset("d", {need("a", 5)}, "secret"), asset("e", {need("d", 5)}),
                                  asset("c", {need("a", 5)}), asset("b", {need("a", 5)})};
  const ImpactMap map{assets};
  EXPECT_EQ(told(map.of(assets[0])), "b 5 via a, c 5 via a, d 5 via a, e 10 via d");
  // The first in their order, whatever the order of the file.
  EXPECT_EQ(told(map.of(assets[0], {.assets_max = 2})), "b 5 via a, c 5 via a");
  EXPECT_EQ(told(map.of(assets[0], {.minutes = 9})), "b 5 via a, c 5 via a, d 5 via a");
  EXPECT_EQ(told(map.of(assets[0], {.secret_ones = false})), "b 5 via a, c 5 via a, e 10 via d");
  EXPECT_EQ(told(map.of(assets[0], {.assets_max = 0})), "");
}

// What the formula says, worked out by applying it until nothing changes.
std::map<std::string, std::int64_t> by_the_formula(const std::vector<Asset>& assets) {
  std::map<std::string, std::int64_t> loss{{assets.front().id, 0}};
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 1; i < assets.size(); ++i) {
      std::optional<std::int64_t> soonest;
      std::map<std::string, std::optional<std::int64_t>> groups;
      std::set<std::string> standing;
      const auto sooner = [&soonest](std::int64_t minutes) { soonest = std::min(soonest.value_or(minutes), minutes); };
      for (const Dependency& on : assets[i].dependencies) {
        const auto at = loss.find(on.on);
        if (at == loss.end()) {
          standing.insert(on.group);
          continue;
        }
        const std::int64_t minutes = at->second + on.buffer_minutes;
        if (on.group.empty())
          sooner(minutes);
        else
          groups[on.group] = std::max(groups[on.group].value_or(0), minutes);
      }
      for (const auto& [name, minutes] : groups)
        if (!standing.contains(name)) sooner(*minutes);
      if (!soonest || *soonest > kImpactMinutesMax) continue;
      const auto [at, fresh] = loss.try_emplace(assets[i].id, *soonest);
      if (!fresh && at->second == *soonest) continue;
      at->second = *soonest;
      changed = true;
    }
  }
  return loss;
}

TEST(ImpactMap, AgreesWithTheFormula) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random{seed};
  std::size_t lost = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<Asset> assets;
    const std::size_t count = 2 + random() % 20;
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<Dependency> needs;
      for (std::size_t on = 0; on < count; ++on) {
        if (on == i || random() % 5 != 0) continue;
        needs.push_back(need("a" + std::to_string(on), static_cast<std::int64_t>(random() % 2'000),
                             std::array{"", "g", "h"}[random() % 3]));
      }
      assets.push_back(asset("a" + std::to_string(i), std::move(needs)));
    }
    std::map<std::string, std::int64_t> got{{"a0", 0}};
    for (const LostAsset& one : ImpactMap{assets}.of(assets.front())) got[one.asset->id] = one.minutes;
    ASSERT_EQ(got, by_the_formula(assets));
    lost += got.size() - 1;
  }
  EXPECT_GT(lost, 300U);  // the rounds say something
}

std::shared_ptr<const Registry> load(const std::string& text) {
  Diagnostics diagnostics;
  auto registry = Registry::load(text, "r.yaml", diagnostics);
  EXPECT_TRUE(registry) << diagnostics.to_string();
  return registry;
}

std::string line(const std::string& id, const std::string& more) {
  static int host = 0;
  ++host;
  return "  - {asset: " + id + ", class: {a: C1, i: C1, c: C1}, networks: [10.0." + std::to_string(host % 250) + "." +
         std::to_string(host / 250) + "/32], " + more + "}\n";
}

TEST(ImpactTexts, OnePerService) {
  const auto registry = load(
      "version: 1\nassets:\n" + line("p1", "sector: energy.electricity, functions: [generate, distribute]") +
      line("w1", "sector: water.supply, dependencies: [{on: p1, kind: physical, buffer_minutes: 90}]") +
      line("s1", "sector: gov.tax, functions: [tax], disclosure: secret, dependencies: [{on: p1, kind: physical}]") +
      line("h1",
           "sector: health.care, functions: [hospital-care], dependencies: [{on: w1, kind: physical, "
           "buffer_minutes: 120}, {on: s1, kind: logical, buffer_minutes: 500}]"));
  ASSERT_TRUE(registry);
  EXPECT_EQ(impact_texts(*registry, *registry->find_asset("p1")),
            (std::vector<std::string>{"energy.electricity generate p1 now", "energy.electricity distribute p1 now",
                                      "water.supply w1 in 90 min", "health.care hospital-care h1 in 3 h 30 min"}));
  EXPECT_EQ(impact_texts(*registry, *registry->find_asset("h1")),
            std::vector<std::string>{"health.care hospital-care h1 now"});
  // What stands behind a secret asset, but not the asset.
  EXPECT_EQ(impact_texts(*registry, *registry->find_asset("s1")),
            std::vector<std::string>{"health.care hospital-care h1 in 8 h 20 min"});
}

TEST(ImpactTexts, AreCut) {
  const auto with = [](std::size_t dependants) {
    std::string text = "version: 1\nassets:\n" + line("p1", "sector: energy.electricity");
    for (std::size_t i = 0; i < dependants; ++i)
      text += line("d" + std::to_string(i), "sector: gov.tax, dependencies: [{on: p1, kind: cyber}]");
    return load(text);
  };
  const auto whole = with(kImpactTextsMax - 1), cut = with(kImpactTextsMax);
  ASSERT_TRUE(whole && cut);
  const auto all = impact_texts(*whole, *whole->find_asset("p1"));
  EXPECT_EQ(all.size(), kImpactTextsMax);
  EXPECT_NE(all.back(), "and more");
  const auto some = impact_texts(*cut, *cut->find_asset("p1"));
  EXPECT_EQ(some.size(), kImpactTextsMax + 1);
  EXPECT_EQ(some.back(), "and more");
}

}  // namespace
}  // namespace nw::context
