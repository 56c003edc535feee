// Services, classes and status: The CIP Networks Library, volume 1, appendices A and B and chapter 5; vendors and
// device types: ODVA's lists; Rockwell's classes: Logix 5000 Controllers Data Access (1756-PM020) and what its tools
// send.
#include "ingest/network/protocols/cip_names.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

using enum IcsOperation;

struct Name {
  std::uint32_t code;
  std::string_view name;
};

template <std::size_t N>
std::string_view find(const std::array<Name, N>& names, std::uint32_t code) {
  const auto at = std::ranges::lower_bound(names, code, {}, &Name::code);
  return at == names.end() || at->code != code ? std::string_view{} : at->name;
}

struct Service {
  std::uint8_t code;
  std::string_view name;
  IcsOperation operation;
};

constexpr std::uint8_t kFirstOfClass = 0x4B, kLastOfClass = 0x63;  // what they mean, the object's class says

constexpr auto kCommon = std::to_array<Service>({
    {0x01, "Get Attributes All", read},
    {0x02, "Set Attributes All", write},
    {0x03, "Get Attribute List", read},
    {0x04, "Set Attribute List", write},
    {0x05, "Reset", restart},
    {0x06, "Start", start},
    {0x07, "Stop", stop},
    {0x08, "Create", program},
    {0x09, "Delete", program},
    {0x0A, "Multiple Service Packet", other},
    {0x0D, "Apply Attributes", program},
    {0x0E, "Get Attribute Single", read},
    {0x10, "Set Attribute Single", write},
    {0x11, "Find Next Object Instance", read},
    {0x14, "Error Response", other},
    {0x15, "Restore", program},
    {0x16, "Save", program},
    {0x17, "No Operation", other},
    {0x18, "Get Member", read},
    {0x19, "Set Member", write},
    {0x1A, "Insert Member", write},
    {0x1B, "Remove Member", write},
    {0x1C, "Group Sync", other},
});
constexpr auto kOfConnectionManager = std::to_array<Service>({
    {kCipForwardClose, "Forward Close", other},
    {kCipUnconnectedSend, "Unconnected Send", other},
    {kCipForwardOpen, "Forward Open", other},
    {0x56, "Get Connection Data", diagnose},
    {0x57, "Search Connection Data", diagnose},
    {0x5A, "Get Connection Owner", diagnose},
    {kCipLargeForwardOpen, "Large Forward Open", other},
});
constexpr auto kOfFile = std::to_array<Service>({
    {0x4B, "Initiate Upload", file},
    {0x4C, "Initiate Download", file},
    {0x4D, "Initiate Partial Read", file},
    {0x4E, "Initiate Partial Write", file},
    {0x4F, "Upload Transfer", file},
    {0x50, "Download Transfer", file},
    {0x51, "Clear File", file},
});
// What ControlFLASH loads firmware with: Rockwell's 1203-5.13 and 1444-UM001.
constexpr auto kOfStorage = std::to_array<Service>({
    {0x4B, "Update", program},
    {0x4D, "Transfer", program},
});
constexpr auto kOfTags = std::to_array<Service>({
    {kCipReadTag, "Read Tag", read},
    {kCipWriteTag, "Write Tag", write},
    {kCipModifyTag, "Read Modify Write Tag", write},
    {kCipReadTagFragment, "Read Tag Fragmented", read},
    {kCipWriteTagFragment, "Write Tag Fragmented", write},
    {0x55, "Get Instance Attribute List", read},
});
constexpr auto kOfPccc = std::to_array<Service>({
    {kCipPccc, "Execute PCCC", other},
    {kCipPcccDhPlus, "Execute DH+", other},
    {kCipPcccLocal, "Execute Local PCCC", other},
});
constexpr auto kOfTemplate = std::to_array<Service>({{kCipReadTag, "Read Template", read}});
constexpr auto kOfLinks = std::to_array<Service>({{0x4C, "Get And Clear", diagnose}});

