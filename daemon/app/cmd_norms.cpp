// `normwatch norms`: the catalogue of norms as people read it, and the gate for texts that go out.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "app/commands.h"
#include "app/norm_files.h"
#include "app/rules_load.h"
#include "base/text.h"
#include "context/norms/wording_gate.h"

namespace nw::app {

namespace {

using context::Norm;

constexpr OptionSpec kLanguageOption{"lang", "LANG", "titles in en, fr, es, ru, zh or ar (default en)"};
constexpr OptionSpec kCatalogueOption{"config", "FILE", "its norm catalogue and rules (default: the embedded ones)"};

constexpr OptionSpec kListOptions[] = {
    kLanguageOption, {"json", "", "one JSON object per norm and line"}, kCatalogueOption};
constexpr CommandSpec kListSpec{"norms list",
                                "",
                                "the eleven norms: id, role, title by normwatch",
                                "Titles are ours, not official; the official documents are linked by `norms show`.\n"
                                "Exit status: 0, 64 unknown language, 78 the catalogue has errors.",
                                kListOptions,
                                0,
                                0};

constexpr OptionSpec kShowOptions[] = {
    kLanguageOption,         {"regime", "REGIME", "hooks of law in peacetime or armed_conflict (default: both)"},
    {"json", "", "as JSON"}, kPermissiveOption,
    kPlaceholdersOption,     kCatalogueOption};
constexpr CommandSpec kShowSpec{
    "norms show",
    "NORM",
    "all that the catalogue says of a norm, the law beside it, and the rules that engage it",
    "NORM is 13a to 13k.\nExit status: 0, 64 no such norm, language or regime, 65 a rule is "
    "wrong, 78 the catalogue has errors.",
    kShowOptions,
    1,
    1};

constexpr OptionSpec kGateOptions[] = {{"quote", "WORD", "a country or people that is quoted as where a victim is"},
                                       {"by", "NAME", "who answers for the quote"},
                                       {"why", "TEXT", "why; both are told for the log"},
                                       kCatalogueOption};
constexpr CommandSpec kGateSpec{
    "norms gate",
    "FILE [--quote WORD --by NAME --why TEXT]",
    "hold an outgoing text that says who did it, or names States or groups",
    "FILE is text in UTF-8; '-' is standard input. Six languages. What is held needs an "
    "assessment by people first.\nExit status: 0 it may go, 64 a quote without its name and "
    "reason, 65 it is held, 66 no such file, 78 the words have errors.",
    kGateOptions,
    1,
    1};

constexpr std::size_t kGateBytesMax = std::size_t{16} << 20;

bool known_language(const std::string& language) {
  if (std::ranges::find(context::kLanguages, language) != context::kLanguages.end()) return true;
  complain("--lang: no titles in '" + printable(language, 64) + "'; there are en, fr, es, ru, zh and ar");
  return false;
}

// Arabic runs from right to left: an isolate keeps it from turning the line around it (Unicode UAX 9).
std::string shown(std::string_view text, std::string_view language) {
  const std::string safe = printable(text, 2048);
  return language == "ar" ? "\xe2\x81\xa7" + safe + "\xe2\x81\xa9" : safe;
}

// For a terminal only, and not where NO_COLOR is set (no-color.org).
bool styled() {
  const char* none = std::getenv("NO_COLOR");
  return (none == nullptr || *none == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

struct Loaded {
  Config config;
  NormFiles norms;
};

std::optional<Loaded> load(const Options& options, ExitCode& code) {
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  Loaded out;
  if (config) {
    out.config = std::move(*config);
    out.norms = read_norm_files(out.config.norms_file, diagnostics);
  }
  code = report(diagnostics, nullptr);
  if (!config || !out.norms.catalogue || !out.norms.law || !out.norms.policies) return std::nullopt;
  return out;
}

void add_text(std::string_view name, std::string_view text, std::string& out) {
  out.append(out.empty() || out.back() == '{' ? "\"" : ",\"").append(name).append("\":");
  append_json_string(text, out);
}

void add_list(std::string_view name, const std::vector<std::string>& texts, std::string& out) {
  out.append(",\"").append(name).append("\":[");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(texts[i], out);
  }
  out += ']';
}

bool to_review(const Norm& norm, std::string_view language) {
  return std::ranges::find(norm.titles_to_review, language) != norm.titles_to_review.end();
}

ExitCode list(const Options& options) {
  const std::string language = options.get("lang", "en");
  if (!known_language(language)) return kExitUsage;
  ExitCode code = kExitOk;
  const auto loaded = load(options, code);
  if (!loaded) return code;
  for (const Norm& norm : loaded->norms.catalogue->all()) {
    if (options.has("json")) {
      std::string line = "{";
      add_text("id", norm.id, line);
      add_text("role", norm.role, line);
      add_text("language", language, line);
      add_text("title_by_normwatch", norm.title(language), line);
      line += std::string{",\"title_to_review\":"} + (to_review(norm, language) ? "true}" : "false}");
      std::puts(line.c_str());
    } else {
      std::printf("%s  %-9s  %s%s\n", norm.id.c_str(), norm.role.c_str(), shown(norm.title(language), language).c_str(),
                  to_review(norm, language) ? "  (wants a native reader)" : "");
    }
  }
  if (!options.has("json")) std::puts("titles by normwatch: the norms have no official ones");
  return kExitOk;
}

// One rule that engages the norm.
struct Engaging {
  std::string level, id, title, state;
};

std::vector<Engaging> engaging(const sigma::RuleSet& rules, std::string_view norm) {
  std::vector<Engaging> out;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const sigma::RuleInfo& info = rules.info(i);
    if (info.norm == norm)
      out.push_back({std::string{sigma::to_string(info.level)}, info.id, info.title,
                     std::string{sigma::to_string(rules.state(i))}});
  }
  return out;
}

class NormPage {
 public:
  NormPage(const Norm& norm, const context::Law& law, std::string language, bool style)
      : norm_{norm}, law_{law}, language_{std::move(language)}, style_{style} {}

