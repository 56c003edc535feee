// Rules over time as rules/README.md, "Rules over time", words them: whole lists of events, asked anew at every moment.
// Slow and plain; the engine is held against it. Sigma's seven types and conditions over rules; of what rules remember
// absence (for a fixed time, without excuses), newvalue and ratio (of a field against events).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detect/sigma/rule_set.h"

namespace nw::correlation {

using Text = std::optional<std::string>;    // letter case aside; nothing: the event has no such field
using Texts = std::map<std::string, Text>;  // by field

// One rule found one event; neither late nor there twice.
struct Found {
  std::int64_t time = 0;
  std::size_t rule = 0;
  Texts fields;
};

struct Expected {
  std::int64_t time = 0;
  std::size_t rule = 0;
  Texts key;
  double value = 0;
};

// The firings, up to and with the time `last`, of all correlations of the set. `found` is in the order of time; those
// of one time are in the order in which they are asked about.
std::vector<Expected> expected_firings(const sigma::RuleSet& rules, const std::vector<Found>& found, std::int64_t last);

}  // namespace nw::correlation
