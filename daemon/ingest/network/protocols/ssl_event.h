// The `ssl` and `x509` events of a TLS handshake, whichever protocol carried it: TLS over TCP, DTLS, QUIC. Each of them
// lists both types as its own; a type of one path is one type, however many protocols make it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/tls_session.h"
#include "ingest/network/protocols/x509_event.h"

namespace nw::network {

inline constexpr auto kSslFields = std::to_array<event::FieldSpec>({
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
    {"sni_matches_cert", "boolean", "the server's certificate names the host that the client asked for"},
    {"ja3", "text", "JA3 of the client hello (ours)"},
    {"ja3s", "text", "JA3S of the server hello (ours)"},
    {"ja4", "text", "JA4 of the client hello (ours)"},
    {"client_alpn", "list of text", "protocols that the client offers (ours)"},
    {"ech_offered", "boolean", "the client hello has an encrypted one inside, or pretends to (ours)"},
});
inline constexpr std::array<std::string_view, 1> kSslService{"ssl"}, kX509Service{"x509"};
inline constexpr event::TypeSpec kSslType{"ssl", "normwatch", kSslService, kSslService, kSslFields, false};
inline constexpr event::TypeSpec kX509Type{"x509", "normwatch", kX509Service, kX509Service, kX509Fields, false};

// Takes a session's certificates as they come, and tells the session at its end.
class SslEvents final : public TlsCertificateTaker {
 public:
  // Positions of the two types in the protocol's own list; `transport` as in JA4: 't', 'd' or 'q'.
  SslEvents(std::size_t ssl_type, std::size_t x509_type, char transport) noexcept
      : ssl_{ssl_type}, x509_{x509_type}, transport_{transport} {}

  // Also the `x509` event of each certificate.
  void certificates(Bytes list, bool of_client, const TlsFacts& facts, Context& context) override;
  // Nothing when no message of TLS was seen. Begins with no certificates again.
  void tell(const TlsFacts& facts, Timestamp began, Context& context);

 private:
  std::size_t ssl_, x509_;
  char transport_;
  std::array<std::vector<std::string>, 2> chains_;  // the server's, the client's: digests
  std::optional<bool> matches_;                     // the server's first certificate, the host that was asked for
};

// Protocols that the client offers, first the one that it likes most: a reader over | length u8 | name | each.
ByteReader offered_protocols(const ClientHello& hello) noexcept;
// Bytes as text of the event, unprintable ones as \xNN.
event::Value escaped_text(EventWriter& out, Bytes bytes);

}  // namespace nw::network
