// EtherNet/IP (TCP and UDP 44818): the encapsulation in enip_message.h, what it carries in cip_message.h.
//
// One `enip` event per message of the encapsulation that carries no CIP, one `cip` event per message of CIP, those in
// others included, and `cip_identity` for what a device says of itself. Replies of the encapsulation are joined to
// requests by their command and the sender context.
#include <algorithm>
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

// Zeros, of which there are many in data, are a NOP, and a one among them is the next command: neither is one behind a
// gap.
bool plausible(const EnipMessage& message) {
  return message.command != kEnipNop && message.command != kEnipLegacy && !enip_status_name(message.status).empty();
}

// Nothing else follows than the next message.
bool leads_on(Bytes behind) {
  if (behind.empty()) return true;
  EnipMessage next;
  ByteReader reader{behind};
  read_enip(reader, next);
  return next.sound && (next.command != kEnipNop || behind.size() < 2);
}

// A flow may begin with what devices refuse, or with a NOP. While more of it is to come, only one word of its header
// may be odd, or much would be waited for.
bool begins_flow(const EnipMessage& message, bool whole, Bytes behind) {
  if (message.sound) return !whole || message.command != kEnipNop || leads_on(behind);
  return whole ? leads_on(behind) : message.nearly && message.command > kEnipLegacy;
}

