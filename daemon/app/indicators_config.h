// `indicators` of the configuration: the files with indicators, and the lists of what is harmless.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/yaml.h"
#include "context/indicators/feed.h"

namespace nw::app {

struct IndicatorFile {
  std::string path;
  const context::FeedFormat* format = nullptr;  // null: by its name and beginning
  std::string source;                           // whom alerts name; without one, the file's name
  context::Tlp tlp = context::Tlp::unset;
  context::Pap pap = context::Pap::unset;
  std::optional<Nanoseconds> expires_after;
};

struct IndicatorsConfig {
  std::vector<IndicatorFile> files;
  std::vector<std::string> warning_lists;
  std::size_t bytes_max = std::size_t{1} << 30;
};

// Codes: unknown-key, wrong-type, out-of-range.
void read_indicators(const YamlNode* node, IndicatorsConfig& out, std::string_view file, Diagnostics& diagnostics);

}  // namespace nw::app
