#include "context/norms/data_file.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nw::context {

std::optional<YamlNode> one_document(std::string_view text, std::string_view file, std::string_view what,
                                     Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  auto documents = parse_yaml(text, file, diagnostics);
  if (documents.size() == 1) return std::move(documents.front());
  if (diagnostics.errors() == before)
    diagnostics.error(file, {}, "bad-document", std::string{what} + ": the file must be exactly one YAML document");
  return std::nullopt;
}

void check_version(YamlMap& map, std::int64_t version) {
  const YamlNode* node = map.require("version");
  if (node != nullptr && node->as_int() != version)
    map.error(node->mark, "bad-version", "this daemon reads version " + std::to_string(version) + " of this format");
}

std::string needed_text(YamlMap& map, std::string_view key, std::size_t bytes_max) {
  const YamlNode* node = map.require(key);
  if (node == nullptr) return {};
  std::string text = map.text(key);
  if (node->kind != YamlNode::Kind::map && node->kind != YamlNode::Kind::sequence &&
      (trim(text).empty() || text.size() > bytes_max))
    map.error(node->mark, "bad-text",
              '\'' + std::string{key} + "' must have 1 to " + std::to_string(bytes_max) + " bytes");
  return text;
}

bool review_needed(YamlMap& map) {
  static constexpr std::array<std::string_view, 1> kReview{"needed"};
  return map.take("review") != nullptr && map.choice("review", 0, kReview) == 0;
}

std::vector<std::size_t> choices(YamlMap& map, std::string_view key, std::span<const std::string_view> names) {
  std::vector<std::size_t> out;
  const YamlNode* node = map.take(key);
  if (node == nullptr) return out;
  for (const std::string& word : map.texts(key)) {
    const auto at = std::find(names.begin(), names.end(), std::string_view{word});
    if (at != names.end())
      out.push_back(static_cast<std::size_t>(at - names.begin()));
    else
      map.error(
          node->mark, "unknown-word",
          '\'' + printable(word, 64) + "' is none of '" + std::string{key} + "'s words" + did_you_mean(word, names));
  }
  return out;
}

bool is_data_word(std::string_view text, std::string_view more) noexcept {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [more](char c) {
    return (c >= 'a' && c <= 'z') || ascii_digit(c) || more.find(c) != std::string_view::npos;
  });
}

}  // namespace nw::context
