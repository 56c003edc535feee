#include "ingest/network/protocols/s7comm_names.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

using enum IcsOperation;

struct Named {
  std::uint16_t number;
  std::string_view name;
};
struct Does {
  std::uint16_t number;
  std::string_view name;
  IcsOperation operation;
};
struct Service {
  std::string_view service, name;
  IcsOperation operation;
};

constexpr auto kRosctr =
    std::to_array<Named>({{0x01, "Job-Request"}, {0x02, "ACK"}, {0x03, "ACK-Data"}, {0x07, "User-Data"}});
static_assert(std::ranges::is_sorted(kRosctr, {}, &Named::number));

constexpr auto kFunctions = std::to_array<Does>({
    {0x00, "CPU Services", other},
    {kS7Read, "Read Variable", read},
    {kS7Write, "Write Variable", write},
    {kS7RequestDownload, "Request Download", program},
    {kS7DownloadBlock, "Download Block", program},
    {kS7DownloadEnded, "Download Ended", program},
    {kS7StartUpload, "Start Upload", program},
    {kS7Upload, "Upload", program},
    {kS7EndUpload, "End Upload", program},
    {kS7Control, "PLC Control", control},
    {kS7Stop, "PLC Stop", stop},
    {kS7Setup, "Setup Communication", other},
});
static_assert(std::ranges::is_sorted(kFunctions, {}, &Does::number));

// Request, response and push of each.
#define NW_GROUP(name) \
  { "Push: " name, "Request: " name, "Response: " name }
constexpr auto kGroups = std::to_array<std::array<std::string_view, 3>>({
    NW_GROUP("Mode-Transition"),
    NW_GROUP("Programmer Controls"),
    NW_GROUP("Cyclic Services"),
    NW_GROUP("Block Functions"),
    NW_GROUP("CPU Functions"),
    NW_GROUP("Security"),
    NW_GROUP("PBC BSEND-BRECV"),
    NW_GROUP("Time Functions"),
});
constexpr std::array<std::string_view, 3> kNcGroup NW_GROUP("NC Programming");
#undef NW_GROUP
constexpr std::uint8_t kNc = 0xF;

// | group | subfunction |.
constexpr auto kSubfunctions = std::to_array<Does>({
    {0x0000, "Stop", stop},
    {0x0001, "Warm Restart", restart},
    {0x0002, "Run", start},
    {0x0003, "Hot Restart", restart},
    {0x0004, "Hold", stop},
    {0x0006, "Cold Restart", restart},
    {0x0009, "Run_R", start},
    {0x000B, "Link-Up", other},
    {0x000C, "Update", other},
    {0x0101, "Block Status", diagnose},
    {0x0102, "Variable Status", read},
    {0x0103, "Output ISTACK", diagnose},
    {0x0104, "Output BSTACK", diagnose},
    {0x0105, "Output LSTACK", diagnose},
    {0x0106, "Time Measurement", diagnose},
    {0x0107, "Force Selection", control},
    {0x0108, "Modify Variable", write},
    {0x0109, "Force", control},
    {0x010A, "Breakpoint", control},
    {0x010B, "Exit HOLD", start},
    {0x010C, "Memory Reset", program},
    {0x010D, "Disable Job", diagnose},
    {0x010E, "Enable Job", diagnose},
    {0x010F, "Delete Job", diagnose},
    {0x0110, "Read Job List", diagnose},
    {0x0111, "Read Job", diagnose},
    {0x0112, "Replace Job", diagnose},
    {0x0113, "Block Status v2", diagnose},
    {0x0116, "Flash LED", diagnose},
    {0x0201, "Cyclic Transfer", subscribe},
    {0x0204, "Unsubscribe", subscribe},
    {0x0205, "Change Driven Transfer", subscribe},
    {0x0207, "Change Driven Transfer Modify", subscribe},
    {0x0208, "RDREC", read},
    {0x0301, "List Blocks", read},
    {0x0302, "List Blocks of Type", read},
    {0x0303, "Get Block Info", read},
    {0x0401, "Read SZL", diagnose},
    {0x0402, "Message Service", subscribe},
    {0x0403, "Diagnostic Message", diagnose},
    {0x0405, "ALARM_8 Indication", diagnose},
    {0x0406, "NOTIFY Indication", diagnose},
    {0x0407, "ALARM_8 Lock", control},
    {0x0408, "ALARM_8 Unlock", control},
    {0x0409, "SCAN Indication", diagnose},
    {0x040B, "ALARM ACK", control},
    {0x040C, "ALARM ACK Indication", diagnose},
    {0x040D, "ALARM Lock Indication", diagnose},
    {0x040E, "ALARM Unlock Indication", diagnose},
    {0x0411, "ALARM_SQ Indication", diagnose},
    {0x0412, "ALARM_S Indication", diagnose},
    {0x0413, "ALARM Query", diagnose},
    {0x0416, "NOTIFY_8 Indication", diagnose},
    {0x0501, "PLC Password", other},
    {0x0701, "Read Clock", read},
    {0x0702, "Set Clock", time_set},
    {0x0703, "Read Clock (Following)", read},
    {0x0704, "Set Clock (2)", time_set},
});
static_assert(std::ranges::is_sorted(kSubfunctions, {}, &Does::number));

