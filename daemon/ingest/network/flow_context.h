// What analyzers and conn see of the decoder: events with the flow's fields already set.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "event/event.h"
#include "ingest/network/decoder.h"
#include "ingest/network/expected_flows.h"
#include "ingest/network/flow.h"
#include "ingest/network/flow_names.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/subscription.h"
#include "ingest/network/tunnel_parents.h"

namespace nw::network {

// A packet that an event is about when it belongs to no flow.
struct PacketPlace {
  Timestamp time;
  std::uint64_t ordinal = 0;
  std::uint32_t part = 0;
};

class WeirdLimiter;

class FlowContext final : public Context {
 public:
  // All but `source` outlive this.
  FlowContext(event::SourceId source, NetworkCounters& counters, FlowNames& names, const TunnelParents& parents,
              ExpectedFlows& expected, InflaterPool& inflaters, WeirdLimiter& weirds)
      : counters_{counters},
        names_{names},
        parents_{parents},
        expected_{expected},
        inflaters_{inflaters},
        weirds_{weirds},
        source_{source} {}

  // Which subscription, and where events go. Both outlive their use.
  void subscribe(const Subscription* subscription) noexcept { subscription_ = subscription; }
  void set_sink(event::EventSink* sink) noexcept { sink_ = sink; }
  // Which flow the next calls are about.
  void set_flow(Flow& flow) noexcept { flow_ = &flow; }
  [[nodiscard]] const Flow* flow() const noexcept { return flow_; }

  [[nodiscard]] Timestamp now() const noexcept override { return flow_->last; }
  [[nodiscard]] const IpAddress& sender(Direction direction) const noexcept override {
    return flow_->address(network::sender(direction));
  }
  [[nodiscard]] bool wants(std::size_t type) const noexcept override {
    return subscription_->type(flow_->protocol, type).wanted;
  }
  [[nodiscard]] bool wants(std::size_t type, std::size_t field) const noexcept override {
    return subscription_->type(flow_->protocol, type).fields[field] != event::kNoField;
  }
  EventWriter begin(std::size_t type, Timestamp time) override;
  void emit() override;
  void refused(DecodeError error) override;
  void expect(const ExpectedFlow& flow) override;
  InflaterPool& inflaters() noexcept override { return inflaters_; }
  IcsWholes& ics_wholes() noexcept override { return ics_wholes_; }
  [[nodiscard]] bool at_home() const noexcept override { return flow_->at_home; }
  void noise(std::size_t octets) override;

  // Whether an analyzer refused something since this was asked last.
  [[nodiscard]] bool take_refused() noexcept { return std::exchange(refused_, false); }

  // As begin() and emit(), for what the decoder itself says of the flow; `known_at`: when that was sure.
  EventWriter begin_own(OwnEvent which, Timestamp time, Timestamp known_at);
  void emit_own();
  // The same of a packet without a flow.
  EventWriter begin_own(OwnEvent which, const PacketPlace& place);
  void emit_own(const PacketPlace& place);
  // The flow that carried the packet; null: none.
  void set_parent(const Uid* parent);

 private:
  EventWriter begin_type(const BoundType& type, Timestamp time);
  void set_parents();
  void hand_on(std::uint32_t part);

  event::Event event_;
  NetworkCounters& counters_;
  FlowNames& names_;
  const TunnelParents& parents_;
  ExpectedFlows& expected_;
  InflaterPool& inflaters_;
  IcsWholes ics_wholes_;
  WeirdLimiter& weirds_;
  const Subscription* subscription_ = nullptr;
  event::EventSink* sink_ = nullptr;
  Flow* flow_ = nullptr;
  std::vector<event::FieldId> nothing_;  // all unwanted, for an event that nobody wants
  event::SourceId source_;
  bool open_ = false;
  bool refused_ = false;
};

}  // namespace nw::network
