#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

std::string_view golden(std::string_view name) { return Golden{"modbus"}(name).hex; }

// A TCP flow of ADUs, a millisecond apart.
struct Flow {
  FakeContext context{protocol("modbus")};
  std::unique_ptr<Analyzer> analyzer = protocol("modbus").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool give(std::string_view hex, Direction direction) {
    const bool alive = (direction == kOut ? out : back).feed(from_hex(hex));
    context.time += std::chrono::milliseconds{1};
    return alive;
  }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << want.field;
}

TEST(Modbus, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    Direction direction;
    std::vector<Want> want;
  } kCases[] = {
      {"read_coils_request",
       kOut,
       {{"tid", "1"},
        {"unit", "4"},
        {"func", "READ_COILS"},
        {"func_code", "1"},
        {"pdu_type", "REQ"},
        {"is_orig", "true"},
        {"ics.operation", "read"},
        {"address", "1"},
        {"quantity", "10"},
        {"data_length", "4"},
        {"rtt", "-"},
        {"exception", "-"},
        {"request_values", "-"}}},
      {"read_coils_response",
       kBack,
       {{"pdu_type", "RESP"},
        {"is_orig", "false"},
        {"response_values", "1,0,1,1,0,0,0,1,0,1,0,0,0,0,0,0"},
        {"address", "-"}}},
      {"read_registers_response", kBack, {{"func", "READ_HOLDING_REGISTERS"}, {"response_values", "555,0,100"}}},
      {"write_coil",
       kOut,
       {{"func", "WRITE_SINGLE_COIL"},
        {"ics.operation", "write"},
        {"address", "172"},
        {"quantity", "1"},
        {"request_values", "1"}}},
      {"write_register", kOut, {{"address", "1"}, {"request_values", "43981"}, {"ics.operation", "write"}}},
      {"diagnostics_listen_only",
       kOut,
       {{"func", "DIAGNOSTICS"},
        {"diag_subfunction", "4"},
        {"diag_subfunction_name", "Force Listen Only Mode"},
        {"ics.operation", "stop"},
        {"request_values", "0"}}},
      {"write_coils",
       kOut,
       {{"address", "19"}, {"quantity", "10"}, {"request_values", "1,0,1,1,0,0,1,1,1,0"}, {"ics.operation", "write"}}},
      {"write_registers", kOut, {{"address", "1"}, {"quantity", "2"}, {"request_values", "10,258"}}},
      {"write_registers_response", kBack, {{"address", "1"}, {"quantity", "2"}, {"response_values", "-"}}},
      {"read_file_request",
       kOut,
       {{"file_numbers", "4,3"}, {"file_records", "1,9"}, {"file_lengths", "2,2"}, {"ics.operation", "file"}}},
      {"read_file_response", kBack, {{"response_values", "3582,32,13261,64"}}},
      {"write_file",
       kOut,
       {{"file_numbers", "4"},
        {"file_records", "7"},
        {"file_lengths", "3"},
        {"request_values", "1711,1214,4109"},
        {"ics.operation", "write"}}},
      {"mask_write", kOut, {{"address", "4"}, {"and_mask", "242"}, {"or_mask", "37"}, {"ics.operation", "write"}}},
      {"read_write_request",
       kOut,
       {{"address", "14"},
        {"quantity", "2"},
        {"read_address", "3"},
        {"read_quantity", "2"},
        {"request_values", "255,254"}}},
      {"read_write_response", kBack, {{"response_values", "1,2"}}},
      {"read_fifo_response", kBack, {{"quantity", "2"}, {"response_values", "440,4740"}}},
      {"device_id_request", kOut, {{"mei_type", "Read Device Identification"}, {"object_ids", "-"}}},
      {"device_id_response", kBack, {{"object_ids", "0,1"}, {"object_values", "ACM,PLC"}}},
      {"event_counter_response", kBack, {{"response_values", "65535,264"}}},
      {"event_log_response", kBack, {{"response_values", "0,264,289,32,0"}}},
      {"exception_status_response", kBack, {{"response_values", "109"}}},
      {"server_id_response", kBack, {{"func", "REPORT_SLAVE_ID"}, {"data_length", "4"}}},
      {"exception",
       kBack,
       {{"func", "READ_HOLDING_REGISTERS_EXCEPTION"},
        {"func_code", "3"},
        {"exception", "ILLEGAL_DATA_ADDRESS"},
        {"exception_code", "2"}}},
      {"umas_stop",
       kOut,
       {{"func", "PROGRAM_UNITY"},
        {"func_code", "90"},
        {"umas_code", "65"},
        {"umas_func", "STOP_PLC"},
        {"ics.operation", "stop"}}},
      {"firmware", kOut, {{"func", "FIRMWARE_REPLACEMENT"}, {"ics.operation", "program"}, {"data_length", "2"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(golden(c.name), c.direction));
    ASSERT_EQ(flow.context.events.size(), c.name == std::string_view{"device_id_response"} ? 2U : 1U);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, c.want);
  }
}

