// The layers below the payload, for counting: how many packets had each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace nw::network {

enum class Layer : std::uint8_t {
  ethernet,
  cooked,
  loopback,
  ppp,
  vlan,
  provider_bridge,
  mpls,
  llc,
  pppoe,
  arp,
  ipv4,
  ipv6,
  fragment,
  tcp,
  udp,
  icmp,
  sctp,
  ip_in_ip,
  gre,
  erspan,
  vxlan,
  geneve,
  gtp,
  teredo,
  tzsp,
};
constexpr std::size_t kLayers = static_cast<std::size_t>(Layer::tzsp) + 1;

// In the order of Layer, for metrics.
std::span<const std::string_view> layer_names();

// Which of them one packet had; a layer that comes twice counts once.
class LayerSet {
 public:
  constexpr void add(Layer layer) noexcept { bits_ |= std::uint32_t{1} << static_cast<unsigned>(layer); }
  constexpr void add(LayerSet others) noexcept { bits_ |= others.bits_; }
  [[nodiscard]] constexpr std::uint32_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr bool has(Layer layer) const noexcept {
    return (bits_ >> static_cast<unsigned>(layer) & 1U) != 0;
  }

 private:
  static_assert(kLayers <= 32);
  std::uint32_t bits_ = 0;
};

}  // namespace nw::network
