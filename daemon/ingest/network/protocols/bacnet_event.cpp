#include "ingest/network/protocols/bacnet_event.h"

#include <algorithm>

#include "ingest/network/protocols/bacnet_names.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

constexpr auto kMessageFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the flow's originator"},
    {"bvlc_function", "text", "how it travels: Original_Unicast_NPDU, Forwarded_NPDU, Register_Foreign_Device, ..."},
    {"pdu_type", "text",
     "CONFIRMED_REQUEST, UNCONFIRMED_REQUEST, SIMPLE_ACK, COMPLEX_ACK, SEGMENT_ACK, ERROR_PDU, REJECT_PDU, ABORT_PDU; "
     "NPDU of the network layer"},
    {"pdu_service", "text",
     "service: read_property, ...; of the network layer its message; reject or abort when the request was not seen"},
    {"invoke_id", "integer", "number of a confirmed request and its answer"},
    {"result_code", "text", "why it was refused: password-failure, unrecognized-service, ..."},
    {"error_class", "text", "of an error: device, object, property, resources, security, services, ... (ours)"},
    {"dnet", "integer", "network that it is sent to behind routers; 65535 all (ours)"},
    {"dadr", "text", "device there, in hexadecimal; absent of a broadcast (ours)"},
    {"snet", "integer", "network that it came from through routers (ours)"},
    {"sadr", "text", "device there, in hexadecimal (ours)"},
    {"hop_count", "integer", "how many routers may still pass it on (ours)"},
    {"forwarded_h", "address", "of Forwarded_NPDU: who sent it first (ours)"},
    {"forwarded_p", "integer", "and from which port (ours)"},
    {"segmented", "boolean", "it is a piece of a message (ours)"},
    {"more_follows", "boolean", "and not the last (ours)"},
    {"sequence_number", "integer", "which piece, from 0; of SEGMENT_ACK the last that came (ours)"},
    {"window_size", "integer", "how many pieces go without acknowledgement (ours)"},
    {"networks", "list of integer", "networks that a message of the network layer names (ours)"},
    {"table", "list of address", "entries of a table of broadcast devices or foreign devices (ours)"},
    {"objects", "list of text", "the first 32 objects that it names: analog-output/3, ... (ours)"},
    {"properties", "list of text", "the first 32 properties: present-value, priority-array[8], ... (ours)"},
    {"process_id", "integer", "whose subscription or notification it is (ours)"},
    {"lifetime", "integer", "s, of a subscription or a registration; 0 for ever (ours)"},
    {"priority", "integer", "of a command 1 to 16, of an alarm 0 to 255; the lower the more urgent (ours)"},
    {"event_type", "text", "of an alarm: out-of-range, change-of-state, ... (ours)"},
    {"from_state", "text", "the object's state before: normal, offnormal, fault, ... (ours)"},
    {"to_state", "text", "and now (ours)"},
    {"notify_type", "text", "alarm, event or ack-notification (ours)"},
    {"message_text", "text", "what an alarm or a text message says (ours)"},
    {"vendor_id", "integer", "maker's number: of a device that tells itself, of a private transfer (ours)"},
    {"service_number", "integer", "of a private transfer (ours)"},
    {"file_start", "integer", "first octet or record that is read or written; -1: behind the last (ours)"},
    {"file_octets", "integer", "octets or records that are asked for, or octets that are carried (ours)"},
    {"data_length", "integer", "octets behind the heads (ours)"},
    {"rtt", "interval", "from the request to its answer; absent when the request was not seen (ours)"},
}));

enum DiscoveryField : std::size_t {
  kDiscoveryIsOrig,
  kDiscoveryService,
  kDiscoveryDeviceType,
  kDiscoveryDevice,
  kDiscoveryObjectType,
  kDiscoveryInstance,
  kDiscoveryVendor,
  kDiscoveryRange,
  kDiscoveryName,
  kDiscoveryVendorId,
  kDiscoveryMaxApdu,
  kDiscoverySegmentation,
  kDiscoveryIcs,
};

