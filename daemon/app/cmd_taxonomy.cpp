// `normwatch taxonomy`: the words that are shared with others. One file and one row each.
#include <array>

#include "app/commands.h"

namespace nw::app {

extern const Command kTaxonomyList, kTaxonomyShow;

namespace {

std::span<const Command> taxonomy_commands() {
  static const std::array<Command, 2> kCommands{kTaxonomyList, kTaxonomyShow};
  return kCommands;
}

constexpr CommandSpec kSpec{"taxonomy", "", "sectors, kinds of incidents, labels of sharing", "", {}, 0, 0};

}  // namespace

const Command kTaxonomy{&kSpec, nullptr, taxonomy_commands};

}  // namespace nw::app
