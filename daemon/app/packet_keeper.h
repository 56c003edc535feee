// Puts the packets and log lines of alerts into the evidence store, seals and all, on a thread of its own: no worker
// waits for it. What cannot be kept (a full queue, a full store, a disk that fails, no custodians) is counted by its
// cause, and the alert stands in the ledger without it.
//
//   Worker -> PacketCatch -> offer() -> queue -> pcapng -> EvidenceStore::put() x n -> sync() -> ledger entries
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/own_event.h"
#include "base/bounded_queue.h"
#include "record/evidence/evidence.h"
#include "record/packets/pcapng.h"

namespace nw::app {

// Why something was not kept.
enum class NotKept : unsigned char {
  repeated,  // alerts of the same kind have theirs already
  busy,      // too many at once
  full,      // the quota, or the disk
  io,        // the disk fails
  no_key,    // no custodians, so that nobody could open it
  missing,   // the ring had no packet of the flow any more
};
inline constexpr std::array<std::string_view, 6> kNotKept{"repeated", "busy", "full", "io", "no_key", "missing"};

// What belongs to one alert, in clear: in memory only, and not for long.
struct Caught {
  std::string alert;         // its id in the ledger
  std::string rule, policy;  // the rule's title; normwatch.evidence: payload, flow, log, or empty
  record::EvidenceKind kind = record::EvidenceKind::line;
  std::string line;
  record::FrozenPackets packets;
  record::CapturedInterface interface;
  std::string asker;  // address that opened the conversation
  // What the alert's norm wants in a case file and this may be: form (context::kKeptForms) and words.
  std::vector<std::pair<std::string, std::string>> wanted;
  std::uint64_t trigger = 0;  // sequence of the packet that the alert was made at; 0: none
  [[nodiscard]] std::size_t bytes() const noexcept { return line.size() + packets.data.size(); }
};

class PacketKeeper {
 public:
  struct Options {
    std::string application, site;
    std::size_t queue = 256, queue_bytes = 64U << 20;
  };
  // `note` writes a ledger entry (type, body); `tell` says what was kept to the rules. All are borrowed until close().
  PacketKeeper(record::EvidenceStore& store, std::function<void(std::string, std::string)> note, TellOwn tell,
               Options options);
  ~PacketKeeper();
  PacketKeeper(const PacketKeeper&) = delete;
  PacketKeeper& operator=(const PacketKeeper&) = delete;

  // Any thread; never waits. What it refuses it counts.
  void offer(Caught caught);
  void not_kept(record::EvidenceKind kind, NotKept why) noexcept {
    ++refused_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(why)];
  }
  // Keeps what waits, then ends the thread.
  void close();

  [[nodiscard]] std::uint64_t kept() const noexcept { return kept_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t refused(record::EvidenceKind kind, NotKept why) const noexcept {
    return refused_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(why)].load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t refused() const noexcept;
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  // Nanoseconds of the steady clock when the thread last came round.
  [[nodiscard]] std::int64_t heartbeat() const noexcept { return heartbeat_.load(std::memory_order_relaxed); }

 private:
  // What stands in the ledger once the store has synced.
  struct Noted {
    std::string body;
    OwnEvent event;
    record::EvidenceKind kind;
  };
  void run();
  void keep(std::vector<Caught> batch);
  bool put(const Caught& caught, std::vector<Noted>& noted);
  void failed(record::EvidenceKind kind, const Error& error);

  record::EvidenceStore& store_;
  std::function<void(std::string, std::string)> note_;
  TellOwn tell_;
  Options options_;
  BoundedQueue<Caught> queue_;
  std::atomic<std::size_t> queue_bytes_{0};
  std::atomic<std::uint64_t> kept_{0};
  std::array<std::array<std::atomic<std::uint64_t>, kNotKept.size()>, record::kEvidenceKinds.size()> refused_{};
  std::atomic<std::int64_t> heartbeat_{0};
  std::atomic<bool> failing_{false};
  std::jthread thread_;
};

}  // namespace nw::app
