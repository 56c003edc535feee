// The program's subcommands: one file and one row each.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/config.h"
#include "app/exit_codes.h"
#include "app/options.h"
#include "base/diagnostics.h"
#include "console/http_server.h"

namespace nw::app {

struct Command {
  const CommandSpec* spec;  // its name ends with the word that is typed: "status", "rules check"
  ExitCode (*run)(const Options& options);
  std::span<const Command> (*subcommands)() = nullptr;  // in place of `run`: a group
};

// How a command finds the daemon that it is about: what locate() reads.
inline constexpr OptionSpec kFindConfig{"config", "FILE", "the daemon's configuration, to find its state and socket"};
inline constexpr OptionSpec kFindState{"state", "DIR", "the daemon's state directory (default /var/lib/normwatch)"};
inline constexpr OptionSpec kFindControl{"control", "SOCKET",
                                         "the daemon's control socket (default: <state>/control.sock)"};

extern const Command kRun, kReplay, kExplain, kCheck, kRules, kIndicators, kRegistry, kNorms, kRegime, kTaxonomy,
    kStatus, kIncidents, kReload, kBaseline, kReporting, kKeys, kPrivacy, kRecord, kLedger, kEvidence;

// In the order that --help lists them.
std::span<const Command> commands();
// Of `normwatch rules`, likewise (cmd_rules.cpp).
std::span<const Command> rules_commands();

// Finds the command, reads its options, runs it. `arguments` without the program's name.
ExitCode dispatch(std::span<const std::string> arguments);

// Shared by several commands.
void complain(std::string_view text);  // one message on standard error, with the program's name
// Prints every diagnostic; 78 when the configuration, register or norms are at fault, 65 when only rules are.
ExitCode report(const Diagnostics& diagnostics, const Config* config);
// One JSON object on standard output, in a line of its own.
void print_json(const Diagnostic& diagnostic);
// Adds a file of the command line to `config.sources`, named after its number, as --format, --product, --service,
// --category and --mapping say.
Result<> add_replay_file(const Options& options, const std::string& file, Config& config, Diagnostics& diagnostics);
// Where the daemon that a command is about keeps its state: from --state and --control, else from the file of --config,
// of which only these keys are read (it may have errors: that is what a reload is for), else the defaults.
// `invalid_argument` when that file cannot be read as YAML at all.
struct Whereabouts {
  std::string state_directory, control;  // control: "unix:PATH"
};
Result<Whereabouts> locate(const Options& options);
// Asks the running daemon over its control socket; `invalid_argument`: the configuration that should name it cannot be
// read. Otherwise nobody answers.
Result<console::HttpResponse> ask_daemon(const Options& options, std::string method, std::string path,
                                         std::string body = {});

}  // namespace nw::app
