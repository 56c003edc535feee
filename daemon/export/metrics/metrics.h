// The daemon's metrics at one moment, and their text for Prometheus. Values are pulled: at a scrape the application
// fills a Snapshot from plain counters, so nothing on the event path knows that metrics exist.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "export/metrics/table.h"

namespace nw::metrics {

class Snapshot {
 public:
  // The value of one series; setting it again replaces it. `metric` is a row of the table and `label_values` are one
  // for each of its labels, in their order: anything else is our mistake and aborts (NW_CHECK).
  void set(std::string_view metric, std::initializer_list<std::string_view> label_values, double value);
  // `counts[i]` are the observations in (bounds[i-1], bounds[i]]; one more count than bounds, for those above the last.
  // Bounds rise strictly.
  void set_histogram(std::string_view metric, std::initializer_list<std::string_view> label_values,
                     std::span<const double> bounds, std::span<const std::uint64_t> counts, double sum);

  // Sorted by name, then by label values. Metrics that were not set are left out.
  [[nodiscard]] std::vector<prometheus::MetricFamily> families() const;
  // Prometheus text format 0.0.4; serve it as kTextContentType.
  [[nodiscard]] std::string to_text() const;

 private:
  using Labels = std::array<std::string, kLabelsMax>;
  prometheus::ClientMetric& series(std::string_view metric, std::initializer_list<std::string_view> label_values,
                                   bool histogram);

  std::map<const Metric*, std::map<Labels, prometheus::ClientMetric>> families_;  // rows are in the order of names
};

constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

// process_*: from /proc/self; what cannot be read is left out.
void add_process_metrics(Snapshot& out);

// A Collectable, so that other prometheus-cpp parts can read it as well.
class MetricsRegistry final : public prometheus::Collectable {
 public:
  // `fill` is called at each scrape, on the scraping thread.
  explicit MetricsRegistry(std::function<void(Snapshot&)> fill) : fill_{std::move(fill)} {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;
  // The whole page: what `fill` sets, and process_*.
  [[nodiscard]] std::string scrape() const;

 private:
  [[nodiscard]] Snapshot take() const;
  std::function<void(Snapshot&)> fill_;
};

}  // namespace nw::metrics
