// Link layers: from a captured frame to the IP packet in it.
#pragma once

#include <cstdint>

#include "base/byte_reader.h"
#include "ingest/network/layer.h"
#include "ingest/network/outcome.h"

namespace nw::network {

constexpr std::uint16_t kNoVlan = 0xffff;  // 802.1Q ids have 12 bits

// EtherTypes (IEEE registry) that name what a tunnel or a link type carries.
struct EtherType {
  static constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kArp = 0x0806, kVlan = 0x8100;
  static constexpr std::uint16_t kEthernet = 0x6558;  // "transparent Ethernet bridging": a whole frame
  static constexpr std::uint16_t kPpp = 0x880b, kPppoeSession = 0x8864;
  // Below: no type but a length, LLC follows (IEEE 802.3 3.2.6). Any will do for LLC; kLlc is Linux's ETH_P_802_2.
  static constexpr std::uint16_t kLengthMax = 1500, kLlc = 4;
};

// Bounds; what lies beyond is malformed.
constexpr int kLinkLayersMax = 16;
constexpr int kVlanTagsMax = 4;  // two are usual; more than four is no network
constexpr int kMplsLabelsMax = 16;

// Views the frame.
struct LinkFrame {
  Bytes ip;                      // from the IP header on; padding is still behind it
  Bytes arp;                     // when it is ARP: the message
  Bytes payload;                 // when it is nothing that we know here: what follows the EtherType, padding too
  std::uint16_t ether_type = 0;  // of `payload`
  Bytes ethernet;            // with `arp` or `payload`: the two addresses of the Ethernet frame around it, if one is
  std::uint8_t version = 0;  // 4 or 6, as the link layer says
  std::uint16_t vlan = kNoVlan, inner_vlan = kNoVlan;
  LayerSet layers;
};

// Finds the IP packet in a frame of a DLT_ type. `ignored` for what carries no IP: `arp` is set when that is ARP,
// `payload` when it has another EtherType.
Outcome parse_link(Bytes frame, int link_type, LinkFrame& out) noexcept;

// The same for what an EtherType says `bytes` are.
Outcome parse_ether_type(Bytes bytes, std::uint16_t type, LinkFrame& out) noexcept;

}  // namespace nw::network
