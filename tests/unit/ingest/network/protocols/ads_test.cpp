#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"ads"};

struct Tcp : Play {
  Tcp() : Play{"ads", Transport::tcp} {}
  Tcp& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};
struct Udp : Play {
  Udp() : Play{"ads", Transport::udp} {}
  Udp& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

TEST(Ads, FieldsOfGoldenFrames) {
  const GoldenFields kFrames[] = {
      {"device_info",
       {{"command", "READ_DEVICE_INFO"},
        {"command_id", "1"},
        {"pdu_type", "REQ"},
        {"is_orig", "true"},
        {"target_netid", "5.1.2.3.1.1"},
        {"target_port", "801"},
        {"source_netid", "192.0.2.10.1.1"},
        {"source_port", "32900"},
        {"invoke_id", "1"},
        {"data_length", "0"},
        {"error", "-"},
        {"ics.operation", "identify"},
        {"ics.target", "5.1.2.3.1.1:801"},
        {"ics.outcome", "-"}}},
      {"device_info_response",
       {{"pdu_type", "RESP"},
        {"is_orig", "false"},
        {"device_name", "PLC Server"},
        {"device_version", "2.11.2228"},
        {"error_code", "0"},
        {"ics.outcome", "ok"}}},
      {"read",
       {{"index_group", "16448"},
        {"index_group_name", "PLC_RW_DATA"},
        {"index_offset", "16"},
        {"length", "4"},
        {"ics.operation", "read"},
        {"ics.target", "5.1.2.3.1.1:801/PLC_RW_DATA/16"}}},
      {"read_response", {{"length", "4"}, {"ics.value", "2a000000"}, {"ics.target", "5.1.2.3.1.1:801"}}},
      {"write",
       {{"write_length", "2"},
        {"ics.operation", "write"},
        {"ics.target", "5.1.2.3.1.1:801/PLC_RW_M/100"},
        {"ics.value", "0100"}}},
      {"write_response", {{"command", "WRITE"}, {"ics.operation", "write"}, {"ics.outcome", "ok"}}},
      {"read_state", {{"ics.operation", "diagnose"}, {"target_port", "10000"}}},
      {"state", {{"ads_state", "RUN"}, {"device_state", "2"}, {"ics.value", "RUN"}}},
      {"stop", {{"ads_state", "STOP"}, {"ics.operation", "stop"}, {"ics.value", "STOP"}}},
      {"restart", {{"ads_state", "RESET"}, {"ics.operation", "restart"}, {"device_state", "1"}}},
      {"control_response",
       {{"error", "DEVICE_INVALIDSTATE"},
        {"error_code", "1810"},
        {"ics.operation", "control"},
        {"ics.outcome", "refused"},
        {"ics.reason", "DEVICE_INVALIDSTATE"}}},
      {"subscribe",
       {{"transmission_mode", "on_change"},
        {"ics.operation", "subscribe"},
        {"ics.target", "5.1.2.3.1.1:801/PLC_RW_M/0"}}},
      {"subscribe_response", {{"notification_handle", "9"}, {"ics.operation", "subscribe"}, {"ics.outcome", "ok"}}},
      {"notification",
       {{"samples", "2"},
        {"notification_handle", "9"},
        {"ics.operation", "read"},
        {"ics.target", "5.1.2.3.1.1:801/notification/9"},
        {"ics.value", "2a000000"},
        {"ics.outcome", "-"}}},
      {"unsubscribe", {{"notification_handle", "9"}, {"ics.operation", "subscribe"}}},
      {"unsubscribe_response", {{"command", "DELETE_NOTIFICATION"}, {"ics.outcome", "ok"}}},
      {"handle_by_name",
       {{"symbol", "MAIN.a1"},
        {"index_group_name", "SYM_HNDBYNAME"},
        {"ics.operation", "read"},
        {"ics.target", "5.1.2.3.1.1:801/symbol/MAIN.a1"},
        {"ics.value", "-"}}},
      {"write_by_handle", {{"symbol", "-"}, {"ics.target", "5.1.2.3.1.1:801/SYM_VALBYHND/4660"}}},
      {"no_port", {{"error", "TARGET_PORT_NOT_FOUND"}, {"ics.outcome", "refused"}}},
      {"target", {{"index_group_name", "TARGET_DESCRIPTION"}, {"ics.operation", "identify"}}},
      {"port_connect", {{"command", "PORT_CONNECT"}, {"ics.operation", "other"}}},
  };
  expect_golden_fields(kGolden, kFrames);
}

TEST(Ads, AResponseRepeatsItsRequest) {
  Tcp play;
  play.frame("read").frame("read_response");
  expect(play.context, 1,
         {{"index_group", "16448"},
          {"index_offset", "16"},
          {"rtt", "0.001000"},
          {"ics.target", "5.1.2.3.1.1:801/PLC_RW_DATA/16"},
          {"ics.value", "2a000000"},
          {"ics.outcome", "ok"}});
  play.frame("read_response").end();  // answered already
  EXPECT_EQ(play.get(2, "rtt"), "-");
  EXPECT_EQ(play.context.events.size(), 3U);
}

TEST(Ads, AStopThatIsRefusedIsStillAStop) {
  Tcp play;
  play.frame("stop").frame("control_response");
  expect(play.context, 1, {{"ics.operation", "stop"}, {"ics.value", "STOP"}, {"ics.outcome", "refused"}});
}

TEST(Ads, HandlesHaveTheirNames) {
  Tcp play;
  play.frame("handle_by_name").frame("handle").frame("write_by_handle");
  expect(play.context, 1, {{"symbol", "MAIN.a1"}, {"ics.value", "34120000"}});
  expect(play.context, 2,
         {{"symbol", "MAIN.a1"}, {"ics.target", "5.1.2.3.1.1:801/symbol/MAIN.a1"}, {"ics.value", "0700"}});
}

TEST(Ads, SumsNameTheirPlaces) {
  Tcp play;
  play.frame("handle_by_name").frame("handle").frame("sum_write");
  expect(play.context, 2,
         {{"index_group_name", "SUMUP_WRITE"},
          {"index_offset", "2"},
          {"ics.operation", "write"},
          {"ics.target", "5.1.2.3.1.1:801/PLC_RW_M/100,5.1.2.3.1.1:801/symbol/MAIN.a1"}});
  // More than come are not made up.
  auto bytes = from_hex(kGolden("sum_write").hex);
  bytes[45] = 0x7f;
  bytes[34] = 0x0d;
  play.give(bytes);
  EXPECT_EQ(play.get(5, "ics.target"), "5.1.2.3.1.1:801/PLC_RW_M/100,5.1.2.3.1.1:801/symbol/MAIN.a1");
  EXPECT_EQ(play.context.events.size(), 8U);
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Ads, EachPlaceThatASumWritesIsTold) {
  Tcp play;
  play.frame("handle_by_name").frame("handle").frame("sum_write");
  ASSERT_EQ(play.context.events.size(), 5U);
  EXPECT_EQ(play.context.paths[3], "ads_place");
  expect(play.context, 3,
         {{"target_netid", "5.1.2.3.1.1"},
          {"target_port", "801"},
          {"source_port", "32900"},
          {"invoke_id", "12"},
          {"index_group_name", "PLC_RW_M"},
          {"index_offset", "100"},
          {"write_length", "2"},
          {"length", "-"},
          {"ics.operation", "write"},
          {"ics.target", "5.1.2.3.1.1:801/PLC_RW_M/100"},
          {"ics.value", "0100"}});
  expect(play.context, 4, {{"symbol", "MAIN.a1"}, {"ics.value", "07"}});
  // Behind as many as the packet's own event has room for.
  std::vector<std::uint8_t> bytes = from_hex(
      "0000 e8040000 050102030101 2103 c000020a0101 8480 0900 0400 c8040000 00000000 0e000000 82f00000 48000000 "
      "00000000 b8040000");
  for (int i = 0; i < 71; ++i)
    for (const std::uint8_t octet : from_hex("20400000 00000000 00000000 00000000")) bytes.push_back(octet);
  for (const std::uint8_t octet : from_hex("05f00000 34120000 00000000 38000000")) bytes.push_back(octet);
  bytes.resize(bytes.size() + 0x38, 0xee);
  play.give(bytes);
  ASSERT_EQ(play.context.events.size(), 5U + 1U + 72U);
  expect(play.context, 77, {{"ics.target", "5.1.2.3.1.1:801/symbol/MAIN.a1"}, {"length", "0"}, {"write_length", "56"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Ads, AHandleThatWasRefusedNamesNothing) {
  Tcp play;
  play.frame("handle_by_name").frame("no_symbol").frame("write_by_handle");
  expect(play.context, 1, {{"ics.reason", "DEVICE_SYMBOLNOTFOUND"}});
  EXPECT_EQ(play.get(2, "symbol"), "-");
}

TEST(Ads, AHandleThatWasGivenBackNamesNothing) {
  static constexpr const char* kRelease =
      "0000 30000000 050102030101 2103 c000020a0101 8480 0300 0400 10000000 00000000 0d000000 06f00000 00000000 "
      "04000000 34120000";
  Tcp play;
  play.frame("handle_by_name").frame("handle");
  play.give(kRelease);
  play.give("0000 24000000 c000020a0101 8480 050102030101 2103 0300 0500 04000000 00000000 0d000000 12070000", kBack);
  play.frame("write_by_handle");
  EXPECT_EQ(play.get(4, "symbol"), "MAIN.a1");  // it was not taken back
  play.give(kRelease);
  play.give("0000 24000000 c000020a0101 8480 050102030101 2103 0300 0500 04000000 00000000 0d000000 00000000", kBack);
  play.frame("write_by_handle");
  expect(play.context, 7, {{"symbol", "-"}, {"ics.target", "5.1.2.3.1.1:801/SYM_VALBYHND/4660"}});
}

TEST(Ads, DevicesAreKnown) {
  Tcp play;
  play.frame("device_info_response").frame("device_info_response");
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 1,
         {{"device", "198.51.100.1"},
          {"device_protocol", "ads"},
          {"device_unit", "5.1.2.3.1.1:801"},
          {"product", "PLC Server"},
          {"firmware", "2.11.2228"}});
  play.frame("target").frame("target_response");
  ASSERT_EQ(play.context.events.size(), 6U);
  expect(play.context, 5, {{"product", "CX1020-CE"}, {"device_unit", "5.1.2.3.1.1:10000"}});
}

TEST(Ads, GroupsMeanWhatTheirPortMeans) {
  const struct {
    const char *port, *command, *group, *operation, *target;
  } kCases[] = {
      {"2103", "0300", "20400000", "write", "5.1.2.3.1.1:801/PLC_RW_M/2"},
      {"f501", "0300", "20400000", "write", "5.1.2.3.1.1:501/0x4020/2"},    // parameters of axis 32
      {"f501", "0300", "03420000", "control", "5.1.2.3.1.1:501/0x4203/2"},  // axis 3 stops
      {"f401", "0300", "01220000", "control", "5.1.2.3.1.1:500/0x2201/2"},  // channel 1 starts
      {"f501", "0200", "03420000", "read", "5.1.2.3.1.1:501/0x4203/2"},
      {"ffff", "0300", "03000000", "control", "5.1.2.3.1.1:65535/0x3/2"},
      {"1027", "0300", "66000000", "file", "5.1.2.3.1.1:10000/OPENWRITE/2"},
      {"1027", "0300", "b4000000", "program", "5.1.2.3.1.1:10000/HASHED_BOOTDATA/2"},
      {"1027", "0300", "c9000000", "write", "5.1.2.3.1.1:10000/REG_HKEYCURRENTUSER/2"},
      {"e903", "0300", "05f40000", "file", "5.1.2.3.1.1:1001/FOE_FWRITE/2"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.target);
    Tcp play;
    play.give(std::string{"0000 2c000000 050102030101"} + c.port + "c000020a0101 8480" + c.command +
              "0400 0c000000 00000000 01000000" + c.group + "02000000 00000000");
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"ics.operation", c.operation}, {"ics.target", c.target}});
  }
}

