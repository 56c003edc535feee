// `normwatch incidents list`, `show` and `find`: read from the store, with or without a running daemon.
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "app/case_text.h"
#include "app/cmd_incidents.h"
#include "base/text.h"
#include "base/time.h"
#include "record/entry.h"
#include "record/incidents/case_state.h"
#include "record/incidents/store.h"
#include "record/ledger/peek.h"

namespace nw::app {

namespace {

constexpr OptionSpec kStateDirectory{"state", "DIR",
                                     "the daemon's state directory (default: from --config, else /var/lib/normwatch)"};
constexpr OptionSpec kConfigFile{"config", "FILE", "the daemon's configuration"};
constexpr OptionSpec kMost{"most", "N", "at most so many, the latest (default 1000)"};

constexpr OptionSpec kListOptions[] = {
    kStateDirectory,
    kConfigFile,
    {"json", "", "one JSON object per incident and line"},
    {"in", "STATE", "only those that are open, acknowledged, contained, resolved, false_positive or merged"},
    {"norm", "ID", "only incidents that engage this norm: 13f"},
    {"asset", "ID", "only incidents of this asset"},
    {"level", "LEVEL", "only incidents of this level: high"},
    {"assigned", "NAME", "only incidents that this person has"},
    {"group", "KEY", "only the incident where alerts of this group count: Alertmanager's label group_key"},
    {"since", "TIME", "only incidents with an event at this time or later: 2026-01-15T08:00:00Z"},
    kMost,
};
constexpr CommandSpec kListSpec{"incidents list",
                                "",
                                "list incidents: alerts that belong together",
                                "Incidents that were merged into another one are listed with --in merged only.\nExit "
                                "status: 0, 64 an option is wrong, 66 there is no store.",
                                kListOptions,
                                0,
                                0};

constexpr OptionSpec kShowOptions[] = {
    kStateDirectory,
    kConfigFile,
    {"json", "", "as one JSON object, with the id of every alert"},
    {"alerts", "N", "print at most so many of its alerts (default 20, at most 1000)"}};
constexpr CommandSpec kShowSpec{"incidents show",
                                "ID",
                                "show an incident: its alerts, what people did and wrote, what is missing to close it",
                                "Alerts are read from the ledger.\nExit status: 0, 66 there is no such incident.",
                                kShowOptions,
                                1,
                                1};

constexpr OptionSpec kFindOptions[] = {
    kStateDirectory, kConfigFile, {"json", "", "one JSON object per incident and line"}, kMost};
constexpr CommandSpec kFindSpec{"incidents find",
                                "WORD...",
                                "find incidents by words: titles, rules, assets, actors, what people wrote",
                                "Each word must be found, as a word's beginning, letter case and accents aside.\nExit "
                                "status: 0, 64 no word or too many, 66 there is no store.",
                                kFindOptions,
                                1,
                                16};

ExitCode failed(const Error& error, bool asked_wrongly = false) {
  complain(error.what);
  return asked_wrongly ? kExitUsage : exit_code(error.code);
}

Result<std::unique_ptr<record::IncidentStore>> open_case_store(const Options& options) {
  const auto where = locate(options);
  if (!where) return where.error();
  return record::IncidentStore::open_read_only(where->state_directory + "/incidents.sqlite");
}

Result<std::size_t> most_of(const Options& options, std::string_view name, unsigned otherwise, unsigned most) {
  if (!options.has(name)) return std::size_t{otherwise};
  const auto count = parse_count(name, options.get(name), 1, most);
  if (!count) return count.error();
  return std::size_t{*count};
}

ExitCode print(const Options& options, const record::IncidentStore& store,
               const std::vector<record::Incident>& incidents) {
  for (const record::Incident& incident : incidents) {
    if (!options.has("json")) {
      std::puts(line_of(incident).c_str());
      continue;
    }
    const auto groups = store.groups(incident.id);
    if (!groups) return failed(groups.error());
    std::puts(to_json(incident, *groups).c_str());
  }
  if (!options.has("json")) std::printf("%zu incidents\n", incidents.size());
  return kExitOk;
}

Result<record::IncidentStore::Filter> filter_of(const Options& options) {
  record::IncidentStore::Filter out;
  out.state = options.get("in");
  if (!out.state.empty() && out.state != record::kStateMerged && !record::case_state(out.state))
    return Error{Errc::invalid_argument, "--in: '" + printable(out.state, 64) +
                                             "' is no state; it is open, acknowledged, contained, resolved, "
                                             "false_positive or merged"};
  out.norm = options.get("norm");
  out.asset = options.get("asset");
  out.level = options.get("level");
  if (!out.level.empty() && record::level_rank(out.level) < 0)
    return Error{Errc::invalid_argument, "--level: '" + printable(out.level, 64) +
                                             "' is none; it is informational, low, medium, high or critical"};
  out.assigned = options.get("assigned");
  out.group_key = options.get("group");
  if (options.has("since")) {
    const auto since = parse_rfc3339(options.get("since"));
    if (!since) return Error{Errc::invalid_argument, "--since: " + since.error().what};
    out.since = *since;
  }
  const auto most = most_of(options, "most", 1000, 1'000'000);
  if (!most) return most.error();
  out.most = *most;
  return out;
}

ExitCode list_incidents(const Options& options) {
  const auto filter = filter_of(options);
  if (!filter) return failed(filter.error(), true);
  const auto store = open_case_store(options);
  if (!store) return failed(store.error());
  const auto incidents = (*store)->list(*filter);
  if (!incidents) return failed(incidents.error());
  return print(options, **store, *incidents);
}

ExitCode find_incidents(const Options& options) {
  const auto most = most_of(options, "most", 1000, 1'000'000);
  if (!most) return failed(most.error(), true);
  std::string words;
  for (const std::string& word : options.words()) words += (words.empty() ? "" : " ") + word;
  const auto store = open_case_store(options);
  if (!store) return failed(store.error());
  const auto incidents = (*store)->find(words, *most);
  if (!incidents) return failed(incidents.error(), incidents.error().code == Errc::invalid_argument);
  return print(options, **store, *incidents);
}

// The latest of its alerts, as the ledger has them.
Result<std::vector<std::pair<std::uint64_t, record::Alert>>> alerts_of(const record::CaseFile& file, std::size_t most,
                                                                       const std::string& ledger) {
  std::vector<std::uint64_t> indices;
  const std::size_t count = std::min(most, file.alerts.size());
  for (std::size_t i = file.alerts.size() - count; i < file.alerts.size(); ++i) indices.push_back(file.alerts[i].entry);
  const auto entries = record::peek(ledger, indices);
  if (!entries) return entries.error();
  std::vector<std::pair<std::uint64_t, record::Alert>> out;
  for (const record::Entry& entry : *entries) {
    const auto view = record::parse_entry(entry.payload);
    if (!view) return view.error();
    auto alert = record::Alert::from_json(view->body);
    if (!alert) return alert.error();
    out.emplace_back(entry.index, std::move(*alert));
  }
  return out;
}

ExitCode show_incident(const Options& options) {
  const auto most = most_of(options, "alerts", 20, 1000);
  if (!most) return failed(most.error(), true);
  const auto where = locate(options);
  if (!where) return failed(where.error());
  const auto store = open_case_store(options);
  if (!store) return failed(store.error());
  const auto file = (*store)->case_file(options.words()[0]);
  if (!file) return failed(file.error());
  if (options.has("json")) {
    std::puts(to_json(*file).c_str());
    return kExitOk;
  }
  const auto alerts = alerts_of(*file, *most, where->state_directory + "/ledger");
  // Without the ledger the case is still worth seeing.
  if (!alerts) complain(alerts.error().what);
  std::fputs(to_text(*file, alerts ? *alerts : std::vector<std::pair<std::uint64_t, record::Alert>>{}).c_str(), stdout);
  return alerts ? kExitOk : exit_code(alerts.error().code);
}

}  // namespace

const Command kIncidentsList{&kListSpec, list_incidents};
const Command kIncidentsShow{&kShowSpec, show_incident};
const Command kIncidentsFind{&kFindSpec, find_incidents};

}  // namespace nw::app
