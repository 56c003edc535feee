#include "app/commands.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "app/registry_files.h"
#include "app/version.h"
#include "base/text.h"
#include "base/yaml.h"

namespace nw::app {

namespace {

std::string_view word_of(const Command& command) {
  const std::string_view name = command.spec->name;
  return name.substr(name.rfind(' ') + 1);  // npos + 1 is 0
}

std::string list(std::span<const Command> table) {
  std::string out;
  for (const Command& command : table) {
    std::string left = "  " + std::string{word_of(command)};
    left.resize(14, ' ');
    out += left + std::string{command.spec->help} + '\n';
  }
  return out;
}

std::string overview() {
  return "normwatch " + std::string{version()} +
         ": watches designated critical infrastructure for events that engage UN norms\n\nUsage: normwatch "
         "COMMAND [OPTION...]\n\nCommands:\n" +
         list(commands()) + "\n'normwatch COMMAND --help' tells more. Start with: normwatch replay FILE.pcap\n";
}

// A group's own help.
std::string overview(const Command& group) {
  const std::string name{group.spec->name};
  return "Usage: normwatch " + name + " COMMAND [OPTION...]\n\n" + std::string{group.spec->help} + "\n\nCommands:\n" +
         list(group.subcommands()) + "\n'normwatch " + name + " COMMAND --help' tells more.\n";
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

ExitCode run_command(const Command& command, std::span<const std::string> arguments) {
  const auto options = Options::parse(*command.spec, arguments);
  if (!options) {
    std::fprintf(stderr, "%s\n", options.error().what.c_str());
    return kExitUsage;
  }
  if (!options->has("help")) return command.run(*options);
  print(usage(*command.spec));
  return kExitOk;
}

}  // namespace

std::span<const Command> commands() {
  static const std::array kCommands{kRun,   kReplay, kExplain,  kCheck,     kRules,     kIndicators, kRegistry,
                                    kNorms, kRegime, kTaxonomy, kIncidents, kReporting, kEvidence,   kPrivacy,
                                    kKeys,  kLedger, kRecord,   kStatus,    kBaseline,  kReload};
  return kCommands;
}

ExitCode dispatch(std::span<const std::string> arguments) {
  std::span<const Command> table = commands();
  std::string path = "normwatch", help = overview();
  // Each round goes one word down the tree of commands.
  for (;; arguments = arguments.subspan(1)) {
    if (arguments.empty()) {
      std::fputs(help.c_str(), stderr);
      return kExitUsage;
    }
    const std::string& name = arguments[0];
    if (name == "--help" || name == "-h" || name == "help") {
      print(help);
      return kExitOk;
    }
    if (path == "normwatch" && (name == "--version" || name == "version")) {
      print("normwatch " + std::string{version()} + " (" + std::string{revision()} + ")\n");
      return kExitOk;
    }
    const auto found = std::ranges::find(table, std::string_view{name}, word_of);
    if (found == table.end()) {
      std::vector<std::string_view> names{"help"};
      if (path == "normwatch") names.emplace_back("version");
      for (const Command& command : table) names.push_back(word_of(command));
      std::fprintf(stderr, "%s: no command is called '%s'%s\nTry '%s --help'.\n", path.c_str(),
                   printable(name, 64).c_str(), did_you_mean(name, names).c_str(), path.c_str());
      return kExitUsage;
    }
    if (found->subcommands == nullptr) return run_command(*found, arguments.subspan(1));
    table = found->subcommands();
    path = "normwatch " + std::string{found->spec->name};
    help = overview(*found);
  }
}

void complain(std::string_view text) {
  std::fprintf(stderr, "normwatch: %.*s\n", static_cast<int>(text.size()), text.data());
}

void print_json(const Diagnostic& d) {
  std::string line = "{\"file\":";
  append_json_string(d.file, line);
  line += ",\"line\":" + std::to_string(d.mark.line) + ",\"column\":" + std::to_string(d.mark.column) +
          ",\"severity\":" + (d.severity == Severity::error ? "\"error\"" : "\"warning\"") + ",\"code\":\"" + d.code +
          "\",\"text\":";
  append_json_string(d.text, line);
  line += ",\"hint\":";
  append_json_string(d.hint, line);
  std::puts((line + '}').c_str());
}

ExitCode report(const Diagnostics& diagnostics, const Config* config) {
  bool rules_only = config != nullptr;
  for (const Diagnostic& d : diagnostics.all()) {
    std::fprintf(stderr, "%s\n", d.to_string().c_str());
    if (d.severity != Severity::error) continue;
    const bool rule = d.file.ends_with(".yml") || d.file.ends_with(".yaml");
    if (config == nullptr || !rule || d.file == config->file || is_registry_file(config->registry_file, d.file) ||
        d.file == config->norms_file || d.file == config->record.privacy.policy ||
        d.file == config->record.privacy.custodians || d.file == config->baseline.file ||
        d.file == config->taxonomy.sectors ||
        std::ranges::find(config->taxonomy.extra, d.file) != config->taxonomy.extra.end() || d.code == "unreadable" ||
        d.code == "unknown-regime" || std::ranges::count(config->record.reporting.regimes, d.file) != 0)
      rules_only = false;
  }
  if (diagnostics.ok()) return kExitOk;
  return rules_only ? kExitData : kExitConfig;
}

Result<Whereabouts> locate(const Options& options) {
  Config config;
  if (const std::string file = options.get("config"); !file.empty()) {
    const auto text = read_text_file(file);
    if (!text) return Error{Errc::invalid_argument, text.error().what};
    Diagnostics diagnostics;
    const std::vector<YamlNode> documents = parse_yaml(*text, file, diagnostics);
    if (!diagnostics.ok()) return Error{Errc::invalid_argument, diagnostics.all()[0].to_string()};
    for (auto [key, into] :
         {std::pair{"state_directory", &config.state_directory}, std::pair{"control", &config.control}})
      if (const YamlNode* node = documents.empty() ? nullptr : documents[0].find(key);
          node != nullptr && node->kind == YamlNode::Kind::scalar)
        *into = node->scalar;
  }
  if (options.has("state")) config.state_directory = options.get("state");
  if (options.has("control")) config.control = options.get("control");
  return Whereabouts{config.state_directory, "unix:" + config.control_path()};
}

}  // namespace nw::app
