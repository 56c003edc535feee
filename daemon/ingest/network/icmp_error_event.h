// `icmp_error` (ours): an ICMP message that says what became of another packet, with the flow of that packet.
#pragma once

#include "event/schema.h"
#include "ingest/network/flow_context.h"
#include "ingest/network/transport.h"

namespace nw::network {

const event::TypeSpec& icmp_error_type();

// `quoted_uid` is empty when the flow is not known. `context` is set to the flow of the message, whose last packet it
// is.
void emit_icmp_error(const TransportHeader& header, const QuotedPacket& quoted, std::string_view quoted_uid,
                     Timestamp time, FlowContext& context);

}  // namespace nw::network
