#include "ingest/network/protocols/opcua_event.h"

#include <algorithm>
#include <cmath>

#include "ingest/network/protocols/digest.h"
#include "ingest/network/protocols/opcua_fields.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;
using namespace opcua;  // positions of fields

constexpr std::size_t kPartsMax = 1024;  // of a message; clients seldom ask for more at once

using Names = std::span<const std::string_view>;
// IEC 62541-4, sections 7.19, 5.6.2, 7.1, 7.41, and 5.9.2.
constexpr auto kModes = std::to_array<std::string_view>({"INVALID", "NONE", "SIGN", "SIGN_AND_ENCRYPT"});
constexpr auto kTokenRequests = std::to_array<std::string_view>({"ISSUE", "RENEW"});
constexpr auto kApplicationTypes =
    std::to_array<std::string_view>({"SERVER", "CLIENT", "CLIENT_AND_SERVER", "DISCOVERY_SERVER"});
constexpr auto kTokens = std::to_array<std::string_view>({"ANONYMOUS", "USERNAME", "CERTIFICATE", "ISSUEDTOKEN"});
constexpr auto kDirections = std::to_array<std::string_view>({"FWD", "INV", "BOTH"});

Value name_of(EventWriter& out, Names names, std::uint32_t number) {
  return named(out, number < names.size() ? names[number] : std::string_view{}, number);
}

void set_kept(EventWriter& out, std::size_t field, const IcsText& text) {
  if (!text.empty()) out.set(field, Value::text(out.event().keep(text.view())));
}

void set_status(EventWriter& out, std::size_t field, std::uint32_t status) {
  if (!out.wants(field)) return;
  IcsText text;
  append_opcua_status(text, status);
  set_kept(out, field, text);
}

void set_node(EventWriter& out, std::size_t field, const OpcuaNodeId& node) {
  if (!out.wants(field)) return;
  IcsText text;
  append_opcua_node(text, node);
  set_kept(out, field, text);
}

void set_time(EventWriter& out, std::size_t field, std::optional<Timestamp> time) {
  if (time) out.set(field, Value::time(*time));
}

// Milliseconds that came as a real number; what nobody could wait for is left out.
void set_duration(EventWriter& out, std::size_t field, std::optional<double> ms) {
  constexpr double kMost = 1e15;
  if (ms && std::fabs(*ms) < kMost) out.set(field, Value::integer(static_cast<std::int64_t>(*ms)));
}

void set_thumbprint(EventWriter& out, std::size_t field, Bytes certificate) {
  if (!certificate.empty() && out.wants(field)) set_hex(out, field, Digest{DigestKind::sha1, certificate}.bytes());
}

void set_size(EventWriter& out, std::size_t field, Bytes octets) {
  if (!octets.empty()) out.set(field, Value::integer(static_cast<std::int64_t>(octets.size())));
}

// Of HEL, ACK, ERR and RHE; of what was given up, its status.
void set_transport(EventWriter& out, const OpcuaMessage& message) {
  ByteReader in{message.body};
  if (message.kind == OpcuaKind::error || message.chunk == 'A') {
    const std::uint32_t status = in.u32le();
    if (in.ok()) set_status(out, kOpcuaError, status);
    return set_text(out, kOpcuaReason, read_opcua_string(in));
  }
  if (message.kind == OpcuaKind::reverse_hello) {
    set_text(out, kOpcuaServerUri, read_opcua_string(in));
    return set_text(out, kOpcuaEndpointUrl, read_opcua_string(in));
  }
  if (message.kind > OpcuaKind::acknowledge) return;
  for (std::size_t field = kOpcuaVersion; field <= kOpcuaChunksMax; ++field) {
    const std::uint32_t number = in.u32le();
    if (in.ok()) out.set(field, Value::integer(number));
  }
  if (message.kind == OpcuaKind::hello) set_text(out, kOpcuaEndpointUrl, read_opcua_string(in));
}

