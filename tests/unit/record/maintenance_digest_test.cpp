#include "record/maintenance_digest.h"

#include "record/entry.h"
#include "record/fold.h"
#include "support.h"

namespace nw::record::test {
namespace {

Alert quiet_alert(const std::string& id, const std::string& rule = "r-1", const std::string& ticket = "CHG-1") {
  Alert alert = sample_alert();
  alert.id = id;
  alert.rule_id = rule;
  alert.asset = "plant";
  alert.maintenance = ticket;
  alert.maintenance_until = "2026-01-15T09:00:00Z";
  alert.quiet = true;
  return alert;
}

std::string entry(const Alert& alert) {
  return make_alert_entry(at("2026-01-15T08:00:00Z"), GuardedAlert::of_ledger(alert));
}

const Timestamp kEnd = at("2026-01-15T09:00:00Z");
constexpr std::chrono::seconds kGrace{35};

TEST(MaintenanceDigests, CountsByRuleAndWaitsForTheEnd) {
  MaintenanceDigests digests;
  digests.see(entry(quiet_alert("a")));
  digests.see(entry(quiet_alert("b")));
  digests.see(entry(quiet_alert("c", "r-2")));
  Alert loud = quiet_alert("d");
  loud.quiet = false;  // an unplanned write: it has paged
  digests.see(entry(loud));
  Fold fold = Fold::of(GuardedAlert::of_ledger(quiet_alert("a")));
  fold.count = 11;
  fold.folded = 10;
  digests.see(make_entry(kEntryFold, kEnd, fold.to_json()));
  Fold loud_fold = Fold::of(GuardedAlert::of_ledger(loud));
  loud_fold.count = 6;
  loud_fold.folded = 5;
  digests.see(make_entry(kEntryFold, kEnd, loud_fold.to_json()));

  EXPECT_TRUE(digests.due(kEnd + kGrace - Nanoseconds{1}, kGrace).empty());
  const auto due = digests.due(kEnd + kGrace, kGrace);
  ASSERT_EQ(due.size(), 1U);
  const Alert& digest = due[0];
  EXPECT_EQ(digest.rule_id, kMaintenanceDigestRule);
  EXPECT_EQ(digest.rule_title, "Maintenance ended: 13 alerts were kept quiet");
  EXPECT_EQ(digest.asset, "plant");
  EXPECT_EQ(digest.disclosure, "restricted");
  EXPECT_EQ(digest.maintenance, "CHG-1");
  EXPECT_FALSE(digest.quiet);
  ASSERT_EQ(digest.atoms.size(), 2U);
  EXPECT_EQ(digest.atoms[0].value, "12");
  EXPECT_EQ(digest.atoms[1].value, "1");
  EXPECT_TRUE(Alert::from_json(digest.to_json()));
  EXPECT_TRUE(digests.due(kEnd + kGrace, kGrace).empty()) << "once";
}

// Also one whose window began with a fold, and whose state was kept over a restart.
TEST(MaintenanceDigests, ASecretAssetStaysSecret) {
  Alert secret = quiet_alert("a");
  secret.disclosure = "secret";
  Fold fold = Fold::of(GuardedAlert::of_ledger(secret));
  fold.count = fold.folded = 5;
  MaintenanceDigests before, after;
  before.see(make_entry(kEntryFold, kEnd, fold.to_json()));
  ASSERT_TRUE(after.restore(before.state()));
  const auto due = after.due(kEnd + kGrace, kGrace);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].disclosure, "secret");
}

TEST(MaintenanceDigests, ARestartNeitherLosesNorRepeats) {
  MaintenanceDigests before;
  before.see(entry(quiet_alert("a")));
  {
    MaintenanceDigests after;  // stopped before the end
    ASSERT_TRUE(after.restore(before.state()));
    EXPECT_EQ(after.due(kEnd + kGrace, kGrace).size(), 1U);
  }
  const auto due = before.due(kEnd + kGrace, kGrace);
  ASSERT_EQ(due.size(), 1U);
  const std::string state = before.state();
  {
    MaintenanceDigests after;  // killed before the ledger had it: it comes again, the same
    ASSERT_TRUE(after.restore(state));
    after.see(entry(quiet_alert("late")));
    const auto again = after.unheard(kEnd + kGrace);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].to_json(), due[0].to_json());
    after.see(entry(again[0]));
    EXPECT_TRUE(after.unheard(kEnd).empty());
    const auto second = after.due(kEnd + kGrace, kGrace);  // what came late is told too
    ASSERT_EQ(second.size(), 1U);
    EXPECT_NE(second[0].id, due[0].id);
    EXPECT_EQ(second[0].atoms[0].value, "1");
  }
  {
    MaintenanceDigests after;  // killed after it
    ASSERT_TRUE(after.restore(state));
    after.see(entry(due[0]));
    EXPECT_TRUE(after.unheard(kEnd).empty());
    EXPECT_EQ(after.windows(), 0U);
  }
  {
    MaintenanceDigests after;  // the place is lost, and the ledger read anew
    after.see(entry(quiet_alert("a")));
    after.see(entry(due[0]));
    EXPECT_TRUE(after.due(kEnd + kGrace, kGrace).empty());
  }
}

