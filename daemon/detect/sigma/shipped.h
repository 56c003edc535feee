// What every rule that ships with the daemon must say, so that whoever gets its alert knows what to do with it.
// Warnings with the code shipped-rule; `normwatch rules check --shipped` asks for them.
#pragma once

#include <span>
#include <string_view>

#include "base/diagnostics.h"
#include "detect/sigma/pack.h"
#include "detect/sigma/read.h"
#include "detect/sigma/rule_set.h"

namespace nw::sigma {

// What its tags and ids may name.
struct ShippedOptions {
  const RulePack* pack = nullptr;             // not null
  std::span<const std::string_view> sectors;  // "water.supply", ...: the first part counts
};

void lint_shipped(std::span<const RuleText> texts, std::span<const Rule> rules, const ShippedOptions& options,
                  Diagnostics& diagnostics);

}  // namespace nw::sigma
