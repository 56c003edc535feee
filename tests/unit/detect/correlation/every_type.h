// One rule of each type over the same events, for whoever wants to meet them all: tests and the fuzzer of saved state.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "detect/correlation/engine.h"

namespace nw::correlation {

struct OfType {
  std::string_view name, document;  // `document`: the keys after title, id and name
};

constexpr std::string_view kDetection =
    "logsource: {product: test}\ndetection:\n  sel: {kind: x}\n  condition: sel\nnormwatch:\n  ";

// Their windows and silences are long: who restores forged state must not be woken without end.
constexpr auto kEveryType = std::to_array<OfType>({
    {"event_count",
     "correlation: {type: event_count, rules: [a], group-by: [host], timespan: 1d, condition: {lt: 3}}\n"},
    {"value_count",
     "correlation: {type: value_count, rules: [a], group-by: [host], timespan: 1d, condition: {neq: 3, field: n}}\n"},
    {"temporal",
     "correlation: {type: temporal, rules: [a, b], group-by: [host], timespan: 1d, condition: a and not b}\n"
     "normwatch: {sigma: 2.2}\n"},
    {"temporal_ordered", "correlation: {type: temporal_ordered, rules: [a, b], group-by: [host], timespan: 1d}\n"},
    {"value_sum",
     "correlation: {type: value_sum, rules: [a], group-by: [host], timespan: 1d, condition: {lt: 9, field: n}}\n"},
    {"value_avg",
     "correlation: {type: value_avg, rules: [a], group-by: [host], timespan: 1d, condition: {gte: 2, field: n}}\n"},
    {"value_percentile",
     "correlation: {type: value_percentile, rules: [a], timespan: 1d, condition: {gte: 2, field: n, percentile: 9}}\n"},
    {"absence", "absence: {key: [host], for: 30d, unless: [sensor_blind, segment_down]}\n"},
    {"absence_by_rhythm", "absence: {key: [host], for: {median_gap: 5, min: 30d}}\n"},
    {"newvalue", "newvalue: {key: [host], field: n, learn: 20s}\n"},
    {"beacon", "beacon: {key: [host], count: 4, over: 30s, steady: n}\n"},
    {"ratio", "ratio: {key: [host], over: n, under: count, timespan: 1d, gte: 2}\n"},
    {"rate", "rate: {key: [host], timespan: 1m, learn: 1m, at_least: 1, times: 2}\n"},
});

inline std::string document_of(std::size_t number, std::string_view name, std::string_view keys) {
  return "---\ntitle: A rule\nid: 22222222-2222-4333-8444-0000000000" + std::to_string(10 + number) +
         "\nname: " + std::string{name} + '\n' + std::string{keys};
}

// The rules a and b, and one type or, with npos, all of them.
inline std::string rules_of(std::size_t type) {
  constexpr std::string_view kSeen = "logsource: {product: test}\ndetection:\n  sel: {kind: x}\n  condition: sel\n";
  std::string out = document_of(80, "a", kSeen) + document_of(81, "b", kSeen);
  for (std::size_t i = 0; i < kEveryType.size(); ++i) {
    if (type != std::string::npos && type != i) continue;
    const std::string_view document = kEveryType[i].document;
    out += document_of(
        i, kEveryType[i].name,
        document.starts_with("correlation") ? std::string{document} : std::string{kDetection} + std::string{document});
  }
  return out;
}

// Forty events of each rule that counts, ten seconds apart from `begin` (seconds since 1970) on, of two hosts.
inline void play(Engine& engine, std::int64_t begin, FiringSink& sink) {
  const sigma::RuleSet& rules = engine.rules();
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Timestamp time = from_unix_nanoseconds((begin + static_cast<std::int64_t>(i) * 10) * 1'000'000'000);
    engine.alive(0, time);
    for (std::uint32_t rule = 0; rule < rules.size(); ++rule) {
      if (!rules.feeds(rule)) continue;
      Contribution event{time, rule, {0, 0, i}, {}, {}};
      for (const std::string& name : rules.read_fields(rule))
        event.fields.push_back(
            {true, i % 2 == 0,
             name == "host" ? (i % 2 == 0 ? "pump" : "a host with a long name") : std::to_string(i % 7)});
      static_cast<void>(engine.add(std::move(event)));
    }
    engine.advance(time, sink);
  }
}

}  // namespace nw::correlation
