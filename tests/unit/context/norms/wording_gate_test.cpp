#include "context/norms/wording_gate.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "base/yaml.h"
#include "context/norms/norms.h"
#include "context/norms/wording.h"
#include "source_directory.h"

namespace nw::context {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot{source_directory()};

std::string whole_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

const WordingGate& shipped_gate() {
  static const auto gate = [] {
    Diagnostics diagnostics;
    auto loaded = WordingGate::load(whole_file(kRoot / "rules/norms/wording.yaml"), "wording.yaml", diagnostics);
    EXPECT_EQ(diagnostics.to_string(), "");
    return loaded;
  }();
  return *gate;
}

std::vector<std::string> held(std::string_view text) {
  std::vector<std::string> out;
  for (const WordingFinding& finding : shipped_gate().check(text)) {
    EXPECT_EQ(text.substr(finding.offset, finding.word.size()), finding.word);
    out.push_back(finding.word);
  }
  return out;
}

TEST(WordingGate, HoldsInSixLanguages) {
  static const struct {
    const char* name;
    const char* text;
    std::vector<std::string> want;
  } kCases[] = {
      {"plain", "A write from 192.0.2.7 to a controller engages norm 13f. Please check your logs.", {}},
      {"empty", "", {}},
      {"the disclaimer", "Not an attribution. Source addresses can be forged, relayed or shared.", {}},
      {"en authorship", "The ATTRIBUTION is clear: who is responsible?", {"ATTRIBUTION", "responsible"}},
      {"en allowed", "Thank you for responsible disclosure; responsible State behaviour in cyberspace.", {}},
      {"en guilt", "This violates the norm and is a war crime.", {"violates", "war crime"}},
      {"en sponsorship, hyphen or blank",
       "state-sponsored and State sponsored",
       {"state-sponsored", "State sponsored"}},
      {"en over a line's end", "state-\nsponsored", {"state-\nsponsored"}},
      {"two sentences are no phrase", "It names the state. Sponsored by nobody.", {}},
      {"en country", "hosts in Russia, china and North Korea", {"Russia", "china", "North Korea"}},
      {"en needs a capital", "a turkey in the kitchen; Turkey", {"Turkey"}},
      {"en people", "Iranian-made, russians, the Chinese", {"Iranian", "russians", "Chinese"}},
      {"en exact", "let us know; the US; U.S. hosts", {"US", "U.S"}},
      {"possessive", "China's networks", {"China"}},
      {"inside another word", "Chinatown inviolate", {}},
      {"numbers",
       "APT28, apt-41, APT 29, UNC2452, FIN7, Storm-0558",
       {"APT28", "apt-41", "APT 29", "UNC2452", "FIN7", "Storm-0558"}},
      {"no group", "apt 28 packages; TA0001; fin 2026; port 28", {}},
      {"families", "Fancy Bear, Volt Typhoon; a polar bear in a heavy typhoon", {"Fancy Bear", "Volt Typhoon"}},
      {"names", "the lazarus tools", {"lazarus"}},
      {"fr",
       "L'attribution vise un État : le service est russe, soutenu par un État étranger, Corée du Nord",
       {"attribution", "russe", "soutenu par un État", "Corée du Nord"}},
      {"fr without accents", "Coree du Nord", {"Coree du Nord"}},
      {"fr clean", "Le responsable du traitement a corrigé l'attribut de la ressource.", {}},
      {"es",
       "Los responsables son rusos; patrocinados por un Estado, violación, Irán",
       {"responsables", "rusos", "patrocinados por un Estado", "violación", "Irán"}},
      {"ru", "Россия стоит за атакой, российские хакеры, Китай", {"Россия", "стоит за атакой", "российские", "Китай"}},
      {"ru capitals", "ВИНОВНИК", {"ВИНОВНИК"}},
      {"ru clean", "Нарушение работы службы. Индикатор компрометации, корень дерева, отправить того", {}},
      {"zh", "攻击来自中国，归因于国家支持的团体", {"中国", "归因", "国家支持"}},
      {"zh over a line's end", "俄罗\n斯", {"俄罗\n斯"}},
      {"zh allowed", "今日本机构与其中国家级系统、上海地区", {}},
      {"zh beside latin", "APT28在俄罗斯", {"APT28", "俄罗斯"}},
      {"ar", "روسيا مسؤولة عن الهجوم", {"روسيا", "مسؤولة عن الهجوم"}},
      {"ar article and prefixes", "والصين وبالروسية لإيران", {"والصين", "وبالروسية", "لإيران"}},
      {"ar vowel signs and alef", "إِيرَان", {"إِيرَان"}},
      {"ar clean", "هذا الحدث يتصل بالقاعدة 13f في القطاع المالي", {}},
      {"zero width", "Rus\xe2\x80\x8bsia", {"Rus\xe2\x80\x8bsia"}},
      {"soft hyphen", "perpe\xc2\xadtrator", {"perpe\xc2\xadtrator"}},
      {"full width", "\xef\xbc\xb2ussia", {"\xef\xbc\xb2ussia"}},
      {"look-alikes", "Russi\xd0\xb0", {"Russi\xd0\xb0"}},
      {"accents put on", "R\xc3\xbcssia", {"R\xc3\xbcssia"}},
      {"no UTF-8", "\xff Russia \xfe", {"Russia"}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(held(c.text), c.want);
  }
}

TEST(WordingGate, SaysLanguageReasonAndPlace) {
  const auto found = shipped_gate().check("In \xd0\xa0\xd0\xbe\xd1\x81\xd1\x81\xd0\xb8\xd1\x8f: APT28, guilty");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].language, "ru");
  EXPECT_EQ(found[0].reason, WordingReason::country);
  EXPECT_EQ(found[0].offset, 3U);
  EXPECT_EQ(found[1].language, "any");
  EXPECT_EQ(found[1].reason, WordingReason::actor);
  EXPECT_EQ(found[2].reason, WordingReason::guilt);
}

