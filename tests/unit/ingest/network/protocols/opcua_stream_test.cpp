// How messages of OPC UA are found, put together and joined to their requests; opcua_test.cpp has what they say.
#include <gtest/gtest.h>

#include "opcua_frames.h"

namespace nw::network::opcua {
namespace {

TEST(OpcuaPairing, AResponseRepeatsItsRequest) {
  Play flow = play({"identifier_str", "rtt", "ics.operation", "ics.target", "ics.value", "ics.outcome"});
  flow.give(message(reads({point("00f0")}), {.request = 4}));
  flow.give(message(writes("0601000000"), {.request = 5}));
  flow.give(message(answers(676, list({le(0)}) + kNone), {.request = 5}), kBack);
  flow.give(message(answers(397, "", 0x80250000), {.request = 4}), kBack);
  const std::size_t written = nth(flow, "opcua_binary", 2), fault = nth(flow, "opcua_binary", 3);
  expect(flow.context, written,
         {{"rtt", "0.001000"}, {"ics.target", "ns=2;s=Pump"}, {"ics.value", "1"}, {"ics.outcome", "ok"}});
  expect(flow.context, fault,
         {{"identifier_str", "ServiceFault"},
          {"rtt", "0.003000"},
          {"ics.operation", "read"},
          {"ics.target", "i=240"},
          {"ics.outcome", "refused"}});
  const std::size_t before = flow.context.events.size();
  flow.end();
  EXPECT_EQ(flow.context.events.size(), before);  // all was answered
}

TEST(OpcuaPairing, NotWithAnotherNumberOrChannel) {
  Play flow = play();
  flow.give(message(reads({point("0005")}), {.request = 4}));
  flow.give(message(answers(634, kNone + kNone), {.request = 5}), kBack);
  flow.give(message(answers(634, kNone + kNone), {.request = 4, .channel = 8}), kBack);
  flow.give(message(answers(634, kNone + kNone), {.request = 4}), kOut);  // from the same side
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(flow.get(nth(flow, "opcua_binary", i), "rtt"), "-");
}

TEST(OpcuaPairing, NotWithAnotherService) {
  Play flow = play();
  flow.give(message(writes("0601000000"), {.request = 4}));
  flow.give(message(answers(634, kNone + kNone), {.request = 4}), kBack);
  flow.give(message(answers(676, list({le(0)}) + kNone), {.request = 4}), kBack);
  expect(flow.context, nth(flow, "opcua_binary", 1), {{"rtt", "-"}, {"service", "Read"}, {"ics.target", "-"}});
  expect(flow.context, nth(flow, "opcua_binary", 2), {{"rtt", "0.002000"}, {"ics.target", "ns=2;s=Pump"}});
}

TEST(OpcuaPairing, RequestAndResponseNameTheirServiceAlike) {
  Play flow = play({"service"});
  flow.give(kGolden("hello")).give(kGolden("acknowledge"));
  flow.give(message(reads({point("0005")}), {.request = 4}));
  flow.give(message(answers(397, "", 0x80250000), {.request = 4}), kBack);
  flow.give(message(answers(397, "", 0x80250000), {.request = 5}), kBack);  // of what was not seen
  flow.give(message(writes("0601000000"), {.request = 6}));
  flow.give(kGolden("error"));
  flow.give(kGolden("hello"));
  flow.end();
  const char* const kWant[] = {"Hello", "Hello", "Read", "Read", "-", "Write", "Write", "Hello", "Hello"};
  for (std::size_t i = 0; i < std::size(kWant); ++i)
    EXPECT_EQ(flow.get(nth(flow, "opcua_binary", i), "service"), kWant[i]) << i;
}

TEST(OpcuaPairing, NoAnswer) {
  Play flow = play();
  flow.give(kGolden("hello"));
  flow.give(message(reads({point("0005")}), {.request = 4}));
  flow.give(message(asks(826, kNone), {.request = 5}));  // waits for something to happen
  const std::size_t before = flow.context.events.size();
  flow.end();
  ASSERT_EQ(flow.context.events.size(), before + 2);
  expect(flow.context, before, {{"msg_type", "HEL"}, {"ics.target", "opc.tcp://plc:4840"}, {"identifier", "-"}});
  expect(flow.context, before + 1,
         {{"is_orig", "true"},
          {"msg_type", "MSG"},
          {"sec_channel_id", "7"},
          {"request_id", "4"},
          {"identifier", "631"},
          {"identifier_str", "ReadRequest"},
          {"ics.operation", "read"},
          {"ics.target", "i=5"},
          {"ics.outcome", "no answer"},
          {"ts", "1700000000001000000"}});
}

TEST(OpcuaPairing, ARequestIsGivenUp) {
  Play flow = play();
  flow.give(message(reads({point("0005")}), {.request = 4}));
  flow.give(message(reads({point("0006")}), {.request = 4}));  // its number again
  expect(flow.context, 4, {{"ics.target", "i=5"}, {"ics.outcome", "no answer"}});
  flow.context.time += std::chrono::seconds{31};
  flow.give(kGolden("publish"));
  expect(flow.context, 5, {{"ics.target", "i=6"}, {"ics.outcome", "no answer"}});
}

TEST(OpcuaPairing, SixtyFourWait) {
  Play flow = play();
  for (std::uint32_t i = 0; i < 65; ++i) flow.give(message(asks(473, "01"), {.request = i}));
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.events.size(), 66U);
}

TEST(OpcuaPairing, TheTransportAnswers) {
  Play flow = play();
  flow.give(kGolden("hello")).give(kGolden("acknowledge"));
  expect(flow.context, 1, {{"rtt", "0.001000"}, {"ics.target", "opc.tcp://plc:4840"}, {"ics.outcome", "ok"}});
  flow.give(kGolden("open")).give(kGolden("error"));
  expect(flow.context, 4, {{"rtt", "0.001000"}, {"ics.outcome", "refused"}});
  const std::size_t before = flow.context.events.size();
  flow.end();
  EXPECT_EQ(flow.context.events.size(), before);
}

TEST(Opcua, TheServerMayCall) {
  Play flow = play();
  flow.give(kGolden("reverse_hello"));
  flow.give(kGolden("hello").hex, kBack).give(kGolden("acknowledge").hex, kOut);
  flow.give(chunk("MSGF", le(7) + le(1) + le(0x12345678, 8) + le(0x9abcdef0, 8)), kBack);
  EXPECT_EQ(flow.get(1, "is_orig"), "true");
  EXPECT_EQ(flow.get(2, "is_orig"), "false");
  EXPECT_EQ(flow.get(3, "is_orig"), "true");  // encrypted: its direction says so
}

TEST(OpcuaSecurity, SignedMessagesAreRead) {
  Play flow = play();
  const std::string signature(64, 'c');
  flow.give(open("Basic256Sha256", std::string(128, '9')));
  flow.give(message(reads({point("0005")}) + signature));
  expect(flow.context, 1, {{"encrypted", "false"}, {"ics.target", "i=5"}});
  const std::string body = reads({point("0005"), point("0006")}), half = body.substr(0, 40), rest = body.substr(40);
  flow.give(message(half + signature, {.request = 2, .letters = "MSGC"}));
  flow.give(message(rest + signature, {.request = 2}));
  expect(flow.context, 3, {{"chunks", "2"}, {"ics.target", "i=5,i=6"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);

  Play old = play();
  old.give(open("Basic256", std::string(128, '9')));
  old.give(message(reads({point("0005")}) + std::string(40, 'c')));
  EXPECT_EQ(old.get(1, "ics.target"), "i=5");
  Play middle = play();  // whose policy was not seen
  middle.give(message(reads({point("0005")}) + signature));
  EXPECT_EQ(middle.get(0, "ics.target"), "i=5");
  EXPECT_EQ(old.context.refused_total() + middle.context.refused_total(), 0U);
}

TEST(OpcuaSecurity, EncryptedMessagesAreCountedByTheirChunks) {
  Play flow = play();
  const std::string secret = le(7) + le(1) + std::string(96, '9');
  flow.give(chunk("MSGC", secret)).give(chunk("MSGC", secret)).give(chunk("MSGF", secret));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"encrypted", "true"}, {"chunks", "3"}, {"msg_size", "192"}, {"request_id", "-"}});
}

