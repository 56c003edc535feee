// `arp`: one event per ARP message for IPv4 over Ethernet. Zeek has events for them but no log; the fields are named as
// the parameters of those events.
#pragma once

#include "base/ip.h"
#include "event/schema.h"
#include "ingest/network/flow_context.h"
#include "ingest/network/outcome.h"

namespace nw::network {

const event::TypeSpec& arp_type();

// Views the packet.
struct Arp {
  std::uint16_t operation = 0;
  IpAddress sender, target;
  Bytes sender_hardware, target_hardware;  // 6 bytes each
};

// `ignored` when it is for other networks than IPv4 over Ethernet; `bad_arp`.
Outcome parse_arp(Bytes packet, Arp& out) noexcept;

// `ethernet`: the destination and the source of the frame that it came in, when there was one. `parent`: the flow that
// carried it, or null.
void emit_arp(const Arp& arp, Bytes ethernet, const Uid* parent, const PacketPlace& place, FlowContext& context);

}  // namespace nw::network
