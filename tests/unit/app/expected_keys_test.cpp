#include "app/expected_keys.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>

namespace nw::app {
namespace {

constexpr std::string_view kRegister = R"(
version: 1
assets:
  - asset: w4t3r1
    operator: op-1
    sector: water.supply
    functions: [treat-water]
    class: {a: C1, i: C1, c: C3}
    disclosure: restricted
    networks: [192.0.2.0/25]
    zones: {192.0.2.0/26: ot}
    hosts:
      - {addr: 192.0.2.10, roles: [plc]}
      - {addr: 192.0.2.11, roles: [plc, hmi]}
      - {addr: 192.0.2.70, name: Jump1, roles: [jump]}
  - asset: p0w3r1
    operator: op-2
    sector: energy.electricity
    functions: [distribute-electricity]
    class: {a: C2, i: C2, c: C3}
    disclosure: restricted
    networks: [198.51.100.0/24]
)";

using Keys = std::vector<std::vector<std::string>>;

class ExpectedKeys : public ::testing::Test {
 protected:
  ExpectedKeys() {
    SourceConfig capture, syslog, file;
    capture.name = "wire";
    syslog.name = "log";
    syslog.kind = SourceKind::transport;
    syslog.format = "syslog";
    syslog.format_options.product = "linux";
    file.name = "file";
    file.kind = SourceKind::replay;
    config_.sources = {file, syslog, capture};
  }

