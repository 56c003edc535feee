#include <algorithm>
#include <gtest/gtest.h>

#include "ingest/network/protocols/c1222_message.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"c1222"};
constexpr const char* kMeter = "1.3.6.1.4.1.33507.1919.42.0";

Play play(Transport transport = Transport::udp, const std::vector<std::string>& only = {}) {
  return Play{"c1222", transport, only};
}

std::string meter(const std::string& behind) { return kMeter + behind; }

// A message from the host to the meter, number 1, with these services in hexadecimal.
std::vector<std::uint8_t> asks(std::string_view services) {
  const auto octets_of = from_hex(services);
  std::vector<std::uint8_t> epsem{0x80};
  epsem.insert(epsem.end(), octets_of.begin(), octets_of.end());
  const auto wrap = [](std::uint8_t tag, std::vector<std::uint8_t> contents) {
    contents.insert(contents.begin(), {tag, 0x82, static_cast<std::uint8_t>(contents.size() >> 8U),
                                       static_cast<std::uint8_t>(contents.size())});
    return contents;
  };
  auto body = from_hex("a20e060c2b060104018285638e7f2a00 a60a06082b06010401828563 a803020101");
  const auto user = wrap(0xBE, wrap(0x28, wrap(0x81, epsem)));
  body.insert(body.end(), user.begin(), user.end());
  return wrap(0x60, body);
}

TEST(C1222, FieldsOfGoldenFrames) {
  const std::string table1 = meter("/table/1"), table6 = meter("/table/6"), clock = meter("/procedure/10"),
                    restart = meter("/procedure/1"),
                    several = meter("/table/5") + "," + meter("/table/6") + "," + kMeter,
                    title = meter("/title/") + kMeter, part = meter("/table/23/16");
  const GoldenFields kFrames[] = {
      {"identify",
       {{"is_orig", "true"},
        {"is_encrypted_epsem", "false"},
        {"services", "REQ:Ident"},
        {"service", "REQ:Ident"},
        {"aso_context", "-"},
        {"called_ap_title", kMeter},
        {"calling_ap_title", "1.3.6.1.4.1.33507"},
        {"calling_ap_invocation_id", "1"},
        {"called_ap_invocation_id", "-"},
        {"epsem_control", "RESPONSE_CONTROL_ALWAYS_RESPOND,SECURITY_MODE_CLEARTEXT"},
        {"ics.operation", "identify"},
        {"ics.target", kMeter},
        {"ics.outcome", "-"}}},
      {"identity",
       {{"is_orig", "false"},
        {"services", "RESP:OK"},
        {"called_ap_invocation_id", "1"},
        {"ics.target", kMeter},
        {"ics.outcome", "ok"}}},
      {"read", {{"table_id", "1"}, {"ics.operation", "read"}, {"ics.target", table1.c_str()}}},
      {"data", {{"ics.outcome", "ok"}, {"data", "-"}}},
      {"read_part", {{"services", "REQ:Read"}, {"ics.target", part.c_str()}}},
      {"write",
       {{"services", "REQ:Write"},
        {"data", "123456"},
        {"ics.operation", "write"},
        {"ics.target", table6.c_str()},
        {"ics.value", "123456"}}},
      {"write_refused",
       {{"services", "RESP:ISC"}, {"ics.outcome", "refused"}, {"ics.reason", "Insufficient security clearance"}}},
      {"set_clock",
       {{"table_id", "7"},
        {"procedures", "10"},
        {"ics.operation", "time_set"},
        {"ics.target", clock.c_str()},
        {"ics.value", "011809"}}},
      {"restart", {{"ics.operation", "restart"}, {"ics.target", restart.c_str()}}},
      {"logon",
       {{"user_id", "4660"}, {"user", "operator  "}, {"session_idle_timeout", "60"}, {"ics.operation", "other"}}},
      {"security", {{"user_id", "4660"}, {"user", "-"}, {"data", "-"}, {"ics.value", "-"}}},
      {"logoff", {{"service", "REQ:Logoff"}}},
      {"wait", {{"time_s", "112"}, {"ics.operation", "other"}}},
      {"disconnect",
       {{"calling_ae_qualifier", "TEST,URGENT"}, {"aso_context", "2.16.840.1"}, {"ics.operation", "stop"}}},
      {"resolve", {{"ap_title", kMeter}, {"ics.operation", "diagnose"}, {"ics.target", title.c_str()}}},
      {"trace", {{"service", "REQ:Trace"}, {"ap_title", kMeter}}},
      {"register",
       {{"calling_ap_title", ".123.4"},
        {"ap_title", kMeter},
        {"electronic_serial_number", "2b06010401828563"},
        {"native_address", "m42"}}},
      {"deregister", {{"service", "REQ:Dereg"}, {"ap_title", kMeter}}},
      {"several",
       {{"services", "REQ:Read,REQ:Write,REQ:Terminate"},
        {"table_id", "5,6"},
        {"ed_class", "01020304"},
        {"ics.operation", "write"},
        {"ics.target", several.c_str()},
        {"ics.value", "07"}}},
      {"authenticated",
       {{"epsem_control", "RESPONSE_CONTROL_ALWAYS_RESPOND,SECURITY_MODE_CLEARTEXT_WITH_AUTHENTICATION"},
        {"c1222_key_id", "2"},
        {"mechanism_name", "2.16.840.1.114223"},
        {"services", "REQ:Read"}}},
      {"encrypted",
       {{"is_orig", "true"},
        {"is_encrypted_epsem", "true"},
        {"services", "-"},
        {"c1222_key_id", "2"},
        {"ics.operation", "other"},
        {"ics.target", kMeter}}},
      {"encrypted_response", {{"is_orig", "false"}, {"ics.outcome", "-"}, {"ics.target", kMeter}}},
      {"not_to_be_answered", {{"epsem_control", "RESPONSE_CONTROL_NEVER_RESPOND,SECURITY_MODE_CLEARTEXT"}}},
      {"two_in_one", {{"table_id", "1"}}},
  };
  expect_all_golden_fields(kGolden, kFrames);
}

