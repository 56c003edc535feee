#include "ingest/network/decoder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "ingest/network/analysis.h"
#include "ingest/network/conn_event.h"
#include "ingest/network/defragmenter.h"
#include "ingest/network/flow_context.h"
#include "ingest/network/flow_table.h"
#include "ingest/network/ip_layer.h"
#include "ingest/network/link.h"
#include "ingest/network/outcome.h"
#include "ingest/network/subscription.h"
#include "ingest/network/transport.h"

namespace nw::network {
namespace {

// 1970 to 2116: any two of these can be subtracted. A capture file may claim more.
constexpr Timestamp kTimeMin{}, kTimeMax{Nanoseconds{std::int64_t{1} << 62U}};

FlowTable::IdleTimes idle_times(const NetworkLimits& limits) {
  return {limits.tcp_idle, limits.tcp_attempt, limits.tcp_closing, limits.udp_idle, limits.icmp_idle};
}

IdleClass first_class(std::uint8_t protocol) noexcept {
  if (protocol == kTcp) return IdleClass::tcp_attempt;
  return protocol == kUdp ? IdleClass::udp : IdleClass::icmp;
}

IdleClass idle_class(const Flow& flow) noexcept {
  if (flow.key.protocol != kTcp) return flow.idle_class;
  if (flow.tcp.closing()) return IdleClass::tcp_closing;
  return flow.tcp.attempt() ? IdleClass::tcp_attempt : IdleClass::tcp;
}

}  // namespace

struct NetworkDecoder::State {
  State(event::SourceId source, const NetworkLimits& limits, std::uint64_t seed, std::span<const Protocol> protocols)
      : table{protocols},
        hints{protocols},
        flows{limits.flows_max, idle_times(limits), seed},
        defragmenter{limits.fragment_bytes_max, limits.fragment_wait, mix64(seed)},
        context{source, counters},
        analysis{limits.stream_bytes_max, context, counters},
        tcp_attempt{limits.tcp_attempt} {
    counters.protocols.resize(protocols.size());
  }

  Outcome packet(Bytes frame, std::uint32_t wire_bytes, Timestamp time, int link_type, std::uint64_t ordinal);
  std::uint32_t flow_of(const OrientedKey& key, const TransportHeader& header, const LinkFrame& link, Timestamp time);
  std::uint32_t open(const OrientedKey& key, std::uint32_t hash, const TransportHeader& header, const LinkFrame& link,
                     Timestamp time);
  [[nodiscard]] bool sender_responds(const TransportHeader& header) const noexcept;
  [[nodiscard]] bool reopens(const Flow& flow, const OrientedKey& key, const TransportHeader& header,
                             Timestamp time) const noexcept;
  void take(Flow& flow, Direction direction, const TransportHeader& header, std::uint32_t ip_bytes);
  void end(std::uint32_t slot);
  void end_all(std::vector<std::uint32_t>& slots);

