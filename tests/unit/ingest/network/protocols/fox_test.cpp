#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"fox"};

struct Fox : Play {
  Fox() : Play{"fox", Transport::tcp} {}
  Fox& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

TEST(Fox, FieldsOfGoldenFrames) {
  const GoldenFields kFrames[] = {
      {"hello",
       {{"is_orig", "true"},
        {"kind", "a"},
        {"sequence", "1"},
        {"reply_to", "-"},
        {"channel", "fox"},
        {"command", "hello"},
        {"fox_version", "1.0"},
        {"host_name", "xpvm"},
        {"app_name", "Workbench"},
        {"app_version", "3.7.44"},
        {"brand_id", "vykon"},
        {"ics.operation", "identify"},
        {"ics.target", "fox"},
        {"ics.outcome", "-"}}},
      {"station_hello",
       {{"is_orig", "false"},
        {"host_address", "192.0.2.15"},
        {"vm_name", "J9"},
        {"vm_version", "2.3"},
        {"os_name", "QNX"},
        {"os_version", "6.3.2"},
        {"station_name", "Legion_HQ"},
        {"lang", "en"},
        {"time_zone", "Australia/Perth"},
        {"host_id", "Qnx-NPM6-0000-149C-30C0"},
        {"vm_uuid", "11e4d864-cd0e-664a"}}},
      {"challenge", {{"command", "challenge"}, {"method", "digest-md5"}, {"ics.operation", "other"}}},
      {"login", {{"command", "authenticate"}, {"user", "operator"}, {"kind", "s"}}},
      {"welcome", {{"reply_to", "2"}, {"ics.outcome", "-"}}},
      {"rejected", {{"ics.outcome", "refused"}}},
      {"file", {{"channel", "file"}, {"ics.operation", "file"}}},
  };
  expect_golden_fields(kGolden, kFrames);
}

TEST(Fox, CircuitsSayWhereTheyLead) {
  Fox play;
  play.say("fox a 3 -1 circuit open\n{\nid=i:1\nchannel=s:file\ncommand=s:write\nmetadata=m:{\n}\n};;\n");
  play.say("fox a 4 -1 sys x\n{\nchannel=s:file\n};;\n");
  expect(play.context, 0, {{"channel", "circuit"}, {"ics.operation", "file"}, {"ics.target", "circuit/file/write"}});
  expect(play.context, 1, {{"ics.operation", "other"}, {"ics.target", "sys"}});
}

TEST(Fox, HelloAnswersHello) {
  Fox play;
  play.frame("hello").frame("station_hello").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.operation", "identify"}, {"ics.outcome", "ok"}});
  expect(play.context, 2,
         {{"device", "198.51.100.1"},
          {"device_protocol", "fox"},
          {"vendor", "vykon"},
          {"product", "Niagara"},
          {"serial_number", "Qnx-NPM6-0000-149C-30C0"},
          {"firmware", "3.5.41.1"},
          {"device_name", "Legion_HQ"},
          {"device_description", "QNX 6.3.2 J9 2.3"}});
}

TEST(Fox, LoginsAreAnswered) {
  Fox play;
  play.frame("login").frame("welcome").frame("login").frame("rejected").end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
  expect(play.context, 3, {{"rtt", "0.001000"}, {"ics.outcome", "refused"}});
}

// Either side counts its own, and a request of one is no answer to the other's.
TEST(Fox, RequestsAndAnswersShareANumber) {
  Fox play;
  play.say("fox s 5 0 sys a\n{\n};;\n").say("fox s 9 0 sys b\n{\n};;\n", kBack);
  play.say("fox n 10 0 sys a\n{\n};;\n", kBack).say("fox e 6 0 sys b\n{\n};;\n").end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 1, {{"reply_to", "0"}, {"ics.outcome", "-"}, {"rtt", "-"}});
  expect(play.context, 2, {{"rtt", "0.002000"}, {"ics.outcome", "ok"}});
  expect(play.context, 3, {{"rtt", "0.002000"}, {"ics.outcome", "refused"}});
}

TEST(Fox, NobodyAnswers) {
  Fox play;
  play.frame("hello").frame("challenge").end();
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 2, {{"command", "hello"}, {"ics.outcome", "no answer"}});
  Fox later;
  later.frame("login");
  later.context.time += std::chrono::seconds{31};
  later.frame("hello");
  expect(later.context, 1, {{"command", "authenticate"}, {"ics.outcome", "no answer"}});
}

TEST(Fox, RequestsThatWaitAreBounded) {
  Fox play;
  for (unsigned i = 0; i <= 64; ++i) play.frame("login");
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
}

