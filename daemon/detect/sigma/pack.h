// The rule pack's detections, which rules name under `normwatch.detection_id`. Data: rules/norms/detections.yaml.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace nw::sigma {

struct PackDetection {
  std::string id, norm, title;  // "NW-F-05", "13f"
  int tier = 1;                 // 1: first, 2: the reserve
  bool technique = true;        // ATT&CK has one for it
};

struct RulePack {
  std::vector<PackDetection> detections;  // in the written order

  // Null after an error. Codes: missing-key, wrong-type, unknown-key, bad-detection-id, yaml-*.
  static std::optional<RulePack> load(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  [[nodiscard]] const PackDetection* find(std::string_view id) const;
};

// "NW-F-05": the norm's letter, and a number.
bool is_detection_id(std::string_view text);

}  // namespace nw::sigma
