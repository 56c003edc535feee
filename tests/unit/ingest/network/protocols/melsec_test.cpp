#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"melsec"};

struct Melsec : Play {
  explicit Melsec(Transport carried = Transport::tcp) : Play{"melsec", carried} {}
  Melsec& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

struct Case {
  const char* name;
  std::vector<Want> want;
};

void expect_golden(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Melsec play{kGolden(c.name).transport};
    play.frame(c.name);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, c.want);
  }
}

TEST(Melsec, Devices) {
  expect_golden({
      {"read_words",
       {{"is_orig", "true"},
        {"frame", "3E"},
        {"command_name", "Batch Read"},
        {"command", "1025"},
        {"subcommand", "0"},
        {"serial", "-"},
        {"network", "0"},
        {"station", "255"},
        {"module_io", "1023"},
        {"multidrop", "0"},
        {"device", "D100-102"},
        {"points", "3"},
        {"data_length", "6"},
        {"ics.operation", "read"},
        {"ics.target", "0.255/D100-102"},
        {"ics.value", "-"},
        {"ics.outcome", "-"}}},
      {"read_bits", {{"subcommand", "1"}, {"device", "X1a-1e"}, {"ics.target", "0.255/X1a-1e"}}},
      {"read_relays", {{"points", "2"}, {"ics.target", "0.255/M0-31"}}},
      {"write_words",
       {{"command_name", "Batch Write"},
        {"data", "34127856"},
        {"ics.operation", "write"},
        {"ics.target", "0.255/D200-201"},
        {"ics.value", "4660,22136"}}},
      {"write_bits", {{"ics.target", "0.255/M10-12"}, {"ics.value", "1,0,1"}}},
      {"random_read", {{"ics.operation", "read"}, {"ics.target", "0.255/D0,0.255/TN5,0.255/D10-11"}}},
      {"random_write", {{"ics.operation", "write"}, {"ics.target", "0.255/D5,0.255/D6-7"}, {"ics.value", "7,70000"}}},
      {"random_write_bits", {{"ics.target", "0.255/M1,0.255/Y20"}, {"ics.value", "1,0"}}},
      {"block_read", {{"ics.operation", "read"}, {"ics.target", "0.255/D0-1,0.255/M16-31"}}},
      {"block_write", {{"ics.operation", "write"}, {"ics.target", "0.255/W10-11"}, {"ics.value", "10,11"}}},
      {"wide_read", {{"subcommand", "2"}, {"ics.target", "0.255/D1000000"}}},
      {"wide_random_write_bits", {{"ics.target", "0.255/M1"}, {"ics.value", "1"}}},
      {"extended_write",
       {{"device", "-"},
        {"ics.operation", "write"},
        {"ics.target", "0.255"},
        {"ics.value", "0000000000a80000f901000500"}}},
      {"unknown_device", {{"ics.target", "0.255/device 77 1"}}},
      {"monitor_register", {{"ics.operation", "read"}, {"ics.target", "0.255/D0"}}},
      {"monitor", {{"ics.operation", "read"}, {"ics.target", "0.255/monitor"}}},
      {"module_read", {{"size", "16"}, {"ics.operation", "read"}, {"ics.target", "0.255/module/0x3/0x100-0x10f"}}},
      {"buffer_write",
       {{"ics.operation", "write"}, {"ics.target", "0.255/buffer/0x78-0x79"}, {"ics.value", "0a000b00"}}},
      {"other_station", {{"network", "1"}, {"station", "2"}, {"ics.target", "1.2.3e0/D100"}}},
      {"multidrop", {{"multidrop", "5"}, {"ics.operation", "stop"}, {"ics.target", "0.255.0.5"}}},
  });
}