// A source that catches up after the end: its alert and that alert's fold are not of one digest, or of two that look
// alike.
TEST(MaintenanceDigests, WhatComesAfterTheEndWaitsForItsKind) {
  MaintenanceDigests digests;
  const Timestamp later = kEnd + std::chrono::hours{1};
  const Alert late = quiet_alert("late");
  digests.see(make_alert_entry(later, GuardedAlert::of_ledger(late)));
  EXPECT_TRUE(digests.due(later + kGrace - Nanoseconds{1}, kGrace).empty());
  const auto first = digests.due(later + kGrace, kGrace);
  ASSERT_EQ(first.size(), 1U);
  Fold fold = Fold::of(GuardedAlert::of_ledger(late));
  fold.count = 4;
  fold.folded = 3;
  digests.see(make_entry(kEntryFold, later + kGrace, fold.to_json()));
  const auto second = digests.due(later + 2 * kGrace, kGrace);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_NE(second[0].id, first[0].id);
  EXPECT_EQ(second[0].atoms[0].value, "3");
}

TEST(MaintenanceDigests, Bounds) {
  MaintenanceDigests digests;
  const std::string large(500, '\x01');
  for (std::size_t w = 0; w <= MaintenanceDigests::kWindowsMax; ++w) {
    for (std::size_t r = 0; r <= MaintenanceDigests::kRulesMax; ++r) {
      Alert alert = quiet_alert("a" + std::to_string(w) + '-' + std::to_string(r), "r" + std::to_string(r) + large,
                                std::to_string(w) + large);
      alert.rule_title = alert.asset_name = alert.sector = large;
      digests.see(entry(alert));
    }
  }
  EXPECT_LT(digests.state().size(), std::size_t{1} << 20);  // of a cursor
  // One window too many: one is summed up although none has ended.
  const auto due = digests.due(at("2026-01-15T08:00:00Z"), kGrace);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].atoms.size(), MaintenanceDigests::kRulesMax + 1);
  EXPECT_EQ(due[0].atoms.back().field, "other rules");
}

TEST(MaintenanceDigests, RefusesABadState) {
  for (const char* state : {"{", "{}", "[1]", "[{}]", R"([{"asset":1}])"}) {
    MaintenanceDigests digests;
    EXPECT_FALSE(digests.restore(state)) << state;
    EXPECT_EQ(digests.windows(), 0U);
  }
  EXPECT_TRUE(MaintenanceDigests{}.restore(""));
}

TEST(Fold, QuietAndLoudDoNotFold) {
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  Alert loud = quiet_alert("b");
  loud.quiet = false;
  EXPECT_TRUE(folder.take(Fold::of(GuardedAlert::of_ledger(quiet_alert("a"))), Nanoseconds{0}, summaries));
  EXPECT_TRUE(folder.take(Fold::of(GuardedAlert::of_ledger(loud)), Nanoseconds{1}, summaries));
  EXPECT_FALSE(folder.take(Fold::of(GuardedAlert::of_ledger(quiet_alert("c"))), Nanoseconds{2}, summaries));
}

// The digest of a window waits a moment for what belongs to it, not for a fold's interval.
TEST(Fold, AQuietFoldEndsWithItsWindow) {
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  Alert loud = quiet_alert("b");
  loud.quiet = false;
  for (int repeat = 0; repeat < 2; ++repeat) {
    folder.take(Fold::of(GuardedAlert::of_ledger(quiet_alert("a"))), Nanoseconds{1}, summaries);
    folder.take(Fold::of(GuardedAlert::of_ledger(loud)), Nanoseconds{1}, summaries);
  }
  folder.tick(Nanoseconds{2}, kEnd - Nanoseconds{1}, summaries);
  EXPECT_TRUE(summaries.empty());
  folder.tick(Nanoseconds{2}, kEnd, summaries);
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].folded, 1U);
  EXPECT_FALSE(summaries[0].maintenance.empty());
  EXPECT_EQ(folder.open(), 1U);
}

}  // namespace
}  // namespace nw::record::test
