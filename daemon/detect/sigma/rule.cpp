#include "detect/sigma/rule.h"

#include <array>

#include "detect/sigma/read.h"

namespace nw::sigma {

namespace {

constexpr std::array<std::string_view, 5> kLevels{"informational", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 11> kOps{"equals", "contains", "startswith", "endswith", "re",    "cidr",
                                                "gt",     "gte",      "lt",         "lte",      "exists"};
constexpr std::array<std::string_view, kRuleStates> kStates{"live", "dormant_no_source", "dormant_no_field",
                                                            "dormant_not_fed", "unsatisfiable"};

}  // namespace

std::string_view to_string(Level level) { return kLevels[static_cast<std::size_t>(level)]; }

std::optional<Level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevels.size(); ++i)
    if (kLevels[i] == text) return static_cast<Level>(i);
  return std::nullopt;
}

std::string_view to_string(Op op) { return kOps[static_cast<std::size_t>(op)]; }

std::string_view to_string(RuleState state) { return kStates[static_cast<std::size_t>(state)]; }

std::string LogSource::to_string() const {
  std::string out;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    if (!out.empty()) out += ' ';
    out += name;
    out += value;
  };
  add("product=", product);
  add("service=", service);
  add("category=", category);
  return out;
}

std::vector<std::string> RuleInfo::attack() const {
  constexpr std::string_view kPrefix = "attack.";
  std::vector<std::string> out;
  for (const std::string& tag : tags)
    if (tag.starts_with(kPrefix)) out.push_back(tag.substr(kPrefix.size()));
  return out;
}

}  // namespace nw::sigma
