// HL7 version 2 over MLLP (HL7 2.5.1 chapter 2; "Minimal Lower Layer Protocol", release 1).
// | 0x0b | segment \r | segment \r ... | 0x1c 0x0d |; the first is
// MSH|^~\&|sending application|facility|receiving application|facility|time|security|type^event|control
// id|mode|version|...
//
// One `hl7` event per message. Patients' data is never read: of all segments only MSH, and of an acknowledgement the
// code and the control id in MSA. What follows passes by until the message's end.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kMessageType,
  kTriggerEvent,
  kControlId,
  kVersion,
  kProcessingId,
  kSendingApplication,
  kSendingFacility,
  kReceivingApplication,
  kReceivingFacility,
  kIsOrig,
  kAckCode,
  kAckControlId,
  kBytes,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"message_type", "text", "ADT, ORM, ORU, ACK, ... (ours)"},
    {"trigger_event", "text", "what it is sent for: A01 admission, R01 result, ... (ours)"},
    {"control_id", "text", "the message's own number (ours)"},
    {"version", "text", "2.3, 2.5.1, ... (ours)"},
    {"processing_id", "text", "P production, T training, D debugging (ours)"},
    {"sending_application", "text", "(ours)"},
    {"sending_facility", "text", "(ours)"},
    {"receiving_application", "text", "(ours)"},
    {"receiving_facility", "text", "(ours)"},
    {"is_orig", "boolean", "sent by who opened the connection (ours)"},
    {"ack_code", "text", "of an acknowledgement: AA or CA accepted, AE or CE error, AR or CR rejected (ours)"},
    {"ack_control_id", "text", "the message that is acknowledged (ours)"},
    {"message_bytes", "integer", "bytes of the message, without its frame; absent when it has more than 4096 (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"hl7"}, kCategory{"healthcare"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"hl7", "normwatch", kService, kCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{2575};

constexpr std::uint8_t kBegin = 0x0b, kEnd = 0x1c, kReturn = 0x0d;
constexpr std::size_t kHeadMax = 4 * 1024;  // bytes at a message's beginning that are read: MSH and, behind it, MSA
constexpr std::size_t kFieldMax = 256;      // bytes of a field that are told

// MSH's fields from MSH-2 on, between the separator that it names itself. Views the input.
struct Header {
  std::uint8_t component = '^';
  std::array<Bytes, 13> fields;  // MSH-N at N
};

std::size_t find(Bytes text, std::uint8_t byte) {
  return static_cast<std::size_t>(std::ranges::find(text, byte) - text.begin());
}

// The part before `separator`; `text` moves behind it.
Bytes take(Bytes& text, std::uint8_t separator) {
  const std::size_t size = find(text, separator);
  const Bytes part = text.first(size);
  text = text.subspan(std::min(size + 1, text.size()));
  return part;
}

// The next segment. Some end theirs with a line feed: what follows it may be a patient's.
Bytes segment_of(Bytes& text) {
  Bytes line = take(text, kReturn);
  if (!line.empty() && line.front() == '\n') line = line.subspan(1);
  return line.first(find(line, '\n'));
}

constexpr bool is_separator(std::uint8_t c) {
  return c > 0x20 && c < 0x7f && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
}

// "MSH", the separator of fields, and at least two more separators, all different.
bool begins_message(Bytes text) {
  constexpr std::string_view kName = "MSH";
  if (text.size() < kName.size() + 3) return false;
  for (std::size_t i = 0; i < kName.size(); ++i)
    if (text[i] != static_cast<std::uint8_t>(kName[i])) return false;
  const std::uint8_t field = text[3], component = text[4], repetition = text[5];
  return is_separator(field) && is_separator(component) && is_separator(repetition) && field != component &&
         component != repetition && field != repetition;
}

Header read_header(Bytes segment) {
  Header out;
  const std::uint8_t separator = segment[3];
  out.component = segment[4];
  Bytes rest = segment.subspan(4);
  for (std::size_t i = 2; i < out.fields.size(); ++i) out.fields[i] = take(rest, separator);
  return out;
}

class Hl7Analyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    Bytes rest = bytes;
    while (!rest.empty()) {
      const State before = side.state;
      std::size_t done = 0;
      switch (side.state) {
        case State::between: done = frame(side, rest, context); break;
        case State::head: done = head(side, rest, direction, context); break;
        case State::body: done = body(side, rest); break;
      }
      if (done == kGiveUp) return kGiveUp;
      if (done == 0 && side.state == before) break;
      rest = rest.subspan(done);
    }
    return bytes.size() - rest.size();
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    // Within a body nothing is lost that anyone reads, unless it is the end: the next beginning then tells.
    if (side.state == State::body) return;
    side.state = State::body;
    context.refused(DecodeError::truncated);
  }

 private:
  enum class State : std::uint8_t { between, head, body };
  struct Side {
    State state = State::between;
    bool framed = false;  // a frame was seen: it is HL7 indeed
  };

  static std::size_t frame(Side& side, Bytes rest, Context& context) {
    if (rest.front() == kBegin) {
      side.framed = true;
      side.state = State::head;
      return 1;
    }
    // Some senders add line ends between messages.
    if (rest.front() == kReturn || rest.front() == '\n') return 1;
    context.refused(DecodeError::bad_value);
    if (!side.framed) return kGiveUp;
    side.state = State::body;  // receivers pass over what is in no frame
    return 0;
  }

  // Waits for the whole message, or as much of it as is read.
  static std::size_t head(Side& side, Bytes rest, Direction direction, Context& context) {
    const Bytes window = rest.first(std::min(rest.size(), kHeadMax));
    const std::size_t end = find(window, kEnd);
    const bool ends = end != window.size();
    if (!ends && window.size() < kHeadMax) return 0;
    const Bytes text = window.first(end);
    side.state = State::body;
    if (!begins_message(text)) {
      context.refused(DecodeError::bad_value);
    } else if (context.wants(0)) {
      tell(text, ends, direction, context);
    }
    return text.size();
  }

  // Up to the end mark; or to a beginning, when the end was lost.
  static std::size_t body(Side& side, Bytes rest) {
    const auto stop = std::ranges::find_if(rest, [](std::uint8_t c) { return c == kEnd || c == kBegin; });
    const auto passed = static_cast<std::size_t>(stop - rest.begin());
    if (stop == rest.end()) return passed;
    side.state = *stop == kEnd ? State::between : State::head;
    return passed + 1;
  }

  static void set_text(EventWriter& out, Field field, Bytes text) {
    if (text.empty() || !out.wants(field)) return;
    TextBuffer shown;
    shown.append_escaped(text.first(std::min(text.size(), kFieldMax)));
    out.set(field, Value::text(out.event().keep(shown.view())));
  }

  static void tell(Bytes text, bool whole, Direction direction, Context& context) {
    Bytes rest = text;
    const Header header = read_header(segment_of(rest));
    EventWriter out = context.begin(0, context.now());
    Bytes type = header.fields[9], processing = header.fields[11], version = header.fields[12];
    set_text(out, kMessageType, take(type, header.component));
    set_text(out, kTriggerEvent, take(type, header.component));
    set_text(out, kControlId, header.fields[10]);
    set_text(out, kVersion, take(version, header.component));
    set_text(out, kProcessingId, take(processing, header.component));
    set_text(out, kSendingApplication, header.fields[3]);
    set_text(out, kSendingFacility, header.fields[4]);
    set_text(out, kReceivingApplication, header.fields[5]);
    set_text(out, kReceivingFacility, header.fields[6]);
    out.set(kIsOrig, Value::boolean(direction == Direction::to_responder));
    if (whole) out.set(kBytes, Value::integer(static_cast<std::int64_t>(text.size())));
    acknowledgement(rest, text[3], out);
    context.emit();
  }

  // MSA stands behind MSH, with software's and other technical segments between at most.
  static void acknowledgement(Bytes rest, std::uint8_t separator, EventWriter& out) {
    constexpr unsigned kSegmentsMax = 4;
    for (unsigned i = 0; i < kSegmentsMax && !rest.empty(); ++i) {
      Bytes segment = segment_of(rest);
      const Bytes name = take(segment, separator);
      if (name.size() != 3 || name[0] != 'M' || name[1] != 'S' || name[2] != 'A') continue;
      set_text(out, kAckCode, take(segment, separator));
      set_text(out, kAckControlId, take(segment, separator));
      return;
    }
  }

  std::array<Side, 2> sides_;
};

// On any port alike: the frame's first byte, the first segment's name and its separators, which no chance brings
// together.
Verdict probe(Bytes first, Direction, Transport, bool) {
  constexpr std::size_t kEnough = 7;
  constexpr std::string_view kStart = "\x0bMSH";
  for (std::size_t i = 0; i < std::min(first.size(), kStart.size()); ++i)
    if (first[i] != static_cast<std::uint8_t>(kStart[i])) return Verdict::no;
  if (first.size() < kEnough) return Verdict::unsure;
  return begins_message(first.subspan(1)) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<Hl7Analyzer>(); }

}  // namespace

Protocol hl7_protocol() {
  Protocol p;
  p.name = "hl7";
  p.help = "HL7 version 2 over MLLP: which messages between which systems, never patients' data";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
