// Sources that fall silent take their rules with them: which ones, what is told of it, and what survives a restart.
#include "app/liveness_keeper.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <unistd.h>

namespace nw::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

constexpr std::string_view kRules = R"(
title: On the wire
id: 11111111-2222-4333-8444-000000000001
logsource: {product: normwatch, service: modbus}
detection: {sel: {pdu_type: RESP}, condition: sel}
---
title: In the log
id: 11111111-2222-4333-8444-000000000002
name: in_the_log
logsource: {product: linux, service: sshd}
detection: {sel: {host|exists: true}, condition: sel}
---
title: Often in the log
id: 11111111-2222-4333-8444-000000000003
correlation: {type: event_count, rules: [in_the_log], group-by: [host], timespan: 1m, condition: {gte: 5}}
---
title: Again and again in the log
id: 11111111-2222-4333-8444-000000000004
correlation: {type: event_count, rules: [11111111-2222-4333-8444-000000000003], group-by: [host], timespan: 1h, condition: {gte: 5}}
---
title: Anywhere
id: 11111111-2222-4333-8444-000000000005
logsource: {category: anything}
detection: {sel: {host|exists: true}, condition: sel}
---
title: Nowhere
id: 11111111-2222-4333-8444-000000000006
logsource: {product: plan9}
detection: {sel: {EventID: 1}, condition: sel}
---
title: About a source
id: 11111111-2222-4333-8444-000000000007
logsource: {product: normwatch, service: source_health}
detection: {sel: {phase: begin}, condition: sel}
)";

SourceConfig syslog(std::string name, std::string category = {}) {
  SourceConfig source;
  source.name = std::move(name);
  source.kind = SourceKind::transport;
  source.format = "syslog";
  source.format_options.product = "linux";
  source.format_options.category = std::move(category);
  source.expect.silent_after = 10s;
  return source;
}

class LivenessKeeperTest : public ::testing::Test {
 protected:
  LivenessKeeperTest() {
    fs::create_directories(root_);
    config_.state_directory = root_.string();
    SourceConfig wire;
    wire.name = "wire";
    wire.expect.silent_after = 10s;
    config_.sources = {wire, syslog("one", "anything"), syslog("two")};
    build();
  }
  ~LivenessKeeperTest() override { fs::remove_all(root_); }

  void build() {
    auto schema = std::make_shared<event::Schema>();
    declare_sources(config_, *schema);
    liveness::declare(*schema);
    Diagnostics found;
    sigma::CompileOptions options;
    const std::array<sigma::RuleText, 1> texts{sigma::RuleText{"rules.yml", std::string{kRules}}};
    snapshot_.rules = sigma::RuleSet::compile(texts, *schema, options, found);
    snapshot_.schema = schema;
    snapshot_.registry = context::Registry::load(register_, "registry.yaml", found);
    ASSERT_TRUE(found.ok()) << found.to_string();
    reports_.assign(config_.sources.size(), {});
    for (std::size_t i = 0; i < reports_.size(); ++i) {
      reports_[i].packets = config_.sources[i].kind == SourceKind::capture;
      reports_[i].lines = !reports_[i].packets;
    }
  }

  // A look each second; those named speak.
  Texts run(LivenessKeeper& keeper, std::chrono::seconds time, const Texts& speak) {
    Texts out;
    for (; time > 0s; time -= 1s) {
      for (std::size_t i = 0; i < reports_.size(); ++i)
        if (std::ranges::find(speak, config_.sources[i].name) != speak.end())
          ++(reports_[i].packets ? reports_[i].capture.packets : reports_[i].feed.lines);
      wall_ += 1s;
      steady_ += 1s;
      for (const liveness::Health& health : keeper.look(reports_, wall_, steady_)) {
        std::string text = health.source + ' ' + std::string{health.state} + (health.begins ? " begins" : " ends");
        for (const std::string& rule : health.blind_rules) text += ", " + rule;
        EXPECT_EQ(health.blind_rules.size(), health.blind_rule_count);
        out.push_back(std::move(text));
      }
    }
    return out;
  }

  // `lines` more of each host, behind the source of this number.
  void hear(std::size_t source, std::vector<std::uint64_t> lines) {
    LineFeed::Heard& heard = reports_[source].heard;
    heard.registry = snapshot_.registry;
    heard.lines.resize(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) heard.lines[i] += lines[i];
  }

