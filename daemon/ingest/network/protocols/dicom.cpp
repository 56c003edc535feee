// DICOM's upper layer over TCP (DICOM PS3.8, section 9.3): who talks with whom, about what kind of objects.
// | type u8 | 0 | length u32 | ...; an association's request and acceptance:
// | version u16 | 0 u16 | called title 16 | calling title 16 | 0 32 | (item u8 | 0 | length u16 | ...) ... |
//
// One `dicom` event per association request, acceptance, rejection, release and abort. Data sets, and so patients, are
// never read: they pass by. Nor is who proves what to be whom (user identity).
#include <algorithm>
#include <array>

#include "ingest/network/protocols/dicom_names.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kPdu,
  kIsOrig,
  kCalledTitle,
  kCallingTitle,
  kApplicationContext,
  kAbstractSyntaxes,
  kAbstractNames,
  kProposed,
  kAccepted,
  kImplementation,
  kResult,
  kDecidedBy,
  kReason,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"pdu", "text", "A-ASSOCIATE-RQ, -AC, -RJ, A-RELEASE-RQ, -RP, A-ABORT (ours)"},
    {"is_orig", "boolean", "sent by who opened the connection (ours)"},
    {"called_ae_title", "text", "the application that is called (ours)"},
    {"calling_ae_title", "text", "the application that calls (ours)"},
    {"application_context", "text", "1.2.840.10008.3.1.1.1 for DICOM (ours)"},
    {"abstract_syntaxes", "list of text", "what kinds of objects and services are asked for, as UIDs (ours)"},
    {"abstract_syntax_names", "list of text", "the common ones by name: Verification, CT Image Storage, ... (ours)"},
    {"contexts", "integer", "how many presentation contexts there are (ours)"},
    {"accepted_contexts", "integer", "of an acceptance: how many of them were accepted (ours)"},
    {"implementation", "text", "the sender's implementation version name (ours)"},
    {"result", "text", "accepted, rejected-permanent or rejected-transient (ours)"},
    {"decided_by", "integer", "of a rejection or an abort: its source, a number of PS3.8 (ours)"},
    {"reason", "integer", "of a rejection or an abort: why (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"dicom"}, kCategory{"healthcare"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"dicom", "normwatch", kService, kCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 2> kPorts{104, 11112};

constexpr std::uint8_t kRequest = 1, kAccept = 2, kReject = 3, kData = 4, kAbort = 7;  // 5 and 6: a release
constexpr std::size_t kAssociation = 68;                                               // bytes before the items
constexpr std::size_t kHeadMax = 32 * 1024;  // bytes of a PDU that are read; the rest passes by
constexpr std::size_t kContextsMax = 128;    // their numbers are odd and have eight bits
constexpr std::size_t kUidMax = 64;

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Without the blanks and zeros that fill it up.
Bytes trimmed(Bytes text) {
  const auto fills = [](std::uint8_t c) { return c == ' ' || c == 0; };
  while (!text.empty() && fills(text.back())) text = text.first(text.size() - 1);
  while (!text.empty() && fills(text.front())) text = text.subspan(1);
  return text;
}

// | item u8 | 0 | length u16 | contents |
struct Item {
  std::uint8_t type = 0;
  Bytes contents;
};
bool read_item(ByteReader& reader, Item& out) {
  out.type = reader.u8();
  reader.u8();
  const std::size_t length = reader.u16be();
  out.contents = reader.bytes(length);
  return reader.ok();
}

// Of a request or an acceptance. Views the input.
struct Association {
  Bytes called, calling, application, implementation;
  std::array<Bytes, kContextsMax> abstract{};
  std::size_t abstracts = 0, contexts = 0, accepted = 0;
};

bool read_context(Bytes contents, bool request, Association& out) {
  constexpr std::uint8_t kAbstract = 0x30;
  ByteReader reader{contents};
  reader.u16be();  // its number
  const std::uint8_t result = reader.u8();
  reader.u8();
  ++out.contexts;
  if (!request && reader.ok() && result == 0) ++out.accepted;
  Item item;
  while (!reader.empty() && read_item(reader, item))
    if (request && item.type == kAbstract && out.abstracts < kContextsMax)
      out.abstract[out.abstracts++] = trimmed(item.contents.first(std::min(item.contents.size(), kUidMax)));
  return reader.ok();
}

bool read_association(Bytes body, bool request, Association& out) {
  constexpr std::uint8_t kApplication = 0x10, kRequested = 0x20, kAnswered = 0x21, kUser = 0x50, kVersionName = 0x55;
  ByteReader reader{body};
  reader.u32be();
  out.called = trimmed(reader.bytes(16));
  out.calling = trimmed(reader.bytes(16));
  reader.bytes(32);
  Item item;
  bool good = true;
  while (!reader.empty() && read_item(reader, item)) {
    if (item.type == kApplication) out.application = trimmed(item.contents);
    if (item.type == kRequested || item.type == kAnswered) good = read_context(item.contents, request, out) && good;
    if (item.type != kUser) continue;
    ByteReader user{item.contents};
    for (Item one; !user.empty() && read_item(user, one);)
      if (one.type == kVersionName) out.implementation = trimmed(one.contents);
    good = good && user.ok();
  }
  return good && reader.ok();
}

struct Pdu {
  std::uint8_t type = 0;
  std::size_t length = 0;
};

// `truncated` asks for more bytes; `reader` moves only past a whole header.
std::optional<DecodeError> read_header(ByteReader& reader, Pdu& out) {
  ByteReader ahead = reader;
  out.type = ahead.u8();
  if (ahead.ok() && (out.type < kRequest || out.type > kAbort)) return DecodeError::bad_value;
  ahead.u8();
  out.length = ahead.u32be();
  if (!ahead.ok()) return DecodeError::truncated;
  const bool association = out.type == kRequest || out.type == kAccept;
  const bool fits = association         ? out.length >= kAssociation && out.length <= (1U << 20U)
                    : out.type == kData ? out.length >= 6
                                        : out.length == 4;
  if (!fits) return DecodeError::bad_value;
  reader = ahead;
  return {};
}

class DicomAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    ByteReader reader{bytes};
    for (;;) {
      const std::size_t passed = std::min(side.skip, reader.rest().size());
      reader.bytes(passed);
      side.skip -= passed;
      if (side.skip != 0) break;
      ByteReader ahead = reader;
      Pdu pdu;
      const auto fault = read_header(ahead, pdu);
      if (side.lost && fault) return bytes.size();  // after a gap: what begins no PDU is skipped, segment by segment
      if (fault == DecodeError::truncated) break;
      if (fault) {
        context.refused(*fault);
        return kGiveUp;
      }
      const Bytes body = ahead.bytes(pdu.type == kData ? 0 : std::min(pdu.length, kHeadMax));
      if (!ahead.ok()) break;
      side.lost = false;
      reader = ahead;
      side.skip = pdu.length - body.size();
      if (pdu.type != kData && context.wants(0)) tell(pdu.type, body, direction, context);
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    if (bytes <= side.skip) {
      side.skip -= bytes;  // of what would have passed by
      return;
    }
    side = {0, true};
    context.refused(DecodeError::truncated);
  }

 private:
  struct Side {
    std::size_t skip = 0;  // bytes of a PDU that still pass by
    bool lost = false;     // a gap came, no PDU found since
  };

  static void set_text(EventWriter& out, Field field, Bytes text) {
    if (text.empty() || !out.wants(field)) return;
    TextBuffer shown;
    shown.append_escaped(text);
    out.set(field, Value::text(out.event().keep(shown.view().substr(0, kUidMax))));
  }

  static void tell(std::uint8_t type, Bytes body, Direction direction, Context& context) {
    static constexpr std::array<std::string_view, 8> kNames{"", "A-ASSOCIATE-RQ", "A-ASSOCIATE-AC", "A-ASSOCIATE-RJ",
                                                            "", "A-RELEASE-RQ",   "A-RELEASE-RP",   "A-ABORT"};
    EventWriter out = context.begin(0, context.now());
    out.set(kPdu, Value::text(kNames[type]));
    out.set(kIsOrig, Value::boolean(direction == Direction::to_responder));
    if (type == kRequest || type == kAccept) {
      association(type, body, out, context);
    } else if (type == kReject || type == kAbort) {
      ByteReader reader{body};
      reader.u8();
      const std::uint8_t result = reader.u8();
      if (type == kReject) out.set(kResult, Value::text(result == 1 ? "rejected-permanent" : "rejected-transient"));
      out.set(kDecidedBy, Value::integer(reader.u8()));
      out.set(kReason, Value::integer(reader.u8()));
    }
    context.emit();
  }

  static void association(std::uint8_t type, Bytes body, EventWriter& out, Context& context) {
    Association read;
    if (!read_association(body, type == kRequest, read)) context.refused(DecodeError::truncated);
    if (read.contexts > kContextsMax) context.refused(DecodeError::limit);
    set_text(out, kCalledTitle, read.called);
    set_text(out, kCallingTitle, read.calling);
    set_text(out, kApplicationContext, read.application);
    set_text(out, kImplementation, read.implementation);
    out.set(kProposed, Value::integer(static_cast<std::int64_t>(read.contexts)));
    if (type == kAccept) out.set(kAccepted, Value::integer(static_cast<std::int64_t>(read.accepted)));
    if (type == kAccept) out.set(kResult, Value::text("accepted"));
    if (read.abstracts == 0) return;
    const auto uids = out.event().arena().make<Value>(read.abstracts);
    const auto names = out.event().arena().make<Value>(read.abstracts);
    std::size_t named = 0;
    for (std::size_t i = 0; i < std::min(uids.size(), names.size()); ++i) {
      TextBuffer text;
      text.append_escaped(read.abstract[i]);
      uids[i] = Value::text(out.event().keep(text.view()));
      const std::string_view name = dicom_name(as_text(read.abstract[i]));
      if (!name.empty()) names[named++] = Value::text(name);
    }
    out.set(kAbstractSyntaxes, Value::list(uids));
    if (named != 0) out.set(kAbstractNames, Value::list(names.first(named)));
  }

  std::array<Side, 2> sides_;
};

