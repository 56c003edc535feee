// Flow records per second through the format's parser, with an Interest of ten fields, beside the least that reading
// them can cost: each record copied, its addresses and counters in host order added up. NetFlow v5, and v9 with the
// same fields. `allocations` is per record, once warm.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "base/check.h"
#include "ingest/logs/formats/format.h"
#include "unit/ingest/flows/flow_play.h"

// GCC takes the pair below for a mismatch when it inlines one of them only.
#pragma GCC diagnostic push
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
namespace {

std::uint64_t g_allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++g_allocations;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#pragma GCC diagnostic pop

namespace {

using namespace nw;
using flows::kNow;
using flows::Octets;

constexpr std::size_t kRecords = 30, kDatagrams = 512;

constexpr std::string_view kWanted[] = {"duration",        "orig_bytes",       "orig_pkts", "tcp_flags",     "ip_proto",
                                        "input_interface", "output_interface", "exporter",  "sampling_rate", "tos"};

Octets record(std::size_t i) {
  return Octets{}
      .u32(0x0a00'0000 + i * 7919)
      .u32(0x0a80'0000 + i * 104'729)
      .ip("10.0.0.3")
      .u16(4)
      .u16(5)
      .u32(i % 97)
      .u32(i % 9973)
      .u32(99'000)
      .u32(100'000)
      .u16(i % 60'000)
      .u16(443)
      .u8(0)
      .u8(0x1b)
      .u8(6)
      .u8(16)
      .u16(64'500)
      .u16(64'501)
      .u8(24)
      .u8(16)
      .u16(0);
}

std::vector<std::string> netflow5() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kDatagrams; ++i) {
    Octets datagram;
    datagram.u16(5).u16(kRecords).u32(101'000).u32(kNow).u32(0).u32(i * kRecords).u16(0).u16(100);
    for (std::size_t j = 0; j < kRecords; ++j) datagram.add(record(i * kRecords + j));
    out.emplace_back(datagram.view());
  }
  return out;
}

std::vector<std::string> netflow9() {
  std::vector<std::string> out;
  out.emplace_back(flows::netflow9(flows::template9(256, {{8, 4},  {12, 4}, {15, 4}, {10, 2}, {14, 2},  {2, 4},  {1, 4},
                                                          {22, 4}, {21, 4}, {7, 2},  {11, 2}, {210, 1}, {6, 1},  {4, 1},
                                                          {5, 1},  {16, 2}, {17, 2}, {9, 1},  {13, 1},  {210, 2}}))
                       .view());
  for (std::size_t i = 0; i < kDatagrams; ++i) {
    Octets records;
    for (std::size_t j = 0; j < kRecords; ++j) records.add(record(i * kRecords + j));
    out.emplace_back(flows::netflow9(flows::set(256, records), static_cast<std::uint32_t>(i)).view());
  }
  return out;
}

class Sink final : public event::EventSink {
 public:
  void accept(event::Event& event) override {
    ++events;
    fields += event.entries().size();
  }
  std::size_t events = 0, fields = 0;
};

void records(benchmark::State& state, std::vector<std::string> (*make)()) {
  const logs::Format& format = *logs::find_format("flows");
  const auto schema = std::make_shared<event::Schema>();
  format.declare(*schema, {});
  const auto interest = std::make_shared<event::Interest>();
  const auto flow = static_cast<event::TypeId>(0);
  for (const std::string_view name : kWanted) interest->want(flow, schema->add_field(name));
  const auto parser = format.make(schema, interest, {});
  const std::vector<std::string> datagrams = make();
  logs::LineOrigin origin;
  origin.receive_time = flows::at();
  origin.peer = IpAddress::v4(0xc000'0201);
  Sink sink;
  const auto play = [&] {
    for (const std::string& datagram : datagrams) {
      ++origin.ordinal;
      NW_CHECK(parser->line(datagram, origin, sink) == logs::LineFault::none);
    }
  };
  play();
  sink = {};
  const std::uint64_t before = g_allocations;
  std::int64_t rounds = 0;
  for (auto _ : state) {
    play();
    ++rounds;
  }
  const std::uint64_t allocated = g_allocations - before;
  NW_CHECK(sink.events == static_cast<std::size_t>(rounds) * kDatagrams * kRecords);
  state.SetItemsProcessed(static_cast<std::int64_t>(sink.events));
  state.counters["allocations"] = static_cast<double>(allocated) / static_cast<double>(sink.events);
  state.counters["fields"] = static_cast<double>(sink.fields) / static_cast<double>(sink.events);
}

void floor_copy(benchmark::State& state) {
  const std::vector<std::string> datagrams = netflow5();
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (const std::string& datagram : datagrams) {
      for (std::size_t at = 24; at + 48 <= datagram.size(); at += 48) {
        std::array<std::uint32_t, 12> words{};
        std::memcpy(words.data(), datagram.data() + at, 48);
        for (const std::uint32_t word : words) sum += __builtin_bswap32(word);
      }
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kDatagrams * kRecords));
}

BENCHMARK(floor_copy);
BENCHMARK_CAPTURE(records, netflow5, netflow5);
BENCHMARK_CAPTURE(records, netflow9, netflow9);

}  // namespace
