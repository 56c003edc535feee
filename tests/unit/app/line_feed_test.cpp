#include "app/line_feed.h"

#include <gtest/gtest.h>

namespace nw::app {
namespace {

// Does what a line's letters say: an event for each 'e'; joined 'j'; a fault 'f'; 'h' holds an event for flush().
class Scripted final : public logs::LineParser {
 public:
  logs::LineFault line(std::string_view line, const logs::LineOrigin& origin, event::EventSink& sink) override {
    for (const char c : line) {
      if (c == 'e') tell(origin.ordinal, sink);
      if (c == 'j' || c == 'h') ++joined_;
      if (c == 'h') ++held_;
    }
    return line.find('f') == std::string_view::npos ? logs::LineFault::none : logs::LineFault::bad_header;
  }
  void flush(Timestamp /*now*/, bool /*end*/, event::EventSink& sink) override {
    ++flushes;
    for (; held_ != 0; --held_) tell(0, sink);
  }
  [[nodiscard]] std::uint64_t joined() const noexcept override { return joined_; }
  void subscribe(std::shared_ptr<const event::Schema>, std::shared_ptr<const event::Interest>) override {}

  static inline int flushes = 0;

 private:
  void tell(std::uint64_t ordinal, event::EventSink& sink) {
    event_.begin(event::TypeId{0}, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
    event_.ordinal = ordinal;
    sink.accept(event_);
  }
  event::Event event_;
  std::uint64_t joined_ = 0, held_ = 0;
};

class Sink final : public event::EventSink {
 public:
  void accept(event::Event& event) override { ordinals.push_back(event.ordinal); }
  std::vector<std::uint64_t> ordinals;
};

struct World {
  World() { Scripted::flushes = 0; }

  const logs::Format format{
      "scripted", "", logs::Reach::none, [](const logs::Format&, event::Schema&, const logs::FormatOptions&) {},
      [](const logs::Format&, std::shared_ptr<const event::Schema>, std::shared_ptr<const event::Interest>,
         const logs::FormatOptions&) -> std::unique_ptr<logs::LineParser> { return std::make_unique<Scripted>(); }};
  const Snapshot snapshot{};
  Sink sink;
  LineFeed feed{format, {}, event::SourceId{0}, snapshot, sink};
};

TEST(LineFeed, CountsEveryLineAndEveryEventOnce) {
  World world;
  const auto line = [&](std::string_view text, bool too_long = false) {
    world.feed.line({text, Timestamp{}, std::nullopt, too_long});
  };
  line("e");
  line("ee");       // two events
  line("j");        // part of another line's
  line("h");        // its event comes later
  line("jj");       // whatever the parser counts, it is one line
  line("");         // nobody wants it
  line("f");        // nobody wants what cannot be read
  line("ef");       // told as it came
  line("e", true);  // cut
  world.feed.end(Timestamp{});
  const LineFeed::Counters& counters = world.feed.counters();
  EXPECT_EQ(counters.lines, 9U);
  EXPECT_EQ(counters.told, 4U);
  EXPECT_EQ(counters.joined, 3U);
  EXPECT_EQ(counters.unwanted, 1U);
  EXPECT_EQ(counters.unread, 1U);
  EXPECT_EQ(counters.made, 6U);
  EXPECT_EQ(world.sink.ordinals, (std::vector<std::uint64_t>{0, 1, 1, 7, 8, 0}));
  EXPECT_EQ(counters.received(), 8U);
  EXPECT_EQ(counters.faults[static_cast<std::size_t>(logs::LineFault::bad_header)], 2U);
  EXPECT_EQ(counters.faults[static_cast<std::size_t>(logs::LineFault::too_long)], 1U);
  EXPECT_EQ(counters.faults[0], 6U);
  EXPECT_EQ(counters.lines, counters.told + counters.joined + counters.unwanted + counters.unread);
  EXPECT_EQ(counters.bytes, 9U + 11U);

  EXPECT_EQ(world.feed.clock_skew().median(), Nanoseconds{0});

  LineFeed::Counters sum = counters;
  sum.add(counters);
  EXPECT_EQ(sum.lines, 18U);
  EXPECT_EQ(sum.joined, 6U);
  EXPECT_EQ(sum.received(), 16U);
  EXPECT_EQ(sum.faults[0], 12U);
}

TEST(LineFeed, TicksAboutOnceASecond) {
  World world;
  const Timestamp start = from_unix_nanoseconds(1'768'464'000'000'000'000);
  const auto tick = [&](std::chrono::milliseconds after) {
    world.feed.tick(start + after);
    return Scripted::flushes;
  };
  EXPECT_EQ(tick(std::chrono::milliseconds{0}), 1);
  EXPECT_EQ(tick(std::chrono::milliseconds{999}), 1);
  EXPECT_EQ(tick(std::chrono::milliseconds{1000}), 2);
  EXPECT_EQ(tick(std::chrono::milliseconds{-5000}), 3);  // a clock that was set back
  world.feed.line({"h", start});
  EXPECT_TRUE(world.sink.ordinals.empty());
  EXPECT_EQ(tick(std::chrono::milliseconds{-3000}), 4);
  EXPECT_EQ(world.sink.ordinals.size(), 1U);
  world.feed.end(start);
  EXPECT_EQ(Scripted::flushes, 5);
}

}  // namespace
}  // namespace nw::app
