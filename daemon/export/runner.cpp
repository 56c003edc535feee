#include "export/runner.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <random>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/log.h"
#include "export/deadline.h"
#include "record/entry.h"
#include "record/for_export.h"

namespace nw::exporter {

namespace asio = boost::asio;

namespace {

using Clock = std::chrono::steady_clock;

// Shared by the runner and its coroutine: whichever goes last frees it.
struct Core {
  Core(asio::any_io_executor executor_in, const RunnerOptions& options_in, record::Cursor cursor_in,
       const record::Ledger& ledger_in)
      : executor{std::move(executor_in)},
        options{options_in},
        cursor{std::move(cursor_in)},
        ledger{ledger_in},
        pause{executor},
        grace{executor},
        next{cursor.next()},
        saved{next},
        delay{options.retry_first},
        random{std::random_device{}()} {}

  asio::any_io_executor executor;
  const RunnerOptions options;
  record::Cursor cursor;
  const record::Ledger& ledger;  // not touched once `stopping`
  std::unique_ptr<Output> output;
  OutputCounters counters;
  asio::steady_timer pause, grace;
  asio::cancellation_signal cancel;

  Batch batch;                       // read and not yet delivered
  std::uint64_t next, read_end = 0;  // entry to read next; where `batch` ends
  std::uint64_t saved;               // as in the cursor's file
  Clock::time_point next_tick{};
  bool stopping = false, resting = false, woken = false, failing = false, save_failing = false;
  std::atomic<bool> finished{false};
  Nanoseconds delay;
  std::minstd_rand random;
};

// Moves the cursor over what is done. Failing to save it costs a repeat after a restart, so deliveries go on.
void save(Core& core) {
  auto done = core.cursor.save(core.next, core.output->state());
  if (done) {
    core.saved = core.next;
    if (core.save_failing)
      log_info("output_cursor_saved", "An output's place is saved again.", {{"output", core.options.name}});
  } else if (!core.save_failing) {
    log_warning("output_cursor_unsaved", "An output's place cannot be saved; a restart would repeat deliveries.",
                {{"output", core.options.name}, {"error", done.error().what}});
  }
  core.save_failing = !done;
}

template <class T>
Result<std::optional<LedgerItem>> item_as(std::uint64_t entry, std::string_view body) {
  auto what = T::from_json(body);
  if (!what) return what.error();
  return std::optional<LedgerItem>{LedgerItem{entry, record::for_export(std::move(*what))}};
}

// Nothing when the entry is of a type that outputs do not deliver.
Result<std::optional<LedgerItem>> item_of(const record::Entry& entry) {
  const auto view = record::parse_entry(entry.payload);
  if (!view) return view.error();
  if (view->type == record::kEntryAlert) return item_as<record::Alert>(entry.index, view->body);
  if (view->type == record::kEntryFold) return item_as<record::Fold>(entry.index, view->body);
  return std::optional<LedgerItem>{};
}

// Fills `batch` with the alerts and folds among the next entries; others are passed.
Result<> read(Core& core) {
  while (!core.batch && !core.stopping) {
    auto entries = core.ledger.read(core.next, core.options.batch_max);
    if (!entries) return entries.error();
    if (entries->empty()) return {};
    auto items = std::make_shared<std::vector<LedgerItem>>();
    for (const record::Entry& entry : *entries) {
      auto item = item_of(entry);
      if (item) {
        if (!*item) continue;
        if (core.options.outward && (*item)->stays_here())
          core.counters.withheld_pap.fetch_add(1, std::memory_order_relaxed);
        else if (core.options.pages && (*item)->quiet())
          core.counters.quiet.fetch_add(1, std::memory_order_relaxed);
        else
          items->push_back(std::move(**item));
        continue;
      }
      core.counters.unreadable.fetch_add(1, std::memory_order_relaxed);
      log_warning(
          "output_entry_unreadable", "A ledger entry is no readable alert or fold and is passed over.",
          {{"output", core.options.name}, {"entry", std::to_string(entry.index)}, {"error", item.error().what}});
    }
    core.read_end = entries->back().index + 1;
    if (!items->empty()) {
      core.batch = std::move(items);
    } else {
      core.next = core.read_end;
      core.counters.next.store(core.next, std::memory_order_relaxed);
    }
  }
  return {};
}

// Counts an attempt and its end; true when it was a success.
bool attempted(Core& core, const Result<>& outcome) {
  core.counters.deliveries.fetch_add(1, std::memory_order_relaxed);
  core.counters.rejected.store(core.output->rejected(), std::memory_order_relaxed);
  if (outcome)
    core.counters.last_success_ns.store(to_unix_nanoseconds(wall_now()), std::memory_order_relaxed);
  else
    core.counters.failures.fetch_add(1, std::memory_order_relaxed);
  return outcome.has_value();
}

// The receiver has taken the batch.
void delivered(Core& core) {
  const auto alerts =
      static_cast<std::uint64_t>(std::count_if(core.batch->begin(), core.batch->end(), [](const LedgerItem& item) {
        return std::holds_alternative<record::Alert>(item.what);
      }));
  core.counters.delivered.fetch_add(alerts, std::memory_order_relaxed);
  core.counters.folds.fetch_add(core.batch->size() - alerts, std::memory_order_relaxed);
  core.batch.reset();
  core.next = core.read_end;
  core.counters.next.store(core.next, std::memory_order_relaxed);
  save(core);
}

// One delivery if there is something to deliver, and what is due to be said again.
asio::awaitable<Result<>> step(std::shared_ptr<Core> core) {
  if (auto reading = read(*core); !reading) co_return reading;
  if (core->batch && !core->stopping) {
    auto delivering = core->output->deliver(core->batch);
    auto timed = with_deadline<void>(std::move(delivering), core->options.deliver_deadline);
    auto outcome = co_await std::move(timed);
    if (!attempted(*core, outcome)) co_return outcome;
    delivered(*core);
  } else if (core->next != core->saved) {
    save(*core);
  }
  if (core->stopping) co_return Result<>{};
  const bool due = Clock::now() >= core->next_tick;
  auto ticking = core->output->tick();
  auto timed = with_deadline<void>(std::move(ticking), core->options.deliver_deadline);
  auto ticked = co_await std::move(timed);
  if (!ticked) attempted(*core, ticked);
  // A tick after a delivery does not move the schedule: re-sends must not starve behind traffic.
  if (ticked && due) core->next_tick = Clock::now() + core->output->tick_interval();
  co_return ticked;
}

// Until `until`, stop(), or (`wakeable`) wake().
asio::awaitable<void> rest(std::shared_ptr<Core> core, Clock::time_point until, bool wakeable) {
  if (core->stopping || (wakeable && core->woken)) co_return;
  core->resting = wakeable;
  core->pause.expires_at(until);
  const auto waited = co_await core->pause.async_wait(asio::as_tuple(asio::use_awaitable));
  static_cast<void>(waited);
  core->resting = false;
}

Nanoseconds back_off(Core& core) {
  // Between half and the whole of the delay: outputs that failed together do not come back together.
  std::uniform_int_distribution<std::int64_t> share{core.delay.count() / 2, core.delay.count()};
  const Nanoseconds wait{share(core.random)};
  core.delay = std::min(core.delay * 2, core.options.retry_most);
  return wait;
}

asio::awaitable<void> run(std::shared_ptr<Core> core) {
  while (!core->stopping) {
    core->woken = false;  // what it was said for is read now
    auto stepping = step(core);
    const auto outcome = co_await std::move(stepping);
    if (core->stopping) break;
    if (!outcome) {
      const Nanoseconds wait = back_off(*core);
      if (!std::exchange(core->failing, true))
        log_warning("output_failing", "An output cannot deliver; it is tried again until it can.",
                    {{"output", core->options.name},
                     {"error", outcome.error().what},
                     {"next_try", to_rfc3339(wall_now() + wait)}});
      auto resting = rest(core, Clock::now() + wait, false);
      co_await std::move(resting);
      continue;
    }
    core->delay = core->options.retry_first;
    if (std::exchange(core->failing, false))
      log_info("output_recovered", "An output delivers again.",
               {{"output", core->options.name}, {"next_entry", std::to_string(core->next)}});
    if (core->ledger.size() > core->next) continue;
    auto resting = rest(core, core->next_tick, true);
    co_await std::move(resting);
  }
}

class Runner final : public OutputRunner {
 public:
  explicit Runner(std::shared_ptr<Core> core) : core_{std::move(core)} {}
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner() override {
    if (finished()) return;
    core_->stopping = true;
    core_->pause.cancel();
    core_->grace.cancel();
    core_->cancel.emit(asio::cancellation_type::terminal);
  }

