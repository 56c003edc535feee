#include "ingest/network/decoder.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>
#include <utility>

#include "ingest/network/analysis.h"
#include "ingest/network/arp_event.h"
#include "ingest/network/conn_event.h"
#include "ingest/network/defragmenter.h"
#include "ingest/network/expected_flows.h"
#include "ingest/network/flow_context.h"
#include "ingest/network/flow_names.h"
#include "ingest/network/flow_table.h"
#include "ingest/network/frame_analysis.h"
#include "ingest/network/icmp_error_event.h"
#include "ingest/network/ip_layer.h"
#include "ingest/network/link.h"
#include "ingest/network/outcome.h"
#include "ingest/network/protocols/inflater.h"
#include "ingest/network/subscription.h"
#include "ingest/network/transport.h"
#include "ingest/network/tunnel.h"
#include "ingest/network/tunnel_event.h"
#include "ingest/network/tunnel_parents.h"
#include "ingest/network/weird_event.h"

namespace nw::network {
namespace {

// 1970 to 2116: any two of these can be subtracted. A capture file may claim more.
constexpr Timestamp kTimeMin{}, kTimeMax{Nanoseconds{std::int64_t{1} << 62U}};

FlowTable::IdleTimes idle_times(const NetworkLimits& limits) {
  return {limits.tcp_idle, limits.tcp_attempt, limits.tcp_closing, limits.udp_idle, limits.icmp_idle};
}

IdleClass first_class(std::uint8_t protocol) noexcept {
  if (protocol == kTcp) return IdleClass::tcp_attempt;
  return is_icmp(protocol) ? IdleClass::icmp : IdleClass::udp;
}

IdleClass idle_class(const Flow& flow) noexcept {
  if (flow.key.protocol != kTcp) return flow.idle_class;
  if (flow.tcp.closing()) return IdleClass::tcp_closing;
  return flow.tcp.attempt() ? IdleClass::tcp_attempt : IdleClass::tcp;
}

// Two packets of one frame must not give their events one name: each level counts its parts from its own base.
constexpr std::uint32_t first_part(unsigned depth) noexcept { return depth << 24U; }

Direction direction_of(const Flow& flow, const OrientedKey& key) noexcept {
  return key.from_a == flow.a_is_originator ? Direction::to_responder : Direction::to_originator;
}

template <class Sums>
void count(Outcome outcome, Sums& sums) noexcept {
  ++sums.packets;
  switch (outcome) {
    case Outcome::decoded: ++sums.decoded; break;
    case Outcome::ignored: ++sums.ignored; break;
    default: ++sums.malformed[malformed_index(outcome)]; break;
  }
}

LayerSet transport_layer(std::uint8_t protocol) noexcept {
  LayerSet out;
  switch (protocol) {
    case kTcp: out.add(Layer::tcp); break;
    case kUdp: out.add(Layer::udp); break;
    case kSctp: out.add(Layer::sctp); break;
    case kIcmp:
    case kIcmp6: out.add(Layer::icmp); break;
    default: break;  // tunnels count themselves
  }
  return out;
}

}  // namespace

// One packet on its way in, and what lies around it.
struct Passage {
  Timestamp time;
  std::uint64_t ordinal = 0;
  unsigned depth = 0;               // tunnels around it
  std::uint32_t realm = 0;          // see FlowKey
  std::uint32_t carrier = kNoSlot;  // the flow around it; only until another flow opens
  Uid parent{};                     // its uid, when depth > 0
  LinkFrame link{};
  IpPacket ip{};
  bool has_addresses = false;
  Tunnel tunnel{};  // what it carries itself
};

struct NetworkDecoder::State {
  State(event::SourceId source, const NetworkLimits& limits, std::uint64_t seed, std::span<const Protocol> protocols)
      : table{protocols},
        hints{protocols},
        flows{limits.flows_max, idle_times(limits), seed},
        defragmenter{limits.fragment_bytes_max, limits.fragment_wait, mix64(seed)},
        expected{mix64(~seed)},
        context{source, counters, names, parents, expected, inflaters, weirds},
        analysis{limits.stream_bytes_max, hints, context, expected, counters},
        frames{protocols, source, counters, inflaters},
        tcp_attempt{limits.tcp_attempt},
        conn_interim{limits.conn_interim} {
    counters.protocols.resize(protocols.size());
  }

