// TLS 1.0 to 1.3 over TCP, and SSL 3 as far as its hellos go; DTLS is in dtls.cpp. One `ssl` event per connection, as
// in Zeek's ssl.log, when both sides encrypt, after a fatal alert, or at the connection's end. What is encrypted is not
// looked at: from then on a flow costs its headers. Validation of certificates is not done here. Records and messages:
// tls_session.h.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/dtls.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/ssl_event.h"
#include "ingest/network/protocols/tls_session.h"

namespace nw::network {

namespace {

enum Type : std::size_t { kSsl, kX509 };
constexpr std::array<event::TypeSpec, 2> kTypes{kSslType, kX509Type};
// HTTPS, SMTP, NNTP, LDAP, DNS, Modbus/TCP Security, FTP (two), Telnet, IMAP, POP3, OPC UA, SIP, XMPP, AMQP, IRC,
// HTTPS again, MQTT, IEC 60870-5-104 and DNP3 over TLS.
constexpr auto kPorts = std::to_array<std::uint16_t>(
    {443, 465, 563, 636, 853, 802, 989, 990, 992, 993, 995, 4843, 5061, 5223, 5671, 6697, 8443, 8883, 19998, 19999});

class SslAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    if (told_) return kDone;
    if (!begun_) began_ = context.now();
    begun_ = true;
    const std::size_t had = bytes.size();
    switch (session_.read(bytes, direction, context, events_)) {
      case TlsSession::Step::waiting: return had - bytes.size();
      case TlsSession::Step::over: tell(context); return kDone;
      case TlsSession::Step::broken: tell(context); return kGiveUp;
    }
    return kGiveUp;
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    session_.gap(direction);
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override { tell(context); }

 private:
  void tell(Context& context) {
    if (!told_) events_.tell(session_.facts(), began_, context);
    told_ = true;
  }

  TlsSession session_;
  Timestamp began_{};
  SslEvents events_{kSsl, kX509, 't'};
  bool begun_ = false, told_ = false;
};

// A chain that begins with a certificate: four lengths, one inside the other, and DER's outer sequence.
Verdict probe_chain(ByteReader message, std::size_t length) {
  const auto next = [&message] {
    const std::size_t high = message.u8();
    return high << 16U | message.u16be();
  };
  const std::size_t chain = next(), certificate = next(), sequence = message.u16be(), inside = message.u16be();
  if (!message.ok()) return Verdict::unsure;
  const bool fits = chain + 3 == length && certificate + 3 <= chain && sequence == 0x3082 && inside + 4 == certificate;
  return fits ? Verdict::yes : Verdict::no;
}

// The first bytes of the first message, out of as many records as they lie in: a record may have a single byte, and
// clients that want to pass by unseen cut their hello so.
struct Opening {
  static constexpr std::size_t kBytesMax = 14;  // up to a chain's certificate; a hello shows itself by five
  std::array<std::uint8_t, kBytesMax> bytes{};
  std::size_t size = 0;
  bool good = true;  // the records are a handshake's
};
Opening read_opening(Bytes first) {
  constexpr std::uint8_t kHandshake = 22, kMajor = 3, kMinorMax = 4;
  Opening out;
  for (ByteReader reader{first}; out.good && !reader.empty() && out.size < Opening::kBytesMax;) {
    const bool handshake = reader.u8() == kHandshake, major = reader.u8() == kMajor || !reader.ok();
    out.good = handshake && major && reader.u8() <= kMinorMax;
    const std::size_t length = reader.u16be();
    if (!reader.ok()) break;
    out.good = out.good && length != 0 && length <= kTlsRecordMax;
    const Bytes fragment = reader.bytes(std::min(length, reader.rest().size()));
    const Bytes taken = fragment.first(std::min(fragment.size(), Opening::kBytesMax - out.size));
    std::ranges::copy(taken, out.bytes.begin() + static_cast<std::ptrdiff_t>(out.size));
    out.size += taken.size();
  }
  return out;
}

// Records whose first message is a hello with a version inside: ten bytes of which six are fixed or nearly so, and two
// lengths that must fit. In mid-stream, a server's certificates.
Verdict probe_record(Bytes first) {
  constexpr std::uint8_t kClientHello = 1, kServerHello = 2, kCertificate = 11;
  constexpr std::size_t kHelloMin = 38;  // version, random, session id's length, cipher, compression
  const Opening opening = read_opening(first);
  if (!opening.good) return Verdict::no;
  ByteReader reader{Bytes{opening.bytes}.first(opening.size)};
  const std::uint8_t type = reader.u8();
  if (!reader.ok()) return Verdict::unsure;
  if (type != kClientHello && type != kServerHello && type != kCertificate) return Verdict::no;
  const std::size_t high = reader.u8(), message = high << 16U | reader.u16be();
  if (!reader.ok()) return Verdict::unsure;
  if (message < kHelloMin || message > kTlsMessageMax) return Verdict::no;
  if (type == kCertificate) return probe_chain(reader, message);
  const std::uint8_t version_major = reader.u8();
  if (!reader.ok()) return Verdict::unsure;
  // Drafts of TLS 1.3 had numbers of their own in the ServerHello.
  const bool draft = type == kServerHello && (version_major == 0x7f || version_major == 0x7e);
  return version_major == 3 || draft ? Verdict::yes : Verdict::no;
}

// As SSL 2 wrapped it; both lengths must fit.
Verdict probe(Bytes first, Direction, Transport transport, bool) {
  if (transport == Transport::udp) return probe_dtls(first);
  if (first.empty() || first.front() < 0x80) return probe_record(first);
  constexpr std::size_t kHeader = 11;
  ByteReader reader{first};
  const std::size_t length = reader.u16be() & 0x7fffU;
  const std::uint8_t type = reader.u8(), major = reader.u8(), minor = reader.u8();
  const std::size_t ciphers = reader.u16be(), session_id = reader.u16be(), challenge = reader.u16be();
  if (first.size() < kHeader) return first.size() < 3 || first[2] == 1 ? Verdict::unsure : Verdict::no;
  const bool fits = ciphers % 3 == 0 && ciphers != 0 && length == 9 + ciphers + session_id + challenge;
  return type == 1 && major == 3 && minor <= 4 && fits && challenge >= 16 && challenge <= 32 ? Verdict::yes
                                                                                             : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport transport) {
  if (transport == Transport::udp) return make_dtls(kSsl, kX509);
  return std::make_unique<SslAnalyzer>();
}

}  // namespace

Protocol ssl_protocol() {
  Protocol p;
  p.name = "ssl";
  p.help = "TLS, DTLS and SSL 3: the hellos, their fingerprints, certificates";
  p.types = kTypes;
  p.tcp = p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
