// value_sum, value_avg, value_percentile: numbers within a window.
#include <cmath>

#include "detect/correlation/kinds.h"

namespace nw::correlation {

namespace {

struct Number {
  Nanos time = 0;
  double value = 0;
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Number>
void members(Archive& archive, T& number) { archive(number.time, number.value); }

struct NumbersState {
  History<Number> numbers;
  Nanos opened = 0;  // the group's first event
  bool held = false;
  [[nodiscard]] std::size_t bytes() const { return numbers.bytes(); }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, NumbersState>
void members(Archive& archive, T& state) {
  if constexpr (std::is_const_v<T>) {
    archive(std::vector<Number>(state.numbers.all().begin(), state.numbers.all().end()), state.opened, state.held);
  } else {
    std::vector<Number> numbers;
    archive(numbers, state.opened, state.held);
    state.numbers.set(std::move(numbers));
  }
}

// Summed anew each time: a running sum would drift, and depend on what was in the window long ago.
class Values final : public KeyedNode<Values, NumbersState> {
 public:
  Values(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, bytes_max},
        span_{spec.timespan.count()},
        // A sum can be too little, as a count can; an average of nothing is no number.
        falling_{spec.type == sigma::CorrelationType::value_sum && sigma::holds(spec.bounds, 0)} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    NumbersState& state = entry.state;
    const auto value = step.fields[0] == nullptr ? std::nullopt : number_of(*step.fields[0]);
    if (!value) return false;
    slide(state, step.time);
    if (state.numbers.empty()) {
      state.opened = step.time;
      state.held = false;
    }
    state.numbers.push({step.time, *value});
    if (state.numbers.size() > kEventsPerKey) {
      state.numbers.pop_front();
      ++counters_.cut;
    }
    if (falling_) {
      entry.due = state.numbers.front().time + span_ + 1;
      if (step.time - state.opened < span_) return false;
    }
    return judge(state, firing);
  }

  bool woken(Entry& entry, Nanos now, const World& /*world*/, Firing& firing, bool& /*excused*/) {
    NumbersState& state = entry.state;
    slide(state, now);
    if (!state.numbers.empty()) entry.due = state.numbers.front().time + span_ + 1;
    const bool fires = now - state.opened > span_ && judge(state, firing);
    firing.time = from_unix_nanoseconds(now);
    return fires;
  }
  [[nodiscard]] Nanos life() const { return span_; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    const auto all = entry.state.numbers.all();
    return in_order(all, kEventsPerKey, &Number::time) && in_time(entry.state.opened) &&
           std::ranges::all_of(all, [](const Number& number) { return std::isfinite(number.value); }) &&
           (falling_ || entry.due == kNever);
  }

 private:
  void slide(NumbersState& state, Nanos now) const {
    while (!state.numbers.empty() && state.numbers.front().time < now - span_) state.numbers.pop_front();
  }
  bool judge(NumbersState& state, Firing& firing) {
    firing.value = result(state);
    firing.events = state.numbers.size();
    if (!state.numbers.empty()) firing.first = from_unix_nanoseconds(state.numbers.front().time);
    const bool holds = sigma::holds(spec_.bounds, firing.value);
    const bool fires = holds && !state.held;
    state.held = holds;
    return fires;
  }
  double result(const NumbersState& state) {
    const auto all = state.numbers.all();
    if (spec_.type == sigma::CorrelationType::value_percentile) {
      // Nearest rank: the least value that as many percent of all do not exceed.
      sorted_.clear();
      for (const Number& number : all) sorted_.push_back(number.value);
      const double share = std::ceil(spec_.percentile * static_cast<double>(all.size()) / 100);
      const std::size_t rank = std::clamp(static_cast<std::size_t>(share), std::size_t{1}, all.size());
      const auto at = sorted_.begin() + static_cast<std::ptrdiff_t>(rank - 1);
      std::nth_element(sorted_.begin(), at, sorted_.end());
      return *at;
    }
    double sum = 0;
    for (const Number& number : all) sum += number.value;
    return spec_.type == sigma::CorrelationType::value_sum ? sum : sum / static_cast<double>(all.size());
  }

  Nanos span_;
  bool falling_;
  std::vector<double> sorted_;
};

}  // namespace

std::unique_ptr<Node> make_values(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<Values>(spec, bytes_max);
}

}  // namespace nw::correlation
