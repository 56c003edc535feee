// What a set of rules covers: norm by sector by source, which rules could fire, and which detections of the rule pack
// have one. `normwatch rules coverage` prints it; rules/COVERAGE.md is the shipped rules' own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "detect/sigma/pack.h"
#include "detect/sigma/rule_set.h"

namespace nw::app {

struct CoveredRule {
  std::string place;  // folder and name of its file: "13f/flood_at_designated_service"
  std::string id, title, norm, level, detection;
  std::vector<std::string> sectors;  // of its tags nw.sector.*
  std::vector<std::string> sources;  // what it reads, or what the rules read that it counts: "normwatch conn"
  bool live = false, over_time = false, silent = false;
  std::string state;  // "live", or why not
};

struct CoveredDetection {
  const sigma::PackDetection* detection;
  std::vector<std::size_t> rules;  // by their number in Coverage::rules
  [[nodiscard]] std::size_t live(const std::vector<CoveredRule>& all) const;
};

struct Coverage {
  std::vector<CoveredRule> rules;  // by norm, then place
  std::vector<CoveredDetection> detections;
};

// The pack is borrowed. A detection that the pack does not have is as good as none.
Coverage coverage_of(const sigma::RuleSet& rules, const sigma::RulePack& pack);

// `live_by` says whose sources decide what is live.
std::string coverage_markdown(const Coverage& coverage, std::string_view live_by);
std::string coverage_json(const Coverage& coverage, std::string_view live_by);
// Some lines: how many, and what is missing.
std::string coverage_text(const Coverage& coverage);

}  // namespace nw::app
