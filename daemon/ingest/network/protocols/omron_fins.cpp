// FINS (Omron) over UDP and TCP: what programs, panels and controllers ask of controllers. Messages in
// omron_fins_message.h.
//
// One `omron_fins` event per message, and per step of what opens a connection over TCP. A response is joined to its
// command by both addresses, the service number and the command.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/omron_fins_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kGateway,
  kDataType,
  kResponseSetting,
  kGateways,
  kToNetwork,
  kToNode,
  kToUnit,
  kFromNetwork,
  kFromNode,
  kFromUnit,
  kService,
  kCommandName,
  kEndName,
  kArea,
  kAddress,
  kItems,
  kParameterArea,
  kWord,
  kWords,
  kProgram,
  kOctets,
  kRunMode,
  kModel,
  kVersion,
  kStatus,
  kMode,
  kFatal,
  kNonFatal,
  kMessages,
  kFal,
  kErrorMessage,
  kTestData,
  kDisk,
  kFile,
  kNewFile,
  kPosition,
  kClock,
  kData,
  kCommand,
  kEnd,
  kDataLength,
  kTcpCommand,
  kTcpError,
  kClientNode,
  kServerNode,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "a command, or the client's part in opening a connection (ours)"},
    {"icf_gateway", "boolean", "gateways may be used"},
    {"icf_data_type", "text", "Command or Response"},
    {"icf_response_setting", "text", "Response-Required or Response-Not-Required"},
    {"gateway_count", "integer", "how many more gateways it may pass"},
    {"destination_network_address", "integer", "network that it is for; 0 the local one"},
    {"destination_node_number", "integer", "node that it is for"},
    {"destination_unit_address", "integer", "unit that it is for; 0 the CPU"},
    {"source_network_address", "integer", "network that it is from"},
    {"source_node_number", "integer", "node that it is from"},
    {"source_unit_address", "integer", "unit that it is from"},
    {"service_id", "integer", "joins a response to its command"},
    {"command_code", "text", "Memory Area Read, Run, ...; unknown-NN when it has no name"},
    {"response_code", "text", "how it went: Normal completion, ..."},
    {"memory_area_code", "text", "the area of the first point: CIO, D, W, ..."},
    {"beginning_address", "text", "the first point: D100, CIO 10.03"},
    {"number_of_items", "integer", "how many points"},
    {"parameter_area_code", "text", "plc_setup, io_table, routing_tables, ..."},
    {"beginning_word", "integer", "first word of a parameter or program area"},
    {"number_of_words", "integer", "words of a parameter area, without the mark of the last"},
    {"program_no", "integer", "the program's number"},
    {"number_of_bytes", "integer", "octets of a program or file"},
    {"run_mode", "text", "mode that it is to run in: MONITOR, RUN, ..."},
    {"controller_model", "text", "the controller's model"},
    {"controller_version", "text", "its version"},
    {"controller_status_data_read_status", "text", "Stop, Run or Standby"},
    {"controller_status_data_read_mode", "text", "PROGRAM, MONITOR, RUN, ..."},
    {"fatal_error", "integer", "bits of fatal errors"},
    {"non_fatal_error", "integer", "bits of other errors"},
    {"message_yes_no", "integer", "bits of messages that wait"},
    {"fal_fals_no", "integer", "the error of the highest priority"},
    {"error_message", "text", "its text"},
    {"test_data", "text", "data of a test, or a name"},
    {"disk_no", "integer", "the file device"},
    {"file_name", "text", "the file, or the first of them"},
    {"new_file_name", "text", "what it is copied or renamed to; the second of several"},
    {"file_position", "integer", "from which octet on"},
    {"clock", "text", "the controller's clock, without zone (ours)"},
    {"data", "text", "data that are written or were read, in hexadecimal, the first 256 octets"},
    {"command", "integer", "the command's number (ours)"},
    {"response", "integer", "the end code's number (ours)"},
    {"data_length", "integer", "octets behind command and end code (ours)"},
    {"tcp_command", "text", "over TCP: Client Node Address, Server Node Address, Error Notification, ... (ours)"},
    {"tcp_error", "text", "over TCP: why not (ours)"},
    {"client_node", "integer", "over TCP: the client's node (ours)"},
    {"server_node", "integer", "over TCP: the server's node (ours)"},
    {"rtt", "interval", "from the command to its response; absent when the command was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kServiceName{"omron_fins"};
enum : std::size_t { kFins, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"omron_fins", "normwatch", kServiceName, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::array<std::uint16_t, 1> kPorts{9600};

constexpr std::uint16_t kParameterLast = 0x8000;

struct Request {
  Timestamp time{};
  Direction direction = Direction::to_responder;
  FinsAddress to{}, from{};
  std::uint8_t service = 0, area = 0;
  std::uint16_t command = 0;
  IcsCommand ics{};
};

void set_number(EventWriter& out, Field field, const auto& number) {
  if (number) out.set(field, Value::integer(*number));
}

void set_addresses(EventWriter& out, const FinsAddress& to, const FinsAddress& from) {
  out.set(kToNetwork, Value::integer(to.network));
  out.set(kToNode, Value::integer(to.node));
  out.set(kToUnit, Value::integer(to.unit));
  out.set(kFromNetwork, Value::integer(from.network));
  out.set(kFromNode, Value::integer(from.node));
  out.set(kFromUnit, Value::integer(from.unit));
}

void set_command(EventWriter& out, std::uint16_t code) {
  const FinsCommand* command = find_fins_command(code);
  out.set(kCommandName, named(out, command == nullptr ? std::string_view{} : command->name, code));
  out.set(kCommand, Value::integer(code));
}

void set_point(EventWriter& out, const FinsPoint& point) {
  std::string_view area = fins_area_name(point.area);
  if (area.ends_with(' ')) area.remove_suffix(1);
  out.set(kArea, named(out, area, point.area));
  IcsText text;
  append_fins_point(text, point, 1);
  out.set(kAddress, Value::text(out.event().keep(text.view())));
}

void set_controller(EventWriter& out, const FinsMessage& message, const FinsBody& body) {
  set_text(out, kModel, body.model);
  set_text(out, kVersion, body.version);
  if (body.mode && !message.response()) out.set(kRunMode, named(out, fins_mode_name(*body.mode), *body.mode));
  if (!body.status) return set_text(out, kTestData, body.text);
  out.set(kStatus, named(out, fins_status_name(*body.status), *body.status));
  out.set(kMode, named(out, fins_mode_name(*body.mode), *body.mode));
  set_number(out, kFatal, body.fatal);
  set_number(out, kNonFatal, body.non_fatal);
  set_number(out, kMessages, body.messages);
  set_number(out, kFal, body.fal);
  set_text(out, kErrorMessage, body.text);
}

void set_body(EventWriter& out, const FinsMessage& message, const FinsBody& body) {
  constexpr std::size_t kDataMax = 256;
  if (body.point_count != 0) set_point(out, body.points[0]);
  if (!body.parameter_area) {
    set_number(out, kItems, body.count);
  } else {
    const std::uint16_t area = *body.parameter_area;
    out.set(kParameterArea, named(out, fins_parameter_area_name(area), area));
    if (body.count) out.set(kWords, Value::integer(*body.count & ~std::uint32_t{kParameterLast}));
  }
  set_number(out, kWord, body.word);
  set_number(out, kProgram, body.program);
  set_number(out, kOctets, body.octets);
  set_controller(out, message, body);
  set_number(out, kDisk, body.disk);
  set_text(out, kFile, body.file);
  set_text(out, kNewFile, body.other_file);
  set_number(out, kPosition, body.position);
  if (!body.clock.empty()) {
    IcsText clock;
    append_fins_clock(clock, body.clock);
    out.set(kClock, Value::text(out.event().keep(clock.view())));
  }
  set_hex(out, kData, body.data.first(std::min(body.data.size(), kDataMax)));
}

class OmronFinsAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    FinsTcp tcp;
    const auto take = [&] {
      if (tcp.command == kFinsFrame)
        message(tcp.data, direction, context);
      else
        tell_tcp(tcp, context);
    };
    const auto certain = [](Bytes from) {
      FinsTcp other;
      ByteReader reader{from};
      if (const auto fault = read_fins_tcp(reader, other)) return frame_verdict(fault);
      return other.command == kFinsFrame ? Verdict::yes : Verdict::no;
    };
    return streams_[static_cast<std::size_t>(direction)].read(
        bytes, context, [&](ByteReader& reader) { return read_fins_tcp(reader, tcp); }, take, certain);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override { message(bytes, direction, context); }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[static_cast<std::size_t>(direction)].gap();
    context.refused(DecodeError::truncated);
    open_.forget_if([&](const Request& r) { return r.direction != direction; });
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  // How a connection is opened: the client says its node, or 0 to get one.
  static void tell_tcp(const FinsTcp& tcp, Context& context) {
    if (!context.wants(kFins)) return;
    ByteReader reader{tcp.data};
    EventWriter out = context.begin(kFins, context.now());
    out.set(kIsOrig, Value::boolean(tcp.command == kFinsClientNode));
    out.set(kTcpCommand, named(out, fins_tcp_command_name(tcp.command), tcp.command));
    out.set(kTcpError, named(out, fins_tcp_error_name(tcp.error), tcp.error));
    const bool nodes = tcp.command == kFinsClientNode || tcp.command == kFinsServerNode;
    if (nodes && reader.rest().size() >= 4) out.set(kClientNode, Value::integer(reader.u32be()));
    if (tcp.command == kFinsServerNode && reader.rest().size() >= 4)
      out.set(kServerNode, Value::integer(reader.u32be()));
    std::optional<IcsOutcome> outcome;
    if (tcp.command == kFinsServerNode) outcome = IcsOutcome::ok;
    if (tcp.error != 0) outcome = IcsOutcome::refused;
    write_ics(out, kIcs, {}, outcome, tcp.error != 0 ? fins_tcp_error_name(tcp.error) : std::string_view{});
    context.emit();
  }

  void message(Bytes bytes, Direction direction, Context& context) {
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    FinsMessage fins;
    const bool begins = read_fins(bytes, fins);
    const FinsCommand* command = find_fins_command(fins.command);
    if (!begins || (fins.odd() != 0 && command == nullptr)) return context.refused(DecodeError::bad_value);
    if (!context.wants(kFins) && !context.wants(kDevice)) return;
    const bool refused = fins.end && fins_refuses(*fins.end);
    FinsBody body;
    bool whole = !fins.response() || fins.end.has_value();
    // Behind an end code that refuses anything may stand.
    if (command != nullptr && whole && !refused)
      whole = read_fins_body(fins.response() ? command->response : command->request, fins.body, body);
    if (!whole) context.refused(DecodeError::bad_value);
    if (context.wants(kFins) && fins.response())
      response(fins, body, direction, context);
    else if (context.wants(kFins))
      request(fins, body, direction, context);
    if (fins.response()) tell_device(fins, body, direction, context);
  }

  static EventWriter begin(const FinsMessage& fins, const FinsBody& body, Context& context) {
    EventWriter out = context.begin(kFins, context.now());
    out.set(kIsOrig, Value::boolean(!fins.response()));
    out.set(kGateway, Value::boolean((fins.icf & 0x80U) != 0));
    out.set(kDataType, Value::text(fins.response() ? "Response" : "Command"));
    out.set(kResponseSetting, Value::text(fins.wants_response() ? "Response-Required" : "Response-Not-Required"));
    out.set(kGateways, Value::integer(fins.gateways));
    set_addresses(out, fins.to, fins.from);
    out.set(kService, Value::integer(fins.service));
    set_command(out, fins.command);
    if (fins.end) {
      out.set(kEndName, named(out, fins_end_name(*fins.end), *fins.end));
      out.set(kEnd, Value::integer(*fins.end));
    }
    out.set(kDataLength, Value::integer(static_cast<std::int64_t>(fins.body.size())));
    set_body(out, fins, body);
    return out;
  }

  void request(const FinsMessage& fins, const FinsBody& body, Direction direction, Context& context) {
    Request request{context.now(), direction, fins.to, fins.from, fins.service, body.points[0].area, fins.command, {}};
    request.ics.operation = fins_operation(fins, body);
    keep_whole(request.ics, context, kFins, kIcs);
    if (wants_ics_texts(context, kFins, kIcs)) describe_fins(fins, body, request.ics);
    EventWriter out = begin(fins, body, context);
    write_ics(out, kIcs, request.ics);
    context.emit();
    if (!fins.wants_response()) return;
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    if (Request* same = find(fins.to, fins.from, fins.service, direction)) {
      give_up(*same);  // it is asked again, or the number came round
      open_.remove(same);
    }
    open_.add(std::move(request), context, give_up);
  }

  void response(const FinsMessage& fins, const FinsBody& body, Direction direction, Context& context) {
    // A network that is local to both may be written as 0 by one of them, so nodes and units count.
    Request* asked = find(fins.from, fins.to, fins.service, opposite(direction));
    if (asked != nullptr && asked->command != fins.command) asked = nullptr;
    IcsCommand ics{fins_operation(fins, body), {}, {}};
    const bool texts = wants_ics_texts(context, kFins, kIcs);
    if (asked != nullptr)
      ics = asked->ics;
    else if (texts)
      describe_fins(fins, body, ics);
    if (texts && ics.value.empty()) describe_result(body, asked, ics.value);
    std::optional<IcsOutcome> outcome;
    if (fins.end) outcome = fins_refuses(*fins.end) ? IcsOutcome::refused : IcsOutcome::ok;
    EventWriter out = begin(fins, body, context);
    if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
    IcsText reason;
    if (outcome == IcsOutcome::refused) append_reason(reason, *fins.end);
    write_ics(out, kIcs, ics, outcome, out.event().keep(reason.view()));
    context.emit();
    if (asked != nullptr) open_.remove(asked);
  }

  static void append_reason(IcsText& reason, std::uint16_t end) {
    if (const std::string_view name = fins_end_name(end); !name.empty()) return reason.append(name);
    reason.append("end code ");
    reason.append_hex(end, 4);
  }

  static void describe_result(const FinsBody& body, const Request* asked, IcsText& value) {
    constexpr std::uint16_t kRead = 0x0101;
    if (asked != nullptr && asked->command == kRead) append_fins_values(value, asked->area, body.data);
    if (body.status) value.append(fins_status_name(*body.status));
    if (!body.clock.empty()) append_fins_clock(value, body.clock);
  }

  Request* find(const FinsAddress& to, const FinsAddress& from, std::uint8_t service, Direction direction) {
    const auto same = [](const FinsAddress& a, const FinsAddress& b) { return a.node == b.node && a.unit == b.unit; };
    return open_.find([&](const Request& r) {
      return r.direction == direction && r.service == service && same(r.to, to) && same(r.from, from);
    });
  }

  // The command once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kFins)) return;
    EventWriter out = context.begin(kFins, request.time);
    out.set(kIsOrig, Value::boolean(true));
    out.set(kDataType, Value::text("Command"));
    set_addresses(out, request.to, request.from);
    out.set(kService, Value::integer(request.service));
    set_command(out, request.command);
    write_ics(out, kIcs, request.ics, IcsOutcome::no_answer);
    context.emit();
  }

  void tell_device(const FinsMessage& fins, const FinsBody& body, Direction from, Context& context) {
    constexpr std::uint16_t kIdentify = 0x0501, kName = 0x2603;
    IcsText unit, model, version, name;
    append_fins_address(unit, fins.from);
    if (fins.command == kIdentify) model.append_escaped(body.model), version.append_escaped(body.version);
    if (fins.command == kName) name.append_escaped(body.text);
    if (model.empty() && name.empty()) return;
    devices_.tell({.protocol = "omron_fins",
                   .unit = unit.view(),
                   .vendor = "Omron",
                   .product = model.view(),
                   .firmware = version.view(),
                   .name = name.view()},
                  kDevice, from, context);
  }

  IcsRequests<Request> open_;
  KnownDevices devices_;
  std::array<FrameStream, 2> streams_{};  // by direction
};

