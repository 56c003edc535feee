#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"codesys"};

struct Codesys : Play {
  explicit Codesys(Transport carried = Transport::tcp) : Play{"codesys", carried} {}
  Codesys& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

TEST(Codesys, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"name_request",
       {{"function", "Names Resolve address"},
        {"version", "3"},
        {"is_orig", "true"},
        {"group_code", "-"},
        {"command_code", "49666"},
        {"priority", "1"},
        {"sender", "0010"},
        {"receiver", "-"},
        {"encrypted", "-"},
        {"ics.operation", "identify"},
        {"ics.outcome", "-"}}},
      {"identification",
       {{"function", "Names Identification"},
        {"is_orig", "false"},
        {"sender", "0010"},
        {"receiver", "000a"},
        {"node_name", "PUMP1"},
        {"device_name", "Control 9"},
        {"vendor_name", "Example Ltd"},
        {"serial_number", "S-001"},
        {"target_type", "4096"},
        {"target_id", "65538"},
        {"target_version", "12.21.2.0"},
        {"ics.operation", "identify"},
        {"ics.outcome", "ok"}}},
      {"udp_stop", {{"function", "CmpApp Stop"}, {"ics.operation", "stop"}, {"channel", "5"}}},
      {"open", {{"function", "Channel Open"}, {"group_code", "195"}, {"command_code", "-"}, {"channel", "-"}}},
      {"opened",
       {{"function", "Channel Open response"},
        {"is_orig", "false"},
        {"channel", "5"},
        {"error_code", "0"},
        {"ics.outcome", "ok"}}},
      {"login",
       {{"function", "CmpDevice Login"},
        {"group_code", "1"},
        {"command_code", "2"},
        {"encrypted", "false"},
        {"sender", "d1580a000001"},
        {"receiver", "2ddc0a000002"},
        {"channel", "5"},
        {"session_id", "0"},
        {"block", "2"},
        {"size", "43"},
        {"user", "admin"},
        {"password", "true"},
        {"ics.operation", "other"},
        {"ics.target", "CmpDevice"}}},
      {"logged_in", {{"is_orig", "false"}, {"error_code", "0"}, {"ics.outcome", "ok"}, {"ics.target", "CmpDevice"}}},
      {"login_refused", {{"error_code", "770"}, {"ics.outcome", "refused"}, {"ics.reason", "error 770"}}},
      {"start",
       {{"function", "CmpApp Start"},
        {"session_id", "4660"},
        {"password", "-"},
        {"ics.operation", "start"},
        {"ics.target", "CmpApp"}}},
      {"started", {{"is_orig", "false"}, {"function", "CmpApp Start"}, {"ics.outcome", "ok"}}},
      {"stop", {{"function", "CmpApp Stop"}, {"ics.operation", "stop"}}},
      {"reset", {{"function", "CmpApp Reset"}, {"ics.operation", "restart"}}},
      {"download", {{"function", "CmpApp Download"}, {"ics.operation", "program"}}},
      {"boot_project", {{"function", "CmpApp CreateBootProject"}, {"ics.operation", "program"}}},
      {"write_vars", {{"function", "CmpIecVarAccess WriteVars"}, {"ics.operation", "write"}}},
      {"read_file",
       {{"function", "CmpFileTransfer StartUpload"},
        {"path", "PlcLogic/app.bin"},
        {"ics.operation", "file"},
        {"ics.target", "file/PlcLogic/app.bin"}}},
      {"file_refused", {{"error_code", "23"}, {"ics.outcome", "refused"}}},
      {"list_files", {{"function", "CmpFileTransfer GetDirInfo"}, {"path", "PlcLogic"}}},
      {"shell",
       {{"function", "PlcShell Execute"},
        {"shell_command", "stopprg"},
        {"ics.operation", "stop"},
        {"ics.target", "PlcShell"},
        {"ics.value", "stopprg"}}},
      {"encrypted", {{"function", "CmpApp Download"}, {"encrypted", "true"}, {"ics.operation", "program"}}},
      {"unnamed", {{"function", "unknown-64 unknown-153"}, {"ics.operation", "other"}, {"ics.target", "-"}}},
      {"close", {{"function", "Channel Close"}, {"channel", "5"}, {"is_orig", "true"}}},
      {"v2_open",
       {{"function", "V2 Open"},
        {"version", "2"},
        {"group_code", "1"},
        {"size", "1"},
        {"channel", "-"},
        {"ics.operation", "identify"}}},
      {"v2_identity", {{"function", "V2 response"}, {"is_orig", "false"}, {"product", "-"}, {"ics.outcome", "ok"}}},
      {"v2_open_big", {{"function", "V2 Open"}, {"size", "1"}}},
      {"v2_write_file",
       {{"function", "V2 Write file"},
        {"path", "boot.prg"},
        {"size", "21"},
        {"ics.operation", "file"},
        {"ics.target", "file/boot.prg"}}},
      {"v2_block", {{"function", "V2 Write file, next block"}, {"ics.operation", "file"}, {"path", "-"}}},
      {"v2_read_file", {{"function", "V2 Read file"}, {"path", "boot.chk"}}},
      {"v2_shell", {{"function", "V2 Shell command"}, {"shell_command", "stopprg"}, {"ics.operation", "stop"}}},
      {"v2_side", {{"function", "V2 side channel"}, {"group_code", "-"}, {"ics.operation", "other"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Codesys play{kGolden(c.name).transport};
    play.frame(c.name);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, c.want);
  }
}

TEST(Codesys, AResponseRepeatsItsRequest) {
  Codesys play;
  play.frame("open").frame("opened").frame("login").frame("logged_in").frame("start").frame("started");
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
  expect(play.context, 3, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
  expect(play.context, 5, {{"rtt", "0.001000"}, {"ics.operation", "start"}, {"ics.target", "CmpApp"}});
  play.frame("read_file").frame("file_refused").frame("close").end();
  expect(play.context, 7,
         {{"rtt", "0.001000"},
          {"ics.target", "file/PlcLogic/app.bin"},
          {"ics.outcome", "refused"},
          {"ics.reason", "error 23"}});
  EXPECT_EQ(play.context.events.size(), 9U);
}

TEST(Codesys, OthersAreNotJoined) {
  Codesys play;
  play.frame("stop").frame("started").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.get(2, "ics.outcome"), "no answer");
}

TEST(Codesys, DevicesAreKnown) {
  Codesys names{Transport::udp};
  names.frame("name_request").frame("identification").frame("name_request").frame("identification");
  ASSERT_EQ(names.context.events.size(), 5U);
  EXPECT_EQ(names.get(1, "rtt"), "0.001000");
  expect(names.context, 2,
         {{"device_protocol", "codesys"},
          {"device_unit", "0010"},
          {"vendor", "Example Ltd"},
          {"product", "Control 9"},
          {"serial_number", "S-001"},
          {"firmware", "12.21.2.0"},
          {"device_name", "PUMP1"}});
  Codesys opening;
  opening.frame("v2_open").frame("v2_identity");
  ASSERT_EQ(opening.context.events.size(), 3U);
  expect(opening.context, 1,
         {{"function", "V2 Open"},
          {"rtt", "0.001000"},
          {"system", "Nucleus PLUS PPC"},
          {"product", "750-881"},
          {"ics.operation", "identify"}});
  expect(opening.context, 2, {{"product", "750-881"}, {"device_description", "Nucleus PLUS PPC"}});
}

TEST(Codesys, V2AnswersInOrder) {
  Codesys play;
  play.frame("v2_write_file").frame("v2_side").give("6666 0100 00000000 0000000000000000 01000000 06000000", kBack);
  play.give("bbbb 0100 0000 00", kBack).end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 2, {{"function", "V2 side channel"}, {"rtt", "-"}});
  expect(play.context, 3,
         {{"function", "V2 Write file"},
          {"is_orig", "false"},
          {"rtt", "0.003000"},
          {"ics.target", "file/boot.prg"},
          {"ics.outcome", "ok"}});
}

