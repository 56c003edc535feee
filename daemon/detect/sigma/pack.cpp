#include "detect/sigma/pack.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"

namespace nw::sigma {

namespace {

constexpr std::size_t kDetectionsMax = 1'000;

void read_one(const YamlNode& node, std::string_view file, RulePack& out, Diagnostics& diagnostics) {
  YamlMap map{node, "a detection", file, diagnostics};
  if (!map.ok()) return;
  PackDetection detection;
  detection.id = map.require_text("id");
  detection.norm = map.require_text("norm");
  detection.title = map.require_text("title");
  detection.tier = static_cast<int>(map.integer("tier", 1, 1, 2));
  detection.technique = map.boolean("technique", true);
  map.finish();
  if (!is_detection_id(detection.id))
    map.error(node.mark, "bad-detection-id", "'" + printable(detection.id, 64) + "' is no detection's id",
              "write for example NW-F-05");
  else if (detection.norm.size() != 3 || !detection.norm.starts_with("13") ||
           detection.norm[2] != ascii_lower(detection.id[3]))
    map.error(node.mark, "bad-detection-id",
              detection.id + " belongs to norm 13" + std::string{ascii_lower(detection.id[3])} + ", not to '" +
                  printable(detection.norm, 64) + "'",
              "make the two agree");
  else if (out.find(detection.id) != nullptr)
    map.error(node.mark, "bad-detection-id", detection.id + " is there twice", "give it a number of its own");
  out.detections.push_back(std::move(detection));
}

}  // namespace

std::optional<RulePack> RulePack::load(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  const auto documents = parse_yaml(text, file, diagnostics);
  if (diagnostics.errors() != before) return std::nullopt;
  if (documents.empty()) {
    diagnostics.error(file, {}, "missing-key", "the list of detections is empty");
    return std::nullopt;
  }
  RulePack out;
  YamlMap map{documents[0], "the rule pack", file, diagnostics};
  map.require("version");
  map.integer("version", 1, 1, 1);
  const YamlNode* list = map.require("detections");
  map.finish();
  if (list != nullptr && (list->kind != YamlNode::Kind::sequence || list->items.size() > kDetectionsMax))
    map.error(list->mark, "wrong-type", "'detections' must be a list of at most " + std::to_string(kDetectionsMax));
  else if (list != nullptr)
    for (const YamlNode& node : list->items) read_one(node, file, out, diagnostics);
  if (diagnostics.errors() != before) return std::nullopt;
  return out;
}

const PackDetection* RulePack::find(std::string_view id) const {
  const auto found = std::ranges::find(detections, id, &PackDetection::id);
  return found == detections.end() ? nullptr : &*found;
}

bool is_detection_id(std::string_view text) {
  return text.size() == 7 && text.starts_with("NW-") && text[3] >= 'A' && text[3] <= 'K' && text[4] == '-' &&
         ascii_digit(text[5]) && ascii_digit(text[6]);
}

}  // namespace nw::sigma
