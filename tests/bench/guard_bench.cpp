// What the guard costs per alert, beside making its entry: an alert of a control network, as the demonstration makes
// them, and one of a log with a sentence; with and without clear values to seal.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "record/entry.h"
#include "record/guard/door.h"

namespace nw::record {

namespace {

GuardRules rules(bool seal) {
  EpochSecrets secrets{{2026, 1}, privacy::Key32::random(kernel_random), {}};
  auto month = MonthKeys::derive(secrets, "bench");
  NW_CHECK(month);
  GuardRules out;
  out.policy = std::make_shared<const privacy::Policy>();
  out.designated = std::make_shared<const DesignatedNames>(context::Registry::empty(), *out.policy);
  out.indicators = context::IndicatorSet::empty();
  out.ids = std::make_shared<const AlertIds>(privacy::Key32::random(kernel_random));
  out.months = {std::move(*month)};
  out.seal = seal;
  return out;
}

Alert of_a_flow() {
  Alert alert;
  alert.id = "00112233445566778899aabbccddeeff";
  alert.event_time = alert.receive_time = from_unix_nanoseconds(1'768'464'005'000'000'000);
  alert.rule_id = "6e1a2c1e-0f4d-4a44-9b0a-000000000001";
  alert.rule_title = "Write to a controller from outside its network";
  alert.level = "high";
  alert.asset = "w4t3r1";
  alert.source_address = "203.0.113.7";
  alert.destination_address = "192.0.2.10";
  alert.community_id = "1:LQU9qZlK+B5F3KDmev6m5PMibrg=";
  alert.uid = "CAbCdEf0123456789";
  alert.protocol = "tcp";
  alert.atoms = {{"func", "startswith", "WRITE", "WRITE_SINGLE_COIL"}};
  alert.fields = {{"id.orig_h", "203.0.113.7"},
                  {"id.resp_h", "192.0.2.10"},
                  {"id.resp_p", "502"},
                  {"proto", "tcp"},
                  {"func", "WRITE_SINGLE_COIL"},
                  {"nw.dst.asset", "w4t3r1"},
                  {"nw.dir", "in"},
                  {"uid", "CAbCdEf0123456789"},
                  {"community_id", "1:LQU9qZlK+B5F3KDmev6m5PMibrg="}};
  return alert;
}

Alert of_a_log() {
  Alert alert = of_a_flow();
  alert.community_id = alert.destination_address = "";
  alert.host = "gate-7";
  alert.fields = {{"host", "gate-7"},
                  {"user", "alice"},
                  {"src_ip", "203.0.113.7"},
                  {"message", "Failed password for alice from 203.0.113.7 port 4711 ssh2 on gate-7"}};
  alert.atoms = {{"message", "contains", "Failed password", alert.fields[3].second},
                 {"user", "equals", "alice", "alice"}};
  return alert;
}

void run(benchmark::State& state, const Alert& alert, bool seal) {
  GuardDoor door{std::make_shared<const GuardRules>(rules(seal)), kernel_random};
  const Timestamp now = from_unix_nanoseconds(1'768'464'005'000'000'000);
  for (auto _ : state) benchmark::DoNotOptimize(door.guard(alert, now));
}

void BM_GuardFlow(benchmark::State& state) { run(state, of_a_flow(), false); }
BENCHMARK(BM_GuardFlow);
void BM_GuardFlowSealed(benchmark::State& state) { run(state, of_a_flow(), true); }
BENCHMARK(BM_GuardFlowSealed);
void BM_GuardLog(benchmark::State& state) { run(state, of_a_log(), false); }
BENCHMARK(BM_GuardLog);
void BM_GuardLogSealed(benchmark::State& state) { run(state, of_a_log(), true); }
BENCHMARK(BM_GuardLogSealed);
// All threads at one door.
void BM_GuardDoor(benchmark::State& state) {
  static GuardDoor door{std::make_shared<const GuardRules>(rules(false)), kernel_random};
  const Alert alert = of_a_flow();
  for (auto _ : state) benchmark::DoNotOptimize(door.guard(alert, alert.event_time));
}
BENCHMARK(BM_GuardDoor)->Threads(2)->UseRealTime();

void BM_MakeAlertEntry(benchmark::State& state) {
  const GuardedAlert alert = GuardedAlert::of_ledger(of_a_flow());
  for (auto _ : state) benchmark::DoNotOptimize(make_alert_entry(alert->event_time, alert));
}
BENCHMARK(BM_MakeAlertEntry);
// Floor: the copy that a call is given.
void BM_FloorCopy(benchmark::State& state) {
  const Alert alert = of_a_flow();
  for (auto _ : state) {
    Alert copy = alert;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(BM_FloorCopy);

}  // namespace

}  // namespace nw::record
