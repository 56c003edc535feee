// STUN, and TURN's and ICE's messages in its shape: RFC 8489, 8656, 8445; without the cookie, RFC 3489. One `stun`
// event per message. ICE over TCP has each datagram behind its length: RFC 6544 section 10.1. It shares its ports with
// what it helps (RFC 7983): RTP and TURN's channels are passed over, DTLS begins anew. | type u16 | length u16, a
// multiple of 4 | 0x2112a442 | transaction 12 bytes | attributes: | type u16 | length u16 | value, filled up to 4 |. In
// `type` the method's bits stand around the two of the class: m11..m7 c1 m6..m4 c0 m3..m0.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "ingest/network/protocols/dtls.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/ssl_event.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kTransactionId,
  kMethod,
  kClass,
  kMappedAddress,
  kMappedPort,
  kRelayedAddress,
  kRelayedPort,
  kPeerAddress,
  kPeerPort,
  kUsername,
  kRealm,
  kSoftware,
  kErrorCode,
  kErrorReason,
};

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"is_orig", "boolean", "the originator of the flow sent it (ours)"},
    {"trans_id", "text", "transaction, hexadecimal (ours)"},
    {"method", "text", "BINDING, ALLOCATE, ...; unknown-NN when it has no name (ours)"},
    {"class", "text", "REQUEST, INDICATION, SUCCESS_RESPONSE or ERROR_RESPONSE (ours)"},
    {"mapped_address", "address", "where the server saw the client: its address outside NAT (ours)"},
    {"mapped_port", "integer", "and its port (ours)"},
    {"relayed_address", "address", "where a TURN server takes traffic for the client (ours)"},
    {"relayed_port", "integer", "and on which port (ours)"},
    {"peer_address", "address", "whom a TURN client wants to reach; the last one, if several (ours)"},
    {"peer_port", "integer", "and its port (ours)"},
    {"username", "text", "who asks; with ICE two random names (ours)"},
    {"realm", "text", "realm of the server's users (ours)"},
    {"software", "text", "program of the sender, as it says (ours)"},
    {"error_code", "integer", "400, 401, 438, ... (ours)"},
    {"error_reason", "text", "the error in words (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"stun"};
enum Type : std::size_t { kStun, kSsl, kX509 };
constexpr std::array<event::TypeSpec, 3> kTypes{
    {{"stun", "normwatch", kService, kService, kFields, false}, kSslType, kX509Type}};
// STUN, over TLS or DTLS, Microsoft's, Google's.
constexpr std::array<std::uint16_t, 4> kPorts{3478, 5349, 3479, 19302};

constexpr std::uint32_t kCookie = 0x2112'a442;
constexpr std::size_t kHeader = 20;
constexpr std::size_t kMessageMax = 8 * 1024;                     // with its header
constexpr std::size_t kChannelDataMax = 4 + 64 * 1024;            // TURN's, filled up
constexpr std::uint16_t kMapped = 0x0001, kMixedMapped = 0x0020;  // attributes,
constexpr std::uint16_t kMixedMappedDraft = 0x8020;               // and what the second was before the standard
constexpr unsigned kAttributesMax = 64;                           // of a message that are read

std::string_view method_name(unsigned method) noexcept {
  switch (method) {
    case 1: return "BINDING";
    case 2: return "SHARED_SECRET";
    case 3: return "ALLOCATE";
    case 4: return "REFRESH";
    case 6: return "SEND";
    case 7: return "DATA";
    case 8: return "CREATE_PERMISSION";
    case 9: return "CHANNEL_BIND";
    case 10: return "CONNECT";
    case 11: return "CONNECTION_BIND";
    case 12: return "CONNECTION_ATTEMPT";
    default: return {};
  }
}

struct Message {
  unsigned method = 0, kind = 0;
  Bytes transaction, attributes;
  bool has_cookie = false;
};

// `truncated` asks for more bytes.
std::optional<DecodeError> read_message(ByteReader& reader, Message& out) noexcept {
  const std::uint16_t type = reader.u16be();
  const std::size_t length = reader.u16be();
  const Bytes transaction = reader.bytes(16);
  if (!reader.ok()) return DecodeError::truncated;
  if (type >= 0x4000 || length % 4 != 0) return DecodeError::bad_value;
  if (length > kMessageMax - kHeader) return DecodeError::too_long;
  out.method = (type & 0x0fU) | (type & 0xe0U) >> 1U | (type & 0x3e00U) >> 2U;
  out.kind = (type & 0x10U) >> 4U | (type & 0x100U) >> 7U;
  out.has_cookie = ByteReader{transaction}.u32be() == kCookie;
  out.transaction = out.has_cookie ? transaction.subspan(4) : transaction;
  out.attributes = reader.bytes(length);
  if (!reader.ok()) return DecodeError::truncated;
  return {};
}

// | length of the datagram u16 | type u16 | length u16 | cookie |: nothing when that cannot be told yet.
std::optional<bool> is_framed(Bytes bytes) noexcept {
  ByteReader reader{bytes};
  const std::size_t datagram = reader.u16be();
  const std::uint16_t type = reader.u16be();
  if (reader.ok() && (type >= 0x4000 || datagram < kHeader || datagram > kMessageMax)) return false;
  const std::size_t length = reader.u16be();
  if (reader.ok() && (length % 4 != 0 || datagram != kHeader + length)) return false;
  const std::uint32_t cookie = reader.u32be();
  return reader.ok() ? std::optional{cookie == kCookie} : std::nullopt;
}

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
};

