#include "ingest/network/stream.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace nw::network {
namespace {

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

// Writes down what it is given: text, and gaps as '[n]'. `take` says how many of the offered bytes are done with.
class Recorder final : public StreamTaker {
 public:
  std::string text;
  std::vector<std::optional<char>> places;  // by position; none: a gap
  std::string tail;                         // offered, not done with
  std::uint64_t gaps = 0, lost = 0, unheld_bytes = 0;
  int overflows = 0;
  bool goes_on = false;     // after an overflow
  std::string fresh_sizes;  // of each call
  std::mt19937* random = nullptr;
  std::size_t keep = 0;  // bytes that are left waiting
  bool stop = false;

  std::size_t data(Bytes bytes) override {
    if (stop) return kStop;
    fresh_sizes += std::to_string(fresh) + ",";
    std::size_t done = bytes.size() > keep ? bytes.size() - keep : 0;
    if (random != nullptr) done = (*random)() % (bytes.size() + 1);
    const std::string got{bytes.begin(), bytes.end()};
    EXPECT_EQ(got.substr(0, tail.size()), tail);
    text += got.substr(0, done);
    place(got.substr(0, done));
    tail = got.substr(done);
    return done;
  }
  void gap(std::uint64_t bytes) override {
    flush();
    gaps += bytes;
    text += '[' + std::to_string(bytes) + ']';
    places.resize(places.size() + bytes);
  }
  void evicted(std::uint64_t bytes) override { lost += bytes; }
  void unheld(std::uint64_t bytes) override { unheld_bytes += bytes; }
  bool overflow(std::uint64_t bytes) override {
    ++overflows;
    if (goes_on) tail.clear(), lost += bytes;
    return goes_on;
  }
  void flush() {
    text += tail;
    place(tail);
    tail.clear();
  }

