// What reports are written from: an incident as a caller knows it, after the privacy guard. And the names by which
// templates ask for it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/reporting/clock.h"

namespace nw::reporting {

struct ReportedIncident {
  std::string id, title, kind, rsit;  // kind: its class, as the site says it
  IncidentTimes times;
  Facts facts;
  std::vector<std::string> assets;                  // opaque ids of the register, never addresses
  std::vector<std::string> sectors, alerts, norms;  // alerts: their titles; norms: "13f"
  std::string severity, impact, root_cause, mitigation, outlook, contact;
  std::vector<std::string> indicators;
  std::string evidence;  // where it stands in the ledger, and what covers it; empty: not known
  std::string tlp;       // "amber+strict"; empty or unknown: red
};

// A field of reports: `{id}` in a template. One row each in incident.cpp, sorted.
struct FieldSpec {
  std::string_view id, title;
  std::string (*text)(const ReportedIncident& incident);  // empty: nobody has said
};
std::span<const FieldSpec> field_specs();
const FieldSpec* find_field(std::string_view id) noexcept;  // null when there is none
// In front of a regime's fact in templates: `{fact.cross_border}`.
inline constexpr std::string_view kFactPrefix = "fact.";

}  // namespace nw::reporting
