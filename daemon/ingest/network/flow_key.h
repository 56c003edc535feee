// Who talks with whom: the same key for both directions.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "base/hash.h"
#include "base/ip.h"
#include "base/time.h"

namespace nw::network {

// `a` is the lower of the two ends (address, then port), except for one-way ICMP, where it is the sender.
struct FlowKey {
  IpAddress a, b;
  std::uint16_t a_port = 0, b_port = 0;
  std::uint8_t protocol = 0;
  bool one_way = false;
  std::uint32_t realm = 0;  // tells equal addresses in different tunnels apart; 0: in no tunnel

  friend bool operator==(const FlowKey&, const FlowKey&) noexcept = default;
};

// A packet's key, and whether its sender is `a`.
struct OrientedKey {
  FlowKey key;
  bool from_a = true;
};

inline OrientedKey make_key(const IpAddress& source, std::uint16_t source_port, const IpAddress& destination,
                            std::uint16_t destination_port, std::uint8_t protocol, bool one_way,
                            std::uint32_t realm = 0) noexcept {
  const auto order = source <=> destination;
  if (one_way || std::is_lt(order) || (std::is_eq(order) && source_port <= destination_port)) {
    return {{source, destination, source_port, destination_port, protocol, one_way, realm}, true};
  }
  return {{destination, source, destination_port, source_port, protocol, false, realm}, false};
}

// 64 bits under a seed that the network does not know.
inline std::uint64_t hash_key(const FlowKey& key, std::uint64_t seed) noexcept {
  const std::uint64_t rest = std::uint64_t{key.a_port} << 32U | std::uint64_t{key.b_port} << 16U |
                             std::uint64_t{key.protocol} << 8U | (key.one_way ? 1U : 0U);
  std::uint64_t h = mix64(seed ^ rest);
  h = mix64(h ^ word_at(key.a, 8)) + word_at(key.b, 8);
  // The first halves of two IPv4 addresses are 0.
  if (const std::uint64_t a = word_at(key.a, 0), b = word_at(key.b, 0); (a | b) != 0) h = mix64(mix64(h ^ a) + b);
  if (key.realm != 0) h = mix64(h) ^ key.realm;
  return mix64(h);
}

// The realm of what a tunnel between two hosts carries, from the realm of the tunnel itself. Only the outermost pair of
// hosts counts, because only they are one worker's; how many tunnels are around, so that no flow carries itself; and
// the virtual network, where the tunnel names one.
inline std::uint32_t inner_realm(std::uint32_t outer, const IpAddress& x, const IpAddress& y,
                                 std::uint32_t network) noexcept {
  constexpr std::uint64_t kSeed = 0x7265616c6d207631;  // part of the uid's format
  const bool first = outer == 0;
  if (first) outer = static_cast<std::uint32_t>(hash_key(make_key(x, 0, y, 0, 0, false).key, kSeed));
  if (network != 0 || !first) outer = static_cast<std::uint32_t>(mix64(std::uint64_t{outer} << 32U | network));
  return outer == 0 ? 1 : outer;
}

}  // namespace nw::network
