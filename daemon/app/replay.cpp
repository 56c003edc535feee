#include "app/replay.h"

#include <algorithm>
#include <span>
#include <thread>
#include <unistd.h>

#include "app/correlation_alert.h"
#include "app/line_file.h"
#include "app/replay_dealer.h"
#include "app/replay_lane.h"
#include "app/replay_ring.h"
#include "ingest/logs/formats/together.h"
#include "record/for_export.h"

namespace nw::app {

void put_in_order(std::vector<Made>& made) {
  // Stable: the alerts of one event stay in the order of its rules.
  std::stable_sort(made.begin(), made.end(), [](const Made& a, const Made& b) {
    return a.ordinal != b.ordinal ? a.ordinal < b.ordinal : a.part < b.part;
  });
}

namespace {

constexpr std::size_t kReplayPendingBytes = std::size_t{256} << 20;  // of what waits for its turn in time
// A batch has as many records, or bytes; part of what makes the output. Bytes are looked at every kStep records.
constexpr std::size_t kBatch = 4096, kBatchBytes = std::size_t{16} << 20, kStep = 64;

// The headers of the packet that may stand there.
void prefetch(const void* packet) noexcept {
  __builtin_prefetch(packet);
  __builtin_prefetch(static_cast<const char*>(packet) + 64);
}
constexpr std::size_t kAhead = 4;  // records

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
        lanes_{make_lanes(config, std::move(snapshot), options)} {
    for (const SourceConfig& source : config.sources) names_.push_back(source.name);
  }

