// A source at work inside one worker: a capture handle, a file that is replayed, or a log transport. Everything here
// runs on the worker's thread.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/behind.h"
#include "app/config.h"
#include "app/intake.h"
#include "app/line_feed.h"
#include "app/pipeline.h"
#include "app/replay_clock.h"
#include "ingest/capture/packet_source.h"
#include "ingest/flows/decoder.h"
#include "ingest/logs/transports/transport.h"
#include "ingest/network/decoder.h"

namespace nw::app {

class PacketCatch;

// What one source did in one worker; plain numbers, copied out between batches. Several workers' reports of a source
// add up.
struct SourceReport {
  SourceFlow flow;
  std::uint64_t received = 0;           // events counted where they are made, so that flow can be checked against it
  bool packets = false, lines = false;  // which of the parts below mean something
  capture::CaptureCounters capture;
  network::NetworkCounters network;
  std::uint64_t flows = 0, network_bytes = 0;
  LineFeed::Counters feed;
  LineFeed::Heard heard;
  std::optional<Nanoseconds> clock_skew;  // of a source that is heard live
  logs::TransportCounters transport;
  Intake::Counters intake;
  bool has_flow_records = false;
  flows::Counters flow_records;
  bool finished = false;  // a replay that came to its end
  std::string fault;      // why it stopped before; empty: it did not
};

class Input {
 public:
  virtual ~Input() = default;
  // What could fail has succeeded already when the input was made.
  virtual void start() = 0;
  // Takes what still waits, ends every flow, and hands over nothing after it returns.
  virtual void stop() = 0;
  virtual void subscribe(const Snapshot& snapshot) = 0;
  // About five times a second.
  virtual void tick(Timestamp now) = 0;
  virtual void report(SourceReport& out) = 0;
  // Within the pipeline, of an event of this source: the flow whose packets are kept (NetworkDecoder::flow_of_event());
  // 0: that of the packet being worked off; nothing: no packets are kept.
  [[nodiscard]] virtual std::optional<std::uint64_t> flow_of(const event::Event& /*event*/) const {
    return std::nullopt;
  }
};

struct InputContext {
  boost::asio::io_context& io;
  Pipeline& pipeline;
  Behind& behind;
  event::SourceId source;
  const Config& config;
  ReplayClock& clock;
  std::uint16_t fanout_group = 0;
  std::uint64_t seed = 0;
  PacketCatch* packets = nullptr;  // null: no evidence is kept
};

// Opens what `source` describes. The context's references must outlive the input.
Result<std::unique_ptr<Input>> open_input(const SourceConfig& source, const InputContext& context);

// One row per kind; the files are named after them.
Result<std::unique_ptr<Input>> open_capture_input(const SourceConfig& source, const InputContext& context);
Result<std::unique_ptr<Input>> open_replay_input(const SourceConfig& source, const InputContext& context);
Result<std::unique_ptr<Input>> open_transport_input(const SourceConfig& source, const InputContext& context);

}  // namespace nw::app
