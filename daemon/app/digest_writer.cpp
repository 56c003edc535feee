#include "app/digest_writer.h"

#include <chrono>
#include <filesystem>
#include <optional>

#include "app/alert_parts.h"
#include "base/clock.h"
#include "base/log.h"
#include "record/for_export.h"

namespace nw::app {

namespace {

constexpr std::size_t kGroupMax = 1024;
constexpr std::chrono::milliseconds kPatience{200};
constexpr std::chrono::milliseconds kRetry{1000};
constexpr std::uint64_t kSaveEvery = 4096;  // entries; what was read since is read again after a crash

std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

DigestWriter::DigestWriter(std::string cursor_file, Nanoseconds grace, std::shared_ptr<const Snapshot> snapshot,
                           const record::Ledger& ledger, Recorder& recorder)
    : cursor_file_{std::move(cursor_file)},
      grace_{grace},
      snapshot_{std::move(snapshot)},
      ledger_{ledger},
      recorder_{recorder},
      heartbeat_{steady_ns()},
      thread_{[this] { run(); }} {}

DigestWriter::~DigestWriter() { close(); }

void DigestWriter::close() {
  closing_ = true;
  if (thread_.joinable()) thread_.join();
}

// A place that cannot be used costs reading the ledger from its beginning, no more.
void DigestWriter::open() {
  auto cursor = record::Cursor::open(cursor_file_);
  std::string why = cursor ? std::string{} : cursor.error().what;
  if (cursor && cursor->next() > ledger_.size()) why = "it has read further than the ledger goes";
  if (cursor && why.empty())
    if (const auto restored = digests_of_.restore(cursor->state()); !restored) why = restored.error().what;
  if (!why.empty()) {
    log_warning("maintenance_digests_rebuilt",
                "the place in the ledger is not usable; the ledger is read from its beginning",
                {{"error", why}, {"file", cursor_file_}});
    std::error_code ignored;
    std::filesystem::remove(cursor_file_, ignored);
    cursor = record::Cursor::open(cursor_file_);
  }
  if (!cursor) return;
  cursor_ = std::move(*cursor);
  next_ = saved_ = cursor_.next();
}

void DigestWriter::run() {
  open();
  // Digests that an earlier run handed over have arrived by here, or never will.
  std::optional<std::uint64_t> old_end = ledger_.size();
  while (!closing_) {
    heartbeat_ = steady_ns();
    const bool moved = read();
    if (old_end && next_ >= *old_end) {
      old_end.reset();
      write(digests_of_.unheard(wall_now()));
    }
    if (!old_end) {
      auto due = digests_of_.due(wall_now(), grace_);
      if (!due.empty()) save();
      write(std::move(due));
    }
    windows_ = digests_of_.windows();
    quiet_alerts_ = digests_of_.quiet_alerts();
    if (next_ - saved_ >= kSaveEvery) save();
    if (moved || closing_) continue;
    if (unread_)
      std::this_thread::sleep_for(kRetry);
    else
      ledger_.wait(next_, kPatience);
  }
  if (next_ != saved_) save();
}

// True when it went on by at least one entry.
bool DigestWriter::read() {
  const auto entries = ledger_.read(next_, kGroupMax);
  if (!entries) {
    if (!std::exchange(unread_, true))
      log_error("maintenance_digest_failed", "the ledger cannot be read; digests of maintenance windows wait",
                {{"error", entries.error().what}});
    return false;
  }
  if (std::exchange(unread_, false)) log_info("maintenance_digest_recovered", "the ledger is read again");
  for (const record::Entry& entry : *entries) digests_of_.see(entry.payload);
  next_ += entries->size();
  return !entries->empty();
}

void DigestWriter::use(std::shared_ptr<const Snapshot> snapshot) {
  const std::lock_guard lock{mutex_};
  snapshot_.swap(snapshot);  // the old one ends outside of the lock
}

void DigestWriter::tell_regime(record::Alert& digest) {
  std::shared_ptr<const Snapshot> snapshot;
  {
    const std::lock_guard lock{mutex_};
    snapshot = snapshot_;
  }
  const std::string level = digest.level;
  set_regime(*snapshot, snapshot->registry->find_asset(digest.asset), digest);
  digest.level = level;  // the alerts that it sums up had theirs raised
  digest.rule_level.clear();
}

void DigestWriter::write(std::vector<record::Alert> digests) {
  for (record::Alert& alert : digests) {
    tell_regime(alert);
    const record::Alert told = record::for_export(alert);  // logs go anywhere
    log_info("maintenance_ended", "a maintenance window has ended; what was kept quiet is summed up",
             {{"ticket", told.maintenance}, {"asset", told.asset}, {"digest", told.id}});
    recorder_.push_guarded(record::GuardedAlert::of_ledger(std::move(alert)), [this] { heartbeat_ = steady_ns(); });
    ++digests_;
  }
}

void DigestWriter::save() {
  const auto saved = cursor_.save(next_, digests_of_.state());
  if (saved) {
    saved_ = next_;
    unsaved_ = false;
  } else if (!std::exchange(unsaved_, true)) {
    log_warning("maintenance_place_unsaved",
                "the place of maintenance digests cannot be saved; a restart may repeat one",
                {{"error", saved.error().what}});
  }
}

}  // namespace nw::app
