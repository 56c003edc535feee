#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"knxnet_ip"};

struct Knx : Play {
  explicit Knx(Transport carried = Transport::udp) : Play{"knxnet_ip", carried} {}
  Knx& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

struct Case {
  const char* name;
  std::vector<Want> want;
};

void expect_golden(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Knx play{kGolden(c.name).transport};
    play.frame(c.name);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, c.want);
  }
}

TEST(KnxnetIp, Services) {
  expect_golden({
      {"search",
       {{"is_orig", "true"},
        {"function", "Search Request"},
        {"service", "Search Request"},
        {"service_code", "513"},
        {"ics.operation", "identify"},
        {"ics.target", "-"},
        {"ics.outcome", "-"}}},
      {"search_response", {{"is_orig", "false"}, {"ics.operation", "identify"}, {"ics.outcome", "ok"}}},
      {"search_extended", {{"function", "Search Request Extended"}, {"ics.operation", "identify"}}},
      {"search_extended_response", {{"function", "Search Response Extended"}, {"ics.outcome", "ok"}}},
      {"description_response", {{"function", "Description Response"}, {"ics.outcome", "ok"}}},
      {"connect",
       {{"connection_type", "tunnel"},
        {"tunnel_layer", "link"},
        {"ics.operation", "other"},
        {"ics.target", "tunnel"},
        {"ics.value", "link"}}},
      {"connect_response",
       {{"is_orig", "false"},
        {"channel", "21"},
        {"status", "E_NO_ERROR"},
        {"status_code", "0"},
        {"connection_type", "tunnel"},
        {"tunnel_address", "1.1.250"},
        {"ics.target", "channel/21"},
        {"ics.outcome", "ok"}}},
      {"connect_refused",
       {{"status", "E_NO_MORE_CONNECTIONS"},
        {"status_code", "36"},
        {"ics.outcome", "refused"},
        {"ics.reason", "E_NO_MORE_CONNECTIONS"}}},
      {"connect_management", {{"connection_type", "device_management"}, {"tunnel_layer", "-"}}},
      {"state", {{"channel", "21"}, {"ics.target", "channel/21"}, {"ics.outcome", "-"}}},
      {"state_refused", {{"ics.outcome", "refused"}, {"ics.reason", "E_CONNECTION_ID"}}},
      {"disconnect", {{"function", "Disconnect Request"}, {"channel", "21"}}},
      {"ack",
       {{"function", "Tunnelling Ack"},
        {"sequence", "0"},
        {"status", "E_NO_ERROR"},
        {"ics.operation", "other"},
        {"ics.target", "channel/21"},
        {"ics.outcome", "ok"}}},
      {"ack_refused", {{"ics.outcome", "refused"}, {"ics.reason", "E_TUNNELLING_LAYER"}}},
      {"feature_get", {{"ics.operation", "read"}, {"ics.target", "channel/21/feature/3"}, {"status", "-"}}},
      {"feature", {{"data", "07b0"}, {"ics.value", "07b0"}, {"ics.outcome", "ok"}}},
      {"feature_set", {{"ics.operation", "write"}, {"ics.target", "channel/21/feature/8"}, {"ics.value", "01"}}},
      {"feature_refused", {{"ics.outcome", "refused"}, {"ics.reason", "-"}}},
      {"routing_lost", {{"lost_messages", "5"}, {"ics.operation", "diagnose"}}},
      {"routing_busy", {{"wait_time", "100"}, {"ics.operation", "diagnose"}}},
      {"remote_diagnostic", {{"ics.operation", "diagnose"}, {"ics.target", "selected/01"}}},
      {"remote_configuration", {{"ics.operation", "program"}, {"ics.target", "selected/0200246d010203"}}},
      {"remote_reset", {{"ics.operation", "restart"}, {"ics.target", "selected/0200246d010203"}}},
      {"secure_wrapper", {{"session", "1"}, {"function", "Secure Wrapper"}, {"ics.operation", "other"}}},
      {"session_response", {{"session", "1"}, {"ics.outcome", "ok"}}},
      {"authenticate", {{"user", "2"}, {"function", "Session Authenticate"}}},
      {"session_status", {{"status", "STATUS_AUTHENTICATION_SUCCESS"}, {"ics.outcome", "ok"}}},
      {"session_refused",
       {{"status", "STATUS_AUTHENTICATION_FAILED"},
        {"status_code", "1"},
        {"ics.outcome", "refused"},
        {"ics.reason", "STATUS_AUTHENTICATION_FAILED"}}},
  });
  Knx alive;
  alive.give("0610 0954 0008 04 00");
  expect(alive.context, 0, {{"status", "STATUS_KEEPALIVE"}, {"ics.outcome", "-"}, {"ics.reason", "-"}});
}

