// An alert behind the privacy guard (record/guard): the only kind that becomes a ledger entry, so that no later code
// can forget the guard.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "record/alert.h"

namespace nw::record {

class Guard;

// What an alert's values were before: one JSON object (guard/sealed_values.h) for the evidence store, and the nonce of
// its commitment, which is the alert's `sealed_values`.
struct ClearValues {
  std::string json;
  std::array<std::uint8_t, 32> nonce{};
};

class GuardedAlert {
 public:
  // One that was read from the ledger, or is made of its entries alone: whatever is in it has passed the guard before.
  static GuardedAlert of_ledger(Alert alert) { return GuardedAlert{std::move(alert)}; }

  [[nodiscard]] const Alert& operator*() const noexcept { return alert_; }
  [[nodiscard]] const Alert* operator->() const noexcept { return &alert_; }
  // Nothing: nobody could open them, or nothing was replaced.
  [[nodiscard]] std::optional<ClearValues>& clear_values() noexcept { return clear_; }

 private:
  friend class Guard;
  explicit GuardedAlert(Alert alert) : alert_{std::move(alert)} {}
  Alert alert_;
  std::optional<ClearValues> clear_;
};

// What stands in `sealed_values` where a commitment was due and the evidence store did not take the values.
constexpr std::string_view kValuesNotKept = "not_kept:";

}  // namespace nw::record
