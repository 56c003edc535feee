// What messages of OPC UA say; opcua_stream_test.cpp has how they are found and joined.
#include <gtest/gtest.h>

#include "opcua_frames.h"

namespace nw::network::opcua {
namespace {

TEST(Opcua, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"hello",
       {{"is_orig", "true"},
        {"msg_type", "HEL"},
        {"is_final", "F"},
        {"msg_size", "50"},
        {"version", "0"},
        {"rcv_buf_size", "65535"},
        {"snd_buf_size", "65535"},
        {"max_msg_size", "0"},
        {"max_chunk_cnt", "0"},
        {"endpoint_url", "opc.tcp://plc:4840"},
        {"sec_channel_id", "-"},
        {"encrypted", "-"},
        {"ics.operation", "other"},
        {"ics.target", "opc.tcp://plc:4840"},
        {"ics.outcome", "-"}}},
      {"acknowledge",
       {{"is_orig", "false"},
        {"msg_type", "ACK"},
        {"rcv_buf_size", "65535"},
        {"snd_buf_size", "8192"},
        {"max_msg_size", "1048576"},
        {"max_chunk_cnt", "16"},
        {"endpoint_url", "-"},
        {"ics.outcome", "ok"}}},
      {"error",
       {{"is_orig", "false"},
        {"msg_type", "ERR"},
        {"error", "BadTcpEndpointUrlInvalid"},
        {"reason", "no such endpoint"},
        {"version", "-"},
        {"ics.outcome", "refused"},
        {"ics.reason", "BadTcpEndpointUrlInvalid"}}},
      {"reverse_hello",
       {{"is_orig", "false"},
        {"msg_type", "RHE"},
        {"server_uri", "urn:plc:server"},
        {"endpoint_url", "opc.tcp://plc:4840"},
        {"ics.outcome", "-"}}},
      {"open",
       {{"msg_type", "OPN"},
        {"sec_channel_id", "0"},
        {"sec_token_id", "-"},
        {"sec_policy_uri", "http://opcfoundation.org/UA/SecurityPolicy#None"},
        {"snd_cert_len", "-"},
        {"encrypted", "false"},
        {"seq_number", "1"},
        {"request_id", "1"},
        {"encoding_mask", "1"},
        {"namespace_idx", "0"},
        {"identifier", "446"},
        {"identifier_str", "OpenSecureChannelRequest"},
        {"req_hdr_timestamp", "1700000000.000000"},
        {"req_hdr_request_handle", "0"},
        {"req_hdr_return_diag", "0"},
        {"req_hdr_timeout_hint", "5000"},
        {"res_hdr_timestamp", "-"},
        {"ics.operation", "other"}}},
      {"open_response",
       {{"is_orig", "false"},
        {"sec_channel_id", "7"},
        {"identifier_str", "OpenSecureChannelResponse"},
        {"res_hdr_timestamp", "1700000000.000000"},
        {"res_hdr_request_handle", "0"},
        {"res_hdr_service_result", "Good"},
        {"req_hdr_timestamp", "-"},
        {"ics.outcome", "ok"}}},
      {"open_secured",
       {{"sec_policy_uri", "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"},
        {"snd_cert_len", "5"},
        {"snd_cert_thumbprint", "90d80b0214715c2117f1db310cc56f1e87dc4775"},
        {"rcv_cert", "000102030405060708090a0b0c0d0e0f10111213"},
        {"encrypted", "true"},
        {"seq_number", "-"},
        {"request_id", "-"},
        {"identifier_str", "-"}}},
      {"get_endpoints",
       {{"identifier_str", "GetEndpointsRequest"},
        {"sec_token_id", "1"},
        {"ics.operation", "identify"},
        {"ics.target", "opc.tcp://plc:4840"}}},
      {"get_endpoints_response",
       {{"identifier_str", "GetEndpointsResponse"}, {"items", "1"}, {"ics.operation", "identify"}}},
      {"find_servers_response", {{"identifier_str", "FindServersResponse"}, {"items", "2"}}},
      {"create_session",
       {{"identifier_str", "CreateSessionRequest"}, {"ics.operation", "other"}, {"ics.target", "opc.tcp://plc:4840"}}},
      {"create_session_response", {{"identifier_str", "CreateSessionResponse"}, {"items", "1"}}},
      {"activate_session", {{"identifier_str", "ActivateSessionRequest"}, {"ics.target", "-"}, {"ics.value", "-"}}},
      {"activate_session_refused",
       {{"res_hdr_service_result", "BadUserAccessDenied"},
        {"ics.outcome", "refused"},
        {"ics.reason", "BadUserAccessDenied"}}},
      {"read",
       {{"identifier_str", "ReadRequest"},
        {"req_hdr_request_handle", "5"},
        {"items", "3"},
        {"ics.operation", "read"},
        {"ics.target", "ns=2;s=Pump,ns=2;i=7/DisplayName,ns=2;s=Levels[0:1]"},
        {"ics.value", "-"}}},
      {"read_response",
       {{"ics.operation", "read"},
        {"ics.value", "1.5,Pump 7,-"},
        {"ics.outcome", "refused"},
        {"ics.reason", "BadIndexRangeNoData"}}},
      {"read_build", {{"ics.operation", "identify"}, {"ics.target", "i=2261,i=2263,i=2264"}}},
      {"write",
       {{"ics.operation", "write"},
        {"ics.target", "ns=2;s=Pump,ns=2;s=Levels,ns=2;i=7/Description"},
        {"ics.value", "-5,[1,2],main"}}},
      {"write_response",
       {{"items", "3"}, {"ics.operation", "write"}, {"ics.outcome", "refused"}, {"ics.reason", "BadTypeMismatch"}}},
      {"browse", {{"ics.operation", "read"}, {"ics.target", "i=85"}}},
      {"browse_response", {{"ics.value", "i=2253,s=Pump"}, {"ics.outcome", "ok"}}},
      {"call", {{"ics.operation", "control"}, {"ics.target", "ns=2;s=Pump/ns=2;s=Start"}, {"ics.value", "now,true"}}},
      {"call_response", {{"ics.operation", "control"}, {"ics.value", "3"}, {"ics.outcome", "ok"}}},
      {"create_subscription", {{"ics.operation", "subscribe"}, {"ics.target", "-"}}},
      {"create_subscription_response", {{"ics.operation", "subscribe"}, {"ics.target", "subscription/5"}}},
      {"create_monitored_items", {{"ics.operation", "subscribe"}, {"ics.target", "ns=2;s=Pump"}}},
      {"create_monitored_items_response", {{"ics.operation", "subscribe"}, {"ics.outcome", "ok"}}},
      {"publish", {{"ics.operation", "read"}, {"ics.target", "subscription/5"}}},
      {"publish_response",
       {{"ics.operation", "read"}, {"ics.target", "subscription/5"}, {"ics.value", "1.5"}, {"ics.outcome", "ok"}}},
      {"delete_monitored_items", {{"ics.target", "subscription/5/item/3,subscription/5/item/4"}}},
      {"history_read", {{"ics.operation", "read"}, {"ics.target", "ns=2;s=Pump"}}},
      {"history_update", {{"ics.operation", "write"}, {"ics.target", "ns=2;s=Pump"}}},
      {"add_nodes", {{"ics.operation", "program"}, {"ics.target", "i=85/Valve,ns=2;s=Tank"}}},
      {"add_nodes_response", {{"ics.outcome", "refused"}, {"ics.reason", "BadNodeIdExists"}}},
      {"delete_nodes", {{"ics.operation", "program"}, {"ics.target", "ns=2;s=Tank"}}},
      {"service_fault",
       {{"identifier_str", "ServiceFault"}, {"is_orig", "false"}, {"ics.reason", "BadSessionIdInvalid"}}},
      {"encrypted",
       {{"is_orig", "true"},
        {"sec_channel_id", "7"},
        {"sec_token_id", "1"},
        {"encrypted", "true"},
        {"identifier", "-"},
        {"ics.operation", "other"},
        {"ics.outcome", "-"}}},
      {"two_chunks",
       {{"chunks", "2"}, {"seq_number", "19"}, {"request_id", "20"}, {"ics.value", "first and,1700000000.000"}}},
      {"aborted", {{"is_orig", "false"}, {"is_final", "A"}, {"error", "BadResponseTooLarge"}, {"reason", "too large"}}},
      {"close_session", {{"identifier_str", "CloseSessionRequest"}, {"ics.operation", "other"}}},
      {"close_channel", {{"msg_type", "CLO"}, {"identifier_str", "CloseSecureChannelRequest"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(kGolden(c.name));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    ASSERT_GE(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.paths[0], "opcua_binary");
    expect(flow.context, 0, c.want);
  }
  EXPECT_EQ(std::size(kCases),
            static_cast<std::size_t>(std::ranges::count(kGoldenFrames, "opcua", &GoldenFrame::protocol)));
}

TEST(OpcuaParts, Channel) {
  Play flow = play();
  flow.give(kGolden("open")).give(kGolden("open_response"));
  ASSERT_EQ(flow.context.events.size(), 4U);
  EXPECT_EQ(flow.context.paths[1], "opcua_binary_opensecure_channel");
  expect(flow.context, 1,
         {{"is_orig", "true"},
          {"sec_channel_id", "0"},
          {"request_id", "1"},
          {"proto_ver", "0"},
          {"sec_token_request_type", "ISSUE"},
          {"message_security_mode", "NONE"},
          {"req_lifetime", "3600000"},
          {"sec_token_id", "-"}});
  expect(flow.context, 2, {{"rtt", "0.001000"}});
  expect(flow.context, 3,
         {{"is_orig", "false"},
          {"sec_token_sec_channel_id", "7"},
          {"sec_token_id", "1"},
          {"sec_token_created_at", "1700000000.000000"},
          {"sec_token_revised_time", "600000"},
          {"sec_token_request_type", "-"},
          {"ics.outcome", "ok"}});
}

TEST(OpcuaParts, Endpoints) {
  Play flow = play();
  flow.give(kGolden("get_endpoints")).give(kGolden("get_endpoints_response"));
  const std::size_t at = nth(flow, "opcua_binary_get_endpoints");
  expect(flow.context, at,
         {{"identifier_str", "GetEndpointsResponse"},
          {"index", "0"},
          {"endpoint_url", "opc.tcp://plc:4840"},
          {"application_uri", "urn:plc:server"},
          {"product_uri", "urn:acme:uaserver"},
          {"text", "Pump PLC"},
          {"application_type", "SERVER"},
          {"cert_size", "5"},
          {"message_security_mode", "NONE"},
          {"security_policy_uri", "http://opcfoundation.org/UA/SecurityPolicy#None"},
          {"user_token_type", "ANONYMOUS,USERNAME"},
          {"transport_profile_uri", "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"},
          {"security_level", "1"},
          {"ics.operation", "identify"},
          {"ics.target", "opc.tcp://plc:4840"},
          {"ics.outcome", "ok"}});
  expect(flow.context, nth(flow, "known_device"),
         {{"device", "198.51.100.1"},
          {"device_protocol", "opcua"},
          {"device_unit", "urn:plc:server"},
          {"order_number", "urn:acme:uaserver"},
          {"device_name", "Pump PLC"}});

  Play found = play();
  found.give(kGolden("find_servers_response"));
  expect(found.context, nth(found, "opcua_binary_get_endpoints", 1),
         {{"index", "1"}, {"text", "Directory"}, {"application_type", "DISCOVERY_SERVER"}, {"endpoint_url", "-"}});
  EXPECT_EQ(nth(found, "known_device"), found.context.paths.size());  // others' names, not the sender's
}

TEST(OpcuaParts, Session) {
  Play flow = play();
  flow.give(kGolden("create_session")).give(kGolden("create_session_response"));
  const std::size_t asked = nth(flow, "opcua_binary_create_session");
  expect(flow.context, asked,
         {{"is_orig", "true"},
          {"application_uri", "urn:hmi:client"},
          {"product_uri", "urn:acme:hmi"},
          {"text", "HMI"},
          {"application_type", "CLIENT"},
          {"server_uri", "-"},
          {"endpoint_url", "opc.tcp://plc:4840"},
          {"session_name", "line 1"},
          {"client_cert_size", "-"},
          {"req_session_timeout", "60000"},
          {"max_res_msg_size", "0"},
          {"session_id", "-"}});
  expect(flow.context, nth(flow, "known_device"),
         {{"device", "192.0.2.1"}, {"device_unit", "urn:hmi:client"}, {"device_name", "HMI"}});
  expect(flow.context, nth(flow, "opcua_binary_create_session", 1),
         {{"is_orig", "false"},
          {"session_id", "ns=1;i=42"},
          {"revised_session_timeout", "30000"},
          {"server_cert_size", "-"},
          {"max_req_msg_size", "65536"},
          {"application_uri", "-"},
          {"ics.outcome", "ok"}});
  EXPECT_LT(nth(flow, "opcua_binary_get_endpoints"), flow.context.paths.size());
  for (const auto& event : flow.context.events)
    for (const auto& [name, value] : event) EXPECT_EQ(value.find("a1a2a3a4"), std::string::npos) << name;
}

TEST(OpcuaParts, UserWithoutThePassword) {
  Play flow = play();
  flow.give(kGolden("activate_session")).give(kGolden("activate_session_refused"));
  expect(flow.context, nth(flow, "opcua_binary_activate_session"),
         {{"ext_obj_type_id_str", "UserNameIdentityToken"},
          {"ext_obj_policy_id", "user"},
          {"ext_obj_user_name", "operator"},
          {"password_seen", "true"},
          {"result", "-"}});
  expect(flow.context, nth(flow, "opcua_binary_activate_session", 1),
         {{"result", "BadUserAccessDenied"}, {"ics.outcome", "refused"}});
  for (const auto& event : flow.context.events)
    for (const auto& [name, value] : event) EXPECT_EQ(value.find("secret"), std::string::npos) << name;
}

TEST(OpcuaParts, KindsOfUsers) {
  static constexpr struct {
    std::uint32_t type;
    const char *kind, *policy, *name, *password;
  } kCases[] = {{321, "AnonymousIdentityToken", "p", "-", "false"},
                {324, "UserNameIdentityToken", "p", "u", "false"},
                {327, "X509IdentityToken", "p", "-", "false"},
                {940, "IssuedIdentityToken", "p", "-", "false"},
                {999, "-", "-", "-", "-"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.type);
    const std::string token = text("p") + text("u") + kNone + kNone;
    Play flow = play();
    flow.give(message(asks(467, kNone + kNone + kNone + kNone + "0100" + le(c.type, 2) + "01" +
                                    le(from_hex(token).size()) + token + kNone + kNone)));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 1,
           {{"ext_obj_type_id_str", c.kind},
            {"ext_obj_policy_id", c.policy},
            {"ext_obj_user_name", c.name},
            {"password_seen", c.password}});
  }
}

TEST(OpcuaParts, Read) {
  Play flow = play();
  flow.give(kGolden("read")).give(kGolden("read_response"));
  const auto path = "opcua_binary_read";
  expect(flow.context, nth(flow, path),
         {{"index", "0"},
          {"node_id", "ns=2;s=Pump"},
          {"node_id_namespace_idx", "2"},
          {"node_id_numeric", "-"},
          {"attribute_id", "13"},
          {"attribute_id_str", "Value"},
          {"index_range", "-"},
          {"ics.target", "ns=2;s=Pump"}});
  expect(flow.context, nth(flow, path, 1), {{"node_id_numeric", "7"}, {"attribute_id_str", "DisplayName"}});
  expect(flow.context, nth(flow, path, 2), {{"index_range", "0:1"}, {"ics.target", "ns=2;s=Levels[0:1]"}});
  expect(flow.context, nth(flow, path, 3),
         {{"is_orig", "false"},
          {"index", "0"},
          {"built_in_data_type_str", "Double"},
          {"value", "1.5"},
          {"status_code", "-"},
          {"source_timestamp", "1700000000.000000"},
          {"server_timestamp", "1700000000.000000"},
          {"ics.value", "1.5"},
          {"ics.outcome", "ok"}});
  expect(flow.context, nth(flow, path, 5),
         {{"value", "-"},
          {"status_code", "BadIndexRangeNoData"},
          {"ics.outcome", "refused"},
          {"ics.reason", "BadIndexRangeNoData"}});
}

TEST(OpcuaParts, WriteCallBrowseMonitor) {
  Play flow = play();
  for (const char* name : {"write", "write_response", "call", "call_response", "browse", "browse_response",
                           "create_monitored_items", "create_monitored_items_response"})
    flow.give(kGolden(name));
  expect(flow.context, nth(flow, "opcua_binary_write", 1),
         {{"node_id", "ns=2;s=Levels"}, {"built_in_data_type_str", "UInt16"}, {"value", "[1,2]"}});
  expect(flow.context, nth(flow, "opcua_binary_write", 4),
         {{"index", "1"}, {"status_code", "BadTypeMismatch"}, {"ics.outcome", "refused"}});
  expect(flow.context, nth(flow, "opcua_binary_call"),
         {{"node_id", "ns=2;s=Pump"},
          {"other_node_id", "ns=2;s=Start"},
          {"value", "now,true"},
          {"ics.target", "ns=2;s=Pump/ns=2;s=Start"}});
  expect(flow.context, nth(flow, "opcua_binary_call", 1),
         {{"status_code", "Good"}, {"value", "3"}, {"ics.target", "ns=2;s=Pump/ns=2;s=Start"}});
  expect(flow.context, nth(flow, "opcua_binary_browse"),
         {{"node_id", "i=85"}, {"browse_direction", "FWD"}, {"other_node_id", "i=35"}, {"references", "-"}});
  expect(flow.context, nth(flow, "opcua_binary_browse", 1),
         {{"references", "2"}, {"value", "i=2253,s=Pump"}, {"ics.target", "i=85"}});
  expect(flow.context, nth(flow, "opcua_binary_create_monitored_items"),
         {{"node_id", "ns=2;s=Pump"}, {"sampling_interval", "250"}, {"attribute_id_str", "Value"}});
  expect(flow.context, nth(flow, "opcua_binary_create_monitored_items", 1),
         {{"monitored_item_id", "3"}, {"status_code", "Good"}});
}

TEST(Opcua, ValuesOfAllTypes) {
  const struct {
    std::string hex;
    const char* value;
  } kCases[] = {
      {"00", "null"},
      {"0101", "true"},
      {"0100", "false"},
      {"02fe", "-2"},
      {"03fe", "254"},
      {"04feff", "-2"},
      {"05feff", "65534"},
      {"06feffffff", "-2"},
      {"07feffffff", "4294967294"},
      {"08feffffffffffffff", "-2"},
      {"09feffffffffffffff", "18446744073709551614"},
      {"0a0000c03f", "1.5"},
      {"0b000000000000f8bf", "-1.5"},
      {"0c" + text("on"), "on"},
      {"0c" + kNone, "-"},
      {"0d" + kTime, "1700000000.000"},
      {"0d" + le(0, 8), "never"},
      {"0e 0e85c52a da13 c6f0 97c9 8ce8ed4e8478", "2ac5850e-13da-f0c6-97c9-8ce8ed4e8478"},
      {"0f" + le(2) + "00ff", "00ff"},
      {"10" + text("<a/>"), "<a/>"},
      {"11 0005", "i=5"},
      {"12 80 05" + text("urn:x"), "i=5"},
      {"13" + le(0x80340000), "BadNodeIdUnknown"},
      {"13" + le(0x8FFF0000), "0x8fff0000"},
      {"14 0100" + text("name"), "name"},
      {"15 03" + text("de") + text("Pumpe"), "Pumpe"},
      {"16 0100 5401 01" + le(2) + "aabb", "{i=340}"},
      {"17 03 0601000000" + le(0), "1"},
      {"19 7f" + le(1) + le(2) + le(3) + le(4) + text("info") + le(0x80340000) + "00", "-"},
      {"86" + list({le(1), le(2), le(3)}), "[1,2,3]"},
      {"c6" + list({le(1), le(2)}) + list({le(1), le(2)}), "[1,2]"},
      {"98" + list({"0101", "0300"}), "[true,0]"},
      {"86" + kNone, "[]"},
      {"98" + list({"80" + le(1), "0101"}), "[[],true]"},
      {"1f" + le(1) + "07", "07"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(message(writes(c.hex)));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    EXPECT_EQ(flow.get(0, "ics.value"), c.value);
  }
}

TEST(Opcua, ValuesOfHistories) {
  const std::string values = list({"01 0601000000", "01 0602000000", "02" + le(0x809B0000)});
  const std::string update = kPump + le(1) + values;
  const auto extension = [](std::uint32_t type, const std::string& body) {
    return "0100" + le(type, 2) + "01" + le(from_hex(body).size()) + body;
  };
  Play flow = play();
  flow.give(message(asks(700, list({extension(682, update)}))));
  flow.give(message(answers(667, list({le(0) + kNone + extension(658, values)}) + kNone), {.request = 2}), kBack);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, nth(flow, "opcua_binary"), {{"ics.target", "ns=2;s=Pump"}, {"ics.value", "1,2,"}});
  expect(flow.context, nth(flow, "opcua_binary", 1), {{"ics.value", "1,2,"}});
  expect(flow.context, nth(flow, "opcua_binary_read"), {{"value", "1,2,"}, {"status_code", "Good"}});
}

TEST(Opcua, NodesInAllForms) {
  const struct {
    std::string hex;
    const char* node;
  } kCases[] = {
      {"0005", "i=5"},
      {"01020500", "ns=2;i=5"},
      {"02020005000000", "ns=2;i=5"},
      {"030000" + text("a"), "s=a"},
      {"040200 0e85c52a da13 c6f0 97c9 8ce8ed4e8478", "ns=2;g=2ac5850e-13da-f0c6-97c9-8ce8ed4e8478"},
      {"050200" + le(2) + "00ff", "ns=2;b=00ff"},
      {"4005" + le(1), "i=5"},
      {"c005" + text("urn:x") + le(1), "i=5"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(message(asks(500, list({c.hex + "01"}))));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    EXPECT_EQ(flow.get(0, "ics.target"), c.node);
  }
}

TEST(Opcua, WhatAServiceDoes) {
  const struct {
    std::uint32_t id;
    const char *name, *operation, *target;
    std::string body;
  } kCases[] = {
      {422, "FindServersRequest", "identify", "u", text("u") + kNone + kNone},
      {437, "RegisterServerRequest", "other", "-",
       text("u") + text("p") + list({"02" + text("n")}) + le(0) + kNone + list({text("d")}) + kNone + "01"},
      {479, "CancelRequest", "other", "-", le(1)},
      {494, "AddReferencesRequest", "program", "i=1", list({"0001 0023 01" + kNone + "0002" + le(1)})},
      {506, "DeleteReferencesRequest", "program", "i=1", list({"0001 0023 01 0002 01"})},
      {533, "BrowseNextRequest", "read", "-", "00" + list({text("c")})},
      {554, "TranslateBrowsePathsToNodeIdsRequest", "read", "i=85",
       list({"0055" + list({"0023 00 01 0000" + text("a")})})},
      {560, "RegisterNodesRequest", "read", "i=1", list({"0001"})},
      {566, "UnregisterNodesRequest", "read", "i=1", list({"0001"})},
      {615, "QueryFirstRequest", "read", "-", "0000ffff"},
      {763, "ModifyMonitoredItemsRequest", "subscribe", "subscription/5/item/3",
       le(5) + le(0) + list({le(3) + le(1) + le(0, 8) + "000000" + le(1) + "01"})},
      {769, "SetMonitoringModeRequest", "subscribe", "subscription/5/item/3", le(5) + le(0) + list({le(3)})},
      {775, "SetTriggeringRequest", "subscribe", "subscription/5/item/4", le(5) + le(3) + list({le(4)}) + kNone},
      {793, "ModifySubscriptionRequest", "subscribe", "subscription/5",
       le(5) + le(0, 8) + le(0) + le(0) + le(0) + "00"},
      {799, "SetPublishingModeRequest", "subscribe", "subscription/5", "00" + list({le(5)})},
      {832, "RepublishRequest", "read", "-", le(5) + le(1)},
      {841, "TransferSubscriptionsRequest", "subscribe", "subscription/5", list({le(5)}) + "01"},
      {847, "DeleteSubscriptionsRequest", "subscribe", "subscription/5", list({le(5)})},
      {12208, "FindServersOnNetworkRequest", "identify", "-", le(0) + le(0) + kNone},
      {12211, "RegisterServer2Request", "other", "-",
       text("u") + text("p") + kNone + le(0) + kNone + kNone + kNone + "01" + kNone},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(message(asks(c.id, c.body)));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0,
           {{"identifier_str", c.name}, {"ics.operation", c.operation}, {"ics.target", c.target}, {"is_orig", "true"}});
  }
}

TEST(Opcua, WhatAServiceAnswers) {
  const std::string bad = le(0x80340000);
  const struct {
    std::uint32_t id;
    const char* name;
    std::string body;
  } kCases[] = {
      {497, "AddReferencesResponse", list({bad}) + kNone},
      {503, "DeleteNodesResponse", list({le(0), bad}) + kNone},
      {536, "BrowseNextResponse", list({bad + kNone + kNone}) + kNone},
      {557, "TranslateBrowsePathsToNodeIdsResponse", list({bad + list({"0005" + le(0)})}) + kNone},
      {667, "HistoryReadResponse", list({bad + kNone + "000000"}) + kNone},
      {703, "HistoryUpdateResponse", list({le(0) + list({bad}) + kNone}) + kNone},
      {715, "CallResponse", list({le(0) + list({bad}) + kNone + kNone}) + kNone},
      {754, "CreateMonitoredItemsResponse", list({bad + le(0) + le(0, 8) + le(0) + "000000"}) + kNone},
      {766, "ModifyMonitoredItemsResponse", list({bad + le(0, 8) + le(0) + "000000"}) + kNone},
      {778, "SetTriggeringResponse", kNone + kNone + list({bad}) + kNone},
      {784, "DeleteMonitoredItemsResponse", list({bad}) + list({"00"})},
      {829, "PublishResponse", le(5) + kNone + "00" + le(1) + kTime + kNone + list({bad}) + kNone},
      {844, "TransferSubscriptionsResponse", list({bad + list({le(1)})}) + kNone},
      {12212, "RegisterServer2Response", list({bad}) + kNone},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(message(answers(c.id, c.body)), kBack);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0,
           {{"identifier_str", c.name},
            {"is_orig", "false"},
            {"ics.outcome", "refused"},
            {"ics.reason", "BadNodeIdUnknown"}});
  }
}

TEST(Opcua, BodiesThatDoNotFit) {
  const std::string deep = [] {
    std::string out;
    for (int i = 0; i < 12; ++i) out += "18";
    return out + "0101";
  }();
  const struct {
    const char* name;
    std::string body;
  } kCases[] = {
      {"no header", "0100" + le(631, 2)},
      {"a count beyond the end", asks(631, le(0, 8) + le(0) + le(1000))},
      {"a negative count", asks(631, le(0, 8) + le(0) + le(0xFFFFFFFE))},
      {"half a node", reads({point("0005"), "0300"})},
      {"a text beyond the end", reads({point("030000" + le(100))})},
      {"a form of nodes that is none", asks(500, list({"0600000000 01"}))},
      {"octets behind it", asks(473, "01 0203")},
      {"an extension that is none", asks(664, "0000 03")},
      {"values too deep", writes(deep)},
      {"diagnostics too deep", asks(673, list({kPump + le(13) + kNone + "01 19" + std::string(140, '4')}))},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(message(c.body));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    ASSERT_GE(flow.context.events.size(), 1U);
    EXPECT_NE(flow.get(0, "identifier_str"), "-");
  }
  Play flow = play();
  flow.give(message("0100" + le(634, 2) + kTime), kBack);
  expect(flow.context, 0, {{"identifier_str", "ReadResponse"}, {"res_hdr_request_handle", "-"}, {"ics.outcome", "-"}});
}

TEST(Opcua, OfAnItemThatIsCutTheNodeIsTold) {
  const struct {
    std::string body;
    const char *target, *attribute;
  } kCases[] = {
      {asks(673, list({kPump + le(13) + kNone + "01 06 0100"})), "ns=2;s=Pump", "Value"},
      {asks(673, list({kPump + le(13) + kNone + "01 0601000000", "0005" + le(4) + "00"})),
       "ns=2;s=Pump,i=5/DisplayName", "Value"},
      {asks(673, list({kPump + "0d"})), "ns=2;s=Pump", "-"},
      {asks(712, list({kPump + "07"})), "ns=2;s=Pump", "-"},
      {asks(700, list({"0100" + le(682, 2) + "01" + le(2) + "0300"})), "-", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.body);
    Play flow = play();
    flow.give(message(c.body));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), c.target[0] == '-' ? 0U : 1U);
    EXPECT_EQ(flow.get(0, "ics.target"), c.target);
    expect(flow.context, 1, {{"attribute_id_str", c.attribute}});
  }
}

