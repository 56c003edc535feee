// The store is exactly what the ledger says: whatever people did, in whatever steps it is read, and after an upgrade.
#include <gtest/gtest.h>
#include <map>

#include "unit/record/incidents/cases_support.h"

namespace nw::record {
namespace {

using namespace test;

// Alerts, folds and acts at random: many acts are refused, and that must come out the same, too.
std::vector<std::string> random_cases(std::mt19937& random, std::size_t count) {
  const auto up_to = [&](int n) { return std::uniform_int_distribution<int>{0, n}(random); };
  const auto text = [&](const char* prefix, int n) { return prefix + std::to_string(up_to(n)); };
  std::vector<std::string> out;
  std::uint64_t number = 0;
  Timestamp now = at("2026-01-15T08:00:00Z");
  while (out.size() < count) {
    now += std::chrono::seconds{up_to(600)};
    if (number < 5 || up_to(2) == 0) {
      // Event times go back by up to three days: they come out of order.
      Alert alert = alert_by(up_to(9) == 0 ? number / 2 : number, text("actor", 3), text("r", 3), text("NW-F-", 1), 0);
      alert.event_time = now - std::chrono::minutes{up_to(3 * 24 * 60)};
      alert.receive_time = now;
      alert.asset_class = text("C", 3);
      alert.tlp = up_to(3) == 0 ? "red" : "amber";
      alert.level = up_to(5) == 0 ? "critical" : "low";
      ++number;
      out.push_back(entry_of(alert));
      continue;
    }
    const auto kind = static_cast<ActKind>(up_to(static_cast<int>(kActs.size()) - 1));
    Act act = act_on(id_of(1 + up_to(12)), kind, {}, up_to(3) == 0 ? "" : "because");
    for (const std::string_view name : form_of(kind).needs) {
      std::string value = "yes";
      if (name == "label") value = up_to(1) == 0 ? "green" : "red";
      if (name == "factor") value = kFactors[static_cast<std::size_t>(up_to(3))];
      if (name == "into") value = id_of(1 + up_to(12));
      if (name == "count") value = std::to_string(up_to(9));
      if (name == "moment") value = "aware_at";
      if (name == "time") value = to_rfc3339(now);
      act.values.emplace_back(name, value);
    }
    if (kind == ActKind::split && up_to(1) == 0)
      act.values.emplace_back("merge", std::to_string(up_to(static_cast<int>(out.size()))));
    else if (kind == ActKind::split)
      act.values.emplace_back("alerts", text("id-", static_cast<int>(number)));
    out.push_back(make_entry(kEntryIncident, now, act.to_json()));
  }
  return out;
}

std::string applied(const std::vector<std::string>& payloads, std::size_t step) {
  const TempDir dir;
  const auto store = must_open(dir / "i.sqlite");
  const auto entries = entries_of(payloads);
  for (std::size_t at = 0; at < entries.size(); at += step) {
    const auto done = store->apply(std::span{entries}.subspan(at, std::min(step, entries.size() - at)));
    EXPECT_TRUE(done) << done.error().what;
  }
  return dump(dir / "i.sqlite");
}

TEST(Rebuild, RandomActsGiveTheSameRowsInAnySteps) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  bool merged = false;  // in one round or another
  for (int round = 0; round < 5; ++round) {
    const auto payloads = random_cases(random, 600);
    const std::string rows = applied(payloads, 1);
    EXPECT_EQ(applied(payloads, payloads.size()), rows);
    EXPECT_EQ(applied(payloads, 37), rows);
    merged = merged || rows.find("|merge|") != std::string::npos;
  }
  EXPECT_TRUE(merged);
}

TEST(Rebuild, WhatCountsIsConserved) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const TempDir dir;
  const auto store = must_open(dir / "i.sqlite");
  const auto entries = entries_of(random_cases(random, 2000));
  for (std::size_t at = 0; at < entries.size(); ++at) {
    ASSERT_TRUE(store->apply(std::span{entries}.subspan(at, 1)));
    if (at % 100 != 99) continue;
    const auto totals = store->totals();
    std::uint64_t counted = 0, listed = 0, tallied = 0, acts = 0, alerts = 0, unread = 0;
    std::map<std::string, std::uint64_t> by_state;
    for (const char* state : {"", "merged"}) {
      const auto list = store->list({.state = state, .norm = "", .asset = "", .most = 9999});
      for (const Incident& incident : *list) {
        ++listed;
        ++by_state[incident.state + " " + incident.level];
        if (incident.state == "merged") continue;
        counted += incident.alerts;
        const auto file = store->case_file(incident.id);
        std::uint64_t rows = file->alerts.size(), in_groups = 0;
        for (const CaseAlert& alert : file->alerts) rows += alert.repeats;
        for (const CaseGroup& group : file->groups) in_groups += group.alerts;
        ASSERT_EQ(rows, incident.alerts) << incident.id;
        ASSERT_EQ(in_groups, incident.alerts) << incident.id;
      }
    }
    for (const auto& tally : totals->tallies) {
      tallied += tally.count;
      ASSERT_EQ(by_state[tally.state + " " + tally.level], tally.count) << tally.state << " " << tally.level;
    }
    for (const auto& [kind, count] : totals->acts) acts += count;
    ASSERT_EQ(counted, totals->alerts + totals->folded);
    ASSERT_EQ(listed, totals->incidents);
    ASSERT_EQ(tallied, totals->incidents);
    for (std::size_t i = 0; i <= at; ++i) (parse_entry(entries[i].payload)->type == kEntryAlert ? alerts : unread) += 1;
    ASSERT_EQ(totals->alerts + totals->duplicates, alerts);
    ASSERT_EQ(acts + totals->unreadable, unread);
  }
}

