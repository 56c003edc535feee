#include <algorithm>
#include <gtest/gtest.h>

#include "ingest/network/protocols/synchrophasor_frame.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden kGolden{"synchrophasor"};

Play play(Transport transport = Transport::tcp, const std::vector<std::string>& only = {}) {
  return Play{"synchrophasor", transport, only};
}

// A frame, of version 1 if nothing else is said, with its length and CRC.
std::vector<std::uint8_t> frame(unsigned type, unsigned stream, std::string_view hex, unsigned version = 1) {
  const auto data = from_hex(hex);
  auto out = from_hex("aa01 0000 0000 6553f100 0007a120");
  out[1] = static_cast<std::uint8_t>(type << 4U | version);
  out[2] = static_cast<std::uint8_t>((data.size() + 16) >> 8U);
  out[3] = static_cast<std::uint8_t>(data.size() + 16);
  out[5] = static_cast<std::uint8_t>(stream);
  out.insert(out.end(), data.begin(), data.end());
  const std::uint16_t crc = syn_crc(out);
  out.push_back(static_cast<std::uint8_t>(crc >> 8U));
  out.push_back(static_cast<std::uint8_t>(crc));
  return out;
}

// Of the golden configuration: the two PMUs' status, and the rest as in the golden frame.
std::vector<std::uint8_t> data(std::string_view north, std::string_view south) {
  return frame(0, 60,
               std::string{north} + "42c90000bfc0000042c700004020000042480a3d3e800000414800008001" +
                   std::string{south} + "012cfe70ff0600960007");
}

std::size_t count(const Play& flow, std::string_view path) {
  return static_cast<std::size_t>(std::ranges::count(flow.context.paths, path));
}

// The first event of that kind.
std::size_t first(const Play& flow, std::string_view path) {
  return static_cast<std::size_t>(std::ranges::find(flow.context.paths, path) - flow.context.paths.begin());
}

