// Paths, services, values and everything malformed in CIP's messages.
#include <gtest/gtest.h>

#include "enip_frames.h"

namespace nw::network::enip {
namespace {

TEST(CipMessage, Paths) {
  static constexpr struct {
    const char *hex, *target, *route;
  } kCases[] = {
      {"03 21006b00 2401", "0x6b/0x1", "-"},
      {"06 22006b000000 260001000000", "0x6b/0x1", "-"},
      {"03 2004 2464 3003", "0x4/0x64/0x3", "-"},
      {"04 2004 2464 2c65 2c66", "0x4/0x64/0x65/0x66", "-"},
      {"04 208e 2401 2074 2401", "0x8e/0x1/0x74/0x1", "-"},
      {"05 2068 2401 9103'Run'00", "0x68/0x1/Run", "-"},
      {"07 9101'A'00 2801 2900 0200 9101'B'00", "A[1][2].B", "-"},
      {"02 61'A' 2805", "A[5]", "-"},
      {"08 34040100020003000414 2004 2464 2801", "0x4/0x64[1]", "-"},
      {"02 4105 2001", "0x1", "-"},
      {"03 51010203 2001", "0x1", "-"},
      {"04 800100ff 2001 2401", "0x1/0x1", "-"},
      {"03 0105 0206 2001", "0x1", "1/5/2/6"},
      {"04 1204'10.1' 2001", "0x1", "2/10.1"},
      {"03 0f1000ff 2001", "0x1", "16/255"},
      {"02 3801 2001", "0x1/0x1", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(unconnected("0e" + std::string{c.hex}));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"ics.target", c.target}, {"route", c.route}});
  }
}

