#include "record/witness/state.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/record/witness/support.h"

namespace nw::witness::test {
namespace {

using record::test::DyingFiles;
using record::test::FailingFiles;
using record::test::PowerCutFiles;

class Witness {
 public:
  explicit Witness(const std::filesystem::path& directory, record::FileOps& ops = record::system_files()) {
    auto opened = WitnessState::open(directory, known_logs(), key_, ops);
    if (opened)
      state_ = std::move(*opened);
    else
      fault = opened.error().what;
  }
  WitnessState& operator*() { return *state_; }
  WitnessState* operator->() { return state_.get(); }
  std::string fault;

 private:
  merkle::SignerKey key_ = witness_signer();
  std::unique_ptr<WitnessState> state_;
};

// The time that the witness signed with, when the answer is its signature of this head.
std::optional<std::uint64_t> signed_at(const Answer& answer, const merkle::Note& head) {
  if (answer.status != 200 || !answer.body.ends_with('\n')) return std::nullopt;
  const auto signature = merkle::NoteSignature::parse(std::string_view{answer.body}.substr(0, answer.body.size() - 1));
  if (!signature || signature->name != merkle::test::kWitnessName) return std::nullopt;
  return merkle::verify_cosignature(witness_signer().verifier().key, head.text, signature->bytes);
}

TEST(WitnessState, SignsALogThatGrows) {
  TempDir dir;
  const TestLog log{300};
  Witness witness{dir / "witness"};
  std::uint64_t old_size = 0;
  for (const std::uint64_t size : {0U, 1U, 2U, 7U, 8U, 255U, 256U, 300U}) {
    SCOPED_TRACE(size);
    const auto request = log.request(old_size, size);
    EXPECT_EQ(signed_at(witness->add(request.to_string(), kNow), request.checkpoint), 1'768'471'200U);
    EXPECT_EQ(witness->last(kOrigin), log.checkpoint(size).head);
    old_size = size;
  }
  // The same head again: with the time that it is now, and whoever reads the file gets the latest.
  const auto again = log.request(300, 300);
  EXPECT_EQ(signed_at(witness->add(again.to_string(), kNow + std::chrono::hours{1}), again.checkpoint), 1'768'474'800U);
}

TEST(WitnessState, RemembersOverARestart) {
  TempDir dir;
  const TestLog log{9};
  ASSERT_EQ((Witness{dir / "witness"})->add(log.request(0, 5).to_string(), kNow).status, 200);
  Witness witness{dir / "witness"};
  EXPECT_EQ(witness->last(kOrigin), log.checkpoint(5).head);
  const Answer shown = witness->shown(kOrigin);
  EXPECT_EQ(shown.status, 200);
  const auto note = merkle::Note::parse(shown.body);
  ASSERT_TRUE(note);
  const std::vector<merkle::VerifierKey> both{log_signer().verifier(), witness_signer().verifier()};
  const auto verified = merkle::verify_note(*note, both);
  ASSERT_TRUE(verified) << verified.error().what;
  EXPECT_EQ(verified->size(), 2U);
  EXPECT_EQ(witness->add(log.request(0, 9).to_string(), kNow).status, 409);
  EXPECT_EQ(witness->add(log.request(5, 9).to_string(), kNow).status, 200);
}

TEST(WitnessState, EachStatusForEachAttack) {
  const TestLog log{20};
  const TestLog fork{20, "other ", 5};      // from entry 5 on
  const TestLog stranger{20, "stranger "};  // from the beginning
  const merkle::SignerKey other_key =
      *merkle::SignerKey::make(kOrigin, merkle::KeyType::note, merkle::test::counting_seed(100));
  const auto with = [](AddRequest request, auto change) {
    change(request);
    return request.to_string();
  };
  const struct {
    const char* name;
    std::string request;
    int status;
    const char* body;  // its beginning
    bool other_history = false;
  } kCases[] = {
      {"no request", "hello\n", 400, "line 1"},
      {"a note that is no checkpoint", with(log.request(10, 12), [](AddRequest& r) { r.checkpoint.text = "hello\n"; }),
       400, "the checkpoint"},
      {"old > new", with(log.request(10, 12), [](AddRequest& r) { r.old_size = 13; }), 400, "the old size is larger"},
      {"roll back", with(log.request(0, 8), [](AddRequest& r) { r.old_size = 10; }), 400, "the old size is larger"},
      {"roll back that owns up", log.request(0, 8).to_string(), 409, "10\n"},
      {"replay of an earlier request", log.request(3, 10).to_string(), 409, "10\n"},
      {"unknown origin",
       with(log.request(10, 12),
            [](AddRequest& r) {
              const auto key =
                  *merkle::SignerKey::make("elsewhere.example", merkle::KeyType::note, merkle::test::counting_seed(0));
              r.checkpoint.text.replace(0, kOrigin.size(), "elsewhere.example");
              r.checkpoint.signatures = {*merkle::sign_note(r.checkpoint.text, key)};
            }),
       404, "this log is not witnessed"},
      {"another key in the log's name",
       with(log.request(10, 12), [&](AddRequest& r) { r.checkpoint = log.head(12, other_key); }), 403,
       "not signed by a known key"},
      {"a changed root", with(log.request(10, 12), [&](AddRequest& r) { r.checkpoint.text = fork.head(12).text; }), 403,
       "not signed by a known key"},
      {"the witness's own signature only",
       with(log.request(10, 12),
            [](AddRequest& r) { r.checkpoint.signatures = {*merkle::cosign(r.checkpoint.text, witness_signer(), 1)}; }),
       403, "not signed by a known key"},
      {"first contact feigned", log.request(0, 12).to_string(), 409, "10\n"},
      {"fork, own proof", fork.request(10, 12).to_string(), 422, "the checkpoint does not continue"},
      {"fork, the honest proof", with(fork.request(10, 12), [&](AddRequest& r) { r.proof = *log.proof(10, 12); }), 422,
       "the checkpoint does not"},
      {"fork of the same size", fork.request(10, 10).to_string(), 409, "10\n", true},
      {"fork of the same size, from elsewhere", fork.request(5, 10).to_string(), 409, "10\n", true},
      {"another log altogether", stranger.request(10, 15).to_string(), 422, "the checkpoint does not"},
      {"proof for another size", with(log.request(10, 12), [&](AddRequest& r) { r.proof = *log.proof(9, 12); }), 422,
       "the checkpoint does not"},
      {"no proof", with(log.request(10, 12), [](AddRequest& r) { r.proof.clear(); }), 422, "the checkpoint does not"},
      {"a hash too many", with(log.request(10, 12), [](AddRequest& r) { r.proof.push_back(r.proof.back()); }), 422,
       "the checkpoint does not"},
      {"a proof of nothing", with(log.request(10, 10), [](AddRequest& r) { r.proof.push_back(merkle::empty_root()); }),
       422, "the checkpoint does not"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    TempDir dir;
    Witness witness{dir / "witness"};
    ASSERT_EQ(witness->add(log.request(0, 10).to_string(), kNow).status, 200);
    const std::string before = record::test::read_whole(dir / ("witness/" + log_id(kOrigin)));
    const Answer answer = witness->add(c.request, kNow);
    EXPECT_EQ(answer.status, c.status) << answer.body;
    EXPECT_TRUE(answer.body.starts_with(c.body)) << answer.body;
    EXPECT_EQ(answer.content_type, c.status == 409 ? kSizeType : kTextType);
    EXPECT_EQ(answer.other_history.has_value(), c.other_history);
    EXPECT_EQ(answer.body.find("\u2014"), std::string::npos) << "nothing is signed";
    // Nothing changed, on disk neither, and the honest log goes on.
    EXPECT_EQ(record::test::read_whole(dir / ("witness/" + log_id(kOrigin))), before);
    EXPECT_EQ(witness->add(log.request(10, 20).to_string(), kNow).status, 200);
  }
}

TEST(WitnessState, FromNothingThereIsNoProof) {
  TempDir dir;
  Witness witness{dir / "witness"};
  const TestLog log{4};
  AddRequest request = log.request(0, 4);
  request.proof.push_back(merkle::empty_root());
  EXPECT_EQ(witness->add(request.to_string(), kNow).status, 422);
  EXPECT_EQ(witness->shown(kOrigin).status, 404);
  EXPECT_EQ(witness->shown("elsewhere.example").status, 404);
  // It was never signed: 0, whatever is claimed.
  const Answer answer = witness->add(log.request(2, 4).to_string(), kNow);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.body, "0\n");
}

TEST(WitnessState, KeepsTheLogsSignaturesOnly) {
  TempDir dir;
  Witness witness{dir / "witness"};
  const TestLog log{4};
  AddRequest request = log.request(0, 4);
  request.checkpoint.signatures.push_back(*merkle::cosign(request.checkpoint.text, witness_signer(7), 1));
  request.checkpoint.signatures.push_back(request.checkpoint.signatures.front());
  ASSERT_EQ(witness->add(request.to_string(), kNow).status, 200);
  const auto note = merkle::Note::parse(witness->shown(kOrigin).body);
  ASSERT_TRUE(note);
  ASSERT_EQ(note->signatures.size(), 2U);
  EXPECT_EQ(note->signatures[0].name, kOrigin);
  EXPECT_EQ(note->signatures[1].name, merkle::test::kWitnessName);
}

TEST(WitnessState, EitherOfALogsKeys) {
  TempDir dir;
  const merkle::SignerKey second =
      *merkle::SignerKey::make(kOrigin, merkle::KeyType::note, merkle::test::counting_seed(100));
  auto logs = known_logs();
  logs.push_back({second.verifier(), ""});
  const merkle::SignerKey key = witness_signer();
  const auto state = WitnessState::open(dir / "witness", logs, key);
  ASSERT_TRUE(state) << state.error().what;
  EXPECT_EQ((*state)->origins().size(), 1U);
  const TestLog log{4};
  ASSERT_EQ((*state)->add(log.request(0, 2).to_string(), kNow).status, 200);
  AddRequest request = log.request(2, 4);
  request.checkpoint = log.head(4, second);
  EXPECT_EQ((*state)->add(request.to_string(), kNow).status, 200);
}

TEST(WitnessState, StrangersAndHastyLogsAreHeldOff) {
  TempDir dir;
  Witness witness{dir / "witness"};
  const TestLog log{40};
  // New heads: a burst, then four a second; what came too early is no loss.
  int signed_heads = 0;
  for (std::uint64_t size = 1; size <= 30; ++size)
    signed_heads +=
        witness->add(log.request(witness->last(kOrigin) ? witness->last(kOrigin)->size : 0, size).to_string(), kNow)
            .status == 200;
  EXPECT_EQ(signed_heads, 16);
  EXPECT_EQ(witness->add(log.request(16, 31).to_string(), kNow).status, 429);
  EXPECT_EQ(witness->add(log.request(16, 31).to_string(), kNow + std::chrono::milliseconds{300}).status, 200);
  // What is checked at all. An unknown log costs nothing and is told so still.
  int held_off = 0;
  for (int i = 0; i < 500; ++i) held_off += witness->add(log.request(31, 31).to_string(), kNow).status == 429;
  EXPECT_GT(held_off, 50);
  EXPECT_LT(held_off, 200);
  EXPECT_EQ(witness->add(log.request(31, 31).to_string(), kNow - std::chrono::hours{1}).status, 429);
  EXPECT_EQ(witness->add("old 0\n", kNow).status, 400);
}

TEST(WitnessState, RefusesDamagedFilesAndWrongKeys) {
  const TestLog log{4};
  const merkle::SignerKey key = witness_signer();
  const auto damaged = [&](const std::function<std::string(std::string)>& change) {
    TempDir dir;
    const auto file = dir / ("witness/" + log_id(kOrigin));
    EXPECT_EQ((Witness{dir / "witness"})->add(log.request(0, 4).to_string(), kNow).status, 200);
    record::test::write_whole(file, change(record::test::read_whole(file)));
    const auto opened = WitnessState::open(dir / "witness", known_logs(), key);
    return opened ? std::string{"opened"} : opened.error().what;
  };
  EXPECT_EQ(damaged([](std::string text) { return text; }), "opened");
  EXPECT_NE(damaged([](const std::string&) { return ""; }).find("is damaged"), std::string::npos);
  EXPECT_NE(damaged([](const std::string& text) { return text.substr(0, 60); }).find("bring it back"),
            std::string::npos);
  EXPECT_NE(damaged([](std::string text) { return text.replace(text.find("\n4\n"), 3, "\n5\n"); }).find("is damaged"),
            std::string::npos);
  EXPECT_NE(damaged([](const std::string& text) { return text + std::string(kRequestBytesMax, 'x'); }).find("64 KiB"),
            std::string::npos);
  EXPECT_NE(damaged([](std::string text) {
              return text.replace(0, kOrigin.size(), "elsewhere.example");
            }).find("it is of 'elsewhere.example'"),
            std::string::npos);

  TempDir dir;
  EXPECT_FALSE(WitnessState::open(dir / "a", known_logs(), log_signer()));
  const merkle::SignerKey same_bytes =
      *merkle::SignerKey::make("witness.example/w1", merkle::KeyType::cosignature, merkle::test::counting_seed(0));
  const auto own = WitnessState::open(dir / "b", known_logs(), same_bytes);
  ASSERT_FALSE(own);
  EXPECT_NE(own.error().what.find("its own witness"), std::string::npos);
}

TEST(WitnessState, AHeadThatIsGoneIsMissed) {
  const TestLog log{9};
  const auto file = [](const TempDir& dir) { return dir / ("witness/" + log_id(kOrigin)); };
  TempDir dir;
  ASSERT_EQ((Witness{dir / "witness"})->add(log.request(0, 5).to_string(), kNow).status, 200);
  const std::string head = record::test::read_whole(file(dir));
  std::filesystem::remove(file(dir));
  const std::string fault = Witness{dir / "witness"}.fault;
  EXPECT_NE(fault.find(log_id(kOrigin) + ", the last head that was signed of"), std::string::npos) << fault;
  EXPECT_NE(fault.find("is missing"), std::string::npos) << fault;
  EXPECT_NE(fault.find("bring it back from a backup"), std::string::npos) << fault;
  record::test::write_whole(file(dir), head);
  EXPECT_EQ(Witness{dir / "witness"}.fault, "");

  // Without the list (it was not always kept) it is made again from the heads.
  std::filesystem::remove(dir / "witness/origins");
  EXPECT_EQ(Witness{dir / "witness"}.fault, "");
  EXPECT_EQ(record::test::read_whole(dir / "witness/origins"), std::string{kOrigin} + '\n');
  for (const char* bytes : {"half a li", "one\n\n"}) {
    record::test::write_whole(dir / "witness/origins", bytes);
    EXPECT_NE(Witness{dir / "witness"}.fault.find("origins, the list of the logs"), std::string::npos) << bytes;
  }
}

// A first head is cut short anywhere: the next start is no refusal, and what was answered is known.
TEST(WitnessState, KilledAtEachCallOfAFirstHead) {
  const TestLog log{20};
  for (const auto when : {DyingFiles::When::before, DyingFiles::When::halfway, DyingFiles::When::after})
    for (int call = 0;; ++call) {
      SCOPED_TRACE(call);
      TempDir dir;
      const pid_t child = ::fork();
      if (child == 0) {
        DyingFiles ops{call, when};
        Witness witness{dir / "witness", ops};
        ::_exit(witness->add(log.request(0, 10).to_string(), kNow).status == 200 ? 0 : 1);
      }
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      const bool answered = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      Witness witness{dir / "witness"};
      ASSERT_EQ(witness.fault, "");
      if (!answered) continue;
      EXPECT_EQ(witness->last(kOrigin), log.checkpoint(10).head);
      std::filesystem::remove(dir / ("witness/" + log_id(kOrigin)));
      EXPECT_NE(Witness{dir / "witness"}.fault, "") << "it was listed before the answer";
      break;
    }
}

TEST(WitnessState, ACheckpointOverFourKibibytesIsNotTaken) {
  TempDir dir;
  Witness witness{dir / "witness"};
  const TestLog log{4};
  AddRequest request = log.request(0, 4);
  while (request.checkpoint.to_string().size() <= kCheckpointBytesMax)
    request.checkpoint.signatures.push_back(
        *merkle::cosign(request.checkpoint.text, witness_signer(7), request.checkpoint.signatures.size()));
  const Answer answer = witness->add(request.to_string(), kNow);
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("over 4 KiB"), std::string::npos) << answer.body;
  request.checkpoint.signatures.pop_back();
  EXPECT_EQ(witness->add(request.to_string(), kNow).status, 200);
}

TEST(WitnessState, ANewWitnessKeyForgetsNothing) {
  TempDir dir;
  const TestLog log{9};
  ASSERT_EQ((Witness{dir / "witness"})->add(log.request(0, 5).to_string(), kNow).status, 200);
  const merkle::SignerKey key = witness_signer(3);
  const auto state = WitnessState::open(dir / "witness", known_logs(), key);
  ASSERT_TRUE(state) << state.error().what;
  EXPECT_EQ((*state)->last(kOrigin), log.checkpoint(5).head);
  EXPECT_EQ((*state)->add(TestLog(9, "other ", 2).request(5, 9).to_string(), kNow).status, 422);
}

// Two heads of which the second may be cut short anywhere: what was answered is never forgotten.
TEST(WitnessState, KilledAtEachCall) {
  const TestLog log{20}, fork{20, "other ", 5};
  for (const auto when : {DyingFiles::When::before, DyingFiles::When::halfway, DyingFiles::When::after})
    for (int call = 0;; ++call) {
      SCOPED_TRACE(call);
      TempDir dir;
      ASSERT_EQ((Witness{dir / "witness"})->add(log.request(0, 10).to_string(), kNow).status, 200);
      const pid_t child = ::fork();
      if (child == 0) {
        DyingFiles ops{call, when};
        Witness witness{dir / "witness", ops};
        ::_exit(witness->add(log.request(10, 20).to_string(), kNow).status == 200 ? 0 : 1);
      }
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      const bool answered = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      Witness witness{dir / "witness"};
      ASSERT_EQ(witness.fault, "");
      const auto last = witness->last(kOrigin);
      ASSERT_TRUE(last);
      EXPECT_TRUE(*last == log.checkpoint(20).head || (!answered && *last == log.checkpoint(10).head));
      // The log asks again, and a fork is still none.
      EXPECT_EQ(witness->add(fork.request(last->size, 20).to_string(), kNow).status, last->size == 20 ? 409 : 422);
      EXPECT_EQ(witness->add(log.request(last->size, 20).to_string(), kNow).status, 200);
      if (answered) break;
    }
}

TEST(WitnessState, PowerIsLostAtEachCall) {
  const TestLog log{20};
  for (const double kept : {0.0, 0.5, 1.0})
    for (int call = 0;; ++call) {
      SCOPED_TRACE(call);
      TempDir dir;
      ASSERT_EQ((Witness{dir / "witness"})->add(log.request(0, 10).to_string(), kNow).status, 200);
      PowerCutFiles ops{call};
      bool answered = false;
      {
        Witness witness{dir / "witness", ops};
        if (witness.fault.empty()) answered = witness->add(log.request(10, 20).to_string(), kNow).status == 200;
      }
      const bool cut = ops.cut();
      ops.lose_unsynced(kept);
      Witness witness{dir / "witness"};
      ASSERT_EQ(witness.fault, "");
      const auto last = witness->last(kOrigin);
      ASSERT_TRUE(last);
      EXPECT_TRUE(*last == log.checkpoint(20).head || (!answered && *last == log.checkpoint(10).head));
      if (!cut) {
        EXPECT_TRUE(answered);
        break;
      }
    }
}

TEST(WitnessState, ADiskThatFailsSignsNothing) {
  const TestLog log{20};
  for (const int error : {ENOSPC, EIO}) {
    int failures = 0;
    for (int call = 0;; ++call) {
      SCOPED_TRACE(call);
      TempDir dir;
      ASSERT_EQ((Witness{dir / "witness"})->add(log.request(0, 10).to_string(), kNow).status, 200);
      FailingFiles ops{call, error, FailingFiles::Lasts::once};
      Witness witness{dir / "witness", ops};
      if (!witness.fault.empty()) continue;
      const Answer answer = witness->add(log.request(10, 20).to_string(), kNow);
      if (!ops.failed()) {
        EXPECT_EQ(answer.status, 200);
        break;
      }
      ++failures;
      if (answer.status == 200) continue;  // what failed could be done without
      EXPECT_EQ(answer.status, 500);
      EXPECT_EQ(answer.body.find("\u2014"), std::string::npos);
      EXPECT_EQ(witness->last(kOrigin), log.checkpoint(10).head);
      EXPECT_EQ(witness->add(log.request(10, 20).to_string(), kNow).status, 200);
    }
    EXPECT_GE(failures, 3);
  }
}

}  // namespace
}  // namespace nw::witness::test
