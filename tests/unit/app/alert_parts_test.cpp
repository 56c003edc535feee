#include "app/alert_parts.h"

#include <gtest/gtest.h>

#include "record/for_export.h"

namespace nw::app {
namespace {

constexpr std::string_view kRegister = R"(version: 1
assets:
  - asset: w1
    name: Water works
    sector: water.supply
    functions: [supply-water]
    class: {a: C1, i: C1, c: C3}
    networks: [192.0.2.0/25]
  - asset: h1
    sector: health.care
    functions: [hospital-care]
    class: {a: C1, i: C1, c: C3}
    networks: [192.0.2.128/25]
    dependencies: [{on: w1, kind: physical, buffer_minutes: 30}, {on: s1, kind: cyber, buffer_minutes: 5}]
  - asset: s1
    name: Bunker
    sector: gov.admin
    functions: [rule]
    class: {a: C1, i: C1, c: C1}
    disclosure: secret
    networks: [198.51.100.0/24]
    hosts: [{addr: 198.51.100.7, name: deep1}]
    dependencies: [{on: w1, kind: physical}]
)";

class AlertParts : public testing::Test {
 protected:
  AlertParts() {
    Diagnostics diagnostics;
    registry_ = context::Registry::load(kRegister, "r.yaml", diagnostics);
    EXPECT_TRUE(registry_) << diagnostics.to_string();
  }
  record::Alert about(const char* asset) const {
    record::Alert alert;
    set_asset(*registry_->find_asset(asset), *registry_, alert);
    return alert;
  }
  std::shared_ptr<const context::Registry> registry_;
};

TEST_F(AlertParts, AnAssetTellsWhatStandsBehindIt) {
  const record::Alert alert = about("w1");
  EXPECT_EQ(alert.asset, "w1");
  EXPECT_EQ(alert.asset_name, "Water works");
  EXPECT_EQ(alert.disclosure, "restricted");
  EXPECT_EQ(alert.impact,
            (std::vector<std::string>{"water.supply supply-water w1 now", "health.care hospital-care h1 in 5 min"}))
      << "by way of a secret asset, which is not named";
}

TEST_F(AlertParts, ASecretAssetHasNoName) {
  const record::Alert alert = about("s1");
  EXPECT_EQ(alert.asset, "s1");
  EXPECT_EQ(alert.asset_name, "");
  EXPECT_EQ(alert.disclosure, "secret");
  EXPECT_EQ(alert.impact, std::vector<std::string>{"health.care hospital-care h1 in 5 min"});
}

TEST_F(AlertParts, TheOtherEndMayBeSecret) {
  static const struct {
    const char* name;
    const char* asset;
    const char *source, *destination, *host, *field, *value;
    bool secret;
  } kCases[] = {
      {"both may be told", "w1", "192.0.2.130", "192.0.2.1", "", "", "", false},
      {"a secret source", "w1", "198.51.100.1", "192.0.2.1", "", "", "", true},
      {"a secret destination", "w1", "192.0.2.1", "198.51.100.1", "", "", "", true},
      {"its own asset", "s1", "203.0.113.1", "198.51.100.1", "", "", "", false},
      {"a secret host's log", "w1", "", "", "deep1", "", "", true},
      {"a key of a rule over time", "w1", "", "", "", "nw.src.asset", "s1", true},
      {"nobody's", "w1", "203.0.113.1", "no address", "", "", "", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    record::Alert alert = about(c.asset);
    alert.source_address = c.source;
    alert.destination_address = c.destination;
    alert.host = c.host;
    if (*c.field != '\0') alert.fields = {{c.field, c.value}};
    set_secret_end(*registry_, alert);
    EXPECT_EQ(alert.secret_end, c.secret);
  }
}

}  // namespace
}  // namespace nw::app
