#include "record/privacy/oprf.h"

#include <algorithm>
#include <sodium/crypto_core_ristretto255.h>
#include <sodium/crypto_hash_sha512.h>
#include <sodium/crypto_scalarmult_ristretto255.h>
#include <sodium/utils.h>
#include <string>

#include "base/check.h"

namespace nw::privacy {

namespace {

static_assert(crypto_core_ristretto255_BYTES == 32 && crypto_core_ristretto255_SCALARBYTES == 32);

using Wide = std::array<std::uint8_t, 64>;
constexpr std::array<std::uint8_t, 32> kOne{1};

Wide sha512(std::initializer_list<Bytes> parts) noexcept {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  for (const Bytes part : parts) crypto_hash_sha512_update(&state, part.data(), part.size());
  Wide out;
  crypto_hash_sha512_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
  return out;
}

// contextString of section 3.1; the mode is one byte, which is zero in mode 0.
std::string tagged(std::string_view what, OprfMode mode) {
  std::string out{what};
  out += "OPRFV1-";
  out += static_cast<char>(mode);
  out += "-ristretto255-SHA512";
  return out;
}

std::array<std::uint8_t, 2> length_of(std::size_t size) noexcept {
  return {static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size)};
}

// expand_message_xmd with SHA-512 to 64 bytes: RFC 9380 section 5.3.1, one block.
Wide expand(std::initializer_list<Bytes> message, const std::string& tag) noexcept {
  constexpr std::array<std::uint8_t, 128> kPad{};
  constexpr std::uint8_t kSizes[3] = {0, 64, 0}, kFirst[1] = {1};
  const std::uint8_t tag_size[1] = {static_cast<std::uint8_t>(tag.size())};
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  const auto add = [&state](Bytes part) { crypto_hash_sha512_update(&state, part.data(), part.size()); };
  add(kPad);
  for (const Bytes part : message) add(part);
  add(kSizes);
  add(bytes_of(tag));
  add(tag_size);
  Wide first;
  crypto_hash_sha512_final(&state, first.data());
  sodium_memzero(&state, sizeof state);
  return sha512({first, kFirst, bytes_of(tag), tag_size});
}

Scalar reduced(const Wide& wide) noexcept {
  Scalar out;
  crypto_core_ristretto255_scalar_reduce(out.writable().data(), wide.data());
  return out;
}

Scalar hash_to_scalar(std::initializer_list<Bytes> message, const std::string& tag) noexcept {
  Wide wide = expand(message, tag);
  Scalar out = reduced(wide);
  sodium_memzero(wide.data(), wide.size());
  return out;
}

Element hash_to_group(OprfMode mode, Bytes input) {
  const Wide wide = expand({input}, tagged("HashToGroup-", mode));
  Element out;
  crypto_core_ristretto255_from_hash(out.data(), wide.data());
  return out;
}

bool is_zero(std::span<const std::uint8_t, 32> scalar) noexcept { return sodium_is_zero(scalar.data(), 32) == 1; }

// Below the order, so that there is one encoding of each: adding 0 reduces, and must change nothing.
bool is_canonical(std::span<const std::uint8_t, 32> scalar) noexcept {
  Wide wide{};
  std::ranges::copy(scalar, wide.begin());
  Scalar again = reduced(wide);
  sodium_memzero(wide.data(), wide.size());
  return sodium_memcmp(again.bytes().data(), scalar.data(), 32) == 0;
}

bool is_scalar(const Scalar& scalar) noexcept { return !is_zero(scalar.bytes()) && is_canonical(scalar.bytes()); }

bool is_element(const Element& element) noexcept {
  return crypto_core_ristretto255_is_valid_point(element.data()) == 1 && !is_zero(element);
}

// `scalar` times `point`, both checked before; the identity can come out of sums only.
bool times(Element& out, std::span<const std::uint8_t, 32> scalar, const Element& point) noexcept {
  return crypto_scalarmult_ristretto255(out.data(), scalar.data(), point.data()) == 0;
}

// a*P + b*Q, for what a proof says. A sum that is the identity fits no challenge: it is kept as it is.
bool sum_of_two(Element& out, std::span<const std::uint8_t, 32> a, const Element& p,
                std::span<const std::uint8_t, 32> b, const Element& q) noexcept {
  Element left{}, right{};
  // The library refuses a product that is the identity, which a zero scalar makes.
  if (!is_zero(a) && !times(left, a, p)) return false;
  if (!is_zero(b) && !times(right, b, q)) return false;
  return crypto_core_ristretto255_add(out.data(), left.data(), right.data()) == 0;
}

Error no_scalar() {
  return Error{Errc::malformed, "this is no scalar of ristretto255: 1 to the group's order, little-endian"};
}
Error no_element() { return Error{Errc::malformed, "this is no element of ristretto255 other than the identity"}; }

struct Composites {
  Element m{}, z{};
};

// ComputeComposites, section 2.2.1. With the key, z = k * m, which needs half the work.
Result<Composites> composites(const Element& public_key, std::span<const Element> c, std::span<const Element> d,
                              const Scalar* key) {
  if (c.size() != d.size() || c.empty() || c.size() > kOprfBatchMax)
    return Error{Errc::invalid_argument, "a proof is over 1 to " + std::to_string(kOprfBatchMax) +
                                             " elements, and as many evaluated ones; here are " +
                                             std::to_string(c.size()) + " and " + std::to_string(d.size())};
  const auto element_size = length_of(32);
  const std::string seed_tag = tagged("Seed-", OprfMode::voprf);
  const auto seed_tag_size = length_of(seed_tag.size());
  const Wide seed = sha512({element_size, public_key, seed_tag_size, bytes_of(seed_tag)});
  const auto seed_size = length_of(seed.size());
  const std::string scalar_tag = tagged("HashToScalar-", OprfMode::voprf);
  Composites out;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (!is_element(c[i]) || !is_element(d[i])) return no_element();
    const auto index = length_of(i);
    const Scalar weight = hash_to_scalar(
        {seed_size, seed, index, element_size, c[i], element_size, d[i], bytes_of("Composite")}, scalar_tag);
    Element product;
    if (!times(product, weight.bytes(), c[i]) ||
        crypto_core_ristretto255_add(out.m.data(), out.m.data(), product.data()) != 0)
      return no_element();
    if (key == nullptr && (!times(product, weight.bytes(), d[i]) ||
                           crypto_core_ristretto255_add(out.z.data(), out.z.data(), product.data()) != 0))
      return no_element();
  }
  if (key != nullptr && !times(out.z, key->bytes(), out.m)) return no_element();
  return out;
}

