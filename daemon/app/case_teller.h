// Tells the rules what becomes of cases: events of type case.incident, once each, in the order of the ledger. It keeps
// its place in a file, so that a store that is made again tells nothing twice. Called on the incident feeder's thread.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "app/own_event.h"
#include "record/incidents/store.h"
#include "record/ledger/ledger.h"

namespace nw::app {

class CaseTeller {
 public:
  // Store and ledger are borrowed. Without a file it begins at the ledger's end: what was before it is history.
  CaseTeller(std::string cursor_file, const record::IncidentStore& store, const record::Ledger& ledger, TellOwn tell);

  // The store has applied all entries before `next`.
  void applied(std::uint64_t next);
  // From now on nothing is told: those who would hear it are ending. It is told after the next start. Any thread.
  void stop() noexcept { stopped_ = true; }

  [[nodiscard]] std::uint64_t told() const noexcept { return told_.load(std::memory_order_relaxed); }

 private:
  void save();

  const std::string cursor_file_;
  const record::IncidentStore& store_;
  TellOwn tell_;
  std::optional<record::Cursor> cursor_;
  std::uint64_t next_ = 0;
  bool failing_ = false;
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> told_{0};
};

}  // namespace nw::app
