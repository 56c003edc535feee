#include "record/privacy/crypto_pan.h"

#include <algorithm>
#include <array>

namespace nw::privacy {

CryptoPan::CryptoPan(const Key32& key) : cipher_{key.bytes().first<16>(), BlockCipher::Way::encrypt} {
  cipher_.run(key.bytes().last<16>(), pad_.writable());
}

// A bit is flipped by the first bit of the cipher over the plain bits before it, filled up with the padding.
IpAddress CryptoPan::run(const IpAddress& in, Known known) noexcept {
  const Bytes native = in.native();
  std::array<std::uint8_t, 16> out{}, block, cipher;
  std::ranges::copy(pad_.bytes(), block.begin());
  for (unsigned bit = 0; bit < native.size() * 8; ++bit) {
    const std::size_t byte = bit / 8;
    const unsigned shift = 7 - bit % 8;
    cipher_.run(block, cipher);
    const unsigned flip = unsigned{cipher[0]} >> 7U, given = unsigned{native[byte]} >> shift & 1U;
    const unsigned plain_bit = known == Known::plain ? given : given ^ flip;
    out[byte] = static_cast<std::uint8_t>(out[byte] | (given ^ flip) << shift);
    block[byte] = static_cast<std::uint8_t>((block[byte] & ~(1U << shift)) | plain_bit << shift);
  }
  return IpAddress::from_bytes(Bytes{out}.first(native.size()));
}

IpAddress CryptoPan::encrypt(const IpAddress& address) noexcept { return run(address, Known::plain); }
IpAddress CryptoPan::decrypt(const IpAddress& pseudonym) noexcept { return run(pseudonym, Known::pseudonym); }

}  // namespace nw::privacy
