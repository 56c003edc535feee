#include "record/fold.h"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "record/entry.h"

namespace nw::record {
namespace {

using std::chrono::minutes;

Fold seen(const std::string& actor, const std::string& level = "high", int second = 0) {
  Fold fold;
  fold.id = "id-" + actor + "-" + std::to_string(second);
  fold.rule_id = "rule";
  fold.rule_title = "a title";
  fold.level = level;
  fold.asset = "plc-1";
  fold.actor = actor;
  fold.count = 1;
  fold.first = fold.last = fold.last_received = from_unix_nanoseconds(std::int64_t{second} * 1'000'000'000);
  fold.last_ordinal = static_cast<std::uint64_t>(second);
  return fold;
}

TEST(Folder, WhatPassesAndWhatFolds) {
  static const struct {
    const char* name;
    const char* actor;
    const char* level;
    minutes at;
    bool passes;
  } kSteps[] = {
      {"the first", "a", "high", minutes{0}, true},
      {"a repeat", "a", "high", minutes{1}, false},
      {"another actor", "b", "high", minutes{1}, true},
      {"a lower level", "a", "low", minutes{2}, false},
      {"a higher level", "a", "critical", minutes{3}, true},
      {"a repeat of the higher one", "a", "critical", minutes{4}, false},
      {"just before the end", "a", "high", minutes{18}, false},
      {"after the quiet", "a", "high", minutes{33}, true},
  };
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  for (const auto& step : kSteps) {
    SCOPED_TRACE(step.name);
    EXPECT_EQ(folder.take(seen(step.actor, step.level), step.at, summaries), step.passes);
  }
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].count, 6U);
  EXPECT_EQ(summaries[0].folded, 4U);
  EXPECT_EQ(summaries[0].level, "critical");
}

// What the first alert cites no longer holds.
TEST(Folder, RepeatsUnderAnotherRegimeAreAnotherAlert) {
  Alert alert;
  alert.id = "0123";
  alert.rule_id = "rule";
  alert.regime = "peacetime";
  Fold peace = Fold::of(GuardedAlert::of_ledger(alert));
  alert.regime = "armed_conflict";
  const Fold conflict = Fold::of(GuardedAlert::of_ledger(alert));
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  EXPECT_TRUE(folder.take(peace, minutes{0}, summaries));
  EXPECT_TRUE(folder.take(conflict, minutes{1}, summaries));
  EXPECT_FALSE(folder.take(peace, minutes{2}, summaries));
  const auto read = Fold::from_json(conflict.to_json());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->regime, "armed_conflict");
}

// Nobody acts when a device falls silent: each of two is an alert, though they are of one asset.
TEST(Folder, SilentDevicesOfOneAssetDoNotFold) {
  Alert alert;
  alert.id = std::string(kAlertIdBytes, '0');
  alert.rule_id = "silence";
  alert.asset = "plant";
  alert.destination_address = "192.0.2.10";
  Alert other = alert;
  other.destination_address = "192.0.2.11";
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  EXPECT_TRUE(folder.take(Fold::of(GuardedAlert::of_ledger(alert)), minutes{0}, summaries));
  EXPECT_TRUE(folder.take(Fold::of(GuardedAlert::of_ledger(other)), minutes{0}, summaries));
  EXPECT_FALSE(folder.take(Fold::of(GuardedAlert::of_ledger(other)), minutes{1}, summaries));
}

// A reload in the middle of a storm: the raised alert is written as the rule says now, and summaries are of it.
TEST(Folder, ARaisedAlertTakesTheRulesWordsAlong) {
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  EXPECT_TRUE(folder.take(seen("a", "medium"), minutes{0}, summaries));
  Fold raised = seen("a", "high");
  raised.rule_title = "a new title";
  raised.norm = "13g";
  EXPECT_TRUE(folder.take(raised, minutes{1}, summaries));
  EXPECT_FALSE(folder.take(raised, minutes{2}, summaries));
  folder.finish(summaries);
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].level, "high");
  EXPECT_EQ(summaries[0].rule_title, "a new title");
  EXPECT_EQ(summaries[0].norm, "13g");
}

