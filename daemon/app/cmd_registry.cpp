// `normwatch registry`: what can be done with the register without a running daemon. One file and one row each.
#include <array>

#include "app/commands.h"

namespace nw::app {

extern const Command kRegistryDiff;

namespace {

std::span<const Command> registry_commands() {
  static const std::array<Command, 1> kCommands{kRegistryDiff};
  return kCommands;
}

constexpr CommandSpec kSpec{"registry", "", "compare the register with what is seen", "", {}, 0, 0};

}  // namespace

const Command kRegistry{&kSpec, nullptr, registry_commands};

}  // namespace nw::app