// What passes through is a request of Modbus, which these others cannot say.
constexpr auto kOfModbus = std::to_array<Service>({
    {0x4B, "Read Discrete Inputs", read},
    {0x4C, "Read Coils", read},
    {0x4D, "Read Input Registers", read},
    {0x4E, "Read Holding Registers", read},
    {0x4F, "Write Coils", write},
    {0x50, "Write Holding Registers", write},
    {0x51, "Modbus Passthrough", write},
});
constexpr auto kOfMotionAxis = std::to_array<Service>({
    {0x4B, "Get Axis Attribute List", read},
    {0x4C, "Set Axis Attribute List", write},
    {0x4D, "Set Cyclic Write List", write},
    {0x4E, "Set Cyclic Read List", subscribe},
    {0x4F, "Run Motor Test", control},
    {0x50, "Get Motor Test Data", read},
    {0x51, "Run Inertia Test", control},
    {0x52, "Get Inertia Test Data", read},
    {0x53, "Run Hookup Test", control},
    {0x54, "Get Hookup Test Data", read},
});
constexpr auto kOfDeviceSupervisor = std::to_array<Service>({
    {0x4B, "Abort", stop},
    {0x4C, "Recover", control},
    {0x4E, "Perform Diagnostics", diagnose},
});
constexpr auto kOfSafetySupervisor = std::to_array<Service>({
    {0x4C, "Recover", control},
    {0x4E, "Perform Diagnostics", diagnose},
    {0x4F, "Configure Request", program},
    {0x50, "Validate Configuration", program},
    {0x51, "Set Password", write},
    {0x52, "Configuration Lock or Unlock", program},
    {0x53, "Mode Change", control},
    {0x54, "Safety Reset", restart},
    {0x55, "Reset Password", write},
    {0x56, "Propose TUNID", program},
    {0x57, "Apply TUNID", program},
    {0x58, "Propose TUNID List", program},
    {0x59, "Apply TUNID List", program},
});

enum : std::uint32_t { kDeviceSupervisor = 0x30, kSafetySupervisor = 0x39, kMotionAxis = 0x42, kModbus = 0x44 };
enum : std::uint32_t { kTemplate = 0x6C, kStorage = 0xA1, kTcpIp = 0xF5, kEthernetLink = 0xF6, kDlr = 0x47 };

std::span<const Service> services_of(const CipPoint& point) {
  if (point.tag()) return kOfTags;
  if (!point.class_id) return {};
  switch (*point.class_id) {
    case kCipConnectionManager: return kOfConnectionManager;
    case kCipFile: return kOfFile;
    case kCipPcccObject: return kOfPccc;
    case kStorage: return kOfStorage;
    case kTemplate: return kOfTemplate;
    case kModbus: return kOfModbus;
    case kMotionAxis: return kOfMotionAxis;
    case kDeviceSupervisor: return kOfDeviceSupervisor;
    case kSafetySupervisor: return kOfSafetySupervisor;
    case kTcpIp:
    case kEthernetLink:
    case kDlr: return kOfLinks;
    default: return {};
  }
}

const Service* find_service(std::uint8_t service, const CipPoint& point) {
  const bool of_class = service >= kFirstOfClass && service <= kLastOfClass;
  const auto in = of_class ? services_of(point) : std::span<const Service>{kCommon};
  const auto at = std::ranges::find(in, service, &Service::code);
  return at == in.end() ? nullptr : &*at;
}

