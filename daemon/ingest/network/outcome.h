// What became of one packet. Every packet has exactly one outcome, so the counters add up.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nw::network {

enum class Outcome : std::uint8_t {
  decoded,
  ignored,
  // Malformed from here on, in the order of malformed_reasons().
  unknown_link_type,
  truncated_link,
  too_many_vlan_tags,
  bad_ip_header,
  truncated_ip,
  bad_ip_length,
  too_many_extension_headers,
  bad_fragment,
  truncated_transport,
  bad_tcp_header,
  bad_udp_length,
  too_many_layers,
  too_many_mpls_labels,
  bad_pppoe_header,
  bad_gre_header,
  exceeded_tunnel_max_depth,
  bad_arp,
};

// The position of a malformed outcome in NetworkCounters::malformed.
constexpr std::size_t malformed_index(Outcome outcome) noexcept {
  return static_cast<std::size_t>(outcome) - static_cast<std::size_t>(Outcome::unknown_link_type);
}

constexpr bool is_malformed(Outcome outcome) noexcept { return outcome >= Outcome::unknown_link_type; }

}  // namespace nw::network