  void set_sink(event::EventSink& sink) noexcept {
    context.set_sink(&sink);
    frames.set_sink(&sink);
  }
  void packet(Bytes frame, std::uint32_t wire_bytes, Timestamp time, int link_type, std::uint64_t ordinal);
  void open_tunnels(Passage& passage);
  Outcome ip_packet(Passage& passage, std::size_t cut);
  Outcome not_ip(const Passage& passage);
  Outcome arp(const Passage& passage, const PacketPlace& place, const Uid* parent);
  Outcome defragment(Passage& passage);
  void discover(Passage& passage);
  void count_layers(LayerSet layers) noexcept;
  void tell_weird(Outcome outcome, const Passage& passage);
  void tell_icmp_error(const Passage& passage, const TransportHeader& header);
  std::uint32_t flow_of(const OrientedKey& key, const TransportHeader& header, const LinkFrame& link, Timestamp time);
  std::uint32_t open(const OrientedKey& key, std::uint32_t hash, const TransportHeader& header, const LinkFrame& link,
                     Timestamp time);
  [[nodiscard]] bool sender_responds(const TransportHeader& header) const noexcept;
  [[nodiscard]] bool reopens(Flow& flow, const OrientedKey& key, const TransportHeader& header,
                             Timestamp time) const noexcept;
  void begin_with(Flow& flow, const TransportHeader& syn);
  void take(Flow& flow, Direction direction, const TransportHeader& header, const Passage& passage);
  [[nodiscard]] bool interim_due(const Flow& flow, Timestamp time) const noexcept;
  // No packet of such a time is to come.
  [[nodiscard]] Timestamp settled() const noexcept { return std::max(clock, advanced) - kLateness; }
  void end(std::uint32_t slot);
  void end_all(std::vector<std::uint32_t>& slots);

