#include "context/norms/law.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "base/yaml.h"
#include "context/norms/regime_policy.h"
#include "context/norms/wording.h"
#include "source_directory.h"

namespace nw::context {
namespace {

std::string shipped_file(const std::string& name) {
  std::ifstream in{std::string{source_directory()} + "/rules/norms/" + name, std::ios::binary};
  EXPECT_TRUE(in) << name;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

constexpr std::string_view kTwo = R"(version: 1
instruments: {C: Charter, P: Protocol}
hooks:
  - {id: c-1, instrument: C, article: art. 1, says: S, regimes: [peacetime, armed_conflict]}
  - {id: p-2, instrument: P, article: art. 2, says: T, regimes: [armed_conflict], kinds: [iac], flags: [medical], review: needed}
)";

std::string replaced(std::string_view from, std::string_view to) {
  std::string text{kTwo};
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

RegimePeriod period(ConflictKind kind) {
  RegimePeriod out;
  out.kind = kind;
  out.territory = {"AT"};
  return out;
}

RegimeInForce conflict(const RegimePeriod& of) { return {Regime::armed_conflict, {&of}}; }

TEST(Law, ReadsEveryPart) {
  Diagnostics diagnostics;
  const auto law = Law::load(kTwo, "law.yaml", diagnostics);
  ASSERT_TRUE(law) << diagnostics.to_string();
  ASSERT_EQ(law->all().size(), 2U);
  const LawHook* hook = law->find("p-2");
  ASSERT_NE(hook, nullptr);
  EXPECT_EQ(hook->citation(), "P art. 2");
  EXPECT_EQ(hook->says, "T");
  EXPECT_FALSE(hook->peacetime);
  EXPECT_TRUE(hook->armed_conflict);
  EXPECT_EQ(hook->kinds, std::vector<ConflictKind>{ConflictKind::iac});
  EXPECT_EQ(hook->flags, std::vector<std::string>{"medical"});
  EXPECT_FALSE(hook->reviewed);
  EXPECT_TRUE(law->find("c-1")->reviewed);
  EXPECT_EQ(law->instrument("P"), "Protocol");
  EXPECT_EQ(law->instrument("Q"), "");
  EXPECT_EQ(law->find("x"), nullptr);
}

TEST(Law, Refuses) {
  const struct {
    const char* name;
    std::string text;
    const char* code;
    std::size_t line;
  } kCases[] = {
      {"nothing", "", "bad-document", 0},
      {"other version", replaced("version: 1", "version: 2"), "bad-version", 1},
      {"unknown key", replaced("says: S", "says: S, say: S"), "unknown-key", 4},
      {"no hooks", "version: 1\ninstruments: {}\nhooks: []\n", "wrong-type", 3},
      {"instruments a list", replaced("{C: Charter, P: Protocol}", "[C]"), "wrong-type", 2},
      {"instrument without a name", replaced("C: Charter", "C: ''"), "bad-text", 2},
      {"instrument unknown", replaced("instrument: C", "instrument: D"), "unknown-instrument", 4},
      {"id with a blank", replaced("id: c-1", "id: c 1"), "bad-id", 4},
      {"id twice", replaced("id: p-2", "id: c-1"), "duplicate-hook", 5},
      {"no article", replaced("article: art. 1, ", ""), "missing-key", 4},
      {"empty words", replaced("says: S", "says: ' '"), "bad-text", 4},
      {"long words", replaced("says: S", "says: " + std::string(601, 'x')), "bad-text", 4},
      {"regime unknown", replaced("[peacetime, armed_conflict]", "[peace]"), "unknown-word", 4},
      {"no regime", replaced("[peacetime, armed_conflict]", "[]"), "empty-list", 4},
      {"kinds in peacetime", replaced("regimes: [armed_conflict]", "regimes: [peacetime]"), "wrong-type", 5},
      {"kind unknown", replaced("kinds: [iac]", "kinds: [niacs]"), "unknown-word", 5},
      {"flag with a capital", replaced("[medical]", "[Medical]"), "bad-id", 5},
      {"reviewed by another word", replaced("review: needed", "review: done"), "wrong-type", 5},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    EXPECT_EQ(Law::load(c.text, "law.yaml", diagnostics), nullptr);
    const auto same = [&c](const Diagnostic& d) { return d.code == c.code && (c.line == 0 || d.mark.line == c.line); };
    EXPECT_TRUE(std::any_of(diagnostics.all().begin(), diagnostics.all().end(), same)) << diagnostics.to_string();
  }
}

TEST(Law, CitesByRegimeAndKind) {
  Diagnostics diagnostics;
  const auto law = Law::load(kTwo, "law.yaml", diagnostics);
  ASSERT_TRUE(law);
  Norm norm;
  norm.peacetime_hooks = {"c-1"};
  norm.conflict_hooks = {"p-2", "gone"};
  const std::vector<std::string> flags{"medical", "cultural"}, none;
  const RegimePeriod iac = period(ConflictKind::iac), niac = period(ConflictKind::niac);
  using Texts = std::vector<std::string>;
  EXPECT_EQ(law->citations(&norm, {}, flags), Texts{"C art. 1"}) << "peacetime cites no law of armed conflict";
  EXPECT_EQ(law->citations(&norm, conflict(iac), flags),
            (Texts{"C art. 1", "P art. 2", "object carries protection flag medical: P art. 2"}));
  EXPECT_EQ(law->citations(&norm, conflict(niac), flags), Texts{"C art. 1"}) << "the Protocol is of the other kind";
  EXPECT_EQ(law->citations(nullptr, conflict(iac), flags), Texts{"object carries protection flag medical: P art. 2"});
  EXPECT_EQ(law->citations(&norm, conflict(iac), none), (Texts{"C art. 1", "P art. 2"}));
  EXPECT_TRUE(law->protects("medical", conflict(iac)));
  EXPECT_FALSE(law->protects("medical", conflict(niac)));
  EXPECT_FALSE(law->protects("medical", {}));
  EXPECT_FALSE(law->protects("cultural", conflict(iac)));
}

TEST(Law, NormsNameHooksThatSpeak) {
  Diagnostics diagnostics;
  const auto law = Law::load(kTwo, "law.yaml", diagnostics);
  const auto catalogue = NormCatalogue::load(
      "version: 1\nnorms:\n  - {id: 13f, source: {doc: D, para: P}, role: harm, title: {en: E, fr: F, es: S, ru: R, "
      "zh: Z, ar: A},\n     paraphrase: P, asks: [a], limits: [l], evidence: [e], addressee: state, sectors: any,\n"
      "     hooks: {peacetime: [c-1, c-2, p-2], armed_conflict: [c-1, p-2]}}\n",
      "n.yaml", diagnostics);
  ASSERT_TRUE(law && catalogue) << diagnostics.to_string();
  check_hooks(*catalogue, "n.yaml", *law, diagnostics);
  EXPECT_EQ(diagnostics.to_string(),
            "n.yaml:5:13: unknown-hook: norm 13f names hook 'c-2', which the hooks of law do not have (did you mean "
            "'c-1'?): law.yaml beside the catalogue lists them\n"
            "n.yaml:5:13: unknown-hook: hook 'p-2' does not speak in peacetime: name it under the other regime, or "
            "correct its 'regimes'\n");
}

TEST(ShippedLaw, IsWholeAndKeepsTheWordingContract) {
  Diagnostics diagnostics;
  const auto law = Law::load(shipped_file("law.yaml"), "law.yaml", diagnostics);
  const auto catalogue = NormCatalogue::load(shipped_file("catalogue.yaml"), "catalogue.yaml", diagnostics);
  ASSERT_TRUE(law && catalogue) << diagnostics.to_string();
  check_hooks(*catalogue, "catalogue.yaml", *law, diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  EXPECT_EQ(forbidden_words(shipped_file("law.yaml")), std::vector<std::string>{});
  std::set<std::string> named;
  for (const Norm& norm : catalogue->all()) {
    EXPECT_FALSE(norm.conflict_hooks.empty()) << norm.id;
    named.insert(norm.peacetime_hooks.begin(), norm.peacetime_hooks.end());
    named.insert(norm.conflict_hooks.begin(), norm.conflict_hooks.end());
  }
  const std::vector<ConflictKind> niac_only{ConflictKind::niac}, iac_only{ConflictKind::iac, ConflictKind::occupation};
  for (const LawHook& hook : law->all()) {
    SCOPED_TRACE(hook.id);
    EXPECT_EQ(hook.flags.empty(), named.contains(hook.id)) << "a hook is a norm's, or a protection flag's";
    EXPECT_TRUE(hook.flags.empty() || !hook.peacetime) << "protected objects are a matter of armed conflict";
    EXPECT_TRUE(hook.instrument != "AP II" || hook.kinds == niac_only);
    EXPECT_TRUE((hook.instrument != "AP I" && !hook.instrument.starts_with("GC ")) || hook.kinds == iac_only);
  }
  // Each flag that protects an object has a hook in a conflict of either kind.
  const RegimePeriod iac = period(ConflictKind::iac), niac = period(ConflictKind::niac);
  for (const char* flag :
       {"medical", "indispensable", "dangerous_forces", "humanitarian", "civil_defence", "cultural"}) {
    EXPECT_TRUE(law->protects(flag, conflict(iac))) << flag;
    EXPECT_EQ(law->protects(flag, conflict(niac)), std::string_view{flag} != "civil_defence") << flag;
  }
}

TEST(RegimePolicies, ReadsAndRefuses) {
  const std::string good =
      "version: 1\nregimes:\n  peacetime: {severity_step: 0, retention_days: 30, tlp: green, share: [a]}\n"
      "  armed_conflict: {severity_step: 2, retention_days: 60, tlp: amber+strict, share: []}\n";
  Diagnostics diagnostics;
  const auto policies = RegimePolicies::load(good, "regimes.yaml", diagnostics);
  ASSERT_TRUE(policies) << diagnostics.to_string();
  EXPECT_EQ(policies->of(Regime::peacetime).retention_days, 30U);
  EXPECT_EQ(policies->of(Regime::peacetime).share, std::vector<std::string>{"a"});
  EXPECT_EQ(policies->of(Regime::armed_conflict).severity_step, 2);
  EXPECT_EQ(policies->of(Regime::armed_conflict).tlp, "amber+strict");
  const struct {
    const char *name, *from, *to, *code;
  } kCases[] = {
      {"version", "version: 1", "version: 3", "bad-version"},
      {"unknown key", "share: [a]", "share: [a], shares: []", "unknown-key"},
      {"unknown regime", "  peacetime:", "  war: {}\n  peacetime:", "unknown-key"},
      {"regime missing", "  armed_conflict:", "  armed_conflicts:", "missing-key"},
      {"step too large", "severity_step: 2", "severity_step: 5", "wrong-type"},
      {"no days", "retention_days: 30", "retention_days: 0", "wrong-type"},
      {"label", "tlp: green", "tlp: white", "wrong-type"},
      {"share missing", ", share: []", "", "missing-key"},
      {"share empty text", "share: [a]", "share: ['']", "bad-text"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string text = good;
    text.replace(text.find(c.from), std::string_view{c.from}.size(), c.to);
    Diagnostics found;
    EXPECT_EQ(RegimePolicies::load(text, "r.yaml", found), nullptr);
    const auto same = [&c](const Diagnostic& d) { return d.code == c.code; };
    EXPECT_TRUE(std::any_of(found.all().begin(), found.all().end(), same)) << found.to_string();
  }
}

TEST(RegimePolicies, TheShippedOneGetsStricterInConflict) {
  Diagnostics diagnostics;
  const auto policies = RegimePolicies::load(shipped_file("regimes.yaml"), "regimes.yaml", diagnostics);
  ASSERT_TRUE(policies) << diagnostics.to_string();
  const RegimePolicy &peace = policies->of(Regime::peacetime), &war = policies->of(Regime::armed_conflict);
  EXPECT_EQ(peace.severity_step, 0);
  EXPECT_GT(war.severity_step, 0);
  EXPECT_GT(war.retention_days, peace.retention_days);
  EXPECT_EQ(stricter_tlp(peace.tlp, war.tlp), war.tlp);
  EXPECT_EQ(forbidden_words(shipped_file("regimes.yaml")), std::vector<std::string>{});
}

TEST(RegimePolicies, TheStricterLabel) {
  EXPECT_EQ(stricter_tlp("amber", "green"), "amber");
  EXPECT_EQ(stricter_tlp("amber", "amber+strict"), "amber+strict");
  EXPECT_EQ(stricter_tlp("red", ""), "red");
  EXPECT_EQ(stricter_tlp("", "clear"), "clear");
  EXPECT_EQ(stricter_tlp("", ""), "");
  EXPECT_EQ(stricter_tlp("amber", "pink"), "red") << "a label that we do not know was meant to keep something in";
}

}  // namespace
}  // namespace nw::context