TEST(KnxnetIp, Groups) {
  expect_golden({
      {"write",
       {{"is_orig", "true"},
        {"function", "GroupValueWrite"},
        {"service", "Tunnelling Request"},
        {"service_code", "1056"},
        {"channel", "21"},
        {"sequence", "0"},
        {"status", "-"},
        {"message_code", "L_Data.req"},
        {"source_address", "0.0.0"},
        {"destination_address", "1/2/3"},
        {"priority", "low"},
        {"hop_count", "6"},
        {"apci", "128"},
        {"data", "-"},
        {"ics.operation", "write"},
        {"ics.target", "1/2/3"},
        {"ics.value", "1"},
        {"ics.outcome", "-"}}},
      {"write_float", {{"data", "0c1a"}, {"ics.target", "3/0/1"}, {"ics.value", "0c1a"}}},
      {"read", {{"function", "GroupValueRead"}, {"ics.operation", "read"}, {"ics.value", "-"}, {"ics.outcome", "-"}}},
      {"response",
       {{"is_orig", "false"},
        {"function", "GroupValueResponse"},
        {"source_address", "1.1.4"},
        {"ics.operation", "read"},
        {"ics.target", "1/2/3"},
        {"ics.value", "1"},
        {"ics.outcome", "ok"}}},
      {"indication",
       {{"is_orig", "false"},
        {"message_code", "L_Data.ind"},
        {"source_address", "1.1.5"},
        {"ics.operation", "write"},
        {"ics.target", "1/2/4"},
        {"ics.value", "ff"},
        {"ics.outcome", "-"}}},
      {"routing_write",
       {{"is_orig", "true"},
        {"service", "Routing Indication"},
        {"channel", "-"},
        {"hop_count", "5"},
        {"ics.operation", "write"},
        {"ics.target", "1/2/3"},
        {"ics.value", "0"}}},
      {"routing_broadcast",
       {{"function", "DomainAddressRead"},
        {"priority", "system"},
        {"ics.operation", "identify"},
        {"ics.target", "0/0/0/domain"}}},
      {"raw_write",
       {{"message_code", "L_Raw.req"},
        {"function", "GroupValueWrite"},
        {"destination_address", "1/2/3"},
        {"ics.operation", "write"},
        {"ics.target", "1/2/3"},
        {"ics.value", "1"}}},
      {"monitor",
       {{"is_orig", "false"},
        {"message_code", "L_Busmon.ind"},
        {"source_address", "1.1.4"},
        {"ics.operation", "write"},
        {"ics.target", "1/2/3"},
        {"ics.value", "1"}}},
      {"monitor_extended", {{"source_address", "1.1.4"}, {"hop_count", "6"}, {"ics.target", "1/2/3"}}},
      {"monitor_ack", {{"function", "L_Busmon.ind"}, {"data", "cc"}, {"ics.operation", "other"}, {"ics.target", "-"}}},
      {"poll", {{"function", "L_Poll_Data.req"}, {"ics.operation", "other"}}},
  });
}

