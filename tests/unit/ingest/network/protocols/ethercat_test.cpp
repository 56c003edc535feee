#include "play.h"

namespace nw::network {
namespace {

using std::chrono::seconds;

constexpr Golden kGolden{"ethercat"};

struct Ethercat : Play {
  Ethercat() : Play{"ethercat", Transport::udp} {}
};

TEST(Ethercat, Cycles) {
  Ethercat play;
  for (int i = 0; i < 5; ++i) play.give(kGolden("cycle")).give(kGolden("cycle_returned"));
  ASSERT_EQ(play.context.events.size(), 2U);
  expect(play.context, 0,
         {{"orig_l2_addr", "00:01:02:03:04:01"},
          {"command", "LRW"},
          {"logical_address", "0x00010000"},
          {"slave_address", "-"},
          {"memory_offset", "-"},
          {"stream_state", "begin"},
          {"datagrams", "1"},
          {"returned", "-"},
          {"ics.operation", "subscribe"},
          {"ics.target", "logical/0x00010000"},
          {"ics.outcome", "-"}});
  expect(play.context, 1,
         {{"command", "BRD"},
          {"slave_address", "0"},
          {"memory_offset", "0x0130"},
          {"ics.operation", "read"},
          {"ics.target", "all/0x0130"}});
  play.end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 2, {{"command", "LRW"}, {"stream_state", "end"}, {"datagrams", "10"}});
}

TEST(Ethercat, ACommandEndsAfterTenSeconds) {
  Ethercat play;
  play.give(kGolden("cycle"));
  play.context.time += seconds{11};
  play.give(kGolden("operational"));
  expect(play.context, 2, {{"stream_state", "end"}, {"ts", "1700000000000000000"}});
}

TEST(Ethercat, States) {
  Ethercat play;
  auto sent = from_hex(kGolden("nobody_took_it").hex);
  sent[6] = 0;
  play.give(kGolden("operational")).give(kGolden("operational_returned")).give(sent).give(kGolden("nobody_took_it"));
  expect(play.context, 0,
         {{"command", "FPWR"},
          {"slave_address", "1001"},
          {"memory_offset", "0x0120"},
          {"returned", "false"},
          {"working_counter", "0"},
          {"datagram_index", "3"},
          {"data_length", "2"},
          {"al_state", "operational"},
          {"stream_state", "-"},
          {"ics.operation", "start"},
          {"ics.target", "slave/1001/0x0120"},
          {"ics.value", "operational"},
          {"ics.outcome", "-"}});
  expect(play.context, 1, {{"returned", "true"}, {"working_counter", "1"}, {"ics.outcome", "ok"}});
  expect(play.context, 3,
         {{"al_state", "init"},
          {"ics.operation", "control"},
          {"ics.outcome", "refused"},
          {"ics.reason", "no slave took it"}});
}

TEST(Ethercat, AMastersAddressMayHaveTheFirstSlavesBit) {
  Ethercat play;
  play.give(kGolden("nobody_took_it")).give(kGolden("operational_returned"));
  expect(play.context, 0, {{"returned", "false"}, {"ics.outcome", "-"}});
  expect(play.context, 1, {{"returned", "true"}, {"ics.outcome", "ok"}});
}

TEST(Ethercat, WritesThatWentOutAreBounded) {
  Ethercat play;
  auto bytes = from_hex(kGolden("operational").hex);
  const auto give = [&](std::uint8_t address, std::uint8_t index) {
    bytes[6] = address;
    bytes[17] = index;
    play.give(bytes);
  };
  for (unsigned i = 0; i < 65; ++i) give(0, static_cast<std::uint8_t>(i));
  give(2, 0);
  give(2, 1);
  EXPECT_EQ(play.get(65, "returned"), "false");
  EXPECT_EQ(play.get(66, "returned"), "true");
}

TEST(Ethercat, WritesToEepromAndMailbox) {
  Ethercat play;
  play.give(kGolden("eeprom")).give(kGolden("sdo_download")).give(kGolden("sdo_upload")).give(kGolden("firmware"));
  expect(play.context, 0,
         {{"memory_offset", "0x0502"},
          {"mailbox_type", "-"},
          {"ics.operation", "program"},
          {"ics.target", "slave/1001/0x0502"}});
  expect(play.context, 1,
         {{"mailbox_type", "CoE"},
          {"sdo_index", "0x1c12/0"},
          {"ics.operation", "write"},
          {"ics.target", "slave/1001/0x1000/0x1c12/0"},
          {"ics.value", "0x01"}});
  expect(play.context, 2, {{"mailbox_type", "CoE"}, {"sdo_index", "0x1018/4"}, {"ics.operation", "read"}});
  expect(play.context, 3, {{"mailbox_type", "FoE"}, {"sdo_index", "-"}, {"ics.operation", "file"}});
}

TEST(Ethercat, RegistersThatChangeWhatASlaveDoes) {
  const struct {
    const char *name, *address, *data, *operation, *value;
  } cases[] = {
      {"a state behind what comes before it", "1e01", "0000 0800", "start", "operational"},
      {"a state's second octet", "2101", "00", "control", "-"},
      {"an EEPROM from before it", "ff04", "00 01", "program", "-"},
      {"a reset", "4000", "52", "restart", "-"},
      {"ports", "0101", "00", "control", "-"},
      {"a watchdog", "2004", "0000", "write", "-"},
      {"an FMMU", "0006", "00000001 0200", "write", "-"},
      {"a SyncManager and what is before", "fe07", "0000 0010", "write", "-"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto data = from_hex(c.data);
    auto bytes = from_hex("ffffffffffff 000102030401 88a4 0010 05 00 e903");
    const auto append = [&](const std::vector<std::uint8_t>& more) {
      bytes.insert(bytes.end(), more.begin(), more.end());
    };
    bytes[14] = static_cast<std::uint8_t>(12 + data.size());
    append(from_hex(c.address));
    append({static_cast<std::uint8_t>(data.size()), 0, 0, 0});
    append(data);
    append({0, 0});
    Ethercat play;
    play.give(bytes).give(bytes);
    ASSERT_EQ(play.context.events.size(), 2U);
    expect(play.context, 1, {{"stream_state", "-"}, {"ics.operation", c.operation}, {"ics.value", c.value}});
  }
}

TEST(Ethercat, StreamsAreBounded) {
  Ethercat play;
  auto bytes = from_hex("ffffffffffff 000102030401 88a4 0e10 04 00 0000 3001 0200 0000 0000 0000");
  for (unsigned i = 0; i < 513; ++i) {
    bytes[18] = static_cast<std::uint8_t>(i);
    bytes[19] = static_cast<std::uint8_t>(i >> 8U);
    play.give(bytes);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.events.size(), 514U);
}

TEST(Ethercat, WhatADownloadWrites) {
  const struct {
    const char *name, *command, *value;
  } cases[] = {
      {"four octets", "23", "0x01020304"},
      {"two octets", "2b", "0x0102"},
      {"expedited without a size", "22", "0x01020304"},
      {"more than four", "21", "0x0506"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Ethercat play;
    play.give(std::string{"ffffffffffff 000102030401 88a4 1e10 05 05 e903 0010 1200 0000 0c00 0000 00 13 0020 "} +
              c.command + " 121c 00 01020304 0506 0000");
    expect(play.context, 0, {{"ics.operation", "write"}, {"ics.value", c.value}});
  }
}

TEST(Ethercat, AMakersOwnMailbox) {
  Ethercat play;
  play.give("ffffffffffff 000102030401 88a4 1610 05 05 e903 0010 0a00 0000 0400 0000 00 1f 00000000 0000");
  expect(play.context, 0, {{"mailbox_type", "VoE"}, {"stream_state", "-"}, {"ics.operation", "other"}});
}

TEST(Ethercat, DatagramsOfAFrameAreBounded) {
  auto bytes = from_hex("ffffffffffff 000102030401 88a4 0817");
  for (int i = 0; i < 150; ++i) {
    const auto one = from_hex("07 00 0000 3001 0080 0000 0000");
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  Ethercat play;
  play.give(bytes).end();
  EXPECT_EQ(play.get(1, "datagrams"), "128");
}

TEST(Ethercat, SlavesGoByTheDatagramsOwnLengths) {
  for (const std::uint8_t length : std::initializer_list<std::uint8_t>{0x00, 0x0d, 0x1e}) {
    auto bytes = from_hex(kGolden("operational").hex);
    bytes[14] = length;
    bytes.resize(60);
    Ethercat play;
    play.give(bytes);
    expect(play.context, 0, {{"al_state", "operational"}, {"ics.operation", "start"}});
    expect_refused(play.context, DecodeError::bad_value, 1);
  }
}

TEST(Ethercat, ACommandThatNobodyKnowsHidesNothing) {
  Ethercat play;
  play.give(
      "ffffffffffff 000102030401 88a4 1a10 0f 00 0000 0000 0080 0000 0000"
      " 05 03 e903 2001 0200 0000 0800 0000");
  expect(play.context, 0, {{"al_state", "operational"}, {"ics.target", "slave/1001/0x0120"}});
  expect_refused(play.context, DecodeError::bad_value, 1);
}

TEST(Ethercat, OtherKindsOfFramesAreNotRead) {
  Ethercat play;
  play.give("ffffffffffff 000102030401 88a4 0440 00000000");
  EXPECT_TRUE(play.context.events.empty());
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Ethercat, Refusals) {
  struct {
    const char *name, *hex;
    DecodeError why;
    std::size_t events;
  } const cases[] = {
      {"without its head", "0e", DecodeError::truncated, 0},
      {"cut", "0e10 07 00 0000 3001", DecodeError::truncated, 0},
      {"a datagram that is too long", "0e10 07 00 0000 3001 0900 0000 0000 0000", DecodeError::bad_value, 0},
      {"another command", "0e10 4f 00 0000 3001 0200 0000 0000 0000", DecodeError::bad_value, 0},
      {"one more that is not there", "0e10 07 00 0000 3001 0280 0000 0000 0000", DecodeError::bad_value, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Ethercat play;
    play.give(std::string{"ffffffffffff 000102030401 88a4 "} + c.hex);
    expect_refused(play.context, c.why, c.events);
  }
}

}  // namespace
}  // namespace nw::network