  void print(bool peacetime, bool conflict, const std::vector<Engaging>& rules) const {
    head(norm_.id + "  " + shown(norm_.title(language_), language_));
    std::printf("  title by normwatch%s; the official text: %s\n",
                to_review(norm_, language_) ? ", wants a native reader" : "", norm_.official_text(language_).c_str());
    std::printf("  source: %s, paragraph %s; role: %s; addressee: %s; sectors:", norm_.document.c_str(),
                norm_.paragraph.c_str(), norm_.role.c_str(), norm_.addressee.c_str());
    for (const std::string& sector : norm_.sectors) std::printf(" %s", printable(sector).c_str());
    std::putchar('\n');
    for (const auto& explanation : norm_.explained_by)
      std::printf("  explained by: %s, paragraphs %s%s\n", printable(explanation.document).c_str(),
                  printable(explanation.paragraphs).c_str(), unreviewed(explanation.reviewed));
    head("In our words");
    std::printf("  %s\n", printable(norm_.paraphrase, 1024).c_str());
    texts("Asks", norm_.asks);
    texts("Limits, shown with every alert", norm_.limits);
    texts("Evidence that a case file needs", norm_.evidence);
    if (!norm_.kept.empty()) head("Of that, kept for an alert by the daemon itself");
    for (const auto& [form, evidence] : norm_.kept)
      std::printf("  - as %s: %s\n", form.c_str(), printable(evidence, 1024).c_str());
    if (peacetime) hooks("Law, always", norm_.peacetime_hooks);
    if (conflict) hooks("Law that armed conflict adds", norm_.conflict_hooks);
    if (!norm_.see_also.empty()) head("See also");
    for (const auto& companion : norm_.see_also)
      std::printf("  %s: %s%s\n", printable(companion.document).c_str(), printable(companion.maps, 1024).c_str(),
                  unreviewed(companion.reviewed));
    head("Rules that engage it");
    for (const Engaging& rule : rules)
      std::printf("  %-13s %-18s %s  %s\n", rule.level.c_str(), rule.state.c_str(), rule.id.c_str(),
                  printable(rule.title).c_str());
    if (rules.empty()) std::puts("  none");
  }

 private:
  static const char* unreviewed(bool reviewed) { return reviewed ? "" : " (not yet compared with the document)"; }

