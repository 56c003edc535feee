// The payload of flows: which protocol it is, and its bytes in order to the protocol's analyzer.
#pragma once

#include <cstdint>

#include "ingest/network/decoder.h"
#include "ingest/network/expected_flows.h"
#include "ingest/network/flow.h"
#include "ingest/network/flow_context.h"
#include "ingest/network/segments.h"
#include "ingest/network/subscription.h"

namespace nw::network {

class Analysis {
 public:
  // `hints`: of the table that the subscriptions have.
  Analysis(std::size_t bytes_max, const PortHints& hints, FlowContext& context, ExpectedFlows& expected,
           NetworkCounters& counters)
      : memory_{bytes_max}, hints_{hints}, context_{context}, expected_{expected}, counters_{counters} {}

  // Takes effect with the next payload. Outlives its use.
  void subscribe(const Subscription* subscription) noexcept { subscription_ = subscription; }

  // A new flow: whether its payload will be looked at.
  void begin(Flow& flow) noexcept;
  // The payload of one packet; the context is set to the flow.
  void datagram(Flow& flow, Direction direction, Bytes payload);
  void segment(Flow& flow, Direction direction, const TransportHeader& header);
  // The flow has ended: holes are given up, the analyzer finishes, all memory is given back.
  void finish(Flow& flow);

  [[nodiscard]] std::size_t bytes_held() const noexcept { return memory_.in_use(); }

  // A flow is probed for a protocol at most so often; then it costs headers only.
  static constexpr unsigned kProbesMax = 8;
  static constexpr unsigned kHomeProbesMax = 64;  // over TCP, on the port of a protocol that somebody asks for
  // A probe that is unsure is asked again with up to so many bytes.
  static constexpr std::size_t kProbeBytesMax = 2048;
  // How often the protocol of a flow changes at most; a proxy within a proxy is two.
  static constexpr unsigned kChangesMax = 4;

 private:
  class Taker;

  std::size_t stream_bytes_max(const Flow& flow) const noexcept;
  std::size_t data(Flow& flow, Direction direction, Bytes bytes);
  void begin_protocol(Flow& flow, std::uint16_t protocol, Transport transport);
  [[nodiscard]] bool hinted(const Flow& flow, Transport transport) const noexcept;
  [[nodiscard]] bool asks_on(const Flow& flow, Transport transport) const;
  // Another flow announced it, and its analyzer is there. (Or, over UDP, what carries the protocol that is looked for.)
  bool was_expected(Flow& flow, Transport transport);
  Verdict recognise(Flow& flow, Direction direction, Transport transport, Bytes bytes);
  void tell_mismatch(const Flow& flow);
  std::size_t probe_stream(Flow& flow, Direction direction, Bytes bytes);
  std::size_t run(Flow& flow, Direction direction, Bytes bytes);
  void begin_anew(Flow& flow) noexcept;
  void acknowledged(Flow& flow, Direction direction);
  void stop(Flow& flow) noexcept;

  SegmentMemory memory_;
  const PortHints& hints_;
  FlowContext& context_;
  ExpectedFlows& expected_;
  NetworkCounters& counters_;
  const Subscription* subscription_ = nullptr;
  bool offering_ = false;  // what waits in a stream is being handed on again
};

}  // namespace nw::network