TEST(CipMessage, WhatAServiceDoes) {
  static constexpr struct {
    const char *hex, *name, *operation;
  } kCases[] = {
      {"01 02 2001 2401", "Get Attributes All", "identify"},
      {"03 02 2068 2401", "Get Attribute List", "read"},
      {"02 02 2004 2401", "Set Attributes All", "write"},
      {"10 03 2043 2401 3001", "Set Attribute Single", "time_set"},
      {"0e 03 2037 2401 3001", "Get Attribute Single", "file"},
      {"08 02 2068 2400", "Create", "program"},
      {"4f 02 2068 2401", "unknown-79", "program"},
      {"4c 02 20b2 2401", "unknown-76", "read"},
      {"4d 02 20b2 2401", "unknown-77", "program"},  // nobody has seen it
      {"53 02 2072 2401", "unknown-83", "program"},
      {"08 02 20b2 2400", "Create", "subscribe"},
      {"05 02 2072 2401", "Reset", "subscribe"},
      {"4c 02 206c 2401", "Read Template", "read"},
      {"55 02 206b 2400", "Get Instance Attribute List", "read"},
      {"4c 02 20f6 2401", "Get And Clear", "diagnose"},
      {"56 02 2006 2401", "Get Connection Data", "diagnose"},
      {"4b 02 2029 2401", "unknown-75", "other"},
      {"70 02 2004 2401", "unknown-112", "other"},
      {"05 02 2029 2401", "Reset", "restart"},
      {"17 02 2001 2401", "No Operation", "other"},
      {"4d 04 2068 2405 206b 2401 c400 0100 05000000", "Write Tag", "write"},  // of a program
      {"05 04 2037 2401 2001 2401", "Reset", "restart"},
      {"4c 02 2044 2401", "Read Coils", "read"},
      {"4f 02 2044 2401", "Write Coils", "write"},
      {"51 02 2044 2401", "Modbus Passthrough", "write"},
      {"54 02 2039 2401", "Safety Reset", "restart"},
      {"53 02 2039 2401", "Mode Change", "control"},
      {"4b 02 2030 2401", "Abort", "stop"},
      {"4f 02 2042 2401", "Run Motor Test", "control"},
      {"4b 02 20a1 2401", "Update", "program"},
      {"4d 02 20a1 2401", "Transfer", "program"},
      {"4e 02 20a1 2401", "unknown-78", "program"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(unconnected(c.hex));
    expect(flow.context, 0, {{"cip_service", c.name}, {"ics.operation", c.operation}});
  }
}

TEST(CipMessage, WhatFirmwareIsLoadedWith) {
  Play flow = play();
  flow.give(unconnected("4b 02 20a1 2402"));
  expect(flow.context, 0, {{"class_id", "0xa1"}, {"class_name", "Nonvolatile Storage"}, {"ics.target", "0xa1/0x2"}});
}

TEST(CipMessage, ValuesOfTags) {
  static constexpr struct {
    const char *hex, *value;
  } kCases[] = {
      {"c100 01", "1"},
      {"c200 ff", "-1"},
      {"c300 feff 0100", "-2,1"},
      {"c500 ffffffffffffffff", "-1"},
      {"c600 ff", "255"},
      {"c700 ffff", "65535"},
      {"c800 ffffffff", "4294967295"},
      {"c900 ffffffffffffffff", "18446744073709551615"},
      {"ca00 0000c03f", "1.5"},
      {"cb00 000000000000f8bf", "-1.5"},
      {"d100 0f", "0x0f"},
      {"d300 78563412", "0x12345678"},
      {"a002 3412 aabb", "aabb"},  // a structure, behind its handle
      {"c400 010203", "010203"},   // not whole
      {"d000 010041", "010041"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(connected("cc 000000" + std::string{c.hex}, 1, 1), kBack);
    expect(flow.context, 0, {{"ics.value", c.value}});
  }
}

TEST(CipMessage, WhatIsWrittenToTags) {
  static constexpr struct {
    const char *hex, *value;
  } kCases[] = {
      {"10 03 206b 2401 3005 0102030405", "0102030405"},  // an attribute, no value
      {"10 03 9104'Pump' 0102030405", "0102030405"},
      {"4e 03 9104'Pump' 0100 08 fb", "or 0x8 and 0xfb"},
      {"4e 03 9104'Pump' 0c00 000000000000000000000080 ffffffffffffffffffffff7f",
       "or 0x800000000000000000000000 and 0x7fffffffffffffffffffffff"},
      {"4e 03 9104'Pump' 0100 00 ff", "or 0x0 and 0xff"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(unconnected(c.hex));
    expect(flow.context, 0, {{"ics.operation", "write"}, {"ics.value", c.value}});
  }
}

TEST(CipMessage, ValuesOfSlcFiles) {
  Play flow = play();
  flow.give(kGolden("pccc_read")).give(kGolden("pccc_read_reply"));
  expect(flow.context, 1,
         {{"rtt", "0.001000"}, {"ics.operation", "read"}, {"ics.target", "N7:0"}, {"ics.value", "42,-1"}});
  static constexpr struct {
    const char *hex, *function, *operation, *target, *value;
  } kCases[] = {
      {"0f 00 3412 a1 02 07 89 05", "Protected Typed Logical Read with Two Address Fields", "read", "N7:5", "-"},
      {"0f 00 3412 a2 02 ff0001 85 ff0201 03", "Protected Typed Logical Read with Three Address Fields", "read",
       "B256:258.3", "-"},
      {"0f 00 3412 a9 04 09 91 01 ffffffff", "Protected Typed Logical Write with Two Address Fields", "write", "L9:1",
       "-1"},
      {"0f 00 3412 ab 02 03 85 01 00 0100 0100", "Protected Typed Logical Write with Mask", "write", "B3:1",
       "mask 0x0001 to 1"},
      {"0f 00 3412 80 06", "Change Mode", "start", "0x67/0x1", "6"},
      {"0f 00 3412 80 07", "Change Mode", "control", "0x67/0x1", "7"},
      {"0f 00 3412 3a 00", "Set CPU Mode", "stop", "0x67/0x1", "0"},
      {"0f 00 3412 3a 02", "Set CPU Mode", "start", "0x67/0x1", "2"},
      {"0f 00 3412 3a 01", "Set CPU Mode", "stop", "0x67/0x1", "1"},  // MicroLogix 1000
      {"0f 00 3412 07", "Shutdown", "stop", "0x67/0x1", "-"},
      {"0f 00 3412 0a", "Restart Request", "restart", "0x67/0x1", "-"},
      {"07 00 3412 03", "Enable PLC Scanning", "start", "0x67/0x1", "-"},
      {"0f 00 3412 88 02 05 a1 02 07 89 05 02 80 01", "Execute Multiple Commands", "stop", "N7:5", "1"},
      {"0f 00 3412 88 02 05 a1 02 07 89 05 07 a9 02 07 89 06 0100", "Execute Multiple Commands", "write", "N7:5,N7:6",
       "1"},
      {"0f 00 3412 88 ff ff 80 06", "Execute Multiple Commands", "start", "0x67/0x1", "6"},
      {"0f 00 3412 88", "Execute Multiple Commands", "other", "0x67/0x1", "-"},
      {"0f 00 3412 00 0000 0200 06 07 0a 0100 ffff", "Word Range Write", "write", "7:10", "1,-1"},
      {"0f 00 3412 01 0000 0200 0e 07 ff0001 02 04", "Word Range Read", "read", "7:256.2", "-"},
      {"0f 00 3412 67 0000 0100 00 24 '$N7:10' 00 42 0100", "Typed Write", "write", "N7:10", "-"},
      {"0f 00 3412 26 06 03 01 feff 0100 06 03 02 ffff 0200", "Read Modify Write", "write", "3:1,3:2",
       "and 0xfffe or 0x1,and 0xffff or 0x2"},
      {"0f 00 3412 00 0000 0200 06 07", "Word Range Write", "write", "0x67/0x1", "-"},
      {"0f 00 3412 50 00", "Download All Request", "program", "0x67/0x1", "-"},
      {"06 00 3412 03", "Diagnostic Status", "identify", "0x67/0x1", "-"},
      {"08 00 3412 0000", "Unprotected Write", "write", "0x67/0x1", "-"},
      {"0f 00 3412 ee", "unknown-238", "other", "0x67/0x1", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play one = play();
    one.give(unconnected("4b 02 2067 2401 07 4d00 f32b9532" + std::string{c.hex}));
    EXPECT_EQ(one.context.refused_total(), 0U);
    expect(one.context, 0,
           {{"pccc_function", c.function},
            {"ics.operation", c.operation},
            {"ics.target", c.target},
            {"ics.value", c.value}});
  }
}

TEST(CipMessage, PcccInOtherServices) {
  static constexpr struct {
    const char *hex, *service, *operation, *target;
  } kCases[] = {
      {"4c 02 2067 2401 0000 02 00 0000 05 00 0f 00 3412 80 01", "Execute DH+", "stop", "0x67/0x1"},
      {"4c 02 2067 2401 0000 02 00 0000 05 00 0f 00 3412 a2 54 09 8d 00 00", "Execute DH+", "read", "ST9:0"},
      {"4d 02 2067 2401 0f 00 3412 aa 02 0a 8e 01 00 4142", "Execute Local PCCC", "write", "A10:1"},
      {"4d 02 2067 2401 0f 00 3412 aa 02 0b 8f 01 00 1234", "Execute Local PCCC", "write", "D11:1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    Play flow = play();
    flow.give(unconnected(c.hex));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0,
           {{"cip_service", c.service},
            {"ics.operation", c.operation},
            {"ics.target", c.target},
            {"pccc_command", "0x0f"}});
  }
}

TEST(CipMessage, AttributesOfIdentity) {
  static constexpr struct {
    const char *ask, *answer, *field, *value;
  } kCases[] = {
      {"0e 03 2001 2401 3001", "8e 000000 0100", "vendor_id", "1"},
      {"0e 03 2001 2401 3006", "8e 000000 eeffc000", "serial_number", "0x00c0ffee"},
      {"0e 03 2001 2401 3007", "8e 000000 03'abc'", "product_name", "abc"},
      {"03 02 2001 2401 0200 0100 6500", "83 000000 0200 0100 0000 0200 6500 0000 01", "vendor_id", "2"},
      {"03 02 2001 2401 0200 0100 0400", "83 000600 0200 0100 1400 0400 0000 0102", "revision", "1.2"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.answer);
    Play flow = play();
    flow.give(unconnected(c.ask)).give(unconnected(c.answer), kBack);
    expect(flow.context, 2, {{c.field, c.value}});
    EXPECT_EQ(flow.context.paths[3], "known_device");
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(CipMessage, VendorsWithoutAName) {
  Play flow = play();
  flow.give(unconnected("0e 03 2001 2401 3001")).give(unconnected("8e 000000 e703"), kBack);
  expect(flow.context, 2, {{"vendor_id", "999"}, {"vendor_name", "unknown-999"}});
  expect(flow.context, 3, {{"vendor", "999"}});
}

TEST(CipMessage, ABadBodyIsRefusedAndStillTold) {
  static constexpr struct {
    const char *name, *hex, *service;
  } kCases[] = {
      {"no path", "0e", "Get Attribute Single"},
      {"the path is cut", "0e 05 2001 2401", "Get Attribute Single"},
      {"no segment", "0e 01 ffff", "Get Attribute Single"},
      {"a segment of the third width", "0e 01 2300", "Get Attribute Single"},
      {"a segment is cut", "0e 01 2100", "Get Attribute Single"},
      {"a symbol is cut", "4c 02 9105'ab'", "unknown-76"},
      {"a key of another format", "0e 01 3405", "Get Attribute Single"},
      {"data of another kind", "0e 01 8100", "Get Attribute Single"},
      {"special, but no key", "0e 01 3500", "Get Attribute Single"},
      {"an empty symbol", "0e 01 6000", "Get Attribute Single"},
      {"no status", "8e 00", "Get Attribute Single"},
      {"the additional status is cut", "8e 00 01 02 0001", "Get Attribute Single"},
      {"Forward Open is cut", "54 02 2006 2401 07f9 00000000", "Forward Open"},
      {"its reply is cut", "d4 000000 01000000", "Forward Open"},
      {"Forward Close is cut", "4e 02 2006 2401 07f9 14", "Forward Close"},
      {"its reply is cut", "ce 000000 1400", "Forward Close"},
      {"Unconnected Send is cut", "52 02 2006 2401 07f9", "Unconnected Send"},
      {"its message is cut", "52 02 2006 2401 07f9 0900 07 02 208e 2401", "Unconnected Send"},
      {"PCCC is cut", "4b 02 2067 2401 07 4d00", "Execute PCCC"},
      {"its reply is cut", "cb 000000 07 4d00", "Execute PCCC"},
      {"no count of parts", "0a 02 2002 2401 02", "Multiple Service Packet"},
      {"parts behind the end", "0a 02 2002 2401 0100 ff00", "Multiple Service Packet"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(unconnected(c.hex));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    expect(flow.context, 0, {{"cip_service", c.service}});
  }
}

TEST(CipMessage, NumbersWithoutAName) {
  Play flow = play();
  flow.give(unconnected("8e 00 7b 01 3412"));
  expect(flow.context, 0,
         {{"cip_status", "unknown-123"},
          {"cip_extended_status_code", "0x1234"},
          {"cip_extended_status", "-"},
          {"ics.reason", "unknown-123"}});
  flow.give(unconnected("d4 00 01 01 9909"));
  expect(flow.context, 1, {{"cip_extended_status", "unknown-2457"}});
}

}  // namespace
}  // namespace nw::network::enip
