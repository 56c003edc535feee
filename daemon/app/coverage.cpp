#include "app/coverage.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "app/rule_text.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr std::string_view kNone = "none";
constexpr std::string_view kAny = "any";

// "rules/13f/x.yml": "13f/x".
std::string place_of(const std::string& file) {
  const std::filesystem::path path{file};
  const std::string folder = path.parent_path().filename().string();
  return (folder.empty() ? std::string{} : folder + '/') + path.stem().string();
}

// "normwatch conn", "windows process_creation", "any".
std::string source_of(const sigma::LogSource& source) {
  std::string out;
  for (const std::string* part : {&source.product, &source.category, &source.service})
    if (!part->empty()) out += (out.empty() ? "" : " ") + *part;
  return out.empty() ? std::string{kAny} : out;
}

// The log sources of a rule; of a correlation, those of the rules that it counts, however deep (the set has no cycles).
void add_sources(const sigma::RuleSet& rules, std::size_t rule, std::set<std::size_t>& seen,
                 std::set<std::string>& out) {
  if (!seen.insert(rule).second) return;
  const sigma::Correlation* correlation = rules.correlation(rule);
  if (correlation == nullptr || correlation->inputs.empty()) out.insert(source_of(rules.info(rule).log_source));
  if (correlation == nullptr) return;
  for (const sigma::Correlation::Input& input : correlation->inputs) add_sources(rules, input.rule, seen, out);
}

CoveredRule covered(const sigma::RuleSet& rules, std::size_t rule) {
  const sigma::RuleInfo& info = rules.info(rule);
  CoveredRule out;
  out.place = place_of(info.file);
  out.id = info.id;
  out.title = info.title;
  out.norm = info.norm.empty() ? std::string{kNone} : info.norm;
  out.level = sigma::to_string(info.level);
  out.detection = info.detection_id.empty() ? std::string{kNone} : info.detection_id;
  constexpr std::string_view kPrefix = "nw.sector.";
  for (const std::string& tag : info.tags)
    if (tag.starts_with(kPrefix)) out.sectors.push_back(tag.substr(kPrefix.size()));
  std::set<std::size_t> seen;
  std::set<std::string> sources;
  add_sources(rules, rule, seen, sources);
  out.sources.assign(sources.begin(), sources.end());
  out.live = rules.state(rule) == sigma::RuleState::live;
  out.over_time = rules.correlation(rule) != nullptr;
  out.silent = rules.silent(rule);
  out.state = state_of(rules, rule);
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// What a cell of a table can hold.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : printable(text, 512)) out += c == '|' ? "\\|" : std::string{c};
  return out;
}

std::set<std::string> norms_of(const Coverage& coverage) {
  std::set<std::string> out;
  for (const CoveredRule& rule : coverage.rules) out.insert(rule.norm);
  for (const CoveredDetection& entry : coverage.detections) out.insert(entry.detection->norm);
  return out;
}

// A table of norm by something that a rule has several of: "live", or "live of all" where not all are.
using Dimension = std::function<const std::vector<std::string>&(const CoveredRule&)>;

std::string table(const Coverage& coverage, const Dimension& dimension, bool norms_across) {
  std::map<std::string, std::map<std::string, std::pair<std::size_t, std::size_t>>> counts;  // value, norm: live, all
  for (const CoveredRule& rule : coverage.rules)
    for (const std::string& value : dimension(rule)) {
      auto& [live, all] = counts[value][rule.norm];
      live += rule.live ? 1U : 0U;
      ++all;
    }
  std::vector<std::string> rows, columns;
  for (const auto& [value, by_norm] : counts) rows.push_back(value);
  const std::set<std::string> norms = norms_of(coverage);
  columns.assign(norms.begin(), norms.end());
  if (!norms_across) std::swap(rows, columns);
  std::string out = "| |";
  std::string line = "\n|---|";
  for (const std::string& column : columns) {
    out += ' ' + cell(column) + " |";
    line += "---|";
  }
  out += line + '\n';
  for (const std::string& row : rows) {
    out += "| " + cell(row) + " |";
    for (const std::string& column : columns) {
      const auto& [live, all] = norms_across ? counts[row][column] : counts[column][row];
      if (all != 0) out += ' ' + std::to_string(live) + (live == all ? "" : " of " + std::to_string(all));
      out += " |";
    }
    out += '\n';
  }
  return out;
}

