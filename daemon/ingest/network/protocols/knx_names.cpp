// What KNX's numbers mean: services of the application (3/3/7), of cEMI (3/6/3), and makers.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/knx_cemi.h"

namespace nw::network {

namespace {

using enum IcsOperation;

// clang-format off
constexpr auto kServices = std::to_array<KnxService>({
    {0x000, "GroupValueRead", read, "", "", 0x040},
    {0x040, "GroupValueResponse", read, "", "x", 0},
    {0x080, "GroupValueWrite", write, "", "x", 0},
    {0x0C0, "IndividualAddressWrite", program, "address", "a", 0},
    {0x100, "IndividualAddressRead", identify, "address", "", 0x140},
    {0x140, "IndividualAddressResponse", identify, "address", "", 0},
    {0x180, "ADCRead", diagnose, "adc", "x", 0x1C0},
    {0x1C0, "ADCResponse", diagnose, "adc", "x", 0},
    {0x1C8, "SystemNetworkParameterRead", read, "parameter", "tPx", 0x1C9},
    {0x1C9, "SystemNetworkParameterResponse", read, "parameter", "tPx", 0},
    {0x1CA, "SystemNetworkParameterWrite", write, "parameter", "tPx", 0},
    {0x1CC, "PropertyExtValueRead", read, "property", "OE", 0x1CD},
    {0x1CD, "PropertyExtValueResponse", read, "property", "OEx", 0},
    {0x1CE, "PropertyExtValueWriteCon", write, "property", "OEx", 0x1CF},
    {0x1CF, "PropertyExtValueWriteConRes", write, "property", "OEx", 0},
    {0x1D0, "PropertyExtValueWriteUnCon", write, "property", "OEx", 0},
    {0x1D1, "PropertyExtValueInfoReport", read, "property", "OEx", 0},
    {0x1D2, "PropertyExtDescriptionRead", read, "property", "Ox", 0x1D3},
    {0x1D3, "PropertyExtDescriptionResponse", read, "property", "Ox", 0},
    {0x1D4, "FunctionPropertyExtCommand", control, "property", "Ox", 0x1D6},
    {0x1D5, "FunctionPropertyExtStateRead", read, "property", "Ox", 0x1D6},
    {0x1D6, "FunctionPropertyExtStateResponse", read, "property", "Ox", 0},
    {0x1FB, "MemoryExtendedWrite", program, "memory", "Mx", 0x1FC},
    {0x1FC, "MemoryExtendedWriteResponse", program, "memory", "Mx", 0},
    {0x1FD, "MemoryExtendedRead", read, "memory", "M", 0x1FE},
    {0x1FE, "MemoryExtendedReadResponse", read, "memory", "Mx", 0},
    {0x200, "MemoryRead", read, "memory", "m", 0x240},
    {0x240, "MemoryResponse", read, "memory", "mx", 0},
    {0x280, "MemoryWrite", program, "memory", "mx", 0},
    {0x2C0, "UserMemoryRead", read, "user_memory", "um", 0x2C1},
    {0x2C1, "UserMemoryResponse", read, "user_memory", "umx", 0},
    {0x2C2, "UserMemoryWrite", program, "user_memory", "umx", 0},
    {0x2C4, "UserMemoryBitWrite", program, "user_memory", "cmx", 0},
    {0x2C5, "UserManufacturerInfoRead", identify, "", "", 0x2C6},
    {0x2C6, "UserManufacturerInfoResponse", identify, "", "x", 0},
    {0x2C7, "FunctionPropertyCommand", control, "property", "opx", 0x2C9},
    {0x2C8, "FunctionPropertyStateRead", read, "property", "opx", 0x2C9},
    {0x2C9, "FunctionPropertyStateResponse", read, "property", "opx", 0},
    {0x300, "DeviceDescriptorRead", identify, "", "", 0x340},
    {0x340, "DeviceDescriptorResponse", identify, "", "x", 0},
    {0x380, "Restart", restart, "", "", 0},
    {0x381, "MasterReset", restart, "", "x", 0x3A1},
    {0x3A1, "MasterResetResponse", restart, "", "x", 0},
    {0x3C0, "FilterTableOpen", program, "filter_table", "x", 0},
    {0x3C1, "FilterTableRead", read, "filter_table", "cm", 0x3C2},
    {0x3C2, "FilterTableResponse", read, "filter_table", "cmx", 0},
    {0x3C3, "FilterTableWrite", program, "filter_table", "cmx", 0},
    {0x3C8, "RouterMemoryRead", read, "router_memory", "cm", 0x3C9},
    {0x3C9, "RouterMemoryResponse", read, "router_memory", "cmx", 0},
    {0x3CA, "RouterMemoryWrite", program, "router_memory", "cmx", 0},
    {0x3CD, "RouterStatusRead", diagnose, "router_status", "", 0x3CE},
    {0x3CE, "RouterStatusResponse", diagnose, "router_status", "x", 0},
    {0x3CF, "RouterStatusWrite", write, "router_status", "x", 0},
    {0x3D0, "MemoryBitWrite", program, "memory", "cmx", 0},
    {0x3D1, "AuthorizeRequest", other, "access", "k", 0x3D2},
    {0x3D2, "AuthorizeResponse", other, "access", "x", 0},
    {0x3D3, "KeyWrite", program, "key", "k", 0x3D4},
    {0x3D4, "KeyResponse", program, "key", "x", 0},
    {0x3D5, "PropertyValueRead", read, "property", "ope", 0x3D6},
    {0x3D6, "PropertyValueResponse", read, "property", "opex", 0},
    {0x3D7, "PropertyValueWrite", write, "property", "opex", 0x3D6},
    {0x3D8, "PropertyDescriptionRead", read, "property", "opx", 0x3D9},
    {0x3D9, "PropertyDescriptionResponse", read, "property", "opx", 0},
    {0x3DA, "NetworkParameterRead", read, "parameter", "tpx", 0x3DB},
    {0x3DB, "NetworkParameterResponse", read, "parameter", "tpx", 0},
    {0x3DC, "IndividualAddressSerialNumberRead", identify, "serial", "n", 0x3DD},
    {0x3DD, "IndividualAddressSerialNumberResponse", identify, "serial", "nx", 0},
    {0x3DE, "IndividualAddressSerialNumberWrite", program, "serial", "nax", 0},
    {0x3E0, "DomainAddressWrite", program, "domain", "x", 0},
    {0x3E1, "DomainAddressRead", identify, "domain", "", 0x3E2},
    {0x3E2, "DomainAddressResponse", identify, "domain", "x", 0},
    {0x3E3, "DomainAddressSelectiveRead", identify, "domain", "x", 0x3E2},
    {0x3E4, "NetworkParameterWrite", write, "parameter", "tpx", 0},
    {0x3E5, "LinkRead", read, "link", "x", 0x3E6},
    {0x3E6, "LinkResponse", read, "link", "x", 0},
    {0x3E7, "LinkWrite", program, "link", "x", 0x3E6},
    {0x3E8, "GroupPropValueRead", read, "", "x", 0x3E9},
    {0x3E9, "GroupPropValueResponse", read, "", "x", 0},
    {0x3EA, "GroupPropValueWrite", write, "", "x", 0},
    {0x3EB, "GroupPropValueInfoReport", read, "", "x", 0},
    {0x3EC, "DomainAddressSerialNumberRead", identify, "serial", "n", 0x3ED},
    {0x3ED, "DomainAddressSerialNumberResponse", identify, "serial", "nx", 0},
    {0x3EE, "DomainAddressSerialNumberWrite", program, "serial", "nx", 0},
    {0x3F0, "FileStreamInfoReport", file, "file", "x", 0},
    {0x3F1, "SecureService", other, "", "k", 0},
});

struct Name {
  std::uint16_t code;
  std::string_view name;
};
constexpr auto kCodes = std::to_array<Name>({
    {0x10, "L_Raw.req"},
    {0x11, "L_Data.req"},
    {0x13, "L_Poll_Data.req"},
    {0x25, "L_Poll_Data.con"},
    {0x29, "L_Data.ind"},
    {0x2B, "L_Busmon.ind"},
    {0x2D, "L_Raw.ind"},
    {0x2E, "L_Data.con"},
    {0x2F, "L_Raw.con"},
    {0x41, "T_Data_Connected.req"},
    {0x4A, "T_Data_Individual.req"},
    {0x89, "T_Data_Connected.ind"},
    {0x94, "T_Data_Individual.ind"},
    {0xF0, "M_Reset.ind"},
    {0xF1, "M_Reset.req"},
    {0xF5, "M_PropWrite.con"},
    {0xF6, "M_PropWrite.req"},
    {0xF7, "M_PropInfo.ind"},
    {0xF8, "M_FuncPropCommand.req"},
    {0xF9, "M_FuncPropStateRead.req"},
    {0xFA, "M_FuncProp.con"},
    {0xFB, "M_PropRead.con"},
    {0xFC, "M_PropRead.req"},
});

// Those of which we are sure.
constexpr auto kMakers = std::to_array<Name>({
    {1, "Siemens"},
    {2, "ABB"},
    {4, "Albrecht Jung"},
    {5, "Bticino"},
    {6, "Berker"},
    {7, "Busch-Jaeger Elektro"},
    {8, "GIRA Giersiepen"},
    {9, "Hager Electro"},
    {12, "Merten"},
    {131, "MDT technologies"},
    {197, "Weinzierl Engineering"},
});
// clang-format on
static_assert(std::ranges::is_sorted(kServices, {}, &KnxService::code) &&
              std::ranges::is_sorted(kCodes, {}, &Name::code) && std::ranges::is_sorted(kMakers, {}, &Name::code));

template <std::size_t N>
std::string_view find(const std::array<Name, N>& names, std::uint16_t code) {
  const auto found = std::ranges::lower_bound(names, code, {}, &Name::code);
  return found == names.end() || found->code != code ? std::string_view{} : found->name;
}

template <std::size_t N>
std::string_view at(const std::array<std::string_view, N>& names, std::size_t index) {
  return index < N ? names[index] : std::string_view{};
}

}  // namespace

const KnxService* find_knx_service(std::uint16_t code) {
  const auto found = std::ranges::lower_bound(kServices, code, {}, &KnxService::code);
  return found == kServices.end() || found->code != code ? nullptr : &*found;
}

bool knx_answers(std::uint16_t code) {
  return code != 0 && std::ranges::find(kServices, code, &KnxService::answer) != kServices.end();
}

std::string_view cemi_code_name(std::uint8_t code) { return find(kCodes, code); }

std::string_view knx_maker_name(std::uint16_t maker) { return find(kMakers, maker); }

std::uint8_t cemi_confirmation(std::uint8_t code) {
  switch (code) {
    case kCemiRawRequest: return kCemiRawConfirmation;
    case kCemiDataRequest: return kCemiDataConfirmation;
    case kCemiReadRequest: return kCemiReadConfirmation;
    case kCemiWriteRequest: return kCemiWriteConfirmation;
    case kCemiCommandRequest:
    case kCemiStateRequest: return kCemiFunctionConfirmation;
    default: return 0;
  }
}

std::string_view cemi_error_name(std::uint8_t error) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"Unspecified Error", "Out of range", "Out of maxrange", "Out of minrange", "Memory Error", "Read only",
       "Illegal COMMAND", "Void DP", "Type conflict", "Prop. Index range error", "Value temporarily not writeable"});
  return at(kNames, error);
}

std::string_view knx_transport_name(std::uint8_t control) {
  static constexpr auto kNames = std::to_array<std::string_view>({"Connect", "Disconnect", "ACK", "NAK"});
  return kNames[control & 3U];
}

std::string_view knx_priority_name(unsigned priority) {
  static constexpr auto kNames = std::to_array<std::string_view>({"system", "normal", "urgent", "low"});
  return at(kNames, priority);
}

}  // namespace nw::network
