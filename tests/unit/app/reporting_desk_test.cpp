// What is due of all incidents, and what is said of it.
#include "app/reporting_desk.h"

#include <boost/json/serialize.hpp>
#include <mutex>

#include "base/log.h"
#include "reporting_support.h"

namespace nw::app {
namespace {

// A store that the test writes.
class ReportingDeskTest : public ::testing::Test {
 protected:
  ReportingDeskTest() {
    set_log_sink([this](const LogLine& line) {
      const std::lock_guard lock{mutex_};
      std::string text{line.code};
      for (const LogField& field : line.fields)
        if (field.name == "stage" || field.name == "incident") text += ' ' + field.value;
      lines_.push_back(std::move(text));
    });
  }
  ~ReportingDeskTest() override { set_log_sink({}); }

  CaseReader reader() {
    return {[this](std::size_t most) -> Result<std::vector<std::string>> {
              ++listed_;
              if (broken_) return Error{Errc::io, "broken"};
              std::vector<std::string> out;
              for (const auto& [id, file] : cases_)
                if (out.size() < most) out.push_back(id);
              return out;
            },
            [this](const std::string& id) -> Result<record::CaseFile> {
              if (id == spoilt_) return Error{Errc::malformed, "spoilt"};
              if (broken_ || !cases_.contains(id)) return Error{Errc::not_found, "no " + id};
              return cases_[id];
            }};
  }
  void put(const std::string& id, std::vector<std::string> words) {
    cases_[id] = case_of(words, id);
    ++version_;
  }
  std::vector<std::string> told() {
    const std::lock_guard lock{mutex_};
    return std::exchange(lines_, {});
  }
  static std::string metrics_of(const ReportingDesk& desk) {
    metrics::Snapshot out;
    desk.fill(out);
    return out.to_text();
  }

