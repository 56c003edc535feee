#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"bsap"};

struct Udp : Play {
  Udp() : Play{"bsap", Transport::udp} {}
  Udp& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

TEST(Bsap, FieldsOfGoldenFrames) {
  const GoldenFields kFrames[] = {
      {"read_by_name",
       {{"type_name", "REQUEST"},
        {"is_orig", "true"},
        {"num_msg", "1"},
        {"mes_seq", "19331"},
        {"res_seq", "19316"},
        {"data_len", "33"},
        {"sequence", "19331"},
        {"app_func_code", "RDB"},
        {"node_status", "0"},
        {"func_code", "READ_SIGNAL_BY_NAME"},
        {"func_number", "4"},
        {"variable_count", "2"},
        {"variables", "signal/@GV.DS1,signal/@GV.AS4"},
        {"variable_value", "-"},
        {"ics.operation", "read"},
        {"ics.target", "signal/@GV.DS1,signal/@GV.AS4"},
        {"ics.outcome", "-"}}},
      {"read_response",
       {{"type_name", "RESPONSE"},
        {"is_orig", "false"},
        {"variable_count", "2"},
        {"variable_value", "ON,1.5"},
        {"error", "0"},
        {"ics.outcome", "ok"}}},
      {"read_by_address",
       {{"func_code", "READ_SIGNAL_BY_ADDRESS"}, {"ics.target", "address/0x4,address/0x6"}, {"ics.operation", "read"}}},
      {"write_by_address",
       {{"func_code", "WRITE_SIGNAL_BY_ADDRESS"},
        {"variables", "address/0x11,address/0x12,address/0x6"},
        {"variable_value", "OFF,ON,10"},
        {"ics.operation", "write"},
        {"ics.value", "OFF,ON,10"}}},
      {"write_response", {{"variable_count", "0"}, {"ics.outcome", "ok"}}},
      {"write_by_name", {{"func_code", "WRITE_SIGNAL_BY_NAME"}, {"ics.target", "signal/@GV.DS1"}, {"ics.value", "ON"}}},
      {"refused", {{"error", "72"}, {"ics.outcome", "refused"}, {"ics.reason", "0x48"}}},
      {"read_list", {{"func_code", "READ_SIGNAL_BY_LIST_START"}, {"ics.operation", "read"}}},
      {"reset", {{"app_func_code", "RDB_EXTENSION"}, {"func_code", "RESET SYSTEM"}, {"ics.operation", "restart"}}},
      {"write_clock", {{"func_code", "WRITE DATE AND TIME"}, {"ics.operation", "time_set"}}},
      {"acknowledge", {{"type_name", "POLL"}, {"num_msg", "0"}, {"ics.operation", "other"}}},
  };
  expect_golden_fields(kGolden, kFrames);
}

TEST(Bsap, AResponseRepeatsItsRequest) {
  Udp play;
  play.frame("read_by_name").frame("read_by_address").frame("two_responses").frame("write_by_name").frame("refused");
  play.frame("acknowledge").end();
  ASSERT_EQ(play.context.events.size(), 7U);
  expect(play.context, 2,
         {{"func_code", "READ_SIGNAL_BY_NAME"},
          {"rtt", "0.002000"},
          {"ics.target", "signal/@GV.DS1,signal/@GV.AS4"},
          {"ics.value", "OFF"}});
  expect(
      play.context, 3,
      {{"func_code", "READ_SIGNAL_BY_ADDRESS"}, {"num_msg", "2"}, {"type_name", "RESPONSECNT"}, {"ics.value", "-10"}});
  expect(play.context, 5,
         {{"func_code", "WRITE_SIGNAL_BY_NAME"},
          {"ics.operation", "write"},
          {"ics.value", "ON"},
          {"ics.outcome", "refused"}});
}

TEST(Bsap, NobodyAnswers) {
  Udp play;
  play.frame("reset").frame("reset");
  expect(play.context, 2, {{"ics.outcome", "no answer"}, {"func_code", "RESET SYSTEM"}, {"ics.operation", "restart"}});
  play.context.time += std::chrono::seconds{31};
  play.frame("acknowledge");
  EXPECT_EQ(play.get(3, "ics.outcome"), "no answer");
  play.frame("write_clock").end();
  EXPECT_EQ(play.get(6, "ics.outcome"), "no answer");
  EXPECT_EQ(play.context.events.size(), 7U);
}

TEST(Bsap, RequestsThatWaitAreBounded) {
  Udp play;
  for (unsigned i = 0; i <= 64; ++i) {
    auto bytes = from_hex(kGolden("reset").hex);
    bytes[19] = static_cast<std::uint8_t>(i);
    play.give(bytes);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
}

TEST(Bsap, AllSignalsAreTold) {
  std::string hex = "0e00 0100 0600 834b0000 744b0000 11020000 0c 834b0000 a0 00 00 03d001 2477 0f ff";
  for (int i = 0; i < 255; ++i) hex += "0400";
  Udp play;
  play.give(hex);
  EXPECT_EQ(play.context.refused_total(), 0U);
  EXPECT_EQ(play.get(0, "variable_count"), "255");
  EXPECT_EQ(play.get(0, "variables").substr(0, 23), "address/0x4,address/0x4");
  EXPECT_EQ(std::ranges::count(play.get(0, "variables"), ','), 254);
}

TEST(Bsap, ACountThatLies) {
  Udp play;
  play.give("0e00 0100 0600 834b0000 744b0000 18000000 0c 854b0000 a0 00 80 2477 0f ff 1100 0a 0600 0b 0000");
  expect_refused(play.context, DecodeError::bad_value, 1);
  expect(play.context, 0,
         {{"variable_count", "255"}, {"ics.target", "address/0x11,address/0x6"}, {"ics.value", "OFF"}});
}

// What is written in a way that we do not know cannot be told apart from what follows.
TEST(Bsap, UnknownDescriptorsEndTheList) {
  Udp play;
  play.give("0e00 0100 0600 834b0000 744b0000 1b000000 0c 854b0000 a0 00 80 2477 0f 03 1100 0a 1200 63 0600 0b 0000");
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0, {{"variables", "address/0x11,address/0x12"}, {"variable_value", "OFF,0x6306000b0000"}});
}

TEST(Bsap, ElementsOfOtherFieldsAreNotRead) {
  Udp play;
  play.give("0e00 0100 0500 834b0000 744b0000 0d000000 0c 834b0000 00 01 00 01", kBack);
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0, {{"variable_value", "-"}, {"variable_count", "1"}});
}