TEST(Modbus, AResponseRepeatsItsRequest) {
  Flow flow;
  flow.give(golden("read_coils_request"), kOut);
  flow.give(golden("read_coils_response"), kBack);
  expect(flow.context, 1,
         {{"address", "1"}, {"quantity", "10"}, {"rtt", "0.001000"}, {"response_values", "1,0,1,1,0,0,0,1,0,1"}});
  flow.give(golden("read_coils_response"), kBack);  // answered already
  expect(flow.context, 2, {{"address", "-"}, {"rtt", "-"}});
}

TEST(Modbus, AnExceptionRepeatsItsRequest) {
  Flow flow;
  flow.give("0001 0000 0006 01 06 0010 0001", kOut);
  flow.give("0001 0000 0003 01 86 02", kBack);
  expect(flow.context, 1,
         {{"func", "WRITE_SINGLE_REGISTER_EXCEPTION"},
          {"func_code", "6"},
          {"address", "16"},
          {"ics.operation", "write"},
          {"rtt", "0.001000"}});
}

// What it does, to what, with which value, and what came of it.
TEST(Modbus, SaysWhatItDoesInTheCommonWords) {
  static constexpr struct {
    const char *name, *request, *response;
    const char *operation, *target, *asked, *got, *outcome, *reason;
  } kCases[] = {
      {"coils are read", "0001 0000 0006 04 01 000a 000d", "0001 0000 0005 04 01 02 a205", "read", "4/coil/10-22", "-",
       "0,1,0,0,0,1,0,1,1,0,1,0,0", "ok", "-"},
      {"inputs", "0001 0000 0006 04 02 000a 0001", "0001 0000 0004 04 02 01 01", "read", "4/discrete_input/10", "-",
       "1", "ok", "-"},
      {"registers", "0001 0000 0006 04 04 000a 0002", "0001 0000 0007 04 04 04 0001ffff", "read",
       "4/input_register/10-11", "-", "1,65535", "ok", "-"},
      {"a coil is written", "0001 0000 0006 04 05 0003 ff00", "0001 0000 0006 04 05 0003 ff00", "write", "4/coil/3",
       "1", "1", "ok", "-"},
      {"registers are", "0001 0000 000b 04 10 0064 0002 04 0001 0002", "0001 0000 0006 04 10 0064 0002", "write",
       "4/holding_register/100-101", "1,2", "1,2", "ok", "-"},
      {"refused", "0001 0000 0006 04 06 0064 0007", "0001 0000 0003 04 86 02", "write", "4/holding_register/100", "7",
       "7", "refused", "ILLEGAL_DATA_ADDRESS"},
      {"it takes long", "0001 0000 0006 04 06 0064 0007", "0001 0000 0003 04 86 05", "write", "4/holding_register/100",
       "7", "7", "ok", "ACKNOWLEDGE"},
      {"bits are masked", "0001 0000 0008 04 16 0004 00f2 0025", "0001 0000 0008 04 16 0004 00f2 0025", "write",
       "4/holding_register/4", "and 242 or 37", "and 242 or 37", "ok", "-"},
      {"files", "0001 0000 0011 04 14 0e 06 0004 0001 0002 06 0003 0009 0001",
       "0001 0000 000d 04 14 0a 05 06 0dfe0020 03 06 33cd", "file", "4/file/4/1-2,4/file/3/9", "-", "3582,32,13261",
       "ok", "-"},
      {"a counter", "0001 0000 0006 04 08 000b 0000", "0001 0000 0006 04 08 000b 0007", "diagnose", "4", "0", "7", "ok",
       "-"},
      {"restart", "0001 0000 0006 04 08 0001 0000", "0001 0000 0006 04 08 0001 0000", "restart", "4", "0", "0", "ok",
       "-"},
      {"UMAS stops it", "0001 0000 0004 00 5a 01 41", "0001 0000 0004 00 5a 01 fe", "stop", "0", "-", "-", "ok", "-"},
      {"UMAS may not", "0001 0000 0004 00 5a 01 41", "0001 0000 0006 00 5a 01 fd 8303", "stop", "0", "-", "-",
       "refused", "RESPONSE_ERROR"},
      {"who it is", "0001 0000 0005 01 2b 0e 01 00", "0001 0000 0008 01 2b 0e 01 01 00 00 00", "identify", "1", "-",
       "-", "ok", "-"},
      {"CANopen", "0001 0000 0003 01 2b 0d", "0001 0000 0003 01 2b 0d", "other", "1", "-", "-", "ok", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.request, kOut);
    flow.give(c.response, kBack);
    ASSERT_EQ(flow.context.events.size(), 2U);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0,
           {{"ics.operation", c.operation},
            {"ics.target", c.target},
            {"ics.value", c.asked},
            {"ics.outcome", "-"},
            {"ics.reason", "-"}});
    expect(flow.context, 1,
           {{"ics.operation", c.operation},
            {"ics.target", c.target},
            {"ics.value", c.got},
            {"ics.outcome", c.outcome},
            {"ics.reason", c.reason}});
  }
}

