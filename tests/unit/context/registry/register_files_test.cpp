// A register of several files, and what an asset says beside its addresses.
#include <algorithm>
#include <array>
#include <functional>
#include <gtest/gtest.h>

#include "base/yaml.h"
#include "context/registry/read.h"
#include "context/registry/registry.h"
#include "context/registry/vocabulary.h"

namespace nw::context {
namespace {

constexpr std::string_view kWater = R"(version: 1
location: AT-9
territory: [198.51.100.0/24]
assets:
  - asset: w1
    sector: water.supply
    class: {a: C1, i: C1, c: C3}
    networks: [192.0.2.0/25]
    hosts: [{addr: 192.0.2.10, name: plc1}]
    dependencies:
      - {on: p1, kind: physical, buffer_minutes: 30, group: feed}
      - {on: p2, kind: cyber, strength: 0.25, group: feed}
    products: [{vendor: Example Corp, product: Controller, version: "2.10", remedied: [CVE-2026-12345, CVE-2026-12345]}]
    contact: {poc: poc-1, tlp: amber+strict}
    basis: {act: Order 12, from: 2026-01-01, until: 2026-12-31}
)";

constexpr std::string_view kPower = R"(version: 1
territory: [203.0.113.0/24]
assets:
  - asset: p1
    sector: energy.electricity
    location: SK
    class: {a: C1, i: C1, c: C3}
    networks: [192.0.2.128/26]
    hosts:
      - {addr: 192.0.2.130, name: grid1, products: [{vendor: Example Corp, product: Gateway}]}
  - asset: p2
    sector: energy.electricity
    class: {a: C1, i: C1, c: C3}
    networks: [192.0.2.192/26]
    basis: {act: Order 13, until: null}
)";

std::vector<RegisterText> both(std::string_view water = kWater, std::string_view power = kPower) {
  return {{"a.yaml", std::string{water}}, {"b.yaml", std::string{power}}};
}

std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string out{text};
  const std::size_t at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return out.replace(at, from.size(), to);
}

std::shared_ptr<const Registry> load(const std::vector<RegisterText>& files) {
  Diagnostics diagnostics;
  auto registry = Registry::load(files, sectors(), diagnostics);
  EXPECT_TRUE(registry) << diagnostics.to_string();
  EXPECT_EQ(diagnostics.to_string(), "");
  return registry;
}

TEST(RegisterFiles, AreOneRegister) {
  const auto registry = load(both());
  ASSERT_TRUE(registry);
  ASSERT_EQ(registry->assets().size(), 3U);
  EXPECT_EQ(registry->find_asset("w1")->file, "a.yaml");
  EXPECT_EQ(registry->find_asset("p2")->file, "b.yaml");
  EXPECT_EQ(registry->find_host("grid1").asset, registry->find_asset("p1"));
  for (const char* own : {"198.51.100.1", "203.0.113.1"}) {
    IpAddress address;
    ASSERT_TRUE(IpAddress::parse_into(own, address));
    EXPECT_EQ(registry->territory(address), "own") << own;
  }
  // The register's place is that of every asset that states none, in whichever file it stands.
  EXPECT_EQ(registry->find_asset("w1")->location, "AT-9");
  EXPECT_EQ(registry->find_asset("p1")->location, "SK");
  EXPECT_EQ(registry->find_asset("p2")->location, "AT-9");
}

TEST(RegisterFiles, AFileMayLackTerritoryOrAssets) {
  const auto registry = load({{"a.yaml", "version: 1\nterritory: [198.51.100.0/24]\n"},
                              {"b.yaml", with(kPower, "territory: [203.0.113.0/24]\n", "")}});
  ASSERT_TRUE(registry);
  EXPECT_EQ(registry->assets().size(), 2U);
}

