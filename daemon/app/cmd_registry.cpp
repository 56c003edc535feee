// `normwatch registry`: what can be done with the register without a running daemon. One file and one row each.
#include <array>

#include "app/commands.h"

namespace nw::app {

extern const Command kRegistryDiff, kRegistryExposure;

namespace {

std::span<const Command> registry_commands() {
  static const std::array<Command, 2> kCommands{kRegistryDiff, kRegistryExposure};
  return kCommands;
}

constexpr CommandSpec kSpec{
    "registry", "", "compare the register with what is seen, and with what is known of its products", "", {}, 0, 0};

}  // namespace

const Command kRegistry{&kSpec, nullptr, registry_commands};

}  // namespace nw::app
