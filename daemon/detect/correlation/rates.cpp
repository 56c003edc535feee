// ratio and rate: how much of one against another, and against the key's own past.
#include <bit>
#include <cmath>

#include "detect/correlation/kinds.h"

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

// How many events the key's past slices held: slices by size, eight steps to a doubling. When there are kSlicesMost of
// them, all counts are halved: the past fades.
constexpr std::size_t kSteps = 8, kSizes = 40 * kSteps;
constexpr std::uint32_t kSlicesMost = 4'096;

std::size_t step_of(std::uint64_t count) {
  return count == 0
             ? 0
             : std::min(kSizes - 1, 1 + static_cast<std::size_t>(std::log2(static_cast<double>(count)) * kSteps));
}
double size_of_step(std::size_t step) {
  return step == 0 ? 0 : std::exp2(static_cast<double>(step) / kSteps);  // its upper end
}

struct RateState {
  std::vector<std::pair<std::uint16_t, std::uint32_t>> past;  // slices by size, sorted; sizes that none had are absent
  Nanos opened = 0;
  std::int64_t slice = INT64_MIN;
  std::uint64_t count = 0;  // in this slice
  std::uint32_t slices = 0;
  bool held = false;
  [[nodiscard]] std::size_t bytes() const { return past.capacity() * sizeof(past[0]); }
};
template <class Archive, class T>
requires std::same_as<std::remove_const_t<T>, RateState>
void members(Archive& archive, T& state) {
  archive(state.past, state.opened, state.slice, state.count, state.slices, state.held);
}

// Time is cut into slices of `timespan` from 1970 on. A slice fires once, on the event that brings it to `times` the
// percentile of the key's past slices (those without events count as 0), and at least to `at_least`.
class Rate final : public KeyedNode<Rate, RateState> {
 public:
  Rate(const sigma::Correlation& spec, std::size_t bytes_max)
      : KeyedNode{spec, bytes_max}, span_{spec.timespan.count()} {}

  bool step(Entry& entry, const Step& step, Firing& firing) {
    RateState& state = entry.state;
    const std::int64_t slice = step.time / span_;
    if (state.slice == INT64_MIN) {
      state.opened = step.time;
      state.slice = slice;
    }
    if (slice != state.slice) {
      close(state, slice);
      state.held = false;
    }
    ++state.count;
    firing.events = state.count;
    firing.value = static_cast<double>(state.count);
    firing.first = from_unix_nanoseconds(slice * span_);
    if (state.held || step.time - state.opened < spec_.learn.count() || state.slices == 0) return false;
    state.held = firing.value >= spec_.at_least && firing.value >= spec_.times * percentile(state);
    return state.held;
  }

  bool woken(Entry&, Nanos, const World&, Firing&, bool&) { return false; }
  [[nodiscard]] Nanos life() const { return kNever; }
  [[nodiscard]] bool fits(const Entry& entry) const {
    const RateState& state = entry.state;
    std::uint64_t slices = 0;
    for (const auto& [size, count] : state.past) slices += count;
    const auto size = [](const auto& known) { return known.first; };
    return state.past.size() <= kSizes && std::ranges::is_sorted(state.past, {}, size) && slices == state.slices &&
           slices <= 2 * kSlicesMost && in_time(state.opened) &&
           (state.slice == INT64_MIN || (state.slice >= 0 && state.slice <= kTimeMax / span_));
  }

 private:
  // The slice is over; those between it and the next were empty.
  static void close(RateState& state, std::int64_t next) {
    note(state, step_of(state.count), 1);
    const std::int64_t empty = std::min<std::int64_t>(next - state.slice - 1, kSlicesMost);
    if (empty > 0) note(state, 0, static_cast<std::uint32_t>(empty));
    state.slice = next;
    state.count = 0;
  }
  static void note(RateState& state, std::size_t step, std::uint32_t slices) {
    const auto size = static_cast<std::uint16_t>(step);
    const auto at = std::ranges::lower_bound(state.past, size, {}, [](const auto& known) { return known.first; });
    if (at != state.past.end() && at->first == size)
      at->second += slices;
    else
      state.past.insert(at, {size, slices});
    state.slices += slices;
    if (state.slices <= kSlicesMost) return;
    state.slices = 0;
    for (auto& known : state.past) state.slices += known.second = (known.second + 1) / 2;
  }
  [[nodiscard]] double percentile(const RateState& state) const {
    const auto rank = static_cast<std::uint32_t>(std::ceil(spec_.percentile * state.slices / 100));
    std::uint32_t passed = 0;
    for (const auto& [step, slices] : state.past)
      if ((passed += slices) >= rank) return size_of_step(step);
    return 0;
  }
  Nanos span_;
};

}  // namespace

std::unique_ptr<Node> make_ratio(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<Ratio>(spec, bytes_max);
}
std::unique_ptr<Node> make_rate(const sigma::Correlation& spec, std::size_t bytes_max) {
  return std::make_unique<Rate>(spec, bytes_max);
}

}  // namespace nw::correlation
