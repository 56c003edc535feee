#include "app/worker.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

#include "base/clock.h"
#include "base/log.h"
#include "context/vulnerabilities/exposure_event.h"

namespace nw::app {

namespace {

constexpr std::chrono::milliseconds kTick{200}, kNap{5};
constexpr std::chrono::seconds kSafeAtEnd{2};
constexpr std::size_t kHandOver = 256;  // contributions at once

std::vector<Pipeline::Source> sources_of(const Config& config, const std::string& run) {
  std::vector<Pipeline::Source> sources;
  for (const SourceConfig& source : config.sources)
    sources.push_back({source.name, source.kind == SourceKind::replay ? std::string{} : run});
  sources.push_back({std::string{kOwnSource}, run});
  return sources;
}

}  // namespace

Worker::Worker(const Options& options, const Config& config, std::shared_ptr<const Snapshot> snapshot,
               Recorder& recorder, Correlator& correlator)
    : recorder_{recorder},
      correlator_{correlator},
      heard_(config.sources.size()),
      snapshot_{snapshot},
      pipeline_{std::move(snapshot), sources_of(config, options.run), *this, nullptr} {
  report_.sources.resize(config.sources.size());
  own_source_ = static_cast<event::SourceId>(config.sources.size());
  for (const SourceConfig& source : config.sources) live_.push_back(source.kind != SourceKind::replay);
  beat();
}

Worker::~Worker() {
  if (!thread_.joinable()) return;
  stop();
  thread_.join();
}

Result<std::unique_ptr<Worker>> Worker::open(const Options& options, const Config& config,
                                             std::shared_ptr<const Snapshot> snapshot, Recorder& recorder,
                                             Correlator& correlator, ReplayClock& clock) {
  std::unique_ptr<Worker> worker{new Worker{options, config, std::move(snapshot), recorder, correlator}};
  if (options.keeper != nullptr) {
    const auto captures = [](const SourceConfig& source) { return source.kind == SourceKind::capture; };
    const bool packets = std::any_of(config.sources.begin(), config.sources.end(), captures);
    worker->catch_ = std::make_unique<PacketCatch>(config.record.evidence, packets, *options.keeper);
  }
  for (std::size_t i = 0; i < config.sources.size(); ++i) {
    const SourceConfig& source = config.sources[i];
    const bool ours = source.kind == SourceKind::capture || i % options.workers == options.number;
    if (!ours) continue;
    const auto group = static_cast<std::uint16_t>(options.fanout_base + i);
    const InputContext context{worker->io_,
                               worker->pipeline_,
                               *worker,
                               static_cast<event::SourceId>(i),
                               config,
                               clock,
                               options.workers > 1 ? group : std::uint16_t{0},
                               options.seed,
                               worker->catch_.get()};
    auto input = open_input(source, context);
    if (!input) return input.error();
    worker->inputs_.push_back(Placed{static_cast<event::SourceId>(i), std::move(*input)});
  }
  worker->publish();
  return worker;
}

void Worker::start() {
  for (Placed& placed : inputs_) placed.input->start();
  tick();
  thread_ = std::thread{[this] {
    io_.run();
    publish();
    hand_over();
  }};
}

void Worker::swap(std::shared_ptr<const Snapshot> snapshot) {
  boost::asio::post(io_, [this, next = std::move(snapshot)]() mutable {
    hand_over();  // by the numbers of the old rules
    snapshot_ = std::move(next);
    pipeline_.swap(snapshot_);
    for (Placed& placed : inputs_) placed.input->subscribe(*snapshot_);
    publish();
  });
}

void Worker::gather(std::function<void(std::vector<baseline::Candidate>)> take) {
  boost::asio::post(io_, [this, take = std::move(take)] { take(pipeline_.learner().take()); });
}

template <class Told>
void Worker::tell_own(Told told) {
  boost::asio::post(io_, [this, told = std::move(told)] {
    if (stopped_) return;
    fill(told, *snapshot_->schema, own_source_, own_event_);
    accept_own();
  });
}

void Worker::accept_own() {
  own_event_.ordinal = own_events_++;
  pipeline_.accept(own_event_);
}

void Worker::tell(liveness::Health health) { tell_own(std::move(health)); }

void Worker::tell(liveness::ScopeShare share) { tell_own(std::move(share)); }

void Worker::tell(OwnEvent own) { tell_own(std::move(own)); }

void Worker::tell(std::vector<OwnEvent> own, std::function<void()> safe) {
  boost::asio::post(io_, [this, own = std::move(own), safe = std::move(safe)]() mutable {
    if (stopped_) return;
    for (const OwnEvent& one : own) {
      fill(one, *snapshot_->schema, own_source_, own_event_);
      accept_own();
      beat();
    }
    told_.emplace_back(mark(), std::move(safe));
  });
}

void Worker::say_what_is_safe() {
  for (; !told_.empty() && safe(told_.front().first); told_.pop_front()) told_.front().second();
}

void Worker::tell(ExposureBatch batch) {
  boost::asio::post(io_, [this, batch = std::move(batch)] {
    if (stopped_) return;
    for (const vulnerabilities::Exposure* exposure : batch.exposures) {
      vulnerabilities::fill(*exposure, batch.now, *snapshot_->schema, own_source_, own_event_);
      accept_own();
      beat();
    }
  });
}

void Worker::stop() {
  boost::asio::post(io_, [this] {
    if (stopped_) return;
    stopped_ = true;
    wait_until_safe();
    say_what_is_safe();
    for (Placed& placed : inputs_) placed.input->stop();
    if (catch_) catch_->finish(wall_now());
    timer_.cancel();
    guard_.reset();
  });
}

// So that the places that are kept are behind the last line, and senders hear of it.
void Worker::wait_until_safe() {
  const BehindMark behind = mark();
  const auto end = std::chrono::steady_clock::now() + kSafeAtEnd;
  while (!safe(behind) && std::chrono::steady_clock::now() < end) {
    beat();
    std::this_thread::sleep_for(kNap);
  }
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::push(record::Alert alert, const event::Event& event) {
  std::optional<PacketCatch::Wanted> wanted;
  const Nanoseconds steady = std::chrono::steady_clock::now().time_since_epoch();
  if (catch_) wanted = catch_->wants(alert, event, flow_of(event), *snapshot_->rules, steady);
  const context::Norm* norm = wanted && snapshot_->norms ? snapshot_->norms->find(alert.norm) : nullptr;
  if (norm != nullptr) wanted->caught.wanted = norm->kept;
  std::string id = recorder_.push(std::move(alert), [this] { beat(); });
  if (wanted) catch_->alerted(std::move(*wanted), std::move(id), steady);
}

std::optional<std::uint64_t> Worker::flow_of(const event::Event& event) const {
  for (const Placed& placed : inputs_)
    if (placed.source == event.source()) return placed.input->flow_of(event);
  return std::nullopt;
}

void Worker::fired(std::shared_ptr<const Fired> fired) {
  if (!catch_) return;
  boost::asio::post(io_, [this, fired = std::move(fired)] {
    if (stopped_) return;
    const Nanoseconds steady = std::chrono::steady_clock::now().time_since_epoch();
    const context::Norm* norm = snapshot_->norms ? snapshot_->norms->find(fired->alert.norm) : nullptr;
    catch_->fired(*fired, norm == nullptr ? decltype(norm->kept){} : norm->kept, *snapshot_->rules, steady);
  });
}

void Worker::contribute(correlation::Contribution contribution, const event::Event& event) {
  if (catch_ && catch_->remembers())
    if (const auto flow = flow_of(event)) catch_->remember(contribution.context, event.source(), *flow);
  batch_.contributions.push_back(std::move(contribution));
  if (batch_.contributions.size() >= kHandOver) hand_over();
}

void Worker::alive(event::SourceId source, Timestamp time) {
  batch_.clocks.push_back({static_cast<std::uint16_t>(source), time, false});
  if (batch_.clocks.size() >= kHandOver) hand_over();
}

bool Worker::full() const { return recorder_.crowded() || correlator_.crowded(); }

BehindMark Worker::mark() {
  hand_over();
  return {recorder_.taken(), correlator_.pushed()};
}

bool Worker::safe(const BehindMark& mark) const {
  return recorder_.lost() == 0 && recorder_.settled() >= mark.alerts && correlator_.kept() >= mark.batches;
}

void Worker::hand_over() {
  if (batch_.contributions.empty() && batch_.clocks.empty()) return;
  batch_.snapshot = snapshot_;
  correlator_.push(std::exchange(batch_, {}), [this] { beat(); });
}

void Worker::tick() {
  beat();
  const Timestamp now = wall_now();
  for (Placed& placed : inputs_) placed.input->tick(now);
  if (catch_) catch_->tick(now, std::chrono::steady_clock::now().time_since_epoch());
  publish();
  hand_over();
  say_what_is_safe();
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopped_) tick();
  });
}

