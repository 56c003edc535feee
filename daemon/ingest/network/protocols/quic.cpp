// QUIC versions 1 and 2 and late drafts: RFC 9000, 9001, 9369. A `quic` event per connection, as in Zeek's quic.log,
// and an `ssl` event for the TLS within. Only Initial packets can be read, with keys that follow from what is in the
// clear (quic_keys.h); they hold both hellos. When both sides send 1-RTT packets all is told, and the flow costs its
// headers. Frames of an Initial packet: | type | contents |, numbers as varints:
//   0 padding | 1 ping | 2, 3 acknowledgement | 6 crypto: offset, length, data | 0x1c close: code, frame, reason
#include <array>
#include <cctype>
#include <string>

#include "ingest/network/protocols/ordered_pieces.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/quic_keys.h"
#include "ingest/network/protocols/quic_packet.h"
#include "ingest/network/protocols/ssl_event.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/tls_session.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kVersion,
  kClientInitialDcid,
  kClientScid,
  kServerScid,
  kServerName,
  kClientProtocol,
  kHistory,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"version", "text",
     "version of the first packet: 1, quicv2, draft-29; unknown-NN (hexadecimal) when it has no name"},
    {"client_initial_dcid", "text", "first destination id that the client used, hexadecimal"},
    {"client_scid", "text", "id that the client chose, hexadecimal; often empty"},
    {"server_scid", "text", "id that the server chose, hexadecimal"},
    {"server_name", "text", "host that the client asks for (SNI)"},
    {"client_protocol", "text", "protocol that the client likes most (ALPN): h3, ..."},
    {"history", "text",
     "packets in their order, the client's in upper case: I initial, S a TLS hello, H handshake, Z 0-RTT, O first "
     "1-RTT, "
     "r retry, U unknown version, v version negotiation (ours), C close, X garbage behind a packet"},
});
constexpr std::array<std::string_view, 1> kService{"quic"};
enum Type : std::size_t { kQuic, kSsl, kX509 };
constexpr std::array<event::TypeSpec, 3> kTypes{
    {{"quic", "normwatch", kService, kService, kFields, false}, kSslType, kX509Type}};
// HTTPS (twice) and DNS.
constexpr std::array<std::uint16_t, 3> kPorts{443, 853, 8443};

constexpr std::size_t kHistoryMax = 100;  // letters, as in Zeek
constexpr unsigned kUnopenedMax = 32;     // Initial packets with a wrong tag, before the flow is left alone
constexpr unsigned kLonelyMax = 32;       // 1-RTT packets of a side whose other side is not seen to send any

class QuicAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    for (bool first = true; !bytes.empty() && !done_; first = false) {
      QuicPacket packet;
      if (const auto fault = read_quic_packet(bytes, first, packet)) {
        // Behind a packet whose sender left the rest of the datagram as it was.
        if (!first) return note('x', direction, context);
        return context.refused(*fault);
      }
      read(packet, direction, context);
    }
  }

  [[nodiscard]] bool done() const noexcept override { return done_; }

  void finish(Context& context) override { tell(context); }

 private:
  // What becomes one event.
  struct Connection {
    bool begun = false, client_seen = false, server_seen = false;
    bool asked_anew = false;  // by Retry or version negotiation: the client comes again with other keys
    Timestamp began;
    std::optional<std::uint32_t> version;
    QuicId first_destination, client_id, server_id;
    std::string history;
  };
  struct Side {
    OrderedPieces crypto;
    std::uint64_t largest = 0;  // packet number
    unsigned one_rtt = 0;       // packets
  };

  [[nodiscard]] bool is_client(Direction direction) const noexcept { return direction == requests_; }
  [[nodiscard]] Side& side(Direction direction) noexcept { return sides_[static_cast<std::size_t>(direction)]; }

  void note(char server_letter, Direction direction, Context& context) {
    if (closed_) return;
    if (!connection_.begun) connection_.began = context.now();
    connection_.begun = true;
    if (connection_.history.size() == kHistoryMax) return;
    connection_.history += is_client(direction) ? static_cast<char>(std::toupper(server_letter)) : server_letter;
  }

  void read(const QuicPacket& packet, Direction direction, Context& context) {
    switch (packet.type) {
      case QuicPacketType::initial: return initial(packet, direction, context);
      case QuicPacketType::zero_rtt: return other('z', packet, direction, context);
      case QuicPacketType::handshake: return other('h', packet, direction, context);
      case QuicPacketType::unknown_version: return other('u', packet, direction, context);
      case QuicPacketType::none: return note('x', direction, context);
      case QuicPacketType::version_negotiation: connection_.asked_anew = true; return note('v', direction, context);
      case QuicPacketType::retry:
        // A second one says nothing: section 17.2.5.2.
        if (connection_.asked_anew && !connection_.begun) return;
        if (!connection_.version) connection_.version = packet.version;
        note('r', direction, context);
        tell_quic(context);
        connection_.asked_anew = true;
        return;
      case QuicPacketType::one_rtt: return one_rtt(direction, context);
    }
  }

  void other(char letter, const QuicPacket& packet, Direction direction, Context& context) {
    identify(packet, direction);
    note(letter, direction, context);
  }

  // Ids and version, from the first packet of each side that has them.
  void identify(const QuicPacket& packet, Direction direction) {
    if (is_client(direction)) {
      if (std::exchange(connection_.client_seen, true)) return;
      connection_.version = packet.version;
      connection_.first_destination = QuicId{packet.destination};
      connection_.client_id = QuicId{packet.source};
    } else {
      if (std::exchange(connection_.server_seen, true)) return;
      if (!connection_.version) connection_.version = packet.version;
      connection_.server_id = QuicId{packet.source};
    }
  }

  void one_rtt(Direction direction, Context& context) {
    Side& from = side(direction);
    if (from.one_rtt++ == 0) note('o', direction, context);
    const bool both = side(opposite(direction)).one_rtt != 0;
    if (both) session_.established();
    if (!both && from.one_rtt < kLonelyMax) return;
    tell(context);
    done_ = true;
  }

  void initial(const QuicPacket& packet, Direction direction, Context& context) {
    const auto payload = open(packet, direction, context);
    if (!payload) {
      context.refused(DecodeError::bad_value);
      if (++unopened_ < kUnopenedMax) return;
      tell(context);
      done_ = true;
      return;
    }
    identify(packet, direction);
    note('i', direction, context);
    if (!frames(*payload, direction, context)) context.refused(DecodeError::bad_value);
  }

  // Which keys fit shows in the tag alone. A client's id gives new ones after Retry, after version negotiation, or when
  // another connection uses the same ports; a server may go on in another version with the same id (RFC 9368).
  std::optional<Bytes> open(const QuicPacket& packet, Direction direction, Context& context) {
    const auto suite = *quic_suite(packet.version);
    if (keys_ && suite == suite_) {
      const QuicKey& key = is_client(direction) ? keys_->client : keys_->server;
      if (const auto payload = opener_.open(key, packet, side(direction).largest)) return payload;
    }
    std::uint64_t largest = 0;
    if (keys_ && suite != suite_) {
      const auto keys = quic_initial_keys(suite, keys_of_.bytes());
      const bool client = is_client(direction);
      if (const auto payload =
              keys ? opener_.open(client ? keys->client : keys->server, packet, largest) : std::nullopt)
        return use(*keys, suite, keys_of_), payload;
    }
    if (keys_ && !is_client(direction)) return {};
    const auto keys = quic_initial_keys(suite, packet.destination);
    const auto payload = keys ? opener_.open(keys->client, packet, largest) : std::nullopt;
    if (!payload) return {};
    begin_again(direction, context);
    side(direction).largest = largest;
    use(*keys, suite, QuicId{packet.destination});
    return payload;
  }

  void use(const QuicKeys& keys, QuicSuite suite, const QuicId& destination) {
    keys_ = keys;
    suite_ = suite;
    keys_of_ = destination;
  }

  void begin_again(Direction direction, Context& context) {
    if (keys_ && !connection_.asked_anew) tell(context);
    connection_.asked_anew = closed_ = false;
    requests_ = direction;
    sides_ = {};
    session_.begin_again();
  }

  // False when they are not whole.
  bool frames(Bytes payload, Direction direction, Context& context) {
    enum Frame : std::uint8_t { kPadding, kPing, kAck, kAckEcn, kCrypto = 6, kClose = 0x1c };
    ByteReader reader{payload};
    while (!reader.empty()) {
      switch (read_quic_number(reader)) {
        case kPadding: {  // which comes in hundreds
          const Bytes rest = reader.rest();
          const auto end = std::ranges::find_if(rest, [](std::uint8_t byte) { return byte != kPadding; });
          reader.bytes(static_cast<std::size_t>(end - rest.begin()));
          break;
        }
        case kPing: break;
        case kAck: acknowledgement(reader, false); break;
        case kAckEcn: acknowledgement(reader, true); break;
        case kCrypto: {
          const std::uint64_t offset = read_quic_number(reader), length = read_quic_number(reader);
          const Bytes piece = reader.bytes(static_cast<std::size_t>(length));
          if (reader.ok()) crypto(offset, piece, direction, context);
          break;
        }
        case kClose:
          note('c', direction, context);
          tell(context);
          closed_ = true;
          return true;
        default: return false;
      }
    }
    return reader.ok();
  }

  // | largest | delay | ranges | first range | gap, range, ... | three counts |
  static void acknowledgement(ByteReader& reader, bool with_counts) {
    read_quic_number(reader);
    read_quic_number(reader);
    const std::uint64_t ranges = read_quic_number(reader);
    read_quic_number(reader);
    for (std::uint64_t i = 0; i < ranges && !reader.empty(); ++i) {
      read_quic_number(reader);
      read_quic_number(reader);
    }
    for (unsigned i = 0; with_counts && i < 3; ++i) read_quic_number(reader);
  }

  void crypto(std::uint64_t offset, Bytes piece, Direction direction, Context& context) {
    OrderedPieces& pieces = side(direction).crypto;
    if (!pieces.add(offset, piece)) return context.refused(DecodeError::limit);
    const std::size_t had = session_.facts().history.size();
    session_.read_messages(pieces.ready(), direction, context, ssl_);
    pieces.take();
    for (std::size_t i = had; i < session_.facts().history.size(); ++i) note('s', direction, context);
  }

  void tell(Context& context) {
    tell_quic(context);
    ssl_.tell(session_.facts(), ssl_began_, context);
    session_ = {};
    ssl_begun_ = false;
  }

  void tell_quic(Context& context) {
    const Connection told = std::exchange(connection_, {});
    if (!told.begun) return;
    if (!ssl_begun_) ssl_began_ = told.began;
    ssl_begun_ = true;
    if (!context.wants(kQuic)) return;
    EventWriter out = context.begin(kQuic, told.began);
    if (told.version && out.wants(kVersion))
      out.set(kVersion, Value::text(out.event().keep(quic_version_name(*told.version))));
    if (told.client_seen) set_id(out, kClientInitialDcid, told.first_destination);
    if (told.client_seen) set_id(out, kClientScid, told.client_id);
    if (told.server_seen) set_id(out, kServerScid, told.server_id);
    write_hello(out, session_.facts().client_hello);
    out.set(kHistory, Value::text(out.event().keep(told.history)));
    context.emit();
  }

  static void set_id(EventWriter& out, Field field, const QuicId& id) {
    if (!out.wants(field)) return;
    TextBuffer text;
    text.append_hex(id.bytes());
    out.set(field, Value::text(out.event().keep(text.view())));
  }

  static void write_hello(EventWriter& out, Bytes body) {
    ClientHello hello;
    if (body.empty() || read_client_hello(body, hello) == DecodeError::truncated) return;
    if (const Bytes name = server_name(hello.extensions); !name.empty()) out.set(kServerName, escaped_text(out, name));
    ByteReader offered = offered_protocols(hello);
    if (const Bytes name = offered.bytes(offered.u8()); !name.empty())
      out.set(kClientProtocol, escaped_text(out, name));
  }

  Connection connection_;
  std::array<Side, 2> sides_;                     // by direction
  Direction requests_ = Direction::to_responder;  // until an Initial packet says otherwise
  std::optional<QuicKeys> keys_;
  QuicSuite suite_ = QuicSuite::v1;
  QuicId keys_of_;  // the id that keys_ follow from
  QuicOpener opener_;
  TlsSession session_;
  SslEvents ssl_{kSsl, kX509, 'q'};
  Timestamp ssl_began_;
  unsigned unopened_ = 0;
  bool ssl_begun_ = false, closed_ = false, done_ = false;
};

