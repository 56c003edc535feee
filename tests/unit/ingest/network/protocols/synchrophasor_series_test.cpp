// Configurations in several frames: made of the golden ones, since no capture that we know has any.
#include "ingest/network/protocols/synchrophasor_series.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "play.h"

namespace nw::network {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::uint16_t kLast = 0xFFFF;

// A CFG-3 frame: its number, then these octets.
Octets frame(std::uint16_t number, Bytes data, std::uint8_t stream = 63, std::uint8_t type = 5) {
  Octets out = from_hex("aa52 0000 0000 6553f100 0007a120");
  const std::size_t size = data.size() + 18;
  out[1] = static_cast<std::uint8_t>(std::uint32_t{type} << 4U | 2U);
  out[2] = static_cast<std::uint8_t>(size >> 8U);
  out[3] = static_cast<std::uint8_t>(size);
  out[5] = stream;
  out.push_back(static_cast<std::uint8_t>(number >> 8U));
  out.push_back(static_cast<std::uint8_t>(number));
  out.insert(out.end(), data.begin(), data.end());
  const std::uint16_t crc = syn_crc(out);
  out.push_back(static_cast<std::uint8_t>(crc >> 8U));
  out.push_back(static_cast<std::uint8_t>(crc));
  return out;
}

// What stands behind the number of a configuration of two PMUs, EAST and WEST, each with a phasor; 50 frames a second.
Octets configuration() {
  const auto pmu = [](const char* name, const char* id) {
    return std::string{"04"} + name + id + "000102030405060708090a0b0c0d0e0f 000f 0001 0000 0000 025631" +
           std::string(24, '0') + "42420000 41140000 42dc0000 4d 00004e20 00002710 0001 0007";
  };
  return from_hex("000f4240 0002" + pmu("45415354", "003f") + pmu("57455354", "0040") + "0032");
}
// A data frame of it.
Octets data() {
  Octets out = frame(0, from_hex("42c90000bfc0000042c7000040200000 0000 42c90000bfc0000042c7000040200000"), 63, 0);
  return out;
}

Bytes part(const Octets& all, std::size_t from, std::size_t to) { return Bytes{all}.subspan(from, to - from); }

struct SeriesPlay : Play {
  explicit SeriesPlay(Transport carrier = Transport::tcp) : Play{"synchrophasor", carrier} {
    context.unwanted = "known_device";
  }
};

std::size_t count(const Play& flow, std::string_view path) {
  return static_cast<std::size_t>(std::ranges::count(flow.context.paths, path));
}

TEST(SynchrophasorSeries, IsReadAsOneFrame) {
  const Octets all = configuration();
  SeriesPlay flow;
  flow.give(frame(1, part(all, 0, 30)), kBack).give(frame(2, part(all, 30, 31)), kBack);
  flow.give(frame(3, part(all, 31, 120)), kBack);
  EXPECT_TRUE(flow.context.events.empty());
  flow.give(frame(kLast, part(all, 120, all.size())), kBack);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_EQ(count(flow, "synchrophasor_cfg"), 1U);
  EXPECT_EQ(count(flow, "synchrophasor_cfg_detail"), 2U);
  expect(flow.context, 0,
         {{"frame_type", "CFG3"},
          {"cont_idx", "65535"},
          {"frames", "4"},
          {"missing_idx", "-"},
          {"pmu_count_expected", "2"},
          {"pmu_count_actual", "2"},
          {"station_names", "EAST,WEST"},
          {"data_rate", "50"}});
  expect(flow.context, 2, {{"station_name", "WEST"}, {"data_source_id", "64"}, {"phnam", "V1"}});
  // Data are read by it.
  flow.give(data(), kBack);
  EXPECT_EQ(count(flow, "synchrophasor_data_detail"), 2U);
}

TEST(SynchrophasorSeries, TheFirstFrameAnswers) {
  const Octets all = configuration();
  SeriesPlay flow;
  Octets command = frame(6, {}, 63, 4);  // Send CFG-3
  flow.give(command, kOut).give(frame(1, part(all, 0, 30)), kBack);
  flow.give(frame(kLast, part(all, 30, all.size())), kBack).end();
  EXPECT_EQ(count(flow, "synchrophasor_cmd"), 1U);
  expect(flow.context, 1, {{"ics.outcome", "ok"}, {"rtt", "0.001000"}, {"frames", "2"}});
}

TEST(SynchrophasorSeries, AFrameThatIsLostIsNamed) {
  const Octets all = configuration();
  SeriesPlay flow;
  flow.give(frame(1, part(all, 0, 100)), kBack).give(frame(3, part(all, 110, 120)), kBack);
  // As far as it came; then what nobody can place.
  ASSERT_EQ(count(flow, "synchrophasor_cfg"), 2U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 2U);
  expect(flow.context, 0,
         {{"cont_idx", "1"},
          {"missing_idx", "2"},
          {"frames", "1"},
          {"pmu_count_expected", "2"},
          {"pmu_count_actual", "1"},
          {"station_names", "EAST"},
          {"data_rate", "-"}});
  expect(flow.context, 1, {{"station_name", "EAST"}});
  expect(flow.context, 2, {{"cont_idx", "3"}, {"missing_idx", "1"}, {"pmu_count_expected", "-"}});
  // Data are not read by what is not whole.
  flow.give(data(), kBack);
  EXPECT_EQ(count(flow, "synchrophasor_data_detail"), 0U);
}

TEST(SynchrophasorSeries, WithoutItsEndItIsToldAsFarAsItCame) {
  const Octets all = configuration();
  SeriesPlay ended, late, anew;
  for (Play* flow : {&ended, &late, &anew}) flow->give(frame(1, part(all, 0, 100)), kBack);
  ended.end();
  late.context.time += std::chrono::seconds{31};
  late.give(frame(2, part(all, 0, 10), 64), kBack);
  anew.give(frame(1, part(all, 0, 50)), kBack);
  for (Play* flow : {&ended, &late, &anew}) {
    expect(flow->context, 0, {{"cont_idx", "1"}, {"missing_idx", "2"}, {"pmu_count_actual", "1"}});
    EXPECT_GE(flow->context.refused_count(DecodeError::truncated), 1U);
  }
  // What began anew is another one.
  anew.give(frame(kLast, part(all, 50, all.size())), kBack);
  EXPECT_EQ(anew.get(2, "data_rate"), "50");
}

TEST(SynchrophasorSeries, ADatagramTwiceIsNoLoss) {
  const Octets all = configuration();
  SeriesPlay flow{Transport::udp};
  for (int i = 0; i < 2; ++i) flow.give(frame(1, part(all, 0, 30)), kBack);
  for (int i = 0; i < 2; ++i) flow.give(frame(2, part(all, 30, 60)), kBack);
  flow.give(frame(kLast, part(all, 60, all.size())), kBack);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, 0, {{"frames", "3"}, {"data_rate", "50"}});
}

