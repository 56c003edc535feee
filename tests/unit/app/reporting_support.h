// Case files for the tests of reporting.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "app/reporting_case.h"
#include "app/reporting_files.h"

namespace nw::app {

inline Timestamp utc(const std::string& text) {
  const auto time = parse_rfc3339(text);
  EXPECT_TRUE(time) << text;
  return time ? *time : Timestamp{};
}

inline std::shared_ptr<const ReportingBook> book_of(std::vector<std::string> regimes,
                                                    std::vector<std::string> roles = {}) {
  Diagnostics diagnostics;
  auto out = load_reporting_book({std::move(regimes), std::move(roles)}, "normwatch.yaml", diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  return out;
}

inline record::Said said(const std::string& by, const std::string& at) { return {by, 1000, utc(at), 7}; }

// Two alerts of 15 January 2026, 07:00 and 07:30, detected a minute later each; what the words say besides:
// "aware_at=2026-01-15T08:00:00Z" a moment, "nis2/early_warning=..." a sending, "malicious=yes" a fact.
inline record::CaseFile case_of(const std::vector<std::string>& words, const std::string& id = "NW-2026-000001") {
  record::CaseFile out;
  out.incident.id = id;
  out.incident.state = "open";
  out.incident.level = "high";
  out.incident.rule_title = "Write to a controller";
  out.incident.norm = "13f";
  out.incident.sector = "water.supply";
  out.incident.alerts = 2;
  out.incident.first_event = utc("2026-01-15T07:00:00Z");
  out.incident.last_event = utc("2026-01-15T07:30:00Z");
  out.incident.opened_at = utc("2026-01-15T07:02:00Z");
  out.alerts = {{"a1", 10, utc("2026-01-15T07:00:00Z"), utc("2026-01-15T07:01:00Z"), 0, "high", {}},
                {"a2", 11, utc("2026-01-15T07:30:00Z"), utc("2026-01-15T07:31:00Z"), 3, "high", {}}};
  for (const std::string& word : words) {
    const std::size_t equals = word.find('='), slash = word.substr(0, equals).find('/');
    const std::string name = word.substr(0, equals), value = word.substr(equals + 1);
    if (slash != std::string::npos)
      out.sent.push_back({name.substr(0, slash), name.substr(slash + 1), utc(value), said("p1", value)});
    else if (name.ends_with("_at"))
      out.moments.push_back({name, utc(value), said("p1", "2026-01-15T09:00:00Z")});
    else
      out.facts.push_back({name, value, said("p1", "2026-01-15T09:00:00Z")});
  }
  return out;
}

}  // namespace nw::app
