// `normwatch reporting draft`: a report's text from the incident, its alerts and what people stated. A person completes
// and sends it; nothing here does.
#include <cstdio>

#include "app/cmd_reporting.h"
#include "app/norm_files.h"
#include "app/report_export.h"
#include "app/reporting_alerts.h"
#include "base/clock.h"
#include "base/text.h"
#include "context/norms/wording_gate.h"
#include "record/reporting/draft.h"

namespace nw::app {

namespace {

constexpr OptionSpec kDraftOptions[] = {
    {"regime", "ID", "under which regime"},
    {"stage", "STAGE", "which report: early_warning, notification, final_report, ..."},
    {"say", "FIELD=TEXT",
     "severity, impact, root_cause, mitigation, outlook, contact, indicators (again for one more)"},
    kReportingRole,
    {"now", "TIME", "as of then (default: now)"},
    {"json", "", "as JSON"},
    kReportingBy,
    kReportingConfig,
    kFindState,
    kFindControl};

// What only a person can add. Sorted.
constexpr auto kSaid = std::to_array<std::pair<std::string_view, std::string reporting::ReportedIncident::*>>({
    {"contact", &reporting::ReportedIncident::contact},
    {"impact", &reporting::ReportedIncident::impact},
    {"mitigation", &reporting::ReportedIncident::mitigation},
    {"outlook", &reporting::ReportedIncident::outlook},
    {"root_cause", &reporting::ReportedIncident::root_cause},
    {"severity", &reporting::ReportedIncident::severity},
});

Result<> add_said(const std::string& text, reporting::ReportedIncident& incident) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  if (equals == std::string::npos)
    return Error{Errc::invalid_argument, "--say '" + printable(text, 64) + "': write FIELD=TEXT"};
  std::string value = text.substr(equals + 1);
  if (name == "indicators") {
    incident.indicators.push_back(std::move(value));
    return {};
  }
  std::vector<std::string_view> known{"indicators"};
  for (const auto& [field, member] : kSaid) {
    if (field == name) {
      incident.*member = std::move(value);
      return {};
    }
    known.push_back(field);
  }
  return Error{Errc::invalid_argument,
               "--say: no field is called '" + printable(name, 64) + '\'' + did_you_mean(name, known)};
}

std::string list_json(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    append_json_string(text, out);
  }
  return out + ']';
}

std::string draft_json(const std::string& incident, const std::string& regime, const reporting::Draft& draft) {
  std::string out = "{\"incident\":";
  append_json_string(incident, out);
  for (const auto& [name, value] : {std::pair<std::string_view, const std::string*>{"regime", &regime},
                                    {"stage", &draft.stage},
                                    {"tlp", &draft.tlp},
                                    {"subject", &draft.subject},
                                    {"body", &draft.body}}) {
    out.append(",\"").append(name).append("\":");
    append_json_string(*value, out);
  }
  return out + ",\"recipients\":" + list_json(draft.recipients) + ",\"missing\":" + list_json(draft.missing) +
         ",\"held\":" + list_json(draft.held) + "}\n";
}

void print_draft(const reporting::Draft& draft) {
  for (const std::string& who : draft.recipients) std::printf("To: %s\n", printable(who).c_str());
  std::printf("Subject: %s\n\n%s", draft.subject.c_str(), draft.body.c_str());
  std::fflush(stdout);
  for (const std::string& title : draft.missing) complain("missing: " + printable(title));
  for (const std::string& word : draft.held)
    complain("held: '" + printable(word) + "' must not go out; replace it, or have people assess the matter first");
}

void tell_daemon(const Options& options, const record::CaseFile& file, const std::string& regime,
                 const reporting::Draft& draft) {
  ReportExport told;
  told.outcome = draft.held.empty() ? ReportExport::Outcome::drafted : ReportExport::Outcome::held;
  told.incident = file.incident.id;
  told.regime = regime;
  told.stage = draft.stage;
  told.by = std::string{trim(options.get("by"))};
  told.words = draft.held;
  const auto answer = ask_daemon(options, "POST", "/reporting/export", told.to_json());
  if (!answer || answer->status != 200)
    complain("the ledger does not say that this draft was made: " + (answer ? answer->body : answer.error().what));
}

}  // namespace

const CommandSpec kReportingDraft{
    "reporting draft",
    "ID --regime ID --stage STAGE [--say FIELD=TEXT]...",
    "write the draft of a report from the incident",
    "Assets by id, sectors, norms, titles of alerts and what people stated; no addresses or names of persons. The "
    "wording gate holds words that a sensor cannot know. Nothing is sent: when a person has, tell it with 'normwatch "
    "reporting sent'.\nExit status: 0 (fields may be missing, see standard error), 64 something is missing or wrong, "
    "65 "
    "words are held, 66 no such incident, 78 a regime or the configuration is wrong.",
    kDraftOptions,
    1,
    1};

ExitCode reporting_draft(const Options& options) {
  if (options.all("regime").size() != 1 || !options.has("stage"))
    return misused({Errc::invalid_argument, "name one regime and one stage: --regime nis2 --stage early_warning"});
  const auto now = time_option(options, "now", wall_now());
  if (!now) return misused(now.error());
  ExitCode code = kExitOk;
  const auto wanted = wanted_book(options, code);
  if (!wanted) return code;
  const auto open = open_cases(options, code);
  if (!open) return code;
  const auto unread = [](const Error& error) {
    complain(error.what);
    return exit_code(error.code);
  };
  const auto file = read_whole_case(options.words()[0], open->cases.read);
  if (!file) return unread(file.error());
  const auto evidence = read_evidence(open->state_directory + "/ledger", *file);
  if (!evidence) return unread(evidence.error());
  Diagnostics diagnostics;
  const auto words = read_norm_companion(wanted->norms_file, "wording.yaml", diagnostics);
  const auto gate = words ? context::WordingGate::load(words->text, words->file, diagnostics) : nullptr;
  if (!gate) return report(diagnostics, nullptr);
  const auto& regime = wanted->book.regimes.front();
  reporting::ReportedIncident incident = reported(*file, *regime, wanted->book.roles, *evidence);
  for (const std::string& text : options.all("say"))
    if (const auto added = add_said(text, incident); !added) return misused(added.error());
  const CaseClocks clocks = clocks_of(*file, regime, wanted->book.roles, *now);
  const reporting::Deadline* deadline = nullptr;
  for (const reporting::Deadline& one : clocks.deadlines)
    if (one.stage == options.get("stage")) deadline = &one;
  const auto draft = draft_report(*regime, options.get("stage"), incident, deadline, gate.get());
  if (!draft) return misused(draft.error());
  if (options.has("json"))
    std::fputs(draft_json(file->incident.id, regime->id, *draft).c_str(), stdout);
  else
    print_draft(*draft);
  if (!file->withheld.empty())
    complain("the incident is withheld: " + printable(file->withheld, 512) + "; ask before this goes out");
  tell_daemon(options, *file, regime->id, *draft);
  return draft->held.empty() ? kExitOk : kExitData;
}

}  // namespace nw::app
