// SNMP over UDP, versions 1, 2c and 3: | sequence: version | community | PDU |, in BER; version 3 has headers instead
// of the community, and may encrypt the PDU.
//
// One `snmp` event per flow that sums it up, as in Zeek's snmp.log. Managers keep their ports for days, so it is told
// every five minutes too, and at once what should not wait: set requests, traps and errors. Each event counts from the
// last on. A set request is told alone, with every name that it writes: however much was read before it, what it does
// is to be seen.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "ingest/network/protocols/snmp_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kDuration,
  kVersion,
  kGetRequests,
  kGetBulkRequests,
  kGetResponses,
  kSetRequests,
  kDisplayString,
  kUpSince,
  kHasCommunity,
  kDefaultCommunity,
  kUserName,
  kSecurity,
  kTraps,
  kReports,
  kErrors,
  kErrorName,
  kEncrypted,
  kMessages,
  kObjects,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"duration", "interval", "from the first message to the last"},
    {"version", "text", "1, 2c or 3"},
    {"get_requests", "integer", "variables asked for by GetRequest and GetNextRequest"},
    {"get_bulk_requests", "integer", "variables asked for by GetBulkRequest"},
    {"get_responses", "integer", "variables in responses"},
    {"set_requests", "integer", "variables written by SetRequest"},
    {"display_string", "text", "what the agent says it is (sysDescr)"},
    {"up_since", "time", "when it began to run (by sysUpTime)"},
    {"has_community", "boolean", "a community, the password of versions 1 and 2c, was sent; it is never told (ours)"},
    {"default_community", "boolean", "it is one that devices are shipped with: public, private, ... (ours)"},
    {"user_name", "text", "version 3: on whose behalf (ours)"},
    {"security", "text", "version 3, the least seen: noAuthNoPriv, authNoPriv or authPriv (ours)"},
    {"traps", "integer", "messages that an agent sent of itself: traps and informs (ours)"},
    {"reports", "integer", "version 3: messages about the protocol itself (ours)"},
    {"errors", "integer", "responses that say no (ours)"},
    {"error_name", "text", "why, by the first: noSuchName, authorizationError, ...; unknown-NN without name (ours)"},
    {"encrypted", "integer", "messages that only the two ends can read (ours)"},
    {"messages", "integer", "all of them (ours)"},
    {"objects", "list of text",
     "the first names asked for or told by traps; of a set request all that it writes (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"snmp"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"snmp", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 2> kPorts{161, 162};

constexpr std::size_t kBindingsMax = 1024;  // per message; 64 KiB could hold 7,000 empty ones
constexpr std::size_t kObjectsMax = 16;     // per event, but for what is written
constexpr std::size_t kTextMax = 255;       // octets of sysDescr: RFC 3418
constexpr std::size_t kUserMax = 32;        // octets: RFC 3414 section 2.4
constexpr Nanoseconds kTellEvery = std::chrono::minutes{5};

// What manufacturers deliver: SNMP's own two, then those of printers, switches, probes and controllers.
constexpr auto kDefaultCommunities = std::to_array<std::string_view>(
    {"public",   "private", "admin",  "administrator", "cisco", "community", "default",   "guest", "internal",
     "manager",  "monitor", "netman", "password",      "read",  "readonly",  "readwrite", "root",  "rmon",
     "security", "snmp",    "snmpd",  "system",        "test",  "trap",      "write"});

bool is_default(Bytes community) {
  return std::ranges::any_of(kDefaultCommunities, [&](std::string_view known) {
    return std::ranges::equal(
        community, known, {}, [](std::uint8_t c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; },
        [](char c) { return static_cast<int>(c); });
  });
}

bool is_object(Bytes name, std::uint8_t number) {
  // 1.3.6.1.2.1.1.<number>.0, of the system group: RFC 3418.
  const std::array<std::uint8_t, 8> wanted{0x2b, 6, 1, 2, 1, 1, number, 0};
  return std::ranges::equal(name, wanted);
}

struct Session {
  Timestamp first, last;
  std::int64_t version = 0;
  std::array<std::int64_t, kSnmpPdus> variables{}, messages{};  // by PDU
  std::int64_t all = 0, encrypted = 0, errors = 0;
  std::int64_t error = 0;  // the first
  bool has_community = false, default_community = false, has_flags = false;
  std::uint8_t flags = 3;  // the least secure
  std::string description, user;
  std::optional<Timestamp> up_since;
  std::vector<std::string> objects;

  [[nodiscard]] std::int64_t count(SnmpPdu pdu) const { return messages[static_cast<std::size_t>(pdu)]; }
  [[nodiscard]] std::int64_t sum(SnmpPdu pdu) const { return variables[static_cast<std::size_t>(pdu)]; }
};

std::string escaped(Bytes bytes, std::size_t octets_max) {
  TextBuffer text;
  text.append_escaped(bytes.first(std::min(bytes.size(), octets_max)));
  return std::string{text.view()};
}

void add_value(const SnmpBinding& binding, Timestamp now, Session& into) {
  constexpr std::uint8_t kDescription = 1, kUpTime = 3, kTimeTicks = 0x43;
  if (binding.value.tag == ber_tag::kOctetString && is_object(binding.name, kDescription))
    into.description = escaped(binding.value.contents, kTextMax);
  if (binding.value.tag == kTimeTicks && is_object(binding.name, kUpTime)) {
    // Hundredths of a second, 32 bits: some senders need a fifth octet for the sign.
    if (const auto ticks = ber_integer(binding.value.contents))
      into.up_since =
          now - std::chrono::milliseconds{10} * static_cast<std::int64_t>(static_cast<std::uint32_t>(*ticks));
  }
}

// False when it is no name. `written`: each counts, and kBindingsMax bounds them.
bool add_object(Bytes name, Session& into, bool written = false) {
  if (!written && into.objects.size() == kObjectsMax) return true;
  TextBuffer text;
  if (!render_object_id(name, text)) return false;
  if (written || std::ranges::find(into.objects, text.view()) == into.objects.end())
    into.objects.emplace_back(text.view());
  return true;
}

// Counts the variables; what is wrong with any of them is one fault of the message.
std::optional<DecodeError> add_bindings(const SnmpMessage& message, Timestamp now, Session& into) {
  BerReader reader{message.bindings};
  std::int64_t& count = into.variables[static_cast<std::size_t>(*message.pdu)];
  bool names = !message.is(SnmpPdu::trap_v1) || add_object(message.enterprise, into);
  for (std::size_t read = 0; !reader.empty(); ++read) {
    if (read == kBindingsMax) return DecodeError::limit;
    const auto binding = read_snmp_binding(reader);
    if (!binding) return DecodeError::bad_value;
    ++count;
    if (message.is(SnmpPdu::response)) {
      add_value(*binding, now, into);
    } else {
      names = add_object(binding->name, into, message.is(SnmpPdu::set)) && names;
    }
  }
  if (!names) return DecodeError::bad_value;
  return {};
}

void add(const SnmpMessage& message, Session& into, Context& context) {
  if (into.all++ == 0) into.first = context.now();
  into.last = context.now();
  into.version = message.version;
  if (message.version == 3) {
    into.has_flags = true;
    into.flags = std::min<std::uint8_t>(into.flags, message.flags & 3U);
    if (!message.user.empty()) into.user = escaped(message.user, kUserMax);
  } else {
    into.has_community = true;
    into.default_community = into.default_community || is_default(message.community);
  }
  if (!message.pdu) {
    ++into.encrypted;
    return;
  }
  ++into.messages[static_cast<std::size_t>(*message.pdu)];
  if (message.is(SnmpPdu::response) && message.error != 0 && into.errors++ == 0) into.error = message.error;
  if (const auto fault = add_bindings(message, into.last, into)) context.refused(*fault);
}

bool cannot_wait(const SnmpMessage& message) {
  return message.is(SnmpPdu::set) || message.is(SnmpPdu::trap_v1) || message.is(SnmpPdu::trap_v2) ||
         message.is(SnmpPdu::inform) || (message.is(SnmpPdu::response) && message.error != 0);
}

void set_kept(EventWriter& out, Field field, const std::string& text) {
  if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
}

void set_objects(EventWriter& out, const std::vector<std::string>& objects) {
  if (!out.wants(kObjects)) return;
  const std::span<Value> values = out.event().arena().make<Value>(objects.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = Value::text(out.event().keep(objects[i]));
  set_list(out, kObjects, values);
}

void tell(const Session& told, Context& context) {
  EventWriter out = context.begin(0, told.first);
  out.set(kDuration, Value::interval(told.last - told.first));
  out.set(kVersion, Value::text(told.version == 0 ? "1" : told.version == 1 ? "2c" : "3"));
  out.set(kGetRequests, Value::integer(told.sum(SnmpPdu::get) + told.sum(SnmpPdu::get_next)));
  out.set(kGetBulkRequests, Value::integer(told.sum(SnmpPdu::get_bulk)));
  out.set(kGetResponses, Value::integer(told.sum(SnmpPdu::response)));
  out.set(kSetRequests, Value::integer(told.sum(SnmpPdu::set)));
  set_kept(out, kDisplayString, told.description);
  if (told.up_since) out.set(kUpSince, Value::time(*told.up_since));
  out.set(kHasCommunity, Value::boolean(told.has_community));
  out.set(kDefaultCommunity, Value::boolean(told.default_community));
  set_kept(out, kUserName, told.user);
  if (told.has_flags)
    out.set(kSecurity, Value::text(told.flags == 0 ? "noAuthNoPriv" : told.flags == 3 ? "authPriv" : "authNoPriv"));
  out.set(kTraps,
          Value::integer(told.count(SnmpPdu::trap_v1) + told.count(SnmpPdu::trap_v2) + told.count(SnmpPdu::inform)));
  out.set(kReports, Value::integer(told.count(SnmpPdu::report)));
  out.set(kErrors, Value::integer(told.errors));
  if (told.errors != 0 && out.wants(kErrorName))
    out.set(kErrorName, named(out, snmp_error_name(told.error), static_cast<unsigned>(told.error)));
  out.set(kEncrypted, Value::integer(told.encrypted));
  out.set(kMessages, Value::integer(told.all));
  set_objects(out, told.objects);
  context.emit();
}

class SnmpAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction, Context& context) override {
    if (!context.wants(0)) return;
    SnmpMessage message;
    if (const auto fault = read_snmp(bytes, message)) return context.refused(*fault);
    // A write stands alone.
    const bool long_ago = session_.all != 0 && context.now() - session_.first >= kTellEvery;
    if (message.is(SnmpPdu::set) || long_ago) finish(context);
    add(message, session_, context);
    if (cannot_wait(message)) finish(context);
  }

  void finish(Context& context) override {
    if (session_.all != 0) tell(session_, context);
    session_ = {};
  }

 private:
  Session session_;
};

// On the port, what only begins like a message is to be counted as refused.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  SnmpMessage message;
  if (!read_snmp(first, message)) return Verdict::yes;
  return on_port && !first.empty() && first[0] == ber_tag::kSequence ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<SnmpAnalyzer>(); }

}  // namespace

Protocol snmp_protocol() {
  Protocol p;
  p.name = "snmp";
  p.help = "SNMP versions 1, 2c and 3: reading and writing what devices say of themselves";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