 private:
  void place(std::string_view more) {
    for (const char c : more) places.emplace_back(c);
  }
};

class StreamTest : public testing::Test {
 protected:
  void send(std::uint32_t sequence, std::string_view text, bool fin = false) {
    stream.segment(sequence, bytes_of(text), static_cast<std::uint32_t>(text.size()), fin, memory, out);
  }
  void open(std::uint32_t first) {
    stream.want(true);
    stream.open(first, true);
  }
  ~StreamTest() override {
    stream.clear(memory);
    EXPECT_EQ(memory.in_use(), 0U);
  }
  SegmentMemory memory{1U << 20U};
  Recorder out;
  Stream stream;
};

// Where there is no room even for a backlog.
TEST(Stream, WithoutMemoryBytesAreLostAndHolesGivenUp) {
  SegmentMemory memory{sizeof(Backlog) - 1};
  Recorder out;
  out.keep = 1;
  Stream stream;
  stream.want(true);
  stream.open(100, true);
  stream.segment(100, bytes_of("abc"), 3, false, memory, out);
  EXPECT_EQ(out.text, "ab");
  EXPECT_EQ(out.lost, 1U);
  out.tail.clear();
  stream.segment(105, bytes_of("fg"), 2, false, memory, out);
  EXPECT_EQ(out.text, "ab[2]f");
  EXPECT_EQ(stream.missed(), 2U);
  stream.clear(memory);
  EXPECT_EQ(memory.in_use(), 0U);
}

TEST_F(StreamTest, InOrderTakesNoMemory) {
  open(100);
  send(100, "abc");
  send(103, "def");
  EXPECT_EQ(out.text, "abcdef");
  EXPECT_EQ(memory.in_use(), 0U);
}

TEST_F(StreamTest, OutOfOrderWaits) {
  open(100);
  send(103, "def");
  EXPECT_EQ(out.text, "");
  EXPECT_GT(memory.in_use(), 0U);
  send(100, "abc");
  EXPECT_EQ(out.text, "abcdef");
  EXPECT_EQ(memory.in_use(), 0U);
}

TEST_F(StreamTest, WhatCameFirstStays) {
  open(0);
  send(2, "cd");
  send(0, "ABCDEF");
  send(3, "xxxxG");  // a repetition with two bytes more
  EXPECT_EQ(out.text, "ABcdEFxG");
  send(0, "zzz");
  EXPECT_EQ(out.text.size(), 8U);
}

TEST_F(StreamTest, SequenceNumbersWrap) {
  open(0xfffffffe);
  send(2, "efgh");
  send(0xfffffffe, "abcd");
  EXPECT_EQ(out.text, "abcdefgh");
}

TEST_F(StreamTest, AHoleIsGivenUpWhenAcknowledged) {
  open(0);
  send(0, "ab");
  send(5, "fg");
  stream.acknowledged(3, memory, out);  // inside the hole: the rest may still come
  EXPECT_EQ(out.text, "ab");
  EXPECT_FALSE(stream.knows(7));
  stream.acknowledged(7, memory, out);
  EXPECT_TRUE(stream.knows(7) && stream.knows(3));
  EXPECT_EQ(out.text, "ab[3]fg");
  send(2, "cde");  // too late
  EXPECT_EQ(out.text, "ab[3]fg");
  EXPECT_EQ(stream.missed(), 3U);
  EXPECT_FALSE(stream.from_start());
}

TEST_F(StreamTest, AnAcknowledgementMayOvertakeItsData) {
  open(0);
  stream.acknowledged(2, memory, out);
  send(0, "ab");
  EXPECT_EQ(out.text, "ab");
  // Acknowledged and never seen: known to be lost once something behind it comes.
  stream.acknowledged(5, memory, out);
  send(5, "fg");
  EXPECT_EQ(out.text, "ab[3]fg");
}

TEST_F(StreamTest, TheEndTellsWhatIsMissing) {
  open(0);
  send(0, "ab");
  send(6, "gh", true);
  stream.acknowledged(2, memory, out);
  stream.finish(0, memory, out);
  EXPECT_EQ(out.text, "ab[4]gh");
}

TEST_F(StreamTest, AnAcknowledgedFinClosesTheStream) {
  open(0);
  send(0, "ab");
  stream.segment(9, {}, 0, true, memory, out);
  stream.acknowledged(10, memory, out);
  EXPECT_EQ(out.text, "ab[7]");
  stream.finish(0, memory, out);
  EXPECT_EQ(stream.missed(), 7U);
}

TEST_F(StreamTest, AnUnseenFinIsNoByte) {
  open(0);
  send(0, "ab");
  stream.finish(1, memory, out);
  EXPECT_EQ(stream.missed(), 0U);
  stream.finish(5, memory, out);
  EXPECT_EQ(stream.missed(), 5U);
  EXPECT_EQ(out.text, "ab[5]");
}

// Where acknowledgements are seen, nobody makes us jump over a hole by sending much behind it.
TEST_F(StreamTest, WithoutMemoryTheHoleStays) {
  open(0);
  stream.acknowledged(0, memory, out);
  out.held_max = 4096;
  for (std::uint32_t i = 0; i < 1000; ++i) send(10 + 2 * i, "x");
  EXPECT_EQ(out.text, "");
  EXPECT_GT(out.unheld_bytes, 0U);
  send(0, "0123456789");
  EXPECT_EQ(out.text, "0123456789x");
  stream.acknowledged(10 + 2 * 1000, memory, out);
  stream.finish(0, memory, out);
  EXPECT_EQ(stream.missed(), 1000 + out.unheld_bytes);
}

TEST_F(StreamTest, WhatIsNotDoneWithComesAgain) {
  open(0);
  out.keep = 2;
  send(0, "abc");
  EXPECT_EQ(out.tail, "bc");
  send(3, "def");
  EXPECT_EQ(out.text, "abcd");
  EXPECT_EQ(out.tail, "ef");
  out.keep = 0;
  stream.offer(memory, out);
  EXPECT_EQ(out.text, "abcdef");
}

TEST_F(StreamTest, AFullBufferThatNobodyReadsEndsTheAnalysis) {
  open(0);
  out.keep = 1000;
  out.bytes_max = 10;
  send(0, "0123456789");
  EXPECT_EQ(out.overflows, 0);
  send(10, "a");
  EXPECT_EQ(out.overflows, 1);
  EXPECT_EQ(memory.in_use(), 0U);
  Recorder again;
  stream.segment(11, bytes_of("more"), 4, false, memory, again);
  EXPECT_EQ(again.text, "");
}

TEST_F(StreamTest, OneSegmentLargerThanTheBufferEndsTheAnalysis) {
  open(0);
  out.keep = 1000;
  out.bytes_max = 4;
  send(0, "01234");
  EXPECT_EQ(out.overflows, 1);
}

TEST_F(StreamTest, AFullBufferMayBeDropped) {
  open(0);
  out.keep = 1000;
  out.bytes_max = 10;
  out.goes_on = true;
  send(0, "01234567");
  send(8, "89ab");  // the last two wait on
  EXPECT_EQ(out.overflows, 1);
  EXPECT_EQ(out.lost, 10U);
  EXPECT_EQ(out.tail, "ab");
  send(12, "0123456789abc");
  EXPECT_EQ(out.overflows, 2);
  EXPECT_EQ(out.tail, "89abc");
  out.keep = 0;
  send(25, "d");
  EXPECT_EQ(out.text, "89abcd");
}

TEST_F(StreamTest, WhatIsNewIsTold) {
  open(0);
  out.keep = 2;
  send(0, "abc");
  send(3, "d");
  send(5, "fg");
  send(4, "e");
  stream.offer(memory, out);
  EXPECT_EQ(out.fresh_sizes, "3,1,1,2,0,");
}

TEST_F(StreamTest, TheBufferOfOneDirectionIsBounded) {
  open(0);
  out.held_max = 4096;
  for (std::uint32_t i = 0; i < 1000; ++i) send(10 + 2 * i, "x");  // single bytes behind holes
  EXPECT_LE(memory.in_use(), 2 * 4096U);
  EXPECT_GT(out.gaps, 0U);
}

TEST_F(StreamTest, WithoutMemoryHolesAreGivenUp) {
  SegmentMemory none{0};
  stream.want(true);
  stream.open(0, true);
  stream.segment(5, bytes_of("fg"), 2, false, none, out);
  EXPECT_EQ(out.text, "[5]fg");
  out.keep = 1;
  stream.segment(7, bytes_of("hi"), 2, false, none, out);
  EXPECT_EQ(out.lost, 1U);
}

TEST_F(StreamTest, StopKeepsThePositions) {
  open(0);
  send(5, "fg");
  out.stop = true;
  send(0, "a");
  send(1, "bcde");
  stream.finish(0, memory, out);
  EXPECT_EQ(out.text, "");
  EXPECT_EQ(stream.missed(), 0U);
}

TEST_F(StreamTest, WithoutInterestHolesAreCountedWithoutBytes) {
  stream.open(0, true);
  send(0, "ab");
  send(4, "ef");
  send(10, "kl");
  send(2, "cd");
  stream.finish(0, memory, out);
  EXPECT_EQ(stream.missed(), 4U);
  EXPECT_EQ(out.text, "[4]");
}

TEST_F(StreamTest, WithoutInterestFewRangesAreFollowed) {
  stream.open(0, true);
  for (std::uint32_t i = 1; i < 1000; ++i) send(3 * i, "x");
  EXPECT_LE(memory.in_use(), 20 * sizeof(Segment));
  stream.finish(0, memory, out);
  EXPECT_EQ(stream.missed(), 3U + 2U * 998U);
}

TEST_F(StreamTest, BytesThatTheCaptureCutAreAHole) {
  open(0);
  stream.segment(0, bytes_of("ab"), 5, false, memory, out);
  send(5, "fg");
  stream.acknowledged(7, memory, out);
  EXPECT_EQ(out.text, "ab[3]fg");
}

struct Sent {
  std::int64_t start;
  std::string text;
};

// Segments that cover most of a stream, with overlaps, repetitions and losses, shuffled within a window. Each segment
// has bytes of its own, so that it shows which one was taken.
std::vector<Sent> make_segments(std::mt19937& random, std::size_t size) {
  std::vector<Sent> sent;
  char mark = 0;
  for (std::size_t at = 0; at < size;) {
    const std::size_t length = 1 + random() % 40;
    const std::size_t back = random() % 3 == 0 ? std::min<std::size_t>(at, random() % 30) : 0;
    if (random() % 10 != 0) sent.push_back({static_cast<std::int64_t>(at - back), std::string(length + back, mark++)});
    if (random() % 8 == 0 && !sent.empty()) sent.push_back(sent[random() % sent.size()]);
    at += length;
  }
  for (std::size_t i = 0; i + 1 < sent.size(); ++i) {
    std::swap(sent[i], sent[i + random() % std::min<std::size_t>(8, sent.size() - i)]);
  }
  return sent;
}

// The first segment that covers a position owns it.
std::vector<std::optional<char>> model(const std::vector<Sent>& sent) {
  std::vector<std::optional<char>> owner;
  for (const Sent& s : sent) {
    const auto start = static_cast<std::size_t>(s.start);
    if (owner.size() < start + s.text.size()) owner.resize(start + s.text.size());
    for (std::size_t i = 0; i < s.text.size(); ++i)
      if (!owner[start + i]) owner[start + i] = s.text[i];
  }
  return owner;
}

TEST(StreamProperty, AgreesWithTheNaiveModel) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const auto sent = make_segments(random, 600);
    SegmentMemory memory{1U << 24U};
    Recorder out;
    out.random = &random;
    Stream stream;
    stream.want(true);
    const auto base = static_cast<std::uint32_t>(random());
    stream.open(base, true);
    for (const Sent& s : sent) {
      stream.segment(base + static_cast<std::uint32_t>(s.start), bytes_of(s.text),
                     static_cast<std::uint32_t>(s.text.size()), false, memory, out);
    }
    stream.finish(0, memory, out);
    out.flush();
    ASSERT_EQ(out.places, model(sent));
    ASSERT_EQ(out.gaps, stream.missed());
    stream.clear(memory);
    ASSERT_EQ(memory.in_use(), 0U);
  }
}