  std::string register_ = "version: 1\nassets: []\n";
  fs::path root_ = fs::temp_directory_path() / ("nw_liveness_keeper_" + std::to_string(::getpid()));
  Config config_;
  Snapshot snapshot_;
  std::vector<SourceReport> reports_;
  Timestamp wall_{1'800'000'000s};
  Nanoseconds steady_{};
};

TEST_F(LivenessKeeperTest, ASilentSourceNamesTheRulesThatNothingElseFeeds) {
  LivenessKeeper keeper{config_};
  keeper.use(config_, snapshot_);
  EXPECT_EQ(run(keeper, 60s, {"wire", "one", "two"}), Texts{});
  EXPECT_EQ(run(keeper, 12s, {"one", "two"}), Texts{"wire silent begins, On the wire"});
  EXPECT_EQ(keeper.blind_rules(), 1U);
  EXPECT_EQ(run(keeper, 12s, {"two"}), Texts{"one silent begins, Anywhere"});  // the other log speaks still
  EXPECT_EQ(keeper.blind_rules(), 2U);
  EXPECT_EQ(run(keeper, 12s, {}), Texts{"two silent begins, In the log, Often in the log, Again and again in the log"});
  EXPECT_EQ(keeper.blind_rules(), 5U);
  EXPECT_EQ(keeper.unwell().size(), 3U);
  EXPECT_EQ(keeper.unwell()[1].blind_rule_count, 4U);
  EXPECT_EQ(run(keeper, 12s, {"one"}),
            Texts{"one silent ends, In the log, Anywhere, Often in the log, Again and again in the log"});
  EXPECT_EQ(keeper.blind_rules(), 1U);
}

TEST_F(LivenessKeeperTest, SourcesThatFallSilentTogetherTakeTheirCommonRulesAlong) {
  LivenessKeeper keeper{config_};
  keeper.use(config_, snapshot_);
  run(keeper, 60s, {"wire", "one", "two"});
  const Texts told = run(keeper, 12s, {"wire"});
  ASSERT_EQ(told.size(), 2U);
  for (const std::string& each : told) {
    EXPECT_NE(each.find("In the log"), std::string::npos) << each;
  }
}

// Two hosts behind one source, which goes on speaking.
TEST_F(LivenessKeeperTest, AHostThatFallsSilentBehindASourceIsTold) {
  register_ = R"(version: 1
assets:
  - asset: a1
    sector: water.supply
    class: {a: C1, i: C1, c: C3}
    networks: [192.0.2.0/24]
    hosts:
      - {addr: 192.0.2.1, name: pump1, logs: {silent_after: 20s}}
      - {addr: 192.0.2.2}
      - {addr: 192.0.2.3, logs: {silent_after: 20s}}
)";
  build();
  LivenessKeeper keeper{config_};
  keeper.use(config_, snapshot_);
  const Texts all{"wire", "one", "two"};
  Texts told;
  const auto speak = [&](std::vector<std::uint64_t> lines, int seconds) {
    told.clear();
    for (; seconds > 0; --seconds) {
      hear(2, lines);
      for (std::string& each : run(keeper, 1s, all)) told.push_back(std::move(each));
    }
  };
  speak({1, 1}, 60);
  EXPECT_EQ(told, Texts{});
  speak({1, 0}, 25);
  EXPECT_EQ(told, Texts{"192.0.2.3 silent begins, In the log, Often in the log, Again and again in the log"});
  EXPECT_EQ(keeper.blind_rules(), 0U);  // others still feed them
  ASSERT_EQ(keeper.unwell().size(), 1U);
  EXPECT_EQ(keeper.unwell()[0].kind, "host");
  metrics::Snapshot out;
  keeper.fill(out);
  EXPECT_NE(out.to_text().find("normwatch_log_hosts_unwell{state=\"silent\"} 1"), std::string::npos);
  EXPECT_NE(out.to_text().find("normwatch_log_hosts_expected 2"), std::string::npos);

