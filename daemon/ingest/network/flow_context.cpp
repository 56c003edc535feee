#include "ingest/network/flow_context.h"

#include <algorithm>

#include "ingest/network/weird_event.h"

namespace nw::network {

EventWriter FlowContext::begin_type(const BoundType& type, Timestamp time) {
  using event::Common;
  using event::Value;
  Flow& flow = *flow_;
  event_.begin(type.id, source_, time, flow.last, event::TimeQuality::capture);
  event_.ordinal = flow.last_ordinal;
  event_.gap_bytes = flow.sides[0].stream.missed() + flow.sides[1].stream.missed();
  open_ = type.wanted;
  if (!open_) {
    nothing_.assign(type.fields.size(), event::kNoField);
    return {event_, nothing_};
  }
  const FlowNames::Texts names = names_.of(flow);
  // In the order of `Common`. The community id is the last of them, since it may be missing.
  event::Event::Entry* const common = event_.set_first(names.community_id.empty() ? 7 : 8).data();
  const auto set = [common](Common field, const Value& value) { common[index(event::common(field))].value = value; };
  set(Common::ts, Value::time(time));
  set(Common::uid, Value::text(names.uid));
  set(Common::orig_h, Value::address(flow.address(0)));
  set(Common::orig_p, Value::integer(flow.port(0)));
  set(Common::resp_h, Value::address(flow.address(1)));
  set(Common::resp_p, Value::integer(flow.port(1)));
  set(Common::proto, Value::text(protocol_name(flow.key.protocol)));
  if (!names.community_id.empty()) set(Common::community_id, Value::text(names.community_id));
  if (flow.parents != kNoSlot) set_parents();
  return {event_, type.fields};
}

void FlowContext::set_parents() {
  const std::span<const Uid> uids = parents_[flow_->parents];
  const std::span<event::Value> values = event_.arena().make<event::Value>(uids.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = event::Value::text(text(uids[i]));
  event_.set(event::common(event::Common::tunnel_parents), event::Value::list(values));
}

EventWriter FlowContext::begin(std::size_t type, Timestamp time) {
  return begin_type(subscription_->type(flow_->protocol, type), time);
}

void FlowContext::hand_on(std::uint32_t part) {
  open_ = false;
  event_.part = part;
  ++counters_.events;
  sink_->accept(event_);
}

void FlowContext::emit() {
  if (!open_) return;
  ++counters_.protocols[flow_->protocol].messages;
  hand_on(flow_->part++);
}

void FlowContext::refused(DecodeError error) {
  refused_ = true;
  ++counters_.protocols[flow_->protocol].refused[static_cast<std::size_t>(error)];
}

void FlowContext::noise(std::size_t octets) {
  counters_.protocols[flow_->protocol].noise_bytes += octets;
  if (!flow_->at_home || flow_->noisy || !subscription_->own(OwnEvent::weird).wanted) return;
  flow_->noisy = true;
  std::uint64_t left_out = 0;
  if (weirds_.take_noise(flow_->last, left_out))
    emit_noise(*flow_, left_out, *this);
  else
    ++counters_.weirds_left_out;
}

void FlowContext::expect(const ExpectedFlow& flow) {
  const std::span<const Protocol> table = subscription_->table();
  const auto row = std::ranges::find(table, flow.protocol, &Protocol::name);
  if (row == table.end()) return;
  expected_.add(flow, static_cast<std::uint16_t>(row - table.begin()), flow_->key.realm, flow_->last);
  counters_.expected_evicted = expected_.evicted();
}

EventWriter FlowContext::begin_own(OwnEvent which, Timestamp time, Timestamp known_at) {
  const EventWriter out = begin_type(subscription_->own(which), time);
  event_.known_at = known_at;
  return out;
}

void FlowContext::emit_own() {
  if (open_) hand_on(flow_->part++);
}

EventWriter FlowContext::begin_own(OwnEvent which, const PacketPlace& place) {
  const BoundType& type = subscription_->own(which);
  event_.begin(type.id, source_, place.time, place.time, event::TimeQuality::capture);
  event_.ordinal = place.ordinal;
  open_ = type.wanted;
  event_.set(event::common(event::Common::ts), event::Value::time(place.time));
  return {event_, type.fields};
}

void FlowContext::set_parent(const Uid* parent) {
  if (parent == nullptr) return;
  const std::span<event::Value> parents = event_.arena().make<event::Value>(1);
  if (!parents.empty()) parents[0] = event::Value::text(text(*parent));
  event_.set(event::common(event::Common::tunnel_parents), event::Value::list(parents));
}

void FlowContext::emit_own(const PacketPlace& place) {
  if (open_) hand_on(place.part);
}

}  // namespace nw::network
