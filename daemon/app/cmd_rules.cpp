// `normwatch rules`: what can be done with rules without a running daemon. One file and one row each.
#include <array>

#include "app/commands.h"

namespace nw::app {

extern const Command kRulesCheck, kRulesTest, kRulesCoverage, kRulesDiff, kRulesList, kRulesShow, kRulesTop;

std::span<const Command> rules_commands() {
  static const std::array<Command, 7> kCommands{kRulesCheck, kRulesTest, kRulesCoverage, kRulesDiff,
                                                kRulesList,  kRulesShow, kRulesTop};
  return kCommands;
}

namespace {

constexpr CommandSpec kSpec{"rules", "", "check, test, compare, list and show rules; what each costs", "", {}, 0, 0};

}  // namespace

const Command kRules{&kSpec, nullptr, rules_commands};

}  // namespace nw::app
