// HL7 version 2 over MLLP (HL7 2.5.1 chapter 2; "Minimal Lower Layer Protocol", release 1).
// | 0x0b | segment \r | segment \r ... | 0x1c 0x0d |; the first is
// MSH|^~\&|sending application|facility|receiving application|facility|time|security|type^event|control
// id|mode|version|...
//
// A frame may hold a batch (2.10.3): FHS | BHS | MSH ... | MSH ... | BTS | FTS; FHS and BHS begin like MSH.
//
// One `hl7` event per message, and for each of a batch's heads. Patients' data is never read: of all segments only MSH,
// FHS and BHS, and of an acknowledgement the code and the control id in MSA. What follows passes by until the message's
// end.
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
    {"message_type", "text", "ADT, ORM, ORU, ACK, ...; FHS for a file of batches, BHS for a batch (ours)"},
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
    {"ack_control_id", "text", "the message, batch or file that is acknowledged (ours)"},
    {"message_bytes", "integer",
     "bytes of the message, without its frame; absent in a batch and when it has more than 4096 (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"hl7"}, kCategory{"healthcare"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"hl7", "normwatch", kService, kCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{2575};

constexpr std::uint8_t kBegin = 0x0b, kEnd = 0x1c, kReturn = 0x0d;
constexpr std::size_t kHeadMax = 4 * 1024;  // bytes at a message's beginning that are read: MSH and, behind it, MSA
constexpr std::size_t kFieldMax = 256;      // bytes of a field that are told
constexpr unsigned kSegmentsMax = 4;        // behind MSH that may be MSA
constexpr std::size_t kNameBytes = 3;       // of a segment
constexpr std::size_t kHeadMin = 6;         // bytes of a head: its name and three separators

constexpr std::string_view kMessage = "MSH", kFile = "FHS", kBatch = "BHS";

constexpr bool is_mark(std::uint8_t c) { return c == kBegin || c == kEnd; }
// Some end segments with a line feed, or both.
constexpr bool ends_segment(std::uint8_t c) { return c == kReturn || c == '\n'; }
constexpr bool ends_text(std::uint8_t c) { return is_mark(c) || ends_segment(c); }

// The fields of MSH, FHS or BHS from the second on, between the separator that it names itself. Views the input.
struct Header {
  std::uint8_t component = '^';
  std::array<Bytes, 13> fields;  // MSH-N at N; the others have their control ids elsewhere, and no more of what is told
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

// The next segment.
Bytes segment_of(Bytes& text) {
  while (!text.empty() && ends_segment(text.front())) text = text.subspan(1);
  const auto end = std::ranges::find_if(text, ends_segment);
  const Bytes segment{text.begin(), end};
  text = {end, text.end()};
  return segment;
}

// Up to the end of the `count`-th segment, or of the frame. Nothing: more of it has to come.
std::optional<Bytes> segments_of(Bytes window, unsigned count) {
  Bytes rest = window;
  while (count != 0) {
    const auto end = std::ranges::find_if(rest, ends_text);
    if (end == rest.end()) return window.size() < kHeadMax ? std::nullopt : std::optional{window};
    if (is_mark(*end)) return Bytes{window.begin(), window.end() - (rest.end() - end)};
    if (end != rest.begin()) --count;
    rest = {end + 1, rest.end()};
  }
  return window.first(window.size() - rest.size());
}

constexpr bool is_separator(std::uint8_t c) {
  return c > 0x20 && c < 0x7f && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
}

bool is_named(Bytes segment, std::string_view name) {
  return segment.size() >= name.size() && std::equal(name.begin(), name.end(), segment.begin(),
                                                     [](char a, auto b) { return static_cast<std::uint8_t>(a) == b; });
}

bool is_head(Bytes segment) {
  return is_named(segment, kMessage) || is_named(segment, kFile) || is_named(segment, kBatch);
}

// A head's name, the separator of fields, and at least two more separators, all different.
bool begins_message(Bytes text) {
  if (text.size() < kHeadMin || !is_head(text)) return false;
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
        case State::body: done = pass(side, rest); break;
        case State::batch: done = batch(side, rest, direction, context); break;
        case State::segment: done = pass(side, rest); break;
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
    const bool in_batch = side.state == State::batch || side.state == State::segment;
    side.state = in_batch ? State::segment : State::body;
    context.refused(DecodeError::truncated);
  }

 private:
  // `batch`: at the beginning of one of its segments; `segment`: in one that is passed over.
  enum class State : std::uint8_t { between, head, body, batch, segment };
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
    if (begins_message(window) && !is_named(window, kMessage)) {
      side.state = State::batch;
      return 0;
    }
    const auto end = static_cast<std::size_t>(std::ranges::find_if(window, is_mark) - window.begin());
    if (end == window.size() && window.size() < kHeadMax) return 0;
    const bool ends = end != window.size() && window[end] == kEnd;
    const Bytes text = window.first(end);
    side.state = State::body;
    if (!begins_message(text)) {
      context.refused(DecodeError::bad_value);
    } else if (context.wants(0)) {
      tell(text, ends, direction, context);
    }
    return text.size();
  }

  // Up to the end mark; or to a beginning, when the end was lost. In a batch to the segment's end.
  static std::size_t pass(Side& side, Bytes rest) {
    const bool in_batch = side.state == State::segment;
    const auto stop =
        std::ranges::find_if(rest, [in_batch](std::uint8_t c) { return is_mark(c) || (in_batch && ends_segment(c)); });
    const auto passed = static_cast<std::size_t>(stop - rest.begin());
    if (stop == rest.end()) return passed;
    side.state = !is_mark(*stop) ? State::batch : *stop == kEnd ? State::between : State::head;
    return passed + 1;
  }

  // Waits for a head, and for what may be an acknowledgement behind it.
  static std::size_t batch(Side& side, Bytes rest, Direction direction, Context& context) {
    if (ends_segment(rest.front())) return 1;
    const Bytes name = rest.first(std::min(rest.size(), kNameBytes));
    if (name.size() < kNameBytes && std::ranges::none_of(name, ends_text)) return 0;
    if (is_head(name)) {
      const unsigned segments = is_named(name, kMessage) ? 1 + kSegmentsMax : 1;
      const auto text = segments_of(rest.first(std::min(rest.size(), kHeadMax)), segments);
      if (!text) return 0;
      if (!begins_message(*text)) {
        context.refused(DecodeError::bad_value);
      } else if (context.wants(0)) {
        tell(*text, false, direction, context);
      }
    }
    side.state = State::segment;
    return 0;
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
    set_text(out, kSendingApplication, header.fields[3]);
    set_text(out, kSendingFacility, header.fields[4]);
    set_text(out, kReceivingApplication, header.fields[5]);
    set_text(out, kReceivingFacility, header.fields[6]);
    out.set(kIsOrig, Value::boolean(direction == Direction::to_responder));
    if (whole) out.set(kBytes, Value::integer(static_cast<std::int64_t>(text.size())));
    if (is_named(text, kMessage)) {
      set_message(out, header);
      acknowledgement(rest, text[3], out);
    } else {
      set_text(out, kMessageType, text.first(kNameBytes));
      set_text(out, kControlId, header.fields[11]);
      set_text(out, kAckControlId, header.fields[12]);
    }
    context.emit();
  }

  static void set_message(EventWriter& out, const Header& header) {
    Bytes type = header.fields[9], processing = header.fields[11], version = header.fields[12];
    set_text(out, kMessageType, take(type, header.component));
    set_text(out, kTriggerEvent, take(type, header.component));
    set_text(out, kControlId, header.fields[10]);
    set_text(out, kVersion, take(version, header.component));
    set_text(out, kProcessingId, take(processing, header.component));
  }

  // MSA stands behind MSH, with software's and other technical segments between at most.
  static void acknowledgement(Bytes rest, std::uint8_t separator, EventWriter& out) {
    for (unsigned i = 0; i < kSegmentsMax && !rest.empty(); ++i) {
      Bytes segment = segment_of(rest);
      if (is_head(segment)) return;  // the next message of a batch
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
  if (first.empty()) return Verdict::unsure;
  if (first.front() != kBegin) return Verdict::no;
  const Bytes text = first.subspan(1);
  if (text.size() >= kHeadMin) return begins_message(text) ? Verdict::yes : Verdict::no;
  const std::size_t seen = std::min(text.size(), kNameBytes);
  const auto may_be = [&](std::string_view name) { return is_named(text, name.substr(0, seen)); };
  return may_be(kMessage) || may_be(kFile) || may_be(kBatch) ? Verdict::unsure : Verdict::no;
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