  std::map<std::string, record::CaseFile> cases_;
  std::atomic<std::uint64_t> version_{1};
  std::atomic<std::size_t> listed_{0};
  bool broken_ = false;
  std::string spoilt_;  // a case that cannot be read
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST_F(ReportingDeskTest, SaysEachThingOnce) {
  put("I1", {"aware_at=2026-01-15T08:00:00Z"});
  ReportingDesk desk{reader(), [this] { return version_.load(); }, book_of({"nis2"})};
  const auto look = [&](const char* now) {
    desk.look(utc(now));
    return told();
  };
  using Lines = std::vector<std::string>;
  EXPECT_EQ(look("2026-01-15T09:00:00Z"), Lines{});
  EXPECT_EQ(look("2026-01-16T01:59:50Z"), Lines{}) << "a quarter of 24 hours is 6";
  EXPECT_EQ(look("2026-01-16T02:00:00Z"), Lines{"reporting_due_soon I1 early_warning"});
  EXPECT_EQ(look("2026-01-16T08:00:00Z"), Lines{});
  EXPECT_EQ(look("2026-01-16T08:00:10Z"), Lines{"reporting_overdue I1 early_warning"});
  EXPECT_EQ(look("2026-01-16T09:00:00Z"), Lines{});
  EXPECT_EQ(look("2026-01-18T08:00:01Z"), Lines{"reporting_overdue I1 notification"});
  // Another time of awareness is another deadline.
  put("I1", {"aware_at=2026-01-14T08:00:00Z"});
  EXPECT_EQ(look("2026-01-18T08:00:12Z"),
            (Lines{"reporting_overdue I1 early_warning", "reporting_overdue I1 notification"}));
  put("I1", {"aware_at=2026-01-14T08:00:00Z", "nis2/early_warning=2026-01-18T08:00:00Z",
             "nis2/notification=2026-01-18T08:00:00Z"});
  EXPECT_EQ(look("2026-01-18T08:00:23Z"), Lines{});
  EXPECT_EQ(desk.open().size(), 2U) << "the answer of the authority, and the final report";
}

// The log lets ten lines of one kind through at once: what must be said is never among those that are held back.
TEST_F(ReportingDeskTest, TellsManyInTurn) {
  std::vector<record::CaseFile> cases;
  for (int i = 0; i < 20; ++i)
    cases.push_back(case_of({"aware_at=2026-01-15T08:00:00Z"}, "I" + std::to_string(100 + i)));
  const Timestamp now = utc("2026-01-17T08:00:00Z");
  const auto open = open_stages(cases, *book_of({"template"}), now);
  DeadlineTeller teller;
  for (const std::size_t want : {8U, 8U, 4U, 0U}) {
    const auto told = teller.look(open, now);
    ASSERT_EQ(told.size(), want);
    EXPECT_TRUE(told.empty() || told.front().late);
  }
  EXPECT_TRUE(teller.look({}, now).empty());
  EXPECT_EQ(teller.look(open, now).size(), DeadlineTeller::kToldMax) << "what was not open any more is forgotten";
}

TEST_F(ReportingDeskTest, LeavesTheLogTime) {
  put("I1", {"aware_at=2026-01-15T08:00:00Z"});
  ReportingDesk desk{reader(), [this] { return version_.load(); }, book_of({"template"})};
  desk.look(utc("2026-01-15T09:00:00Z"));
  put("I1", {"aware_at=2026-01-10T08:00:00Z"});
  desk.look(utc("2026-01-15T09:00:09Z"));
  EXPECT_TRUE(told().empty());
  EXPECT_EQ(desk.open().front().state, reporting::DeadlineState::overdue) << "metrics do not wait";
  desk.look(utc("2026-01-15T09:00:10Z"));
  EXPECT_EQ(told(), std::vector<std::string>{"reporting_overdue I1 first_notice"});
}

TEST_F(ReportingDeskTest, Metrics) {
  put("I1", {"aware_at=2026-01-15T08:00:00Z"});
  put("I2", {"aware_at=2026-01-15T12:00:00Z", "nis2/early_warning=2026-01-15T13:00:00Z"});
  put("I3", {});
  put("I4", {"aware_at=2026-01-01T00:00:00Z"});
  cases_["I4"].incident.exercise = true;
  put("I5", {"aware_at=2026-01-01T00:00:00Z"});
  cases_["I5"].incident.state = "false_positive";
  put("I6", {"aware_at=2026-01-01T00:00:00Z"});
  cases_["I6"].incident.merged_into = "I1";
  ReportingDesk desk{reader(), [this] { return version_.load(); }, book_of({"nis2"})};
  desk.look(utc("2026-01-16T09:00:00Z"));
  const std::string text = metrics_of(desk);
  for (const char* want :
       {R"(normwatch_reporting_overdue{regime="nis2",stage="early_warning",by="entity"} 1)",
        R"(normwatch_reporting_overdue{regime="nis2",stage="notification",by="entity"} 0)",
        R"(normwatch_reporting_due_timestamp_seconds{regime="nis2",stage="early_warning",by="entity"} 1768550400)",
        R"(normwatch_reporting_due_timestamp_seconds{regime="nis2",stage="notification",by="entity"} 1768723200)",
        R"(normwatch_reporting_due_timestamp_seconds{regime="nis2",stage="feedback",by="authority"} 1768568400)",
        R"(normwatch_reporting_open{regime="nis2",state="overdue"} 1)",
        R"(normwatch_reporting_open{regime="nis2",state="running"} 3)", "normwatch_reporting_read_failures_total 0"})
    EXPECT_NE(text.find(want), std::string::npos) << want << '\n' << text;
  EXPECT_EQ(text.find(R"(due_timestamp_seconds{regime="nis2",stage="final_report")"), std::string::npos);
  const auto status = boost::json::serialize(desk.status());
  EXPECT_EQ(status, R"({"regimes":"nis2","cases":6,"running":3,"overdue":1,"first":"I1 nis2 early_warning",)"
                    R"("first_due":"2026-01-16T08:00:00Z"})");
}

TEST_F(ReportingDeskTest, ReadsAgainOnlyWhenTheStoreMoved) {
  put("I1", {"aware_at=2026-01-15T08:00:00Z"});
  ReportingDesk desk{reader(), [this] { return version_.load(); }, book_of({"nis2"})};
  desk.look(utc("2026-01-15T09:00:00Z"));
  desk.look(utc("2026-01-17T09:00:00Z"));
  EXPECT_EQ(listed_, 1U);
  EXPECT_EQ(desk.open().front().state, reporting::DeadlineState::overdue) << "the clock goes on nevertheless";
  ++version_;
  desk.look(utc("2026-01-17T09:00:00Z"));
  EXPECT_EQ(listed_, 2U);
}

TEST_F(ReportingDeskTest, ABrokenStoreIsSaidOnceAndTheOldIsKept) {
  put("I1", {"aware_at=2026-01-15T08:00:00Z"});
  ReportingDesk desk{reader(), [this] { return version_.load(); }, book_of({"nis2"})};
  desk.look(utc("2026-01-15T09:00:00Z"));
  broken_ = true;
  ++version_;
  desk.look(utc("2026-01-15T09:01:00Z"));
  desk.look(utc("2026-01-15T09:02:00Z"));
  EXPECT_EQ(told(), std::vector<std::string>{"reporting_unreadable"});
  EXPECT_EQ(desk.open().size(), 2U);
  EXPECT_EQ(desk.status().at("error").as_string(), "broken");
  EXPECT_NE(metrics_of(desk).find("normwatch_reporting_read_failures_total 2"), std::string::npos);
  broken_ = false;
  desk.look(utc("2026-01-15T09:03:00Z"));
  EXPECT_EQ(told(), std::vector<std::string>{"reporting_readable"});
  EXPECT_FALSE(desk.status().contains("error"));
}

TEST_F(ReportingDeskTest, OneUnreadableCaseDoesNotHideTheOthers) {
  using Lines = std::vector<std::string>;
  put("I1", {"aware_at=2026-01-15T08:00:00Z"});
  put("I2", {"aware_at=2026-01-15T08:00:00Z"});
  cases_["I2"].merged = {"I9"};  // which cannot be read
  put("I3", {"aware_at=2026-01-15T08:00:00Z"});
  spoilt_ = "I1";
  ReportingDesk desk{reader(), [this] { return version_.load(); }, book_of({"template"})};
  const auto watched = [&](const char* now) {
    desk.look(utc(now));
    Lines out;
    for (const OpenStage& one : desk.open())
      if (one.stage == "first_notice") out.push_back(one.incident);
    return out;
  };
  EXPECT_EQ(watched("2026-01-15T08:01:00Z"), (Lines{"I2", "I3"})) << "its own clocks are there";
  EXPECT_EQ(watched("2026-01-15T08:02:00Z"), (Lines{"I2", "I3"}));
  EXPECT_EQ(told(), (Lines{"reporting_case_unreadable I1", "reporting_case_unreadable I2"})) << "once each";
  EXPECT_NE(metrics_of(desk).find("normwatch_reporting_read_failures_total 4"), std::string::npos);
  EXPECT_EQ(desk.status().at("error").as_string(), "I1: spoilt");
  put("I9", {});
  cases_["I9"].incident.merged_into = "I2";
  spoilt_.clear();
  EXPECT_EQ(watched("2026-01-15T08:03:00Z"), (Lines{"I1", "I2", "I3"}));
  EXPECT_EQ(told(), Lines{"reporting_readable"});
  EXPECT_FALSE(desk.status().contains("error"));
  spoilt_ = "I3";
  ++version_;
  EXPECT_EQ(watched("2026-01-15T08:04:00Z"), (Lines{"I1", "I2", "I3"})) << "as of the last time";
  EXPECT_EQ(told(), Lines{"reporting_case_unreadable I3"});
}

TEST_F(ReportingDeskTest, IsBounded) {
  for (std::size_t i = 0; i <= ReportingDesk::kCasesMax; ++i) cases_[std::to_string(100'000 + i)] = case_of({}, "x");
  ReportingDesk desk{reader(), [this] { return version_.load(); }, book_of({"template"})};
  desk.look(utc("2026-01-15T09:00:00Z"));
  EXPECT_EQ(told(), std::vector<std::string>{"reporting_cases_left_out"});
  EXPECT_EQ(desk.status().at("cases").as_uint64(), ReportingDesk::kCasesMax);
  EXPECT_TRUE(desk.status().contains("left_out"));
}

TEST_F(ReportingDeskTest, AReloadBringsOtherRegimes) {
  put("I1", {"aware_at=2026-01-15T08:00:00Z"});
  ReportingDesk desk{reader(), [this] { return version_.load(); }, book_of({})};
  desk.look(utc("2026-01-15T09:00:00Z"));
  EXPECT_EQ(listed_, 0U) << "nobody asks";
  EXPECT_TRUE(desk.open().empty());
  desk.use(book_of({"nis2"}));
  desk.look(utc("2026-01-15T09:00:00Z"));
  EXPECT_EQ(desk.open().size(), 2U);
  desk.use(book_of({}));
  desk.look(utc("2026-01-15T09:00:00Z"));
  EXPECT_TRUE(desk.open().empty());
}

// The thread: it looks by itself, and ends when asked.
TEST_F(ReportingDeskTest, RunsByItself) {
  put("I1", {"aware_at=2026-01-15T08:00:00Z"});
  ReportingDesk desk{reader(), [this] { return version_.load(); }, book_of({"nis2"})};
  desk.start();
  desk.use(book_of({"dora"}));
  for (int i = 0; i < 500 && desk.open().empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  ASSERT_FALSE(desk.open().empty());
  EXPECT_EQ(desk.open().front().regime, "dora");
  desk.close();
  desk.close();
}

}  // namespace
}  // namespace nw::app
