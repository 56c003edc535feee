// MELSEC's communication protocol, SLMP, and MELSOFT over UDP and TCP: what programs, panels and programming tools ask
// of Mitsubishi's controllers. Frames in melsec_message.h.
//
// One `melsec` event per frame. A response is joined to its request by station and serial number; one without (3E) to
// the oldest of its station, since masters wait for it before they ask again.
#include <algorithm>
#include <array>
#include <limits>

#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/melsec_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kFrame,
  kCommandName,
  kCommand,
  kSubcommand,
  kSerial,
  kNetwork,
  kStation,
  kModule,
  kMultidrop,
  kEnd,
  kEndCode,
  kDeviceText,
  kPoints,
  kMode,
  kFile,
  kHandle,
  kOffset,
  kSize,
  kModel,
  kModelCode,
  kData,
  kDataLength,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "a request (ours)"},
    {"frame", "text", "3E, 4E, 3E ASCII, 4E ASCII, MELSOFT or MELSOFT search (ours)"},
    {"command_name", "text",
     "Batch Read, Remote Stop, ...; unknown-NN when it has no name; a response's request's (ours)"},
    {"command", "integer", "the command's number; a response's request's (ours)"},
    {"subcommand", "integer", "1: in bits, 2: of wide devices, ... (ours)"},
    {"serial", "integer", "joins a response to its request; not of 3E (ours)"},
    {"network", "integer", "the station's network; 0 the own one (ours)"},
    {"station", "integer", "the station; 255 the controller that is spoken to (ours)"},
    {"module_io", "integer", "which module of it; 1023 the CPU that is spoken to (ours)"},
    {"multidrop", "integer", "which station behind the module (ours)"},
    {"end_code", "text", "how it went: Normal, Locked by remote password, ...; unknown-NN when it has no name (ours)"},
    {"end_code_number", "integer", "its number (ours)"},
    {"device", "text", "the first points: D100-109 (ours)"},
    {"points", "integer", "how many points, or words, the first devices are (ours)"},
    {"mode", "integer", "of Remote Run, Stop, Pause: 1 only if nobody else holds it stopped, 3 in any case (ours)"},
    {"file_name", "text", "the file (ours)"},
    {"file_handle", "integer", "the open file's number (ours)"},
    {"file_offset", "integer", "from which octet on (ours)"},
    {"size", "integer", "octets of a file or of a module's memory (ours)"},
    {"model", "text", "the controller's model (ours)"},
    {"model_code", "integer", "its number (ours)"},
    {"data", "text", "data that are written or were read, in hexadecimal, the first 256 octets (ours)"},
    {"data_length", "integer", "octets behind command or end code (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kServiceName{"melsec"};
enum : std::size_t { kMelsec, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"melsec", "normwatch", kServiceName, kIcsCategory, kFields, false}, kKnownDeviceType}};
// Those that controllers come with: Q, L and iQ-R; iQ-F.
constexpr std::array<std::uint16_t, 5> kPorts{5006, 5007, 5010, 5560, 5562};

struct Request {
  Timestamp time{};
  Direction direction = Direction::to_responder;
  MelsecFrame frame{};  // without its data
  bool bits = false;
  std::size_t values = 0, doubles = 0;  // that a response brings
  IcsCommand ics{};
};

void set_number(EventWriter& out, Field field, const auto& number) {
  if (number) out.set(field, Value::integer(*number));
}

void set_command(EventWriter& out, std::uint16_t code) {
  const MelsecCommand* command = find_melsec_command(code);
  out.set(kCommandName, named(out, command == nullptr ? std::string_view{} : command->name, code));
  out.set(kCommand, Value::integer(code));
}

void set_body(EventWriter& out, const MelsecBody& body) {
  constexpr std::size_t kDataMax = 256;
  if (body.point_count != 0) {
    IcsText text;
    append_melsec_point(text, body.points[0], body.bits);
    out.set(kDeviceText, Value::text(out.event().keep(text.view())));
    out.set(kPoints, Value::integer(body.points[0].count));
  }
  set_number(out, kMode, body.mode);
  if (!body.name.empty()) {
    IcsText name;
    append_melsec_name(name, body.name);
    out.set(kFile, Value::text(out.event().keep(name.view())));
  }
  set_number(out, kHandle, body.handle);
  set_number(out, kOffset, body.offset);
  set_number(out, kSize, body.size);
  set_number(out, kModelCode, body.model_code);
  set_hex(out, kData, body.data.first(std::min(body.data.size(), kDataMax)));
}

