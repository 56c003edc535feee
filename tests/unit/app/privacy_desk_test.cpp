#include "app/privacy_desk.h"

#include <future>

#include "record/incidents/store.h"
#include "unit/app/privacy_support.h"

namespace nw::app {

namespace {

using test::Desk;

// The thread beside the pieces of Desk: its ledger, evidence and keys, and an empty incident store.
class RunningDesk {
 public:
  explicit RunningDesk(Nanoseconds every = std::chrono::hours{1}) {
    record::IncidentOptions incident_options;
    incident_options.file = pieces.directory / "incidents.sqlite";
    incidents = std::move(*record::IncidentStore::open(incident_options));
    catch_up();
    PrivacyDesk::Parts parts;
    parts.ledger = pieces.ledger.get();
    parts.note = [this](std::string type, std::string body) {
      if (pieces.disk_stalls) return void(pieces.stalled.emplace_back(type, body));
      pieces.append(type, body);
      if (feeds) catch_up();
    };
    parts.tell = [](OwnEvent) {};
    parts.evidence = pieces.evidence.get();
    parts.incidents = incidents.get();
    parts.state = pieces.directory.path();
    parts.epochs = pieces.directory / "epochs";
    parts.retention.every = every;
    parts.patience = std::chrono::milliseconds{200};
    parts.custodians = pieces.scene.custodians;
    desk = std::make_unique<PrivacyDesk>(std::move(parts));
    while (!desk->report().caught_up) std::this_thread::yield();
  }
  console::HttpResponse ask(PrivacyDesk::What what, std::string body = {}) {
    std::promise<console::HttpResponse> said;
    desk->ask(what, std::move(body), 1000, [&said](console::HttpResponse answer) { said.set_value(answer); });
    return said.get_future().get();
  }

  void catch_up() const {
    const auto entries = pieces.ledger->read(*incidents->next(), 1000);
    ASSERT_TRUE(entries);
    ASSERT_TRUE(incidents->apply(*entries));
  }

  Desk pieces;
  std::unique_ptr<record::IncidentStore> incidents;
  std::atomic<bool> feeds{true};  // the incident store is given every entry
  std::unique_ptr<PrivacyDesk> desk;
};

std::string hold() {
  return R"({"alert":")" + std::string{test::kAlert} + R"(","by":"R. Haddad","host":"desk","why":"the court asks"})";
}

}  // namespace

TEST(PrivacyDesk, AnswersInOrderAndEnds) {
  RunningDesk running;
  using What = PrivacyDesk::What;
  EXPECT_EQ(running.ask(What::list).body, "[]\n");
  EXPECT_EQ(running.ask(What::hold, hold()).status, 200);
  EXPECT_EQ(running.ask(What::request, running.pieces.ask().to_json()).status, 409) << "no such incident here";
  EXPECT_EQ(running.ask(What::document, "RV-x").status, 404);
  EXPECT_EQ(running.ask(What::approve, "{}").status, 400);
  for (const What what : {What::deny, What::fetch, What::erase, What::destroy, What::release})
    EXPECT_EQ(running.ask(what, "[]").status, 400);
  EXPECT_NE(running.ask(What::holds).body.find("the court asks"), std::string::npos);
  EXPECT_EQ(running.desk->report().holds, 1U);
  EXPECT_EQ(running.desk->report().steps[static_cast<std::size_t>(RevealStep::refuse)], 1U);
  const std::int64_t beat = running.desk->heartbeat();
  EXPECT_GT(beat, 0);
  running.desk->close();
  EXPECT_EQ(running.ask(What::list).status, 503) << "it has ended";
}

// A second step could not be held against the first while that waits for the disk: it comes again later.
TEST(PrivacyDesk, OneStepAtATimeWhileTheDiskStandsStill) {
  RunningDesk running;
  using What = PrivacyDesk::What;
  running.pieces.disk_stalls = true;
  EXPECT_EQ(running.ask(What::hold, hold()).status, 503) << "it is written when the disk goes on";
  const auto second = running.ask(What::hold, hold());
  EXPECT_EQ(second.status, 503);
  EXPECT_NE(second.body.find("nothing was done"), std::string::npos) << second.body;
  EXPECT_EQ(running.ask(What::holds).status, 200) << "looking is free";
  EXPECT_EQ(running.pieces.stalled.size(), 1U);
  running.pieces.disk_stalls = false;
  running.pieces.flush();
  running.catch_up();
  while (running.desk->report().holds != 1) std::this_thread::yield();
  EXPECT_EQ(running.ask(What::hold, hold()).status, 200);
}

TEST(PrivacyDesk, RetentionRunsByItself) {
  RunningDesk running{std::chrono::milliseconds{1}};
  while (running.desk->report().purged == Timestamp{}) std::this_thread::yield();
  running.desk->close();
  EXPECT_FALSE(running.pieces.bodies(record::kEntryPurge).empty());
}

// What the incident store has not read yet may be held: whoever asks is told to come again.
TEST(PrivacyDesk, AnIncidentStoreThatIsBehind) {
  RunningDesk running;
  running.feeds = false;
  ASSERT_EQ(running.ask(PrivacyDesk::What::hold, hold()).status, 200);
  const auto said = running.ask(PrivacyDesk::What::erase, R"({"alert":")" + std::string(32, 'b') +
                                                              R"(","by":"R. Haddad","host":"desk","why":"asked"})");
  EXPECT_EQ(said.status, 503) << said.body;
  EXPECT_NE(said.body.find("try again"), std::string::npos) << said.body;
}

// The list of entries that matter is a short cut: with it, without it, and with one that is damaged, a start knows the
// same.
TEST(LedgerClerk, AStartKnowsWhatTheLedgerSays) {
  RunningDesk running;
  ASSERT_EQ(running.ask(PrivacyDesk::What::hold, hold()).status, 200);
  running.desk->close();
  const std::string file = (running.pieces.directory / "reveals.cursor").string();
  for (const char* damage : {"", "no cursor", "gone"}) {
    if (std::string_view{damage} == "gone") std::filesystem::remove(file);
    if (std::string_view{damage} == "no cursor") record::test::write_whole(file, damage);
    LedgerClerk clerk{{running.pieces.ledger.get(), file, [](std::string, std::string) {}, [] {}}};
    while (clerk.follow()) continue;
    EXPECT_TRUE(clerk.caught_up()) << damage;
    EXPECT_TRUE(clerk.holds().alert(test::kAlert)) << damage;
    EXPECT_EQ(clerk.unreadable(), 0U);
  }
}

}  // namespace nw::app
