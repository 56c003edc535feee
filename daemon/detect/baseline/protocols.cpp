#include "detect/baseline/protocols.h"

#include <algorithm>
#include <array>

namespace nw::baseline {

namespace {

constexpr auto kProtocols = std::to_array<ControlProtocol>({
    {"ads", "command", ""},
    {"bsap", "func_code", ""},
    {"dnp3", "fc_request", ""},
    {"fox", "command", ""},
    {"genisys", "header", ""},
    {"iec104", "info_obj_type", ""},
    {"modbus", "func", "_EXCEPTION"},
    {"roc_plus", "opcode", ""},
    {"s7comm", "function_name", ""},
});

}  // namespace

std::span<const ControlProtocol> control_protocols() { return kProtocols; }

const ControlProtocol* find_protocol(std::string_view path) {
  const auto found = std::ranges::find(kProtocols, path, &ControlProtocol::path);
  return found == kProtocols.end() ? nullptr : &*found;
}

}  // namespace nw::baseline
