// The thread behind `normwatch privacy`: follows the ledger for reveals, holds and keys, works off what people send one
// after the other, closes what expires, and runs retention. Detection never waits for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/privacy_acts.h"
#include "app/retention.h"
#include "app/reveal_keeper.h"

namespace nw::app {

class PrivacyDesk {
 public:
  static constexpr std::size_t kQueueMax = 64;

  struct Parts {
    const record::Ledger* ledger = nullptr;
    std::function<void(std::string type, std::string body)> note;
    TellOwn tell;
    record::EvidenceStore* evidence = nullptr;  // null: nothing is kept
    const record::IncidentStore* incidents = nullptr;
    std::filesystem::path state;   // its reveals, and the place in the ledger
    std::filesystem::path epochs;  // sealed keys
    PrivacyConfig privacy;
    RetentionConfig retention;
    std::vector<privacy::Custodian> custodians;
    std::chrono::milliseconds patience = LedgerClerk::kPatience;
    std::string evidence_closed = {};                 // why `evidence` is null though there is evidence
    Nanoseconds first_run = std::chrono::minutes{1};  // of retention, after the start; at most `retention.every`
  };
  // Starts the thread. What is borrowed must outlive close().
  explicit PrivacyDesk(Parts parts);
  ~PrivacyDesk();
  PrivacyDesk(const PrivacyDesk&) = delete;
  PrivacyDesk& operator=(const PrivacyDesk&) = delete;

  enum class What : std::uint8_t {
    request,
    document,
    approve,
    deny,
    fetch,
    list,
    erase,
    destroy,
    hold,
    release,
    holds
  };
  // Any thread. `done` is called on the desk's, with 503 when it is full, closing, or has not read the ledger yet.
  using Done = std::function<void(console::HttpResponse)>;
  void ask(What what, std::string body, std::int64_t uid, Done done);
  // After a reload. Any thread.
  void use(std::vector<privacy::Custodian> custodians);
  // Works off what waits, keeps its place and ends the thread.
  void close();

  // Any thread: as it was a moment ago.
  struct Report {
    bool caught_up = false;
    std::uint64_t requests_waiting = 0, holds = 0, unreadable = 0, erased = 0, unfinished = 0;
    std::array<std::uint64_t, kRevealSteps.size()> steps{};
    std::array<Retention::Class, kRetentionClasses.size()> retention;
    Timestamp purged{};  // the last run that did all; zero: none since the start
  };
  [[nodiscard]] Report report() const;
  [[nodiscard]] std::int64_t heartbeat() const noexcept { return heartbeat_.load(std::memory_order_relaxed); }

 private:
  struct Asked {
    What what;
    std::string body;
    std::int64_t uid;
    Done done;
  };
  void run();
  void work_off();
  console::HttpResponse answer(const Asked& asked, Timestamp now);
  [[nodiscard]] std::vector<privacy::Custodian> custodians() const;
  Result<CaseHolds> held(const reveals::Holds& holds, Timestamp now);
  void publish();
  void beat() noexcept;

  Parts parts_;
  LedgerClerk clerk_;
  RevealKeeper reveals_;
  PrivacyActs acts_;
  Retention retention_;
  mutable std::mutex mutex_;
  std::deque<Asked> asked_;                     // under mutex_
  std::vector<privacy::Custodian> custodians_;  // likewise
  Report report_;                               // likewise
  bool started_ = false;                        // the thread's own: close_lost() is done
  std::chrono::steady_clock::time_point next_run_{};
  std::atomic<std::int64_t> heartbeat_;
  std::atomic<bool> closing_{false};
  std::thread thread_;
};

}  // namespace nw::app
