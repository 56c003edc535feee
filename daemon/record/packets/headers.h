// How much of a frame is headers: what is kept where a rule asks for the flow and not for what was said in it.
#pragma once

#include "base/byte_reader.h"

namespace nw::record {

// Bytes from the frame's start to what the transport header carries: link, IP and TCP, UDP, ICMP or SCTP header. Of a
// packet within a packet, the outermost headers. Of what is not understood: up to where it was, at most.
std::size_t header_bytes(Bytes frame, int link_type) noexcept;

}  // namespace nw::record
