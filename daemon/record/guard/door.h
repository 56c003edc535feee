// Guards for whoever comes: each caller gets one to itself for as long as it needs it. Workers come at the same time, a
// guard is for one thread, and none waits for another while there are no more callers than guards.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "record/guard/guard.h"

namespace nw::record {

class GuardDoor {
 public:
  static constexpr std::size_t kGuards = 32;

  // `nonces` is borrowed for good, and asked by several threads.
  GuardDoor(std::shared_ptr<const GuardRules> rules, privacy::Random nonces);
  ~GuardDoor();
  GuardDoor(const GuardDoor&) = delete;
  GuardDoor& operator=(const GuardDoor&) = delete;

  // Any thread.
  [[nodiscard]] GuardedAlert guard(Alert alert, Timestamp now);
  [[nodiscard]] std::string text(std::string_view text, Timestamp now);
  // The id under which the alert of this id is stored: for what lies beside the ledger.
  [[nodiscard]] std::string stored_id(std::string_view id) const;
  // Any thread. Alerts that come from now on go by these.
  void use(std::shared_ptr<const GuardRules> rules);
  [[nodiscard]] std::shared_ptr<const GuardRules> rules() const;
  // Over all guards.
  [[nodiscard]] GuardCounts counts() const;

 private:
  struct Slot;
  class Held;
  // Somebody's guard, by the rules of now.
  [[nodiscard]] Held ready();
  mutable std::array<std::unique_ptr<Slot>, kGuards> slots_;
  mutable std::mutex mutex_;                 // of rules_
  std::shared_ptr<const GuardRules> rules_;  // the next guard() of each slot takes them
  std::atomic<std::uint64_t> version_{1};    // of rules_
};

}  // namespace nw::record
