// event_count, value_count, temporal, temporal_ordered: what a window holds.
#include <array>
#include <cmath>
#include <limits>

#include "detect/correlation/kinds.h"

namespace nw::correlation {

namespace {

// More than any limit asks about: what is beyond it changes no answer. A window grows by one at a time, so that what
// turns true has not grown so far; only a condition that holds for nothing and for ever more (`neq`) is first asked
// when a whole window has passed, of whatever has come by then.
std::size_t most_asked(const std::vector<sigma::Bound>& bounds) {
  if (sigma::holds(bounds, 0) && sigma::holds(bounds, std::numeric_limits<double>::infinity())) return kEventsPerKey;
  double most = 0;
  for (const sigma::Bound& bound : bounds) most = std::max(most, std::fabs(bound.value));
  return static_cast<std::size_t>(std::min(most, static_cast<double>(kEventsPerKey))) + 2;
}

// Fires on the turn from false to true.
bool turned(bool& held, bool holds) {
  const bool fires = holds && !held;
  held = holds;
  return fires;
}

struct CountState {
  History<Nanos> times;
  Nanos opened = 0;  // the group's first event
  bool held = false;
  [[nodiscard]] std::size_t bytes() const { return times.bytes(); }
};

template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, CountState>
void members(Archive& archive, T& state) {
  if constexpr (std::is_const_v<T>) {
    archive(std::vector<Nanos>(state.times.all().begin(), state.times.all().end()), state.opened, state.held);
  } else {
    std::vector<Nanos> times;
    archive(times, state.opened, state.held);
    state.times.set(std::move(times));
  }
}

// A condition that holds for an empty window asks for too little: it is judged when events leave, once a whole window
// has passed since the group opened. All others are judged when events come.
class EventCount final : public KeyedNode<EventCount, CountState> {
 public:
  EventCount(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, bytes_max},
        span_{spec.timespan.count()},
        falling_{sigma::holds(spec.bounds, 0)},
        most_{most_asked(spec.bounds)} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    CountState& state = entry.state;
    slide(state, step.time);
    if (state.times.empty()) open(state, step.time);
    state.times.push(step.time);
    if (state.times.size() > most_) {
      state.times.pop_front();
      if (most_ >= kEventsPerKey) ++counters_.cut;
    }
    if (falling_) {
      // The first time at which it may be asked counts too, though the first events may have been cut.
      const bool young = step.time - state.opened <= span_;
      entry.due = (young ? state.opened : state.times.front()) + span_ + 1;
      if (step.time - state.opened < span_) return false;
    }
    return judge(state, firing);
  }

  bool woken(Entry& entry, Nanos now, const World& /*world*/, Firing& firing, bool& /*excused*/) {
    CountState& state = entry.state;
    slide(state, now);
    const bool whole = now - state.opened > span_;
    if (!state.times.empty()) entry.due = state.times.front() + span_ + 1;
    const bool fires = whole && judge(state, firing);
    firing.time = from_unix_nanoseconds(now);
    if (state.times.empty()) state.held = false;  // the group closes
    return fires;
  }

  [[nodiscard]] Nanos life() const { return span_; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    return in_order(entry.state.times.all(), most_) && in_time(entry.state.opened);
  }

 private:
  void slide(CountState& state, Nanos now) const {
    while (!state.times.empty() && state.times.front() < now - span_) state.times.pop_front();
  }
  static void open(CountState& state, Nanos now) {
    state.opened = now;
    state.held = false;
  }
  bool judge(CountState& state, Firing& firing) {
    firing.value = static_cast<double>(state.times.size());
    firing.events = state.times.size();
    if (!state.times.empty()) firing.first = from_unix_nanoseconds(state.times.front());
    return turned(state.held, sigma::holds(spec_.bounds, firing.value));
  }

  Nanos span_;
  bool falling_;
  std::size_t most_;
};

struct Seen {
  std::string value;
  Nanos time = 0;
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Seen>
void members(Archive& archive, T& seen) { archive(seen.value, seen.time); }

struct ValueState {
  std::vector<Seen> seen;  // the one seen longest ago first
  Nanos opened = 0, first = 0;
  std::uint64_t events = 0;
  std::size_t text_bytes = 0;
  bool held = false;
  [[nodiscard]] std::size_t bytes() const { return seen.capacity() * sizeof(Seen) + text_bytes; }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, ValueState>
void members(Archive& archive, T& state) {
  archive(state.seen, state.opened, state.first, state.events, state.text_bytes, state.held);
}

// Distinct values of the fields together, letter case aside. A value is in the window while its last event is.
class ValueCount final : public KeyedNode<ValueCount, ValueState> {
 public:
  ValueCount(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, bytes_max},
        span_{spec.timespan.count()},
        falling_{sigma::holds(spec.bounds, 0)},
        most_{most_asked(spec.bounds)} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    ValueState& state = entry.state;
    slide(state, step.time);
    std::string value;
    for (const Field* field : step.fields) {
      if (field == nullptr) return false;  // it does not count
      append_value(*field, value);
    }
    if (state.seen.empty()) {
      state.opened = state.first = step.time;
      state.events = 0;
      state.held = false;
    }
    ++state.events;
    const auto known = std::ranges::find(state.seen, value, &Seen::value);
    if (known != state.seen.end()) {
      known->time = step.time;
      std::rotate(known, known + 1, state.seen.end());
    } else {
      state.text_bytes += text_bytes(value);
      state.seen.push_back({std::move(value), step.time});
      if (state.seen.size() > most_) {
        if (most_ >= kEventsPerKey) ++counters_.cut;
        drop_first(state);
      }
    }
    if (falling_) {
      // The first time at which it may be asked counts too, though the value that left then may have come again.
      const bool young = step.time - state.opened <= span_;
      entry.due = (young ? state.opened : state.seen.front().time) + span_ + 1;
      if (step.time - state.opened < span_) return false;
    }
    return judge(state, firing);
  }

