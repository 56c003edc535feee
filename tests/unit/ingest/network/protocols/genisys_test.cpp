#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"genisys"};

struct Line : Play {
  Line() : Play{"genisys", Transport::tcp} {}
  Line& frame(std::string_view name) {
    give(kGolden(name));
    return *this;
  }
};

TEST(Genisys, FieldsOfGoldenFrames) {
  const GoldenFields kFrames[] = {
      {"poll",
       {{"header", "Poll"},
        {"header_code", "251"},
        {"server", "5"},
        {"direction", "request"},
        {"is_orig", "true"},
        {"crc_transmitted", "0x8382"},
        {"payload", "-"},
        {"ics.operation", "read"},
        {"ics.target", "5"},
        {"ics.outcome", "-"}}},
      {"poll_bare", {{"header", "Poll"}, {"crc_transmitted", "-"}}},
      {"acknowledge",
       {{"header", "Acknowledge Client"}, {"direction", "response"}, {"is_orig", "false"}, {"ics.outcome", "ok"}}},
      {"acknowledge_and_poll", {{"header", "Acknowledge Indication and Poll"}, {"ics.operation", "read"}}},
      {"indication",
       {{"header", "Indication Data"},
        {"payload", "0=5,1=242,241=3"},
        {"ics.operation", "read"},
        {"ics.target", "5/0,5/1,5/241"},
        {"ics.value", "5,242,3"}}},
      {"escape_at_the_end", {{"crc_transmitted", "0xf009"}, {"payload", "8=6,10=4,12=4,15=4"}}},
      {"recall", {{"header", "Recall Header"}, {"ics.operation", "read"}}},
      {"control",
       {{"header", "Control Data"},
        {"payload", "0=1,7=128"},
        {"ics.operation", "control"},
        {"ics.target", "5/0,5/7"},
        {"ics.value", "1,128"}}},
      {"checkback", {{"header", "Control Data Checkback"}, {"ics.operation", "control"}, {"ics.outcome", "ok"}}},
      {"execute", {{"header", "Execute Controls"}, {"ics.operation", "control"}, {"ics.target", "5"}}},
      {"common_control", {{"header", "Common Control Data"}, {"payload", "224=2"}, {"ics.operation", "control"}}},
  };
  expect_golden_fields(kGolden, kFrames);
}

TEST(Genisys, AStationAnswersWhatItWasAsked) {
  Line play;
  play.frame("control").frame("checkback").frame("execute").frame("acknowledge").frame("recall").frame("indication");
  play.end();
  ASSERT_EQ(play.context.events.size(), 6U);
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.operation", "control"}, {"ics.target", "5/0,5/7"}});
  expect(play.context, 3, {{"rtt", "0.001000"}, {"ics.operation", "control"}, {"ics.outcome", "ok"}});
  expect(play.context, 5, {{"rtt", "0.001000"}, {"ics.operation", "read"}});
}

TEST(Genisys, IndicationsMayAnswerAControl) {
  Line play;
  play.frame("control").frame("indication").frame("poll").frame("indication").end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 1,
         {{"header", "Indication Data"},
          {"payload", "0=5,1=242,241=3"},
          {"ics.operation", "control"},
          {"ics.target", "5/0,5/7"},
          {"ics.value", "1,128"},
          {"ics.outcome", "ok"}});
  expect(play.context, 3, {{"ics.operation", "read"}, {"ics.target", "5/0,5/1,5/241"}, {"ics.value", "5,242,3"}});
}

TEST(Genisys, WhatGoesToAllStationsIsNotAnswered) {
  Line play;
  play.frame("common_control").give("fc 00 00 02 b1 b5 f6").end();
  EXPECT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1, {{"server", "0"}, {"ics.operation", "control"}});
}

TEST(Genisys, NobodyAnswers) {
  Line play;
  play.frame("execute").frame("poll");  // it is asked anew
  expect(play.context, 2, {{"header", "Execute Controls"}, {"ics.outcome", "no answer"}});
  play.context.time += std::chrono::seconds{31};
  play.frame("recall");
  expect(play.context, 3, {{"header", "Poll"}, {"ics.outcome", "no answer"}});
  play.end();
  expect(play.context, 5, {{"header", "Recall Header"}, {"ics.outcome", "no answer"}});
}

TEST(Genisys, RequestsThatWaitAreBounded) {
  Line play;
  for (unsigned station = 1; station <= 65; ++station) {  // 0 is all of them, of which none answers
    const std::array<std::uint8_t, 3> poll{0xfb, static_cast<std::uint8_t>(station), 0xf6};
    play.give(poll);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
}

TEST(Genisys, TheCrcBeginsWithOnesOrZeros) {
  Line play;
  play.give("fc 05 00 01 e1 b5 f6").give("fc 05 00 01 e1 91 f6");
  ASSERT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0, {{"crc_transmitted", "0xb5e1"}, {"ics.value", "1"}});
  expect(play.context, 1, {{"crc_transmitted", "0x91e1"}, {"ics.value", "1"}});
}

// 0xF0 and 0x11 are 0x01: an escape that nobody needs hides no control.
TEST(Genisys, EscapesOfAnyOctet) {
  Line play;
  play.give("fc f015 f0f0 f011 a8 75 f6");
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0, {{"ics.operation", "control"}, {"ics.target", "5/224"}, {"ics.value", "1"}});
}

