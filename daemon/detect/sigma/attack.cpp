#include "detect/sigma/attack.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"

namespace nw::sigma {

namespace {

bool digits(std::string_view text, std::size_t count) {
  return text.size() == count && std::ranges::all_of(text, ascii_digit);
}

// A map whose values are one text each.
void read_revoked(const YamlNode* node, Attack& out, YamlMap& map) {
  if (node == nullptr) return;
  for (const auto& [key, value] : node->members) {
    if (!is_technique(key.scalar) || !is_technique(value.scalar))
      map.error(key.mark, "wrong-type", "'" + printable(key.scalar, 32) + "' and its successor must be techniques",
                "write t1086: t1059.001");
    out.revoked[key.scalar] = value.scalar;
  }
}

}  // namespace

std::optional<Attack> Attack::load(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  const auto documents = parse_yaml(text, file, diagnostics);
  if (diagnostics.errors() != before) return std::nullopt;
  if (documents.empty()) {
    diagnostics.error(file, {}, "missing-key", "the taxonomy is empty");
    return std::nullopt;
  }
  Attack out;
  YamlMap map{documents[0], "the ATT&CK taxonomy", file, diagnostics};
  out.version = map.require_text("version");
  out.tactics = map.texts("tactics");
  read_revoked(map.take("revoked"), out, map);
  for (std::string& gone : map.texts("deprecated")) out.deprecated.insert(std::move(gone));
  if (const YamlNode* renamed = map.take("renamed_tactics")) {
    YamlMap tactics{*renamed, "'renamed_tactics'", file, diagnostics};
    for (const auto& [key, value] : renamed->members) out.renamed_tactics[key.scalar] = tactics.texts(key.scalar);
  }
  if (const YamlNode* names = map.take("names")) {
    YamlMap known{*names, "'names'", file, diagnostics};
    for (const auto& [key, value] : names->members) {
      if (!is_technique(key.scalar) || trim(value.scalar).empty())
        known.error(key.mark, "wrong-type", "'" + printable(key.scalar, 32) + "' must be a technique and have a name",
                    "write t1692.001: Command Message");
      out.names[key.scalar] = known.text(key.scalar);
    }
  }
  map.finish();
  // A chain would send people from one revoked number to the next.
  for (const auto& [from, to] : out.revoked)
    if (out.revoked.contains(to) || out.deprecated.contains(to) || out.deprecated.contains(from))
      diagnostics.error(file, {}, "wrong-type", "the successor of " + from + " is gone too", "name the last one");
  if (diagnostics.errors() != before) return std::nullopt;
  return out;
}

std::string Attack::misp_tag(std::string_view technique) const {
  const auto successor = revoked.find(technique);
  const std::string id = successor == revoked.end() ? std::string{technique} : successor->second;
  const auto name = names.find(id);
  if (name == names.end()) return {};
  return "misp-galaxy:mitre-attack-pattern=\"" + name->second + " - T" + id.substr(1) + '"';
}

bool is_technique(std::string_view name) {
  if (!name.starts_with('t')) return false;
  const std::size_t dot = name.find('.');
  return digits(name.substr(1, dot == std::string_view::npos ? dot : dot - 1), 4) &&
         (dot == std::string_view::npos || digits(name.substr(dot + 1), 3));
}

bool is_attack_number(std::string_view name) {
  if (is_technique(name)) return true;
  if (name.starts_with("ta") || name.starts_with("ds")) return digits(name.substr(2), 4);
  return !name.empty() && std::string_view{"gsc"}.find(name.front()) != std::string_view::npos &&
         digits(name.substr(1), 4);
}

}  // namespace nw::sigma
