// Names of HART's numbers: commands as ICSNPP writes them where it has them, else as HCF_SPEC-127, -151 and -155 do.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/hart_ip_message.h"

namespace nw::network {

namespace {

using enum IcsOperation;

// clang-format off
constexpr auto kCommands = std::to_array<HartCommand>({
    // Universal.
    {0, "Read Unique Identifier", identify, "", "", ""},
    {1, "Read Primary Variable", read, "pv", "", "sf"},
    {2, "Read Loop Current", read, "loop_current", "", "ff"},
    {3, "Read Dynamic Variable", read, "dynamic_variables", "", "f*sf"},
    {6, "Write Polling Address", write, "polling_address", "bb", "bb"},
    {7, "Read Loop Configuration", read, "polling_address", "", "bb"},
    {8, "Read Dynamic Variable Classifications", read, "dynamic_variables", "", "bbbb"},
    {9, "Read Device Variable", read, "variable", "*i", "s*sssfs"},
    {11, "Read Unique Identifier Tag", identify, "tag", "g", ""},
    {12, "Read Message", read, "message", "", "m"},
    {13, "Read Tag", identify, "tag", "", "gdD"},
    {14, "Read Primary Variable Transducer Information", read, "pv", "", "tsfff"},
    {15, "Read Device Information", read, "pv", "", "sssfff"},
    {16, "Read Final Assembly Number", read, "final_assembly_number", "", "t"},
    {17, "Write Message", write, "message", "m", "m"},
    {18, "Write Tag Descriptor Date", write, "tag", "gdD", "gdD"},
    {19, "Write Final Assembly Number", write, "final_assembly_number", "t", "t"},
    {20, "Read Long Tag", identify, "long_tag", "", "L"},
    {21, "Read Unique Identifier Long Tag", identify, "long_tag", "L", ""},
    {22, "Write Long Tag", write, "long_tag", "L", "L"},
    // Common practice.
    {33, "Read Device Variables", read, "variable", "*i", "*ssf"},
    {34, "Write Primary Variable Damping Value", write, "pv", "f", "f"},
    {35, "Write Primary Variable Range Values", write, "pv", "sff", "sff"},
    {36, "Set Primary Variable Upper Range Value", write, "pv", "", ""},
    {37, "Set Primary Variable Lower Range Value", write, "pv", "", ""},
    {38, "Reset Configuration Changed Flag", write, "configuration_changed", "h", "h"},
    {39, "EEPROM Control", write, "eeprom", "b", "b"},
    {40, "Enter/Exit Fixed Current Mode", control, "loop_current", "f", "f"},
    {41, "Perform Self-Test", diagnose, "", "", ""},
    {42, "Perform Device Reset", restart, "", "", ""},
    {43, "Set Primary Variable Zero", write, "pv", "", ""},
    {44, "Write Primary Variable Units", write, "pv", "b", "b"},
    {45, "Trim Loop Current Zero", write, "loop_current", "f", "f"},
    {46, "Trim Loop Current Gain", write, "loop_current", "f", "f"},
    {47, "Write Primary Variable Transfer Function", write, "pv", "b", "b"},
    {48, "Read Additional Device Status", diagnose, "", "", ""},
    {49, "Write Primary Variable Transducer Serial Number", write, "pv", "t", "t"},
    {50, "Read Dynamic Variable Assignments", read, "dynamic_variables", "", "bbbb"},
    {51, "Write Dynamic Variable Assignments", write, "dynamic_variables", "bbbb", "bbbb"},
    {52, "Set Device Variable Zero", write, "variable", "i", ""},
    {53, "Write Device Variable Units", write, "variable", "ib", "sb"},
    {54, "Read Device Variable Information", read, "variable", "i", "stsffff"},
    {55, "Write Device Variable Damping Value", write, "variable", "if", "sf"},
    {56, "Write Device Variable Transducer Serial No.", write, "variable", "it", "st"},
    {57, "Read Unit Tag, Descriptor, Date", identify, "unit_tag", "", "gdD"},
    {58, "Write Unit Tag, Descriptor, Date", write, "unit_tag", "gdD", "gdD"},
    {59, "Write Number of Response Preambles", write, "preambles", "b", "b"},
    {60, "Read Analog Channel and Percent of Range", read, "channel", "i", "ssff"},
    {61, "Read Dynamic Variables and Primary Variable Analog Channel", read, "dynamic_variables", "", "sf*sf"},
    {62, "Read Analog Channels", read, "channel", "*i", "*ssf"},
    {63, "Read Analog Channel Information", read, "channel", "i", ""},
    {64, "Write Analog Channel Additional Damping Value", write, "channel", "if", "sf"},
    {65, "Write Analog Channel Range Values", write, "channel", "isff", "ssff"},
    {66, "Enter/Exit Fixed Analog Channel Mode", control, "channel", "isf", "ssf"},
    {67, "Trim Analog Channel Zero", write, "channel", "isf", "ssf"},
    {68, "Trim Analog Channel Gain", write, "channel", "isf", "ssf"},
    {69, "Write Analog Channel Transfer Function", write, "channel", "ib", "sb"},
    {70, "Read Analog Channel Endpoint Values", read, "channel", "i", "ssff"},
    {71, "Lock Device", write, "lock", "b", "b"},
    {72, "Squawk", control, "squawk", "b", "b"},
    {73, "Find Device", identify, "", "", ""},
    {74, "Read I/O System Capabilities", identify, "", "", ""},
    {75, "Poll Sub-Device", identify, "", "bbb", ""},
    {76, "Read Lock Device State", read, "lock", "", "b"},
    {77, "Send Command to Sub-Device", other, "", "", ""},
    {78, "Read Aggregated Commands", read, "", "", ""},
    {79, "Write Device Variable", write, "variable", "issfs", "sssfs"},
    {80, "Read Device Variable Trim Points", read, "variable", "i", "ssff"},
    {81, "Read Device Variable Trim Guidelines", read, "variable", "i", ""},
    {82, "Write Device Variable Trim Point", write, "variable", "issf", "sssf"},
    {83, "Reset Device Variable Trim", write, "variable", "i", ""},
    {84, "Read Sub-Device Identity Summary", identify, "sub_device", "h", ""},
    {85, "Read I/O Channel Statistics", diagnose, "", "bb", ""},
    {86, "Read Sub-Device Statistics", diagnose, "sub_device", "h", ""},
    {87, "Write I/O System Master Mode", write, "master_mode", "b", "b"},
    {88, "Write I/O System Retry Count", write, "retry_count", "b", "b"},
    {89, "Set Real-Time Clock", time_set, "clock", "sDk", "sDk"},
    {90, "Read Real-Time Clock", read, "clock", "", "Dk"},
    {91, "Read Trend Configuration", read, "trend", "i", ""},
    {92, "Write Trend Configuration", write, "trend", "ibbk", ""},
    {93, "Read Trend", read, "trend", "i", ""},
    {94, "Read I/O System Client-Side Communication Statistics", diagnose, "", "", ""},
    {95, "Read Device Communications Statistics", diagnose, "", "", "hhh"},
    {96, "Read Synchronous Action", read, "action", "i", ""},
    {97, "Configure Synchronous Action", write, "action", "ib", ""},
    {98, "Read Command Action", read, "action", "i", ""},
    {99, "Configure Command Action", write, "action", "ibb", ""},
    {101, "Read Sub-Device to Burst Message Map", read, "burst", "i", ""},
    {102, "Map Sub-Device to Burst Message", write, "burst", "ih", ""},
    {103, "Write Burst Period", write, "burst", "ikk", ""},
    {104, "Write Burst Trigger", write, "burst", "ibssf", ""},
    {105, "Read Burst Mode Configuration", read, "burst", "i", ""},
    {106, "Flush Delayed Responses", write, "delayed_responses", "", ""},
    {107, "Write Burst Device Variables", write, "burst", "bbbbbbbbb", ""},
    {108, "Write Burst Mode Command Number", write, "burst", "h", ""},
    {109, "Burst Mode Control", subscribe, "burst", "b", ""},
    {110, "Read All Dynamic Variables", read, "dynamic_variables", "", "*sf"},
    {111, "Transfer Service Control", file, "", "", ""},
    {112, "Transfer Service", file, "", "", ""},
    {113, "Catch Device Variable", write, "variable", "i", ""},
    {114, "Read Caught Device Variable", read, "variable", "i", ""},
    {115, "Read Event Notification Summary", read, "notification", "i", ""},
    {116, "Write Event Notification Bit Mask", write, "notification", "i", ""},
    {117, "Write Event Notification Timing", write, "notification", "ikkk", ""},
    {118, "Event Notification Control", subscribe, "notification", "ib", ""},
    {119, "Acknowledge Event Notification", write, "notification", "i", ""},
    // With numbers of 16 bits.
    {512, "Read Country Code", read, "country_code", "", "bb"},
    {513, "Write Country Code", write, "country_code", "bb", "bb"},
    {523, "Read Condensed Status Mapping Array", read, "status_map", "", ""},
    {524, "Write Condensed Status Mapping", write, "status_map", "", ""},
    {525, "Reset Condensed Status Map", write, "status_map", "", ""},
    {526, "Write Status Simulation Mode", write, "status_simulation", "b", ""},
    {527, "Simulate Status Bit", write, "status_simulation", "bb", ""},
    // WirelessHART. What they write of keys is not told.
    {768, "Write Join Key", write, "join_key", "", ""},
    {769, "Read Join Status", diagnose, "join", "", ""},
    {771, "Force Join Mode", write, "join", "", ""},
    {772, "Read Join Mode Configuration", read, "join", "", ""},
    {773, "Write Network ID", write, "network_id", "h", "h"},
    {774, "Read Network ID", read, "network_id", "", "h"},
    {775, "Write Network Tag", write, "network_tag", "L", "L"},
    {776, "Read Network Tag", read, "network_tag", "", "L"},
});
// clang-format on
static_assert(std::ranges::is_sorted(kCommands, {}, &HartCommand::number));

struct Name {
  unsigned number;
  std::string_view name;
};

std::string_view find(std::span<const Name> names, unsigned number) {
  const auto at = std::ranges::find(names, number, &Name::number);
  return at == names.end() ? std::string_view{} : at->name;
}

template <std::size_t N>
std::string_view at(const std::array<std::string_view, N>& names, unsigned index) {
  return index < N ? names[index] : std::string_view{};
}

}  // namespace

const HartCommand* find_hart_command(std::uint16_t number) {
  const auto found = std::ranges::lower_bound(kCommands, number, {}, &HartCommand::number);
  return found == kCommands.end() || found->number != number ? nullptr : &*found;
}

std::string_view hart_command_name(std::uint16_t number) {
  const HartCommand* command = find_hart_command(number);
  return command == nullptr ? std::string_view{} : command->name;
}

std::string_view hart_ip_type_name(std::uint8_t type) {
  static constexpr auto kNames = std::to_array<Name>({{kHartRequest, "Request"},
                                                      {kHartResponse, "Response"},
                                                      {kHartPublish, "Publish"},
                                                      {kHartNak, "Negative Acknowledgement"}});
  return find(kNames, type);
}

std::string_view hart_ip_id_name(std::uint8_t id) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"Session Initiate", "Session Close", "Keep Alive", "Token Passing PDU", "Direct PDU", "Read Audit Log"});
  return at(kNames, id);
}

