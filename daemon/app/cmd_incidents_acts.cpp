// What people do with incidents, told to the running daemon: `normwatch incidents acknowledge ID --by NAME` and its
// like. One more is a row in kActCommands.
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "app/case_desk.h"
#include "app/cmd_incidents.h"
#include "base/text.h"
#include "record/act.h"

namespace nw::app {

namespace {

using record::Act;
using record::ActKind;

constexpr OptionSpec kBy{"by", "NAME", "who does it, as your site names staff; stands in the ledger"};
constexpr OptionSpec kWhy{"why", "TEXT", "why; stands in the ledger"};

constexpr OptionSpec kPlain[] = {kBy, kWhy, kActId, kFindConfig, kFindState, kFindControl};
constexpr OptionSpec kSplitOptions[] = {
    kBy,
    kWhy,
    {"merge", "ENTRY", "what the merge in this ledger entry joined comes apart again"},
    {"alerts", "IDS", "these alerts, with commas between them, become an incident of their own"},
    kActId,
    kFindConfig,
    kFindState,
    kFindControl};
constexpr OptionSpec kLabelOptions[] = {kBy,
                                        kWhy,
                                        {"tlp", "LABEL", "who may be told: clear, green, amber, amber+strict, red"},
                                        {"pap", "LABEL", "what may be done: clear, green, amber, red"},
                                        kActId,
                                        kFindConfig,
                                        kFindState,
                                        kFindControl};
constexpr OptionSpec kClassOptions[] = {kBy,
                                        kWhy,
                                        {"rsit", "CODE", "its class: `normwatch taxonomy show rsit` lists them"},
                                        {"kind", "TEXT", "its class, as your site says it"},
                                        kActId,
                                        kFindConfig,
                                        kFindState,
                                        kFindControl};

constexpr std::string_view kExit =
    "Exit status: 0 done, 64 something is missing or wrong, 66 no such incident, 69 no daemon answers, 78 it refuses.";
constexpr std::string_view kResolveExit =
    "Norm 13b wants technical facts, scope, context and consultations written down before (normwatch incidents "
    "factor); "
    "of an exercise none.\nExit status: 0 done, 64 something is missing or wrong, 66 no such incident, 69 no daemon "
    "answers, 78 it refuses.";
constexpr std::string_view kLabelExit =
    "A label that restricts less than the one in force wants --why.\nExit status: 0 done, 64 something is missing or "
    "wrong, 66 no such incident, 69 no daemon answers, 78 it refuses.";

struct ActCommand {
  CommandSpec spec;
  ActKind kind;
  std::array<std::string_view, 2> words;         // names of the values behind the incident's id
  std::array<std::string_view, 2> options = {};  // options that are values of the same name
};

constexpr auto kActCommands = std::to_array<ActCommand>({
    {{"incidents acknowledge", "ID --by NAME", "somebody takes it up: open -> acknowledged", kExit, kPlain, 1, 1},
     ActKind::acknowledge,
     {}},
    {{"incidents contain", "ID --by NAME", "it does not go on: acknowledged -> contained", kExit, kPlain, 1, 1},
     ActKind::contain,
     {}},
    {{"incidents resolve", "ID --by NAME --why TEXT", "close it", kResolveExit, kPlain, 1, 1}, ActKind::resolve, {}},
    {{"incidents false-positive", "ID --by NAME --why TEXT", "close it: it was none", kExit, kPlain, 1, 1},
     ActKind::false_positive,
     {}},
    {{"incidents reopen", "ID --by NAME --why TEXT", "a closed one is open again", kExit, kPlain, 1, 1},
     ActKind::reopen,
     {}},
    {{"incidents assign", "ID NAME --by NAME", "give it to somebody; '' takes it back", kExit, kPlain, 2, 2},
     ActKind::assign,
     {"to"}},
    {{"incidents note", "ID TEXT --by NAME", "write something down", kExit, kPlain, 2, 2}, ActKind::note, {"text"}},
    {{"incidents merge", "ID INTO --by NAME --why TEXT", "its alerts count in another one from now on", kExit, kPlain,
      2, 2},
     ActKind::merge,
     {"into"}},
    {{"incidents split", "ID (--merge ENTRY | --alerts IDS) --by NAME --why TEXT",
      "take a merge back, or make some alerts an incident of their own", kExit, kSplitOptions, 1, 1},
     ActKind::split,
     {},
     {"merge", "alerts"}},
    {{"incidents label", "ID [--tlp LABEL] [--pap LABEL] --by NAME", "set its TLP or PAP", kLabelExit, kLabelOptions, 1,
      1},
     ActKind::tlp,
     {}},
    {{"incidents factor", "ID technical|scope|context|consultations TEXT --by NAME",
      "write down one of the four factors of norm 13b", kExit, kPlain, 3, 3},
     ActKind::factor,
     {"factor", "text"}},
    {{"incidents hypothesis", "ID TEXT --by NAME", "write down another explanation", kExit, kPlain, 2, 2},
     ActKind::hypothesis,
     {"text"}},
    {{"incidents victims", "ID COUNT --by NAME", "how many victims it has abroad", kExit, kPlain, 2, 2},
     ActKind::victims,
     {"count"}},
    {{"incidents share", "ID WITH --by NAME", "it was shared with somebody", kExit, kPlain, 2, 2},
     ActKind::share,
     {"with"}},
    {{"incidents withhold", "ID --by NAME --why TEXT", "it is not shared, and why", kExit, kPlain, 1, 1},
     ActKind::withhold,
     {}},
    {{"incidents exercise", "ID yes|no --by NAME", "whether it is part of an announced exercise", kExit, kPlain, 2, 2},
     ActKind::exercise,
     {"exercise"}},
    {{"incidents classify", "ID [--rsit CODE] [--kind TEXT] --by NAME", "say what it is", kExit, kClassOptions, 1, 1},
     ActKind::classify,
     {},
     {"rsit", "kind"}},
});

ExitCode label(const Options& options, Act act) {
  if (!options.has("tlp") && !options.has("pap")) {
    complain("--tlp or --pap is missing; see --help");
    return kExitUsage;
  }
  if (options.has("act") && options.has("tlp") && options.has("pap")) {
    complain("--act names one act: give --tlp or --pap with it, not both");
    return kExitUsage;
  }
  for (const auto& [name, kind] : {std::pair{"tlp", ActKind::tlp}, std::pair{"pap", ActKind::pap}}) {
    if (!options.has(name)) continue;
    std::string text = to_ascii_lower(options.get(name));
    if (const std::string prefix = std::string{name} + ":"; text.starts_with(prefix)) text.erase(0, prefix.size());
    act.kind = kind;
    act.values = {{"label", text}};
    if (const ExitCode code = send_act(options, act); code != kExitOk) return code;
  }
  return kExitOk;
}

ExitCode run_act(const ActCommand& command, const Options& options) {
  Act act;
  act.kind = command.kind;
  act.incident = options.words()[0];
  act.by = options.get("by");
  act.why = options.get("why");
  if (trim(act.by).empty()) {
    complain("--by is missing: who does it; see --help");
    return kExitUsage;
  }
  if (command.kind == ActKind::tlp) return label(options, std::move(act));
  for (std::size_t i = 0; i < command.words.size() && !command.words[i].empty(); ++i)
    act.values.emplace_back(command.words[i], options.words()[i + 1]);
  for (const std::string_view name : command.options)
    if (!name.empty() && options.has(name)) act.values.emplace_back(name, options.get(name));
  return send_act(options, std::move(act));
}

template <std::size_t Row>
ExitCode run_row(const Options& options) {
  return run_act(kActCommands[Row], options);
}

template <std::size_t... Rows>
std::vector<Command> all_rows(std::index_sequence<Rows...> /*rows*/) {
  return {Command{&kActCommands[Rows].spec, run_row<Rows>}...};
}

}  // namespace

ExitCode send_act(const Options& options, record::Act act) {
  act.id = options.has("act") ? options.get("act") : new_act_id();
  // Said here with the command's words, before anything is sent.
  if (const auto whole = act.check(); !whole || act.id.empty()) {
    complain(whole ? "--act is empty" : whole.error().what);
    return kExitUsage;
  }
  const auto answer = ask_daemon(options, "POST", "/incidents/act", act.to_json());
  if (!answer) {
    complain(answer.error().what);
    // It may have been written all the same.
    if (answer.error().code == Errc::timed_out || answer.error().code == Errc::io ||
        answer.error().code == Errc::malformed)
      complain("whether it was done: the same command with --act " + act.id + "; nothing is done twice");
    return answer.error().code == Errc::invalid_argument ? kExitConfig : kExitUnavailable;
  }
  // 202: it is written, and the store will have it.
  const bool done = answer->status == 200 || answer->status == 202;
  std::fputs(answer->body.c_str(), done ? stdout : stderr);
  if (done) return kExitOk;
  return answer->status == 400   ? kExitUsage
         : answer->status == 404 ? kExitNoInput
         : answer->status == 503 ? kExitUnavailable
                                 : kExitConfig;
}

std::span<const Command> incident_acts() {
  static const std::vector<Command> kCommands = all_rows(std::make_index_sequence<kActCommands.size()>{});
  return kCommands;
}

}  // namespace nw::app
