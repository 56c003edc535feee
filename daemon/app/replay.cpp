#include "app/replay.h"

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <thread>
#include <unistd.h>

#include "app/correlation_alert.h"
#include "app/line_file.h"
#include "app/replay_lane.h"
#include "base/arena.h"

namespace nw::app {

void put_in_order(std::vector<Made>& made) {
  // Stable: the alerts of one event stay in the order of its rules.
  std::stable_sort(made.begin(), made.end(), [](const Made& a, const Made& b) {
    return a.ordinal != b.ordinal ? a.ordinal < b.ordinal : a.part < b.part;
  });
}

namespace {

constexpr std::size_t kReplayPendingBytes = std::size_t{256} << 20;  // of what waits for its turn in time
constexpr std::size_t kBatch = 4096;  // records between two meetings of the lanes; part of what makes the output

// The lanes' threads. With one lane everything happens on the caller's thread.
class Crew {
 public:
  explicit Crew(std::vector<std::unique_ptr<Lane>>& lanes) : lanes_{lanes} {
    if (lanes_.size() < 2) return;
    for (std::size_t i = 0; i < lanes_.size(); ++i) threads_.emplace_back([this, i] { run(i); });
  }
  ~Crew() {
    {
      const std::lock_guard lock{mutex_};
      over_ = true;
    }
    changed_.notify_all();
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Begins `work` for every lane; with one lane it is done on return. The work before must have been waited for.
  void start(std::function<void(std::size_t)> work) {
    if (threads_.empty()) {
      for (std::size_t i = 0; i < lanes_.size(); ++i) work(i);
      return;
    }
    const std::lock_guard lock{mutex_};
    work_ = std::move(work);
    left_ = lanes_.size();
    ++round_;
    changed_.notify_all();
  }
  // Until every lane is done with what was begun. What the lanes made may then be touched.
  void wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return left_ == 0; });
  }

 private:
  void run(std::size_t lane) {
    std::uint64_t seen = 0;
    for (;;) {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [&] { return over_ || round_ != seen; });
      if (over_) return;
      seen = round_;
      lock.unlock();
      work_(lane);  // not changed before all lanes are done
      lock.lock();
      if (--left_ == 0) changed_.notify_all();
    }
  }

  std::vector<std::unique_ptr<Lane>>& lanes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void(std::size_t)> work_;
  std::size_t left_ = 0;
  std::uint64_t round_ = 0;
  bool over_ = false;
  std::vector<std::jthread> threads_;
};

// What is read for one batch when several lanes work on it: the bytes are copied, because the reader's buffer moves on.
class Batch {
 public:
  explicit Batch(std::size_t lanes) : records_(lanes) {}

  void clear() {
    bytes_.reset();
    for (auto& of_lane : records_) of_lane.clear();
  }
  void add(std::string_view data, Dealt record, std::size_t lane) {
    record.bytes = bytes_.copy(data);
    records_[lane].push_back(record);
  }
  // Those of one lane, in their order.
  [[nodiscard]] const std::vector<Dealt>& records(std::size_t lane) const noexcept { return records_[lane]; }

 private:
  Arena bytes_{std::numeric_limits<std::size_t>::max()};
  std::vector<std::vector<Dealt>> records_;
};

class Player final : private correlation::FiringSink {
 public:
  Player(const Config& config, std::shared_ptr<const Snapshot> snapshot, const ReplayOptions& options,
         const LineWriter& alert, const LineWriter& event, ReplaySummary& summary)
      : config_{config},
        options_{options},
        write_alert_{alert},
        write_event_{event},
        summary_{summary},
        snapshot_{snapshot},
        over_time_{snapshot->rules, engine_options(config)},
        lanes_{make_lanes(config, std::move(snapshot), options)},
        filling_{std::make_unique<Batch>(lanes_.size())},
        working_{std::make_unique<Batch>(lanes_.size())},
        crew_{lanes_} {
    for (const SourceConfig& source : config.sources) names_.push_back(source.name);
  }

