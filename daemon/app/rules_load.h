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
                                    "its sources decide which rules are live; its rules are meant without PATH"};
constexpr OptionSpec kPlaceholdersOption{"placeholders", "FILE", "values for %names% in rules: a YAML map of lists"};
// What the events of a log file are, as `normwatch replay` takes it (add_replay_file()).
constexpr OptionSpec kFormatOption{"format", "FORMAT", "of log files, as in replay"};
constexpr OptionSpec kProductOption{"product", "NAME", "Sigma product of log events"};
constexpr OptionSpec kServiceOption{"service", "NAME", "Sigma service of log events"};
constexpr OptionSpec kCategoryOption{"category", "NAME", "Sigma category of log events"};
constexpr OptionSpec kMappingOption{"mapping", "NAME", "field mapping of JSON events, as in replay"};

struct LoadedRules {
  std::shared_ptr<event::Schema> schema = std::make_shared<event::Schema>();
  std::vector<RulePath> paths;  // what was read; empty: the embedded rules
  std::vector<sigma::RuleText> texts;
  std::shared_ptr<const sigma::RuleSet> rules;  // null: something is wrong, and `diagnostics` says what
  bool permissive = false;                      // asked for: rules that are refused are no failure
  logs::FormatOptions windows;                  // of Windows events in JSON, where the schema has them
};

// What a command decides itself.
struct LoadPlan {
  sigma::CompileOptions compile;
  bool windows = false;  // Windows events too, whatever --config says: regression cases hold them
  // What --config sets in rules. Tests are of the rules as they are written.
  bool variables = true;
};

// Reads `paths` as the options above say; without any, those of --config, else the embedded rules. Event types are
// those of the sources that
// --config names, or every one that this build can produce.
LoadedRules load_rules(const Options& options, const std::vector<std::string>& paths, LoadPlan plan,
                       Diagnostics& diagnostics);

}  // namespace nw::app