TEST(Ads, PathsAndCommandLinesAreText) {
  static constexpr const char* kSystem = "050102030101 1027 c000020a0101 8480";
  const struct {
    std::string hex;
    std::vector<Want> want;
  } kCases[] = {
      {"0000 40000000 " + std::string{kSystem} +
           "0900 0400 20000000 00000000 01000000 78000000 12000400 04000000 10000000 'Port_851.app' 00000000",
       {{"ics.operation", "program"}, {"ics.target", "5.1.2.3.1.1:10000/FOPEN/262162"}, {"ics.value", "Port_851.app"}}},
      {"0000 40000000 " + std::string{kSystem} +
           "0900 0400 20000000 00000000 01000000 78000000 11000400 04000000 10000000 'Port_851.app' 00000000",
       {{"ics.operation", "file"}, {"ics.value", "Port_851.app"}}},
      {"0000 40000000 " + std::string{kSystem} +
           "0300 0400 20000000 00000000 01000000 f4010000 00000100 14000000 03000000 00000000 01000000 'cmd' 00 00 "
           "'x' 0000",
       {{"ics.operation", "program"}, {"ics.value", "cmd\\x00\\x00x"}}},
  };
  for (const auto& c : kCases) {
    Tcp play;
    play.give(c.hex);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, c.want);
  }
}

