// RADIUS over UDP: access (RFC 2865), accounting (RFC 2866), changes by the server (RFC 5176).
// | code u8 | id u8 | length u16 | authenticator 16 | attributes: kind u8, length u8 with these two, value |
//
// One `radius` event per exchange, as in Zeek's radius.log. A challenge goes on in the request that repeats its State,
// so a whole log-in is one event.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/hash.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kUsername,
  kMac,
  kFramedAddr,
  kTunnelClient,
  kConnectInfo,
  kReplyMsg,
  kResult,
  kTtl,
  kRequest,
  kMethod,
  kSigned,
  kNasAddr,
  kNasId,
  kCalledStation,
  kServiceType,
  kAcctStatus,
  kAcctSession,
  kChallenges,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"username", "text", "who wants in"},
    {"mac", "text", "Calling-Station-Id; a hardware address in lower case with colons"},
    {"framed_addr", "address", "address that the user gets, or has"},
    {"tunnel_client", "text", "the client's end of a tunnel"},
    {"connect_info", "text", "what the device says of the connection"},
    {"reply_msg", "text", "what the server has the user read"},
    {"result", "text", "success, failed; unknown without answer"},
    {"ttl", "interval", "from the request to the answer; absent when one of them was not seen"},
    {"request", "text",
     "Access-Request, Accounting-Request, Disconnect-Request, ...; absent when only the answer was seen "
     "(ours)"},
    {"method", "text",
     "how the user proves who it is: PAP, CHAP, MS-CHAP, MS-CHAPv2, EAP; the proof itself is never told (ours)"},
    {"signed", "boolean",
     "an Access-Request or Status-Server has a Message-Authenticator; without it the answer can be forged (ours)"},
    {"nas_addr", "address", "the device that asks: switch, access point, gateway (ours)"},
    {"nas_id", "text", "its name (ours)"},
    {"called_station", "text", "where the user knocks: number, or hardware address and network (ours)"},
    {"service_type", "integer", "2 network, 6 administration, 7 its prompt, ... (ours)"},
    {"acct_status", "text", "Start, Stop, Interim-Update, ...; unknown-NN when it has no name (ours)"},
    {"acct_session", "text", "names a session in its accounting (ours)"},
    {"challenges", "integer", "rounds before the answer (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"radius"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"radius", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 5> kPorts{1812, 1813, 1645, 1646, 3799};

constexpr std::size_t kHeaderBytes = 20, kAuthenticatorBytes = 16, kLengthMax = 4096;  // RFC 2865 section 3
constexpr std::size_t kAttributesMax = 256;                                            // per message
constexpr std::size_t kOpenMax = 64;                                                   // exchanges per flow
constexpr Nanoseconds kWait = std::chrono::seconds{30};  // from the last message of an exchange on

// Kinds of attributes that are kept. RFC 2865, 2866, 2868, 2869.
enum Attribute : std::uint8_t {
  kUserName = 1,
  kUserPassword = 2,
  kChapPassword = 3,
  kNasIpAddress = 4,
  kService_Type = 6,
  kFramedIpAddress = 8,
  kReplyMessage = 18,
  kState = 24,
  kVendorSpecific = 26,
  kCalledStationId = 30,
  kCallingStationId = 31,
  kNasIdentifier = 32,
  kAcctStatusType = 40,
  kAcctSessionId = 44,
  kTunnelClientEndpoint = 66,
  kConnectInfoText = 77,
  kEapMessage = 79,
  kMessageAuthenticator = 80,
};

struct Message {
  std::uint8_t code = 0, id = 0;
  Bytes authenticator, attributes;

  // The first attribute of a kind; empty: none. The list was checked when it was read.
  [[nodiscard]] Bytes find(Attribute kind) const {
    return find_if([&](std::uint8_t found, Bytes) { return found == kind; });
  }
  [[nodiscard]] Bytes find_if(const auto& wanted) const {
    ByteReader reader{attributes};
    for (std::size_t read = 0; read < kAttributesMax && !reader.empty(); ++read) {
      const std::uint8_t found = reader.u8(), length = reader.u8();
      const Bytes value = reader.bytes(length < 2 ? reader.rest().size() + 1 : length - std::size_t{2});
      if (wanted(found, value)) return value;
    }
    return {};
  }
};

// Attributes until there are no more, each in its bounds. Servers drop a message whose list is broken, and random bytes
// on the port begin like messages often: only what is beyond the limit is left out.
std::optional<DecodeError> check_attributes(Bytes attributes) {
  ByteReader reader{attributes};
  for (std::size_t read = 0; !reader.empty(); ++read) {
    if (read == kAttributesMax) return DecodeError::limit;
    const std::uint8_t kind = reader.u8();
    const std::size_t octets = reader.u8();
    if (reader.ok() && (kind == 0 || octets < 2)) return DecodeError::bad_value;
    reader.bytes(octets - 2);
    if (!reader.ok()) return DecodeError::truncated;
  }
  return {};
}

// Only with `limit` is `out` of use in spite of the fault.
std::optional<DecodeError> read_message(Bytes in, Message& out) {
  ByteReader reader{in};
  out.code = reader.u8();
  out.id = reader.u8();
  const std::size_t length = reader.u16be();
  out.authenticator = reader.bytes(kAuthenticatorBytes);
  if (!reader.ok()) return DecodeError::truncated;
  if (length < kHeaderBytes || length > kLengthMax) return DecodeError::bad_value;
  // Octets behind the length are padding.
  out.attributes = reader.bytes(length - kHeaderBytes);
  if (!reader.ok()) return DecodeError::truncated;
  return check_attributes(out.attributes);
}

enum Code : std::uint8_t {
  kAccessRequest = 1,
  kAccessAccept,
  kAccessReject,
  kAccountingRequest,
  kAccountingResponse,
  kAccessChallenge = 11,
  kStatusServer,
  kDisconnectRequest = 40,
  kDisconnectAck,
  kDisconnectNak,
  kCoaRequest,
  kCoaAck,
  kCoaNak,
};

// Empty: it asks for nothing.
std::string_view request_name(std::uint8_t code) {
  switch (code) {
    case kAccessRequest: return "Access-Request";
    case kAccountingRequest: return "Accounting-Request";
    case kStatusServer: return "Status-Server";
    case kDisconnectRequest: return "Disconnect-Request";
    case kCoaRequest: return "CoA-Request";
    default: return {};
  }
}

// Empty: it answers nothing.
std::string_view result_name(std::uint8_t code) {
  switch (code) {
    case kAccessAccept:
    case kAccountingResponse:
    case kDisconnectAck:
    case kCoaAck: return "success";
    case kAccessReject:
    case kDisconnectNak:
    case kCoaNak: return "failed";
    case kAccessChallenge: return "unknown";  // until it goes on
    default: return {};
  }
}

std::string_view status_name(std::uint32_t status) {
  switch (status) {
    case 1: return "Start";
    case 2: return "Stop";
    case 3: return "Interim-Update";
    case 7: return "Accounting-On";
    case 8: return "Accounting-Off";
    case 15: return "Failed";
    default: return {};
  }
}

using Octets = std::vector<std::uint8_t>;

struct Exchange {
  Timestamp first, last;
  Direction asked = Direction::to_responder;
  std::uint8_t id = 0;
  std::array<std::uint8_t, kAuthenticatorBytes> authenticator{};  // of the last request
  std::uint64_t hash = 0;                                         // of the last request
  bool waiting = false;                                  // for an answer; else for the request that repeats `state`
  std::string_view request, result = "unknown", method;  // static
  bool answered = false, is_signed = false;
  Octets user, station, called, framed, tunnel, info, reply, nas, nas_id, service, status, session, state;
  std::int64_t challenges = 0;
};

void keep(const Message& message, Attribute kind, Octets& place) {
  if (const Bytes value = message.find(kind); !value.empty()) place.assign(value.begin(), value.end());
}

void add(const Message& message, Timestamp now, Exchange& into) {
  into.last = now;
  keep(message, kUserName, into.user);
  keep(message, kCallingStationId, into.station);
  keep(message, kCalledStationId, into.called);
  keep(message, kFramedIpAddress, into.framed);
  keep(message, kTunnelClientEndpoint, into.tunnel);
  keep(message, kConnectInfoText, into.info);
  keep(message, kReplyMessage, into.reply);
  keep(message, kNasIpAddress, into.nas);
  keep(message, kNasIdentifier, into.nas_id);
  keep(message, kService_Type, into.service);
  keep(message, kAcctStatusType, into.status);
  keep(message, kAcctSessionId, into.session);
}

// Microsoft's attributes within one of a vendor (RFC 2548): | vendor u32 = 311 | kind u8, length u8, value | ... |
std::string_view microsoft_method(Bytes attribute) {
  constexpr std::uint32_t kMicrosoft = 311;
  constexpr std::uint8_t kResponse = 1, kChange1 = 3, kChange2 = 4, kResponse2 = 25, kChangeOf2 = 27;
  ByteReader reader{attribute};
  if (reader.u32be() != kMicrosoft) return {};
  while (!reader.empty()) {
    const std::uint8_t kind = reader.u8(), length = reader.u8();
    reader.bytes(length < 2 ? reader.rest().size() + 1 : length - std::size_t{2});
    if (!reader.ok()) break;
    if (kind == kResponse2 || kind == kChangeOf2) return "MS-CHAPv2";
    if (kind == kResponse || kind == kChange1 || kind == kChange2) return "MS-CHAP";
  }
  return {};
}

std::string_view method_of(const Message& message) {
  if (!message.find(kEapMessage).empty()) return "EAP";
  std::string_view microsoft;
  (void)message.find_if([&](std::uint8_t kind, Bytes value) {
    if (kind == kVendorSpecific) microsoft = microsoft_method(value);
    return !microsoft.empty();
  });
  if (!microsoft.empty()) return microsoft;
  if (!message.find(kChapPassword).empty()) return "CHAP";
  return message.find(kUserPassword).empty() ? std::string_view{} : "PAP";
}

constexpr bool is_hex(std::uint8_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Twelve hexadecimal digits with - : or . between them, however grouped, are a hardware address; the rest is as it was.
void set_station(EventWriter& out, Bytes station) {
  if (!out.wants(kMac)) return;
  TextBuffer text;
  std::size_t digits = 0;
  for (const std::uint8_t c : station) {
    if (!is_hex(c) && c != '-' && c != ':' && c != '.') return set_text(out, kMac, station);
    if (!is_hex(c)) continue;
    if (digits != 0 && digits % 2 == 0) text.append(':');
    text.append(static_cast<char>(c >= 'A' && c <= 'F' ? c | 0x20 : c));
    ++digits;
  }
  if (digits != 12) return set_text(out, kMac, station);
  out.set(kMac, Value::text(out.event().keep(text.view())));
}

void set_address(EventWriter& out, Field field, Bytes address) {
  if (address.size() == 4) out.set(field, Value::address(IpAddress::from_bytes(address)));
}

// RFC 2868 section 3.3: a first octet up to 0x1f is a tag, not text.
void set_tunnel(EventWriter& out, Bytes tunnel) {
  if (!tunnel.empty() && tunnel[0] <= 0x1f) tunnel = tunnel.subspan(1);
  set_text(out, kTunnelClient, tunnel);
}

void tell(const Exchange& told, Context& context) {
  EventWriter out = context.begin(0, told.first);
  set_text(out, kUsername, told.user);
  set_station(out, told.station);
  set_address(out, kFramedAddr, told.framed);
  set_tunnel(out, told.tunnel);
  set_text(out, kConnectInfo, told.info);
  set_text(out, kReplyMsg, told.reply);
  out.set(kResult, Value::text(told.result));
  if (told.answered && !told.request.empty()) out.set(kTtl, Value::interval(told.last - told.first));
  if (!told.request.empty()) {
    out.set(kRequest, Value::text(told.request));
    // The authenticator of all other requests is made with the secret itself.
    if (told.request == request_name(kAccessRequest) || told.request == request_name(kStatusServer))
      out.set(kSigned, Value::boolean(told.is_signed));
  }
  if (!told.method.empty()) out.set(kMethod, Value::text(told.method));
  set_address(out, kNasAddr, told.nas);
  set_text(out, kNasId, told.nas_id);
  set_text(out, kCalledStation, told.called);
  if (told.service.size() == 4) out.set(kServiceType, Value::integer(ByteReader{told.service}.u32be()));
  if (told.status.size() == 4 && out.wants(kAcctStatus)) {
    const std::uint32_t status = ByteReader{told.status}.u32be();
    out.set(kAcctStatus, named(out, status_name(status), status));
  }
  set_text(out, kAcctSession, told.session);
  out.set(kChallenges, Value::integer(told.challenges));
  context.emit();
}

class RadiusAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    if (!context.wants(0)) return;
    Message message;
    const auto fault = read_message(bytes, message);
    if (fault) context.refused(*fault);
    if (fault && *fault != DecodeError::limit) return;
    expire(context);
    // What is sent again is the same to the octet (RFC 5080 section 2.2.1), and so is what answers it.
    hash_ = hash64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const auto known = std::ranges::find(settled_, hash_, &Settled::hash);
    if (known != settled_.end() && context.now() - known->time <= kWait && !is_open(message, direction)) return;
    if (!request_name(message.code).empty()) return request(message, direction, context);
    if (!result_name(message.code).empty()) return answer(message, direction, context);
    if (!fault) context.refused(DecodeError::bad_value);
  }

  void finish(Context& context) override {
    for (const Exchange& open : open_) tell(open, context);
    open_.clear();
  }

 private:
  using Place = std::vector<Exchange>::iterator;

  void request(const Message& message, Direction direction, Context& context) {
    const Bytes state = message.find(kState);
    auto at = std::ranges::find_if(open_, [&](const Exchange& e) {
      return e.waiting && e.id == message.id && e.asked == direction && e.request == request_name(message.code);
    });
    // Its id was given to another request (RFC 5080 section 2.2.2), so nobody will answer it any more.
    if (at != open_.end() && !std::ranges::equal(at->authenticator, message.authenticator)) {
      tell(*at, context);
      open_.erase(at);
      at = open_.end();
    }
    if (at == open_.end() && !state.empty())
      at = std::ranges::find_if(open_,
                                [&](const Exchange& e) { return !e.waiting && std::ranges::equal(e.state, state); });
    if (at == open_.end()) at = make_room(context);
    if (at->request.empty()) at->first = context.now();
    at->asked = direction;
    at->id = message.id;
    at->waiting = true;
    at->request = request_name(message.code);
    std::ranges::copy(message.authenticator, at->authenticator.begin());
    at->hash = hash_;
    at->is_signed = !message.find(kMessageAuthenticator).empty();
    if (at->method.empty()) at->method = method_of(message);
    add(message, context.now(), *at);
  }

  void answer(const Message& message, Direction direction, Context& context) {
    auto at = std::ranges::find_if(
        open_, [&](const Exchange& e) { return e.waiting && e.id == message.id && e.asked != direction; });
    if (at == open_.end()) {
      at = make_room(context);
      at->first = context.now();
    }
    settle(at->hash, context);
    settle(hash_, context);
    add(message, context.now(), *at);
    at->waiting = false;
    at->result = result_name(message.code);
    at->answered = message.code != kAccessChallenge;
    if (const Bytes state = message.find(kState); !at->answered && !state.empty()) {
      ++at->challenges;
      at->state.assign(state.begin(), state.end());
      return;
    }
    tell(*at, context);
    open_.erase(at);
  }

  // A message that was answered, or is an answer.
  struct Settled {
    std::uint64_t hash = 0;
    Timestamp time{};
  };
  void settle(std::uint64_t hash, Context& context) {
    if (hash == 0) return;
    settled_[next_] = {hash, context.now()};
    next_ = (next_ + 1) % settled_.size();
  }
  // Whether an exchange waits for this message, whatever was seen before.
  [[nodiscard]] bool is_open(const Message& message, Direction direction) const {
    const bool asks = !request_name(message.code).empty();
    return std::ranges::any_of(
        open_, [&](const Exchange& e) { return e.waiting && e.id == message.id && (e.asked == direction) == asks; });
  }

  Place make_room(Context& context) {
    if (open_.size() == kOpenMax) {
      context.refused(DecodeError::limit);
      tell(open_.front(), context);
      open_.erase(open_.begin());
    }
    open_.emplace_back();
    return open_.end() - 1;
  }

  void expire(Context& context) {
    for (std::size_t i = 0; i < open_.size();) {
      if (context.now() - open_[i].last <= kWait) {
        ++i;
        continue;
      }
      tell(open_[i], context);
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  std::vector<Exchange> open_;  // in the order that they began
  static constexpr std::size_t kSettledMax = 64;
  std::array<Settled, kSettledMax> settled_{};  // a ring
  std::size_t next_ = 0;
  std::uint64_t hash_ = 0;  // of the message that is read
};

Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  Message message;
  const auto fault = read_message(first, message);
  if (request_name(message.code).empty() && result_name(message.code).empty()) return Verdict::no;
  if (on_port) return first.size() >= kHeaderBytes ? Verdict::yes : Verdict::no;
  // Elsewhere only a whole message, to the octet, with what every request must say.
  const bool whole = !fault && first.size() == kHeaderBytes + message.attributes.size();
  const bool asks = message.code == kAccessRequest &&
                    (message.find(kNasIpAddress).size() == 4 || !message.find(kNasIdentifier).empty());
  return whole && asks ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<RadiusAnalyzer>(); }

}  // namespace

Protocol radius_protocol() {
  Protocol p;
  p.name = "radius";
  p.help = "RADIUS: who is let into a network, and accounting";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
