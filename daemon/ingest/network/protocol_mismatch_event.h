// `protocol_mismatch` (ours): a flow carries one protocol on the port of another, SSH on 502 say. Told once, when the
// payload is recognised; noise on a port is none.
#pragma once

#include <span>

#include "event/schema.h"
#include "ingest/network/flow_context.h"

namespace nw::network {

const event::TypeSpec& protocol_mismatch_type();

// Whether the responder's port is that of other protocols of `table`, whose `hints` are, and not of the flow's own.
[[nodiscard]] bool on_foreign_port(const Flow& flow, std::span<const Protocol> table, const PortHints& hints) noexcept;

// The context is set to the flow, whose protocol is known.
void emit_protocol_mismatch(const Flow& flow, std::span<const Protocol> table, FlowContext& context);

}  // namespace nw::network