constexpr auto kClasses = std::to_array<Name>({
    {0x01, "Identity"},
    {0x02, "Message Router"},
    {0x03, "DeviceNet"},
    {0x04, "Assembly"},
    {0x05, "Connection"},
    {0x06, "Connection Manager"},
    {0x07, "Register"},
    {0x08, "Discrete Input Point"},
    {0x09, "Discrete Output Point"},
    {0x0A, "Analog Input Point"},
    {0x0B, "Analog Output Point"},
    {0x0E, "Presence Sensing"},
    {0x0F, "Parameter"},
    {0x10, "Parameter Group"},
    {0x12, "Group"},
    {0x1D, "Discrete Input Group"},
    {0x1E, "Discrete Output Group"},
    {0x1F, "Discrete Group"},
    {0x20, "Analog Input Group"},
    {0x21, "Analog Output Group"},
    {0x22, "Analog Group"},
    {0x23, "Position Sensor"},
    {0x24, "Position Controller Supervisor"},
    {0x25, "Position Controller"},
    {0x26, "Block Sequencer"},
    {0x27, "Command Block"},
    {0x28, "Motor Data"},
    {0x29, "Control Supervisor"},
    {0x2A, "AC/DC Drive"},
    {0x2B, "Acknowledge Handler"},
    {0x2C, "Overload"},
    {0x2D, "Softstart"},
    {0x2E, "Selection"},
    {0x30, "S-Device Supervisor"},
    {0x31, "S-Analog Sensor"},
    {0x32, "S-Analog Actuator"},
    {0x33, "S-Single Stage Controller"},
    {0x34, "S-Gas Calibration"},
    {0x35, "Trip Point"},
    {0x37, "File"},
    {0x38, "S-Partial Pressure"},
    {0x39, "Safety Supervisor"},
    {0x3A, "Safety Validator"},
    {0x3B, "Safety Discrete Output Point"},
    {0x3C, "Safety Discrete Output Group"},
    {0x3D, "Safety Discrete Input Point"},
    {0x3E, "Safety Discrete Input Group"},
    {0x3F, "Safety Dual Channel Output"},
    {0x40, "S-Sensor Calibration"},
    {0x41, "Event Log"},
    {0x42, "Motion Device Axis"},
    {0x43, "Time Sync"},
    {0x44, "Modbus"},
    {0x45, "Originator Connection List"},
    {0x46, "Modbus Serial Link"},
    {0x47, "Device Level Ring (DLR)"},
    {0x48, "QoS"},
    {0x4D, "Target Connection List"},
    {0x4E, "Base Energy"},
    {0x4F, "Electrical Energy"},
    {0x50, "Non-Electrical Energy"},
    {0x51, "Base Switch"},
    {0x52, "SNMP"},
    {0x53, "Power Management"},
    {0x54, "RSTP Bridge"},
    {0x55, "RSTP Port"},
    {0x56, "PRP/HSR Protocol"},
    {0x57, "PRP/HSR Nodes Table"},
    {0x5D, "CIP Security"},
    {0x5E, "EtherNet/IP Security"},
    {0x5F, "Certificate Management"},
    {0x64, "Program Name"},
    {0x67, "PCCC"},
    {0x68, "Program"},
    {0x6B, "Symbol"},
    {0x6C, "Template"},
    {0x8B, "Wall Clock Time"},
    {0xA1, "Nonvolatile Storage"},
    {0xF0, "ControlNet"},
    {0xF1, "ControlNet Keeper"},
    {0xF2, "ControlNet Scheduling"},
    {0xF3, "Connection Configuration"},
    {0xF4, "Port"},
    {0xF5, "TCP/IP Interface"},
    {0xF6, "Ethernet Link"},
    {0xF7, "CompoNet Link"},
    {0xF8, "CompoNet Repeater"},
});