  bool woken(Entry& entry, Nanos now, const World& /*world*/, Firing& firing, bool& /*excused*/) {
    ValueState& state = entry.state;
    slide(state, now);
    if (!state.seen.empty()) entry.due = state.seen.front().time + span_ + 1;
    const bool fires = now - state.opened > span_ && judge(state, firing);
    firing.time = from_unix_nanoseconds(now);
    if (state.seen.empty()) state.held = false;
    return fires;
  }

  [[nodiscard]] Nanos life() const { return span_; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    const ValueState& state = entry.state;
    std::size_t bytes = 0;
    for (const Seen& seen : state.seen) bytes += text_bytes(seen.value);
    return in_order(std::span{state.seen}, most_, &Seen::time) && in_time(state.opened) && in_time(state.first) &&
           state.text_bytes == bytes;
  }

 private:
  static std::size_t text_bytes(const std::string& value) { return value.size() > 15 ? value.size() + 17 : 0; }
  static void drop_first(ValueState& state) {
    state.text_bytes -= text_bytes(state.seen.front().value);
    state.seen.erase(state.seen.begin());
  }
  void slide(ValueState& state, Nanos now) const {
    const auto inside = std::ranges::find_if(state.seen, [&](const Seen& seen) { return seen.time >= now - span_; });
    for (auto at = state.seen.begin(); at != inside; ++at) state.text_bytes -= text_bytes(at->value);
    state.seen.erase(state.seen.begin(), inside);
  }
  bool judge(ValueState& state, Firing& firing) {
    firing.value = static_cast<double>(state.seen.size());
    firing.events = state.events;
    firing.first = from_unix_nanoseconds(state.first);
    for (std::size_t i = state.seen.size() - std::min(state.seen.size(), kShownValues); i < state.seen.size(); ++i)
      firing.what += (firing.what.empty() ? "" : ", ") + shown_value(state.seen[i].value);
    return turned(state.held, sigma::holds(spec_.bounds, firing.value));
  }

  Nanos span_;
  bool falling_;
  std::size_t most_;
};

// By reference: when a rule of it was last met; kNone: not within the window.
struct RulesState {
  static constexpr Nanos kNone = INT64_MIN;
  std::vector<Nanos> last;
  std::vector<Nanos> start;  // temporal_ordered: the latest start of a chain that has come so far
  History<Nanos> times;      // with `not`: events whose windows have still to end
  bool held = false;
  [[nodiscard]] std::size_t bytes() const {
    return (last.capacity() + start.capacity()) * sizeof(Nanos) + times.bytes();
  }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, RulesState>
void members(Archive& archive, T& state) {
  if constexpr (std::is_const_v<T>) {
    archive(state.last, state.start, std::vector<Nanos>(state.times.all().begin(), state.times.all().end()),
            state.held);
  } else {
    std::vector<Nanos> times;
    archive(state.last, state.start, times, state.held);
    state.times.set(std::move(times));
  }
}

// The window is empty: the group begins anew.
bool over(const RulesState& state, Nanos from) {
  return std::ranges::all_of(state.last, [from](Nanos time) { return time < from; });
}

// One for each rule, or nothing yet.
bool fits_rules(const std::vector<Nanos>& times, const sigma::Correlation& spec) {
  return (times.empty() || times.size() == spec.references.size()) &&
         std::ranges::all_of(times, [](Nanos time) { return time == RulesState::kNone || in_time(time); });
}

bool negates(const sigma::Condition& condition) {
  return condition.kind == sigma::Condition::Kind::negation || std::ranges::any_of(condition.children, negates);
}

class Temporal final : public KeyedNode<Temporal, RulesState> {
 public:
  Temporal(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, bytes_max}, span_{spec.timespan.count()}, at_end_{spec.extended && negates(*spec.extended)} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    RulesState& state = entry.state;
    if (state.last.empty()) state.last.assign(spec_.references.size(), RulesState::kNone);
    if (over(state, step.time - span_)) state.held = false;
    state.last[step.reference] = step.time;
    if (!at_end_) return judge(state, step.time, firing);
    state.times.push(step.time);
    if (state.times.size() > kEventsPerKey) {
      state.times.pop_front();
      ++counters_.cut;
    }
    entry.due = state.times.front() + span_ + 1;
    return false;
  }

