#include "app/privacy_acts.h"

#include "record/merkle/proofs.h"
#include "unit/app/privacy_support.h"

namespace nw::app {

namespace {

using test::Desk;

constexpr Nanoseconds kDay = std::chrono::hours{24};

std::string act(const std::string& more, const std::string& by = "R. Haddad", const std::string& host = "desk") {
  return R"({"by":")" + by + R"(","host":")" + host + R"(","why":"they asked for it")" + more + '}';
}

// The tree over the ledger's entries as they lie there now.
struct Leaves {
  std::vector<merkle::Hash> leaves;
  explicit Leaves(const record::Ledger& ledger) {
    const auto entries = ledger.read(0, 10'000);
    EXPECT_TRUE(entries);
    for (const record::Entry& entry : *entries) leaves.push_back(merkle::leaf_hash(entry.payload));
  }
  [[nodiscard]] Result<merkle::Hash> node(merkle::NodeId id) const {
    if (id.level == 0) return leaves.at(id.index);
    return merkle::node_hash(*node({id.level - 1, 2 * id.index}), *node({id.level - 1, 2 * id.index + 1}));
  }
  [[nodiscard]] merkle::Hash root(std::uint64_t size) const {
    return *merkle::root_of(size, [this](merkle::NodeId id) { return node(id); });
  }
  [[nodiscard]] merkle::Proof proof(std::uint64_t index, std::uint64_t size) const {
    return *merkle::inclusion_proof(index, size, [this](merkle::NodeId id) { return node(id); });
  }
};

}  // namespace

TEST(Erase, EveryProofStaysValid) {
  Desk desk;
  const Leaves before{*desk.ledger};
  const std::uint64_t size = before.leaves.size();
  const merkle::Hash root = before.root(size);
  const auto said = desk.acts->erase(act(R"(,"alert":")" + std::string{test::kAlert} + '"'), 1000, desk.now);
  ASSERT_EQ(said.status, 200) << said.body;
  EXPECT_FALSE(desk.evidence->read(test::kAlert, record::EvidenceKind::values));

  const Leaves after{*desk.ledger};
  EXPECT_EQ(after.leaves.size(), size + 2);
  EXPECT_EQ(after.root(size), root);
  EXPECT_TRUE(merkle::verify_inclusion(0, size, after.leaves[0], before.proof(0, size), root)) << "the old proof";
  EXPECT_TRUE(merkle::verify_inclusion(0, size + 2, after.leaves[0], after.proof(0, size + 2), after.root(size + 2)));

  const auto entries = desk.bodies(record::kEntryErase);
  ASSERT_EQ(entries.size(), 2U) << "before, and after";
  EXPECT_NE(entries[1].find(R"("objects":1)"), std::string::npos) << entries[1];
  EXPECT_NE(entries[1].find(R"("what":"done")"), std::string::npos) << entries[1];
  const std::string commitment =
      privacy::to_hex(privacy::commitment(desk.scene.nonce, privacy::bytes_of(desk.scene.clear_values())));
  for (const std::string& needed : {commitment, std::string{test::kAlert}, std::string{R"("objects":1)"},
                                    std::string{"they asked for it"}, std::string{R"("uid":1000)"}})
    EXPECT_NE(entries[0].find(needed), std::string::npos) << needed << entries[0];
  EXPECT_EQ(desk.acts->erase(act(R"(,"alert":")" + std::string{test::kAlert} + '"'), 1000, desk.now).status, 404)
      << "once";
}

TEST(Erase, OfAValueInEveryAlert) {
  Desk desk;
  const std::string second(32, 'b');
  desk.add_alert(second);
  const privacy::Nonce nonce{9};
  ASSERT_TRUE(desk.evidence->put(second, record::EvidenceKind::packets, nonce, "frames", desk.now));
  ASSERT_TRUE(desk.evidence->sync());
  const auto said = desk.acts->erase(act(R"(,"value":")" + desk.scene.tok + '"'), 1000, desk.now);
  ASSERT_EQ(said.status, 200) << said.body;
  EXPECT_NE(said.body.find("erased 2 objects of 2 alerts"), std::string::npos) << said.body;
  EXPECT_FALSE(desk.evidence->read(second, record::EvidenceKind::values));
  EXPECT_TRUE(desk.evidence->read(second, record::EvidenceKind::packets)) << "only the clear values are of that value";
}

TEST(Erase, Refused) {
  Desk desk;
  const std::string alert = R"(,"alert":")" + std::string{test::kAlert} + '"';
  EXPECT_EQ(desk.acts->erase(act(""), 1, desk.now).status, 400);
  EXPECT_EQ(desk.acts->erase(act(R"(,"alert":"x")"), 1, desk.now).status, 400);
  EXPECT_EQ(desk.acts->erase(act(R"(,"value":"alice")"), 1, desk.now).status, 400);
  EXPECT_EQ(desk.acts->erase(R"({"by":"x")" + alert + "}", 1, desk.now).status, 400) << "without a reason";
  EXPECT_EQ(desk.acts->erase(act(alert, "R. Haddad", "192.0.2.1"), 1, desk.now).status, 400) << "a host's address";
  EXPECT_EQ(desk.acts->erase(act(alert, "R. Haddad", "a@example.org"), 1, desk.now).status, 400);
  EXPECT_EQ(desk.acts->hold(act(R"(,"incident":"alice")"), 1, desk.now).status, 400);
  EXPECT_EQ(desk.acts->release(act(R"(,"id":"alice")"), 1, desk.now).status, 400);
  EXPECT_EQ(desk.acts->erase(act(alert + R"(,"what":1)"), 1, desk.now).status, 400) << "an unknown member";
  ASSERT_EQ(desk.acts->hold(act(alert), 1, desk.now).status, 200);
  EXPECT_EQ(desk.acts->erase(act(alert), 1, desk.now).status, 409) << "held";
  EXPECT_TRUE(desk.evidence->read(test::kAlert, record::EvidenceKind::values));
  EXPECT_TRUE(desk.bodies(record::kEntryErase).empty());
}

TEST(DestroyEpoch, ByTwoCustodians) {
  Desk desk;
  const auto destroy = [&desk](const Desk::Word& word, std::int64_t uid) {
    return desk.acts->destroy(desk.word(word), uid, desk.now);
  };
  const Desk::Word first, second{1, "2026-01", "B. Okafor", "desk/02", true, false};
  EXPECT_EQ(destroy(first, 1).status, 409) << "the month is not over";
  desk.now += 40 * kDay;
  EXPECT_EQ(destroy({0, "2025-01", "R. Haddad", "desk/01", false, false}, 1).status, 404);
  EXPECT_EQ(destroy(second, 2).status, 409) << "nobody has proposed it";
  ASSERT_EQ(destroy(first, 1).status, 200);
  EXPECT_EQ(desk.sealed_files()->size(), 2U);
  const struct {
    const char* name;
    Desk::Word word;
    std::int64_t uid;
    const char* says;
  } kCases[] = {
      {"proposed twice", {1, "2026-01", "B. Okafor", "desk/02", false, false}, 2, "duty has proposed it"},
      {"the same key", {0, "2026-01", "B. Okafor", "desk/02", true, false}, 2, "another one confirms"},
      {"the same name", {1, "2026-01", "r. haddad", "desk/02", true, false}, 2, "another one confirms"},
      {"the same station", {1, "2026-01", "B. Okafor", "desk/01", true, false}, 2, "one station or account"},
      {"the same account", {1, "2026-01", "B. Okafor", "desk/02", true, false}, 1, "one station or account"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto said = destroy(c.word, c.uid);
    EXPECT_EQ(said.status, 409);
    EXPECT_NE(said.body.find(c.says), std::string::npos) << said.body;
  }
  const Timestamp then = desk.now;
  const std::string late = desk.word(second);
  desk.now += 4 * kDay;
  EXPECT_EQ(destroy(second, 2).status, 409) << "too late";
  desk.now = then;
  desk.open();  // the proposal stands in the ledger; the key for words is a new one
  const auto stale = desk.acts->destroy(late, 2, desk.now);
  EXPECT_NE(stale.body.find("before the daemon started anew"), std::string::npos) << stale.body;
  EXPECT_EQ(desk.sealed_files()->size(), 2U);
  const auto said = destroy(second, 2);
  ASSERT_EQ(said.status, 200) << said.body;
  EXPECT_TRUE(desk.sealed_files()->empty());
  const auto entries = desk.bodies(record::kEntryKeyRotate);
  ASSERT_EQ(entries.size(), 3U) << "proposed, confirmed, destroyed";
  for (const std::size_t at : {1U, 2U}) {
    EXPECT_NE(entries[at].find(R"("proposed_by":"R. Haddad","proposed_custodian":"duty")"), std::string::npos)
        << entries[at];
    EXPECT_NE(entries[at].find(R"("custodian":"privacy")"), std::string::npos) << entries[at];
  }
  // From here on nothing of the month can be asked for.
  const auto asked = desk.reveals_keeper->request(desk.ask().to_json(), 1000, desk.now);
  EXPECT_NE(asked.body.find("[nothing_to_open]"), std::string::npos) << asked.body;
}

TEST(DestroyEpoch, OnlyWithACustodiansKey) {
  Desk desk;
  desk.now += 40 * kDay;
  const auto stranger = privacy::make_custodian_keys(record::kernel_random);
  auto said = desk.acts->destroy(desk.word({}, &stranger), 1, desk.now);
  EXPECT_EQ(said.status, 409);
  EXPECT_NE(said.body.find("none of the custodians'"), std::string::npos) << said.body;
  // Who only knows a custodian's public key and name.
  std::string forged = desk.word({}, &stranger);
  const std::string theirs = privacy::to_hex(stranger.public_key);
  forged.replace(forged.find(theirs), theirs.size(), privacy::to_hex(desk.scene.custodians[0].key));
  said = desk.acts->destroy(forged, 1, desk.now);
  EXPECT_EQ(said.status, 409);
  EXPECT_NE(said.body.find("does not open"), std::string::npos) << said.body;
  EXPECT_EQ(desk.acts->destroy(act(R"(,"epoch":"2026-01")"), 1, desk.now).status, 400) << "names alone";
  const std::string old = desk.word({});
  EXPECT_EQ(desk.acts->destroy(old, 1, desk.now + 4 * kDay).status, 409) << "said long ago";
  EXPECT_TRUE(desk.bodies(record::kEntryKeyRotate).empty());
}

TEST(DestroyEpoch, ACourierMayBringBoth) {
  Desk desk;
  desk.now += 40 * kDay;
  ASSERT_EQ(desk.acts->destroy(desk.word({0, "2026-01", "R. Haddad", "desk/01", false, true}), 1, desk.now).status,
            200);
  const auto said = desk.acts->destroy(desk.word({1, "2026-01", "B. Okafor", "desk/02", true, true}), 1, desk.now);
  EXPECT_EQ(said.status, 200) << said.body;
}

TEST(Erase, GoesOnWithWhatIsLeftOfAValue) {
  Desk desk;
  constexpr std::size_t kMany = PrivacyActs::kErasedAtOnce + 1;
  for (std::size_t i = 1; i < kMany; ++i) {
    std::string id = std::to_string(i);
    id.insert(0, 32 - id.size(), '0');
    desk.add_alert(id);
  }
  const std::string value = act(R"(,"value":")" + desk.scene.tok + '"');
  auto said = desk.acts->erase(value, 1, desk.now);
  EXPECT_NE(said.body.find("erased 500 objects"), std::string::npos) << said.body;
  EXPECT_NE(said.body.find("run it again"), std::string::npos) << said.body;
  said = desk.acts->erase(value, 1, desk.now);
  EXPECT_EQ(said.status, 200) << said.body;
  EXPECT_NE(said.body.find("erased 1 objects"), std::string::npos) << said.body;
  EXPECT_EQ(said.body.find("run it again"), std::string::npos) << said.body;
  EXPECT_EQ(desk.evidence->totals().objects, 0U);
}

TEST(Erase, AHoldOnAnIncidentKeepsItsAlerts) {
  Desk desk;
  const std::string free(32, 'b');
  desk.add_alert(free);
  desk.file.alerts.pop_back();  // of another incident
  ASSERT_EQ(desk.acts->hold(act(R"(,"incident":")" + std::string{test::kCase} + '"'), 1, desk.now).status, 200);
  EXPECT_EQ(desk.acts->erase(act(R"(,"alert":")" + std::string{test::kAlert} + '"'), 1, desk.now).status, 409);
  const auto said = desk.acts->erase(act(R"(,"value":")" + desk.scene.tok + '"'), 1, desk.now);
  EXPECT_NE(said.body.find("1 alerts are held and were left"), std::string::npos) << said.body;
  EXPECT_TRUE(desk.evidence->read(test::kAlert, record::EvidenceKind::values));
  EXPECT_FALSE(desk.evidence->read(free, record::EvidenceKind::values));
}

TEST(Erase, NotNow) {
  Desk desk;
  const std::string alert = R"(,"alert":")" + std::string{test::kAlert} + '"';
  desk.case_holds_fault = "the incident store is behind";
  EXPECT_EQ(desk.acts->erase(act(alert), 1, desk.now).status, 503);
  desk.evidence_closed = "the disk is read-only";
  desk.open();
  const auto said = desk.acts->erase(act(alert), 1, desk.now);
  EXPECT_EQ(said.status, 503);
  EXPECT_NE(said.body.find("read-only"), std::string::npos) << said.body;
}

TEST(DestroyEpoch, NotNow) {
  Desk desk;
  desk.now += 40 * kDay;
  const auto wrapped = desk.directory / "epochs" / "2026-01.wrapped";
  record::test::write_whole(wrapped, "x");
  auto said = desk.acts->destroy(desk.word({}), 1, desk.now);
  EXPECT_EQ(said.status, 503);
  EXPECT_NE(said.body.find("2026-01.wrapped"), std::string::npos) << said.body;
  std::filesystem::remove(wrapped);
  desk.case_holds_fault = "the incident store is behind";
  EXPECT_EQ(desk.acts->destroy(desk.word({}), 1, desk.now).status, 503);
  desk.case_holds_fault.clear();
  desk.evidence_closed = "the disk is read-only";
  desk.open();
  said = desk.acts->destroy(desk.word({}), 1, desk.now);
  EXPECT_EQ(said.status, 503);
  EXPECT_NE(said.body.find("read-only"), std::string::npos) << said.body;
  EXPECT_EQ(desk.sealed_files()->size(), 2U);
}

TEST(DestroyEpoch, NotWhatACaseWithVeryManyAlertsMayHold) {
  Desk desk;
  desk.held_times.emplace_back(desk.now, desk.now + kDay);
  desk.now += 40 * kDay;
  EXPECT_EQ(desk.acts->destroy(desk.word({}), 1, desk.now).status, 409);
  desk.held_times = {{desk.now, desk.now + kDay}};
  EXPECT_EQ(desk.acts->destroy(desk.word({}), 1, desk.now).status, 200) << "another month";
}

TEST(DestroyEpoch, AHoldPreventsIt) {
  Desk desk;
  ASSERT_EQ(desk.acts->hold(act(R"(,"alert":")" + std::string{test::kAlert} + '"'), 1, desk.now).status, 200);
  desk.now += 40 * kDay;
  const auto said = desk.acts->destroy(desk.word({}), 1, desk.now);
  EXPECT_EQ(said.status, 409);
  EXPECT_NE(said.body.find("release"), std::string::npos) << said.body;
}

}  // namespace nw::app