TEST(Ads, ValuesBehindNamesAreTold) {
  auto bytes = from_hex(kGolden("handle_by_name").hex);
  bytes[38] = 0x04;
  bytes[bytes.size() - 3] = 0;  // MAIN., and what stands behind it
  Tcp play;
  play.give(bytes);
  expect(play.context, 0, {{"symbol", "MAIN."}, {"ics.value", "3100"}});
  // Written, not asked for.
  auto written = from_hex(kGolden("write").hex);
  written[38] = 0x04;
  written[39] = 0xf0;
  play.give(written);
  expect(play.context, 1, {{"index_group_name", "SYM_VALBYNAME"}, {"ics.value", "0100"}});
}

TEST(Ads, UnknownStatesHaveTheirNumber) {
  auto bytes = from_hex(kGolden("stop").hex);
  bytes[38] = 0x63;
  Tcp play;
  play.give(bytes);
  expect(play.context, 0, {{"ads_state", "unknown-99"}, {"ics.operation", "control"}, {"ics.value", "unknown-99"}});
}

TEST(Ads, HandlesWithMasksHaveTheirNames) {
  auto bytes = from_hex(kGolden("write_by_handle").hex);
  bytes[38] = 0x18;
  Tcp play;
  play.frame("handle_by_name").frame("handle");
  play.give(bytes);
  EXPECT_EQ(play.get(2, "ics.target"), "5.1.2.3.1.1:801/symbol/MAIN.a1");
}

