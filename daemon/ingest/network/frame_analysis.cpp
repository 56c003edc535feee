#include "ingest/network/frame_analysis.h"

#include <algorithm>

namespace nw::network {

using event::Common;
using event::common;
using event::Value;

FrameAnalysis::FrameAnalysis(std::span<const Protocol> table, event::SourceId source, NetworkCounters& counters,
                             InflaterPool& inflaters)
    : table_{table}, counters_{counters}, inflaters_{inflaters}, source_{source} {
  for (std::size_t p = 0; p < table.size(); ++p) {
    if (table[p].ether_types.empty()) continue;
    for (const std::uint16_t type : table[p].ether_types)
      rows_.push_back({type, static_cast<std::uint16_t>(running_.size())});
    running_.push_back({static_cast<std::uint16_t>(p)});
  }
}

bool FrameAnalysis::frame(const LinkFrame& link, const PacketPlace& place, const Uid* parent) {
  const auto found = std::ranges::find(rows_, link.ether_type, &Row::ether_type);
  if (found == rows_.end()) return false;
  row_ = &running_[found->running];
  if (!subscription_->wants_events(row_->protocol)) {
    row_->analyzer.reset();  // what it remembers would be measured against what comes much later
    return true;
  }
  // What did not come until now is told first, as if advance() had been called at once.
  parent_ = nullptr;
  if (!row_->analyzer)
    row_->analyzer = table_[row_->protocol].make(Transport::udp);
  else
    row_->analyzer->advance(place.time - kLateness, *this);
  row_->place = place;
  parent_ = parent;
  constexpr std::size_t kAddress = 6;
  EthernetFrame frame;
  frame.type = link.ether_type;
  frame.payload = link.payload;
  if (link.ethernet.size() == 2 * kAddress) {
    frame.destination = link.ethernet.first(kAddress);
    frame.source = link.ethernet.last(kAddress);
  }
  if (link.vlan != kNoVlan) frame.vlan = link.vlan;
  row_->analyzer->ethernet(frame, *this);
  return true;
}

void FrameAnalysis::advance(Timestamp until) {
  parent_ = nullptr;
  for (Running& running : running_) {
    if (!running.analyzer || !subscription_->wants_events(running.protocol)) continue;
    row_ = &running;
    running.analyzer->advance(until, *this);
  }
}

void FrameAnalysis::finish() {
  parent_ = nullptr;
  for (Running& running : running_) {
    if (!running.analyzer) continue;
    row_ = &running;
    if (subscription_->wants_events(running.protocol)) running.analyzer->finish(*this);
    running.analyzer.reset();
  }
}

EventWriter FrameAnalysis::begin(std::size_t type, Timestamp time) {
  const BoundType& is = bound(type);
  event_.begin(is.id, source_, time, now(), event::TimeQuality::capture);
  event_.ordinal = row_->place.ordinal;
  open_ = is.wanted;
  if (!open_) {
    nothing_.assign(is.fields.size(), event::kNoField);
    return {event_, nothing_};
  }
  event_.set(common(Common::ts), Value::time(time));
  if (parent_ != nullptr) set_parent();
  return {event_, is.fields};
}

void FrameAnalysis::set_parent() {
  const std::span<Value> parents = event_.arena().make<Value>(1);
  if (!parents.empty()) parents[0] = Value::text(text(*parent_));
  event_.set(common(Common::tunnel_parents), Value::list(parents));
}

void FrameAnalysis::emit() {
  if (!open_) return;
  open_ = false;
  ++counters_.protocols[row_->protocol].messages;
  ++counters_.events;
  event_.part = row_->place.part++;
  sink_->accept(event_);
}

void FrameAnalysis::refused(DecodeError error) {
  ++counters_.protocols[row_->protocol].refused[static_cast<std::size_t>(error)];
}

}  // namespace nw::network
