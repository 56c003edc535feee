// One log source inside one worker or lane: lines in, events out, every line and every event counted once.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "app/clock_skew.h"
#include "app/snapshot.h"
#include "context/registry/heard_hosts.h"
#include "event/event.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/transports/transport.h"

namespace nw::app {

class LineFeed final : public logs::LineSink, private event::EventSink {
 public:
  // `events` takes what the lines say; it must outlive the feed.
  LineFeed(const logs::Format& format, const logs::FormatOptions& options, event::SourceId source,
           const Snapshot& snapshot, event::EventSink& events)
      : parser_{format.make(snapshot.schema, snapshot.interest, options)}, source_{source}, events_{events} {
    begin_heard(snapshot);
  }

  void line(const logs::ArrivedLine& line) override {
    place_ = line.place;
    take(line.text, logs::LineOrigin{source_, counters_.lines, line.receive_time, line.peer}, line.too_long);
  }
  // A line that somebody else has numbered.
  void take(std::string_view line, const logs::LineOrigin& origin, bool too_long) {
    if (origin.peer) heard_.note(*origin.peer);
    const std::uint64_t made = counters_.made;
    ++counters_.lines;
    counters_.bytes += line.size() + 1;
    const logs::LineFault fault = parser_->line(line, origin, *this);
    ++counters_.faults[static_cast<std::size_t>(too_long && fault == logs::LineFault::none ? logs::LineFault::too_long
                                                                                           : fault)];
    if (counters_.made != made) {
      ++counters_.told;
    } else if (const std::uint64_t joined = parser_->joined(); joined != joined_before_) {
      joined_before_ = joined;
      ++counters_.joined;
    } else {
      // Of a kind that no rule asks for: it came in and matched nothing.
      ++(fault == logs::LineFault::none ? counters_.unwanted : counters_.unread);
    }
  }

  // Often; `now` is the source's time, which may jump.
  void tick(Timestamp now) {
    if (now >= flushed_ && now - flushed_ < std::chrono::seconds{1}) return;
    flushed_ = now;
    parser_->flush(now, false, *this);
  }
  // No line comes any more.
  void end(Timestamp now) { parser_->flush(now, true, *this); }

  // LineParser::state() and restore(), flow_counters().
  [[nodiscard]] std::string state() const { return parser_->state(); }
  bool restore(std::string_view state) { return parser_->restore(state); }
  bool flow_counters(flows::Counters& out) const { return parser_->flow_counters(out); }

  void subscribe(const Snapshot& snapshot) {
    parser_->subscribe(snapshot.schema, snapshot.interest);
    begin_heard(snapshot);
  }

  // lines = told + joined + unwanted + unread, and the sum of faults.
  struct Counters {
    std::uint64_t lines = 0, bytes = 0;
    std::uint64_t made = 0;                  // events
    std::uint64_t told = 0;                  // lines with which an event came, or several
    std::uint64_t joined = 0;                // lines that became part of an event of several, or say what others mean
    std::uint64_t unwanted = 0, unread = 0;  // lines without an event: nobody asks for it; neither for its fault
    std::array<std::uint64_t, logs::kLineFaults> faults{};  // lines by LineFault; [none] is what parsed

    void add(const Counters& other) {
      lines += other.lines;
      bytes += other.bytes;
      made += other.made;
      told += other.told;
      joined += other.joined;
      unwanted += other.unwanted;
      unread += other.unread;
      for (std::size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
    }
    // What was received: events, and lines that would have been some had anybody asked.
    [[nodiscard]] std::uint64_t received() const noexcept { return made + unwanted + unread; }
  };
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] const ClockSkew& clock_skew() const noexcept { return clock_skew_; }
  [[nodiscard]] event::SourceId source() const noexcept { return source_; }
  // Lines by host of hosts_with_logs() of this register. A line may count twice: by its sender, and by what it says.
  struct Heard {
    std::shared_ptr<const context::Registry> registry;
    std::vector<std::uint64_t> lines;
  };
  [[nodiscard]] Heard heard() const {
    if (heard_.counts().empty()) return {};
    return {registry_, heard_.counts()};
  }

 private:
  void accept(event::Event& event) override {
    ++counters_.made;
    event.place = place_;
    if (event.time_quality() == event::TimeQuality::stated) clock_skew_.add(event.event_time(), event.receive_time());
    heard_.note(event);
    events_.accept(event);
  }
  void begin_heard(const Snapshot& snapshot) {
    registry_ = snapshot.registry;
    if (registry_) heard_.begin(*registry_);
  }

  std::unique_ptr<logs::LineParser> parser_;
  event::SourceId source_;
  event::EventSink& events_;
  Counters counters_;
  std::uint64_t place_ = 0;          // of the line that was taken last
  std::uint64_t joined_before_ = 0;  // by the parser's own count
  Timestamp flushed_{};
  ClockSkew clock_skew_;
  std::shared_ptr<const context::Registry> registry_;
  context::HeardHosts heard_;
};

}  // namespace nw::app