TEST(Synchrophasor, FieldsOfGoldenFrames) {
  const struct {
    const char *name, *path;
    std::vector<Want> want;
  } kCases[] = {
      {"data_off",
       "synchrophasor_cmd",
       {{"frame_type", "Command"},
        {"frame_size", "18"},
        {"data_stream_id", "60"},
        {"version", "1"},
        {"time_quality", "locked"},
        {"command", "Data off"},
        {"command_code", "1"},
        {"extframe", "-"},
        {"ics.operation", "subscribe"},
        {"ics.target", "60"},
        {"ics.value", "stop"},
        {"ics.outcome", "-"}}},
      {"data_on", "synchrophasor_cmd", {{"command", "Data on"}, {"ics.value", "start"}}},
      {"send_header", "synchrophasor_cmd", {{"command", "Send HDR"}, {"ics.operation", "identify"}}},
      {"send_cfg2", "synchrophasor_cmd", {{"command", "Send CFG-2"}, {"ics.operation", "read"}, {"ics.value", "-"}}},
      {"extended",
       "synchrophasor_cmd",
       {{"command", "Extended frame"}, {"extframe", "1,2,3"}, {"version", "2"}, {"ics.operation", "other"}}},
      {"header",
       "synchrophasor_hdr",
       {{"data", "North and south, built 2024"},
        {"rtt", "-"},
        {"ics.operation", "identify"},
        {"ics.value", "North and south, built 2024"},
        {"ics.outcome", "-"}}},
      {"cfg1",
       "synchrophasor_cfg",
       {{"frame_type", "CFG1"}, {"pmu_count_expected", "1"}, {"data_rate", "-2"}, {"station_names", "SOUTH"}}},
      {"cfg2",
       "synchrophasor_cfg",
       {{"frame_type", "CFG2"},
        {"cont_idx", "-"},
        {"pmu_count_expected", "2"},
        {"pmu_count_actual", "2"},
        {"data_rate", "50"},
        {"station_names", "NORTH,SOUTH"},
        {"ics.operation", "read"},
        {"ics.target", "60"},
        {"ics.outcome", "-"}}},
      {"cfg3",
       "synchrophasor_cfg",
       {{"frame_type", "CFG3"}, {"cont_idx", "0"}, {"station_names", "EAST"}, {"data_rate", "50"}}},
      {"data_alone",
       "synchrophasor_data",
       {{"frame_type", "Data"},
        {"time_quality", "10 us"},
        {"pmu_count_expected", "-"},
        {"told_for", "begin"},
        {"ics.operation", "read"},
        {"ics.target", "60"}}},
      {"cfg_and_data", "synchrophasor_cfg", {{"frame_type", "CFG2"}}},
      {"udp_send_cfg3", "synchrophasor_cmd", {{"command", "Send CFG-3"}, {"ics.target", "63"}}},
      {"udp_cfg3", "synchrophasor_cfg", {{"version", "2"}}},
      {"udp_data", "synchrophasor_data", {{"told_for", "begin"}, {"data_stream_id", "63"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const GoldenFrame& golden = kGolden(c.name);
    Play flow = play(golden.transport);
    flow.give(golden);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    const auto at = std::ranges::find(flow.context.paths, c.path);
    ASSERT_NE(at, flow.context.paths.end());
    expect(flow.context, static_cast<std::size_t>(at - flow.context.paths.begin()), c.want);
  }
  EXPECT_EQ(std::size(kCases),
            static_cast<std::size_t>(std::ranges::count(kGoldenFrames, "synchrophasor", &GoldenFrame::protocol)));
}

TEST(SynchrophasorConfiguration, OneEventPerPmu) {
  Play flow = play();
  flow.context.unwanted = "known_device";
  flow.give(kGolden("cfg2"));
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.context.paths[1], "synchrophasor_cfg_detail");
  expect(flow.context, 1,
         {{"pmu_idx", "0"},
          {"station_name", "NORTH"},
          {"data_source_id", "61"},
          {"phasor_shape", "true"},
          {"phasor_format", "true"},
          {"analog_format", "true"},
          {"freq_format", "true"},
          {"phnmr", "2"},
          {"annmr", "1"},
          {"dgnmr", "1"},
          {"phnam", "VA,VB"},
          {"annam", "POWER"},
          {"fnom", "1"},
          {"cfgcnt", "3"},
          {"svc_class", "-"},
          {"pmu_lat", "-"},
          {"ics.target", "60/61"},
          {"ics.value", "NORTH"}});
  EXPECT_TRUE(flow.get(1, "dgnam").starts_with("BREAKER 1,BREAKER 2,"));
  expect(flow.context, 2, {{"pmu_idx", "1"}, {"phasor_shape", "false"}, {"dgnam", "-"}, {"fnom", "0"}});
}

TEST(SynchrophasorConfiguration, TheThirdSaysWhereAPmuIs) {
  Play flow = play();
  flow.context.unwanted = "known_device";
  flow.give(kGolden("cfg3"));
  expect(flow.context, 1,
         {{"station_name", "EAST"},
          {"svc_class", "M"},
          {"global_pmuid", "000102030405060708090a0b0c0d0e0f"},
          {"phnam", "V1"},
          {"pmu_lat", "48.5"},
          {"pmu_lon", "9.25"},
          {"pmu_elev", "110"},
          {"window", "20000"},
          {"group_delay", "10000"},
          {"cfgcnt", "7"}});
}

TEST(SynchrophasorConfiguration, WhatLiesOfItsSizeIsRefusedAndTold) {
  static constexpr struct {
    const char* name;
    unsigned type;
    const char* hex;
  } kCases[] = {
      {"more PMUs than there are", 3, "000f4240 0002 0032 0000"},
      {"names past the end", 3, "000f4240 0001 58202020202020202020202020202020 0001 0000 ffff ffff ffff 0032"},
      {"a third without PMUs' count", 5, "0000 000f4240 0001"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Play flow = play();
    flow.give(frame(c.type, 60, std::string{c.hex} + (c.type == 5 ? "0000" : "")));
    expect_refused(flow.context, DecodeError::bad_value, 1);
    ASSERT_FALSE(flow.context.paths.empty());
    EXPECT_EQ(flow.context.paths[0], "synchrophasor_cfg");
  }
}

TEST(SynchrophasorData, OnlyChangesAreTold) {
  Play flow = play();
  flow.context.unwanted = "known_device";
  flow.give(kGolden("cfg2"));
  for (int i = 0; i < 5; ++i) flow.give(data("0000", "0000"), kBack);
  EXPECT_EQ(count(flow, "synchrophasor_data"), 1U);
  for (const char* north : {"2000", "2000", "0000"}) flow.give(data(north, "0000"), kBack);
  EXPECT_EQ(count(flow, "synchrophasor_data"), 3U);
  EXPECT_EQ(count(flow, "synchrophasor_data_detail"), 6U);
  ASSERT_EQ(flow.context.events.size(), 12U);
  expect(flow.context, 3,
         {{"pmu_count_expected", "2"},
          {"pmu_count_actual", "2"},
          {"told_for", "begin"},
          {"header_time_stamp", flow.get(0, "header_time_stamp").c_str()},
          {"ics.target", "60/61,60/62"},
          {"ics.value", "50.01,59.75"}});
  expect(flow.context, 6, {{"told_for", "status"}});
  expect(flow.context, 7, {{"pmu_sync_error", "true"}, {"data_error_indicator", "0"}});
  flow.end();
  EXPECT_EQ(flow.context.paths.back(), "synchrophasor");
  expect(flow.context, 12, {{"data_frame_count", "8"}, {"data_rate", "50"}, {"frame_count", "9"}});
}

TEST(SynchrophasorData, ValuesOfPmus) {
  Play flow = play();
  flow.context.unwanted = "known_device";
  flow.give(kGolden("cfg_and_data"));
  ASSERT_EQ(count(flow, "synchrophasor_data_detail"), 4U);
  expect(flow.context, 4,
         {{"pmu_idx", "0"},
          {"est_polar_magnitude", "100.5,99.5"},
          {"est_polar_angle", "-1.5,2.5"},
          {"est_rectangular_real", "-"},
          {"rocof", "0.25"},
          {"analog_data", "12.5"},
          {"digital", "32769"},
          {"data_error", "none"},
          {"trigger", "-"},
          {"data_source_id", "61"},
          {"ics.target", "60/61"}});
  expect(flow.context, 5,
         {{"est_rectangular_real", "300"},
          {"est_rectangular_imaginary", "-400"},
          {"frequency", "59.75"},
          {"rocof", "1.5"},
          {"analog_data", "7"}});
  expect(flow.context, 8,
         {{"trigger_reason", "3"},
          {"trigger", "phase angle"},
          {"unlocked_time", "1"},
          {"pmu_time_quality", "0"},
          {"data_modified", "false"},
          {"config_change", "false"},
          {"pmu_trigger_pickup", "true"},
          {"data_sorting_type", "false"},
          {"pmu_sync_error", "true"},
          {"data_error_indicator", "2"},
          {"data_error", "test mode"}});
}

TEST(SynchrophasorData, WhatDoesNotFitTheConfigurationIsRefused) {
  Play flow = play();
  flow.context.unwanted = "known_device";
  flow.give(kGolden("cfg_and_data"));
  const std::size_t before = flow.context.events.size();
  flow.give(frame(0, 60, "0000 0000"), kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_EQ(flow.context.events.size(), before + 1);  // with other PMUs, so with other states
}

// Who commands a PMU does not say how its data are laid out.
TEST(SynchrophasorData, TheOthersConfigurationIsNotTakenForThem) {
  Play flow = play();
  flow.context.unwanted = "known_device";
  flow.give(kGolden("cfg2")).give(frame(3, 60, "000f4240 0000 0032")).give(data("0000", "0000"), kBack);
  expect(flow.context, first(flow, "synchrophasor_data"),
         {{"ics.target", "60/61,60/62"}, {"ics.value", "50.01,59.75"}});
}

TEST(SynchrophasorData, WithoutConfigurationTheFirstStatusCounts) {
  Play flow = play();
  flow.give(data("0000", "0000")).give(data("0000", "2000")).give(data("8000", "2000"));
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"told_for", "begin"}});
  expect(flow.context, 1, {{"told_for", "status"}});
}

TEST(SynchrophasorData, AStreamThatIsSwitchedOnBeginsAnew) {
  Play flow = play();
  flow.give(data("0000", "0000")).give(kGolden("data_off")).give(kGolden("data_on")).give(data("0000", "0000"));
  EXPECT_EQ(count(flow, "synchrophasor_data"), 2U);
}

TEST(SynchrophasorData, TheLast8StreamsAreKept) {
  Play flow = play();
  for (unsigned id = 1; id <= 9; ++id) flow.give(frame(0, id, "0000 0000"));
  EXPECT_EQ(count(flow, "synchrophasor_data"), 9U);
  flow.give(frame(0, 9, "0000 0000")).give(frame(0, 1, "0000 0000"));
  EXPECT_EQ(count(flow, "synchrophasor_data"), 10U);  // the first begins anew
}

TEST(SynchrophasorData, Of512PmusAtMostIsKept) {
  std::string pmus;
  for (int i = 0; i < 513; ++i)
    pmus +=
        "5820202020202020202020202020202000010000000000000000"
        "0001"
        "0001";
  Play flow = play(Transport::tcp, {"pmu_count_actual", "pmu_count_expected"});
  flow.context.unwanted = "synchrophasor_cfg_detail";
  flow.give(frame(3, 60, "000f4240 0201" + pmus + "0032"));
  EXPECT_EQ(flow.get(first(flow, "synchrophasor_cfg"), "pmu_count_actual"), "513");
  flow.give(frame(0, 60, "0000"));
  EXPECT_EQ(flow.get(first(flow, "synchrophasor_data"), "pmu_count_expected"), "-");
}

TEST(Synchrophasor, WhatIsAskedForAnswers) {
  Play flow = play();
  flow.context.unwanted = "known_device";
  flow.give(kGolden("send_header")).give(kGolden("header")).give(kGolden("send_cfg2")).give(kGolden("cfg2")).end();
  expect(flow.context, 1, {{"ics.outcome", "ok"}, {"rtt", "0.001000"}});
  expect(flow.context, 3, {{"frame_type", "CFG2"}, {"ics.outcome", "ok"}, {"rtt", "0.001000"}});
  expect(flow.context, 6,
         {{"history", "h2"},
          {"versions", "1"},
          {"data_stream_ids", "60"},
          {"frame_size_min", "18"},
          {"frame_size_max", "444"},
          {"data_frame_count", "0"},
          {"ics.target", "60"}});
}

TEST(Synchrophasor, NoAnswer) {
  Play flow = play();
  flow.give(kGolden("send_cfg2")).give(kGolden("header")).end();
  EXPECT_EQ(count(flow, "synchrophasor_cmd"), 2U);
  const auto last = flow.context.events.size() - 2;
  expect(flow.context, last, {{"command", "Send CFG-2"}, {"ics.target", "60"}, {"ics.outcome", "no answer"}});
  EXPECT_EQ(flow.get(last, "ts"), flow.get(0, "ts"));
  // PMUs may send elsewhere what they are asked for here.
  Play elsewhere = play();
  elsewhere.give(kGolden("send_cfg2")).end();
  EXPECT_EQ(count(elsewhere, "synchrophasor_cmd"), 1U);
}

TEST(Synchrophasor, TooOldOrTooManyAreGivenUp) {
  Play late = play();
  late.give(kGolden("header")).give(kGolden("send_cfg2"));
  late.context.time += std::chrono::seconds{31};
  late.give(kGolden("data_on"));
  EXPECT_EQ(late.get(late.context.events.size() - 2, "ics.outcome"), "no answer");
  Play many = play();
  for (unsigned id = 0; id < 65; ++id) many.give(frame(4, id, "0005"));
  EXPECT_EQ(many.context.refused_count(DecodeError::limit), 1U);
}

TEST(SynchrophasorDevices, StationsAreTold) {
  Play flow = play(Transport::udp, {"device", "device_protocol", "device_unit", "device_name", "serial_number",
                                    "device_location", "device_description"});
  for (const char* name : {"cfg2", "cfg2", "cfg3", "header"}) flow.give(kGolden(name));
  std::vector<std::size_t> told;
  for (std::size_t i = 0; i < flow.context.paths.size(); ++i)
    if (flow.context.paths[i] == "known_device") told.push_back(i);
  ASSERT_EQ(told.size(), 4U);
  expect(flow.context, told[0],
         {{"device", "198.51.100.1"},
          {"device_protocol", "synchrophasor"},
          {"device_unit", "60/61"},
          {"device_name", "NORTH"},
          {"serial_number", "-"}});
  expect(flow.context, told[2],
         {{"device_unit", "63/63"},
          {"serial_number", "000102030405060708090a0b0c0d0e0f"},
          {"device_location", "48.5, 9.25"}});
  expect(flow.context, told[3], {{"device_unit", "60"}, {"device_description", "North and south, built 2024"}});
}

TEST(Synchrophasor, FramesThatAreRefused) {
  auto crc = frame(4, 60, "0001");
  crc.back() ^= 1U;
  auto type = frame(4, 60, "0001"), version = type, size = type;
  type[1] = 0x61;
  version[1] = 0x43;
  size[3] = 17;
  for (const auto& bytes : {crc, type, version, size, from_hex("ab"), frame(4, 60, "0008" + std::string(2050, '0'))}) {
    Play flow = play(Transport::udp);
    flow.give(bytes);
    expect_refused(flow.context, DecodeError::bad_value, 0);
  }
  Play cut = play(Transport::udp);
  cut.give("aa410012003c");
  expect_refused(cut.context, DecodeError::truncated, 0);
}

TEST(Synchrophasor, VersionsThatNobodyPublishedAreRead) {
  for (const unsigned version : {0U, 3U, 15U, 0x81U}) {
    SCOPED_TRACE(version);
    const auto off = frame(4, 60, "0001", version);
    for (const Transport transport : {Transport::tcp, Transport::udp})
      expect_verdicts("synchrophasor", off, kOut, transport, Verdict::no, Verdict::yes);
    Play flow = play(Transport::udp);
    flow.give(off);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, {{"command", "Data off"}, {"ics.operation", "subscribe"}, {"ics.value", "stop"}});
  }
}