// | 0 | family u8 | port u16 | address |, by exclusive or with cookie and transaction where `mixed`.
std::optional<Endpoint> read_endpoint(Bytes value, const Message& message, bool mixed) {
  constexpr std::uint8_t kV4 = 1, kV6 = 2;
  ByteReader reader{value};
  reader.u8();
  const std::uint8_t family = reader.u8();
  Endpoint out{{}, reader.u16be()};
  const std::size_t size = reader.rest().size();
  if (!reader.ok() || !((family == kV4 && size == 4) || (family == kV6 && size == 16))) return {};
  std::array<std::uint8_t, 16> octets{};
  std::ranges::copy(reader.rest(), octets.begin());
  if (mixed) {
    out.port ^= kCookie >> 16U;
    for (std::size_t i = 0; i < size; ++i)
      octets[i] ^= i < 4 ? static_cast<std::uint8_t>(kCookie >> (24 - 8 * i)) : message.transaction[i - 4];
  }
  out.address = IpAddress::from_bytes(Bytes{octets}.first(size));
  return out;
}

class StunAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    if (bytes.empty()) return;
    if (bytes.front() >= 20 && bytes.front() <= 63) return dtls(bytes, direction, context);
    if (bytes.front() >= 4) return;
    Message message;
    ByteReader reader{bytes};
    if (const auto fault = read_message(reader, message)) return context.refused(*fault);
    tell(message, direction, context);
  }

  void finish(Context& context) override {
    if (dtls_) dtls_->finish(context);
  }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    if (lost_) return kGiveUp;
    if (!framed_) framed_ = is_framed(bytes);
    if (!framed_) return 0;
    return *framed_ ? frames(bytes, direction, context) : messages(bytes, direction, context);
  }

  // Where the next message begins cannot be told from relayed data.
  void gap(std::uint64_t, Direction, Context& context) override {
    context.refused(DecodeError::truncated);
    lost_ = true;
  }

 private:
  std::size_t frames(Bytes bytes, Direction direction, Context& context) {
    ByteReader reader{bytes};
    for (;;) {
      const std::size_t done = bytes.size() - reader.rest().size();
      const Bytes one = reader.bytes(reader.u16be());
      if (!reader.ok()) return done;
      datagram(one, direction, context);
    }
  }

  static std::size_t messages(Bytes bytes, Direction direction, Context& context) {
    ByteReader reader{bytes};
    std::size_t done = 0;
    for (; !reader.empty(); done = bytes.size() - reader.rest().size()) {
      if (reader.rest().front() >> 6U == 1) {
        // TURN's channels: | channel u16 | length u16 | data, filled up to 4 |
        reader.u16be();
        const std::size_t length = reader.u16be();
        reader.bytes((length + 3) / 4 * 4);
        if (!reader.ok()) return done;
        continue;
      }
      Message message;
      const auto fault = read_message(reader, message);
      if (fault == DecodeError::truncated) return done;
      if (fault) return context.refused(*fault), kGiveUp;
      // Over TCP it is always there; what has none is relayed data, for which nothing frames what follows.
      if (!message.has_cookie) return context.refused(DecodeError::bad_value), kGiveUp;
      tell(message, direction, context);
    }
    return done;
  }

  void dtls(Bytes bytes, Direction direction, Context& context) {
    if (!dtls_ && !dtls_over_ && probe_dtls(bytes) == Verdict::yes) dtls_ = make_dtls(kSsl, kX509);
    if (!dtls_) return;
    dtls_->datagram(bytes, direction, context);
    dtls_over_ = dtls_->done();
    if (dtls_over_) dtls_.reset();
  }

  static void tell(const Message& message, Direction direction, Context& context) {
    static constexpr std::array<std::string_view, 4> kClasses{"REQUEST", "INDICATION", "SUCCESS_RESPONSE",
                                                              "ERROR_RESPONSE"};
    if (!context.wants(kStun)) return;
    EventWriter out = context.begin(kStun, context.now());
    out.set(kIsOrig, Value::boolean(direction == Direction::to_responder));
    if (out.wants(kTransactionId)) {
      TextBuffer text;
      text.append_hex(message.transaction);
      out.set(kTransactionId, Value::text(out.event().keep(text.view())));
    }
    const std::string_view method = method_name(message.method);
    if (!method.empty())
      out.set(kMethod, Value::text(method));
    else if (out.wants(kMethod))
      out.set(kMethod, Value::text(out.event().keep("unknown-" + std::to_string(message.method))));
    out.set(kClass, Value::text(kClasses[message.kind]));
    const bool whole = attributes(message, out);
    context.emit();
    if (!whole) context.refused(DecodeError::bad_value);
  }

  static bool attributes(const Message& message, EventWriter& out) {
    ByteReader reader{message.attributes};
    bool mixed = false;
    for (unsigned i = 0; i < kAttributesMax && !reader.empty(); ++i) {
      const std::uint16_t type = reader.u16be();
      const std::size_t length = reader.u16be();
      const Bytes value = reader.bytes(length);
      // Before the cookie nothing was filled up, but all lengths had to be multiples of 4.
      reader.bytes(reader.ok() ? std::min((4 - length % 4) % 4, reader.rest().size()) : 0);
      if (!reader.ok()) return false;
      // The clear address may have been changed on its way by a NAT that meant well.
      if (type == kMapped && mixed) continue;
      mixed = mixed || type == kMixedMapped || type == kMixedMappedDraft;
      attribute(type, value, message, out);
    }
    return true;
  }

  static void attribute(std::uint16_t type, Bytes value, const Message& message, EventWriter& out) {
    switch (type) {
      case kMapped: return endpoint(out, kMappedAddress, read_endpoint(value, message, false));
      case kMixedMapped:
      case kMixedMappedDraft: return endpoint(out, kMappedAddress, read_endpoint(value, message, message.has_cookie));
      case 0x0016: return endpoint(out, kRelayedAddress, read_endpoint(value, message, message.has_cookie));
      case 0x0012: return endpoint(out, kPeerAddress, read_endpoint(value, message, message.has_cookie));
      case 0x0006: return text(out, kUsername, value);
      case 0x0014: return text(out, kRealm, value);
      case 0x8022: return text(out, kSoftware, value);
      case 0x0009: return error(out, value);
      default: return;
    }
  }

  static void endpoint(EventWriter& out, Field address, const std::optional<Endpoint>& value) {
    if (!value) return;
    out.set(address, Value::address(value->address));
    out.set(address + 1, Value::integer(value->port));
  }

  static void text(EventWriter& out, Field field, Bytes value) {
    // Filled up with zeros where there was no other way.
    while (!value.empty() && value.back() == 0) value = value.first(value.size() - 1);
    if (!out.wants(field)) return;
    TextBuffer text;
    text.append_escaped(value);
    out.set(field, Value::text(out.event().keep(text.view())));
  }

  // | 0 u16 | hundreds u8 | rest u8 | reason |
  static void error(EventWriter& out, Bytes value) {
    ByteReader reader{value};
    reader.u16be();
    const int hundreds = reader.u8() & 7U;
    const int code = hundreds * 100 + reader.u8();
    if (!reader.ok()) return;
    out.set(kErrorCode, Value::integer(code));
    if (!reader.empty()) text(out, kErrorReason, reader.rest());
  }

  std::unique_ptr<Analyzer> dtls_;
  bool dtls_over_ = false, lost_ = false;
  std::optional<bool> framed_;  // over TCP: known from the first bytes
};