TEST(Fox, TextsAreBoundedAndEscaped) {
  Fox play;
  play.say("fox a 0 -1 fox hello\n{\nstation.name=s:" + std::string(1000, 'x') + "\nhostName=s:a\xff\n};;\n", kBack);
  EXPECT_EQ(play.get(0, "station_name").size(), 256U);
  EXPECT_EQ(play.get(0, "host_name"), "a\\xff");
  EXPECT_EQ(play.get(1, "device_name").size(), 120U);
}

TEST(Fox, LongFramesAreToldAndPassedOver) {
  Fox play;
  play.say("fox a 3 -1 station data\n{\na=o:bog 40000[" + std::string(33000, 'x'));
  expect_refused(play.context, DecodeError::too_long, 1);
  EXPECT_LT(play.out.waiting(), 4U);
  play.say("xxx\n]\n};;\n");
  play.frame("login");
  EXPECT_EQ(play.get(1, "user"), "operator");
}

TEST(Fox, OddNumbersHideNothing) {
  for (const std::string number : {"18446744073709551617", "0000000000000000000000001"}) {
    SCOPED_TRACE(number);
    Fox play;
    play.say("fox a " + number + " -1 fox username\n{\nusername=s:operator\n};;\n");
    EXPECT_EQ(play.context.refused_total(), 0U);
    EXPECT_EQ(play.get(0, "user"), "operator");
  }
}

// What a message within says is not what the frame says.
TEST(Fox, MessagesInMessages) {
  Fox play;
  play.say(
      "fox a 2 -1 fox username\n{\nusername=s:operator\nmore=m:{\nx=m:{\n}\nusername=s:guest\n}\nlang=s:en\n};;\n");
  expect(play.context, 0, {{"user", "operator"}, {"lang", "en"}});
}

// Octets that are counted may look like a frame's end.
TEST(Fox, LongOctetsAreNoEnd) {
  Fox play;
  play.say("fox a 3 -1 station data\n{\na=b:40000[\n};;\n");
  EXPECT_TRUE(play.context.events.empty());
}

TEST(Fox, AFrameThatBreaksOffHidesNotTheNext) {
  Fox play;
  play.say("fox a 3 -1 station data\n{\na=s:b\n");
  play.frame("login");
  EXPECT_EQ(play.context.refused_total(), 1U);
  EXPECT_EQ(play.get(0, "user"), "operator");
}

// A bracket in the name counts nothing.
TEST(Fox, ALineHidesNotTheNextFrame) {
  Fox play;
  play.say("fox a 3 -1 station data\n{\n9[x=b:\n};;\n");
  play.frame("login");
  EXPECT_EQ(play.get(1, "user"), "operator");
}

// What is read of a frame that is too long is not searched for frames again and again.
TEST(Fox, FramesInLongFramesAreNotTold) {
  Fox play;
  std::string text = "fox a 3 -1 station data\n{\n";
  while (text.size() < 33000) text += "x=b:18[\nfox a 1 -1 a b\n{\n]\n";
  play.say(text);
  expect_refused(play.context, DecodeError::too_long, 1);
  EXPECT_EQ(play.out.waiting(), 0U);
}

TEST(Fox, Refuses) {
  const struct {
    const char *name, *text;
  } kCases[] = {
      {"other start", "GET / HTTP/1.1\r\n"},     {"no numbers", "fox a b c fox hello\n{\n"},
      {"no command", "fox a 1 -1 fox\n{\n"},     {"a kind of two letters", "fox ab 1 -1 fox hello\n{\n"},
      {"no brace", "fox a 1 -1 fox hello\n}\n"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Fox play;
    play.say(c.text);
    expect_refused(play.context, DecodeError::bad_value, 0);
    play.frame("hello");
    EXPECT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
  }
  Fox endless;
  endless.say("fox a " + std::string(1100, '1'));
  expect_refused(endless.context, DecodeError::bad_value, 0);
}

TEST(Fox, AfterAGapTheNextFrameIsFound) {
  Fox play;
  play.frame("login");
  play.analyzer->gap(5, kBack, play.context);
  play.say("ion.name=s:a\n};;\n", kBack);
  play.frame("welcome").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(Fox, Probe) {
  const auto hello = from_hex(kGolden("hello").hex);
  expect_verdicts("fox", hello, kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("fox", Bytes{hello}.first(3), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("fox", octets("b=s:c\n};;\nfox a 1 -1 fox challenge\n{\n"), kOut, Transport::tcp, Verdict::no,
                  Verdict::yes);
  expect_verdicts("fox", octets("foxes\n"), kOut, Transport::tcp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
