// `normwatch rules top`: the rules that cost most, in the running daemon or over files.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <cstdio>

#include "app/commands.h"
#include "app/replay.h"
#include "app/rule_costs.h"
#include "app/rules_load.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr unsigned kShown = 20;

constexpr OptionSpec kOptions[] = {
    {"replay", "FILE",
     "a capture or log to run the rules over; may be given again. Without: the running daemon is asked"},
    {"rules", "PATH", "with --replay: a rule file or a folder of them, may be given again"},
    {"most", "N", "rules to show (default: 20, at most 100)"},
    {"json", "", "as JSON"},
    {"config", "FILE",
     "with --replay: rules, norms and register; else: the daemon's configuration, to find its socket"},
    {"control", "SOCKET", "the daemon's control socket (default: from --config, else <state>/control.sock)"},
    {"state", "DIR", "the daemon's state directory, to find the socket (default /var/lib/normwatch)"},
    kPermissiveOption,
    kPlaceholdersOption,
    kFormatOption,
    kProductOption,
    kServiceOption,
    kCategoryOption,
    kMappingOption,
};

constexpr CommandSpec kSpec{
    "rules top",
    "[--replay FILE]",
    "print the rules that cost most",
    "Every evaluation is counted; one event in 1,024 is timed, and stands for all. What looking up an event's fields\n"
    "takes serves all rules and is told apart. A rule that nothing of an event sets off is not evaluated and not "
    "listed.\n"
    "Columns: share of the rules' time, evaluations per event, time of one evaluation, matches, cost class (see rules "
    "show),\n"
    "id, title; '-' where no evaluation was timed.\n"
    "Exit status: 0, 64 usage, 65 a rule or a file is wrong, 66 missing file, 69 no daemon answers, 78 configuration.",
    kOptions,
    0,
    0};

double number(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  boost::json::error_code error;
  const double out = value == nullptr ? 0 : value->to_number<double>(error);
  return error ? 0 : out;
}

std::string text(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? printable(std::string_view{value->as_string()}) : std::string{};
}

void print_row(const boost::json::object& row, double events, double seconds) {
  const bool timed = number(row, "sampled") > 0;
  char share[16] = "-", each[32] = "-";
  if (timed && seconds > 0) std::snprintf(share, sizeof share, "%.1f%%", 100 * number(row, "seconds") / seconds);
  if (timed) std::snprintf(each, sizeof each, "%.0f ns", number(row, "nanoseconds_each"));
  std::printf("%6s %9.4f %9s %9.0f  %-16s  %-36s  %s\n", share, events > 0 ? number(row, "evaluations") / events : 0,
              each, number(row, "matches"), text(row, "cost").c_str(), text(row, "id").c_str(),
              text(row, "title").c_str());
}

void print(const boost::json::object& costs, const Options& options, std::size_t most) {
  if (options.has("json")) {
    std::puts(boost::json::serialize(costs).c_str());
    return;
  }
  const double events = number(costs, "events"), seconds = number(costs, "seconds");
  std::printf("%.0f events; rules took %.3f s, looking up fields %.3f s (estimated); %.0f rules were evaluated\n",
              events, seconds, number(costs, "look_up_seconds"), number(costs, "evaluated"));
  const boost::json::value* rules = costs.if_contains("rules");
  if (rules == nullptr || !rules->is_array() || rules->as_array().empty()) return;
  std::printf("%6s %9s %9s %9s  %-16s  %-36s  %s\n", "share", "per event", "each", "matches", "cost class", "id",
              "title");
  for (const boost::json::value& row : rules->as_array()) {
    if (most-- == 0) break;
    if (row.is_object()) print_row(row.as_object(), events, seconds);
  }
}

ExitCode ask(const Options& options, std::size_t most) {
  const auto answer = ask_daemon(options, "GET", "/rules/costs");
  if (!answer) {
    complain(answer.error().what);
    return answer.error().code == Errc::invalid_argument ? kExitConfig : kExitUnavailable;
  }
  boost::json::error_code error;
  const boost::json::value parsed = boost::json::parse(answer->body, error);
  if (answer->status != 200 || error || !parsed.is_object()) {
    complain("the daemon's answer is not understood; are the two of the same version?");
    return kExitUnavailable;
  }
  print(parsed.as_object(), options, most);
  return kExitOk;
}

ExitCode play(const Options& options, std::size_t most) {
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  config->sources.clear();
  config->outputs.clear();
  for (const std::string& file : options.all("replay"))
    if (const auto added = add_replay_file(options, file, *config, diagnostics); !added) {
      complain(added.error().what);
      return added.error().code == Errc::invalid_argument ? kExitUsage : exit_code(added.error().code);
    }
  if (options.has("rules")) config->rule_paths = rule_paths(options.all("rules"));
  if (options.has("placeholders")) config->placeholders_file = options.get("placeholders");
  config->rules_permissive = config->rules_permissive || options.has("permissive");
  const auto snapshot = build_snapshot(*config, nullptr, diagnostics);
  const ExitCode code = report(diagnostics, &*config);
  if (!snapshot) return code;
  ReplayOptions replay_options;
  replay_options.alerts = false;
  ReplaySummary summary;
  const auto nothing = [](std::string_view) { return Result<>{}; };
  const auto played = replay(*config, snapshot, replay_options, nothing, nothing, summary);
  if (!played) {
    complain(played.error().what);
    return exit_code(played.error().code);
  }
  print(to_json(summary.costs, *snapshot->rules, *snapshot->schema, most), options, most);
  return kExitOk;
}

ExitCode run(const Options& options) {
  const auto most = parse_count("most", options.get("most", std::to_string(kShown)), 1, kDearestMax);
  if (!most) {
    complain(most.error().what);
    return kExitUsage;
  }
  return options.has("replay") ? play(options, *most) : ask(options, *most);
}

}  // namespace

extern const Command kRulesTop;
const Command kRulesTop{&kSpec, run};

}  // namespace nw::app
