#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"roc_plus"};

struct Roc : Play {
  explicit Roc(Transport carried = Transport::tcp) : Play{"roc_plus", carried} {}
  Roc& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

TEST(RocPlus, FieldsOfGoldenFrames) {
  const GoldenFields kFrames[] = {
      {"config",
       {{"opcode", "System Config (006)"},
        {"opcode_code", "6"},
        {"packet_type", "Request"},
        {"is_orig", "true"},
        {"destination_unit", "1"},
        {"destination_group", "1"},
        {"source_unit", "0"},
        {"source_group", "3"},
        {"data_length", "0"},
        {"lsb_crc", "207"},
        {"msb_crc", "177"},
        {"ics.operation", "identify"},
        {"ics.target", "1.1"},
        {"ics.outcome", "-"}}},
      {"config_response",
       {{"packet_type", "Response"},
        {"is_orig", "false"},
        {"mode", "1"},
        {"device_type", "ROC800"},
        {"ics.outcome", "ok"},
        {"ics.target", "1.1"}}},
      {"clock", {{"clock", "2024-03-15 12:45:30"}, {"ics.operation", "read"}, {"ics.value", "2024-03-15 12:45:30"}}},
      {"read_clock_ones", {{"opcode_code", "7"}, {"ics.operation", "read"}}},
      {"set_clock",
       {{"clock", "2026-01-02 03:04:05"}, {"ics.operation", "time_set"}, {"ics.value", "2026-01-02 03:04:05"}}},
      {"set_clock_response", {{"packet_type", "Response"}, {"ics.operation", "time_set"}, {"ics.outcome", "ok"}}},
      {"read_table", {{"ics.operation", "read"}, {"ics.target", "1.1/opcode_table/15/0-1"}}},
      {"write_table", {{"ics.operation", "write"}, {"ics.target", "1.1/opcode_table/1/0"}, {"ics.value", "42"}}},
      {"login",
       {{"operator_id", "OP1"},
        {"password", "true"},
        {"access_level", "5"},
        {"logout", "-"},
        {"ics.operation", "other"},
        {"ics.value", "-"}}},
      {"login_long", {{"operator_id", "OPERATOR1"}, {"password", "true"}, {"access_level", "1"}}},
      {"logout", {{"operator_id", "OP1"}, {"logout", "true"}, {"access_level", "-"}}},
      {"history", {{"opcode", "Request Single History Point Data (135)"}, {"ics.operation", "read"}}},
      {"set_point", {{"ics.operation", "write"}, {"ics.target", "1.1/103/2/0-1"}, {"ics.value", "0000803f0000a040"}}},
      {"read_point", {{"ics.operation", "read"}, {"ics.target", "1.1/103/2/5"}, {"ics.value", "-"}}},
      {"read_parameters", {{"ics.target", "1.1/103/2/0,1.1/103/2/21"}}},
      {"write_parameters", {{"ics.operation", "write"}, {"ics.target", "1.1/95/0/1"}, {"ics.value", "2a"}}},
      {"open_file",
       {{"file_command", "Open"},
        {"path", "/flash/data/"},
        {"file", "example.txt"},
        {"ics.operation", "file"},
        {"ics.target", "1.1/file//flash/data/example.txt"}}},
      {"error",
       {{"error_code", "Received Too Few Data Bytes,Security Error"},
        {"error_offset", "6,0"},
        {"is_orig", "false"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Received Too Few Data Bytes"}}},
  };
  expect_golden_fields(kGolden, kFrames);
}

TEST(RocPlus, ALyingLengthHidesNoFrame) {
  Roc play;
  play.frame("config");
  play.give("0101 0302 b4 fa 01");  // 250 octets are promised
  play.frame("set_point");
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1, {{"ics.operation", "write"}});
}

TEST(RocPlus, AResponseRepeatsItsRequest) {
  Roc play;
  play.frame("set_point").frame("set_point_response");
  expect(play.context, 1,
         {{"rtt", "0.001000"},
          {"ics.operation", "write"},
          {"ics.target", "1.1/103/2/0-1"},
          {"ics.value", "0000803f0000a040"},
          {"ics.outcome", "ok"}});
  play.frame("read_point").frame("point");
  expect(play.context, 3, {{"ics.target", "1.1/103/2/5"}, {"ics.value", "0000803f"}});
  play.frame("read_parameters").frame("parameters");
  expect(play.context, 5, {{"ics.target", "1.1/103/2/0,1.1/103/2/21"}, {"ics.value", "0000803f67021501"}});
  play.frame("read_table").frame("table").end();
  expect(play.context, 7, {{"ics.value", "abcd"}});
  EXPECT_EQ(play.context.events.size(), 8U);
}

TEST(RocPlus, AnErrorBelongsToWhatWasAsked) {
  Roc play{Transport::udp};
  play.frame("udp_set_point").frame("udp_error").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"rtt", "0.001000"},
          {"ics.operation", "write"},
          {"ics.target", "1.1/103/2/0"},
          {"ics.outcome", "refused"},
          {"ics.reason", "Security Error"}});
}