TEST(Melsec, DevicesWithModulesAndIndexes) {
  const struct {
    const char *subcommand, *device, *target;
  } kCases[] = {
      {"8000", "0000 640000a8 0000 0000 00", "0.255/D100"},
      {"8000", "0440 640000a8 0000 0000 00", "0.255/D100Z4"},
      {"8000", "0008 640000a8 0000 0000 00", "0.255/@D100"},
      {"8000", "0000 100000b4 0000 0100 f9", "0.255/J1/W10"},
      {"8000", "0000 0a0000ab 0000 0300 f8", "0.255/U3/G10"},
      {"8200", "0000 0a000000ab00 0000 e003 fa", "0.255/U3e0/G10"},
      {"8200", "0280 64000000a800 0000 0000 00", "0.255/D100LZ2"},
      {"8000", "0000 010000a8 0000 0000 77", "0.255/memory 77/D1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.device);
    const bool is_wide = c.subcommand[1] == '2';
    Melsec play;
    play.give(std::string{"5000 00 ff ff03 00 "} + (is_wide ? "1700" : "1500") + " 1000 0114 " + c.subcommand +
              c.device + "0100 0500");
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"ics.operation", "write"}, {"ics.target", c.target}, {"ics.value", "5"}});
  }
}

TEST(Melsec, Controllers) {
  expect_golden({
      {"run", {{"mode", "1"}, {"ics.operation", "start"}, {"ics.target", "0.255"}}},
      {"stop", {{"command_name", "Remote Stop"}, {"mode", "1"}, {"ics.operation", "stop"}, {"ics.target", "0.255"}}},
      {"pause", {{"mode", "3"}, {"ics.operation", "stop"}}},
      {"latch_clear", {{"ics.operation", "write"}, {"ics.target", "0.255/latch"}}},
      {"reset", {{"ics.operation", "restart"}}},
      {"type", {{"command_name", "Read Type Name"}, {"ics.operation", "identify"}}},
      {"self_test", {{"data", "4142434445"}, {"ics.operation", "diagnose"}}},
      {"clear_error", {{"ics.operation", "write"}, {"ics.target", "0.255/error"}}},
      {"unlock", {{"data", "-"}, {"ics.operation", "other"}, {"ics.target", "0.255/password"}, {"ics.value", "-"}}},
      {"node_search", {{"ics.operation", "identify"}, {"ics.outcome", "-"}}},
      {"unknown_command", {{"command_name", "unknown-30583"}, {"data", "01"}, {"ics.operation", "other"}}},
      {"words",
       {{"is_orig", "false"},
        {"command_name", "-"},
        {"end_code", "Normal"},
        {"end_code_number", "0"},
        {"data", "01000200ff00"},
        {"ics.operation", "other"},
        {"ics.target", "0.255"},
        {"ics.outcome", "ok"}}},
      {"write_refused",
       {{"command_name", "Batch Write"},
        {"end_code", "Locked by remote password"},
        {"end_code_number", "49665"},
        {"ics.operation", "write"},
        {"ics.value", "-"},
        {"ics.outcome", "refused"},
        {"ics.reason", "Locked by remote password"}}},
  });
}

TEST(Melsec, Files) {
  expect_golden({
      {"open_program",
       {{"file_name", "MAIN.QPG"}, {"ics.operation", "program"}, {"ics.target", "0.255/file/MAIN.QPG"}}},
      {"delete_file", {{"file_name", "LOG.CSV"}, {"ics.operation", "file"}, {"ics.target", "0.255/file/LOG.CSV"}}},
      {"read_file",
       {{"file_handle", "1"},
        {"file_offset", "1024"},
        {"size", "256"},
        {"ics.operation", "file"},
        {"ics.target", "0.255/file/handle/1"}}},
      {"write_file", {{"data", "aabb"}, {"ics.operation", "file"}, {"ics.target", "0.255/file/handle/1"}}},
      {"close_file", {{"file_handle", "1"}}},
  });
}