TEST(Bsap, Refuses) {
  const struct {
    const char *name, *hex;
    DecodeError why;
    std::size_t events;
  } kCases[] = {
      {"head cut", "0e00 0100 0600 834b", DecodeError::truncated, 0},
      {"head too short", "0d00 0100 0600 834b0000 744b0000", DecodeError::bad_value, 0},
      {"longer head cut", "1600 0100 0600 834b0000 744b0000", DecodeError::truncated, 0},
      {"no message", "0e00 0100 0600 834b0000 744b0000", DecodeError::truncated, 0},
      {"message cut", "0e00 0100 0600 834b0000 744b0000 0d000000 0c 884b0000 a1 00 01", DecodeError::truncated, 1},
      {"length under the head", "0e00 0100 0600 834b0000 744b0000 0a000000 0c 884b0000 a1 00", DecodeError::bad_value,
       1},
      {"other header", "0e00 0100 0600 834b0000 744b0000 0b000000 0d 884b0000 a1 00", DecodeError::bad_value, 1},
      {"octets behind", "0e00 0000 0000 00000000 744b0000 00", DecodeError::bad_value, 1},
      {"second message missing", "0e00 0200 0600 834b0000 744b0000 0d000000 0c 884b0000 a1 00 0101",
       DecodeError::truncated, 1},
      {"name without its zero", "0e00 0100 0600 834b0000 744b0000 13000000 0c 834b0000 a0 00 04 03d001 0f 01 '@G'",
       DecodeError::bad_value, 1},
      {"extension without its command", "0e00 0100 0600 834b0000 744b0000 0b000000 0c 884b0000 a1 00",
       DecodeError::bad_value, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Udp play;
    play.give(c.hex);
    expect_refused(play.context, c.why, c.events);
  }
}

// What a device may carry out is told, whatever is wrong around it.
TEST(Bsap, OddSizesHideNothing) {
  const struct {
    const char *name, *hex;
    DecodeError why;
  } kCases[] = {
      {"length too long", "0e00 0100 0600 834b0000 744b0000 ff000000 0c 864b0000 a0 00 84 0f 01 '@GV.DS1' 00 09",
       DecodeError::truncated},
      {"no length", "0e00 0100 0600 834b0000 744b0000 00000000 0c 864b0000 a0 00 84 0f 01 '@GV.DS1' 00 09",
       DecodeError::bad_value},
      {"other header", "0e00 0100 0600 834b0000 744b0000 17000000 00 864b0000 a0 00 84 0f 01 '@GV.DS1' 00 09",
       DecodeError::bad_value},
      {"more messages said than there are",
       "0e00 ffff 0600 834b0000 744b0000 17000000 0c 864b0000 a0 00 84 0f 01 '@GV.DS1' 00 09", DecodeError::truncated},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(protocol("bsap").probe(from_hex(c.hex), kOut, Transport::udp, true), Verdict::yes);
    Udp play;
    play.give(c.hex);
    expect_refused(play.context, c.why, 1);
    expect(play.context, 0, {{"ics.operation", "write"}, {"ics.target", "signal/@GV.DS1"}, {"ics.value", "ON"}});
  }
}

TEST(Bsap, ARefusedMessageHidesNotTheNext) {
  Udp play;
  play.give(
      "0e00 0200 0600 834b0000 744b0000 0d000000 ff 884b0000 a1 00 0101"
      "17000000 0c 864b0000 a0 00 84 0f 01 '@GV.DS1' 00 09");
  expect_refused(play.context, DecodeError::bad_value, 2);
  EXPECT_EQ(play.get(1, "ics.target"), "signal/@GV.DS1");
}

TEST(Bsap, OtherTypesAreRequests) {
  for (const char* type : {"0000", "0200", "0700", "0601"}) {
    SCOPED_TRACE(type);
    auto bytes = from_hex(kGolden("write_by_name").hex);
    std::ranges::copy(from_hex(type), bytes.begin() + 4);
    EXPECT_EQ(protocol("bsap").probe(bytes, kOut, Transport::udp, false), Verdict::no);
    EXPECT_EQ(protocol("bsap").probe(bytes, kOut, Transport::udp, true), Verdict::yes);
    Udp play;
    play.give(bytes);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"is_orig", "true"}, {"ics.operation", "write"}, {"ics.value", "ON"}});
  }
}

