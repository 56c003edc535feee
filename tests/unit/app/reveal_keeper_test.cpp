#include "app/reveal_keeper.h"

#include <boost/json/parse.hpp>

#include "unit/app/privacy_support.h"

namespace nw::app {

namespace {

using test::Desk;

std::string act(const std::string& id, const std::string& by, const std::string& why = "") {
  return R"({"id":")" + id + R"(","by":")" + by + R"(","host":"h")" + (why.empty() ? "" : R"(,"why":")" + why + '"') +
         '}';
}

// Fetches and opens as the requester's command does.
Result<reveals::ClearResult> fetched(Desk& desk, const std::string& id) {
  const auto said = desk.reveals_keeper->fetch(act(id, "R. Haddad"), 1000, desk.now);
  if (said.status != 200) return Error{Errc::not_found, said.body};
  const auto object = boost::json::parse(said.body).as_object();
  reveals::JsonMap map{object, "the answer"};
  const std::string commitment = map.text("commitment", 80);
  std::string sealed(static_cast<std::size_t>(map.number("bytes", 1, 1 << 20)), '\0');
  map.base64("sealed", {reinterpret_cast<std::uint8_t*>(sealed.data()), sealed.size()});
  return reveals::open_result(sealed, desk.scene.requester, commitment);
}

std::vector<std::string> phases(const Desk& desk) {
  std::vector<std::string> out;
  for (const OwnEvent& event : desk.events) out.push_back(Desk::field(event, "phase"));
  return out;
}

}  // namespace

TEST(RevealKeeper, FromRequestToClearValues) {
  Desk desk;
  const std::string id = desk.asked(desk.ask());
  EXPECT_EQ(fetched(desk, id).error().what, "request " + id + " has no result: it is open\n");

  auto said = desk.reveals_keeper->approve(desk.approval(id, 0), 1, desk.now);
  EXPECT_EQ(said.status, 200) << said.body;
  EXPECT_NE(said.body.find("one of two"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(desk.reveals_keeper->result_file(id)));
  said = desk.reveals_keeper->approve(desk.approval(id, 2), 2, desk.now);
  ASSERT_EQ(said.status, 200) << said.body;
  EXPECT_NE(said.body.find("2 of 2 values"), std::string::npos) << said.body;

  const auto clear = fetched(desk, id);
  ASSERT_TRUE(clear) << clear.error().what;
  EXPECT_EQ(clear->values[0].clear, reveals::test::kAddress);
  EXPECT_EQ(clear->values[1].clear, reveals::test::kUser);
  EXPECT_EQ(phases(desk), (std::vector<std::string>{"request", "approve", "approve", "done"}));
  EXPECT_EQ(Desk::field(desk.events[1], "approver_host"), "station-0");
  EXPECT_EQ(Desk::field(desk.events[0], "case_id"), test::kCase);
  EXPECT_EQ(Desk::field(desk.events[0], "value_count"), "2");

  const auto done = desk.bodies(record::kEntryRevealDone);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_NE(done[0].find(R"("sandbox":"seccomp")"), std::string::npos) << done[0];
  EXPECT_EQ(desk.bodies(record::kEntryOperator).size(), 1U) << "who fetched it";
  // Nothing in the clear, in the ledger or beside it.
  for (const auto& entry : std::filesystem::recursive_directory_iterator{desk.directory.path()}) {
    if (!entry.is_regular_file()) continue;
    for (const std::string_view value : {reveals::test::kAddress, reveals::test::kUser})
      EXPECT_EQ(record::test::read_whole(entry.path()).find(value), std::string::npos) << entry.path();
  }
  const auto mode = std::filesystem::status(desk.reveals_keeper->result_file(id)).permissions();
  EXPECT_EQ(mode & std::filesystem::perms{0077}, std::filesystem::perms::none);
}

TEST(RevealKeeper, RefusedRequests) {
  struct Case {
    const char* name;
    void (*change)(reveals::Ask&, Desk&);
    int status;
    const char* guard;
  };
  static constexpr Case kCases[] = {
      {"no case", [](reveals::Ask& a, Desk&) { a.case_id.clear(); }, 409, "[no_case]"},
      {"unknown case", [](reveals::Ask& a, Desk&) { a.case_id = "NW-2026-000009"; }, 409, "[unknown_case]"},
      {"a custodian asks", [](reveals::Ask& a, Desk&) { a.by = "duty"; }, 409, "[custodian_asks]"},
      {"an alert of another case", [](reveals::Ask& a, Desk&) { a.alerts = {std::string(32, 'f')}; }, 409,
       "[not_in_alert]"},
      {"a value of no alert", [](reveals::Ask& a, Desk&) { a.values = {"pfx:e2026-01:global4:192.0.2.1"}; }, 409,
       "[not_in_alert]"},
      {"the key is destroyed",
       [](reveals::Ask&, Desk& d) { std::filesystem::remove(d.directory / "epochs" / "2026-01.pseudonyms.sealed"); },
       409, "[nothing_to_open]"},
      {"the values are erased",
       [](reveals::Ask&, Desk& d) { ASSERT_TRUE(d.evidence->erase(test::kAlert, std::nullopt)); }, 409,
       "[nothing_to_open]"},
      {"no custodians", [](reveals::Ask&, Desk& d) { d.scene.custodians.clear(); }, 409, "no custodians"},
      {"no form of a case", [](reveals::Ask& a, Desk&) { a.case_id = "alice"; }, 400, "NW-2026-000001"},
      {"no form of an alert", [](reveals::Ask& a, Desk&) { a.alerts = {"alice"}; }, 400, "32 hex digits"},
      {"a host with an address", [](reveals::Ask& a, Desk&) { a.host = "desk/192.0.2.1"; }, 400, "address"},
      {"a host with a mail address", [](reveals::Ask& a, Desk&) { a.host = "alice@example.org"; }, 400, "host"},
      {"no purpose", [](reveals::Ask& a, Desk&) { a.purpose = "x"; }, 400, "purpose"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Desk desk;
    reveals::Ask ask = desk.ask();
    c.change(ask, desk);
    const auto said = desk.reveals_keeper->request(ask.to_json(), 1000, desk.now);
    EXPECT_EQ(said.status, c.status) << said.body;
    EXPECT_NE(said.body.find(c.guard), std::string::npos) << said.body;
    EXPECT_TRUE(desk.bodies(record::kEntryRevealRequest).empty());
    // What a guard refuses is in the ledger, and the rules hear of it.
    const bool guarded = said.body.find('[') != std::string::npos;
    EXPECT_EQ(desk.bodies(record::kEntryRevealDeny).size(), guarded ? 1U : 0U);
    EXPECT_EQ(desk.events.size(), guarded ? 1U : 0U);
  }
}

TEST(RevealKeeper, AStepHasTheFormOfItsId) {
  Desk desk;
  const std::uint64_t before = desk.ledger->size();
  EXPECT_EQ(desk.reveals_keeper->deny(act("alice", "privacy", "not needed"), 1, desk.now).status, 400);
  EXPECT_EQ(desk.reveals_keeper->fetch(act("alice", "privacy"), 1, desk.now).status, 400);
  const std::string good = desk.approval(desk.asked(desk.ask()), 0);
  std::string renamed = good;
  const std::string id = desk.clerk->book().all().back()->request.id;
  renamed.replace(renamed.find(id), id.size(), "alice");
  const std::uint64_t asked = desk.ledger->size();
  EXPECT_EQ(desk.reveals_keeper->approve(renamed, 1, desk.now).status, 400);
  EXPECT_EQ(desk.ledger->size(), asked);
  EXPECT_EQ(asked, before + 1);
}

TEST(RevealKeeper, RateOfRequests) {
  Desk desk;
  desk.open(2);
  desk.asked(desk.ask());
  desk.asked(desk.ask());
  const auto said = desk.reveals_keeper->request(desk.ask().to_json(), 1000, desk.now);
  EXPECT_EQ(said.status, 409);
  EXPECT_NE(said.body.find("[too_many_requests]"), std::string::npos) << said.body;
}

TEST(RevealKeeper, RefusedApprovals) {
  Desk desk;
  const std::string id = desk.asked(desk.ask()), other = desk.asked(desk.ask());
  const auto refused = [&](const std::string& file, const char* guard, std::int64_t uid = 5) {
    const auto said = desk.reveals_keeper->approve(file, uid, desk.now);
    EXPECT_NE(said.status, 200) << guard;
    EXPECT_NE(said.body.find(guard), std::string::npos) << said.body;
  };
  const std::string good = desk.approval(id, 0);
  std::string renamed = good;
  renamed.replace(renamed.find(id), id.size(), other);
  refused(renamed, "[bad_approval]");
  renamed = good;
  renamed.replace(renamed.find(id), id.size(), "RV-20200101-00000000");
  refused(renamed, "[unknown_request]");
  refused("{}", "is missing");

  ASSERT_EQ(desk.reveals_keeper->approve(good, 5, desk.now).status, 200);
  refused(good, "[same_custodian]", 6);
  refused(desk.approval(id, 1), "[same_host]", 5);
  EXPECT_EQ(phases(desk), (std::vector<std::string>{"request", "request", "approve", "approve"}));
  const std::string third = desk.approval(id, 2);
  desk.scene.custodians.pop_back();
  refused(third, "[not_a_custodian]", 6);
  EXPECT_EQ(desk.clerk->book().find(id)->state, reveals::RequestState::open);
}

// The requester has a custodian's key as well: refused, and told to the rules as an approval by the requester.
TEST(RevealKeeper, NobodyApprovesTheirOwn) {
  Desk desk;
  const std::string id = desk.asked(desk.ask());
  const auto document = reveals::RequestDocument::from_json(desk.reveals_keeper->document(id).body);
  ASSERT_TRUE(document);
  const auto own = reveals::make_approval(*document, desk.scene.keys[0],
                                          {{"r. haddad", 7, "elsewhere"}, false, desk.now}, desk.scene.numbers);
  ASSERT_TRUE(own);
  const auto said = desk.reveals_keeper->approve(*own, 7, desk.now);
  EXPECT_NE(said.body.find("[own_request]"), std::string::npos) << said.body;
  ASSERT_EQ(desk.events.size(), 2U);
  EXPECT_EQ(Desk::field(desk.events[1], "phase"), "approve");
}

TEST(RevealKeeper, DeniedAndExpired) {
  Desk desk;
  const std::string denied = desk.asked(desk.ask()), expired = desk.asked(desk.ask());
  EXPECT_EQ(desk.reveals_keeper->deny(act(denied, "privacy"), 1, desk.now).status, 400) << "without a reason";
  EXPECT_EQ(desk.reveals_keeper->deny(act(denied, "privacy", "not needed"), 1, desk.now).status, 200);
  EXPECT_EQ(desk.reveals_keeper->deny(act(denied, "privacy", "not needed"), 1, desk.now).status, 409);
  desk.reveals_keeper->tick(desk.now);
  EXPECT_EQ(desk.clerk->book().find(expired)->state, reveals::RequestState::open);
  desk.now += std::chrono::hours{72};
  desk.reveals_keeper->tick(desk.now);
  EXPECT_EQ(desk.clerk->book().find(expired)->state, reveals::RequestState::expired);
  EXPECT_EQ(phases(desk), (std::vector<std::string>{"request", "request", "deny", "expire"}));
  EXPECT_EQ(desk.reveals_keeper->list().status, 200);
  EXPECT_EQ(boost::json::parse(desk.reveals_keeper->list().body).as_array().size(), 2U);
}

TEST(RevealKeeper, ARestartClosesWhatWaited) {
  Desk desk;
  const std::string waiting = desk.asked(desk.ask()), done = desk.asked(desk.ask());
  for (const std::size_t number : {0U, 1U})
    ASSERT_EQ(
        desk.reveals_keeper->approve(desk.approval(done, number), static_cast<std::int64_t>(number), desk.now).status,
        200);
  const std::string good = desk.approval(waiting, 0);
  record::test::write_whole(desk.directory / "reveals" / (waiting + ".sealed"), "left by a crash");
  desk.clerk->save();
  desk.open();
  EXPECT_EQ(desk.clerk->book().find(waiting)->state, reveals::RequestState::key_lost);
  EXPECT_EQ(desk.clerk->book().find(done)->state, reveals::RequestState::done);
  EXPECT_FALSE(std::filesystem::exists(desk.reveals_keeper->result_file(waiting)));
  EXPECT_TRUE(fetched(desk, done)) << "a result stays";
  EXPECT_EQ(desk.reveals_keeper->approve(good, 1, desk.now).status, 409);
}

// What the ledger does not take has not happened.
TEST(RevealKeeper, NothingCountsBeforeTheLedgerHasIt) {
  Desk desk;
  desk.disk_fails = true;
  desk.open();
  const auto said = desk.reveals_keeper->request(desk.ask().to_json(), 1000, desk.now);
  EXPECT_EQ(said.status, 503) << said.body;
  EXPECT_TRUE(desk.clerk->book().all().empty());
  EXPECT_TRUE(desk.events.empty());
}

// Both came into the ledger when nobody waited for them any more.
TEST(RevealKeeper, ApprovedWhileTheDiskStoodStill) {
  Desk desk;
  desk.patience = std::chrono::milliseconds{1};
  desk.open();
  const std::string id = desk.asked(desk.ask());
  ASSERT_EQ(desk.reveals_keeper->approve(desk.approval(id, 0), 1, desk.now).status, 200);
  desk.disk_stalls = true;
  EXPECT_EQ(desk.reveals_keeper->approve(desk.approval(id, 1), 2, desk.now).status, 503);
  EXPECT_EQ(desk.clerk->owed(), 1U);
  desk.reveals_keeper->tick(desk.now);
  EXPECT_EQ(desk.clerk->book().find(id)->state, reveals::RequestState::open);
  desk.disk_stalls = false;
  desk.flush();
  while (desk.clerk->follow()) continue;
  EXPECT_EQ(desk.clerk->owed(), 0U);
  desk.reveals_keeper->tick(desk.now);
  EXPECT_EQ(desk.clerk->book().find(id)->state, reveals::RequestState::done);
  EXPECT_TRUE(std::filesystem::exists(desk.reveals_keeper->result_file(id)));
}

TEST(RevealKeeper, RefusalsInTheLedgerAreBounded) {
  Desk desk;
  reveals::Ask ask = desk.ask();
  ask.case_id.clear();
  for (int i = 0; i < 150; ++i) (void)desk.reveals_keeper->request(ask.to_json(), 1000, desk.now);
  EXPECT_EQ(desk.bodies(record::kEntryRevealDeny).size(), 100U);
  EXPECT_EQ(desk.reveals_keeper->steps()[static_cast<std::size_t>(RevealStep::refuse)], 150U);
}

TEST(StandsIn, WholeValuesOnly) {
  EXPECT_TRUE(stands_in("pfx:a:1.2.3.4", "x pfx:a:1.2.3.4."));
  EXPECT_TRUE(stands_in("pfx:a:1.2.3.4", R"("pfx:a:1.2.3.4")"));
  EXPECT_FALSE(stands_in("pfx:a:1.2.3.4", "pfx:a:1.2.3.45"));
  EXPECT_FALSE(stands_in("pfx:a:1.2.3.4", "pfx:a:1.2.3.4.5"));
  EXPECT_TRUE(stands_in("pfx:a:1.2.3.4", "pfx:a:1.2.3.45 pfx:a:1.2.3.4"));
  EXPECT_FALSE(stands_in("tok:a", ""));
}

}  // namespace nw::app
