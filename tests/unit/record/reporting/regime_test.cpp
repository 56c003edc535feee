#include "record/reporting/regime.h"

#include <algorithm>

#include "context/norms/wording_gate.h"
#include "record/reporting/significance.h"
#include "shipped.h"

namespace nw::reporting {
namespace {

constexpr std::string_view kHead =
    "version: 1\nid: r\ntitle: R\njurisdiction: J\nsource: S\ntrigger: aware_at\n"
    "facts: [{id: users, title: users, type: number}, {id: bad, title: bad}]\nroles: [{id: cloud, title: cloud}]\n";

std::string faults(const std::string& text) {
  Diagnostics diagnostics;
  const auto regime = ReportingRegime::load(text, "r.yaml", diagnostics);
  EXPECT_EQ(regime != nullptr, diagnostics.ok());
  return diagnostics.to_string();
}

std::string stage_faults(const std::string& rest) {
  return faults(std::string{kHead} + "stages: [{id: one, title: One, source: S, " + rest + "}]\n");
}

std::string criterion_faults(const std::string& rest) {
  return faults(std::string{kHead} +
                "stages: [{id: one, title: One, source: S, within: 24h, after: trigger}]\n"
                "significance: [{id: c, text: T, source: S, " +
                rest + "}]\n");
}

TEST(ReportingRegime, TheShippedOnesAreWhole) {
  for (const auto& [id, stages] :
       {std::pair{"cra", 5U}, std::pair{"dora", 3U}, std::pair{"nis2", 6U}, std::pair{"template", 3U}}) {
    SCOPED_TRACE(id);
    const auto regime = shipped(id);
    ASSERT_TRUE(regime);
    EXPECT_EQ(regime->id, id);
    EXPECT_EQ(regime->stages.size(), stages);
    EXPECT_FALSE(regime->significance.empty());
    for (const ReportingStage& stage : regime->stages) EXPECT_FALSE(stage.recipients.empty()) << stage.id;
  }
  // 2 of the directive, 6 for all, 31 for kinds of entities.
  EXPECT_EQ(shipped("nis2")->significance.size(), 2U + 6U + 3U + 3U + 4U * 7U + 5U);
}

TEST(ReportingRegime, TheirWordsPassTheGate) {
  Diagnostics diagnostics;
  const auto gate = context::WordingGate::load(project_text("rules/norms/wording.yaml"), "wording.yaml", diagnostics);
  ASSERT_TRUE(gate) << diagnostics.to_string();
  for (const char* id : {"cra", "dora", "nis2", "template"}) {
    const auto found = gate->check(project_text(std::string{"config/regimes/"} + id + ".yaml"));
    EXPECT_TRUE(found.empty()) << id << ": " << found.front().word;
  }
}

TEST(ReportingRegime, EveryFactIsAskedForSomewhere) {
  for (const char* id : {"cra", "dora", "nis2", "template"}) {
    const auto regime = shipped(id);
    const std::string text = project_text(std::string{"config/regimes/"} + id + ".yaml");
    for (const FactSpec& fact : regime->facts)
      EXPECT_TRUE(text.find("fact: " + fact.id) != std::string::npos ||
                  text.find("fact." + fact.id) != std::string::npos)
          << id << ' ' << fact.id;
    for (const FactSpec& role : regime->roles)
      EXPECT_NE(text.find("for: " + role.id), std::string::npos) << id << ' ' << role.id;
  }
}

TEST(ReportingRegime, FindsByName) {
  const auto regime = shipped("nis2");
  EXPECT_EQ(regime->stage("feedback")->by, By::authority);
  EXPECT_EQ(regime->stage("feedbac"), nullptr);
  EXPECT_EQ(regime->fact("users")->id, "users");
  EXPECT_EQ(regime->fact("ongoing")->title, "still being handled");
  EXPECT_EQ(regime->fact("nothing"), nullptr);
}

TEST(ReportingRegime, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(stage_faults("within: 24h, after: trigger"), "");
  static constexpr struct {
    const char *rest, *want;
  } kStages[] = {
      {"withn: 24h, after: trigger",
       "r.yaml:9:43: unknown-key: unknown key 'withn' in a stage (did you mean 'within'?)"},
      {"within: 24h", "missing-key"},
      {"within: 2 weeks, after: trigger", "bad-period: '2 weeks' is no period"},
      {"within: 24h, after: aware_a",
       "unknown-word: the start (a moment, or a stage that stands before) 'aware_a' is not known (did you mean "
       "'aware_at'?)"},
      {"within: 24h, after: one", "unknown-word"},
      {"within: 24h, after: trigger, only_if: {fact: user, more_than: 1}",
       "unknown-word: the fact 'user' is not known (did you mean 'users'?)"},
      {"within: 24h, after: trigger, only_if: {fact: users}", "bad-condition: a number is compared once"},
      {"within: 24h, after: trigger, only_if: {fact: users, more_than: 1, at_most: 2}",
       "bad-condition: a number is compared once"},
      {"within: 24h, after: trigger, only_if: {fact: users, more_than: many}",
       "wrong-type: 'more_than' must be a number"},
      {"within: 24h, after: trigger, only_if: {fact: bad, more_than: 1}", "bad-condition: 'bad' is no number"},
      {"within: 24h, after: trigger, only_if: {role: clod}",
       "unknown-word: the role 'clod' is not known (did you mean 'cloud'?)"},
      {"within: 24h, after: trigger, only_if: {}", "bad-condition: a condition is one of"},
      {"within: 24h, after: trigger, only_if: {fact: bad, role: cloud}", "bad-condition: a condition is one of"},
      {"within: 24h, after: trigger, only_if: {all: []}", "bad-condition: a list of conditions has 1 to 32"},
      {"within: 24h, after: trigger, only_if: {some: [{fact: bad}], least: 2}", "'least'"},
      {"within: 24h, after: trigger, only_if: {some: [{fact: bad}]}", "missing-key"},
      {"within: 24h, after: trigger, earlier: [{within: 4h, after: trigger, lapses_if_later: classified}]",
       "lapses_if_later"},
      {"within: 24h, after: trigger, by: nobody", "by"},
      {"after: requested_at, while_ongoing: true",
       "bad-period: 'while_ongoing' and 'if_ongoing' look at the stage's limit"},
      {"within: 24h, after: trigger, replaced_by: two", "unknown-word: the stage 'two' is not known"},
      {"within: 24h, after: trigger, fields: [titel]",
       "unknown-word: the field 'titel' is not known (did you mean 'title'?)"},
      {"within: 24h, after: trigger, fields: [fact.usrs]", "did you mean 'fact.users'?"},
      {"within: 24h, after: trigger, subject: S", "bad-template: 'subject' and 'body' come together"},
      {"within: 24h, after: trigger, fields: [title], subject: S, body: B",
       "bad-template: the field 'title' stands nowhere"},
      {"within: 24h, after: trigger, subject: S, body: '{title}'",
       "bad-template: {title} is none of the stage's fields"},
      {"within: 24h, after: trigger, subject: S, body: '{title'", "bad-template: 'body': a brace is alone or empty"},
      {"within: 24h, after: trigger, subject: \"S\\nT\", body: B", "bad-template: 'subject' is one line"},
      {"within: 24h, after: trigger, subject: S, body: the perpetrators",
       "bad-wording: 'body' must not say 'perpetrators'"},
  };
  for (const auto& c : kStages) {
    SCOPED_TRACE(c.rest);
    EXPECT_NE(stage_faults(c.rest).find(c.want), std::string::npos) << stage_faults(c.rest);
  }
  EXPECT_EQ(criterion_faults("when: {fact: bad, is: false}, for: cloud"), "");
  EXPECT_NE(
      criterion_faults("when: {fact: bad}, for: clod").find("the role 'clod' is not known (did you mean 'cloud'?)"),
      std::string::npos);
  EXPECT_NE(criterion_faults("for: cloud").find("missing-key"), std::string::npos);
}

// The mark goes only when somebody has compared the number with the official text; then this test goes with it.
TEST(ReportingRegime, MarksNumbersThatWantAPersonsLook) {
  std::vector<std::string> marked;
  for (const char* id : {"cra", "dora", "nis2", "template"}) {
    const auto regime = shipped(id);
    for (const ReportingStage& stage : regime->stages)
      if (stage.review) marked.push_back(std::string{id} + ' ' + stage.id);
    for (const Criterion& criterion : regime->significance)
      if (criterion.review) marked.push_back(std::string{id} + ' ' + criterion.id);
  }
  EXPECT_EQ(marked, (std::vector<std::string>{"cra final_vulnerability", "nis2 loss"}));
  Facts facts;
  facts.values["financial_loss"] = 600'000.0;
  EXPECT_NE(propose_significance(*shipped("nis2"), facts).reasons.front().find("compare the numbers with the official"),
            std::string::npos);
  EXPECT_NE(criterion_faults("when: {fact: bad}, review: later").find("review"), std::string::npos);
  EXPECT_EQ(criterion_faults("when: {fact: bad}, review: needed"), "");
}

TEST(ReportingRegime, RefusesWhatIsNoRegime) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"", "bad-document"},
      {"a: [", "yaml-syntax"},
      {"- 1", "wrong-type"},
      {"version: 2\n", "bad-version"},
      {"version: 1\nid: R 1\n", "bad-id: 'R 1' cannot be an id"},
      {"version: 1\nid: r\ntitle: T\njurisdiction: J\nsource: S\ntrigger: detected_at\nstages: []\n", "trigger"},
      {"version: 1\nid: r\ntitle: T\njurisdiction: J\nsource: S\ntrigger: aware_at\nstages: []\n",
       "bad-document: a regime has at least one stage"},
      {"version: 1\nfacts: [{id: a, title: A}, {id: a, title: B}]\n",
       "duplicate-id: there is a fact called 'a' already"},
      {"version: 1\nfacts: [{id: ongoing, title: A}]\n", "duplicate-id: 'ongoing' is a fact of every regime"},
      {"version: 1\nstages: [{id: aware_at}]\n", "duplicate-id"},
      {"version: 1\ncalendar: {month_end: first_day}\n", "month_end"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_NE(faults(c.text).find(c.want), std::string::npos) << faults(c.text);
  }
}

}  // namespace
}  // namespace nw::reporting