TEST(C1222, ResponseRepeatsItsRequest) {
  Play flow = play();
  flow.give(kGolden("read")).give(kGolden("data")).end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1,
         {{"ics.operation", "read"},
          {"ics.target", meter("/table/1").c_str()},
          {"ics.value", "123456"},
          {"data", "123456"},
          {"ics.outcome", "ok"},
          {"rtt", "0.001000"}});
  Play refused = play(Transport::tcp);
  refused.give(kGolden("write")).give(kGolden("write_refused"));
  expect(refused.context, 1,
         {{"ics.operation", "write"}, {"ics.value", "123456"}, {"ics.outcome", "refused"}, {"rtt", "0.001000"}});
}

TEST(C1222, EncryptedAnswersAreJoinedToo) {
  Play flow = play();
  flow.give(kGolden("encrypted")).give(kGolden("encrypted_response")).end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1, {{"rtt", "0.001000"}, {"ics.outcome", "-"}});
}

TEST(C1222, NoAnswer) {
  Play flow = play();
  flow.give(kGolden("read")).give(kGolden("not_to_be_answered")).end();
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.get(0, "ts"), flow.get(2, "ts"));
  expect(flow.context, 2,
         {{"service", "REQ:Read"},
          {"calling_ap_invocation_id", "2"},
          {"ics.target", meter("/table/1").c_str()},
          {"ics.outcome", "no answer"}});
}

TEST(C1222, WhatIsAskedAgainOrTooOldIsGivenUp) {
  Play again = play();
  again.give(kGolden("read")).give(kGolden("read"));
  EXPECT_EQ(again.get(2, "ics.outcome"), "no answer");
  Play late = play();
  late.give(kGolden("read"));
  late.context.time += std::chrono::seconds{31};
  late.give(kGolden("data"));
  expect(late.context, 1, {{"ics.outcome", "no answer"}});
  expect(late.context, 2, {{"ics.outcome", "ok"}, {"rtt", "-"}});
}

