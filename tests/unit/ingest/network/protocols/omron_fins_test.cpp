#include <algorithm>
#include <gtest/gtest.h>

#include "ingest/network/protocols/omron_fins_message.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"omron_fins"};

Play play(Transport transport = Transport::udp, const std::vector<std::string>& only = {}) {
  return Play{"omron_fins", transport, only};
}

TEST(OmronFins, FieldsOfGoldenFrames) {
  const GoldenFields kFrames[] = {
      {"read_dm",
       {{"is_orig", "true"},
        {"icf_gateway", "true"},
        {"icf_data_type", "Command"},
        {"icf_response_setting", "Response-Required"},
        {"gateway_count", "2"},
        {"destination_network_address", "0"},
        {"destination_node_number", "1"},
        {"destination_unit_address", "0"},
        {"source_network_address", "0"},
        {"source_node_number", "10"},
        {"source_unit_address", "0"},
        {"service_id", "17"},
        {"command_code", "Memory Area Read"},
        {"command", "257"},
        {"response_code", "-"},
        {"memory_area_code", "D"},
        {"beginning_address", "D100"},
        {"number_of_items", "3"},
        {"data_length", "6"},
        {"ics.operation", "read"},
        {"ics.target", "0.1.0/D100-102"},
        {"ics.value", "-"},
        {"ics.outcome", "-"}}},
      {"dm",
       {{"is_orig", "false"},
        {"icf_data_type", "Response"},
        {"response_code", "Normal completion"},
        {"response", "0"},
        {"data", "00010002ffff"},
        {"ics.target", "0.1.0"},
        {"ics.outcome", "ok"}}},
      {"read_bits",
       {{"memory_area_code", "CIO"}, {"beginning_address", "CIO 10.03"}, {"ics.target", "0.1.0/CIO 10.03-10.04"}}},
      {"bits", {{"response", "64"}, {"response_code", "Normal completion"}, {"ics.outcome", "ok"}}},
      {"write_words", {{"ics.operation", "write"}, {"ics.target", "0.1.0/W5-6"}, {"ics.value", "10,11"}}},
      {"write_refused", {{"response_code", "Read-only"}, {"ics.outcome", "refused"}, {"ics.reason", "Read-only"}}},
      {"fill", {{"ics.operation", "write"}, {"ics.target", "0.1.0/D0-99"}, {"ics.value", "0"}}},
      {"read_several", {{"ics.target", "0.1.0/T5,0.1.0/C6,0.1.0/E1_7"}, {"beginning_address", "T5"}}},
      {"transfer", {{"ics.operation", "write"}, {"ics.target", "0.1.0/H10-13"}, {"ics.value", "D0-3"}}},
      {"read_setup",
       {{"parameter_area_code", "plc_setup"},
        {"beginning_word", "0"},
        {"number_of_words", "16"},
        {"number_of_items", "-"},
        {"ics.operation", "program"},
        {"ics.target", "0.1.0/plc_setup/0-15"}}},
      {"clear_routes", {{"ics.operation", "program"}, {"ics.target", "0.1.0/routing_tables/0-95"}}},
      {"protect",
       {{"command_code", "Program Area Protect"}, {"data", "-"}, {"test_data", "-"}, {"ics.operation", "program"}}},
      {"write_program",
       {{"program_no", "0"},
        {"beginning_word", "256"},
        {"number_of_bytes", "32772"},
        {"data", "41424344"},
        {"ics.operation", "program"},
        {"ics.target", "0.1.0/program"}}},
      {"clear_program", {{"program_no", "65535"}, {"ics.operation", "program"}}},
      {"run", {{"run_mode", "RUN"}, {"ics.operation", "start"}, {"ics.target", "0.1.0"}, {"ics.value", "RUN"}}},
      {"stop", {{"command_code", "Stop"}, {"ics.operation", "stop"}}},
      {"stopped", {{"ics.operation", "stop"}, {"ics.outcome", "ok"}}},
      {"reset", {{"ics.operation", "restart"}}},
      {"identify", {{"ics.operation", "identify"}}},
      {"identity", {{"controller_model", "CJ2M-CPU33"}, {"controller_version", "02.01"}}},
      {"read_status", {{"ics.operation", "diagnose"}}},
      {"status",
       {{"controller_status_data_read_status", "Run"},
        {"controller_status_data_read_mode", "MONITOR"},
        {"run_mode", "-"},
        {"fatal_error", "0"},
        {"non_fatal_error", "16"},
        {"message_yes_no", "1"},
        {"fal_fals_no", "49409"},
        {"error_message", "LOW LEVEL"},
        {"ics.value", "Run"},
        {"ics.outcome", "ok"}}},
      {"read_clock", {{"ics.operation", "read"}, {"ics.target", "0.1.0/clock"}}},
      {"clock", {{"clock", "2024-09-21T12:30:05"}, {"ics.value", "2024-09-21T12:30:05"}}},
      {"write_clock", {{"ics.operation", "time_set"}, {"ics.value", "2024-09-21T12:30:05"}}},
      {"loop_back", {{"test_data", "hello"}, {"ics.operation", "diagnose"}}},
      {"clear_message", {{"ics.operation", "write"}, {"ics.target", "0.1.0/message"}}},
      {"acquire_right", {{"command_code", "Access Right Forced Acquire"}, {"ics.operation", "other"}}},
      {"clear_error", {{"ics.operation", "write"}, {"ics.target", "0.1.0/error"}}},
      {"read_file",
       {{"disk_no", "32768"},
        {"file_position", "16"},
        {"number_of_bytes", "256"},
        {"ics.operation", "file"},
        {"ics.target", "0.1.0/disk/32768/PROG.OBJ"}}},
      {"delete_files", {{"ics.target", "0.1.0/disk/32768/A.TXT"}, {"ics.value", "B.TXT"}}},
      {"rename_file", {{"command_code", "File Name Change"}, {"new_file_name", "B.TXT"}}},
      {"load_program",
       {{"ics.operation", "program"},
        {"ics.target", "0.1.0/program/disk/32768/PROG.OBJ"},
        {"number_of_bytes", "4096"}}},
      {"force",
       {{"ics.operation", "control"}, {"ics.target", "0.1.0/CIO 10.03,0.1.0/W2.15"}, {"ics.value", "set,reset"}}},
      {"cancel_forces", {{"ics.operation", "control"}, {"ics.target", "0.1.0/forced"}}},
      {"set_name", {{"test_data", "PUMP"}, {"ics.operation", "write"}, {"ics.target", "0.1.0/name"}}},
      {"name", {{"test_data", "PUMP 1"}, {"ics.operation", "identify"}}},
      {"unanswered_by_wish", {{"icf_response_setting", "Response-Not-Required"}}},
      {"client_node",
       {{"is_orig", "true"},
        {"tcp_command", "Client Node Address"},
        {"tcp_error", "Normal"},
        {"client_node", "0"},
        {"ics.operation", "other"},
        {"ics.outcome", "-"}}},
      {"server_node", {{"is_orig", "false"}, {"client_node", "10"}, {"server_node", "1"}, {"ics.outcome", "ok"}}},
      {"connections_full",
       {{"tcp_command", "Error Notification"}, {"ics.outcome", "refused"}, {"ics.reason", "All connections in use"}}},
      {"tcp_read_dm", {{"ics.target", "0.1.0/D100"}, {"tcp_command", "-"}}},
      {"tcp_dm", {{"data", "002a"}, {"ics.outcome", "ok"}}},
      {"two_in_one", {{"command_code", "Controller Status Read"}}},
  };
  expect_all_golden_fields(kGolden, kFrames);
}

