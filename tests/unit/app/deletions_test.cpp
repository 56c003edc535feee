// What is deleted was said before: whenever the process dies, the ledger names what is gone, and the next start ends
// what was begun.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "unit/app/privacy_support.h"
#include "unit/record/ledger/ledger_support.h"

namespace nw::app {

namespace {

using record::test::DyingFiles;
using test::Desk;

constexpr Nanoseconds kLater = std::chrono::hours{24 * 40}, kOld = std::chrono::hours{24 * 500};
constexpr int kCallsMax = 400;
const std::string kSecond(32, 'b');

const std::string kErase =
    R"({"by":"R. Haddad","host":"desk","why":"they asked for it","alert":")" + std::string{test::kAlert} + "\"}";

// Does `act` in a process of its own that dies at call number `n` of the evidence's and the keys' files; false: it
// lived to its end. Everything is opened anew then, as at a start.
template <class Act>
bool dies_at(int n, DyingFiles::When when, Desk& desk, Act act) {
  desk.evidence.reset();  // its lock
  const pid_t child = ::fork();
  if (child == 0) {
    DyingFiles dying{n, when};
    desk.ops = &dying;
    desk.open_evidence();
    desk.open();
    act(desk);
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  desk.open_ledger();
  desk.open_evidence();
  desk.open();
  return WIFSIGNALED(status);
}

bool there(const Desk& desk, const std::string& alert) {
  return desk.evidence->read(alert, record::EvidenceKind::values).has_value();
}

// For each call and each way to die at it.
template <class Try>
void at_each_call(Try each) {
  for (const auto when : {DyingFiles::When::before, DyingFiles::When::halfway, DyingFiles::When::after})
    for (int n = 0;; ++n) {
      SCOPED_TRACE("call " + std::to_string(n) + ", way " + std::to_string(static_cast<int>(when)));
      ASSERT_LT(n, kCallsMax);
      if (!each(n, when)) break;
    }
}

}  // namespace

TEST(Deletions, AnErasureIsSaidBeforeItIsDoneAndDoneAfterACrash) {
  int cut_off = 0;
  at_each_call([&](int n, DyingFiles::When when) {
    Desk desk;
    desk.add_alert(kSecond);
    const bool died = dies_at(n, when, desk, [](Desk& d) { (void)d.acts->erase(kErase, 1, d.now); });
    const bool said = !desk.bodies(record::kEntryErase).empty();
    EXPECT_TRUE(said || there(desk, test::kAlert)) << "gone, and nobody said so";
    cut_off += desk.acts->unfinished() == 0 ? 0 : 1;
    desk.acts->finish(desk.now);
    EXPECT_EQ(said, !there(desk, test::kAlert)) << "what was said is done";
    EXPECT_TRUE(there(desk, kSecond));
    EXPECT_EQ(desk.acts->unfinished(), 0U);
    const auto entries = desk.bodies(record::kEntryErase);
    EXPECT_EQ(entries.size(), said ? 2U : 0U);
    if (said) {
      EXPECT_NE(entries[1].find(R"("objects":1)"), std::string::npos) << entries[1];
    }
    desk.acts->finish(desk.now);
    EXPECT_EQ(desk.bodies(record::kEntryErase).size(), entries.size()) << "once";
    return died;
  });
  EXPECT_GT(cut_off, 5) << "the test does not reach what it is about";
}

TEST(Deletions, KeysOfAMonth) {
  int cut_off = 0;
  at_each_call([&](int n, DyingFiles::When when) {
    Desk desk;
    const auto before = *desk.sealed_files();
    std::vector<std::string> texts;
    for (const record::SealedFile& file : before) texts.push_back(record::test::read_whole(file.file));
    desk.now += kLater;
    EXPECT_EQ(desk.acts->destroy(desk.word({}), 1, desk.now).status, 200);
    const bool died = dies_at(n, when, desk, [](Desk& d) {
      (void)d.acts->destroy(d.word({1, "2026-01", "B. Okafor", "desk/02", true, false}), 2, d.now);
    });
    const bool said = desk.bodies(record::kEntryKeyRotate).size() > 1;
    bool whole = true;
    for (std::size_t i = 0; i < before.size(); ++i)
      whole = whole && std::filesystem::exists(before[i].file) && record::test::read_whole(before[i].file) == texts[i];
    EXPECT_TRUE(said || whole) << "gone, and nobody said so";
    cut_off += desk.acts->unfinished() == 0 ? 0 : 1;
    desk.acts->finish(desk.now);
    EXPECT_EQ(desk.sealed_files()->size(), said ? 0U : 2U);
    EXPECT_EQ(desk.acts->unfinished(), 0U);
    EXPECT_EQ(desk.bodies(record::kEntryKeyRotate).size(), said ? 3U : 1U);
    return died;
  });
  EXPECT_GT(cut_off, 3);
}

TEST(Deletions, APurgeNamesWhatGoesBeforeItGoes) {
  int cut_off = 0;
  at_each_call([&](int n, DyingFiles::When when) {
    Desk desk;
    desk.add_alert(kSecond);
    desk.now += kOld;
    const bool died = dies_at(n, when, desk, [](Desk& d) { (void)d.retention->run(d.now); });
    const auto commitment =
        privacy::to_hex(privacy::commitment(desk.scene.nonce, privacy::bytes_of(desk.scene.clear_values())));
    const auto entries = desk.bodies(record::kEntryPurge);
    const bool said = !entries.empty() && entries[0].find(commitment) != std::string::npos &&
                      entries[0].find(R"("purpose":"evidence")") != std::string::npos;
    EXPECT_TRUE(said || (there(desk, test::kAlert) && there(desk, kSecond) && desk.sealed_files()->size() == 2));
    EXPECT_EQ(desk.clerk->deletions().purge_unfinished(), entries.size() == 1);
    cut_off += desk.clerk->deletions().purge_unfinished() ? 1 : 0;
    const Retention::Run run = desk.retention->run(desk.now);
    EXPECT_EQ(run.outcome, "done");
    EXPECT_FALSE(there(desk, test::kAlert) || there(desk, kSecond));
    EXPECT_TRUE(desk.sealed_files()->empty());
    EXPECT_FALSE(desk.clerk->deletions().purge_unfinished());
    return died;
  });
  EXPECT_GT(cut_off, 5);
}

TEST(Deletions, NothingGoesThatTheLedgerDoesNotTake) {
  Desk desk;
  desk.disk_fails = true;
  desk.open();
  EXPECT_EQ(desk.acts->erase(kErase, 1, desk.now).status, 503);
  desk.now += kOld;
  const Retention::Run run = desk.retention->run(desk.now);
  EXPECT_EQ(run.outcome, "partial");
  const auto& evidence = run.classes[static_cast<std::size_t>(RetentionClass::evidence)];
  EXPECT_EQ(evidence.removed, 0U);
  EXPECT_EQ(evidence.overdue, 1U);
  EXPECT_NE(evidence.fault.find("before the ledger says so"), std::string::npos) << evidence.fault;
  EXPECT_TRUE(there(desk, test::kAlert));
  EXPECT_EQ(desk.sealed_files()->size(), 2U);
}

// An entry that the ledger takes late counts all the same; what somebody held in the meantime stays.
TEST(Deletions, AnErasureThatComesLate) {
  for (const bool held : {false, true}) {
    SCOPED_TRACE(held);
    Desk desk;
    if (held) {
      ASSERT_EQ(desk.acts->hold(kErase, 1, desk.now).status, 200);
    }
    reveals::Erasure late;
    late.id = "ER-20260115-1a2b3c4d";
    late.alerts = {test::kAlert};
    late.objects = 1;
    late.why = "they asked for it";
    late.by = {"R. Haddad", 1, "desk"};
    desk.append(record::kEntryErase, reveals::erase_body(late));
    while (desk.clerk->follow()) continue;
    desk.case_holds_fault = "the incident store is behind";
    desk.acts->finish(desk.now);
    EXPECT_EQ(desk.acts->unfinished(), 1U) << "it waits";
    EXPECT_NE(desk.acts->list(desk.now).body.find(late.id), std::string::npos);
    desk.case_holds_fault.clear();
    desk.acts->finish(desk.now + std::chrono::seconds{59});
    EXPECT_EQ(desk.acts->unfinished(), 1U) << "not at once again";
    desk.acts->finish(desk.now + PrivacyActs::kAgain);
    EXPECT_EQ(desk.acts->unfinished(), 0U);
    EXPECT_EQ(there(desk, test::kAlert), held);
    const auto entries = desk.bodies(record::kEntryErase);
    EXPECT_NE(entries.at(1).find(held ? R"("held":1)" : R"("objects":1)"), std::string::npos) << entries.at(1);
  }
}

}  // namespace nw::app
