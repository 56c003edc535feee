// Rules over time in the daemon: one thread that takes what the workers' rules found, keeps it in the order of time,
// and hands the alerts on to the recorder. Its memory lies in <state>/correlation and survives a crash.
//
//   state.bin      the engines, every half minute, with the ledger's size at that moment
//   journal.bin    what was taken since: played again at the start, without the alerts that the ledger has already
//   late.bin       what came too late (normwatch replay --late FILE)
//
// Live sources and replayed files live in different times, so each has an engine of its own.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "app/config.h"
#include "app/recorder.h"
#include "app/snapshot.h"
#include "detect/correlation/engine.h"
#include "record/ledger/durable_file.h"
#include "record/ledger/ledger.h"

namespace nw::app {

// What one worker hands over between two batches.
struct ContributionBatch {
  struct Clock {
    std::uint16_t source = 0;
    Timestamp time{};       // by the source's own clock; live sources: ours
    bool finished = false;  // a replayed file that has ended
  };
  std::shared_ptr<const Snapshot> snapshot;  // whose rules' numbers these are
  std::vector<correlation::Contribution> contributions;
  std::vector<Clock> clocks;
};

struct CorrelatorReport {
  correlation::EngineCounters counters;          // of both engines
  std::vector<correlation::RuleCounters> rules;  // by rule of `snapshot`
  std::shared_ptr<const Snapshot> snapshot;
  std::uint64_t late_kept = 0, late_lost = 0, untranslated = 0, save_failures = 0;
  std::uint64_t state_bytes = 0;  // as last saved
};

// A rule over time has fired: its alert, once that has its id and is on its way to the ledger.
struct Fired {
  record::Alert alert;
  std::string context;  // Contribution::context of the event that completed it
};

class Correlator {
 public:
  // Restores what was saved. The references must outlive it.
  static Result<std::unique_ptr<Correlator>> open(const Config& config, std::shared_ptr<const Snapshot> snapshot,
                                                  const record::Ledger& ledger, Recorder& recorder);
  ~Correlator();
  Correlator(const Correlator&) = delete;
  Correlator& operator=(const Correlator&) = delete;

  // Before start(). Called on the correlator's thread, and must not wait.
  void tell_fired(std::function<void(std::shared_ptr<const Fired>)> tell) { tell_fired_ = std::move(tell); }
  void start();
  // Any thread. Waits in short naps while too much is under way, calling `meanwhile` between them.
  void push(ContributionBatch batch, const std::function<void()>& meanwhile);
  void swap(std::shared_ptr<const Snapshot> snapshot);
  // Any thread: batches that were ever pushed, and of these, in their order, those that a crash cannot take away any
  // more: they are in the journal, or in the state.
  [[nodiscard]] std::uint64_t pushed() const noexcept { return pushed_.load(); }
  [[nodiscard]] std::uint64_t kept() const noexcept { return kept_.load(); }
  // Three quarters of what may be under way is.
  [[nodiscard]] bool crowded() const noexcept { return crowded_.load(std::memory_order_relaxed); }
  // The workers have ended: works off what they handed over, saves, and ends the thread.
  void close();

  [[nodiscard]] CorrelatorReport report() const;
  [[nodiscard]] std::int64_t heartbeat() const noexcept { return heartbeat_.load(std::memory_order_relaxed); }

 private:
  enum Line : std::size_t { kLive, kReplayed, kLines };
  class Sink;

  Correlator(const Config& config, std::shared_ptr<const Snapshot> snapshot, const record::Ledger& ledger,
             Recorder& recorder);
  Result<> restore();
  void renumber(const std::vector<std::string>& names);
  [[nodiscard]] std::uint16_t number_of(std::uint16_t source) const;
  void play_journal();
  void run();
  void take(ContributionBatch& batch);
  void add(correlation::Contribution contribution);
  void heed_clock(Timestamp wall);
  void advance(Timestamp wall);
  void keep_late(const correlation::Contribution& contribution);
  bool journal(const ContributionBatch& batch, Timestamp wall);
  bool append(const char* name, record::Fd& file, std::uint64_t& size, std::string_view bytes);
  bool note_failure(const std::string& why);
  void save();
  void publish();
  Line line_of(std::uint16_t source) const { return replayed_[source] ? kReplayed : kLive; }

  const record::Ledger& ledger_;
  Recorder& recorder_;
  std::function<void(std::shared_ptr<const Fired>)> tell_fired_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::filesystem::path directory_;
  correlation::EngineOptions options_;
  std::vector<std::string> names_;         // of the sources
  std::vector<bool> replayed_;             // by source: a file that is played
  std::vector<std::uint16_t> renumbered_;  // while state is restored: by the source's old number; empty: as they were
  std::vector<Timestamp> clocks_;          // by source: how far a file has been played
  std::vector<bool> finished_;             // by source
  std::array<std::unique_ptr<correlation::Engine>, kLines> engines_;
  // Alerts that the ledger has, but that what was restored may make once more.
  std::set<std::string> known_;
  Timestamp restored_at_{};
  record::Fd journal_, late_;
  std::uint64_t journal_bytes_ = 0, late_bytes_ = 0;
  std::int64_t saved_at_ = 0;  // of the steady clock
  bool end_seen_ = false, failing_ = false;
  CorrelatorReport totals_;
  std::atomic<std::int64_t> heartbeat_{0};
  std::atomic<std::uint64_t> pushed_{0}, kept_{0};
  std::atomic<bool> crowded_{false};
  std::uint64_t worked_off_ = 0;  // batches
  bool journaled_ = true;         // all of them, or the state holds them
  mutable std::mutex mutex_;      // of what follows
  std::condition_variable changed_;
  std::vector<ContributionBatch> incoming_;
  std::size_t incoming_count_ = 0, incoming_bytes_ = 0;
  std::shared_ptr<const Snapshot> next_;
  bool closing_ = false;
  CorrelatorReport report_;
  std::thread thread_;
};

}  // namespace nw::app
