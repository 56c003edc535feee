// What happens to an event once it is made: enriched from the register, matched, and, when a rule fires, made an alert.
// One per worker; shares nothing; run to completion, so nothing waits inside.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/snapshot.h"
#include "detect/correlation/engine.h"
#include "detect/liveness/scope.h"
#include "event/event.h"
#include "record/alert.h"

namespace nw::app {

// Takes alerts from a worker, with the event that made them (borrowed). May wait (alerts are never dropped).
class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual void push(record::Alert alert, const event::Event& event) = 0;
  // What a rule found that rules over time count, with the event (borrowed).
  virtual void contribute(correlation::Contribution contribution, const event::Event& event) = 0;
  // The source has given events up to `time`, by its own clock; about once in a second of it.
  virtual void alive(event::SourceId /*source*/, Timestamp /*time*/) {}
  // Alerts of shadow rules are for replays only; they are not even made for who does not want them.
  [[nodiscard]] virtual bool wants_shadow() const { return false; }
  virtual void push_shadow(record::Alert /*alert*/, const event::Event& /*event*/) {}
};

// Sees every event after enrichment and matching, for `replay --events`.
class EventTap {
 public:
  virtual ~EventTap() = default;
  virtual void see(const event::Event& event, const event::Schema& schema) = 0;
};

struct SourceFlow {
  std::uint64_t entered = 0;                 // events that came in
  std::uint64_t matched = 0, unmatched = 0;  // an event that only shadow rules match is unmatched: nobody hears of it
  // Coverage, set by the source's owner.
  std::uint64_t packets_seen = 0, packets_lost = 0, stream_gap_bytes = 0;
  Timestamp told{};           // of `last_received`, what the sink has been told
  Timestamp last_received{};  // by our own clock: a sender's may be wrong, or lie
  Timestamp newest{};         // at which an event counted; wild clocks left out
};

// Seconds that matching one event took; one event in 64 is timed.
struct MatchDurations {
  static constexpr std::array<double, 8> kBounds{1e-6, 2e-6, 5e-6, 1e-5, 5e-5, 1e-4, 1e-3, 1e-2};
  std::array<std::uint64_t, kBounds.size() + 1> counts{};
  double sum = 0;
};

class Pipeline final : public event::EventSink {
 public:
  struct Source {
    std::string name;
    // Tells the records of one run of the daemon from those of the next, whose numbers begin at 0 again. Empty for
    // files that are replayed: the same file always gives the same alerts, with the same ids.
    std::string run;
  };
  // `sources` by SourceId. The sink and the tap (may be null) are borrowed for life.
  Pipeline(std::shared_ptr<const Snapshot> snapshot, std::vector<Source> sources, AlertSink& alerts, EventTap* tap);

  void accept(event::Event& event) override;
  // Between two events. Counters of rules that stayed are kept by rule id.
  void swap(std::shared_ptr<const Snapshot> snapshot);

  [[nodiscard]] const Snapshot& snapshot() const noexcept { return *snapshot_; }
  [[nodiscard]] SourceFlow& flow(event::SourceId source) { return flows_[static_cast<std::size_t>(source)]; }
  [[nodiscard]] const std::vector<SourceFlow>& flows() const noexcept { return flows_; }
  [[nodiscard]] const std::vector<std::uint64_t>& rule_matches() const noexcept { return rule_matches_; }  // by rule
  // What matching gave up on, over all rule sets so far.
  [[nodiscard]] sigma::MatchCounters match_counters() const noexcept;
  // What each rule has cost, by rule, in nanoseconds of the sampled events; over all rule sets in which it was.
  [[nodiscard]] std::vector<sigma::RuleCost> rule_costs() const;
  // Events that deviate from the baseline, over all baselines so far; and what was learned of them.
  [[nodiscard]] const baseline::Deviations& deviations() const noexcept { return deviations_; }
  // Events with indicators, over all sets so far.
  [[nodiscard]] context::IndicatorEnrichment::Counters indicator_counters() const noexcept;
  [[nodiscard]] baseline::Learner& learner() noexcept { return learner_; }
  [[nodiscard]] const MatchDurations& durations() const noexcept { return durations_; }
  // By source: packets of flows, and how many of them concern nobody who is designated.
  [[nodiscard]] const std::vector<liveness::ScopeTally>& scope() const noexcept { return scope_.tallies(); }

 private:
  // The worker's own, of the snapshot.
  void join_what_is_configured();
  record::Alert make_alert(const event::Event& event, const sigma::Hit& hit) const;
  std::span<const sigma::Hit> timed_match(const event::Event& event);

  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<Source> sources_;
  AlertSink& alerts_;
  EventTap* tap_;
  context::Enrichment enrichment_;                              // of the snapshot
  std::optional<vulnerabilities::Enrichment> vulnerabilities_;  // likewise
  context::IndicatorEnrichment indicators_;
  context::IndicatorEnrichment::Counters indicators_before_;  // of the sets that were swapped out
  sigma::Matcher matcher_;
  std::vector<SourceFlow> flows_;
  std::vector<std::uint64_t> rule_matches_;
  std::vector<sigma::RuleCost> cost_before_;  // by rule, from the sets that were swapped out
  sigma::MatchCounters given_up_before_;      // by the sets that were swapped out
  baseline::Deviations deviations_{};
  baseline::Learner learner_;
  MatchDurations durations_;
  std::uint32_t turn_ = 0;
  liveness::ScopeCounter scope_;
  std::optional<context::LookAlikeEnrichment> look_alikes_;  // of the snapshot
};

}  // namespace nw::app