  Result<> play(std::size_t number) {
    const SourceConfig& source = config_.sources[number];
    ordinal_ = 0;
    begun_ = false;
    number_ = static_cast<std::uint16_t>(number);
    const auto id = static_cast<event::SourceId>(number);
    Result<> result = source.format.empty() ? play_packets(source, id) : play_lines(source, id);
    // Whatever happened, what was read is brought to its end.
    for (const bool end : {false, true}) {
      crew_.wait();
      if (auto written = write_out(working_until_); !written && result) result = written.error();
      if (!end) crew_.start([this](std::size_t i) { lanes_[i]->finish(); });
    }
    if (begun_) add_network();
    return result;
  }

  // Rules over time see the end.
  Result<> end() {
    alerts_.clear();
    events_.clear();
    over_time_.finish(*this);
    summary_.over_time = over_time_.counters();
    auto written = write_gathered();
    return written;
  }

  void finish() {
    for (const auto& lane : lanes_) {
      for (const SourceFlow& flow : lane->pipeline().flows()) {
        summary_.matched += flow.matched;
        summary_.unmatched += flow.unmatched;
      }
      const std::vector<std::uint64_t>& matches = lane->pipeline().rule_matches();
      for (std::size_t i = 0; i < matches.size(); ++i) {
        const sigma::RuleInfo& rule = lane->pipeline().snapshot().rules->info(i);
        if (rule.shadow && matches[i] != 0)
          summary_.shadow_matches[rule.id.empty() ? rule.title : rule.id] += matches[i];
      }
      add_costs(lane->pipeline());
      const Lane::Counters& counters = lane->counters();
      summary_.unwanted += counters.unwanted;
      summary_.unread += counters.unread;
      summary_.lines += counters.lines;
      for (std::size_t fault = 1; fault < counters.faults.size(); ++fault) {
        if (counters.faults[fault] == 0) continue;
        summary_.unparsed += counters.faults[fault];
        summary_.unparsed_by_reason[std::string{logs::to_string(static_cast<logs::LineFault>(fault))}] +=
            counters.faults[fault];
      }
      for (const auto& [level, count] : lane->alerts_by_level) {
        summary_.alerts_by_level[level] += count;
        summary_.alerts += count;
      }
    }
    summary_.costs.events = summary_.matched + summary_.unmatched;
    if (progress_shown_) std::fputs("\r\033[K", stderr);
  }

 private:
  static std::vector<std::unique_ptr<Lane>> make_lanes(const Config& config, std::shared_ptr<const Snapshot> snapshot,
                                                       const ReplayOptions& options) {
    std::vector<Pipeline::Source> sources;
    for (const SourceConfig& source : config.sources) sources.push_back({source.name, {}});
    std::vector<std::unique_ptr<Lane>> lanes;
    for (unsigned i = 0; i < options.workers; ++i)
      lanes.push_back(std::make_unique<Lane>(
          snapshot, sources, Lane::Options{options.alerts, options.events, options.shadow, options.tap}));
    return lanes;
  }

  static correlation::EngineOptions engine_options(const Config& config) {
    correlation::EngineOptions options = config.correlation;
    options.pending_bytes = std::max(options.pending_bytes, kReplayPendingBytes);
    return options;
  }

  void fired(const correlation::Firing& firing) override {
    const sigma::RuleSet& rules = *snapshot_->rules;
    const sigma::RuleInfo& rule = rules.info(firing.rule);
    if (rule.shadow) ++summary_.shadow_matches[rule.id];
    if (rules.silent(firing.rule) || (rule.shadow && !(options_.alerts && options_.shadow))) return;
    const record::Alert alert = firing_alert(firing, *snapshot_, names_);
    if (!rule.shadow) {
      ++summary_.alerts_by_level[alert.level];
      ++summary_.alerts;
    }
    if (!options_.alerts) return;
    std::string text = alert.to_json();
    if (rule.shadow) text = "{\"shadow\":true," + text.substr(1);
    fired_.push_back({0, 0, std::move(text)});
  }

  void count(std::size_t bytes, Timestamp time) {
    ++summary_.records;
    summary_.bytes += bytes;
    if (time == Timestamp{}) return;
    if (summary_.first == Timestamp{} || time < summary_.first) summary_.first = time;
    if (time > summary_.last) summary_.last = time;
  }

