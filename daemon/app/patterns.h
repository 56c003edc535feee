// The site's own patterns for log lines: read from the files that the configuration names.
#pragma once

#include "app/config.h"

namespace nw::app {

// Reads the files that `config.pattern_paths` name, and gives every source the patterns. Faults go to `diagnostics`.
void load_patterns(Config& config, Diagnostics& diagnostics);

}  // namespace nw::app