TEST(Bsap, WhatFunctionsDo) {
  const struct {
    const char *message, *function, *command, *operation;
  } kCases[] = {
      {"0c 884b0000 68 00 01", "FLASH_DOWNLOAD", "-", "program"},
      {"0c 884b0000 78 00 01", "DOWNLOAD_REQ_MSG_FRAMES", "-", "program"},
      {"0c 884b0000 88 00 01", "TS_NRT_MSG", "-", "time_set"},
      {"0c 884b0000 48 00 01", "DIAG", "-", "diagnose"},
      {"0c 884b0000 a8 00 01", "ALARM_ACK", "-", "write"},
      {"0c 884b0000 fe 00 01", "unknown-254", "-", "other"},
      {"0c 884b0000 a1 00 0102", "RDB_EXTENSION", "READ DATE AND TIME", "read"},
      {"0c 884b0000 a1 00 0103", "RDB_EXTENSION", "unknown-769", "other"},
      {"0c 884b0000 a0 00", "RDB", "-", "other"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.function);
    auto message = from_hex(c.message);
    auto bytes = from_hex("0e00 0100 0600 834b0000 744b0000 00000000");
    bytes[14] = static_cast<std::uint8_t>(4 + message.size());
    bytes.insert(bytes.end(), message.begin(), message.end());
    Udp play;
    play.give(bytes);
    expect(play.context, 0, {{"app_func_code", c.function}, {"func_code", c.command}, {"ics.operation", c.operation}});
  }
}

TEST(Bsap, MessagesAreBounded) {
  std::string hex = "0e00 0101 0600 834b0000 744b0000";
  for (int i = 0; i < 257; ++i) hex += "0d000000 0c 884b0000 a1 00 0202";
  Udp play;
  play.give(hex);
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
}

TEST(Bsap, TheWrongWayRound) {
  Udp play;
  play.give(kGolden("read_by_name").hex, kBack).give(kGolden("read_response").hex, kOut);
  expect(play.context, 0, {{"is_orig", "true"}});
  expect(play.context, 1, {{"is_orig", "false"}, {"rtt", "0.001000"}});
}

TEST(Bsap, Probe) {
  const auto read = from_hex(kGolden("read_by_name").hex), poll = from_hex(kGolden("acknowledge").hex);
  expect_verdicts("bsap", read, kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("bsap", poll, kOut, Transport::udp, Verdict::no, Verdict::yes);
  expect_verdicts("bsap", octets("GET / HTTP/1.1 and more"), kOut, Transport::udp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