TEST(KnxnetIp, Devices) {
  expect_golden({
      {"t_connect", {{"function", "Connect"}, {"destination_address", "1.1.4"}, {"ics.target", "1.1.4"}}},
      {"descriptor_read", {{"ics.operation", "identify"}, {"ics.target", "1.1.4"}}},
      {"descriptor", {{"ics.target", "1.1.4"}, {"ics.value", "07b0"}, {"ics.outcome", "ok"}}},
      {"memory_write",
       {{"memory_address", "16384"},
        {"count", "4"},
        {"data", "01020304"},
        {"ics.operation", "program"},
        {"ics.target", "1.1.4/memory/0x4000-0x4003"},
        {"ics.value", "01020304"}}},
      {"memory_read", {{"ics.operation", "read"}, {"ics.target", "1.1.4/memory/0x4000-0x4003"}, {"ics.value", "-"}}},
      {"memory", {{"ics.target", "1.1.4/memory/0x4000-0x4003"}, {"ics.value", "01020304"}, {"ics.outcome", "ok"}}},
      {"memory_refused", {{"count", "0"}, {"ics.target", "1.1.4/memory/0x4000"}, {"ics.outcome", "refused"}}},
      {"wide_memory_write",
       {{"function", "MemoryExtendedWrite"},
        {"ics.operation", "program"},
        {"ics.target", "1.1.4/memory/0x12345-0x12346"},
        {"ics.value", "a0a1"}}},
      {"wide_memory_refused", {{"ics.target", "1.1.4/memory/0x12345"}, {"ics.outcome", "refused"}}},
      {"user_memory_read", {{"ics.operation", "read"}, {"ics.target", "1.1.4/user_memory/0x13456-0x13457"}}},
      {"property_read",
       {{"object_index", "0"},
        {"property_id", "11"},
        {"count", "1"},
        {"start_index", "1"},
        {"ics.operation", "read"},
        {"ics.target", "1.1.4/property/0/11"}}},
      {"property_refused", {{"count", "0"}, {"ics.outcome", "refused"}, {"ics.value", "-"}}},
      {"load", {{"ics.operation", "program"}, {"ics.target", "1.1.4/property/3/5"}, {"ics.value", "01"}}},
      {"halt", {{"ics.operation", "stop"}, {"ics.target", "1.1.4/property/3/6"}, {"ics.value", "02"}}},
      {"run", {{"ics.operation", "start"}, {"ics.value", "01"}}},
      {"object_property_write",
       {{"object_type", "9"},
        {"object_instance", "1"},
        {"property_id", "52"},
        {"ics.operation", "write"},
        {"ics.target", "1.1.4/property/9/1/52"},
        {"ics.value", "aa"}}},
      {"restart", {{"function", "Restart"}, {"ics.operation", "restart"}, {"ics.target", "1.1.4"}}},
      {"master_reset", {{"function", "MasterReset"}, {"ics.operation", "restart"}, {"ics.value", "0100"}}},
      {"authorize", {{"data", "-"}, {"ics.target", "1.1.4/access"}, {"ics.value", "-"}}},
      {"address_write",
       {{"destination_address", "0/0/0"},
        {"ics.operation", "program"},
        {"ics.target", "0/0/0/address"},
        {"ics.value", "1.1.5"}}},
      {"address_read", {{"ics.operation", "identify"}, {"ics.target", "0/0/0/address"}}},
      {"address", {{"ics.target", "1.1.5/address"}, {"ics.outcome", "ok"}}},
      {"serial_write",
       {{"ics.operation", "program"}, {"ics.target", "0/0/0/serial/00c501020304"}, {"ics.value", "1.1.6"}}},
      {"parameter_write", {{"ics.operation", "write"}, {"ics.target", "0/0/0/parameter/0/23"}, {"ics.value", "01"}}},
      {"secured", {{"function", "SecureService"}, {"ics.operation", "other"}, {"ics.value", "-"}}},
      {"unknown_service", {{"function", "unknown-1023"}, {"ics.operation", "other"}, {"ics.target", "1.1.4"}}},
  });
}

TEST(KnxnetIp, ARestartIsOneWhateverItsBitsSay) {
  const struct {
    const char *service, *name;
  } kCases[] = {{"4382", "Restart"}, {"439e", "Restart"}, {"4383", "MasterReset"}, {"43a0", "MasterResetResponse"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.service);
    Knx play;
    play.give(std::string{"0610 0420 0015 04 15 00 00 11 00 b060 0000 1104 01 "} + c.service);
    expect(play.context, 0, {{"function", c.name}, {"ics.operation", "restart"}});
  }
}