TEST(C1222, AtMost64RequestsWait) {
  Play flow = play();
  auto bytes = from_hex(kGolden("logoff").hex);
  const auto number = from_hex("a803020109");
  const auto id = std::search(bytes.begin(), bytes.end(), number.begin(), number.end()) + 4;
  for (int i = 0; i < 65; ++i) {
    *id = static_cast<std::uint8_t>(i);
    flow.give(bytes);
  }
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.events.size(), 66U);
}

TEST(C1222, TheFirst32ServicesAreTold) {
  std::string services;
  for (int i = 0; i < 33; ++i) services += "03300001";
  Play flow = play();
  flow.give(asks(services));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  const std::string tables = flow.get(0, "table_id");
  EXPECT_EQ(std::ranges::count(tables, ','), 31);
}

TEST(C1222, WhatADeviceCarriesOutIsNotHiddenByOtherServices) {
  std::string reads;
  for (int i = 0; i < 33; ++i) reads += "03300001";
  const std::string before[] = {reads, "00", "0100", "0103", "04260d0101"};  // the last traces
  for (const std::string& services : before) {
    SCOPED_TRACE(services);
    Play flow = play();
    flow.give(asks(services + "0b40000700050a00011809d4"));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"is_orig", "true"}, {"ics.operation", "time_set"}, {"ics.outcome", "-"}});
  }
}

TEST(C1222, AnothersErrorIsNoRefusalOfAWrite) {
  Play flow = play();
  flow.give(asks("0b40000700050a00011809d4 0172"));
  flow.give("6031a20a06082b06010401828563a403020101a60e060c2b060104018285638e7f2a00a80302010cbe09280781058001000102",
            kBack);
  expect(flow.context, 1, {{"ics.operation", "time_set"}, {"ics.outcome", "ok"}, {"ics.reason", "-"}});
}

TEST(C1222, PasswordsAndKeysAreNotTold) {
  for (const char* services : {"0940002a0003313233cc", "0940002d0003313233cc", "0d400007000712000131323334cc"}) {
    SCOPED_TRACE(services);
    Play flow = play();
    flow.give(asks(services));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"services", "REQ:Write"}, {"data", "-"}, {"ics.value", "-"}});
  }
  Play read = play();
  read.give(asks("0330002a"));
  read.give(
      "6035a20a06082b06010401828563a403020101a60e060c2b060104018285638e7f2a00a80302010bbe0d280b81098007000003"
      "31323363",
      kBack);
  expect(read.context, 1, {{"data", "-"}, {"ics.value", "-"}});
}

TEST(C1222, AMakersProceduresAreNoStandardOnes) {
  Play flow = play();
  flow.give(asks("0940000700030a0801cc"));
  expect(flow.context, 0,
         {{"procedures", "2058"}, {"ics.operation", "control"}, {"ics.target", meter("/procedure/2058").c_str()}});
}

TEST(C1222Devices, WhoAnswersToIdentifyIsTold) {
  Play flow = play(Transport::udp, {"device", "device_protocol", "device_unit", "serial_number", "device_description",
                                    "standard", "device_identity"});
  flow.give(kGolden("identify")).give(kGolden("identity"));
  ASSERT_EQ(flow.context.events.size(), 3U);
  expect(flow.context, 1, {{"standard", "3"}, {"device_identity", "M42A"}});
  expect(flow.context, 2,
         {{"device", "198.51.100.1"},
          {"device_protocol", "c1222"},
          {"device_unit", kMeter},
          {"serial_number", "M42A"},
          {"device_description", "class 2b06010401828563"}});
}

TEST(C1222, MalformedServicesAreRefusedAndTold) {
  for (const char* services : {"025012", "09300001", "08400006000901", "0230", "8403", "0225", "05270102030405"}) {
    SCOPED_TRACE(services);
    Play flow = play();
    flow.give(asks(services));
    expect_refused(flow.context, DecodeError::bad_value, 1);
  }
}

