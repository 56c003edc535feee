// One lane of a replay: a decoder or parser, a pipeline, and what they made since the lanes last met.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/line_feed.h"
#include "app/pipeline.h"
#include "ingest/capture/packet_source.h"
#include "ingest/network/decoder.h"

namespace nw::app {

// One written line and where it belongs. Records come in order of `ordinal`; what the end of a flow makes comes after
// the batch's records, flow by flow in order of the flow's first event.
struct Made {
  std::uint64_t ordinal = 0;
  bool from_flow_end = false;
  Timestamp time{};
  std::string uid;  // flow ends only
  std::string text;
  Timestamp flow_first{};  // flow ends only: put_in_order() fills it
};

// A record dealt to a lane. The bytes are borrowed from the batch.
struct Dealt {
  std::string_view bytes;
  std::uint32_t wire_bytes = 0;
  int link_type = 0;
  Timestamp time{};  // lines: when received
  std::uint64_t ordinal = 0;
  bool too_long = false;
};

class Lane final : private AlertSink, private EventTap {
 public:
  Lane(std::shared_ptr<const Snapshot> snapshot, std::vector<std::string> names, bool with_alerts, bool with_events)
      : snapshot_{snapshot},
        want_alerts_{with_alerts},
        want_events_{with_events},
        pipeline_{std::move(snapshot), std::move(names), *this, with_events ? this : nullptr} {}

  // Begins a source; the one before must have been finished.
  void begin_packets(event::SourceId source, const network::NetworkLimits& limits) {
    parser_.reset();
    decoder_ = std::make_unique<network::NetworkDecoder>(snapshot_->schema, snapshot_->interest, source, limits, 0);
    source_ = source;
  }
  void begin_lines(event::SourceId source, const logs::Format& format, const logs::FormatOptions& options) {
    decoder_.reset();
    parser_ = format.make(snapshot_->schema, snapshot_->interest, options);
    source_ = source;
  }

  void take(const Dealt& record) {
    ordinal_ = record.ordinal;
    if (decoder_) {
      const Bytes bytes{reinterpret_cast<const std::uint8_t*>(record.bytes.data()), record.bytes.size()};
      decoder_->packet(bytes, record.wire_bytes, record.time, record.link_type, record.ordinal, pipeline_);
    } else {
      take_line(record);
    }
  }
  // Time moves to `now` behind the record `ordinal`.
  void advance(Timestamp now, std::uint64_t ordinal) {
    if (!decoder_) return;
    at_flow_end(ordinal, [&] { decoder_->advance(now, pipeline_); });
  }
  void finish(std::uint64_t ordinal) {
    if (!decoder_) return;
    at_flow_end(ordinal, [&] { decoder_->finish(pipeline_); });
  }

  struct Counters {
    std::uint64_t lines = 0, unwanted = 0, unparsed = 0;
    std::array<std::uint64_t, logs::kLineFaults> faults{};
  };
  [[nodiscard]] const Counters& counters() const noexcept { return lines_; }
  [[nodiscard]] const network::NetworkDecoder* decoder() const noexcept { return decoder_.get(); }
  [[nodiscard]] const Pipeline& pipeline() const noexcept { return pipeline_; }

  // What was made since they were last cleared.
  std::vector<Made> alerts, events;
  std::map<std::string, std::uint64_t> alerts_by_level;

 private:
  template <class Step>
  void at_flow_end(std::uint64_t ordinal, Step step) {
    ordinal_ = ordinal;
    from_flow_end_ = true;
    step();
    from_flow_end_ = false;
  }

  void take_line(const Dealt& record) {
    const std::uint64_t entered = pipeline_.flow(source_).entered;
    const logs::LineOrigin origin{source_, record.ordinal, record.time, std::nullopt};
    const logs::LineFault fault = parser_->line(record.bytes, origin, pipeline_);
    ++lines_.lines;
    ++lines_.faults[static_cast<std::size_t>(
        record.too_long && fault == logs::LineFault::none ? logs::LineFault::too_long : fault)];
    if (pipeline_.flow(source_).entered == entered) ++lines_.unwanted;
  }

  void push(record::Alert alert) override {
    ++alerts_by_level[alert.level];
    if (!want_alerts_) return;
    Made made{ordinal_, from_flow_end_, alert.event_time, from_flow_end_ ? alert.uid : std::string{}, alert.to_json()};
    alerts.push_back(std::move(made));
  }
  void see(const event::Event& event, const event::Schema& schema) override {
    Made made{ordinal_, from_flow_end_, event.event_time(), {}, {}};
    if (from_flow_end_)
      if (const event::Value* uid = event.get(event::Common::uid)) made.uid = uid->to_text();
    event::append_ndjson(event, schema, made.text);
    events.push_back(std::move(made));
  }

  std::shared_ptr<const Snapshot> snapshot_;
  bool want_alerts_, want_events_, from_flow_end_ = false;
  Pipeline pipeline_;
  std::unique_ptr<network::NetworkDecoder> decoder_;
  std::unique_ptr<logs::LineParser> parser_;
  event::SourceId source_{};
  std::uint64_t ordinal_ = 0;
  Counters lines_;
};

// Puts what several lanes made in one batch in order: records by number, then flow ends by their flow's first time and
// uid.
void put_in_order(std::vector<Made>& made);

}  // namespace nw::app
