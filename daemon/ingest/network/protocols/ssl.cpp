// TLS 1.0 to 1.3 over TCP, and SSL 3 as far as its hellos go. One `ssl` event per connection, as in Zeek's ssl.log,
// when both sides encrypt, after a fatal alert, or at the connection's end. What is encrypted is not looked at: from
// then on a flow costs its headers. Validation of certificates is not done here. Records and messages: tls_session.h.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/tls_fingerprint.h"
#include "ingest/network/protocols/tls_hello.h"
#include "ingest/network/protocols/tls_names.h"
#include "ingest/network/protocols/tls_session.h"
#include "ingest/network/protocols/x509_event.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kVersion,
  kCipher,
  kCurve,
  kServerName,
  kResumed,
  kLastAlert,
  kNextProtocol,
  kEstablished,
  kHistory,
  kCertChain,
  kClientCertChain,
  kJa3,
  kJa3s,
  kJa4,
  kClientAlpn,
  kEchOffered,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"version", "text", "version that the server chose: TLSv12, TLSv13, SSLv3; unknown-NN when it has no name"},
    {"cipher", "text", "cipher suite that the server chose: TLS_AES_128_GCM_SHA256, ..."},
    {"curve", "text", "group of the key exchange: x25519, secp256r1, ..."},
    {"server_name", "text", "host that the client asks for (SNI)"},
    {"resumed", "boolean", "an earlier session goes on"},
    {"last_alert", "text", "last alert in the clear: handshake_failure, unknown_ca, ..."},
    {"next_protocol", "text", "protocol that the server chose (ALPN); TLS 1.3 encrypts it"},
    {"established", "boolean", "the handshake came to encrypted messages of both sides"},
    {"ssl_history", "text",
     "clear messages in their order, the client's in upper case: C client hello, s server hello, ..."},
    {"cert_chain_fps", "list of text", "SHA-256 of the server's certificates; TLS 1.3 encrypts them"},
    {"client_cert_chain_fps", "list of text", "SHA-256 of the client's certificates"},
    {"ja3", "text", "JA3 of the client hello (ours)"},
    {"ja3s", "text", "JA3S of the server hello (ours)"},
    {"ja4", "text", "JA4 of the client hello (ours)"},
    {"client_alpn", "list of text", "protocols that the client offers (ours)"},
    {"ech_offered", "boolean", "the client hello has an encrypted one inside, or pretends to (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"ssl"};
constexpr std::array<std::string_view, 1> kCertificateService{"x509"};
enum Type : std::size_t { kSsl, kX509 };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"ssl", "normwatch", kService, kService, kFields, false},
     {"x509", "normwatch", kCertificateService, kCertificateService, kX509Fields, false}}};
// HTTPS, SMTP, NNTP, LDAP, DNS, Modbus/TCP Security, FTP (two), Telnet, IMAP, POP3, OPC UA, SIP, XMPP, AMQP, IRC,
// HTTPS again, MQTT, IEC 60870-5-104 and DNP3 over TLS.
constexpr auto kPorts = std::to_array<std::uint16_t>(
    {443, 465, 563, 636, 853, 802, 989, 990, 992, 993, 995, 4843, 5061, 5223, 5671, 6697, 8443, 8883, 19998, 19999});

constexpr std::size_t kChainMax = 32;      // certificates of one side
constexpr std::size_t kProtocolsMax = 64;  // offered by a client that are told

