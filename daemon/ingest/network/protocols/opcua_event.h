// OPC UA's events: `opcua_binary` for each message, and what its service says in events of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/opcua_chunk.h"
#include "ingest/network/protocols/opcua_service.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// The protocol's types, in order.
enum OpcuaType : std::size_t {
  kOpcuaMessages,
  kOpcuaChannels,
  kOpcuaEndpoints,
  kOpcuaSessions,
  kOpcuaUsers,
  kOpcuaReads,
  kOpcuaWrites,
  kOpcuaBrowses,
  kOpcuaCalls,
  kOpcuaMonitors,
  kOpcuaDevices,
};
std::span<const event::TypeSpec> opcua_types();

// Of the `opcua_binary` event.
enum OpcuaField : std::size_t {
  kOpcuaIsOrig,
  kOpcuaMsgType,
  kOpcuaIsFinal,
  kOpcuaMsgSize,
  kOpcuaChunks,
  kOpcuaError,
  kOpcuaReason,
  kOpcuaVersion,
  kOpcuaReceiveSize,
  kOpcuaSendSize,
  kOpcuaMessageMax,
  kOpcuaChunksMax,
  kOpcuaEndpointUrl,
  kOpcuaServerUri,
  kOpcuaChannelId,
  kOpcuaTokenId,
  kOpcuaPolicy,
  kOpcuaCertSize,
  kOpcuaCertThumbprint,
  kOpcuaReceiverThumbprint,
  kOpcuaEncrypted,
  kOpcuaSequence,
  kOpcuaRequestId,
  kOpcuaEncodingMask,
  kOpcuaNamespace,
  kOpcuaIdentifier,
  kOpcuaService,
  kOpcuaAsked,
  kOpcuaRequestTime,
  kOpcuaRequestHandle,
  kOpcuaReturnDiagnostics,
  kOpcuaAudit,
  kOpcuaTimeout,
  kOpcuaResponseTime,
  kOpcuaResponseHandle,
  kOpcuaResult,
  kOpcuaItems,
  kOpcuaRtt,
  kOpcuaIcs,
};

// A message as it was read, and what all events of it share.
struct OpcuaTold {
  const OpcuaMessage& message;
  bool from_client = true;
  OpcuaHead head{};
  ByteReader body{{}};    // behind the header
  bool complete = false;  // both are there
  IcsCommand command{};
  std::optional<IcsOutcome> outcome{};
  IcsText reason{};
};

// Begins the `opcua_binary` event of a message, with what its chunks and its head say.
EventWriter begin_opcua(const OpcuaTold& told, Context& context);
// What a message asks, or what it answers; null: HEL. A fault alone does not say it.
void set_opcua_asked(EventWriter& out, const OpcuaService* service);
// The other events of a message whose service is known.
void tell_opcua_parts(const OpcuaTold& told, Context& context);

}  // namespace nw::network
