#include "play.h"

namespace nw::network {
namespace {

using std::chrono::milliseconds;

constexpr Golden kGolden{"sv"};

struct Sv : Play {
  Sv() : Play{"sv", Transport::udp} {}
};

void put(std::vector<std::uint8_t>& out, std::uint8_t tag, const std::vector<std::uint8_t>& contents) {
  out.push_back(tag);
  if (contents.size() > 127) out.push_back(0x82), out.push_back(static_cast<std::uint8_t>(contents.size() >> 8U));
  out.push_back(static_cast<std::uint8_t>(contents.size()));
  out.insert(out.end(), contents.begin(), contents.end());
}

struct Sample {
  unsigned smp_cnt = 7;
  std::uint8_t conf_rev = 1, synch = 1, source = 1, group = 0, appid = 1, simulated = 0;
  std::string id = "MU01", data_set{};
  std::size_t bytes = 8;
  std::uint8_t fill = 0;
};

std::vector<std::uint8_t> frame(const Sample& s) {
  std::vector<std::uint8_t> fields, sample, samples, pdu, apdu;
  put(fields, 0x80, octets(s.id));
  if (!s.data_set.empty()) put(fields, 0x81, octets(s.data_set));
  put(fields, 0x82, {static_cast<std::uint8_t>(s.smp_cnt >> 8U), static_cast<std::uint8_t>(s.smp_cnt)});
  put(fields, 0x83, {0, 0, 0, s.conf_rev});
  put(fields, 0x85, {s.synch});
  put(fields, 0x87, std::vector<std::uint8_t>(s.bytes, s.fill));
  put(sample, 0x30, fields);
  put(pdu, 0x80, {1});
  put(pdu, 0xa2, sample);
  put(apdu, 0x60, pdu);
  std::vector<std::uint8_t> out{1, 0xc, 0xcd, 4, 0, 1, 2, 0, 0, 0, s.group, s.source, 0x88, 0xba, 0x40, s.appid};
  const std::size_t length = apdu.size() + 8;
  out.push_back(static_cast<std::uint8_t>(length >> 8U));
  out.push_back(static_cast<std::uint8_t>(length));
  out.insert(out.end(), {s.simulated, 0, 0, 0});
  out.insert(out.end(), apdu.begin(), apdu.end());
  return out;
}

TEST(Sv, AStreamBeginsAndEnds) {
  Sv play;
  play.give(kGolden("sample"));
  expect(play.context, 0,
         {{"orig_l2_addr", "00:a0:f4:08:2f:77"},
          {"resp_l2_addr", "01:0c:cd:04:00:01"},
          {"vlan", "0"},
          {"appid", "0x4000"},
          {"sv_id", "MU01"},
          {"dat_set", "-"},
          {"stream_state", "begin"},
          {"no_asdu", "1"},
          {"smp_cnt", "7"},
          {"conf_rev", "1"},
          {"smp_synch", "local"},
          {"smp_rate", "-"},
          {"data_length", "16"},
          {"simulation", "false"},
          {"samples", "1"},
          {"missed", "0"},
          {"anomaly", "-"},
          {"ics.operation", "subscribe"},
          {"ics.target", "MU01"},
          {"ics.outcome", "-"}});
  Sample next;
  for (unsigned i = 8; i < 1008; ++i) {
    next.smp_cnt = i % 1000;
    next.bytes = 16;
    play.give(frame(next));
  }
  EXPECT_EQ(play.context.events.size(), 2U);  // from another address, so another stream
  play.end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 2, {{"stream_state", "end"}, {"samples", "1"}, {"ts", "1700000000000000000"}});
  expect(play.context, 3,
         {{"stream_state", "end"},
          {"samples", "1000"},
          {"missed", "0"},
          {"smp_cnt", "7"},
          {"ics.operation", "subscribe"}});
}

TEST(Sv, SeveralSamplesOfOneFrame) {
  Sv play;
  play.give(kGolden("two_samples")).end();
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 0,
         {{"vlan", "-"},
          {"sv_id", "MU02"},
          {"dat_set", "MU/LLN0$phs"},
          {"no_asdu", "2"},
          {"smp_cnt", "3999"},
          {"smp_synch", "global"},
          {"smp_rate", "4000"},
          {"smp_mod", "per_second"},
          {"stream_state", "begin"}});
  expect(play.context, 1, {{"samples", "2"}, {"smp_cnt", "0"}, {"missed", "0"}, {"stream_state", "end"}});
}

