// DNP3 (IEEE 1815-2012) over TCP and UDP: frames in dnp3_link.h, messages in dnp3_message.h.
//
// One `dnp3` event per application message and per link frame without data, one `dnp3_objects` event per object header,
// one `dnp3_control` event per control block. A response is joined to its request by the stations' addresses and the
// application sequence; which side is the master is said by the messages, not by the connection.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "ingest/network/protocols/dnp3_event.h"
#include "ingest/network/protocols/dnp3_link.h"
#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::array<std::uint16_t, 1> kPorts{20000};

class Dnp3Analyzer final : public Analyzer {
  // For the transport function; above its uses, as they need its type.
  auto teller(Context& context) {
    return [this, &context](std::uint16_t source, std::uint16_t destination, Bytes octets, Direction direction,
                            bool whole) {
      tell({source, destination, octets, direction, whole, {}}, context);
    };
  }

 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    return frames(bytes, direction, context);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    stream_of(direction) = FrameStream{};
    const std::size_t read = frames(bytes, direction, context);
    if (read < bytes.size()) context.refused(DecodeError::truncated);
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    stream_of(direction).gap();
    context.refused(DecodeError::truncated);
    transport_.gap(direction, context, teller(context));
    files_.forget();
    // Who answers in this direction may have answered.
    open_.forget_if([&](const Request& r) { return r.direction != direction; });
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  struct Request {
    Timestamp time{};
    std::uint16_t source = 0, destination = 0;
    Direction direction = Direction::to_responder;
    bool link = false;  // of the link layer, which has no sequence
    bool from_master = true;
    std::uint8_t function = 0, sequence = 0;
    IcsCommand command{};
    std::string file{};  // that it is about, as far as a text shows it
    std::optional<std::uint32_t> file_handle{};
  };
  FrameStream& stream_of(Direction direction) { return streams_[static_cast<std::size_t>(direction)]; }

  std::size_t frames(Bytes bytes, Direction direction, Context& context) {
    Dnp3Frame frame;
    const auto read = [&](ByteReader& reader) -> std::optional<DecodeError> {
      const std::size_t noise = dnp3_noise(reader.rest());
      if (noise == 0) return read_dnp3_frame(reader, frame);
      reader.bytes(noise);
      return DecodeError::bad_value;
    };
    return stream_of(direction).read(bytes, context, read, [&] { take(frame, direction, context); });
  }

  void take(const Dnp3Frame& frame, Direction direction, Context& context) {
    const bool wanted = context.wants(kDnp3Messages) || context.wants(kDnp3Objects) || context.wants(kDnp3Controls);
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (!wanted && !context.wants(kDnp3Devices)) return;
    if (frame.carries_data())
      transport_.add(frame, direction, context, teller(context));
    else if (context.wants(kDnp3Messages) && frame.primary())
      link_request(frame, direction, context);
    else if (context.wants(kDnp3Messages))
      link_answer(frame, direction, context);
  }

  // The request of the link layer that waits for `answering` to answer `asking`, asked in this direction.
  Request* find_link(std::uint16_t asking, std::uint16_t answering, Direction direction) {
    return open_.find([&](const Request& r) {
      return r.link && r.direction == direction && r.source == asking && r.destination == answering;
    });
  }

  void link_request(const Dnp3Frame& frame, Direction direction, Context& context) {
    Request request{.time = context.now(),
                    .source = frame.source,
                    .destination = frame.destination,
                    .direction = direction,
                    .link = true,
                    .from_master = frame.from_master(),
                    .function = frame.function()};
    const bool asks = frame.function() == kDnp3TestLink || frame.function() == kDnp3RequestLinkStatus;
    if (asks) request.command.operation = IcsOperation::diagnose;
    if (frame.function() == kDnp3ResetUser) request.command.operation = IcsOperation::restart;
    request.command.target.append_number(frame.destination);
    EventWriter out = begin_link(frame, context);
    write_ics(out, kDnp3Ics, request.command);
    context.emit();
    if (Request* before = find_link(frame.source, frame.destination, direction)) drop(before, context);
    if (asks || frame.function() == kDnp3ResetLink) wait_for_answer(std::move(request), context);
  }

  void link_answer(const Dnp3Frame& frame, Direction direction, Context& context) {
    constexpr std::uint8_t kAck = 0, kLinkStatus = 11;
    const std::uint8_t function = frame.function();
    IcsCommand command;
    if (function == kLinkStatus) command.operation = IcsOperation::diagnose;
    command.target.append_number(frame.source);
    Request* asked = find_link(frame.destination, frame.source, opposite(direction));
    if (asked != nullptr) command = asked->command;
    EventWriter out = begin_link(frame, context);
    if (asked != nullptr) out.set(kDnp3Rtt, Value::interval(context.now() - asked->time));
    if (function == kAck || function == kLinkStatus)
      write_ics(out, kDnp3Ics, command, IcsOutcome::ok);
    else
      write_ics(out, kDnp3Ics, command, IcsOutcome::refused, dnp3_link_function_name(false, function));
    context.emit();
    if (asked != nullptr) open_.remove(asked);
  }

