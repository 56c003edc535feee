// What the ring of the last packets costs: a capture file through the decoder, with and without it, for an Interest in
// nothing and in all events. NW_BENCH_PCAP names the file (build/bench/mix-it.pcap of network_run); without it, the
// demonstration's. The figure that counts is processor time per packet; `kept` and `evicted` say what the ring did.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <memory>
#include <string>

#include "ingest/capture/packet_source.h"
#include "ingest/network/decoder.h"
#include "record/packets/ring.h"
#include "source_directory.h"

namespace nw::record {
namespace {

struct Unheard final : event::EventSink {
  void accept(event::Event& event) override { benchmark::DoNotOptimize(&event); }
};

void decode_and_keep(benchmark::State& state) {
  const char* named = std::getenv("NW_BENCH_PCAP");
  const std::string file = named != nullptr ? named : std::string{source_directory()} + "/tests/data/demo/water.pcap";
  std::uint64_t packets = 0;
  PacketRing ring{{}};  // over all turns: a daemon's is full, and its memory there
  for (auto _ : state) {
    auto schema = std::make_shared<event::Schema>();
    network::NetworkDecoder::declare(*schema);
    auto interest = std::make_shared<event::Interest>();
    if (state.range(0) != 0)
      for (std::size_t i = 0; i < schema->type_count(); ++i) interest->want_all(static_cast<event::TypeId>(i));
    network::NetworkDecoder decoder{schema, interest, event::SourceId{}, {}, 42};
    Unheard sink;
    auto source = capture::open_file(file);
    if (!source) std::abort();
    Timestamp latest{};
    while (!(*source)->at_end()) {
      const auto got = (*source)->read(512, [&](const capture::Packet& packet) {
        decoder.packet(packet.data, packet.wire_bytes, packet.time, packet.link_type, packets++, sink);
        latest = packet.time;
        if (state.range(1) == 0) return;
        std::uint64_t flow = decoder.flow_of_packet();
        if (flow == 0) flow = frames_between(packet.data, packet.link_type);
        if (flow != 0) ring.keep(flow, packet.time, packet.data, packet.wire_bytes, 0);
      });
      if (!got) std::abort();
      decoder.advance(latest, sink);
    }
  }
  const PacketRing::Counters& ring_counters = ring.counters();
  state.SetItemsProcessed(static_cast<std::int64_t>(packets));
  state.counters["kept"] = static_cast<double>(ring_counters.kept);
  state.counters["cut"] = static_cast<double>(ring_counters.cut);
  state.counters["evicted"] = static_cast<double>(ring_counters.evicted);
  state.counters["lost_track"] = static_cast<double>(ring_counters.flows_lost_track);
}
BENCHMARK(decode_and_keep)->ArgNames({"all", "ring"})->ArgsProduct({{0, 1}, {0, 1}})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nw::record
