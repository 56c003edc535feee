// `normwatch rules test | list`.
#include <cstdio>

#include "app/commands.h"
#include "app/mappings.h"
#include "app/snapshot.h"
#include "base/text.h"
#include "ingest/network/decoder.h"

namespace nw::app {

namespace {

constexpr OptionSpec kOptions[] = {
    {"permissive", "", "leave bad rules out instead of failing (third-party packs)"},
};

constexpr CommandSpec kSpec{
    "rules",
    "test|list [PATH...]",
    "test rules against the cases beside them, or list them",
    "PATH is a rule file or a folder of them; without one: the embedded rules.\n"
    "test   runs every case of each x.test.yml beside x.yml; a rule needs a case that fires it and one that does not\n"
    "list   prints level, norm, state, id and title of each rule\n"
    "Exit status: 0 all is well, 1 a case failed or a rule is untested, 65 a rule or a test file is wrong.",
    kOptions,
    1,
    10'000};

struct Loaded {
  std::shared_ptr<event::Schema> schema = std::make_shared<event::Schema>();
  std::shared_ptr<const sigma::RuleSet> rules;
};

Loaded load(const std::vector<std::string>& paths, bool permissive, Diagnostics& diagnostics) {
  Loaded loaded;
  network::NetworkDecoder::declare(*loaded.schema);
  for (const logs::Format& format : logs::formats()) format.declare(*loaded.schema, {});
  Config defaults;
  load_mappings(defaults, diagnostics);
  declare_mappings(defaults, *loaded.schema);
  claim_mappings(defaults, *loaded.schema);
  const context::Enricher enricher{*loaded.schema};
  sigma::CompileOptions options;
  options.permissive = permissive;
  for (const event::FieldSpec& field : context::Enricher::fields()) options.produced_fields.push_back(field.name);
  const auto texts = read_rule_texts(paths, false, diagnostics);
  if (diagnostics.ok() && texts.empty())
    diagnostics.error(paths.empty() ? "rules" : paths[0], {}, "no-rules", "no rule file (*.yml) was found");
  loaded.rules = sigma::RuleSet::compile(texts, *loaded.schema, options, diagnostics);
  return loaded;
}

ExitCode test(const std::vector<std::string>& paths, bool permissive) {
  Diagnostics diagnostics;
  const Loaded loaded = load(paths, permissive, diagnostics);
  if (!loaded.rules) {
    report(diagnostics, nullptr);
    return kExitData;
  }
  const auto tests = read_rule_texts(paths, true, diagnostics);
  const sigma::RuleTestReport result = sigma::run_rule_tests(*loaded.rules, *loaded.schema, tests, diagnostics);
  report(diagnostics, nullptr);
  for (const sigma::RuleTestFailure& failure : result.failures)
    std::printf("%s:%zu:%zu: FAILED: %s\n", failure.file.c_str(), failure.mark.line, failure.mark.column,
                failure.text.c_str());
  for (const std::string& rule : result.untested)
    std::printf("untested: %s: needs a case that fires it and one that does not\n", rule.c_str());
  std::printf("%zu rules, %zu tested, %zu cases, %zu failed, %zu untested\n", loaded.rules->size(), result.rules_tested,
              result.cases, result.failures.size(), result.untested.size());
  if (!diagnostics.ok() && !permissive) return kExitData;
  return result.failures.empty() && result.untested.empty() ? kExitOk : kExitFailure;
}

ExitCode list(const std::vector<std::string>& paths, bool permissive) {
  Diagnostics diagnostics;
  const Loaded loaded = load(paths, permissive, diagnostics);
  report(diagnostics, nullptr);
  if (!loaded.rules) return kExitData;
  for (std::size_t i = 0; i < loaded.rules->size(); ++i) {
    const sigma::RuleInfo& info = loaded.rules->info(i);
    const std::string_view level = sigma::to_string(info.level), state = sigma::to_string(loaded.rules->state(i));
    std::printf("%-13.*s %-4s %-18.*s %-36s  %s\n", static_cast<int>(level.size()), level.data(),
                info.norm.empty() ? "-" : info.norm.c_str(), static_cast<int>(state.size()), state.data(),
                info.id.empty() ? "-" : info.id.c_str(), printable(info.title).c_str());
  }
  return kExitOk;
}

ExitCode run(const Options& options) {
  const std::string& what = options.words()[0];
  const std::vector<std::string> paths{options.words().begin() + 1, options.words().end()};
  if (what == "test") return test(paths, options.has("permissive"));
  if (what == "list") return list(paths, options.has("permissive"));
  static constexpr std::string_view kKnown[] = {"test", "list"};
  complain("rules: '" + printable(what, 64) + "' is neither test nor list" + did_you_mean(what, kKnown));
  return kExitUsage;
}

}  // namespace

const Command kRules{&kSpec, run};

}  // namespace nw::app
