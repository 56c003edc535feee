// Positions of the fields in the events that tell parts of OPC UA's messages; opcua_event.h has those of
// `opcua_binary`.
#pragma once

#include <cstddef>

namespace nw::network::opcua {

// Of every part the first, in this order.
enum SharedField : std::size_t { kIsOrig, kChannelId, kRequestId, kService, kOwn };

// opcua_binary_opensecure_channel
enum ChannelField : std::size_t {
  kProtocolVersion = kOwn,
  kTokenRequest,
  kMode,
  kLifetimeAsked,
  kTokenChannel,
  kToken,
  kTokenTime,
  kLifetime,
  kChannelIcs,
};

// opcua_binary_get_endpoints
enum EndpointField : std::size_t {
  kEndpointIndex = kOwn,
  kEndpointUrl,
  kApplicationUri,
  kProductUri,
  kApplicationName,
  kApplicationType,
  kGatewayUri,
  kProfileUri,
  kCertSize,
  kCertThumbprint,
  kEndpointMode,
  kPolicyUri,
  kTokenTypes,
  kTransportUri,
  kSecurityLevel,
  kEndpointIcs,
};

// opcua_binary_create_session
enum SessionField : std::size_t {
  kSessionApplicationUri = kOwn,
  kSessionProductUri,
  kSessionApplicationName,
  kSessionApplicationType,
  kSessionServerUri,
  kSessionUrl,
  kSessionName,
  kSessionCertSize,
  kSessionTimeout,
  kSessionMessageMax,
  kSessionId,
  kSessionRevised,
  kSessionServerCert,
  kSessionRequestMax,
  kSessionIcs,
};

// opcua_binary_activate_session
enum UserField : std::size_t { kTokenKind = kOwn, kTokenPolicy, kUserName, kPasswordSeen, kUserResult, kUserIcs };

// opcua_binary_read, _write, _browse, _call, _create_monitored_items
enum ItemField : std::size_t {
  kIndex = kOwn,
  kNodeId,
  kNodeSpace,
  kNodeNumber,
  kOtherId,
  kAttribute,
  kAttributeName,
  kRange,
  kDirection,
  kInterval,
  kItemId,
  kType,
  kValue,
  kStatus,
  kSourceTime,
  kServerTime,
  kReferences,
  kItemIcs,
};

}  // namespace nw::network::opcua
