// Niagara Fox, what building controllers of Tridium's framework speak, over TCP. Nobody published it; as seen:
// "fox KIND SEQUENCE REPLY CHANNEL COMMAND\n{\n" and lines "name=type:value\n" and "};;\n". KIND is a letter; REPLY is
// shared by a request of the kind s and its answer of the kind r, n or e, else it is -1. Values of the types b and o
// may have any octets: "b:LENGTH[octets]\n" and "o:encoding LENGTH[octets]\n".
//
// One `fox` event per frame. Both sides say who they are before anybody logs in; a station becomes a known device.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kKind,
  kSequence,
  kReply,
  kChannel,
  kCommand,
  kVersion,
  kHostName,
  kHostAddress,
  kAppName,
  kAppVersion,
  kVmName,
  kVmVersion,
  kOsName,
  kOsVersion,
  kStation,
  kLanguage,
  kTimeZone,
  kHostId,
  kVmUuid,
  kBrand,
  kMethod,
  kUser,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by who opened the connection (ours)"},
    {"kind", "text", "a wants no answer, s wants one, r and n answer, e refuses, k keeps alive, c closes (ours)"},
    {"sequence", "integer", "the frame's number (ours)"},
    {"reply_to", "integer", "the number that a request and its answer share (ours)"},
    {"channel", "text", "fox, station, file, ... (ours)"},
    {"command", "text", "hello, challenge, ... (ours)"},
    {"fox_version", "text", "of hello: the protocol's version (ours)"},
    {"host_name", "text", "of hello (ours)"},
    {"host_address", "text", "of hello (ours)"},
    {"app_name", "text", "of hello: Station, Workbench, ... (ours)"},
    {"app_version", "text", "of hello: Niagara's version (ours)"},
    {"vm_name", "text", "of hello: the Java machine (ours)"},
    {"vm_version", "text", "of hello (ours)"},
    {"os_name", "text", "of hello: QNX, Windows XP, ... (ours)"},
    {"os_version", "text", "of hello (ours)"},
    {"station_name", "text", "of hello: what its operator calls the station (ours)"},
    {"lang", "text", "of hello: its language (ours)"},
    {"time_zone", "text", "of hello: the zone's name (ours)"},
    {"host_id", "text", "of hello: what its licence is bound to (ours)"},
    {"vm_uuid", "text", "of hello (ours)"},
    {"brand_id", "text", "of hello: who sells it (ours)"},
    {"method", "text", "of challenge: how is logged in (ours)"},
    {"user", "text", "who logs in (ours)"},
    {"rtt", "interval", "from the frame that it answers; absent when that was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kService{"fox"};
enum : std::size_t { kFox, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"fox", "normwatch", kService, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::array<std::uint16_t, 1> kPorts{1911};

constexpr std::size_t kFrameMax = std::size_t{32} * 1024, kHeadMax = 1024, kTextMax = 256;

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Bytes octets_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

IcsText escaped(std::string_view text) {
  IcsText out;
  out.append_escaped(octets_of(text));
  return out;
}

// The next line without its end; nothing while that has not come, or not within `most` octets.
std::optional<std::string_view> line(ByteReader& in, std::size_t most = std::string_view::npos) {
  const std::string_view text = text_of(in.rest()).substr(0, most);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return {};
  in.bytes(end + 1);
  return text.substr(0, end);
}

std::string_view word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view first = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return first;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return {};
  return value;  // 0 when it is too large: who reads it may well go on
}

struct Head {
  std::string_view kind, channel, command;
  std::int64_t sequence = 0, reply = -1;
};

// "fox a 1 -1 fox hello"
bool read_head(std::string_view text, Head& out) {
  if (word(text) != "fox") return false;
  out.kind = word(text);
  const auto sequence = number(word(text)), reply = number(word(text));
  out.channel = word(text);
  out.command = text;
  if (!sequence || !reply || out.kind.size() != 1 || out.channel.empty() || out.command.empty()) return false;
  out.sequence = *sequence;
  out.reply = *reply;
  return true;
}

// A line of the body: its name and value. Octets that are counted are passed over. Nothing: the rest has not come.
struct Entry {
  std::string_view name, value;
  bool end = false;
  bool opens = false, closes = false;  // a message as a value: "name=m:{", lines of its own, "}"
};
std::optional<Entry> read_entry(ByteReader& in) {
  ByteReader ahead = in;
  const auto text = line(ahead);
  const std::string_view before = text ? *text : text_of(in.rest());
  const std::size_t equals = before.find('=');
  const std::string_view type = equals == std::string_view::npos ? std::string_view{} : before.substr(equals + 1, 2);
  const std::size_t opening = type == "b:" || type == "o:" ? before.find('[', equals) : std::string_view::npos;
  if (opening != std::string_view::npos) {
    const std::string_view said = before.substr(0, opening);
    const auto length = number(said.substr(said.find_last_of(" :") + 1));
    if (length && *length >= 0) {
      in.bytes(opening + 1);
      in.bytes(static_cast<std::size_t>(*length));
      if (!in.ok() || !line(in)) return {};
      return Entry{said.substr(0, equals), {}};
    }
  }
  if (!text) return {};
  in = ahead;
  Entry out;
  out.end = *text == "};;";
  out.closes = *text == "}";
  if (equals == std::string_view::npos) return out;
  out.opens = type == "m:";
  out.name = before.substr(0, equals);
  if (const std::size_t colon = before.find(':', equals); colon != std::string_view::npos)
    out.value = before.substr(colon + 1);
  return out;
}

struct Known {
  std::string_view name;
  Field field;
};
constexpr auto kKnown = std::to_array<Known>({
    {"fox.version", kVersion},
    {"hostName", kHostName},
    {"hostAddress", kHostAddress},
    {"app.name", kAppName},
    {"app.version", kAppVersion},
    {"vm.name", kVmName},
    {"vm.version", kVmVersion},
    {"os.name", kOsName},
    {"os.version", kOsVersion},
    {"station.name", kStation},
    {"lang", kLanguage},
    {"timeZone", kTimeZone},
    {"hostId", kHostId},
    {"vmUuid", kVmUuid},
    {"brandId", kBrand},
    {"method", kMethod},
    {"username", kUser},
    {"user", kUser},
});

struct Frame {
  Head head;
  std::array<std::string_view, kRtt> values{};  // by field; views the input
  // Where a circuit leads that is opened: files and other long things go through circuits, in pieces.
  std::string_view circuit_channel, circuit_command;
};

void take_entry(const Entry& entry, Frame& out) {
  if (out.head.channel == "circuit" && entry.name == "channel") out.circuit_channel = entry.value;
  if (out.head.channel == "circuit" && entry.name == "command") out.circuit_command = entry.value;
  const auto known = std::ranges::find(kKnown, entry.name, &Known::name);
  if (known == kKnown.end()) return;
  std::string_view value = entry.value.substr(0, kTextMax);
  if (known->field == kTimeZone) value = value.substr(0, value.find(';'));  // its rules follow
  out.values[known->field] = value;
}

// `truncated` asks for more bytes; `reader` moves past a whole frame, or past what is read of one that is none. What is
// `too_long` has been read as far as we do.
std::optional<DecodeError> read_frame(ByteReader& reader, Frame& out) {
  static constexpr std::string_view kStart = "fox ";
  ByteReader in = reader;
  out = {};
  const auto head = line(in, kHeadMax + 1);
  const std::string_view begin = text_of(reader.rest()).substr(0, kStart.size());
  if (begin != kStart.substr(0, begin.size())) return DecodeError::bad_value;
  if (!head) return reader.rest().size() > kHeadMax ? DecodeError::bad_value : DecodeError::truncated;
  if (!read_head(*head, out.head)) return DecodeError::bad_value;
  const auto brace = line(in);
  if (brace && *brace != "{") return DecodeError::bad_value;
  const auto unfinished = [&] {
    const std::size_t size = reader.rest().size();
    if (size < kFrameMax) return DecodeError::truncated;
    reader.bytes(size);
    return DecodeError::too_long;
  };
  if (!brace) return unfinished();
  for (std::size_t depth = 0;;) {
    // It broke off. Names have no blanks, and values no line ends.
    if (text_of(in.rest()).starts_with(kStart)) {
      reader = in;
      return DecodeError::bad_value;
    }
    const auto entry = read_entry(in);
    if (!entry) return unfinished();
    if (entry->end) break;
    if (depth == 0) take_entry(*entry, out);
    if (entry->opens) ++depth;
    if (entry->closes && depth > 0) --depth;
  }
  reader = in;
  return {};
}

IcsOperation operation_of(const Frame& frame) {
  if (frame.head.channel == "fox") return frame.head.command == "hello" ? IcsOperation::identify : IcsOperation::other;
  return frame.head.channel == "file" || frame.circuit_channel == "file" ? IcsOperation::file : IcsOperation::other;
}

// The channel; "circuit/file/read" of a circuit that is opened.
IcsText target_of(const Frame& frame) {
  IcsText out = escaped(frame.head.channel);
  for (const std::string_view part : {frame.circuit_channel, frame.circuit_command}) {
    if (part.empty()) continue;
    out.append('/');
    out.append_escaped(octets_of(part));
  }
  return out;
}

class FoxAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    FrameStream& frames = streams_[static_cast<std::size_t>(direction)];
    Frame frame;
    const auto read = [&](ByteReader& reader) -> std::optional<DecodeError> {
      if (frames.lost() && !find_start(reader)) return DecodeError::truncated;
      frame = {};
      const auto fault = read_frame(reader, frame);
      if (fault == DecodeError::too_long) take(frame, direction, context);  // as far as it was read
      return fault;
    };
    return frames.read(bytes, context, read, [&] { take(frame, direction, context); });
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[static_cast<std::size_t>(direction)].gap();
    open_.forget_if([&](const Request& r) { return r.direction != direction; });
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  struct Request {
    Timestamp time;
    Direction direction = Direction::to_responder;
    std::int64_t sequence = 0, reply = 0;
    bool hello = false;
    IcsText channel, command;
    IcsCommand ics;
  };

  // Where the next frame may begin; what lies before is passed over.
  static bool find_start(ByteReader& reader) {
    static constexpr std::string_view kStart = "fox ";
    const std::string_view rest = text_of(reader.rest());
    const std::size_t at = rest.find(kStart);
    reader.bytes(at == std::string_view::npos ? rest.size() - std::min(rest.size(), kStart.size() - 1) : at);
    return at != std::string_view::npos;
  }

  void take(const Frame& frame, Direction direction, Context& context) {
    if (!context.wants(kFox) && !context.wants(kDevice)) return;
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    const bool hello = frame.head.channel == "fox" && frame.head.command == "hello";
    const bool asks = frame.head.kind == "s", answers = !asks && frame.head.reply >= 0;
    Request* asked = open_.find([&](const Request& r) {
      return r.direction != direction && (r.hello ? hello : answers && r.reply == frame.head.reply);
    });
    const std::int64_t number = frame.head.reply >= 0 ? frame.head.reply : frame.head.sequence;
    Request now{context.now(), direction, frame.head.sequence, number, hello, {}, {}, {}};
    now.ics.operation = operation_of(frame);
    now.channel = escaped(frame.head.channel);
    now.command = escaped(frame.head.command);
    now.ics.target = target_of(frame);
    if (asked != nullptr) now.ics = asked->ics;
    const bool refused = frame.head.command == "rejected" || frame.head.kind == "e";
    if (context.wants(kFox)) {
      EventWriter out = begin(now, context);
      out.set(kKind, text(out, frame.head.kind));
      if (frame.head.reply >= 0) out.set(kReply, Value::integer(frame.head.reply));
      for (std::size_t field = kVersion; field < kRtt; ++field)
        if (!frame.values[field].empty() && out.wants(field)) out.set(field, text(out, frame.values[field]));
      if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
      std::optional<IcsOutcome> outcome;
      if (asked != nullptr || refused) outcome = refused ? IcsOutcome::refused : IcsOutcome::ok;
      write_ics(out, kIcs, now.ics, outcome);
      context.emit();
    }
    if (hello) device(frame, direction, context);
    if (asked != nullptr) return open_.remove(asked);
    // Only who says hello, and a frame of the kind s, wants an answer.
    if (hello || asks) open_.add(std::move(now), context, [&](const Request& old) { unanswered(old, context); });
  }

  static Value text(EventWriter& out, std::string_view text) { return text_value(out, octets_of(text)); }

  static EventWriter begin(const Request& request, Context& context) {
    EventWriter out = context.begin(kFox, request.time);
    out.set(kIsOrig, Value::boolean(request.direction == Direction::to_responder));
    out.set(kSequence, Value::integer(request.sequence));
    out.set(kChannel, Value::text(out.event().keep(request.channel.view())));
    out.set(kCommand, Value::text(out.event().keep(request.command.view())));
    return out;
  }

  void device(const Frame& frame, Direction from, Context& context) {
    const auto& values = frame.values;
    if (values[kStation].empty() && values[kAppName] != "Station") return;  // a workbench is no device
    IcsText description;
    for (const std::size_t field : {kOsName, kOsVersion, kVmName, kVmVersion}) {
      if (values[field].empty()) continue;
      if (!description.empty()) description.append(' ');
      description.append_escaped(octets_of(values[field]));
    }
    const IcsText brand = escaped(values[kBrand]), host = escaped(values[kHostId]),
                  version = escaped(values[kAppVersion]), name = escaped(values[kStation]);
    devices_.tell({.protocol = "fox",
                   .vendor = brand.view(),
                   .product = "Niagara",
                   .serial_number = host.view(),
                   .firmware = version.view(),
                   .name = name.view(),
                   .description = description.view()},
                  kDevice, from, context);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kFox)) return;
    EventWriter out = begin(request, context);
    write_ics(out, kIcs, request.ics, IcsOutcome::no_answer);
    context.emit();
  }

  static constexpr std::size_t kNoiseMax = std::numeric_limits<std::size_t>::max();

  IcsRequests<Request> open_;
  KnownDevices devices_;
  // By direction. What is passed over may be long, and says nothing against the next frame.
  std::array<FrameStream, 2> streams_{FrameStream{kNoiseMax}, FrameStream{kNoiseMax}};
};

// The head alone convinces. On the port a capture may begin within a frame.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  Frame frame;
  const auto fault = read_frame(reader, frame);
  if (!fault || fault == DecodeError::too_long || !frame.head.command.empty()) return Verdict::yes;
  if (fault == DecodeError::truncated) return Verdict::unsure;
  return on_port && text_of(first).find("\nfox ") != std::string_view::npos ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<FoxAnalyzer>(); }

}  // namespace

Protocol fox_protocol() {
  Protocol p;
  p.name = "fox";
  p.help = "Niagara Fox: who building controllers are, who logs in";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