constexpr auto kDiscoveryFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the flow's originator"},
    {"pdu_service", "text", "who-is, i-am, who-has or i-have"},
    {"device_id_type", "text", "of i-have: type of whoever says it, device"},
    {"device_id_number", "integer", "and its number"},
    {"object_type", "text", "type of the object that is told or looked for: device, analog-input, ..."},
    {"instance_number", "integer", "and its number"},
    {"vendor", "text", "of i-am: who made it; unknown-NN for the rarer ones"},
    {"range", "text", "which devices are asked: All, or two numbers with '-' between"},
    {"object_name", "text", "name of the object"},
    {"vendor_id", "integer", "the maker's number (ours)"},
    {"max_apdu", "integer", "of i-am: octets that a message may have (ours)"},
    {"segmentation", "text",
     "of i-am: segmented-both, segmented-transmit, segmented-receive or no-segmentation (ours)"},
}));

enum PropertyField : std::size_t {
  kPropertyIsOrig,
  kPropertyInvokeId,
  kPropertyService,
  kPropertyObjectType,
  kPropertyInstance,
  kPropertyProperty,
  kPropertyIndex,
  kPropertyValue,
  kPropertyPriority,
  kPropertyResult,
  kPropertyIcs,
};

constexpr auto kPropertyFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the flow's originator"},
    {"invoke_id", "integer", "number of a confirmed request and its answer"},
    {"pdu_service", "text", "read-property-request, read-property-ack, write-property, ..."},
    {"object_type", "text", "analog-input, device, ..."},
    {"instance_number", "integer", "number of the object"},
    {"property", "text", "present-value, ...; unknown-NN without a name"},
    {"array_index", "integer", "element of an array"},
    {"value", "text", "what is written, or was read; several are divided by ','"},
    {"priority", "integer", "of a write, 1 to 16; the lower the more urgent (ours)"},
    {"result_code", "text", "why this one was refused: unknown-property, ... (ours)"},
}));

enum ControlField : std::size_t {
  kControlIsOrig,
  kControlInvokeId,
  kControlService,
  kControlDuration,
  kControlState,
  kControlPassword,
  kControlResult,
  kControlResultCode,
  kControlIcs,
};

constexpr auto kControlFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the flow's originator"},
    {"invoke_id", "integer", "number of the request and its answer"},
    {"pdu_service", "text", "device_communication_control or reinitialize_device"},
    {"time_duration", "integer", "min, for which the device falls silent; absent: until it is told otherwise"},
    {"device_state", "text", "what it is to do: disable, enable, coldstart, warmstart, start-backup, ..."},
    {"password", "boolean", "a password came with it; what it is is not told (ours)"},
    {"result", "text", "of an answer: SUCCESS, ERROR, REJECT or ABORT"},
    {"result_code", "text", "why it was refused"},
}));

constexpr std::array<std::string_view, 1> kService{"bacnet"}, kDiscoveryServices{"bacnet_discovery"},
    kPropertyServices{"bacnet_property"}, kControlServices{"bacnet_device_control"};
constexpr std::array<event::TypeSpec, 5> kTypes{
    {{"bacnet", "normwatch", kService, kIcsCategory, kMessageFields, false},
     {"bacnet_discovery", "normwatch", kDiscoveryServices, kIcsPartCategory, kDiscoveryFields, false},
     {"bacnet_property", "normwatch", kPropertyServices, kIcsPartCategory, kPropertyFields, false},
     {"bacnet_device_control", "normwatch", kControlServices, kIcsPartCategory, kControlFields, false},
     kKnownDeviceType}};

constexpr std::size_t kPropertyNamesMax = 32, kEntriesMax = 256;

void set_number(EventWriter& out, std::size_t field, std::uint64_t number) {
  out.set(field, Value::integer(static_cast<std::int64_t>(number)));
}
template <class T>
void set_number(EventWriter& out, std::size_t field, const std::optional<T>& number) {
  if (number) set_number(out, field, std::uint64_t{*number});
}

// Of a text that lives as long as the event.
void set_text(EventWriter& out, std::size_t field, std::string_view text) {
  if (!text.empty()) out.set(field, Value::text(text));
}

void set_ics_text(EventWriter& out, std::size_t field, const IcsText& text) {
  if (!text.empty()) out.set(field, Value::text(out.event().keep(text.view())));
}

