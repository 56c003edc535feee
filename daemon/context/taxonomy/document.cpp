#include "context/taxonomy/document.h"

#include <algorithm>

#include "base/text.h"

namespace nw::taxonomy {

std::optional<YamlNode> only_document(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  std::vector<YamlNode> documents = parse_yaml(text, file, diagnostics);
  if (diagnostics.errors() != before) return std::nullopt;
  if (documents.size() != 1 || documents[0].kind == YamlNode::Kind::null) {
    diagnostics.error(file, {}, "bad-document", "a taxonomy is one YAML document that is not empty");
    return std::nullopt;
  }
  return std::move(documents[0]);
}

std::string needed_text(YamlMap& map, std::string_view key) {
  const YamlNode* node = map.require(key);
  if (node == nullptr) return {};
  std::string text = map.text(key);
  if (node->kind == YamlNode::Kind::null || (node->kind == YamlNode::Kind::scalar && trim(text).empty()))
    map.error(node->mark, "wrong-type", "'" + std::string{key} + "' must not be empty");
  return text;
}

bool is_entry_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || ascii_digit(c) || c == '-' || c == '_' || c == '+';
  });
}

std::string label_id(std::string_view text, std::string_view prefix) {
  std::string id = to_ascii_lower(trim(text));
  if (id.starts_with(prefix)) id.erase(0, prefix.size());
  return id;
}

}  // namespace nw::taxonomy
