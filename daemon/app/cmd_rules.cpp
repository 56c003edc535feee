// `normwatch rules`: what can be done with rules without a running daemon. One file and one row each.
#include <array>

#include "app/commands.h"

namespace nw::app {

extern const Command kRulesCheck, kRulesTest, kRulesDiff, kRulesList;

std::span<const Command> rules_commands() {
  static const std::array<Command, 4> kCommands{kRulesCheck, kRulesTest, kRulesDiff, kRulesList};
  return kCommands;
}

namespace {

constexpr CommandSpec kSpec{"rules", "", "check, test, compare and list rules", "", {}, 0, 0};

}  // namespace

const Command kRules{&kSpec, nullptr, rules_commands};

}  // namespace nw::app
