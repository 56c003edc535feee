// Messages of PROFINET's context management, whole, changed and in pieces, for the tests of its parts.
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "play.h"

namespace nw::network::io_cm_play {

inline constexpr Golden kGolden{"dce_rpc"};

// The calls themselves are dce_rpc's, whose test has them.
struct Io : Play {
  explicit Io(const std::vector<std::string>& only = {}) : Play{"dce_rpc", Transport::udp, only} {
    context.unwanted = "dce_rpc";
  }
  Io& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
  // Of the events of one path, the fields that are wanted.
  [[nodiscard]] std::vector<std::string> all(std::string_view path, const std::string& field) const {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < context.events.size(); ++i)
      if (context.paths[i] == path) texts.push_back(get(i, field));
    return texts;
  }
};

using Texts = std::vector<std::string>;
using Octets = std::vector<std::uint8_t>;

inline Octets golden_octets(std::string_view name) { return from_hex(kGolden(name).hex); }

inline void put(Octets& bytes, std::size_t at, std::string_view hex) {
  for (const std::uint8_t byte : from_hex(hex)) bytes[at++] = byte;
}

inline constexpr std::size_t kHead = 80, kFlags = 2, kSequence = 67, kLength = 74, kFragment = 76;

// A part of a golden message with its stub from `first` on, as a fragment. The golden requests are big endian.
inline Octets fragment(const Octets& whole, std::size_t first, std::size_t count, std::uint8_t number, bool last) {
  Octets out(whole.begin(), whole.begin() + kHead);
  const auto from = whole.begin() + static_cast<std::ptrdiff_t>(kHead + first);
  out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(count));
  out[kFlags] = last ? 0x26 : 0x24;
  out[kLength] = static_cast<std::uint8_t>(count >> 8U);
  out[kLength + 1] = static_cast<std::uint8_t>(count);
  out[kFragment + 1] = number;
  return out;
}

inline void put16(Octets& bytes, std::size_t at, std::size_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8U);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

// A golden request with other blocks, whose lengths are right.
inline Octets with_blocks(std::string_view name, std::string_view blocks) {
  constexpr std::size_t kArguments = 20;
  Octets bytes = golden_octets(name);
  bytes.resize(kHead + kArguments);
  const Octets more = from_hex(blocks);
  bytes.insert(bytes.end(), more.begin(), more.end());
  put16(bytes, kLength, kArguments + more.size());
  put16(bytes, kHead + 6, more.size());
  put16(bytes, kHead + 18, more.size());
  return bytes;
}

}  // namespace nw::network::io_cm_play
