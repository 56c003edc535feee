// Heads of datagrams that devices take though they are not as they should be: what is in them is told.
#include "profinet_io_cm_play.h"

namespace nw::network {
namespace {

using namespace io_cm_play;

// A request in the other byte order; blocks are big endian in both.
Octets turned(Octets bytes) {
  bytes[4] = 0x10;
  const auto turn = [&](std::size_t at, std::size_t width) {
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    std::reverse(from, from + static_cast<std::ptrdiff_t>(width));
  };
  for (const std::size_t uuid : {8U, 24U, 40U}) {
    turn(uuid, 4);
    turn(uuid + 4, 2);
    turn(uuid + 6, 2);
  }
  for (const std::size_t at : {56U, 60U, 64U, 80U, 84U, 88U, 92U, 96U}) turn(at, 4);
  for (const std::size_t at : {68U, 70U, 72U, 74U, 76U}) turn(at, 2);
  return bytes;
}

struct Head {
  const char* name;
  bool turned;
  std::size_t at;
  const char* hex;
  unsigned refused;
  bool ours = true;  // the interface says so
};

constexpr Head kHeads[] = {
    {"little endian", true, 0, "04", 0},
    {"another version of DCE/RPC", false, 0, "05", 1},
    {"bits beside the type", false, 1, "a0", 1},
    {"all flags but of fragments", false, 2, "fb ff", 0},
    {"last fragment without others", false, 2, "22", 0},
    {"EBCDIC", false, 4, "01", 0},
    {"characters of no kind", false, 4, "07", 1},
    {"integers of no kind", true, 4, "30", 1},
    {"reals of no kind", false, 5, "09", 1},
    {"both halves of a serial number", false, 7, "80", 0},
    {"no object", false, 8, "00000000 0000 0000 0000 000000000000", 0},
    {"another object", false, 8, "ffffffff ffff ffff ffff ffffffffffff", 0},
    {"interface in the other order", false, 24, "0100a0de 976c d111", 1},
    {"interface in the other order, turned", true, 24, "dea00001 6c97 11d1", 1},
    {"another interface of PROFINET", false, 24, "dea00009", 1},
    {"the endpoint mapper's interface", false, 24, "e1af8308 5d1f 11c9 91a4 08002b14a0fa", 1, false},
    {"nobody's interface", false, 24, "00112233 4455 6677 8899 aabbccddeeff", 1, false},
    {"another boot of the server", false, 56, "12345678", 0},
    {"another version of the interface", false, 60, "00070009", 0},
    {"a body that says to be empty", false, 74, "0000", 1},
    {"a body that says to be short", false, 74, "0018", 1},
    {"a body that says to be long", false, 74, "ffff", 1},
    {"a fragment's number without the flag", false, 76, "0002", 1},
    {"authentication that is none", false, 78, "0a", 0},
    {"the other half of the serial number", false, 79, "ff", 0},
};

Octets with_head(const Head& head) {
  Octets bytes = golden_octets("io_parameters_end");
  if (head.turned) bytes = turned(bytes);
  put(bytes, head.at, head.hex);
  return bytes;
}

TEST(ProfinetIoCmHeads, WhatDevicesTakeIsTold) {
  for (const Head& head : kHeads) {
    SCOPED_TRACE(head.name);
    Io play;
    play.give(with_head(head)).end();
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), head.refused);
    EXPECT_EQ(play.context.refused_total(), head.refused);
    ASSERT_EQ(play.all("profinet_io_cm", "packet_type"), Texts{"Request"});
    expect(play.context, 0,
           {{"operation_num", "Control"},
            {"control_command", "PrmEnd"},
            {"ar_uuid", "a1a2a3a4-b1b2-c1c2-d1d2-e1e2e3e4e5e6"},
            {"ics.value", "PrmEnd"}});
  }
}

TEST(ProfinetIoCmHeads, TheCallIsToldToo) {
  for (const Head& head : kHeads) {
    SCOPED_TRACE(head.name);
    Play play{"dce_rpc", Transport::udp};
    play.context.unwanted = "profinet_io_cm";
    play.give(with_head(head)).end();
    ASSERT_EQ(play.context.paths, Texts{"dce_rpc"});
    EXPECT_EQ(play.get(0, "opnum"), "4");
  }
}

