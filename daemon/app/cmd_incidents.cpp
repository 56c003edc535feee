// `normwatch incidents list`: read from the store, with or without a running daemon.
#include <cstdio>

#include "app/commands.h"
#include "base/text.h"
#include "record/incidents/store.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    {"state", "DIR", "the daemon's state directory (default: from --config, else /var/lib/normwatch)"},
    {"config", "FILE", "the daemon's configuration"},
    {"json", "", "one JSON object per incident and line"},
    {"norm", "ID", "only incidents that engage this norm: 13f"},
    {"asset", "ID", "only incidents of this asset"},
    {"most", "N", "at most so many, the latest (default 1000)"},
};
constexpr CommandSpec kSpec{"incidents",
                            "list",
                            "list incidents: alerts that belong together",
                            "Exit status: 0, 66 there is no store.",
                            kOptions,
                            1,
                            1};

std::string to_json(const record::Incident& incident) {
  std::string out = "{";
  const auto add = [&out](std::string_view name, std::string_view text) {
    if (out.size() > 1) out += ',';
    append_json_string(name, out);
    out += ':';
    append_json_string(text, out);
  };
  add("id", incident.id);
  add("state", incident.state);
  add("level", incident.level);
  add("norm", incident.norm);
  add("rule_id", incident.rule_id);
  add("rule_title", incident.rule_title);
  add("asset", incident.asset);
  add("asset_name", incident.asset_name);
  add("sector", incident.sector);
  add("group_key", incident.group_key);
  add("first_event", to_rfc3339(incident.first_event));
  add("last_event", to_rfc3339(incident.last_event));
  add("opened_at", to_rfc3339(incident.opened_at));
  add("first_alert", incident.first_alert);
  add("last_alert", incident.last_alert);
  for (const auto& [name, number] : {std::pair{"alerts", incident.alerts},
                                     {"first_entry", incident.first_entry},
                                     {"last_entry", incident.last_entry}})
    out += ",\"" + std::string{name} + "\":" + std::to_string(number);
  return out + '}';
}

ExitCode run(const Options& options) {
  if (options.words()[0] != "list") {
    complain("incidents: '" + printable(options.words()[0], 64) + "' is not known; this version has: list");
    return kExitUsage;
  }
  record::IncidentStore::Filter filter;
  filter.norm = options.get("norm");
  filter.asset = options.get("asset");
  if (options.has("most")) {
    const auto most = parse_count("most", options.get("most"), 1, 10'000'000);
    if (!most) {
      complain(most.error().what);
      return kExitUsage;
    }
    filter.most = *most;
  }
  const auto where = locate(options);
  if (!where) {
    complain(where.error().what);
    return kExitConfig;
  }
  const auto store = record::IncidentStore::open_read_only(where->state_directory + "/incidents.sqlite");
  if (!store) {
    complain(store.error().what);
    return exit_code(store.error().code);
  }
  const auto incidents = (*store)->list(filter);
  if (!incidents) {
    complain(incidents.error().what);
    return exit_code(incidents.error().code);
  }
  for (const record::Incident& incident : *incidents) {
    if (options.has("json")) {
      std::puts(to_json(incident).c_str());
      continue;
    }
    std::printf("%s  %-8s  %-6s  norm %-4s  %4llu alerts  last %s  %s%s%s\n", incident.id.c_str(),
                incident.level.c_str(), incident.state.c_str(), incident.norm.empty() ? "-" : incident.norm.c_str(),
                static_cast<unsigned long long>(incident.alerts), to_rfc3339(incident.last_event, 0).c_str(),
                printable(incident.rule_title).c_str(), incident.asset.empty() ? "" : "  asset ",
                printable(incident.asset).c_str());
  }
  if (!options.has("json")) std::printf("%zu incidents\n", incidents->size());
  return kExitOk;
}

}  // namespace

const Command kIncidents{&kSpec, run};

}  // namespace nw::app
