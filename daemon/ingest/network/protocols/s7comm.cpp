// S7comm and S7comm-plus, over ISO transport (cotp_reader.h): reads and writes of Siemens' controllers, their programs,
// start and stop. Which of the two a message is of says its first octet; s7comm_pdu.h and s7comm_plus.h have the wire.
//
// One `s7comm` or `s7comm_plus` event per PDU, as in ICSNPP's logs, behind it what the PDU says in more detail. Jobs
// come from both sides: a controller fetches the parts of a block that it is to load. A response is joined to its
// request by reference, function and direction.
#include <algorithm>
#include <utility>
#include <vector>

#include "ingest/network/protocols/cotp.h"
#include "ingest/network/protocols/cotp_reader.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/s7comm_device.h"
#include "ingest/network/protocols/s7comm_event.h"
#include "ingest/network/protocols/s7comm_message.h"
#include "ingest/network/protocols/s7comm_plus.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::array<std::uint16_t, 1> kPorts{102};
constexpr std::uint8_t kReadSzl = 1;
constexpr std::uint16_t kInitSsl = 0x05B3, kCreateObject = 0x04CA;

std::size_t index_of(Direction direction) { return static_cast<std::size_t>(direction); }
Value is_orig(Direction direction) { return Value::boolean(direction == Direction::to_responder); }

void set_named(EventWriter& out, std::size_t field, std::string_view name, unsigned number) {
  if (out.wants(field)) out.set(field, named(out, name, number));
}
void set_code(EventWriter& out, std::size_t field, std::uint64_t number, std::size_t digits = 2) {
  if (out.wants(field)) out.set(field, hex_value(out, number, digits));
}

// What of a request is known when its response comes, and told again when none does.
struct Request {
  Timestamp time;
  Direction direction{};
  std::uint8_t rosctr = 0;
  std::uint16_t reference = 0;
  std::optional<std::uint8_t> function;  // of user data kind and group
  std::uint8_t subfunction = 0;
  bool more = false;  // asks for the next part of an answer
  S7Shapes shapes;
  IcsCommand command;
};
struct PlusRequest {
  Timestamp time;
  Direction direction{};
  std::uint16_t function = 0, sequence = 0;
  std::uint8_t version = 0;
  std::optional<std::uint32_t> session;
  IcsCommand command;
};
// A message of S7comm-plus that comes in several PDUs.
constexpr std::size_t kPartsEnough = 512;
struct PlusParts {
  std::vector<std::uint8_t> content;  // its beginning, until it is told
  bool told = false;                  // the rest passes by
};
using Requests = IcsRequests<Request>;
using PlusRequests = IcsRequests<PlusRequest>;

void write_function(EventWriter& out, bool userdata, std::uint8_t function, std::uint8_t subfunction) {
  set_code(out, kS7FunctionCode, function);
  set_named(out, kS7FunctionName, userdata ? s7_group_name(function) : s7_function_name(function), function);
  if (!userdata) return;
  set_code(out, kS7SubfunctionCode, subfunction);
  set_named(out, kS7SubfunctionName, s7_subfunction_name(function, subfunction), subfunction);
}

void write_service(EventWriter& out, const S7Service& service) {
  if (service.name.empty()) return;
  const auto octets = [](std::string_view text) {
    return Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  };
  if (out.wants(kS7SubfunctionCode)) out.set(kS7SubfunctionCode, text_value(out, octets(service.name)));
  if (const std::string_view name = s7_service_name(service.name); !name.empty())
    out.set(kS7SubfunctionName, Value::text(name));
  if (!service.argument.empty() && out.wants(kS7Argument)) out.set(kS7Argument, text_value(out, service.argument));
}

void write_error(EventWriter& out, const S7Message& message) {
  const auto error = message.is_userdata ? message.userdata.error : message.pdu.error;
  if (!error || message.request) return;
  const auto error_class = static_cast<std::uint8_t>(*error >> 8U);
  if (message.is_userdata) {
    out.set(kS7ErrorClass, Value::text(*error == 0 ? "No error" : "Parameter Error"));
    set_code(out, kS7ErrorCode, *error);
  } else {
    set_named(out, kS7ErrorClass, s7_error_class_name(error_class), error_class);
    set_code(out, kS7ErrorCode, *error & 0xFFU);
  }
  if (const std::string_view name = s7_error_name(*error); !name.empty()) out.set(kS7ErrorName, Value::text(name));
}