// On the port a flow is looked at whatever its first head is like, elsewhere when it is for PROFINET.
TEST(ProfinetIoCmHeads, TheyHideNoFlow) {
  for (const Head& head : kHeads) {
    SCOPED_TRACE(head.name);
    const Octets bytes = with_head(head);
    EXPECT_EQ(protocol("dce_rpc").probe(bytes, kOut, Transport::udp, true), Verdict::yes);
    if (head.ours) {
      EXPECT_EQ(protocol("dce_rpc").probe(bytes, kOut, Transport::udp, false), Verdict::yes);
    }
  }
}

// What has no stub counts fragments its own way: a server that knows of no call says so of fragment 65535.
TEST(ProfinetIoCmHeads, NoCallIsNotOdd) {
  Octets bytes = golden_octets("io_parameters_end");
  bytes.resize(kHead);
  put(bytes, 1, "05");
  put(bytes, 74, "0000 ffff");
  Io play;
  play.give(bytes);
  EXPECT_TRUE(play.context.events.empty());
  EXPECT_EQ(play.context.refused_total(), 0U);
}

// What no device takes, or is not PROFINET's, is refused as before.
TEST(ProfinetIoCmHeads, OthersAreRefused) {
  Octets type = golden_octets("io_parameters_end");
  put(type, 1, "0b");
  Io none;
  none.give(type);
  expect_refused(none.context, DecodeError::bad_value, 0);
  Octets version = golden_octets("io_parameters_end");
  put(version, 0, "05");
  put(version, 24, "81bb7a36 4498 f135 ad32 98f038001003");
  put(version, kHead + 20, "0202");
  Io other;
  other.give(version);
  expect_refused(other.context, DecodeError::bad_value, 0);
}

TEST(ProfinetIoCmHeads, SeveralAtOnce) {
  Octets bytes = golden_octets("io_parameters_end");
  put(bytes, 0, "00 40 fb ff 60 09 07 55");
  put(bytes, 24, "00112233 4455 6677 8899 aabbccddeeff");
  put(bytes, 74, "ffff 0007 0a ff");
  EXPECT_EQ(protocol("dce_rpc").probe(bytes, kOut, Transport::udp, true), Verdict::yes);
  Io play;
  play.give(bytes);
  expect_refused(play.context, DecodeError::bad_value, 1);
  expect(play.context, 0, {{"control_command", "PrmEnd"}, {"ics.value", "PrmEnd"}});
}

// Under one number two operations: neither hides the other.
TEST(ProfinetIoCmHeads, ANumberThatIsUsedTwice) {
  Octets decoy = golden_octets("io_read_implicit");
  put(decoy, 64, "00000003");
  Play play{"dce_rpc", Transport::udp};
  play.context.unwanted = "profinet_io_cm";
  play.give(decoy).give(golden_octets("io_parameters_end")).end();
  ASSERT_EQ(play.context.events.size(), 2U);
  EXPECT_EQ(play.get(0, "operation"), "ReadImplicit");
  EXPECT_EQ(play.get(1, "operation"), "Control");
}

// A response says of the request of its operation what became of it, not of the first one under its number.
TEST(ProfinetIoCmHeads, AResponseIsToItsOwnRequest) {
  Octets decoy = golden_octets("io_read_implicit");
  put(decoy, 64, "00000003");
  Io play;
  play.give(decoy);
  play.frame("io_parameters_end").frame("io_parameters_end_response").end();
  EXPECT_EQ(play.all("profinet_io_cm", "operation_num"),
            (Texts{"Read Implicit", "Control", "Control", "Read Implicit"}));
  EXPECT_EQ(play.all("profinet_io_cm", "ics.outcome"), (Texts{"-", "-", "ok", "no answer"}));
  EXPECT_EQ(play.all("profinet_io_cm", "ics.value")[2], "PrmEnd");
  EXPECT_EQ(play.all("profinet_io_cm", "rtt")[2], "0.001000");
}

}  // namespace
}  // namespace nw::network
