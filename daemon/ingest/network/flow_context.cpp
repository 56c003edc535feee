#include "ingest/network/flow_context.h"

namespace nw::network {
namespace {

std::string_view proto_name(std::uint8_t protocol) noexcept {
  if (protocol == kTcp) return "tcp";
  return protocol == kUdp ? "udp" : "icmp";
}

}  // namespace

std::string_view uid_of(Flow& flow) noexcept {
  if (!flow.has_uid) {
    flow.uid = make_uid(flow.key, flow.start, flow.again);
    flow.has_uid = true;
  }
  return text(flow.uid);
}

EventWriter FlowContext::begin_type(const BoundType& type, Timestamp time) {
  using event::Common;
  using event::common;
  using event::Value;
  Flow& flow = *flow_;
  event_.begin(type.id, source_, time, flow.last, event::TimeQuality::capture);
  event_.ordinal = flow.last_ordinal;
  open_ = type.wanted;
  if (!open_) {
    nothing_.assign(type.fields.size(), event::kNoField);
    return {event_, nothing_};
  }
  if (!flow.has_community_id) flow.has_community_id = hasher_.make(flow.key, flow.community_id);
  event_.set(common(Common::ts), Value::time(time));
  event_.set(common(Common::uid), Value::text(uid_of(flow)));
  event_.set(common(Common::orig_h), Value::address(flow.address(0)));
  event_.set(common(Common::orig_p), Value::integer(flow.port(0)));
  event_.set(common(Common::resp_h), Value::address(flow.address(1)));
  event_.set(common(Common::resp_p), Value::integer(flow.port(1)));
  event_.set(common(Common::proto), Value::text(proto_name(flow.key.protocol)));
  if (flow.has_community_id) event_.set(common(Common::community_id), Value::text(text(flow.community_id)));
  return {event_, type.fields};
}

EventWriter FlowContext::begin(std::size_t type, Timestamp time) {
  return begin_type(subscription_->type(flow_->protocol, type), time);
}

void FlowContext::hand_on() {
  open_ = false;
  event_.part = flow_->part++;
  ++counters_.events;
  sink_->accept(event_);
}

void FlowContext::emit() {
  if (!open_) return;
  ++counters_.protocols[flow_->protocol].messages;
  hand_on();
}

void FlowContext::refused(DecodeError error) {
  ++counters_.protocols[flow_->protocol].refused[static_cast<std::size_t>(error)];
}

EventWriter FlowContext::begin_conn(Timestamp known_at) {
  const EventWriter out = begin_type(subscription_->conn(), flow_->start);
  event_.known_at = known_at;
  return out;
}

void FlowContext::emit_conn() {
  if (open_) hand_on();
}

}  // namespace nw::network