TEST(Codesys, EachFrameOfV2TellsItsOrder) {
  Codesys play;  // what a controller of the other order would wait for hides none of them
  play.frame("v2_open").give("bbbb 0000 0008 30 00 0004 0a0b0c0d");
  play.frame("v2_block").frame("v2_open_big");
  EXPECT_EQ(play.get(1, "function"), "V2 Write file, next block");
  EXPECT_EQ(play.get(2, "function"), "V2 Write file, next block");
  EXPECT_EQ(play.get(3, "function"), "V2 Open");
  play.give("bbbb 0100 0001 01");  // of a scanner
  EXPECT_EQ(play.get(4, "function"), "V2 Open");
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Codesys, TheWrongWayRound) {
  Codesys play;
  play.give(kGolden("stop").hex, kBack);
  EXPECT_EQ(play.get(0, "is_orig"), "true");
  Codesys opening;
  opening.give(kGolden("v2_open").hex, kBack).give(kGolden("v2_identity").hex, kOut);
  expect(opening.context, 1, {{"is_orig", "false"}, {"product", "750-881"}});
}

TEST(Codesys, PasswordsAreNotTold) {
  Codesys play;
  play.give("cccc 0100 13000000 0000000000000000 01000000 23 1300 00 92 00 000000 'setpwd SECRET' 00");
  expect(play.context, 0, {{"shell_command", "setpwd"}, {"ics.value", "setpwd"}, {"ics.operation", "write"}});
  play.give("cccc 0100 10000000 0000000000000000 01000000 23 1000 00 92 00 000000 'filedir /x' 00");
  expect(play.context, 1, {{"shell_command", "filedir /x"}, {"ics.operation", "diagnose"}});
}