  // One lane takes the record where it stands; several get a copy.
  void deal(std::string_view data, Dealt record, std::uint64_t hash) {
    if (lanes_.size() == 1) {
      record.bytes = data;
      lanes_[0]->take(record);
    } else {
      filling_->add(data, record, hash % lanes_.size());
    }
  }

  // Ends a batch. Several lanes work on it while the caller writes what the batch before made, and reads the next.
  Result<> meet(Timestamp now) {
    if (lanes_.size() == 1) {
      lanes_[0]->advance(now);
      return write_out(now);
    }
    crew_.wait();
    gather(working_until_);
    working_until_ = now;
    std::swap(filling_, working_);
    filling_->clear();
    crew_.start([this, now](std::size_t lane) {
      for (const Dealt& record : working_->records(lane)) lanes_[lane]->take(record);
      lanes_[lane]->advance(now);
    });
    return write_gathered();
  }

  Result<> play_packets(const SourceConfig& source, event::SourceId id) {
    auto packets = capture::open_file(source.path);
    if (!packets) return packets.error();
    begun_ = true;
    for (auto& lane : lanes_) lane->begin_packets(id, config_.network);
    Timestamp now{};
    for (;;) {
      std::size_t left = kBatch;
      Result<std::size_t> got = std::size_t{0};
      while (left != 0) {
        got = (*packets)->read(left, [&](const capture::Packet& packet) {
          now = std::max(now, packet.time);
          count(packet.data.size(), packet.time);
          over_time_.alive(number_, packet.time);
          const Dealt record{{}, packet.wire_bytes, packet.link_type, packet.time, now, ordinal_++, false};
          deal({reinterpret_cast<const char*>(packet.data.data()), packet.data.size()}, record,
               lanes_.size() == 1 ? 0 : network::flow_hash(packet.data, packet.link_type));
        });
        if (!got || *got == 0) break;
        left -= std::min(left, *got);
      }
      if (auto met = meet(now); !met) return met;
      if (!got) return got.error();
      if (left != 0) return {};
      const auto progress = (*packets)->progress();
      show(source.path, progress.done, progress.all);
    }
  }

  Result<> play_lines(const SourceConfig& source, event::SourceId id) {
    auto lines = LineFile::open(source.path, logs::kLineBytesMax);
    if (!lines) return lines.error();
    for (auto& lane : lanes_) lane->begin_lines(id, *logs::find_format(source.format), source.format_options);
    // A line without a year is taken to be near the last time that was stated in full, else near the file's own.
    Timestamp near = lines->modified();
    // The file's own time is no clock for rules over time: all that is older would be late. The newest event is.
    Timestamp clock{};
    for (;;) {
      const auto got = lines->read(kBatch, [&](std::string_view line, bool too_long) {
        if (const auto stated = stated_time(line)) clock = near = *stated;
        count(line.size() + 1, Timestamp{});
        if (near != Timestamp{}) over_time_.alive(number_, near);
        const std::uint64_t ordinal = ordinal_++;
        deal(line, Dealt{{}, 0, 0, near, {}, ordinal, too_long}, ordinal);
      });
      if (auto met = meet(clock); !met) return met;
      if (!got) return got.error();
      if (*got == 0) return {};
      show(source.path, lines->bytes_read(), lines->bytes_all());
    }
  }

  Result<> write_out(Timestamp now) {
    gather(now);
    return write_gathered();
  }

  // `now`: the time up to which the lanes' work goes.
  void gather(Timestamp now) {
    alerts_.clear();
    events_.clear();
    for (auto& lane : lanes_) {
      std::move(lane->alerts.begin(), lane->alerts.end(), std::back_inserter(alerts_));
      std::move(lane->events.begin(), lane->events.end(), std::back_inserter(events_));
      lane->alerts.clear();
      lane->events.clear();
      for (correlation::Contribution& contribution : lane->contributions)
        static_cast<void>(over_time_.add(std::move(contribution)));
      lane->contributions.clear();
    }
    // Several files are played one after the other, whatever times they hold: all of it waits for its turn.
    for (auto& lane : lanes_) now = std::max(now, lane->newest());
    over_time_.advance(config_.sources.size() == 1 ? now : Timestamp{}, *this);
  }

