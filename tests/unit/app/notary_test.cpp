// The notary: heads follow the ledger, the last one covers everything, a disk that fails holds up nobody, and another
// history is refused or, behind the start, told and not signed.
#include "app/notary.h"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>

#include "record/ledger/segment.h"
#include "unit/record/ledger/tree_support.h"

namespace nw::app {
namespace {

using namespace record::test;
using namespace std::chrono_literals;

// What was told, and waiting for it.
class Told {
 public:
  TellOwn sink() {
    return [this](OwnEvent event) {
      const std::lock_guard lock{mutex_};
      events_.push_back(std::move(event));
      came_.notify_all();
    };
  }
  std::string field(std::size_t number, std::string_view name) {
    std::unique_lock lock{mutex_};
    if (!came_.wait_for(lock, 20s, [&] { return events_.size() > number; })) return "nothing was told";
    for (const auto& [key, value] : events_[number].fields)
      if (key == name) {
        const auto* text = std::get_if<std::string>(&value);
        return text != nullptr ? *text : std::to_string(std::get<std::int64_t>(value));
      }
    return "";
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<OwnEvent> events_;
};

class NotaryTest : public ::testing::Test {
 protected:
  void SetUp() override { open_ledger(); }
  void TearDown() override {
    notary_.reset();
    ledger_.reset();
  }
  void open_ledger() {
    notary_.reset();
    ledger_.reset();
    auto ledger = record::Ledger::open(small_segments(dir_.path(), 1U << 20));
    ASSERT_TRUE(ledger);
    ledger_ = std::move(*ledger);
  }
  bool open(std::uint64_t check_first_bytes = 1U << 20, record::FileOps& ops = record::system_files()) {
    NotaryOptions options;
    options.directory = dir_.path();
    options.checkpoint_every = 10ms;
    options.verify_every = 50ms;
    options.check_first_bytes = check_first_bytes;
    auto notary = Notary::open(options, *ledger_, TestLog::shared_key(), ops);
    error_ = notary ? std::string{} : notary.error().what;
    code_ = notary ? Errc::io : notary.error().code;
    if (notary) notary_ = std::move(*notary);
    return notary.has_value();
  }
  void append(std::size_t count) { ASSERT_TRUE(ledger_->append(group_of(ledger_->size(), count))); }
  template <class Condition>
  bool wait(Condition condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    return condition();
  }

