// `normwatch reporting aware`, `classify`, ..., `fact`, `sent`: what a person states of an incident. Each becomes an
// act, which the daemon writes into the ledger; nothing is kept here.
#include <algorithm>
#include <cstdio>

#include "app/cmd_reporting.h"
#include "app/norm_files.h"
#include "app/report_export.h"
#include "app/reporting_text.h"
#include "app/time_zone.h"
#include "base/clock.h"
#include "base/text.h"
#include "context/norms/wording_gate.h"

namespace nw::app {

namespace {

using record::ActKind;

constexpr OptionSpec kWhy{"why", "TEXT", "why, or from whom it is known"};
constexpr OptionSpec kAt{"at", "TIME", "when: 2026-01-15T08:00:00Z, or with an offset (default: now)"};
constexpr OptionSpec kMomentOptions[] = {kAt, kReportingBy, kWhy, kActId, kReportingConfig, kFindState, kFindControl};
constexpr OptionSpec kClassifyOptions[] = {kAt,
                                           {"rsit", "CLASS", "its class of RSIT: intrusions.system-compromise"},
                                           {"kind", "TEXT", "its class as the site says it"},
                                           kReportingBy,
                                           kWhy,
                                           kActId,
                                           kReportingConfig,
                                           kFindState,
                                           kFindControl};
constexpr OptionSpec kFactOptions[] = {
    {"regime", "ID", "the regime that asks for it (default: those of --config, else every one that comes with it)"},
    kReportingBy,
    kWhy,
    kActId,
    kReportingConfig,
    kFindState,
    kFindControl};
constexpr OptionSpec kSentOptions[] = {{"regime", "ID", "under which regime"},
                                       {"stage", "STAGE", "which report: early_warning, notification, ..."},
                                       kAt,
                                       {"text", "FILE", "what was sent, for the wording gate; it is not kept"},
                                       kReportingBy,
                                       kWhy,
                                       kActId,
                                       kReportingConfig,
                                       kFindState,
                                       kFindControl};
constexpr std::string_view kActStatus =
    "A later statement replaces an earlier one; the ledger keeps both.\nExit status: 0 it is in the ledger, 64 "
    "something "
    "is missing or wrong, 66 no such incident, 69 no daemon answers, 78 it refuses.";
constexpr std::size_t kSentBytesMax = 16U << 20;

std::string_view shown_time(std::string& into, Timestamp time) {
  into = to_rfc3339(time, 0);
  return into;
}

bool who_is_missing(const Options& options) {
  if (!trim(options.get("by")).empty()) return false;
  complain("--by is missing: a person says so; see --help");
  return true;
}

record::Act new_act(const Options& options, ActKind kind) {
  record::Act act;
  act.kind = kind;
  act.incident = options.words()[0];
  act.by = std::string{trim(options.get("by"))};
  act.why = options.get("why");
  return act;
}

// When it was; never in the future, for it is said to have happened.
Result<Timestamp> past_time(const Options& options) {
  const Timestamp now = wall_now();
  const auto at = time_option(options, "at", now);
  if (at && *at > now)
    return Error{Errc::invalid_argument, "--at lies in the future: " + to_rfc3339(*at, 0) + "; it is now " +
                                             to_rfc3339(now, 0) + ". Is the offset right?"};
  return at;
}

ExitCode state_moment(const Options& options, reporting::Moment moment) {
  if (who_is_missing(options)) return kExitUsage;
  const auto at = past_time(options);
  if (!at) return misused(at.error());
  record::Act act = new_act(options, ActKind::moment);
  act.values = {{"moment", std::string{to_string(moment)}}, {"time", to_rfc3339(*at, 9)}};
  const ExitCode code = send_act(options, std::move(act));
  std::string text;
  if (code == kExitOk)
    std::printf("%s: %s is %s\n", printable(options.words()[0], 64).c_str(), std::string{to_string(moment)}.c_str(),
                std::string{shown_time(text, *at)}.c_str());
  return code;
}

// The regimes whose questions a fact may answer.
std::optional<ReportingBook> asking(const Options& options, ExitCode& code) {
  if (options.has("regime") || options.has("config")) {
    auto wanted = wanted_book(options, code);
    return wanted ? std::optional{std::move(wanted->book)} : std::nullopt;
  }
  ReportingBook out;
  Diagnostics diagnostics;
  for (const std::string& id : reporting_regimes())
    if (auto regime = load_reporting_regime(id, diagnostics)) out.regimes.push_back(std::move(regime));
  return out;
}

// "users=5" as one of the regimes wants it.
Result<> check_fact(std::string_view name, std::string_view value, const ReportingBook& book) {
  std::vector<std::string_view> known{reporting::kOngoing};
  bool asked = false;
  for (const auto& regime : book.regimes) {
    for (const reporting::FactSpec& spec : regime->facts) known.push_back(spec.id);
    if (regime->fact(name) == nullptr) continue;
    asked = true;
    reporting::Facts facts;
    if (value.empty()) continue;  // not known any more
    if (const auto read = add_fact(std::string{name} + '=' + std::string{value}, *regime, facts); !read)
      return Error{read.error().code, regime->id + ": " + read.error().what};
  }
  if (asked) return {};
  return Error{Errc::invalid_argument, "no regime here asks for the fact '" + printable(name, 64) + '\'' +
                                           did_you_mean(name, known) + "; normwatch reporting show lists them"};
}

// What the gate finds in a text that went out.
Result<std::vector<std::string>> words_found(const std::string& file, const std::string& norms_file) {
  const auto text = read_text_file(file, kSentBytesMax);
  if (!text) return text.error();
  Diagnostics diagnostics;
  const auto words = read_norm_companion(norms_file, "wording.yaml", diagnostics);
  const auto gate = words ? context::WordingGate::load(words->text, words->file, diagnostics) : nullptr;
  if (!gate) return Error{Errc::malformed, diagnostics.to_string()};
  std::vector<std::string> out;
  for (const context::WordingFinding& found : gate->check(*text))
    if (std::ranges::find(out, found.word) == out.end()) out.push_back(found.word);
  return out;
}

}  // namespace

const CommandSpec kReportingAware{
    "reporting aware",
    "ID --by NAME [--at TIME]",
    "state when a person became aware: most clocks start with it",
    "No machine says this: a detection starts no clock. A later statement replaces an "
    "earlier one; the ledger keeps both.\nExit status: 0 it is in the ledger, 64 "
    "something is missing or wrong, 66 no such incident, 69 no daemon answers, 78 it refuses.",
    kMomentOptions,
    1,
    1};
const CommandSpec kReportingClassify{"reporting classify",
                                     "ID --by NAME [--at TIME] [--rsit CLASS] [--kind TEXT]",
                                     "state when it was classified, and as what: DORA's clocks start with it",
                                     kActStatus,
                                     kClassifyOptions,
                                     1,
                                     1};
const CommandSpec kReportingOccurred{"reporting occurred",
                                     "ID --by NAME [--at TIME]",
                                     "state when it happened (before: its first event)",
                                     kActStatus,
                                     kMomentOptions,
                                     1,
                                     1};
const CommandSpec kReportingHandled{
    "reporting handled", "ID --by NAME [--at TIME]", "state when its handling ended", kActStatus, kMomentOptions, 1, 1};
const CommandSpec kReportingRequested{"reporting requested",
                                      "ID --by NAME [--at TIME]",
                                      "state when the authority asked for a report",
                                      kActStatus,
                                      kMomentOptions,
                                      1,
                                      1};
const CommandSpec kReportingCorrected{"reporting corrected",
                                      "ID --by NAME [--at TIME]",
                                      "state when a corrective measure became available",
                                      kActStatus,
                                      kMomentOptions,
                                      1,
                                      1};
const CommandSpec kReportingNotified{"reporting notified",
                                     "ID --by NAME [--at TIME]",
                                     "state when the authority was told outside of the stages",
                                     kActStatus,
                                     kMomentOptions,
                                     1,
                                     1};
const CommandSpec kReportingFact{"reporting fact",
                                 "ID NAME=VALUE --by NAME",
                                 "state a fact that a regime asks for: yes, no or a number; NAME= takes it back",
                                 kActStatus,
                                 kFactOptions,
                                 2,
                                 2};
const CommandSpec kReportingSent{
    "reporting sent",
    "ID --regime ID --stage STAGE --by NAME [--at TIME] [--text FILE]",
    "state that a report went out",
    "With --text the wording gate reads what went out. Words that a sensor cannot know are an event that rules alert "
    "on; --why says who answers for them.\nExit status: 0 it is in the ledger, 64 something is missing or wrong, 69 no "
    "daemon answers, 78 it refuses.",
    kSentOptions,
    1,
    1};

ExitCode reporting_aware(const Options& options) { return state_moment(options, reporting::Moment::aware_at); }
ExitCode reporting_occurred(const Options& options) { return state_moment(options, reporting::Moment::occurred_at); }
ExitCode reporting_handled(const Options& options) { return state_moment(options, reporting::Moment::handled_at); }
ExitCode reporting_requested(const Options& options) { return state_moment(options, reporting::Moment::requested_at); }
ExitCode reporting_corrected(const Options& options) { return state_moment(options, reporting::Moment::corrected_at); }
ExitCode reporting_notified(const Options& options) { return state_moment(options, reporting::Moment::notified_at); }

ExitCode reporting_classify(const Options& options) {
  if (who_is_missing(options)) return kExitUsage;
  if (options.has("rsit") || options.has("kind")) {
    if (options.has("act"))
      return misused({Errc::invalid_argument,
                      "--act names one act, and with --rsit or --kind these are two: ask with "
                      "normwatch incidents classify for the one"});
    record::Act act = new_act(options, ActKind::classify);
    for (const char* name : {"rsit", "kind"})
      if (options.has(name)) act.values.emplace_back(name, options.get(name));
    if (const ExitCode code = send_act(options, std::move(act)); code != kExitOk) return code;
  }
  return state_moment(options, reporting::Moment::classified_at);
}

ExitCode reporting_fact(const Options& options) {
  if (who_is_missing(options)) return kExitUsage;
  const std::string& text = options.words()[1];
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos)
    return misused({Errc::invalid_argument, "write NAME=VALUE, not '" + printable(text, 64) + "'"});
  std::string name = text.substr(0, equals), value = text.substr(equals + 1);
  ExitCode code = kExitOk;
  const auto book = asking(options, code);
  if (!book) return code;
  if (const auto good = check_fact(name, value, *book); !good) return misused(good.error());
  if (value == "true") value = "yes";
  if (value == "false") value = "no";
  record::Act act = new_act(options, ActKind::fact);
  act.values = {{"fact", std::move(name)}, {"value", std::move(value)}};
  return send_act(options, std::move(act));
}