  void head(const std::string& text) const { std::printf(style_ ? "\x1b[1m%s\x1b[0m\n" : "%s\n", text.c_str()); }
  void texts(const char* title, const std::vector<std::string>& lines) const {
    head(title);
    for (const std::string& line : lines) std::printf("  - %s\n", printable(line, 1024).c_str());
  }
  void hooks(const char* title, const std::vector<std::string>& ids) const {
    head(title);
    for (const std::string& id : ids) {
      const context::LawHook* hook = law_.find(id);
      if (hook == nullptr) continue;  // reported when they were read
      std::string kinds;
      for (const context::ConflictKind kind : hook->kinds)
        kinds.append(kinds.empty() ? " [" : ", ").append(to_string(kind));
      std::printf("  %s%s%s: %s%s\n", hook->citation().c_str(), kinds.c_str(), kinds.empty() ? "" : "]",
                  printable(hook->says, 1024).c_str(), unreviewed(hook->reviewed));
    }
    if (ids.empty()) std::puts("  none");
  }

  const Norm& norm_;
  const context::Law& law_;
  std::string language_;
  bool style_;
};

std::string hooks_json(const context::Law& law, const std::vector<std::string>& ids) {
  std::string out = "[";
  for (const std::string& id : ids) {
    const context::LawHook* hook = law.find(id);
    if (hook == nullptr) continue;
    std::string one = "{";
    add_text("id", hook->id, one);
    add_text("citation", hook->citation(), one);
    add_text("instrument", law.instrument(hook->instrument), one);
    add_text("says", hook->says, one);
    std::vector<std::string> kinds;
    for (const context::ConflictKind kind : hook->kinds) kinds.emplace_back(to_string(kind));
    add_list("kinds", kinds, one);
    one += std::string{",\"reviewed\":"} + (hook->reviewed ? "true}" : "false}");
    out += (out.size() == 1 ? "" : ",") + one;
  }
  return out + ']';
}

std::string norm_json(const Norm& norm, const context::Law& law, std::string_view language, bool peacetime,
                      bool conflict, const std::vector<Engaging>& rules) {
  std::string out = "{";
  add_text("id", norm.id, out);
  add_text("document", norm.document, out);
  add_text("paragraph", norm.paragraph, out);
  add_text("role", norm.role, out);
  add_text("addressee", norm.addressee, out);
  add_text("language", language, out);
  add_text("title_by_normwatch", norm.title(language), out);
  out += std::string{",\"title_to_review\":"} + (to_review(norm, language) ? "true" : "false");
  add_text("official_text", norm.official_text(language), out);
  add_text("paraphrase", norm.paraphrase, out);
  add_list("sectors", norm.sectors, out);
  add_list("asks", norm.asks, out);
  add_list("limits", norm.limits, out);
  add_list("evidence", norm.evidence, out);
  out += ",\"evidence_kept\":[";
  for (const auto& [form, evidence] : norm.kept) {
    std::string one = "{";
    add_text("form", form, one);
    add_text("evidence", evidence, one);
    out += (out.back() == '[' ? "" : ",") + one + '}';
  }
  out += ']';
  out += ",\"explained_by\":[";
  for (const auto& explanation : norm.explained_by) {
    std::string one = "{";
    add_text("document", explanation.document, one);
    add_text("paragraphs", explanation.paragraphs, one);
    one += std::string{",\"reviewed\":"} + (explanation.reviewed ? "true}" : "false}");
    out += (out.back() == '[' ? "" : ",") + one;
  }
  out += "],\"see_also\":[";
  for (const auto& companion : norm.see_also) {
    std::string one = "{";
    add_text("document", companion.document, one);
    add_text("maps", companion.maps, one);
    one += std::string{",\"reviewed\":"} + (companion.reviewed ? "true}" : "false}");
    out += (out.back() == '[' ? "" : ",") + one;
  }
  out += "],\"hooks\":{";
  if (peacetime) out += "\"peacetime\":" + hooks_json(law, norm.peacetime_hooks);
  if (conflict) out += (peacetime ? "," : "") + ("\"armed_conflict\":" + hooks_json(law, norm.conflict_hooks));
  out += "},\"rules\":[";
  for (const Engaging& rule : rules) {
    std::string one = "{";
    add_text("id", rule.id, one);
    add_text("title", rule.title, one);
    add_text("level", rule.level, one);
    add_text("state", rule.state, one);
    out += (out.back() == '[' ? "" : ",") + one + '}';
  }
  return out + "]}";
}

ExitCode show(const Options& options) {
  const std::string language = options.get("lang", "en"), regime = options.get("regime");
  if (!known_language(language)) return kExitUsage;
  if (!regime.empty() && std::ranges::find(context::kRegimes, regime) == context::kRegimes.end()) {
    complain("--regime is peacetime or armed_conflict" + did_you_mean(regime, context::kRegimes));
    return kExitUsage;
  }
  ExitCode code = kExitOk;
  const auto loaded = load(options, code);
  if (!loaded) return code;
  const Norm* norm = loaded->norms.catalogue->find(to_ascii_lower(options.words()[0]));
  if (norm == nullptr) {
    complain("there is no norm '" + printable(options.words()[0], 64) + "'; they are 13a to 13k: normwatch norms list");
    return kExitUsage;
  }
  Diagnostics diagnostics;
  const LoadedRules rules = load_rules(options, {}, {}, diagnostics);
  report(diagnostics, nullptr);
  if (!rules.rules) return kExitData;
  const std::vector<Engaging> engaged = engaging(*rules.rules, norm->id);
  // A conflict adds to what always holds.
  const bool conflict = regime != "peacetime";
  if (options.has("json"))
    std::puts(norm_json(*norm, *loaded->norms.law, language, true, conflict, engaged).c_str());
  else
    NormPage{*norm, *loaded->norms.law, language, styled()}.print(true, conflict, engaged);
  return kExitOk;
}

// "line:column" of a byte; columns count characters.
std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto column = std::count_if(before.begin() + static_cast<std::ptrdiff_t>(start), before.end(),
                                    [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }) +
                      1;
  return std::to_string(line) + ':' + std::to_string(column);
}

Result<std::string> read_outgoing(const std::string& file) {
  if (file != "-") return read_text_file(file, kGateBytesMax);
  std::string text;
  std::array<char, 64 * 1024> part;
  for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), stdin)) != 0;) {
    text.append(part.data(), got);
    if (text.size() > kGateBytesMax) return Error{Errc::io, "standard input is larger than 16 MiB"};
  }
  if (std::ferror(stdin) != 0) return Error{Errc::io, "standard input cannot be read"};
  return text;
}

