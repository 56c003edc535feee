// Ethernet POWERLINK (EPSG DS 301): a managing node asks each controlled node in turn, some thousand times a second; in
// what time is left anybody may send an ASnd: who he is, commands to the network (NMT), parameters (SDO).
// What comes in each cycle is told as streams; each ASnd is told.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/l2_event.h"
#include "ingest/network/protocols/l2_streams.h"
#include "ingest/network/protocols/powerlink_message.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {
namespace {

using event::Value;

enum Field : std::size_t {
  kType = kL2Fields,
  kSource,
  kDestination,
  kService,
  kTarget,
  kNmtCommand,
  kNmtState,
  kSdoCommand,
  kSdoTransaction,
  kSdoIndex,
  kSdoAbort,
  kStreamState,
  kFrames,
  kDuration,
  kAnomaly,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_l2(std::to_array<event::FieldSpec>({
    {"message_type", "text", "SoC, PReq, PRes, SoA, ASnd, AMNI or AInv (ours)"},
    {"source_node", "integer", "number of the node that sends, 240 of the managing one (ours)"},
    {"destination_node", "integer", "of the node that it is for, 255 of all (ours)"},
    {"service", "text", "of an ASnd, or that an SoA asks for: ident, status, nmt_request, nmt_command, sdo (ours)"},
    {"service_target", "integer", "the node that is asked for it (ours)"},
    {"nmt_command", "text", "NMTStartNode, NMTStopNode, NMTResetNode, ... (ours)"},
    {"nmt_state", "text", "the sender's state: operational, stopped, pre_operational_1, ... (ours)"},
    {"sdo_command", "text", "WriteByIndex, ReadByIndex, FileWrite, ... (ours)"},
    {"sdo_transaction", "integer", "number that joins its response to a request (ours)"},
    {"sdo_index", "text", "the parameter: 0x1f51/1, ... (ours)"},
    {"sdo_abort", "text", "why it was refused: 0x06020000, ... (ours)"},
    {"stream_state", "text", "of what comes in each cycle: begin, change of the state, end (ours)"},
    {"frames", "integer", "how many were seen so far (ours)"},
    {"stream_duration", "interval", "from the first frame to the last one so far (ours)"},
    {"anomaly", "list of text", "other_source, of a node with two hardware addresses; silent (ours)"},
    {"rtt", "interval", "from an SDO's request to its response (ours)"},
}));

constexpr std::array<std::string_view, 1> kServices{"powerlink"};
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"powerlink", "normwatch", kServices, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::size_t kPowerlink = 0, kDevice = 1;
constexpr std::array<std::uint16_t, 1> kEtherTypes{0x88ab};

// A bit each.
enum Anomaly : unsigned { kOtherSource, kSilent };
constexpr std::array<std::string_view, 2> kAnomalyNames{"other_source", "silent"};

// What one node sends in each cycle, of one type, to one node.
struct Stream {
  std::string name;  // the sender's address, type, destination, source
  Timestamp first{}, last{};
  std::uint64_t frames = 0;
  PowerlinkMessage message;  // the last one; without views
  bool second = false;       // another address sends as this node
  L2Ends ends;
};

class PowerlinkAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    open_.expire(context.now(), [&](const Request& request) { unanswered(request, context); });
    PowerlinkMessage message;
    const auto wrong = read_powerlink(frame.payload, message);
    if (wrong) context.refused(*wrong);
    if (powerlink_type_name(message.type).empty() || (wrong && message.cyclic())) return;
    const L2Ends ends{frame};
    if (message.cyclic()) return cycle(message, ends, context);
    tell(message, ends, context);
    if (message.identity && !wrong) device(message, ends, context);
  }

