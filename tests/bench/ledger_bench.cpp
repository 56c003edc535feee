// Accepted alerts per second: groups of 256 through the ledger, beside the floor, which is the same bytes written and
// fdatasync-ed by bare system calls into the same directory. NW_BENCH_DIR chooses the disk; without it, the present
// directory's.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <stdlib.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "record/alert.h"
#include "record/entry.h"
#include "record/ledger/crc32c.h"
#include "record/ledger/ledger.h"

namespace nw::record {
namespace {

constexpr std::size_t kGroup = 256;

class BenchDir {
 public:
  BenchDir() {
    const char* parent = std::getenv("NW_BENCH_DIR");
    std::string name = std::string{parent != nullptr ? parent : "."} + "/nw-ledger-bench-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~BenchDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  BenchDir(const BenchDir&) = delete;
  BenchDir& operator=(const BenchDir&) = delete;
  std::filesystem::path path;
};

Alert alert_number(std::size_t number) {
  Alert a;
  a.id = "00112233445566778899aabb" + std::to_string(10'000'000 + number);
  a.event_time = a.receive_time = from_unix_nanoseconds(1'768'464'005'123'456'789);
  a.source = "plc-tap";
  a.ordinal = number;
  a.path = "modbus";
  a.rule_id = "6e1a2c1e-0f4d-4a44-9b0a-000000000001";
  a.rule_title = "Write to a controller from outside its network";
  a.level = "high";
  a.norm = "13f";
  a.norm_text = "engages norm 13f (A/70/174): Do not damage critical infrastructure";
  a.limits = {"A write may be ordinary maintenance.", "The operator's work orders were not seen."};
  a.asset = "water-07";
  a.uid = "CAbCdEf0123456789";
  a.source_address = "192.0.2.7";
  a.destination_address = "192.0.2.99";
  a.atoms = {{"func", "startswith", "WRITE", "WRITE_SINGLE_COIL"}};
  a.fields = {{"func", "WRITE_SINGLE_COIL"}, {"nw.dst.asset", "water-07"}, {"id.orig_h", "192.0.2.7"}};
  return a;
}

std::vector<std::string> group() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kGroup; ++i)
    out.push_back(
        make_alert_entry(from_unix_nanoseconds(1'768'464'005'000'000'000), GuardedAlert::of_ledger(alert_number(i))));
  return out;
}

void items_and_bytes(benchmark::State& state, const std::vector<std::string>& payloads) {
  std::size_t bytes = 0;
  for (const std::string& payload : payloads) bytes += payload.size();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(payloads.size()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void floor_write_and_sync(benchmark::State& state) {
  const BenchDir dir;
  const auto payloads = group();
  std::string bytes;
  for (const std::string& payload : payloads) bytes += std::string(8, '\0') + payload;
  const int fd = ::open((dir.path / "floor").c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  off_t offset = 0;
  for (auto _ : state) {
    if (::pwrite(fd, bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size()) || ::fdatasync(fd) != 0)
      state.SkipWithError("the disk refused");
    offset += static_cast<off_t>(bytes.size());
    if (offset > off_t{64} << 20) offset = ::ftruncate(fd, 0);  // as a ledger that begins a new segment
  }
  ::close(fd);
  items_and_bytes(state, payloads);
}
BENCHMARK(floor_write_and_sync)->UseRealTime();

void ledger_append(benchmark::State& state) {
  const BenchDir dir;
  const auto payloads = group();
  LedgerOptions options;
  options.directory = dir.path;
  auto ledger = Ledger::open(options);
  for (auto _ : state)
    if (!ledger || !(*ledger)->append(payloads)) state.SkipWithError("the ledger refused");
  items_and_bytes(state, payloads);
}
BENCHMARK(ledger_append)->UseRealTime();

void ledger_read(benchmark::State& state) {
  const BenchDir dir;
  const auto payloads = group();
  LedgerOptions options;
  options.directory = dir.path;
  auto ledger = Ledger::open(options);
  for (int i = 0; i < 100; ++i)
    if (!ledger || !(*ledger)->append(payloads)) return state.SkipWithError("the ledger refused");
  std::uint64_t next = 0;
  for (auto _ : state) {
    auto entries = (*ledger)->read(next, kGroup);
    benchmark::DoNotOptimize(entries);
    next = (next + kGroup) % (kGroup * 100);
  }
  items_and_bytes(state, payloads);
}
BENCHMARK(ledger_read);

void alert_to_entry(benchmark::State& state) {
  const Alert alert = alert_number(1);
  for (auto _ : state) benchmark::DoNotOptimize(make_alert_entry(alert.receive_time, GuardedAlert::of_ledger(alert)));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(alert_to_entry);

void entry_to_alert(benchmark::State& state) {
  const std::string entry = make_alert_entry(alert_number(1).receive_time, GuardedAlert::of_ledger(alert_number(1)));
  for (auto _ : state) benchmark::DoNotOptimize(Alert::from_json(parse_entry(entry)->body));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(entry_to_alert);

void checksum(benchmark::State& state) {
  const std::string bytes(64 * 1024, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(checksum);

}  // namespace
}  // namespace nw::record