std::string rules_of(const Coverage& coverage, std::string_view norm) {
  std::string out = "| rule | level | reads | sectors | detection | state |\n|---|---|---|---|---|---|\n";
  for (const CoveredRule& rule : coverage.rules) {
    if (rule.norm != norm) continue;
    out += "| `" + cell(rule.place) + "`: " + cell(rule.title) + " | " + rule.level + (rule.silent ? ", silent" : "") +
           " | " + (rule.over_time ? "over time, " : "") + cell(joined(rule.sources)) + " | " +
           cell(joined(rule.sectors)) + " | " + cell(rule.detection) + " | " + cell(rule.state) + " |\n";
  }
  return out;
}

struct Totals {
  std::array<std::size_t, 3> all{}, with_rule{}, with_live{};  // by tier
};

Totals totals_of(const Coverage& coverage) {
  Totals out;
  for (const CoveredDetection& entry : coverage.detections) {
    const auto tier = static_cast<std::size_t>(entry.detection->tier);
    ++out.all[tier];
    out.with_rule[tier] += entry.rules.empty() ? 0U : 1U;
    out.with_live[tier] += entry.live(coverage.rules) == 0 ? 0U : 1U;
  }
  return out;
}

std::string words_of(const Totals& totals) {
  std::string out;
  for (const std::size_t tier : {1U, 2U})
    out += (tier == 1 ? "tier 1: " : "; tier 2: ") + std::to_string(totals.with_rule[tier]) + " of " +
           std::to_string(totals.all[tier]) + " detections have a rule, " + std::to_string(totals.with_live[tier]) +
           " a live one";
  return out;
}

std::size_t live_rules(const Coverage& coverage) {
  return static_cast<std::size_t>(std::ranges::count(coverage.rules, true, &CoveredRule::live));
}

std::string detections_of(const Coverage& coverage) {
  std::string out = "| detection | tier | what | rules |\n|---|---|---|---|\n";
  for (const CoveredDetection& entry : coverage.detections) {
    std::string rules;
    for (const std::size_t i : entry.rules) {
      const CoveredRule& rule = coverage.rules[i];
      rules += (rules.empty() ? "`" : ", `") + cell(rule.place) + '`' + (rule.live ? "" : " (dormant)");
    }
    out += "| " + entry.detection->id + " | " + std::to_string(entry.detection->tier) + " | " +
           cell(entry.detection->title) + " | " + (rules.empty() ? "**no rule yet**" : rules) + " |\n";
  }
  return out;
}

void add_json(std::string_view key, std::string_view value, std::string& out) {
  out += (out.back() == '{' ? "\"" : ",\"") + std::string{key} + "\":";
  append_json_string(value, out);
}

void add_json(std::string_view key, const std::vector<std::string>& values, std::string& out) {
  out += (out.back() == '{' ? "\"" : ",\"") + std::string{key} + "\":[";
  for (const std::string& value : values) {
    if (out.back() != '[') out += ',';
    append_json_string(value, out);
  }
  out += ']';
}

}  // namespace

std::size_t CoveredDetection::live(const std::vector<CoveredRule>& all) const {
  return static_cast<std::size_t>(std::ranges::count_if(rules, [&all](std::size_t i) { return all[i].live; }));
}

Coverage coverage_of(const sigma::RuleSet& rules, const sigma::RulePack& pack) {
  Coverage out;
  for (std::size_t i = 0; i < rules.size(); ++i) out.rules.push_back(covered(rules, i));
  std::ranges::stable_sort(out.rules, [](const CoveredRule& a, const CoveredRule& b) {
    return std::tie(a.norm, a.place) < std::tie(b.norm, b.place);
  });
  for (const sigma::PackDetection& detection : pack.detections) {
    CoveredDetection entry{&detection, {}};
    for (std::size_t i = 0; i < out.rules.size(); ++i)
      if (out.rules[i].detection == detection.id) entry.rules.push_back(i);
    out.detections.push_back(std::move(entry));
  }
  return out;
}

