#include <algorithm>
#include <gtest/gtest.h>
#include <iterator>

#include "bacnet_play.h"
#include "ingest/network/protocols/bacnet_names.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {
namespace {

using namespace bacnet;

TEST(Bacnet, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"who_is",
       {{"is_orig", "true"},
        {"bvlc_function", "Original_Broadcast_NPDU"},
        {"pdu_type", "UNCONFIRMED_REQUEST"},
        {"pdu_service", "who_is"},
        {"invoke_id", "-"},
        {"dnet", "65535"},
        {"dadr", "-"},
        {"hop_count", "255"},
        {"data_length", "0"},
        {"ics.operation", "identify"},
        {"ics.target", "device"},
        {"ics.outcome", "-"}}},
      {"who_is_range", {{"ics.target", "device/1-1024"}}},
      {"i_am",
       {{"pdu_service", "i_am"},
        {"vendor_id", "24"},
        {"objects", "device/97"},
        {"ics.operation", "identify"},
        {"ics.target", "device/97"}}},
      {"who_has_name", {{"ics.target", "device"}, {"ics.value", "PUMP1"}}},
      {"who_has_object", {{"objects", "analog-input/3"}, {"ics.target", "device/1/analog-input/3"}}},
      {"i_have",
       {{"is_orig", "false"},
        {"objects", "device/97,analog-input/3"},
        {"ics.target", "97/analog-input/3"},
        {"ics.value", "PUMP1"}}},
      {"read_property",
       {{"bvlc_function", "Original_Unicast_NPDU"},
        {"pdu_type", "CONFIRMED_REQUEST"},
        {"pdu_service", "read_property"},
        {"invoke_id", "1"},
        {"objects", "analog-output/3"},
        {"properties", "present-value"},
        {"ics.operation", "read"},
        {"ics.target", "analog-output/3/present-value"},
        {"ics.value", "-"}}},
      {"read_property_ack",
       {{"pdu_type", "COMPLEX_ACK"}, {"ics.operation", "read"}, {"ics.value", "123"}, {"ics.outcome", "ok"}}},
      {"read_property_error",
       {{"pdu_type", "ERROR_PDU"},
        {"result_code", "unknown-property"},
        {"error_class", "property"},
        {"ics.outcome", "refused"},
        {"ics.reason", "unknown-property"}}},
      {"read_multiple",
       {{"properties", "vendor-name,model-name,firmware-revision"},
        {"ics.target", "device/97/vendor-name,device/97/model-name,device/97/firmware-revision"}}},
      {"read_multiple_ack", {{"ics.value", "ACME,PX-7,-"}, {"ics.outcome", "ok"}, {"result_code", "-"}}},
      {"write_property",
       {{"priority", "8"},
        {"ics.operation", "write"},
        {"ics.target", "analog-output/3/present-value"},
        {"ics.value", "123"}}},
      {"write_property_ack",
       {{"pdu_type", "SIMPLE_ACK"},
        {"pdu_service", "write_property"},
        {"ics.operation", "write"},
        {"ics.outcome", "ok"}}},
      {"write_program_halt",
       {{"ics.operation", "stop"}, {"ics.target", "program/1/program-change"}, {"ics.value", "3"}}},
      {"write_multiple",
       {{"properties", "present-value,priority-array[8]"},
        {"ics.operation", "write"},
        {"ics.target", "binary-output/2/present-value,analog-value/1/priority-array[8]"},
        {"ics.value", "1,null"}}},
      {"disable",
       {{"pdu_service", "device_communication_control"},
        {"ics.operation", "stop"},
        {"ics.value", "disable"},
        {"ics.target", "-"}}},
      {"enable", {{"ics.operation", "start"}, {"ics.value", "enable"}}},
      {"coldstart", {{"pdu_service", "reinitialize_device"}, {"ics.operation", "restart"}, {"ics.value", "coldstart"}}},
      {"start_backup", {{"ics.operation", "program"}, {"ics.value", "start-backup"}}},
      {"password_failure",
       {{"pdu_service", "reinitialize_device"},
        {"result_code", "password-failure"},
        {"error_class", "security"},
        {"ics.operation", "other"},
        {"ics.reason", "password-failure"}}},
      {"subscribe_cov",
       {{"process_id", "18"}, {"lifetime", "300"}, {"ics.operation", "subscribe"}, {"ics.target", "analog-input/3"}}},
      {"cov_notification",
       {{"pdu_service", "unconfirmed_cov_notification"},
        {"process_id", "18"},
        {"lifetime", "300"},
        {"objects", "device/97,analog-input/3"},
        {"properties", "present-value,status-flags"},
        {"ics.operation", "read"},
        {"ics.target", "97/analog-input/3/present-value,97/analog-input/3/status-flags"},
        {"ics.value", "123,0000"}}},
      {"event_notification",
       {{"pdu_service", "confirmed_event_notification"},
        {"process_id", "1"},
        {"priority", "100"},
        {"event_type", "out-of-range"},
        {"message_text", "HIGH"},
        {"notify_type", "alarm"},
        {"from_state", "normal"},
        {"to_state", "high-limit"},
        {"ics.operation", "read"},
        {"ics.target", "97/analog-input/3"},
        {"ics.value", "high-limit"}}},
      {"acknowledge_alarm", {{"to_state", "high-limit"}, {"ics.operation", "write"}, {"ics.target", "analog-input/3"}}},
      {"time_synchronization", {{"ics.operation", "time_set"}, {"ics.value", "2026-11-29 13:30:00.00"}}},
      {"utc_time_synchronization", {{"ics.operation", "time_set"}, {"ics.value", "2026-11-29 13:30:00.*"}}},
      {"read_file", {{"file_start", "0"}, {"file_octets", "448"}, {"ics.operation", "file"}, {"ics.target", "file/1"}}},
      {"read_file_ack",
       {{"file_start", "0"},
        {"file_octets", "5"},
        {"ics.operation", "file"},
        {"ics.outcome", "ok"},
        {"ics.value", "-"}}},
      {"write_file", {{"file_start", "-1"}, {"file_octets", "5"}, {"ics.operation", "file"}, {"ics.target", "file/1"}}},
      {"create_object",
       {{"ics.operation", "program"},
        {"properties", "object-name"},
        {"ics.target", "analog-value/object-name"},
        {"ics.value", "AV"}}},
      {"create_object_ack", {{"ics.operation", "program"}, {"ics.target", "analog-value/5"}, {"ics.outcome", "ok"}}},
      {"delete_object", {{"ics.operation", "program"}, {"ics.target", "analog-value/5"}}},
      {"add_list_element",
       {{"ics.operation", "write"},
        {"ics.target", "notification-class/1/recipient-list"},
        {"ics.value", "0x02000061"}}},
      {"read_range", {{"ics.operation", "read"}, {"ics.target", "trend-log/2/log-buffer"}, {"ics.value", "-"}}},
      {"read_range_ack", {{"ics.value", "{2026-11-29,13:30:00.00},{0x42f60000}"}, {"file_octets", "-"}}},
      {"life_safety", {{"ics.operation", "control"}, {"ics.target", "life-safety-point/1"}, {"ics.value", "reset"}}},
      {"private_transfer",
       {{"vendor_id", "24"},
        {"service_number", "7"},
        {"ics.operation", "other"},
        {"ics.target", "private/24/7"},
        {"ics.value", "1"}}},
      {"reject",
       {{"pdu_type", "REJECT_PDU"},
        {"pdu_service", "reject"},
        {"invoke_id", "18"},
        {"result_code", "unrecognized-service"},
        {"ics.outcome", "refused"}}},
      {"abort",
       {{"pdu_type", "ABORT_PDU"},
        {"pdu_service", "abort"},
        {"result_code", "segmentation-not-supported"},
        {"ics.outcome", "refused"}}},
      {"subscribe_cov_property",
       {{"ics.operation", "subscribe"}, {"ics.target", "analog-input/3/present-value"}, {"lifetime", "60"}}},
      {"vt_open", {{"pdu_service", "vt_open"}, {"ics.operation", "other"}, {"ics.target", "vt/1"}}},
      {"event_information", {{"pdu_service", "get_event_information"}, {"ics.operation", "read"}}},
      {"event_information_ack", {{"objects", "analog-input/3"}, {"ics.target", "analog-input/3"}}},
      {"cov_multiple",
       {{"pdu_service", "unconfirmed_cov_notification_multiple"},
        {"ics.target", "97/analog-input/3/present-value"},
        {"ics.value", "123"}}},
      {"text_message", {{"message_text", "FIRE"}, {"priority", "1"}, {"ics.operation", "other"}}},
      {"write_group",
       {{"priority", "8"}, {"ics.operation", "write"}, {"ics.target", "group/23"}, {"ics.value", "0x01,123"}}},
      {"first_segment",
       {{"segmented", "true"},
        {"more_follows", "true"},
        {"sequence_number", "0"},
        {"window_size", "4"},
        {"properties", "vendor-name"},
        {"ics.target", "device/97/vendor-name"},
        {"ics.outcome", "ok"}}},
      {"last_segment", {{"more_follows", "false"}, {"sequence_number", "1"}, {"ics.outcome", "-"}, {"objects", "-"}}},
      {"segment_ack",
       {{"pdu_type", "SEGMENT_ACK"}, {"pdu_service", "-"}, {"sequence_number", "0"}, {"ics.outcome", "-"}}},
      {"forwarded_i_am",
       {{"bvlc_function", "Forwarded_NPDU"},
        {"forwarded_h", "192.0.2.7"},
        {"forwarded_p", "47808"},
        {"pdu_service", "i_am"}}},
      {"distribute_who_is", {{"bvlc_function", "Distribute_Broadcast_to_Network"}, {"pdu_service", "who_is"}}},
      {"register",
       {{"bvlc_function", "Register_Foreign_Device"},
        {"lifetime", "60"},
        {"pdu_type", "-"},
        {"ics.operation", "subscribe"}}},
      {"result", {{"bvlc_function", "BVLC_Result"}, {"ics.outcome", "ok"}, {"result_code", "-"}}},
      {"result_refused", {{"ics.outcome", "refused"}, {"result_code", "register-foreign-device-nak"}}},
      {"write_table",
       {{"bvlc_function", "Write_Broadcast_Table"}, {"table", "192.0.2.1,198.51.100.1"}, {"ics.operation", "program"}}},
      {"read_table", {{"table", "-"}, {"ics.operation", "diagnose"}, {"ics.outcome", "-"}}},
      {"read_table_ack", {{"table", "192.0.2.1"}, {"ics.operation", "diagnose"}, {"ics.outcome", "ok"}}},
      {"read_foreign", {{"bvlc_function", "Read_Foreign_Device_Table"}}},
      {"read_foreign_ack", {{"table", "192.0.2.1"}, {"ics.outcome", "ok"}}},
      {"delete_foreign", {{"table", "192.0.2.1"}, {"ics.operation", "program"}}},
      {"secure", {{"bvlc_function", "Secure_BVLL"}, {"table", "-"}, {"ics.outcome", "-"}}},
      {"who_is_router",
       {{"pdu_type", "NPDU"},
        {"pdu_service", "who_is_router_to_network"},
        {"networks", "5"},
        {"ics.operation", "identify"}}},
      {"i_am_router", {{"pdu_service", "i_am_router_to_network"}, {"networks", "5,6"}, {"data_length", "4"}}},
      {"no_route",
       {{"pdu_service", "reject_message_to_network"},
        {"networks", "99"},
        {"result_code", "not-router-to-dnet"},
        {"ics.outcome", "refused"}}},
      {"write_routing_table", {{"pdu_service", "initialize_routing_table"}, {"ics.operation", "program"}}},
      {"network_number", {{"networks", "5"}, {"ics.operation", "identify"}}},
      {"routed_read",
       {{"dnet", "13"}, {"dadr", "3d"}, {"hop_count", "255"}, {"ics.target", "13:3d/analog-output/3/present-value"}}},
      {"routed_read_ack",
       {{"snet", "13"}, {"sadr", "3d"}, {"hop_count", "-"}, {"ics.target", "13:3d/analog-output/3/present-value"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(kGolden(c.name));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    ASSERT_GE(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.paths[0], "bacnet");
    EXPECT_EQ(all(flow, "bacnet").size(), 1U);
    expect(flow.context, 0, c.want);
  }
  EXPECT_EQ(std::size(kCases),
            static_cast<std::size_t>(std::ranges::count(kGoldenFrames, "bacnet", &GoldenFrame::protocol)));
}

TEST(Bacnet, AnAnswerRepeatsItsRequest) {
  Play flow = play();
  flow.give(kGolden("write_property")).give(kGolden("write_property_ack"));
  const auto at = all(flow, "bacnet");
  ASSERT_EQ(at.size(), 2U);
  expect(flow.context, at[1],
         {{"ics.operation", "write"},
          {"ics.target", "analog-output/3/present-value"},
          {"ics.value", "123"},
          {"ics.outcome", "ok"},
          {"rtt", "0.001000"}});
  flow.give(kGolden("write_property_ack"));  // answered already
  expect(flow.context, all(flow, "bacnet")[2], {{"rtt", "-"}, {"ics.target", "-"}, {"ics.outcome", "ok"}});
}

TEST(Bacnet, JoinsByNumberServiceAndAddresses) {
  static constexpr struct {
    const char *name, *answer;
    Direction direction;
    bool joined;
  } kCases[] = {
      {"the same", "0108 000d 01 3d 20 01 0f", kBack, true},
      {"a refusal", "0108 000d 01 3d 50 01 0f 9102 9128", kBack, true},
      {"a reject", "0108 000d 01 3d 60 01 09", kBack, true},
      {"an abort of the server", "0108 000d 01 3d 71 01 00", kBack, true},
      {"an abort of the client", "0120 000d 01 3d ff 70 01 00", kOut, true},
      {"another number", "0108 000d 01 3d 20 02 0f", kBack, false},
      {"another service", "0108 000d 01 3d 20 01 05", kBack, false},
      {"another device", "0108 000d 01 3e 20 01 0f", kBack, false},
      {"another network", "0108 000e 01 3d 20 01 0f", kBack, false},
      {"the router itself", "0100 20 01 0f", kBack, false},
      {"the same direction", "0108 000d 01 3d 20 01 0f", kOut, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(unicast("0124 000d 01 3d ff 0005 01 0f 0c00400003 1955 3e 4442f60000 3f"));
    flow.give(unicast(c.answer), c.direction);
    EXPECT_EQ(flow.get(all(flow, "bacnet")[1], "rtt") != "-", c.joined);
    flow.end();
    EXPECT_EQ(all(flow, "bacnet").size(), c.joined ? 2U : 3U);
  }
}

TEST(Bacnet, ARefusedRequestIsNamed) {
  Play flow = play();
  flow.give(kGolden("private_transfer")).give(kGolden("reject"));
  expect(flow.context, 1,
         {{"pdu_type", "REJECT_PDU"},
          {"pdu_service", "confirmed_private_transfer"},
          {"ics.target", "private/24/7"},
          {"ics.reason", "unrecognized-service"}});
}

TEST(Bacnet, AnErrorMayBeInABracket) {
  Play flow = play();
  flow.give(unicast("0100 50 0f 08 0e 9101 911f 0f 1901"), kBack);
  expect(flow.context, 0, {{"result_code", "unknown-object"}, {"error_class", "object"}});
}

TEST(Bacnet, WhatHasNoneOfThePropertiesRefuses) {
  Play flow = play();
  flow.give(unicast("0100 30 02 0e 0c02000061 1e 292c 5e 9102 9120 5f 2946 5e 9102 911b 5f 1f"), kBack);
  expect(flow.context, 0, {{"ics.outcome", "refused"}, {"ics.reason", "unknown-property"}, {"ics.value", "-,-"}});
}

TEST(BacnetLink, ResultsAnswerTheirFunctions) {
  static constexpr struct {
    const char *request, *result;
    bool joined;
  } kCases[] = {
      {"register", "result", true},       {"register", "result_refused", true},
      {"write_table", "result", true},    {"write_table", "result_refused", false},
      {"delete_foreign", "result", true}, {"read_table", "read_table_ack", true},
      {"read_table", "result", false},    {"read_foreign", "read_foreign_ack", true},
      {"read_foreign", "result", false},  {"read_table", "read_foreign_ack", false},
      {"read_property", "result", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.request} + " " + c.result);
    Play flow = play({"rtt", "bvlc_function"});
    flow.give(kGolden(c.request)).give(kGolden(c.result));
    const auto at = all(flow, "bacnet");
    ASSERT_EQ(at.size(), 2U);
    EXPECT_EQ(flow.get(at[1], "rtt") != "-", c.joined);
  }
  static constexpr struct {
    const char *request, *code;
  } kRefusals[] = {
      {"write_table", "0010"}, {"read_table", "0020"}, {"read_foreign", "0040"}, {"delete_foreign", "0050"}};
  for (const auto& c : kRefusals) {
    Play flow = play();
    flow.give(kGolden(c.request)).give("8100 0006" + std::string{c.code}, kBack);
    EXPECT_NE(flow.get(1, "rtt"), "-") << c.request;
  }
  EXPECT_EQ(bacnet_result_name(0x60), "distribute-broadcast-to-network-nak");
  EXPECT_EQ(bacnet_result_name(0x31), "");
}

TEST(Bacnet, NoAnswer) {
  Play flow = play();
  flow.give(kGolden("read_property")).give(kGolden("register"));
  flow.context.time += std::chrono::seconds{31};
  flow.give(kGolden("who_is"));
  const auto at = all(flow, "bacnet");
  ASSERT_EQ(at.size(), 5U);
  expect(flow.context, at[2],
         {{"ts", "1700000000000000000"},
          {"pdu_type", "CONFIRMED_REQUEST"},
          {"pdu_service", "read_property"},
          {"invoke_id", "1"},
          {"ics.target", "analog-output/3/present-value"},
          {"ics.outcome", "no answer"}});
  expect(flow.context, at[3],
         {{"bvlc_function", "Register_Foreign_Device"}, {"pdu_service", "-"}, {"ics.outcome", "no answer"}});
}

TEST(Bacnet, WhatIsAskedAgainOrOfEverybody) {
  Play flow = play();
  flow.give(kGolden("read_property")).give(kGolden("read_property"));
  EXPECT_EQ(flow.get(all(flow, "bacnet")[2], "ics.outcome"), "no answer");
  Play everybody = play();
  everybody.give("810b 0011 0104 0005 01 0c 0c00400003 1955");            // in a broadcast
  everybody.give(unicast("0124 ffff 00 ff 0005 02 0c 0c00400003 1955"));  // to all networks
  everybody.end();
  EXPECT_EQ(all(everybody, "bacnet").size(), 2U);
}

TEST(Bacnet, OpenRequestsAreBounded) {
  Play flow = play({"rtt", "invoke_id"});
  const auto read = [](unsigned id) {
    char text[64];
    std::snprintf(text, sizeof text, "0104 0005 %02x 0c 0c00400003 1955", id);
    return unicast(text);
  };
  for (unsigned id = 0; id < 65; ++id) {
    flow.give(read(id));
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), id < 64 ? 0U : 1U);
  }
  flow.give(unicast("0100 50 00 0c 9102 9120"), kBack);  // the oldest had to go
  EXPECT_EQ(flow.get(all(flow, "bacnet").back(), "rtt"), "-");
  flow.give(unicast("0100 50 01 0c 9102 9120"), kBack);
  EXPECT_NE(flow.get(all(flow, "bacnet").back(), "rtt"), "-");
}

