#include <algorithm>
#include <array>
#include <gtest/gtest.h>

#include "ingest/network/protocols/hart_ip_message.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"hart_ip"};

Play play(Transport transport = Transport::tcp, const std::vector<std::string>& only = {}) {
  return Play{"hart_ip", transport, only};
}

TEST(HartIp, FieldsOfGoldenFrames) {
  const GoldenFields kFrames[] = {
      {"initiate",
       {{"is_orig", "true"},
        {"header_version", "1"},
        {"header_message_type_message_type", "Request"},
        {"header_message_id", "Session Initiate"},
        {"header_status_code", "Success"},
        {"header_sequence_number", "1"},
        {"header_length", "13"},
        {"session_initiate_master_type", "1"},
        {"session_initiate_inactivity_close_timer", "600000"},
        {"function", "Session Initiate"},
        {"ics.operation", "other"},
        {"ics.target", "-"},
        {"ics.outcome", "-"}}},
      {"initiate_response",
       {{"is_orig", "false"}, {"header_message_type_message_type", "Response"}, {"ics.outcome", "ok"}, {"rtt", "-"}}},
      {"no_session_left",
       {{"header_status_code", "All Available Sessions In Use"},
        {"ics.outcome", "refused"},
        {"ics.reason", "All Available Sessions In Use"}}},
      {"keep_alive", {{"header_message_id", "Keep Alive"}, {"ics.operation", "other"}}},
      {"keep_alive_response", {{"ics.outcome", "ok"}}},
      {"close", {{"header_message_id", "Session Close"}}},
      {"identify",
       {{"token_passing_pdu_delimiter_address_type", "Polling Address"},
        {"token_passing_pdu_delimiter_expansion_bytes", "0"},
        {"token_passing_pdu_delimiter_physical_layer_type", "Asynchronous"},
        {"token_passing_pdu_delimiter_frame_type", "STX Master to Field"},
        {"token_passing_pdu_address_v4", "128"},
        {"token_passing_pdu_address_v6", "-"},
        {"token_passing_pdu_command_number", "Read Unique Identifier"},
        {"token_passing_pdu_byte_count", "0"},
        {"check_ok", "true"},
        {"command", "0"},
        {"ics.operation", "identify"},
        {"ics.target", "0"}}},
      {"identity",
       {{"token_passing_pdu_delimiter_frame_type", "Acknowledgement Field to Master"},
        {"token_passing_pdu_contents_response_response_code", "0"},
        {"response", "Success"},
        {"device_status", "more_status_available,configuration_changed,device_malfunction"},
        {"ics.operation", "identify"},
        {"ics.outcome", "ok"}}},
      {"read_pv",
       {{"token_passing_pdu_address_v6", "a64e0000d2"},
        {"function", "Read Primary Variable"},
        {"ics.operation", "read"},
        {"ics.target", "264e0000d2/pv"}}},
      {"pv", {{"device_status", "more_status_available"}, {"ics.target", "264e0000d2/pv"}, {"ics.value", "21.5"}}},
      {"read_variables", {{"ics.target", "264e0000d2/variable/0,264e0000d2/variable/3"}, {"ics.value", "-"}}},
      {"variables", {{"ics.value", "21.5,80"}, {"ics.target", "264e0000d2/variable"}}},
      {"write_range",
       {{"function", "Write Primary Variable Range Values"},
        {"ics.operation", "write"},
        {"ics.target", "264e0000d2/pv"},
        {"ics.value", "100,-20"}}},
      {"write_protected",
       {{"response", "In Write Protect Mode"},
        {"device_status", "configuration_changed"},
        {"ics.operation", "write"},
        {"ics.outcome", "refused"},
        {"ics.reason", "In Write Protect Mode"}}},
      {"write_tag",
       {{"ics.operation", "write"}, {"ics.target", "264e0000d2/tag"}, {"ics.value", "TT-101,BOILER INLET,2024-09-21"}}},
      {"long_tag", {{"ics.operation", "identify"}, {"ics.value", "boiler-inlet"}}},
      {"device_reset",
       {{"function", "Perform Device Reset"}, {"ics.operation", "restart"}, {"ics.target", "264e0000d2"}}},
      {"set_clock", {{"ics.operation", "time_set"}, {"ics.value", "2024-09-21,3600"}}},
      {"extended_command",
       {{"token_passing_pdu_command_number", "Write Status Simulation Mode"},
        {"command", "526"},
        {"ics.operation", "write"},
        {"ics.target", "264e0000d2/status_simulation"},
        {"ics.value", "1"}}},
      {"extended_response", {{"command", "526"}, {"ics.operation", "write"}, {"ics.outcome", "ok"}}},
      {"expanded", {{"token_passing_pdu_delimiter_expansion_bytes", "1"}, {"ics.target", "264e0000d2/loop_current"}}},
      {"burst",
       {{"is_orig", "false"},
        {"header_message_type_message_type", "Publish"},
        {"token_passing_pdu_delimiter_frame_type", "Back Burst Frame"},
        {"ics.operation", "read"},
        {"ics.target", "264e0000d2/pv"},
        {"ics.value", "21.5"},
        {"ics.outcome", "-"}}},
      {"to_sub_device",
       {{"token_passing_pdu_command_number", "Send Command to Sub-Device"},
        {"ics.operation", "control"},
        {"ics.target", "264e0000d2/1/2/2603010203/loop_current"},
        {"ics.value", "4"}}},
      {"direct",
       {{"header_message_id", "Direct PDU"},
        {"function", "Write Final Assembly Number"},
        {"command", "19"},
        {"ics.operation", "write"},
        {"ics.target", "server/pv,server/final_assembly_number"},
        {"ics.value", "7"}}},
      {"direct_response",
       {{"device_status", "configuration_changed"},
        {"extended_status", "maintenance_required"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Access Restricted"}}},
      {"read_audit_log",
       {{"read_audit_log_start_record", "0"},
        {"read_audit_log_number_of_records", "255"},
        {"ics.operation", "diagnose"}}},
      {"audit_log",
       {{"read_audit_log_number_of_records", "1"},
        {"read_audit_log_power_up_time", "500"},
        {"read_audit_log_last_security_change", "600"},
        {"server_status", "insecure_syslog_connection"},
        {"read_audit_log_session_record_size", "58"},
        {"header_status_code", "Set To Nearest Possible Value"},
        {"ics.outcome", "ok"}}},
      {"nak",
       {{"header_message_type_message_type", "Negative Acknowledgement"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Access Restricted"}}},
      {"two_in_one", {{"function", "Read Message"}, {"ics.target", "264e0000d2/message"}}},
  };
  expect_all_golden_fields(kGolden, kFrames);
}

TEST(HartIp, ResponseRepeatsItsRequest) {
  Play flow = play();
  flow.give(kGolden("read_variables")).give(kGolden("variables")).end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1,
         {{"ics.target", "264e0000d2/variable/0,264e0000d2/variable/3"},
          {"ics.value", "21.5,80"},
          {"ics.outcome", "ok"},
          {"rtt", "0.001000"}});
}

TEST(HartIp, WhatWasWrittenStaysTheValue) {
  Play flow = play();
  flow.give(kGolden("write_range")).give(kGolden("write_protected")).end();
  expect(flow.context, 1,
         {{"ics.value", "100,-20"}, {"ics.outcome", "refused"}, {"function", "Write Primary Variable Range Values"}});
}

TEST(HartIp, RefusalWithoutBodyRepeatsTheCommand) {
  Play flow = play();
  flow.give(kGolden("write_range")).give("0101030f00060008", kBack);
  expect(flow.context, 1,
         {{"function", "Write Primary Variable Range Values"},
          {"ics.operation", "write"},
          {"ics.outcome", "refused"},
          {"ics.reason", "All Available Sessions In Use"}});
}

TEST(HartIp, NoAnswer) {
  Play flow = play();
  flow.give(kGolden("write_range")).end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get(0, "ts"), flow.get(1, "ts"));
  expect(flow.context, 1,
         {{"function", "Write Primary Variable Range Values"},
          {"header_sequence_number", "6"},
          {"ics.value", "100,-20"},
          {"ics.outcome", "no answer"}});
}

TEST(HartIp, WhatIsAskedAgainOrTooOldIsGivenUp) {
  Play again = play();
  again.give(kGolden("read_pv")).give(kGolden("read_pv"));
  ASSERT_EQ(again.context.events.size(), 3U);
  EXPECT_EQ(again.get(2, "ics.outcome"), "no answer");

  Play late = play();
  late.give(kGolden("read_pv"));
  late.context.time += std::chrono::seconds{31};
  late.give(kGolden("pv"));
  ASSERT_EQ(late.context.events.size(), 3U);
  expect(late.context, 1, {{"ics.outcome", "no answer"}});
  expect(late.context, 2, {{"ics.outcome", "ok"}, {"rtt", "-"}});
}

// Over UDP some answer from another port: that is another flow.
TEST(HartIp, OverUdpOnlyWhoAnswersHereCanFailToAnswer) {
  Play elsewhere = play(Transport::udp);
  elsewhere.give(kGolden("read_pv")).end();
  EXPECT_EQ(elsewhere.context.events.size(), 1U);
  Play here = play(Transport::udp);
  here.give(kGolden("keep_alive")).give(kGolden("keep_alive_response")).give(kGolden("read_pv")).end();
  ASSERT_EQ(here.context.events.size(), 4U);
  EXPECT_EQ(here.get(3, "ics.outcome"), "no answer");
}

TEST(HartIp, AtMost64RequestsWait) {
  Play flow = play();
  for (int i = 0; i < 65; ++i) {
    auto bytes = from_hex("0100020000000008");
    bytes[5] = static_cast<std::uint8_t>(i);
    flow.give(bytes);
  }
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  ASSERT_EQ(flow.context.events.size(), 66U);
  EXPECT_EQ(flow.get(65, "header_sequence_number"), "0");
  EXPECT_EQ(flow.get(64, "ics.outcome") + flow.get(65, "ics.outcome"), "-no answer");
}

TEST(HartIp, WhoAsksIsSaidByTheMessages) {
  Play flow = play();
  flow.give(kGolden("write_range").hex, kBack).give(kGolden("write_protected").hex, kOut);
  expect(flow.context, 0, {{"is_orig", "true"}});
  expect(flow.context, 1, {{"is_orig", "false"}, {"rtt", "0.001000"}});
}

// Servers carry out what is published to them, older ones every type; they do not answer.
TEST(HartIp, AMastersPduAsksWhateverTheMessageSays) {
  for (const char* head : {"0101030000", "0102030000", "010f030000", "0101030f00", "0102030f00"}) {
    SCOPED_TRACE(head);
    Play flow = play(Transport::udp);
    flow.give(std::string{head} + "06001a 82a64e0000d223092042c80000c1a0000059");
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0,
           {{"is_orig", "true"},
            {"ics.operation", "write"},
            {"ics.target", "264e0000d2/pv"},
            {"ics.value", "100,-20"},
            {"ics.outcome", "-"},
            {"ics.reason", "-"}});
  }
}

TEST(HartIpDirect, OneEventPerCommand) {
  Play flow = play();
  flow.give(kGolden("direct")).give(kGolden("direct_response"));
  ASSERT_EQ(flow.context.events.size(), 6U);
  EXPECT_EQ(flow.context.paths[1], "hart_ip_direct_pdu_command");
  expect(flow.context, 2,
         {{"is_orig", "true"},
          {"direct_pdu_command_command_number", "Write Final Assembly Number"},
          {"direct_pdu_command_byte_count", "3"},
          {"direct_pdu_contents_response_response_code", "-"},
          {"header_sequence_number", "15"},
          {"ics.operation", "write"},
          {"ics.target", "server/final_assembly_number"},
          {"ics.value", "7"},
          {"ics.outcome", "-"}});
  expect(flow.context, 3, {{"ics.outcome", "refused"}, {"ics.target", "server/pv,server/final_assembly_number"}});
  expect(flow.context, 4, {{"response", "Success"}, {"ics.value", "21.5"}, {"ics.outcome", "ok"}});
  expect(flow.context, 5,
         {{"direct_pdu_contents_response_response_code", "16"},
          {"ics.outcome", "refused"},
          {"ics.reason", "Access Restricted"}});
}

TEST(HartIpDirect, WhatNobodyKnowsHidesNoChange) {
  Play flow = play();
  flow.give("01000400000f0019 0000 0082 00 0023 09 2042c80000c1a00000");
  expect(flow.context, 0, {{"command", "35"}, {"ics.operation", "write"}, {"ics.value", "100,-20"}});
}

TEST(HartIpDirect, WhatWasChangedIsNotRefused) {
  static constexpr struct {
    const char *name, *hex, *outcome;
  } kCases[] = {
      {"another was refused", "01010400000f0015 0000 0023 01 07 0013 04 00 000007", "ok"},
      {"only a reading was refused", "01010400000f0015 0000 0001 01 20 0013 04 00 000007", "ok"},
      {"only a reading was not", "01010400000f0012 0000 0001 01 00 0023 01 07", "refused"},
      {"none was", "01010400000f0012 0000 0023 01 07 0013 01 10", "refused"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(c.hex);
    expect(flow.context, 0, {{"ics.operation", "write"}, {"ics.outcome", c.outcome}});
  }
}

TEST(HartIpAuditLog, OneEventPerRecord) {
  Play flow = play(Transport::udp);
  flow.give(kGolden("audit_log"));
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.paths[1], "hart_ip_session_record");
  expect(flow.context, 1,
         {{"session_log_record_client_i_pv4_address", "192.0.2.1"},
          {"session_log_record_client_i_pv6_address", "-"},
          {"session_log_record_client_port", "35452"},
          {"session_log_record_server_port", "5094"},
          {"session_log_record_connect_time", "1000"},
          {"session_log_record_disconnect_time", "2000"},
          {"session_log_record_session_status_summary_insecure_session", "true"},
          {"session_log_record_session_status_summary_session_timeout", "false"},
          {"session_log_record_session_status_summary_aborted_session", "false"},
          {"session_log_record_session_status_summary_bad_session_initialization", "false"},
          {"session_log_record_session_status_summary_writes_occured", "true"},
          {"session_log_record_start_configuration_change_count", "3"},
          {"session_log_record_end_configuration_change_count", "4"},
          {"session_log_record_num_publish_pdu", "0"},
          {"session_log_record_num_request_pdu", "40"},
          {"session_log_record_num_response_pdu", "40"},
          {"ics.operation", "diagnose"}});
}

TEST(HartIpDevices, IdentityAndTagsAreTold) {
  Play flow = play(Transport::udp, {"device", "device_protocol", "device_unit", "vendor", "product", "serial_number",
                                    "hardware", "firmware", "device_name", "device_description"});
  flow.context.unwanted = "hart_ip";
  flow.give(kGolden("identity")).give(kGolden("identity"));
  ASSERT_EQ(flow.context.events.size(), 1U);  // the same words once
  expect(flow.context, 0,
         {{"device", "198.51.100.1"},
          {"device_protocol", "hart_ip"},
          {"device_unit", "0"},
          {"vendor", "Rosemount"},
          {"product", "type 264e revision 4"},
          {"serial_number", "210"},
          {"hardware", "14"},
          {"firmware", "1"}});
  flow.give("010103000008 0033 86a64e0000d2 1422 0000" + std::string{"626f696c65722d696e6c6574"} +
                std::string(40, '0') + "00",
            kBack);
  expect(flow.context, 1, {{"device_unit", "264e0000d2"}, {"device_name", "boiler-inlet"}});
}

TEST(HartIpDevices, BeforeRevision7TheTypeBeginsWithTheMaker) {
  Play flow = play(Transport::tcp);
  // In a direct PDU, for a change.
  flow.give("010104000001 001a 0000 0000 0d 00 fe 1102 05050501 08 00 00002a", kBack);
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 1,
         {{"device_unit", "server"}, {"vendor", "Endress+Hauser"}, {"product", "type 1102 revision 5"}});
}

TEST(HartIp, MalformedBodiesAreRefusedAndTold) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      {"no session", "0100000000010009 01"},
      {"address cut off", "010003000001000b 82a64e"},
      {"count past the end", "010003000001000d 0280010533"},
      {"octets behind the check", "010003000001000e 028000008200"},
      {"response without status", "010103000001000e 068001010086"},
      {"direct without command", "010004000001000a 0000"},
      {"direct command cut off", "010004000001000e 0000 0001 05 00"},
      {"audit log without number", "0100050000010009 00"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play known = play();
    known.give(kGolden("keep_alive").hex).give(c.hex);
    EXPECT_EQ(known.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(known.context.refused_total(), 1U);
    ASSERT_GE(known.context.events.size(), 2U);
    EXPECT_EQ(known.context.paths[1], "hart_ip");
  }
}

TEST(HartIp, HeadersThatAreRefused) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      {"version 0", "0000020000010008"},
      {"version 3", "0300020000010008"},
      {"type 4", "0104020000010008"},
      {"id 6", "0100060000010008"},
      {"a request with status", "0100020200010008"},
      {"length under 8", "0100020000010007"},
      {"length over 16384", "0100030000014001"},
      {"keep-alive with a body", "0100020000010009 00"},
      {"a published session", "010200000001000d 01000927c0"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play datagram = play(Transport::udp);
    datagram.give(c.hex);
    expect_refused(datagram.context, DecodeError::bad_value, 0);
    const auto bytes = from_hex(c.hex);
    expect_verdicts("hart_ip", bytes, kOut, Transport::tcp, Verdict::no, Verdict::no);
  }
  Play cut = play(Transport::udp);
  cut.give("010003000003000d");
  expect_refused(cut.context, DecodeError::truncated, 0);
}

// As FieldComm's server does.
TEST(HartIp, WhatServersDoNotLookAtHidesNothing) {
  static constexpr struct {
    const char *name, *hex;
    std::size_t refused;
  } kCases[] = {
      {"a status", "010003010006001a 82a64e0000d223092042c80000c1a0000059", 0},
      {"a length past the datagram", "0100030000060040 82a64e0000d223092042c80000c1a0000059", 1},
      {"no check", "0100030000060019 82a64e0000d223092042c80000c1a00000", 1},
      {"a count past the end", "010003000006001a 82a64e0000d2230a2042c80000c1a0000059", 1},
      {"a direct command's count past the end", "0100040000060016 0000 0023 0b 2042c80000c1a00000", 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play(Transport::udp);
    flow.give(c.hex);
    EXPECT_EQ(flow.context.refused_total(), c.refused);
    expect(flow.context, 0, {{"ics.operation", "write"}, {"ics.value", "100,-20"}, {"ics.outcome", "-"}});
  }
  expect_verdicts("hart_ip", from_hex(kCases[0].hex), kOut, Transport::udp, Verdict::no, Verdict::yes);
}

TEST(HartIp, MessagesAreFoundBehindNoise) {
  Play flow = play();
  flow.give("ffff010003 deadbeef" + std::string{kGolden("write_range").hex});
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"ics.operation", "write"}});
  EXPECT_EQ(flow.context.refused_total(), 1U);  // however much is skipped
}