TEST(OmronFins, ResponseRepeatsItsCommand) {
  Play flow = play();
  flow.give(kGolden("read_dm")).give(kGolden("dm")).give(kGolden("read_bits")).give(kGolden("bits")).end();
  ASSERT_EQ(flow.context.events.size(), 4U);
  expect(flow.context, 1,
         {{"ics.target", "0.1.0/D100-102"}, {"ics.value", "1,2,65535"}, {"ics.outcome", "ok"}, {"rtt", "0.001000"}});
  expect(flow.context, 3, {{"ics.target", "0.1.0/CIO 10.03-10.04"}, {"ics.value", "0,1"}});
}

TEST(OmronFins, WhatWasWrittenStaysTheValue) {
  Play flow = play();
  flow.give(kGolden("write_words")).give(kGolden("write_refused"));
  expect(flow.context, 1, {{"ics.value", "10,11"}, {"ics.outcome", "refused"}, {"rtt", "0.001000"}});
}

TEST(OmronFins, AnswersOfOthersAreNotJoined) {
  static constexpr const char* kOthers[] = {
      "c00002 000a00 000100 12 0101 0000 0001",  // service
      "c00002 000b00 000100 11 0101 0000 0001",  // who asked
      "c00002 000a00 000200 11 0101 0000 0001",  // who is asked
      "c00002 000a00 000100 11 0102 0000",       // command
  };
  for (const char* other : kOthers) {
    Play flow = play();
    flow.give(kGolden("read_dm")).give(other, kBack).end();
    ASSERT_EQ(flow.context.events.size(), 3U) << other;
    EXPECT_EQ(flow.get(1, "rtt"), "-");
    EXPECT_EQ(flow.get(2, "ics.outcome"), "no answer");
  }
  // A gateway may write the network's number where the client wrote that it is the local one.
  Play local = play();
  local.give(kGolden("read_dm")).give("c00002 010a00 010100 11 0101 0000 0001", kBack);
  EXPECT_EQ(local.get(1, "rtt"), "0.001000");
}

