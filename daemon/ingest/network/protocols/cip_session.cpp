#include "ingest/network/protocols/cip_session.h"

#include "ingest/network/protocols/cip_event.h"
#include "ingest/network/protocols/cip_identity.h"
#include "ingest/network/protocols/cip_names.h"
#include "ingest/network/protocols/enip_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::uint8_t kResponseBit = 0x80;
// What these are called in `embedded_in`.
constexpr std::string_view kInMultiple = "Multiple Service Packet", kInUnconnectedSend = "Unconnected Send";

bool is_open(std::uint8_t service) { return service == kCipForwardOpen || service == kCipLargeForwardOpen; }

// A response whose request was not seen does not say whom it answers; some services say it.
CipPoint guess(const CipMessage& message, const CipFrame& frame) {
  CipPoint point;
  const bool close = message.service == kCipForwardClose && !frame.sequence;
  if (is_open(message.service) || close)
    point.class_id = kCipConnectionManager;
  else if (message.service == kCipPccc)
    point.class_id = kCipPcccObject;
  else
    point.symbolic = true;  // if the service is of a class, those of tags are the usual ones
  return point;
}

// Whatever the message says of a connection. False when it is malformed.
bool read_connection(const CipMessage& message, const CipPoint& point, std::optional<CipConnection>& out) {
  if (!point.is(kCipConnectionManager)) return true;
  const bool open = is_open(message.service);
  if (!open && message.service != kCipForwardClose) return true;
  CipConnection connection;
  bool whole = false;
  if (message.response)
    whole = open ? read_cip_forward_open_reply(message, connection)
                 : read_cip_forward_close_reply(message.data, connection);
  else
    whole = open ? read_cip_forward_open(message.data, message.service == kCipLargeForwardOpen, connection)
                 : read_cip_forward_close(message.data, connection);
  if (whole && !message.data.empty()) out = connection;
  return whole;
}

bool carries_value(IcsOperation operation) {
  using enum IcsOperation;
  return operation == write || operation == time_set || operation == control || operation == restart;
}

// What the request is about: what it opens or what its path names.
void describe(const CipMessage& message, const std::optional<CipConnection>& connection,
              const std::optional<PcccMessage>& pccc, IcsCommand& command) {
  if (connection) append_cip_path(command.target, connection->path);
  if (command.target.empty()) append_cip_path(command.target, message.path);
  if (pccc) return describe_pccc(*pccc, command);
  if (!carries_value(command.operation)) return;
  append_cip_elements(command.target, message);
  append_cip_written(command.value, message);
}

bool is_pccc(const CipMessage& message, const CipPoint& point) {
  return message.service >= kCipPccc && message.service <= kCipPcccLocal && point.is(kCipPcccObject);
}

// Devices differ in which of several classes they take: what is carried is told anyway.
bool is_unconnected_send(const CipMessage& request) {
  return request.service == kCipUnconnectedSend && request.point.manages;
}

bool reads(IcsOperation operation) { return operation == IcsOperation::read || operation == IcsOperation::identify; }

void set_service(EventWriter& out, std::uint8_t service, bool response, const CipPoint& point) {
  out.set(kCipDirection, Value::text(response ? "response" : "request"));
  set_cip_hex(out, kCipServiceCode, service | (response ? kResponseBit : 0U), 2);
  if (out.wants(kCipServiceName)) out.set(kCipServiceName, named(out, cip_service_name(service, point), service));
}

void set_pccc(EventWriter& out, const PcccMessage& pccc, bool response) {
  set_cip_hex(out, kCipPcccCommand, pccc.command, 2);
  if (response)
    set_cip_hex(out, kCipPcccStatus, pccc.status, 2);
  else if (out.wants(kCipPcccFunction))
    out.set(kCipPcccFunction, named(out, pccc_function_name(pccc), pccc.function.value_or(pccc.command)));
}

