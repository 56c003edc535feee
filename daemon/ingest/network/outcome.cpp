#include "ingest/network/outcome.h"

#include <array>
#include <string_view>

#include "ingest/network/decoder.h"

namespace nw::network {

std::span<const std::string_view> malformed_reasons() {
  static constexpr std::array<std::string_view, NetworkCounters::kReasons> kNames{
      "unknown_link_type",
      "truncated_link",
      "too_many_vlan_tags",
      "bad_ip_header",
      "truncated_ip",
      "bad_ip_length",
      "too_many_extension_headers",
      "bad_fragment",
      "truncated_transport",
      "bad_tcp_header",
      "bad_udp_length",
      "too_many_layers",
      "too_many_mpls_labels",
      "bad_pppoe_header",
      "bad_gre_header",
      "exceeded_tunnel_max_depth",
      "bad_arp",
  };
  static_assert(kNames[malformed_index(Outcome::bad_arp)] == "bad_arp");
  return kNames;
}

}  // namespace nw::network
