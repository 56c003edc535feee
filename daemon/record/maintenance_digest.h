// The end of a maintenance window: one alert that says what was kept quiet in it. A reader of the ledger: what it knows
// follows from the entries alone, so that a restart neither loses a digest nor writes one twice.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/alert.h"

namespace nw::record {

// Alerts that the daemon makes itself have such a rule's id.
constexpr std::string_view kMaintenanceDigestRule = "normwatch-maintenance-digest";

class MaintenanceDigests {
 public:
  static constexpr std::size_t kWindowsMax = 64;     // one more: the one that ends first is summed up at once
  static constexpr std::size_t kRulesMax = 24;       // told by name in a digest
  static constexpr std::size_t kTextBytesMax = 128;  // of what a digest repeats

  // Entries in their order. A quiet alert, or a fold of one, counts in its window; a digest ends it.
  void see(std::string_view payload);
  // Digests of windows that ended, and began to be counted, `grace` before `now` or earlier. Save state() before
  // handing them to the ledger: they count as handed over, and what still comes for their windows makes a new one.
  std::vector<Alert> due(Timestamp now, Nanoseconds grace);
  // Handed over and not seen since: after a restart that has read the whole ledger they never arrived.
  [[nodiscard]] std::vector<Alert> unheard(Timestamp now) const;

  // At most 1 MiB, as a cursor holds. restore(): `malformed` leaves nothing.
  [[nodiscard]] std::string state() const;
  Result<> restore(std::string_view state);

  [[nodiscard]] std::size_t windows() const noexcept { return windows_.size(); }
  [[nodiscard]] std::uint64_t quiet_alerts() const noexcept { return quiet_alerts_; }  // seen since the start

 private:
  struct Rule {
    std::string title, level;
    std::uint64_t alerts = 0;
  };
  struct Window {
    std::string asset, asset_name, sector, asset_class, disclosure, ticket, until;
    std::string id;  // of the digest
    Timestamp first{}, last{};
    Timestamp opened{};                    // when the entry that began it was written
    std::uint64_t alerts = 0, others = 0;  // `others`: of rules beyond kRulesMax
    bool handed = false;
    std::map<std::string, Rule> rules;  // by id
  };
  struct Counted;
  void count(const Counted& counted);
  static Alert digest(const Window& window, Timestamp now);

  std::vector<Window> windows_;
  std::uint64_t quiet_alerts_ = 0;
};

}  // namespace nw::record