// Each array says that it has as many elements as there are octets behind it.
TEST(Opcua, ArraysOfNothingCostNothing) {
  constexpr std::size_t kArrays = 10'000, kOctets = 5;
  std::string arrays = "98" + le(kArrays);
  for (std::size_t left = kArrays; left > 0; --left) arrays += "80" + le((left - 1) * kOctets);
  Play flow = play();
  flow.give(message(writes(arrays)));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_TRUE(flow.get(0, "ics.value").starts_with("[[],[],"));
}

TEST(Opcua, TransportThatDoesNotFit) {
  const std::string kCases[] = {
      chunk("HELF", std::string(40, '0') + le(100)),
      chunk("ERRF", le(0x80830000) + le(100)),
      chunk("RHEF", text("urn:plc") + le(100)),
      chunk("OPNF", le(0) + le(1000) + std::string(48, '0')),
  };
  for (const std::string& hex : kCases) {
    SCOPED_TRACE(hex);
    Play flow = play();
    flow.give(hex);
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.events.size(), 1U);
  }
}

std::string value(const std::string& variant) { return "01" + variant; }

TEST(OpcuaDevice, PartsOfTheBuildInfo) {
  Play flow = play();
  flow.give(kGolden("read_build"));
  flow.give(
      message(answers(634, list({value("0c" + text("PLC 9")), value("0c" + text("ACME")), value("0c" + text("2.1"))}) +
                               kNone),
              {.request = 7}),
      kBack);
  expect(flow.context, nth(flow, "known_device"),
         {{"device", "198.51.100.1"},
          {"device_protocol", "opcua"},
          {"product", "PLC 9"},
          {"vendor", "ACME"},
          {"firmware", "2.1"},
          {"order_number", "-"}});
}

