#include "ingest/network/protocols/s7comm_device.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"s7comm"};

struct S7 : Play {
  explicit S7(const std::vector<std::string>& only = {}) : Play{"s7comm", Transport::tcp, only} {}
  S7& frame(const char* name) {
    give(golden(name));
    return *this;
  }
  // A message in one TPDU.
  S7& message(std::string_view hex, Direction direction = kOut) {
    const std::vector<std::uint8_t> user = from_hex(hex);
    std::vector<std::uint8_t> packet = from_hex("0300 0000 02 f0 80");
    packet.insert(packet.end(), user.begin(), user.end());
    packet[2] = static_cast<std::uint8_t>(packet.size() >> 8U);
    packet[3] = static_cast<std::uint8_t>(packet.size());
    give(packet, direction);
    return *this;
  }
};

TEST(S7comm, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;  // of the first event
  } kCases[] = {
      {"setup",
       {{"is_orig", "true"},
        {"rosctr_code", "1"},
        {"rosctr_name", "Job-Request"},
        {"pdu_reference", "0"},
        {"function_code", "0xf0"},
        {"function_name", "Setup Communication"},
        {"pdu_length", "480"},
        {"error_class", "-"},
        {"data_length", "0"},
        {"ics.operation", "other"},
        {"ics.target", "-"},
        {"ics.outcome", "-"}}},
      {"setup_ack",
       {{"is_orig", "false"},
        {"rosctr_name", "ACK-Data"},
        {"error_class", "No error"},
        {"error_code", "0x00"},
        {"pdu_length", "240"},
        {"rtt", "-"},
        {"ics.outcome", "ok"}}},
      {"read",
       {{"function_name", "Read Variable"},
        {"pdu_reference", "5"},
        {"item_count", "6"},
        {"ics.operation", "read"},
        {"ics.target", "DB10.DBX0.0,DB10.DBB4:4,MW10,I1.1,DB1.DBD8,T5"},
        {"ics.value", "-"}}},
      {"read_ack",
       {{"return_codes", "255,255,255,255,255,10"},
        {"ics.value", "1,0x01020304,0x0102,0,1.5,-"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Object does not exist"}}},
      {"write",
       {{"function_name", "Write Variable"},
        {"ics.operation", "write"},
        {"ics.target", "Q4.0,DB10.DBW2"},
        {"ics.value", "1,-2"}}},
      {"write_ack", {{"return_codes", "255,5"}, {"ics.outcome", "refused"}, {"ics.reason", "Invalid address"}}},
      {"read_symbol", {{"ics.target", "DB1.9"}}},
      {"read_nck", {{"ics.target", "NCK/2/1/127/2/1"}}},
      {"read_db", {{"ics.target", "DB2.DBB8:4"}}},
      {"read_refused",
       {{"function_code", "-"},
        {"error_class", "Application relationship error"},
        {"error_code", "0x04"},
        {"error_name", "service not implemented or frame error"},
        {"ics.outcome", "refused"}}},
      {"download", {{"function_name", "Request Download"}, {"ics.operation", "program"}, {"ics.target", "DB1"}}},
      {"download_block", {{"is_orig", "false"}, {"rosctr_code", "1"}, {"ics.target", "DB1"}}},
      {"start_upload", {{"function_name", "Start Upload"}, {"ics.target", "OB1"}}},
      {"insert",
       {{"function_name", "PLC Control"},
        {"subfunction_code", "_INSE"},
        {"subfunction_name", "Activates a PLC module"},
        {"argument", "\\x01\\x000A00001P"},
        {"ics.operation", "program"},
        {"ics.target", "DB1"}}},
      {"start", {{"subfunction_name", "PLC Start / Stop"}, {"argument", "-"}, {"ics.operation", "start"}}},
      {"cold_restart", {{"argument", "C "}, {"ics.operation", "restart"}}},
      {"stop", {{"function_name", "PLC Stop"}, {"subfunction_code", "P_PROGRAM"}, {"ics.operation", "stop"}}},
      {"refused",
       {{"rosctr_name", "ACK"},
        {"error_class", "unknown-210"},
        {"error_code", "0x41"},
        {"ics.reason", "function not permitted at this protection level"}}},
      {"szl_request",
       {{"function_code", "0x44"},
        {"function_name", "Request: CPU Functions"},
        {"subfunction_code", "0x01"},
        {"subfunction_name", "Read SZL"},
        {"error_class", "-"},
        {"ics.operation", "identify"},
        {"ics.target", "szl/0x0011/0x0000"}}},
      {"szl_refused",
       {{"function_name", "Response: CPU Functions"},
        {"error_class", "Parameter Error"},
        {"error_code", "0xd401"},
        {"ics.outcome", "refused"},
        {"ics.reason", "information function unavailable"}}},
      {"szl_more", {{"ics.operation", "diagnose"}, {"ics.target", "-"}}},
      {"mode_stop",
       {{"function_name", "Push: Mode-Transition"},
        {"subfunction_name", "Stop"},
        {"ics.operation", "diagnose"},
        {"ics.outcome", "-"}}},
      {"watch", {{"subfunction_name", "Variable Status"}, {"ics.operation", "read"}, {"ics.target", "MB0:6,DB5.DBW8"}}},
      {"force", {{"subfunction_name", "Force"}, {"ics.operation", "control"}, {"ics.target", "QW4"}}},
      {"cyclic",
       {{"subfunction_name", "Cyclic Transfer"}, {"ics.operation", "subscribe"}, {"ics.target", "DB300.DBW4"}}},
      {"list_blocks", {{"subfunction_name", "List Blocks"}, {"ics.operation", "read"}}},
      {"list_blocks_of_type", {{"ics.target", "DB"}}},
      {"block_info", {{"subfunction_name", "Get Block Info"}, {"ics.target", "DB1"}}},
      {"block_info_refused", {{"error_code", "0xd209"}, {"ics.reason", "block not found"}}},
      {"password", {{"function_name", "Request: Security"}, {"password_seen", "true"}, {"ics.value", "-"}}},
      {"read_clock_response", {{"ics.operation", "read"}, {"ics.value", "2014-08-20T12:05:36"}, {"ics.outcome", "ok"}}},
      {"set_clock", {{"ics.operation", "time_set"}, {"ics.value", "2014-08-20T11:59:33"}}},
      {"plus_create",
       {{"version", "1"},
        {"opcode", "0x31"},
        {"opcode_name", "Request"},
        {"function_code", "0x04ca"},
        {"function_name", "Create Object"},
        {"sequence", "1"},
        {"session_id", "288"},
        {"ics.operation", "other"}}},
      {"plus_create_response",
       {{"opcode_name", "Response"}, {"session_id", "-"}, {"result", "0"}, {"ics.outcome", "ok"}}},
      {"plus_stop", {{"function_name", "Set Variable"}, {"ics.operation", "stop"}, {"ics.target", "52/2167"}}},
      {"plus_set_many", {{"ics.operation", "write"}, {"ics.target", "DB1/10"}}},
      {"plus_set_many_refused", {{"result", "-15"}, {"ics.outcome", "refused"}}},
      {"plus_notification", {{"opcode_name", "Notification"}, {"function_code", "-"}, {"ics.operation", "subscribe"}}},
      {"plus_digest", {{"version", "3"}, {"function_name", "Explore"}, {"ics.operation", "read"}}},
      {"plus_keep_alive", {{"version", "254"}, {"opcode", "-"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    S7 play;
    play.frame(c.name);
    EXPECT_EQ(play.context.refused_total(), 0U);
    ASSERT_GE(play.context.events.size(), 1U);
    expect(play.context, 0, c.want);
  }
}

TEST(S7comm, ReadSzlIsToldInDetail) {
  S7 play;
  play.frame("szl_request").frame("szl_response");
  ASSERT_EQ(play.context.paths,
            (std::vector<std::string>{"s7comm", "s7comm_read_szl", "s7comm", "s7comm_read_szl", "known_device"}));
  expect(play.context, 1,
         {{"method", "Request"},
          {"szl_id", "0x0011"},
          {"szl_id_name", "Module identification"},
          {"szl_index", "0x0000"},
          {"return_code", "0xff"},
          {"return_code_name", "Success"},
          {"ics.operation", "identify"}});
  expect(play.context, 2, {{"rtt", "0.001000"}, {"ics.target", "szl/0x0011/0x0000"}, {"ics.outcome", "ok"}});
  expect(play.context, 3, {{"method", "Response"}, {"ics.outcome", "ok"}});
  expect(play.context, 4,
         {{"device", "198.51.100.1"},
          {"device_protocol", "s7comm"},
          {"order_number", "6ES7 315-2EH14-0AB0"},
          {"hardware", "4"},
          {"firmware", "V3.2.6"}});
}

TEST(S7comm, ADeviceTellsItsComponents) {
  S7 play;
  play.frame("szl_component");
  expect(play.context, 2,
         {{"product", "CPU 315-2 PN/DP"},
          {"serial_number", "S C-C2UR28922012"},
          {"device_name", "PUMP-1"},
          {"device_location", "Waterworks"}});
  S7 plus;
  plus.frame("plus_create_response");
  expect(plus.context, 1,
         {{"device_protocol", "s7comm_plus"}, {"order_number", "6ES7 214-1AG40-0XB0"}, {"firmware", "V4.2"}});
}

TEST(S7comm, AListMayComeInParts) {
  S7 play;
  play.message("32 07 0000 0100 000c 000e  000112 08 12 84 01 05 02 01 0000  ff 09 000a 001c 0000 0022 0001 0007");
  play.message("32 07 0000 0200 000c 0004  000112 08 12 44 01 05 00 00 0000  0a 00 0000");
  play.message(
      "32 07 0000 0200 000c 0024  000112 08 12 84 01 05 02 00 0000  ff 09 0020 'CPU 412-2'" + std::string(46, '0'),
      kBack);
  EXPECT_EQ(play.context.refused_total(), 0U);
  EXPECT_EQ(play.context.paths.back(), "known_device");
  EXPECT_EQ(play.get(play.context.events.size() - 1, "product"), "CPU 412-2");
}

TEST(S7comm, ListsAreBounded) {
  S7Lists lists;
  const std::vector<std::uint8_t> part(S7Lists::kListMax, 7);
  EXPECT_TRUE(lists.take(part, 1, true).empty());
  EXPECT_EQ(lists.take({}, 1, false).size(), S7Lists::kListMax);
  EXPECT_TRUE(lists.take(part, 2, true).empty());
  EXPECT_TRUE(lists.take(Bytes{part}.first(1), 2, true).empty());  // one too many: forgotten
  EXPECT_EQ(lists.take(Bytes{part}.first(2), 2, false).size(), 2U);
  EXPECT_EQ(lists.take(Bytes{part}.first(3), 3, false).size(), 3U);
}

TEST(S7comm, ReadsValuesAsTheyWereAskedFor) {
  S7 play;
  play.frame("read").frame("read_ack");
  expect(play.context, 1,
         {{"rtt", "0.001000"},
          {"ics.target", "DB10.DBX0.0,DB10.DBB4:4,MW10,I1.1,DB1.DBD8,T5"},
          {"ics.value", "1,0x01020304,258,0,1.5,-"}});
  play.frame("write").frame("write_ack");
  expect(play.context, 3, {{"ics.target", "Q4.0,DB10.DBW2"}, {"ics.value", "1,-2"}, {"ics.outcome", "refused"}});
}

TEST(S7comm, AddressesAndValues) {
  const struct {
    const char *item, *data, *target, *value;
  } kCases[] = {
      {"01 0001 0000 83 000051", "00 03 0001 00", "M10.1", "0"},
      {"02 0001 0000 82 000008", "00 04 0008 ff", "QB1", "255"},
      {"03 0003 0005 84 000000", "00 09 0003 414263", "DB5.DBB0:3", "ABc"},
      {"04 0001 0000 81 000010", "00 04 0010 ffff", "IW2", "65535"},
      {"06 0001 0000 80 000010", "00 04 0020 ffffffff", "PD2", "4294967295"},
      {"07 0001 0007 85 000000", "00 04 0020 ffffffff", "DI7.DBD0", "-1"},
      {"08 0001 0000 83 000000", "00 07 0004 4133851f", "MD0", "11.22"},
      {"1c 0001 0000 1c 000009", "00 09 0002 0123", "C9", "0x0123"},
      {"02 0001 0000 55 000000", "00 04 0008 01", "area-55.B0", "1"},
      {"04 0002 0000 83 000000", "00 04 0020 00010002", "MW0:2", "0x00010002"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.item);
    char head[64];
    std::snprintf(head, sizeof head, "32 01 0000 0100 000e %04zx 05 01 12 0a 10 ", from_hex(c.data).size());
    S7 play;
    play.message(std::string{head} + c.item + c.data);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"ics.target", c.target}, {"ics.value", c.value}});
  }
}

TEST(S7comm, TransfersAreToldInDetail) {
  S7 play;
  play.frame("download").frame("download_ack").frame("download_block").frame("download_block_ack");
  play.frame("start_upload").frame("start_upload_ack").frame("upload").frame("upload_ack").frame("end_upload");
  expect(play.context, 1,
         {{"rosctr", "Job-Request"},
          {"function_name", "Request Download"},
          {"function_status", "0x00"},
          {"session_id", "0"},
          {"blocklength", "500"},
          {"filename", "_0A00001P"},
          {"block_type", "Data Block"},
          {"block_number", "00001"},
          {"destination_filesystem", "Passive"}});
  expect(play.context, 3, {{"rosctr", "ACK-Data"}, {"function_status", "-"}, {"ics.target", "DB1"}});
  expect(play.context, 7, {{"function_status", "0x01"}, {"blocklength", "4"}, {"ics.target", "DB1"}});
  expect(play.context, 9, {{"destination_filesystem", "Active"}, {"block_type", "Organization Block"}});
  expect(play.context, 11, {{"session_id", "7"}, {"blocklength", "216"}});
  expect(play.context, 12, {{"function_name", "Upload"}, {"ics.target", "OB1"}});  // which does not name it
  expect(play.context, 16, {{"function_name", "End Upload"}, {"ics.target", "OB1"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(S7comm, AResponseBelongsToItsRequest) {
  const struct {
    const char *name, *response;
    Direction direction;
    bool matched;
  } kCases[] = {
      {"the same", "32 03 0000 1100 0001 0000 0000 29", kBack, true},
      {"without parameters", "32 02 0000 1100 0000 0000 d241", kBack, true},
      {"another reference", "32 03 0000 1200 0001 0000 0000 29", kBack, false},
      {"another function", "32 03 0000 1100 0001 0000 0000 28", kBack, false},
      {"the same direction", "32 03 0000 1100 0001 0000 0000 29", kOut, false},
      {"user data", "32 07 0000 1100 000c 0000 000112 08 12 84 01 01 00 00 0000", kBack, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    S7 play;
    play.frame("stop").message(c.response, c.direction);
    EXPECT_EQ(play.get(1, "rtt") != "-", c.matched);
    if (c.matched) {
      EXPECT_EQ(play.get(1, "ics.operation"), "stop");
    }
  }
}

TEST(S7comm, WhatNobodyAnswersIsToldAgain) {
  S7 play;
  play.frame("stop").frame("stop").frame("plus_stop").frame("plus_stop").end();
  ASSERT_EQ(play.context.events.size(), 8U);
  expect(play.context, 1, {{"function_name", "PLC Stop"}, {"ics.outcome", "no answer"}, {"ics.operation", "stop"}});
  EXPECT_EQ(play.get(1, "ts"), play.get(0, "ts"));
  expect(play.context, 4, {{"function_name", "Set Variable"}, {"ics.outcome", "no answer"}, {"ics.operation", "stop"}});
  expect(play.context, 6, {{"rosctr_code", "1"}, {"ics.outcome", "no answer"}});
  expect(play.context, 7, {{"session_id", "949"}, {"ics.outcome", "no answer"}});
}

TEST(S7comm, OpenRequestsAreBounded) {
  S7 play;
  char text[96];
  for (unsigned i = 0; i < 65; ++i) {
    std::snprintf(text, sizeof text, "32 01 0000 %02x00 0007 0000 29 0000000000 00", i);
    play.message(text);
    EXPECT_EQ(play.context.refused_count(DecodeError::limit), i < 64 ? 0U : 1U);
  }
  EXPECT_EQ(play.context.events.size(), 66U);
  for (unsigned i = 0; i < 65; ++i) {
    std::snprintf(text, sizeof text, "72 02 0012 31 0000 04d4 0000 00%02x 000003b5 34 00000000 72 02 0000", i);
    play.message(text);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 2U);
}

TEST(S7comm, ABadBodyIsRefusedAndStillTold) {
  const struct {
    const char *name, *hex;
  } kCases[] = {
      {"job without parameters", "32 01 0000 0100 0000 0000"},
      {"parameters cut", "32 01 0000 0100 0008 0000 f0 00 0001"},
      {"data cut", "32 03 0000 0100 0002 0004 0000 04 01 ff 04"},
      {"octets behind", "32 03 0000 0100 0001 0000 0000 29 00"},
      {"setup cut", "32 01 0000 0100 0004 0000 f0 00 0001"},
      {"fewer points than said", "32 01 0000 0100 0002 0000 04 01"},
      {"point cut", "32 01 0000 0100 0008 0000 04 01 12 0a 10 02 0001"},
      {"point of another kind", "32 01 0000 0100 000e 0000 04 01 13 0a 10 02 0001 0000 83 000000"},
      {"octets behind the points", "32 01 0000 0100 000f 0000 04 01 12 0a 10 02 0001 0000 83 000000 00"},
      {"write without values", "32 01 0000 0100 000e 0000 05 01 12 0a 10 02 0001 0000 83 000000"},
      {"return codes missing", "32 03 0000 0100 0002 0001 0000 05 02 ff"},
      {"service longer than it is", "32 01 0000 0100 0007 0000 29 0000000000 09"},
      {"argument longer than it is", "32 01 0000 0100 000a 0000 28 000000000000fd ffff"},
      {"upload without a session", "32 01 0000 0100 0004 0000 1e 00 0000"},
      {"file longer than it is", "32 01 0000 0100 0009 0000 1d 00 0000 00000000 09"},
      {"lengths that are none", "32 01 0000 0100 000b 0000 1a 00 0000 00000000 00 01 31"},
      {"block's octets that are no number", "32 03 0000 0100 000a 0000 0000 1d 00 0000 00000007 01 'x'"},
      {"user data cut", "32 07 0000 0100 0004 0000 000112 04"},
      {"user data with half an error", "32 07 0000 0100 000a 0000 000112 08 12 84 01 00 00 00"},
      {"list without a number", "32 07 0000 0100 0008 0006 000112 04 11 44 01 00 ff 09 0002 0011"},
      {"data longer than they are", "32 07 0000 0100 0008 0004 000112 04 11 47 02 00 ff 09 0008"},
      {"subscription cut", "32 07 0000 0100 0008 0008 000112 04 11 42 01 00 ff 09 0004 0001 0101"},
      {"S7comm-plus cut", "72 02 0004 31 0000 04 72 02 0000"},
      {"S7comm-plus longer than it is", "72 02 0040 31 0000 04ca 0000 0001 00000120 36"},
      {"digest longer than it is", "72 03 0004 20 000000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    S7 play;
    play.message(c.hex);
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
    EXPECT_GE(play.context.events.size(), 1U);
  }
}

TEST(S7comm, WhatIsNeitherIsRefused) {
  for (const char* hex :
       {"33 01 0000 0100 0000 0000", "32 09 0000 0100 0000 0000", "32 01", "32 03 0000 0100 0000 0000 00"}) {
    SCOPED_TRACE(hex);
    S7 play;
    play.message(hex);
    expect_refused(play.context, DecodeError::bad_value, 0);
    play.frame("stop");
    EXPECT_EQ(play.context.events.size(), 1U);
  }
}

TEST(S7comm, UnknownNumbersKeepTheirNumber) {
  S7 play;
  play.message("32 01 0000 0100 0001 0000 77");
  expect(play.context, 0, {{"function_code", "0x77"}, {"function_name", "unknown-119"}, {"ics.operation", "other"}});
  play.message("32 07 0000 0100 0008 0000 000112 04 11 4a 63 00");
  expect(play.context, 1, {{"function_name", "unknown-74"}, {"subfunction_name", "unknown-99"}});
  play.message("32 01 0000 0200 0004 0000 04 01 12 01", kOut);
  EXPECT_EQ(play.context.refused_total(), 1U);
  play.message("32 01 0000 0300 0005 0000 04 01 12 01 99");
  expect(play.context, 3, {{"ics.target", "syntax-99"}});
}

TEST(S7comm, TextsAreMadeOnlyWhenWanted) {
  S7 play{{"function_name", "ics.operation"}};
  play.frame("read").frame("read_ack").frame("plus_set_many");
  expect(play.context, 1, {{"ics.operation", "read"}, {"ics.target", "-"}, {"ics.value", "-"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(S7comm, PartsOfS7PlusAreOneMessage) {
  S7 play;
  play.message("72 03 0011 00 31 0000 04ca 0000 0001 000003b5 36 0000");
  play.message("72 03 0003 00 3132");
  play.message("72 03 0003 00 3132 72 03 0000");
  EXPECT_EQ(play.context.events.size(), 1U);
  play.frame("plus_stop");
  EXPECT_EQ(play.context.events.size(), 2U);
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(S7comm, WhatItDoesMayStandInAnyPart) {
  const struct {
    const char *first, *second, *operation;
  } kCases[] = {
      {"72 01 0010 31 0000 04f2 0000 0004 000003b5 34 0000", "72 01 0009 0034 01 9077 00 08 01 00 72 01 0000", "stop"},
      {"72 01 0001 31", "72 01 0018 0000 04f2 0000 0004 000003b5 34 00000034 01 9077 00 08 03 00 72 01 0000", "start"},
      {"72 01 0001 31", "72 01 001a 0000 0542 0000 0004 000003b5 34 00000034 01 01 9077 01 00 08 01 00 72 01 0000",
       "stop"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.second);
    S7 play;
    play.message(c.first).message(c.second);
    ASSERT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.get(0, "ics.operation"), c.operation);
  }
}

TEST(S7comm, NobodyCanHideBehindInitSsl) {
  S7 play;
  play.message("72 01 0011 31 0000 05b3 0000 0001 00000000 36 000000 72 01 0000").frame("stop");
  expect(play.context, 1, {{"function_name", "PLC Stop"}, {"ics.operation", "stop"}});
}

TEST(S7comm, AClientCannotSayThatItWasDone) {
  S7 play;
  play.message("32 03 0000 1100 0001 0000 0000 29");
  play.message("72 01 000b 32 0000 04f2 0000 0004 34 00 72 01 0000");
  expect(play.context, 0, {{"function_name", "PLC Stop"}, {"ics.operation", "other"}, {"ics.outcome", "-"}});
  expect(play.context, 1, {{"ics.operation", "other"}, {"ics.outcome", "-"}});
}

TEST(S7comm, ABadPacketDoesNotEndTheAnalysis) {
  for (const char* hex : {"0301 0007 02 f0 80", "0300 0004", "0400 0007 02 f0 80"}) {
    SCOPED_TRACE(hex);
    S7 play;
    play.give(hex);
    play.frame("stop");
    ASSERT_EQ(play.context.events.size(), 1U);
  }
}

TEST(S7comm, DataBlocksFrom80OnAreNoAreas) {
  S7 play;
  play.message("32 01 0000 0200 0014 0005 05 01 12 10 b2 ff 8a0e 0050 00000000 00000009 00 04 0008 01");
  EXPECT_EQ(play.get(0, "ics.target"), "DB80.9");
}

TEST(S7comm, AlarmsAreLockedUnlockedAndAcknowledged) {
  const struct {
    const char *subfunction, *name, *operation;
  } kCases[] = {{"07", "ALARM_8 Lock", "control"},
                {"08", "ALARM_8 Unlock", "control"},
                {"0b", "ALARM ACK", "control"},
                {"0e", "ALARM Unlock Indication", "diagnose"},
                {"13", "ALARM Query", "diagnose"}};
  for (const auto& c : kCases) {
    S7 play;
    play.message(std::string{"32 07 0000 0300 0008 0004 000112 04 11 44 "} + c.subfunction + " 00 0a 00 0000");
    expect(play.context, 0, {{"subfunction_name", c.name}, {"ics.operation", c.operation}});
  }
}

TEST(S7comm, TlsInsideIsLeftAlone) {
  S7 play;
  play.message("72 01 0011 31 0000 05b3 0000 0001 00000000 36 000000 72 01 0000");
  play.message("16 03 01 00 05").message("17 03 03 00 05", kBack);
  EXPECT_EQ(play.context.events.size(), 1U);
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(S7comm, FindsItsPlaceAfterAGap) {
  S7 play;
  play.frame("stop");
  play.analyzer->gap(100, kBack, play.context);
  EXPECT_EQ(play.context.refused_count(DecodeError::truncated), 1U);
  play.give("1234 5678 9abc def0", kBack);
  play.frame("stop_ack");
  expect(play.context, 1, {{"function_name", "PLC Stop"}, {"rtt", "-"}, {"ics.operation", "stop"}});
  play.end();
  EXPECT_EQ(play.context.events.size(), 2U);  // what was asked before may have been answered
}

TEST(S7comm, TheWrongWayRoundResponsesAreFoundToo) {
  S7 play;
  play.message("32 01 0000 1100 0010 0000 29 0000000000 09 'P_PROGRAM'", kBack);
  play.message("32 03 0000 1100 0001 0000 0000 29", kOut);
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.operation", "stop"}, {"ics.outcome", "ok"}});
}

TEST(S7comm, TheConnectionsEndIsTold) {
  S7 play;
  play.give("0300 000b 06 80 4431 0001 80");
  EXPECT_EQ(play.context.paths, std::vector<std::string>{"cotp"});
}

TEST(S7commProbe, Verdicts) {
  const struct {
    const char *name, *hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"job", "0300 0019 02 f0 80 32 01 0000 0000 0008 0000 f0 00 0001 0001 01e0", Verdict::yes, Verdict::yes},
      {"S7comm-plus", "0300 000f 02 f0 80 72 fe 0004 00000000", Verdict::yes, Verdict::yes},
      {"its first part", "0300 0009 02 f0 00 72 01", Verdict::yes, Verdict::yes},
      {"a reserved octet that is set", "0355 0019 02 f0 80 32 01 0000 0000 0008 0000 f0 00 0001 0001 01e0",
       Verdict::yes, Verdict::yes},
      {"half", "0300 0019 02 f0 80 32 01", Verdict::unsure, Verdict::unsure},
      {"connection request", "0300 0016 11 e0 0000 0001 00 c0 01 0a c1 02 0100 c2 02 0102", Verdict::no, Verdict::no},
      {"MMS's session", "0300 000b 02 f0 80 01 00 01 00", Verdict::no, Verdict::no},
      {"its beginning", "0300 0009 02 f0 00 0d b2", Verdict::no, Verdict::no},
      {"no data", "0300 0007 02 f0 80", Verdict::no, Verdict::no},
      {"lengths that do not fit", "0300 0019 02 f0 80 32 01 0000 0000 0009 0000 f0 00 0001 0001 01e0", Verdict::yes,
       Verdict::yes},
      {"redundancy", "0300 0019 02 f0 80 32 01 0001 0000 0008 0000 f0 00 0001 0001 01e0", Verdict::yes, Verdict::yes},
      {"another kind", "0300 0019 02 f0 80 32 05 0000 0000 0008 0000 f0 00 0001 0001 01e0", Verdict::no, Verdict::yes},
      {"version 9", "0300 000f 02 f0 80 72 09 0004 00000000", Verdict::no, Verdict::yes},
      {"TLS", "16030100a5010000a10303", Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_verdicts("s7comm", from_hex(c.hex), kOut, Transport::tcp, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
