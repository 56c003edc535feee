#include "app/case_holds.h"

#include <gtest/gtest.h>

#include "record/act.h"
#include "record/entry.h"
#include "unit/record/support.h"

namespace nw::app {

namespace {

constexpr Nanoseconds kDay = std::chrono::hours{24};
const Timestamp kStart = record::test::at("2026-01-15T08:00:00Z");

struct Cases {
  record::test::TempDir directory;
  std::unique_ptr<record::IncidentStore> store;
  reveals::Holds holds;

  Cases() {
    record::IncidentOptions options;
    options.file = directory / "incidents.sqlite";
    store = std::move(*record::IncidentStore::open(options));
  }
  void apply(const std::string& payload) {
    const record::Entry entry{*store->next(), payload};
    const auto applied = store->apply({&entry, 1});
    ASSERT_TRUE(applied) << applied.error().what;
  }
  // An alert about an asset of its own; its incident.
  std::string alert(char digit) {
    record::Alert alert = record::test::sample_alert();
    alert.id = std::string(32, digit);
    alert.asset = std::string{"asset-"} + digit;
    alert.event_time = alert.receive_time = kStart;
    apply(record::make_entry(record::kEntryAlert, kStart, alert.to_json()));
    return store->list({})->front().id;
  }
  void hold(const std::string& id, const std::string& incident) {
    reveals::Hold hold;
    hold.id = id;
    hold.incident = incident;
    hold.why = "the court asks";
    hold.by.by = "R. Haddad";
    ASSERT_TRUE(holds.apply(record::kEntryHold, reveals::hold_body(hold), kStart));
  }
  void act(record::ActKind kind, const std::string& incident, Timestamp t, const std::string& into = {}) {
    record::Act act;
    act.kind = kind;
    act.incident = incident;
    act.by = "R. Haddad";
    act.why = "looked at it";
    if (!into.empty()) act.values.emplace_back("into", into);
    apply(record::make_entry(record::kEntryIncident, t, act.to_json()));
  }
  [[nodiscard]] bool held(char digit, Timestamp now) const {
    const auto held = case_holds(*store, holds, *store->next(), now, [] { return true; });
    EXPECT_TRUE(held);
    record::EvidenceObject object;
    object.alert = std::string(32, digit);
    object.stored = kStart;
    return held && held->held(object);
  }
};

}  // namespace

TEST(CaseHolds, FromTheFirstActToThirtyDaysAfterTheLast) {
  Cases cases;
  const std::string incident = cases.alert('a');
  EXPECT_FALSE(cases.held('a', kStart)) << "nobody took it up";
  cases.act(record::ActKind::acknowledge, incident, kStart);
  EXPECT_TRUE(cases.held('a', kStart + 400 * kDay));
  cases.act(record::ActKind::false_positive, incident, kStart + 10 * kDay);
  EXPECT_TRUE(cases.held('a', kStart + 39 * kDay));
  EXPECT_FALSE(cases.held('a', kStart + 41 * kDay));
  EXPECT_FALSE(cases.held('b', kStart)) << "another alert";
}

TEST(CaseHolds, WhatAHoldNames) {
  Cases cases;
  const std::string incident = cases.alert('a');
  cases.alert('b');
  reveals::Hold hold;
  hold.id = "HO-1";
  hold.incident = incident;
  hold.why = "the court asks";
  hold.by.by = "R. Haddad";
  ASSERT_TRUE(cases.holds.apply(record::kEntryHold, reveals::hold_body(hold), kStart));
  EXPECT_TRUE(cases.held('a', kStart + 400 * kDay));
  EXPECT_FALSE(cases.held('b', kStart));
  hold.id = "HO-2";
  hold.incident.clear();
  hold.alert = std::string(32, 'b');
  ASSERT_TRUE(cases.holds.apply(record::kEntryHold, reveals::hold_body(hold), kStart));
  EXPECT_TRUE(cases.held('b', kStart + 400 * kDay));
}

TEST(CaseHolds, AStoreThatIsBehindKnowsNothing) {
  Cases cases;
  cases.alert('a');
  const std::uint64_t read = *cases.store->next();
  EXPECT_TRUE(case_holds(*cases.store, cases.holds, read, kStart, [] { return true; }));
  const auto behind = case_holds(*cases.store, cases.holds, read + 1, kStart, [] { return true; });
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().code, Errc::unavailable);
}

TEST(CaseHolds, NoTimeForMoreIsNoAnswer) {
  Cases cases;
  cases.act(record::ActKind::acknowledge, cases.alert('a'), kStart);
  const auto held = case_holds(*cases.store, cases.holds, 0, kStart, [] { return false; });
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, Errc::unavailable);
}

TEST(CaseHolds, AHoldOnAnUnknownIncidentKeepsEverything) {
  Cases cases;
  cases.hold("HO-1", "NW-2026-000009");
  const auto held = case_holds(*cases.store, cases.holds, *cases.store->next(), kStart, [] { return true; });
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, Errc::malformed);
  EXPECT_NE(held.error().what.find("HO-1"), std::string::npos) << held.error().what;
}

// The hold is on the first of a chain: what it counts in now is its end.
TEST(CaseHolds, MergedTwice) {
  Cases cases;
  const std::string first = cases.alert('a'), second = cases.alert('b'), third = cases.alert('c');
  cases.act(record::ActKind::merge, first, kStart, second);
  cases.act(record::ActKind::merge, second, kStart, third);
  cases.hold("HO-1", first);
  for (const char digit : {'a', 'b', 'c'}) EXPECT_TRUE(cases.held(digit, kStart + 400 * kDay)) << digit;
}

TEST(CaseHolds, MergedInALoop) {
  Cases cases;
  cases.hold("HO-1", "NW-2026-000001");
  const auto loop = [](const std::string& id) -> Result<record::CaseFile> {
    record::CaseFile out;
    out.incident.id = out.incident.merged_into = id;
    return out;
  };
  EXPECT_FALSE(named_holds(cases.holds, loop, [] { return true; }));
}

TEST(CaseHolds, TimesHoldWhatIsNotListed) {
  CaseHolds holds;
  holds.times.emplace_back(kStart, kStart + kDay);
  record::EvidenceObject object;
  object.stored = kStart + kDay;
  EXPECT_TRUE(holds.held(object));
  object.stored += std::chrono::seconds{1};
  EXPECT_FALSE(holds.held(object));
}

}  // namespace nw::app