TEST(RegisterFiles, KeepWhatAnAssetSays) {
  const auto registry = load(both());
  ASSERT_TRUE(registry);
  const Asset& asset = *registry->find_asset("w1");
  ASSERT_EQ(asset.dependencies.size(), 2U);
  EXPECT_EQ(asset.dependencies[0].on, "p1");
  EXPECT_EQ(asset.dependencies[0].kind, "physical");
  EXPECT_EQ(asset.dependencies[0].buffer_minutes, 30);
  EXPECT_EQ(asset.dependencies[0].strength, 1);
  EXPECT_EQ(asset.dependencies[0].group, "feed");
  EXPECT_EQ(asset.dependencies[0].mark.line, 11U);
  EXPECT_EQ(asset.dependencies[1].buffer_minutes, 0);
  EXPECT_EQ(asset.dependencies[1].strength, 0.25);
  ASSERT_EQ(asset.products.size(), 1U);
  EXPECT_EQ(asset.products[0].vendor, "Example Corp");
  EXPECT_EQ(asset.products[0].product, "Controller");
  EXPECT_EQ(asset.products[0].version, "2.10");
  EXPECT_EQ(asset.products[0].remedied, std::vector<std::string>{"CVE-2026-12345"});
  EXPECT_EQ(asset.contact.poc, "poc-1");
  EXPECT_EQ(asset.contact.tlp, "amber+strict");
  EXPECT_EQ(asset.basis.act, "Order 12");
  EXPECT_EQ(asset.basis.from, "2026-01-01");
  EXPECT_EQ(asset.basis.until, "2026-12-31");
  const Asset& grid = *registry->find_asset("p1");
  ASSERT_EQ(grid.hosts.size(), 1U);
  ASSERT_EQ(grid.hosts[0].products.size(), 1U);
  EXPECT_EQ(grid.hosts[0].products[0].product, "Gateway");
}

TEST(RegisterFiles, ABasisIsOverAfterItsLastDay) {
  const auto registry = load(both());
  ASSERT_TRUE(registry);
  const Asset& ends = *registry->find_asset("w1");
  EXPECT_FALSE(basis_over(ends, *parse_rfc3339("2026-12-31T23:59:59Z")));
  EXPECT_TRUE(basis_over(ends, *parse_rfc3339("2027-01-01T00:00:00Z")));
  for (const char* open : {"p1", "p2"})
    EXPECT_FALSE(basis_over(*registry->find_asset(open), *parse_rfc3339("2199-01-01T00:00:00Z"))) << open;
}

TEST(RegisterFiles, KnowTheSectorsThatTheyAreGiven) {
  static constexpr std::array<std::string_view, 2> kOurs{"energy.electricity", "water.canal"};
  Diagnostics bad, good;
  EXPECT_FALSE(Registry::load(both(), kOurs, bad));
  EXPECT_NE(bad.to_string().find("known: energy.electricity, water.canal"), std::string::npos) << bad.to_string();
  EXPECT_TRUE(Registry::load(both(with(kWater, "water.supply", "water.canal")), kOurs, good)) << good.to_string();
}

struct Fault {
  const char* name;
  std::vector<RegisterText> files;
  const char* file;
  Mark mark;
  const char* code;
  const char* says;
};

void expect_error(const Fault& c) {
  SCOPED_TRACE(c.name);
  Diagnostics diagnostics;
  EXPECT_FALSE(Registry::load(c.files, sectors(), diagnostics));
  const auto same = [&c](const Diagnostic& d) {
    return d.severity == Severity::error && d.file == c.file && d.code == c.code && d.mark.line == c.mark.line &&
           d.mark.column == c.mark.column && d.to_string().find(c.says) != std::string::npos;
  };
  EXPECT_TRUE(std::any_of(diagnostics.all().begin(), diagnostics.all().end(), same)) << diagnostics.to_string();
}

