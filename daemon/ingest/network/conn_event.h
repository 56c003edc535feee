// `conn`: one event per flow, when it ends. Fields as in Zeek's conn.log.
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
};

const event::TypeSpec& conn_type();

// Writes the event of a flow that has ended; `context` is set to that flow.
void emit_conn(const Flow& flow, Timestamp known_at, std::span<const Protocol> table, FlowContext& context);

}  // namespace nw::network
