#include "record/reveals/book.h"

#include "record/reveals/json_map.h"
#include "unit/record/reveals/reveals_support.h"

namespace nw::reveals {

namespace {

using test::kNow;
using test::Scene;

// A book that is fed as by the ledger.
struct Told {
  Scene scene;
  Book book;
  std::uint64_t index = 0;
  std::vector<std::pair<std::string, std::string>> entries;

  Result<> tell(std::string_view type, const std::string& body, Timestamp time = kNow) {
    entries.emplace_back(type, body);
    return book.apply(type, body, time, index++);
  }
  void request() {
    const auto told = tell(record::kEntryRevealRequest, scene.document.request.to_json());
    ASSERT_TRUE(told) << told.error().what;
  }
  Result<GivenApproval, Refusal> may(const Approval& approval, std::int64_t uid = 0, Timestamp now = kNow) {
    return book.may_approve(approval, uid, scene.custodians, now);
  }
  void approve(std::size_t number, bool offline = false, std::int64_t uid = 0) {
    const std::string file = scene.approval(number, offline);
    const auto approval = open_approval(file, scene.reveal.secret_key);
    ASSERT_TRUE(approval);
    const auto given = may(*approval, uid);
    ASSERT_TRUE(given) << given.error().what;
    const auto told = tell(record::kEntryRevealApprove, approve_body(*approval, *given, file));
    ASSERT_TRUE(told) << told.error().what;
  }
  [[nodiscard]] RequestState state() const { return book.find(scene.document.request.id)->state; }
  Result<> done(RequestState outcome) {
    Done done;
    done.request = scene.document.request.id;
    done.outcome = outcome;
    done.revealed = 2;
    done.commitment = "commit:00";
    return tell(record::kEntryRevealDone, done_body(done));
  }
};

Guard guard_of(const Result<GivenApproval, Refusal>& refused) {
  EXPECT_FALSE(refused);
  return refused ? Guard::no_case : refused.error().guard;
}

}  // namespace

TEST(RevealBook, TwoOfThreeInAnyPair) {
  for (const auto& [one, other] : {std::pair{0U, 1U}, {1U, 0U}, {0U, 2U}, {2U, 1U}}) {
    Told told;
    told.request();
    EXPECT_EQ(told.state(), RequestState::open);
    told.approve(one, false, 1);
    EXPECT_EQ(told.state(), RequestState::open);
    told.approve(other, false, 2);
    EXPECT_EQ(told.state(), RequestState::approved);
    ASSERT_TRUE(told.done(RequestState::done));
    EXPECT_EQ(told.state(), RequestState::done);
    EXPECT_EQ(told.book.find(told.scene.document.request.id)->revealed, 2U);
    // Rebuilt from the same entries it is the same.
    Book again;
    std::uint64_t index = 0;
    for (const auto& [type, body] : told.entries) ASSERT_TRUE(again.apply(type, body, kNow, index++));
    EXPECT_EQ(again.find(told.scene.document.request.id)->state, RequestState::done);
    EXPECT_EQ(again.all().size(), 1U);
  }
}

TEST(RevealBook, GuardsOfAsking) {
  Told told;
  const Book::Limits limits{2, 2};
  Request request = told.scene.document.request;
  ASSERT_TRUE(told.book.may_ask(request, told.scene.custodians, limits, kNow));
  const auto refused = [&](const Request& asked) {
    const auto may = told.book.may_ask(asked, told.scene.custodians, limits, kNow);
    EXPECT_FALSE(may);
    return may ? Guard::bad_approval : may.error().guard;
  };
  Request bad = request;
  bad.case_id = " ";
  EXPECT_EQ(refused(bad), Guard::no_case);
  bad = request;
  bad.requester.by = "Duty";
  EXPECT_EQ(refused(bad), Guard::custodian_asks);
  bad = request;
  bad.requester_key = told.scene.custodians[2].key;
  EXPECT_EQ(refused(bad), Guard::custodian_asks);
  bad = request;
  bad.values.push_back("tok:x");
  EXPECT_EQ(refused(bad), Guard::too_many_values);

  for (int i = 0; i < 2; ++i) {
    request.id = "RV-" + std::to_string(i);
    ASSERT_TRUE(told.tell(record::kEntryRevealRequest, request.to_json()));
  }
  EXPECT_EQ(refused(request), Guard::too_many_requests);
  // Another name from the same account, and the same name from elsewhere, are the same person.
  bad = request;
  bad.requester.by = "Somebody Else";
  EXPECT_EQ(refused(bad), Guard::too_many_requests);
  bad = request;
  bad.requester.host = "other";
  EXPECT_EQ(refused(bad), Guard::too_many_requests);
  bad.requester.by = "Somebody Else";
  EXPECT_TRUE(told.book.may_ask(bad, told.scene.custodians, limits, kNow));
  EXPECT_TRUE(told.book.may_ask(request, told.scene.custodians, limits, kNow + std::chrono::hours{25}));
}

TEST(RevealBook, GuardsOfApproving) {
  Told told;
  told.request();
  const Approval good = told.scene.opened(0);
  ASSERT_TRUE(told.may(good));

  Approval bad = good;
  bad.request = "RV-x";
  EXPECT_EQ(guard_of(told.may(bad)), Guard::unknown_request);
  bad = good;
  bad.request_sha256[0] ^= 1;
  EXPECT_EQ(guard_of(told.may(bad)), Guard::another_request);
  bad = good;
  bad.custodian_key = told.scene.requester.public_key;
  EXPECT_EQ(guard_of(told.may(bad)), Guard::not_a_custodian);
  bad = good;
  bad.custodian.by = "r. haddad";
  EXPECT_EQ(guard_of(told.may(bad)), Guard::own_request);
  bad = good;
  bad.custodian.host = told.scene.document.request.requester.host;
  EXPECT_EQ(guard_of(told.may(bad)), Guard::own_request) << "the requester's own account";
  EXPECT_EQ(guard_of(told.may(good, 0, told.scene.document.request.expires)), Guard::closed);

  told.approve(0, false, 7);
  EXPECT_EQ(guard_of(told.may(good, 8)), Guard::same_custodian) << "a replay";
  bad = told.scene.opened(1);
  bad.custodian.by = "DUTY";
  EXPECT_EQ(guard_of(told.may(bad, 8)), Guard::same_custodian) << "one person with two keys";
  bad = told.scene.opened(1);
  bad.custodian.host = good.custodian.host;
  EXPECT_EQ(guard_of(told.may(bad, 8)), Guard::same_host);
  EXPECT_EQ(guard_of(told.may(told.scene.opened(1), 7)), Guard::same_host) << "one account of the socket";
  EXPECT_TRUE(told.may(told.scene.opened(1, true), 7)) << "a courier brings the file";

  told.approve(1, true, 7);
  EXPECT_EQ(guard_of(told.may(told.scene.opened(2), 9)), Guard::closed) << "a third";
}

TEST(RevealBook, BreakGlassStillNeedsTwo) {
  Told told;
  told.scene.document.request.break_glass = true;
  told.request();
  told.approve(0, false, 1);
  EXPECT_EQ(told.state(), RequestState::open);
  EXPECT_FALSE(told.done(RequestState::done)) << "one is not two";
  EXPECT_EQ(told.state(), RequestState::open);
}

TEST(RevealBook, DenyCloses) {
  Told told;
  told.request();
  ASSERT_TRUE(told.book.may_deny(told.scene.document.request.id, kNow));
  Denial denial;
  denial.request = told.scene.document.request.id;
  denial.why = "not needed for the case";
  denial.person = {"privacy", 3, "h"};
  // A refusal by a guard names the request, and leaves it open.
  Denial refusal = denial;
  refusal.guard = Guard::same_host;
  refusal.step = "approve";
  ASSERT_TRUE(told.tell(record::kEntryRevealDeny, deny_body(refusal)));
  EXPECT_EQ(told.state(), RequestState::open);
  ASSERT_TRUE(told.tell(record::kEntryRevealDeny, deny_body(denial)));
  EXPECT_EQ(told.state(), RequestState::denied);
  EXPECT_EQ(guard_of(told.may(told.scene.opened(0))), Guard::closed);
  EXPECT_FALSE(told.book.may_deny(told.scene.document.request.id, kNow));
  EXPECT_FALSE(told.tell(record::kEntryRevealDeny, deny_body(denial))) << "twice";
}

TEST(RevealBook, ExpiresOnce) {
  Told told;
  told.request();
  const Timestamp late = told.scene.document.request.expires;
  EXPECT_TRUE(told.book.expired(late - std::chrono::milliseconds{1}).empty());
  ASSERT_EQ(told.book.expired(late).size(), 1U);
  EXPECT_EQ(told.book.waiting(), 1U);
  ASSERT_TRUE(told.done(RequestState::expired));
  EXPECT_TRUE(told.book.expired(late).empty());
  EXPECT_EQ(told.book.waiting(), 0U);
}

// What the ledger would have to hold for this to happen is none of ours; it is counted by the caller and changes
// nothing.
TEST(RevealBook, EntriesThatDoNotFit) {
  Told told;
  const std::string file = told.scene.approval(0);
  const auto approval = open_approval(file, told.scene.reveal.secret_key);
  const GivenApproval given{"duty", privacy::fingerprint_of(told.scene.custodians[0].key), {"duty", 1, "a"}, 0, false,
                            kNow};
  EXPECT_FALSE(told.tell(record::kEntryRevealApprove, approve_body(*approval, given, file))) << "before the request";
  told.request();
  EXPECT_FALSE(told.tell(record::kEntryRevealRequest, told.scene.document.request.to_json())) << "again";
  ASSERT_TRUE(told.tell(record::kEntryRevealApprove, approve_body(*approval, given, file)));
  EXPECT_FALSE(told.tell(record::kEntryRevealApprove, approve_body(*approval, given, file))) << "a replay";
  Approval other = told.scene.opened(1);
  other.request_sha256[0] ^= 1;
  GivenApproval second = given;
  second.key = privacy::fingerprint_of(told.scene.custodians[1].key);
  EXPECT_FALSE(told.tell(record::kEntryRevealApprove, approve_body(other, second, file))) << "another text";
  for (const char* body : {"{}", "[]", "", R"({"request":1})", R"({"request":"x","outcome":"open"})"})
    for (const auto type :
         {record::kEntryRevealRequest, record::kEntryRevealApprove, record::kEntryRevealDeny, record::kEntryRevealDone})
      EXPECT_FALSE(told.tell(type, body)) << type << ' ' << body;
  EXPECT_EQ(told.state(), RequestState::open);
  EXPECT_TRUE(told.tell(record::kEntryAlert, "not even read"));
}

TEST(RevealBook, ForgetsTheOldestClosedOnes) {
  Told told;
  Request request = told.scene.document.request;
  request.id = "RV-open";
  ASSERT_TRUE(told.tell(record::kEntryRevealRequest, request.to_json()));
  for (std::size_t i = 0; i < Book::kRequestsKept + 5; ++i) {
    request.id = "RV-" + std::to_string(i);
    ASSERT_TRUE(told.book.apply(record::kEntryRevealRequest, request.to_json(), kNow, told.index++));
    Denial denial;
    denial.request = request.id;
    denial.why = "no";
    denial.person.by = "privacy";
    ASSERT_TRUE(told.book.apply(record::kEntryRevealDeny, deny_body(denial), kNow, told.index++));
  }
  EXPECT_LE(told.book.all().size(), Book::kRequestsKept + 1);
  EXPECT_GT(told.book.forgotten(), 0U);
  EXPECT_NE(told.book.find("RV-open"), nullptr);
  EXPECT_EQ(told.book.find("RV-0"), nullptr);
}

TEST(RevealBook, EveryGuardAndStateHasAName) {
  for (const auto name : kGuards) EXPECT_FALSE(name.empty());
  EXPECT_EQ(to_string(Guard::bad_approval), "bad_approval");
  EXPECT_EQ(to_string(RequestState::key_lost), "key_lost");
}

}  // namespace nw::reveals
