// The payload of flows: which protocol it is, and its bytes in order to the protocol's analyzer.
#pragma once

#include <cstdint>

#include "ingest/network/decoder.h"
#include "ingest/network/expected_flows.h"
#include "ingest/network/flow.h"
#include "ingest/network/flow_context.h"
#include "ingest/network/home_search.h"
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

  // A new flow: whether its payload will be looked at. `opened`: it is known who opened it.
  void begin(Flow& flow, bool opened) noexcept;
  // The payload of one packet; the context is set to the flow.
  void datagram(Flow& flow, Direction direction, Bytes payload);
  void segment(Flow& flow, Direction direction, const TransportHeader& header);
  // The flow has ended: holes are given up, the analyzer finishes, all memory is given back. `until`: nothing of it
  // comes any more with a time up to that.
  void finish(Flow& flow, Timestamp until);

  [[nodiscard]] std::size_t bytes_held() const noexcept { return memory_.in_use(); }

  // A flow is probed for a protocol at most so often; then it costs headers only. On the port of a control protocol
  // that is looked for without end.
  static constexpr unsigned kProbesMax = 8;
  static constexpr unsigned kHomeProbesMax = 64;  // over TCP, on the port of another protocol that somebody asks for
  // A probe that is unsure is asked again with up to so many bytes.
  static constexpr std::size_t kProbeBytesMax = 2048;
  // On the port of a control protocol so few bytes wait in any case: what begins there may not show yet.
  static constexpr std::size_t kFewBytes = 32;
  // How often the protocol of a flow changes at most; a proxy within a proxy is two. On the port of a control protocol,
  // of one packet.
  static constexpr unsigned kChangesMax = 4;

 private:
  class Taker;

  // What waits in one direction; the last `fresh` bytes are new.
  struct Waiting {
    Bytes bytes;
    std::size_t fresh = 0;
    [[nodiscard]] Waiting from(std::size_t at) const noexcept;
    [[nodiscard]] Waiting all() const noexcept { return {bytes, bytes.size()}; }  // looked at anew
  };

  std::size_t stream_bytes_max(const Flow& flow) const noexcept;
  std::size_t data(Flow& flow, Direction direction, Waiting waiting);
  void begin_protocol(Flow& flow, std::uint16_t protocol, Transport transport);
  [[nodiscard]] std::span<const HomePort> hinted(const Flow& flow, std::size_t side,
                                                 Transport transport) const noexcept;
  [[nodiscard]] bool asks_on(const Flow& flow, Transport transport) const noexcept;
  // Another flow announced it, and its analyzer is there. (Or, over UDP, what carries the protocol that is looked for.)
  bool was_expected(Flow& flow, Transport transport);
  Verdict ask(Flow& flow, Direction direction, Bytes bytes);
  Verdict recognise(Flow& flow, Direction direction, Transport transport, Bytes bytes);
  void tell_mismatch(const Flow& flow);
  std::size_t probe_stream(Flow& flow, Direction direction, Waiting waiting);
  bool probe_datagram(Flow& flow, Direction direction, Bytes payload);
  std::size_t hand_on(Flow& flow, Direction direction, Waiting waiting, std::size_t at);
  std::size_t read_first(Flow& flow, Direction direction, Waiting waiting, std::size_t at);
  std::size_t run(Flow& flow, Direction direction, Waiting waiting);
  std::size_t change(Flow& flow, Direction direction, Waiting waiting, std::size_t ahead, std::size_t done);
  void begin_anew(Flow& flow) noexcept;
  void acknowledged(Flow& flow, Direction direction);
  void learn(Flow& flow, Direction direction, std::uint32_t acknowledgement);
  void stop(Flow& flow) noexcept;

  // On the port of a control protocol (analysis_home.cpp).
  [[nodiscard]] std::span<const HomePort> homes(const Flow& flow) const noexcept;
  [[nodiscard]] bool is_home(const Flow& flow, std::uint16_t protocol) const noexcept;
  void settle(Flow& flow, std::uint16_t protocol) noexcept;
  bool leave(Flow& flow, bool fits) noexcept;
  void take_over(Flow& flow, std::uint16_t protocol, Transport transport);
  [[nodiscard]] HomeFound find(const Flow& flow, Direction direction, Waiting waiting, HomeSearch::Least least,
                               bool anywhere) const;
  std::size_t probe_home(Flow& flow, Direction direction, Waiting waiting);
  std::size_t watch(Flow& flow, Direction direction, Waiting waiting, std::size_t done);
  void watch(Flow& flow, Direction direction, Bytes datagram);
  void confirm(Flow& flow, Direction direction, bool sure, Bytes bytes) const;

  SegmentMemory memory_;
  const PortHints& hints_;
  FlowContext& context_;
  ExpectedFlows& expected_;
  NetworkCounters& counters_;
  const Subscription* subscription_ = nullptr;
  bool offering_ = false;  // what waits in a stream is being handed on again
  unsigned changes_ = 0;   // of protocols, in this packet
};

}  // namespace nw::network
