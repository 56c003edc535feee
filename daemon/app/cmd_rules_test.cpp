// `normwatch rules test`: the cases beside our own rules, and SigmaHQ's regression data.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <set>

#include "app/commands.h"
#include "app/regression.h"
#include "app/rules_load.h"
#include "base/text.h"
#include "detect/correlation/rule_tests.h"

namespace nw::app {

namespace {

namespace fs = std::filesystem;

constexpr OptionSpec kOptions[] = {
    kPermissiveOption, kSourcesOption, kPlaceholdersOption, {"json", "", "one JSON object for each regression case"}};

constexpr CommandSpec kSpec{
    "rules test",
    "[PATH...]",
    "test rules against the cases beside them",
    "PATH is a rule file or a folder of them; without one: those of --config, else the embedded ones.\n"
    "Every case of each x.test.yml beside x.yml is run; a set that has any needs two for each rule: a case that fires "
    "it\n"
    "and one that does not.\n"
    "SigmaHQ's layout is run too: the info.yml below a folder regression_data that is PATH, lies below it, or beside "
    "it or\n"
    "one of the folders above. When PATH names only such cases, the rules are those of the folders 'rules*' beside\n"
    "regression_data. Events are read from the .json; a case that has only an .evtx is not run, and says so. A case "
    "fails\n"
    "when its rule matches fewer events than match_count states (at least 1); more are told.\n"
    "Exit status: 0 all is well, 1 a case failed or a rule is untested, 65 a rule or a test file is wrong.",
    kOptions,
    0,
    10'000};

bool is_cases(const fs::path& path) {
  for (const fs::path& part : path)
    if (part == "regression_data") return true;
  return path.filename() == "info.yml";
}

// The nearest regression_data at or above `path`; empty: there is none.
fs::path cases_beside(fs::path path) {
  constexpr int kLevelsMax = 8;
  std::error_code ignored;
  path = fs::absolute(path, ignored).lexically_normal();
  for (int level = 0; level < kLevelsMax; ++level) {
    if (fs::is_directory(path / "regression_data", ignored)) return path / "regression_data";
    if (!path.has_relative_path()) break;
    path = path.parent_path();
  }
  return {};
}

// What the words of the command line come to.
struct Plan {
  std::vector<std::string> rules;  // paths of rules
  std::set<std::string> named;     // files of regression cases that were asked for: each must have its rule
  std::set<std::string> beside;    // those found beside rules: only the loaded rules' count
};

void add_cases(const std::string& path, std::set<std::string>& into, Diagnostics& diagnostics) {
  if (fs::path{path}.filename() == "info.yml") {
    into.insert(path);
    return;
  }
  for (std::string& file : list_cases(path, diagnostics)) into.insert(std::move(file));
}

// The folders of rules beside the regression_data that `path` lies in.
void add_rules_of(const fs::path& path, std::vector<std::string>& rules) {
  fs::path root = fs::absolute(path).lexically_normal();
  while (root.has_relative_path() && root.filename() != "regression_data") root = root.parent_path();
  std::error_code ignored;
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator{root.parent_path(), ignored})
    if (entry.is_directory() && entry.path().filename().string().starts_with("rules"))
      found.insert(entry.path().string());
  for (const std::string& folder : found)
    if (std::find(rules.begin(), rules.end(), folder) == rules.end()) rules.push_back(folder);
}

Plan plan(const std::vector<std::string>& words, Diagnostics& diagnostics) {
  Plan out;
  std::set<fs::path> looked;
  for (const std::string& word : words) {
    if (is_cases(word)) {
      add_cases(word, out.named, diagnostics);
      continue;
    }
    out.rules.push_back(word);
    const fs::path beside = cases_beside(word);
    if (!beside.empty() && looked.insert(beside).second) add_cases(beside.string(), out.beside, diagnostics);
  }
  if (out.rules.empty())
    for (const std::string& word : words) add_rules_of(word, out.rules);
  return out;
}

void print_json(const RegressionResult& result) {
  std::string line = "{\"file\":";
  append_json_string(result.test.file, line);
  line += ",\"rule\":";
  append_json_string(result.test.rule, line);
  line += ",\"verdict\":\"" + std::string{to_string(result.verdict)} + "\",\"stated\":";
  line += result.test.stated ? std::to_string(*result.test.stated) : "null";
  line += ",\"found\":" + std::to_string(result.found) + ",\"events\":" + std::to_string(result.events);
  if (!result.reason.empty()) {
    line += ",\"reason\":";
    append_json_string(result.reason, line);
  }
  std::puts((line + '}').c_str());
}

void print_text(const RegressionResult& result) {
  const std::string stated = result.test.stated ? std::to_string(*result.test.stated) : "at least 1";
  const std::string head = result.test.file + ": rule " + printable(result.test.rule, 64) + ": ";
  const std::string counts = "stated " + stated + ", found " + std::to_string(result.found) + " of " +
                             std::to_string(result.events) + " events";
  if (result.verdict == Verdict::failed)
    std::printf("%sFAILED: %s%s\n", head.c_str(), counts.c_str(),
                result.reason.empty() ? "" : (": " + result.reason).c_str());
  else if (result.verdict == Verdict::not_run)
    std::printf("%snot run: %s\n", head.c_str(), printable(result.reason, 512).c_str());
  else if (result.test.stated && result.found > *result.test.stated)
    std::printf("%snote: %s\n", head.c_str(), counts.c_str());
}

// Gives the number of cases that failed, or were asked for and could not be run.
std::size_t run_regression(const Plan& what, const LoadedRules& loaded, bool json, Diagnostics& diagnostics) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < loaded.rules->size(); ++i) ids.insert(loaded.rules->info(i).id);
  std::vector<RegressionCase> cases;
  for (const std::string& file : what.named)
    for (RegressionCase& test : read_cases(file, diagnostics)) cases.push_back(std::move(test));
  for (const std::string& file : what.beside)
    if (!what.named.contains(file))
      for (RegressionCase& test : read_cases(file, diagnostics))
        if (ids.contains(test.rule)) cases.push_back(std::move(test));
  std::array<std::size_t, 3> totals{};
  for (const RegressionResult& result : run_cases(std::move(cases), loaded.rules, loaded.schema, loaded.windows)) {
    ++totals[static_cast<std::size_t>(result.verdict)];
    json ? print_json(result) : print_text(result);
  }
  if (!json)
    std::printf("regression: %zu cases, %zu passed, %zu failed, %zu not run\n", totals[0] + totals[1] + totals[2],
                totals[0], totals[1], totals[2]);
  return totals[1];
}

