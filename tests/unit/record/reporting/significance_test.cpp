#include "record/reporting/significance.h"

#include "shipped.h"

namespace nw::reporting {
namespace {

struct Fact {
  const char* id;
  double value;
};

// Every fact of the regime is stated: booleans no, numbers 0; then those given.
Facts stated(const ReportingRegime& regime, std::initializer_list<Fact> facts, const char* role) {
  Facts out;
  for (const FactSpec& spec : regime.facts)
    if (spec.number)
      out.values[spec.id] = 0.0;
    else
      out.values[spec.id] = false;
  for (const Fact& fact : facts) {
    if (regime.fact(fact.id)->number)
      out.values[fact.id] = fact.value;
    else
      out.values[fact.id] = fact.value != 0;
  }
  if (*role != '\0') out.roles.insert(role);
  return out;
}

// On both sides of each threshold. `want`: the criteria that hold, with commas.
TEST(Significance, Thresholds) {
  static const struct {
    const char *regime, *role;
    std::initializer_list<Fact> facts;
    const char* want;
  } kCases[] = {
      {"nis2", "", {}, ""},
      {"nis2", "", {{"severe_disruption", 1}}, "severe_disruption"},
      {"nis2", "", {{"others_damaged", 1}}, "others_damaged"},
      {"nis2", "", {{"financial_loss", 500000}, {"financial_loss_share", 5}}, ""},
      {"nis2", "", {{"financial_loss", 500001}}, "loss"},
      {"nis2", "", {{"financial_loss_share", 5.1}}, "loss"},
      {"nis2", "", {{"recurrences", 1}, {"same_root_cause", 1}, {"joint_loss", 600000}}, ""},
      {"nis2", "", {{"recurrences", 2}, {"same_root_cause", 0}, {"joint_loss", 600000}}, ""},
      {"nis2", "", {{"recurrences", 2}, {"same_root_cause", 1}, {"joint_loss", 500000}}, ""},
      {"nis2", "", {{"recurrences", 2}, {"same_root_cause", 1}, {"joint_loss", 600000}}, "recurring"},
      {"nis2", "", {{"unavailable", 10000}}, ""},  // of no kind that has such a threshold
      {"nis2", "dns", {{"unavailable", 30}}, ""},
      {"nis2", "dns", {{"unavailable", 31}}, "dns_unavailable"},
      {"nis2", "dns", {{"data_compromised", 1}, {"domains", 999}, {"domains_share", 1}, {"misconfiguration", 1}}, ""},
      {"nis2", "dns", {{"data_compromised", 1}, {"domains", 999}, {"domains_share", 1}}, "dns_data"},
      {"nis2", "dns", {{"data_compromised", 1}, {"domains", 1000}, {"misconfiguration", 1}}, "dns_data"},
      {"nis2", "tld", {{"unavailable", 1}}, "tld_unavailable"},
      {"nis2", "tld", {{"dns_response", 10}, {"dns_slow", 600}}, ""},
      {"nis2", "tld", {{"dns_response", 11}, {"dns_slow", 60}}, ""},
      {"nis2", "tld", {{"dns_response", 11}, {"dns_slow", 61}}, "tld_slow"},
      {"nis2", "tld", {{"data_compromised", 1}}, "tld_data"},
      {"nis2", "cloud", {{"unavailable", 30}}, ""},
      {"nis2", "cloud", {{"unavailable", 31}}, "cloud_unavailable"},
      {"nis2", "cloud", {{"limited", 61}, {"users", 1000000}, {"users_share", 5}}, ""},
      {"nis2", "cloud", {{"limited", 60}, {"users", 2000000}, {"users_share", 50}}, ""},
      {"nis2", "cloud", {{"limited", 61}, {"users", 1000001}}, "cloud_limited"},
      {"nis2", "cloud", {{"limited", 61}, {"users", 10}, {"users_share", 6}}, "cloud_limited"},
      {"nis2", "cloud", {{"data_compromised", 1}}, ""},
      {"nis2", "cloud", {{"data_compromised", 1}, {"malicious", 1}}, "cloud_malicious"},
      {"nis2", "cloud", {{"data_compromised", 1}, {"data_users_share", 6}}, "cloud_data"},
      {"nis2", "data_centre", {{"limited", 61}}, "data_centre_limited"},
      {"nis2", "data_centre", {{"physical_access", 1}}, "data_centre_access"},
      {"nis2", "marketplace", {{"unavailable", 1}, {"users_share", 6}}, "marketplace_unavailable"},
      {"nis2", "marketplace", {{"unavailable", 1}, {"users_share", 5}}, ""},
      {"nis2", "trust_services", {{"unavailable", 20}}, ""},
      {"nis2", "trust_services", {{"unavailable", 21}}, "trust_services_unavailable"},
      {"nis2", "trust_services", {{"unavailable_week", 61}}, "trust_services_week"},
      {"nis2", "trust_services", {{"data_compromised", 1}, {"data_users", 101}}, "trust_services_data"},
      {"dora", "", {{"critical_services", 1}, {"malicious_access", 1}}, "access"},
      {"dora", "", {{"malicious_access", 1}}, ""},
      {"dora", "", {{"critical_services", 1}, {"clients_share", 11}}, ""},
      {"dora", "", {{"critical_services", 1}, {"clients_share", 11}, {"clients", 200000}}, ""},  // one threshold
      {"dora", "", {{"critical_services", 1}, {"clients_share", 11}, {"downtime", 3}}, "thresholds"},
      {"dora", "", {{"clients_share", 11}, {"downtime", 3}}, ""},
      {"dora", "", {{"critical_services", 1}, {"member_states", 2}, {"cost", 100001}}, "thresholds"},
      {"dora", "", {{"critical_services", 1}, {"member_states", 1}, {"cost", 100001}}, ""},
      {"cra", "", {{"vulnerability", 1}}, "vulnerability"},
      {"template", "", {{"unavailable", 5}, {"people", 10000}}, "outage"},
  };
  for (const auto& c : kCases) {
    const auto regime = shipped(c.regime);
    const SignificanceProposal got = propose_significance(*regime, stated(*regime, c.facts, c.role));
    std::string held;
    for (const CriterionFinding& f : got.findings)
      if (f.judged.truth == Truth::yes) held += (held.empty() ? "" : ",") + f.id;
    std::string trace = std::string{c.regime} + ' ' + c.role;
    for (const Fact& fact : c.facts) trace += ' ' + std::string{fact.id} + '=' + std::to_string(fact.value);
    SCOPED_TRACE(trace);
    EXPECT_EQ(held, c.want);
    EXPECT_EQ(got.proposal, *c.want == '\0' ? Proposal::not_proposed : Proposal::proposed);
    EXPECT_FALSE(got.reasons.empty());
  }
}

TEST(Significance, SaysWhyAndWhatItDoesNotKnow) {
  const auto regime = shipped("nis2");
  Facts facts;
  EXPECT_EQ(propose_significance(*regime, facts).proposal, Proposal::cannot_say);
  facts.values["unavailable"] = 45.0;
  facts.roles.insert("cloud");
  SignificanceProposal got = propose_significance(*regime, facts);
  EXPECT_EQ(got.proposal, Proposal::proposed);
  const std::vector<std::string> want{
      "completely unavailable for more than 30 minutes (Implementing Regulation (EU) 2024/2690, Article 7(a)): "
      "complete "
      "unavailability: 45 minutes (more than 30 minutes: yes)",
      "unless scheduled interruption or maintenance (Implementing Regulation (EU) 2024/2690, Article 3(2)): not "
      "stated: "
      "scheduled interruption or planned consequence of scheduled maintenance"};
  EXPECT_EQ(got.reasons, want);
  facts.values["scheduled"] = true;
  got = propose_significance(*regime, facts);
  EXPECT_EQ(got.proposal, Proposal::not_proposed);
  EXPECT_EQ(got.reasons.size(), 1U);
  Diagnostics diagnostics;
  const auto bare = ReportingRegime::load(
      "version: 1\nid: b\ntitle: B\njurisdiction: J\nsource: S\ntrigger: aware_at\n"
      "stages: [{id: s, title: T, source: S, within: 1h, after: trigger}]\n",
      "b.yaml", diagnostics);
  ASSERT_TRUE(bare) << diagnostics.to_string();
  EXPECT_EQ(propose_significance(*bare, facts).proposal, Proposal::cannot_say);
}

TEST(Significance, APersonDecides) {
  const auto regime = shipped("cra");
  Facts facts;
  facts.values["vulnerability"] = true;
  const SignificanceProposal proposed = propose_significance(*regime, facts);
  EXPECT_EQ(decide_significance(proposed, {true, " ", "", {}, {}}).error().code, Errc::invalid_argument);
  EXPECT_EQ(decide_significance(proposed, {false, "ada", "", {}, {}}).error().what,
            "the proposal was 'proposed': say why this is decided in another way");
  const auto agreed = decide_significance(proposed, {true, "ada", "", at("2026-10-01T08:00:00Z"), {}});
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->proposal, Proposal::proposed);
  EXPECT_TRUE(decide_significance(proposed, {false, "ada", "a test", {}, {}}));
  // Where the facts do not say, the person does.
  const SignificanceProposal open = propose_significance(*regime, {});
  EXPECT_FALSE(decide_significance(open, {true, "ada", "", {}, {}}));
  EXPECT_TRUE(decide_significance(open, {true, "ada", "the maker says so", {}, {}}));
}

}  // namespace
}  // namespace nw::reporting
