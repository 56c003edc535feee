// The hellos of TLS and SSL 3: RFC 8446 and RFC 5246 section 4.1/7.4.1, RFC 6101 section 5.6.1. Views into the message;
// used by every protocol that carries them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

namespace tls_extension {
constexpr std::uint16_t kServerName = 0, kGroups = 10, kPointFormats = 11, kSignatures = 13, kAlpn = 16,
                        kPreSharedKey = 41, kVersions = 43, kKeyShare = 51, kEncryptedHello = 0xfe0d;
}

struct ClientHello {
  std::uint16_t version = 0;  // as the body says it; TLS 1.3 says more in an extension
  Bytes session_id;
  Bytes ciphers;     // u16 each
  Bytes extensions;  // whole | type u16 | length u16 | body |
};

struct ServerHello {
  std::uint16_t version = 0;
  Bytes random, session_id;
  std::uint16_t cipher = 0;
  Bytes extensions;

  // TLS 1.3 asks for another ClientHello in the shape of this message (RFC 8446 section 4.1.3).
  [[nodiscard]] bool retry() const noexcept;
  // The version that was chosen, from the extension where there is one.
  [[nodiscard]] std::uint16_t chosen_version() const noexcept;
};

// `body` is the message behind its four octets of type and length. Whole extensions before a fault are kept in
// `out.extensions`, so that a damaged hello still tells what it can.
std::optional<DecodeError> read_client_hello(Bytes body, ClientHello& out) noexcept;
std::optional<DecodeError> read_server_hello(Bytes body, ServerHello& out) noexcept;

// The body of the first extension of that type.
std::optional<Bytes> find_extension(Bytes extensions, std::uint16_t type) noexcept;
// Numbers of a list with its length in front: `length_bytes` is 1 or 2. Empty when the length lies.
Bytes extension_list(std::optional<Bytes> body, unsigned length_bytes) noexcept;
// The host name of a server_name extension; empty when there is none.
Bytes server_name(Bytes extensions) noexcept;

// Reserved numbers that clients mix in so that servers learn to ignore the unknown (RFC 8701).
constexpr bool is_grease(std::uint16_t number) noexcept {
  return (number & 0x0f0fU) == 0x0a0aU && number >> 8U == (number & 0xffU);
}
// TLS or DTLS 1.3, or one of the former's drafts and experiments.
constexpr bool is_tls13(std::uint16_t version) noexcept {
  return version == 0x0304 || version == 0xfefc || version >> 8U == 0x7fU || version >> 8U == 0x7eU;
}

}  // namespace nw::network