TEST(KnxnetIp, Management) {
  expect_golden({
      {"management_read",
       {{"message_code", "M_PropRead.req"},
        {"function", "M_PropRead.req"},
        {"object_type", "0"},
        {"object_instance", "1"},
        {"property_id", "11"},
        {"ics.operation", "read"},
        {"ics.target", "server/property/0/1/11"}}},
      {"management_value", {{"is_orig", "false"}, {"ics.value", "00c501020304"}, {"ics.outcome", "ok"}}},
      {"management_write", {{"ics.operation", "write"}, {"ics.target", "server/property/0/1/54"}, {"ics.value", "01"}}},
      {"management_written", {{"ics.operation", "write"}, {"ics.outcome", "ok"}}},
      {"management_refused", {{"ics.outcome", "refused"}, {"ics.reason", "Read only"}, {"ics.value", "-"}}},
      {"management_command", {{"ics.operation", "control"}, {"ics.target", "server/property/9/1/56"}}},
      {"management_reset", {{"ics.operation", "restart"}, {"ics.target", "server"}}},
      {"management_transport", {{"function", "PropertyValueRead"}, {"ics.target", "server/property/0/12"}}},
      {"management_ack", {{"function", "Device Configuration Ack"}, {"ics.outcome", "ok"}}},
  });
}

TEST(KnxnetIp, AWriteIsAcknowledgedAndConfirmed) {
  Knx play;
  play.frame("write").frame("ack").frame("write_confirmed").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 1, {{"ics.operation", "other"}, {"ics.outcome", "ok"}, {"rtt", "-"}});
  expect(play.context, 2,
         {{"rtt", "0.002000"},
          {"ics.operation", "write"},
          {"ics.target", "1/2/3"},
          {"ics.value", "1"},
          {"ics.outcome", "ok"}});
}

TEST(KnxnetIp, AWriteIsNotAcknowledgedOnTheBus) {
  Knx play;
  play.frame("write").frame("write_failed").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"rtt", "0.001000"},
          {"ics.operation", "write"},
          {"ics.outcome", "refused"},
          {"ics.reason", "not acknowledged on the bus"}});
}

TEST(KnxnetIp, AServerRefusesAWrite) {
  Knx play;
  play.frame("write").frame("ack_refused").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"rtt", "0.001000"},
          {"ics.operation", "write"},
          {"ics.target", "1/2/3"},
          {"ics.value", "1"},
          {"ics.outcome", "refused"},
          {"ics.reason", "E_TUNNELLING_LAYER"}});
}

TEST(KnxnetIp, AReadIsConfirmedThenAnswered) {
  Knx play;
  play.frame("read").frame("read_confirmed").frame("response").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 1,
         {{"rtt", "0.001000"}, {"ics.operation", "read"}, {"ics.target", "1/2/3"}, {"ics.outcome", "-"}});
  expect(play.context, 2, {{"rtt", "0.002000"}, {"ics.value", "1"}, {"ics.outcome", "ok"}});
}

TEST(KnxnetIp, ADeviceAnswersWhatItWasAsked) {
  Knx play;
  play.frame("property_read").frame("memory_read").frame("memory").frame("property").end();
  ASSERT_EQ(play.context.events.size(), 5U);
  expect(play.context, 2, {{"rtt", "0.001000"}, {"ics.value", "01020304"}});
  expect(play.context, 3, {{"rtt", "0.003000"}, {"ics.value", "00c501020304"}});
}

TEST(KnxnetIp, AnAnswerHasItsRequestsOperation) {
  Knx play;
  play.frame("load").give("0610 0420 001a 04 15 00 00 29 00 b060 1104 11fa 06 43d6 03 05 1001 01", kBack).end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"function", "PropertyValueResponse"},
          {"ics.operation", "program"},
          {"ics.target", "1.1.4/property/3/5"},
          {"ics.value", "01"},
          {"ics.outcome", "ok"}});
}

