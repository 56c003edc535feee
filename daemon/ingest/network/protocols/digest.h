// Digests that events tell and files are known by, and the HMAC that QUIC's keys follow from. OpenSSL's algorithms are
// fetched once, and each thread keeps its contexts: to ask for an algorithm by name costs more than a short digest.
#pragma once

#include <array>
#include <openssl/evp.h>
#include <span>

#include "base/byte_reader.h"

namespace nw::network {

enum class DigestKind : std::uint8_t { md5, sha1, sha256 };

// For streams. Null when this OpenSSL has it not (MD5 and SHA-1 under a strict FIPS provider).
const EVP_MD* digest_algorithm(DigestKind kind) noexcept;

class Digest {
 public:
  Digest(DigestKind kind, Bytes of) noexcept;
  // Empty when OpenSSL refuses.
  [[nodiscard]] Bytes bytes() const noexcept { return Bytes{digest_}.first(size_); }

 private:
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest_{};
  unsigned size_ = 0;
};

constexpr std::size_t kSha256Bytes = 32;

// RFC 2104 over SHA-256. False when OpenSSL refuses.
bool hmac_sha256(Bytes key, Bytes text, std::span<std::uint8_t, kSha256Bytes> out) noexcept;

}  // namespace nw::network
