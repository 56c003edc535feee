// Blocks whose lengths, types, versions or places are not what they should be: no command among them is passed over.
#include "profinet_io_cm_play.h"

namespace nw::network {
namespace {

using namespace io_cm_play;

constexpr std::string_view kRelation = "a1a2a3a4 b1b2 c1c2 d1d2 e1e2e3e4e5e6";

std::string hex(std::size_t number, int digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  while (digits > 0) out += kDigits[number >> 4U * static_cast<unsigned>(--digits) & 15U];
  return out;
}

// `head`: the block's length and version.
std::string control(std::string_view type, std::string_view command, std::string_view head = "001c 0100") {
  return std::string{type} + std::string{head} + "0000" + std::string{kRelation} + "0001 0000" + std::string{command} +
         "0000";
}
std::string prm_end(std::string_view head = "001c 0100") { return control("0110", "0001", head); }
std::string release(std::string_view head = "001c 0100") { return control("0114", "0004", head); }

// Without its record.
std::string write(std::size_t index, std::size_t octets, std::string_view head = "003c 0100") {
  return "0008" + std::string{head} + "0001" + std::string{kRelation} + "00000000 0001 0001 0000" + hex(index, 4) +
         hex(octets, 8) + std::string(48, '0');
}

struct Case {
  const char* name;
  std::string blocks;
  const char *commands, *oddities;
};

// Each is given as a Control, and `commands` are what a device may take it for.
void expect_commands(std::span<const Case> cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Io play;
    play.give(with_blocks("io_parameters_end", c.blocks));
    ASSERT_EQ(play.all("profinet_io_cm", "operation_num"), Texts{"Control"});
    expect(play.context, 0, {{"control_command", c.commands}, {"ics.value", c.commands}, {"oddities", c.oddities}});
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), std::string_view{c.oddities} == "-" ? 0U : 1U);
    EXPECT_EQ(play.context.refused_total(), play.context.refused_count(DecodeError::bad_value));
  }
}

TEST(ProfinetIoCmBlocks, LengthsLie) {
  const Case kCases[] = {
      {"right", prm_end(), "PrmEnd", "-"},
      {"nothing", prm_end("0000 0100"), "PrmEnd", "block"},
      {"half a version", prm_end("0001 0100"), "PrmEnd", "block"},
      {"no contents", prm_end("0002 0100"), "PrmEnd", "block"},
      {"an octet short", prm_end("001b 0100"), "PrmEnd", "block"},
      {"an octet long, at the end", prm_end("001d 0100"), "PrmEnd", "block"},
      {"all there can be", prm_end("ffff 0100"), "PrmEnd", "block"},
      {"filled up", prm_end("0020 0100") + "00000000", "PrmEnd", "-"},
      {"of a later version", prm_end("0020 0101") + "12345678", "PrmEnd", "-"},
      {"another version", prm_end("001c 0200"), "PrmEnd", "-"},
      {"no version, no length", prm_end("0000 0000"), "PrmEnd", "block"},
      {"several bits", control("0110", "0005"), "PrmEnd,Release", "-"},
      {"a bit without a name", control("0110", "0100"), "0x0100", "-"},
      {"no bit", control("0110", "0000"), "0x0000", "-"},
      {"bits with and without", control("0118", "8040"), "PrmBegin,0x8000", "-"},
  };
  expect_commands(kCases);
}

