// Tells of open vulnerabilities as events: all of them at the start and at each UTC midnight, and after a reload those
// that are new since. Used on the daemon's own thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "context/vulnerabilities/exposure.h"
#include "export/metrics/metrics.h"

namespace nw::app {

constexpr std::size_t kExposuresADay = 10'000;

// What a worker makes events of. The pointers are into `map`.
struct ExposureBatch {
  std::shared_ptr<const vulnerabilities::ExposureMap> map;
  std::vector<const vulnerabilities::Exposure*> exposures;
  Timestamp now{};
};

class ExposureTeller {
 public:
  // What is to be told at `now`: known to be exploited and certain first, if there are too many for a day. `map` may be
  // null.
  ExposureBatch look(const std::shared_ptr<const vulnerabilities::ExposureMap>& map, Timestamp now,
                     std::size_t a_day = kExposuresADay);
  [[nodiscard]] std::uint64_t told() const noexcept { return told_; }
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }
  void fill(metrics::Snapshot& out) const;

 private:
  std::optional<std::chrono::sys_days> day_;
  std::shared_ptr<const vulnerabilities::ExposureMap> map_;  // the last that was looked at
  std::unordered_set<std::uint64_t> today_;                  // hashes of those that this day has seen
  std::size_t told_today_ = 0;
  std::uint64_t told_ = 0, left_out_ = 0;
};

}  // namespace nw::app