TEST(Modbus, AResponseAloneSaysWhatItCan) {
  Flow flow;
  flow.give("0001 0000 0006 04 06 0064 0007", kBack);
  flow.give("0002 0000 0003 04 86 02", kBack);
  expect(flow.context, 0,
         {{"ics.operation", "write"},
          {"ics.target", "4/holding_register/100"},
          {"ics.value", "7"},
          {"ics.outcome", "ok"}});
  expect(flow.context, 1, {{"ics.operation", "write"}, {"ics.target", "4"}, {"ics.outcome", "refused"}});
}

TEST(Modbus, WhatNobodyAnswersIsToldOnceMore) {
  const std::vector<Want> kUnanswered{
      {"tid", "1"},       {"pdu_type", "REQ"},          {"func", "WRITE_SINGLE_REGISTER"},
      {"address", "100"}, {"ics.operation", "write"},   {"ics.target", "4/holding_register/100"},
      {"ics.value", "7"}, {"ics.outcome", "no answer"}, {"ts", "1700000000000000000"}};
  {
    SCOPED_TRACE("at the end");
    Flow flow;
    flow.give("0001 0000 0006 04 06 0064 0007", kOut);
    flow.analyzer->finish(flow.context);
    ASSERT_EQ(flow.context.events.size(), 2U);
    expect(flow.context, 1, kUnanswered);
  }
  {
    SCOPED_TRACE("after half a minute, with what comes next");
    Flow flow;
    flow.give("0001 0000 0006 04 06 0064 0007", kOut);
    flow.context.time += std::chrono::seconds{31};
    flow.give("0002 0000 0006 04 06 0064 0007", kOut);
    ASSERT_EQ(flow.context.events.size(), 3U);
    expect(flow.context, 1, kUnanswered);
    expect(flow.context, 2, {{"tid", "2"}, {"ics.outcome", "-"}});
  }
  {
    SCOPED_TRACE("when it is asked again");
    Flow flow;
    flow.give("0001 0000 0006 04 06 0064 0007", kOut);
    flow.give("0001 0000 0006 04 06 0064 0008", kOut);
    ASSERT_EQ(flow.context.events.size(), 3U);
    expect(flow.context, 1, kUnanswered);
  }
  {
    SCOPED_TRACE("when too many wait");
    Flow flow;
    for (int i = 0; i < 65; ++i) {
      char adu[64];
      std::snprintf(adu, sizeof adu, "%04x 0000 0006 04 06 0064 0007", i + 1);
      flow.give(adu, kOut);
    }
    ASSERT_EQ(flow.context.events.size(), 66U);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
    expect(flow.context, 65, kUnanswered);
  }
  {
    SCOPED_TRACE("not when the answer may be lost");
    Flow flow;
    flow.give("0001 0000 0006 04 06 0064 0007", kOut);
    flow.analyzer->gap(12, kBack, flow.context);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.events.size(), 1U);
  }
}

