// What a set of rules covers, as people and programs read it.
#include "app/coverage.h"

#include <array>
#include <gtest/gtest.h>

namespace nw::app {
namespace {

constexpr std::string_view kRules = R"(title: A | read
name: read
id: 11111111-2222-4333-8444-555555555551
level: low
tags: [norm.13f, nw.sector.energy, nw.sector.water]
logsource: {product: p, service: s}
detection: {sel: {f: 1}, condition: sel}
normwatch: {norm: 13f, detection_id: NW-F-05}
---
title: Never fed
id: 11111111-2222-4333-8444-555555555552
level: high
tags: [nw.sector.any]
logsource: {product: later, category: c}
detection: {sel: {f: 1}, condition: sel}
normwatch: {norm: 13g, detection_id: NW-G-06}
---
title: Nothing produces it
id: 11111111-2222-4333-8444-555555555553
logsource: {product: p, service: s}
detection: {sel: {g: 1}, condition: sel}
---
title: Many
name: many
id: 11111111-2222-4333-8444-555555555554
level: high
correlation: {type: event_count, rules: [read], timespan: 1m, condition: {gte: 3}}
normwatch: {norm: 13f, detection_id: NW-F-05}
---
title: Many of many
id: 11111111-2222-4333-8444-555555555555
correlation: {type: event_count, rules: [many], timespan: 1m, condition: {gte: 3}}
normwatch: {norm: 13f, detection_id: none}
)";

class RulesCoverage : public testing::Test {
 protected:
  RulesCoverage() {
    event::Schema schema;
    static constexpr std::array<std::string_view, 1> kServices{"s"};
    static constexpr std::array<event::FieldSpec, 1> kFields{{{"f", "integer", "what it is about"}}};
    schema.add_type({"t", "p", kServices, {}, kFields});
    Diagnostics diagnostics;
    const std::array<sigma::RuleText, 1> texts{sigma::RuleText{"rules/13f/x.yml", std::string{kRules}}};
    rules_ = sigma::RuleSet::compile(texts, schema, {}, diagnostics);
    EXPECT_TRUE(rules_) << diagnostics.to_string();
    pack_.detections = {{"NW-F-05", "13f", "Sweep"}, {"NW-G-06", "13g", "Guess", 2}, {"NW-K-01", "13k", "Hostile"}};
    coverage_ = coverage_of(*rules_, pack_);
  }

  std::shared_ptr<const sigma::RuleSet> rules_;
  sigma::RulePack pack_;
  Coverage coverage_;
};

TEST_F(RulesCoverage, Counts) {
  ASSERT_EQ(coverage_.rules.size(), 5U);
  EXPECT_EQ(coverage_.rules[0].norm, "13f");
  EXPECT_EQ(coverage_.rules[0].place, "13f/x");
  EXPECT_TRUE(coverage_.rules[0].silent);
  // What a count of counts reads is what the rule at the bottom reads.
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(coverage_.rules[i].sources, std::vector<std::string>{"p s"});
  EXPECT_EQ(coverage_.rules[4].norm, "none");
  EXPECT_EQ(coverage_.rules[4].state, "dormant_no_field; nothing produces g");
  ASSERT_EQ(coverage_.detections.size(), 3U);
  EXPECT_EQ(coverage_.detections[0].rules.size(), 2U);
  EXPECT_EQ(coverage_.detections[0].live(coverage_.rules), 2U);
  EXPECT_EQ(coverage_.detections[1].rules.size(), 1U);
  EXPECT_EQ(coverage_.detections[1].live(coverage_.rules), 0U);
  EXPECT_TRUE(coverage_.detections[2].rules.empty());
}

TEST_F(RulesCoverage, AsAPage) {
  const std::string page = coverage_markdown(coverage_, "two sources");
  for (const char* line : {
           "5 rules, 3 live. Of the rule pack (`rules/norms/detections.yaml`) tier 1: 1 of 2 detections have a rule, 1 "
           "a "
           "live one; tier 2: 1 of 1 detections have a rule, 0 a live one.\n",
           "here by two sources.",
           "\n| | any | energy | water |\n|---|---|---|---|\n| 13f | | 1 | 1 |\n| 13g | 0 of 1 | | |\n| 13k | | | |\n",
           "\n| later c | | 0 of 1 | | |\n",
           "\n| p s | 3 | | | 0 of 1 |\n",
           "\n| NW-F-05 | 1 | Sweep | `13f/x`, `13f/x` |\n| NW-G-06 | 2 | Guess | `13f/x` (dormant) |\n"
           "| NW-K-01 | 1 | Hostile | **no rule yet** |\n",
           "\n## Norm 13f\n",
           "\n| `13f/x`: A \\| read | low, silent | p s | energy, water | NW-F-05 | live |\n",
           "\n| `13f/x`: Many of many | medium | over time, p s |  | none | live |\n",
           "\n## Without a norm\n",
       })
    EXPECT_NE(page.find(line), std::string::npos) << line << "\n in\n" << page;
  EXPECT_EQ(page.find("## Norm 13k"), std::string::npos) << "a table without a row";
}

TEST_F(RulesCoverage, AsJsonAndText) {
  const std::string json = coverage_json(coverage_, "two sources");
  EXPECT_TRUE(json.starts_with("{\"live_by\":\"two sources\",\"rules\":[{\"rule\":\"13f/x\",\"id\":")) << json;
  EXPECT_NE(json.find("\"sectors\":[\"energy\",\"water\"],\"sources\":[\"p s\"],\"live\":true,\"state\":\"live\"}"),
            std::string::npos)
      << json;
  EXPECT_TRUE(
      json.ends_with("{\"id\":\"NW-K-01\",\"norm\":\"13k\",\"title\":\"Hostile\",\"tier\":1,\"rules\":0,"
                     "\"live\":0}]}\n"))
      << json;
  const std::string text = coverage_text(coverage_);
  EXPECT_NE(text.find("  13g: 1 rules, 0 live\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  NW-G-06 (tier 2) Guess: dormant\n  NW-K-01 (tier 1) Hostile: no rule\n"), std::string::npos);
}

TEST_F(RulesCoverage, NoRulesNoPack) {
  const Coverage nothing;
  EXPECT_NE(coverage_markdown(nothing, "nothing").find("0 rules, 0 live."), std::string::npos);
  EXPECT_EQ(coverage_json(nothing, "x"), "{\"live_by\":\"x\",\"rules\":[],\"detections\":[]}\n");
}

}  // namespace
}  // namespace nw::app
