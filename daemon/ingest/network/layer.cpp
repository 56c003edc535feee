#include "ingest/network/layer.h"

#include <array>

namespace nw::network {

std::span<const std::string_view> layer_names() {
  static constexpr std::array<std::string_view, kLayers> kNames{
      "ethernet", "cooked", "loopback", "ppp",      "vlan", "provider_bridge", "mpls",
      "llc",      "pppoe",  "arp",      "ipv4",     "ipv6", "fragment",        "tcp",
      "udp",      "icmp",   "sctp",     "ip_in_ip", "gre",  "erspan",          "vxlan",
      "geneve",   "gtp",    "teredo",   "tzsp",
  };
  static_assert(kNames.back() == "tzsp");
  return kNames;
}

}  // namespace nw::network
