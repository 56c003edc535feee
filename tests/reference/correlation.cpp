#include "reference/correlation.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>

namespace nw::correlation {
namespace {

using sigma::Correlation;
using sigma::CorrelationType;

struct Counted {
  std::int64_t time = 0;
  std::size_t reference = 0;
  std::vector<std::string> values;
  double number = 0;
};

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool needs_number(CorrelationType type) {
  return type == CorrelationType::value_sum || type == CorrelationType::value_avg ||
         type == CorrelationType::value_percentile;
}

// How far down the list a chain goes; the earliest event that continues it is never a worse choice than a later one.
double chain(const std::vector<Counted>& window) {
  std::int64_t time = INT64_MIN;
  for (std::size_t length = 0;; ++length) {
    std::optional<std::int64_t> next;
    for (const Counted& event : window)
      if (event.reference == length && event.time >= time) next = std::min(next.value_or(event.time), event.time);
    if (!next) return static_cast<double>(length);
    time = *next;
  }
}

// Nothing: a window without an event has no average.
std::optional<double> value_of(const Correlation& spec, const std::vector<Counted>& window) {
  std::set<std::vector<std::string>> distinct;
  std::set<std::size_t> references;
  std::vector<double> numbers;
  double sum = 0;
  for (const Counted& event : window) {
    distinct.insert(event.values);
    references.insert(event.reference);
    numbers.push_back(event.number);
    sum += event.number;
  }
  std::ranges::sort(numbers);
  const auto count = static_cast<double>(window.size());
  switch (spec.type) {
    case CorrelationType::event_count: return count;
    case CorrelationType::value_count: return static_cast<double>(distinct.size());
    case CorrelationType::temporal: return static_cast<double>(references.size());
    case CorrelationType::temporal_ordered: return chain(window);
    case CorrelationType::value_sum: return sum;
    default: break;
  }
  if (window.empty()) return std::nullopt;
  if (spec.type == CorrelationType::value_avg) return sum / count;
  return numbers[static_cast<std::size_t>(std::max(1.0, std::ceil(spec.percentile / 100 * count))) - 1];
}

// The firings of one group.
std::vector<Expected> ask(const Correlation& spec, const std::vector<Counted>& events) {
  const auto window = [&](std::int64_t at) {
    std::vector<Counted> inside;
    for (const Counted& event : events)
      if (event.time >= at - spec.timespan.count() && event.time <= at) inside.push_back(event);
    return inside;
  };
  const auto nothing = value_of(spec, {});
  const bool too_little = nothing && sigma::holds(spec.bounds, *nothing);
  std::map<std::int64_t, bool> moments;  // and whether there is an event
  for (const Counted& event : events) moments[event.time + spec.timespan.count() + 1];
  for (const Counted& event : events) moments[event.time] = true;
  std::vector<Expected> firings;
  std::optional<std::int64_t> opened;
  bool held = false;
  for (const auto& [time, any] : moments) {
    const auto inside = window(time);
    if (any && !opened) opened = time, held = false;
    if (any || too_little) {
      const auto value = value_of(spec, inside);
      const bool early = too_little && time - *opened < spec.timespan.count();
      const bool holds = value && !early && sigma::holds(spec.bounds, *value);
      if (holds && !held) firings.push_back({time, 0, {}, *value});
      held = holds;
    }
    if (inside.empty()) opened.reset();
  }
  return firings;
}

class Model {
 public:
  Model(const sigma::RuleSet& rules, const std::vector<Found>& found) : rules_{rules}, found_{found} {}

  bool tied = false;

  const std::vector<Expected>& of(std::size_t rule) {
    const auto known = done_.find(rule);
    return known != done_.end() ? known->second : done_[rule] = firings(rule, *rules_.correlation(rule));
  }

 private:
  std::vector<Found> events(std::size_t rule) {
    std::vector<Found> out;
    if (rules_.correlation(rule) != nullptr)
      for (const Expected& firing : of(rule)) out.push_back({firing.time, rule, firing.key});
    else
      std::ranges::copy_if(found_, std::back_inserter(out), [&](const Found& event) { return event.rule == rule; });
    return out;
  }

  std::vector<Expected> firings(std::size_t rule, const Correlation& spec) {
    std::map<Texts, std::vector<Counted>> groups;
    for (const Correlation::Input& input : spec.inputs)
      for (const Found& event : events(input.rule)) {
        Texts key;
        for (const std::string& name : spec.group_by)
          if (const auto field = event.fields.find(group_field(spec, input.reference, name));
              field != event.fields.end())
            key[name] = field->second;
        Counted counted{event.time, input.reference, {}, 0};
        for (const std::string& name : spec.fields)
          if (const auto field = event.fields.find(name); field != event.fields.end())
            counted.values.push_back(field->second);
        if (key.empty() != spec.group_by.empty() || counted.values.size() != spec.fields.size()) continue;
        const auto number = needs_number(spec.type) ? number_of(counted.values[0]) : 0;
        if (!number) continue;
        counted.number = *number;
        for (const Counted& other : groups[key]) {
          // The nanosecond in which the one leaves the window counts as one time, too.
          const std::int64_t apart = std::abs(other.time - counted.time);
          tied = tied || apart == 0 || apart == spec.timespan.count() + 1;
        }
        groups[key].push_back(counted);
      }
    std::vector<Expected> out;
    for (const auto& [key, counted] : groups)
      for (const Expected& firing : ask(spec, counted)) out.push_back({firing.time, rule, key, firing.value});
    return out;
  }

  const sigma::RuleSet& rules_;
  const std::vector<Found>& found_;
  std::map<std::size_t, std::vector<Expected>> done_;
};

}  // namespace

Expectation expected_firings(const sigma::RuleSet& rules, const std::vector<Found>& found) {
  Model model{rules, found};
  Expectation out;
  for (std::size_t rule = 0; rule < rules.size(); ++rule)
    if (rules.correlation(rule) != nullptr) std::ranges::copy(model.of(rule), std::back_inserter(out.firings));
  std::ranges::stable_sort(out.firings, {}, &Expected::time);
  out.tied = model.tied;
  return out;
}

}  // namespace nw::correlation