TEST(Melsec, CommandsOfOtherControllers) {
  const struct {
    const char *command, *name, *operation, *target;
  } kCases[] = {
      {"340e", "Parameter Set", "program", "0.255/parameter"},
      {"0512", "Delete File (by Number)", "file", "0.255/file"},
      {"0502", "Read Disk State", "diagnose", "0.255/drive"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Melsec play;
    play.give(std::string{"5000 00 ff ff03 00 0800 1000 "} + c.command + "0000 0102");
    expect(play.context, 0,
           {{"command_name", c.name}, {"data", "0102"}, {"ics.operation", c.operation}, {"ics.target", c.target}});
  }
}

TEST(Melsec, NothingHidesAProgramsName) {
  const struct {
    const char *name, *hex, *want;
  } kCases[] = {
      {"a longer text before it", "0b00 'AAAAAAA.CSV' 00 0001 0400 0800 'MAIN.QPG'", "MAIN.QPG"},
      {"a longer text behind it", "00000000 0001 0400 0800 'MAIN.QPG' 0c00 'AAAAAAAA.CSV'", "AAAAAAAA.CSV"},
      {"small letters", "00000000 0001 0400 0800 'main.qpg'", "main.qpg"},
      {"blanks", "00000000 0001 0400 0a00 'MAIN.QPG. '", "MAIN.QPG. "},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto body = from_hex(c.hex);
    auto frame = from_hex("5000 00 ff ff03 00 0000 1000 2718 0000");
    frame[7] = static_cast<std::uint8_t>(body.size() + 6);
    frame.insert(frame.end(), body.begin(), body.end());
    Melsec play;
    play.give(frame);
    expect(play.context, 0, {{"file_name", c.want}, {"ics.operation", "program"}});
  }
  std::string folders;
  for (unsigned i = 0; i < 150; ++i) folders += "41";
  Melsec play;
  play.give("5000 00 ff ff03 00 ae00 1000 2718 0000 00000000 0001 0400 9e00" + folders + "'MAIN.QPG'");
  EXPECT_EQ(play.get(0, "ics.operation"), "program");
}

TEST(Melsec, OtherFrames) {
  expect_golden({
      {"e4_write", {{"frame", "4E"}, {"serial", "4660"}, {"ics.target", "0.255/D100"}, {"ics.value", "5"}}},
      {"e4_done", {{"frame", "4E"}, {"serial", "4660"}, {"ics.outcome", "ok"}}},
      {"ascii_read",
       {{"frame", "3E ASCII"},
        {"command_name", "Batch Read"},
        {"device", "D100-102"},
        {"data", "-"},
        {"data_length", "12"},
        {"ics.operation", "read"},
        {"ics.target", "0.255/D100-102"}}},
      {"ascii_words", {{"is_orig", "false"}, {"ics.outcome", "ok"}}},
      {"ascii4_stop", {{"frame", "4E ASCII"}, {"serial", "4660"}, {"ics.operation", "stop"}}},
      {"search", {{"frame", "MELSOFT search"}, {"is_orig", "true"}, {"ics.operation", "identify"}}},
      {"found",
       {{"is_orig", "false"},
        {"data", "1400c0000201c0000201"},
        {"ics.operation", "identify"},
        {"ics.target", "0.255"},
        {"ics.outcome", "ok"}}},
      {"melsoft_type",
       {{"frame", "MELSOFT"},
        {"command", "289"},
        {"command_name", "Read Type Name (MELSOFT)"},
        {"serial", "1"},
        {"network", "0"},
        {"station", "255"},
        {"module_io", "1023"},
        {"ics.operation", "identify"},
        {"ics.target", "0.255"}}},
      {"melsoft_type_name",
       {{"is_orig", "false"}, {"model", "FX5U-32MT/ES"}, {"model_code", "18985"}, {"ics.outcome", "ok"}}},
      {"melsoft_open",
       {{"file_name", "$MELPRJ$\\x5cMAIN.PRG"},
        {"ics.operation", "program"},
        {"ics.target", "0.255/file/$MELPRJ$\\x5cMAIN.PRG"}}},
      {"melsoft_find", {{"ics.operation", "program"}, {"ics.target", "0.255/file/$MELPRJ$\\x5cMAIN.PRG"}}},
      {"melsoft_write", {{"file_handle", "145"}, {"size", "4"}, {"data", "01020304"}, {"ics.operation", "program"}}},
      {"melsoft_read_refused",
       {{"end_code", "Request data error"}, {"end_code_number", "16512"}, {"ics.outcome", "refused"}}},
      {"melsoft_memory", {{"data", "aabb"}, {"ics.operation", "program"}, {"ics.target", "0.255/memory/0x54/0xd80"}}},
      {"melsoft_unknown", {{"command_name", "unknown-416"}, {"ics.operation", "other"}, {"data", "0007157833c1"}}},
  });
}

TEST(Melsec, ResponsesRepeatTheirRequests) {
  const struct {
    const char *request, *response, *target, *value;
  } kCases[] = {
      {"read_words", "words", "0.255/D100-102", "1,2,255"},
      {"read_bits", "bits", "0.255/X1a-1e", "1,0,1,1,1"},
      {"random_read", "random", "0.255/D0,0.255/TN5,0.255/D10-11", "1,2,305419896"},
      {"block_read", "blocks", "0.255/D0-1,0.255/M16-31", "1,2,3"},
      {"write_words", "done", "0.255/D200-201", "4660,22136"},
      {"stop", "done", "0.255", "-"},
      {"e4_write", "e4_done", "0.255/D100", "5"},
      {"ascii4_stop", "ascii4_done", "0.255", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.request);
    Melsec play;
    play.frame(c.request).frame(c.response).end();
    ASSERT_EQ(play.context.events.size(), 2U);
    expect(play.context, 1,
           {{"rtt", "0.001000"},
            {"command", play.get(0, "command").c_str()},
            {"ics.operation", play.get(0, "ics.operation").c_str()},
            {"ics.target", c.target},
            {"ics.value", c.value},
            {"ics.outcome", "ok"}});
  }
}

TEST(Melsec, ARefusalBelongsToItsCommand) {
  Melsec play;
  play.frame("write_words").frame("write_refused").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"rtt", "0.001000"},
          {"ics.operation", "write"},
          {"ics.target", "0.255/D200-201"},
          {"ics.value", "4660,22136"},
          {"ics.outcome", "refused"},
          {"ics.reason", "Locked by remote password"}});
}