void set_ics(EventWriter& out, std::size_t first, const BacnetTold& told) {
  write_ics(out, first, told.operation, told.target, told.value, told.outcome, told.reason.view());
  if (!told.outcome) write_whole(out, first, told.own);
}

// A name is a constant, and is not copied.
void set_name(EventWriter& out, std::size_t field, std::string_view name, std::uint64_t number) {
  if (!name.empty()) return out.set(field, Value::text(name));
  if (!out.wants(field)) return;
  IcsText text;
  append_bacnet_name(text, name, number);
  set_ics_text(out, field, text);
}
// What is there of a parameter by its name.
void set_name(EventWriter& out, std::size_t field, std::optional<std::uint64_t> number, auto name_of) {
  if (number) set_name(out, field, name_of(*number), *number);
}

void set_characters(EventWriter& out, std::size_t field, const BacnetContents& contents, BacnetRole role) {
  if (!contents.has(role) || !out.wants(field)) return;
  IcsText text;
  append_bacnet_characters(text, contents.octets(role));
  set_ics_text(out, field, text);
}

void set_object(EventWriter& out, std::size_t type, std::size_t instance, std::uint32_t object) {
  set_name(out, type, bacnet_object_name(bacnet_object_type(object)), bacnet_object_type(object));
  set_number(out, instance, bacnet_instance(object));
}

void set_address(EventWriter& out, std::size_t network, std::size_t device, const BacnetAddress& address) {
  if (address.network == 0) return;
  set_number(out, network, address.network);
  set_hex(out, device, address.bytes());
}

std::string_view service_name(const BacnetTold& told, bool& known) {
  const BacnetApdu& apdu = *told.message.apdu;
  const BacnetServiceKind* kind = bacnet_service(apdu);
  if (kind == nullptr && told.service) kind = bacnet_service(true, *told.service);
  known = kind != nullptr;
  return known ? kind->name : std::string_view{};
}

void set_service(EventWriter& out, const BacnetTold& told) {
  const BacnetApdu& apdu = *told.message.apdu;
  bool known = false;
  std::string_view name = service_name(told, known);
  if (!known && apdu.type == kBacnetReject) name = "reject";
  if (!known && apdu.type == kBacnetAbort) name = "abort";
  if (!name.empty() || apdu.service) set_name(out, kBacnetPduService, name, apdu.service.value_or(0));
}

void set_segment(EventWriter& out, const BacnetApdu& apdu) {
  if (apdu.segmented()) {
    out.set(kBacnetSegmented, Value::boolean(true));
    out.set(kBacnetMoreFollows, Value::boolean(apdu.more_follows()));
  }
  set_number(out, kBacnetSequence, apdu.sequence);
  set_number(out, kBacnetWindow, apdu.window);
}

// Networks that messages of the network layer name: some of them have other things before or behind.
void set_networks(EventWriter& out, const BacnetMessage& message) {
  enum : std::uint8_t { kWhoIs, kIAm, kCouldBe, kRefused, kBusy, kAvailable, kConnect = 8, kDisconnect, kNumber = 19 };
  ByteReader in{message.network_data};
  switch (*message.network_message) {
    case kWhoIs:
    case kIAm:
    case kBusy:
    case kAvailable: return set_numbers(out, kBacnetNetworks, in.bytes(std::min(in.rest().size(), 2 * kEntriesMax)), 2);
    case kRefused: in.u8(); [[fallthrough]];
    case kCouldBe:
    case kConnect:
    case kDisconnect:
    case kNumber: return set_numbers(out, kBacnetNetworks, in.bytes(2), 2);
    default: return;
  }
}

// Tables of the virtual link: an IPv4 address, its port, and what else there is to each.
void set_table(EventWriter& out, const BacnetMessage& message) {
  if (message.link_data.empty() || message.function == kBacnetSecure || !out.wants(kBacnetTable)) return;
  constexpr std::size_t kEntry = 10, kShort = 6;
  const std::size_t size = message.function == kBacnetDeleteForeign ? kShort : kEntry;
  const auto slots = out.event().arena().make<Value>(std::min(message.link_data.size() / size, kEntriesMax));
  ByteReader in{message.link_data};
  for (Value& slot : slots) slot = Value::address(IpAddress::from_bytes(in.bytes(size).first(4)));
  set_list(out, kBacnetTable, slots);
}