TEST(RocPlus, ErrorsAreNamed) {
  Roc play;
  play.give("0003 0101 ff 02 63 00 b635", kBack);
  EXPECT_EQ(play.get(0, "error_code"), "unknown-99");
}

TEST(RocPlus, DevicesAreKnown) {
  Roc play;
  play.frame("config").frame("config_response").frame("config").frame("config_response");
  ASSERT_EQ(play.context.events.size(), 5U);
  expect(play.context, 2,
         {{"device_protocol", "roc_plus"}, {"device_unit", "1.1"}, {"vendor", "Emerson"}, {"product", "ROC800"}});
}

TEST(RocPlus, NobodyAnswers) {
  Roc play;
  play.frame("set_point").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"ics.outcome", "no answer"},
          {"opcode_code", "166"},
          {"ics.value", "0000803f0000a040"},
          {"ts", play.get(0, "ts").c_str()}});
}

TEST(RocPlus, RequestsThatWaitAreBounded) {
  Roc play;
  for (unsigned i = 0; i <= 64; ++i) play.frame("history");
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.get(65, "ics.outcome"), "no answer");
  play.context.time += std::chrono::seconds{31};
  play.frame("config");
  EXPECT_EQ(play.context.events.size(), 66U + 64U + 1U);
}

TEST(RocPlus, TheWrongWayRound) {
  Roc play;
  play.give(kGolden("clock").hex, kOut);  // only a device tells its clock
  EXPECT_EQ(play.get(0, "packet_type"), "Response");
  play.give(kGolden("set_point").hex, kBack).give(kGolden("set_point_response").hex, kOut);
  expect(play.context, 1, {{"packet_type", "Request"}});
  expect(play.context, 2, {{"packet_type", "Response"}, {"rtt", "0.001000"}});
}

TEST(RocPlus, ALoginWithMoreBehindItIsNoLogout) {
  Roc play;
  play.give("0101 0003 11 0b 'OP1' 1234 05 0000000000 808f");
  expect(play.context, 0, {{"operator_id", "OP1"}, {"access_level", "5"}, {"logout", "-"}});
}

TEST(RocPlus, WhatIsForwardedIsToldAsWhatItIs) {
  Roc play;
  play.frame("forward").give("0003010118001e3c", kBack);
  for (std::size_t event : {0U, 1U})
    expect(play.context, event,
           {{"opcode", "Store And Forward (024)"},
            {"destination_unit", event == 0 ? "1" : "0"},
            {"ics.operation", "write"},
            {"ics.target", "2.5/103/2/0"},
            {"ics.value", "0000803f"}});
  EXPECT_EQ(play.get(1, "ics.outcome"), "ok");
  EXPECT_EQ(play.context.refused_total(), 0U);
  // Twice, with a length that lies, and with nothing to forward.
  play.give("01010003182000030101020500000000181400030205030600000000a608670201000000803f3047");
  EXPECT_EQ(play.get(2, "ics.target"), "3.6/103/2/0");
  play.give("01010003181400030101020500000000a609670201000000803fffd5");
  EXPECT_EQ(play.get(3, "ics.target"), "2.5/103/2/0");
  play.give("01010003180a000301010205000000000cb5");
  EXPECT_EQ(play.get(4, "ics.operation"), "other");
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 2U);
}