  static EventWriter begin_link(const Dnp3Frame& frame, Context& context) {
    EventWriter out = context.begin(kDnp3Messages, context.now());
    out.set(kDnp3LinkFunction,
            named(out, dnp3_link_function_name(frame.primary(), frame.function()), frame.function()));
    out.set(kDnp3IsOrig, Value::boolean(frame.from_master()));
    out.set(kDnp3Source, Value::integer(frame.source));
    out.set(kDnp3Destination, Value::integer(frame.destination));
    return out;
  }

  void tell(Dnp3Fragment fragment, Context& context) {
    if (!read_dnp3_message(fragment.octets, fragment.message)) {
      if (fragment.whole) context.refused(DecodeError::truncated);
      return;
    }
    const Dnp3Contents contents = gather_dnp3(fragment, files_, context);
    if (contents.broken && fragment.whole) context.refused(DecodeError::bad_value);
    if (fragment.message.response())
      response(fragment, contents, context);
    else
      request(fragment, contents, context);
  }

  void request(const Dnp3Fragment& fragment, const Dnp3Contents& contents, Context& context) {
    const Dnp3Message& message = fragment.message;
    Request request{.time = context.now(),
                    .source = fragment.source,
                    .destination = fragment.destination,
                    .direction = fragment.direction,
                    .function = message.function,
                    .sequence = message.sequence()};
    request.command = {dnp3_operation(message.function, contents.about), contents.target, contents.value};
    request.file = contents.file_name.substr(0, IcsText::kBytesMax + 1);
    request.file_handle = contents.file.handle;
    if (context.wants(kDnp3Messages)) {
      EventWriter out = begin_dnp3(fragment, contents, context);
      set_dnp3_function(out, kDnp3FcRequest, message.function);
      write_ics(out, kDnp3Ics, request.command);
      context.emit();
    }
    tell_dnp3_objects(fragment, request.command.operation, {}, {files_}, context);
    // The reply to a challenge belongs to the request that was challenged.
    const bool reply = message.function == kDnp3AuthenticateRequest && contents.variation == kDnp3ChallengeReply;
    if (!dnp3_is_answered(message.function) || reply || fragment.destination >= kDnp3BroadcastFirst) return;
    if (Request* same = find(fragment.source, fragment.destination, message.sequence(), fragment.direction))
      drop(same, context);
    wait_for_answer(std::move(request), context);
  }

  void response(const Dnp3Fragment& fragment, const Dnp3Contents& contents, Context& context) {
    const Dnp3Message& message = fragment.message;
    const bool alone = message.function == kDnp3Unsolicited;
    // Who asks cannot answer for the outstation.
    Request* asked =
        alone ? nullptr : find(fragment.destination, fragment.source, message.sequence(), opposite(fragment.direction));
    const bool challenge = message.function == kDnp3AuthenticateResponse && contents.variation == kDnp3Challenge;
    IcsCommand command{dnp3_operation(message.function, contents.group), contents.target, contents.value};
    if (asked != nullptr) {
      command = asked->command;
      if (command.value.empty()) command.value = contents.value;
    }
    Dnp3Result result;
    if (!alone && !challenge) {
      result.reason = dnp3_refusal(message.iin.value_or(0));
      if (result.reason.empty()) result.reason = contents.reason.view();
      result.outcome = result.reason.empty() ? IcsOutcome::ok : IcsOutcome::refused;
    }
    if (context.wants(kDnp3Messages)) {
      EventWriter out = begin_dnp3(fragment, contents, context);
      set_dnp3_function(out, kDnp3FcReply, message.function);
      if (asked != nullptr) {
        set_dnp3_function(out, kDnp3FcRequest, asked->function);
        out.set(kDnp3Rtt, Value::interval(context.now() - asked->time));
      }
      write_ics(out, kDnp3Ics, command, result.outcome, out.event().keep(result.reason));
      context.emit();
    }
    tell_objects_of_response(fragment, contents, command.operation, asked, result, context);
    if (contents.group == kDnp3Attributes) tell_device(fragment, context);
    if (asked == nullptr || challenge) return;
    // Another fragment follows, once this one was confirmed.
    if (message.last())
      open_.remove(asked);
    else
      asked->sequence = (asked->sequence + 1U) & 0x0FU;
  }

  // A file's handle is known from the answer to its opening to that to its closing; before, it may have been another's.
  void tell_objects_of_response(const Dnp3Fragment& fragment, const Dnp3Contents& contents, IcsOperation operation,
                                const Request* asked, const Dnp3Result& result, Context& context) {
    if (asked == nullptr) return tell_dnp3_objects(fragment, operation, result, {files_}, context);
    const bool done = result.outcome == IcsOutcome::ok;
    if (done && asked->function == kDnp3OpenFile && contents.file.handle && !asked->file.empty())
      files_.opened(fragment.handle(*contents.file.handle), asked->file, context);
    tell_dnp3_objects(fragment, operation, result, {files_, asked->file}, context);
    const bool closes = asked->function == kDnp3CloseFile || asked->function == kDnp3AbortFile;
    if (done && closes && asked->file_handle) files_.closed(fragment.handle(*asked->file_handle));
  }

