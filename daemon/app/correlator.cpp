#include "app/correlator.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <functional>

#include "app/correlation_alert.h"
#include "app/frames.h"
#include "base/clock.h"
#include "base/log.h"
#include "detect/correlation/codec.h"
#include "detect/sigma/archive.h"
#include "record/entry.h"

namespace nw::app {

namespace {

// Contributions between the workers and the thread, and their bytes.
constexpr std::size_t kIncomingMax = 65'536, kIncomingBytesMax = std::size_t{32} << 20;
constexpr std::chrono::milliseconds kTurn{100};
constexpr std::chrono::milliseconds kNap{2};
constexpr std::int64_t kSaveEvery = 30'000'000'000;  // nanoseconds
constexpr std::int64_t kSavePatience = 2'000'000'000;
// After so long nothing waits any more that was taken before the start: the longest lateness, and a flow's idle time.
constexpr std::chrono::hours kCaughtUp{25};
constexpr std::uint64_t kJournalFull = std::uint64_t{64} << 20;  // bytes; then the state is saved at once
constexpr std::uint64_t kJournalMax = 4 * kJournalFull;          // beyond it, while the state cannot be saved, no more
constexpr std::int64_t kSaveAgain = 5'000'000'000;               // after a save that failed
constexpr std::uint64_t kLateMax = std::uint64_t{64} << 20;      // bytes that are kept aside
constexpr std::uint64_t kKnownEntries = 65'536;  // of the ledger's end, when no state says where to begin
constexpr std::chrono::minutes kBackMax{5};      // that our clock may go back
constexpr std::string_view kStateMagic = "normwatch correlator 2\n";

std::size_t bytes_of(const ContributionBatch& batch) {
  std::size_t bytes = 0;
  for (const correlation::Contribution& contribution : batch.contributions) {
    bytes += sizeof contribution + contribution.context.size();
    for (const correlation::Field& field : contribution.fields) bytes += sizeof field + field.text.size();
  }
  return bytes;
}

std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

// The id of an alert entry, or nothing.
std::string alert_id(const record::Entry& entry) {
  const auto view = record::parse_entry(entry.payload);
  if (!view || view->type != record::kEntryAlert) return {};
  constexpr std::string_view kId = "\"id\":\"";
  const std::size_t at = view->body.find(kId);
  return at == std::string_view::npos ? std::string{} : std::string{view->body.substr(at + kId.size(), 32)};
}

}  // namespace

class Correlator::Sink final : public correlation::FiringSink {
 public:
  explicit Sink(Correlator& owner) : owner_{owner} {}
  void fired(const correlation::Firing& firing) override {
    const sigma::RuleSet& rules = *owner_.snapshot_->rules;
    if (rules.silent(firing.rule) || rules.info(firing.rule).shadow) return;
    record::Alert alert = firing_alert(firing, *owner_.snapshot_, owner_.names_);
    if (owner_.known_.contains(alert.id)) return;  // accepted before the crash
    std::shared_ptr<Fired> fired;
    if (owner_.tell_fired_ && !firing.context.empty()) fired = std::make_shared<Fired>(Fired{alert, firing.context});
    std::string id = owner_.recorder_.push(std::move(alert), [this] { owner_.heartbeat_ = steady_ns(); });
    if (!fired) return;
    fired->alert.id = std::move(id);
    owner_.tell_fired_(std::move(fired));
  }

