// Alerts on their way into the ledger: what folds, what does not, and what is said of it.
#include "app/recorder.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "record/entry.h"
#include "record/maintenance_digest.h"
#include "unit/record/guard/support.h"

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
    recorder_ = std::make_unique<Recorder>(*ledger_, door_, 4096, record::FoldOptions{}, [] {});
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
  record::GuardDoor door_{record::test::shared(record::test::guard_rules()), record::kernel_random};
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

// Takes what it is told to take, and says in which order it was asked.
class FakeStore final : public record::EvidenceStore {
 public:
  std::optional<Errc> refuse, refuse_sync;
  std::map<std::string, std::string> kept;  // by alert
  std::string calls;                        // p: put, s: sync

  void use(privacy::Epoch, const std::optional<privacy::PublicKey>&) override {}
  Result<> put(std::string_view alert, record::EvidenceKind kind, const privacy::Nonce& nonce, std::string_view bytes,
               Timestamp) override {
    calls += 'p';
    EXPECT_EQ(kind, record::EvidenceKind::values);
    if (refuse) return Error{*refuse, "no"};
    kept[std::string{alert}] =
        privacy::commitment_text(privacy::commitment(nonce, privacy::bytes_of(bytes))) + ' ' + std::string{bytes};
    return {};
  }
  Result<> sync() override {
    calls += 's';
    if (refuse_sync) return Error{*refuse_sync, "no"};
    return {};
  }
  std::vector<record::EvidenceObject> of(std::string_view) const override { return {}; }
  Result<std::string> read(std::string_view, record::EvidenceKind) const override { return std::string{}; }
  Result<std::size_t> erase(std::string_view, std::optional<record::EvidenceKind>) override { return std::size_t{0}; }
  void older(Timestamp, const std::function<void(const record::EvidenceObject&)>&) const override {}
  Purged purge(Timestamp, const std::function<bool(const record::EvidenceObject&)>&) override { return {}; }
  Totals totals() const override { return {}; }
};

class ClearValuesTest : public RecorderTest {
 protected:
  ClearValuesTest() {
    record::GuardRules rules = record::test::guard_rules();
    rules.seal = true;
    door_.use(record::test::shared(rules));
    recorder_->keep_values_in(store_);
  }
  static Alert about(int number, const std::string& address) {
    Alert out = alert(number, "rule " + std::to_string(number));
    out.source_address = address;
    return out;
  }
  std::vector<Alert> alerts() {
    std::vector<Alert> out;
    for (const std::string& text : written(record::kEntryAlert)) out.push_back(*Alert::from_json(text));
    return out;
  }
  FakeStore store_;
};

TEST_F(ClearValuesTest, LieInTheStoreUnderTheAlertsCommitment) {
  push(about(1, "203.0.113.5"));
  push(about(2, ""));  // nothing was replaced
  recorder_->close();
  const auto all = alerts();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(store_.kept.at(all[0].id), all[0].sealed_values + " {\"" + all[0].source_address + "\":\"203.0.113.5\"}");
  EXPECT_EQ(all[1].sealed_values, "");
  EXPECT_EQ(recorder_->values_kept(), 1U);
  EXPECT_EQ(recorder_->values_not_kept(), 0U);
  EXPECT_TRUE(store_.calls.ends_with('s'));
}

TEST_F(ClearValuesTest, AStoreInTroubleHoldsUpNoAlertAndNoCommitmentDangles) {
  const struct {
    const char* name;
    std::optional<Errc> put, sync;
    const char* want;
  } cases[] = {{"full", Errc::full, {}, "not_kept:full"},
               {"broken", Errc::io, {}, "not_kept:io"},
               {"nobody to seal for", Errc::unavailable, {}, "not_kept:unavailable"},
               {"too large", Errc::invalid_argument, {}, "not_kept:too_large"},
               {"broken at the sync", {}, Errc::io, "not_kept:io"}};
  int number = 0;
  for (const auto& c : cases) {
    store_.refuse = c.put;
    store_.refuse_sync = c.sync;
    push(about(++number, "203.0.113.5"));
    while (recorder_->queued() != 0) std::this_thread::yield();
    const auto all = alerts();
    ASSERT_EQ(all.size(), static_cast<std::size_t>(number)) << c.name;
    EXPECT_EQ(all.back().sealed_values, c.want) << c.name;
    EXPECT_TRUE(all.back().source_address.starts_with("pfx:")) << c.name;
  }
  EXPECT_EQ(recorder_->values_not_kept(), static_cast<std::uint64_t>(number));
  store_.refuse = store_.refuse_sync = {};
  push(about(++number, "203.0.113.5"));
  recorder_->close();
  EXPECT_TRUE(alerts().back().sealed_values.starts_with("commit:"));
}

TEST_F(ClearValuesTest, RepeatsKeepNothing) {
  for (int i = 0; i < 50; ++i) {
    Alert each = about(1, "203.0.113.5");
    each.id.back() = static_cast<char>('a' + i % 6);
    each.id[0] = static_cast<char>('0' + i / 6);
    push(std::move(each));
  }
  recorder_->close();
  EXPECT_EQ(store_.kept.size(), 1U);
}

// A digest is made of the ledger's own entries, which passed the guard before.
TEST_F(ClearValuesTest, WhatIsMadeOfTheLedgerPassesOnce) {
  Alert digest = alert(1, std::string{record::kMaintenanceDigestRule});
  digest.host = "tok:e2026-01:host:00000000000000000000000000000000";
  recorder_->push_guarded(record::GuardedAlert::of_ledger(digest), [] {});
  recorder_->close();
  EXPECT_EQ(alerts().at(0).to_json(), digest.to_json());
}

}  // namespace
}  // namespace nw::app
