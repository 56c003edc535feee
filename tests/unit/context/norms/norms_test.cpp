#include "context/norms/norms.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "base/yaml.h"
#include "context/norms/wording.h"
#include "source_directory.h"

namespace nw::context {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

const std::string kShipped = std::string{source_directory()} + "/rules/norms/catalogue.yaml";

std::shared_ptr<const NormCatalogue> shipped() {
  Diagnostics diagnostics;
  auto catalogue = NormCatalogue::load(read_file(kShipped), "catalogue.yaml", diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  return catalogue;
}

constexpr std::string_view kOne = R"(version: 1
norms:
  - id: 13f
    source: {doc: A/70/174, para: 13(f)}
    explained_by: [{doc: A/76/135, paras: 42-46, review: needed}, {doc: X, paras: 1}]
    role: harm
    title: {en: E, fr: F, es: S, ru: {text: R, review: needed}, zh: Z, ar: {text: A}}
    paraphrase: P
    asks: [one]
    limits: [a, b]
    evidence: [e]
    addressee: state
    see_also: [{doc: D, maps: M, review: needed}, {doc: X, maps: N}]
    sectors: [water.supply, response.cert]
    hooks: {peacetime: [one, two], armed_conflict: [three]}
)";

std::string replaced(std::string_view from, std::string_view to) {
  std::string text{kOne};
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(NormCatalogue, ReadsEveryPart) {
  Diagnostics diagnostics;
  const auto catalogue = NormCatalogue::load(kOne, "n.yaml", diagnostics);
  ASSERT_TRUE(catalogue) << diagnostics.to_string();
  const Norm* norm = catalogue->find("13f");
  ASSERT_NE(norm, nullptr);
  EXPECT_EQ(norm->document, "A/70/174");
  EXPECT_EQ(norm->paragraph, "13(f)");
  ASSERT_EQ(norm->explained_by.size(), 2U);
  EXPECT_EQ(norm->explained_by[0].paragraphs, "42-46");
  EXPECT_FALSE(norm->explained_by[0].reviewed);
  EXPECT_TRUE(norm->explained_by[1].reviewed);
  EXPECT_EQ(norm->role, "harm");
  EXPECT_EQ(norm->title(), "E");
  EXPECT_EQ(norm->title("ru"), "R");
  EXPECT_EQ(norm->title("ar"), "A");
  EXPECT_EQ(norm->title("xx"), "E");
  EXPECT_EQ(norm->titles_to_review, std::vector<std::string>{"ru"});
  EXPECT_EQ(norm->limits, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(norm->addressee, "state");
  ASSERT_EQ(norm->see_also.size(), 2U);
  EXPECT_EQ(norm->see_also[0].document + norm->see_also[0].maps, "DM");
  EXPECT_FALSE(norm->see_also[0].reviewed);
  EXPECT_TRUE(norm->see_also[1].reviewed);
  EXPECT_EQ(norm->sectors, (std::vector<std::string>{"water.supply", "response.cert"}));
  EXPECT_EQ(norm->peacetime_hooks, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(norm->conflict_hooks, std::vector<std::string>{"three"});
  EXPECT_EQ(norm->official_text("fr"), "https://docs.un.org/fr/A/70/174");
  EXPECT_EQ(norm->engages(), "engages norm 13f (A/70/174): E");
  EXPECT_EQ(catalogue->find("13a"), nullptr);
  EXPECT_EQ(catalogue->find(""), nullptr);
}

TEST(NormCatalogue, SaysWhatTheDaemonKeepsOfTheEvidence) {
  Diagnostics diagnostics;
  const auto catalogue = NormCatalogue::load(
      replaced("evidence: [e]", "evidence: [{text: a, kept_as: [packets, line]}, e, {text: b, kept_as: exchange}]"),
      "n.yaml", diagnostics);
  ASSERT_NE(catalogue, nullptr) << diagnostics.to_string();
  const Norm* norm = catalogue->find("13f");
  ASSERT_NE(norm, nullptr);
  EXPECT_EQ(norm->evidence, (std::vector<std::string>{"a", "e", "b"}));
  EXPECT_EQ(norm->kept,
            (std::vector<std::pair<std::string, std::string>>{{"packets", "a"}, {"line", "a"}, {"exchange", "b"}}));
}

TEST(NormCatalogue, Refuses) {
  const struct {
    const char* name;
    std::string text;
    const char* code;
    std::size_t line;
  } kCases[] = {
      {"nothing", "", "bad-document", 0},
      {"two documents", std::string{kOne} + "---\n" + std::string{kOne}, "bad-document", 0},
      {"no map", "- a\n", "wrong-type", 1},
      {"other version", replaced("version: 1", "version: 2"), "bad-version", 1},
      {"no norms", "version: 1\nnorms: []\n", "wrong-type", 2},
      {"unknown key", replaced("role: harm", "role: harm\n    rol: harm"), "unknown-key", 7},
      {"unknown key at the top", replaced("version: 1", "version: 1\nversions: 2"), "unknown-key", 2},
      {"id outside a to k", replaced("id: 13f", "id: 13l"), "bad-id", 3},
      {"id too long", replaced("id: 13f", "id: 13ff"), "bad-id", 3},
      {"no id", replaced("id: 13f\n    ", ""), "missing-key", 3},
      {"unknown role", replaced("role: harm", "role: harms"), "wrong-type", 6},
      {"language missing", replaced("zh: Z, ", ""), "missing-key", 7},
      {"language unknown", replaced("zh: Z", "zh: Z, de: D"), "unknown-key", 7},
      {"title empty", replaced("zh: Z", "zh: ''"), "bad-text", 7},
      {"review with another word", replaced("text: R, review: needed", "text: R, review: done"), "wrong-type", 7},
      {"paraphrase too long", replaced("paraphrase: P", "paraphrase: " + std::string(601, 'x')), "bad-text", 8},
      {"limits empty", replaced("limits: [a, b]", "limits: []"), "empty-list", 10},
      {"evidence missing", replaced("    evidence: [e]\n", ""), "missing-key", 3},
      {"evidence empty", replaced("evidence: [e]", "evidence: []"), "empty-list", 11},
      {"evidence of no form", replaced("evidence: [e]", "evidence: [{text: e}]"), "missing-key", 11},
      {"evidence of an empty list of forms", replaced("evidence: [e]", "evidence: [{text: e, kept_as: []}]"),
       "empty-list", 11},
      {"evidence of an unknown form", replaced("evidence: [e]", "evidence: [{text: e, kept_as: [packet]}]"),
       "unknown-word", 11},
      {"evidence without a text", replaced("evidence: [e]", "evidence: [{kept_as: [line]}]"), "missing-key", 11},
      {"evidence that is a list", replaced("evidence: [e]", "evidence: [[e]]"), "wrong-type", 11},
      {"addressee unknown", replaced("addressee: state", "addressee: person"), "wrong-type", 12},
      {"addressee missing", replaced("    addressee: state\n", ""), "missing-key", 3},
      {"companion without what maps", replaced("doc: X, maps: N", "doc: X"), "missing-key", 13},
      {"sectors empty", replaced("sectors: [water.supply, response.cert]", "sectors: []"), "empty-list", 14},
      {"any beside another", replaced("[water.supply,", "[any,"), "bad-sector", 14},
      {"sector with capitals", replaced("water.supply", "Water"), "bad-sector", 14},
      {"hooks of one regime", replaced(", armed_conflict: [three]", ""), "missing-key", 15},
      {"hooks of another regime", replaced("armed_conflict: [three]", "armed_conflict: [], war: []"), "unknown-key",
       15},
      {"source without a paragraph", replaced(", para: 13(f)", ""), "missing-key", 4},
      {"twice", std::string{kOne} + std::string{kOne.substr(kOne.find("  - id"))}, "duplicate-norm", 16},
      {"no YAML", "version: [", "yaml-syntax", 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    EXPECT_EQ(NormCatalogue::load(c.text, "n.yaml", diagnostics), nullptr);
    ASSERT_FALSE(diagnostics.all().empty());
    const auto same = [&c](const Diagnostic& d) { return d.code == c.code && (c.line == 0 || d.mark.line == c.line); };
    EXPECT_TRUE(std::any_of(diagnostics.all().begin(), diagnostics.all().end(), same)) << diagnostics.to_string();
  }
}

TEST(NormCatalogue, TheLongestTextIsTaken) {
  Diagnostics diagnostics;
  EXPECT_TRUE(NormCatalogue::load(replaced("paraphrase: P", "paraphrase: " + std::string(600, 'x')), "n", diagnostics));
}

TEST(NormCatalogue, EveryPrefixIsRefusedOrRead) {
  std::size_t read = 0;
  for (std::size_t size = 0; size < kOne.size(); ++size) {
    Diagnostics diagnostics;
    const auto catalogue = NormCatalogue::load(kOne.substr(0, size), "n.yaml", diagnostics);
    EXPECT_EQ(catalogue == nullptr, !diagnostics.ok()) << size;
    if (catalogue) ++read;
  }
  EXPECT_LE(read, 2U);  // only the last bytes can be spared
}

TEST(ShippedCatalogue, HasTheElevenNorms) {
  const auto catalogue = shipped();
  ASSERT_TRUE(catalogue);
  ASSERT_EQ(catalogue->all().size(), 11U);
  for (std::size_t i = 0; i < 11; ++i) {
    const Norm& norm = catalogue->all()[i];
    const char letter = static_cast<char>('a' + i);
    SCOPED_TRACE(norm.id);
    EXPECT_EQ(norm.id, std::string{"13"} + letter);
    EXPECT_EQ(norm.document, "A/70/174");
    EXPECT_EQ(norm.paragraph, std::string{"13("} + letter + ")");
    EXPECT_EQ(catalogue->find(norm.id), &norm);
    ASSERT_EQ(norm.titles.size(), kLanguages.size());
    for (std::size_t l = 0; l < kLanguages.size(); ++l) {
      EXPECT_EQ(norm.titles[l].first, kLanguages[l]);
      for (std::size_t other = 0; other < l; ++other) EXPECT_NE(norm.titles[l].second, norm.titles[other].second);
    }
    EXPECT_EQ(norm.limits.front(), "A norm addresses States; a sensor sees packets and log lines.");
    EXPECT_GE(norm.limits.size(), 2U);
  }
  EXPECT_EQ(catalogue->find("13f")->engages(), "engages norm 13f (A/70/174): Do not damage critical infrastructure");
  EXPECT_EQ(catalogue->find("13e")->role, "safeguard");
}

// Letters of the script that a language is written in: a title in the wrong row would show.
TEST(ShippedCatalogue, TitlesAreInTheirScript) {
  static constexpr struct {
    std::string_view language;
    unsigned char lead_least, lead_most;  // first byte of its letters in UTF-8
  } kScripts[] = {{"ru", 0xd0, 0xd1}, {"zh", 0xe3, 0xe9}, {"ar", 0xd8, 0xd9}};
  const auto catalogue = shipped();
  ASSERT_TRUE(catalogue);
  for (const Norm& norm : catalogue->all()) {
    for (const auto& script : kScripts) {
      const auto lead = static_cast<unsigned char>(norm.title(script.language).front());
      EXPECT_GE(lead, script.lead_least) << norm.id << script.language;
      EXPECT_LE(lead, script.lead_most) << norm.id << script.language;
    }
    for (const char* latin : {"en", "fr", "es"})
      EXPECT_LT(static_cast<unsigned char>(norm.title(latin).front()), 0x80) << norm.id << latin;
  }
}

TEST(ShippedCatalogue, KeepsTheWordingContract) {
  EXPECT_EQ(forbidden_words(read_file(kShipped)), std::vector<std::string>{});
}

// The JSON Schema names the same keys, roles and languages as the reader.
TEST(ShippedCatalogue, SchemaAgreesWithTheReader) {
  Diagnostics diagnostics;
  const std::string text = read_file(std::string{source_directory()} + "/rules/norms/norms.schema.json");
  const auto documents = parse_yaml(text, "norms.schema.json", diagnostics);  // JSON is YAML
  ASSERT_EQ(documents.size(), 1U) << diagnostics.to_string();
  const YamlNode* norm = documents[0].find("$defs")->find("norm");
  ASSERT_NE(norm, nullptr);
  std::vector<std::string> keys;
  for (const auto& [key, value] : norm->find("properties")->members) keys.push_back(key.scalar);
  EXPECT_EQ(keys, (std::vector<std::string>{"id", "source", "explained_by", "role", "title", "paraphrase", "asks",
                                            "limits", "evidence", "addressee", "see_also", "sectors", "hooks"}));
  std::vector<std::string> roles;
  for (const YamlNode& item : norm->find("properties")->find("role")->find("enum")->items) roles.push_back(item.scalar);
  EXPECT_EQ(roles, (std::vector<std::string>{"harm", "protect", "duty", "safeguard"}));
  std::vector<std::string> forms;
  const YamlNode* piece = documents[0].find("$defs")->find("evidence")->find("oneOf");
  for (const YamlNode& item :
       piece->items.at(1).find("properties")->find("kept_as")->find("items")->find("enum")->items)
    forms.push_back(item.scalar);
  EXPECT_TRUE(std::equal(forms.begin(), forms.end(), kKeptForms.begin(), kKeptForms.end()));
  std::vector<std::string> languages;
  for (const auto& [key, value] : norm->find("properties")->find("title")->find("properties")->members)
    languages.push_back(key.scalar);
  EXPECT_TRUE(std::equal(languages.begin(), languages.end(), kLanguages.begin(), kLanguages.end()));
}

TEST(Wording, FindsWhatMustNotBeSaid) {
  static const struct {
    const char* name;
    const char* text;
    std::vector<std::string> want;
  } kCases[] = {
      {"plain", "The event engages norm 13f.", {}},
      {"empty", "", {}},
      {"violates", "This violates norm 13f.", {"violates"}},
      {"any case", "A VIOLATION", {"VIOLATION"}},
      {"inside a word it is another word", "inviolate", {}},
      {"authorship", "attributed to the perpetrators", {"attributed", "perpetrators"}},
      {"the disclaimer is allowed", "Not an attribution. Source addresses can be forged, relayed or shared.", {}},
      {"half the disclaimer is not", "Not an attribution.", {"attribution"}},
      {"disclaimer, then more",
       "Not an attribution. Source addresses can be forged, relayed or shared. Guilty.",
       {"Guilty"}},
      {"nationality", "a Chinese or Russian host", {"Chinese", "Russian"}},
      {"plural", "the Americans", {"Americans"}},
      {"compound", "Iranian-made", {"Iranian-made"}},
      {"lower case is another word", "to polish a german silver plate", {}},
      {"state-sponsored", "state-sponsored group", {"state-sponsored"}},
      {"last word", "who is the culprit", {"culprit"}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(forbidden_words(c.text), c.want);
  }
}

}  // namespace
}  // namespace nw::context