TEST(Folder, SumsUpAtIntervalsAndAtTheEnd) {
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  EXPECT_TRUE(folder.take(seen("a", "high", 10), minutes{0}, summaries));
  EXPECT_FALSE(folder.take(seen("a", "high", 20), minutes{1}, summaries));
  EXPECT_FALSE(folder.take(seen("a", "high", 5), minutes{1}, summaries));  // late
  folder.tick(minutes{4}, Timestamp{}, summaries);
  EXPECT_TRUE(summaries.empty());
  folder.tick(minutes{5}, Timestamp{}, summaries);
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].id, "id-a-10");
  EXPECT_EQ(summaries[0].count, 3U);
  EXPECT_EQ(summaries[0].folded, 2U);
  EXPECT_EQ(summaries[0].first, seen("a", "high", 5).first);
  EXPECT_EQ(summaries[0].last, seen("a", "high", 20).last);
  EXPECT_EQ(summaries[0].last_ordinal, 20U);
  folder.tick(minutes{10}, Timestamp{}, summaries);  // nothing new: nothing said
  EXPECT_EQ(summaries.size(), 1U);
  EXPECT_FALSE(folder.take(seen("a", "high", 30), minutes{11}, summaries));
  folder.finish(summaries);
  ASSERT_EQ(summaries.size(), 2U);
  EXPECT_EQ(summaries[1].count, 4U);
  EXPECT_EQ(summaries[1].folded, 1U);
  EXPECT_EQ(folder.open(), 0U);
  EXPECT_EQ(folder.bytes(), 0U);
}

TEST(Folder, EndsTheColdestWhenFull) {
  FoldOptions options;
  options.folds_max = 2;
  Folder folder{options};
  std::vector<Fold> summaries;
  for (const char* actor : {"a", "b", "b", "a"}) folder.take(seen(actor), minutes{0}, summaries);
  folder.take(seen("c"), minutes{0}, summaries);
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].actor, "b");
  EXPECT_EQ(folder.ended_early(), 1U);
  EXPECT_EQ(folder.open(), 2U);
}

TEST(Folder, KeepsWithinItsBytes) {
  FoldOptions options;
  options.bytes_max = 8192;
  Folder folder{options};
  std::vector<Fold> summaries;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(folder.take(seen("invented-" + std::to_string(i)), minutes{0}, summaries));
    ASSERT_LE(folder.bytes(), options.bytes_max);
  }
  EXPECT_GT(folder.ended_early(), 900U);
  // A single one beyond the bytes is written each time.
  const std::size_t open = folder.open();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(folder.take(seen(std::string(9000, 'x')), minutes{0}, summaries));
  EXPECT_EQ(folder.open(), open);
}

TEST(Folder, TextsThatLookLikeTwoAreNotOne) {
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  Fold one = seen("c"), other = seen("bc");
  one.asset = "ab";
  other.asset = "a";
  EXPECT_TRUE(folder.take(one, minutes{0}, summaries));
  EXPECT_TRUE(folder.take(other, minutes{0}, summaries));
}

// Alerts taken = alerts passed + what the summaries say was folded, whatever the order, the bounds and the times.
TEST(Folder, NothingIsDropped) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    FoldOptions options;
    options.folds_max = 1 + random() % 20;
    Folder folder{options};
    std::vector<Fold> summaries;
    std::uint64_t passed = 0, folded = 0;
    Nanoseconds now{0};
    constexpr std::uint64_t kAlerts = 500;
    static constexpr const char* kLevels[] = {"low", "medium", "high", "critical"};
    for (std::uint64_t i = 0; i < kAlerts; ++i) {
      now += std::chrono::seconds{random() % 120};
      if (random() % 4 == 0) folder.tick(now, Timestamp{}, summaries);
      const std::string actor = std::to_string(random() % 30);
      if (folder.take(seen(actor, kLevels[random() % 4], static_cast<int>(random() % 1000)), now, summaries)) ++passed;
    }
    folder.finish(summaries);
    for (const Fold& fold : summaries) folded += fold.folded;
    EXPECT_EQ(passed + folded, kAlerts);
    EXPECT_EQ(folder.folded(), folded);
  }
}

