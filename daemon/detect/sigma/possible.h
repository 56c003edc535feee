// Whether a rule could fire on an event of which only some fields are known: who is expected to set it off at all.
#pragma once

#include <cstddef>
#include <span>

#include "detect/sigma/rule_set.h"

namespace nw::sigma {

// False only where no event of that kind that has what `event` has in the `known` fields can set the rule off: a known
// field that is absent is known to be absent. What asks for other fields, or for the whole line, may hold or not.
bool may_fire(const RuleSet& rules, std::size_t rule, const event::Event& event, std::span<const event::FieldId> known);

}  // namespace nw::sigma
