// CODESYS: what programs controllers that run it; V3 over TCP and UDP, V2 over TCP. codesys_message.h shows the wire.
//
// One `codesys` event per message of an application, of names, or about a channel, and per frame of V2. A response is
// joined by channel, group and command, by the number of the request, or in V2 by the order.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "ingest/network/protocols/codesys_message.h"
#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"
#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kVersion,
  kFunction,
  kGroup,
  kCommand,
  kEncrypted,
  kPriority,
  kSender,
  kReceiver,
  kChannel,
  kSession,
  kBlock,
  kSize,
  kUser,
  kPassword,
  kPath,
  kShell,
  kError,
  kNode,
  kDeviceName,
  kVendor,
  kSerial,
  kTargetType,
  kTargetId,
  kTargetVersion,
  kSystem,
  kProduct,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "a request (ours)"},
    {"version", "integer", "of the protocol: 2 or 3 (ours)"},
    {"function", "text",
     "CmpApp Stop, CmpDevice Login, Channel Open, Names Identification, V2 Write file, ...; unknown-NN where a part "
     "has "
     "no name (ours)"},
    {"group_code", "integer", "number of the group of services, of the channel's message, of V2's service (ours)"},
    {"command_code", "integer", "number of the command within the group, of the package of names (ours)"},
    {"encrypted", "boolean", "what the service carries is encrypted (ours)"},
    {"priority", "integer", "of the datagram: 0 low to 3 emergency (ours)"},
    {"sender", "text", "address of the sender in its network, in hexadecimal (ours)"},
    {"receiver", "text", "address of the receiver in its network, in hexadecimal (ours)"},
    {"channel", "integer", "number of the channel (ours)"},
    {"session_id", "integer", "of a service; 0 before a login (ours)"},
    {"block", "integer", "number of the block in which the message begins (ours)"},
    {"size", "integer", "octets of the message (ours)"},
    {"user", "text", "who logs in (ours)"},
    {"password", "boolean", "whether a password came with the login; it is never told (ours)"},
    {"path", "text", "the file or folder (ours)"},
    {"shell_command", "text", "command to the controller's shell, without what sets a password (ours)"},
    {"error_code", "integer", "why it was not done; 0 when it was (ours)"},
    {"node_name", "text", "what the operator calls the controller (ours)"},
    {"device_name", "text", "its model (ours)"},
    {"vendor_name", "text", "who made it (ours)"},
    {"serial_number", "text", "its serial number (ours)"},
    {"target_type", "integer", "which kind of controller (ours)"},
    {"target_id", "integer", "which controller of its maker (ours)"},
    {"target_version", "text", "version of its runtime (ours)"},
    {"system", "text", "its operating system, V2 (ours)"},
    {"product", "text", "its product, V2 (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kService{"codesys"};
enum : std::size_t { kCodesys, kDevice };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"codesys", "normwatch", kService, kIcsCategory, kFields, false}, kKnownDeviceType}};
constexpr std::array<std::uint16_t, 11> kPorts{1200, 1217, 1740, 1741, 1742, 1743, 2455, 11740, 11741, 11742, 11743};

constexpr std::size_t kNameBytesMax = 256;

struct Request {
  Timestamp time{};
  Direction direction = Direction::to_responder;
  CodesysSubject subject{};
  IcsCommand command{};
};

// A message of V3 whose first block does not hold all of it: what it does may stand in any of them.
struct Unfinished {
  static constexpr std::size_t kMost = 8, kBytesMax = 4096;

  Timestamp time{};
  Direction direction = Direction::to_responder;
  std::uint16_t channel = 0;
  std::uint32_t next = 0;           // the block that goes on
  std::size_t missing = 0;          // octets
  std::vector<std::uint8_t> bytes;  // the datagram of the first block, as if it had the others' parts too

  // True when no more of it is kept.
  bool add(const CodesysMessage& block) {
    ++next;
    const Bytes part = block.part.first(std::min(block.part.size(), kBytesMax - bytes.size()));
    bytes.insert(bytes.end(), part.begin(), part.end());
    missing -= std::min(missing, block.part.size());
    return missing == 0 || bytes.size() == kBytesMax;
  }
};

void set_number(EventWriter& out, Field field, const auto& number) {
  if (number) out.set(field, Value::integer(*number));
}

void append_version(std::uint32_t version, IcsText& text) {
  for (unsigned shift = 32; shift > 0;) {
    if (shift != 32) text.append('.');
    shift -= 8;
    text.append_number(version >> shift & 0xffU);
  }
}

