// The labels of TLP 2.0 by how much they restrict: what everything that compares two of them goes by. What a label
// means to people and to other formats is data (tlp.h).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace nw::taxonomy {

// From the least strict to the strictest, as the register, policies and indicators write them.
inline constexpr std::array<std::string_view, 5> kTlpLabels{"clear", "green", "amber", "amber+strict", "red"};

// The stricter of the two. An empty label demands nothing; one that is unknown counts as red: who wrote it meant
// something that we do not know.
constexpr std::string_view stricter_tlp(std::string_view a, std::string_view b) noexcept {
  if (a.empty() && b.empty()) return {};
  const auto rank = [](std::string_view label) -> std::size_t {
    if (label.empty()) return 0;
    const auto* const at = std::find(kTlpLabels.begin(), kTlpLabels.end(), label);
    return at == kTlpLabels.end() ? kTlpLabels.size() - 1 : static_cast<std::size_t>(at - kTlpLabels.begin());
  };
  return kTlpLabels[std::max(rank(a), rank(b))];
}

}  // namespace nw::taxonomy
