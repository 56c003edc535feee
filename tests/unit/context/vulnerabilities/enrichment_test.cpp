#include "context/vulnerabilities/enrichment.h"

#include <gtest/gtest.h>

#include "advisories.h"
#include "context/vulnerabilities/exposure_event.h"

namespace nw::vulnerabilities {
namespace {

using event::Value;

constexpr std::string_view kRegister = R"(version: 1
assets:
  - asset: a1
    operator: op-1
    sector: water.supply
    functions: [treat-water]
    class: {a: C1, i: C1, c: C3}
    disclosure: restricted
    networks: [192.0.2.0/25]
    hosts:
      - {addr: 192.0.2.10, name: pump, roles: [plc]}
)";

class VulnerabilityEnrichment : public testing::Test {
 protected:
  VulnerabilityEnrichment() {
    Diagnostics diagnostics;
    registry_ = context::Registry::load(kRegister, "r.yaml", diagnostics);
    EXPECT_TRUE(registry_) << diagnostics.to_string();
    KnowledgeBuilder builder;
    builder.add_csaf(Sample{}.text(), "a.json", diagnostics);
    builder.add_kev(R"({"vulnerabilities":[{"cveID":"CVE-2020-0009","vendorProject":"Other","product":"Thing"}]})",
                    "k.json", diagnostics);
    context::Asset asset;
    asset.id = "a1";
    asset.products = {{"Other", "Thing", "", {}}};
    asset.hosts.emplace_back();
    asset.hosts[0].address = *IpAddress::parse("192.0.2.10");
    asset.hosts[0].device = {"Acme", "RTU 500", "", "", "", "V2.2", ""};
    exposures_ = ExposureMap::build(std::vector{asset}, builder.finish());
    declare(schema_);
    static constexpr std::array<std::string_view, 1> kService{"known_device"};
    type_ = schema_.add_type({"known_device", "normwatch", kService, {}, {}, true});
    register_enricher_ = std::make_unique<context::Enricher>(schema_);
    enricher_ = std::make_unique<Enricher>(schema_);
    interest_.want_all(type_);
  }

  void begin() { event_.begin(type_, event::SourceId{0}, {}, {}, event::TimeQuality::capture); }
  void to(const char* address) {
    event_.set(event::common(event::Common::resp_h), Value::address(*IpAddress::parse(address)));
  }
  void set(std::string_view field, std::string_view text) { event_.set(schema_.add_field(field), Value::text(text)); }
  // "absent", or the value.
  std::string get(std::string_view field) {
    const Value* value = event_.get(schema_.add_field(field));
    return value == nullptr ? "absent" : value->to_text();
  }
  void enrich() { Enrichment{*enricher_, *exposures_, *registry_, interest_}.enrich(event_); }

  event::Schema schema_;
  event::TypeId type_{};
  event::Interest interest_;
  std::shared_ptr<const context::Registry> registry_;
  std::shared_ptr<const ExposureMap> exposures_;
  std::unique_ptr<context::Enricher> register_enricher_;
  std::unique_ptr<Enricher> enricher_;
  event::Event event_;
};

TEST_F(VulnerabilityEnrichment, WhatIsOpenWhereTheEventGoes) {
  begin();
  to("192.0.2.10");
  enrich();
  EXPECT_EQ(get("nw.dst.cve"), "CVE-2020-0009,CVE-2026-0001");
  EXPECT_EQ(get("nw.cve_applies"), "absent");
  begin();
  to("192.0.2.99");  // an unlisted host: what the asset has somewhere
  enrich();
  EXPECT_EQ(get("nw.dst.cve"), "CVE-2020-0009");
  for (const char* name : {"pump", "192.0.2.10"}) {
    begin();
    event_.set(event::common(event::Common::host), Value::text(name));
    enrich();
    EXPECT_EQ(get("nw.dst.cve"), "CVE-2020-0009,CVE-2026-0001") << name;
  }
  begin();
  to("203.0.113.9");
  enrich();
  EXPECT_EQ(get("nw.dst.cve"), "absent");
}

TEST_F(VulnerabilityEnrichment, WhatEventsName) {
  static constexpr struct {
    const char *field, *text, *to, *applies, *exploited;
  } kCases[] = {
      {"alert.signature", "Acme fault (CVE-2026-0001)", "192.0.2.10", "true", "false"},
      {"alert.metadata.cve", "CVE_2026_0001", "192.0.2.10", "true", "false"},
      {"message", "tried CVE-2020-0009", "192.0.2.10", "true", "true"},
      {"msg", "CVE-2026-0002", "192.0.2.10", "false", "false"},
      {"cve", "CVE-2026-0001", "192.0.2.99", "false", "false"},
      {"signature", "CVE-2020-0009", "203.0.113.9", "absent", "true"},
      {"threatid", "none of these", "192.0.2.10", "absent", "absent"},
      {"uri", "CVE-2026-0001", "192.0.2.10", "absent", "absent"},  // anybody can write there
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.field);
    begin();
    to(c.to);
    set(c.field, c.text);
    enrich();
    EXPECT_EQ(get("nw.cve_applies"), c.applies);
    EXPECT_EQ(get("nw.cve_known_exploited"), c.exploited);
  }
  begin();
  to("192.0.2.10");
  const std::array<Value, 2> list{Value::text("CVE_2019_0001"), Value::text("CVE_2026_0001")};
  event_.set(schema_.add_field("alert.metadata.cve"), Value::list(list));
  enrich();
  EXPECT_EQ(get("nw.cve_applies"), "true");
  // At most 64 names of one event are looked up.
  std::string many;
  for (int i = 0; i < 64; ++i) many += "CVE-2000-0001 ";
  many += "CVE-2026-0001";
  begin();
  to("192.0.2.10");
  set("msg", many);
  enrich();
  EXPECT_EQ(get("nw.cve_applies"), "false");
}

