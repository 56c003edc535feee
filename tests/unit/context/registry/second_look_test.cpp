#include "context/registry/second_look.h"

#include <array>
#include <gtest/gtest.h>
#include <set>

namespace nw::context {
namespace {

constexpr std::string_view kTaxonomy = R"(version: "1"
sectors:
  energy.electricity: {scope: Power}
  energy.steam: {scope: Steam, deprecated: {since: "2", use: energy.electricity}}
)";

struct Loaded {
  std::shared_ptr<const taxonomy::Sectors> sectors;
  std::shared_ptr<const Registry> registry;
};

Loaded load(const std::string& assets) {
  Diagnostics diagnostics;
  Loaded out;
  const std::array<taxonomy::TaxonomyText, 1> taxonomy{taxonomy::TaxonomyText{"t", std::string{kTaxonomy}}};
  out.sectors = taxonomy::Sectors::load(taxonomy, diagnostics);
  const std::array<RegisterText, 1> texts{RegisterText{"r.yaml", "version: 1\nassets:\n" + assets}};
  if (out.sectors) out.registry = Registry::load(texts, out.sectors->ids(), diagnostics);
  EXPECT_TRUE(out.registry) << diagnostics.to_string();
  return out;
}

std::string asset(const std::string& id, const std::string& more, const std::string& sector = "energy.electricity") {
  static int network = 0;
  return "  - {asset: " + id + ", sector: " + sector + ", class: {a: C1, i: C2, c: C3}, networks: [10." +
         std::to_string(network++ % 256) + ".0.0/16]" + more + "}\n";
}

Timestamp at(const char* text) { return *parse_rfc3339(text); }

TEST(SecondLook, TellsEachOnce) {
  static constexpr struct {
    const char* code;  // null: nothing
    const char* sector;
    const char* more;
  } kCases[] = {
      {nullptr, "energy.electricity", ""},
      {"basis-over", "energy.electricity", ", basis: {act: A, until: 2026-06-30}"},
      {nullptr, "energy.electricity", ", basis: {act: A, until: 2026-07-01}"},
      {"maintenance-over", "energy.electricity",
       ", maintenance: [{ticket: T, start: '2026-06-01T00:00:00', minutes: 60}]"},
      {nullptr, "energy.electricity",
       ", maintenance: [{ticket: T, start: '2026-06-01T00:00:00', minutes: 60}, {ticket: U, start: "
       "'2026-07-01T11:30:00', minutes: 60}]"},
      {"sector-deprecated", "energy.steam", ""},
      {"host-no-role", "energy.electricity", ", hosts: [{addr: 10.250.0.1}]"},
      {"writers-missing", "energy.electricity", ", hosts: [{addr: 10.250.0.1, roles: [rtu]}]"},
      {nullptr, "energy.electricity", ", hosts: [{addr: 10.250.0.1, roles: [rtu], writers: [10.0.0.9]}]"},
      {nullptr, "energy.electricity", ", hosts: [{addr: 10.250.0.1, roles: [hmi]}]"},
  };
  std::set<std::string> seen;
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.more);
    const Loaded loaded = load(asset("a1", c.more, c.sector));
    Diagnostics diagnostics;
    second_look(*loaded.registry, *loaded.sectors, at("2026-07-01T12:00:00Z"), diagnostics);
    if (c.code == nullptr) {
      EXPECT_EQ(diagnostics.to_string(), "");
      continue;
    }
    ASSERT_EQ(diagnostics.all().size(), 1U) << diagnostics.to_string();
    EXPECT_EQ(diagnostics.all()[0].code, c.code);
    EXPECT_EQ(diagnostics.all()[0].severity, Severity::warning);
    EXPECT_EQ(diagnostics.all()[0].file, "r.yaml");
    EXPECT_EQ(diagnostics.all()[0].mark.line, 3U);
    seen.insert(c.code);
  }
  EXPECT_EQ(seen, std::set<std::string>(second_look_codes().begin(), second_look_codes().end()));
}

