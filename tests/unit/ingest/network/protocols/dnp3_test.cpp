#include <gtest/gtest.h>

#include "dnp3_frames.h"

namespace nw::network::dnp3 {
namespace {

// The first event of that kind.
std::size_t first(const Play& play, std::string_view path) {
  const auto at = std::ranges::find(play.context.paths, path);
  return static_cast<std::size_t>(at - play.context.paths.begin());
}

TEST(Dnp3, FieldsOfGoldenFrames) {
  const GoldenFields kFrames[] = {
      {"read_classes",
       {{"fc_request", "READ"},
        {"fc_reply", "-"},
        {"fc_code", "1"},
        {"iin", "-"},
        {"is_orig", "true"},
        {"link_source", "1"},
        {"link_destination", "10"},
        {"sequence", "0"},
        {"confirm", "false"},
        {"objects", "g60v2,g60v3,g60v4,g60v1"},
        {"data_length", "14"},
        {"rtt", "-"},
        {"ics.operation", "read"},
        {"ics.target", "10/g60"},
        {"ics.value", "-"},
        {"ics.outcome", "-"}}},
      {"response_points",
       {{"fc_request", "-"},
        {"fc_reply", "RESPONSE"},
        {"iin", "36864"},
        {"iin_flags", "NEED_TIME,DEVICE_RESTART"},
        {"is_orig", "false"},
        {"objects", "g1v2,g1v1,g30v2,g20v1,g40v3"},
        {"ics.operation", "read"},
        {"ics.target", "10/g1/0-1,10/g1/0-9,10/g30/4-5,10/g20/0,10/g40/2"},
        {"ics.value", "1,0,1,1,1,1,1,1,1,1,1,1,4660,-2,65537,1.5"},
        {"ics.outcome", "ok"}}},
      {"response_events",
       {{"confirm", "true"},
        {"iin_flags", "CLASS_1_EVENTS"},
        {"objects", "g51v1,g2v3,g32v7,g22v2"},
        {"ics.target", "10/g51,10/g2/3,10/g2/7,10/g32/5,10/g22/9"},
        {"ics.value", "1700000000.000,1,0,10,48"}}},
      {"select",
       {{"fc_request", "SELECT"}, {"ics.operation", "control"}, {"ics.target", "10/g12/5"}, {"ics.value", "LATCH_ON"}}},
      {"operate", {{"fc_request", "OPERATE"}, {"ics.operation", "control"}}},
      {"operate_response",
       {{"ics.operation", "control"}, {"ics.outcome", "refused"}, {"ics.reason", "NO_SELECT"}, {"iin_flags", "-"}}},
      {"direct_operate_analog",
       {{"fc_request", "DIRECT_OPERATE"},
        {"ics.target", "10/g41/7,10/g41/8"},
        {"ics.value", "-10000,10000"},
        {"objects", "g41v2"}}},
      {"direct_operate_trip",
       {{"fc_request", "DIRECT_OPERATE_NR"}, {"ics.target", "10/g12/4"}, {"ics.value", "PULSE_ON TRIP"}}},
      {"write_time",
       {{"fc_request", "WRITE"},
        {"ics.operation", "time_set"},
        {"ics.target", "10/g50"},
        {"ics.value", "1700000000.000"}}},
      {"clear_restart", {{"ics.operation", "write"}, {"ics.target", "10/g80/7"}, {"ics.value", "0"}}},
      {"cold_restart",
       {{"fc_request", "COLD_RESTART"}, {"ics.operation", "restart"}, {"ics.target", "10"}, {"objects", "-"}}},
      {"restart_response", {{"iin_flags", "DEVICE_RESTART"}, {"ics.value", "5000"}}},
      {"delay_measure", {{"fc_request", "DELAY_MEASURE"}, {"ics.operation", "diagnose"}}},
      {"record_current_time", {{"fc_request", "RECORD_CURRENT_TIME"}, {"ics.operation", "time_set"}}},
      {"enable_unsolicited",
       {{"fc_request", "ENABLE_UNSOLICITED"}, {"ics.operation", "subscribe"}, {"ics.target", "10/g60"}}},
      {"unsolicited",
       {{"fc_reply", "UNSOLICITED_RESPONSE"},
        {"iin_flags", "NEED_TIME"},
        {"ics.operation", "read"},
        {"ics.target", "10/g2/2"},
        {"ics.value", "1"},
        {"ics.outcome", "-"}}},
      {"confirm", {{"fc_request", "CONFIRM"}, {"ics.operation", "other"}}},
      {"object_unknown", {{"ics.outcome", "refused"}, {"ics.reason", "OBJECT_UNKNOWN"}, {"iin", "2"}}},
      {"stop_application", {{"fc_request", "STOP_APPL"}, {"ics.operation", "stop"}, {"ics.target", "10/g90"}}},
      {"save_configuration", {{"fc_request", "SAVE_CONFIG"}, {"ics.operation", "program"}}},
      {"read_attributes", {{"ics.operation", "identify"}, {"ics.target", "10/g0/0,10/g0/0"}}},
      {"attributes", {{"ics.operation", "identify"}, {"ics.value", "ACME,RTU 42,S17,1.2"}}},
      {"open_file",
       {{"fc_request", "OPEN_FILE"},
        {"ics.operation", "file"},
        {"ics.target", "10/g70//log.txt"},
        {"file_name", "/log.txt"},
        {"file_size", "4096"},
        {"file_mode", "READ"},
        {"file_status", "-"}}},
      {"open_file_refused",
       {{"file_status", "FILE_NOT_FOUND"}, {"ics.outcome", "refused"}, {"ics.reason", "FILE_NOT_FOUND"}}},
      {"read_file", {{"fc_request", "READ"}, {"ics.operation", "file"}, {"ics.target", "10/g70"}}},
      {"file_block", {{"ics.operation", "file"}, {"ics.outcome", "ok"}, {"ics.value", "-"}}},
      {"octet_string", {{"ics.target", "10/g110/1"}, {"ics.value", "hello"}}},
      {"challenge", {{"fc_reply", "AUTHENTICATE_RESP"}, {"ics.operation", "other"}, {"ics.outcome", "-"}}},
      {"challenge_reply", {{"fc_request", "AUTHENTICATE_REQ"}, {"ics.operation", "other"}}},
      {"link_status_request",
       {{"link_function", "REQUEST_LINK_STATUS"},
        {"fc_request", "-"},
        {"sequence", "-"},
        {"is_orig", "true"},
        {"ics.operation", "diagnose"},
        {"ics.target", "10"}}},
      {"link_status",
       {{"link_function", "LINK_STATUS"}, {"is_orig", "false"}, {"ics.operation", "diagnose"}, {"ics.outcome", "ok"}}},
      {"udp_read", {{"fc_request", "READ"}, {"ics.target", "10/g30"}}},
      {"udp_response", {{"ics.target", "10/g30/0"}, {"ics.value", "123456789"}}},
      {"two_pieces", {{"ics.target", "10/g30/0-7"}, {"ics.value", "1,2,3,4,5,6,7,8"}, {"data_length", "27"}}},
  };
  expect_all_golden_fields(kGolden, kFrames);
}

TEST(Dnp3Objects, OneEventPerHeader) {
  Play flow = play();
  flow.give(kGolden("response_events"));
  ASSERT_EQ(flow.context.events.size(), 5U);
  EXPECT_EQ(flow.context.paths[2], "dnp3_objects");
  expect(flow.context, 2,
         {{"is_orig", "false"},
          {"function_code", "RESPONSE"},
          {"object_type", "Binary Input Change With Relative Time"},
          {"object_count", "2"},
          {"range_low", "3"},
          {"range_high", "7"},
          {"group", "2"},
          {"variation", "3"},
          {"qualifier", "23"},
          {"link_source", "10"},
          {"link_destination", "1"},
          {"point_indexes", "3,7"},
          {"point_values", "1,0"},
          {"ics.operation", "read"},
          {"ics.target", "10/g2/3,10/g2/7"},
          {"ics.value", "1,0"},
          {"ics.outcome", "ok"}});
  expect(flow.context, 3, {{"object_type", "32-Bit Floating Point Change Event w/ Time"}, {"point_values", "10"}});
  flow.give(kGolden("read_classes"));
  expect(flow.context, 6,
         {{"function_code", "READ"},
          {"object_type", "Class 1 Data"},
          {"object_count", "-"},
          {"range_low", "-"},
          {"point_values", "-"},
          {"ics.target", "10/g60"},
          {"ics.outcome", "-"}});
}

TEST(Dnp3Objects, TheFirst256PointsAreTold) {
  Play flow = play();
  flow.give(frame("c0 c081 0000 010101 0000 2c01" + std::string(76, 'f'), kOutstation));
  expect(flow.context, 1, {{"object_count", "301"}, {"range_high", "300"}});
  std::string ones = "1";
  for (int i = 1; i < 256; ++i) ones += ",1";
  EXPECT_EQ(flow.get(1, "point_values"), ones);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Dnp3Control, OneEventPerBlock) {
  Play flow = play();
  flow.give(kGolden("operate"));
  flow.give(kGolden("operate_response"));
  ASSERT_EQ(flow.context.events.size(), 6U);
  EXPECT_EQ(flow.context.paths[2], "dnp3_control");
  expect(flow.context, 2,
         {{"is_orig", "true"},
          {"block_type", "Control Relay Output Block"},
          {"function_code", "OPERATE"},
          {"index_number", "5"},
          {"trip_control_code", "Nul"},
          {"operation_type", "Latch On"},
          {"clear_bit", "false"},
          {"execute_count", "1"},
          {"on_time", "100"},
          {"off_time", "200"},
          {"status_code", "-"},
          {"analog_value", "-"},
          {"sequence", "3"},
          {"ics.operation", "control"},
          {"ics.target", "10/g12/5"},
          {"ics.value", "LATCH_ON"},
          {"ics.outcome", "-"}});
  expect(flow.context, 5,
         {{"is_orig", "false"},
          {"function_code", "RESPONSE"},
          {"status_code", "No Select"},
          {"ics.outcome", "refused"},
          {"ics.reason", "NO_SELECT"}});
  flow.give(kGolden("direct_operate_analog"));
  expect(flow.context, 8,
         {{"block_type", "16-Bit Analog Output Block"},
          {"index_number", "7"},
          {"analog_value", "-10000"},
          {"operation_type", "-"},
          {"ics.value", "-10000"}});
}

TEST(Dnp3Control, EachBlockHasItsStatus) {
  Play flow = play();
  flow.give(answers("c0 81 0000 0c0117 02 01 03 01 64000000 64000000 00 02 24 01 64000000 64000000 0c"));
  expect(flow.context, 0, {{"ics.outcome", "refused"}, {"ics.reason", "OUT_OF_RANGE"}});
  expect(flow.context, 2, {{"index_number", "1"}, {"ics.outcome", "ok"}, {"ics.reason", "-"}});
  expect(flow.context, 3,
         {{"index_number", "2"},
          {"operation_type", "Latch Off"},
          {"clear_bit", "true"},
          {"ics.outcome", "refused"},
          {"ics.reason", "OUT_OF_RANGE"}});
  flow.give(answers("c0 81 0001 0c0117 01 01 03 01 64000000 64000000 00"));  // not done at all
  expect(flow.context, 6, {{"ics.outcome", "refused"}, {"ics.reason", "NO_FUNC_CODE_SUPPORT"}});
}

TEST(Dnp3Control, AnalogBlocksOfAllWidths) {
  static constexpr struct {
    const char *hex, *value;
  } kCases[] = {
      {"290117 01 00 feffffff 00", "-2"},
      {"290217 01 00 feff 00", "-2"},
      {"290317 01 00 0000c03f 00", "1.5"},
      {"290417 01 00 000000000000f8bf 00", "-1.5"},
  };
  for (const auto& c : kCases) {
    Play flow = play();
    flow.give(asks("c0 05" + std::string{c.hex}));
    expect(flow.context, 2, {{"analog_value", c.value}, {"ics.value", c.value}, {"ics.target", "10/g41/0"}});
  }
}

TEST(Dnp3, ValuesOfObjects) {
  static constexpr struct {
    const char *hex, *value;
  } kCases[] = {
      {"010200 00 00 81", "1"},
      {"030100 00 04 e4 02", "0,1,2,3,2"},
      {"030200 00 00 c1", "3"},
      {"040217 01 00 41 000000000000", "1"},
      {"0a0100 00 02 05", "1,0,1"},
      {"0a0200 00 00 80", "1"},
      {"0b0217 01 00 80 000000000000", "1"},
      {"0d0117 01 00 80", "1"},
      {"140200 00 00 01 0500", "5"},
      {"140500 00 00 ffffffff", "4294967295"},
      {"150500 00 00 01 07000000 000000000000", "7"},
      {"150a00 00 00 0700", "7"},
      {"170617 01 00 01 0700 000000000000", "7"},
      {"1e0100 00 00 01 ffffffff", "-1"},
      {"1e0600 00 00 01 000000000000f83f", "1.5"},
      {"1f0300 00 00 01 ffffffff 000000000000", "-1"},
      {"200417 01 00 01 feff 000000000000", "-2"},
      {"210517 01 00 01 0000c03f", "1.5"},
      {"220200 00 00 07000000", "7"},
      {"280100 00 00 01 07000000", "7"},
      {"2a0217 01 00 01 0700", "7"},
      {"2b0217 01 00 00 0700", "7"},
      {"320107 01 010000000000", "0.001"},
      {"330207 01 e80300000000", "1.000"},
      {"340107 01 0500", "5"},
      {"660107 01 05", "5"},
      {"6f0317 01 04 'abc'", "abc"},
      {"6e0200 00 00 ff41", "\\xffA"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(answers("c0 81 0000" + std::string{c.hex}));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    EXPECT_EQ(flow.get(0, "ics.value"), c.value);
    EXPECT_EQ(flow.get(1, "point_values"), c.value);
  }
}

TEST(Dnp3, RangesAndPrefixes) {
  static constexpr struct {
    const char *hex, *target, *count;
  } kCases[] = {
      {"1e0000 01 05", "10/g30/1-5", "5"},
      {"1e0001 0100 0002", "10/g30/1-512", "512"},
      {"1e0002 00000000 ffffffff", "10/g30/0-4294967295", "4294967296"},
      {"1e0003 01 05", "10/g30/1-5", "5"},
      {"1e0006", "10/g30", "-"},
      {"1e0007 05", "10/g30", "5"},
      {"1e0008 0500", "10/g30", "5"},
      {"1e0009 05000000", "10/g30", "5"},
      {"1e0017 02 05 09", "10/g30/5,10/g30/9", "2"},
      {"1e0028 0100 0501", "10/g30/261", "1"},
      {"1e0039 01000000 05000100", "10/g30/65541", "1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(asks("c0 01" + std::string{c.hex}));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"ics.target", c.target}});
    expect(flow.context, 1, {{"object_count", c.count}});
  }
}

TEST(Dnp3, WhatAFunctionDoes) {
  static constexpr struct {
    const char *hex, *name, *operation;
  } kCases[] = {
      {"03", "SELECT", "control"},
      {"07", "IMMED_FREEZE", "write"},
      {"09 140006", "FREEZE_CLEAR", "write"},
      {"0e", "WARM_RESTART", "restart"},
      {"0f", "INITIALIZE_DATA", "program"},
      {"10", "INITIALIZE_APPL", "program"},
      {"11", "START_APPL", "start"},
      {"15 3c0206", "DISABLE_UNSOLICITED", "subscribe"},
      {"16 3c0206 1e0006", "ASSIGN_CLASS", "subscribe"},
      {"1f", "ACTIVATE_CONFIG", "program"},
      {"1b", "DELETE_FILE", "file"},
      {"20", "AUTHENTICATE_REQ", "other"},
      {"02 220107 01 0500", "WRITE", "write"},
      {"70", "unknown-112", "other"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(asks("c0" + std::string{c.hex}));
    expect(flow.context, 0, {{"fc_request", c.name}, {"ics.operation", c.operation}});
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Dnp3, AResponseRepeatsItsRequest) {
  Play flow{"dnp3", Transport::tcp, {"fc_request", "ics.target", "ics.value", "ics.outcome", "ics.operation", "rtt"}};
  flow.context.unwanted = "dnp3_objects";
  flow.give(asks("c1 01 3c0106")).give(answers("c1 81 0000 1e0300 00 00 07000000"), kBack);
  expect(flow.context, 1,
         {{"fc_request", "READ"},
          {"ics.target", "10/g60"},
          {"ics.value", "7"},
          {"ics.operation", "read"},
          {"ics.outcome", "ok"},
          {"rtt", "0.001000"}});
  flow.give(answers("c1 81 0000"), kBack);  // answered already
  expect(flow.context, 2, {{"fc_request", "-"}, {"rtt", "-"}});
}

TEST(Dnp3, PairsByStationsAndSequence) {
  static constexpr struct {
    const char* name;
    Stations who;
    const char* hex;
    bool paired;
  } kCases[] = {
      {"the same", kOutstation, "c0c281 0000", true},
      {"another sequence", kOutstation, "c0c381 0000", false},
      {"another outstation", {11, 1, 0x44}, "c0c281 0000", false},
      {"to another master", {10, 2, 0x44}, "c0c281 0000", false},
      {"unsolicited", kOutstation, "c0d282 0000", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(asks("c2 0d")).give(frame(c.hex, c.who), kBack);
    EXPECT_EQ(flow.get(1, "rtt") != "-", c.paired);
    EXPECT_EQ(flow.get(1, "ics.operation"), c.paired ? "restart" : "other");
  }
}

TEST(Dnp3, AResponseOfSeveralFragments) {
  Play flow = play();
  flow.give(asks("c2 0d"));
  flow.give(answers("a2 81 0000"), kBack).give(asks("c2 00")).give(answers("63 81 0000"), kBack).give(asks("c3 00"));
  for (const std::size_t i : {1U, 3U}) expect(flow.context, i, {{"fc_request", "COLD_RESTART"}, {"ics.outcome", "ok"}});
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 5U);
}

TEST(Dnp3, TheWrongWayRound) {
  Play flow = play();  // the outstation is taken for the originator
  flow.give(asks("c2 0d"), kBack).give(answers("c2 81 0000"), kOut);
  expect(flow.context, 0, {{"is_orig", "true"}, {"ics.target", "10"}});
  expect(flow.context, 1, {{"is_orig", "false"}, {"rtt", "0.001000"}, {"ics.target", "10"}});
}

TEST(Dnp3, NoAnswer) {
  Play flow = play();
  flow.give(asks("c2 0d")).give(asks("c2 0d"));
  ASSERT_EQ(flow.context.events.size(), 3U);  // the second one's event, then the first's end
  expect(flow.context, 2,
         {{"fc_request", "COLD_RESTART"},
          {"fc_code", "13"},
          {"is_orig", "true"},
          {"link_source", "1"},
          {"link_destination", "10"},
          {"sequence", "2"},
          {"ics.operation", "restart"},
          {"ics.target", "10"},
          {"ics.outcome", "no answer"}});
  EXPECT_EQ(flow.get(2, "ts"), flow.get(0, "ts"));
  flow.context.time += std::chrono::seconds{31};
  flow.give(asks("c3 00"));
  expect(flow.context, 3, {{"ics.outcome", "no answer"}});
  flow.give(asks("c4 01 3c0106")).end();
  EXPECT_EQ(flow.get(flow.context.events.size() - 1, "ics.outcome"), "no answer");
}

TEST(Dnp3, WhatNeedsNoAnswer) {
  Play flow = play();
  for (const char* hex : {"c0 00", "c1 06", "c2 08", "c3 0a", "c4 0c", "c5 21", "c6 20 78025b 00"})
    flow.give(asks(hex));
  flow.give(frame("c0 c7 0d", {.destination = 0xFFFF}));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  const std::size_t told = flow.context.events.size();
  flow.end();
  EXPECT_EQ(flow.context.events.size(), told);
}

TEST(Dnp3, AChallengeIsNoAnswer) {
  Play flow = play();
  flow.give(asks("c4 0d")).give(kGolden("challenge")).give(kGolden("challenge_reply"));
  expect(flow.context, 1, {{"fc_request", "COLD_RESTART"}, {"ics.operation", "restart"}, {"ics.outcome", "-"}});
  flow.give(answers("c4 81 0000"), kBack);
  expect(flow.context, flow.context.events.size() - 1, {{"fc_request", "COLD_RESTART"}, {"ics.outcome", "ok"}});
}

TEST(Dnp3, AuthenticationFails) {
  Play flow = play();
  flow.give(answers("c4 83 0000 78075b 01 0f00 01000000 0100 0100 01 000000000000"));
  expect(flow.context, 0, {{"ics.outcome", "refused"}, {"ics.reason", "AUTHENTICATION_FAILED"}});
}

// Of the message with this function: whether it is told so.
bool told(const Play& play, std::string_view function, const std::vector<Want>& wants = {}) {
  for (std::size_t i = 0; i < play.context.events.size(); ++i) {
    const bool all = std::ranges::all_of(wants, [&](const Want& w) { return play.get(i, w.field) == w.value; });
    if (play.context.paths[i] == "dnp3" && play.get(i, "fc_request") == function && all) return true;
  }
  return false;
}

// A station that refuses a frame looks for the next one an octet later, within the header that it refused.
TEST(Dnp3, ACommandWithinARefusedFrameIsTold) {
  const auto restart = frame("c0c30d");
  for (const unsigned control : {0xC9U, 0xD4U}) {  // a function without data; an FCV that is none
    Play flow = play();
    flow.give(asks("c0 0e")).give(frame(restart, {.control = control})).give(asks("c5 0e"));
    EXPECT_TRUE(told(flow, "COLD_RESTART", {{"sequence", "3"}})) << control;
  }
  Play flow = play();
  flow.give(asks("c0 0d"));
  flow.give("05640a0f05641ac40a0001008a1cc0c1060c01280100050041016400000045066400000000005b");
  EXPECT_TRUE(told(flow, "DIRECT_OPERATE_NR"));
  // A header that promises a body which only user data has is not waited for.
  Play waits = play();
  auto header = from_hex("0564 ff c9 0a00 0100");
  append_crc(header, 0);
  waits.give(asks("c0 0d")).give(header).give(asks("c1 0e"));
  EXPECT_TRUE(told(waits, "WARM_RESTART"));
}

TEST(Dnp3, NoiseBetweenFramesHidesNothing) {
  Play flow = play();
  flow.give(asks("c0 0e"));
  for (int i = 0; i < 5; ++i) flow.give(std::vector<std::uint8_t>(1024));
  flow.give(asks("c1 0d"));
  EXPECT_TRUE(told(flow, "COLD_RESTART"));
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Dnp3, WhoAsksCannotAnswer) {
  Play flow = play();
  flow.give(asks("c3 0d")).give(answers("c3 81 0002"), kOut).give(answers("c3 81 0000 3402 07 01 1027"), kBack);
  EXPECT_TRUE(told(flow, "-", {{"ics.outcome", "refused"}}));
  EXPECT_TRUE(told(flow, "COLD_RESTART", {{"ics.operation", "restart"}, {"ics.outcome", "ok"}}));
}

// Some stations pass over a piece out of its turn and wait for the right one.
TEST(Dnp3, APieceOutOfTurnHidesNothing) {
  Play flow = play();
  flow.give(frame("40 c1")).give(frame("05 ff")).give(frame("81 060c01280100050041016400000064000000 00"));
  EXPECT_TRUE(told(flow, "DIRECT_OPERATE_NR", {{"ics.target", "10/g12/5"}}));
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

// What is written is said by all objects, not by the first.
TEST(Dnp3, AWriteIsNoClocksBecauseOfItsFirstObject) {
  Play flow = play();
  flow.give(asks("c0 02 3201 07 00 2202 17 01 05 01000000"));
  EXPECT_TRUE(told(flow, "WRITE", {{"ics.operation", "write"}}));
  Play clock = play();
  clock.give(asks("c0 02 3201 07 01 000000000000"));
  EXPECT_TRUE(told(clock, "WRITE", {{"ics.operation", "time_set"}}));
}

TEST(Dnp3, TheSelfAddressIsAnsweredFromTheStationsOwn) {
  Play flow = play();
  flow.give(frame("c0 c3 0d", {.destination = 0xFFFC})).give(answers("c3 81 0000"), kBack);
  EXPECT_TRUE(told(flow, "COLD_RESTART", {{"ics.outcome", "ok"}}));
}

TEST(Dnp3, EveryRefusal) {
  static constexpr struct {
    const char *iin, *reason;
  } kCases[] = {{"0001", "NO_FUNC_CODE_SUPPORT"},
                {"0002", "OBJECT_UNKNOWN"},
                {"0004", "PARAMETER_ERROR"},
                {"0010", "ALREADY_EXECUTING"},
                {"ffe8", "-"}};
  for (const auto& c : kCases) {
    Play flow = play();
    flow.give(answers("c0 81" + std::string{c.iin}));
    expect(flow.context, 0, {{"ics.reason", c.reason}});
    EXPECT_EQ(flow.get(0, "ics.outcome"), std::string_view{c.reason} == "-" ? "ok" : "refused");
  }
}

TEST(Dnp3Device, Attributes) {
  Play flow = play();
  flow.give(kGolden("attributes")).give(kGolden("attributes"));
  const std::size_t at = first(flow, "known_device");
  expect(flow.context, at,
         {{"device", "198.51.100.1"},
          {"device_protocol", "dnp3"},
          {"device_unit", "10"},
          {"vendor", "ACME"},
          {"product", "RTU 42"},
          {"serial_number", "S17"},
          {"firmware", "1.2"},
          {"device_name", "-"}});
  EXPECT_EQ(std::ranges::count(flow.context.paths, "known_device"), 1);
}

TEST(Dnp3Files, WhatTheySay) {
  Play flow = play();
  flow.give(answers("c0 81 0000 46075b 01 1700 1400 0300 0100 10000000 000000000000 ff01 0100 'a/b'"));
  expect(flow.context, 0, {{"file_name", "a/b"}, {"file_size", "16"}});
  flow.give(answers("c0 81 0000 46065b 01 0900 01000000 05000000 10"));
  expect(flow.context, 2, {{"file_status", "NOT_OPENED"}, {"ics.outcome", "refused"}});
  flow.give(asks("c1 1f 46085b 01 0300 'cfg'"));
  expect(flow.context, 4, {{"file_name", "cfg"}, {"ics.operation", "program"}, {"ics.target", "10/g70/cfg"}});
  flow.give(asks("c1 1d 46025b 01 1600 0c00 0400 1000 0600 00000000 'annasecret'"));
  EXPECT_EQ(flow.context.json.find("secret"), std::string::npos);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Dnp3, OpenRequestsAreBounded) {
  Play flow = play();
  for (unsigned i = 0; i < 65; ++i) {
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 0U);
    flow.give(frame("c0 c1 0d", {.destination = i}));
  }
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  expect(flow.context, 65, {{"link_destination", "0"}, {"ics.outcome", "no answer"}});
}

TEST(Dnp3, ABadBodyIsRefusedAndStillTold) {
  static constexpr struct {
    const char *name, *hex, *target, *value;
  } kCases[] = {
      {"half an object header", "c0 01 1e00", "10", "-"},
      {"range cut", "c0 01 1e0000 00", "10/g30", "-"},
      {"range the wrong way round", "c0 01 1e0000 05 01", "10/g30", "-"},
      {"reserved range code", "c0 01 1e000a 00", "10/g30", "-"},
      {"reserved prefix code", "c0 01 1e0076", "10/g30", "-"},
      {"indices cut", "c0 01 1e0017 03 01 02", "10/g30/1,10/g30/2", "-"},
      {"a point is missing", "c0 02 220107 02 0700", "10/g34", "7"},
      {"a point is cut", "c0 02 220107 01 07", "10/g34", "-"},
      {"bits are missing", "c0 02 500100 00 0b ff", "10/g80/0-11", "1,1,1,1,1,1,1,1"},
      {"a control block is cut", "c0 05 0c0117 01 05 03 01 64000000 64000000", "10/g12", "-"},
      {"an object that nobody knows", "c0 02 c80100 00 00 01 02", "10/g200/0", "-"},
      {"a variation that nobody knows", "c0 02 1e6307 01 01", "10/g30", "-"},
      {"a size beyond the end", "c0 19 46035b 01 ffff 00", "10/g70", "-"},
      {"classes with points", "c0 02 3c0107 01", "10/g60", "-"},
      {"points without a width", "c0 02 6e0008 ffff", "10/g110", "-"},
      {"a file's name beyond the end",
       "c0 19 46035b 01 1a00 1a00 0800 000000000000 0000 00000000 00000000 0100 0000 0000", "10/g70", "-"},
      {"a file's status cut", "c0 1a 46045b 01 0400 01000000", "10/g70", "-"},
      {"a file's block cut", "c0 01 46055b 01 0400 01000000", "10/g70", "-"},
      {"a response without indications", "c0 81 00", "1", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(asks(c.hex));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    expect(flow.context, 0, {{"sequence", "0"}, {"ics.target", c.target}, {"ics.value", c.value}});
  }
}

TEST(Dnp3, WhatHasNoFunctionIsRefused) {
  for (const char* hex : {"c0", "c0 c0"}) {
    Play flow = play();
    flow.give(frame(hex));
    expect_refused(flow.context, DecodeError::truncated, 0);
  }
  Play flow = play();
  flow.give(frame(""));  // data without any
  expect_refused(flow.context, DecodeError::truncated, 0);
}

TEST(Dnp3, NumbersWithoutAName) {
  Play flow = play();
  flow.give(asks("c0 05 0c0117 01 05 cf 01 64000000 64000000 00"));
  expect(flow.context, 0, {{"ics.value", "unknown-15 unknown-3"}});
  expect(flow.context, 2, {{"operation_type", "unknown-15"}, {"trip_control_code", "unknown-3"}});
  flow.give(answers("c0 81 0000 0c0117 01 05 03 01 64000000 64000000 40"));
  expect(flow.context, 3, {{"ics.reason", "unknown-64"}});
  flow.give(frame("", {.control = 0xC5}));
  EXPECT_EQ(flow.get(flow.context.events.size() - 1, "link_function"), "unknown-5");
}

TEST(Dnp3, OnlyWhatIsWanted) {
  Play controls{"dnp3", Transport::tcp, {"index_number"}};
  controls.context.unwanted = "dnp3";
  controls.give(kGolden("operate"));
  EXPECT_EQ(controls.context.paths, (std::vector<std::string>{"dnp3_objects", "dnp3_control"}));
  Play messages{"dnp3", Transport::tcp, {"fc_request"}};
  messages.give(kGolden("operate"));
  expect(messages.context, 0, {{"fc_request", "OPERATE"}, {"ics.target", "-"}});
}

}  // namespace
}  // namespace nw::network::dnp3