std::string id_of(std::uint32_t number) {
  std::string hex = std::to_string(number);
  return std::string(kAlertIdBytes - hex.size(), '0') + hex;
}

Fold numbered(std::uint32_t number, const std::string& actor = "a") {
  Fold fold = seen(actor, "high", static_cast<int>(number));
  fold.id = id_of(number);
  return fold;
}

TEST(Folder, SaysWhichAlertsItCounted) {
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  for (std::uint32_t i = 0; i < 3; ++i) folder.take(numbered(i), minutes{0}, summaries);
  folder.tick(minutes{5}, Timestamp{}, summaries);
  folder.take(numbered(3), minutes{6}, summaries);
  folder.take(seen("a"), minutes{6}, summaries);  // an id that is none of the daemon's
  folder.finish(summaries);
  ASSERT_EQ(summaries.size(), 2U);
  EXPECT_EQ(summaries[0].ids, id_of(1) + id_of(2));
  EXPECT_EQ(summaries[1].ids, id_of(3));
  EXPECT_EQ(folder.ids(), 0U);
}

TEST(Folder, KeepsNoMoreIdsThanItMay) {
  FoldOptions options;
  options.ids_max = kFoldIdsMax + 7;
  Folder folder{options};
  std::vector<Fold> summaries;
  for (const char* actor : {"a", "b"})
    for (std::uint32_t i = 0; i < 1000; ++i) folder.take(numbered(i, actor), minutes{0}, summaries);
  EXPECT_EQ(folder.ids(), options.ids_max);
  folder.finish(summaries);
  ASSERT_EQ(summaries.size(), 2U);
  EXPECT_EQ(summaries[0].ids.size(), kFoldIdsMax * kAlertIdBytes);
  EXPECT_EQ(summaries[1].ids.size(), 7 * kAlertIdBytes);
  EXPECT_EQ(summaries[1].folded, 999U) << "counted all the same";
}

TEST(Folder, AfterARestartTheStormIsTheSame) {
  std::vector<Fold> summaries;
  Fold summary = numbered(0);
  summary.count = 5;
  summary.folded = 4;
  summary.ids = id_of(1) + id_of(2) + id_of(3) + id_of(4);
  Folder folder{FoldOptions{}};
  folder.remember(numbered(0), minutes{-8});
  folder.remember(summary, minutes{-3});
  folder.remember(numbered(7, "b"), minutes{-16});
  EXPECT_EQ(folder.open(), 2U);
  // Given again.
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_TRUE(folder.known(id_of(i))) << i;
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_FALSE(folder.known(id_of(i))) << "said once";
  EXPECT_FALSE(folder.known(id_of(5)));
  EXPECT_FALSE(folder.take(numbered(5), minutes{0}, summaries)) << "it goes on";
  EXPECT_TRUE(folder.take(numbered(8, "b"), minutes{0}, summaries)) << "it was quiet for too long";
  EXPECT_TRUE(summaries.empty());
  folder.finish(summaries);
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].id, id_of(0));
  EXPECT_EQ(summaries[0].count, 6U);
  EXPECT_EQ(summaries[0].folded, 1U) << "what the ledger has is not summed up again";
  EXPECT_EQ(folder.bytes(), 0U);
}

TEST(Folder, RemembersWhatWasWrittenTwiceOrRaised) {
  std::vector<Fold> summaries;
  Folder folder{FoldOptions{}};
  folder.remember(numbered(0), minutes{-8});
  folder.remember(numbered(0), minutes{-7});
  Fold raised = numbered(1);
  raised.level = "critical";
  folder.remember(raised, minutes{-6});
  raised = numbered(2);
  raised.level = "critical";
  EXPECT_FALSE(folder.take(raised, minutes{0}, summaries)) << "it was raised before";
  folder.finish(summaries);
  ASSERT_EQ(summaries.size(), 1U);
  EXPECT_EQ(summaries[0].count, 3U);
}

