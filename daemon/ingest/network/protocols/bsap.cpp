// BSAP over IP: bsap_message.h shows the wire.
//
// One `bsap` event per message of a datagram, and one per datagram that only acknowledges. A response repeats its
// request's sequence.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "ingest/network/protocols/bsap_message.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kNumMsg,
  kTypeName,
  kMesSeq,
  kResSeq,
  kDataLen,
  kSequence,
  kAppFunc,
  kNodeStatus,
  kFunc,
  kFuncCode,
  kError,
  kCount,
  kVariables,
  kValues,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the master (ours)"},
    {"num_msg", "integer", "messages in the datagram"},
    {"type_name", "text", "REQUEST, RESPONSE, RESPONSECNT or POLL; unknown-NN, read as a request"},
    {"mes_seq", "integer", "number of the datagram"},
    {"res_seq", "integer", "number of the datagram that it acknowledges"},
    {"data_len", "integer", "octets of the message"},
    {"sequence", "integer", "number of the message; a response repeats its request's"},
    {"app_func_code", "text", "RDB, RDB_EXTENSION, ...; unknown-NN when it has no name"},
    {"node_status", "integer", "of a request: node status"},
    {"func_code", "text",
     "READ_SIGNAL_BY_NAME, WRITE_SIGNAL_BY_ADDRESS, ...; of a response what was asked; unknown-NN"},
    {"func_number", "integer", "its number (ours)"},
    {"error", "integer", "of a response: error bits of the remote database (ours)"},
    {"variable_count", "integer", "signals in the message"},
    {"variables", "list of text", "signal/NAME or address/0xNN of each"},
    {"variable_value", "list of text", "ON, OFF or a number for each, read or written"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kService{"bsap"};
constexpr std::size_t kBsap = 0;
constexpr std::array<event::TypeSpec, 1> kTypes{{{"bsap", "normwatch", kService, kIcsCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 2> kPorts{1234, 1235};

void append_list(std::span<const Value> list, IcsText& text) {
  for (const Value& value : list) {
    if (text.full()) return;
    text.next();
    text.append(value.as_text());
  }
}

class BsapAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    BsapHead head;
    if (const auto fault = read_bsap_head(reader, head)) return context.refused(*fault);
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (head.messages == 0) {
      if (!reader.empty()) context.refused(DecodeError::bad_value);
      return acknowledgement(head, direction, context);
    }
    for (std::uint16_t i = 0; i < head.messages; ++i) {
      if (i == kBsapMessagesMax) return context.refused(DecodeError::limit);
      BsapMessage message;
      if (!read_bsap_message(reader, message)) return context.refused(DecodeError::truncated);
      // Told nevertheless: nobody knows which sizes a device looks at.
      if (message.fault) context.refused(*message.fault);
      if (context.wants(kBsap)) tell(head, message, direction, context);
      if (message.fault && reader.empty()) return;
    }
    if (!reader.empty()) context.refused(DecodeError::bad_value);
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  struct Request {
    Timestamp time;
    Direction direction = Direction::to_responder;
    BsapHead head;
    std::uint32_t sequence = 0;
    BsapAsked asked;
    IcsCommand command;
  };

  static EventWriter begin(const BsapHead& head, bool from_master, Timestamp time, Context& context) {
    EventWriter out = context.begin(kBsap, time);
    out.set(kIsOrig, Value::boolean(from_master));
    out.set(kNumMsg, Value::integer(head.messages));
    out.set(kTypeName, named(out, bsap_type_name(head.type), head.type));
    out.set(kMesSeq, Value::integer(head.sequence));
    out.set(kResSeq, Value::integer(head.acknowledged));
    return out;
  }

  static void write_asked(EventWriter& out, const BsapAsked& asked) {
    out.set(kAppFunc, named(out, bsap_function_name(asked.function), asked.function));
    if (!asked.command) return;
    const bool extension = asked.function == kBsapExtension;
    out.set(kFunc, named(out, extension ? bsap_extension_name(*asked.command) : bsap_command_name(*asked.command),
                         *asked.command));
    out.set(kFuncCode, Value::integer(*asked.command));
  }

  static void write_body(EventWriter& out, const BsapMessage& message, const BsapBody& body) {
    out.set(kDataLen, Value::integer(message.length));
    out.set(kSequence, Value::integer(message.sequence));
    if (body.count) out.set(kCount, Value::integer(*body.count));
    set_list(out, kVariables, body.names);
    set_list(out, kValues, body.values);
  }

  void tell(const BsapHead& head, const BsapMessage& message, Direction direction, Context& context) {
    if (head.response())
      response(head, message, direction, context);
    else
      request(head, message, direction, context);
  }

  // The side that says nothing new: masters do so behind a response.
  void acknowledgement(const BsapHead& head, Direction direction, Context& context) const {
    if (!context.wants(kBsap)) return;
    EventWriter out = begin(head, direction == asking_, context.now(), context);
    write_ics(out, kIcs, {});
    context.emit();
  }

  void request(const BsapHead& head, const BsapMessage& message, Direction direction, Context& context) {
    asking_ = direction;
    EventWriter out = begin(head, true, context.now(), context);
    BsapBody body;
    if (!read_bsap_request(message, out.event().arena(), body) && !message.fault)
      context.refused(DecodeError::bad_value);
    Request now{context.now(), direction, head, message.sequence, body.asked, {bsap_operation(body.asked), {}, {}}};
    keep_whole(now.command, context, kBsap, kIcs);
    if (wants_ics_texts(context, kBsap, kIcs)) {
      append_list(body.names, now.command.target);
      append_list(body.values, now.command.value);
    }
    write_asked(out, body.asked);
    out.set(kNodeStatus, Value::integer(message.second));
    write_body(out, message, body);
    write_ics(out, kIcs, now.command);
    context.emit();
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    if (Request* same = find(message.sequence, direction)) {
      give_up(*same);  // it is asked again
      open_.remove(same);
    }
    open_.add(std::move(now), context, give_up);
  }

  Request* find(std::uint32_t sequence, Direction direction) {
    return open_.find([&](const Request& r) { return r.direction == direction && r.sequence == sequence; });
  }

  void response(const BsapHead& head, const BsapMessage& message, Direction direction, Context& context) {
    asking_ = opposite(direction);
    Request* asked = find(message.sequence, asking_);
    EventWriter out = begin(head, false, context.now(), context);
    BsapBody body;
    read_bsap_response(message, out.event().arena(), body);
    const IcsCommand nothing;
    const IcsCommand& command = asked != nullptr ? asked->command : nothing;
    if (asked != nullptr) {
      write_asked(out, asked->asked);
      out.set(kRtt, Value::interval(context.now() - asked->time));
    }
    out.set(kError, Value::integer(message.first));
    write_body(out, message, body);
    IcsText brought;
    const bool brings = !body.values.empty() && command.operation != IcsOperation::write;
    if (brings && wants_ics_texts(context, kBsap, kIcs)) append_list(body.values, brought);
    const bool refused = message.first != 0;
    write_ics(out, kIcs, command.operation, command.target.view(), brings ? brought.view() : command.value.view(),
              refused ? IcsOutcome::refused : IcsOutcome::ok,
              refused ? hex_value(out, message.first, 2).as_text() : std::string_view{});
    context.emit();
    if (asked != nullptr) open_.remove(asked);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    EventWriter out = begin(request.head, true, request.time, context);
    out.set(kSequence, Value::integer(request.sequence));
    write_asked(out, request.asked);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  Direction asking_ = Direction::to_responder;  // where requests go
  IcsRequests<Request> open_;
};

// All messages must fit, on the port those alone that have an odd header. Off the port an acknowledgement, which is
// mostly zeros, proves nothing.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  BsapHead head;
  if (read_bsap_head(reader, head) || (!on_port && !head.plausible())) return Verdict::no;
  if (head.messages == 0) return on_port && head.plausible() && reader.empty() ? Verdict::yes : Verdict::no;
  if (on_port && head.plausible()) return Verdict::yes;
  if (head.messages > kBsapMessagesMax) return Verdict::no;
  for (std::uint16_t i = 0; i < head.messages; ++i) {
    BsapMessage message;
    if (!read_bsap_message(reader, message) || message.fault) return Verdict::no;
  }
  return reader.empty() ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<BsapAnalyzer>(); }

}  // namespace

Protocol bsap_protocol() {
  Protocol p;
  p.name = "bsap";
  p.help = "BSAP over IP: signals of Bristol's and Emerson's remote controllers";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