TEST(Sv, WhatHappensToAStream) {
  const Sample is;
  const auto with = [&](auto change) {
    Sample out = is;
    out.smp_cnt = 8;
    change(out);
    return out;
  };
  const struct {
    const char* name;
    Sample then;
    const char *state, *anomaly;
  } cases[] = {
      {"the next", with([](Sample&) {}), "-", "-"},
      {"a copy", is, "-", "-"},
      {"no copy", with([](Sample& s) { s.smp_cnt = 7, s.fill = 1; }), "change", "values_differ"},
      {"the next second", with([](Sample& s) { s.smp_cnt = 0; }), "-", "-"},
      {"a jump ahead", with([](Sample& s) { s.smp_cnt = 10; }), "jump", "smp_cnt_jump"},
      {"a jump back", with([](Sample& s) { s.smp_cnt = 3; }), "jump", "smp_cnt_jump"},
      {"another configuration", with([](Sample& s) { s.conf_rev = 2; }), "change", "conf_rev_changed"},
      {"another clock", with([](Sample& s) { s.synch = 0; }), "change", "synch_changed"},
      {"another data set", with([](Sample& s) { s.data_set = "x"; }), "change", "dataset_changed"},
      {"other values", with([](Sample& s) { s.bytes = 4; }), "change", "size_changed"},
      {"simulated", with([](Sample& s) { s.simulated = 0x80; }), "change", "simulated"},
      {"all at once", with([](Sample& s) { s.conf_rev = 2, s.smp_cnt = 20; }), "change",
       "conf_rev_changed,smp_cnt_jump"},
      {"another source", with([](Sample& s) { s.source = 9; }), "begin", "other_source"},
      {"another stream", with([](Sample& s) { s.id = "MU02"; }), "begin", "-"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Sv play;
    play.give(frame(is)).give(frame(c.then));
    expect(play.context, 1, {{"stream_state", c.state}, {"anomaly", c.anomaly}});
    EXPECT_EQ(play.context.refused_total(), 0U);
  }
}

TEST(Sv, JumpsAreToldOnceASecond) {
  Sv play;
  Sample s;
  for (unsigned i = 0; i < 100; ++i) {
    s.smp_cnt = 1 + 2 * i;
    play.give(frame(s));
  }
  EXPECT_EQ(play.context.events.size(), 2U);
  play.context.time += milliseconds{1000};
  s.smp_cnt = 500;
  play.give(frame(s));
  expect(play.context, 2, {{"stream_state", "jump"}, {"missed", "399"}, {"samples", "101"}});
}

TEST(Sv, DifferencesAreToldOnceASecond) {
  Sv play;
  Sample s;
  for (unsigned i = 0; i < 100; ++i) {
    s.fill = static_cast<std::uint8_t>(i);
    play.give(frame(s));
  }
  EXPECT_EQ(play.context.events.size(), 2U);
}

TEST(Sv, Silence) {
  Sv play;
  Sample other;
  other.id = "MU02";
  play.give(frame({})).give(frame(other));
  play.context.time += milliseconds{3000};
  play.give(frame(other));
  ASSERT_EQ(play.context.events.size(), 5U);  // both, in the order in which they ended
  expect(play.context, 2,
         {{"sv_id", "MU01"}, {"stream_state", "end"}, {"anomaly", "silent"}, {"ts", "1700000000000000000"}});
  expect(play.context, 3,
         {{"sv_id", "MU02"}, {"stream_state", "end"}, {"anomaly", "silent"}, {"ics.operation", "stop"}});
  expect(play.context, 4, {{"sv_id", "MU02"}, {"stream_state", "begin"}});
}

TEST(Sv, TheClockTellsOfALoneStream) {
  Sv play;
  play.give(frame({}));
  const auto due = play.context.time + milliseconds{1999};  // the sample came a millisecond ago
  play.analyzer->advance(due, play.context);
  EXPECT_EQ(play.context.events.size(), 1U);
  play.analyzer->advance(due + milliseconds{1}, play.context);
  play.analyzer->advance(due + milliseconds{2}, play.context);
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 1, {{"stream_state", "end"}, {"anomaly", "silent"}, {"ts", "1700000000000000000"}});
  play.end();
  EXPECT_EQ(play.context.events.size(), 2U);
}

