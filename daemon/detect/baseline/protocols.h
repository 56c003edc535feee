// The control protocols whose conversations have a baseline: one row each.
#pragma once

#include <span>
#include <string_view>

namespace nw::baseline {

struct ControlProtocol {
  std::string_view path;      // of its events; also its name in the files
  std::string_view function;  // the field that says what is asked of the device
  std::string_view refused;   // what the field's text ends with when the device refused: the same function
};

std::span<const ControlProtocol> control_protocols();
// Null when there is no such row.
const ControlProtocol* find_protocol(std::string_view path);

}  // namespace nw::baseline
