#include "detect/baseline/protocols.h"

#include <algorithm>
#include <array>

namespace nw::baseline {

namespace {

constexpr auto kProtocols = std::to_array<ControlProtocol>({
    {"modbus", "func", "_EXCEPTION"},
});

}  // namespace

std::span<const ControlProtocol> control_protocols() { return kProtocols; }

const ControlProtocol* find_protocol(std::string_view path) {
  const auto found = std::ranges::find(kProtocols, path, &ControlProtocol::path);
  return found == kProtocols.end() ? nullptr : &*found;
}

}  // namespace nw::baseline