TEST(Sv, OtherClocksAreNumbers) {
  Sv play;
  Sample s;
  s.synch = 17;
  play.give(frame(s));
  expect(play.context, 0, {{"smp_synch", "17"}});
}

TEST(Sv, StreamsAreBounded) {
  Sv play;
  Sample s;
  for (unsigned i = 0; i < 513; ++i) {
    s.source = static_cast<std::uint8_t>(i);
    s.group = static_cast<std::uint8_t>(i >> 8U);
    s.id = std::to_string(i);
    play.give(frame(s));
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.events.size(), 514U);
  expect(play.context, 512, {{"sv_id", "0"}, {"stream_state", "end"}, {"anomaly", "-"}});
}

TEST(Sv, SamplesOfAFrameAreBounded) {
  std::vector<std::uint8_t> sample, samples, pdu, apdu;
  put(sample, 0x30, from_hex("80 01 'x' 82 02 0001 83 01 01 85 01 00 87 01 00"));
  for (int i = 0; i < 1030; ++i) samples.insert(samples.end(), sample.begin(), sample.end());
  put(pdu, 0x80, {4, 6});
  put(pdu, 0xa2, samples);
  put(apdu, 0x60, pdu);
  auto bytes = from_hex("010ccd040001 020000000001 88ba 4000 ffff 0000 0000");
  bytes.insert(bytes.end(), apdu.begin(), apdu.end());
  Sv play;
  play.give(bytes).end();
  expect(play.context, 1, {{"samples", "1024"}});
  EXPECT_EQ(play.context.refused_total(), 1U);
}

TEST(Sv, NothingHidesASample) {
  const char* const kSample = "30 10 80 01 'x' 82 02 0001 83 01 01 85 01 00 87 01 00";
  std::string empty;
  for (int i = 0; i < 65; ++i) empty += "3000";
  const std::string cases[] = {
      std::string{"60 19 80 01 01 a2 12 "} + kSample + "a2 00",
      std::string{"60 19 80 01 01 a2 14 84 00 "} + kSample,
      "60 81 9a 80 01 42 a2 81 94 " + empty + kSample,
  };
  for (const std::string& apdu : cases) {
    SCOPED_TRACE(apdu);
    Sv play;
    play.give("010ccd040001 020000000001 88ba 4000 00a9 0000 0000 " + apdu);
    expect(play.context, 0, {{"sv_id", "x"}, {"smp_cnt", "1"}});
  }
}

TEST(Sv, Refusals) {
  const auto whole = frame({});
  struct {
    const char* name;
    std::size_t at, size;
    std::uint8_t value;
    DecodeError why;
    std::size_t events;
  } const cases[] = {
      {"without its head", 0, 20, 1, DecodeError::truncated, 0},
      {"cut", 0, 40, 1, DecodeError::truncated, 0},
      {"a length below the head's", 17, whole.size(), 7, DecodeError::bad_value, 1},
      {"a head that counts too little", 17, whole.size(), 30, DecodeError::bad_value, 1},
      {"another PDU", 22, whole.size(), 0x61, DecodeError::bad_value, 0},
      {"too few samples", 26, whole.size(), 2, DecodeError::bad_value, 1},
      {"samples of another kind", 29, whole.size(), 0x31, DecodeError::bad_value, 0},
      {"a sample without name", 31, whole.size(), 0x9e, DecodeError::bad_value, 1},
      {"a field that is too long", 32, whole.size(), 0x7f, DecodeError::bad_value, 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    auto bytes = whole;
    bytes[c.at] = c.value;
    bytes.resize(c.size);
    Sv play;
    play.give(bytes);
    expect_refused(play.context, c.why, c.events);
  }
}

}  // namespace
}  // namespace nw::network