 private:
  Correlator& owner_;
};

Correlator::Correlator(const Config& config, std::shared_ptr<const Snapshot> snapshot, const record::Ledger& ledger,
                       Recorder& recorder)
    : ledger_{ledger},
      recorder_{recorder},
      snapshot_{std::move(snapshot)},
      directory_{std::filesystem::path{config.state_directory} / "correlation"},
      options_{config.correlation},
      clocks_(config.sources.size() + 1),
      finished_(config.sources.size() + 1),
      heartbeat_{steady_ns()} {
  for (const SourceConfig& source : config.sources) {
    names_.push_back(source.name);
    replayed_.push_back(source.kind == SourceKind::replay);
  }
  names_.emplace_back(kOwnSource);
  replayed_.push_back(false);
  for (auto& engine : engines_) engine = std::make_unique<correlation::Engine>(snapshot_->rules, config.correlation);
}

Correlator::~Correlator() { close(); }

Result<std::unique_ptr<Correlator>> Correlator::open(const Config& config, std::shared_ptr<const Snapshot> snapshot,
                                                     const record::Ledger& ledger, Recorder& recorder) {
  std::unique_ptr<Correlator> out{new Correlator{config, std::move(snapshot), ledger, recorder}};
  if (auto made = record::make_directories(record::system_files(), out->directory_); !made) return made.error();
  if (auto restored = out->restore(); !restored) return restored.error();
  return out;
}

// A damaged state is said and put aside: windows begin anew, and the watching goes on.
Result<> Correlator::restore() {
  const std::filesystem::path file = directory_ / "state.bin";
  const auto text = read_whole(file);
  if (!text && text.error().code != Errc::not_found) return text.error();
  std::uint64_t entries = ledger_.size() - std::min(ledger_.size(), kKnownEntries);
  if (text) {
    bool good = text->starts_with(kStateMagic);
    std::size_t part = 0;
    if (good)
      read_frames(std::string_view{*text}.substr(kStateMagic.size()), [&](std::string_view body) {
        sigma::ArchiveReader in{body};
        std::vector<std::string> known, names;
        if (part == 0) in(entries, known, names);
        known_.insert(known.begin(), known.end());
        if (part == 0) renumber(names);
        // Replayed files begin anew with the daemon, and so does what was made of them.
        if (part == 1) good &= engines_[kLive]->restore(body);
        if (part == 1 && good && !renumbered_.empty()) engines_[kLive]->renumber(renumbered_);
        ++part;
      });
    good &= part == 2;
    if (!good) {
      const std::string aside = file.string() + ".damaged-" + to_rfc3339(wall_now(), 0);
      std::error_code error;
      std::filesystem::rename(file, aside, error);
      log_error("correlation_state_damaged",
                "what rules over time remembered cannot be read; it is put aside and their windows begin anew",
                {{"aside", aside}});
      renumbered_.clear();
      entries = ledger_.size() - std::min(ledger_.size(), kKnownEntries);
    }
  }
  for (std::uint64_t at = entries; at < ledger_.size();) {
    const auto read = ledger_.read(at, 4096);
    if (!read) return read.error();
    if (read->empty()) break;
    for (const record::Entry& entry : *read)
      if (std::string id = alert_id(entry); !id.empty()) known_.insert(std::move(id));
    at += read->size();
  }
  play_journal();
  return {};
}

// The numbers that the sources of the state have now, should they be others: sources come and go over a restart.
void Correlator::renumber(const std::vector<std::string>& names) {
  renumbered_.clear();
  if (names == names_) return;
  for (const std::string& name : names) {
    const auto now = std::ranges::find(names_, name);
    renumbered_.push_back(now == names_.end() ? UINT16_MAX : static_cast<std::uint16_t>(now - names_.begin()));
  }
}

std::uint16_t Correlator::number_of(std::uint16_t source) const {
  if (renumbered_.empty()) return source;
  return source < renumbered_.size() ? renumbered_[source] : std::uint16_t{UINT16_MAX};
}

void Correlator::play_journal() {
  restored_at_ = wall_now();
  heed_clock(restored_at_);
  engines_[kLive]->expect(snapshot_->expected, restored_at_);  // before it: silences are judged by whom it is about
  const auto text = read_whole(directory_ / "journal.bin");
  if (text) {
    const correlation::Decoder codec{*snapshot_->rules};
    Sink sink{*this};
    std::optional<std::int64_t> turn;  // frames of one turn were worked off together
    read_frames(*text, [&](std::string_view body) {
      sigma::ArchiveReader in{body};
      std::int64_t wall = 0;
      std::vector<std::string> contributions;
      std::vector<std::pair<std::uint16_t, std::int64_t>> alive;
      in(wall, contributions, alive);
      if (turn && *turn != wall) engines_[kLive]->advance(from_unix_nanoseconds(*turn), sink);
      turn = wall;
      for (const std::string& encoded : contributions) {
        auto contribution = codec.decode(encoded);
        if (!contribution) continue;
        const std::uint16_t source = number_of(contribution->origin.source);
        if (source < names_.size() && replayed_[source]) continue;  // it has another time now
        contribution->origin.source = source;
        static_cast<void>(engines_[kLive]->add(std::move(*contribution)));
      }
      for (const auto& [source, time] : alive)
        if (const std::uint16_t now = number_of(source); now < names_.size())
          engines_[kLive]->alive(now, from_unix_nanoseconds(time));
    });
    if (turn) engines_[kLive]->advance(from_unix_nanoseconds(*turn), sink);
  }
  renumbered_.clear();
  save();
}

void Correlator::start() {
  thread_ = std::thread{[this] { run(); }};
}

void Correlator::push(ContributionBatch batch, const std::function<void()>& meanwhile) {
  const std::size_t bytes = bytes_of(batch);
  for (;;) {
    {
      const std::lock_guard lock{mutex_};
      if ((incoming_count_ < kIncomingMax && incoming_bytes_ < kIncomingBytesMax) || closing_) {
        incoming_count_ += batch.contributions.size();
        incoming_bytes_ += bytes;
        incoming_.push_back(std::move(batch));
        ++pushed_;
        crowded_ = incoming_count_ > kIncomingMax / 4 * 3 || incoming_bytes_ > kIncomingBytesMax / 4 * 3;
        break;
      }
    }
    meanwhile();
    std::this_thread::sleep_for(kNap);
  }
  changed_.notify_one();
}

void Correlator::swap(std::shared_ptr<const Snapshot> snapshot) {
  const std::lock_guard lock{mutex_};
  next_ = std::move(snapshot);
}

void Correlator::close() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

CorrelatorReport Correlator::report() const {
  const std::lock_guard lock{mutex_};
  return report_;
}

void Correlator::run() {
  for (;;) {
    heartbeat_ = steady_ns();
    std::vector<ContributionBatch> batches;
    bool closing = false;
    std::shared_ptr<const Snapshot> next;
    {
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, kTurn, [this] {
        return closing_ || incoming_count_ > kIncomingMax / 2 || incoming_bytes_ > kIncomingBytesMax / 2;
      });
      batches.swap(incoming_);
      incoming_count_ = 0;
      incoming_bytes_ = 0;
      crowded_ = false;
      closing = closing_;
      next = std::exchange(next_, nullptr);
    }
    const Timestamp wall = wall_now();
    heed_clock(wall);
    for (ContributionBatch& batch : batches) {
      journaled_ &= journal(batch, wall);
      take(batch);
    }
    worked_off_ += batches.size();
    if (journaled_) kept_ = worked_off_;
    advance(wall);
    if (next) {
      snapshot_ = std::move(next);
      for (auto& engine : engines_)
        if (!engine->swap(snapshot_->rules))
          log_error("correlation_state_dropped",
                    "what rules over time remembered does not fit the new rules; their windows begin anew");
      engines_[kLive]->expect(snapshot_->expected, wall);
      save();
    }
    const std::int64_t age = steady_ns() - saved_at_;
    const bool pressing = journal_bytes_ > kJournalFull || !journaled_;
    if (closing || age > kSaveEvery || (pressing && age > kSaveAgain)) save();
    publish();
    if (closing) return;
  }
}