TEST(KnxnetIp, ServicesAreJoined) {
  Knx play;
  play.frame("connect").frame("connect_response").frame("state").frame("state_refused");
  play.frame("feature_get").frame("feature").frame("session").frame("session_response").end();
  ASSERT_EQ(play.context.events.size(), 8U);
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.target", "tunnel"}, {"ics.outcome", "ok"}});
  expect(play.context, 3, {{"rtt", "0.001000"}, {"ics.outcome", "refused"}});
  expect(play.context, 5, {{"rtt", "0.001000"}, {"ics.target", "channel/21/feature/3"}});
  expect(play.context, 7, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
}

TEST(KnxnetIp, PropertiesOfTheServerAreJoined) {
  Knx play;
  play.frame("management_read").frame("management_value").frame("management_write").frame("management_refused").end();
  ASSERT_EQ(play.context.events.size(), 5U);
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
  expect(play.context, 4, {{"rtt", "0.001000"}, {"ics.operation", "write"}, {"ics.reason", "Read only"}});
}

TEST(KnxnetIp, ServersAreKnown) {
  Knx play;
  play.frame("search_response").frame("search_response");
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 1,
         {{"device_protocol", "knxnet_ip"},
          {"device_unit", "1.1.0"},
          {"vendor", "Weinzierl Engineering"},
          {"serial_number", "00c501020304"},
          {"device_name", "KNX IP Router"},
          {"device_description", "TP1,core 1,device_management 1,tunnelling 1,routing 1"}});
  Knx extended;
  extended.frame("search_extended_response");
  EXPECT_EQ(extended.get(1, "hardware"), "091a");
  Knx described;
  described.frame("description_response");
  EXPECT_EQ(described.get(1, "vendor"), "MDT technologies");  // it says so, whatever its serial number
}

TEST(KnxnetIp, DevicesOnTheBusAreKnown) {
  Knx play;
  play.frame("descriptor").frame("property").frame("management_value");
  ASSERT_EQ(play.context.events.size(), 6U);
  expect(play.context, 1, {{"device_unit", "1.1.4"}, {"hardware", "07b0"}});
  expect(play.context, 3, {{"device_unit", "1.1.4"}, {"serial_number", "00c501020304"}});
  expect(play.context, 5, {{"device_unit", "-"}, {"serial_number", "00c501020304"}});
}

TEST(KnxnetIp, NobodyAnswers) {
  Knx play;
  play.frame("write").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"ts", play.get(0, "ts").c_str()},
          {"function", "GroupValueWrite"},
          {"channel", "21"},
          {"destination_address", "1/2/3"},
          {"ics.target", "1/2/3"},
          {"ics.value", "1"},
          {"ics.outcome", "no answer"}});
}

TEST(KnxnetIp, WhatIsAskedAgainHadNoAnswer) {
  Knx play;
  play.frame("write").frame("write");
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 2, {{"ts", play.get(0, "ts").c_str()}, {"ics.outcome", "no answer"}});
}

TEST(KnxnetIp, OverTcpTheSameNumberIsAnotherMessage) {
  Knx play{Transport::tcp};
  play.frame("tcp_write").give("0610 0420 0015 04 15 00 00 11 00 bce0 0000 0a04 01 0081");
  play.frame("tcp_write_confirmed").give("0610 0420 0015 04 15 00 00 2e 00 bce0 11fa 0a04 01 0081", kBack).end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 2, {{"rtt", "0.002000"}, {"ics.target", "1/2/3"}, {"ics.outcome", "ok"}});
  expect(play.context, 3, {{"rtt", "0.002000"}, {"ics.target", "1/2/4"}, {"ics.outcome", "ok"}});
}

TEST(KnxnetIp, WhatIsSentToManyIsNotWaitedFor) {
  Knx play;
  play.frame("routing_write").frame("search").end();
  EXPECT_EQ(play.context.events.size(), 2U);
}

TEST(KnxnetIp, WhateverItsCodeARoutedTelegramIsOne) {
  for (const char* code : {"00", "2e", "55", "f1", "f6", "f8", "fc"}) {
    SCOPED_TRACE(code);
    Knx play;
    play.give(std::string{"0610 0530 0011 "} + code + " 00 bcd0 1104 0a03 01 0081");
    expect_refused(play.context, DecodeError::bad_value, 1);
    expect(play.context, 0,
           {{"function", "GroupValueWrite"},
            {"ics.operation", "write"},
            {"ics.target", "1/2/3"},
            {"ics.value", "1"},
            {"ics.outcome", "-"}});
  }
}

TEST(KnxnetIp, RequestsThatWaitAreBounded) {
  Knx play;
  auto bytes = from_hex(kGolden("write").hex);
  for (std::uint8_t i = 0; i <= 64; ++i) {
    bytes[8] = i;  // the sequence
    play.give(bytes);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.get(65, "ics.outcome"), "no answer");
  play.context.time += std::chrono::seconds{31};
  play.frame("search");
  EXPECT_EQ(play.context.events.size(), 66U + 64U + 1U);
}

