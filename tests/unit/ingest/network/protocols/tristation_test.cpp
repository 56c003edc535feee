#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"tristation"};

struct TriStation : Play {
  TriStation() : Play{"tristation", Transport::udp} {}
  TriStation& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

TEST(TriStation, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"connect",
       {{"message_type", "Connection Request"},
        {"message_type_code", "1"},
        {"is_orig", "true"},
        {"channel", "0"},
        {"function", "-"},
        {"checksum_valid", "-"},
        {"ics.operation", "other"},
        {"ics.outcome", "-"}}},
      {"connected", {{"message_type", "Connection Response"}, {"is_orig", "false"}, {"ics.outcome", "ok"}}},
      {"get_cp_status",
       {{"message_type", "Execution Command"},
        {"function", "Get CP status"},
        {"function_code", "19"},
        {"counter", "0"},
        {"direction", "0"},
        {"connection_id", "0"},
        {"checksum_valid", "true"},
        {"data_length", "0"},
        {"data", "-"},
        {"ics.operation", "diagnose"}}},
      {"cp_status",
       {{"is_orig", "false"},
        {"direction", "1"},
        {"function", "Get CP status response"},
        {"function_code", "108"},
        {"data_length", "76"},
        {"key_state", "PROGRAM"},
        {"program_state", "RUNNING"},
        {"load_state", "5"},
        {"program_valid", "true"},
        {"project", "BOILER"},
        {"project_version", "7.2"},
        {"ics.operation", "diagnose"},
        {"ics.value", "RUNNING"},
        {"ics.outcome", "ok"}}},
      {"start_change",
       {{"function", "Start download change"},
        {"project", "BOILER2"},
        {"project_version", "7.3"},
        {"functions", "18"},
        {"programs", "4"},
        {"ics.operation", "program"},
        {"ics.target", "project/BOILER2"}}},
      {"allocate_program",
       {{"function", "Allocate program"},
        {"object_id", "3"},
        {"offset", "0"},
        {"words", "2"},
        {"data", "030001000200000002000000803f4e800020"},
        {"ics.operation", "program"},
        {"ics.target", "program/3"}}},
      {"end_change", {{"function", "End download change"}, {"ics.operation", "program"}}},
      {"rejected",
       {{"function", "Command rejected"},
        {"reject_reason", "Key setting prohibits this operation"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Key setting prohibits this operation"}}},
      {"halt", {{"function", "Halt program"}, {"ics.operation", "stop"}}},
      {"halted", {{"function", "Program is halted"}, {"ics.operation", "stop"}, {"ics.outcome", "ok"}}},
      {"run", {{"function", "Run program"}, {"ics.operation", "start"}}},
      {"running", {{"function", "Program is running"}, {"ics.operation", "start"}, {"ics.outcome", "ok"}}},
      {"start_download",
       {{"function", "Start TS2 program download"},
        {"project", "BOILER"},
        {"project_version", "-"},
        {"functions", "18"},
        {"programs", "4"},
        {"ics.operation", "program"},
        {"ics.target", "project/BOILER"}}},
      {"upload_function",
       {{"object_id", "9"},
        {"offset", "32"},
        {"words", "-"},
        {"ics.operation", "program"},
        {"ics.target", "function/9"}}},
      {"mp_status",
       {{"processor", "255"}, {"implant_command", "-"}, {"ics.operation", "diagnose"}, {"ics.target", "mp/255"}}},
      {"implant_write",
       {{"function", "Get MP status"},
        {"implant_command", "Write memory"},
        {"implant_address", "49152"},
        {"implant_octets", "4"},
        {"ics.operation", "program"},
        {"ics.target", "mp/255/memory/0x0000c000"}}},
      {"implant_execute",
       {{"implant_command", "Execute"},
        {"implant_address", "49152"},
        {"implant_octets", "-"},
        {"ics.target", "mp/255/memory/0x0000c000"}}},
      {"unknown_function", {{"function", "unknown-75"}, {"ics.operation", "other"}}},
      {"ping", {{"message_type", "Ping Command"}, {"is_orig", "true"}}},
      {"pong", {{"message_type", "Ping Command"}, {"is_orig", "false"}, {"ics.outcome", "ok"}}},
      {"not_connected", {{"ics.outcome", "refused"}, {"ics.reason", "Not Connected"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    TriStation play;
    play.frame(c.name);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, c.want);
  }
}

TEST(TriStation, AResponseRepeatsItsRequest) {
  TriStation play;
  play.frame("connect").frame("connected").frame("start_change").frame("change_permitted");
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
  expect(play.context, 3,
         {{"rtt", "0.001000"},
          {"function", "Download change permitted"},
          {"ics.operation", "program"},
          {"ics.target", "project/BOILER2"},
          {"ics.outcome", "ok"}});
  play.frame("allocate_program").frame("allocated").frame("end_change").frame("rejected");
  expect(play.context, 5, {{"ics.target", "program/3"}, {"ics.outcome", "ok"}});
  expect(play.context, 7, {{"ics.operation", "program"}, {"ics.outcome", "refused"}, {"rtt", "0.001000"}});
  play.frame("ping").frame("pong").frame("disconnect").frame("disconnected").end();
  expect(play.context, 9, {{"rtt", "0.001000"}, {"is_orig", "false"}});
  expect(play.context, 11, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
  EXPECT_EQ(play.context.events.size(), 12U);
}

TEST(TriStation, AConnectionThatIsNoneRefusesACommand) {
  TriStation play;
  play.frame("halt").frame("not_connected").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"rtt", "0.001000"}, {"ics.operation", "stop"}, {"ics.outcome", "refused"}, {"ics.reason", "Not Connected"}});
  play.frame("connect").give("0a 00 0000 03d8", kBack);
  expect(play.context, 3, {{"message_type", "Access Denied"}, {"ics.outcome", "refused"}});
}

TEST(TriStation, OthersAreNotJoined) {
  TriStation play;
  play.frame("halt").frame("running").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.get(2, "ics.outcome"), "no answer");
}

TEST(TriStation, NobodyAnswersHimself) {
  TriStation play;
  play.frame("halt").give(kGolden("not_connected").hex, kOut);
  play.frame("halted").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 1, {{"rtt", "-"}, {"ics.operation", "other"}, {"ics.outcome", "refused"}});
  expect(play.context, 2, {{"rtt", "0.002000"}, {"ics.operation", "stop"}, {"ics.outcome", "ok"}});
}

