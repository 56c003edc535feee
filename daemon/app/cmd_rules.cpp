// `normwatch rules`: what can be done with rules without a running daemon. One file and one row each.
#include <array>

#include "app/commands.h"

namespace nw::app {

extern const Command kRulesTest, kRulesList;

std::span<const Command> rules_commands() {
  static const std::array<Command, 2> kCommands{kRulesTest, kRulesList};
  return kCommands;
}

namespace {

constexpr CommandSpec kSpec{"rules", "", "check, test, compare and list rules", "", {}, 0, 0};

}  // namespace

const Command kRules{&kSpec, nullptr, rules_commands};

}  // namespace nw::app