void set_status(EventWriter& out, const CipMessage& message) {
  set_cip_hex(out, kCipStatusCode, message.status, 2);
  if (out.wants(kCipStatusName)) out.set(kCipStatusName, named(out, cip_status_name(message.status), message.status));
  if (message.additional.empty()) return;
  const std::uint16_t extended = ByteReader{message.additional}.u16le();
  set_cip_hex(out, kCipExtendedCode, extended, 4);
  constexpr std::uint8_t kConnectionFailure = 1;
  if (message.status == kConnectionFailure && out.wants(kCipExtendedStatus))
    out.set(kCipExtendedStatus, named(out, cip_extended_status_name(extended), extended));
}

// Why it was refused; empty when it was not.
std::string_view refusal(EventWriter& out, const CipMessage& message, const std::optional<PcccMessage>& pccc) {
  if (!message.ok()) return named(out, cip_status_name(message.status), message.status).as_text();
  if (pccc && pccc->status != 0) return named(out, pccc_status_name(pccc->status), pccc->status).as_text();
  return {};
}

}  // namespace

void CipSession::take(const CipFrame& frame, Bytes message, Context& context) {
  constexpr std::size_t kOffsetBytes = 2;  // no part has less: those that overlap are not more than others
  parts_ = 0;
  parts_max_ = std::min<std::size_t>(kPartsMax, message.size() / kOffsetBytes);
  std::optional<CipFrame> answered;
  if (!message.empty() && (message.front() & kResponseBit) != 0)
    if (const Request* asked = find(frame, 0, message.front() & static_cast<std::uint8_t>(~kResponseBit)))
      answered = asked->frame;
  tell(frame, Part{.octets = message}, context);
  // Parts that the response has no answer for: their carrier was refused.
  if (answered) give_up(context, [&](const Request& r) { return r.frame.again(*answered); });
}

void CipSession::expire(Context& context) {
  open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
}

void CipSession::gap(Direction direction) {
  open_.forget_if([&](const Request& r) { return r.frame.direction != direction; });
}

void CipSession::finish(Context& context) {
  open_.finish([&](const Request& request) { unanswered(request, context); });
}

void CipSession::fail(const CipFrame& answer, Context& context) {
  give_up(context, [&](const Request& r) { return r.frame.asks_for(answer) && of_one_connection(r.frame, answer); });
}

void CipSession::give_up(Context& context, auto&& is) {
  open_.give_up_if(is, [&](const Request& request) { unanswered(request, context); });
}

void CipSession::tell(const CipFrame& frame, const Part& part, Context& context) {
  CipMessage message;
  bool whole = read_cip(part.octets, message);
  if (!part.octets.empty()) {
    const bool understood =
        message.response ? response(frame, part, message, context) : request(frame, part, message, context);
    whole = whole && understood;
  }
  if (!whole && !frame.refused) context.refused(DecodeError::bad_value);
}

EventWriter CipSession::begin(const CipFrame& frame, Timestamp time, Context& context) {
  EventWriter out = context.begin(kCipMessages, time);
  out.set(kCipIsOrig, Value::boolean(frame.from_client));
  out.set(kCipEnipCommand, Value::text(enip_command_name(frame.command)));
  out.set(kCipEnipSession, Value::text(session_text_.of(frame.session)));
  if (frame.command == kEnipSendRRData) out.set(kCipEnipContext, Value::text(context_text_.of(frame.context)));
  if (frame.connection) out.set(kCipConnectionId, Value::text(connection_text_.of(*frame.connection)));
  if (frame.sequence) out.set(kCipSequence, Value::integer(*frame.sequence));
  return out;
}

