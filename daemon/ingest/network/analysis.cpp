#include "ingest/network/analysis.h"

#include <algorithm>
#include <utility>

#include "ingest/network/protocol_mismatch_event.h"

namespace nw::network {
namespace {

Transport transport_of(const Flow& flow) noexcept {
  return flow.key.protocol == kTcp ? Transport::tcp : Transport::udp;
}

bool contains(std::span<const HomePort> homes, std::uint16_t protocol) noexcept {
  return std::ranges::find(homes, protocol, &HomePort::protocol) != homes.end();
}

}  // namespace

// Joins one direction's Stream to the flow's analysis.
class Analysis::Taker final : public StreamTaker {
 public:
  Taker(Analysis& analysis, Flow& flow, Direction direction) noexcept
      : analysis_{analysis}, flow_{flow}, direction_{direction} {
    bytes_max = analysis.stream_bytes_max(flow);
  }

  std::size_t data(Bytes bytes) override {
    const std::size_t done = analysis_.data(flow_, direction_, {bytes, fresh});
    bytes_max = analysis_.stream_bytes_max(flow_);
    return done;
  }
  void gap(std::uint64_t bytes) override {
    analysis_.counters_.stream_gap_bytes += bytes;
    flow_.tcp.gap(sender(direction_), flow_.history);
    lost(bytes);
  }
  void evicted(std::uint64_t bytes) override {
    analysis_.counters_.stream_evicted_bytes += bytes;
    lost(bytes);
  }
  void unheld(std::uint64_t bytes) override { analysis_.counters_.stream_evicted_bytes += bytes; }
  bool overflow(std::uint64_t bytes) override {
    // What lies behind it may be the device's.
    if (flow_.at_home && flow_.analyzer) return lost(bytes), true;
    if (flow_.analyzer) ++analysis_.counters_.protocols[flow_.protocol].given_up;
    return analysis_.leave(flow_, false);
  }

 private:
  // Nothing waits any more.
  void lost(std::uint64_t bytes) {
    FlowSide& side = flow_.sides[sender(direction_)];
    side.ahead = side.doubt = side.placed = 0;
    if (flow_.analyzer) flow_.analyzer->gap(bytes, direction_, analysis_.context_);
  }