class EnipAnalyzer final : public Analyzer {
 public:
  explicit EnipAnalyzer(Transport transport) : datagrams_{transport == Transport::udp} {}

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Place& place = places_[static_cast<std::size_t>(direction)];
    ByteReader reader{bytes};
    while (!reader.empty()) {
      if (place.passed_over > 0) {
        place.passed_over -= reader.bytes(std::min(place.passed_over, reader.rest().size())).size();
        continue;
      }
      EnipMessage message;
      const Bytes all = reader.rest();
      ByteReader behind = reader;
      const bool whole = read_enip(behind, message);
      if (!place.in_step() && !may_begin(place, message, whole, behind.rest())) {
        // A fault counts once, however much is skipped behind it.
        if (place.trust > 0) context.refused(DecodeError::bad_value);
        place = {.begun = true, .noise = place.noise + 1};
        if (place.noise > kNoiseBytesMax && !context.at_home()) return kGiveUp;
        reader.u8();
        continue;
      }
      const bool too_long = message.headed && message.length > kEnipDataBytesMax;
      constexpr std::size_t kReadMax = kEnipHeaderBytes + kEnipDataBytesMax;
      if (!whole && (!too_long || all.size() < kReadMax)) break;
      reader = behind;
      place.step(message);
      if (too_long) {  // devices with more room take what stands in front of it
        reader = ByteReader{all.subspan(kReadMax)};
        message.data = all.subspan(kEnipHeaderBytes, kEnipDataBytesMax);
        place.passed_over = message.length - kEnipDataBytesMax;
      }
      const auto fault = too_long ? DecodeError::too_long : DecodeError::bad_value;
      take(message, message.sound ? std::nullopt : std::optional{fault}, direction, context);
    }
    return bytes.size() - reader.rest().size();
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    while (!reader.empty()) {
      EnipMessage message;
      const Bytes all = reader.rest();
      const bool whole = read_enip(reader, message);
      if (!message.headed) return context.refused(DecodeError::truncated);
      if (!whole) message.data = all.subspan(kEnipHeaderBytes);
      std::optional<DecodeError> fault;
      if (!message.sound)
        fault = DecodeError::bad_value;
      else if (!whole)
        fault = DecodeError::truncated;
      take(message, fault, direction, context);
      if (!whole) return;
    }
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    places_[static_cast<std::size_t>(direction)] = {.begun = true};
    context.refused(DecodeError::truncated);
    session_.gap(direction);
    open_.forget_if([&](const Request& r) { return r.direction != direction; });
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
    session_.finish(context);
  }

 private:
  // Whether messages begin where we read. Devices go by the length from one to the next, whatever is in them: so do we,
  // once we are in step with them, or a message could hide behind one that is refused.
  struct Place {
    static constexpr unsigned kSure = 3;

    bool begun = false;
    bool proven = false;          // in step a message stood that zeros are not: we stay in step, as devices do
    unsigned trust = 0;           // sound messages that stood one behind the other: one is found by chance
    std::size_t noise = 0;        // octets since the last of them
    std::size_t passed_over = 0;  // what is to come of a message that is too long

    [[nodiscard]] bool in_step() const noexcept { return trust >= kSure; }
    void step(const EnipMessage& message) {
      proven = proven || ((!begun || in_step()) && message.sound && plausible(message));
      noise = message.sound ? 0 : noise + kEnipHeaderBytes + message.length;
      trust = message.sound && begun ? std::min(trust + 1, kSure) : kSure;
      if (noise > kNoiseBytesMax && !proven) trust = 0, noise = 0;
      begun = true;
    }
  };
  struct Request {
    Timestamp time{};
    Direction direction = Direction::to_responder;
    std::uint16_t command = 0;
    std::uint32_t session = 0;
    std::uint64_t context = 0;
  };
  // What is in a message.
  struct Contents {
    Bytes items;
    std::optional<std::uint32_t> connection{};
    std::optional<CipIdentity> identity{};
    Bytes cip, services;  // the first message of CIP
    bool broken = false;
  };

  // At a place that is searched or not sure.
  static bool may_begin(const Place& place, const EnipMessage& message, bool whole, Bytes behind) {
    if (!place.begun || (place.trust > 0 && !message.sound)) return begins_flow(message, whole, behind);
    if (!message.sound) return false;
    return place.trust > 0 || !message.headed || plausible(message);
  }

  void take(const EnipMessage& message, std::optional<DecodeError> fault, Direction direction, Context& context) {
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    session_.expire(context);
    const Contents contents = read_contents(message);
    if (!fault && contents.broken) fault = DecodeError::bad_value;
    if (fault) context.refused(*fault);
    learn_client(message, contents, direction);
    if (!contents.cip.empty()) return take_cip(message, contents, direction, fault.has_value(), context);
    const bool reply = message.has_reply() && direction != client_;
    if (message.carries_cip() && reply && message.status != 0)
      session_.fail(frame_of(message, contents, {}, direction, fault.has_value()), context);
    tell(message, contents, direction, reply, context);
    if (!contents.identity) return;
    tell_cip_identity(*contents.identity, {}, direction == client_, direction, session_.devices(), context);
  }

  // There is one of them. Devices differ in which they take of several.
  void take_cip(const EnipMessage& message, const Contents& contents, Direction direction, bool refused,
                Context& context) {
    EnipItems items{contents.items};
    for (EnipItem item; items.next(item);) {
      std::optional<std::uint16_t> sequence;
      ByteReader reader{item.data};
      if (counted(message, item)) sequence = reader.u16le();
      if (carries_cip(item) && !reader.empty())
        session_.take(frame_of(message, contents, sequence, direction, refused), reader.rest(), context);
    }
  }

  CipFrame frame_of(const EnipMessage& message, const Contents& contents, std::optional<std::uint16_t> sequence,
                    Direction direction, bool refused) const {
    return {message.command, message.session, message.context,      contents.connection,
            sequence,        direction,       direction == client_, refused};
  }

  static bool carries_cip(const EnipItem& item) {
    return item.type == kEnipConnectedItem || item.type == kEnipUnconnectedItem;
  }
  // The sequence count stands in front of it.
  static bool counted(const EnipMessage& message, const EnipItem& item) {
    return item.type == kEnipConnectedItem && message.command == kEnipSendUnitData;
  }

  static Contents read_contents(const EnipMessage& message) {
    Contents out;
    ByteReader reader{message.data};
    if (message.carries_cip()) {
      out.broken = reader.u32le() != 0;  // for another interface: not all devices look
      reader.u16le();
    } else if (!message.lists() || message.data.empty()) {
      out.broken = message.command == kEnipRegisterSession && message.status == 0 && message.data.size() < 4;
      return out;
    }
    if (reader.empty()) {
      out.broken = message.status == 0 || !message.data.empty();  // what was refused comes back without data
      return out;
    }
    out.items = reader.rest();
    EnipItems items{out.items};
    for (EnipItem item; items.next(item);) read_item(message, item, out);
    out.broken = out.broken || items.broken();
    return out;
  }

  static void read_item(const EnipMessage& message, const EnipItem& item, Contents& out) {
    ByteReader reader{item.data};
    if (message.carries_cip() && carries_cip(item)) {
      if (counted(message, item)) reader.u16le();
      out.broken = out.broken || !out.cip.empty();
      if (out.cip.empty()) out.cip = reader.rest();
    } else if (item.type == kEnipConnectionItem) {
      out.connection = reader.u32le();
    } else if (item.type == kEnipServicesItem) {
      out.services = item.data;
    } else if (item.type == kEnipIdentityItem && message.lists()) {
      out.broken = !read_cip_list_identity(item.data, out.identity.emplace()) || out.broken;
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
    // Who asks cannot answer himself.
    Request* asked = open_.find([&](const Request& r) {
      return r.command == message.command && r.context == message.context && (r.direction != direction) == reply;
    });
    const bool answered = asked != nullptr && reply;
    if (context.wants(kEnipMessages)) {
      EventWriter out = begin(message.command, message.session, message.context, direction, context.now(), context);
      out.set(kEnipLength, Value::integer(message.length));
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
    open_.add({context.now(), direction, message.command, message.session, message.context}, context,
              [&](const Request& old) { unanswered(old, context); });
  }

  EventWriter begin(std::uint16_t command, std::uint32_t session, std::uint64_t sender, Direction direction,
                    Timestamp time, Context& context) const {
    EventWriter out = context.begin(kEnipMessages, time);
    out.set(kEnipIsOrig, Value::boolean(direction == client_));
    set_cip_hex(out, kEnipCommandCode, command, 2);
    if (out.wants(kEnipCommandName)) out.set(kEnipCommandName, named(out, enip_command_name(command), command));
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

// Whether its data are what only EtherNet/IP has, or in a datagram its header alone.
bool certain(const EnipMessage& message, Transport transport) {
  if (!message.sound || !plausible(message)) return false;
  ByteReader reader{message.data};
  if (message.command == kEnipRegisterSession) return reader.u32le() == 1 && reader.ok() && reader.empty();
  if (message.carries_cip()) {
    if (reader.u32le() != 0) return false;
    reader.u16le();
  } else if (!message.lists()) {
    return false;
  } else if (message.data.empty()) {
    return transport == Transport::udp && message.session == 0;
  }
  EnipItems items{reader.rest()};
  EnipItem item;
  const bool some = items.next(item);
  while (items.next(item)) continue;
  return some && !items.broken();
}

Verdict probe_anywhere(Bytes first, Transport transport) {
  ByteReader reader{first};
  EnipMessage message;
  if (read_enip(reader, message)) return certain(message, transport) ? Verdict::yes : Verdict::no;
  const bool possible = message.sound && (!message.headed || plausible(message));
  return possible && transport == Transport::tcp ? Verdict::unsure : Verdict::no;
}

// On the port a capture may begin within a message, and a connection with one that is not sound, if nothing else
// follows than the next one.
Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  if (!on_port) return probe_anywhere(first, transport);
  ByteReader reader{first};
  EnipMessage message;
  const bool whole = read_enip(reader, message);
  if (whole && (message.sound || leads_on(reader.rest()))) return Verdict::yes;
  if (transport == Transport::udp) return message.headed && message.sound ? Verdict::yes : Verdict::no;
  if (message.sound) return message.headed ? Verdict::yes : Verdict::unsure;
  if (message.nearly && message.command > kEnipLegacy) return Verdict::yes;
  for (std::size_t from = 1; from + kEnipHeaderBytes <= first.size(); ++from) {
    ByteReader later{first.subspan(from)};
    EnipMessage found;
    read_enip(later, found);
    if (found.sound && plausible(found)) return Verdict::yes;
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
