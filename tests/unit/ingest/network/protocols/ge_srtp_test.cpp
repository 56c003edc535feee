#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"ge_srtp"};

struct Srtp : Play {
  Srtp() : Play{"ge_srtp", Transport::tcp} {}
  Srtp& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

TEST(GeSrtp, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"init",
       {{"srtp_type", "Init"},
        {"is_orig", "true"},
        {"message_type", "-"},
        {"ics.operation", "other"},
        {"ics.target", "-"},
        {"ics.outcome", "-"}}},
      {"init_reply", {{"srtp_type", "Init reply"}, {"is_orig", "false"}, {"ics.outcome", "ok"}}},
      {"session", {{"service_request_code", "Session control"}, {"ics.operation", "other"}}},
      {"short_status", {{"service_request_code", "PLC short status request"}, {"ics.operation", "diagnose"}}},
      {"read_registers",
       {{"srtp_type", "Request"},
        {"is_orig", "true"},
        {"sequence_number_1", "3"},
        {"sequence_number_2", "6"},
        {"text_length", "0"},
        {"time_seconds", "30"},
        {"time_minutes", "45"},
        {"time_hours", "12"},
        {"message_type", "Initial Request Mailbox message (0xC0)"},
        {"mailbox_source", "00000000"},
        {"mailbox_destination", "100e0000"},
        {"packet_number", "1"},
        {"total_packet_number", "1"},
        {"service_request_code", "Read system memory"},
        {"service_code", "4"},
        {"service_data", "-"},
        {"segment_selector", "Registers (%R) Word-selector"},
        {"memory_offset", "99"},
        {"data_length", "3"},
        {"status_code", "-"},
        {"plc_state", "-"},
        {"ics.operation", "read"},
        {"ics.target", "100e0000/%R100-102"},
        {"ics.value", "-"},
        {"ics.outcome", "-"}}},
      {"registers",
       {{"srtp_type", "Reply"},
        {"is_orig", "false"},
        {"message_type", "Completion ACK Mailbox message (0xD4)"},
        {"status_code", "No error"},
        {"minor_status_code", "no minor error"},
        {"data_requested", "0c002b003a00"},
        {"control_program_number", "255"},
        {"current_privilege_level", "2"},
        {"last_sweep_time", "0"},
        {"oversweep_flag", "false"},
        {"constant_sweep_mode", "false"},
        {"plc_fault_entry_last_read", "true"},
        {"io_fault_entry_last_read", "true"},
        {"plc_fault_entry_present", "true"},
        {"io_fault_entry_present", "true"},
        {"programmer_attachment", "true"},
        {"front_panel_enable_switch", "false"},
        {"front_panel_run_switch", "RUN"},
        {"oem_protected", "false"},
        {"plc_state", "Stop I/O disabled"},
        {"service_request_code", "-"},
        {"ics.operation", "other"},
        {"ics.target", "100e0000"},
        {"ics.outcome", "ok"}}},
      {"read_inputs", {{"segment_selector", "Discrete Inputs (%I) Bit-selector"}, {"ics.target", "100e0000/%I10-19"}}},
      {"read_internals",
       {{"segment_selector", "Discrete Internals (%M) Byte-selector"}, {"ics.target", "100e0000/%M17-80"}}},
      {"internals",
       {{"message_type", "Completion ACK Mailbox message with text buffer (0x94)"},
        {"text_length", "8"},
        {"packet_number", "1"},
        {"total_packet_number", "1"},
        {"status_code", "-"},
        {"data_requested", "0102030405060708"},
        {"current_privilege_level", "4"},
        {"ics.outcome", "ok"}}},
      {"write_register",
       {{"service_request_code", "Write system memory"},
        {"ics.operation", "write"},
        {"ics.target", "100e0000/%R1-2"},
        {"ics.value", "1234,5678"}}},
      {"write_text",
       {{"message_type", "Initial Request Mailbox message with text buffer (0x80)"},
        {"text_length", "4"},
        {"service_code", "7"},
        {"memory_offset", "11000"},
        {"data_length", "2"},
        {"ics.target", "100e0000/%R11001-11002"},
        {"ics.value", "25185,99"}}},
      {"set_state",
       {{"service_request_code", "Set PLC (run vs stop)"},
        {"service_data", "01000000000000000000000000"},
        {"ics.operation", "control"},
        {"ics.target", "100e0000"}}},
      {"set_state_ack",
       {{"plc_state", "Run I/O enabled"}, {"control_program_number", "0"}, {"last_sweep_time", "900"}}},
      {"privilege", {{"service_code", "33"}, {"service_data", "-"}, {"ics.operation", "other"}, {"ics.value", "-"}}},
      {"nack",
       {{"message_type", "Error Nack Mailbox message (0xD1)"},
        {"status_code", "Insufficient privilege"},
        {"minor_status_code", "invalid password"},
        {"plc_state", "-"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Insufficient privilege: invalid password"}}},
      {"load",
       {{"service_request_code", "Program load (download to PLC)"},
        {"service_data", "4c4450524f4700"},
        {"ics.operation", "program"}}},
      {"controller_type", {{"ics.operation", "identify"}}},
      {"fault_table_first", {{"service_code", "56"}, {"packet_number", "1"}, {"total_packet_number", "2"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Srtp play;
    play.frame(c.name);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, c.want);
  }
}

TEST(GeSrtp, AReplyRepeatsItsRequest) {
  Srtp play;
  play.frame("init").frame("init_reply").frame("read_registers").frame("registers");
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
  expect(play.context, 3,
         {{"rtt", "0.001000"},
          {"service_request_code", "Read system memory"},
          {"ics.operation", "read"},
          {"ics.target", "100e0000/%R100-102"},
          {"ics.value", "12,43,58"},
          {"ics.outcome", "ok"}});
  play.frame("read_inputs").frame("inputs").frame("read_internals").frame("internals");
  expect(play.context, 5, {{"ics.target", "100e0000/%I10-19"}, {"ics.value", "fe0f"}});
  expect(play.context, 7, {{"ics.target", "100e0000/%M17-80"}, {"ics.value", "0102030405060708"}});
  play.frame("write_text").frame("write_ack").frame("read_clock").frame("clock");
  expect(play.context, 9, {{"ics.operation", "write"}, {"ics.value", "25185,99"}, {"ics.outcome", "ok"}});
  expect(play.context, 11, {{"ics.operation", "read"}, {"ics.value", "2024-03-15 12:45:30"}});
  play.frame("set_state").frame("set_state_ack").frame("privilege").frame("nack").end();
  expect(play.context, 13, {{"ics.operation", "control"}, {"plc_state", "Run I/O enabled"}});
  expect(play.context, 15,
         {{"service_request_code", "Change PLC CPU privilege level"},
          {"ics.operation", "other"},
          {"ics.outcome", "refused"}});
  EXPECT_EQ(play.context.events.size(), 16U);
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(GeSrtp, RepliesOfOthersAreNotJoined) {
  Srtp play;
  play.frame("read_registers").frame("inputs").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.get(2, "ics.outcome"), "no answer");
}

TEST(GeSrtp, DevicesAreKnown) {
  Srtp play;
  play.frame("controller_type").frame("controller").frame("controller_type").frame("controller");
  ASSERT_EQ(play.context.events.size(), 5U);
  expect(play.context, 2,
         {{"device_protocol", "ge_srtp"},
          {"device_unit", "100e0000"},
          {"vendor", "GE"},
          {"device_name", "PLC7"},
          {"device_description", "-"}});
  play.frame("long_status").frame("long_status_ack");
  expect(play.context, 7, {{"device_name", "-"}, {"device_description", "program PUMPS1"}});
}

TEST(GeSrtp, NobodyAnswers) {
  Srtp play;
  play.frame("write_register").frame("fault_table_first").end();
  ASSERT_EQ(play.context.events.size(), 3U);  // a message that goes on is not answered yet
  expect(play.context, 2,
         {{"ics.outcome", "no answer"},
          {"service_code", "7"},
          {"sequence_number_1", "6"},
          {"ics.value", "1234,5678"},
          {"ts", play.get(0, "ts").c_str()}});
}

TEST(GeSrtp, RequestsThatWaitAreBounded) {
  Srtp play;
  for (unsigned i = 0; i <= 64; ++i) play.frame("short_status");
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.get(65, "ics.outcome"), "no answer");
  play.context.time += std::chrono::seconds{31};
  play.frame("session");
  EXPECT_EQ(play.context.events.size(), 66U + 64U + 1U);
}

TEST(GeSrtp, TheWrongWayRound) {
  Srtp play;
  play.give(kGolden("read_registers").hex, kBack).give(kGolden("registers").hex, kOut);
  expect(play.context, 1, {{"srtp_type", "Reply"}, {"rtt", "0.001000"}, {"ics.value", "12,43,58"}});
}

TEST(GeSrtp, NumbersWithoutNames) {
  Srtp play;
  auto request = from_hex(kGolden("read_registers").hex);
  request[43] = 0x7f;
  play.give(request);
  expect(play.context, 0, {{"segment_selector", "unknown-127"}, {"ics.target", "100e0000/segment-127/99-101"}});
  request[42] = 0x99;
  play.give(request);
  expect(play.context, 1, {{"service_request_code", "unknown-153"}, {"ics.operation", "other"}});
  auto reply = from_hex(kGolden("nack").hex);
  reply[42] = 0x40;
  reply[43] = 0x41;
  play.give(reply, kBack);
  expect(play.context, 2, {{"status_code", "unknown-64"}, {"ics.reason", "status 64: 65"}});
  request[0] = 8;
  play.give(request);
  expect(play.context, 3, {{"srtp_type", "unknown-8"}, {"ics.operation", "other"}, {"ics.outcome", "-"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(GeSrtp, WhatIsNoFrameIsPassedOver) {
  const struct {
    const char* name;
    std::size_t at;
    std::uint8_t value;
  } kCases[] = {{"type", 0, 4}, {"second octet", 1, 1}, {"message of a reply", 31, 0xd4}, {"text too long", 5, 0x41}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Srtp play;
    auto bytes = from_hex(kGolden("read_registers").hex);
    bytes[c.at] = c.value;
    play.give(bytes);
    expect_refused(play.context, DecodeError::bad_value, 0);
    play.frame("write_register");
    EXPECT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
  }
  Srtp play;  // zeros with something between them open nothing
  auto init = from_hex(kGolden("init").hex);
  init[40] = 1;
  play.give(init);
  expect_refused(play.context, DecodeError::bad_value, 0);
}

TEST(GeSrtp, AfterAGapTheNextFrameIsFound) {
  Srtp play;
  play.frame("read_registers");
  play.analyzer->gap(10, kBack, play.context);
  play.give("00 01 02 00 03", kBack);
  play.give(kGolden("init").hex, kBack);  // only zeros
  play.frame("registers").end();
  ASSERT_EQ(play.context.events.size(), 2U);  // nobody knows what was answered
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(GeSrtp, ALyingLengthHidesNothing) {
  Srtp play;
  auto lying = from_hex(kGolden("load").hex);
  lying[5] = 0x20;
  play.give(lying);
  play.frame("write_register");
  ASSERT_EQ(play.context.events.size(), 1U);
  EXPECT_EQ(play.get(0, "ics.operation"), "write");
}

TEST(GeSrtp, WhatControllersPassOverHidesNothing) {
  auto write = from_hex(kGolden("write_register").hex);
  write[6] = 0xff;  // reserved
  write[41] = 2;    // of packets
  auto none = write;
  none[0] = 4;
  Srtp play;
  play.give(none).give(write).end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 0, {{"ics.operation", "write"}, {"ics.value", "1234,5678"}});
  expect(play.context, 1, {{"ics.operation", "write"}, {"ics.outcome", "no answer"}});
  EXPECT_EQ(play.context.refused_total(), 1U);
  auto state = from_hex(std::string{kGolden("set_state").hex} + "ffff");
  state[4] = 2;  // text behind a request that has none
  Srtp other;
  other.give(state);
  EXPECT_EQ(other.get(0, "service_data"), "01000000000000000000000000");
}

TEST(GeSrtp, Probe) {
  const auto read = from_hex(kGolden("read_registers").hex);
  expect_verdicts("ge_srtp", read, kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("ge_srtp", Bytes{read}.first(20), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("ge_srtp", from_hex(kGolden("init").hex), kOut, Transport::tcp, Verdict::no, Verdict::yes);
  expect_verdicts("ge_srtp", from_hex("'text of a frame' 00" + std::string{kGolden("read_registers").hex}), kOut,
                  Transport::tcp, Verdict::no, Verdict::yes);
  const auto divided = from_hex("'text of a frame' 00" + std::string{kGolden("read_registers").hex});
  expect_verdicts("ge_srtp", Bytes{divided}.first(16 + 40), kOut, Transport::tcp, Verdict::no, Verdict::yes);
  expect_verdicts("ge_srtp", Bytes{divided}.first(16 + 39), kOut, Transport::tcp, Verdict::no, Verdict::no);
  expect_verdicts("ge_srtp", octets("SSH-2.0-OpenSSH_9.6\r\n"), kOut, Transport::tcp, Verdict::no, Verdict::no);
  expect_verdicts("ge_srtp", from_hex("03 00 00 16 11 e0 00 00 00 01 00"), kOut, Transport::tcp, Verdict::no,
                  Verdict::no);
}

}  // namespace
}  // namespace nw::network