  void begin() {
    // The handler keeps the core: `finished` must be writable when the last word of the coroutine is said.
    auto ended = [core = core_](std::exception_ptr fault) {
      core->grace.cancel();
      if (fault && !core->stopping)
        log_error("output_ended", "An output ended by itself; restart the daemon.", {{"output", core->options.name}});
      core->finished.store(true, std::memory_order_release);
    };
    asio::co_spawn(core_->executor, run(core_), asio::bind_cancellation_slot(core_->cancel.slot(), std::move(ended)));
  }

  void stop(Nanoseconds grace) override {
    if (core_->stopping) return;
    core_->stopping = true;
    core_->pause.cancel();
    core_->grace.expires_after(grace);
    core_->grace.async_wait([core = core_](boost::system::error_code error) {
      if (!error) core->cancel.emit(asio::cancellation_type::terminal);
    });
  }
  [[nodiscard]] bool finished() const noexcept override { return core_->finished.load(std::memory_order_acquire); }
  void wake() override {
    core_->woken = true;
    if (core_->resting) core_->pause.cancel();
  }
  [[nodiscard]] const OutputCounters& counters() const noexcept override { return core_->counters; }
  [[nodiscard]] const std::string& name() const noexcept override { return core_->options.name; }

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace

Result<std::unique_ptr<OutputRunner>> OutputRunner::start(asio::any_io_executor executor, const RunnerOptions& options,
                                                          OutputKind::Make make, const record::Ledger& ledger) {
  auto cursor = record::Cursor::open(options.cursor_file);
  if (!cursor) return Error{cursor.error().code, "output '" + options.name + "': " + cursor.error().what};
  std::string state = cursor->state();
  if (cursor->next() > ledger.size()) {
    // Another ledger than the one that was read: what it holds was never delivered from here.
    log_warning("output_cursor_ahead", "An output has read further than the ledger goes; it begins anew.",
                {{"output", options.name},
                 {"cursor", std::to_string(cursor->next())},
                 {"ledger", std::to_string(ledger.size())}});
    if (auto saved = cursor->save(0); !saved)
      return Error{saved.error().code, "output '" + options.name + "': " + saved.error().what};
    state.clear();
  }
  auto core = std::make_shared<Core>(executor, options, std::move(*cursor), ledger);
  auto output = make(executor, state);
  if (!output) return Error{output.error().code, "output '" + options.name + "': " + output.error().what};
  core->output = std::move(*output);
  core->counters.next = core->next;
  auto runner = std::make_unique<Runner>(std::move(core));
  runner->begin();
  return std::unique_ptr<OutputRunner>{std::move(runner)};
}

}  // namespace nw::exporter