  // Slow cycles and idle states take a second or more.
  void advance(Timestamp until, Context& context) override {
    static constexpr std::chrono::seconds kSilence{10};
    const auto due = [](const Stream& it) { return it.last + kSilence; };
    while (Stream* const stream = streams_.overdue(until, due)) {
      tell_end(*stream, true, context);
      streams_.remove(*stream);
    }
  }
  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
    for (const Stream& stream : streams_.all()) tell_end(stream, false, context);
  }

 private:
  // An SDO's.
  struct Request {
    Timestamp time;
    PowerlinkMessage message;  // without views
    L2Ends ends;
    IcsCommand command;
  };

  void cycle(const PowerlinkMessage& message, const L2Ends& ends, Context& context) {
    name_.assign(ends.name());
    for (const std::uint8_t part : {message.type, message.destination, message.source})
      name_ += static_cast<char>(part);
    Stream* known = streams_.find(name_);
    const bool begins = known == nullptr;
    if (begins) known = &open(message, ends, context);
    const auto before = known->message.state;
    known->message = message;
    known->last = context.now();
    ++known->frames;
    if (!begins && before == message.state) return;
    tell_stream(*known, begins ? "begin" : "change", known->second ? 1U << kOtherSource : 0U,
                operation_of(begins ? message.state : before, message.state), context.now(), context);
  }

  // Who was there first is the node.
  bool another_sends_as(std::uint8_t node, const L2Ends& ends) {
    return ends.known && std::ranges::any_of(streams_.all(), [&](const Stream& other) {
             return !other.second && other.message.source == node && other.ends.source != ends.source;
           });
  }

  Stream& open(const PowerlinkMessage& message, const L2Ends& ends, Context& context) {
    const bool second = another_sends_as(message.source, ends);
    Stream& fresh = streams_.add(name_, context, [&](const Stream& old) { tell_end(old, false, context); });
    fresh.first = context.now();
    fresh.second = second;
    fresh.ends = ends;
    return fresh;
  }

  static IcsOperation operation_of(std::optional<std::uint8_t> before, std::optional<std::uint8_t> after) noexcept {
    constexpr std::uint8_t kOperational = 0xfd;
    if (before == after) return IcsOperation::subscribe;
    if (after == kOperational) return IcsOperation::start;
    return before == kOperational ? IcsOperation::stop : IcsOperation::other;
  }

  static void write_head(EventWriter& out, const PowerlinkMessage& message, const L2Ends& ends) {
    write_l2(out, ends);
    out.set(kType, Value::text(powerlink_type_name(message.type)));
    out.set(kSource, Value::integer(message.source));
    out.set(kDestination, Value::integer(message.destination));
    if (message.service && (message.type == PowerlinkType::kAsnd || *message.service != 0))
      out.set(kService, named(out, powerlink_service_name(*message.service), *message.service));
    if (message.target) out.set(kTarget, Value::integer(*message.target));
    if (message.state) out.set(kNmtState, named(out, powerlink_state_name(*message.state), *message.state));
    if (message.command) out.set(kNmtCommand, named(out, powerlink_command_name(*message.command), *message.command));
    if (message.sdo) write_sdo(out, *message.sdo);
  }

  static void write_sdo(EventWriter& out, const PowerlinkSdo& sdo) {
    out.set(kSdoCommand, named(out, powerlink_sdo_name(sdo.command), sdo.command));
    out.set(kSdoTransaction, Value::integer(sdo.transaction));
    if (sdo.index) {
      IcsText index;
      append_index(sdo, index);
      out.set(kSdoIndex, Value::text(out.event().keep(index.view())));
    }
    if (sdo.aborted) out.set(kSdoAbort, Value::text(out.event().keep(abort_text(sdo).view())));
  }
  static void append_index(const PowerlinkSdo& sdo, IcsText& out) {
    out.append("0x");
    out.append_hex(*sdo.index, 4);
    out.append('/');
    out.append_number(sdo.subindex);
  }
  static IcsText abort_text(const PowerlinkSdo& sdo) {
    IcsText out;
    out.append("0x");
    out.append_hex(sdo.abort_code, 8);
    return out;
  }

  static void append_node(std::size_t node, IcsText& out) {
    out.next();
    out.append("node/");
    out.append_number(node);
  }
  static void append_nodes(Bytes nodes, IcsText& out) {
    for (std::size_t i = 0; i < nodes.size() * 8 && !out.full(); ++i)
      if ((std::uint32_t{nodes[i / 8]} >> i % 8 & 1U) != 0) append_node(i, out);
  }

  // `node/240`, `node/3,node/5` of an extended command, or `node/3/0x1f51/1` of a parameter.
  static IcsCommand command_of(const PowerlinkMessage& message, const Context& context) {
    IcsCommand out;
    const bool says_itself = message.state.has_value() || (message.sdo && message.sdo->response);
    if (message.service == PowerlinkService::kIdent) out.operation = IcsOperation::identify;
    if (message.service == PowerlinkService::kStatus) out.operation = IcsOperation::diagnose;
    if (message.command) out.operation = powerlink_command_operation(*message.command);
    if (message.sdo) out.operation = powerlink_sdo_operation(message.sdo->command);
    if (!wants_ics_texts(context, kPowerlink, kIcs)) return out;
    append_nodes(message.nodes, out.target);
    const auto node = says_itself ? message.source : message.target.value_or(message.destination);
    if (out.target.empty()) append_node(node, out.target);
    if (message.command) out.value.append(powerlink_command_name(*message.command));
    if (!message.sdo) return out;
    if (message.sdo->index) {
      out.target.append('/');
      append_index(*message.sdo, out.target);
    }
    if (!message.sdo->data.empty()) out.value.append("0x");
    for (std::size_t i = 0; i < message.sdo->data.size() && !out.value.full(); ++i)
      out.value.append_hex(message.sdo->data[i], 2);
    return out;
  }

  void tell(const PowerlinkMessage& message, const L2Ends& ends, Context& context) {
    if (!context.wants(kPowerlink)) return;
    EventWriter out = context.begin(kPowerlink, context.now());
    write_head(out, message, ends);
    set_flags(out, kAnomaly, kAnomalyNames, another_sends_as(message.source, ends) ? 1U << kOtherSource : 0U);
    IcsCommand command = command_of(message, context);
    std::optional<IcsOutcome> outcome;
    IcsText reason;
    if (message.sdo && message.sdo->response) {
      answer(out, message, command, context);
      outcome = message.sdo->aborted ? IcsOutcome::refused : IcsOutcome::ok;
      if (message.sdo->aborted) reason = abort_text(*message.sdo);
    }
    write_ics(out, kIcs, command, outcome, out.event().keep(reason.view()));
    context.emit();
    if (message.sdo && !message.sdo->response && !message.sdo->aborted && message.sdo->index) {
      Request request{context.now(), message, ends, command};
      request.message.sdo->data = {};
      open_.add(std::move(request), context, [&](const Request& old) { unanswered(old, context); });
    }
  }

  // Repeats what was asked, when that was seen.
  void answer(EventWriter& out, const PowerlinkMessage& message, IcsCommand& command, Context& context) {
    Request* asked = open_.find([&](const Request& request) {
      return request.message.sdo->transaction == message.sdo->transaction &&
             request.message.source == message.destination && request.message.destination == message.source;
    });
    if (asked == nullptr) return;
    out.set(kRtt, Value::interval(context.now() - asked->time));
    const IcsText read = command.value;
    command = asked->command;
    if (command.operation == IcsOperation::read && !message.sdo->aborted) command.value = read;
    open_.remove(asked);
  }

  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kPowerlink)) return;
    EventWriter out = context.begin(kPowerlink, request.time);
    write_head(out, request.message, request.ends);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  static void tell_stream(const Stream& stream, std::string_view state, unsigned anomalies, IcsOperation operation,
                          Timestamp time, Context& context) {
    if (!context.wants(kPowerlink)) return;
    EventWriter out = context.begin(kPowerlink, time);
    write_head(out, stream.message, stream.ends);
    out.set(kStreamState, Value::text(state));
    set_number(out, kFrames, stream.frames);
    out.set(kDuration, Value::interval(stream.last - stream.first));
    set_flags(out, kAnomaly, kAnomalyNames, anomalies);
    IcsCommand command{operation, {}, {}};
    command.target.append("node/");
    command.target.append_number(stream.message.source);
    if (stream.message.state) command.value.append(powerlink_state_name(*stream.message.state));
    write_ics(out, kIcs, command);
    context.emit();
  }

  static void tell_end(const Stream& stream, bool silent, Context& context) {
    tell_stream(stream, "end", silent ? 1U << kSilent : 0U, silent ? IcsOperation::stop : IcsOperation::subscribe,
                stream.last, context);
  }

  void device(const PowerlinkMessage& message, const L2Ends& ends, Context& context) {
    if (!ends.known || !context.wants(kDevice)) return;
    const PowerlinkIdentity& is = *message.identity;
    IcsText hardware_address, unit, vendor, product, revision, serial, name;
    append_hardware(hardware_address, ends.source);
    unit.append_number(message.source);
    const auto hex = [](IcsText& text, std::uint32_t number) {
      text.append("0x");
      text.append_hex(number, 8);
    };
    hex(vendor, is.vendor);
    hex(product, is.product);
    hex(revision, is.revision);
    hex(serial, is.serial);
    const std::string_view host = as_text(is.host_name);
    name.append_escaped(as_bytes(host.substr(0, host.find('\0'))));
    KnownDevice known;
    known.protocol = "powerlink";
    known.unit = unit.view();
    known.vendor = vendor.view();
    known.order_number = product.view();
    known.serial_number = serial.view();
    known.firmware = revision.view();
    known.name = name.view();
    known.l2_addr = hardware_address.view();
    if (is.address != IpAddress::v4(0)) known.address = is.address;
    devices_[message.source % devices_.size()].tell(known, kDevice, Direction::to_originator, context);
  }

  L2Streams<Stream> streams_;
  IcsRequests<Request> open_;
  std::array<KnownDevices, 16> devices_;  // by their nodes' numbers
  std::string name_;                      // of the current frame; kept for its memory
};

}  // namespace

Protocol powerlink_protocol() {
  Protocol p;
  p.name = "powerlink";
  p.help = "Ethernet POWERLINK: states of its nodes, commands to the network, parameters";
  p.types = kTypes;
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<PowerlinkAnalyzer>(); };
  p.ether_types = kEtherTypes;
  return p;
}

}  // namespace nw::network