  Result<> play(std::size_t number) {
    const SourceConfig& source = config_.sources[number];
    ordinal_ = 0;
    number_ = static_cast<std::uint16_t>(number);
    const auto id = static_cast<event::SourceId>(number);
    return source.format.empty() ? play_packets(source, id) : play_lines(source, id);
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
      const LineFeed::Counters counters = lane->counters();
      summary_.unwanted += counters.unwanted;
      summary_.unread += counters.unread;
      summary_.lines += counters.lines;
      summary_.told += counters.told;
      summary_.joined += counters.joined;
      summary_.events += counters.made;
      for (std::size_t fault = 1; fault < counters.faults.size(); ++fault) {
        if (counters.faults[fault] == 0) continue;
        summary_.unparsed += counters.faults[fault];
        summary_.unparsed_by_reason[std::string{logs::to_string(static_cast<logs::LineFault>(fault))}] +=
            counters.faults[fault];
      }
      for (const auto& [level, count] : lane->alerts_by_level()) {
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
    const record::Alert alert = record::for_export(firing_alert(firing, *snapshot_, names_));
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

  // One lane takes the record where it stands; several find it in the batch.
  void deal(std::string_view data, Dealt record, std::size_t lane, Batch& batch, const Batch::Block* block) {
    if (lanes_.size() == 1) {
      record.bytes = data;
      lanes_[0]->take(record);
    } else {
      batch.add(data, record, lane, block);
    }
  }

  // Both ends of each silence, which is all that rules over time ask for; a second is none.
  static void note_alive(Batch& batch, Timestamp time) {
    std::vector<Timestamp>& alive = batch.alive;
    if (!alive.empty() && time <= alive.back()) return;
    if (alive.size() > 1 && time - alive[alive.size() - 2] <= std::chrono::seconds{1})
      alive.back() = time;
    else
      alive.push_back(time);
  }

  // `read` hands over up to as many records and says how many. Whether there may be more.
  Result<bool> read_batch(FunctionRef<Result<std::size_t>(std::size_t most)> read) {
    const std::uint64_t full = summary_.bytes + kBatchBytes;
    for (std::size_t left = kBatch; left != 0 && summary_.bytes < full;) {
      const auto got = read(std::min(left, kStep));
      if (!got) return got.error();
      if (*got == 0) return false;
      left -= std::min(left, *got);
    }
    return true;
  }

  // Takes a source through the lanes. `read` fills a batch, and says that there is more; its error is the source's, and
  // what it had read before is played still.
  Result<> run(FunctionRef<Result<bool>(Batch&)> read) {
    Result<> reading;
    bool more = true;
    const auto read_one = [&](Batch& batch) {
      if (!more) {
        batch.last = true;
        return;
      }
      Result<bool> got = read(batch);
      more = got && *got;
      if (!got) reading = got.error();
    };
    const auto take = [this](Batch& batch, std::size_t lane) {
      const std::span<const Dealt> records = batch.records(lane);
      for (std::size_t i = 0; i < records.size(); ++i) {
        // Another core has read it, and a few records further on it would be waited for.
        if (i + kAhead < records.size()) prefetch(records[i + kAhead].bytes.data());
        lanes_[lane]->take(records[i]);
      }
      if (batch.last)
        lanes_[lane]->finish();
      else
        lanes_[lane]->advance(batch.until);
      lanes_[lane]->give(batch.yields[lane]);
    };
    const auto write = [this](Batch& batch) { return write_out(batch); };
    ReplayRing ring{lanes_.size(), {read_one, take, write}};
    Result<> writing;
    {
      std::vector<std::jthread> threads;
      for (std::size_t lane = 1; lane < lanes_.size(); ++lane)
        threads.emplace_back([&ring, lane] { static_cast<void>(ring.run(lane)); });
      writing = ring.run(0);
    }
    return writing ? reading : writing;
  }

  Result<> play_packets(const SourceConfig& source, event::SourceId id) {
    auto packets = capture::open_file(source.path);
    if (!packets) return packets.error();
    for (auto& lane : lanes_) lane->begin_packets(id, config_.network);
    Timestamp now{};
    Dealer dealer{lanes_.size()};
    const auto lane_of = [&](const capture::Packet& packet) -> std::size_t {
      if (lanes_.size() == 1) return 0;
      prefetch(packet.data.data() + packet.data.size());  // in files, the next one
      return dealer.lane(network::flow_hash(packet.data, packet.link_type), packet.data.size());
    };
    auto played = run([&](Batch& batch) -> Result<bool> {
      dealer.forget();
      const auto got = read_batch([&](std::size_t most) {
        return (*packets)->read(most, [&](const capture::Packet& packet) {
          now = std::max(now, packet.time);
          count(packet.data.size(), packet.time);
          note_alive(batch, packet.time);
          const Dealt record{{}, packet.wire_bytes, packet.link_type, packet.time, now, ordinal_++, false};
          deal({reinterpret_cast<const char*>(packet.data.data()), packet.data.size()}, record, lane_of(packet), batch,
               packet.block);
        });
      });
      batch.until = now;
      const auto progress = (*packets)->progress();
      show(source.path, progress.done, progress.all);
      return got;
    });
    add_network();
    return played;
  }

  Result<> play_lines(const SourceConfig& source, event::SourceId id) {
    auto lines = LineFile::open(source.path, logs::kLineBytesMax);
    if (!lines) return lines.error();
    const logs::Format& format = *logs::find_format(source.format);
    for (auto& lane : lanes_) lane->begin_lines(id, format, source.format_options);
    logs::Together together{format};
    const auto lane_of = [&](std::string_view line, std::uint64_t ordinal) -> std::size_t {
      return lanes_.size() == 1 || together.line(line) ? 0 : ordinal % lanes_.size();
    };
    // A line without a year is taken to be near the last time that was stated in full, else near the file's own.
    Timestamp near = lines->modified();
    // The file's own time is no clock for rules over time: all that is older would be late. The newest event is.
    Timestamp clock{};
    return run([&](Batch& batch) -> Result<bool> {
      const auto got = read_batch([&](std::size_t most) {
        return lines->read(most, [&](std::string_view line, bool too_long) {
          if (const auto stated = stated_time(line)) clock = near = *stated;
          count(line.size() + 1, Timestamp{});
          if (near != Timestamp{}) note_alive(batch, near);
          const std::uint64_t ordinal = ordinal_++;
          deal(line, Dealt{{}, 0, 0, near, {}, ordinal, too_long}, lane_of(line, ordinal), batch, nullptr);
        });
      });
      batch.until = clock;
      show(source.path, lines->bytes_read(), lines->bytes_all());
      return got;
    });
  }

  Result<> write_out(Batch& batch) {
    alerts_.clear();
    events_.clear();
    for (const Timestamp time : batch.alive) over_time_.alive(number_, time);
    Timestamp now = batch.until;
    for (Yield& yield : batch.yields) {
      std::move(yield.alerts.begin(), yield.alerts.end(), std::back_inserter(alerts_));
      std::move(yield.events.begin(), yield.events.end(), std::back_inserter(events_));
      for (correlation::Contribution& contribution : yield.contributions)
        static_cast<void>(over_time_.add(std::move(contribution)));
      now = std::max(now, yield.newest);
    }
    // Several files are played one after the other, whatever times they hold: all of it waits for its turn.
    over_time_.advance(config_.sources.size() == 1 ? now : Timestamp{}, *this);
    return write_gathered();
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
  std::uint16_t number_ = 0;  // of the source that is played
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Made> alerts_, events_;
  std::uint64_t ordinal_ = 0, batches_ = 0;
  bool progress_shown_ = false;
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
