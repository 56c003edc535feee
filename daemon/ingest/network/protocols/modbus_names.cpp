// What Modbus numbers are called and what functions do. Functions and exceptions are spelled as in Zeek's modbus.log,
// diagnostics and interface types as in ICSNPP's. The UMAS functions (Schneider Electric, unpublished) are known from
// public analyses of the protocol.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/modbus_pdu.h"

namespace nw::network {

namespace {

using enum IcsOperation;

struct Function {
  std::uint8_t code;
  std::string_view name;
  IcsOperation operation;
};

constexpr auto kFunctions = std::to_array<Function>({
    {0x01, "READ_COILS", read},
    {0x02, "READ_DISCRETE_INPUTS", read},
    {0x03, "READ_HOLDING_REGISTERS", read},
    {0x04, "READ_INPUT_REGISTERS", read},
    {0x05, "WRITE_SINGLE_COIL", write},
    {0x06, "WRITE_SINGLE_REGISTER", write},
    {0x07, "READ_EXCEPTION_STATUS", diagnose},
    {0x08, "DIAGNOSTICS", diagnose},
    {0x09, "PROGRAM_484", program},
    {0x0A, "POLL_484", program},
    {0x0B, "GET_COMM_EVENT_COUNTER", diagnose},
    {0x0C, "GET_COMM_EVENT_LOG", diagnose},
    {0x0D, "PROGRAM_584_984", program},
    {0x0E, "POLL_584_984", program},
    {0x0F, "WRITE_MULTIPLE_COILS", write},
    {0x10, "WRITE_MULTIPLE_REGISTERS", write},
    {0x11, "REPORT_SLAVE_ID", identify},
    {0x12, "PROGRAM_884_U84", program},
    {0x13, "RESET_COMM_LINK_884_U84", restart},
    {0x14, "READ_FILE_RECORD", file},
    {0x15, "WRITE_FILE_RECORD", write},  // extended registers
    {0x16, "MASK_WRITE_REGISTER", write},
    {0x17, "READ_WRITE_MULTIPLE_REGISTERS", write},
    {0x18, "READ_FIFO_QUEUE", read},
    {0x28, "PROGRAM_CONCEPT", program},
    {0x29, "MULTIPLE_FUNCTION_CODES", other},
    {0x2B, "ENCAP_INTERFACE_TRANSPORT", other},
    {0x5A, "PROGRAM_UNITY", other},
    {0x5B, "OBJECT_MESSAGING", other},
    {0x7D, "FIRMWARE_REPLACEMENT", program},
    {0x7E, "PROGRAM_584_984_2", program},
    {0x7F, "REPORT_LOCAL_ADDRESS", identify},
});
static_assert(std::ranges::is_sorted(kFunctions, {}, &Function::code));

constexpr auto kUmas = std::to_array<Function>({
    {0x01, "INIT_COMM", other},
    {0x02, "READ_ID", identify},
    {0x03, "READ_PROJECT_INFO", identify},
    {0x04, "READ_PLC_INFO", identify},
    {0x06, "READ_CARD_INFO", identify},
    {0x0A, "REPEAT", other},
    {0x10, "TAKE_PLC_RESERVATION", other},
    {0x11, "RELEASE_PLC_RESERVATION", other},
    {0x12, "KEEP_ALIVE", other},
    {0x20, "READ_MEMORY_BLOCK", read},
    {0x21, "WRITE_MEMORY_BLOCK", write},
    {0x22, "READ_VARIABLES", read},
    {0x23, "WRITE_VARIABLES", write},
    {0x24, "READ_COILS_REGISTERS", read},
    {0x25, "WRITE_COILS_REGISTERS", write},
    {0x26, "READ_DATA_DICTIONARY", read},
    {0x28, "READ_PHYSICAL_ADDRESS", read},
    {0x29, "WRITE_PHYSICAL_ADDRESS", write},
    {0x30, "INITIALIZE_UPLOAD", program},
    {0x31, "UPLOAD_BLOCK", program},
    {0x32, "END_STRATEGY_UPLOAD", program},
    {0x33, "INITIALIZE_DOWNLOAD", program},
    {0x34, "DOWNLOAD_BLOCK", program},
    {0x35, "END_STRATEGY_DOWNLOAD", program},
    {0x36, "BACKUP_RESTORE", program},
    {0x39, "READ_ETH_MASTER_DATA", diagnose},
    {0x40, "START_PLC", start},
    {0x41, "STOP_PLC", stop},
    {0x50, "MONITOR_PLC", diagnose},
    {0x58, "CHECK_PLC", diagnose},
    {0x60, "SET_BREAKPOINT", stop},
    {0x70, "READ_IO_OBJECT", read},
    {0x71, "WRITE_IO_OBJECT", write},
    {0x73, "GET_STATUS_MODULE", diagnose},
    {0xFD, "RESPONSE_ERROR", other},
    {0xFE, "RESPONSE_OK", other},
});
static_assert(std::ranges::is_sorted(kUmas, {}, &Function::code));

constexpr std::uint16_t kRestartCommunications = 1, kListenOnly = 4;  // diagnostics

struct Named {
  std::uint16_t number;
  std::string_view name;
};

constexpr auto kExceptions = std::to_array<Named>({
    {1, "ILLEGAL_FUNCTION"},
    {2, "ILLEGAL_DATA_ADDRESS"},
    {3, "ILLEGAL_DATA_VALUE"},
    {4, "SLAVE_DEVICE_FAILURE"},
    {5, "ACKNOWLEDGE"},
    {6, "SLAVE_DEVICE_BUSY"},
    {8, "MEMORY_PARITY_ERROR"},
    {10, "GATEWAY_PATH_UNAVAILABLE"},
    {11, "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND"},
});
static_assert(std::ranges::is_sorted(kExceptions, {}, &Named::number));

constexpr auto kSubfunctions = std::to_array<Named>({
    {0, "Return Query Data"},
    {1, "Restart Communications Option"},
    {2, "Return Diagnostic Register"},
    {3, "Change ASCII Input Delimiter"},
    {4, "Force Listen Only Mode"},
    {10, "Clear Counters and Diagnostic Register"},
    {11, "Return Bus Message Count"},
    {12, "Return Bus Communication Error Count"},
    {13, "Return Bus Exception Error Count"},
    {14, "Return Server Message Count"},
    {15, "Return Server No Response Count"},
    {16, "Return Server NAK Count"},
    {17, "Return Server Busy Count"},
    {18, "Return Bus Character Overrun Count"},
    {20, "Clear Overrun Counter and Flag"},
});
static_assert(std::ranges::is_sorted(kSubfunctions, {}, &Named::number));

constexpr auto kMei = std::to_array<Named>({
    {13, "CANopen General Reference Request and Response PDU"},
    {14, "Read Device Identification"},
});

std::string_view find(const auto& table, std::uint16_t number) {
  const auto at = std::ranges::lower_bound(table, number, {}, &Named::number);
  return at != table.end() && at->number == number ? at->name : std::string_view{};
}
const Function* find_function(const auto& table, std::uint8_t code) {
  const auto at = std::ranges::lower_bound(table, code, {}, &Function::code);
  return at != table.end() && at->code == code ? &*at : nullptr;
}

}  // namespace

std::string_view modbus_function_name(std::uint8_t function) {
  const Function* known = find_function(kFunctions, function);
  return known == nullptr ? std::string_view{} : known->name;
}
std::string_view umas_function_name(std::uint8_t function) {
  const Function* known = find_function(kUmas, function);
  return known == nullptr ? std::string_view{} : known->name;
}
std::string_view modbus_exception_name(std::uint8_t code) { return find(kExceptions, code); }
std::string_view modbus_subfunction_name(std::uint16_t subfunction) { return find(kSubfunctions, subfunction); }
std::string_view modbus_mei_name(std::uint8_t mei) { return find(kMei, mei); }

IcsOperation modbus_operation(std::uint8_t function, const ModbusBody& body) {
  if (function == 0x08 && body.subfunction == kRestartCommunications) return restart;
  if (function == 0x08 && body.subfunction == kListenOnly) return stop;
  if (function == 0x2B) return body.mei == kMeiDeviceIdentification ? identify : other;
  const bool umas = function == 0x5A && body.umas;
  const Function* known = umas ? find_function(kUmas, *body.umas) : find_function(kFunctions, function);
  return known == nullptr ? other : known->operation;
}

std::string_view modbus_table(std::uint8_t function) {
  switch (function) {
    case 0x01:
    case 0x05:
    case 0x0F: return "coil";
    case 0x02: return "discrete_input";
    case 0x03:
    case 0x06:
    case 0x10:
    case 0x16:
    case 0x17: return "holding_register";
    case 0x04: return "input_register";
    case 0x18: return "fifo";
    default: return {};
  }
}

}  // namespace nw::network
