// What is worth a second look in rules that are sound: warnings only. `normwatch rules check` asks for them
// (CompileOptions::lint); a start does not.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "detect/sigma/attack.h"
#include "detect/sigma/read.h"
#include "detect/sigma/rule_set.h"
#include "detect/sigma/shipped.h"

namespace nw::sigma {

struct LintOptions {
  const Attack* attack = nullptr;           // null: ATT&CK tags are not looked at
  std::span<const std::string> rsit;        // what may follow `rsit.`, sorted; empty: those tags are not looked at
  const ShippedOptions* shipped = nullptr;  // not null: the rules are our own pack's (shipped.h)
};

// Every code of this file; the README explains them, a golden file shows each.
std::span<const std::string_view> lint_codes();

// `texts` for what people read in a rule, `rules` (those of them that are sound) for what the matcher makes of it.
void lint_rules(std::span<const RuleText> texts, std::span<const Rule> rules, const LintOptions& options,
                Diagnostics& diagnostics);

}  // namespace nw::sigma
