// systemd's journal, followed. Its place is a cursor, kept across restarts, and only so far as what was handed over is
// safe: a mark is taken behind the entries of each turn, and the newest safe one's cursor is what a restart goes on
// from.
#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <system_error>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "base/yaml.h"
#include "ingest/logs/transports/journal.h"
#include "ingest/logs/transports/room.h"
#include "ingest/logs/transports/state_file.h"
#include "ingest/logs/transports/table.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kEntriesPerTurn = 256;
constexpr std::size_t kBytesPerTurn = 64 * 1024;  // as the other transports; the last entry may pass it
constexpr std::size_t kFaultsPerTurn = 16;        // then it is tried again with the next tick
constexpr std::size_t kMarksMax = 64;             // more than so many turns that are not safe share the last one
constexpr std::size_t kMatchesMax = 256;
constexpr auto kTick = std::chrono::seconds{1};
// The cursor is written at most this often; what was read behind it comes again after a kill, and the recorder knows
// only so many of the latest alerts.
constexpr auto kSave = std::chrono::milliseconds{200};

class JournaldTransport final : public Transport {
 public:
  JournaldTransport(asio::io_context& io, const TransportOptions& options, LineSink& sink)
      : io_{io}, changed_{io}, timer_{io}, sink_{sink}, room_{io, sink}, options_{options} {}
  ~JournaldTransport() override { stop(); }

  Result<> start() {
    std::optional<std::string> cursor;
    if (keeps_place()) {
      if (const auto checked = check_state_place(options_.state_path); !checked) return checked;
      auto loaded = load_journal_cursor(options_.state_path);
      if (!loaded) return loaded.error();
      cursor = std::move(*loaded);
    }
    auto journal = Journal::open(options_.directory, options_.matches, options_.line_bytes_max);
    if (!journal) return journal.error();
    journal_ = std::move(*journal);
    counters_.rejected += journal_->files_left_out();
    if (cursor) {
      if (const auto sought = journal_->seek(*cursor); !sought)
        return Error{sought.error().code,
                     options_.state_path + ": " + sought.error().what + "; remove it to begin anew"};
      if (*cursor != kFromStart) resume_at_ = std::move(cursor);
    } else if (options_.from_start) {
      journal_->seek_start();
    } else {
      // Else what comes while we are off, before the first new entry, would be old the next time.
      safe_ = Place{{}, journal_->seek_end(), 0};
    }
    error_code error;
    changed_.assign(journal_->descriptor(), error);
    if (error) return Error{Errc::unavailable, "journald: cannot be waited for: " + error.message()};
    wait_change();
    schedule_turn();
    schedule_tick();
    return {};
  }

  void stop() override {
    if (alive_ == nullptr) return;
    alive_.reset();
    room_.stop();
    timer_.cancel();
    if (changed_.is_open()) (void)changed_.release();  // the journal closes it
    save();
    journal_.reset();
  }

  [[nodiscard]] TransportCounters counters() const override { return counters_; }

 private:
  struct Place {
    SinkMark mark;
    std::string cursor;
    std::uint64_t lines;  // up to there
  };

  [[nodiscard]] bool keeps_place() const { return !options_.state_path.empty(); }

  void wait_change() {
    changed_.async_wait(asio::posix::stream_descriptor::wait_read, [this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      look();
      wait_change();
    });
  }

  void schedule_tick() {
    timer_.expires_after(journal_->look_within(safe_ || !unsafe_.empty() ? std::chrono::microseconds{kSave} : kTick));
    timer_.async_wait([this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      if (Clock::now() - saved_at_ >= kSave) save();
      look();
      schedule_tick();
    });
  }

  // Also while there is no room: a queue of inotify that runs over would hide files that come.
  void look() {
    if (const int processed = journal_->process(); processed < 0) fault(processed);
    schedule_turn();
  }

  void schedule_turn() {
    if (turn_scheduled_) return;
    turn_scheduled_ = true;
    post_turn();
  }

  void post_turn() {
    asio::post(io_, [this, alive = alive()] {
      if (!alive.expired()) turn();
    });
  }

  void turn() {
    if (!room_.ready()) return room_.wait([this] { turn(); });
    const Timestamp now = wall_now();
    const std::uint64_t lines = counters_.lines, bytes = counters_.bytes;
    std::size_t faults = 0;
    bool more = true;
    for (std::size_t i = 0; i < kEntriesPerTurn && counters_.bytes - bytes < kBytesPerTurn; ++i) {
      const int got = journal_->next();
      if (got < 0) fault(got);
      more = got > 0 || (got < 0 && ++faults < kFaultsPerTurn);
      if (!more) break;
      if (got > 0 && !is_known()) give(now);
    }
    if (counters_.lines != lines && keeps_place()) remember();
    if (more) return post_turn();
    turn_scheduled_ = false;
  }