Scalar challenge_of(const Element& public_key, const Composites& both, const Element& t2, const Element& t3) {
  const auto size = length_of(32);
  return hash_to_scalar({size, public_key, size, both.m, size, both.z, size, t2, size, t3, bytes_of("Challenge")},
                        tagged("HashToScalar-", OprfMode::voprf));
}

}  // namespace

Scalar random_scalar(Random fill) {
  for (;;) {
    Secret<64> wide = Secret<64>::random(fill);
    Scalar out;
    crypto_core_ristretto255_scalar_reduce(out.writable().data(), wide.bytes().data());
    if (!is_zero(out.bytes())) return out;
  }
}

Result<Element> oprf_public_key(const Scalar& secret) {
  Element out;
  if (!is_scalar(secret) || crypto_scalarmult_ristretto255_base(out.data(), secret.bytes().data()) != 0)
    return no_scalar();
  return out;
}

Result<OprfKey> derive_oprf_key(OprfMode mode, const Key32& seed, std::string_view label) {
  if (label.size() > 65'535) return Error{Errc::invalid_argument, "the key's label is longer than 65,535 bytes"};
  const std::string tag = tagged("DeriveKeyPair", mode);
  const auto label_size = length_of(label.size());
  // That the first try gives 0 has a chance of 2^-252.
  for (unsigned counter = 0; counter < 256; ++counter) {
    const std::uint8_t count[1] = {static_cast<std::uint8_t>(counter)};
    OprfKey key{hash_to_scalar({seed.bytes(), label_size, bytes_of(label), count}, tag), {}};
    if (is_zero(key.secret.bytes())) continue;
    auto public_key = oprf_public_key(key.secret);
    if (!public_key) return public_key.error();
    key.public_key = *public_key;
    return key;
  }
  return Error{Errc::invalid_argument, "no key follows from this seed; take another one"};
}

Result<Element> oprf_blind(OprfMode mode, Bytes input, const Scalar& blind) {
  if (input.size() > kOprfInputBytesMax)
    return Error{Errc::invalid_argument, "the input is longer than 65,535 bytes: hash it first"};
  if (!is_scalar(blind)) return no_scalar();
  const Element point = hash_to_group(mode, input);
  Element out;
  if (!times(out, blind.bytes(), point)) return no_element();
  return out;
}

Result<Element> oprf_evaluate(const Scalar& secret, const Element& blinded) {
  if (!is_scalar(secret)) return no_scalar();
  Element out;
  if (!is_element(blinded) || !times(out, secret.bytes(), blinded)) return no_element();
  return out;
}

Result<OprfOutput> oprf_finalize(Bytes input, const Scalar& blind, const Element& evaluated) {
  if (input.size() > kOprfInputBytesMax)
    return Error{Errc::invalid_argument, "the input is longer than 65,535 bytes: hash it first"};
  if (!is_scalar(blind)) return no_scalar();
  Scalar inverse;
  Element unblinded;
  if (crypto_core_ristretto255_scalar_invert(inverse.writable().data(), blind.bytes().data()) != 0) return no_scalar();
  if (!is_element(evaluated) || !times(unblinded, inverse.bytes(), evaluated)) return no_element();
  const auto input_size = length_of(input.size()), size = length_of(unblinded.size());
  return sha512({input_size, input, size, unblinded, bytes_of("Finalize")});
}

// GenerateProof, section 2.2.1.
Result<OprfProof> prove(const OprfKey& key, std::span<const Element> blinded, std::span<const Element> evaluated,
                        const Scalar& random) {
  if (!is_scalar(key.secret) || !is_scalar(random)) return no_scalar();
  const auto both = composites(key.public_key, blinded, evaluated, &key.secret);
  if (!both) return both.error();
  Element t2, t3;
  if (crypto_scalarmult_ristretto255_base(t2.data(), random.bytes().data()) != 0 || !times(t3, random.bytes(), both->m))
    return no_element();
  const Scalar challenge = challenge_of(key.public_key, *both, t2, t3);
  Scalar product, response;
  crypto_core_ristretto255_scalar_mul(product.writable().data(), challenge.bytes().data(), key.secret.bytes().data());
  crypto_core_ristretto255_scalar_sub(response.writable().data(), random.bytes().data(), product.bytes().data());
  OprfProof proof;
  std::ranges::copy(challenge.bytes(), proof.challenge.begin());
  std::ranges::copy(response.bytes(), proof.response.begin());
  return proof;
}

// VerifyProof, section 2.2.2.
Result<> verify(const Element& public_key, std::span<const Element> blinded, std::span<const Element> evaluated,
                const OprfProof& proof) {
  if (!is_element(public_key)) return no_element();
  if (!is_canonical(proof.challenge) || !is_canonical(proof.response)) return no_scalar();
  const auto both = composites(public_key, blinded, evaluated, nullptr);
  if (!both) return both.error();
  Element base, t2, t3;
  crypto_scalarmult_ristretto255_base(base.data(), kOne.data());
  if (sum_of_two(t2, proof.response, base, proof.challenge, public_key) &&
      sum_of_two(t3, proof.response, both->m, proof.challenge, both->z)) {
    const Scalar expected = challenge_of(public_key, *both, t2, t3);
    if (sodium_memcmp(expected.bytes().data(), proof.challenge.data(), 32) == 0) return {};
  }
  return Error{Errc::no_permission,
               "the key server's proof does not hold: it used another key, or the answer was changed; take none of it"};
}

}  // namespace nw::privacy