// The ROC protocol, without Plus.
TEST(RocPlus, OlderDevicesSayLess) {
  Roc play;
  play.give("0102 0100 11 03 'MOC' 8518");  // the manual's example
  expect(play.context, 0, {{"operator_id", "MOC"}, {"password", "false"}, {"access_level", "-"}});
  play.give("01010003080605040302011a5a23");
  expect(play.context, 1, {{"ics.operation", "time_set"}, {"clock", "2026-01-02 03:04:05"}});
  play.give("0003010107081e2d0c0f0318000603e8", kBack);
  expect(play.context, 2, {{"packet_type", "Response"}, {"clock", "2024-03-15 12:45:30"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(RocPlus, WhoeverIsThereAnswersForItself) {
  Roc play;
  play.give("f0f00003a605670201000124fa");
  play.frame("error").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.target", "240.240/103/2/0"}, {"ics.outcome", "refused"}});
}

// Who sends an answer first is not thereby the device, and answers to itself answer nothing.
TEST(RocPlus, CommandsDoNotHideAsAnswers) {
  for (const char* name : {"set_clock", "write_table", "login", "set_point", "write_parameters", "open_file"}) {
    SCOPED_TRACE(name);
    Roc play;
    play.give(kGolden("error").hex, kOut);
    play.frame(name);
    expect(play.context, 1, {{"packet_type", "Request"}, {"ics.outcome", "-"}});
  }
  Roc play;
  play.frame("set_point").give(kGolden("set_point_response").hex, kOut);
  play.frame("error");
  EXPECT_EQ(play.get(1, "rtt"), "-");
  expect(play.context, 2, {{"rtt", "0.002000"}, {"ics.outcome", "refused"}, {"ics.target", "1.1/103/2/0-1"}});
}

TEST(RocPlus, BrokenDataAreRefusedAndTold) {
  Roc clock;
  clock.give("0101 0003 08 02 0504 343f");
  expect_refused(clock.context, DecodeError::bad_value, 1);
  EXPECT_EQ(clock.get(0, "clock"), "-");
}

TEST(RocPlus, FramesWithoutTheirCrcAreDropped) {
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    Roc play{transport};
    auto bytes = from_hex(kGolden("set_point").hex);
    bytes.back() ^= 1U;
    play.give(bytes);
    expect_refused(play.context, DecodeError::bad_value, 0);
    play.frame("set_point");
    EXPECT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
  }
}

TEST(RocPlus, AfterAGapTheNextFrameIsFound) {
  Roc play;
  play.frame("set_point");
  play.analyzer->gap(10, kBack, play.context);
  play.give("01 02 03", kBack);
  play.frame("point").end();
  ASSERT_EQ(play.context.events.size(), 2U);  // nobody knows what was answered
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(RocPlus, ACutDatagramIsRefused) {
  Roc play{Transport::udp};
  const auto bytes = from_hex(kGolden("udp_set_point").hex);
  play.give(Bytes{bytes}.first(bytes.size() - 1));
  expect_refused(play.context, DecodeError::truncated, 0);
}

TEST(RocPlus, OpcodesWithoutNameAreTold) {
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    Roc play{transport};
    play.give("01010003780101511c");
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0,
           {{"opcode", "unknown-120"}, {"packet_type", "Request"}, {"ics.operation", "other"}, {"ics.target", "1.1"}});
  }
}

// Devices look for the next frame in a datagram as they do in a stream.
TEST(RocPlus, NoiseInADatagramHidesNothing) {
  Roc play{Transport::udp};
  const auto point = from_hex(kGolden("udp_set_point").hex);
  std::vector<std::uint8_t> bytes(263, 0xff);
  bytes.insert(bytes.end(), point.begin(), point.end());
  play.give(bytes);
  expect_refused(play.context, DecodeError::bad_value, 1);
  bytes.insert(bytes.begin(), 0xff);
  play.give(bytes);
  EXPECT_EQ(play.context.events.size(), 1U);
}

TEST(RocPlus, Probe) {
  const auto point = from_hex(kGolden("set_point").hex);
  expect_verdicts("roc_plus", point, kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("roc_plus", point, kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("roc_plus", Bytes{point}.first(9), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("roc_plus", Bytes{point}.first(9), kOut, Transport::udp, Verdict::no, Verdict::no);
  expect_verdicts("roc_plus", from_hex(std::string{kGolden("set_point").hex} + "01"), kOut, Transport::tcp, Verdict::no,
                  Verdict::yes);
  expect_verdicts("roc_plus", from_hex("01010003780101511c"), kOut, Transport::tcp, Verdict::no, Verdict::yes);
  expect_verdicts("roc_plus", from_hex("01010003780101511c"), kOut, Transport::udp, Verdict::no, Verdict::no);
  // Modbus: 1536 is written to register 16, and registers 6 and 256 were read.
  for (const char* modbus : {"0106001006008baf", "010304000601001ba2"})
    expect_verdicts("roc_plus", from_hex(modbus), kOut, Transport::tcp, Verdict::no, Verdict::yes);
  expect_verdicts("roc_plus", octets("SSH-2.0-OpenSSH_9.6\r\n"), kOut, Transport::tcp, Verdict::no, Verdict::no);
  expect_verdicts("roc_plus", octets("GET / HTTP/1.1\r\n\r\n"), kOut, Transport::tcp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
