#include "record/reporting/clock.h"

#include <algorithm>
#include <span>
#include <sstream>

#include "shipped.h"

namespace nw::reporting {
namespace {

// "aware_at=2026-01-15T08:00:00Z notification=...": moments, else stages.
IncidentTimes times_of(const std::string& text) {
  IncidentTimes out;
  std::istringstream in{text};
  for (std::string word; in >> word;) {
    const std::string key = word.substr(0, word.find('=')), value = word.substr(word.find('=') + 1);
    const auto moment = std::ranges::find(kMoments, key);
    if (moment != kMoments.end())
      out.at[static_cast<std::size_t>(moment - kMoments.begin())] = at(value);
    else
      out.sent[key].push_back(at(value));
  }
  return out;
}

Facts facts_of(const std::string& text) {
  Facts out;
  std::istringstream in{text};
  for (std::string word; in >> word;) {
    if (const auto equals = word.find('='); equals != std::string::npos)
      out.values[word.substr(0, equals)] = word.substr(equals + 1) == "true";
    else
      out.roles.insert(word);
  }
  return out;
}

Deadline deadline_of(const std::string& regime, const std::string& stage, const std::string& times,
                     const std::string& facts, const std::string& now) {
  for (Deadline& one : deadlines(*shipped(regime), times_of(times), facts_of(facts), at(now)))
    if (one.stage == stage) return one;
  ADD_FAILURE() << regime << " has no " << stage;
  return {};
}

struct Case {
  const char *name, *regime, *stage, *times, *facts, *now, *state, *due;  // due: empty for none
};

void check(std::span<const Case> cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Deadline got = deadline_of(c.regime, c.stage, c.times, c.facts, c.now);
    EXPECT_EQ(to_string(got.state), c.state);
    EXPECT_EQ(got.due ? to_rfc3339(*got.due, 0) : "", c.due);
    const bool counts = got.state == DeadlineState::running || got.state == DeadlineState::overdue;
    EXPECT_EQ(got.left.has_value(), counts && got.due);
    if (got.left) {
      EXPECT_EQ(*got.left, *got.due - at(c.now));
    }
  }
}

// SERIMA#139: a day after detection nothing had been sent, and the warning stood as "not delivered", not as late.
// SERIMA#483 (and #145): an incident entered within the day stood as overdue at once; 21 minutes too early.
TEST(Clock, TheTwoKnownBugs) {
  static constexpr Case kCases[] = {
      {"139: days later", "nis2", "early_warning", "aware_at=2024-03-29T09:00:00Z", "", "2024-04-04T09:00:00Z",
       "overdue", "2024-03-30T09:00:00Z"},
      {"139: one nanosecond later", "nis2", "early_warning", "aware_at=2024-03-29T09:00:00Z", "",
       "2024-03-30T09:00:00.000000001Z", "overdue", "2024-03-30T09:00:00Z"},
      {"483: less than a day after detection", "nis2", "early_warning",
       "detected_at=2025-09-16T14:00:00Z aware_at=2025-09-16T14:00:00Z", "", "2025-09-17T08:00:00Z", "running",
       "2025-09-17T14:00:00Z"},
      {"483: 21 minutes before, in summer time", "nis2", "early_warning", "aware_at=2024-04-11T19:25:00+02:00", "",
       "2024-04-12T19:04:00+02:00", "running", "2024-04-12T17:25:00Z"},
      {"483: at the last moment", "nis2", "early_warning", "aware_at=2024-03-29T09:00:00Z", "", "2024-03-30T09:00:00Z",
       "running", "2024-03-30T09:00:00Z"},
      {"the same moment, said in two zones", "nis2", "early_warning", "aware_at=2024-03-29T18:00:00+09:00", "",
       "2024-03-30T04:00:00-05:00", "running", "2024-03-30T09:00:00Z"},
  };
  check(kCases);
}

TEST(Clock, Nis2) {
  constexpr const char* kAware = "aware_at=2026-01-15T08:00:00Z";
  static constexpr Case kCases[] = {
      {"nobody is aware", "nis2", "early_warning", "detected_at=2026-01-15T08:00:00Z", "", "2026-03-15T08:00:00Z",
       "not_started", ""},
      {"aware just now", "nis2", "early_warning", "aware_at=2026-01-15T08:00:00Z", "", "2026-01-15T08:00:00Z",
       "running", "2026-01-16T08:00:00Z"},
      {"aware in a second", "nis2", "early_warning", "aware_at=2026-01-15T08:00:01Z", "", "2026-01-15T08:00:00Z",
       "not_started", ""},
      {"detection is not awareness", "nis2", "early_warning",
       "detected_at=2026-01-10T08:00:00Z aware_at=2026-01-15T08:00:00Z", "", "2026-01-15T09:00:00Z", "running",
       "2026-01-16T08:00:00Z"},
      {"sent in time", "nis2", "early_warning", "aware_at=2026-01-15T08:00:00Z early_warning=2026-01-16T08:00:00Z", "",
       "2026-02-01T00:00:00Z", "done_in_time", "2026-01-16T08:00:00Z"},
      {"sent a second late", "nis2", "early_warning",
       "aware_at=2026-01-15T08:00:00Z early_warning=2026-01-16T08:00:01Z", "", "2026-02-01T00:00:00Z", "done_late",
       "2026-01-16T08:00:00Z"},
      {"the first of two counts", "nis2", "early_warning",
       "aware_at=2026-01-15T08:00:00Z early_warning=2026-01-20T08:00:00Z early_warning=2026-01-15T09:00:00Z", "",
       "2026-02-01T00:00:00Z", "done_in_time", "2026-01-16T08:00:00Z"},
      {"what is sent later has not been sent yet", "nis2", "early_warning",
       "aware_at=2026-01-15T08:00:00Z early_warning=2026-01-16T07:00:00Z", "", "2026-01-15T12:00:00Z", "running",
       "2026-01-16T08:00:00Z"},
      {"notification", "nis2", "notification", "aware_at=2026-01-15T08:00:00Z", "", "2026-01-15T09:00:00Z", "running",
       "2026-01-18T08:00:00Z"},
      {"notification of a trust service provider", "nis2", "notification", "aware_at=2026-01-15T08:00:00Z",
       "trust_services", "2026-01-15T09:00:00Z", "running", "2026-01-16T08:00:00Z"},
      {"over the change of clocks", "nis2", "notification", "aware_at=2026-03-27T23:30:00+01:00", "",
       "2026-03-28T00:00:00Z", "running", "2026-03-30T22:30:00Z"},
      {"feedback waits for the warning", "nis2", "feedback", "aware_at=2026-01-15T08:00:00Z", "",
       "2026-01-17T08:00:00Z", "not_started", ""},
      {"feedback of the authority", "nis2", "feedback",
       "aware_at=2026-01-15T08:00:00Z early_warning=2026-01-15T20:00:00Z", "", "2026-01-16T21:00:00Z", "overdue",
       "2026-01-16T20:00:00Z"},
      {"intermediate: nobody asked", "nis2", "intermediate", "aware_at=2026-01-15T08:00:00Z", "",
       "2026-01-16T21:00:00Z", "not_needed", ""},
      {"intermediate: asked for", "nis2", "intermediate",
       "aware_at=2026-01-15T08:00:00Z requested_at=2026-01-16T08:00:00Z", "", "2026-01-16T21:00:00Z", "running", ""},
      {"final waits for the notification, however late", "nis2", "final_report", "aware_at=2026-01-15T08:00:00Z", "",
       "2026-06-15T08:00:00Z", "not_started", ""},
      {"final: a month after the notification, not after awareness", "nis2", "final_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-31T10:00:00Z", "", "2026-02-20T08:00:00Z", "running",
       "2026-02-28T10:00:00Z"},
      {"final: of two notifications the first", "nis2", "final_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-20T10:00:00Z notification=2026-01-17T10:00:00Z", "",
       "2026-01-21T08:00:00Z", "running", "2026-02-17T10:00:00Z"},
      {"final: handled, and not sent", "nis2", "final_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z handled_at=2026-02-01T00:00:00Z", "",
       "2026-02-18T08:00:00Z", "overdue", "2026-02-17T10:00:00Z"},
      {"progress: perhaps", "nis2", "progress_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z", "", "2026-01-20T00:00:00Z", "not_started",
       "2026-02-17T10:00:00Z"},
      {"progress: a person says that it goes on", "nis2", "progress_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z", "ongoing=true", "2026-01-20T00:00:00Z",
       "running", "2026-02-17T10:00:00Z"},
      {"progress: a person says that it is over", "nis2", "progress_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z", "ongoing=false", "2026-03-20T00:00:00Z",
       "not_needed", "2026-02-17T10:00:00Z"},
      {"final: a person says that it is over", "nis2", "final_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z", "ongoing=false", "2026-03-20T00:00:00Z",
       "overdue", "2026-02-17T10:00:00Z"},
      {"final: over after all, whatever was said", "nis2", "final_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z handled_at=2026-02-01T00:00:00Z",
       "ongoing=true", "2026-02-10T00:00:00Z", "running", "2026-02-17T10:00:00Z"},
      {"progress: handled before", "nis2", "progress_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z handled_at=2026-02-01T00:00:00Z", "",
       "2026-03-20T00:00:00Z", "not_needed", "2026-02-17T10:00:00Z"},
      {"progress: handled at the limit", "nis2", "progress_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z handled_at=2026-02-17T10:00:00Z", "",
       "2026-03-20T00:00:00Z", "not_needed", "2026-02-17T10:00:00Z"},
      {"progress: still going on at the limit", "nis2", "progress_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z", "", "2026-02-18T00:00:00Z", "overdue",
       "2026-02-17T10:00:00Z"},
      {"progress: the final report was sent", "nis2", "progress_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z final_report=2026-02-10T10:00:00Z", "",
       "2026-02-18T00:00:00Z", "not_needed", "2026-02-17T10:00:00Z"},
      {"final: still going on", "nis2", "final_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z progress_report=2026-02-16T10:00:00Z", "",
       "2026-02-18T00:00:00Z", "not_started", ""},
      {"final: a month after handling", "nis2", "final_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z progress_report=2026-02-16T10:00:00Z "
       "handled_at=2026-03-31T12:00:00Z",
       "", "2026-04-18T00:00:00Z", "running", "2026-04-30T12:00:00Z"},
      {"final: sent while it went on, in time for both", "nis2", "final_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z final_report=2026-02-10T10:00:00Z", "",
       "2026-05-18T00:00:00Z", "done_in_time", "2026-02-17T10:00:00Z"},
      {"final: sent late, the end of handling unknown", "nis2", "final_report",
       "aware_at=2026-01-15T08:00:00Z notification=2026-01-17T10:00:00Z final_report=2026-02-20T10:00:00Z", "",
       "2026-05-18T00:00:00Z", "done_late", "2026-02-17T10:00:00Z"},
  };
  check(kCases);
  const Deadline deadline = deadline_of("nis2", "feedback", kAware, "", "2026-01-15T09:00:00Z");
  EXPECT_EQ(deadline.by, By::authority);
  ASSERT_EQ(deadline.notes.size(), 1U);
  EXPECT_EQ(deadline.notes[0], "24 hours after the sending of early_warning: waits for it");
}

TEST(Clock, Dora) {
  static constexpr Case kCases[] = {
      {"4 hours from classification", "dora", "initial",
       "aware_at=2026-01-15T08:00:00Z classified_at=2026-01-15T10:00:00Z", "", "2026-01-15T11:00:00Z", "running",
       "2026-01-15T14:00:00Z"},
      {"24 hours from awareness are earlier", "dora", "initial",
       "aware_at=2026-01-15T08:00:00Z classified_at=2026-01-16T06:00:00Z", "", "2026-01-16T09:00:00Z", "overdue",
       "2026-01-16T08:00:00Z"},
      {"classified in the last moment", "dora", "initial",
       "aware_at=2026-01-15T08:00:00Z classified_at=2026-01-16T08:00:00Z", "", "2026-01-16T08:00:00Z", "running",
       "2026-01-16T08:00:00Z"},
      {"not classified yet", "dora", "initial", "aware_at=2026-01-15T08:00:00Z", "", "2026-01-15T11:00:00Z", "running",
       "2026-01-16T08:00:00Z"},
      {"not classified in a day", "dora", "initial", "aware_at=2026-01-15T08:00:00Z", "", "2026-01-16T11:00:00Z",
       "overdue", "2026-01-16T08:00:00Z"},
      {"classified after the day", "dora", "initial",
       "aware_at=2026-01-15T08:00:00Z classified_at=2026-01-20T08:00:00Z", "", "2026-01-20T11:00:00Z", "running",
       "2026-01-20T12:00:00Z"},
      {"only classified", "dora", "initial", "classified_at=2026-01-20T08:00:00Z", "", "2026-01-20T11:00:00Z",
       "running", "2026-01-20T12:00:00Z"},
      {"intermediate: from the notification", "dora", "intermediate",
       "aware_at=2026-01-15T08:00:00Z classified_at=2026-01-15T10:00:00Z initial=2026-01-15T12:30:00Z", "",
       "2026-01-16T11:00:00Z", "running", "2026-01-18T12:30:00Z"},
      {"final: from the latest intermediate report", "dora", "final",
       "classified_at=2026-01-15T10:00:00Z intermediate=2026-01-18T10:00:00Z intermediate=2026-01-31T10:00:00Z", "",
       "2026-02-01T11:00:00Z", "running", "2026-02-28T10:00:00Z"},
  };
  check(kCases);
}

TEST(Clock, CraAndTemplate) {
  static constexpr Case kCases[] = {
      {"vulnerability: from the measure", "cra", "final_vulnerability",
       "aware_at=2026-10-01T08:00:00Z corrected_at=2026-10-20T08:00:00Z", "vulnerability=true", "2026-10-21T08:00:00Z",
       "running", "2026-11-03T08:00:00Z"},
      {"vulnerability: no measure yet", "cra", "final_vulnerability", "aware_at=2026-10-01T08:00:00Z",
       "vulnerability=true", "2026-12-21T08:00:00Z", "not_started", ""},
      {"vulnerability: it is none", "cra", "final_vulnerability",
       "aware_at=2026-10-01T08:00:00Z corrected_at=2026-10-20T08:00:00Z", "vulnerability=false", "2026-12-21T08:00:00Z",
       "not_needed", ""},
      {"vulnerability: nobody says", "cra", "final_vulnerability",
       "aware_at=2026-10-01T08:00:00Z corrected_at=2026-10-20T08:00:00Z", "", "2026-12-21T08:00:00Z", "overdue",
       "2026-11-03T08:00:00Z"},
      {"incident: from the notification", "cra", "final_incident",
       "aware_at=2026-10-01T08:00:00Z notification=2026-10-03T08:00:00Z", "severe_incident=true",
       "2026-10-21T08:00:00Z", "running", "2026-11-03T08:00:00Z"},
      {"a stage that was not needed, and sent", "cra", "final_incident",
       "aware_at=2026-10-01T08:00:00Z notification=2026-10-03T08:00:00Z final_incident=2026-10-20T08:00:00Z",
       "severe_incident=false", "2026-10-21T08:00:00Z", "done_in_time", "2026-11-03T08:00:00Z"},
      {"template", "template", "report", "aware_at=2026-10-01T08:00:00Z first_notice=2026-10-01T18:00:00Z", "",
       "2026-10-21T08:00:00Z", "running", "2026-11-01T18:00:00Z"},
      {"sent before anybody was aware", "template", "first_notice", "first_notice=2026-10-01T18:00:00Z", "",
       "2026-10-21T08:00:00Z", "done_in_time", ""},
  };
  check(kCases);
}

std::shared_ptr<const ReportingRegime> regime_with(const std::string& stage) {
  Diagnostics diagnostics;
  auto out = ReportingRegime::load(
      "version: 1\nid: r\ntitle: R\njurisdiction: J\nsource: S\ntrigger: aware_at\ncalendar: {month_end: next_day}\n"
      "facts: [{id: grave, title: grave}]\nstages: [{id: one, title: One, source: S, " +
          stage + "}]\n",
      "r.yaml", diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  return out;
}

// A fact that nobody has stated makes no limit earlier and no stage needless; it is said.
TEST(Clock, WhatNobodyHasStated) {
  static constexpr struct {
    const char *stage, *facts, *state, *due, *note;
  } kCases[] = {
      {"within: 72h, after: trigger, earlier: [{within: 24h, after: trigger, only_if: {fact: grave}}]", "", "overdue",
       "2026-02-03T08:00:00Z", "24 hours after aware_at if grave: yes, which nobody has stated"},
      {"within: 72h, after: trigger, earlier: [{within: 24h, after: trigger, only_if: {fact: grave}}]", "grave=true",
       "overdue", "2026-02-01T08:00:00Z", ""},
      {"within: 72h, after: trigger, earlier: [{within: 24h, after: trigger, only_if: {fact: grave}}]", "grave=false",
       "overdue", "2026-02-03T08:00:00Z", ""},
      {"within: 72h, after: trigger, only_if: {fact: grave}", "", "overdue", "2026-02-03T08:00:00Z",
       "only if grave: yes, which nobody has stated"},
      {"within: 72h, after: trigger, only_if: {fact: grave}", "grave=false", "not_needed", "", "only if grave: yes"},
      {"within: 1 month, after: trigger", "", "running", "2026-03-01T08:00:00Z", ""},  // next_day
      {"within: 72h, after: notified_at", "", "not_started", "", "72 hours after notified_at: waits for it"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.stage} + ' ' + c.facts);
    const auto got = deadlines(*regime_with(c.stage), times_of("aware_at=2026-01-31T08:00:00Z"), facts_of(c.facts),
                               at("2026-02-04T08:00:00Z"));
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(to_string(got[0].state), c.state);
    EXPECT_EQ(got[0].due ? to_rfc3339(*got[0].due, 0) : "", c.due);
    EXPECT_EQ(got[0].notes, *c.note == '\0' ? std::vector<std::string>{} : std::vector<std::string>{c.note});
  }
}

TEST(Clock, SaysWhatCannotBeRight) {
  const auto regime = shipped("nis2");
  const Timestamp now = at("2026-01-16T08:00:00Z");
  EXPECT_TRUE(
      implausible(*regime, times_of("detected_at=2026-01-15T08:00:00Z aware_at=2026-01-15T08:00:00Z"), now).empty());
  const std::vector<std::string> want{"handled_at lies in the future", "detected_at lies before occurred_at",
                                      "a sending of early_warning lies in the future", "nis2 has no stage 'final'",
                                      "final was sent before aware_at"};
  EXPECT_EQ(implausible(*regime,
                        times_of("occurred_at=2026-01-14T08:00:00Z detected_at=2026-01-13T08:00:00Z "
                                 "aware_at=2026-01-15T08:00:00Z handled_at=2026-01-17T08:00:00Z "
                                 "early_warning=2026-01-18T08:00:00Z final=2026-01-14T08:00:00Z"),
                        now),
            want);
}

}  // namespace
}  // namespace nw::reporting