TEST(TriStation, DevicesAreKnown) {
  TriStation play;
  play.frame("get_cp_status").frame("cp_status").frame("get_cp_status").frame("cp_status");
  ASSERT_EQ(play.context.events.size(), 5U);
  expect(play.context, 2,
         {{"device_protocol", "tristation"},
          {"vendor", "Triconex"},
          {"product", "safety controller"},
          {"device_description", "project BOILER 7.2"}});
}

TEST(TriStation, NobodyAnswers) {
  TriStation play;
  play.frame("halt").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"ics.outcome", "no answer"},
          {"function", "Halt program"},
          {"counter", "4"},
          {"ics.operation", "stop"},
          {"ts", play.get(0, "ts").c_str()}});
}

TEST(TriStation, WhatIsAskedAgainWasNotAnswered) {
  TriStation play;
  play.frame("halt").frame("halt").frame("halted").end();
  ASSERT_EQ(play.context.events.size(), 4U);
  EXPECT_EQ(play.get(2, "ics.outcome"), "no answer");
  EXPECT_EQ(play.get(3, "rtt"), "0.001000");
}

TEST(TriStation, RequestsThatWaitExpire) {
  TriStation play;
  play.frame("connect").frame("halt").frame("run").frame("mp_status");
  play.context.time += std::chrono::seconds{31};
  play.frame("ping");
  ASSERT_EQ(play.context.events.size(), 9U);
  for (std::size_t i = 4; i < 8; ++i) EXPECT_EQ(play.get(i, "ics.outcome"), "no answer");
}