std::string_view hart_ip_status_name(std::uint8_t status) {
  static constexpr auto kNames = std::to_array<Name>({{0, "Success"},
                                                      {2, "Invalid Selection"},
                                                      {3, "Passed Parameter Too Large"},
                                                      {4, "Passed Parameter Too Small"},
                                                      {5, "Too Few Data Bytes Received"},
                                                      {6, "Device Specific Command Error"},
                                                      {8, "Set To Nearest Possible Value"},
                                                      {9, "Security Not Initialized"},
                                                      {14, "Version Not Supported"},
                                                      {15, "All Available Sessions In Use"},
                                                      {16, "Access Restricted"},
                                                      {30, "Insecure Session Already Exists"}});
  return find(kNames, status);
}
bool is_hart_ip_warning(std::uint8_t status) { return status == 8 || status == 14 || status == 30; }

std::string_view hart_frame_name(unsigned frame) {
  static constexpr auto kNames = std::to_array<Name>(
      {{1, "Back Burst Frame"}, {2, "STX Master to Field"}, {6, "Acknowledgement Field to Master"}});
  return find(kNames, frame);
}

// HCF_SPEC-307: those that mean the same for every command.
std::string_view hart_response_name(std::uint8_t response) {
  static constexpr auto kNames = std::to_array<Name>({{0, "Success"},
                                                      {2, "Invalid Selection"},
                                                      {3, "Passed Parameter Too Large"},
                                                      {4, "Passed Parameter Too Small"},
                                                      {5, "Too Few Data Bytes Received"},
                                                      {6, "Device-Specific Command Error"},
                                                      {7, "In Write Protect Mode"},
                                                      {16, "Access Restricted"},
                                                      {17, "Invalid Device Variable Index"},
                                                      {18, "Invalid Units Code"},
                                                      {19, "Device Variable Index Not Allowed"},
                                                      {20, "Invalid Extended Command Number"},
                                                      {21, "Invalid I/O Card Number"},
                                                      {22, "Invalid Channel Number"},
                                                      {23, "Sub-Device Response Too Long"},
                                                      {32, "Busy"},
                                                      {33, "Delayed Response Initiated"},
                                                      {34, "Delayed Response Running"},
                                                      {35, "Delayed Response Dead"},
                                                      {36, "Delayed Response Conflict"},
                                                      {60, "Payload Too Long"},
                                                      {61, "No Buffers Available"},
                                                      {62, "No Alarm/Event Buffers Available"},
                                                      {63, "Priority Too Low"},
                                                      {64, "Command Not Implemented"}});
  if ((response & 0x80U) != 0) return "Communication Error";
  return find(kNames, response);
}

