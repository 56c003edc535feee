#include "app/intake.h"

#include <fstream>
#include <gtest/gtest.h>

namespace nw::app {
namespace {

namespace fs = std::filesystem;
using Got = std::vector<std::string>;

// Keeps every line as it came.
class Keeper final : public logs::LineParser {
 public:
  logs::LineFault line(std::string_view line, const logs::LineOrigin&, event::EventSink&) override {
    lines.emplace_back(line);
    return logs::LineFault::none;
  }
  void subscribe(std::shared_ptr<const event::Schema>, std::shared_ptr<const event::Interest>) override {}
  static inline Got lines;
};

class NoEvents final : public event::EventSink {
 public:
  void accept(event::Event&) override {}
};

struct Room final : Behind {
  [[nodiscard]] bool full() const override { return is_full; }
  [[nodiscard]] BehindMark mark() override { return {made, 0}; }
  [[nodiscard]] bool safe(const BehindMark& mark) const override { return mark.alerts <= settled; }
  bool is_full = false;
  std::uint64_t made = 0, settled = 0;
};

class IntakeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Keeper::lines.clear();
    std::string name = (fs::temp_directory_path() / "nw-intake-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root = name;
    options.spill_directory = (root / "spool").string();
  }
  void TearDown() override {
    intake.reset();
    std::error_code ignored;
    fs::remove_all(root, ignored);
  }
  void open(WhenFull when_full) {
    options.when_full = when_full;
    auto opened = Intake::open(io, feed, room, options, "test");
    ASSERT_TRUE(opened) << opened.error().what;
    intake = std::move(*opened);
  }
  void line(std::string_view text) { intake->line({text, from_unix_nanoseconds(1)}); }
  // As a worker does: a few turns of the loop.
  void run(int milliseconds = 60) {
    io.restart();
    io.run_for(std::chrono::milliseconds{milliseconds});
  }

