// Whom rules that ask for silence (`absence` with `expect: register`) expect to hear of: the register says it.
#pragma once

#include <vector>

#include "app/config.h"
#include "app/snapshot.h"
#include "detect/correlation/engine.h"

namespace nw::app {

// For each such rule whose key can be made of one end of an event: of every listed host, and every asset, those for
// whom the rule could find an event at all, as far as the register decides it. Rules whose events no live source of
// `config` has, and those whose keys name two ends (a pair of hosts), are left out.
std::vector<correlation::Expectation> expected_keys(const Config& config, const Snapshot& snapshot);

}  // namespace nw::app
