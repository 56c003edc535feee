// `normwatch reporting`: its table of commands; the regimes themselves, and deadlines of times that are given. Those
// need no daemon and keep nothing.
#include "app/cmd_reporting.h"

#include <array>
#include <cstdio>

#include "app/commands.h"
#include "app/reporting_files.h"
#include "app/reporting_text.h"
#include "app/time_zone.h"
#include "base/clock.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr OptionSpec kClockOptions[] = {
    {"regime", "ID", "nis2, dora, cra, ... or a file of your own: ./NAME.yaml"},
    {"aware-at", "TIME", "when a person became aware: 2026-01-15T08:00:00Z, or with an offset"},
    {"classified-at", "TIME", "when it was classified"},
    {"occurred-at", "TIME", "when it happened"},
    {"detected-at", "TIME", "when it was detected; starts no clock"},
    {"notified-at", "TIME", "when the authority was told outside of the stages"},
    {"requested-at", "TIME", "when the authority asked for a report"},
    {"corrected-at", "TIME", "when a corrective measure became available"},
    {"handled-at", "TIME", "when the handling ended"},
    {"sent", "STAGE=TIME", "when a stage was sent; once for each"},
    {"fact", "FACT=VALUE", "yes, no or a number; leave out what nobody knows"},
    {"role", "ROLE", "what the entity is: cloud, trust_services, ..."},
    {"now", "TIME", "as of then (default: now)"},
    {"zone", "ZONE", "show times there: Europe/Vienna (default UTC; the deadlines are the same)"},
    {"json", "", "as JSON"},
};
constexpr CommandSpec kClockSpec{"reporting clock",
                                 "--regime ID --aware-at TIME",
                                 "the deadlines of an incident under a regime",
                                 "With --fact or --role it also says whether the facts make the incident significant; "
                                 "a person decides.\nExit status: 0, 64 something is missing or wrong, 78 the regime's "
                                 "file.",
                                 kClockOptions,
                                 0,
                                 0};

constexpr OptionSpec kJsonOption[] = {{"json", "", "one JSON object per regime"}};
constexpr CommandSpec kListSpec{
    "reporting list", "", "list the reporting regimes", "Exit status: 0, 64 usage.", kJsonOption, 0, 0};
constexpr CommandSpec kShowSpec{"reporting show",
                                "ID",
                                "print a regime: stages, limits, recipients, criteria, facts",
                                "ID may be a file of your own: ./NAME.yaml; then this also checks it.\nExit status: 0, "
                                "64 usage, 78 no such regime, or its file is wrong.",
                                kJsonOption,
                                1,
                                1};

// "aware-at" for aware_at.
std::string option_of(std::string_view moment) {
  std::string out{moment};
  for (char& c : out)
    if (c == '_') c = '-';
  return out;
}

Result<Timestamp> time_of(const Options& options, const std::string& name) {
  auto time = parse_rfc3339(options.get(name));
  if (!time) return Error{Errc::invalid_argument, "--" + name + ": " + time.error().what};
  return time;
}

Result<> read_incident(const Options& options, const reporting::ReportingRegime& regime,
                       reporting::IncidentTimes& times, reporting::Facts& facts) {
  for (std::size_t i = 0; i < reporting::kMoments.size(); ++i) {
    const std::string name = option_of(reporting::kMoments[i]);
    if (!options.has(name)) continue;
    const auto time = time_of(options, name);
    if (!time) return time.error();
    times.at[i] = *time;
  }
  for (const std::string& text : options.all("sent"))
    if (auto added = add_sending(text, regime, times); !added) return added;
  for (const std::string& text : options.all("fact"))
    if (auto added = add_fact(text, regime, facts); !added) return added;
  for (const std::string& text : options.all("role"))
    if (auto added = add_role(text, regime, facts); !added) return added;
  return {};
}

ExitCode wrong(const Error& error) {
  complain(error.what);
  return kExitUsage;
}

ExitCode clock(const Options& options) {
  if (!options.has("regime")) return wrong({Errc::invalid_argument, "--regime is missing; see --help"});
  Diagnostics diagnostics;
  const auto regime = load_reporting_regime(options.get("regime"), diagnostics);
  if (!regime) return report(diagnostics, nullptr);
  reporting::IncidentTimes times;
  reporting::Facts facts;
  if (const auto read = read_incident(options, *regime, times, facts); !read) return wrong(read.error());
  const std::string trigger = option_of(to_string(regime->trigger));
  bool any = false;
  for (const auto& time : times.at) any = any || time.has_value();
  if (!any)
    return wrong(
        {Errc::invalid_argument, "--" + trigger + " is missing: the clocks of " + regime->id + " start with it"});
  Timestamp now = wall_now();
  if (options.has("now")) {
    const auto time = time_of(options, "now");
    if (!time) return wrong(time.error());
    now = *time;
  }
  const std::string zone_name = options.get("zone", "UTC");
  const auto zone = find_time_zone(zone_name);
  if (!zone) return wrong({Errc::invalid_argument, "--zone: " + printable(zone.error().what)});
  const reporting::SignificanceProposal proposal = propose_significance(*regime, facts);
  const bool asked = options.has("fact") || options.has("role");
  const ClockView view{*regime,
                       deadlines(*regime, times, facts, now),
                       implausible(*regime, times, now),
                       asked ? &proposal : nullptr,
                       now,
                       zone_name,
                       **zone};
  std::fputs((options.has("json") ? clock_json(view) : clock_text(view)).c_str(), stdout);
  return kExitOk;
}

ExitCode list(const Options& options) {
  Diagnostics diagnostics;
  for (const std::string& id : reporting_regimes()) {
    const auto regime = load_reporting_regime(id, diagnostics);
    if (!regime) return report(diagnostics, nullptr);
    if (options.has("json"))
      std::puts(regime_json(*regime).c_str());
    else
      std::printf("%-10s  %-6s  %2zu stages  %s\n", id.c_str(), printable(regime->jurisdiction, 32).c_str(),
                  regime->stages.size(), printable(regime->title).c_str());
  }
  return kExitOk;
}

ExitCode show(const Options& options) {
  Diagnostics diagnostics;
  const auto regime = load_reporting_regime(options.words()[0], diagnostics);
  if (!regime) return report(diagnostics, nullptr);
  std::fputs((options.has("json") ? regime_json(*regime) + '\n' : regime_text(*regime)).c_str(), stdout);
  return kExitOk;
}

std::span<const Command> reporting_commands() {
  static const std::array kCommands{Command{&kReportingStatus, reporting_status},
                                    Command{&kReportingAware, reporting_aware},
                                    Command{&kReportingClassify, reporting_classify},
                                    Command{&kReportingOccurred, reporting_occurred},
                                    Command{&kReportingHandled, reporting_handled},
                                    Command{&kReportingRequested, reporting_requested},
                                    Command{&kReportingCorrected, reporting_corrected},
                                    Command{&kReportingNotified, reporting_notified},
                                    Command{&kReportingFact, reporting_fact},
                                    Command{&kReportingSignificance, reporting_significance},
                                    Command{&kReportingDraft, reporting_draft},
                                    Command{&kReportingSent, reporting_sent},
                                    Command{&kReportingStatistics, reporting_statistics},
                                    Command{&kClockSpec, clock},
                                    Command{&kListSpec, list},
                                    Command{&kShowSpec, show}};
  return kCommands;
}

constexpr CommandSpec kSpec{"reporting", "", "who must be told of an incident, and by when", "", {}, 0, 0};

}  // namespace

const Command kReporting{&kSpec, nullptr, reporting_commands};

}  // namespace nw::app
