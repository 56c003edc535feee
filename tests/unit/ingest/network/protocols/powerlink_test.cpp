#include "play.h"

namespace nw::network {
namespace {

using std::chrono::seconds;

constexpr Golden kGolden{"powerlink"};

struct Powerlink : Play {
  Powerlink() : Play{"powerlink", Transport::udp} {}
};

std::vector<std::uint8_t> poll_response(std::uint8_t state, std::uint8_t address = 3) {
  auto bytes = from_hex(kGolden("poll_response").hex);
  bytes[11] = address;
  bytes[17] = state;
  return bytes;
}

TEST(Powerlink, CyclesAreStreams) {
  Powerlink play;
  for (int i = 0; i < 10; ++i) {
    play.give(kGolden("start_of_cycle")).give(kGolden("poll_request"));
    play.give(kGolden("poll_response")).give(kGolden("start_of_asynchronous"));
  }
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 0,
         {{"orig_l2_addr", "02:00:00:00:00:01"},
          {"resp_l2_addr", "01:11:1e:00:00:01"},
          {"message_type", "SoC"},
          {"source_node", "240"},
          {"destination_node", "255"},
          {"stream_state", "begin"},
          {"frames", "1"},
          {"nmt_state", "-"},
          {"anomaly", "-"},
          {"ics.operation", "subscribe"},
          {"ics.target", "node/240"}});
  expect(play.context, 1, {{"message_type", "PReq"}, {"destination_node", "3"}});
  expect(play.context, 2,
         {{"message_type", "PRes"}, {"source_node", "3"}, {"nmt_state", "operational"}, {"ics.value", "operational"}});
  expect(play.context, 3, {{"message_type", "SoA"}, {"service", "status"}, {"service_target", "3"}});
  play.end();
  ASSERT_EQ(play.context.events.size(), 8U);
  expect(play.context, 6,
         {{"message_type", "PRes"}, {"stream_state", "end"}, {"frames", "10"}, {"ics.operation", "subscribe"}});
}

TEST(Powerlink, AStateChanges) {
  Powerlink play;
  for (const std::uint8_t state : std::initializer_list<std::uint8_t>{0x1d, 0x6d, 0xfd, 0xfd, 0x4d, 0x77})
    play.give(poll_response(state));
  const struct {
    const char *state, *operation;
  } want[] = {{"pre_operational_1", "subscribe"},
              {"ready_to_operate", "other"},
              {"operational", "start"},
              {"stopped", "stop"},
              {"unknown-119", "other"}};
  ASSERT_EQ(play.context.events.size(), std::size(want));
  for (std::size_t i = 0; i < std::size(want); ++i)
    expect(play.context, i, {{"nmt_state", want[i].state}, {"ics.operation", want[i].operation}});
}

TEST(Powerlink, ANodeWithTwoAddresses) {
  Powerlink play;
  play.give(poll_response(0xfd)).give(poll_response(0xfd, 9));
  EXPECT_EQ(play.get(0, "anomaly"), "-");
  EXPECT_EQ(play.get(1, "anomaly"), "other_source");
}

TEST(Powerlink, Silence) {
  Powerlink play;
  play.give(poll_response(0xfd));
  play.context.time += seconds{11};
  play.give(kGolden("start_of_cycle"));
  expect(play.context, 1,
         {{"message_type", "PRes"},
          {"stream_state", "end"},
          {"anomaly", "silent"},
          {"ts", "1700000000000000000"},
          {"ics.operation", "stop"}});
}

TEST(Powerlink, StreamsAreBounded) {
  Powerlink play;
  auto bytes = from_hex(kGolden("poll_response").hex);
  for (unsigned i = 0; i < 513; ++i) {
    bytes[10] = static_cast<std::uint8_t>(i >> 8U);
    bytes[16] = static_cast<std::uint8_t>(i);
    play.give(bytes);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.events.size(), 514U);
}

TEST(Powerlink, WhoANodeIs) {
  Powerlink play;
  play.give(kGolden("ident_response")).give(kGolden("ident_response")).give(kGolden("status_response"));
  expect(play.context, 0,
         {{"message_type", "ASnd"},
          {"service", "ident"},
          {"nmt_state", "pre_operational_1"},
          {"stream_state", "-"},
          {"ics.operation", "identify"},
          {"ics.target", "node/3"},
          {"ics.outcome", "-"}});
  expect(play.context, 1,
         {{"device", "2.0.2.3"},
          {"device_l2_addr", "02:00:00:00:00:03"},
          {"device_protocol", "powerlink"},
          {"device_unit", "3"},
          {"vendor", "0x0100006c"},
          {"order_number", "0x00001e37"},
          {"firmware", "0x00010002"},
          {"serial_number", "0x0000002a"},
          {"device_name", "EPL_3"}});
  expect(play.context, 3, {{"service", "status"}, {"nmt_state", "ready_to_operate"}, {"ics.operation", "diagnose"}});
  EXPECT_EQ(play.context.events.size(), 4U);
}

TEST(Powerlink, CommandsToTheNetwork) {
  const struct {
    std::uint8_t number;
    const char *name, *operation;
  } cases[] = {
      {0x21, "NMTStartNode", "start"},           {0x22, "NMTStopNode", "stop"},
      {0x23, "NMTEnterPreOperational2", "stop"}, {0x24, "NMTEnableReadyToOperate", "control"},
      {0x28, "NMTResetNode", "restart"},         {0x2b, "NMTSwReset", "restart"},
      {0x41, "NMTStartNodeEx", "start"},         {0x4b, "NMTSwResetEx", "restart"},
      {0x62, "NMTNetHostNameSet", "write"},      {0xb0, "NMTPublishTime", "time_set"},
      {0x96, "NMTPublishNodeStates", "other"},   {0x77, "unknown-119", "other"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    auto bytes = from_hex(kGolden("start_node").hex);
    bytes[18] = c.number;
    Powerlink play;
    play.give(bytes);
    expect(play.context, 0,
           {{"service", "nmt_command"},
            {"nmt_command", c.name},
            {"ics.operation", c.operation},
            {"ics.target", "node/3"}});
  }
  Powerlink play;
  play.give(kGolden("reset_request"));
  expect(play.context, 0,
         {{"service", "nmt_request"},
          {"service_target", "5"},
          {"ics.operation", "restart"},
          {"ics.target", "node/5"},
          {"ics.value", "NMTResetNode"}});
}

TEST(Powerlink, Parameters) {
  Powerlink play;
  play.give(kGolden("sdo_write")).give(kGolden("sdo_write_response"));
  play.give(kGolden("sdo_read")).give(kGolden("sdo_read_response"));
  expect(play.context, 0,
         {{"service", "sdo"},
          {"sdo_command", "WriteByIndex"},
          {"sdo_transaction", "7"},
          {"sdo_index", "0x1f51/1"},
          {"ics.operation", "write"},
          {"ics.target", "node/3/0x1f51/1"},
          {"ics.value", "0x01000000"},
          {"ics.outcome", "-"}});
  expect(play.context, 1,
         {{"ics.operation", "write"},
          {"ics.target", "node/3/0x1f51/1"},
          {"ics.value", "0x01000000"},
          {"ics.outcome", "ok"},
          {"rtt", "0.001000"}});
  expect(play.context, 2, {{"sdo_index", "0x1000/0"}, {"ics.operation", "read"}, {"ics.value", "-"}});
  expect(play.context, 3, {{"ics.target", "node/3/0x1000/0"}, {"ics.value", "0x91010701"}, {"ics.outcome", "ok"}});
  play.end();
  EXPECT_EQ(play.context.events.size(), 4U);
}

TEST(Powerlink, AParameterIsRefused) {
  Powerlink play;
  play.give(kGolden("sdo_write")).give(kGolden("sdo_write_refused"));
  expect(play.context, 1, {{"sdo_abort", "0x06020000"}, {"ics.outcome", "refused"}, {"ics.reason", "0x06020000"}});
}

TEST(Powerlink, NobodyAnswers) {
  Powerlink play;
  play.give(kGolden("sdo_write"));
  play.context.time += seconds{31};
  play.give(kGolden("sdo_read")).end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 1, {{"ts", "1700000000000000000"}, {"sdo_index", "0x1f51/1"}, {"ics.outcome", "no answer"}});
  expect(play.context, 3, {{"sdo_index", "0x1000/0"}, {"ics.outcome", "no answer"}});
}

TEST(Powerlink, RequestsAreBounded) {
  Powerlink play;
  auto bytes = from_hex(kGolden("sdo_read").hex);
  for (unsigned i = 0; i < 65; ++i) {
    bytes[23] = static_cast<std::uint8_t>(i);
    play.give(bytes);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
}

TEST(Powerlink, ASequenceWithoutCommand) {
  Powerlink play;
  play.give("020000000003 020000000001 88ab 06 03 f0 05 0101 0000");
  expect(play.context, 0, {{"service", "sdo"}, {"sdo_command", "-"}, {"ics.operation", "other"}});
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Powerlink, Refusals) {
  struct {
    const char *name, *hex;
    DecodeError why;
    std::size_t events;
  } const cases[] = {
      {"without its head", "01 ff", DecodeError::truncated, 0},
      {"another type", "02 ff f0 00", DecodeError::bad_value, 0},
      {"a response without state", "04 ff 03", DecodeError::truncated, 0},
      {"a cut SoA", "05 ff f0 fd 00 00", DecodeError::truncated, 0},
      {"an ASnd without service", "06 ff 03", DecodeError::truncated, 1},
      {"a cut identity", "06 ff 03 01 0000 1d 00 20", DecodeError::truncated, 1},
      {"an SDO that is too long", "06 03 f0 05 0202 0000 00 07 00 01 ff00 0000 511f 01 00", DecodeError::truncated, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Powerlink play;
    play.give(std::string{"020000000003 020000000001 88ab "} + c.hex);
    expect_refused(play.context, c.why, c.events);
  }
}

}  // namespace
}  // namespace nw::network
