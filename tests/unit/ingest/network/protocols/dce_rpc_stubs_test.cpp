// Fragments of calls that come twice, differ, come in another order or not at all. What is in them is PROFINET's.
#include "profinet_io_cm_play.h"

namespace nw::network {
namespace {

using namespace io_cm_play;

constexpr std::size_t kCommand = 48,
                      kAll = 52;  // in the stub of a Control: the command, behind it nothing that matters

// A Control with this command, of which `first` to `last` octets are fragment `number`. Without a command "PrmEnd".
Octets part(std::size_t from, std::size_t to, std::uint8_t number, bool last, std::string_view command = "0001") {
  Octets whole = golden_octets("io_parameters_end");
  put(whole, kHead + kCommand, command);
  return fragment(whole, from, to - from, number, last);
}
Octets begin() { return part(0, kCommand, 0, false); }
Octets end(std::string_view command = "0001", std::uint8_t number = 1) {
  return part(kCommand, kAll, number, true, command);
}
Octets of_call(Octets bytes, std::uint8_t sequence, std::uint8_t activity = 1) {
  bytes[kSequence] = sequence;
  bytes[40] = activity;
  return bytes;
}

struct Told {
  Texts commands, oddities;
  unsigned truncated, differing;
};

void expect_told(std::initializer_list<Octets> parts, const Told& told) {
  Io play;
  for (const Octets& bytes : parts) play.give(bytes);
  play.end();
  EXPECT_EQ(play.all("profinet_io_cm", "control_command"), told.commands);
  EXPECT_EQ(play.all("profinet_io_cm", "oddities"), told.oddities);
  EXPECT_EQ(play.context.refused_count(DecodeError::truncated), told.truncated);
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), told.differing);
  EXPECT_EQ(play.context.refused_total(), told.truncated + told.differing);
}

TEST(DceRpcStubs, InAnyOrder) {
  const Octets first = part(0, 20, 0, false), second = part(20, kCommand, 1, false), third = end("0001", 2);
  {
    SCOPED_TRACE("in order, each twice");
    expect_told({first, first, second, second, third, third}, {{"PrmEnd"}, {"-"}, 0, 0});
  }
  {
    SCOPED_TRACE("a hole that is filled");
    expect_told({first, third, second}, {{"-", "PrmEnd"}, {"fragments", "-"}, 1, 0});
  }
  {
    SCOPED_TRACE("backwards");
    expect_told({third, second, first}, {{"PrmEnd"}, {"-"}, 1, 0});
  }
  {
    SCOPED_TRACE("all of it again");
    expect_told({first, second, third, first, second, third}, {{"PrmEnd", "PrmEnd"}, {"-", "-"}, 0, 0});
  }
  {
    SCOPED_TRACE("one is the whole");
    expect_told({part(0, kAll, 0, true)}, {{"PrmEnd"}, {"-"}, 0, 0});
  }
}

// Whichever of two a receiver takes, it is told.
TEST(DceRpcStubs, ADecoyHidesNothing) {
  const Texts both{"Done", "PrmEnd"}, differ{"fragments", "fragments"};
  const std::string_view decoy = "0008";
  {
    SCOPED_TRACE("for the last one, before it");
    expect_told({begin(), end(decoy), end()}, {both, {"-", "fragments"}, 0, 1});
  }
  {
    SCOPED_TRACE("for the last one, behind it");
    expect_told({begin(), end(), end(decoy)}, {{"PrmEnd", "Done"}, {"-", "fragments"}, 0, 1});
  }
  const Octets head = part(0, 40, 0, false), tail = part(50, kAll, 2, true);
  const Octets true_one = part(40, 50, 1, false), false_one = part(40, 50, 1, false, decoy);
  {
    SCOPED_TRACE("for one in the middle, before it");
    expect_told({head, false_one, true_one, tail}, {both, differ, 0, 1});
  }
  {
    SCOPED_TRACE("for one in the middle, behind it");
    expect_told({head, true_one, false_one, tail}, {{"PrmEnd", "Done"}, differ, 0, 1});
  }
  {
    SCOPED_TRACE("for one that comes early");
    expect_told({head, tail, false_one, true_one}, {{"-", "Done", "PrmEnd"}, {"fragments", "-", "fragments"}, 1, 1});
  }
  const Octets long_head = part(0, 50, 0, false), false_head = part(0, 50, 0, false, decoy);
  {
    SCOPED_TRACE("for the first one");
    expect_told({false_head, long_head, part(50, kAll, 1, true)}, {both, differ, 0, 1});
  }
  {
    SCOPED_TRACE("for one between two beginnings, before two others");
    const Octets third = part(40, 50, 1, false, "0002");
    expect_told({head, false_one, head, true_one, third, tail},
                {{"Done", "ApplicationReady", "PrmEnd"}, {"fragments", "fragments", "fragments"}, 0, 2});
  }
}

