#include "detect/sigma/lint.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#include "base/text.h"
#include "base/yaml.h"
#include "detect/sigma/grip.h"

namespace nw::sigma {

namespace {

constexpr auto kCodes = std::to_array<std::string_view>({
    "attack-revoked",
    "attack-tactic",
    "bad-references",
    "bad-related",
    "date-format",
    "duplicate-title",
    "missing-level",
    "missing-status",
    "no-literal",
    "no-trigger",
    "norm-folder",
    "rsit-tag",
    "shipped-rule",
});
static_assert(std::ranges::is_sorted(kCodes));

constexpr std::array<std::string_view, 5> kRelations{"derived", "merged", "obsolete", "renamed", "similar"};

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// "2026-11-24", and a day that there is.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U})
    if (!ascii_digit(text[i])) return false;
  return std::chrono::year_month_day{std::chrono::year{number(text.substr(0, 4))},
                                     std::chrono::month{static_cast<unsigned>(number(text.substr(5, 2)))},
                                     std::chrono::day{static_cast<unsigned>(number(text.substr(8, 2)))}}
      .ok();
}

// The norm whose folder the file lies in; empty: none.
std::string_view norm_folder(std::string_view file) {
  for (const std::string_view part : split(file, '/'))
    if (part.size() == 3 && part.starts_with("13") && part[2] >= 'a' && part[2] <= 'k') return part;
  return {};
}

// What people read in a rule: one document of YAML. Faults that refuse a document are the reader's to tell.
class DocumentLint {
 public:
  DocumentLint(const LintOptions& options, Diagnostics& diagnostics) : options_{options}, diagnostics_{diagnostics} {}

  void look(const RuleText& text) {
    file_ = text.file;
    Diagnostics ignored;
    const auto documents = parse_yaml(text.text, text.file, ignored);
    if (!ignored.ok()) return;
    // In a collection a document takes what it lacks from another.
    const bool collection =
        std::ranges::any_of(documents, [](const YamlNode& document) { return document.find("action") != nullptr; });
    for (const YamlNode& document : documents)
      if (document.kind == YamlNode::Kind::map) look(document, collection);
  }

 private:
  struct Place {
    std::string file;
    std::size_t line = 0;
  };

  void warn(Mark mark, std::string_view code, std::string text, std::string hint) {
    diagnostics_.warning(file_, mark, code, std::move(text), std::move(hint));
  }

  void look(const YamlNode& document, bool collection) {
    taken(document, "title", "duplicate-title", titles_);
    for (const std::string_view key : {std::string_view{"date"}, std::string_view{"modified"}})
      if (const YamlNode* date = document.find(key);
          date != nullptr && date->kind == YamlNode::Kind::scalar && !is_date(date->scalar))
        warn(date->mark, "date-format", "'" + printable(date->scalar, 32) + "' is no date",
             "write year-month-day: 2026-11-24");
    if (!collection && document.find("detection") != nullptr)
      for (const auto& [key, code] : {std::pair{"level", "missing-level"}, std::pair{"status", "missing-status"}})
        if (document.find(key) == nullptr)
          warn(document.mark, code, "the rule has no '" + std::string{key} + "'",
               key[0] == 'l' ? "it counts as medium" : "it counts as experimental");
    references(document.find("references"));
    related(document.find("related"));
    tags(document.find("tags"));
  }

  void taken(const YamlNode& document, std::string_view key, std::string_view code,
             std::map<std::string, Place, std::less<>>& seen) {
    const YamlNode* node = document.find(key);
    if (node == nullptr || node->scalar.empty()) return;
    const auto [other, fresh] = seen.try_emplace(to_ascii_lower(node->scalar), Place{file_, node->mark.line});
    if (!fresh)
      warn(node->mark, code, "the " + std::string{key} + " '" + printable(node->scalar, 64) + "' is taken",
           "by " + other->second.file + ':' + std::to_string(other->second.line));
  }

  void references(const YamlNode* node) {
    if (node == nullptr) return;
    const bool good = node->kind == YamlNode::Kind::sequence &&
                      std::ranges::all_of(node->items, [](const YamlNode& item) { return !item.scalar.empty(); });
    if (!good) warn(node->mark, "bad-references", "'references' is a list of texts", "start each entry with '-'");
  }