TEST(ProfinetIoCmBlocks, WhatStandsBefore) {
  const Case kCases[] = {
      {"unknown", "7777 0006 0100 01020304" + prm_end(), "PrmEnd", "-"},
      {"unknown, of no version", "7777 0006 ffff 01020304" + prm_end("001c ffff"), "PrmEnd", "-"},
      {"unknown, without a length", "7777 0000 0100" + prm_end(), "PrmEnd", "block"},
      {"unknown, of half a version", "7777 0001 0100" + prm_end(), "PrmEnd", "block"},
      {"unknown, too long", "7777 ffff 0100" + prm_end(), "PrmEnd", "block"},
      {"unknown, around it", "7777 0026 0100 01020304" + prm_end(), "PrmEnd", "block"},
      {"unknown, around its beginning", "7777 000a 0100 01020304" + prm_end(), "PrmEnd", "block"},
      {"zeros", "00000000" + prm_end(), "PrmEnd", "block"},
      {"many zeros, and lies", "0000000000000000000000" + prm_end("0000 0000"), "PrmEnd", "block"},
      {"octets", "0102030405" + prm_end(), "PrmEnd", "block"},
      {"a command", prm_end() + release(), "PrmEnd,Release", "-"},
      {"a command, short", prm_end("0000 0000") + release("0000 0000"), "PrmEnd,Release", "block"},
      {"a command, long", prm_end("ffff 0000") + release("ffff 0000"), "PrmEnd,Release", "block"},
      {"a command around it", prm_end("003c 0100") + release(), "PrmEnd,Release", "block"},
      {"a command around its beginning", prm_end("0024 0100") + release("0000 0000"), "PrmEnd,Release", "block"},
      {"many commands", prm_end() + prm_end() + control("0118", "0041") + prm_end() + release(),
       "PrmEnd,PrmBegin,Release", "-"},
      {"octets behind", prm_end() + "0102", "PrmEnd", "block"},
      {"zeros behind", prm_end() + "000000", "PrmEnd", "-"},
  };
  expect_commands(kCases);
}

// A device that goes by lengths finds a block where another one has contents.
TEST(ProfinetIoCmBlocks, BothWaysAreRead) {
  // Ten octets on: within the first one's relation.
  const std::string inner = "0114 001c 0100 0000" + std::string{kRelation} + "0001 0000 0004 0000";
  Io play;
  play.give(with_blocks("io_parameters_end", "0110 0006 0100 00000000" + inner));
  EXPECT_NE(play.get(0, "control_command").find("Release"), std::string::npos);
  expect(play.context, 0, {{"oddities", "block"}, {"ics.operation", "subscribe"}});
}

TEST(ProfinetIoCmBlocks, ARelease) {
  Io play;
  play.give(with_blocks("io_parameters_end", release("0000 0000") + prm_end()));
  expect(play.context, 0, {{"control_command", "Release,PrmEnd"}, {"ics.operation", "subscribe"}});
}

// Devices that go by the block write, whatever the operation says.
TEST(ProfinetIoCmBlocks, AWriteUnderAnotherOperation) {
  for (const char* operation : {"0002", "0004", "0063"}) {
    SCOPED_TRACE(operation);
    Octets bytes = golden_octets("io_write");
    put(bytes, 68, operation);
    Io play;
    play.give(bytes);
    expect(play.context, 0,
           {{"ics.operation", "write"}, {"ics.target", "0/1/1/0x0100"}, {"ics.value", "112233"}, {"oddities", "-"}});
  }
}

