#include "app/retention.h"

#include <boost/json/parse.hpp>

#include "unit/app/privacy_support.h"

namespace nw::app {

namespace {

using test::Desk;

constexpr Nanoseconds kDay = std::chrono::hours{24};
const std::string kSecond(32, 'b');

const Retention::Class& of(const Retention::Run& run, RetentionClass kind) {
  return run.classes[static_cast<std::size_t>(kind)];
}

std::string hold_json(const std::string& what, const std::string& id) {
  return R"({")" + what + R"(":")" + id + R"(","by":"R. Haddad","host":"desk","why":"the court asks"})";
}

const OwnEvent& event_of(const Desk& desk, std::string_view path, std::string_view kind = "") {
  for (const OwnEvent& event : desk.events)
    if (event.path == path && (kind.empty() || Desk::field(event, "class") == kind)) return event;
  ADD_FAILURE() << "no event " << path << ' ' << kind;
  static const OwnEvent kNone;
  return kNone;
}

// The job's clock is the desk's, so that entries and evidence have their age.
Retention::Run run_after(Desk& desk, Nanoseconds age) {
  desk.now = test::kNow + age;
  desk.events.clear();
  return desk.retention->run(desk.now);
}

}  // namespace

TEST(Retention, DeletesWhatIsTooOldAndSaysSo) {
  Desk desk;
  Retention::Run run = run_after(desk, 89 * kDay);
  EXPECT_EQ(run.outcome, "done");
  EXPECT_EQ(of(run, RetentionClass::evidence).removed, 0U);
  EXPECT_EQ(desk.evidence->of(test::kAlert).size(), 1U);

  run = run_after(desk, 91 * kDay);
  EXPECT_EQ(run.outcome, "done");
  EXPECT_EQ(of(run, RetentionClass::evidence).removed, 1U);
  EXPECT_FALSE(desk.evidence->read(test::kAlert, record::EvidenceKind::values));
  const std::string commitment =
      privacy::to_hex(privacy::commitment(desk.scene.nonce, privacy::bytes_of(desk.scene.clear_values())));
  EXPECT_EQ(run.commitments, std::vector<std::string>{commitment});
  EXPECT_EQ(run.not_named, 0U);

  const auto entries = desk.bodies(record::kEntryPurge);
  ASSERT_EQ(entries.size(), 3U) << "each run is one, also when there was nothing; and what goes is named before";
  EXPECT_NE(entries[1].find(commitment), std::string::npos);
  EXPECT_NE(entries[1].find(R"("what":"begun")"), std::string::npos);
  EXPECT_FALSE(desk.clerk->deletions().purge_unfinished());
  const auto classes = boost::json::parse(entries[2]).as_object().at("classes").as_array();
  EXPECT_EQ(classes.size(), 3U);
  EXPECT_EQ(Desk::field(event_of(desk, "ledger.purge"), "outcome"), "done");
  EXPECT_EQ(Desk::field(event_of(desk, "ledger.purge"), "removed"), "1");
  EXPECT_EQ(Desk::field(event_of(desk, "ledger.retention", "evidence"), "overdue"), "0");
  EXPECT_EQ(Desk::field(event_of(desk, "ledger.retention", "evidence"), "limit_days"), "90");
  EXPECT_EQ(desk.retention->last_done(), desk.now);
}

TEST(Retention, HoldsKeepEvidenceAndItsKeys) {
  Desk desk;
  desk.add_alert(kSecond);
  ASSERT_EQ(desk.acts->hold(hold_json("alert", test::kAlert), 1, desk.now).status, 200);
  Retention::Run run = run_after(desk, 500 * kDay);
  EXPECT_EQ(of(run, RetentionClass::evidence).removed, 1U) << "the other one";
  EXPECT_EQ(of(run, RetentionClass::evidence).held, 1U);
  EXPECT_EQ(of(run, RetentionClass::key).held, 2U) << "without them it could not be opened";
  EXPECT_TRUE(desk.evidence->read(test::kAlert, record::EvidenceKind::values));
  EXPECT_EQ(Desk::field(event_of(desk, "ledger.retention", "key"), "held"), "2");

  const std::string hold = desk.clerk->holds().all().begin()->first;
  const auto released =
      desk.acts->release(R"({"id":")" + hold + R"(","by":"R. Haddad","why":"the court is done"})", 1, desk.now);
  ASSERT_EQ(released.status, 200) << released.body;
  run = run_after(desk, 501 * kDay);
  EXPECT_EQ(of(run, RetentionClass::evidence).removed, 1U);
  EXPECT_EQ(of(run, RetentionClass::key).removed, 2U);
  EXPECT_EQ(run.keys.size(), 2U);
  EXPECT_TRUE(desk.sealed_files()->empty());
}

TEST(Retention, AHoldOnAnIncidentAfterARestart) {
  Desk desk;
  ASSERT_EQ(desk.acts->hold(hold_json("incident", test::kCase), 1, desk.now).status, 200);
  EXPECT_EQ(desk.acts->hold(hold_json("incident", "NW-2026-000009"), 1, desk.now).status, 404);
  desk.open();
  const Retention::Run run = run_after(desk, 200 * kDay);
  EXPECT_EQ(of(run, RetentionClass::evidence).held, 1U);
  EXPECT_TRUE(desk.evidence->read(test::kAlert, record::EvidenceKind::values));
}

// When nobody knows what is held, nothing that may be held goes.
TEST(Retention, AnIncidentStoreThatDoesNotAnswer) {
  Desk desk;
  desk.case_holds_fault = "the file is damaged";
  const Retention::Run run = run_after(desk, 500 * kDay);
  EXPECT_EQ(run.outcome, "partial");
  EXPECT_TRUE(desk.evidence->read(test::kAlert, record::EvidenceKind::values));
  EXPECT_EQ(desk.sealed_files()->size(), 2U);
  EXPECT_EQ(Desk::field(event_of(desk, "ledger.purge"), "outcome"), "partial");
  EXPECT_NE(Desk::field(event_of(desk, "ledger.purge"), "reason").find("damaged"), std::string::npos);
  EXPECT_EQ(desk.retention->last_done(), Timestamp{});
}

TEST(Retention, AnEvidenceStoreThatCouldNotBeOpenedKeepsItsKeys) {
  Desk desk;
  desk.evidence_closed = "the disk is read-only";
  desk.open();
  const Retention::Run run = run_after(desk, 500 * kDay);
  EXPECT_EQ(run.outcome, "partial");
  EXPECT_EQ(desk.sealed_files()->size(), 2U);
  for (const RetentionClass kind : {RetentionClass::evidence, RetentionClass::key})
    EXPECT_NE(of(run, kind).fault.find("read-only"), std::string::npos) << of(run, kind).fault;
}

TEST(Retention, ResultsOfReveals) {
  Desk desk;
  const std::string id = desk.asked(desk.ask());
  for (const std::size_t number : {0U, 1U})
    ASSERT_EQ(
        desk.reveals_keeper->approve(desk.approval(id, number), static_cast<std::int64_t>(number), desk.now).status,
        200);
  ASSERT_TRUE(std::filesystem::exists(desk.reveals_keeper->result_file(id)));
  ASSERT_EQ(desk.reveals_keeper->fetch(R"({"by":"R. Haddad","host":"desk","id":")" + id + "\"}", 1000, desk.now).status,
            200);
  desk.open();  // that it was fetched stands in the ledger
  EXPECT_TRUE(desk.clerk->book().find(id)->fetched);
  Retention::Run run = run_after(desk, 729 * kDay);
  EXPECT_EQ(of(run, RetentionClass::reveal).removed, 0U);
  run = run_after(desk, 731 * kDay);
  EXPECT_EQ(run.not_fetched, 0U);
  EXPECT_EQ(of(run, RetentionClass::reveal).removed, 1U);
  EXPECT_EQ(run.requests, std::vector<std::string>{id});
  EXPECT_FALSE(std::filesystem::exists(desk.reveals_keeper->result_file(id)));
  EXPECT_TRUE(desk.clerk->book().find(id)->result_deleted);
  EXPECT_EQ(of(run_after(desk, 732 * kDay), RetentionClass::reveal).removed, 0U) << "once";
}

