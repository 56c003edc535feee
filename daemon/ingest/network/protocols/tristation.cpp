// TriStation over UDP: what programs Triconex safety controllers; the protocol that TRITON spoke. tristation_message.h
// shows the wire.
//
// One `tristation` event per message. A response is joined to its command by the counter, which it repeats; what
// connections are about by their order.
#include <algorithm>
#include <array>
#include <utility>

#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/tristation_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kType,
  kTypeCode,
  kChannel,
  kDirection,
  kConnection,
  kFunction,
  kFunctionCode,
  kCounter,
  kSound,
  kLength,
  kData,
  kReject,
  kKey,
  kState,
  kLoad,
  kValid,
  kProject,
  kVersion,
  kFunctions,
  kPrograms,
  kId,
  kOffset,
  kWords,
  kProcessor,
  kImplant,
  kAddress,
  kOctets,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the host that asks (ours)"},
    {"message_type", "text", "Execution Command, Connection Request, Ping Command, ... (ours)"},
    {"message_type_code", "integer", "its number (ours)"},
    {"channel", "integer", "octet behind the type (ours)"},
    {"direction", "integer", "of a command: 0 to the controller, as far as known (ours)"},
    {"connection_id", "integer", "of a command: number of the connection (ours)"},
    {"function", "text", "Run program, Halt program, Allocate program, ...; unknown-NN when it has no name (ours)"},
    {"function_code", "integer", "its number (ours)"},
    {"counter", "integer", "joins a response to its command (ours)"},
    {"checksum_valid", "boolean", "whether a command's checksum and length fit it (ours)"},
    {"data_length", "integer", "octets behind a command's head (ours)"},
    {"data", "text", "these octets in hexadecimal, the first 256 (ours)"},
    {"reject_reason", "text", "why a command was rejected; unknown-NN when it has no name (ours)"},
    {"key_state", "text", "the key switch: STOP, PROGRAM, RUN, REMOTE, INVALID; unknown-NN (ours)"},
    {"program_state", "text", "the control program: RUNNING, HALTED, PAUSED, EXCEPTION; unknown-NN (ours)"},
    {"load_state", "integer", "the state of a download; what its numbers mean is not published (ours)"},
    {"program_valid", "boolean", "the control program is valid (ours)"},
    {"project", "text", "name of the project that is loaded or is to be (ours)"},
    {"project_version", "text", "its version, major.minor (ours)"},
    {"functions", "integer", "how many functions a download will have (ours)"},
    {"programs", "integer", "how many programs a download will have (ours)"},
    {"object_id", "integer", "number of the program or function (ours)"},
    {"offset", "integer", "its first word that is meant (ours)"},
    {"words", "integer", "how many words are written (ours)"},
    {"processor", "integer", "main processor that is meant; 255 all (ours)"},
    {"implant_command", "text",
     "what TRITON's implant takes a Get MP status for: Read memory, Write memory, Execute (ours)"},
    {"implant_address", "integer", "where in memory (ours)"},
    {"implant_octets", "integer", "how much of it (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kService{"tristation"};
enum : std::size_t { kTriStation, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"tristation", "normwatch", kService, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::array<std::uint16_t, 1> kPorts{1502};

constexpr std::size_t kMessagesMax = 256;  // of a datagram

struct Request {
  Timestamp time{};
  Direction direction = Direction::to_responder;
  std::uint8_t type = 0, counter = 0;
  std::optional<std::uint8_t> function{};
  IcsCommand command{};
};

void set_number(EventWriter& out, Field field, const auto& number) {
  if (number) out.set(field, Value::integer(*number));
}

void set_named(EventWriter& out, Field field, const std::optional<std::uint8_t>& number,
               std::string_view (*name)(std::uint8_t)) {
  if (number) out.set(field, named(out, name(*number), *number));
}

void append_version(const TsBody& body, IcsText& text) {
  text.append_number(*body.major);
  text.append('.');
  text.append_number(*body.minor);
}

void set_project(EventWriter& out, const TsBody& body) {
  set_text(out, kProject, body.project);
  set_number(out, kFunctions, body.functions);
  set_number(out, kPrograms, body.programs);
  if (!body.major || !out.wants(kVersion)) return;
  IcsText version;
  append_version(body, version);
  out.set(kVersion, Value::text(out.event().keep(version.view())));
}

void set_command(EventWriter& out, const TsMessage& message, const TsBody& body) {
  constexpr std::size_t kDataMax = 256;
  if (message.type == kTsCommand) out.set(kSound, Value::boolean(message.sound));
  if (!message.function) return;
  out.set(kDirection, Value::integer(message.direction));
  out.set(kConnection, Value::integer(message.connection));
  set_named(out, kFunction, message.function, ts_function_name);
  set_number(out, kFunctionCode, message.function);
  out.set(kCounter, Value::integer(message.counter));
  out.set(kLength, Value::integer(static_cast<std::int64_t>(message.data.size())));
  set_hex(out, kData, message.data.first(std::min(message.data.size(), kDataMax)));
  set_named(out, kReject, body.reject, ts_reject_name);
  set_named(out, kKey, body.key, ts_key_name);
  set_named(out, kState, body.state, ts_state_name);
  set_number(out, kLoad, body.load);
  if (body.valid) out.set(kValid, Value::boolean(*body.valid));
  set_project(out, body);
  set_number(out, kId, body.id);
  set_number(out, kOffset, body.offset);
  set_number(out, kWords, body.words);
  set_number(out, kProcessor, body.processor);
  set_named(out, kImplant, body.implant, ts_implant_name);
  set_number(out, kAddress, body.address);
  set_number(out, kOctets, body.octets);
}

class TriStationAnalyzer final : public Analyzer {
 public:
  // Nobody published that controllers drop what has something behind it.
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    std::size_t messages = 0;
    for (ByteReader in{bytes}; !in.empty();) {
      TsMessage message;
      if (const auto fault = read_tristation(in, message)) return context.refused(*fault);
      if (messages++ == kMessagesMax) return context.refused(DecodeError::limit);
      take(message, direction, context);
    }
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  void take(const TsMessage& message, Direction direction, Context& context) {
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (!message.sound) context.refused(DecodeError::bad_value);
    if (!context.wants(kTriStation) && !context.wants(kDevice)) return;
    TsBody body;
    const bool whole = read_tristation_body(message, wants_ics_texts(context, kTriStation, kIcs), body);
    if (!whole && message.sound) context.refused(DecodeError::bad_value);
    who_asks(message, direction);
    if (direction == asking_)
      request(message, body, context);
    else
      response(message, body, direction, context);
  }

  // All but pings tell; these come back as they are.
  void who_asks(const TsMessage& message, Direction direction) {
    if (message.type == kTsPing || (message.type == kTsCommand && !message.function)) return;
    const bool asks =
        message.type == kTsConnect || message.type == kTsDisconnect || (message.function && !message.answers());
    asking_ = asks ? direction : opposite(direction);
  }

  static EventWriter begin(std::uint8_t type, bool request, Timestamp time, Context& context) {
    EventWriter out = context.begin(kTriStation, time);
    out.set(kIsOrig, Value::boolean(request));
    out.set(kType, named(out, ts_type_name(type), type));
    out.set(kTypeCode, Value::integer(type));
    return out;
  }

  void request(const TsMessage& message, const TsBody& body, Context& context) {
    if (context.wants(kTriStation)) {
      EventWriter out = begin(message.type, true, context.now(), context);
      out.set(kChannel, Value::integer(message.channel));
      set_command(out, message, body);
      write_ics(out, kIcs, body.command);
      context.emit();
    }
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    // It is asked again, or the number came round.
    open_.give_up_if(
        [&](const Request& r) {
          return r.direction == asking_ && r.type == message.type && r.counter == message.counter;
        },
        give_up);
    open_.add({context.now(), asking_, message.type, message.counter, message.function, body.command}, context,
              give_up);
  }

  // Nobody answers himself: that would tell a command as refused which the controller carries out.
  Request* find(const TsMessage& message, Direction direction) {
    return open_.find([&](const Request& r) {
      if (r.direction == direction) return false;
      switch (message.type) {
        case kTsConnected: return r.type == kTsConnect;
        case kTsDisconnected: return r.type == kTsDisconnect;
        case kTsCommand: return r.type == kTsCommand && r.counter == message.counter;
        case kTsPing: return r.type == kTsPing;
        default: return r.type != kTsPing;
      }
    });
  }

  void response(const TsMessage& message, const TsBody& body, Direction direction, Context& context) {
    Request* asked = find(message, direction);
    IcsCommand command = asked == nullptr ? body.command : asked->command;
    if (command.value.empty()) command.value = body.command.value;
    if (context.wants(kTriStation)) {
      EventWriter out = begin(message.type, false, context.now(), context);
      out.set(kChannel, Value::integer(message.channel));
      set_command(out, message, body);
      if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
      const bool rejected = message.function == kTsRejected;
      std::string_view reason;
      if (body.reject) reason = named(out, ts_reject_name(*body.reject), *body.reject).as_text();
      if (message.type >= kTsLimitReached) reason = ts_type_name(message.type);
      const bool refused = rejected || message.type >= kTsLimitReached;
      write_ics(out, kIcs, command, refused ? IcsOutcome::refused : IcsOutcome::ok, reason);
      context.emit();
    }
    if (asked != nullptr) open_.remove(asked);
    if (!body.project.empty() && body.major) device(body, direction, context);
  }

  void device(const TsBody& body, Direction from, Context& context) {
    IcsText description;
    description.append("project ");
    description.append_escaped(body.project);
    description.append(' ');
    append_version(body, description);
    devices_.tell({.protocol = "tristation",
                   .vendor = "Triconex",
                   .product = "safety controller",
                   .description = description.view()},
                  kDevice, from, context);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kTriStation)) return;
    EventWriter out = begin(request.type, true, request.time, context);
    set_named(out, kFunction, request.function, ts_function_name);
    set_number(out, kFunctionCode, request.function);
    if (request.function) out.set(kCounter, Value::integer(request.counter));
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  Direction asking_ = Direction::to_responder;  // where requests go
  IcsRequests<Request> open_;
  KnownDevices devices_;
};

// The length, the type and the CRC must fit: chance makes none. Off the port nothing may stand behind.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  TsMessage message;
  if (read_tristation(reader, message)) return Verdict::no;
  return on_port || reader.empty() ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<TriStationAnalyzer>(); }

}  // namespace

Protocol tristation_protocol() {
  Protocol p;
  p.name = "tristation";
  p.help = "TriStation: commands and downloads to Triconex safety controllers, as TRITON sent them";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
