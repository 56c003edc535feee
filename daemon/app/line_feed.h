// One log source inside one worker: lines in, events out, every line counted once.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "app/pipeline.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/transports/transport.h"

namespace nw::app {

class LineFeed final : public logs::LineSink {
 public:
  LineFeed(const logs::Format& format, const logs::FormatOptions& options, event::SourceId source, Pipeline& pipeline)
      : parser_{format.make(pipeline.snapshot().schema, pipeline.snapshot().interest, options)},
        source_{source},
        pipeline_{pipeline} {}

  void line(std::string_view line, Timestamp receive_time, const std::optional<IpAddress>& peer,
            bool too_long) override {
    SourceFlow& flow = pipeline_.flow(source_);
    const std::uint64_t entered = flow.entered;
    const logs::LineOrigin origin{source_, lines_, receive_time, peer};
    ++lines_;
    bytes_ += line.size() + 1;
    const logs::LineFault fault = parser_->line(line, origin, pipeline_);
    ++faults_[static_cast<std::size_t>(too_long && fault == logs::LineFault::none ? logs::LineFault::too_long : fault)];
    // A line of a kind that no rule asks for makes no event: it came in and matched nothing.
    if (flow.entered == entered) ++unwanted_;
  }

  void subscribe(const Snapshot& snapshot) { parser_->subscribe(snapshot.schema, snapshot.interest); }

  struct Counters {
    std::uint64_t lines = 0, bytes = 0, unwanted = 0;
    std::array<std::uint64_t, logs::kLineFaults> faults{};  // by LineFault; [none] is what parsed
  };
  [[nodiscard]] Counters counters() const { return {lines_, bytes_, unwanted_, faults_}; }
  [[nodiscard]] event::SourceId source() const noexcept { return source_; }

 private:
  std::unique_ptr<logs::LineParser> parser_;
  event::SourceId source_;
  Pipeline& pipeline_;
  std::uint64_t lines_ = 0, bytes_ = 0, unwanted_ = 0;
  std::array<std::uint64_t, logs::kLineFaults> faults_{};
};

}  // namespace nw::app
