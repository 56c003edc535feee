// The ledger's reader that keeps the incident store: a thread of its own, so that SQLite never holds up anything else.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "record/incidents/store.h"
#include "record/ledger/ledger.h"

namespace nw::app {

class IncidentFeeder {
 public:
  // Both are borrowed until the destructor has returned; only this thread writes into the store. `applied` is called on
  // it after each group, with the index behind its last entry, and when there was none, a few times a second.
  IncidentFeeder(record::IncidentStore& store, const record::Ledger& ledger,
                 std::function<void(std::uint64_t next)> applied = {});
  ~IncidentFeeder();
  IncidentFeeder(const IncidentFeeder&) = delete;
  IncidentFeeder& operator=(const IncidentFeeder&) = delete;

  // Applies what the ledger still holds, at most for `patience`, and ends the thread.
  void close(Nanoseconds patience);

  // As of the last group that was applied. Any thread.
  [[nodiscard]] record::IncidentStore::Totals totals() const;
  [[nodiscard]] std::uint64_t next() const { return next_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t heartbeat() const { return heartbeat_.load(std::memory_order_relaxed); }

 private:
  void run();
  bool step();

  record::IncidentStore& store_;
  const record::Ledger& ledger_;
  const std::function<void(std::uint64_t)> applied_;
  std::atomic<std::uint64_t> next_{0}, failures_{0};
  std::atomic<std::int64_t> heartbeat_{0}, deadline_{0};
  std::atomic<bool> closing_{false}, failing_{false};
  mutable std::mutex mutex_;
  record::IncidentStore::Totals totals_;
  bool counted_ = false;
  std::thread thread_;
};

}  // namespace nw::app
