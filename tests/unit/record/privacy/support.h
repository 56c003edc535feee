// Keys of the published vectors, and random bytes that are the same in every run.
#pragma once

#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/ip.h"
#include "record/privacy/forms.h"
#include "record/privacy/secret.h"

namespace nw::privacy {

template <std::size_t kSize>
std::array<std::uint8_t, kSize> array_of(std::string_view hex) {
  std::array<std::uint8_t, kSize> out{};
  EXPECT_TRUE(read_hex(hex, out)) << hex;
  return out;
}

template <std::size_t kSize>
Secret<kSize> secret_of(std::string_view hex) {
  auto bytes = array_of<kSize>(hex);
  return Secret<kSize>::take(bytes);
}

// first, first + 1, ...: the key of many vectors.
template <std::size_t kSize>
Secret<kSize> counted(std::uint8_t first = 0) {
  Secret<kSize> out;
  for (std::uint8_t& byte : out.writable()) byte = first++;
  return out;
}

inline IpAddress ip(std::string_view text) {
  IpAddress out;
  EXPECT_TRUE(IpAddress::parse_into(text, out)) << text;
  return out;
}

// No randomness at all, but all different.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_{seed} {}
  std::uint64_t next() { return mix64(state_++); }
  void operator()(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(next());
  }

 private:
  std::uint64_t state_;
};

constexpr std::string_view kKeyA = "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301";
constexpr std::string_view kKeyB = "2b7e151628aed2a6abf7158809cf4f3ca9f5ba40db214c3798f2e1c23456789a";

}  // namespace nw::privacy
