// A field mapping as it is shipped, for tests of formats whose types are data.
#pragma once

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "base/check.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/mapping.h"
#include "source_directory.h"

namespace nw::logs {

inline FormatOptions with_mapping(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/config/mappings/" + name + ".yaml"}.rdbuf();
  Diagnostics diagnostics;
  FormatOptions options;
  options.product = name;
  options.mapping = read_mapping(text.str(), name + ".yaml", diagnostics);
  NW_CHECK(options.mapping != nullptr);
  options.mappings.push_back(options.mapping);
  return options;
}

}  // namespace nw::logs
