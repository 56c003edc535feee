#include "ingest/network/protocols/dnp3_link.h"

#include <gtest/gtest.h>

#include "dnp3_frames.h"

namespace nw::network::dnp3 {
namespace {

// Of a response: one analogue input of 7.
constexpr const char *kFirstPiece = "41 c581 0000 1e0400", *kSecondPiece = "82 00 00 0700";

TEST(Dnp3Link, PairsItsOwn) {
  Play flow = play();
  flow.give(kGolden("link_status_request")).give(kGolden("link_status"));
  expect(flow.context, 1, {{"rtt", "0.001000"}, {"ics.target", "10"}, {"ics.outcome", "ok"}});
  flow.give(frame("", {.control = 0xC0}));
  flow.give(frame("", {.source = 10, .destination = 1, .control = 0x01}), kBack);
  expect(flow.context, 2, {{"link_function", "RESET_LINK_STATES"}, {"ics.operation", "other"}});
  expect(flow.context, 3, {{"link_function", "NACK"}, {"ics.outcome", "refused"}, {"ics.reason", "NACK"}});
  flow.give(frame("", {.control = 0xD2})).end();
  expect(flow.context, 4, {{"link_function", "TEST_LINK_STATES"}, {"ics.operation", "diagnose"}});
  expect(flow.context, 5,
         {{"link_function", "TEST_LINK_STATES"}, {"is_orig", "true"}, {"ics.outcome", "no answer"}, {"fc_code", "-"}});
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Dnp3Link, Crc) {
  const auto bytes = from_hex("0564 05c9 0a00 0100");
  std::vector<std::uint8_t> with = bytes;
  append_crc(with, 0);
  EXPECT_EQ(dnp3_crc(bytes), with[8] | with[9] << 8U);
  EXPECT_EQ(dnp3_crc(from_hex("'123456789'")), 0xEA82);  // the check value of CRC-16/DNP
}

TEST(Dnp3Link, FindsTheNextFrame) {
  auto bad_header = asks("c0 0d"), bad_block = asks("c1 0d"), cut = asks("c2 01 3c0106");
  bad_header[4] ^= 1U;
  bad_block[11] ^= 1U;
  cut.resize(14);
  const struct {
    const char* name;
    std::vector<std::uint8_t> before;
  } kCases[] = {{"noise", from_hex("00 05 6405 0564")},
                {"bad header", bad_header},
                {"bad block", bad_block},
                {"a frame that was cut off", cut},
                {"length under 5", from_hex("0564 04c4 0a00 0100 0000")}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(c.before).give(asks("c5 0d")).give(asks("c6 0e"));
    expect_refused(flow.context, DecodeError::bad_value, 2);
    expect(flow.context, 0, {{"sequence", "5"}});
    expect(flow.context, 1, {{"sequence", "6"}});
    EXPECT_EQ(flow.out.waiting(), 0U);
  }
}

TEST(Dnp3Link, NoiseEndsTheFlow) {
  Play flow = play();
  const std::vector<std::uint8_t> noise(1024, 0x64);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(flow.out.feed(noise));
  EXPECT_EQ(flow.out.waiting(), 0U);
  EXPECT_FALSE(flow.out.feed(noise));
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Dnp3Link, Datagrams) {
  Play flow = play(Transport::udp);
  auto both = asks("c5 0d");
  const auto second = asks("c6 0e");
  both.insert(both.end(), second.begin(), second.end());
  flow.give(both);
  EXPECT_EQ(flow.context.events.size(), 2U);
  both.resize(both.size() - 1);
  flow.give(both);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  flow.give("00 01 02").give("00 01 02");  // each is a place of its own
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 2U);
}

TEST(Dnp3Link, AGapIsSurvived) {
  Play flow = play();
  flow.give(asks("c1 0d")).give(asks("c2 0d"));
  flow.give(Bytes{answers("c1 81 0000")}.first(12), kBack);
  flow.analyzer->gap(5, kBack, flow.context);
  FakeStream later{*flow.analyzer, kBack, flow.context};
  EXPECT_TRUE(later.feed(from_hex("ffff ffff ffff")));
  EXPECT_EQ(later.waiting(), 0U);
  EXPECT_TRUE(later.feed(answers("c3 81 0000")));
  expect_refused(flow.context, DecodeError::truncated, 3);
  EXPECT_TRUE(later.feed(from_hex("ffff ffff ffff")));  // in place again: a fault is a fault
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  flow.end();  // nobody knows what was answered
  EXPECT_EQ(flow.context.events.size(), 3U);
}

TEST(Dnp3Link, AGapInWhatIsAskedKeepsRequests) {
  Play flow = play();
  flow.give(asks("c1 0d"));
  flow.analyzer->gap(5, kOut, flow.context);
  flow.give(answers("c1 81 0000"), kBack);
  expect(flow.context, 1, {{"fc_request", "COLD_RESTART"}});
}

TEST(Dnp3Transport, PutsPiecesTogether) {
  Play flow = play();
  flow.give(frame(kFirstPiece, kOutstation), kBack);
  flow.give(frame("01 ffff", kOutstation), kBack);  // sent again
  flow.give(frame(kSecondPiece, kOutstation), kBack);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, 0, {{"ics.target", "10/g30/0"}, {"ics.value", "7"}, {"data_length", "11"}});
}

