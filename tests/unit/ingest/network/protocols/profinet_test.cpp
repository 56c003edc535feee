#include <algorithm>

#include "play.h"

namespace nw::network {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Golden kGolden{"profinet"};

struct Profinet : Play {
  Profinet() : Play{"profinet", Transport::udp} {}
};

// Of one kind, in order, with ' ' between.
std::string all(const FakeContext& context, std::string_view path, const std::string& field) {
  std::string out;
  for (std::size_t i = 0; i < context.events.size(); ++i)
    if (context.paths[i] == path) out += (out.empty() ? "" : " ") + context.get(i, field);
  return out;
}

TEST(ProfinetDcp, Identify) {
  Profinet play;
  play.give(kGolden("identify_all")).give(kGolden("identify_name")).give(kGolden("identify_response"));
  expect(play.context, 0,
         {{"orig_l2_addr", "02:00:00:00:00:01"},
          {"resp_l2_addr", "01:0e:cf:00:00:00"},
          {"frame_id", "65278"},
          {"service", "identify"},
          {"service_type", "request"},
          {"xid", "16777217"},
          {"response_delay", "1"},
          {"blocks", "all"},
          {"station_name", "-"},
          {"ics.operation", "identify"},
          {"ics.target", "all/all"},
          {"ics.value", "-"},
          {"ics.outcome", "-"}});
  expect(play.context, 1,
         {{"station_name", "plc1"}, {"ics.target", "all/device/name_of_station"}, {"ics.value", "plc1"}});
  expect(play.context, 2,
         {{"service_type", "response"},
          {"response_delay", "-"},
          {"blocks", "device/type_of_station,device/name_of_station,device/device_id,device/role,ip/parameter"},
          {"station_name", "plc1"},
          {"station_type", "S7-13"},
          {"vendor_id", "42"},
          {"device_id", "269"},
          {"device_role", "io_controller"},
          {"ip", "192.0.2.10"},
          {"netmask", "255.255.255.0"},
          {"gateway", "192.0.2.1"},
          {"permanent", "-"},
          {"errors", "-"},
          {"rtt", "-"},
          {"ics.value", "S7-13,plc1,0x002a/0x010d,io_controller,192.0.2.10/255.255.255.0/192.0.2.1"},
          {"ics.outcome", "ok"}});
  expect(play.context, 3,
         {{"device", "192.0.2.10"},
          {"device_l2_addr", "02:00:00:00:00:02"},
          {"device_protocol", "profinet"},
          {"device_name", "plc1"},
          {"product", "S7-13"},
          {"vendor", "Siemens AG"},
          {"device_description", "io_controller device 0x010d"}});
  play.give(kGolden("identify_response")).end();
  EXPECT_EQ(play.context.events.size(), 5U);  // the device was told; an identify waits for nobody
}

TEST(ProfinetDcp, Set) {
  Profinet play;
  play.give(kGolden("set_ip")).give(kGolden("set_ip_response"));
  expect(play.context, 0,
         {{"frame_id", "65277"},
          {"service", "set"},
          {"permanent", "true"},
          {"ip", "192.0.2.11"},
          {"ics.operation", "write"},
          {"ics.target", "02:00:00:00:00:02/ip/parameter"},
          {"ics.value", "192.0.2.11/255.255.255.0/192.0.2.1"}});
  expect(play.context, 1,
         {{"blocks", "control/response"},
          {"ics.operation", "write"},
          {"ics.target", "02:00:00:00:00:02/ip/parameter"},
          {"ics.value", "192.0.2.11/255.255.255.0/192.0.2.1"},
          {"ics.outcome", "ok"},
          {"rtt", "0.001000"}});
  play.end();
  EXPECT_EQ(play.context.events.size(), 2U);
}

TEST(ProfinetDcp, WhatIsSet) {
  Profinet play;
  play.give(kGolden("set_name")).give(kGolden("reset_to_factory")).give(kGolden("signal"));
  expect(play.context, 0,
         {{"permanent", "false"},
          {"station_name", "plc2"},
          {"ics.operation", "write"},
          {"ics.target", "02:00:00:00:00:02/device/name_of_station,control/end_transaction"},
          {"ics.value", "plc2"}});
  expect(play.context, 1,
         {{"permanent", "-"},
          {"ics.operation", "restart"},
          {"ics.target", "02:00:00:00:00:02/control/reset_to_factory"},
          {"ics.value", "0x0004"}});
  expect(play.context, 2,
         {{"ics.operation", "control"}, {"ics.target", "02:00:00:00:00:02/control/signal"}, {"ics.value", "0x0100"}});
}

TEST(ProfinetDcp, WhatIsSetAtOnce) {
  const struct {
    const char *name, *blocks, *operation;
  } cases[] = {
      {"a signal, then a name", "0012 0503 0004 0000 0100 0202 0006 0000 'plc2'", "write"},
      {"a name, then a signal", "0012 0202 0006 0000 'plc2' 0503 0004 0000 0100", "write"},
      {"a transaction around a signal", "0014 0501 0002 0000 0503 0004 0000 0100 0502 0002 0000", "control"},
      {"a reset among others", "0018 0202 0006 0000 'plc2' 0506 0002 0004 0503 0004 0000 0100", "restart"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Profinet play;
    play.give(std::string{"020000000002 020000000001 8892 fefd 04 00 01000005 0000 "} + c.blocks);
    expect(play.context, 0, {{"ics.operation", c.operation}});
  }
}

TEST(ProfinetDcp, ServersOfNamesAreTold) {
  Profinet play;
  play.give(
      "020000000002 020000000001 8892 fefd 04 00 01000005 0000 0022"
      " 0103 001e 0001 c000020a ffffff00 c0000201 c6336401 00000000 00000000 00000000");
  expect(play.context, 0, {{"ics.value", "192.0.2.10/255.255.255.0/192.0.2.1/198.51.100.1/0.0.0.0/0.0.0.0/0.0.0.0"}});
}

TEST(ProfinetDcp, ASetIsRefused) {
  Profinet play;
  play.give(kGolden("set_ip")).give(kGolden("set_ip_refused"));
  expect(play.context, 1,
         {{"errors", "ip/parameter: in operation, set not possible"},
          {"ics.outcome", "refused"},
          {"ics.reason", "ip/parameter: in operation, set not possible"}});
}

TEST(ProfinetDcp, ARequestThatIsNotSupported) {
  auto bytes = from_hex(kGolden("set_ip_response").hex);
  bytes[17] = 5;
  Profinet play;
  play.give(kGolden("set_ip")).give(bytes);
  expect(play.context, 1,
         {{"service_type", "not_supported"}, {"ics.outcome", "refused"}, {"ics.reason", "service not supported"}});
}

TEST(ProfinetDcp, Get) {
  Profinet play;
  play.give(kGolden("get")).give(kGolden("get_response"));
  expect(play.context, 0,
         {{"blocks", "device/name_of_station,ip/parameter"},
          {"ics.operation", "read"},
          {"ics.target", "02:00:00:00:00:02/device/name_of_station,ip/parameter"},
          {"ics.value", "-"}});
  expect(play.context, 1,
         {{"ics.operation", "read"},
          {"ics.target", "02:00:00:00:00:02/device/name_of_station,ip/parameter"},
          {"ics.value", "plc1,192.0.2.10/255.255.255.0/192.0.2.1"},
          {"ics.outcome", "ok"},
          {"rtt", "0.001000"}});
}

TEST(ProfinetDcp, AResponseAlone) {
  Profinet play;
  play.give(kGolden("get_response"));
  expect(
      play.context, 0,
      {{"ics.target", "02:00:00:00:00:02/device/name_of_station,ip/parameter"}, {"ics.outcome", "ok"}, {"rtt", "-"}});
}

TEST(ProfinetDcp, Hello) {
  Profinet play;
  play.give(kGolden("hello"));
  expect(play.context, 0,
         {{"frame_id", "65276"},
          {"service", "hello"},
          {"blocks", "device/name_of_station,initiative/1"},
          {"ics.operation", "identify"},
          {"ics.target", "02:00:00:00:00:02/device/name_of_station,initiative/1"}});
  expect(play.context, 1, {{"device", "-"}, {"device_name", "plc1"}});
}

TEST(ProfinetDcp, OnlyItsStationsAnswer) {
  auto from_another = from_hex(kGolden("set_ip_response").hex);
  from_another[11] = 9;
  auto another_number = from_hex(kGolden("set_ip_response").hex);
  another_number[21] = 9;
  Profinet play;
  play.give(kGolden("set_ip")).give(from_another).give(another_number);
  for (const std::size_t i : {1U, 2U}) expect(play.context, i, {{"rtt", "-"}, {"ics.value", "-"}});
}

TEST(ProfinetDcp, NobodyAnswers) {
  Profinet play;
  play.give(kGolden("set_ip"));
  play.context.time += seconds{31};
  play.give(kGolden("get"));
  play.end();
  ASSERT_EQ(play.context.events.size(), 4U);
  expect(play.context, 1,
         {{"ts", "1700000000000000000"},
          {"orig_l2_addr", "02:00:00:00:00:01"},
          {"frame_id", "65277"},
          {"service", "set"},
          {"service_type", "request"},
          {"xid", "16777219"},
          {"ics.operation", "write"},
          {"ics.value", "192.0.2.11/255.255.255.0/192.0.2.1"},
          {"ics.outcome", "no answer"}});
  expect(play.context, 3, {{"service", "get"}, {"ics.outcome", "no answer"}});
}

TEST(ProfinetDcp, RequestsAreBounded) {
  Profinet play;
  auto bytes = from_hex(kGolden("set_ip").hex);
  for (unsigned i = 0; i < 65; ++i) {
    bytes[21] = static_cast<std::uint8_t>(i);
    play.give(bytes);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.events.size(), 66U);
}

TEST(ProfinetDcp, BlocksAreBounded) {
  auto bytes = from_hex("020000000002 020000000001 8892 fefd 03 00 00000001 0000 0090");
  for (int i = 0; i < 72; ++i) bytes.insert(bytes.end(), {2, 2});
  Profinet play;
  play.give(bytes);
  const std::string blocks = play.get(0, "blocks");
  EXPECT_EQ(std::ranges::count(blocks, ','), 63);
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(ProfinetDcp, NamesOfBlocks) {
  Profinet play;
  play.give(
      "020000000002 020000000001 8892 fefd 03 00 00000001 0000 0010"
      " 0101 0103 02ff 033d 0505 0600 80 01 ffff");
  expect(play.context, 0,
         {{"blocks", "ip/mac_address,ip/full_suite,device/255,dhcp/61,control/factory_reset,initiative/0,128/1,all"}});
}

TEST(ProfinetDcp, Refusals) {
  const auto whole = from_hex(kGolden("identify_response").hex);
  struct {
    const char* name;
    std::size_t at, size;
    std::uint8_t value;
    DecodeError why;
    std::size_t events;
  } const cases[] = {
      {"without a frame id", 0, 15, 2, DecodeError::truncated, 0},
      {"without its head", 0, 20, 2, DecodeError::truncated, 1},
      {"cut", 0, 50, 2, DecodeError::truncated, 1},
      {"another service", 16, whole.size(), 9, DecodeError::bad_value, 0},
      {"a block that is too long", 29, whole.size(), 0x70, DecodeError::bad_value, 1},
      {"a length that cuts a block", 25, whole.size(), 10, DecodeError::bad_value, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    auto bytes = whole;
    bytes[c.at] = c.value;
    bytes.resize(c.size);
    Profinet play;
    play.give(bytes);
    EXPECT_EQ(play.context.refused_count(c.why), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
    EXPECT_EQ(play.context.events.empty(), c.events == 0);
  }
}

std::vector<std::uint8_t> cyclic(std::uint8_t status, std::uint8_t source = 2, std::uint8_t id = 2) {
  auto bytes = from_hex(kGolden("cyclic").hex);
  bytes[11] = source;
  bytes[15] = id;
  bytes[bytes.size() - 2] = status;
  return bytes;
}

TEST(ProfinetRt, AStream) {
  Profinet play;
  for (int i = 0; i < 10; ++i) play.give(cyclic(0x35));
  play.give(cyclic(0x25)).give(cyclic(0x25)).give(cyclic(0x35)).give(cyclic(0x31)).end();
  expect(play.context, 0,
         {{"orig_l2_addr", "02:00:00:00:00:02"},
          {"frame_id", "32770"},
          {"rt_class", "rt_class_2"},
          {"stream_state", "begin"},
          {"provider_run", "true"},
          {"data_valid", "true"},
          {"station_ok", "true"},
          {"primary", "true"},
          {"frames", "1"},
          {"anomaly", "-"},
          {"ics.operation", "subscribe"},
          {"ics.target", "02:00:00:00:00:02/rt/32770"}});
  expect(play.context, 1,
         {{"stream_state", "change"}, {"provider_run", "false"}, {"frames", "11"}, {"ics.operation", "stop"}});
  expect(play.context, 2, {{"stream_state", "change"}, {"provider_run", "true"}, {"ics.operation", "start"}});
  expect(play.context, 3, {{"stream_state", "change"}, {"data_valid", "false"}, {"ics.operation", "subscribe"}});
  expect(play.context, 4,
         {{"stream_state", "end"}, {"frames", "14"}, {"anomaly", "-"}, {"ics.operation", "subscribe"}});
  EXPECT_EQ(play.context.events.size(), 5U);
}

TEST(ProfinetRt, AnotherSourceAndSilence) {
  Profinet play;
  play.give(cyclic(0x35)).give(cyclic(0x35, 9)).give(cyclic(0x35, 9, 3));
  EXPECT_EQ(all(play.context, "profinet_rt", "anomaly"), "- other_source -");
  play.context.time += seconds{6};
  play.give(kGolden("identify_all"));
  EXPECT_EQ(all(play.context, "profinet_rt", "stream_state"), "begin begin begin end end end");
  EXPECT_EQ(all(play.context, "profinet_rt", "ics.operation"), "subscribe subscribe subscribe stop stop stop");
}

TEST(ProfinetRt, Classes) {
  Profinet play;
  for (const char* id : {"0080", "0100", "8000", "c001", "fbff", "fe02", "ff40", "ff83", "ff8f"})
    play.give(std::string{"020000000001 020000000002 8892 "} + id + " 00000000");
  EXPECT_EQ(all(play.context, "profinet_rt", "rt_class"),
            "sync rt_class_3 rt_class_2 rt_class_1 rt_class_1 other sync fragment");
  EXPECT_EQ(play.get(0, "provider_run"), "-");
}

TEST(ProfinetRt, ShortOnesAreRefused) {
  Profinet play;
  play.give("020000000001 020000000002 8892 8000 000000");
  expect_refused(play.context, DecodeError::truncated, 0);
}

TEST(ProfinetAlarm, Kinds) {
  Profinet play;
  for (const char* name : {"alarm", "alarm_acknowledged", "alarm_transport_ack", "alarm_error"})
    play.give(kGolden(name));
  expect(play.context, 0,
         {{"frame_id", "64513"},
          {"priority", "high"},
          {"pdu_type", "data"},
          {"source_endpoint", "2"},
          {"destination_endpoint", "1"},
          {"send_sequence", "65534"},
          {"ack_sequence", "65535"},
          {"alarm_type", "diagnosis"},
          {"api", "0"},
          {"slot", "2"},
          {"subslot", "1"},
          {"module_ident", "16"},
          {"submodule_ident", "17"},
          {"status", "-"},
          {"ics.operation", "diagnose"},
          {"ics.target", "02:00:00:00:00:02/slot/2/1"},
          {"ics.outcome", "-"}});
  expect(play.context, 1,
         {{"alarm_type", "diagnosis"},
          {"status", "0x00000000"},
          {"module_ident", "-"},
          {"ics.target", "02:00:00:00:00:02/slot/2/1"},
          {"ics.outcome", "ok"}});
  expect(play.context, 2,
         {{"priority", "low"},
          {"pdu_type", "ack"},
          {"alarm_type", "-"},
          {"ics.operation", "other"},
          {"ics.outcome", "-"}});
  expect(play.context, 3,
         {{"pdu_type", "error"},
          {"status", "0xcf81fd05"},
          {"ics.target", "02:00:00:00:00:02"},
          {"ics.outcome", "refused"}});
}

TEST(ProfinetAlarm, Types) {
  auto bytes = from_hex(kGolden("alarm").hex);
  const struct {
    std::uint8_t type;
    const char* name;
  } cases[] = {{0x04, "plug"},
               {0x14, "mrpd_problem"},
               {0x17, "unknown-23"},
               {0x1e, "upload_and_retrieval"},
               {0x1f, "pull_module"}};
  for (const auto& c : cases) {
    bytes[35] = c.type;
    Profinet play;
    play.give(bytes);
    EXPECT_EQ(play.get(0, "alarm_type"), c.name);
  }
}

TEST(ProfinetAlarm, Refusals) {
  const auto whole = from_hex(kGolden("alarm").hex);
  struct {
    const char* name;
    std::size_t at, size;
    std::uint8_t value;
    DecodeError why;
    std::size_t events;
  } const cases[] = {
      {"without its head", 0, 26, 2, DecodeError::truncated, 0},
      {"cut", 0, 40, 2, DecodeError::truncated, 1},
      {"another type", 20, whole.size(), 0x1f, DecodeError::bad_value, 1},
      {"a short alarm", 27, whole.size(), 10, DecodeError::bad_value, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    auto bytes = whole;
    bytes[c.at] = c.value;
    bytes.resize(c.size);
    Profinet play;
    play.give(bytes);
    expect_refused(play.context, c.why, c.events);
  }
}

}  // namespace
}  // namespace nw::network