TEST(OpcuaDevice, TheWholeBuildInfo) {
  const std::string info = text("urn:acme:plc9") + text("ACME") + text("PLC 9") + text("2.1") + text("77") + kTime;
  const std::string status = kTime + kTime + le(0) + info + le(0) + "00";
  for (const auto& [type, body] : {std::pair{std::uint32_t{340}, info}, std::pair{std::uint32_t{864}, status}}) {
    Play flow = play();
    flow.give(
        message(answers(634, list({value("16 0100" + le(type, 2) + "01" + le(from_hex(body).size()) + body)}) + kNone)),
        kBack);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, nth(flow, "known_device"),
           {{"product", "PLC 9"}, {"vendor", "ACME"}, {"firmware", "2.1 build 77"}, {"order_number", "urn:acme:plc9"}});
  }
}

TEST(OpcuaDevice, SixteenApplicationsOfAMessage) {
  std::vector<std::string> endpoints;
  for (std::uint32_t i = 0; i < 17; ++i)
    endpoints.push_back(kNone + "01000000" + le('a' + i, 1) + kNone + "00" + le(0) + kNone + kNone + kNone + kNone +
                        le(1) + kNone + kNone + kNone + "00");
  Play flow = play();
  flow.give(message(answers(431, list(endpoints))), kBack);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_EQ(std::ranges::count(flow.context.paths, "known_device"), 16);
  EXPECT_EQ(std::ranges::count(flow.context.paths, "opcua_binary_get_endpoints"), 17);
}

TEST(OpcuaDevice, OtherValuesAreNone) {
  Play flow = play();
  flow.give(message(reads({point("0005")})));
  flow.give(message(answers(634, list({value("0c" + text("PLC 9"))}) + kNone)), kBack);
  EXPECT_EQ(nth(flow, "known_device"), flow.context.paths.size());
}

TEST(Opcua, OnlyWhatIsWanted) {
  Play flow = play({"identifier_str"});
  flow.give(kGolden("read")).give(kGolden("read_response"));
  EXPECT_EQ(flow.get(0, "ics.target"), "-");
  EXPECT_EQ(flow.get(0, "identifier_str"), "ReadRequest");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

}  // namespace
}  // namespace nw::network::opcua
