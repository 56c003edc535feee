// The clocks of all incidents in the running daemon: what is due, what is late; for metrics, status and the log. A
// thread of its own reads case files, so that neither SQLite nor a long list holds up anything else.
#pragma once

#include <array>
#include <atomic>
#include <boost/json/object.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "app/reporting_case.h"
#include "export/metrics/metrics.h"

namespace nw::app {

// One stage of one incident that somebody still has to send.
struct OpenStage {
  std::string incident, regime, stage, title;
  reporting::By by = reporting::By::entity;
  reporting::DeadlineState state = reporting::DeadlineState::running;  // or overdue
  std::optional<Timestamp> from, due;                                  // due: none when asked for without a limit
  bool operator==(const OpenStage&) const = default;
};

// Running and overdue stages, the earliest due first. Exercises and what has no clocks are left out.
std::vector<OpenStage> open_stages(const std::vector<record::CaseFile>& cases, const ReportingBook& book,
                                   Timestamp now);

// What is to be said of deadlines, once each: when the last quarter of the time begins, and when it is over.
class DeadlineTeller {
 public:
  struct Told {
    OpenStage stage;
    bool late = false;
  };
  // At most so many of each kind in one look, the earliest first; the others in the next: the log lets ten lines of one
  // kind through at once.
  static constexpr std::size_t kToldMax = 8;
  // A deadline that moved is told anew; what is not open any more is forgotten.
  std::vector<Told> look(const std::vector<OpenStage>& open, Timestamp now);

 private:
  std::set<std::string> told_;
};

// Where case files come from.
struct CaseReader {
  std::function<Result<std::vector<std::string>>(std::size_t most)> ids;  // that may have clocks, the newest first
  ReadCase read;
  std::function<Result<std::vector<std::string>>(std::size_t most)> all = {};  // every one, the newest first
  std::function<Result<std::uint64_t>()> open = {};                            // how many are not closed
};

class ReportingDesk {
 public:
  static constexpr std::size_t kCasesMax = 10'000;

  // `version` moves when the store did. Both are called on the desk's thread, once start() was called.
  ReportingDesk(CaseReader cases, std::function<std::uint64_t()> version, std::shared_ptr<const ReportingBook> book);
  ~ReportingDesk();
  ReportingDesk(const ReportingDesk&) = delete;
  ReportingDesk& operator=(const ReportingDesk&) = delete;

  void start();
  void close();
  // Other regimes, after a reload. Any thread.
  void use(std::shared_ptr<const ReportingBook> book);
  // What the thread does each minute, and soon after the store has moved. For tests, without start().
  void look(Timestamp now);

  [[nodiscard]] std::int64_t heartbeat() const noexcept { return heartbeat_.load(std::memory_order_relaxed); }
  // Any thread.
  [[nodiscard]] std::vector<OpenStage> open() const;
  void fill(metrics::Snapshot& out) const;
  [[nodiscard]] boost::json::object status() const;

 private:
  struct State {
    std::shared_ptr<const ReportingBook> book;
    std::vector<OpenStage> open;
    std::size_t cases = 0;
    bool left_out = false;  // there are more than kCasesMax
    std::uint64_t failures = 0;
    std::string error;  // of the last reading; empty: it went well
  };
  void run();
  void read_cases();
  void failed(const Error& error);
  std::optional<record::CaseFile> unreadable(const std::string& id, const Error& error);

  CaseReader reader_;
  std::function<std::uint64_t()> version_;
  // The thread's own.
  std::vector<record::CaseFile> cases_;
  bool unlisted_ = false;             // not even their ids could be read, and it was said
  std::set<std::string> unreadable_;  // ids of cases of which it was said
  std::optional<std::uint64_t> read_version_;
  DeadlineTeller teller_;
  std::optional<Timestamp> told_at_;  // it was last asked
  bool untold_ = false;               // there may be something to say

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  State state_;           // under mutex_
  bool closing_ = false;  // likewise
  bool changed_ = false;  // likewise: use() was called
  std::atomic<std::int64_t> heartbeat_{0};
  std::thread thread_;
};

}  // namespace nw::app
