#include "app/registry_text.h"

#include <array>
#include <gtest/gtest.h>

#include "base/yaml.h"

namespace nw::app {
namespace {

constexpr std::string_view kSectors = R"(version: "1"
sectors:
  energy.electricity: {scope: Power}
  water.supply: {scope: Drinking water}
  health.care: {scope: Hospitals}
)";

constexpr std::string_view kRegister = R"(version: 1
location: AT
territory: [198.51.100.0/24]
assets:
  - asset: w4
    name: Water
    operator: op-1
    sector: water.supply
    functions: [treat-water]
    class: {a: C1, i: C2, c: C3}
    flags: [indispensable]
    networks: [192.0.2.0/24]
    zones: {192.0.2.0/25: ot}
    hosts:
      - addr: 192.0.2.10
        name: plc1
        roles: [plc]
        writers: [192.0.2.20]
        protocols: [modbus]
        device: {vendor: V, firmware: "2"}
        products: [{vendor: V, product: P, version: "1", remedied: [CVE-2026-0001]}]
        points: [{point: 1/coil/4, tag: T}]
      - {addr: 192.0.2.11, roles: [rtu]}
    dependencies:
      - {on: p1, kind: physical, buffer_minutes: 240, group: power}
      - {on: p2, kind: physical, buffer_minutes: 30, group: power}
    maintenance:
      - {ticket: T1, start: 2026-07-01T11:30:00, minutes: 60, stations: [192.0.2.20]}
      - {ticket: T2, start: 2026-08-01T00:00:00, minutes: 60}
      - {ticket: T0, start: 2026-06-01T00:00:00, minutes: 60}
    contact: {poc: desk-7, tlp: amber}
    basis: {act: Act 7, from: 2026-01-01, until: 2026-06-30}
  - asset: p1
    sector: energy.electricity
    class: {a: C1, i: C1, c: C4}
    networks: [203.0.113.0/25]
    dependencies: [{on: w4, kind: physical, buffer_minutes: 1500}]
  - {asset: p2, sector: energy.electricity, class: {a: C1, i: C1, c: C4}, networks: [203.0.113.128/25], disclosure: secret}
  - asset: h9
    name: Hospital
    sector: health.care
    functions: [hospital-care]
    class: {a: C1, i: C1, c: C1}
    networks: [10.9.0.0/16]
    dependencies: [{on: w4, kind: physical, buffer_minutes: 45}]
)";

class RegistryText : public testing::Test {
 protected:
  void SetUp() override {
    Diagnostics diagnostics;
    const std::array<taxonomy::TaxonomyText, 1> taxonomy{taxonomy::TaxonomyText{"t", std::string{kSectors}}};
    sectors_ = taxonomy::Sectors::load(taxonomy, diagnostics);
    const std::array<context::RegisterText, 1> texts{context::RegisterText{"r.yaml", std::string{kRegister}}};
    ASSERT_TRUE(sectors_) << diagnostics.to_string();
    registry_ = context::Registry::load(texts, sectors_->ids(), diagnostics);
    ASSERT_TRUE(registry_) << diagnostics.to_string();
  }
  [[nodiscard]] RegisterView view() const { return {*registry_, *sectors_, *parse_rfc3339("2026-07-01T12:00:00Z")}; }
  [[nodiscard]] const context::Asset& asset(std::string_view id) const { return *registry_->find_asset(id); }

  std::shared_ptr<const taxonomy::Sectors> sectors_;
  std::shared_ptr<const context::Registry> registry_;
};

// JSON is YAML.
YamlNode parsed(const std::string& json) {
  Diagnostics diagnostics;
  auto documents = parse_yaml(json, "json", diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "") << json;
  return documents.size() == 1 ? std::move(documents[0]) : YamlNode{};
}

TEST_F(RegistryText, TellsAllOfAnAsset) {
  EXPECT_EQ(asset_text(view(), asset("w4")), R"(asset w4 (Water)
  stands in:     r.yaml:5
  sector:        water.supply: Drinking water
  operator:      op-1
  location:      AT
  functions:     treat-water
  class:         availability C1, integrity C2, confidentiality C3
  flags:         indispensable
  disclosure:    restricted
  basis:         Act 7, from 2026-01-01, until 2026-06-30 (over)
  contact:       desk-7, TLP:amber
  networks:      192.0.2.0/24
  zones:         192.0.2.0/25 ot
  host:          192.0.2.10 plc1: plc; answers in modbus; commands from 192.0.2.20; vendor V, firmware 2; runs V P 1, remedied: CVE-2026-0001; 1 point
  host:          192.0.2.11: rtu; commands from whom is not stated
  needs:         p1, energy.electricity, physical: lost 4 h after it, unless another of group 'power' stands
  needs:         p2, energy.electricity, physical: lost 30 min after it, unless another of group 'power' stands
  if it fails:   in 45 min: h9 (Hospital), health.care, hospital-care
  if it fails:   in 1 d 1 h: p1, energy.electricity
  maintenance:   T1: open until 2026-07-01T12:30:00Z, from 192.0.2.20
  maintenance:   T2: next from 2026-08-01T00:00:00Z to 2026-08-01T01:00:00Z
  maintenance:   T0: over
)");
}