// The model without the blanks that fill it up.
Bytes model_of(const MelsecBody& body) {
  Bytes model = body.model;
  while (!model.empty() && (model.back() == ' ' || model.back() == 0)) model = model.first(model.size() - 1);
  return model;
}

bool in_text(const MelsecFrame& frame) { return frame.form == MelsecForm::ascii3 || frame.form == MelsecForm::ascii4; }

class MelsecAnalyzer final : public Analyzer {
 public:
  explicit MelsecAnalyzer(Transport transport) : transport_{transport} {}

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    MelsecFrame frame;
    const auto certain = [](Bytes from) {
      MelsecFrame other;
      ByteReader reader{from};
      if (const auto fault = read_melsec(reader, other)) return frame_verdict(fault);
      return other.command && find_melsec_command(*other.command) != nullptr ? Verdict::yes : Verdict::no;
    };
    FrameStream& side = streams_[static_cast<std::size_t>(direction)];
    const auto stations = [&] { return side.lost() ? MelsecStations::plausible : MelsecStations::any; };
    return side.read(
        bytes, context, [&](ByteReader& reader) { return read_melsec(reader, frame, stations()); },
        [&] { take(frame, true, direction, context); }, certain);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    MelsecFrame frame;
    if (read_melsec_search(bytes, frame)) return take(frame, true, direction, context);
    for (ByteReader reader{bytes}; !reader.empty();) {
      const auto fault = read_melsec_datagram(reader, frame);
      if (fault) context.refused(*fault);
      if (frame.command || frame.end) take(frame, !fault, direction, context);
    }
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
  // `sound`: nothing was refused of it yet.
  void take(const MelsecFrame& frame, bool sound, Direction direction, Context& context) {
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (!context.wants(kMelsec) && !context.wants(kDevice)) return;
    if (!frame.response)
      request(frame, sound, direction, context);
    else
      response(frame, sound, direction, context);
  }

  static EventWriter begin(const MelsecFrame& frame, Timestamp time, Context& context) {
    EventWriter out = context.begin(kMelsec, time);
    out.set(kIsOrig, Value::boolean(!frame.response));
    out.set(kFrame, Value::text(to_string(frame.form)));
    if (frame.command) {
      set_command(out, *frame.command);
      out.set(kSubcommand, Value::integer(frame.subcommand));
    }
    set_number(out, kSerial, frame.serial);
    out.set(kNetwork, Value::integer(frame.to.network));
    out.set(kStation, Value::integer(frame.to.station));
    out.set(kModule, Value::integer(frame.to.module));
    out.set(kMultidrop, Value::integer(frame.to.multidrop));
    return out;
  }

  // What stands behind the head, as far as it was published. Data of a refusal say nothing of the command.
  static bool read_body(const MelsecFrame& frame, bool texts, MelsecBody& out) {
    const MelsecCommand* command = frame.command ? find_melsec_command(*frame.command) : nullptr;
    const bool refused = frame.end.value_or(0) != 0;
    if (command == nullptr || (in_text(frame) && frame.response) || refused) {
      if (!in_text(frame)) out.data = frame.data;
      return true;
    }
    const std::string_view layout = frame.response ? command->response : command->request;
    if (in_text(frame)) return read_melsec_text(layout, frame.subcommand, frame.data, texts, out);
    // Nobody published MELSOFT's, so theirs cannot be wrong.
    return read_melsec_body(layout, frame.subcommand, frame.data, texts, out) || frame.form == MelsecForm::melsoft;
  }

