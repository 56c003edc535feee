// The first octets of a sampled packet: Ethernet, VLAN tags, MPLS labels, IPv4, IPv6 and the transport's ports.
#pragma once

#include "base/byte_reader.h"
#include "ingest/flows/record.h"

namespace nw::flows {

// sFlow's header_protocol.
enum class HeaderProtocol : std::uint32_t { ethernet = 1, ipv4 = 11, ipv6 = 12 };

// Sets what the octets tell; they were cut somewhere, and what stands behind the cut stays unset. MAC addresses are
// views into `header`. False: of a protocol that is not read.
bool read_header(std::uint32_t protocol, Bytes header, Record& record);

}  // namespace nw::flows