// Some devices do what the last fragment's head says, and know a call by its activity alone.
TEST(DceRpcStubs, TheLastHeadCounts) {
  Octets reads = begin();
  put(reads, 68, "0002");
  Io operation;
  operation.give(reads).give(end()).end();
  EXPECT_EQ(operation.all("profinet_io_cm", "operation_num"), (Texts{"Read", "Control"}));
  EXPECT_EQ(operation.all("profinet_io_cm", "control_command"), (Texts{"PrmEnd", "PrmEnd"}));
  EXPECT_EQ(operation.context.refused_count(DecodeError::bad_value), 1U);
  Io calls;
  Play both{"dce_rpc", Transport::udp};
  both.context.unwanted = "profinet_io_cm";
  both.give(reads).give(end()).end();
  ASSERT_EQ(both.context.events.size(), 2U);
  EXPECT_EQ(both.get(0, "operation"), "Read");
  EXPECT_EQ(both.get(1, "operation"), "Control");
  Io number;
  number.give(of_call(begin(), 7)).give(of_call(end(), 8)).end();
  EXPECT_EQ(number.all("profinet_io_cm", "sequence_num"), (Texts{"7", "8"}));
  EXPECT_EQ(number.all("profinet_io_cm", "control_command"), (Texts{"PrmEnd", "PrmEnd"}));
  EXPECT_EQ(number.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(DceRpcStubs, CallsBetweenEachOther) {
  const auto one = [](const Octets& bytes) { return of_call(bytes, 1, 1); };
  const auto two = [](const Octets& bytes) { return of_call(bytes, 1, 2); };
  expect_told({one(begin()), two(begin()), two(end("0004")), one(end())}, {{"Release", "PrmEnd"}, {"-", "-"}, 0, 0});
  // Another call of the same activity ends one.
  expect_told({of_call(begin(), 1), of_call(begin(), 2), of_call(end(), 2)},
              {{"-", "PrmEnd"}, {"fragments", "-"}, 1, 0});
}

// More than one is the last: a device may go on behind each.
TEST(DceRpcStubs, SeveralAreTheLast) {
  Octets early = part(20, kCommand, 1, true);
  expect_told({part(0, 20, 0, false), early, end("0001", 2)}, {{"-", "PrmEnd"}, {"counts,block", "-"}, 0, 1});
}

// A device that keeps to the order takes what is out of place for all there is.
TEST(DceRpcStubs, AMessageOutOfPlace) {
  expect_told({begin(), part(0, kAll, 9, true)}, {{"PrmEnd", "-"}, {"fragments", "fragments"}, 1, 1});
  expect_told({part(0, kAll, 9, true)}, {{"PrmEnd"}, {"fragments"}, 1, 1});
  Octets unflagged = end();
  unflagged[kFlags] = 0x20;
  Io number;
  number.give(begin()).give(unflagged).end();
  EXPECT_EQ(number.all("profinet_io_cm", "packet_type").size(), 2U);  // a message that is too short, and a beginning
  put(unflagged, kFlags, "22");
  Io last;
  last.give(begin()).give(unflagged).end();
  EXPECT_EQ(last.all("profinet_io_cm", "control_command"), (Texts{"-", "PrmEnd"}));
}

// Behind a hole a command that begins there is told alone.
TEST(DceRpcStubs, BehindAHole) {
  expect_told({begin(), part(10, kAll, 3, false)}, {{"PrmEnd", "-"}, {"fragments", "fragments"}, 1, 0});
  expect_told({part(10, kAll, 3, false), part(10, kAll, 3, false)}, {{"PrmEnd"}, {"fragments"}, 1, 0});
  expect_told({end("0001", 2)}, {{}, {}, 1, 0});
}

// One goes by the length in the head, the other by the datagram's.
TEST(DceRpcStubs, ALengthThatLies) {
  Octets first = part(0, 50, 0, false);
  put(first, kLength, "0030");
  Io play;
  play.give(first).give(part(50, kAll, 1, true)).end();
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 2U);
  const Texts commands = play.all("profinet_io_cm", "control_command");
  EXPECT_EQ(std::ranges::count(commands, "PrmEnd"), 1) << ::testing::PrintToString(commands);
}

TEST(DceRpcStubs, CallsAreBounded) {
  Io play;
  for (std::uint8_t i = 1; i <= 5; ++i) {
    EXPECT_EQ(play.context.refused_total(), 0U);
    play.give(of_call(begin(), 1, i));
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.all("profinet_io_cm", "operation_num"), Texts{"Control"});  // the oldest, as far as it came
  play.give(of_call(end(), 1, 5));
  for (std::uint8_t i = 6; i <= 9; ++i) play.give(of_call(begin(), 1, i));
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 4U);  // what was told makes way first
}

TEST(DceRpcStubs, PiecesAreBounded) {
  Io play;
  Octets piece = part(0, 30, 0, false);
  for (unsigned i = 0; i <= 256; ++i) {
    EXPECT_EQ(play.context.refused_total(), 0U) << i;
    put16(piece, kFragment, i);
    play.give(piece);
  }
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(play.context.refused_total(), 1U);
  EXPECT_FALSE(play.all("profinet_io_cm", "operation_num").empty());
}

TEST(DceRpcStubs, TellingsAreBounded) {
  Io play;
  play.give(begin());
  Octets last = end();
  for (std::uint8_t i = 0; i < 8; ++i) {
    last.back() = i;
    play.give(last);
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), i);
  }
  EXPECT_EQ(play.all("profinet_io_cm", "control_command"), Texts(8, "PrmEnd"));
  last.back() = 8;
  play.give(last);
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
  play.end();
  EXPECT_EQ(play.context.refused_count(DecodeError::truncated), 0U);
}

TEST(DceRpcStubs, NobodyWaitsForEver) {
  Io play;
  play.give(begin());
  play.context.time += std::chrono::seconds{31};
  play.frame("io_read_identity");
  EXPECT_EQ(play.context.refused_count(DecodeError::truncated), 1U);
  EXPECT_EQ(play.all("profinet_io_cm", "operation_num"), (Texts{"Control", "Read"}));
}

}  // namespace
}  // namespace nw::network
