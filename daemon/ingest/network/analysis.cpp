#include "ingest/network/analysis.h"

#include <algorithm>
#include <utility>

#include "ingest/network/protocol_mismatch_event.h"

namespace nw::network {
namespace {

Transport transport_of(const Flow& flow) noexcept {
  return flow.key.protocol == kTcp ? Transport::tcp : Transport::udp;
}

// Whose port is one of the protocol's. Who connects chooses his own.
enum class Home : std::uint8_t { responder, originator, nobody };

Home home_of(const Protocol& protocol, const Flow& flow) noexcept {
  const auto has = [&](std::size_t side) {
    return std::ranges::find(protocol.ports, flow.port(side)) != protocol.ports.end();
  };
  return has(1) ? Home::responder : has(0) ? Home::originator : Home::nobody;
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
    const std::size_t done = analysis_.data(flow_, direction_, bytes);
    bytes_max = analysis_.stream_bytes_max(flow_);
    return done;
  }
  void gap(std::uint64_t bytes) override {
    analysis_.counters_.stream_gap_bytes += bytes;
    flow_.tcp.gap(sender(direction_), flow_.history);
    if (flow_.analyzer) flow_.analyzer->gap(bytes, direction_, analysis_.context_);
  }
  void evicted(std::uint64_t bytes) override {
    analysis_.counters_.stream_evicted_bytes += bytes;
    if (flow_.analyzer) flow_.analyzer->gap(bytes, direction_, analysis_.context_);
  }
  void unheld(std::uint64_t bytes) override { analysis_.counters_.stream_evicted_bytes += bytes; }
  bool overflow(std::uint64_t) override {
    if (flow_.analyzer) ++analysis_.counters_.protocols[flow_.protocol].given_up;
    analysis_.stop(flow_);
    return false;
  }