TEST(Codesys, HowAShellDividesWords) {
  const struct {
    const char *command, *told, *operation;
  } kCases[] = {
      {"' stopprg'", " stopprg", "stop"},
      {"'STOPPRG' 09 'x'", "STOPPRG\\x09x", "stop"},
      {"'rtc-set 12:00'", "rtc-set 12:00", "time_set"},
      {"' setpwd SECRET'", "setpwd", "write"},
      {"'SetPwd' 09 'SECRET'", "SetPwd", "write"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.told);
    Codesys play;
    play.give(std::string{"bbbb 40000000 92 00 000000"} + c.command + std::string(128, '0'));
    expect(play.context, 0, {{"shell_command", c.told}, {"ics.value", c.told}, {"ics.operation", c.operation}});
  }
}

// Numbers that are filled up, and a second tag that takes the place of the first.
TEST(Codesys, TheLastTagCounts) {
  Codesys play{Transport::udp};
  play.give(
      "c5 6b 40 40 00 11 000a 0010 0000 01 81 0500 02000000 01000000 27000000 00000000 55cd 0c00 11 00 0100 34120000 "
      "17000000 10 05 'help' 00 90808080808000 08 'stopprg' 00");
  expect(play.context, 0, {{"shell_command", "stopprg"}, {"ics.operation", "stop"}});
}

// A block of a channel: the first one of a message has its size and CRC in front.
constexpr std::uint8_t kFirst = 0x81, kFurther = 0x80;
std::vector<std::uint8_t> block(std::uint8_t flags, std::uint8_t channel, std::uint8_t number,
                                const std::string& rest) {
  auto bytes = from_hex("c5 6b 40 40 00 11 000a 0010 0000 01 00 0000 00000000 01000000" + rest);
  bytes[13] = flags;
  bytes[14] = channel;
  bytes[16] = number;
  return bytes;
}

