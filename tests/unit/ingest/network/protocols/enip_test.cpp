// The encapsulation, and how requests and responses are joined; what CIP says: cip_test.cpp.
#include <gtest/gtest.h>

#include "enip_frames.h"
#include "ingest/network/protocols/enip_message.h"

namespace nw::network::enip {
namespace {

std::size_t last(const Play& flow) { return flow.context.events.size() - 1; }

TEST(Enip, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"register_session",
       {{"enip_command_code", "0x65"},
        {"enip_command", "Register Session"},
        {"length", "4"},
        {"session_handle", "0x00000000"},
        {"enip_status", "Success"},
        {"sender_context", "0x0807060504030201"},
        {"options", "0x00000000"},
        {"is_orig", "true"},
        {"protocol_version", "1"},
        {"ics.operation", "other"},
        {"ics.outcome", "-"}}},
      {"register_session_reply",
       {{"enip_command", "Register Session"},
        {"session_handle", "0x11020100"},
        {"is_orig", "false"},
        {"rtt", "-"},
        {"ics.outcome", "ok"}}},
      {"session_refused",
       {{"enip_status", "Unsupported Protocol Revision"},
        {"is_orig", "false"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Unsupported Protocol Revision"}}},
      {"unregister_session", {{"enip_command", "Unregister Session"}, {"ics.outcome", "-"}}},
      {"nop", {{"enip_command", "NOP"}, {"enip_command_code", "0x00"}, {"ics.operation", "other"}}},
      {"list_services", {{"enip_command", "List Services"}, {"ics.operation", "identify"}, {"is_orig", "true"}}},
      {"list_services_reply",
       {{"is_orig", "false"},
        {"protocol_version", "1"},
        {"capabilities", "0x0120"},
        {"service_name", "Communications"},
        {"ics.operation", "identify"},
        {"ics.outcome", "ok"}}},
      {"list_interfaces_reply", {{"enip_command", "List Interfaces"}, {"ics.outcome", "ok"}, {"is_orig", "false"}}},
      {"list_identity", {{"enip_command", "List Identity"}, {"ics.operation", "identify"}, {"is_orig", "true"}}},
      {"list_identity_reply", {{"enip_command", "List Identity"}, {"is_orig", "false"}, {"ics.outcome", "ok"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const GoldenFrame& golden = kGolden(c.name);
    Play flow = play(golden.transport);
    flow.give(golden);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    ASSERT_GE(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.paths[0], "enip");
    expect(flow.context, 0, c.want);
  }
  EXPECT_EQ(std::size(kCases), golden_count("enip"));
}

TEST(Enip, ADeviceSaysWhatItIs) {
  Play flow = play(Transport::udp);
  flow.give(kGolden("list_identity")).give(kGolden("list_identity_reply"));
  EXPECT_EQ(flow.context.paths, (std::vector<std::string>{"enip", "enip", "cip_identity", "known_device"}));
  expect(flow.context, 1, {{"rtt", "0.001000"}});
  expect(flow.context, 2,
         {{"is_orig", "false"},
          {"encapsulation_version", "1"},
          {"socket_address", "10.1.1.164"},
          {"socket_port", "44818"},
          {"vendor_id", "1"},
          {"vendor_name", "Rockwell Automation/Allen-Bradley"},
          {"device_type_id", "12"},
          {"device_type_name", "Communications Adapter"},
          {"product_code", "58"},
          {"revision", "4.3"},
          {"device_status", "0x0030"},
          {"serial_number", "0x00524d8e"},
          {"product_name", "1756-ENBT/A"},
          {"device_state", "0x03"},
          {"route", "-"},
          {"ics.operation", "identify"},
          {"ics.value", "1756-ENBT/A"},
          {"ics.outcome", "ok"}});
  expect(flow.context, 3,
         {{"device", "198.51.100.1"},
          {"device_protocol", "enip"},
          {"device_unit", "-"},
          {"vendor", "Rockwell Automation/Allen-Bradley"},
          {"product", "1756-ENBT/A"},
          {"order_number", "58"},
          {"serial_number", "0x00524d8e"},
          {"firmware", "4.3"},
          {"device_description", "Communications Adapter"}});
  flow.give(kGolden("list_identity_reply"));  // the same words
  EXPECT_EQ(std::ranges::count(flow.context.paths, "known_device"), 1);
}

TEST(Enip, RepliesAreJoinedByCommandAndContext) {
  static constexpr struct {
    const char* name;
    Head head;
    bool joined;
  } kCases[] = {{"the same", {.command = 0x65, .session = 9, .sender = 7}, true},
                {"another context", {.command = 0x65, .session = 9, .sender = 8}, false},
                {"another command", {.command = 0x04, .session = 9, .sender = 7}, false}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(frame("0100 0000", {.command = 0x65, .session = 0, .sender = 7}));
    flow.give(frame(c.head.command == 0x65 ? "0100 0000" : "0000", c.head), kBack);
    EXPECT_EQ(flow.get(1, "rtt") != "-", c.joined);
    flow.end();
    EXPECT_EQ(flow.context.events.size(), c.joined ? 2U : 3U);
  }
}

TEST(Enip, TheWrongWayRound) {
  Play flow = play();  // the device is taken for the originator
  flow.give(frame("0100 0000", {.command = 0x65, .session = 0}), kBack);
  flow.give(frame("0100 0000", {.command = 0x65, .session = 5}), kOut);
  expect(flow.context, 0, {{"is_orig", "true"}, {"ics.outcome", "-"}});
  expect(flow.context, 1, {{"is_orig", "false"}, {"ics.outcome", "ok"}, {"rtt", "0.001000"}});
  flow.give(unconnected("0e 02 2004 2401", {.sender = 1}), kBack).give(unconnected("8e 00 00 00 07", {.sender = 1}));
  expect(flow.context, 2, {{"is_orig", "true"}, {"direction", "request"}});
  expect(flow.context, 3, {{"is_orig", "false"}, {"direction", "response"}, {"rtt", "0.001000"}});
}

TEST(Enip, NoAnswer) {
  Play flow = play();
  const auto ask = frame("", {.command = 0x04, .session = 0, .sender = 3});
  flow.give(ask).give(ask);  // asked again
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 2,
         {{"enip_command", "List Services"},
          {"is_orig", "true"},
          {"sender_context", "0x0000000000000003"},
          {"ics.operation", "identify"},
          {"ics.outcome", "no answer"}});
  EXPECT_EQ(flow.get(2, "ts"), flow.get(0, "ts"));
  flow.context.time += std::chrono::seconds{31};
  flow.give(kGolden("nop"));
  expect(flow.context, 3, {{"ics.outcome", "no answer"}});
  expect(flow.context, 4, {{"enip_command", "NOP"}});
  flow.give(unconnected("07 02 208e 2401")).end();
  expect(flow.context, last(flow), {{"cip_service", "Stop"}, {"ics.operation", "stop"}, {"ics.outcome", "no answer"}});
}

TEST(Enip, WhatNeedsNoReply) {
  Play flow = play();
  flow.give(kGolden("nop")).give(kGolden("unregister_session")).end();
  EXPECT_EQ(flow.context.events.size(), 2U);
  Play everybody = play(Transport::udp);  // who answer in flows of their own
  everybody.give(kGolden("list_identity")).end();
  EXPECT_EQ(everybody.context.events.size(), 1U);
}

TEST(Enip, OpenRequestsAreBounded) {
  Play flow = play();
  for (std::uint64_t i = 0; i < 65; ++i) {
    EXPECT_EQ(flow.context.refused_total(), 0U);
    flow.give(frame("", {.command = 0x64, .sender = i}));
  }
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  expect(flow.context, 65, {{"sender_context", "0x0000000000000000"}, {"ics.outcome", "no answer"}});
}

TEST(Enip, OpenRequestsOfCipAreBounded) {
  Play flow = play();
  for (std::uint64_t i = 0; i < 257; ++i) {
    EXPECT_EQ(flow.context.refused_total(), 0U);
    flow.give(unconnected("0e 03 2001 2401 3007", {.sender = i}));
  }
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  expect(flow.context, 257, {{"sender_context", "0x0000000000000000"}, {"ics.outcome", "no answer"}});
}

TEST(Enip, ABadHeaderIsRefusedAndTheNextMessageFound) {
  static constexpr struct {
    const char* name;
    Head head;
    const char *command, *status;
  } kCases[] = {{"no command", {.command = 0x77}, "unknown-119", "Success"},
                {"options", {.options = 1}, "Send RR Data", "Success"},
                {"status", {.status = 0x10000}, "Send RR Data", "unknown-65536"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(kGolden("register_session")).give(frame("01 02 03", c.head)).give(kGolden("unregister_session"));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    expect(flow.context, 1, {{"enip_command", c.command}, {"enip_status", c.status}});
    expect(flow.context, 2, {{"enip_command", "Unregister Session"}});
  }
}

TEST(Enip, NoRequestHidesBehindWhatIsRefused) {
  // Within the data of what is refused a header stands that would swallow what follows.
  const auto within = from_hex("7000 0010 01000000 00000000 0000000000000000 00000000");
  const auto stop = connected("07 02 208e 2401", 5, 1);
  for (const Head head : {Head{.command = 0x77}, Head{.options = 1}, Head{.command = 0x00, .options = 1}}) {
    Play flow = play();
    flow.give(kGolden("register_session")).give(frame(within, head)).give(stop);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    expect(flow.context, last(flow), {{"cip_service", "Stop"}});
  }
  // What some devices drop others take.
  for (const Head head : {Head{.options = 1}, Head{.status = 0x10000}}) {
    Play flow = play();
    flow.give(kGolden("register_session")).give(unconnected("07 02 208e 2401", head));
    EXPECT_EQ(flow.context.refused_total(), 1U);
    expect(flow.context, last(flow), {{"cip_service", "Stop"}, {"direction", "request"}});
  }
}

TEST(Enip, WhatIsTooLongIsPassedOver) {
  Play flow = play();
  flow.give(kGolden("register_session"));
  std::vector<std::uint8_t> data = from_hex("7000 0010 01000000 00000000 0000000000000000 00000000");
  data.resize(kEnipDataBytesMax + 1);
  flow.give(frame(data, {.command = 0x00}));
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  EXPECT_EQ(flow.out.waiting(), 0U);
  expect(flow.context, 1, {{"enip_command", "NOP"}, {"length", "16385"}});
  flow.give(connected("07 02 208e 2401", 5, 1));
  expect(flow.context, 2, {{"cip_service", "Stop"}});
  Play longest = play();
  longest.give("6f00 0040 01000000 00000000 0000000000000000 00000000");
  EXPECT_EQ(longest.context.refused_total(), 0U);
  EXPECT_EQ(longest.out.waiting(), 24U);
}

TEST(Enip, MuchThatIsRefusedEndsTheStep) {
  Play flow = play();
  flow.give(kGolden("register_session"));
  const std::vector<std::uint8_t> data(16000, 0x11);
  for (int i = 0; i < 5; ++i) flow.give(frame(data, {.command = 0x77}));
  EXPECT_EQ(flow.context.refused_total(), 5U);
  flow.give("7777 7777").give(kGolden("unregister_session"));
  expect(flow.context, 6, {{"enip_command", "Unregister Session"}});
  EXPECT_EQ(flow.context.refused_total(), 5U);
}

// What is found by chance is not trusted before others follow.
TEST(Enip, WhatIsFoundBehindAGapMayBeNone) {
  Play flow = play();
  flow.analyzer->gap(100, kOut, flow.context);
  flow.give(frame("", {.command = 0x64}));
  flow.give("ffff 0010 ffffffff").give(connected("07 02 208e 2401", 5, 1));
  expect(flow.context, last(flow), {{"cip_service", "Stop"}});
  EXPECT_EQ(flow.context.refused_total(), 2U);  // the gap and the fault
}

TEST(Enip, OlderToolsAskForTheAddress) {
  Play flow = play();
  flow.give(frame("", {.command = 0x01, .session = 0}));
  flow.give(frame("0100 0100 2400 0100 0000 0002af12 0a5c1211 0000000000000000 31302e39322e31382e31370000000000",
                  {.command = 0x01, .session = 0}),
            kBack);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, 0, {{"enip_command", "unknown-1"}, {"is_orig", "true"}, {"ics.operation", "identify"}});
  expect(flow.context, 1, {{"rtt", "0.001000"}, {"is_orig", "false"}, {"ics.outcome", "ok"}});
}

TEST(Enip, WhoAsksCannotAnswer) {
  Play flow = play();
  flow.give(frame("0100 0000", {.command = 0x65, .session = 0})).give(frame("0100 0000", {.command = 0x65}));
  expect(flow.context, 1, {{"rtt", "-"}});
  flow.give(frame("0100 0000", {.command = 0x65}), kBack);
  expect(flow.context, 2, {{"rtt", "0.002000"}});
}

TEST(Enip, InMidStream) {
  Play flow = play();
  std::vector<std::uint8_t> bytes = from_hex("0000000000 c4010000 0000000000000000000000000000000000000000000000");
  append(bytes, connected("07 02 208e 2401", 5, 1));
  flow.give(bytes);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  ASSERT_GE(flow.context.events.size(), 1U);
  expect(flow.context, last(flow), {{"cip_service", "Stop"}});
}

TEST(Enip, Gaps) {
  Play flow = play();
  flow.give(unconnected("0e 03 2001 2401 3007", {.sender = 1}));
  flow.analyzer->gap(100, kBack, flow.context);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  // Zeros are no NOP there, and a length among them is not waited for.
  std::vector<std::uint8_t> bytes(40, 0);
  append(bytes, from_hex("6f00 0010"));
  append(bytes, std::vector<std::uint8_t>(20, 7));
  append(bytes, unconnected("8e 00 00 00 01", {.sender = 2}));
  flow.give(bytes, kBack).end();
  ASSERT_EQ(flow.context.events.size(), 2U);  // nobody knows whether the first was answered
  expect(flow.context, 1, {{"direction", "response"}, {"rtt", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Enip, NoiseEndsTheAnalysis) {
  Play flow = play();
  const std::vector<std::uint8_t> noise(65 * 1024, 0x77);
  EXPECT_FALSE(flow.out.feed(noise));
  EXPECT_TRUE(flow.context.events.empty());
}

TEST(Enip, ABadBodyIsRefusedAndStillTold) {
  static constexpr struct {
    const char *name, *hex;
    std::uint64_t command;
  } kCases[] = {{"no items", "00000000 0000", 0x6F},
                {"half an interface", "0000", 0x6F},
                {"an item is missing", "00000000 0000 0100", 0x6F},
                {"half a version", "0100", 0x65},
                {"half a connection", "00000000 0000 0100 a100 0200 0102", 0x70},
                {"half an item of a list", "0100 0c00", 0x63},
                {"an identity is cut", "0100 0c00 0400 0100 0002", 0x63}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(frame(c.hex, {.command = c.command}));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.paths[0], "enip");
  }
}

TEST(Enip, WhatIsReadOfACutIdentityIsTold) {
  Play flow = play();
  flow.give(frame("0100 0c00 1600 0100 0002af12 0a0101a4 0000000000000000 0100 0e00", {.command = 0x63}), kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  expect(flow.context, 1, {{"vendor_id", "1"}, {"device_type_id", "14"}, {"product_code", "-"}});
}

TEST(Enip, NotAllDevicesLookAtTheInterface) {
  Play flow = play();
  flow.give(frame("01000000 0000 0100 b200 0600 07 02 208e 2401", {}));
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  expect(flow.context, 0, {{"cip_service", "Stop"}});
}

TEST(Enip, AnItemThatIsCutIsRead) {
  Play flow = play();
  flow.give(frame("00000000 0000 0200 0000 0000 b200 0900 07 02 208e 2401", {}));
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  expect(flow.context, 0, {{"cip_service", "Stop"}, {"ics.target", "0x8e/0x1"}});
}

TEST(Enip, OneOfSeveralItemsHidesNone) {
  Play flow = play();
  flow.give(frame("00000000 0000 0300 0000 0000 b200 0600 07 02 208e 2401 b200 0600 0e 02 2001 2401", {}));
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  expect(flow.context, 0, {{"cip_service", "Stop"}});
  expect(flow.context, last(flow), {{"cip_service", "Get Attribute Single"}});
}

TEST(Enip, ADatagramIsCut) {
  const auto bytes = from_hex(kGolden("list_identity_reply").hex);
  Play flow = play(Transport::udp);
  flow.give(Bytes{bytes}.first(23), kBack);
  expect_refused(flow.context, DecodeError::truncated, 0);
  const auto stop = unconnected("07 02 208e 2401");
  Play longer = play(Transport::udp);  // its length lies
  std::vector<std::uint8_t> lying{stop};
  lying[2] = static_cast<std::uint8_t>(lying[2] + 1);
  longer.give(lying);
  expect_refused(longer.context, DecodeError::truncated, 1);
  expect(longer.context, 0, {{"cip_service", "Stop"}});
}

TEST(Enip, TheEncapsulationRefuses) {
  Play flow = play();
  flow.give(unconnected("0e 03 2001 2401 3007", {.sender = 4}));
  flow.give(frame("", {.status = 0x64, .sender = 4}), kBack);
  expect(flow.context, 1, {{"cip_service", "Get Attribute Single"}, {"ics.outcome", "no answer"}});
  expect(flow.context, 2,
         {{"enip_command", "Send RR Data"},
          {"enip_status", "Invalid Session Handle"},
          {"is_orig", "false"},
          {"ics.outcome", "refused"}});
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Enip, OnlyWhatIsWanted) {
  Play identities = play();
  identities.context.unwanted = "enip";
  identities.give(frame("0100 0c00 1600 0100 0002af12 0a0101a4 0000000000000000 0100 0e00", {.command = 0x63}), kBack);
  EXPECT_EQ(identities.context.paths, (std::vector<std::string>{"cip_identity", "known_device"}));
  Play texts{"enip", Transport::tcp, {"cip_service"}};
  texts.give(kGolden("write_tag"));
  expect(texts.context, 0, {{"cip_service", "Write Tag"}, {"ics.target", "-"}});
}

TEST(Enip, Probe) {
  const auto hello = from_hex(kGolden("register_session").hex);
  expect_verdicts("enip", hello, kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("enip", Bytes{hello}.first(10), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  std::vector<std::uint8_t> middle(50, 0x11);
  expect_verdicts("enip", middle, kOut, Transport::tcp, Verdict::no, Verdict::no);
  append(middle, hello);
  expect_verdicts("enip", middle, kOut, Transport::tcp, Verdict::no, Verdict::yes);
  // Zeros are anything; on the port they are a NOP.
  const std::vector<std::uint8_t> zeros(24, 0);
  expect_verdicts("enip", zeros, kOut, Transport::tcp, Verdict::no, Verdict::yes);
  const auto ask = from_hex(kGolden("list_identity").hex);
  expect_verdicts("enip", ask, kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("enip", ask, kOut, Transport::tcp, Verdict::no, Verdict::yes);
  const auto stop = connected("07 02 208e 2401", 5, 1);
  expect_verdicts("enip", stop, kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("enip", Bytes{stop}.first(30), kOut, Transport::tcp, Verdict::unsure, Verdict::yes);
  expect_verdicts("enip", from_hex(kGolden("list_services_reply").hex), kBack, Transport::tcp, Verdict::yes,
                  Verdict::yes);
  // On the port a connection may begin with what devices refuse.
  const auto unknown = frame("01 02 03", {.command = 0x77, .options = 1});
  expect_verdicts("enip", unknown, kOut, Transport::tcp, Verdict::no, Verdict::yes);
  expect_verdicts("enip", Bytes{unknown}.first(26), kOut, Transport::tcp, Verdict::no, Verdict::no);
  expect_verdicts("enip", Bytes{ask}.first(23), kOut, Transport::udp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network::enip
