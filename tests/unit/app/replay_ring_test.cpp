// Batches go through all lanes, are written in order, and end well whatever fails.
#include "app/replay_ring.h"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <string>
#include <thread>

namespace nw::app {
namespace {

Dealt number(std::uint64_t ordinal) { return {{}, 0, 0, {}, {}, ordinal, false}; }

// Batches of `size` numbers; each lane tells those that it was dealt.
struct Numbers {
  std::size_t lanes = 2, size = 10;
  std::uint64_t batches = 100;
  std::uint64_t fails_at = UINT64_MAX;  // writing, at this batch
  std::uint64_t read = 0, written = 0;
  std::atomic<int> readers = 0, writers = 0;
  std::atomic<bool> together = false;  // two were reading, or two writing
  std::vector<std::uint64_t> told;

  void fill(Batch& batch) {
    if (readers.fetch_add(1) != 0) together = true;
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint64_t ordinal = read * size + i;
      const std::string text = "n" + std::to_string(ordinal);
      batch.add(text, number(ordinal), ordinal % lanes, nullptr);
    }
    batch.last = ++read == batches;
    readers.fetch_sub(1);
  }
  void take(Batch& batch, std::size_t lane) const {
    for (const Dealt& record : batch.records(lane)) {
      EXPECT_EQ(record.ordinal % lanes, lane);
      batch.yields[lane].events.push_back({record.ordinal, 0, std::string{record.bytes}});
      if (record.ordinal % 37 == 0) std::this_thread::yield();
    }
  }
  Result<> write(Batch& batch) {
    if (writers.fetch_add(1) != 0) together = true;
    const bool fails = written++ == fails_at;
    std::vector<Made> made;
    for (Yield& yield : batch.yields) {
      made.insert(made.end(), yield.events.begin(), yield.events.end());
      yield.clear();
    }
    std::ranges::sort(made, {}, &Made::ordinal);
    for (const Made& one : made) {
      EXPECT_EQ(one.text, "n" + std::to_string(one.ordinal));
      told.push_back(one.ordinal);
    }
    writers.fetch_sub(1);
    if (fails) return Error{Errc::io, "no room"};
    return {};
  }

  std::vector<Result<>> play() {
    const auto read_one = [this](Batch& batch) { fill(batch); };
    const auto take_one = [this](Batch& batch, std::size_t lane) { take(batch, lane); };
    const auto write_one = [this](Batch& batch) { return write(batch); };
    ReplayRing ring{lanes, {read_one, take_one, write_one}};
    std::vector<Result<>> results(lanes);
    {
      std::vector<std::jthread> threads;
      for (std::size_t lane = 0; lane < lanes; ++lane)
        threads.emplace_back([&, lane] { results[lane] = ring.run(lane); });
    }
    return results;
  }
};

TEST(ReplayRing, EveryRecordIsWrittenOnceAndInOrder) {
  for (const std::size_t lanes : {1U, 2U, 3U, 8U}) {
    for (const std::uint64_t batches : {1U, 2U, 5U, 400U}) {
      Numbers numbers;
      numbers.lanes = lanes;
      numbers.batches = batches;
      for (const Result<>& result : numbers.play()) EXPECT_TRUE(result);
      ASSERT_EQ(numbers.told.size(), batches * numbers.size) << lanes;
      for (std::uint64_t i = 0; i < numbers.told.size(); ++i) ASSERT_EQ(numbers.told[i], i) << lanes;
      EXPECT_FALSE(numbers.together);
    }
  }
}

TEST(ReplayRing, WhatCannotBeWrittenEndsAllLanes) {
  for (const std::size_t lanes : {1U, 2U, 5U}) {
    for (const std::uint64_t at : {0U, 3U, 99U}) {
      Numbers numbers;
      numbers.lanes = lanes;
      numbers.fails_at = at;
      for (const Result<>& result : numbers.play()) {
        ASSERT_FALSE(result) << lanes << ' ' << at;
        EXPECT_EQ(result.error().what, "no room");
      }
      EXPECT_EQ(numbers.written, at + 1) << "nothing is written behind a failure";
      EXPECT_LE(numbers.read, at + ReplayRing::kRing + 1);
    }
  }
}

TEST(Batch, KeepsWhatItsRecordsLieIn) {
  const Batch::Block block{new std::uint8_t[8]{'k', 'e', 'p', 't'}};
  const std::string_view kept{reinterpret_cast<const char*>(block.get()), 4};
  Batch batch;
  batch.begin(2);
  {
    std::string passing = "passing";
    batch.add(passing, number(0), 0, nullptr);
    batch.add(kept, number(1), 1, &block);
    batch.add(kept, number(2), 1, &block);
    passing = "changed";
  }
  EXPECT_EQ(block.use_count(), 2);
  ASSERT_EQ(batch.records(0).size(), 1U);
  EXPECT_EQ(batch.records(0)[0].bytes, "passing");
  ASSERT_EQ(batch.records(1).size(), 2U);
  EXPECT_EQ(batch.records(1)[0].bytes.data(), kept.data());
  batch.begin(2);
  EXPECT_EQ(block.use_count(), 1);
  EXPECT_TRUE(batch.records(0).empty() && batch.records(1).empty());
}

}  // namespace
}  // namespace nw::app
