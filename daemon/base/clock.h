// The one place that asks the machine what time it is. For I/O folders; pure code takes a Timestamp.
#pragma once

#include <chrono>

#include "base/time.h"

namespace nw {

inline Timestamp wall_now() { return std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now()); }

}  // namespace nw