void set_objects(EventWriter& out, const BacnetContents& contents) {
  if (contents.objects().empty() || !out.wants(kBacnetObjects)) return;
  const auto objects = out.event().arena().make<Value>(contents.objects().size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    IcsText text;
    append_bacnet_object(text, contents.objects()[i]);
    objects[i] = Value::text(out.event().keep(text.view()));
  }
  set_list(out, kBacnetObjects, objects);
}

void set_properties(EventWriter& out, const BacnetContents& contents) {
  if (contents.properties().empty() || !out.wants(kBacnetPropertyNames)) return;
  const auto names = out.event().arena().make<Value>(std::min(contents.properties().size(), kPropertyNamesMax));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const BacnetProperty& property = contents.properties()[i];
    const std::string_view name = bacnet_property_name(property.property.value_or(0));
    if (!name.empty() && !property.index) {
      names[i] = Value::text(name);
      continue;
    }
    IcsText text;
    append_bacnet_property(text, property);
    names[i] = Value::text(out.event().keep(text.view()));
  }
  set_list(out, kBacnetPropertyNames, names);
}

// Most messages have none of these.
void set_parameters(EventWriter& out, const BacnetContents& contents) {
  if (!contents.has_any(kBacnetProcess, kBacnetLifetime, kBacnetPriority, kBacnetEventType, kBacnetFromState,
                        kBacnetToState, kBacnetNotifyType, kBacnetMessageText, kBacnetVendor, kBacnetServiceNumber,
                        kBacnetStart, kBacnetData))
    return;
  set_number(out, kBacnetProcessId, contents.number(kBacnetProcess));
  set_number(out, kBacnetLifetimeField, contents.number(kBacnetLifetime));
  set_number(out, kBacnetPriorityField, contents.number(kBacnetPriority));
  set_name(out, kBacnetEventTypeField, contents.number(kBacnetEventType), bacnet_event_type_name);
  set_name(out, kBacnetFromStateField, contents.number(kBacnetFromState), bacnet_event_state_name);
  set_name(out, kBacnetToStateField, contents.number(kBacnetToState), bacnet_event_state_name);
  set_name(out, kBacnetNotifyTypeField, contents.number(kBacnetNotifyType), bacnet_notify_type_name);
  set_characters(out, kBacnetMessageTextField, contents, kBacnetMessageText);
  set_number(out, kBacnetVendorIdField, contents.number(kBacnetVendor));
  set_number(out, kBacnetServiceNumberField, contents.number(kBacnetServiceNumber));
  if (const auto start = bacnet_signed(contents.octets(kBacnetStart)))
    out.set(kBacnetFileStart, Value::integer(*start));
  if (contents.has(kBacnetData))
    set_number(out, kBacnetFileOctets, contents.octets(kBacnetData).size());
  else if (contents.has(kBacnetStart))
    set_number(out, kBacnetFileOctets, contents.number(kBacnetCount));
}

void set_apdu(EventWriter& out, const BacnetTold& told) {
  const BacnetApdu& apdu = *told.message.apdu;
  set_name(out, kBacnetPduType, bacnet_pdu_name(apdu.type), apdu.type);
  set_service(out, told);
  set_number(out, kBacnetInvokeId, apdu.invoke_id);
  set_segment(out, apdu);
  set_objects(out, told.contents);
  set_properties(out, told.contents);
  set_parameters(out, told.contents);
  set_number(out, kBacnetDataLength, apdu.body.size());
}