  void request(const MelsecFrame& frame, bool sound, Direction direction, Context& context) {
    const bool texts = wants_ics_texts(context, kMelsec, kIcs);
    MelsecBody body;
    IcsCommand ics;
    keep_whole(ics.target, body.values, context, kMelsec, kIcs);
    if (!read_body(frame, texts, body) && sound) context.refused(DecodeError::bad_value);
    if (!context.wants(kMelsec)) return wait(frame, body, {}, direction, context);
    describe_melsec(frame, body, texts, ics);
    EventWriter out = begin(frame, context.now(), context);
    set_body(out, body);
    out.set(kDataLength, Value::integer(static_cast<std::int64_t>(frame.data.size())));
    write_ics(out, kIcs, ics);
    context.emit();
    wait(frame, body, ics, direction, context);
  }

  void wait(const MelsecFrame& frame, const MelsecBody& body, const IcsCommand& ics, Direction direction,
            Context& context) {
    // Who asks everyone is answered in flows of their own.
    if (context.sender(opposite(direction)) == IpAddress::v4(0xffffffff)) return;
    Request request{context.now(), direction, frame, body.bits, body.value_count, body.doubles, ics};
    request.frame.data = {};
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    // It is asked again, or the number came round; without numbers a lost response is told by the next request.
    const bool in_turn = frame.serial || transport_ == Transport::udp;
    Request* same = in_turn ? find(frame, direction) : nullptr;
    if (same != nullptr) {
      give_up(*same);
      open_.remove(same);
    }
    open_.add(std::move(request), context, give_up);
  }

  Request* find(const MelsecFrame& frame, Direction direction) {
    return open_.find([&](const Request& r) {
      return r.direction == direction && r.frame.form == frame.form && r.frame.to == frame.to &&
             r.frame.serial == frame.serial;
    });
  }

  // A refusal names what it refuses.
  Request* find_asked(const MelsecFrame& frame, Direction direction) {
    return open_.find([&](const Request& r) {
      return r.direction == opposite(direction) && r.frame.form == frame.form && r.frame.to == frame.to &&
             r.frame.serial == frame.serial && (!frame.command || r.frame.command == frame.command);
    });
  }

  void response(MelsecFrame frame, bool sound, Direction direction, Context& context) {
    const bool texts = wants_ics_texts(context, kMelsec, kIcs);
    Request* asked = find_asked(frame, direction);
    if (asked != nullptr && !frame.command) {
      frame.command = asked->frame.command;
      frame.subcommand = asked->frame.subcommand;
    }
    MelsecBody body;
    if (!read_body(frame, texts, body) && sound) context.refused(DecodeError::bad_value);
    IcsCommand ics;
    if (asked != nullptr)
      ics = asked->ics;
    else
      describe_melsec(frame, body, texts, ics);
    const bool refused = frame.end.value_or(0) != 0;
    if (texts && !refused && asked != nullptr && ics.operation == IcsOperation::read && !in_text(frame))
      describe_values(*asked, body, ics.value);
    if (context.wants(kMelsec)) tell_response(frame, body, ics, asked, context);
    if (asked != nullptr) open_.remove(asked);
    if (!refused) tell_device(frame, body, direction, context);
  }

  static void describe_values(const Request& asked, const MelsecBody& body, IcsText& value) {
    if (asked.values != 0) append_melsec_values(value, body.data, asked.bits, asked.values, asked.doubles);
  }

  static void tell_response(const MelsecFrame& frame, const MelsecBody& body, const IcsCommand& ics,
                            const Request* asked, Context& context) {
    EventWriter out = begin(frame, context.now(), context);
    set_body(out, body);
    out.set(kDataLength, Value::integer(static_cast<std::int64_t>(frame.data.size())));
    if (const Bytes model = model_of(body); !model.empty()) out.set(kModel, text_value(out, model));
    if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
    std::optional<IcsOutcome> outcome;
    IcsText reason;
    if (frame.end) {
      outcome = *frame.end == 0 ? IcsOutcome::ok : IcsOutcome::refused;
      const std::string_view name = *frame.end == 0 ? "Normal" : melsec_end_name(*frame.end);
      out.set(kEnd, named(out, name, *frame.end));
      out.set(kEndCode, Value::integer(*frame.end));
      if (*frame.end != 0) append_reason(reason, *frame.end);
    }
    write_ics(out, kIcs, ics, outcome, out.event().keep(reason.view()));
    context.emit();
  }

