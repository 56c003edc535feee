// MMS (ISO 9506) over ISO's upper layers over ISO transport: the objects of IEC 61850's devices, of control centres
// (TASE.2, IEC 60870-6), of controllers. osi_session.h, acse.h and mms_pdu.h have the wire, mms_command.h what it does.
//
// One `acse` event per association's beginning and end, one `mms` event per PDU. An answer is joined to its request by
// invoke id and direction: both sides may ask.
#include "ingest/network/protocols/cotp_reader.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/mms_command.h"
#include "ingest/network/protocols/mms_event.h"
#include "ingest/network/protocols/osi_session.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::array<std::uint16_t, 1> kPorts{102};

// What of a request is known when its answer comes, and told again when none does.
struct Request {
  Timestamp time;
  Direction direction{};
  MmsKind kind{};
  std::optional<std::uint32_t> invoke_id;
  std::optional<std::uint8_t> service;
  IcsCommand command;
};
struct AcseRequest {
  Timestamp time;
  Direction direction{};
  AcseKind kind{};
};

// The kind of request that an answer belongs to.
MmsKind asked_by(const MmsPdu& answer) noexcept {
  constexpr std::int64_t kOfCancel = 6, kOfConclude = 9;  // RejectPDU's reasons
  switch (answer.kind) {
    case MmsKind::cancel_response:
    case MmsKind::cancel_error: return MmsKind::cancel_request;
    case MmsKind::initiate_response:
    case MmsKind::initiate_error: return MmsKind::initiate_request;
    case MmsKind::conclude_response:
    case MmsKind::conclude_error: return MmsKind::conclude_request;
    case MmsKind::reject:
      if (answer.error_class == kOfCancel) return MmsKind::cancel_request;
      if (answer.error_class == kOfConclude) return MmsKind::conclude_request;
      return MmsKind::confirmed_request;
    default: return MmsKind::confirmed_request;
  }
}

bool answers(const MmsPdu& pdu, Direction direction, const Request& request) noexcept {
  if (!pdu.answer() || request.direction == direction || request.kind != asked_by(pdu)) return false;
  if (request.invoke_id != pdu.invoke_id) return false;
  return pdu.kind != MmsKind::confirmed_response || request.service == pdu.service;
}

constexpr unsigned kFurtherMax = 32;

bool only_looks(IcsOperation operation) noexcept {
  return operation == IcsOperation::read || operation == IcsOperation::identify ||
         operation == IcsOperation::diagnose || operation == IcsOperation::other;
}

// The names show what is spoken.
MmsApplication application_of(const MmsPdu& pdu) noexcept {
  MmsNames names{pdu};
  while (const auto name = names.next())
    if (const auto found = mms_application(name->item); found != MmsApplication::unknown) return found;
  MmsIdentifiers identifiers{pdu};
  while (const auto identifier = identifiers.next())
    if (const auto found = mms_application(*identifier); found != MmsApplication::unknown) return found;
  return MmsApplication::unknown;
}

class MmsAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    return readers_[static_cast<std::size_t>(direction)].read(
        bytes, context, [&](const CotpPdu& pdu) { tell_cotp(pdu, direction, kMmsCotp, context); },
        [&](Bytes whole) { message(whole, direction, context); });
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    readers_[static_cast<std::size_t>(direction)].gap();
    open_.forget();
    associating_.forget();
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    associating_.finish([&](const AcseRequest& request) { unanswered(request, context); });
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  // Test tools send a PDU of MMS right in the transport's.
  void message(Bytes whole, Direction direction, Context& context) {
    associating_.expire(context.now(), [&](const AcseRequest& old) { unanswered(old, context); });
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    const auto session = read_session(whole);
    if (!session) {
      presented(whole, direction, context);
      return;
    }
    bool told = false;
    PresentationValues values{ber_definite(session->user, user_)};
    while (const auto next = values.next()) told = presented(*next, direction, context) || told;
    if (!values.good()) context.refused(DecodeError::bad_value);
    const bool refused = session->kind == SessionKind::refuse;
    if (!told && (refused || session->kind == SessionKind::abort)) ended(refused, direction, context);
  }

  // Whether it was one of ACSE's.
  bool presented(Bytes value, Direction direction, Context& context) {
    value = ber_definite(value, value_);
    const auto association = read_acse(value);
    const auto pdu = read_mms_pdu(association ? association->user : value);
    if (association) acse(*association, direction, context);
    if (pdu) mms(*pdu, direction, context);
    if (!association && !pdu) context.refused(DecodeError::bad_value);
    return association.has_value();
  }

  void acse(const AcsePdu& pdu, Direction direction, Context& context) {
    if (!pdu.good) context.refused(DecodeError::bad_value);
    const auto give_up = [&](const AcseRequest& old) { unanswered(old, context); };
    AcseTold told{context.now(), direction, {}, {}};
    if (pdu.kind == AcseKind::request || pdu.kind == AcseKind::release) {
      tell_acse(pdu, told, kMmsAcse, context);
      return associating_.add({context.now(), direction, pdu.kind}, context, give_up);
    }
    AcseRequest* asked = associating_.find([&](const AcseRequest& r) {
      if (r.direction == direction) return false;
      return pdu.kind == AcseKind::abort || (r.kind == AcseKind::request) == (pdu.kind == AcseKind::response);
    });
    if (asked != nullptr) told.rtt = context.now() - asked->time;
    const bool unasked = pdu.kind == AcseKind::abort || direction == Direction::to_responder;
    if (asked != nullptr || !unasked) told.outcome = acse_outcome(pdu);
    tell_acse(pdu, told, kMmsAcse, context);
    if (asked != nullptr) associating_.remove(asked);
  }

  // Below ACSE.
  void ended(bool refused, Direction direction, Context& context) {
    AcseTold told{context.now(), direction, {}, {}};
    AcseRequest* asked = associating_.find([&](const AcseRequest& r) { return r.direction != direction; });
    if (asked != nullptr) told.rtt = context.now() - asked->time;
    if (asked != nullptr || refused) told.outcome = IcsOutcome::refused;
    tell_session_end(refused, told, kMmsAcse, context);
    if (asked != nullptr) associating_.remove(asked);
  }

  void mms(const MmsPdu& pdu, Direction direction, Context& context) {
    if (!pdu.good) context.refused(DecodeError::bad_value);
    if (application_ == MmsApplication::unknown) application_ = application_of(pdu);
    const bool texts = wants_ics_texts(context, kMmsMessage, kMmsIcs);
    if (pdu.request()) {
      asked_again(pdu, direction, context);
      request(pdu, asked_for(pdu, texts, context), direction, context);
      further(pdu, texts, direction, context);
      return;
    }
    IcsCommand command;
    describe_mms(pdu, application_, texts, command);
    const bool believed = answer(pdu, command, direction, context);
    if (!believed || !pdu.is(MmsKind::confirmed_response, kMmsIdentify) || !context.wants(kMmsDevice)) return;
    IcsText vendor, model, revision;
    vendor.append_escaped(pdu.vendor);
    model.append_escaped(pdu.model);
    revision.append_escaped(pdu.revision);
    devices_.tell({.protocol = "mms", .vendor = vendor.view(), .product = model.view(), .firmware = revision.view()},
                  kMmsDevice, direction, context);
  }

  IcsCommand asked_for(const MmsPdu& pdu, bool texts, Context& context) const {
    IcsCommand command;
    keep_whole(command, context, kMmsMessage, kMmsIcs);
    describe_mms(pdu, application_, texts, command);
    return command;
  }

  // Behind the first service of a request: what only looks is not told, so that a few octets are not an event.
  void further(const MmsPdu& pdu, bool texts, Direction direction, Context& context) {
    auto next = read_further_service(pdu);
    if (next) context.refused(DecodeError::bad_value);
    for (unsigned told = 0; next; next = read_further_service(*next)) {
      const IcsCommand command = asked_for(*next, texts, context);
      if (only_looks(command.operation)) continue;
      if (told++ == kFurtherMax) return context.refused(DecodeError::limit);
      request(*next, command, direction, context);
    }
  }

  void asked_again(const MmsPdu& pdu, Direction direction, Context& context) {
    open_.give_up_if(
        [&](const Request& r) {
          return r.direction == direction && r.kind == pdu.kind && r.invoke_id == pdu.invoke_id;
        },
        [&](const Request& old) { unanswered(old, context); });
  }

  void request(const MmsPdu& pdu, const IcsCommand& command, Direction direction, Context& context) {
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    if (context.wants(kMmsMessage)) {
      EventWriter out = begin(pdu, direction, context.now(), context);
      write_ics(out, kMmsIcs, command);
      context.emit();
    }
    open_.add({context.now(), direction, pdu.kind, pdu.invoke_id, pdu.service, command}, context, give_up);
  }

  // Or what nobody asked for: a report. False: a client's that nobody asked, which says nothing of a device.
  bool answer(const MmsPdu& pdu, IcsCommand command, Direction direction, Context& context) {
    Request* asked = open_.find([&](const Request& r) { return answers(pdu, direction, r); });
    // A client can say that something was done that nobody asked for.
    const bool unasked = asked == nullptr && direction == Direction::to_responder;
    if (asked != nullptr) {
      command.operation = asked->command.operation;
      command.target = asked->command.target;
      if (command.value.empty()) command.value = asked->command.value;
    } else if (unasked && pdu.answer()) {
      command.operation = IcsOperation::other;
    }
    if (context.wants(kMmsMessage)) {
      EventWriter out = begin(pdu, direction, context.now(), context);
      if (asked != nullptr) out.set(kMmsRtt, Value::interval(context.now() - asked->time));
      const MmsEnding ending = mms_ending(pdu, asked != nullptr && command.operation == IcsOperation::control);
      const bool told = pdu.answer() && !unasked;
      write_ics(out, kMmsIcs, command, told ? std::optional{ending.outcome} : std::nullopt,
                told ? ending.reason : std::string_view{});
      context.emit();
    }
    if (asked != nullptr) open_.remove(asked);
    return !unasked;
  }

  EventWriter begin(const MmsPdu& pdu, Direction direction, Timestamp time, Context& context) const {
    EventWriter out = context.begin(kMmsMessage, time);
    write_mms(out, pdu, direction);
    if (application_ != MmsApplication::unknown) out.set(kMmsApplicationName, Value::text(to_string(application_)));
    return out;
  }

  void unanswered(const Request& request, Context& context) const {
    if (!context.wants(kMmsMessage)) return;
    MmsPdu pdu;
    pdu.kind = request.kind;
    pdu.invoke_id = request.invoke_id;
    pdu.service = request.service;
    if (pdu.service) pdu.what = mms_service(*pdu.service);
    EventWriter out = begin(pdu, request.direction, request.time, context);
    write_ics(out, kMmsIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  static void unanswered(const AcseRequest& request, Context& context) {
    AcsePdu pdu;
    pdu.kind = request.kind;
    tell_acse(pdu, {request.time, request.direction, {}, IcsOutcome::no_answer}, kMmsAcse, context);
  }

  std::array<CotpReader, 2> readers_;       // by direction
  std::vector<std::uint8_t> user_, value_;  // of the message at hand, with definite lengths; their memory is kept
  IcsRequests<Request> open_;
  IcsRequests<AcseRequest, 4> associating_;
  MmsApplication application_{};
  KnownDevices devices_;
};

// A value that is ACSE's or MMS's. `whole`: nothing else stands around it, so all of it must fit.
bool ours(Bytes value, bool whole) {
  std::vector<std::uint8_t> definite;
  value = ber_definite(value, definite);
  if (const auto association = read_acse(value)) return association->good || !whole;
  const auto pdu = read_mms_pdu(value);
  return pdu && (pdu->good || !whole);
}

// What stands right in the transport's message.
bool is_bare(Bytes user) {
  std::vector<std::uint8_t> definite;
  const auto pdu = OsiBerReader{ber_definite(user, definite)}.next();
  return pdu && pdu->whole.size() == user.size() && ours(user, true);
}

// A message of several TPDUs shows its beginning only, a single octet if the sender likes: an association is asked for
// or answered, or data of the presentation's come.
bool may_begin(SessionKind kind) {
  return kind == SessionKind::connect || kind == SessionKind::accept || kind == SessionKind::data;
}

Verdict begins_mms(Bytes user, bool whole, bool on_port) {
  constexpr std::uint8_t kConnectData = 0x31, kUserData = 0x61;
  constexpr std::size_t kSessionHeader = 4;  // of data; a connection's length may have three octets
  const auto verdict = [](bool is) { return is ? Verdict::yes : Verdict::no; };
  const auto session = read_session(user, !whole);
  if (!session && whole) return verdict(is_bare(user));
  if (!session) return verdict(user.size() < kSessionHeader && may_begin(static_cast<SessionKind>(user[0])));
  const bool goes_on = !whole && may_begin(session->kind);
  // A session that refuses or aborts for itself says nothing of what is above.
  if (session->user.empty()) return goes_on ? Verdict::yes : on_port ? Verdict::unsure : Verdict::no;
  std::vector<std::uint8_t> definite;
  PresentationValues values{ber_definite(session->user, definite)};
  if (const auto value = values.next()) return verdict(ours(*value, false));
  return verdict(goes_on && (session->user[0] == kConnectData || session->user[0] == kUserData));
}

// Receivers do not look at the reserved octet.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  CotpPdu pdu;
  const auto fault = read_cotp_pdu(reader, pdu, true);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  if (fault || pdu.kind != CotpKind::data || pdu.user.empty()) return Verdict::no;
  return begins_mms(pdu.user, pdu.last, on_port);
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<MmsAnalyzer>(); }

}  // namespace

Protocol mms_protocol() {
  Protocol p;
  p.name = "mms";
  p.help = "MMS over ISO's upper layers: IEC 61850's devices, control centres (TASE.2), controllers";
  p.types = mms_types();
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
