// `normwatch record rebuild`: the incident store made anew from the ledger, for when no daemon runs.
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "app/commands.h"
#include "base/text.h"
#include "record/incidents/store.h"

namespace nw::app {

namespace {

constexpr OptionSpec kRebuildOptions[] = {
    {"state", "DIR", "the daemon's state directory (default: from --config, else /var/lib/normwatch)"},
    {"config", "FILE", "the daemon's configuration: its `incidents.quiet` counts where the ledger does not say it yet"},
    {"quiet", "TIME", "in place of the configuration's `incidents.quiet`: 24h"},
};
constexpr CommandSpec kRebuildSpec{
    "record rebuild",
    "",
    "make the incident store anew from the ledger",
    "Every incident and act is in the ledger; the store is made beside the old one and takes its place when it is "
    "whole. A running daemon must be stopped first; by itself it does the same with a store that is damaged or of an "
    "older version.\nExit status: 0, 64 an option is wrong, 65 the ledger is damaged, 66 there is no ledger, 69 a "
    "daemon "
    "runs, 73 the disk is full.",
    kRebuildOptions,
    0,
    0};

ExitCode failed_rebuild(const Error& error) {
  complain(error.what);
  return exit_code(error.code);
}

// `incidents: {quiet: 24h}` of a configuration that may have errors elsewhere.
Result<Nanoseconds> quiet_of(const Options& options) {
  Nanoseconds out = record::IncidentOptions{}.quiet;
  if (options.has("quiet")) return parse_duration(options.get("quiet"));
  const std::string file = options.get("config");
  if (file.empty()) return out;
  const auto text = read_text_file(file);
  if (!text) return text.error();
  Diagnostics diagnostics;
  const std::vector<YamlNode> documents = parse_yaml(*text, file, diagnostics);
  if (!diagnostics.ok()) return Error{Errc::invalid_argument, diagnostics.all()[0].to_string()};
  const YamlNode* section = documents.empty() ? nullptr : documents[0].find("incidents");
  const YamlNode* quiet = section == nullptr ? nullptr : section->find("quiet");
  if (quiet == nullptr) return out;
  return parse_duration(quiet->scalar);
}

ExitCode rebuild_store(const Options& options) {
  const auto where = locate(options);
  if (!where) return failed_rebuild(where.error());
  const auto quiet = quiet_of(options);
  if (!quiet) {
    complain("quiet: " + quiet.error().what);
    return kExitUsage;
  }
  record::LedgerOptions ledger_options;
  ledger_options.directory = where->state_directory + "/ledger";
  // Opening makes a ledger that is not there.
  std::error_code ignored;
  if (!std::filesystem::exists(ledger_options.directory / "journal", ignored))
    return failed_rebuild(Error{Errc::not_found, ledger_options.directory.string() + ": no ledger there"});
  const auto ledger = record::Ledger::open(ledger_options);
  if (!ledger && ledger.error().code == Errc::in_use)
    return failed_rebuild(Error{Errc::in_use, ledger.error().what +
                                                  "; stop normwatch first (systemctl stop normwatch). A store that is "
                                                  "damaged or older it makes anew by itself when it starts"});
  if (!ledger) return failed_rebuild(ledger.error());
  record::IncidentOptions store;
  store.file = where->state_directory + "/incidents.sqlite";
  store.quiet = *quiet;
  const auto began = std::chrono::steady_clock::now();
  const auto made = record::rebuild(**ledger, store);
  if (!made) return failed_rebuild(made.error());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::uint64_t acts = 0;
  for (const auto& [kind, count] : made->totals.acts) acts += count;
  std::printf(
      "%s: made anew from %llu ledger entries in %.1f s: %llu incidents, %llu alerts, %llu acts, %llu unreadable\n",
      store.file.c_str(), static_cast<unsigned long long>(made->entries), seconds,
      static_cast<unsigned long long>(made->totals.incidents), static_cast<unsigned long long>(made->totals.alerts),
      static_cast<unsigned long long>(acts), static_cast<unsigned long long>(made->totals.unreadable));
  return kExitOk;
}

constexpr CommandSpec kRecordSpec{"record", "", "what is kept: rebuild the incident store", "", {}, 0, 0};

std::span<const Command> record_commands() {
  static const std::array<Command, 1> kCommands{Command{&kRebuildSpec, rebuild_store}};
  return kCommands;
}

}  // namespace

const Command kRecord{&kRecordSpec, nullptr, record_commands};

}  // namespace nw::app
