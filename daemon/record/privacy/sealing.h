// The key of an epoch, sealed for 2 of n custodians. For each pair one random r: r is sealed to the one, key XOR r to
// the other (libsodium's sealed boxes: X25519, XSalsa20-Poly1305). Any two rebuild the key; what one alone can open is
// random. n * (n - 1) boxes of 80 bytes: under 5 KB for the 8 that are allowed.
//
//   config/custodians.yaml -> Custodians --seal--> SealedKey --to_text--> file ... parse --open_share x 2--> combine
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "record/privacy/kdf.h"

namespace nw::privacy {

constexpr std::size_t kCustodiansMin = 2, kCustodiansMax = 8;
constexpr std::size_t kCustodiansBytesMax = 64U << 10, kSealedBytesMax = 16U << 10;

using PublicKey = std::array<std::uint8_t, 32>;
using Fingerprint = std::array<std::uint8_t, 8>;

// Of a custodian's key: the first bytes of its SHA-256. Names whom a box is for, and what people read to each other.
[[nodiscard]] Fingerprint fingerprint_of(const PublicKey& key) noexcept;

struct Custodian {
  std::string name, body;  // the body that employs them: two of one body are one interest
  PublicKey key{};
};

// The file of public keys, YAML, strict:
//   version: 1
//   custodians:
//     - {name: duty-officer, body: national CERT, key: <64 hex digits>}
class Custodians {
 public:
  // 2 to 8, no name and no key twice, every key a point that keys can be agreed with. All faults go to `diagnostics`
  // (codes custodian-count, custodian-name, custodian-key, custodian-version, and those of base/yaml.h); a body that
  // stands there twice is a warning (custodian-body). Empty after an error.
  static Custodians read(std::string_view yaml, std::string_view file, Diagnostics& diagnostics);

  [[nodiscard]] const std::vector<Custodian>& all() const noexcept { return all_; }

 private:
  std::vector<Custodian> all_;
};

// What one box holds, open: half a key, and which half of which.
struct Share {
  std::uint8_t holder = 0, partner = 0;  // places in SealedKey::custodians
  std::array<std::uint8_t, 16> check{};  // SealedKey::check: which key it belongs to
  Key32 value;
};

struct SealedKey {
  static constexpr std::size_t kBoxBytes = 32 + 48;
  using Box = std::array<std::uint8_t, kBoxBytes>;
  struct Pair {
    std::uint8_t first = 0, second = 0;  // places of custodians, first < second
    Box for_first{}, for_second{};
  };

  std::string operator_id;
  Epoch epoch;
  std::array<std::uint8_t, 16> check{};  // tells the right key from a wrong one; says nothing of it
  std::vector<Fingerprint> custodians;
  std::vector<Pair> pairs;  // (0,1) (0,2) ... (n-2,n-1)

  // `random`: each r. The boxes' one-time keys are libsodium's own random bytes. `invalid_argument`: the operator's
  // name, or the number of custodians; `unavailable`: the library refuses a key.
  static Result<SealedKey> seal(const Key32& key, std::string_view operator_id, Epoch epoch,
                                const std::vector<Custodian>& custodians, Random random);

  // Lines of text, the first "normwatch-sealed-key/v1". parse() takes only what to_text() writes.
  [[nodiscard]] std::string to_text() const;
  static Result<SealedKey> parse(std::string_view text);

  // The place of the custodian who has this key; `not_found`: none.
  [[nodiscard]] Result<std::size_t> place_of(const PublicKey& key) const;
  // The share that the owner of this key pair has together with `partner`. `not_found`: neither of the two;
  // `malformed`: the box was changed, or is not for this key.
  [[nodiscard]] Result<Share> open_share(const PublicKey& key, const Key32& secret_key, std::size_t partner) const;
  // `invalid_argument`: shares of different pairs or keys, or the same one twice; `malformed`: the result is not the
  // key that was sealed.
  [[nodiscard]] Result<Key32> combine(const Share& one, const Share& other) const;
};

// A custodian's key pair from 32 random bytes.
struct CustodianKeys {
  PublicKey public_key{};
  Key32 secret_key;
};
[[nodiscard]] CustodianKeys make_custodian_keys(Random random);

}  // namespace nw::privacy