TEST(Ads, NobodyAnswers) {
  Tcp play;
  play.frame("write").frame("notification").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 2,
         {{"ics.outcome", "no answer"},
          {"ics.operation", "write"},
          {"index_group", "16416"},
          {"ics.value", "0100"},
          {"ts", play.get(0, "ts").c_str()}});
}

TEST(Ads, PatienceEnds) {
  Tcp play;
  play.frame("read_state");
  play.context.time += std::chrono::seconds{31};
  play.frame("read");
  EXPECT_EQ(play.get(1, "ics.outcome"), "no answer");
  play.frame("read");  // asked again
  EXPECT_EQ(play.get(4, "ics.outcome"), "no answer");
}

TEST(Ads, RequestsThatWaitAreBounded) {
  Tcp play;
  for (unsigned i = 0; i <= 64; ++i) {
    auto bytes = from_hex(kGolden("read_state").hex);
    bytes[34] = static_cast<std::uint8_t>(i);
    play.give(bytes);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.get(65, "ics.outcome"), "no answer");
}

TEST(Ads, SymbolsAreBounded) {
  Tcp play;
  for (unsigned i = 0; i <= 64; ++i) {
    auto asked = from_hex(kGolden("handle_by_name").hex), given = from_hex(kGolden("handle").hex);
    given[46] = static_cast<std::uint8_t>(i);
    play.give(asked, kOut).give(given, kBack);
  }
  const auto symbol = [&](std::uint8_t handle, std::uint8_t invoke) {
    auto written = from_hex(kGolden("write_by_handle").hex);
    written[34] = invoke;
    written[42] = handle;
    play.give(written, kOut);
    return play.get(play.context.events.size() - 1, "symbol");
  };
  EXPECT_EQ(symbol(0, 100), "-");  // the oldest made way
  EXPECT_EQ(symbol(1, 101), "MAIN.a1");
  EXPECT_EQ(symbol(64, 102), "MAIN.a1");
}

TEST(Ads, WhoOpenedTheConnectionDoesNotMatter) {
  Tcp play;
  play.give(kGolden("read").hex, kBack).give(kGolden("read_response").hex, kOut);
  expect(play.context, 1, {{"rtt", "0.001000"}, {"is_orig", "false"}});
}