TEST_F(RegistryText, TellsWhatAnAddressIs) {
  const std::string host = address_text(view(), *IpAddress::parse("192.0.2.10"));
  EXPECT_TRUE(
      host.starts_with("address 192.0.2.10\n  territory:     own\n  zone:          ot\n  host:          192.0.2.10 "
                       "plc1: plc;"))
      << host;
  EXPECT_NE(host.find("\n\nasset w4 (Water)\n"), std::string::npos) << host;
  EXPECT_NE(address_text(view(), *IpAddress::parse("192.0.2.200")).find("only its network is known"),
            std::string::npos);
  EXPECT_EQ(address_text(view(), *IpAddress::parse("198.51.100.1")),
            "address 198.51.100.1\n  territory:     own\n  It belongs to no asset of the register.\n");
  EXPECT_NE(asset_text(view(), asset("p2")).find("secret: do not pass this on"), std::string::npos);
}

TEST_F(RegistryText, AsJson) {
  const YamlNode one = parsed(asset_json(view(), asset("w4")));
  EXPECT_EQ(one.find("asset")->scalar, "w4");
  EXPECT_EQ(one.find("class")->find("i")->scalar, "C2");
  EXPECT_EQ(one.find("basis")->find("over")->as_bool(), true);
  EXPECT_EQ(one.find("hosts")->items.size(), 2U);
  EXPECT_EQ(one.find("hosts")->items[0].find("device")->find("firmware")->scalar, "2");
  EXPECT_EQ(one.find("impact")->items[0].find("minutes")->as_int(), 45);
  EXPECT_EQ(one.find("dependencies")->items[1].find("group")->scalar, "power");
  EXPECT_EQ(one.find("maintenance")->items[0].find("open_until")->scalar, "2026-07-01T12:30:00Z");
  const YamlNode address = parsed(address_json(view(), *IpAddress::parse("192.0.2.10")));
  EXPECT_EQ(address.find("zone")->scalar, "ot");
  EXPECT_EQ(address.find("host")->find("name")->scalar, "plc1");
  EXPECT_EQ(address.find("asset")->find("asset")->scalar, "w4");
  EXPECT_EQ(parsed(address_json(view(), *IpAddress::parse("8.8.8.8"))).find("asset"), nullptr);
}

TEST_F(RegistryText, SumsUp) {
  EXPECT_EQ(summary_text(*registry_), R"(assets: 4, of which secret 1
  by class:      C1 4
  by sector:     energy.electricity 2, health.care 1, water.supply 1
prefixes: 8, of which networks of assets 4, hosts 2
controllers: 2, of which with writers 1, without 1
dependencies: 4
  circle:        p1, w4 (they need each other; no fault)
assets that do not state their: basis 3, contact 3, dependencies 1, location 0, operator 3, products 3
)");
  Diagnostics diagnostics;
  diagnostics.warning("r", {}, "x", "y");
  const YamlNode sum = parsed(summary_json(*registry_, diagnostics));
  EXPECT_EQ(sum.find("assets")->as_int(), 4);
  EXPECT_EQ(sum.find("circles")->items[0].items[1].scalar, "w4");
  EXPECT_EQ(sum.find("warnings")->as_int(), 1);
}

TEST_F(RegistryText, DrawsTheDependencies) {
  std::size_t left_out = 0;
  EXPECT_EQ(graph_text(*registry_, {}, left_out), R"(digraph register {
  rankdir=LR;
  node [shape=box];
  "h9" [label="h9 health.care C1"];
  "p1" [label="p1 energy.electricity C1"];
  "w4" [label="w4 water.supply C1"];
  "h9" -> "w4" [label="45 min"];
  "p1" -> "w4" [label="1500 min", color=red];
  "w4" -> "p1" [label="240 min, one of power", style=dashed, color=red];
}
)");
  EXPECT_EQ(left_out, 1U);
  EXPECT_EQ(graph_text(*registry_, {GraphFormat::mermaid, nullptr, true}, left_out), R"(flowchart LR
  n0["h9 health.care C1"]
  n1["p1 energy.electricity C1"]
  n2["p2 energy.electricity C1"]
  n3["w4 water.supply C1"]
  n0 -->|"45 min"| n3
  n1 -->|"1500 min"| n3
  n3 -.->|"240 min, one of power"| n1
  n3 -.->|"30 min, one of power"| n2
  linkStyle 1,2 stroke:red
)");
  EXPECT_EQ(left_out, 0U);
  const YamlNode json = parsed(graph_text(*registry_, {GraphFormat::json, nullptr, true}, left_out));
  EXPECT_EQ(json.find("assets")->items.size(), 4U);
  EXPECT_EQ(json.find("dependencies")->items.size(), 4U);
}

TEST_F(RegistryText, DrawsOnlyWhatHangsTogether) {
  std::size_t left_out = 0;
  const YamlNode json = parsed(graph_text(*registry_, {GraphFormat::json, &asset("p2"), true}, left_out));
  // p2 needs nothing; w4 needs it, and w4 is needed by p1 and h9.
  EXPECT_EQ(json.find("assets")->items.size(), 4U);
  const YamlNode secret = parsed(graph_text(*registry_, {GraphFormat::json, &asset("h9"), false}, left_out));
  EXPECT_EQ(secret.find("assets")->items.size(), 3U);
  EXPECT_EQ(secret.find("dependencies")->items.size(), 3U);
}

}  // namespace
}  // namespace nw::app
