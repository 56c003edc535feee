// Acts upon incidents, as rows: what they change, what they refuse, merges and splits.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>

#include "record/fold.h"
#include "record/incidents/grouping.h"
#include "unit/record/incidents/cases_support.h"

namespace nw::record {
namespace {

using namespace test;
using std::chrono::minutes;

TEST(Cases, RulesOfOneFamilyAboutOneAssetByOneActorAreOne) {
  const struct {
    const char* name;
    Alert first, second;
    bool one;
  } kCases[] = {
      {"two rules of a family", alert_by(0, "x", "r", "NW-F-05"), alert_by(1, "x", "s", "NW-F-05"), true},
      {"two families", alert_by(0, "x", "r", "NW-F-05"), alert_by(1, "x", "r", "NW-F-06"), false},
      {"two rules of no family", alert_by(0, "x", "r"), alert_by(1, "x", "s"), false},
      {"two actors", alert_by(0, "x", "r", "NW-F-05"), alert_by(1, "y", "r", "NW-F-05"), false},
      {"no actor and one", alert_by(0, "", "r", "NW-F-05"), alert_by(1, "y", "r", "NW-F-05"), false},
      {"a rule that is called like a family", alert_by(0, "x", "r", "NW-F-05"), alert_by(1, "x", "NW-F-05"), false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Fed fed;
    fed.alert(c.first);
    fed.alert(c.second);
    EXPECT_EQ(fed.store().totals()->incidents, c.one ? 1U : 2U);
  }
}

TEST(Cases, WithoutAnAssetThePlaceIsTheOtherEnd) {
  Fed fed;
  const char* const kPlaces[][3] = {
      {"192.0.2.1", "h", "1"}, {"192.0.2.2", "h", "2"}, {"", "h", "3"},
      {"", "g", "4"},          {"", "", "5"},           {"192.0.2.1", "", "1"},
  };
  std::uint64_t number = 0;
  for (const auto& [address, host, incident] : kPlaces) {
    Alert alert = alert_by(number++, "x");
    alert.asset.clear();
    alert.destination_address = address;
    alert.host = host;
    alert.source = "tap";
    fed.alert(alert);
    EXPECT_EQ(
        fed.store().list({.state = "", .norm = "", .asset = "", .most = 99})->size(),
        static_cast<std::size_t>(std::max(std::stoi(incident), static_cast<int>(std::min<std::uint64_t>(number, 5)))));
  }
}

TEST(Cases, ForgedActorsDoNotMakeAnIncidentEach) {
  Fed fed;
  for (std::uint64_t i = 0; i < 500; ++i) fed.alert(alert_by(i, "actor-" + std::to_string(i)));
  EXPECT_EQ(fed.store().totals()->incidents, kCaseActorsMax + 1);
  const CaseFile many = fed.file(static_cast<int>(kCaseActorsMax) + 1);
  EXPECT_EQ(many.incident.actor, kManyActors);
  EXPECT_EQ(many.incident.alerts, 500 - kCaseActorsMax);
  fed.alert(alert_by(500, "actor-3"));
  EXPECT_EQ(fed.file(4).incident.alerts, 2U) << "whoever has an incident keeps it";
  fed.alert(alert_by(501, "(many)"));
  EXPECT_EQ(fed.file(static_cast<int>(kCaseActorsMax) + 1).incident.alerts, 501 - kCaseActorsMax);
}

TEST(Cases, ALife) {
  Fed fed;
  fed.alert(alert_by(0, "x"));
  const std::string id = id_of(1);
  fed.act(act_on(id, ActKind::assign, {{"to", "s-18"}}));
  const auto refused = fed.store().check(act_on(id, ActKind::resolve));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  fed.act(act_on(id, ActKind::acknowledge));
  fed.act(act_on(id, ActKind::contain));
  const auto incomplete = fed.store().check(act_on(id, ActKind::resolve));
  ASSERT_FALSE(incomplete);
  EXPECT_NE(incomplete.error().what.find("technical, scope, context, consultations"), std::string::npos);
  for (const std::string_view factor : kFactors)
    fed.act(act_on(id, ActKind::factor, {{"factor", std::string{factor}}, {"text", "about " + std::string{factor}}}));
  fed.act(act_on(id, ActKind::factor, {{"factor", "scope"}, {"text", "wider"}}));
  fed.act(act_on(id, ActKind::hypothesis, {{"text", "a test bench"}}));
  fed.act(act_on(id, ActKind::hypothesis, {{"text", "a mistake"}}));
  fed.act(act_on(id, ActKind::victims, {{"count", "2"}}));
  fed.act(act_on(id, ActKind::withhold, {}, "a court"));
  EXPECT_EQ(fed.file(1).withheld, "a court");
  fed.act(act_on(id, ActKind::share, {{"with", "cert-x"}}));
  fed.act(act_on(id, ActKind::exercise, {{"exercise", "yes"}}));
  fed.act(act_on(id, ActKind::classify, {{"rsit", "availability.dos"}}));
  fed.act(act_on(id, ActKind::classify, {{"kind", "flood"}}));
  fed.act(act_on(id, ActKind::moment, {{"moment", "aware_at"}, {"time", "2026-01-15T09:00:00+01:00"}}));
  fed.act(act_on(id, ActKind::moment, {{"moment", "aware_at"}, {"time", "2026-01-15T07:00:00Z"}}));
  fed.act(act_on(id, ActKind::fact, {{"fact", "cross_border"}, {"value", "yes"}}));
  fed.act(act_on(id, ActKind::fact, {{"fact", "deaths"}, {"value", "yes"}}));
  fed.act(act_on(id, ActKind::fact, {{"fact", "deaths"}, {"value", ""}}));
  fed.act(
      act_on(id, ActKind::significance, {{"regime", "nis2"}, {"significant", "no"}, {"proposal", "yes"}}, "not here"));
  for (const char* stage : {"early_warning", "notification"})
    fed.act(act_on(id, ActKind::sent, {{"regime", "nis2"}, {"stage", stage}, {"time", "2026-01-15T10:00:00Z"}}));
  const std::uint64_t resolved = fed.act(act_on(id, ActKind::resolve, {}, "done"));
  fed.act(act_on(id, ActKind::note, {{"text", "afterwards"}}));

  const CaseFile got = fed.file(1);
  EXPECT_EQ(got.incident.state, "resolved");
  EXPECT_EQ(got.incident.assigned, "s-18");
  EXPECT_TRUE(got.incident.exercise);
  EXPECT_EQ(got.withheld, "");
  EXPECT_EQ(got.shared_with, std::vector<std::string>{"cert-x"});
  EXPECT_EQ(got.rsit + "/" + got.kind, "availability.dos/flood") << "each stays when the other is said";
  EXPECT_EQ(got.victims, 2U);
  std::map<std::string, std::string> factors;
  for (const CaseText& factor : got.factors) factors[factor.name] = factor.text;
  EXPECT_EQ(factors.size(), 4U);
  EXPECT_EQ(factors["scope"], "wider") << "the latest";
  EXPECT_EQ(got.hypotheses.size(), 2U) << "all of them";
  ASSERT_EQ(got.moments.size(), 1U);
  EXPECT_EQ(got.moments[0].time, at("2026-01-15T07:00:00Z"));
  EXPECT_EQ(got.moments[0].said.by, "s-17");
  EXPECT_EQ(got.moments[0].said.uid, 1000);
  ASSERT_EQ(got.facts.size(), 1U) << "what was taken back is not known any more";
  EXPECT_EQ(got.facts[0].name, "cross_border");
  ASSERT_EQ(got.significance.size(), 1U);
  EXPECT_FALSE(got.significance[0].significant);
  EXPECT_EQ(got.significance[0].why, "not here");
  ASSERT_EQ(got.sent.size(), 2U);
  EXPECT_EQ(got.sent[1].stage, "notification");
  EXPECT_EQ(got.acts.size(), fed.next() - 1);
  const auto act = std::ranges::find(got.acts, resolved, &CaseAct::entry);
  ASSERT_NE(act, got.acts.end());
  EXPECT_EQ(act->state, "resolved");
  EXPECT_EQ(act->act.why, "done");

  fed.alert(alert_by(1, "x"));
  EXPECT_EQ(fed.store().totals()->incidents, 2U) << "what comes after the end is a new one";
  fed.act(act_on(id, ActKind::reopen));
  fed.alert(alert_by(2, "x"));
  EXPECT_EQ(fed.file(2).incident.alerts, 2U) << "of two that are open the newer one gathers";
}

TEST(Cases, WhatCannotBeDoneIsCountedAndPassed) {
  Fed fed;
  fed.alert(alert_by(0, "x"));
  const std::string before = fed.rows();
  const Act resolve = act_on(id_of(1), ActKind::resolve);
  const std::uint64_t entry = fed.act_unchecked(resolve);
  fed.act_unchecked(act_on(id_of(7), ActKind::acknowledge));
  fed.entry(make_entry(kEntryIncident, alert_number(0).receive_time, "{}"));
  EXPECT_EQ(fed.store().totals()->unreadable, 3U);
  EXPECT_EQ(fed.file(1).incident.state, "open");
  EXPECT_TRUE(fed.file(1).acts.empty());
  const auto outcome = fed.store().outcome(resolve);
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ((*outcome)->entry, entry);
  EXPECT_NE((*outcome)->refused.find("acknowledged, contained"), std::string::npos) << (*outcome)->refused;
  EXPECT_FALSE(*fed.store().outcome(act_on(id_of(1), ActKind::resolve))) << "nothing is known of what has not come";
  EXPECT_NE(fed.rows().find("act: resolve: NW-2026-000001 is open"), std::string::npos);
  EXPECT_NE(fed.rows(), before);
}

TEST(Cases, AnExerciseHidesNoOther) {
  Fed fed;
  fed.alert(alert_by(0, "x", "r"));
  fed.alert(alert_by(1, "y", "s"));
  fed.act(act_on(id_of(1), ActKind::acknowledge));
  const std::uint64_t merge = fed.act(act_on(id_of(2), ActKind::merge, {{"into", id_of(1)}}));
  fed.act(act_on(id_of(1), ActKind::exercise, {{"exercise", "yes"}}));
  EXPECT_FALSE(fed.store().event_of(id_of(1), "closing")->exercise);
  EXPECT_FALSE(fed.store().check(act_on(id_of(1), ActKind::resolve))) << "a real one counts in it: the factors";
  fed.act(act_on(id_of(1), ActKind::split, {{"merge", std::to_string(merge)}}));
  EXPECT_TRUE(fed.store().event_of(id_of(1), "closing")->exercise);
  EXPECT_TRUE(fed.store().check(act_on(id_of(1), ActKind::resolve)));
}

TEST(Cases, AnActGoesByItsId) {
  Fed fed;
  fed.alert(alert_by(0, "x"));
  const Act first = act_on(id_of(1), ActKind::acknowledge), second = act_on(id_of(1), ActKind::acknowledge);
  const std::uint64_t entry = fed.act(first);
  fed.act_unchecked(second);
  EXPECT_EQ((*fed.store().outcome(first))->refused, "");
  EXPECT_NE((*fed.store().outcome(second))->refused.find("is acknowledged"), std::string::npos)
      << "equal but for its id: its own fate";
  // Asked again after the first answer was lost: not done twice.
  const Act note = act_on(id_of(1), ActKind::note, {{"text", "once"}});
  const std::uint64_t noted = fed.act(note);
  fed.act_unchecked(note);
  const auto again = *fed.store().outcome(note);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->entry, noted);
  EXPECT_EQ(again->refused, "");
  EXPECT_EQ(fed.file(1).acts.size(), 2U);
  // One that was refused stays so, also where it could be done by now.
  const Act contain = act_on(id_of(1), ActKind::reopen);
  fed.act_unchecked(contain);
  fed.act(act_on(id_of(1), ActKind::false_positive));
  fed.act_unchecked(contain);
  EXPECT_EQ(fed.file(1).incident.state, "false_positive");
  EXPECT_NE((*fed.store().outcome(contain))->refused.find("is acknowledged"), std::string::npos);
  // The id of another act.
  Act taken = act_on(id_of(1), ActKind::note, {{"text", "another"}});
  taken.id = first.id;
  EXPECT_NE((*fed.store().outcome(taken))->refused.find("that of another act"), std::string::npos);
  EXPECT_EQ((*fed.store().outcome(taken))->entry, entry);
  // As in a ledger of before: applied, and nobody can ask for it.
  Act old = act_on(id_of(1), ActKind::note, {{"text", "old"}});
  old.id.clear();
  fed.act_unchecked(old);
  fed.act_unchecked(old);
  EXPECT_EQ(fed.file(1).acts.size(), 5U);
  EXPECT_FALSE(*fed.store().outcome(old));
  for (const std::size_t step : {1UL, 100UL}) EXPECT_EQ(fed.replayed(step), fed.rows());
}

TEST(Cases, ATimeThatIsNowMayDifferWhenItIsAskedAgain) {
  Fed fed;
  fed.alert(alert_by(0, "x"));
  Act aware = act_on(id_of(1), ActKind::moment, {{"moment", "aware_at"}, {"time", "2026-01-15T07:00:00Z"}});
  fed.act(aware);
  aware.values[1].second = "2026-01-15T07:02:00Z";
  aware.uid = 0;
  const auto again = *fed.store().outcome(aware);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->refused, "");
  EXPECT_EQ(again->act.value("time"), "2026-01-15T07:00:00Z") << "the one that stands";
  aware.values[0].second = "occurred_at";
  EXPECT_NE((*fed.store().outcome(aware))->refused, "");
}

// What an incident says of itself, but for what a merge and its split leave behind.
std::string about(const CaseFile& file) {
  const Incident& i = file.incident;
  std::string out = i.id + "|" + i.state + "|" + i.level + "|" + i.asset_class + "|" + i.tlp + "|" + i.pap + "|" +
                    i.merged_into + "|" + std::to_string(i.alerts) + "|" + i.first_alert + "|" + i.last_alert + "|" +
                    std::to_string(i.first_entry) + "|" + std::to_string(i.last_entry);
  for (const Timestamp t : {i.first_event, i.last_event, i.opened_at, i.last_received}) out += "|" + to_rfc3339(t, 9);
  for (const CaseAlert& alert : file.alerts)
    out += "\n" + alert.id + " " + std::to_string(alert.repeats) + " " + alert.merged_from;
  for (const CaseGroup& group : file.groups) out += "\n" + group.rule_id + " " + std::to_string(group.alerts);
  return out;
}

TEST(Cases, AMergeAndItsSplitAreAsBefore) {
  Fed fed;
  std::vector<Alert> alerts{alert_by(0, "x", "r"), alert_by(1, "y", "s", "", 5), alert_by(2, "y", "s", "", 9),
                            alert_by(3, "x", "r", "", 11)};
  alerts[1].level = "critical";
  alerts[2].tlp = "red";
  alerts[2].asset_class = "C1";
  for (const Alert& alert : alerts) fed.alert(alert);
  Fold fold = Fold::of(GuardedAlert::of_ledger(alerts[1]));
  fold.count = 6;
  fold.folded = 5;
  fold.last = alerts[1].event_time + minutes{60};
  fed.entry(make_entry(kEntryFold, alerts[1].receive_time, fold.to_json()));
  const std::string first = about(fed.file(1)), second = about(fed.file(2));
  const std::uint64_t merge = fed.act(act_on(id_of(2), ActKind::merge, {{"into", id_of(1)}}));
  const CaseFile both = fed.file(1);
  EXPECT_EQ(both.incident.alerts, 9U);
  EXPECT_EQ(both.incident.level, "critical");
  EXPECT_EQ(both.incident.tlp, "red");
  EXPECT_EQ(both.incident.asset_class, "C1");
  EXPECT_EQ(both.incident.last_event, fold.last);
  EXPECT_EQ(both.merged, std::vector<std::string>{id_of(2)});
  ASSERT_EQ(both.alerts.size(), 4U);
  EXPECT_EQ(both.alerts[1].merged_from, id_of(2));
  EXPECT_EQ(both.groups.size(), 2U);
  EXPECT_EQ(fed.file(2).incident.state, "merged");
  EXPECT_EQ(fed.file(2).incident.merged_into, id_of(1));
  EXPECT_EQ(fed.store().list({})->size(), 1U) << "what counts elsewhere is not listed";
  EXPECT_EQ(fed.store().list({.state = "merged", .norm = "", .asset = "", .most = 9})->size(), 1U);
  EXPECT_FALSE(fed.store().check(act_on(id_of(2), ActKind::note, {{"text", "x"}})));
  EXPECT_FALSE(fed.store().check(act_on(id_of(1), ActKind::merge, {{"into", id_of(2)}}))) << "no circles";
  EXPECT_FALSE(fed.store().check(act_on(id_of(1), ActKind::split, {{"merge", std::to_string(merge + 1)}})));
  const Act apart = act_on(id_of(1), ActKind::split, {{"merge", std::to_string(merge)}});
  fed.act(apart);
  EXPECT_EQ(about(fed.file(1)), first);
  EXPECT_EQ(about(fed.file(2)), second);
  EXPECT_FALSE(fed.store().check(apart)) << "it does not hold any more";
  EXPECT_EQ(fed.replayed(1), fed.replayed(100));
}

// An exercise has no clocks: those of a real incident must not vanish in it, nor an exercise get them.
TEST(Cases, AnExerciseAndARealIncidentAreNotMerged) {
  Fed fed;
  fed.alert(alert_by(0, "x", "r"));
  fed.alert(alert_by(1, "y", "s"));
  fed.act(act_on(id_of(1), ActKind::exercise, {{"exercise", "yes"}}));
  const std::string says = id_of(1) + " is an exercise and " + id_of(2) + " is not; say of both the same first";
  for (const auto& [from, into] : {std::pair{1, 2}, std::pair{2, 1}}) {
    const Act merge = act_on(id_of(from), ActKind::merge, {{"into", id_of(into)}});
    const auto checked = fed.store().check(merge);
    ASSERT_FALSE(checked) << from;
    EXPECT_EQ(checked.error().code, Errc::unavailable);
    EXPECT_NE(checked.error().what.find(says), std::string::npos) << checked.error().what;
    fed.act_unchecked(merge);  // it was written before the flag
    const auto outcome = fed.store().outcome(merge);
    ASSERT_TRUE(outcome && *outcome);
    EXPECT_NE((*outcome)->refused.find(says), std::string::npos);
    EXPECT_TRUE(fed.file(into).merged.empty());
  }
  fed.act(act_on(id_of(2), ActKind::exercise, {{"exercise", "yes"}}));
  fed.act(act_on(id_of(2), ActKind::merge, {{"into", id_of(1)}}));
  EXPECT_EQ(fed.file(1).merged, std::vector<std::string>{id_of(2)});
}

TEST(Cases, AlertsFollowTheirIncidentToWhereItWasMerged) {
  Fed fed{minutes{60}};
  fed.alert(alert_by(0, "x", "r"));
  fed.alert(alert_by(1, "y", "s"));
  fed.alert(alert_by(2, "z", "t"));
  fed.act(act_on(id_of(2), ActKind::merge, {{"into", id_of(1)}}));
  const std::uint64_t merge = fed.act(act_on(id_of(1), ActKind::merge, {{"into", id_of(3)}}));
  for (std::uint64_t i = 3; i < 9; ++i)  // each within the window only because the one before widened it
    fed.alert(alert_by(i, "y", "s", "", static_cast<std::int64_t>(i) * 50 - 100));
  EXPECT_EQ(fed.store().totals()->incidents, 3U);
  EXPECT_EQ(fed.file(3).incident.alerts, 9U);
  EXPECT_EQ(fed.file(3).merged.size(), 2U) << "what was merged before comes along";
  fed.act(act_on(id_of(3), ActKind::split, {{"merge", std::to_string(merge)}}));
  EXPECT_EQ(fed.file(1).incident.alerts, 8U);
  EXPECT_EQ(fed.file(3).incident.alerts, 1U);
  EXPECT_EQ(fed.file(2).incident.merged_into, id_of(1)) << "the earlier merge holds";
  fed.act(act_on(id_of(1), ActKind::false_positive));
  fed.alert(alert_by(9, "y", "s", "", 300));
  EXPECT_EQ(fed.store().totals()->incidents, 4U) << "what it would go to is closed";
}

TEST(Cases, AlertsOnTheirOwnAndBack) {
  Fed fed;
  for (std::uint64_t i = 0; i < 5; ++i)
    fed.alert(alert_by(i, "x", i == 3 ? "s" : "r", "NW-F-05", static_cast<std::int64_t>(i)));
  fed.act(act_on(id_of(1), ActKind::tlp, {{"label", "red"}}));
  const std::string before = about(fed.file(1));
  EXPECT_FALSE(fed.store().check(act_on(id_of(1), ActKind::split, {{"alerts", "id-0,id-1,id-2,id-3,id-4"}})))
      << "nothing would be left";
  EXPECT_FALSE(fed.store().check(act_on(id_of(1), ActKind::split, {{"alerts", "id-7"}})));
  const Act apart = act_on(id_of(1), ActKind::split, {{"alerts", "id-3,id-1"}});
  fed.act(apart);
  EXPECT_EQ((*fed.store().outcome(apart))->made, id_of(2));
  const CaseFile made = fed.file(2);
  EXPECT_EQ(made.incident.alerts, 2U);
  EXPECT_EQ(made.incident.state, "open");
  EXPECT_EQ(made.incident.rule_id, "r") << "of its first alert";
  EXPECT_EQ(made.incident.asset_name, "Name of a");
  EXPECT_EQ(made.incident.tlp, "red") << "what was said of it goes along";
  EXPECT_EQ(made.incident.first_alert, "id-1");
  EXPECT_EQ(fed.file(1).incident.alerts, 3U);
  fed.alert(alert_by(5, "x", "r", "NW-F-05", 5));
  EXPECT_EQ(fed.file(1).incident.alerts, 4U) << "later alerts stay where they would have been";
  Fold fold = Fold::of(GuardedAlert::of_ledger(alert_by(3, "x", "s", "NW-F-05", 3)));
  fold.count = 3;
  fold.folded = 2;
  fed.entry(make_entry(kEntryFold, at("2026-01-15T09:00:00Z"), fold.to_json()));
  EXPECT_EQ(fed.file(2).incident.alerts, 4U) << "repeats go with their alert";
  const std::uint64_t merge = fed.act(act_on(id_of(2), ActKind::merge, {{"into", id_of(1)}}));
  EXPECT_EQ(fed.file(1).incident.alerts, 8U);
  fed.act(act_on(id_of(1), ActKind::split, {{"merge", std::to_string(merge)}}));
  EXPECT_EQ(fed.file(2).incident.alerts, 4U);
  EXPECT_NE(about(fed.file(1)), before);
}

TEST(Cases, LabelsOfAlertsAndPeople) {
  Fed fed;
  const auto alert = [&](std::uint64_t number, const char* tlp, const char* pap) {
    Alert out = alert_by(number, "x");
    out.tlp = tlp;
    out.pap = pap;
    fed.alert(out);
    const Incident now = fed.file(1).incident;
    return now.tlp + "/" + now.pap;
  };
  EXPECT_EQ(alert(0, "green", ""), "green/");
  EXPECT_EQ(alert(1, "amber", "green"), "amber/green");
  EXPECT_EQ(alert(2, "green", "clear"), "amber/green") << "the strictest";
  EXPECT_FALSE(fed.store().check(act_on(id_of(1), ActKind::tlp, {{"label", "clear"}}, "")));
  fed.act(act_on(id_of(1), ActKind::tlp, {{"label", "clear"}}, "agreed"));
  EXPECT_EQ(alert(3, "amber", ""), "clear/green") << "a person said so over this very mark";
  EXPECT_EQ(alert(4, "red", "red"), "red/red") << "but not over this one";
  EXPECT_EQ(alert(5, "purple", ""), "red/red") << "an unknown one is the strictest";
}

TEST(Cases, FoundByWhatIsWrittenAboutThem) {
  Fed fed;
  fed.alert(alert_by(0, "203.0.113.7", "r"));
  Alert other = alert_by(1, "y", "s");
  other.asset = "power-3";
  other.asset_name =
      "Umspannwerk S\xc3\xbc"
      "d";
  fed.alert(other);
  fed.act(act_on(id_of(1), ActKind::note, {{"text", "the foreman's laptop"}}));
  fed.act(act_on(id_of(2), ActKind::factor, {{"factor", "context"}, {"text", "a strike at the laptop maker"}}));
  const struct {
    const char* words;
    std::vector<std::string> want;
  } kCases[] = {
      {"laptop", {id_of(2), id_of(1)}},
      {"laptop strike", {id_of(2)}},
      {"LAPTOP title", {id_of(2), id_of(1)}},
      {"fore", {id_of(1)}},
      {"sud", {id_of(2)}},
      {"203.0.113.7", {id_of(1)}},
      {"power-3", {id_of(2)}},
      {"13f", {id_of(2), id_of(1)}},
      {"laptop nobody", {}},
      {"\"", {}},
      {"lap\" OR \"strike", {}},
      {"incident:1 OR NEAR(", {}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.words);
    const auto found = fed.store().find(c.words, 10);
    ASSERT_TRUE(found) << found.error().what;
    std::vector<std::string> ids;
    for (const Incident& one : *found) ids.push_back(one.id);
    EXPECT_EQ(ids, c.want);
  }
  fed.act(act_on(id_of(2), ActKind::merge, {{"into", id_of(1)}}));
  EXPECT_EQ(fed.store().find("strike foreman", 10)->front().id, id_of(1)) << "what counts there is found there";
  for (const std::string& bad : {std::string{}, std::string{"  "}, std::string(200, 'x'), std::string{"a\0b", 3},
                                 std::string{"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"}})
    EXPECT_FALSE(fed.store().find(bad, 10));
}

TEST(Cases, FiltersAndTallies) {
  Fed fed;
  fed.alert(alert_by(0, "x", "r"));
  Alert high = alert_by(1, "y", "s", "", 600);
  high.level = "high";
  fed.alert(high);
  fed.alert(alert_by(2, "z", "t"));
  fed.act(act_on(id_of(1), ActKind::assign, {{"to", "s-18"}}));
  fed.act(act_on(id_of(1), ActKind::acknowledge));
  fed.act(act_on(id_of(3), ActKind::merge, {{"into", id_of(2)}}));
  const auto count = [&](const IncidentStore::Filter& filter) { return fed.store().list(filter)->size(); };
  IncidentStore::Filter filter;
  EXPECT_EQ(count(filter), 2U);
  filter.assigned = "s-18";
  EXPECT_EQ(count(filter), 1U);
  filter = {};
  filter.level = "high";
  EXPECT_EQ(count(filter), 1U);
  filter = {};
  filter.since = at("2026-01-15T18:00:00Z");
  EXPECT_EQ(count(filter), 1U);
  filter = {};
  filter.group_key = alert_by(2, "z", "t").group_key();
  EXPECT_EQ(fed.store().list(filter)->front().id, id_of(2)) << "the key of an alert that was merged into it";
  std::map<std::string, std::uint64_t> tallies;
  const auto totals = fed.store().totals();
  for (const auto& tally : totals->tallies) tallies[tally.state + " " + tally.level] = tally.count;
  const std::map<std::string, std::uint64_t> want{{"acknowledged medium", 1}, {"merged medium", 1}, {"open high", 1}};
  EXPECT_EQ(tallies, want);
  const std::vector<std::pair<std::string, std::uint64_t>> acts{{"acknowledge", 1}, {"assign", 1}, {"merge", 1}};
  EXPECT_EQ(totals->acts, acts);
}

TEST(Cases, TellsWhatRulesHearOf) {
  Fed fed;
  Alert classed = alert_by(0, "x");
  classed.asset_class = "C2";
  fed.alert(classed);
  fed.alert(alert_by(1, "y", "s"));
  fed.act(act_on(id_of(1), ActKind::victims, {{"count", "4"}}));
  fed.act(act_on(id_of(1), ActKind::acknowledge));
  fed.act(act_on(id_of(1), ActKind::withhold, {}, "a court"));
  fed.act(act_on(id_of(1), ActKind::share, {{"with", "cert-x"}}));
  fed.act(act_on(id_of(2), ActKind::false_positive));
  fed.act(act_on(id_of(2), ActKind::reopen));
  for (const std::string_view factor : kFactors)
    fed.act(act_on(id_of(1), ActKind::factor, {{"factor", std::string{factor}}, {"text", "t"}}));
  fed.act(act_on(id_of(1), ActKind::resolve));
  const auto events = fed.store().events(0, fed.next());
  ASSERT_TRUE(events) << events.error().what;
  std::string told;
  for (const CaseEvent& event : *events) told += std::string{event.phase} + " " + event.id.substr(8) + ", ";
  EXPECT_EQ(told,
            "opened 000001, confirmed 000001, withheld 000001, shared 000001, closed 000002, reopened 000002, closing "
            "000001, closed 000001, ");
  EXPECT_EQ(events->front().asset_class, "C2");
  EXPECT_EQ(events->front().victims, 4U);
  EXPECT_EQ(events->front().factors.size(), 4U);
  EXPECT_EQ(fed.store().events(fed.next() - 1, fed.next())->size(), 2U);
  EXPECT_TRUE(fed.store().events(fed.next(), fed.next() + 9)->empty());
  EXPECT_EQ(fed.store().event_of(id_of(2), "closing")->phase, "closing");
}

}  // namespace
}  // namespace nw::record
