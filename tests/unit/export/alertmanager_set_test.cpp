#include "export/alertmanager_set.h"

#include <boost/json.hpp>

#include "support.h"

namespace nw::exporter::test {
namespace {

const Timestamp kStart = *parse_rfc3339("2026-01-15T08:00:00Z");

std::string only_json(const OpenSet& set) {
  if (set.alerts().size() != 1) return "not one alert";
  return set.to_json(set.alerts().begin()->first, set.alerts().begin()->second);
}

void accept_all(OpenSet& set) {
  for (const auto& [labels, open] : set.alerts()) set.find(labels)->accepted = true;
}

TEST(OpenSet, ExactJson) {
  OpenSetOptions options;
  options.labels = {{"site", "north"}};
  options.external_url = "https://nw.example/";
  OpenSet set{options};
  const record::Alert alert = make_alert("rule-1", "plc-7", kStart);
  set.merge({41, alert}, kStart + 1s);
  EXPECT_EQ(
      only_json(set),
      R"({"labels":{"alertname":"Write to a PLC","asset":"plc-7","group_key":")" + alert.group_key() +
          R"(","norm":"13f","rule_id":"rule-1","sector":"water","severity":"high","site":"north"},)"
          R"("annotations":{"alert_id":"rule-1-plc-7-1768464000000000000","asset_name":"Pump plc-7","count":"1",)"
          R"("description":"Observed in modbus from source plc-mirror, number 12: func contains WRITE (was )"
          R"(WRITE_SINGLE_REGISTER).","destination":"10.1.0.10:502","last_event_time":"2026-01-15T07:59:59.000Z",)"
          R"("ledger_entry":"41","limits":"seen on one side only","norm_text":"engages norm 13f",)"
          R"("not_attribution":"Not an attribution. Source addresses can be forged, relayed or shared.",)"
          R"("source":"192.0.2.66:40000","summary":"Write to a PLC: Pump plc-7"},)"
          R"("startsAt":"2026-01-15T08:00:00.000Z","endsAt":"2026-01-15T08:15:00.000Z",)"
          R"("generatorURL":"https://nw.example/"})");
}

TEST(OpenSet, LabelsHoldNoAddressAndNoEmptyValue) {
  OpenSet set{{}};
  record::Alert alert = make_alert("rule-1", "", kStart);
  alert.norm.clear();
  alert.sector.clear();
  set.merge({0, alert}, kStart);
  const std::string& labels = set.alerts().begin()->first;
  EXPECT_EQ(labels.find("10.1.0.10"), std::string::npos) << labels;
  EXPECT_EQ(labels.find("192.0.2.66"), std::string::npos) << labels;
  EXPECT_EQ(labels.find("\"\""), std::string::npos) << labels;
  EXPECT_EQ(labels.find("norm"), std::string::npos) << labels;
}

TEST(OpenSet, TwoGroupsOfOneRuleWithoutAssetStayApart) {
  OpenSet set{{}};
  record::Alert other = make_alert("rule-1", "", kStart);
  set.merge({0, other}, kStart);
  other.destination_address = "10.1.0.11";
  set.merge({1, other}, kStart);
  EXPECT_EQ(set.alerts().size(), 2U);
}

