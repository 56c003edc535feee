// EtherNet/IP (TCP and UDP 44818): the encapsulation in enip_message.h, what it carries in cip_message.h.
//
// One `enip` event per message of the encapsulation that carries no CIP, one `cip` event per message of CIP, those in
// others included, and `cip_identity` for what a device says of itself. Replies of the encapsulation are joined to
// requests by their command and the sender context.
#include <array>

#include "ingest/network/protocols/cip_event.h"
#include "ingest/network/protocols/cip_identity.h"
#include "ingest/network/protocols/cip_session.h"
#include "ingest/network/protocols/enip_message.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::array<std::uint16_t, 1> kPorts{44818};

constexpr std::size_t kNoiseBytesMax = 64 * 1024;  // without a message: it is something else

// Zeros, of which there are many in data, are a NOP: it is none behind a gap.
bool plausible(const EnipMessage& message) {
  return message.command != kEnipNop && !enip_status_name(message.status).empty();
}

// A flow may begin with one, if nothing else follows than the next message.
bool begins_flow(const EnipMessage& message, Bytes behind) {
  if (message.command != kEnipNop || behind.empty()) return true;
  EnipMessage next;
  ByteReader reader{behind};
  return read_enip(reader, next) != DecodeError::bad_value && (next.command != kEnipNop || behind.size() < 2);
}

