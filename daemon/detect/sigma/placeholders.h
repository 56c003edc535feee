// `%name%` in values, for the modifier `expand`. Specification 2.1, "Placeholders": `\%` is a percent sign; a name that
// has no values refuses the rule. Names are letters, digits, `_`, `-` and `.`; a percent sign that opens no name is
// itself.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/yaml.h"
#include "detect/sigma/pattern.h"

namespace nw::sigma {

using Placeholders = std::map<std::string, std::vector<std::string>, std::less<>>;

// Reads a map of names to a text or a list of texts into `out`, which may hold names already; a name that it has is an
// error. Codes: wrong-type, bad-name, duplicate-name.
void read_placeholders(const YamlNode& node, std::string_view file, Placeholders& out, Diagnostics& diagnostics);
// The same of a file's text. Codes: yaml-* too.
void parse_placeholders(std::string_view text, std::string_view file, Placeholders& out, Diagnostics& diagnostics);

struct PlaceholderPiece {
  bool name = false;  // of a placeholder; else text, with its escapes
  std::string text;
};
std::vector<PlaceholderPiece> split_placeholders(std::string_view written);

// The three below take pieces whose names all have values. Values are text as rules write it: wildcards and escapes
// count in them.

// How many texts the pieces stand for, counted up to `most` + 1.
std::size_t count_expansions(const std::vector<PlaceholderPiece>& pieces, const Placeholders& values, std::size_t most);
// Each of them: the first placeholder's values change slowest.
std::vector<Pattern> expand_patterns(const std::vector<PlaceholderPiece>& pieces, const Placeholders& values);
// One expression in which each placeholder is a group of its values; what is no wildcard in them stands for itself.
std::string expand_regex(const std::vector<PlaceholderPiece>& pieces, const Placeholders& values);

}  // namespace nw::sigma
