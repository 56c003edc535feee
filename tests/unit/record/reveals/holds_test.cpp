#include "record/reveals/holds.h"

#include "record/entry.h"
#include "unit/record/reveals/reveals_support.h"

namespace nw::reveals {

namespace {

const Timestamp kThen = test::at("2026-02-01T00:00:00Z");
const Person kOne{"R. Haddad", 1000, "desk"}, kOther{"B. Okafor", 1001, "desk"};

}  // namespace

TEST(Holds, SetAndReleased) {
  Holds holds;
  Hold hold;
  hold.id = "HO-1";
  hold.alert = test::kAlert;
  hold.why = "the court asks";
  hold.by = kOne;
  ASSERT_TRUE(holds.apply(record::kEntryHold, hold_body(hold), kThen));
  Hold second = hold;
  second.id = "HO-2";
  ASSERT_TRUE(holds.apply(record::kEntryHold, hold_body(second), kThen));
  Hold incident = hold;
  incident.id = "HO-3";
  incident.alert.clear();
  incident.incident = "NW-2026-000001";
  ASSERT_TRUE(holds.apply(record::kEntryHold, hold_body(incident), kThen));
  EXPECT_TRUE(holds.alert(test::kAlert));
  EXPECT_TRUE(holds.incident("NW-2026-000001"));
  EXPECT_EQ(holds.find("HO-1")->since, kThen);

  ASSERT_TRUE(holds.apply(record::kEntryHold, release_body({"HO-1", "the court is done", kOther}), kThen));
  EXPECT_TRUE(holds.alert(test::kAlert)) << "the other one holds it";
  ASSERT_TRUE(holds.apply(record::kEntryHold, release_body({"HO-2", "done", kOther}), kThen));
  EXPECT_FALSE(holds.alert(test::kAlert));
  ASSERT_TRUE(holds.apply(record::kEntryHold, release_body({"HO-3", "done", kOther}), kThen));
  EXPECT_FALSE(holds.incident("NW-2026-000001"));
  EXPECT_TRUE(holds.all().empty());
}

TEST(Holds, EntriesThatDoNotFit) {
  Holds holds;
  EXPECT_FALSE(holds.apply(record::kEntryHold, release_body({"HO-1", "x", kOne}), kThen)) << "never set";
  Hold hold;
  hold.id = "HO-1";
  hold.why = "x";
  hold.by = kOne;
  EXPECT_FALSE(holds.apply(record::kEntryHold, hold_body(hold), kThen)) << "holds nothing";
  hold.alert = "a";
  hold.incident = "b";
  EXPECT_FALSE(holds.apply(record::kEntryHold, hold_body(hold), kThen)) << "holds both";
  hold.incident.clear();
  ASSERT_TRUE(holds.apply(record::kEntryHold, hold_body(hold), kThen));
  EXPECT_FALSE(holds.apply(record::kEntryHold, hold_body(hold), kThen)) << "twice";
  EXPECT_TRUE(holds.apply(record::kEntryAlert, "not read", kThen));
  EXPECT_EQ(holds.all().size(), 1U);
}

TEST(Destructions, TwoPeople) {
  Destructions all;
  Destruction proposal;
  proposal.epoch = {2026, 1};
  proposal.why = "the month is to be forgotten";
  proposal.by = {"duty", {1}, kOne, 1000, false};
  proposal.expires = kThen + std::chrono::hours{72};
  EXPECT_EQ(all.waiting(proposal.epoch, kThen), nullptr);
  ASSERT_TRUE(all.apply(record::kEntryKeyRotate, propose_body(proposal), kThen));
  const Destruction* waiting = all.waiting(proposal.epoch, kThen);
  ASSERT_NE(waiting, nullptr);
  EXPECT_EQ(waiting->by.person.by, kOne.by);
  EXPECT_EQ(waiting->sha256(), proposal.sha256()) << "read back, it is the same proposal";
  EXPECT_EQ(all.waiting({2026, 2}, kThen), nullptr);
  EXPECT_EQ(all.waiting(proposal.epoch, proposal.expires), nullptr);
  EXPECT_EQ(all.all(kThen).size(), 1U);

  const Destroyer other{"privacy", {2}, {kOther.by, kOther.uid, "desk/02"}, 1001, false};
  EXPECT_TRUE(Destructions::may_confirm(*waiting, other));
  Destroyer by = other;
  by.key = {1};
  EXPECT_FALSE(Destructions::may_confirm(*waiting, by)) << "the same key";
  by = other;
  by.person.by = "r.  haddad";
  EXPECT_FALSE(Destructions::may_confirm(*waiting, by)) << "the same name";
  by = other;
  by.person.host = kOne.host;
  EXPECT_FALSE(Destructions::may_confirm(*waiting, by)) << "the same station";
  by = other;
  by.sent_by_uid = 1000;
  EXPECT_FALSE(Destructions::may_confirm(*waiting, by)) << "the same account";
  by.offline = true;
  EXPECT_TRUE(Destructions::may_confirm(*waiting, by)) << "brought as a file";

  const Confirmed confirmed{*waiting, other, {{proposal.epoch, "evidence", {7}}}};
  ASSERT_TRUE(all.apply(record::kEntryKeyRotate, confirm_body(confirmed), kThen));
  EXPECT_EQ(all.waiting(proposal.epoch, kThen), nullptr);
  ASSERT_EQ(all.confirmed().size(), 1U) << "said, and not done yet";
  const Confirmed& read = all.confirmed().begin()->second;
  EXPECT_EQ(read.by.person.by, kOther.by);
  EXPECT_EQ(read.by.custodian, other.custodian);
  EXPECT_EQ(read.by.key, other.key);
  EXPECT_EQ(read.proposal.by.person.by, kOne.by);
  EXPECT_EQ(read.proposal.why, proposal.why);
  EXPECT_EQ(read.keys, confirmed.keys);
  EXPECT_FALSE(all.apply(record::kEntryKeyRotate, R"({"what":"destroy-confirmed","epoch":"2026-02"})", kThen));
  ASSERT_TRUE(all.apply(record::kEntryKeyRotate, destroyed_body(read, ""), kThen));
  EXPECT_TRUE(all.confirmed().empty());
  EXPECT_TRUE(all.apply(record::kEntryKeyRotate, R"({"epoch":"2026-01","made":[]})", kThen)) << "of another kind";
  const char* const kOld = R"({"by":"a","epoch":"2026-01","expires":"2099-01-01T00:00:00Z","host":"h","uid":1,)"
                           R"("what":"destroy-proposed","why":"w"})";
  EXPECT_TRUE(all.apply(record::kEntryKeyRotate, kOld, kThen));
  EXPECT_EQ(all.waiting(proposal.epoch, kThen), nullptr) << "of before custodians showed their keys";
}

}  // namespace nw::reveals
