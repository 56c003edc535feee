// ROC Plus over TCP and UDP: roc_plus_message.h shows the wire.
//
// One `roc_plus` event per frame. Nothing in a frame joins a response to its request but the opcode and the order.
#include <algorithm>
#include <array>
#include <utility>

#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/roc_plus_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kPacketType,
  kDestinationUnit,
  kDestinationGroup,
  kSourceUnit,
  kSourceGroup,
  kOpcode,
  kOpcodeCode,
  kDataLength,
  kCrcLow,
  kCrcHigh,
  kErrors,
  kErrorOffsets,
  kOperator,
  kPassword,
  kAccess,
  kLogout,
  kClock,
  kMode,
  kDeviceType,
  kFileCommand,
  kPath,
  kFile,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the host that asks (ours)"},
    {"packet_type", "text", "Request or Response"},
    {"destination_unit", "integer", "unit address of the receiver"},
    {"destination_group", "integer", "group address of the receiver"},
    {"source_unit", "integer", "unit address of the sender"},
    {"source_group", "integer", "group address of the sender"},
    {"opcode", "text", "System Config (006), Set Single Point Parameters (166), ...; unknown-NN when it has no name"},
    {"opcode_code", "integer", "its number (ours)"},
    {"data_length", "integer", "octets of data"},
    {"lsb_crc", "integer", "low octet of the CRC"},
    {"msb_crc", "integer", "high octet of the CRC"},
    {"error_code", "list of text", "of opcode 255: why it was refused; unknown-NN when it has no name"},
    {"error_offset", "list of integer", "of opcode 255: at which octet of the request"},
    {"operator_id", "text", "who logs in or out (ours)"},
    {"password", "boolean", "whether a PIN or password came with it; it is never told (ours)"},
    {"access_level", "integer", "of a login (ours)"},
    {"logout", "boolean", "the login's opposite (ours)"},
    {"clock", "text", "the device's clock, set or read (ours)"},
    {"mode", "integer", "of System Config: 0 firmware update, 1 run (ours)"},
    {"device_type", "text", "of System Config: ROC800, FloBoss 407, ...; unknown-NN when it has no name (ours)"},
    {"file_command", "text", "Open, Read, Write, Close, Delete, ...; unknown-NN when it has no name (ours)"},
    {"path", "text", "the file's directory (ours)"},
    {"file", "text", "the file's name (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kService{"roc_plus"};
enum : std::size_t { kRoc, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"roc_plus", "normwatch", kService, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::array<std::uint16_t, 1> kPorts{4000};

class RocPlusAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    RocFrame frame;
    const auto certain = [](Bytes from) {
      RocFrame other;
      ByteReader reader{from};
      if (const auto fault = read_roc_frame(reader, other)) return frame_verdict(fault);
      return other.opcode != 0 ? Verdict::yes : Verdict::no;  // among zeros the CRC is always right
    };
    return streams_[index(direction)].read(
        bytes, context, [&](ByteReader& reader) { return read_roc_frame(reader, frame); },
        [&] { take(frame, direction, context); }, certain);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    std::size_t noise = 0;
    for (RocFrame frame; !reader.empty() && noise <= kNoiseMax;) {
      if (const auto fault = read_roc_frame(reader, frame)) {
        // Devices look for the next frame, too.
        if (noise++ == 0) context.refused(*fault);
        reader.bytes(1);
        continue;
      }
      take(frame, direction, context);
    }
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[index(direction)].gap();
    if (direction != asking_) open_.forget();
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  static constexpr std::uint8_t kAnyUnit = 240;  // who asks whatever device is at the other end
  static constexpr std::size_t kNoiseMax = 263;  // octets of a datagram that are of no frame
  struct Request {
    Timestamp time;
    Direction direction = Direction::to_responder;
    RocFrame frame;  // without its data
    IcsCommand command;
  };

  static std::size_t index(Direction direction) { return static_cast<std::size_t>(direction); }

  void take(const RocFrame& frame, Direction direction, Context& context) {
    if (!context.wants(kRoc) && !context.wants(kDevice)) return;
    who_asks(frame, direction);
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (direction == asking_)
      request(frame, direction, context);
    else
      response(frame, direction, context);
  }

  // Most frames tell by themselves whether they ask: in mid-stream, from the wrong side round, and behind an answer
  // that somebody sent to make the commands behind it look like answers.
  void who_asks(const RocFrame& frame, Direction direction) {
    if (const auto asks = roc_asks(frame)) asking_ = *asks ? direction : opposite(direction);
  }

  static EventWriter begin(const RocFrame& frame, Timestamp time, bool request, Context& context) {
    EventWriter out = context.begin(kRoc, time);
    out.set(kIsOrig, Value::boolean(request));
    out.set(kPacketType, Value::text(request ? "Request" : "Response"));
    out.set(kDestinationUnit, Value::integer(frame.destination[0]));
    out.set(kDestinationGroup, Value::integer(frame.destination[1]));
    out.set(kSourceUnit, Value::integer(frame.source[0]));
    out.set(kSourceGroup, Value::integer(frame.source[1]));
    out.set(kOpcode, named(out, roc_opcode_name(frame.opcode), frame.opcode));
    out.set(kOpcodeCode, Value::integer(frame.opcode));
    return out;
  }

  static void write_body(EventWriter& out, const RocFrame& frame, const RocBody& body) {
    out.set(kDataLength, Value::integer(static_cast<std::int64_t>(frame.data.size())));
    out.set(kCrcLow, Value::integer(frame.crc_low));
    out.set(kCrcHigh, Value::integer(frame.crc_high));
    set_text(out, kOperator, body.user);
    if (frame.opcode == kRocLogin) out.set(kPassword, Value::boolean(body.password));
    if (body.access) out.set(kAccess, Value::integer(*body.access));
    if (body.logout) out.set(kLogout, Value::boolean(true));
    if (!body.clock.empty() && out.wants(kClock)) out.set(kClock, Value::text(out.event().keep(body.clock.view())));
    if (body.mode) out.set(kMode, Value::integer(*body.mode));
    if (body.type) out.set(kDeviceType, named(out, roc_device_name(*body.type), *body.type));
    if (body.file_command)
      out.set(kFileCommand, named(out, roc_file_command_name(*body.file_command), *body.file_command));
    set_text(out, kPath, body.path);
    set_text(out, kFile, body.file);
    write_errors(out, body.errors);
  }

  static void write_errors(EventWriter& out, Bytes errors) {
    const std::span<Value> codes = out.event().arena().make<Value>(errors.size() / 2);
    const std::span<Value> offsets = out.event().arena().make<Value>(errors.size() / 2);
    ByteReader in{errors};
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const std::uint8_t code = in.u8();
      codes[i] = named(out, roc_error_name(code), code);
      offsets[i] = Value::integer(in.u8());
    }
    set_list(out, kErrors, codes);
    set_list(out, kErrorOffsets, offsets);
  }

  void request(const RocFrame& frame, Direction direction, Context& context) {
    RocBody body;
    const bool sound = read_roc_request(frame, wants_ics_texts(context, kRoc, kIcs), body);
    if (!sound) context.refused(DecodeError::bad_value);
    if (context.wants(kRoc)) {
      EventWriter out = begin(frame, context.now(), true, context);
      write_body(out, frame, body);
      write_ics(out, kIcs, body.command);
      context.emit();
    }
    Request asked{context.now(), direction, frame, body.command};
    asked.frame.data = {};
    open_.add(std::move(asked), context, [&](const Request& old) { unanswered(old, context); });
  }

  void response(const RocFrame& frame, Direction direction, Context& context) {
    const bool texts = wants_ics_texts(context, kRoc, kIcs);
    RocBody body;
    if (!read_roc_response(frame, texts, body)) context.refused(DecodeError::bad_value);
    // Gateways have several devices; some devices answer without turning the addresses round.
    Request* asked = open_.find([&](const Request& r) {
      const auto& device = r.frame.destination;
      return r.direction != direction && (frame.opcode == kRocError || r.frame.opcode == frame.opcode) &&
             (frame.source == device || frame.destination == device || device[0] == kAnyUnit);
    });
    IcsCommand command = asked == nullptr ? body.command : asked->command;
    if (!body.command.value.empty()) command.value = body.command.value;
    if (context.wants(kRoc)) {
      EventWriter out = begin(frame, context.now(), false, context);
      write_body(out, frame, body);
      if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
      const bool refused = frame.opcode == kRocError;
      std::string_view reason;
      if (refused && !body.errors.empty())
        reason = named(out, roc_error_name(body.errors.front()), body.errors.front()).as_text();
      write_ics(out, kIcs, command, refused ? IcsOutcome::refused : IcsOutcome::ok, reason);
      context.emit();
    }
    if (asked != nullptr) open_.remove(asked);
    if (body.type) device(frame, *body.type, direction, context);
  }

  void device(const RocFrame& frame, std::uint8_t type, Direction from, Context& context) {
    if (roc_device_name(type).empty()) return;
    IcsText unit;
    unit.append_number(frame.source[0]);
    unit.append('.');
    unit.append_number(frame.source[1]);
    devices_.tell({.protocol = "roc_plus", .unit = unit.view(), .vendor = "Emerson", .product = roc_device_name(type)},
                  kDevice, from, context);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kRoc)) return;
    EventWriter out = begin(request.frame, request.time, true, context);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  Direction asking_ = Direction::to_responder;  // where requests go
  IcsRequests<Request> open_;
  KnownDevices devices_;
  std::array<FrameStream, 2> streams_{};  // by direction
};

