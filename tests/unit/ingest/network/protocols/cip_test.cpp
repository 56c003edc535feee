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
       {{"cip_service", "Reset"},
        {"class_name", "Identity"},
        {"ics.operation", "restart"},
        {"ics.target", "0x1/0x1"},
        {"ics.value", "01"}}},
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
      {"write_fragment",
       {{"cip_service", "Write Tag Fragmented"}, {"ics.target", "0x6b/0x9[4-5]"}, {"ics.value", "7,-7"}}},
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

TEST(Cip, AnotherClassHidesNothingThatIsSentOn) {
  for (const std::string path : {"04 2004 2401 2006 2401", "04 2006 2401 2004 2401"}) {
    Play flow = play();
    flow.give(unconnected("52" + path + "07f9 0600 07 02 208e 2401 0100 0105"));
    expect(flow.context, 1, {{"cip_service", "Stop"}, {"embedded_in", "Unconnected Send"}, {"ics.operation", "stop"}});
  }
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

// Devices go by the offsets: one that lies hides no part.
TEST(Cip, PartsInTheWrongOrder) {
  Play flow = play();
  flow.give(unconnected("0a 02 2002 2401 0300 0e00 0800 ff00 07 02 208e 2401 06 02 208e 2401"));
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 1, {{"cip_service", "Start"}});
  expect(flow.context, 2, {{"cip_service", "Stop"}});
}

TEST(Cip, PartsThatOverlapAreBounded) {
  // 64 parts that all begin at the last one's place, each of which has 64 parts.
  std::vector<std::uint8_t> inner;
  append(inner, 64, 2);
  for (unsigned i = 0; i < 64; ++i) append(inner, 2 + 64 * 2 + (63 - i) % 2, 2);
  append(inner, from_hex("07 02 208e 2401 00"));
  std::vector<std::uint8_t> message = from_hex("0a 02 2002 2401");
  append(message, 64, 2);
  for (unsigned i = 0; i < 64; ++i) append(message, i % 2 == 0 ? 2 + 64 * 2U : 1, 2);
  append(message, from_hex("0a 02 2002 2401"));
  append(message, inner);
  std::vector<std::uint8_t> data = from_hex("00000000 0000 0200 0000 0000 b200");
  append(data, message.size(), 2);
  append(data, message);
  Play flow = play();
  flow.give(frame(data, {}));
  EXPECT_GE(flow.context.refused_count(DecodeError::limit), 1U);
  const auto requests =
      std::ranges::count_if(flow.context.events, [](const auto& event) { return !event.contains("ics.outcome"); });
  EXPECT_EQ(requests, 1 + static_cast<std::ptrdiff_t>(message.size() / 2));
}

TEST(Cip, PartsAreBounded) {
  const auto give = [](Play& flow, std::size_t count) {
    std::vector<std::uint8_t> message = from_hex("0a 02 2002 2401");
    append(message, count, 2);
    for (std::size_t i = 0; i < count; ++i) append(message, 2 + count * 2 + i * 2, 2);
    for (std::size_t i = 1; i < count; ++i) append(message, from_hex("01 00"));
    append(message, from_hex("07 02 208e 2401"));
    std::vector<std::uint8_t> data = from_hex("00000000 0000 0200 0000 0000 b200");
    append(data, message.size(), 2);
    append(data, message);
    flow.give(frame(data, {}));
  };
  Play all = play();
  give(all, CipParts::kMost);
  EXPECT_EQ(all.context.refused_total(), 0U);
  EXPECT_EQ(all.context.events.size(), CipParts::kMost + 1);  // with what carries them
  expect(all.context, CipParts::kMost, {{"ics.operation", "stop"}, {"ics.target", "0x8e/0x1"}});
  Play more = play();
  give(more, CipParts::kMost + 1);
  EXPECT_EQ(more.context.events.size(), CipParts::kMost + 1);
  EXPECT_EQ(more.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(more.context.refused_total(), 1U);
}

TEST(Cip, APartIsReadOverTheNextOnesPlace) {
  Play flow = play();
  flow.give(unconnected("0a 02 2002 2401 0200 0600 0800 4d 03 9104'Pump' c100 0100 01"));
  expect(flow.context, 1, {{"cip_service", "Write Tag"}, {"ics.operation", "write"}, {"ics.target", "Pump"}});
  EXPECT_GE(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Cip, MessagesInOneAnotherAreBounded) {
  std::string hex = "07 02 208e 2401";
  for (unsigned depth = 0; depth <= CipSession::kDepthMax; ++depth) hex = "0a 02 2002 2401 0100 0400" + hex;
  Play flow = play();
  flow.give(unconnected(hex));
  EXPECT_EQ(flow.context.events.size(), CipSession::kDepthMax + 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Cip, NoWayIsTooLong) {
  std::vector<std::uint8_t> message = from_hex("07 02 208e 2401");
  for (unsigned hop = 0; hop < 33; ++hop) {  // about 500 octets
    std::vector<std::uint8_t> carrier = from_hex("52 02 2006 2401 07f9");
    append(carrier, message.size(), 2);
    append(carrier, message);
    append(carrier, from_hex("0100 0105"));
    message = std::move(carrier);
  }
  std::vector<std::uint8_t> data = from_hex("00000000 0000 0200 0000 0000 b200");
  append(data, message.size(), 2);
  append(data, message);
  Play flow = play();
  flow.give(frame(data, {}));
  expect(flow.context, 33, {{"cip_service", "Stop"}, {"ics.operation", "stop"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
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

}  // namespace
}  // namespace nw::network::enip
