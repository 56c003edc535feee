// The tables of OPC UA's fields, in the order of opcua_event.h and opcua_fields.h. Names are those of Zeek's package.
#include "ingest/network/protocols/opcua_fields.h"

#include <algorithm>
#include <array>

#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/opcua_event.h"

namespace nw::network {

namespace {

using event::FieldSpec;

constexpr auto kMessageFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"msg_type", "text", "HEL, ACK, ERR, RHE, OPN, MSG or CLO"},
    {"is_final", "text", "F; A: the message was given up"},
    {"msg_size", "integer", "octets of all its chunks"},
    {"chunks", "integer", "how many chunks it came in (ours)"},
    {"error", "text", "of ERR and of what was given up: the status by its name, or in hexadecimal"},
    {"reason", "text", "and why, in the sender's words"},
    {"version", "integer", "of the transport"},
    {"rcv_buf_size", "integer", "the largest chunk that the sender takes"},
    {"snd_buf_size", "integer", "and that it sends"},
    {"max_msg_size", "integer", "the largest message that it takes; 0: any"},
    {"max_chunk_cnt", "integer", "in how many chunks; 0: any number"},
    {"endpoint_url", "text", "whom the client wants"},
    {"server_uri", "text", "of RHE: the server that calls (ours)"},
    {"sec_channel_id", "integer", "number of the channel; 0 while it has none"},
    {"sec_token_id", "integer", "number of the channel's keys (ours)"},
    {"sec_policy_uri", "text", "how the channel is secured"},
    {"snd_cert_len", "integer", "octets of the sender's certificates"},
    {"snd_cert_thumbprint", "text", "SHA-1 of them, in hexadecimal (ours)"},
    {"rcv_cert", "text", "thumbprint of the receiver's certificate, in hexadecimal"},
    {"encrypted", "boolean", "what the message says is encrypted (ours)"},
    {"seq_number", "integer", "number of its first chunk"},
    {"request_id", "integer", "joins a response to its request"},
    {"encoding_mask", "integer", "form of the NodeId that the message begins with"},
    {"namespace_idx", "integer", "its namespace"},
    {"identifier", "integer", "its number: which service it is"},
    {"identifier_str", "text", "ReadRequest, ReadResponse, ServiceFault, ...; unknown-NN without a name"},
    {"service", "text",
     "what is asked, the same of request and response: Read, Write, ..., Hello of HEL, ACK and RHE; encrypted (ours)"},
    {"req_hdr_timestamp", "time", "the client's clock"},
    {"req_hdr_request_handle", "integer", "the client's own number for the request"},
    {"req_hdr_return_diag", "integer", "diagnostics that it wants"},
    {"req_hdr_audit_entry_id", "text", "what names it in the client's records"},
    {"req_hdr_timeout_hint", "integer", "for how long the client waits, in ms; 0: nobody knows"},
    {"res_hdr_timestamp", "time", "the server's clock"},
    {"res_hdr_request_handle", "integer", "the client's own number for the request"},
    {"res_hdr_service_result", "text", "the service's status by its name, or in hexadecimal (ours)"},
    {"items", "integer", "how many nodes, values, results or endpoints it has, as said (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));

constexpr auto kSharedFields = std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"sec_channel_id", "integer", "its channel (ours)"},
    {"request_id", "integer", "as of its `opcua_binary` event (ours)"},
    {"identifier_str", "text", "its service: ReadRequest, ReadResponse, ... (ours)"},
});
template <std::size_t N>
constexpr auto part_fields(const std::array<FieldSpec, N>& own) {
  std::array<FieldSpec, kSharedFields.size() + N> all;
  std::ranges::copy(own, std::ranges::copy(kSharedFields, all.begin()).out);
  return with_ics(all);
}

constexpr auto kChannelFields = part_fields(std::to_array<FieldSpec>({
    {"proto_ver", "integer", "version of the protocol that the sender speaks (ours)"},
    {"sec_token_request_type", "text", "ISSUE or RENEW"},
    {"message_security_mode", "text", "NONE, SIGN or SIGN_AND_ENCRYPT"},
    {"req_lifetime", "integer", "for how long the keys shall serve, in ms"},
    {"sec_token_sec_channel_id", "integer", "number of the new channel"},
    {"sec_token_id", "integer", "number of its keys"},
    {"sec_token_created_at", "time", "when they were made, by the server's clock"},
    {"sec_token_revised_time", "integer", "for how long they serve, in ms"},
}));

constexpr auto kEndpointFields = part_fields(std::to_array<FieldSpec>({
    {"index", "integer", "its place in the message, from 0 (ours)"},
    {"endpoint_url", "text", "where it is"},
    {"application_uri", "text", "what names the application anywhere"},
    {"product_uri", "text", "what names the product"},
    {"text", "text", "the application's name"},
    {"application_type", "text", "SERVER, CLIENT, CLIENT_AND_SERVER or DISCOVERY_SERVER"},
    {"gateway_server_uri", "text", "the gateway before it"},
    {"discovery_profile_uri", "text", "how it is found"},
    {"cert_size", "integer", "octets of the server's certificate"},
    {"cert_thumbprint", "text", "SHA-1 of it, in hexadecimal (ours)"},
    {"message_security_mode", "text", "NONE, SIGN or SIGN_AND_ENCRYPT"},
    {"security_policy_uri", "text", "how its channels are secured"},
    {"user_token_type", "list of text",
     "how users may prove themselves: ANONYMOUS, USERNAME, CERTIFICATE, ISSUEDTOKEN"},
    {"transport_profile_uri", "text", "over which transport"},
    {"security_level", "integer", "how good the server thinks that it is"},
}));