  static void append_reason(IcsText& reason, std::uint16_t end) {
    if (const std::string_view name = melsec_end_name(end); !name.empty()) return reason.append(name);
    reason.append("end code ");
    reason.append_hex(end, 4);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kMelsec)) return;
    EventWriter out = begin(request.frame, request.time, context);
    write_ics(out, kIcs, request.ics, IcsOutcome::no_answer);
    context.emit();
  }

  void tell_device(const MelsecFrame& frame, const MelsecBody& body, Direction from, Context& context) {
    IcsText unit, model;
    model.append_escaped(model_of(body));
    if (model.empty()) return;
    unit.append_number(frame.to.network);
    unit.append('.');
    unit.append_number(frame.to.station);
    devices_.tell({.protocol = "melsec", .unit = unit.view(), .vendor = "Mitsubishi Electric", .product = model.view()},
                  kDevice, from, context);
  }

  Transport transport_;
  IcsRequests<Request> open_;
  KnownDevices devices_;
  static constexpr std::size_t kNoiseMax = std::numeric_limits<std::size_t>::max();

  // By direction. Controllers may pass over what is no frame, so noise hides nothing.
  std::array<FrameStream, 2> streams_{FrameStream{kNoiseMax}, FrameStream{kNoiseMax}};
};

// A request that is published, or a frame of MELSOFT whose command was seen.
bool convincing(const MelsecFrame& frame) {
  if (!frame.command || find_melsec_command(*frame.command) == nullptr) return false;
  if (frame.form == MelsecForm::melsoft) return true;
  MelsecBody body;
  const bool whole = in_text(frame) || read_melsec_body(find_melsec_command(*frame.command)->request, frame.subcommand,
                                                        frame.data, false, body);
  constexpr std::uint16_t kKnownSubcommands = 0x00C3;
  return !frame.response && whole && (frame.subcommand & ~kKnownSubcommands) == 0;
}

// Behind what is no frame stands one that convinces.
bool holds_frame(Bytes bytes) {
  MelsecFrame frame;
  for (std::size_t at = 1; at < bytes.size(); ++at)
    if (ByteReader reader{bytes.subspan(at)}; !read_melsec(reader, frame) && convincing(frame)) return true;
  return false;
}

// On its ports whatever the analyzer would tell.
Verdict probe_at_home(Bytes first, Transport transport) {
  ByteReader reader{first};
  MelsecFrame frame;
  const bool is_udp = transport == Transport::udp;
  const auto fault = is_udp ? read_melsec_datagram(reader, frame) : read_melsec(reader, frame, MelsecStations::any);
  if (!fault) return convincing(frame) ? Verdict::yes : Verdict::unsure;
  const bool begins = is_udp ? frame.command || frame.end : fault == DecodeError::truncated;
  if (begins) return Verdict::unsure;
  return !is_udp && holds_frame(first) ? Verdict::yes : Verdict::no;
}

// Off its ports only frames, one of which convinces, or two requests: whoever asks for nonsense first, or in two
// segments, hides nothing.
Verdict probe_elsewhere(ByteReader reader, Transport transport) {
  const Verdict more = transport == Transport::tcp ? Verdict::unsure : Verdict::no;
  bool convinces = false;
  for (std::size_t frames = 1; !reader.empty(); ++frames) {
    MelsecFrame frame;
    const auto fault = read_melsec(reader, frame);
    if (fault) return fault == DecodeError::truncated ? more : Verdict::no;
    convinces = convinces || frames > 1 || convincing(frame);
    if (convinces && transport == Transport::tcp) return Verdict::yes;
    if (frame.response) return Verdict::no;
  }
  return convinces ? Verdict::yes : more;
}

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  MelsecFrame frame;
  if (transport == Transport::udp && read_melsec_search(first, frame)) return on_port ? Verdict::yes : Verdict::no;
  return on_port ? probe_at_home(first, transport) : probe_elsewhere(ByteReader{first}, transport);
}

std::unique_ptr<Analyzer> make(Transport transport) { return std::make_unique<MelsecAnalyzer>(transport); }

}  // namespace

Protocol melsec_protocol() {
  Protocol p;
  p.name = "melsec";
  p.help = "MELSEC communication protocol, SLMP, MELSOFT: what is asked of Mitsubishi's controllers";
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