TEST(Codesys, BlocksArePutTogether) {
  Codesys play{Transport::udp};
  play.give(block(kFirst, 5, 2, "10000000 e992add9 55cd 0c00"));
  play.give(block(kFirst, 6, 2, "27000000 00000000 55cd 0c00 11 00 0100 34120000 17000000"));
  play.give(block(kFurther, 5, 4, "01 00 0300"));            // not the next one
  play.give(block(kFirst, 5, 9, "ff000000 00000000 55cd"));  // nor is what begins out of turn
  EXPECT_EQ(play.context.events.size(), 0U);
  play.give(block(kFurther, 5, 3, "02 00 1100 34120000 00000000"));
  expect(play.context, 0,
         {{"function", "CmpApp Stop"}, {"channel", "5"}, {"block", "2"}, {"size", "16"}, {"ics.operation", "stop"}});
  play.give(block(kFurther, 6, 3, "13 0c 000000000000000000000000"));
  EXPECT_EQ(play.context.events.size(), 1U);
  play.give(block(kFurther, 6, 4, "10 07 'reboot' 00"));
  expect(play.context, 1, {{"channel", "6"}, {"shell_command", "reboot"}, {"ics.operation", "restart"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Codesys, ServicesInTheOtherOrder) {
  Codesys play{Transport::udp};
  play.give(block(kFirst, 5, 2, "10000000 00000000 cd55 000c 0002 0011 00001234 00000000"));
  play.give(block(kFirst, 5, 3, "10000000 00000000 7557 000c 0002 0005 00001234 00000000"));
  play.give(block(kFirst, 5, 4, "17000000 00000000 cd55 000c 0081 0002 00000000 00000007 8201 04 20 02 0302"), kBack);
  expect(play.context, 0,
         {{"function", "CmpApp Stop"}, {"session_id", "4660"}, {"encrypted", "false"}, {"ics.operation", "stop"}});
  expect(play.context, 1, {{"function", "CmpApp Download"}, {"encrypted", "true"}});
  expect(play.context, 2, {{"is_orig", "false"}, {"error_code", "770"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Codesys, WhatWasNotDone) {
  Codesys play{Transport::udp};
  play.give(block(kFirst, 5, 2, "10000000 00000000 55cd 0c00 02 00 1000 34120000 00000000"));
  play.give(block(kFirst, 5, 2, "14000000 00000000 55cd 0c00 82 00 1000 34120000 04000000 01 02 3700"), kBack);
  expect(play.context, 1, {{"error_code", "55"}, {"ics.operation", "start"}, {"ics.outcome", "refused"}});
  play.give(block(kFirst, 5, 3, "16000000 00000000 55cd 0c00 89 00 0600 34120000 06000000 fffe03 02 1900"), kBack);
  expect(play.context, 2, {{"function", "CmpIecVarAccess WriteVars"}, {"ics.reason", "error 25"}});
  play.give(block(kFirst, 5, 4, "1a000000 00000000 55cd 0c00 89 00 0600 34120000 0a000000 82ff03 04 20 02 1900 0000"),
            kBack);
  expect(play.context, 3, {{"ics.outcome", "refused"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Codesys, ArgumentsOfTheShell) {
  Codesys play{Transport::udp};
  play.give(block(kFirst, 5, 2,
                  "2a000000 00000000 55cd 0c00 11 00 0100 34120000 1a000000 10 0b 'filedelete' 00 12 0b 'boot.app' "
                  "000000"));
  expect(play.context, 0,
         {{"shell_command", "filedelete boot.app"}, {"ics.value", "filedelete boot.app"}, {"ics.operation", "file"}});
  play.give(block(kFirst, 5, 3,
                  "22000000 00000000 55cd 0c00 11 00 0100 34120000 12000000 10 07 'setpwd' 00 12 07 'SECRET' 00"));
  expect(play.context, 1, {{"shell_command", "setpwd"}, {"ics.value", "setpwd"}});
}

TEST(Codesys, AFileThatIsRenamed) {
  Codesys play{Transport::udp};
  play.give(
      block(kFirst, 5, 2, "1c000000 00000000 55cd 0c00 08 00 0f00 34120000 0c000000 01 04 'old' 00 01 04 'new' 00"));
  play.give(block(kFirst, 5, 2, "14000000 00000000 55cd 0c00 88 00 0f00 34120000 04000000 08 02 1700"), kBack);
  expect(play.context, 0, {{"function", "CmpFileTransfer RenameFile"}, {"ics.target", "file/old,file/new"}});
  expect(play.context, 1, {{"ics.target", "file/old,file/new"}, {"ics.reason", "error 23"}});
}

TEST(Codesys, AResetToTheOriginDeletes) {
  const struct {
    const char *option, *value, *operation;
  } kCases[] = {{"00", "warm", "restart"}, {"01", "cold", "restart"}, {"02", "origin", "program"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.value);
    Codesys play{Transport::udp};
    play.give(block(kFirst, 5, 2,
                    std::string{"1f000000 00000000 55cd 0c00 02 00 1200 34120000 0f000000 8101 0c 1104 78563412 1004"} +
                        c.option + "000000"));
    expect(play.context, 0, {{"function", "CmpApp Reset"}, {"ics.value", c.value}, {"ics.operation", c.operation}});
  }
}

TEST(Codesys, WhatIsNotWholeIsToldAsFarAsItCame) {
  const std::string reset = "ff000000 00000000 55cd 0c00 02 00 1200 34120000 00000000";
  Codesys play{Transport::udp};
  play.give(block(kFirst, 5, 2, reset)).give(block(kFirst, 5, 2, reset));
  EXPECT_EQ(play.context.events.size(), 1U);
  play.analyzer->gap(10, kOut, play.context);
  EXPECT_EQ(play.context.events.size(), 2U);
  EXPECT_EQ(play.get(1, "function"), "CmpApp Reset");
  play.give(block(kFirst, 5, 2, reset));
  play.context.time += std::chrono::seconds{31};
  play.give("c5 6b 40 40 00 11 000a 0010 0000 03 00 0500");  // a keep-alive
  EXPECT_GT(play.context.events.size(), 2U);
  play.give(block(kFirst, 5, 2, "ff000000 00000000 55cd 0c00")).end();
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Codesys, UnfinishedMessagesAreBounded) {
  const std::string reset = "ffff0000 00000000 55cd 0c00 02 00 1200 34120000 00000000";
  Codesys play{Transport::udp};
  for (std::uint8_t channel = 0; channel < 9; ++channel) play.give(block(kFirst, channel, 2, reset));
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.events.size(), 1U);
  for (std::uint8_t number = 3; number < 8; ++number) play.give(block(kFurther, 8, number, std::string(2000, '0')));
  ASSERT_EQ(play.context.events.size(), 2U);  // 4 KiB
  EXPECT_EQ(play.get(1, "channel"), "8");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(Codesys, WhatOnlyCarriesIsNotTold) {
  Codesys play{Transport::udp};
  play.give("c5 6b 40 40 00 11 000a 0010 0000 02 80 0500 01000000");                  // acknowledgement
  play.give("c5 6b 40 40 00 11 000a 0010 0000 03 00 0500");                           // keep-alive
  play.give("c5 6b 40 40 00 11 000a 0010 0000 01 80 0500 03000000 01000000 abcdef");  // a further block
  play.give("c5 6b 40 40 00 11 000a 0010 0000 84 00 0101 00000000 0500 0000");        // a channel was closed
  play.give("c5 6b 40 01 00 10 0010 0102");                                           // addresses
  EXPECT_EQ(play.context.events.size(), 0U);
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Codesys, NobodyAnswers) {
  Codesys play;
  play.frame("stop").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"ics.outcome", "no answer"},
          {"function", "CmpApp Stop"},
          {"channel", "5"},
          {"ics.operation", "stop"},
          {"ts", play.get(0, "ts").c_str()}});
}

TEST(Codesys, RequestsThatWaitAreBounded) {
  Codesys play;
  for (unsigned i = 0; i <= 64; ++i) play.frame("stop");
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.get(65, "ics.outcome"), "no answer");
  play.context.time += std::chrono::seconds{31};
  play.frame("start");
  EXPECT_EQ(play.context.events.size(), 66U + 64U + 1U);
}

TEST(Codesys, HeadersMayBeLonger) {
  Codesys play{Transport::udp};
  play.give("c5 74 40 03 00 10 ce6d 0010 0000 02c2 0004 b4840000");
  play.give(
      "c5 6c 40 40 00 11 0000 000a 0010 01 81 0500 02000000 01000000 10000000 e992add9 55cd 0c00 02 00 1100 34120000 "
      "00000000");
  expect(play.context, 0, {{"function", "Names Resolve address"}, {"sender", "0010"}});
  expect(play.context, 1, {{"function", "CmpApp Stop"}, {"receiver", "000a"}, {"sender", "0010"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Codesys, DatagramsThatAreNone) {
  const char* const kCases[] = {
      "c4 6b 40 40 00 11 000a 0010 0000 03 00 0500",       // magic
      "c5 6a 40 40 00 11 000a 0010 0000 03 00 0500",       // header's length
      "c5 6b 40 41 00 11 000a 0010 0000 03 00 0500",       // service
      "c5 6b 40 40 00 ff 000a 0010 0000 03 00 0500",       // addresses cut
      "c5 6b 40 40 00 11 000a 0010 0000 09 00 0500",       // channel's message
      "c5 6b 40 40 00 11 000a 0010 0000 c3 00 0102 0000",  // version of a channel
      "c5 6b 40 03 00 10 0010 02c2 0005 78563412",         // version of names
      "c5 6b 40 40 00 11 000a 0010 0000 01 81 0500 02000000 01000000 04000000 00000000 55cc0c00",  // application
  };
  for (const char* const hex : kCases) {
    SCOPED_TRACE(hex);
    Codesys play{Transport::udp};
    play.give(hex);
    expect_refused(play.context, DecodeError::bad_value, 0);
  }
}

TEST(Codesys, ACutIdentityIsRefusedAndTold) {
  Codesys play{Transport::udp};
  const auto bytes = from_hex(kGolden("identification").hex);
  play.give(Bytes{bytes}.first(bytes.size() - 3));
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
  expect(play.context, 0, {{"node_name", "PUMP1"}, {"serial_number", "-"}});
}

TEST(Codesys, TagsThatLieAreNotRead) {
  Codesys play;
  auto bytes = from_hex(kGolden("list_files").hex);
  bytes[65] = 0x7f;  // the path's length
  play.give(bytes);
  expect(play.context, 0, {{"path", "-"}, {"ics.operation", "file"}});
  bytes = from_hex(kGolden("shell").hex);
  for (std::size_t i = 64; i < bytes.size(); ++i) bytes[i] = 0x80;  // numbers without an end
  play.give(bytes);
  expect(play.context, 1, {{"shell_command", "-"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Codesys, FramesThatAreNoneArePassedOver) {
  const char* const kCases[] = {
      "00 01 17 e9",                                               // magic
      "00 01 17 e8 0d000000 c5",                                   // too short
      "00 01 17 e8 01100000 c5",                                   // too long
      "00 01 17 e8 20000000 c4",                                   // no datagram
      "bb bc",                                                     // magic of V2
      "bbbb 0000 0000 01",                                         // nothing in it
      "bbbb 0140 0000 01",                                         // too long
      "bbbb 0100 0200 01",                                         // what stands behind the length
      "cccc 0200 01000000 0000000000000000 01000000 23010000 32",  // what stands behind the magic
      "cccc 0100 01400000 0000000000000000 01000000 23010000 32",  // too long
  };
  for (const char* const hex : kCases) {
    SCOPED_TRACE(hex);
    Codesys play;
    play.give(hex);
    play.give("ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff");
    EXPECT_EQ(play.context.events.size(), 0U);
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
    play.frame("stop");
    EXPECT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
  }
}

TEST(Codesys, AfterAGapTheNextFrameIsFound) {
  Codesys play;
  play.frame("start");
  play.analyzer->gap(10, kBack, play.context);
  play.give("01 02 03", kBack);
  play.frame("started").end();
  ASSERT_EQ(play.context.events.size(), 2U);  // nobody knows what was answered
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(Codesys, ALyingLengthHidesNothing) {
  Codesys play;
  auto lying = from_hex(kGolden("download").hex);
  lying[5] = 0x04;
  play.give(lying);
  play.frame("stop");
  ASSERT_EQ(play.context.events.size(), 1U);
  EXPECT_EQ(play.get(0, "ics.operation"), "stop");
  Codesys old;
  old.give("bbbb ff3f 0000 30 00");
  old.frame("v2_shell");
  ASSERT_EQ(old.context.events.size(), 1U);
  EXPECT_EQ(old.get(0, "ics.operation"), "stop");
}

TEST(Codesys, AResponseThatLooksLikeAnOpeningTurnsNothing) {
  Codesys play;
  play.frame("v2_open").frame("v2_identity").give("bbbb 0100 0000 01", kBack);
  play.frame("v2_shell");
  expect(play.context, play.context.events.size() - 1, {{"function", "V2 Shell command"}, {"ics.operation", "stop"}});
}

TEST(Codesys, Probe) {
  const auto stop = from_hex(kGolden("stop").hex);
  expect_verdicts("codesys", stop, kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("codesys", Bytes{stop}.first(9), kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("codesys", Bytes{stop}.first(6), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  const auto open = from_hex(kGolden("v2_open").hex);
  expect_verdicts("codesys", open, kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("codesys", Bytes{open}.first(6), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("codesys", from_hex("bbbb 0100 0000 01 00"), kOut, Transport::tcp, Verdict::no, Verdict::yes);
  expect_verdicts("codesys", from_hex(kGolden("udp_stop").hex), kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("codesys", from_hex("c5 6b 40 40 00 11 000a 0010 0000 03 00 0500"), kOut, Transport::udp, Verdict::no,
                  Verdict::yes);
  expect_verdicts("codesys", octets("GET / HTTP/1.1\r\n\r\n"), kOut, Transport::tcp, Verdict::no, Verdict::no);
  expect_verdicts("codesys", octets("ff is no frame of it, but long enough"), kOut, Transport::tcp, Verdict::no,
                  Verdict::no);
}

}  // namespace
}  // namespace nw::network