void print_finding(const std::string& file, std::string_view text, const context::WordingFinding& finding,
                   const std::string& more) {
  std::printf("%s:%s: %s (%s, %s)%s\n", printable(file).c_str(), place_of(text, finding.offset).c_str(),
              shown(finding.word, finding.language).c_str(), std::string{to_string(finding.reason)}.c_str(),
              std::string{finding.language}.c_str(), more.c_str());
}

ExitCode gate(const Options& options) {
  std::vector<context::WordingOverride> overrides;
  for (const std::string& word : options.all("quote"))
    overrides.push_back({word, options.get("by"), options.get("why")});
  if (!overrides.empty() && (trim(options.get("by")).empty() || trim(options.get("why")).empty())) {
    complain("a quote needs --by and --why: somebody answers for it");
    return kExitUsage;
  }
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  const auto words = read_norm_companion(config->norms_file, "wording.yaml", diagnostics);
  const auto loaded = words ? context::WordingGate::load(words->text, words->file, diagnostics) : nullptr;
  if (!loaded) return report(diagnostics, nullptr);
  const std::string& file = options.words()[0];
  const auto text = read_outgoing(file);
  if (!text) {
    complain(text.error().what);
    return exit_code(text.error().code);
  }
  const auto verdict = loaded->judge(*text, overrides);
  for (const auto& passed : verdict.passed)
    print_finding(file, *text, passed.finding,
                  " quoted, " + printable(passed.by.by) + " answers for it: " + printable(passed.by.why));
  for (const context::WordingFinding& finding : verdict.held) print_finding(file, *text, finding, "");
  if (verdict.held.empty()) return kExitOk;
  complain("held: " + std::to_string(verdict.held.size()) +
           " words that a sensor cannot know; take them out, or have people assess the matter first");
  return kExitData;
}

std::span<const Command> norms_commands() {
  static constexpr std::array<Command, 3> kCommands{{{&kListSpec, list}, {&kShowSpec, show}, {&kGateSpec, gate}}};
  return kCommands;
}

constexpr CommandSpec kSpec{"norms", "", "the norms in six languages, the law beside them; hold outgoing texts", "", {},
                            0,       0};

}  // namespace

const Command kNorms{&kSpec, nullptr, norms_commands};

}  // namespace nw::app
