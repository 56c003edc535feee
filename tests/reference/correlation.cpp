#include "reference/correlation.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "reference/text.h"

namespace nw::correlation {
namespace {

using Type = sigma::CorrelationType;

struct Counted {
  std::int64_t time = 0;
  std::size_t reference = 0;
  std::vector<Text> values = {};
  double number = 0;
};

struct Group {
  std::vector<Counted> events;  // all that ever came
  std::int64_t opened = 0;
  bool held = false;
};
using GroupId = std::pair<std::size_t, Texts>;  // rule and key

std::vector<Counted> window(const sigma::Correlation& spec, std::vector<Counted> events, std::int64_t time) {
  std::erase_if(events, [&](const Counted& e) { return e.time < time - spec.timespan.count() || e.time > time; });
  return events;
}

double value_of(const sigma::Correlation& spec, std::vector<Counted> window) {
  // For temporal_ordered: events of one time stand in the listed order, for they fit any.
  std::ranges::sort(window, {}, [](const Counted& event) { return std::pair{event.time, event.reference}; });
  std::set<std::vector<Text>> distinct;
  std::size_t chain = 0;
  double sum = 0;
  for (const Counted& event : window) {
    distinct.insert(event.values);
    if (event.reference == chain) ++chain;
    sum += event.number;
  }
  const auto count = static_cast<double>(window.size());
  if (spec.type == Type::event_count) return count;
  if (spec.type == Type::value_count || spec.type == Type::temporal) return static_cast<double>(distinct.size());
  if (spec.type == Type::temporal_ordered) return static_cast<double>(chain);
  if (spec.type == Type::value_sum) return sum;
  if (spec.type == Type::value_avg) return sum / count;
  std::ranges::sort(window, {}, &Counted::number);
  return window[static_cast<std::size_t>(std::max(1.0, std::ceil(spec.percentile * count / 100))) - 1].number;
}

// Of nothing there is no average and no percentile.
bool too_little(const sigma::Correlation& spec) {
  return spec.type < Type::value_avg && sigma::holds(spec.bounds, value_of(spec, {}));
}

struct Model {
  const sigma::RuleSet& rules;
  std::map<GroupId, Group> groups = {};
  std::set<std::pair<std::int64_t, GroupId>> moments = {};  // when it is asked who has too little
  std::vector<Expected> firings = {};

  void take(Found found) {
    for (std::size_t rule = 0; rule < rules.size(); ++rule)
      if (const sigma::Correlation* spec = rules.correlation(rule))
        for (const auto& input : spec->inputs)
          if (input.rule == found.rule) count(rule, *spec, input.reference, found);
  }

  void count(std::size_t rule, const sigma::Correlation& spec, std::size_t reference, Found& found) {
    Texts key;
    Counted event{found.time, reference};
    for (const std::string& name : spec.group_by) key[name] = found.fields[group_field(spec, reference, name)];
    for (const std::string& name : spec.fields) event.values.push_back(found.fields[name]);
    const auto absent = [](const auto& field) { return !field.second; };
    if ((!key.empty() && std::ranges::all_of(key, absent)) || std::ranges::count(event.values, Text{}) > 0) return;
    if (spec.type >= Type::value_sum && !sigma::reference::read_number(*event.values[0], event.number)) return;
    if (spec.type == Type::temporal) event.values = {spec.references[reference].name};  // rules are what it counts
    Group& group = groups[{rule, key}];
    if (window(spec, group.events, event.time).empty()) group = {group.events, event.time};
    group.events.push_back(event);
    ask({rule, key}, event.time);
    if (too_little(spec)) moments.insert({event.time + spec.timespan.count() + 1, {rule, key}});
  }

  void ask(const GroupId& id, std::int64_t time) {
    const sigma::Correlation& spec = *rules.correlation(id.first);
    Group& group = groups[id];
    const double value = value_of(spec, window(spec, group.events, time));
    const bool early = too_little(spec) && time - group.opened < spec.timespan.count();
    const bool held = std::exchange(group.held, !early && sigma::holds(spec.bounds, value));
    if (held || !group.held) return;
    firings.push_back({time, id.first, id.second, value});
    take({time, id.first, id.second});
  }

  void ask_until(std::int64_t last) {
    for (auto next = moments.begin(); next != moments.end() && next->first <= last; next = moments.erase(next))
      ask(next->second, next->first);
  }
};

}  // namespace

std::vector<Expected> expected_firings(const sigma::RuleSet& rules, const std::vector<Found>& found, std::int64_t end) {
  Model model{rules};
  for (const Found& event : found) {
    model.ask_until(event.time);
    model.take(event);
  }
  model.ask_until(end);
  return model.firings;
}

}  // namespace nw::correlation