TEST(Folder, RemembersWithinItsBounds) {
  FoldOptions options;
  options.folds_max = 16;
  options.known_max = 100;
  Folder folder{options};
  for (std::uint32_t i = 0; i < 1000; ++i) folder.remember(numbered(i, std::to_string(i)), minutes{-1});
  EXPECT_EQ(folder.open(), 16U);
  std::size_t known = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) known += folder.known(id_of(i)) ? 1U : 0U;
  EXPECT_EQ(known, options.known_max);
}

// A life after a life, each killed somewhere: written + summed up = what was given, each once, however often it came.
TEST(Folder, NothingIsCountedTwiceOverRestarts) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    constexpr std::uint32_t kAlerts = 200;
    std::vector<std::pair<Fold, Nanoseconds>> ledger;
    Nanoseconds now{0};
    const auto live = [&](std::uint32_t until, bool in_order) {
      Folder folder{FoldOptions{}};
      for (const auto& [written, when] : ledger) folder.remember(written, when);
      std::vector<Fold> summaries;
      const auto write = [&] {
        for (const Fold& fold : summaries) ledger.emplace_back(fold, now);
        summaries.clear();
      };
      for (std::uint32_t i = 0; i < until; ++i) {
        now += std::chrono::seconds{random() % 60};
        folder.tick(now, Timestamp{}, summaries);
        const Fold one = numbered(i, std::to_string(i % 3));
        const bool passes = !folder.known(one.id) && folder.take(one, now, summaries);
        write();
        if (passes) ledger.emplace_back(one, now);
      }
      if (in_order) folder.finish(summaries);
      write();
    };
    for (int i = 0; i < 3; ++i) live(static_cast<std::uint32_t>(random()) % kAlerts, random() % 2 == 0);
    live(kAlerts, true);
    std::uint64_t total = 0;
    for (const auto& [written, when] : ledger) total += written.folded == 0 ? 1 : written.folded;
    EXPECT_EQ(total, kAlerts);
  }
}

TEST(Fold, IsReadBack) {
  Fold fold = seen("10.0.0.1", "high", 7);
  fold.count = 12;
  fold.folded = 11;
  fold.ids = id_of(1) + id_of(2);
  const auto back = Fold::from_json(fold.to_json());
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(back->to_json(), fold.to_json());
  EXPECT_EQ(back->folded, 11U);
}