TEST(SecondLook, NamesAFewAddresses) {
  std::string hosts;
  for (int i = 1; i <= 5; ++i)
    hosts += (i == 1 ? "" : ", ") + std::string{"{addr: 10.250.0."} + std::to_string(i) + '}';
  const Loaded loaded = load(asset("a1", ", hosts: [" + hosts + "]"));
  Diagnostics diagnostics;
  second_look(*loaded.registry, *loaded.sectors, at("2026-07-01T12:00:00Z"), diagnostics);
  EXPECT_NE(diagnostics.to_string().find("10.250.0.1, 10.250.0.2, 10.250.0.3 and 2 more"), std::string::npos)
      << diagnostics.to_string();
}

std::string needs(const std::string& words) { return ", dependencies: [" + words + "]"; }
std::string need(const std::string& on) { return "{on: " + on + ", kind: physical}"; }

TEST(Circles, AreFoundWhole) {
  const Loaded loaded = load(asset("d4", needs(need("a1"))) + asset("a1", needs(need("b2"))) +
                             asset("b2", needs(need("c3") + ", " + need("e5"))) + asset("c3", needs(need("a1"))) +
                             asset("e5", "") + asset("y", needs(need("x"))) + asset("x", needs(need("y"))));
  std::vector<std::string> got;
  for (const auto& circle : dependency_circles(*loaded.registry)) {
    std::string text;
    for (const Asset* one : circle) text += one->id + ' ';
    got.push_back(text);
  }
  EXPECT_EQ(got, (std::vector<std::string>{"a1 b2 c3 ", "x y "}));
}

TEST(Circles, OfAChainAsLongAsTheRegister) {
  std::string assets;
  constexpr int kAssets = 5'000;
  for (int i = 0; i < kAssets; ++i)
    assets += "  - {asset: a" + std::to_string(i) +
              ", sector: energy.electricity, class: {a: C1, i: C1, c: C1}, networks: [10." + std::to_string(i / 256) +
              '.' + std::to_string(i % 256) + ".0/24]" + needs(need("a" + std::to_string((i + 1) % kAssets))) + "}\n";
  const Loaded loaded = load(assets);
  const auto circles = dependency_circles(*loaded.registry);
  ASSERT_EQ(circles.size(), 1U);
  EXPECT_EQ(circles[0].size(), static_cast<std::size_t>(kAssets));
}

TEST(Summary, CountsWhatIsSaidAndWhatIsNot) {
  const Loaded loaded =
      load(asset("a1",
                 ", operator: op, disclosure: secret, hosts: [{addr: 10.250.0.1, roles: [plc], writers: [10.0.0.1]}, "
                 "{addr: 10.250.0.2, roles: [plc], products: [{vendor: v, product: p}]}]" +
                     needs(need("b2"))) +
           asset("b2", ", location: AT"));
  const RegisterSummary sum = summarise(*loaded.registry);
  EXPECT_EQ(sum.assets, 2U);
  EXPECT_EQ(sum.secret, 1U);
  EXPECT_EQ(sum.networks, 2U);
  EXPECT_EQ(sum.hosts, 2U);
  EXPECT_EQ(sum.prefixes, 4U);
  EXPECT_EQ(sum.dependencies, 1U);
  EXPECT_EQ(sum.with_writers, 1U);
  EXPECT_EQ(sum.without_writers, 1U);
  EXPECT_EQ(sum.by_class.at("C1"), 2U);
  EXPECT_EQ(sum.by_sector.at("energy.electricity"), 2U);
  const std::map<std::string, std::size_t> want{{"basis", 2},    {"contact", 2},  {"dependencies", 1},
                                                {"location", 1}, {"operator", 1}, {"products", 1}};
  EXPECT_EQ(sum.not_stated, want);
}

}  // namespace
}  // namespace nw::context