  // A reload: who stays goes on; counts begin anew, and what still comes with the old numbers is not mistaken.
  register_.erase(register_.find("      - {addr: 192.0.2.1"),
                  register_.find("      - {addr: 192.0.2.2") - register_.find("      - {addr: 192.0.2.1"));
  Diagnostics found;
  const auto before = snapshot_.registry;
  snapshot_.registry = context::Registry::load(register_, "registry.yaml", found);
  keeper.use(config_, snapshot_);
  reports_[2].heard = {before, {1000, 1000}};
  EXPECT_EQ(run(keeper, 5s, all), Texts{});
  reports_[2].heard = {};
  speak({1}, 25);
  EXPECT_EQ(told, Texts{"192.0.2.3 silent ends, In the log, Often in the log, Again and again in the log"});
}

TEST_F(LivenessKeeperTest, PlayedFilesFeedAndAreNotWatched) {
  SourceConfig file = syslog("file");
  file.kind = SourceKind::replay;
  config_.sources = {syslog("one"), file};
  build();
  LivenessKeeper keeper{config_};
  keeper.use(config_, snapshot_);
  run(keeper, 30s, {"one"});
  EXPECT_EQ(run(keeper, 30s, {}), Texts{"one silent begins"});  // the file may tell yet
  EXPECT_EQ(keeper.blind_rules(), 0U);
}

TEST_F(LivenessKeeperTest, OffIsNotWatched) {
  for (SourceConfig& source : config_.sources) source.expect.off = true;
  LivenessKeeper keeper{config_};
  keeper.use(config_, snapshot_);
  EXPECT_EQ(run(keeper, 60s, {}), Texts{});
}

TEST_F(LivenessKeeperTest, OurOwnClockIsToldOnce) {
  LivenessKeeper keeper{config_};
  keeper.use(config_, snapshot_);
  const Texts all{"wire", "one", "two"};
  run(keeper, 10s, all);
  wall_ -= 1h;
  EXPECT_EQ(run(keeper, 60s, all), Texts{"normwatch own_clock_jump begins"});
}

TEST_F(LivenessKeeperTest, MetricsSayWhatHolds) {
  LivenessKeeper keeper{config_};
  keeper.use(config_, snapshot_);
  run(keeper, 12s, {"one", "two"});
  metrics::Snapshot out;
  keeper.fill(out);
  const std::string text = out.to_text();
  for (const char* line : {"normwatch_source_health{source=\"wire\",state=\"silent\"} 1",
                           "normwatch_source_health{source=\"one\",state=\"silent\"} 0",
                           "normwatch_source_expected_silence_seconds{source=\"two\"} 10", "normwatch_rules_blind 1"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << '\n' << text;
  }
}

TEST_F(LivenessKeeperTest, WhatWasLearnedSurvivesAndDamageIsPutAside) {
  for (SourceConfig& source : config_.sources) source.expect = {};
  const Texts all{"wire", "one", "two"};
  {
    LivenessKeeper keeper{config_};
    keeper.open();
    keeper.use(config_, snapshot_);
    run(keeper, 26h, all);
    keeper.save();
  }
  const fs::path file = root_ / "liveness.bin";
  ASSERT_TRUE(fs::exists(file));
  const auto limits = [&](LivenessKeeper& keeper) {
    keeper.use(config_, snapshot_);
    run(keeper, 2s, all);
    metrics::Snapshot out;
    keeper.fill(out);
    std::istringstream lines{out.to_text()};
    std::map<std::string, std::string> found;
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("normwatch_source_expected_silence_seconds{source=\""))
        found[line.substr(50, line.find('"', 50) - 50)] = line.substr(line.find(' ') + 1);
    return found;
  };
  using Limits = std::map<std::string, std::string>;
  {
    LivenessKeeper keeper{config_};
    keeper.open();
    EXPECT_EQ(limits(keeper), (Limits{{"wire", "60"}, {"one", "60"}, {"two", "60"}}));
  }
  {
    std::fstream damaged{file, std::ios::in | std::ios::out | std::ios::binary};
    damaged.seekp(-100, std::ios::end);
    damaged << "damage";
  }
  LivenessKeeper keeper{config_};
  keeper.open();
  EXPECT_EQ(limits(keeper), (Limits{{"wire", "60"}, {"one", "60"}, {"two", "259200"}}));  // the last one learns anew
  EXPECT_FALSE(fs::exists(file));
  EXPECT_TRUE(std::ranges::any_of(fs::directory_iterator{root_}, [](const fs::directory_entry& entry) {
    return entry.path().filename().string().starts_with("liveness.bin.damaged-");
  }));
}

}  // namespace
}  // namespace nw::app
