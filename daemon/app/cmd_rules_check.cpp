// `normwatch rules check`: everything that loading a set would say of it, and what is worth a second look.
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <tuple>

#include "app/commands.h"
#include "app/embedded.h"
#include "app/rules_load.h"
#include "app/taxonomies.h"
#include "base/text.h"
#include "context/registry/vocabulary.h"
#include "detect/sigma/lint.h"

namespace nw::app {

namespace {

constexpr std::string_view kTaxonomy = "config/taxonomy/attack.yaml";
constexpr std::string_view kPack = "rules/norms/detections.yaml";

constexpr OptionSpec kOptions[] = {
    kPermissiveOption,
    kSourcesOption,
    kPlaceholdersOption,
    {"attack", "FILE", "another ATT&CK taxonomy than the embedded one"},
    {"norm-required", "", "each rule must name the norm that it engages (the embedded rules must anyway)"},
    {"shipped", "", "each rule must say all that a rule of our own pack has to (rules/README.md)"},
    {"strict", "", "warnings fail the check too"},
    {"json", "", "one JSON object for each fault and warning, then one with the summary"},
    {"quiet", "", "print errors only"},
};

constexpr CommandSpec kSpec{
    "rules check",
    "[PATH...]",
    "check rules: what refuses them, what is worth a second look, and whether they can fire",
    "PATH is a rule file or a folder of them; without one: those of --config, else the embedded ones.\n"
    "Errors and warnings are file:line:column: code: text: hint; daemon/detect/sigma/README.md explains each code.\n"
    "live: an event can fire the rule. dormant: no source feeds it, or nothing produces a field that it needs,\n"
    "or it is for events that a later part of the program will make (not fed).\n"
    "unsatisfiable: its condition contradicts itself. Only live rules are coverage.\n"
    "Exit status: 0 sound, perhaps with warnings; 65 a rule is refused (0 with --permissive), or with --strict a "
    "warning.",
    kOptions,
    0,
    10'000};

struct Summary {
  std::size_t rules = 0, refused = 0, shadow = 0, errors = 0;
  sigma::FilterSummary filters;
  std::size_t variables = 0, variables_set = 0;
  std::vector<std::pair<std::string_view, std::size_t>> states;
  std::map<std::string, std::size_t> warnings;  // by code
};

Summary sum_up(const sigma::RuleSet& rules, const Diagnostics& diagnostics) {
  Summary out;
  out.rules = rules.size();
  out.refused = rules.refused();
  out.errors = diagnostics.errors();
  out.filters = rules.filters();
  for (std::size_t state = 0; state < sigma::kRuleStates; ++state)
    out.states.emplace_back(sigma::to_string(static_cast<sigma::RuleState>(state)), 0);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    ++out.states[static_cast<std::size_t>(rules.state(i))].second;
    if (rules.info(i).shadow) ++out.shadow;
    for (const sigma::Variable& variable : rules.info(i).variables) {
      ++out.variables;
      if (variable.set) ++out.variables_set;
    }
  }
  for (const Diagnostic& d : diagnostics.all())
    if (d.severity == Severity::warning) ++out.warnings[d.code];
  return out;
}

// By place: what reading, checking and linting say of one rule stands together.
Diagnostics sorted(const Diagnostics& diagnostics) {
  std::vector<Diagnostic> all = diagnostics.all();
  std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.file, a.mark.line, a.mark.column) < std::tie(b.file, b.mark.line, b.mark.column);
  });
  Diagnostics out;
  for (const Diagnostic& d : all)
    d.severity == Severity::error ? out.error(d.file, d.mark, d.code, d.text, d.hint)
                                  : out.warning(d.file, d.mark, d.code, d.text, d.hint);
  return out;
}