TEST(Melsec, ARefusalIsJoinedByItsCommand) {
  Melsec play;
  play.frame("reset").frame("write_words").frame("write_refused");
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 2, {{"rtt", "0.001000"}, {"ics.operation", "write"}, {"ics.target", "0.255/D200-201"}});
}

TEST(Melsec, MelsoftIsJoinedByNumber) {
  Melsec play{Transport::udp};
  play.frame("melsoft_open").frame("melsoft_write").frame("melsoft_opened").frame("melsoft_written").end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 2, {{"rtt", "0.002000"}, {"ics.target", "0.255/file/$MELPRJ$\\x5cMAIN.PRG"}});
  expect(play.context, 3, {{"rtt", "0.002000"}, {"ics.outcome", "ok"}});
}

TEST(Melsec, WhoAsksEveryoneIsNotWaitedFor) {
  Melsec play{Transport::udp};
  play.context.senders[1] = IpAddress::v4(0xffffffff);
  play.frame("search").frame("melsoft_open").end();
  EXPECT_EQ(play.context.events.size(), 2U);
}

TEST(Melsec, ControllersAreKnown) {
  Melsec play;
  play.frame("type").frame("type_name").frame("type").frame("type_name");
  ASSERT_EQ(play.context.events.size(), 5U);
  expect(play.context, 1, {{"model", "Q06UDEHCPU"}, {"model_code", "616"}, {"ics.operation", "identify"}});
  expect(play.context, 2,
         {{"device_protocol", "melsec"},
          {"device_unit", "0.255"},
          {"vendor", "Mitsubishi Electric"},
          {"product", "Q06UDEHCPU"}});
  Melsec other{Transport::udp};
  other.frame("melsoft_type_name");  // it says what it answers
  EXPECT_EQ(other.get(1, "product"), "FX5U-32MT/ES");
}

