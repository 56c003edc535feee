#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"iec104"};

Play flow(const std::vector<std::string>& only = {}) { return Play{"iec104", Transport::tcp, only}; }

constexpr const char* kClock = "2023-12-05T13:30:52.165";

TEST(Iec104, FieldsOfFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"startdt_act",
       {{"is_orig", "true"},
        {"apdu_len", "4"},
        {"apci_type", "U"},
        {"apci_function", "STARTDT_ACT"},
        {"apci_tx", "-"},
        {"apci_rx", "-"},
        {"info_obj_type", "-"},
        {"ics.operation", "subscribe"},
        {"ics.value", "start"},
        {"ics.target", "-"},
        {"ics.outcome", "-"}}},
      {"startdt_con",
       {{"is_orig", "false"}, {"apci_function", "STARTDT_CON"}, {"ics.value", "start"}, {"ics.outcome", "ok"}}},
      {"stopdt_act", {{"apci_function", "STOPDT_ACT"}, {"ics.operation", "subscribe"}, {"ics.value", "stop"}}},
      {"stopdt_con", {{"apci_function", "STOPDT_CON"}, {"ics.value", "stop"}, {"ics.outcome", "ok"}}},
      {"testfr_act", {{"apci_function", "TESTFR_ACT"}, {"ics.operation", "diagnose"}, {"ics.outcome", "-"}}},
      {"testfr_con", {{"apci_function", "TESTFR_CON"}, {"ics.operation", "diagnose"}, {"ics.outcome", "ok"}}},
      {"supervisory",
       {{"apci_type", "S"}, {"apci_tx", "-"}, {"apci_rx", "2623"}, {"ics.operation", "other"}, {"ics.outcome", "-"}}},
      {"interrogation",
       {{"apci_type", "I"},
        {"apdu_len", "14"},
        {"apci_tx", "0"},
        {"apci_rx", "0"},
        {"info_obj_type", "C_IC_NA_1"},
        {"info_obj_type_id", "100"},
        {"seq", "false"},
        {"num_ix", "1"},
        {"cause_tx", "6"},
        {"cause", "ACTIVATION"},
        {"negative", "false"},
        {"test", "false"},
        {"originator_address", "0"},
        {"common_address", "10"},
        {"info_obj_addrs", "0"},
        {"values", "-"},
        {"qualifier", "20"},
        {"qualifier_name", "station"},
        {"ics.operation", "read"},
        {"ics.target", "10"},
        {"ics.value", "-"},
        {"ics.outcome", "-"}}},
      {"interrogation_con",
       {{"is_orig", "false"}, {"apci_rx", "1"}, {"cause", "ACTIVATION_CON"}, {"rtt", "-"}, {"ics.outcome", "ok"}}},
      {"end_of_initialisation",
       {{"info_obj_type", "M_EI_NA_1"},
        {"is_orig", "false"},
        {"cause", "INITIALIZED"},
        {"qualifier", "130"},
        {"qualifier_name", "remote_reset"},
        {"ics.operation", "restart"},
        {"ics.target", "10"},
        {"ics.outcome", "-"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play play = flow();
    play.give(golden(c.name));
    ASSERT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, c.want);
  }
}

