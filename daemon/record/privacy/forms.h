// Bytes as text and back, and HMAC-SHA-256: what the files of this folder share. On libsodium, whose conversions take
// the same time for each content.
#pragma once

#include <array>
#include <cstdint>
#include <sodium/crypto_auth_hmacsha256.h>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::privacy {

// True once libsodium is set up. Whatever encrypts or takes points of a curve asks first; false means a broken library.
[[nodiscard]] bool sodium_ready() noexcept;

[[nodiscard]] Bytes bytes_of(std::string_view text) noexcept;

// Lower case.
void append_hex(Bytes bytes, std::string& out);
[[nodiscard]] std::string to_hex(Bytes bytes);
// Exactly out.size() bytes, lower case, nothing else.
[[nodiscard]] bool read_hex(std::string_view text, std::span<std::uint8_t> out) noexcept;

// RFC 4648 section 4, with padding. read_base64() takes only what append_base64() writes.
void append_base64(Bytes bytes, std::string& out);
[[nodiscard]] bool read_base64(std::string_view text, std::span<std::uint8_t> out);

// SHA-256 of the parts, one after the other.
using Digest = std::array<std::uint8_t, 32>;
[[nodiscard]] Digest sha256(std::initializer_list<Bytes> parts) noexcept;

// HMAC-SHA-256 under a key that stays: the two blocks of the key are hashed once. Wiped when it goes.
class Hmac {
 public:
  explicit Hmac(Bytes key) noexcept;
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  Hmac(Hmac&& other) noexcept;
  Hmac& operator=(Hmac&& other) noexcept;
  ~Hmac();
  // The parts, one after the other.
  [[nodiscard]] Digest of(std::initializer_list<Bytes> parts) const noexcept;

 private:
  crypto_auth_hmacsha256_state state_;
};

}  // namespace nw::privacy
