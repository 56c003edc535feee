#include "export/runner.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "support.h"

namespace nw::exporter::test {
namespace {

const Timestamp kStart = *parse_rfc3339("2026-01-15T08:00:00Z");

// What a scripted output does and has seen; outlives the output.
struct Script {
  std::vector<std::vector<std::uint64_t>> batches;  // entries, by attempt
  std::function<Result<>()> outcome = [] { return Result<>{}; };
  Nanoseconds takes{0};
  int ticks = 0, ended = 0;
  Nanoseconds tick_interval = 24h;
  std::function<Result<>()> tick_outcome = [] { return Result<>{}; };
  std::string made_with;
};

class ScriptedOutput final : public Output {
 public:
  ScriptedOutput(Script& script, asio::any_io_executor executor) : script_{script}, executor_{std::move(executor)} {}
  asio::awaitable<Result<>> deliver(Batch batch) override {
    auto& seen = script_.batches.emplace_back();
    for (const LedgerItem& item : *batch) seen.push_back(item.entry);
    if (script_.takes.count() != 0) {
      asio::steady_timer work{executor_, script_.takes};
      const auto waited = co_await work.async_wait(asio::as_tuple(asio::use_awaitable));
      if (std::get<0>(waited)) co_return Error{Errc::io, "cancelled"};
    }
    ++script_.ended;
    co_return script_.outcome();
  }
  asio::awaitable<Result<>> tick() override {
    ++script_.ticks;
    co_return script_.tick_outcome();
  }
  [[nodiscard]] Nanoseconds tick_interval() const override { return script_.tick_interval; }
  [[nodiscard]] std::string state() const override { return "ended " + std::to_string(script_.ended); }

 private:
  Script& script_;
  asio::any_io_executor executor_;
};

record::Alert quiet(record::Alert alert) {
  alert.maintenance = "CHG-1";
  alert.quiet = true;
  return alert;
}

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    options_.name = "scripted";
    options_.cursor_file = folder_ / "scripted.cursor";
    options_.batch_max = 4;
    options_.retry_first = 10ms;
    options_.retry_most = 40ms;
    options_.deliver_deadline = 5s;
    set_log_sink([this](const LogLine& line) { logged_.emplace_back(line.code); });
  }
  ~RunnerTest() override { set_log_sink({}); }

  void start() {
    auto make = [this](const asio::any_io_executor& executor,
                       const std::string& state) -> Result<std::unique_ptr<Output>> {
      script_.made_with = state;
      return std::unique_ptr<Output>{std::make_unique<ScriptedOutput>(script_, executor)};
    };
    auto started = OutputRunner::start(context_.get_executor(), options_, make, ledger_);
    ASSERT_TRUE(started) << started.error().what;
    runner_ = std::move(*started);
  }
  void add_alerts(int count) {
    for (int i = 0; i < count; ++i) ledger_.add(entry_of(make_alert("rule-1", std::to_string(i), kStart)));
  }
  bool reaches(std::uint64_t next) {
    return run_until(context_, [&] { return runner_->counters().next == next; });
  }
  void stop(Nanoseconds grace = 0s) {
    runner_->stop(grace);
    EXPECT_TRUE(run_until(context_, [&] { return runner_->finished(); }));
  }
  std::uint64_t saved_cursor() { return record::Cursor::open(options_.cursor_file)->next(); }
  long logged(std::string_view code) { return std::count(logged_.begin(), logged_.end(), code); }

  TemporaryFolder folder_;
  FakeLedger ledger_;
  Script script_;
  RunnerOptions options_;
  std::vector<std::string> logged_;
  asio::io_context context_{1};
  std::unique_ptr<OutputRunner> runner_;
};

using Batches = std::vector<std::vector<std::uint64_t>>;

TEST_F(RunnerTest, DeliversInOrderInBatches) {
  add_alerts(6);
  start();
  ASSERT_TRUE(reaches(6));
  EXPECT_EQ(script_.batches, (Batches{{0, 1, 2, 3}, {4, 5}}));
  EXPECT_EQ(runner_->counters().delivered, 6U);
  EXPECT_EQ(runner_->counters().failures, 0U);
  EXPECT_GT(runner_->counters().last_success_ns, 0);
  EXPECT_EQ(saved_cursor(), 6U);
  stop();
}

TEST_F(RunnerTest, WakesForNewEntries) {
  start();
  run_for(context_, 20ms);
  add_alerts(1);
  run_for(context_, 20ms);
  EXPECT_TRUE(script_.batches.empty()) << "nobody said so";
  runner_->wake();
  ASSERT_TRUE(reaches(1));
  add_alerts(1);
  runner_->wake();  // before it rests again, too
  ASSERT_TRUE(reaches(2));
  stop();
}

