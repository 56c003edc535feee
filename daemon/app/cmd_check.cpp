// `normwatch check`: configuration, register, norms and rules, as a start or a reload would read them; and what they
// subscribe to.
#include <cstdio>
#include <filesystem>
#include <map>
#include <net/if.h>

#include "app/commands.h"
#include "app/snapshot.h"
#include "app/witness_files.h"
#include "console/address.h"
#include "ingest/logs/formats/pattern_set.h"
#include "ingest/logs/transports/listen.h"
#include "ingest/logs/transports/tls_context.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    {"config", "FILE", "configuration; without it: the embedded defaults"},
    {"dormant", "", "name each rule that can never fire, not only how many and why"},
    {"quiet", "", "say nothing when all is well"},
};

constexpr CommandSpec kSpec{
    "check",
    "[--config FILE]",
    "check configuration, register, rules and patterns, and print what is subscribed",
    "Exit status: 0 all is well, 65 a rule is wrong, 78 the configuration, register or norms are.",
    kOptions,
    0,
    0};

void print_subscription(const Snapshot& snapshot) {
  std::puts("subscribed:");
  for (std::size_t t = 0; t < snapshot.schema->type_count(); ++t) {
    const auto type = static_cast<event::TypeId>(t);
    const event::Type& spec = snapshot.schema->type(type);
    if (spec.later) continue;
    if (!snapshot.interest->wants(type)) {
      std::printf("  %-16s nothing asks for it\n", spec.path.c_str());
      continue;
    }
    std::printf("  %-16s", spec.path.c_str());
    if (snapshot.interest->wants_all(type))
      std::fputs(" everything", stdout);
    else
      for (std::size_t f = 0; f < snapshot.schema->field_count(); ++f)
        if (snapshot.interest->wants(type, static_cast<event::FieldId>(f)))
          std::printf(" %.*s", static_cast<int>(snapshot.schema->field_name(static_cast<event::FieldId>(f)).size()),
                      snapshot.schema->field_name(static_cast<event::FieldId>(f)).data());
    std::putchar('\n');
  }
}

// Why a rule that is not live is not.
std::string why_dormant(const sigma::RuleSet& rules, std::size_t rule) {
  const bool over_others = rules.correlation(rule) != nullptr;
  const sigma::RuleInfo& info = rules.info(rule);
  switch (rules.state(rule)) {
    case sigma::RuleState::dormant_no_source:
      return over_others ? "no source feeds what they are over" : "no source feeds " + info.log_source.to_string();
    case sigma::RuleState::dormant_not_fed:
      return over_others ? "what they are over is not fed yet: a later part will"
                         : "not fed yet (" + info.log_source.to_string() + "): a later part will";
    case sigma::RuleState::unsatisfiable: return "the condition contradicts itself";
    default: break;
  }
  std::string missing = "nothing produces";
  for (const std::string& field : rules.missing_fields(rule)) missing += ' ' + field;
  return missing;
}

void print_rules(const Snapshot& snapshot, bool each) {
  std::size_t dormant = 0;
  std::map<std::string, std::vector<std::size_t>> by_reason;
  for (std::size_t i = 0; i < snapshot.rules->size(); ++i) {
    if (snapshot.rules->state(i) == sigma::RuleState::live) continue;
    ++dormant;
    by_reason[why_dormant(*snapshot.rules, i)].push_back(i);
  }
  if (dormant != 0)
    std::printf("dormant rules (they can never fire with these sources, and count as no coverage)%s:\n",
                each ? "" : "; --dormant names each");
  for (const auto& [why, rules] : by_reason) {
    std::printf("  %zu: %s\n", rules.size(), why.c_str());
    if (!each) continue;
    for (const std::size_t rule : rules)
      std::printf("    %s: %s\n", snapshot.rules->info(rule).file.c_str(), snapshot.rules->info(rule).title.c_str());
  }
  std::printf("rules: %zu loaded, %zu live, %zu dormant, %zu refused\n", snapshot.rules->size(),
              snapshot.rules->size() - dormant, dormant, snapshot.rules->refused());
  const sigma::FilterSummary& filters = snapshot.rules->filters();
  if (filters.active + filters.expired + filters.refused != 0)
    std::printf("filters: %zu active, %zu expired, %zu refused%s\n", filters.active, filters.expired, filters.refused,
                filters.next_expiry ? (", the next ends " + to_rfc3339(*filters.next_expiry, 0)).c_str() : "");
}

