// OpenVPN over UDP and TCP: openvpn_packet.h has its packets. One `openvpn` event per flow, and the `ssl` and `x509`
// events of the TLS in its control channel where that is not encrypted itself. All is told when that handshake is over,
// when data flows, or at the flow's end; the flow costs its headers from then on.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "ingest/network/protocols/openvpn_packet.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/ssl_event.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/tls_session.h"

namespace nw::network {

namespace {

using event::Value;

enum Field : std::size_t { kReset, kClientSession, kServerSession, kWrapping, kEstablished };

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"reset", "text",
     "message that began the session: P_CONTROL_HARD_RESET_CLIENT_V2, ...; absent in mid-stream (ours)"},
    {"client_session_id", "text", "hexadecimal (ours)"},
    {"server_session_id", "text", "hexadecimal (ours)"},
    {"wrapping", "text", "what protects the control channel: none, tls-auth, tls-crypt, tls-crypt-v2 (ours)"},
    {"established", "boolean", "both sides agreed on TLS's keys, or data flowed (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"openvpn"};
enum Type : std::size_t { kOpenvpn, kSsl, kX509 };
constexpr std::array<event::TypeSpec, 3> kTypes{
    {{"openvpn", "normwatch", kService, kService, kFields, false}, kSslType, kX509Type}};
constexpr std::array<std::uint16_t, 1> kPorts{1194};

constexpr std::size_t kAheadMax = 8;      // control packets of a side that wait for one before them
constexpr std::uint32_t kReachMax = 64;   // how far ahead of that one: more is no window of OpenVPN's
constexpr unsigned kControlMax = 256;     // control packets of a flow that are looked at
constexpr std::size_t kPacketMax = 4096;  // of a control packet; data may be longer

class OpenvpnAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    if (!told_) packet(bytes, direction, context);
  }

  [[nodiscard]] bool done() const noexcept override { return told_; }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    if (side(direction).lost) return bytes.size();
    ByteReader reader{bytes};
    for (std::size_t done = 0;; done = bytes.size() - reader.rest().size()) {
      if (told_) return kDone;
      const Bytes one = reader.bytes(reader.u16be());
      if (!reader.ok()) return done;
      if (!packet(one, direction, context)) return tell(context), kGiveUp;
    }
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    side(direction).lost = true;
    session_.gap(direction);
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override { tell(context); }

 private:
  struct Ahead {
    std::uint32_t number;
    std::vector<std::uint8_t> tls;
  };
  struct Side {
    bool lost = false, spoke = false;
    std::uint32_t due = 0;          // number of the next control packet
    std::vector<Ahead> ahead;       // those behind it
    std::vector<std::uint8_t> tls;  // less than a record
    std::optional<std::array<std::uint8_t, 8>> session;
  };

  [[nodiscard]] Side& side(Direction direction) noexcept { return sides_[static_cast<std::size_t>(direction)]; }

  // False when it is none of this protocol; that has been counted.
  bool packet(Bytes bytes, Direction direction, Context& context) {
    OpenvpnPacket packet;
    if (!read_openvpn_head(bytes, packet)) return context.refused(DecodeError::bad_value), false;
    if (!begun_) began_ = context.now();
    begun_ = true;
    side(direction).spoke = true;
    if (packet.is_data()) {
      established_ = true;
      tell(context);
      return true;
    }
    if (bytes.size() > kPacketMax) return context.refused(DecodeError::too_long), true;
    identify(bytes, packet, direction);
    if (!wrapping_ || wrapping_->kind == OpenvpnWrapping::Kind::none ||
        wrapping_->kind == OpenvpnWrapping::Kind::hmac) {
      if (wrapping_) control(bytes, packet, direction, context);
    } else if (sides_[0].session && sides_[1].session) {
      tell(context);
    }
    if (++controls_ == kControlMax) tell(context);
    return true;
  }

  void identify(Bytes bytes, const OpenvpnPacket& packet, Direction direction) {
    Side& from = side(direction);
    if (!from.session) std::ranges::copy(packet.session, from.session.emplace().begin());
    const bool client = packet.is_client_reset();
    if (!client && !packet.is_server_reset()) return;
    client_ = client ? direction : opposite(direction);
    if (client && !reset_) reset_ = packet.opcode;
    if (!wrapping_) wrapping_ = openvpn_wrapping(bytes);
  }