constexpr auto kStatuses = std::to_array<Name>({
    {0x00, "Success"},
    {0x01, "Connection failure"},
    {0x02, "Resource unavailable"},
    {0x03, "Invalid parameter value"},
    {0x04, "Path segment error"},
    {0x05, "Path destination unknown"},
    {0x06, "Partial transfer"},
    {0x07, "Connection lost"},
    {0x08, "Service not supported"},
    {0x09, "Invalid attribute value"},
    {0x0A, "Attribute list error"},
    {0x0B, "Already in requested mode/state"},
    {0x0C, "Object state conflict"},
    {0x0D, "Object already exists"},
    {0x0E, "Attribute not settable"},
    {0x0F, "Privilege violation"},
    {0x10, "Device state conflict"},
    {0x11, "Reply data too large"},
    {0x12, "Fragmentation of a primitive value"},
    {0x13, "Not enough data"},
    {0x14, "Attribute not supported"},
    {0x15, "Too much data"},
    {0x16, "Object does not exist"},
    {0x17, "Service fragmentation sequence not in progress"},
    {0x18, "No stored attribute data"},
    {0x19, "Store operation failure"},
    {0x1A, "Routing failure, request packet too large"},
    {0x1B, "Routing failure, response packet too large"},
    {0x1C, "Missing attribute list entry data"},
    {0x1D, "Invalid attribute value list"},
    {0x1E, "Embedded service error"},
    {0x1F, "Vendor specific error"},
    {0x20, "Invalid parameter"},
    {0x21, "Write-once value or medium already written"},
    {0x22, "Invalid reply received"},
    {0x23, "Buffer overflow"},
    {0x24, "Message format error"},
    {0x25, "Key failure in path"},
    {0x26, "Path size invalid"},
    {0x27, "Unexpected attribute in list"},
    {0x28, "Invalid member ID"},
    {0x29, "Member not settable"},
    {0x2A, "Group 2 only server general failure"},
    {0x2B, "Unknown Modbus error"},
    {0x2C, "Attribute not gettable"},
    {0x2D, "Instance not deletable"},
    {0xFF, "General error"},
});
constexpr auto kExtendedStatuses = std::to_array<Name>({
    {0x0100, "Connection in use or duplicate Forward Open"},
    {0x0103, "Transport class and trigger combination not supported"},
    {0x0106, "Ownership conflict"},
    {0x0107, "Target connection not found"},
    {0x0108, "Invalid network connection parameter"},
    {0x0109, "Invalid connection size"},
    {0x0110, "Target for connection not configured"},
    {0x0111, "RPI not supported"},
    {0x0113, "Out of connections"},
    {0x0114, "Vendor ID or product code mismatch"},
    {0x0115, "Product type mismatch"},
    {0x0116, "Revision mismatch"},
    {0x0117, "Invalid produced or consumed application path"},
    {0x0118, "Invalid or inconsistent configuration application path"},
    {0x0119, "Non-listen only connection not opened"},
    {0x011A, "Target object out of connections"},
    {0x0203, "Connection timed out"},
    {0x0204, "Unconnected request timed out"},
    {0x0205, "Parameter error in unconnected request"},
    {0x0206, "Message too large for Unconnected Send"},
    {0x0207, "Unconnected acknowledge without reply"},
    {0x0301, "No buffer memory available"},
    {0x0302, "Network bandwidth not available for data"},
    {0x0303, "No consumed connection ID filter available"},
    {0x0304, "Not configured to send scheduled priority data"},
    {0x0305, "Schedule signature mismatch"},
    {0x0311, "Port not available"},
    {0x0312, "Link address not valid"},
    {0x0315, "Invalid segment in connection path"},
    {0x0316, "Error in Forward Close connection path"},
    {0x0317, "Scheduling not specified"},
    {0x0318, "Link address to self invalid"},
    {0x0319, "Secondary resources unavailable"},
    {0x031A, "Rack connection already established"},
});