void Worker::publish() {
  const Timestamp now = wall_now();
  std::vector<SourceReport> sources(report_.sources.size());
  for (Placed& placed : inputs_) {
    SourceReport& report = sources[static_cast<std::size_t>(placed.source)];
    placed.input->report(report);
    report.flow = pipeline_.flow(placed.source);
    const auto source = static_cast<std::uint16_t>(placed.source);
    const std::uint64_t records = report.received + report.capture.packets + report.feed.lines;
    if (records == heard_[source] && !report.finished) continue;
    heard_[source] = records;
    // Any packet or line is a sign of life, also one of which no event was made. A played file has a time of its own.
    batch_.clocks.push_back({source, live_[source] ? now : report.flow.last_received, report.finished});
  }
  std::vector<sigma::RuleCost> costs = pipeline_.rule_costs();
  const std::lock_guard lock{mutex_};
  report_.sources = std::move(sources);
  report_.own = pipeline_.flow(own_source_);
  report_.rule_costs = std::move(costs);
  report_.rule_matches = pipeline_.rule_matches();
  report_.durations = pipeline_.durations();
  report_.given_up = pipeline_.match_counters();
  report_.deviations = pipeline_.deviations();
  report_.indicators = pipeline_.indicator_counters();
  report_.candidates_left_out = pipeline_.learner().left_out();
  report_.snapshot = snapshot_;
  report_.scope = pipeline_.scope();
  if (catch_) report_.packets = catch_->report();
}

void Worker::beat() noexcept {
  heartbeat_.store(std::chrono::steady_clock::now().time_since_epoch().count(), std::memory_order_relaxed);
}

WorkerReport Worker::report() const {
  const std::lock_guard lock{mutex_};
  return report_;
}

}  // namespace nw::app