TEST(Genisys, WhoOpenedTheConnectionDoesNotMatter) {
  Line play;
  play.give(kGolden("poll").hex, kBack).give(kGolden("indication").hex, kOut);
  expect(play.context, 1, {{"rtt", "0.001000"}, {"is_orig", "false"}});
}

TEST(Genisys, Refuses) {
  const struct {
    const char *name, *hex;
  } kCases[] = {
      {"wrong CRC", "fb 05 82 84 f6"},
      {"an address without data, and a wrong CRC", "fc 05 00 82 83 f6"},
      {"no station", "f1 f6"},
      {"an acknowledgement with data", "f1 05 06 f6"},
      {"a header behind an escape", "f1 f0 f4"},
      {"a header within", "fc 05 00 f4"},
      {"no header", "05 82 83"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Line play;
    play.give(c.hex);
    expect_refused(play.context, DecodeError::bad_value, 0);
    play.frame("poll");
    EXPECT_EQ(play.context.events.size(), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
  }
}

TEST(Genisys, AnAddressWithoutDataHidesNoControl) {
  Line play;
  play.give("fc 05 00 01 07 34 8a f6");
  expect_refused(play.context, DecodeError::bad_value, 1);
  expect(play.context, 0, {{"payload", "0=1"}, {"ics.operation", "control"}, {"ics.target", "5/0"}});
}

TEST(Genisys, AMessageThatBreaksOffHidesNothing) {
  Line play;
  play.give("fc 05 00");
  play.frame("poll");
  EXPECT_EQ(play.get(0, "header"), "Poll");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(Genisys, NoiseHidesNothing) {
  Line play;
  play.give(std::vector<std::uint8_t>(10'000));
  play.frame("control");
  EXPECT_EQ(play.context.refused_total(), 1U);
  EXPECT_EQ(play.get(0, "ics.operation"), "control");
}

TEST(Genisys, WithoutTerminatorNothingWaits) {
  Line play;
  std::vector<std::uint8_t> bytes{0xfc};
  bytes.resize(600, 0);
  play.give(bytes);
  expect_refused(play.context, DecodeError::bad_value, 0);
  EXPECT_EQ(play.out.waiting(), 0U);
}

TEST(Genisys, AfterAGapTheNextMessageIsFound) {
  Line play;
  play.frame("poll");
  play.analyzer->gap(5, kBack, play.context);
  play.give("00 05 82 83 f6", kBack);
  play.frame("indication").end();
  ASSERT_EQ(play.context.events.size(), 2U);
  EXPECT_EQ(play.get(1, "rtt"), "-");
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(Genisys, OverUdp) {
  Play play{"genisys", Transport::udp};
  play.give("fc 05 00 01 e1 b5 f6 fb 06 f6").give("f1 05 f6 f1 06 f6", kBack).give("00 fb 05 82 83 f6 fb");
  ASSERT_EQ(play.context.events.size(), 5U);
  EXPECT_EQ(play.context.refused_total(), 1U);
  expect(play.context, 2, {{"rtt", "0.001000"}, {"ics.operation", "control"}, {"ics.outcome", "ok"}});
  expect(play.context, 4, {{"header", "Poll"}});
}

TEST(Genisys, ProbeOverUdp) {
  expect_verdicts("genisys", from_hex("fc 05 00 01 e1 b5 f6"), kOut, Transport::udp, Verdict::yes, Verdict::yes);
  expect_verdicts("genisys", from_hex("00 fc 05 00 01 e1 b5 f6"), kOut, Transport::udp, Verdict::no, Verdict::yes);
  expect_verdicts("genisys", from_hex("fb 05 f6"), kOut, Transport::udp, Verdict::no, Verdict::yes);
  expect_verdicts("genisys", from_hex("fb 05 f6 00"), kOut, Transport::udp, Verdict::no, Verdict::no);
  expect_verdicts("genisys", from_hex("fb 05"), kOut, Transport::udp, Verdict::no, Verdict::no);
}

TEST(Genisys, Probe) {
  const auto poll = from_hex(kGolden("poll").hex);
  expect_verdicts("genisys", poll, kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  expect_verdicts("genisys", Bytes{poll}.first(3), kOut, Transport::tcp, Verdict::unsure, Verdict::unsure);
  expect_verdicts("genisys", from_hex(kGolden("acknowledge").hex), kBack, Transport::tcp, Verdict::unsure,
                  Verdict::yes);
  expect_verdicts("genisys", from_hex("fb 05 f6 fb 06 f6 fb 05 82 83 f6 fb"), kOut, Transport::tcp, Verdict::yes,
                  Verdict::yes);
  // Three octets that stand in other protocols by chance.
  expect_verdicts("genisys", from_hex("16 03 01 f1 05 f6 00"), kOut, Transport::tcp, Verdict::no, Verdict::no);
  expect_verdicts("genisys", from_hex("00 83 f6 fb 05 82 83 f6"), kOut, Transport::tcp, Verdict::no, Verdict::yes);
  expect_verdicts("genisys", octets("GET /"), kOut, Transport::tcp, Verdict::no, Verdict::no);
}

}  // namespace
}  // namespace nw::network
