// A worker: one thread, one io_context, its own inputs, flows, matcher and counters. Nothing on an event's way is
// shared.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/correlator.h"
#include "app/exposure_teller.h"
#include "app/input.h"
#include "app/own_event.h"
#include "app/packet_catch.h"
#include "app/pipeline.h"
#include "app/recorder.h"
#include "detect/liveness/health.h"

namespace nw::app {

// A copy of a worker's numbers, made between two batches.
struct WorkerReport {
  std::vector<SourceReport> sources;        // by SourceId; sources of other workers are all zero
  std::vector<std::uint64_t> rule_matches;  // by rule of `snapshot`
  std::vector<sigma::RuleCost> rule_costs;  // likewise
  MatchDurations durations;
  sigma::MatchCounters given_up;
  baseline::Deviations deviations{};
  context::IndicatorEnrichment::Counters indicators;
  std::uint64_t candidates_left_out = 0;
  SourceFlow own;  // of kOwnSource
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<liveness::ScopeTally> scope;  // by SourceId, that of kOwnSource too
  PacketCatch::Report packets;
};

class Worker final : private AlertSink, private Behind {
 public:
  struct Options {
    unsigned number = 0, workers = 1;
    std::uint64_t seed = 0;  // of the flow tables
    std::string run;         // Pipeline::Source::run of live sources
    std::uint16_t fanout_base = 0;
    PacketKeeper* keeper = nullptr;  // null: no packets and lines are kept for alerts; outlives the worker
  };

  // Opens the worker's share of the sources: every capture, and each other source whose number falls on it. The
  // references must outlive the worker.
  static Result<std::unique_ptr<Worker>> open(const Options& options, const Config& config,
                                              std::shared_ptr<const Snapshot> snapshot, Recorder& recorder,
                                              Correlator& correlator, ReplayClock& clock);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  // Any thread. Takes effect between two batches.
  void swap(std::shared_ptr<const Snapshot> snapshot);
  // Any thread. `take` is called on the worker's, with what its pipeline has learned since the last time.
  void gather(std::function<void(std::vector<baseline::Candidate>)> take);
  // Any thread. Gives an event of the daemon's own to the pipeline, as from kOwnSource.
  void tell(liveness::Health health);
  void tell(liveness::ScopeShare share);
  void tell(OwnEvent own);
  // Likewise; `safe` as TellOwnSafely says.
  void tell(std::vector<OwnEvent> own, std::function<void()> safe);
  // Likewise, one event for each.
  void tell(ExposureBatch batch);
  // Any thread: keeps the packets of what completed a rule over time, when they came by here.
  void fired(std::shared_ptr<const Fired> fired);
  // Any thread: drains the inputs and ends the thread. join() waits for that.
  void stop();
  void join();

  // Any thread. At most a fifth of a second old; exact after join().
  [[nodiscard]] WorkerReport report() const;
  // Nanoseconds of the steady clock when the thread last came round: fed between batches, so a stuck pipeline shows.
  [[nodiscard]] std::int64_t heartbeat() const noexcept { return heartbeat_.load(std::memory_order_relaxed); }

 private:
  Worker(const Options& options, const Config& config, std::shared_ptr<const Snapshot> snapshot, Recorder& recorder,
         Correlator& correlator);
  void push(record::Alert alert, const event::Event& event) override;
  [[nodiscard]] std::optional<std::uint64_t> flow_of(const event::Event& event) const;
  void contribute(correlation::Contribution contribution, const event::Event& event) override;
  void alive(event::SourceId source, Timestamp time) override;
  [[nodiscard]] bool full() const override;
  [[nodiscard]] BehindMark mark() override;
  [[nodiscard]] bool safe(const BehindMark& mark) const override;
  void wait_until_safe();
  void say_what_is_safe();
  template <class Told>
  void tell_own(Told told);
  // Gives own_event_, which is filled, to the pipeline.
  void accept_own();
  void hand_over();
  void tick();
  void publish();
  void beat() noexcept;

  Recorder& recorder_;
  Correlator& correlator_;
  ContributionBatch batch_;           // what rules over time have not got yet
  std::vector<std::uint64_t> heard_;  // by source: its records when it was last looked at
  std::vector<bool> live_;            // by source: its clock is ours
  std::shared_ptr<const Snapshot> snapshot_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{io_.get_executor()};
  boost::asio::steady_timer timer_{io_};
  Pipeline pipeline_;
  std::unique_ptr<PacketCatch> catch_;  // before the inputs, which borrow it; null: nothing is kept
  struct Placed {
    event::SourceId source;
    std::unique_ptr<Input> input;
  };
  std::vector<Placed> inputs_;
  event::SourceId own_source_{};
  event::Event own_event_;
  std::uint64_t own_events_ = 0;
  std::deque<std::pair<BehindMark, std::function<void()>>> told_;  // what is to be called behind which mark
  bool stopped_ = false;
  std::atomic<std::int64_t> heartbeat_{0};
  mutable std::mutex mutex_;  // of report_: taken a few times a second
  WorkerReport report_;
  std::thread thread_;
};

}  // namespace nw::app
