#include "ingest/network/protocols/mms_event.h"

#include "ingest/network/protocols/mms_command.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client (ours)"},
    {"pdu_type", "text",
     "confirmed-RequestPDU, confirmed-ResponsePDU, unconfirmed-PDU, initiate-RequestPDU, ... (ours)"},
    {"invoke_id", "integer", "joins an answer to its request (ours)"},
    {"service", "text", "read, write, getNameList, informationReport, fileOpen, ... (ours)"},
    {"application", "text", "what is spoken over MMS, as far as names showed it: iec61850 or tase2 (ours)"},
    {"domain", "text", "the logical device that is named first (ours)"},
    {"items", "list of text", "objects that are named, domain/item; files, programs (ours)"},
    {"alternate_access", "boolean", "of an object only a part is meant (ours)"},
    {"values", "list of text",
     "what is written, was read or is reported, a structure as {1;2}; for each that was not, why (ours)"},
    {"object_class", "text", "objects whose names are asked for: domain, namedVariable, ... (ours)"},
    {"identifiers", "list of text", "the names or files that an answer brings, the first of them (ours)"},
    {"more_follows", "boolean", "it brings not all of them (ours)"},
    {"error_class", "text", "of an error its class, of a reject which PDU is rejected (ours)"},
    {"error", "text", "which error of that class (ours)"},
    {"vendor", "text", "who made the device, as it says (ours)"},
    {"model", "text", "its model (ours)"},
    {"revision", "text", "its revision (ours)"},
    {"logical_status", "text", "state-changes-allowed, ... (ours)"},
    {"physical_status", "text", "operational, ... (ours)"},
    {"local_detail", "integer", "octets of the largest PDU, as proposed or granted (ours)"},
    {"max_serv_outstanding_calling", "integer", "requests of the client that may wait (ours)"},
    {"max_serv_outstanding_called", "integer", "requests of the server that may wait (ours)"},
    {"nesting_level", "integer", "structures in one another (ours)"},
    {"version", "integer", "of MMS (ours)"},
    {"services_supported", "list of text", "services that the sender says it has (ours)"},
    {"rtt", "interval", "from the request to its answer; absent when the request was not seen (ours)"},
}));
static_assert(kFields[kMmsIcs].name == "ics.operation" && kFields[kMmsSupported].name == "services_supported");

constexpr std::array<std::string_view, 1> kMms{"mms"};
constexpr std::array<event::TypeSpec, 4> kTypes{{
    kCotpType,
    kAcseType,
    {"mms", "normwatch", kMms, kIcsCategory, kFields, false},
    kKnownDeviceType,
}};
static_assert(kTypes[kMmsMessage].path == "mms" && kTypes[kMmsDevice].path == "known_device");

Value kept(EventWriter& out, const IcsText& text) { return Value::text(out.event().keep(text.view())); }

void set_number(EventWriter& out, std::size_t field, std::optional<std::int64_t> number) {
  if (number) out.set(field, Value::integer(*number));
}
void set_octets(EventWriter& out, std::size_t field, Bytes octets) {
  if (!octets.empty() && out.wants(field)) out.set(field, text_value(out, octets));
}
void set_named(EventWriter& out, std::size_t field, std::string_view name, std::optional<std::int64_t> number) {
  if (number && out.wants(field)) out.set(field, named(out, name, static_cast<unsigned>(*number)));
}
// For numbers out of range no name either.
unsigned index_of(std::optional<std::int64_t> number) { return static_cast<unsigned>(number.value_or(-1)); }

// `next` gives a list's entries, each as a text, and false behind the last.
void write_list(EventWriter& out, std::size_t field, auto&& next) {
  if (!out.wants(field)) return;
  ValueList list;
  list.reserve(out.event().arena(), kMmsListMax);
  IcsText text;
  for (std::size_t i = 0; i < kMmsListMax && next(text); ++i) {
    list.add(kept(out, text));
    text.clear();
  }
  set_list(out, field, list.all());
}

