// `tunnel`: one event when a flow is found to carry packets, one when it ends. Fields as in Zeek's tunnel.log.
#pragma once

#include <cstddef>
#include <string_view>

#include "event/schema.h"
#include "ingest/network/flow_context.h"

namespace nw::network {

const event::TypeSpec& tunnel_type();

enum class TunnelAction : std::uint8_t { discover, close };

// Of the flow that `context` is set to, if anyone wants it.
void emit_tunnel(const Flow& flow, TunnelAction action, Timestamp known_at, FlowContext& context);

}  // namespace nw::network
