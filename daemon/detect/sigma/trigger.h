// What can set a rule off: atoms of which at least one must hold for the rule to be able to fire (DESIGN 3.2). A rule
// with a trigger is evaluated only on events on which one of its atoms was met.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "detect/sigma/compile.h"

namespace nw::sigma {

struct Trigger {
  double cost = 0;  // about how often one of the atoms is met, per event
  std::vector<std::uint32_t> atoms;
};

// How many rules would look a field up; a field that few rules need costs each of them more.
using FieldUse = std::span<const std::uint32_t>;

// The cheapest trigger of the program at `first`; nothing when no such set exists (pure negations, absence).
// `use` by field; empty: not known yet.
std::optional<Trigger> choose_trigger(const std::vector<Node>& nodes, const std::vector<Atom>& atoms,
                                      std::uint32_t first, FieldUse use);

}  // namespace nw::sigma
