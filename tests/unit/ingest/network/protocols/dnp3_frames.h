// Frames of DNP3 for its tests.
#pragma once

#include "play.h"

namespace nw::network::dnp3 {

inline constexpr Golden kGolden{"dnp3"};

// Bit by bit, as the specification has it.
inline void append_crc(std::vector<std::uint8_t>& out, std::size_t from) {
  unsigned crc = 0;
  for (std::size_t i = from; i < out.size(); ++i) {
    crc ^= out[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xA6BCU : crc >> 1U;
  }
  crc = ~crc;
  out.push_back(static_cast<std::uint8_t>(crc));
  out.push_back(static_cast<std::uint8_t>(crc >> 8U));
}

struct Stations {
  unsigned source = 1, destination = 10, control = 0xC4;
};
inline constexpr Stations kMaster, kOutstation{.source = 10, .destination = 1, .control = 0x44};

// A frame; `octets` begin with the transport header.
inline std::vector<std::uint8_t> frame(Bytes octets, Stations who = kMaster) {
  std::vector<std::uint8_t> out{0x05, 0x64};
  for (const std::size_t value :
       {5 + octets.size(), std::size_t{who.control}, std::size_t{who.destination & 0xFFU},
        std::size_t{who.destination >> 8U}, std::size_t{who.source & 0xFFU}, std::size_t{who.source >> 8U}})
    out.push_back(static_cast<std::uint8_t>(value));
  append_crc(out, 0);
  for (std::size_t at = 0; at < octets.size(); at += 16) {
    const std::size_t from = out.size();
    const Bytes block = octets.subspan(at, std::min<std::size_t>(16, octets.size() - at));
    out.insert(out.end(), block.begin(), block.end());
    append_crc(out, from);
  }
  return out;
}
inline std::vector<std::uint8_t> frame(std::string_view hex, Stations who = kMaster) {
  return frame(from_hex(hex), who);
}
// A message in a frame of its own.
inline std::vector<std::uint8_t> asks(std::string_view hex) { return frame("c0" + std::string{hex}); }
inline std::vector<std::uint8_t> answers(std::string_view hex) { return frame("c0" + std::string{hex}, kOutstation); }

inline Play play(Transport transport = Transport::tcp) { return {"dnp3", transport}; }

}  // namespace nw::network::dnp3
