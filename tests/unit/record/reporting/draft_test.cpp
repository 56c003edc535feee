#include "record/reporting/draft.h"

#include "context/norms/norms.h"
#include "record/reporting/template.h"
#include "shipped.h"

namespace nw::reporting {
namespace {

ReportedIncident full() {
  ReportedIncident out;
  out.id = "I-2026-7";
  out.title = "Write commands to a pump controller";
  out.kind = "intrusion";
  out.rsit = "intrusions.system-compromise";
  for (std::size_t i = 0; i < kMoments.size(); ++i) {
    out.times.at[i] = at("2026-01-15T08:00:00Z") + std::chrono::hours{i};
    out.times.by[i] = "ada";
  }
  out.assets = {"A-17", "A-18"};
  out.sectors = {"water.supply"};
  out.alerts = {"Modbus write from an unknown station"};
  out.norms = {"13f"};
  out.severity = "high";
  out.impact = "none for users so far";
  out.root_cause = "stolen password";
  out.mitigation = "password changed";
  out.outlook = "stable";
  out.contact = "cert@example.org";
  out.indicators = {"sha256:00"};
  out.tlp = "amber+strict";
  return out;
}

void state_all(const ReportingRegime& regime, ReportedIncident& incident) {
  for (const FactSpec& fact : regime.facts) {
    if (fact.number)
      incident.facts.values[fact.id] = 3.0;
    else
      incident.facts.values[fact.id] = true;
  }
}

const context::WordingGate* gate() {
  static const auto kGate = [] {
    Diagnostics diagnostics;
    return context::WordingGate::load(project_text("rules/norms/wording.yaml"), "wording.yaml", diagnostics);
  }();
  return kGate.get();
}

TEST(Draft, EveryOneOfTheShippedRegimesIsWholeAndPassesTheGate) {
  std::size_t count = 0;
  for (const char* id : {"cra", "dora", "nis2", "template"}) {
    const auto regime = shipped(id);
    ReportedIncident incident = full();
    state_all(*regime, incident);
    for (const ReportingStage& stage : regime->stages) {
      if (stage.body.empty()) continue;
      SCOPED_TRACE(std::string{id} + ' ' + stage.id);
      ++count;
      const auto draft = draft_report(*regime, stage.id, incident, nullptr, gate());
      ASSERT_TRUE(draft);
      EXPECT_TRUE(draft->missing.empty()) << draft->missing.front();
      EXPECT_TRUE(draft->held.empty()) << draft->held.front();
      EXPECT_TRUE(draft->may_go());
      EXPECT_TRUE(draft->subject.starts_with("TLP:AMBER+STRICT DRAFT: ")) << draft->subject;
      EXPECT_TRUE(draft->body.starts_with("TLP:AMBER+STRICT\nDRAFT, not sent.")) << draft->body;
      EXPECT_TRUE(draft->body.ends_with(std::string{context::kNotAttribution} + "\nTLP:AMBER+STRICT\n")) << draft->body;
      EXPECT_EQ(draft->body.find_first_of("{}"), std::string::npos) << draft->body;
      EXPECT_EQ(draft->recipients, stage.recipients);
    }
  }
  EXPECT_EQ(count, 5U + 3U + 5U + 2U);
}

TEST(Draft, ListsWhatIsMissing) {
  const auto regime = shipped("nis2");
  ReportedIncident incident = full();
  incident.contact.clear();
  incident.times[Moment::occurred_at].reset();
  incident.facts.values["malicious"] = false;
  const auto draft = draft_report(*regime, "early_warning", incident, nullptr, gate());
  ASSERT_TRUE(draft);
  EXPECT_EQ(draft->missing,
            (std::vector<std::string>{"time of the event", "could have cross-border impact", "contact"}));
  EXPECT_FALSE(draft->may_go());
  EXPECT_NE(draft->body.find("Event: [missing: time of the event]\n"), std::string::npos) << draft->body;
  EXPECT_NE(draft->body.find("\nMissing:\n- time of the event\n"), std::string::npos);
  EXPECT_NE(draft->body.find("Suspected of unlawful or malicious acts: no\n"), std::string::npos);
  EXPECT_NE(draft->body.find("Aware: 2026-01-15T10:00:00Z (ada)\n"), std::string::npos) << draft->body;
}

TEST(Draft, HoldsWordsThatMustNotGoOut) {
  const auto regime = shipped("nis2");
  ReportedIncident incident = full();
  incident.impact = "the perpetrators, Ruritanian and Norwegian, read data";
  const auto draft = draft_report(*regime, "notification", incident, nullptr, nullptr);
  ASSERT_TRUE(draft);
  EXPECT_EQ(draft->held, (std::vector<std::string>{"perpetrators", "Norwegian"}));
  EXPECT_FALSE(draft->may_go());
  EXPECT_NE(draft->body.find("engages norm 13f (A/70/174)"), std::string::npos);
}

TEST(Draft, WhatIsFilledInStaysText) {
  const auto regime = shipped("nis2");
  ReportedIncident incident = full();
  incident.id = "I\r\nBcc: x";
  incident.title = "{contact} \x1b[31m";
  incident.tlp = "TLP:purple";
  incident.alerts.assign(60, std::string(1000, 'a'));
  const auto draft = draft_report(*regime, "notification", incident, nullptr, gate());
  ASSERT_TRUE(draft);
  EXPECT_EQ(draft->tlp, "TLP:RED");
  EXPECT_EQ(draft->subject.find_first_of("\r\n"), std::string::npos) << draft->subject;
  EXPECT_NE(draft->body.find("{contact} \\x1b[31m"), std::string::npos) << draft->body;
  EXPECT_NE(draft->body.find("; and 10 more"), std::string::npos);
  incident.id.assign(5000, 'x');
  EXPECT_LT(draft_report(*regime, "notification", incident, nullptr, gate())->subject.size(), 500U);
  incident.tlp.clear();
  EXPECT_EQ(draft_report(*regime, "notification", incident, nullptr, gate())->tlp, "TLP:RED");
  incident.tlp = "tlp:Green";
  EXPECT_EQ(draft_report(*regime, "notification", incident, nullptr, gate())->tlp, "TLP:GREEN");
}

TEST(Draft, SaysTheDeadlineAndWhatItCannotWrite) {
  const auto regime = shipped("nis2");
  Deadline deadline;
  deadline.due = at("2026-01-16T08:00:00Z");
  EXPECT_NE(
      draft_report(*regime, "early_warning", full(), &deadline, nullptr)->body.find("\nDue: 2026-01-16T08:00:00Z\n"),
      std::string::npos);
  EXPECT_EQ(draft_report(*regime, "final", full(), nullptr, nullptr).error().what, "nis2 has no stage 'final'");
  EXPECT_EQ(draft_report(*regime, "early_warnin", full(), nullptr, nullptr).error().what,
            "nis2 has no stage 'early_warnin' (did you mean 'early_warning'?)");
  EXPECT_EQ(draft_report(*regime, "feedback", full(), nullptr, nullptr).error().what,
            "the stage 'feedback' of nis2 has no template");
}

TEST(Template, FindsItsPlaces) {
  static constexpr struct {
    const char* text;
    const char* want;  // null: not well-formed
  } kCases[] = {{"", ""},        {"a{b}c", "a<b>c"}, {"{a}{b}", "<a><b>"}, {"{", nullptr},      {"}", nullptr},
                {"{}", nullptr}, {"{a", nullptr},    {"a}", nullptr},      {"{a{b}}", nullptr}, {"{a}}", nullptr}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(placeholders(c.text).has_value(), c.want != nullptr);
    if (c.want != nullptr) {
      EXPECT_EQ(fill(c.text, [](std::string_view name) { return '<' + std::string{name} + '>'; }), c.want);
    }
  }
}

TEST(Fields, AreFoundByName) {
  for (const FieldSpec& field : field_specs()) {
    EXPECT_EQ(find_field(field.id), &field);
  }
  EXPECT_EQ(find_field("aware"), nullptr);
  const ReportedIncident nothing, incident = full();
  for (const FieldSpec& field : field_specs()) {
    EXPECT_EQ(field.text(nothing), "") << field.id;
    EXPECT_NE(field.text(incident), "") << field.id;
  }
}

}  // namespace
}  // namespace nw::reporting