TEST(KnxnetIp, TheWrongWayRound) {
  Knx play{Transport::tcp};
  play.give(kGolden("tcp_write").hex, kBack).give(kGolden("tcp_write_confirmed").hex, kOut);
  expect(play.context, 0, {{"is_orig", "true"}});
  expect(play.context, 1, {{"is_orig", "false"}, {"rtt", "0.001000"}, {"ics.outcome", "ok"}});
}

TEST(KnxnetIp, MessagesOfAConnection) {
  Knx play{Transport::tcp};
  play.frame("tcp_connect").frame("tcp_connect_response").frame("tcp_two");
  ASSERT_EQ(play.context.events.size(), 4U);
  EXPECT_EQ(play.get(2, "ics.value"), "1");
  EXPECT_EQ(play.get(3, "ics.value"), "0");
}

TEST(KnxnetIp, AnUnknownServiceHidesNothing) {
  Knx datagram;
  datagram.give("0610 0299 000e 08 01 c0000201 0e57");
  EXPECT_EQ(datagram.context.refused_total(), 0U);
  expect(datagram.context, 0, {{"function", "unknown-665"}, {"service_code", "665"}, {"ics.operation", "other"}});
  // What looks like a long message stands within one that devices pass over.
  Knx stream{Transport::tcp};
  stream.give(from_hex("0610 0299 000c 0610 0531 001b" + std::string{kGolden("tcp_write").hex}));
  ASSERT_EQ(stream.context.events.size(), 2U);
  EXPECT_EQ(stream.context.refused_total(), 0U);
  EXPECT_EQ(stream.get(1, "ics.target"), "1/2/3");
}

