#include "ingest/network/protocols/ssl_event.h"

#include <algorithm>
#include <utility>

#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/tls_fingerprint.h"
#include "ingest/network/protocols/tls_hello.h"
#include "ingest/network/protocols/tls_names.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

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
  kSniMatches,
  kJa3,
  kJa3s,
  kJa4,
  kClientAlpn,
  kEchOffered,
};

constexpr std::size_t kChainMax = 32;      // certificates of one side
constexpr std::size_t kProtocolsMax = 64;  // offered by a client that are told

// A number's name, or unknown-NN when it has none.
void set_named(EventWriter& out, Field field, std::string_view name, unsigned number) {
  if (!out.wants(field)) return;
  if (!name.empty()) return out.set(field, Value::text(name));
  out.set(field, Value::text(out.event().keep("unknown-" + std::to_string(number))));
}

void write_version(EventWriter& out, std::uint16_t version) {
  if (version >> 8U != 0x7fU) return set_named(out, kVersion, tls_version_name(version), version);
  const std::string draft = "TLSv13-draft" + std::to_string(version & 0xffU);
  if (out.wants(kVersion)) out.set(kVersion, Value::text(out.event().keep(draft)));
}

void set_digest(EventWriter& out, Field field, const auto& make) {
  if (!out.wants(field)) return;
  // Empty when OpenSSL has no MD5.
  if (const std::string digest = make(); !digest.empty()) out.set(field, Value::text(out.event().keep(digest)));
}

void write_chain(EventWriter& out, Field field, const std::vector<std::string>& chain) {
  // Without digests, nobody asked for them when the certificates came.
  if (chain.empty() || chain.front().empty() || !out.wants(field)) return;
  std::vector<Value> values;
  for (const std::string& digest : chain) values.push_back(Value::text(out.event().keep(digest)));
  set_list_copy(out, field, values);
}

void write_client(EventWriter& out, const TlsFacts& facts, char transport) {
  if (facts.client_hello.empty()) return;
  ClientHello hello;
  if (read_client_hello(facts.client_hello, hello) == DecodeError::truncated) return;
  if (const Bytes name = server_name(hello.extensions); !name.empty()) out.set(kServerName, escaped_text(out, name));
  out.set(kEchOffered, Value::boolean(find_extension(hello.extensions, tls_extension::kEncryptedHello).has_value()));
  set_digest(out, kJa3, [&] { return ja3(hello); });
  set_digest(out, kJa4, [&] { return ja4(hello, transport); });
  if (!out.wants(kClientAlpn)) return;
  std::vector<Value> offered;
  ByteReader names = offered_protocols(hello);
  while (!names.empty() && offered.size() < kProtocolsMax) {
    const Bytes name = names.bytes(names.u8());
    if (names.ok() && !name.empty()) offered.push_back(escaped_text(out, name));
  }
  set_list_copy(out, kClientAlpn, offered);
}

void write_server(EventWriter& out, const TlsFacts& facts) {
  if (facts.server_hello.empty()) return;
  ServerHello hello;
  if (read_server_hello(facts.server_hello, hello) == DecodeError::truncated) return;
  ByteReader names{extension_list(find_extension(hello.extensions, tls_extension::kAlpn), 2)};
  if (const Bytes name = names.bytes(names.u8()); !name.empty()) out.set(kNextProtocol, escaped_text(out, name));
  set_digest(out, kJa3s, [&] { return ja3s(hello); });
}

// Nothing when no host was asked for, or the certificate cannot be read.
std::optional<bool> matches(const TlsFacts& facts, Bytes der) {
  ClientHello hello;
  if (read_client_hello(facts.client_hello, hello) == DecodeError::truncated) return {};
  const Bytes host = server_name(hello.extensions);
  Certificate certificate;
  if (host.empty() || !read_certificate(der, certificate)) return {};
  return names_host(certificate, host);
}

}  // namespace

ByteReader offered_protocols(const ClientHello& hello) noexcept {
  return ByteReader{extension_list(find_extension(hello.extensions, tls_extension::kAlpn), 2)};
}

Value escaped_text(EventWriter& out, Bytes bytes) {
  TextBuffer text;
  text.append_escaped(bytes);
  return Value::text(out.event().keep(text.view()));
}

void SslEvents::certificates(Bytes list, bool of_client, const TlsFacts& facts, Context& context) {
  if (!context.wants(ssl_) && !context.wants(x509_)) return;
  auto& chain = chains_[of_client ? 1 : 0];
  const bool digests = context.wants(ssl_, of_client ? kClientCertChain : kCertChain);
  for (ByteReader reader{list}; !reader.empty();) {
    const std::size_t high = reader.u8();
    const Bytes certificate = reader.bytes(high << 16U | reader.u16be());
    if (!reader.ok()) return context.refused(DecodeError::truncated);
    if (chain.size() == kChainMax) return context.refused(DecodeError::limit);
    const CertificateRole role{chain.empty(), of_client};
    if (role.first_of_chain && !of_client && context.wants(ssl_, kSniMatches)) matches_ = matches(facts, certificate);
    chain.push_back(digests ? sha256_hex(certificate) : std::string{});
    tell_certificate(certificate, chain.back(), role, x509_, context);
  }
}

void SslEvents::tell(const TlsFacts& facts, Timestamp began, Context& context) {
  const auto chains = std::exchange(chains_, {});
  const auto matched = std::exchange(matches_, {});
  // A connection that said nothing in TLS is none.
  if (facts.history.empty() || !context.wants(ssl_)) return;
  EventWriter out = context.begin(ssl_, began);
  if (facts.version) write_version(out, *facts.version);
  if (facts.cipher) set_named(out, kCipher, tls_cipher_name(*facts.cipher), *facts.cipher);
  if (facts.group) set_named(out, kCurve, tls_group_name(*facts.group), *facts.group);
  if (facts.alert) set_named(out, kLastAlert, tls_alert_name(*facts.alert), *facts.alert);
  out.set(kResumed, Value::boolean(facts.resumed));
  out.set(kEstablished, Value::boolean(facts.established));
  // The facts go before the event does.
  out.set(kHistory, Value::text(out.event().keep(facts.history)));
  write_client(out, facts, transport_);
  write_server(out, facts);
  write_chain(out, kCertChain, chains[0]);
  write_chain(out, kClientCertChain, chains[1]);
  if (matched) out.set(kSniMatches, Value::boolean(*matched));
  context.emit();
}

}  // namespace nw::network