// A frame is built with another counter and what that changes.
std::vector<std::uint8_t> halt_with(std::uint8_t counter) {
  auto bytes = from_hex(kGolden("halt").hex);
  bytes[7] = counter;
  bytes[10] = static_cast<std::uint8_t>(bytes[10] + counter - 4);
  std::uint16_t crc = 0;
  for (std::size_t i = 0; i + 2 < bytes.size(); ++i) {
    crc = static_cast<std::uint16_t>(crc ^ bytes[i]);
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<std::uint16_t>((crc & 1U) != 0 ? crc >> 1U ^ 0xA001U : crc >> 1U);
  }
  bytes[bytes.size() - 2] = static_cast<std::uint8_t>(crc & 0xffU);
  bytes[bytes.size() - 1] = static_cast<std::uint8_t>(crc >> 8U);
  return bytes;
}

TEST(TriStation, RequestsThatWaitAreBounded) {
  TriStation play;
  for (std::uint8_t i = 0; i <= 64; ++i) play.give(halt_with(i));
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.refused_total(), 1U);
  ASSERT_EQ(play.context.events.size(), 66U);
  expect(play.context, 65, {{"ics.outcome", "no answer"}, {"counter", "0"}});
}

TEST(TriStation, TheWrongWayRound) {
  TriStation play;
  play.give(kGolden("halt").hex, kBack).give(kGolden("halted").hex, kOut);
  expect(play.context, 0, {{"is_orig", "true"}});
  expect(play.context, 1, {{"is_orig", "false"}, {"rtt", "0.001000"}});
  play.give(kGolden("ping").hex, kBack).give(kGolden("pong").hex, kOut);
  expect(play.context, 3, {{"is_orig", "false"}, {"rtt", "0.001000"}});
}

TEST(TriStation, WhatIsBrokenIsRefused) {
  const struct {
    const char* name;
    const char* hex;
    DecodeError why;
    std::size_t events;
  } kCases[] = {
      {"no type", "0c 00 0000 0000", DecodeError::bad_value, 0},
      {"cut", "05 00 0a00 00 00 15 04 0000 2d00", DecodeError::truncated, 0},
      {"something behind", "01 00 0000 01fc 00", DecodeError::truncated, 1},
      {"wrong CRC", "01 00 0000 01fd", DecodeError::bad_value, 0},
      {"wrong checksum", "05 00 0a00 00 00 15 04 0000 2e00 0a00 9666", DecodeError::bad_value, 1},
      {"head cut", "05 00 0300 00 00 15 d0cf", DecodeError::bad_value, 1},
      {"data cut", "05 00 0c00 00 00 37 02 0000 5400 0c00 0300 696e", DecodeError::bad_value, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    TriStation play;
    play.give(c.hex);
    expect_refused(play.context, c.why, c.events);
  }
  TriStation play;
  play.give(kCases[4].hex);
  expect(play.context, 0, {{"checksum_valid", "false"}, {"function", "Halt program"}, {"ics.operation", "stop"}});
}

TEST(TriStation, SeveralMessagesOfADatagram) {
  TriStation play;
  play.give(std::string{kGolden("ping").hex} + std::string{kGolden("halt").hex} + "00 00 0000 0000");
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1, {{"function", "Halt program"}, {"ics.operation", "stop"}});
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
  std::string pings;
  for (int i = 0; i < 257; ++i) pings += kGolden("ping").hex;
  TriStation many;
  many.give(pings);
  EXPECT_EQ(many.context.refused_count(DecodeError::limit), 1U);
}

TEST(TriStation, NumbersWithoutNames) {
  TriStation play;
  play.give("05 00 0b00 01 00 64 03 0000 e100 0b00 63 8c5e", kBack);
  expect(play.context, 0, {{"reject_reason", "unknown-99"}, {"ics.reason", "unknown-99"}});
  play.give("05 00 0a00 01 00 b4 03 0000 cc00 0a00 4caf", kBack);
  expect(play.context, 1, {{"function", "unknown-180"}, {"is_orig", "false"}, {"ics.operation", "other"}});
}

TEST(TriStation, Probe) {
  const auto halt = from_hex(kGolden("halt").hex);
  expect_verdicts("tristation", halt, kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("tristation", from_hex(std::string{kGolden("halt").hex} + "00"), kOut, Transport::udp, Verdict::no,
                  Verdict::yes);
  expect_verdicts("tristation", Bytes{halt}.first(8), kOut, Transport::udp, Verdict::no, Verdict::no);
  expect_verdicts("tristation", octets("M-SEARCH * HTTP/1.1\r\n"), kOut, Transport::udp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
