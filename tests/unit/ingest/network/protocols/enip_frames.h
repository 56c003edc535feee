// Frames of EtherNet/IP for its tests.
#pragma once

#include "play.h"

namespace nw::network::enip {

inline constexpr Golden kGolden{"enip"};

inline void append(std::vector<std::uint8_t>& out, std::uint64_t value, unsigned width) {
  for (; width > 0; --width, value >>= 8U) out.push_back(static_cast<std::uint8_t>(value));
}
inline void append(std::vector<std::uint8_t>& out, Bytes octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

struct Head {
  std::uint64_t command = 0x6F, session = 1, status = 0, sender = 0, options = 0;
};
inline std::vector<std::uint8_t> frame(Bytes data, Head head) {
  std::vector<std::uint8_t> out;
  append(out, head.command, 2);
  append(out, data.size(), 2);
  append(out, head.session, 4);
  append(out, head.status, 4);
  append(out, head.sender, 8);
  append(out, head.options, 4);
  append(out, data);
  return out;
}
inline std::vector<std::uint8_t> frame(std::string_view hex, Head head) { return frame(from_hex(hex), head); }

// SendRRData with a message of CIP.
inline std::vector<std::uint8_t> unconnected(std::string_view hex, Head head = {}) {
  const auto message = from_hex(hex);
  std::vector<std::uint8_t> data = from_hex("00000000 0000 0200 0000 0000 b200");
  append(data, message.size(), 2);
  append(data, message);
  return frame(data, head);
}
// SendUnitData with one on a connection.
inline std::vector<std::uint8_t> connected(std::string_view hex, std::uint64_t connection, std::uint64_t sequence) {
  const auto message = from_hex(hex);
  std::vector<std::uint8_t> data = from_hex("00000000 0000 0200 a100 0400");
  append(data, connection, 4);
  append(data, 0xB1, 2);
  append(data, message.size() + 2, 2);
  append(data, sequence, 2);
  append(data, message);
  return frame(data, {.command = 0x70});
}

inline Play play(Transport transport = Transport::tcp) { return {"enip", transport}; }

// The golden frames whose first event is of that kind: each is to be looked at.
inline std::size_t golden_count(std::string_view path) {
  std::size_t count = 0;
  for (const GoldenFrame& golden : kGoldenFrames) {
    if (golden.protocol != kGolden.protocol) continue;
    Play flow = play(golden.transport);
    flow.give(golden);
    if (!flow.context.paths.empty() && flow.context.paths.front() == path) ++count;
  }
  return count;
}

}  // namespace nw::network::enip