  void related(const YamlNode* node) {
    if (node == nullptr) return;
    for (const YamlNode& entry : node->items) {
      const YamlNode *id = entry.find("id"), *type = entry.find("type");
      if (id == nullptr || type == nullptr)
        warn(entry.mark, "bad-related", "an entry of 'related' has an 'id' and a 'type'",
             "write - {id: ..., type: derived}");
      else if (std::ranges::find(kRelations, type->scalar) == kRelations.end())
        warn(type->mark, "bad-related",
             "'" + printable(type->scalar, 32) + "' is no relation" + did_you_mean(type->scalar, kRelations),
             "write derived, merged, obsolete, renamed or similar");
    }
  }

  void tags(const YamlNode* node) {
    if (node == nullptr) return;
    constexpr std::string_view kAttack = "attack.", kRsit = "rsit.";
    for (const YamlNode& tag : node->items) {
      const std::string_view text = tag.scalar;
      if (options_.attack != nullptr && text.starts_with(kAttack)) attack(tag, text.substr(kAttack.size()));
      if (!options_.rsit.empty() && text.starts_with(kRsit)) rsit(tag, text.substr(kRsit.size()));
    }
  }

  void rsit(const YamlNode& tag, std::string_view name) {
    if (std::ranges::binary_search(options_.rsit, name)) return;
    const std::vector<std::string_view> known{options_.rsit.begin(), options_.rsit.end()};
    warn(tag.mark, "rsit-tag",
         "'" + printable(tag.scalar, 96) + "' is no kind of incident of RSIT" + did_you_mean(name, known),
         "'normwatch taxonomy show rsit' lists them");
  }

  void attack(const YamlNode& tag, std::string_view name) {
    const Attack& attack = *options_.attack;
    const std::string since = "in ATT&CK " + attack.version;
    if (const auto found = attack.revoked.find(name); found != attack.revoked.end()) {
      warn(tag.mark, "attack-revoked", "'" + tag.scalar + "' is revoked " + since, "write attack." + found->second);
    } else if (attack.deprecated.contains(name)) {
      warn(tag.mark, "attack-revoked", "'" + tag.scalar + "' is deprecated " + since, "it has no successor");
    } else if (const auto renamed = attack.renamed_tactics.find(name); renamed != attack.renamed_tactics.end()) {
      std::string now;
      for (const std::string& tactic : renamed->second) now += (now.empty() ? "write attack." : " or attack.") + tactic;
      warn(tag.mark, "attack-tactic", "the tactic of '" + tag.scalar + "' is no longer there " + since, now);
    } else if (!is_attack_number(name) && std::ranges::find(attack.tactics, name) == attack.tactics.end()) {
      const std::vector<std::string_view> known{attack.tactics.begin(), attack.tactics.end()};
      warn(tag.mark, "attack-tactic",
           "'" + printable(tag.scalar, 64) + "' is no tactic " + since + did_you_mean(name, known),
           "write a tactic's name with '-', or a number");
    }
  }

  const LintOptions& options_;
  Diagnostics& diagnostics_;
  std::string file_;
  std::map<std::string, Place, std::less<>> titles_;
};

// What the matcher makes of a rule.
void look(const Rule& rule, Diagnostics& diagnostics) {
  const RuleInfo& info = rule.info;
  switch (grip(rule)) {
    case Grip::firm: break;
    case Grip::loose:
      diagnostics.warning(info.file, rule.condition.mark, "no-literal",
                          "no value and no " + std::to_string(kLiteralBytes) + " bytes of text must be in an event",
                          "it is evaluated for every event of its log source: add a literal that must be there");
      break;
    case Grip::none:
      diagnostics.warning(info.file, rule.condition.mark, "no-trigger", "it can hold although nothing positive does",
                          "it is evaluated for every event of its log source: say what must be there");
      break;
  }
  const std::string_view folder = norm_folder(info.file);
  if (!folder.empty() && folder != info.norm)
    diagnostics.warning(info.file, info.mark, "norm-folder",
                        "it lies in the folder of norm " + std::string{folder} + " and engages " +
                            (info.norm.empty() ? "none" : info.norm),
                        "add normwatch: {norm: " + std::string{folder} + "}, or move it");
}

}  // namespace

std::span<const std::string_view> lint_codes() { return kCodes; }

void lint_rules(std::span<const RuleText> texts, std::span<const Rule> rules, const LintOptions& options,
                Diagnostics& diagnostics) {
  DocumentLint documents{options, diagnostics};
  for (const RuleText& text : texts) documents.look(text);
  for (const Rule& rule : rules) look(rule, diagnostics);
  if (options.shipped != nullptr) lint_shipped(texts, rules, *options.shipped, diagnostics);
}

}  // namespace nw::sigma
