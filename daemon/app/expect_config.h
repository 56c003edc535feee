// `expect` of a source: the rhythm that is declared (detect/liveness).
#pragma once

#include "app/config.h"
#include "base/yaml.h"

namespace nw::app {

// Reads it from the map of a source, unless the source is a file that is played: that one has a time of its own.
// Refuses the name that the daemon has for itself. Codes: wrong-type, out-of-range, bad-name.
void read_expect(YamlMap& map, SourceConfig& out);

}  // namespace nw::app