bool CipSession::request(const CipFrame& frame, const Part& part, const CipMessage& message, Context& context) {
  Request asked{.time = context.now(),
                .frame = frame,
                .place = part.place,
                .service = message.service,
                .routed = part.in == kInUnconnectedSend,
                .in = part.in,
                .point = message.point};
  asked.command.operation = cip_operation(message.service, message.point);
  std::optional<CipConnection> connection;
  bool whole = read_connection(message, message.point, connection);
  append_cip_route(asked.route, !part.route.empty() ? part.route : connection ? connection->path : message.path);
  std::optional<PcccMessage> pccc;
  if (is_pccc(message, message.point)) {
    pccc = read_pccc(message.service, message.data, false);
    whole = whole && pccc;
    if (pccc) asked.command.operation = pccc_operation(*pccc);
    if (pccc) asked.pccc_type = pccc_read_type(*pccc);
  }
  keep_whole(asked.command, context, kCipMessages, kCipIcs);
  if (wants_ics_texts(context, kCipMessages, kCipIcs)) describe(message, connection, pccc, asked.command);

  // It is asked again, or the number came round: with all its parts.
  if (part.depth == 0) give_up(context, [&](const Request& r) { return r.frame.again(frame); });
  if (context.wants(kCipMessages)) {
    EventWriter out = begin(asked, context);
    if (connection) set_cip_connection(out, *connection);
    if (pccc) set_pccc(out, *pccc, false);
    out.set(kCipDataLength, Value::integer(static_cast<std::int64_t>(message.data.size())));
    write_ics(out, kCipIcs, asked.command);
    context.emit();
  }
  if (is_unconnected_send(message)) {
    carried(frame, part, message, context);
    return whole;
  }
  if (parts_ < kRequestsMax)
    open_.add(std::move(asked), context, [&](const Request& old) { unanswered(old, context); });
  if (message.service == kCipMultiple) parts(frame, part, message, context);
  return whole;
}

bool CipSession::response(const CipFrame& frame, const Part& part, const CipMessage& message, Context& context) {
  Request* const asked = find(frame, part.place, message.service);
  Answer answer{.message = message, .asked = asked};
  answer.point = asked != nullptr ? asked->point : guess(message, frame);
  answer.operation = asked != nullptr ? asked->command.operation : cip_operation(message.service, answer.point);
  bool whole = read_connection(message, answer.point, answer.connection);
  if (answer.connection && message.ok()) learn(*answer.connection);
  if (message.ok() && is_pccc(message, answer.point)) {
    answer.pccc = read_pccc(message.service, message.data, true);
    whole = whole && answer.pccc;
  }
  if (context.wants(kCipMessages)) tell_response(frame, part, answer, context);
  if (asked != nullptr && message.ok() && answer.point.is(kCipIdentity)) {
    CipIdentity identity;
    whole = read_cip_identity(message.service, answer.point.attribute, message.data, identity) && whole;
    tell_cip_identity(identity, asked->route.view(), frame.from_client, frame.direction, devices_, context);
  }
  if (asked != nullptr) open_.remove(asked);
  if (message.service == kCipMultiple && !message.data.empty()) parts(frame, part, message, context);
  return whole;
}

void CipSession::tell_response(const CipFrame& frame, const Part& part, const Answer& answer, Context& context) {
  const CipMessage& message = answer.message;
  const Request* asked = answer.asked;
  IcsText read;
  const bool brings = message.ok() && reads(answer.operation) && wants_ics_texts(context, kCipMessages, kCipIcs);
  if (brings) {
    if (asked != nullptr) read = asked->command.value;
    if (answer.pccc && asked != nullptr && asked->pccc_type)
      append_pccc_values(read, *asked->pccc_type, answer.pccc->data);
    else if (!answer.pccc)
      append_cip_read(read, message.service, answer.point.tag(), message.data);
  }
  EventWriter out = begin(frame, context.now(), context);
  // An error of Unconnected Send answers what was to be sent.
  const bool of_carrier = asked != nullptr && asked->service != message.service;
  set_service(out, message.service, true, of_carrier ? CipPoint{.class_id = kCipConnectionManager} : answer.point);
  set_status(out, message);
  if (asked != nullptr) {
    set_cip_point(out, answer.point);
    set_route(out, *asked);
    out.set(kCipRtt, Value::interval(context.now() - asked->time));
  }
  const std::string_view in = part.in.empty() && asked != nullptr ? asked->in : part.in;
  if (!in.empty()) out.set(kCipEmbeddedIn, Value::text(in));
  if (answer.connection) set_cip_connection(out, *answer.connection);
  if (answer.pccc) set_pccc(out, *answer.pccc, true);
  out.set(kCipDataLength, Value::integer(static_cast<std::int64_t>(message.data.size())));
  const std::string_view reason = refusal(out, message, answer.pccc);
  const std::string_view target = asked != nullptr ? asked->command.target.view() : std::string_view{};
  const std::string_view value = brings || asked == nullptr ? read.view() : asked->command.value.view();
  write_ics(out, kCipIcs, answer.operation, target, value, reason.empty() ? IcsOutcome::ok : IcsOutcome::refused,
            reason);
  context.emit();
}

