#include "app/recorder.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "record/entry.h"
#include "record/maintenance_digest.h"

namespace nw::app {

namespace {

constexpr std::size_t kGroupMax = 512;
constexpr std::size_t kGroupBytesMax = std::size_t{16} << 20;  // of the ledger's 64 MiB
constexpr std::chrono::milliseconds kIdle{100};
constexpr std::chrono::milliseconds kRetry{500};
constexpr std::chrono::milliseconds kNap{5};
constexpr std::int64_t kFoldTick = 1'000'000'000;  // nanoseconds

// Entries at the ledger's end that are looked at before the first alert is taken: with some 2 KB each, 32 MB.
constexpr std::uint64_t kTailEntries = 16'384;
constexpr std::size_t kTailGroup = 1024;

std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

// What an alert's or a fold's entry says to a folder; nothing for other entries, or when it cannot be read.
std::optional<record::Fold> fold_of(const record::EntryView& view) {
  if (view.type == record::kEntryAlert) {
    const auto alert = record::Alert::from_json(view.body);
    return alert ? std::optional{record::Fold::of(record::GuardedAlert::of_ledger(*alert))} : std::nullopt;
  }
  if (view.type != record::kEntryFold) return std::nullopt;
  const auto fold = record::Fold::from_json(view.body);
  return fold ? std::optional{*fold} : std::nullopt;
}

// A folder that knows the ledger's tail. What is older than it was never known to be needed: a fold ends when it is
// quiet, and who gives an alert again does so from where it was last saved.
std::optional<record::Folder> folder_of(const record::Ledger& ledger, const std::optional<record::FoldOptions>& fold) {
  if (!fold) return std::nullopt;
  std::optional<record::Folder> out{std::in_place, *fold};
  const Timestamp wall = wall_now();
  const Nanoseconds steady{steady_ns()};
  const std::uint64_t end = ledger.size();
  for (std::uint64_t at = end - std::min(end, kTailEntries); at < end;) {
    const auto entries = ledger.read(at, kTailGroup);
    if (!entries) {
      log_warning("folds_not_restored", "the ledger's end cannot be read: storms that go on are alerts again",
                  {{"error", entries.error().what}});
      break;
    }
    if (entries->empty()) break;
    for (const record::Entry& entry : *entries) {
      const auto view = record::parse_entry(entry.payload);
      if (!view) continue;
      // A clock that was set back must not make what is past last longer; nor must a summary, which is later than the
      // alerts that it is of.
      if (const auto said = fold_of(*view); said && said->rule_id != record::kMaintenanceDigestRule)
        out->remember(*said, steady - std::max(wall - std::min(view->time, said->last_received), Nanoseconds{0}));
    }
    at = entries->back().index + 1;
  }
  return out;
}

}  // namespace

Recorder::Recorder(record::Ledger& ledger, record::GuardDoor& door, std::size_t queue_capacity,
                   const std::optional<record::FoldOptions>& fold, std::function<void()> accepted)
    : ledger_{ledger},
      door_{door},
      accepted_callback_{std::move(accepted)},
      queue_{queue_capacity},
      heartbeat_{steady_ns()},
      folder_{folder_of(ledger, fold)},
      thread_{[this] { run(); }} {}

Recorder::~Recorder() {
  queue_.close();
  if (give_up_at_.load() == 0) give_up_at_ = steady_ns();
}

std::string Recorder::push(record::Alert alert, const std::function<void()>& meanwhile) {
  return push_guarded(door_.guard(std::move(alert), wall_now()), meanwhile);
}

std::string Recorder::push_guarded(record::GuardedAlert alert, const std::function<void()>& meanwhile) {
  // Written as JSON here, by the workers side by side, also when it may turn out a repeat: the recorder's one thread
  // must keep up with alerts that differ.
  Item item{std::string{record::kEntryAlert}, record::make_alert_entry(wall_now(), alert), alert->level, alert->norm};
  if (folder_) item.seen = record::Fold::of(alert);
  if (alert.clear_values()) {
    item.clear = std::move(alert.clear_values());
    item.id = alert->id;
  }
  std::string id = alert->id;
  ++taken_;
  while (!queue_.try_push(item)) {
    if (queue_.closed()) {
      ++settled_;
      ++lost_;
      return id;
    }
    meanwhile();
    std::this_thread::sleep_for(kNap);
  }
  return id;
}

void Recorder::note(std::string type, std::string body) {
  std::string payload = record::make_entry(type, wall_now(), body);
  const std::lock_guard lock{mutex_};
  ++notes_waiting_;
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
    const std::size_t alerts = items.size();
    heartbeat_ = steady_ns();
    {
      // Notes go behind the alerts that were there: "close" is the last entry.
      const std::lock_guard lock{mutex_};
      std::move(notes_.begin(), notes_.end(), std::back_inserter(items));
      notes_.clear();
    }
    const std::size_t notes = items.size() - alerts;
    const bool nothing = items.empty();
    if (folder_) fold(items, closed && nothing);
    keep_values(items);
    write_or_give_up(items);
    // Not before: who waits for them wants them on disk.
    settled_ += alerts;
    notes_waiting_ -= notes;
    if (closed && nothing) return;
  }
}

