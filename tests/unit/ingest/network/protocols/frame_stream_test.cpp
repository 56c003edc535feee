#include "ingest/network/protocols/frame_stream.h"

#include "play.h"

namespace nw::network {
namespace {

// | 'F' | length u8 | payload |; certain when the payload begins with '!'.
struct Toy {
  std::optional<DecodeError> read(ByteReader& reader) {
    ByteReader in = reader;
    if (in.u8() != 'F') return DecodeError::bad_value;
    ByteReader body = in.sub(in.u8());
    if (!in.ok()) return DecodeError::truncated;
    frame.assign(body.rest().begin(), body.rest().end());
    if (frame.starts_with('-')) return DecodeError::bad_value;
    reader = in;
    return {};
  }
  static Verdict certain(Bytes bytes) {
    Toy toy;
    ByteReader reader{bytes};
    if (const auto fault = toy.read(reader)) return frame_verdict(fault);
    return toy.frame.starts_with('!') ? Verdict::yes : Verdict::no;
  }
  // The next bytes; false when the stream is given up.
  bool give(std::string_view bytes, bool searches = true) {
    waiting += bytes;
    const auto reads = [&](ByteReader& reader) { return read(reader); };
    const auto takes = [&] { told += frame + ";"; };
    const auto view = octets(waiting);
    const std::size_t used =
        searches ? frames.read(view, context, reads, takes, certain) : frames.read(view, context, reads, takes);
    if (used == Analyzer::kGiveUp) return false;
    waiting.erase(0, used);
    return true;
  }

  FrameStream frames{16};
  FakeContext context{protocol("modbus")};
  std::string frame, waiting, told;
};

TEST(FrameStream, FramesOneAfterTheOther) {
  Toy toy;
  toy.give("F\1aF\2bcF");
  EXPECT_EQ(toy.told, "a;bc;");
  EXPECT_EQ(toy.waiting, "F");
  toy.give("\3d");
  toy.give("ef");
  EXPECT_EQ(toy.told, "a;bc;def;");
  EXPECT_EQ(toy.context.refused_total(), 0U);
  EXPECT_TRUE(toy.frames.known());
}

TEST(FrameStream, AFaultCountsOnce) {
  Toy toy;
  toy.give("F\1axxxx");
  EXPECT_TRUE(toy.frames.lost());
  toy.give("yyyyF\1b");
  EXPECT_EQ(toy.told, "a;b;");
  EXPECT_FALSE(toy.frames.lost());
  toy.give("zF\1c");
  EXPECT_EQ(toy.context.refused_count(DecodeError::bad_value), 2U);
}

TEST(FrameStream, GivesUpUnlessThereWasAFrame) {
  EXPECT_FALSE(Toy{}.give(std::string(17, 'x')));
  EXPECT_TRUE(Toy{}.give(std::string(16, 'x')));
  EXPECT_TRUE(Toy{}.give("F\1a" + std::string(100, 'x')));
}

TEST(FrameStream, WhatStandsInAFrameThatIsNotWhole) {
  Toy toy;
  toy.give("F\x64 F\2!aF\2b");  // the frame of 100 octets is waited for, and the second one here is not certain
  EXPECT_EQ(toy.told, "!a;");
  toy.give("F");
  toy.give("\2");
  toy.give("!cF\3!");
  EXPECT_EQ(toy.told, "!a;!c;");
  toy.give("d");
  EXPECT_EQ(toy.told, "!a;!c;");
  toy.give("e");
  EXPECT_EQ(toy.told, "!a;!c;!de;");
  EXPECT_EQ(toy.context.refused_total(), 0U);
  // It comes whole at last: it is told too, and nothing twice.
  toy.told.clear();
  toy.give(std::string(100 - (toy.waiting.size() - 2), 'z') + "F\2!f");
  EXPECT_EQ(toy.told.substr(100), ";!f;");
}

TEST(FrameStream, WhatWasToldIsNotToldAgainWhenTheLengthLied) {
  Toy toy;
  toy.give("F\x14-F\2!aF\2b!");
  EXPECT_EQ(toy.told, "!a;");
  toy.give(std::string(20, '.') + "F\2!c");
  EXPECT_EQ(toy.told, "!a;b!;!c;");
}

// Octets of it come singly; what stands in front of it may be the beginning of others, and what stands in it was told.
TEST(FrameStream, ALongFrameInALongerOne) {
  const std::string inner = "F\x40!" + std::string(30, 'i') + "F\2!aF" + std::string(28, 'i');
  for (const std::string before : {"", "F", "F\x70", "F\x70 F\x6e F\2!b"}) {
    SCOPED_TRACE(before);
    Toy toy;
    toy.give("F\xF0" + before);
    for (const char c : inner) toy.give({&c, 1});
    const std::string told = toy.told;
    EXPECT_NE(told.find("!a;"), std::string::npos);
    EXPECT_NE(told.find(inner.substr(2) + ";"), std::string::npos);
    toy.give(std::string(400, '.') + "F\1c");
    EXPECT_TRUE(toy.told.starts_with(told));
    EXPECT_EQ(toy.told.find("!a;", told.find("!a;") + 1), std::string::npos);  // once
    EXPECT_EQ(toy.told.find(inner.substr(2) + ";", told.size()), std::string::npos);
    EXPECT_TRUE(toy.told.ends_with(";c;"));
  }
}

// 'L' | length u16 | payload |; certain when it ends with '!'.
TEST(FrameStream, TheSearchCostsLittleForEachOctet) {
  std::size_t asked = 0;
  std::string told;
  const auto read = [](ByteReader& reader) -> std::optional<DecodeError> {
    ByteReader in = reader;
    if (in.u8() != 'L') return DecodeError::bad_value;
    in.bytes(in.u16be());
    if (!in.ok()) return DecodeError::truncated;
    reader = in;
    return {};
  };
  const auto certain = [&](Bytes bytes) {
    ++asked;
    ByteReader reader{bytes};
    return frame_verdict(read(reader));
  };
  FakeContext context{protocol("modbus")};
  FrameStream frames;
  std::string waiting{"L\xff\xff", 3};
  constexpr std::size_t kSize = 20'000;
  for (std::size_t i = 0; i < kSize; ++i) {
    waiting += i % 3 == 0 ? 'L' : '\xf0';  // each may begin a long one
    EXPECT_EQ(frames.read(
                  octets(waiting), context, read, [] {}, certain),
              0U);
  }
  EXPECT_LT(asked, kSize * (4096 + 100));
}

TEST(FrameStream, OnItsOwnPortItNeverGivesUp) {
  Toy toy;
  toy.context.home = true;
  EXPECT_TRUE(toy.give(std::string(17, 'x')));
  EXPECT_EQ(toy.context.noise_octets, 0U);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(toy.give(std::string(4096, 'x')));
  EXPECT_EQ(toy.context.noise_octets, 3U * 4096);
  EXPECT_EQ(toy.context.refused_total(), 1U);
  toy.give("F\1a");
  EXPECT_EQ(toy.told, "a;");
}

TEST(FrameStream, WithoutASearchNothingIsFound) {
  Toy toy;
  toy.give("F\x64 F\2!a", false);
  EXPECT_EQ(toy.told, "");
}

TEST(FrameStream, BehindAGapFramesAreLookedFor) {
  Toy toy;
  toy.give("F\1a");
  toy.frames.gap();
  EXPECT_TRUE(toy.frames.lost());
  toy.give("xF\1b");
  EXPECT_EQ(toy.told, "a;b;");
  EXPECT_EQ(toy.context.refused_total(), 0U);  // who knows of the gap counts it
}

}  // namespace
}  // namespace nw::network