TEST(WordingGate, AQuoteNeedsANameAndAReason) {
  const std::string_view text = "The victim is in Austria; APT28 is guilty.";
  const auto judge = [&](std::vector<WordingOverride> overrides) { return shipped_gate().judge(text, overrides); };
  EXPECT_EQ(judge({}).held.size(), 3U);
  EXPECT_EQ(judge({{"Austria", "", "where the victim is"}}).held.size(), 3U);
  EXPECT_EQ(judge({{"Austria", "Ada", " "}}).held.size(), 3U);
  EXPECT_EQ(judge({{"Australia", "Ada", "where the victim is"}}).held.size(), 3U);
  const auto verdict =
      judge({{"austria", "Ada", "where the victim is"}, {"APT28", "Ada", "x"}, {"guilty", "Ada", "x"}});
  ASSERT_EQ(verdict.passed.size(), 1U) << "only a place can be quoted";
  EXPECT_EQ(verdict.passed[0].finding.word, "Austria");
  EXPECT_EQ(verdict.passed[0].by.by, "Ada");
  EXPECT_EQ(verdict.passed[0].by.why, "where the victim is");
  ASSERT_EQ(verdict.held.size(), 2U);
  EXPECT_EQ(verdict.held[0].word, "APT28");
}

// Whatever our own texts must not say, others' must not either.
TEST(WordingGate, KnowsWhatOurTextsMustNotSay) {
  for (const char* word :
       {"attributed", "attribution", "culprit", "guilty",   "perpetrators", "state-backed", "state-sponsored",
        "violates",   "violation",   "Afghan",  "American", "Brazilian",    "Chinese",      "Dutch",
        "Iranian",    "Korean",      "Polish",  "Russians", "Swiss",        "Zimbabwean"}) {
    EXPECT_FALSE(forbidden_words(word).empty()) << word;
    EXPECT_FALSE(held(word).empty()) << word;
  }
}

