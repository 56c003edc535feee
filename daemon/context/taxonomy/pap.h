// The Permissible Actions Protocol: what may be done with an indicator. Data: config/taxonomy/pap.yaml.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace nw::taxonomy {

struct PapLabel {
  std::string id, title;  // "red", "PAP:RED"
  std::vector<std::string> aliases;
  std::string permits;         // ours
  bool third_parties = false;  // others may be asked about it, passively
  bool active = false;         // it may be touched or blocked
  std::string misp;
  std::size_t rank = 0;  // how much it restricts: the greatest of several counts
};

struct Pap {
  std::string version;
  std::vector<PapLabel> labels;  // by rank

  // Strict. Nothing after an error.
  static std::optional<Pap> load(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  // By id or alias, whatever the case, with or without "PAP:". Borrowed; null when there is none.
  [[nodiscard]] const PapLabel* find(std::string_view text) const;
};

}  // namespace nw::taxonomy
