// A set of octets, made when compiling: what the messages of a protocol begin with.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

namespace nw::network {

class OctetSet {
 public:
  constexpr OctetSet() = default;
  constexpr OctetSet(std::initializer_list<std::uint8_t> octets) noexcept {
    for (const std::uint8_t octet : octets) add(octet);
  }
  static constexpr OctetSet between(std::uint8_t first, std::uint8_t last) noexcept {
    OctetSet out;
    for (unsigned octet = first; octet <= last; ++octet) out.add(octet);
    return out;
  }
  static constexpr OctetSet all() noexcept { return between(0x00, 0xff); }

  [[nodiscard]] constexpr bool has(std::uint8_t octet) const noexcept {
    return (words_[octet / 64U] >> octet % 64U & 1U) != 0;
  }
  friend constexpr OctetSet operator|(OctetSet a, const OctetSet& b) noexcept {
    for (std::size_t i = 0; i < a.words_.size(); ++i) a.words_[i] |= b.words_[i];
    return a;
  }

 private:
  constexpr void add(unsigned octet) noexcept { words_[octet / 64U] |= std::uint64_t{1} << octet % 64U; }

  std::array<std::uint64_t, 4> words_{};
};

}  // namespace nw::network
