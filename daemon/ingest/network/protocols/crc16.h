// The CRC of Modbus and of many a device beside it: x^16 + x^15 + x^2 + 1 from the low bit on, an octet at a time.
#pragma once

#include <array>
#include <cstdint>

#include "base/byte_reader.h"

namespace nw::network {

inline constexpr auto kCrc16Steps = [] {
  std::array<std::uint16_t, 256> steps{};
  for (std::uint16_t octet = 0; octet < steps.size(); ++octet) {
    std::uint16_t crc = octet;
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<std::uint16_t>((crc & 1U) != 0 ? crc >> 1U ^ 0xA001U : crc >> 1U);
    steps[octet] = crc;
  }
  return steps;
}();

// `crc`: of what stands before, or what it begins with.
constexpr std::uint16_t crc16(std::uint16_t crc, Bytes octets) noexcept {
  for (const std::uint8_t octet : octets)
    crc = static_cast<std::uint16_t>(crc >> 8U ^ kCrc16Steps[(crc ^ octet) & 0xFFU]);
  return crc;
}

}  // namespace nw::network