TEST(C1222, MessagesThatAreRefused) {
  for (const char* hex : {"6100", "6084ffffffff", "6001a2", "600430020101", "6006a20406022b06",
                          "6009a203060 12ba60206 00", "6005be03280181"}) {
    SCOPED_TRACE(hex);
    Play flow = play();
    flow.give(hex);
    expect_refused(flow.context, DecodeError::bad_value, 0);
  }
  Play cut = play();
  cut.give("6030a20f06");
  expect_refused(cut.context, DecodeError::truncated, 0);
}

TEST(C1222, UnusualEncodingsAreRead) {
  const std::string title = "a20e060c2b060104018285638e7f2a00", services = "be0728058103800120";
  const struct {
    const char* name;
    std::string hex;
  } kCases[] = {
      {"a length of three octets", "6083000019" + title + services},
      {"a length of four octets", "608400000019" + title + services},
      {"the number first", "601ea803020101" + title + services},
      {"the services alone", "6009" + services},
      {"an element of an extension", "601ea303020101" + title + services},
      {"a number without octets", "601da8020200" + title + services},
      {"a bit of the control that has to stand", "6019" + title + "be0728058103000120"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(c.hex);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"services", "REQ:Ident"}, {"ics.operation", "identify"}});
  }
  expect_verdicts("c1222", from_hex(kCases[6].hex), kOut, Transport::udp, Verdict::no, Verdict::yes);
}

TEST(C1222, At32ElementsAMessageEnds) {
  std::string elements;
  for (int i = 0; i < 32; ++i) elements += "8b0101";
  Play flow = play();
  flow.give("6069" + elements + "be0728058103800120");
  expect_refused(flow.context, DecodeError::bad_value, 0);
}

TEST(C1222, MessagesAreFoundBehindNoiseAndGaps) {
  Play flow = play(Transport::tcp);
  flow.give("00ff60" + std::string{kGolden("logoff").hex});
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  flow.give("6030a2");
  flow.analyzer->gap(9, kOut, flow.context);
  flow.give("0001" + std::string{kGolden("two_in_one").hex});
  // Answers may have been lost, too.
  flow.analyzer->gap(9, kBack, flow.context);
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 3U);
}

TEST(C1222, LyingLengthsAreRefusedAtOnce) {
  Play flow = play(Transport::tcp);
  flow.give("60824001a20f06");
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_EQ(flow.out.waiting(), 0U);
}

TEST(C1222, ALyingLengthHidesNoMessage) {
  Play flow = play(Transport::tcp);
  flow.give("60822000a20f06").give(kGolden("write"));
  expect(flow.context, 0, {{"ics.operation", "write"}});
}

TEST(C1222, ARequestWithoutServicesHasNone) {
  Play flow = play();
  flow.give("6028 a20e060c2b060104018285638e7f2a00 a60a06082b06010401828563 a803020106 be05 2803 8101 80").end();
  expect(flow.context, 0, {{"service", "-"}});
  expect(flow.context, 1, {{"service", "-"}, {"ics.outcome", "no answer"}});
}

TEST(C1222, GivesUpOnOtherProtocols) {
  Play flow = play(Transport::tcp);
  EXPECT_FALSE(flow.out.feed(std::vector<std::uint8_t>(5000, 0xFF)));
}

TEST(C1222, Probe) {
  for (const char* name : {"identify", "data", "encrypted", "logon"})
    expect_verdicts("c1222", from_hex(kGolden(name).hex), kOut, kGolden(name).transport, Verdict::yes, Verdict::yes);
  expect_verdicts("c1222", from_hex("6030a2"), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("c1222", from_hex("602806062b0601050502"), kOut, Transport::tcp, Verdict::no,
                  Verdict::no);  // GSS-API
  expect_verdicts("c1222", asks("09300001"), kOut, Transport::udp, Verdict::no, Verdict::yes);
}

}  // namespace
}  // namespace nw::network