TEST(StreamProperty, AcknowledgementsAndLittleMemoryOnlyLoseBytes) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const auto sent = make_segments(random, 600);
    SegmentMemory memory{random() % 8192};
    Recorder out;
    out.bytes_max = out.held_max = 512;
    Stream stream;
    stream.want(true);
    const auto base = static_cast<std::uint32_t>(random());
    stream.open(base, true);
    std::int64_t furthest = 0;
    for (const Sent& s : sent) {
      furthest = std::max(furthest, s.start + static_cast<std::int64_t>(s.text.size()));
      if (random() % 3 == 0) {
        stream.acknowledged(base + static_cast<std::uint32_t>(furthest) - static_cast<std::uint32_t>(random() % 50),
                            memory, out);
      }
      stream.segment(base + static_cast<std::uint32_t>(s.start), bytes_of(s.text),
                     static_cast<std::uint32_t>(s.text.size()), false, memory, out);
    }
    stream.acknowledged(base + static_cast<std::uint32_t>(furthest), memory, out);
    stream.finish(0, memory, out);
    // Every position is told once, as a byte that some segment had there or as missing.
    ASSERT_EQ(static_cast<std::int64_t>(out.places.size()), furthest);
    for (std::size_t i = 0; i < out.places.size(); ++i) {
      if (!out.places[i]) continue;
      ASSERT_TRUE(std::any_of(sent.begin(), sent.end(), [&](const Sent& s) {
        const auto at = static_cast<std::int64_t>(i) - s.start;
        return at >= 0 && at < static_cast<std::int64_t>(s.text.size()) &&
               s.text[static_cast<std::size_t>(at)] == *out.places[i];
      })) << i;
    }
    stream.clear(memory);
    ASSERT_EQ(memory.in_use(), 0U);
  }
}

}  // namespace
}  // namespace nw::network
