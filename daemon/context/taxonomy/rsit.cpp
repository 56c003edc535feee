#include "context/taxonomy/rsit.h"

#include <algorithm>

#include "base/text.h"
#include "context/taxonomy/document.h"

namespace nw::taxonomy {

namespace {

std::string quoted(std::string_view text) { return '\'' + printable(text, 64) + '\''; }

void need_id(YamlMap& map, const YamlNode& key) {
  if (!is_entry_id(key.scalar))
    map.error(key.mark, "bad-id", quoted(key.scalar) + " cannot be an id", "use a-z, 0-9 and '-'");
}

const YamlNode* members_of(YamlMap& map, std::string_view key) {
  const YamlNode* node = map.require(key);
  if (node == nullptr || node->kind == YamlNode::Kind::map) return node;
  map.error(node->mark, "wrong-type", quoted(key) + " must be a map");
  return nullptr;
}

void read_types(YamlMap& map, RsitClass& into) {
  const YamlNode* types = members_of(map, "types");
  if (types == nullptr) return;
  for (const auto& [key, value] : types->members) {
    need_id(map, key);
    YamlMap one{value, "a type", map.file(), map.diagnostics()};
    if (!one.ok()) continue;
    RsitType type{key.scalar, needed_text(one, "title"), one.text("idmef"), one.text("intelmq", key.scalar)};
    one.finish();
    into.types.push_back(std::move(type));
  }
}

void read_intelmq(YamlMap& map, Rsit& out) {
  const YamlNode* node = map.take("intelmq_only");
  if (node == nullptr) return;
  YamlMap names{*node, "'intelmq_only'", map.file(), map.diagnostics()};
  for (const auto& [key, value] : node->members) {
    const std::string target = names.text(key.scalar);
    const std::vector<std::string_view> known{out.tags.begin(), out.tags.end()};
    if (!std::ranges::binary_search(out.tags, target) || target.find('.') == std::string::npos)
      map.error(value.mark, "unknown-word", quoted(target) + " is no type" + did_you_mean(target, known),
                "write class.type");
    out.intelmq_only.insert_or_assign(key.scalar, target);
  }
}

}  // namespace

std::optional<Rsit> Rsit::load(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  const auto root = only_document(text, file, diagnostics);
  if (!root) return std::nullopt;
  Rsit out;
  YamlMap map{*root, "the taxonomy of incidents", file, diagnostics};
  if (!map.ok()) return std::nullopt;
  out.version = needed_text(map, "version");
  if (const YamlNode* classes = members_of(map, "classes"))
    for (const auto& [key, value] : classes->members) {
      need_id(map, key);
      YamlMap one{value, "a class", file, diagnostics};
      if (!one.ok()) continue;
      RsitClass read{key.scalar, needed_text(one, "title"), {}};
      read_types(one, read);
      one.finish();
      out.tags.push_back(read.id);
      for (const RsitType& type : read.types) out.tags.push_back(read.id + '.' + type.id);
      out.classes.push_back(std::move(read));
    }
  std::ranges::sort(out.tags);
  read_intelmq(map, out);
  map.finish();
  if (diagnostics.errors() != before) return std::nullopt;
  return out;
}

Rsit::Found Rsit::find(std::string_view tag) const {
  if (tag.starts_with("rsit:") || tag.starts_with("rsit.")) tag.remove_prefix(5);
  std::string_view name = tag, type;
  if (const std::size_t machine = tag.find("=\""); machine != std::string_view::npos && tag.ends_with('"')) {
    name = tag.substr(0, machine);
    if (machine + 2 >= tag.size()) return {};
    type = tag.substr(machine + 2, tag.size() - machine - 3);
  } else if (const std::size_t dot = tag.find('.'); dot != std::string_view::npos) {
    name = tag.substr(0, dot);
    type = tag.substr(dot + 1);
    if (type.empty()) return {};
  }
  const auto of = std::ranges::find(classes, name, &RsitClass::id);
  if (of == classes.end()) return {};
  if (type.empty()) return {&*of, nullptr};
  const auto found = std::ranges::find(of->types, type, &RsitType::id);
  return found == of->types.end() ? Found{} : Found{&*of, &*found};
}

Rsit::Found Rsit::find_intelmq(std::string_view type) const {
  for (const RsitClass& one : classes) {
    const auto found = std::ranges::find(one.types, type, &RsitType::intelmq);
    if (found != one.types.end()) return {&one, &*found};
  }
  const auto only = intelmq_only.find(type);
  return only == intelmq_only.end() ? Found{} : find(only->second);
}

}  // namespace nw::taxonomy
