// The part of read.h below `detection:`: identifiers to trees of items, values and modifiers.
#pragma once

#include <cstddef>

#include "base/yaml.h"
#include "detect/sigma/document.h"
#include "detect/sigma/read.h"

namespace nw::sigma {

// What a rule has used of its limits so far.
struct DetectionBudget {
  std::size_t items = 0, values = 0;
};

// Reads what stands under one identifier: a map (all), a list (any), keywords, or one keyword. Faults go to the
// context's diagnostics (codes value-type, modifier-use, unknown-*, no-placeholder, empty-detection, limit).
Detection read_detection(const YamlNode& node, const DocumentContext& context, DetectionBudget& budget);

}  // namespace nw::sigma