TEST(Dnp3Transport, KeepsStationsApart) {
  Play flow = play();
  flow.give(frame(kFirstPiece, kOutstation), kBack).give(frame(kFirstPiece, {11, 1, 0x44}), kBack);
  flow.give(frame(kSecondPiece, kOutstation), kBack).give(frame(kSecondPiece, {11, 1, 0x44}), kBack);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, 0, {{"link_source", "10"}, {"ics.value", "7"}});
  expect(flow.context, 2, {{"link_source", "11"}, {"ics.value", "7"}});
}

TEST(Dnp3Transport, WhatIsNotFinishedIsToldAsFarAsItGoes) {
  static constexpr struct {
    const char *name, *hex;
  } kCases[] = {{"a piece is missing", "83 00 00 0700"}, {"another begins", "40 c681 0000"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(frame(kFirstPiece, kOutstation), kBack).give(frame(c.hex, kOutstation), kBack);
    expect_refused(flow.context, DecodeError::truncated, 2);
    expect(flow.context, 0, {{"fc_reply", "RESPONSE"}, {"objects", "g30v4"}, {"ics.value", "-"}});
  }
  Play flow = play();
  flow.give(frame(kFirstPiece, kOutstation), kBack);
  flow.analyzer->gap(9, kBack, flow.context);
  expect_refused(flow.context, DecodeError::truncated, 2);  // the gap counts, not what it cut
}

TEST(Dnp3Transport, ABeginningThatWasNotSeen) {
  Play flow = play();
  flow.give(frame("02 00", kOutstation), kBack).give(frame(kSecondPiece, kOutstation), kBack);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_TRUE(flow.context.events.empty());
}

TEST(Dnp3Transport, TheLargestFragment) {
  // Pieces of 249 octets: 8 of them and 56 are 2048.
  for (const std::size_t last : {56U, 57U}) {
    Play flow = play();
    std::vector<std::uint8_t> piece(250, 0);
    const auto head = from_hex("40 c081 0000 6f9f5b 00");
    std::ranges::copy(head, piece.begin());
    // As octet strings of a size of their own that nobody asked for: what they say does not matter here.
    for (unsigned i = 0; i < 8; ++i) {
      flow.give(frame(piece, kOutstation), kBack);
      piece.assign(250, 0);
      piece[0] = static_cast<std::uint8_t>(i + 1);
    }
    piece[0] |= 0x80U;
    piece.resize(1 + last);
    flow.give(frame(piece, kOutstation), kBack);
    EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), last == 56 ? 0U : 1U);
    EXPECT_EQ(flow.get(0, "data_length"), "2048");
  }
}

TEST(Dnp3Transport, OpenFragmentsAreBounded) {
  Play flow = play();
  for (unsigned station = 0; station < Dnp3Transport::kPairsMax + 1; ++station) {
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 0U);
    flow.give(frame(kFirstPiece, {station, 1, 0x44}), kBack);
  }
  expect_refused(flow.context, DecodeError::limit, 2);
  expect(flow.context, 0, {{"link_source", "0"}});  // the oldest had to go
  flow.give(frame(kSecondPiece, {1, 1, 0x44}), kBack);
  expect(flow.context, 2, {{"link_source", "1"}, {"ics.value", "7"}});
}

TEST(Dnp3Probe, Verdicts) {
  const auto request = asks("c0 0d");
  auto damaged = request, block = request;
  damaged[3] ^= 1U;
  block[11] ^= 1U;
  auto behind = from_hex("01 02 03");
  behind.insert(behind.end(), request.begin(), request.end());
  const struct {
    const char* name;
    std::vector<std::uint8_t> bytes;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"request", request, Verdict::yes, Verdict::yes},
      {"link frame", frame("", {.control = 0xC9}), Verdict::yes, Verdict::yes},
      {"link function that nobody knows", frame("", {.control = 0xCD}), Verdict::no, Verdict::yes},
      {"header cut", {0x05, 0x64, 0x08}, Verdict::unsure, Verdict::yes},
      {"one octet", {0x05}, Verdict::unsure, Verdict::unsure},
      {"damaged header", damaged, Verdict::no, Verdict::yes},
      {"damaged block", block, Verdict::no, Verdict::yes},
      {"behind the end of a frame", behind, Verdict::no, Verdict::yes},
      {"TLS", from_hex("16030100a5010000a10303"), Verdict::no, Verdict::no},
      {"nothing", {}, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    for (const auto transport : {Transport::tcp, Transport::udp})
      expect_verdicts("dnp3", c.bytes, kOut, transport, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network::dnp3
