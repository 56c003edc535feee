// A live interface in one worker: wait until the handle is readable, take a batch, decode it, look around, go on.
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "app/input.h"
#include "app/packet_catch.h"
#include "base/log.h"

namespace nw::app {

namespace {

constexpr std::chrono::milliseconds kRoomLook{10};
constexpr std::size_t kBatch = 512;  // packets between two looks at the rest of the io_context

class CaptureInput final : public Input {
 public:
  CaptureInput(std::unique_ptr<capture::PacketSource> packets, const InputContext& context,
               const capture::LiveOptions& options)
      : context_{context},
        packets_{std::move(packets)},
        readable_{context.io, packets_->descriptor()},
        room_{context.io},
        decoder_{context.pipeline.snapshot().schema, context.pipeline.snapshot().interest, context.source,
                 context.config.network, context.seed} {
    interface_.name = options.interface;
    interface_.filter = options.filter;
    interface_.snaplen = options.snaplen_bytes;
    tell_interface({});
  }
  ~CaptureInput() override {
    if (readable_.is_open()) readable_.release();  // libpcap closes its own descriptor
  }

  void start() override { wait(); }

  void stop() override {
    if (stopped_) return;
    stopped_ = true;
    // What waits in the ring is taken; on a link that never pauses, for a second.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    while (fault_.empty() && std::chrono::steady_clock::now() < end && take_batch() != 0) {
    }
    decoder_.finish(context_.pipeline);
    readable_.cancel();
    room_.cancel();
  }

  void subscribe(const Snapshot& snapshot) override { decoder_.subscribe(snapshot.schema, snapshot.interest); }

  void tick(Timestamp now) override {
    if (stopped_) return;
    decoder_.advance(now, context_.pipeline);
    const capture::CaptureCounters counters = packets_->counters();
    SourceFlow& flow = context_.pipeline.flow(context_.source);
    flow.packets_seen = counters.packets;
    flow.packets_lost = counters.kernel_dropped + counters.interface_dropped;
    flow.stream_gap_bytes = decoder_.counters().stream_gap_bytes;
    interface_.counted = now;
    tell_interface(counters);
  }

  [[nodiscard]] std::optional<std::uint64_t> flow_of(const event::Event& event) const override {
    if (event.get(event::Common::uid) != nullptr) return decoder_.flow_of_event();
    return in_packet_ ? std::optional<std::uint64_t>{0} : std::nullopt;
  }

  void report(SourceReport& out) override {
    out.packets = true;
    out.capture = packets_->counters();
    out.network = decoder_.counters();
    out.flows = decoder_.flows();
    out.network_bytes = decoder_.bytes_held();
    out.received = decoder_.counters().events;
    out.fault = fault_;
  }

 private:
  // While there is no room the kernel's ring fills, and counts what it drops.
  void wait() {
    if (context_.behind.full()) {
      room_.expires_after(kRoomLook);
      room_.async_wait([this](const boost::system::error_code& error) {
        if (!error && !stopped_) wait();
      });
      return;
    }
    readable_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [this](const boost::system::error_code& error) {
                           if (error || stopped_) return;
                           take_batch();
                           if (fault_.empty()) wait();
                         });
  }

  std::size_t take_batch() {
    const auto got = packets_->read(kBatch, [this](const capture::Packet& packet) {
      in_packet_ = true;
      decoder_.packet(packet.data, packet.wire_bytes, packet.time, packet.link_type, ordinal_++, context_.pipeline);
      in_packet_ = false;
      if (context_.packets != nullptr)
        context_.packets->keep(context_.source, decoder_.flow_of_packet(), decoder_.flow_around_packet(), packet);
    });
    if (got) return *got;
    fault_ = got.error().what;
    log_error("capture_stopped", "a capture source stopped; its traffic is no longer watched", {{"error", fault_}});
    return 0;
  }

  // For the files of frozen packets.
  void tell_interface(const capture::CaptureCounters& counters) {
    if (context_.packets == nullptr) return;
    interface_.accepted = counters.packets + counters.kernel_dropped;
    if (interface_.filter.empty()) interface_.received = interface_.accepted;
    interface_.kernel_dropped = counters.kernel_dropped;
    interface_.interface_dropped = counters.interface_dropped;
    context_.packets->interface(context_.source, interface_);
  }

  InputContext context_;
  record::CapturedInterface interface_;
  std::unique_ptr<capture::PacketSource> packets_;
  boost::asio::posix::stream_descriptor readable_;
  boost::asio::steady_timer room_;
  network::NetworkDecoder decoder_;
  std::uint64_t ordinal_ = 0;
  bool stopped_ = false, in_packet_ = false;
  std::string fault_;
};

}  // namespace

Result<std::unique_ptr<Input>> open_capture_input(const SourceConfig& source, const InputContext& context) {
  capture::LiveOptions options = source.live;
  options.fanout_group = context.fanout_group;
  auto packets = capture::open_live(options);
  if (!packets) return Error{packets.error().code, "source '" + source.name + "': " + packets.error().what};
  return std::unique_ptr<Input>{std::make_unique<CaptureInput>(std::move(*packets), context, options)};
}

}  // namespace nw::app