  Result<> write_gathered() {
    put_in_order(alerts_);
    put_in_order(events_);
    for (Made& made : fired_) alerts_.push_back(std::move(made));  // behind what they came from
    fired_.clear();
    for (const Made& made : alerts_)
      if (auto written = write_alert_(made.text); !written) return written;
    for (const Made& made : events_)
      if (auto written = write_event_(made.text); !written) return written;
    return {};
  }

  void add_costs(const Pipeline& pipeline) {
    const std::vector<sigma::RuleCost> costs = pipeline.rule_costs();
    RuleCosts& total = summary_.costs;
    total.costs.resize(costs.size());
    total.matches.resize(costs.size());
    for (std::size_t i = 0; i < costs.size(); ++i) {
      add(total.costs[i], costs[i]);
      total.matches[i] += pipeline.rule_matches()[i];
    }
    total.look_up_ticks += pipeline.match_counters().look_up_ticks;
  }

  void add_network() {
    for (const auto& lane : lanes_) {
      if (lane->decoder() == nullptr) continue;
      const network::NetworkCounters& counters = lane->decoder()->counters();
      summary_.packets += counters.packets;
      summary_.decoded += counters.decoded;
      summary_.ignored += counters.ignored;
      summary_.events += counters.events;
      for (std::size_t i = 0; i < counters.malformed.size(); ++i) {
        if (counters.malformed[i] == 0) continue;
        summary_.malformed += counters.malformed[i];
        summary_.malformed_by_reason[std::string{network::malformed_reasons()[i]}] += counters.malformed[i];
      }
      for (std::size_t p = 0; p < counters.protocols.size(); ++p)
        for (const std::uint64_t refused : counters.protocols[p].refused)
          if (refused != 0) summary_.refused_by_protocol[std::string{network::protocols()[p].name}] += refused;
    }
  }

  void show(const std::string& path, std::uint64_t done, std::uint64_t all) {
    if (!options_.progress || ++batches_ % 32 != 0) return;
    progress_shown_ = true;
    if (all == 0) {
      std::fprintf(stderr, "\r\033[K%s: %llu records", path.c_str(), static_cast<unsigned long long>(ordinal_));
    } else {
      constexpr unsigned kWidth = 40;
      const auto filled = static_cast<unsigned>(kWidth * std::min(done, all) / all);
      std::string bar(filled, '#');
      bar.resize(kWidth, '.');
      std::fprintf(stderr, "\r\033[K[%s] %3u%%  %llu records  %s", bar.c_str(),
                   static_cast<unsigned>(100 * std::min(done, all) / all), static_cast<unsigned long long>(ordinal_),
                   path.c_str());
    }
    std::fflush(stderr);
  }

  const Config& config_;
  const ReplayOptions& options_;
  const LineWriter& write_alert_;
  const LineWriter& write_event_;
  ReplaySummary& summary_;
  std::shared_ptr<const Snapshot> snapshot_;
  correlation::Engine over_time_;
  std::vector<std::string> names_;  // of the sources
  std::vector<Made> fired_;
  Timestamp working_until_{};  // where the batch ends that the lanes work on
  std::uint16_t number_ = 0;   // of the source that is played
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<Batch> filling_, working_;
  std::vector<Made> alerts_, events_;
  std::uint64_t ordinal_ = 0, batches_ = 0;
  bool progress_shown_ = false;
  bool begun_ = false;  // the lanes' decoders are this source's
  Crew crew_;           // last: its threads end before anything that they use
};

}  // namespace

Result<> replay(const Config& config, std::shared_ptr<const Snapshot> snapshot, const ReplayOptions& options,
                const LineWriter& write_alert, const LineWriter& write_event, ReplaySummary& summary) {
  Player player{config, std::move(snapshot), options, write_alert, write_event, summary};
  Result<> result;
  for (std::size_t i = 0; i < config.sources.size() && result; ++i) {
    result = player.play(i);
    if (!result) result = Error{result.error().code, config.sources[i].path + ": " + result.error().what};
  }
  if (auto ended = player.end(); !ended && result) result = ended;
  player.finish();
  return result;
}

}  // namespace nw::app