TEST(Retention, WhatNobodyFetchedGoesWithItsRequestsTime) {
  Desk desk;
  const std::string id = desk.asked(desk.ask());
  for (const std::size_t number : {0U, 1U})
    ASSERT_EQ(
        desk.reveals_keeper->approve(desk.approval(id, number), static_cast<std::int64_t>(number), desk.now).status,
        200);
  Retention::Run run = run_after(desk, 2 * kDay);
  EXPECT_EQ(of(run, RetentionClass::reveal).removed, 0U) << "there is time until the third day";
  run = run_after(desk, 3 * kDay);
  EXPECT_EQ(of(run, RetentionClass::reveal).removed, 1U);
  EXPECT_EQ(run.not_fetched, 1U);
  EXPECT_FALSE(std::filesystem::exists(desk.reveals_keeper->result_file(id)));
  EXPECT_NE(desk.bodies(record::kEntryPurge).back().find(R"("not_fetched":1)"), std::string::npos);
  const auto said =
      desk.reveals_keeper->fetch(R"({"by":"R. Haddad","host":"desk","id":")" + id + "\"}", 1000, desk.now);
  EXPECT_NE(said.body.find("nobody fetched it in time"), std::string::npos) << said.body;
}

// Whatever is left is for the next start; nothing counts as held, and the entry says why.
TEST(Retention, EndsWhenTheDaemonDoes) {
  Desk desk;
  desk.add_alert(std::string(32, 'b'));
  desk.closing = true;
  desk.open();
  const Retention::Run run = run_after(desk, 400 * kDay);
  EXPECT_EQ(of(run, RetentionClass::evidence).removed, 0U);
  EXPECT_EQ(of(run, RetentionClass::evidence).held, 0U);
  EXPECT_EQ(of(run, RetentionClass::key).removed, 0U);
  EXPECT_NE(of(run, RetentionClass::evidence).fault.find("about to end"), std::string::npos);
  EXPECT_NE(run.outcome, "done");
  EXPECT_FALSE(desk.clerk->scan(0, 1, [](const record::EntryView&, std::uint64_t) { return true; }));
  desk.closing = false;
  EXPECT_EQ(of(run_after(desk, 400 * kDay), RetentionClass::evidence).removed, 2U);
}

