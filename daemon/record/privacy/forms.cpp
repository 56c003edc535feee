#include "record/privacy/forms.h"

#include <algorithm>
#include <sodium/core.h>
#include <sodium/crypto_hash_sha256.h>
#include <sodium/utils.h>
#include <vector>

namespace nw::privacy {

bool sodium_ready() noexcept {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

Bytes bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void append_hex(Bytes bytes, std::string& out) {
  const std::size_t at = out.size();
  out.resize(at + bytes.size() * 2 + 1);  // the library ends it with a zero
  sodium_bin2hex(out.data() + at, bytes.size() * 2 + 1, bytes.data(), bytes.size());
  out.pop_back();
}

std::string to_hex(Bytes bytes) {
  std::string out;
  append_hex(bytes, out);
  return out;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
  const auto lower = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() != out.size() * 2 || !std::ranges::all_of(text, lower)) return false;
  std::size_t length = 0;
  return sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, nullptr) == 0 &&
         length == out.size();
}

void append_base64(Bytes bytes, std::string& out) {
  const std::size_t at = out.size();
  const std::size_t size = sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.resize(at + size);
  sodium_bin2base64(out.data() + at, size, bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();
}

bool read_base64(std::string_view text, std::span<std::uint8_t> out) {
  std::size_t length = 0;
  if (text.size() != (out.size() + 2) / 3 * 4) return false;
  if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      length != out.size())
    return false;
  // The library overlooks bits that are left over in some places: one content, one text.
  std::string again;
  append_base64(out, again);
  return again == text;
}

Digest sha256(std::initializer_list<Bytes> parts) noexcept {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const Bytes part : parts) crypto_hash_sha256_update(&state, part.data(), part.size());
  Digest out;
  crypto_hash_sha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);  // what was hashed may be a secret
  return out;
}

Hmac::Hmac(Bytes key) noexcept { crypto_auth_hmacsha256_init(&state_, key.data(), key.size()); }

Hmac::Hmac(Hmac&& other) noexcept : state_{other.state_} { sodium_memzero(&other.state_, sizeof other.state_); }

Hmac& Hmac::operator=(Hmac&& other) noexcept {
  if (this == &other) return *this;
  state_ = other.state_;
  sodium_memzero(&other.state_, sizeof other.state_);
  return *this;
}

Hmac::~Hmac() { sodium_memzero(&state_, sizeof state_); }

Digest Hmac::of(std::initializer_list<Bytes> parts) const noexcept {
  crypto_auth_hmacsha256_state state = state_;
  for (const Bytes part : parts) crypto_auth_hmacsha256_update(&state, part.data(), part.size());
  Digest out;
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
  return out;
}

}  // namespace nw::privacy
