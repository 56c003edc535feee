// Messages of C12.22 in segments: written by hand from ANSI C12.22-2012, since no capture that we know has any.
#include "ingest/network/protocols/c1222_segments.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "play.h"

namespace nw::network {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr Golden kGolden{"c1222"};

Octets wrap(std::uint8_t tag, Octets contents) {
  const std::size_t size = contents.size();
  const Octets head = size < 128
                          ? Octets{tag, static_cast<std::uint8_t>(size)}
                          : Octets{tag, 0x82, static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size)};
  contents.insert(contents.begin(), head.begin(), head.end());
  return contents;
}
Octets number(std::size_t value) {
  return wrap(0x02, {0, static_cast<std::uint8_t>(value >> 16U), static_cast<std::uint8_t>(value >> 8U),
                     static_cast<std::uint8_t>(value)});
}
void append(Octets& to, const Octets& more) { to.insert(to.end(), more.begin(), more.end()); }

struct Segment {
  std::size_t offset = 0, size = 0;  // of what, of how many octets
  Octets data;
  int id = 0x19;
  std::string calling = "06082b06010401828563";
};

Octets segment(const Segment& s) {
  Octets body = from_hex("a20e060c2b060104018285638e7f2a00");
  append(body, wrap(0xA3, number(s.size)));
  append(body, wrap(0xA6, from_hex(s.calling)));
  append(body, wrap(0xA8, {0x02, 0x01, static_cast<std::uint8_t>(s.id)}));
  Octets external = number(s.offset);
  append(external, wrap(0x81, s.data));
  append(body, wrap(0xBE, wrap(0x28, external)));
  return wrap(0x60, body);
}

Octets part(const Octets& whole, std::size_t from, std::size_t to) {
  return {whole.begin() + static_cast<std::ptrdiff_t>(from), whole.begin() + static_cast<std::ptrdiff_t>(to)};
}
// The octets from `from` to `to`, as a segment.
Octets cut(const Octets& whole, std::size_t from, std::size_t to, int id = 0x19) {
  return segment({.offset = from, .size = whole.size(), .data = part(whole, from, to), .id = id});
}
Octets message() { return from_hex(kGolden("write").hex); }

Play play() { return Play{"c1222", Transport::udp}; }

TEST(C1222Segments, AreToldOnceWhole) {
  const Octets whole = message();
  Play flow = play();
  flow.give(cut(whole, 0, 20)).give(cut(whole, 20, 40));
  EXPECT_TRUE(flow.context.events.empty());
  flow.give(cut(whole, 40, whole.size()));
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, 0,
         {{"services", "REQ:Write"},
          {"data", "123456"},
          {"segments", "3"},
          {"missing_bytes", "-"},
          {"calling_ap_invocation_id", "4"},
          {"ics.operation", "write"},
          {"ics.target", "1.3.6.1.4.1.33507.1919.42.0/table/6"},
          {"ics.value", "123456"}});
  // Its answer is joined to it.
  flow.give(kGolden("write_refused").hex, kBack);
  expect(flow.context, 1, {{"ics.operation", "write"}, {"ics.outcome", "refused"}, {"segments", "-"}});
}

TEST(C1222Segments, ComeInAnyOrderAndTwice) {
  const Octets whole = message();
  Play flow = play();
  for (const auto& [from, to] : std::vector<std::pair<std::size_t, std::size_t>>{{40, 52}, {20, 40}, {20, 40}, {0, 25}})
    flow.give(cut(whole, from, to));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"ics.operation", "write"}, {"segments", "4"}});
}

TEST(C1222Segments, OfSeveralMessagesAreKeptApart) {
  const Octets write = message(), clock = from_hex(kGolden("set_clock").hex);
  Play flow = play();
  const Octets other = segment({.offset = 0,
                                .size = write.size(),
                                .data = part(clock, 0, 30),
                                .calling = "06082b06010401828564"});  // who speaks
  flow.give(cut(write, 0, 30)).give(other).give(cut(clock, 0, 30)).give(cut(write, 0, 30, 0x1A));
  flow.give(cut(write, 30, write.size())).give(cut(clock, 30, clock.size()));
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"ics.operation", "write"}, {"segments", "2"}});
  expect(flow.context, 1, {{"ics.operation", "time_set"}, {"segments", "2"}});
  flow.give(cut(write, 30, write.size(), 0x1A));
  expect(flow.context, 2, {{"ics.operation", "write"}, {"segments", "2"}});
  // Not what the other side sends under that number.
  Play both = play();
  both.give(cut(write, 0, 30)).give(cut(write, 30, write.size()), kBack);
  EXPECT_TRUE(both.context.events.empty());
}

TEST(C1222Segments, OverTcpStandBehindOneAnother) {
  const Octets whole = message();
  Octets bytes = cut(whole, 0, 30);
  append(bytes, cut(whole, 30, whole.size()));
  append(bytes, from_hex(kGolden("logoff").hex));
  Play flow{"c1222", Transport::tcp};
  for (const std::uint8_t octet : bytes) flow.give(Bytes{&octet, 1});
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_EQ(flow.get(0, "ics.operation"), "write");
}