  std::span<const Protocol> table;
  PortHints hints;
  NetworkCounters counters;
  FlowTable flows;
  Defragmenter defragmenter;
  FlowContext context;
  Analysis analysis;
  Nanoseconds tcp_attempt;
  std::unique_ptr<const Subscription> subscription;
  std::vector<std::uint32_t> ending;
  Timestamp clock{};  // the latest time seen or told
};

// Without a SYN, the side on a protocol's port; when that says nothing, whoever speaks second.
bool NetworkDecoder::State::sender_responds(const TransportHeader& header) const noexcept {
  if (header.protocol != kTcp && header.protocol != kUdp) return false;
  if (header.protocol == kTcp && header.has(TcpFlags::kSyn)) return header.has(TcpFlags::kAck);
  const Transport transport = header.protocol == kTcp ? Transport::tcp : Transport::udp;
  return hints.has(transport, header.source_port) && !hints.has(transport, header.destination_port);
}

// A SYN in a known flow: a repetition, or the ports are used again.
bool NetworkDecoder::State::reopens(const Flow& flow, const OrientedKey& key, const TransportHeader& header,
                                    Timestamp time) const noexcept {
  if (header.protocol != kTcp || !header.has(TcpFlags::kSyn) || header.has(TcpFlags::kAck)) return false;
  if (flow.tcp.closed()) return true;
  const std::size_t from = key.from_a == flow.a_is_originator ? 0 : 1;
  const TcpSide& side = flow.tcp.side(from);
  if (side.opened_with(header.sequence)) return false;
  // A connection that we saw from the middle, or whose end we missed. A forged SYN must not cut a busy one in two.
  return (!flow.tcp.side(0).saw_syn() && !flow.tcp.side(1).saw_syn()) || time - flow.last > tcp_attempt;
}

std::uint32_t NetworkDecoder::State::open(const OrientedKey& key, std::uint32_t hash, const TransportHeader& header,
                                          const LinkFrame& link, Timestamp time) {
  if (flows.full()) {
    ++counters.flows_evicted;
    end(flows.oldest());
  }
  const std::uint32_t slot = flows.open(key.key, hash, first_class(header.protocol));
  Flow& flow = flows[slot];
  const bool flipped = sender_responds(header);
  flow.a_is_originator = key.from_a != flipped;
  if (flipped) flow.history.add('^');
  flow.start = flow.last = flow.active = time;
  flow.touched = clock;
  flow.vlan = link.vlan;
  flow.inner_vlan = link.inner_vlan;
  analysis.begin(flow);
  ++counters.flows_opened;
  return slot;
}

std::uint32_t NetworkDecoder::State::flow_of(const OrientedKey& key, const TransportHeader& header,
                                             const LinkFrame& link, Timestamp time) {
  const std::uint32_t hash = flows.hash(key.key);
  const std::uint32_t found = flows.find(key.key, hash);
  if (found == kNoSlot) return open(key, hash, header, link, time);
  const Flow& flow = flows[found];
  if (!flows.idle(flow, time) && !reopens(flow, key, header, time)) return found;
  const std::uint32_t again = flow.start == time ? flow.again + 1 : 0;
  end(found);
  const std::uint32_t slot = open(key, hash, header, link, time);
  flows[slot].again = again;
  return slot;
}

void NetworkDecoder::State::take(Flow& flow, Direction direction, const TransportHeader& header,
                                 std::uint32_t ip_bytes) {
  FlowSide& side = flow.sides[sender(direction)];
  ++side.packets;
  side.ip_bytes += ip_bytes;
  side.payload_bytes += header.payload_bytes;
  context.set_flow(flow);
  if (header.protocol == kTcp) {
    flow.tcp.segment(sender(direction), header, flow.history);
    analysis.segment(flow, direction, header);
  } else if (header.protocol == kUdp) {
    if (side.packets == 1) flow.history.add(direction == Direction::to_responder ? 'D' : 'd');
    analysis.datagram(flow, direction, header.payload);
  }
}

Outcome NetworkDecoder::State::packet(Bytes frame, std::uint32_t wire_bytes, Timestamp time, int link_type,
                                      std::uint64_t ordinal) {
  clock = std::max(clock, time);
  LinkFrame link;
  if (const Outcome o = parse_link(frame, link_type, link); o != Outcome::decoded) return o;
  IpPacket ip;
  const std::size_t cut = wire_bytes > frame.size() ? wire_bytes - frame.size() : 0;
  if (const Outcome o = parse_ip(link.ip, link.version, cut, ip); o != Outcome::decoded) return o;
  if (ip.fragment) {
    const auto added = defragmenter.add(ip, time);
    if (added == Defragmenter::Added::bad) return Outcome::bad_fragment;
    if (added == Defragmenter::Added::kept) return Outcome::decoded;
    if (ip.version == 6) {
      if (const Outcome o = skip_extensions(ip); o != Outcome::decoded) return o;
      if (ip.fragment) return Outcome::bad_fragment;  // fragments of fragments
    }
  }
  TransportHeader header;
  if (const Outcome o = parse_transport(ip, header); o != Outcome::decoded) return o;
  const OrientedKey key =
      make_key(ip.source, header.source_port, ip.destination, header.destination_port, header.protocol, header.one_way);
  const std::uint32_t slot = flow_of(key, header, link, time);
  Flow& flow = flows[slot];
  flow.last = std::max(flow.last, time);
  flow.touched = clock;
  if (!flow.tcp.closed()) flow.active = flow.last;
  flow.last_ordinal = ordinal;
  flow.part = 0;
  take(flow, key.from_a == flow.a_is_originator ? Direction::to_responder : Direction::to_originator, header,
       ip.ip_bytes);
  flows.touch(slot, idle_class(flow));
  return Outcome::decoded;
}

void NetworkDecoder::State::end(std::uint32_t slot) {
  Flow& flow = flows[slot];
  context.set_flow(flow);
  analysis.finish(flow);
  // Whatever ended it, and on whichever thread: the same flow is always known at the same time.
  if (subscription->conn().wanted) emit_conn(flow, flows.idle_from(flow) + kLateness, table, context);
  flows.close(slot);
  ++counters.flows_closed;
}

void NetworkDecoder::State::end_all(std::vector<std::uint32_t>& slots) {
  std::sort(slots.begin(), slots.end(), [this](std::uint32_t x, std::uint32_t y) {
    Flow& a = flows[x];
    Flow& b = flows[y];
    return a.start != b.start ? a.start < b.start : uid_of(a) < uid_of(b);
  });
  for (const std::uint32_t slot : slots) end(slot);
  slots.clear();
}

void NetworkDecoder::declare(event::Schema& schema, std::span<const Protocol> table) {
  schema.add_type(conn_type());
  for (const Protocol& protocol : table)
    for (const event::TypeSpec& type : protocol.types) schema.add_type(type);
}

NetworkDecoder::NetworkDecoder(std::shared_ptr<const event::Schema> schema,
                               std::shared_ptr<const event::Interest> interest, event::SourceId source,
                               const NetworkLimits& limits, std::uint64_t seed, std::span<const Protocol> table)
    : state_{std::make_unique<State>(source, limits, seed, table)} {
  subscribe(std::move(schema), std::move(interest));
}

NetworkDecoder::~NetworkDecoder() = default;

void NetworkDecoder::subscribe(std::shared_ptr<const event::Schema> schema,
                               std::shared_ptr<const event::Interest> interest) {
  auto fresh = std::make_unique<const Subscription>(std::move(schema), *interest, state_->table);
  state_->context.subscribe(fresh.get());
  state_->analysis.subscribe(fresh.get());
  state_->subscription = std::move(fresh);
}

void NetworkDecoder::packet(Bytes frame, std::uint32_t wire_bytes, Timestamp time, int link_type, std::uint64_t ordinal,
                            event::EventSink& sink) {
  State& state = *state_;
  state.context.set_sink(&sink);
  const Outcome outcome = state.packet(frame, wire_bytes, std::clamp(time, kTimeMin, kTimeMax), link_type, ordinal);
  ++state.counters.packets;
  switch (outcome) {
    case Outcome::decoded: ++state.counters.decoded; break;
    case Outcome::ignored: ++state.counters.ignored; break;
    default: ++state.counters.malformed[malformed_index(outcome)]; break;
  }
  state.counters.fragments_expired = state.defragmenter.counters().expired;
  state.counters.fragments_evicted = state.defragmenter.counters().evicted;
}

void NetworkDecoder::tell_clock(Timestamp now) noexcept {
  state_->clock = std::max(state_->clock, std::clamp(now, kTimeMin, kTimeMax));
}

void NetworkDecoder::advance(Timestamp now, event::EventSink& sink) {
  State& state = *state_;
  const Timestamp late = std::clamp(now, kTimeMin + kLateness, kTimeMax) - kLateness;
  state.context.set_sink(&sink);
  state.flows.idle_at(late, state.ending);
  state.end_all(state.ending);
  state.defragmenter.expire(late);
  state.counters.fragments_expired = state.defragmenter.counters().expired;
}

void NetworkDecoder::finish(event::EventSink& sink) {
  State& state = *state_;
  state.context.set_sink(&sink);
  state.flows.all(state.ending);
  state.end_all(state.ending);
  state.defragmenter.expire(Timestamp::max());
  state.counters.fragments_expired = state.defragmenter.counters().expired;
}

const NetworkCounters& NetworkDecoder::counters() const noexcept { return state_->counters; }

std::size_t NetworkDecoder::flows() const noexcept { return state_->flows.size(); }

std::size_t NetworkDecoder::bytes_held() const noexcept {
  return state_->analysis.bytes_held() + state_->defragmenter.bytes_held();
}

std::uint64_t flow_hash(Bytes frame, int link_type) noexcept {
  LinkFrame link;
  IpAddress source, destination;
  if (parse_link(frame, link_type, link) != Outcome::decoded) return 0;
  if (!parse_addresses(link.ip, link.version, source, destination)) return 0;
  const FlowKey key = make_key(source, 0, destination, 0, 0, false).key;
  return std::max<std::uint64_t>(hash_key(key, 0), 1);
}

}  // namespace nw::network
