#include <algorithm>

#include "play.h"

namespace nw::network {
namespace {

using std::chrono::milliseconds;

constexpr Golden kGolden{"goose"};

struct Goose : Play {
  Goose() : Play{"goose", Transport::udp} {}
};

std::string text(std::size_t size, char fill) { return std::string(size, fill); }

void put(std::vector<std::uint8_t>& out, std::uint8_t tag, const std::vector<std::uint8_t>& contents) {
  out.push_back(tag);
  if (contents.size() > 127) out.push_back(0x82), out.push_back(static_cast<std::uint8_t>(contents.size() >> 8U));
  out.push_back(static_cast<std::uint8_t>(contents.size()));
  out.insert(out.end(), contents.begin(), contents.end());
}

std::vector<std::uint8_t> number(std::uint64_t value) {
  std::vector<std::uint8_t> out{0};
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
  return out;
}

struct Message {
  std::uint64_t st_num = 5, sq_num = 1;
  std::uint64_t allowed = 2000, conf_rev = 1, entries = 1;
  std::string reference = "IED1/LLN0$GO$gcb1", data_set = "trip";
  std::uint8_t source = 1, group = 1;
  std::vector<std::uint8_t> data{0x83, 1, 1};
};

std::vector<std::uint8_t> frame(const Message& m) {
  std::vector<std::uint8_t> fields, pdu;
  put(fields, 0x80, octets(m.reference));
  put(fields, 0x81, number(m.allowed));
  put(fields, 0x82, octets(m.data_set));
  put(fields, 0x84, std::vector<std::uint8_t>(8, 0));
  put(fields, 0x85, number(m.st_num));
  put(fields, 0x86, number(m.sq_num));
  put(fields, 0x88, number(m.conf_rev));
  put(fields, 0x8a, number(m.entries));
  put(fields, 0xab, m.data);
  put(pdu, 0x61, fields);
  std::vector<std::uint8_t> out{1, 0xc, 0xcd, 1, 0, 1, 2, 0, 0, 0, m.group, m.source, 0x88, 0xb8, 0, 1};
  const std::size_t length = pdu.size() + 8;
  for (const std::size_t octet :
       {length >> 8U, length & 0xFFU, std::size_t{0}, std::size_t{0}, std::size_t{0}, std::size_t{0}})
    out.push_back(static_cast<std::uint8_t>(octet));
  out.insert(out.end(), pdu.begin(), pdu.end());
  return out;
}

TEST(Goose, AState) {
  Goose play;
  play.give(kGolden("state"));
  expect(play.context, 0,
         {{"orig_l2_addr", "00:a0:f4:08:2f:77"},
          {"resp_l2_addr", "01:0c:cd:01:00:01"},
          {"vlan", "-"},
          {"appid", "0x1"},
          {"length", "102"},
          {"gocb_ref", "IED1/LLN0$GO$gcb1"},
          {"time_allowed_to_live", "2000"},
          {"dataset", "IED1/LLN0$trip"},
          {"go_id", "trip"},
          {"timestamp_quality", "0x18"},
          {"st_num", "5"},
          {"sq_num", "0"},
          {"simulation", "false"},
          {"conf_rev", "1"},
          {"nds_com", "false"},
          {"num_dat_set_entries", "4"},
          {"all_data", "true,0b01,-2,1.5"},
          {"anomaly", "-"},
          {"ics.operation", "control"},
          {"ics.target", "IED1/LLN0$GO$gcb1"},
          {"ics.value", "true,0b01,-2,1.5"},
          {"ics.outcome", "-"}});
  EXPECT_EQ(play.context.events.size(), 1U);
}

TEST(Goose, TheStateAgain) {
  Goose play;
  play.give(kGolden("state")).give(kGolden("state_again"));
  expect(play.context, 1, {{"sq_num", "1"}, {"anomaly", "-"}, {"ics.operation", "subscribe"}});
}

TEST(Goose, ValuesOfEveryKind) {
  Goose play;
  play.give(kGolden("state_simulated"));
  expect(play.context, 0,
         {{"vlan", "5"},
          {"simulation", "true"},
          {"timestamp_quality", "0x18"},
          {"num_dat_set_entries", "6"},
          {"anomaly", "-"},
          {"all_data", "500,0xdead,OK,1700731520.750000000,{false,[7],ok},0x00000001"}});
}

struct Case {
  const char* name;
  Message before, then;
  const char *anomaly, *operation;
  milliseconds later{10};
};

TEST(Goose, WhatDoesNotFollowFromTheMessageBefore) {
  const Message is;
  const auto with = [&](auto change) {
    Message out = is;
    out.sq_num = 2;
    change(out);
    return out;
  };
  const Case cases[] = {
      {"the next", is, with([](Message&) {}), "-", "subscribe"},
      {"a copy, from another path", is, is, "-", "subscribe"},
      {"a new state", is, with([](Message& m) { m.st_num = 6, m.sq_num = 0; }), "-", "control"},
      {"its first message was lost", is, with([](Message& m) { m.st_num = 6; }), "-", "control"},
      {"an old state", is, with([](Message& m) { m.st_num = 4; }), "st_num_backwards", "control"},
      {"started anew", is, with([](Message& m) { m.st_num = 1, m.sq_num = 0; }), "st_num_backwards", "control"},
      {"a state far ahead", is, with([](Message& m) { m.st_num = 99, m.sq_num = 0; }), "st_num_jump", "control"},
      {"told less often", is, with([](Message& m) { m.sq_num = 0; }), "sq_num_backwards", "control"},
      {"told more often", is, with([](Message& m) { m.sq_num = 9; }), "sq_num_jump", "subscribe"},
      {"another configuration", is, with([](Message& m) { m.conf_rev = 2; }), "conf_rev_changed", "subscribe"},
      {"another data set", is, with([](Message& m) { m.data_set = "x"; }), "dataset_changed", "subscribe"},
      {"too few values", is, with([](Message& m) { m.entries = 2; }), "entries_differ", "subscribe"},
      {"from another station", is, with([](Message& m) { m.source = 9; }), "other_source", "subscribe"},
      {"another station's state", is, with([](Message& m) { m.source = 9, m.st_num = 6; }), "other_source", "control"},
      {"another station's values", is, with([](Message& m) { m.source = 9, m.data[2] = 0; }), "other_source",
       "control"},
      {"other values", is, with([](Message& m) { m.data[2] = 0; }), "values_changed", "control"},
      {"another block", is, with([](Message& m) { m.reference = "IED2"; }), "-", "subscribe"},
      {"late", is, with([](Message&) {}), "late", "subscribe", milliseconds{2500}},
      {"the last number", {.st_num = 0xffffffff}, with([](Message& m) { m.st_num = 1, m.sq_num = 0; }), "-", "control"},
      {"the last repetition", {.sq_num = 0xffffffff}, with([](Message& m) { m.sq_num = 1; }), "-", "subscribe"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Goose play;
    play.give(frame(c.before));
    play.context.time += c.later;
    play.give(frame(c.then));
    const std::size_t last = play.context.events.size() - 1;
    expect(play.context, last, {{"anomaly", c.anomaly}, {"ics.operation", c.operation}});
    EXPECT_EQ(play.context.refused_total(), 0U);
  }
}

TEST(Goose, HowFarAStateIsFromTheOneBefore) {
  Goose play;
  for (const std::uint64_t state : {5U, 5U, 6U, 40U, 1U}) play.give(frame({.st_num = state}));
  play.give(frame({.st_num = 90, .source = 2}));  // a second sender's first
  constexpr std::array<std::string_view, 6> kWant{"-", "-", "1", "34", "-39", "-"};
  for (std::size_t i = 0; i < kWant.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(play.context.get(i, "st_num_step"), kWant[i]);
  }
}

TEST(Goose, AnotherSourceIsToldWithEachOfItsMessages) {
  Goose play;
  Message other;
  other.source = 9;
  play.give(frame({})).give(frame(other)).give(frame({})).give(frame(other));
  const char* want[] = {"-", "other_source", "-", "other_source"};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(play.get(i, "anomaly"), want[i]);
}

TEST(Goose, AnotherSourceIsMeasuredByTheFirst) {
  Goose play;
  Message other;
  other.source = 9, other.st_num = 6;
  for (int i = 0; i < 2; ++i) play.give(frame({})).give(frame(other));
  play.give(frame({.st_num = 6})).give(frame(other));
  const char* want[] = {"subscribe", "control", "subscribe", "control", "control", "subscribe"};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(play.get(i, "ics.operation"), want[i]) << i;
}

TEST(Goose, WhatIsMissingIsZero) {
  auto bytes = from_hex(kGolden("state_again").hex);
  ASSERT_EQ(bytes[79], 0x85);
  bytes[79] = 0x9e;  // no stNum
  Goose play;
  play.give(kGolden("state")).give(bytes);
  expect(play.context, 1, {{"st_num", "-"}, {"anomaly", "st_num_backwards"}, {"ics.operation", "control"}});
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Goose, Silence) {
  Goose play;
  play.give(frame({}));
  play.context.time += milliseconds{5000};
  Message other;
  other.reference = "IED2";
  play.give(frame(other)).give(frame(other)).give(frame(other));
  ASSERT_EQ(play.context.events.size(), 5U);
  expect(play.context, 1,
         {{"orig_l2_addr", "02:00:00:00:01:01"},
          {"resp_l2_addr", "01:0c:cd:01:00:01"},
          {"appid", "0x1"},
          {"gocb_ref", "IED1/LLN0$GO$gcb1"},
          {"st_num", "5"},
          {"sq_num", "1"},
          {"anomaly", "silent"},
          {"ts", "1700000002000000000"},
          {"ics.operation", "stop"},
          {"ics.target", "IED1/LLN0$GO$gcb1"}});
  play.give(frame({.sq_num = 2}));
  expect(play.context, 5, {{"anomaly", "late"}});
}

TEST(Goose, TheClockTellsOfALonePublisher) {
  Goose play;
  play.give(frame({}));
  const auto due = play.context.time + milliseconds{1999};  // the message came a millisecond ago
  play.analyzer->advance(due, play.context);
  EXPECT_EQ(play.context.events.size(), 1U);
  play.analyzer->advance(due + milliseconds{1}, play.context);
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1, {{"anomaly", "silent"}, {"ts", "1700000002000000000"}, {"ics.operation", "stop"}});
  play.analyzer->advance(due + std::chrono::hours{1}, play.context);
  play.end();
  EXPECT_EQ(play.context.events.size(), 2U);  // once
}

TEST(Goose, SilencesAreToldInTheirOrderHoweverSeldomTheClockIsLookedAt) {
  for (const int steps : {1, 7, 500}) {
    SCOPED_TRACE(steps);
    Goose play;
    for (const std::uint64_t allowed : {3000U, 1000U, 2000U, 0U}) {
      Message m;
      m.reference = std::to_string(allowed);
      m.allowed = allowed;
      play.give(frame(m));
    }
    for (int i = 1; i <= steps; ++i) {
      play.analyzer->advance(play.context.time + milliseconds{5000 * i / steps}, play.context);
    }
    ASSERT_EQ(play.context.events.size(), 7U);
    constexpr std::array<std::string_view, 3> kWant{"1000", "2000", "3000"};
    for (std::size_t i = 0; i < kWant.size(); ++i) EXPECT_EQ(play.get(4 + i, "gocb_ref"), kWant[i]);
  }
}

TEST(Goose, WhoSpeaksAgainIsSilentAgain) {
  Goose play;
  for (std::uint64_t i = 0; i < 2; ++i) {
    play.give(frame({.sq_num = i}));
    play.context.time += milliseconds{5000};
    play.analyzer->advance(play.context.time, play.context);
  }
  ASSERT_EQ(play.context.events.size(), 4U);
  EXPECT_EQ(play.get(1, "anomaly"), "silent");
  EXPECT_EQ(play.get(3, "anomaly"), "silent");
}

TEST(Goose, APublisherIsForgottenAfterTenMinutes) {
  Goose play;
  play.give(frame({}));
  play.context.time += std::chrono::minutes{11};
  Message other;
  other.reference = "IED2";
  play.give(frame(other)).give(frame(other));
  play.give(frame({.st_num = 1}));
  EXPECT_EQ(play.get(play.context.events.size() - 1, "anomaly"), "-");
}

TEST(Goose, PublishersAreBounded) {
  Goose play;
  Message m;
  for (unsigned i = 0; i < 513; ++i) {
    m.source = static_cast<std::uint8_t>(i);
    m.group = static_cast<std::uint8_t>(i >> 8U);
    m.reference = std::to_string(i);
    play.give(frame(m));
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.events.size(), 513U);
}

TEST(Goose, ValuesAreBounded) {
  Goose play;
  Message m;
  m.data.clear();
  for (int i = 0; i < 70; ++i) put(m.data, 0x83, {1});
  m.entries = 70;
  play.give(frame(m));
  const std::string all = play.get(0, "all_data");
  EXPECT_EQ(std::ranges::count(all, ','), 63);
  EXPECT_EQ(play.get(0, "anomaly"), "-");  // all are counted

  m.data.clear();
  put(m.data, 0x8a, octets(text(300, 'x')));
  play.give(frame(m));
  EXPECT_EQ(play.get(1, "all_data"), text(256, 'x'));

  m.data = {0x83, 1, 1};
  for (int i = 0; i < 6; ++i) {
    std::vector<std::uint8_t> outer;
    put(outer, 0xa2, m.data);
    m.data = outer;
  }
  play.give(frame(m));
  EXPECT_EQ(play.get(2, "all_data"), "{{{{...}}}}");
}

TEST(Goose, OddValuesAreToldInHexadecimal) {
  Goose play;
  Message m;
  m.data.clear();
  put(m.data, 0x83, {1, 2});
  put(m.data, 0x84, {9, 1});
  put(m.data, 0x87, {1, 2, 3});
  put(m.data, 0x91, {1});
  put(m.data, 0x85, {});
  m.entries = 5;
  play.give(frame(m));
  expect(play.context, 0, {{"all_data", "0x0102,0x0901,0x010203,0x01,0x"}, {"anomaly", "-"}});
}

TEST(Goose, Refusals) {
  const auto whole = from_hex(kGolden("state").hex);
  constexpr std::size_t kLength = 16, kPdu = 22, kFirst = 24;
  struct {
    const char* name;
    std::size_t at, size;
    std::uint8_t value;
    DecodeError why;
    std::size_t events;
  } const cases[] = {
      {"without its head", kLength, 18, 0, DecodeError::truncated, 0},
      {"cut", kFirst, 60, 0x80, DecodeError::truncated, 1},
      {"a length that is too short for the head", kLength + 1, whole.size(), 7, DecodeError::bad_value, 1},
      {"a length that cuts the PDU", kLength + 1, whole.size(), 60, DecodeError::bad_value, 1},
      {"another PDU", kPdu, whole.size(), 0x60, DecodeError::bad_value, 1},
      {"a field that is too long", kFirst + 1, whole.size(), 0x7f, DecodeError::bad_value, 1},
      {"a field is missing", kFirst, whole.size(), 0x9f, DecodeError::bad_value, 1},
      {"no reference", kFirst, whole.size(), 0x9e, DecodeError::bad_value, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    auto bytes = whole;
    bytes[c.at] = c.value;
    bytes.resize(c.size);
    Goose play;
    play.give(bytes);
    expect_refused(play.context, c.why, c.events);
    if (c.events != 0) {
      EXPECT_EQ(play.get(0, "appid"), "0x1");
    }
  }
}

TEST(Goose, WhatDevicesReadAllTheSame) {
  constexpr std::size_t kLength = 17, kPduLength = 23, kFirst = 24, kStNum = 79;
  const auto whole = from_hex(kGolden("state").hex);
  const auto with = [&](std::size_t at, std::string_view hex) {
    auto out = whole;
    const auto more = from_hex(hex);
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
    for (const std::size_t length : {kLength, kPduLength})
      out[length] = static_cast<std::uint8_t>(out[length] + more.size());
    return out;
  };
  auto no_length = whole, endless = whole;
  no_length[kLength] = 0;
  endless[kPduLength] = 0x80;
  auto zeros = with(kStNum + 2, "00000000000000000000");
  zeros[kStNum + 1] = 11;
  const struct {
    const char* name;
    std::vector<std::uint8_t> bytes;
    std::size_t refused;
  } cases[] = {
      {"a length of nothing", no_length, 1},
      {"a value without a length", endless, 1},
      {"zeros before a number", zeros, 0},
      {"a second reference", with(kStNum, "80 01 'x'"), 1},
      {"a field with a long tag", with(kFirst, "9f 00"), 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Goose play;
    play.give(c.bytes);
    expect(play.context, 0, {{"gocb_ref", "IED1/LLN0$GO$gcb1"}, {"st_num", "5"}, {"ics.operation", "control"}});
    EXPECT_EQ(play.context.refused_total(), c.refused);
  }
}

TEST(Goose, OnlyWhatIsWantedIsMade) {
  Play play{"goose", Transport::udp, {"st_num"}};
  play.give(kGolden("state"));
  EXPECT_EQ(play.get(0, "st_num"), "5");
  EXPECT_EQ(play.context.events[0].size(), 2U);  // with the time
}

}  // namespace
}  // namespace nw::network
