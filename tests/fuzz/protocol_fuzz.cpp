#include "protocol_fuzz.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "unit/ingest/network/protocols/fake_context.h"

namespace nw::network {

int fuzz_protocol(std::string_view name, Bytes input) {
  if (input.empty()) return 0;
  static const Protocol& p = protocol(name);
  const unsigned mode = input[0];
  input = input.subspan(1);
  const Bytes all = input;
  const bool tcp = (mode & 1U) != 0 ? p.tcp : !p.udp;
  const Transport transport = tcp ? Transport::tcp : Transport::udp;
  const Direction first = (mode & 2U) != 0 ? Direction::to_originator : Direction::to_responder;
  const std::size_t piece = mode >> 3U == 0 ? input.size() : mode >> 3U;
  if (p.probe != nullptr) {
    const Verdict elsewhere = p.probe(input, first, transport, false);
    if (elsewhere == Verdict::yes && !p.begins.has(input.front())) std::abort();  // nobody would have asked
    (void)p.probe(input, first, transport, true);
  }

  static const FakeSchema schema{p};
  FakeContext context{schema};
  const auto analyzer = p.make(transport);
  FakeStream there{*analyzer, first, context}, back{*analyzer, opposite(first), context};
  bool alive = true;
  for (bool turned = false; alive && !input.empty(); turned = !turned && (mode & 4U) != 0) {
    const Bytes part = input.first(std::min(std::max<std::size_t>(piece, 1), input.size()));
    input = input.subspan(part.size());
    if (!p.ether_types.empty()) {
      give_frame(*analyzer, part, context);
    } else if (transport == Transport::udp) {
      analyzer->datagram(part, turned ? opposite(first) : first, context);
    } else {
      FakeStream& stream = turned ? back : there;
      alive = stream.feed(part) && !stream.done();
    }
    context.time += std::chrono::seconds{1};
  }
  analyzer->gap(1, first, context);
  // What waited has been dropped.
  FakeStream behind{*analyzer, first, context};
  if (alive && transport == Transport::tcp) (void)behind.feed(all);
  analyzer->advance(context.time, context);
  analyzer->finish(context);
  // An event's JSON is one line and closed.
  if (!context.json.empty() && (context.json.back() != '}' || context.json.find('\n') != std::string::npos))
    std::abort();
  return 0;
}

}  // namespace nw::network
