#include "record/privacy/ipcrypt.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace nw::privacy {

namespace {

constexpr std::size_t kBlock = 16;
using Block = std::array<std::uint8_t, kBlock>;

// The 128 bits of an address or of a block, the first bit highest.
struct Wide {
  std::uint64_t high = 0, low = 0;

  static Wide of(const Block& bytes) noexcept { return {word(bytes.data()), word(bytes.data() + 8)}; }
  void write(std::uint8_t* out) const noexcept {
    const std::uint64_t words[2] = {swap(high), swap(low)};
    std::memcpy(out, words, sizeof words);
  }
  [[nodiscard]] Wide right(unsigned count) const noexcept {
    if (count == 0) return *this;
    if (count < 64) return {high >> count, high << (64 - count) | low >> count};
    return {0, count < 128 ? high >> (count - 64) : 0};
  }
  void set(unsigned bit_from_below) noexcept {
    (bit_from_below < 64 ? low : high) |= std::uint64_t{1} << (bit_from_below % 64);
  }
  void flip(unsigned bit_from_below, std::uint64_t by) noexcept {
    (bit_from_below < 64 ? low : high) ^= by << (bit_from_below % 64);
  }

 private:
  static std::uint64_t swap(std::uint64_t x) noexcept {
    return std::endian::native == std::endian::little ? __builtin_bswap64(x) : x;
  }
  static std::uint64_t word(const std::uint8_t* from) noexcept {
    std::uint64_t x = 0;
    std::memcpy(&x, from, sizeof x);
    return swap(x);
  }
};

// What is encrypted for the bit behind the first `known` bits: those, with a 1 before them.
Wide prefix_block(const Wide& address, unsigned known) noexcept {
  Wide block = address.right(128 - known);
  block.set(known);
  return block;
}

IpAddress address_of(const Wide& wide) noexcept {
  Block bytes;
  wide.write(bytes.data());
  return IpAddress::from_bytes(bytes);
}

bool halves_equal(const Key32& key) noexcept {
  return CRYPTO_memcmp(key.bytes().data(), key.bytes().data() + kBlock, kBlock) == 0;
}

Error equal_halves() {
  return Error{Errc::invalid_argument, "both halves of the key are equal, so it would hide nothing; make another one"};
}

// kWidth bits, all of whose blocks are known before: two calls of the cipher.
template <unsigned kWidth>
void encrypt_bits(Wide& address, BlockCipher& first, BlockCipher& second) noexcept {
  constexpr unsigned kKnown = 128 - kWidth;
  std::array<std::uint8_t, kWidth * kBlock> blocks, one, two;
  for (unsigned i = 0; i < kWidth; ++i) prefix_block(address, kKnown + i).write(blocks.data() + i * kBlock);
  first.run(blocks, one);
  second.run(blocks, two);
  for (unsigned i = 0; i < kWidth; ++i) {
    const std::size_t last = i * kBlock + kBlock - 1;
    address.flip(kWidth - 1 - i, (one[last] ^ two[last]) & 1U);
  }
}

}  // namespace

BlockCipher::BlockCipher(std::span<const std::uint8_t, 16> key, Way way) : context_{EVP_CIPHER_CTX_new()} {
  // Fails without memory, or where a site's OpenSSL has no AES: the daemon cannot do its work then.
  NW_CHECK(context_ != nullptr);
  NW_CHECK(EVP_CipherInit_ex(context_.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr,
                             way == Way::encrypt ? 1 : 0) == 1);
  NW_CHECK(EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1);
}

void BlockCipher::run(Bytes in, std::span<std::uint8_t> out) noexcept {
  int written = 0;
  NW_CHECK(in.size() == out.size());
  NW_CHECK(EVP_CipherUpdate(context_.get(), out.data(), &written, in.data(), static_cast<int>(in.size())) == 1 &&
           static_cast<std::size_t>(written) == in.size());
}

Pfx::Pfx(const Key32& key)
    : first_{key.bytes().first<kBlock>(), BlockCipher::Way::encrypt},
      second_{key.bytes().last<kBlock>(), BlockCipher::Way::encrypt} {}

Result<Pfx> Pfx::create(const Key32& key) {
  if (halves_equal(key)) return equal_halves();
  return Pfx{key};
}

IpAddress Pfx::encrypt(const IpAddress& address) noexcept {
  Wide wide = Wide::of(address.bytes());
  if (address.is_v4())
    encrypt_bits<32>(wide, first_, second_);
  else
    encrypt_bits<128>(wide, first_, second_);
  return address_of(wide);
}

IpAddress Pfx::decrypt(const IpAddress& pseudonym) noexcept {
  Wide wide = Wide::of(pseudonym.bytes());
  for (unsigned known = pseudonym.is_v4() ? 96 : 0; known < 128; ++known) {
    Block block, one, two;
    prefix_block(wide, known).write(block.data());
    first_.run(block, one);
    second_.run(block, two);
    wide.flip(127 - known, (one.back() ^ two.back()) & 1U);
  }
  return address_of(wide);
}

Deterministic::Deterministic(const Key16& key)
    : forward_{key.bytes(), BlockCipher::Way::encrypt}, backward_{key.bytes(), BlockCipher::Way::decrypt} {}

IpAddress Deterministic::encrypt(const IpAddress& address) noexcept {
  Block out;
  forward_.run(address.bytes(), out);
  return IpAddress::from_bytes(out);
}

IpAddress Deterministic::decrypt(const IpAddress& pseudonym) noexcept {
  Block out;
  backward_.run(pseudonym.bytes(), out);
  return IpAddress::from_bytes(out);
}

Ndx::Ndx(const Key32& key)
    : forward_{key.bytes().first<kBlock>(), BlockCipher::Way::encrypt},
      backward_{key.bytes().first<kBlock>(), BlockCipher::Way::decrypt},
      tweak_{key.bytes().last<kBlock>(), BlockCipher::Way::encrypt} {}

Result<Ndx> Ndx::create(const Key32& key) {
  if (halves_equal(key)) return equal_halves();
  return Ndx{key};
}

Ndx::Sealed Ndx::encrypt(const IpAddress& address, const Tweak& tweak) noexcept {
  Block mask, block;
  tweak_.run(tweak, mask);
  for (std::size_t i = 0; i < kBlock; ++i) block[i] = address.bytes()[i] ^ mask[i];
  forward_.run(block, block);
  Sealed out;
  std::ranges::copy(tweak, out.begin());
  for (std::size_t i = 0; i < kBlock; ++i) out[kBlock + i] = block[i] ^ mask[i];
  return out;
}

IpAddress Ndx::decrypt(const Sealed& sealed) noexcept {
  Block mask, block;
  const Bytes whole{sealed};
  tweak_.run(whole.first(kBlock), mask);
  for (std::size_t i = 0; i < kBlock; ++i) block[i] = sealed[kBlock + i] ^ mask[i];
  backward_.run(block, block);
  for (std::size_t i = 0; i < kBlock; ++i) block[i] ^= mask[i];
  return IpAddress::from_bytes(block);
}

}  // namespace nw::privacy