void Recorder::fold(std::vector<Item>& items, bool ending) {
  const std::int64_t now = steady_ns();
  std::vector<record::Fold> summaries;
  std::vector<Item> kept;
  kept.reserve(items.size());
  const auto sum_up = [&] {
    for (record::Fold& fold : summaries) {
      std::string payload = record::make_entry(record::kEntryFold, wall_now(), fold.to_json());
      kept.push_back(Item{std::string{record::kEntryFold}, std::move(payload), {}, {}, std::move(fold)});
    }
    summaries.clear();
  };
  for (Item& item : items) {
    if (item.type == record::kEntryAlert && folder_->known(item.seen.id)) {
      ++repeated_;
      continue;
    }
    // "close" is the last entry: what is still open is summed up before it.
    if (item.type == record::kEntryClose) folder_->finish(summaries);
    // A digest is never a repeat: each is of a window of its own.
    const bool folds = item.type == record::kEntryAlert && item.seen.rule_id != record::kMaintenanceDigestRule;
    const bool passes = !folds || folder_->take(item.seen, Nanoseconds{now}, summaries);
    sum_up();
    if (passes) kept.push_back(std::move(item));
  }
  if (ending) folder_->finish(summaries);
  if (now - ticked_ >= kFoldTick) {
    ticked_ = now;
    folder_->tick(Nanoseconds{now}, wall_now(), summaries);
  }
  sum_up();
  items = std::move(kept);
  folded_ = folder_->folded();
  folds_open_ = folder_->open();
  folds_ended_early_ = folder_->ended_early();
}

// Before the entries that commit to them: a commitment in the ledger is never without what it commits to. What the
// store does not take holds up no alert; the alert then says so, and has no commitment.
void Recorder::keep_values(std::span<Item> items) {
  std::vector<Item*> put;
  const auto keep = [&](Item& item) -> Result<> {
    if (values_store_ == nullptr) return Error{Errc::unavailable, "there is no evidence store"};
    return values_store_->put(item.id, record::EvidenceKind::values, item.clear->nonce, item.clear->json, wall_now());
  };
  for (Item& item : items) {
    if (!item.clear) continue;
    if (const auto kept = keep(item); kept)
      put.push_back(&item);
    else
      not_kept(item, kept.error());
  }
  if (put.empty()) return;
  if (const auto synced = values_store_->sync(); !synced) {
    for (Item* item : put) not_kept(*item, synced.error());
    return;
  }
  values_kept_ += put.size();
  for (Item* item : put) item->clear.reset();
  if (std::exchange(values_failing_, false))
    log_info("clear_values_kept_again", "the evidence store takes the clear values of alerts again");
}

void Recorder::not_kept(Item& item, const Error& error) {
  item.clear.reset();
  ++values_not_kept_;
  if (!std::exchange(values_failing_, true))
    log_error("clear_values_not_kept",
              "the evidence store does not take the clear values of alerts: these alerts say so, and nobody can reveal "
              "what stood in them; alerts themselves go on",
              {{"error", error.what}});
  const auto view = record::parse_entry(item.payload);
  auto alert = view ? record::Alert::from_json(view->body) : Result<record::Alert>{view.error()};
  NW_CHECK(alert);  // we have written it
  const std::string_view why = error.code == Errc::full               ? "full"
                               : error.code == Errc::unavailable      ? "unavailable"
                               : error.code == Errc::invalid_argument ? "too_large"
                                                                      : "io";
  alert->sealed_values = std::string{record::kValuesNotKept} + std::string{why};
  const Timestamp made = view->time;
  item.payload = record::make_alert_entry(made, record::GuardedAlert::of_ledger(std::move(*alert)));
}

// The ledger takes so much at once; many large summaries may be due together.
void Recorder::write_or_give_up(std::span<const Item> items) {
  while (!items.empty()) {
    std::size_t count = 0, bytes = 0;
    while (count < items.size() && (count == 0 || bytes + items[count].payload.size() <= kGroupBytesMax))
      bytes += items[count++].payload.size();
    while (!write(items.first(count))) {
      const std::int64_t deadline = give_up_at_.load();
      if (deadline != 0 && steady_ns() >= deadline) {
        for (const Item& item : items) {
          if (item.type == record::kEntryAlert) ++lost_;
          if (item.type == record::kEntryFold) lost_ += item.seen.folded;
        }
        return;
      }
      std::this_thread::sleep_for(kRetry);
      heartbeat_ = steady_ns();
    }
    items = items.subspan(count);
  }
}

bool Recorder::write(std::span<const Item> items) {
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
