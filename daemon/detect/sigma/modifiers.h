// The modifiers of Sigma 2.1, a table line each. They are applied in the written order; each changes the item.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "detect/sigma/read.h"

namespace nw::sigma {

struct Modifier {
  std::string_view name, help;
  Result<> (*apply)(Item&);
};

// Sorted by name.
std::span<const Modifier> modifiers();
const Modifier* find_modifier(std::string_view name);
// The names, for "did you mean".
std::span<const std::string_view> modifier_names();

}  // namespace nw::sigma
