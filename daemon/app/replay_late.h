// What came too late for rules over time, and was kept aside: counted now, in the order of its own time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/replay.h"

namespace nw::app {

struct LateSummary {
  std::uint64_t contributions = 0;  // that the file holds
  std::uint64_t unknown = 0;        // of these: of rules that the set does not have any more, or that have changed
  std::uint64_t alerts = 0;
};

// `file`: <state>/correlation/late.bin. `sources`: the names that the daemon's sources have.
Result<LateSummary> replay_late(const std::string& file, const Snapshot& snapshot,
                                const std::vector<std::string>& sources, correlation::EngineOptions options,
                                const LineWriter& write_alert);

}  // namespace nw::app
