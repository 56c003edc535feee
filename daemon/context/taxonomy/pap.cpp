#include "context/taxonomy/pap.h"

#include "context/taxonomy/labels.h"

namespace nw::taxonomy {

namespace {

bool needed_answer(YamlMap& map, std::string_view key) {
  return map.require(key) != nullptr && map.boolean(key, false);
}

void read_label(YamlMap& map, PapLabel& label) {
  label.permits = needed_text(map, "permits");
  label.third_parties = needed_answer(map, "third_parties");
  label.active = needed_answer(map, "active");
  label.misp = needed_text(map, "misp");
}

}  // namespace

std::optional<Pap> Pap::load(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  const auto root = only_document(text, file, diagnostics);
  if (!root) return std::nullopt;
  Pap out;
  YamlMap map{*root, "the Permissible Actions Protocol", file, diagnostics};
  if (!map.ok()) return std::nullopt;
  out.version = needed_text(map, "version");
  read_labels(map, out.labels, read_label);
  map.finish();
  if (diagnostics.errors() != before) return std::nullopt;
  return out;
}

const PapLabel* Pap::find(std::string_view text) const { return find_label(labels, text, "pap:"); }

}  // namespace nw::taxonomy