TEST(Fold, AlwaysFitsAnEntry) {
  Fold fold = seen("a");
  for (auto* text : {&fold.id, &fold.rule_id, &fold.rule_title, &fold.level, &fold.norm, &fold.asset, &fold.sector,
                     &fold.place, &fold.actor, &fold.source, &fold.group_key})
    *text = std::string(100'000, '\x01');
  fold.ids = std::string(100'000, 'a');
  EXPECT_LE(fold.to_json().size(), kBodyBytesMax);
}

TEST(Fold, Refuses) {
  static constexpr struct {
    const char* name;
    const char* json;
    const char* want;
  } kCases[] = {
      {"no JSON", "{", "not a JSON object"},
      {"no count", R"({"id":"a"})", "`count`"},
      {"text that is a number", R"({"id":1})", "`id`"},
      {"negative", R"({"id":"a","count":-1})", "`count`"},
      {"no time", R"({"id":"a","count":2,"folded":1,"last_ordinal":0})", "`first`"},
      {"more folded than there were",
       R"({"id":"a","count":1,"folded":2,"last_ordinal":0,"first":"2026-01-15T08:00:00Z","last":"2026-01-15T08:00:00Z","last_received":"2026-01-15T08:00:00Z"})",
       "`folded`"},
      {"more than can be",
       R"({"id":"a","count":1099511627777,"folded":2,"last_ordinal":0,"first":"2026-01-15T08:00:00Z","last":"2026-01-15T08:00:00Z","last_received":"2026-01-15T08:00:00Z"})",
       "`count`"},
      {"an id that is cut",
       R"({"id":"a","ids":"00","count":1,"folded":1,"last_ordinal":0,"first":"2026-01-15T08:00:00Z","last":"2026-01-15T08:00:00Z","last_received":"2026-01-15T08:00:00Z"})",
       "`ids`"},
      {"ids that are no list of ours",
       R"({"id":"a","ids":["00"],"count":1,"folded":1,"last_ordinal":0,"first":"2026-01-15T08:00:00Z","last":"2026-01-15T08:00:00Z","last_received":"2026-01-15T08:00:00Z"})",
       "`ids`"},
      {"no id",
       R"({"count":1,"folded":1,"last_ordinal":0,"first":"2026-01-15T08:00:00Z","last":"2026-01-15T08:00:00Z","last_received":"2026-01-15T08:00:00Z"})",
       "`id`"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto got = Fold::from_json(c.json);
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().what.find(c.want), std::string::npos) << got.error().what;
  }
}

TEST(Fold, OfAnAlert) {
  Alert alert;
  alert.id = "x";
  alert.source = "tap";
  EXPECT_EQ(Fold::of(GuardedAlert::of_ledger(alert)).place, "tap");
  EXPECT_EQ(Fold::of(GuardedAlert::of_ledger(alert)).actor, "");
  alert.host = "gate";
  EXPECT_EQ(Fold::of(GuardedAlert::of_ledger(alert)).place, "gate");
  EXPECT_EQ(Fold::of(GuardedAlert::of_ledger(alert)).actor, "gate");
  alert.destination_address = "10.0.0.2";
  alert.source_address = "10.0.0.1";
  EXPECT_EQ(Fold::of(GuardedAlert::of_ledger(alert)).place, "10.0.0.2");
  EXPECT_EQ(Fold::of(GuardedAlert::of_ledger(alert)).actor, "10.0.0.1");
  alert.asset = "plc-1";
  EXPECT_EQ(Fold::of(GuardedAlert::of_ledger(alert)).asset, "plc-1");
  EXPECT_EQ(Fold::of(GuardedAlert::of_ledger(alert)).place, "");
  EXPECT_EQ(Fold::of(GuardedAlert::of_ledger(alert)).group_key, alert.group_key());
}

TEST(Fold, AsASentence) {
  Fold fold = seen("10.0.0.1", "high", 30);
  fold.count = 12;
  fold.folded = 11;
  fold.first = from_unix_nanoseconds(0);
  EXPECT_EQ(to_text(fold, false),
            "1970-01-01T00:00:30.000Z  HIGH      a title: 11 more at plc-1 from 10.0.0.1, 12 in all since "
            "1970-01-01T00:00:00.000Z (alert id-10.0.0.1-30)\n");
  fold.asset.clear();
  fold.actor.clear();
  fold.place = "a\x1b[2Jb";
  EXPECT_NE(to_text(fold, true).find(": 11 more at a\\x1b[2Jb, 12"), std::string::npos);
}

// Two sources that say nothing of where: what they have in common is the rule.
TEST(Folder, SourcesThatNameNoPlaceAreApart) {
  Folder folder{FoldOptions{}};
  std::vector<Fold> summaries;
  Alert alert;
  alert.id = "x";
  alert.rule_id = "rule";
  for (const char* source : {"tap-1", "tap-2"}) {
    alert.source = source;
    EXPECT_TRUE(folder.take(Fold::of(GuardedAlert::of_ledger(alert)), minutes{0}, summaries)) << source;
    EXPECT_FALSE(folder.take(Fold::of(GuardedAlert::of_ledger(alert)), minutes{0}, summaries)) << source;
  }
  // A host is not the asset that has its name.
  alert.host = "plc-1";
  EXPECT_TRUE(folder.take(Fold::of(GuardedAlert::of_ledger(alert)), minutes{0}, summaries));
  alert.asset = "plc-1";
  EXPECT_TRUE(folder.take(Fold::of(GuardedAlert::of_ledger(alert)), minutes{0}, summaries));
}

}  // namespace
}  // namespace nw::record
