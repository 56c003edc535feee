// Accepts alerts: takes them from the workers' queue, writes them to the ledger in groups, one sync each. A full or
// failing disk is retried for as long as the daemon lives; meanwhile the queue fills and the workers wait, so no alert
// is lost. Each alert passes the privacy guard first (record/guard). Between queue and ledger, repeats of an alert fold
// (record/fold.h), unless the configuration says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/pipeline.h"
#include "base/bounded_queue.h"
#include "record/evidence/evidence.h"
#include "record/fold.h"
#include "record/guard/door.h"
#include "record/ledger/ledger.h"

namespace nw::app {

class Recorder {
 public:
  // The ledger, the door and the callback are borrowed until the destructor has returned. Folds go on from the ledger's
  // tail.
  // `accepted` is called on the recorder's thread after each group. Without `fold` every alert is written.
  Recorder(record::Ledger& ledger, record::GuardDoor& door, std::size_t queue_capacity,
           const std::optional<record::FoldOptions>& fold, std::function<void()> accepted);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Any thread. Waits in short naps while the queue is full, calling `meanwhile` between them. The alert's id as it
  // stands in the ledger, for what lies beside it.
  std::string push(record::Alert alert, const std::function<void()>& meanwhile);
  // Likewise, one that is made of the ledger's own entries.
  std::string push_guarded(record::GuardedAlert alert, const std::function<void()>& meanwhile);
  // Where clear values go, sealed, before the alert that commits to them; borrowed. Before the first push().
  void keep_values_in(record::EvidenceStore& store) { values_store_ = &store; }
  // A ledger entry that is no alert ("open", "rules-load", "register-load", "reload", "close"); `body` is a JSON
  // object. Any thread; never waits: notes do not count against the queue's capacity, and are few.
  void note(std::string type, std::string body);
  // The daemon is about to end: a disk that still fails after `patience` is given up, and what waits is counted as
  // lost.
  void give_up_after(Nanoseconds patience);
  // No more alerts come: writes what is queued, ends the thread, and returns the number of alerts that were lost.
  std::uint64_t close();

  // Alerts: all that were ever handed over, and of these, in their order, those that are dealt with (in the ledger,
  // folded, repeated or lost).
  [[nodiscard]] std::uint64_t taken() const { return taken_.load(); }
  [[nodiscard]] std::uint64_t settled() const { return settled_.load(); }
  [[nodiscard]] std::size_t queued() const {
    const std::uint64_t settled = settled_.load();  // first: what is taken meanwhile must not make it negative
    return static_cast<std::size_t>(taken_.load() - settled + notes_waiting_.load());
  }
  // Three quarters of it are alerts that wait (notes have no part in it): who can wait should, before those must who
  // cannot.
  [[nodiscard]] bool crowded() const {
    const std::uint64_t settled = settled_.load();
    return taken_.load() - settled >= capacity() - capacity() / 4;
  }
  // Alerts that were given up, at the end, because the disk still failed.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(); }
  [[nodiscard]] std::size_t capacity() const { return queue_.capacity(); }
  [[nodiscard]] std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool failing() const { return failing_.load(std::memory_order_relaxed); }
  // Nanoseconds of the steady clock when the thread last showed life.
  [[nodiscard]] std::int64_t heartbeat() const { return heartbeat_.load(std::memory_order_relaxed); }
  // Alerts pushed = accepted + folded + repeated + queued + lost. Repeated: a source gave it again after a restart.
  [[nodiscard]] std::uint64_t folded() const { return folded_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t repeated() const { return repeated_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t folds_open() const { return folds_open_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t folds_ended_early() const { return folds_ended_early_.load(std::memory_order_relaxed); }
  // Alerts whose clear values lie in the evidence store; and those of which it took none, which say so.
  [[nodiscard]] std::uint64_t values_kept() const { return values_kept_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t values_not_kept() const { return values_not_kept_.load(std::memory_order_relaxed); }
  // Accepted alerts by (level, norm).
  [[nodiscard]] std::map<std::pair<std::string, std::string>, std::uint64_t> accepted_by_level() const;

 private:
  struct Item {
    std::string type, payload, level, norm;         // level empty: no alert
    record::Fold seen = {};                         // what the alert says to the folder, or the summary that this is
    std::optional<record::ClearValues> clear = {};  // what its values were
    std::string id = {};                            // where there are some: the alert's
  };
  void run();
  // Takes the repeats out of `items` and puts the summaries that are due in. `ending`: every fold's.
  void fold(std::vector<Item>& items, bool ending);
  // Gives the clear values of `items` to the evidence store, one sync for all.
  void keep_values(std::span<Item> items);
  void not_kept(Item& item, const Error& error);
  void write_or_give_up(std::span<const Item> items);
  bool write(std::span<const Item> items);

  record::Ledger& ledger_;
  record::GuardDoor& door_;
  record::EvidenceStore* values_store_ = nullptr;
  std::function<void()> accepted_callback_;
  BoundedQueue<Item> queue_;
  std::atomic<std::uint64_t> taken_{0}, settled_{0}, notes_waiting_{0};
  std::atomic<std::uint64_t> failures_{0}, lost_{0}, folded_{0}, repeated_{0}, folds_ended_early_{0};
  std::atomic<std::uint64_t> values_kept_{0}, values_not_kept_{0};
  bool values_failing_ = false;  // the thread's own
  std::atomic<std::size_t> folds_open_{0};
  std::atomic<bool> failing_{false};
  std::atomic<std::int64_t> heartbeat_{0}, give_up_at_{0};
  mutable std::mutex mutex_;
  std::vector<Item> notes_;  // under mutex_
  std::map<std::pair<std::string, std::string>, std::uint64_t> accepted_;
  std::optional<record::Folder> folder_;  // the thread's own
  std::int64_t ticked_ = 0;               // when it was last asked what is due
  std::jthread thread_;
};

}  // namespace nw::app