void set_channel(EventWriter& out, const OpcuaMessage& message) {
  if (message.kind < OpcuaKind::open) return;
  if (message.channel) out.set(kOpcuaChannelId, Value::integer(*message.channel));
  if (message.token) out.set(kOpcuaTokenId, Value::integer(*message.token));
  set_text(out, kOpcuaPolicy, message.policy);
  set_size(out, kOpcuaCertSize, message.certificate);
  set_thumbprint(out, kOpcuaCertThumbprint, message.certificate);
  set_hex(out, kOpcuaReceiverThumbprint, message.thumbprint);
  out.set(kOpcuaEncrypted, Value::boolean(message.encrypted));
  if (message.encrypted) out.set(kOpcuaAsked, Value::text("encrypted"));
  if (message.sequence) out.set(kOpcuaSequence, Value::integer(*message.sequence));
  if (message.request) out.set(kOpcuaRequestId, Value::integer(*message.request));
}

void set_head(EventWriter& out, const OpcuaHead& head) {
  out.set(kOpcuaEncodingMask, Value::integer(head.encoding.mask));
  out.set(kOpcuaNamespace, Value::integer(head.encoding.space));
  if (head.encoding.kind == OpcuaNodeId::Kind::numeric) out.set(kOpcuaIdentifier, Value::integer(head.encoding.number));
  if (head.service == nullptr) {
    const Value unknown = named(out, {}, head.encoding.number);
    out.set(kOpcuaAsked, unknown);
    return out.set(kOpcuaService, unknown);
  }
  set_opcua_asked(out, head.service);
  out.set(kOpcuaService, Value::text(head.service->name));
  if (!head.has_header) return;
  const OpcuaHeader& header = head.header;
  if (head.service->response()) {
    set_time(out, kOpcuaResponseTime, header.time);
    out.set(kOpcuaResponseHandle, Value::integer(header.handle));
    return set_status(out, kOpcuaResult, header.result);
  }
  set_time(out, kOpcuaRequestTime, header.time);
  out.set(kOpcuaRequestHandle, Value::integer(header.handle));
  out.set(kOpcuaReturnDiagnostics, Value::integer(header.diagnostics));
  set_text(out, kOpcuaAudit, header.audit);
  out.set(kOpcuaTimeout, Value::integer(header.timeout));
}

EventWriter begin_part(std::size_t type, const OpcuaTold& told, Context& context) {
  EventWriter out = context.begin(type, context.now());
  out.set(kIsOrig, Value::boolean(told.from_client));
  if (told.message.channel) out.set(kChannelId, Value::integer(*told.message.channel));
  if (told.message.request) out.set(kRequestId, Value::integer(*told.message.request));
  out.set(kService, Value::text(told.head.service->name));
  return out;
}

void write_whole(EventWriter& out, std::size_t first, const OpcuaTold& told) {
  write_ics(out, first, told.command, told.outcome, out.event().keep(told.reason.view()));
}

void tell_channel(const OpcuaTold& told, const OpcuaItem& head, Context& context) {
  EventWriter out = begin_part(kOpcuaChannels, told, context);
  const auto& numbers = head.numbers;
  out.set(kProtocolVersion, Value::integer(numbers[0]));
  if (told.head.service->response()) {
    out.set(kTokenChannel, Value::integer(numbers[1]));
    out.set(kToken, Value::integer(numbers[2]));
    set_time(out, kTokenTime, head.time);
    out.set(kLifetime, Value::integer(numbers[3]));
  } else {
    out.set(kTokenRequest, name_of(out, kTokenRequests, numbers[1]));
    out.set(kMode, name_of(out, kModes, numbers[2]));
    out.set(kLifetimeAsked, Value::integer(numbers[3]));
  }
  write_whole(out, kChannelIcs, told);
  context.emit();
}

// The four fields stand in one order in both events.
void set_application(EventWriter& out, std::size_t first, const OpcuaApplication& application) {
  set_text(out, first, application.uri);
  set_text(out, first + 1, application.product_uri);
  set_text(out, first + 2, application.name);
  out.set(first + 3, name_of(out, kApplicationTypes, application.type));
}

