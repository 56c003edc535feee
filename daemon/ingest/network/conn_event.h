// `conn`: one event per flow, when it ends, and when asked for one now and then before. Fields as in Zeek's conn.log.
#pragma once

#include <cstddef>
#include <span>

#include "event/schema.h"
#include "ingest/network/flow_context.h"

namespace nw::network {

// Positions in conn_type().fields.
enum ConnField : std::size_t {
  kConnService,
  kConnDuration,
  kConnOrigBytes,
  kConnRespBytes,
  kConnState,
  kConnMissedBytes,
  kConnHistory,
  kConnOrigPkts,
  kConnOrigIpBytes,
  kConnRespPkts,
  kConnRespIpBytes,
  kConnVlan,
  kConnInnerVlan,
  kConnIpProto,
  kConnInterim,
};

const event::TypeSpec& conn_type();

// What the event tells of: the whole flow at its end, or what it was so far.
enum class ConnPart : std::uint8_t { whole, so_far };

// `context` is set to the flow.
void emit_conn(const Flow& flow, ConnPart part, Timestamp known_at, std::span<const Protocol> table,
               FlowContext& context);

}  // namespace nw::network
