// Packets per second through the decoder, frames made in memory. The mix: per flow a TCP connection with Modbus
// requests and answers, a DNS query and its answer, and a connection that no protocol knows.
#include <benchmark/benchmark.h>
#include <fstream>
#include <memory>
#include <unistd.h>
#include <vector>

#include "ingest/network/decoder.h"
#include "unit/ingest/network/harness.h"

namespace {

using namespace nw;
using namespace nw::network;
using frames::Frame;

struct Nothing final : event::EventSink {
  void accept(event::Event& event) override { benchmark::DoNotOptimize(&event); }
};

void talk(Connection c, const std::string& ask, const std::string& answer, std::vector<Frame>& out) {
  for (const Frame& frame : c.handshake()) out.push_back(frame);
  for (int i = 0; i < 8; ++i) {
    out.push_back(c.say(0, ask));
    out.push_back(c.say(1, answer));
  }
  out.push_back(c.say(0, "", frames::kF | frames::kA));
  out.push_back(c.say(1, "", frames::kF | frames::kA));
}

// Flows interleave as on a wire: a packet of each in turn.
std::vector<Frame> make_mix(std::uint32_t flows) {
  const std::string ask{"\0\1\0\0\0\6\1\3\0\0\0\2", 12}, answer{"\0\1\0\0\0\7\1\3\4\0\1\0\2", 13};
  const std::string query{"\x12\x34\1\0\0\1\0\0\0\0\0\0\4test\0\0\1\0\1", 22};
  std::vector<std::vector<Frame>> all;
  for (std::uint32_t i = 0; i < flows; ++i) {
    const auto port = static_cast<std::uint16_t>(20000 + i % 40000);
    talk({frames::v4(1000 + i, port), frames::v4(1, 502)}, ask, answer, all.emplace_back());
    talk({frames::v4(1000 + i, port), frames::v4(2, 9999)}, std::string(200, 'x'), std::string(1400, 'y'),
         all.emplace_back());
    all.push_back({frames::udp_frame(frames::v4(1000 + i, port), frames::v4(3, 53), query)});
  }
  std::vector<Frame> out;
  for (std::size_t turn = 0; turn < 32; ++turn)
    for (const auto& flow : all)
      if (turn < flow.size()) out.push_back(flow[turn]);
  return out;
}

enum Wanted : int { kNothing, kConn, kAll };

void decode(benchmark::State& state) {
  const std::vector<Frame> mix = make_mix(static_cast<std::uint32_t>(state.range(0)));
  auto schema = std::make_shared<event::Schema>();
  NetworkDecoder::declare(*schema);
  auto interest = std::make_shared<event::Interest>();
  for (std::size_t i = 0; i < schema->type_count(); ++i) {
    const auto id = static_cast<event::TypeId>(i);
    if (state.range(1) == kAll || (state.range(1) == kConn && schema->type(id).path == "conn")) interest->want_all(id);
  }
  NetworkDecoder decoder{schema, interest, event::SourceId{}, {}, 42};
  Nothing sink;
  Timestamp now = from_unix_nanoseconds(1'700'000'000'000'000'000);
  std::uint64_t ordinal = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    for (const Frame& frame : mix) {
      now += std::chrono::microseconds{1};
      decoder.packet(frame, static_cast<std::uint32_t>(frame.size()), now, 1, ordinal++, sink);
      if (ordinal % 256 == 0) decoder.advance(now, sink);
      bytes += static_cast<std::int64_t>(frame.size());
    }
    now += std::chrono::seconds{10};
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(ordinal));
  state.SetBytesProcessed(bytes);
}
BENCHMARK(decode)
    ->ArgNames({"flows", "wanted"})
    ->ArgsProduct({{100, 10'000}, {kNothing, kConn, kAll}})
    ->Unit(benchmark::kMillisecond);

std::int64_t resident_bytes() {
  std::int64_t pages = 0, resident = 0;
  std::ifstream{"/proc/self/statm"} >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// What a table of so many open flows takes, and what a packet costs in it: each finds another flow than the one before.
void open_flows(benchmark::State& state) {
  const auto flows = static_cast<std::uint32_t>(state.range(0));
  auto schema = std::make_shared<event::Schema>();
  NetworkDecoder::declare(*schema);
  NetworkLimits limits;
  limits.flows_max = flows;
  const std::int64_t before = resident_bytes();
  NetworkDecoder decoder{schema, std::make_shared<event::Interest>(), event::SourceId{}, limits, 42};
  Nothing sink;
  const Timestamp now = from_unix_nanoseconds(1'700'000'000'000'000'000);
  std::uint64_t ordinal = 0;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < flows; ++i) {
      const Frame frame = frames::tcp_frame(frames::v4(1000 + i, 5000), frames::v4(1, 9999), {.payload = "x"});
      decoder.packet(frame, static_cast<std::uint32_t>(frame.size()), now, 1, ordinal++, sink);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(ordinal));
  state.counters["bytes/flow"] = static_cast<double>(resident_bytes() - before) / static_cast<double>(decoder.flows());
}
BENCHMARK(open_flows)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void hash(benchmark::State& state) {
  const std::vector<Frame> mix = make_mix(100);
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(flow_hash(mix[i++ % mix.size()], 1));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hash);

}  // namespace
