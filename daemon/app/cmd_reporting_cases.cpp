// `normwatch reporting status`, `significance` and `statistics`: read from the incident store, with or without a
// running daemon. A decision about significance goes to the daemon.
#include <algorithm>
#include <cstdio>

#include "app/cmd_reporting.h"
#include "app/reporting_store.h"
#include "app/reporting_text.h"
#include "app/time_zone.h"
#include "base/clock.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr OptionSpec kRegimes{"regime", "ID", "only this one; may be given again (default: those of --config)"};
constexpr OptionSpec kNow{"now", "TIME", "as of then (default: now)"};
constexpr OptionSpec kZone{"zone", "ZONE", "show times there: Europe/Vienna (default UTC; the deadlines are the same)"};
constexpr OptionSpec kStatusOptions[] = {
    kRegimes, kReportingRole, kNow, kZone, {"json", "", "as JSON: one object a line"}, kReportingConfig, kFindState};
constexpr OptionSpec kSignificanceOptions[] = {{"regime", "ID", "under which regime"},
                                               kReportingRole,
                                               {"decide", "yes|no", "whether it is significant: a person's decision"},
                                               kReportingBy,
                                               {"why", "TEXT", "needed where you depart from the proposal"},
                                               kActId,
                                               kReportingConfig,
                                               kFindState,
                                               kFindControl};
constexpr OptionSpec kStatisticsOptions[] = {{"year", "YEAR", "of awareness, else of detection, in UTC"},
                                             {"least", "K", "counts below are written as <K (default 5)"},
                                             kRegimes,
                                             kReportingRole,
                                             kNow,
                                             kReportingConfig,
                                             kFindState};
constexpr std::size_t kAllCases = 1'000'000;  // as many as the store lists

ExitCode unread(const Error& error) {
  complain(error.what);
  return exit_code(error.code);
}

std::string yes_no(bool yes) { return yes ? "yes" : "no"; }

