// IEC 60870-5-104, telecontrol of power grids, water and the like. iec104_apci.h and iec104_asdu.h show the wire.
//
// One `iec104` event per APDU. A confirmation is joined to its activation by type, common address and the first
// object's address; U frames are by their function. Either side may ask, so each has its own requests that wait.
#include <algorithm>
#include <array>
#include <bit>

#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/iec104_apci.h"
#include "ingest/network/protocols/iec104_asdu.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kApduLen,
  kApciType,
  kFunction,
  kTx,
  kRx,
  kType,
  kTypeId,
  kSequence,
  kNumber,
  kCause,
  kCauseName,
  kNegative,
  kTest,
  kOriginator,
  kAddress,
  kObjects,
  kValues,
  kQualities,
  kTimes,
  kSelect,
  kQualifier,
  kQualifierName,
  kCounts,
  kElapsed,
  kFiles,
  kSections,
  kSizes,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the controlling station"},
    {"apdu_len", "integer", "octets behind the length"},
    {"apci_type", "text", "I, S or U"},
    {"apci_function", "text", "of a U frame: STARTDT_ACT, STARTDT_CON, STOPDT_ACT, ... (ours)"},
    {"apci_tx", "integer", "number of this I frame"},
    {"apci_rx", "integer", "number of the I frame that is awaited"},
    {"info_obj_type", "text", "M_SP_NA_1, C_SC_NA_1, ...; unknown-NN when it has no name"},
    {"info_obj_type_id", "integer", "the type's number (ours)"},
    {"seq", "boolean", "the objects' addresses follow one another"},
    {"num_ix", "integer", "how many objects or elements"},
    {"cause_tx", "integer", "cause of transmission"},
    {"cause", "text", "its name: SPONTANEOUS, ACTIVATION, ACTIVATION_CON, ...; unknown-NN when it has none (ours)"},
    {"negative", "boolean", "a confirmation says no"},
    {"test", "boolean", "generated under test conditions"},
    {"originator_address", "integer", "which controlling station asked; 0 when nobody tells"},
    {"common_address", "integer", "the station, or a part of it"},
    {"info_obj_addrs", "list of integer", "the objects' addresses (ours)"},
    {"values", "list of text", "the objects' values: ON, OFF, 1.5, ... (ours)"},
    {"qualities", "list of text",
     "good, or what is wrong with each value: invalid, not_topical, substituted, blocked, overflow, elapsed_invalid, "
     "of counters carry and adjusted; divided by '+' (ours)"},
    {"times", "list of text",
     "the station's clock at each object, in its own zone; minutes and seconds only where it sends no more (ours)"},
    {"select", "boolean", "a command only selects, to be executed later (ours)"},
    {"qualifier", "integer", "of a command, an interrogation, a parameter, a reset, a file, an initialisation (ours)"},
    {"qualifier_name", "text", "its name: short_pulse, station, process, select_file, ... (ours)"},
    {"counter_sequences", "list of integer", "sequence numbers of counters (ours)"},
    {"elapsed", "list of interval", "of protection equipment: how long it took; of a test: the delay (ours)"},
    {"files", "list of integer", "names of files, which are numbers (ours)"},
    {"sections", "list of integer", "sections of them (ours)"},
    {"sizes", "list of integer", "octets of the files, sections or segments (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kService{"iec104"};
constexpr std::size_t kIec104 = 0;
constexpr std::array<event::TypeSpec, 1> kTypes{{{"iec104", "normwatch", kService, kIcsCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{2404};

bool monitored(std::uint8_t type) { return type <= kIec104LastMonitored || type == kIec104EndOfInit; }

// What a message is in the conversation: nobody's, a request or the reply to one.
enum class Role : std::uint8_t { report, request, reply };

// By what replies find their requests.
struct Key {
  std::uint16_t kind = 0;  // the type, or one of those below
  std::uint8_t cause = 0;  // of the confirmation
  std::uint16_t address = 0;
  std::int64_t object = 0;

  static constexpr std::uint16_t kFunction = 0x100, kFile = 0x200;
  static constexpr std::uint16_t kEveryone = 0xffff;  // the common address of all stations
};

struct Request {
  Timestamp time;
  Key key;
  bool select = false;
  std::uint8_t function = 0;  // of a U frame
  Iec104Head head;
  IcsCommand command;

  [[nodiscard]] bool is(const Key& other, bool selects) const {
    return same(other) && key.address == other.address && key.cause == other.cause && select == selects;
  }
  // What is not understood comes back with another cause.
  [[nodiscard]] bool answered_by(const Key& reply) const {
    const bool unknown = reply.kind != Key::kFunction && reply.cause >= kIec104UnknownType;
    return same(reply) && (key.address == reply.address || key.address == Key::kEveryone) &&
           (key.cause == reply.cause || unknown);
  }

 private:
  [[nodiscard]] bool same(const Key& other) const { return key.kind == other.kind && key.object == other.object; }
};

// An ASDU as it was read.
struct Asdu {
  Iec104Head head;
  Iec104Objects objects;

  [[nodiscard]] bool is_file() const { return head.type >= kIec104FileReady && head.type <= kIec104QueryLog; }

  [[nodiscard]] Role role() const {
    if (head.cause >= kIec104UnknownType) return Role::reply;
    if (is_file()) return calls() ? Role::request : Role::reply;
    if (monitored(head.type)) return head.cause == kIec104Request ? Role::reply : Role::report;
    switch (head.cause) {
      case kIec104Activation:
      case kIec104Deactivation: return Role::request;
      case kIec104ActivationCon:
      case kIec104DeactivationCon:
      case kIec104Termination: return Role::reply;
      default: return head.type == kIec104Read && head.cause == kIec104Request ? Role::request : Role::report;
    }
  }

  [[nodiscard]] Key key() const {
    Key key{head.type, head.cause, head.address, 0};
    if (const auto all = objects.addresses.all(); !all.empty()) key.object = all.front().as_integer();
    if (is_file()) {
      key.kind = Key::kFile;
      if (head.cause < kIec104UnknownType) key.cause = 0;
    } else if (monitored(head.type)) {
      key.kind = kIec104Read;
    } else if (head.cause == kIec104Activation || head.cause == kIec104Deactivation) {
      ++key.cause;  // the confirmation's
    }
    return key;
  }

  // Why the station does not do it; empty when it does.
  [[nodiscard]] std::string_view refusal() const {
    if (head.cause >= kIec104UnknownType) return iec104_cause_name(head.cause);
    if (head.negative) return "NEGATIVE_CONFIRM";
    const unsigned qualifier = objects.qualifier.value_or(0), low = qualifier & 0x0fU;
    const bool ready = head.type == kIec104FileReady || head.type == kIec104SectionReady;
    if (ready && (qualifier & 0x80U) != 0) return "NOT_READY";
    return head.type == kIec104AckFile && (low == 2 || low == 4) ? "FILE_REFUSED" : std::string_view{};
  }

 private:
  // Whether a file, a section, a directory or a log is asked for.
  [[nodiscard]] bool calls() const {
    constexpr std::array<unsigned, 4> kCalls{1, 2, 5, 6};  // select and request, both of files and of sections
    return head.type == kIec104QueryLog ||
           (head.type == kIec104CallFile &&
            (head.cause == kIec104Request || std::ranges::count(kCalls, objects.qualifier.value_or(0) & 0x0fU) != 0));
  }
};

// Whether counters are frozen or reset, and not only asked for.
bool freezes(const Asdu& asdu) {
  return asdu.head.type == kIec104Counters && (asdu.objects.qualifier.value_or(0) & 0xc0U) != 0;
}

void write_head(EventWriter& out, const Iec104Head& head) {
  const Iec104Type* type = find_iec104_type(head.type);
  out.set(kType, named(out, type == nullptr ? std::string_view{} : type->name, head.type));
  out.set(kTypeId, Value::integer(head.type));
  out.set(kSequence, Value::boolean(head.sequence));
  out.set(kNumber, Value::integer(head.number));
  out.set(kCause, Value::integer(head.cause));
  out.set(kCauseName, named(out, iec104_cause_name(head.cause), head.cause));
  out.set(kNegative, Value::boolean(head.negative));
  out.set(kTest, Value::boolean(head.test));
  if (head.originator) out.set(kOriginator, Value::integer(*head.originator));
  out.set(kAddress, Value::integer(head.address));
}

void write_objects(EventWriter& out, std::uint8_t type, const Iec104Objects& objects) {
  set_list(out, kObjects, objects.addresses.all());
  set_list(out, kValues, objects.values.all());
  set_list(out, kQualities, objects.qualities.all());
  set_list(out, kTimes, objects.times.all());
  set_list(out, kCounts, objects.counts.all());
  set_list(out, kElapsed, objects.elapsed.all());
  set_list(out, kFiles, objects.files.all());
  set_list(out, kSections, objects.sections.all());
  set_list(out, kSizes, objects.sizes.all());
  if (objects.select) out.set(kSelect, Value::boolean(*objects.select));
  if (!objects.qualifier) return;
  out.set(kQualifier, Value::integer(*objects.qualifier));
  if (const std::string_view name = iec104_qualifier_name(type, *objects.qualifier); !name.empty())
    out.set(kQualifierName, Value::text(name));
}

// `station/object`, `station/first-last`, `station/object/file/number/section`, or the station alone.
void describe(const Iec104Head& head, const Iec104Objects& objects, IcsCommand& command) {
  const auto addresses = objects.addresses.all(), files = objects.files.all(), sections = objects.sections.all();
  const bool whole = head.type >= kIec104EndOfInit && head.type <= kIec104LastSystem;  // not a point of it
  for (std::size_t i = 0; i < std::max<std::size_t>(addresses.size(), 1) && !command.target.full(); ++i) {
    command.target.next();
    command.target.append_number(head.address);
    if (i >= addresses.size() || (whole && addresses[i].as_integer() == 0)) continue;
    const auto first = static_cast<std::uint64_t>(addresses[i].as_integer());
    command.target.append('/');
    command.target.append_range(first, head.sequence ? addresses.size() : 1);
    if (i < files.size()) {
      command.target.append("/file/");
      command.target.append_number(files[i].as_integer());
    }
    if (i < sections.size()) {
      command.target.append('/');
      command.target.append_number(sections[i].as_integer());
    }
    if (head.sequence) break;
  }
  const auto values = command.operation == IcsOperation::time_set ? objects.times.all() : objects.values.all();
  for (const Value& value : values) {
    if (command.value.full()) return;
    command.value.next();
    command.value.append(value.as_text());
  }
}

class Iec104Analyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    FrameStream& frames = streams_[index(direction)];
    Iec104Apdu apdu;
    const auto read = [&](ByteReader& reader) -> std::optional<DecodeError> {
      ByteReader behind = reader;
      apdu = {};
      const auto fault = read_iec104_apdu(behind, frames.lost(), apdu);
      if (frames.lost() && apdu.exact && !is_plausible_iec104(apdu)) return DecodeError::bad_value;
      if (!fault) reader = behind;
      return fault;
    };
    const auto take_wanted = [&] {
      if (context.wants(kIec104)) message(apdu, direction, context);
    };
    return frames.read(bytes, context, read, take_wanted);
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[index(direction)].gap();
    open_[index(opposite(direction))].forget();
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    for (Direction asking : {Direction::to_responder, Direction::to_originator})
      open_[index(asking)].finish([&](const Request& request) { unanswered(request, asking, context); });
  }

 private:
  static std::size_t index(Direction direction) { return static_cast<std::size_t>(direction); }

  void message(const Iec104Apdu& apdu, Direction direction, Context& context) {
    for (Direction asking : {Direction::to_responder, Direction::to_originator})
      open_[index(asking)].expire(context.now(), [&](const Request& old) { unanswered(old, asking, context); });
    if (!apdu.exact) context.refused(DecodeError::bad_value);
    if (apdu.format == Iec104Format::i)
      information(apdu, direction, context);
    else if (apdu.format == Iec104Format::u)
      function(apdu, direction, context);
    else
      acknowledgement(apdu, direction, context);
  }

  EventWriter begin(const Iec104Apdu& apdu, Direction direction, Context& context) const {
    static constexpr std::array<std::string_view, 3> kFormats{"I", "S", "U"};
    EventWriter out = context.begin(kIec104, context.now());
    out.set(kIsOrig, Value::boolean(direction == controlling_));
    out.set(kApduLen, Value::integer(static_cast<std::int64_t>(apdu.length)));
    out.set(kApciType, Value::text(kFormats[static_cast<std::size_t>(apdu.format)]));
    if (apdu.format == Iec104Format::i) out.set(kTx, Value::integer(apdu.send));
    if (apdu.format != Iec104Format::u) out.set(kRx, Value::integer(apdu.receive));
    return out;
  }

  void acknowledgement(const Iec104Apdu& apdu, Direction direction, Context& context) const {
    EventWriter out = begin(apdu, direction, context);
    write_ics(out, kIcs, {});
    context.emit();
  }

  // The controlling station starts and stops the transfer; both may test.
  void function(const Iec104Apdu& apdu, Direction direction, Context& context) {
    const std::uint8_t code = apdu.function;
    const bool start = code == kIec104StartAct || code == kIec104StartCon,
               stop = code == kIec104StopAct || code == kIec104StopCon;
    const bool asks = code == kIec104StartAct || code == kIec104StopAct || code == kIec104TestAct;
    if (start || stop) controlling_ = asks ? direction : opposite(direction);
    Request request{context.now(), {Key::kFunction, code, 0, 0}, false, code, {}, {}};
    if (start || stop) request.command.operation = IcsOperation::subscribe;
    if (code == kIec104TestAct || code == kIec104TestCon) request.command.operation = IcsOperation::diagnose;
    if (start || stop) request.command.value.append(start ? "start" : "stop");
    if (asks)
      request.key.cause = code == kIec104StartAct  ? kIec104StartCon
                          : code == kIec104StopAct ? kIec104StopCon
                                                   : kIec104TestCon;
    EventWriter out = begin(apdu, direction, context);
    out.set(kFunction, named(out, iec104_function_name(code), code));
    if (!asks) join(out, request.key, direction, context);
    const bool reply = code == kIec104StartCon || code == kIec104StopCon || code == kIec104TestCon;
    write_ics(out, kIcs, request.command, reply ? std::optional{IcsOutcome::ok} : std::nullopt);
    context.emit();
    if (asks) wait(std::move(request), direction, context);
  }

  void information(const Iec104Apdu& apdu, Direction direction, Context& context) {
    const Iec104Widths widths = learn(apdu.asdu);
    ByteReader in{apdu.asdu};
    Asdu asdu;
    const bool headed = read_iec104_head(in, widths, asdu.head);
    if (headed) who_controls(asdu, direction);
    EventWriter out = begin(apdu, direction, context);
    if (!headed) {
      context.refused(DecodeError::bad_value);
      write_ics(out, kIcs, {});
      context.emit();
      return;
    }
    const bool described = wants_ics_texts(context, kIec104, kIcs);
    const bool texts = described || out.wants(kValues) || out.wants(kQualities) || out.wants(kTimes);
    if (!read_iec104_objects(in, asdu.head, widths, texts, out.event().arena(), asdu.objects))
      context.refused(DecodeError::bad_value);
    write_head(out, asdu.head);
    write_objects(out, asdu.head.type, asdu.objects);
    const Iec104Type* type = find_iec104_type(asdu.head.type);
    Request request{context.now(), asdu.key(), asdu.objects.select.value_or(false), 0, asdu.head, {}};
    if (type != nullptr) request.command.operation = type->operation;
    if (freezes(asdu)) request.command.operation = IcsOperation::write;
    const Role role = asdu.role();
    if (role == Role::request) keep_whole(request.command, context, kIec104, kIcs);
    if (described) describe(asdu.head, asdu.objects, request.command);
    const bool joined = role == Role::reply && join(out, request.key, direction, context);
    const std::string_view refusal = role == Role::reply ? asdu.refusal() : std::string_view{};
    std::optional<IcsOutcome> outcome;
    if (!refusal.empty())
      outcome = IcsOutcome::refused;
    else if (role == Role::reply && (joined || !asdu.is_file()))  // pieces of files go on without being asked for
      outcome = IcsOutcome::ok;
    write_ics(out, kIcs, request.command, outcome, refusal);
    context.emit();
    if (role == Role::request) wait(std::move(request), direction, context);
  }

  // In mid-stream, and from the wrong side round, what is said tells who says it.
  void who_controls(const Asdu& asdu, Direction direction) {
    if (asdu.is_file()) return;
    const Role role = asdu.role();
    if (role == Role::request) controlling_ = direction;
    if (role == Role::reply || monitored(asdu.head.type)) controlling_ = opposite(direction);
  }

  // Which widths the connection has: the standard's, unless an ASDU fits one of the others alone.
  Iec104Widths learn(Bytes asdu) {
    if (possible_ != kIec104WidthsStandard) {
      const std::uint8_t fitting = iec104_fitting(asdu);
      if (fitting == 0) return {};  // malformed: stations read it as the standard says
      if ((possible_ & fitting) != 0)
        possible_ &= fitting;
      else  // those before were malformed
        possible_ = fitting;
    }
    return iec104_widths(std::has_single_bit(possible_) ? static_cast<unsigned>(std::countr_zero(possible_)) : 0);
  }

  // Whether the request was seen that this answers; it waits no longer.
  bool join(EventWriter& out, const Key& reply, Direction direction, Context& context) {
    auto& open = open_[index(opposite(direction))];
    Request* asked = open.find([&](const Request& request) { return request.answered_by(reply); });
    if (asked == nullptr) return false;
    out.set(kRtt, Value::interval(context.now() - asked->time));
    open.remove(asked);
    return true;
  }

  void wait(Request request, Direction direction, Context& context) {
    auto& open = open_[index(direction)];
    const auto give_up = [&](const Request& old) { unanswered(old, direction, context); };
    if (Request* same = open.find([&](const Request& r) { return r.is(request.key, request.select); })) {
      give_up(*same);  // it is asked again
      open.remove(same);
    }
    open.add(std::move(request), context, give_up);
  }

  // The request once more, as nobody answered it.
  void unanswered(const Request& request, Direction direction, Context& context) const {
    EventWriter out = context.begin(kIec104, request.time);
    out.set(kIsOrig, Value::boolean(direction == controlling_));
    const bool function = request.key.kind == Key::kFunction;
    out.set(kApciType, Value::text(function ? "U" : "I"));
    if (function)
      out.set(kFunction, named(out, iec104_function_name(request.function), request.function));
    else
      write_head(out, request.head);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  std::array<IcsRequests<Request>, 2> open_;         // by the direction in which was asked
  Direction controlling_ = Direction::to_responder;  // where the controlling station sends
  std::uint8_t possible_ = kIec104WidthsAll;
  std::array<FrameStream, 2> streams_{};  // by direction
};

// Off the port random bytes reach neither a U nor an S frame, nor an I frame that fits to the octet and names nobody
// who asked, which is the rule.
bool convincing(const Iec104Apdu& apdu) {
  if (!is_plausible_iec104(apdu)) return false;
  if (apdu.format != Iec104Format::i) return true;
  ByteReader in{apdu.asdu};
  Iec104Head head;
  (void)read_iec104_head(in, {}, head);
  return head.originator == 0 && head.address != 0 && iec104_fitting(apdu.asdu) == kIec104WidthsStandard;
}

Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  Iec104Apdu apdu;
  // Stations pass over bits that should not be there (lib60870: of a U frame's octet), so on the port they hide
  // nothing.
  constexpr std::uint8_t kShortest = 10;  // with an ASDU
  const bool strict = !on_port || first.size() < 2 || first[1] >= kShortest;
  const auto fault = read_iec104_apdu(reader, strict, apdu);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  if (!fault) return on_port || convincing(apdu) ? Verdict::yes : Verdict::no;
  // A capture that begins in mid-stream may begin with TCP's keep-alive, which is any octet.
  if (!on_port || first.size() < 2) return Verdict::no;
  reader = ByteReader{first.subspan(1)};
  return !read_iec104_apdu(reader, true, apdu) && convincing(apdu) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<Iec104Analyzer>(); }

}  // namespace

Protocol iec104_protocol() {
  Protocol p;
  p.name = "iec104";
  p.help = "IEC 60870-5-104: telecontrol of power grids and other plants";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