TEST(WordingGate, CountsEveryMemberOfTheLanguages) {
  const std::string text = whole_file(kRoot / "rules/norms/wording.yaml");
  EXPECT_GT(shipped_gate().size(), 2000U);
  Diagnostics diagnostics;
  const auto root = parse_yaml(text, "wording.yaml", diagnostics);
  ASSERT_EQ(root.size(), 1U);
  for (const std::string_view language : kLanguages) {
    for (const std::string_view reason : {"authorship", "guilt", "sponsorship", "country"}) {
      const auto& groups = root[0].find("groups")->items;
      const auto same = [&](const YamlNode& group) {
        return group.find("language")->scalar == language && group.find("reason")->scalar == reason;
      };
      EXPECT_TRUE(std::any_of(groups.begin(), groups.end(), same)) << language << ' ' << reason;
    }
  }
}

TEST(WordingGate, Refuses) {
  const std::string good =
      "version: 1\ngroups:\n  - {language: en, reason: guilt, any_case: [\"guilt*\", two words], numbered: [\"apt#\"], "
      "families: [bear]}\nallowed:\n  - {language: en, phrases: [no guilt]}\n";
  Diagnostics diagnostics;
  EXPECT_TRUE(WordingGate::load(good, "w.yaml", diagnostics)) << diagnostics.to_string();
  const struct {
    const char *name, *from, *to, *code;
  } kCases[] = {
      {"version", "version: 1", "version: 2", "bad-version"},
      {"unknown key", "reason: guilt", "reason: guilt, reasons: x", "unknown-key"},
      {"reason", "reason: guilt", "reason: guild", "wrong-type"},
      {"language", "{language: en, reason", "{language: de, reason", "wrong-type"},
      {"star in the middle", "guilt*", "gu*ilt", "bad-word"},
      {"star alone", "guilt*", "*", "bad-word"},
      {"no letters", "two words", "...", "bad-word"},
      {"one letter", "two words", "a", "bad-word"},
      {"mixed scripts", "two words", "\xe4\xb8\xad x", "bad-word"},
      {"twice", "two words", "\"guilt*\"", "duplicate-word"},
      {"number first", "apt#", "#apt", "bad-word"},
      {"no number", "apt#", "apt", "bad-word"},
      {"family of two", "[bear]", "[big bear]", "bad-word"},
      {"a map as a word", "two words", "{a: b}", "bad-word"},
      {"words no list", "[bear]", "bear", "wrong-type"},
      {"allowed missing", "allowed:", "allow:", "missing-key"},
      {"phrases missing", "phrases:", "phrase:", "missing-key"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string text = good;
    ASSERT_NE(text.find(c.from), std::string::npos);
    text.replace(text.find(c.from), std::string_view{c.from}.size(), c.to);
    Diagnostics found;
    EXPECT_EQ(WordingGate::load(text, "w.yaml", found), nullptr);
    const auto same = [&c](const Diagnostic& d) { return d.code == c.code && d.mark.line != 0; };
    EXPECT_TRUE(std::any_of(found.all().begin(), found.all().end(), same)) << found.to_string();
  }
}

TEST(WordingGate, EveryPrefixOfATextIsChecked) {
  const std::string text =
      "\xd0\xa0\xd0\xbe\xd1\x81\xd1\x81\xd0\xb8\xd1\x8f \xe4\xb8\xad\xe5\x9b\xbd APT 28 Fancy Bear";
  for (std::size_t size = 0; size <= text.size(); ++size)
    static_cast<void>(held(std::string_view{text}.substr(0, size)));
}

// ---- our own texts ----

// The string literals of a C++ source, without those of #include lines; adjacent ones are one.
std::vector<std::string> literals_of(const std::string& code) {
  std::vector<std::string> out;
  bool adjacent = false;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code.compare(i, 2, "//") == 0 || (code[i] == '#' && (i == 0 || code[i - 1] == '\n'))) {
      while (i < code.size() && code[i] != '\n') ++i;
    } else if (code.compare(i, 2, "/*") == 0) {
      i = std::min(code.find("*/", i + 2), code.size() - 2) + 1;
    } else if (code[i] == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(code[i - 1])) == 0) {
      for (++i; i < code.size() && code[i] != '\''; ++i) i += code[i] == '\\' ? 1U : 0U;
      adjacent = false;
    } else if (code.compare(i, 2, "R\"") == 0) {
      const std::size_t open = code.find('(', i);
      const std::string close = ')' + code.substr(i + 2, open - i - 2) + '"';
      const std::size_t end = code.find(close, open);
      out.push_back(code.substr(open + 1, end - open - 1));
      i = end + close.size() - 1;
    } else if (code[i] == '"') {
      if (!adjacent) out.emplace_back();
      for (++i; i < code.size() && code[i] != '"'; ++i) {
        if (code[i] != '\\') {
          out.back() += code[i];
          continue;
        }
        ++i;
        out.back() += code[i] == '"' || code[i] == '\\' ? code[i] : ' ';
      }
      adjacent = true;
    } else if (std::isspace(static_cast<unsigned char>(code[i])) == 0) {
      adjacent = false;
    }
  }
  return out;
}