TEST(Modbus, WhatADeviceSaysOfItselfIsToldOnce) {
  // Vendor, product code, revision, URL, product name, model, application.
  constexpr const char* kSays =
      "0001 0000 002b 07 2b 0e 02 02 00 00 07 0001'V' 0103'P01' 0205'v1.02' 0305'u.org' 0403'Pro' 0500 0604'Pump'";
  for (const bool alone : {false, true}) {
    SCOPED_TRACE(alone);
    FakeContext context{protocol("modbus")};
    if (alone) context.unwanted = "modbus";
    const auto analyzer = protocol("modbus").make(Transport::tcp);
    FakeStream back{*analyzer, kBack, context};
    back.feed(from_hex(kSays));
    back.feed(from_hex(kSays));
    EXPECT_EQ(context.refused_total(), 0U);
    ASSERT_EQ(context.events.size(), alone ? 1U : 3U);
    EXPECT_EQ(context.paths[alone ? 0 : 1], "known_device");
    expect(context, alone ? 0 : 1,
           {{"device", "198.51.100.1"},
            {"device_protocol", "modbus"},
            {"device_unit", "7"},
            {"vendor", "V"},
            {"order_number", "P01"},
            {"firmware", "v1.02"},
            {"device_description", "u.org"},
            {"product", "Pro"},
            {"device_name", "Pump"},
            {"serial_number", "-"}});
  }
}

