// `normwatch run`: the daemon in the foreground.
#include <cstdio>
#include <filesystem>
#include <sys/stat.h>

#include "app/commands.h"
#include "app/daemon.h"
#include "app/line_file.h"
#include "app/log_sinks.h"
#include "app/mappings.h"
#include "base/log.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    {"config", "FILE", "configuration; without it: embedded rules, norms and sample register"},
    {"state", "DIR", "where ledger, incidents and cursors are kept (default /var/lib/normwatch)"},
    {"interface", "IFACE", "watch this interface besides the configured sources; may be given again"},
    {"replay", "FILE", "play this capture or log once; may be given again"},
    {"pace", "PACE", "of --replay: fast, realtime, or for example 20x (default realtime)"},
    {"workers", "N", "worker threads (default: one per core)"},
    {"listen", "ADDRESS", "HTTP address for metrics and health (default 127.0.0.1:9810)"},
    {"log-format", "FORMAT", "auto, text, json or journal"},
};

constexpr CommandSpec kSpec{
    "run",
    "[--config FILE] [--interface IFACE | --replay FILE]...",
    "watch: the daemon, in the foreground",
    "Signals: SIGTERM and SIGINT drain and stop, SIGHUP reloads rules, register and norms.\n"
    "Exit status: 0 stopped in order, 64 usage, 65 bad rule or capture, 66 missing input file, 69 address in use,\n"
    "73 and 74 disk, 77 no permission, 78 configuration.",
    kOptions,
    0,
    0};

std::string file_stem(const std::string& path) {
  std::string name = std::filesystem::path{path}.filename().string();
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) c = '-';
  return name.substr(0, 48);
}

// The command line's own sources, behind the configured ones.
Result<> add_sources(const Options& options, Config& config) {
  for (const std::string& interface : options.all("interface")) {
    SourceConfig source;
    source.name = file_stem(interface);
    source.kind = SourceKind::capture;
    source.live.interface = interface;
    config.sources.push_back(std::move(source));
  }
  const auto pace = parse_pace(options.get("pace", "realtime"));
  if (!pace) return pace.error();
  for (const std::string& file : options.all("replay")) {
    SourceConfig source;
    source.name = file_stem(file);
    source.kind = SourceKind::replay;
    source.path = file;
    source.pace = *pace;
    auto format = replay_format(file, {});
    if (!format) return format.error();
    source.format = std::move(*format);
    Diagnostics none;  // it names no mapping that could be unknown
    assign_mapping(config, source, none);
    config.sources.push_back(std::move(source));
  }
  return {};
}

// Everything but the file is the command line's and stays for reloads.
Result<> apply(const Options& options, Config& config) {
  if (options.has("state")) config.state_directory = options.get("state");
  if (options.has("listen")) config.http_listen = options.get("listen");
  if (options.has("workers")) {
    const auto workers = parse_count("workers", options.get("workers"), 1, 256);
    if (!workers) return workers.error();
    config.workers = *workers;
  }
  static constexpr std::string_view kFormats[] = {"auto", "text", "json", "journal"};
  if (options.has("log-format")) {
    std::size_t i = 0;
    while (i < 4 && kFormats[i] != options.get("log-format")) ++i;
    if (i == 4) return Error{Errc::invalid_argument, "--log-format is auto, text, json or journal"};
    config.log_format = static_cast<LogFormat>(i);
  }
  return add_sources(options, config);
}

ExitCode run(const Options& options) {
  ::umask(0077);  // what is recorded is for this user alone
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  if (const auto applied = apply(options, *config); !applied) {
    complain(applied.error().what);
    return applied.error().code == Errc::invalid_argument ? kExitUsage : exit_code(applied.error().code);
  }
  if (config->sources.empty()) {
    complain("nothing to watch: add `sources` to the configuration, or give --interface IFACE or --replay FILE");
    return kExitConfig;
  }
  install_log_sink(config->log_format, config->log_level);
  const auto snapshot = build_snapshot(*config, nullptr, diagnostics);
  if (!snapshot) return report(diagnostics, &*config);
  for (const Diagnostic& d : diagnostics.all()) log_warning("configuration", d.to_string());
  const auto reader = [options](Diagnostics& found) {
    std::optional<Config> next = load_config(options.get("config"), found);
    if (!next) return next;
    if (const auto applied = apply(options, *next); !applied) {
      found.error("", {}, "command-line", applied.error().what);
      next.reset();
    }
    return next;
  };
  auto daemon = Daemon::open(*config, snapshot, reader);
  if (!daemon) {
    complain(daemon.error().what);
    return exit_code(daemon.error().code);
  }
  return (*daemon)->run();
}

}  // namespace

const Command kRun{&kSpec, run};

}  // namespace nw::app
