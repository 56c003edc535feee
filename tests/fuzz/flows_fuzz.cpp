// Any octets as flow datagrams, several of one exporter, each behind its length in two octets: never a crash; what is
// wanted of them does not change what is counted; the memory of them survives a restart; nothing outgrows its bound.
#include <cstdint>
#include <cstdlib>

#include "unit/ingest/flows/flow_play.h"

namespace {

using namespace nw::flows;

Limits small() {
  Limits limits;
  limits.domains = 4;
  limits.templates = 8;
  limits.entries = 8;
  limits.waiting_bytes = 4096;
  return limits;
}

// What must be the same whoever listens.
bool same(const Counters& a, const Counters& b) {
  return a.flows == b.flows && a.malformed == b.malformed && a.options == b.options &&
         a.templates_held == b.templates_held && a.waiting_bytes == b.waiting_bytes &&
         a.waiting.dropped == b.waiting.dropped;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Play wide{small()}, narrow{small(), Carrier::udp, {"orig_bytes", "ipfix.0.456"}}, file{small(), Carrier::file};
  nw::ByteReader in{{data, size}};
  std::int64_t second = 0;
  while (!in.empty()) {
    const std::size_t octets = in.u16be();
    const nw::Bytes datagram = in.bytes(octets < in.rest().size() ? octets : in.rest().size());
    for (Play* const play : {&wide, &narrow, &file}) {
      const std::size_t before = play->events;
      play->play(datagram, second);
      if (play->events - before != play->last.told) std::abort();
    }
    ++second;
  }
  const Counters counters = wide.decoder.counters();
  if (!same(counters, narrow.decoder.counters())) std::abort();
  if (counters.templates_held > 8 || counters.waiting_bytes > 4096) std::abort();
  const std::string state = wide.decoder.state();
  Play again{small()};
  if (!again.decoder.restore(state) || again.decoder.state() != state) std::abort();
  again.decoder.restore({reinterpret_cast<const char*>(data), size});
  wide.decoder.flush(at(second), true);
  if (wide.decoder.counters().waiting_bytes != 0) std::abort();
  return 0;
}