void tell_discovery(const BacnetTold& told, Context& context) {
  const BacnetContents& contents = told.contents;
  const std::uint8_t service = *told.message.apdu->service;
  EventWriter out = context.begin(kBacnetDiscoveries, context.now());
  out.set(kDiscoveryIsOrig, Value::boolean(told.direction == Direction::to_responder));
  out.set(kDiscoveryService, Value::text(bacnet_service(false, service)->dashed.view()));
  const auto device = contents.object(kBacnetDevice), object = contents.object(kBacnetObjectRole);
  if (device && service == kBacnetIHave) set_object(out, kDiscoveryDeviceType, kDiscoveryDevice, *device);
  if (device && service == kBacnetIAm) set_object(out, kDiscoveryObjectType, kDiscoveryInstance, *device);
  if (object) set_object(out, kDiscoveryObjectType, kDiscoveryInstance, *object);
  set_characters(out, kDiscoveryName, contents, kBacnetObjectName);
  set_name(out, kDiscoveryVendor, contents.number(kBacnetVendor), bacnet_vendor_name);
  set_number(out, kDiscoveryVendorId, contents.number(kBacnetVendor));
  set_number(out, kDiscoveryMaxApdu, contents.number(kBacnetMaxApdu));
  set_name(out, kDiscoverySegmentation, contents.number(kBacnetSegmentation), bacnet_segmentation_name);
  if (service == kBacnetWhoIs || service == kBacnetWhoHas) {
    const auto low = contents.number(kBacnetLowLimit), high = contents.number(kBacnetHighLimit);
    IcsText range;
    if (low && high) range.append_number(*low), range.append('-'), range.append_number(*high);
    out.set(kDiscoveryRange, Value::text(range.empty() ? "All" : out.event().keep(range.view())));
  }
  set_ics(out, kDiscoveryIcs, told);
  context.emit();
}

void tell_control(const BacnetTold& told, Context& context) {
  const BacnetApdu& apdu = *told.message.apdu;
  bool known = false;
  EventWriter out = context.begin(kBacnetControls, context.now());
  out.set(kControlIsOrig, Value::boolean(told.direction == Direction::to_responder));
  set_number(out, kControlInvokeId, apdu.invoke_id);
  out.set(kControlService, Value::text(service_name(told, known)));
  if (apdu.request()) {
    const bool silence = apdu.service == kBacnetCommunicationControl;
    set_number(out, kControlDuration, told.contents.number(kBacnetMinutes));
    set_name(out, kControlState, told.contents.number(kBacnetState),
             silence ? bacnet_communication_name : bacnet_reinitialize_name);
    out.set(kControlPassword, Value::boolean(told.contents.has(kBacnetPassword)));
  } else {
    static constexpr std::array<std::string_view, 3> kResults{"ERROR", "REJECT", "ABORT"};
    const bool refused = apdu.type >= kBacnetError;
    out.set(kControlResult, Value::text(refused ? kResults[apdu.type - std::size_t{kBacnetError}] : "SUCCESS"));
    set_text(out, kControlResultCode, told.reason.view());
  }
  set_ics(out, kControlIcs, told);
  context.emit();
}

// ICSNPP tells what asks to read from what answers.
std::string_view property_service(const BacnetApdu& apdu) {
  struct Reads {
    std::string_view request, answer;
  };
  static constexpr Reads kOne{"read-property-request", "read-property-ack"},
      kSeveral{"read-property-multiple-request", "read-property-multiple-ack"},
      kRange{"read-range-request", "read-range-ack"};
  const auto side = [&apdu](const Reads& reads) { return apdu.request() ? reads.request : reads.answer; };
  if (apdu.type != kBacnetUnconfirmed) {
    if (apdu.service == kBacnetReadProperty) return side(kOne);
    if (apdu.service == kBacnetReadMultiple) return side(kSeveral);
    if (apdu.service == kBacnetReadRange) return side(kRange);
  }
  return bacnet_service(apdu)->dashed.view();
}