  const logs::Format format{
      "keeper", "", logs::Reach::none, [](const logs::Format&, event::Schema&, const logs::FormatOptions&) {},
      [](const logs::Format&, std::shared_ptr<const event::Schema>, std::shared_ptr<const event::Interest>,
         const logs::FormatOptions&) -> std::unique_ptr<logs::LineParser> { return std::make_unique<Keeper>(); }};
  const Snapshot snapshot{};
  NoEvents events;
  LineFeed feed{format, {}, event::SourceId{0}, snapshot, events};
  boost::asio::io_context io{1};
  Room room;
  IntakeOptions options;
  fs::path root;
  std::unique_ptr<Intake> intake;
};

TEST_F(IntakeTest, BlockAsksTheTransportToWaitAndTakesWhatComesNevertheless) {
  open(WhenFull::block);
  EXPECT_TRUE(intake->ready());
  line("a");
  room.is_full = true;
  EXPECT_FALSE(intake->ready());
  line("b");
  EXPECT_EQ(Keeper::lines, (Got{"a", "b"}));
  EXPECT_EQ(intake->counters().dropped(), 0U);
}

TEST_F(IntakeTest, DropNewestDropsAndCounts) {
  open(WhenFull::drop_newest);
  line("a");
  room.is_full = true;
  EXPECT_TRUE(intake->ready());
  line("b");
  line("c");
  room.is_full = false;
  line("d");
  EXPECT_EQ(Keeper::lines, (Got{"a", "d"}));
  EXPECT_EQ(intake->counters().drop_newest, 2U);
}

TEST_F(IntakeTest, DropOldestKeepsTheNewestInTheirOrder) {
  options.memory_max = 3 * (sizeof(WaitingLine) + 1);
  open(WhenFull::drop_oldest);
  room.is_full = true;
  for (const char* text : {"a", "b", "c", "d", "e"}) line(text);
  EXPECT_EQ(Keeper::lines, Got{});
  EXPECT_EQ(intake->counters().held, 3U);
  EXPECT_EQ(intake->counters().drop_oldest, 2U);
  run();
  EXPECT_EQ(Keeper::lines, Got{});
  room.is_full = false;
  line("f");  // behind those that wait, though there is room: "c" makes place for it
  run();
  EXPECT_EQ(Keeper::lines, (Got{"d", "e", "f"}));
  EXPECT_EQ(intake->counters().drop_oldest, 3U);
  EXPECT_EQ(intake->counters().held, 0U);
  line("g");
  EXPECT_EQ(Keeper::lines.back(), "g");
}

TEST_F(IntakeTest, SpillComesBackInItsOrder) {
  open(WhenFull::spill);
  line("a");
  room.is_full = true;
  for (int i = 0; i < 3000; ++i) line("line " + std::to_string(i));
  EXPECT_TRUE(intake->ready());
  EXPECT_EQ(Keeper::lines, (Got{"a"}));
  EXPECT_EQ(intake->counters().held, 3000U);
  EXPECT_EQ(intake->counters().spilled, 3000U);
  room.is_full = false;
  line("last");  // not past those that wait
  run(300);
  ASSERT_EQ(Keeper::lines.size(), 3002U);
  for (std::size_t i = 0; i < 3000; ++i) {
    ASSERT_EQ(Keeper::lines[i + 1], "line " + std::to_string(i));
  }
  EXPECT_EQ(Keeper::lines.back(), "last");
  EXPECT_EQ(intake->counters().dropped(), 0U);
}

TEST_F(IntakeTest, SpilledLinesLeaveTheDiskWhenWhatTheyLedToIsSafe) {
  open(WhenFull::spill);
  room.is_full = true;
  line("a");
  room.is_full = false;
  room.made = 1;  // as if the line had made an alert
  run(100);
  EXPECT_EQ(Keeper::lines, (Got{"a"}));
  EXPECT_NE(intake->counters().held_bytes, 0U);
  room.settled = 1;
  run(2500);
  EXPECT_EQ(intake->counters().held_bytes, 0U);
}

TEST_F(IntakeTest, SpilledLinesOutliveTheDaemonAlsoUnderAnotherPolicy) {
  open(WhenFull::spill);
  room.is_full = true;
  line("a");
  line("b");
  intake->stop();
  intake.reset();
  EXPECT_EQ(Keeper::lines, Got{});
  room.is_full = false;
  open(WhenFull::block);
  EXPECT_FALSE(intake->ready());  // until they are through
  line("c");
  run();
  EXPECT_EQ(Keeper::lines, (Got{"a", "b", "c"}));
  EXPECT_TRUE(intake->ready());
}

TEST_F(IntakeTest, ASpoolThatIsFullMakesSendersWaitAndThenDropsTheNewest) {
  options.spill_max = 400;
  options.memory_max = 2 * (sizeof(WaitingLine) + 10);
  open(WhenFull::spill);
  room.is_full = true;
  int taken = 0;
  for (; taken < 100 && intake->ready(); ++taken) line("0123456789");
  EXPECT_LT(taken, 20);
  while (taken < 100 && intake->counters().dropped() == 0) {
    line("0123456789");
    ++taken;
  }
  const Intake::Counters counters = intake->counters();
  EXPECT_EQ(counters.spill_full, 1U);
  EXPECT_EQ(counters.held, static_cast<std::uint64_t>(taken) - 1);
  room.is_full = false;
  run(200);
  EXPECT_EQ(Keeper::lines.size(), static_cast<std::size_t>(taken) - 1);
  EXPECT_TRUE(intake->ready());
}

TEST_F(IntakeTest, AMarkIsSafeOnceTheAlertsBeforeItAre) {
  open(WhenFull::block);
  const logs::SinkMark none = intake->mark();
  EXPECT_TRUE(intake->safe(none));
  line("a");
  room.made = 1;
  const logs::SinkMark first = intake->mark();
  line("b");
  const logs::SinkMark second = intake->mark();  // it led to nothing more
  line("c");
  room.made = 2;
  const logs::SinkMark third = intake->mark();
  EXPECT_FALSE(intake->safe(first));
  room.settled = 1;
  EXPECT_TRUE(intake->safe(first));
  EXPECT_TRUE(intake->safe(second));
  EXPECT_FALSE(intake->safe(third));
  room.settled = 2;
  EXPECT_TRUE(intake->safe(third));
}

TEST_F(IntakeTest, WhatWaitsInMemoryIsNotSafeAndWhatWaitsOnDiskIs) {
  open(WhenFull::drop_oldest);
  room.is_full = true;
  line("a");
  const logs::SinkMark held = intake->mark();
  EXPECT_FALSE(intake->safe(held));
  room.is_full = false;
  room.made = 1;
  run();
  EXPECT_FALSE(intake->safe(held));
  room.settled = 1;
  EXPECT_TRUE(intake->safe(held));

  open(WhenFull::spill);
  line("b");
  room.made = 2;
  room.is_full = true;
  line("c");
  const logs::SinkMark spilled = intake->mark();
  EXPECT_FALSE(intake->safe(spilled));  // "b" went by
  run();
  EXPECT_FALSE(intake->safe(spilled));
  room.settled = 2;
  run();
  EXPECT_TRUE(intake->safe(spilled));
}

}  // namespace
}  // namespace nw::app
