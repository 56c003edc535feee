#include "context/registry/points.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/text.h"

namespace nw::context {

namespace {

constexpr std::size_t kAddressBytesMax = 160;  // more than any target has
constexpr std::uint64_t kRangeMax = 4096;      // addresses of one part that are looked up

// Takes the part before the next ','.
std::string_view next_part(std::string_view& list) noexcept {
  const std::string_view part = list.substr(0, list.find(','));
  list.remove_prefix(std::min(list.size(), part.size() + 1));
  return part;
}

// `10/holding_register/4-6`, `Speeds[4-6]`.
struct Range {
  std::string_view before;  // "10/holding_register/", "Speeds["
  std::uint64_t first = 0, last = 0;
  bool bracketed = false;
};

std::size_t digits_at_end(std::string_view text) noexcept {
  const auto other = std::find_if_not(text.rbegin(), text.rend(), ascii_digit);
  return static_cast<std::size_t>(other - text.rbegin());
}

std::optional<Range> range_of(std::string_view part) noexcept {
  const auto number = [](std::string_view digits, std::uint64_t& out) {
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return fault == std::errc{} && end == digits.data() + digits.size();
  };
  const bool bracketed = part.ends_with(']');
  if (bracketed) part.remove_suffix(1);
  const std::size_t last = digits_at_end(part);
  const std::string_view ahead = part.substr(0, part.size() - last);
  if (last == 0 || !ahead.ends_with('-')) return {};
  const std::string_view rest = ahead.substr(0, ahead.size() - 1);
  const std::size_t first = digits_at_end(rest);
  Range range{rest.substr(0, rest.size() - first), 0, 0, bracketed};
  if (!number(rest.substr(rest.size() - first), range.first) || !number(part.substr(part.size() - last), range.last))
    return {};
  if (range.last < range.first) return {};
  return range;
}

}  // namespace

void PointList::each(std::string_view targets, std::string_view values, See see) const {
  while (!targets.empty()) {
    const std::string_view part = next_part(targets);
    // A name may look like a range.
    if (const Point* point = find(part)) {
      see(*point, next_part(values));
      continue;
    }
    const auto range = range_of(part);
    if (!range || range->before.size() > kAddressBytesMax) {
      next_part(values);
      continue;
    }
    std::array<char, kAddressBytesMax + 24> address;
    std::ranges::copy(range->before, address.begin());
    char* const digits = address.data() + range->before.size();
    const std::uint64_t last = range->first + std::min(range->last - range->first, kRangeMax - 1);
    for (std::uint64_t number = range->first;; ++number) {
      const std::string_view value = next_part(values);
      char* end = std::to_chars(digits, address.data() + address.size(), number).ptr;
      if (range->bracketed) *end++ = ']';
      if (const Point* point = find({address.data(), static_cast<std::size_t>(end - address.data())}))
        see(*point, value);
      if (number == last) break;
    }
  }
}

std::optional<double> in_unit(const Point& point, std::string_view value) noexcept {
  double number = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || fault != std::errc{} || end != value.data() + value.size()) return {};
  return number * point.scale;
}

std::optional<Outside> outside(const Point& point, std::string_view value) noexcept {
  const auto number = in_unit(point, value);
  if (!number) return {};
  // What is no number that can be compared (NaN) is within nothing.
  if (point.min && !(*number >= *point.min)) return Outside::below;
  if (point.max && !(*number <= *point.max)) return Outside::above;
  return {};
}

}  // namespace nw::context
