// Rules over time as rules/README.md, "Rules over time", words them: whole lists of events, asked anew at every moment.
// Slow and plain; the engine is held against it. Sigma's seven types.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "detect/sigma/rule_set.h"

namespace nw::correlation {

using Texts = std::map<std::string, std::string>;  // field to text, letter case aside; absent ones are left out

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

struct Expectation {
  std::vector<Expected> firings;  // of all correlations of the set, in the order of time
  bool tied = false;              // events of a group came, or came and left, at one time: the text does not order them
};
Expectation expected_firings(const sigma::RuleSet& rules, const std::vector<Found>& found);

}  // namespace nw::correlation
