// Reporting regimes and deadlines as text and JSON, and what the command line says of an incident.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/logs/formats/time_zone.h"
#include "record/reporting/clock.h"
#include "record/reporting/significance.h"

namespace nw::app {

// "2026-03-29T14:00:00+02:00"; UTC is "Z".
std::string in_zone(Timestamp t, const logs::TimeZone& zone);
// "2 d 3 h", "3 h 12 min", "45 s": rounded towards zero, without a sign.
std::string span_text(Nanoseconds span);

// "early_warning=2026-01-15T20:00:00Z", into `times`. Error: invalid_argument, with the nearest stage.
Result<> add_sending(std::string_view text, const reporting::ReportingRegime& regime, reporting::IncidentTimes& times);
// "cross_border=yes", "unavailable=45", likewise.
Result<> add_fact(std::string_view text, const reporting::ReportingRegime& regime, reporting::Facts& facts);
Result<> add_role(std::string_view text, const reporting::ReportingRegime& regime, reporting::Facts& facts);

struct ClockView {
  const reporting::ReportingRegime& regime;
  std::vector<reporting::Deadline> deadlines;
  std::vector<std::string> implausible;
  const reporting::SignificanceProposal* significance;  // null: nobody asked
  Timestamp now;
  std::string zone_name;
  const logs::TimeZone& zone;
};
// Lines that end with '\n'.
std::string clock_text(const ClockView& view);
std::string clock_json(const ClockView& view);

std::string regime_text(const reporting::ReportingRegime& regime);
std::string regime_json(const reporting::ReportingRegime& regime);  // one line, without its end

}  // namespace nw::app
