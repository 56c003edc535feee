// Second stage: what can be judged only with the whole rule, or the whole set, in view. Rules with errors are taken
// out; what is left compiles.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "detect/sigma/read.h"

namespace nw::sigma {

// Every code that rules can be refused or warned with; the README explains them, a golden file shows each.
std::span<const std::string_view> diagnostic_codes();

// Gives the number of rules taken out of `rules`; the others keep their order.
std::size_t check_rules(std::vector<Rule>& rules, Diagnostics& diagnostics);

// The same for the identifiers and the condition of one rule or filter alone; sets its `nodes`.
void check_search(Rule& rule, Diagnostics& diagnostics);

// The identifiers that a selector names, by position.
std::vector<std::size_t> select(const Rule& rule, const Condition& selector);
// A selector without identifiers is dropped from its condition, and what is made of such alone with it (pySigma).
bool vanishes(const Rule& rule, const Condition& condition);

}  // namespace nw::sigma
