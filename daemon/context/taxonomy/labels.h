// What TLP and PAP have in common: labels from the least to the most restricting, each with other names.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "context/taxonomy/document.h"

namespace nw::taxonomy {

// `read(map, label)` takes a label's own keys.
template <class Label, class Read>
void read_labels(YamlMap& map, std::vector<Label>& out, Read read) {
  const YamlNode* node = map.require("labels");
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::map || node->members.empty())
    return map.error(node->mark, "wrong-type", "'labels' must be a map of labels, the least restricting first");
  std::set<std::string> taken;
  for (const auto& [key, value] : node->members) {
    YamlMap one{value, "a label", map.file(), map.diagnostics()};
    if (!one.ok()) continue;
    Label label;
    label.id = key.scalar;
    label.title = needed_text(one, "title");
    label.aliases = one.texts("aliases");
    label.rank = out.size();
    read(one, label);
    one.finish();
    std::vector<std::string> names = label.aliases;
    names.push_back(label.id);
    for (const std::string& name : names) {
      if (!is_entry_id(name))
        map.error(key.mark, "bad-id", "'" + printable(name, 64) + "' cannot be a label",
                  "write it in small letters, without what stands before the ':'");
      if (!taken.insert(name).second)
        map.error(key.mark, "duplicate-entry", "two labels are called '" + printable(name, 64) + "'");
    }
    out.push_back(std::move(label));
  }
}

template <class Label>
const Label* find_label(const std::vector<Label>& labels, std::string_view text, std::string_view prefix) {
  const std::string id = label_id(text, prefix);
  const auto at = std::ranges::find_if(labels, [&id](const Label& label) {
    return label.id == id || std::ranges::find(label.aliases, id) != label.aliases.end();
  });
  return at == labels.end() ? nullptr : &*at;
}

}  // namespace nw::taxonomy
