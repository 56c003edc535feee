// GE SRTP over TCP: what programmers, panels and robots' clients ask of GE's controllers. ge_srtp_message.h shows the
// wire.
//
// One `ge_srtp` event per frame. A reply is joined to its request by the sequence number, which it repeats.
#include <algorithm>
#include <array>
#include <utility>

#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ge_srtp_message.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kType,
  kSequence,
  kTextLength,
  kSeconds,
  kMinutes,
  kHours,
  kMailboxSequence,
  kMessage,
  kSource,
  kDestination,
  kPacket,
  kPackets,
  kService,
  kServiceCode,
  kServiceData,
  kSegment,
  kOffset,
  kLength,
  kStatus,
  kMinor,
  kResult,
  kProgram,
  kPrivilege,
  kSweep,
  kOversweep,
  kConstantSweep,
  kPlcFaultNew,
  kIoFaultNew,
  kPlcFault,
  kIoFault,
  kProgrammer,
  kOutputsOff,
  kRunSwitch,
  kOem,
  kState,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "a request, or what opens the connection (ours)"},
    {"srtp_type", "text", "Request, Reply, Init, Init reply; unknown-NN when it has no name"},
    {"sequence_number_1", "integer", "joins a reply to its request"},
    {"text_length", "integer", "octets behind the 56 of the header"},
    {"time_seconds", "integer", "the sender's time of day: seconds"},
    {"time_minutes", "integer", "minutes"},
    {"time_hours", "integer", "hours"},
    {"sequence_number_2", "integer", "the mailbox's sequence number"},
    {"message_type", "text", "which kind of mailbox message, with its number"},
    {"mailbox_source", "text", "mailbox of the sender, four octets in hexadecimal"},
    {"mailbox_destination", "text", "mailbox of the receiver, four octets in hexadecimal"},
    {"packet_number", "integer", "which packet of the message"},
    {"total_packet_number", "integer", "of how many"},
    {"service_request_code", "text", "Read system memory, Set PLC (run vs stop), ...; in replies that of the request"},
    {"service_code", "integer", "its number (ours)"},
    {"service_data", "text",
     "what else a request carries, in hexadecimal, the first 256 octets; never passwords (ours)"},
    {"segment_selector", "text", "which memory, in bits, octets or words; unknown-NN when it has no name"},
    {"memory_offset", "integer", "from where on, counted from 0 in these units"},
    {"data_length", "integer", "how many of these units"},
    {"status_code", "text", "No error, Insufficient privilege, ...; unknown-NN when it has no name"},
    {"minor_status_code", "text", "why, more exactly; unknown-NN when it has no name"},
    {"data_requested", "text", "the result, in hexadecimal, the first 256 octets"},
    {"control_program_number", "integer", "program that the client is logged in to; 255 none"},
    {"current_privilege_level", "integer", "the client's privilege level"},
    {"last_sweep_time", "integer", "the last sweep's time, as the controller counts it"},
    {"oversweep_flag", "boolean", "the constant sweep's time was exceeded"},
    {"constant_sweep_mode", "boolean", "constant sweeps are on"},
    {"plc_fault_entry_last_read", "boolean", "the PLC's fault table changed since this client read it"},
    {"io_fault_entry_last_read", "boolean", "the I/O fault table changed since this client read it"},
    {"plc_fault_entry_present", "boolean", "the PLC's fault table has entries"},
    {"io_fault_entry_present", "boolean", "the I/O fault table has entries"},
    {"programmer_attachment", "boolean", "a programmer is attached"},
    {"front_panel_enable_switch", "boolean", "the switch disables outputs"},
    {"front_panel_run_switch", "text", "what the switch says: RUN or STOP"},
    {"oem_protected", "boolean", "OEM protection is in effect"},
    {"plc_state", "text", "Run I/O enabled, Stop I/O disabled, ...; unknown-NN when it has no name"},
    {"rtt", "interval", "from the request to its reply; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kServiceName{"ge_srtp"};
enum : std::size_t { kSrtp, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"ge_srtp", "normwatch", kServiceName, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::array<std::uint16_t, 2> kPorts{18245, 18246};

struct Request {
  Timestamp time{};
  Direction direction = Direction::to_responder;
  std::uint8_t type = 0;
  std::uint16_t sequence = 0;
  std::optional<std::uint8_t> service{};
  std::optional<SrtpMemory> memory{};
  IcsCommand command{};
};

void set_service(EventWriter& out, std::optional<std::uint8_t> code) {
  if (!code) return;
  const SrtpService* service = find_srtp_service(*code);
  out.set(kService, named(out, service == nullptr ? std::string_view{} : service->name, *code));
  out.set(kServiceCode, Value::integer(*code));
}

// Passwords and keys stand in these.
bool is_secret(std::uint8_t service) {
  return service == kSrtpLogon || service == kSrtpPrivilege || service == kSrtpLockOem;
}

void set_request(EventWriter& out, const SrtpFrame& frame) {
  constexpr std::size_t kDataMax = 256;
  set_service(out, frame.service);
  if (!frame.service) return;
  if (const auto memory = srtp_memory(frame)) {
    const SrtpSegment* segment = find_srtp_segment(memory->selector);
    out.set(kSegment, named(out, segment == nullptr ? std::string_view{} : segment->name, memory->selector));
    out.set(kOffset, Value::integer(memory->offset));
    out.set(kLength, Value::integer(memory->count));
  } else if (!is_secret(*frame.service)) {
    const bool by_text = frame.message == kSrtpTextRequest && !frame.text.empty();
    const Bytes data = by_text ? frame.text : frame.data;
    set_hex(out, kServiceData, data.first(std::min(data.size(), kDataMax)));
  }
}

void set_status(EventWriter& out, const SrtpStatus& status) {
  out.set(kProgram, Value::integer(status.program));
  out.set(kPrivilege, Value::integer(status.privilege));
  out.set(kSweep, Value::integer(status.sweep));
  static constexpr auto kFlags = std::to_array<Field>(
      {kOversweep, kConstantSweep, kPlcFaultNew, kIoFaultNew, kPlcFault, kIoFault, kProgrammer, kOutputsOff});
  constexpr unsigned kRunBit = 8, kOemBit = 9;
  for (unsigned bit = 0; bit < kFlags.size(); ++bit) out.set(kFlags[bit], Value::boolean(status.bit(bit)));
  out.set(kRunSwitch, Value::text(status.bit(kRunBit) ? "RUN" : "STOP"));
  out.set(kOem, Value::boolean(status.bit(kOemBit)));
  out.set(kState, named(out, srtp_state_name(status.state()), status.state()));
}

void set_reply(EventWriter& out, const SrtpFrame& frame) {
  constexpr std::size_t kResultMax = 256;
  if (frame.status) out.set(kStatus, named(out, srtp_status_name(*frame.status), *frame.status));
  if (frame.minor) out.set(kMinor, named(out, srtp_minor_name(*frame.minor), *frame.minor));
  set_hex(out, kResult, frame.result.first(std::min(frame.result.size(), kResultMax)));
  if (frame.plc) set_status(out, *frame.plc);
}

class GeSrtpAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    FrameStream& frames = streams_[static_cast<std::size_t>(direction)];
    SrtpFrame frame;
    const auto certain = [](Bytes from) {
      SrtpFrame other;
      ByteReader reader{from};
      return frame_verdict(read_srtp(reader, true, other));
    };
    return frames.read(
        bytes, context, [&](ByteReader& reader) { return read_srtp(reader, frames.lost(), frame); },
        [&] { take(frame, direction, context); }, certain);
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[static_cast<std::size_t>(direction)].gap();
    context.refused(DecodeError::truncated);
    while (Request* request = open_.find([&](const Request& r) { return r.direction != direction; }))
      open_.remove(request);
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  void take(const SrtpFrame& frame, Direction direction, Context& context) {
    if (!context.wants(kSrtp) && !context.wants(kDevice)) return;
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (frame.request())
      request(frame, direction, context);
    else
      reply(frame, direction, context);
  }

  static EventWriter begin(const SrtpFrame& frame, Context& context) {
    EventWriter out = context.begin(kSrtp, context.now());
    out.set(kIsOrig, Value::boolean(frame.request()));
    out.set(kType, named(out, srtp_type_name(frame.type), frame.type));
    out.set(kSequence, Value::integer(frame.sequence));
    if (frame.opens()) return out;
    out.set(kTextLength, Value::integer(static_cast<std::int64_t>(frame.text.size())));
    out.set(kSeconds, Value::integer(frame.seconds));
    out.set(kMinutes, Value::integer(frame.minutes));
    out.set(kHours, Value::integer(frame.hours));
    out.set(kMailboxSequence, Value::integer(frame.mailbox_sequence));
    out.set(kMessage, named(out, srtp_message_name(frame.message), frame.message));
    set_hex(out, kSource, frame.source);
    set_hex(out, kDestination, frame.destination);
    out.set(kPacket, Value::integer(frame.packet));
    out.set(kPackets, Value::integer(frame.packets));
    return out;
  }

  void request(const SrtpFrame& frame, Direction direction, Context& context) {
    Request asked{context.now(), direction, frame.type, frame.sequence, frame.service, srtp_memory(frame), {}};
    keep_whole(asked.command, context, kSrtp, kIcs);
    describe_srtp(frame, wants_ics_texts(context, kSrtp, kIcs), asked.command);
    if (context.wants(kSrtp)) {
      EventWriter out = begin(frame, context);
      set_request(out, frame);
      write_ics(out, kIcs, asked.command);
      context.emit();
    }
    // Of a message in several packets only the last one is answered.
    if (frame.goes_on()) return;
    open_.add(std::move(asked), context, [&](const Request& old) { unanswered(old, context); });
  }

  void reply(const SrtpFrame& frame, Direction direction, Context& context) {
    const std::uint8_t asks = frame.type == kSrtpInitReply ? kSrtpInit : kSrtpRequest;
    Request* asked = open_.find([&](const Request& r) {
      return frame.type != kSrtpUnknown && r.direction != direction && r.type == asks && r.sequence == frame.sequence;
    });
    if (context.wants(kSrtp)) tell_reply(frame, asked, context);
    const std::optional<std::uint8_t> service = asked == nullptr ? std::nullopt : asked->service;
    if (asked != nullptr && !frame.goes_on()) open_.remove(asked);
    if (service && frame.message != kSrtpNack) tell_device(*service, frame, direction, context);
  }

  static void tell_reply(const SrtpFrame& frame, const Request* asked, Context& context) {
    const bool texts = wants_ics_texts(context, kSrtp, kIcs);
    IcsCommand command;
    if (asked != nullptr)
      command = asked->command;
    else
      describe_srtp(frame, texts, command);
    if (texts && asked != nullptr && asked->service && command.value.empty())
      append_srtp_result(command.value, *asked->service, asked->memory ? &*asked->memory : nullptr, frame.result);
    EventWriter out = begin(frame, context);
    if (asked != nullptr) set_service(out, asked->service);
    set_reply(out, frame);
    if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
    const bool refused = frame.message == kSrtpNack || frame.status.value_or(0) != 0;
    IcsText reason;
    if (refused) append_reason(reason, frame);
    std::optional<IcsOutcome> outcome;
    if (frame.type != kSrtpUnknown) outcome = refused ? IcsOutcome::refused : IcsOutcome::ok;
    write_ics(out, kIcs, command, outcome, out.event().keep(reason.view()));
    context.emit();
  }

  static void append_reason(IcsText& reason, const SrtpFrame& frame) {
    const std::string_view major = srtp_status_name(*frame.status), minor = srtp_minor_name(*frame.minor);
    if (major.empty()) {
      reason.append("status ");
      reason.append_number(*frame.status);
    }
    reason.append(major);
    if (*frame.minor == 0) return;
    reason.append(": ");
    reason.append(minor);
    if (minor.empty()) reason.append_number(*frame.minor);
  }

  // Both results begin with the ID that the operator gave, as SNP's do; of the rest only the program's name is known.
  void tell_device(std::uint8_t service, const SrtpFrame& frame, Direction from, Context& context) {
    constexpr std::size_t kIdBytes = 8, kBetween = 10, kNameBytes = 16;
    if (service != kSrtpLongStatus && service != kSrtpControllerType) return;
    ByteReader in{frame.result};
    const Bytes id = printable(in.bytes(kIdBytes));
    in.bytes(kBetween);
    const Bytes program = service == kSrtpLongStatus ? printable(in.bytes(kNameBytes)) : Bytes{};
    if (id.empty() && program.empty()) return;
    IcsText unit, name, description;
    unit.append_octets(frame.source);
    name.append_escaped(id);
    if (!program.empty()) description.append("program ");
    description.append_escaped(program);
    devices_.tell({.protocol = "ge_srtp",
                   .unit = unit.view(),
                   .vendor = "GE",
                   .name = name.view(),
                   .description = description.view()},
                  kDevice, from, context);
  }

  // Text with zeros behind it; else nothing.
  static Bytes printable(Bytes text) {
    while (!text.empty() && text.back() == 0) text = text.first(text.size() - 1);
    const bool is = std::ranges::all_of(text, [](std::uint8_t c) { return c >= ' ' && c <= '~'; });
    return is ? text : Bytes{};
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kSrtp)) return;
    EventWriter out = context.begin(kSrtp, request.time);
    out.set(kIsOrig, Value::boolean(true));
    out.set(kType, Value::text(srtp_type_name(request.type)));
    out.set(kSequence, Value::integer(request.sequence));
    set_service(out, request.service);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  IcsRequests<Request> open_;
  KnownDevices devices_;
  std::array<FrameStream, 2> streams_{};  // by direction
};

// Off the port only a whole header that is strictly one; on it a capture may begin within a frame.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  SrtpFrame frame;
  ByteReader reader{first};
  const auto fault = read_srtp(reader, !on_port, frame);
  if (fault == DecodeError::truncated) return first.size() < SrtpFrame::kHeaderBytes ? Verdict::unsure : Verdict::yes;
  if (!fault) return Verdict::yes;
  for (ByteReader within{first}; on_port && !within.empty(); within.bytes(1)) {
    constexpr std::size_t kDecides = 40;  // up to the mailboxes; segments may divide each frame
    ByteReader from = within;
    const auto inner = read_srtp(from, true, frame);
    if (!inner || (inner == DecodeError::truncated && within.rest().size() >= kDecides)) return Verdict::yes;
  }
  return Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<GeSrtpAnalyzer>(); }

}  // namespace

Protocol ge_srtp_protocol() {
  Protocol p;
  p.name = "ge_srtp";
  p.help = "GE SRTP: what programmers and panels ask of controllers of GE Fanuc and Emerson";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