TEST_F(VulnerabilityEnrichment, VersionsThatDevicesTell) {
  static constexpr struct {
    const char *device, *firmware, *affected, *cves;
  } kCases[] = {
      {"192.0.2.10", "V2.1", "true", "CVE-2026-0001"}, {"192.0.2.10", "V2.5", "false", "absent"},
      {"192.0.2.10", "", "absent", "absent"},          {"192.0.2.77", "V2.1", "true", "CVE-2026-0001"},
      {"203.0.113.9", "V2.1", "absent", "absent"},  // nobody designated
  };
  Enrichment enrichment{*enricher_, *exposures_, *registry_, interest_};
  for (int round = 0; round < 2; ++round)  // the second is from its memory
    for (const auto& c : kCases) {
      begin();
      event_.set(schema_.add_field("device"), Value::address(*IpAddress::parse(c.device)));
      set("vendor", "Acme");
      set("product", "RTU 500");
      set("firmware", c.firmware);
      enrichment.enrich(event_);
      EXPECT_EQ(get("nw.version_affected"), c.affected) << c.device << ' ' << c.firmware;
      EXPECT_EQ(get("nw.version_cve"), c.cves);
    }
}

TEST_F(VulnerabilityEnrichment, OnlyWhatIsWanted) {
  event::Interest none;
  none.want(type_);
  begin();
  to("192.0.2.10");
  set("msg", "CVE-2026-0001");
  Enrichment{*enricher_, *exposures_, *registry_, none}.enrich(event_);
  EXPECT_EQ(get("nw.dst.cve"), "absent");
  EXPECT_EQ(get("nw.cve_applies"), "absent");
  // Who wants the outcome wants what it is made of.
  none.want(type_, schema_.add_field("nw.cve_applies"));
  enricher_->subscribe(none, schema_);
  EXPECT_TRUE(none.wants(type_, schema_.add_field("alert.signature")));
  EXPECT_FALSE(none.wants(type_, schema_.add_field("firmware")));
  none.want(type_, schema_.add_field("nw.version_affected"));
  enricher_->subscribe(none, schema_);
  EXPECT_TRUE(none.wants(type_, schema_.add_field("firmware")));
}

TEST_F(VulnerabilityEnrichment, AnExposureAsAnEvent) {
  const Timestamp now = *parse_rfc3339("2026-11-30T12:00:00Z");
  event::Interest all;
  for (std::size_t i = 0; i < schema_.type_count(); ++i) all.want_all(static_cast<event::TypeId>(i));
  context::Enrichment of_register{*register_enricher_, *registry_, all};
  const IpAddress pump = *IpAddress::parse("192.0.2.10");
  Exposure exposure = *exposures_->find("a1", &pump, "CVE-2026-0001");
  exposure.due = *parse_rfc3339("2026-11-28T00:00:00Z");
  fill(exposure, now, schema_, event::SourceId{3}, event_);
  of_register.enrich(event_);
  for (const auto& [field, want] : {std::pair{"asset", "a1"},
                                    {"cve", "CVE-2026-0001"},
                                    {"advisory", "ACME-1"},
                                    {"severity", "critical"},
                                    {"certainty", "certain"},
                                    {"known_exploited", "false"},
                                    {"product", "Acme RTU 500 V2.2"},
                                    {"age_days", "29"},
                                    {"due_days", "-2"},
                                    {"id.resp_h", "192.0.2.10"},
                                    {"nw.dst.asset", "a1"},
                                    {"nw.dst.class", "C1"},
                                    {"nw.dst.role", "plc"},
                                    {"tlp", "clear"},
                                    {"remedy", "Update to V2.3."}})
    EXPECT_EQ(get(field), want) << field;
  // About an asset as a whole there is no address, and its facts are there all the same.
  fill(*exposures_->find("a1", nullptr, "CVE-2020-0009"), now, schema_, event::SourceId{3}, event_);
  of_register.enrich(event_);
  for (const auto& [field, want] : {std::pair{"host", "a1"},
                                    {"id.resp_h", "absent"},
                                    {"nw.dst.asset", "a1"},
                                    {"nw.dst.class", "C1"},
                                    {"nw.dst.sector", "water.supply"},
                                    {"nw.dst.role", "absent"},
                                    {"age_days", "absent"},
                                    {"due_days", "absent"},
                                    {"advisory", "absent"},
                                    {"certainty", "possible"},
                                    {"known_exploited", "true"}})
    EXPECT_EQ(get(field), want) << field;
  EXPECT_EQ(context::Enricher::asset_of(event_, *registry_), registry_->find_asset("a1"));
}

}  // namespace
}  // namespace nw::vulnerabilities
