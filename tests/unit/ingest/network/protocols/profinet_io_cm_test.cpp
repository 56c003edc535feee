#include "profinet_io_cm_play.h"

namespace nw::network {
namespace {

using namespace io_cm_play;

TEST(ProfinetIoCm, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"io_connect",
       {{"is_orig", "true"},
        {"rpc_version", "4"},
        {"packet_type", "Request"},
        {"reserved_for_impl_1", "false"},
        {"last_fragment", "false"},
        {"fragment", "false"},
        {"no_fragment_requested", "false"},
        {"maybe", "false"},
        {"idempotent", "true"},
        {"broadcast", "false"},
        {"reserved_for_impl_2", "false"},
        {"cancel_was_pending_at_call_end", "false"},
        {"integer_encoding", "Big Endian"},
        {"character_encoding", "ASCII"},
        {"floating_point_encoding", "IEEE"},
        {"serial_high", "0"},
        {"object_uuid", "dea00000-6c97-11d1-8271-000100070123"},
        {"interface_uuid", "dea00001-6c97-11d1-8271-00a02442df7d"},
        {"activity_uuid", "01020304-0506-0708-090a-0b0c0d0e0f10"},
        {"server_boot_time", "0"},
        {"interface_vers_major", "0"},
        {"interface_vers_minor", "1"},
        {"sequence_num", "0"},
        {"operation_num", "Connect"},
        {"interface_hint", "65535"},
        {"activity_hint", "65535"},
        {"len_of_body", "311"},
        {"fragment_num", "0"},
        {"auth_protocol", "0"},
        {"serial_low", "0"},
        {"blocks", "ARBlockReq,IOCRBlockReq,IOCRBlockReq,ExpectedSubmoduleBlockReq,AlarmCRBlockReq"},
        {"ar_uuid", "a1a2a3a4-b1b2-c1c2-d1d2-e1e2e3e4e5e6"},
        {"ar_type", "IOCARSingle"},
        {"initiator_station_name", "plc-1"},
        {"responder_station_name", "-"},
        {"submodules", "0/0/1 0x00000001/0x00000001,0/1/1 0xffff8140/0xffff8140"},
        {"differences", "-"},
        {"iocr_types", "input,output"},
        {"frame_ids", "32769,65535"},
        {"data_lengths", "40,40"},
        {"cycles", "0.008000,0.008000"},
        {"alarm_endpoint", "1"},
        {"index", "-"},
        {"status", "-"},
        {"rtt", "-"},
        {"ics.operation", "subscribe"},
        {"ics.target", "0/0/1,0/1/1"},
        {"ics.value", "-"},
        {"ics.outcome", "-"}}},
      {"io_connect_response",
       {{"is_orig", "false"},
        {"packet_type", "Response"},
        {"last_fragment", "true"},
        {"no_fragment_requested", "true"},
        {"idempotent", "false"},
        {"integer_encoding", "Little Endian"},
        {"object_uuid", "dea00000-6c97-11d1-8271-000100070123"},
        {"interface_uuid", "dea00001-6c97-11d1-8271-00a02442df7d"},
        {"activity_uuid", "01020304-0506-0708-090a-0b0c0d0e0f10"},
        {"server_boot_time", "2"},
        {"interface_vers_minor", "1"},
        {"operation_num", "Connect"},
        {"len_of_body", "110"},
        {"blocks", "ARBlockRes,IOCRBlockRes,IOCRBlockRes,AlarmCRBlockRes,ARServerBlock"},
        {"ar_type", "IOCARSingle"},
        {"responder_station_name", "valve-7"},
        {"iocr_types", "input,output"},
        {"frame_ids", "32769,49153"},
        {"data_lengths", "-"},
        {"cycles", "-"},
        {"alarm_endpoint", "2"},
        {"status", "0"},
        {"ics.operation", "subscribe"},
        {"ics.target", "ar/a1a2a3a4-b1b2-c1c2-d1d2-e1e2e3e4e5e6"},
        {"ics.outcome", "ok"},
        {"ics.reason", "-"}}},
      {"io_write_several",
       {{"operation_num", "Write"},
        {"blocks", "IODWriteReqHeader,IODWriteReqHeader,IODWriteReqHeader"},
        {"api", "0"},
        {"slot", "0"},
        {"subslot", "0"},
        {"index", "57408"},
        {"index_name", "MultipleWrite"},
        {"record_length", "138"},
        {"ics.operation", "write"},
        {"ics.target", "0/0/1/0x0001,0/1/1/0x01f4"},
        {"ics.value", "0102030405,0a0b"}}},
      {"io_write_several_response",
       {{"status", "3749752832"},
        {"index", "57408"},
        {"ics.operation", "write"},
        {"ics.target", "0/0/1/0x0001,0/1/1/0x01f4"},
        {"ics.value", "-"},
        {"ics.outcome", "refused"},
        {"ics.reason", "IODWriteRes: invalid index"}}},
      {"io_write",
       {{"slot", "1"},
        {"subslot", "1"},
        {"index", "256"},
        {"index_name", "-"},
        {"record_length", "3"},
        {"ics.operation", "write"},
        {"ics.target", "0/1/1/0x0100"},
        {"ics.value", "112233"}}},
      {"io_parameters_end",
       {{"operation_num", "Control"},
        {"blocks", "IODControlReq PrmEnd"},
        {"control_command", "PrmEnd"},
        {"ics.operation", "other"},
        {"ics.target", "ar/a1a2a3a4-b1b2-c1c2-d1d2-e1e2e3e4e5e6"},
        {"ics.value", "PrmEnd"}}},
      {"io_parameters_end_response",
       {{"blocks", "IODControlRes PrmEnd"},
        {"control_command", "Done"},
        {"ics.operation", "other"},
        {"ics.value", "Done"},
        {"ics.outcome", "ok"}}},
      {"io_application_ready",
       {{"is_orig", "false"},
        {"packet_type", "Request"},
        {"interface_uuid", "dea00002-6c97-11d1-8271-00a02442df7d"},
        {"blocks", "IOXControlReq ApplicationReady,ModuleDiffBlock"},
        {"differences", "0/0/2 no submodule,0/1/1 fault,0/2 no module"},
        {"control_command", "ApplicationReady"},
        {"ics.operation", "other"}}},
      {"io_read_identity",
       {{"operation_num", "Read"},
        {"blocks", "IODReadReqHeader"},
        {"subslot", "1"},
        {"index", "45040"},
        {"index_name", "I&M0"},
        {"record_length", "4096"},
        {"ics.operation", "identify"},
        {"ics.target", "0/0/1/0xaff0"},
        {"ics.value", "-"}}},
      {"io_read_identity_response",
       {{"blocks", "IODReadResHeader"},
        {"record_length", "60"},
        {"ics.operation", "identify"},
        {"ics.target", "0/0/1/0xaff0"},
        {"ics.outcome", "ok"}}},
      {"io_read_implicit",
       {{"operation_num", "Read Implicit"},
        {"ar_uuid", "00000000-0000-0000-0000-000000000000"},
        {"subslot", "32768"},
        {"index_name", "diagnosis and maintenance of a device"},
        {"ics.operation", "diagnose"},
        {"ics.target", "0/0/32768/0xf80c"}}},
      {"io_read_refused",
       {{"operation_num", "Read Implicit"},
        {"blocks", "-"},
        {"status", "3732975616"},
        {"ics.operation", "read"},
        {"ics.target", "-"},
        {"ics.outcome", "refused"},
        {"ics.reason", "IODReadRes: invalid index"}}},
      {"io_connect_refused",
       {{"status", "3682664708"}, {"ics.outcome", "refused"}, {"ics.reason", "IODConnectRes: faulty ARBlockReq 4"}}},
      {"io_release",
       {{"operation_num", "Release"},
        {"blocks", "IODReleaseReq"},
        {"control_command", "Release"},
        {"ics.operation", "subscribe"},
        {"ics.value", "Release"}}},
      {"io_release_response", {{"control_command", "Done"}, {"ics.operation", "subscribe"}, {"ics.outcome", "ok"}}},
      {"io_fault",
       {{"packet_type", "Fault"},
        {"operation_num", "Write"},
        {"status", "469827587"},
        {"ics.operation", "write"},
        {"ics.outcome", "refused"},
        {"ics.reason", "unknown interface"}}},
      {"io_reject",
       {{"packet_type", "Reject"}, {"status", "469830332"}, {"ics.outcome", "refused"}, {"ics.reason", "0x1c010abc"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Io play;
    play.frame(c.name);
    EXPECT_EQ(play.context.refused_total(), 0U);
    ASSERT_FALSE(play.context.events.empty());
    EXPECT_EQ(play.context.paths[0], "profinet_io_cm");
    expect(play.context, 0, c.want);
  }
}

TEST(ProfinetIoCm, AResponseRepeatsItsRequest) {
  Io play;
  play.frame("io_connect").frame("io_connect_response");
  play.frame("io_write_several").frame("io_write_several_response");
  play.frame("io_parameters_end").frame("io_parameters_end_response");
  play.frame("io_read_identity").frame("io_read_identity_response");
  play.frame("io_read_implicit").frame("io_read_refused").end();
  EXPECT_EQ(play.context.refused_total(), 0U);
  EXPECT_EQ(play.all("profinet_io_cm", "rtt"),
            (Texts{"-", "0.001000", "-", "0.001000", "-", "0.001000", "-", "0.001000", "-", "0.001000"}));
  const Texts targets = play.all("profinet_io_cm", "ics.target"), values = play.all("profinet_io_cm", "ics.value");
  ASSERT_EQ(targets.size(), 10U);
  EXPECT_EQ(targets[1], "0/0/1,0/1/1");
  EXPECT_EQ(values[3], "0102030405,0a0b");
  EXPECT_EQ(values[5], "PrmEnd");
  EXPECT_EQ(values[7].substr(0, 20), "002000380100002a3645");
  EXPECT_EQ(values[7].size(), 120U);
  EXPECT_EQ(targets[9], "0/0/32768/0xf80c");
  EXPECT_EQ(play.all("profinet_io_cm", "ics.operation")[9], "diagnose");
}

TEST(ProfinetIoCm, WhyItWasRefused) {
  static constexpr struct {
    const char *status, *reason;  // in little endian
  } kCases[] = {
      {"044081db", "IODConnectRes: CMRPC out of AR resources"},
      {"004081db", "IODConnectRes: CMRPC invalid length"},
      {"634081db", "IODConnectRes: CMRPC 99"},
      {"051681dd", "IODControlRes: faulty IOXControlReq 5"},
      {"00b680df", "IODWriteRes: access denied"},
      {"07c280de", "IODReadRes: resource busy 7"},
      {"0000cfcf", "RTA error: 0x00"},
      {"02010020", "0x20: 0x01 2"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.status);
    Octets bytes = golden_octets("io_read_refused");
    put(bytes, kHead, c.status);
    Io play;
    play.give(bytes);
    expect(play.context, 0, {{"ics.outcome", "refused"}, {"ics.reason", c.reason}});
  }
}

TEST(ProfinetIoCm, HowADeviceDiffers) {
  static constexpr std::size_t kModuleState = 72, kSubmoduleState = 82;  // of the first, in the stub
  static constexpr struct {
    std::size_t at;
    const char *state, *told;
  } kCases[] = {
      {kModuleState, "0001", "0/0 wrong module"},
      {kModuleState, "0003", "0/0 substitute"},
      {kModuleState, "0009", "0/0 0x0009"},
      {kSubmoduleState, "8800", "0/0/2 substitute"},
      {kSubmoduleState, "9000", "0/0/2 wrong submodule"},
      {kSubmoduleState, "9040", "0/0/2 wrong submodule fault"},
      {kSubmoduleState, "8001", "0/0/2 0x8001"},
      {kSubmoduleState, "1840", "0/0/2 0x1840"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.told);
    Octets bytes = golden_octets("io_application_ready");
    put(bytes, kHead + c.at, c.state);
    Io play;
    play.give(bytes);
    const std::string told = play.get(0, "differences");
    EXPECT_EQ(told.substr(0, told.find(',')), c.told);
  }
}

// What is read says whether it is a reading, a diagnosis or an identification.
TEST(ProfinetIoCm, WhatAReadDoes) {
  static constexpr struct {
    const char *index, *operation;
  } kCases[] = {
      {"0001", "read"},     {"800a", "diagnose"}, {"c00c", "diagnose"}, {"e010", "diagnose"}, {"f013", "diagnose"},
      {"f80c", "diagnose"}, {"f830", "diagnose"}, {"8001", "read"},     {"900a", "read"},     {"f841", "read"},
      {"aff0", "identify"}, {"afff", "identify"}, {"b000", "read"},     {"f840", "identify"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.index);
    Octets bytes = golden_octets("io_read_identity");
    put(bytes, kHead + 54, c.index);
    Io play;
    play.give(bytes);
    expect(play.context, 0, {{"ics.operation", c.operation}});
  }
}

// Most devices answer from another port: there is only one side in the flow of the port.
TEST(ProfinetIoCm, NobodyAnswersWhereSomeResponsesCame) {
  Io elsewhere;
  elsewhere.frame("io_connect").frame("io_write").end();
  EXPECT_EQ(elsewhere.all("profinet_io_cm", "ics.outcome"), (Texts{"-", "-"}));
  Io here;
  here.frame("io_connect").frame("io_connect_response").frame("io_write").end();
  EXPECT_EQ(here.all("profinet_io_cm", "ics.outcome"), (Texts{"-", "ok", "-", "no answer"}));
  const Texts targets = here.all("profinet_io_cm", "ics.target");
  EXPECT_EQ(targets[3], "0/1/1/0x0100");
  EXPECT_EQ(here.all("profinet_io_cm", "len_of_body")[3], "87");
  Io late;
  late.frame("io_connect").frame("io_connect_response").frame("io_write");
  late.context.time += std::chrono::seconds{31};
  late.frame("io_release");
  EXPECT_EQ(late.all("profinet_io_cm", "ics.outcome"), (Texts{"-", "ok", "-", "no answer", "-"}));
}

TEST(ProfinetIoCm, ARequestThatIsSentAgainIsAnsweredOnce) {
  Io play;
  play.frame("io_connect").frame("io_connect").frame("io_connect_response").end();
  EXPECT_EQ(play.all("profinet_io_cm", "ics.outcome"), (Texts{"-", "-", "ok"}));
  EXPECT_EQ(play.all("profinet_io_cm", "rtt"), (Texts{"-", "-", "0.002000"}));
}

TEST(ProfinetIoCm, NobodyAnswersHimself) {
  Io play;
  play.frame("io_connect").give(golden_octets("io_connect_response"), kOut);
  expect(play.context, 2, {{"packet_type", "Response"}, {"rtt", "-"}});  // behind what the controller says of itself
}

TEST(ProfinetIoCm, RequestsThatWaitAreBounded) {
  Io play;
  play.frame("io_connect").frame("io_connect_response");
  auto bytes = golden_octets("io_write");
  for (unsigned i = 0; i <= 64; ++i) {
    bytes[kSequence] = static_cast<std::uint8_t>(100 + i);
    play.give(bytes);
    EXPECT_EQ(play.context.refused_count(DecodeError::limit), i < 64 ? 0U : 2U);  // the call's table is as long
  }
  const Texts outcomes = play.all("profinet_io_cm", "ics.outcome");
  EXPECT_EQ(std::ranges::count(outcomes, "no answer"), 1);
}

TEST(ProfinetIoCm, WhatStationsSayOfThemselves) {
  Io play;
  play.frame("io_connect").frame("io_connect").frame("io_connect_response");
  play.frame("io_read_identity_response").frame("io_read_location_response");
  EXPECT_EQ(play.all("known_device", "device"), (Texts{"192.0.2.1", "198.51.100.1", "198.51.100.1", "198.51.100.1"}));
  EXPECT_EQ(play.all("known_device", "device_protocol"), Texts(4, "profinet"));
  EXPECT_EQ(play.all("known_device", "device_name"), (Texts{"plc-1", "valve-7", "-", "-"}));
  EXPECT_EQ(play.all("known_device", "vendor"), (Texts{"Siemens AG", "0x0123", "Siemens AG", "-"}));
  EXPECT_EQ(play.all("known_device", "device_description"), (Texts{"device 0x0101", "device 0x0007", "-", "mixer"}));
  EXPECT_EQ(play.all("known_device", "device_unit"), (Texts{"-", "-", "0/0/1", "0/0/1"}));
  EXPECT_EQ(play.all("known_device", "order_number"), (Texts{"-", "-", "6ES7 155-6AU01-0CN0", "-"}));
  EXPECT_EQ(play.all("known_device", "serial_number"), (Texts{"-", "-", "S C-L1X012345", "-"}));
  EXPECT_EQ(play.all("known_device", "hardware"), (Texts{"-", "-", "5", "-"}));
  EXPECT_EQ(play.all("known_device", "firmware"), (Texts{"-", "-", "V4.2.0", "-"}));
  EXPECT_EQ(play.all("known_device", "device_location"), (Texts{"-", "-", "-", "hall 3, row 2"}));
}

TEST(ProfinetIoCm, OneKindOfEventIsEnough) {
  Io devices;
  devices.context.unwanted = "profinet_io_cm";
  devices.frame("io_connect");
  EXPECT_EQ(devices.context.paths, Texts{"known_device"});
  Io messages;
  messages.context.unwanted = "known_device";
  messages.frame("io_connect");
  EXPECT_EQ(messages.context.paths, Texts{"profinet_io_cm"});
}

TEST(ProfinetIoCm, TheCallIsToldByDceRpc) {
  Play play{"dce_rpc", Transport::udp};
  play.give(kGolden("io_write")).end();
  ASSERT_EQ(play.context.paths, (Texts{"profinet_io_cm", "dce_rpc"}));
  expect(play.context, 1, {{"endpoint", "pnio_device"}, {"operation", "Write"}, {"opnum", "3"}});
}

TEST(ProfinetIoCm, FragmentsArePutTogether) {
  const Octets whole = golden_octets("io_connect");
  const std::size_t size = whole.size() - kHead;
  Io play;
  play.give(fragment(whole, 0, 200, 0, false));
  EXPECT_TRUE(play.context.events.empty());
  play.give(fragment(whole, 0, 200, 0, false));  // sent again
  play.give(fragment(whole, 200, 50, 1, false));
  play.give(fragment(whole, 200, 50, 1, false));
  play.give(fragment(whole, 250, size - 250, 2, true));
  play.give(fragment(whole, 250, size - 250, 2, true));
  EXPECT_EQ(play.context.refused_total(), 0U);
  EXPECT_EQ(play.all("profinet_io_cm", "ics.target"), Texts{"0/0/1,0/1/1"});
  EXPECT_EQ(play.all("profinet_io_cm", "fragment"), Texts{"true"});
  EXPECT_EQ(play.all("profinet_io_cm", "len_of_body"), Texts{"200"});
}

TEST(ProfinetIoCm, FragmentsAreLost) {
  const Octets whole = golden_octets("io_connect");
  const std::size_t size = whole.size() - kHead;
  const Octets first = fragment(whole, 0, 120, 0, false), last = fragment(whole, 200, size - 200, 2, true);
  Io hole;
  hole.give(first).give(last).give(last);
  EXPECT_EQ(hole.context.refused_count(DecodeError::truncated), 1U);
  EXPECT_EQ(hole.context.refused_total(), 1U);
  EXPECT_EQ(hole.all("profinet_io_cm", "initiator_station_name"), Texts{"plc-1"});
  Io behind;
  behind.give(last);
  expect_refused(behind.context, DecodeError::truncated, 0);
  Io ended;
  ended.give(first).end();
  EXPECT_EQ(ended.context.refused_count(DecodeError::truncated), 1U);
  EXPECT_EQ(ended.all("profinet_io_cm", "operation_num"), Texts{"Connect"});
  Io next;
  next.give(first).give(fragment(golden_octets("io_write_several"), 0, 100, 0, false));
  EXPECT_EQ(next.context.refused_count(DecodeError::truncated), 1U);
  EXPECT_EQ(next.all("profinet_io_cm", "operation_num"), Texts{"Connect"});
}

TEST(ProfinetIoCm, WhatFragmentsGatherIsBounded) {
  Octets piece = fragment(golden_octets("io_connect"), 0, 311, 0, false);
  piece.resize(kHead + 4096);
  piece[kLength] = 0x10;
  piece[kLength + 1] = 0;
  Io play;
  for (std::uint8_t i = 0; i <= 16; ++i) {
    piece[kFragment + 1] = i;
    EXPECT_EQ(play.context.refused_total(), 0U);
    play.give(piece);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.refused_total(), 1U);
  // What does not fit begins a command, too.
  EXPECT_EQ(play.all("profinet_io_cm", "operation_num"), (Texts{"Connect", "Connect"}));
}

// What was readable is told.
TEST(ProfinetIoCm, Refuses) {
  const struct {
    const char* name;
    const char* golden;
    std::size_t at;  // in the stub
    const char* hex;
    const char *blocks, *target;
  } kCases[] = {
      {"blocks longer than the stub", "io_write", 16, "00000044", "IODWriteReqHeader", "0/1/1/0x0100"},
      {"a block longer than the rest", "io_write", 22, "0044", "IODWriteReqHeader", "0/1/1/0x0100"},
      {"a block without a version", "io_write", 22, "0001", "IODWriteReqHeader", "0/1/1/0x0100"},
      {"a block shorter than its contents", "io_write", 22, "0020", "IODWriteReqHeader", "0/1/1/0x0100"},
      {"a record longer than the rest", "io_write", 56, "00000004", "IODWriteReqHeader", "0/1/1/0x0100"},
      {"a name longer than its block", "io_connect", 76, "0006",
       "ARBlockReq,IOCRBlockReq,IOCRBlockReq,ExpectedSubmoduleBlockReq,AlarmCRBlockReq", "0/0/1,0/1/1"},
      {"a name longer than the rest", "io_connect", 76, "ffff",
       "ARBlockReq,IOCRBlockReq,IOCRBlockReq,ExpectedSubmoduleBlockReq,AlarmCRBlockReq", "0/0/1,0/1/1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Octets bytes = golden_octets(c.golden);
    put(bytes, kHead + c.at, c.hex);
    Io play;
    play.give(bytes);
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
    expect(play.context, 0, {{"packet_type", "Request"}, {"blocks", c.blocks}, {"ics.target", c.target}});
  }
}

TEST(ProfinetIoCm, AStubMayBeShort) {
  const auto shortened = [](std::string_view name, std::size_t stub) {
    Octets bytes = golden_octets(name);
    bytes.resize(kHead + stub);
    put(bytes, kLength, name == "io_read_refused" ? "0400" : "0000");
    return bytes;
  };
  Io refused;  // its status alone
  refused.give(shortened("io_read_refused", 4));
  EXPECT_EQ(refused.context.refused_total(), 0U);
  expect(refused.context, 0, {{"ics.reason", "IODReadRes: invalid index"}});
  Io empty;
  empty.give(shortened("io_write", 0));
  expect_refused(empty.context, DecodeError::bad_value, 1);
}

TEST(ProfinetIoCm, ListsAreBounded) {
  std::string blocks;
  for (int i = 0; i < 70; ++i) blocks += "0226 0002 0100";
  Io many;
  many.give(with_blocks("io_write", blocks));
  EXPECT_EQ(many.context.refused_total(), 0U);
  const std::string told = many.get(0, "blocks");
  EXPECT_EQ(std::ranges::count(told, ','), 63);
  EXPECT_EQ(told.substr(0, 14), "0x0226,0x0226,");
  std::string submodules = "0104 03e6 0100 0001 00000000 0001 00000001 0000 0046";
  for (int i = 0; i < 70; ++i) submodules += "0001 00000001 0000 0001 0000 01 01";
  Io plugged;
  plugged.give(with_blocks("io_write", submodules));
  EXPECT_EQ(plugged.context.refused_total(), 0U);
  const std::string modules = plugged.get(0, "submodules");
  EXPECT_EQ(std::ranges::count(modules, ','), 63);
  std::string differences = "8104 0244 0100 0001 00000000 0001 0000 00000001 0002 0046";
  for (int i = 0; i < 70; ++i) differences += "0001 00000001 8040";
  Io differs;
  differs.give(with_blocks("io_write", differences));
  EXPECT_EQ(differs.context.refused_total(), 0U);
  const std::string other = differs.get(0, "differences");
  EXPECT_EQ(std::ranges::count(other, ','), 63);
  std::string exchanges;
  for (int i = 0; i < 20; ++i) exchanges += "8102 0008 0100 0001 0001 8001";
  Io cyclic;
  cyclic.give(with_blocks("io_write", exchanges));
  EXPECT_EQ(cyclic.context.refused_total(), 0U);
  const std::string frames_told = cyclic.get(0, "frame_ids");
  EXPECT_EQ(std::ranges::count(frames_told, ','), 15);
}

TEST(ProfinetIoCm, OtherDatagramsAreNotTold) {
  for (const char* type : {"01", "04", "05", "07", "08", "09", "0a"}) {
    SCOPED_TRACE(type);
    Octets bytes = golden_octets("io_write");
    put(bytes, 1, type);
    Io play;
    play.give(bytes).end();
    EXPECT_TRUE(play.context.events.empty());
    EXPECT_EQ(play.context.refused_total(), 0U);
  }
}

// A flow that begins with what the device says from a port of its own.
TEST(ProfinetIoCmProbe, ResponsesOnAnyPort) {
  for (const char* name : {"io_connect", "io_connect_response", "io_application_ready", "io_fault"}) {
    SCOPED_TRACE(name);
    expect_verdicts("dce_rpc", golden_octets(name), kOut, Transport::udp, Verdict::yes, Verdict::yes);
  }
}

}  // namespace
}  // namespace nw::network
