#include "app/case_teller.h"

#include <filesystem>

#include "app/case_desk.h"
#include "base/log.h"

namespace nw::app {

CaseTeller::CaseTeller(std::string cursor_file, const record::IncidentStore& store, const record::Ledger& ledger,
                       TellOwn tell)
    : cursor_file_{std::move(cursor_file)}, store_{store}, tell_{std::move(tell)}, next_{ledger.size()} {
  std::error_code ignored;
  const bool there = std::filesystem::exists(cursor_file_, ignored);
  auto cursor = record::Cursor::open(cursor_file_);
  if (!cursor) {
    log_error("case_place_lost", "rules hear of cases from now on only: the place kept for that cannot be read",
              {{"error", cursor.error().what}});
    return;
  }
  cursor_ = std::move(*cursor);
  // A ledger that was replaced may end before the place.
  if (there && cursor_->next() <= next_)
    next_ = cursor_->next();
  else
    save();
}

void CaseTeller::applied(std::uint64_t next) {
  if (stopped_ || next <= next_) return;
  const auto events = store_.events(next_, next);
  if (!events) {
    if (!std::exchange(failing_, true))
      log_error("case_events_failed", "rules do not hear of cases; it is tried again",
                {{"error", events.error().what}});
    return;
  }
  failing_ = false;
  for (const record::CaseEvent& event : *events) tell_(own_event_of(event));
  told_.fetch_add(events->size(), std::memory_order_relaxed);
  next_ = next;
  // Without an event nothing is lost when these entries are looked at again.
  if (!events->empty()) save();
}

void CaseTeller::save() {
  if (!cursor_) return;
  if (auto saved = cursor_->save(next_); !saved)
    log_warning("case_place_unsaved", "after a crash rules may hear again of cases that they have heard of",
                {{"error", saved.error().what}});
}

}  // namespace nw::app
