// The matcher against the reference interpreter over SigmaHQ's rules and regression events, when the corpus lies beside
// the project (NW_CORPORA, or ../shared/corpora). Every rule is asked about every event: one kind of event answers to
// all log sources.
#include "unit/detect/sigma/corpus.h"

#include <gtest/gtest.h>
#include <iostream>

#include "detect/sigma/check.h"
#include "reference/sigma.h"

namespace nw::sigma {
namespace {

class CorpusDifferential : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(corpora() / "sigma")) GTEST_SKIP() << "no corpus beside the project";
    type_ = schema_.add_type({"any", "any", {}, {}, {}, true});
  }

  // The rules below `folder` that load.
  std::vector<RuleText> read(std::string_view folder) {
    std::vector<RuleText> out = texts(corpora() / "sigma" / folder);
    for (const RuleText& text : out) {
      Diagnostics ignored;
      for (Rule& rule : read_rules(text, {}, ignored).rules) {
        const LogSource& source = rule.info.log_source;
        schema_.add_answer(type_, {source.product, source.service, source.category});
        rules_.push_back(std::move(rule));
      }
    }
    Diagnostics ignored;
    check_rules(rules_, ignored);
    return out;
  }

  event::Schema schema_;
  event::TypeId type_{};
  std::vector<Rule> rules_;
};

// A few hundred events times three thousand rules; under a sanitizer every eighth event.
TEST_F(CorpusDifferential, EveryRuleOnEveryEvent) {
  const std::vector<RuleText> rules = read("rules");
  Diagnostics diagnostics;
  CompileOptions options;
  options.permissive = true;
  const auto set = RuleSet::compile(rules, schema_, options, diagnostics);
  ASSERT_NE(set, nullptr);
  ASSERT_EQ(set->size(), rules_.size());
  std::vector<Reference> references;
  for (const Rule& rule : rules_) references.emplace_back(rule);
  Matcher matcher{set};
  event::Event event;
  std::size_t events = 0, fired = 0, differences = 0;
  for (const fs::path& path : files(corpora() / "sigma/regression_data", ".json")) {
    const std::string text = read_file(path);
    JsonReader reader{text};
    for (Json record; reader.next(record); record = {}) {
      if (const char* share = std::getenv("NW_CORPUS_SHARE");
          ++events % (share == nullptr ? 1 : std::strtoul(share, nullptr, 10)) != 0)
        continue;
      event.begin(type_, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
      fill(record, schema_, event);
      std::vector<bool> matched(rules_.size(), false);
      for (const Hit& hit : matcher.match(event)) matched[hit.rule] = true;
      for (std::size_t i = 0; i < matched.size(); ++i) {
        const bool expected = references[i].fires(event, schema_);
        if (expected) ++fired;
        if (expected == matched[i] || ++differences > 20) continue;
        ADD_FAILURE() << rules_[i].info.file << " on " << path << ", record " << events << ": the reference says "
                      << (expected ? "fires" : "silent");
      }
    }
  }
  std::cout << events << " events, " << rules_.size() << " rules, " << fired << " matches, " << differences
            << " differences\n";
  EXPECT_EQ(differences, 0U);
}

}  // namespace
}  // namespace nw::sigma