void set_endpoint(EventWriter& out, const OpcuaEndpoint& endpoint) {
  set_text(out, kEndpointUrl, endpoint.url);
  set_size(out, kCertSize, endpoint.certificate);
  set_thumbprint(out, kCertThumbprint, endpoint.certificate);
  out.set(kEndpointMode, name_of(out, kModes, endpoint.mode));
  set_text(out, kPolicyUri, endpoint.policy_uri);
  set_text(out, kTransportUri, endpoint.transport_uri);
  out.set(kSecurityLevel, Value::integer(endpoint.level));
  if (!out.wants(kTokenTypes)) return;
  const auto tokens = out.event().arena().make<Value>(endpoint.token_count);
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = name_of(out, kTokens, endpoint.tokens[i]);
  set_list(out, kTokenTypes, tokens);
}

void tell_endpoint(const OpcuaTold& told, const OpcuaItem& item, std::size_t index, Context& context) {
  const OpcuaApplication& application = item.endpoint ? item.endpoint->application : *item.application;
  EventWriter out = begin_part(kOpcuaEndpoints, told, context);
  out.set(kEndpointIndex, Value::integer(static_cast<std::int64_t>(index)));
  set_application(out, kApplicationUri, application);
  set_text(out, kGatewayUri, application.gateway_uri);
  set_text(out, kProfileUri, application.profile_uri);
  if (item.endpoint) set_endpoint(out, *item.endpoint);
  write_whole(out, kEndpointIcs, told);
  context.emit();
}

void tell_session(const OpcuaTold& told, const OpcuaItem& head, Context& context) {
  EventWriter out = begin_part(kOpcuaSessions, told, context);
  const bool response = told.head.service->response();
  if (head.application) set_application(out, kSessionApplicationUri, *head.application);
  for (std::size_t i = 0; i < 3 && !response; ++i) set_text(out, kSessionServerUri + i, head.texts[i]);
  if (response && head.has_node) set_node(out, kSessionId, head.node);
  set_size(out, response ? kSessionServerCert : kSessionCertSize, head.texts[response ? 0 : 3]);
  set_duration(out, response ? kSessionRevised : kSessionTimeout, head.duration);
  if (head.number_count != 0)
    out.set(response ? kSessionRequestMax : kSessionMessageMax, Value::integer(head.numbers[0]));
  write_whole(out, kSessionIcs, told);
  context.emit();
}

void tell_user(const OpcuaTold& told, const OpcuaItem& head, Context& context) {
  EventWriter out = begin_part(kOpcuaUsers, told, context);
  if (told.head.service->response()) {
    set_status(out, kUserResult, told.head.header.result);
  } else if (const OpcuaUser user = read_opcua_user(head.extension); !user.kind.empty()) {
    out.set(kTokenKind, Value::text(user.kind));
    set_text(out, kTokenPolicy, user.policy);
    set_text(out, kUserName, user.name);
    out.set(kPasswordSeen, Value::boolean(user.has_password));
  }
  write_whole(out, kUserIcs, told);
  context.emit();
}

void set_item(EventWriter& out, const OpcuaItem& item) {
  if (item.has_node) {
    set_node(out, kNodeId, item.node);
    out.set(kNodeSpace, Value::integer(item.node.space));
    if (item.node.kind == OpcuaNodeId::Kind::numeric) out.set(kNodeNumber, Value::integer(item.node.number));
  }
  if (item.has_other) set_node(out, kOtherId, item.other);
  if (item.attribute) {
    out.set(kAttribute, Value::integer(*item.attribute));
    out.set(kAttributeName, named(out, opcua_attribute_name(*item.attribute), *item.attribute));
  }
  set_text(out, kRange, item.range);
  if (item.direction) out.set(kDirection, name_of(out, kDirections, *item.direction));
  set_duration(out, kInterval, item.duration);
  if (item.number_count != 0) out.set(kItemId, Value::integer(item.numbers[0]));
  if (item.data.has_value) out.set(kType, named(out, opcua_type_name(item.data.type), item.data.type));
  set_kept(out, kValue, item.value);
  if (item.status) set_status(out, kStatus, *item.status);
  set_time(out, kSourceTime, item.data.source_time);
  set_time(out, kServerTime, item.data.server_time);
}

