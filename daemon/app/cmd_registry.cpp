// `normwatch registry`: what can be done with the register without a running daemon. One file and one row each.
#include <array>

#include "app/commands.h"

namespace nw::app {

extern const Command kRegistryCheck, kRegistryDiff, kRegistryExposure, kRegistryGraph, kRegistryImport, kRegistryShow;

namespace {

std::span<const Command> registry_commands() {
  static const std::array kCommands{kRegistryCheck, kRegistryShow,     kRegistryGraph,
                                    kRegistryDiff,  kRegistryExposure, kRegistryImport};
  return kCommands;
}

constexpr CommandSpec kSpec{
    "registry", "", "check, show and draw the register; compare it with what is seen and known; import one", "", {},
    0,          0};

}  // namespace

const Command kRegistry{&kSpec, nullptr, registry_commands};

}  // namespace nw::app