  // The first entry of all: is it the one that was handed over last, before the restart?
  bool is_known() {
    if (!resume_at_) return false;
    const std::string cursor = *std::exchange(resume_at_, std::nullopt);
    if (journal_->is_at(cursor)) return true;
    log_warning("journal_cursor_lost",
                "the entry where reading stopped is not there any more, or does not match any more; reading goes on "
                "with the next one that is, and what was in between is lost",
                {{"cursor", cursor}});
    return false;
  }

  void give(Timestamp now) {
    int faulty = 0;
    const JournalEntry* const entry = journal_->read(options_.as_json, faulty);
    if (faulty < 0) fault(faulty);
    if (entry == nullptr) return;
    line_.clear();
    const bool cut = options_.as_json ? append_journal_json(*entry, options_.line_bytes_max, line_)
                                      : append_journal_syslog(*entry, options_.line_bytes_max, line_);
    last_.assign(entry->cursor);
    ++counters_.lines;
    counters_.bytes += line_.size();
    counters_.too_long += cut ? 1U : 0U;
    const std::uint64_t place = hash64(last_);
    sink_.line({line_, now, std::nullopt, cut, place == 0 ? 1 : place});
  }

  void fault(int error) {
    ++counters_.rejected;
    if (std::exchange(fault_told_, true)) return;
    log_warning(
        "journal_faulty",
        "a part of the journal cannot be read and is left out; `journalctl --verify` finds the file. Said once, "
        "counted always",
        {{"journal", options_.directory.empty() ? "this machine's" : options_.directory},
         {"reason", std::generic_category().message(-error)}});
  }

  void remember() {
    Place place{sink_.mark(), last_, counters_.lines};
    if (unsafe_.size() < kMarksMax)
      unsafe_.push_back(std::move(place));
    else
      unsafe_.back() = std::move(place);
  }

  void save() {
    while (!unsafe_.empty() && sink_.safe(unsafe_.front().mark)) {
      safe_ = std::move(unsafe_.front());
      unsafe_.pop_front();
    }
    if (!safe_ || !keeps_place()) return;
    saved_at_ = Clock::now();
    if (const auto saved = save_journal_cursor(options_.state_path, safe_->cursor); !saved) {
      log_warning("journal_cursor_not_saved", "after a restart entries would be read again",
                  {{"reason", saved.error().what}});
      return;
    }
    counters_.acknowledged = safe_->lines;
    safe_.reset();
  }

  [[nodiscard]] std::weak_ptr<const char> alive() const { return alive_; }

  asio::io_context& io_;
  asio::posix::stream_descriptor changed_;  // the journal's
  asio::steady_timer timer_;
  LineSink& sink_;
  Room room_;
  TransportOptions options_;
  std::unique_ptr<Journal> journal_;
  std::optional<std::string> resume_at_;  // until the first entry
  std::deque<Place> unsafe_;
  std::optional<Place> safe_;  // not on disk yet
  Clock::time_point saved_at_{};
  std::string line_, last_;  // last_: the cursor of what was handed over last
  bool turn_scheduled_ = false, fault_told_ = false;
  TransportCounters counters_;
  // Handlers that Asio still holds after stop() see that we are gone.
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace

void read_journald(YamlMap& map, TransportOptions& options) {
  static constexpr auto kForms = std::to_array<std::string_view>({"syslog", "json"});
  options.directory = map.text("directory");
  options.matches = map.texts("matches");
  options.from_start = map.boolean("from_start", false);
  options.as_json = map.choice("as", 0, kForms) == 1;
  if (options.matches.size() > kMatchesMax)
    map.error(map.mark(), "out-of-range", "'matches' has more than " + std::to_string(kMatchesMax) + " entries");
  for (const std::string& match : options.matches)
    if (!is_journal_match(match))
      map.error(map.mark(), "wrong-type", "not a match of the journal: '" + printable(match, 128) + "'",
                "write FIELD=VALUE, for example _SYSTEMD_UNIT=ssh.service, or +");
}

Result<std::unique_ptr<Transport>> open_journald(asio::io_context& io, const TransportOptions& options,
                                                 LineSink& sink) {
  if (!options.address.empty())
    return Error{Errc::invalid_argument,
                 "journald: takes no path, and was given '" + printable(options.address) + "'; write directory"};
  auto transport = std::make_unique<JournaldTransport>(io, options, sink);
  if (const auto started = transport->start(); !started) return started.error();
  return std::unique_ptr<Transport>{std::move(transport)};
}

}  // namespace nw::logs
