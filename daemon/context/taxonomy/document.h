// What the readers of this folder share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/diagnostics.h"
#include "base/yaml.h"

namespace nw::taxonomy {

// A file that has been read: its name for messages, and what is in it.
struct TaxonomyText {
  std::string file, text;
};

// The one document of a taxonomy's file. Nothing after an error, which is reported.
std::optional<YamlNode> only_document(std::string_view text, std::string_view file, Diagnostics& diagnostics);

// A text that must be there and not be empty.
std::string needed_text(YamlMap& map, std::string_view key);

// Small letters, digits, '-', '_' and '+', 1 to 64 of them: what ids of a taxonomy are made of.
bool is_entry_id(std::string_view text);

// `text` in small letters, without `prefix` ("tlp:") in any case.
std::string label_id(std::string_view text, std::string_view prefix);

}  // namespace nw::taxonomy
