// The part of read.h below `detection:`: identifiers to trees of items, values and modifiers.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/diagnostics.h"
#include "base/yaml.h"
#include "detect/sigma/read.h"

namespace nw::sigma {

// What a rule has used of its limits so far.
struct DetectionBudget {
  std::size_t items = 0, values = 0;
};

// Reads what stands under one identifier: a map (all), a list (any), keywords, or one keyword. Faults go to
// `diagnostics` (codes value-*, modifier-*, unknown-modifier, unsupported-modifier, empty-detection, limit).
Detection read_detection(const YamlNode& node, std::string_view file, DetectionBudget& budget,
                         Diagnostics& diagnostics);

}  // namespace nw::sigma
