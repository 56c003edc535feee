// Which normwatch this is.
#pragma once

#include <string_view>

namespace nw::app {

std::string_view version();   // "0.1.0"
std::string_view revision();  // the commit it was built from, or "unknown"

}  // namespace nw::app
