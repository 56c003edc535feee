// Rules over time as the commands print them: what they are over, by which group, and when they fire.
#pragma once

#include <cstddef>
#include <string>

#include "detect/sigma/rule_set.h"

namespace nw::app {

// A correlation document: it has no detection of its own.
bool is_document(const sigma::RuleSet& rules, std::size_t rule);

// A line for each thing that it says, with a newline after each.
std::string over_time_text(const sigma::RuleSet& rules, std::size_t rule, const sigma::Correlation& correlation);

}  // namespace nw::app