// One incident's clocks under each regime.
ExitCode show_case(const std::string& id, const WantedBook& wanted, const OpenCases& open, const NamedZone& zone,
                   Timestamp now, bool json) {
  const auto file = read_whole_case(id, open.cases.read);
  if (!file) return unread(file.error());
  const record::Incident& incident = file->incident;
  if (!json) {
    std::printf("%s  %s  %s  %s%s\n", incident.id.c_str(), incident.state.c_str(), incident.level.c_str(),
                printable(incident.rule_title).c_str(), incident.exercise ? "  [exercise]" : "");
    if (!incident.merged_into.empty())
      std::printf("merged into %s: its clocks run there\n", incident.merged_into.c_str());
    if (!times_of(*file, {})[reporting::Moment::aware_at])
      std::printf("nobody has said when they became aware of it: normwatch reporting aware %s\n", incident.id.c_str());
  }
  for (const auto& regime : wanted.book.regimes) {
    CaseClocks clocks = clocks_of(*file, regime, wanted.book.roles, now);
    std::vector<std::string> ignored;
    const auto proposal = propose_significance(*regime, facts_of(*file, *regime, wanted.book.roles, ignored));
    const ClockView view{*regime,   std::move(clocks.deadlines), std::move(clocks.warnings), &proposal, now, zone.name,
                         *zone.zone};
    std::string text = json ? clock_json(view) : clock_text(view);
    if (json) {
      std::string head = "{\"incident\":";
      append_json_string(incident.id, head);
      if (clocks.significant) head += std::string{",\"decided\":"} + (*clocks.significant ? "true" : "false");
      text.replace(0, 1, head + ',');
    } else if (clocks.significant) {
      const record::CaseSignificance* decision = decision_of(*file, regime->id);
      text += "decided: " + yes_no(*clocks.significant) + ", by " + printable(decision->said.by, 64) + " at " +
              in_zone(decision->said.at, *zone.zone) +
              (decision->why.empty() ? "" : ": " + printable(decision->why, 1'024)) + '\n';
    }
    std::fputs(text.c_str(), stdout);
  }
  return kExitOk;
}

std::string open_json(const OpenStage& one, const NamedZone& zone) {
  std::string out = "{";
  const auto member = [&out](std::string_view name, std::string_view value) {
    out.append(out.size() == 1 ? "\"" : ",\"").append(name).append("\":");
    append_json_string(value, out);
  };
  member("incident", one.incident);
  member("regime", one.regime);
  member("stage", one.stage);
  member("state", to_string(one.state));
  member("by", reporting::kBy[static_cast<std::size_t>(one.by)]);
  if (one.due) {
    member("due", to_rfc3339(*one.due, 0));
    member("due_local", in_zone(*one.due, *zone.zone));
  }
  return out + '}';
}

ExitCode list_open(const WantedBook& wanted, const OpenCases& open, const NamedZone& zone, Timestamp now, bool json) {
  const auto ids = open.cases.ids(kAllCases);
  if (!ids) return unread(ids.error());
  const auto not_closed = open.cases.open();
  if (!not_closed) return unread(not_closed.error());
  std::vector<OpenStage> stages;
  std::uint64_t aware = 0;
  for (const std::string& id : *ids) {
    const auto file = read_whole_case(id, open.cases.read);
    if (!file) return unread(file.error());
    if (!has_clocks(*file)) continue;
    aware += times_of(*file, {})[reporting::Moment::aware_at] && file->incident.state != "resolved" ? 1U : 0U;
    for (OpenStage& one : open_stages({*file}, wanted.book, now)) stages.push_back(std::move(one));
  }
  std::ranges::stable_sort(stages, {}, [](const OpenStage& one) { return one.due.value_or(Timestamp::max()); });
  for (const OpenStage& one : stages) {
    if (json) {
      std::puts(open_json(one, zone).c_str());
      continue;
    }
    const std::string state{to_string(one.state)};
    const std::string left = !one.due ? "asked for" : span_text(*one.due - now) + (now > *one.due ? " late" : " left");
    std::printf("%-26s %-8s %-14s %s  %s  %s%s\n", one.due ? in_zone(*one.due, *zone.zone).c_str() : "-", state.c_str(),
                left.c_str(), one.incident.c_str(), one.regime.c_str(), one.stage.c_str(),
                one.by == reporting::By::authority ? "  [owed by the authority]" : "");
  }
  if (!json)
    std::printf(
        "%zu reports open, %zu of them late; of %llu open incidents nobody has said when they became aware\n",
        stages.size(),
        static_cast<std::size_t>(std::ranges::count(stages, reporting::DeadlineState::overdue, &OpenStage::state)),
        static_cast<unsigned long long>(*not_closed - std::min(*not_closed, aware)));
  return kExitOk;
}

ExitCode decide(const Options& options, const std::string& regime, const reporting::SignificanceProposal& proposal) {
  const std::string word = options.get("decide");
  if (word != "yes" && word != "no")
    return misused({Errc::invalid_argument, "--decide is yes or no, not '" + printable(word, 64) + "'"});
  reporting::SignificanceDecision decision;
  decision.significant = word == "yes";
  decision.by = std::string{trim(options.get("by"))};
  decision.why = options.get("why");
  decision.at = wall_now();
  const auto decided = decide_significance(proposal, std::move(decision));
  if (!decided) return misused({Errc::invalid_argument, decided.error().what + " (--by, --why)"});
  record::Act act;
  act.kind = record::ActKind::significance;
  act.incident = options.words()[0];
  act.by = decided->by;
  act.why = decided->why;
  act.values = {{"regime", regime}, {"significant", word}, {"proposal", std::string{to_string(decided->proposal)}}};
  return send_act(options, std::move(act));
}

}  // namespace

const CommandSpec kReportingStatus{
    "reporting status",
    "[ID]",
    "what is due of which incident; with ID its clocks under each regime",
    "Read from the incident store, with or without a daemon. Exercises, false positives and what a person decided to "
    "be "
    "not significant have no open reports.\nExit status: 0, 64 something is wrong, 66 there is no store or no such "
    "incident, 78 a regime or the configuration is wrong.",
    kStatusOptions,
    0,
    1};
const CommandSpec kReportingSignificance{
    "reporting significance",
    "ID --regime ID [--decide yes|no --by NAME [--why TEXT]]",
    "whether the facts make it significant: a proposal with its reasons; a person decides",
    "State facts with 'normwatch reporting fact'. Deciding 'no' ends the clocks of that regime; a later decision "
    "replaces it.\nExit status: 0, 64 something is missing or wrong, 66 no such incident, 69 no daemon answers, 78 it "
    "refuses.",
    kSignificanceOptions,
    1,
    1};
const CommandSpec kReportingStatistics{
    "reporting statistics",
    "--year YEAR",
    "a year's incidents as CSV that can be published",
    "Counts below K are hidden. Exercises, false positives and incidents merged elsewhere do not count.\nExit status: "
    "0, "
    "64 something is missing or wrong, 66 there is no store, 78 a regime or the configuration is wrong.",
    kStatisticsOptions,
    0,
    0};

ExitCode misused(const Error& error) {
  complain(error.what);
  return kExitUsage;
}

Result<Timestamp> time_option(const Options& options, const std::string& name, Timestamp fallback) {
  if (!options.has(name)) return fallback;
  auto time = parse_rfc3339(options.get(name));
  if (!time) return Error{Errc::invalid_argument, "--" + name + ": " + time.error().what};
  return time;
}

Result<NamedZone> zone_option(const Options& options) {
  NamedZone out;
  out.name = options.get("zone", "UTC");
  auto zone = find_time_zone(out.name);
  if (!zone) return Error{Errc::invalid_argument, "--zone: " + printable(zone.error().what)};
  out.zone = std::move(*zone);
  return out;
}

std::optional<WantedBook> wanted_book(const Options& options, ExitCode& code) {
  Diagnostics diagnostics;
  WantedBook out;
  ReportingBook configured;
  if (options.has("config")) {
    const auto config = load_config(options.get("config"), diagnostics);
    const auto book = config ? load_reporting_book(config->record.reporting, config->file, diagnostics) : nullptr;
    if (!book) {
      code = report(diagnostics, nullptr);
      return std::nullopt;
    }
    configured = *book;
    out.norms_file = config->norms_file;
  }
  for (const std::string& name : options.all("regime")) {
    auto regime = configured.find(name);
    if (!regime) regime = load_reporting_regime(name, diagnostics);
    if (regime && out.book.find(regime->id) == nullptr) out.book.regimes.push_back(std::move(regime));
  }
  if (!diagnostics.ok()) {
    code = report(diagnostics, nullptr);
    return std::nullopt;
  }
  if (!options.has("regime")) out.book.regimes = configured.regimes;
  if (out.book.regimes.empty()) {
    code = misused({Errc::invalid_argument,
                    "no regime is named: --regime nis2, or --config FILE of a configuration that sets "
                    "'reporting.regimes'"});
    return std::nullopt;
  }
  out.book.roles = configured.roles;
  for (const std::string& role : options.all("role")) {
    reporting::Facts ignored;
    Result<> known = Error{Errc::invalid_argument, {}};
    for (const auto& regime : out.book.regimes)
      if (!known) known = add_role(role, *regime, ignored);
    if (!known) {
      code = misused(known.error());
      return std::nullopt;
    }
    out.book.roles.push_back(role);
  }
  return out;
}

std::optional<OpenCases> open_cases(const Options& options, ExitCode& code) {
  const auto where = locate(options);
  if (!where) {
    complain(where.error().what);
    code = kExitConfig;
    return std::nullopt;
  }
  return OpenCases{where->state_directory, case_reader(where->state_directory + "/incidents.sqlite")};
}

ExitCode reporting_status(const Options& options) {
  const auto now = time_option(options, "now", wall_now());
  if (!now) return misused(now.error());
  const auto zone = zone_option(options);
  if (!zone) return misused(zone.error());
  ExitCode code = kExitOk;
  const auto wanted = wanted_book(options, code);
  if (!wanted) return code;
  const auto open = open_cases(options, code);
  if (!open) return code;
  const bool json = options.has("json");
  if (options.words().empty()) return list_open(*wanted, *open, *zone, *now, json);
  return show_case(options.words()[0], *wanted, *open, *zone, *now, json);
}

ExitCode reporting_significance(const Options& options) {
  if (options.all("regime").size() != 1)
    return misused({Errc::invalid_argument, "name one regime: --regime nis2; see --help"});
  ExitCode code = kExitOk;
  const auto wanted = wanted_book(options, code);
  if (!wanted) return code;
  const auto open = open_cases(options, code);
  if (!open) return code;
  const auto file = read_whole_case(options.words()[0], open->cases.read);
  if (!file) return unread(file.error());
  const auto& regime = wanted->book.regimes.front();
  std::vector<std::string> warnings;
  const auto proposal = propose_significance(*regime, facts_of(*file, *regime, wanted->book.roles, warnings));
  std::printf("%s, %s: significant: %s\n", file->incident.id.c_str(), regime->id.c_str(),
              proposal.proposal == reporting::Proposal::proposed       ? "proposed; a person confirms it"
              : proposal.proposal == reporting::Proposal::not_proposed ? "not proposed; a person confirms it"
                                                                       : "cannot say; a person decides");
  for (const std::string& reason : proposal.reasons) std::printf("  %s\n", printable(reason, 1'024).c_str());
  for (const std::string& text : warnings) std::printf("warning: %s\n", printable(text, 1'024).c_str());
  if (const record::CaseSignificance* decision = decision_of(*file, regime->id))
    std::printf("decided: %s, by %s at %s (the proposal was '%s')%s%s\n", yes_no(decision->significant).c_str(),
                printable(decision->said.by, 64).c_str(), to_rfc3339(decision->said.at, 0).c_str(),
                printable(decision->proposal, 32).c_str(), decision->why.empty() ? "" : ": ",
                printable(decision->why, 1'024).c_str());
  if (!options.has("decide")) return kExitOk;
  std::fflush(stdout);
  return decide(options, regime->id, proposal);
}

ExitCode reporting_statistics(const Options& options) {
  if (!options.has("year")) return misused({Errc::invalid_argument, "--year is missing; see --help"});
  const auto year = parse_count("year", options.get("year"), 1970, 2200);
  if (!year) return misused(year.error());
  const auto least = parse_count("least", options.get("least", "5"), 1, 1'000'000);
  if (!least) return misused(least.error());
  const auto now = time_option(options, "now", wall_now());
  if (!now) return misused(now.error());
  ExitCode code = kExitOk;
  const auto wanted = wanted_book(options, code);
  if (!wanted) return code;
  const auto open = open_cases(options, code);
  if (!open) return code;
  const auto ids = open->cases.all(kAllCases);
  if (!ids) return unread(ids.error());
  if (ids->size() == kAllCases)
    complain("the store has more incidents than can be listed: only the newest " + std::to_string(kAllCases) +
             " are counted");
  std::vector<reporting::CountedIncident> incidents;
  for (const std::string& id : *ids) {
    const auto file = read_whole_case(id, open->cases.read);
    if (!file) return unread(file.error());
    if (has_clocks(*file) && !file->incident.exercise) incidents.push_back(counted(*file, wanted->book, *now));
  }
  std::fputs(yearly_statistics(incidents, {static_cast<int>(*year), *least}).c_str(), stdout);
  return kExitOk;
}

}  // namespace nw::app
