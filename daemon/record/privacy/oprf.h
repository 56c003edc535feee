// "Was this indicator seen by others too?" without telling it: an oblivious pseudorandom function, RFC 9497, suite
// ristretto255-SHA512, modes OPRF (0) and VOPRF (1).
//
//   operator: blind(input) --blinded--> key server: evaluate --evaluated(, proof)--> operator: finalize --> 64 bytes
//
// The key server sees points that look random; the correlator sees outputs and has no key. In mode 1 the proof shows
// that the server used the key that everybody knows the public part of, so that it cannot mark one operator.
// Points and scalars from outside are refused unless they are in their one encoding; the identity and 0 are none.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "record/privacy/forms.h"
#include "record/privacy/kdf.h"

namespace nw::privacy {

enum class OprfMode : std::uint8_t { oprf = 0, voprf = 1 };

using Element = std::array<std::uint8_t, 32>;  // of the group, encoded
using Scalar = Key32;                          // little-endian, below the group's order
using OprfOutput = std::array<std::uint8_t, 64>;

constexpr std::size_t kOprfInputBytesMax = 65'535;  // RFC 9497: two bytes of length
constexpr std::size_t kOprfBatchMax = 1'024;        // ours: of one proof; RFC 9497 allows 65,535

// A scalar from 64 random bytes; never 0.
[[nodiscard]] Scalar random_scalar(Random fill);

// DeriveKeyPair, RFC 9497 section 3.2.1. `invalid_argument`: a label over 65,535 bytes.
struct OprfKey {
  Scalar secret;
  Element public_key{};
};
[[nodiscard]] Result<OprfKey> derive_oprf_key(OprfMode mode, const Key32& seed, std::string_view label);
// `malformed`: no scalar, or 0.
[[nodiscard]] Result<Element> oprf_public_key(const Scalar& secret);

// `invalid_argument`: the input is too long; `malformed`: the blind is no scalar.
[[nodiscard]] Result<Element> oprf_blind(OprfMode mode, Bytes input, const Scalar& blind);
// The server's part, in both modes. `malformed`: no point of the group, or the identity.
[[nodiscard]] Result<Element> oprf_evaluate(const Scalar& secret, const Element& blinded);
// `malformed`: the evaluated element is no point, or the blind no scalar.
[[nodiscard]] Result<OprfOutput> oprf_finalize(Bytes input, const Scalar& blind, const Element& evaluated);

// That one key made every evaluated element of its blinded one. Challenge and response.
struct OprfProof {
  std::array<std::uint8_t, 32> challenge{}, response{};
};
// Mode 1. Both lists are equally long, 1 to kOprfBatchMax. `random`: a new scalar for each proof; a scalar that is used
// twice gives the key away.
[[nodiscard]] Result<OprfProof> prove(const OprfKey& key, std::span<const Element> blinded,
                                      std::span<const Element> evaluated, const Scalar& random);
// `no_permission` when the proof does not hold: another key was used, or something was changed on the way.
[[nodiscard]] Result<> verify(const Element& public_key, std::span<const Element> blinded,
                              std::span<const Element> evaluated, const OprfProof& proof);

}  // namespace nw::privacy