constexpr auto kVendors = std::to_array<Name>({
    {1, "Rockwell Automation/Allen-Bradley"},
    {26, "Festo"},
    {40, "WAGO"},
    {44, "Yaskawa"},
    {46, "ABB"},
    {47, "Omron"},
    {48, "Turck"},
    {49, "Grayhill"},
    {90, "HMS Industrial Networks"},
    {108, "Beckhoff"},
    {161, "Mitsubishi Electric"},
    {243, "Schneider Electric"},
    {283, "Hilscher"},
    {367, "Keyence"},
    {678, "Cognex"},
    {808, "SICK"},
    {1251, "Siemens"},
});
constexpr auto kDeviceTypes = std::to_array<Name>({
    {0x00, "Generic Device"},
    {0x02, "AC Drive"},
    {0x03, "Motor Overload"},
    {0x04, "Limit Switch"},
    {0x05, "Inductive Proximity Switch"},
    {0x06, "Photoelectric Sensor"},
    {0x07, "General Purpose Discrete I/O"},
    {0x09, "Resolver"},
    {0x0C, "Communications Adapter"},
    {0x0E, "Programmable Logic Controller"},
    {0x10, "Position Controller"},
    {0x13, "DC Drive"},
    {0x15, "Contactor"},
    {0x16, "Motor Starter"},
    {0x17, "Softstart Starter"},
    {0x18, "Human Machine Interface"},
    {0x1A, "Mass Flow Controller"},
    {0x1B, "Pneumatic Valve"},
    {0x1C, "Vacuum Pressure Gauge"},
    {0x1D, "Process Control Value"},
    {0x1E, "Residual Gas Analyzer"},
    {0x1F, "DC Power Generator"},
    {0x20, "RF Power Generator"},
    {0x21, "Turbomolecular Vacuum Pump"},
    {0x22, "Encoder"},
    {0x23, "Safety Discrete I/O Device"},
    {0x24, "Fluid Flow Controller"},
    {0x25, "CIP Motion Drive"},
    {0x26, "CompoNet Repeater"},
    {0x27, "Enhanced Mass Flow Controller"},
    {0x28, "CIP Modbus Device"},
    {0x29, "CIP Modbus Translator"},
    {0x2A, "Safety Analog I/O Device"},
    {0x2B, "Generic Device (keyable)"},
    {0x2C, "Managed Ethernet Switch"},
    {0x2D, "CIP Motion Safety Drive"},
    {0x2E, "Safety Drive"},
    {0x2F, "CIP Motion Encoder"},
    {0x31, "CIP Motion I/O"},
    {0x32, "ControlNet Physical Layer Component"},
    {0xC8, "Embedded Component"},
});

static_assert(std::ranges::is_sorted(kClasses, {}, &Name::code));
static_assert(std::ranges::is_sorted(kStatuses, {}, &Name::code));
static_assert(std::ranges::is_sorted(kExtendedStatuses, {}, &Name::code));
static_assert(std::ranges::is_sorted(kVendors, {}, &Name::code));
static_assert(std::ranges::is_sorted(kDeviceTypes, {}, &Name::code));

// Of a Logix controller's project: programs, routines, tasks, its mode and the like.
bool of_project(std::uint32_t number) {
  constexpr std::uint32_t kFirst = 0x64, kLast = 0xB1, kFirstOfLate = 0x300, kLastOfLate = 0x3FF;
  return (number >= kFirst && number <= kLast) || (number >= kFirstOfLate && number <= kLastOfLate);
}

}  // namespace

std::string_view cip_service_name(std::uint8_t service, const CipPoint& point) {
  const Service* found = find_service(service, point);
  return found == nullptr ? std::string_view{} : found->name;
}

std::string_view cip_class_name(std::uint32_t number) { return find(kClasses, number); }
std::string_view cip_status_name(std::uint8_t status) { return find(kStatuses, status); }
std::string_view cip_extended_status_name(std::uint16_t status) { return find(kExtendedStatuses, status); }
std::string_view cip_vendor_name(std::uint32_t vendor) { return find(kVendors, vendor); }
std::string_view cip_device_type_name(std::uint32_t type) { return find(kDeviceTypes, type); }

IcsOperation cip_operation(std::uint8_t service, const CipPoint& point) {
  const Service* found = find_service(service, point);
  const IcsOperation plain = found == nullptr ? other : found->operation;
  if (!point.class_id) return plain;
  const bool of_class = service >= kFirstOfClass && service <= kLastOfClass;
  switch (*point.class_id) {
    case kCipIdentity: return plain == read ? identify : plain;
    case kCipFile: return file;
    case kCipTimeSync:
    case kCipWallClock: return plain == write ? time_set : plain;
    // Lists of tags that are read together, as long as somebody looks at them: what screens ask of them.
    case kCipDataTable:
    case kCipDataList:
      if (of_class) return service == 0x4B || service == 0x4C || service == 0x4E ? read : program;
      return plain == program || plain == restart ? subscribe : plain;
    default: return found == nullptr && of_class && of_project(*point.class_id) ? program : plain;
  }
}

}  // namespace nw::network