TEST(KnxnetIp, AfterAGapTheNextMessageIsFound) {
  Knx play{Transport::tcp};
  play.frame("tcp_write");
  play.analyzer->gap(10, kBack, play.context);
  play.give("01 02 03", kBack).give(kGolden("tcp_write_confirmed")).end();
  ASSERT_EQ(play.context.events.size(), 2U);  // nobody knows what was answered
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(KnxnetIp, ALengthThatLiesHidesNothing) {
  Knx longer;
  longer.give("0610 0420 0020 04 15 00 00 11 00 bce0 0000 0a03 01 0081");
  expect_refused(longer.context, DecodeError::truncated, 1);
  EXPECT_EQ(longer.get(0, "ics.target"), "1/2/3");
  Knx shorter;
  shorter.give("0610 0420 0014 04 15 00 00 11 00 bce0 0000 0a03 01 0081");
  expect_refused(shorter.context, DecodeError::bad_value, 1);
  EXPECT_EQ(shorter.get(0, "destination_address"), "1/2/3");
  for (const char* length : {"0000", "0005", "0006", "0801", "ffff"}) {
    SCOPED_TRACE(length);
    Knx none;
    none.give(std::string{"0610 0530 "} + length + " 29 00 bcd0 1104 0a03 01 0081");
    EXPECT_EQ(none.context.refused_total(), 1U);
    expect(none.context, 0, {{"ics.operation", "write"}, {"ics.target", "1/2/3"}, {"ics.value", "1"}});
  }
  for (const char* header : {"00 15 00 00", "03 15 00 00", "06 15 00 00"}) {
    SCOPED_TRACE(header);
    Knx odd;
    odd.give(std::string{"0610 0420 0015 "} + header + " 11 00 bce0 0000 0a03 01 0081");
    expect_refused(odd.context, DecodeError::bad_value, 1);
    expect(odd.context, 0, {{"channel", "21"}, {"ics.target", "1/2/3"}, {"ics.value", "1"}});
  }
  Knx fewer;
  fewer.give("0610 0420 0015 04 15 00 00 11 00 bce0 0000 0a03 00 0081");
  expect_refused(fewer.context, DecodeError::bad_value, 1);
  expect(fewer.context, 0, {{"ics.operation", "write"}, {"ics.target", "1/2/3"}, {"ics.value", "1"}});
  Knx stream{Transport::tcp};
  stream.give("0610 0420 0400 04 15 00 00").give(kGolden("tcp_write"));
  ASSERT_EQ(stream.context.events.size(), 1U);
  EXPECT_EQ(stream.get(0, "ics.target"), "1/2/3");
}

TEST(KnxnetIp, MessagesOfADatagram) {
  Knx play;
  play.give("0610 0532 000c 06 00 0064 0000 0610 0530 0011 29 00 bcd0 1104 0a03 01 0081 00");
  expect_refused(play.context, DecodeError::bad_value, 2);
  expect(play.context, 1, {{"ics.operation", "write"}, {"ics.target", "1/2/3"}, {"ics.value", "1"}});
}

TEST(KnxnetIp, BrokenMessagesAreRefused) {
  const struct {
    const char *name, *hex;
    DecodeError want;
    std::size_t events;
  } kCases[] = {
      {"another header", "0710 0201 000e 08 01 c0000201 0e57", DecodeError::bad_value, 0},
      {"another version", "0611 0201 000e 08 01 c0000201 0e57", DecodeError::bad_value, 0},
      {"a service that nobody knows, and not all of it", "0610 0299 000e 08 01 c0000201 0e", DecodeError::truncated, 0},
      {"shorter than its header", "0610 0201 0005", DecodeError::bad_value, 1},
      {"longer than any", "0610 0201 0801", DecodeError::bad_value, 1},
      {"no whole header", "0610 02", DecodeError::truncated, 0},
      {"an endpoint that is cut", "0610 0201 000a 08 01 c000", DecodeError::bad_value, 1},
      {"an endpoint that is too short", "0610 0201 000a 04 01 c000", DecodeError::bad_value, 1},
      {"a header of a connection that is too short", "0610 0421 0008 02 15", DecodeError::bad_value, 1},
      {"a block without a length", "0610 0204 0008 00 01", DecodeError::bad_value, 1},
      {"a block that is too short", "0610 0204 000a 04 01 02 00", DecodeError::bad_value, 1},
      {"a telegram that is cut", "0610 0420 000d 04 15 00 00 11 00 bc", DecodeError::bad_value, 1},
      {"information longer than all", "0610 0420 000c 04 15 00 00 11 ff", DecodeError::bad_value, 1},
      {"no cEMI at all", "0610 0420 000a 04 15 00 00", DecodeError::bad_value, 1},
      {"a telegram with more than it says", "0610 0420 0016 04 15 00 00 11 00 bce0 0000 0a03 01 0081 00",
       DecodeError::bad_value, 1},
      {"a property without a number", "0610 0310 000d 04 07 00 00 fc 0000", DecodeError::bad_value, 1},
      {"a raw frame that is cut", "0610 0420 000f 04 15 00 00 10 00 bc 0000", DecodeError::bad_value, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Knx play;
    play.give(c.hex);
    expect_refused(play.context, c.want, c.events);
  }
}

TEST(KnxnetIp, Probe) {
  const auto write = from_hex(kGolden("write").hex);
  for (const Transport transport : {Transport::tcp, Transport::udp})
    expect_verdicts("knxnet_ip", write, kOut, transport, Verdict::yes, Verdict::yes);
  expect_verdicts("knxnet_ip", Bytes{write}.first(5), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("knxnet_ip", Bytes{write}.first(5), kOut, Transport::udp, Verdict::no, Verdict::no);
  expect_verdicts("knxnet_ip", Bytes{write}.first(20), kOut, Transport::udp, Verdict::no, Verdict::yes);
  expect_verdicts("knxnet_ip", from_hex("0610 0530 0000 29 00 bcd0 1104 0a03 01 0081"), kOut, Transport::udp,
                  Verdict::no, Verdict::yes);
  expect_verdicts("knxnet_ip", octets("GET / HTTP/1.1\r\n\r\n"), kOut, Transport::tcp, Verdict::no, Verdict::no);
  for (const Transport transport : {Transport::tcp, Transport::udp})
    expect_verdicts("knxnet_ip", from_hex("0610 0299 0006"), kOut, transport, Verdict::no, Verdict::yes);
  expect_verdicts("knxnet_ip", from_hex("0610 0299 0007"), kOut, Transport::udp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