TEST(Iec104, WhatStationsReport) {
  const struct {
    const char *name, *type, *target, *values, *qualities;
    std::vector<Want> more;
  } kCases[] = {
      {"single_points_in_sequence",
       "M_SP_NA_1",
       "10/1255-1257",
       "OFF,ON,ON",
       "good,good,blocked+invalid",
       {{"seq", "true"}, {"info_obj_addrs", "1255,1256,1257"}, {"cause", "INTERROGATED_STATION"}, {"apci_tx", "1"}}},
      {"single_point_short_time", "M_SP_TA_1", "10/1", "ON", "good", {{"times", "30:52.165 invalid"}}},
      {"double_points",
       "M_DP_NA_1",
       "10/4001,10/4002",
       "ON,INDETERMINATE",
       "good,not_topical",
       {{"seq", "false"}, {"num_ix", "2"}, {"info_obj_addrs", "4001,4002"}, {"cause", "SPONTANEOUS"}}},
      {"double_point_time", "M_DP_TB_1", "10/4001", "OFF", "good", {{"times", kClock}}},
      {"step_position", "M_ST_NA_1", "10/1,10/2", "-1,5 transient", "good,substituted", {}},
      {"bit_string", "M_BO_NA_1", "10/1", "0xdeadbeef", "good", {{"cause", "BACKGROUND_SCAN"}}},
      {"normalized", "M_ME_NA_1", "10/1", "-0.5", "overflow", {{"cause", "PERIODIC"}}},
      {"normalized_without_quality", "M_ME_ND_1", "10/1", "0.5", "-", {}},
      {"scaled", "M_ME_NB_1", "10/1", "-42", "good", {}},
      {"floats", "M_ME_NC_1", "400/5574,400/5575", "171.3,-1.5", "good,overflow+invalid", {}},
      {"float_time", "M_ME_TF_1", "400/5722", "4.714", "good", {{"times", kClock}}},
      {"counter",
       "M_IT_NA_1",
       "10/1",
       "1234",
       "carry+adjusted",
       {{"counter_sequences", "3"}, {"cause", "COUNTERS_GENERAL"}}},
      {"counter_time", "M_IT_TB_1", "10/1", "-1", "good", {{"counter_sequences", "0"}, {"times", kClock}}},
      {"protection_event", "M_EP_TD_1", "10/1", "ON", "elapsed_invalid", {{"elapsed", "0.300000"}, {"times", kClock}}},
      {"protection_start", "M_EP_TE_1", "10/1", "general+L1+reverse", "elapsed_invalid", {{"elapsed", "0.300000"}}},
      {"protection_output", "M_EP_TF_1", "10/1", "none", "good", {{"elapsed", "0.300000"}}},
      {"packed_points", "M_PS_NA_1", "10/1", "0x0005/0x0004", "good", {}},
      {"read_reply", "M_ME_NC_1", "10/5574", "1.5", "good", {{"cause", "REQUEST"}, {"ics.outcome", "ok"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play play = flow();
    play.give(golden(c.name));
    ASSERT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0,
           {{"is_orig", "false"},
            {"info_obj_type", c.type},
            {"ics.operation", "read"},
            {"ics.target", c.target},
            {"ics.value", c.values},
            {"values", c.values},
            {"qualities", c.qualities}});
    expect(play.context, 0, c.more);
  }
}

TEST(Iec104, WhatControllingStationsSend) {
  const struct {
    const char *name, *type, *operation, *target, *value;
    std::vector<Want> more;
  } kCases[] = {
      {"single_command_select",
       "C_SC_NA_1",
       "control",
       "10/4001",
       "ON",
       {{"select", "true"}, {"qualifier", "1"}, {"qualifier_name", "short_pulse"}, {"originator_address", "3"}}},
      {"single_command", "C_SC_NA_1", "control", "10/4001", "ON", {{"select", "false"}, {"qualifier_name", "default"}}},
      {"single_command_time", "C_SC_TA_1", "control", "10/4001", "OFF", {{"times", kClock}}},
      {"double_command", "C_DC_NA_1", "control", "10/4002", "ON", {{"qualifier_name", "long_pulse"}}},
      {"step_command", "C_RC_NA_1", "control", "10/1", "HIGHER", {}},
      {"setpoint_normalized", "C_SE_NA_1", "write", "1/1001", "0.75", {{"qualifier", "0"}, {"qualifier_name", "-"}}},
      {"setpoint_scaled", "C_SE_NB_1", "write", "10/1", "1000", {{"select", "true"}}},
      {"setpoint_float", "C_SE_NC_1", "write", "10/1", "1.5", {{"select", "false"}, {"qualifier", "5"}}},
      {"bit_string_command", "C_BO_NA_1", "write", "10/1", "0x0000000f", {{"select", "-"}}},
      {"counter_interrogation", "C_CI_NA_1", "write", "10", "-", {{"qualifier", "69"}, {"qualifier_name", "freeze"}}},
      {"read", "C_RD_NA_1", "read", "10/5574", "-", {{"cause", "REQUEST"}}},
      {"clock", "C_CS_NA_1", "time_set", "10", kClock, {{"values", "-"}}},
      {"test_command", "C_TS_NA_1", "diagnose", "10", "0x55aa", {{"test", "false"}}},
      {"test_command_time", "C_TS_TA_1", "diagnose", "10", "0x0001", {{"test", "true"}, {"times", kClock}}},
      {"reset_process", "C_RP_NA_1", "restart", "65535", "-", {{"qualifier", "1"}, {"qualifier_name", "process"}}},
      {"delay", "C_CD_NA_1", "time_set", "10", "-", {{"elapsed", "0.300000"}}},
      {"parameter_normalized", "P_ME_NA_1", "write", "10/1", "0.25", {{"qualifier_name", "threshold"}}},
      {"parameter_float", "P_ME_NC_1", "write", "10/1", "1.5", {{"qualifier_name", "high_limit"}}},
      {"parameter_activation", "P_AC_NA_1", "write", "10/1", "-", {{"qualifier_name", "periodic_transmission"}}},
      {"select_file", "F_SC_NA_1", "file", "10/1/file/1/0", "-", {{"qualifier_name", "select_file"}}},
      {"query_log", "F_SC_NB_1", "file", "10/1/file/1", "-", {{"files", "1"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play play = flow();
    play.give(golden(c.name));
    ASSERT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0,
           {{"is_orig", "true"},
            {"info_obj_type", c.type},
            {"ics.operation", c.operation},
            {"ics.target", c.target},
            {"ics.value", c.value},
            {"ics.outcome", "-"}});
    expect(play.context, 0, c.more);
    // Nobody answers it.
    play.end();
    ASSERT_EQ(play.context.events.size(), 2U);
    expect(play.context, 1,
           {{"is_orig", "true"},
            {"info_obj_type", c.type},
            {"common_address", play.context.events[0]["common_address"].c_str()},
            {"ics.operation", c.operation},
            {"ics.target", c.target},
            {"ics.value", c.value},
            {"ics.outcome", "no answer"}});
  }
}

TEST(Iec104, Files) {
  Play play = flow();
  play.give(golden("select_file")).give(golden("file_ready")).give(golden("section_ready")).give(golden("segment"));
  play.give(golden("last_section")).give(golden("file_accepted")).give(golden("directory"));
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 1,
         {{"info_obj_type", "F_FR_NA_1"},
          {"files", "1"},
          {"sizes", "10000"},
          {"qualifier_name", "ready"},
          {"rtt", "0.001000"},
          {"ics.outcome", "ok"}});
  expect(play.context, 2,
         {{"sections", "1"}, {"sizes", "1000"}, {"ics.target", "10/1/file/1/1"}, {"ics.outcome", "-"}});
  expect(play.context, 3, {{"info_obj_type", "F_SG_NA_1"}, {"sizes", "4"}, {"ics.outcome", "-"}});
  expect(play.context, 4, {{"qualifier_name", "section_sent"}});
  expect(play.context, 5, {{"qualifier_name", "file_accepted"}});
  expect(play.context, 6,
         {{"info_obj_addrs", "1,2"}, {"files", "1,2"}, {"sizes", "10000,1000"}, {"ics.target", "10/1-2/file/1"}});
  // A file that is not there, one that did not arrive.
  play.give(golden("select_file")).give("68 13 0000 0000 78 01 0d 00 0a00 010000 0100 000000 80", kBack);
  expect(play.context, 8, {{"qualifier_name", "not_ready"}, {"ics.outcome", "refused"}, {"ics.reason", "NOT_READY"}});
  play.give("68 11 0000 0000 7c 01 0d 00 0a00 010000 0100 01 04");
  expect(play.context, 9, {{"qualifier_name", "section_refused"}, {"ics.reason", "FILE_REFUSED"}});
  // Nothing answers an order to delete one.
  const std::size_t told = play.context.events.size();
  play.give("68 11 0000 0000 7a 01 0d 00 0a00 010000 0100 00 04").end();
  EXPECT_EQ(play.context.events.size(), told + 1);
}

TEST(Iec104, AConfirmationAnswersItsCommand) {
  static constexpr struct {
    const char *name, *reply, *outcome, *reason;
    bool joined;
  } kCases[] = {
      {"yes", "2d 01 07 00 0a00 a10f00 01", "ok", "-", true},
      {"no", "2d 01 47 00 0a00 a10f00 01", "refused", "NEGATIVE_CONFIRM", true},
      {"unknown type", "2d 01 6c 00 0a00 a10f00 01", "refused", "UNKNOWN_TYPE", true},
      {"unknown cause", "2d 01 6d 00 0a00 a10f00 01", "refused", "UNKNOWN_CAUSE", true},
      {"unknown station", "2d 01 6e 00 0a00 a10f00 01", "refused", "UNKNOWN_COMMON_ADDRESS", true},
      {"unknown object", "2d 01 2f 00 0a00 a10f00 01", "refused", "UNKNOWN_OBJECT_ADDRESS", true},
      {"end of the command", "2d 01 0a 00 0a00 a10f00 01", "ok", "-", false},
      {"aborted", "2d 01 4a 00 0a00 a10f00 01", "refused", "NEGATIVE_CONFIRM", false},
      {"of a cancellation", "2d 01 09 00 0a00 a10f00 01", "ok", "-", false},
      {"another type", "2e 01 07 00 0a00 a10f00 02", "ok", "-", false},
      {"another station", "2d 01 07 00 0b00 a10f00 01", "ok", "-", false},
      {"another object", "2d 01 07 00 0a00 a20f00 01", "ok", "-", false},
      {"a report", "01 01 03 00 0a00 a10f00 01", "-", "-", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play play = flow();
    play.give(golden("single_command")).give("68 0e 0000 0000" + std::string{c.reply}, kBack);
    expect(play.context, 1,
           {{"is_orig", "false"},
            {"ics.value", "ON"},
            {"ics.outcome", c.outcome},
            {"ics.reason", c.reason},
            {"rtt", c.joined ? "0.001000" : "-"}});
    play.end();
    EXPECT_EQ(play.get(2, "ics.outcome"), c.joined ? "-" : "no answer");
  }
}

TEST(Iec104, ACommandsWholeCourse) {
  Play play = flow();
  play.give(golden("single_command_select")).give("68 0e 0000 0000 2d 01 07 03 0a00 a10f00 85", kBack);
  play.give(golden("single_command")).give(golden("single_command_con")).give(golden("single_command_termination"));
  play.give("68 0e 0000 0000 2d 01 08 00 0a00 a10f00 01").give("68 0e 0000 0000 2d 01 09 00 0a00 a10f00 01", kBack);
  play.end();
  ASSERT_EQ(play.context.events.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) {
    SCOPED_TRACE(i);
    const bool reply = i == 1 || i == 3 || i == 4 || i == 6;
    expect(play.context, i, {{"ics.target", "10/4001"}, {"ics.value", "ON"}, {"ics.outcome", reply ? "ok" : "-"}});
    EXPECT_EQ(play.get(i, "rtt"), reply && i != 4 ? "0.001000" : "-");
  }
}

TEST(Iec104, WhatElseIsAnswered) {
  // What is read comes as the object's own type.
  Play read = flow();
  read.give(golden("read")).give(golden("floats")).give(golden("read_reply")).end();
  ASSERT_EQ(read.context.events.size(), 3U);
  expect(read.context, 2, {{"rtt", "0.002000"}, {"ics.outcome", "ok"}, {"ics.value", "1.5"}});
  // An object that is not there.
  Play none = flow();
  none.give(golden("read")).give("68 0d 0000 0000 66 01 6f 00 0a00 c61500", kBack).end();
  ASSERT_EQ(none.context.events.size(), 2U);
  expect(none.context, 1, {{"rtt", "0.001000"}, {"ics.outcome", "refused"}, {"ics.target", "10/5574"}});
  // All stations are asked, each answers for itself.
  Play all = flow();
  all.give(golden("reset_process")).give("68 0e 0000 0000 69 01 07 00 0a00 000000 01", kBack).end();
  ASSERT_EQ(all.context.events.size(), 2U);
  expect(all.context, 1, {{"rtt", "0.001000"}, {"ics.target", "10"}});
  // U frames, of which both sides send tests.
  Play frames = flow();
  frames.give(golden("startdt_act")).give(golden("startdt_con")).give(golden("testfr_act")).give(golden("testfr_con"));
  frames.give("68 04 43 00 00 00").give("68 04 43 00 00 00", kBack).give("68 04 83 00 00 00", kBack);
  frames.give(golden("stopdt_act")).end();
  EXPECT_EQ(frames.get(1, "rtt"), "0.001000");
  EXPECT_EQ(frames.get(3, "rtt"), "0.001000");
  EXPECT_EQ(frames.get(6, "rtt"), "0.002000");
  ASSERT_EQ(frames.context.events.size(), 10U);
  expect(frames.context, 8, {{"is_orig", "true"}, {"apci_function", "STOPDT_ACT"}, {"ics.outcome", "no answer"}});
  expect(frames.context, 9, {{"is_orig", "false"}, {"apci_function", "TESTFR_ACT"}, {"ics.outcome", "no answer"}});
}

TEST(Iec104, GivenUp) {
  Play late = flow();
  late.give(golden("single_command"));
  late.context.time += std::chrono::seconds{31};
  late.give(golden("supervisory"));
  expect(late.context, 1, {{"ics.outcome", "no answer"}, {"cause", "ACTIVATION"}, {"originator_address", "0"}});
  EXPECT_EQ(late.get(1, "ts"), late.get(0, "ts"));
  EXPECT_EQ(late.get(2, "apci_type"), "S");
  // What is asked again gives up what was asked before; selecting is not executing.
  Play again = flow();
  again.give(golden("single_command")).give(golden("single_command"));
  EXPECT_EQ(again.get(2, "ics.outcome"), "no answer");
  again.give("68 0e 0000 0000 2d 01 06 00 0a00 a10f00 81").end();
  EXPECT_EQ(again.context.events.size(), 6U);
}

TEST(Iec104, RequestsThatWaitAreBounded) {
  Play play = flow();
  char hex[64];
  for (unsigned i = 0; i < 65; ++i) {
    std::snprintf(hex, sizeof hex, "68 0e 0000 0000 2d 01 06 00 0a00 %02x0000 01", i);
    play.give(hex);
    EXPECT_EQ(play.context.refused_count(DecodeError::limit), i < 64 ? 0U : 1U);
  }
  EXPECT_EQ(play.context.events.size(), 66U);
  expect(play.context, 65, {{"ics.target", "10/0"}, {"ics.outcome", "no answer"}});
}

TEST(Iec104, ABadBodyIsRefusedAndStillTold) {
  static constexpr struct {
    const char *name, *hex, *type, *addresses, *values;
  } kCases[] = {
      {"no ASDU", "68 04 0000 0000", "-", "-", "-"},
      {"half a head", "68 09 0000 0000 01 01 03 00 0a", "-", "-", "-"},
      {"no object", "68 0a 0000 0000 01 01 03 00 0a00", "M_SP_NA_1", "-", "-"},
      {"number 0", "68 0a 0000 0000 01 00 03 00 0a00", "M_SP_NA_1", "-", "-"},
      {"half an address", "68 0c 0000 0000 0d 01 03 00 0a00 0100", "M_ME_NC_1", "-", "-"},
      {"half a value", "68 10 0000 0000 0d 01 03 00 0a00 010000 0000c0", "M_ME_NC_1", "1", "-"},
      {"two objects of three", "68 12 0000 0000 01 03 03 00 0a00 010000 01 020000 00", "M_SP_NA_1", "1,2", "ON,OFF"},
      {"one point of three", "68 0f 0000 0000 01 83 03 00 0a00 010000 01 00", "M_SP_NA_1", "1,2", "ON,OFF"},
      {"two points too many", "68 10 0000 0000 01 01 03 00 0a00 010000 01 00 00", "M_SP_NA_1", "1", "ON"},
      {"a segment longer than there is", "68 13 0000 0000 7d 01 0d 00 0a00 010000 0100 01 04 0102", "F_SG_NA_1", "1",
       "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play play = flow();
    play.give(c.hex);
    expect_refused(play.context, DecodeError::bad_value, 1);
    expect(play.context, 0,
           {{"apci_type", "I"}, {"info_obj_type", c.type}, {"info_obj_addrs", c.addresses}, {"values", c.values}});
  }
}

TEST(Iec104, WhatHasNoNameKeepsItsNumber) {
  Play play = flow();
  play.give("68 0e 0000 0000 c8 01 12 00 0a00 010000 05");
  expect(play.context, 0,
         {{"info_obj_type", "unknown-200"},
          {"cause", "unknown-18"},
          {"info_obj_addrs", "1"},
          {"ics.operation", "other"},
          {"ics.target", "10/1"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Iec104, ValuesAtTheirEnds) {
  static constexpr struct {
    const char *asdu, *values;
  } kCases[] = {
      {"05 81 03 00 0a00 010000 40 00", "-64"},
      {"05 81 03 00 0a00 010000 3f 00", "63"},
      {"15 81 03 00 0a00 010000 0080", "-1"},
      {"15 81 03 00 0a00 010000 ff7f", "0.9999695"},
      {"0b 81 03 00 0a00 010000 0080 00", "-32768"},
      {"0d 81 03 00 0a00 010000 0000807f 00", "inf"},
      {"0d 81 03 00 0a00 010000 ffff7f7f 00", "3.4028235e+38"},
      {"0f 81 03 00 0a00 010000 00000080 00", "-2147483648"},
      {"2e 01 06 00 0a00 010000 03", "NOT_PERMITTED"},
      {"2f 01 06 00 0a00 010000 01", "LOWER"},
      {"01 82 03 00 0a00 ffffff 00 01", "OFF,ON"},  // the second one's address is 0
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.asdu);
    Play play = flow();
    auto bytes = from_hex(std::string{"68 00 0000 0000"} + c.asdu);
    bytes[1] = static_cast<std::uint8_t>(bytes.size() - 2);
    play.give(bytes);
    EXPECT_EQ(play.get(0, "values"), c.values);
    EXPECT_EQ(play.context.refused_total(), 0U);
  }
}

TEST(Iec104, AsManyObjectsAsFit) {
  Play play = flow();
  play.give("68 8c 0000 0000 01 ff 14 00 0a00 010000" + std::string(2 * 127, '0'));
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0, {{"num_ix", "127"}, {"ics.target", "10/1-127"}});
  EXPECT_EQ(play.get(0, "values").size(), 127 * 4 - 1U);
  EXPECT_TRUE(play.get(0, "ics.value").ends_with("..."));
  // The longest frame.
  std::string hex = "68 fd 0000 0000 c8 01 03 00 0a00 010000" + std::string(2 * 240, '0');
  play.give(hex);
  EXPECT_EQ(play.get(1, "apdu_len"), "253");
}

TEST(Iec104, NarrowAddresses) {
  static constexpr struct {
    const char *name, *asdu, *common, *object;
  } kCases[] = {
      {"all narrow", "2d 01 06 0a a10f 01", "10", "4001"},
      {"objects of two octets", "0b 03 03 00 0a00 0100 0500 00 0200 0600 00 0300 0700 00", "10", "1,2,3"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play play = flow();
    auto bytes = from_hex(std::string{"68 00 0000 0000"} + c.asdu);
    bytes[1] = static_cast<std::uint8_t>(bytes.size() - 2);
    play.give(bytes);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"common_address", c.common}, {"info_obj_addrs", c.object}});
    // The standard's frames come: what was before was malformed.
    play.give(golden("single_command"));
    expect(play.context, 1, {{"common_address", "10"}, {"info_obj_addrs", "4001"}});
    play.give(bytes);
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
  }
  // Several could be; the next ASDU tells.
  Play unclear = flow();
  unclear.give("68 0d 0000 0000 2d 01 06 0a00 a10f00 01");
  EXPECT_EQ(unclear.context.refused_count(DecodeError::bad_value), 1U);
  unclear.give("68 1b 0000 0000 0b 03 03 0a00 010000 0500 00 020000 0600 00 030000 0700 00", kBack);
  expect(unclear.context, 1, {{"common_address", "10"}, {"info_obj_addrs", "1,2,3"}, {"originator_address", "-"}});
  EXPECT_EQ(unclear.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Iec104, WhoControlsIsSeenFromWhatIsSaid) {
  static constexpr struct {
    const char* name;
    bool orig;
  } kCases[] = {{"startdt_act", true},
                {"stopdt_con", false},
                {"single_command", true},
                {"single_command_con", false},
                {"floats", false},
                {"end_of_initialisation", false},
                {"single_command_unknown_object", false},
                {"read", true},
                {"read_reply", false}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    for (const Direction direction : {kOut, kBack}) {
      Play play = flow();
      play.give(golden(c.name).hex, direction).give(golden("supervisory").hex, direction);
      play.give(golden("supervisory").hex, opposite(direction));
      EXPECT_EQ(play.get(0, "is_orig"), c.orig ? "true" : "false");
      EXPECT_EQ(play.get(1, "is_orig"), c.orig ? "true" : "false");
      EXPECT_EQ(play.get(2, "is_orig"), c.orig ? "false" : "true");
    }
  }
}

TEST(Iec104, TheWrongWayRound) {
  Play play = flow();
  play.give(golden("single_command").hex, kBack).give(golden("single_command_con").hex, kOut);
  expect(play.context, 0, {{"is_orig", "true"}});
  expect(play.context, 1, {{"is_orig", "false"}, {"rtt", "0.001000"}, {"ics.outcome", "ok"}});
}

TEST(Iec104Framing, FindsItsPlaceAfterAGap) {
  Play play = flow();
  play.give(golden("single_command_con")).give(golden("single_command")).give("68 fd 0000");
  play.analyzer->gap(5, kOut, play.context);
  FakeStream later{*play.analyzer, kOut, play.context};
  // The rest of a frame in which octets look like a beginning.
  EXPECT_TRUE(later.feed(from_hex("00 68 68 04 05 68 10 0000 0000 ff 01 03 00 0a00 68 03 68 0e 02")));
  EXPECT_LE(later.waiting(), 3U);
  EXPECT_TRUE(later.feed(from_hex(golden("single_command").hex)));
  EXPECT_EQ(later.waiting(), 0U);
  EXPECT_EQ(play.context.events.size(), 4U);  // the command was asked again
  expect_refused(play.context, DecodeError::truncated, 4);
  // Of requests whose answers were lost nothing is known.
  play.analyzer->gap(5, kBack, play.context);
  play.end();
  EXPECT_EQ(play.context.events.size(), 4U);
}

TEST(Iec104Framing, FindsItsPlaceBehindAFault) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      {"no start", "00"},
      {"length 3", "68 03"},
      {"text", "'a text'"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play play = flow();
    play.give(golden("supervisory")).give(c.hex).give(golden("single_command"));
    EXPECT_EQ(play.out.waiting(), 0U);
    expect_refused(play.context, DecodeError::bad_value, 2);
    EXPECT_EQ(play.get(1, "info_obj_type"), "C_SC_NA_1");
  }
  // However often: a station looks for the next, too.
  Play noise = flow();
  noise.give(golden("supervisory"));
  for (unsigned i = 0; i < 40; ++i) noise.give("00").give(golden("supervisory"));
  noise.give(golden("single_command"));
  EXPECT_EQ(noise.context.refused_count(DecodeError::bad_value), 40U);
  EXPECT_EQ(noise.get(41, "info_obj_type"), "C_SC_NA_1");
}

// Stations go by any length, so a long one hides nothing, neither in it nor behind it.
TEST(Iec104Framing, ALengthThatIsTooLongIsCountedAndTold) {
  for (const char* length : {"fe", "ff"}) {
    SCOPED_TRACE(length);
    Play play = flow();
    const std::size_t fill = static_cast<std::size_t>(length[1] == 'e' ? 254 : 255) - 14;
    play.give(golden("supervisory"));
    play.give(std::string{"68"} + length + "00000000 2d0106000a00 010000 01" + std::string(2 * fill, '0'));
    play.give(golden("single_command"));
    EXPECT_EQ(play.out.waiting(), 0U);
    expect(play.context, 1, {{"info_obj_type", "C_SC_NA_1"}, {"ics.target", "10/1"}, {"ics.value", "ON"}});
    EXPECT_EQ(play.get(2, "info_obj_type"), "C_SC_NA_1");
    EXPECT_GE(play.context.refused_count(DecodeError::bad_value), 1U);
  }
}

// Commands have one object. Stations take the first, whatever the head says of their number.
TEST(Iec104, ACommandIsReadAsAStationReadsIt) {
  static constexpr struct {
    const char *name, *hex, *target, *value;
  } kCases[] = {
      {"two objects", "68 11 0000 0000 2d 02 06 00 0a00 010001 01 0000 00", "10/65537", "ON"},
      {"none", "68 0e 0000 0000 2d 00 06 00 0a00 010000 01", "10/1", "ON"},
      {"an octet more", "68 0f 0000 0000 2d 01 06 00 0a00 010000 01 00", "10/1", "ON"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play play = flow();
    play.give(c.hex);
    EXPECT_EQ(play.get(0, "ics.operation"), "control");
    EXPECT_EQ(play.get(0, "ics.target").substr(0, std::string_view{c.target}.size()), c.target);
    EXPECT_EQ(play.get(0, "ics.value").substr(0, 2), c.value);
  }
}

TEST(Iec104, OneFunctionsConfirmationIsNotAnothers) {
  Play play = flow();
  play.give("68 04 07 00 00 00").give("68 04 43 00 00 00").give("68 04 83 00 00 00", kBack).end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 2, {{"apci_function", "TESTFR_CON"}, {"ics.outcome", "ok"}});
  expect(play.context, 3, {{"apci_function", "STARTDT_ACT"}, {"ics.outcome", "no answer"}});
}

TEST(Iec104, CountersThatAreFrozenAreWritten) {
  Play play = flow();
  play.give("68 0e 0000 0000 65 01 06 00 0a00 000000 c5").give("68 0e 0000 0000 65 01 06 00 0a00 000000 05");
  EXPECT_EQ(play.get(0, "ics.operation"), "write");
  EXPECT_EQ(play.get(1, "ics.operation"), "read");
}

// TCP's keep-alive sends an octet again that was there before the capture.
TEST(Iec104Framing, AnOctetBeforeTheFirst) {
  Play play = flow();
  play.give("00").give(golden("supervisory")).give("00", kBack).give(golden("floats"));
  EXPECT_EQ(play.context.events.size(), 2U);
  EXPECT_EQ(play.context.refused_total(), 2U);
}

TEST(Iec104Framing, ReservedBitsAreCountedAndPassedOver) {
  static constexpr struct {
    const char *hex, *format, *function;
  } kCases[] = {
      {"68 04 07 00 00 01", "U", "STARTDT_ACT"},   {"68 04 4f 00 00 00", "U", "unknown-79"},
      {"68 05 43 00 00 00 00", "U", "TESTFR_ACT"}, {"68 04 05 00 00 00", "S", "-"},
      {"68 05 01 00 00 00 00", "S", "-"},          {"68 0e 0000 0100 64 01 06 00 0a00 000000 14", "I", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play play = flow();
    play.give(c.hex);
    expect_refused(play.context, DecodeError::bad_value, 1);
    expect(play.context, 0, {{"apci_type", c.format}, {"apci_function", c.function}});
  }
}

TEST(Iec104, NothingIsDescribedForNobody) {
  Play play = flow({"info_obj_type", "ics.outcome"});
  play.give(golden("single_command")).give(golden("single_command_con")).give(golden("three_in_one"));
  EXPECT_EQ(play.get(1, "ics.outcome"), "ok");
  EXPECT_EQ(play.get(0, "ics.target"), "-");
  EXPECT_EQ(play.context.events.size(), 5U);
}

TEST(Iec104Probe, Verdicts) {
  static constexpr struct {
    const char *name, *hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"U", "68 04 07 00 00 00", Verdict::yes, Verdict::yes},
      {"S", "68 04 01 00 02 00", Verdict::yes, Verdict::yes},
      {"I", "68 0e 0000 0000 64 01 06 00 0a00 000000 14", Verdict::yes, Verdict::yes},
      {"an originator", "68 0e 0000 0000 64 01 06 05 0a00 000000 14", Verdict::no, Verdict::yes},
      {"no station", "68 0e 0000 0000 64 01 06 00 0000 000000 14", Verdict::no, Verdict::yes},
      {"a type without name", "68 0e 0000 0000 c8 01 06 00 0a00 000000 14", Verdict::no, Verdict::yes},
      {"a cause without name", "68 0e 0000 0000 64 01 00 00 0a00 000000 14", Verdict::no, Verdict::yes},
      {"an octet too many", "68 0f 0000 0000 64 01 06 00 0a00 000000 14 00", Verdict::no, Verdict::yes},
      {"behind a keep-alive", "00 68 04 07 00 00 00", Verdict::no, Verdict::yes},
      {"behind two octets", "00 00 68 04 07 00 00 00", Verdict::no, Verdict::no},
      {"a keep-alive", "00", Verdict::no, Verdict::no},
      {"half", "68 0e 0000 0000 64", Verdict::unsure, Verdict::unsure},
      {"reserved bits", "68 04 07 00 00 01", Verdict::no, Verdict::yes},
      {"S with a number sent", "68 04 05 00 02 00", Verdict::no, Verdict::yes},
      {"too short", "68 03", Verdict::no, Verdict::no},
      {"too long", "68 fe", Verdict::no, Verdict::no},
      {"M-Bus", "68 0a0a 68 53 01 51 0000 00", Verdict::no, Verdict::no},
      {"TLS", "16030100a5010000a10303", Verdict::no, Verdict::no},
      {"text", "'hello, how are you? I am fine, and so is everybody here.'", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_verdicts("iec104", from_hex(c.hex), kOut, Transport::tcp, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