void write_returns(EventWriter& out, const S7Message& message) {
  if (message.items) out.set(kS7ItemCount, Value::integer(*message.items));
  if (!message.response || !message.items || !out.wants(kS7ReturnCodes)) return;
  const std::span<Value> codes = out.event().arena().make<Value>(*message.items);
  std::size_t used = 0;
  for_each_return(message, [&](unsigned, const S7Data& data) {
    if (used < codes.size()) codes[used++] = Value::integer(data.code);
  });
  set_list(out, kS7ReturnCodes, codes.first(used));
}

class S7Analyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    return readers_[index_of(direction)].read(
        bytes, context, [&](const CotpPdu& pdu) { tell_cotp(pdu, direction, kS7Cotp, context); },
        [&](Bytes whole) { message(whole, direction, context); });
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    readers_[index_of(direction)].gap();
    parts_[index_of(direction)] = {};
    open_.forget();
    plus_open_.forget();
    lists_.forget();
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
    plus_open_.finish([&](const PlusRequest& request) { plus_unanswered(request, context); });
  }

 private:
  void message(Bytes whole, Direction direction, Context& context) {
    if (whole[0] == kS7PlusProtocol) return plus(whole, direction, context);
    const bool texts = wants_ics_texts(context, kS7Comm, kS7Ics) || wants_ics_texts(context, kS7ReadSzl, kSzlIcs) ||
                       wants_ics_texts(context, kS7TransferType, kTransferIcs);
    S7Message message;
    keep_whole(message.command, context, kS7Comm, kS7Ics);
    if (!read_s7_message(whole, texts, message)) {
      if (!encrypted_) context.refused(DecodeError::bad_value);  // else it is of the TLS inside
      return;
    }
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (message.request)
      request(message, direction, context);
    else
      response(message, direction, texts, context);
  }

  void request(S7Message& message, Direction direction, Context& context) {
    const auto same = [&](const Request& r) {
      return r.direction == direction && r.reference == message.pdu.reference && r.function == message.function &&
             r.subfunction == message.userdata.subfunction;
    };
    if (Request* asked_before = open_.find(same)) {
      unanswered(*asked_before, context);
      open_.remove(asked_before);
    }
    if (message.transfers() && message.command.target.empty()) message.command.target = block_;
    tell(message, direction, nullptr, context);
    if (message.transfers()) block_ = message.command.target;
    open_.add(
        {context.now(), direction, static_cast<std::uint8_t>(message.pdu.rosctr), message.pdu.reference,
         message.function, message.userdata.subfunction, message.asks_for_more(), message.shapes, message.command},
        context, [&](const Request& old) { unanswered(old, context); });
  }

  // Or what a controller tells without being asked.
  void response(S7Message& message, Direction direction, bool texts, Context& context) {
    Request* asked =
        message.response ? open_.find([&](const Request& r) { return answers(message, direction, r); }) : nullptr;
    const bool continued = asked != nullptr && asked->more;
    if (asked != nullptr) {
      IcsText value = message.command.value;
      message.command = asked->command;
      if (message.command.value.empty()) message.command.value = value;
    }
    if (message.response && !continued) read_s7_response(asked == nullptr ? S7Shapes{} : asked->shapes, texts, message);
    if (message.response && unasked(asked, direction)) message.command.operation = IcsOperation::other;
    tell(message, direction, asked, context);
    if (asked != nullptr) open_.remove(asked);
    if (!message.is(kS7Cpu, kReadSzl) || !message.response || !message.data || !context.wants(kS7Device)) return;
    const Bytes list = lists_.take(message.data->octets, message.userdata.sequence, message.userdata.more);
    if (!list.empty()) tell_s7_device(list, devices_, kS7Device, direction, context);
  }

  static bool answers(const S7Message& message, Direction direction, const Request& request) {
    if (request.direction == direction || request.reference != message.pdu.reference) return false;
    const bool to_userdata = request.rosctr == static_cast<std::uint8_t>(S7Rosctr::userdata);
    if (to_userdata != message.is_userdata) return false;
    if (!message.function) return true;  // an acknowledgement without parameters
    if (!to_userdata) return request.function == message.function;
    return request.function && (*request.function & 0xFU) == message.userdata.number() &&
           request.subfunction == message.userdata.subfunction;
  }

  // A client can say that something was done that nobody asked for.
  static bool unasked(const void* request, Direction direction) {
    return request == nullptr && direction == Direction::to_responder;
  }

  // The PDU's events, in the order of their detail.
  static void tell(const S7Message& message, Direction direction, const Request* asked, Context& context) {
    if (!message.good) context.refused(DecodeError::bad_value);
    const bool answers = message.response && !unasked(asked, direction);
    const S7Ending ending = answers ? s7_ending(message) : S7Ending{};
    const auto outcome = answers ? std::optional{ending.outcome} : std::nullopt;
    const auto end = [&](EventWriter& out, std::size_t first) {
      write_ics(out, first, message.command, outcome, ending.reason);
      context.emit();
    };
    if (context.wants(kS7Comm)) {
      EventWriter out = begin(message, direction, context);
      if (asked != nullptr) out.set(kS7Rtt, Value::interval(context.now() - asked->time));
      end(out, kS7Ics);
    }
    if (message.szl && context.wants(kS7ReadSzl)) {
      EventWriter out = begin_szl(message, direction, context);
      end(out, kSzlIcs);
    }
    if (message.transfers() && context.wants(kS7TransferType)) {
      EventWriter out = begin_transfer(message, direction, context);
      end(out, kTransferIcs);
    }
  }

  static void write_head(EventWriter& out, Direction direction, std::uint8_t rosctr, std::uint16_t reference) {
    out.set(kS7IsOrig, is_orig(direction));
    out.set(kS7Rosctr, Value::integer(rosctr));
    set_named(out, kS7RosctrName, s7_rosctr_name(rosctr), rosctr);
    out.set(kS7Reference, Value::integer(reference));
  }

  static EventWriter begin(const S7Message& message, Direction direction, Context& context) {
    EventWriter out = context.begin(kS7Comm, context.now());
    write_head(out, direction, static_cast<std::uint8_t>(message.pdu.rosctr), message.pdu.reference);
    if (message.function) write_function(out, message.is_userdata, *message.function, message.userdata.subfunction);
    write_service(out, message.service);
    write_error(out, message);
    write_returns(out, message);
    if (message.length) out.set(kS7PduLength, Value::integer(*message.length));
    const bool password = message.is_userdata && message.userdata.number() == kS7Security && message.request &&
                          message.data && !message.data->octets.empty();
    if (password) out.set(kS7Password, Value::boolean(true));
    out.set(kS7DataLength, Value::integer(static_cast<std::int64_t>(message.pdu.data.size())));
    return out;
  }

  static EventWriter begin_szl(const S7Message& message, Direction direction, Context& context) {
    EventWriter out = context.begin(kS7ReadSzl, context.now());
    out.set(kSzlIsOrig, is_orig(direction));
    out.set(kSzlReference, Value::integer(message.pdu.reference));
    out.set(kSzlMethod, Value::text(message.request ? "Request" : "Response"));
    const auto list = static_cast<std::uint16_t>(*message.szl >> 16U);
    set_code(out, kSzlId, list, 4);
    set_named(out, kSzlName, s7_szl_name(list), list);
    set_code(out, kSzlIndex, *message.szl & 0xFFFFU, 4);
    set_code(out, kSzlReturn, message.data->code);
    set_named(out, kSzlReturnName, s7_return_name(message.data->code), message.data->code);
    return out;
  }

  static EventWriter begin_transfer(const S7Message& message, Direction direction, Context& context) {
    const S7Transfer& transfer = message.transfer;
    EventWriter out = context.begin(kS7TransferType, context.now());
    out.set(kTransferIsOrig, is_orig(direction));
    out.set(kTransferRosctr, Value::text(s7_rosctr_name(static_cast<std::uint8_t>(message.pdu.rosctr))));
    out.set(kTransferReference, Value::integer(message.pdu.reference));
    out.set(kTransferFunction, Value::text(s7_function_name(*message.function)));
    if (message.pdu.parameters.size() > 1) set_code(out, kTransferStatus, transfer.status);
    if (transfer.session) out.set(kTransferSession, Value::integer(*transfer.session));
    if (transfer.length) out.set(kTransferLength, Value::integer(*transfer.length));
    if (transfer.name.empty()) return out;
    if (out.wants(kTransferFile)) out.set(kTransferFile, text_value(out, transfer.name));
    S7File file;
    if (!read_s7_file(transfer.name, file)) return out;
    out.set(kTransferType, Value::text(s7_block_name(file.type)));
    out.set(kTransferNumber, Value::text(out.event().keep(file.number)));
    set_named(out, kTransferFilesystem,
              file.filesystem == 'P'   ? "Passive"
              : file.filesystem == 'A' ? "Active"
              : file.filesystem == 'B' ? "B"
                                       : "",
              static_cast<unsigned char>(file.filesystem));
    return out;
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kS7Comm)) return;
    EventWriter out = context.begin(kS7Comm, request.time);
    write_head(out, request.direction, request.rosctr, request.reference);
    const bool userdata = request.rosctr == static_cast<std::uint8_t>(S7Rosctr::userdata);
    if (request.function) write_function(out, userdata, *request.function, request.subfunction);
    write_ics(out, kS7Ics, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  void plus(Bytes whole, Direction direction, Context& context) {
    PlusParts& parts = parts_[index_of(direction)];
    S7PlusPdu pdu;
    Bytes content;
    bool good = read_s7_plus(whole, pdu, content);
    if (good && pdu.has_opcode) {
      // What it does may stand in any part; its beginning is enough.
      if (std::exchange(parts.told, parts.told && pdu.goes_on)) return;
      if (pdu.goes_on || !parts.content.empty()) {
        const std::size_t room = kPartsEnough - parts.content.size();
        parts.content.insert(parts.content.end(), content.begin(),
                             content.begin() + static_cast<std::ptrdiff_t>(std::min(room, content.size())));
        if (pdu.goes_on && parts.content.size() < kPartsEnough) return;
        parts.told = pdu.goes_on;
        content = parts.content;
      }
    }
    if (pdu.has_opcode) good = read_s7_plus_content(content, pdu) && good;
    if (!good) context.refused(DecodeError::bad_value);
    tell_plus(pdu, direction, context);
    if (pdu.has_opcode) parts.content.clear();
  }

  void tell_plus(const S7PlusPdu& pdu, Direction direction, Context& context) {
    plus_open_.expire(context.now(), [&](const PlusRequest& old) { plus_unanswered(old, context); });
    encrypted_ = encrypted_ || (pdu.has_opcode && pdu.function == kInitSsl);
    if (pdu.opcode == kS7PlusRequest && pdu.has_opcode) return plus_request(pdu, direction, context);
    plus_response(pdu, direction, context);
  }

  void plus_request(const S7PlusPdu& pdu, Direction direction, Context& context) {
    const auto give_up = [&](const PlusRequest& old) { plus_unanswered(old, context); };
    if (PlusRequest* before = plus_open_.find(
            [&](const PlusRequest& r) { return r.direction == direction && r.sequence == pdu.sequence; })) {
      give_up(*before);
      plus_open_.remove(before);
    }
    PlusRequest request{context.now(),
                        direction,
                        pdu.function,
                        pdu.sequence,
                        pdu.version,
                        pdu.session,
                        s7_plus_command(pdu, wants_ics_texts(context, kS7Plus, kPlusIcs))};
    if (context.wants(kS7Plus)) {
      EventWriter out = begin_plus(pdu, direction, context.now(), context);
      write_ics(out, kPlusIcs, request.command);
      context.emit();
    }
    plus_open_.add(std::move(request), context, give_up);
  }

  void plus_response(const S7PlusPdu& pdu, Direction direction, Context& context) {
    const bool answers = pdu.has_opcode && (pdu.opcode == kS7PlusResponse || pdu.opcode == kS7PlusResponse2);
    PlusRequest* asked = !answers ? nullptr : plus_open_.find([&](const PlusRequest& r) {
      return r.direction != direction && r.sequence == pdu.sequence && r.function == pdu.function;
    });
    if (context.wants(kS7Plus)) {
      EventWriter out = begin_plus(pdu, direction, context.now(), context);
      IcsCommand command = asked != nullptr ? asked->command : s7_plus_command(pdu, false);
      if (!answers)
        command.operation = pdu.opcode == kS7PlusNotification ? IcsOperation::subscribe : IcsOperation::other;
      const auto result = answers ? s7_plus_result(pdu) : std::nullopt;
      if (result) out.set(kPlusResult, Value::integer(*result));
      if (asked != nullptr) out.set(kPlusRtt, Value::interval(context.now() - asked->time));
      std::optional<IcsOutcome> outcome;
      if (answers && unasked(asked, direction)) command.operation = IcsOperation::other;
      if (answers && !unasked(asked, direction))
        outcome = result.value_or(0) < 0 ? IcsOutcome::refused : IcsOutcome::ok;
      write_ics(out, kPlusIcs, command, outcome);
      context.emit();
    }
    if (asked != nullptr) plus_open_.remove(asked);
    if (!answers || pdu.function != kCreateObject || !context.wants(kS7Device)) return;
    if (const auto device = s7_plus_device(pdu.body))
      devices_.tell({.protocol = "s7comm_plus", .order_number = device->order_number, .firmware = device->firmware},
                    kS7Device, direction, context);
  }

  static EventWriter begin_plus(const S7PlusPdu& pdu, Direction direction, Timestamp time, Context& context) {
    EventWriter out = context.begin(kS7Plus, time);
    out.set(kPlusIsOrig, is_orig(direction));
    out.set(kPlusVersion, Value::integer(pdu.version));
    if (!pdu.has_opcode) return out;
    set_code(out, kPlusOpcode, pdu.opcode);
    set_named(out, kPlusOpcodeName, s7_plus_opcode_name(pdu.opcode), pdu.opcode);
    if (pdu.session) out.set(kPlusSession, Value::integer(*pdu.session));
    if (pdu.opcode == kS7PlusNotification) return out;
    set_code(out, kPlusFunctionCode, pdu.function, 4);
    set_named(out, kPlusFunctionName, s7_plus_function_name(pdu.function), pdu.function);
    out.set(kPlusSequence, Value::integer(pdu.sequence));
    return out;
  }

  static void plus_unanswered(const PlusRequest& request, Context& context) {
    if (!context.wants(kS7Plus)) return;
    S7PlusPdu pdu;
    pdu.version = request.version;
    pdu.opcode = kS7PlusRequest;
    pdu.function = request.function;
    pdu.sequence = request.sequence;
    pdu.session = request.session;
    EventWriter out = begin_plus(pdu, request.direction, request.time, context);
    write_ics(out, kPlusIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  std::array<CotpReader, 2> readers_;  // by direction
  std::array<PlusParts, 2> parts_;     // by direction
  bool encrypted_ = false;             // TLS began inside
  Requests open_;
  PlusRequests plus_open_;
  IcsText block_;  // that is being loaded or fetched: the parts do not name it
  S7Lists lists_;
  KnownDevices devices_;
};

// A first message of either protocol, of which only the beginning need be there.
bool begins_s7(Bytes user) {
  ByteReader in{user};
  const std::uint8_t protocol = in.u8(), kind = in.u8();
  if (protocol == kS7PlusProtocol) {
    const std::size_t length = in.u16be();
    const bool version = (kind >= 1 && kind <= 3) || kind >= 0xFD;
    return in.ok() && version && length <= in.rest().size();
  }
  // No controller is known to look at its third and fourth octet, nor at octets behind its lengths.
  S7Pdu pdu;
  return read_s7_pdu(user, pdu) != DecodeError::bad_value;
}

// On the port the first octet is enough: nothing else that ISO transport carries there begins so.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  CotpPdu pdu;
  const auto fault = read_cotp_pdu(reader, pdu, true);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  if (fault || pdu.kind != CotpKind::data || pdu.user.empty()) return Verdict::no;
  const bool first_octet = pdu.user[0] == kS7Protocol || pdu.user[0] == kS7PlusProtocol;
  // A message of several TPDUs shows no more of itself.
  return (first_octet && (on_port || !pdu.last)) || begins_s7(pdu.user) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<S7Analyzer>(); }

}  // namespace

Protocol s7comm_protocol() {
  Protocol p;
  p.name = "s7comm";
  p.help = "S7comm and S7comm-plus: Siemens' programmable controllers";
  p.types = s7comm_types();
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
