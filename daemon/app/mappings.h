// Which field mapping a source has: the embedded ones (config/mappings), and those that the configuration names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/config.h"

namespace nw::app {

// The YAML files that a path of the configuration means: itself, or those in the folder, in the order of their names.
std::vector<std::string> yaml_files(const std::string& path, Diagnostics& diagnostics);

// Reads the embedded mappings and the files that `config.mapping_paths` name; one of the same name replaces the one
// before. Then gives each source of JSON lines its own. Faults go to `diagnostics`.
void load_mappings(Config& config, Diagnostics& diagnostics);

// The mapping that `source` names, else the first for its product, else for its category; null: none. Errors:
// unknown-mapping.
void assign_mapping(const Config& config, SourceConfig& source, Diagnostics& diagnostics);

// Declares the types that every mapping can make, whatever the sources: for commands that look at rules alone.
void declare_mappings(const Config& config, event::Schema& schema);
// What the mappings say of types that others declare. After every declaration.
void claim_mappings(const Config& config, event::Schema& schema);

}  // namespace nw::app
