#include "app/rules_load.h"

#include "app/commands.h"
#include "app/mappings.h"
#include "app/own_event.h"
#include "app/rule_cache.h"
#include "base/clock.h"
#include "context/vulnerabilities/exposure_event.h"
#include "detect/liveness/health.h"
#include "detect/liveness/scope.h"
#include "event/later_types.h"
#include "ingest/network/decoder.h"

namespace nw::app {

namespace {

// How Windows events in JSON are read: what SigmaHQ's regression cases hold.
logs::FormatOptions windows_options(const Config& config, Diagnostics& diagnostics) {
  SourceConfig source;
  source.format = "json";
  source.format_options.product = "windows";
  assign_mapping(config, source, diagnostics);
  return source.format_options;
}

void declare_everything(const Config& config, event::Schema& schema) {
  network::NetworkDecoder::declare(schema);
  logs::FormatOptions options;
  options.mappings = config.mappings;
  for (const logs::Format& format : logs::formats()) format.declare(schema, options);
  declare_mappings(config, schema);
}

}  // namespace

LoadedRules load_rules(const Options& options, const std::vector<std::string>& paths, LoadPlan plan,
                       Diagnostics& diagnostics) {
  sigma::CompileOptions& base = plan.compile;
  LoadedRules loaded;
  std::optional<Config> config;
  if (options.has("config")) {
    config = load_config(options.get("config"), diagnostics);
    if (!config) return loaded;
    base.placeholders = config->placeholders;
    add_placeholders(config->placeholders_file, base.placeholders, diagnostics);
    if (plan.variables) base.variables = config->variables;
    if (plan.variables) add_variables(config->variables_file, base.variables, diagnostics);
  }
  add_placeholders(options.get("placeholders"), base.placeholders, diagnostics);
  base.now = wall_now();
  loaded.permissive = options.has("permissive") || (config && config->rules_permissive);
  base.permissive = base.permissive || loaded.permissive;
  Config defaults;
  if (!config) load_mappings(defaults, diagnostics);
  const Config& from = config ? *config : defaults;
  if (config)
    declare_sources(from, *loaded.schema);
  else
    declare_everything(from, *loaded.schema);
  liveness::declare(*loaded.schema);
  liveness::declare_scope(*loaded.schema);
  event::declare_later(*loaded.schema);
  declare_fed(*loaded.schema);
  vulnerabilities::declare(*loaded.schema);
  loaded.windows = windows_options(from, diagnostics);
  if (plan.windows) logs::find_format("json")->declare(*loaded.schema, loaded.windows);
  claim_mappings(from, *loaded.schema);
  const context::Enricher enricher{*loaded.schema};
  const vulnerabilities::Enricher vulnerability_enricher{*loaded.schema};
  context::IndicatorEnricher{*loaded.schema}.claim(*loaded.schema);
  const context::LookAlikeEnricher look_alike_enricher{*loaded.schema};
  add_produced_fields(base);
  loaded.paths = paths.empty() && config ? config->rule_paths : rule_paths(paths);
  base.norm_required = base.norm_required || loaded.paths.empty();  // the embedded rules are our own pack
  loaded.texts = read_rule_texts(loaded.paths, false, diagnostics);
  if (!diagnostics.ok()) return loaded;
  if (loaded.texts.empty()) {
    diagnostics.error(loaded.paths.empty() ? "rules" : loaded.paths[0].path, {}, "no-rules",
                      "no rule file (*.yml) was found");
    return loaded;
  }
  loaded.rules = compile_rules(loaded.texts, *loaded.schema, base, rule_cache_directory({}), diagnostics);
  return loaded;
}

}  // namespace nw::app