  std::span<const Protocol> table;
  PortHints hints;
  NetworkCounters counters;
  InflaterPool inflaters;  // before the flows, whose analyzers borrow of it
  FlowTable flows;
  FlowNames names;
  TunnelParents parents;
  WeirdLimiter weirds;
  Defragmenter defragmenter;
  ExpectedFlows expected;
  FlowContext context;
  Analysis analysis;
  FrameAnalysis frames;
  Nanoseconds tcp_attempt, conn_interim;
  std::shared_ptr<const Subscription> subscription;
  std::vector<std::uint32_t> ending;
  Timestamp clock{};     // the latest time seen or told
  Timestamp advanced{};  // the latest that advance() was told
  std::uint64_t packet_flow = 0, packet_around = 0;
};

// Without a SYN, the side on a protocol's port; when that says nothing, whoever speaks second.
bool NetworkDecoder::State::sender_responds(const TransportHeader& header) const noexcept {
  if (header.protocol == kSctp) return header.flags == SctpChunk::kInitAck || header.flags == SctpChunk::kCookieAck;
  if (header.protocol != kTcp && header.protocol != kUdp) return false;
  if (header.protocol == kTcp && header.has(TcpFlags::kSyn)) return header.has(TcpFlags::kAck);
  const Transport transport = header.protocol == kTcp ? Transport::tcp : Transport::udp;
  return hints.has(transport, header.source_port) && !hints.has(transport, header.destination_port);
}

// A SYN in a known flow: a repetition, or the ports are used again.
bool NetworkDecoder::State::reopens(Flow& flow, const OrientedKey& key, const TransportHeader& header,
                                    Timestamp time) const noexcept {
  if (header.protocol != kTcp) return false;
  const std::size_t from = sender(direction_of(flow, key));
  if (flow.tcp.answers_anew(from, header)) return true;
  if (!header.has(TcpFlags::kSyn) || header.has(TcpFlags::kAck)) return false;
  if (flow.tcp.over()) return true;
  if (flow.tcp.side(from).opened_with(header.sequence)) return false;
  // A connection that we saw from the middle, or whose end we missed. A forged SYN must not cut a busy one in two, so
  // where the other end is heard, it decides.
  const bool may = (!flow.tcp.side(0).saw_syn() && !flow.tcp.side(1).saw_syn()) || time - flow.last > tcp_attempt;
  const bool unanswered = flow.tcp.attempt() || flow.tcp.side(1 - from).state() == TcpEnd::inactive;
  if (unanswered && (may || !flow.tcp.side(from).saw_syn())) return may;
  flow.tcp.ask_anew(from, header);
  return false;
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
  analysis.begin(flow, header.protocol == kTcp && header.has(TcpFlags::kSyn));
  ++counters.flows_opened;
  return slot;
}

std::uint32_t NetworkDecoder::State::flow_of(const OrientedKey& key, const TransportHeader& header,
                                             const LinkFrame& link, Timestamp time) {
  const std::uint32_t hash = flows.hash(key.key);
  const std::uint32_t found = flows.find(key.key, hash);
  if (found == kNoSlot) return open(key, hash, header, link, time);
  Flow& flow = flows[found];
  const bool idle = flows.idle(flow, time);
  if (!idle && !reopens(flow, key, header, time)) return found;
  const std::uint32_t again = flow.start == time ? flow.again + 1 : 0;
  // What was asked in a flow that has timed out is as forgotten as if it had been swept.
  const bool answer = !idle && flow.tcp.answers_anew(sender(direction_of(flow, key)), header);
  const TransportHeader asked = flow.tcp.asked_anew(header);
  end(found);
  const std::uint32_t slot =
      answer ? open({key.key, !key.from_a}, hash, asked, link, time) : open(key, hash, header, link, time);
  flows[slot].again = again;
  if (answer) begin_with(flows[slot], asked);
  return slot;
}

// The flow's SYN was seen, but counted to the connection that had the ports before.
void NetworkDecoder::State::begin_with(Flow& flow, const TransportHeader& syn) {
  context.set_flow(flow);
  flow.tcp.segment(0, syn, 0, flow.history);
  analysis.segment(flow, Direction::to_responder, syn);
}

void NetworkDecoder::State::take(Flow& flow, Direction direction, const TransportHeader& header,
                                 const Passage& passage) {
  FlowSide& side = flow.sides[sender(direction)];
  ++side.packets;
  side.ip_bytes += passage.ip.ip_bytes;
  context.set_flow(flow);
  if (header.protocol == kTcp) {
    const auto second = std::chrono::floor<std::chrono::seconds>(passage.time.time_since_epoch()).count();
    if (!flow.tcp.segment(sender(direction), header, static_cast<std::uint32_t>(second), flow.history)) {
      ++counters.tcp_unacceptable;
      return;
    }
    analysis.segment(flow, direction, header);
    return;
  }
  flow.tcp.datagram(sender(direction), header.payload_bytes);
  if (!is_icmp(header.protocol)) {
    if (side.packets == 1) flow.history.add(direction == Direction::to_responder ? 'D' : 'd');
    if (header.protocol == kUdp && passage.tunnel.type == TunnelType::none) {
      analysis.datagram(flow, direction, header.payload);
    }
  } else if (is_icmp_error(header.protocol, header.source_port)) {
    tell_icmp_error(passage, header);
  }
}

// The message that quotes a packet belongs to the current flow; the packet quoted, to another one.
void NetworkDecoder::State::tell_icmp_error(const Passage& passage, const TransportHeader& header) {
  if (!subscription->own(OwnEvent::icmp_error).wanted) return;
  QuotedPacket quoted;
  if (!parse_quoted(header, quoted)) return;
  const FlowKey key = make_key(quoted.source, quoted.source_port, quoted.destination, quoted.destination_port,
                               quoted.protocol, quoted.one_way, passage.realm)
                          .key;
  const std::uint32_t slot = flows.find(key, flows.hash(key));
  // One that has timed out is over, whether or not advance() came by already.
  const bool open = slot != kNoSlot && !flows.idle(flows[slot], passage.time);
  emit_icmp_error(header, quoted, open ? text(names.uid(flows[slot])) : std::string_view{}, passage.time, context);
}

void NetworkDecoder::State::tell_weird(Outcome outcome, const Passage& passage) {
  if (!is_malformed(outcome) || !subscription->own(OwnEvent::weird).wanted) return;
  Weird weird{.reason = outcome};
  if (!weirds.take(outcome, passage.time, weird.left_out)) {
    ++counters.weirds_left_out;
    return;
  }
  if (passage.has_addresses) {
    weird.source = &passage.ip.source;
    weird.destination = &passage.ip.destination;
  }
  if (passage.depth != 0) weird.parent = &passage.parent;
  emit_weird(weird, {passage.time, passage.ordinal, first_part(passage.depth)}, context);
}

// What the link layer found instead of IP.
Outcome NetworkDecoder::State::not_ip(const Passage& passage) {
  const PacketPlace place{passage.time, passage.ordinal, first_part(passage.depth)};
  const Uid* parent = passage.depth == 0 ? nullptr : &passage.parent;
  if (passage.link.layers.has(Layer::arp)) return arp(passage, place, parent);
  return frames.frame(passage.link, place, parent) ? Outcome::decoded : Outcome::ignored;
}

Outcome NetworkDecoder::State::arp(const Passage& passage, const PacketPlace& place, const Uid* parent) {
  Arp message;
  const Outcome outcome = parse_arp(passage.link.arp, message);
  if (outcome != Outcome::decoded || !subscription->own(OwnEvent::arp).wanted) return outcome;
  emit_arp(message, passage.link.ethernet, parent, place, context);
  return outcome;
}

void NetworkDecoder::State::count_layers(LayerSet layers) noexcept {
  for (std::uint32_t bits = layers.bits(); bits != 0; bits &= bits - 1) {
    ++counters.layers[static_cast<std::size_t>(std::countr_zero(bits))];
  }
}

// The flow around the packet turned out to carry packets.
void NetworkDecoder::State::discover(Passage& passage) {
  Flow& flow = flows[passage.carrier];
  if (flow.carries) return;
  flow.carries = true;
  context.set_flow(flow);
  if (subscription->own(OwnEvent::tunnel).wanted) emit_tunnel(flow, TunnelAction::discover, flow.last, context);
}

// `decoded`: the packet is whole now, or a fragment that was kept (`ip.fragment` is still set).
Outcome NetworkDecoder::State::defragment(Passage& passage) {
  IpPacket& ip = passage.ip;
  passage.link.layers.add(Layer::fragment);
  const auto added = defragmenter.add(ip, passage.time, passage.realm);
  if (added == Defragmenter::Added::bad) return Outcome::bad_fragment;
  if (added == Defragmenter::Added::kept || ip.version == 4) return Outcome::decoded;
  if (const Outcome outcome = skip_extensions(ip); outcome != Outcome::decoded) return outcome;
  return ip.fragment ? Outcome::bad_fragment : Outcome::decoded;  // fragments of fragments
}

// From the IP header on. Leaves in the passage what the packet carries, and in which flow.
Outcome NetworkDecoder::State::ip_packet(Passage& passage, std::size_t cut) {
  IpPacket& ip = passage.ip;
  if (passage.depth != 0) discover(passage);
  passage.link.layers.add(passage.link.version == 4 ? Layer::ipv4 : Layer::ipv6);
  const Outcome parsed = parse_ip(passage.link.ip, passage.link.version, cut, ip);
  passage.has_addresses = ip.ip_bytes != 0;
  if (parsed != Outcome::decoded) return parsed;
  if (ip.fragment) {
    const Outcome outcome = defragment(passage);
    if (outcome != Outcome::decoded || ip.fragment) return outcome;
  }
  TransportHeader header;
  if (const Outcome o = parse_transport(ip, header); o != Outcome::decoded) return o;
  passage.link.layers.add(transport_layer(header.protocol));
  if (const Outcome o = find_tunnel(header, passage.tunnel); o != Outcome::decoded) return o;
  passage.link.layers.add(passage.tunnel.layers);
  const OrientedKey key = make_key(ip.source, header.source_port, ip.destination, header.destination_port,
                                   header.protocol, header.one_way, passage.realm);
  const std::uint32_t slot = flow_of(key, header, passage.link, passage.time);
  Flow& flow = flows[slot];
  const bool interim = interim_due(flow, passage.time);
  flow.last = std::max(flow.last, passage.time);
  flow.touched = clock;
  if (!flow.tcp.closed()) flow.active = flow.last;
  flow.last_ordinal = passage.ordinal;
  flow.part = first_part(passage.depth);
  if (passage.depth != 0) flow.parents = parents.add(flow.parents, passage.parent);
  if (passage.tunnel.type != TunnelType::none) flow.tunnel = passage.tunnel.type;
  take(flow, direction_of(flow, key), header, passage);
  if (interim) emit_conn(flow, ConnPart::so_far, flow.last, table, context);
  flows.touch(slot, idle_class(flow));
  passage.carrier = slot;
  return Outcome::decoded;
}

// The packets within the packet, from the outside in.
void NetworkDecoder::State::open_tunnels(Passage& passage) {
  while (passage.tunnel.opens()) {
    const Tunnel outer = std::exchange(passage.tunnel, {});
    passage.parent = names.uid(flows[passage.carrier]);
    passage.realm = inner_realm(passage.realm, passage.ip.source, passage.ip.destination, outer.network);
    passage.has_addresses = false;
    passage.ip = {};
    passage.link = {};
    ++passage.depth;
    Outcome outcome = Outcome::exceeded_tunnel_max_depth;
    if (passage.depth <= kTunnelDepthMax) outcome = parse_ether_type(outer.inner, outer.ether_type, passage.link);
    if (outcome == Outcome::decoded) {
      outcome = ip_packet(passage, outer.cut);
    } else {
      if (outcome == Outcome::ignored) outcome = not_ip(passage);
      if (outcome != Outcome::ignored) discover(passage);
    }
    count_layers(passage.link.layers);
    count(outcome, counters.tunnelled);
    tell_weird(outcome, passage);
  }
}

void NetworkDecoder::State::packet(Bytes frame, std::uint32_t wire_bytes, Timestamp time, int link_type,
                                   std::uint64_t ordinal) {
  clock = std::max(clock, time);
  Passage passage{.time = time, .ordinal = ordinal};
  Outcome outcome = parse_link(frame, link_type, passage.link);
  if (outcome == Outcome::decoded) {
    outcome = ip_packet(passage, wire_bytes > frame.size() ? wire_bytes - frame.size() : 0);
  } else if (outcome == Outcome::ignored) {
    outcome = not_ip(passage);
  }
  count_layers(passage.link.layers);
  count(outcome, counters);
  tell_weird(outcome, passage);
  packet_flow = packet_around = 0;
  if (passage.carrier == kNoSlot) return;
  packet_flow = number_of(flows[passage.carrier]);
  if (!passage.tunnel.opens()) return;
  packet_around = packet_flow;
  open_tunnels(passage);
  packet_flow = number_of(flows[passage.carrier]);
}

// The packet is the first of the flow in another interval, counted from the flow's start.
bool NetworkDecoder::State::interim_due(const Flow& flow, Timestamp time) const noexcept {
  if (conn_interim <= Nanoseconds::zero() || time <= flow.last || !subscription->own(OwnEvent::conn).wanted)
    return false;
  return (time - flow.start) / conn_interim != (flow.last - flow.start) / conn_interim;
}

void NetworkDecoder::State::end(std::uint32_t slot) {
  Flow& flow = flows[slot];
  context.set_flow(flow);
  // By whom it was ended, and when, must not be seen: where it is idle, that counts; else what the source has shown.
  analysis.finish(flow, std::min(flows.idle_from(flow), settled()));
  // Whatever ended it, and on whichever thread: the same flow is always known at the same time.
  const Timestamp known_at = flows.idle_from(flow) + kLateness;
  if (flow.carries && subscription->own(OwnEvent::tunnel).wanted) {
    emit_tunnel(flow, TunnelAction::close, known_at, context);
  }
  if (subscription->own(OwnEvent::conn).wanted) emit_conn(flow, ConnPart::whole, known_at, table, context);
  if (flow.parents != kNoSlot) parents.close(flow.parents);
  names.close(flow);
  flows.close(slot);
  ++counters.flows_closed;
}

void NetworkDecoder::State::end_all(std::vector<std::uint32_t>& slots) {
  std::sort(slots.begin(), slots.end(), [this](std::uint32_t x, std::uint32_t y) {
    Flow& a = flows[x];
    Flow& b = flows[y];
    return a.start != b.start ? a.start < b.start : names.uid(a) < names.uid(b);
  });
  // Flows that are over have left the caches long ago.
  constexpr std::size_t kAhead = 4;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (i + 2 * kAhead < slots.size()) flows.prefetch(slots[i + 2 * kAhead]);
    if (i + kAhead < slots.size()) flows.prefetch_index(slots[i + kAhead]);
    end(slots[i]);
  }
  slots.clear();
}