TEST(C1222Segments, OneThatIsLostIsNamed) {
  const Octets whole = message();
  Play flow = play();
  flow.give(cut(whole, 0, 20)).give(cut(whole, 40, whole.size()));
  flow.context.time += std::chrono::seconds{31};
  flow.give(kGolden("not_to_be_answered"));
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  expect(flow.context, 0,
         {{"segments", "2"},
          {"missing_bytes", "20"},
          {"services", "-"},
          {"is_orig", "true"},
          {"calling_ap_title", "1.3.6.1.4.1.33507"},
          {"calling_ap_invocation_id", "25"},
          {"ics.operation", "other"},
          {"ics.target", "1.3.6.1.4.1.33507.1919.42.0"}});
  // It is told as of when it began, and once.
  EXPECT_LT(flow.get(0, "ts"), flow.get(1, "ts"));
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 2U);
}

TEST(C1222Segments, AtTheFlowsEndTheyAreToldAsFarAsTheyCame) {
  const Octets whole = message();
  Play flow = play();
  flow.give(cut(whole, 20, 40)).end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"segments", "1"}, {"missing_bytes", "32"}});
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(C1222Segments, WhatIsSentAgainBehindIsNoLoss) {
  const Octets whole = message();
  Play flow = play();
  flow.give(cut(whole, 0, 30)).give(cut(whole, 30, whole.size())).give(cut(whole, 30, whole.size()));
  flow.give(kGolden("write_refused").hex, kBack).end();
  EXPECT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(C1222Segments, AnotherMessageUnderTheSameNumberIsToldToo) {
  const Octets whole = message();
  Octets other = whole;
  other[other.size() - 4] = 0x77;  // of what is written
  Play flow = play();
  for (const Octets& each : {whole, other}) flow.give(cut(each, 0, 30)).give(cut(each, 30, each.size()));
  ASSERT_GE(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"ics.value", "123456"}});
  expect(flow.context, 1, {{"ics.value", "773456"}, {"segments", "2"}});
}

TEST(C1222Segments, ThatDoNotFitAreRefusedAndTold) {
  const Octets whole = message();
  const struct {
    const char* name;
    Segment segment;
    DecodeError error;
    const char* missing;
  } kCases[] = {
      {"behind the end", {.offset = 52, .size = 52, .data = {1}}, DecodeError::bad_value, "51"},
      {"over the end", {.offset = 50, .size = 52, .data = {1, 2, 3}}, DecodeError::bad_value, "49"},
      {"of nothing", {.offset = 0, .size = 0, .data = {1, 2, 3}}, DecodeError::bad_value, "0"},
      {"empty", {.offset = 0, .size = 52, .data = {}}, DecodeError::bad_value, "52"},
      {"of too much", {.offset = 0, .size = 16385, .data = {1}}, DecodeError::too_long, "16384"},
      {"all, but no message", {.offset = 0, .size = 3, .data = {1, 2, 3}}, DecodeError::bad_value, "0"},
      {"all, with something behind", {.offset = 0, .size = 53, .data = whole}, DecodeError::bad_value, "-"},
      {"a segment in it", {.data = cut(whole, 0, 20)}, DecodeError::bad_value, "0"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Segment one = c.segment;
    if (one.size == 53) one.data.push_back(0);
    if (one.size == 0 && one.data.size() > 3) one.size = one.data.size();
    Play flow = play();
    flow.give(segment(one));
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.refused_count(c.error), 1U);
    if (std::string_view{c.missing} != "-") {
      EXPECT_EQ(flow.get(0, "missing_bytes"), c.missing);
    }
    EXPECT_EQ(flow.get(0, "services"), "-");
    flow.end();
    EXPECT_EQ(flow.context.events.size(), 1U);
  }
}

TEST(C1222Segments, AtMostFourMessagesWait) {
  const Octets whole = message();
  Play flow = play();
  for (std::size_t i = 0; i <= C1222Segments::kOpenMax; ++i) flow.give(cut(whole, 0, 30, static_cast<int>(i)));
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  expect(flow.context, 0, {{"calling_ap_invocation_id", "0"}, {"missing_bytes", "22"}});
}

TEST(C1222Segments, AtMost64HolesAreKept) {
  Play flow = play();
  for (std::size_t i = 0; i < OrderedPieces::kPiecesMax; ++i)
    flow.give(segment({.offset = 2 * i + 1, .size = 500, .data = {0}}));
  EXPECT_TRUE(flow.context.events.empty());
  flow.give(segment({.offset = 2 * OrderedPieces::kPiecesMax + 1, .size = 500, .data = {0}}));
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  expect(flow.context, 0, {{"segments", "64"}, {"missing_bytes", "436"}});
}

TEST(C1222Segments, AnElementAloneMakesNone) {
  // A called qualifier without an offset; an offset without the qualifier.
  for (const char* hex : {"601ba303020134a803020101be0728058103800120"
                          "",
                          "6014a803020101be0a2808020100810380 0120"}) {
    SCOPED_TRACE(hex);
    Octets bytes = from_hex(hex);
    bytes[1] = static_cast<std::uint8_t>(bytes.size() - 2);
    Play flow = play();
    flow.give(bytes);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"services", "REQ:Ident"}, {"segments", "-"}});
  }
}

}  // namespace
}  // namespace nw::network
