// Protocols right over Ethernet: their frames to the protocol's one analyzer, and its events.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "event/event.h"
#include "ingest/network/decoder.h"
#include "ingest/network/flow_context.h"
#include "ingest/network/link.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/subscription.h"
#include "ingest/network/uid.h"

namespace nw::network {

class FrameAnalysis final : public Context {
 public:
  // All but `source` outlive this.
  FrameAnalysis(std::span<const Protocol> table, event::SourceId source, NetworkCounters& counters,
                InflaterPool& inflaters);

  // Both outlive their use.
  void subscribe(const Subscription* subscription) noexcept { subscription_ = subscription; }
  void set_sink(event::EventSink* sink) noexcept { sink_ = sink; }

  // What link.h found in a packet. False when no protocol has its EtherType. `parent`: the flow that carried it, or
  // null.
  bool frame(const LinkFrame& link, const PacketPlace& place, const Uid* parent);
  // No frame comes any more with a time up to `until`. What is told now belongs to each protocol's last frame.
  void advance(Timestamp until);
  // The source ended. Likewise.
  void finish();

  [[nodiscard]] Timestamp now() const noexcept override { return row_->place.time; }
  [[nodiscard]] const IpAddress& sender(Direction) const noexcept override { return nobody_; }
  [[nodiscard]] bool wants(std::size_t type) const noexcept override { return bound(type).wanted; }
  [[nodiscard]] bool wants(std::size_t type, std::size_t field) const noexcept override {
    return bound(type).fields[field] != event::kNoField;
  }
  EventWriter begin(std::size_t type, Timestamp time) override;
  void emit() override;
  void refused(DecodeError error) override;
  void expect(const ExpectedFlow&) override {}
  InflaterPool& inflaters() noexcept override { return inflaters_; }
  IcsWholes& ics_wholes() noexcept override { return ics_wholes_; }

 private:
  struct Row {
    std::uint16_t ether_type = 0, running = 0;  // the position in running_
  };
  // One for each protocol that has EtherTypes.
  struct Running {
    std::uint16_t protocol = 0;
    PacketPlace place{};  // of its last frame; `part` is that of its next event
    std::unique_ptr<Analyzer> analyzer{};
  };

  [[nodiscard]] const BoundType& bound(std::size_t type) const noexcept {
    return subscription_->type(row_->protocol, type);
  }
  void set_parent();

  std::span<const Protocol> table_;
  std::vector<Row> rows_;  // few, and only asked for what is neither IP nor ARP
  std::vector<Running> running_;
  event::Event event_;
  NetworkCounters& counters_;
  InflaterPool& inflaters_;
  IcsWholes ics_wholes_;
  const Subscription* subscription_ = nullptr;
  event::EventSink* sink_ = nullptr;
  Running* row_ = nullptr;  // whose analyzer is being called
  const Uid* parent_ = nullptr;
  std::vector<event::FieldId> nothing_;  // all unwanted, for an event that nobody wants
  IpAddress nobody_;
  event::SourceId source_;
  bool open_ = false;
};

}  // namespace nw::network
