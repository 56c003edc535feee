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
  bool held = false;
  [[nodiscard]] std::size_t bytes() const { return numbers.bytes(); }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, NumbersState>
void members(Archive& archive, T& state) {
  if constexpr (std::is_const_v<T>) {
    archive(std::vector<Number>(state.numbers.all().begin(), state.numbers.all().end()), state.held);
  } else {
    std::vector<Number> numbers;
    archive(numbers, state.held);
    state.numbers.set(std::move(numbers));
  }
}

// Summed anew each time: a running sum would drift, and depend on what was in the window long ago.
class Values final : public KeyedNode<Values, NumbersState> {
 public:
  Values(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, bytes_max}, span_{spec.timespan.count()} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    NumbersState& state = entry.state;
    while (!state.numbers.empty() && state.numbers.front().time < step.time - span_) state.numbers.pop_front();
    if (state.numbers.empty()) state.held = false;
    const auto value = step.fields[0] == nullptr ? std::nullopt : number_of(*step.fields[0]);
    if (!value) return false;
    state.numbers.push({step.time, *value});
    if (state.numbers.size() > kEventsPerKey) {
      state.numbers.pop_front();
      ++counters_.cut;
    }
    firing.value = result(state);
    firing.events = state.numbers.size();
    firing.first = from_unix_nanoseconds(state.numbers.front().time);
    const bool holds = sigma::holds(spec_.bounds, firing.value);
    const bool fires = holds && !state.held;
    state.held = holds;
    return fires;
  }

  bool woken(Entry&, Nanos, const World&, Firing&, bool&) { return false; }
  [[nodiscard]] Nanos life() const { return span_; }

 private:
  double result(const NumbersState& state) {
    const auto all = state.numbers.all();
    if (spec_.type == sigma::CorrelationType::value_percentile) {
      // Nearest rank: the least value that as many percent of all do not exceed.
      sorted_.clear();
      for (const Number& number : all) sorted_.push_back(number.value);
      const double share = std::ceil(spec_.percentile / 100 * static_cast<double>(all.size()));
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
  std::vector<double> sorted_;
};

}  // namespace

std::unique_ptr<Node> make_values(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<Values>(spec, bytes_max);
}

}  // namespace nw::correlation
