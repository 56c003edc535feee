// ratio and rate: how much of one against another, and against the key's own past.
#include <algorithm>
#include <cmath>

#include "detect/correlation/kinds.h"
#include "detect/correlation/past.h"

namespace nw::correlation {

namespace {

struct Pair {
  Nanos time = 0;
  double over = 0, under = 0;
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, Pair>
void members(Archive& archive, T& pair) { archive(pair.time, pair.over, pair.under); }

struct RatioState {
  History<Pair> pairs;
  bool held = false;
  [[nodiscard]] std::size_t bytes() const { return pairs.bytes(); }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, RatioState>
void members(Archive& archive, T& state) {
  if constexpr (std::is_const_v<T>) {
    archive(std::vector<Pair>(state.pairs.all().begin(), state.pairs.all().end()), state.held);
  } else {
    std::vector<Pair> pairs;
    archive(pairs, state.held);
    state.pairs.set(std::move(pairs));
  }
}

// Nothing below the line counts as one: something against nothing is much.
class Ratio final : public KeyedNode<Ratio, RatioState> {
 public:
  Ratio(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, bytes_max}, span_{spec.timespan.count()} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    RatioState& state = entry.state;
    while (!state.pairs.empty() && state.pairs.front().time < step.time - span_) state.pairs.pop_front();
    if (state.pairs.empty()) state.held = false;
    std::size_t at = 0;
    const double over = amount(spec_.over, step, at);
    state.pairs.push({step.time, over, amount(spec_.under, step, at)});
    if (state.pairs.size() > kEventsPerKey) {
      state.pairs.pop_front();
      ++counters_.cut;
    }
    double above = 0, below = 0;
    for (const Pair& pair : state.pairs.all()) {
      above += pair.over;
      below += pair.under;
    }
    firing.value = above / std::max(below, 1.0);
    firing.events = state.pairs.size();
    firing.first = from_unix_nanoseconds(state.pairs.front().time);
    const bool holds = above >= spec_.at_least && sigma::holds(spec_.bounds, firing.value);
    const bool fires = holds && !state.held;
    state.held = holds;
    return fires;
  }

  bool woken(Entry&, Nanos, const World&, Firing&, bool&) { return false; }
  [[nodiscard]] Nanos life() const { return span_; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    const auto finite = [](const Pair& pair) { return std::isfinite(pair.over) && std::isfinite(pair.under); };
    return in_order(entry.state.pairs.all(), kEventsPerKey, &Pair::time) &&
           std::ranges::all_of(entry.state.pairs.all(), finite);
  }

 private:
  // `at`: the next of the step's fields; a part without a field takes none.
  static double amount(const sigma::Correlation::Part& part, const Step& step, std::size_t& at) {
    if (part.field.empty()) return 1;
    const Field* field = step.fields[at++];
    if (field == nullptr) return 0;
    if (part.counted) return sigma::folded(field->text) == sigma::folded(part.value) ? 1 : 0;
    return number_of(*field).value_or(0);
  }
  Nanos span_;
};

struct RateState {
  Past past;
  Nanos opened = 0;
  std::int64_t slice = INT64_MIN;
  std::uint64_t count = 0;  // events in this slice
  double sum = 0;           // of what is added up in it
  bool held = false;
  double usual = -1;  // the percentile of `past`; below 0: not worked out since it changed. Not saved
  [[nodiscard]] std::size_t bytes() const { return past.bytes(); }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, RateState>
void members(Archive& archive, T& state) {
  archive(state.past, state.opened, state.slice, state.count, state.sum, state.held);
}

// Time is cut into slices of `timespan` from 1970 on. A slice fires once, on the event that brings it to `times` the
// percentile of the key's past slices (those without events count as 0), and at least to `at_least`.
class Rate final : public KeyedNode<Rate, RateState> {
 public:
  Rate(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, bytes_max},
        span_{spec.timespan.count()},
        half_{std::clamp<std::int64_t>(spec.least.count() / 2 / span_, 1, Past::kSlicesMost)} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    RateState& state = entry.state;
    const std::optional<double> amount = amount_of(step);
    if (!amount) return false;
    const std::int64_t slice = step.time / span_;
    if (state.slice == INT64_MIN) {
      state.opened = step.time;
      state.slice = slice;
    }
    if (slice != state.slice) {
      state.past.close(state.slice, state.sum, slice, half_);
      state.slice = slice;
      state.count = 0;
      state.sum = 0;
      state.held = false;
      state.usual = -1;
    }
    ++state.count;
    state.sum = std::min(state.sum + *amount, Past::kMost);
    firing.events = state.count;
    firing.value = state.sum;
    firing.first = from_unix_nanoseconds(slice * span_);
    if (state.held || state.sum < spec_.at_least || step.time - state.opened < spec_.learn.count()) return false;
    if (state.usual < 0) state.usual = state.past.percentile(spec_.percentile);
    state.held = state.past.slices() != 0 && state.sum >= spec_.times * state.usual;
    if (state.held) firing.what = "usually at most " + std::to_string(std::llround(state.usual));
    return state.held;
  }

  bool woken(Entry&, Nanos, const World&, Firing&, bool&) { return false; }
  [[nodiscard]] Nanos life() const { return kNever; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    const RateState& state = entry.state;
    return state.past.fits(half_) && in_time(state.opened) && state.sum >= 0 && state.sum <= Past::kMost &&
           (state.slice == INT64_MIN || (state.slice >= 0 && state.slice <= kTimeMax / span_));
  }

 private:
  // One for each event, or the sum of those of its `fields` that are numbers; nothing: it does not count.
  [[nodiscard]] std::optional<double> amount_of(const Step& step) const {
    if (spec_.fields.empty()) return 1;
    std::optional<double> sum;
    for (const Field* field : step.fields)
      if (const auto number = field == nullptr ? std::nullopt : number_of(*field); number && *number >= 0)
        sum = sum.value_or(0) + *number;
    return sum;
  }

  Nanos span_;
  std::int64_t half_;  // slices in half a past
};

}  // namespace

std::unique_ptr<Node> make_ratio(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<Ratio>(spec, bytes_max);
}
std::unique_ptr<Node> make_rate(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<Rate>(spec, bytes_max);
}

}  // namespace nw::correlation