  void control(Bytes bytes, OpenvpnPacket& packet, Direction direction, Context& context) {
    if (!read_openvpn_control(bytes, *wrapping_, packet)) return context.refused(DecodeError::truncated);
    if (packet.opcode == OpenvpnOpcode::acknowledge_v1) return;
    Side& from = side(direction);
    // Sent again; or behind a hole.
    if (packet.number < from.due) return;
    if (packet.number > from.due) {
      if (std::ranges::find(from.ahead, packet.number, &Ahead::number) != from.ahead.end()) return;
      if (from.ahead.size() == kAheadMax || packet.number - from.due > kReachMax)
        return context.refused(DecodeError::limit);
      from.ahead.push_back({packet.number, {packet.tls.begin(), packet.tls.end()}});
      return;
    }
    take(packet.tls, direction, context);
    for (;;) {
      const auto at = std::ranges::find(from.ahead, from.due, &Ahead::number);
      if (told_ || at == from.ahead.end()) return;
      const std::vector<std::uint8_t> tls = std::move(at->tls);
      from.ahead.erase(at);
      take(tls, direction, context);
    }
  }

  void take(Bytes tls, Direction direction, Context& context) {
    Side& from = side(direction);
    ++from.due;
    if (tls.empty()) return;
    // Less than a record of kTlsRecordMax waits, or the session would be broken.
    from.tls.insert(from.tls.end(), tls.begin(), tls.end());
    Bytes rest{from.tls};
    const TlsSession::Step step = session_.read(rest, direction, context, ssl_);
    from.tls.erase(from.tls.begin(), from.tls.end() - static_cast<std::ptrdiff_t>(rest.size()));
    if (step != TlsSession::Step::waiting) tell(context);
  }

  // A head alone is one octet that fits: noise has it, too. A reset of the right form, or both sides, must have been
  // seen.
  [[nodiscard]] bool credible() const noexcept { return wrapping_ || (sides_[0].spoke && sides_[1].spoke); }

  void tell(Context& context) {
    if (told_ || !credible()) return;
    told_ = true;
    ssl_.tell(session_.facts(), began_, context);
    if (!context.wants(kOpenvpn)) return;
    EventWriter out = context.begin(kOpenvpn, began_);
    if (reset_) out.set(kReset, Value::text(reset_name(*reset_)));
    set_id(out, kClientSession, side(client_));
    set_id(out, kServerSession, side(opposite(client_)));
    if (wrapping_) out.set(kWrapping, Value::text(to_string(wrapping_->kind)));
    out.set(kEstablished, Value::boolean(established_ || session_.facts().established));
    context.emit();
  }

  static std::string_view reset_name(OpenvpnOpcode opcode) noexcept {
    switch (opcode) {
      case OpenvpnOpcode::hard_reset_client_v1: return "P_CONTROL_HARD_RESET_CLIENT_V1";
      case OpenvpnOpcode::hard_reset_client_v3: return "P_CONTROL_HARD_RESET_CLIENT_V3";
      default: return "P_CONTROL_HARD_RESET_CLIENT_V2";
    }
  }

  static void set_id(EventWriter& out, Field field, const Side& from) {
    if (!from.session || !out.wants(field)) return;
    TextBuffer text;
    text.append_hex(*from.session);
    out.set(field, Value::text(out.event().keep(text.view())));
  }

  std::array<Side, 2> sides_;                   // by direction
  Direction client_ = Direction::to_responder;  // until a reset says otherwise
  std::optional<OpenvpnWrapping> wrapping_;
  std::optional<OpenvpnOpcode> reset_;
  TlsSession session_;
  SslEvents ssl_{kSsl, kX509, 't'};
  Timestamp began_{};
  unsigned controls_ = 0;
  bool begun_ = false, told_ = false, established_ = false;
};

// Off its port a whole hard reset: its zeros, or the first number of what is encrypted.
Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  ByteReader reader{first};
  std::size_t size = first.size();
  if (transport == Transport::tcp) {
    size = reader.u16be();
    if (first.size() < 3) return Verdict::unsure;
  }
  OpenvpnPacket packet;
  const Bytes there = reader.rest().first(std::min(size, reader.rest().size()));
  constexpr std::size_t kControlMin = 14;  // an acknowledgement is a little longer
  if (there.size() < size) {
    // A reset is short, and its first octet is known.
    const unsigned opcode = there.empty() ? 0 : there.front() >> 3U;
    const bool reset = (opcode == 7 || opcode == 8 || opcode == 10) && size <= kPacketMax;
    return reset || (on_port && opcode >= 1 && opcode <= 11) ? Verdict::unsure : Verdict::no;
  }
  if (!read_openvpn_head(there, packet)) return Verdict::no;
  if (packet.is_client_reset() || packet.is_server_reset()) return openvpn_wrapping(there) ? Verdict::yes : Verdict::no;
  return on_port && there.size() >= kControlMin ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<OpenvpnAnalyzer>(); }

}  // namespace

Protocol openvpn_protocol() {
  Protocol p;
  p.name = "openvpn";
  p.help = "OpenVPN: tunnels, and the TLS that sets them up";
  p.types = kTypes;
  p.tcp = p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
