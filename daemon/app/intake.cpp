#include "app/intake.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace nw::app {

namespace {

constexpr std::chrono::milliseconds kLook{10};
constexpr std::size_t kGiveMax = 1024;  // then the io_context's other work gets its turn
constexpr std::int64_t kSyncEvery = 200'000'000, kForgetEvery = 1'000'000'000;  // nanoseconds

std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

WaitingLine copy_of(const logs::ArrivedLine& line) {
  return {std::string{line.text}, line.receive_time, line.peer, line.too_long, line.place};
}

std::uint64_t bytes_of(const WaitingLine& line) { return sizeof line + line.text.size(); }

}  // namespace

void Intake::Counters::add(const Counters& other) {
  spilled += other.spilled;
  drop_newest += other.drop_newest;
  drop_oldest += other.drop_oldest;
  spill_full += other.spill_full;
  spill_damaged += other.spill_damaged;
  held += other.held;
  held_bytes += other.held_bytes;
}

Intake::Intake(boost::asio::io_context& io, LineFeed& feed, Behind& behind, const IntakeOptions& options,
               std::string source)
    : feed_{feed}, behind_{behind}, options_{options}, source_{std::move(source)}, timer_{io} {}

Intake::~Intake() = default;

Result<std::unique_ptr<Intake>> Intake::open(boost::asio::io_context& io, LineFeed& feed, Behind& behind,
                                             const IntakeOptions& options, std::string source) {
  std::unique_ptr<Intake> intake{new Intake{io, feed, behind, options, std::move(source)}};
  // What an earlier run spilled is taken up also when the policy is another by now.
  std::error_code error;
  const bool left = std::filesystem::is_directory(options.spill_directory, error);
  if (options.when_full != WhenFull::spill && !left) return intake;
  auto spool = Spool::open({options.spill_directory, options.spill_max});
  if (!spool) return spool.error();
  intake->spool_.emplace(std::move(*spool));
  intake->come_ = intake->spilled_ = intake->synced_ = intake->spool_->lines();
  if (intake->come_ != 0)
    log_info("spill_taken_up", "lines that an earlier run has put on disk are read first",
             {{"source", intake->source_}, {"lines", std::to_string(intake->come_)}});
  intake->wait(kLook);
  return intake;
}

void Intake::line(const logs::ArrivedLine& line) {
  if (holds() || (options_.when_full != WhenFull::block && behind_.full())) return hold(line);
  given_ = direct_ = ++come_;
  feed_.line(line);
}

bool Intake::ready() {
  switch (options_.when_full) {
    case WhenFull::block: return !holds() && !behind_.full();
    case WhenFull::spill: return memory_.empty();  // else neither the disk nor what follows takes anything
    case WhenFull::drop_oldest:
    case WhenFull::drop_newest: return true;
  }
  return true;
}

void Intake::hold(const logs::ArrivedLine& line) {
  if (options_.when_full == WhenFull::drop_newest && behind_.full()) {
    ++counters_.drop_newest;
    if (!std::exchange(dropping_, true))
      log_warning("lines_dropped", "alerts cannot be written fast enough; lines of this source are dropped meanwhile",
                  {{"source", source_}, {"when_full", "drop_newest"}});
    return;
  }
  keep(copy_of(line));
  wait(kLook);
}

void Intake::keep(WaitingLine line) {
  if (options_.when_full == WhenFull::spill && memory_.empty() && spill(line)) {
    spilled_ = ++come_;
    ++counters_.spilled;
    return;
  }
  const std::uint64_t bytes = bytes_of(line);
  if (options_.when_full == WhenFull::spill && memory_bytes_ + bytes > options_.memory_max) {
    ++counters_.spill_full;
    if (!std::exchange(dropping_, true))
      log_error("lines_dropped", "neither the disk nor the memory for waiting lines takes more; lines are dropped",
                {{"source", source_}, {"when_full", "spill"}});
    return;
  }
  ++come_;
  memory_bytes_ += bytes;
  memory_.push_back(std::move(line));
  if (options_.when_full != WhenFull::drop_oldest) return;
  for (; memory_bytes_ > options_.memory_max && !memory_.empty(); memory_.pop_front()) {
    memory_bytes_ -= bytes_of(memory_.front());
    ++counters_.drop_oldest;
    direct_ = ++given_;
    if (!std::exchange(dropping_, true))
      log_warning("lines_dropped", "alerts cannot be written fast enough; the oldest waiting lines are dropped",
                  {{"source", source_}, {"when_full", "drop_oldest"}});
  }
}

bool Intake::spill(const WaitingLine& line) { return spool_ && spool_worked(spool_->push(line)); }