  Analysis& analysis_;
  Flow& flow_;
  Direction direction_;
};

std::size_t Analysis::stream_bytes_max(const Flow& flow) const noexcept {
  return flow.phase == Flow::Phase::running ? subscription_->table()[flow.protocol].stream_bytes_max
                                            : 2 * kProbeBytesMax;
}

Analysis::Waiting Analysis::Waiting::from(std::size_t at) const noexcept {
  const Bytes rest = bytes.subspan(std::min(at, bytes.size()));
  return {rest, std::min(fresh, rest.size())};
}

void Analysis::begin(Flow& flow, bool opened) noexcept {
  if (flow.key.protocol != kTcp && flow.key.protocol != kUdp) return;
  const Transport transport = transport_of(flow);
  if (!subscription_->probes(transport)) return;
  flow.phase = Flow::Phase::probing;
  // Who opens a connection chooses his own port.
  const bool responds = !subscription_->homes(transport, flow.port(1)).empty();
  flow.control = responds || (!opened && !subscription_->homes(transport, flow.port(0)).empty());
  flow.home_side = responds;
  for (FlowSide& side : flow.sides) side.stream.want(true);
}

void Analysis::stop(Flow& flow) noexcept {
  flow.phase = Flow::Phase::off;
  flow.analyzer.reset();
  for (FlowSide& side : flow.sides) side.stream.stop(memory_);
}

void Analysis::tell_mismatch(const Flow& flow) {
  // What follows another protocol goes where that one is at home.
  if (flow.carrier != kNoProtocol || !subscription_->own(OwnEvent::protocol_mismatch).wanted) return;
  if (on_foreign_port(flow, subscription_->table(), hints_))
    emit_protocol_mismatch(flow, subscription_->table(), context_);
}

// Its analyzer is made when anyone wants the events.
void Analysis::begin_protocol(Flow& flow, std::uint16_t protocol, Transport transport) {
  if (flow.control) settle(flow, protocol);
  flow.protocol = protocol;
  tell_mismatch(flow);
  if (subscription_->wants_events(protocol)) flow.analyzer = subscription_->table()[protocol].make(transport);
  const bool watched = flow.watched && !flow.at_home;
  flow.phase = flow.analyzer ? Flow::Phase::running : watched ? Flow::Phase::watching : Flow::Phase::off;
}

// The protocols that are at home on one side's port. Behind another protocol, the port is that one's.
std::span<const HomePort> Analysis::hinted(const Flow& flow, std::size_t side, Transport transport) const noexcept {
  if (flow.carrier != kNoProtocol) return {};
  return subscription_->hinted(transport, flow.port(side));
}

bool Analysis::was_expected(Flow& flow, Transport transport) {
  if (expected_.size() == 0 || flow.carrier != kNoProtocol) return false;
  const auto found = expected_.take(flow.key, flow.last);
  if (!found) return false;
  // Announcing another's well-known port must not hide what goes there.
  const Protocol& protocol = subscription_->table()[found->protocol];
  const auto foreign = [&](std::uint16_t port) {
    return (hints_.has(Transport::tcp, port) || hints_.has(Transport::udp, port)) &&
           std::ranges::find(protocol.ports, port) == protocol.ports.end();
  };
  if (foreign(flow.key.a_port) || foreign(flow.key.b_port)) return false;
  if (transport == Transport::udp && protocol.carried != nullptr) {
    flow.protocol = flow.carrier = found->protocol;
    return false;
  }
  begin_protocol(flow, found->protocol, transport);
  if (flow.analyzer) flow.analyzer->expected(found->note);
  return true;
}

// `yes`: flow.protocol is set. The control protocols whose port it is are asked elsewhere (find()), but for what
// follows another protocol.
Verdict Analysis::recognise(Flow& flow, Direction direction, Transport transport, Bytes bytes) {
  Verdict best = Verdict::no;
  const auto ask = [&](std::uint16_t candidate, bool on_port, Verdict enough = Verdict::yes) {
    const Verdict verdict = subscription_->table()[candidate].probe(bytes, direction, transport, on_port);
    best = std::max(best, verdict);
    if (verdict >= enough) begin_protocol(flow, candidate, transport);
    return verdict >= enough;
  };
  // Who connects chooses his own port: only the other's says what makes an unsure probe's word enough.
  const auto responders = hinted(flow, 1, transport), originators = hinted(flow, 0, transport);
  for (const HomePort& home : responders)
    if (!is_home(flow, home.protocol) && ask(home.protocol, true, Verdict::unsure)) return Verdict::yes;
  if (flow.probes >= kProbesMax) return best;
  for (const HomePort& home : originators) {
    const bool asked = contains(responders, home.protocol) || is_home(flow, home.protocol);
    if (!asked && ask(home.protocol, true)) return Verdict::yes;
  }
  for (const std::uint16_t candidate : subscription_->candidates(transport, bytes.front())) {
    const bool asked = contains(responders, candidate) || contains(originators, candidate);
    if (!asked && ask(candidate, false)) return Verdict::yes;
  }
  return best;
}

// On a protocol's own port, what comes first does not hide what its analyzer would be asked for later: devices pass
// over what is none of theirs.
bool Analysis::asks_on(const Flow& flow, Transport transport) const noexcept {
  return !hinted(flow, 1, transport).empty();
}

void Analysis::datagram(Flow& flow, Direction direction, Bytes payload) {
  if (flow.phase == Flow::Phase::off || payload.empty()) return;
  if (flow.phase == Flow::Phase::probing) was_expected(flow, Transport::udp);
  // (What a control protocol took over is its own.)
  if (flow.carrier != kNoProtocol && !flow.at_home) {
    const auto carried = subscription_->table()[flow.carrier].carried;
    if (carried != nullptr) payload = carried(payload);
    if (payload.empty()) return;
  }
  if (flow.phase == Flow::Phase::probing && !probe_datagram(flow, direction, payload)) return;
  (void)context_.take_refused();
  if (flow.phase == Flow::Phase::running) {
    const bool wanted = subscription_->wants_events(flow.protocol);
    if (wanted) flow.analyzer->datagram(payload, direction, context_);
    if (!wanted || flow.analyzer->done()) leave(flow, !flow.at_home);
  }
  if (flow.watched && flow.phase != Flow::Phase::off) watch(flow, direction, payload);
}

// Whether the flow's protocol is known now.
bool Analysis::probe_datagram(Flow& flow, Direction direction, Bytes payload) {
  const bool asks_all = flow.probes < kProbesMax;
  if (flow.control) {
    const HomeFound found = find(flow, direction, {payload, payload.size()}, HomeSearch::Least::possible, false);
    if (found) return begin_protocol(flow, found.protocol, Transport::udp), true;
  }
  if ((asks_all || !flow.control) && recognise(flow, direction, Transport::udp, payload) == Verdict::yes) {
    confirm(flow, direction, false, payload);
    return true;
  }
  if (asks_all) ++flow.probes;
  if (flow.probes == kProbesMax && !flow.control && !asks_on(flow, Transport::udp)) flow.phase = Flow::Phase::off;
  return false;
}

void Analysis::begin_anew(Flow& flow) noexcept {
  if (flow.carrier == kNoProtocol) flow.carrier = flow.protocol;
  if (flow.changes < kChangesMax) ++flow.changes;
  flow.analyzer.reset();
  flow.phase = Flow::Phase::probing;
  flow.probes = 0;
  flow.spoke = flow.at_home = flow.watched = false;
  for (FlowSide& side : flow.sides) {
    side.refused = 0;
    side.ahead = side.doubt = side.placed = 0;
  }
}

std::size_t Analysis::run(Flow& flow, Direction direction, Waiting waiting) {
  if (!subscription_->wants_events(flow.protocol))
    return leave(flow, !flow.at_home) ? data(flow, direction, waiting) : StreamTaker::kStop;
  (void)context_.take_refused();
  const std::size_t ahead = flow.sides[sender(direction)].ahead;
  const Bytes bytes = waiting.from(ahead).bytes;
  const std::size_t done = bytes.empty() ? 0 : flow.analyzer->stream(bytes, direction, context_);
  if (done >= Analyzer::kAnew) return change(flow, direction, waiting, ahead, done);
  return flow.watched ? watch(flow, direction, waiting, ahead + done) : done;
}

// The analyzer, which was done with `ahead` bytes before, has ended: it returned `done`.
std::size_t Analysis::change(Flow& flow, Direction direction, Waiting waiting, std::size_t ahead, std::size_t done) {
  const std::size_t size = waiting.bytes.size();
  if (done != Analyzer::kGiveUp) confirm(flow, direction, done < Analyzer::kDone, waiting.bytes.last(waiting.fresh));
  const bool may_change = (flow.control ? changes_ : flow.changes) < kChangesMax;
  if (done < Analyzer::kDone && may_change) {
    ++changes_;
    begin_anew(flow);
    // What the other side said meanwhile was said earlier than anything that comes now.
    if (flow.sides[1 - sender(direction)].stream.waits(memory_)) {
      flow.spoke = true;
      flow.first_speaker = opposite(direction);
    }
    return hand_on(flow, direction, waiting, ahead + (done ^ Analyzer::kAnew));
  }
  if (done == Analyzer::kGiveUp) ++counters_.protocols[flow.protocol].given_up;
  const bool foreign = !flow.at_home && changes_++ < kChangesMax;
  if (!leave(flow, done == Analyzer::kDone)) return StreamTaker::kStop;
  // What another's analyzer does not read may be the device's.
  const std::size_t seen = size - std::min<std::size_t>(waiting.fresh + flow.sides[sender(direction)].doubt, size);
  return foreign ? hand_on(flow, direction, waiting, seen) : size;
}

// Nobody needs what stands before `at`.
std::size_t Analysis::hand_on(Flow& flow, Direction direction, Waiting waiting, std::size_t at) {
  if (at >= waiting.bytes.size()) return waiting.bytes.size();
  const std::size_t done = data(flow, direction, waiting.from(at));
  return done == StreamTaker::kStop ? done : at + done;
}

// The flow's protocol is known now, and begins at `at`: what came first goes first.
std::size_t Analysis::read_first(Flow& flow, Direction direction, Waiting waiting, std::size_t at) {
  if (flow.phase == Flow::Phase::off) {
    stop(flow);
    return StreamTaker::kStop;
  }
  Taker other{*this, flow, opposite(direction)};
  Stream& others = flow.sides[1 - sender(direction)].stream;
  const bool first = flow.first_speaker == direction;
  const auto offer = [&] {
    if (std::exchange(offering_, true)) return;  // the stream that is offered further up may be this one
    others.offer(memory_, other);
    offering_ = false;
  };
  if (!first) offer();
  const std::size_t done = hand_on(flow, direction, waiting, at);
  if (done != StreamTaker::kStop && first) offer();
  return flow.phase == Flow::Phase::off ? StreamTaker::kStop : done;
}

Verdict Analysis::ask(Flow& flow, Direction direction, Bytes bytes) {
  if (was_expected(flow, Transport::tcp)) return Verdict::yes;
  return recognise(flow, direction, Transport::tcp, bytes);
}

std::size_t Analysis::probe_stream(Flow& flow, Direction direction, Waiting waiting) {
  FlowSide& side = flow.sides[sender(direction)];
  const std::size_t size = waiting.bytes.size();
  // Behind the first bytes of a whole stream, a message need not begin where a segment does.
  const Verdict verdict = side.refused != 0 ? Verdict::no : ask(flow, direction, waiting.bytes);
  if (verdict == Verdict::yes) return read_first(flow, direction, waiting, 0);
  const bool ask_again = verdict == Verdict::unsure && size < kProbeBytesMax;
  const bool home = asks_on(flow, Transport::tcp);
  if (!ask_again && !home && side.stream.from_start()) side.refused = 1;
  const bool all_refused = flow.sides[0].refused != 0 && flow.sides[1].refused != 0;
  if (++flow.probes >= (home ? kHomeProbesMax : kProbesMax) || all_refused) {
    stop(flow);
    return StreamTaker::kStop;
  }
  return ask_again ? 0 : size;
}

std::size_t Analysis::data(Flow& flow, Direction direction, Waiting waiting) {
  if (!flow.spoke) {
    flow.spoke = true;
    flow.first_speaker = direction;
  }
  switch (flow.phase) {
    case Flow::Phase::running: return run(flow, direction, waiting);
    case Flow::Phase::probing:
      return flow.control ? probe_home(flow, direction, waiting) : probe_stream(flow, direction, waiting);
    case Flow::Phase::watching:
      (void)context_.take_refused();
      return watch(flow, direction, waiting, waiting.bytes.size());
    case Flow::Phase::off: break;
  }
  return StreamTaker::kStop;
}

void Analysis::segment(Flow& flow, Direction direction, const TransportHeader& header) {
  if (header.has(TcpFlags::kRst)) return;  // its numbers and payload are not the stream's
  changes_ = 0;
  Stream& stream = flow.sides[sender(direction)].stream;
  // Before the data: what the acknowledgement releases was said earlier, and so was what this side shows to be lost.
  acknowledged(flow, opposite(direction));
  acknowledged(flow, direction);
  const bool syn = header.has(TcpFlags::kSyn);
  const std::uint32_t first = header.sequence + (syn ? 1U : 0U);
  if (!stream.is_open() && (syn || header.payload_bytes != 0)) {
    // From the middle a keep-alive's one octet (RFC 9293, section 3.8.4) looks like data; what is said begins behind
    // it.
    const bool keep_alive = !syn && header.payload_bytes == 1 && header.payload.size() == 1 && header.payload[0] == 0;
    stream.open(first + (keep_alive ? 1U : 0U), syn);
  }
  const bool fin = header.has(TcpFlags::kFin);
  if (!stream.is_open() || (header.payload_bytes == 0 && !fin)) return;
  Taker taker{*this, flow, direction};
  stream.segment(first, header.payload, header.payload_bytes, fin, memory_, taker);
}

void Analysis::acknowledged(Flow& flow, Direction direction) {
  const TcpSide& side = flow.tcp.side(sender(direction));
  Stream& stream = flow.sides[sender(direction)].stream;
  if (!side.heard()) return stream.unheard();
  if (!stream.knows(side.acknowledged())) learn(flow, direction, side.acknowledged());
}

void Analysis::learn(Flow& flow, Direction direction, std::uint32_t acknowledgement) {
  Taker taker{*this, flow, direction};
  flow.sides[sender(direction)].stream.acknowledged(acknowledgement, memory_, taker);
}

void Analysis::finish(Flow& flow, Timestamp until) {
  changes_ = 0;
  for (const Direction direction : {Direction::to_responder, Direction::to_originator}) {
    Taker taker{*this, flow, direction};
    flow.sides[sender(direction)].stream.finish(flow.tcp.side(sender(direction)).claimed(), memory_, taker);
  }
  if (flow.analyzer) {
    if (subscription_->wants_events(flow.protocol)) {
      flow.analyzer->advance(until, context_);
      flow.analyzer->finish(context_);
    }
    flow.analyzer.reset();
  }
  for (FlowSide& side : flow.sides) side.stream.clear(memory_);
}

}  // namespace nw::network