std::unique_ptr<Ledger> ledger_of(const std::filesystem::path& directory, const std::vector<std::string>& payloads) {
  LedgerOptions options;
  options.directory = directory;
  auto ledger = Ledger::open(options);
  EXPECT_TRUE(ledger) << ledger.error().what;
  EXPECT_TRUE((*ledger)->append(payloads));
  return std::move(*ledger);
}

TEST(Rebuild, FromTheLedgerRowByRow) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const TempDir dir;
  const auto payloads = random_cases(random, 800);
  const auto ledger = ledger_of(dir / "ledger", payloads);
  IncidentOptions options;
  options.file = dir / "i.sqlite";
  // Rubbish in its place, and what a rebuild that was killed left.
  write_whole(options.file, "rubbish");
  write_whole(dir / "i.sqlite-wal", "more rubbish");
  write_whole(dir / "i.sqlite.new", "half");
  write_whole(dir / "i.sqlite.new-wal", "half");
  const auto made = rebuild(*ledger, options);
  ASSERT_TRUE(made) << made.error().what;
  EXPECT_EQ(made->entries, payloads.size());
  EXPECT_EQ(dump(options.file), applied(payloads, 1));
  EXPECT_EQ(*must_open(options.file)->next(), payloads.size());
  for (const char* left : {"i.sqlite.new", "i.sqlite.new-wal", "i.sqlite.new-shm"})
    EXPECT_FALSE(std::filesystem::exists(dir / left)) << left;
}

std::string opened(const std::string& quiet) {
  return make_entry(kEntryOpen, at("2026-01-15T08:00:00Z"),
                    quiet.empty() ? "{}" : "{\"" + std::string{kOpenQuiet} + "\":\"" + quiet + "\"}");
}