ExitCode reporting_sent(const Options& options) {
  if (who_is_missing(options)) return kExitUsage;
  for (const char* name : {"regime", "stage"})
    if (!options.has(name))
      return misused({Errc::invalid_argument, '-' + ("-" + std::string{name}) + " is missing; see --help"});
  const auto at = past_time(options);
  if (!at) return misused(at.error());
  ExitCode code = kExitOk;
  const auto wanted = wanted_book(options, code);
  if (!wanted) return code;
  const auto& regime = wanted->book.regimes.front();
  const std::string stage = options.get("stage");
  reporting::IncidentTimes ignored;
  if (const auto known = add_sending(stage + '=' + to_rfc3339(*at, 9), *regime, ignored); !known)
    return misused(known.error());
  ReportExport told;
  if (options.has("text")) {
    auto found = words_found(options.get("text"), wanted->norms_file);
    if (!found) {
      complain(found.error().what);
      return exit_code(found.error().code);
    }
    told.words = std::move(*found);
  }
  record::Act act = new_act(options, ActKind::sent);
  told.incident = act.incident;
  told.by = act.by;
  told.regime = regime->id;
  told.stage = stage;
  told.why = act.why;
  told.outcome = !told.words.empty() && !trim(told.why).empty() ? ReportExport::Outcome::overridden
                                                                : ReportExport::Outcome::released;
  act.values = {{"regime", regime->id}, {"stage", stage}, {"time", to_rfc3339(*at, 9)}};
  code = send_act(options, std::move(act));
  if (code != kExitOk) return code;
  // It has gone out: that words are in it stops nothing any more, but is told.
  for (const std::string& word : told.words)
    complain("the text that was sent has '" + printable(word, 128) + "', which a sensor cannot know");
  const auto answer = ask_daemon(options, "POST", "/reporting/export", told.to_json());
  if (answer && answer->status == 200) return kExitOk;
  complain("the sending is in the ledger, but no rule has heard of it: " +
           (answer ? answer->body : answer.error().what));
  return kExitUnavailable;
}

}  // namespace nw::app
