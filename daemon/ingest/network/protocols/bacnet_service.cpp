#include "ingest/network/protocols/bacnet_service.h"

#include <algorithm>

#include "ingest/network/protocols/bacnet_names.h"

namespace nw::network {

namespace {

using enum IcsOperation;

constexpr const char *kCov = "Pdot(piVr)", *kCovMultiple = "Pdt(.)(o(piV.))", *kEvent = "Pdo..rxMq.fk.",
                     *kChangeList = "opiV", *kFile = "o|(SD|)(ScD|)";

// By choice. What clients ask for with authenticate and request_key is no longer in the standard, nor is
// read_property_conditional.
constexpr auto kConfirmed = std::to_array<BacnetServiceKind>({
    {"acknowledge_alarm", "Pok.A.", "", write},
    {"confirmed_cov_notification", kCov, "", read},
    {"confirmed_event_notification", kEvent, "", read},
    {"get_alarm_summary", "", "o..|", read},
    {"get_enrollment_summary", "", "o....|", read},
    {"subscribe_cov", "Pobt", "", subscribe},
    {"atomic_read_file", "o|(Sc|)(Sc|)", "e|(SD|)(ScD|)", file},
    {"atomic_write_file", kFile, "SS", file},
    {"add_list_element", kChangeList, "", write},
    {"remove_list_element", kChangeList, "", write},
    {"create_object", "(yo)(piVr)", "o|", program},
    {"delete_object", "o|", "", program},
    {"read_property", "opi", "opiV", read},
    {"read_property_conditional", "", "", read},
    {"read_property_multiple", "o(pi)", "o(..piVE)", read},
    {"write_property", "opiVr", "", write},
    {"write_property_multiple", "o(piVr)", "", write},
    {"device_communication_control", "msw", "", other},
    {"confirmed_private_transfer", "vnV", "vnV", other},
    {"confirmed_text_message", "d.rM", "", other},
    {"reinitialize_device", "sw", "", other},
    {"vt_open", ".j|", "j|", other},
    {"vt_close", "j|", "", other},
    {"vt_data", "j..|", "", other},
    {"authenticate", "", "", other},
    {"request_key", "", "", other},
    {"read_range", "opi", "opi.cV", read},
    {"life_safety_operation", "PAso", "", control},
    {"subscribe_cov_property", "Pobt(pi).", "", subscribe},
    {"get_event_information", "o", "(o......).", read},
    {"subscribe_cov_property_multiple", "Pbt.(o((pi)..))", "", subscribe},
    {"confirmed_cov_notification_multiple", kCovMultiple, "", read},
    {"confirmed_audit_notification", "", "", read},
    {"audit_log_query", "", "", read},
});

constexpr auto kUnconfirmed = std::to_array<BacnetServiceKind>({
    {"i_am", "dazv|", "", identify},
    {"i_have", "doN|", "", identify},
    {"unconfirmed_cov_notification", kCov, "", read},
    {"unconfirmed_event_notification", kEvent, "", read},
    {"unconfirmed_private_transfer", "vnV", "", other},
    {"unconfirmed_text_message", "d.rM", "", other},
    {"time_synchronization", "TH|", "", time_set},
    {"who_has", "lhoN", "", identify},
    {"who_is", "lh", "", identify},
    {"utc_time_synchronization", "TH|", "", time_set},
    {"write_group", "grV.", "", write},
    {"unconfirmed_cov_notification_multiple", kCovMultiple, "", read},
    {"unconfirmed_audit_notification", "", "", read},
    {"who_am_i", "v..|", "", identify},
    {"you_are", "v..d.|", "", program},
});

bool is_confirmed(const BacnetApdu& apdu, BacnetService service) {
  return apdu.type == kBacnetConfirmed && apdu.service == service;
}
bool is_unconfirmed(const BacnetApdu& apdu, BacnetUnconfirmedService service) {
  return apdu.type == kBacnetUnconfirmed && apdu.service == service;
}

// The device behind a router that a message is about, or that tells of itself.
void append_device(IcsText& out, const BacnetMessage& message, const BacnetContents& contents) {
  if (const auto device = contents.object(kBacnetDevice)) {
    out.append_number(bacnet_instance(*device));
    return out.append('/');
  }
  const bool asks = message.apdu->type == kBacnetConfirmed || message.apdu->type == kBacnetUnconfirmed;
  const BacnetAddress& device = asks ? message.destination : message.source;
  if (device.network == 0 || device.size == 0) return;
  out.append_number(device.network);
  out.append(':');
  out.append_octets(device.bytes());
  out.append('/');
}

void append_numbers(IcsText& out, std::optional<std::uint64_t> low, std::optional<std::uint64_t> high) {
  if (!low || !high) return;
  out.append('/');
  out.append_number(*low);
  if (*low == *high) return;
  out.append('-');
  out.append_number(*high);
}

// Targets of messages that name no property.
void append_other_target(IcsText& out, const BacnetMessage& message, const BacnetContents& contents) {
  const BacnetApdu& apdu = *message.apdu;
  if (is_unconfirmed(apdu, kBacnetIAm)) {
    if (const auto device = contents.object(kBacnetDevice)) append_bacnet_object(out, *device);
  } else if (is_unconfirmed(apdu, kBacnetWhoIs) || is_unconfirmed(apdu, kBacnetWhoHas)) {
    out.append("device");
    append_numbers(out, contents.number(kBacnetLowLimit), contents.number(kBacnetHighLimit));
    if (const auto object = contents.object(kBacnetObjectRole)) {
      out.append('/');
      append_bacnet_object(out, *object);
    }
  } else if (const auto object = contents.object(kBacnetObjectRole)) {
    append_device(out, message, contents);
    append_bacnet_object(out, *object);
  } else if (const auto type = contents.number(kBacnetObjectType)) {
    append_device(out, message, contents);
    append_bacnet_name(out, bacnet_object_name(*type), *type);
  } else if (const auto group = contents.number(kBacnetGroup)) {
    out.append("group/");
    out.append_number(*group);
  } else if (const auto session = contents.number(kBacnetSession)) {
    append_device(out, message, contents);
    out.append("vt/");
    out.append_number(*session);
  } else if (contents.has(kBacnetServiceNumber)) {
    append_device(out, message, contents);
    out.append("private/");
    out.append_number(contents.number(kBacnetVendor).value_or(0));
    out.append('/');
    out.append_number(contents.number(kBacnetServiceNumber).value_or(0));
  } else {
    append_device(out, message, contents);
    if (!out.empty()) out.append("device");
  }
}

// Values of messages that carry none of a property.
void append_other_value(IcsText& out, const BacnetApdu& apdu, const BacnetContents& contents) {
  const auto name = [&](BacnetRole role, auto name_of) {
    if (const auto number = contents.number(role)) append_bacnet_name(out, name_of(*number), *number);
  };
  if (is_confirmed(apdu, kBacnetCommunicationControl)) return name(kBacnetState, bacnet_communication_name);
  if (is_confirmed(apdu, kBacnetReinitialize)) return name(kBacnetState, bacnet_reinitialize_name);
  if (is_confirmed(apdu, kBacnetLifeSafety)) return name(kBacnetState, bacnet_life_safety_name);
  if (contents.has(kBacnetToState)) return name(kBacnetToState, bacnet_event_state_name);
  if (contents.has(kBacnetValueBracket)) return append_bacnet_values(out, contents.octets(kBacnetValueBracket));
  if (contents.has(kBacnetObjectName)) return append_bacnet_characters(out, contents.octets(kBacnetObjectName));
  if (!contents.has(kBacnetDay)) return;
  append_bacnet_date(out, contents.octets(kBacnetDay));
  out.append(' ');
  append_bacnet_time(out, contents.octets(kBacnetTimeOfDay));
}

// What was asked of the device is not in its answer.
IcsOperation service_operation(const BacnetApdu& apdu, const BacnetContents& contents) {
  if (apdu.carries_on()) return other;
  // What cannot be read here the device may read: then it is taken for the gravest.
  const auto state = contents.number(kBacnetState);
  if (is_confirmed(apdu, kBacnetCommunicationControl)) return state == std::uint64_t{0} ? start : stop;
  if (is_confirmed(apdu, kBacnetReinitialize)) return state.value_or(0) <= 1 ? restart : program;  // else about backups
  const BacnetServiceKind* kind = bacnet_service(apdu);
  return kind == nullptr ? other : kind->operation;
}

IcsOperation link_operation(std::uint8_t function) {
  switch (function) {
    case kBacnetWriteDistribution:
    case kBacnetDeleteForeign: return program;
    case kBacnetReadDistribution:
    case kBacnetReadDistributionAck:
    case kBacnetReadForeign:
    case kBacnetReadForeignAck: return diagnose;
    case kBacnetRegister: return subscribe;
    default: return other;
  }
}

IcsOperation network_operation(std::uint8_t message, Bytes data) {
  enum : std::uint8_t { kWhoIsRouter, kIAmRouter, kCouldBeRouter, kInitialize = 6, kWhatNumber = 18, kNumberIs = 19 };
  switch (message) {
    case kWhoIsRouter:
    case kIAmRouter:
    case kCouldBeRouter:
    case kWhatNumber:
    case kNumberIs: return identify;
    // A table without entries asks for the router's.
    case kInitialize: return data.empty() || data[0] == 0 ? diagnose : program;
    default: return other;
  }
}

}  // namespace

const BacnetServiceKind* bacnet_service(bool confirmed, std::uint8_t choice) {
  if (confirmed) return choice < kConfirmed.size() ? &kConfirmed[choice] : nullptr;
  return choice < kUnconfirmed.size() ? &kUnconfirmed[choice] : nullptr;
}

const BacnetServiceKind* bacnet_service(const BacnetApdu& apdu) {
  return apdu.service ? bacnet_service(apdu.type != kBacnetUnconfirmed, *apdu.service) : nullptr;
}

const BacnetLayout* bacnet_layout(const BacnetApdu& apdu) {
  const BacnetServiceKind* kind = bacnet_service(apdu);
  if (kind == nullptr || apdu.later_segment()) return nullptr;
  if (apdu.request()) return &kind->request;
  return apdu.type == kBacnetComplexAck ? &kind->answer : nullptr;
}

void append_bacnet_property(IcsText& out, const BacnetProperty& property) {
  const std::uint64_t number = property.property.value_or(0);
  append_bacnet_name(out, bacnet_property_name(number), number);
  if (!property.index) return;
  out.append('[');
  out.append_number(*property.index);
  out.append(']');
}

void append_bacnet_target(IcsText& out, const BacnetMessage& message, const BacnetContents& contents,
                          const BacnetProperty& property) {
  append_device(out, message, contents);
  const auto type = contents.number(kBacnetObjectType);  // of an object that is to be made
  if (property.object)
    append_bacnet_object(out, *property.object);
  else if (type)
    append_bacnet_name(out, bacnet_object_name(*type), *type);
  if (property.object || type) out.append('/');
  append_bacnet_property(out, property);
}

void describe_bacnet(const BacnetMessage& message, const BacnetContents& contents, bool with_texts, IcsCommand& out) {
  if (!message.control) out.operation = link_operation(message.function);
  if (message.network_message) out.operation = network_operation(*message.network_message, message.network_data);
  if (!message.apdu) return;
  const BacnetApdu& apdu = *message.apdu;
  out.operation = service_operation(apdu, contents);
  const bool writes = is_confirmed(apdu, kBacnetWriteProperty) || is_confirmed(apdu, kBacnetWriteMultiple);
  if (writes && contents.write_operation() != write) out.operation = contents.write_operation();
  if (!with_texts) return;
  bool first = true;
  for (const BacnetProperty& property : contents.properties()) {
    if (out.target.full() && out.value.full()) break;
    out.target.next();
    append_bacnet_target(out.target, message, contents, property);
    if (property.value || property.failure) {
      if (!first) out.value.append(',');
      if (property.value) append_bacnet_values(out.value, *property.value);
      if (property.failure) out.value.append('-');
    }
    first = false;
  }
  if (out.target.empty()) append_other_target(out.target, message, contents);
  if (out.value.empty()) append_other_value(out.value, apdu, contents);
}

}  // namespace nw::network
