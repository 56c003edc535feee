// Ed25519 (RFC 8032) by OpenSSL, and nothing else of it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nw::merkle {

constexpr std::size_t kSignatureBytes = 64;
using PublicKey = std::array<std::uint8_t, 32>;

// A private key. It lives in OpenSSL's memory, which wipes it when it is given back.
class PrivateKey {
 public:
  // The seed of RFC 8032 section 5.1.5, 32 bytes; who has it wipes it (OPENSSL_cleanse). `invalid_argument` otherwise.
  static Result<PrivateKey> from_seed(std::string_view seed);

  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }
  [[nodiscard]] std::string sign(std::string_view message) const;  // 64 bytes

 private:
  struct Free {
    void operator()(void* key) const;
  };
  std::unique_ptr<void, Free> key_;  // an EVP_PKEY
  PublicKey public_key_{};
};

// False too when `signature` has not 64 bytes or `key` is no point of the curve.
bool verify_ed25519(const PublicKey& key, std::string_view message, std::string_view signature);

}  // namespace nw::merkle