TEST(OmronFins, NoAnswer) {
  Play flow = play();
  flow.give(kGolden("run")).give(kGolden("unanswered_by_wish")).end();
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.get(0, "ts"), flow.get(2, "ts"));
  expect(flow.context, 2,
         {{"command_code", "Run"}, {"service_id", "28"}, {"ics.operation", "start"}, {"ics.outcome", "no answer"}});
}

TEST(OmronFins, WhatIsAskedAgainOrTooOldIsGivenUp) {
  Play again = play();
  again.give(kGolden("read_dm")).give(kGolden("read_dm"));
  EXPECT_EQ(again.get(2, "ics.outcome"), "no answer");
  Play late = play();
  late.give(kGolden("read_dm"));
  late.context.time += std::chrono::seconds{31};
  late.give(kGolden("dm"));
  expect(late.context, 1, {{"ics.outcome", "no answer"}});
  expect(late.context, 2, {{"ics.outcome", "ok"}, {"rtt", "-"}});
}

TEST(OmronFins, AtMost64CommandsWait) {
  Play flow = play();
  for (int i = 0; i < 65; ++i) {
    auto bytes = from_hex(kGolden("stop").hex);
    bytes[9] = static_cast<std::uint8_t>(i);
    flow.give(bytes);
  }
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.events.size(), 66U);
}

TEST(OmronFins, WhoAsksIsSaidByTheMessages) {
  Play flow = play();
  flow.give(kGolden("read_dm").hex, kBack).give(kGolden("dm").hex, kOut);
  expect(flow.context, 0, {{"is_orig", "true"}});
  expect(flow.context, 1, {{"is_orig", "false"}, {"ics.value", "1,2,65535"}});
}