// Alerts of one key, an hour apart: with a day's quiet one incident, with a minute's one each.
TEST(Rebuild, GroupsByTheQuietTimeThatWasInForce) {
  const TempDir dir;
  std::vector<std::string> payloads;
  std::int64_t minute = 0;
  std::uint64_t number = 0;
  for (const char* quiet : {"", "24h", "1m", ""}) {
    payloads.push_back(opened(quiet));
    for (int i = 0; i < 3; ++i) payloads.push_back(entry_of(alert_by(number++, "x", "r", "", minute += 60)));
  }
  const auto ledger = ledger_of(dir / "ledger", payloads);
  const auto entries = entries_of(payloads);
  {
    // Live: three starts of the daemon, each with what it is configured to, and groups of any size.
    std::size_t applied_so_far = 0;
    for (const auto& [until, quiet] : {std::pair<std::size_t, Nanoseconds>{4, std::chrono::minutes{1}},
                                       {7, std::chrono::hours{24}},
                                       {entries.size(), std::chrono::minutes{1}}}) {
      const auto store = must_open(dir / "live.sqlite", quiet);
      ASSERT_TRUE(store->apply(std::span{entries}.subspan(applied_so_far, until - applied_so_far)));
      applied_so_far = until;
    }
  }
  IncidentOptions options;
  options.file = dir / "i.sqlite";
  options.quiet = std::chrono::minutes{1};
  ASSERT_TRUE(rebuild(*ledger, options));
  EXPECT_EQ(dump(options.file), dump(dir / "live.sqlite"));
  EXPECT_EQ(must_open(options.file)->totals()->incidents, 3U + 0U + 3U + 3U);
  // What is configured now counts only where the ledger does not say it: for the first three.
  options.quiet = std::chrono::hours{24};
  ASSERT_TRUE(rebuild(*ledger, options));
  EXPECT_EQ(must_open(options.file)->totals()->incidents, 1U + 0U + 3U + 3U);
}

TEST(Rebuild, AQuietTimeThatIsNoneIsCountedAndPassed) {
  Fed fed{std::chrono::minutes{1}};
  for (const char* body :
       {R"({"incidents_quiet":60})", R"({"incidents_quiet":"soon"})", R"({"incidents_quiet":"-1s"})"})
    fed.entry(make_entry(kEntryOpen, at("2026-01-15T08:00:00Z"), body));
  EXPECT_EQ(fed.store().totals()->unreadable, 3U);
  EXPECT_NE(fed.rows().find("open: member `incidents_quiet`"), std::string::npos);
  fed.alert(alert_by(0, "x"));
  fed.alert(alert_by(1, "x", "r", "", 60));
  EXPECT_EQ(fed.store().totals()->incidents, 2U) << "as configured";
}

// As the version before this one made it.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL, alerts INTEGER NOT NULL,
  duplicates INTEGER NOT NULL, unreadable INTEGER NOT NULL);
INSERT INTO meta VALUES (1, 7, 1, 0, 0);
CREATE TABLE incidents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL);
INSERT INTO incidents VALUES (1, 'NW-2026-000001', 'open');
CREATE TABLE alerts (entry INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  incident INTEGER NOT NULL REFERENCES incidents (number));
INSERT INTO alerts VALUES (0, 'id-0', 1);
CREATE INDEX alerts_incident ON alerts (incident);
CREATE TABLE unreadable (entry INTEGER PRIMARY KEY, why TEXT NOT NULL);
PRAGMA application_id = 1853319534;
PRAGMA user_version = 1;
)sql";

TEST(Rebuild, AnOlderStoreIsEmptiedAndReadAnew) {
  const TempDir dir;
  {
    auto database = sqlite::Database::open(dir / "i.sqlite", sqlite::Database::Mode::read_write);
    ASSERT_TRUE(database->run(kVersion1));
  }
  const auto reader = IncidentStore::open_read_only(dir / "i.sqlite");
  ASSERT_FALSE(reader);
  EXPECT_NE(reader.error().what.find("normwatch record rebuild"), std::string::npos) << reader.error().what;
  const auto store = must_open(dir / "i.sqlite");
  EXPECT_EQ(*store->next(), 0U);
  EXPECT_TRUE(store->list({})->empty());
  ASSERT_TRUE(store->apply(entries_of(std::vector{alert_number(0)})));
  EXPECT_EQ(store->totals()->alerts, 1U);
  EXPECT_TRUE(IncidentStore::open_read_only(dir / "i.sqlite"));
}

}  // namespace
}  // namespace nw::record
