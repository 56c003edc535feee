// `normwatch explain`: why a rule did or did not fire on the events of a file.
#include <cstdio>
#include <map>

#include "app/commands.h"
#include "app/event_file.h"
#include "app/replay.h"
#include "app/rule_text.h"
#include "app/rules_load.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr unsigned kEventsShown = 10;
constexpr std::size_t kTypesShown = 20;

constexpr OptionSpec kOptions[] = {
    {"rule", "RULE", "the rule: its id, name, title or file"},
    {"rules", "PATH",
     "a rule file or a folder of them, may be given again (default: those of --config, else embedded)"},
    {"config", "FILE", "take rules, norms and register from this configuration (its sources are not opened)"},
    kPermissiveOption,
    kPlaceholdersOption,
    {"most", "N", "events to show (default: 10)"},
    {"all", "", "every line of long lists"},
    {"format", "FORMAT", "of log files, as for replay"},
    {"product", "NAME", "Sigma product of log events"},
    {"service", "NAME", "Sigma service of log events"},
    {"category", "NAME", "Sigma category of log events"},
    {"mapping", "NAME", "field mapping of JSON events (default: by product or category; none)"},
};

constexpr CommandSpec kSpec{
    "explain",
    "--rule RULE EVENT",
    "say why a rule fires, or does not, on the events of a file",
    "EVENT is a file as replay takes it, or one JSON object over several lines; '-' is standard input. For each event "
    "of\n"
    "the rule's log source: whether it fires, and for each part of the rule whether it holds and what the event has "
    "there.\n"
    "Exit status: 0 an event fires the rule, 1 none does, 64 usage (no such rule), 65 damaged or wrong data, 66 "
    "missing "
    "file,\n78 configuration.",
    kOptions,
    1,
    1};

std::string heading(const event::Event& event, const event::Schema& schema) {
  return "event " + std::to_string(event.ordinal + 1) + " (" + std::string{schema.type(event.type()).path} + ", " +
         to_rfc3339(event.event_time()) + "): ";
}

// Judges every event, shows the first of the rule's log source, counts all.
class Explainer final : public EventTap {
 public:
  Explainer(const sigma::RuleSet& rules, std::size_t rule, unsigned most, const TreeOptions& tree)
      : rules_{rules}, rule_{rule}, most_{most}, tree_{tree} {}

  void see(const event::Event& event, const event::Schema& schema) override {
    ++events_;
    ++types_[std::string{schema.type(event.type()).path}];
    const sigma::Explanation found = sigma::explain(rules_, rule_, event, schema);
    if (!found.of_log_source) return;
    if (found.fires) ++fires_;
    if (++judged_ > most_) return;
    const char* verdict = found.fires ? "fires" : found.can_fire ? "does not fire" : "can never fire";
    std::string text = heading(event, schema) + verdict;
    if (found.fires) text += ", level " + std::string{sigma::to_string(found.level)};
    text += '\n';
    if (!found.can_fire) text += "  the rule is " + state_of(rules_, rule_) + '\n';
    text += tree_text(found.lines, tree_);
    if (found.fires && !found.lowers.empty()) text += tree_text(found.lowers, tree_);
    std::fwrite(text.data(), 1, text.size(), stdout);
  }

  // Gives whether the rule fired.
  bool sum_up() const {
    if (judged_ == 0) {
      std::printf("no event is of the rule's log source (%s)\n", log_source_of(rules_.info(rule_)).c_str());
      std::size_t shown = 0;
      for (const auto& [type, count] : types_)
        if (++shown <= kTypesShown) std::printf("  %llu of %s\n", n(count), printable(type).c_str());
      if (shown > kTypesShown) std::printf("  and %zu more kinds\n", shown - kTypesShown);
      if (events_ != 0)
        std::puts("if they are what the rule means, say so with --product, --service, --category or --mapping");
    }
    std::printf("%llu events, %llu of the rule's log source, %llu fire the rule", n(events_), n(judged_), n(fires_));
    std::puts(judged_ > most_ ? " (--most shows more)" : "");
    return fires_ != 0;
  }
  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }

 private:
  static unsigned long long n(std::uint64_t count) { return count; }

  const sigma::RuleSet& rules_;
  std::size_t rule_;
  unsigned most_;
  TreeOptions tree_;
  std::uint64_t events_ = 0, judged_ = 0, fires_ = 0;
  std::map<std::string, std::uint64_t> types_;  // closed: the schema's
};

ExitCode explain_file(const Config& config, const std::shared_ptr<const Snapshot>& snapshot, const EventFile& file,
                      Explainer& explainer) {
  ReplayOptions options;
  options.alerts = false;
  options.tap = &explainer;
  ReplaySummary summary;
  const auto nothing = [](std::string_view) { return Result<>{}; };
  const auto result = replay(config, snapshot, options, nothing, nothing, summary);
  const bool fires = explainer.sum_up();
  for (const auto& [reason, count] : summary.unparsed_by_reason)
    std::printf("%llu lines were not parsed: %s\n", static_cast<unsigned long long>(count), reason.c_str());
  if (!result) {
    complain(file.in_words(result.error().what));
    return exit_code(result.error().code);
  }
  if (summary.unparsed != 0 && summary.unparsed == summary.lines) {
    complain("not one line could be parsed; is it another format? See --format");
    return kExitData;
  }
  return fires ? kExitOk : kExitFailure;
}

ExitCode run(const Options& options) {
  const auto most = parse_count("most", options.get("most", std::to_string(kEventsShown)), 0, 1'000'000);
  if (!most || !options.has("rule")) {
    complain(most ? "explain: --rule says which rule is meant" : most.error().what);
    return kExitUsage;
  }
  Diagnostics diagnostics;
  std::optional<Config> config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  const auto file = EventFile::open(options.words()[0], options.get("format"));
  if (!file) {
    complain(file.error().what);
    return exit_code(file.error().code);
  }
  config->sources.clear();
  config->outputs.clear();
  if (const auto added = add_replay_file(options, file->path(), *config, diagnostics); !added) {
    complain(file->in_words(added.error().what));
    return added.error().code == Errc::invalid_argument ? kExitUsage : exit_code(added.error().code);
  }
  if (options.has("rules")) config->rule_paths = rule_paths(options.all("rules"));
  if (options.has("placeholders")) config->placeholders_file = options.get("placeholders");
  config->rules_permissive = config->rules_permissive || options.has("permissive");
  config->record_all = true;  // so that what the event has is known, not only what rules read of it
  const auto snapshot = build_snapshot(*config, nullptr, diagnostics);
  if (!snapshot) return report(diagnostics, &*config);
  const auto rule = find_rule(*snapshot->rules, options.get("rule"));
  if (!rule) {
    report(diagnostics, &*config);
    complain(rule.error().what);
    return kExitUsage;
  }
  const sigma::RuleInfo& info = snapshot->rules->info(*rule);
  std::printf("%s (%s), log source %s\n", printable(info.title).c_str(),
              info.id.empty() ? printable(info.file, 1024).c_str() : info.id.c_str(), log_source_of(info).c_str());
  Explainer explainer{*snapshot->rules, *rule, *most, {TreeKind::verdict, options.has("all")}};
  return explain_file(*config, snapshot, *file, explainer);
}

}  // namespace

const Command kExplain{&kSpec, run};

}  // namespace nw::app