class SslAnalyzer final : public Analyzer, private TlsCertificateTaker {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    if (told_) return kDone;
    if (!begun_) began_ = context.now();
    begun_ = true;
    const std::size_t had = bytes.size();
    switch (session_.read(bytes, direction, context, *this)) {
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
  void certificates(Bytes list, bool of_client, Context& context) override {
    if (!context.wants(kSsl) && !context.wants(kX509)) return;
    auto& chain = chains_[of_client ? 1 : 0];
    for (ByteReader reader{list}; !reader.empty();) {
      const std::size_t high = reader.u8();
      const Bytes certificate = reader.bytes(high << 16U | reader.u16be());
      if (!reader.ok()) return context.refused(DecodeError::truncated);
      if (chain.size() == kChainMax) return context.refused(DecodeError::limit);
      const CertificateRole role{chain.empty(), of_client};
      chain.push_back(sha256_hex(certificate));
      if (context.wants(kX509)) tell_certificate(certificate, chain.back(), role, context);
    }
  }

  static void tell_certificate(Bytes der, std::string_view digest, CertificateRole role, Context& context) {
    Certificate certificate;
    if (!read_certificate(der, certificate)) context.refused(DecodeError::bad_value);
    EventWriter out = context.begin(kX509, context.now());
    write_fingerprint(out, digest);
    if (const auto fault = write_certificate(out, certificate, role)) context.refused(*fault);
    context.emit();
  }

  void tell(Context& context) {
    const TlsFacts& facts = session_.facts();
    if (told_) return;
    told_ = true;
    // A connection that said nothing in TLS is none.
    if (facts.history.empty() || !context.wants(kSsl)) return;
    EventWriter out = context.begin(kSsl, began_);
    if (facts.version) write_version(out, *facts.version);
    if (facts.cipher) set_named(out, kCipher, tls_cipher_name(*facts.cipher), *facts.cipher);
    if (facts.group) set_named(out, kCurve, tls_group_name(*facts.group), *facts.group);
    if (facts.alert) set_named(out, kLastAlert, tls_alert_name(*facts.alert), *facts.alert);
    out.set(kResumed, Value::boolean(facts.resumed));
    out.set(kEstablished, Value::boolean(facts.established));
    out.set(kHistory, Value::text(facts.history));
    write_client(out, facts);
    write_server(out, facts);
    write_chain(out, kCertChain, chains_[0]);
    write_chain(out, kClientCertChain, chains_[1]);
    context.emit();
  }

  // A number's name, or unknown-NN when it has none.
  static void set_named(EventWriter& out, Field field, std::string_view name, unsigned number) {
    if (!out.wants(field)) return;
    if (!name.empty()) return out.set(field, Value::text(name));
    out.set(field, Value::text(out.event().keep("unknown-" + std::to_string(number))));
  }

  static void write_version(EventWriter& out, std::uint16_t version) {
    if (version >> 8U != 0x7fU) return set_named(out, kVersion, tls_version_name(version), version);
    const std::string draft = "TLSv13-draft" + std::to_string(version & 0xffU);
    if (out.wants(kVersion)) out.set(kVersion, Value::text(out.event().keep(draft)));
  }

  static Value escaped(EventWriter& out, Bytes bytes) {
    TextBuffer text;
    text.append_escaped(bytes);
    return Value::text(out.event().keep(text.view()));
  }

  static void write_client(EventWriter& out, const TlsFacts& facts) {
    if (facts.client_hello.empty()) return;
    ClientHello hello;
    if (read_client_hello(facts.client_hello, hello) == DecodeError::truncated) return;
    if (const Bytes name = server_name(hello.extensions); !name.empty()) out.set(kServerName, escaped(out, name));
    out.set(kEchOffered, Value::boolean(find_extension(hello.extensions, tls_extension::kEncryptedHello).has_value()));
    set_digest(out, kJa3, [&] { return ja3(hello); });
    set_digest(out, kJa4, [&] { return ja4(hello, 't'); });
    if (!out.wants(kClientAlpn)) return;
    std::vector<Value> offered;
    ByteReader names{extension_list(find_extension(hello.extensions, tls_extension::kAlpn), 2)};
    while (!names.empty() && offered.size() < kProtocolsMax) {
      const Bytes name = names.bytes(names.u8());
      if (names.ok() && !name.empty()) offered.push_back(escaped(out, name));
    }
    set_list(out, kClientAlpn, offered);
  }

  static void write_server(EventWriter& out, const TlsFacts& facts) {
    if (facts.server_hello.empty()) return;
    ServerHello hello;
    if (read_server_hello(facts.server_hello, hello) == DecodeError::truncated) return;
    ByteReader names{extension_list(find_extension(hello.extensions, tls_extension::kAlpn), 2)};
    if (const Bytes name = names.bytes(names.u8()); !name.empty()) out.set(kNextProtocol, escaped(out, name));
    set_digest(out, kJa3s, [&] { return ja3s(hello); });
  }

  static void set_list(EventWriter& out, Field field, const std::vector<Value>& values) {
    const auto kept = out.event().arena().make<Value>(values.size());
    std::ranges::copy_n(values.begin(), static_cast<std::ptrdiff_t>(kept.size()), kept.begin());
    if (!kept.empty()) out.set(field, Value::list(kept));
  }

  static void set_digest(EventWriter& out, Field field, const auto& make) {
    if (!out.wants(field)) return;
    // Empty when OpenSSL has no MD5.
    if (const std::string digest = make(); !digest.empty()) out.set(field, Value::text(out.event().keep(digest)));
  }

  static void write_chain(EventWriter& out, Field field, const std::vector<std::string>& chain) {
    if (chain.empty() || !out.wants(field)) return;
    std::vector<Value> values;
    for (const std::string& digest : chain) values.push_back(Value::text(out.event().keep(digest)));
    set_list(out, field, values);
  }

  TlsSession session_;
  Timestamp began_{};
  std::array<std::vector<std::string>, 2> chains_;  // the server's, the client's: digests
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

// A record whose first message is a hello with a version inside: ten bytes of which six are fixed or nearly so, and two
// lengths that must fit. In mid-stream, a server's certificates.
Verdict probe_record(Bytes first) {
  constexpr std::uint8_t kHandshake = 22, kClientHello = 1, kServerHello = 2, kCertificate = 11;
  constexpr std::size_t kHelloMin = 38;  // version, random, session id's length, cipher, compression
  ByteReader reader{first};
  if (first.empty()) return Verdict::unsure;
  if (reader.u8() != kHandshake) return Verdict::no;
  const std::uint8_t major = reader.u8(), minor = reader.u8();
  if (major != (first.size() > 1 ? 3 : 0) || minor > 4) return Verdict::no;
  const std::size_t length = reader.u16be();
  if (reader.ok() && (length < 4 || length > kTlsRecordMax)) return Verdict::no;
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
Verdict probe(Bytes first, Direction, Transport, bool) {
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

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<SslAnalyzer>(); }

}  // namespace

Protocol ssl_protocol() {
  Protocol p;
  p.name = "ssl";
  p.help = "TLS and SSL 3 over TCP: the hellos, their fingerprints, certificates";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
