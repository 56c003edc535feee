// The ledger's reader that writes the digest of each maintenance window that has ended: a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "app/recorder.h"
#include "app/snapshot.h"
#include "record/ledger/ledger.h"
#include "record/maintenance_digest.h"

namespace nw::app {

class DigestWriter {
 public:
  // Ledger and recorder are borrowed until close(). `grace`: how long after its end a window is still waited for.
  DigestWriter(std::string cursor_file, Nanoseconds grace, std::shared_ptr<const Snapshot> snapshot,
               const record::Ledger& ledger, Recorder& recorder);
  ~DigestWriter();
  DigestWriter(const DigestWriter&) = delete;
  DigestWriter& operator=(const DigestWriter&) = delete;

  // A digest says the regime in force when its window ended, as this snapshot knows it. Any thread.
  void use(std::shared_ptr<const Snapshot> snapshot);

  // Keeps its place and ends the thread. What the ledger still gets is read after the next start.
  void close();

  [[nodiscard]] std::uint64_t digests() const { return digests_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t quiet_alerts() const { return quiet_alerts_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t windows() const { return windows_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t heartbeat() const { return heartbeat_.load(std::memory_order_relaxed); }

 private:
  void open();
  void run();
  bool read();
  void write(std::vector<record::Alert> digests);
  void tell_regime(record::Alert& digest);
  void save();

  const std::string cursor_file_;
  const Nanoseconds grace_;
  std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  // under mutex_
  const record::Ledger& ledger_;
  Recorder& recorder_;
  record::MaintenanceDigests digests_of_;
  record::Cursor cursor_;
  std::uint64_t next_ = 0, saved_ = 0;
  bool unread_ = false, unsaved_ = false;  // said, and not yet well again
  std::atomic<std::uint64_t> digests_{0}, quiet_alerts_{0}, windows_{0};
  std::atomic<std::int64_t> heartbeat_;
  std::atomic<bool> closing_{false};
  std::thread thread_;
};

}  // namespace nw::app