constexpr auto kServices = std::to_array<Service>({
    {"P_PROGRAM", "PLC Start / Stop", start},
    {"_DELE", "Removes module from the PLC's passive file system", program},
    {"_GARB", "Compress PLC memory", program},
    {"_INS2", "Activates a PLC module", program},
    {"_INSE", "Activates a PLC module", program},
    {"_MODU", "PLC Copy Ram to Rom", program},
    {"_N_LOGIN_", "Login", other},
    {"_N_LOGOUT", "Logout", other},
});
static_assert(std::ranges::is_sorted(kServices, {}, &Service::service));

constexpr auto kErrorClasses = std::to_array<Named>({
    {0x00, "No error"},
    {0x81, "Application relationship error"},
    {0x82, "Object definition error"},
    {0x83, "No ressources available error"},
    {0x84, "Error on service processing"},
    {0x85, "Error on supplies"},
    {0x87, "Access error"},
});
static_assert(std::ranges::is_sorted(kErrorClasses, {}, &Named::number));

constexpr auto kErrors = std::to_array<Named>({
    {0x0110, "invalid block number"},
    {0x0111, "invalid request length"},
    {0x0112, "invalid parameter"},
    {0x0113, "invalid block type"},
    {0x0114, "block not found"},
    {0x0115, "block already exists"},
    {0x0116, "block is write-protected"},
    {0x0117, "block too large"},
    {0x0118, "invalid block number"},
    {0x0119, "incorrect password"},
    {0x011A, "PG resource error"},
    {0x011B, "PLC resource error"},
    {0x011C, "protocol error"},
    {0x011D, "too many blocks"},
    {0x8104, "service not implemented or frame error"},
    {0x8204, "type of object inconsistent"},
    {0x8304, "no memory left"},
    {0x8404, "wrong state for the service"},
    {0x8500, "wrong PDU size"},
    {0x8702, "address invalid"},
    {0xD002, "step invalid"},
    {0xD0A1, "too many jobs"},
    {0xD0A2, "job cannot be done"},
    {0xD0A5, "job does not exist"},
    {0xD201, "syntax error in block name"},
    {0xD202, "syntax error in parameters"},
    {0xD203, "block type invalid"},
    {0xD209, "block not found"},
    {0xD20C, "block not active"},
    {0xD20E, "block not in load memory"},
    {0xD210, "block number invalid"},
    {0xD220, "block not inserted"},
    {0xD240, "coordination rules violated"},
    {0xD241, "function not permitted at this protection level"},
    {0xD242, "protection violation while processing"},
    {0xD401, "information function unavailable"},
    {0xD402, "information function not executable"},
    {0xD403, "service cannot be logged on"},
    {0xD404, "service already logged on"},
    {0xD405, "service not logged on"},
    {0xD406, "no list or list without entries"},
    {0xD602, "password missing or wrong"},
    {0xD604, "password already cleared"},
    {0xD605, "no password given"},
});
static_assert(std::ranges::is_sorted(kErrors, {}, &Named::number));

constexpr auto kReturns = std::to_array<Named>({
    {0x00, "Reserved"},
    {0x01, "Hardware error"},
    {0x03, "Accessing the object not allowed"},
    {0x05, "Invalid address"},
    {0x06, "Data type not supported"},
    {0x07, "Data type inconsistent"},
    {0x0A, "Object does not exist"},
    {0xFF, "Success"},
});
static_assert(std::ranges::is_sorted(kReturns, {}, &Named::number));

// By the lower octet of the list's number.
constexpr auto kSzl = std::to_array<Named>({
    {0x00, "List of all the SZL-IDs of a module"},
    {0x11, "Module identification"},
    {0x12, "CPU characteristics"},
    {0x13, "User memory areas"},
    {0x14, "System areas"},
    {0x15, "Block types"},
    {0x16, "Priority classes"},
    {0x17, "List of the permitted SDBs with a number < 1000"},
    {0x18, "Maximum S7-300 I/O configuration"},
    {0x19, "Status of the module LEDs"},
    {0x1C, "Component Identification"},
    {0x21, "Interrupt / error assignment"},
    {0x22, "Interrupt status"},
    {0x23, "Priority classes"},
    {0x24, "Modes"},
    {0x25, "Assignment between process image partitions and OBs"},
    {0x31, "Communication capability parameters"},
    {0x32, "Communication status data"},
    {0x33, "Diagnostics: device logon list"},
    {0x37, "Ethernet - Details of a Module"},
    {0x71, "H CPU group information"},
    {0x74, "Status of the module LEDs"},
    {0x75, "Switched DP slaves in the H-system"},
    {0x81, "Start information list"},
    {0x82, "Start event list"},
    {0x91, "Module status information"},
    {0x92, "Rack / station status information"},
    {0x94, "Rack / station status information"},
    {0x95, "Extended DP master system information"},
    {0x96, "Module status information, PROFINET IO and PROFIBUS DP"},
    {0xA0, "Diagnostic buffer of the CPU"},
    {0xB1, "Module diagnostic information (data record 0)"},
    {0xB2, "Module diagnostic information (data record 1), geographical address"},
    {0xB3, "Module diagnostic information (data record 1), logical address"},
    {0xB4, "Diagnostic data of a DP slave"},
});
static_assert(std::ranges::is_sorted(kSzl, {}, &Named::number));
constexpr std::uint8_t kSzlModule = 0x11, kSzlComponent = 0x1C;

