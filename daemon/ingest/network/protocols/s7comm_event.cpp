#include "ingest/network/protocols/s7comm_event.h"

namespace nw::network {

namespace {

using event::FieldSpec;

constexpr auto kCommFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"rosctr_code", "integer", "kind of PDU: 1 job, 2 acknowledgement, 3 the same with data, 7 user data"},
    {"rosctr_name", "text", "its name: Job-Request, ACK, ACK-Data, User-Data"},
    {"pdu_reference", "integer", "joins a response to its request"},
    {"function_code", "text", "0x04, ...; of user data kind and group: 0x44, 0x84, ..."},
    {"function_name", "text", "Read Variable, ...; of user data Request: CPU Functions, ..."},
    {"subfunction_code", "text", "of user data; of PLC Control the service: P_PROGRAM, _INSE, ..."},
    {"subfunction_name", "text", "its name: Read SZL, ..."},
    {"error_class", "text", "of a response: No error, ...; of user data No error or Parameter Error"},
    {"error_code", "text", "the error within its class; of user data both"},
    {"error_name", "text", "what class and code mean together (ours)"},
    {"item_count", "integer", "points that are read or written (ours)"},
    {"return_codes", "list of integer", "of each point in a response: 255 is success (ours)"},
    {"pdu_length", "integer", "octets of the largest PDU, as setup asks for or grants (ours)"},
    {"argument", "text", "what PLC Control's service is given (ours)"},
    {"password_seen", "boolean", "a password came, which is not told (ours)"},
    {"data_length", "integer", "octets of data (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr auto kSzlFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"pdu_reference", "integer", "joins a response to its request"},
    {"method", "text", "Request or Response"},
    {"szl_id", "text", "list of the system's state that is read: 0x0011, ..."},
    {"szl_id_name", "text", "what it is about"},
    {"szl_index", "text", "which part of it: 0x0000, ..."},
    {"return_code", "text", "of the data: 0xff is success"},
    {"return_code_name", "text", "its meaning"},
}));
constexpr auto kTransferFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"rosctr", "text", "Job-Request, ACK-Data, ..."},
    {"pdu_reference", "integer", "joins a response to its request"},
    {"function_name", "text", "Request Download, Download Block, Download Ended, Start Upload, Upload or End Upload"},
    {"function_status", "text", "0x00, 0x01: more follows, ..."},
    {"session_id", "integer", "which upload or download"},
    {"blocklength", "integer", "octets of the block, or of its part in an answer"},
    {"filename", "text", "the block's file: _0A00001P, ..."},
    {"block_type", "text", "Data Block, ..."},
    {"block_number", "text", "in five digits"},
    {"destination_filesystem", "text", "Passive or Active; B when it is both (ours)"},
}));
constexpr auto kPlusFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"version", "integer", "1 to 3; 254 and 255 are system events and keep-alives"},
    {"opcode", "text", "0x31, 0x32, 0x33"},
    {"opcode_name", "text", "Request, Response, Notification"},
    {"function_code", "text", "0x04ca, ..."},
    {"function_name", "text", "Create Object, Set Multi Variables, ..."},
    {"sequence", "integer", "joins a response to its request (ours)"},
    {"session_id", "integer", "of requests; of notifications the subscription (ours)"},
    {"result", "integer", "of a response: 0, or an error below it (ours)"},
    {"rtt", "interval", "from the request to its response (ours)"},
}));

constexpr std::array<std::string_view, 1> kComm{"s7comm"}, kSzl{"s7comm_read_szl"}, kTransfer{"s7comm_upload_download"},
    kPlus{"s7comm_plus"};

constexpr std::array<event::TypeSpec, 6> kTypes{{
    kCotpType,
    {"s7comm", "normwatch", kComm, kIcsCategory, kCommFields, false},
    {"s7comm_read_szl", "normwatch", kSzl, kIcsPartCategory, kSzlFields, false},
    {"s7comm_upload_download", "normwatch", kTransfer, kIcsPartCategory, kTransferFields, false},
    {"s7comm_plus", "normwatch", kPlus, kIcsCategory, kPlusFields, false},
    kKnownDeviceType,
}};
static_assert(kTypes[kS7Plus].path == "s7comm_plus");
static_assert(kCommFields[kS7Ics].name == "ics.operation" && kSzlFields[kSzlIcs].name == "ics.operation" &&
              kTransferFields[kTransferIcs].name == "ics.operation" && kPlusFields[kPlusIcs].name == "ics.operation");

}  // namespace

std::span<const event::TypeSpec> s7comm_types() { return kTypes; }

}  // namespace nw::network
