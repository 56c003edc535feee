// Alerts on their way into the ledger: what folds, what does not, and what is said of it.
#include "app/recorder.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "record/entry.h"
#include "record/maintenance_digest.h"

namespace nw::app {
namespace {

using record::Alert;

class RecorderTest : public ::testing::Test {
 protected:
  RecorderTest() {
    std::string name = (std::filesystem::temp_directory_path() / "nw-recorder-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    record::LedgerOptions options;
    options.directory = folder_;
    auto ledger = record::Ledger::open(options);
    EXPECT_TRUE(ledger) << ledger.error().what;
    ledger_ = std::move(*ledger);
    start();
  }
  ~RecorderTest() override {
    recorder_.reset();
    ledger_.reset();
    std::filesystem::remove_all(folder_);
  }
  void start() {
    recorder_.reset();
    recorder_ = std::make_unique<Recorder>(*ledger_, 4096, record::FoldOptions{}, [] {});
  }
  static Alert alert(int number, const std::string& rule = "rule") {
    Alert out;
    out.id = std::string(record::kAlertIdBytes - 8, '0') + std::to_string(10'000'000 + number);
    out.rule_id = rule;
    out.level = "high";
    out.asset = "plant";
    out.event_time = out.receive_time = from_unix_nanoseconds(1'800'000'000'000'000'000 + number);
    return out;
  }
  void push(Alert alert) {
    recorder_->push(std::move(alert), [] {});
  }
  // Entries of the type, as texts.
  std::vector<std::string> written(std::string_view type) {
    std::vector<std::string> out;
    for (std::uint64_t at = 0; at < ledger_->size();) {
      const auto entries = ledger_->read(at, 1024);
      if (!entries || entries->empty()) break;
      for (const record::Entry& entry : *entries) {
        const auto view = record::parse_entry(entry.payload);
        if (view && view->type == type) out.emplace_back(view->body);
      }
      at = entries->back().index + 1;
    }
    return out;
  }

  std::filesystem::path folder_;
  std::unique_ptr<record::Ledger> ledger_;
  std::unique_ptr<Recorder> recorder_;
};

TEST_F(RecorderTest, RepeatsAreCountedAndNothingIsLost) {
  for (int i = 0; i < 1'000; ++i) push(alert(i));
  EXPECT_EQ(recorder_->taken(), 1'000U);
  EXPECT_EQ(recorder_->close(), 0U);
  EXPECT_EQ(recorder_->settled(), 1'000U);
  EXPECT_EQ(recorder_->queued(), 0U);
  EXPECT_EQ(written(record::kEntryAlert).size(), 1U);
  std::uint64_t folded = 0;
  for (const std::string& text : written(record::kEntryFold)) folded += record::Fold::from_json(text)->folded;
  EXPECT_EQ(folded, 999U);
}

// Notes go past alerts that wait; who waits for its alerts is not told of them too early.
TEST_F(RecorderTest, NotesAreNoAlerts) {
  recorder_->note("reload", "{}");
  push(alert(1));
  recorder_->note("reload", "{}");
  EXPECT_EQ(recorder_->taken(), 1U);
  EXPECT_EQ(recorder_->close(), 0U);
  EXPECT_EQ(recorder_->settled(), 1U);
  EXPECT_EQ(recorder_->queued(), 0U);
  EXPECT_EQ(written("reload").size(), 2U);
}

// Two windows of one asset that end at the same time: two digests.
TEST_F(RecorderTest, DigestsDoNotFold) {
  for (int i = 0; i < 2; ++i) push(alert(i, std::string{record::kMaintenanceDigestRule}));
  EXPECT_EQ(recorder_->close(), 0U);
  EXPECT_EQ(written(record::kEntryAlert).size(), 2U);
}

// Many summaries may be due together, and each as large as texts from outside can make it.
TEST_F(RecorderTest, MoreThanTheLedgerTakesAtOnceIsWrittenInParts) {
  constexpr int kFolds = 9'000;
  for (int repeat = 0; repeat < 2; ++repeat)
    for (int i = 0; i < kFolds; ++i) {
      Alert each = alert(2 * i + repeat, "rule " + std::to_string(i));
      each.rule_title = each.norm = each.sector = std::string(512, '\x01');
      push(std::move(each));
    }
  EXPECT_EQ(recorder_->close(), 0U);
  EXPECT_EQ(recorder_->failures(), 0U);
  EXPECT_EQ(written(record::kEntryAlert).size(), kFolds);
  EXPECT_EQ(written(record::kEntryFold).size(), kFolds);
}

// A summary says what was, not that it is: a fold that had ended stays ended over a restart.
TEST_F(RecorderTest, AStormGoesOnAfterARestart) {
  const Timestamp now = std::chrono::system_clock::now();
  for (int i = 0; i < 3; ++i) {
    Alert each = alert(i);
    each.receive_time = now;
    push(std::move(each));
  }
  Alert old = alert(10, "old");
  old.receive_time = now - std::chrono::hours{1};
  push(old);
  recorder_->close();
  start();
  push(alert(4));          // goes on
  push(alert(1));          // the ledger has it
  push(alert(11, "old"));  // was over
  recorder_->close();
  EXPECT_EQ(written(record::kEntryAlert).size(), 3U);
  EXPECT_EQ(recorder_->repeated(), 1U);
  EXPECT_EQ(recorder_->folded(), 1U);
}

}  // namespace
}  // namespace nw::app