std::string coverage_markdown(const Coverage& coverage, std::string_view live_by) {
  const auto sectors = [](const CoveredRule& rule) -> const std::vector<std::string>& { return rule.sectors; };
  const auto sources = [](const CoveredRule& rule) -> const std::vector<std::string>& { return rule.sources; };
  std::string out = "# What the rules cover\n\n";
  out +=
      "Made by `normwatch rules coverage --markdown`; do not edit. A rule is *live* when an event can fire it: here "
      "by " +
      std::string{live_by} +
      ". One that is dormant is no coverage. *Silent* rules are counted by others and alert nobody by themselves.\n\n";
  out += std::to_string(coverage.rules.size()) + " rules, " + std::to_string(live_rules(coverage)) +
         " live. Of the rule pack (`rules/norms/detections.yaml`) " + words_of(totals_of(coverage)) + ".\n\n";
  out +=
      "## Norm by sector\n\nHow many rules are live; a rule may be about several sectors, `any` is all of them.\n\n" +
      table(coverage, sectors, false);
  out += "\n## Source by norm\n\nHow many rules that read it are live: product, category, service.\n\n" +
         table(coverage, sources, true);
  out += "\n## Detections of the rule pack\n\nTier 1 comes first, tier 2 is the reserve.\n\n" + detections_of(coverage);
  for (const std::string& norm : norms_of(coverage)) {
    if (std::ranges::find(coverage.rules, norm, &CoveredRule::norm) == coverage.rules.end()) continue;
    out +=
        "\n## " + (norm == kNone ? std::string{"Without a norm"} : "Norm " + norm) + "\n\n" + rules_of(coverage, norm);
  }
  return out;
}

std::string coverage_json(const Coverage& coverage, std::string_view live_by) {
  std::string out = "{";
  add_json("live_by", live_by, out);
  out += ",\"rules\":[";
  for (const CoveredRule& rule : coverage.rules) {
    out += out.back() == '[' ? "{" : ",{";
    add_json("rule", rule.place, out);
    add_json("id", rule.id, out);
    add_json("title", rule.title, out);
    add_json("norm", rule.norm, out);
    add_json("level", rule.level, out);
    add_json("detection", rule.detection, out);
    add_json("sectors", rule.sectors, out);
    add_json("sources", rule.sources, out);
    out += std::string{",\"live\":"} + (rule.live ? "true" : "false");
    add_json("state", rule.state, out);
    out += '}';
  }
  out += "],\"detections\":[";
  for (const CoveredDetection& entry : coverage.detections) {
    out += out.back() == '[' ? "{" : ",{";
    add_json("id", entry.detection->id, out);
    add_json("norm", entry.detection->norm, out);
    add_json("title", entry.detection->title, out);
    out += ",\"tier\":" + std::to_string(entry.detection->tier) + ",\"rules\":" + std::to_string(entry.rules.size()) +
           ",\"live\":" + std::to_string(entry.live(coverage.rules)) + '}';
  }
  return out + "]}\n";
}

std::string coverage_text(const Coverage& coverage) {
  std::string out =
      std::to_string(coverage.rules.size()) + " rules, " + std::to_string(live_rules(coverage)) + " live\n";
  for (const std::string& norm : norms_of(coverage)) {
    std::size_t all = 0, live = 0;
    for (const CoveredRule& rule : coverage.rules) {
      if (rule.norm != norm) continue;
      ++all;
      live += rule.live ? 1U : 0U;
    }
    out += "  " + norm + ": " + std::to_string(all) + " rules, " + std::to_string(live) + " live\n";
  }
  out += words_of(totals_of(coverage)) + '\n';
  for (const CoveredDetection& entry : coverage.detections)
    if (entry.live(coverage.rules) == 0)
      out += "  " + entry.detection->id + " (tier " + std::to_string(entry.detection->tier) + ") " +
             entry.detection->title + ": " + (entry.rules.empty() ? "no rule" : "dormant") + '\n';
  return out;
}

}  // namespace nw::app
