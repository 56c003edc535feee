// How often something may be done: a bucket that fills evenly and holds a burst.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace nw::witness {

class Rate {
 public:
  Rate(double per_second, double burst) : per_second_{per_second}, burst_{burst}, left_{burst} {}

  // False: not now. A clock that goes back gives nothing.
  bool take(Timestamp now) {
    if (now > filled_) {
      const double passed = std::chrono::duration<double>(now - filled_).count();
      left_ = std::min(burst_, left_ + passed * per_second_);
    }
    filled_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double per_second_, burst_, left_;
  Timestamp filled_{};
};

}  // namespace nw::witness
