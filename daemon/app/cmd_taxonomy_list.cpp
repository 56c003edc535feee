// `normwatch taxonomy list`: which taxonomies there are, and in which version.
#include <cstdio>

#include "app/commands.h"
#include "app/taxonomy_view.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    {"config", "FILE", "with the taxonomies of this configuration"},
    {"json", "", "one JSON object per taxonomy"},
};

constexpr CommandSpec kSpec{"taxonomy list",
                            "",
                            "list the taxonomies, with version and number of entries",
                            "Exit status: 0, 64 usage, 78 configuration.",
                            kOptions,
                            0,
                            0};

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  const std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  for (const TaxonomyKind& kind : taxonomies()) {
    TaxonomyView view;
    if (!kind.view(*config, diagnostics, view)) {
      report(diagnostics, nullptr);
      return kExitConfig;
    }
    if (!options.has("json")) {
      std::printf("%-8s  %-8s  %4zu  %s\n", std::string{kind.name}.c_str(), printable(view.version, 64).c_str(),
                  view.entries.size(), std::string{kind.help}.c_str());
      continue;
    }
    std::string line = "{\"name\":\"" + std::string{kind.name} + "\",\"version\":";
    append_json_string(view.version, line);
    line += ",\"entries\":" + std::to_string(view.entries.size()) + ",\"title\":";
    append_json_string(kind.help, line);
    std::puts((line + '}').c_str());
  }
  return kExitOk;
}

}  // namespace

extern const Command kTaxonomyList;
const Command kTaxonomyList{&kSpec, run};

}  // namespace nw::app