TEST(Melsec, NobodyAnswers) {
  Melsec play;
  play.frame("write_words").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1,
         {{"ts", play.get(0, "ts").c_str()},
          {"command_name", "Batch Write"},
          {"ics.target", "0.255/D200-201"},
          {"ics.value", "4660,22136"},
          {"ics.outcome", "no answer"}});
}

TEST(Melsec, OverUdpTheNextRequestTellsThatOneWasLost) {
  Melsec play{Transport::udp};
  play.frame("udp_write").frame("udp_write").frame("udp_done").end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 2, {{"ts", play.get(0, "ts").c_str()}, {"ics.outcome", "no answer"}});
  expect(play.context, 3, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
}

TEST(Melsec, RequestsThatWaitAreBounded) {
  Melsec play;
  for (unsigned i = 0; i <= 64; ++i) play.frame("write_words");
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.get(65, "ics.outcome"), "no answer");
  play.context.time += std::chrono::seconds{31};
  play.frame("words");
  EXPECT_EQ(play.context.events.size(), 66U + 64U + 1U);
}

TEST(Melsec, TheWrongWayRound) {
  Melsec play;
  play.give(kGolden("read_words").hex, kBack).give(kGolden("words").hex, kOut);
  expect(play.context, 0, {{"is_orig", "true"}});
  expect(play.context, 1, {{"is_orig", "false"}, {"rtt", "0.001000"}, {"ics.value", "1,2,255"}});
}

TEST(Melsec, AfterAGapTheNextFrameIsFound) {
  Melsec play;
  play.frame("read_words");
  play.analyzer->gap(10, kBack, play.context);
  play.give("01 02 03", kBack).give(kGolden("words")).end();
  ASSERT_EQ(play.context.events.size(), 2U);  // nobody knows what was answered
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(Melsec, ALengthThatLiesHidesNothing) {
  Melsec longer{Transport::udp};
  longer.give("5000 00 ff ff03 00 2000 1000 0114 0000 640000 a8 0100 0500");
  expect_refused(longer.context, DecodeError::truncated, 1);
  EXPECT_EQ(longer.get(0, "ics.target"), "0.255/D100");
  Melsec shorter{Transport::udp};
  shorter.give("5000 00 ff ff03 00 0c00 1000 0114 0000 640000 a8 0100 0500");
  expect_refused(shorter.context, DecodeError::bad_value, 1);
  EXPECT_EQ(shorter.get(0, "ics.target"), "0.255/D100");
  for (const char* length : {"0000", "0600", "0720", "ffff"}) {
    SCOPED_TRACE(length);
    Melsec any{Transport::udp};
    any.give(std::string{"5000 00 ff ff03 00 "} + length + " 1000 0114 0000 640000 a8 0100 0500");
    EXPECT_EQ(any.context.refused_total(), 1U);
    expect(any.context, 0, {{"ics.operation", "write"}, {"ics.target", "0.255/D100"}, {"ics.value", "5"}});
  }
  Melsec melsoft{Transport::udp};
  melsoft.give("5701 0000 00 1111 07 0000 ff ff03 00 00 fe03 0000 ffff 1c0a0414 0000 1002 0100 0000 0100");
  expect_refused(melsoft.context, DecodeError::bad_value, 1);
  EXPECT_EQ(melsoft.get(0, "ics.operation"), "stop");
  Melsec stream;
  stream.give("5000 00 ff ff03 00 0010 1000 0104 0000").give(kGolden("stop"));
  ASSERT_EQ(stream.context.events.size(), 1U);
  EXPECT_EQ(stream.get(0, "ics.operation"), "stop");
}

TEST(Melsec, WhateverTheStationAFrameIsTold) {
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    for (const char* head : {"5000 f1 ff ff03 00", "5000 fe 7d ff03 00", "5000 00 ff ff04 00", "5000 00 ff ff03 20",
                             "5400 3412 0100 00 ff ff03 00"}) {
      SCOPED_TRACE(head);
      const auto stop = from_hex(std::string{head} + " 0800 1000 0210 0000 0100");
      EXPECT_NE(protocol("melsec").probe(stop, kOut, transport, true), Verdict::no);
      Melsec play{transport};
      play.give(stop);
      EXPECT_EQ(play.context.refused_total(), 0U);
      EXPECT_EQ(play.get(0, "ics.operation"), "stop");
    }
  }
}

