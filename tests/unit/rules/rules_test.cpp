// The shipped rules, against the daemon that ships with them: every rule compiles, can fire, cites a norm of the
// catalogue, keeps to the wording contract, and does in its tests what they say.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "base/yaml.h"
#include "context/indicators/enricher.h"
#include "context/look_alikes/enricher.h"
#include "context/norms/norms.h"
#include "context/norms/wording.h"
#include "context/registry/registry.h"
#include "context/vulnerabilities/enrichment.h"
#include "context/vulnerabilities/exposure_event.h"
#include "detect/baseline/watch.h"
#include "detect/correlation/rule_tests.h"
#include "detect/liveness/health.h"
#include "detect/liveness/scope.h"
#include "detect/sigma/rule_set.h"
#include "event/later_types.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/mapping.h"
#include "ingest/network/decoder.h"
#include "source_directory.h"

namespace nw {
namespace {

namespace fs = std::filesystem;

const fs::path kRules = fs::path{source_directory()} / "rules";

std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Every *.yml below rules/, in the order of their names: the rules, or their tests.
std::vector<sigma::RuleText> rule_texts(bool tests) {
  std::vector<sigma::RuleText> texts;
  for (const auto& entry : fs::recursive_directory_iterator{kRules}) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || !name.ends_with(".yml") || name.ends_with(".test.yml") != tests) continue;
    texts.push_back({fs::relative(entry.path(), kRules).string(), read_file(entry.path())});
  }
  std::sort(texts.begin(), texts.end(), [](const auto& a, const auto& b) { return a.file < b.file; });
  return texts;
}

// The kinds of events of every source that this build knows, as `normwatch rules check` takes them.
void declare_logs(event::Schema& schema) {
  logs::FormatOptions options;
  Diagnostics diagnostics;
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator{fs::path{source_directory()} / "config" / "mappings"})
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  for (const std::string& file : files)
    options.mappings.push_back(logs::read_mapping(read_file(file), file, diagnostics));
  ASSERT_EQ(diagnostics.to_string(), "");
  for (const logs::Format& format : logs::formats()) format.declare(schema, options);
  const logs::Format& json = *logs::find_format("json");
  for (const auto& mapping : options.mappings) {
    logs::FormatOptions one;
    one.mapping = mapping;
    for (const std::string& product : mapping->products) {
      one.product = product;
      json.declare(schema, one);
    }
    one.product.clear();
    for (const std::string& category : mapping->categories) {
      one.category = category;
      json.declare(schema, one);
    }
  }
  for (const auto& mapping : options.mappings) logs::claim_foreign(schema, *mapping);
}

class ShippedRules : public testing::Test {
 protected:
  ShippedRules() {
    network::NetworkDecoder::declare(schema_);
    declare_logs(schema_);
    liveness::declare(schema_);
    liveness::declare_scope(schema_);
    event::declare_later(schema_);
    vulnerabilities::declare(schema_);
    const context::Enricher enricher{schema_};
    const vulnerabilities::Enricher vulnerability_enricher{schema_};
    declare_mapped("suricata");
    context::IndicatorEnricher{schema_}.claim(schema_);
    const context::LookAlikeEnricher look_alike_enricher{schema_};
    sigma::CompileOptions options;
    for (const event::FieldSpec& field : vulnerabilities::Enricher::fields())
      options.produced_fields.push_back(field.name);
    for (const event::FieldSpec& field : context::Enricher::fields()) options.produced_fields.push_back(field.name);
    for (const event::FieldSpec& field : context::IndicatorEnricher::fields())
      options.produced_fields.push_back(field.name);
    for (const event::FieldSpec& field : context::LookAlikeEnricher::fields())
      options.produced_fields.push_back(field.name);
    for (const event::FieldSpec& field : baseline::Watch::fields()) options.produced_fields.push_back(field.name);
    Diagnostics diagnostics;
    rules_ = sigma::RuleSet::compile(rule_texts(false), schema_, options, diagnostics);
    EXPECT_EQ(diagnostics.to_string(), "");
    catalogue_ = context::NormCatalogue::load(read_file(kRules / "norms" / "catalogue.yaml"), "catalogue", diagnostics);
    EXPECT_EQ(diagnostics.to_string(), "");
  }

  // JSON lines of a product that has a mapping of its own.
  void declare_mapped(const std::string& name) {
    logs::FormatOptions options;
    Diagnostics diagnostics;
    options.mapping = logs::read_mapping(
        read_file(fs::path{source_directory()} / "config" / "mappings" / (name + ".yaml")), name, diagnostics);
    ASSERT_TRUE(options.mapping) << diagnostics.to_string();
    options.product = options.mapping->products.front();
    logs::find_format("json")->declare(schema_, options);
    logs::claim_foreign(schema_, *options.mapping);
  }

  event::Schema schema_;
  std::shared_ptr<const sigma::RuleSet> rules_;
  std::shared_ptr<const context::NormCatalogue> catalogue_;
};

