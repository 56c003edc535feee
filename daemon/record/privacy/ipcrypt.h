// Addresses under a key: draft-denis-ipcrypt-13. Pfx keeps shared prefixes shared and is the form of the working store;
// Ndx hides even equality and is for exports to third parties; Nd is its shorter form; Deterministic is the building
// block that the draft names, and nothing here stores with it.
//
// One object per worker: each holds a cipher context that a call changes. No call allocates. An address is IPv4 also
// when it came IPv4-mapped (base/ip.h).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <openssl/evp.h>

#include "base/ip.h"
#include "base/result.h"
#include "record/privacy/kdf.h"
#include "record/privacy/secret.h"

namespace nw::privacy {

// AES-128 on whole blocks, without chaining: the part of each of the schemes. OpenSSL's; wiped with the context.
class BlockCipher {
 public:
  enum class Way { encrypt, decrypt };
  BlockCipher(std::span<const std::uint8_t, 16> key, Way way);
  // `in` and `out` are equally long, a multiple of 16, and the same or apart.
  void run(Bytes in, std::span<std::uint8_t> out) noexcept;

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

// ipcrypt-pfx. An IPv4 address becomes an IPv4 address, and two addresses that share n leading bits have pseudonyms
// that share exactly n. That an IPv6 pseudonym falls into ::ffff:0:0/96, and would be read as IPv4, has a chance of
// 2^-96.
class Pfx {
 public:
  // `invalid_argument` when both halves of the key are equal: the two keystreams would cancel out and every address
  // would stay as it is.
  static Result<Pfx> create(const Key32& key);

  [[nodiscard]] IpAddress encrypt(const IpAddress& address) noexcept;
  // Bit by bit, for each needs those before it: several times slower than encrypt().
  [[nodiscard]] IpAddress decrypt(const IpAddress& pseudonym) noexcept;

 private:
  explicit Pfx(const Key32& key);
  BlockCipher first_, second_;
};

// ipcrypt-deterministic: one AES block. An IPv4 address comes out as IPv6.
class Deterministic {
 public:
  explicit Deterministic(const Key16& key);
  [[nodiscard]] IpAddress encrypt(const IpAddress& address) noexcept;
  [[nodiscard]] IpAddress decrypt(const IpAddress& pseudonym) noexcept;

 private:
  BlockCipher forward_, backward_;
};

// ipcrypt-ndx: XEX with a tweak of 16 bytes, which stands before the block.
class Ndx {
 public:
  using Tweak = std::array<std::uint8_t, 16>;
  using Sealed = std::array<std::uint8_t, 32>;
  // `invalid_argument` when both halves of the key are equal.
  static Result<Ndx> create(const Key32& key);
  [[nodiscard]] Sealed encrypt(const IpAddress& address, const Tweak& tweak) noexcept;
  [[nodiscard]] IpAddress decrypt(const Sealed& sealed) noexcept;

 private:
  explicit Ndx(const Key32& key);
  BlockCipher forward_, backward_, tweak_;
};

// ipcrypt-nd: KIASU-BC, which is AES-128 with the tweak added to each round key. No library has it, so that its AES is
// our own and reads a table at secret places: where others share the processor's cache, take Ndx.
class Nd {
 public:
  using Tweak = std::array<std::uint8_t, 8>;
  using Sealed = std::array<std::uint8_t, 24>;
  explicit Nd(const Key16& key) noexcept;
  [[nodiscard]] Sealed encrypt(const IpAddress& address, const Tweak& tweak) const noexcept;
  [[nodiscard]] IpAddress decrypt(const Sealed& sealed) const noexcept;

 private:
  Secret<11 * 16> rounds_;
};

}  // namespace nw::privacy
