// `normwatch rules coverage`: what the rules cover, and what not.
#include <cstdio>

#include "app/commands.h"
#include "app/coverage.h"
#include "app/embedded.h"
#include "app/rules_load.h"

namespace nw::app {

namespace {

constexpr std::string_view kPack = "rules/norms/detections.yaml";

constexpr OptionSpec kOptions[] = {
    kPermissiveOption,
    kSourcesOption,
    kPlaceholdersOption,
    {"markdown", "", "the whole page: rules/COVERAGE.md is the shipped rules'"},
    {"json", "", "one JSON object"},
};

constexpr CommandSpec kSpec{
    "rules coverage",
    "[PATH...]",
    "print what the rules cover: norm by sector by source, live or dormant, and which detections have no rule",
    "PATH is a rule file or a folder of them; without one: those of --config, else the embedded ones.\n"
    "live: an event can fire the rule, of the sources that --config names, else of all that this build can read. "
    "Sectors "
    "are\n"
    "a rule's tags nw.sector.*; detections are those of the rule pack, which rules name as normwatch.detection_id.\n"
    "Exit status: 0, 64 usage, 65 a rule is wrong.",
    kOptions,
    0,
    10'000};

ExitCode run(const Options& options) {
  if (options.has("markdown") && options.has("json")) {
    complain("--markdown and --json exclude each other");
    return kExitUsage;
  }
  Diagnostics diagnostics;
  const auto pack = sigma::RulePack::load(embedded_file(kPack), kPack, diagnostics);
  const LoadedRules loaded = load_rules(options, options.words(), {}, diagnostics);
  // Warnings are for `rules check`.
  if (!loaded.rules || !pack) {
    report(diagnostics, nullptr);
    return kExitData;
  }
  const Coverage coverage = coverage_of(*loaded.rules, *pack);
  const std::string_view live_by =
      options.has("config") ? "the sources of the configuration" : "all kinds of sources that this build can read";
  const std::string text = options.has("markdown") ? coverage_markdown(coverage, live_by)
                           : options.has("json")   ? coverage_json(coverage, live_by)
                                                   : coverage_text(coverage);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace

extern const Command kRulesCoverage;
const Command kRulesCoverage{&kSpec, run};

}  // namespace nw::app
