// Names of time zones, as libical looks them up below its zone directory.
#pragma once

#include <algorithm>
#include <string_view>

namespace nw::context {

// Nothing in it may lead out of that directory.
inline bool is_zone_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '/' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
           c == '-' || c == '+';
  });
}

}  // namespace nw::context