TEST(Retention, WhatCannotBeDeletedIsOverdue) {
  struct Stuck : record::FileOps {
    int unlink(const char*) override {
      errno = EROFS;
      return -1;
    }
  } stuck;
  Desk desk;
  Retention retention{{desk.clerk.get(),
                       [&desk](OwnEvent event) { desk.events.push_back(std::move(event)); },
                       nullptr,
                       [&desk] { return desk.sealed_files(); },
                       [](const reveals::Holds&, Timestamp) -> Result<CaseHolds> { return CaseHolds{}; },
                       desk.directory / "reveals",
                       {},
                       [] {},
                       &stuck}};
  desk.now = test::kNow + 500 * kDay;
  const Retention::Run run = retention.run(desk.now);
  EXPECT_EQ(run.outcome, "partial");
  EXPECT_EQ(of(run, RetentionClass::key).overdue, 2U);
  EXPECT_GT(of(run, RetentionClass::key).oldest_days, 395);
  EXPECT_EQ(Desk::field(event_of(desk, "ledger.retention", "key"), "overdue"), "2");
  EXPECT_EQ(retention.totals()[static_cast<std::size_t>(RetentionClass::key)].overdue, 2U);
}

TEST(Retention, ManyCommitmentsGoIntoSeveralEntries) {
  Desk desk;
  constexpr std::size_t kMany = Retention::kNamedPerEntry + 10;
  for (std::size_t i = 1; i < kMany; ++i) {
    std::string id = std::to_string(i);
    id.insert(0, 32 - id.size(), '0');
    desk.add_alert(id);
  }
  const Retention::Run run = run_after(desk, 91 * kDay);
  EXPECT_EQ(run.commitments.size(), kMany);
  const auto entries = desk.bodies(record::kEntryPurge);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_NE(entries[0].find(R"("parts":2)"), std::string::npos);
  EXPECT_EQ(entries[1].find("classes"), std::string::npos) << "planned once";
}

}  // namespace nw::app
