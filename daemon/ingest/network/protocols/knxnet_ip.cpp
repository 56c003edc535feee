// KNXnet/IP over UDP and TCP: building automation's bus over IP. Messages in knxnet_ip_message.h, what the bus carries
// in knx_cemi.h.
//
// One `knxnet_ip` event per message. Services are joined by channel. What a client sends to the bus through a tunnel is
// confirmed by the server, and perhaps answered by a device after that; both are joined by address and what is asked
// for. Over multicast each sender is a flow of its own, and nothing is joined.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/knx_cemi.h"
#include "ingest/network/protocols/knxnet_ip_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kFunction,
  kService,
  kServiceCode,
  kChannel,
  kSequence,
  kStatus,
  kStatusCode,
  kConnectionType,
  kLayer,
  kTunnelAddress,
  kMessageCode,
  kSource,
  kDestination,
  kPriority,
  kHops,
  kApci,
  kObject,
  kObjectType,
  kInstance,
  kProperty,
  kCount,
  kStart,
  kMemory,
  kData,
  kLost,
  kWait,
  kSession,
  kUser,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client; of routing by whoever it is (ours)"},
    {"function", "text", "GroupValueWrite, PropertyValueRead, Connect, ... of what it carries, or its service (ours)"},
    {"service", "text", "Connect Request, Tunnelling Request, Routing Indication, ... (ours)"},
    {"service_code", "integer", "its number (ours)"},
    {"channel", "integer", "the connection (ours)"},
    {"sequence", "integer", "the message's number on the connection (ours)"},
    {"status", "text", "E_NO_ERROR, E_CONNECTION_ID, ...; unknown-NN when it has no name (ours)"},
    {"status_code", "integer", "its number (ours)"},
    {"connection_type", "text", "tunnel, device_management, ...; unknown-NN when it has no name (ours)"},
    {"tunnel_layer", "text", "link, raw or busmonitor; unknown-NN when it has no name (ours)"},
    {"tunnel_address", "text", "individual address that the tunnel has, or is to have (ours)"},
    {"message_code", "text", "of cEMI: L_Data.req, L_Data.ind, ...; unknown-NN when it has no name (ours)"},
    {"source_address", "text", "individual address of the sender on the bus: 1.1.4 (ours)"},
    {"destination_address", "text", "group address, 1/2/3, or individual address, 1.1.4 (ours)"},
    {"priority", "text", "system, normal, urgent or low (ours)"},
    {"hop_count", "integer", "how many more couplers it may pass (ours)"},
    {"apci", "integer", "the application message's number, without what it holds (ours)"},
    {"object_index", "integer", "the object on the device (ours)"},
    {"object_type", "integer", "the object's type (ours)"},
    {"object_instance", "integer", "which object of the type (ours)"},
    {"property_id", "integer", "the object's property (ours)"},
    {"count", "integer", "elements of a property, octets of memory (ours)"},
    {"start_index", "integer", "first element of a property (ours)"},
    {"memory_address", "integer", "first octet of memory (ours)"},
    {"data", "text", "what is written or was read, in hexadecimal (ours)"},
    {"lost_messages", "integer", "telegrams that a router lost (ours)"},
    {"wait_time", "integer", "how long a busy router wants silence, in ms (ours)"},
    {"session", "integer", "the secured session (ours)"},
    {"user", "integer", "who authenticates for a session: 1 is for management, others for tunnels (ours)"},
    {"rtt", "interval", "from the request to this; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kServiceName{"knxnet_ip"};
enum : std::size_t { kKnx, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"knxnet_ip", "normwatch", kServiceName, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::array<std::uint16_t, 1> kPorts{3671};
constexpr std::size_t kHeaderBytes = 6;

// A message and what it carries.
struct Message {
  const KnxIpServiceSpec* spec = nullptr;
  KnxIpBody body;
  std::optional<CemiMessage> cemi;
  Direction direction = Direction::to_responder;
  bool whole = false;
};

struct Request {
  Timestamp time{};
  Direction direction = Direction::to_responder;
  const KnxIpServiceSpec* spec = nullptr;
  std::optional<std::uint8_t> channel, sequence;
  std::optional<CemiMessage> cemi;  // without what views the input
  bool sent = false;                // confirmed, to be answered by a device
  IcsCommand command{};
};

struct Result {
  std::optional<IcsOutcome> outcome;
  std::string_view reason;
};

void set_number(EventWriter& out, Field field, const auto& number) {
  if (number) out.set(field, Value::integer(*number));
}

void set_address(EventWriter& out, Field field, std::uint16_t address, bool group) {
  if (!out.wants(field)) return;
  IcsText text;
  if (group)
    append_knx_group(text, address);
  else
    append_knx_address(text, address);
  out.set(field, Value::text(out.event().keep(text.view())));
}

Value function_name(EventWriter& out, const KnxIpServiceSpec& spec, const std::optional<CemiMessage>& cemi) {
  if (!cemi) return named(out, spec.name, spec.code);
  if (cemi->known != nullptr) return Value::text(cemi->known->name);
  if (cemi->service) return named(out, {}, *cemi->service);
  if (cemi->transport) return Value::text(knx_transport_name(*cemi->transport));
  return named(out, cemi_code_name(cemi->code), cemi->code);
}

void set_cemi(EventWriter& out, const CemiMessage& cemi) {
  out.set(kMessageCode, named(out, cemi_code_name(cemi.code), cemi.code));
  if (cemi.telegram) {
    set_address(out, kSource, cemi.source, false);
    set_address(out, kDestination, cemi.destination, cemi.group());
    out.set(kPriority, Value::text(knx_priority_name(cemi.priority())));
    out.set(kHops, Value::integer(cemi.hops()));
  }
  set_number(out, kApci, cemi.service);
  set_number(out, kObject, cemi.object);
  set_number(out, kObjectType, cemi.type);
  set_number(out, kInstance, cemi.instance);
  set_number(out, kProperty, cemi.property);
  set_number(out, kCount, cemi.count);
  set_number(out, kStart, cemi.start);
  set_number(out, kMemory, cemi.memory);
  set_hex(out, kData, cemi.data);
}

void set_body(EventWriter& out, const Message& message) {
  const KnxIpBody& body = message.body;
  set_number(out, kChannel, body.channel);
  set_number(out, kSequence, body.sequence);
  const bool of_session = message.spec->code == kKnxSessionStatus;
  if (const auto& status = of_session ? body.result : body.status) {
    const auto name = of_session ? knx_ip_session_status_name(*status) : knx_ip_status_name(*status);
    out.set(kStatus, named(out, name, *status));
    out.set(kStatusCode, Value::integer(*status));
  }
  if (body.connection) out.set(kConnectionType, named(out, knx_ip_connection_name(*body.connection), *body.connection));
  if (body.layer) out.set(kLayer, named(out, knx_ip_layer_name(*body.layer), *body.layer));
  if (body.address) set_address(out, kTunnelAddress, *body.address, false);
  set_hex(out, kData, body.value);
  set_number(out, kLost, body.lost);
  set_number(out, kWait, body.wait);
  set_number(out, kSession, body.session);
  set_number(out, kUser, body.user);
  if (message.cemi) set_cemi(out, *message.cemi);
}

bool same_point(const CemiMessage& a, const CemiMessage& b) {
  return a.object == b.object && a.type == b.type && a.instance == b.instance && a.property == b.property &&
         a.memory == b.memory;
}

// Whether a telegram on the bus answers what was sent to it.
bool is_answered(const CemiMessage& asked, const CemiMessage& by) {
  if (asked.known == nullptr || asked.known->answer == 0 || by.service != asked.known->answer) return false;
  if (!same_point(asked, by)) return false;
  const bool broadcast = asked.group() && asked.destination == 0;
  if (broadcast || !by.telegram) return true;
  return asked.group() ? by.group() && by.destination == asked.destination : by.source == asked.destination;
}

bool is_confirmed(const CemiMessage& asked, const CemiMessage& by) {
  return cemi_confirmation(asked.code) == by.code && asked.destination == by.destination &&
         asked.service == by.service && same_point(asked, by);
}

bool is_ack(const Message& message) {
  return message.spec->code == kKnxTunnellingAck || message.spec->code == kKnxManagementAck;
}

Result result_of_cemi(const CemiMessage& cemi) {
  if (cemi.confirms() && cemi.failed) {
    if (cemi.telegram) return {IcsOutcome::refused, "not acknowledged on the bus"};
    return {IcsOutcome::refused, cemi.data.empty() ? std::string_view{} : cemi_error_name(cemi.data[0])};
  }
  if (cemi.failed) return {IcsOutcome::refused, {}};
  // Sent, but not yet answered.
  if (cemi.confirms() && cemi.known != nullptr && cemi.known->answer != 0) return {};
  if (cemi.confirms() || cemi.answers()) return {IcsOutcome::ok, {}};
  return {};
}

Result result_of(const Message& message) {
  constexpr std::uint8_t kBad = 0x80;
  const KnxIpBody& body = message.body;
  const std::uint16_t service = message.spec->code;
  if (!message.whole) return {};
  if (message.cemi) return result_of_cemi(*message.cemi);
  if (service == kKnxSessionStatus) {
    constexpr std::uint8_t kKeepAlive = 4;  // from here on nothing is answered
    if (!body.result || *body.result == 0) return {IcsOutcome::ok, {}};
    if (*body.result >= kKeepAlive) return {};
    return {IcsOutcome::refused, knx_ip_session_status_name(*body.result)};
  }
  if (body.feature && body.result.value_or(0) >= kBad) return {IcsOutcome::refused, {}};
  const bool response = knx_ip_answers(service) || is_ack(message) || body.device.address;
  if (!response) return {};
  if (body.status.value_or(0) == 0) return {IcsOutcome::ok, {}};
  return {IcsOutcome::refused, knx_ip_status_name(*body.status)};
}

class KnxnetIpAnalyzer final : public Analyzer {
 public:
  explicit KnxnetIpAnalyzer(Transport transport) : transport_{transport} {}

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    KnxIpMessage message;
    const auto certain = [](Bytes from) {
      KnxIpMessage other;
      ByteReader reader{from};
      if (const auto fault = read_knx_ip(reader, other)) return frame_verdict(fault);
      return find_knx_ip_service(other.service)->layout.ends_with('m') ? Verdict::yes : Verdict::no;
    };
    FrameStream& side = streams_[static_cast<std::size_t>(direction)];
    const auto services = [&] { return side.lost() ? KnxIpServices::known : KnxIpServices::any; };
    return side.read(
        bytes, context, [&](ByteReader& reader) { return read_knx_ip(reader, message, services()); },
        [&] { take(message, true, direction, context); }, certain);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    KnxIpMessage message;
    for (ByteReader reader{bytes}; !reader.empty();) {
      const auto fault = read_knx_ip_datagram(reader, message);
      if (fault) context.refused(*fault);
      if (message.service != 0) take(message, !fault, direction, context);
    }
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[static_cast<std::size_t>(direction)].gap();
    context.refused(DecodeError::truncated);
    open_.forget_if([&](const Request& r) { return r.direction != direction; });
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  // `sound`: nothing was refused of it yet.
  void take(const KnxIpMessage& bytes, bool sound, Direction direction, Context& context) {
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (!context.wants(kKnx) && !context.wants(kDevice)) return;
    Message message;
    const KnxIpServiceSpec unknown{bytes.service, {}, IcsOperation::other, "x", 0};
    const KnxIpServiceSpec* known = find_knx_ip_service(bytes.service);
    message.spec = known == nullptr ? &unknown : known;
    message.direction = direction;
    message.whole = read_knx_ip_body(message.spec->layout, bytes.body, message.body);
    if (message.spec->layout.ends_with('m')) {
      CemiMessage cemi;
      const bool routed = bytes.service == kKnxRouting || bytes.service == kKnxSystemBroadcast;
      const bool whole = routed ? read_routed_cemi(message.body.cemi, cemi) : read_cemi(message.body.cemi, cemi);
      message.whole = whole && message.whole;
      if (!message.body.cemi.empty()) message.cemi = cemi;
    }
    if (sound && !message.whole) context.refused(DecodeError::bad_value);
    who_asks(message);
    if (context.wants(kKnx)) tell(message, context);
    tell_device(message, context);
  }

  // In mid-stream, and from the wrong side round, most messages tell which side they are from.
  void who_asks(const Message& message) {
    if (message.cemi && message.spec->code >= kKnxManagement && message.spec->code <= kKnxTunnelling)
      asking_ = message.cemi->asks() ? message.direction : opposite(message.direction);
    else if (message.spec->answer != 0 && message.spec->code <= kKnxConnect)
      asking_ = message.direction;
    else if (message.spec->code == kKnxConnectResponse)
      asking_ = opposite(message.direction);
  }

  EventWriter begin(const KnxIpServiceSpec& spec, Direction direction, const std::optional<CemiMessage>& cemi,
                    Timestamp time, Context& context) const {
    EventWriter out = context.begin(kKnx, time);
    out.set(kIsOrig, Value::boolean(direction == asking_));
    out.set(kFunction, function_name(out, spec, cemi));
    out.set(kService, named(out, spec.name, spec.code));
    out.set(kServiceCode, Value::integer(spec.code));
    return out;
  }

  void tell(const Message& message, Context& context) {
    const bool texts = wants_ics_texts(context, kKnx, kIcs);
    const Result result = result_of(message);
    Request* asked = find_asked(message, result);
    IcsCommand command;
    if (message.cemi)
      describe_cemi(*message.cemi, texts, command);
    else
      describe_knx_ip(message.spec->code, message.body, texts, command);
    if (asked != nullptr) {
      const IcsText value = command.value;
      command = asked->command;
      if (!value.empty()) command.value = value;
    }
    EventWriter out = begin(*message.spec, message.direction, message.cemi, context.now(), context);
    set_body(out, message);
    if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
    write_ics(out, kIcs, command, result.outcome, result.reason);
    context.emit();
    settle(asked, message, result);
    wait(message, command, context);
  }

  // What a message answers, confirms or refuses.
  Request* find_asked(const Message& message, const Result& result) {
    const Direction direction = opposite(message.direction);
    const KnxIpBody& body = message.body;
    if (is_ack(message) && result.outcome != IcsOutcome::refused) return nullptr;
    if (is_ack(message))
      return open_.find([&](const Request& r) {
        return r.direction == direction && r.cemi && r.channel == body.channel && r.sequence == body.sequence;
      });
    if (!message.cemi)
      return open_.find([&](const Request& r) {
        return r.direction == direction && r.spec->answer != 0 && r.spec->answer == message.spec->code &&
               (!r.channel || r.channel == body.channel);
      });
    const CemiMessage& cemi = *message.cemi;
    return open_.find([&](const Request& r) {
      if (r.direction != direction || !r.cemi) return false;
      return cemi.confirms() ? !r.sent && is_confirmed(*r.cemi, cemi) : is_answered(*r.cemi, cemi);
    });
  }

  void settle(Request* asked, const Message& message, const Result& result) {
    if (asked == nullptr) return;
    if (message.cemi && !result.outcome)
      asked->sent = true;  // a device is still to answer
    else
      open_.remove(asked);
  }

  // A service waits for another; what a tunnel carries for the server, and for the device behind it.
  void wait(const Message& message, const IcsCommand& command, Context& context) {
    if (message.spec->answer == 0 && !(message.cemi && message.body.channel && message.cemi->asks())) return;
    Request request{context.now(),         message.direction, message.spec, message.body.channel,
                    message.body.sequence, message.cemi,      false,        command};
    if (request.cemi) request.cemi->data = request.cemi->serial = {};
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    // Over TCP nothing is sent again, and nobody heeds the number of what a tunnel carries.
    const bool counted = transport_ == Transport::udp || !request.cemi;
    Request* same = open_.find([&](const Request& r) {
      return counted && r.direction == request.direction && r.spec == request.spec && r.channel == request.channel &&
             r.sequence == request.sequence;
    });
    if (same != nullptr) {
      give_up(*same);  // it is asked again, or the number came round
      open_.remove(same);
    }
    open_.add(std::move(request), context, give_up);
  }

  // The request once more, as nobody answered it.
  void unanswered(const Request& request, Context& context) const {
    if (!context.wants(kKnx)) return;
    EventWriter out = begin(*request.spec, request.direction, request.cemi, request.time, context);
    set_number(out, kChannel, request.channel);
    set_number(out, kSequence, request.sequence);
    if (request.cemi) set_cemi(out, *request.cemi);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  void tell_device(const Message& message, Context& context) {
    if (message.body.device.address) return tell_server(message.body.device, message.direction, context);
    if (message.cemi && !message.cemi->failed) tell_bus_device(*message.cemi, message.direction, context);
  }

  void tell_server(const KnxIpDevice& device, Direction from, Context& context) {
    IcsText unit, serial, name, hardware, description;
    append_knx_address(unit, *device.address);
    serial.append_octets(device.serial);
    name.append_escaped(device.name);
    if (device.descriptor) hardware.append_hex(*device.descriptor, 4);
    if (device.medium) description.append(knx_medium_name(*device.medium));
    for (ByteReader families{device.families}; families.rest().size() >= 2;) {
      description.next();
      description.append(knx_ip_family_name(families.u8()));
      description.append(' ');
      description.append_number(families.u8());
    }
    ByteReader number{device.serial};
    const std::uint16_t maker = device.maker.value_or(number.u16be());  // a serial number begins with its maker's
    devices_.tell({.protocol = "knxnet_ip",
                   .unit = unit.view(),
                   .vendor = knx_maker_name(maker),
                   .serial_number = serial.view(),
                   .hardware = hardware.view(),
                   .name = name.view(),
                   .description = description.view()},
                  kDevice, from, context);
  }

  // What a device on the bus answers to who reads its descriptor, or properties of its device object.
  void tell_bus_device(const CemiMessage& cemi, Direction from, Context& context) {
    constexpr std::uint16_t kDescriptor = 0x340, kPropertyValue = 0x3D6;
    constexpr std::uint16_t kSerial = 11, kMaker = 12, kOrder = 15;
    IcsText unit, octets;
    if (cemi.telegram) append_knx_address(unit, cemi.source);
    octets.append_octets(cemi.data);
    KnownDevice device{.protocol = "knxnet_ip", .unit = unit.view()};
    ByteReader number{cemi.data};
    const bool property =
        (cemi.service == kPropertyValue && cemi.object == 0) || (cemi.code == kCemiReadConfirmation && cemi.type == 0);
    if (cemi.data.empty() || (!property && cemi.service != kDescriptor)) return;
    if (cemi.service == kDescriptor)
      device.hardware = octets.view();
    else if (cemi.property == kSerial)
      device.serial_number = octets.view();
    else if (cemi.property == kMaker)
      device.vendor = knx_maker_name(number.u16be());
    else if (cemi.property == kOrder)
      device.order_number = octets.view();
    else
      return;
    devices_.tell(device, kDevice, from, context);
  }

  Transport transport_;
  Direction asking_ = Direction::to_responder;  // where the client's messages go
  IcsRequests<Request> open_;
  KnownDevices devices_;
  std::array<FrameStream, 2> streams_{};  // by direction
};

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  if (transport == Transport::udp && on_port && begins_knx_ip(first)) return Verdict::yes;
  ByteReader reader{first};
  KnxIpMessage message;
  const auto fault = read_knx_ip(reader, message, on_port ? KnxIpServices::any : KnxIpServices::known);
  if (fault == DecodeError::truncated) {
    if (transport == Transport::udp) return Verdict::no;
    return first.size() < kHeaderBytes ? Verdict::unsure : Verdict::yes;
  }
  if (fault) return Verdict::no;
  return transport == Transport::tcp || reader.empty() ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport transport) { return std::make_unique<KnxnetIpAnalyzer>(transport); }

}  // namespace

Protocol knxnet_ip_protocol() {
  Protocol p;
  p.name = "knxnet_ip";
  p.help = "KNXnet/IP: building automation's bus over IP";
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
