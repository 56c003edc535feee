#include "record/incidents/case_state.h"

#include <gtest/gtest.h>

namespace nw::record {
namespace {

CaseSoFar case_in(CaseState state) {
  CaseSoFar out;
  out.id = "NW-2026-000001";
  out.state = state;
  out.factors = {"technical", "scope", "context", "consultations"};
  return out;
}

Act act_of(ActKind kind, std::string why = "because") {
  Act out;
  out.kind = kind;
  out.incident = "NW-2026-000001";
  out.by = "s-17";
  out.why = std::move(why);
  return out;
}

// For each act and each state (open, acknowledged, contained, resolved, false positive): '-' it is refused, else the
// first letter of the state that it leads to.
TEST(CaseState, EachActInEachState) {
  const struct {
    ActKind kind;
    const char* leads;
  } kTable[] = {
      {ActKind::acknowledge, "a----"},  {ActKind::contain, "-c---"},
      {ActKind::resolve, "-rr--"},      {ActKind::false_positive, "fff--"},
      {ActKind::reopen, "---oo"},       {ActKind::assign, "oac--"},
      {ActKind::note, "oacrf"},         {ActKind::merge, "oac--"},
      {ActKind::split, "oac--"},        {ActKind::tlp, "oacrf"},
      {ActKind::pap, "oacrf"},          {ActKind::factor, "oac--"},
      {ActKind::hypothesis, "oac--"},   {ActKind::victims, "oacrf"},
      {ActKind::share, "oacrf"},        {ActKind::withhold, "oacrf"},
      {ActKind::exercise, "oac--"},     {ActKind::classify, "oacrf"},
      {ActKind::moment, "oacrf"},       {ActKind::fact, "oacrf"},
      {ActKind::significance, "oacrf"}, {ActKind::sent, "oacrf"},
  };
  ASSERT_EQ(std::size(kTable), kActs.size());
  for (const auto& row : kTable)
    for (std::size_t i = 0; i < kCaseStates.size(); ++i) {
      SCOPED_TRACE(std::string{to_string(row.kind)} + " when " + std::string{kCaseStates[i]});
      const auto state = static_cast<CaseState>(i);
      Act act = act_of(row.kind);
      if (row.kind == ActKind::tlp || row.kind == ActKind::pap) act.values = {{"label", "red"}};
      const auto got = allowed(case_in(state), act);
      ASSERT_EQ(got.has_value(), row.leads[i] != '-');
      if (got) {
        EXPECT_EQ(to_string(after(row.kind, state)).front(), row.leads[i]);
      } else {
        EXPECT_EQ(got.error().code, Errc::unavailable);
        EXPECT_NE(got.error().what.find(kCaseStates[i]), std::string::npos) << got.error().what;
      }
      CaseSoFar merged = case_in(state);
      merged.merged_into = "NW-2026-000009";
      ASSERT_FALSE(allowed(merged, act)) << "nothing is done with what counts elsewhere";
      EXPECT_NE(allowed(merged, act).error().what.find("NW-2026-000009"), std::string::npos);
    }
}

TEST(CaseState, ResolvedOnlyWithTheFourFactors) {
  const Act resolve = act_of(ActKind::resolve);
  for (unsigned there = 0; there < 16; ++there) {
    CaseSoFar now = case_in(CaseState::contained);
    now.factors.clear();
    for (std::size_t i = 0; i < kFactors.size(); ++i)
      if ((there & (1U << i)) != 0) now.factors.emplace_back(kFactors[i]);
    const auto got = allowed(now, resolve);
    ASSERT_EQ(got.has_value(), there == 15);
    for (std::size_t i = 0; !got && i < kFactors.size(); ++i)
      EXPECT_EQ(got.error().what.find(kFactors[i]) == std::string::npos, (there & (1U << i)) != 0) << got.error().what;
    EXPECT_TRUE(allowed(now, act_of(ActKind::false_positive))) << "which needs its reason only";
    now.exercise = true;
    EXPECT_TRUE(allowed(now, resolve)) << "of an exercise nothing is found out";
  }
}

TEST(CaseState, LabelsGetLooserOnlyWithAReason) {
  const struct {
    ActKind kind;
    const char *now, *wanted, *why;
    bool good;
  } kCases[] = {
      {ActKind::tlp, "", "clear", "", true},
      {ActKind::tlp, "amber", "amber", "", true},
      {ActKind::tlp, "amber", "amber+strict", "", true},
      {ActKind::tlp, "amber", "green", "", false},
      {ActKind::tlp, "red", "amber+strict", " ", false},
      {ActKind::tlp, "amber", "green", "agreed", true},
      {ActKind::pap, "", "red", "", true},
      {ActKind::pap, "red", "amber", "", false},
      {ActKind::pap, "red", "amber", "agreed", true},
      {ActKind::pap, "clear", "green", "", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.now} + " -> " + c.wanted);
    CaseSoFar now = case_in(CaseState::open);
    (c.kind == ActKind::tlp ? now.tlp : now.pap) = c.now;
    Act act = act_of(c.kind, c.why);
    act.values = {{"label", c.wanted}};
    EXPECT_EQ(allowed(now, act).has_value(), c.good);
  }
}

}  // namespace
}  // namespace nw::record
