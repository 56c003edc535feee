// `normwatch taxonomy show`: the entries of one taxonomy, or all that it says of one.
#include <cstdio>

#include "app/commands.h"
#include "app/taxonomy_view.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    {"config", "FILE", "with the taxonomies of this configuration"},
    {"json", "", "one JSON object per entry, with all that is said of it"},
};

constexpr CommandSpec kSpec{"taxonomy show",
                            "NAME [ENTRY]",
                            "print a taxonomy's entries, or one of them with what other lists call it",
                            "For example: taxonomy show sectors water.supply; taxonomy show tlp TLP:WHITE.\n"
                            "Exit status: 0, 64 no such taxonomy or entry, 78 configuration.",
                            kOptions,
                            1,
                            2};

ExitCode run(const Options& options) {
  const auto kind = find_taxonomy(options.words()[0]);
  if (!kind) {
    complain(kind.error().what);
    return kExitUsage;
  }
  Diagnostics diagnostics;
  const std::optional<Config> config = load_config(options.get("config"), diagnostics);
  TaxonomyView view;
  if (!config || !(*kind)->view(*config, diagnostics, view)) {
    report(diagnostics, nullptr);
    return kExitConfig;
  }
  const bool json = options.has("json");
  if (options.words().size() == 1) {
    if (!json) std::fputs(entries_text(view).c_str(), stdout);
    for (const TaxonomyEntry& entry : view.entries)
      if (json) std::puts(entry_json(entry).c_str());
    return kExitOk;
  }
  const auto entry = find_entry(**kind, view, options.words()[1]);
  if (!entry) {
    complain(entry.error().what);
    return kExitUsage;
  }
  std::fputs((json ? entry_json(**entry) + '\n' : entry_text(**entry)).c_str(), stdout);
  return kExitOk;
}

}  // namespace

extern const Command kTaxonomyShow;
const Command kTaxonomyShow{&kSpec, run};

}  // namespace nw::app