// A command that is published, and as long as that says.
bool is_published(const FinsMessage& fins) {
  const FinsCommand* command = find_fins_command(fins.command);
  if (command == nullptr) return false;
  if (fins.response()) return fins.end && !fins_end_name(*fins.end).empty();
  FinsBody body;
  return read_fins_body(command->request, fins.body, body);
}

// Off the port only what asks for the local network's CPUs by such a command.
bool convincing(const FinsMessage& fins) {
  constexpr std::uint8_t kGateway = 0x80, kFresh = 2, kNetworkMax = 127;
  return fins.odd() == 0 && (fins.icf & kGateway) != 0 && fins.to.network <= kNetworkMax &&
         fins.from.network <= kNetworkMax && (fins.gateways == kFresh || fins.gateways == 7) && is_published(fins);
}

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  if (transport == Transport::tcp) {
    constexpr std::size_t kHeaderBytes = 16;
    ByteReader reader{first};
    FinsTcp tcp;
    const auto fault = read_fins_tcp(reader, tcp);
    if (fault == DecodeError::truncated) return first.size() < kHeaderBytes ? Verdict::unsure : Verdict::yes;
    return fault || fins_tcp_command_name(tcp.command).empty() ? Verdict::no : Verdict::yes;
  }
  FinsMessage fins;
  if (!read_fins(first, fins)) return Verdict::no;
  if (on_port) return fins.odd() == 0 || (fins.odd() == 1 && is_published(fins)) ? Verdict::yes : Verdict::no;
  return convincing(fins) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<OmronFinsAnalyzer>(); }

}  // namespace

Protocol omron_fins_protocol() {
  Protocol p;
  p.name = "omron_fins";
  p.help = "FINS: what programs, panels and controllers ask of Omron's controllers";
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
