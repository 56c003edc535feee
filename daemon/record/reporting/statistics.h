// A year of incidents as CSV (RFC 4180): counts that one can publish. Small counts are not told.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/reporting/clock.h"

namespace nw::reporting {

// What statistics know of an incident: no id, no asset, no name.
struct CountedIncident {
  std::vector<std::string> sectors, norms;
  std::string kind, rsit, root_cause;
  std::optional<Timestamp> occurred_at, detected_at, aware_at, handled_at;
  std::optional<bool> malicious, cross_border;  // as people stated it
  std::vector<Deadline> deadlines;              // of the regimes that applied, at the time of counting
};

struct StatisticsOptions {
  int year = 0;             // of aware_at, else detected_at, else occurred_at, in UTC
  std::uint32_t least = 5;  // counts below are written as "<5"; at least 1
};

// Columns: year,dimension,key,measure,value. Sorted. Where only one count of a dimension would be hidden, the next
// smallest is written as "hidden", too, so that no sum gives it away.
std::string yearly_statistics(std::span<const CountedIncident> incidents, const StatisticsOptions& options);

// One value of RFC 4180: in quotes when it must be. A leading = + - @ gets an apostrophe before it: spreadsheets would
// compute it.
std::string csv_value(std::string_view text);

}  // namespace nw::reporting