// What a target answers with too few octets is told as far as it goes.
TEST(Ads, BrokenDataAreRefusedAndTold) {
  const struct {
    const char *name, *hex;
  } kCases[] = {
      {"read without length",
       "0000 28000000 050102030101 2103 c000020a0101 8480 0200 0400 08000000 00000000 02000000 40400000 10000000"},
      {"write of more than comes",
       "0000 2e000000 050102030101 2103 c000020a0101 8480 0300 0400 0e000000 00000000 03000000 20400000 64000000 "
       "ff000000 0100"},
      {"write of less than comes",
       "0000 2e000000 050102030101 2103 c000020a0101 8480 0300 0400 0e000000 00000000 03000000 20400000 64000000 "
       "01000000 0100"},
      {"notification cut",
       "0000 28000000 c000020a0101 8480 050102030101 2103 0800 0400 08000000 00000000 00000000 26000000 01000000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Tcp play;
    play.give(c.hex);
    expect_refused(play.context, DecodeError::bad_value, 1);
  }
}

TEST(Ads, LyingLengthsAreRefused) {
  const struct {
    const char *name, *hex;
  } kCases[] = {
      {"under the head", "0000 1f000000"},
      {"longer than any router's memory", "0000 ffffff7f"},
      {"two that differ, and no command",
       "0000 21000000 050102030101 2103 c000020a0101 8480 0a00 0400 00000000 00000000 04000000 00"},
      {"no word to a router", "0200 00000000"},
      {"a long word to a router", "0010 21000000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Tcp play;
    play.give(c.hex);
    expect_refused(play.context, DecodeError::bad_value, 0);
    play.frame("read");  // found again
    EXPECT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
  }
}

// The first length is right, or the second one: a device may go by either.
TEST(Ads, LengthsThatDifferHideNothing) {
  const struct {
    const char *name, *hex;
  } kCases[] = {
      {"less data than come",
       "0000 2a000000 050102030101 2103 c000020a0101 8480 0500 0400 08000000 00000000 05000000 0600 0000 00000000 "
       "ffff"},
      {"no data at all",
       "0000 28000000 050102030101 2103 c000020a0101 8480 0500 0400 00000000 00000000 05000000 0600 0000 00000000"},
      {"more data than come",
       "0000 28000000 050102030101 2103 c000020a0101 8480 0500 0400 0a000000 00000000 05000000 0600 0000 00000000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Tcp play;
    play.give(c.hex).give(kGolden("read"));
    expect_refused(play.context, DecodeError::bad_value, 2);
    EXPECT_EQ(play.get(0, "ics.operation"), "stop");
    EXPECT_EQ(play.get(1, "command"), "READ");
    expect_verdicts("ads", from_hex(c.hex), kOut, Transport::tcp, Verdict::no, Verdict::yes);
  }
}

TEST(Ads, FlagsHideNothing) {
  // Of high priority, and without an answer.
  static constexpr const char* kStop =
      "0000 28000000 050102030101 2103 c000020a0101 8480 0500 1600 08000000 00000000 05000000 0600 0000 00000000";
  Tcp play;
  play.analyzer->gap(1, kOut, play.context);
  play.give(kStop).end();
  ASSERT_EQ(play.context.events.size(), 1U);
  EXPECT_EQ(play.get(0, "ics.operation"), "stop");
  expect_verdicts("ads", from_hex(kStop), kOut, Transport::tcp, Verdict::yes, Verdict::yes);
}

TEST(Ads, OfLongPacketsTheBeginningIsRead) {
  Tcp play;
  std::vector<std::uint8_t> bytes = from_hex(
      "0000 30750000 050102030101 2103 c000020a0101 8480 0300 0400 10750000 00000000 03000000 20400000 00000000 "
      "04750000");
  bytes.resize(6 + 0x7530, 0xab);
  play.give(bytes);
  play.frame("read");
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0, {{"write_length", "29956"}, {"data_length", "29968"}});
  EXPECT_EQ(play.get(1, "command"), "READ");
  EXPECT_EQ(play.out.waiting(), 0U);
}

TEST(Ads, AfterAGapTheNextPacketIsFound) {
  Tcp play;
  play.frame("read").frame("write");
  play.analyzer->gap(100, kBack, play.context);  // the answers may be lost
  play.give("0000 00000000 11", kBack);
  play.frame("state").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  EXPECT_EQ(play.get(2, "ads_state"), "RUN");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(Ads, AGapForgetsOnlyWhatMayBeAnswered) {
  Tcp play;
  play.frame("read");
  play.analyzer->gap(100, kOut, play.context);
  play.frame("read_response");
  EXPECT_EQ(play.get(1, "rtt"), "0.001000");
}

TEST(AdsDiscovery, FieldsOfGoldenFrames) {
  Udp play;
  play.frame("discover").frame("discover_response").frame("add_route").frame("add_route_response").end();
  ASSERT_EQ(play.context.events.size(), 5U);
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0,
         {{"service", "DISCOVER"},
          {"service_id", "1"},
          {"pdu_type", "REQ"},
          {"source_netid", "192.0.2.10.1.1"},
          {"ics.operation", "identify"}});
  expect(play.context, 1,
         {{"host_name", "CX_0D7560"},
          {"twincat_version", "2.11.2228"},
          {"os_version", "Windows CE 6.0.0"},
          {"rtt", "0.001000"},
          {"ics.outcome", "ok"}});
  expect(play.context, 2,
         {{"device_protocol", "ads"},
          {"device_unit", "5.1.2.3.1.1"},
          {"device_name", "CX_0D7560"},
          {"firmware", "TwinCAT 2.11.2228"},
          {"device_description", "Windows CE 6.0.0"}});
  expect(play.context, 3,
         {{"service", "ADD_ROUTE"},
          {"route_name", "SPY1"},
          {"route_netid", "192.0.2.10.1.1"},
          {"host_name", "192.0.2.10"},
          {"user", "Administrator"},
          {"password", "true"},
          {"ics.operation", "write"},
          {"ics.target", "route/SPY1"},
          {"ics.value", "192.0.2.10 192.0.2.10.1.1"}});
  expect(play.context, 4, {{"status", "0"}, {"ics.target", "route/SPY1"}, {"ics.outcome", "ok"}});
}

TEST(AdsDiscovery, ARouteIsRefusedOrNotAnswered) {
  Udp play;
  play.frame("add_route");
  play.give("03661471 00000000 06000080 050102030101 1027 01000000 0100 0400 04070000", kBack);
  expect(play.context, 1, {{"ics.outcome", "refused"}, {"ics.reason", "DEVICE_INVALIDACCESS"}});
  play.frame("discover").frame("add_route").end();
  ASSERT_EQ(play.context.events.size(), 5U);  // who discovers asks everybody
  EXPECT_EQ(play.get(4, "ics.outcome"), "no answer");
}

TEST(AdsDiscovery, Refuses) {
  const struct {
    const char *name, *hex;
    DecodeError why;
    std::size_t events;
  } kCases[] = {
      {"other start", "03661472 00000000 01000000 c000020a0101 8480 00000000", DecodeError::bad_value, 0},
      {"head cut", "03661471 00000000 01000000 c000", DecodeError::truncated, 0},
      {"tag cut", "03661471 00000000 01000080 c000020a0101 8480 01000000 0500 0a00 'CX'", DecodeError::truncated, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Udp play;
    play.give(c.hex);
    expect_refused(play.context, c.why, c.events);
  }
}

TEST(AdsDiscovery, TagsThatMeanNothingHideNoRoute) {
  Udp play;
  // 16000 of them, then the net id and the host; the route has no name.
  auto bytes = from_hex("03661471 00000000 06000000 c000020a0101 8480 823e0000");
  bytes.resize(bytes.size() + std::size_t{16'000} * 4, 0);
  for (const std::uint8_t octet : from_hex("0700 0600 c000020a0101 0500 0b00 '192.0.2.10' 00")) bytes.push_back(octet);
  play.give(bytes);
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0,
         {{"ics.operation", "write"}, {"ics.target", "route/"}, {"ics.value", "192.0.2.10 192.0.2.10.1.1"}});
}

TEST(AdsDiscovery, AResponseWithoutAStatusIsNoConsent) {
  Udp play;
  play.frame("add_route");
  play.give("03661471 00000000 06000080 050102030101 1027 01000000 0100 0200 0407", kBack);
  expect(play.context, 1, {{"status", "-"}, {"ics.outcome", "-"}, {"ics.target", "route/SPY1"}});
}

TEST(Ads, Probe) {
  const auto read = from_hex(kGolden("read").hex);
  expect_verdicts("ads", read, kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("ads", Bytes{read}.first(20), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("ads", from_hex("00 " + std::string{kGolden("read").hex}), kOut, Transport::tcp, Verdict::no,
                  Verdict::yes);  // a keep-alive before it
  expect_verdicts("ads", from_hex("0000 01000000 ff"), kOut, Transport::tcp, Verdict::no, Verdict::unsure);
  expect_verdicts("ads", octets("GET / HTTP/1.1"), kOut, Transport::tcp, Verdict::no, Verdict::no);
  expect_verdicts("ads", from_hex(kGolden("port_connect").hex), kOut, Transport::tcp, Verdict::no, Verdict::yes);
  expect_verdicts("ads", from_hex(kGolden("discover").hex), kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("ads", octets("GET / HTTP/1.1"), kOut, Transport::udp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
