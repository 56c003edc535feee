#include "record/witness/submission.h"

#include <gtest/gtest.h>

#include "unit/record/witness/support.h"

namespace nw::witness::test {
namespace {

class Asking {
 public:
  Asking(const TestLog& log, std::uint64_t size, std::uint64_t known)
      : log_{log}, submission_{witness_signer().verifier(), log.head(size), log.checkpoint(size), known} {}

  // Until it is judged, by a witness.
  Judged ask(WitnessState& witness) {
    for (;;) {
      const Answer answer = witness.add(request(), kNow);
      if (auto judged = submission_.take(answer.status, answer.content_type, answer.body)) return *judged;
      ++again;
    }
  }
  std::optional<Judged> take(int status, std::string_view type, std::string_view body) {
    return submission_.take(status, type, body);
  }
  std::string request() {
    const auto bytes =
        submission_.request([this](std::uint64_t old_size, std::uint64_t size) { return log_.proof(old_size, size); });
    EXPECT_TRUE(bytes);
    return bytes ? *bytes : "";
  }
  int again = 0;

 private:
  const TestLog& log_;
  Submission submission_;
};

struct Site {
  TempDir dir;
  merkle::SignerKey key = witness_signer();
  std::unique_ptr<WitnessState> witness = std::move(*WitnessState::open(dir / "witness", known_logs(), key));
};

TEST(WitnessSubmission, LearnsTheSizeAndGoesOn) {
  Site site;
  const TestLog log{20};
  EXPECT_EQ(Asking(log, 5, 0).ask(*site.witness).outcome, Outcome::cosigned);  // first contact
  Asking restarted{log, 9, 0};
  const Judged judged = restarted.ask(*site.witness);
  EXPECT_EQ(judged.outcome, Outcome::cosigned);
  EXPECT_EQ(restarted.again, 1);
  EXPECT_EQ(judged.timestamp, 1'768'471'200U);
  ASSERT_EQ(judged.signatures.size(), 1U);
  EXPECT_TRUE(merkle::verify_cosignature(site.key.verifier().key, log.head(9).text, judged.signatures[0].bytes));
  Asking knows{log, 20, 9};
  EXPECT_EQ(knows.ask(*site.witness).outcome, Outcome::cosigned);
  EXPECT_EQ(knows.again, 0);
  // The answer was lost on its way, so the log believes that 9 is the last: the same head is signed once more.
  Asking lost{log, 20, 9};
  EXPECT_EQ(lost.ask(*site.witness).outcome, Outcome::cosigned);
  EXPECT_EQ(lost.again, 1);
}

TEST(WitnessSubmission, AnotherHistoryIsAConflict) {
  Site site;
  const TestLog log{20}, fork{30, "other ", 5};
  ASSERT_EQ(Asking(log, 10, 0).ask(*site.witness).outcome, Outcome::cosigned);
  const Judged larger = Asking(fork, 30, 0).ask(*site.witness);
  EXPECT_EQ(larger.outcome, Outcome::conflict);
  EXPECT_EQ(larger.status, 422);
  EXPECT_EQ(larger.witness_size, 10U);
  const Judged same = Asking(fork, 10, 0).ask(*site.witness);
  EXPECT_EQ(same.outcome, Outcome::conflict);
  EXPECT_EQ(same.status, 409);
  const Judged rolled_back = Asking(log, 8, 8).ask(*site.witness);
  EXPECT_EQ(rolled_back.outcome, Outcome::conflict);
  EXPECT_EQ(rolled_back.witness_size, 10U);
  EXPECT_NE(rolled_back.why.find("brought back from a backup"), std::string::npos);
}

TEST(WitnessSubmission, AnswersThatSignNothing) {
  const TestLog log{10};
  const std::string good = merkle::cosign(log.head(10).text, witness_signer(), 5)->to_line();
  const std::string other_head = merkle::cosign(log.head(9).text, witness_signer(), 5)->to_line();
  const std::string other_key = merkle::cosign(log.head(10).text, witness_signer(4), 5)->to_line();
  std::string flipped = good;
  flipped[flipped.size() - 6] = flipped[flipped.size() - 6] == 'A' ? 'B' : 'A';
  std::string many;
  for (int i = 0; i < 101; ++i) many += good;
  const struct {
    const char* name;
    int status;
    std::string type, body;
    Outcome outcome;
    const char* why;
  } kCases[] = {
      {"good", 200, "text/plain", good, Outcome::cosigned, ""},
      {"good, behind a stranger's", 200, "", other_key + good, Outcome::cosigned, ""},
      {"twice", 200, "", good + good, Outcome::cosigned, ""},
      {"empty", 200, "", "", Outcome::refused, "there is no signature"},
      {"a page", 200, "text/html", "<html></html>\n", Outcome::refused, "is no cosignature: line 1"},
      {"cut", 200, "", good.substr(0, good.size() - 1), Outcome::refused, "does not end in a newline"},
      {"too many", 200, "", many, Outcome::refused, "over 100 signatures"},
      {"another head", 200, "", other_head, Outcome::refused, "its signature is wrong"},
      {"flipped", 200, "", flipped, Outcome::refused, "its signature is wrong"},
      {"good and wrong", 200, "", good + other_head, Outcome::refused, "its signature is wrong"},
      {"another key", 200, "", other_key, Outcome::refused, "another key than the policy names"},
      {"conflict without a type", 409, "text/plain", "5\n", Outcome::refused, "not text/x.tlog.size"},
      {"conflict without a size", 409, "text/x.tlog.size", "\n", Outcome::refused, "HTTP 409, but"},
      {"conflict without a newline", 409, "text/x.tlog.size", "5", Outcome::refused, "newline"},
      {"a size of zeros", 409, "text/x.tlog.size", "00\n", Outcome::refused, "HTTP 409, but"},
      {"beyond us", 409, "Text/X.tlog.Size; charset=utf-8", "11\n", Outcome::conflict, "for 11 entries"},
      {"the size that we sent", 409, "text/x.tlog.size", "4\n", Outcome::refused, "the very size"},
      {"bad proof", 422, "text/plain", "no\n", Outcome::conflict, "does not continue the 4 entries"},
      {"our key is not known", 403, "", "who?\nmore", Outcome::refused, "HTTP 403: who?; does it hold"},
      {"unknown log", 404, "", "", Outcome::refused, "HTTP 404; does it witness"},
      {"too often", 429, "", "", Outcome::refused, "too often"},
      {"broken", 500, "", "\x1b[31mhello", Outcome::refused, "HTTP 500: \\x1b[31mhello"},
      {"redirect", 302, "", "", Outcome::refused, "HTTP 302"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto judged = Asking(log, 10, 4).take(c.status, c.type, c.body);
    ASSERT_TRUE(judged);
    EXPECT_EQ(judged->outcome, c.outcome);
    EXPECT_EQ(judged->status, c.status);
    EXPECT_NE(judged->why.find(c.why), std::string::npos) << judged->why;
    EXPECT_EQ(judged->signatures.size(), c.outcome == Outcome::cosigned ? 1U : 0U);
  }
}

TEST(WitnessSubmission, SizesThatChangeAllTheTimeEnd) {
  const TestLog log{10};
  Asking asking{log, 10, 0};
  for (const char* size : {"3\n", "4\n", "5\n"}) {
    EXPECT_FALSE(asking.take(409, kSizeType, size));
    EXPECT_TRUE(asking.request().starts_with("old " + std::string{size}));
  }
  const auto judged = asking.take(409, kSizeType, "6\n");
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->outcome, Outcome::refused);
}

TEST(WitnessSubmission, AProofThatCannotBeMadeIsAnError) {
  const TestLog log{10};
  const Submission submission{witness_signer().verifier(), log.head(10), log.checkpoint(10), 4};
  const auto bytes = submission.request([](std::uint64_t, std::uint64_t) -> Result<merkle::Proof> {
    return Error{Errc::not_found, "a tile is missing"};
  });
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().what, "a tile is missing");
}

// The witness counts once, however its key is written down.
TEST(WitnessPolicy, TwoWitnessesWithOneKeyAreRefused) {
  const auto again = merkle::VerifierKey::make("witness.example/second", merkle::KeyType::cosignature,
                                               witness_signer().verifier().key);
  Diagnostics diagnostics;
  const std::string text = "log " + std::string{merkle::test::kLogKey} + "\nwitness a " +
                           witness_signer().verifier().to_string() + "\nwitness b " + again->to_string() +
                           "\ngroup g all a b\nquorum g\n";
  EXPECT_FALSE(merkle::Policy::parse(text, "policy", diagnostics));
  EXPECT_NE(diagnostics.to_string().find("policy-key"), std::string::npos) << diagnostics.to_string();
}

TEST(WitnessSubmission, SendsTheLogsOwnSignaturesOnly) {
  const TestLog log{9};
  merkle::Note head = log.head(9);
  head.signatures.push_back(*merkle::cosign(head.text, witness_signer(7), 1));
  const Submission submission{witness_signer().verifier(), head, log.checkpoint(9), 0};
  const auto body =
      submission.request([&](std::uint64_t old_size, std::uint64_t size) { return log.proof(old_size, size); });
  ASSERT_TRUE(body);
  const auto request = AddRequest::parse(*body);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->checkpoint.to_string(), log.head(9).to_string());
}

}  // namespace
}  // namespace nw::witness::test
