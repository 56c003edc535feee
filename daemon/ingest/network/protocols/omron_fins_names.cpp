// FINS' numbers: commands, end codes and areas (Omron W342, sections 5-1 to 5-3; W227 for CV controllers).
#include <algorithm>
#include <array>

#include "ingest/network/protocols/omron_fins_message.h"

namespace nw::network {

namespace {

using enum IcsOperation;

// clang-format off
constexpr auto kCommands = std::to_array<FinsCommand>({
    {0x0101, "Memory Area Read", read, "", "an", "x"},
    {0x0102, "Memory Area Write", write, "", "anx", ""},
    {0x0103, "Memory Area Fill", write, "", "anx", ""},
    {0x0104, "Multiple Memory Area Read", read, "", "*a", "x"},
    {0x0105, "Memory Area Transfer", write, "", "aan", ""},
    {0x0201, "Parameter Area Read", program, "", "pwn", "pwnx"},
    {0x0202, "Parameter Area Write", program, "", "pwnx", ""},
    {0x0203, "Parameter Area Clear", program, "", "pwn?x", ""},
    {0x0220, "Data Link Table Read", read, "data_link_table", "?x", "x"},
    {0x0221, "Data Link Table Write", write, "data_link_table", "?x", ""},
    {0x0304, "Program Area Protect", program, "program", "g?sWSS", ""},  // the password is not told
    {0x0305, "Program Area Protect Clear", program, "program", "g?sWSS", ""},
    {0x0306, "Program Area Read", program, "program", "gWb", "gWbx"},
    {0x0307, "Program Area Write", program, "program", "gWbx", "gWb"},
    {0x0308, "Program Area Clear", program, "program", "?gu", ""},
    {0x0401, "Run", start, "", "?gm", ""},
    {0x0402, "Stop", stop, "", "?g", ""},
    {0x0403, "Reset", restart, "", "", ""},
    {0x0501, "Controller Data Read", identify, "", "?u", "?NV?x"},
    {0x0502, "Connection Data Read", identify, "units", "u?u", "?x"},
    {0x0601, "Controller Status Read", diagnose, "", "", "q"},
    {0x0602, "Network Status Read", diagnose, "network", "", "x"},
    {0x0603, "Data Link Status Read", diagnose, "data_link", "", "x"},
    {0x0620, "Cycle Time Read", diagnose, "cycle_time", "u", "?x"},
    {0x0701, "Clock Read", read, "clock", "", "k"},
    {0x0702, "Clock Write", time_set, "clock", "k", ""},
    {0x0801, "Loop-Back Test", diagnose, "", "T", "T"},
    {0x0802, "Broadcast Test Results Read", diagnose, "", "", "c"},
    {0x0803, "Broadcast Test Data Send", diagnose, "", "T", ""},
    {0x0920, "Message Read | Message Clear | FAL/FALS Read", diagnose, "message", "c", "?cT"},
    {0x0C01, "Access Right Acquire", other, "access_right", "?g", "?sss"},
    {0x0C02, "Access Right Forced Acquire", other, "access_right", "?g", ""},
    {0x0C03, "Access Right Release", other, "access_right", "?g", ""},
    {0x2101, "Error Clear", write, "error", "c", ""},
    {0x2102, "Error Log Read", diagnose, "error_log", "cn", "ccnx"},
    {0x2103, "Error Log Clear", write, "error_log", "", ""},
    {0x2140, "Access Log Read", diagnose, "access_log", "cn", "ccnx"},
    {0x2141, "Access Log Clear", write, "access_log", "", ""},
    {0x2201, "File Name Read", file, "", "dcc", "x"},
    {0x2202, "Single File Read", file, "", "dfPb", "PPbx"},
    {0x2203, "Single File Write", file, "", "cdfPbx", ""},
    {0x2204, "Memory Card Format", file, "", "d", ""},
    {0x2205, "File Delete", file, "", "dcf?*f", "?c"},
    {0x2206, "Volume Label Create/Delete", file, "", "dc?f", ""},
    {0x2207, "File Copy", file, "", "dfdf", ""},
    {0x2208, "File Name Change", file, "", "dff", ""},
    {0x2209, "File Data Check", file, "", "df", ""},
    {0x220A, "Memory Area File Transfer", file, "", "candf", "?c"},
    {0x220B, "Parameter Area File Transfer", program, "", "cpwndf", "?c"},
    {0x220C, "Program Area File Transfer", program, "program", "cgWBdf", "?B"},
    {0x220F, "File Memory Index Read", file, "file_memory", "?x", "x"},
    {0x2210, "File Memory Read", file, "file_memory", "c", "x"},
    {0x2211, "File Memory Write", file, "file_memory", "scx", ""},
    {0x2301, "Forced Set/Reset", control, "", "n*ra", ""},
    {0x2302, "Forced Set/Reset Cancel", control, "forced", "", ""},
    {0x230A, "Multiple Forced Status Read", read, "forced", "an", "anx"},
    {0x2601, "Name Set", write, "name", "T", ""},
    {0x2602, "Name Delete", write, "name", "", ""},
    {0x2603, "Name Read", identify, "name", "", "T"},
});

struct End {
  std::uint16_t code;
  std::string_view name;
};
constexpr auto kEnds = std::to_array<End>({
    {0x0000, "Normal completion"},
    {0x0001, "Service was interrupted"},
    {0x0101, "Local node not in network"},
    {0x0102, "Token time-out"},
    {0x0103, "Retries failed"},
    {0x0104, "Too many send frames"},
    {0x0105, "Node address range error"},
    {0x0106, "Node address duplication"},
    {0x0201, "Destination node not in network"},
    {0x0202, "Unit missing"},
    {0x0203, "Third node missing"},
    {0x0204, "Destination node busy"},
    {0x0205, "Response time-out"},
    {0x0301, "Communications controller error"},
    {0x0302, "CPU unit error"},
    {0x0303, "Controller error"},
    {0x0304, "Unit number error"},
    {0x0401, "Undefined command"},
    {0x0402, "Not supported by model or version"},
    {0x0501, "Destination address setting error"},
    {0x0502, "No routing tables"},
    {0x0503, "Routing table error"},
    {0x0504, "Too many relays"},
    {0x1001, "Command too long"},
    {0x1002, "Command too short"},
    {0x1003, "Elements and data do not match"},
    {0x1004, "Command format error"},
    {0x1005, "Header error"},
    {0x1101, "Area classification missing"},
    {0x1102, "Access size error"},
    {0x1103, "Address range error"},
    {0x1104, "Address range exceeded"},
    {0x1106, "Program missing"},
    {0x1109, "Relational error"},
    {0x110A, "Duplicate data access"},
    {0x110B, "Response too long"},
    {0x110C, "Parameter error"},
    {0x2002, "Protected"},
    {0x2003, "Table missing"},
    {0x2004, "Data missing"},
    {0x2005, "Program missing"},
    {0x2006, "File missing"},
    {0x2007, "Data mismatch"},
    {0x2101, "Read-only"},
    {0x2102, "Protected, cannot write"},
    {0x2103, "Cannot register"},
    {0x2105, "Program missing, cannot write"},
    {0x2106, "File missing, cannot write"},
    {0x2107, "File name already exists"},
    {0x2108, "Cannot change"},
    {0x2201, "Not possible during execution"},
    {0x2202, "Not possible while running"},
    {0x2203, "Wrong PLC mode: PROGRAM"},
    {0x2204, "Wrong PLC mode: DEBUG"},
    {0x2205, "Wrong PLC mode: MONITOR"},
    {0x2206, "Wrong PLC mode: RUN"},
    {0x2207, "Specified node not polling node"},
    {0x2208, "Step cannot be executed"},
    {0x2301, "File device missing"},
    {0x2302, "Memory missing"},
    {0x2303, "Clock missing"},
    {0x2401, "Data link table missing"},
    {0x2502, "Memory contents error"},
    {0x2503, "I/O setting error"},
    {0x2504, "Too many I/O points"},
    {0x2505, "CPU bus error"},
    {0x2506, "I/O duplication"},
    {0x2507, "I/O bus error"},
    {0x2509, "SYSMAC BUS/2 error"},
    {0x250A, "CPU bus unit error"},
    {0x250D, "SYSMAC BUS number duplication"},
    {0x250F, "Memory error"},
    {0x2510, "SYSMAC BUS terminator missing"},
    {0x2601, "No protection"},
    {0x2602, "Incorrect password"},
    {0x2604, "Protected by password"},
    {0x2605, "Service already executing"},
    {0x2606, "Service stopped"},
    {0x2607, "No execution right"},
    {0x2608, "Settings not complete"},
    {0x2609, "Necessary items not set"},
    {0x260A, "Number already defined"},
    {0x260B, "Error will not clear"},
    {0x3001, "No access right"},
    {0x4001, "Service aborted"},
});
// clang-format on
static_assert(std::ranges::is_sorted(kCommands, {}, &FinsCommand::code) &&
              std::ranges::is_sorted(kEnds, {}, &End::code));

constexpr std::uint16_t kEndFlags = 0x80C0;  // an error on the way; fatal and other errors of the controller

template <std::size_t N>
std::string_view at(const std::array<std::string_view, N>& names, std::size_t index) {
  return index < N ? names[index] : std::string_view{};
}

}  // namespace

const FinsCommand* find_fins_command(std::uint16_t code) {
  const auto found = std::ranges::lower_bound(kCommands, code, {}, &FinsCommand::code);
  return found == kCommands.end() || found->code != code ? nullptr : &*found;
}

std::string_view fins_end_name(std::uint16_t end) {
  const auto code = static_cast<std::uint16_t>(end & ~kEndFlags);
  const auto found = std::ranges::lower_bound(kEnds, code, {}, &End::code);
  return found == kEnds.end() || found->code != code ? std::string_view{} : found->name;
}

bool fins_refuses(std::uint16_t end) { return (end & ~kEndFlags) != 0; }

// How programmers write them; those of which we do not know it have no name.
std::string_view fins_area_name(std::uint8_t area) {
  static constexpr auto kCs = std::to_array<std::string_view>({"CIO ", "W", "H", "A"});
  static constexpr auto kBanks = std::to_array<std::string_view>(
      {"E0_", "E1_", "E2_", "E3_", "E4_", "E5_", "E6_", "E7_", "E8_", "E9_", "EA_", "EB_", "EC_", "ED_", "EE_", "EF_"});
  const unsigned low = area & 0x0FU;
  switch (area & 0xF0U) {
    case 0x30:
    case 0x70:
    case 0xB0:
    case 0xF0:
      if (low < kCs.size()) return kCs[low];
      return area == 0xBC ? "DR" : std::string_view{};
    case 0x20:
    case 0xA0: return kBanks[low];
    case 0x90:
      if (low < 8) return kBanks[low];
      return low == 8 ? "E" : std::string_view{};
    default: break;
  }
  switch (area) {
    case 0xDC: return "IR";
    case 0x0A: return "E";
    case 0x1B: return "action ";
    default: break;
  }
  // CV controllers, and what CS ones share with them: bits, bits with their forcing, words, the same with it.
  static constexpr auto kCv =
      std::to_array<std::string_view>({"CIO ", "T/C", "D", "TN", "ST", "forced ", "TK", "clock ", "", "T/C"});
  return (area & 0x30U) == 0 ? at(kCv, low) : std::string_view{};
}

std::string_view fins_parameter_area_name(std::uint16_t area) {
  switch (area) {
    case 0x8002: return "cpu_bus_unit_setup";
    case 0x8010: return "plc_setup";
    case 0x8011: return "peripheral_setup";
    case 0x8012: return "io_table";
    case 0x8013: return "routing_tables";
    default: return {};
  }
}

std::string_view fins_mode_name(std::uint8_t mode) {
  static constexpr auto kNames = std::to_array<std::string_view>({"PROGRAM", "DEBUG", "MONITOR", "", "RUN"});
  return at(kNames, mode);
}

std::string_view fins_status_name(std::uint8_t status) {
  constexpr std::uint8_t kStandby = 0x80;
  static constexpr auto kNames = std::to_array<std::string_view>({"Stop", "Run"});
  return status == kStandby ? "Standby" : at(kNames, status);
}

std::string_view fins_tcp_command_name(std::uint32_t command) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"Client Node Address", "Server Node Address", "Frame Send", "Error Notification",
                                       "", "", "Connection Confirmation"});
  return at(kNames, command);
}

std::string_view fins_tcp_error_name(std::uint32_t error) {
  constexpr std::uint32_t kConnections = 0x20;
  static constexpr auto kNames =
      std::to_array<std::string_view>({"Normal", "Not FINS", "Data too long", "Command not supported"});
  static constexpr auto kConnectionNames =
      std::to_array<std::string_view>({"All connections in use", "Node already connected", "Address not allowed",
                                       "Client node out of range", "Same node as server", "No node left to give"});
  return error < kConnections ? at(kNames, error) : at(kConnectionNames, error - kConnections);
}

}  // namespace nw::network