TEST(Bacnet, WhatIsBrokenIsRefusedAndStillTold) {
  static constexpr struct {
    const char *name, *hex;
    DecodeError why;
    const char* service;
  } kCases[] = {
      {"cut within its value", "810a 0017 0100 30 01 0c 0c00400003 1955 3e 4442f6", DecodeError::truncated,
       "read_property"},
      {"longer than it is", "810a 0020 0104 0005 01 0c 0c00400003 1955", DecodeError::truncated, "read_property"},
      {"one more than its length", "810a 0010 0104 0005 01 0c 0c00400003 1955", DecodeError::bad_value,
       "read_property"},
      {"a length shorter than its head", "810a 0000 0104 0005 01 0c 0c00400003 1955", DecodeError::bad_value,
       "read_property"},
      {"a bracket stays open", "810a 0016 0100 30 01 0c 0c00400003 1955 3e 4442f60000", DecodeError::bad_value,
       "read_property"},
      {"a bracket that nobody opened", "810a 0012 0104 0005 01 0c 0c00400003 1955 3f", DecodeError::bad_value,
       "read_property"},
      {"another bracket's end", "810a 0013 0104 0005 02 0e 0c02000061 1e 0979 2f", DecodeError::bad_value,
       "read_property_multiple"},
      {"a value without bracket", "810a 0016 0104 0005 03 0f 0c00400003 1955 3c 42f60000", DecodeError::bad_value,
       "write_property"},
      {"a bracket in place of an object", "810a 0010 0104 0005 01 0c 0e 0901 0f 1955", DecodeError::bad_value,
       "read_property"},
      {"a length beyond the end", "810a 0011 0104 0005 01 0c 0d ff ffffffff 55", DecodeError::bad_value,
       "read_property"},
      {"an error without code", "810a 000b 0100 50 01 0c 9102", DecodeError::bad_value, "read_property"},
      {"an address longer than any", "810a 001d 0120 0005 13 00000000000000000000000000000000000000 ff",
       DecodeError::bad_value, "-"},
      {"no version 1", "810a 0008 0200 1008", DecodeError::bad_value, "-"},
      {"no version", "810a 0004", DecodeError::truncated, "-"},
      {"no APDU", "810a 0006 0100", DecodeError::truncated, "-"},
      {"an address beyond the end", "810a 000a 0120 ffff ff 10", DecodeError::truncated, "-"},
      {"type 8", "810a 0008 0100 8008", DecodeError::bad_value, "-"},
      {"a network message without type", "810a 0006 0180", DecodeError::truncated, "-"},
      {"a result without code", "8100 0004", DecodeError::truncated, "-"},
      {"half a registration", "8105 0005 00", DecodeError::truncated, "-"},
      {"half an address of the first sender", "8104 0008 c0000207", DecodeError::truncated, "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(c.hex);
    EXPECT_EQ(flow.context.refused_count(c.why), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    ASSERT_GE(flow.context.events.size(), 1U);
    EXPECT_EQ(all(flow, "bacnet").size(), 1U);
    EXPECT_EQ(flow.get(0, "pdu_service"), c.service);
  }
}

TEST(Bacnet, WhatIsNoBacnetIsNotTold) {
  static constexpr struct {
    const char *name, *hex;
    DecodeError why;
  } kCases[] = {
      {"nothing", "", DecodeError::truncated},
      {"three octets", "810a00", DecodeError::truncated},
      {"IPv6's type", "820a 0008 0100 1008", DecodeError::bad_value},
      {"an unknown function", "810d 0008 0100 1008", DecodeError::bad_value},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(c.hex);
    expect_refused(flow.context, c.why, 0);
  }
}

TEST(Bacnet, WhatStandsBehindTheLengthIsReadToo) {
  Play flow = play();
  flow.give("810a 000d 0104 0005 07 14 0900 1d0700'secret'");
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  expect(flow.context, 0, {{"pdu_service", "reinitialize_device"}, {"ics.value", "coldstart"}, {"data_length", "11"}});
  expect(flow.context, 1, {{"password", "true"}});
}

TEST(Bacnet, NetworkZeroHasNoHopCount) {
  Play flow = play();
  flow.give(unicast("0124 0000 00 0005 07 14 0900"));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, 0,
         {{"pdu_service", "reinitialize_device"}, {"dnet", "-"}, {"hop_count", "-"}, {"ics.operation", "restart"}});
}

TEST(Bacnet, NumbersWithoutANameKeepTheirNumber) {
  Play flow = play();
  flow.give(unicast("0104 0005 01 63"));
  expect(flow.context, 0, {{"pdu_service", "unknown-99"}, {"ics.operation", "other"}});
  Play read = play();
  read.give(unicast("0104 0005 01 0c 0cfa000007 1a27d0 2905"));
  EXPECT_EQ(read.get(0, "ics.target"), "unknown-1000/7/unknown-10192[5]");
  Play refused = play();
  refused.give(unicast("0100 50 01 0c 9177 9203e8"), kBack);
  expect(refused.context, 0, {{"result_code", "unknown-1000"}, {"error_class", "unknown-119"}});
  Play network = play();
  network.give(unicast("0180 90 0018 01"));
  expect(network.context, 0, {{"pdu_service", "unknown-144"}, {"vendor_id", "24"}, {"data_length", "1"}});
}

TEST(Bacnet, ListsAreBounded) {
  std::string body = "0c02000061 1e";
  for (int i = 0; i < 40; ++i) body += "0955";
  Play flow = play();
  flow.give(unicast("0104 0005 01 0e" + body + "1f"));
  const std::string names = flow.get(0, "properties");
  EXPECT_EQ(std::ranges::count(names, ','), 31);
  EXPECT_EQ(all(flow, "bacnet_property").size(), 40U);
  EXPECT_EQ(flow.get(0, "ics.target").size(), IcsText::kBytesMax);
}

TEST(Bacnet, EventsOfAMessageAreBounded) {
  std::string body = "0c02000061 1e";
  for (int i = 0; i < 1024; ++i) body += "0955";
  Play flow = play({"property"});
  flow.give(unicast("0104 0005 01 0e" + body + "1f"));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_EQ(all(flow, "bacnet_property").size(), 1024U);
  flow.give(unicast("0104 0005 02 0e" + body + "0955 1f"));
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(all(flow, "bacnet_property").size(), 2048U);
}

TEST(Bacnet, TablesAreBounded) {
  const auto repeated = [](std::string_view entry, int count) {
    std::string out;
    while (count-- > 0) out += entry;
    return out;
  };
  Play flow = play({"networks", "table"});
  flow.give(unicast("0180 01" + repeated("0005", 257)));
  EXPECT_EQ(std::ranges::count(flow.get(0, "networks"), ','), 255);
  flow.give("8103 0a0e" + repeated("c0000201 bac0 ffffffff", 257));
  EXPECT_EQ(std::ranges::count(flow.get(1, "table"), ','), 255);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// Addresses of 18 octets are told apart to their last.
TEST(Bacnet, LongAddresses) {
  const std::string device = "000d 12 20010db8000000000000000000000001bac";
  Play flow = play();
  flow.give(unicast("0124" + device + "0 ff 0005 01 0c 0c00400003 1955"));
  EXPECT_EQ(flow.get(0, "dadr"), "20010db8000000000000000000000001bac0");
  flow.give(unicast("0108" + device + "1 50 01 0c 9102 9120"), kBack);
  EXPECT_EQ(flow.get(all(flow, "bacnet").back(), "rtt"), "-");
  flow.give(unicast("0108" + device + "0 50 01 0c 9102 9120"), kBack);
  EXPECT_NE(flow.get(all(flow, "bacnet").back(), "rtt"), "-");
}

TEST(Bacnet, OnlyWhatIsWanted) {
  Play flow = play({"value"});
  flow.context.unwanted = "bacnet";
  flow.give(kGolden("write_property")).give(kGolden("i_am")).end();
  EXPECT_TRUE(all(flow, "bacnet").empty());
  ASSERT_EQ(all(flow, "bacnet_property").size(), 1U);
  EXPECT_EQ(flow.get(0, "value"), "123");
}

TEST(BacnetProbe, Verdicts) {
  static constexpr struct {
    const char *name, *hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"who is", "810b 0008 0100 1008", Verdict::yes, Verdict::yes},
      {"an answer", "810a 0009 0100 20 03 0f", Verdict::yes, Verdict::yes},
      {"a reject names no service", "810a 0009 0100 60 12 09", Verdict::no, Verdict::yes},
      {"of the virtual link", "8105 0006 003c", Verdict::no, Verdict::yes},
      {"of the network layer", "810b 0009 0180 00 0005", Verdict::no, Verdict::yes},
      {"an unknown service", "810a 0008 0100 1063", Verdict::no, Verdict::yes},
      {"a broken body", "810a 0009 0100 1008 0f", Verdict::no, Verdict::yes},
      {"more behind it", "810b 0008 0100 1008 00", Verdict::no, Verdict::yes},
      {"longer than it is", "810b 0009 0100 1008", Verdict::no, Verdict::yes},
      {"shorter than its head", "810b 0000 0100 1008", Verdict::no, Verdict::yes},
      {"longer, of the virtual link", "8105 0007 003c", Verdict::no, Verdict::no},
      {"longer, of another network", "810b 00ff 0200 1008", Verdict::no, Verdict::no},
      {"another type", "820b 0008 0100 1008", Verdict::no, Verdict::no},
      {"another function", "810d 0008 0100 1008", Verdict::no, Verdict::no},
      {"too short", "810b 00", Verdict::no, Verdict::no},
      {"nothing", "", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_verdicts("bacnet", from_hex(c.hex), kOut, Transport::udp, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
