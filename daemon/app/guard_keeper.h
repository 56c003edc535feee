// Keys and privacy guard of the running daemon: opened first of all, told of reloads, and asked twice a second whether
// a month begins or is over.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/snapshot.h"
#include "record/evidence/evidence.h"
#include "record/guard/door.h"
#include "record/keys/keys.h"

namespace nw::app {

class GuardKeeper {
 public:
  // A month's keys are made so long before it begins, so that the first alert in it finds them.
  static constexpr Nanoseconds kAhead = std::chrono::minutes{1};

  // Opens the keys (keys.h); without them nothing may be stored, so that an error ends the start.
  static Result<std::unique_ptr<GuardKeeper>> open(const Config& config, const Snapshot& snapshot, Timestamp now);

  [[nodiscard]] record::GuardDoor& door() noexcept { return *door_; }
  [[nodiscard]] record::Keys& keys() noexcept { return *keys_; }
  [[nodiscard]] const record::GuardDoor& door() const noexcept { return *door_; }
  [[nodiscard]] privacy::Epoch epoch() const noexcept { return epoch_; }
  [[nodiscard]] std::size_t custodians() const noexcept { return custodians_; }

  // Where clear values go; borrowed. From now on they are kept, while there are custodians and the configuration wants
  // it.
  void keep_values_in(record::EvidenceStore& store);
  // After a reload: policy, register, indicators and custodians of the snapshot. On an error the old keys go on; it was
  // said in the log, and tick() tries again.
  void use(const Snapshot& snapshot, Timestamp now);
  // Makes the keys of a month that begins, and deletes those of one that is over.
  void tick(Timestamp now);
  // Bodies of key-rotate entries that are due.
  [[nodiscard]] std::vector<std::string> take_notes();

 private:
  struct Month {
    std::shared_ptr<const record::MonthKeys> keys;
    std::optional<privacy::PublicKey> evidence;
  };
  explicit GuardKeeper(const Config& config);
  Result<> make(privacy::Epoch epoch);
  void take_rules(const Snapshot& snapshot);
  Result<> look(Timestamp now);
  // Puts rules and evidence key in force.
  void publish();

  const bool foreign_addresses_clear_, values_wanted_;
  const std::string operator_;
  std::unique_ptr<record::Keys> keys_;
  std::unique_ptr<record::GuardDoor> door_;
  record::EvidenceStore* store_ = nullptr;
  std::map<privacy::Epoch, Month> months_;
  privacy::Epoch epoch_;
  record::GuardRules rules_;
  std::size_t custodians_ = 0;
  std::vector<std::string> notes_;
  Timestamp next_try_{};
  std::optional<privacy::Epoch> retired_;  // the month in which those before it were deleted
  bool changed_ = false;                   // not in force yet
  bool resealing_ = false;                 // custodians changed, and not all keys are sealed for them
};

}  // namespace nw::app
