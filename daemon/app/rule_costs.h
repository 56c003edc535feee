// What each rule has cost: added up over workers or lanes, ranked, and as JSON for whoever asks the daemon.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "detect/sigma/rule_set.h"
#include "event/schema.h"

namespace nw::app {

constexpr std::size_t kDearestMax = 100;  // rules that are listed at the most

// By rule of one set; ticks are nanoseconds.
struct RuleCosts {
  std::vector<sigma::RuleCost> costs;
  std::vector<std::uint64_t> matches;
  std::uint64_t events = 0;         // that were matched against the set
  std::uint64_t look_up_ticks = 0;  // MatchCounters
};

inline void add(sigma::RuleCost& to, const sigma::RuleCost& from) {
  to.evaluations += from.evaluations;
  to.sampled += from.sampled;
  to.ticks += from.ticks;
}

// The sample stands for all events.
inline double estimated_seconds(std::uint64_t ticks) {
  return static_cast<double>(ticks) * static_cast<double>(sigma::kCostSample) / 1e9;
}

// Rules that were ever evaluated, the dearest first: by time, then by evaluations.
std::vector<std::size_t> dearest(const std::vector<sigma::RuleCost>& costs, std::size_t most);

// {"events", "seconds", "look_up_seconds", "evaluated", "rules": [{"id", "title", "cost", "evaluations", "sampled",
// "seconds", "nanoseconds_each", "matches"}]}; times are estimated from the sample, "seconds" is of all rules.
boost::json::object to_json(const RuleCosts& costs, const sigma::RuleSet& rules, const event::Schema& schema,
                            std::size_t most);

}  // namespace nw::app