// What a start would stumble over besides the files that the snapshot reads. Nothing is opened but certificates.
void check_surroundings(const Config& config, Diagnostics& diagnostics) {
  const auto error = [&](std::string_view code, const std::string& name, const std::string& text) {
    diagnostics.error(config.file, {}, code, "source '" + name + "': " + text);
  };
  static_cast<void>(read_witness_files(config.record, config.file, diagnostics));
  for (const SourceConfig& source : config.sources) {
    std::error_code ignored;
    if (const logs::TlsOptions& tls = source.transport_options.tls; !tls.certificate.empty())
      if (auto opened = logs::TlsContext::open(tls); !opened)
        error("bad-certificate", source.name, opened.error().what);
    if (source.kind == SourceKind::capture) {
      if (auto compiled = capture::check_filter(source.live.filter); !compiled)
        error("bad-filter", source.name, compiled.error().what);
      if (::if_nametoindex(source.live.interface.c_str()) == 0)
        diagnostics.warning(config.file, {}, "no-interface",
                            "source '" + source.name + "': this machine has no interface " + source.live.interface);
    } else if (source.kind == SourceKind::replay) {
      if (!std::filesystem::exists(source.path, ignored))
        error("missing-input", source.name, "there is no file " + source.path);
    } else if (logs::find_transport(source.transport)->listens) {
      if (auto address = logs::check_listen_address(source.transport_options.address); !address)
        error("bad-address", source.name, address.error().what);
    }
  }
  if (!config.http_listen.empty())
    if (auto address = console::parse_address(config.http_listen); !address)
      diagnostics.error(config.file, {}, "bad-address", "http.listen: " + address.error().what);
  if (config.sources.empty())
    diagnostics.warning(config.file, {}, "no-sources", "nothing to watch",
                        "add `sources`, or start with --interface or --replay");
}

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  if (config->file.empty()) {
    // The defaults name no source; what the command line can add is taken as given.
    SourceConfig packets;
    packets.name = "any";
    config->sources.push_back(packets);
    SourceConfig lines;
    lines.name = "lines";
    lines.kind = SourceKind::replay;
    lines.format = "auto";
    config->sources.push_back(lines);
  } else {
    check_surroundings(*config, diagnostics);
  }
  if (config->patterns) config->patterns->test(diagnostics);
  const auto snapshot = build_snapshot(*config, nullptr, diagnostics);
  const ExitCode code = report(diagnostics, &*config);
  if (!snapshot || code != kExitOk) return code;
  if (options.has("quiet")) return kExitOk;
  print_subscription(*snapshot);
  print_rules(*snapshot, options.has("dormant"));
  if (config->patterns) {
    std::size_t tests = 0;
    for (const logs::Pattern& pattern : config->patterns->patterns()) tests += pattern.tests.size();
    std::printf("patterns: %zu, their %zu tests hold\n", config->patterns->patterns().size(), tests);
  }
  std::printf("register: %zu assets, %zu networks and hosts\n", snapshot->registry->assets().size(),
              snapshot->registry->prefix_count());
  if (snapshot->baseline)
    std::printf("baseline: %zu designated conversations%s\n", snapshot->baseline->size(),
                snapshot->learn ? ", learning" : "");
  if (const context::IndicatorSet& set = *snapshot->indicators; !config->indicators.files.empty())
    std::printf("indicators: %zu in %zu KiB, %llu left out\n", set.size(), set.bytes() / 1024,
                static_cast<unsigned long long>(snapshot->indicators_refused.total()));
  for (const auto& regime : snapshot->reporting->regimes)
    std::printf("reporting: %s, %zu stages\n", regime->id.c_str(), regime->stages.size());
  std::printf("norms: %zu\nsources: %zu  outputs: %zu\n%s\n", snapshot->norms->all().size(), config->sources.size(),
              config->outputs.size(), config->sources.empty() ? "no fault, but nothing to watch" : "all is well");
  return kExitOk;
}

}  // namespace

const Command kCheck{&kSpec, run};

}  // namespace nw::app