TEST(Melsec, FramesOfADatagram) {
  Melsec play{Transport::udp};
  play.give(kGolden("two").hex).give(std::string{kGolden("two").hex} + "00");
  ASSERT_EQ(play.context.events.size(), 7U);  // of three that nobody answers, too
  EXPECT_EQ(play.context.refused_total(), 1U);
  EXPECT_EQ(play.get(1, "ics.operation"), "stop");
  EXPECT_EQ(play.get(5, "ics.operation"), "stop");
}

TEST(Melsec, BatchesInText) {
  const struct {
    const char *subcommand, *data, *target, *value;
  } kCases[] = {
      {"0000", "D*000100000200051234", "0.255/D100-101", "5,4660"},
      {"0001", "M     100003101", "0.255/M10-12", "1,0,1"},
      {"0000", "Y*00001A0001FFFF", "0.255/Y1a-29", "65535"},
      {"0002", "SN**000000070001000a", "0.255/STN7", "10"},
      {"0000", "QQ00010000010005", "0.255", "-"},
      {"0000", "D*00x10000010005", "0.255", "-"},
      {"0000", "D*00010000020005", "0.255/D100-101", "5"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.data);
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const std::string inside = std::string{"00101401"} + c.subcommand + c.data;
    Melsec play;
    play.say(std::string{"500000FF03FF0000"} + kDigits[inside.size() / 16] + kDigits[inside.size() % 16] + inside);
    expect(play.context, 0, {{"ics.operation", "write"}, {"ics.target", c.target}, {"ics.value", c.value}});
  }
}