void NetworkDecoder::declare(event::Schema& schema, std::span<const Protocol> table) {
  for (std::size_t i = 0; i < kOwnEvents; ++i) schema.add_type(own_type(static_cast<OwnEvent>(i)));
  for (const Protocol& protocol : table)
    for (const event::TypeSpec& type : protocol.types) schema.add_type(type);
}

NetworkDecoder::NetworkDecoder(std::shared_ptr<const event::Schema> schema,
                               std::shared_ptr<const event::Interest> interest, event::SourceId source,
                               const NetworkLimits& limits, std::uint64_t seed, std::span<const Protocol> table)
    : NetworkDecoder{std::make_shared<const Subscription>(std::move(schema), *interest, table), source, limits, seed} {}

NetworkDecoder::NetworkDecoder(std::shared_ptr<const Subscription> subscription, event::SourceId source,
                               const NetworkLimits& limits, std::uint64_t seed)
    : state_{std::make_unique<State>(source, limits, seed, subscription->table())} {
  subscribe(std::move(subscription));
}

NetworkDecoder::~NetworkDecoder() = default;

void NetworkDecoder::subscribe(std::shared_ptr<const event::Schema> schema,
                               std::shared_ptr<const event::Interest> interest) {
  subscribe(std::make_shared<const Subscription>(std::move(schema), *interest, state_->table));
}