void tell_property(const BacnetTold& told, const BacnetProperty& property, Context& context) {
  const BacnetApdu& apdu = *told.message.apdu;
  const std::uint64_t number = property.property.value_or(0);
  EventWriter out = context.begin(kBacnetPropertyEvents, context.now());
  out.set(kPropertyIsOrig, Value::boolean(told.direction == Direction::to_responder));
  set_number(out, kPropertyInvokeId, apdu.invoke_id);
  out.set(kPropertyService, Value::text(property_service(apdu)));
  if (property.object) set_object(out, kPropertyObjectType, kPropertyInstance, *property.object);
  set_name(out, kPropertyProperty, bacnet_property_name(number), number);
  set_number(out, kPropertyIndex, property.index);
  set_number(out, kPropertyPriority, property.priority);
  IcsOperation operation = told.operation;
  if (bacnet_service(apdu)->operation == IcsOperation::write) operation = bacnet_write_operation(property);
  // Of a single one the message has said all already.
  const bool single = told.contents.properties().size() == 1 && !told.own.target.empty();
  IcsText own_target, own_value;
  if (!single && wants_ics_texts(context, kBacnetPropertyEvents, kPropertyIcs))
    append_bacnet_target(own_target, told.message, told.contents, property);
  const bool value_too = single && property.value && !property.failure;
  if (!value_too && property.value) append_bacnet_values(own_value, *property.value);
  const std::string_view value = value_too ? told.own.value.view() : own_value.view();
  set_text(out, kPropertyValue, value);
  IcsText reason;
  if (property.failure)
    append_bacnet_name(reason, bacnet_error_code_name(property.failure->code), property.failure->code);
  set_text(out, kPropertyResult, reason.view());
  auto outcome = told.outcome;
  if (!apdu.request()) outcome = property.failure ? IcsOutcome::refused : IcsOutcome::ok;
  write_ics(out, kPropertyIcs, operation, single ? told.own.target.view() : own_target.view(), value, outcome,
            reason.view());
  context.emit();
}

bool is_discovery(const BacnetApdu& apdu) {
  return apdu.type == kBacnetUnconfirmed && (apdu.service == kBacnetIAm || apdu.service == kBacnetIHave ||
                                             apdu.service == kBacnetWhoIs || apdu.service == kBacnetWhoHas);
}

bool is_control(const BacnetTold& told) {
  const BacnetApdu& apdu = *told.message.apdu;
  const auto service = apdu.service ? apdu.service : told.service;
  return apdu.type != kBacnetUnconfirmed && apdu.type != kBacnetSegmentAck &&
         (service == kBacnetCommunicationControl || service == kBacnetReinitialize);
}

}  // namespace

std::span<const event::TypeSpec> bacnet_types() { return kTypes; }

void tell_bacnet(const BacnetTold& told, Context& context) {
  const BacnetMessage& message = told.message;
  EventWriter out = context.begin(kBacnetMessages, context.now());
  out.set(kBacnetIsOrig, Value::boolean(told.direction == Direction::to_responder));
  out.set(kBacnetBvlcFunction, Value::text(bacnet_function_name(message.function)));
  if (message.forwarded_for) {
    out.set(kBacnetForwardedHost, Value::address(*message.forwarded_for));
    set_number(out, kBacnetForwardedPort, message.forwarded_port);
  }
  set_number(out, kBacnetLifetimeField, message.lifetime);
  set_table(out, message);
  set_address(out, kBacnetDnet, kBacnetDadr, message.destination);
  set_address(out, kBacnetSnet, kBacnetSadr, message.source);
  set_number(out, kBacnetHopCount, message.hop_count);
  if (message.network_message) {
    out.set(kBacnetPduType, Value::text("NPDU"));
    out.set(kBacnetPduService,
            named(out, bacnet_network_message_name(*message.network_message), *message.network_message));
    set_number(out, kBacnetVendorIdField, message.network_vendor);
    set_networks(out, message);
    set_number(out, kBacnetDataLength, message.network_data.size());
  }
  if (message.apdu) set_apdu(out, told);
  set_text(out, kBacnetResultCode, told.reason.view());
  set_text(out, kBacnetErrorClass, told.error_class.view());
  if (told.rtt) out.set(kBacnetRtt, Value::interval(*told.rtt));
  set_ics(out, kBacnetIcs, told);
  context.emit();
}

void tell_bacnet_parts(const BacnetTold& told, Context& context) {
  if (!told.message.apdu) return;
  const BacnetApdu& apdu = *told.message.apdu;
  if (is_discovery(apdu) && context.wants(kBacnetDiscoveries)) tell_discovery(told, context);
  if (is_control(told) && context.wants(kBacnetControls)) tell_control(told, context);
  if (!context.wants(kBacnetPropertyEvents)) return;
  for (const BacnetProperty& property : told.contents.properties()) tell_property(told, property, context);
  if (told.contents.more_properties()) context.refused(DecodeError::limit);
}

}  // namespace nw::network
