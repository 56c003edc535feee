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
  EXPECT_EQ(only_json(set),
            R"({"labels":{"alertname":"Write to a PLC","asset":"plc-7","group_key":")" + alert.group_key() +
                R"(","norm":"13f","rule_id":"rule-1","sector":"water","severity":"high","site":"north"},)"
                R"("annotations":{"count":"1","last_event_time":"2026-01-15T07:59:59.000Z",)"
                R"("alert_id":"rule-1-plc-7-1768464000000000000","asset_name":"Pump plc-7",)"
                R"("description":"Observed in modbus from source plc-mirror, number 12: func contains WRITE (was )"
                R"(WRITE_SINGLE_REGISTER).","destination":"10.1.0.10:502",)"
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
  const LedgerItem item{7, make_alert("rule-1", "plc-7", kStart)};
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

TEST(OpenSet, AFoldExtendsTheOpenAlertAndChangesNoLabel) {
  OpenSet set{{}};
  const record::Alert alert = make_alert("rule-1", "plc-7", kStart);
  set.merge({0, alert}, kStart);
  const std::string labels = set.alerts().begin()->first, annotations = set.alerts().begin()->second.annotations;
  for (int i = 1; i <= 12; ++i) {
    accept_all(set);
    const Timestamp now = kStart + i * 5min;
    set.merge({static_cast<std::uint64_t>(i), make_fold(alert, 100, now)}, now);
    set.expire(now);
    ASSERT_EQ(set.alerts().size(), 1U);
    const OpenAlert* open = set.find(labels);
    ASSERT_NE(open, nullptr);
    EXPECT_EQ(open->ends, now + 15min);
    EXPECT_EQ(open->count, 1U + static_cast<std::uint64_t>(i) * 100);
    EXPECT_FALSE(open->accepted) << "it is said at once";
  }
  const OpenAlert& open = set.alerts().begin()->second;
  EXPECT_EQ(open.starts, kStart);
  EXPECT_EQ(open.annotations, annotations) << "the alert's, which has more to say than a fold";
  const auto json = boost::json::parse(only_json(set));
  EXPECT_EQ(json.at("annotations").at("count").as_string(), "1201");
  EXPECT_EQ(json.at("annotations").at("last_event_time").as_string(), "2026-01-15T08:59:59.000Z");
}

TEST(OpenSet, AFoldBelongsToTheAlertOfItsLevel) {
  OpenSet set{{}};
  record::Alert alert = make_alert("rule-1", "plc-7", kStart);
  set.merge({0, alert}, kStart);
  alert.level = "critical";
  set.merge({1, alert}, kStart);
  set.merge({2, make_fold(alert, 5, kStart + 5min)}, kStart + 5min);
  ASSERT_EQ(set.alerts().size(), 2U);
  for (const auto& [labels, open] : set.alerts()) EXPECT_EQ(open.count, open.severity == 4 ? 6U : 1U);
}

// Labels are cut; a fold's texts are cut too, and must give the same labels.
TEST(OpenSet, AFoldFindsALongAlert) {
  OpenSet set{{}};
  record::Alert alert = make_alert(std::string(700, 'r'), "plc-7", kStart);
  for (const char* text : {"", "x", "\xc3\xa4"}) {
    alert.rule_title = std::string(255, 'a') + text + text + std::string(text[0] == 0 ? 0 : 500, 'b');
    OpenSet one{{}};
    one.merge({0, alert}, kStart);
    const auto fold = record::Fold::from_json(make_fold(alert, 5, kStart).to_json());
    ASSERT_TRUE(fold);
    one.merge({1, *fold}, kStart);
    EXPECT_EQ(one.alerts().size(), 1U) << alert.rule_title;
  }
}

TEST(OpenSet, AFoldWhoseAlertIsNotOpen) {
  const record::Alert alert = make_alert("rule-1", "plc-7", kStart);
  OpenSet before{{}};
  before.merge({0, alert}, kStart);
  const std::string labels = before.alerts().begin()->first;
  static const struct {
    const char* name;
    std::chrono::minutes received, now;
    bool resolved, opens;
  } kCases[] = {
      {"a restart lost it", 5min, 5min, false, true},
      {"it was resolved between two summaries", 30min, 30min, true, true},
      {"late news of what goes on", 30min, 44min, true, true},
      {"late news of what is over", 30min, 45min, true, false},
      {"late news of what was lost", 30min, 45min, false, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    OpenSet set{{}};
    if (c.resolved) {
      set.merge({0, alert}, kStart);
      accept_all(set);
    }
    const Timestamp now = kStart + c.now;
    set.merge({1, make_fold(alert, 9, kStart + c.received)}, now);
    set.expire(now);
    ASSERT_EQ(set.alerts().size(), c.opens ? 1U : 0U);
    if (!c.opens) continue;
    const OpenAlert* open = set.find(labels);
    ASSERT_NE(open, nullptr) << "the labels it had: Alertmanager takes it for the same alert";
    EXPECT_EQ(open->count, 10U) << "the storm's, the first alert included";
    EXPECT_EQ(open->starts, kStart + c.received);
    EXPECT_EQ(open->ends, kStart + c.received + 15min);
    const auto json = boost::json::parse(set.to_json(labels, *open));
    EXPECT_EQ(json.at("annotations").at("alert_id").as_string(), alert.id.c_str());
    EXPECT_EQ(json.at("annotations").at("summary").as_string(), "Write to a PLC: plc-7");
    EXPECT_NE(json.at("annotations").at("not_attribution").as_string(), "");
  }
}

TEST(OpenSet, AFoldOfWhatWasRefusedAsksNobodyAgain) {
  OpenSet set{{}};
  const record::Alert alert = make_alert("rule-1", "plc-7", kStart);
  set.merge({0, alert}, kStart);
  set.find(set.alerts().begin()->first)->refused = 1;
  accept_all(set);
  set.merge({1, make_fold(alert, 9, kStart + 5min)}, kStart + 5min);
  EXPECT_EQ(set.alerts().begin()->second.refused, 1U);
}

TEST(OpenSet, FoldsOpenNoMoreThanThereIsRoomFor) {
  OpenSetOptions options;
  options.open_max = 3;
  OpenSet set{options};
  std::size_t left = 0;
  for (std::uint64_t i = 0; i < 10; ++i)
    left += set.merge({i, make_fold(make_alert("rule-1", std::to_string(i), kStart), 9, kStart)}, kStart);
  EXPECT_EQ(set.alerts().size(), 3U);
  EXPECT_EQ(left, 7U);
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
  set.merge({7, make_fold(make_alert("rule-1", "plc-7", kStart), 7, kStart + 5min)}, kStart);
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
  again.merge({7, make_alert("rule-2", "plc-9", kStart)}, kStart);
  EXPECT_EQ(again.alerts().size(), 2U) << "entry 7 was merged before the restart";
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
  for (
      const char* bad :
      {"{}", "[]", R"({"open":5})", R"({"open":[{}],"next":1})", R"({"open":[],"next":-1})",
       R"({"open":[{"annotations":"","labels":"{}","id":"a","severity":1,"starts":0,"ends":0,"last_event":0,"count":1,"accepted":true}],"next":1})"}) {
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
