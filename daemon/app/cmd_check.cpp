// `normwatch check`: configuration, register, norms and rules, as a start or a reload would read them; and what they
// subscribe to.
#include <cstdio>

#include "app/commands.h"
#include "app/snapshot.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    {"config", "FILE", "configuration; without it: the embedded defaults"},
    {"quiet", "", "say nothing when all is well"},
};

constexpr CommandSpec kSpec{
    "check",
    "[--config FILE]",
    "check configuration, register and rules, and print what is subscribed",
    "Exit status: 0 all is well, 65 a rule is wrong, 78 the configuration, register or norms are.",
    kOptions,
    0,
    0};

void print_subscription(const Snapshot& snapshot) {
  std::puts("subscribed:");
  for (std::size_t t = 0; t < snapshot.schema->type_count(); ++t) {
    const auto type = static_cast<event::TypeId>(t);
    const event::Type& spec = snapshot.schema->type(type);
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

void print_rules(const Snapshot& snapshot) {
  std::size_t dormant = 0;
  for (std::size_t i = 0; i < snapshot.rules->size(); ++i) {
    if (snapshot.rules->state(i) == sigma::RuleState::live) continue;
    if (dormant++ == 0) std::puts("dormant rules (they can never fire with these sources, and count as no coverage):");
    const sigma::RuleInfo& info = snapshot.rules->info(i);
    std::string missing;
    for (const std::string& field : snapshot.rules->missing_fields(i)) missing += ' ' + field;
    std::printf("  %s: %s: %s%s\n", info.file.c_str(), info.title.c_str(),
                snapshot.rules->state(i) == sigma::RuleState::dormant_no_source
                    ? ("no source feeds " + info.log_source.to_string()).c_str()
                    : "nothing produces",
                missing.c_str());
  }
  std::printf("rules: %zu loaded, %zu live, %zu dormant, %zu refused\n", snapshot.rules->size(),
              snapshot.rules->size() - dormant, dormant, snapshot.rules->refused());
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
    lines.name = "syslog";
    lines.kind = SourceKind::replay;
    lines.format = "syslog";
    config->sources.push_back(lines);
  }
  const auto snapshot = build_snapshot(*config, nullptr, diagnostics);
  const ExitCode code = report(diagnostics, &*config);
  if (!snapshot) return code;
  if (options.has("quiet")) return kExitOk;
  print_subscription(*snapshot);
  print_rules(*snapshot);
  std::printf("register: %zu assets, %zu networks and hosts\n", snapshot->registry->assets().size(),
              snapshot->registry->prefix_count());
  std::printf("norms: %zu\nsources: %zu  outputs: %zu\nall is well\n", snapshot->norms->all().size(),
              config->sources.size(), config->outputs.size());
  return kExitOk;
}

}  // namespace

const Command kCheck{&kSpec, run};

}  // namespace nw::app
