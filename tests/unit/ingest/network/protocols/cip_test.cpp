// What CIP's messages say, those in others too, and whom their responses answer.
#include <gtest/gtest.h>

#include "enip_frames.h"
#include "ingest/network/protocols/cip_session.h"

namespace nw::network::enip {
namespace {

constexpr std::uint64_t kToTarget = 0x00770501, kToOriginator = 0x80FE0014;

TEST(Cip, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"forward_open",
       {{"direction", "request"},
        {"cip_service_code", "0x54"},
        {"cip_service", "Forward Open"},
        {"class_id", "0x06"},
        {"class_name", "Connection Manager"},
        {"instance_id", "0x01"},
        {"attribute_id", "-"},
        {"enip_command", "Send RR Data"},
        {"session_handle", "0x11020100"},
        {"sender_context", "0x0807060504030201"},
        {"connection_id", "-"},
        {"cip_sequence_count", "-"},
        {"route", "1/0"},
        {"connection_serial", "20"},
        {"originator_vendor", "77"},
        {"originator_serial", "0x32952bf3"},
        {"o_t_connection_id", "-"},
        {"t_o_connection_id", "0x80fe0014"},
        {"o_t_rpi", "8000000"},
        {"t_o_rpi", "8000000"},
        {"transport_class", "3"},
        {"data_length", "42"},
        {"is_orig", "true"},
        {"ics.operation", "other"},
        {"ics.target", "0x2/0x1"},
        {"ics.outcome", "-"}}},
      {"forward_open_reply",
       {{"direction", "response"},
        {"cip_service_code", "0xd4"},
        {"cip_service", "Forward Open"},
        {"cip_status_code", "0x00"},
        {"cip_status", "Success"},
        {"o_t_connection_id", "0x00770501"},
        {"t_o_connection_id", "0x80fe0014"},
        {"connection_serial", "20"},
        {"is_orig", "false"},
        {"ics.outcome", "ok"}}},
      {"forward_open_refused",
       {{"cip_status", "Connection failure"},
        {"cip_extended_status_code", "0x0100"},
        {"cip_extended_status", "Connection in use or duplicate Forward Open"},
        {"connection_serial", "20"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Connection failure"}}},
      {"large_forward_open", {{"cip_service", "Large Forward Open"}, {"o_t_rpi", "20000"}, {"transport_class", "3"}}},
      {"forward_close", {{"cip_service", "Forward Close"}, {"connection_serial", "20"}, {"ics.target", "0x2/0x1"}}},
      {"forward_close_reply", {{"cip_service", "Forward Close"}, {"connection_serial", "20"}, {"ics.outcome", "ok"}}},
      {"identity", {{"cip_service", "Unconnected Send"}, {"class_id", "0x06"}, {"ics.operation", "other"}}},
      {"identity_reply", {{"cip_service", "Get Attributes All"}, {"class_id", "-"}, {"ics.outcome", "ok"}}},
      {"reset",
       {{"cip_service", "Reset"}, {"class_name", "Identity"}, {"ics.operation", "restart"}, {"ics.target", "0x1/0x1"}}},
      {"set_attribute",
       {{"cip_service", "Set Attribute Single"},
        {"class_name", "TCP/IP Interface"},
        {"attribute_id", "0x05"},
        {"ics.operation", "write"},
        {"ics.target", "0xf5/0x1/0x5"},
        {"ics.value", "0201010a"}}},
      {"udp_get_attribute",
       {{"cip_service", "Get Attribute Single"},
        {"route", "1/1.2.3.4"},
        {"ics.operation", "identify"},
        {"ics.target", "0x1/0x1/0x7"}}},
      {"udp_path_error",
       {{"cip_status_code", "0x05"}, {"ics.outcome", "refused"}, {"ics.reason", "Path destination unknown"}}},
      {"file_upload", {{"cip_service", "Initiate Upload"}, {"ics.operation", "file"}, {"ics.target", "0x37/0xc8"}}},
      {"stop",
       {{"cip_service", "Stop"},
        {"enip_command", "Send Unit Data"},
        {"sender_context", "-"},
        {"connection_id", "0x007c0b01"},
        {"cip_sequence_count", "1"},
        {"class_name", "unknown-142"},
        {"ics.operation", "stop"},
        {"ics.target", "0x8e/0x1"}}},
      {"start", {{"cip_service", "Start"}, {"ics.operation", "start"}}},
      {"start_reply", {{"connection_id", "0x80fe0028"}, {"ics.operation", "start"}, {"ics.outcome", "ok"}}},
      {"set_clock",
       {{"class_name", "Wall Clock Time"},
        {"ics.operation", "time_set"},
        {"ics.target", "0x8b/0x1"},
        {"ics.value", "1700000000.000"}}},
      {"read_tag",
       {{"cip_service", "Read Tag"},
        {"class_id", "-"},
        {"ics.operation", "read"},
        {"ics.target", "Program:Main.Speed[3]"}}},
      {"read_tag_reply", {{"ics.operation", "read"}, {"ics.value", "-5,1500"}, {"ics.outcome", "ok"}}},
      {"write_tag", {{"ics.operation", "write"}, {"ics.target", "Setpoint"}, {"ics.value", "72.5"}}},
      {"modify_tag",
       {{"cip_service", "Read Modify Write Tag"},
        {"ics.operation", "write"},
        {"ics.target", "Flags"},
        {"ics.value", "or 0x8 and 0xfffffffb"}}},
      {"write_fragment", {{"cip_service", "Write Tag Fragmented"}, {"ics.target", "0x6b/0x9"}, {"ics.value", "7,-7"}}},
      {"multiple", {{"cip_service", "Multiple Service Packet"}, {"ics.operation", "other"}, {"ics.target", "0x2/0x1"}}},
      {"multiple_reply", {{"cip_status", "Embedded service error"}, {"ics.outcome", "refused"}}},
      {"program_create", {{"cip_service", "Create"}, {"ics.operation", "program"}, {"ics.target", "0xac/0x0"}}},
      {"pccc_read",
       {{"cip_service", "Execute PCCC"},
        {"pccc_command", "0x0f"},
        {"pccc_function", "Protected Typed Logical Read with Three Address Fields"},
        {"ics.operation", "read"},
        {"ics.target", "N7:0"}}},
      {"pccc_read_reply", {{"pccc_command", "0x0f"}, {"pccc_status", "0x00"}, {"ics.outcome", "ok"}}},
      {"pccc_write", {{"ics.operation", "write"}, {"ics.target", "F8:2"}, {"ics.value", "2.25"}}},
      {"pccc_program_mode",
       {{"pccc_function", "Change Mode"}, {"ics.operation", "stop"}, {"ics.target", "0x67/0x1"}, {"ics.value", "1"}}},
      {"pccc_refused",
       {{"cip_status", "Success"},
        {"pccc_status", "0x10"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Illegal command or format"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const GoldenFrame& golden = kGolden(c.name);
    Play flow = play(golden.transport);
    flow.give(golden);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    ASSERT_GE(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.paths[0], "cip");
    expect(flow.context, 0, c.want);
  }
  EXPECT_EQ(std::size(kCases), golden_count("cip"));
}

TEST(Cip, AResponseRepeatsItsRequest) {
  Play flow = play();
  flow.give(connected("4c 03 9103'Run'00 0100", kToTarget, 7))
      .give(connected("cc 000000 c100 01", kToOriginator, 7), kBack);
  expect(flow.context, 1,
         {{"cip_service", "Read Tag"},
          {"rtt", "0.001000"},
          {"ics.operation", "read"},
          {"ics.target", "Run"},
          {"ics.value", "1"},
          {"ics.outcome", "ok"}});
  flow.give(unconnected("10 03 20f5 2401 3005 01020304", {.sender = 9}));
  flow.give(unconnected("90 00 0f 00", {.sender = 9}), kBack);
  expect(flow.context, 3,
         {{"class_id", "0xf5"},
          {"instance_id", "0x01"},
          {"attribute_id", "0x05"},
          {"ics.operation", "write"},
          {"ics.target", "0xf5/0x1/0x5"},
          {"ics.value", "01020304"},
          {"ics.outcome", "refused"},
          {"ics.reason", "Privilege violation"}});
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 4U);
}

TEST(Cip, ResponsesAreJoined) {
  static constexpr struct {
    const char* name;
    std::uint64_t sequence;
    const char* hex;
    Direction direction;
    bool joined;
  } kCases[] = {{"the same", 1, "87 000000", kBack, true},
                {"another sequence", 2, "87 000000", kBack, false},
                {"another service", 1, "86 000000", kBack, false},
                {"the same direction", 1, "87 000000", kOut, false}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(connected("07 02 208e 2401", kToTarget, 1));
    flow.give(connected(c.hex, kToOriginator, c.sequence), c.direction);
    EXPECT_EQ(flow.get(1, "rtt") != "-", c.joined);
  }
}

TEST(Cip, ConnectionsKeepResponsesApart) {
  Play flow = play();
  flow.give(kGolden("forward_open")).give(kGolden("forward_open_reply"));
  expect(flow.context, 1, {{"rtt", "0.001000"}, {"ics.target", "0x2/0x1"}, {"route", "1/0"}});
  flow.give(connected("07 02 208e 2401", 0x1234, 1));  // the same sequence on another one
  flow.give(connected("07 02 2064 2401", kToTarget, 1));
  flow.give(connected("87 000000", kToOriginator, 1), kBack);
  expect(flow.context, 4, {{"rtt", "0.001000"}, {"ics.target", "0x64/0x1"}});
  flow.give(connected("87 000000", 0x5678, 1), kBack);
  expect(flow.context, 5, {{"rtt", "0.003000"}, {"ics.target", "0x8e/0x1"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Cip, KnownConnectionsAreBounded) {
  Play flow = play();
  const auto open = [&](std::uint64_t id) {
    std::vector<std::uint8_t> reply = from_hex("d4 000000");
    append(reply, id, 4);
    append(reply, id + 0x1000, 4);
    append(reply, from_hex("1400 4d00 f32b9532 00127a00 00127a00 00 00"));
    std::vector<std::uint8_t> data = from_hex("00000000 0000 0200 0000 0000 b200");
    append(data, reply.size(), 2);
    append(data, reply);
    flow.give(frame(data, {}), kBack);
  };
  for (std::uint64_t id = 1; id <= CipSession::kConnectionsMax + 1; ++id) open(id);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  const auto joined = [&](std::uint64_t to, std::uint64_t from, std::uint64_t sequence) {
    flow.give(connected("07 02 208e 2401", to, sequence)).give(connected("87 000000", from, sequence), kBack);
    return flow.get(flow.context.events.size() - 1, "rtt") != "-";
  };
  EXPECT_TRUE(joined(2, 0x1002, 1));
  EXPECT_FALSE(joined(2, 0x9999, 2));
  EXPECT_TRUE(joined(1, 0x9999, 3));  // the first one is forgotten: any id may be the other's
  open(2);                            // opened again, it needs no more room
  EXPECT_FALSE(joined(3, 0x9999, 4));
}

TEST(Cip, PartsOfAMultipleServicePacket) {
  Play flow = play();
  flow.give(kGolden("multiple")).give(kGolden("multiple_reply"));
  ASSERT_EQ(flow.context.events.size(), 10U);  // four requests, four responses, who the device is twice
  expect(flow.context, 1,
         {{"embedded_in", "Multiple Service Packet"},
          {"cip_sequence_count", "8"},
          {"ics.operation", "identify"},
          {"ics.target", "0x1/0x1"}});
  expect(flow.context, 2, {{"ics.operation", "read"}, {"ics.target", "Level"}});
  expect(flow.context, 3, {{"ics.operation", "stop"}, {"ics.target", "0x8e/0x1"}});
  expect(flow.context, 4,
         {{"cip_service", "Multiple Service Packet"}, {"rtt", "0.001000"}, {"ics.outcome", "refused"}});
  expect(flow.context, 5, {{"cip_service", "Get Attribute List"}, {"class_id", "0x01"}, {"ics.outcome", "ok"}});
  expect(flow.context, 6, {{"vendor_id", "1"}, {"product_name", "L61/B"}});
  EXPECT_EQ(flow.context.paths[7], "known_device");
  expect(flow.context, 8, {{"embedded_in", "Multiple Service Packet"}, {"ics.target", "Level"}, {"ics.value", "1.5"}});
  expect(flow.context, 9,
         {{"ics.operation", "stop"}, {"ics.outcome", "refused"}, {"ics.reason", "Privilege violation"}});
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 10U);
}

TEST(Cip, PartsOfARefusedCarrierHaveNoAnswer) {
  Play flow = play();
  flow.give(connected("0a 02 2002 2401 0200 0600 0c00 07 02 208e 2401 06 02 208e 2401", kToTarget, 8));
  flow.give(connected("8a 00 08 00", kToOriginator, 8), kBack);
  ASSERT_EQ(flow.context.events.size(), 6U);
  expect(flow.context, 3, {{"ics.outcome", "refused"}, {"ics.reason", "Service not supported"}});
  expect(flow.context, 4, {{"cip_service", "Stop"}, {"ics.outcome", "no answer"}});
  expect(flow.context, 5, {{"cip_service", "Start"}, {"ics.outcome", "no answer"}});
}

TEST(Cip, UnconnectedSendIsAnsweredByWhatItCarries) {
  Play flow = play();
  flow.give(kGolden("identity")).give(kGolden("identity_reply"));
  ASSERT_EQ(flow.context.events.size(), 5U);
  expect(flow.context, 1,
         {{"cip_service", "Get Attributes All"},
          {"embedded_in", "Unconnected Send"},
          {"route", "1/0"},
          {"ics.operation", "identify"},
          {"ics.target", "0x1/0x1"}});
  expect(flow.context, 2,
         {{"class_id", "0x01"}, {"embedded_in", "Unconnected Send"}, {"route", "1/0"}, {"rtt", "0.001000"}});
  expect(flow.context, 3,
         {{"device_type_name", "Programmable Logic Controller"},
          {"product_name", "1756-L61/B "},
          {"revision", "20.11"},
          {"route", "1/0"},
          {"socket_address", "-"}});
  expect(flow.context, 4, {{"device_unit", "1/0"}, {"product", "1756-L61/B "}});
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 5U);
}

TEST(Cip, UnconnectedSendFailsOnTheWay) {
  Play flow = play();
  flow.give(unconnected("52 02 2006 2401 07f9 0600 07 02 208e 2401 0100 0105", {.sender = 2}));
  flow.give(unconnected("d2 00 01 01 0403 01", {.sender = 2}), kBack);
  expect(flow.context, 2,
         {{"cip_service", "Unconnected Send"},
          {"rtt", "0.001000"},
          {"cip_extended_status_code", "0x0304"},
          {"route", "1/5"},
          {"ics.operation", "stop"},
          {"ics.target", "0x8e/0x1"},
          {"ics.outcome", "refused"}});
}

TEST(Cip, AskedAgain) {
  Play flow = play();
  const auto ask = connected("0a 02 2002 2401 0100 0400 07 02 208e 2401", kToTarget, 8);
  flow.give(ask).give(ask);
  ASSERT_EQ(flow.context.events.size(), 6U);
  expect(flow.context, 2, {{"cip_service", "Multiple Service Packet"}, {"ics.outcome", "no answer"}});
  expect(flow.context, 3,
         {{"cip_service", "Stop"}, {"embedded_in", "Multiple Service Packet"}, {"ics.outcome", "no answer"}});
  flow.context.time += std::chrono::seconds{31};
  flow.give(kGolden("nop"));
  EXPECT_EQ(flow.context.events.size(), 9U);
}

TEST(Cip, Paths) {
  static constexpr struct {
    const char *hex, *target, *route;
  } kCases[] = {
      {"03 21006b00 2401", "0x6b/0x1", "-"},
      {"06 22006b000000 260001000000", "0x6b/0x1", "-"},
      {"03 2004 2464 3003", "0x4/0x64/0x3", "-"},
      {"04 2004 2464 2c65 2c66", "0x4/0x64/0x65/0x66", "-"},
      {"04 208e 2401 2074 2401", "0x8e/0x1/0x74/0x1", "-"},
      {"05 2068 2401 9103'Run'00", "0x68/0x1/Run", "-"},
      {"07 9101'A'00 2801 2900 0200 9101'B'00", "A[1][2].B", "-"},
      {"02 61'A' 2805", "A[5]", "-"},
      {"08 34040100020003000414 2004 2464 2801", "0x4/0x64[1]", "-"},
      {"02 4105 2001", "0x1", "-"},
      {"03 51010203 2001", "0x1", "-"},
      {"04 800100ff 2001 2401", "0x1/0x1", "-"},
      {"03 0105 0206 2001", "0x1", "1/5/2/6"},
      {"04 1204'10.1' 2001", "0x1", "2/10.1"},
      {"03 0f1000ff 2001", "0x1", "16/255"},
      {"02 3801 2001", "0x1/0x1", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(unconnected("0e" + std::string{c.hex}));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"ics.target", c.target}, {"route", c.route}});
  }
}

TEST(Cip, WhatAServiceDoes) {
  static constexpr struct {
    const char *hex, *name, *operation;
  } kCases[] = {
      {"01 02 2001 2401", "Get Attributes All", "identify"},
      {"03 02 2068 2401", "Get Attribute List", "read"},
      {"02 02 2004 2401", "Set Attributes All", "write"},
      {"10 03 2043 2401 3001", "Set Attribute Single", "time_set"},
      {"0e 03 2037 2401 3001", "Get Attribute Single", "file"},
      {"08 02 2068 2400", "Create", "program"},
      {"4f 02 2068 2401", "unknown-79", "program"},
      {"4c 02 20b2 2401", "unknown-76", "read"},
      {"08 02 20b2 2400", "Create", "subscribe"},
      {"4c 02 206c 2401", "Read Template", "read"},
      {"55 02 206b 2400", "Get Instance Attribute List", "read"},
      {"4c 02 20f6 2401", "Get And Clear", "diagnose"},
      {"56 02 2006 2401", "Get Connection Data", "diagnose"},
      {"4b 02 2029 2401", "unknown-75", "other"},
      {"70 02 2004 2401", "unknown-112", "other"},
      {"05 02 2029 2401", "Reset", "restart"},
      {"17 02 2001 2401", "No Operation", "other"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(unconnected(c.hex));
    expect(flow.context, 0, {{"cip_service", c.name}, {"ics.operation", c.operation}});
  }
}

TEST(Cip, ValuesOfTags) {
  static constexpr struct {
    const char *hex, *value;
  } kCases[] = {
      {"c100 01", "1"},
      {"c200 ff", "-1"},
      {"c300 feff 0100", "-2,1"},
      {"c500 ffffffffffffffff", "-1"},
      {"c600 ff", "255"},
      {"c700 ffff", "65535"},
      {"c800 ffffffff", "4294967295"},
      {"c900 ffffffffffffffff", "18446744073709551615"},
      {"ca00 0000c03f", "1.5"},
      {"cb00 000000000000f8bf", "-1.5"},
      {"d100 0f", "0x0f"},
      {"d300 78563412", "0x12345678"},
      {"a002 3412 aabb", "aabb"},  // a structure, behind its handle
      {"c400 010203", "010203"},   // not whole
      {"d000 010041", "010041"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(connected("cc 000000" + std::string{c.hex}, 1, 1), kBack);
    expect(flow.context, 0, {{"ics.value", c.value}});
  }
}

TEST(Cip, ValuesOfSlcFiles) {
  Play flow = play();
  flow.give(kGolden("pccc_read")).give(kGolden("pccc_read_reply"));
  expect(flow.context, 1,
         {{"rtt", "0.001000"}, {"ics.operation", "read"}, {"ics.target", "N7:0"}, {"ics.value", "42,-1"}});
  static constexpr struct {
    const char *hex, *function, *operation, *target, *value;
  } kCases[] = {
      {"0f 00 3412 a1 02 07 89 05", "Protected Typed Logical Read with Two Address Fields", "read", "N7:5", "-"},
      {"0f 00 3412 a2 02 ff0001 85 ff0201 03", "Protected Typed Logical Read with Three Address Fields", "read",
       "B256:258.3", "-"},
      {"0f 00 3412 a9 04 09 91 01 ffffffff", "Protected Typed Logical Write with Two Address Fields", "write", "L9:1",
       "-1"},
      {"0f 00 3412 ab 02 03 85 01 00 0100 0100", "Protected Typed Logical Write with Mask", "write", "B3:1",
       "mask 0x0001 to 1"},
      {"0f 00 3412 80 06", "Change Mode", "start", "0x67/0x1", "6"},
      {"0f 00 3412 80 07", "Change Mode", "control", "0x67/0x1", "7"},
      {"0f 00 3412 3a 00", "Set CPU Mode", "stop", "0x67/0x1", "0"},
      {"0f 00 3412 3a 02", "Set CPU Mode", "start", "0x67/0x1", "2"},
      {"0f 00 3412 50 00", "Download All Request", "program", "0x67/0x1", "-"},
      {"06 00 3412 03", "Diagnostic Status", "identify", "0x67/0x1", "-"},
      {"08 00 3412 0000", "Unprotected Write", "write", "0x67/0x1", "-"},
      {"0f 00 3412 ee", "unknown-238", "other", "0x67/0x1", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play one = play();
    one.give(unconnected("4b 02 2067 2401 07 4d00 f32b9532" + std::string{c.hex}));
    EXPECT_EQ(one.context.refused_total(), 0U);
    expect(one.context, 0,
           {{"pccc_function", c.function},
            {"ics.operation", c.operation},
            {"ics.target", c.target},
            {"ics.value", c.value}});
  }
}

TEST(Cip, AttributesOfIdentity) {
  static constexpr struct {
    const char *ask, *answer, *field, *value;
  } kCases[] = {
      {"0e 03 2001 2401 3001", "8e 000000 0100", "vendor_id", "1"},
      {"0e 03 2001 2401 3006", "8e 000000 eeffc000", "serial_number", "0x00c0ffee"},
      {"0e 03 2001 2401 3007", "8e 000000 03'abc'", "product_name", "abc"},
      {"03 02 2001 2401 0200 0100 6500", "83 000000 0200 0100 0000 0200 6500 0000 01", "vendor_id", "2"},
      {"03 02 2001 2401 0200 0100 0400", "83 000600 0200 0100 1400 0400 0000 0102", "revision", "1.2"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.answer);
    Play flow = play();
    flow.give(unconnected(c.ask)).give(unconnected(c.answer), kBack);
    expect(flow.context, 2, {{c.field, c.value}});
    EXPECT_EQ(flow.context.paths[3], "known_device");
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Cip, VendorsWithoutAName) {
  Play flow = play();
  flow.give(unconnected("0e 03 2001 2401 3001")).give(unconnected("8e 000000 e703"), kBack);
  expect(flow.context, 2, {{"vendor_id", "999"}, {"vendor_name", "unknown-999"}});
  expect(flow.context, 3, {{"vendor", "999"}});
}

TEST(Cip, ABadBodyIsRefusedAndStillTold) {
  static constexpr struct {
    const char *name, *hex, *service;
  } kCases[] = {
      {"no path", "0e", "Get Attribute Single"},
      {"the path is cut", "0e 05 2001 2401", "Get Attribute Single"},
      {"no segment", "0e 01 ffff", "Get Attribute Single"},
      {"a segment of the third width", "0e 01 2300", "Get Attribute Single"},
      {"a segment is cut", "0e 01 2100", "Get Attribute Single"},
      {"a symbol is cut", "4c 02 9105'ab'", "unknown-76"},
      {"a key of another format", "0e 01 3405", "Get Attribute Single"},
      {"data of another kind", "0e 01 8100", "Get Attribute Single"},
      {"special, but no key", "0e 01 3500", "Get Attribute Single"},
      {"an empty symbol", "0e 01 6000", "Get Attribute Single"},
      {"no status", "8e 00", "Get Attribute Single"},
      {"the additional status is cut", "8e 00 01 02 0001", "Get Attribute Single"},
      {"Forward Open is cut", "54 02 2006 2401 07f9 00000000", "Forward Open"},
      {"its reply is cut", "d4 000000 01000000", "Forward Open"},
      {"Forward Close is cut", "4e 02 2006 2401 07f9 14", "Forward Close"},
      {"its reply is cut", "ce 000000 1400", "Forward Close"},
      {"Unconnected Send is cut", "52 02 2006 2401 07f9 0600 07", "Unconnected Send"},
      {"PCCC is cut", "4b 02 2067 2401 07 4d00", "Execute PCCC"},
      {"its reply is cut", "cb 000000 07 4d00", "Execute PCCC"},
      {"no count of parts", "0a 02 2002 2401 02", "Multiple Service Packet"},
      {"parts behind the end", "0a 02 2002 2401 0100 ff00", "Multiple Service Packet"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(unconnected(c.hex));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    expect(flow.context, 0, {{"cip_service", c.service}});
  }
}

TEST(Cip, PartsInTheWrongOrder) {
  Play flow = play();
  flow.give(unconnected("0a 02 2002 2401 0300 0e00 0800 0e00 07 02 208e 2401 06 02 208e 2401"));
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_EQ(flow.context.events.size(), 1U);
}

TEST(Cip, PartsAreBounded) {
  std::vector<std::uint8_t> parts;
  append(parts, 129, 2);
  for (unsigned i = 0; i < 129; ++i) append(parts, 2 + 129 * 2 + i * 6, 2);
  for (unsigned i = 0; i < 129; ++i) append(parts, from_hex("0e 02 2004 2401"));
  std::vector<std::uint8_t> data = from_hex("00000000 0000 0200 0000 0000 b200");
  append(data, parts.size() + 6, 2);
  append(data, from_hex("0a 02 2002 2401"));
  append(data, parts);
  Play flow = play();
  flow.give(frame(data, {}));
  EXPECT_EQ(flow.context.events.size(), 129U);  // with what carries them
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Cip, MessagesInOneAnotherAreBounded) {
  std::string hex = "07 02 208e 2401";
  for (int depth = 0; depth < 4; ++depth) hex = "0a 02 2002 2401 0100 0400" + hex;
  Play flow = play();
  flow.give(unconnected(hex));
  EXPECT_EQ(flow.context.events.size(), 4U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Cip, PartsOfPartsAreJoined) {
  Play flow = play();
  flow.give(
      unconnected("0a 02 2002 2401 0200 0600 1600"
                  "0a 02 2002 2401 0100 0400 07 02 208e 2401"
                  "06 02 208e 2401"));
  flow.give(unconnected("8a 000000 0200 0600 1200"
                        "8a 000000 0100 0400 87 000000"
                        "86 000000"),
            kBack);
  ASSERT_EQ(flow.context.events.size(), 8U);
  for (std::size_t i = 4; i < 8; ++i) EXPECT_EQ(flow.get(i, "rtt"), "0.001000") << i;
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Cip, NumbersWithoutAName) {
  Play flow = play();
  flow.give(unconnected("8e 00 7b 01 3412"));
  expect(flow.context, 0,
         {{"cip_status", "unknown-123"},
          {"cip_extended_status_code", "0x1234"},
          {"cip_extended_status", "-"},
          {"ics.reason", "unknown-123"}});
  flow.give(unconnected("d4 00 01 01 9909"));
  expect(flow.context, 1, {{"cip_extended_status", "unknown-2457"}});
}

TEST(CipIo, Packets) {
  const Golden golden{"cip_io"};
  Play flow{"cip_io", Transport::udp};
  flow.give(golden("packet")).give(golden("packet_back"));
  expect(flow.context, 0,
         {{"is_orig", "true"},
          {"connection_id", "0x004b0603"},
          {"sequence_number", "4166875"},
          {"data_length", "6"},
          {"io_data", "a587e80f0300"},
          {"ics.operation", "other"},
          {"ics.target", "0x004b0603"},
          {"ics.outcome", "-"}});
  expect(flow.context, 1, {{"is_orig", "false"}, {"data_length", "2"}});
}

TEST(CipIo, Refuses) {
  static constexpr struct {
    const char *name, *hex;
    DecodeError why;
    std::size_t events;
  } kCases[] = {{"empty", "", DecodeError::truncated, 0},
                {"three items", "0300 0280 0800 01000000 02000000 b100 0000", DecodeError::bad_value, 0},
                {"another item", "0200 0380 0800 01000000 02000000 b100 0000", DecodeError::bad_value, 0},
                {"another length", "0200 0280 0900 01000000 02000000 b100 0000", DecodeError::bad_value, 0},
                {"half a sequence", "0200 0280 0800 01000000 0200", DecodeError::truncated, 0},
                {"no data", "0200 0280 0800 01000000 02000000", DecodeError::truncated, 1},
                {"data of another kind", "0200 0280 0800 01000000 02000000 b200 0000", DecodeError::bad_value, 1},
                {"a lying length", "0200 0280 0800 01000000 02000000 b100 0300 0102", DecodeError::truncated, 1}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow{"cip_io", Transport::udp};
    flow.give(c.hex);
    expect_refused(flow.context, c.why, c.events);
    EXPECT_EQ(flow.get(0, "data_length"), "-");
  }
}

TEST(CipIo, Probe) {
  const auto packet = from_hex(Golden{"cip_io"}("packet").hex);
  expect_verdicts("cip_io", packet, kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("cip_io", Bytes{packet}.first(20), kOut, Transport::udp, Verdict::no, Verdict::yes);
  expect_verdicts("cip_io", octets("SETFLOW"), kOut, Transport::udp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network::enip