// A greeting of another protocol: addresses are no letters.
bool is_text(Bytes first) {
  return std::ranges::all_of(first, [](std::uint8_t c) { return (c >= ' ' && c <= '~') || c == '\r' || c == '\n'; });
}

// Modbus behind a serial gateway has the same CRC: most requests are of eight octets, of responses the third one
// counts.
bool is_modbus(Bytes first) {
  ByteReader in{first};
  in.bytes(2);
  return first.size() == 8 || first.size() == std::size_t{5} + in.u8();
}

// Off the port a frame must be all that there is, and its operation known: less work than the CRC.
bool may_be_frame(Bytes first) {
  constexpr std::size_t kOpcode = 4, kLength = 5, kAround = 8;
  if (first.size() > kOpcode && roc_opcode_name(first[kOpcode]).empty()) return false;
  return first.size() <= kLength || first.size() <= kAround + first[kLength];
}

// Off the port a frame with a right CRC must be all that there is.
Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  if (!on_port && !may_be_frame(first)) return Verdict::no;
  for (ByteReader reader{first}; !reader.empty(); reader.bytes(1)) {
    const std::size_t before = reader.rest().size();
    RocFrame frame;
    const auto fault = read_roc_frame(reader, frame);
    const bool named = !roc_opcode_name(frame.opcode).empty();
    const bool sure = on_port ? named || transport == Transport::tcp : named && reader.empty() && !is_modbus(first);
    if (!fault) return sure ? Verdict::yes : Verdict::no;
    // On the port a capture may begin within a frame.
    if (fault == DecodeError::truncated && before == first.size() && transport == Transport::tcp)
      return is_text(first) ? Verdict::no : Verdict::unsure;
    if (!on_port || transport == Transport::udp) return Verdict::no;
  }
  return Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<RocPlusAnalyzer>(); }

}  // namespace

Protocol roc_plus_protocol() {
  Protocol p;
  p.name = "roc_plus";
  p.help = "ROC Plus: readings, set points and clocks of Emerson's flow computers";
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