// Each part has a place of its own, which its response has, too.
void CipSession::parts(const CipFrame& frame, const Part& part, const CipMessage& message, Context& context) {
  if (part.depth == kDepthMax) return context.refused(DecodeError::limit);
  CipParts parts{message.data};
  Part inner{.depth = part.depth + 1, .in = kInMultiple, .route = part.route};
  inner.place = part.place * (CipParts::kMost + 1);
  while (parts.next(inner.octets)) {
    ++inner.place;
    if (inner.octets.empty()) continue;
    if (parts_ == parts_max_) return context.refused(DecodeError::limit);
    ++parts_;
    tell(frame, inner, context);
  }
  if (parts.broken()) context.refused(DecodeError::bad_value);
  if (parts.cut()) context.refused(DecodeError::limit);
}

// What is sent on is answered in its stead.
void CipSession::carried(const CipFrame& frame, const Part& part, const CipMessage& message, Context& context) {
  if (part.depth == kDepthMax) return context.refused(DecodeError::limit);
  CipCarried inner;
  if (!read_cip_unconnected_send(message.data, inner)) context.refused(DecodeError::bad_value);
  if (inner.message.empty()) return;
  tell(frame,
       Part{.octets = inner.message,
            .place = part.place,
            .depth = part.depth + 1,
            .in = kInUnconnectedSend,
            .route = inner.route},
       context);
}

void CipSession::learn(const CipConnection& connection) {
  if (!connection.to_target || !connection.to_originator) return;
  const Connection connection_ids{*connection.to_target, *connection.to_originator};
  for (Connection& known : std::span{connections_}.first(connection_count_))
    if (known.to_target == connection_ids.to_target) {
      known = connection_ids;
      return;
    }
  connections_[next_connection_] = connection_ids;
  next_connection_ = (next_connection_ + 1) % kConnectionsMax;
  connection_count_ = std::min(connection_count_ + 1, kConnectionsMax);
}

// When its opening was not seen, any id may be the other's.
bool CipSession::of_one_connection(const CipFrame& asked, const CipFrame& answer) const {
  if (!asked.connection || !answer.connection) return true;
  for (const Connection& known : std::span{connections_}.first(connection_count_)) {
    if (known.to_target == asked.connection) return known.to_originator == answer.connection;
    if (known.to_originator == answer.connection) return known.to_target == asked.connection;
  }
  return true;
}

CipSession::Request* CipSession::find(const CipFrame& answer, std::uint64_t place, std::uint8_t service) {
  return open_.find([&](const Request& r) {
    const bool same = r.service == service || (r.routed && service == kCipUnconnectedSend);
    return same && r.place == place && r.frame.asks_for(answer) && of_one_connection(r.frame, answer);
  });
}

void CipSession::set_route(EventWriter& out, const Request& request) {
  if (!request.route.empty()) out.set(kCipRoute, Value::text(request.route.view()));
}

// A request's event; of one that was seen or, once more, of one that nobody answered.
EventWriter CipSession::begin(const Request& request, Context& context) {
  EventWriter out = begin(request.frame, request.time, context);
  set_service(out, request.service, false, request.point);
  set_cip_point(out, request.point);
  if (!request.in.empty()) out.set(kCipEmbeddedIn, Value::text(request.in));
  set_route(out, request);
  return out;
}

void CipSession::unanswered(const Request& request, Context& context) {
  if (!context.wants(kCipMessages)) return;
  EventWriter out = begin(request, context);
  write_ics(out, kCipIcs, request.command, IcsOutcome::no_answer);
  context.emit();
}

}  // namespace nw::network
