#include <gtest/gtest.h>

#include "bacnet_play.h"

namespace nw::network {
namespace {

using namespace bacnet;

// What is read of a device, as request number `id`, and the segments of its answer.
std::string request(unsigned id) {
  char text[64];
  std::snprintf(text, sizeof text, "0104 0005 %02x 0e 0c02000061 1e 0979 0946 092c 1f", id);
  return unicast(text);
}
std::string answer(unsigned id, unsigned sequence, bool more, const std::string& body) {
  char head[64];
  std::snprintf(head, sizeof head, "0100 %s %02x %02x 04 0e", more ? "3c" : "38", id, sequence & 0xFFU);
  return unicast(head + body);
}
const std::string kFirst = "0c02000061 1e 2979 4e 750500'AC'", kSecond = "'ME' 4f 2946 4e 750500'PX'",
                  kThird = "'-7' 4f 292c 5e 9102 9120 5f 1f";

// What the last message says, when all of it was put together and when not.
const std::vector<Want> kWhole{{"ics.operation", "read"},
                               {"ics.value", "ACME,PX-7,-"},
                               {"ics.outcome", "ok"},
                               {"properties", "vendor-name,model-name,firmware-revision"}};
const std::vector<Want> kPiece{
    {"ics.operation", "other"}, {"ics.value", "-"}, {"ics.outcome", "-"}, {"properties", "-"}};
void expect_last(const Play& flow, const std::vector<Want>& want) {
  expect(flow.context, all(flow, "bacnet").back(), want);
}

TEST(BacnetSegments, BelongToTheirRequest) {
  Play flow = play();
  flow.give(request(2)).give(answer(2, 0, true, kFirst), kBack).give(unicast("0104 40 02 00 04"));
  flow.give(answer(2, 1, true, kSecond), kBack).give(answer(2, 2, false, kThird), kBack).end();
  const auto at = all(flow, "bacnet");
  ASSERT_EQ(at.size(), 5U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, at[1],
         {{"rtt", "0.001000"}, {"ics.operation", "read"}, {"ics.target", "device/97/vendor-name"}});
  // What carries on is no request again.
  expect(flow.context, at[2], {{"pdu_service", "read_property_multiple"}, {"rtt", "-"}, {"ics.operation", "other"}});
  expect(flow.context, at[3], kPiece);
  expect(flow.context, at[3],
         {{"pdu_service", "read_property_multiple"},
          {"rtt", "0.003000"},
          {"ics.target", "device/97/vendor-name,device/97/model-name,device/97/firmware-revision"}});
  expect(flow.context, at[4], kWhole);
  expect(flow.context, at[4],
         {{"rtt", "0.004000"},
          {"segmented", "true"},
          {"more_follows", "false"},
          {"sequence_number", "2"},
          {"ics.target", "device/97/vendor-name,device/97/model-name,device/97/firmware-revision"}});
}

TEST(BacnetSegments, OfAnAnswerTellItsPropertiesWithTheLast) {
  Play flow = play();
  flow.give(request(2)).give(answer(2, 0, true, kFirst), kBack).give(answer(2, 1, true, kSecond), kBack);
  const std::size_t before = all(flow, "bacnet_property").size();
  flow.give(answer(2, 2, false, kThird), kBack);
  const auto at = all(flow, "bacnet_property");
  ASSERT_EQ(at.size(), before + 3);
  expect(flow.context, at[before],
         {{"pdu_service", "read-property-multiple-ack"}, {"property", "vendor-name"}, {"value", "ACME"}});
  expect(flow.context, at[before + 1],
         {{"property", "model-name"}, {"value", "PX-7"}, {"ics.target", "device/97/model-name"}});
  expect(flow.context, at[before + 2], {{"result_code", "unknown-property"}, {"ics.outcome", "refused"}});
  const auto devices = all(flow, "known_device");
  ASSERT_FALSE(devices.empty());
  expect(flow.context, devices.back(), {{"device_unit", "97"}, {"vendor", "ACME"}, {"product", "PX-7"}});
}

TEST(BacnetSegments, ThatAreSentAgainCountOnce) {
  Play flow = play();
  flow.give(request(2));
  for (int again = 0; again < 2; ++again) flow.give(answer(2, 0, true, kFirst), kBack);
  for (int again = 0; again < 2; ++again) flow.give(answer(2, 1, true, kSecond), kBack);
  flow.give(answer(2, 0, true, kFirst), kBack);
  flow.give(answer(2, 2, false, kThird), kBack);
  expect_last(flow, kWhole);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  flow.give(answer(2, 2, false, kThird), kBack);  // it was answered
  expect_last(flow, kPiece);
}

TEST(BacnetSegments, BehindOneThatWasLostWaitForIt) {
  Play flow = play();
  flow.give(request(2)).give(answer(2, 0, true, kFirst), kBack);
  flow.give(answer(2, 2, true, "'?'"), kBack).give(answer(2, 3, true, "'?'"), kBack);
  expect_last(flow, kPiece);
  flow.give(answer(2, 1, true, kSecond), kBack).give(answer(2, 2, false, kThird), kBack);
  expect_last(flow, kWhole);
  // One that never came: the others are not read as if they followed one another.
  Play lost = play();
  lost.give(request(2)).give(answer(2, 0, true, kFirst), kBack).give(answer(2, 2, false, kThird), kBack);
  expect_last(lost, kPiece);
  EXPECT_EQ(lost.context.refused_total(), 0U);
  // Nor without the first.
  Play beheaded = play();
  beheaded.give(request(2)).give(answer(2, 1, true, kSecond), kBack).give(answer(2, 2, false, kThird), kBack);
  expect_last(beheaded, kPiece);
}

TEST(BacnetSegments, OfTwoAnswersMayComeInTurn) {
  Play flow = play();
  flow.give(request(2)).give(request(3));
  flow.give(answer(2, 0, true, kFirst), kBack).give(answer(3, 0, true, "0c02000062 1e 2979 4e 750500'EM'"), kBack);
  flow.give(answer(3, 1, true, kSecond), kBack).give(answer(2, 1, true, kSecond), kBack);
  flow.give(answer(2, 2, false, kThird), kBack);
  expect_last(flow, kWhole);
  flow.give(answer(3, 2, false, kThird), kBack);
  expect_last(flow, {{"invoke_id", "3"}, {"objects", "device/98"}, {"ics.value", "EMME,PX-7,-"}});
}

TEST(BacnetSegments, AreOfTheirOwnRequestOnly) {
  // Another service, another direction, the next request of the same number.
  Play service = play();
  service.give(request(2)).give(answer(2, 0, true, kFirst), kBack);
  service.give(unicast("0100 38 02 01 04 0c" + kThird), kBack);
  expect_last(service, kPiece);
  Play direction = play();
  direction.give(request(2)).give(answer(2, 0, true, kFirst), kBack).give(answer(2, 1, false, kThird), kOut);
  expect_last(direction, kPiece);
  Play next = play();
  next.give(request(2)).give(answer(2, 0, true, kFirst), kBack).give(request(2));
  next.give(answer(2, 1, true, kSecond), kBack).give(answer(2, 2, false, kThird), kBack);
  expect_last(next, kPiece);
}

TEST(BacnetSegments, ThatAreBrokenTogetherAreRefused) {
  Play flow = play();
  flow.give(request(2)).give(answer(2, 0, true, kFirst), kBack).give(answer(2, 1, false, kSecond), kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(BacnetSegments, OfAnswersArePutTogetherUpTo64KiB) {
  const std::string nulls(60'000, '0');
  const auto run = [&nulls](const std::string& last) {
    Play flow = play({"sequence_number", "ics.operation"});
    flow.give(request(2)).give(answer(2, 0, true, nulls), kBack).give(answer(2, 1, true, nulls), kBack);
    EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 0U);
    flow.give(answer(2, 2, false, last), kBack);
    return std::pair{flow.get(all(flow, "bacnet").back(), "ics.operation"),
                     flow.context.refused_count(DecodeError::too_long)};
  };
  EXPECT_EQ(run(std::string(2 * (65'536 - 60'000), '0')), (std::pair<std::string, unsigned>{"read", 0}));
  EXPECT_EQ(run(std::string(2 * (65'536 - 60'000 + 1), '0')), (std::pair<std::string, unsigned>{"other", 1}));
}

// Behind the 256th their numbers begin anew, and the next would be taken for the first.
TEST(BacnetSegments, AreAtMost256) {
  const auto run = [](unsigned count) {
    Play flow = play({"ics.operation"});
    flow.give(request(2));
    for (unsigned i = 0; i + 1 < count; ++i) flow.give(answer(2, i, true, "00"), kBack);
    flow.give(answer(2, count - 1, false, "00"), kBack);
    return std::pair{flow.get(all(flow, "bacnet").back(), "ics.operation"),
                     flow.context.refused_count(DecodeError::too_long)};
  };
  EXPECT_EQ(run(256), (std::pair<std::string, unsigned>{"read", 0}));
  EXPECT_EQ(run(258), (std::pair<std::string, unsigned>{"other", 1}));
}

TEST(BacnetSegments, ARequestInSegmentsIsOne) {
  Play flow = play();
  flow.give(unicast("0104 0c05 01 00 04 0f 0c00400003 1955 3e 4442f6"));
  flow.give(unicast("0104 0805 01 01 04 0f 0000 3f"));
  flow.give(unicast("0100 20 01 0f"), kBack).end();
  const auto at = all(flow, "bacnet");
  ASSERT_EQ(at.size(), 3U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, at[0], {{"ics.operation", "write"}});
  expect(flow.context, at[1],
         {{"sequence_number", "1"},
          {"pdu_service", "write_property"},
          {"ics.operation", "write"},
          {"ics.target", "analog-output/3/present-value"},
          {"ics.value", "123"}});
  expect(flow.context, at[2],
         {{"rtt", "0.001000"}, {"ics.operation", "write"}, {"ics.value", "123"}, {"ics.outcome", "ok"}});
}

TEST(BacnetSegments, WhatARequestDoesMayStandInAnySegment) {
  Play flow = play();
  flow.give(unicast("0104 0c05 01 00 04 11 19"));
  flow.give(unicast("0104 0c05 01 01 04 11 01"));
  flow.give(unicast("0104 0c05 01 01 04 11 01"));          // again: it is not put behind the first twice
  flow.give(unicast("0104 0805 01 02 04 0f 2d0300'ab'"));  // the first one's service counts
  const auto at = all(flow, "bacnet");
  ASSERT_EQ(at.size(), 4U);
  expect(flow.context, at[3],
         {{"pdu_service", "device_communication_control"}, {"ics.operation", "stop"}, {"ics.value", "disable"}});
  EXPECT_EQ(flow.get(all(flow, "bacnet_device_control").back(), "device_state"), "disable");
  EXPECT_EQ(flow.context.refused_total(), 0U);
  // One that did not come: what the others say is not read as if they followed one another.
  Play lost = play();
  lost.give(unicast("0104 0c05 01 00 04 11 19")).give(unicast("0104 0805 01 02 04 11 01"));
  EXPECT_EQ(lost.get(all(lost, "bacnet")[1], "ics.operation"), "other");
}

TEST(BacnetSegments, OfRequestsArePutTogetherUpTo64KiB) {
  const std::string nulls(80'000, '0');
  Play flow = play();
  flow.give(unicast("0104 0c05 01 00 04 14" + nulls));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  flow.give(unicast("0104 0c05 02 00 04 14" + nulls));
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
  flow.give(unicast("0104 0805 01 01 04 14 0900"));
  EXPECT_EQ(flow.get(all(flow, "bacnet")[2], "ics.operation"), "restart");
  flow.give(unicast("0104 0805 02 01 04 14 0900"));
  EXPECT_EQ(flow.get(all(flow, "bacnet")[3], "ics.operation"), "other");
}

}  // namespace
}  // namespace nw::network