  TempDir dir_;
  std::unique_ptr<record::Ledger> ledger_;
  std::unique_ptr<Notary> notary_;
  std::string error_;
  Errc code_ = Errc::io;
};

TEST_F(NotaryTest, HeadsFollowTheLedgerAndTheLastCoversAll) {
  Told told;
  ASSERT_TRUE(open()) << error_;
  EXPECT_EQ(notary_->state().size, 0U);
  notary_->start(told.sink());
  EXPECT_EQ(told.field(0, "check"), "start");
  EXPECT_EQ(told.field(0, "outcome"), "ok");
  append(3);
  EXPECT_TRUE(wait([&] { return notary_->state().size == 3; }));
  append(300);
  EXPECT_TRUE(wait([&] { return notary_->state().size == 303; }));
  EXPECT_GT(notary_->state().signed_at_ns, 0);
  EXPECT_EQ(told.field(3, "check"), "consistency") << "again and again";
  EXPECT_EQ(told.field(3, "outcome"), "ok");
  EXPECT_EQ(told.field(3, "origin"), "test.example/ledger/1");
  append(9000);
  EXPECT_TRUE(notary_->close(20s));
  const auto verified = record::verify_tree(dir_.path(), TestLog::shared_key().verifier());
  ASSERT_TRUE(verified) << verified.error().what;
  EXPECT_EQ(verified->entries, 9303U);
  EXPECT_EQ(record::TreeReader::open(dir_.path())->heads()->back(), 9303U) << "the last one is kept";
}

TEST_F(NotaryTest, ADiskThatFailsIsTriedAgain) {
  class Failing final : public record::FileOps {
   public:
    std::atomic<bool> fails{false};
    int rename(const char* from, const char* to) override {
      if (!fails) return FileOps::rename(from, to);
      errno = EIO;
      return -1;
    }
  } ops;
  ASSERT_TRUE(open(1U << 20, ops)) << error_;
  ops.fails = true;
  append(2);
  notary_->start({});
  EXPECT_TRUE(wait([&] { return notary_->state().head_failures > 0; }));
  EXPECT_EQ(notary_->state().size, 0U);
  ops.fails = false;
  EXPECT_TRUE(wait([&] { return notary_->state().size == 2; }));
  ops.fails = true;
  append(1);
  EXPECT_FALSE(notary_->close(300ms)) << "it gives up at the end";
  notary_.reset();
  ASSERT_TRUE(open()) << error_;
  notary_->start({});
  EXPECT_TRUE(notary_->close(20s)) << "and the next start signs what is left";
}

TEST_F(NotaryTest, RefusesAnotherHistoryAtTheStart) {
  append(600);
  ASSERT_TRUE(open()) << error_;
  notary_->start({});
  ASSERT_TRUE(notary_->close(20s));
  const auto segment = segments(dir_.path()).front();
  std::string bytes = read_whole(segment);
  // An early entry, away from the edge: only the whole check sees it.
  const std::string first = ledger_->read(0, 1)->front().payload;
  std::string changed = first;
  changed[first.size() - 4] = changed[first.size() - 4] == 'z' ? 'y' : 'z';
  std::string record;
  record::append_record(changed, record);
  notary_.reset();
  ledger_.reset();
  write_whole(segment, record + bytes.substr(record.size()));
  open_ledger();
  EXPECT_FALSE(open());
  EXPECT_EQ(code_, Errc::malformed);
  EXPECT_NE(error_.find("entry 0 of the journal was edited"), std::string::npos) << error_;
  EXPECT_NE(error_.find("Nothing was changed"), std::string::npos) << error_;

  // A ledger that is too large for that starts, finds it, and signs no more.
  Told told;
  ASSERT_TRUE(open(0)) << error_;
  notary_->start(told.sink());
  EXPECT_EQ(told.field(0, "check"), "start");
  EXPECT_EQ(told.field(0, "outcome"), "failed");
  EXPECT_EQ(told.field(0, "size"), "600");
  EXPECT_NE(told.field(0, "reason").find("entry 0"), std::string::npos);
  EXPECT_TRUE(notary_->state().halted);
  EXPECT_GT(notary_->state().verify_failures, 0U);
  append(5);
  EXPECT_FALSE(notary_->close(1s));
  EXPECT_EQ(notary_->tree().size(), 600U);

  // Nor does the next start, however late its check would come.
  notary_.reset();
  EXPECT_FALSE(open(0));
  EXPECT_EQ(code_, Errc::malformed);
  EXPECT_NE(error_.find("tree/halted: another history"), std::string::npos) << error_;
  EXPECT_NE(error_.find("entry 0 of the journal was edited"), std::string::npos) << error_;
  EXPECT_NE(error_.find("only then remove this file"), std::string::npos) << error_;
  EXPECT_FALSE(record::Tree::open(dir_.path(), *ledger_, TestLog::shared_key()));
  ledger_.reset();
  write_whole(segment, bytes);
  open_ledger();
  EXPECT_FALSE(open()) << "restored, but nobody has said so";
  std::filesystem::remove(dir_.path() / "tree/halted");
  EXPECT_TRUE(open()) << error_;
  notary_.reset();
  write_whole(dir_.path() / "tree/halted", "");
  EXPECT_FALSE(open());
  EXPECT_NE(error_.find("the file is damaged"), std::string::npos) << error_;
}

// A head that a witness shows: signed by our key, and not of this ledger.
TEST_F(NotaryTest, AHeadOfAnotherHistoryThatIsShownHaltsForGood) {
  const auto signed_head = [](std::uint64_t size, const merkle::SignerKey& key) {
    const merkle::Checkpoint head{"test.example/ledger/1", {size, merkle::leaf_hash("elsewhere")}, {}};
    merkle::Note note{*head.to_text(), {}};
    note.signatures.push_back(*merkle::sign_note(note.text, key));
    return note;
  };
  append(600);
  ASSERT_TRUE(open()) << error_;
  notary_->start({});
  ASSERT_TRUE(wait([&] { return notary_->state().size == 600; }));
  const merkle::Note ours = *notary_->tree().checkpoint();
  append(1);
  ASSERT_TRUE(wait([&] { return notary_->state().size == 601; }));
  notary_->shown(ours, "a witness");
  notary_->shown(signed_head(700, other_key()), "a witness");
  const std::int64_t before = notary_->state().verified_at_ns;
  ASSERT_TRUE(wait([&] { return notary_->state().verified_at_ns > before; }));
  EXPECT_FALSE(notary_->state().halted) << "one of ours, and one that anybody can write";
  for (const int more : {-500, 0, 1}) {
    ASSERT_TRUE(wait([&] { return notary_->state().size == ledger_->size(); }));
    const std::uint64_t size = ledger_->size() + static_cast<std::uint64_t>(more);
    SCOPED_TRACE(size);
    notary_->shown(signed_head(size, TestLog::shared_key()), "the witness 'w'");
    ASSERT_TRUE(wait([&] { return notary_->state().halted; }));
    EXPECT_NE(notary_->state().fault.find("the witness 'w' shows a head of " + std::to_string(size)), std::string::npos)
        << notary_->state().fault;
    EXPECT_TRUE(wait([&] { return std::filesystem::exists(dir_.path() / "tree/halted"); }));
    append(1);
    EXPECT_FALSE(notary_->close(300ms)) << "nothing is signed";
    notary_.reset();
    EXPECT_FALSE(open());
    EXPECT_NE(error_.find("the witness 'w' shows a head of " + std::to_string(size)), std::string::npos) << error_;
    std::filesystem::remove(dir_.path() / "tree/halted");
    ASSERT_TRUE(open()) << error_;
    notary_->start({});
  }
}

// What others have signed lies beside the tree: taking back the whole of it is seen, with and without a check first.
TEST_F(NotaryTest, HeadsThatOthersHaveSignedMustBeContinued) {
  for (const std::string name : {"witnessed", "stamps/00000000000000000600.checkpoint"})
    for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{1} << 20U}) {
      SCOPED_TRACE(name + ", " + std::to_string(first));
      const auto start_anew = [&](std::size_t count) {
        notary_.reset();
        ledger_.reset();
        for (const char* part : {"tree", "journal"}) std::filesystem::remove_all(dir_.path() / part);
        open_ledger();
        if (count != 0) append(count);
      };
      const auto sign_all = [&] {
        ASSERT_TRUE(open(first)) << error_;
        notary_->start({});
        ASSERT_TRUE(notary_->close(20s));
        notary_.reset();
      };
      for (const char* part : {"witnessed", "stamps"}) std::filesystem::remove_all(dir_.path() / part);
      start_anew(600);
      sign_all();
      const std::string head = read_whole(dir_.path() / "tree/checkpoint");
      std::filesystem::create_directories(dir_.path() / "stamps");
      write_whole(dir_.path() / name, head);
      EXPECT_TRUE(open(first)) << error_;
      notary_.reset();
      // The tree alone, then all of it: as a first start.
      std::filesystem::remove_all(dir_.path() / "tree");
      EXPECT_FALSE(open(first));
      EXPECT_NE(error_.find("tree/checkpoint: is missing, though a head"), std::string::npos) << error_;
      EXPECT_EQ(code_, Errc::malformed);
      start_anew(0);
      EXPECT_FALSE(open(first));
      EXPECT_NE(error_.find(name), std::string::npos) << error_;
      EXPECT_FALSE(std::filesystem::exists(dir_.path() / "tree")) << "nothing was changed";
      // A damaged one still says that there was a head.
      write_whole(dir_.path() / name, "x");
      EXPECT_FALSE(open(first));
      // Rolled back to an older state, and then a longer history of another kind.
      std::filesystem::remove(dir_.path() / name);
      append(500);
      sign_all();
      write_whole(dir_.path() / name, head);
      EXPECT_FALSE(open(first));
      EXPECT_NE(error_.find(name + ": covers 600 entries"), std::string::npos) << error_;
      std::filesystem::remove(dir_.path() / name);
      start_anew(1);
      ASSERT_TRUE(ledger_->append(group_of(5, 700)));
      sign_all();
      EXPECT_TRUE(open(first)) << error_;
      notary_.reset();
      write_whole(dir_.path() / name, head);
      EXPECT_FALSE(open(first));
      EXPECT_EQ(code_, Errc::malformed);
      EXPECT_NE(error_.find(name), std::string::npos) << error_;
      EXPECT_NE(error_.find("a fork"), std::string::npos) << error_;
    }
}

TEST_F(NotaryTest, TilesAreMendedAtTheStartAndTold) {
  append(600);
  ASSERT_TRUE(open()) << error_;
  notary_->start({});
  ASSERT_TRUE(notary_->close(20s));
  // The last one is the edge's: opening the tree would stumble over it.
  for (const char* name : {"tile/entries/000", "tile/0/001", "tile/0/002.p/88"}) {
    notary_.reset();
    write_whole(dir_.path() / "tree" / name, std::string(64, 'x'));
    Told told;
    ASSERT_TRUE(open()) << error_;
    notary_->start(told.sink());
    EXPECT_EQ(told.field(0, "outcome"), "failed");
    EXPECT_NE(told.field(0, "reason").find(name), std::string::npos) << told.field(0, "reason");
    EXPECT_EQ(told.field(1, "outcome"), "ok") << "it was mended";
    EXPECT_FALSE(notary_->state().halted);
    EXPECT_GT(notary_->state().verify_failures, 0U);
    EXPECT_TRUE(notary_->close(20s));
  }
  // Without a check before the start.
  notary_.reset();
  std::filesystem::remove(dir_.path() / "tree/tile/0/002.p/88");
  EXPECT_TRUE(open(0)) << error_;
}

TEST_F(NotaryTest, ADamagedCopyIsToldAndStopsNothing) {
  append(600);
  ASSERT_TRUE(open()) << error_;
  notary_->start({});
  ASSERT_TRUE(notary_->close(20s));
  notary_.reset();
  Told told;
  ASSERT_TRUE(open(0)) << error_;
  std::filesystem::remove(dir_.path() / "tree/tile/entries/000");
  notary_->start(told.sink());
  EXPECT_EQ(told.field(0, "outcome"), "failed");
  EXPECT_NE(told.field(0, "reason").find("tile/entries/000: is missing"), std::string::npos);
  EXPECT_FALSE(notary_->state().halted);
  append(1);
  EXPECT_TRUE(notary_->close(20s));
}

TEST_F(NotaryTest, ACheckThatIsUnderWayEndsWithTheDaemon) {
  append(20'000);
  ASSERT_TRUE(open(0)) << error_;
  notary_->start({});
  EXPECT_TRUE(notary_->close(20s));
}

}  // namespace
}  // namespace nw::app
