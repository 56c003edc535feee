// From case files to clocks, drafts and statistics.
#include "app/reporting_case.h"

#include <map>

#include "record/reporting/draft.h"
#include "reporting_support.h"

namespace nw::app {
namespace {

using reporting::Deadline;
using reporting::DeadlineState;
using reporting::Moment;

Deadline stage_of(const CaseClocks& clocks, const std::string& stage) {
  for (const Deadline& one : clocks.deadlines)
    if (one.stage == stage) return one;
  ADD_FAILURE() << "no stage " << stage;
  return {};
}

TEST(ReportingCase, Clocks) {
  static const struct {
    const char* name;
    std::vector<std::string> said;
    const char *regime, *stage, *now, *state, *due;
  } kCases[] = {
      {"a detection starts no clock", {}, "nis2", "early_warning", "2026-03-01T00:00:00Z", "not_started", ""},
      {"awareness does",
       {"aware_at=2026-01-15T08:00:00Z"},
       "nis2",
       "early_warning",
       "2026-01-15T09:00:00Z",
       "running",
       "2026-01-16T08:00:00Z"},
      {"the last moment",
       {"aware_at=2026-01-15T08:00:00Z"},
       "nis2",
       "early_warning",
       "2026-01-16T08:00:00Z",
       "running",
       "2026-01-16T08:00:00Z"},
      {"a nanosecond later",
       {"aware_at=2026-01-15T08:00:00Z"},
       "nis2",
       "early_warning",
       "2026-01-16T08:00:00.000000001Z",
       "overdue",
       "2026-01-16T08:00:00Z"},
      {"with an offset",
       {"aware_at=2026-01-15T09:00:00+01:00"},
       "nis2",
       "early_warning",
       "2026-01-15T09:00:00Z",
       "running",
       "2026-01-16T08:00:00Z"},
      {"sent",
       {"aware_at=2026-01-15T08:00:00Z", "nis2/early_warning=2026-01-15T20:00:00Z"},
       "nis2",
       "early_warning",
       "2026-01-17T00:00:00Z",
       "done_in_time",
       "2026-01-16T08:00:00Z"},
      {"sent under another regime",
       {"aware_at=2026-01-15T08:00:00Z", "dora/early_warning=2026-01-15T20:00:00Z"},
       "nis2",
       "early_warning",
       "2026-01-17T00:00:00Z",
       "overdue",
       "2026-01-16T08:00:00Z"},
      {"a fact of the regime",
       {"aware_at=2026-01-15T08:00:00Z", "ongoing=no", "nis2/notification=2026-01-15T09:00:00Z"},
       "nis2",
       "progress_report",
       "2026-01-16T00:00:00Z",
       "not_needed",
       "2026-02-15T09:00:00Z"},
      {"DORA waits for the classification",
       {"aware_at=2026-01-15T08:00:00Z"},
       "dora",
       "initial",
       "2026-01-15T09:00:00Z",
       "running",
       "2026-01-16T08:00:00Z"},
      {"DORA, classified",
       {"aware_at=2026-01-15T08:00:00Z", "classified_at=2026-01-15T10:00:00Z"},
       "dora",
       "initial",
       "2026-01-15T11:00:00Z",
       "running",
       "2026-01-15T14:00:00Z"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto book = book_of({c.regime});
    const CaseClocks clocks = clocks_of(case_of(c.said), book->regimes.front(), {}, utc(c.now));
    const Deadline got = stage_of(clocks, c.stage);
    EXPECT_EQ(to_string(got.state), c.state);
    EXPECT_EQ(got.due ? to_rfc3339(*got.due, 0) : "", c.due);
    if (got.due) {
      EXPECT_TRUE(got.from && *got.from < *got.due) << "what the time counts from";
    }
    EXPECT_FALSE(clocks.significant);
  }
}

TEST(ReportingCase, ATrustServiceHasADayForTheNotification) {
  const auto book = book_of({"nis2"}, {"trust_services"});
  const auto file = case_of({"aware_at=2026-01-15T08:00:00Z"});
  const Timestamp now = utc("2026-01-15T09:00:00Z");
  EXPECT_EQ(stage_of(clocks_of(file, book->regimes.front(), book->roles, now), "notification").due,
            utc("2026-01-16T08:00:00Z"));
  EXPECT_EQ(stage_of(clocks_of(file, book->regimes.front(), {}, now), "notification").due, utc("2026-01-18T08:00:00Z"));
}

TEST(ReportingCase, TimesOfAlertsUntilAPersonStatesOthers) {
  const auto plain = times_of(case_of({}), "nis2");
  EXPECT_EQ(plain[Moment::occurred_at], utc("2026-01-15T07:00:00Z"));
  EXPECT_EQ(plain[Moment::detected_at], utc("2026-01-15T07:01:00Z"));
  for (const Moment never : {Moment::aware_at, Moment::classified_at, Moment::notified_at, Moment::handled_at})
    EXPECT_FALSE(plain[never]) << to_string(never);
  const auto stated = times_of(case_of({"occurred_at=2026-01-10T00:00:00Z", "aware_at=2026-01-15T08:00:00Z"}), "nis2");
  EXPECT_EQ(stated[Moment::occurred_at], utc("2026-01-10T00:00:00Z"));
  EXPECT_EQ(stated.by[static_cast<std::size_t>(Moment::aware_at)], "p1");
}

TEST(ReportingCase, ADecisionEndsClocksAndALaterOneStartsThemAgain) {
  const auto book = book_of({"nis2", "dora"});
  auto file = case_of({"aware_at=2026-01-15T08:00:00Z", "nis2/early_warning=2026-01-15T20:00:00Z"});
  const Timestamp now = utc("2026-02-15T08:00:00Z");
  file.significance.push_back({"nis2", false, "cannot_say", "a test", said("p2", "2026-01-16T00:00:00Z")});
  CaseClocks clocks = clocks_of(file, book->regimes[0], {}, now);
  EXPECT_EQ(clocks.significant, false);
  EXPECT_EQ(stage_of(clocks, "notification").state, DeadlineState::not_needed);
  EXPECT_EQ(stage_of(clocks, "notification").notes, std::vector<std::string>{"decided to be not significant by p2"});
  EXPECT_FALSE(stage_of(clocks, "notification").left);
  EXPECT_EQ(stage_of(clocks, "early_warning").state, DeadlineState::done_in_time) << "what was sent stays";
  EXPECT_EQ(stage_of(clocks_of(file, book->regimes[1], {}, now), "initial").state, DeadlineState::overdue);
  EXPECT_EQ(stage_of(clocks_of(file, book->regimes[0], {}, utc("2026-01-15T23:00:00Z")), "notification").state,
            DeadlineState::running)
      << "as of the day before the decision";
  file.significance.push_back({"nis2", true, "cannot_say", "more is known", said("p2", "2026-01-17T00:00:00Z")});
  clocks = clocks_of(file, book->regimes[0], {}, now);
  EXPECT_EQ(clocks.significant, true);
  EXPECT_EQ(stage_of(clocks, "notification").state, DeadlineState::overdue);
}

TEST(ReportingCase, FactsThatAreNoAnswerAreNamed) {
  const auto book = book_of({"nis2"}, {"cloud"});
  const auto file = case_of({"users=12.5", "death=yes", "unavailable=yes", "malicious=5", "clients=7", "ongoing=yes"});
  std::vector<std::string> warnings;
  const auto facts = facts_of(file, *book->regimes.front(), {"cloud", "nonsense"}, warnings);
  EXPECT_EQ(facts.values.size(), 3U);
  EXPECT_EQ(facts.values.at("users"), (std::variant<bool, double>{12.5}));
  EXPECT_EQ(facts.values.at("death"), (std::variant<bool, double>{true}));
  EXPECT_EQ(facts.roles, (std::set<std::string, std::less<>>{"cloud"}));
  EXPECT_EQ(warnings, (std::vector<std::string>{"the fact 'unavailable' is 'yes', and nis2 asks for a number",
                                                "the fact 'malicious' is '5', and nis2 asks for yes or no"}));
}

// A merge must not make a clock vanish, nor start one later.
TEST(ReportingCase, WhatWasSaidBeforeAMergeCounts) {
  std::map<std::string, record::CaseFile> store;
  store["A"] = case_of({"aware_at=2026-01-15T12:00:00Z", "malicious=no", "handled_at=2026-02-01T00:00:00Z"}, "A");
  store["B"] = case_of({"aware_at=2026-01-15T08:00:00Z", "malicious=yes", "death=no",
                        "nis2/early_warning=2026-01-15T20:00:00Z", "handled_at=2026-01-20T00:00:00Z"},
                       "B");
  store["C"] = case_of({"requested_at=2026-01-18T00:00:00Z"}, "C");
  store["A"].merged = {"B"};
  store["B"].merged = {"C", "A"};  // a ring must not hang
  store["B"].incident.merged_into = "A";
  std::size_t reads = 0;
  const ReadCase read = [&](const std::string& id) -> Result<record::CaseFile> {
    ++reads;
    if (!store.contains(id)) return Error{Errc::not_found, "no " + id};
    return store[id];
  };
  const auto whole = read_whole_case("A", read);
  ASSERT_TRUE(whole);
  EXPECT_EQ(reads, 3U);
  const auto times = times_of(*whole, "nis2");
  EXPECT_EQ(times[Moment::aware_at], utc("2026-01-15T08:00:00Z")) << "the earliest";
  EXPECT_EQ(times[Moment::handled_at], utc("2026-02-01T00:00:00Z")) << "the case's own";
  EXPECT_EQ(times[Moment::requested_at], utc("2026-01-18T00:00:00Z"));
  EXPECT_EQ(times.sent.at("early_warning").size(), 1U);
  std::vector<std::string> warnings;
  const auto facts = facts_of(*whole, *book_of({"nis2"})->regimes.front(), {}, warnings);
  EXPECT_EQ(facts.values.at("malicious"), (std::variant<bool, double>{false})) << "its own facts go before";
  EXPECT_EQ(facts.values.at("death"), (std::variant<bool, double>{false}));
  EXPECT_TRUE(has_clocks(*whole));
  EXPECT_FALSE(has_clocks(store["B"]));
  store["A"].merged = {"Z"};
  const auto lost = read_whole_case("A", read);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().what, "Z, merged into A: no Z");
}

// Marked after the merge: what is no exercise keeps its clocks, and an exercise has none.
TEST(ReportingCase, AnExerciseIsEachIncidentsOwn) {
  const auto alert = [](const char* time, const char* from) {
    record::CaseAlert out;
    out.event_time = out.receive_time = utc(time);
    out.merged_from = from;
    return out;
  };
  const struct {
    const char* name;
    bool a, b, exercise;
    const char *aware, *occurred;
  } kCases[] = {
      {"neither", false, false, false, "2026-01-15T08:00:00Z", "2026-01-01T00:00:00Z"},
      {"the whole", true, true, true, "2026-01-15T08:00:00Z", "2026-01-01T00:00:00Z"},
      {"what others were merged into", true, false, false, "2026-01-16T08:00:00Z", "2026-01-02T00:00:00Z"},
      {"what was merged", false, true, false, "2026-01-15T08:00:00Z", "2026-01-01T00:00:00Z"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const ReadCase read = [&](const std::string& id) -> Result<record::CaseFile> {
      record::CaseFile out =
          case_of({id == "A" ? "aware_at=2026-01-15T08:00:00Z" : "aware_at=2026-01-16T08:00:00Z"}, id);
      out.incident.exercise = id == "A" ? c.a : c.b;
      if (id != "A") return out;
      out.merged = {"B"};
      out.incident.alerts = 2;
      out.incident.first_event = utc("2026-01-01T00:00:00Z");
      out.alerts = {alert("2026-01-01T00:00:00Z", ""), alert("2026-01-02T00:00:00Z", "B")};
      return out;
    };
    const auto whole = read_whole_case("A", read);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->incident.exercise, c.exercise);
    const auto times = times_of(*whole, "nis2");
    EXPECT_EQ(times[Moment::aware_at], utc(c.aware));
    EXPECT_EQ(times[Moment::occurred_at], utc(c.occurred));
  }
}

TEST(ReportingCase, AMergeIsBounded) {
  const ReadCase endless = [](const std::string& id) -> Result<record::CaseFile> {
    record::CaseFile out = case_of({}, id);
    out.merged = {std::to_string(std::atoi(id.c_str()) + 1)};
    return out;
  };
  const auto read = read_whole_case("1", endless);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::full);
}

record::Alert alert_of(const std::string& title, const std::string& asset, const std::string& tlp) {
  record::Alert out;
  out.rule_title = title;
  out.asset = asset;
  out.asset_name = "Water works of Springfield";
  out.sector = "water.supply";
  out.norm = "13f";
  out.tlp = tlp;
  out.path = "modbus";
  out.source_address = "203.0.113.7";
  out.fields = {{"user", "j.doe"}};
  out.event_time = utc("2026-01-15T07:00:00Z");
  return out;
}

TEST(ReportingCase, ADraftTellsWhatItMay) {
  const auto book = book_of({"nis2"});
  auto file = case_of({"aware_at=2026-01-15T08:00:00Z", "malicious=yes"});
  file.incident.tlp = "green";
  file.rsit = "intrusions.system-compromise";
  file.factors.push_back({"scope", "one pump", said("p1", "2026-01-15T09:00:00Z")});
  file.factors.push_back({"technical", "secret notes", said("p1", "2026-01-15T09:00:00Z")});
  record::CaseAct contained;
  contained.act.kind = record::ActKind::contain;
  contained.act.why = "the line was cut";
  file.acts.push_back(contained);
  CaseEvidence evidence;
  evidence.alerts = {alert_of("Write to a controller", "ww-1", "amber"), alert_of("Write to a controller", "ww-1", ""),
                     alert_of("Scan of a plant", "ww-2", "")};
  evidence.left_out = 3;
  const auto incident = reported(file, *book->regimes.front(), {}, evidence);
  EXPECT_EQ(incident.assets, (std::vector<std::string>{"ww-1", "ww-2"}));
  EXPECT_EQ(incident.norms, std::vector<std::string>{"13f"});
  EXPECT_EQ(incident.tlp, "amber") << "the strictest";
  EXPECT_EQ(incident.impact, "one pump");
  EXPECT_EQ(incident.mitigation, "the line was cut");
  EXPECT_EQ(incident.alerts, (std::vector<std::string>{"Scan of a plant: 1 alert, modbus, at 2026-01-15T07:00:00Z",
                                                       "Write to a controller: 2 alerts, modbus, at "
                                                       "2026-01-15T07:00:00Z",
                                                       "and 3 further alerts"}));
  EXPECT_EQ(incident.evidence, "ledger entries 10 to 11; no signed head is known here that covers them");
  const CaseClocks clocks = clocks_of(file, book->regimes.front(), {}, utc("2026-01-15T09:00:00Z"));
  const auto draft = draft_report(*book->regimes.front(), "notification", incident, &clocks.deadlines.front(), nullptr);
  ASSERT_TRUE(draft);
  EXPECT_NE(draft->body.find("\nEvidence: ledger entries 10 to 11"), std::string::npos) << draft->body;
  EXPECT_NE(draft->body.find("\nDue: 2026-01-16T08:00:00Z\n"), std::string::npos) << draft->body;
  for (const char* clear : {"203.0.113.7", "j.doe", "Springfield", "secret notes"})
    EXPECT_EQ(draft->body.find(clear), std::string::npos) << clear;
}

TEST(ReportingCase, EvidenceSaysWhatTheHeadCovers) {
  static constexpr struct {
    std::uint64_t size;
    const char* want;
  } kCases[] = {
      {12, "ledger entries 10 to 11; all of them are covered by the signed head of 12 entries"},
      {11, "ledger entries 10 to 11; the signed head of 11 entries does not cover the latest of them yet"},
      {0, "ledger entries 10 to 11; the signed head of 0 entries does not cover the latest of them yet"},
  };
  const auto book = book_of({"nis2"});
  for (const auto& c : kCases) {
    CaseEvidence evidence;
    evidence.checkpoint = c.size;
    EXPECT_EQ(reported(case_of({}), *book->regimes.front(), {}, evidence).evidence, c.want);
  }
  auto scattered = case_of({});
  scattered.alerts.clear();
  for (std::uint64_t i = 0; i < 30; ++i) scattered.alerts.push_back({"a", i * 10, {}, {}, 0, "low", {}});
  const std::string text = reported(scattered, *book->regimes.front(), {}, {}).evidence;
  EXPECT_NE(text.find("0, 10, 20, "), std::string::npos) << text;
  EXPECT_NE(text.find(", 190 and others up to 290; "), std::string::npos) << text;
}

TEST(ReportingCase, Statistics) {
  const auto book = book_of({"nis2", "dora"});
  auto file = case_of({"aware_at=2026-01-15T08:00:00Z", "malicious=yes", "cross_border=maybe",
                       "nis2/early_warning=2026-01-17T00:00:00Z"});
  file.kind = "intrusion";
  const auto counted_one = counted(file, *book, utc("2026-06-01T00:00:00Z"));
  EXPECT_EQ(counted_one.malicious, true);
  EXPECT_FALSE(counted_one.cross_border);
  const std::string csv = yearly_statistics(std::vector<reporting::CountedIncident>(6, counted_one), {2026, 5});
  for (const char* row : {"2026,all,incidents,incidents,6\r\n", "2026,class,intrusion,incidents,6\r\n",
                          "2026,stage,nis2/early_warning,late,6\r\n", "2026,stage,dora/initial,late,6\r\n",
                          "2026,sector,water.supply,incidents,6\r\n", "2026,malicious,yes,incidents,6\r\n"})
    EXPECT_NE(csv.find(row), std::string::npos) << row << csv;
  EXPECT_EQ(csv.find("NW-2026"), std::string::npos);
}

}  // namespace
}  // namespace nw::app
