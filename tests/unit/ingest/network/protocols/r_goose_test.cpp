#include "play.h"

namespace nw::network {
namespace {

using std::chrono::milliseconds;

constexpr Golden kGolden{"r_goose"};

struct Routed : Play {
  Routed() : Play{"r_goose", Transport::udp} {}
};

std::vector<std::uint8_t> with(std::string_view name, auto change) {
  auto bytes = from_hex(kGolden(name).hex);
  change(bytes);
  return bytes;
}

constexpr std::size_t kKind = 2, kCommon = 4, kCommonLength = 5, kVersion = 15, kElement = 31;
// Of `state`, from the end: the state's number and the repetition's, and the values.
constexpr std::size_t kValue = 15, kSqNum = 32, kStNum = 35;

TEST(RGoose, Frames) {
  static const GoldenFields kWant[] = {
      {"state",
       {{"orig_l2_addr", "-"},
        {"appid", "0x1"},
        {"length", "94"},
        {"gocb_ref", "IED1/LLN0$GO$gcb1"},
        {"time_allowed_to_live", "2000"},
        {"st_num", "5"},
        {"sq_num", "0"},
        {"simulation", "false"},
        {"all_data", "true,0b01,-2,1.5"},
        {"anomaly", "-"},
        {"is_orig", "true"},
        {"spdu", "goose"},
        {"spdu_number", "7"},
        {"signed", "false"},
        {"signature_algorithm", "-"},
        {"encryption_algorithm", "-"},
        {"encrypted", "-"},
        {"key_id", "0x0"},
        {"ics.operation", "control"},
        {"ics.target", "IED1/LLN0$GO$gcb1"},
        {"ics.value", "true,0b01,-2,1.5"}}},
      {"state_signed", {{"spdu_number", "8"}, {"signed", "true"}, {"key_id", "0x11"}, {"st_num", "5"}}},
      {"state_first_version",
       {{"spdu_number", "9"},
        {"signed", "true"},
        {"signature_algorithm", "hmac_sha256_256"},
        {"encryption_algorithm", "none"},
        {"key_id", "0x12"},
        {"length", "96"},
        {"st_num", "5"},
        {"simulation", "true"}}},
      {"sample",
       {{"appid", "0x4000"},
        {"sv_id", "MU01"},
        {"stream_state", "begin"},
        {"smp_cnt", "7"},
        {"smp_synch", "local"},
        {"data_length", "16"},
        {"spdu", "sv"},
        {"spdu_number", "10"},
        {"signed", "false"},
        {"ics.operation", "subscribe"}}},
      {"two_messages", {{"appid", "0x1"}, {"spdu_number", "11"}, {"signed", "true"}}},
      {"encrypted",
       {{"spdu", "goose"},
        {"spdu_number", "12"},
        {"signed", "true"},
        {"encrypted", "true"},
        {"key_id", "0x13"},
        {"gocb_ref", "-"},
        {"ics.operation", "other"}}},
      {"tunnel", {{"spdu", "tunnel"}, {"spdu_number", "13"}, {"encrypted", "-"}, {"ics.operation", "other"}}},
      {"management", {{"spdu", "management"}, {"spdu_number", "14"}}},
      {"bare_session",
       {{"spdu", "sv"},
        {"sv_id", "MU01"},
        {"simulation", "true"},
        {"anomaly", "simulated"},
        {"signature_algorithm", "hmac_sha256_128"},
        {"signed", "true"}}},
  };
  expect_all_golden_fields(kGolden, kWant);
}

TEST(RGoose, SeveralMessagesOfOneSession) {
  Routed play;
  play.give(kGolden("two_messages"));
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1, {{"appid", "0x2"}, {"gocb_ref", "IED1/LLN0$GO$gcb2"}, {"spdu_number", "11"}});
}

TEST(RGoose, IsJudgedAsGooseIs) {
  const auto next = [](std::uint8_t state, std::uint8_t repetition, std::uint8_t value = 1) {
    return with("state", [&](auto& bytes) {
      bytes[bytes.size() - kStNum] = state;
      bytes[bytes.size() - kSqNum] = repetition;
      bytes[bytes.size() - kValue] = value;
    });
  };
  Routed play;
  play.give(next(5, 0)).give(next(5, 1)).give(next(5, 2, 0)).give(next(6, 0)).give(next(40, 0)).give(next(40, 9));
  const struct {
    const char *anomaly, *operation, *step;
  } kWant[] = {{"-", "control", "-"}, {"-", "subscribe", "-"},          {"values_changed", "control", "-"},
               {"-", "control", "1"}, {"st_num_jump", "control", "34"}, {"sq_num_jump", "subscribe", "-"}};
  ASSERT_EQ(play.context.events.size(), std::size(kWant));
  for (std::size_t i = 0; i < std::size(kWant); ++i) {
    expect(play.context, i,
           {{"anomaly", kWant[i].anomaly}, {"ics.operation", kWant[i].operation}, {"st_num_step", kWant[i].step}});
  }
}

TEST(RGoose, TheOtherSideIsAnotherSource) {
  Routed play;
  play.give(kGolden("state")).give(kGolden("state").hex, kBack);
  expect(play.context, 1, {{"anomaly", "other_source"}, {"is_orig", "false"}});
}

TEST(RGoose, WhoSignedSignsOn) {
  Routed play;
  play.give(kGolden("state_signed")).give(kGolden("state_signed")).give(kGolden("state")).give(kGolden("state"));
  const char* want[] = {"-", "-", "signature_missing", "-"};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(play.get(i, "anomaly"), want[i]) << i;

  Routed samples;
  samples.give(kGolden("bare_session")).give(kGolden("sample"));
  expect(samples.context, 1, {{"stream_state", "change"}, {"anomaly", "simulated,signature_missing"}});
}

TEST(RGoose, WhatCannotBeReadIsToldOnceOfAKey) {
  Routed play;
  const auto other_key = with("encrypted", [](auto& bytes) { bytes[25] = 0x99; });
  play.give(kGolden("encrypted")).give(kGolden("encrypted")).give(other_key).give(kGolden("tunnel"));
  ASSERT_EQ(play.context.events.size(), 3U);
  EXPECT_EQ(play.get(1, "key_id"), "0x99");
  EXPECT_EQ(play.get(2, "spdu"), "tunnel");
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(RGoose, SilenceIsToldByTheFlowsOwnPacketsAndItsEnd) {
  Routed play;
  play.give(kGolden("state"));
  play.context.time += milliseconds{2900};
  play.give(kGolden("sample"));  // less than a second late: it may be on its way
  EXPECT_EQ(play.context.events.size(), 2U);
  play.context.time += milliseconds{200};
  play.give(kGolden("sample"));
  ASSERT_EQ(play.context.events.size(), 3U);
  expect(play.context, 2,
         {{"gocb_ref", "IED1/LLN0$GO$gcb1"}, {"anomaly", "silent"}, {"ts", "1700000002000000000"}, {"is_orig", "-"}});
  play.give(kGolden("state"));
  play.analyzer->advance(play.context.time + milliseconds{1900}, play.context);  // the end of the source
  play.end();
  ASSERT_EQ(play.context.events.size(), 5U);
  expect(play.context, 3, {{"anomaly", "late"}});
  expect(play.context, 4, {{"stream_state", "end"}, {"anomaly", "-"}, {"samples", "2"}});
}

TEST(RGoose, Refusals) {
  struct {
    const char *name, *frame;
    std::size_t at;
    std::uint8_t value;
    DecodeError why;
    std::size_t events;
  } const kCases[] = {
      {"another session", "state", kKind, 0xa4, DecodeError::bad_value, 0},
      {"another head", "state", kCommon, 0x81, DecodeError::bad_value, 0},
      {"a head that is too short", "state", kCommonLength, 9, DecodeError::bad_value, 0},
      {"a head that is longer than the session's", "state", kCommonLength, 0x90, DecodeError::bad_value, 0},
      {"a payload that is longer than the datagram", "state", kElement - 2, 0xff, DecodeError::truncated, 0},
      {"another element", "state", kElement, 0x80, DecodeError::bad_value, 1},
      {"another PDU", "state", kElement + 6, 0x60, DecodeError::bad_value, 1},
      {"a field is missing", "state", kElement + 8, 0x9f, DecodeError::bad_value, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Routed play;
    play.give(with(c.frame, [&](auto& bytes) { bytes[c.at] = c.value; }));
    expect_refused(play.context, c.why, c.events);
  }
}

TEST(RGoose, TheLengthsSayWhichVersionsHeadItIs) {
  Routed play;
  play.give(with("state_first_version", [](auto& bytes) { bytes[kVersion] = 2; }));
  expect(play.context, 0, {{"key_id", "0x12"}, {"signature_algorithm", "hmac_sha256_256"}, {"st_num", "5"}});
  play.give(with("state_signed", [](auto& bytes) { bytes[kVersion] = 1; }));
  expect(play.context, 1, {{"key_id", "0x11"}, {"signature_algorithm", "-"}, {"st_num", "5"}});
}

TEST(RGoose, OtherAlgorithmsAreNumbers) {
  Routed play;
  play.give(with("state_first_version", [](auto& bytes) { bytes[22] = 7, bytes[23] = 9; }));
  expect(play.context, 0, {{"encryption_algorithm", "0x7"}, {"signature_algorithm", "0x9"}, {"st_num", "5"}});
}

TEST(RGoose, ElementsAreBounded) {
  auto bytes = from_hex("a1 17 80 15 00000000 00000001 0002 00000000 0000 00000000 00 00000a00");
  for (int i = 0; i < 320; ++i) {
    const auto element = from_hex("81 00 0001 0004 61 00");
    bytes.insert(bytes.end(), element.begin(), element.end());
  }
  Routed play;
  play.give(bytes);
  EXPECT_EQ(play.context.events.size(), 256U);
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
}

TEST(RGoose, PublishersOfAFlowAreBounded) {
  Routed play;
  for (std::uint8_t i = 0; i < 33; ++i) {
    play.give(with("state", [&](auto& bytes) { bytes[kElement + 10] = static_cast<std::uint8_t>('0' + i); }));
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.events.size(), 33U);
}

TEST(RGoose, Probe) {
  const auto verdicts = [](Bytes first, Verdict anywhere) {
    expect_verdicts("r_goose", first, kOut, Transport::udp, anywhere, anywhere);
  };
  for (const char* name : {"state", "sample", "tunnel", "management", "bare_session"}) {
    SCOPED_TRACE(name);
    verdicts(from_hex(kGolden(name).hex), Verdict::yes);
  }
  verdicts(with("state", [](auto& bytes) { bytes[kElement - 2] = 0xff; }), Verdict::unsure);
  verdicts(with("state", [](auto& bytes) { bytes[1] = 0x41; }), Verdict::no);
  verdicts(with("state", [](auto& bytes) { bytes[kKind] = 0xa4; }), Verdict::no);
  verdicts(from_hex("0140a1"), Verdict::no);
  // A transport's head with a checksum, and one that is longer than any.
  for (const std::size_t more : {4U, 15U}) {
    const auto longer = with("state", [&](auto& bytes) {
      bytes[0] = static_cast<std::uint8_t>(bytes[0] + more);
      bytes.insert(bytes.begin() + 2, more, 0);
    });
    verdicts(longer, more == 4 ? Verdict::yes : Verdict::no);
  }
  verdicts(from_hex("03000016 11e00000000100c1020100c2020102c0010a"), Verdict::no);  // COTP
}

TEST(RGoose, OnlyWhatIsWantedIsMade) {
  Play play{"r_goose", Transport::udp, {"key_id"}};
  play.give(kGolden("state_signed"));
  EXPECT_EQ(play.get(0, "key_id"), "0x11");
  EXPECT_EQ(play.context.events[0].size(), 2U);  // with the time
}

}  // namespace
}  // namespace nw::network
