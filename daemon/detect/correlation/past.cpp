#include "detect/correlation/past.h"

#include <algorithm>
#include <cmath>

namespace nw::correlation {

namespace {

std::uint16_t step_of(double amount) {
  if (!(amount >= 1)) return 0;
  const double step = 1 + std::floor(std::log2(std::min(amount, Past::kMost)) * Past::kStepsPerDoubling);
  return static_cast<std::uint16_t>(std::min(step, static_cast<double>(Past::kSteps - 1)));
}

// The middle of a step, by ratio: both ends are 1 % away.
double size_of(std::uint16_t step) {
  return step == 0 ? 0 : std::exp2((static_cast<double>(step) - 0.5) / Past::kStepsPerDoubling);
}

}  // namespace

void Past::close(std::int64_t slice, double amount, std::int64_t next, std::int64_t half) {
  note(now_, amount, 1);
  const std::int64_t this_half = slice / half, next_half = next / half;
  if (next_half == this_half) return note(now_, 0, next - slice - 1);
  note(now_, 0, (this_half + 1) * half - slice - 1);
  before_ = std::exchange(now_, {});
  if (next_half != this_half + 1) {  // a whole half, or more, without anything
    before_.clear();
    note(before_, 0, half);
  }
  note(now_, 0, next - next_half * half);
}

double Past::percentile(double percent) const {
  const auto rank = static_cast<std::uint64_t>(std::ceil(percent * static_cast<double>(slices()) / 100));
  std::uint64_t passed = 0;
  for (auto a = before_.begin(), b = now_.begin(); a != before_.end() || b != now_.end();) {
    const bool first = b == now_.end() || (a != before_.end() && a->first <= b->first);
    const auto& [step, slices] = first ? *a++ : *b++;
    if ((passed += slices) >= rank) return size_of(step);
  }
  return 0;
}

std::uint64_t Past::slices() const noexcept {
  std::uint64_t sum = 0;
  for (const Sizes* sizes : {&before_, &now_})
    for (const auto& [step, slices] : *sizes) sum += slices;
  return sum;
}

std::size_t Past::bytes() const noexcept { return (before_.capacity() + now_.capacity()) * sizeof(Sizes::value_type); }

bool Past::fits(std::int64_t half) const {
  const auto step = [](const auto& size) { return size.first; };
  return std::ranges::all_of(std::initializer_list<const Sizes*>{&before_, &now_}, [&](const Sizes* sizes) {
    std::int64_t sum = 0;
    for (const auto& [at, slices] : *sizes) {
      if (at >= kSteps || slices == 0) return false;
      sum += slices;
    }
    return sizes->size() <= kSteps && sum <= half && std::ranges::is_sorted(*sizes, {}, step) &&
           std::ranges::adjacent_find(*sizes, {}, step) == sizes->end();
  });
}

void Past::note(Sizes& sizes, double amount, std::int64_t slices) {
  if (slices <= 0) return;
  const std::uint16_t step = step_of(amount);
  const auto at = std::ranges::lower_bound(sizes, step, {}, [](const auto& size) { return size.first; });
  if (at != sizes.end() && at->first == step)
    at->second += static_cast<std::uint32_t>(slices);
  else
    sizes.insert(at, {step, static_cast<std::uint32_t>(slices)});
}

}  // namespace nw::correlation