// Gives whether every case passed and every rule is tested.
bool run_beside(const std::vector<sigma::RuleText>& tests, const LoadedRules& loaded, Diagnostics& diagnostics) {
  const auto streams = correlation::make_stream_counter(*loaded.rules);
  const sigma::RuleTestReport result =
      sigma::run_rule_tests(*loaded.rules, *loaded.schema, tests, diagnostics, streams.get());
  for (const sigma::RuleTestFailure& failure : result.failures)
    std::printf("%s:%zu:%zu: FAILED: %s\n", failure.file.c_str(), failure.mark.line, failure.mark.column,
                failure.text.c_str());
  for (const std::string& rule : result.untested)
    std::printf("untested: %s: needs a case that fires it and one that does not\n", rule.c_str());
  std::printf("%zu rules, %zu tested, %zu cases, %zu failed, %zu untested\n", loaded.rules->size(), result.rules_tested,
              result.cases, result.failures.size(), result.untested.size());
  return result.failures.empty() && result.untested.empty();
}

ExitCode run(const Options& options) {
  Diagnostics diagnostics;
  const Plan what = plan(options.words(), diagnostics);
  const LoadedRules loaded = load_rules(options, what.rules, {{}, true, false}, diagnostics);
  if (!loaded.rules) {
    report(diagnostics, nullptr);
    return kExitData;
  }
  const bool regression = !what.named.empty() || !what.beside.empty();
  const auto tests = read_rule_texts(loaded.paths, true, diagnostics);
  bool good = true;
  if (!tests.empty() || !regression) good = run_beside(tests, loaded, diagnostics);
  if (regression && run_regression(what, loaded, options.has("json"), diagnostics) != 0) good = false;
  report(diagnostics, nullptr);
  if (!diagnostics.ok() && !loaded.permissive) return kExitData;
  return good ? kExitOk : kExitFailure;
}

}  // namespace

extern const Command kRulesTest;
const Command kRulesTest{&kSpec, run};

}  // namespace nw::app