TEST(ProfinetIoCmBlocks, SeveralWrites) {
  const auto several = [](const std::string& requests, std::size_t more = 0) {
    return write(0xe040, from_hex(requests).size() + more) + requests;
  };
  const std::string first = write(1, 5) + "0102030405", last = write(2, 2) + "0a0b";
  const std::string identity = "0021 0038 0100" + std::string(108, '2');
  const struct {
    const char* name;
    std::string blocks;
    const char *target, *value, *oddities;
  } kCases[] = {
      {"aligned", several(first + "000000" + last), "0/1/1/0x0001,0/1/1/0x0002", "0102030405,0a0b", "-"},
      {"a record of one octet", several(write(1, 1) + "07"), "0/1/1/0x0001", "07", "-"},
      {"a record of zeros", several(write(1, 5) + "0000000000"), "0/1/1/0x0001", "0000000000", "-"},
      {"not aligned", several(first + last), "0/1/1/0x0001,0/1/1/0x0002", "0102030405,0a0b", "record"},
      {"zeros between", several(first + "00000000000000" + last), "0/1/1/0x0001,0/1/1/0x0002", "0102030405,0a0b",
       "block"},
      {"one zero too many", several(first + "00000000" + last), "0/1/1/0x0001,0/1/1/0x0002", "0102030405,0a0b",
       "block"},
      {"neither lengths nor versions",
       several(write(1, 1, "0000 0000") + "07000000" + write(2, 2, "0000 0000") + "0a0b"), "0/1/1/0x0001,0/1/1/0x0002",
       "07,0a0b", "block"},
      {"the first one's record beyond the end", several(write(1, 500, "0000 0000") + write(2, 2, "0000 0000") + "0a0b"),
       "0/1/1/0x0001,0/1/1/0x0002", nullptr, "block,record"},
      {"the first one's record around the next", several(write(1, 66) + last), "0/1/1/0x0001,0/1/1/0x0002", nullptr,
       "record"},
      {"a record around its block and the next",
       several(write(0xaff1, 126) + identity + write(2, 2, "0000 0000") + "0a0b"), "0/1/1/0xaff1,0/1/1/0x0002", nullptr,
       "block,record"},
      {"more than there is", several(last, 1), "0/1/1/0x0002", "0a0b", "record"},
      {"a header that is longer", several(write(1, 2, "0040 0100") + "01020304" + "0506"), "0/1/1/0x0001", "0506", "-"},
      {"a header that is longer than all", several(write(1, 2, "0100 0100") + "0102"), "0/1/1/0x0001", "0102", "block"},
      {"a header that is shorter", several(write(1, 2, "0038 0100") + "0102"), "0/1/1/0x0001", "000000000102", "block"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Io play;
    play.give(with_blocks("io_write_several", c.blocks));
    expect(play.context, 0, {{"ics.operation", "write"}, {"ics.target", c.target}, {"oddities", c.oddities}});
    if (c.value != nullptr) {
      EXPECT_EQ(play.get(0, "ics.value"), c.value);
    }
    EXPECT_EQ(play.context.refused_total(), std::string_view{c.oddities} == "-" ? 0U : 1U);
  }
}

// What looks a little like a request within an honest record is none.
TEST(ProfinetIoCmBlocks, RecordsHoldWhatTheyLike) {
  const std::string record = "0008 1234 0100 0110 0000 0100 0101 0001 0100" + std::string(120, '1');
  Io play;
  play.give(with_blocks("io_write", write(0x100, 78) + record));
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0, {{"blocks", "IODWriteReqHeader"}, {"oddities", "-"}});
  Io hidden;
  hidden.give(with_blocks("io_write", write(0x100, 66) + write(0x200, 2) + "0a0b"));
  expect(hidden.context, 0, {{"ics.target", "0/1/1/0x0100,0/1/1/0x0200"}, {"oddities", "record"}});
}

// Devices go by one count or another, or by what came.
TEST(ProfinetIoCmBlocks, CountsDoNotAgree) {
  static constexpr struct {
    const char* name;
    std::size_t at;
    const char* hex;
    bool odd;
  } kCases[] = {
      {"room for no response", 0, "00000000", false},
      {"no length", 4, "00000000", true},
      {"a longer length", 4, "00000400", true},
      {"no room", 8, "00000000", false},
      {"an offset", 12, "00000004", true},
      {"no count", 16, "00000000", true},
      {"a smaller count", 16, "0000001a", true},
      {"all the count there can be", 16, "ffffffff", true},
      {"nothing at all", 4, "00000000 00000000 00000000 00000000", true},
      {"little endian", 4, "20000000 00100000 00000000 20000000", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Octets bytes = golden_octets("io_parameters_end");
    put(bytes, kHead + c.at, c.hex);
    Io play;
    play.give(bytes);
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), c.odd ? 1U : 0U);
    EXPECT_EQ(play.context.refused_total(), c.odd ? 1U : 0U);
    expect(play.context, 0, {{"control_command", "PrmEnd"}, {"oddities", c.odd ? "counts" : "-"}});
  }
}

// A message of nothing but beginnings: those with lists are read so many times only.
TEST(ProfinetIoCmBlocks, WhatIsSearchedIsBounded) {
  static constexpr struct {
    const char* block;
    std::size_t blocks;
  } kCases[] = {{"0104 0000 0100", 1},  {"0104 0002 0100", 64}, {"0008 0000 0100", 64},
                {"0110 0000 0100", 64}, {"0101 0000 0100", 64}, {"0008 003c 0100", 64}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.block);
    std::string blocks;
    for (int i = 0; i < 10'000; ++i) blocks += c.block;
    Io play;
    play.give(with_blocks("io_write", blocks));
    EXPECT_EQ(play.context.refused_total(), 1U);
    const std::string told = play.get(0, "blocks");
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(told, ',')) + 1, c.blocks);
  }
}

}  // namespace
}  // namespace nw::network