// Says it once, and once that it is over.
bool Intake::spool_worked(const Result<>& result) {
  if (!result) {
    if (!std::exchange(spool_failing_, true))
      log_error("spill_failed", "lines that wait cannot be put on disk; they wait in memory, and senders that can, too",
                {{"source", source_}, {"error", result.error().what}});
    return false;
  }
  if (std::exchange(spool_failing_, false))
    log_info("spill_recovered", "lines that wait go to disk again", {{"source", source_}});
  return true;
}

void Intake::sync() {
  if (!spool_ || synced_ == spilled_ || steady_ns() - synced_at_ < kSyncEvery) return;
  synced_at_ = steady_ns();
  if (spool_worked(spool_->sync())) synced_ = spilled_;
}

void Intake::wait(std::chrono::milliseconds time) {
  if (waiting_ || (!holds() && !forget_)) return;
  waiting_ = true;
  timer_.expires_after(time);
  timer_.async_wait([this, alive = std::weak_ptr<const char>{alive_}](const boost::system::error_code& error) {
    if (alive.expired() || error) return;
    waiting_ = false;
    give_some();
  });
}

void Intake::give(const WaitingLine& line) {
  feed_.line({line.text, line.receive_time, line.peer, line.too_long, line.place});
}

// False: the spool cannot be read now.
bool Intake::give_spooled() {
  const std::uint64_t before = spool_->lines();
  auto line = spool_->take();
  const std::uint64_t lost = before - spool_->lines() - (line ? 1 : 0);
  given_ += before - spool_->lines();
  counters_.spill_damaged += lost;
  if (line) {
    give(**line);
    return true;
  }
  log_error("spill_damaged", "lines that waited on disk cannot be read back",
            {{"source", source_}, {"lines", std::to_string(lost)}, {"error", line.error().what}});
  return lost != 0;
}

void Intake::give_some() {
  for (std::size_t i = 0; i < kGiveMax && holds() && !behind_.full(); ++i) {
    if (spool_ && spool_->lines() != 0) {
      if (!give_spooled()) break;
      continue;
    }
    const WaitingLine line = std::move(memory_.front());
    memory_.pop_front();
    memory_bytes_ -= bytes_of(line);
    direct_ = ++given_;
    give(line);
  }
  // The disk may take again what had to wait in memory.
  for (std::size_t i = 0; i < kGiveMax && options_.when_full == WhenFull::spill && !memory_.empty(); ++i) {
    if (!spill(memory_.front())) break;
    spilled_ = come_ - memory_.size() + 1;
    ++counters_.spilled;
    memory_bytes_ -= bytes_of(memory_.front());
    memory_.pop_front();
  }
  note_given();
  sync();
  forget();
  if (!behind_.full() && memory_.empty()) dropping_ = false;
  wait(behind_.full() || !holds() ? kLook : std::chrono::milliseconds{0});
}

void Intake::note_given() {
  if (safe_ == given_ || (!marks_.empty() && marks_.back().line == given_)) return;
  const BehindMark behind = behind_.mark();
  // Where nothing was made since, one mark serves for all.
  if (!marks_.empty() && marks_.back().behind == behind)
    marks_.back().line = given_;
  else
    marks_.push_back({given_, behind});
  look_what_is_safe();
}

void Intake::look_what_is_safe() {
  for (; !marks_.empty() && behind_.safe(marks_.front().behind); marks_.pop_front()) safe_ = marks_.front().line;
}

// What came out of the spool leaves the disk when it is safe elsewhere.
void Intake::forget() {
  if (!spool_) return;
  look_what_is_safe();
  if (forget_ && safe_ >= forget_->line && steady_ns() - forgot_at_ >= kForgetEvery) {
    forgot_at_ = steady_ns();
    if (spool_worked(spool_->forget(forget_->position))) forget_.reset();
  }
  if (!forget_ && spool_->bytes() != 0) forget_ = Forget{given_, spool_->position()};
}

logs::SinkMark Intake::mark() {
  if (!holds()) note_given();
  return {come_};
}

bool Intake::safe(const logs::SinkMark& mark) {
  look_what_is_safe();
  if (mark.lines <= safe_) return true;
  // What went to disk is safe there, and stays until what it led to is.
  if (safe_ < direct_ || mark.lines > spilled_) return false;
  sync();
  return mark.lines <= synced_;
}

void Intake::stop() {
  alive_.reset();
  timer_.cancel();
  for (; !memory_.empty(); memory_.pop_front()) {
    direct_ = ++given_;
    give(memory_.front());
  }
  memory_bytes_ = 0;
  if (!spool_) return;
  synced_at_ = 0;
  sync();
  if (spool_->lines() != 0)
    log_info("spill_left", "lines wait on disk for the next start",
             {{"source", source_}, {"lines", std::to_string(spool_->lines())}});
}

Intake::Counters Intake::counters() const {
  Counters counters = counters_;
  counters.held = memory_.size() + (spool_ ? spool_->lines() : 0);
  counters.held_bytes = memory_bytes_ + (spool_ ? spool_->bytes() : 0);
  return counters;
}

}  // namespace nw::app
