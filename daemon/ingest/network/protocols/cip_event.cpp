#include "ingest/network/protocols/cip_event.h"

#include "ingest/network/protocols/cip_names.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

constexpr auto kEnipFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"enip_command_code", "text", "0x65, ..."},
    {"enip_command", "text", "Register Session, List Identity, ..."},
    {"length", "integer", "octets behind the header"},
    {"session_handle", "text", "0x11020100, ...; 0 before a session is registered"},
    {"enip_status", "text", "Success, Invalid Session Handle, ...; unknown-NN when it has no name"},
    {"sender_context", "text", "joins a reply to its request: 16 digits in hexadecimal"},
    {"options", "text", "0x00000000"},
    {"protocol_version", "integer", "of a session or a list of services (ours)"},
    {"service_name", "text", "of a list of services: Communications (ours)"},
    {"capabilities", "text", "of this service: 0x0020 CIP over TCP, 0x0100 I/O over UDP (ours)"},
    {"rtt", "interval", "from the request to its reply; absent when the request was not seen (ours)"},
}));

constexpr auto kCipFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"cip_sequence_count", "integer", "of a message on a connection: joins a response to its request"},
    {"direction", "text", "request or response"},
    {"cip_service_code", "text", "0x0a, ...; with 0x80 in a response"},
    {"cip_service", "text", "Get Attribute Single, Forward Open, ...; unknown-NN when it has no name"},
    {"cip_status_code", "text", "of a response: 0x00 is success"},
    {"cip_status", "text", "its name: Success, Path segment error, ..."},
    {"cip_extended_status_code", "text", "what the status is about: 0x0107"},
    {"cip_extended_status", "text", "its name, of the Connection Manager: Target connection not found"},
    {"class_id", "text", "whom a request asks, which a response repeats: 0x06"},
    {"class_name", "text", "the class' name: Connection Manager; unknown-NN when it has none"},
    {"instance_id", "text", "which instance of it: 0x01"},
    {"attribute_id", "text", "which attribute of this: 0x07"},
    {"enip_command", "text", "what carries it: Send RR Data or Send Unit Data (ours)"},
    {"session_handle", "text", "the session: 0x11020100 (ours)"},
    {"sender_context", "text", "of Send RR Data: joins a response to its request (ours)"},
    {"connection_id", "text", "of Send Unit Data: the receiver's number of the connection, 0x007c0b01 (ours)"},
    {"embedded_in", "text", "the message that it is a part of: Multiple Service Packet or Unconnected Send (ours)"},
    {"route", "text", "ports and addresses on the way to the device: 1/0 is slot 0 of the rack (ours)"},
    {"connection_serial", "integer", "of Forward Open and Close, both ways: with the next two the connection (ours)"},
    {"originator_vendor", "integer", "who made its originator (ours)"},
    {"originator_serial", "text", "the originator's serial number (ours)"},
    {"o_t_connection_id", "text", "the connection's number towards the target (ours)"},
    {"t_o_connection_id", "text", "and towards the originator (ours)"},
    {"o_t_rpi", "integer", "interval of packets towards the target, in microseconds (ours)"},
    {"t_o_rpi", "integer", "and towards the originator (ours)"},
    {"transport_class", "integer", "0 and 1 for I/O, 3 for messages (ours)"},
    {"pccc_command", "text", "of Execute PCCC: 0x0f (ours)"},
    {"pccc_function", "text", "what it asks for: Change Mode, ...; unknown-NN when it has no name (ours)"},
    {"pccc_status", "text", "of its response: 0x00 is success (ours)"},
    {"data_length", "integer", "octets behind the path or the status (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));

constexpr auto kIdentityFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"encapsulation_version", "integer", "of List Identity: 1"},
    {"socket_address", "address", "of List Identity: where the device says that it is"},
    {"socket_port", "integer", "and its port"},
    {"vendor_id", "integer", "who made the device"},
    {"vendor_name", "text", "its name; unknown-NN when it has none here"},
    {"device_type_id", "integer", "what it is"},
    {"device_type_name", "text", "Programmable Logic Controller, ...; unknown-NN"},
    {"product_code", "integer", "its vendor's number for the product"},
    {"revision", "text", "major.minor: 4.3"},
    {"device_status", "text", "0x0030"},
    {"serial_number", "text", "0x00524d8e"},
    {"product_name", "text", "1756-ENBT/A"},
    {"device_state", "text", "of List Identity: 0x03 is operational, 0xff unknown"},
    {"route", "text", "ports and addresses on the way to it, when it was asked through others (ours)"},
}));

constexpr std::array<std::string_view, 1> kEnipService{"enip"}, kCipService{"cip"}, kIdentityService{"cip_identity"};
constexpr std::array<event::TypeSpec, 4> kTypes{
    {{"enip", "normwatch", kEnipService, kIcsCategory, kEnipFields, false},
     {"cip", "normwatch", kCipService, kIcsCategory, kCipFields, false},
     {"cip_identity", "normwatch", kIdentityService, kIcsPartCategory, kIdentityFields, false},
     kKnownDeviceType}};

void set_number(EventWriter& out, std::size_t field, std::optional<std::uint32_t> number) {
  if (number) out.set(field, Value::integer(*number));
}

}  // namespace

std::span<const event::TypeSpec> enip_types() { return kTypes; }

void set_cip_point(EventWriter& out, const CipPoint& point) {
  set_cip_hex(out, kCipClassId, point.class_id, 2);
  if (point.class_id && out.wants(kCipClassName))
    out.set(kCipClassName, named(out, cip_class_name(*point.class_id), *point.class_id));
  set_cip_hex(out, kCipInstanceId, point.instance, 2);
  set_cip_hex(out, kCipAttributeId, point.attribute, 2);
}

void set_cip_connection(EventWriter& out, const CipConnection& connection) {
  out.set(kCipConnectionSerial, Value::integer(connection.serial));
  out.set(kCipOriginatorVendor, Value::integer(connection.vendor));
  set_cip_hex(out, kCipOriginatorSerial, connection.originator, 8);
  set_cip_hex(out, kCipToTarget, connection.to_target, 8);
  set_cip_hex(out, kCipToOriginator, connection.to_originator, 8);
  set_number(out, kCipTargetInterval, connection.target_interval);
  set_number(out, kCipOriginatorInterval, connection.originator_interval);
  if (connection.transport) out.set(kCipTransport, Value::integer(*connection.transport & 0x0F));
}

}  // namespace nw::network
