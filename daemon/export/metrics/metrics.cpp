#include "export/metrics/metrics.h"

#include <algorithm>
#include <prometheus/text_serializer.h>
#include <sstream>
#include <utility>

#include "base/check.h"

namespace nw::metrics {

namespace {

prometheus::MetricType type_of(MetricType type) {
  switch (type) {
    case MetricType::counter: return prometheus::MetricType::Counter;
    case MetricType::gauge: return prometheus::MetricType::Gauge;
    case MetricType::histogram: break;
  }
  return prometheus::MetricType::Histogram;
}

std::string text(const std::vector<prometheus::MetricFamily>& families) {
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families);
  return std::move(out).str();
}

}  // namespace

prometheus::ClientMetric& Snapshot::series(std::string_view metric,
                                           std::initializer_list<std::string_view> label_values, bool histogram) {
  const Metric* row = find_metric(metric);
  NW_CHECK(row != nullptr);
  NW_CHECK(label_values.size() == row->label_count());
  NW_CHECK(histogram == (row->type == MetricType::histogram));
  Labels labels;
  std::ranges::copy(label_values, labels.begin());
  prometheus::ClientMetric& out = families_[row][labels];
  out = {};
  for (std::size_t i = 0; i < label_values.size(); ++i) out.label.push_back({std::string{row->labels[i]}, labels[i]});
  return out;
}

void Snapshot::set(std::string_view metric, std::initializer_list<std::string_view> label_values, double value) {
  prometheus::ClientMetric& out = series(metric, label_values, false);
  out.gauge.value = value;
  out.counter.value = value;
}

void Snapshot::set_histogram(std::string_view metric, std::initializer_list<std::string_view> label_values,
                             std::span<const double> bounds, std::span<const std::uint64_t> counts, double sum) {
  NW_CHECK(counts.size() == bounds.size() + 1);
  NW_CHECK(std::ranges::adjacent_find(bounds, std::ranges::greater_equal{}) == bounds.end());
  prometheus::ClientMetric& out = series(metric, label_values, true);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    below += counts[i];
    out.histogram.bucket.push_back({below, bounds[i]});
  }
  out.histogram.sample_count = below + counts.back();
  out.histogram.sample_sum = sum;
}

std::vector<prometheus::MetricFamily> Snapshot::families() const {
  std::vector<prometheus::MetricFamily> out;
  for (const auto& [row, all] : families_) {
    prometheus::MetricFamily family;
    family.name = row->name;
    family.help = row->help;
    family.type = type_of(row->type);
    for (const auto& [labels, metric] : all) family.metric.push_back(metric);
    out.push_back(std::move(family));
  }
  return out;
}

std::string Snapshot::to_text() const { return text(families()); }

Snapshot MetricsRegistry::take() const {
  Snapshot snapshot;
  fill_(snapshot);
  add_process_metrics(snapshot);
  return snapshot;
}

std::vector<prometheus::MetricFamily> MetricsRegistry::Collect() const { return take().families(); }

std::string MetricsRegistry::scrape() const { return take().to_text(); }

}  // namespace nw::metrics
