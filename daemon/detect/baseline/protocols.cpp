#include "detect/baseline/protocols.h"

#include <algorithm>
#include <array>

namespace nw::baseline {

namespace {

constexpr auto kProtocols = std::to_array<ControlProtocol>({
    {"ads", "command", ""},
    {"bacnet", "pdu_service", ""},
    {"bsap", "func_code", ""},
    {"c1222", "service", ""},
    {"cip", "cip_service", ""},
    {"codesys", "function", ""},
    {"dnp3", "fc_request", ""},
    {"enip", "enip_command", ""},
    {"fox", "command", ""},
    {"ge_srtp", "service_request_code", ""},
    {"genisys", "header", ""},
    {"hart_ip", "function", ""},
    {"iec104", "info_obj_type", ""},
    {"knxnet_ip", "function", ""},
    {"melsec", "command_name", ""},
    {"mms", "service", ""},
    {"modbus", "func", "_EXCEPTION"},
    {"omron_fins", "command_code", ""},
    {"opcua_binary", "service", ""},
    {"profinet_io_cm", "operation_num", ""},
    {"roc_plus", "opcode", ""},
    {"s7comm", "function_name", ""},
    {"s7comm_plus", "function_name", ""},
    {"synchrophasor_cmd", "command", ""},
    {"tristation", "function", ""},
});

}  // namespace

std::span<const ControlProtocol> control_protocols() { return kProtocols; }

const ControlProtocol* find_protocol(std::string_view path) {
  const auto found = std::ranges::find(kProtocols, path, &ControlProtocol::path);
  return found == kProtocols.end() ? nullptr : &*found;
}

}  // namespace nw::baseline
