#include "play.h"

namespace nw::network {
namespace {

// Bytes 4 to 47 of a message: no delays, no reference, no times but the last.
constexpr std::string_view kRest =
    " 00000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000 e8fe6f8000000000 ";

constexpr Golden golden{"ntp"};

// What one datagram gives.
struct Read : Play {
  explicit Read(std::string_view hex) : Play{"ntp", Transport::udp} { give(hex); }
};

std::string field(std::string_view hex, const char* name) { return Read{hex}.get(0, name); }

TEST(Ntp, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"client",
       {{"version", "4"},
        {"mode", "3"},
        {"stratum", "0"},
        {"poll", "64.000000"},
        {"precision", "0.000000"},
        {"root_delay", "1.000000"},
        {"root_disp", "1.500000"},
        {"ref_id", "-"},
        {"ref_time", "0.000000"},
        {"org_time", "0.000000"},
        {"rec_time", "0.000000"},
        {"xmt_time", "1700000000.000000"},
        {"num_exts", "0"},
        {"leap", "0"},
        {"key_id", "-"},
        {"is_response", "-"},
        {"op_code", "-"},
        {"req_code", "-"},
        {"length", "48"}}},
      {"server_gps",
       {{"mode", "4"},
        {"stratum", "1"},
        {"ref_id", "GPS"},
        {"poll", "1024.000000"},
        {"root_disp", "0.000244"},
        {"org_time", "1700000000.000000"},
        {"rec_time", "1700000000.500000"}}},
      {"kiss_of_death", {{"stratum", "0"}, {"ref_id", "RATE"}, {"leap", "3"}, {"precision", "0.015625"}}},
      {"server_signed",
       {{"ref_id", "192.0.2.1"}, {"num_exts", "2"}, {"key_id", "7"}, {"root_delay", "0.010009"}, {"length", "112"}}},
      {"version_3_symmetric", {{"version", "3"}, {"mode", "1"}, {"num_exts", "0"}, {"key_id", "10"}}},
      {"read_variables",
       {{"version", "2"},
        {"mode", "6"},
        {"is_response", "false"},
        {"op_code", "2"},
        {"op_name", "READVAR"},
        {"error", "false"},
        {"more", "false"},
        {"sequence", "1"},
        {"association_id", "0"},
        {"length", "12"},
        {"stratum", "-"},
        {"xmt_time", "-"},
        {"num_exts", "-"},
        {"req_code", "-"}}},
      {"variables", {{"is_response", "true"}, {"more", "true"}, {"op_name", "READVAR"}, {"association_id", "4660"}}},
      {"configure", {{"version", "4"}, {"op_code", "8"}, {"op_name", "CONFIGURE"}}},
      {"monlist",
       {{"version", "2"},
        {"mode", "7"},
        {"is_response", "false"},
        {"implementation", "3"},
        {"req_code", "42"},
        {"req_name", "MON_GETLIST_1"},
        {"items", "0"},
        {"error", "false"},
        {"length", "8"},
        {"op_code", "-"}}},
      {"monlist_response", {{"is_response", "true"}, {"more", "true"}, {"items", "2"}, {"sequence", "1"}}},
      {"private_error", {{"is_response", "true"}, {"error", "true"}, {"req_name", "CONFIG"}, {"items", "0"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Read read{golden(c.name).hex};
    ASSERT_EQ(read.context.events.size(), 1U);
    EXPECT_EQ(read.context.refused_total(), 0U);
    expect(read.context, 0, c.want);
  }
}

TEST(Ntp, NumbersAtTheirEdges) {
  const struct {
    const char *name, *head, *field, *value;
  } kCases[] = {
      {"the longest poll", "23 00 18 ec", "poll", "16777216.000000"},
      {"the shortest poll", "23 00 f9 ec", "poll", "0.007812"},
      {"the coarsest precision", "23 00 00 20", "precision", "4294967296.000000"},
      {"the finest precision", "23 00 00 d8", "precision", "0.000000"},
      {"the highest stratum", "23 10 00 ec", "stratum", "16"},
      {"a reserved mode", "20 01 00 ec", "mode", "0"},
      {"broadcast", "25 01 00 ec", "mode", "5"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(field(std::string{c.head} + std::string{kRest}, c.field), c.value);
  }
}

// A peer that opens a flow tells its time, or hears it: the mode does not say which.
TEST(Ntp, TellsWhoSentIt) {
  for (const char* const name : {"version_3_symmetric", "server_gps", "configure", "monlist_response"}) {
    SCOPED_TRACE(name);
    Play flow{"ntp", Transport::udp};
    flow.give(golden(name).hex).give(golden(name).hex, kBack);
    EXPECT_EQ(flow.get(0, "is_orig"), "true");
    EXPECT_EQ(flow.get(1, "is_orig"), "false");
  }
}

// The seconds begin anew in 2036; the last era's top bit is set.
TEST(Ntp, ErasOfTime) {
  const struct {
    const char *hex, *value;
  } kCases[] = {
      {"8000000000000000", "-61505152.000000"},  // 1968
      {"ffffffff00000000", "2085978495.000000"},
      {"0000000100000000", "2085978497.000000"},
      {"7fffffffffffffff", "4233462143.999999"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hex);
    std::string hex{kRest};
    hex.replace(hex.find("e8fe6f8000000000"), 16, c.hex);
    EXPECT_EQ(field("23 00 00 ec" + hex, "xmt_time"), c.value);
  }
}

TEST(Ntp, NamesOfCodes) {
  EXPECT_EQ(field("16 0c 0001 0000 0000 0000 0000", "op_name"), "REQ_NONCE");
  EXPECT_EQ(field("16 1f 0001 0000 0000 0000 0000", "op_name"), "UNSETTRAP");
  EXPECT_EQ(field("17 00 03 00 0000 0000", "req_name"), "PEER_LIST");
  EXPECT_EQ(field("17 00 03 2d 0000 0000", "req_name"), "IF_RELOAD");
}

// Who signs fills up to a multiple of eight octets first.
TEST(Ntp, ASignedControlRequest) {
  const std::string digest = "00000007" + std::string(2 * 20, 'a');
  const Read read{"26 08 0001 0000 0000 0000 0005 'abcde' 00000000000000" + digest};
  EXPECT_EQ(read.get(0, "op_name"), "CONFIGURE");
  EXPECT_EQ(read.get(0, "length"), "48");
  EXPECT_EQ(read.context.refused_total(), 0U);
}

// Delays below zero are version 3's.
TEST(Ntp, DelaysHaveASign) {
  std::string hex{kRest};
  hex.replace(hex.find("00000000"), 8, "ffff8000");
  EXPECT_EQ(field("1b 01 00 ec" + hex, "root_delay"), "-0.500000");
}

TEST(Ntp, Refuses) {
  const std::string rest{kRest}, header = "24 01 00 ec" + rest;
  const std::string filler(2 * 24, '0');
  const struct {
    const char* name;
    std::string hex;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"nothing", "", DecodeError::truncated, 0},
      {"a short header", "24 01 00", DecodeError::truncated, 0},
      {"a short control message", "16 02 0001 0000 0000 0000 00", DecodeError::truncated, 0},
      {"a stratum too high", "23 11 00 ec" + rest, DecodeError::bad_value, 0},
      {"a poll too long", "23 01 19 ec" + rest, DecodeError::bad_value, 0},
      {"a poll too short", "23 01 f8 ec" + rest, DecodeError::bad_value, 0},
      {"a precision too coarse", "23 01 00 21" + rest, DecodeError::bad_value, 0},
      {"a precision too fine", "23 01 00 d7" + rest, DecodeError::bad_value, 0},
      {"a delay too long", "23 01 00 ec 01000000 00000000" + rest.substr(2 * 9), DecodeError::bad_value, 0},
      {"a delay too far below zero", "23 01 00 ec feffffff 00000000" + rest.substr(2 * 9), DecodeError::bad_value, 0},
      {"an error too large", "23 01 00 ec 00000000 01000000" + rest.substr(2 * 9), DecodeError::bad_value, 0},
      {"control data past the end", "16 82 0001 0000 0000 0000 0002 61", DecodeError::truncated, 0},
      {"more than control data", "16 82 0001 0000 0000 0000 0000" + std::string(2 * 32, '0'), DecodeError::bad_value,
       0},
      {"a control request with status", "16 02 0001 0001 0000 0000 0000", DecodeError::bad_value, 0},
      {"a control request with error", "16 42 0001 0000 0000 0000 0000", DecodeError::bad_value, 0},
      {"a control request that goes on", "16 22 0001 0000 0000 0000 0000", DecodeError::bad_value, 0},
      {"an operation without name", "16 0d 0001 0000 0000 0000 0000", DecodeError::bad_value, 0},
      {"nobody's private message", "17 00 01 2a 0000 0000", DecodeError::bad_value, 0},
      {"a private request with error", "17 00 03 2a 1000 0000", DecodeError::bad_value, 0},
      {"a private request with number", "17 01 03 2a 0000 0000", DecodeError::bad_value, 0},
      {"a private error without name", "97 00 03 2a 8000 0000", DecodeError::bad_value, 0},
      {"a private request without name", "17 00 03 28 0000 0000", DecodeError::bad_value, 0},
      {"a size with a flag", "17 00 03 2a 0000 1000", DecodeError::bad_value, 0},
      {"private items past the end", "97 00 03 2a 0002 0001 61", DecodeError::truncated, 0},
      {"a short private message", "17 00 03 2a 0000 00", DecodeError::truncated, 0},
      {"an extension of no length", header + "0104 0000" + filler, DecodeError::bad_value, 1},
      {"an extension of odd length", header + "0104 0011" + filler, DecodeError::bad_value, 1},
      {"an extension past the end", header + "0104 0020" + filler, DecodeError::truncated, 1},
      {"half a key", header + "0000", DecodeError::truncated, 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Read read{c.hex};
    expect_refused(read.context, c.error, c.events);
  }
}

TEST(Ntp, ExtensionsAreBounded) {
  for (const unsigned count : {64U, 65U}) {
    SCOPED_TRACE(count);
    std::string hex = "24 01 00 ec" + std::string{kRest};
    for (unsigned i = 0; i < count; ++i) hex += "0104 001c" + std::string(2 * 24, '0');
    const Read read{hex};
    EXPECT_EQ(read.get(0, "num_exts"), "64");
    EXPECT_EQ(read.context.refused_count(DecodeError::limit), count == 64 ? 0U : 1U);
  }
}

TEST(Ntp, OnlyWhatIsWantedIsWritten) {
  FakeContext context{protocol("ntp"), {"mode"}};
  const auto analyzer = protocol("ntp").make(Transport::udp);
  for (const char* name : {"client", "server_gps", "variables", "monlist"})
    analyzer->datagram(from_hex(golden(name).hex), kOut, context);
  ASSERT_EQ(context.events.size(), 4U);
  for (const auto& fields : context.events) EXPECT_EQ(fields.size(), 2U);  // and `ts`
}

TEST(Ntp, Probe) {
  const std::string rest{kRest};
  const struct {
    const char* name;
    std::string hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Verdict::no, Verdict::no},
      {"a client", std::string{golden("client").hex}, Verdict::yes, Verdict::yes},
      {"a server", std::string{golden("server_gps").hex}, Verdict::yes, Verdict::yes},
      {"version 2", "13 00 00 ec" + rest, Verdict::no, Verdict::yes},
      {"version 0", "03 00 00 ec" + rest, Verdict::no, Verdict::no},
      {"version 5", "2b 00 00 ec" + rest, Verdict::no, Verdict::no},
      {"a stratum too high", "23 11 00 ec" + rest, Verdict::no, Verdict::yes},
      {"a poll too long", "23 00 12 ec" + rest, Verdict::no, Verdict::yes},
      {"a precision too coarse", "23 00 00 01" + rest, Verdict::no, Verdict::yes},
      {"cut", "23 00 00 ec", Verdict::no, Verdict::no},
      {"a digest", std::string{golden("version_3_symmetric").hex}, Verdict::no, Verdict::yes},
      {"monlist", std::string{golden("monlist").hex}, Verdict::no, Verdict::yes},
      {"control", std::string{golden("read_variables").hex}, Verdict::no, Verdict::yes},
      {"DTLS", "16 fefd 0000 000000000000 0030", Verdict::no, Verdict::yes},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    for (const Direction direction : {kOut, kBack}) {
      expect_verdicts("ntp", bytes, direction, Transport::udp, c.anywhere, c.on_port);
    }
  }
}

}  // namespace
}  // namespace nw::network