TEST(Modbus, MatchesByTransactionUnitAndFunction) {
  static constexpr struct {
    const char *name, *response;
    bool matched;
  } kCases[] = {
      {"the same", "0001 0000 0005 01 03 02 0007", true},
      {"another transaction", "0002 0000 0005 01 03 02 0007", false},
      {"another unit", "0001 0000 0005 02 03 02 0007", false},
      {"another function", "0001 0000 0005 01 04 02 0007", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give("0001 0000 0006 01 03 0010 0001", kOut);
    flow.give(c.response, kBack);
    EXPECT_EQ(flow.context.get(1, "address"), c.matched ? "16" : "-");
    EXPECT_EQ(flow.context.get(1, "rtt") != "-", c.matched);
  }
}

TEST(Modbus, ReadWritePairs) {
  Flow flow;
  flow.give(golden("read_write_request"), kOut);
  flow.give(golden("read_write_response"), kBack);
  expect(flow.context, 1,
         {{"address", "14"},
          {"quantity", "2"},
          {"read_address", "3"},
          {"read_quantity", "2"},
          {"response_values", "1,2"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Modbus, NumbersWithoutANameKeepTheirNumber) {
  Flow flow;
  flow.give("0001 0000 0002 01 64", kOut);
  expect(flow.context, 0, {{"func", "unknown-100"}, {"func_code", "100"}, {"ics.operation", "other"}});
  flow.give("0001 0000 0003 01 9c 07", kBack);
  expect(flow.context, 1, {{"func", "unknown-156"}, {"func_code", "28"}, {"exception", "unknown-7"}});
  flow.give("0002 0000 0006 01 08 0063 0000", kOut);
  expect(flow.context, 2, {{"diag_subfunction_name", "unknown-99"}});
  flow.give("0003 0000 0003 01 2b 63", kOut);
  expect(flow.context, 3, {{"mei_type", "unknown-99"}});
  flow.give("0004 0000 0004 01 5a 00 99", kOut);
  expect(flow.context, 4, {{"umas_func", "unknown-153"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Modbus, ABadBodyIsRefusedAndStillTold) {
  static constexpr struct {
    const char* name;
    const char* hex;
    Direction direction;
    const char* address;
  } kCases[] = {
      {"read 0 coils", "0001 0000 0006 01 01 0001 0000", kOut, "1"},
      {"read 2001 coils", "0001 0000 0006 01 01 0001 07d1", kOut, "1"},
      {"read 0 registers", "0001 0000 0006 01 03 0001 0000", kOut, "1"},
      {"read 126 registers", "0001 0000 0006 01 03 0001 007e", kOut, "1"},
      {"read too short", "0001 0000 0005 01 03 0001 00", kOut, "1"},
      {"read too long", "0001 0000 0007 01 03 0001 0001 00", kOut, "1"},
      {"no address", "0001 0000 0002 01 03", kOut, "-"},
      {"coil neither on nor off", "0001 0000 0006 01 05 0001 1234", kOut, "1"},
      {"register too long", "0001 0000 0007 01 06 0001 1234 00", kOut, "1"},
      {"diagnostics without data", "0001 0000 0004 01 08 0000", kOut, "-"},
      {"diagnostics with an odd byte", "0001 0000 0005 01 08 0000 00", kOut, "-"},
      {"query with data", "0001 0000 0003 01 07 00", kOut, "-"},
      {"coils: bytes do not fit", "0001 0000 0009 01 0f 0001 0001 02 0000", kOut, "1"},
      {"coils: bytes missing", "0001 0000 0008 01 0f 0001 0009 02 00", kOut, "1"},
      {"coils: none", "0001 0000 0007 01 0f 0001 0000 00", kOut, "1"},
      {"registers: bytes do not fit", "0001 0000 0009 01 10 0001 0002 02 0000", kOut, "1"},
      {"registers: none", "0001 0000 0007 01 10 0001 0000 00", kOut, "1"},
      {"registers: byte after", "0001 0000 000a 01 10 0001 0001 02 0000 00", kOut, "1"},
      {"file: reference type 5", "0001 0000 000a 01 14 07 05 0001 0001 0001", kOut, "-"},
      {"file: half a part", "0001 0000 0007 01 14 04 06 0001 00", kOut, "-"},
      {"file: no part", "0001 0000 0003 01 14 00", kOut, "-"},
      {"file: data missing", "0001 0000 000a 01 15 07 06 0001 0001 0001", kOut, "-"},
      {"mask: cut", "0001 0000 0007 01 16 0001 0000 00", kOut, "1"},
      {"read-write: bytes do not fit", "0001 0000 000d 01 17 0001 0001 0002 0002 02 0000", kOut, "2"},
      {"read-write: reads none", "0001 0000 000d 01 17 0001 0000 0002 0001 02 0000", kOut, "2"},
      {"fifo: too long", "0001 0000 0005 01 18 0001 00", kOut, "1"},
      {"device id: cut", "0001 0000 0004 01 2b 0e 01", kOut, "-"},
      {"interface: no type", "0001 0000 0002 01 2b", kOut, "-"},
      {"umas: no function", "0001 0000 0003 01 5a 00", kOut, "-"},
      {"function 0", "0001 0000 0002 01 00", kOut, "-"},
      {"coils read: no bytes", "0001 0000 0003 01 01 00", kBack, "-"},
      {"coils read: count too high", "0001 0000 0004 01 01 02 00", kBack, "-"},
      {"registers read: odd", "0001 0000 0006 01 03 03 000000", kBack, "-"},
      {"file read: even part", "0001 0000 0006 01 14 03 02 06 00", kBack, "-"},
      {"file read: wrong reference", "0001 0000 0007 01 14 04 03 05 0000", kBack, "-"},
      {"event counter: cut", "0001 0000 0005 01 0b ffff 00", kBack, "-"},
      {"event log: cut", "0001 0000 0005 01 0c 02 0000", kBack, "-"},
      {"server id: count too high", "0001 0000 0004 01 11 02 00", kBack, "-"},
      {"fifo read: 32 values", "0001 0000 0006 01 18 0002 0020", kBack, "-"},
      {"device id: object cut", "0001 0000 000a 01 2b 0e 01 01 00 00 01 00 03", kBack, "-"},
      {"exception without a code", "0001 0000 0002 01 83", kBack, "-"},
      {"exception too long", "0001 0000 0004 01 83 01 00", kBack, "-"},
      {"status without a byte", "0001 0000 0002 01 07", kBack, "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(c.hex, c.direction));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    ASSERT_EQ(flow.context.events.size(), 1U);
    expect(flow.context, 0, {{"tid", "1"}, {"unit", "1"}, {"address", c.address}});
    EXPECT_NE(flow.context.get(0, "func"), "-");
  }
}

TEST(Modbus, AResponseMustFitItsRequest) {
  static constexpr struct {
    const char *name, *request, *response;
    bool good;
  } kCases[] = {
      {"registers", "0001 0000 0006 01 03 0000 0002", "0001 0000 0007 01 03 04 00000000", true},
      {"too few registers", "0001 0000 0006 01 03 0000 0002", "0001 0000 0005 01 03 02 0000", false},
      {"coils", "0001 0000 0006 01 01 0000 0009", "0001 0000 0005 01 01 02 0000", true},
      {"too few coils", "0001 0000 0006 01 01 0000 0009", "0001 0000 0004 01 01 01 00", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.request, kOut);
    flow.give(c.response, kBack);
    EXPECT_EQ(flow.context.refused_total(), c.good ? 0U : 1U);
  }
}

TEST(Modbus, LargestCountsAreTaken) {
  const auto adu = [](std::string function, std::string fixed, std::size_t data) {
    char head[32];
    std::snprintf(head, sizeof head, "0001 0000 %04zx 01", 2 + from_hex(fixed).size() + data);
    return head + std::move(function) + std::move(fixed) + std::string(2 * data, '0');
  };
  const struct {
    const char* name;
    std::string hex;
    unsigned refused;
  } kCases[] = {
      {"2000 coils", adu("01", "0000 07d0", 0), 0},
      {"125 registers", adu("03", "0000 007d", 0), 0},
      {"write 1968 coils", adu("0f", "0000 07b0 f6", 246), 0},
      {"write 1969 coils", adu("0f", "0000 07b1 f7", 247), 1},
      {"write 123 registers", adu("10", "0000 007b f6", 246), 0},
      {"read 125 and write 121 registers", adu("17", "0000 007d 0000 0079 f2", 242), 0},
      {"read 126 and write 121 registers", adu("17", "0000 007e 0000 0079 f2", 242), 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(c.hex, kOut));
    EXPECT_EQ(flow.context.refused_total(), c.refused);
    EXPECT_EQ(flow.context.events.size(), 1U);
  }
}

TEST(ModbusFraming, ABadHeaderDoesNotEndTheFlow) {
  static constexpr struct {
    const char *name, *hex;
    std::size_t events;
  } kCases[] = {
      {"protocol id set", "0001 0001 0006 01 03 0000 0001", 1},
      {"length 1", "0001 0000 0001 01", 0},
      {"length 255", "0001 0000 00ff 01 03", 0},
      {"length 1025 of UMAS", "0001 0000 0401 01 5a", 0},
      {"after a good one", "0001 0000 0006 01 03 0000 0001 ffff ffff ffff", 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(c.hex, kOut));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_TRUE(flow.give("0002 0000 0006 01 05 0004 ff00", kOut));
    ASSERT_EQ(flow.context.events.size(), c.events + 1);
    EXPECT_EQ(flow.context.get(c.events, "ics.target"), "1/coil/4");
  }
  Flow longest;
  EXPECT_TRUE(longest.give("0001 0000 00fe 01 64" + std::string(2 * 252, '0'), kOut));
  EXPECT_EQ(longest.context.get(0, "data_length"), "252");
  EXPECT_TRUE(longest.give("0002 0000 0400 01 5a" + std::string(2 * 1022, '0'), kOut));
  EXPECT_EQ(longest.context.get(1, "data_length"), "1022");
}

// Whoever goes on elsewhere than we do carries out what stands behind it.
TEST(ModbusFraming, WhatIsNoAduHidesNothingInItsSegment) {
  const std::string write = "0002 0000 0006 01 05 0004 ff00", next = "0003 0000 0006 01 05 0004 ff00",
                    own = "0002 0000 0003 01 64 07";
  const struct {
    const char* name;
    std::string hex;
    std::size_t events;
  } kCases[] = {
      {"behind a good one", "0001 0000 0006 01 03 0000 0001 ffff ffff ffff" + write, 2},
      {"behind a length of 0", "0001 0000 0000" + write, 1},
      {"behind a length of 1", "0001 0000 0001 01" + write, 1},
      {"within a length that is too large", "0001 0000 00ff 01 03" + write, 1},
      {"behind an odd octet", "0001 0000 0001 01 ff" + write, 1},
      {"two of them", "0001 0000 0001 01 ff" + write + next, 2},
      {"noise again", "0001 0000 0001 01 ff" + write + "0001 0000 0001 01 ff" + next, 2},
      {"another's function, where the bad one ends", "0001 0000 0001 01" + own, 1},
      {"another's function elsewhere may be anything", "0001 0000 0001 01 ff" + own, 0},
      {"behind what may be the beginning of one", "0001 0000 0001 01 ff 0000 0000 00fe 01 03" + write, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(c.hex, kOut));
    EXPECT_EQ(flow.context.events.size(), c.events);
    EXPECT_GE(flow.context.refused_count(DecodeError::bad_value), 1U);
    // What comes next is in its place, whatever waits.
    EXPECT_TRUE(flow.give("0009 0000 0003 01 64 07", kOut));
    EXPECT_EQ(flow.context.events.size(), c.events + 1);
  }
}

TEST(ModbusFraming, BehindNoiseAnAduMayComeInPieces) {
  const auto bytes = from_hex("0001 0000 0001 01 ff 0002 0000 0006 01 05 0004 ff00");
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    SCOPED_TRACE(cut);
    Flow flow;
    FakeStream stream{*flow.analyzer, kOut, flow.context};
    EXPECT_TRUE(stream.feed(Bytes{bytes}.first(cut)));
    EXPECT_TRUE(stream.feed(Bytes{bytes}.subspan(cut)));
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.get(0, "ics.target"), "1/coil/4");
  }
  // As are those that no length tells apart: octet by octet.
  Flow slow;
  FakeStream stream{*slow.analyzer, kOut, slow.context};
  for (const std::uint8_t octet : bytes) EXPECT_TRUE(stream.feed(Bytes{&octet, 1}));
  EXPECT_EQ(slow.context.events.size(), 1U);
}

TEST(ModbusFraming, FindsItsPlaceAfterAGap) {
  Flow flow;
  flow.give("0001 0000 0006 01", kOut);
  flow.analyzer->gap(5, kOut, flow.context);
  FakeStream later{*flow.analyzer, kOut, flow.context};
  EXPECT_TRUE(later.feed(from_hex("ffff ffff ffff ffff")));
  EXPECT_EQ(later.waiting(), 3U);  // numbers of a transaction may be so
  EXPECT_TRUE(later.feed(from_hex(golden("write_coil"))));
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  EXPECT_TRUE(later.feed(from_hex("ffff ffff ffff ffff")));  // in place again: a fault is a fault
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Modbus, OpenRequestsAreBounded) {
  Flow flow;
  char id[8];
  for (unsigned i = 0; i < 65; ++i) {
    std::snprintf(id, sizeof id, "%04x", i);
    flow.give(std::string{id} + " 0000 0006 01 03 0010 0001", kOut);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), i < 64 ? 0U : 1U);
  }
  flow.give("0000 0000 0005 01 03 02 0007", kBack);
  EXPECT_EQ(flow.context.get(66, "address"), "-");  // the oldest had to go
  flow.give("0001 0000 0005 01 03 02 0007", kBack);
  EXPECT_EQ(flow.context.get(67, "address"), "16");
}

TEST(Modbus, AnExceptionTellsWhoTheServerIs) {
  Flow flow;  // the wrong way round: the server is taken for the originator
  flow.give("0001 0000 0006 01 03 0010 0001", kBack);
  flow.give("0001 0000 0003 01 83 02", kOut);
  flow.give("0002 0000 0006 01 03 0010 0001", kBack);
  flow.give("0002 0000 0005 01 03 02 0007", kOut);
  expect(flow.context, 1, {{"pdu_type", "RESP"}, {"is_orig", "false"}, {"exception", "ILLEGAL_DATA_ADDRESS"}});
  expect(flow.context, 2, {{"pdu_type", "REQ"}, {"is_orig", "true"}});
  expect(flow.context, 3, {{"pdu_type", "RESP"}, {"address", "16"}, {"response_values", "7"}});
}

TEST(Modbus, AClientsExceptionAnswersAndTurnsNothing) {
  Flow flow;
  flow.give("0001 0000 0006 01 01 0000 0001", kOut);
  flow.give("0001 0000 0003 01 81 01 0002 0000 0006 01 05 0004 ff00", kOut);
  expect(flow.context, 1, {{"pdu_type", "RESP"}, {"exception_code", "1"}, {"rtt", "-"}, {"ics.outcome", "refused"}});
  flow.give("0001 0000 0004 01 01 01 00", kBack);
  expect(flow.context, 3, {{"pdu_type", "RESP"}, {"quantity", "1"}, {"ics.outcome", "ok"}});
  expect(flow.context, 2, {{"pdu_type", "REQ"}, {"is_orig", "true"}, {"ics.operation", "write"}, {"ics.outcome", "-"}});
}

TEST(Modbus, ANumberUsedAgainReplacesTheOldRequest) {
  Flow flow;
  for (int i = 0; i < 100; ++i) flow.give("0001 0000 0006 01 03 0010 0001", kOut);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(ModbusProbe, Verdicts) {
  static constexpr struct {
    const char *name, *hex;
    Direction direction;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"request", "0001 0000 0006 01 03 0000 0001", kOut, Verdict::yes, Verdict::yes},
      {"response", "0001 0000 0005 01 03 02 0000", kBack, Verdict::yes, Verdict::yes},
      {"response from the guessed client", "0001 0000 0005 01 03 02 0000", kOut, Verdict::no, Verdict::yes},
      {"exception", "0001 0000 0003 01 83 02", kBack, Verdict::yes, Verdict::yes},
      {"bad body", "0001 0000 0006 01 03 0000 0000", kOut, Verdict::no, Verdict::yes},
      {"vendor's function", "0001 0000 0004 01 5a 00 01", kOut, Verdict::no, Verdict::yes},
      {"half", "0001 0000 0006 01", kOut, Verdict::unsure, Verdict::unsure},
      {"protocol id set", "0001 0001", kOut, Verdict::no, Verdict::no},
      {"too long", "0001 0000 0200 01 03", kOut, Verdict::no, Verdict::no},
      {"TLS", "16030100a5010000a10303", kOut, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    EXPECT_EQ(protocol("modbus").probe(bytes, c.direction, Transport::tcp, false), c.anywhere);
    EXPECT_EQ(protocol("modbus").probe(bytes, c.direction, Transport::tcp, true), c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
