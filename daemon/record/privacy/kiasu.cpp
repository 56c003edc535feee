// ipcrypt-nd: KIASU-BC (Jean, Nikolic, Peyrin 2014), AES-128 of FIPS 197 whose round keys take the tweak.
#include <algorithm>
#include <cstring>

#include "record/privacy/ipcrypt.h"

namespace nw::privacy {

namespace {

constexpr std::size_t kBlock = 16, kRounds = 10;
using Block = std::array<std::uint8_t, kBlock>;

// Times x in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1: FIPS 197 section 4.2.
constexpr std::uint8_t twice(std::uint8_t a) noexcept {
  return static_cast<std::uint8_t>(unsigned{a} << 1U ^ (unsigned{a} >> 7U) * 0x1bU);
}
constexpr std::uint8_t times(std::uint8_t a, std::uint8_t b) noexcept {
  std::uint8_t sum = 0;
  for (; b != 0; b >>= 1U, a = twice(a))
    if ((b & 1U) != 0) sum ^= a;
  return sum;
}

struct Boxes {
  std::array<std::uint8_t, 256> forward{}, backward{};
};

// FIPS 197 section 5.1.1: the inverse, then the affine map.
constexpr Boxes kBoxes = [] {
  Boxes boxes;
  std::array<std::uint8_t, 255> powers{};
  std::array<std::uint8_t, 256> log{};
  std::uint8_t power = 1;
  for (unsigned i = 0; i < 255; ++i) {
    powers[i] = power;
    log[power] = static_cast<std::uint8_t>(i);
    power = static_cast<std::uint8_t>(power ^ twice(power));  // times 3, which generates the group
  }
  for (unsigned i = 0; i < 256; ++i) {
    const std::uint8_t inverse = i == 0 ? std::uint8_t{0} : powers[(255U - log[i]) % 255U];
    unsigned out = 0x63;
    for (unsigned turn = 0; turn < 5; ++turn)
      out ^= (unsigned{inverse} << turn | unsigned{inverse} >> (8 - turn)) & 0xffU;
    boxes.forward[i] = static_cast<std::uint8_t>(out);
    boxes.backward[out] = static_cast<std::uint8_t>(i);
  }
  return boxes;
}();
static_assert(kBoxes.forward[0x53] == 0xed && kBoxes.backward[0xed] == 0x53);  // FIPS 197's example

// Where ShiftRows takes byte i from, column by column.
constexpr std::size_t shifted(std::size_t i) noexcept { return (i + i % 4 * 4) % kBlock; }

void mix(Block& state, const std::array<std::uint8_t, 4>& by) noexcept {
  for (std::size_t column = 0; column < kBlock; column += 4) {
    std::array<std::uint8_t, 4> in{};
    std::copy_n(state.begin() + static_cast<std::ptrdiff_t>(column), 4, in.begin());
    for (std::size_t row = 0; row < 4; ++row) {
      std::uint8_t sum = 0;
      for (std::size_t i = 0; i < 4; ++i) sum ^= times(in[(row + i) % 4], by[i]);
      state[column + row] = sum;
    }
  }
}

// The tweak's bytes lie in the first two rows of each column.
void add_key(Block& state, std::span<const std::uint8_t> key, std::span<const std::uint8_t, 8> tweak) noexcept {
  for (std::size_t i = 0; i < kBlock; ++i) state[i] ^= key[i];
  for (std::size_t i = 0; i < 8; ++i) state[i / 2 * 4 + i % 2] ^= tweak[i];
}

}  // namespace

// FIPS 197 section 5.2.
Nd::Nd(const Key16& key) noexcept {
  const std::span<std::uint8_t> words = rounds_.writable();
  std::ranges::copy(key.bytes(), words.begin());
  std::uint8_t constant = 1;
  for (std::size_t at = kBlock; at < words.size(); at += 4) {
    std::array<std::uint8_t, 4> last{};
    std::copy_n(words.begin() + static_cast<std::ptrdiff_t>(at - 4), 4, last.begin());
    if (at % kBlock == 0) {
      std::rotate(last.begin(), last.begin() + 1, last.end());
      for (std::uint8_t& byte : last) byte = kBoxes.forward[byte];
      last[0] ^= constant;
      constant = twice(constant);
    }
    for (std::size_t i = 0; i < 4; ++i) words[at + i] = words[at - kBlock + i] ^ last[i];
    explicit_bzero(last.data(), last.size());
  }
}

Nd::Sealed Nd::encrypt(const IpAddress& address, const Tweak& tweak) const noexcept {
  Block state = address.bytes();
  const std::span<const std::uint8_t> keys = rounds_.bytes();
  add_key(state, keys.first(kBlock), tweak);
  for (std::size_t round = 1; round <= kRounds; ++round) {
    Block next;
    for (std::size_t i = 0; i < kBlock; ++i) next[i] = kBoxes.forward[state[shifted(i)]];
    if (round != kRounds) mix(next, {2, 3, 1, 1});
    state = next;
    add_key(state, keys.subspan(round * kBlock, kBlock), tweak);
  }
  Sealed out;
  std::ranges::copy(state, std::ranges::copy(tweak, out.begin()).out);
  return out;
}

IpAddress Nd::decrypt(const Sealed& sealed) const noexcept {
  const auto tweak = std::span{sealed}.first<8>();
  Block state;
  std::ranges::copy(std::span{sealed}.last<kBlock>(), state.begin());
  const std::span<const std::uint8_t> keys = rounds_.bytes();
  for (std::size_t round = kRounds; round > 0; --round) {
    add_key(state, keys.subspan(round * kBlock, kBlock), tweak);
    if (round != kRounds) mix(state, {14, 11, 13, 9});
    Block next;
    for (std::size_t i = 0; i < kBlock; ++i) next[shifted(i)] = kBoxes.backward[state[i]];
    state = next;
  }
  add_key(state, keys.first(kBlock), tweak);
  return IpAddress::from_bytes(state);
}

}  // namespace nw::privacy
