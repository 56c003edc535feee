#include "ingest/network/protocols/tls_hello.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

constexpr std::size_t kRandomBytes = 32, kSessionIdMax = 32;

// The list at the end of a hello; absent in SSL 3 and in old clients. Keeps what is whole.
std::optional<DecodeError> read_extensions(ByteReader& reader, Bytes& out) noexcept {
  if (reader.empty()) return {};
  const std::size_t length = reader.u16be();
  const bool lies = !reader.ok() || length != reader.rest().size();
  const Bytes all = reader.ok() ? reader.rest().first(std::min(length, reader.rest().size())) : Bytes{};
  ByteReader list{all};
  std::size_t whole = 0;
  while (!list.empty()) {
    list.u16be();
    list.bytes(list.u16be());
    if (!list.ok()) break;
    whole = all.size() - list.rest().size();
  }
  out = all.first(whole);
  if (lies || !list.ok()) return DecodeError::bad_value;
  return {};
}

}  // namespace

bool ServerHello::retry() const noexcept {
  // SHA-256 of "HelloRetryRequest".
  static constexpr auto kRetry = std::to_array<std::uint8_t>(
      {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
       0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C});
  return std::ranges::equal(random, kRetry);
}

std::uint16_t ServerHello::chosen_version() const noexcept {
  if (const auto body = find_extension(extensions, tls_extension::kVersions); body && body->size() == 2)
    return ByteReader{*body}.u16be();
  return version;
}

std::optional<DecodeError> read_client_hello(Bytes body, ClientHello& out) noexcept {
  ByteReader reader{body};
  out.version = reader.u16be();
  reader.bytes(kRandomBytes);
  out.session_id = reader.bytes(reader.u8());
  out.ciphers = reader.bytes(reader.u16be());
  reader.bytes(reader.u8());  // compression methods
  if (!reader.ok()) return DecodeError::truncated;
  if (out.session_id.size() > kSessionIdMax || out.ciphers.size() % 2 != 0) return DecodeError::bad_value;
  return read_extensions(reader, out.extensions);
}

std::optional<DecodeError> read_server_hello(Bytes body, ServerHello& out) noexcept {
  ByteReader reader{body};
  out.version = reader.u16be();
  out.random = reader.bytes(kRandomBytes);
  // Drafts of TLS 1.3 up to 21 have neither session id nor compression; the standard's own number is in an extension.
  const bool early_draft = out.version == 0x0304 || (out.version >> 8U == 0x7fU && (out.version & 0xffU) < 22U);
  if (!early_draft) out.session_id = reader.bytes(reader.u8());
  out.cipher = reader.u16be();
  if (!early_draft) reader.u8();
  if (!reader.ok()) return DecodeError::truncated;
  if (out.session_id.size() > kSessionIdMax) return DecodeError::bad_value;
  return read_extensions(reader, out.extensions);
}

std::optional<Bytes> find_extension(Bytes extensions, std::uint16_t type) noexcept {
  ByteReader list{extensions};
  while (!list.empty()) {
    const std::uint16_t found = list.u16be();
    const Bytes body = list.bytes(list.u16be());
    if (list.ok() && found == type) return body;
  }
  return {};
}

Bytes extension_list(std::optional<Bytes> body, unsigned length_bytes) noexcept {
  if (!body) return {};
  ByteReader reader{*body};
  return reader.bytes(length_bytes == 1 ? reader.u8() : reader.u16be());
}

Bytes server_name(Bytes extensions) noexcept {
  constexpr std::uint8_t kHostName = 0;
  ByteReader names{extension_list(find_extension(extensions, tls_extension::kServerName), 2)};
  while (!names.empty()) {
    const std::uint8_t type = names.u8();
    const Bytes name = names.bytes(names.u16be());
    if (names.ok() && type == kHostName) return name;
  }
  return {};
}

}  // namespace nw::network
