// A bounded queue whose slots are used again, with the memory of their texts: requests that wait for their responses.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace nw::network {

// `T::recycle(bool alone)` makes a slot as new; `alone`: it is the only one, and may keep the memory that it has.
template <class T>
class Ring {
 public:
  [[nodiscard]] bool empty() const noexcept { return waiting_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return waiting_; }
  // By age, the oldest is 0.
  T& operator[](std::size_t index) noexcept { return slots_[(first_ + index) % slots_.size()]; }
  T& front() noexcept { return slots_[first_]; }
  T& back() noexcept { return (*this)[waiting_ - 1]; }

  // At most `most` wait: the caller sees to that.
  T& push(std::size_t most) {
    if (waiting_ == slots_.size()) {
      std::rotate(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(first_), slots_.end());
      first_ = 0;
      slots_.resize(std::clamp<std::size_t>(slots_.size() * 2, 1, std::max(most, slots_.size() + 1)));
    }
    ++waiting_;
    return back();
  }
  void pop() {
    front().recycle(slots_.size() == 1);
    first_ = (first_ + 1) % slots_.size();
    --waiting_;
  }

 private:
  std::vector<T> slots_;  // `waiting_` from `first_` on
  std::size_t first_ = 0, waiting_ = 0;
};

}  // namespace nw::network