void Correlator::take(ContributionBatch& batch) {
  const bool other = batch.snapshot->rules != snapshot_->rules;
  for (correlation::Contribution& contribution : batch.contributions) {
    if (other && !translate(contribution, *batch.snapshot->rules, *snapshot_->rules))
      ++totals_.untranslated;
    else
      add(std::move(contribution));
  }
  for (const ContributionBatch::Clock& clock : batch.clocks) {
    clocks_[clock.source] = std::max(clocks_[clock.source], clock.time);
    if (clock.finished) finished_[clock.source] = true;
    engines_[line_of(clock.source)]->alive(clock.source, clock.time);
  }
}

void Correlator::add(correlation::Contribution contribution) {
  correlation::Engine& engine = *engines_[line_of(contribution.origin.source)];
  if (engine.too_late(contribution.time)) keep_late(contribution);
  static_cast<void>(engine.add(std::move(contribution)));
}

// A clock that once stood in the future would make everything late until then.
void Correlator::heed_clock(Timestamp wall) {
  if (engines_[kLive]->done() <= wall + kBackMax) return;
  log_error("clock_went_back",
            "the clock has gone back by more than five minutes: windows of rules over time begin anew",
            {{"was", to_rfc3339(engines_[kLive]->done())}, {"is", to_rfc3339(wall)}});
  *engines_[kLive] = correlation::Engine{snapshot_->rules, options_};
  engines_[kLive]->expect(snapshot_->expected, wall);
}

void Correlator::advance(Timestamp wall) {
  Sink sink{*this};
  engines_[kLive]->advance(wall, sink);
  if (!known_.empty() && wall - restored_at_ > kCaughtUp) known_.clear();
  if (end_seen_) return;
  // Files are played side by side: the time is that of the one furthest behind.
  std::optional<Timestamp> behind;
  bool any = false;
  for (std::size_t i = 0; i < clocks_.size(); ++i) {
    any |= replayed_[i];
    if (replayed_[i] && !finished_[i]) behind = behind ? std::min(*behind, clocks_[i]) : clocks_[i];
  }
  if (behind) {
    engines_[kReplayed]->advance(*behind, sink);
  } else if (any) {
    engines_[kReplayed]->finish(sink);
    end_seen_ = true;
  }
}

void Correlator::keep_late(const correlation::Contribution& contribution) {
  if (late_bytes_ >= kLateMax) {
    ++totals_.late_lost;
    return;
  }
  const std::string bytes = framed(correlation::encode(contribution, *snapshot_->rules));
  if (append("late.bin", late_, late_bytes_, bytes))
    ++totals_.late_kept;
  else
    ++totals_.late_lost;
}