struct Block {
  std::string_view type, name, abbreviation;
};
constexpr auto kBlocks = std::to_array<Block>({
    {"08", "Organization Block", "OB"},
    {"0A", "Data Block", "DB"},
    {"0B", "System Data Block", "SDB"},
    {"0C", "Function", "FC"},
    {"0D", "System Function", "SFC"},
    {"0E", "Function Block", "FB"},
    {"0F", "System Function Block", "SFB"},
});

const auto* find(const auto& table, auto key, auto member) {
  const auto at = std::ranges::lower_bound(table, key, {}, member);
  return at != table.end() && (*at).*member == key ? &*at : nullptr;
}
std::string_view name_of(const auto& table, std::uint16_t number, auto member) {
  const auto* found = find(table, number, member);
  return found == nullptr ? std::string_view{} : found->name;
}
const Does* subfunction_of(std::uint8_t group, std::uint8_t subfunction) {
  return find(kSubfunctions, static_cast<std::uint16_t>((group & 0x0FU) << 8U | subfunction), &Does::number);
}

}  // namespace

std::string_view s7_rosctr_name(std::uint8_t rosctr) { return name_of(kRosctr, rosctr, &Named::number); }
std::string_view s7_function_name(std::uint8_t function) { return name_of(kFunctions, function, &Does::number); }
std::string_view s7_group_name(std::uint8_t group) {
  const std::size_t number = group & 0x0FU, kind = group >> 6U;
  if ((group & 0x30U) != 0 || kind > 2) return {};
  if (number == kNc) return kNcGroup[kind];
  return number < kGroups.size() ? kGroups[number][kind] : std::string_view{};
}
std::string_view s7_subfunction_name(std::uint8_t group, std::uint8_t subfunction) {
  const Does* found = subfunction_of(group, subfunction);
  return found == nullptr ? std::string_view{} : found->name;
}
std::string_view s7_service_name(std::string_view service) {
  const Service* found = find(kServices, service, &Service::service);
  return found == nullptr ? std::string_view{} : found->name;
}
std::string_view s7_error_class_name(std::uint8_t error_class) {
  return name_of(kErrorClasses, error_class, &Named::number);
}
std::string_view s7_error_name(std::uint16_t error) { return name_of(kErrors, error, &Named::number); }
std::string_view s7_return_name(std::uint8_t code) { return name_of(kReturns, code, &Named::number); }
std::string_view s7_szl_name(std::uint16_t id) { return name_of(kSzl, id & 0xFFU, &Named::number); }
std::string_view s7_block_name(std::string_view type) {
  const Block* found = find(kBlocks, type, &Block::type);
  return found == nullptr ? std::string_view{} : found->name;
}
std::string_view s7_block_short(std::string_view type) {
  const Block* found = find(kBlocks, type, &Block::type);
  return found == nullptr ? std::string_view{} : found->abbreviation;
}

IcsOperation s7_operation(std::uint8_t function) {
  const Does* found = find(kFunctions, function, &Does::number);
  return found == nullptr ? other : found->operation;
}
IcsOperation s7_group_operation(std::uint8_t group, std::uint8_t subfunction) {
  // Pushed, it is the controller that says what became of it; nobody asked it to.
  if ((group & 0xC0U) == 0 && (group & 0x0FU) == kS7Mode) return diagnose;
  if (const Does* found = subfunction_of(group, subfunction)) return found->operation;
  if ((group & 0x0FU) == kNc) return program;
  return (group & 0x0FU) == kS7Cyclic ? subscribe : other;
}
IcsOperation s7_service_operation(std::string_view service, std::string_view argument) {
  const Service* found = find(kServices, service, &Service::service);
  if (found == nullptr) return control;
  return found->operation == start && argument.starts_with('C') ? restart : found->operation;
}
IcsOperation s7_szl_operation(std::uint16_t id) {
  const auto list = static_cast<std::uint8_t>(id);
  return list == kSzlModule || list == kSzlComponent ? identify : diagnose;
}

}  // namespace nw::network
