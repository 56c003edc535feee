// What GE SRTP's numbers are called and what services do. Types, the services of published research, segments and PLC
// states are spelled as in ICSNPP's ge_srtp_general.log; the other services' names are GE's own, from SNP. Statuses are
// from GFK-0529, tables 3-12 to 3-14, in fewer words.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/ge_srtp_message.h"

namespace nw::network {

namespace {

using enum IcsOperation;

// By number. Which number runs the PLC and which stops it nobody published; what became of it is in the reply's state.
constexpr auto kServices = std::to_array<SrtpService>({
    {"PLC short status request", diagnose},  // 0x00
    {"PLC long status request", diagnose},
    {"PLC memory usage request", diagnose},
    {"Return control program names", read},
    {"Read system memory", read},
    {"Read task memory", read},
    {"Read program memory", read},
    {"Write system memory", write},
    {"Write task memory", write},  // 0x08
    {"Write program block memory", program},
    {"Define symbol", other},
    {"Delete symbol", other},
    {"Read system memory by symbol", read},
    {"Read task memory by symbol", read},
    {"Read program block memory by symbol", read},
    {"Write system memory by symbol", write},
    {"Write task memory by symbol", write},  // 0x10
    {"Write program block memory by symbol", program},
    {"Resolve system memory name", read},
    {"Resolve task memory name", read},
    {"Resolve program block memory name", read},
    {"Establish datagram", subscribe},
    {"Update datagram", read},
    {"Cancel datagram", subscribe},
    {"Format disk", file},  // 0x18
    {"Open file", file},
    {"Close file", file},
    {"Create file", file},
    {"Unlink file", file},
    {"Read file", file},
    {"Write file", file},
    {"Seek file", file},
    {"Programmer logon", other},  // 0x20
    {"Change PLC CPU privilege level", other},
    {"Set control ID (CPU ID)", write},
    {"Set PLC (run vs stop)", control},
    {"Set PLC time/date", time_set},
    {"Return PLC time/date", read},
    {"Return program block sizes", read},
    {"Return program block list", read},
    {"Store program block", program},  // 0x28
    {"Sequence control", control},
    {"Program block program store", program},
    {"Program block load", program},
    {"Program block program load", program},
    {"Verify program block", diagnose},
    {"Delete program block", program},
    {"Change program block size", program},
    {"Declare interrupt", program},  // 0x30
    {"Clear configuration", program},
    {"Autoconfigure I/O", program},
    {"Replace I/O module", program},
    {"Verify configuration block", diagnose},
    {"Clear all PLC memory", program},
    {"Clear reference memory", write},
    {"Clear logic memory", program},
    {"Return fault table", diagnose},  // 0x38
    {"Clear fault table", diagnose},
    {"Create configuration parameter task", program},
    {"Delete configuration parameter task", program},
    {"Return configuration sizes", read},
    {"Store block", program},
    {"Load block", program},
    {"Program store (upload from PLC)", program},
    {"Program load (download to PLC)", program},  // 0x40
    {"Program change", program},
    {"Verify program", diagnose},
    {"Return controller type and ID information", identify},
    {"Toggle force system memory", control},
    {"Access EEPROM", program},
    {"Manage block", program},
    {"Lock/unlock OEM", other},
    {"Write datagram", write},  // 0x48
    {"Access FA card", file},
    {"Read configuration parameter", read},
    {"Write slot configuration", program},
    {"Rename task", program},
    {"Return function supported", identify},
    {"Store subrequest", other},
    {"Session control", other},
    {"Return subrequest list", read},  // 0x50
    {"Extra piggyback data", other},
    {"Store OS extension", program},
    {"Load OS extension", program},
    {"Delete OS extension", program},
    {"Delete subrequest", other},
    {"Share PLC data", other},
    {"Toggle force program block memory", control},
    {"SFC event queue service", read},  // 0x58
    {"Interrogate I/O", read},
    {"Program store extended", program},
    {"Program load extended", program},
    {"Program verify extended", diagnose},
    {"Activate debugger", program},
    {"Configuration change control", program},
    {"Remote server register", other},
    {"Clear selected fault", diagnose},  // 0x60
    {"Return PLC features supported", identify},
});

constexpr auto kSegments = std::to_array<SrtpSegment>({
    {0x08, "Registers (%R) Word-selector", "%R", 16},
    {0x0a, "Analog Inputs (%AI) Word-selector", "%AI", 16},
    {0x0c, "Analog Outputs (%AQ) Word-selector", "%AQ", 16},
    {0x10, "Discrete Inputs (%I) Byte-selector", "%I", 8},
    {0x12, "Discrete Outputs (%Q) Byte-selector", "%Q", 8},
    {0x14, "Discrete Temporaries (%T) Byte-selector", "%T", 8},
    {0x16, "Discrete Internals (%M) Byte-selector", "%M", 8},
    {0x18, "%SA Discrete Byte-selector", "%SA", 8},
    {0x1a, "%SB Discrete Byte-selector", "%SB", 8},
    {0x1c, "%SC Discrete Byte-selector", "%SC", 8},
    {0x1e, "%S Discrete Byte-selector", "%S", 8},
    {0x38, "Genius Global Data (%G) Byte-selector", "%G", 8},
    {0x46, "Discrete Inputs (%I) Bit-selector", "%I", 1},
    {0x48, "Discrete Outputs (%Q) Bit-selector", "%Q", 1},
    {0x4a, "Discrete Temporaries (%T) Bit-selector", "%T", 1},
    {0x4c, "Discrete Internals (%M) Bit-selector", "%M", 1},
    {0x4e, "%SA Discrete Bit-selector", "%SA", 1},
    {0x50, "%SB Discrete Bit-selector", "%SB", 1},
    {0x52, "%SC Discrete Bit-selector", "%SC", 1},
    {0x54, "%S Discrete Bit-selector", "%S", 1},
    {0x56, "Genius Global Data (%G) Bit-selector", "%G", 1},
});
static_assert(std::ranges::is_sorted(kSegments, {}, &SrtpSegment::selector));

constexpr std::uint8_t kMinorFirst = 0xb2;
// By number from there on.
constexpr auto kMinors = std::to_array<std::string_view>({
    "program block exists and cannot be replaced",
    "length limit exceeded",
    "interrupt list cannot be altered in run mode",
    "additive checksums differ",
    "CRCs differ",
    "segment lengths differ",
    "wrong size of the segment selector table",
    "executable flag not set",
    "block set already exists",
    "partial store is too long",
    "block type not found",
    "block set not found",
    "bad block type",
    "illegal OMF record",
    "bad checksum of an OMF record",
    "invalid transition of the block's state",
    "OEM key is inactive",
    "text length does not match the traffic type",
    "verification with FA card or EEPROM failed",
    "no task-level configuration",
    "not logged in to the main control program",
    "passwords are inactive",
    "passwords are enabled and cannot be forced inactive",
    "login with a buffer is required",
    "device is write protected",
    "communication or verification failed during save or restore",
    "data stored on the device are corrupted",
    "no data are stored on the device",
    "device has too little memory",
    "device is not available",
    "modules of an unsupported revision",
    "packet size or program size does not match",
    "invalid write mode",
    "user program module exceeds the block's end",
    "configuration checksums differ",
    "invalid block name in datagram",
    "datagram connection's boundary exceeded",
    "invalid datagram type",
    "point length not allowed",
    "transfer type invalid for the selector",
    "null pointer in the segment selector",
    "invalid segment selector in datagram",
    "connection address not found",
    "connection ID not found",
    "invalid size of the datagram connection",
    "invalid datagram connection address",
    "service in process cannot log in",
    "no I/O configuration",
    "I/O configuration could not be deleted",
    "CPU revision does not match",
    "no segment for the selector",
    "DOS file area not formatted",
    "CPU model does not match",
    "invalid configuration",
    "no user memory available",
    "segment selector not valid in context",
    "not logged in",
    "task cannot be deleted",
    "task cannot be created",
    "VMEbus error",
    "block sizes could not be returned",
    "programmer is already attached",
    "only valid in stop mode",
    "only valid from a programmer",
    "invalid program",
    "I/O configuration mismatch",
    "invalid parameter",
    "invalid password",
    "invalid sweep state",
    "login to a task required",
    "invalid task name",
    "task address out of range",
    "I/O module cannot be replaced",
    "I/O configuration cannot be cleared",
    "invalid I/O configuration",
    "auto configuration failed",
    "no privilege for the operation",
    "service request aborted",
});
static_assert(kMinorFirst + kMinors.size() == 0x100);

}  // namespace

const SrtpService* find_srtp_service(std::uint8_t code) { return code < kServices.size() ? &kServices[code] : nullptr; }

const SrtpSegment* find_srtp_segment(std::uint8_t selector) {
  const auto* at = std::ranges::lower_bound(kSegments, selector, {}, &SrtpSegment::selector);
  return at != kSegments.end() && at->selector == selector ? at : nullptr;
}

std::string_view srtp_type_name(std::uint8_t type) {
  switch (type) {
    case kSrtpInit: return "Init";
    case kSrtpInitReply: return "Init reply";
    case kSrtpRequest: return "Request";
    case kSrtpReply: return "Reply";
    default: return {};
  }
}

std::string_view srtp_message_name(std::uint8_t message) {
  switch (message) {
    case kSrtpShortRequest: return "Initial Request Mailbox message (0xC0)";
    case kSrtpTextRequest: return "Initial Request Mailbox message with text buffer (0x80)";
    case kSrtpShortAck: return "Completion ACK Mailbox message (0xD4)";
    case kSrtpTextAck: return "Completion ACK Mailbox message with text buffer (0x94)";
    case kSrtpNack: return "Error Nack Mailbox message (0xD1)";
    default: return {};
  }
}

std::string_view srtp_status_name(std::uint8_t status) {
  switch (status) {
    case 0: return "No error";
    case 1: return "Illegal service request";
    case 2: return "Insufficient privilege";
    case 4: return "Protocol sequence error";
    case 5: return "Service request error";
    case 6: return "Illegal mailbox type";
    case 7: return "Request queue full";
    default: return {};
  }
}

std::string_view srtp_minor_name(std::uint8_t minor) {
  if (minor >= kMinorFirst) return kMinors[minor - kMinorFirst];
  switch (minor) {
    case 0: return "no minor error";
    case 0x50: return "mail to the slave service request task failed";
    case 0x51: return "mail from the slave service request task failed";
    case 0x55: return "slave task timed out before the response";
    case 0x56: return "slave task found no such datagram connection";
    case 0x57: return "slave task could not write the datagram";
    case 0x58: return "slave task could not update the datagram";
    default: return {};
  }
}

std::string_view srtp_state_name(std::uint8_t state) {
  switch (state) {
    case 0: return "Run I/O enabled";
    case 1: return "Run I/O disabled";
    case 2: return "Stop I/O disabled";
    case 3: return "CPU stop faulted";
    case 4: return "CPU halted";
    case 5: return "CPU suspended";
    case 6: return "Stop I/O enabled";
    default: return {};
  }
}

}  // namespace nw::network