TEST(RegisterFiles, RefuseWhatStandsInTwoOfThem) {
  const Fault kCases[] = {
      {"an asset",
       both(kWater, with(kPower, "asset: p1", "asset: w1")),
       "b.yaml",
       {4, 12},
       "duplicate-asset",
       "first in line 5 of a.yaml"},
      {"a network",
       both(kWater, with(kPower, "192.0.2.128/26", "192.0.2.0/25")),
       "b.yaml",
       {8, 16},
       "duplicate-network",
       "'w1', line 8 of a.yaml"},
      {"a host",
       both(kWater, with(kPower, "addr: 192.0.2.130", "addr: 192.0.2.10")),
       "b.yaml",
       {10, 16},
       "duplicate-host",
       "'w1', line 9 of a.yaml"},
      {"a name",
       both(kWater, with(kPower, "grid1", "PLC1")),
       "b.yaml",
       {10, 35},
       "duplicate-name",
       "'w1', line 9 of a.yaml"},
      {"the location",
       both(kWater, with(kPower, "version: 1", "version: 1\nlocation: SK")),
       "b.yaml",
       {2, 11},
       "duplicate-location",
       "line 2 of a.yaml"},
      {"a version that is missing",
       both(kWater, with(kPower, "version: 1\n", "")),
       "b.yaml",
       {1, 1},
       "missing-key",
       "version"},
      {"an empty file", both(kWater, "# nothing\n"), "b.yaml", {0, 0}, "bad-document", "exactly one"},
      {"no assets in any", both("version: 1\n", "version: 1\n"), "a.yaml", {1, 1}, "missing-key", "'assets'"},
      {"no file at all", {}, "", {0, 0}, "bad-document", "no file"},
      {"too many",
       std::vector<RegisterText>(kRegisterFilesMax + 1, {"a.yaml", "version: 1\n"}),
       "a.yaml",
       {0, 0},
       "too-large",
       "10000 files"},
      {"too much",
       std::vector<RegisterText>(2, {"a.yaml", "version: 1\nassets: []\n" + std::string(kRegisterBytesMax / 2, '#')}),
       "a.yaml",
       {0, 0},
       "too-large",
       "64 MiB"},
  };
  for (const Fault& c : kCases) expect_error(c);
}

TEST(RegisterFiles, AFaultyFileHidesNoOther) {
  Diagnostics diagnostics;
  EXPECT_FALSE(
      Registry::load(both("version: 1\n\t- x: [\n", with(kPower, "asset: p1", "asset: P1")), sectors(), diagnostics));
  EXPECT_NE(diagnostics.to_string().find("a.yaml"), std::string::npos);
  EXPECT_NE(diagnostics.to_string().find("b.yaml:4:12: bad-id"), std::string::npos) << diagnostics.to_string();
}

// In one file: `from` of kWater or kPower is replaced by `to`.
Fault in_water(const char* name, std::string_view from, std::string_view to, Mark mark, const char* code,
               const char* says) {
  return {name, both(with(kWater, from, to)), "a.yaml", mark, code, says};
}

TEST(RegisterFiles, RefuseWhatAnAssetCannotSay) {
  const Fault kCases[] = {
      in_water("a location in small letters", "AT-9", "at", {2, 11}, "bad-location", "ISO 3166"),
      in_water("a part of five letters", "AT-9", "AT-WIEN", {2, 11}, "bad-location", "ISO 3166"),
      in_water("a part without a name", "AT-9", "AT-", {2, 11}, "bad-location", "ISO 3166"),
      in_water("the id that outputs use", "asset: w1", "asset: undisclosed", {5, 12}, "bad-id", "secret"),
      in_water("an asset that nobody has", "on: p1", "on: pl", {11, 14}, "unknown-asset", "did you mean 'p1'?"),
      in_water("itself", "on: p1", "on: w1", {11, 14}, "bad-dependency", "itself"),
      in_water("the same twice", "on: p2", "on: p1", {12, 14}, "duplicate-dependency", "line 11"),
      in_water("no `on`", "{on: p1, ", "{", {11, 9}, "missing-key", "on"),
      in_water("no kind", "kind: physical, ", "", {11, 9}, "missing-key", "kind"),
      in_water("another kind", "physical", "spiritual", {11, 24}, "wrong-type", "geographic"),
      in_water("a buffer below 0", "buffer_minutes: 30", "buffer_minutes: -1", {11, 50}, "wrong-type", "525600"),
      in_water("a buffer of more than a year", "buffer_minutes: 30", "buffer_minutes: 525601", {11, 50}, "wrong-type",
               "525600"),
      in_water("a strength above 1", "0.25", "1.25", {12, 41}, "bad-limits", "from 0 to 1"),
      in_water("a strength that is a word", "0.25", "much", {12, 41}, "wrong-type", "number"),
      in_water("a group of two words", "30, group: feed", "30, group: a b", {11, 61}, "bad-name", "group"),
      in_water("an unknown key", "buffer_minutes", "buffer_minute", {11, 34}, "unknown-key", "buffer_minutes"),
      in_water("dependencies as a map", "dependencies:\n      - {on: p1",
               "dependencies:\n      {a: b}\n    more:\n      - {on: p1", {11, 7}, "wrong-type", "list"),
      in_water("a product without a vendor", "{vendor: Example Corp, ", "{", {13, 16}, "missing-key", "vendor"),
      in_water("a product without a name", "product: Controller, ", "", {13, 16}, "missing-key", "product"),
      in_water("an empty vendor", "Example Corp", "''", {13, 25}, "bad-name", "vendor"),
      in_water("no CVE", "CVE-2026-12345,", "CVE-26-1,", {13, 88}, "bad-name", "no CVE"),
      in_water("a contact without anybody", "poc: poc-1, ", "", {14, 14}, "missing-key", "poc"),
      in_water("another label", "amber+strict", "amber-strict", {14, 32}, "wrong-type", "amber+strict"),
      in_water("a basis without an act", "act: Order 12, ", "", {15, 12}, "missing-key", "act"),
      in_water("a day that no month has", "until: 2026-12-31", "until: 2026-02-30", {15, 53}, "bad-day", "2026-02-30"),
      in_water("a time", "until: 2026-12-31", "until: 2026-12-31T00:00:00Z", {15, 53}, "bad-day", "is no day"),
      in_water("an end before the beginning", "until: 2026-12-31", "until: 2025-12-31", {15, 12}, "bad-limits",
               "before it begins"),
  };
  for (const Fault& c : kCases) expect_error(c);
}