TEST(HartIp, ALyingLengthHidesNoRequest) {
  for (const auto& [head, faults] :
       {std::pair{"0100020000004000", 0U}, {"0100030000004000", 0U}, {"ff0100030000004000", 1U}}) {
    SCOPED_TRACE(head);
    Play flow = play();
    flow.give(kGolden("close")).give(head).give("0102");
    EXPECT_EQ(flow.context.events.size(), 1U);
    flow.give(kGolden("write_range"));
    EXPECT_EQ(flow.context.refused_total(), faults);
    expect(flow.context, 1, {{"ics.operation", "write"}, {"ics.target", "264e0000d2/pv"}});
  }
}

TEST(HartIp, GapIsSurvived) {
  Play flow = play();
  flow.give(kGolden("write_range"));
  flow.analyzer->gap(9, kOut, flow.context);
  flow.give("0002ff" + std::string{kGolden("write_tag").hex});
  expect(flow.context, 1, {{"ics.target", "264e0000d2/tag"}});
  // The answers may have been lost, too.
  flow.analyzer->gap(30, kBack, flow.context);
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 2U);
}

TEST(HartIp, GivesUpOnOtherProtocols) {
  Play flow = play();
  EXPECT_FALSE(flow.out.feed(std::vector<std::uint8_t>(5000, 0xFF)));
}