TEST(OmronFinsDevices, ModelsAndNamesAreTold) {
  Play flow = play(Transport::udp,
                   {"device", "device_protocol", "device_unit", "vendor", "product", "firmware", "device_name"});
  flow.context.unwanted = "omron_fins";
  flow.give(kGolden("identity")).give(kGolden("identity")).give(kGolden("name"));
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0,
         {{"device", "198.51.100.1"},
          {"device_protocol", "omron_fins"},
          {"device_unit", "0.1.0"},
          {"vendor", "Omron"},
          {"product", "CJ2M-CPU33"},
          {"firmware", "02.01"}});
  expect(flow.context, 1, {{"device_name", "PUMP 1"}});
  // The units on the CPU bus, which the same command asks for, are no model.
  flow.give("c00002 000a00 000100 11 0501 0000" + std::string(8, '0') + "0001" + std::string(90, '0'), kBack);
  EXPECT_EQ(flow.context.events.size(), 2U);
}

TEST(OmronFins, BodiesThatAreCutOffAreRefusedAndTold) {
  static constexpr const char* kBodies[] = {"0101 82 0064 00 00",
                                            "0102 82 0064",
                                            "0103",
                                            "0104 82 0064",
                                            "0105 82 0000 00 b2 00",
                                            "0201 80",
                                            "0307 0000 0000",
                                            "0401 00",
                                            "0702 24 09 21 12",
                                            "2202 8000 41",
                                            "2301 0001 0001 30 00"};
  for (const char* body : kBodies) {
    SCOPED_TRACE(body);
    Play flow = play();
    flow.give("800002 000100 000a00 11" + std::string{body});
    expect_refused(flow.context, DecodeError::bad_value, 1);
  }
  Play no_end = play();
  no_end.give("c00002 000a00 000100 11 0101 00", kBack);
  expect_refused(no_end.context, DecodeError::bad_value, 1);
  EXPECT_EQ(no_end.get(0, "ics.outcome"), "-");
}

TEST(OmronFins, UnknownCommandsAreTold) {
  Play flow = play();
  flow.give("800002 000100 000a00 11 7001 0102");
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, 0,
         {{"command_code", "unknown-28673"}, {"data", "-"}, {"data_length", "2"}, {"ics.operation", "other"}});
  flow.give("c00002 000a00 000100 11 7001 5555", kBack);
  expect(flow.context, 1, {{"ics.outcome", "refused"}, {"ics.reason", "end code 5555"}});
}

TEST(OmronFins, HeadersThatAreRefused) {
  Play flow = play();
  flow.give("8000 02 000100 000a00 11 01");
  expect_refused(flow.context, DecodeError::bad_value, 0);
  for (const char* hex : {"8000 02 000100 000a00 11 01", "8200 02 000100 000a00 11 0101",
                          "8001 02 000100 000a00 11 0101", "8000 08 000100 000a00 11 0101"})
    expect_verdicts("omron_fins", from_hex(hex), kOut, Transport::udp, Verdict::no, Verdict::no);
}

TEST(OmronFins, OddHeadersHideNothing) {
  for (const char* hex :
       {"8200 02 000100 000a00 11 0402", "8001 02 000100 000a00 11 0402", "8000 08 000100 000a00 11 0402"}) {
    SCOPED_TRACE(hex);
    expect_verdicts("omron_fins", from_hex(hex), kOut, Transport::udp, Verdict::no, Verdict::yes);
    Play flow = play();
    flow.give(hex);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"command_code", "Stop"}, {"ics.operation", "stop"}});
  }
  Play noise = play();
  noise.give("8001 02 000100 000a00 11 7001");
  expect_refused(noise.context, DecodeError::bad_value, 0);
}