  // Of one rule; its keys, sorted.
  std::vector<correlation::Expectation> expect(std::string_view log_source, std::string_view detection,
                                               std::string_view absence) {
    const std::string text = "title: A rule\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {" +
                             std::string{log_source} + "}\ndetection: {" + std::string{detection} +
                             "}\nnormwatch:\n  absence: {" + std::string{absence} + "}\n";
    auto schema = std::make_shared<event::Schema>();
    declare_sources(config_, *schema);
    Snapshot snapshot;
    snapshot.enricher = std::make_shared<const context::Enricher>(*schema);
    Diagnostics found;
    snapshot.registry = context::Registry::load(kRegister, "registry.yaml", found);
    sigma::CompileOptions options;
    add_produced_fields(options);
    const std::array<sigma::RuleText, 1> texts{sigma::RuleText{"rule.yml", text}};
    snapshot.rules = sigma::RuleSet::compile(texts, *schema, options, found);
    snapshot.schema = schema;
    EXPECT_TRUE(found.ok()) << found.to_string();
    return found.ok() ? expected_keys(config_, snapshot) : std::vector<correlation::Expectation>{};
  }
  Keys keys(std::string_view detection, std::string_view key, std::string_view log_source = kModbus) {
    Keys out;
    for (const auto& expectation :
         expect(log_source, detection, "key: [" + std::string{key} + "], expect: register, for: 10m"))
      for (const auto& each : expectation.keys)
        if (each.watched) out.push_back(each.texts);
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  static constexpr std::string_view kModbus = "product: normwatch, service: modbus";
  static constexpr std::string_view kAnswers = "sel: {pdu_type: RESP}, condition: sel";
  Config config_;
};

TEST_F(ExpectedKeys, AreListedHostsAndAssets) {
  EXPECT_EQ(keys(kAnswers, "id.resp_h"), (Keys{{"192.0.2.10"}, {"192.0.2.11"}, {"192.0.2.70"}}));
  EXPECT_EQ(keys(kAnswers, "id.orig_h"), (Keys{{"192.0.2.10"}, {"192.0.2.11"}, {"192.0.2.70"}}));
  EXPECT_EQ(keys(kAnswers, "nw.dst.asset"), (Keys{{"p0w3r1"}, {"w4t3r1"}}));
  EXPECT_EQ(keys(kAnswers, "nw.dst.asset, id.resp_h"),
            (Keys{{"w4t3r1", "192.0.2.10"}, {"w4t3r1", "192.0.2.11"}, {"w4t3r1", "192.0.2.70"}}));
  EXPECT_EQ(keys(kAnswers, "nw.dst.sector"), (Keys{{"energy.electricity"}, {"water.supply"}}));
}

TEST_F(ExpectedKeys, AreThoseForWhomTheRuleCanFindEvents) {
  EXPECT_EQ(keys("sel: {pdu_type: RESP, nw.dst.role: plc}, condition: sel", "id.resp_h"),
            (Keys{{"192.0.2.10"}, {"192.0.2.11"}}));
  EXPECT_EQ(keys("sel: {nw.dst.role: plc}, no: {nw.dst.role: hmi}, condition: sel and not no", "id.resp_h"),
            Keys{{"192.0.2.10"}});
  EXPECT_EQ(keys("sel: {nw.dst.zone: ot}, condition: sel", "id.resp_h"), (Keys{{"192.0.2.10"}, {"192.0.2.11"}}));
  EXPECT_EQ(keys("sel: {nw.dst.sector: energy.electricity}, condition: sel", "nw.dst.asset"), Keys{{"p0w3r1"}});
  EXPECT_EQ(keys("sel: {id.resp_h: 192.0.2.11}, condition: sel", "id.resp_h"), Keys{{"192.0.2.11"}});
  // What is asked of the other end speaks against nobody.
  EXPECT_EQ(keys("sel: {nw.src.role: hmi, nw.dst.role: jump}, condition: sel", "id.resp_h"), Keys{{"192.0.2.70"}});
  EXPECT_EQ(keys("sel: {nw.dst.role: rtu}, condition: sel", "id.resp_h"), Keys{});
}

TEST_F(ExpectedKeys, OfLogLinesGoByTheNameOfTheHost) {
  constexpr std::string_view kLog = "product: linux, service: sshd", kAny = "sel: {host|exists: true}, condition: sel";
  EXPECT_EQ(keys(kAny, "host", kLog), (Keys{{"192.0.2.10"}, {"192.0.2.11"}, {"Jump1"}}));
  EXPECT_EQ(keys("sel: {nw.dst.role: jump}, condition: sel", "host", kLog), Keys{{"Jump1"}});
  // Designated all the same, should its lines come without the name.
  const auto both = expect(kLog, "sel: {nw.dst.role: jump}, condition: sel", "key: [host], expect: register, for: 1h");
  ASSERT_EQ(both.size(), 1U);
  EXPECT_TRUE(std::ranges::any_of(both[0].keys, [](const auto& key) {
    return !key.watched && key.texts == std::vector<std::string>{"192.0.2.70"};
  }));
}

TEST_F(ExpectedKeys, AreNotOfPairsNorOfRulesThatDoNotAsk) {
  EXPECT_EQ(keys(kAnswers, "id.orig_h, id.resp_h"), Keys{});
  EXPECT_EQ(keys(kAnswers, "id.resp_h, unit"), Keys{});
  EXPECT_TRUE(expect(kModbus, kAnswers, "key: [id.resp_h], for: 10m").empty());
  EXPECT_TRUE(expect(kModbus, kAnswers, "key: [id.orig_h, id.resp_h], expect: register, for: 10m").empty());
}

// A register that has lost its last one says so: nobody stays watched.
TEST_F(ExpectedKeys, MayBeNobody) {
  const auto nobody =
      expect(kModbus, "sel: {nw.dst.role: rtu}, condition: sel", "key: [id.resp_h], expect: register, for: 10m");
  ASSERT_EQ(nobody.size(), 1U);
  EXPECT_TRUE(nobody[0].keys.empty());
}

TEST_F(ExpectedKeys, NameTheLiveSourcesThatCouldHear) {
  const auto wire = expect(kModbus, kAnswers, "key: [id.resp_h], expect: register, for: 10m");
  ASSERT_EQ(wire.size(), 1U);
  EXPECT_EQ(wire[0].sources, std::vector<std::uint16_t>{2});
  const auto log =
      expect("product: linux", "sel: {host|exists: true}, condition: sel", "key: [host], expect: register, for: 10m");
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log[0].sources, std::vector<std::uint16_t>{1});
  // A file that is played has a time of its own, and nobody has to be in it.
  config_.sources.resize(1);
  EXPECT_TRUE(expect(kModbus, kAnswers, "key: [id.resp_h], expect: register, for: 10m").empty());
}

}  // namespace
}  // namespace nw::app
