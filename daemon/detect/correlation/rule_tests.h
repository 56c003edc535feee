// The tests beside rules over time: their streams through an engine (sigma::run_rule_tests).
#pragma once

#include <memory>

#include "detect/correlation/engine.h"

namespace nw::correlation {

// Every value counts as known to the register. The source gives signs of life all the time. `rules` is borrowed.
std::unique_ptr<sigma::StreamCounter> make_stream_counter(const sigma::RuleSet& rules);

}  // namespace nw::correlation
