// What the `rules` commands share: options, and a rule set loaded from paths without a running daemon.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/snapshot.h"

namespace nw::app {

// Rows for the commands' tables.
constexpr OptionSpec kPermissiveOption{"permissive", "", "leave bad rules out instead of failing (third-party packs)"};
constexpr OptionSpec kSourcesOption{"config", "FILE",
                                    "a rule is live by this file's sources; without it: by all that this build reads"};
constexpr OptionSpec kPlaceholdersOption{"placeholders", "FILE", "values for %names% in rules: a YAML map of lists"};

struct LoadedRules {
  std::shared_ptr<event::Schema> schema = std::make_shared<event::Schema>();
  std::vector<sigma::RuleText> texts;
  std::shared_ptr<const sigma::RuleSet> rules;  // null: something is wrong, and `diagnostics` says what
  bool permissive = false;
};

// Declares the sources that --config names, or every type that this build can produce.
void declare_for(const Config* config, event::Schema& schema);

// Reads `paths` (empty: the embedded rules) as the options above say. `extra` declares further event types before the
// rules are compiled; `base` holds what the options do not decide.
LoadedRules load_rules(const Options& options, const std::vector<std::string>& paths, sigma::CompileOptions base,
                       Diagnostics& diagnostics);

}  // namespace nw::app