// A version that we do not know, but that somebody may have meant: reserved to force a negotiation (RFC 9000 section
// 15), a small number, a draft, Facebook's, Google's Q0.. and T0... What asks first in any other is padded at least
// (section 14.1); noise is mostly shorter.
bool is_plausible(std::uint32_t version) noexcept {
  const std::uint32_t upper = version >> 16U;
  return (version & 0x0f0f'0f0fU) == 0x0a0a'0a0aU || upper == 0 || upper == 0xff00U || version >> 12U == 0xfacebU ||
         upper == ('Q' << 8 | '0') || upper == ('T' << 8 | '0');
}

// In front of a flow stands a long header of a version that we know; on the port also of another, and what a server
// says that wants another one.
Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  if (first.size() < kQuicLongHeaderMin || first.front() < 0x80) return Verdict::no;
  QuicPacket packet;
  const std::size_t size = first.size();
  const bool fixed = (first.front() & 0x40U) != 0;
  if (read_quic_packet(first, true, packet)) return Verdict::no;
  switch (packet.type) {
    case QuicPacketType::initial:
      return on_port || direction == Direction::to_originator || size >= kQuicInitialMin ? Verdict::yes : Verdict::no;
    case QuicPacketType::version_negotiation: return on_port ? Verdict::yes : Verdict::no;
    case QuicPacketType::unknown_version:
      return on_port && fixed && (is_plausible(packet.version) || size >= kQuicInitialMin) ? Verdict::yes : Verdict::no;
    case QuicPacketType::none:
    case QuicPacketType::one_rtt: return Verdict::no;
    default: return Verdict::yes;
  }
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<QuicAnalyzer>(); }

}  // namespace

Protocol quic_protocol() {
  Protocol p;
  p.name = "quic";
  p.help = "QUIC: the hellos in its Initial packets, connection ids, versions";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