void print_summary_json(const Summary& summary) {
  std::string line = "{\"rules\":" + std::to_string(summary.rules) + ",\"refused\":" + std::to_string(summary.refused) +
                     ",\"shadow\":" + std::to_string(summary.shadow) + ",\"errors\":" + std::to_string(summary.errors) +
                     ",\"states\":{";
  std::string_view comma;
  for (const auto& [state, count] : summary.states) {
    line += std::string{comma} + '"' + std::string{state} + "\":" + std::to_string(count);
    comma = ",";
  }
  line += "},\"warnings\":{";
  comma = "";
  for (const auto& [code, count] : summary.warnings) {
    line += std::string{comma} + '"' + code + "\":" + std::to_string(count);
    comma = ",";
  }
  line += "},\"filters\":{\"active\":" + std::to_string(summary.filters.active) +
          ",\"expired\":" + std::to_string(summary.filters.expired) +
          ",\"refused\":" + std::to_string(summary.filters.refused);
  line += "},\"variables\":{\"documented\":" + std::to_string(summary.variables) +
          ",\"set\":" + std::to_string(summary.variables_set);
  std::puts((line + "}}").c_str());
}

void print_text(const Summary& summary) {
  std::printf("rules: %zu loaded, %zu refused, %zu shadow\nstates:", summary.rules, summary.refused, summary.shadow);
  for (const auto& [state, count] : summary.states)
    std::printf(" %.*s %zu", static_cast<int>(state.size()), state.data(), count);
  if (const sigma::FilterSummary& filters = summary.filters; filters.active + filters.expired + filters.refused != 0)
    std::printf("\nfilters: %zu active, %zu expired, %zu refused%s", filters.active, filters.expired, filters.refused,
                filters.next_expiry ? (", the next ends " + to_rfc3339(*filters.next_expiry)).c_str() : "");
  if (summary.variables != 0)
    std::printf("\nvariables: %zu documented, %zu set", summary.variables, summary.variables_set);
  std::size_t total = 0;
  for (const auto& [code, count] : summary.warnings) total += count;
  std::printf("\nerrors: %zu  warnings: %zu\n", summary.errors, total);
  for (const auto& [code, count] : summary.warnings) std::printf("  %6zu %s\n", count, code.c_str());
}

std::optional<sigma::Attack> load_attack(const Options& options, Diagnostics& diagnostics) {
  if (!options.has("attack")) return sigma::Attack::load(embedded_file(kTaxonomy), kTaxonomy, diagnostics);
  const std::string file = options.get("attack");
  const auto text = read_text_file(file);
  if (text) return sigma::Attack::load(*text, file, diagnostics);
  diagnostics.error(file, {}, "unreadable", text.error().what, "leave --attack out for the embedded taxonomy");
  return std::nullopt;
}

void tell(const Diagnostics& diagnostics, const Options& options) {
  const Diagnostics in_order = sorted(diagnostics);
  for (const Diagnostic& d : in_order.all()) {
    if (options.has("quiet") && d.severity == Severity::warning) continue;
    options.has("json") ? print_json(d) : static_cast<void>(std::fprintf(stderr, "%s\n", d.to_string().c_str()));
  }
}

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  const auto attack = load_attack(options, diagnostics);
  const auto rsit = load_rsit(diagnostics);
  const auto pack = sigma::RulePack::load(embedded_file(kPack), kPack, diagnostics);
  const sigma::ShippedOptions shipped{pack ? &*pack : nullptr, context::sectors()};
  const sigma::LintOptions lint{attack ? &*attack : nullptr,
                                rsit ? std::span<const std::string>{rsit->tags} : std::span<const std::string>{},
                                options.has("shipped") && pack ? &shipped : nullptr};
  sigma::CompileOptions base;
  base.permissive = true;  // so that all of the set is looked at
  base.lint = &lint;
  base.norm_required = options.has("norm-required");
  const LoadedRules loaded = load_rules(options, options.words(), {base}, diagnostics);
  tell(diagnostics, options);
  if (!loaded.rules) return kExitData;
  const Summary summary = sum_up(*loaded.rules, diagnostics);
  if (options.has("json"))
    print_summary_json(summary);
  else if (!options.has("quiet"))
    print_text(summary);
  if (summary.errors != 0 && !loaded.permissive) return kExitData;
  return options.has("strict") && !summary.warnings.empty() ? kExitData : kExitOk;
}

}  // namespace

extern const Command kRulesCheck;
const Command kRulesCheck{&kSpec, run};

}  // namespace nw::app
