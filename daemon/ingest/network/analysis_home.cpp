// The port of a control protocol: whatever else comes there (another protocol as a decoy, noise, an octet at a time)
// hides nothing of what the device would read. Another protocol has the flow as long as it fits, and whole once the
// device speaks it, too; what then is beyond doubt the control protocol's takes the flow over still.
#include <algorithm>
#include <utility>

#include "ingest/network/analysis.h"

namespace nw::network {
namespace {

bool from_home(const Flow& flow, Direction direction) noexcept {
  return flow.home_side == (direction == Direction::to_originator);
}

void set_doubt(FlowSide& side, const HomeDoubt& doubt) noexcept {
  side.doubt = doubt.octets & kHomeDoubtMax;
  side.placed = doubt.placed & kHomeDoubtMax;
}

}  // namespace

std::span<const HomePort> Analysis::homes(const Flow& flow) const noexcept {
  return subscription_->homes(flow.key.protocol == kTcp ? Transport::tcp : Transport::udp,
                              flow.port(flow.home_side ? 1 : 0));
}

bool Analysis::is_home(const Flow& flow, std::uint16_t protocol) const noexcept {
  return flow.control && std::ranges::find(homes(flow), protocol, &HomePort::protocol) != homes(flow).end();
}

// The flow will be this protocol's.
void Analysis::settle(Flow& flow, std::uint16_t protocol) noexcept {
  if (flow.protocol != kNoProtocol && flow.carrier == kNoProtocol) flow.carrier = flow.protocol;
  flow.at_home = is_home(flow, protocol);
  flow.watched = homes(flow).size() > (flow.at_home ? 1U : 0U);
  for (FlowSide& side : flow.sides) side.ahead = 0;
}

// The flow's analyzer has ended; `fits`: all was its protocol's. Whether the flow is looked at any further.
bool Analysis::leave(Flow& flow, bool fits) noexcept {
  if (!flow.control || homes(flow).empty()) {
    stop(flow);
    return false;
  }
  flow.analyzer.reset();
  flow.at_home = false;
  flow.watched = true;
  flow.phase = fits || flow.confirmed ? Flow::Phase::watching : Flow::Phase::probing;
  flow.probes = kProbesMax;
  for (FlowSide& side : flow.sides) side.ahead = 0;
  return true;
}

void Analysis::take_over(Flow& flow, std::uint16_t protocol, Transport transport) {
  if (flow.analyzer) flow.analyzer->finish(context_);
  flow.analyzer.reset();
  begin_protocol(flow, protocol, transport);
}

HomeFound Analysis::find(const Flow& flow, Direction direction, Waiting waiting, HomeSearch::Least least,
                         bool anywhere) const {
  const bool tcp = flow.key.protocol == kTcp;
  const HomeSearch search{.table = subscription_->table(),
                          .homes = homes(flow),
                          .but = flow.phase == Flow::Phase::probing ? kNoProtocol : flow.protocol,
                          .least = least,
                          .anywhere = anywhere && !flow.confirmed && !from_home(flow, direction)};
  const FlowSide& side = flow.sides[sender(direction)];
  const HomeBytes in{waiting.bytes, waiting.fresh, {side.doubt, side.placed}};
  return find_at_home(search, in, direction, tcp ? Transport::tcp : Transport::udp);
}

// What a client says proves nothing: the device may pass over it. `sure`: this answers what the protocol asks for.
void Analysis::confirm(Flow& flow, Direction direction, bool sure, Bytes bytes) const {
  if (!flow.control || flow.at_home || flow.confirmed || !from_home(flow, direction) || bytes.empty()) return;
  const bool tcp = flow.key.protocol == kTcp;
  const Protocol& protocol = subscription_->table()[flow.protocol];
  const Verdict verdict = protocol.judge(bytes, direction, tcp ? Transport::tcp : Transport::udp, false);
  flow.confirmed =
      sure || verdict == Verdict::yes || (verdict == Verdict::unsure && tcp && bytes.size() >= kHomeHeadBytes);
  // What waited for the device's word was none.
  if (flow.confirmed)
    for (FlowSide& side : flow.sides) side.doubt = side.placed = 0;
}

// Goes on as long as the flow does; other protocols are asked of as few payloads as anywhere.
std::size_t Analysis::probe_home(Flow& flow, Direction direction, Waiting waiting) {
  using Least = HomeSearch::Least;
  const bool asks_others = flow.probes < kProbesMax;
  // What follows another protocol is recognised by its content; the port decides when that cannot.
  const bool follows = flow.carrier != kNoProtocol && asks_others;
  Verdict verdict = follows ? ask(flow, direction, waiting.bytes) : Verdict::no;
  HomeFound found;
  if (verdict == Verdict::no)
    found = find(flow, direction, waiting, flow.confirmed ? Least::certain : Least::possible, !asks_others);
  if (!found && !follows && asks_others) verdict = ask(flow, direction, waiting.bytes);
  const std::size_t before = waiting.bytes.size() - waiting.fresh;
  if (!found && verdict == Verdict::no && asks_others && before != 0 && waiting.fresh != 0) {
    verdict = ask(flow, direction, waiting.from(before).bytes);
    if (verdict == Verdict::yes) found.at = before;
  }
  if (!found && verdict == Verdict::no && asks_others) {
    // Nobody else's, so it is searched, too.
    const HomeDoubt doubt = std::exchange(found, find(flow, direction, waiting.all(), Least::certain, true)).doubt;
    found.doubt = {std::max(found.doubt.octets, doubt.octets), doubt.placed};
  }
  if (found) begin_protocol(flow, found.protocol, Transport::tcp);
  if (verdict == Verdict::yes) confirm(flow, direction, false, waiting.bytes);
  if (found || verdict == Verdict::yes) return read_first(flow, direction, waiting, found.at);
  if (asks_others)
    ++flow.probes;
  else if (homes(flow).empty())
    return leave(flow, false) ? 0 : StreamTaker::kStop;  // nobody wants their events any more
  const std::size_t size = waiting.bytes.size();
  const bool ask_again = verdict == Verdict::unsure && flow.probes < kProbesMax && size < kProbeBytesMax;
  const HomeDoubt doubt = size < kFewBytes ? HomeDoubt{size, size} : found.doubt;
  set_doubt(flow.sides[sender(direction)], doubt);
  return ask_again ? 0 : size - doubt.octets;
}

// Another protocol has the flow, and its analyzer is done with `done` of the bytes.
std::size_t Analysis::watch(Flow& flow, Direction direction, Waiting waiting, std::size_t done) {
  FlowSide& side = flow.sides[sender(direction)];
  const bool refused = context_.take_refused();
  if (homes(flow).empty() && flow.phase == Flow::Phase::watching) {
    stop(flow);
    return StreamTaker::kStop;
  }
  if ((flow.at_home && !refused) || changes_ >= kChangesMax) {
    side.ahead = side.doubt = side.placed = 0;
    return done;
  }
  const Bytes fresh = waiting.bytes.last(waiting.fresh);
  if (!refused) confirm(flow, direction, false, fresh);
  const bool fits = flow.at_home || flow.confirmed, answers = from_home(flow, direction);
  auto least = HomeSearch::Least::certain;
  if (!fits) least = refused || answers ? HomeSearch::Least::likely : HomeSearch::Least::awaited;
  HomeFound found = find(flow, direction, waiting, least, !fits);
  if (answers) found.doubt.placed = 0;  // it chooses where its segments begin
  if (found) {
    ++changes_;
    take_over(flow, found.protocol, Transport::tcp);
    return read_first(flow, direction, waiting, found.at);
  }
  // What may be the beginning of a message waits, though the analyzer read it.
  const std::size_t consumed = std::min(done, waiting.bytes.size() - found.doubt.octets);
  set_doubt(side, found.doubt);
  side.ahead = (done - consumed) & kHomeDoubtMax;
  return consumed;
}

void Analysis::watch(Flow& flow, Direction direction, Bytes datagram) {
  using Least = HomeSearch::Least;
  const bool refused = context_.take_refused();
  if (flow.at_home && !refused) return;
  const Protocol& present = subscription_->table()[flow.protocol];
  const bool fits = !refused && present.judge(datagram, direction, Transport::udp, false) == Verdict::yes;
  const auto least = fits || flow.at_home || flow.confirmed ? Least::certain : Least::possible;
  if (const HomeFound found = find(flow, direction, {datagram, datagram.size()}, least, false)) {
    take_over(flow, found.protocol, Transport::udp);
    if (flow.analyzer) flow.analyzer->datagram(datagram, direction, context_);
  } else if (fits && from_home(flow, direction)) {
    flow.confirmed = true;
  }
}

}  // namespace nw::network