TEST(HartIp, Probe) {
  for (const char* name : {"initiate", "keep_alive", "identify", "direct", "read_audit_log", "burst"})
    expect_verdicts("hart_ip", from_hex(kGolden(name).hex), kOut, kGolden(name).transport, Verdict::yes, Verdict::yes);
  const auto wrong_check = from_hex("010003000003000d 0280000083");
  expect_verdicts("hart_ip", wrong_check, kOut, Transport::udp, Verdict::no, Verdict::yes);
  expect_verdicts("hart_ip", from_hex("01000300"), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
}

TEST(HartIp, WhatIsHandedOnMayBeNumberedIn16BitsOrExpanded) {
  const struct {
    const char *name, *hex, *operation, *target, *value;
  } kCases[] = {
      {"with a count", "01 02 05 82 a603010203 1f 03 020e 01", "write", "gw/1/2/2603010203/status_simulation", "1"},
      {"without", "01 02 05 82 a603010203 1f 0201 0001", "write", "gw/1/2/2603010203/country_code", "0,1"},
      {"expanded", "01 02 05 a2 a603010203 55 2a", "restart", "gw/1/2/2603010203", ""},
      {"handed on again", "01 02 05 82 a603010203 1f 02 004d", "other", "gw", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto data = from_hex(c.hex);
    IcsCommand command;
    describe_hart_request(77, data, "gw", true, command);
    EXPECT_EQ(to_string(command.operation), c.operation);
    EXPECT_EQ(command.target.view(), c.target);
    EXPECT_EQ(command.value.view(), c.value);
  }
}

TEST(HartIp, WhatIsWrittenToServersIsAWrite) {
  for (const auto number : std::to_array<std::uint16_t>({521, 539, 540, 541, 542, 544, 545, 546, 547})) {
    SCOPED_TRACE(number);
    const HartCommand* command = find_hart_command(number);
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->operation, IcsOperation::write);
  }
  IcsCommand key;
  describe_hart_request(542, from_hex("01 02 03 04"), "server", true, key);
  EXPECT_EQ(key.target.view(), "server/client_key");
  EXPECT_TRUE(key.value.empty());
}

TEST(HartIp, PackedText) {
  const auto text = [](std::string_view hex) {
    IcsText out;
    append_hart_packed(out, from_hex(hex));
    return std::string{out.view()};
  };
  EXPECT_EQ(text("514b71c31820"), "TT-101");
  EXPECT_EQ(text("820820820820"), "");  // blanks
  EXPECT_EQ(text("000000000000"), "");  // never written
}

TEST(HartIp, WarningsAreNoRefusals) {
  const auto refusal = [](std::uint8_t response) {
    IcsText out;
    append_hart_refusal(out, response);
    return std::string{out.view()};
  };
  for (const std::uint8_t done : std::to_array<std::uint8_t>({0, 8, 14, 24, 30, 33, 34, 96, 127}))
    EXPECT_EQ(refusal(done), "");
  EXPECT_EQ(refusal(64), "Command Not Implemented");
  EXPECT_EQ(refusal(9), "response code 9");
  EXPECT_EQ(refusal(0x84), "Communication Error");
}

}  // namespace
}  // namespace nw::network