bool Correlator::journal(const ContributionBatch& batch, Timestamp wall) {
  if (engines_[kLive]->idle()) return true;  // nobody remembers anything
  std::vector<std::string> contributions;
  for (const correlation::Contribution& contribution : batch.contributions)
    if (!replayed_[contribution.origin.source])
      contributions.push_back(correlation::encode(contribution, *batch.snapshot->rules));
  std::vector<std::pair<std::uint16_t, std::int64_t>> alive;
  for (const ContributionBatch::Clock& clock : batch.clocks)
    if (!replayed_[clock.source]) alive.emplace_back(clock.source, to_unix_nanoseconds(clock.time));
  if (contributions.empty() && alive.empty()) return true;
  sigma::ArchiveWriter out;
  out(to_unix_nanoseconds(wall), contributions, alive);
  const std::string body = out.take();
  if (journal_bytes_ + body.size() > kJournalMax)
    return note_failure("the journal is full, and the state cannot be saved in its place");
  return append("journal.bin", journal_, journal_bytes_, framed(body));
}

bool Correlator::append(const char* name, record::Fd& file, std::uint64_t& size, std::string_view bytes) {
  auto& ops = record::system_files();
  const std::filesystem::path path = directory_ / name;
  if (file.get() < 0) {
    const int fd = ops.open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) return note_failure(path.string() + ": " + std::strerror(errno));
    record::Fd opened{fd};
    // A crash may have cut the last frame: what stood behind it could not be read back.
    const auto whole = whole_frames(path);
    if (!whole) return note_failure(whole.error().what);
    if (const auto cut = record::cut_to(ops, opened, *whole, path.string()); !cut)
      return note_failure(cut.error().what);
    file = std::move(opened);
    size = *whole;
  }
  if (const auto written = record::write_at(ops, file, bytes, size, path.string()); !written)
    return note_failure(written.error().what);
  size += bytes.size();
  return true;
}

// Not a reason to stop: the rules go on in memory; a crash would cost what they remember.
bool Correlator::note_failure(const std::string& why) {
  ++totals_.save_failures;
  if (!std::exchange(failing_, true))
    log_error("correlation_state_failed", "what rules over time remember cannot be kept on disk; a crash would lose it",
              {{"error", why}});
  return false;
}

void Correlator::save() {
  saved_at_ = steady_ns();
  // What has fired must be in the ledger before the state says that it has fired: until then the journal can bring it
  // back.
  for (const std::uint64_t ours = recorder_.taken(); recorder_.settled() < ours;) {
    if (steady_ns() - saved_at_ > kSavePatience) return;
    heartbeat_ = steady_ns();
    std::this_thread::sleep_for(kNap);
  }
  sigma::ArchiveWriter head;
  head(ledger_.size(), std::vector<std::string>(known_.begin(), known_.end()), names_);
  std::string bytes{kStateMagic};
  bytes += framed(head.take());
  bytes += framed(engines_[kLive]->save());
  auto& ops = record::system_files();
  if (const auto saved = record::replace_file(ops, directory_ / "state.bin", bytes); !saved) {
    static_cast<void>(note_failure(saved.error().what));
    return;
  }
  totals_.state_bytes = bytes.size();
  // What the journal holds is in the state now. Alerts that wait for the ledger come again with their ids.
  journal_ = record::Fd{};
  journal_bytes_ = 0;
  std::error_code error;
  std::filesystem::remove(directory_ / "journal.bin", error);
  if (std::exchange(failing_, false))
    log_info("correlation_state_recovered", "what rules over time remember is kept on disk again");
  journaled_ = true;
  kept_ = worked_off_;
}

void Correlator::publish() {
  CorrelatorReport report = totals_;
  report.snapshot = snapshot_;
  for (std::size_t i = 0; i < snapshot_->rules->size(); ++i) {
    correlation::RuleCounters sum;
    for (const auto& engine : engines_) {
      const correlation::RuleCounters one = engine->counters(i);
      sum.firings += one.firings;
      sum.keys += one.keys;
      sum.bytes += one.bytes;
      sum.evicted += one.evicted;
      sum.evicted_registered += one.evicted_registered;
      sum.cut += one.cut;
    }
    report.rules.push_back(sum);
  }
  for (const auto& engine : engines_) {
    const correlation::EngineCounters& one = engine->counters();
    report.counters.taken += one.taken;
    report.counters.late += one.late;
    report.counters.duplicates += one.duplicates;
    report.counters.hurried += one.hurried;
    report.counters.pending += one.pending;
    report.counters.blind += one.blind;
  }
  const std::lock_guard lock{mutex_};
  report_ = std::move(report);
}

}  // namespace nw::app
