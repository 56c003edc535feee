// `normwatch rules show`: what a rule says of itself, and how it is run.
#include <cstdio>

#include "app/commands.h"
#include "app/over_time_text.h"
#include "app/rule_text.h"
#include "app/rules_load.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    kPermissiveOption, kSourcesOption, kPlaceholdersOption, {"all", "", "every line of long lists"}};

constexpr CommandSpec kSpec{
    "rules show",
    "RULE [PATH...]",
    "print one rule: what it says of itself, its state, how it is run and what that costs",
    "RULE is an id, a name, a title or the name of its file. PATH is a rule file or a folder of them; without one: "
    "those of --config, else "
    "the\n"
    "embedded ones. For each kind of event on which the rule can fire: its program, as a tree; '<-' marks the parts "
    "that\n"
    "set it off, and how they are found. Of a rule over time: what it is over, and when it fires. Its variables: what "
    "a\n"
    "site may set in it, with the value in force. Its cost class:\n"
    "  hashed            set off by tables alone\n"
    "  scanned           a piece of text must be searched for\n"
    "  confirmed         what the search meets must be confirmed\n"
    "  always evaluated  nothing sets it off: judged on every event of its log source\n"
    "Exit status: 0, 64 no such rule, 65 a rule is wrong.",
    kOptions,
    1,
    10'000};

void print(const char* key, const std::string& value) {
  if (!value.empty()) std::printf("%-12s %s\n", key, printable(value, 1024).c_str());
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

void print_info(const sigma::RuleSet& rules, std::size_t rule) {
  const sigma::RuleInfo& info = rules.info(rule);
  print("title:", info.title);
  print("id:", info.id);
  print("name:", info.name);
  print("file:", info.file + ':' + std::to_string(info.mark.line));
  print("status:", info.status + (info.shadow ? " (shadow: counted, never notified)" : ""));
  const std::string lowered =
      info.lowered ? ", " + std::string{sigma::to_string(*info.lowered)} + " where 'downgrade_when' holds" : "";
  print("level:", std::string{sigma::to_string(info.level)} + lowered);
  print("norm:", info.norm);
  print("detection:", info.detection_id);
  if (!is_document(rules, rule)) print("log source:", log_source_of(info));
  print("tags:", join(info.tags));
  print("filters:", join(info.filters));
  print("state:", state_of(rules, rule));
  if (rules.silent(rule)) print("alerts:", "not by itself: correlations count it");
}

void print_variables(const sigma::RuleInfo& info) {
  if (info.variables.empty()) return;
  std::puts("\nvariables (rules.variables in the configuration sets them):");
  for (const sigma::Variable& variable : info.variables) {
    std::printf("  %s: %s%s\n", variable.name.c_str(), printable(variable.value, 1024).c_str(),
                variable.set ? ", set by the site" : "");
    std::printf("    %s\n", printable(variable.help, 1024).c_str());
    if (variable.set) std::printf("    default: %s\n", printable(variable.usual, 1024).c_str());
    for (const std::string& at : variable.at) std::printf("    at: %s\n", printable(at, 512).c_str());
  }
}

// Kinds of events with one plan stand together.
struct Group {
  std::vector<std::string> types;
  sigma::CostClass cost;
  std::string tree;
};

std::vector<Group> groups_of(std::vector<sigma::RulePlan> plans, const TreeOptions& tree) {
  std::vector<Group> out;
  for (const sigma::RulePlan& plan : plans) {
    const std::string text = tree_text(plan.lines, tree) + tree_text(plan.lowers, tree);
    auto same = out.begin();
    while (same != out.end() && (same->cost != plan.cost || same->tree != text)) ++same;
    if (same == out.end()) same = out.insert(out.end(), Group{{}, plan.cost, text});
    same->types.push_back(plan.type);
  }
  return out;
}

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  const std::vector<std::string> paths{options.words().begin() + 1, options.words().end()};
  const LoadedRules loaded = load_rules(options, paths, {{}, true}, diagnostics);
  if (!loaded.rules) {
    report(diagnostics, nullptr);
    return kExitData;
  }
  const auto rule = find_rule(*loaded.rules, options.words()[0]);
  if (!rule) {
    report(diagnostics, nullptr);
    complain(rule.error().what);
    return kExitUsage;
  }
  print_info(*loaded.rules, *rule);
  print_variables(loaded.rules->info(*rule));
  if (const sigma::Correlation* correlation = loaded.rules->correlation(*rule))
    std::printf("\n%s", over_time_text(*loaded.rules, *rule, *correlation).c_str());
  // A correlation document asks no event anything by itself.
  if (is_document(*loaded.rules, *rule)) return kExitOk;
  const TreeOptions tree{TreeKind::plan, options.has("all")};
  const std::vector<Group> groups = groups_of(sigma::plans(*loaded.rules, *rule, *loaded.schema), tree);
  for (const Group& group : groups)
    std::printf("\non %s: %s\n%s", printable(join(group.types), 4096).c_str(),
                std::string{sigma::to_string(group.cost)}.c_str(), group.tree.c_str());
  if (groups.empty()) std::puts("\nIt can fire on no kind of event, so it has no program.");
  return kExitOk;
}

}  // namespace

extern const Command kRulesShow;
const Command kRulesShow{&kSpec, run};

}  // namespace nw::app
