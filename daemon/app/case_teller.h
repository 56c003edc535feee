// Tells the rules what becomes of cases: events of type case.incident, in the order of the ledger. It keeps its place
// in a file, so that a store that is made again tells nothing twice; the place moves only when whatever the events led
// to is on disk. So after a crash some are told again, under the ids that they had, and none is missing. Called on the
// incident feeder's thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "app/own_event.h"
#include "record/incidents/store.h"
#include "record/ledger/ledger.h"

namespace nw::app {

class CaseTeller {
 public:
  // Store and ledger are borrowed. Without a file it begins at the ledger's end: what was before it is history.
  CaseTeller(std::string cursor_file, const record::IncidentStore& store, const record::Ledger& ledger,
             TellOwnSafely tell);

  // The store has applied all entries before `next`; also called now and then when there are no new ones.
  void applied(std::uint64_t next);
  // From now on nothing is told: those who would hear it are ending. It is told after the next start. Any thread.
  void stop() noexcept { stopped_ = true; }

  [[nodiscard]] std::uint64_t told() const noexcept { return told_.load(std::memory_order_relaxed); }

 private:
  void save(std::uint64_t next);

  const std::string cursor_file_;
  const record::IncidentStore& store_;
  TellOwnSafely tell_;
  std::optional<record::Cursor> cursor_;
  std::uint64_t next_ = 0;
  // What is told and on disk. Shared with those who say so: they may outlive this.
  std::shared_ptr<std::atomic<std::uint64_t>> safe_;
  bool failing_ = false, unsaved_ = false;
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> told_{0};
};

}  // namespace nw::app