 private:
  Analysis& analysis_;
  Flow& flow_;
  Direction direction_;
};

std::size_t Analysis::stream_bytes_max(const Flow& flow) const noexcept {
  return flow.phase == Flow::Phase::running ? subscription_->table()[flow.protocol].stream_bytes_max
                                            : 2 * kProbeBytesMax;
}

void Analysis::begin(Flow& flow) noexcept {
  if (flow.key.protocol != kTcp && flow.key.protocol != kUdp) return;
  if (subscription_->candidates(transport_of(flow)).empty()) return;
  flow.phase = Flow::Phase::probing;
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
  if (on_foreign_port(flow, subscription_->table())) emit_protocol_mismatch(flow, subscription_->table(), context_);
}

// Its analyzer is made when anyone wants the events.
void Analysis::begin_protocol(Flow& flow, std::uint16_t protocol, Transport transport) {
  flow.protocol = protocol;
  tell_mismatch(flow);
  if (subscription_->wants_events(protocol)) flow.analyzer = subscription_->table()[protocol].make(transport);
  flow.phase = flow.analyzer ? Flow::Phase::running : Flow::Phase::off;
}

// Some protocol over the transport is at home on one of the flow's ports.
bool Analysis::hinted(const Flow& flow, Transport transport) const noexcept {
  return hints_.has(transport, flow.key.a_port) || hints_.has(transport, flow.key.b_port);
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

// `yes`: flow.protocol is set.
Verdict Analysis::recognise(Flow& flow, Direction direction, Transport transport, Bytes bytes) {
  const auto table = subscription_->table();
  Verdict best = Verdict::no;
  // Behind another protocol, the port is that one's.
  const bool any_hint = flow.carrier == kNoProtocol && hinted(flow, transport);
  for (const Home home : {Home::responder, Home::originator, Home::nobody}) {
    if (home != Home::nobody && !any_hint) continue;
    if (home != Home::responder && flow.probes >= kProbesMax) break;
    for (const std::uint16_t candidate : subscription_->candidates(transport)) {
      const Protocol& protocol = table[candidate];
      if (any_hint && home_of(protocol, flow) != home) continue;
      Verdict verdict = protocol.probe(bytes, direction, transport, home != Home::nobody);
      if (home == Home::responder && verdict == Verdict::unsure) verdict = Verdict::yes;
      if (verdict == Verdict::unsure) best = Verdict::unsure;
      if (verdict != Verdict::yes) continue;
      begin_protocol(flow, candidate, transport);
      return Verdict::yes;
    }
  }
  return best;
}

// On a protocol's own port, what comes first does not hide what its analyzer would be asked for later: devices pass
// over what is none of theirs.
bool Analysis::asks_on(const Flow& flow, Transport transport) const {
  const auto at_home = [&](std::uint16_t candidate) {
    return home_of(subscription_->table()[candidate], flow) == Home::responder;
  };
  return flow.carrier == kNoProtocol && hinted(flow, transport) &&
         std::ranges::any_of(subscription_->candidates(transport), at_home);
}

void Analysis::datagram(Flow& flow, Direction direction, Bytes payload) {
  if (flow.phase == Flow::Phase::off || payload.empty()) return;
  if (flow.phase == Flow::Phase::probing) was_expected(flow, Transport::udp);
  if (flow.carrier != kNoProtocol) {
    payload = subscription_->table()[flow.carrier].carried(payload);
    if (payload.empty()) return;
  }
  if (flow.phase == Flow::Phase::probing && recognise(flow, direction, Transport::udp, payload) != Verdict::yes) {
    if (flow.probes < kProbesMax) ++flow.probes;
    if (flow.probes == kProbesMax && !asks_on(flow, Transport::udp)) flow.phase = Flow::Phase::off;
    return;
  }
  if (flow.phase != Flow::Phase::running) return;
  if (!subscription_->wants_events(flow.protocol)) return stop(flow);
  flow.analyzer->datagram(payload, direction, context_);
  if (flow.analyzer->done()) stop(flow);
}

void Analysis::begin_anew(Flow& flow) noexcept {
  if (flow.carrier == kNoProtocol) flow.carrier = flow.protocol;
  ++flow.changes;
  flow.analyzer.reset();
  flow.phase = Flow::Phase::probing;
  flow.probes = 0;
  flow.refused = {};
  flow.spoke = false;
}

std::size_t Analysis::run(Flow& flow, Direction direction, Bytes bytes) {
  if (!subscription_->wants_events(flow.protocol)) {
    stop(flow);
    return StreamTaker::kStop;
  }
  const std::size_t done = flow.analyzer->stream(bytes, direction, context_);
  if (done < Analyzer::kAnew) return done;
  if (done < Analyzer::kDone && flow.changes < kChangesMax) {
    begin_anew(flow);
    // What the other side said meanwhile was said earlier than anything that comes now.
    if (flow.sides[1 - sender(direction)].stream.waits(memory_)) {
      flow.spoke = true;
      flow.first_speaker = opposite(direction);
    }
    const std::size_t before = done ^ Analyzer::kAnew;
    if (before >= bytes.size()) return bytes.size();
    const std::size_t behind = data(flow, direction, bytes.subspan(before));
    return behind == StreamTaker::kStop ? behind : before + behind;
  }
  if (done == Analyzer::kGiveUp) ++counters_.protocols[flow.protocol].given_up;
  stop(flow);
  return StreamTaker::kStop;
}

std::size_t Analysis::probe_stream(Flow& flow, Direction direction, Bytes bytes) {
  const std::size_t from = sender(direction);
  // Behind the first bytes of a whole stream, a message need not begin where a segment does.
  const auto ask = [&] {
    return was_expected(flow, Transport::tcp) ? Verdict::yes : recognise(flow, direction, Transport::tcp, bytes);
  };
  const Verdict verdict = flow.refused[from] ? Verdict::no : ask();
  if (verdict == Verdict::yes) {
    if (flow.phase == Flow::Phase::off) {
      stop(flow);
      return StreamTaker::kStop;
    }
    // What came first goes first.
    Taker other{*this, flow, opposite(direction)};
    Stream& others = flow.sides[1 - from].stream;
    const bool first = flow.first_speaker == direction;
    const auto offer = [&] {
      if (std::exchange(offering_, true)) return;  // the stream that is offered further up may be this one
      others.offer(memory_, other);
      offering_ = false;
    };
    if (!first) offer();
    const std::size_t done = data(flow, direction, bytes);
    if (done != StreamTaker::kStop && first) offer();
    return flow.phase == Flow::Phase::off ? StreamTaker::kStop : done;
  }
  const bool ask_again = verdict == Verdict::unsure && bytes.size() < kProbeBytesMax;
  const bool home = asks_on(flow, Transport::tcp);
  if (!ask_again && !home && flow.sides[from].stream.from_start()) flow.refused[from] = true;
  if (++flow.probes >= (home ? kHomeProbesMax : kProbesMax) || (flow.refused[0] && flow.refused[1])) {
    stop(flow);
    return StreamTaker::kStop;
  }
  return ask_again ? 0 : bytes.size();
}

std::size_t Analysis::data(Flow& flow, Direction direction, Bytes bytes) {
  if (!flow.spoke) {
    flow.spoke = true;
    flow.first_speaker = direction;
  }
  switch (flow.phase) {
    case Flow::Phase::running: return run(flow, direction, bytes);
    case Flow::Phase::probing: return probe_stream(flow, direction, bytes);
    case Flow::Phase::off: break;
  }
  return StreamTaker::kStop;
}

void Analysis::segment(Flow& flow, Direction direction, const TransportHeader& header) {
  if (header.has(TcpFlags::kRst)) return;  // its numbers and payload are not the stream's
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
  if (!stream.is_open()) return;
  Taker taker{*this, flow, direction};
  stream.segment(first, header.payload, header.payload_bytes, header.has(TcpFlags::kFin), memory_, taker);
}

void Analysis::acknowledged(Flow& flow, Direction direction) {
  const TcpSide& side = flow.tcp.side(sender(direction));
  Stream& stream = flow.sides[sender(direction)].stream;
  if (!side.heard()) return stream.unheard();
  Taker taker{*this, flow, direction};
  stream.acknowledged(side.acknowledged(), memory_, taker);
}

void Analysis::finish(Flow& flow) {
  for (const Direction direction : {Direction::to_responder, Direction::to_originator}) {
    Taker taker{*this, flow, direction};
    flow.sides[sender(direction)].stream.finish(flow.tcp.side(sender(direction)).claimed(), memory_, taker);
  }
  if (flow.analyzer) {
    if (subscription_->wants_events(flow.protocol)) flow.analyzer->finish(context_);
    flow.analyzer.reset();
  }
  for (FlowSide& side : flow.sides) side.stream.clear(memory_);
}

}  // namespace nw::network
