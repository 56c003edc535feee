// GENISYS, railway signalling between an office and its field stations, over TCP and UDP (Union Switch & Signal,
// SM-6700):
// | header u8, 0xF1 to 0xFE | station u8 | pairs of address u8 and data u8 | CRC-16, low octet first | 0xF6 |
// Octets from 0xF0 on between header and terminator are sent as 0xF0 and what is to be added to it. Acknowledgements
// have no CRC, nor have polls that are not secured.
//
// One `genisys` event per message. A station is asked one thing at a time, so its answer belongs to what it was asked.
#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include "ingest/network/protocols/crc16.h"
#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t { kIsOrig, kHeader, kHeaderCode, kServer, kDirection, kCrc, kPayload, kRtt, kIcs };

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the office (ours)"},
    {"header", "text", "Poll, Indication Data, Control Data, Execute Controls, ..."},
    {"header_code", "integer", "its number (ours)"},
    {"server", "integer", "the station"},
    {"direction", "text", "request or response"},
    {"crc_transmitted", "text", "0x4083; absent from what has none"},
    {"payload", "list of text", "address=data of each pair"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kService{"genisys"};
constexpr std::size_t kGenisys = 0;
constexpr std::array<event::TypeSpec, 1> kTypes{{{"genisys", "normwatch", kService, kIcsCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{10001};

enum : std::uint8_t {
  kEscape = 0xF0,
  kAcknowledge = 0xF1,
  kIndication = 0xF2,
  kCheckback = 0xF3,
  kTerminator = 0xF6,
  kCommonControl = 0xF9,
  kAcknowledgeAndPoll = 0xFA,
  kPoll = 0xFB,
  kControl = 0xFC,
  kRecall = 0xFD,
  kExecute = 0xFE,
};

std::string_view header_name(std::uint8_t header) {
  switch (header) {
    case kAcknowledge: return "Acknowledge Client";
    case kIndication: return "Indication Data";
    case kCheckback: return "Control Data Checkback";
    case kCommonControl: return "Common Control Data";
    case kAcknowledgeAndPoll: return "Acknowledge Indication and Poll";
    case kPoll: return "Poll";
    case kControl: return "Control Data";
    case kRecall: return "Recall Header";
    case kExecute: return "Execute Controls";
    default: return {};
  }
}

IcsOperation operation_of(std::uint8_t header) {
  const bool reads = header == kAcknowledgeAndPoll || header == kPoll || header == kRecall || header <= kIndication;
  return reads ? IcsOperation::read : IcsOperation::control;
}

struct Message {
  // All pairs that an address can tell apart, the station and the CRC.
  static constexpr std::size_t kOctetsMax = 256 * 2 + 3;

  std::uint8_t header = 0;
  std::array<std::uint8_t, kOctetsMax> octets{};  // station, pairs, CRC: without escapes
  std::size_t size = 0, pairs_end = 0;
  std::optional<std::uint16_t> crc;

  [[nodiscard]] bool request() const noexcept { return header >= kCommonControl; }
  // What goes to all stations nobody answers.
  [[nodiscard]] bool answered() const noexcept { return header != kCommonControl && station() != 0; }
  [[nodiscard]] std::uint8_t station() const noexcept { return octets[0]; }
  // An address without data.
  [[nodiscard]] bool odd() const noexcept { return pairs_end % 2 == 0; }
  [[nodiscard]] Bytes pairs() const {
    const std::size_t end = pairs_end - (odd() ? 1 : 0);
    return Bytes{octets}.first(end).subspan(1);
  }
};

// Whether the CRC fits the octets, or they are what needs none. Then there is a station.
bool finish_message(Message& message) {
  const bool bare = message.header == kAcknowledge || (message.header == kPoll && message.size == 1);
  message.pairs_end = message.size;
  message.crc.reset();
  if (bare) return message.size == 1;
  constexpr std::size_t kCrcBytes = 2;
  if (message.size < 1 + kCrcBytes) return false;
  message.pairs_end -= kCrcBytes;
  const Bytes all = Bytes{message.octets}.first(message.size);
  ByteReader crc{all.subspan(message.pairs_end)};
  message.crc = crc.u16le();
  // Some stations begin it with ones, as in the capture that we know, others with zeros.
  constexpr std::array<std::uint16_t, 2> kBegins{0xFFFF, 0};
  return std::ranges::any_of(kBegins, [&](std::uint16_t begin) {
    return message.crc == crc16(crc16(begin, Bytes{&message.header, 1}), all.first(message.pairs_end));
  });
}

// `truncated` asks for more bytes; `reader` moves only past a whole message, or past what is none.
std::optional<DecodeError> read_message(ByteReader& reader, Message& out) {
  ByteReader in = reader;
  out.header = in.u8();
  out.size = 0;
  if (header_name(out.header).empty()) {
    reader.bytes(1);
    return DecodeError::bad_value;
  }
  for (;;) {
    const ByteReader before = in;
    std::uint8_t octet = in.u8();
    if (!in.ok()) return DecodeError::truncated;  // at most a thousand more, as the sizes are bounded
    if (octet == kTerminator) break;
    const ByteReader behind = in;
    const bool escape = octet == kEscape;
    if (escape) octet = in.u8();
    if (!in.ok()) return DecodeError::truncated;
    // Some stations do not escape an escape that ends the CRC.
    const bool last = escape && octet == kTerminator;
    if (last) in = behind;
    if ((octet > kEscape && !last) || out.size == Message::kOctetsMax) {
      reader = before;  // another message may begin here
      return DecodeError::bad_value;
    }
    // Stations add it, so any octet can be sent in this way.
    if (escape) octet = static_cast<std::uint8_t>(last ? kEscape : kEscape + octet);
    out.octets[out.size++] = octet;
  }
  reader = in;
  return finish_message(out) ? std::nullopt : std::optional{DecodeError::bad_value};
}

class GenisysAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    bool lost = false;
    for (Message message; !reader.empty();) {
      const auto fault = read_message(reader, message);
      if (fault && !std::exchange(lost, true)) context.refused(*fault);
      if (fault == DecodeError::truncated) return;
      if (!fault && context.wants(kGenisys)) take(message, direction, context);
    }
  }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Message message;
    const auto take_wanted = [&] {
      if (context.wants(kGenisys)) take(message, direction, context);
    };
    return streams_[static_cast<std::size_t>(direction)].read(
        bytes, context, [&](ByteReader& reader) { return read_message(reader, message); }, take_wanted);
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
    std::uint8_t header = 0, station = 0;
    IcsCommand command;
  };

  static EventWriter begin(std::uint8_t header, std::uint8_t station, Timestamp time, Context& context) {
    const bool request = header >= kCommonControl;
    EventWriter out = context.begin(kGenisys, time);
    out.set(kIsOrig, Value::boolean(request));
    out.set(kHeader, Value::text(header_name(header)));
    out.set(kHeaderCode, Value::integer(header));
    out.set(kServer, Value::integer(station));
    out.set(kDirection, Value::text(request ? "request" : "response"));
    return out;
  }

  static void write_body(EventWriter& out, const Message& message) {
    if (message.crc && out.wants(kCrc)) out.set(kCrc, hex_value(out, *message.crc, 2));
    if (!out.wants(kPayload)) return;
    const std::span<Value> values = out.event().arena().make<Value>(message.pairs().size() / 2);
    ByteReader in{message.pairs()};
    for (Value& value : values) {
      IcsText text;
      text.append_number(in.u8());
      text.append('=');
      text.append_number(in.u8());
      value = Value::text(out.event().keep(text.view()));
    }
    set_list(out, kPayload, values);
  }

  // `station/address` of each pair, or the station alone; the pairs' data are the values.
  static void describe(const Message& message, IcsCommand& command) {
    for (ByteReader in{message.pairs()}; !in.empty() && !command.target.full();) {
      command.target.next();
      command.target.append_number(message.station());
      command.target.append('/');
      command.target.append_number(in.u8());
      command.value.next();
      command.value.append_number(in.u8());
    }
    if (command.target.empty()) command.target.append_number(message.station());
  }

  void take(const Message& message, Direction direction, Context& context) {
    if (message.odd()) context.refused(DecodeError::bad_value);  // its CRC is right: stations may carry it out
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    open_.expire(context.now(), give_up);
    Request* asked = open_.find([&](const Request& r) {
      return r.station == message.station() && (r.direction != direction) != message.request();
    });
    IcsCommand command{operation_of(message.header), {}, {}};
    if (message.request()) keep_whole(command, context, kGenisys, kIcs);
    if (wants_ics_texts(context, kGenisys, kIcs)) describe(message, command);
    EventWriter out = begin(message.header, message.station(), context.now(), context);
    write_body(out, message);
    if (message.request()) {
      write_ics(out, kIcs, command);
      context.emit();
      if (!message.answered()) return;
      if (asked != nullptr) {
        give_up(*asked);  // a station is asked anew when it says nothing
        open_.remove(asked);
      }
      return open_.add({context.now(), direction, message.header, message.station(), command}, context, give_up);
    }
    if (asked != nullptr) {
      out.set(kRtt, Value::interval(context.now() - asked->time));
      // Indications may come in answer to controls, too: these are what is answered, not what they bring.
      const bool controlled = message.header == kIndication && asked->command.operation == IcsOperation::control;
      if (message.pairs().empty() || controlled) command = asked->command;
    }
    write_ics(out, kIcs, command, IcsOutcome::ok);
    context.emit();
    if (asked != nullptr) open_.remove(asked);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    EventWriter out = begin(request.header, request.station, request.time, context);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  static constexpr std::size_t kNoiseMax = std::numeric_limits<std::size_t>::max();

  IcsRequests<Request> open_;
  // By direction. Stations pass over whatever is no message, so noise hides nothing.
  std::array<FrameStream, 2> streams_{FrameStream{kNoiseMax}, FrameStream{kNoiseMax}};
};

// Off the port there must be messages alone, one with a right CRC among them: the others prove nothing. On the port a
// capture may begin within a message, and the next one with a CRC convinces.
Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  const bool tcp = transport == Transport::tcp;
  ByteReader reader{first};
  bool certain = false, alone = true;
  for (Message message; !reader.empty();) {
    const auto fault = read_message(reader, message);
    if (fault == DecodeError::truncated && tcp) break;
    if (fault && !on_port) return Verdict::no;
    alone = alone && !fault;
    certain = certain || (!fault && message.crc);
    if (on_port && (certain || (alone && tcp))) return Verdict::yes;
    if (fault == DecodeError::truncated) break;
  }
  if (!alone) return Verdict::no;
  if (!tcp) return certain || on_port ? Verdict::yes : Verdict::no;
  return certain ? Verdict::yes : Verdict::unsure;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<GenisysAnalyzer>(); }

}  // namespace

Protocol genisys_protocol() {
  Protocol p;
  p.name = "genisys";
  p.help = "GENISYS: indications and controls of railway signalling";
  p.types = kTypes;
  p.tcp = p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
