// What TriStation's numbers are called and what functions do: the names that public analyses of TRITON found in it.
#include <array>

#include "ingest/network/protocols/tristation_message.h"

namespace nw::network {

namespace {

using enum IcsOperation;

struct Request {
  std::string_view name;
  IcsOperation operation;
};

// By number. Those from 75 to 83 exist, but for 80 without names.
constexpr auto kRequests = std::to_array<Request>({
    {"Start download all", program},  // 0
    {"Start download change", program},
    {"Update configuration", program},
    {"Upload configuration", program},
    {"Set I/O addresses", program},
    {"Allocate network", program},
    {"Load vector table", program},
    {"Set calendar", time_set},
    {"Get calendar", read},
    {"Set scan time", write},
    {"End download all", program},  // 10
    {"End download change", program},
    {"Cancel download change", program},
    {"Attach TRICON", other},
    {"Set I/O address limits", program},
    {"Configure module", program},
    {"Set multiple point values", write},
    {"Enable all points", control},
    {"Upload vector table", program},
    {"Get CP status", diagnose},
    {"Run program", start},  // 20
    {"Halt program", stop},
    {"Pause program", stop},
    {"Do single scan", control},
    {"Get chassis status", diagnose},
    {"Get minimum scan time", read},
    {"Set node number", write},
    {"Set I/O point values", write},
    {"Get I/O point values", read},
    {"Get MP status", diagnose},
    {"Set retentive values", write},  // 30
    {"Adjust clock calendar", time_set},
    {"Clear module alarms", diagnose},
    {"Get event log", diagnose},
    {"Set SOE block", write},
    {"Record event log", diagnose},
    {"Get SOE data", read},
    {"Enable OVD", control},
    {"Disable OVD", control},
    {"Enable all OVDs", control},
    {"Disable all OVDs", control},  // 40
    {"Process MODBUS", other},
    {"Upload network", program},
    {"Set label", write},
    {"Configure system variables", program},
    {"Deconfigure module", program},
    {"Get system variables", read},
    {"Get module types", identify},
    {"Begin conversion table download", program},
    {"Continue conversion table download", program},
    {"End conversion table download", program},  // 50
    {"Get conversion table", read},
    {"Set ICM status", write},
    {"Broadcast SOE data available", subscribe},
    {"Get module versions", identify},
    {"Allocate program", program},
    {"Allocate function", program},
    {"Clear retentives", write},
    {"Set initial values", write},
    {"Start TS2 program download", program},
    {"Set TS2 data area", write},  // 60
    {"Get TS2 data", read},
    {"Set TS2 data", write},
    {"Set program information", program},
    {"Get program information", read},
    {"Upload program", program},
    {"Upload function", program},
    {"Get point groups", read},
    {"Allocate symbol table", program},
    {"Get I/O address", read},
    {"Resend I/O address", read},  // 70
    {"Get program timing", read},
    {"Allocate multiple functions", program},
    {"Get node number", identify},
    {"Get symbol table", read},
});
constexpr std::uint8_t kDownloadMode = 80;

struct Response {
  std::string_view name;
  std::uint8_t request;  // which it answers
};
constexpr std::uint8_t kNone = 0xff;

// By number from kTsRejected on.
constexpr auto kResponses = std::to_array<Response>({
    {"Command rejected", kNone},  // 100
    {"Download all permitted", 0},
    {"Download change permitted", 1},
    {"Modification accepted", 11},
    {"Download cancelled", 12},
    {"Program accepted", 10},
    {"TRICON attached", 13},
    {"I/O addresses set", 4},
    {"Get CP status response", 19},
    {"Program is running", 20},
    {"Program is halted", 21},  // 110
    {"Program is paused", 22},
    {"End of single scan", 23},
    {"Get chassis configuration response", 24},
    {"Scan period modified", 9},
    {{}, kNone},
    {{}, kNone},
    {"Module configured", 15},
    {{}, kNone},
    {"Get chassis status response", 24},
    {"Vectors response", 18},  // 120
    {"Get I/O point values response", 28},
    {"Calendar changed", 7},
    {"Configuration updated", 2},
    {"Get minimum scan time response", 25},
    {{}, kNone},
    {"Node number set", 26},
    {"Get MP status response", 29},
    {"Retentive values set", 30},
    {"SOE block set", 34},
    {"Module alarms cleared", 32},  // 130
    {"Get event log response", 33},
    {"Symbol table accepted", 68},
    {"OVD enable accepted", 37},
    {"OVD disable accepted", 38},
    {"Record event log response", 35},
    {"Upload network response", 42},
    {"Get SOE data response", 36},
    {"Allocate network accepted", 5},
    {"Load vector table accepted", 6},
    {"Get calendar response", 8},  // 140
    {"Label set", 43},
    {"Get module types response", 47},
    {"System variables configured", 44},
    {"Module deconfigured", 45},
    {{}, kNone},
    {{}, kNone},
    {"Get conversion table response", 51},
    {"ICM print data sent", kNone},
    {"Set ICM status response", 52},
    {"Get system variables response", 46},  // 150
    {"Get module versions response", 54},
    {"Process MODBUS response", 41},
    {"Allocate program response", 55},
    {"Allocate function response", 56},
    {"Clear retentives response", 57},
    {"Set initial values response", 58},
    {"Set TS2 data area response", 60},
    {"Get TS2 data response", 61},
    {"Set TS2 data response", 62},
    {"Set program information response", 63},  // 160
    {"Get program information response", 64},
    {"Upload program response", 65},
    {"Upload function response", 66},
    {"Get point groups response", 67},
    {"Allocate symbol table response", 68},
    {"Program timing response", 71},
    {"Disable points full", kNone},
    {"Allocate multiple functions response", 72},
    {"Get node number response", 73},
    {"Symbol table response", 74},  // 170
});

constexpr std::uint8_t kRejectFirst = 200;
// By number from there on.
constexpr auto kRejects = std::to_array<std::string_view>({
    "Wrong command",
    "Load is in progress",
    "Bad clock calendar data",
    "Control program not halted",
    "Control program checksum error",
    "No memory available",
    "Control program not valid",
    "Not loading a control program",
    "Network is out of range",
    "Not enough arguments",
    "A network is missing",
    "The download time mismatches",
    "Key setting prohibits this operation",
    "Bad control program version",
    "Command not in correct sequence",
    {},
    "Bad index for a module",
    "Module address is invalid",
    {},
    {},
    "Bad offset for an I/O point",
    "Invalid point type",
    "Invalid point location",
    "Program name is invalid",
    {},
    {},
    {},
    "Invalid module type",
    {},
    "Invalid table type",
    {},
    "Invalid network continuation",
    "Invalid scan time",
    "Load is busy",
    "An MP has re-educated",
    "Invalid chassis or slot",
    "Invalid SOE number",
    "Invalid SOE type",
    "Invalid SOE state",
    "The variable is write protected",
    "Node number mismatch",
    "Command not allowed",
    "Invalid sequence number",
    "Time change on non-master TRICON",
    "No free TriStation ports",
    "Invalid TriStation I command",
    "Invalid TriStation 1131 command",
    "Only one chassis allowed",
    "Bad variable address",
    "Response overflow",
    "Invalid bus",
    "Disable is not allowed",
    "Invalid length",
    "Point cannot be disabled",
    "Too many retentive variables",
    "Loader connect",
});
static_assert(kRejectFirst + kRejects.size() == 0x100);

const Response* find_response(std::uint8_t function) {
  const std::size_t at = static_cast<std::size_t>(function) - kTsRejected;
  return function >= kTsRejected && at < kResponses.size() ? &kResponses[at] : nullptr;
}

}  // namespace

std::string_view ts_type_name(std::uint8_t type) {
  static constexpr auto kNames = std::to_array<std::string_view>({
      {},
      "Connection Request",
      "Connection Response",
      "Disconnection Response",
      "Disconnection Request",
      "Execution Command",
      "Ping Command",
      "Connection Limit Reached",
      "Not Connected",
      "MPs Are Dead",
      "Access Denied",
      "Connection Failed",
  });
  return type < kNames.size() ? kNames[type] : std::string_view{};
}

std::string_view ts_function_name(std::uint8_t function) {
  if (function < kRequests.size()) return kRequests[function].name;
  if (function == kDownloadMode) return "Go to DOWNLOAD mode";
  const Response* response = find_response(function);
  return response == nullptr ? std::string_view{} : response->name;
}

std::string_view ts_reject_name(std::uint8_t code) {
  return code >= kRejectFirst ? kRejects[code - kRejectFirst] : std::string_view{};
}

std::string_view ts_key_name(std::uint8_t key) {
  static constexpr auto kNames = std::to_array<std::string_view>({"STOP", "PROGRAM", "RUN", "REMOTE", "INVALID"});
  return key < kNames.size() ? kNames[key] : std::string_view{};
}

std::string_view ts_state_name(std::uint8_t state) {
  static constexpr auto kNames = std::to_array<std::string_view>({"RUNNING", "HALTED", "PAUSED", "EXCEPTION"});
  return state < kNames.size() ? kNames[state] : std::string_view{};
}

std::string_view ts_implant_name(std::uint8_t command) {
  switch (command) {
    case 23: return "Read memory";
    case 65: return "Write memory";
    case 249: return "Execute";
    default: return {};
  }
}

IcsOperation ts_operation(std::uint8_t function) {
  if (function < kRequests.size()) return kRequests[function].operation;
  if (function == kDownloadMode) return program;
  const Response* response = find_response(function);
  return response == nullptr || response->request == kNone ? other : kRequests[response->request].operation;
}

}  // namespace nw::network
