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
  return spec.type < Type::value_avg && !spec.extended && sigma::holds(spec.bounds, value_of(spec, {}));
}

// Whether a condition over rules has a `not`.
bool negates(const sigma::Condition& condition) {
  return condition.kind == sigma::Condition::Kind::negation || std::ranges::any_of(condition.children, negates);
}

bool met(const sigma::Condition& condition, const std::vector<Counted>& window) {
  const auto holds = [&](const sigma::Condition& child) { return met(child, window); };
  switch (condition.kind) {
    case sigma::Condition::Kind::negation: return !holds(condition.children[0]);
    case sigma::Condition::Kind::conjunction: return std::ranges::all_of(condition.children, holds);
    case sigma::Condition::Kind::disjunction: return std::ranges::any_of(condition.children, holds);
    default: break;
  }
  return std::ranges::any_of(window, [&](const Counted& event) { return event.values[0] == condition.name; });
}

// When something is asked that no event asks: before those of the time, or when all of them have come.
struct Moment {
  std::int64_t time = 0;
  bool after = false;
  GroupId id;
  friend auto operator<=>(const Moment&, const Moment&) = default;
};

struct Model {
  const sigma::RuleSet& rules;
  std::map<GroupId, Group> groups = {};
  std::set<Moment> moments = {};
  std::vector<Expected> firings = {};

  // Of a rule with a memory its own detection finds events, which nobody else counts: others count its firings.
  void take(Found found, bool fired) {
    const bool remembers = rules.correlation(found.rule) != nullptr;
    for (std::size_t rule = 0; rule < rules.size(); ++rule) {
      const sigma::Correlation* spec = rules.correlation(rule);
      if (spec == nullptr || (remembers && fired == (rule == found.rule))) continue;
      for (const auto& input : spec->inputs)
        if (input.rule == found.rule) count(rule, *spec, input.reference, found);
    }
  }

  void count(std::size_t rule, const sigma::Correlation& spec, std::size_t reference, Found& found) {
    Texts key;
    Counted event{found.time, reference};
    for (const std::string& name : spec.group_by) key[name] = found.fields[group_field(spec, reference, name)];
    for (const std::string& name : spec.fields) event.values.push_back(found.fields[name]);
    const auto absent = [](const auto& field) { return !field.second; };
    if (!key.empty() && std::ranges::all_of(key, absent)) return;
    const GroupId id{rule, key};
    Group& group = groups[id];
    if (spec.type == Type::absence) {
      group.events.push_back(event);
      moments.insert({event.time + spec.timespan.count(), true, id});
      return;
    }
    if (spec.type == Type::newvalue) return learn(id, event);
    if (spec.type == Type::ratio &&
        !sigma::reference::read_number(found.fields[spec.over.field].value_or(""), event.number))
      event.number = 0;
    if (spec.type == Type::temporal) event.values = {spec.references[reference].name};  // rules are what it counts
    if (std::ranges::count(event.values, Text{}) > 0) return;
    if (spec.type >= Type::value_sum && spec.type <= Type::value_percentile &&
        !sigma::reference::read_number(*event.values[0], event.number))
      return;
    if (window(spec, group.events, event.time).empty()) group = {group.events, event.time};
    group.events.push_back(event);
    if (spec.extended && negates(*spec.extended)) {
      moments.insert({event.time + spec.timespan.count(), true, id});
      return;
    }
    ask(id, event.time);
    if (too_little(spec)) moments.insert({event.time + spec.timespan.count() + 1, false, id});
  }

  // newvalue: what the key did not have before, once it has been known for long enough.
  void learn(const GroupId& id, const Counted& event) {
    const sigma::Correlation& spec = *rules.correlation(id.first);
    Group& group = groups[id];
    if (group.events.empty()) group.opened = event.time;
    const auto whole = [](const Counted& e) { return std::ranges::count(e.values, Text{}) == 0; };
    const bool known =
        std::ranges::any_of(group.events, [&](const Counted& before) { return before.values == event.values; });
    group.events.push_back(event);
    if (known || !whole(event) || event.time - group.opened < spec.learn.count()) return;
    std::set<std::vector<Text>> values;
    for (const Counted& each : group.events)
      if (whole(each)) values.insert(each.values);
    fire(id, event.time, static_cast<double>(values.size()));
  }

  void ask(const GroupId& id, std::int64_t time) {
    const sigma::Correlation& spec = *rules.correlation(id.first);
    Group& group = groups[id];
    const std::vector<Counted> events = window(spec, group.events, time);
    if (spec.type == Type::absence) {
      const std::int64_t silence = time - group.events.back().time;
      if (silence == spec.timespan.count()) fire(id, time, static_cast<double>(silence) / 1e9);
      return;
    }
    double value = spec.type == Type::ratio ? 0 : value_of(spec, events);
    bool holds = false;
    if (spec.type == Type::ratio) {
      for (const Counted& event : events) value += event.number;
      holds = value >= spec.at_least;
      value /= static_cast<double>(events.size());
    }
    if (spec.extended)
      holds = met(*spec.extended, events);
    else
      holds = (holds || spec.type != Type::ratio) && sigma::holds(spec.bounds, value);
    const bool early = too_little(spec) && time - group.opened < spec.timespan.count();
    const bool held = std::exchange(group.held, !early && holds);
    if (!held && group.held) fire(id, time, value);
  }

  void fire(const GroupId& id, std::int64_t time, double value) {
    firings.push_back({time, id.first, id.second, value});
    take({time, id.first, id.second}, true);
  }

  // What is asked before the events of this time.
  void ask_until(std::int64_t time) {
    const auto earlier = [&](const Moment& moment) { return moment.after ? moment.time < time : moment.time <= time; };
    for (auto next = moments.begin(); next != moments.end() && earlier(*next); next = moments.erase(next)) {
      const Moment now = *next;
      ask(now.id, now.time);
    }
  }
};

}  // namespace

std::vector<Expected> expected_firings(const sigma::RuleSet& rules, const std::vector<Found>& found, std::int64_t end) {
  Model model{rules};
  for (const Found& event : found) {
    model.ask_until(event.time);
    model.take(event, false);
  }
  model.ask_until(end);
  return model.firings;
}

}  // namespace nw::correlation