TEST(OpenSet, HostileTextIsPrintableAndBounded) {
  OpenSet set{{}};
  record::Alert alert = make_alert("rule-1", "plc-7", kStart);
  alert.atoms[0].value = std::string(100'000, 'x');
  alert.rule_title = "a\"b\x1b[31m\xff\n";
  set.merge({0, alert}, kStart);
  const std::string json = only_json(set);
  EXPECT_LT(json.size(), 8192U);
  boost::json::error_code error;
  const auto parsed = boost::json::parse(json, error);
  ASSERT_FALSE(error);
  EXPECT_EQ(parsed.at("labels").at("alertname").as_string(), "a\"b\\x1b[31m\\xff\\x0a");
}

TEST(OpenSet, LaterAlertsKeepTheLabelsAndTheStart) {
  OpenSet set{{}};
  set.merge({0, make_alert("rule-1", "plc-7", kStart)}, kStart);
  const std::string labels = set.alerts().begin()->first;
  accept_all(set);
  set.merge({1, make_alert("rule-1", "plc-7", kStart + 10min)}, kStart + 10min);
  ASSERT_EQ(set.alerts().size(), 1U);
  const OpenAlert* open = set.find(labels);
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(open->starts, kStart);
  EXPECT_EQ(open->ends, kStart + 25min);
  EXPECT_EQ(open->count, 2U);
  EXPECT_FALSE(open->accepted);
}

TEST(OpenSet, TheSameBatchAgainChangesNothing) {
  OpenSet set{{}};
  const LedgerAlert item{7, make_alert("rule-1", "plc-7", kStart)};
  set.merge(item, kStart);
  const std::string before = set.state();
  set.merge(item, kStart + 1h);
  EXPECT_EQ(set.state(), before);
}

TEST(OpenSet, AfterItsEndANewPeriodBegins) {
  OpenSet set{{}};
  set.merge({0, make_alert("rule-1", "plc-7", kStart)}, kStart);
  set.expire(kStart + 1h);
  EXPECT_EQ(set.alerts().size(), 1U) << "nobody has accepted it yet";
  accept_all(set);
  set.expire(kStart + 15min - 1ns);
  EXPECT_EQ(set.alerts().size(), 1U);
  set.merge({1, make_alert("rule-1", "plc-7", kStart + 1h)}, kStart + 1h);
  EXPECT_EQ(set.alerts().begin()->second.starts, kStart + 1h);
  EXPECT_EQ(set.alerts().begin()->second.count, 1U);
  accept_all(set);
  set.expire(kStart + 2h);
  EXPECT_TRUE(set.alerts().empty());
}

TEST(OpenSet, ALateAlertIsStillSeenFiring) {
  OpenSet set{{}};
  const Timestamp now = kStart + 24h;
  set.merge({0, make_alert("rule-1", "plc-7", kStart)}, now);
  set.extend_waiting(now);
  EXPECT_EQ(set.alerts().begin()->second.ends, now + 15min);
  EXPECT_EQ(set.alerts().begin()->second.starts, kStart);
  accept_all(set);
  set.extend_waiting(now + 10min);
  EXPECT_EQ(set.alerts().begin()->second.ends, now + 15min) << "accepted: its end stands";
}

TEST(OpenSet, FullDropsTheLeastSevereThatEndsFirst) {
  OpenSetOptions options;
  options.open_max = 3;
  OpenSet set{options};
  std::uint64_t entry = 0;
  const auto add = [&](const char* level, const char* asset, std::chrono::minutes at) {
    record::Alert alert = make_alert("rule-1", asset, kStart + at);
    alert.level = level;
    const std::size_t left = set.merge({entry++, alert}, kStart);
    accept_all(set);
    return left;
  };
  EXPECT_EQ(add("critical", "a", 0min), 0U);
  EXPECT_EQ(add("low", "b", 2min), 0U);
  EXPECT_EQ(add("low", "c", 1min), 0U);
  EXPECT_EQ(add("high", "d", 3min), 1U);
  std::string left;
  for (const auto& [labels, open] : set.alerts()) left += boost::json::parse(labels).at("asset").as_string().c_str();
  EXPECT_EQ(left, "abd");
}

TEST(OpenSet, WhatWaitsIsNotDroppedForWhatWasAccepted) {
  OpenSetOptions options;
  options.open_max = 1;
  OpenSet set{options};
  record::Alert alert = make_alert("rule-1", "a", kStart);
  alert.level = "critical";
  set.merge({0, alert}, kStart);
  accept_all(set);
  alert = make_alert("rule-1", "b", kStart);
  alert.level = "low";
  EXPECT_EQ(set.merge({1, alert}, kStart), 1U);
  EXPECT_NE(set.alerts().begin()->first.find(R"("asset":"b")"), std::string::npos);
}

TEST(OpenSet, StateSurvivesARestart) {
  OpenSet set{{}};
  set.merge({5, make_alert("rule-1", "plc-7", kStart)}, kStart);
  set.merge({6, make_alert("rule-2", "pl\"c\n-8", kStart)}, kStart);
  accept_all(set);
  OpenSet again{{}};
  ASSERT_TRUE(again.restore(set.state()));
  ASSERT_EQ(again.alerts().size(), 2U);
  for (const auto& [labels, open] : set.alerts()) {
    ASSERT_NE(again.find(labels), nullptr);
    EXPECT_EQ(again.to_json(labels, *again.find(labels)), set.to_json(labels, open));
    EXPECT_TRUE(again.find(labels)->accepted);
  }
  EXPECT_EQ(again.state(), set.state());
  again.merge({6, make_alert("rule-2", "plc-9", kStart)}, kStart);
  EXPECT_EQ(again.alerts().size(), 2U) << "entry 6 was merged before the restart";
}

TEST(OpenSet, StateFitsACursor) {
  OpenSet set{{}};
  for (std::uint64_t i = 0; i < 3000; ++i) {
    record::Alert alert = make_alert("rule-1", "asset-" + std::to_string(i), kStart);
    alert.level = i == 2999 ? "critical" : "low";
    set.merge({i, alert}, kStart);
  }
  const std::string state = set.state();
  EXPECT_LE(state.size(), record::Cursor::kStateBytesMax);
  EXPECT_GT(state.size(), record::Cursor::kStateBytesMax - 16'384);
  OpenSet again{{}};
  ASSERT_TRUE(again.restore(state));
  EXPECT_GT(again.alerts().size(), 300U);
  bool critical = false;
  for (const auto& [labels, open] : again.alerts()) critical |= open.severity == 4;
  EXPECT_TRUE(critical);
}

TEST(OpenSet, ACutStateIsRefusedWhole) {
  OpenSet set{{}};
  set.merge({5, make_alert("rule-1", "plc-7", kStart)}, kStart);
  const std::string state = set.state();
  for (std::size_t cut = 1; cut < state.size(); ++cut) {
    OpenSet again{{}};
    ASSERT_FALSE(again.restore(std::string_view{state}.substr(0, cut))) << cut;
    ASSERT_TRUE(again.alerts().empty());
  }
  for (const char* bad : {"{}", "[]", R"({"open":5})", R"({"open":[{}],"next":1})", R"({"open":[],"next":-1})"}) {
    OpenSet again{{}};
    EXPECT_FALSE(again.restore(bad)) << bad;
  }
  OpenSet empty{{}};
  EXPECT_TRUE(empty.restore(""));
}

TEST(UsableLabel, Table) {
  for (const char* good : {"site", "_a", "Team2"}) EXPECT_TRUE(usable_label(good)) << good;
  for (const char* bad : {"", "2a", "a-b", "__name", "alertname", "severity", "group_key", "\xc3\xa4"})
    EXPECT_FALSE(usable_label(bad)) << bad;
}

}  // namespace
}  // namespace nw::exporter::test
