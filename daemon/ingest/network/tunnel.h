// Tunnels: a packet within a packet. IP-in-IP and GRE are known by their protocol number; those over UDP by their port
// and a strict check of the header, since any port may carry anything.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/layer.h"
#include "ingest/network/outcome.h"
#include "ingest/network/transport.h"

namespace nw::network {

enum class TunnelType : std::uint8_t { none, ip, gre, vxlan, geneve, gtp, teredo, tzsp };
// "Tunnel::VXLAN": Zeek's names.
std::string_view zeek_name(TunnelType type) noexcept;
// "vxlan": Zeek's name of the service; empty for those that are no service of a UDP flow.
std::string_view service_name(TunnelType type) noexcept;

constexpr unsigned kTunnelDepthMax = 4;     // tunnels within tunnels; Zeek's Tunnel::max_depth, whose default is 2
constexpr int kGtpExtensionHeadersMax = 8;  // 3GPP TS 29.281 table 5.2.1-3 knows fewer
constexpr int kTzspTagsMax = 32;

// Views the packet.
struct Tunnel {
  TunnelType type = TunnelType::none;
  std::uint16_t ether_type = 0;  // what `inner` is (EtherType); 0: nothing that is opened
  Bytes inner;
  std::size_t cut = 0;        // bytes that are missing at the end of `inner`
  std::uint32_t network = 0;  // the virtual network plus one, where the header names one that both sides share
  LayerSet layers;

  [[nodiscard]] bool opens() const noexcept { return ether_type != 0; }
};

// Looks for a tunnel in what the transport header carries; `out.type` stays `none` for what is none.
Outcome find_tunnel(const TransportHeader& header, Tunnel& out) noexcept;

}  // namespace nw::network
