#include "app/commands.h"

#include <array>
#include <cstdio>

#include "app/version.h"
#include "base/text.h"
#include "base/yaml.h"

namespace nw::app {

namespace {

std::string overview() {
  std::string out = "normwatch " + std::string{version()} +
                    ": watches designated critical infrastructure for events that engage UN norms\n\nUsage: normwatch "
                    "COMMAND [OPTION...]\n\nCommands:\n";
  for (const Command& command : commands()) {
    std::string left = "  " + std::string{command.spec->name};
    left.resize(14, ' ');
    out += left + std::string{command.spec->help} + '\n';
  }
  out += "\n'normwatch COMMAND --help' tells more. Start with: normwatch replay FILE.pcap\n";
  return out;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

std::span<const Command> commands() {
  static const std::array<Command, 7> kCommands{kRun, kReplay, kCheck, kRules, kStatus, kIncidents, kReload};
  return kCommands;
}

ExitCode dispatch(std::span<const std::string> arguments) {
  if (arguments.empty()) {
    std::fputs(overview().c_str(), stderr);
    return kExitUsage;
  }
  const std::string& name = arguments[0];
  if (name == "--help" || name == "-h" || name == "help") {
    print(overview());
    return kExitOk;
  }
  if (name == "--version" || name == "version") {
    print("normwatch " + std::string{version()} + " (" + std::string{revision()} + ")\n");
    return kExitOk;
  }
  std::vector<std::string_view> names{"help", "version"};
  for (const Command& command : commands()) {
    names.push_back(command.spec->name);
    if (command.spec->name != name) continue;
    const auto options = Options::parse(*command.spec, arguments.subspan(1));
    if (!options) {
      std::fprintf(stderr, "%s\n", options.error().what.c_str());
      return kExitUsage;
    }
    if (options->has("help")) {
      print(usage(*command.spec));
      return kExitOk;
    }
    return command.run(*options);
  }
  std::fprintf(stderr, "normwatch: no command is called '%s'%s\nTry 'normwatch --help'.\n", printable(name, 64).c_str(),
               did_you_mean(name, names).c_str());
  return kExitUsage;
}

void complain(std::string_view text) {
  std::fprintf(stderr, "normwatch: %.*s\n", static_cast<int>(text.size()), text.data());
}

ExitCode report(const Diagnostics& diagnostics, const Config* config) {
  bool rules_only = config != nullptr;
  for (const Diagnostic& d : diagnostics.all()) {
    std::fprintf(stderr, "%s\n", d.to_string().c_str());
    if (d.severity != Severity::error) continue;
    const bool rule = d.file.ends_with(".yml") || d.file.ends_with(".yaml");
    if (config == nullptr || !rule || d.file == config->file || d.file == config->registry_file ||
        d.file == config->norms_file || d.code == "unreadable")
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
