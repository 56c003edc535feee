// The points of one device: what an address means there, and which values it may be given.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/function_ref.h"

namespace nw::context {

struct Point {
  std::string tag;                 // as operators know it
  std::string unit;                // bar, m3/h; may be empty
  double scale = 1;                // the message's number times this is in `unit`
  std::optional<double> min, max;  // in `unit`, both allowed; absent: no limit
};

class PointList {
 public:
  // `address` as in `ics.target`. False when it is there already.
  bool add(std::string address, Point point) { return points_.emplace(std::move(address), std::move(point)).second; }
  // Null when it is not listed. No allocation.
  [[nodiscard]] const Point* find(std::string_view address) const noexcept {
    const auto at = points_.find(address);
    return at == points_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] bool empty() const noexcept { return points_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return points_.size(); }

  using See = FunctionRef<void(const Point&, std::string_view)>;
  // The listed points that a message names, in its order, each with its value, which is empty where there is none.
  // `target` and `value` as in `ics.*`: parts divided by ','. `10/holding_register/4-6` is three targets, and so is
  // `Speeds[4-6]`. No allocation.
  void each(std::string_view target, std::string_view value, See see) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, Point, Hash, std::equal_to<>> points_;
};

// By how much a value is wrong: below its least one, above its greatest one. Null when neither is, or it is no number.
enum class Outside : unsigned char { below, above };
std::optional<Outside> outside(const Point& point, std::string_view value) noexcept;
// The message's number in the point's unit; nothing when it is none.
std::optional<double> in_unit(const Point& point, std::string_view value) noexcept;

}  // namespace nw::context