TEST(OpcuaSecurity, AServiceThatNobodyPublishedIsNotEncrypted) {
  Play flow = play();
  flow.give(kGolden("open"));
  flow.give(message("0100" + le(9999, 2) + "00"));
  expect(flow.context, 2,
         {{"encrypted", "false"}, {"identifier", "9999"}, {"identifier_str", "unknown-9999"}, {"request_id", "1"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(OpcuaSecurity, InMidStreamOneMessageTellsOfTheOthers) {
  const std::string unpublished = message("0100" + le(9999, 2) + "00"), secret = message(std::string(32, '9'));
  Play flow = play({"encrypted", "service"});
  flow.give(unpublished).give(kGolden("read_build")).give(unpublished).give(secret);
  const auto message_number = [&](std::size_t i) { return nth(flow, "opcua_binary", i); };
  expect(flow.context, message_number(0), {{"encrypted", "true"}, {"service", "encrypted"}});
  expect(flow.context, message_number(2), {{"encrypted", "false"}, {"service", "unknown-9999"}});
  EXPECT_EQ(flow.get(message_number(3), "encrypted"), "false");
}

TEST(OpcuaSecurity, NoiseDoesNotHideARequest) {
  Play flow = play();
  flow.give(chunk("MSGC", le(7) + le(1) + std::string(96, '9')));
  flow.give(message(reads({point("0005")})));
  expect(flow.context, 0, {{"encrypted", "false"}, {"identifier_str", "ReadRequest"}, {"ics.target", "i=5"}});
}

TEST(OpcuaSecurity, WhoOpensAChannelIsTheClient) {
  Play flow = play();
  flow.give(open("Basic256Sha256", std::string(128, '9')), kBack);
  flow.give(chunk("MSGF", le(7) + le(1) + std::string(96, '9')), kBack);
  EXPECT_EQ(flow.get(0, "is_orig"), "true");
  EXPECT_EQ(flow.get(1, "is_orig"), "true");
}

TEST(OpcuaChunks, AnotherMessageEndsTheFirst) {
  Play flow = play();
  flow.give(message(reads({point("0005")}).substr(0, 20), {.request = 2, .letters = "MSGC"}));
  flow.give(message(asks(473, "01"), {.request = 3}));
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.get(0, "identifier_str"), "CloseSessionRequest");
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(OpcuaChunks, GivenUp) {
  Play flow = play();
  flow.give(message(reads({point("0005")}), {.request = 2}));
  flow.give(message(answers(634, kNone).substr(0, 20), {.request = 2, .letters = "MSGC"}), kBack);
  flow.give(message(le(0x80B90000) + text("too much"), {.request = 2, .letters = "MSGA"}), kBack);
  expect(flow.context, 2,
         {{"is_final", "A"},
          {"is_orig", "false"},
          {"error", "BadResponseTooLarge"},
          {"reason", "too much"},
          {"rtt", "0.002000"},
          {"ics.target", "i=5"},
          {"ics.outcome", "refused"},
          {"ics.reason", "BadResponseTooLarge"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// A read of so many nodes, each of 16 octets.
std::string long_read(std::size_t nodes) { return reads(std::vector<std::string>(nodes, point("0005"))); }

TEST(OpcuaChunks, UpTo64KiBAreReadAtOnce) {
  Play flow = play({"identifier_str", "items"});
  flow.give(message(long_read(4000)));
  EXPECT_EQ(flow.get(0, "items"), "4000");
  EXPECT_EQ(flow.context.events.size(), 1U + 1024);  // so many parts are told
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(OpcuaChunks, LongerOnesAreToldByTheirHead) {
  Play flow = play({"identifier_str", "items", "msg_size", "ics.target"});
  flow.give(message(long_read(4100)));
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
  expect(flow.context, 0, {{"identifier_str", "ReadRequest"}, {"items", "-"}, {"ics.target", "-"}});
  flow.give(message(asks(473, "01"), {.request = 2}));  // what is behind is found
  EXPECT_EQ(flow.get(1, "identifier_str"), "CloseSessionRequest");
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(OpcuaChunks, PutTogetherUpTo64KiB) {
  Play flow = play({"identifier_str", "items", "chunks"});
  flow.give(message(long_read(3000), {.letters = "MSGC"}));
  flow.give(message(std::string(40'000, '0'), {.letters = "MSGC"}));
  flow.give(message("00", {.letters = "MSGF"}));
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  expect(flow.context, 0, {{"identifier_str", "ReadRequest"}, {"chunks", "3"}, {"items", "-"}});
}

TEST(OpcuaStream, HeadsThatLie) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {
      {"nobody's letters", "'MSXF' 20000000"},       {"another chunk", "'MSGX' 20000000"},
      {"a hello in pieces", "'HELC' 20000000"},      {"an opening in pieces", "'OPNC' 40000000"},
      {"too short for its type", "'HELF' 1f000000"}, {"shorter than its head", "'MSGF' 07000000"},
      {"a hello of 16 KiB", "'HELF' 00400000"},      {"more than a megabyte", "'MSGF' 01001000"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(c.hex).give(kGolden("read"));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    EXPECT_EQ(flow.get(0, "identifier_str"), "ReadRequest");
  }
}

TEST(OpcuaStream, BeginsWithinAMessage) {
  Play flow = play();
  flow.give(std::string{"0102030405 'MSG' 00 'OPNF'"} + std::string(kGolden("read").hex));
  EXPECT_EQ(flow.context.refused_total(), 1U);
  EXPECT_EQ(flow.get(0, "identifier_str"), "ReadRequest");
}

TEST(OpcuaStream, NoiseEndsTheAnalysis) {
  Play flow = play();
  const std::vector<std::uint8_t> noise(std::size_t{64} * 1024, 'x');
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(flow.out.feed(noise));
  EXPECT_FALSE(flow.out.feed(noise));
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(OpcuaStream, Gaps) {
  Play flow = play();
  flow.give(message(reads({point("0005")}), {.request = 2}));
  flow.give(message(answers(634, kNone).substr(0, 20), {.request = 2, .letters = "MSGC"}), kBack);
  flow.analyzer->gap(100, kBack, flow.context);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  flow.give("000102 'MSG'", kBack).give(kGolden("service_fault"));
  const std::size_t last = flow.context.events.size() - 1;
  expect(flow.context, last, {{"identifier_str", "ServiceFault"}, {"rtt", "-"}});
  flow.end();
  EXPECT_EQ(flow.context.events.size(), last + 1);  // the answer may have been lost
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(OpcuaStream, AGapWhereNobodyLooks) {
  Play flow = play({"identifier_str"});
  const auto whole = from_hex(message(long_read(4100)));
  flow.give(Bytes{whole}.first(1000));
  flow.analyzer->gap(whole.size() - 2000, kOut, flow.context);
  flow.give(Bytes{whole}.last(1000)).give(message(asks(473, "01"), {.request = 2}));
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  EXPECT_EQ(flow.get(1, "identifier_str"), "CloseSessionRequest");
}

TEST(Opcua, Probe) {
  using enum Verdict;
  const auto hello = from_hex(kGolden("hello").hex);
  expect_verdicts("opcua", hello, kOut, Transport::tcp, yes, yes);
  expect_verdicts("opcua", Bytes{hello}.first(8), kOut, Transport::tcp, yes, yes);
  expect_verdicts("opcua", Bytes{hello}.first(7), kOut, Transport::tcp, unsure, unsure);
  expect_verdicts("opcua", octets("HELO mail"), kOut, Transport::tcp, no, no);
  expect_verdicts("opcua", octets("MSGFtext"), kOut, Transport::tcp, no, no);
  std::vector<std::uint8_t> middle(10, 'x');
  middle.insert(middle.end(), hello.begin(), hello.end());
  expect_verdicts("opcua", middle, kOut, Transport::tcp, no, yes);
}

}  // namespace
}  // namespace nw::network::opcua
