#include "ingest/logs/formats/time_zone.h"

#include <algorithm>

#include "base/check.h"
#include "ingest/logs/formats/format.h"

namespace nw::logs {

TimeZone::TimeZone(std::vector<Change> changes) : changes_{std::move(changes)} {
  NW_CHECK(!changes_.empty() && std::ranges::is_sorted(changes_, {}, &Change::from));
}

TimeZone::Period TimeZone::period(Timestamp t) const noexcept {
  const auto after = std::ranges::upper_bound(changes_, t, {}, &Change::from);
  const bool first = after == changes_.begin();
  return {first ? Timestamp::min() : std::prev(after)->from, after == changes_.end() ? Timestamp::max() : after->from,
          first ? changes_.front().offset : std::prev(after)->offset};
}

ZoneClock::ZoneClock(const FormatOptions& options) : zone_{options.time_zone} { period_.offset = options.zone; }

}  // namespace nw::logs
