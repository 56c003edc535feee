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
  play.give(kGolden("operational")).give(kGolden("operational_returned")).give(kGolden("nobody_took_it"));
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
  expect(play.context, 2,
         {{"al_state", "init"},
          {"ics.operation", "control"},
          {"ics.outcome", "refused"},
          {"ics.reason", "no slave took it"}});
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
          {"ics.target", "slave/1001/0x1000/0x1c12/0"}});
  expect(play.context, 2, {{"mailbox_type", "CoE"}, {"sdo_index", "0x1018/4"}, {"ics.operation", "read"}});
  expect(play.context, 3, {{"mailbox_type", "FoE"}, {"sdo_index", "-"}, {"ics.operation", "file"}});
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
