// What the daemon says of itself once a minute, as ledger entries: what was seen and lost, and how our clock runs. So
// that silence can be shown: an hour without alerts is sixty heartbeats. Used on the daemon's own thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config.h"
#include "app/input.h"
#include "base/time.h"
#include "detect/liveness/health.h"

namespace nw::app {

// Totals since the start.
struct Seen {
  struct Source {
    std::string name;
    std::uint64_t events = 0;
    std::optional<std::uint64_t> packets, lines;  // of a source that has such
    // By who lost it: kernel, interface, socket, queue, intake. Only what was ever lost.
    std::vector<std::pair<std::string_view, std::uint64_t>> lost;
  };
  std::vector<Source> sources;
  std::uint64_t alerts_accepted = 0, alerts_folded = 0, alerts_repeated = 0, alerts_waiting = 0, alerts_lost = 0;
  std::uint64_t ledger_entries = 0;
};
// In the order of the configuration.
std::vector<Seen::Source> seen_of(const std::vector<SourceConfig>& sources, const std::vector<SourceReport>& reports);

class Heartbeat {
 public:
  // (type, body) of entries, in their order.
  using Notes = std::vector<std::pair<std::string, std::string>>;
  static constexpr std::size_t kSourcesMax = 256;  // in one entry; the others are counted

  Heartbeat(Nanoseconds every, Nanoseconds steady, Timestamp wall) : every_{every}, steady_{steady}, wall_{wall} {}

  [[nodiscard]] bool due(Nanoseconds steady) const { return steady - steady_ >= every_; }
  // A heartbeat, and behind it a `drop` when a source has lost something since the one before. `steady` is of a clock
  // that nobody sets.
  Notes beat(const Seen& seen, Nanoseconds steady, Timestamp wall);
  // The body of a `clock` entry when `health` says that our own clock has jumped.
  static std::optional<std::string> clock_note(const liveness::Health& health);

 private:
  Nanoseconds every_, steady_;
  Timestamp wall_;
  std::uint64_t beats_ = 0;
  std::map<std::string, std::map<std::string_view, std::uint64_t>> lost_;  // by source and by whom, at the last beat
};

}  // namespace nw::app
