// What the readers of rules/norms/*.yaml share.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"

namespace nw::context {

constexpr std::size_t kDataTextBytesMax = 600;  // of one text: each stands in alerts or on one screen

// The file's only document; nothing (after a report, code bad-document) when it has none or more.
std::optional<YamlNode> one_document(std::string_view text, std::string_view file, std::string_view what,
                                     Diagnostics& diagnostics);
// Code: bad-version.
void check_version(YamlMap& map, std::int64_t version);
// 1 to `bytes_max` bytes; code: bad-text.
std::string needed_text(YamlMap& map, std::string_view key, std::size_t bytes_max = kDataTextBytesMax);
// `review: needed` says that a person has still to compare something.
bool review_needed(YamlMap& map);
// Places in `names` of a list of words; an unknown one is reported with the nearest. Code: unknown-word.
std::vector<std::size_t> choices(YamlMap& map, std::string_view key, std::span<const std::string_view> names);
// 1 to 64 of a-z, 0-9 and the characters of `more`.
bool is_data_word(std::string_view text, std::string_view more) noexcept;

}  // namespace nw::context
