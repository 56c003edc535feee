#include "app/heartbeat.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "record/entry.h"

namespace nw::app {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Nanoseconds kStart = seconds{1000};
const Timestamp kWall = *parse_rfc3339("2026-01-15T08:00:00Z");

Seen::Source source(std::string name, std::uint64_t kernel, std::uint64_t queue = 0) {
  Seen::Source out;
  out.name = std::move(name);
  out.events = 7;
  out.packets = 100;
  if (kernel != 0) out.lost.emplace_back("kernel", kernel);
  if (queue != 0) out.lost.emplace_back("queue", queue);
  return out;
}

json::object body_of(const std::pair<std::string, std::string>& note) {
  // As the ledger takes it: nothing of it may be replaced.
  const std::string entry = record::make_entry(note.first, kWall, note.second);
  const auto view = record::parse_entry(entry);
  EXPECT_TRUE(view);
  json::object body = json::parse({view->body.data(), view->body.size()}).as_object();
  EXPECT_FALSE(body.contains("shortened")) << note.second;
  return body;
}

TEST(Heartbeat, IsDueByTheClockThatNobodySets) {
  Heartbeat pulse{minutes{1}, kStart, kWall};
  EXPECT_FALSE(pulse.due(kStart + seconds{59}));
  EXPECT_TRUE(pulse.due(kStart + minutes{1}));
  (void)pulse.beat({}, kStart + seconds{70}, kWall);
  EXPECT_FALSE(pulse.due(kStart + seconds{129}));
  EXPECT_TRUE(pulse.due(kStart + seconds{130}));
}

TEST(Heartbeat, SaysWhatWasSeenAndHowTheClockRan) {
  Heartbeat pulse{minutes{1}, kStart, kWall};
  Seen seen;
  seen.sources = {source("mirror", 0)};
  seen.sources[0].lines = 5;
  seen.alerts_accepted = 3;
  seen.alerts_folded = 2;
  seen.ledger_entries = 41;
  const auto notes = pulse.beat(seen, kStart + minutes{1}, kWall + minutes{1} - milliseconds{250});
  ASSERT_EQ(notes.size(), 1U) << "nothing was lost";
  EXPECT_EQ(notes[0].first, record::kEntryHeartbeat);
  const json::object body = body_of(notes[0]);
  EXPECT_EQ(body.at("beat"), 1);
  EXPECT_EQ(body.at("since"), "2026-01-15T08:00:00.000Z");
  EXPECT_EQ(body.at("span_ms"), 60'000);
  EXPECT_EQ(body.at("clock_moved_ms"), -250);
  EXPECT_EQ(body.at("alerts_accepted"), 3);
  EXPECT_EQ(body.at("alerts_folded"), 2);
  EXPECT_EQ(body.at("ledger_entries"), 41);
  EXPECT_EQ(body.at("sources"), (json::array{{{"name", "mirror"}, {"events", 7}, {"packets", 100}, {"lines", 5}}}));
  const auto next = pulse.beat(seen, kStart + minutes{2}, kWall + minutes{2} - milliseconds{250});
  EXPECT_EQ(body_of(next[0]).at("beat"), 2);
  EXPECT_EQ(body_of(next[0]).at("clock_moved_ms"), 0);
}

TEST(Heartbeat, TellsLossesOnce) {
  Heartbeat pulse{minutes{1}, kStart, kWall};
  Seen seen;
  seen.sources = {source("a", 5, 2), source("b", 0)};
  auto notes = pulse.beat(seen, kStart + minutes{1}, kWall + minutes{1});
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[1].first, record::kEntryDrop);
  EXPECT_EQ(body_of(notes[1]).at("sources"), (json::array{{{"name", "a"}, {"lost", {{"kernel", 5}, {"queue", 2}}}}}));
  EXPECT_EQ(pulse.beat(seen, kStart + minutes{2}, kWall + minutes{2}).size(), 1U) << "no more since";
  seen.sources = {source("a", 5, 3), source("b", 9)};
  notes = pulse.beat(seen, kStart + minutes{3}, kWall + minutes{3});
  ASSERT_EQ(notes.size(), 2U);
  const json::object drop = body_of(notes[1]);
  EXPECT_EQ(drop.at("since"), "2026-01-15T08:02:00.000Z");
  EXPECT_EQ(drop.at("sources"),
            (json::array{{{"name", "a"}, {"lost", {{"queue", 1}}}}, {{"name", "b"}, {"lost", {{"kernel", 9}}}}}));
}

TEST(Heartbeat, ManySourcesFitTheEntry) {
  Heartbeat pulse{minutes{1}, kStart, kWall};
  Seen seen;
  for (std::size_t i = 0; i < Heartbeat::kSourcesMax + 3; ++i)
    seen.sources.push_back(source(std::string(48, 'x') + std::to_string(i), ~std::uint64_t{0}));
  const auto notes = pulse.beat(seen, kStart + minutes{1}, kWall + minutes{1});
  for (const auto& note : notes) {
    const json::object body = body_of(note);
    EXPECT_EQ(body.at("sources").as_array().size(), Heartbeat::kSourcesMax);
    EXPECT_EQ(body.at("sources_left_out"), 3) << note.first;
  }
}

TEST(Heartbeat, NotesAJumpOfOurOwnClock) {
  liveness::Health health;
  health.state = "silent";
  EXPECT_FALSE(Heartbeat::clock_note(health));
  health.state = liveness::kOwnClockJump;
  health.since = kWall;
  health.seen = -3600.5;
  const auto note = Heartbeat::clock_note(health);
  ASSERT_TRUE(note);
  EXPECT_EQ(body_of({std::string{record::kEntryClock}, *note}).at("moved_ms"), -3'600'500);
}

TEST(Heartbeat, TakesItsNumbersFromTheSources) {
  SourceConfig config;
  config.name = "mirror";
  SourceReport report;
  report.received = 12;
  report.packets = true;
  report.capture.packets = 90;
  report.capture.kernel_dropped = 4;
  report.transport.dropped_full = 1;
  const auto seen = seen_of({config}, {report});
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].events, 12U);
  EXPECT_EQ(seen[0].packets, 90U);
  EXPECT_FALSE(seen[0].lines);
  using Lost = std::vector<std::pair<std::string_view, std::uint64_t>>;
  EXPECT_EQ(seen[0].lost, (Lost{{"kernel", 4}, {"queue", 1}}));
}

}  // namespace
}  // namespace nw::app