  // The self-address is whoever is at the other end, which answers with its own.
  Request* find(std::uint16_t master, std::uint16_t outstation, std::uint8_t sequence, Direction direction) {
    constexpr std::uint16_t kSelf = 0xFFFC;
    return open_.find([&](const Request& r) {
      return !r.link && r.direction == direction && r.source == master && r.sequence == sequence &&
             (r.destination == outstation || r.destination == kSelf);
    });
  }
  // Asked again, or the number came round.
  void drop(Request* request, Context& context) {
    unanswered(*request, context);
    open_.remove(request);
  }
  void wait_for_answer(Request&& request, Context& context) {
    open_.add(std::move(request), context, [&](const Request& old) { unanswered(old, context); });
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kDnp3Messages)) return;
    EventWriter out = context.begin(kDnp3Messages, request.time);
    out.set(kDnp3Source, Value::integer(request.source));
    out.set(kDnp3Destination, Value::integer(request.destination));
    out.set(kDnp3IsOrig, Value::boolean(request.from_master));
    if (request.link) {
      out.set(kDnp3LinkFunction, Value::text(dnp3_link_function_name(true, request.function)));
    } else {
      set_dnp3_function(out, kDnp3FcRequest, request.function);
      out.set(kDnp3FcCode, Value::integer(request.function));
      out.set(kDnp3Sequence, Value::integer(request.sequence));
    }
    write_ics(out, kDnp3Ics, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  // IEEE 1815-2012, A.1: the attributes' meanings.
  void tell_device(const Dnp3Fragment& fragment, Context& context) {
    struct Meaning {
      std::uint8_t variation;
      std::string_view KnownDevice::*field;
    };
    static constexpr std::array<Meaning, 8> kMeanings{{{242, &KnownDevice::firmware},
                                                       {243, &KnownDevice::hardware},
                                                       {245, &KnownDevice::location},
                                                       {246, &KnownDevice::description},
                                                       {247, &KnownDevice::name},
                                                       {248, &KnownDevice::serial_number},
                                                       {250, &KnownDevice::product},
                                                       {252, &KnownDevice::vendor}}};
    if (!context.wants(kDnp3Devices)) return;
    std::array<IcsText, kMeanings.size()> texts;
    IcsText unit;
    unit.append_number(fragment.source);
    KnownDevice device{.protocol = "dnp3", .unit = unit.view()};
    bool told = false;
    Dnp3Objects objects{fragment.message};
    for (Dnp3Object object; objects.next(object);) {
      const auto meaning = std::ranges::find(kMeanings, object.variation, &Meaning::variation);
      if (object.group != kDnp3Attributes || meaning == kMeanings.end()) continue;
      Dnp3Points points{object};
      Dnp3Point point;
      if (!points.next(point)) continue;
      IcsText& text = texts[static_cast<std::size_t>(meaning - kMeanings.begin())];
      text.clear();
      text.append_escaped(dnp3_attribute_text(point.contents));
      device.*meaning->field = text.view();
      told = told || !text.empty();
    }
    if (told) devices_.tell(device, kDnp3Devices, fragment.direction, context);
  }

  IcsRequests<Request> open_;
  Dnp3Transport transport_;
  Dnp3Files files_;
  KnownDevices devices_;
  std::array<FrameStream, 2> streams_{};  // by direction
};

bool begins_frame(Bytes bytes) {
  constexpr std::size_t kStart = 2;
  return !bytes.empty() && dnp3_noise(bytes.first(std::min(bytes.size(), kStart))) == 0;
}

// Two start octets and a CRC per block are enough off the port. On it, a capture may begin within a frame, and a
// damaged one is refused where it is counted.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  if (!on_port && !begins_frame(first)) return Verdict::no;
  if (on_port && first.size() > 1 && begins_frame(first)) return Verdict::yes;
  ByteReader reader{first};
  for (Dnp3Frame frame;;) {
    reader.bytes(dnp3_noise(reader.rest()));
    const auto fault = read_dnp3_frame(reader, frame);
    if (!fault) return dnp3_link_function_name(frame.primary(), frame.function()).empty() ? Verdict::no : Verdict::yes;
    if (fault == DecodeError::truncated) return begins_frame(first) ? Verdict::unsure : Verdict::no;
    if (!on_port) return Verdict::no;
  }
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<Dnp3Analyzer>(); }

}  // namespace

Protocol dnp3_protocol() {
  Protocol p;
  p.name = "dnp3";
  p.help = "DNP3: polls, reports and commands of substations, water and gas networks";
  p.types = dnp3_types();
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
