#include "record/packets/ring.h"

#include <cstdlib>
#include <deque>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <string>

namespace nw::record {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Timestamp kStart = from_unix_nanoseconds(1'768'464'005'000'000'000);
constexpr std::size_t kPlenty = 64U << 20;

std::vector<std::uint8_t> frame_of(std::uint64_t number, std::size_t size) {
  std::vector<std::uint8_t> out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(number * 13 + i);
  return out;
}

std::uint64_t keep(PacketRing& ring, std::uint64_t flow, std::uint64_t number, std::size_t size, Timestamp when,
                   PacketRing::Keep how = PacketRing::Keep::usual) {
  return ring.keep(flow, when, frame_of(number, size), static_cast<std::uint32_t>(size), 3, how);
}

PacketRing::Options small_ring(std::size_t flow_bytes = 2000) {
  PacketRing::Options options;
  options.bytes = PacketRing::kBytesMin;
  options.flow_bytes = flow_bytes;
  return options;
}

TEST(PacketRingTest, GivesAFlowsPacketsInOrderAndNoOthers) {
  PacketRing ring{small_ring(kPlenty)};
  for (std::uint64_t n = 0; n < 60; ++n) keep(ring, 100 + n % 3, n, 60 + n, kStart + milliseconds{n});
  FrozenPackets frozen;
  ASSERT_TRUE(ring.freeze(101, kStart + seconds{1}, 0, kPlenty, frozen));
  ASSERT_EQ(frozen.frames.size(), 20U);
  EXPECT_TRUE(frozen.complete);
  for (std::size_t i = 0; i < 20; ++i) {
    const std::uint64_t n = 1 + 3 * i;
    const FrozenPackets::Frame& frame = frozen.frames[i];
    EXPECT_EQ(frame.sequence, n + 1);
    EXPECT_EQ(frame.time, kStart + milliseconds{n});
    EXPECT_EQ(frame.wire_bytes, 60 + n);
    EXPECT_EQ(frame.interface, 3);
    EXPECT_TRUE(std::ranges::equal(frozen.bytes_of(frame), frame_of(n, 60 + n)));
  }
  EXPECT_EQ(frozen.last, frozen.frames.back().sequence);
  FrozenPackets none;
  EXPECT_FALSE(ring.freeze(999, kStart, 0, kPlenty, none));
  EXPECT_TRUE(none.frames.empty());
}

TEST(PacketRingTest, KeepsTheBeginningWholeAndTheRestCut) {
  PacketRing ring{small_ring(2000)};
  for (std::uint64_t n = 0; n < 10; ++n) keep(ring, 7, n, 1000, kStart + milliseconds{n});
  FrozenPackets frozen;
  ASSERT_TRUE(ring.freeze(7, kStart + seconds{1}, 0, kPlenty, frozen));
  ASSERT_EQ(frozen.frames.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(frozen.frames[i].bytes, i < 2 ? 1000U : PacketRing::kLaterBytes) << i;
    EXPECT_EQ(frozen.frames[i].wire_bytes, 1000U);
  }
  EXPECT_FALSE(frozen.complete);
  EXPECT_EQ(ring.counters().cut, 8U);
  // What an alert is made at is kept whole.
  const std::uint64_t trigger = keep(ring, 7, 11, 1000, kStart + milliseconds{11}, PacketRing::Keep::whole);
  FrozenPackets again;
  ASSERT_TRUE(ring.freeze(7, kStart + seconds{1}, trigger - 1, kPlenty, again));
  ASSERT_EQ(again.frames.size(), 1U);
  EXPECT_EQ(again.frames[0].bytes, 1000U);
}

TEST(PacketRingTest, TheRestIsOfTheLastMinuteOnly) {
  PacketRing ring{small_ring(100)};
  keep(ring, 7, 0, 100, kStart);
  keep(ring, 7, 1, 100, kStart + seconds{1});
  keep(ring, 7, 2, 100, kStart + seconds{62});
  FrozenPackets frozen;
  ASSERT_TRUE(ring.freeze(7, kStart + seconds{62}, 0, kPlenty, frozen));
  ASSERT_EQ(frozen.frames.size(), 2U);
  EXPECT_EQ(frozen.frames[0].sequence, 1U) << "the beginning stays";
  EXPECT_EQ(frozen.frames[1].sequence, 3U);
  EXPECT_FALSE(frozen.complete);
}

TEST(PacketRingTest, AFreezeMayGoOnFromTheOneBefore) {
  PacketRing ring{small_ring(kPlenty)};
  keep(ring, 7, 0, 100, kStart);
  keep(ring, 7, 1, 100, kStart);
  FrozenPackets frozen;
  ASSERT_TRUE(ring.freeze(7, kStart, 0, kPlenty, frozen));
  keep(ring, 8, 2, 100, kStart);
  keep(ring, 7, 3, 100, kStart);
  ASSERT_TRUE(ring.freeze(7, kStart, frozen.last, kPlenty, frozen));
  ASSERT_EQ(frozen.frames.size(), 3U);
  EXPECT_EQ(frozen.last, 4U);
  EXPECT_FALSE(ring.freeze(7, kStart, frozen.last, kPlenty, frozen));
}

TEST(PacketRingTest, IsBoundedAndThrowsOutTheOldestFirst) {
  PacketRing ring{small_ring(kPlenty)};
  const std::size_t size = 1000;
  for (std::uint64_t n = 0; n < 5000; ++n) keep(ring, n % 2 + 1, n, size, kStart);
  const PacketRing::Counters& counters = ring.counters();
  EXPECT_EQ(counters.kept, 5000U);
  EXPECT_LE(ring.bytes_held(), PacketRing::kBytesMin / 2);
  EXPECT_GT(ring.bytes_held(), PacketRing::kBytesMin / 3);
  FrozenPackets one, two;
  ASSERT_TRUE(ring.freeze(1, kStart, 0, kPlenty, one));
  ASSERT_TRUE(ring.freeze(2, kStart, 0, kPlenty, two));
  EXPECT_EQ(one.frames.size() + two.frames.size() + counters.evicted, 5000U);
  EXPECT_EQ(two.frames.back().sequence, 5000U);
  EXPECT_FALSE(one.complete);
}

TEST(PacketRingTest, ADownloadDoesNotPushOutAnothersBeginning) {
  PacketRing ring{small_ring(2000)};
  keep(ring, 1, 0, 500, kStart);
  for (std::uint64_t n = 1; n < 20'000; ++n) keep(ring, 2, n, 1400, kStart);
  FrozenPackets frozen;
  ASSERT_TRUE(ring.freeze(1, kStart, 0, kPlenty, frozen));
  EXPECT_TRUE(frozen.complete);
}

TEST(PacketRingTest, AFreezeIsBounded) {
  PacketRing ring{small_ring(20'000)};
  for (std::uint64_t n = 0; n < 200; ++n) keep(ring, 1, n, 1000, kStart);
  FrozenPackets frozen;
  ASSERT_TRUE(ring.freeze(1, kStart, 0, 10'000, frozen));
  EXPECT_LE(frozen.data.size(), 10'000U);
  EXPECT_GT(frozen.data.size(), 8'000U);
  EXPECT_FALSE(frozen.complete);
  EXPECT_EQ(frozen.frames.front().sequence, 1U) << "the first of the beginning";
  EXPECT_EQ(frozen.frames.back().sequence, 200U) << "and the newest of the rest";
}

TEST(PacketRingTest, ForgetsByAge) {
  PacketRing ring{small_ring(150)};
  for (std::uint64_t n = 0; n < 10; ++n) keep(ring, 1, n, 100, kStart + seconds{n});
  ring.forget(kStart + seconds{5});
  EXPECT_EQ(ring.counters().forgotten, 5U);
  FrozenPackets frozen;
  ASSERT_TRUE(ring.freeze(1, kStart + seconds{10}, 0, kPlenty, frozen));
  EXPECT_EQ(frozen.frames.size(), 5U);
  EXPECT_FALSE(frozen.complete);
  ring.forget(kStart + seconds{100});
  EXPECT_EQ(ring.bytes_held(), 0U);
  keep(ring, 1, 11, 100, kStart);
  FrozenPackets later;
  EXPECT_TRUE(ring.freeze(1, kStart, 0, kPlenty, later));
}

TEST(PacketRingTest, FramesOfAnySizeFit) {
  PacketRing ring{small_ring(kPlenty)};
  for (std::uint64_t n = 0; n < 40; ++n) keep(ring, 1, n, n * 5000, kStart);
  keep(ring, 1, 40, 300'000, kStart);
  FrozenPackets frozen;
  ASSERT_TRUE(ring.freeze(1, kStart, 39, kPlenty, frozen));
  ASSERT_EQ(frozen.frames.size(), 2U);
  EXPECT_EQ(frozen.frames[0].bytes, PacketRing::kFrameBytesMax);
  EXPECT_EQ(frozen.frames[1].wire_bytes, 300'000U);
}

TEST(PacketRingTest, WhoSpeaksLeastLosesItsTrack) {
  PacketRing ring{small_ring(kPlenty)};
  for (std::uint64_t flow = 1; flow <= 10'000; ++flow) keep(ring, flow, flow, 60, kStart);
  EXPECT_GT(ring.counters().flows_lost_track, 5000U);
  FrozenPackets last;
  ASSERT_TRUE(ring.freeze(10'000, kStart, 0, kPlenty, last));
  EXPECT_EQ(last.frames.size(), 1U);
}

// Beside a model: what a simple list would have kept is what the ring gives, as far as it is still there.
TEST(PacketRingTest, AgreesWithAModel) {
  const char* named = std::getenv("NW_SEED");
  const auto seed = named != nullptr ? std::strtoul(named, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("NW_SEED=" + std::to_string(seed));
  std::mt19937_64 random{seed};
  for (int round = 0; round < 20; ++round) {
    const std::size_t flow_bytes = 1 + random() % 5000;
    PacketRing ring{small_ring(flow_bytes)};
    struct Was {
      std::uint64_t sequence, number;
      std::size_t bytes;
    };
    std::map<std::uint64_t, std::vector<Was>> model;
    std::map<std::uint64_t, std::size_t> sizes;
    for (std::uint64_t n = 0; n < 6000; ++n) {
      const std::uint64_t flow = 1 + random() % 6;
      const std::size_t size = random() % 1600;
      const std::size_t bytes = sizes[flow] < flow_bytes ? size : std::min<std::size_t>(size, PacketRing::kLaterBytes);
      sizes[flow] += size;
      model[flow].push_back({keep(ring, flow, n, size, kStart), n, bytes});
    }
    for (const auto& [flow, all] : model) {
      FrozenPackets frozen;
      (void)ring.freeze(flow, kStart, 0, kPlenty, frozen);
      EXPECT_EQ(frozen.complete, frozen.frames.size() == all.size() && ring.counters().cut == 0);
      std::size_t at = 0;
      for (const FrozenPackets::Frame& frame : frozen.frames) {
        while (at < all.size() && all[at].sequence != frame.sequence) ++at;
        ASSERT_LT(at, all.size());
        EXPECT_EQ(frame.bytes, all[at].bytes);
        EXPECT_TRUE(std::ranges::equal(frozen.bytes_of(frame), frame_of(all[at].number, all[at].bytes)));
      }
    }
  }
}

TEST(FramesBetween, IsTheSameInBothDirections) {
  std::vector<std::uint8_t> ask(60), answer(60), tagged;
  for (std::size_t i = 0; i < 6; ++i) {
    ask[i] = answer[6 + i] = static_cast<std::uint8_t>(i);
    ask[6 + i] = answer[i] = static_cast<std::uint8_t>(0x40 + i);
  }
  ask[12] = answer[12] = 0x88;
  ask[13] = answer[13] = 0xa4;  // EtherCAT
  EXPECT_NE(frames_between(ask, 1), 0U);
  EXPECT_EQ(frames_between(ask, 1), frames_between(answer, 1));
  std::vector<std::uint8_t> other = ask;
  other[3] ^= 1U;
  EXPECT_NE(frames_between(other, 1), frames_between(ask, 1));
  other = ask;
  other[13] = 0xb8;  // GOOSE
  EXPECT_NE(frames_between(other, 1), frames_between(ask, 1));
  tagged = ask;
  tagged.insert(tagged.begin() + 12, {0x81, 0x00, 0x00, 0x05});
  EXPECT_EQ(frames_between(tagged, 1), frames_between(ask, 1));
  EXPECT_EQ(frames_between(ask, 113), 0U) << "Linux cooked: no two addresses";
  for (std::size_t size = 0; size < 14; ++size) EXPECT_EQ(frames_between(Bytes{ask}.first(size), 1), 0U);
}

}  // namespace
}  // namespace nw::record
