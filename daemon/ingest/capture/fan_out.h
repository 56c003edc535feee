// Which worker of an interface gets a packet: a classic BPF program that the kernel runs (packet(7),
// PACKET_FANOUT_CBPF). It hashes the addresses of the outermost IP header, the same for both directions: behind
// Ethernet, one VLAN tag, or PPPoE. Anything else goes to the first worker.
#pragma once

#include <linux/filter.h>
#include <vector>

namespace nw::capture {

std::vector<sock_filter> fan_out_program();

}  // namespace nw::capture