TEST(SynchrophasorSeries, StreamsAreKeptApart) {
  const Octets all = configuration();
  SeriesPlay flow;
  flow.give(frame(1, part(all, 0, 30), 1), kBack).give(frame(1, part(all, 0, 40), 2), kBack);
  flow.give(frame(kLast, part(all, 30, all.size()), 1), kBack);
  flow.give(frame(kLast, part(all, 40, all.size()), 2), kBack);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  expect(flow.context, 0, {{"data_stream_id", "1"}, {"data_rate", "50"}});
  expect(flow.context, 3, {{"data_stream_id", "2"}, {"data_rate", "50"}});
}

TEST(SynchrophasorSeries, AtMostTwoWait) {
  const Octets all = configuration();
  SeriesPlay flow;
  for (std::uint8_t stream = 1; stream < 4; ++stream) flow.give(frame(1, part(all, 0, 30), stream), kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  expect(flow.context, 0, {{"data_stream_id", "1"}, {"missing_idx", "2"}});
}

TEST(SynchrophasorSeries, OfTooMuchItsBeginningIsRead) {
  Octets all = configuration();
  all.resize(60'000);
  SeriesPlay flow;
  for (std::uint16_t number = 1; number < 6; ++number) flow.give(frame(number, all), kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), 1U);
  expect(flow.context, 0, {{"cont_idx", "4"}, {"frames", "4"}, {"missing_idx", "5"}, {"pmu_count_actual", "2"}});
}

TEST(SynchrophasorSeries, WhatDoesNotFitItsHeadIsRefused) {
  const Octets all = configuration();
  SeriesPlay flow;
  flow.give(frame(1, part(all, 0, 30)), kBack).give(frame(kLast, part(all, 30, 100)), kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  expect(flow.context, 0, {{"cont_idx", "65535"}, {"pmu_count_expected", "2"}, {"pmu_count_actual", "1"}});
  SeriesPlay empty;
  empty.give(frame(1, {}), kBack).give(frame(kLast, {}), kBack);
  EXPECT_EQ(empty.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_EQ(count(empty, "synchrophasor_cfg"), 1U);
}

}  // namespace
}  // namespace nw::network
