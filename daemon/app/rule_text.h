// Rules as the commands print them: which one is meant, what it says of itself, and its program as a tree.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "detect/sigma/explain.h"
#include "detect/sigma/rule_set.h"

namespace nw::app {

// The rule whose id, name, title or file (without folder and ending) is `word`; case does not matter. `not_found` names
// the nearest; `invalid_argument`: several rules are called so.
Result<std::size_t> find_rule(const sigma::RuleSet& rules, std::string_view word);

// "live", or why not, with the fields that are missing.
std::string state_of(const sigma::RuleSet& rules, std::size_t rule);
// "product=windows category=process_creation", or "any".
std::string log_source_of(const sigma::RuleInfo& info);

enum class TreeKind : std::uint8_t {
  plan,     // which atoms set the rule off, and how they are found
  verdict,  // what holds, and what the event has there
};

struct TreeOptions {
  TreeKind kind = TreeKind::plan;
  bool all = false;  // every line; otherwise long lists are cut
};

// Below one node, without TreeOptions::all.
constexpr std::size_t kOperandsShown = 12;
constexpr std::size_t kFailuresShown =
    3;  // alternatives of one list that do not hold, one line each; more are one line

// The program of one rule, a line for each part, indented; with a newline after each.
std::string tree_text(std::span<const sigma::ProgramLine> lines, const TreeOptions& options);

}  // namespace nw::app
