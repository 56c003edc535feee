// ByteReader, Arena, BoundedQueue, FunctionRef, Result, log: the small parts.
#include <atomic>
#include <gtest/gtest.h>
#include <thread>

#include "base/arena.h"
#include "base/bounded_queue.h"
#include "base/byte_reader.h"
#include "base/function_ref.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/result.h"

namespace nw {
namespace {

TEST(ByteReader, ReadsAndFailsForGood) {
  const std::array<std::uint8_t, 7> bytes{1, 2, 3, 4, 5, 6, 7};
  ByteReader reader{bytes};
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.u16be(), 0x0203);
  EXPECT_EQ(reader.u16le(), 0x0504);
  EXPECT_EQ(reader.u32be(), 0U);  // two are left
  EXPECT_FALSE(reader.ok());
  EXPECT_TRUE(reader.empty());
  EXPECT_EQ(reader.u8(), 0);
  ByteReader outer{bytes};
  ByteReader inner = outer.sub(3);
  EXPECT_EQ(inner.rest().size(), 3U);
  EXPECT_EQ(outer.rest().size(), 4U);
  EXPECT_FALSE(outer.sub(5).ok());
}

TEST(Arena, KeepsItsBudgetAndItsMemory) {
  Arena arena{1000};
  const std::string_view kept = arena.copy("hello");
  EXPECT_EQ(kept, "hello");
  const auto numbers = arena.make<std::uint64_t>(10);
  ASSERT_EQ(numbers.size(), 10U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(numbers.data()) % alignof(std::uint64_t), 0U);
  const std::size_t left = 1000 - arena.used();
  EXPECT_EQ(arena.copy(std::string(2000, 'x')).size(), left);
  EXPECT_TRUE(arena.make<char>(1).empty());
  arena.reset();
  EXPECT_EQ(arena.copy("again"), "again");
  Arena large;
  const auto big = large.make<char>(100'000);  // larger than a block
  EXPECT_EQ(big.size(), 100'000U);
}

TEST(BoundedQueue, HoldsItsBound) {
  BoundedQueue<int> queue{2};
  int a = 1, b = 2, c = 3;
  EXPECT_TRUE(queue.try_push(a));
  EXPECT_TRUE(queue.try_push(b));
  EXPECT_FALSE(queue.try_push(c));
  EXPECT_EQ(queue.size(), 2U);
  std::thread waiter{[&] { EXPECT_TRUE(queue.push(4)); }};
  EXPECT_EQ(queue.pop_all(1, std::chrono::seconds{5}), std::vector<int>{1});
  waiter.join();
  EXPECT_EQ(queue.pop_all(10, std::chrono::seconds{5}), (std::vector<int>{2, 4}));
  EXPECT_TRUE(queue.pop_all(10, std::chrono::milliseconds{1}).empty());
  queue.close();
  EXPECT_FALSE(queue.push(5));
}

TEST(BoundedQueue, LosesNothingBetweenThreads) {
  BoundedQueue<int> queue{8};
  constexpr int kEach = 5000;
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w)
    writers.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) ASSERT_TRUE(queue.push(i));
    });
  long sum = 0;
  std::size_t count = 0;
  while (count < 3U * kEach)
    for (const int value : queue.pop_all(64, std::chrono::seconds{5})) {
      sum += value;
      ++count;
    }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(sum, 3L * kEach * (kEach - 1) / 2);
}

TEST(FunctionRef, Borrows) {
  int sum = 0;
  auto add = [&sum](int value) { return sum += value; };
  const FunctionRef<int(int)> ref{add};
  EXPECT_EQ(ref(2), 2);
  EXPECT_EQ(ref(3), 5);
}

TEST(Hash64, DependsOnEveryByteAndTheSeed) {
  std::string text = "a longer text than one word";
  const std::uint64_t before = hash64(text, 7);
  EXPECT_NE(before, hash64(text, 8));
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] ^= 1;
    EXPECT_NE(hash64(text, 7), before) << i;
    text[i] ^= 1;
  }
  EXPECT_NE(hash64("a"), hash64(std::string_view{"a\0", 2}));
}

TEST(Result, HoldsOneOfTwo) {
  const Result<int> good{5};
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 5);
  const Result<int> bad{Error{Errc::io, "why"}};
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().what, "why");
  EXPECT_DEATH(static_cast<void>(*bad), "broken invariant");
  EXPECT_DEATH(static_cast<void>(good.error()), "broken invariant");
}

TEST(Log, HoldsBackAFlood) {
  std::vector<LogLine> lines;
  set_log_sink([&](const LogLine& line) { lines.push_back(line); });
  for (int i = 0; i < 100; ++i) log_info("flood", "again");
  log_info("other", "once", {{"key", "value"}});
  log_debug("quiet", "below the level");
  set_log_sink({});
  ASSERT_EQ(lines.size(), 11U);
  EXPECT_EQ(lines[10].code, "other");
  ASSERT_EQ(lines[10].fields.size(), 1U);
  EXPECT_EQ(lines[10].fields[0].value, "value");
}

}  // namespace
}  // namespace nw
