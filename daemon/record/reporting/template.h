// Texts with places to fill in: "Assets: {assets}". What is filled in is not read again.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nw::reporting {

// The names in braces, in order. `malformed`: a brace without its partner, or nothing in between.
Result<std::vector<std::string>> placeholders(std::string_view text);
// `text` must be well-formed.
std::string fill(std::string_view text, const std::function<std::string(std::string_view name)>& value);

}  // namespace nw::reporting
