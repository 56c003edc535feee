// ANSI C12.22 over UDP and TCP: what utilities ask of electricity meters. Messages in c1222_message.h.
//
// One `c1222` event per message, with all of its services. A response is joined to its request by the invocation id
// that it repeats. What is encrypted is told without its services. A message in segments is told once it is whole, or
// by its head when it will not be.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/c1222_message.h"
#include "ingest/network/protocols/c1222_segments.h"
#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kEncrypted,
  kServices,
  kContext,
  kCalled,
  kCalling,
  kQualifier,
  kMechanism,
  kCalledId,
  kCallingId,
  kControl,
  kClass,
  kKey,
  kService,
  kTables,
  kProcedures,
  kUserId,
  kUser,
  kIdle,
  kSeconds,
  kTitle,
  kSerial,
  kAddress,
  kStandard,
  kVersion,
  kRevision,
  kIdentity,
  kData,
  kRtt,
  kSegments,
  kMissing,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "it asks (ours)"},
    {"is_encrypted_epsem", "boolean", "its services are encrypted"},
    {"services", "list of text", "REQ:Read, REQ:Logon, ..., RESP:OK, RESP:ISC, ..., the first 32"},
    {"aso_context", "text", "the application's object identifier"},
    {"called_ap_title", "text", "who is spoken to; begins with a dot when it is relative"},
    {"calling_ap_title", "text", "who speaks"},
    {"calling_ae_qualifier", "list of text", "TEST, URGENT, NOTIFICATION"},
    {"mechanism_name", "text", "how it is authenticated"},
    {"called_ap_invocation_id", "integer", "of a response: the request's number"},
    {"calling_ap_invocation_id", "integer", "the message's number"},
    {"epsem_control", "list of text", "how it is protected, and whether it is to be answered"},
    {"ed_class", "text", "class of the end device, in hexadecimal"},
    {"c1222_key_id", "integer", "which key protects it"},
    {"service", "text", "the first service (ours)"},
    {"table_id", "list of integer", "tables that are read or written, the first 32"},
    {"procedures", "list of integer", "procedures that are begun by writing table 7 (ours)"},
    {"user_id", "integer", "who logs on, by number"},
    {"user", "text", "who logs on; passwords are not read"},
    {"session_idle_timeout", "integer", "after how many s of silence the session ends"},
    {"time_s", "integer", "of Wait: how many s"},
    {"ap_title", "text", "whom it registers, deregisters, resolves or traces"},
    {"electronic_serial_number", "text", "of a registration"},
    {"native_address", "text", "of a registration"},
    {"standard", "integer", "of an identification: 0 C12.18, 2 C12.21, 3 C12.22"},
    {"version", "integer", "of that standard"},
    {"revision", "integer", "of that version"},
    {"device_identity", "text", "what a device says that it is"},
    {"data", "text", "the data of the first write or read, in hexadecimal, the first 256 octets"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
    {"segments", "integer", "how many segments of it came, when it is in several (ours)"},
    {"missing_bytes", "integer", "of a message in segments that will not be whole: octets that did not come (ours)"},
}));
constexpr std::array<std::string_view, 1> kServiceName{"c1222"};
enum : std::size_t { kC1222, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"c1222", "normwatch", kServiceName, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::array<std::uint16_t, 1> kPorts{1153};

constexpr std::size_t kServicesMax = 32, kDataMax = 256;

// The sum of a message's services.
struct Contents {
  std::array<std::uint8_t, kServicesMax> codes{};
  std::array<std::uint16_t, kServicesMax> tables{}, procedures{};
  std::size_t code_count = 0, table_count = 0, procedure_count = 0;
  std::size_t decides = 0;  // which service says what the message does
  bool response = false, broken = false, asks_identity = false;
  C1222Request first;  // the first that says anything
  IcsCommand ics{};
  std::uint8_t error = 0;
  Bytes answer{};  // of the first response that is OK
};

struct Request {
  Timestamp time{};
  Direction direction = Direction::to_responder;
  std::optional<std::int64_t> id;
  std::optional<std::uint8_t> service;
  std::size_t decides = 0;
  bool asks_identity = false, reads = false, encrypted = false;
  IcsCommand ics{};
};

void append_hex(IcsText& out, Bytes octets) { out.append_octets(octets); }

void append_target(IcsText& out, const C1222Title& called, const C1222Request& request) {
  out.next();
  append_c1222_title(out, called);
  if (request.procedure) {
    out.append("/procedure/");
    out.append_number(*request.procedure);
  } else if (request.table) {
    out.append("/table/");
    out.append_number(*request.table);
  } else if (!request.title.octets.empty()) {
    out.append("/title/");
    append_c1222_title(out, request.title);
  }
  if (!request.offset) return;
  out.append('/');
  out.append_number(*request.offset);
}

// What one request adds, the `index`-th service.
void gather_request(const C1222Message& message, const C1222Service& service, std::size_t index, bool texts,
                    Contents& out) {
  C1222Request request;
  if (!read_c1222_request(service, request)) out.broken = true;
  const IcsOperation operation = c1222_operation(service, request);
  // Of several the one that does something says what the message does.
  const bool weak = out.ics.operation == IcsOperation::other || out.ics.operation == IcsOperation::read ||
                    out.ics.operation == IcsOperation::identify || out.ics.operation == IcsOperation::diagnose;
  if (weak && operation != IcsOperation::other && operation != out.ics.operation) {
    out.ics.operation = operation;
    out.decides = index;
  }
  if (request.table && out.table_count < kServicesMax) out.tables[out.table_count++] = *request.table;
  if (request.procedure && out.procedure_count < kServicesMax)
    out.procedures[out.procedure_count++] = *request.procedure;
  if (index == 0) out.first = request;
  out.asks_identity = out.asks_identity || service.code == kC1222Identify;
  if (!texts) return;
  if (!out.ics.target.full()) append_target(out.ics.target, message.called, request);
  if (request.data.empty() || out.ics.value.full()) return;
  out.ics.value.next();
  append_hex(out.ics.value, request.data);
}

Contents gather(const C1222Message& message, bool texts) {
  Contents out;
  // Of what is encrypted, only a response repeats the other's number.
  out.response = message.encrypted && message.called_id.has_value();
  ByteReader reader{message.encrypted ? Bytes{} : message.services};
  bool asks = false;
  for (std::size_t index = 0; !reader.empty(); ++index) {
    C1222Service service;
    if (!next_c1222_service(reader, service)) {
      out.broken = true;
      break;
    }
    if (out.code_count < kServicesMax) out.codes[out.code_count++] = service.code;
    if (!service.response()) {
      asks = true;
      gather_request(message, service, index, texts, out);
      continue;
    }
    out.response = true;
    if (service.code != 0 && out.error == 0) out.error = service.code;
    if (service.code == 0 && out.answer.empty()) out.answer = service.body;
  }
  // A device carries out what is asked, whatever stands beside it.
  if (asks) out.response = false;
  if (texts && out.ics.target.empty())
    append_c1222_title(out.ics.target, out.response ? message.calling : message.called);
  return out;
}

void set_title(EventWriter& out, std::size_t field, const C1222Title& title) {
  if (title.octets.empty() || !out.wants(field)) return;
  IcsText text;
  append_c1222_title(text, title);
  out.set(field, Value::text(out.event().keep(text.view())));
}

void set_control(EventWriter& out, const C1222Message& message) {
  static constexpr auto kSecurity =
      std::to_array<std::string_view>({"SECURITY_MODE_CLEARTEXT", "SECURITY_MODE_CLEARTEXT_WITH_AUTHENTICATION",
                                       "SECURITY_MODE_CIPHERTEXT_WITH_AUTHENTICATION", "SECURITY_MODE_RESERVED"});
  static constexpr auto kResponses =
      std::to_array<std::string_view>({"RESPONSE_CONTROL_ALWAYS_RESPOND", "RESPONSE_CONTROL_RESPOND_ON_EXCEPTION",
                                       "RESPONSE_CONTROL_NEVER_RESPOND", "RESPONSE_CONTROL_RESERVED"});
  if (!message.has_services || !out.wants(kControl)) return;
  const auto slots = out.event().arena().make<Value>(2);
  if (slots.empty()) return;
  slots[0] = Value::text(kResponses[message.control & 3U]);
  slots[1] = Value::text(kSecurity[message.control >> 2U & 3U]);
  set_list(out, kControl, slots);
}

void set_qualifier(EventWriter& out, std::int64_t qualifier) {
  static constexpr auto kNames = std::to_array<std::string_view>({"TEST", "URGENT", "NOTIFICATION"});
  const auto slots = out.event().arena().make<Value>(kNames.size());
  std::size_t used = 0;
  for (std::size_t bit = 0; bit < slots.size(); ++bit)
    if ((static_cast<std::uint64_t>(qualifier) >> bit & 1U) != 0) slots[used++] = Value::text(kNames[bit]);
  set_list(out, kQualifier, slots.first(used));
}

template <class T>
void set_all(EventWriter& out, std::size_t field, const T& numbers, std::size_t count) {
  const auto slots = out.event().arena().make<Value>(count);
  for (std::size_t i = 0; i < slots.size(); ++i) slots[i] = Value::integer(numbers[i]);
  set_list(out, field, slots);
}

void set_services(EventWriter& out, const Contents& contents) {
  const auto slots = out.event().arena().make<Value>(out.wants(kServices) ? contents.code_count : 0);
  for (std::size_t i = 0; i < slots.size(); ++i)
    slots[i] = named(out, c1222_service_name(contents.codes[i]), contents.codes[i]);
  set_list(out, kServices, slots);
  if (contents.code_count != 0) out.set(kService, named(out, c1222_service_name(contents.codes[0]), contents.codes[0]));
  set_all(out, kTables, contents.tables, contents.table_count);
  set_all(out, kProcedures, contents.procedures, contents.procedure_count);
}

void set_number(EventWriter& out, Field field, const auto& number) {
  if (number) out.set(field, Value::integer(*number));
}

void set_request(EventWriter& out, const C1222Request& request) {
  set_number(out, kUserId, request.user_id);
  set_text(out, kUser, request.user);
  set_number(out, kIdle, request.idle);
  set_number(out, kSeconds, request.seconds);
  set_title(out, kTitle, request.title);
  set_hex(out, kSerial, request.serial);
  set_text(out, kAddress, request.address);
  set_hex(out, kData, request.data.first(std::min(request.data.size(), kDataMax)));
}

void set_identity(EventWriter& out, const C1222Identity& identity) {
  out.set(kStandard, Value::integer(identity.standard));
  out.set(kVersion, Value::integer(identity.version));
  out.set(kRevision, Value::integer(identity.revision));
  set_text(out, kIdentity, identity.identity);
}

class C1222Analyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    FrameStream& frames = streams_[static_cast<std::size_t>(direction)];
    C1222Message message;
    const auto read = [&](ByteReader& reader) { return read_c1222(reader, !frames.known() || frames.lost(), message); };
    const auto certain = [](Bytes from) {
      C1222Message other;
      ByteReader reader{from};
      return frame_verdict(read_c1222(reader, true, other));
    };
    return frames.read(
        bytes, context, read, [&] { take(message, direction, context); }, certain);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    do {
      C1222Message message;
      if (const auto fault = read_c1222(reader, true, message)) return context.refused(*fault);
      take(message, direction, context);
    } while (!reader.empty());
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[static_cast<std::size_t>(direction)].gap();
    context.refused(DecodeError::truncated);
    open_.forget_if([&](const Request& r) { return r.direction != direction; });
  }

  void finish(Context& context) override {
    segments_.finish(context, [&](const C1222Part& part) { incomplete(part, context); });
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  void take(const C1222Message& message, Direction direction, Context& context) {
    const auto part = [&](const C1222Part& of) { incomplete(of, context); };
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    segments_.expire(context.now(), context, part);
    if (!context.wants(kC1222) && !context.wants(kDevice)) return;
    if (!message.offset) return tell(message, 0, direction, context);
    const auto whole = [&](const C1222Message& put_together, std::uint32_t segments) {
      tell(put_together, segments, direction, context);
    };
    segments_.add(message, direction, context, whole, part);
  }

  // `segments`: it came in so many, or 0.
  void tell(const C1222Message& message, std::uint32_t segments, Direction direction, Context& context) {
    const Contents contents = gather(message, wants_ics_texts(context, kC1222, kIcs));
    if (contents.broken) context.refused(DecodeError::bad_value);
    if (contents.response)
      response(message, contents, segments, direction, context);
    else
      request(message, contents, segments, direction, context);
  }

  // By its head alone: nobody carries it out.
  static void incomplete(const C1222Part& part, Context& context) {
    if (!context.wants(kC1222)) return;
    Contents contents = gather(part.head, true);
    contents.response = part.head.called_id.has_value();
    EventWriter out = begin(part.head, contents, part.segments, part.time, context);
    out.set(kMissing, Value::integer(static_cast<std::int64_t>(part.missing)));
    write_ics(out, kIcs, contents.ics);
    context.emit();
  }

  static EventWriter begin(const C1222Message& message, const Contents& contents, std::uint32_t segments,
                           Timestamp time, Context& context) {
    EventWriter out = context.begin(kC1222, time);
    if (segments != 0) out.set(kSegments, Value::integer(segments));
    out.set(kIsOrig, Value::boolean(!contents.response));
    out.set(kEncrypted, Value::boolean(message.encrypted));
    set_services(out, contents);
    set_title(out, kContext, {message.context, false});
    set_title(out, kCalled, message.called);
    set_title(out, kCalling, message.calling);
    if (message.qualifier) set_qualifier(out, *message.qualifier);
    set_title(out, kMechanism, {message.mechanism, false});
    set_number(out, kCalledId, message.called_id);
    set_number(out, kCallingId, message.calling_id);
    set_control(out, message);
    set_hex(out, kClass, message.device_class);
    set_number(out, kKey, message.key);
    set_request(out, contents.first);
    return out;
  }

  void request(const C1222Message& message, const Contents& contents, std::uint32_t segments, Direction direction,
               Context& context) {
    constexpr std::uint8_t kControlMask = 3, kNever = 2;
    if (context.wants(kC1222)) {
      EventWriter out = begin(message, contents, segments, context.now(), context);
      write_ics(out, kIcs, contents.ics);
      context.emit();
    }
    if (!message.has_services || (message.control & kControlMask) == kNever) return;
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    if (Request* same = find(message.calling_id, direction)) {
      give_up(*same);  // it is asked again
      open_.remove(same);
    }
    const bool reads =
        contents.code_count == 1 && contents.ics.operation == IcsOperation::read && !is_c1222_secret(contents.first);
    const auto service = contents.code_count != 0 ? std::optional{contents.codes[0]} : std::nullopt;
    open_.add({context.now(), direction, message.calling_id, service, contents.decides, contents.asks_identity, reads,
               message.encrypted, contents.ics},
              context, give_up);
  }

  Request* find(std::optional<std::int64_t> id, Direction direction) {
    return open_.find([&](const Request& r) { return r.direction == direction && r.id == id; });
  }

  void response(const C1222Message& message, const Contents& contents, std::uint32_t segments, Direction direction,
                Context& context) {
    // Some say the request's number as if it were theirs.
    Request* asked = find(message.called_id ? message.called_id : message.calling_id, opposite(direction));
    IcsCommand ics = asked == nullptr ? contents.ics : asked->ics;
    const Bytes read = asked != nullptr && asked->reads ? c1222_read_data(contents.answer) : Bytes{};
    if (ics.value.empty() && wants_ics_texts(context, kC1222, kIcs)) append_hex(ics.value, read);
    C1222Identity identity;
    const bool identified = asked != nullptr && asked->asks_identity && read_c1222_identity(contents.answer, identity);
    if (context.wants(kC1222)) {
      EventWriter out = begin(message, contents, segments, context.now(), context);
      if (identified) set_identity(out, identity);
      set_hex(out, kData, read.first(std::min(read.size(), kDataMax)));
      if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
      // Services are answered in their order: what became of a write is not said by another's error.
      const bool each = asked != nullptr && asked->decides < contents.code_count;
      const std::uint8_t error = each ? contents.codes[asked->decides] : contents.error;
      std::optional<IcsOutcome> outcome;
      if (contents.code_count != 0) outcome = error == 0 ? IcsOutcome::ok : IcsOutcome::refused;
      IcsText reason;
      if (error != 0) append_reason(reason, error);
      write_ics(out, kIcs, ics, outcome, out.event().keep(reason.view()));
      context.emit();
    }
    if (identified) tell_device(message, identity, direction, context);
    if (asked != nullptr) open_.remove(asked);
  }

  static void append_reason(IcsText& reason, std::uint8_t error) {
    if (const std::string_view name = c1222_error_name(error); !name.empty()) return reason.append(name);
    reason.append("response code ");
    reason.append_number(error);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kC1222)) return;
    EventWriter out = context.begin(kC1222, request.time);
    out.set(kIsOrig, Value::boolean(true));
    out.set(kEncrypted, Value::boolean(request.encrypted));
    if (request.service) out.set(kService, named(out, c1222_service_name(*request.service), *request.service));
    set_number(out, kCallingId, request.id);
    write_ics(out, kIcs, request.ics, IcsOutcome::no_answer);
    context.emit();
  }

  void tell_device(const C1222Message& message, const C1222Identity& identity, Direction from, Context& context) {
    IcsText unit, name, description;
    append_c1222_title(unit, message.calling);
    name.append_escaped(identity.identity);
    description.append("class ");
    append_hex(description, identity.device_class);
    devices_.tell({.protocol = "c1222",
                   .unit = unit.view(),
                   .serial_number = name.view(),
                   .description = identity.device_class.empty() ? std::string_view{} : description.view()},
                  kDevice, from, context);
  }

  IcsRequests<Request> open_;
  C1222Segments segments_;
  KnownDevices devices_;
  std::array<FrameStream, 2> streams_{};  // by direction
};

// A message in BER with services is enough off the port, when they are told in the clear or protected by a key.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  C1222Message message;
  const auto fault = read_c1222(reader, true, message);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  if (fault) return Verdict::no;
  if (on_port) return Verdict::yes;
  constexpr std::uint8_t kAlways = 0x80;  // in the control, which devices need not look at
  if ((message.control & kAlways) == 0) return Verdict::no;
  const bool titled = !message.called.octets.empty() || !message.calling.octets.empty();
  return titled && !gather(message, false).broken ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<C1222Analyzer>(); }

}  // namespace

Protocol c1222_protocol() {
  Protocol p;
  p.name = "c1222";
  p.help = "ANSI C12.22: what utilities ask of electricity meters";
  p.types = kTypes;
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