void set_utf16(EventWriter& out, Field field, Bytes units) {
  if (units.empty() || !out.wants(field)) return;
  out.set(field, Value::text(out.event().keep(text_of_utf16(units, kNameBytesMax))));
}

void set_identity(EventWriter& out, const CodesysIdentity& identity) {
  set_utf16(out, kNode, identity.node);
  set_utf16(out, kDeviceName, identity.device);
  set_utf16(out, kVendor, identity.vendor);
  set_text(out, kSerial, identity.serial);
  out.set(kTargetType, Value::integer(identity.type));
  out.set(kTargetId, Value::integer(identity.id));
  IcsText version;
  append_version(identity.version, version);
  out.set(kTargetVersion, Value::text(out.event().keep(version.view())));
}

// V3 has the arguments apart. Of what sets a password only the word is told.
void append_shell(const CodesysMessage& message, auto& text) {
  if (codesys_sets_password(message.shell)) return text.append_escaped(codesys_shell_word(message.shell));
  text.append_escaped(message.shell);
  if (message.arguments.empty()) return;
  text.append(' ');
  text.append_escaped(message.arguments);
}

void set_function(EventWriter& out, const CodesysSubject& subject) {
  IcsText name;
  append_codesys_name(subject, name);
  out.set(kVersion, Value::integer(subject.kind == CodesysKind::v2 ? 2 : 3));
  out.set(kFunction, Value::text(out.event().keep(name.view())));
  const bool counted = subject.kind != CodesysKind::v2 || subject.command == 0;
  if (counted && subject.kind != CodesysKind::names) out.set(kGroup, Value::integer(subject.code));
  if (subject.kind == CodesysKind::service || subject.kind == CodesysKind::names)
    out.set(kCommand, Value::integer(subject.command));
}

void set_body(EventWriter& out, const CodesysMessage& message) {
  if (message.subject.kind == CodesysKind::service) out.set(kEncrypted, Value::boolean(message.encrypted));
  set_number(out, kPriority, message.priority);
  set_hex(out, kSender, message.sender);
  set_hex(out, kReceiver, message.receiver);
  set_number(out, kChannel, message.channel);
  set_number(out, kSession, message.session);
  set_number(out, kBlock, message.block);
  set_number(out, kSize, message.size);
  set_text(out, kUser, message.user);
  if (message.password) out.set(kPassword, Value::boolean(true));
  set_text(out, kPath, message.path);
  if (!message.shell.empty() && out.wants(kShell)) {
    TextBuffer shell;
    append_shell(message, shell);
    out.set(kShell, Value::text(out.event().keep(shell.view())));
  }
  set_number(out, kError, message.error);
  if (message.identity) set_identity(out, *message.identity);
  set_text(out, kProduct, message.product);
  if (message.os.empty() || !out.wants(kSystem)) return;
  IcsText system;
  system.append_escaped(message.os);
  if (!message.os_type.empty()) system.append(' ');
  system.append_escaped(message.os_type);
  out.set(kSystem, Value::text(out.event().keep(system.view())));
}

class CodesysAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    CodesysFrame frame;
    const auto certain = [](Bytes from) {
      CodesysFrame other;
      ByteReader reader{from};
      if (const auto fault = read_codesys_frame(reader, other)) return frame_verdict(fault);
      const bool v2 = !other.v3 && !other.side && !other.payload.empty();
      return other.v3 || (v2 && !codesys_v2_name(other.payload.front()).empty()) ? Verdict::yes : Verdict::no;
    };
    return streams_[static_cast<std::size_t>(direction)].read(
        bytes, context, [&](ByteReader& reader) { return read_codesys_frame(reader, frame); },
        [&] { take(frame, direction, context); }, certain);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override { take_v3(bytes, direction, context); }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[static_cast<std::size_t>(direction)].gap();
    context.refused(DecodeError::truncated);
    while (Request* request = open_.find([&](const Request& r) { return r.direction != direction; }))
      open_.remove(request);
    end_messages([&](const Unfinished& message) { return message.direction == direction; }, context);
  }

  void finish(Context& context) override {
    end_messages([](const Unfinished&) { return true; }, context);
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  void take(const CodesysFrame& frame, Direction direction, Context& context) {
    if (frame.v3) return take_v3(frame.payload, direction, context);
    // Who opens first asks, also in a capture that took the sides for each other.
    const bool opens = frame.payload.size() == 1 && frame.payload.front() == kCodesysV2Opening;
    const auto of_other = [&](const Request& r) { return r.direction != direction; };
    if (opens && !asking_ && open_.find(of_other) == nullptr) asking_ = direction;
    CodesysMessage message;
    read_codesys_v2(frame, direction == asking_.value_or(Direction::to_responder), message);
    tell(message, frame.payload, direction, context);
  }

  void take_v3(Bytes datagram, Direction direction, Context& context) {
    const Timestamp now = context.now();
    end_messages([&](const Unfinished& u) { return now - u.time > IcsRequests<Request>::kPatience; }, context);
    CodesysMessage message;
    if (!read_codesys_v3(datagram, message))
      context.refused(DecodeError::bad_value);
    else if (message.block)
      return take_block(datagram, message, direction, context);
    if (message.subject.kind != CodesysKind::none) tell(message, {}, direction, context);
  }

  // Blocks belong to what goes on with their number: what begins out of turn, as controllers drop it, ends nothing.
  void take_block(Bytes datagram, const CodesysMessage& block, Direction direction, Context& context) {
    const bool begins = block.size.has_value();
    const std::uint32_t number = *block.block + (begins ? 1U : 0U);
    const auto at = std::ranges::find_if(unfinished_, [&](const Unfinished& u) {
      return u.direction == direction && u.channel == block.channel && u.next == number;
    });
    const bool known = at != unfinished_.end();
    if (!begins) {
      if (known && at->add(block)) end_message(at, context);
      return;
    }
    if (known) end_message(at, context);
    if (block.part.size() >= *block.size || datagram.size() >= Unfinished::kBytesMax)
      return tell_service(datagram, direction, context);
    if (unfinished_.size() == Unfinished::kMost) {
      context.refused(DecodeError::limit);
      end_message(unfinished_.begin(), context);
    }
    unfinished_.push_back({context.now(),
                           direction,
                           *block.channel,
                           number,
                           *block.size - block.part.size(),
                           {datagram.begin(), datagram.end()}});
  }

  // It is told as far as it came.
  void end_message(std::vector<Unfinished>::iterator at, Context& context) {
    const Unfinished ended = std::move(*at);
    unfinished_.erase(at);
    tell_service(ended.bytes, ended.direction, context);
  }

  void end_messages(auto&& which, Context& context) {
    const auto next = [&] { return std::ranges::find_if(unfinished_, which); };
    for (auto at = next(); at != unfinished_.end(); at = next()) end_message(at, context);
  }

  void tell_service(Bytes datagram, Direction direction, Context& context) {
    CodesysMessage message;
    if (read_codesys_v3(datagram, message) && read_codesys_service(message.part, message))
      tell(message, {}, direction, context);
    else
      context.refused(DecodeError::bad_value);
  }

  // `payload`: of V2.
  void tell(CodesysMessage& message, Bytes payload, Direction direction, Context& context) {
    if (!context.wants(kCodesys) && !context.wants(kDevice)) return;
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (message.request)
      request(message, direction, context);
    else
      response(message, payload, direction, context);
  }

  static EventWriter begin(const CodesysSubject& subject, bool request, Timestamp time, Context& context) {
    EventWriter out = context.begin(kCodesys, time);
    out.set(kIsOrig, Value::boolean(request));
    set_function(out, subject);
    return out;
  }

  static IcsCommand command_of(const CodesysMessage& message, Context& context) {
    const bool texts = wants_ics_texts(context, kCodesys, kIcs);
    IcsCommand command = codesys_command(message, texts);
    if (texts) append_shell(message, command.value);
    return command;
  }

  void request(const CodesysMessage& message, Direction direction, Context& context) {
    Request asked{context.now(), direction, message.subject, command_of(message, context)};
    if (context.wants(kCodesys)) {
      EventWriter out = begin(message.subject, true, context.now(), context);
      set_body(out, message);
      write_ics(out, kIcs, asked.command);
      context.emit();
    }
    if (message.waits) open_.add(std::move(asked), context, [&](const Request& old) { unanswered(old, context); });
  }

  static bool answers(const CodesysSubject& asked, CodesysSubject subject) {
    if (subject.kind != asked.kind) return false;
    if (subject.kind == CodesysKind::v2) return subject.command != kCodesysV2Side;  // in order
    if (subject.kind == CodesysKind::names) return subject.key == asked.key;        // of another package
    if (subject.kind == CodesysKind::channel) subject.code = kCodesysOpen;
    return subject == asked;
  }

  void response(CodesysMessage& message, Bytes payload, Direction direction, Context& context) {
    Request* asked =
        open_.find([&](const Request& r) { return r.direction != direction && answers(r.subject, message.subject); });
    const bool v2 = message.subject.kind == CodesysKind::v2;
    if (v2 && asked != nullptr) {
      message.subject = asked->subject;
      if (asked->subject.code == kCodesysV2Opening) read_codesys_v2_identity(payload, message);
    }
    if (context.wants(kCodesys)) tell_response(message, asked, context);
    if (asked != nullptr) open_.remove(asked);
    tell_device(message, direction, context);
  }

  static void tell_response(const CodesysMessage& message, const Request* asked, Context& context) {
    const IcsCommand command = asked == nullptr ? command_of(message, context) : asked->command;
    EventWriter out = begin(message.subject, false, context.now(), context);
    set_body(out, message);
    if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
    const bool refused = message.error.value_or(0) != 0;
    IcsText reason;
    if (refused) {
      reason.append("error ");
      reason.append_number(*message.error);
    }
    write_ics(out, kIcs, command, refused ? IcsOutcome::refused : IcsOutcome::ok, out.event().keep(reason.view()));
    context.emit();
  }

  void tell_device(const CodesysMessage& message, Direction from, Context& context) {
    if (!context.wants(kDevice)) return;
    if (message.identity) return tell_identity(message, *message.identity, from, context);
    if (message.product.empty() && message.os.empty()) return;
    IcsText product, description;
    product.append_escaped(message.product);
    description.append_escaped(message.os);
    if (!message.os_type.empty()) description.append(' ');
    description.append_escaped(message.os_type);
    devices_.tell({.protocol = "codesys", .product = product.view(), .description = description.view()}, kDevice, from,
                  context);
  }

  void tell_identity(const CodesysMessage& message, const CodesysIdentity& identity, Direction from, Context& context) {
    const std::string node = text_of_utf16(identity.node, kNameBytesMax),
                      device = text_of_utf16(identity.device, kNameBytesMax),
                      vendor = text_of_utf16(identity.vendor, kNameBytesMax);
    IcsText unit, serial, version;
    unit.append_octets(message.sender);
    append_serial(identity.serial, serial);
    append_version(identity.version, version);
    devices_.tell({.protocol = "codesys",
                   .unit = unit.view(),
                   .vendor = vendor,
                   .product = device,
                   .serial_number = serial.view(),
                   .firmware = version.view(),
                   .name = node},
                  kDevice, from, context);
  }

  static void append_serial(Bytes serial, IcsText& text) {
    while (!serial.empty() && serial.back() == 0) serial = serial.first(serial.size() - 1);
    text.append_escaped(serial);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kCodesys)) return;
    EventWriter out = begin(request.subject, true, request.time, context);
    if (request.subject.kind == CodesysKind::service) out.set(kChannel, Value::integer(request.subject.key));
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  std::optional<Direction> asking_;  // V2's, once it is known
  IcsRequests<Request> open_;
  std::vector<Unfinished> unfinished_;  // the oldest first
  KnownDevices devices_;
  std::array<FrameStream, 2> streams_{};  // by direction
};

// Off the ports only what says something, and in V2 only a frame that is all there is.
Verdict probe_stream(Bytes first, bool on_port) {
  ByteReader reader{first};
  CodesysFrame frame;
  const auto fault = read_codesys_frame(reader, frame);
  if (fault == DecodeError::truncated) {
    constexpr std::size_t kBlockDecides = CodesysFrame::kBlockHeader + 1, kV2Decides = 24;
    if (frame.v3 && first.size() >= kBlockDecides) return Verdict::yes;
    return on_port || first.size() < kV2Decides ? Verdict::unsure : Verdict::no;
  }
  if (fault) return Verdict::no;
  return on_port || frame.v3 || reader.empty() ? Verdict::yes : Verdict::no;
}

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  if (transport == Transport::tcp) return probe_stream(first, on_port);
  CodesysMessage message;
  if (!read_codesys_v3(first, message)) return Verdict::no;
  const bool says =
      message.subject.kind != CodesysKind::none || (message.size && read_codesys_service(message.part, message));
  return on_port || says ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<CodesysAnalyzer>(); }

}  // namespace

Protocol codesys_protocol() {
  Protocol p;
  p.name = "codesys";
  p.help = "CODESYS V2 and V3: programs, commands and files of controllers that run it";
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