void NetworkDecoder::subscribe(std::shared_ptr<const Subscription> subscription) {
  state_->context.subscribe(subscription.get());
  state_->analysis.subscribe(subscription.get());
  state_->frames.subscribe(subscription.get());
  state_->subscription = std::move(subscription);
}

void NetworkDecoder::packet(Bytes frame, std::uint32_t wire_bytes, Timestamp time, int link_type, std::uint64_t ordinal,
                            event::EventSink& sink) {
  State& state = *state_;
  state.set_sink(sink);
  state.packet(frame, wire_bytes, std::clamp(time, kTimeMin, kTimeMax), link_type, ordinal);
  state.counters.fragments_expired = state.defragmenter.counters().expired;
  state.counters.fragments_evicted = state.defragmenter.counters().evicted;
}

void NetworkDecoder::tell_clock(Timestamp now) noexcept {
  state_->clock = std::max(state_->clock, std::clamp(now, kTimeMin, kTimeMax));
}

void NetworkDecoder::advance(Timestamp now, event::EventSink& sink) {
  State& state = *state_;
  const Timestamp late = std::clamp(now, kTimeMin + kLateness, kTimeMax) - kLateness;
  state.set_sink(sink);
  state.advanced = std::max(state.advanced, late + kLateness);
  state.frames.advance(late);
  state.flows.idle_at(late, state.ending);
  state.end_all(state.ending);
  state.defragmenter.expire(late);
  state.counters.fragments_expired = state.defragmenter.counters().expired;
}

void NetworkDecoder::finish(event::EventSink& sink) {
  State& state = *state_;
  state.set_sink(sink);
  state.flows.all(state.ending);
  state.end_all(state.ending);
  state.frames.advance(state.settled());
  state.frames.finish();
  state.defragmenter.expire(Timestamp::max());
  state.counters.fragments_expired = state.defragmenter.counters().expired;
}

std::uint64_t NetworkDecoder::flow_of_packet() const noexcept { return state_->packet_flow; }

std::uint64_t NetworkDecoder::flow_around_packet() const noexcept { return state_->packet_around; }

std::uint64_t NetworkDecoder::flow_of_event() const noexcept {
  const Flow* const flow = state_->context.flow();
  return flow == nullptr ? 0 : number_of(*flow);
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
  // A sum, so that nobody has to ask which of the two is the lower one.
  const auto hash = [](const IpAddress& address) { return mix64(word_at(address, 8) ^ mix64(word_at(address, 0))); };
  return std::max<std::uint64_t>(mix64(hash(source) + hash(destination)), 1);
}

}  // namespace nw::network
