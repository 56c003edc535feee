// Packets to events: link -> IP -> defragmentation -> flow -> stream -> protocol, and the same again for a packet that
// is within a packet. Pure: time comes with the packet. One decoder per worker and capture source; it shares nothing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/time.h"
#include "event/event.h"
#include "event/schema.h"
#include "ingest/network/layer.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct NetworkLimits {
  std::size_t flows_max = 200'000;
  std::size_t stream_bytes_max = 64U << 20;   // all reassembly buffers of the decoder together
  std::size_t fragment_bytes_max = 8U << 20;  // all IP fragments that wait
  Nanoseconds tcp_idle = std::chrono::minutes{5};
  Nanoseconds tcp_attempt = std::chrono::seconds{5};  // SYN without an answer
  Nanoseconds tcp_closing = std::chrono::seconds{5};  // after FIN or RST
  Nanoseconds udp_idle = std::chrono::minutes{1};
  Nanoseconds icmp_idle = std::chrono::minutes{1};
  Nanoseconds fragment_wait = std::chrono::seconds{30};
  Nanoseconds conn_interim{};  // a flow that lives longer has a `conn` event each time so much later; 0: none
};

// Plain integers of one worker; read between batches. packets == decoded + the sum of `malformed` + `ignored`.
struct NetworkCounters {
  std::uint64_t packets = 0;
  std::uint64_t decoded = 0;  // reached a flow, or was a fragment that was kept, or ARP, or of a protocol over Ethernet
  // Not decoded, by reason. Names: malformed_reasons().
  static constexpr std::size_t kReasons = 24;
  std::array<std::uint64_t, kReasons> malformed{};
  std::uint64_t ignored = 0;  // well formed, but nothing that we follow (LLDP, ESP, ...)
  // Packets that were found within packets: they are not in the sums above, and have the same sum of their own.
  struct Tunnelled {
    std::uint64_t packets = 0, decoded = 0, ignored = 0;
    std::array<std::uint64_t, kReasons> malformed{};
  } tunnelled;
  std::uint64_t weirds_left_out = 0;            // what has no `weird` event, because there were too many of its name
  std::array<std::uint64_t, kLayers> layers{};  // packets that had each, by Layer, as far as they were read
  std::uint64_t flows_opened = 0, flows_closed = 0, flows_evicted = 0;
  std::uint64_t stream_gap_bytes = 0, stream_evicted_bytes = 0;
  std::uint64_t tcp_unacceptable = 0;                          // segments that their receiver drops, see tcp_state.h
  std::uint64_t expected_evicted = 0;                          // announced flows that were forgotten before they came
  std::uint64_t fragments_expired = 0, fragments_evicted = 0;  // too late for their datagram; no room for it
  std::uint64_t events = 0;
  struct PerProtocol {
    std::uint64_t messages = 0;              // events emitted
    std::array<std::uint64_t, 4> refused{};  // by DecodeError
    std::uint64_t given_up = 0;              // flows whose analysis ended early
    std::uint64_t noise_bytes = 0;           // of no message, where many are in a row; in steps of 4 KiB
  };
  std::vector<PerProtocol> protocols;  // in the order of protocols()
};
// The names of NetworkCounters::malformed, for metrics; unused positions are empty.
std::span<const std::string_view> malformed_reasons();

class Subscription;

class NetworkDecoder {
 public:
  // Adds the types of the decoder's own events and of every protocol to the schema. Call it for every schema that a
  // decoder will get.
  static void declare(event::Schema& schema, std::span<const Protocol> table = protocols());

  // `seed` keys the flow table's hash; it changes no event. `table` outlives the decoder.
  NetworkDecoder(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
                 event::SourceId source, const NetworkLimits& limits, std::uint64_t seed,
                 std::span<const Protocol> table = protocols());
  // The same with an Interest that was resolved before, for who makes many decoders.
  NetworkDecoder(std::shared_ptr<const Subscription> subscription, event::SourceId source, const NetworkLimits& limits,
                 std::uint64_t seed);
  ~NetworkDecoder();
  NetworkDecoder(const NetworkDecoder&) = delete;
  NetworkDecoder& operator=(const NetworkDecoder&) = delete;

  // Takes effect with the next packet; flows in progress go on. `schema` must have grown from the one before.
  void subscribe(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest);

  // One frame. `link_type` is a DLT_ value; `ordinal` the packet's number within the source.
  void packet(Bytes frame, std::uint32_t wire_bytes, Timestamp time, int link_type, std::uint64_t ordinal,
              event::EventSink& sink);
  // The latest time that the source has shown. The decoder takes its packets' own latest time for it; a decoder that
  // gets only a share of the packets is told, so that how long a flow was left alone does not depend on the sharing.
  void tell_clock(Timestamp now) noexcept;
  // Ends the flows that are idle at `now`, in a fixed order (start time, then uid). Whether a flow ends never depends
  // on how often this is called: a packet that comes after its flow's idle time opens a new flow in any case, and
  // packets may come out of order by up to kLateness, so flows are kept so much longer.
  static constexpr Nanoseconds kLateness = network::kLateness;
  void advance(Timestamp now, event::EventSink& sink);
  // Ends every flow, in the same order.
  void finish(event::EventSink& sink);

  // The number of a flow, for who keeps something of each: the same for all its packets, in both directions. Of the
  // packet last given to packet(): a packet within packets belongs to the innermost flow; 0: no flow (ARP, a fragment
  // that waits for others, malformed).
  [[nodiscard]] std::uint64_t flow_of_packet() const noexcept;
  // The outermost flow, where that is another; else 0.
  [[nodiscard]] std::uint64_t flow_around_packet() const noexcept;
  // Within EventSink::accept(): of an event that has a uid.
  [[nodiscard]] std::uint64_t flow_of_event() const noexcept;

  [[nodiscard]] const NetworkCounters& counters() const noexcept;
  [[nodiscard]] std::size_t flows() const noexcept;
  [[nodiscard]] std::size_t bytes_held() const noexcept;

 private:
  void subscribe(std::shared_ptr<const Subscription> subscription);

  struct State;
  std::unique_ptr<State> state_;
};

// The same number for both directions of a flow, for all fragments of a datagram, and 0 for what is no IP packet: which
// worker gets the frame. Of the addresses alone, since only the first fragment has ports.
std::uint64_t flow_hash(Bytes frame, int link_type) noexcept;

}  // namespace nw::network
