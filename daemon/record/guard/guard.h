// The privacy guard: the one door through which an alert comes into the record. Rules have seen clear values; what
// leaves here is what may be stored of them, by the policy.
//
//   Alert --Guard::guard()--> GuardedAlert --make_alert_entry()--> ledger
//                                 | clear_values(), sealed for the custodians --> evidence store
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "record/guard/known.h"
#include "record/guard/sealed_values.h"
#include "record/guarded.h"
#include "record/keys/keys.h"
#include "record/keys/locked.h"
#include "record/privacy/minimise.h"

namespace nw::record {

// What the guards share of a month: its keys, in locked memory.
class MonthKeys {
 public:
  explicit MonthKeys(privacy::EpochKeys keys) : keys_{std::move(keys)} {}
  static Result<std::shared_ptr<const MonthKeys>> derive(const EpochSecrets& secrets, std::string_view operator_id);
  [[nodiscard]] const privacy::EpochKeys& keys() const noexcept { return *keys_; }
  [[nodiscard]] privacy::Epoch epoch() const noexcept { return keys_->epoch; }

 private:
  Locked<privacy::EpochKeys> keys_;
};

// Makes the id that is stored of the one that a match has by itself: the same match has the same id, whoever lacks the
// key learns nothing from it.
class AlertIds {
 public:
  explicit AlertIds(const privacy::Key32& key) : hmac_{key.bytes()} {}
  [[nodiscard]] std::string stored(std::string_view id) const;  // 32 hex digits

 private:
  privacy::Hmac hmac_;
};

// What guards go by. Immutable; a reload and a month's end bring another.
struct GuardRules {
  std::shared_ptr<const privacy::Policy> policy;
  std::shared_ptr<const DesignatedNames> designated;
  std::shared_ptr<const context::IndicatorSet> indicators;
  std::shared_ptr<const AlertIds> ids;
  std::vector<std::shared_ptr<const MonthKeys>> months;  // at least one, in their order
  bool foreign_addresses_clear = false;  // of alerts about assets of class C1 and C2; wants a basis in the policy
  bool seal = false;                     // somebody could open clear values
};

struct GuardCounts {
  std::array<std::array<std::uint64_t, privacy::kForms.size()>, privacy::kFieldClasses.size()> values{};
  std::uint64_t alerts = 0, sealed = 0;
  std::uint64_t names_not_kept = 0;  // more names in one event than its sentences are searched for
  void add(const GuardCounts& other) noexcept;
};

// One thread.
class Guard {
 public:
  explicit Guard(privacy::Random nonces) : nonces_{nonces} {}
  // At least once before guard().
  void use(std::shared_ptr<const GuardRules> rules);
  // `now` decides on the month. What is too much for an alert's clear values is counted in them.
  [[nodiscard]] GuardedAlert guard(Alert alert, Timestamp now);
  // What of a text that people write (a note, a reason) may be stored: addresses, mail addresses and the like become
  // what they are in alerts, whatever the policy says of sentences: else the note would be lost.
  [[nodiscard]] std::string text(std::string_view text, Timestamp now);
  [[nodiscard]] const GuardCounts& counts() const noexcept { return counts_; }

 private:
  struct Month {
    std::shared_ptr<const MonthKeys> keys;
    privacy::Pfx pfx;
    privacy::Tokens tokens;
  };
  Month& month_of(Timestamp now);

  privacy::Random nonces_;
  std::shared_ptr<const GuardRules> rules_;
  std::vector<std::unique_ptr<Month>> months_;
  privacy::Policy sealing_;  // all clear but what is never kept
  privacy::Policy notes_;    // sentences without the parts that say who
  GuardCounts counts_;
};

}  // namespace nw::record