void append_hart_refusal(IcsText& out, std::uint8_t response) {
  // Response codes are errors, or warnings of what was done all the same (HCF_SPEC-307, 5.1).
  const bool done = response == 0 || response == 8 || response == 14 || (response >= 24 && response <= 27) ||
                    response == 30 || response == 31 || response == 33 || response == 34 ||
                    (response >= 96 && response <= 127);
  if (done) return;
  if (const std::string_view name = hart_response_name(response); !name.empty()) return out.append(name);
  out.append("response code ");
  out.append_number(response);
}

// A few of FieldComm's numbers; the others are told as numbers.
std::string_view hart_manufacturer_name(unsigned number) {
  static constexpr auto kNames = std::to_array<Name>({{17, "Endress+Hauser"},
                                                      {19, "Fisher Controls"},
                                                      {22, "Foxboro"},
                                                      {23, "Honeywell"},
                                                      {26, "ABB"},
                                                      {31, "Micro Motion"},
                                                      {38, "Rosemount"},
                                                      {42, "Siemens"},
                                                      {55, "Yokogawa"},
                                                      {62, "VEGA"},
                                                      {249, "FieldComm Group"}});
  return find(kNames, number);
}

std::string_view hart_device_status_name(unsigned bit) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"primary_variable_out_of_limits", "non_primary_variable_out_of_limits", "loop_current_saturated",
       "loop_current_fixed", "more_status_available", "cold_start", "configuration_changed", "device_malfunction"});
  return at(kNames, bit);
}

std::string_view hart_extended_status_name(unsigned bit) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"maintenance_required", "device_variable_alert", "critical_power_failure",
                                       "failure", "out_of_specification", "function_check"});
  return at(kNames, bit);
}

std::string_view hart_server_status_name(unsigned bit) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"unable_to_locate_syslog_server", "syslog_server_located_but_connection_failed", "insecure_syslog_connection"});
  return at(kNames, bit);
}

}  // namespace nw::network