TEST_F(ShippedRules, AreAllLiveAndCiteANorm) {
  ASSERT_TRUE(rules_);
  ASSERT_TRUE(catalogue_);
  std::set<std::string> norms;
  for (std::size_t i = 0; i < rules_->size(); ++i) {
    const sigma::RuleInfo& info = rules_->info(i);
    SCOPED_TRACE(info.file);
    // Rules over time have no log source: those over rules that are not fed are not fed, either.
    const bool later = rules_->state(i) == sigma::RuleState::dormant_not_fed;
    const std::string& service = info.log_source.service;
    EXPECT_TRUE(!later || service == "ledger" || service == "case" || service.empty()) << service;
    EXPECT_TRUE(later || rules_->state(i) == sigma::RuleState::live)
        << testing::PrintToString(rules_->missing_fields(i));
    EXPECT_NE(catalogue_->find(info.norm), nullptr) << info.norm;
    const std::string folder = fs::path{info.file}.parent_path().string();
    EXPECT_TRUE(folder == info.norm || folder == "ics") << "a rule stands in its norm's folder, or in control systems'";
    norms.insert(info.norm);
  }
  EXPECT_EQ(norms,
            (std::set<std::string>{"13a", "13b", "13c", "13d", "13e", "13f", "13g", "13h", "13i", "13j", "13k"}));
  EXPECT_GE(rules_->size(), 10U);
  EXPECT_EQ(rules_->refused(), 0U);
}

TEST_F(ShippedRules, SayWhatAnOperatorNeeds) {
  ASSERT_TRUE(rules_);
  std::set<std::string> ids, titles;
  const std::vector<sigma::RuleText> texts = rule_texts(false);
  for (std::size_t i = 0; i < rules_->size(); ++i) {
    const sigma::RuleInfo& info = rules_->info(i);
    SCOPED_TRACE(info.file);
    EXPECT_TRUE(ids.insert(info.id).second);
    EXPECT_TRUE(titles.insert(info.title).second);
    EXPECT_LE(info.title.size(), 100U);
    EXPECT_NE(info.description.find("engages norm " + info.norm), std::string::npos);
    EXPECT_EQ(info.author, "normwatch");
    EXPECT_EQ(info.date.size(), 10U);
    EXPECT_FALSE(info.falsepositives.empty());
    const auto has = [&info](std::string_view text) {
      return std::any_of(info.references.begin(), info.references.end(),
                         [text](const std::string& reference) { return reference.find(text) != std::string::npos; });
    };
    EXPECT_TRUE(has("A/70/174"));
    const auto tagged = [&info](std::string_view prefix) {
      return std::any_of(info.tags.begin(), info.tags.end(),
                         [prefix](const std::string& tag) { return tag.starts_with(prefix); });
    };
    EXPECT_TRUE(tagged("norm." + info.norm));
    EXPECT_TRUE(tagged("rsit."));
    const auto text = std::find_if(texts.begin(), texts.end(), [&info](const auto& t) { return t.file == info.file; });
    ASSERT_NE(text, texts.end());
    EXPECT_NE(info.attack().empty(), text->text.find("# No technique of ATT&CK: ") == std::string::npos)
        << "a technique, or a comment that says why there is none";
    // Ids that ATT&CK v19 has withdrawn.
    for (const char* old : {"t0803", "t0804", "t0805", "t0812", "t0839", "t0855", "t0856", "t0857", "t0891", "t1562"})
      EXPECT_FALSE(tagged(std::string{"attack."} + old)) << old;
  }
}

TEST_F(ShippedRules, TheRoleIsTheNorms) {
  ASSERT_TRUE(catalogue_);
  for (const sigma::RuleText& text : rule_texts(false)) {
    SCOPED_TRACE(text.file);
    Diagnostics diagnostics;
    for (const YamlNode& document : parse_yaml(text.text, text.file, diagnostics)) {
      const YamlNode* ours = document.find("normwatch");
      ASSERT_NE(ours, nullptr);
      const context::Norm* norm = catalogue_->find(ours->find("norm")->scalar);
      ASSERT_NE(norm, nullptr);
      EXPECT_EQ(ours->find("role")->scalar, norm->role);
      EXPECT_EQ(ours->find("regime")->scalar, "any");
    }
  }
}

TEST_F(ShippedRules, KeepTheWordingContract) {
  for (const bool tests : {false, true})
    for (const sigma::RuleText& text : rule_texts(tests))
      EXPECT_EQ(context::forbidden_words(text.text), std::vector<std::string>{}) << text.file;
}

TEST_F(ShippedRules, DoWhatTheirTestsSay) {
  ASSERT_TRUE(rules_);
  Diagnostics diagnostics;
  const sigma::RuleTestReport report = sigma::run_rule_tests(*rules_, schema_, rule_texts(true), diagnostics,
                                                             correlation::make_stream_counter(*rules_).get());
  EXPECT_EQ(diagnostics.to_string(), "");
  for (const sigma::RuleTestFailure& failure : report.failures)
    ADD_FAILURE() << failure.file << ':' << failure.mark.line << ": " << failure.text;
  EXPECT_EQ(report.untested, std::vector<std::string>{});
  EXPECT_EQ(report.rules_tested, rules_->size());
  EXPECT_GE(report.cases, 5 * rules_->size());  // near misses count more than hits
}

TEST_F(ShippedRules, EachHasItsTestBesideIt) {
  std::set<std::string> tests;
  for (const sigma::RuleText& text : rule_texts(true)) tests.insert(text.file);
  for (const sigma::RuleText& text : rule_texts(false)) {
    const std::string stem = text.file.substr(0, text.file.size() - std::string_view{".yml"}.size());
    EXPECT_EQ(tests.count(stem + ".test.yml"), 1U) << text.file;
  }
}

}  // namespace
}  // namespace nw
