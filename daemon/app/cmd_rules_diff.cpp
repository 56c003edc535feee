// `normwatch rules diff`: what a change of rules would have changed. Two replays of the same files, compared by rule.
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <thread>
#include <tuple>

#include "app/commands.h"
#include "app/replay.h"
#include "app/rules_load.h"
#include "base/text.h"
#include "record/alert.h"

namespace nw::app {

namespace {

constexpr std::size_t kMatchesMax = 10'000'000;  // of one set; each is held until both are known
constexpr unsigned kExamples = 3;

constexpr OptionSpec kOptions[] = {
    {"replay", "FILE", "a capture or log to run both over; may be given again, and further words are files too"},
    {"config", "FILE", "take norms and register from this configuration"},
    kPermissiveOption,
    kPlaceholdersOption,
    {"examples", "N", "events to show for each rule and direction (default: 3)"},
    {"workers", "N", "threads (default: one per core)"},
    kFormatOption,
    kProductOption,
    kServiceOption,
    kCategoryOption,
    kMappingOption,
};

constexpr CommandSpec kSpec{
    "rules diff",
    "OLD NEW --replay FILE...",
    "compare what two rule sets match in files",
    "OLD and NEW are each a rule file or a folder of them. Rules are the same when their ids are; shadow rules count "
    "like\n"
    "the others. For each rule that differs: how many events it matched under OLD and under NEW, and examples of "
    "those\n"
    "that it gained (+) and lost (-), as file:line (or packet) and time.\n"
    "Exit status: 0 nothing differs, 1 something does, 64 usage, 65 a rule or a file is wrong, 66 missing file.",
    kOptions,
    2,
    10'000};

// An event that a rule matched, as far as it can be found again.
struct Match {
  std::string source;
  std::uint64_t ordinal = 0;
  Timestamp time{};
  friend auto operator<=>(const Match& a, const Match& b) {
    return std::tie(a.source, a.ordinal, a.time) <=> std::tie(b.source, b.ordinal, b.time);
  }
};

struct Outcome {
  std::map<std::string, std::string> titles;          // of every rule, by id
  std::map<std::string, std::vector<Match>> matches;  // by rule
  std::size_t total = 0;
};

const std::string& key(const sigma::RuleInfo& info) { return info.id.empty() ? info.title : info.id; }

Result<Outcome> play(const Config& config, const std::shared_ptr<const Snapshot>& snapshot, unsigned workers) {
  Outcome out;
  for (std::size_t i = 0; i < snapshot->rules->size(); ++i)
    out.titles[key(snapshot->rules->info(i))] = snapshot->rules->info(i).title;
  const auto take = [&](std::string_view line) -> Result<> {
    if (++out.total > kMatchesMax)
      return Error{Errc::full, "more than " + std::to_string(kMatchesMax) + " matches; compare over a smaller file"};
    auto alert = record::Alert::from_json(line);
    if (!alert) return alert.error();
    auto& rule = out.matches[alert->rule_id.empty() ? alert->rule_title : alert->rule_id];
    rule.push_back({std::move(alert->source), alert->ordinal, alert->event_time});
    return {};
  };
  ReplayOptions options;
  options.workers = workers;
  options.shadow = true;
  ReplaySummary summary;
  const auto played = replay(
      config, snapshot, options, take, [](std::string_view) { return Result<>{}; }, summary);
  if (!played) return played.error();
  for (auto& [rule, matches] : out.matches) std::sort(matches.begin(), matches.end());
  return out;
}

// The files stand in `config.sources` under their sources' names.
class Report {
 public:
  Report(const Config& config, const Outcome& before, const Outcome& after, unsigned examples)
      : before_{before}, after_{after}, examples_{examples} {
    for (const SourceConfig& source : config.sources) files_[source.name] = source.path;
  }

  // Gives whether anything differs.
  bool print() {
    std::set<std::string> rules;
    for (const Outcome* outcome : {&before_, &after_})
      for (const auto& [rule, title] : outcome->titles) rules.insert(rule);
    for (const std::string& rule : rules) print_rule(rule);
    std::printf("rules: %zu in OLD, %zu in NEW, %zu differ\nmatches: %zu under OLD, %zu under NEW\n",
                before_.titles.size(), after_.titles.size(), differ_, before_.total, after_.total);
    return differ_ != 0;
  }

 private:
  static const std::vector<Match>& of(const Outcome& outcome, const std::string& rule) {
    static const std::vector<Match> kNone;
    const auto found = outcome.matches.find(rule);
    return found == outcome.matches.end() ? kNone : found->second;
  }

  void print_rule(const std::string& rule) {
    const std::vector<Match>&old = of(before_, rule), &now = of(after_, rule);
    std::vector<Match> gained, lost;
    std::set_difference(now.begin(), now.end(), old.begin(), old.end(), std::back_inserter(gained));
    std::set_difference(old.begin(), old.end(), now.begin(), now.end(), std::back_inserter(lost));
    const auto in_old = before_.titles.find(rule), in_new = after_.titles.find(rule);
    const bool both = in_old != before_.titles.end() && in_new != after_.titles.end();
    if (both && gained.empty() && lost.empty()) return;
    ++differ_;
    const char* what = in_old == before_.titles.end()  ? "only in NEW"
                       : in_new == after_.titles.end() ? "only in OLD"
                       : lost.empty()                  ? "gained"
                       : gained.empty()                ? "lost"
                                                       : "changed";
    const std::string& title = in_new == after_.titles.end() ? in_old->second : in_new->second;
    std::printf("%-11s  %s  %s: %zu -> %zu matches (+%zu -%zu)\n", what, printable(rule, 64).c_str(),
                printable(title).c_str(), old.size(), now.size(), gained.size(), lost.size());
    print_events('+', gained);
    print_events('-', lost);
  }

  void print_events(char sign, const std::vector<Match>& events) const {
    const std::size_t shown = std::min<std::size_t>(events.size(), examples_);
    for (std::size_t i = 0; i < shown; ++i) {
      const auto file = files_.find(events[i].source);
      std::printf("    %c %s:%llu %s\n", sign, file == files_.end() ? "?" : file->second.c_str(),
                  static_cast<unsigned long long>(events[i].ordinal + 1), to_rfc3339(events[i].time).c_str());
    }
    if (shown != 0 && shown < events.size()) std::printf("    %c and %zu more\n", sign, events.size() - shown);
  }

  const Outcome &before_, &after_;
  unsigned examples_;
  std::map<std::string, std::string> files_;
  std::size_t differ_ = 0;
};

// The files to play, as sources of `config`; the exit status of what went wrong.
ExitCode add_files(const Options& options, Config& config, Diagnostics& diagnostics) {
  std::vector<std::string> files = options.all("replay");
  files.insert(files.end(), options.words().begin() + 2, options.words().end());
  config.sources.clear();
  config.outputs.clear();
  for (const std::string& file : files) {
    if (file == "-") {
      complain("rules diff: standard input cannot be read twice; name a file");
      return kExitUsage;
    }
    if (const auto added = add_replay_file(options, file, config, diagnostics); !added) {
      complain(added.error().what);
      return added.error().code == Errc::invalid_argument ? kExitUsage : exit_code(added.error().code);
    }
  }
  if (!files.empty()) return kExitOk;
  complain("rules diff: --replay says over which files the sets are compared");
  return kExitUsage;
}

ExitCode compare(const Options& options, Config& config, unsigned workers, unsigned examples) {
  std::vector<Outcome> outcomes;
  for (const std::string& path : {options.words()[0], options.words()[1]}) {
    config.rule_paths = {{path, false}};
    Diagnostics diagnostics;
    const auto snapshot = build_snapshot(config, nullptr, diagnostics);
    const ExitCode code = report(diagnostics, &config);
    if (!snapshot) return code;
    auto outcome = play(config, snapshot, workers);
    if (!outcome) {
      complain(outcome.error().what);
      return exit_code(outcome.error().code);
    }
    outcomes.push_back(std::move(*outcome));
  }
  return Report{config, outcomes[0], outcomes[1], examples}.print() ? kExitFailure : kExitOk;
}

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  if (const ExitCode code = add_files(options, *config, diagnostics); code != kExitOk) return code;
  if (!diagnostics.ok()) return report(diagnostics, nullptr);
  config->rules_permissive = config->rules_permissive || options.has("permissive");
  if (options.has("placeholders")) config->placeholders_file = options.get("placeholders");
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const auto workers = parse_count("workers", options.get("workers", std::to_string(std::min(cores, 256U))), 1, 256);
  const auto examples = parse_count("examples", options.get("examples", std::to_string(kExamples)), 0, 1'000'000);
  for (const auto* count : {&workers, &examples})
    if (!*count) {
      complain(count->error().what);
      return kExitUsage;
    }
  return compare(options, *config, *workers, *examples);
}

}  // namespace

extern const Command kRulesDiff;
const Command kRulesDiff{&kSpec, run};

}  // namespace nw::app
