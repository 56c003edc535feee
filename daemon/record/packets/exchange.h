// Whether frozen packets hold a request and what it was answered with, both whole: what a case file calls the packets
// of the command and of the reply.
#pragma once

#include "base/ip.h"
#include "record/packets/ring.h"

namespace nw::record {

// `trigger`: sequence of the packet that the alert was made at; `asker`: who opened the conversation. A request at the
// trigger wants something said by the other side behind it, an answer there wants a request before it. By the outermost
// IP packets; what has none, is a fragment, was cut, or carries nothing is no part of an exchange.
bool is_exchange(const FrozenPackets& packets, int link_type, std::uint64_t trigger, const IpAddress& asker) noexcept;

}  // namespace nw::record
