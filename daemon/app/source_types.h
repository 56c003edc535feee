// Which sources give events of which kind, and which rules stand and fall with them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/config.h"
#include "app/snapshot.h"

namespace nw::app {

enum class Replays : unsigned char { no, yes };

// The sources that have events of each type of `schema`, by their numbers. A replayed file has a time of its own.
std::vector<std::vector<std::uint16_t>> sources_by_type(const Config& config, const event::Schema& schema,
                                                        Replays replays);

// Which sources feed each rule of a snapshot. Made once for a snapshot; the question is a walk over the rules.
class RuleFeeds {
 public:
  RuleFeeds() = default;
  RuleFeeds(const Config& config, const Snapshot& snapshot);

  // The rules of which every source is `dead`, in the order of the set; with `of`, those that it feeds. A rule that
  // nothing feeds is dormant, not blind; nor is one about the sensor itself.
  [[nodiscard]] std::vector<std::uint32_t> blind(const std::vector<bool>& dead,
                                                 std::optional<std::size_t> of = std::nullopt) const;

 private:
  std::vector<std::vector<std::uint16_t>> feeds_;  // by rule: sources, sorted
};

}  // namespace nw::app