TEST(Literals, AreFound) {
  EXPECT_EQ(
      literals_of("#include \"x.h\"\nf(\"a\" /* \"no\" */\n  \"b\", '\"', \"c\\\"d\"); // \"no\"\n1'000 R\"(e)\""),
      (std::vector<std::string>{"ab", "c\"d", "e"}));
}

// Every message that people read: of the record, the outputs, the commands, the console.
TEST(OurTexts, MessageTemplatesKeepTheWordingContract) {
  std::size_t files = 0, texts = 0;
  for (const char* folder : {"record", "export", "console", "app", "context", "detect"}) {
    for (const auto& entry : fs::recursive_directory_iterator{kRoot / "daemon" / folder}) {
      const std::string name = entry.path().filename().string();
      if (!entry.is_regular_file() || (!name.ends_with(".cpp") && !name.ends_with(".h"))) continue;
      if (name.starts_with("wording")) continue;  // the words themselves
      ++files;
      for (const std::string& text : literals_of(whole_file(entry.path()))) {
        ++texts;
        // Names for machines: of the disclaimer, and of a part of MISP's JSON.
        if (text == "not_attribution" || text == "Attribute") continue;
        EXPECT_EQ(forbidden_words(text), std::vector<std::string>{}) << entry.path() << ": " << text;
        EXPECT_EQ(held(text), std::vector<std::string>{}) << entry.path() << ": " << text;
      }
    }
  }
  EXPECT_GT(files, 100U);
  EXPECT_GT(texts, 3000U);
}

// What rules and the data of norms say to people: texts in YAML, of every language.
void texts_of(const YamlNode& node, std::vector<std::string>& out) {
  if (node.kind == YamlNode::Kind::scalar) out.push_back(node.scalar);
  for (const YamlNode& item : node.items) texts_of(item, out);
  for (const auto& [key, value] : node.members) texts_of(value, out);
}

TEST(OurTexts, RulesAndNormsKeepTheWordingContract) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator{kRoot / "rules"}) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || !(name.ends_with(".yml") || name.ends_with(".yaml"))) continue;
    if (name == "wording.yaml") continue;
    ++files;
    Diagnostics diagnostics;
    std::vector<std::string> texts;
    for (const YamlNode& document : parse_yaml(whole_file(entry.path()), name, diagnostics)) texts_of(document, texts);
    for (const std::string& text : texts) {
      EXPECT_EQ(forbidden_words(text), std::vector<std::string>{}) << entry.path() << ": " << text;
      EXPECT_EQ(held(text), std::vector<std::string>{}) << entry.path() << ": " << text;
    }
  }
  EXPECT_GT(files, 40U);
}

}  // namespace
}  // namespace nw::context