// Two titles in capitals, digits and blanks, and version 1: enough for any port.
Verdict judge_association(Bytes body) {
  constexpr std::size_t kTitles = 36;
  ByteReader reader{body};
  const std::uint16_t version = reader.u16be();
  if (reader.ok() && (version & 1U) == 0) return Verdict::no;
  reader.u16be();
  const Bytes titles = body.size() <= 4 ? Bytes{} : body.subspan(4, std::min(body.size(), kTitles) - 4);
  const bool printable = std::ranges::all_of(titles, [](std::uint8_t c) { return (c >= 0x20 && c < 0x7f) || c == 0; });
  if (!printable) return Verdict::no;
  return body.size() < kTitles ? Verdict::unsure : Verdict::yes;
}

Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  Pdu pdu;
  const auto fault = read_header(reader, pdu);
  if (fault == DecodeError::bad_value) return Verdict::no;
  const bool association = first.empty() || pdu.type == kRequest || pdu.type == kAccept;
  const bool reserved = first.size() < 2 || first[1] == 0;
  if (!on_port && (!association || !reserved)) return Verdict::no;
  if (fault) return Verdict::unsure;
  if (association) return judge_association(reader.rest());
  if (pdu.type != kData) return Verdict::yes;
  // A value's length, and the odd number of its context.
  const std::size_t value = reader.u32be();
  const std::uint8_t number = reader.u8();
  return !reader.ok() || (value >= 2 && value + 4 <= pdu.length && (number & 1U) != 0) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<DicomAnalyzer>(); }

}  // namespace

Protocol dicom_protocol() {
  Protocol p;
  p.name = "dicom";
  p.help = "DICOM: associations of medical devices, never patients' data";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