// Each list is bounded, and the bound is reached.
TEST(RegisterFiles, ListsAreBounded) {
  const auto repeated = [](std::size_t count, const auto& item) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ", ") + item(i);
    return '[' + out + ']';
  };
  const auto product = [](std::size_t i) { return "{vendor: a, product: b" + std::to_string(i) + '}'; };
  const auto cve = [](std::size_t i) { return "CVE-2026-" + std::to_string(10'000 + i); };
  const auto need = [](std::size_t i) { return "{on: n" + std::to_string(i) + ", kind: cyber}"; };
  const auto asset = [](const std::string& id, const std::string& more) {
    return "  - {asset: " + id +
           ", sector: gov.tax, class: {a: C1, i: C1, c: C1}, hosts: [{addr: '2001:db8::" + id.substr(1) + "'}]" + more +
           "}\n";
  };
  std::string others;
  for (std::size_t i = 0; i <= kDependenciesMax; ++i) others += asset("n" + std::to_string(i), "");
  const struct {
    const char* name;
    std::size_t most;
    std::function<std::string(std::size_t)> more;
  } kCases[] = {
      {"products", kProductsMax, [&](std::size_t n) { return ", products: " + repeated(n, product); }},
      {"remedied", kRemediedMax,
       [&](std::size_t n) { return ", products: [{vendor: a, product: b, remedied: " + repeated(n, cve) + "}]"; }},
      {"dependencies", kDependenciesMax, [&](std::size_t n) { return ", dependencies: " + repeated(n, need); }},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto text = [&](std::size_t count) {
      return "version: 1\nassets:\n" + asset("n9999", c.more(count)) + others;
    };
    Diagnostics good, bad;
    EXPECT_TRUE(Registry::load(text(c.most), "r.yaml", good)) << good.to_string();
    EXPECT_FALSE(Registry::load(text(c.most + 1), "r.yaml", bad));
    ASSERT_EQ(bad.errors(), 1U) << bad.to_string();
    EXPECT_NE(bad.to_string().find("too-many"), std::string::npos);
    EXPECT_NE(bad.to_string().find(c.name), std::string::npos);
  }
}

// Searching the nearest id in a great register costs: only the first unknown ones get it.
TEST(RegisterFiles, ManyUnknownAssetsAreAllTold) {
  std::string text = "version: 1\nassets:\n";
  for (int i = 0; i < 40; ++i)
    text += "  - {asset: a" + std::to_string(i) + ", sector: gov.tax, class: {a: C1, i: C1, c: C1}, networks: [10." +
            std::to_string(i) + ".0.0/16], dependencies: [{on: ax" + std::to_string(i) + ", kind: cyber}]}\n";
  Diagnostics diagnostics;
  EXPECT_FALSE(Registry::load(text, "r.yaml", diagnostics));
  EXPECT_EQ(diagnostics.errors(), 40U);
}

}  // namespace
}  // namespace nw::context