TEST(OmronFins, AddressesOfAreas) {
  const auto text = [](FinsPoint point, std::uint32_t count) {
    IcsText out;
    append_fins_point(out, point, count);
    return std::string{out.view()};
  };
  EXPECT_EQ(text({.area = 0x00, .bit = 15, .word = 7}, 2), "CIO 7.15-8.00");
  EXPECT_EQ(text({.area = 0x80, .bit = 0, .word = 7}, 1), "CIO 7");
  EXPECT_EQ(text({.area = 0x33, .bit = 1, .word = 7}, 1), "A7.01");
  EXPECT_EQ(text({.area = 0x02, .bit = 1, .word = 7}, 1), "D7.01");
  EXPECT_EQ(text({.area = 0x92, .bit = 0, .word = 7}, 1), "E2_7");
  EXPECT_EQ(text({.area = 0x98, .bit = 0, .word = 7}, 1), "E7");
  EXPECT_EQ(text({.area = 0x2C, .bit = 2, .word = 7}, 1), "EC_7.02");
  EXPECT_EQ(text({.area = 0x60, .bit = 0, .word = 7}, 2), "E10_7-8");
  EXPECT_EQ(text({.area = 0xE8, .bit = 2, .word = 7}, 1), "E18_7.02");
  EXPECT_EQ(text({.area = 0xDC, .bit = 0, .word = 3}, 1), "IR3");
  EXPECT_EQ(text({.area = 0xBC, .bit = 0, .word = 3}, 1), "DR3");
  EXPECT_EQ(text({.area = 0x09, .bit = 0, .word = 0x8001}, 3), "C1-3");
  EXPECT_EQ(text({.area = 0x5F, .bit = 0, .word = 1}, 1), "area 5f 1.00");
}

TEST(OmronFins, ValuesOfBanksAboveEfAreWords) {
  Play flow = play();
  flow.give("800002 000100 000a00 11 0102 61 0005 00 0002 03e8 0001");
  expect(flow.context, 0, {{"ics.target", "0.1.0/E11_5-6"}, {"ics.value", "1000,1"}});
}

TEST(OmronFins, TheFirst16PointsAreTold) {
  std::string points;
  for (int i = 0; i < 17; ++i) points += "b0 0001 00";
  Play flow = play();
  flow.give("800002 000100 000a00 11 0104" + points);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_TRUE(flow.get(0, "ics.target").ends_with("..."));
}

TEST(OmronFinsTcp, FramesAreFoundBehindNoiseAndGaps) {
  Play flow = play(Transport::tcp);
  flow.give("00ff46494e" + std::string{kGolden("tcp_read_dm").hex});
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  flow.give("46494e53 0000");
  flow.analyzer->gap(9, kOut, flow.context);
  flow.give("0001" + std::string{kGolden("two_in_one").hex});
  // Answers may have been lost, too.
  flow.analyzer->gap(9, kBack, flow.context);
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 3U);
}

TEST(OmronFinsTcp, LyingLengthsAreRefusedAtOnce) {
  for (const char* hex : {"46494e53 00000007 00000002", "46494e53 00001001 00000002"}) {
    Play flow = play(Transport::tcp);
    flow.give(hex);
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_LT(flow.out.waiting(), 4U);
  }
}

TEST(OmronFinsTcp, ALyingLengthHidesNoCommand) {
  Play flow = play(Transport::tcp);
  flow.give("46494e53 00000fff 00000002").give(kGolden("tcp_read_dm"));
  expect(flow.context, 0, {{"ics.operation", "read"}});
}

TEST(OmronFinsTcp, GivesUpOnOtherProtocols) {
  Play flow = play(Transport::tcp);
  EXPECT_FALSE(flow.out.feed(std::vector<std::uint8_t>(5000, 0xFF)));
}

TEST(OmronFins, Probe) {
  for (const char* name : {"read_dm", "dm", "run", "stop", "client_node", "tcp_dm"})
    expect_verdicts("omron_fins", from_hex(kGolden(name).hex), kOut, kGolden(name).transport, Verdict::yes,
                    Verdict::yes);
  expect_verdicts("omron_fins", from_hex("46494e"), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("omron_fins", from_hex("46494e53 0000000c 00000009 00000000 00000000"), kOut, Transport::tcp,
                  Verdict::no, Verdict::no);
  // Off the port: what is no command, and what is not as long as it should be.
  for (const char* hex :
       {"800002 000100 000a00 11 7001", "800002 000100 000a00 11 0101 82", "800001 000100 000a00 11 0402"})
    expect_verdicts("omron_fins", from_hex(hex), kOut, Transport::udp, Verdict::no, Verdict::yes);
}

}  // namespace
}  // namespace nw::network
