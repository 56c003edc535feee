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
#include "record/for_export.h"

namespace nw::app {

// One written line and where it belongs: the record that it was read from (of a flow's end: the flow's last packet),
// and its number among what came from that record. No two events of a source share both.
struct Made {
  std::uint64_t ordinal = 0;
  std::uint32_t part = 0;
  std::string text;
};

// A record dealt to a lane. The bytes are borrowed from the batch, or from the reader.
struct Dealt {
  std::string_view bytes;
  std::uint32_t wire_bytes = 0;
  int link_type = 0;
  Timestamp time{};   // lines: when received
  Timestamp clock{};  // packets: the latest time so far
  std::uint64_t ordinal = 0;
  bool too_long = false;
};

// What one lane made of one batch.
struct Yield {
  std::vector<Made> alerts, events;
  std::vector<correlation::Contribution> contributions;
  Timestamp newest{};  // of its events, so far

  void clear() {
    alerts.clear();
    events.clear();
    contributions.clear();
  }
};

class Lane final : private AlertSink, private EventTap {
 public:
  struct Options {
    bool alerts = true, events = false, shadow = false;  // what is kept
    EventTap* tap = nullptr;                             // borrowed
  };
  Lane(std::shared_ptr<const Snapshot> snapshot, std::vector<Pipeline::Source> sources, const Options& options)
      : snapshot_{snapshot},
        options_{options},
        pipeline_{std::move(snapshot), std::move(sources), *this,
                  options.events || options.tap != nullptr ? this : nullptr} {}

  // Begins a source; the one before must have been finished.
  void begin_packets(event::SourceId source, const network::NetworkLimits& limits) {
    end_lines();
    decoder_ = std::make_unique<network::NetworkDecoder>(snapshot_->schema, snapshot_->interest, source, limits, 0);
    source_ = source;
  }
  void begin_lines(event::SourceId source, const logs::Format& format, const logs::FormatOptions& options) {
    decoder_.reset();
    end_lines();
    feed_ = std::make_unique<LineFeed>(format, options, source, *snapshot_, pipeline_);
    source_ = source;
  }

  void take(const Dealt& record) {
    if (decoder_) {
      const Bytes bytes{reinterpret_cast<const std::uint8_t*>(record.bytes.data()), record.bytes.size()};
      decoder_->tell_clock(record.clock);
      decoder_->packet(bytes, record.wire_bytes, record.time, record.link_type, record.ordinal, pipeline_);
    } else {
      feed_->take(record.bytes, {source_, record.ordinal, record.time, std::nullopt}, record.too_long);
    }
  }
  void advance(Timestamp now) {
    if (decoder_) decoder_->advance(now, pipeline_);
    if (feed_ && now != Timestamp{}) feed_->tick(now);
  }
  void finish() {
    if (decoder_) decoder_->finish(pipeline_);
    if (feed_) feed_->end(Timestamp{});
  }

  // Of the lines of all sources.
  [[nodiscard]] LineFeed::Counters counters() const noexcept {
    LineFeed::Counters all = lines_;
    if (feed_) all.add(feed_->counters());
    return all;
  }
  [[nodiscard]] const network::NetworkDecoder* decoder() const noexcept { return decoder_.get(); }
  [[nodiscard]] const Pipeline& pipeline() const noexcept { return pipeline_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& alerts_by_level() const noexcept {
    return alerts_by_level_;
  }

  // Swaps what was made since the last call for `out`, which is cleared: its memory is used for what comes.
  void give(Yield& out) {
    out.clear();
    std::swap(out, made_);
    out.newest = pipeline_.flow(source_).newest;
  }

 private:
  void end_lines() {
    if (feed_) lines_.add(feed_->counters());
    feed_.reset();
  }

  void push(record::Alert alert, const event::Event& event) override {
    ++alerts_by_level_[alert.level];
    if (options_.alerts)
      made_.alerts.push_back({event.ordinal, event.part, record::for_export(std::move(alert)).to_json()});
  }
  void contribute(correlation::Contribution contribution, const event::Event& /*event*/) override {
    made_.contributions.push_back(std::move(contribution));
  }
  [[nodiscard]] bool wants_shadow() const override { return options_.alerts && options_.shadow; }
  void push_shadow(record::Alert alert, const event::Event& event) override {
    const std::string text = record::for_export(std::move(alert)).to_json();
    made_.alerts.push_back({event.ordinal, event.part, "{\"shadow\":true," + text.substr(1)});
  }
  void see(const event::Event& event, const event::Schema& schema) override {
    if (options_.tap != nullptr) options_.tap->see(event, schema);
    if (!options_.events) return;
    made_.events.push_back({event.ordinal, event.part, {}});
    event::append_ndjson(event, schema, made_.events.back().text);
  }

  std::shared_ptr<const Snapshot> snapshot_;
  Options options_;
  Pipeline pipeline_;
  std::unique_ptr<network::NetworkDecoder> decoder_;
  std::unique_ptr<LineFeed> feed_;
  event::SourceId source_{};
  LineFeed::Counters lines_;  // of the sources before
  Yield made_;
  std::map<std::string, std::uint64_t> alerts_by_level_;
};

// Puts what several lanes made in one batch in order.
void put_in_order(std::vector<Made>& made);

}  // namespace nw::app
