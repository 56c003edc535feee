// `normwatch rules list`: what a set holds.
#include <cstdio>

#include "app/commands.h"
#include "app/rules_load.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {kPermissiveOption, kSourcesOption, kPlaceholdersOption};

constexpr CommandSpec kSpec{
    "rules list",
    "[PATH...]",
    "print level, norm, state, id and title of each rule",
    "PATH is a rule file or a folder of them; without one: those of --config, else the embedded ones.\n"
    "The state is live, dormant_no_source, dormant_no_field, dormant_not_fed (by a later part of the program) or\n"
    "unsatisfiable; '(shadow)' follows the title of a rule that is counted and never notified, '(silent)' that of one "
    "that only correlations count.\n"
    "Exit status: 0, 65 a rule is wrong.",
    kOptions,
    0,
    10'000};

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  const LoadedRules loaded = load_rules(options, options.words(), {}, diagnostics);
  report(diagnostics, nullptr);
  if (!loaded.rules) return kExitData;
  for (std::size_t i = 0; i < loaded.rules->size(); ++i) {
    const sigma::RuleInfo& info = loaded.rules->info(i);
    const std::string_view level = sigma::to_string(info.level), state = sigma::to_string(loaded.rules->state(i));
    std::printf("%-13.*s %-4s %-18.*s %-36s  %s%s\n", static_cast<int>(level.size()), level.data(),
                info.norm.empty() ? "-" : info.norm.c_str(), static_cast<int>(state.size()), state.data(),
                info.id.empty() ? "-" : info.id.c_str(), printable(info.title).c_str(),
                info.shadow               ? " (shadow)"
                : loaded.rules->silent(i) ? " (silent)"
                                          : "");
  }
  return kExitOk;
}

}  // namespace

extern const Command kRulesList;
const Command kRulesList{&kSpec, run};

}  // namespace nw::app
