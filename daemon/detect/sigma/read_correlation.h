// Reads what a rule says of several events: a document's `correlation:`, and `absence`, `newvalue`, `beacon`, `ratio`
// and `rate` under a rule's `normwatch:`.
#pragma once

#include <array>
#include <string_view>

#include "base/yaml.h"
#include "detect/sigma/correlation.h"
#include "detect/sigma/document.h"

namespace nw::sigma {

// The part of `normwatch:` that gives a rule state; none: it has none of these.
inline constexpr std::array<std::string_view, 5> kStateKeys{"absence", "newvalue", "beacon", "ratio", "rate"};

// `extended`: conditions over rule names (Sigma 2.2) are understood. Meaningful without an error.
Correlation read_correlation(const YamlNode& node, bool extended, const DocumentContext& context);
Correlation read_state(std::string_view key, const YamlNode& node, const DocumentContext& context);

}  // namespace nw::sigma
