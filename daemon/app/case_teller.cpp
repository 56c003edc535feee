#include "app/case_teller.h"

#include <filesystem>

#include "app/case_desk.h"
#include "base/log.h"

namespace nw::app {

CaseTeller::CaseTeller(std::string cursor_file, const record::IncidentStore& store, const record::Ledger& ledger,
                       TellOwnSafely tell)
    : cursor_file_{std::move(cursor_file)},
      store_{store},
      tell_{std::move(tell)},
      next_{ledger.size()},
      safe_{std::make_shared<std::atomic<std::uint64_t>>(0)} {
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
    save(next_);
}

void CaseTeller::applied(std::uint64_t next) {
  if (cursor_ && *safe_ > cursor_->next()) save(*safe_);
  if (stopped_ || next <= next_) return;
  const auto events = store_.events(next_, next);
  if (!events) {
    if (!std::exchange(failing_, true))
      log_error("case_events_failed", "rules do not hear of cases; it is tried again",
                {{"error", events.error().what}});
    return;
  }
  failing_ = false;
  std::vector<OwnEvent> own;
  for (const record::CaseEvent& event : *events) {
    OwnEvent one = own_event_of(event);
    one.place = event.entry + 1;
    one.part = !own.empty() && own.back().place == one.place ? own.back().part + 1 : 0;
    own.push_back(std::move(one));
  }
  next_ = next;
  // Without an event nothing is lost when these entries are looked at again.
  if (own.empty()) return;
  told_.fetch_add(own.size(), std::memory_order_relaxed);
  tell_(std::move(own), [safe = safe_, next] { *safe = next; });
}

void CaseTeller::save(std::uint64_t next) {
  if (!cursor_) return;
  if (auto saved = cursor_->save(next); !saved) {
    if (!std::exchange(unsaved_, true))
      log_warning("case_place_unsaved",
                  "after a crash rules may hear again of cases that they have heard of; it is tried again",
                  {{"error", saved.error().what}});
    return;
  }
  unsaved_ = false;
}

}  // namespace nw::app