void write_names(EventWriter& out, const MmsPdu& pdu) {
  bool alternate = false;
  bool told = !pdu.domain.empty();
  set_octets(out, kMmsDomain, pdu.domain);
  MmsNames all{pdu};
  while (const auto name = all.next()) {
    alternate = alternate || name->alternate.has_value();
    if (!told) set_octets(out, kMmsDomain, name->domain);
    told = told || !name->domain.empty();
  }
  if (alternate) out.set(kMmsAlternate, Value::boolean(true));
  if (pdu.names.empty()) return;
  MmsNames names{pdu};
  write_list(out, kMmsItems, [&](IcsText& text) {
    const auto name = names.next();
    if (name) append_mms_name(text, *name);
    return name.has_value();
  });
}

void write_values(EventWriter& out, const MmsPdu& pdu) {
  if (pdu.values.empty()) return;
  OsiBerReader values{pdu.values};
  write_list(out, kMmsValues, [&](IcsText& text) {
    const auto value = values.next();
    if (value) append_mms_result(text, *value, pdu.success);
    return value.has_value();
  });
}

void write_identifiers(EventWriter& out, const MmsPdu& pdu) {
  if (pdu.more_follows) out.set(kMmsMoreFollows, Value::boolean(*pdu.more_follows));
  if (pdu.identifiers.empty()) return;
  MmsIdentifiers identifiers{pdu};
  write_list(out, kMmsIdentifierList, [&](IcsText& text) {
    const auto identifier = identifiers.next();
    if (identifier) text.append_escaped(*identifier);
    return identifier.has_value();
  });
}

void write_error(EventWriter& out, const MmsPdu& pdu) {
  const unsigned of = index_of(pdu.error_class), error = index_of(pdu.error);
  const bool reject = pdu.kind == MmsKind::reject;
  set_named(out, kMmsErrorClass, reject ? mms_reject_class_name(of) : mms_error_class_name(of), pdu.error_class);
  set_named(out, kMmsError, reject ? mms_reject_name(of, error) : mms_error_name(of, error), pdu.error);
}

// | unused bits u8 | a bit for each service |.
void write_supported(EventWriter& out, Bytes bits) {
  if (bits.empty()) return;
  const Bytes octets = bits.subspan(1);
  unsigned number = 0;
  write_list(out, kMmsSupported, [&](IcsText& text) {
    while (number < kMmsSupportedServices && number / 8 < octets.size()) {
      const unsigned bit = number++;
      if ((octets[bit / 8] << (bit % 8) & 0x80) == 0) continue;
      text.append(mms_supported_service_name(bit));
      return true;
    }
    return false;
  });
}

void write_initiate(EventWriter& out, const MmsInitiate& initiate) {
  set_number(out, kMmsLocalDetail, initiate.local_detail);
  set_number(out, kMmsCalling, initiate.calling);
  set_number(out, kMmsCalled, initiate.called);
  set_number(out, kMmsNesting, initiate.nesting);
  set_number(out, kMmsVersion, initiate.version);
  write_supported(out, initiate.services);
}

}  // namespace

std::span<const event::TypeSpec> mms_types() { return kTypes; }

void write_mms(EventWriter& out, const MmsPdu& pdu, Direction direction) {
  out.set(kMmsIsOrig, Value::boolean(direction == Direction::to_responder));
  out.set(kMmsPduType, Value::text(to_string(pdu.kind)));
  if (pdu.invoke_id) out.set(kMmsInvokeId, Value::integer(*pdu.invoke_id));
  set_named(out, kMmsServiceName, pdu.what.name, pdu.service);
  write_names(out, pdu);
  write_values(out, pdu);
  set_named(out, kMmsObjectClass, mms_object_class_name(index_of(pdu.object_class)), pdu.object_class);
  write_identifiers(out, pdu);
  write_error(out, pdu);
  set_octets(out, kMmsVendor, pdu.vendor);
  set_octets(out, kMmsModel, pdu.model);
  set_octets(out, kMmsRevision, pdu.revision);
  set_named(out, kMmsLogicalStatus, mms_logical_status_name(index_of(pdu.logical_status)), pdu.logical_status);
  set_named(out, kMmsPhysicalStatus, mms_physical_status_name(index_of(pdu.physical_status)), pdu.physical_status);
  write_initiate(out, pdu.initiate);
}

}  // namespace nw::network