TEST_F(RunnerTest, TheCursorMovesOnlyAfterSuccess) {
  add_alerts(2);
  bool works = false;
  script_.outcome = [&] { return works ? Result<>{} : Result<>{Error{Errc::unavailable, "away"}}; };
  start();
  ASSERT_TRUE(run_until(context_, [&] { return runner_->counters().failures >= 3; }));
  EXPECT_EQ(runner_->counters().next, 0U);
  EXPECT_EQ(runner_->counters().delivered, 0U);
  EXPECT_EQ(saved_cursor(), 0U);
  EXPECT_EQ(logged("output_failing"), 1) << "once, not at each try";
  works = true;
  ASSERT_TRUE(reaches(2));
  EXPECT_EQ(saved_cursor(), 2U);
  for (const auto& batch : script_.batches) EXPECT_EQ(batch, (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(runner_->counters().deliveries, runner_->counters().failures + 1);
  ASSERT_TRUE(run_until(context_, [&] { return logged("output_recovered") == 1; }));
  stop();
}

TEST_F(RunnerTest, BackOffGrowsToItsMost) {
  add_alerts(1);
  script_.outcome = [] { return Result<>{Error{Errc::unavailable, "away"}}; };
  start();
  run_for(context_, 500ms);
  // 5..10, 10..20, then 20..40 ms each: between 14 and 28 tries; without back-off there would be hundreds.
  EXPECT_GE(script_.batches.size(), 6U);
  EXPECT_LE(script_.batches.size(), 30U);
  stop();
}

TEST_F(RunnerTest, WakingDoesNotShortenTheBackOff) {
  add_alerts(1);
  options_.retry_first = options_.retry_most = 10s;
  script_.outcome = [] { return Result<>{Error{Errc::unavailable, "away"}}; };
  start();
  for (int i = 0; i < 20; ++i) {
    run_for(context_, 5ms);
    runner_->wake();
  }
  EXPECT_EQ(script_.batches.size(), 1U);
  stop();
}

TEST_F(RunnerTest, GoesOnAfterARestartWithItsState) {
  add_alerts(3);
  start();
  ASSERT_TRUE(reaches(3));
  stop();
  runner_.reset();
  add_alerts(2);
  script_.batches.clear();
  start();
  ASSERT_TRUE(reaches(5));
  EXPECT_EQ(script_.made_with, "ended 1");
  EXPECT_EQ(script_.batches, (Batches{{3, 4}}));
  stop();
}

TEST_F(RunnerTest, OtherEntriesArePassedAndUnreadableOnesCounted) {
  ledger_.add(record::make_entry(record::kEntryOpen, kStart, R"({"version":"1"})"));
  add_alerts(1);
  ledger_.add("no entry at all");
  ledger_.add(record::make_entry(record::kEntryAlert, kStart, R"({"id":5})"));
  ledger_.add(record::make_entry(record::kEntryClose, kStart, "{}"));
  add_alerts(1);
  start();
  ASSERT_TRUE(reaches(6));
  EXPECT_EQ(script_.batches, (Batches{{1}, {5}}));
  EXPECT_EQ(runner_->counters().unreadable, 2U);
  EXPECT_EQ(logged("output_entry_unreadable"), 2);
  EXPECT_EQ(saved_cursor(), 6U);
  stop();
}

TEST_F(RunnerTest, FoldsAreDeliveredAndCountedApart) {
  const record::Alert alert = make_alert("rule-1", "a", kStart);
  ledger_.add(entry_of(alert));
  ledger_.add(record::make_entry(record::kEntryReload, kStart, "{}"));
  ledger_.add(entry_of(make_fold(alert, 7, kStart + 5min)));
  ledger_.add(record::make_entry(record::kEntryFold, kStart, R"({"id":5})"));
  start();
  ASSERT_TRUE(reaches(4));
  EXPECT_EQ(script_.batches, (Batches{{0, 2}}));
  EXPECT_EQ(runner_->counters().delivered, 1U);
  EXPECT_EQ(runner_->counters().folds, 1U);
  EXPECT_EQ(runner_->counters().unreadable, 1U);
  stop();
}

TEST_F(RunnerTest, EntriesWithoutAlertsMoveTheCursorOnDisk) {
  for (int i = 0; i < 9; ++i) ledger_.add(record::make_entry(record::kEntryReload, kStart, "{}"));
  start();
  ASSERT_TRUE(reaches(9));
  ASSERT_TRUE(run_until(context_, [&] { return saved_cursor() == 9; }));
  EXPECT_TRUE(script_.batches.empty());
  EXPECT_EQ(runner_->counters().deliveries, 0U);
  stop();
}

TEST_F(RunnerTest, ALedgerThatCannotBeReadIsTriedAgain) {
  add_alerts(1);
  ledger_.fail_reads = true;
  start();
  ASSERT_TRUE(run_until(context_, [&] { return ledger_.reads >= 3; }));
  EXPECT_EQ(logged("output_failing"), 1);
  ledger_.fail_reads = false;
  ASSERT_TRUE(reaches(1));
  stop();
}

TEST_F(RunnerTest, ADeliveryThatTakesTooLongIsAFailure) {
  add_alerts(1);
  options_.deliver_deadline = 30ms;
  script_.takes = 10s;
  start();
  ASSERT_TRUE(run_until(context_, [&] { return runner_->counters().failures >= 2; }));
  script_.takes = 0s;
  ASSERT_TRUE(reaches(1));
  stop();
}

TEST_F(RunnerTest, AnOutputThatThrowsIsAFailure) {
  add_alerts(1);
  bool throws = true;
  script_.outcome = [&]() -> Result<> {
    if (throws) throw std::runtime_error{"out of luck"};
    return {};
  };
  start();
  ASSERT_TRUE(run_until(context_, [&] { return runner_->counters().failures >= 2; }));
  throws = false;
  ASSERT_TRUE(reaches(1));
  stop();
}

TEST_F(RunnerTest, TicksOnTimeAndAfterDeliveries) {
  script_.tick_interval = 20ms;
  start();
  ASSERT_TRUE(run_until(context_, [&] { return script_.ticks >= 3; }));
  stop();
  runner_.reset();
  script_.tick_interval = 24h;
  script_.ticks = 0;
  add_alerts(1);
  start();
  ASSERT_TRUE(run_until(context_, [&] { return script_.ticks == 1; }));
  add_alerts(1);
  runner_->wake();
  ASSERT_TRUE(run_until(context_, [&] { return script_.ticks == 2; }));
  stop();
}

TEST_F(RunnerTest, AFailedTickIsTriedAgain) {
  int failures = 2;
  script_.tick_outcome = [&]() -> Result<> {
    if (failures-- > 0) return Error{Errc::unavailable, "away"};
    return {};
  };
  start();
  ASSERT_TRUE(run_until(context_, [&] { return script_.ticks == 3; }));
  EXPECT_EQ(runner_->counters().failures, 2U);
  stop();
}

TEST_F(RunnerTest, StopLetsTheDeliveryUnderWayEnd) {
  add_alerts(6);
  script_.takes = 80ms;
  start();
  ASSERT_TRUE(run_until(context_, [&] { return script_.batches.size() == 1; }));
  stop(5s);
  EXPECT_EQ(script_.batches.size(), 1U) << "no new delivery begins";
  EXPECT_EQ(script_.ended, 1);
  EXPECT_EQ(saved_cursor(), 4U);
}

TEST_F(RunnerTest, StopCutsADeliveryAtTheEndOfItsGrace) {
  add_alerts(1);
  script_.takes = 60s;
  options_.deliver_deadline = 60s;
  start();
  ASSERT_TRUE(run_until(context_, [&] { return script_.batches.size() == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  stop(50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  EXPECT_EQ(saved_cursor(), 0U);
  EXPECT_EQ(logged("output_ended"), 0);
}

TEST_F(RunnerTest, StopEndsABackOffAtOnce) {
  add_alerts(1);
  options_.retry_first = options_.retry_most = 60s;
  script_.outcome = [] { return Result<>{Error{Errc::unavailable, "away"}}; };
  start();
  ASSERT_TRUE(run_until(context_, [&] { return runner_->counters().failures == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  stop(30s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST_F(RunnerTest, DeliveriesGoOnWhenTheCursorCannotBeSaved) {
  add_alerts(1);
  start();
  ASSERT_TRUE(reaches(1));
  // A folder in its place: the rename onto it fails.
  std::filesystem::remove(options_.cursor_file);
  std::filesystem::create_directories(options_.cursor_file / "in the way");
  add_alerts(1);
  runner_->wake();
  ASSERT_TRUE(reaches(2));
  EXPECT_EQ(logged("output_cursor_unsaved"), 1);
  std::filesystem::remove_all(options_.cursor_file);
  add_alerts(1);
  runner_->wake();
  ASSERT_TRUE(reaches(3));
  EXPECT_EQ(logged("output_cursor_saved"), 1);
  EXPECT_EQ(saved_cursor(), 3U);
  stop();
}

TEST_F(RunnerTest, MayBeDestroyedWhileDelivering) {
  add_alerts(1);
  script_.takes = 60s;
  start();
  ASSERT_TRUE(run_until(context_, [&] { return script_.batches.size() == 1; }));
  runner_.reset();
  context_.restart();
  context_.run_for(2s);
  EXPECT_TRUE(context_.stopped()) << "nothing is left to run";
}

TEST_F(RunnerTest, StartSaysWhatIsWrong) {
  const auto refuse = [](const asio::any_io_executor&, const std::string&) -> Result<std::unique_ptr<Output>> {
    return Error{Errc::io, "no way"};
  };
  const auto refused = OutputRunner::start(context_.get_executor(), options_, refuse, ledger_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "output 'scripted': no way");
  std::ofstream{options_.cursor_file} << "garbage";
  const auto unreadable = OutputRunner::start(context_.get_executor(), options_, refuse, ledger_);
  ASSERT_FALSE(unreadable);
  EXPECT_NE(unreadable.error().what.find("scripted"), std::string::npos);
}

// What belongs to planned work is recorded for everybody and calls nobody.
TEST_F(RunnerTest, PagersPassOverQuietAlerts) {
  for (const bool pages : {false, true}) {
    SCOPED_TRACE(pages);
    script_.batches.clear();
    options_.pages = pages;
    options_.cursor_file = folder_ / (pages ? "pages.cursor" : "tells.cursor");
    const std::uint64_t first = ledger_.size();
    ledger_.add(entry_of(quiet(make_alert("rule-1", "1", kStart))));
    ledger_.add(entry_of(make_alert("rule-1", "2", kStart)));
    ledger_.add(entry_of(quiet(make_alert("rule-1", "3", kStart))));
    ledger_.add(entry_of(make_fold(quiet(make_alert("rule-1", "4", kStart)), 2, kStart + 1min)));
    ledger_.add(entry_of(make_fold(make_alert("rule-1", "5", kStart), 2, kStart + 1min)));
    start();
    ASSERT_TRUE(reaches(ledger_.size()));
    std::vector<std::uint64_t> seen;
    for (const auto& batch : script_.batches)
      for (const std::uint64_t entry : batch)
        if (entry >= first) seen.push_back(entry - first);
    EXPECT_EQ(seen, pages ? (std::vector<std::uint64_t>{1, 4}) : (std::vector<std::uint64_t>{0, 1, 2, 3, 4}));
    EXPECT_EQ(runner_->counters().quiet.load(), pages ? 6U : 0U);  // those of the first round too
    stop();
  }
}

// What is marked PAP:RED is recorded for everybody here and goes to nobody else.
TEST_F(RunnerTest, OutwardOutputsAreNotGivenPapRed) {
  const auto marked = [](const char* number, const char* pap) {
    record::Alert alert = make_alert("rule-1", number, kStart);
    alert.pap = pap;
    return alert;
  };
  for (const bool outward : {false, true}) {
    SCOPED_TRACE(outward);
    script_.batches.clear();
    options_.outward = outward;
    options_.cursor_file = folder_ / (outward ? "outward.cursor" : "inward.cursor");
    const std::uint64_t first = ledger_.size();
    ledger_.add(entry_of(marked("1", "red")));
    ledger_.add(entry_of(marked("2", "amber")));
    ledger_.add(entry_of(make_fold(marked("3", "red"), 2, kStart + 1min)));
    ledger_.add(entry_of(marked("4", "")));
    ledger_.add(entry_of(make_fold(marked("5", "green"), 2, kStart + 1min)));
    start();
    ASSERT_TRUE(reaches(ledger_.size()));
    std::vector<std::uint64_t> seen;
    for (const auto& batch : script_.batches)
      for (const std::uint64_t entry : batch)
        if (entry >= first) seen.push_back(entry - first);
    EXPECT_EQ(seen, outward ? (std::vector<std::uint64_t>{1, 3, 4}) : (std::vector<std::uint64_t>{0, 1, 2, 3, 4}));
    EXPECT_EQ(runner_->counters().withheld_pap.load(), outward ? 4U : 0U);  // those of the first round too
    stop();
  }
}

}  // namespace
}  // namespace nw::exporter::test
