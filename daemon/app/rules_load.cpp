#include "app/rules_load.h"

#include "app/commands.h"
#include "app/rule_cache.h"
#include "base/clock.h"
#include "ingest/network/decoder.h"

namespace nw::app {

void declare_for(const Config* config, event::Schema& schema) {
  if (config != nullptr) {
    declare_sources(*config, schema);
    return;
  }
  network::NetworkDecoder::declare(schema);
  for (const logs::Format& format : logs::formats()) format.declare(schema, {});
  // What SigmaHQ's regression cases hold, and most of its rules are for.
  logs::FormatOptions windows;
  windows.product = "windows";
  logs::find_format("json")->declare(schema, windows);
}

LoadedRules load_rules(const Options& options, const std::vector<std::string>& paths, sigma::CompileOptions base,
                       Diagnostics& diagnostics) {
  LoadedRules loaded;
  std::optional<Config> config;
  if (options.has("config")) {
    config = load_config(options.get("config"), diagnostics);
    if (!config) return loaded;
    base.placeholders = config->placeholders;
    add_placeholders(config->placeholders_file, base.placeholders, diagnostics);
  }
  add_placeholders(options.get("placeholders"), base.placeholders, diagnostics);
  base.now = wall_now();
  base.permissive = options.has("permissive") || (config && config->rules_permissive);
  loaded.permissive = base.permissive;
  declare_for(config ? &*config : nullptr, *loaded.schema);
  const context::Enricher enricher{*loaded.schema};
  add_produced_fields(base);
  loaded.texts = read_rule_texts(rule_paths(paths), false, diagnostics);
  if (!diagnostics.ok()) return loaded;
  if (loaded.texts.empty()) {
    diagnostics.error(paths.empty() ? "rules" : paths[0], {}, "no-rules", "no rule file (*.yml) was found");
    return loaded;
  }
  loaded.rules = compile_rules(loaded.texts, *loaded.schema, base, rule_cache_directory({}), diagnostics);
  return loaded;
}

}  // namespace nw::app