TEST(Synchrophasor, FramesAreFoundBehindNoiseAndGaps) {
  Play flow = play();
  flow.give("0102aa03aa41" + std::string{kGolden("data_on").hex});
  EXPECT_EQ(count(flow, "synchrophasor_cmd"), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
  flow.give("aa410012003c");
  flow.analyzer->gap(5, kOut, flow.context);
  flow.give(std::string{kGolden("data_off").hex});
  EXPECT_EQ(count(flow, "synchrophasor_cmd"), 2U);
  // Answers may have been lost, too.
  flow.give(kGolden("send_cfg2"));
  flow.analyzer->gap(5, kBack, flow.context);
  flow.give(kGolden("header")).end();
  EXPECT_EQ(count(flow, "synchrophasor_cmd"), 3U);
}

TEST(Synchrophasor, NothingWaitsLongForALyingLength) {
  Play flow = play();
  flow.give("00aa31ffff003c");  // noise, then what could be a large configuration
  EXPECT_EQ(flow.out.waiting(), 0U);
}

TEST(Synchrophasor, ALyingLengthHidesNoCommand) {
  for (const auto& [head, faults] : {std::pair{"aa11ffff003c", 0U}, {"00aa1107ff003c", 1U}}) {
    SCOPED_TRACE(head);
    Play flow = play();
    flow.give(head).give("0102");
    EXPECT_EQ(count(flow, "synchrophasor_cmd"), 0U);
    flow.give(kGolden("data_off"));
    EXPECT_EQ(count(flow, "synchrophasor_cmd"), 1U);
    EXPECT_EQ(flow.context.refused_total(), faults);
  }
}

TEST(Synchrophasor, GivesUpOnOtherProtocols) {
  Play flow = play();
  EXPECT_FALSE(flow.out.feed(std::vector<std::uint8_t>(66000, 0xFF)));
}

TEST(Synchrophasor, Probe) {
  for (const char* name : {"data_on", "header", "cfg2", "data_alone"})
    expect_verdicts("synchrophasor", from_hex(kGolden(name).hex), kOut, Transport::tcp, Verdict::yes, Verdict::yes);
  auto damaged = from_hex(kGolden("data_on").hex);
  damaged.back() ^= 1U;
  expect_verdicts("synchrophasor", damaged, kOut, Transport::tcp, Verdict::no, Verdict::no);
  // The beginning of one, and in mid-stream.
  expect_verdicts("synchrophasor", from_hex("aa310100"), kOut, Transport::tcp, Verdict::unsure, Verdict::yes);
  expect_verdicts("synchrophasor", from_hex("0102" + std::string{kGolden("data_on").hex}), kOut, Transport::tcp,
                  Verdict::no, Verdict::yes);
}

}  // namespace
}  // namespace nw::network