class EnipAnalyzer final : public Analyzer {
 public:
  explicit EnipAnalyzer(Transport transport) : datagrams_{transport == Transport::udp} {}

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Place& place = places_[static_cast<std::size_t>(direction)];
    ByteReader reader{bytes};
    while (!reader.empty()) {
      EnipMessage message;
      ByteReader behind = reader;
      auto fault = read_enip(behind, message);
      const bool headed = !fault || reader.rest().size() >= kEnipHeaderBytes;
      if (place.state == State::lost && headed && !plausible(message)) fault = DecodeError::bad_value;
      if (place.state == State::unknown && !fault && !begins_flow(message, behind.rest()))
        fault = DecodeError::bad_value;
      if (fault == DecodeError::truncated) break;
      if (!fault) {
        place = {State::known, 0};
        reader = behind;
        take(message, direction, context);
        continue;
      }
      // A fault counts once, however much is skipped behind it.
      if (place.state == State::known) context.refused(*fault);
      place.state = State::lost;
      reader.u8();
      if (++place.noise > kNoiseBytesMax) return kGiveUp;
    }
    return bytes.size() - reader.rest().size();
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    while (!reader.empty()) {
      EnipMessage message;
      if (const auto fault = read_enip(reader, message)) return context.refused(*fault);
      take(message, direction, context);
    }
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    places_[static_cast<std::size_t>(direction)].state = State::lost;
    context.refused(DecodeError::truncated);
    session_.gap(direction);
    if (direction != client_) open_.forget();
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
    session_.finish(context);
  }

 private:
  // Whether messages begin where we read: nobody knows yet; yes; one must be found, as a gap or a fault came.
  enum class State : std::uint8_t { unknown, known, lost };
  struct Place {
    State state = State::unknown;
    std::size_t noise = 0;  // octets since the last message
  };
  struct Request {
    Timestamp time{};
    std::uint16_t command = 0;
    std::uint32_t session = 0;
    std::uint64_t context = 0;
  };
  // What of CIP is in a message, and on which connection.
  struct Contents {
    std::optional<std::uint32_t> connection{};
    std::optional<std::uint16_t> sequence{};
    Bytes cip, identity, services;
    bool broken = false;
  };

  void take(const EnipMessage& message, Direction direction, Context& context) {
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    open_.expire(context.now(), give_up);
    session_.expire(context);
    if (!context.wants(kEnipMessages) && !context.wants(kCipMessages) && !context.wants(kCipIdentities) &&
        !context.wants(kEnipDevices))
      return;
    const Contents contents = read_contents(message);
    if (contents.broken) context.refused(DecodeError::bad_value);
    learn_client(message, contents, direction);
    const bool reply = message.has_reply() && direction != client_;
    if (message.carries_cip()) {
      const CipFrame frame{message.command,   message.session, message.context,     contents.connection,
                           contents.sequence, direction,       direction == client_};
      if (!contents.cip.empty()) return session_.take(frame, contents.cip, context);
      if (reply && message.status != 0) session_.fail(frame, context);
    }
    tell(message, contents, direction, reply, context);
    if (contents.identity.empty()) return;
    CipIdentity identity;
    if (!read_cip_list_identity(contents.identity, identity)) context.refused(DecodeError::bad_value);
    tell_cip_identity(identity, {}, direction == client_, direction, session_.devices(), context);
  }

  static Contents read_contents(const EnipMessage& message) {
    Contents out;
    ByteReader reader{message.data};
    if (message.carries_cip()) {
      const std::uint32_t interface = reader.u32le();
      reader.u16le();
      if (interface != 0) return out;  // not CIP
    } else if (!message.lists() || message.data.empty()) {
      return out;
    }
    if (reader.empty()) {
      out.broken = message.status == 0 || !message.data.empty();  // what was refused comes back without data
      return out;
    }
    EnipItems items{reader.rest()};
    for (EnipItem item; items.next(item);) read_item(message, item, out);
    out.broken = out.broken || items.broken();
    return out;
  }

  static void read_item(const EnipMessage& message, const EnipItem& item, Contents& out) {
    ByteReader reader{item.data};
    switch (item.type) {
      case kEnipIdentityItem: out.identity = item.data; break;
      case kEnipServicesItem: out.services = item.data; break;
      case kEnipConnectionItem: out.connection = reader.u32le(); break;
      case kEnipConnectedItem:
        if (message.command == kEnipSendUnitData) out.sequence = reader.u16le();
        out.cip = reader.rest();
        break;
      case kEnipUnconnectedItem: out.cip = item.data; break;
      default: break;
    }
    out.broken = out.broken || !reader.ok();
  }

  // What is said tells who says it, in mid-stream and the wrong way round, too.
  void learn_client(const EnipMessage& message, const Contents& contents, Direction direction) {
    constexpr std::uint8_t kResponseBit = 0x80;
    bool answers = message.status != 0;
    if (message.lists())
      answers = answers || !message.data.empty();
    else if (message.command == kEnipRegisterSession)
      answers = answers || message.session != 0;
    else if (!contents.cip.empty())
      answers = (contents.cip.front() & kResponseBit) != 0;
    else if (!answers)
      return;
    client_ = answers ? opposite(direction) : direction;
  }

  void tell(const EnipMessage& message, const Contents& contents, Direction direction, bool reply, Context& context) {
    const auto same = [&](const Request& r) { return r.command == message.command && r.context == message.context; };
    Request* asked = open_.find(same);
    const bool answered = asked != nullptr && reply;
    if (context.wants(kEnipMessages)) {
      EventWriter out = begin(message.command, message.session, message.context, direction, context.now(), context);
      out.set(kEnipLength, Value::integer(static_cast<std::int64_t>(message.data.size())));
      if (out.wants(kEnipStatus)) out.set(kEnipStatus, named(out, enip_status_name(message.status), message.status));
      set_cip_hex(out, kEnipOptions, message.options, 8);
      set_session(out, message, contents);
      if (answered) out.set(kEnipRtt, Value::interval(context.now() - asked->time));
      std::optional<IcsOutcome> outcome;
      if (reply) outcome = message.status == 0 ? IcsOutcome::ok : IcsOutcome::refused;
      const Value reason = named(out, enip_status_name(message.status), message.status);
      write_ics(out, kEnipIcs, command_of(message.command), outcome,
                outcome == IcsOutcome::refused ? reason.as_text() : std::string_view{});
      context.emit();
    }
    if (answered) return open_.remove(asked);
    if (reply || !message.has_reply() || message.carries_cip()) return;
    if (asked != nullptr) {  // it is asked again
      unanswered(*asked, context);
      open_.remove(asked);
    }
    open_.add({context.now(), message.command, message.session, message.context}, context,
              [&](const Request& old) { unanswered(old, context); });
  }

  EventWriter begin(std::uint16_t command, std::uint32_t session, std::uint64_t sender, Direction direction,
                    Timestamp time, Context& context) const {
    EventWriter out = context.begin(kEnipMessages, time);
    out.set(kEnipIsOrig, Value::boolean(direction == client_));
    set_cip_hex(out, kEnipCommandCode, command, 2);
    out.set(kEnipCommandName, Value::text(enip_command_name(command)));
    set_cip_hex(out, kEnipSession, session, 8);
    set_cip_hex(out, kEnipContext, sender, 16);
    return out;
  }

  static void set_session(EventWriter& out, const EnipMessage& message, const Contents& contents) {
    ByteReader reader{message.command == kEnipRegisterSession ? message.data : contents.services};
    const std::uint16_t version = reader.u16le();
    if (!reader.ok()) return;
    out.set(kEnipVersion, Value::integer(version));
    if (message.command == kEnipRegisterSession) return;
    const std::uint16_t capabilities = reader.u16le();
    if (!reader.ok()) return;
    set_cip_hex(out, kEnipCapabilities, capabilities, 4);
    set_text(out, kEnipServiceName, reader.rest());
  }

  static IcsCommand command_of(std::uint16_t command) {
    const bool lists = EnipMessage{.command = command}.lists();
    return {lists ? IcsOperation::identify : IcsOperation::other, {}, {}};
  }

  // The request once more, as nobody answered it. Whom a datagram asks to say what they are may be everybody, who
  // answer in flows of their own.
  void unanswered(const Request& request, Context& context) const {
    if (datagrams_ || !context.wants(kEnipMessages)) return;
    EventWriter out = begin(request.command, request.session, request.context, client_, request.time, context);
    write_ics(out, kEnipIcs, command_of(request.command), IcsOutcome::no_answer);
    context.emit();
  }

  const bool datagrams_;
  IcsRequests<Request> open_;
  CipSession session_;
  Direction client_ = Direction::to_responder;  // where the client sends
  std::array<Place, 2> places_{};               // by direction
};

// Off the port a header with what is always the same in it. On it a capture may begin within a message.
Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  for (std::size_t from = 0; from < first.size(); ++from) {
    ByteReader reader{first.subspan(from)};
    EnipMessage message;
    const auto fault = read_enip(reader, message);
    const bool headed = first.size() - from >= kEnipHeaderBytes;
    const bool taken = fault != DecodeError::bad_value && (from == 0 || plausible(message));
    if (transport == Transport::udp) return !fault && (on_port || plausible(message)) ? Verdict::yes : Verdict::no;
    if (taken && headed && (on_port || plausible(message))) return Verdict::yes;
    if (from == 0 && taken && !headed) return Verdict::unsure;
    if (!on_port) return Verdict::no;
  }
  return Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport transport) { return std::make_unique<EnipAnalyzer>(transport); }

}  // namespace

Protocol enip_protocol() {
  Protocol p;
  p.name = "enip";
  p.help = "EtherNet/IP and CIP: controllers of Rockwell, Omron, Schneider and others";
  p.types = enip_types();
  p.tcp = p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