TEST(Melsec, NoiseHidesNothing) {
  const auto stop = from_hex(kGolden("stop").hex);
  std::vector<std::uint8_t> noise(10'000);
  Melsec play;
  play.give(noise).give(stop);
  EXPECT_EQ(play.context.refused_total(), 1U);
  EXPECT_EQ(play.get(0, "ics.operation"), "stop");
  noise.resize(100);
  noise.insert(noise.end(), stop.begin(), stop.end());
  expect_verdicts("melsec", noise, kOut, Transport::tcp, Verdict::no, Verdict::yes);
}

TEST(Melsec, SmallLettersAreDigits) {
  Melsec play;
  play.say("500000ff03ff0000100010100200000001");
  EXPECT_EQ(play.get(0, "ics.operation"), "stop");
}

TEST(Melsec, BrokenFramesAreRefused) {
  const struct {
    const char *name, *hex;
    DecodeError want;
    std::size_t events;
  } kCases[] = {
      {"no frame", "5100 00 ff ff03 00 0600 1000 0101 0000", DecodeError::bad_value, 0},
      {"shorter than any", "5000 00 ff ff03 00 0500 1000 0101 00", DecodeError::bad_value, 1},
      {"longer than any", "5000 00 ff ff03 00 0120 1000 0101 0000", DecodeError::bad_value, 1},
      {"longer than any, of nobody's command", "5000 00 ff ff03 00 0120 1000 7777 0000", DecodeError::bad_value, 0},
      {"no whole head", "5000 00 ff ff", DecodeError::truncated, 0},
      {"ASCII that is none", "'500000FF03FF00000C00X001010000'", DecodeError::bad_value, 0},
      {"MELSOFT without its marks", "5701 0000 00 1112 07 0000 ff ff03 00 00 fe03 0000 0000", DecodeError::bad_value,
       0},
      {"MELSOFT without a command", "5701 0000 00 1111 07 0000 ff ff03 00 00 fe03 0000 0400 1c0a1614",
       DecodeError::bad_value, 0},
      {"a read without a count", "5000 00 ff ff03 00 0a00 1000 0104 0000 640000 a8", DecodeError::bad_value, 1},
      {"a read with more than it says", "5000 00 ff ff03 00 0d00 1000 0104 0000 640000 a8 0100 00",
       DecodeError::bad_value, 1},
      {"a write with fewer than it says", "5000 00 ff ff03 00 0e00 1000 0114 0000 640000 a8 0200 0500",
       DecodeError::bad_value, 1},
      {"random points that are not there", "5000 00 ff ff03 00 0c00 1000 0304 0000 ff ff 640000 a8",
       DecodeError::bad_value, 1},
      {"blocks that are not there", "5000 00 ff ff03 00 0e00 1000 0614 0000 ff ff 640000 a8 ffff",
       DecodeError::bad_value, 1},
      {"a stop without its mode", "5000 00 ff ff03 00 0600 1000 0210 0000", DecodeError::bad_value, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Melsec play{Transport::udp};
    play.give(c.hex);
    expect_refused(play.context, c.want, c.events);
  }
}

TEST(Melsec, PointsAreBounded) {
  std::string hex = "5000 00 ff ff03 00 a800 1000 0304 0000 28 00";  // 40 words
  for (unsigned i = 0; i < 40; ++i) hex += "000000a8";
  Melsec play;
  play.give(hex);
  EXPECT_EQ(play.context.refused_total(), 0U);
  EXPECT_TRUE(play.get(0, "ics.target").ends_with("..."));
}

TEST(Melsec, Probe) {
  const auto read = from_hex(kGolden("read_words").hex);
  for (const Transport transport : {Transport::tcp, Transport::udp})
    expect_verdicts("melsec", read, kOut, transport, Verdict::yes, Verdict::yes);
  const auto words = from_hex(kGolden("words").hex);
  expect_verdicts("melsec", words, kBack, Transport::tcp, Verdict::no, Verdict::unsure);
  for (const std::size_t cut : {1U, 8U})
    expect_verdicts("melsec", Bytes{read}.first(cut), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  const std::string nonsense{kGolden("unknown_command").hex};
  expect_verdicts("melsec", from_hex(nonsense), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("melsec", from_hex(nonsense + nonsense), kOut, Transport::tcp, Verdict::yes, Verdict::unsure);
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    const auto both = from_hex(nonsense + std::string{kGolden("read_words").hex});
    EXPECT_EQ(protocol("melsec").probe(both, kOut, transport, false), Verdict::yes);
    const auto other = from_hex(kGolden("other_station").hex);
    EXPECT_EQ(protocol("melsec").probe(other, kOut, transport, false), Verdict::yes);
  }
  const auto type = from_hex(kGolden("melsoft_type").hex);
  expect_verdicts("melsec", type, kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("melsec", from_hex(kGolden("search").hex), kOut, Transport::udp, Verdict::no, Verdict::yes);
  expect_verdicts("melsec", from_hex(kGolden("unknown_command").hex), kOut, Transport::udp, Verdict::no,
                  Verdict::unsure);
  expect_verdicts("melsec", octets("SSH-2.0-OpenSSH_9.6\r\n"), kOut, Transport::tcp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
