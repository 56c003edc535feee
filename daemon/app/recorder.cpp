#include "app/recorder.h"

#include <chrono>
#include <iterator>

#include "base/clock.h"
#include "base/log.h"
#include "record/entry.h"

namespace nw::app {

namespace {

constexpr std::size_t kGroupMax = 512;
constexpr std::chrono::milliseconds kIdle{100};
constexpr std::chrono::milliseconds kRetry{500};
constexpr std::chrono::milliseconds kNap{5};

std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

Recorder::Recorder(record::Ledger& ledger, std::size_t queue_capacity, std::function<void()> accepted)
    : ledger_{ledger},
      accepted_callback_{std::move(accepted)},
      queue_{queue_capacity},
      heartbeat_{steady_ns()},
      thread_{[this] { run(); }} {}

Recorder::~Recorder() {
  queue_.close();
  if (give_up_at_.load() == 0) give_up_at_ = steady_ns();
}

void Recorder::push(record::Alert alert, const std::function<void()>& meanwhile) {
  Item item{"alert", record::make_alert_entry(wall_now(), alert), alert.level, alert.norm};
  ++outstanding_;
  while (!queue_.try_push(item)) {
    if (queue_.closed()) {
      --outstanding_;
      ++lost_;
      return;
    }
    meanwhile();
    std::this_thread::sleep_for(kNap);
  }
}

void Recorder::note(std::string type, std::string body) {
  std::string payload = record::make_entry(type, wall_now(), body);
  const std::lock_guard lock{mutex_};
  ++outstanding_;
  notes_.push_back(Item{std::move(type), std::move(payload), {}, {}});
}

void Recorder::give_up_after(Nanoseconds patience) { give_up_at_ = steady_ns() + patience.count(); }

std::uint64_t Recorder::close() {
  queue_.close();
  thread_.join();
  return lost_.load();
}

std::map<std::pair<std::string, std::string>, std::uint64_t> Recorder::accepted_by_level() const {
  const std::lock_guard lock{mutex_};
  return accepted_;
}

void Recorder::run() {
  for (;;) {
    const bool closed = queue_.closed();  // asked first: what came before it is popped below
    std::vector<Item> items = queue_.pop_all(kGroupMax, kIdle);
    heartbeat_ = steady_ns();
    {
      // Notes go behind the alerts that were there: "close" is the last entry.
      const std::lock_guard lock{mutex_};
      std::move(notes_.begin(), notes_.end(), std::back_inserter(items));
      notes_.clear();
    }
    if (items.empty()) {
      if (closed) return;
      continue;
    }
    while (!write(items)) {
      const std::int64_t deadline = give_up_at_.load();
      if (deadline != 0 && steady_ns() >= deadline) {
        for (const Item& item : items)
          if (!item.level.empty()) ++lost_;
        break;
      }
      std::this_thread::sleep_for(kRetry);
      heartbeat_ = steady_ns();
    }
    outstanding_ -= items.size();
  }
}

bool Recorder::write(const std::vector<Item>& items) {
  std::vector<std::string> payloads;
  payloads.reserve(items.size());
  for (const Item& item : items) payloads.push_back(item.payload);
  const auto first = ledger_.append(payloads);
  if (!first) {
    ++failures_;
    if (!failing_.exchange(true))
      log_error("ledger_append_failed",
                "alerts cannot be written; they wait in memory and are tried again twice a second",
                {{"error", first.error().what}, {"waiting", std::to_string(queued())}});
    return false;
  }
  if (failing_.exchange(false))
    log_info("ledger_append_recovered", "alerts are written again; none was lost", {{"entry", std::to_string(*first)}});
  {
    const std::lock_guard lock{mutex_};
    for (const Item& item : items)
      if (!item.level.empty()) ++accepted_[{item.level, item.norm}];
  }
  accepted_callback_();
  return true;
}

}  // namespace nw::app
