// What stands behind a pipeline, as its inputs see it: whether there is room, and what is safe.
#pragma once

#include <cstdint>

namespace nw::app {

// How many alerts, and how many batches for rules over time, were handed over.
struct BehindMark {
  std::uint64_t alerts = 0, batches = 0;
  friend bool operator==(const BehindMark&, const BehindMark&) = default;
};

class Behind {
 public:
  virtual ~Behind() = default;
  // Alerts or contributions wait, as many as there should: an input whose sender can wait reads no further. Another
  // that goes on makes the worker stand still before anything is lost.
  [[nodiscard]] virtual bool full() const = 0;
  // Behind everything that the worker's pipelines have made so far.
  [[nodiscard]] virtual BehindMark mark() = 0;
  // What came before the mark is on disk: alerts in the ledger, contributions in the journal.
  [[nodiscard]] virtual bool safe(const BehindMark& mark) const = 0;
};

}  // namespace nw::app
