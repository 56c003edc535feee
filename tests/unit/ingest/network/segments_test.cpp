#include "ingest/network/segments.h"

#include <gtest/gtest.h>
#include <string>
#include <unordered_set>

#include "base/hash.h"

namespace nw::network {
namespace {

Bytes bytes_of(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::string shown(const SegmentList& list, const SegmentMemory& memory) {
  std::string out;
  for (std::uint32_t i = list.front(); i != kNoSlot; i = memory[i].next) {
    out += std::to_string(memory[i].start) + ':';
    const Bytes bytes = memory[i].bytes();
    out.append(bytes.begin(), bytes.end());
    if (bytes.empty()) out += '-' + std::to_string(memory[i].end);
    out += ' ';
  }
  return out;
}

TEST(SegmentList, WhatCameFirstStays) {
  SegmentMemory memory{1U << 20U};
  SegmentList list;
  const auto add = [&](std::int64_t start, const std::string& text) {
    return list.insert(memory, start, start + static_cast<std::int64_t>(text.size()), bytes_of(text));
  };
  ASSERT_TRUE(add(10, "aaaa"));
  ASSERT_TRUE(add(20, "bb"));
  ASSERT_TRUE(add(8, "cccccccccccccccc"));  // around and between
  EXPECT_EQ(shown(list, memory), "8:cc 10:aaaa 14:cccccc 20:bb 22:cc ");
  EXPECT_EQ(list.covered(), 16);
  ASSERT_TRUE(add(9, "dddddd"));  // nothing new
  EXPECT_EQ(list.count(), 5U);
  list.clear(memory);
  EXPECT_EQ(memory.in_use(), 0U);
  EXPECT_EQ(list.covered(), 0);
}

TEST(SegmentList, RangesJoin) {
  SegmentMemory memory{1U << 20U};
  SegmentList list;
  ASSERT_TRUE(list.insert(memory, 5, 10, {}));
  ASSERT_TRUE(list.insert(memory, 10, 12, {}));
  ASSERT_TRUE(list.insert(memory, 20, 22, {}));
  ASSERT_TRUE(list.insert(memory, 8, 15, {}));
  EXPECT_EQ(shown(list, memory), "5:-15 20:-22 ");
  list.clear(memory);
}

TEST(SegmentMemory, KeepsToItsBudget) {
  SegmentMemory memory{4096};
  std::vector<Block> held;
  for (;;) {
    Block block = memory.acquire(256);
    if (block.capacity == 0) break;
    held.push_back(std::move(block));
  }
  EXPECT_EQ(held.size(), 16U);
  EXPECT_EQ(memory.in_use(), 4096U);
  for (Block& block : held) memory.release(std::move(block));
  EXPECT_EQ(memory.in_use(), 0U);
  // What is kept for reuse makes way for another size.
  Block large = memory.acquire(4000);
  EXPECT_EQ(large.capacity, 4096U);
  memory.release(std::move(large));
  EXPECT_EQ(memory.acquire(SegmentMemory::kBlockMax + 1).capacity, 0U);
  EXPECT_FALSE(memory.charge(4097));
}

TEST(SegmentMemory, ASegmentThatDoesNotFitCostsNothing) {
  SegmentMemory memory{sizeof(Segment) + 100};
  EXPECT_EQ(memory.acquire_segment(0, 5, bytes_of("hello")), kNoSlot);
  EXPECT_EQ(memory.in_use(), 0U);
}

TEST(SegmentMemory, BacklogsKeepToTheBudget) {
  SegmentMemory memory{3 * sizeof(Backlog) + 1};
  const std::uint32_t first = memory.acquire_backlog();
  EXPECT_NE(first, kNoSlot);
  EXPECT_NE(memory.acquire_backlog(), kNoSlot);
  EXPECT_NE(memory.acquire_backlog(), kNoSlot);
  EXPECT_EQ(memory.acquire_backlog(), kNoSlot);
  memory.release_backlog(first);
  EXPECT_EQ(memory.acquire_backlog(), first);
  EXPECT_EQ(memory.in_use(), 3 * sizeof(Backlog));
}

TEST(Pool, ValuesKeepTheirPlaceAndAreUsedAgain) {
  Pool<int> pool;
  const std::uint32_t first = pool.take();
  int& place = pool[first];
  place = 7;
  std::unordered_set<std::uint32_t> taken{first};
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(taken.insert(pool.take()).second);
  EXPECT_EQ(&pool[first], &place);
  const std::uint32_t capacity = pool.capacity();
  for (const std::uint32_t slot : taken) pool.give_back(slot);
  for (int i = 0; i < 1001; ++i) EXPECT_TRUE(taken.contains(pool.take()));
  EXPECT_EQ(pool.capacity(), capacity);
}

TEST(HashIndex, AgreesWithASet) {
  // Few hashes, so that chains collide, wrap and shift back.
  HashIndex index{100};
  std::unordered_set<std::uint32_t> there;
  const auto hash = [](std::uint32_t slot) { return slot % 7 * 0x01000025U; };
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    const auto slot = static_cast<std::uint32_t>(mix64(round) % 100);
    if (there.erase(slot) != 0) {
      index.erase(hash(slot), slot);
    } else {
      index.insert(hash(slot), slot);
      there.insert(slot);
    }
    const auto other = static_cast<std::uint32_t>(mix64(round ^ 0x5555) % 100);
    const auto found = index.find(hash(other), [&](std::uint32_t s) { return s == other; });
    ASSERT_EQ(found == other, there.contains(other)) << round;
  }
}

}  // namespace
}  // namespace nw::network
