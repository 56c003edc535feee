// Link layers: from a captured frame to the IP packet in it.
#pragma once

#include <cstdint>

#include "base/byte_reader.h"
#include "ingest/network/outcome.h"

namespace nw::network {

constexpr std::uint16_t kNoVlan = 0xffff;  // 802.1Q ids have 12 bits

// Views the frame.
struct LinkFrame {
  Bytes ip;                  // from the IP header on; padding is still behind it
  std::uint8_t version = 0;  // 4 or 6, as the link layer says
  std::uint16_t vlan = kNoVlan, inner_vlan = kNoVlan;
};

// Finds the IP packet in a frame of a DLT_ type. `ignored` for what carries no IP.
Outcome parse_link(Bytes frame, int link_type, LinkFrame& out) noexcept;

}  // namespace nw::network