void tell_item(std::size_t type, const OpcuaTold& told, const OpcuaItem& head, const OpcuaItem& item, std::size_t index,
               bool alone, Context& context) {
  const OpcuaService& service = *told.head.service;
  EventWriter out = begin_part(type, told, context);
  out.set(kIndex, Value::integer(static_cast<std::int64_t>(index)));
  set_item(out, item);
  if (type == kOpcuaBrowses && service.response()) out.set(kReferences, Value::integer(item.many));
  IcsCommand command{told.command.operation, {}, item.value};
  if (service.response() && alone) command.target = told.command.target;
  if (!service.response()) append_opcua_target(command.target, service, head, item);
  std::optional<IcsOutcome> outcome = told.outcome;
  IcsText reason;
  if (outcome) {  // each has its own
    const std::uint32_t status = item.status.value_or(0);
    outcome = is_bad_opcua_status(status) ? IcsOutcome::refused : IcsOutcome::ok;
    if (is_bad_opcua_status(status)) append_opcua_status(reason, status);
  }
  write_ics(out, kItemIcs, command, outcome, out.event().keep(reason.view()));
  context.emit();
}

// The type that tells the parts of a service.
std::size_t type_of(OpcuaPart part) {
  switch (part) {
    case OpcuaPart::channel: return kOpcuaChannels;
    case OpcuaPart::endpoint: return kOpcuaEndpoints;
    case OpcuaPart::session: return kOpcuaSessions;
    case OpcuaPart::user: return kOpcuaUsers;
    case OpcuaPart::read: return kOpcuaReads;
    case OpcuaPart::write: return kOpcuaWrites;
    case OpcuaPart::browse: return kOpcuaBrowses;
    case OpcuaPart::call: return kOpcuaCalls;
    case OpcuaPart::monitor: return kOpcuaMonitors;
    case OpcuaPart::none: break;
  }
  return kOpcuaMessages;
}

}  // namespace

void set_opcua_asked(EventWriter& out, const OpcuaService* service) {
  const std::string_view asked = service == nullptr ? "Hello" : service->asked();
  if (!asked.empty()) out.set(kOpcuaAsked, Value::text(asked));
}

EventWriter begin_opcua(const OpcuaTold& told, Context& context) {
  const OpcuaMessage& message = told.message;
  EventWriter out = context.begin(kOpcuaMessages, context.now());
  out.set(kOpcuaIsOrig, Value::boolean(told.from_client));
  out.set(kOpcuaMsgType, Value::text(to_string(message.kind)));
  out.set(kOpcuaIsFinal, Value::text(message.chunk == 'A' ? "A" : "F"));
  out.set(kOpcuaMsgSize, Value::integer(message.size));
  out.set(kOpcuaChunks, Value::integer(message.chunks));
  const bool greets = message.kind < OpcuaKind::open && message.kind != OpcuaKind::error;
  if (greets) set_opcua_asked(out, nullptr);
  if (!message.encrypted) set_transport(out, message);
  set_channel(out, message);
  if (message.kind >= OpcuaKind::open && message.chunk != 'A' && !message.body.empty()) set_head(out, told.head);
  return out;
}

void tell_opcua_parts(const OpcuaTold& told, Context& context) {
  if (!told.complete) return;
  const OpcuaService& service = *told.head.service;
  const std::size_t type = type_of(service.part);
  const bool with_endpoints = service.part == OpcuaPart::session && context.wants(kOpcuaEndpoints);
  if (service.part == OpcuaPart::none || (!context.wants(type) && !with_endpoints)) return;
  const bool items = type >= kOpcuaReads;
  const bool with_texts = items && (wants_ics_texts(context, type, kItemIcs) || context.wants(type, kValue));
  OpcuaBody parts{service, told.body, with_texts};
  OpcuaItem item;
  for (std::size_t index = 0; parts.next(item); ++index) {
    if (index == kPartsMax) context.refused(DecodeError::limit);
    if (index >= kPartsMax) continue;
    if (item.endpoint || item.application) {
      if (context.wants(kOpcuaEndpoints)) tell_endpoint(told, item, index, context);
    } else if (items) {
      tell_item(type, told, parts.head(), item, index, parts.count() == 1, context);
    }
  }
  if (!context.wants(type)) return;
  if (service.part == OpcuaPart::channel) tell_channel(told, parts.head(), context);
  if (service.part == OpcuaPart::session) tell_session(told, parts.head(), context);
  if (service.part == OpcuaPart::user) tell_user(told, parts.head(), context);
}

}  // namespace nw::network