constexpr auto kSessionFields = part_fields(std::to_array<FieldSpec>({
    {"application_uri", "text", "what names the client's application anywhere"},
    {"product_uri", "text", "what names its product"},
    {"text", "text", "its name"},
    {"application_type", "text", "SERVER, CLIENT, CLIENT_AND_SERVER or DISCOVERY_SERVER"},
    {"server_uri", "text", "the server that is wanted behind a gateway"},
    {"endpoint_url", "text", "the endpoint that is wanted"},
    {"session_name", "text", "what people call the session"},
    {"client_cert_size", "integer", "octets of the client's certificate"},
    {"req_session_timeout", "integer", "for how long an idle session shall live, in ms"},
    {"max_res_msg_size", "integer", "the largest response that the client takes; 0: any"},
    {"session_id", "text", "the session's node; the token that proves it is not told (ours)"},
    {"revised_session_timeout", "integer", "for how long it lives, in ms"},
    {"server_cert_size", "integer", "octets of the server's certificate"},
    {"max_req_msg_size", "integer", "the largest request that the server takes; 0: any"},
}));

constexpr auto kUserFields = part_fields(std::to_array<FieldSpec>({
    {"ext_obj_type_id_str", "text",
     "how the user proves himself: AnonymousIdentityToken, UserNameIdentityToken, X509IdentityToken, "
     "IssuedIdentityToken"},
    {"ext_obj_policy_id", "text", "which of the endpoint's ways that is"},
    {"ext_obj_user_name", "text", "the user's name"},
    {"password_seen", "boolean", "a password came with it, which is not kept (ours)"},
    {"result", "text", "of a response: the service's status by its name (ours)"},
}));

constexpr auto kItemFields = part_fields(std::to_array<FieldSpec>({
    {"index", "integer", "its place in the message, from 0: what joins a result to what was asked (ours)"},
    {"node_id", "text", "the node: i=2258, ns=2;s=Pump, ...; the object of a call (ours)"},
    {"node_id_namespace_idx", "integer", "its namespace"},
    {"node_id_numeric", "integer", "its number, if it is one"},
    {"other_node_id", "text", "the method of a call; the kind of references that are browsed (ours)"},
    {"attribute_id", "integer", "which of the node's attributes"},
    {"attribute_id_str", "text", "its name: Value, DisplayName, ..."},
    {"index_range", "text", "which part of an array"},
    {"browse_direction", "text", "FWD, INV or BOTH"},
    {"sampling_interval", "integer", "of what is monitored, in ms"},
    {"monitored_item_id", "integer", "the server's number for it (ours)"},
    {"built_in_data_type_str", "text", "type of the value: Boolean, Int32, Double, String, ..."},
    {"value", "text", "the value; arguments and results of a method, nodes that were found, divided by ',' (ours)"},
    {"status_code", "text", "status of the value or the result by its name, or in hexadecimal (ours)"},
    {"source_timestamp", "time", "when the value was so, by its source's clock"},
    {"server_timestamp", "time", "and by the server's"},
    {"references", "integer", "how many nodes were found (ours)"},
}));

constexpr std::array<std::string_view, 1> kMessageService{"opcua_binary"},
    kChannelService{"opcua_binary_opensecure_channel"}, kEndpointService{"opcua_binary_get_endpoints"},
    kSessionService{"opcua_binary_create_session"}, kUserService{"opcua_binary_activate_session"},
    kReadService{"opcua_binary_read"}, kWriteService{"opcua_binary_write"}, kBrowseService{"opcua_binary_browse"},
    kCallService{"opcua_binary_call"}, kMonitorService{"opcua_binary_create_monitored_items"};

constexpr event::TypeSpec part(std::span<const std::string_view, 1> service, std::span<const FieldSpec> fields) {
  return {service[0], "normwatch", service, kIcsPartCategory, fields, false};
}
constexpr std::array<event::TypeSpec, 11> kTypes{
    {{"opcua_binary", "normwatch", kMessageService, kIcsCategory, kMessageFields, false},
     part(kChannelService, kChannelFields),
     part(kEndpointService, kEndpointFields),
     part(kSessionService, kSessionFields),
     part(kUserService, kUserFields),
     part(kReadService, kItemFields),
     part(kWriteService, kItemFields),
     part(kBrowseService, kItemFields),
     part(kCallService, kItemFields),
     part(kMonitorService, kItemFields),
     kKnownDeviceType}};

}  // namespace

std::span<const event::TypeSpec> opcua_types() { return kTypes; }

}  // namespace nw::network
