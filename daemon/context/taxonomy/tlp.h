// The Traffic Light Protocol: who may be told. Data: config/taxonomy/tlp.yaml.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace nw::taxonomy {

struct TlpLabel {
  std::string id, title;  // "amber+strict", "TLP:AMBER+STRICT"
  std::vector<std::string> aliases;
  std::string audience;               // ours
  std::string colour;                 // "#FFC000", on black
  std::string stix;                   // marking-definition--...
  std::string csaf20, csaf21, iodef;  // empty: that format cannot say it
  std::string misp;
  std::size_t rank = 0;  // how much it restricts: the greatest of several counts
};

struct Tlp {
  std::string version;
  std::vector<TlpLabel> labels;  // by rank

  // Strict. Nothing after an error.
  static std::optional<Tlp> load(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  // By id or alias, whatever the case, with or without "TLP:". Borrowed; null when there is none.
  [[nodiscard]] const TlpLabel* find(std::string_view text) const;
  [[nodiscard]] const TlpLabel* find_stix(std::string_view marking) const noexcept;
};

}  // namespace nw::taxonomy
