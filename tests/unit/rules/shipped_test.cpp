// The house rule for rules that ship: what each says of itself, which detection of the pack it is, and what a site may
// set in it.
#include "detect/sigma/shipped.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "base/yaml.h"
#include "context/registry/vocabulary.h"
#include "detect/sigma/lint.h"
#include "detect/sigma/pack.h"
#include "source_directory.h"

namespace nw {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

fs::path folder() { return fs::path{source_directory()} / "rules"; }

class House : public testing::Test {
 protected:
  House() {
    for (const auto& entry : fs::recursive_directory_iterator{folder()}) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".yml") && !name.ends_with(".test.yml"))
        texts_.push_back({fs::relative(entry.path(), folder()).string(), text_of(entry.path())});
    }
    std::ranges::sort(texts_, {}, &sigma::RuleText::file);
    Diagnostics diagnostics;
    pack_ = sigma::RulePack::load(text_of(folder() / "norms/detections.yaml"), "detections.yaml", diagnostics);
    EXPECT_EQ(diagnostics.to_string(), "");
    for (const sigma::RuleText& text : texts_)
      for (sigma::Rule& rule : sigma::read_rules(text, {}, diagnostics).rules) rules_.push_back(std::move(rule));
    EXPECT_TRUE(diagnostics.ok()) << diagnostics.to_string();
  }

  std::vector<sigma::RuleText> texts_;
  std::vector<sigma::Rule> rules_;
  std::optional<sigma::RulePack> pack_;
};

TEST_F(House, ThePackHasItsDetections) {
  ASSERT_TRUE(pack_);
  EXPECT_EQ(pack_->detections.size(), 59U);
  EXPECT_EQ(std::ranges::count(pack_->detections, 1, &sigma::PackDetection::tier), 36);
  std::map<char, int> letters;
  for (const sigma::PackDetection& detection : pack_->detections) ++letters[detection.id[3]];
  EXPECT_EQ(letters, (std::map<char, int>{{'A', 1},
                                          {'B', 2},
                                          {'C', 5},
                                          {'D', 1},
                                          {'E', 5},
                                          {'F', 17},
                                          {'G', 12},
                                          {'H', 2},
                                          {'I', 5},
                                          {'J', 4},
                                          {'K', 5}}));
}

TEST_F(House, EveryRuleSaysWhatItHasTo) {
  ASSERT_TRUE(pack_);
  ASSERT_FALSE(rules_.empty());
  Diagnostics diagnostics;
  sigma::lint_shipped(texts_, rules_, {&*pack_, context::sectors()}, diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
}

bool sets(const sigma::RuleInfo& info, std::string_view prefix) {
  return std::ranges::any_of(info.variables, [prefix](const sigma::Variable& variable) {
    return std::ranges::any_of(variable.at, [prefix](const std::string& at) { return at.starts_with(prefix); });
  });
}

// The paths of lists of three ports and more.
void find_ports(const YamlNode& node, const std::string& path, std::vector<std::string>& out) {
  if (path.ends_with("id.resp_p") && node.items.size() > 2) out.push_back(path);
  for (const auto& [key, value] : node.members) find_ports(value, path + '.' + key.scalar, out);
}

// Whether a correlation's condition has a limit that somebody chose: "at all" and "more than one" are meanings.
bool above_two(const YamlNode* condition) {
  return condition != nullptr && std::ranges::any_of(condition->members, [](const auto& member) {
           return member.second.as_real().value_or(0) > 2;
         });
}

TEST_F(House, LimitsTimesAndPortsAreForTheSiteToSet) {
  std::map<std::string, const sigma::RuleInfo*> by_id;
  for (const sigma::Rule& rule : rules_) by_id[rule.info.id] = &rule.info;
  std::size_t limits = 0, ports = 0;
  for (const sigma::RuleText& text : texts_) {
    SCOPED_TRACE(text.file);
    Diagnostics diagnostics;
    for (const YamlNode& document : parse_yaml(text.text, text.file, diagnostics)) {
      const YamlNode* id = document.find("id");
      if (id == nullptr || !by_id.contains(id->scalar)) continue;
      const sigma::RuleInfo& info = *by_id[id->scalar];
      if (const YamlNode* correlation = document.find("correlation")) {
        ++limits;
        EXPECT_TRUE(sets(info, "correlation.timespan")) << "its timespan is no variable";
        if (above_two(correlation->find("condition"))) {
          EXPECT_TRUE(sets(info, "correlation.condition.")) << "its limit is no variable";
        }
      }
      if (const YamlNode* detection = document.find("detection")) {
        std::vector<std::string> paths;
        find_ports(*detection, "detection", paths);
        ports += paths.size();
        for (const std::string& path : paths) EXPECT_TRUE(sets(info, path)) << path << " is no variable";
      }
    }
  }
  EXPECT_GE(limits, 5U);
  EXPECT_GE(ports, 4U);
}

TEST_F(House, WhatMemoriesRememberIsForTheSiteToSet) {
  std::size_t memories = 0;
  for (const sigma::Rule& rule : rules_) {
    if (!rule.correlation || rule.identifiers.empty()) continue;
    ++memories;
    EXPECT_TRUE(sets(rule.info, "normwatch.")) << rule.info.file << ": nothing of its memory is a variable";
  }
  EXPECT_GE(memories, 3U);
}

}  // namespace
}  // namespace nw
