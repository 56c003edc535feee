// Every metric the daemon exports: one row each in table.cpp, and nothing is exported without one. Names follow
// Prometheus's rules: base units, `_total` on counters, labels from closed sets, never an address or an error text.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace nw::metrics {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

constexpr std::size_t kLabelsMax = 3;

struct Metric {
  std::string_view name;
  MetricType type;
  std::string_view help;
  std::array<std::string_view, kLabelsMax> labels{};  // names; empty: none

  [[nodiscard]] constexpr std::size_t label_count() const noexcept {
    std::size_t count = 0;
    while (count < labels.size() && !labels[count].empty()) ++count;
    return count;
  }
};

// Sorted by name.
std::span<const Metric> metrics();
// Null when there is no such row.
const Metric* find_metric(std::string_view name);

}  // namespace nw::metrics