// The cookie, or on the port a message of RFC 3489 that fills its datagram.
Verdict probe_message(Bytes first, bool tcp, bool on_port) {
  ByteReader reader{first};
  const std::uint16_t type = reader.u16be();
  if (type >= 0x4000) return Verdict::no;
  const std::size_t length = reader.u16be();
  const std::uint32_t cookie = reader.u32be();
  if (!reader.ok()) return tcp ? Verdict::unsure : Verdict::no;
  if (length % 4 != 0 || length > kMessageMax - kHeader) return Verdict::no;
  if (!tcp && length + kHeader != first.size()) return Verdict::no;
  if (cookie == kCookie) return Verdict::yes;
  return on_port && !tcp && type != 0 && (type & 0xfe00U) == 0 ? Verdict::yes : Verdict::no;
}

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  const bool tcp = transport == Transport::tcp;
  const Verdict message = probe_message(first, tcp, on_port);
  if (!tcp || message == Verdict::yes) return message;
  const auto framed = is_framed(first);
  if (framed == true) return Verdict::yes;
  return framed ? message : Verdict::unsure;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<StunAnalyzer>(); }

}  // namespace

Protocol stun_protocol() {
  Protocol p;
  p.name = "stun";
  p.help = "STUN, TURN, ICE: where peers behind NAT are seen, and relays";
  p.types = kTypes;
  p.tcp = p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.stream_bytes_max = kChannelDataMax;
  return p;
}

}  // namespace nw::network
