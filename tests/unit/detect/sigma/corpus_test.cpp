// SigmaHQ's rules and regression events, when the corpus lies beside the project; skipped otherwise.

#include "corpus.h"

#include <gtest/gtest.h>
#include <iostream>
#include <map>

#include "base/text.h"
#include "base/yaml.h"
#include "detect/sigma/check.h"
#include "detect/sigma/compile.h"
#include "detect/sigma/read.h"

namespace nw::sigma {
namespace {

// The stated count is a lower bound to SigmaHQ's own runner, 1 where it is missing. More is right in these, whose files
// hold more such events.
std::size_t expected_hits(std::string_view name, std::size_t stated) {
  static const std::map<std::string_view, std::size_t> kMore{
      {"file_event_win_anydesk_artefact", 3},      {"file_event_win_cred_dump_tools_dropped_files", 3},
      {"proc_creation_win_dtrace_kernel_dump", 2}, {"proc_creation_win_github_self_hosted_runner", 2},
      {"registry_set_change_security_zones", 3},   {"registry_set_disable_administrative_share", 2},
  };
  const auto more = kMore.find(name);
  return more == kMore.end() ? stated : more->second;
}

class SigmaCorpus : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = corpora() / "sigma";
    if (!fs::exists(root_)) GTEST_SKIP() << "no corpus beside the project";
  }
  fs::path root_;
};

TEST_F(SigmaCorpus, RulesLoad) {
  const auto rules = texts(root_ / "rules");
  event::Schema schema;
  std::map<std::string, event::TypeId> types;
  add_types(rules, schema, types);
  Diagnostics diagnostics;
  CompileOptions options;
  options.permissive = true;
  const auto set = RuleSet::compile(rules, schema, options, diagnostics);
  ASSERT_NE(set, nullptr);
  for (const Diagnostic& d : diagnostics.all())
    if (d.severity == Severity::error) std::cout << d.to_string() << '\n';
  std::size_t live = 0, nodes = 0;
  for (std::size_t i = 0; i < set->size(); ++i) live += set->state(i) == RuleState::live ? 1U : 0U;
  for (const Node& node : set->data().nodes) nodes += node.kind == Node::Kind::atom ? 1U : 0U;
  std::cout << "loaded " << set->size() << " of " << rules.size() << ", live " << live << ", atoms "
            << set->data().atoms.size() << " for " << nodes << " uses, nodes " << set->data().nodes.size() << '\n';
  EXPECT_EQ(set->size() + set->refused(), rules.size());
  EXPECT_EQ(set->size(), rules.size());
  EXPECT_GE(set->size(), 3100U);
  EXPECT_EQ(live, set->size());
}

TEST_F(SigmaCorpus, RegressionEventsFire) {
  std::vector<RuleText> rules;
  std::size_t cases = 0, passed = 0;
  std::map<std::string, std::pair<fs::path, std::size_t>> wanted;  // rule id: its folder and the stated count
  for (const fs::path& info : files(root_ / "regression_data", ".yml")) {
    if (info.filename() != "info.yml") continue;
    Diagnostics found;
    const auto documents = parse_yaml(read_file(info), info.string(), found);
    ASSERT_TRUE(found.ok() && documents.size() == 1) << info << found.to_string();
    const YamlNode* tests = documents.front().find("regression_tests_info");
    const YamlNode* metadata = documents.front().find("rule_metadata");
    if (tests == nullptr || tests->items.empty() || metadata == nullptr) continue;
    const YamlNode* count = tests->items.front().find("match_count");
    const std::string id = metadata->items.front().find("id")->scalar;
    const auto number = count == nullptr ? std::optional<std::int64_t>{1} : count->as_int();
    wanted[id] = {info.parent_path(), static_cast<std::size_t>(number.value_or(1))};
    // The rule lies at the same path without the first folder.
    fs::path rule = root_ / fs::relative(info.parent_path(), root_ / "regression_data");
    rule += ".yml";
    if (fs::exists(rule)) rules.push_back({rule.string(), read_file(rule)});
  }
  event::Schema schema;
  std::map<std::string, event::TypeId> types;
  add_types(rules, schema, types);
  Diagnostics diagnostics;
  const auto set = RuleSet::compile(rules, schema, {}, diagnostics);
  ASSERT_NE(set, nullptr) << diagnostics.to_string();
  Matcher matcher{set};
  for (std::size_t rule = 0; rule < set->size(); ++rule) {
    const auto test = wanted.find(set->info(rule).id);
    if (test == wanted.end()) continue;
    const fs::path json = test->second.first / (test->first + ".json");
    if (!fs::exists(json)) continue;
    ++cases;
    const std::string text = read_file(json);
    JsonReader reader{text};
    std::size_t hits = 0;
    event::Event event;
    for (Json record; reader.next(record); record = {}) {
      event.begin(types.at(set->info(rule).log_source.to_string()), event::SourceId{0}, Timestamp{}, Timestamp{},
                  event::TimeQuality::stated);
      fill(record, schema, event);
      for (const Hit& hit : matcher.match(event)) hits += hit.rule == rule ? 1U : 0U;
    }
    EXPECT_TRUE(reader.at_end()) << json;
    const std::size_t stated = test->second.second;
    passed += hits >= stated ? 1U : 0U;
    const std::string name = json.parent_path().filename().string();
    EXPECT_EQ(hits, expected_hits(name, stated)) << name;
  }
  std::cout << "regression cases passed: " << passed << " of " << cases << '\n';
  EXPECT_EQ(passed, cases);
  EXPECT_GE(cases, 130U);
}

}  // namespace
}  // namespace nw::sigma
