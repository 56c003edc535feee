#include "record/reporting/statistics.h"

#include <algorithm>
#include <map>
#include <set>

#include "record/reporting/predicate.h"

namespace nw::reporting {

namespace {

constexpr std::string_view kUnstated = "unstated";

std::optional<int> year_of(const CountedIncident& incident) {
  for (const auto* time : {&incident.aware_at, &incident.detected_at, &incident.occurred_at})
    if (*time)
      return static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(**time)}.year());
  return std::nullopt;
}

struct Mean {
  std::uint64_t count = 0;
  double hours = 0;
  void add(const std::optional<Timestamp>& from, const std::optional<Timestamp>& to) {
    if (!from || !to || *to < *from) return;
    ++count;
    hours += std::chrono::duration<double, std::ratio<3600>>(*to - *from).count();
  }
};

class Table {
 public:
  explicit Table(const StatisticsOptions& options)
      : year_{std::to_string(options.year)}, least_{std::max(options.least, 1U)} {}

  void count(std::string_view dimension, std::string_view key) {
    ++cells_[{std::string{dimension}, {}}][{std::string{key.empty() ? kUnstated : key}, "incidents"}];
  }
  // The outcomes of one stage add up among themselves.
  void count_stage(const std::string& stage, std::string_view outcome) {
    ++cells_[{"stage", stage}][{stage, std::string{outcome}}];
  }
  void count(std::string_view dimension, const std::vector<std::string>& keys) {
    if (keys.empty()) count(dimension, std::string_view{});
    for (const std::string& key : std::set<std::string>{keys.begin(), keys.end()}) count(dimension, key);
  }
  void count(std::string_view dimension, const std::optional<bool>& value) {
    count(dimension, std::string_view{!value ? kUnstated : *value ? "yes" : "no"});
  }
  void mean(std::string_view key, const Mean& mean) {
    if (mean.count < least_) return;  // a mean over few tells each
    means_.emplace_back(key, number_text(static_cast<double>(static_cast<std::int64_t>(
                                             mean.hours / static_cast<double>(mean.count) * 10 + 0.5)) /
                                         10));
  }

  [[nodiscard]] std::string text() const {
    std::string out = "year,dimension,key,measure,value\r\n";
    for (const auto& [group, cells] : cells_) {
      const std::uint64_t below = hidden_below(cells);
      for (const auto& [name, count] : cells)
        row(group.first, name.first, name.second,
            count < least_  ? '<' + std::to_string(least_)
            : count < below ? "hidden"
                            : std::to_string(count),
            out);
    }
    for (const auto& [key, value] : means_) row("time", key, "hours_mean", value, out);
    return out;
  }

 private:
  using Cells = std::map<std::pair<std::string, std::string>, std::uint64_t>;

  // Counts below this are hidden: more than `least_` when one hidden count alone could be computed from the sum.
  [[nodiscard]] std::uint64_t hidden_below(const Cells& cells) const {
    std::uint64_t few = 0, next = 0;
    for (const auto& [name, count] : cells) {
      if (count < least_)
        ++few;
      else if (next == 0 || count < next)
        next = count;
    }
    return few == 1 && next != 0 ? next + 1 : least_;
  }

  void row(std::string_view dimension, std::string_view key, std::string_view measure, std::string_view value,
           std::string& out) const {
    out += year_ + ',' + csv_value(dimension) + ',' + csv_value(key) + ',' + csv_value(measure) + ',' +
           csv_value(value) + "\r\n";
  }

  std::string year_;
  std::uint64_t least_;
  std::map<std::pair<std::string, std::string>, Cells> cells_;  // by dimension and what adds up in it
  std::vector<std::pair<std::string, std::string>> means_;
};

std::string_view measure(DeadlineState state) {
  switch (state) {
    case DeadlineState::done_in_time: return "met";
    case DeadlineState::done_late:
    case DeadlineState::overdue: return "late";
    case DeadlineState::running:
    case DeadlineState::not_started: return "open";
    default: return "not_needed";
  }
}

}  // namespace

std::string csv_value(std::string_view text) {
  std::string plain;
  if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos) plain += '\'';
  plain += text;
  if (plain.find_first_of(",\"\r\n") == std::string::npos) return plain;
  std::string out = "\"";
  for (const char c : plain) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string yearly_statistics(std::span<const CountedIncident> incidents, const StatisticsOptions& options) {
  Table table{options};
  Mean detection, awareness, handling;
  for (const CountedIncident& incident : incidents) {
    if (year_of(incident) != options.year) continue;
    table.count("all", std::string_view{"incidents"});
    table.count("sector", incident.sectors);
    table.count("norm", incident.norms);
    table.count("class", std::string_view{incident.kind});
    table.count("rsit", std::string_view{incident.rsit});
    table.count("root_cause", std::string_view{incident.root_cause});
    table.count("malicious", incident.malicious);
    table.count("cross_border", incident.cross_border);
    for (const Deadline& deadline : incident.deadlines) table.count_stage(deadline.stage, measure(deadline.state));
    detection.add(incident.occurred_at, incident.detected_at);
    awareness.add(incident.detected_at, incident.aware_at);
    handling.add(incident.aware_at, incident.handled_at);
  }
  table.mean("awareness", awareness);
  table.mean("detection", detection);
  table.mean("handling", handling);
  return table.text();
}

}  // namespace nw::reporting
