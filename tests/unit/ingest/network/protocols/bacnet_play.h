// What the tests of BACnet share.
#pragma once

#include <cstdio>

#include "play.h"

namespace nw::network::bacnet {

inline constexpr Golden kGolden{"bacnet"};

inline Play play(const std::vector<std::string>& only = {}) { return Play{"bacnet", Transport::udp, only}; }

// A datagram around an APDU, with its length.
inline std::string unicast(const std::string& npdu) {
  char head[32];
  std::snprintf(head, sizeof head, "810a%04zx", from_hex(npdu).size() + 4);
  return head + npdu;
}

// The places of a path's events.
inline std::vector<std::size_t> all(const Play& flow, std::string_view path) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < flow.context.paths.size(); ++i)
    if (flow.context.paths[i] == path) out.push_back(i);
  return out;
}

}  // namespace nw::network::bacnet