  // The window that the oldest event opened is over: [now - 1 - span, now - 1].
  bool woken(Entry& entry, Nanos now, const World& /*world*/, Firing& firing, bool& /*excused*/) {
    RulesState& state = entry.state;
    while (!state.times.empty() && state.times.front() < now - span_) state.times.pop_front();
    const bool fires = judge(state, now - 1, firing);
    firing.time = from_unix_nanoseconds(now - 1);
    if (state.times.empty())
      state.held = false;
    else
      entry.due = state.times.front() + span_ + 1;
    return fires;
  }

  [[nodiscard]] bool looks_back() const override { return at_end_; }
  [[nodiscard]] Nanos life() const { return span_; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    const RulesState& state = entry.state;
    return fits_rules(state.last, spec_) && in_order(state.times.all(), kEventsPerKey) &&
           (entry.due == kNever || !state.last.empty());
  }

 private:
  bool judge(RulesState& state, Nanos now, Firing& firing) {
    Nanos first = now;
    std::size_t met = 0;
    for (const Nanos time : state.last) {
      if (time == RulesState::kNone || time < now - span_) continue;
      ++met;
      first = std::min(first, time);
    }
    firing.value = static_cast<double>(met);
    firing.events = met;
    firing.first = from_unix_nanoseconds(first);
    const bool holds = spec_.extended ? eval(*spec_.extended, state, now) : sigma::holds(spec_.bounds, firing.value);
    return turned(state.held, holds);
  }
  [[nodiscard]] bool eval(const sigma::Condition& condition, const RulesState& state, Nanos now) const {
    const auto holds = [&](const sigma::Condition& child) { return eval(child, state, now); };
    switch (condition.kind) {
      case sigma::Condition::Kind::negation: return !holds(condition.children[0]);
      case sigma::Condition::Kind::conjunction: return std::ranges::all_of(condition.children, holds);
      case sigma::Condition::Kind::disjunction: return std::ranges::any_of(condition.children, holds);
      default: break;
    }
    for (std::size_t i = 0; i < spec_.references.size(); ++i)
      if (spec_.references[i].name == condition.name)
        return state.last[i] != RulesState::kNone && state.last[i] >= now - span_;
    return false;
  }

  Nanos span_;
  bool at_end_;  // judged when windows end: with `not`
};

// A chain is an event of each rule, in the listed order, none before the one in front of it. start[i]: the latest first
// event of a chain up to rule i. Events of the same time count as in order, whichever came first.
class TemporalOrdered final : public KeyedNode<TemporalOrdered, RulesState> {
 public:
  TemporalOrdered(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, bytes_max}, span_{spec.timespan.count()} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    RulesState& state = entry.state;
    const std::size_t rules = spec_.references.size();
    if (state.last.empty()) {
      state.last.assign(rules, RulesState::kNone);
      state.start.assign(rules, RulesState::kNone);
    }
    if (over(state, step.time - span_)) state.held = false;
    state.last[step.reference] = step.time;
    for (std::size_t i = step.reference; i < rules && state.last[i] == step.time; ++i)
      state.start[i] = i == 0 ? step.time : std::max(state.start[i], state.start[i - 1]);
    std::size_t come = 0;
    Nanos first = step.time;
    for (std::size_t i = 0; i < rules; ++i) {
      if (state.start[i] == RulesState::kNone || state.start[i] < step.time - span_) continue;
      come = i + 1;
      first = state.start[i];
    }
    firing.value = static_cast<double>(come);
    firing.events = come;
    firing.first = from_unix_nanoseconds(first);
    return turned(state.held, sigma::holds(spec_.bounds, firing.value));
  }

  bool woken(Entry&, Nanos, const World&, Firing&, bool&) { return false; }
  [[nodiscard]] Nanos life() const { return span_; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    return fits_rules(entry.state.last, spec_) && entry.state.start.size() == entry.state.last.size() &&
           fits_rules(entry.state.start, spec_);
  }

 private:
  Nanos span_;
};

}  // namespace

std::unique_ptr<Node> make_event_count(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<EventCount>(spec, bytes_max);
}
std::unique_ptr<Node> make_value_count(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<ValueCount>(spec, bytes_max);
}
std::unique_ptr<Node> make_temporal(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<Temporal>(spec, bytes_max);
}
std::unique_ptr<Node> make_temporal_ordered(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<TemporalOrdered>(spec, bytes_max);
}

}  // namespace nw::correlation
