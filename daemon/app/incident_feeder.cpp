#include "app/incident_feeder.h"

#include <chrono>

#include "base/log.h"

namespace nw::app {

namespace {

constexpr std::size_t kGroupMax = 1024;
constexpr std::chrono::milliseconds kPatience{200};
constexpr std::chrono::milliseconds kRetry{1000};

std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

IncidentFeeder::IncidentFeeder(record::IncidentStore& store, const record::Ledger& ledger,
                               std::function<void(std::uint64_t next)> applied)
    : store_{store}, ledger_{ledger}, applied_{std::move(applied)}, heartbeat_{steady_ns()}, thread_{[this] {
        run();
      }} {}

IncidentFeeder::~IncidentFeeder() { close(Nanoseconds{0}); }

void IncidentFeeder::close(Nanoseconds patience) {
  if (!thread_.joinable()) return;
  deadline_ = steady_ns() + patience.count();
  closing_ = true;
  thread_.join();
}

record::IncidentStore::Totals IncidentFeeder::totals() const {
  const std::lock_guard lock{mutex_};
  return totals_;
}

void IncidentFeeder::run() {
  for (;;) {
    heartbeat_ = steady_ns();
    const bool moved = step();
    if (closing_ && (steady_ns() >= deadline_ || (!failing_ && next_ >= ledger_.size()))) return;
    if (moved) continue;
    if (failing_)
      std::this_thread::sleep_for(kRetry);
    else if (!closing_)
      ledger_.wait(next_, kPatience);
  }
}

// True when it went on by at least one entry.
bool IncidentFeeder::step() {
  const auto fail = [this](const Error& error) {
    ++failures_;
    if (!failing_.exchange(true))
      log_error("incident_store_failed",
                "incidents are not up to date; the ledger keeps every alert and the store catches up when it can",
                {{"error", error.what}});
    return false;
  };
  const auto next = store_.next();
  if (!next) return fail(next.error());
  next_ = *next;
  const auto entries = ledger_.read(*next, kGroupMax);
  if (!entries) return fail(entries.error());
  if (!entries->empty()) {
    if (auto applied = store_.apply(*entries); !applied) return fail(applied.error());
    next_ = *next + entries->size();
  }
  if (applied_) applied_(next_);
  if (entries->empty() && counted_ && !failing_) return false;
  auto totals = store_.totals();
  if (!totals) return fail(totals.error());
  if (failing_.exchange(false)) log_info("incident_store_recovered", "incidents are kept again");
  const std::lock_guard lock{mutex_};
  totals_ = std::move(*totals);
  counted_ = true;
  return !entries->empty();
}

}  // namespace nw::app
